"""Programs that compute a stationary point from the data, whatever its form is."""

from __future__ import annotations

from typing import Any

from matcalc.api.answer import known_target
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, substitute
from matcalc.programs.program import compile_program, program
from matcalc.simplification import simplify
from matcalc.solving import plans
from matcalc.solving.problem import Problem
from matcalc.solving.solver import Point

NAME = "solution"


def source(problem: Problem, point: Point, wanted: tuple[Expr, ...], target: str) -> str:
    """The source of a function of the data that returns the unknowns `wanted`: one as it is, several as a tuple."""
    known_target(target)
    doc = f"The stationary point {', '.join(x.data[0] for x in wanted)}."
    if point.plan is None:
        return program({x.data[0]: shown(problem, point.values[x], x) for x in wanted}, target, name=NAME, doc=doc)
    if target != "numpy":
        raise UnsupportedError(f"programs of eigenvectors and singular values are written for numpy, not for {target}")
    return plans.source(point.plan, problem.unknowns, wanted, NAME, doc)


def shown(problem: Problem, value: Expr, x: Expr) -> Expr:
    """A value in the variable that was asked for: Diag(d) of d."""
    return simplify(substitute(problem.meaning[x], {x: value})) if x in problem.meaning else value


def function(problem: Problem, point: Point, wanted: tuple[Expr, ...], target: str) -> Any:
    """That function, called by keyword."""
    given = [shown(problem, point.values[x], x) for x in wanted] if point.values else []
    return compile_program(source(problem, point, wanted, target), NAME, given)
