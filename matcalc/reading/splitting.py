"""Names run together: XW is X W where X and W are known and XW is not, λI is λ I, Wtanh(x) is W tanh(x)."""

from __future__ import annotations

import re

from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED
from matcalc.reading.letters import FOREIGN, GREEK, is_greek, one_name
from matcalc.reading.scope import Scope

_GREEK = "|".join(sorted(GREEK, key=len, reverse=True))
_ONE_AND_GREEK = rf"([A-Za-z])({_GREEK})|({_GREEK})([A-Za-z])"
INCREMENTS = "Δδ"  # Δx is one name


def pieces(word: str, scope: Scope, alone: set[str], applied: bool) -> list[str]:
    """The names that a name is made of, or itself.

    `alone` are the names that stand by themselves in the text; `applied` says that a parenthesis follows.
    """
    if len(word) < 2 or word in scope.kinds or word in FUNCTIONS or word in CONSTANTS or word in scope.by:
        return [word]
    if applied and word.lower() in FUNCTIONS:  # Tr(X): a misspelt function, not T r
        return [word]
    found = _parts(word, scope, alone, applied)
    return found if len(found) > 1 or applied else _letters(word, scope, alone)


def _letters(word: str, scope: Scope, alone: set[str]) -> list[str]:
    """An undeclared name of a few letters as their product, where the variable is among them, or all occur, or they are capitals.

    >>> _letters("Xβ", Scope({}), set()), _letters("ab", Scope({}), {"a", "b"}), _letters("err", Scope({}), set())
    (['X', 'β'], ['a', 'b'], ['err'])
    """
    greek = re.fullmatch(_ONE_AND_GREEK, word)
    letters = [p for p in greek.groups() if p] if greek else list(word)
    if not word.isalpha() or not 1 < len(letters) < 5 or word in GREEK or word.lower() in REFUSED or word in FOREIGN:
        return [word]
    by = {one_name(name) for name in scope.by}
    capitals = re.fullmatch("[A-Z]+[a-zα-ω]?", word) is not None
    if capitals or any(one_name(p) in by for p in letters) or all(p in alone or scope.is_variable(p) for p in letters):
        return letters
    return [word]


def _parts(word: str, scope: Scope, alone: set[str], applied: bool) -> list[str]:
    if "\u0391" <= word[0] <= "ω" and word[0] not in INCREMENTS and len(word) > 1 and word[1].isascii() and word[1].isalpha():
        rest = word[1:]
        return [word[0], *([rest] if rest in scope.kinds else _parts(rest, scope, alone, applied))]
    if word[0] == "π" and word[1].isalpha():  # 2πσ²
        return ["π", *([word[1:]] if word[1:] in scope.kinds else _parts(word[1:], scope, alone, applied))]
    capitals = 1 < len(word) < 5 and word.isascii() and word.isalpha() and word.isupper()

    def known(piece: str, last: bool) -> bool:
        if scope.is_variable(piece) or last and applied and (piece in FUNCTIONS or scope.kinds.get(piece) == "elementwise"):
            return True
        if len(piece) > 1:
            return False
        return capitals or piece == "I" or piece.isupper() and piece in alone or not piece.isascii() and is_greek(piece)

    # ways[k]: how the first k letters are cut into known names, the longest ones first
    ways: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before = ways[start]
            if before is not None and end - start < len(word) and known(word[start:end], end == len(word)):
                ways[end] = [*before, word[start:end]]
                break
    found = ways[-1] or [word]
    # Greek letters in a row are one name, and so is what only looks like an index: I, II
    return [word] if all(not p.isascii() or p == "I" for p in found) and "I" not in found[1:] else found
