"""Affine constraints as orthonormal rows, A u = b; that they can hold, and a point where they do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from matcalc.errors import UnsupportedError
from matcalc.minimizing.compiled import Programs
from matcalc.minimizing.quadratic import bounded_step
from matcalc.minimizing.spaces import Layout

Array = Any
SAME = 1e-9  # of two numbers, relative to the larger, that count as equal


class Affine:
    """Orthonormal `rows` and `values` with rows u = values where the constraints hold; `kept` are the constraints as they stand."""

    def __init__(self, rows: Array, values: Array, kept: Array, right: Array) -> None:
        self.rows, self.values, self.kept, self.right = rows, values, kept, right

    def restored(self, u: Array, lower: Array) -> Array:
        """u, moved by what rounding has lost of the constraints, on the entries that are at no bound."""
        if not len(self.rows):
            return u
        free = ~(u <= lower)
        rows = self.rows if free.all() else self.rows * free
        for _ in range(2):
            gap = self.values - self.rows @ u
            if np.max(np.abs(gap)) <= 1e-15 * (1 + np.max(np.abs(self.values))):
                break
            u = u + (rows.T @ gap if free.all() else np.linalg.lstsq(rows, gap, rcond=None)[0])
        return np.maximum(u, lower)


def affine(programs: Programs, layout: Layout, data: Mapping[str, Any]) -> Affine:
    """The affine constraints of a problem.  Raises UnsupportedError for those that cannot hold together, by name."""
    s = programs.derived.statement
    n = layout.size
    if not s.affine:
        return _free(n)
    if any(p.factored for p in layout.parts):
        raise UnsupportedError("affine constraints on a matrix that is taken as L L' are not handled")
    zero = layout.arrays(np.zeros(n))
    residuals, blocks = (programs(name, {**data, **zero}) for name in ("residuals", "constraint_blocks"))
    count = len(s.variables)
    rows, right, texts = [], [], []
    for i, (c, residual) in enumerate(zip(s.constraints, residuals, strict=True)):
        if not c.affine:
            continue
        a = layout.rows(blocks[i * count : (i + 1) * count])
        b = -np.asarray(residual, dtype=float).ravel(order="F")
        rows.append(a)
        right.append(np.broadcast_to(b, (len(a),)))
        texts.append(c.text)
    _check(rows, right, texts)
    kept, b = np.concatenate(rows), np.concatenate(right)
    u, d, v = np.linalg.svd(kept, full_matrices=False)
    rank = int(np.sum(d > SAME * d[0])) if len(d) and d[0] > 0 else 0
    return Affine(v[:rank], (u[:, :rank].T @ b) / d[:rank], kept, b)


@lru_cache(maxsize=64)
def _free(n: int) -> Affine:
    """No constraints of n entries."""
    return Affine(np.zeros((0, n)), np.zeros(0), np.zeros((0, n)), np.zeros(0))


def _check(rows: list[Array], right: list[Array], texts: list[str]) -> None:
    """Raises UnsupportedError for the first constraint that does not hold together with those before it."""
    for i in range(len(texts)):
        a, b = np.concatenate(rows[: i + 1]), np.concatenate(right[: i + 1])
        if _can_hold(a, b):
            continue
        if not _can_hold(rows[i], right[i]):
            raise UnsupportedError(f"the constraint {texts[i]} cannot hold, whatever the variables are")
        for j in range(i):
            if not _can_hold(np.concatenate([rows[j], rows[i]]), np.concatenate([right[j], right[i]])):
                raise UnsupportedError(f"the constraints {texts[j]} and {texts[i]} cannot hold together")
        raise UnsupportedError(f"the constraint {texts[i]} cannot hold together with {'; '.join(texts[:i])}")


def _can_hold(a: Array, b: Array) -> bool:
    x = np.linalg.lstsq(a, b, rcond=None)[0]
    return bool(np.max(np.abs(a @ x - b), initial=0.0) <= SAME * max(1.0, float(np.max(np.abs(b), initial=0.0))))


def start(known: Affine, u: Array, lower: Array, texts: list[str]) -> Array:
    """The point nearest to u, or one near it, that the constraints and bounds allow.

    Raises UnsupportedError where there is none, with the texts of the constraints.
    """
    if not len(known.rows):
        return np.maximum(u, lower)
    for _ in range(20):
        u = u + known.rows.T @ (known.values - known.rows @ u)
        if np.all(u >= lower):
            return u
        u = np.maximum(u, lower)
    _check_bounds(known, lower, texts)
    p = bounded_step(np.eye(len(u)), np.zeros(len(u)), u, lower, known.rows, known.values - known.rows @ u)
    return np.maximum(u + p, lower)


def _check_bounds(known: Affine, lower: Array, texts: list[str]) -> None:
    from scipy.optimize import linprog

    bounds = [(None if low == -np.inf else low, None) for low in lower]
    found = linprog(np.zeros(len(lower)), A_eq=known.rows, b_eq=known.values, bounds=bounds, method="highs")
    if found.status == 2:
        raise UnsupportedError(f"{'; '.join(texts)} cannot hold within the declared bounds")
