"""What generated programs call for eigenvectors: these functions are copied into them as they stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sla


def eigenvectors(m: Any, b: Any, zeros: Any, k: int, largest: bool) -> Any:
    """The k eigenvectors of m x = λ b x with the largest (smallest) λ among the x with zeros @ x = 0, b-orthonormal columns."""
    m = (m + m.T) / 2
    z = np.eye(len(m)) if zeros is None else np.linalg.qr(zeros.T, mode="complete")[0][:, len(zeros) :]
    _values, vectors = sla.eigh(z.T @ m @ z, None if b is None else z.T @ b @ z)
    x = z @ (vectors[:, ::-1] if largest else vectors)[:, :k]
    at = np.abs(x).argmax(0)
    return x * np.sign(x[at, np.arange(x.shape[1])])


def singular_pairs(c: Any, a: Any, b: Any, k: int) -> Any:
    """The k pairs (u, v) with the largest u'c v under u'a u = 1 and v'b v = 1, as columns."""
    p = np.eye(len(c)) if a is None else np.linalg.cholesky(a)
    q = np.eye(c.shape[1]) if b is None else np.linalg.cholesky(b)
    u, _, v = np.linalg.svd(np.linalg.solve(q, np.linalg.solve(p, c).T).T, full_matrices=False)
    u, v = np.linalg.solve(p.T, u[:, :k]), np.linalg.solve(q.T, v[:k].T)
    sign = np.sign(u[np.abs(u).argmax(0), np.arange(u.shape[1])])
    return u * sign, v * sign


def threshold(v: Any, t: Any) -> Any:
    """v with its singular values less t, where they are larger; the others zero."""
    u, s, w = np.linalg.svd(v, full_matrices=False)
    return u * np.maximum(s - t, 0) @ w
