"""Names run together: XW is X W where X and W are known and XW is not, λI is λ I, Wtanh(x) is W tanh(x)."""

from __future__ import annotations

from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading.names import is_greek
from matcalc.reading.scope import Scope

INCREMENTS = "Δδ"  # Δx is one name


def pieces(word: str, scope: Scope, alone: set[str], applied: bool) -> list[str]:
    """The names that a name is made of, or itself.

    `alone` are the names that stand by themselves in the text; `applied` says that a parenthesis follows.
    """
    if len(word) < 2 or word in scope.kinds or word in FUNCTIONS or word in CONSTANTS:
        return [word]
    if applied and word.lower() in FUNCTIONS:  # Tr(X): a misspelt function, not T r
        return [word]
    return _parts(word, scope, alone, applied)


def _parts(word: str, scope: Scope, alone: set[str], applied: bool) -> list[str]:
    if "\u0391" <= word[0] <= "ω" and word[0] not in INCREMENTS and len(word) > 1 and word[1].isascii() and word[1].isalpha():
        rest = word[1:]
        return [word[0], *([rest] if rest in scope.kinds else _parts(rest, scope, alone, applied))]
    capitals = 1 < len(word) < 4 and word.isascii() and word.isalpha() and word.isupper()
    if capitals and not any(scope.is_variable(c) or c in alone for c in word):
        return [word]

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
