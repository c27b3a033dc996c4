"""A derivation on the page: numbered lines of bearable length for the terminal, an `align` environment for LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

from matcalc.explain.lines import Equation, Step, written
from matcalc.expr import Manner
from matcalc.writing.latex import prose
from matcalc.writing.width import broken

WIDE = {"unicode": 104, "text": 104, "latex": 72}  # characters of Unicode on the two sides of one line
PAGE = 118  # characters of a line with its number
PAPER = 92  # characters of a line and its rule on A4 with margins of 2.5 cm, 11 pt
MARGIN, RULES = 20, 72  # the most that left sides are aligned at, and the rules
JOINT = {"unicode": ",  ", "text": ", ", "latex": r", \quad "}


class Line(NamedTuple):
    """One line of the step number `step`; no left side where the equation goes on, the rule only on the last; `width` as of Unicode."""

    step: int
    left: str
    right: str
    rule: str
    width: int


def numbered(steps: Sequence[Step], style: str) -> str:
    """The steps with their numbers in front and their rules behind, for a terminal."""
    lines = list(_lines(steps, style))
    margin = min(MARGIN, max((len(line.left) for line in lines), default=0))
    bodies = []
    for line, first in zip(lines, _first(lines), strict=True):
        number = f"({line.step})" if first else ""
        bodies.append(f"{number:>4} {line.left:>{margin}} = {line.right}")
    column = min(RULES, max(map(len, bodies), default=0))
    out: list[str] = []
    for line, body in zip(lines, bodies, strict=True):
        place = column if column + len(line.rule) + 3 <= PAGE else 0
        behind = line.rule and max(len(body), place) + len(line.rule) + 3 <= PAGE
        out += broken(f"{body:<{place}}   {line.rule}" if behind else body, PAGE, margin + 10)
        if line.rule and not behind:
            indent = " " * (margin + 8)
            out += wrap(line.rule, PAGE, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(out)


def aligned(steps: Sequence[Step]) -> str:
    """The steps as an `align` environment: a tag and the name of the rule on the last line of each, or under it where it is too long."""
    rows = []
    lines = list(_lines(steps, "latex"))
    column = max((line.width for line in lines), default=0)
    for line in lines:
        name = line.rule.split(":")[0].split(" [")[0]
        behind = column + len(name) <= PAPER
        rows.append(f"{line.left} &= {line.right}" + (rf" && {prose(name)} \tag{{{line.step}}}" if line.rule and behind else r" \notag"))
        if line.rule and not behind:
            rows.append(rf"& \quad {prose(name)} \tag{{{line.step}}}")
    return "\\begin{align}\n" + " \\\\\n".join(rows) + "\n\\end{align}"


def _first(lines: Sequence[Line]) -> list[bool]:
    return [True, *(a.step != b.step for a, b in pairwise(lines))] if lines else []


def _lines(steps: Sequence[Step], style: str) -> Iterator[Line]:
    before: Step | None = None
    for k, step in enumerate(steps, 1):
        made = list(_of_step(step, style, before))
        for i, (left, right, size) in enumerate(made):
            rule = step.rule + (f" [{step.source}]" if step.source else "")
            yield Line(k, left, right, rule if i == len(made) - 1 else "", size)
        before = step


def _of_step(step: Step, style: str, before: Step | None) -> Iterator[tuple[str, str, int]]:
    """The equations of a step, several on a line where they fit, long ones broken between their sides."""
    left, right, taken = "", "", 0
    for i, equation in enumerate(step.equations):
        goes_on = not i and before is not None and before.equations[-1].left == equation.left
        name = "" if goes_on else equation.left.written(style, step.manner)
        sides = list(_sides(equation, style, step.manner))
        here = len(equation.left.written("unicode")) if name else 0
        whole = here + sum(size + 3 for _, size in sides)
        if right and taken + whole + 3 <= WIDE[style]:
            right += f"{JOINT[style]}{name} = {' = '.join(side for side, _ in sides)}"
            taken += whole + 3
            continue
        if right:
            yield left, right, taken
        left, right, taken = name, "", here
        for side, size in sides:
            if right and taken + size + 3 > WIDE[style]:
                yield left, right, taken
                left, right, taken = "", "", 0
            right += f" = {side}" if right else side
            taken += size + 3
    yield left, right, taken


def _sides(equation: Equation, style: str, manner: Manner) -> Iterator[tuple[str, int]]:
    for e in equation.right:
        yield written(e, style, manner), len(written(e, "unicode", manner))
