"""The value at the stationary point of a quadratic function: f(0) + ⟨G(0), x⟩/2, and half of what the constraints give."""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr import Expr, add, scaled
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.solving.problem import Problem
from matcalc.solving.solver import Point
from matcalc.solving.terms import at_zero, coefficients, depends

HALF = Fraction(1, 2)


def of_quadratic(problem: Problem, point: Point) -> Expr | None:
    """f at the point, of a quadratic f of one unknown under affine constraints with known multipliers; None of another."""
    if len(problem.unknowns) != 1:
        return None
    (x,) = problem.unknowns
    g = problem.gradient[0]
    start, slope = at_zero(problem.f, x), at_zero(g, x)
    if start is None or slope is None or x not in point.values or coefficients(g, x) is None:
        return None
    parts = [start, scaled(HALF, call("inner", slope, point.values[x]))]
    for c in problem.constraints:
        held = at_zero(c.zero, x)
        if held is None or c.multiplier not in point.multipliers or coefficients(c.zero, x) is None or depends(held, x):
            return None
        parts.append(scaled(HALF, call("inner", point.multipliers[c.multiplier], held)))  # ⟨G(x), x⟩ = -⟨λ, C x⟩ = ⟨λ, c(0)⟩
    return simplify(add(parts))
