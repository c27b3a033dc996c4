"""A derivation on the page: numbered lines of bearable length for the terminal, an `align` environment for LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

from matcalc.explain.lines import Step, written
from matcalc.writing.breaking import broken_latex
from matcalc.writing.latex import prose
from matcalc.writing.measure import EQUALS, PAGE, QUAD, ems
from matcalc.writing.width import broken

WIDE = 104  # characters on the two sides of one line
TERMINAL = 118  # characters of a line with its number
TAG, APART = 3.0, 1.0  # ems of the number of a step, and between two columns
MARGIN, RULES = 20, 72  # the most that left sides are aligned at, and the rules
RULE = 60  # characters of a rule of several lines on paper
JOINT = {"unicode": ",  ", "text": ", ", "latex": r", \quad "}


class Line(NamedTuple):
    """One line of the step number `step`; no left side where the equation goes on, the rule only on the last."""

    step: int
    left: str
    right: str
    rule: str


class Manuscript(NamedTuple):
    """In which style lines are written, how wide one is and how wide a text; the least width of a left side, and that of =."""

    style: str
    room: float
    wide: Callable[[str], float]
    margin: float
    equals: float


def numbered(steps: Sequence[Step], style: str) -> str:
    """The steps with their numbers in front and their rules behind, for a terminal."""
    lines = list(_lines(steps, Manuscript(style, WIDE, len, 0, 3)))
    margin = min(MARGIN, max((len(line.left) for line in lines), default=0))
    bodies = []
    for line, first in zip(lines, _first(lines), strict=True):
        number = f"({line.step})" if first else ""
        bodies.append(f"{number:>4} {line.left:>{margin}} = {line.right}")
    column = min(RULES, max(map(len, bodies), default=0))
    out: list[str] = []
    for line, body in zip(lines, bodies, strict=True):
        place = column if column + len(line.rule) + 3 <= TERMINAL else 0
        behind = line.rule and max(len(body), place) + len(line.rule) + 3 <= TERMINAL
        out += broken(f"{body:<{place}}   {line.rule}" if behind else body, TERMINAL, margin + 10)
        if line.rule and not behind:
            indent = " " * (margin + 8)
            out += wrap(line.rule, TERMINAL, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(out)


def aligned(steps: Sequence[Step]) -> str:
    """The steps as an `align` environment that fits a page: a tag and the name of the rule on the last line of each, or under it."""
    margin = max((ems(equation.left.written("latex", step.manner)) for step in steps for equation in step.equations), default=0)
    lines = list(_lines(steps, Manuscript("latex", PAGE, ems, margin, EQUALS)))
    margin += EQUALS
    broken = [broken_latex(line.right, PAGE - margin, QUAD) for line in lines]
    column = margin + max((ems(part) + QUAD * (i > 0) for parts in broken for i, part in enumerate(parts)), default=0)
    rows = []
    for line, (first, *others) in zip(lines, broken, strict=True):
        made = [f"{line.left} &= {first}", *(rf"&\quad {part}" for part in others)]
        words = line.rule.split(":")[0].split(" [")[0]
        if line.rule and column + APART + ems(prose(words)) + TAG <= PAGE:
            made[-1] += f" && {prose(words)}"
        elif line.rule:  # as if it had no width, so that no column is moved by it
            fits = margin + QUAD + ems(prose(words)) + TAG <= PAGE
            made += [rf"&\quad \rlap{{{prose(part)}}}" for part in ([words] if fits else wrap(words, RULE))]
        tag = rf" \tag{{{line.step}}}" if line.rule else r" \notag"
        rows += [*(rf"{row} \notag" for row in made[:-1]), made[-1] + tag]
    return "\\begin{align}\n" + " \\\\\n".join(rows) + "\n\\end{align}"


def _first(lines: Sequence[Line]) -> list[bool]:
    return [True, *(a.step != b.step for a, b in pairwise(lines))] if lines else []


def _lines(steps: Sequence[Step], manuscript: Manuscript) -> Iterator[Line]:
    before: Step | None = None
    for k, step in enumerate(steps, 1):
        made = list(_of_step(step, manuscript, before))
        for i, (left, right) in enumerate(made):
            rule = step.rule + (f" [{step.source}]" if step.source else "")
            yield Line(k, left, right, rule if i == len(made) - 1 else "")
        before = step


def _of_step(step: Step, manuscript: Manuscript, before: Step | None) -> Iterator[tuple[str, str]]:
    """The equations of a step, several on a line where they fit, long ones broken between their sides."""
    style, room, wide, margin, equals = manuscript
    left, right, taken = "", "", 0.0
    for i, equation in enumerate(step.equations):
        goes_on = not i and before is not None and before.equations[-1].left == equation.left
        name = "" if goes_on else equation.left.written(style, step.manner)
        sides = [written(e, style, step.manner) for e in equation.right]
        sizes = [wide(side) + equals for side in sides]
        if right and taken + wide(name) + sum(sizes) + equals <= room:
            right += f"{JOINT[style]}{name} = {' = '.join(sides)}"
            taken += wide(name) + sum(sizes) + equals
            continue
        if right:
            yield left, right
        left, right, taken = name, "", max(wide(name), margin)
        for side, size in zip(sides, sizes, strict=True):
            if right and taken + size > room:
                yield left, right
                left, right, taken = "", "", margin
            right += f" = {side}" if right else side
            taken += size
    yield left, right
