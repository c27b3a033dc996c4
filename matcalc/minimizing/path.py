"""Parts that the ways of descent share: the projected gradient, the line search, the report of an iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.linalg import blas

Array = Any
SUFFICIENT = 1e-4  # of the decrease that the slope promises (Armijo)
HALVINGS = 50
ROUNDING = 1e-15
FAR = 1e12  # how far a variable may go, and how low the value, before the problem counts as unbounded
DONE = "the gradient vanishes"
EXHAUSTED = "no further decrease in double precision"
STUCK = "the line search found no lower point"
LOST = "the objective is unbounded below: it decreases without end as the variables grow"
ESCAPES = "no minimum is attained: the objective keeps decreasing as the variables grow without bound"
EXCESS = 1e-10  # of the value over its minimum, relative, that a descent by gradients leaves as far as it can tell
LARGE = 1e-3  # 1/LARGE is the value from which a gradient counts relative to it
FARTHER = (10.0, 100.0, 1000.0)  # times a step
LAST_STEP = 1e-2  # the Newton step, relative to the point, that a minimum leaves


@dataclass
class Path:
    """Where a descent has come to."""

    u: Array
    value: float
    gradient_norm: float
    iterations: int
    converged: bool
    message: str
    is_convex: bool | None = None  # where the Hessian, the same everywhere, has said so
    moving: float = inf  # the last step and the one that would come next, the longer of them


Tell = Callable[[int, float, float, float], None]


def printed(iteration: int, value: float, gradient: float, step: float) -> None:
    """One line for an iteration."""
    print(f"iteration {iteration:4d}   value {value: .10e}   gradient {gradient:.2e}   step {step:.2e}")


def projected(g: Array, u: Array, lower: Array, rows: Array) -> Array:
    """The gradient, without what bounds and orthonormal rows of constraints hold against."""
    bounded = lower > -np.inf
    if not bounded.any():
        return g - rows.T @ (rows @ g) if len(rows) else g
    if len(rows):
        free = ~bounded | (u > lower)
        a = rows[:, free]
        ν = np.linalg.lstsq(a.T, -g[free], rcond=None)[0]
        g = g + rows.T @ ν
    return np.where(bounded, _held(g, u - lower), g)


def _held(g: Array, room: Array) -> Array:
    """g, but of what pushes against a bound no more than the room that is left, or g times that: beside a pole it does not vanish."""
    return np.where(g > 0, np.minimum(g, np.maximum(room, 0.0) * np.maximum(g, 1.0)), g)


def norm(g: Array) -> float:
    """The largest entry."""
    return float(np.maximum.reduce(np.abs(g), initial=0.0))


def largest(g: Array) -> float:
    """The same of a vector of numbers that are all finite, faster."""
    return abs(float(g[blas.idamax(g)])) if len(g) else 0.0


def inner(a: Array, b: Array) -> float:
    """The inner product of two vectors, by BLAS, which has none of vectors without entries."""
    return float(blas.ddot(a, b)) if len(a) else 0.0


def is_finite(a: Array) -> bool:
    """Whether all entries are; most often their squares are, which is seen faster."""
    return isfinite(np.vdot(a, a)) or bool(np.isfinite(a).all())


def ended(u: Array, f: float, size: float, iteration: int, message: str) -> Path:
    """Where no step leads lower: as good as a minimum, where the gradient is small beside the value."""
    good = size <= 1e-5 * max(1.0, abs(f))
    return Path(u, f, size, iteration, good, EXHAUSTED if good else message)


def backtracked(u: Array, p: Array, f: float, g: Array | None, lower: Array | None, look: Callable[[Array, bool], Any]) -> Any:
    """The result of `look` at the first of u + p, u + p/2, …, within the bounds, whose value is low enough; or None.

    It is by the slope g (Armijo); any value is where there is none.
    """
    t, room = 1.0, 10 * ROUNDING * max(1.0, abs(f))
    for attempt in range(HALVINGS):
        at = u + p if t == 1 else u + t * p
        if lower is not None:
            at = np.maximum(at, lower)
        value, *more = look(at, attempt == 0)
        if isfinite(value) and (g is None or value <= f + SUFFICIENT * inner(g, at - u) + room):
            return at, value, *more
        if lower is not None and attempt == 0 and not isfinite(value):  # on a bound, as that of log: stop short of all
            ahead = (p < 0) & (u > lower)
            t = min(0.5, 0.99 * float(np.min((u - lower)[ahead] / -p[ahead], initial=np.inf)))
            continue
        t *= 0.5 if attempt < 6 else 0.1
        if t * norm(p) < 1e-18 * (1 + norm(u)):
            break
    return None


def escapes(value: Callable[[Array], float], u: Array, p: Array, f: float, lower: Array) -> bool:
    """Whether the value falls below f along a step, and goes on falling far along it: then that leads to no minimum."""
    far = [value(np.maximum(u + k * p, lower)) for k in FARTHER]
    return all(b <= a for a, b in pairwise((f, *far)))


def enough(tol: float, f: float) -> float:
    """The gradient that is small enough at a value: of what is very large, rounding leaves more of it."""
    return tol * max(1.0, LARGE * abs(f))


def lost(f: float, u: Array, start: float) -> bool:
    """Whether value or variables are so far away that there is no minimum."""
    return f < -FAR * (1 + abs(start)) or inner(u, u) > FAR**2
