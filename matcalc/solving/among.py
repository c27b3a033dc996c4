"""What a stationary point among all matrices is among the positive definite ones: of a covariance, a metric, a precision."""

from __future__ import annotations

from dataclasses import replace

from matcalc.expr import Expr, has, substitute, variable, variables
from matcalc.simplification import simplify
from matcalc.solving.problem import Problem
from matcalc.solving.solver import Point, checked

OPEN = {"symmetric", "invertible"}  # what may be declared of a matrix that may be positive definite or not


def among_definite(problem: Problem, point: Point) -> str | None:
    """The kind of a point among positive definite unknowns, with its condition on the data; None where that is not proved.

    It is asked of a point that is no minimum or maximum among all matrices, of unknowns that are declared no less than symmetric.
    """
    unknowns = [x for x in problem.unknowns if _is_open(x)]
    if not unknowns or problem.constraints or point.plan is not None or point.kind not in ("saddle", "stationary"):
        return None
    data = [v for v in variables(*(point.values[x] for x in unknowns)) if _is_open(v)]
    held = {v: variable(v.data[0], v.shape, {"spd"}) for v in (*unknowns, *data)}
    values = {held.get(x, x): simplify(substitute(v, held)) for x, v in point.values.items()}
    if not all(has(values[held[x]], "spd") for x in unknowns):
        return None
    meant = replace(
        problem,
        f=simplify(substitute(problem.f, held)),
        unknowns=tuple(held.get(x, x) for x in problem.unknowns),
        declared=tuple(held.get(x, x) for x in problem.declared),
    )
    found = checked(meant, Point("closed", values))
    if found is None or found.sampled or found.kind not in ("minimum", "maximum"):
        return None
    where = f" where {_listed(data)} {'is' if len(data) == 1 else 'are'} spd" if data else ""
    return f"{'global ' * found.is_global}{found.kind} among spd {_listed(unknowns)}{where}"


def _is_open(v: Expr) -> bool:
    return not v.is_scalar and not v.complex and v.shape[0] == v.shape[1] and set(v.data[1]) <= OPEN and 1 not in v.shape


def _listed(vs: list[Expr]) -> str:
    return " and ".join(filter(None, (", ".join(v.data[0] for v in vs[:-1]), vs[-1].data[0])))
