"""Whether a point where the gradient vanishes is a minimum, of what is not known to be convex; from what is none the descent goes on.

The direction to look in is the one of least curvature, by a few steps of Lanczos' method on differences of gradients: at a saddle it
leads down, and where the curvature vanishes, as that of x³ at zero, one of its two sides does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from matcalc.minimizing.objective import Objective, Within
from matcalc.minimizing.path import Path, norm

Array = Any
STEPS, FEW = 6, 2  # of Lanczos' method; few from a start whose entries differ mostly, from which no descent leads to a saddle
OF_FACTORS = 40  # of X = L L', which has a saddle at every X of lower rank
BESIDE = 1e-2, 1e-3, 1e-4  # how far away a point beside is, relative to the point; nearer ones where the curvature is negative
SURELY = 1e-4  # the slope at a point beside, from which the curvature at the end is not that of a gradient that has just become small
DIFFERENCE = 1e-5
ROUNDS = 3


def settled(objective: Objective | Within, path: Path, descend: Callable[[Array], Path], start: Array) -> Path:
    """The path from `start`, or where it leads after it has left what is no minimum."""
    curved = (objective.inner if isinstance(objective, Within) else objective).layout.is_curved
    steps = OF_FACTORS if curved else FEW if 2 * len(set(start.tolist())) > len(start) else STEPS
    for _ in range(ROUNDS):
        lower = _lower(objective, path, steps) if path.converged else None
        if lower is None:
            return path
        after = descend(lower)
        after.iterations += path.iterations
        path = after
    return path


def _lower(objective: Objective | Within, path: Path, steps: int) -> Array | None:
    """A point beside the end of a path that is lower, where there is one in the direction of least curvature."""
    u, f = path.u, path.value
    v, curvature = _least_curved(objective, u, steps)
    if curvature * BESIDE[0] > SURELY:
        return None
    sizes = BESIDE if curvature < 0 else BESIDE[:1]
    for d in (sign * size * (1 + norm(u)) * v for size in sizes for sign in (1, -1)):
        at = np.maximum(u + d, objective.lower) if objective.bounded else u + d
        if objective.first(at)[0] < f - 1e-12 * (1 + abs(f)):
            return at
    return None


@lru_cache(maxsize=8)
def generic(n: int) -> Array:
    """A direction that no problem knows."""
    return np.random.default_rng(0).standard_normal(n)


def _least_curved(objective: Objective | Within, u: Array, steps: int) -> tuple[Array, float]:
    """The direction, with a largest entry of 1, and the curvature."""
    g = objective.first(u)[1]
    free = ~((u <= objective.lower) & (g > 0)) if objective.bounded else None
    h = DIFFERENCE * (1 + norm(u))

    def along(d: Array) -> Array:
        """A direction that bounds and constraints leave."""
        if free is not None:
            d = np.where(free, d, 0.0)
        return objective.along(d) if isinstance(objective, Within) else d

    v = along(generic(len(u)))
    basis: list[Array] = []
    images: list[Array] = []
    for _ in range(min(steps, len(u) if free is None else int(free.sum()))):
        for b in basis:
            v = v - (b @ v) * b
        length = float(np.linalg.norm(v))
        if not length > 1e-8:
            break
        basis.append(v / length)
        moved = objective.first(u + h * basis[-1])[1]
        images.append(along(moved - g) / h)
        v = images[-1]
        if not np.isfinite(v).all():
            break
    q, hq = np.array(basis), np.array(images)
    small = q @ hq.T
    if not basis or not np.isfinite(small).all():
        return np.zeros(len(u)), 0.0
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    made: Array = q.T @ vectors[:, 0]
    return made / max(norm(made), 1e-300), float(values[0])
