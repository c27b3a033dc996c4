"""The numeric check: a derivative against finite differences of the expression, at random points.

Along each direction of the space the variable lives in (the symmetric matrices, if it is declared symmetric) the
expression is differentiated by the complex step where all its operators are analytic (Squire & Trapp 1998), else by
central differences, extrapolated with an error estimate (Ridders 1982).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import Values, concrete, points
from matcalc.expr import (
    HADAMARD,
    HPOWER,
    IDENTITY,
    MATPOWER,
    NUMBER,
    ONES,
    POWER,
    PRODUCT,
    SIZE,
    SUM,
    TRANSPOSE,
    UNIT,
    VARIABLE,
    ZERO,
    Expr,
    postorder,
)

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TOLERANCE = {"complex step": 1e-9, "central differences": 1e-6}
TINY = 1e-12  # a derivative of less is zero, and agrees with anything that vanishes there: the point tells nothing
LARGEST = 1e6  # a derivative of more is taken for a point next to a singularity
MOST_DIRECTIONS = 16
STEP, SHRINK, LEVELS, ENOUGH = 0.02, 1.6, 8, 1e-10

# Operators whose programs are analytic in complex arguments.
_HEADS = {HADAMARD, HPOWER, IDENTITY, MATPOWER, NUMBER, ONES, POWER, PRODUCT, SIZE, SUM, TRANSPOSE, UNIT, VARIABLE, ZERO}
_REGULAR = {"det", "logdet", "adj", "sqrtm", "logm"}
_ANALYTIC = {
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "exp", "log", "det", "tr", "diag", "diagonal", "vec", "unvec", "kron",
    "commutation", "prod", "pi", "expm",
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """Whether a derivative agrees with numeric ones: the largest relative error, at how many points, by which method."""

    ok: bool
    max_error: float
    points: int
    method: str

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        if not self.points:
            return f"not checked: {self.method}"
        verdict = "agrees" if self.ok else "DISAGREES"
        return f"{verdict}: largest relative error {self.max_error:.1e} at {self.points} points ({self.method})"


def check_derivative(of: Expr, answer: Expr, by: Expr, index: tuple[Any, ...] | None = None, *, seed: int = 0, count: int = 3) -> Check:
    """Compares `answer`, the derivative of `of` by (the slice `index` of) `by`, with numeric derivatives at `count` points.

    A Hessian is checked as the Jacobian of the gradient.

    >>> from matcalc.expr import product, scaled, symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> check_derivative(product([x.T, x]), scaled(2, x), x).ok, check_derivative(product([x.T, x]), x, x).ok
    (True, False)
    """
    import numpy as np

    analytic = all(e.op in _HEADS or e.op.name in _ANALYTIC or e.op.abstract for e in postorder(of))
    worst, used, idle, method = 0.0, 0, 0, "complex step" if analytic else "central differences"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for values, sizes in points(of, answer, by, seed=seed):
            try:
                if not regular(values, sizes, of):
                    continue
                error, how, told = _at(of, answer, by, index, values, sizes, analytic)
            except (np.linalg.LinAlgError, ValueError, ArithmeticError):
                continue  # outside of the domain
            if how:
                used, idle = used + told, idle + (not told)
                method = how if method != "central differences" else method
                worst = max(worst, error)
            if used == count:
                break
    used = used or idle
    if not used:
        return Check(False, float("nan"), 0, "no point found where it is defined")
    return Check(worst <= TOLERANCE[method], worst, used, method)


def _at(
    of: Expr, answer: Expr, by: Expr, index: tuple[Any, ...] | None, values: Values, sizes: dict[str, int], analytic: bool
) -> tuple[float, str, bool]:
    """The relative error at one point, the method that found it (none where the point is no good), and whether anything is not zero."""
    import numpy as np

    shape = concrete(by.shape, sizes)
    claimed = _array(answer, values, sizes)
    if not np.all(np.isfinite(claimed)) or np.abs(claimed).max(initial=0) > LARGEST:
        return 0.0, "", False
    start = np.asarray(values[by.data[0]], dtype=float).reshape(shape)

    def value(x: Array) -> Array:
        return _array(of, {**values, by.data[0]: _like(values[by.data[0]], x)}, sizes)

    base = value(start)
    place = _entries_of(index, shape, values)
    rng = np.random.default_rng(len(sizes))
    directions = list(_directions(shape, set(by.data[1]), place))
    if len(directions) > MOST_DIRECTIONS:
        directions = [directions[k] for k in sorted(rng.choice(len(directions), MOST_DIRECTIONS, replace=False))]
    worst, largest, method = 0.0, 0.0, "complex step"
    for direction in directions:
        curve = _curve(start, direction, set(by.data[1]))
        expected = _applied(claimed, direction, place, base.shape)
        largest = max(largest, float(np.abs(expected).max(initial=0)))
        scale = max(1.0, float(np.abs(claimed).max(initial=0)), float(np.abs(expected).max(initial=0)))
        if analytic:
            found = np.imag(value(curve(1e-30j))) / 1e-30
            error = float(np.abs(found - expected).max(initial=0)) / scale
            if error <= TOLERANCE["complex step"]:
                worst = max(worst, error)
                continue
        found, doubt = _ridders(lambda h, curve=curve: value(curve(h)))  # type: ignore[misc]
        if not np.all(np.isfinite(found)) or doubt > TOLERANCE["central differences"] / 4 * scale:
            return 0.0, "", False
        method = "central differences"
        worst = max(worst, float(np.abs(found - expected).max(initial=0)) / scale)
    return worst, method, bool(largest > TINY)


def regular(values: Values, sizes: dict[str, int], *roots: Expr) -> bool:
    """Whether what is inverted has an inverse at this point, and what has a root or a logarithm is no singular matrix.

    X'X has none where X is wide, which a numeric inverse does not say.
    """
    import numpy as np

    for e in postorder(*roots):
        if e.op is MATPOWER and e.data < 0 or e.op.name in _REGULAR:
            a = _array(e.args[0], values, sizes)
            if not np.all(np.isfinite(a)) or np.linalg.cond(a) > LARGEST:
                return False
    return True


def _array(e: Expr, values: Values, sizes: dict[str, int]) -> Array:
    import numpy as np

    return np.asarray(evaluate(e, **{**sizes, **values})).reshape(concrete(e.shape, sizes))


def _like(pattern: Any, x: Array) -> Any:
    import numpy as np

    return x.reshape(np.shape(pattern)) if np.ndim(pattern) else x[0, 0]


def _entries_of(index: tuple[Any, ...] | None, shape: tuple[int, int], values: Values) -> Array | None:
    """The entries a slice names, as a mask; None for all of them."""
    import numpy as np

    if index is None:
        return None
    if len(index) == 1:
        index = (index[0], slice(None)) if shape[1] == 1 else (slice(None), index[0])
    at = tuple(i if isinstance(i, slice) else (values.get(i, 1) if isinstance(i, str) else i) - 1 for i in index)
    mask = np.zeros(shape, dtype=bool)
    mask[at] = True
    return mask


def _directions(shape: tuple[int, int], properties: set[str], place: Array | None) -> Iterator[Array]:
    """A basis of the directions in which the variable can move."""
    import numpy as np

    rows, columns = shape
    for j in range(columns):
        for i in range(rows):
            if place is not None and not place[i, j]:
                continue
            e = np.zeros(shape)
            e[i, j] = 1
            if rows == columns > 1:
                if "diagonal" in properties and i != j or "lower" in properties and i < j or "upper" in properties and i > j:
                    continue
                turns = bool(properties & {"skew", "orthogonal"})
                if "symmetric" in properties and i < j or turns and i <= j:
                    continue
                if i != j and (turns or "symmetric" in properties):
                    e[j, i] = -1 if turns else 1
            yield e


def _curve(start: Array, direction: Array, properties: set[str]) -> Callable[[complex], Array]:
    """A curve through the point in that direction; through an orthogonal Q it is Q exp(tΩ), exp(-tΩ) Q exp(tΩ) if that is symmetric."""
    if "orthogonal" in properties:
        from scipy.linalg import expm

        turn = direction.copy()
        if "symmetric" in properties:
            direction[...] = start @ turn - turn @ start
            return lambda t: expm(-t * turn) @ start @ expm(t * turn)
        direction[...] = start @ turn
        return lambda t: start @ expm(t * turn)
    return lambda t: start + t * direction


def _applied(claimed: Array, direction: Array, place: Array | None, shape: tuple[int, ...]) -> Array:
    """What the claimed derivative makes of a direction, in the shape of the value."""
    import numpy as np

    moved = (direction if place is None else direction.T[place.T]).reshape(-1, order="F")  # vec of the slice
    if shape == (1, 1):  # a gradient, or a row of a Hessian
        return np.asarray([[claimed.reshape(-1, order="F") @ moved]])
    if moved.size == 1:
        return np.asarray(claimed * moved.item()).reshape(shape, order="F")
    return np.asarray(claimed @ moved).reshape(shape, order="F")


def _ridders(f: Callable[[float], Array]) -> tuple[Array, float]:
    """The derivative of f at 0 by extrapolated central differences, and how far it may be off."""
    import numpy as np

    h, doubt = STEP, float("inf")
    best: Array | None = None
    previous: list[Array] = []
    for _ in range(LEVELS):
        row = [np.real(f(h) - f(-h)) / (2 * h)]
        factor = SHRINK**2
        for old in previous:
            row.append((row[-1] * factor - old) / (factor - 1))
            factor *= SHRINK**2
            error = float(max(np.abs(row[-1] - row[-2]).max(initial=0), np.abs(row[-1] - old).max(initial=0)))
            if error <= doubt:
                doubt, best = error, row[-1]
        if doubt <= ENOUGH * max(1.0, float(np.abs(row[-1]).max(initial=0))):
            break
        previous = row
        h /= SHRINK
    return (best if best is not None else row[0]), doubt


def differing_point(a: Expr, b: Expr, *, seed: int = 0, count: int = 3) -> tuple[Values | None, int]:
    """A point where two expressions have different values, if there is one among `count`, and how many were tried."""
    import numpy as np

    used = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for values, sizes in points(a, b, seed=seed):
            try:
                if not regular(values, sizes, a, b):
                    continue
                x, y = _array(a, values, sizes), _array(b, values, sizes)
            except (np.linalg.LinAlgError, ValueError, ArithmeticError):
                continue
            scale = max(1.0, float(np.abs(x).max(initial=0)))
            if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))) or scale > LARGEST:
                continue
            used += 1
            if np.abs(x - y).max(initial=0) > 1e-8 * scale:
                return values, used
            if used == count:
                break
    return None, used
