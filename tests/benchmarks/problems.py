"""The problems of the benchmark: each as a text, as a function of an array library, and as NumPy written by hand.

They are those of the literature on symbolic derivatives (Laue, Mitterreiter, Giesen 2018, 2020) and of its users: quadratic
form, logistic regression, matrix factorisation, softmax regression, least squares, PCA, Gaussian likelihoods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sla

Data = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """`text` is differentiated by `wrt`; `value(xp, x, data)` is the same for automatic differentiation.

    `hand(data, second)` returns value, gradient and, if `second`, the Hessian in vec coordinates.
    """

    name: str
    text: str
    wrt: str
    where: str
    sizes: tuple[dict[str, int], ...]
    data: Callable[..., Data]
    value: Callable[[Any, Any, Data], Any]
    hand: Callable[[Data, bool], tuple[Any, ...]]
    largest_hessian: int = 99  # how many of the sizes a Hessian is made for


def normal(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape)


# --- quadratic form --------------------------------------------------------------------------------------------------


def quadratic(d: Data, second: bool) -> tuple[Any, ...]:
    A, x = d["A"], d["x"]
    if second:
        H = A + A.T
        g = H @ x
        return 0.5 * (x @ g), g, H
    t = A @ x
    return x @ t, t + x @ A


QUADRATIC = Problem(
    "quadratic form", "x'*A*x", "x", "A: (n, n)", ({"n": 10}, {"n": 500}, {"n": 2000}),
    lambda rng, n: {"A": normal(rng, n, n), "x": normal(rng, n)},
    lambda xp, x, d: x @ (d["A"] @ x), quadratic,
)  # fmt: skip

# --- logistic regression ---------------------------------------------------------------------------------------------


def logistic(d: Data, second: bool) -> tuple[Any, ...]:
    X, y, w = d["X"], d["y"], d["w"]
    e = np.exp(-y * (X @ w))
    p = 1 + e
    e /= p
    f, g = np.log(p).sum(), -((y * e) @ X)
    if not second:
        return f, g
    root = np.sqrt(e / p) * y
    B = root[:, None] * X
    return f, g, B.T @ B


LOGISTIC = Problem(
    "logistic regression", "sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", ({"m": 20, "n": 10}, {"m": 1000, "n": 500}, {"m": 2000, "n": 1000}),
    lambda rng, m, n: {"X": normal(rng, m, n), "y": np.sign(normal(rng, m)), "w": normal(rng, n) / n**0.5},
    lambda xp, w, d: xp.sum(xp.log(xp.exp(-d["y"] * (d["X"] @ w)) + 1)), logistic,
)  # fmt: skip

# --- matrix factorisation --------------------------------------------------------------------------------------------


def factorisation(d: Data, second: bool) -> tuple[Any, ...]:
    T, U, V = d["T"], d["U"], d["V"]
    R = U @ V.T
    R -= T
    f, g = np.vdot(R, R), 2 * (R @ V)
    if not second:
        return f, g
    (m, k), i = U.shape, np.arange(len(U))
    H = np.zeros((k, m, k, m))
    H[:, i, :, i] = 2 * (V.T @ V)
    return f, g, H.reshape(k * m, k * m)


FACTORISATION = Problem(
    "matrix factorisation", "norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)",
    ({"m": 10, "n": 10, "k": 5}, {"m": 200, "n": 200, "k": 5}, {"m": 1000, "n": 1000, "k": 5}),
    lambda rng, m, n, k: {"T": normal(rng, m, n), "U": normal(rng, m, k), "V": normal(rng, n, k)},
    lambda xp, U, d: xp.sum((d["T"] - U @ d["V"].T) ** 2), factorisation, largest_hessian=2,
)  # fmt: skip

# --- softmax regression ----------------------------------------------------------------------------------------------


def row_gram(X: Any, W: Any) -> Any:
    """The sum over i of W_i ⊗ x_i x_i', by one product of Khatri-Rao rows."""
    (m, n), c = X.shape, W.shape[1]
    j, k = np.triu_indices(n)
    G = (W.reshape(m, c * c).T @ (X[:, j] * X[:, k])).reshape(c, c, -1)
    H = np.empty((c, n, c, n))
    H[:, j, :, k] = G.transpose(2, 0, 1)
    H[:, k, :, j] = G.transpose(2, 0, 1)
    return H.reshape(c * n, c * n)


def softmax(d: Data, second: bool) -> tuple[Any, ...]:
    X, W, Y = d["X"], d["W"], d["Y"]
    Z = X @ W
    Z -= Z.max(1, keepdims=True)
    P = np.exp(Z)
    S = P.sum(1)
    P /= S[:, None]
    r = Y.sum(1)
    rP = P * r[:, None]
    f, g = r @ np.log(S) - np.vdot(Y, Z), X.T @ (rP - Y)
    if not second:
        return f, g
    B, a = -rP[:, :, None] * P[:, None, :], np.arange(W.shape[1])
    B[:, a, a] += rP
    return f, g, row_gram(X, B)


