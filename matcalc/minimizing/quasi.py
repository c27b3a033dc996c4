"""The limited-memory quasi-Newton method within bounds: L-BFGS-B of SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.minimizing.objective import Objective, Reduced
from matcalc.minimizing.path import ESCAPES, LOST, Path, Tell, lost, norm, projected

Array = Any
NOTHING = np.zeros((0, 0))
MEMORY = 12
ROUNDS = 5  # fresh starts where the memory is exhausted before the gradient vanishes


class _Lost(Exception):
    pass


def quasi_newton(objective: Objective | Reduced, u: Array, *, tol: float, most: int, tell: Tell, convex: bool) -> Path:
    """Descends from u, within the bounds of the objective."""
    from scipy.optimize import minimize

    lower = objective.lower
    bounded = bool(np.isfinite(lower).any())
    bounds = [(None if low == -np.inf else low, None) for low in lower] if bounded else None
    start, _ = objective.first(u)
    best: list[Any] = [u, start]
    latest: list[Any] = [None, start]
    count = 0

    def first(v: Array) -> tuple[float, Array]:
        f, g = objective.first(v)
        if not np.isfinite(f):  # outside of the domain: a wall that the line search steps back from
            return latest[1] + 10 * (1 + abs(latest[1])), np.zeros_like(v)
        latest[:] = g, f
        if f <= best[1]:
            best[:] = v.copy(), f
        if lost(f, v, start):
            raise _Lost
        return f, g

    def report(v: Array) -> None:
        nonlocal count
        count += 1
        if tell is not None:
            tell(count, latest[1], norm(projected(latest[0], v, lower, NOTHING)), 0.0)

    path = None
    for _ in range(ROUNDS):
        try:
            found = minimize(
                first, best[0], jac=True, method="L-BFGS-B", bounds=bounds,
                callback=report,
                options={"maxcor": MEMORY, "gtol": tol, "ftol": 0.0, "maxiter": most - count, "maxfun": 20 * most, "maxls": 40},
            )  # fmt: skip
        except _Lost:
            f, g = objective.first(best[0])
            return Path(best[0], f, norm(projected(g, best[0], lower, NOTHING)), count, False, LOST)
        before = path.value if path else np.inf
        f, g = objective.first(best[0])
        size = norm(projected(g, best[0], lower, NOTHING))
        path = Path(best[0], f, size, count, size <= tol, "the gradient vanishes" + " within the bounds" * bounded)
        if path.converged or count >= most or before - f <= 1e-14 * (1 + abs(f)):
            break
    assert path is not None
    if not path.converged:
        if count >= most:
            path.message = f"not converged in {most} iterations"
        else:
            path.converged = size <= 1e-5 * max(1.0, abs(f))
            path.message = (
                "no further decrease in double precision" if path.converged else f"the line search found no lower point: {found.message}"
            )
    elif convex and norm(best[0]) > 1 and objective.value(np.maximum(2 * best[0], lower)) < f - 1e-10 * (1 + abs(f)):
        path.converged, path.message = False, ESCAPES
    return path
