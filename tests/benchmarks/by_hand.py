"""The benchmark's yardstick: value, gradient and Hessian as an expert writes them with NumPy, BLAS and LAPACK.

Each function takes the data and whether the Hessian is wanted too.  A Hessian by an n × c matrix is in vec coordinates (columns
one below the other), as matcalc's are, or a view of four indices with the same order: column, row, column, row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

Data = dict[str, Any]
Answer = tuple[Any, ...]

# --- pieces ----------------------------------------------------------------------------------------------------------


def add_to_diagonal(A: Any, s: float) -> None:
    A.ravel()[:: len(A) + 1] += s


def block_diagonal_gram(X: Any, Q: Any) -> Any:
    """Block (a, a) is X' diag(Q[:, a]) X, all else is zero."""
    n, c = X.shape[1], Q.shape[1]
    H = np.zeros((c, n, c, n))
    rows, weights = np.ascontiguousarray(X.T), np.ascontiguousarray(Q.T)
    for a in range(c):
        H[a, :, a] = (rows * weights[a]) @ X
    return H.reshape(c * n, c * n)


def row_gram(X: Any, W: Any) -> Any:
    """The sum over the rows i of W_i ⊗ x_i x_i' for symmetric W_i: the entries j ≤ k of x_i x_i' as the rows of one product."""
    (m, n), c = X.shape, W.shape[1]
    j, k = np.triu_indices(n)
    G = ((X[:, j] * X[:, k]).T @ W.reshape(m, c * c)).reshape(-1, c, c)
    H = np.empty((c, n, c, n))
    H[:, j, :, k] = G
    H[:, k, :, j] = G
    return H.reshape(c * n, c * n)


def cholesky(S: Any, overwrite: bool = False) -> Any:
    """The lower factor, in LAPACK's order; above it is whatever was there."""
    return lapack.dpotrf(S.T, lower=1, overwrite_a=overwrite, clean=0)[0]


def logdet(F: Any) -> Any:
    return 2 * np.log(F.diagonal()).sum()


def inverse(F: Any) -> Any:
    """From a Cholesky factor, which it overwrites.  LAPACK fills one triangle, which is mirrored block by block."""
    S = lapack.dpotri(F, lower=1, overwrite_c=1)[0].T
    for i in range(0, len(S), 128):
        here, after = slice(i, i + 128), slice(i + 128, None)
        block = np.triu(S[here, here])
        S[here, here] = block + np.triu(block, 1).T
        S[after, here] = S[here, after].T
    return S


def trace_of_square(M: Any) -> Any:
    """tr(M M), in blocks that stay in the cache."""
    cuts = [slice(i, i + 128) for i in range(0, len(M), 128)]
    return sum(np.vdot(M[i, j], M[j, i].T) for i in cuts for j in cuts)


# --- regressions -----------------------------------------------------------------------------------------------------


def quadratic(d: Data, second: bool) -> Answer:
    A, x = d["A"], d["x"]
    if second:
        H = A + A.T
        g = H @ x
        return 0.5 * (x @ g), g, H
    t = A @ x
    return x @ t, t + x @ A


def least_squares(d: Data, second: bool) -> Answer:
    A = d["A"]
    r = A @ d["x"]
    r -= d["b"]
    g = r @ A
    g *= 2
    if not second:
        return r @ r, g
    H = A.T @ A
    H *= 2
    return r @ r, g, H


def logistic(d: Data, second: bool) -> Answer:
    X, y, w, c = d["X"], d["y"], d["w"], d.get("c")
    e = X @ w
    e *= y
    np.negative(e, out=e)
    np.exp(e, out=e)
    p = e + 1
    e /= p  # the probability of the other label
    f, g = np.log(p).sum(), (y * e) @ X
    np.negative(g, out=g)
    if c is not None:
        f += 0.5 * c * (w @ w)
        g += c * w
    if not second:
        return f, g
    e /= p
    np.sqrt(e, out=e)
    e *= y
    B = e[:, None] * X
    H = B.T @ B
    if c is not None:
        add_to_diagonal(H, c)
    return f, g, H


