"""Newton's method by Hessian products: conjugate gradients find the step, for problems whose Hessian is too large to form.

The truncated Newton method (Dembo & Steihaug 1983) on the variables that no bound holds (Bertsekas 1982).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.minimizing.objective import Objective, Product, Within
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
    enough,
    escapes,
    lost,
    norm,
)

Array = Any


def truncated(objective: Objective | Within, u: Array, *, tol: float, most: int, tell: Tell | None) -> Path:
    """Descends from u, within the bounds of the objective."""
    lower, bounded = objective.lower, objective.bounded
    done = DONE + " within the bounds" * bounded
    f, g = objective.first(u)
    start, step = f, np.inf
    for iteration in range(most + 1):
        residual = objective.projected(g, u)
        size = norm(residual)
        if size <= tol and step <= LAST_STEP * (1 + norm(u)) or size <= enough(tol, f) and step <= 1e-6 * (1 + norm(u)):
            return Path(u, f, size, iteration, True, done)
        if iteration == most:
            break
        held = (u <= lower + min(1e-8, size)) & (g > 0) if bounded else None
        times = objective.products(u)
        tight = min(0.1, float(np.linalg.norm(residual)) ** 0.5)
        p = _direction(times, g, held, tight, 1 + norm(u))
        slope = float(g @ p)
        short = norm(p) <= LAST_STEP * (1 + norm(u))
        if size <= enough(tol, f) and -slope <= 2 * EXCESS * max(1.0, abs(f)) and short:
            return Path(u, f, size, iteration, True, done)
        if size <= tol:
            if short or -slope <= 1e-14 * (1 + abs(f)):
                return Path(u, f, size, iteration, True, done)
            if escapes(objective.value, u, p, f + slope / 2 - 1e-14 * (1 + abs(f)), lower):
                return Path(u, f, size, iteration, False, ESCAPES)
        if 0 <= -slope <= ROUNDING * max(1.0, abs(f)):
            return ended(u, f, size, iteration, EXHAUSTED)
        found = backtracked(u, p, f, g, lower if bounded else None, lambda at, _: objective.first(at))
        if found is None:
            return ended(u, f, size, iteration, STUCK)
        step = norm(found[0] - u)
        u, f, g = found
        if tell is not None:
            tell(iteration + 1, f, norm(objective.projected(g, u)), step)
        if lost(f, u, start):
            return Path(u, f, norm(objective.projected(g, u)), iteration + 1, False, LOST)
    return Path(u, f, size, most, False, f"not converged in {most} iterations")


def _direction(times: Product, g: Array, held: Array | None, tight: float, reach: float) -> Array:
    """A step by conjugate gradients, up to where the curvature is no longer positive; of that length where it is so nowhere."""
    r = -g if held is None else np.where(held, 0.0, -g)
    d, p = r.copy(), np.zeros_like(r)
    rr = float(r @ r)
    enough = tight * tight * rr
    for k in range(max(10, 2 * len(g))):
        if rr <= enough:
            break
        hd = times(d)
        if held is not None:
            hd = np.where(held, 0.0, hd)
        curvature = float(d @ hd)
        if curvature <= 1e-14 * float(np.linalg.norm(d) * np.linalg.norm(hd)) or not np.isfinite(curvature):
            return p if k else d * (reach / max(norm(d), 1e-300))
        α = rr / curvature
        p += α * d
        r -= α * hd
        before, rr = rr, float(r @ r)
        d = r + (rr / before) * d
    return p
