"""Derivatives on manifolds against numeric ones, along curves of the set that the variable is declared to lie in.

The gradient is told by two things: it is a tangent vector, and in the metric its product with the velocity of any curve is the change of
the function.  The Hessian is told by the gradient: its covariant change along the curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from matcalc.calculus.manifolds import Manifold, at
from matcalc.checking.derivatives import DIGITS, METHOD, RUNS, STEP, TINY, TRIES, Check, _difference, check_derivative
from matcalc.checking.exact import Point, values
from matcalc.checking.numbers import Matrix, Number, Undefined, apart, context, counting, magnitude, reals
from matcalc.checking.sampling import Deal, deals
from matcalc.expr import Expr, add, postorder, product, properties_of, scaled, variable

COUNT = 3
NOTHING = 15  # digits of a field that vanishes
Program = Callable[[Deal], str | None] | None
COMPLEX = frozenset({"complex"})


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
    part = "steepest" if any(n.complex for n in postorder(of, by)) else ""
    found = check_derivative(of, at(row.lowered, X=by, V=answer), by, seed=seed, also=(of, by, answer), program=program, part=part)
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


@counting(DIGITS)
def check_along(
    field: Expr,
    answer: Expr,
    by: Expr,
    along: Expr,
    row: Manifold | None,
    *,
    scale: Expr,
    also: tuple[Expr, ...] = (),
    seed: int = 0,
    program: Program = None,
) -> Check:
    """Whether `answer` is the covariant derivative of `field`, a gradient, along the tangent vector `along`; without a `row`, the change.

    `scale` is as large as what the field is made of, which tells a field that vanishes from rounding.
    """
    ctx, worst, told, ran, tried = context(DIGITS), Decimal(0), 0, 0, 0
    change = variable("change", by.shape, COMPLEX.intersection(properties_of(by)))
    claimed = change
    if row is not None:
        claimed = at(row.projection, X=by, W=at(row.connection, X=by, D=change, U=field, V=along))
    for deal in deals(by, *also, field, answer, seed=seed):
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
        v, change, k = along, variable("change", by.shape, COMPLEX.intersection(properties_of(by))), by.shape[1]
        inner = product([by.H, v])
        assert inner.shape == (k, k)
        out = [add([v, scaled(-1, product([by, inner]))]), add([change, scaled(-1, product([field, inner]))])]
        given[along.data[0]], given["change"] = values(out, replace(deal.point, values=given), DIGITS)
    wanted, found, scaling = values([claimed, answer, scale], replace(deal.point, values=given), DIGITS)
    size, still, whole = (
        magnitude((x for m in ms for r in m for x in r), ctx)
        for ms in ([wanted, found, given["change"]], [given[along.data[0]]], [scaling])
    )
    data = magnitude((x for m in deal.point.values.values() for r in m for x in r), ctx)  # of a field that vanishes everywhere
    size = max(size, max(whole, data) * still * ctx.ten_to(-NOTHING))
    return apart(found, wanted, ctx) / size if size and still else None
