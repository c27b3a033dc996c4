"""Newton's method with the dense Hessian: each step is the minimum of the quadratic model on bounds and affine constraints."""

from __future__ import annotations

from typing import Any

from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import (
    DONE,
    ESCAPES,
    EXCESS,
    EXHAUSTED,
    LAST_STEP,
    LOST,
    ROUNDING,
    STUCK,
    Path,
    Tell,
    backtracked,
    ended,
    escapes,
    inner,
    largest,
    lost,
    norm,
    projected,
)
from matcalc.minimizing.quadratic import Model, Unbounded, bounded_step, definite, is_psd

Array = Any
LAST = 1e-6  # the decrease that a last step promises, relative to the value
LOSES = 1e-3  # of the value at the start: what is smaller at the minimum is evaluated there, as a difference has lost its digits
SMALLEST = 1e-12  # a step, relative to the point, after which a gradient that has not become smaller does not vanish
REFINEMENTS = 4  # steps with one Hessian, where it is the same everywhere


def newton(objective: Objective, u: Array, rows: Array, values: Array, *, constant: bool, tol: float, most: int, tell: Tell | None) -> Path:
    """Descends from u, subject to rows u = values (orthonormal rows) and the bounds of the objective.

    Where the Hessian is `constant` it is evaluated and factorised once, and the first step is the solution.
    """
    f, g, h = objective.whole(u)
    if not constant:
        return _steps(objective, u, (f, g, h), rows, values, constant, tol, most, tell)
    usable = definite(h) if objective.bounded else h
    path = _steps(objective, u, (f, g, usable), rows, values, constant, tol, most, tell)
    path.is_convex = (usable is h if objective.bounded else path.converged) or None
    return path


def _steps(
    objective: Objective,
    u: Array,
    known: tuple[float, Array, Array],
    rows: Array,
    values: Array,
    constant: bool,
    tol: float,
    most: int,
    tell: Tell | None,
) -> Path:
    """The steps from u, where value, gradient and Hessian are `known`."""
    lower, bounded = objective.lower, objective.bounded
    f, g, h = known
    start, model, kept, wider = f, None, False, 0.0
    held = bounded or len(rows) > 0

    def measured() -> float:
        return norm(projected(g, u, lower, rows)) if held else largest(g)

    for iteration in range(most + 1):
        size = measured()
        rest = values - rows @ u if len(rows) else values
        try:
            if bounded:
                p = bounded_step(h if constant else definite(h), g, u, lower, rows, rest)
            else:
                if model is None or not (constant or kept):
                    model = Model(h, rows, constant)
                p = model.step(g, rest)
        except Unbounded:
            return Path(u, f, size, iteration, False, LOST)
        slope = inner(g, p)
        feasible = not len(rows) or norm(rest) <= 1e-12 * (1 + norm(values))
        if feasible and size <= tol:
            away = None if model is None or constant else model.downhill()
            if away is not None and model is not None and model.lowest < -1e-6 * max(1.0, model.top):
                p = away * (1e-2 * (1 + norm(u)))  # a saddle
                slope = float(g @ p)
                if slope > 0:
                    p, slope = -p, -slope
            elif largest(p) <= LAST_STEP * (1 + largest(u)) and -slope <= 2 * EXCESS * max(1.0, abs(f)) or constant:
                return Path(u, f, size, iteration, True, DONE + " within the constraints" * held)
            elif norm(p) > LAST_STEP * (1 + norm(u)) and escapes(objective.value, u, p, f + slope / 2 - 1e-14 * (1 + abs(f)), lower):
                return Path(u, f, size, iteration, False, ESCAPES)
            elif abs(slope) <= 1e-12 * (1 + abs(f)):
                return Path(u, f, size, iteration, True, DONE)
        if feasible and 0 <= -slope <= ROUNDING * max(1.0, abs(f)) or constant and iteration >= REFINEMENTS:
            sure = is_psd(h) if bounded else model is not None and model.is_definite  # then Newton's decrement says how far it is
            good = sure or size <= 1e-5 * max(1.0, abs(f), norm(g))
            return Path(u, f, size, iteration, good, EXHAUSTED)
        if iteration == most:
            break
        if constant and not bounded:
            u, at = u + p, f + slope / 2  # where H p = −g
            if iteration == 0 and model is not None and model.is_sure and at >= LOSES * abs(f):
                f, g = at, g + h @ p
                if (size := norm(g)) <= tol:
                    if tell is not None:
                        tell(1, f, size, norm(p))
                    return Path(u, f, size, 1, True, DONE)
            else:
                f, g = objective.first(u)
            if tell is not None:
                tell(iteration + 1, f, measured(), norm(p))
            continue
        ahead = size * (size / wider) ** 2 if wider else size  # the gradient after this step, as the last one says
        wider = size
        # the step that leads there, or but one: no Hessian is needed any more
        last = constant or -slope <= LAST * max(1.0, abs(f)) or not bounded and _one_more(ahead, size, tol)

        def look(at: Array, whole: bool, last: bool = last) -> tuple[Any, ...]:
            return objective.whole(at) if whole and not last else (*objective.first(at), None)

        found = backtracked(u, p, f, g if feasible else None, lower if bounded else None, look)
        if found is None:
            if slope > 0 or norm(p) == 0:
                return Path(u, f, size, iteration, size <= tol, "no direction of descent is left")
            return ended(u, f, size, iteration, STUCK)
        before = u
        u, f, g, new = found
        moved = largest(u - before)
        if moved <= SMALLEST * (1 + largest(u)) and (now := measured()) > size / 2:
            return ended(u, f, now, iteration + 1, STUCK)
        if new is not None:
            h, kept = new, False
        elif not constant:
            size = measured()
            if size <= tol and moved <= LAST_STEP * (1 + largest(u)):
                if tell is not None:
                    tell(iteration + 1, f, size, moved)
                return Path(u, f, size, iteration + 1, True, DONE + " within the constraints" * held)
            kept = size > tol and model is not None and model.is_definite and _one_more(size, wider, tol)
            if not kept:
                f, g, h = objective.whole(u)
        if tell is not None:
            tell(iteration + 1, f, measured(), moved)
        if lost(f, u, start):
            return Path(u, f, measured(), iteration + 1, False, LOST)
    return Path(u, f, size, most, False, f"not converged in {most} iterations")


def _one_more(size: float, before: float, tol: float) -> bool:
    """Whether one more step with the same Hessian leads to a vanishing gradient: it is as wrong as this step has shown."""
    return 2 * size * size <= tol * before
