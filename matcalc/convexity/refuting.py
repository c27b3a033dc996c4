"""Two points between which a function is not convex, or not concave: sought along the directions of its worst curvature, verified exactly.

Simple numbers are tried first, at the smallest sizes.  A segment counts only where the function has a value all along it,
as far as the signs of what may not vanish show, and where its ends are what the variables are declared to be.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any

from matcalc.checking.complex_numbers import Complex
from matcalc.checking.evaluate import evaluate
from matcalc.checking.exact import Point, values
from matcalc.checking.floats import as_float
from matcalc.checking.linear import determinant, eigen
from matcalc.checking.members import belongs
from matcalc.checking.numbers import Matrix, Undefined, context, counting, has_arrays, is_complex, real
from matcalc.checking.sampling import LONG, Deal, concrete, dealt_at, kinds_of_labels, size_names
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, declared, name_of, postorder
from matcalc.expr import heads as H
from matcalc.expr.indices import outer, replaced
from matcalc.expr.properties import closure, directions, linear
from matcalc.limits import MOST_MOVING, MOST_VALUES

DEALS = 4  # that the values are shared between
COSTLY = 40  # times as much takes a value for each function of a matrix in it
EXACTLY = 25  # and an exact one
POINTS = 24  # data, and at each some places
STEP = 1e-3
BENDS = 1e-5  # a second difference that is no rounding
NOISE = 1e-8  # of a value, in a second difference
SURE = 10**6  # the gap of a counterexample, relative, is larger than one over this
REACH = (Fraction(1), Fraction(1, 2), Fraction(2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 100))
PLACES = tuple(Fraction(k) for k in ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "5", "1/10", "3/4", "-6"))
SIZES = ((1, 1, 1, 1), (2, 2, 2, 2), (2, 1, 2, 1), (1, 2, 1, 2), (2, 3, 2, 3), (3, 2, 3, 2))


@dataclass(frozen=True)
class Counterexample:
    """Two points x and y of the variables, at some data: f at the middle lies on the wrong side of the mean of its ends."""

    shows: str
    data: Mapping[str, Any]
    x: Mapping[str, Any]
    y: Mapping[str, Any]
    middle: float  # f there
    mean: float  # of f at x and at y

    def __repr__(self) -> str:
        at = "".join(f"{name} = {_shown(v)}, " for name, v in self.data.items())
        ends = " and ".join(", ".join(f"{name} = {_shown(v)}" for name, v in p.items()) for p in (self.x, self.y))
        word = "more" if self.shows == "not convex" else "less"
        found = f"f is {self.middle:.6g} in the middle, {word} than {self.mean:.6g}, the mean of the ends"
        return f"{self.shows}: {'at ' + at if at else ''}between {ends} {found}"


def counterexamples(f: Expr, by: Sequence[Expr], most: int = MOST_VALUES) -> list[Counterexample]:
    """One for each of "not convex" and "not concave" that is found with so many values of the function."""
    with warnings.catch_warnings():  # of SciPy, about values that are no good
        warnings.simplefilter("ignore")
        return list(_Search(f, by, most).found())


class _Search:
    def __init__(self, f: Expr, by: Sequence[Expr], most: int) -> None:
        self.f, self.nodes = f, postorder(f)
        self.by = [v for v in by if v in self.nodes]
        self.names = size_names(self.nodes)
        plain = [v for v in self.nodes if v.op is H.VARIABLE and v.is_scalar and v not in self.by and not declared(v)]
        self.weights = [name_of(v) for v in plain if v not in kinds_of_labels(self.nodes)]
        self.critical: dict[tuple[tuple[str, int], ...], dict[Expr, bool]] = {}
        self.left = most
        self.cost = 1 + COSTLY * sum(n.op.name.partition("_")[0] in LONG for n in self.nodes)

    def found(self) -> Iterator[Counterexample]:
        wanted = {"not convex": 1, "not concave": -1}
        share = self.left // DEALS
        for deal in self._deals():
            enough = self.left - share
            for place in self._places(deal):
                if not wanted or self.left < 0:
                    return
                if self.left < enough:
                    break
                for shows, sign in list(wanted.items()):
                    made = self._at(deal, place, shows, sign)
                    if made is not None:
                        del wanted[shows]
                        yield made

    def _deals(self) -> Iterator[Deal]:
        several = SIZES if self.names else SIZES[:1]
        for attempt in range(POINTS):
            row = several[attempt // 3 % len(several)]
            sizes = {name: row[i % len(row)] for i, name in enumerate(self.names)}
            deal = dealt_at(self.nodes, sizes, attempt)
            if deal is not None and self._entries(sizes) <= MOST_MOVING:
                yield deal if attempt % 2 == 0 else self._with_fractions(deal)
                if attempt % 3 == 2 and self.weights:
                    yield self._with_weights_below_zero(deal)

    def _with_weights_below_zero(self, deal: Deal) -> Deal:
        """The same where numbers of which nothing is declared are far below zero: λ‖x‖² may have to outweigh what is beside it."""
        below = {name: [[-10 * abs(k) for k in row] for row in deal.point.values[name]] for name in self.weights}
        return replace(deal, point=replace(deal.point, values={**deal.point.values, **below}))

    def _with_fractions(self, deal: Deal) -> Deal:
        """The same with 1/k for positive numbers k of the data, spd matrices divided by 10: a weight may have to be below one."""
        turned = {}
        for n in (n for n in self.nodes if n.op is H.VARIABLE and n not in self.by):
            m, said = deal.point.values[name_of(n)], closure(declared(n))
            if "positive" in said:
                turned[name_of(n)] = [[1 / Fraction(k) for k in row] for row in m]
            elif "spd" in said:
                turned[name_of(n)] = [[k * Fraction(1, 10) for k in row] for row in m]
        return replace(deal, point=replace(deal.point, values={**deal.point.values, **turned}))

    def _entries(self, sizes: dict[str, int]) -> int:
        return sum(r * c for r, c in (concrete(v.shape, sizes) for v in self.by))

    def _places(self, deal: Deal) -> Iterator[dict[str, Matrix]]:
        """Values of what moves: as dealt, one entry beside small ones, and multiples of what is dealt or of ones."""
        own = {name_of(v): deal.point.values[name_of(v)] for v in self.by}
        if not any(declared(v) for v in self.by):
            yield {name: [[0 for _ in row] for row in m] for name, m in own.items()}
        yield own
        if self._entries(dict(deal.point.sizes)) > 1:
            yield {name: [[Fraction(1, 10 if i or j else 1) for j in range(len(m[0]))] for i in range(len(m))] for name, m in own.items()}
        plain = not any(linear(declared(v)) for v in self.by)
        for k in PLACES:
            if self._entries(dict(deal.point.sizes)) == 1:
                yield {name: [[k]] for name in own}
            elif k not in (1,):
                yield {name: [[k * x for x in row] for row in m] for name, m in own.items()}
                if plain and k in (0, 1):
                    yield {name: [[k for _ in row] for row in m] for name, m in own.items()}

    def _at(self, deal: Deal, place: dict[str, Matrix], shows: str, sign: int) -> Counterexample | None:
        if not all(belongs(place[name_of(v)], closure(declared(v))) for v in self.by if declared(v)):
            return None
        basis = [b for v in self.by for b in _basis(v, place)]
        if not basis:
            return None
        key = (id(deal), repr(place))
        if getattr(self, "_last", (None, None))[0] != key:
            self._last = (key, self._curvature(deal, place, basis))
        if self._last[1] is None:
            return None
        h, size = self._last[1]
        w, u = _spectrum(h)
        worst, direction = (w[0], [row[0] for row in u]) if sign == 1 else (-w[-1], [row[-1] for row in u])
        if not worst < -BENDS * (1 + max(abs(x) for row in h for x in row)) - NOISE * size:
            return None
        for d in _rounded(direction):
            for reach in REACH:
                made = self._verified(deal, place, basis, d, reach, shows, sign)
                if made is not None:
                    return made
        return None

    def _value(self, deal: Deal, place: Mapping[str, Matrix]) -> float:
        """The function there.  Raises Undefined at a singular matrix, and what else keeps it from having a value."""
        self.left -= self.cost
        given = {name: [[as_float(x) for x in row] for row in m] for name, m in {**deal.point.values, **place}.items()}
        if not has_arrays():
            point = Point({**deal.point.values, **place}, deal.point.sizes, deal.point.indices, deal.point.functions)
            return float(real(values([self.f], point)[0][0][0], context(30)))
        try:
            return float(evaluate(self.f, **{**deal.point.sizes, **deal.point.indices, **given}).real)
        except Exception as e:
            if type(e).__name__ == "LinAlgError":  # NumPy's, which is not imported where nothing needs it
                raise Undefined("regular") from None
            raise

    def _curvature(
        self, deal: Deal, place: dict[str, Matrix], basis: Sequence[dict[str, Matrix]]
    ) -> tuple[list[list[float]], float] | None:
        """Second differences in the directions of the basis, and the largest value there; None where they are not numbers."""
        n, step = len(basis), STEP if not any(v.complex for v in self.by) else Fraction(1, round(1 / STEP))
        try:
            f0 = self._value(deal, place)
            ahead = [self._value(deal, _moved(place, [(step, b)])) for b in basis]
            back = [self._value(deal, _moved(place, [(-step, b)])) for b in basis]
            h = [[0.0] * n for _ in range(n)]
            for i in range(n):
                h[i][i] = (ahead[i] + back[i] - 2 * f0) / STEP**2
                for j in range(i):
                    both = self._value(deal, _moved(place, [(step, basis[i]), (step, basis[j])]))
                    none = self._value(deal, _moved(place, [(-step, basis[i]), (-step, basis[j])]))
                    h[i][j] = h[j][i] = (both + none - ahead[i] - back[i] - ahead[j] - back[j] + 2 * f0) / (2 * STEP**2)
        except (MatcalcError, ArithmeticError, ValueError, Undefined):
            return None
        return (h, max(map(abs, (f0, *ahead, *back)))) if all(isfinite(x) for row in h for x in row) else None

    @counting(50)
    def _verified(
        self,
        deal: Deal,
        place: dict[str, Matrix],
        basis: Sequence[dict[str, Matrix]],
        d: Sequence[Fraction],
        reach: Fraction,
        shows: str,
        sign: int,
    ) -> Counterexample | None:
        steps = [(c * reach, b) for c, b in zip(d, basis, strict=True) if c]
        x, y = _moved(place, [(-c, b) for c, b in steps]), _moved(place, steps)
        try:
            rough = [self._value(deal, p) for p in (x, place, y)]
        except (MatcalcError, ArithmeticError, ValueError, Undefined):
            return None
        if not sign * (rough[1] - (rough[0] + rough[2]) / 2) > (1 + abs(rough[0] + rough[2])) / SURE:
            return None
        if not all(belongs(p[name_of(v)], closure(declared(v))) for v in self.by if declared(v) for p in (x, y)):
            return None
        halves = [_moved(place, [(c * k / 8, b) for c, b in steps]) for k in (-6, -4, -2, 2, 4, 6)]
        try:
            ends = [self._exact(deal, p) for p in (x, place, y)]
            if any(self.critical.values()) and len({signs for _, signs in [*ends, *(self._exact(deal, p) for p in halves)]}) != 1:
                return None
        except (Undefined, MatcalcError, ZeroDivisionError):
            return None
        fx, fm, fy = (real(v, context(50)) for v, _ in ends)
        mean = (fx + fy) / 2
        if not sign * (fm - mean) * SURE > 1 + abs(mean):
            return None
        moving = {name_of(v) for v in self.by}
        given = [v for v in self.nodes if v.op in (H.VARIABLE, H.FAMILY) and v.data[0] not in moving]
        counts = {v: [deal.point.size(n) for n in v.data[2]] if v.op is H.FAMILY else [] for v in given}
        data = {v.data[0]: _plain(deal.point.values[v.data[0]], v, counts[v]) for v in given}
        at = [{name_of(v): _plain(p[name_of(v)], v) for v in self.by} for p in (x, y)]
        return Counterexample(shows, data, at[0], at[1], float(fm), float(mean))

    def _exact(self, deal: Deal, place: Mapping[str, Matrix]) -> tuple[Any, tuple[int, ...]]:
        """The value, and the signs of what may not change its sign."""
        self.left -= EXACTLY
        point = Point({**deal.point.values, **place}, deal.point.sizes, deal.point.indices, deal.point.functions)
        sizes = tuple(point.sizes.items())
        if sizes not in self.critical:
            self.critical[sizes] = _critical(self.f, point)
        found = values([self.f, *self.critical[sizes]], point)
        signs = []
        for m, by_determinant in zip(found[1:], self.critical[sizes].values(), strict=True):
            if by_determinant:
                d = determinant(m, None)
                signs.append(_sign(d) if not is_complex(d) else 1)
            else:
                signs += [_sign(x) for row in m for x in row if not is_complex(x)]
        return found[0][0][0], tuple(signs)


def _spectrum(h: list[list[float]]) -> tuple[Sequence[float], Sequence[Sequence[float]]]:
    """Eigenvalues, the smallest first, and eigenvectors as columns; by NumPy where it is."""
    if not has_arrays():
        with context(20)():
            values_, vectors = eigen(h, context(20))
        return [float(x) for x in values_], [[float(x) for x in row] for row in vectors]
    import numpy as np

    w, u = np.linalg.eigh(h)
    return list(w), list(u)


def _critical(f: Expr, point: Point) -> dict[Expr, bool]:
    """The parts that may not vanish, and whether their determinants: bases of negative powers, what is inverted, what a logarithm is of.

    Those within a sum stand there at each of its indices.
    """
    out: dict[Expr, bool] = {}
    for n in outer(f):
        if n.op is H.SIGMA:
            for i in range(1, point.size(n.data[1]) + 1):
                out |= _critical(replaced(n.args[0], H.unit(i, n.data[1])), point)
        negative = n.op in (H.POWER, H.HPOWER) and (n.args[1].op is not H.NUMBER or n.args[1].data < 0) or n.op is H.MATPOWER and n.data < 0
        if (negative or n.op.name in ("log", "logdet", "tan")) and n.args[0].op is not H.NUMBER:
            out[n.args[0]] = out.get(n.args[0], False) or n.op is H.MATPOWER or n.op.name == "logdet"
    return out


def _sign(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def _basis(v: Expr, place: Mapping[str, Matrix]) -> Iterator[dict[str, Matrix]]:
    """Directions in which a variable moves: the entries, or what of them is in its linear space."""
    rows, columns = len(place[name_of(v)]), len(place[name_of(v)][0])
    if v.complex:
        yield from _complex_basis(v, rows, columns)
        return
    for entries in directions(linear(declared(v)) if not v.is_scalar else (), rows, columns):
        m: Matrix = [[0] * columns for _ in range(rows)]
        for i, j, c in entries:
            m[i][j] = c
        yield {name_of(v): m}


def _complex_basis(v: Expr, rows: int, columns: int) -> Iterator[dict[str, Matrix]]:
    """The same of a complex variable: real entries, and imaginary ones, which are skew in a Hermitian matrix."""
    kept = set(linear(declared(v))) if not v.is_scalar else set()
    hermitian = "hermitian" in closure(declared(v)) and not v.is_scalar
    for unit, words in ((1, {"symmetric"} if hermitian else kept), (Complex(0, 1), {"skew"} if hermitian else kept)):
        for entries in directions(words, rows, columns):
            m: Matrix = [[0] * columns for _ in range(rows)]
            for i, j, c in entries:
                m[i][j] = c * unit
            yield {name_of(v): m}


def _moved(place: Mapping[str, Matrix], steps: Sequence[tuple[Any, Mapping[str, Matrix]]]) -> dict[str, Matrix]:
    out = {name: [list(row) for row in m] for name, m in place.items()}
    for c, b in steps:
        for name, m in b.items():
            for i, row in enumerate(m):
                for j, x in enumerate(row):
                    if x:
                        out[name][i][j] += c * x
    return out


def _rounded(direction: Any) -> Iterator[list[Fraction]]:
    """The direction in rounder and rounder numbers, the roundest first."""
    top = max(map(abs, direction))
    seen = []
    for parts in (1, 2, 4, 20):
        d = [Fraction(round(float(x / top) * parts), parts) for x in direction]
        if any(d) and d not in seen:
            seen.append(d)
            yield d


def _plain(m: Matrix, v: Expr, counts: Sequence[int] = ()) -> Any:
    """A value as a person writes it: numbers and lists of numbers; of `counts` members, one below the other, a list of lists."""
    if counts:
        rows_of_one = len(m) // counts[0]
        return [_plain(m[k : k + rows_of_one], v, counts[1:]) for k in range(0, len(m), rows_of_one)]
    rows = [[as_float(x) if is_complex(x) else int(x) if x == int(x) else float(x) for x in row] for row in m]
    return rows[0][0] if v.is_scalar else [row[0] for row in rows] if v.shape[1] == 1 else rows


def _shown(v: Any) -> str:
    if not isinstance(v, list):
        return _one(v)
    if v and isinstance(v[0], list):
        if v[0] and isinstance(v[0][0], list):
            return "[" + ", ".join(map(_shown, v)) + "]"
        return "[" + "; ".join(" ".join(map(_one, row)) for row in v) + "]"
    return "[" + " ".join(map(_one, v)) + "]"


def _one(x: Any) -> str:
    return f"{x:g}".replace("j", "i")
