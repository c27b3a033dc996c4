"""Which bars open and which close: ``‖A‖ ‖B‖``, ``‖x − ‖y‖ z‖``, ``‖x ‖y‖‖``, ``|a| |b|``.

A bar after an operator, an opening bracket or another opening bar opens.  One after an operand closes, or opens where
juxtaposition makes a product; white space, what follows, and the need to balance decide.  The text is read on with bars
that say what they are, each in its place: characters that nobody types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from matcalc.errors import ParseError
from matcalc.limits import MOST_BARS
from matcalc.reading.letters import describe
from matcalc.reading.tree import failing

Decisions = tuple[bool, "Decisions"] | None  # does it open, the last bar first
Depth = tuple[int, bool]  # how many norms are open, and does the last bar open one

SIDES = {"bars": ("\ue000", "\ue001"), "bar": ("\ue003", "\ue004")}  # open and close; \ue002 fills the place of a second character
MID = "\ue005"
PRIVATE = "\ue000-\ue005"

PLAIN = re.compile(
    r"(?P<blank>\s+)|(?P<bars>\|\||[‖∥])|(?P<bar>\|)|(?P<open>[(⟨])|(?P<in>[\[{])|(?P<close>[)\]}⟩])|(?P<word>[^\W\d_⁰¹²³⁴-⁹ᵀⁿ][^\W⁰¹²³⁴-⁹ᵀⁿ]*)"
    r"|(?P<operand>[\d.]*\d|[𝟏¼-¾])"
    r"|(?P<mark>['′’″‴ᵀ⊤⁰-⁹⁺⁻¹²³:₀-₉]|_[\w*∞+]|\^\s*\+(?!\s*[\d.]))|(?P<start>[∇√∑∏+\-−–＋])|(?P<operator>.)", re.DOTALL
)  # fmt: skip


class Piece(NamedTuple):
    """A piece of a text: what it is, where it stands, and whether an operand ends or starts with it."""

    kind: str
    start: int
    end: int
    ends: bool
    starts: bool


def settled(line: str, pieces: re.Pattern[str] = PLAIN, is_operator: Callable[[str], bool] = lambda word: False) -> str:
    """The line with each of its bars as one that opens or closes; `is_operator` tells the words that end no operand.

    Of ||| the first two are one bar, or, where that does not balance, the last two before an operand; where || balances as two
    single bars alone, as in |u||v|, it is two.  Raises ParseError where they do not balance.
    """
    try:
        return _settled(line, pieces, is_operator)
    except ParseError:
        for double in (r"\|\|(?!\|\s*[\w(])|", "") if "||" in line else ():
            with suppress(ParseError):
                return _settled(line, re.compile(pieces.pattern.replace(r"\|\||", double), re.DOTALL), is_operator)
        raise


def _settled(line: str, pieces: re.Pattern[str], is_operator: Callable[[str], bool]) -> str:
    if not line.isascii() and (foreign := re.search(f"[{PRIVATE}]", line)):
        raise failing(f"{describe(foreign.group())} is no symbol of the language here", foreign)
    if not any(c in line for c in "|‖∥") and "vert" not in line and "Vert" not in line:
        return line
    found: list[Piece] = []
    out = list(line)
    for match in pieces.finditer(line):
        kind = match.lastgroup or ""
        bars, _, side = kind.partition("_")
        if side:
            out[match.start() : match.end()] = SIDES[bars][side == "close"] + "\ue002" * (match.end() - match.start() - 1)
            found.append(Piece(side, *match.span(), side == "close", side == "open"))
        elif kind != "blank":
            word = kind == "word" and not is_operator(match.group())
            ends = word or kind in ("operand", "mark", "close", "bar")  # a bar may end one, where that of a norm follows
            starts = kind in ("word", "operand", "open", "start", "bars", "bar") or match.group() == "["
            found.append(Piece(kind, *match.span(), ends, starts))
    for bars, sides in SIDES.items():
        open_, close = tuple(sides)
        for bracket, group in _groups(found, bars).items():
            if bars == "bar" and len(group) == 1 and bracket >= 0:  # p(x | y)
                place = found[group[0]]
                out[place.start : place.end] = MID + "\ue002" * (place.end - place.start - 1)
                continue
            opened = _balanced(found, group)
            if opened is None:
                place = found[group[-1]]
                message = "a norm bar has no other one: the bars do not balance" if len(group) % 2 else "the norm bars do not balance"
                starred = any(line[found[i].start - 1 : found[i].start] == "*" for i in group)
                hint = "is x* another name? write x_star" if starred else "norm(x), abs(x) and det(X) are other ways to write it"
                raise failing(message, (place.start, place.end), hint)
            for i, opens in zip(group, opened, strict=True):
                _, start, end, *_ = found[i]
                out[start:end] = (open_ if opens else close) + "\ue002" * (end - start - 1)
                found[i] = Piece("open" if opens else "close", start, end, not opens, opens)
    return "".join(out)


def _groups(found: list[Piece], bars: str) -> dict[int, list[int]]:
    """The bars of one kind, by the bracket they stand in."""
    groups: dict[int, list[int]] = {}
    stack = [-1]
    for i, piece in enumerate(found):
        if piece.kind == bars:
            groups.setdefault(stack[-1], []).append(i)
        elif piece.kind in ("open", "in"):
            stack.append(i)
        elif piece.kind == "close" and len(stack) > 1:
            stack.pop()
    return groups


def _balanced(found: list[Piece], group: list[int]) -> list[bool] | None:
    """Per bar whether it opens, in the likeliest of the balanced readings."""
    readings: dict[Depth, tuple[int, Decisions]] = {(0, False): (0, None)}  # with what speaks against each
    previous_bar = -2
    for i in group:
        follows = found[i + 1] if i + 1 < len(found) else None
        before = found[i - 1] if i else None
        can_open = follows is not None and follows.starts
        spaced_before = before is not None and before.end < found[i].start
        spaced_after = follows is not None and found[i].end < follows.start
        beside = previous_bar == i - 1 and not spaced_before  # |a||b|
        opening = 0 if spaced_before and not spaced_after else 2 if spaced_after and not spaced_before else 1
        fresh: dict[Depth, tuple[int, Decisions]] = {}
        for (depth, last_opens), (cost, decisions) in readings.items():
            after_operand = (not last_opens) if previous_bar == i - 1 else before is not None and before.ends
            if after_operand and depth:
                _keep(fresh, (depth - 1, False), (cost + (2 if opening == 0 else 0), (False, decisions)))
            if can_open:
                more = (1 if beside and not last_opens else 2 * opening) + bool(depth) if after_operand else 0
                _keep(fresh, (depth + 1, True), (cost + more, (True, decisions)))
        readings = fresh
        if len(readings) > MOST_BARS:
            readings = dict(sorted(readings.items(), key=lambda r: r[1][0])[:MOST_BARS])
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
