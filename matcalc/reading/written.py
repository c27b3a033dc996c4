"""What our own Unicode has that no keyboard has: 𝟏 and I_n, √(x), X^½, K(m,n), λ_max(S); as the tokens that say the same.

𝟏 is the ones of its place and 𝟏_n those of length n, not the number 1 in another alphabet; I_n is the identity where n is a size
and nobody declares a matrix of that name.
"""

from __future__ import annotations

import re

from matcalc.operators import OPERATORS
from matcalc.reading.names import spelled_out
from matcalc.reading.scope import Scope, Token

ONES = "𝟏"
# Before all other terminals: 𝟏, 𝟏_n, 𝟏_(m·n), 0_(m,n), I_(m·n); a root before its parenthesis; one half.
WRITTEN = rf"{ONES}(?:_(?:\([^()]*\)|[^\W⁰¹²³⁴-⁹ᵀⁿ]+))?(?!{ONES}|\d)|(?<![\w.])[0I]_\([^()]*\)|√(?=\s*\()|½"
_CALLED = {"𝟏": "ones", "0": "zeros", "I": "eye"}
# A row's name in Unicode, where that is a word.
FUNCTIONS = {op.unicode: op.name for op in OPERATORS.values() if re.fullmatch(r"[^\W\d]+_\w+", op.unicode)}


def spelled(text: str, start: int, end: int) -> list[Token]:
    """The tokens of one match of `WRITTEN`."""
    if text == "√":
        return [Token("FUNCTION", "sqrt", start, end)]
    if text == "½":
        kinds = (("LPAR", "("), ("NUMBER", "1"), ("TIMES", "/"), ("NUMBER", "2"), ("RPAR", ")"))
        return [Token(kind, t, start, end) for kind, t in kinds]
    if text == ONES:
        return called("vector", [Token("NUMBER", "1", end, end)], start, end)
    inside = text[2:].strip("()")
    kinds_of = {"*": "TIMES", "·": "TIMES", "+": "ADD", ",": "COMMA"}
    sizes = [
        Token(kinds_of.get(t, "NUMBER" if t[0].isdigit() else "NAME"), t, end, end) for t in re.findall(r"\d+|[^\W\d]\w*|[*·+,]", inside)
    ]
    return called(_CALLED[text[0]], sizes, start, end)


def called(name: str, inside: list[Token], start: int, end: int) -> list[Token]:
    return [Token("FUNCTION", name, start, end), Token("LPAR", "(", start, start), *inside, Token("RPAR", ")", end, end)]


def identity(name: Token, scope: Scope) -> list[Token] | None:
    """I_n and I_3 as eye(n) and eye(3), where n is a size and I_n is not declared."""
    letter, _, size = name.text.partition("_")
    if letter != "I" or name.text in scope.kinds or not (size.isdigit() or scope.kinds.get(size) == "size"):
        return None
    end = name.end
    return called("eye", [Token("NUMBER" if size.isdigit() else "NAME", size, end, end)], name.start, end)


def in_letters(name: Token, scope: Scope) -> Token:
    """φ_1 as phi_1, where that is declared and φ_1 is not."""
    if name.text.isascii() or name.text in scope.kinds:
        return name
    word = spelled_out(name.text)
    return name._replace(text=word) if word in scope.kinds else name


def function(name: Token, found: list[Token], parenthesis: int, scope: Scope) -> str:
    """The function that a name before a parenthesis is in Unicode only, or nothing."""
    if name.text in FUNCTIONS and name.text not in scope.kinds:
        return FUNCTIONS[name.text]
    return "commutation" if name.text == "K" and _of_two(found, parenthesis) else ""


def _of_two(found: list[Token], parenthesis: int) -> bool:
    """Whether there are two arguments: K(m,n) is no product with a matrix K."""
    depth = 0
    for token in found[parenthesis:]:
        depth += (token.kind in ("LPAR", "LSQB")) - (token.kind in ("RPAR", "RSQB"))
        if depth == 1 and token.kind == "COMMA":
            return True
        if depth == 0:
            return False
    return False
