"""The proof of a formula where there is no NumPy: what should be zero is, exactly or in 50 digits, at hard points."""

from __future__ import annotations

from matcalc.checking import comparing
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, substitute, zero
from matcalc.solving.problem import Problem
from matcalc.solving.proof import Proof
from matcalc.solving.solver import Point


def proved_exactly(problem: Problem, p: Point) -> Proof:
    """Puts the formulas into the stationarity equations and the constraints; says nothing of the kind.

    Raises UnsupportedError for what is no formula: eigenvectors and thresholds are computed, by NumPy.
    """
    if p.plan is not None or len(p.values) < len(problem.unknowns) or len(p.multipliers) < len(problem.constraints):
        raise UnsupportedError("the proof of this solution needs NumPy, which is not here", hint="pip install numpy; the command solves it")
    proof = Proof()
    given = {**p.values, **p.multipliers}
    for e in (*(e.left for e in problem.equations[: len(problem.unknowns)]), *(c.zero for c in problem.constraints)):
        left: Expr = substitute(e, given)
        found = comparing.compared(left, zero(left.shape))
        if not found.equal:
            proof.max_error = float("inf")
            return proof
        proof.points = max(proof.points, len(found.samples), 1)
    return proof
