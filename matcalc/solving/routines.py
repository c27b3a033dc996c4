"""Routines for eigenvectors that generated programs call: these functions are copied into them as they stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sla


def eigenvectors(
    m: Any,
    b: Any = None,
    zeros: Any = None,
    square: Any = 1.0,
    k: int | None = None,
    largest: bool = True,
    turned: bool = False,
    weights: Any = None,
    rooted: bool = False,
) -> Any:
    """The k eigenvectors of m x = λ b x with the largest (smallest) λ among the x with zeros @ x = 0, as columns; without k, one.

    With `weights`, the x with the largest (smallest) trace of x^H m x weights; `rooted`, each times √λ, or zero.
    """
    m = (m + m.conj().T) / 2
    z = np.eye(len(m)) if zeros is None else np.linalg.qr(np.atleast_2d(zeros).conj().T, mode="complete")[0][:, len(np.atleast_2d(zeros)) :]
    values, vectors = sla.eigh(z.conj().T @ m @ z, None if b is None else z.conj().T @ b @ z)
    vectors = vectors * np.sqrt(np.maximum(values, 0)) if rooted else vectors
    vectors = vectors[:, ::-1] if largest else vectors
    if weights is not None:  # the ones above zero with the first, in their order, those below with the last
        d, turn = sla.eigh(weights)
        below = int((d < 0).sum())
        order = np.argsort(-d, kind="stable")
        places = [*range(len(d) - below), *range(len(m) - below, len(m))]
        vectors = vectors[:, [places[i] for i in np.argsort(order)]]
    x = np.sqrt(square) * z @ vectors[:, : k or 1]
    top = x[np.abs(x).argmax(0), np.arange(x.shape[1])]
    x = x * np.where(top == 0, 1, np.abs(top) / np.where(top == 0, 1, top))
    x = x if weights is None else x @ (turn * np.sign(turn[np.abs(turn).argmax(0), np.arange(len(d))])).T
    return x[:, 0] if k is None else x.conj().T if turned else x


def singular_pairs(
    c: Any,
    a: Any = None,
    b: Any = None,
    square_u: Any = 1.0,
    square_v: Any = 1.0,
    k: int | None = None,
    sign: int = 1,
    free: bool = False,
    turned_u: bool = False,
    turned_v: bool = False,
) -> Any:
    """The k pairs (u, v) with the largest Re u^H c v (with sign -1, the smallest) under u^H a u = 1 = v^H b v, as columns; without k, one.

    With `free`, u is c v, however long that is.  What is `turned` is transposed.
    """
    p = np.eye(len(c)) if a is None else np.linalg.cholesky(a)
    q = np.eye(c.shape[1]) if b is None else np.linalg.cholesky(b)
    u, _, v = np.linalg.svd(np.linalg.solve(q, np.linalg.solve(p, c).conj().T).conj().T, full_matrices=False)
    u, v = np.linalg.solve(p.conj().T, u[:, : k or 1]), np.linalg.solve(q.conj().T, v[: k or 1].conj().T)
    top = u[np.abs(u).argmax(0), np.arange(u.shape[1])]
    turn = np.abs(top) / top
    u, v = np.sqrt(square_u) * u * turn, sign * np.sqrt(square_v) * v * turn
    u = c @ v if free else u
    return (u[:, 0], v[:, 0]) if k is None else (u.conj().T if turned_u else u, v.conj().T if turned_v else v)


def threshold(v: Any, t: Any) -> Any:
    """v with its singular values less t, where they are larger; the others zero."""
    u, s, w = np.linalg.svd(v, full_matrices=False)
    return u * np.maximum(s - t, 0) @ w
