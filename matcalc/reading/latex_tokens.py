r"""The pieces of LaTeX into the tokens of its grammar: what is a name, an entry, a function, a constant, a transpose.

In LaTeX each letter is a symbol; a letter with its font, accents and subscript is one name, spelled as the language spells it:
\hat\beta_1 is beta_hat_1, and \alpha, x_{1}, \mathit{loss} are the declared alpha, x1 (or x_1) and loss.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from matcalc.errors import ParseError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.operators import FUNCTIONS, REFUSED
from matcalc.reading.bars import settle
from matcalc.reading.latex_commands import (
    ACCENTS,
    BOLD,
    FONTS,
    FRACTIONS,
    FUNCTION_WORDS,
    GREEK_FUNCTIONS,
    GREEK_MEANINGS,
    INDEXED_FUNCTIONS,
    LETTERS,
    REFUSED_COMMANDS,
    TIMES,
    TRANSPOSES,
    UNICODE,
    VARIANTS,
    WORDS,
)
from matcalc.reading.latex_scan import Pieces
from matcalc.reading.scope import Scope, Token

MOST_ACCENTS = 4
_PRIMES = {"″": 2, "‴": 3}


class Letter(NamedTuple):
    """A letter or a word with its font and accents: its spelling, whether it is bold, whether a word, where it ends."""

    stem: str
    accents: str
    bold: bool
    word: bool
    end: int


class Settled(NamedTuple):
    """The tokens, and what typography and sums say of names: bold ones are no scalars, upper limits are sizes; indices of sums."""

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
    return Settled(made.finished(), made.bold, frozenset(made.sizes), frozenset(made.bound))


def key_of(name: str) -> tuple[str, str]:
    """A name's letter and index, alike for all its spellings.

    >>> key_of("x_1") == key_of("x1") == ("x", "1"), key_of("μ_k"), key_of("loss")
    (True, ('mu', 'k'), ('loss', ''))
    """
    name = unicodedata.normalize("NFKC", name)
    match = re.fullmatch(r"([^\W_]*?[^\W\d_])_?(\d+)", name)
    stem, index = match.groups() if match else name.split("_", 1) if "_" in name.strip("_") else (name, "")
    return _spelled(stem), _spelled(index)


def _spelled(word: str) -> str:
    return word if word.isascii() else "".join(UNICODE.get(c, c) for c in word)


class _Settling:
    def __init__(self, text: str, scope: Scope, notes: list[str]) -> None:
        self.text, self.scope, self.notes = text, scope, notes
        self.pieces = Pieces(text)
        self.out: list[Token] = []
        self.closing: dict[int, list[Token]] = {}  # what stands in the place of a piece that closes
        self.bold: dict[str, str] = {}
        self.plain: dict[str, int] = {}
        self.sizes: set[str] = set()
        self.declared: dict[tuple[str, str], list[str]] = {}
        for name in scope.kinds:
            self.declared.setdefault(key_of(name), []).append(name)
        self.bound = self._bound_indices()

    def run(self) -> None:
        i = 0
        while i < len(self.pieces):
            i = self._piece(i)

    # --- names known before ------------------------------------------------------------------------------------

    def _bound_indices(self) -> set[str]:
        found: set[str] = set()
        for i, piece in enumerate(self.pieces.found):
            if piece.kind == "COMMAND" and piece.text in ("\\sum", "\\prod") and self.pieces[i + 1].kind == "SUB":
                found.update(self._limits(i)[0])
        return found

    def _resolved(self, stem: str, index: str) -> str | None:
        """The declared name of this letter and index."""
        for key in ((stem, index), (VARIANTS.get(stem, stem), index), (stem + index, "")):
            names = self.declared.get(key)
            if names:
                if len(names) > 1:
                    raise ParseError(f"{' and '.join(names)} are written alike in LaTeX", hint="give one of them another name")
                return names[0]
        return None

    def _kind(self, name: str | None) -> str:
        return self.scope.kinds.get(name, "") if name else ""

    # --- one piece ---------------------------------------------------------------------------------------------

    def _piece(self, i: int) -> int:
        """Appends the tokens of what begins at `i`; returns where to go on."""
        piece = self.pieces[i]
        kind, shown = piece.kind, piece.text
        letter = self._letter(i, 0)
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
        elif (shown[1:] in FUNCTION_WORDS or shown[1:] in REFUSED) and (shown not in FONTS or self._is_applied(i + 1)):
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

    def _letter(self, i: int, depth: int) -> Letter | None:
        """The letter (or word) with its fonts and accents that begins at `i`, if one does."""
        piece = self.pieces[i]
        shown = piece.text
        if piece.kind == "LETTER":
            return Letter(UNICODE.get(shown, shown), "", False, False, i + 1)
        if piece.kind == "NUMBER" and shown in ("0", "1") and self.pieces[i + 1].kind == "SUB":  # 0_{m,n}
            return Letter(shown, "", True, False, i + 1)
        if piece.kind != "COMMAND":
            return None
        if shown in LETTERS:
            return Letter(LETTERS[shown], "", False, False, i + 1)
        if (shown not in FONTS and shown not in ACCENTS) or shown == "\\vec" and self.pieces[i + 1].kind == "LPAR":
            return None
        a, end = i + 1, i + 2
        braced = self.pieces[a].kind == "LBRACE"
        if braced:
            b = self.pieces.match[a]
            a, end = a + 1, b + 1
        inner = self._letter(a, depth + 1) if depth < MOST_ACCENTS else None
        if inner is not None and (inner.end == end - 1 if braced else True):
            end = end if braced else inner.end
            if shown in ACCENTS:
                return inner._replace(accents="_".join(filter(None, (inner.accents, ACCENTS[shown]))), end=end)
            if inner.stem == "d" and shown in WORDS and not inner.word and not depth:
                following = self._letter(end, 1)
                if following is not None and not following.word and following.stem not in "01":
                    return following._replace(stem="d" + following.stem)
            return inner._replace(bold=inner.bold or shown in BOLD, end=end)
        if shown in ACCENTS:
            raise self.pieces.error(f"`{shown}` stands over one letter", i, hint="\\hat{x}   \\hat\\beta")
        content = self.pieces.found[a : end - 1] if braced else []
        if (
            len(content) == 1
            and content[0].kind == "NUMBER"
            and content[0].text in "01"
            or not braced
            and self.pieces[a].text in ("1", "0")
        ):
            return Letter(self.pieces[a].text, "", True, False, end) if shown not in WORDS else None
        if (
            braced
            and content
            and shown in WORDS
            and content[0].kind == "LETTER"
            and all(t.kind in ("LETTER", "NUMBER", "ADD") for t in content)
        ):
            return Letter("".join(_spelled(t.text) for t in content), "", False, True, end)
        return None

    def _name(self, letter: Letter, i: int) -> int:
        """A letter with its indices: a name, an entry, a row or a column, or a constant."""
        end, parts = letter.end, list[str]()
        if self.pieces[end].kind == "SUB":
            parts = self._parts(end + 1)
            end = self.pieces.match[end + 1] + 1
        stem, accents = letter.stem, letter.accents
        above = self._above(end)
        if above is not None and not (stem == "1" or stem == "0"):
            parts, end = [*parts, above], self.pieces.match[end + 1] + 1
        start, stop = self.pieces[i].start, self.pieces[end - 1].end
        index = "_".join(filter(None, (accents, *parts)))
        name = self._resolved(stem, index) if ":" not in parts else None
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
            self._typography(name, letter.bold, i, end)
        if not index and name == "e" and name not in self.scope.kinds and self._exponential(i, end):
            return end
        self.out.append(Token("APPLIED" if self._is_applied(end) else "NAME", name, start, stop))
        return end

    def _typography(self, name: str, bold: bool, i: int, end: int) -> None:
        """Remembers that an undeclared name is bold; bold and plain letters of one spelling are not told apart."""
        if bold:
            self.bold[name] = "matrix" if name[0].isupper() else "vector"
        else:
            self.plain.setdefault(name, i)
        if name in self.bold and name in self.plain and name != "I":
            raise self.pieces.error(
                f"`{name}` is bold here and plain elsewhere: is it one name?", i, end - 1, hint="declare it, or use another letter"
            )

    def _above(self, i: int) -> str | None:
        """The index in W^{(1)}, the star of x^*, if they stand at `i`."""
        if self.pieces[i].kind != "SUPER":
            return None
        a, b = i + 2, self.pieces.match[i + 1]
        inside = self.pieces.found[a:b]
        if len(inside) == 1 and inside[0].text in ("*", "\\ast", "\\star"):
            return "star"
        if len(inside) == 3 and inside[0].kind == "LPAR" and inside[1].kind in ("LETTER", "NUMBER"):
            return inside[1].text
        return None

    def _parts(self, i: int) -> list[str]:
        """The indices in the braces at `i`: numbers, names and ":"."""
        a, b = i + 1, self.pieces.match[i]
        parts = [""]
        fresh = True
        while a < b:
            piece = self.pieces[a]
            letter = self._letter(a, 0)
            if letter is not None:
                parts[-1] += letter.stem
                a = letter.end
            elif piece.kind == "NUMBER" or piece.kind == "COMMAND" and piece.text[1:].isalpha() and piece.text not in TIMES:
                parts[-1] += piece.text.lstrip("\\")
                a += 1
            elif piece.kind in ("COLON", "COMMA") or piece.text in ("\\cdot", "*", "\\ast", "+", "\\times", "×"):
                if piece.kind == "COMMA" or piece.text in ("\\times", "×"):
                    if fresh:
                        raise self.pieces.error("an index is missing", a)
                    parts.append("")
                elif piece.text == "+" and not fresh:
                    parts = ["+".join(parts)]
                    parts[-1] += "+"
                else:
                    parts += [":", ""] if not parts[-1] else ["", ":", ""]
                    parts = [p for p in parts if p] + [""]
                    if self.pieces[a + 1].kind == "COMMA":
                        a += 1
                a += 1
            elif piece.kind in ("LBRACE", "RBRACE") or piece.kind == "SUB":
                parts[-1] += "_" if piece.kind == "SUB" and parts[-1] else ""
                a += 1
            else:
                raise self.pieces.error("an index is a number, a letter or a word", a, hint="x_i   X_{i,j}   X_{:,j}   x_{\\max}")
            fresh = piece.kind == "COMMA"
        parts = [p for p in parts if p]
        if not parts:
            raise self.pieces.error("an index is missing", i, b)
        return parts

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
        if self._resolved(stem, "") is not None or ":" in parts:
            return False
        if stem == "I" and parts:
            self._call("eye", parts[:1] if len(set(parts)) == 1 else parts, i, end)
        elif stem == "K" and len(parts) == 2 and parts[0] not in ("exp", "log"):
            self._call("commutation", parts, i, end)
        elif stem == "e" and len(parts) == 1 and (parts[0].isdigit() or len(parts[0]) == 1):
            a, b = self.pieces[i].start, self.pieces[end - 1].end
            self.out += [Token("NAME", "I", a, b), *self._bracketed([":", parts[0]], a, b)]
        elif len(parts) == 1 and (stem, parts[0]) in INDEXED_FUNCTIONS and self._is_applied(end):
            self.out.append(Token("FUNCTION", INDEXED_FUNCTIONS[stem, parts[0]], self.pieces[i].start, self.pieces[end - 1].end))
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
                for factor in [term] if self._resolved(*key_of(term)) else re.findall(r"\d+|[^\W\d_](?:_?\d+)?", term) or [term]:
                    out.append(Token("NUMBER" if factor.isdigit() else "NAME", self._resolved(*key_of(factor)) or factor, a, b))
        return out

    def _entry(self, stem: str, parts: list[str], i: int, end: int) -> bool:
        """X_{i,j}, X_{:,j}, x_i of a declared array, or with the index of a sum; x_i as a row or column of a declared X."""
        name = self._resolved(stem, "")
        kind = self._kind(name)
        if len(parts) == 1 and kind == "matrix" and len(parts[0]) == 2 and parts[0] not in self.bound:
            parts = list(parts[0])
        simple = all(p == ":" or p.isdigit() or len(p) == 1 or p in self.bound for p in parts)
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        if not simple:
            return False
        if name is None and kind == "" and any(p in self.bound for p in parts) and len(parts) == 1:
            whole = self._resolved(stem.upper() if len(stem) == 1 else stem.capitalize(), "")
            if self._kind(whole) == "matrix" and stem[0].islower():
                assert whole is not None
                self.out += [Token("NAME", whole, a, b), Token("SLICE", parts[0], a, b)]
                return True
            letter = self._letter(i, 0)
            if letter is not None and letter.bold:
                raise self.pieces.error(
                    f"`{stem}_{parts[0]}` is a row or a column of what?", i, end - 1, hint=f"declare {stem.upper()}: (m, n)"
                )
        if kind == "matrix" and len(parts) == 1:
            if parts[0] in self.bound:
                assert name is not None
                self.out += [Token("NAME", name, a, b), Token("SLICE", parts[0], a, b)]
                return True
            raise self.pieces.error(
                f"`{name}` is a matrix: which row or column, or which name?",
                i,
                end - 1,
                hint=f"{stem}_{{{parts[0]},:}}   {stem}_{{:,{parts[0]}}}",
            )
        if kind in ("vector", "matrix") or name is None and any(p in self.bound for p in parts):
            self.out += [Token("NAME", name or stem, a, b), *self._bracketed(parts, a, b)]
            return True
        return False

    def _bracketed(self, parts: list[str], a: int, b: int) -> list[Token]:
        out = [Token("LSQB", "[", a, b)]
        for k, part in enumerate(parts):
            if k:
                out.append(Token("COMMA", ",", a, b))
            kind = "COLON" if part == ":" else "NUMBER" if part.isdigit() else "NAME"
            out.append(Token(kind, self._resolved(*key_of(part)) or part if kind == "NAME" else part, a, b))
        return [*out, Token("RSQB", "]", a, b)]

    # --- functions ------------------------------------------------------------------------------------------------

    def _is_applied(self, i: int) -> bool:
        """Whether, but for primes, a parenthesis or a braced group follows."""
        while self.pieces[i].kind == "PRIME" or self._is_prime(i):
            i = i + 1 if self.pieces[i].kind == "PRIME" else self.pieces.match[i + 1] + 1
        return self.pieces[i].kind == "LPAR"

    def _is_prime(self, i: int) -> bool:
        return self.pieces[i].kind == "SUPER" and self.pieces[i + 2].text == "\\prime"

    def _exponential(self, i: int, end: int) -> bool:
        """e^{…} is exp(…)."""
        if self.pieces[end].kind != "SUPER" or self._content(end + 1) in TRANSPOSES:
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
        name = self._resolved(word, "")
        function = FUNCTION_WORDS.get(word) or FUNCTION_WORDS.get(word.lower(), "")
        if name is None and not function and word.lower() in REFUSED:
            raise UnsupportedError(f"{word} {REFUSED[word.lower()]}").at(self.text, a, self.pieces[end - 1].end)
        if name is not None or not function:
            if name is None and self._is_applied(end):
                near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 2])
                if near or word[0].isupper():
                    hint = f"{near} An abstract function is declared: {word}: elementwise".strip()
                    raise UnknownNameError(f"no function is called `{word}`", hint=hint).at(self.text, a, self.pieces[end - 1].end)
            return self._name(Letter(word, "", False, False, end), i)
        if (
            function == "log"
            and self.pieces[end].text == "\\Gamma"
            and self._resolved("Gamma", "") is None
            and self.pieces[end + 1].kind == "LPAR"
        ):
            function, end = "lgamma", end + 1
        if self.pieces[end].kind == "SUB":
            return self._indexed_function(function, i, end)
        primes = 0
        while self.pieces[end].kind == "PRIME" or self._is_prime(end):
            if self.pieces[end].kind == "PRIME":
                primes, end = primes + sum(_PRIMES.get(c, 1) for c in self.pieces[end].text), end + 1
            else:
                primes, end = primes + self.pieces.match[end + 1] - end - 2, self.pieces.match[end + 1] + 1
        self.out.append(Token("FUNCTION", function, a, self.pieces[end - 1].end, primes))
        return end

    def _indexed_function(self, function: str, i: int, end: int) -> int:
        parts = self._parts(end + 1)
        after = self.pieces.match[end + 1] + 1
        a, b = self.pieces[i].start, self.pieces[after - 1].end
        if function == "vec" and len(parts) == 2 and self._content(after + 1) == "-1" and self.pieces[after].kind == "SUPER":
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
        letter = self._letter(i + 1, 0)
        if letter is None or not self._is_applied(letter.end):
            raise self.pieces.error(
                "expected a function after `\\nabla`: \\nabla f(X)", i, hint="what to differentiate by is asked for apart (wrt)"
            )
        name = self._resolved(letter.stem, letter.accents) or letter.stem
        self.out.append(Token("GRADIENT", name, self.pieces[i].start, self.pieces[letter.end - 1].end))
        return letter.end

    # --- scripts --------------------------------------------------------------------------------------------------

    def _content(self, i: int) -> str:
        """What the braces at `i` hold, where that is short, without fonts."""
        end = self.pieces.match.get(i, i)
        if end - i > 8:
            return ""
        return "".join(
            t.text for t in self.pieces.found[i + 1 : end] if t.kind not in ("LBRACE", "RBRACE") and t.text not in FONTS
        ).replace("−", "-")

    def _superscript(self, i: int) -> int:
        a, b = i + 1, self.pieces.match.get(i + 1, i + 1)
        token = self.pieces[i]._replace(end=self.pieces[b].end)
        content = self._content(a)
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
            content = self._content(i + 1)
            self.out.append(Token("SUBSCRIPT", "_{" + inside.get(content, content) + "}", a, b))
        elif before == "RANGLE" and self._content(i + 1) in ("F", "\\mathcal{F}"):
            pass
        elif before in ("RPAR", "RBRACE"):
            parts = self._parts(i + 1)
            if len(parts) == 1 and len(parts[0]) == 2:
                parts = list(parts[0])
            self.out += self._bracketed(parts, a, b)
        else:
            raise self.pieces.error("a subscript stands after a letter, a norm or a parenthesis", i, end - 1)
        return end

    # --- sums over an index ---------------------------------------------------------------------------------------

    def _limits(self, i: int) -> tuple[list[str], str, int]:
        r"""The indices of the \sum at `i`, its upper limit, and where it ends."""
        if self.pieces[i + 1].kind != "SUB":
            raise self.pieces.error(
                f"`{self.pieces[i].text}` over which index?", i, hint="\\sum_i x_i; the sum of all entries is \\mathbf{1}^{\\top} x"
            )
        a, b = i + 3, self.pieces.match[i + 2]
        inside = self.pieces.found[a:b]
        names: list[str] = []
        for k, piece in enumerate(inside):
            if piece.kind == "EQUAL":
                if "".join(t.text for t in inside[k + 1 :]) != "1":
                    raise self.pieces.error("a sum begins at 1", i, b, hint="\\sum_{i=1}^{n}")
                break
            if piece.kind == "LETTER":
                names.append(piece.text)
            elif piece.kind != "COMMA":
                raise self.pieces.error("the index of a sum is a letter", i, b, hint="\\sum_i   \\sum_{i,j}   \\sum_{i=1}^{n}")
        end, upper = b + 1, ""
        if self.pieces[end].kind == "SUPER":
            upper = self._content(end + 1)
            end = self.pieces.match[end + 1] + 1
            if not re.fullmatch(r"[^\W_]+", upper.lstrip("\\")):
                raise self.pieces.error("the upper limit of a sum is a number or a name", i, end - 1, hint="\\sum_{i=1}^{n}")
        if not names or upper and len(names) > 1:
            raise self.pieces.error("a sum with limits has one index", i, end - 1, hint="\\sum_{i=1}^{m} \\sum_{j=1}^{n}")
        return names, upper.lstrip("\\"), end

    def _sum(self, i: int) -> int:
        names, upper, end = self._limits(i)
        a, b = self.pieces[i].start, self.pieces[end - 1].end
        if upper and not upper.isdigit():
            upper = self._resolved(upper, "") or upper
            if self._kind(upper) not in ("", "size"):
                raise self.pieces.error(f"the upper limit `{upper}` is a {self._kind(upper)}", i, end - 1)
            self.sizes.add(upper)
        what = self.pieces[i].text.lstrip("\\")
        self.out += [Token("OVER", f"{what} {name} {upper}".rstrip(), a, b) for name in names]
        return end

    # --- when all are there ---------------------------------------------------------------------------------------

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def finished(self) -> list[Token]:
        """The tokens with names before parentheses decided and bars settled."""
        out = self._functions_decided()
        for bars, kinds in (("BARS", ("OPEN", "CLOSE")), ("BAR", ("LBAR", "RBAR"))):
            groups = _groups(out, bars)
            if groups:
                out = settle(out, groups, self.text, kinds)
        if not out:
            raise ParseError("expected an expression, but there is none")
        return [*out, Token("$END", "", len(self.text), len(self.text))]

    def _functions_decided(self) -> list[Token]:
        alone = {t.text for t in self.out if t.kind == "NAME"}
        out: list[Token] = []
        i = 0
        while i < len(self.out):
            token = self.out[i]
            i += 1
            if token.kind != "APPLIED":
                out.append(token)
            else:
                j = i
                while self.out[j].kind == "PRIME":
                    j += 1
                function = self._function(token, j, alone)
                if not function:
                    out.append(token._replace(kind="NAME"))
                    continue
                primes = j - i
                out.append(Token("FUNCTION", function, token.start, token.end, primes))
                i = j
        return out

    def _function(self, token: Token, parenthesis: int, alone: set[str]) -> str:
        """The function that a name before a parenthesis is; "" for a factor."""
        name, kind = token.text, self._kind(token.text)
        if kind in ("elementwise", "function"):
            return name
        one = [t.kind for t in self.out[parenthesis : parenthesis + 3]] in (["LPAR", "NAME", "RPAR"], ["LPAR", "APPLIED", "RPAR"])
        closed_up = not self.text[token.end : self.out[parenthesis].start].replace("\\left", "")
        if kind and name in GREEK_FUNCTIONS and closed_up:
            word = GREEK_FUNCTIONS[name]
            raise ParseError(
                f"is `\\{name}` the declared {kind} or a function here?", hint=f"write \\{name} \\cdot (…) or \\operatorname{{{word}}}(…)"
            ).at(self.text, token.start, token.end)
        if kind:
            if kind != "size" and one and name[0].islower() and closed_up:
                raise ParseError(
                    f"`{name}` is a {kind}, but is applied like a function", hint=f"write {name} \\cdot (…), or declare {name}: elementwise"
                ).at(self.text, token.start, token.end)
            return ""
        if name in GREEK_FUNCTIONS and name not in alone:
            self._note(f"\\{name}(…) is read as {GREEK_MEANINGS[name]}; to mean any function, declare {name}: elementwise")
            return GREEK_FUNCTIONS[name]
        if name[0].isupper() or name == "pi":
            return ""
        if name in alone:
            if one or name in GREEK_FUNCTIONS:
                raise ParseError(f"is `{name}` a variable or a function?", hint=f"write {name} \\cdot (…), or declare {name}").at(
                    self.text, token.start, token.end
                )
            return ""
        return name


def _groups(found: list[Token], bars: str) -> dict[int, list[int]]:
    """The bars of one kind, by the bracket they stand in."""
    groups: dict[int, list[int]] = {}
    stack = [-1]
    for i, token in enumerate(found):
        if token.kind == bars:
            groups.setdefault(stack[-1], []).append(i)
        elif token.kind in ("LPAR", "LBRACE", "LSQB", "LANGLE", "OPEN", "LBAR"):
            stack.append(i)
        elif token.kind in ("RPAR", "RBRACE", "RSQB", "RANGLE", "CLOSE", "RBAR") and len(stack) > 1:
            stack.pop()
    return groups
