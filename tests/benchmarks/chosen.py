"""Ten problems that were chosen before anybody looked at their programs; no rule was written for one of them.

Each has its hand-written form beside it.  Their first figures are kept in `FIRST`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from benchmarks.by_hand import Answer, Data, add_to_diagonal, cholesky, inverse, logdet
from benchmarks.problems import Problem, normal, sizes, spd

Matrix = Any


def _softplus(t: Matrix, e: Matrix) -> Matrix:
    """log(1 + exp(t)) with e = exp(-abs(t))."""
    return np.maximum(t, 0) + np.log1p(e)


def _expand(e: Matrix, t: Matrix) -> Matrix:
    return np.where(t >= 0, 1, e) / (1 + e)


def _times(A: Matrix, B: Matrix, C: Matrix) -> Matrix:
    return A @ (B @ C)


# --- by hand ---------------------------------------------------------------------------------------------------------


def two_sided(d: Data, second: bool) -> Answer:
    A, X, B, mu = d["A"], d["X"], d["B"], d["mu"]
    R = _times(A, X, B)
    R -= d["C"]
    f, g = np.vdot(R, R) + mu * np.vdot(X, X), 2 * ((A.T @ R) @ B.T)
    g += (2 * mu) * X
    if not second:
        return f, g
    P, Q = 2 * (B @ B.T), A.T @ A
    H = P[:, None, :, None] * Q[:, None, :]
    i = np.arange(len(P) * len(Q))
    H = H.reshape(len(i), len(i))
    H[i, i] += 2 * mu
    return f, g, H


def poisson(d: Data, second: bool) -> Answer:
    X, w = d["X"], d["w"]
    t = X @ w
    p = np.exp(t)
    p *= d["o"]
    f, g = p.sum() - d["y"] @ t, (p - d["y"]) @ X
    if not second:
        return f, g
    B = X * np.sqrt(p)[:, None]
    return f, g, B.T @ B


def matrix_normal(d: Data, second: bool) -> Answer:
    R, (F, G) = d["X"] - d["M"], (cholesky(d["U"]), cholesky(d["V"]))
    left = lapack.dpotrs(F, R, lower=1)[0]
    both = lapack.dpotrs(G, left.T, lower=1)[0].T
    f, g = np.vdot(R, both), -2 * both
    if not second:
        return f, g
    P, Q = 2 * inverse(G), inverse(F)
    return f, g, (P[:, None, :, None] * Q[:, None, :]).reshape(R.size, R.size)


def whitening(d: Data, second: bool) -> Answer:
    W, P = d["W"], d["W"] @ d["S"]
    E = P @ W.T
    add_to_diagonal(E, -1)
    return np.vdot(E, E), 4 * (E @ P)


def many_logistic(d: Data, second: bool) -> Answer:
    X, Y, W = d["X"], d["Y"], d["W"]
    t = X @ W
    t *= Y
    np.negative(t, out=t)
    e = np.exp(-np.abs(t))
    f, s = _softplus(t, e).sum(), _expand(e, t)
    g = -(X.T @ (Y * s))
    if not second:
        return f, g
    D = s * (1 - s)
    D *= Y * Y
    n, c = W.shape
    H, xt = np.zeros((c, n, c, n)), np.ascontiguousarray(X.T)
    for a in range(c):
        H[a, :, a] = (xt * D[:, a]) @ X
    return f, g, H.reshape(c * n, c * n)


def barrier(d: Data, second: bool) -> Answer:
    X, S, Z, rho = d["X"], d["S"], d["Z"], d["rho"]
    F, E = cholesky(X), X - Z
    f, Y = np.vdot(S, X) - logdet(F) + rho * np.vdot(E, E), inverse(F)
    g = (2 * rho) * E
    g += S
    g -= Y
    if not second:
        return f, g
    n = len(X)
    H = (Y[:, None, None, :] * Y[:, :, None]).reshape(n * n, n * n)
    add_to_diagonal(H, 2 * rho)
    return f, g, H


def evidence(d: Data, second: bool) -> Answer:
    """X Diag(a) X' + sigma I through the n × n matrix X'X + sigma Diag(1/a)."""
    X, a, y, sigma = d["X"], d["a"], d["y"], d["sigma"]
    m = len(y)
    A = X.T @ X
    M = A.copy()
    M.ravel()[:: len(a) + 1] += sigma / a
    F = cholesky(M, True)
    b = y @ X
    u = lapack.dpotrs(F, b, lower=1)[0]
    f = (y @ y - b @ u) / sigma + logdet(F) + np.log(a).sum() + (m - len(a)) * np.log(sigma)
    B = (A - A @ lapack.dpotrs(F, A, lower=1)[0]) / sigma  # X' K^-1 X
    z = (b - A @ u) / sigma
    g = B.diagonal() - z * z
    if not second:
        return f, g
    return f, g, B * (2 * np.outer(z, z) - B)


def student(d: Data, second: bool) -> Answer:
    X, nu = d["X"], d["nu"]
    r = X @ d["w"]
    r -= d["y"]
    s = r * r
    s /= nu
    f = np.log1p(s).sum()
    s += 1
    q = 2 * r / (nu * s)
    g = q @ X
    if not second:
        return f, g
    h = 2 / (nu * s) - q * q
    return f, g, (X.T * h) @ X


def symmetric_factors(d: Data, second: bool) -> Answer:
    A, H = d["A"], d["H"]
    G, P = H.T @ H, A @ H
    return np.vdot(A, A) - 2 * np.vdot(P, H) + np.vdot(G, G), 4 * (H @ G - P)


def bilinear(d: Data, second: bool) -> Answer:
    A, B, M, y = d["A"], d["B"], d["M"], d["y"]
    t = np.einsum("ij,ij->i", A @ M, B)
    t *= -y
    e = np.exp(-np.abs(t))
    f, s = _softplus(t, e).sum(), _expand(e, t)
    g = -(A.T @ ((y * s)[:, None] * B))
    if not second:
        return f, g
    R = (B[:, :, None] * A[:, None, :]).reshape(len(y), -1)
    R *= (np.sqrt(s * (1 - s)) * np.abs(y))[:, None]
    return f, g, R.T @ R


# --- data and the functions for automatic differentiation -------------------------------------------------------------


def _marginal(lib: Any, a: Any, d: Data) -> Any:
    K = (d["X"] * a) @ d["X"].T + d["sigma"] * lib.eye(len(d["y"]))
    return d["y"] @ lib.np.linalg.solve(K, d["y"]) + lib.np.linalg.slogdet(K)[1]


def _two_sided_normal(lib: Any, M: Any, d: Data) -> Any:
    R = d["X"] - M
    return lib.np.sum(lib.np.linalg.solve(d["U"], R) * lib.np.linalg.solve(d["V"], R.T).T)


def _softplus_in(lib: Any, t: Any) -> Any:
    return lib.np.logaddexp(t, lib.np.zeros_like(t))


# fmt: off
CHOSEN = (
    Problem(
        "two-sided ridge", "norm(A*X*B - C)^2 + mu*norm(X)^2", "X", "A: (m, p); X: (p, q); B: (q, n); C: (m, n); mu: scalar positive",
        sizes("m p q n", "20 4 3 10", "200 20 10 100", "1000 40 30 800"),
        lambda rng, m, p, q, n: {"A": normal(rng, m, p), "X": normal(rng, p, q), "B": normal(rng, q, n), "C": normal(rng, m, n), "mu": np.array(.5)},
        lambda lib, X, d: lib.np.sum((d["A"] @ X @ d["B"] - d["C"]) ** 2) + d["mu"] * lib.np.sum(X**2), two_sided, hessians=2,
    ),
    Problem(
        "Poisson regression", "o'*exp(X*w) - y'*X*w", "w", "X: (m, n); w: (n); o: (m) positive; y: (m)", sizes("m n", "20 5", "1000 50", "5000 400"),
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n, "o": rng.uniform(.5, 1.5, m), "y": rng.poisson(1., m) * 1.},
        lambda lib, w, d: d["o"] @ lib.np.exp(d["X"] @ w) - d["y"] @ (d["X"] @ w), poisson,
    ),
    Problem(
        "matrix normal mean", "tr(inv(U)*(X - M)*inv(V)*(X - M)')", "M", "X: (m, n); M: (m, n); U: (m, m) spd; V: (n, n) spd",
        sizes("m n", "8 5", "40 20", "500 300"),
        lambda rng, m, n: {"X": normal(rng, m, n), "M": normal(rng, m, n), "U": spd(rng, m), "V": spd(rng, n)},
        _two_sided_normal, matrix_normal, hessians=2,
    ),
    Problem(
        "whitening", "norm(W*S*W' - eye(k))^2", "W", "W: (k, n); S: (n, n) symmetric", sizes("k n", "3 10", "10 100", "20 800"),
        lambda rng, k, n: {"W": normal(rng, k, n) / n, "S": spd(rng, n)},
        lambda lib, W, d: lib.np.sum((W @ d["S"] @ W.T - lib.eye(len(W))) ** 2), whitening, hessians=0,
    ),
    Problem(
        "many logistic regressions", "sum(log(1 + exp(-Y.*(X*W))))", "W", "X: (m, n); W: (n, c); Y: (m, c)",
        sizes("m n c", "20 4 3", "500 20 10", "4000 60 20"),
        lambda rng, m, n, c: {"X": normal(rng, m, n), "W": normal(rng, n, c) / n**.5, "Y": np.sign(normal(rng, m, c))},
        lambda lib, W, d: lib.np.sum(_softplus_in(lib, -d["Y"] * (d["X"] @ W))), many_logistic,
    ),
    Problem(
        "covariance with a barrier", "tr(S*X) - logdet(X) + rho*norm(X - Z)^2", "X", "X: (n, n) spd; S: (n, n) symmetric; Z: (n, n) symmetric; rho: scalar",
        sizes("n", "5", "30", "500"),
        lambda rng, n: {"X": spd(rng, n), "S": spd(rng, n), "Z": spd(rng, n), "rho": np.array(.3)},
        lambda lib, X, d: lib.np.sum(d["S"] * X) - lib.np.linalg.slogdet(X)[1] + d["rho"] * lib.np.sum((X - d["Z"])**2), barrier, hessians=2,
    ),
    Problem(
        "evidence of a linear model", "y'*inv(X*diag(a)*X' + sigma*eye(m))*y + logdet(X*diag(a)*X' + sigma*eye(m))", "a",
        "X: (m, n); a: (n) positive; y: (m); sigma: scalar positive", sizes("m n", "20 5", "200 10", "1000 40"),
        lambda rng, m, n: {"X": normal(rng, m, n), "a": rng.uniform(.5, 1.5, n), "y": normal(rng, m), "sigma": np.array(.6)}, _marginal, evidence,
    ),
    Problem(
        "Student regression", "sum(log(1 + (X*w - y).^2/nu))", "w", "X: (m, n); w: (n); y: (m); nu: scalar positive", sizes("m n", "20 5", "1000 50", "5000 400"),
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n, "y": normal(rng, m), "nu": np.array(4.)},
        lambda lib, w, d: lib.np.sum(lib.np.log1p((d["X"] @ w - d["y"])**2 / d["nu"])), student,
    ),
    Problem(
        "symmetric factorisation", "norm(A - H*H')^2", "H", "A: (n, n) symmetric; H: (n, k)", sizes("n k", "10 2", "100 5", "1000 10"),
        lambda rng, n, k: {"A": spd(rng, n), "H": normal(rng, n, k)},
        lambda lib, H, d: lib.np.sum((d["A"] - H @ H.T) ** 2), symmetric_factors, hessians=0,
    ),
    Problem(
        "bilinear logistic regression", "sum(log(1 + exp(-y.*rowsum((A*M).*B))))", "M", "A: (m, p); M: (p, q); B: (m, q); y: (m)",
        sizes("m p q", "20 3 2", "500 15 8", "5000 40 20"),
        lambda rng, m, p, q: {"A": normal(rng, m, p), "M": normal(rng, p, q) / (p*q)**.5, "B": normal(rng, m, q), "y": np.sign(normal(rng, m))},
        lambda lib, M, d: lib.np.sum(_softplus_in(lib, -d["y"] * lib.np.sum((d["A"] @ M) * d["B"], 1))), bilinear,
    ),
)
# fmt: on
