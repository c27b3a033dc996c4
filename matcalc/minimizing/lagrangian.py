"""Curved constraints by an augmented Lagrangian (Hestenes 1969, Powell 1969): a few fits of f + ⟨M, H⟩ + ρ/2 ‖H‖², M ← M + ρ H."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from matcalc.minimizing import starting
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import DONE, norm
from matcalc.minimizing.run import Run
from matcalc.minimizing.statement import PENALTY, multiplier

Array = Any
ROUNDS = 40
KEPT = 1e-10  # how far from zero a residual may stay
FIRST, GROWTH, ENOUGH, LAST = 10.0, 10.0, 0.25, 1e8  # of the penalty


def augmented_lagrangian(run: Run, go: Callable[[Run], None]) -> None:
    """The fit of a problem with curved constraints."""
    problem, inner, free, asked = run.problem, run.problem.augmented, run.layout, run.asked
    inner.programs.sizes = problem.programs.sizes
    places = [i for i, c in enumerate(problem.statement.constraints) if not c.affine]
    ρ, multipliers = FIRST, [np.zeros(np.shape(r)) for r in _residuals(run, starting.anywhere(free), places)]
    u = starting.given(free, asked.start)
    notes: tuple[str, ...] = ()
    if u is None:
        objective = Objective(inner.programs, free, {**run.data, **_as_data(multipliers), PENALTY: ρ})
        u, notes = starting.found(objective, asked.start, False, lambda v: np.maximum(v, free.lower), objective.first)
    iterations, far, before = 0, np.inf, np.inf
    for _ in range(ROUNDS):
        data = {**run.data, **_as_data(multipliers), PENALTY: ρ}
        one = run.of(inner, data, replace(asked, start=free.arrays(u), method=asked.method or "lbfgs", tol=asked.tol / 10))
        go(one)
        u, run.method = free.free(one.layout.arrays(one.path.u)), one.method
        iterations, run.evaluations = iterations + one.path.iterations, run.evaluations + one.evaluations
        rest = _residuals(run, u, places)
        far = max(map(norm, map(np.ravel, rest)))
        multipliers = [m + ρ * r for m, r in zip(multipliers, rest, strict=True)]
        if far <= KEPT or not np.isfinite(far):
            break
        if far > ENOUGH * before:
            ρ = min(ρ * GROWTH, LAST)
        before = far
    if far <= KEPT * 1e6:
        u = _onto(run, u)
        far = max(map(norm, map(np.ravel, _residuals(run, u, places))))
    path = one.path
    path.u, path.iterations = u, iterations
    path.value = float(problem.programs("value", {**run.data, **free.arrays(u)})[0])
    if not far <= KEPT:
        path.converged = False
        path.message = f"the constraints are not met: the largest residual is {far:.1e}" + " (can they hold?)" * (not far <= 1e-3)
    elif path.gradient_norm <= asked.tol:
        path.converged, path.message = True, f"{DONE} within the constraints"
    run.path, run.notes = path, [*notes, *(n for n in one.notes if n not in notes)]


def _residuals(run: Run, u: Array, places: list[int]) -> list[Array]:
    found = run.problem.programs("residuals", {**run.data, **run.layout.arrays(u)})
    return [np.asarray(found[i], dtype=float) for i in places]


def _as_data(multipliers: list[Array]) -> dict[str, Any]:
    return {multiplier(i): m if m.ndim else float(m) for i, m in enumerate(multipliers)}


def _onto(run: Run, u: Array) -> Array:
    """The point, moved onto the constraints by Gauss-Newton steps along the entries that are at no bound."""
    free, programs = run.layout, run.problem.programs
    if free.is_curved:
        return u
    count = len(free.parts)
    for _ in range(3):
        point = {**run.data, **free.arrays(u)}
        found, blocks = programs("residuals", point), programs("constraint_blocks", point)
        rest = np.concatenate([np.asarray(r, dtype=float).reshape(np.shape(r) or (1,)).ravel(order="F") for r in found])
        rows = np.concatenate([free.rows(blocks[i * count : (i + 1) * count]) for i in range(len(found))])
        step = np.linalg.lstsq(rows * ~(u <= free.lower), rest, rcond=1e-10)[0]
        if not norm(step) <= 1e-2 * (1 + norm(u)):
            break
        u = np.maximum(u - step, free.lower)
    return u
