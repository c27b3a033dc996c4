"""Minima by a formula: of a quadratic by its linear equation, of others as solve has found them; each is checked at the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.minimizing.choosing import DENSE
from matcalc.minimizing.compiled import in_python
from matcalc.minimizing.feasible import Affine
from matcalc.minimizing.halving import apart
from matcalc.minimizing.newton import newton
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import DONE, LOST, Path, Tell, norm, projected
from matcalc.minimizing.products import truncated
from matcalc.minimizing.run import Run
from matcalc.minimizing.spaces import Layout
from matcalc.programs.sparse import is_chunked

Array = Any
NONE = "no closed form of this minimum is known"
FLAT = 1e-9  # of an eigenvalue that is zero, relative to the largest
EXACT = 1e-7  # of the gradient, relative to the value and to the gradient at the usual start


def by_equation(run: Run, objective: Objective, u: Array, known: Affine, tell: Tell | None) -> Path:
    """A quadratic, by its linear equation; a linear objective on bounds and constraints as a linear program."""
    if run.problem.is_linear and run.is_quadratic:
        path = _vertex(objective, u, known)
        run.is_global = path.converged or None
        return path
    if not run.is_quadratic or objective.bounded:
        raise UnsupportedError(NONE, hint="leave the method out")
    if objective.size > DENSE and not len(known.rows):
        return _by_structure(run, objective, u, tell)
    path = newton(objective, u, known.rows, known.values, constant=True, tol=run.asked.tol, most=10, tell=tell)
    run.is_global = path.converged or None
    return path


def _by_structure(run: Run, objective: Objective, u: Array, tell: Tell | None) -> Path:
    """A quadratic by the structured solve of its Hessian; where that has none, by its products."""
    f, g = objective.first(u)
    before = norm(g)
    try:
        h = run.problem.programs.operator({**run.data, **objective.layout.arrays(u)})
        for _ in range(3):
            u = u - h.solve(g)
            f, g = objective.first(u)
            if norm(g) <= run.asked.tol * 1e-3:
                break
        if np.isfinite(f) and norm(g) <= max(run.asked.tol, 1e-10 * before):
            if tell is not None:
                tell(1, f, norm(g), norm(u))
            run.is_global = run.problem.is_convex or None
            return Path(u, f, norm(g), 1, True, DONE)
    except (np.linalg.LinAlgError, MatcalcError):
        pass
    run.method = "trust"
    return truncated(objective, u, tol=run.asked.tol, most=run.asked.iterations("trust"), tell=tell)


def _vertex(objective: Objective, u: Array, known: Affine) -> Path:
    from scipy.optimize import linprog

    f, g = objective.first(u)
    lower = objective.lower
    bounds = [(None if low == -np.inf else low, None) for low in lower]
    found = linprog(g, A_eq=known.kept, b_eq=known.right, bounds=bounds, method="highs")
    if found.status != 0:
        why = LOST if found.status in (3, 4) else f"the linear program is not solved: {found.message}"
        return Path(u, f, norm(projected(g, u, lower, known.rows)), 0, False, why)
    at = known.restored(np.maximum(found.x, lower), lower)
    f, g = objective.first(at)
    costs = g - known.kept.T @ found.eqlin.marginals if len(known.rows) else g
    size = norm(projected(costs, at, lower, np.zeros((0, objective.size))))
    return Path(at, f, size, int(found.nit), True, "a vertex of a linear program")


# --- formulas -----------------------------------------------------------------------------------------------------


def by_formula(run: Run) -> bool:
    """Takes the formula of the minimum, where there is one that holds at the data."""
    found = run.problem.solution
    s, free = run.problem.statement, run.layout
    if found is None or any("rotation" in p for p in s.properties):  # whose formulas are those of orthogonal matrices
        return False
    if any(map(is_chunked, run.data.values())):  # whose sums are taken chunk by chunk; a formula factorises whole matrices
        return False
    try:
        values = found.compile("numpy")(**in_python({**run.sizes, **run.data}))
        values = (values,) if len(s.names) == 1 and not isinstance(values, tuple) else values
        u = free.free(apart(s.halves, dict(zip(s.names, values, strict=True))))
    except (MatcalcError, np.linalg.LinAlgError, ArithmeticError, ValueError, TypeError):
        return False
    if not np.isfinite(u).all() or np.any(u < free.lower):
        return False
    objective = Objective(run.problem.programs, free, run.data)
    is_global, looked = found.is_global and found.kind == "minimum", True
    kinked = is_global and found.point.rough  # as ‖x‖, which has no gradient at its minimum
    f, g = (objective.value(u), np.zeros(0)) if kinked else objective.first(u)
    size = 0.0 if kinked else _residual(run, free, u, g)
    if not np.isfinite(f) or size is None:
        return False
    if run.problem.is_smooth and not kinked:
        if size > max(run.asked.tol, EXACT * abs(f)):
            return False
        if not is_global:
            is_minimum = _is_minimum(run, objective, u)
            looked = is_minimum is not None
            if not (is_minimum or not looked and found.kind == "minimum"):
                return False
    elif not is_global:
        return False
    else:
        size = 0.0  # of a subgradient
    run.method, run.evaluations = "closed", objective.evaluations
    run.path = Path(u, f, size, 0, True, "a closed form")
    run.is_global = is_global or None
    if not looked:
        run.notes.append("that this is a minimum was seen at samples of the data; it is not proved")
    return True


def _residual(run: Run, free: Layout, u: Array, g: Array) -> float | None:
    """The largest entry of the gradient along the constraints; None where these do not hold."""
    s, programs = run.problem.statement, run.problem.programs
    if not s.constraints:
        return norm(free.projected(g, u))
    point = {**run.data, **free.arrays(u)}
    rest = np.concatenate([np.ravel(r) for r in programs("residuals", point)])
    if not norm(rest) <= 1e-9 * (1 + norm(u)):
        return None
    blocks, count = programs("constraint_blocks", point), len(free.parts)
    rows = np.concatenate([free.rows(blocks[i * count : (i + 1) * count]) for i in range(len(s.constraints))])
    return norm(g - rows.T @ np.linalg.lstsq(rows.T, g, rcond=None)[0])


def _is_minimum(run: Run, objective: Objective, u: Array) -> bool | None:
    """Whether the Hessian at a stationary point is positive definite; None where it is not formed."""
    if run.problem.statement.constraints or objective.size > DENSE:
        return None
    _, _, h = objective.whole(u)
    least, most = np.linalg.eigvalsh(h)[[0, -1]]
    factored = any(half.factored for half in run.problem.statement.halves)  # L L^H is the same with L turned
    return bool(least > (-FLAT * most if factored else 0))