def factorisation(d: Data, second: bool) -> Answer:
    U, V = d["U"], d["V"]
    R = U @ V.T
    R -= d["T"]
    f, g = np.vdot(R, R), R @ V
    g *= 2
    if not second:
        return f, g
    (m, k), i = U.shape, np.arange(len(U))
    H = np.zeros((k, m, k, m))
    H[:, i, :, i] = 2 * (V.T @ V)
    return f, g, H.reshape(k * m, k * m)


def component(d: Data, second: bool) -> Answer:
    X, w = d["X"], d["w"]
    s = w @ w
    if not second:
        u = X @ w
        q = u @ u
        return np.vdot(X, X) + (s - 2) * q, (2 * s - 4) * (u @ X) + (2 * q) * w
    H = X.T @ X
    v = H @ w
    q = w @ v
    f, g = H.trace() + (s - 2) * q, (2 * s - 4) * v + (2 * q) * w
    H *= 2 * s - 4
    P = np.stack([w, v])
    H += (4 * P.T) @ P[::-1]
    add_to_diagonal(H, 2 * q)
    return f, g, H


def tanh_squares(d: Data, second: bool) -> Answer:
    X = d["X"]
    G = np.tanh(X @ d["W"])
    return _squares(X, G, G - d["Y"], 1 - G * G, -2 * G, second)


def sigmoid_squares(d: Data, second: bool) -> Answer:
    X = d["X"]
    G = 1 / (1 + np.exp(-(X @ d["W"])))
    return _squares(X, G, G - d["Y"], G * (1 - G), 1 - 2 * G, second)


def _squares(X: Any, G: Any, R: Any, D: Any, bend: Any, second: bool) -> Answer:
    """‖G − Y‖² with residual R, where G' = D and G'' = bend ⊙ D."""
    f, g = np.vdot(R, R), X.T @ (R * D)
    g *= 2
    if not second:
        return f, g
    R *= bend
    R += D
    R *= D
    R *= 2
    return f, g, block_diagonal_gram(X, R)


# --- networks --------------------------------------------------------------------------------------------------------


def _log_softmax(Z: Any, Y: Any) -> tuple[Any, Any, Any]:
    """−Σ Y ⊙ log softmax(Z) by rows, the softmax, the sums of Y's rows; Z is overwritten."""
    Z -= Z.max(1, keepdims=True)
    P = np.exp(Z)
    S = P.sum(1)
    P /= S[:, None]
    r = Y.sum(1)
    return r @ np.log(S) - np.vdot(Y, Z), P, r


def softmax(d: Data, second: bool) -> Answer:
    X, Y = d["X"], d["Y"]
    f, P, r = _log_softmax(X @ d["W"], Y)
    rP = P * r[:, None]
    g = X.T @ (rP - Y)
    if not second:
        return f, g
    B, a = rP[:, :, None] * P[:, None, :], np.arange(P.shape[1])
    np.negative(B, out=B)
    B[:, a, a] += rP
    return f, g, row_gram(X, B)


def two_layers(d: Data, second: bool) -> Answer:
    X, V, Y = d["X"], d["V"], d["Y"]
    A = X @ d["W"]
    on = (A > 0).astype(A.dtype)
    A *= on
    f, P, r = _log_softmax(A @ V, Y)
    Q = (P * r[:, None] - Y) @ V.T
    Q *= on
    g = X.T @ Q
    if not second:
        return f, g
    (h, c), m = V.shape, len(X)  # row i is weighted with r_i V (diag(p_i) − p_i p_i') V' where both units are on
    B = (P @ (V[:, None, :] * V).reshape(h * h, c).T).reshape(m, h, h)
    B *= on[:, :, None]
    B *= on[:, None, :]
    p = P @ V.T
    p *= on
    B -= p[:, :, None] * p[:, None, :]
    B *= r[:, None, None]
    return f, g, row_gram(X, B)


