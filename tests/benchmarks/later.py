"""Eight more problems of statistics, learning and signals, written by hand before their programs were looked at.

Time of our NumPy ÷ by hand at the largest sizes (value + gradient, + Hessian), when they were first run, and where it is another after
what they taught:

| problem                | first     | then       |
|------------------------|-----------|------------|
| factorisation machine  | 0.98, 163 | 0.98, 1.26 |
| total variation        | 1.06, 1.03 |           |
| neighbours' embedding  | 1.12      |            |
| vector autoregression  | 0.56, 0.89 |           |
| spatial autoregression | 1.03, 0.76 |           |
| capacity of a precoder | 1.65      |            |
| low-rank adapter       | 0.91, 0.98 |           |
| entropic transport     | 1.12, 1.08 |           |

The Hessian of the factorisation machine took 33 to 56 times the memory, too; entropic transport's is of 150 × 120.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from benchmarks.by_hand import Answer, Data, add_to_diagonal, cholesky, inverse, logdet
from benchmarks.problems import Problem, normal, sizes, spd


def machine(d: Data, second: bool) -> Answer:
    X, V, y = d["X"], d["V"], d["y"]
    Z, X2 = X @ V, X * X
    r = X @ d["w"]
    r -= y
    r += 0.5 * np.einsum("ij,ij->i", Z, Z)
    r -= 0.5 * (X2 @ np.einsum("ij,ij->i", V, V))
    f = r @ r
    Z2 = Z * r[:, None]
    g = X.T @ Z2
    u = r @ X2
    g -= u[:, None] * V
    g *= 2
    if not second:
        return f, g
    m, n = X.shape
    k = V.shape[1]
    J = X[:, None, :] * Z[:, :, None]
    J -= X2[:, None, :] * V.T
    J = J.reshape(m, k * n)
    H = 2 * (J.T @ J)
    G = 2 * ((X * r[:, None]).T @ X)
    G.ravel()[:: n + 1] -= 2 * u
    H4 = H.reshape(k, n, k, n)
    for a in range(k):
        H4[a, :, a] += G
    return f, g, H


def variation(d: Data, second: bool) -> Answer:
    C, x, y, mu, D, eps = d["C"], d["x"], d["y"], d["mu"], d["D"], d["eps"]
    r = C @ x
    r -= y
    t = D @ x
    s = np.sqrt(t * t + eps)
    f = r @ r + mu * s.sum()
    g = 2 * (r @ C)
    g += mu * ((t / s) @ D)
    if not second:
        return f, g
    H = C.T @ C
    H *= 2
    B = D * np.sqrt(mu * eps / (s * s * s))[:, None]
    H += B.T @ B
    return f, g, H


def embedding(d: Data, second: bool) -> Answer:
    P, Y = d["P"], d["Y"]
    q = np.einsum("ij,ij->i", Y, Y)
    W = Y @ Y.T
    W *= -2
    W += q[:, None]
    W += q
    W += 1
    f = np.vdot(P, np.log(W))
    np.divide(1, W, out=W)
    s = W.sum()
    f += np.log(s)
    Q = P * W
    W *= W
    W /= s
    Q -= W
    Q += Q.T
    g = Q.sum(1)[:, None] * Y
    g -= Q @ Y
    g *= 2
    return f, g


def autoregression(d: Data, second: bool) -> Answer:
    A, S, X, Y = d["A"], d["S"], d["X"], d["Y"]
    F = cholesky(S)
    R = X @ A
    R -= Y
    Z = lapack.dpotrs(F, R.T, lower=1)[0].T
    f = len(X) * logdet(F) + np.vdot(R, Z)
    g = X.T @ Z
    g *= 2
    if not second:
        return f, g
    G, Si = X.T @ X, inverse(F)
    G *= 2
    n, p = len(G), len(Si)
    return f, g, (Si[:, None, :, None] * G[:, None, :]).reshape(n * p, n * p)


def spatial(d: Data, second: bool) -> Answer:
    W, y, X, b, rho = d["W"], d["y"], d["X"], d["b"], d["rho"]
    n = len(y)
    A = W * -rho
    A.ravel()[:: n + 1] += 1
    Wy = W @ y
    r = y - rho * Wy
    r -= X @ b
    q, a = r @ r, r @ Wy
    lu, piv, _ = lapack.dgetrf(A.T)
    f = 0.5 * n * np.log(q) - np.log(np.abs(lu.diagonal())).sum()
    M = lapack.dgetrs(lu, piv, W.T)[0]
    g = -n * a / q + M.trace()
    if not second:
        return f, g
    h = n * (Wy @ Wy) / q - 2 * n * a * a / (q * q) + np.einsum("ij,ji->", M, M)
    return f, g, h


def capacity(d: Data, second: bool) -> Answer:
    H, W, s = d["H"], d["W"], d["s"]
    Z = H @ W
    M = Z.T @ Z
    M /= s
    add_to_diagonal(M, 1)
    F = cholesky(M)
    f = logdet(F)
    g = lapack.dpotrs(F, Z.T, lower=1)[0] @ H
    g *= 2 / s
    return f, g.T


def adapter(d: Data, second: bool) -> Answer:
    X, W, A, B, Y = d["X"], d["W"], d["A"], d["B"], d["Y"]
    R = X @ W
    R += (X @ A) @ B
    R -= Y
    f = np.vdot(R, R)
    g = X.T @ (R @ B.T)
    g *= 2
    if not second:
        return f, g
    G, K = X.T @ X, B @ B.T
    K *= 2
    n, k = len(G), len(K)
    return f, g, (K[:, None, :, None] * G[:, None, :]).reshape(n * k, n * k)


def transport(d: Data, second: bool) -> Answer:
    C, u, v, a, b, e = d["C"], d["u"], d["v"], d["a"], d["b"], d["e"]
    K = u[:, None] - C
    K += v
    K /= e
    np.exp(K, out=K)
    s = K.sum(1)
    f = e * s.sum() - a @ u - b @ v
    g = s - a
    if not second:
        return f, g
    return f, g, np.diag(s / e)


def _tv(lib: Any, x: Any, d: Data) -> Any:
    t = d["D"] @ x
    return lib.np.sum((d["C"] @ x - d["y"]) ** 2) + d["mu"] * lib.np.sum(lib.np.sqrt(t * t + d["eps"]))


def _emb(lib: Any, Y: Any, d: Data) -> Any:
    q = lib.np.sum(Y**2, 1)
    W = 1 + q[:, None] + q - 2 * Y @ Y.T
    return lib.np.sum(d["P"] * lib.np.log(W)) + lib.np.log(lib.np.sum(1 / W))


def _fm(lib: Any, V: Any, d: Data) -> Any:
    return lib.np.sum((d["X"] @ d["w"] + (lib.np.sum((d["X"] @ V) ** 2, 1) - d["X"] ** 2 @ lib.np.sum(V**2, 1)) / 2 - d["y"]) ** 2)


LATER = (
    Problem(
        "factorisation machine",
        "norm(X*w + (rowsum((X*V).^2) - (X.^2)*rowsum(V.^2))/2 - y)^2",
        "V",
        "X: (m, n); w: (n); V: (n, k); y: (m)",
        sizes("m n k", "30 6 2", "500 40 4", "5000 60 8"),
        lambda rng, m, n, k: {"X": normal(rng, m, n), "w": normal(rng, n), "V": normal(rng, n, k) / n, "y": normal(rng, m)},
        _fm,
        machine,
    ),
    Problem(
        "total variation",
        "norm(C*x - y)^2 + mu*sum(sqrt((D*x).^2 + eps))",
        "x",
        "C: (m, n); x: (n); y: (m); D: (p, n); mu: scalar positive; eps: scalar positive",
        sizes("m n p", "20 15 14", "200 150 149", "1500 1000 999"),
        lambda rng, m, n, p: {
            "C": normal(rng, m, n),
            "x": normal(rng, n),
            "y": normal(rng, m),
            "D": np.eye(p, n, 1) - np.eye(p, n),
            "mu": np.array(0.3),
            "eps": np.array(0.01),
        },
        _tv,
        variation,
    ),
    Problem(
        "neighbours' embedding",
        "sum(P.*log(1 + rowsum(Y.^2)*vector(1)' + vector(1)*rowsum(Y.^2)' - 2*Y*Y')) + log(sum(1./(1 + rowsum(Y.^2)*vector(1)' + vector(1)*rowsum(Y.^2)' - 2*Y*Y')))",
        "Y",
        "P: (m, m) symmetric; Y: (m, k)",
        sizes("m k", "15 2", "200 2", "1500 2"),
        lambda rng, m, k: (lambda A: {"P": (A + A.T) / (A.sum() * 2), "Y": normal(rng, m, k)})(rng.uniform(size=(m, m))),
        _emb,
        embedding,
        hessians=0,
    ),
    Problem(
        "vector autoregression",
        "m*logdet(S) + tr(inv(S)*(X*A - Y)'*(X*A - Y))",
        "A",
        "X: (m, n); A: (n, p); Y: (m, p); S: (p, p) spd",
        sizes("m n p", "20 4 3", "300 20 10", "5000 50 20"),
        lambda rng, m, n, p: {"X": normal(rng, m, n), "A": normal(rng, n, p), "Y": normal(rng, m, p), "S": spd(rng, p)},
        lambda lib, A, d: (lambda R: len(R) * lib.np.linalg.slogdet(d["S"])[1] + lib.np.sum(R.T * lib.np.linalg.solve(d["S"], R.T)))(
            d["X"] @ A - d["Y"]
        ),
        autoregression,
    ),
    Problem(
        "spatial autoregression",
        "n*log(norm((eye(n) - rho*W)*y - X*b)^2)/2 - logdet(eye(n) - rho*W)",
        "rho",
        "W: (n, n); rho: scalar; y: (n); X: (n, p); b: (p)",
        sizes("n p", "15 3", "100 5", "800 10"),
        lambda rng, n, p: {
            "W": rng.uniform(size=(n, n)) / n,
            "rho": np.array(0.4),
            "y": normal(rng, n),
            "X": normal(rng, n, p),
            "b": normal(rng, p),
        },
        lambda lib, rho, d: (
            lambda A: len(d["y"]) / 2 * lib.np.log(lib.np.sum((A @ d["y"] - d["X"] @ d["b"]) ** 2)) - lib.np.linalg.slogdet(A)[1]
        )(lib.eye(len(d["y"])) - rho * d["W"]),
        spatial,
    ),
    Problem(
        "capacity of a precoder",
        "logdet(eye(m) + H*W*W'*H'/s)",
        "W",
        "H: (m, n); W: (n, k); s: scalar positive",
        sizes("m n k", "6 4 2", "80 60 4", "1000 800 10"),
        lambda rng, m, n, k: {"H": normal(rng, m, n), "W": normal(rng, n, k) / n**0.5, "s": np.array(0.7)},
        lambda lib, W, d: (lambda Z: lib.np.linalg.slogdet(lib.eye(len(d["H"])) + Z @ Z.T / d["s"])[1])(d["H"] @ W),
        capacity,
        hessians=0,
    ),
    Problem(
        "low-rank adapter",
        "norm(X*(W + A*B) - Y)^2",
        "A",
        "X: (m, n); W: (n, p); A: (n, k); B: (k, p); Y: (m, p)",
        sizes("m n p k", "20 6 5 2", "200 60 50 4", "2000 500 400 8"),
        lambda rng, m, n, p, k: {
            "X": normal(rng, m, n),
            "W": normal(rng, n, p),
            "A": normal(rng, n, k),
            "B": normal(rng, k, p),
            "Y": normal(rng, m, p),
        },
        lambda lib, A, d: lib.np.sum((d["X"] @ (d["W"] + A @ d["B"]) - d["Y"]) ** 2),
        adapter,
        hessians=2,
    ),
    Problem(
        "entropic transport",
        "e*sum(exp((u*vector(1)' + vector(1)*v' - C)/e)) - a'*u - b'*v",
        "u",
        "C: (m, n); u: (m); v: (n); a: (m); b: (n); e: scalar positive",
        sizes("m n", "10 8", "150 120", "1500 1000"),
        lambda rng, m, n: {
            "C": rng.uniform(size=(m, n)),
            "u": normal(rng, m) * 0.1,
            "v": normal(rng, n) * 0.1,
            "a": rng.uniform(size=m),
            "b": rng.uniform(size=n),
            "e": np.array(0.3),
        },
        lambda lib, u, d: d["e"] * lib.np.sum(lib.np.exp((u[:, None] + d["v"] - d["C"]) / d["e"])) - d["a"] @ u - d["b"] @ d["v"],
        transport,
    ),
)
