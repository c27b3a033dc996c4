"""Which norm bars open and which close: ``‖A‖ ‖B‖``, ``‖x − ‖y‖ z‖``, ``‖x ‖y‖‖``.

A bar after an operator, an opening bracket or another opening bar opens.  One after an operand closes, or opens where
juxtaposition makes a product; white space, what follows, and the need to balance decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.errors import ParseError

if TYPE_CHECKING:
    from matcalc.reading.latex.token import Token

Decisions = tuple[bool, "Decisions"] | None  # does it open, the last bar first
Depth = tuple[int, bool]  # how many norms are open, and does the last bar open one

OPERAND_ENDS = frozenset(
    ("NAME", "NUMBER", "RPAR", "RSQB", "RBRACE", "RANGLE", "TRANSPOSE", "INVERSE_TRANSPOSE", "PRIME", "SUPERSCRIPT", "SUBSCRIPT", "COLON",
     "PSEUDOINVERSE", "SLICE", "CLOSE", "RBAR")
)  # fmt: skip
OPERAND_STARTS = frozenset(
    ("NAME", "NUMBER", "LPAR", "LANGLE", "NABLA", "BARS", "ADD", "FUNCTION", "FRACTION", "ROOT", "OVER", "GRADIENT", "OPEN", "LBAR", "BAR")
)
MOST_READINGS = 50  # kept at a time; only bars without any hint have more than one


def settle(found: list[Token], groups: dict[int, list[int]], text: str, sides: tuple[str, str] = ("OPEN", "CLOSE")) -> list[Token]:
    """The tokens with every one of the bars turned into one of its `sides`; groups are the bars that stand in one bracket.

    Raises ParseError where they do not balance.
    """
    kinds: dict[int, str] = {}
    for group in groups.values():
        opened = _balanced(found, group)
        if opened is None:
            place = found[group[-1]]
            message = "a norm bar has no other one: the bars do not balance" if len(group) % 2 else "the norm bars do not balance"
            raise ParseError(message, hint="norm(x) is another way to write it").at(text, place.start, place.end)
        kinds.update({i: sides[not is_open] for i, is_open in zip(group, opened, strict=True)})
    out: list[Token] = []
    for i, token in enumerate(found):
        out.append(token._replace(kind=kinds[i]) if i in kinds else token)
    return _indices_first(out)


def _balanced(found: list[Token], group: list[int]) -> list[bool] | None:
    """Per bar whether it opens, in the likeliest of the balanced readings."""
    readings: dict[Depth, tuple[int, Decisions]] = {(0, False): (0, None)}  # with what speaks against each
    previous_bar = -2
    for i in group:
        follows = found[i + 1] if i + 1 < len(found) else None
        before = found[i - 1] if i else None
        can_open = follows is not None and follows.kind in OPERAND_STARTS
        spaced_before = before is not None and before.end < found[i].start
        spaced_after = follows is not None and found[i].end < follows.start
        opening = 0 if spaced_before and not spaced_after else 2 if spaced_after and not spaced_before else 1
        fresh: dict[Depth, tuple[int, Decisions]] = {}
        for (depth, last_opens), (cost, decisions) in readings.items():
            after_operand = (not last_opens) if previous_bar == i - 1 else before is not None and before.kind in OPERAND_ENDS
            if after_operand and depth:
                _keep(fresh, (depth - 1, False), (cost + (2 if opening == 0 else 0), (False, decisions)))
            if can_open:
                _keep(fresh, (depth + 1, True), (cost + (2 * opening + bool(depth) if after_operand else 0), (True, decisions)))
        readings = fresh
        if len(readings) > MOST_READINGS:
            readings = dict(sorted(readings.items(), key=lambda r: r[1][0])[:MOST_READINGS])
        previous_bar = i
    end = readings.get((0, False))
    if end is None:
        return None
    out: list[bool] = []
    rest = end[1]
    while rest:
        out.append(rest[0])
        rest = rest[1]
    return out[::-1]


def _keep(readings: dict[Depth, tuple[int, Decisions]], state: Depth, reading: tuple[int, Decisions]) -> None:
    if state not in readings or reading[0] < readings[state][0]:
        readings[state] = reading


def _indices_first(found: list[Token]) -> list[Token]:
    """‖X‖²_F and ‖X‖^2_F as ‖X‖_F² and ‖X‖_F^2: the index belongs to the bars."""
    for i, token in enumerate(found):
        if token.kind != "CLOSE":
            continue
        kinds = [t.kind for t in found[i + 1 : i + 6]]
        for power in (["SUPERSCRIPT"], ["POWER", "NUMBER"], ["POWER", "LBRACE", "NUMBER", "RBRACE"]):
            if kinds[: len(power) + 1] == [*power, "SUBSCRIPT"]:
                at = i + 1 + len(power)
                found[i + 1 : at + 1] = [found[at], *found[i + 1 : at]]
    return found
