"""The minimum of a quadratic model on bounds and affine constraints: one Newton step.

    minimize  g'p + p'H p/2   subject to  A (u + p) = b,  u + p ≥ lower

Without bounds by Cholesky and the Schur complement of the constraints (orthonormal rows A), or by eigenvectors on their null
space where H is not positive definite.  With bounds by the primal-dual active set method (Hintermüller, Ito & Kunisch 2003), a
few solutions of the former kind; where it does not settle, by an interior point method (Mehrotra 1992).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import lapack

from matcalc.limits import MOST_INTERIOR, MOST_PROXIMAL, MOST_SETS
from matcalc.minimizing.path import norm

Array = Any
SINGULAR = 1e-13  # the square of the ratio of the diagonals of a Cholesky factor from which a matrix counts as singular
SURE = 1e-6  # the same, from which a solution needs no refinement
UNITS = 1e8  # the ratio of the diagonal entries of a Hessian from which its variables are scaled
FLAT = 1e-11  # an eigenvalue, relative to the largest, that counts as zero
PROXIMAL = 1e-8  # of the largest curvature: what a proximal step adds


class Unbounded(Exception):
    """The model has no minimum."""


def factor(h: Array) -> Any:
    """The Cholesky factor.  Raises LinAlgError where h is not positive definite, with some room."""
    c, info = lapack.dpotrf(h.T, lower=1, clean=0)
    if info:
        raise LinAlgError("not positive definite")
    if not has_room(c, SINGULAR):
        raise LinAlgError("nearly singular")
    return c


def has_room(c: Array, room: float) -> bool:
    d = c.diagonal().tolist()
    return not d or min(d) ** 2 >= room * max(d) ** 2


def solved_by(c: Array, b: Array) -> Array:
    """The solution with a Cholesky factor."""
    return lapack.dpotrs(c, b, lower=1)[0] if len(c) else b


def is_psd(h: Array) -> bool:
    """Whether a matrix is positive semidefinite, but for rounding."""
    for room in (0.0, 1e-12):
        try:
            np.linalg.cholesky(h + room * np.max(np.abs(np.diagonal(h)), initial=0.0) * np.eye(len(h)) if room else h)
            return True
        except LinAlgError:
            continue
    values = np.linalg.eigvalsh(h)
    return bool(values[0] >= -1e-12 * max(abs(values[-1]), abs(values[0])))


class Model:
    """A Hessian, factorised once, and what constraints need of it."""

    def __init__(self, h: Array, rows: Array, exact: bool) -> None:
        self.h, self.rows, self.exact = h, rows, exact
        self.is_definite, self.lowest = False, 0.0
        self.scale: Array | None = None
        for way in (self._as_it_is, self._scaled):
            try:
                way()
                if len(rows):
                    self.across = self.solved(rows.T)
                    self.schur = factor(rows @ self.across)
                self.is_definite = True
                break
            except LinAlgError:
                continue
        else:
            self._by_eigenvectors()
        self.is_sure = exact and not len(rows) and self.is_definite and has_room(self.cholesky, SURE)

    def _as_it_is(self) -> None:
        self.cholesky = factor(self.h)

    def _scaled(self) -> None:
        """With ones on its diagonal: entries of the variables in very different units."""
        self.scale = np.maximum(np.diagonal(self.h), 1e-300) ** -0.5
        self.cholesky = factor(self.h * np.outer(self.scale, self.scale))

    def solved(self, b: Array) -> Array:
        """H⁻¹ b, of a definite H."""
        if self.scale is None:
            return solved_by(self.cholesky, b)
        scale = self.scale if b.ndim == 1 else self.scale[:, None]
        return scale * solved_by(self.cholesky, scale * b)

    def _by_eigenvectors(self) -> None:
        n = len(self.h)
        self.null = null_space(self.rows, n)
        small = self.h if self.null is None else self.null.T @ self.h @ self.null
        values, vectors = np.linalg.eigh(small)
        top = np.max(np.abs(values), initial=0.0)
        self.lowest = float(values[0]) if len(values) else 0.0
        self.flat = np.abs(values) <= FLAT * top
        self.is_convex = self.lowest >= -1e-9 * top
        self.values = np.where(self.flat, 1.0, np.abs(values))
        self.top = top
        self.vectors = vectors if self.null is None else self.null @ vectors

    def step(self, g: Array, rest: Array) -> Array:
        """The minimizer p with A p = rest."""
        if self.is_definite:
            p = -self.solved(g)
            return p - self.across @ solved_by(self.schur, self.rows @ p - rest) if len(self.rows) else p
        p = self.rows.T @ rest if len(self.rows) else np.zeros(len(g))
        slope = self.vectors.T @ (g + self.h @ p)
        if self.exact and not self.is_convex:
            raise Unbounded
        on_flat = slope[self.flat]
        if self.exact:
            if len(on_flat) and np.max(np.abs(on_flat)) > 1e-9 * max(1.0, float(np.max(np.abs(g), initial=0.0))):
                raise Unbounded
            slope = np.where(self.flat, 0.0, slope)
        else:
            floor = max(self.top * 1e-8, 1e-8)
            slope = np.where(self.flat, slope * (1 / floor if self.top else 1.0), slope)
            slope[self.flat] = np.clip(slope[self.flat], -1.0, 1.0)
        return p - self.vectors @ (slope / self.values)

    def downhill(self) -> Array | None:
        """A direction of negative curvature, where there is one."""
        if self.is_definite or self.is_convex:
            return None
        return self.vectors[:, 0]


def null_space(rows: Array, n: int) -> Array | None:
    """An orthonormal basis of what orthonormal rows take to zero; None for everything."""
    if not len(rows):
        return None
    return np.linalg.qr(rows.T, mode="complete")[0][:, len(rows) :]


def bounded_step(h: Array, g: Array, u: Array, lower: Array, rows: Array, rest: Array) -> Array:
    """The minimizer p of the model with bounds, for a positive semidefinite h."""
    d = np.diagonal(h)
    if d.max(initial=0.0) > UNITS * d.min(initial=np.inf) > 0:  # entries of the variables in very different units
        scale = d**-0.5
        h, g, u, lower, rows = h * np.outer(scale, scale), g * scale, u / scale, lower / scale, rows * scale
        size = np.linalg.norm(rows, axis=1)
        return scale * bounded_step(h, g, u, lower, rows / size[:, None], rest / size)
    found = _by_active_sets(h, g, u, lower, rows, rest)
    return found if found is not None else _interior(h, g, u, lower, rows, rest)


def definite(h: Array) -> Array:
    """h where it is positive semidefinite; else h with its eigenvalues turned positive."""
    if is_psd(h):
        return h
    values, vectors = np.linalg.eigh(h)
    top = max(float(np.max(np.abs(values))), 1e-300)
    return (vectors * np.maximum(np.abs(values), 1e-8 * top)) @ vectors.T


def _by_active_sets(h: Array, g: Array, u: Array, lower: Array, rows: Array, rest: Array) -> Array | None:
    """p, or None where the sets do not settle."""
    bounds = np.isfinite(lower)
    gap = np.where(bounds, lower - u, 0.0)  # p ≥ gap
    active = bounds & (u <= lower) & (g > 0)
    scale = max(float(np.max(np.abs(np.diagonal(h)))), 1e-300)
    seen: set[bytes] = set()
    for _ in range(MOST_SETS):
        key = active.tobytes()
        if key in seen:
            return None
        seen.add(key)
        p = np.where(active, gap, 0.0)
        free = ~active
        slope = (g + h @ p) if active.any() else g
        a = rows[:, free]
        left = rest - rows @ p
        try:
            step, ν = _on_free(h[np.ix_(free, free)] if active.any() else h, slope[free], a, left)
        except LinAlgError:
            return None
        p[free] = step
        dual = g + h @ p + (rows.T @ ν if len(rows) else 0.0)
        below = bounds & free & (p < gap - 1e-14 * (1 + np.abs(u)))
        wrong = active & (dual < -1e-13 * scale)
        if not below.any() and not wrong.any():
            p[bounds] = np.maximum(p[bounds], gap[bounds])
            return p
        active = (active | below) & ~wrong
    return None


def _on_free(h: Array, g: Array, rows: Array, rest: Array) -> tuple[Array, Array]:
    c = factor(h)
    p = -solved_by(c, g)
    if not len(rows):
        return p, np.zeros(0)
    across = solved_by(c, rows.T)
    ν = solved_by(factor(rows @ across), rows @ p - rest)
    return p - across @ ν, ν


def _interior(h: Array, g: Array, u: Array, lower: Array, rows: Array, rest: Array) -> Array:
    """The same, by predictor and corrector steps in the interior, for x = u + p."""
    bounds = np.isfinite(lower)
    k = int(bounds.sum())
    low = lower[bounds]
    c, b = g - h @ u, rest + rows @ u
    x = u.copy()
    scale = max(1.0, float(np.max(np.abs(u))))
    x[bounds] = np.maximum(u[bounds], low + 0.1 * scale)
    z = np.full(k, max(1.0, float(np.max(np.abs(g)))))
    ν = np.zeros(len(rows))
    before = np.inf
    for _ in range(MOST_INTERIOR):
        s = x[bounds] - low
        dual = h @ x + c + rows.T @ ν
        dual[bounds] -= z
        primal = rows @ x - b
        mu = float(s @ z) / k
        size = 1.0 + float(np.max(np.abs(c)))
        left = max(norm(dual), norm(primal))
        if mu <= 1e-15 * size or mu <= 1e-12 * size and left >= 0.5 * before:  # done, or as far as rounding lets it
            break
        before = left
        weighted = h.copy()
        weighted[bounds, bounds] += z / s
        try:
            chol = factor(weighted)
        except LinAlgError:
            weighted[np.diag_indices_from(weighted)] += 1e-12 * np.max(np.abs(np.diagonal(weighted)))
            chol = lapack.dpotrf(weighted, lower=1)[0]
        across = solved_by(chol, rows.T) if len(rows) else None

        def solved(
            target: Array, chol: Any = chol, across: Any = across, dual: Array = dual, primal: Array = primal, s: Array = s, z: Array = z
        ) -> tuple[Array, Array, Array]:
            right = -dual.copy()
            right[bounds] += target / s - z
            dx = solved_by(chol, right)
            dν = np.zeros(0)
            if across is not None:
                dν = np.linalg.solve(rows @ across, rows @ dx + primal)
                dx = dx - across @ dν
            return dx, dν, (target - z * dx[bounds]) / s - z

        dx, dν, dz = solved(np.zeros(k))
        reach = min(_reach(s, dx[bounds]), _reach(z, dz))
        after = float((s + reach * dx[bounds]) @ (z + reach * dz)) / k
        center = (after / mu) ** 3
        dx, dν, dz = solved(center * mu - dx[bounds] * dz)
        t = 0.995 * min(_reach(s, dx[bounds]), _reach(z, dz))
        t = min(t, 1.0)
        x, ν, z = x + t * dx, ν + t * dν, z + t * dz
    held = np.zeros(len(u), bool)
    held[bounds] = z > x[bounds] - low
    polished = _polished(h, g, u, lower, rows, rest, held)
    if polished is not None:
        return polished
    x[bounds] = np.where(x[bounds] - low < 1e-9 * scale * (z > x[bounds] - low), low, x[bounds])
    return x - u


def _polished(h: Array, g: Array, u: Array, lower: Array, rows: Array, rest: Array, held: Array) -> Array | None:
    """The minimizer where just the bounds that are `held` hold, by proximal steps, as h may be singular; None where it is none."""
    free = ~held
    p = np.where(held, lower - u, 0.0)
    inner = h[np.ix_(free, free)] + PROXIMAL * max(1e-300, float(np.max(np.diagonal(h), initial=0.0))) * np.eye(int(free.sum()))
    ν = np.zeros(len(rows))
    try:
        for _ in range(MOST_PROXIMAL):
            step, ν = _on_free(inner, (g + h @ p)[free], rows[:, free], rest - rows @ p)
            p[free] += step
            if norm(step) <= 1e-12 * (1 + norm(p)):
                break
    except LinAlgError:
        return None
    dual, size = g + h @ p + (rows.T @ ν if len(rows) else 0.0), 1 + norm(g)
    short = p < lower - u - 1e-9 * (1 + norm(p))
    if short.any() or np.any(dual[held] < -1e-7 * size) or norm(dual[free]) > 1e-9 * size:
        return None
    return np.maximum(p, lower - u)


def _reach(s: Array, ds: Array) -> float:
    """How far along ds s stays positive, at most 1/0.995."""
    falling = ds < 0
    return min(float(np.min(-s[falling] / ds[falling], initial=np.inf)), 1 / 0.995)
