"""Derivatives on manifolds against numeric ones, along curves of the set that the variable is declared to lie in.

The gradient is told by two things: it is a tangent vector, and in the metric its product with the velocity of any curve is the change of
the function.  The Hessian is told by the gradient: its covariant change along the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from matcalc.calculus.manifolds import MANIFOLDS, Manifold, at
from matcalc.checking.complex_derivatives import METHOD as IN_FLOATS
from matcalc.checking.complex_derivatives import POINTS, TOLERANCE, compiled, direction, points
from matcalc.checking.complex_derivatives import STEP as H
from matcalc.checking.derivatives import DIGITS, METHOD, RUNS, STEP, TINY, TRIES, Check, _difference, check_derivative
from matcalc.checking.exact import Point, values
from matcalc.checking.numbers import Matrix, Number, Undefined, apart, context, counting, magnitude, reals
from matcalc.checking.sampling import Deal, deals
from matcalc.expr import Expr, add, product, scaled, transpose, variable

COUNT = 3
NOTHING = 15  # digits of a field that vanishes
Program = Callable[[Deal], str | None] | None
Values = Callable[..., Any]


@counting(DIGITS)
def check_gradient(of: Expr, answer: Expr, by: Expr, row: Manifold, *, seed: int = 0, program: Program = None) -> Check:
    """Whether `answer` is the gradient of `of` on the manifold.

    >>> from matcalc.calculus.manifolds import MANIFOLDS
    >>> from matcalc.expr import symbol
    >>> n = symbol("n")
    >>> x, a = variable("x", (n, 1), {"sphere"}), variable("a", (n, 1))
    >>> sphere = MANIFOLDS["sphere"]
    >>> check_gradient(a.T @ x, a - (a.T @ x) @ x, x, sphere).ok, check_gradient(a.T @ x, a, x, sphere).ok
    (True, False)
    """
    found = check_derivative(of, at(row.lowered, X=by, V=answer), by, seed=seed, also=(of, by, answer), program=program)
    if not found.ok:
        return found
    ctx, seen = context(DIGITS), 0
    for deal in deals(by, of, answer, seed=seed):
        try:
            size, *off = values([answer, *(at(text, X=by, V=answer) for text in row.tangency)], deal.point, DIGITS)
        except Undefined:
            continue
        whole, left = (magnitude((x for m in ms for r in m for x in r), ctx) for ms in ([size], off))
        if left > whole * TINY:
            return Check(False, float(left / whole), seen + 1, f"it is not tangent to `{row.name}`")
        seen += 1
        if seen == COUNT:
            break
    return found


def check_complex_gradient(of: Expr, answer: Expr, by: Expr, row: Manifold, *, seed: int = 0) -> Check:
    """Whether `answer` is the gradient of a real function of complex matrices: differences in floats along tangent vectors."""
    import numpy as np

    v = variable("V_", by.shape, {"complex"} if by.complex else set())
    there = {"lowered": at(row.lowered, X=by, V=answer), **{f"off{k}": at(text, X=by, V=answer) for k, text in enumerate(row.tangency)}}

    def error(run: Values, change: Any, moved: Any) -> float:
        said = np.real(np.sum(np.conj(run("lowered")) * moved))
        off = [float(np.abs(run(name)).max(initial=0)) for name in there if name.startswith("off")]
        return max(_relative(np.real(change), said), *off)

    return _along_lines(of, answer, by, v, row, there, error, seed)


def check_complex_along(field: Expr, answer: Expr, by: Expr, along: Expr, row: Manifold | None, *, seed: int = 0) -> Check:
    """Whether `answer` is the covariant derivative of `field` along `along`, where something is complex: differences in floats."""
    d = variable("D_", by.shape, {"complex"})
    claimed = d if row is None else at(row.projection, X=by, W=at(row.connection, X=by, D=d, U=field, V=along))

    def error(run: Values, change: Any, moved: Any) -> float:
        return _relative(run("claimed", D_=change), run("answer"))

    return _along_lines(field, answer, by, along, row, {"claimed": claimed, "answer": answer}, error, seed)


def _along_lines(
    of: Expr, answer: Expr, by: Expr, along: Expr, row: Manifold | None, there: Mapping[str, Expr], error: Callable[..., float], seed: int
) -> Check:
    """How far the expressions `there` are at some points from what differences of `of` say, along lines in tangent directions.

    A line touches the set, and differences that are even in the step see no more of it.
    """
    import numpy as np

    w = variable("W_", by.shape, {"complex"} if by.complex else set())
    roots = [of, answer, by, w, along, *there.values()]
    wanted = {"of": of, **there} | ({"moved": at(MANIFOLDS.get(row.name.split()[0], row).projection, X=by, W=w)} if row is not None else {})
    run = {name: compiled(e, *roots) for name, e in wanted.items()}
    worst, told = 0.0, 0
    for given, rng in points((*roots,), seed):
        here = given[by.data[0]]
        v = np.asarray(run["moved"](**given)) if row is not None else sum(direction(by, here, rng, i) for i in {False, by.complex})
        given[along.data[0]] = v
        f = [np.asarray(run["of"](**{**given, by.data[0]: here + k * H * v})) for k in (-2, -1, 1, 2)]
        change = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * H)
        off = error(lambda name, given=given, **more: np.asarray(run[name](**{**given, **more})), change, v)
        worst, told = max(worst, off), told + 1
        if told == POINTS or not worst <= TOLERANCE:
            break
    return Check(worst <= TOLERANCE, worst, told, IN_FLOATS)


def _relative(a: Any, b: Any) -> float:
    import numpy as np

    return float(np.abs(a - b).max(initial=0)) / max(1e-3, float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)))


@counting(DIGITS)
def check_along(
    field: Expr, answer: Expr, by: Expr, along: Expr, row: Manifold | None, *, scale: Expr, seed: int = 0, program: Program = None
) -> Check:
    """Whether `answer` is the covariant derivative of `field`, a gradient, along the tangent vector `along`; without a `row`, the change.

    `scale` is as large as what the field is made of, which tells a field that vanishes from rounding.
    """
    ctx, worst, told, ran, tried = context(DIGITS), context(DIGITS).real(0), 0, 0, 0
    change = variable("change", by.shape)
    claimed = change
    if row is not None:
        claimed = at(row.projection, X=by, W=at(row.connection, X=by, D=change, U=field, V=along))
    for deal in deals(by, field, answer, seed=seed):
        if told < COUNT:
            try:
                error = _apart(field, answer, claimed, by, along, row, scale, deal, ctx)
            except Undefined:
                continue
            if error is None:
                continue
            told, worst = told + 1, max(worst, error)
            if worst > TINY:
                break
        if program is not None and ran < RUNS and tried < TRIES:
            wrong = program(deal)
            tried, ran = tried + 1, ran + (wrong is not None)
            if wrong:
                return Check(False, float(worst), told, METHOD, wrong)
        if told >= COUNT and (program is None or ran >= RUNS or tried >= TRIES):
            break
    if not told:
        return Check(False, float("nan"), 0, "no point found where it is defined")
    return Check(bool(worst <= TINY), float(worst), told, f"{METHOD}{'; the program in floats' if ran else ''}")


@counting(DIGITS)
def _apart(
    field: Expr, answer: Expr, claimed: Expr, by: Expr, along: Expr, row: Manifold | None, scale: Expr, deal: Deal, ctx: Any
) -> Number | None:
    """How far the answer is from what the field does along the curve that was drawn; None where nothing moves."""
    name = by.data[0]

    def there(x: Matrix) -> Point:
        return replace(deal.point, values={**deal.point.values, name: x})

    ahead, behind = (deal.drawn[name].at(step) for step in (STEP, -STEP))
    velocity = _difference(ahead, behind, STEP)
    after, before = (values([field], there(x), DIGITS)[0] for x in (ahead, behind))
    moved = _difference(after, before, STEP)
    given = {**deal.point.values, along.data[0]: reals(velocity, ctx), "change": reals(moved, ctx)}
    if row is not None and row.spans:  # what moves within the span is no motion: there the field turns with the point
        v, change, k = variable(along.data[0], by.shape), variable("change", by.shape), by.shape[1]
        inner = product([transpose(by), v])
        assert inner.shape == (k, k)
        out = [add([v, scaled(-1, product([by, inner]))]), add([change, scaled(-1, product([field, inner]))])]
        given[along.data[0]], given["change"] = values(out, replace(deal.point, values=given), DIGITS)
    wanted, found, scaling = values([claimed, answer, scale], replace(deal.point, values=given), DIGITS)
    size, still, whole = (
        magnitude((x for m in ms for r in m for x in r), ctx)
        for ms in ([wanted, found, given["change"]], [given[along.data[0]]], [scaling])
    )
    size = max(size, whole * still * ctx.ten_to(-NOTHING))
    return apart(found, wanted, ctx) / size if size and still else None
