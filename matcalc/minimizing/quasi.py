"""The limited-memory quasi-Newton method; within bounds the one of SciPy, L-BFGS-B."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from matcalc.minimizing.objective import Objective, Reduced
from matcalc.minimizing.path import DONE, ESCAPES, EXCESS, EXHAUSTED, LOST, ROUNDING, STUCK, Path, Tell, enough, lost, norm

Array = Any
MEMORY = 12
ROUNDS = 5  # fresh starts where the memory is exhausted before the gradient vanishes
DECREASE, CURVATURE = 1e-4, 0.9  # the conditions of Wolfe
TRIALS = 40


def quasi_newton(objective: Objective | Reduced, u: Array, *, tol: float, most: int, tell: Tell | None, convex: bool) -> Path:
    """Descends from u, within the bounds of the objective."""
    path = (_within_bounds if objective.bounded else _free)(objective, u, tol=tol, most=most, tell=tell)
    u, f = path.u, path.value
    if path.converged and convex and norm(u) > 1 and objective.value(np.maximum(2 * u, objective.lower)) < f - 1e-10 * (1 + abs(f)):
        path.converged, path.message = False, ESCAPES
    return path


# --- without bounds -------------------------------------------------------------------------------------------------


class _Inverse:
    """The approximation of the inverse Hessian from the last few steps, in its compact form (Byrd, Nocedal & Schnabel 1994, 3.1)."""

    def __init__(self, n: int) -> None:
        room = 2 * MEMORY  # rows are moved to the front once in so many steps
        self.s, self.y = np.empty((room, n)), np.empty((room, n))
        self.sy, self.yy = np.zeros((room, room)), np.zeros((room, room))  # of sy what is on and above the diagonal
        self.kept = slice(0, 0)

    def __call__(self, g: Array) -> Array:
        at, last = self.kept, self.kept.stop - 1
        if at.stop == at.start:
            return g
        γ = self.sy[last, last] / self.yy[last, last]
        s, y, r = self.s[at], self.y[at], self.sy[at, at]
        p = lapack.dtrtrs(r, s @ g)[0]
        q = lapack.dtrtrs(r, np.diagonal(r) * p + γ * (self.yy[at, at] @ p - y @ g), trans=1)[0]
        return γ * (g - p @ y) + q @ s

    def learn(self, s: Array, y: Array) -> None:
        start, k = self.kept.start, self.kept.stop
        if k == len(self.s):
            for a in (self.s, self.y):
                a[: k - start] = a[start:k]
            for a in (self.sy, self.yy):
                a[: k - start, : k - start] = a[start:k, start:k]
            start, k = 0, k - start
        self.s[k], self.y[k] = s, y
        self.kept = at = slice(max(start, k + 1 - MEMORY), k + 1)
        self.sy[at, k] = self.s[at] @ y
        self.yy[at, k] = self.yy[k, at] = self.y[at] @ y

    def forget(self) -> bool:
        had = self.kept.stop > self.kept.start
        self.kept = slice(0, 0)
        return had


def _free(objective: Objective | Reduced, u: Array, *, tol: float, most: int, tell: Tell | None) -> Path:
    inverse = _Inverse(len(u))
    f, g = objective.first(u)
    start, again = f, ROUNDS
    for iteration in range(most + 1):
        size = norm(objective.projected(g, u))
        p = -inverse(g)
        slope = float(g @ p)
        if size <= tol or size <= enough(tol, f) and iteration > 2 and -slope <= 2 * EXCESS * max(1.0, abs(f)):
            return Path(u, f, size, iteration, True, DONE)
        if iteration == most:
            break
        if not slope < 0:
            inverse.forget()
            p, slope = -g, -float(g @ g)
        first = min(1.0, 1.0 / float(np.linalg.norm(g))) if iteration == 0 else 1.0
        found = _searched(objective, u, p, f, slope, first)
        if found is None:
            again -= 1
            if size > enough(tol, f) and again and inverse.forget():
                continue
            return Path(u, f, size, iteration, *_ended(size, f))
        at, value, gradient, t = found
        s, y = at - u, gradient - g
        sy = float(s @ y)
        if sy > 1e-12 * float(y @ y) ** 0.5 * float(s @ s) ** 0.5:
            inverse.learn(s, y)
        stalled = f - value <= ROUNDING * max(1.0, abs(f))
        u, f, g = at, value, gradient
        if tell is not None:
            tell(iteration + 1, f, norm(objective.projected(g, u)), t * norm(p))
        if lost(f, u, start):
            return Path(u, f, norm(objective.projected(g, u)), iteration + 1, False, LOST)
        if stalled:
            size = norm(objective.projected(g, u))
            again -= 1
            if size > tol and (size <= enough(tol, f) or not again or not inverse.forget()):
                return Path(u, f, size, iteration + 1, *_ended(size, f))
    return Path(u, f, size, most, False, f"not converged in {most} iterations")


def _searched(
    objective: Objective | Reduced, u: Array, p: Array, f: float, slope: float, t: float
) -> tuple[Array, float, Array, float] | None:
    """A point u + t p with less value and less slope; at least with less value, None where there is none."""
    low, high = 0.0, np.inf
    best: tuple[Array, float, Array, float] | None = None
    room = 1e-15 * max(1.0, abs(f))
    for _ in range(TRIALS):
        at = u + t * p
        value, g = objective.first(at)
        if not value <= f + DECREASE * t * slope + room:
            high = t
            guess = -slope * t * t / (2 * (value - f - slope * t)) if np.isfinite(value) else 0.1 * t
            t = min(max(guess, low + 0.1 * (high - low)), low + 0.5 * (high - low))
        else:
            best = at, value, g, t
            there = float(g @ p)
            if there >= CURVATURE * slope:
                return best
            low = t
            ahead = t * slope / (slope - there) if there > slope else 4 * t  # where the slope would vanish
            t = min(max(ahead, 1.5 * t), 4 * t) if high == np.inf else min(max(ahead, low + 0.1 * (high - low)), low + 0.9 * (high - low))
        if high - low <= 1e-14 * high:
            break
    return best


def _ended(size: float, f: float) -> tuple[bool, str]:
    good = size <= 1e-5 * max(1.0, abs(f))
    return good, EXHAUSTED if good else STUCK


# --- within bounds --------------------------------------------------------------------------------------------------


class _Lost(Exception):
    pass


class _Reached(Exception):
    pass


def _within_bounds(objective: Objective | Reduced, u: Array, *, tol: float, most: int, tell: Tell | None) -> Path:
    from scipy.optimize import fmin_l_bfgs_b

    bounds = [(None if low == -np.inf else low, None) for low in objective.lower]
    start, g = objective.first(u)
    best: list[Any] = [u, start, g]
    latest: list[Any] = [u, start, g]
    last: list[Any] = [u, np.inf]
    count = 0

    def first(v: Array) -> tuple[float, Array]:
        f, g = objective.first(v)
        if not np.isfinite(f):  # outside of the domain: a wall that the line search steps back from
            return latest[1] + 10 * (1 + abs(latest[1])), np.zeros_like(v)
        latest[:] = v, f, g
        if f <= best[1]:
            best[:] = v.copy(), f, g
        if lost(f, v, start):
            raise _Lost
        return f, g

    def report(v: Array) -> None:
        nonlocal count
        count += 1
        size = norm(objective.projected(best[2], best[0]))
        if tell is not None:
            tell(count, best[1], size, norm(v - last[0]))
        if size <= enough(tol, best[1]) and last[1] - best[1] <= EXCESS * max(1.0, abs(best[1])):
            raise _Reached
        last[:] = v.copy(), best[1]

    before = np.inf
    for _ in range(ROUNDS):
        try:
            fmin_l_bfgs_b(
                first,
                best[0],
                bounds=bounds,
                m=MEMORY,
                pgtol=tol,
                factr=0.0,
                maxiter=most - count,
                maxfun=20 * most,
                maxls=40,
                callback=report,
            )
        except _Reached:
            return Path(best[0], best[1], norm(objective.projected(best[2], best[0])), count, True, DONE + " within the bounds")
        except _Lost:
            return Path(best[0], best[1], norm(objective.projected(best[2], best[0])), count, False, LOST)
        at, f, g = best
        size = norm(objective.projected(g, at))
        if size <= tol:
            return Path(at, f, size, count, True, DONE + " within the bounds")
        if count >= most:
            return Path(at, f, size, count, False, f"not converged in {most} iterations")
        if before - f <= 1e-14 * (1 + abs(f)):
            break
        before = f
    return Path(at, f, size, count, *_ended(size, f))
