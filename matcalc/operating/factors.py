"""Factorisations of arrays: of a whole matrix, or of many small ones, kept for any number of right sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError
from scipy import linalg as sla

from matcalc.operating.maps import Array, Solver

SMALL = 32  # blocks up to this size are solved in one call for all of them


def factorised(a: Array, symmetric: bool) -> Solver:
    """x = a⁻¹ b: by Cholesky's factorisation where `a` is symmetric and definite, by Bunch and Kaufman's where it is symmetric, else by LU.

    Raises LinAlgError where `a` is singular in its precision.
    """
    a = np.asarray(a)
    a = (a if np.issubdtype(a.dtype, np.inexact) else a.astype(float)).T  # column by column, as LAPACK has it
    n, symmetric = len(a), symmetric and np.isrealobj(a)
    names = ("lange", "potrf", "pocon", "sytrf", "sycon", "getrf", "gecon")
    lange, potrf, pocon, sytrf, sycon, getrf, gecon = sla.get_lapack_funcs(names, (a,))
    norm = float(lange("1", a)) if n else 0.0
    if not np.isfinite(norm):
        _check(np.nan, n, a.dtype)
    signs = set(np.sign(np.diagonal(a)).tolist()) if symmetric else set()
    if signs in ({1}, {-1}):  # else it is not definite
        negative = signs == {-1}
        c, info = potrf(-a if negative else a, lower=True, clean=False, overwrite_a=int(negative))
        if info == 0:
            _check(pocon(c, norm, uplo="L")[0], n, a.dtype)
            solve = _by("potrs", c, lower=True)
            return (lambda b: -solve(b)) if negative else solve
    if symmetric and hasattr(sla.lapack, "dsytrs"):  # of SciPy 1.15
        c, pivots, info = sytrf(a, lwork=64 * n)
        _check(0.0 if info > 0 else sycon(c, pivots, norm)[0], n, a.dtype)
        return _by("sytrs", c, pivots)
    c, pivots, info = getrf(a)
    _check(0.0 if info > 0 else gecon(c, norm)[0], n, a.dtype)
    return _by("getrs", c, pivots, trans=1)


def _by(name: str, *factors: Array, **options: Any) -> Solver:
    """Solutions by a routine of LAPACK, in the precision of the right side where that is the higher one."""

    def solve(b: Array) -> Array:
        (routine,) = sla.get_lapack_funcs((name,), (factors[0], b))
        return routine(*factors, b, **options)[0]

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
