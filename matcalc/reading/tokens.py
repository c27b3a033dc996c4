"""Text into tokens, and what only the whole list of them can tell: brackets, norm bars, functions, names run together."""

from __future__ import annotations

import re

from matcalc.errors import LimitError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.limits import LONGEST_NAME, MOST_CHARACTERS
from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED
from matcalc.reading.bars import settle
from matcalc.reading.names import FOREIGN, LOOK_ALIKE, describe, is_greek, plain
from matcalc.reading.scope import Scope, Token
from matcalc.reading.splitting import pieces
from matcalc.reading.tables import TERMINALS
from matcalc.reading.written import WRITTEN, function, identity, in_letters, spelled

_SCAN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in (("WRITTEN", WRITTEN), *TERMINALS)))
_OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "LANGLE": "RANGLE"}
_CLOSING = {close: open_ for open_, close in _OPENING.items()}
PRODUCTS = "*·⋅•∙×∗@"
_PRIMES = {"'": 1, "′": 1, "’": 1, "″": 2, "‴": 3}
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_STRAY = {
    "|": "write abs(x), det(X), or ‖x‖ and ||x|| for a norm",
    "=": "an expression is read, not an equation: leave out `=` and what stands on the other side",
    ";": "one expression at a time; declarations go into `where`",
    "\\": "this is the plain language; LaTeX is another one",
    "%": "the product is *, elementwise .*",
    ".": "elementwise operators are .* ./ .^, the transpose is X' or X.T",
    "_": "a name begins with a letter",
    "<": "the inner product is inner(A, B) or ⟨A, B⟩",
    "√": "write sqrt(x)",
    "!": "the logarithm of a factorial is lgamma(x + 1)",
}


def tokens(text: str, scope: Scope, notes: list[str]) -> list[Token]:
    """The tokens of `text`, ready for the grammar; the last one is the end.

    Raises ParseError, UnknownNameError, UnsupportedError or LimitError, with the place.
    """
    if len(text) > MOST_CHARACTERS:
        raise LimitError(f"the text has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}")
    found, names, groups = _scan(text)
    if not found:
        raise ParseError("expected an expression, but there is none")
    if groups:
        found = settle(found, groups, text)
    if names:
        found = _with_functions(found, text, scope, notes)
    found.append(Token("$END", "", len(text), len(text)))
    return found


def _scan(text: str) -> tuple[list[Token], bool, dict[int, list[int]]]:
    """The tokens, whether there is a name at all, and the bars by the bracket they stand in."""
    line, at, named = plain(text), 0, False
    out: list[Token] = []
    brackets: list[tuple[Token, int]] = []
    groups: dict[int, list[int]] = {}
    for match in _SCAN.finditer(line):
        start, end = match.span()
        if start != at:
            break
        at = end
        kind = match.lastgroup or ""
        if kind == "SPACE":
            continue
        if kind == "WRITTEN":
            out += spelled(match.group(), start, end)
            continue
        token = Token(kind, match.group(), start, end)
        if kind == "NAME":
            named = True
            if end - start > LONGEST_NAME:
                raise LimitError(f"a name of {end - start:,} characters; the limit is {LONGEST_NAME}").at(text, start, start + LONGEST_NAME)
            if not token.text.isascii():
                token = token._replace(text=re.sub("[₀-₉]+", lambda m: "_" + m.group().translate(_LOWERED), token.text))
        elif kind in _OPENING:
            brackets.append((token, len(out)))
        elif kind in _CLOSING:
            if not brackets:
                raise ParseError(f"`{token.text}` closes nothing").at(text, start, end)
            opening, _ = brackets.pop()
            if opening.kind != _CLOSING[kind]:
                raise ParseError(f"`{token.text}` does not close the `{opening.text}` at column {opening.start + 1}").at(text, start, end)
        elif kind == "BARS":
            groups.setdefault(brackets[-1][1] if brackets else -1, []).append(len(out))
        elif kind == "NABLA":
            named = True
        out.append(token)
    if at != len(line):
        raise _stray(line, text, at)
    if brackets:
        opening = brackets[-1][0]
        closing = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}[opening.text]
        raise ParseError(f"missing `{closing}` for the `{opening.text}` at column {opening.start + 1}").at(text, len(text), len(text) + 1)
    return out, named, groups


def _stray(line: str, text: str, at: int) -> ParseError:
    error = ParseError(f"{describe(line[at])} is no symbol of the language here", hint=_STRAY.get(line[at], ""))
    return ParseError(error.message, line=text, start=at, end=at + 1, hint=error.hint)