def ten_layers(d: Data, second: bool) -> Answer:
    x, y = d["x"], d["y"]
    layers = [d[f"A{k}"] for k in range(1, 10)]
    z, on = d["W"] @ x, []
    for A in layers:
        on.append(np.maximum(np.sign(z), 0))
        z = A @ (z * on[-1])
    z -= z.max()
    p = np.exp(z)
    S, s = p.sum(), y.sum()
    p /= S
    f, r = s * np.log(S) - y @ z, s * p - y
    if not second:
        for A, u in zip(layers[::-1], on[::-1], strict=True):
            r = (r @ A) * u
        return f, np.outer(r, x)
    J = layers[-1] * on[-1]
    for A, u in zip(layers[-2::-1], on[-2::-1], strict=True):
        J = (J @ A) * u
    v = p @ J
    M = J.T @ (p[:, None] * J)
    M -= np.outer(v, v)
    M *= s
    n = len(x)
    return f, np.outer(r @ J, x), (np.outer(x, x)[:, None, :, None] * M[None, :, None, :]).reshape(n * n, n * n)


# --- Gaussian likelihoods --------------------------------------------------------------------------------------------


def covariance(d: Data, second: bool) -> Answer:
    C = d["C"]
    F = cholesky(d["S"])
    f = logdet(F)
    Si = inverse(F)
    M = Si @ C @ Si
    f, g = f + np.vdot(Si, C), Si - M
    if not second:
        return f, g
    n = len(C)  # entry (b, a), (j, i) is (M − S⁻¹)[b, i] S⁻¹[j, a] + S⁻¹[b, i] M[j, a]: a product of two columns with two rows
    P, Q = np.stack([(M - Si).ravel(), Si.ravel()]), np.stack([Si.ravel(), M.ravel()])
    return f, g, (P.T @ Q).reshape(n, n, n, n).transpose(0, 3, 2, 1)


def process(d: Data, second: bool) -> Answer:
    """K = aE + cI with E = exp(−bD), so that ∂K/∂a = E = (K − cI)/a needs no product of its own."""
    D, y, (a, b, c) = d["D"], d["y"], d["theta"]
    n = len(y)
    E = D * -b
    np.exp(E, out=E)
    DE = D * E
    E *= a
    add_to_diagonal(E, c)
    F = cholesky(E, overwrite=True)
    f = 0.5 * logdet(F)
    α = lapack.dpotrs(F, y, lower=1)[0]
    f += 0.5 * (y @ α)
    Ki = inverse(F)
    trace, αα, DEα = Ki.trace(), α @ α, DE @ α
    Eα, sum_DE = (y - c * α) / a, np.vdot(Ki, DE)
    g = 0.5 * np.array([(n - c * trace) / a - α @ Eα, a * (α @ DEα - sum_DE), trace - αα])
    if not second:
        return f, g
    M = Ki @ DE
    square, mixed, fourth = np.vdot(Ki, Ki), np.vdot(M, Ki), trace_of_square(M)
    Kα, KDEα = Ki @ α, Ki @ DEα
    DE *= D
    H = np.empty((3, 3))
    H[0, 0] = Eα @ (α - c * Kα) / a - 0.5 * (n - 2 * c * trace + c * c * square) / (a * a)
    H[0, 1] = 0.5 * (α @ DEα - sum_DE) + 0.5 * (sum_DE - c * mixed) - a * (Eα @ KDEα)
    H[0, 2] = Eα @ Kα - 0.5 * (trace - c * square) / a
    H[1, 1] = 0.5 * a * (np.vdot(Ki, DE) - α @ (DE @ α)) + a * a * (DEα @ KDEα - 0.5 * fourth)
    H[1, 2] = 0.5 * a * mixed - a * (DEα @ Kα)
    H[2, 2] = α @ Kα - 0.5 * square
    H[1, 0], H[2, 0], H[2, 1] = H[0, 1], H[0, 2], H[1, 2]
    return f, g, H
