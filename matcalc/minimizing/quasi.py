"""The limited-memory quasi-Newton method, within bounds too."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.linalg import blas, lapack

from matcalc.minimizing.objective import Objective, Within
from matcalc.minimizing.path import (
    DONE,
    ESCAPES,
    EXCESS,
    LAST_STEP,
    LOST,
    ROUNDING,
    STUCK,
    Path,
    Tell,
    ended,
    enough,
    inner,
    largest,
    lost,
    norm,
)

Array = Any
MEMORY = 12
ROUNDS = 5  # fresh starts where the memory is exhausted before the gradient vanishes
DECREASE, CURVATURE = 1e-4, 0.9  # the conditions of Wolfe
TRIALS = 40
FARTHER = (1.05, 1.2, 1.5, 2.0)  # times the variables: where the value falls all along, there is no minimum
FACTOR = 2.0  # the logarithm of the factor by which a step changes a positive entry, as it is first tried
SUNK = -25.0  # the logarithm of an entry that has gone to zero
NEAR = 1e-8  # of a bound: what is so near it and pushes against it is held there


def quasi_newton(objective: Objective | Within, u: Array, *, tol: float, most: int, tell: Tell | None) -> Path:
    """Descends from u, within the bounds of the objective."""
    path = _descended(objective, u, tol=tol, most=most, tell=tell)
    far = norm(path.u)
    if path.converged and far > 1 and path.moving > LAST_STEP * far and _falls(objective, path):
        path.converged, path.message = False, ESCAPES
    parts = () if isinstance(objective, Within) else objective.layout.parts
    sunk = SUNK if path.message == STUCK else SUNK / 3
    sinking = [p.name for p in parts if p.log and min(path.u[p.start : p.stop], default=0.0) < sunk]
    if sinking and path.message in (STUCK, ESCAPES):
        path.message = f"no minimum is attained: the objective keeps decreasing as {', '.join(sinking)} goes to zero"
    return path


def _falls(objective: Objective | Within, path: Path) -> bool:
    """Whether the value falls all along as the variables grow from where the path has ended."""
    far = objective.value(np.maximum(FARTHER[-1] * path.u, objective.lower))
    if not far < path.value - 1e-10 * (1 + abs(path.value)):
        return False
    between = (objective.value(np.maximum(k * path.u, objective.lower)) for k in FARTHER[:-1])
    return all(b <= a for a, b in pairwise((path.value, *between, far)))


class _Inverse:
    """The approximation of the inverse Hessian from the last few steps, in its compact form (Byrd, Nocedal & Schnabel 1994, 3.1).

    BLAS is called by its own names: for short vectors that takes half the time of operators on arrays.
    """

    def __init__(self, n: int) -> None:
        room = 2 * MEMORY  # columns are moved to the front once in so many steps
        self.s, self.y = np.empty((n, room), order="F"), np.empty((n, room), order="F")
        self.sy = np.zeros((room, room), order="F")  # its upper triangle
        self.start, self.stop, self.γ = 0, 0, 1.0  # the columns that are kept

    def direction(self, g: Array) -> Array:
        """-H g."""
        if self.start == self.stop:
            return -g
        s, y, r = self.views
        p = lapack.dtrtrs(r, blas.dgemv(1.0, s, g, trans=1))[0]
        z = blas.dgemv(self.γ, y, p, -self.γ, g)  # -γ (g - Y p)
        q = blas.dgemv(1.0, y, z, 1.0, r.diagonal() * p, trans=1, overwrite_y=1)
        return blas.dgemv(-1.0, s, lapack.dtrtrs(r, q, trans=1)[0], 1.0, z, overwrite_y=1)

    def learn(self, s: Array, y: Array) -> None:
        """Takes a step and the difference of the gradients, where there is curvature along it."""
        sy, yy = inner(s, y), inner(y, y)
        if not sy > 1e-12 * (yy * inner(s, s)) ** 0.5:
            return
        start, k = self.start, self.stop
        if k == self.s.shape[1]:
            for a in (self.s, self.y):
                a[:, : k - start] = a[:, start:k]
            self.sy[: k - start, : k - start] = self.sy[start:k, start:k]
            start, k = 0, k - start
        self.s[:, k], self.y[:, k], self.γ = s, y, sy / yy
        start, stop = self.start, self.stop = max(start, k + 1 - MEMORY), k + 1
        kept = self.s[:, start:stop]
        self.sy[start:stop, k] = blas.dgemv(1.0, kept, y, trans=1)
        self.views = kept, self.y[:, start:stop], self.sy[start:stop, start:stop]

    def forget(self) -> bool:
        """Starts anew; whether there was something to forget."""
        had = self.stop > self.start
        self.start = self.stop = 0
        return had


def _descended(objective: Objective | Within, u: Array, *, tol: float, most: int, tell: Tell | None) -> Path:
    """Steps of the quasi-Newton method on the entries that no bound holds, projected (two metrics: Bertsekas 1982)."""
    inverse, lower, bounded = _Inverse(len(u)), objective.lower, objective.bounded
    done = DONE + " within the bounds" * bounded

    def measured() -> float:
        return norm(objective.projected(g, u))

    logarithms = [] if isinstance(objective, Within) else objective.layout.logarithms
    f, g = objective.first(u)
    start, again, moved = f, ROUNDS, inf
    for iteration in range(most + 1):
        small = enough(tol, f)
        size = measured() if bounded else largest(g)  # without bounds what is projected is no smaller
        held = (u <= lower + min(NEAR, size)) & (g > 0) if bounded else None
        p = inverse.direction(g) if held is None else np.where(held, lower - u, inverse.direction(np.where(held, 0.0, g)))
        slope = inner(g, p)
        if size <= small:
            size = measured()
            if size <= tol or size <= small and iteration > 2 and -slope <= 2 * EXCESS * max(1.0, abs(f)):
                return Path(u, f, size, iteration, True, done, moving=max(moved, largest(p)))
        if iteration == most:
            break
        if not slope < 0:
            inverse.forget()
            p = -g if held is None else np.where(held, lower - u, -g)
            slope = inner(g, p)
        first = min(1.0, 1.0 / float(np.linalg.norm(p))) if iteration == 0 else 1.0
        for at in logarithms:
            first = min(first, FACTOR / max(largest(p[at]), FACTOR))
        found = _searched(objective, u, p, f, g, slope, first)
        if found is None:
            again -= 1
            size = measured()
            if size > small and again and inverse.forget():
                continue
            return ended(u, f, min(size, norm(g)), iteration, STUCK)
        at, value, gradient = found
        s, y = at - u, gradient - g
        moved = largest(s)
        if bounded:
            y = np.where((at <= lower) & (gradient > 0), 0.0, y)
        inverse.learn(s, y)
        stalled = f - value <= ROUNDING * max(1.0, abs(f))
        u, f, g = at, value, gradient
        if tell is not None:
            tell(iteration + 1, f, measured(), moved)
        if lost(f, u, start):
            return Path(u, f, measured(), iteration + 1, False, LOST)
        if stalled:
            size = measured()
            again -= 1
            if size > tol and (size <= enough(tol, f) or not again or not inverse.forget()):
                return ended(u, f, min(size, norm(g)), iteration + 1, STUCK)
    return Path(u, f, measured(), most, False, f"not converged in {most} iterations")


def _searched(
    objective: Objective | Within, u: Array, p: Array, f: float, g: Array, slope: float, t: float
) -> tuple[Array, float, Array] | None:
    """A point along the projection of u + t p with less value and less slope; at least with less value, None where there is none."""
    bounded, low, high = objective.bounded, 0.0, inf
    best: tuple[Array, float, Array] | None = None
    room = 1e-15 * max(1.0, abs(f))
    for _ in range(TRIALS):
        if bounded:
            at = np.maximum(u + t * p, objective.lower)
            promised = inner(g, at - u)
        else:
            at, promised = u + p if t == 1 else u + t * p, t * slope
        value, gradient = objective.first(at)
        if not value <= f + DECREASE * promised + room:
            high = t
            guess = -promised * t / (2 * (value - f - promised)) if isfinite(value) else 0.1 * t
            t = min(max(guess, low + 0.1 * (high - low)), low + 0.5 * (high - low))
        else:
            best = at, value, gradient
            there = inner(gradient, at - u if bounded else p) * (1 if bounded else t)
            if there >= CURVATURE * promised:
                return best
            low = t
            ahead = t * promised / (promised - there) if there > promised else 4 * t  # where the slope would vanish
            t = min(max(ahead, 1.5 * t), 4 * t) if high == inf else min(max(ahead, low + 0.1 * (high - low)), low + 0.9 * (high - low))
        if high - low <= 1e-14 * high:
            break
    return best