def _with_functions(found: list[Token], text: str, scope: Scope, notes: list[str]) -> list[Token]:
    """Names before a parenthesis become functions or factors, undeclared names that are two known ones are split."""
    applied = {t.start for t in _before_parentheses(found)}
    alone = {t.text for t in found if t.kind == "NAME" and t.start not in applied}
    out: list[Token] = []
    i, depth = 0, 0
    while i < len(found):
        token = found[i]
        if token.kind == "NABLA" or (token.text in ("grad", "jac", "hess") and _is_gradient(found, i)):
            twice = token.kind == "NABLA" and i + 1 < len(found) and found[i + 1].text == "²"
            at = i + 1 + twice if token.kind == "NABLA" else i + 2
            name = found[min(at, len(found) - 1)]
            if name.kind != "NAME":
                raise ParseError("expected a function after `∇`: ∇f(X)").at(text, token.start, token.end)
            name = in_letters(name, scope)
            word = ("hess" if twice else "grad") if token.kind == "NABLA" else token.text
            out.append(Token("GRADIENT", f"{word}({name.text})", token.start, name.end))
            i = at + (1 if token.kind == "NABLA" else 2)
            continue
        depth += (token.kind == "LSQB") - (token.kind == "RSQB")
        if token.kind != "NAME":
            out.append(token)
            i += 1
            continue
        token = in_letters(token, scope)
        primes, j = 0, i + 1
        if token.start in applied:
            while found[j].kind == "PRIME":
                primes += _PRIMES[found[j].text]
                j += 1
        if token.start in applied and (called := function(token, found, j, scope)):
            out.append(Token("FUNCTION", called, token.start, token.end))
            i += 1
            continue
        if not depth and token.start not in applied and (known := identity(token, scope)):
            out += known
            notes += [note for note in (f"{token.text} is read as the identity",) if note not in notes]
            i += 1
            continue
        parts = [token] if depth else pieces(token, scope, alone, token.start in applied, notes)
        if len(parts) > 1 and out and _binds(out[-1]):
            i = _in_parentheses(parts, found, i, out, token.start in applied, text)
            continue
        out.extend(parts[:-1])
        last = parts[-1]
        if token.start in applied and _is_function(last, found, j, scope, alone, text):
            out.append(Token("FUNCTION", last.text, last.start, last.end, primes))
            i = j
        else:
            _check_variable(last, scope, alone, text)
            out.append(last)
            i += 1
    return out


def _binds(before: Token) -> bool:
    """Whether an operator takes the first of two names run together away from the second: A/XW is A/(XW)."""
    return before.kind == "POWER" or before.kind == "TIMES" and before.text not in PRODUCTS


def _in_parentheses(parts: list[Token], found: list[Token], i: int, out: list[Token], applied: bool, text: str) -> int:
    """Appends names run together, with the transposes of the last one, in parentheses; returns where to go on."""
    first, last = parts[0], parts[-1]
    end = i + 1
    while end < len(found) and found[end].kind in ("PRIME", "TRANSPOSE", "INVERSE_TRANSPOSE", "SUPERSCRIPT"):
        end += 1
    if applied or end < len(found) and found[end].kind in ("POWER", "LSQB"):
        raise ParseError("what belongs to the operator before it?", hint=f"write ({'*'.join(p.text for p in parts)} …)").at(
            text, first.start, last.end
        )
    close = found[end - 1].end
    out += [Token("LPAR", "(", first.start, first.start), *parts, *found[i + 1 : end], Token("RPAR", ")", close, close)]
    return end


def _before_parentheses(found: list[Token]) -> list[Token]:
    """The names that have, but for primes, a parenthesis right after them."""
    out, name = [], None
    for token in found:
        if token.kind == "LPAR" and name:
            out.append(name)
        name = token if token.kind == "NAME" else name if token.kind == "PRIME" else None
    return out


def _is_gradient(found: list[Token], i: int) -> bool:
    return [t.kind for t in found[i + 1 : i + 5]] == ["LPAR", "NAME", "RPAR", "LPAR"]


def _is_function(name: Token, found: list[Token], parenthesis: int, scope: Scope, alone: set[str], text: str) -> bool:
    kind, word = scope.kinds.get(name.text), name.text
    if kind in ("elementwise", "function"):
        return True
    if kind is not None:
        if word in FUNCTIONS:
            raise ParseError(f"`{word}` is declared as a {kind}, and is a function too", hint=f"write {word}*(…), or use another name").at(
                text, name.start, name.end
            )
        if kind != "size" and not word[0].isupper() and _one_name(found, parenthesis):
            raise ParseError(
                f"`{word}` is a {kind}, but is applied like a function",
                hint=f"write {word}*{found[parenthesis + 1].text} for the product, or declare {word}: elementwise",
            ).at(text, name.start, name.end)
        return False
    if word in FUNCTIONS:
        return True
    if word in REFUSED:
        raise UnsupportedError(f"{word} {REFUSED[word]}").at(text, name.start, name.end)
    if word[0].isupper():
        if len(word) > 1 and word.lower() in FUNCTIONS:
            raise UnknownNameError(f"no function is called `{word}`", hint=f"did you mean `{word.lower()}`?").at(text, name.start, name.end)
        return False
    if word in alone:
        if _one_name(found, parenthesis):
            raise ParseError(f"is `{word}` a variable or a function?", hint=f"write {word}*(…), or declare {word}: elementwise").at(
                text, name.start, name.end
            )
        return False
    if word in CONSTANTS:
        return False
    if word in FOREIGN:
        raise UnknownNameError(f"`{word}` is no name of the language").at(text, name.start, name.end)
    near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 3]) if len(word) > 3 and not is_greek(word) else ""
    if near and _close(word, near.split("`")[1]):
        raise UnknownNameError(f"no function is called `{word}`", hint=f"{near} An abstract function is declared: {word}: elementwise").at(
            text, name.start, name.end
        )
    return True


def _close(word: str, known: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, word, known).ratio() >= 0.8


def _one_name(found: list[Token], parenthesis: int) -> bool:
    return [t.kind for t in found[parenthesis : parenthesis + 3]] == ["LPAR", "NAME", "RPAR"]


def _check_variable(name: Token, scope: Scope, alone: set[str], text: str) -> None:
    word = name.text
    if word in scope.kinds:
        return
    if word in FUNCTIONS and word not in CONSTANTS and word != "eye":
        raise ParseError(f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2").at(text, name.start, name.end)
    if not word.isascii():
        twin = word.translate(LOOK_ALIKE)
        if twin != word and (twin in scope.kinds or twin in alone):
            different = next(c for c, d in zip(word, twin, strict=True) if c != d)
            raise UnknownNameError(f"{describe(different)} only looks like the Latin `{different.translate(LOOK_ALIKE)}`").at(
                text, name.start, name.end
            )
