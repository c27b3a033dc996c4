"""Names run together: XW is X W where X and W are known and XW is not, λI is λ I, Wtanh(x) is W tanh(x)."""

from __future__ import annotations

import re

from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED
from matcalc.reading.letters import FOREIGN, GREEK, is_greek, one_name
from matcalc.reading.scope import Scope

_GREEK = "|".join(sorted(GREEK, key=len, reverse=True))
_ONE_AND_GREEK = rf"([A-Za-z])({_GREEK})|({_GREEK})([A-Za-z])"
INCREMENTS = "Δδ"  # Δx is one name
_NUMBERED = r"[^\W\d_]\d+|[^\W\d_](?=$)"
_DIGITS = "0123456789"
_BELOW = rf"([^\W\d_]|{_GREEK})_(\d+|[{{}}]+|[^\W\d_])([^\W\d_].*)"  # the S, b and W of S_bW


def pieces(word: str, scope: Scope, alone: set[str], applied: bool, added: bool = False) -> list[str]:
    """The names that a name is made of, or itself.

    `alone` are the names that stand by themselves in the text; `applied` says that a parenthesis follows, `added` that a sum stands in
    it: xy(x + y) is x y (x + y), and xy(x) is none.
    """
    if len(word) < 2 or any(word in names for names in (scope.kinds, FUNCTIONS, CONSTANTS, scope.by, scope.said.definitions)):
        return [word]
    if applied and (logged := re.fullmatch("(log|ln|exp)([\u0391-ω])", word)):  # logσ(z)
        return [*logged.groups()]
    numbered = re.findall(_NUMBERED, word)  # the x1 and x2 of x1x2, the b1 and x of b1x
    if len(numbered) > 1 and "".join(numbered) == word:
        of_same_letter = {one_name(name.rstrip(_DIGITS)) for name in scope.by}  # by w1, w2x2 are two as w1x1 is
        if any(is_known(p, scope, alone) or p[-1] in _DIGITS and one_name(p.rstrip(_DIGITS)) in of_same_letter for p in numbered):
            return numbered
    if applied and word.lower() in FUNCTIONS:  # Tr(X): a misspelt function, not T r
        return [word]
    found = _parts(word, scope, alone, applied)
    return found if len(found) > 1 or applied and not added else _letters(word, scope, alone, applied)


def exponential(word: str, scope: Scope) -> list[str]:
    """The a and the e of ae^(-b t), where nothing declares a name ae; or the name itself.

    >>> exponential("ae", Scope({})), exponential("rate", Scope({}))
    (['a', 'e'], ['rate'])
    """
    found = re.fullmatch(r"([^\W\d_]\d*)e", word)
    whole = any(name in names for names in (scope.kinds, scope.by, scope.said.definitions) for name in (word, "e"))
    return [found[1], "e"] if found and not whole else [word]


def is_known(name: str, scope: Scope, alone: set[str]) -> bool:
    """Whether a name is the variable, is declared as one, or stands by itself in the text."""
    return one_name(name) in map(one_name, scope.by) or name in alone or scope.is_variable(name)


def subscripted(word: str, scope: Scope, alone: set[str], bound: frozenset[str], around: tuple[str, str]) -> list[str]:
    """The names that x_1x_2, S_bW and, with an i that is `bound`, w_ix are, where nothing declares them; or the name itself.

    A number and the index of a sum end where a letter follows.  A letter does where a capital follows that stands `alone`, or is the
    variable; behind a capital a small variable will do, if its product ends there, A_kx, but W_ih h, and if no word may be meant: U_ex
    beside an x.  `around` is the text beside it.

    >>> none, nothing = frozenset(), ("", "")
    >>> subscripted("x_1x_2", Scope({}), set(), none, nothing), subscripted("S_bW", Scope({}), {"W"}, none, ("W'", ")"))
    (['x_1', 'x_2'], ['S_b', 'W'])
    >>> subscripted("y_pred", Scope({}), {"y"}, none, nothing), subscripted("a_ijx_i", Scope({}), set(), frozenset("ij"), nothing)
    (['y_pred'], ['a_ij', 'x_i'])
    """
    by = {one_name(name) for name in scope.by}
    begun, ended = re.search("['′’ᵀ⊤T]$", around[0]) is not None, re.match(r"\s*(?:[-+−/)\]|‖,]|$)", around[1]) is not None

    def is_index(letter: str) -> bool:
        return letter in "ijklmnt" or re.search(rf"_{letter}(?![^\W\d_])", "".join(around)) is not None

    def parted(word: str) -> list[str]:
        whole = word in scope.kinds or word in scope.by or word in scope.said.definitions
        found = None if whole else re.fullmatch(_BELOW.format("".join(bound) or "_"), word)
        if not found:
            return [word]
        stem, index, rest = found.groups()
        if index.isdigit() or bound.issuperset(index):
            applied = rest in FUNCTIONS and around[1].startswith("(")
            entry = re.fullmatch(rf"(?:[^\W\d_]|{_GREEK})_\w+", rest) is not None
            ends = entry or applied or any(is_known(name, scope, alone) for name in (rest, f"{stem}_{index}"))
        elif is_known(index, scope, alone):  # the x of K_xx and of K_xy; but x'S_xx
            ends = index == rest and stem.isupper() and begun and ended
        else:
            small = stem.isupper() and ended and one_name(rest) in by and (begun or rest not in alone or is_index(index))
            ends = is_known(rest, scope, alone) and (rest[0].isupper() and (begun or ended) or small)
        return [f"{stem}_{index}", *parted(rest)] if ends else [word]

    return parted(word)


def _letters(word: str, scope: Scope, alone: set[str], applied: bool = False) -> list[str]:
    """An undeclared name of a few letters as their product, where the variable is among them, or all occur, or they are capitals.

    Before a parenthesis the variable says that of two letters alone: act(x - t) by t is no product.  So does a name that is defined.

    >>> _letters("XΣβ", Scope({}), set()), _letters("ab", Scope({}), {"a", "b"}), _letters("err", Scope({}), set())
    (['X', 'Σ', 'β'], ['a', 'b'], ['err'])
    """
    greek = re.fullmatch(_ONE_AND_GREEK, word)
    letters = [p for p in greek.groups() if p] if greek else list(word)
    if not word.isalpha() or not 1 < len(letters) < 5 or word in GREEK or word.lower() in REFUSED or word in FOREIGN:
        return [word]
    by, defined = ({one_name(name) for name in names} for names in (scope.by, scope.said.definitions))
    capitals = not applied and re.fullmatch("[A-ZΓΘΛΞΠΣΦΨΩ]+[a-zα-ω]?", word) is not None
    telling = by | (defined if letters[0] != "d" else set()) if len(letters) == 2 else set() if applied else by
    if capitals or any(one_name(p) in telling for p in letters) or all(p in alone or scope.is_variable(p) for p in letters):
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