SOFTMAX = Problem(
    "softmax regression", "sum(rowsum(Y).*logsumexp_rows(X*W)) - sum(Y.*(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)",
    ({"m": 50, "d": 5, "c": 3}, {"m": 500, "d": 20, "c": 10}, {"m": 1000, "d": 50, "c": 10}),
    lambda rng, m, d, c: {"X": normal(rng, m, d), "W": normal(rng, d, c) / d**0.5, "Y": np.eye(c)[rng.integers(0, c, m)]},
    lambda xp, W, d: -xp.sum(d["Y"] * (d["X"] @ W - xp.log(xp.sum(xp.exp(d["X"] @ W), 1))[:, None])), softmax,
)  # fmt: skip

# --- least squares ---------------------------------------------------------------------------------------------------


def squares(d: Data, second: bool) -> tuple[Any, ...]:
    A = d["A"]
    r = A @ d["x"] - d["b"]
    f, g = r @ r, 2 * (A.T @ r)
    return (f, g, 2 * (A.T @ A)) if second else (f, g)


SQUARES = Problem(
    "least squares", "norm(A*x - b)^2", "x", "A: (m, n)", ({"m": 20, "n": 10}, {"m": 1000, "n": 500}, {"m": 2000, "n": 1000}),
    lambda rng, m, n: {"A": normal(rng, m, n), "x": normal(rng, n), "b": normal(rng, m)},
    lambda xp, x, d: xp.sum((d["A"] @ x - d["b"]) ** 2), squares,
)  # fmt: skip


def tanh_squares(d: Data, second: bool) -> tuple[Any, ...]:
    X = d["X"]
    G = np.tanh(X @ d["W"])
    R, D = G - d["Y"], 1 - G * G
    f, g = np.vdot(R, R), 2 * (X.T @ (R * D))
    if not second:
        return f, g
    Q = 2 * (D * D - 2 * R * G * D)
    n, c = d["W"].shape
    H, Xt, Qt = np.zeros((c, n, c, n)), np.ascontiguousarray(X.T), np.ascontiguousarray(Q.T)
    for a in range(c):
        H[a, :, a] = (Xt * Qt[a]) @ X
    return f, g, H.reshape(c * n, c * n)


TANH = Problem(
    "tanh least squares", "norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)",
    ({"m": 20, "d": 5, "c": 3}, {"m": 1000, "d": 50, "c": 10}, {"m": 2000, "d": 100, "c": 10}),
    lambda rng, m, d, c: {"X": normal(rng, m, d), "W": normal(rng, d, c) / d**0.5, "Y": normal(rng, m, c)},
    lambda xp, W, d: xp.sum((xp.tanh(d["X"] @ W) - d["Y"]) ** 2), tanh_squares,
)  # fmt: skip

# --- principal component ---------------------------------------------------------------------------------------------


def component(d: Data, second: bool) -> tuple[Any, ...]:
    X, w = d["X"], d["w"]
    u, s = X @ w, w @ w
    v, q = X.T @ u, u @ u
    f, g = np.vdot(X, X) + (s - 2) * q, (2 * s - 4) * v + 2 * q * w
    if not second:
        return f, g
    H = (2 * s - 4) * (X.T @ X)
    H += 4 * (w[:, None] * v + v[:, None] * w)
    H.ravel()[:: len(w) + 1] += 2 * q
    return f, g, H


COMPONENT = Problem(
    "principal component", "norm(X - X*w*w')^2", "w", "X: (m, n)", ({"m": 20, "n": 10}, {"m": 600, "n": 300}, {"m": 1000, "n": 500}),
    lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n**0.5},
    lambda xp, w, d: xp.sum((d["X"] - (d["X"] @ w)[:, None] * w) ** 2), component,
)  # fmt: skip

# --- Gaussian likelihoods --------------------------------------------------------------------------------------------


def covariance(d: Data, second: bool) -> tuple[Any, ...]:
    S, C = d["S"], d["C"]
    F, _ = sla.lapack.dpotrf(S.T, lower=1, clean=0)
    logdet = 2 * np.log(np.diagonal(F)).sum()
    L = np.tril(sla.lapack.dpotri(F, lower=1)[0])
    Si = L + np.tril(L, -1).T
    M = Si @ C @ Si
    f, g = logdet + np.vdot(Si, C), Si - M
    if not second:
        return f, g
    n = len(S)
    A, B = np.stack([Si, M - Si], 2), np.stack([M, Si], 1)
    return f, g, (A[:, None] @ B).reshape(n * n, n * n)


def spd(rng: np.random.Generator, n: int) -> Any:
    A = normal(rng, n, 2 * n)
    return A @ A.T / n


COVARIANCE = Problem(
    "Gaussian covariance", "log(det(S)) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) symmetric", ({"n": 10}, {"n": 30}, {"n": 500}),
    lambda rng, n: {"S": spd(rng, n), "C": spd(rng, n)},
    lambda xp, S, d: xp.linalg.slogdet(S)[1] + xp.trace(xp.linalg.solve(S, d["C"])), covariance, largest_hessian=2,
)  # fmt: skip

PROBLEMS = (QUADRATIC, LOGISTIC, FACTORISATION, SOFTMAX, SQUARES, TANH, COMPONENT, COVARIANCE)
