"""Lines of bounded width: formulas broken where a reader would break them, lists filled line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

BREAKS = (" + ", " - ", " − ", " ⊙ ", " .*")


def broken(line: str, width: int, indent: int) -> Iterator[str]:
    """A line that is too long, broken before the + − ⊙ that stands in the fewest parentheses, or a space; what follows is indented.

    >>> list(broken("y = (a + b) c + d e", 16, 4))
    ['y = (a + b) c', '     + d e']
    """
    while len(line) > width:
        depth, best, at = 0, len(line), 0
        for i, c in enumerate(line[: width - 1]):
            depth += (c in "([") - (c in ")]")
            if i > max(width // 2, indent) and depth <= best and line[i : i + 3] in BREAKS:
                best, at = depth, i
        at = at or line.rfind(" ", indent + 1, width)
        if at < 0:
            break
        yield line[:at]
        line = " " * indent + line[at:]
    yield line


def filled(items: Sequence[str], width: int, first: str = "", comma: str = ", ") -> list[str]:
    """The items on as few lines as their width allows, after `first` and aligned below it.

    >>> filled(["a = 1", "b = 2", "c = 3"], 20, "where ")
    ['where a = 1, b = 2,', '      c = 3']
    """
    lines: list[str] = []
    begin = first
    for item in items:
        if lines and len(lines[-1]) + len(comma) + len(item) < width:
            lines[-1] += comma + item
        else:
            if lines:
                lines[-1] += comma.rstrip()
            lines.append(begin + item)
            begin = " " * len(first)
    return lines


LINE = 64  # signs of a formula that a notebook shows in one line
DEEPEST = 6  # parentheses in which a formula may be broken
_SIGN = re.compile(r"\\(?:begin|end|left|right|operatorname|mathrm|text|mathsf)\b\*?|\\[a-zA-Z]+|\\.| [+-] |.", re.DOTALL)
_UNSEEN = re.compile(r"\\(?:begin|end|left|right|operatorname|mathrm|text|mathsf|,|;|!)|[{}_^& ]")
_WHOLE = {"{": 1, r"\begin": 1, r"\left": 1, "}": -1, r"\end": -1, r"\right": -1}  # what LaTeX lets no line end in


def rows(latex: str, width: int = LINE) -> list[str]:
    r"""The rows of a formula in LaTeX, aligned by `&`: broken before a + or - in the fewest parentheses where it is too long for one.

    >>> rows("a + (b - c) d", 9), rows("a + (b - c) d", 7), rows(r"x = a + \frac{b + c}{d}", 4)
    (['a + (b - c) d'], ['& a', '& + (b - c) d'], ['x & = a', '& + \\frac{b + c}{d}'])
    """
    signs = _SIGN.findall(latex)
    for deepest in range(DEEPEST):
        lines = _filled(signs, width, deepest)
        if max(map(_seen, lines)) <= width:
            break
    if len(lines) == 1:
        return [latex]
    left, equals, right = lines[0].partition(" = ")
    return [f"{left} & = {right}" if equals else f"& {left}", *(f"& {line}" for line in lines[1:])]


def _filled(signs: Sequence[str], width: int, deepest: int) -> list[str]:
    terms, depth, whole = [""], 0, 0
    for sign in signs:
        depth += (sign in "([") - (sign in ")]")
        whole += _WHOLE.get(sign, 0)
        if sign in (" + ", " - ") and depth <= deepest and not whole:
            terms.append(sign[1:])
        else:
            terms[-1] += sign
    lines: list[str] = []
    for term in terms:
        if lines and _seen(lines[-1]) + _seen(term) <= width:
            lines[-1] += f" {term}"
        else:
            lines.append(term)
    return lines


def _seen(latex: str) -> int:
    return sum(not _UNSEEN.fullmatch(sign) for sign in _SIGN.findall(latex))
