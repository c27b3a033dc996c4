"""Routines that the numpy columns of the table name: what NumPy and SciPy compute without a check.

Programs bring along the text of those that they use.  Outside of the domain of its row each gives nan or raises LinAlgError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as sla

Array = Any
Function = Callable[..., Any]


def _khatri_rao(x: Array, y: Array) -> Array:
    """The Kronecker products of the columns; SciPy's own takes as long to look at a small matrix as to multiply it."""
    return (x[:, None] * y).reshape(-1, x.shape[1])


def _sqrtm(a: Array) -> Array:
    """The principal square root; nan where it is not real."""
    z = sla.sqrtm(a)
    real = np.abs(z.imag).max(initial=0) <= 1e-8 * np.abs(z).max(initial=0)
    return np.where(real, z.real, np.nan).astype(np.result_type(a, np.float32))


def _logm(a: Array) -> Array:
    """The principal logarithm; nan where it is not real, or where a is singular."""
    a = np.asarray(a)
    s = np.linalg.svd(a, compute_uv=False)
    z = sla.logm(a) if s.min() > np.finfo(s.dtype).eps * s.max() else np.full(a.shape, np.nan)
    real = np.abs(z.imag).max(initial=0) <= 1e-8 * np.abs(z).max(initial=0)
    return np.where(real, z.real, np.nan).astype(np.result_type(a, np.float32))


def _frechet(f: Function, a: Array, e: Array) -> Array:
    """The Fréchet derivative of a function of matrices, from its value at a block matrix (Higham 2008, 3.16)."""
    n = len(a)
    size = np.abs(e).max(initial=0) / (np.abs(a).max(initial=0) or 1) or 1  # the block of e is to be as large as those of a
    return (f(np.block([[a, e / size], [np.zeros_like(a), a]]))[:n, n:] * size).astype(np.result_type(a, np.float32))


def _frechet2(f: Function, a: Array, y: Array, z: Array) -> Array:
    """The second Fréchet derivative of a function of matrices, from its value at a block matrix (Higham and Relton 2014)."""
    n, o, whole = len(a), np.zeros_like(a), np.abs(a).max(initial=0) or 1
    p, q = (np.abs(e).max(initial=0) / whole or 1 for e in (y, z))  # all blocks are to be as large
    y, z = y / p, z / q
    return (f(np.block([[a, y, z, o], [o, a, o, z], [o, o, a, y], [o, o, o, a]]))[:n, -n:] * (p * q)).astype(np.result_type(a, np.float32))


def _jacobian(f: Function, a: Array) -> Array:
    """The matrix of a linear function of matrices like a, between columns stacked."""
    units = np.eye(a.size, dtype=np.result_type(a, np.float32))
    return np.stack([f(e.reshape(a.shape, order="F")).reshape(-1, order="F") for e in units], axis=1)


def _pinv(a: Array) -> Array:
    """The pseudoinverse; singular values that rounding makes of zeros are zeros."""
    a = np.asarray(a)
    precision = np.finfo(a.dtype if a.dtype.kind in "fc" else float).eps
    return np.linalg.pinv(a, 10 * max(a.shape) * precision)


def _polar(a: Array) -> Array:
    """The polar factor; nan where a is not of full rank."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return u @ vt if s.min() > 10 * max(np.shape(a)) * np.finfo(s.dtype).eps * s.max() else np.full_like(u @ vt, np.nan)


def _expm_frechet(a: Array, e: Array) -> Array:
    """The Fréchet derivative of the exponential; nan where an entry is not finite."""
    if not (np.isfinite(a).all() and np.isfinite(e).all()):
        return np.full(np.shape(a), np.nan)
    return sla.expm_frechet(a, e, compute_expm=False, check_finite=False).astype(np.result_type(a, np.float32))


def _sylvester(a: Array, b: Array, c: Array) -> Array:
    """The solution of a x + x b = c; nan where an entry is not finite.  Raises LinAlgError where a and -b share an eigenvalue."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.full(np.shape(c), np.nan)
    (r, u), (s, v) = sla.schur(a), sla.schur(np.conj(b).T)
    right = u.conj().T @ c @ v
    (trsyl,) = sla.get_lapack_funcs(("trsyl",), (r, s, right))
    y, scale, info = trsyl(r, s, right, tranb="C")
    if info:
        raise np.linalg.LinAlgError("no solution: the matrices of a Sylvester equation share an eigenvalue, up to its sign")
    return scale * (u @ y @ v.conj().T)
