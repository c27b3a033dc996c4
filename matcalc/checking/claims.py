"""Two expressions for one thing: whether they are equal, nearly equal, or equal under a condition, and where they are not.

Equal is what simplifies to one expression; failing that, what has the same values at random points at which both are defined and
well conditioned.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import Values, concrete, points
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, Size, add, closure, scaled, substitute, variable, variables, zero
from matcalc.expr.dims import Dim
from matcalc.simplification import simplify

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TOLERANCE, LARGEST, POINTS = 1e-8, 1e6, 4
NUDGE, STEADY = 1e-10, 1e-6  # a point is well conditioned where values nudged by so much change the result by no more than that
HEAVIEST = 3000  # weight up to which a difference is simplified to see whether it is zero
CONDITIONS = ("symmetric", "diagonal", "orthogonal", "skew", "positive")
LARGEST_DENOMINATOR = 360


@dataclass(frozen=True)
class Sample:
    """The values of two expressions at one point."""

    values: Values
    sizes: dict[str, int]
    first: Array
    second: Array

    @property
    def agree(self) -> bool:
        return self.first.shape == self.second.shape and agree(self.first, self.second)


@dataclass(frozen=True)
class Comparison:
    """Whether two expressions are equal: proved by simplification, or at all of the samples."""

    proved: bool
    samples: tuple[Sample, ...] = field(default=())

    @property
    def equal(self) -> bool:
        return self.proved or (bool(self.samples) and all(s.agree for s in self.samples))


def compared(a: Expr, b: Expr, *, seed: int = 0) -> Comparison:
    """Compares two expressions of one shape.

    >>> from matcalc.expr import symbol
    >>> A, x = variable("A", (symbol("n"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> compared(add([A @ x, A.T @ x]), (A + A.T) @ x).proved, compared(A @ x, A.T @ x).equal
    (True, False)
    """
    if a is b:
        return Comparison(True)
    if a.shape == b.shape and a.weight + b.weight <= HEAVIEST:
        difference = simplify(add([simplify(a), scaled(-1, simplify(b))]))
        if difference is zero(a.shape):
            return Comparison(True)
    return Comparison(False, tuple(samples(a, b, seed=seed)))


def samples(a: Expr, b: Expr, *, seed: int = 0, count: int = POINTS) -> Iterator[Sample]:
    """The values of both at up to `count` random points at which both are defined."""
    for values, sizes in points(a, b, seed=seed):
        found = at(a, b, values, sizes)
        if found is not None:
            yield found
            count -= 1
            if not count:
                return


def at(a: Expr, b: Expr, values: Values, sizes: dict[str, int]) -> Sample | None:
    """The values of both at a point; None where they are not defined, huge, or no more than rounding errors."""
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            first, second = value(a, values, sizes), value(b, values, sizes)
            nudged = {name: _nudged(v) for name, v in values.items()}
            steady = [value(e, nudged, sizes) for e in (a, b)]
        except (np.linalg.LinAlgError, ValueError, ArithmeticError):
            return None
    for here, near in zip((first, second), steady, strict=True):
        size = np.abs(here).max(initial=0)
        if not (np.all(np.isfinite(here)) and np.all(np.isfinite(near))) or size > LARGEST:
            return None
        if np.abs(here - near).max(initial=0) > STEADY * max(1.0, size):
            return None
    return Sample(values, sizes, first, second)


def value(e: Expr, values: Values, sizes: dict[str, int]) -> Array:
    """The value of `e` as a matrix."""
    import numpy as np

    return np.asarray(evaluate(e, **{**sizes, **values})).reshape(concrete(e.shape, sizes))


def agree(a: Array, b: Array) -> bool:
    """Whether two arrays of one shape are equal but for rounding errors."""
    import numpy as np

    return bool(np.abs(a - b).max(initial=0) <= TOLERANCE * max(1.0, float(np.abs(b).max(initial=0))))


def _nudged(v: Any) -> Any:
    """A value moved a little; indices and functions stay."""
    import numpy as np

    if callable(v) or isinstance(v, int):
        return v
    by = 1 + NUDGE * np.cos(np.arange(np.size(v))).reshape(np.shape(v))
    return v * by if np.ndim(v) else float(v * by)


# --- nearly equal ------------------------------------------------------------------------------------------------


def factor(found: Iterable[Sample], *, turned: bool = False) -> Fraction | None:
    """The constant c with second = c · first (its transpose, if `turned`) at all samples, if there is one.

    >>> from matcalc.expr import symbol
    >>> x = variable("x", (symbol("n"), 1))
    >>> factor(samples(x, scaled(Fraction(1, 2), x)))
    Fraction(1, 2)
    """
    import numpy as np

    constant: Fraction | None = None
    for s in found:
        a, b = (s.first.T if turned else s.first), s.second
        if a.shape != b.shape or not np.any(a):
            return None
        ratio = float(np.sum(a * b) / np.sum(a * a))
        c = Fraction(ratio).limit_denominator(LARGEST_DENOMINATOR)
        if not c or (constant is not None and c != constant) or not agree(float(c) * a, b):
            return None
        constant = c
    return constant


def conditions(a: Expr, b: Expr) -> Iterator[tuple[str, str]]:
    """The (variable, property) that make the two equal, each declared alone; of one variable the weakest.

    A property of square matrices is tried where making the variable square changes nothing but names of sizes.
    """
    for v in variables(a, b):
        for name in CONDITIONS:
            if name in v.data[1]:
                continue
            pair = with_property(v, name, a, b)
            if pair is not None and compared(*pair).equal:
                yield v.data[0], name
                break


def with_property(v: Expr, name: str, *expressions: Expr) -> list[Expr] | None:
    """The expressions with the variable declared to have one more property; None where it cannot."""
    properties = frozenset(v.data[1]) | {name}
    if name == "positive":
        return [substitute(e, {v: variable(v.data[0], v.shape, closure(properties))}) for e in expressions]
    if 1 in v.shape or {"orthogonal", "skew"} & properties and {"symmetric", "diagonal", "lower", "upper"} & properties:
        return None
    sizes = same_size(*v.shape)
    if sizes is None:
        return None
    out = []
    try:
        for e in expressions:
            e = substitute(e, {}, sizes) if sizes else e
            square = next((u for u in variables(e) if u.data[0] == v.data[0]), None)
            made = None if square is None else variable(v.data[0], square.shape, closure(properties))
            out.append(e if square is None or made is None else substitute(e, {square: made}))
    except MatcalcError:
        return None
    return out


def same_size(m: Size, n: Size) -> Mapping[str, Size] | None:
    """What makes two sizes the same: one symbol renamed to the other; None where nothing does."""
    if m == n:
        return {}
    if isinstance(n, Dim) and n.name:
        return {n.name: m}
    return {m.name: n} if isinstance(m, Dim) and m.name else None
