"""Lines of bounded width: formulas broken where a reader would break them, lists filled line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from matcalc.limits import DEEPEST_BREAK

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
REASONS = (r" \quad ",)  # what stands behind a formula
SUMS = (*REASONS, " + ", " - ")
PRODUCTS = (*SUMS, r" \odot ", r" \otimes ")  # where a formula is broken that is too long for a line even so
_WORD = r"\\(?:begin|end|left|right|operatorname|mathrm|text|mathsf)\b\*?"
_SIGN = re.compile(rf" \\(?:odot|otimes|quad) |{_WORD}|\\[a-zA-Z]+|\\.| [+-] |.", re.DOTALL)
_UNSEEN = re.compile(r"\\(?:begin|end|left|right|operatorname|mathrm|text|mathsf|,|;|!)|[{}_^& ]")
_WHOLE = {"{": 1, r"\begin": 1, "}": -1, r"\end": -1}  # what LaTeX lets no line end in


def rows(latex: str, width: int = LINE) -> list[str]:
    r"""The rows of a formula in LaTeX, aligned by `&`: broken before a + or - in the fewest parentheses where it is too long for one.

    >>> rows("a + (b - c) d", 9), rows("a + (b - c) d", 7), rows(r"x = a + \frac{b + c}{d}", 4)
    (['a + (b - c) d'], ['& a', '& + (b - c) d'], ['x & = a', '& + \\frac{b + c}{d}'])
    """
    lines = broken_latex(latex, width)
    if len(lines) == 1:
        return [latex]
    left, equals, right = lines[0].partition(" = ")
    return [f"{left} & = {right}" if equals else f"& {left}", *(f"& {line}" for line in lines[1:])]


def broken_latex(latex: str, width: int = LINE) -> list[str]:
    r"""The lines of a formula in LaTeX: broken before a reason, else in sums; where these do not suffice before ⊙ and ⊗, too.

    >>> broken_latex(r"a b \odot \left(c + d\right)", 3)
    ['a b', '\\odot \\left(c \\right.', '\\left. + d\\right)']
    >>> broken_latex(r"a + b \quad \text{as c is}", 8)
    ['a + b', '\\quad \\text{as c is}']
    """
    signs = _SIGN.findall(latex)
    ways = ((REASONS, 0), *((breaks, deepest) for breaks in (SUMS, PRODUCTS) for deepest in range(DEEPEST_BREAK)))
    tries = (_filled(signs, width, deepest, breaks) for breaks, deepest in ways)
    return next((lines for lines in tries if max(map(_seen, lines)) <= width), None) or _filled(signs, width, DEEPEST_BREAK, PRODUCTS)


def _filled(signs: Sequence[str], width: int, deepest: int, breaks: Sequence[str]) -> list[str]:
    terms, depth, whole = [""], 0, 0
    for sign in signs:
        depth += (sign in "([") - (sign in ")]")
        whole += _WHOLE.get(sign, 0)
        if sign in breaks and depth <= deepest and not whole:
            terms.append(sign[1:])
        else:
            terms[-1] += sign
    lines: list[str] = []
    for term in terms:
        if lines and _seen(lines[-1]) + _seen(term) <= width:
            lines[-1] += f" {term}"
        else:
            lines.append(term)
    return _fenced(lines)


def _fenced(lines: list[str]) -> list[str]:
    r"""The lines with the fences closed that are open where one ends, and open again in the next: \left and \right come in pairs."""
    out, before = [], 0
    for line in lines:
        after = before + line.count(r"\left") - line.count(r"\right")
        out.append(r"\left. " * before + line + r" \right." * after)
        before = after
    return out


def _seen(latex: str) -> int:
    """How many signs a reader sees."""
    return sum(not _UNSEEN.fullmatch(sign) for sign in _SIGN.findall(latex))
