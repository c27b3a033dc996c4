"""Counterexamples that can be checked by hand: sizes 2 and 3, whole numbers where the domains allow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcalc.checking.comparing import MORE, Sample, value_at
from matcalc.checking.floats import as_float
from matcalc.checking.numbers import Matrix, Number, Undefined, apart, context, counting, is_exact, magnitude
from matcalc.checking.sampling import simple_deals
from matcalc.expr import Expr
from matcalc.limits import MOST_SHOWN

ENOUGH = 6  # points that differ, of which the simplest is shown
ROUNDING = 40  # digits below the largest entry, what is nothing of one that is computed
CLEAR = 100  # of the larger of two values, the part by which they differ at least in a good example


class Counterexample(dict[str, Any]):
    """The values of the variables, by name; with the two values there, and the entry (from 1) where they differ most."""

    def __init__(self, sample: Sample, words: Sequence[str] = ("the claim", "the derivative")) -> None:
        point = sample.deal.point
        super().__init__({name: _as_array(m) for name, m in point.values.items()})
        self.update(point.indices)
        self.sizes, self.functions, self.words = dict(point.sizes), dict(point.words), tuple(words)
        self.claimed, self.true = (_as_array(v.best, flat=False) for v in (sample.first, sample.second))
        self.entry = _furthest(sample)
        self._shown = {name: shown(m) for name, m in point.values.items()} | {name: str(k) for name, k in point.indices.items()}
        same_shape = sample.first.shape == sample.second.shape
        self._apart = float(apart(sample.first.best, sample.second.best, context(MORE))) if same_shape else float("inf")
        self._both = shown(sample.first.best), shown(sample.second.best)
        if self.entry is not None and len(sample.first.best) * len(sample.first.best[0]) > MOST_SHOWN:
            i, j = self.entry
            self.words = tuple(f"entry ({i}, {j}) of {word}" for word in words)
            self._both = _number(sample.first.best[i - 1][j - 1]), _number(sample.second.best[i - 1][j - 1])

    def __repr__(self) -> str:
        where = [*(f"{name}(z) = {f}" for name, f in self.functions.items()), *(f"{name} = {v}" for name, v in self._shown.items())]
        where += [f"{name} = {size}" for name, size in self.sizes.items() if not self._shown]
        place = f"at {', '.join(where)} " if where else ""
        told = f"{place}{self.words[0]} is {self._both[0]}, {self.words[1]} {self._both[1]}"
        return told if self._both[0] != self._both[1] else f"{told}; they differ by {self._apart:.1e}"


def counterexample(
    a: Expr, b: Expr, fallback: Sample | None = None, words: Sequence[str] = ("the claim", "the derivative")
) -> Counterexample | None:
    """A point where the two have different values, as simple as can be found.

    >>> from matcalc.expr import scaled, symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> found = counterexample(scaled(3, x), scaled(2, x))
    >>> len(found["x"]), found.entry
    (2, (1, 1))
    """
    found: list[Sample] = []
    for deal in simple_deals(a, b):
        try:
            sample = Sample(deal, *value_at(deal.point, a, b))
        except Undefined:
            continue
        if not sample.agree:
            found.append(sample)
        if len(found) >= (ENOUGH if sample.first.exact else ENOUGH // 2):
            break
    best = min(found, key=lambda s: (not _clear(s), _length(s.deal.point.values)), default=fallback)
    return None if best is None else Counterexample(best, words)


@counting(MORE)
def shown(m: Matrix) -> str:
    """A matrix in one line, fractions as fractions, other numbers with few digits.

    >>> from fractions import Fraction
    >>> shown([[1, 2], [Fraction(1, 2), -3]])
    '[1 2; 1/2 -3]'
    """
    ctx = context(MORE)
    least = magnitude((x for row in m for x in row), ctx) * ctx.ten_to(-ROUNDING)
    rows = [[_number(x if is_exact(x) or abs(x) > least else 0) for x in row] for row in m]
    if len(m[0]) == 1:
        return rows[0][0] if len(m) == 1 else f"({', '.join(x for (x,) in rows)})"
    return f"[{'; '.join(map(' '.join, rows))}]"


def _number(x: Number) -> str:
    if is_exact(x) and len(str(x)) <= 9:
        return str(x).replace(" ", "")
    return f"{as_float(x):.5g}".replace("j", "i")


def _as_array(m: Matrix, *, flat: bool = True) -> Any:
    """As programs take it: a matrix 2-D, a vector 1-D, a scalar as a number; lists where there is no NumPy."""
    rows = [[as_float(x) for x in row] for row in m]
    if flat and len(m) == len(m[0]) == 1:
        return rows[0][0]
    if flat and len(m[0]) == 1:
        rows = [row[0] for row in rows]  # type: ignore[misc]
    try:
        import numpy as np
    except ImportError:
        return rows
    return np.array(rows)


@counting(MORE)
def _clear(s: Sample) -> bool:
    if s.first.shape != s.second.shape:
        return True
    ctx = context(MORE)
    pairs = [(x, y) for r, t in zip(s.first.best, s.second.best, strict=True) for x, y in zip(r, t, strict=True)]
    return bool(apart(s.first.best, s.second.best, ctx) * CLEAR >= magnitude((z for pair in pairs for z in pair), ctx))


def _length(values: Mapping[str, Matrix]) -> int:
    """How much there is to write, most of it for what is broken."""
    return sum(len(str(x)) + 20 * (x.denominator > 9) + 5 * (x.denominator != 1) for m in values.values() for row in m for x in row)


def _furthest(s: Sample) -> tuple[int, int] | None:
    if s.first.shape != s.second.shape:
        return None
    a, b = s.first.best, s.second.best
    at = [(i, j) for i in range(len(a)) for j in range(len(a[0]))]
    ctx = context(MORE)
    i, j = max(at, key=lambda ij: apart([[a[ij[0]][ij[1]]]], [[b[ij[0]][ij[1]]]], ctx))
    return i + 1, j + 1
