"""Factorisations of arrays: of a whole matrix, or of many small ones, kept for any number of right sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError
from scipy import linalg as sla

from matcalc.operating.maps import Array, Solver

SMALL = 32  # blocks up to this size are solved in one call for all of them


def factorised(a: Array, symmetric: bool) -> Solver:
    """x = a⁻¹ b by Cholesky's factorisation where `a` is symmetric and definite, else by LU.

    Raises LinAlgError where `a` is singular in its precision.
    """
    a = np.asarray(a)
    a = a if np.issubdtype(a.dtype, np.inexact) else a.astype(float)
    norm = float(np.max(np.abs(a).sum(axis=0), initial=0))
    if not np.isfinite(norm):
        _check(np.nan, len(a), a.dtype)
    if symmetric and np.isrealobj(a):
        potrf, potrs, pocon = sla.get_lapack_funcs(("potrf", "potrs", "pocon"), (a,))
        sign = -1 if a[0, 0] < 0 else 1
        c, info = potrf(sign * a.T, lower=True, clean=False, overwrite_a=sign < 0)
        if info == 0:
            _check(pocon(c, norm, uplo="L")[0], len(a), a.dtype)
            return lambda b: sign * (potrs(c, b, lower=True)[0] if b.dtype == c.dtype else sla.cho_solve((c, True), b, check_finite=False))
    getrf, gecon = sla.get_lapack_funcs(("getrf", "gecon"), (a,))
    lu, pivots, info = getrf(a)
    _check(0.0 if info > 0 else gecon(lu, norm)[0], len(a), a.dtype)

    def solve(b: Array) -> Array:
        return sla.lu_solve((lu, pivots), b, check_finite=False)

    return solve


def blockwise(blocks: Array, symmetric: bool) -> Solver:
    """For c blocks of p × p the solutions of all systems at once: right sides and solutions are (c, p, k)."""
    if blocks.shape[1] > SMALL:
        each = [factorised(a, symmetric) for a in blocks]
        return lambda b: np.stack([solve(x) for solve, x in zip(each, b, strict=True)])
    reciprocal = np.abs(blocks).sum(axis=1).max(axis=1) * np.abs(np.linalg.inv(blocks)).sum(axis=1).max(axis=1)
    _check(1 / float(np.max(reciprocal)), blocks.shape[1], blocks.dtype)
    return lambda b: np.linalg.solve(blocks, b)


def _check(reciprocal_condition: Any, n: int, dtype: Any) -> None:
    if np.isnan(reciprocal_condition):
        raise LinAlgError(f"the matrix ({n}, {n}) has entries that are not finite")
    if reciprocal_condition == 0:
        raise LinAlgError(f"the matrix ({n}, {n}) is singular")
    if reciprocal_condition < np.finfo(dtype).eps:
        raise LinAlgError(f"the matrix ({n}, {n}) is too near to a singular one: its condition number is {1 / reciprocal_condition:.0e}")
