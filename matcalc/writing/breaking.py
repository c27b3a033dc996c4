"""Formulas in LaTeX, broken into lines where a reader would break them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from matcalc.limits import DEEPEST_BREAK, LONGEST_BROKEN
from matcalc.writing.measure import EQUALS, PAGE, TOKEN, ems
from matcalc.writing.name_parts import GREEK

# Kinds of places: before a reason, in a sum, before ⊙ ⊗ ⊘, beside parentheses, in a product.
REASON, SUM, DOT, FENCED, FACTOR = range(5)
_WAYS = (
    (REASON, 0),
    *((kind, depth) for depth in range(DEEPEST_BREAK) for kind in (SUM, DOT, FENCED)),
    *((FACTOR, d) for d in range(DEEPEST_BREAK)),
)
_INSIDE = tuple(way for way in _WAYS if way[0] <= DOT) + tuple(way for way in _WAYS if way[0] > DOT)  # in sums first, however deep
LONELY = 1 / 8  # of a line
_SIGN = re.compile(rf" \\(?:odot|oslash|otimes) | \\quad ?|\\; | = |{TOKEN.pattern}", re.DOTALL)
_WHOLE = re.compile(r"\\(frac|sqrt)(?=\{)")
_OPENING, _CLOSING, _BARS = ("(", "["), (")", "]"), (r"\|", "|")
_APPLIED = re.compile(r"(?:\\sum(?:[_^]\{[^{}]*\})*|\\operatorname\{[^{}]*\})$")  # what the next factor belongs to


def page(latex: str) -> str:
    """The formula as it is where it fits a page, or is in lines already; else in lines."""
    return latex if latex.startswith(r"\begin{aligned}") or ems(latex) <= PAGE else aligned(rows(latex))


def listed(equations: Iterable[str]) -> str:
    r"""Equations one under the other, aligned at their first =, each in lines that fit a page.

    >>> listed(["a = b", "c = d + e"])
    '\\begin{aligned} a &= b \\\\ c &= d + e \\end{aligned}'
    """
    return aligned([row for equation in equations for row in _aligning(rows(equation))])


def _aligning(lines: list[str]) -> list[str]:
    return lines if len(lines) > 1 else [lines[0].replace(" = ", " &= ", 1)]


def aligned(rows: Sequence[str]) -> str:
    r"""Rows with a `&` where they align, as one formula.

    >>> aligned(["a &= b"]), aligned(["a &= b", "&= c"])
    ('a = b', '\\begin{aligned} a &= b \\\\ &= c \\end{aligned}')
    """
    if len(rows) == 1:
        return rows[0].replace(" &= ", " = ")
    lines = r" \\ ".join(row.strip() for row in rows)
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def rows(latex: str, width: float = PAGE) -> list[str]:
    r"""The rows of a formula in LaTeX, aligned by `&`: broken where it is wider than `width` ems.

    >>> rows("a + (b - c) d", 9), rows("a + (b - c) d", 5), rows(r"x = a + \frac{b + c}{d}", 5.5)
    (['a + (b - c) d'], ['& a', '& + (b - c) d'], ['x &= a', '& + \\frac{b + c}{d}'])
    """
    if ems(latex) <= width:
        return [latex]
    left, equals, right = latex.partition(" = ")
    if not equals or r"\quad" in left:
        return [f"& {line}" for line in broken_latex(latex, width)]
    first, *others = broken_latex(right, max(width - ems(left) - EQUALS, width / 2))
    return [f"{left} &= {first}", *(f"& {line}" for line in others)]


def broken_latex(latex: str, width: float = PAGE, hanging: float = 0.0) -> list[str]:
    r"""The lines of a formula that is wider than `width` ems: broken before a reason, else at the outermost operators.

    A piece that is still too wide is broken at the next operators in it: in sums, before ⊙ and ⊗, between factors, then in
    parentheses; of a fraction that is too wide the denominator stands in front.  All lines but the first are narrower by `hanging`.

    >>> broken_latex(r"a b \odot \left(c + d\right)", 4.5)
    ['a b \\odot \\biggl(c', '+ d\\biggr)']
    >>> broken_latex(r"a + b \quad \text{as c is}", 4)
    ['a + b', '\\text{as c is}']
    >>> broken_latex(r"\frac{a + b}{2}", 2)
    ['\\frac{1}{2}', '\\cdot (a', '+ b)']
    """
    if len(latex) > LONGEST_BROKEN or ems(latex) <= width:
        return [latex]
    formula = _Formula(_narrowed(latex, width - hanging))
    lines, inside = (list(formula.lines(width, hanging, ways)) for ways in (_WAYS, _INSIDE))
    return inside if _lonely(lines, width) > _lonely(inside, width) and len(inside) <= len(lines) else lines


def _lonely(lines: list[str], width: float) -> int:
    """How many lines are begun for what hardly needs one."""
    return sum(ems(line) < LONELY * width for line in lines[1:])


class _Formula:
    """The signs of a formula and the places where a line may begin: their kinds, and in how many parentheses they stand."""

    def __init__(self, latex: str) -> None:
        self.signs = _SIGN.findall(latex)
        self.places: dict[int, tuple[int, int]] = {}
        self.partner: dict[int, int] = {}  # of the fences that grow, where the other one is
        open_fences: list[int] = []
        whole = 0
        for i, sign in enumerate(self.signs):
            whole += (sign in ("{", r"\begin")) - (sign in ("}", r"\end"))
            if whole:
                continue
            if sign in _OPENING or sign in _BARS and not (open_fences and self.signs[open_fences[-1]] == sign):
                open_fences.append(i)
            elif (sign in _CLOSING or sign in _BARS) and open_fences:
                a = open_fences.pop()
                if self.signs[i - 1] == r"\right":
                    self.partner |= {a: i, i: a}
            elif (kind := self._kind(i)) is not None:
                self.places[i] = kind, len(open_fences)

    def lines(self, width: float, hanging: float, ways: Sequence[tuple[int, int]]) -> Iterator[str]:
        starts = [0]
        taken = 0.0
        pieces = self._pieces(0, len(self.signs), width - hanging, ways)
        for n, (a, b, inner) in enumerate(pieces):
            size = self._width(a, b)
            if n and (taken + size > width or inner and taken > width / 3):
                starts.append(a)
                taken = hanging
            taken += size
        for a, b in pairwise([*starts, len(self.signs)]):
            yield self._line(a, b)

    def _kind(self, i: int) -> int | None:
        sign, before, after = self.signs[i], self.signs[i - 1] if i else "", self.signs[i + 1] if i + 1 < len(self.signs) else ""
        if not i or sign.startswith((r" \quad", r"\; ")):
            return REASON if i else None
        if sign in (" + ", " - "):
            return SUM
        if len(sign) > 1 and sign[0] == " ":
            return None if sign == " = " else DOT
        if sign != " " or before.strip() in (r"\,", "-", "") or before.startswith(" ") or after.startswith((" ", r"\,")):
            return None
        if before[0] == "\\" and before[1:].isalpha() and before not in _BARS and not _is_letter(before):
            return None
        if after in ("(", r"\left") or before == ")":
            return FENCED
        return None if _APPLIED.search("".join(self.signs[max(i - 20, 0) : i])) else FACTOR

    def _pieces(self, a: int, b: int, width: float, ways: Sequence[tuple[int, int]]) -> list[tuple[int, int, bool]]:
        """The signs from `a` to `b` as pieces that fit, from the outermost operators in; and whether one begins what itself is broken."""
        if self._width(a, b) <= width:
            return [(a, b, False)]
        for k, (kind, depth) in enumerate(ways, 1):
            cuts = [i for i, (is_a, inside) in self.places.items() if a < i < b and is_a == kind and inside <= depth]
            if cuts:
                parts = [self._pieces(x, y, width, ways[k:]) for x, y in pairwise([a, *cuts, b])]
                return [(x, y, inner or not n and len(part) > 1) for part in parts for n, (x, y, inner) in enumerate(part)]
        return [(a, b, False)]

    def _width(self, a: int, b: int) -> float:
        return ems("".join(self.signs[a:b]))

    def _line(self, a: int, b: int) -> str:
        out: list[str] = []
        for i in range(a, b):
            sign = self.signs[i]
            other = self.partner.get(i)
            if other is not None and not a <= other < b:  # its partner stands in another line
                out[-1:] = [r"\biggl" if i < other else r"\biggr"]
            out.append(sign)
        if a in self.places:
            kind, first = self.places[a][0], out[0].strip()
            out[0] = r"\cdot " if not first else "" if first in (r"\quad", r"\;") else first + " " * (kind != REASON)
        return "".join(out).strip()


def _is_letter(command: str) -> bool:
    r"""Whether a command is a letter or a sign that a factor may end with, as \mu and \top are, not a name such as \log."""
    return command[1:] in GREEK or command in (r"\top", r"\infty", r"\ell") or command.startswith(r"\var")


def _narrowed(latex: str, width: float) -> str:
    """The formula with what a line cannot end in, and is wider than a line, written another way: fractions as products, roots as powers."""
    at = 0
    while found := _WHOLE.search(latex, at):
        at = found.end()
        first, end = _group(latex, at)
        second, end = _group(latex, end) if found[1] == "frac" else ("", end)
        if ems(latex[found.start() : end]) <= width or latex[: found.start()].count("{") != latex[: found.start()].count("}"):
            continue
        if found[1] == "sqrt":
            made = _fenced(first) + "^{1/2}"
        elif ems(second) > width:
            made = f"{_factor(first)} {_fenced(second)}^{{-1}}" if first != "1" else f"{_fenced(second)}^{{-1}}"
        else:
            made = rf"\frac{{1}}{{{second}}} {_factor(first)}"
        latex, at = latex[: found.start()] + made + latex[end:], found.start() + made.startswith(r"\frac{1}")
    return latex


def _group(latex: str, at: int) -> tuple[str, int]:
    """What stands in the braces that open at `at`, and where they end."""
    depth = 0
    for i in range(at, len(latex)):
        depth += (latex[i] == "{") - (latex[i] == "}")
        if not depth:
            return latex[at + 1 : i], i + 1
    return latex[at + 1 :], len(latex)


def _factor(latex: str) -> str:
    """As a factor of a product: in parentheses where it is a sum or begins with a sign."""
    parts = _Formula(latex)
    needs = latex.startswith("-") or any(kind in (SUM, DOT) and not depth for kind, depth in parts.places.values())
    return _fenced(latex) if needs else latex


def _fenced(latex: str) -> str:
    return rf"\left({latex}\right)" if r"\frac" in latex or r"\sum" in latex else f"({latex})"
