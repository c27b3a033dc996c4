"""Curved constraints by an augmented Lagrangian (Hestenes 1969, Powell 1969): a few fits of f + ⟨M, H⟩ + ρ/2 ‖H‖², M ← M + ρ H."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matcalc.minimizing import starting
from matcalc.minimizing.fitting import Problem, Run
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import norm
from matcalc.minimizing.spaces import Layout, layout
from matcalc.minimizing.statement import PENALTY, augmented, multiplier

Array = Any
ROUNDS = 40
KEPT = 1e-10  # how far from zero a residual may stay
FIRST, GROWTH, ENOUGH, LARGEST = 10.0, 10.0, 0.25, 1e8  # of the penalty


def augmented_lagrangian(
    problem: Problem,
    data: Mapping[str, Any],
    sizes: Mapping[str, int],
    start: Any,
    method: str | None,
    tol: float,
    most: int | None,
    progress: bool,
) -> Run:
    """The fit of a problem with curved constraints."""
    s = problem.statement
    inner = _inner(problem)
    inner.programs.sizes = problem.programs.sizes
    free = layout(s, sizes)
    places = [i for i, c in enumerate(s.constraints) if not c.affine]

    def residuals(u: Array) -> list[Array]:
        found = problem.programs.residuals()(**{**data, **free.arrays(u)})
        return [np.asarray(found[i], dtype=float) for i in places]

    ρ = FIRST
    shapes = [tuple(np.shape(r)) for r in residuals(starting.anywhere(free))]
    multipliers = [np.zeros(shape) for shape in shapes]
    at = starting.given(free, start)
    notes: tuple[str, ...] = ()
    if at is None:
        objective = Objective(inner.programs, free, {**data, **_as_data(multipliers), PENALTY: ρ})
        at, notes = starting.found(objective, start, False, lambda u: np.maximum(u, free.lower))
    iterations = evaluations = 0
    before = np.inf
    for _ in range(ROUNDS):
        run = Run(inner, {**data, **_as_data(multipliers), PENALTY: ρ}, sizes, method or "lbfgs", tol / 10, most, progress)
        run.go(free.arrays(at))
        at = run.path.u
        iterations, evaluations = iterations + run.path.iterations, evaluations + run.evaluations
        rest = residuals(at)
        far = max((norm(r) for r in rest), default=0.0)
        if not np.isfinite(run.path.value):
            break
        multipliers = [m + ρ * r for m, r in zip(multipliers, rest, strict=True)]
        if far <= KEPT:
            break
        if far > ENOUGH * before:
            ρ = min(ρ * GROWTH, LARGEST)
        before = far
    if far <= KEPT * 1e6:
        at = _onto(problem, free, data, at, places)
        far = max((norm(r) for r in residuals(at)), default=0.0)
    run.path.u = at
    run.layout, run.notes = free, [*notes, *run.notes]
    path = run.path
    value = float(problem.programs.value()(**{**data, **free.arrays(at)})[0])
    path.value, path.iterations, run.evaluations = value, iterations, evaluations
    kept = far <= max(KEPT, 1e-8 * tol)
    if not kept:
        path.converged = False
        path.message = f"the constraints are not met: the largest residual is {far:.1e}" + " (can they hold?)" * (far > 1e-3)
    elif path.gradient_norm <= tol:
        path.converged, path.message = True, "the gradient vanishes within the constraints"
    run.is_global = None
    return run


def _as_data(multipliers: list[Array]) -> dict[str, Any]:
    return {multiplier(i): m if m.ndim else float(m) for i, m in enumerate(multipliers)}


def _onto(problem: Problem, free: Layout, data: Mapping[str, Any], u: Array, places: list[int]) -> Array:
    """The point, moved onto the constraints by Gauss-Newton steps along the entries that are at no bound."""
    count = len(free.parts)
    for _ in range(3):
        point = {**data, **free.arrays(u)}
        found = problem.programs.residuals()(**point)
        blocks = problem.programs.constraint_blocks()(**point)
        rest = np.concatenate([np.asarray(r, dtype=float).reshape(np.shape(r) or (1,)).ravel(order="F") for r in found])
        rows = np.concatenate([free.rows(blocks[i * count : (i + 1) * count]) for i in range(len(found))])
        step = np.linalg.lstsq(rows * ~(u <= free.lower), rest, rcond=1e-10)[0]
        if not norm(step) <= 1e-2 * (1 + norm(u)):
            break
        u = np.maximum(u - step, free.lower)
    return u


def _inner(problem: Problem) -> Problem:
    made = problem.__dict__.get("_augmented")
    if made is None:
        made = problem.__dict__["_augmented"] = Problem(augmented(problem.statement), problem.target)
    return made
