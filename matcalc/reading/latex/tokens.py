r"""The pieces of LaTeX into the tokens of its grammar: what is a name, an entry, a function, a constant, a transpose.

In LaTeX each letter is a symbol; a letter with its font, accents and subscript is one name, spelled as the language spells it:
\hat\beta_1 is beta_hat_1, and \alpha, x_{1}, \mathit{loss} are the declared alpha, x1 (or x_1) and loss.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from matcalc.errors import ParseError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.operators import FUNCTIONS, REFUSED
from matcalc.reading.latex.commands import (
    ACCENTS,
    FONTS,
    FRACTIONS,
    FUNCTION_WORDS,
    INDEXED_FUNCTIONS,
    REFUSED_COMMANDS,
    TIMES,
    TRANSPOSES,
)
from matcalc.reading.latex.functions import decided
from matcalc.reading.latex.names import Letter, Names, key_of
from matcalc.reading.latex.scan import Pieces
from matcalc.reading.scope import Scope, Token

_PRIMES = {"″": 2, "‴": 3}


class Settled(NamedTuple):
    """The tokens; bold names with their kinds, the upper limits of sums, which are sizes, and the indices of sums."""

    tokens: list[Token]
    bold: dict[str, str]
    sizes: frozenset[str]
    bound: frozenset[str]


def latex_tokens(text: str, scope: Scope, notes: list[str]) -> Settled:
    """The tokens of a formula, ready for the grammar; the last one is the end.

    Raises ParseError, UnknownNameError, UnsupportedError or LimitError, with the place in the LaTeX source.
    """
    made = _Settling(text, scope, notes)
    made.run()
    found = decided(made.out, text, scope, notes)
    if not found:
        raise ParseError("expected an expression, but there is none")
    found.append(Token("$END", "", len(text), len(text)))
    return Settled(found, made.names.bold, frozenset(made.sizes), frozenset(made.names.bound))


class _Settling:
    """One pass over the pieces: each method appends the tokens of what begins at `i`, and returns where to go on."""

    def __init__(self, text: str, scope: Scope, notes: list[str]) -> None:
        self.text, self.scope, self.notes = text, scope, notes
        self.pieces = Pieces(text)
        self.names = Names(self.pieces, scope)
        self.out: list[Token] = []
        self.closing: dict[int, list[Token]] = {}  # what stands in the place of a piece that closes
        self.sizes: set[str] = set()

    def run(self) -> None:
        i = 0
        while i < len(self.pieces):
            i = self._piece(i)

    # --- one piece ---------------------------------------------------------------------------------------------

    def _piece(self, i: int) -> int:
        """Appends the tokens of what begins at `i`; returns where to go on."""
        piece = self.pieces[i]
        kind, shown = piece.kind, piece.text
        letter = self.names.letter(i, 0)
        if letter is not None:
            return self._word(letter.stem, i, letter.end) if letter.word and not letter.accents else self._name(letter, i)
        if kind == "COMMAND":
            return self._command(i, shown)
        if kind == "SUPER":
            return self._superscript(i)
        if kind == "SUB":
            return self._subscript(i)
        if kind == "STAR":
            self._times(piece)
        elif kind == "LBRACE":
            if self.pieces.match[i] == i + 1:
                return i + 2
            self.out.append(piece._replace(kind="LPAR"))
            self.closing.setdefault(self.pieces.match[i], [self.pieces[self.pieces.match[i]]._replace(kind="RPAR")])
        elif kind == "KEPT":
            self.out.append(piece._replace(kind="LBRACE"))
        elif i in self.closing:
            self.out += self.closing[i]
        elif kind == "SIGN":
            self.out.append(piece._replace(kind="TRANSPOSE"))
        elif kind == "EQUAL":
            raise self.pieces.error(
                "an expression is read, not an equation", i, hint="leave out `=` and what stands on the other side of it"
            )
        elif kind == "PRIME":
            self._primes(piece, sum(_PRIMES.get(c, 1) for c in shown))
        else:
            self.out.append(piece)
        return i + 1

    def _times(self, piece: Token) -> None:
        self.out.append(piece._replace(kind="TIMES"))

    def _primes(self, piece: Token, count: int) -> None:
        self.out += [Token("PRIME", "'", piece.start, piece.end)] * min(count, 9)

    def _command(self, i: int, shown: str) -> int:
        piece = self.pieces[i]
        if shown in REFUSED_COMMANDS:
            raise UnsupportedError(f"`{shown}` {REFUSED_COMMANDS[shown]}").at(self.text, piece.start, piece.end)
        if shown in TIMES:
            self._times(piece)
        elif shown in FRACTIONS or shown == "\\sqrt":
            self.out.append(piece._replace(kind="ROOT" if shown == "\\sqrt" else "FRACTION"))
            first = i + 1
            for _ in range(1 if shown == "\\sqrt" else 2):
                if self.pieces[first].kind != "LBRACE":
                    raise self.pieces.error(f"`{shown}` needs its arguments", i, hint="\\frac{a}{b}   \\sqrt{x}")
                self._keep_braces(first)
                first = self.pieces.match[first] + 1
        elif shown in ("\\sum", "\\prod"):
            return self._sum(i)
        elif shown == "\\nabla":
            return self._gradient(i)
        elif (shown[1:] in FUNCTION_WORDS or shown[1:] in REFUSED) and (shown not in FONTS or self.names.is_applied(i + 1)):
            return self._word(shown[1:], i, i + 1)
        elif shown in FONTS:  # the font of a longer expression says nothing
            return i + 1
        elif shown in TRANSPOSES or shown == "\\dagger":
            raise self.pieces.error(f"`{shown}` is a superscript", i, hint="X^{\\top}   X^{\\dagger}")
        else:
            hint = "\\hat{x}" if shown in ACCENTS else ""
            raise self.pieces.error(f"`{shown}` cannot stand here", i, hint=hint)
        return i + 1

    def _keep_braces(self, i: int) -> None:
        """Marks the braces at `i` as those of an argument, and lets them be met as such."""
        end = self.pieces.match[i]
        self.pieces.found[i] = self.pieces[i]._replace(kind="KEPT")
        self.closing[end] = [self.pieces[end]._replace(kind="RBRACE")]

    # --- letters and words ---------------------------------------------------------------------------------------

    def _name(self, letter: Letter, i: int) -> int:
        """A letter with its indices: a name, an entry, a row or a column, or a constant; and D F(X), a Jacobian."""
        if letter.stem == "D" and not letter.accents and self.names.resolved("D", "") is None:
            after = self.names.letter(letter.end, 0)
            if after is not None and self.names.is_applied(after.end):
                of = self.names.resolved(after.stem, after.accents)
                if of is not None and self.names.kind(of) == "function":
                    self.out.append(Token("GRADIENT", f"jac({of})", self.pieces[i].start, self.pieces[after.end - 1].end))
                    return after.end
        end, parts = letter.end, list[str]()
        if self.pieces[end].kind == "SUB":
            parts = self.names.parts(end + 1)
            end = self.pieces.match[end + 1] + 1
        stem, accents = letter.stem, letter.accents
        above = self.names.above(end)
        if above is not None and not (stem == "1" or stem == "0"):
            parts, end = [*parts, above], self.pieces.match[end + 1] + 1
        start, stop = self.pieces[i].start, self.pieces[end - 1].end
        index = "_".join(filter(None, (accents, *parts)))
        name = self.names.resolved(stem, index) if ":" not in parts else None
        if name is None and not accents:
            if self._constant(stem, parts, i, end):
                return end
            if parts and self._entry(stem, parts, i, end):
                return end
        if name is None:
            if ":" in parts:
                raise self.pieces.error(
                    f"`{stem}` is not declared: its rows and columns are not known", i, end - 1, hint="declare it: X: (m, n)"
                )
            name = f"{stem}_{index}" if index else stem
            if not re.fullmatch(r"[^\W\d_]\w*", name):
                raise self.pieces.error("an index is a number, a letter or a word", i, end - 1)
            self.names.typography(name, letter.bold, i, end)
        if not index and name == "e" and name not in self.scope.kinds and self._exponential(i, end):
            return end
        self.out.append(Token("APPLIED" if self.names.is_applied(end) else "NAME", name, start, stop))
        return end

    # --- constants and entries ------------------------------------------------------------------------------------

    def _constant(self, stem: str, parts: list[str], i: int, end: int) -> bool:
        """Ones, zeros, the identity, unit vectors and commutation matrices, where the letter is not declared."""
        if stem in "10":
            call = "ones" if stem == "1" else "zeros"
            if parts:
                self._call(call, parts, i, end)
            elif stem == "1":
                self._call("vector", ["1"], i, end)
            else:
                self.out.append(Token("NUMBER", "0", self.pieces[i].start, self.pieces[end - 1].end))
            return True
        if self.names.resolved(stem, "") is not None or ":" in parts:
            return False
        if stem == "I" and parts:
            self._call("eye", parts[:1] if len(set(parts)) == 1 else parts, i, end)
        elif stem == "K" and len(parts) == 2 and (stem, parts[0]) not in INDEXED_FUNCTIONS:
            self._call("commutation", parts, i, end)
        elif stem == "e" and len(parts) == 1 and (parts[0].isdigit() or len(parts[0]) == 1):
            a, b = self.pieces[i].start, self.pieces[end - 1].end
            self.out += [Token("NAME", "I", a, b), *self._bracketed([":", parts[0]], a, b)]
        elif (stem, "_".join(parts)) in INDEXED_FUNCTIONS and self.names.is_applied(end):
            self.out.append(Token("FUNCTION", INDEXED_FUNCTIONS[stem, "_".join(parts)], self.pieces[i].start, self.pieces[end - 1].end))
        else:
            return False
        return True

    def _call(self, name: str, sizes: list[str], i: int, end: int) -> None:
        """The tokens of a call with sizes, such as eye(n); a sum of products in a size is kept, as in I_{mn + 1}."""
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        self.out += [Token("FUNCTION", name, a, b), Token("LPAR", "(", b, b), *self._sizes(sizes, b, b), Token("RPAR", ")", b, b)]

    def _sizes(self, sizes: list[str], a: int, b: int) -> list[Token]:
        out: list[Token] = []
        for size in sizes:
            if out:
                out.append(Token("COMMA", ",", a, b))
            for k, term in enumerate(size.split("+")):
                if k:
                    out.append(Token("ADD", "+", a, b))
                for factor in [term] if self.names.resolved(*key_of(term)) else re.findall(r"\d+|[^\W\d_](?:_?\d+)?", term) or [term]:
                    out.append(Token("NUMBER" if factor.isdigit() else "NAME", self.names.resolved(*key_of(factor)) or factor, a, b))
        return out

    def _entry(self, stem: str, parts: list[str], i: int, end: int) -> bool:
        """X_{i,j}, X_{:,j}, x_i of a declared array, or with the index of a sum; x_i as a row or column of a declared X."""
        name = self.names.resolved(stem, "")
        kind = self.names.kind(name)
        if len(parts) == 1 and len(parts[0]) == 2 and parts[0] not in self.names.bound:
            if kind == "matrix" or name is None and all(p in self.names.bound for p in parts[0]):
                parts = list(parts[0])
        simple = all(p == ":" or p.isdigit() or len(p) == 1 or p in self.names.bound for p in parts)
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        if not simple:
            return False
        if name is None and kind == "" and any(p in self.names.bound for p in parts) and len(parts) == 1:
            whole = self.names.resolved(stem.upper() if len(stem) == 1 else stem.capitalize(), "")
            if self.names.kind(whole) == "matrix" and stem[0].islower():
                assert whole is not None
                self.out += [Token("NAME", whole, a, b), Token("SLICE", parts[0], a, b)]
                return True
            letter = self.names.letter(i, 0)
            if letter is not None and letter.bold:
                raise self.pieces.error(
                    f"`{stem}_{parts[0]}` is a row or a column of what?", i, end - 1, hint=f"declare {stem.upper()}: (m, n)"
                )
        if kind == "matrix" and len(parts) == 1:
            if parts[0] in self.names.bound:
                assert name is not None
                self.out += [Token("NAME", name, a, b), Token("SLICE", parts[0], a, b)]
                return True
            raise self.pieces.error(
                f"`{name}` is a matrix: which row or column, or which name?",
                i,
                end - 1,
                hint=f"{stem}_{{{parts[0]},:}}   {stem}_{{:,{parts[0]}}}",
            )
        if kind in ("vector", "matrix") or name is None and any(p in self.names.bound for p in parts):
            self.out += [Token("NAME", name or stem, a, b), *self._bracketed(parts, a, b)]
            return True
        return False

    def _bracketed(self, parts: list[str], a: int, b: int) -> list[Token]:
        out = [Token("LSQB", "[", a, b)]
        for k, part in enumerate(parts):
            if k:
                out.append(Token("COMMA", ",", a, b))
            kind = "COLON" if part == ":" else "NUMBER" if part.isdigit() else "NAME"
            out.append(Token(kind, self.names.resolved(*key_of(part)) or part if kind == "NAME" else part, a, b))
        return [*out, Token("RSQB", "]", a, b)]

    # --- functions ------------------------------------------------------------------------------------------------

    def _exponential(self, i: int, end: int) -> bool:
        """e^{…} is exp(…)."""
        if self.pieces[end].kind != "SUPER" or self.names.content(end + 1) in TRANSPOSES:
            return False
        open_ = end + 1
        self._keep_braces(open_)
        close = self.pieces.match[open_]
        self.closing[close] = [self.pieces[close]._replace(kind="RPAR")]
        self.pieces.found[end] = Token("FUNCTION", "exp", self.pieces[i].start, self.pieces[end].end)
        self.pieces.found[open_] = self.pieces[open_]._replace(kind="LPAR")
        return True

    def _word(self, word: str, i: int, end: int) -> int:
        """A word, or the command of a function."""
        a = self.pieces[i].start
        name = self.names.resolved(word, "")
        function = FUNCTION_WORDS.get(word) or FUNCTION_WORDS.get(word.lower(), "")
        if name is None and not function and word.lower() in REFUSED:
            raise UnsupportedError(f"{word} {REFUSED[word.lower()]}").at(self.text, a, self.pieces[end - 1].end)
        if name is not None or not function:
            if name is None and self.names.is_applied(end):
                near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 2])
                if near or word[0].isupper():
                    hint = f"{near} An abstract function is declared: {word}: elementwise".strip()
                    raise UnknownNameError(f"no function is called `{word}`", hint=hint).at(self.text, a, self.pieces[end - 1].end)
            return self._name(Letter(word, "", False, False, end), i)
        if (
            function == "log"
            and self.pieces[end].text == "\\Gamma"
            and self.names.resolved("Gamma", "") is None
            and self.pieces[end + 1].kind == "LPAR"
        ):
            function, end = "lgamma", end + 1
        if self.pieces[end].kind == "SUB":
            return self._indexed_function(function, i, end)
        primes = 0
        while self.pieces[end].kind == "PRIME" or self.names.is_prime(end):
            if self.pieces[end].kind == "PRIME":
                primes, end = primes + sum(_PRIMES.get(c, 1) for c in self.pieces[end].text), end + 1
            else:
                primes, end = primes + self.pieces.match[end + 1] - end - 2, self.pieces.match[end + 1] + 1
        self.out.append(Token("FUNCTION", function, a, self.pieces[end - 1].end, primes))
        return end

    def _indexed_function(self, function: str, i: int, end: int) -> int:
        parts = self.names.parts(end + 1)
        after = self.pieces.match[end + 1] + 1
        a, b = self.pieces[i].start, self.pieces[after - 1].end
        if function == "vec" and len(parts) == 2 and self.names.content(after + 1) == "-1" and self.pieces[after].kind == "SUPER":
            after = self.pieces.match[after + 1] + 1
            if self.pieces[after].kind == "LPAR":
                close = self.pieces.match[after]
                end_ = self.pieces[close]
                self.closing[close] = [Token("COMMA", ",", end_.start, end_.end), *self._sizes(parts, end_.start, end_.end), end_]
            self.out.append(Token("FUNCTION", "unvec", a, b))
        elif (function, parts[0]) in INDEXED_FUNCTIONS and len(parts) == 1:
            self.out.append(Token("FUNCTION", INDEXED_FUNCTIONS[function, parts[0]], a, b))
        else:
            hint = "another base is a factor: \\frac{\\log x}{\\log 2}" if function == "log" else ""
            raise UnsupportedError(f"`{function}` has no index here", hint=hint).at(self.text, a, b)
        return after

    def _gradient(self, i: int) -> int:
        twice = self.pieces[i + 1].kind == "SUPER" and self.names.content(i + 2) == "2"
        first = self.pieces.match[i + 2] + 1 if twice else i + 1
        letter = self.names.letter(first, 0)
        if letter is None or not self.names.is_applied(letter.end):
            raise self.pieces.error(
                "expected a function after `\\nabla`: \\nabla f(X)", i, hint="what to differentiate by is asked for apart (wrt)"
            )
        name = self.names.resolved(letter.stem, letter.accents) or letter.stem
        self.out.append(Token("GRADIENT", f"{'hess' if twice else 'grad'}({name})", self.pieces[i].start, self.pieces[letter.end - 1].end))
        return letter.end

    # --- scripts --------------------------------------------------------------------------------------------------

    def _superscript(self, i: int) -> int:
        a, b = i + 1, self.pieces.match.get(i + 1, i + 1)
        token = self.pieces[i]._replace(end=self.pieces[b].end)
        content = self.names.content(a)
        if content in TRANSPOSES:
            self.out.append(token._replace(kind="TRANSPOSE"))
        elif content.startswith("-") and content[1:] in TRANSPOSES:
            self.out.append(token._replace(kind="INVERSE_TRANSPOSE"))
        elif content in ("+", "\\dagger"):
            if content == "\\dagger":
                self._note("X^{\\dagger} is read as the pseudoinverse; the transpose is X^{\\top}")
            self.out.append(token._replace(kind="PSEUDOINVERSE"))
        elif content and not content.replace("\\prime", ""):
            self._primes(token, content.count("\\prime"))
        else:
            first = self.pieces[a + 1]
            dotted = first.text in ("\\odot", "\\circ", "⊙", "∘")
            self.out += [self.pieces[i]._replace(kind="POWER", text=".^" if dotted else "^"), self.pieces[a]]
            self.closing[b] = [self.pieces[b]]
            return a + 1 + dotted
        return b + 1

    def _subscript(self, i: int) -> int:
        """A subscript that belongs to no letter: of a norm, of an inner product, or an entry of what is in parentheses."""
        end = self.pieces.match[i + 1] + 1
        before = self.out[-1].kind if self.out else ""
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        if before in ("CLOSE", "BARS"):
            inside = {"\\infty": "∞", "\\ast": "*", "\\sigma": "σ", "\\mathrm{op}": "op"}
            content = self.names.content(i + 1)
            self.out.append(Token("SUBSCRIPT", "_{" + inside.get(content, content) + "}", a, b))
        elif before == "RANGLE" and self.names.content(i + 1) in ("F", "\\mathcal{F}"):
            pass
        elif before in ("RPAR", "RBRACE"):
            parts = self.names.parts(i + 1)
            if len(parts) == 1 and len(parts[0]) == 2:
                parts = list(parts[0])
            self.out += self._bracketed(parts, a, b)
        else:
            raise self.pieces.error("a subscript stands after a letter, a norm or a parenthesis", i, end - 1)
        return end

    # --- sums over an index ---------------------------------------------------------------------------------------

    def _sum(self, i: int) -> int:
        names, upper, end = self.names.limits(i)
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        if upper and not upper.isdigit():
            upper = self.names.resolved(upper, "") or upper
            if self.names.kind(upper) not in ("", "size"):
                raise self.pieces.error(f"the upper limit `{upper}` is a {self.names.kind(upper)}", i, end - 1)
            self.sizes.add(upper)
        what = self.pieces[i].text.lstrip("\\")
        self.out += [Token("OVER", f"{what} {name} {upper}".rstrip(), a, b) for name in names]
        return end

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
