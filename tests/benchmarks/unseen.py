"""Ten more problems of statistics, learning and control, written by hand before their programs were looked at; no rule was written for one.

Time of our NumPy ÷ by hand at the largest sizes (value + gradient, + Hessian), when they were first run and after what they taught:

| problem                       | first       | then       |
|-------------------------------|-------------|------------|
| matrix completion             | 1.39, 1.80  | 1.02, 1.01 |
| divergence of factors         | 1.02, 1.08  | 0.92, 1.01 |
| multivariate Student location | 0.59, 17.85 | 0.65, 0.53 |
| orthogonalisation step        | 1.14        | 1.15       |
| linear policy                 | 1.15, 1.06  | 1.10, 1.08 |
| kernel logistic regression    | 1.01, 0.94  | 1.20, 0.99 |
| negative binomial regression  | 0.98, 1.80  | 1.44, 1.00 |
| innovations of a filter       | 0.83        | 0.88       |
| trace ratio                   | 0.89        | 0.91       |
| robust factorisation          | 1.23, 1.13  | 1.04, 1.12 |

The later figures are of one run on a loaded machine: in the run before it, of the same programs, no value + gradient took more than 1.13.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from benchmarks.by_hand import Answer, Data, cholesky, inverse, logdet
from benchmarks.problems import Problem, normal, sizes, spd

Matrix = Any


def _diagonal_in_blocks(G: Matrix) -> Matrix:
    """The (k m) × (k m) matrix whose entry ((b, i), (c, i)) is G[i, b, c]."""
    m, k, _ = G.shape
    H, i = np.zeros((k, m, k, m)), np.arange(m)
    H[:, i, :, i] = G
    return H.reshape(k * m, k * m)


def _grams(weights: Matrix, V: Matrix) -> Matrix:
    """Σ_j w_ij v_j v_j' for each i."""
    n, k = V.shape
    return (weights @ (V[:, :, None] * V[:, None, :]).reshape(n, k * k)).reshape(-1, k, k)


# --- by hand ---------------------------------------------------------------------------------------------------------


def completion(d: Data, second: bool) -> Answer:
    P, U, V, mu = d["P"], d["U"], d["V"], d["mu"]
    E = U @ V.T
    E -= d["T"]
    E *= P
    f = np.vdot(E, E) + mu * np.vdot(U, U)
    E *= P
    g = 2 * (E @ V)
    g += (2 * mu) * U
    if not second:
        return f, g
    G = _grams(2 * (P * P), V)
    i = np.arange(V.shape[1])
    G[:, i, i] += 2 * mu
    return f, g, _diagonal_in_blocks(G)


def divergence(d: Data, second: bool) -> Answer:
    T, U, V = d["T"], d["U"], d["V"]
    Z, v = U @ V.T, V.sum(0)
    f = U.sum(0) @ v - np.vdot(T, np.log(Z))
    R = T / Z
    g = v - R @ V
    if not second:
        return f, g
    R /= Z
    return f, g, _diagonal_in_blocks(_grams(R, V))


def location(d: Data, second: bool) -> Answer:
    S, nu = d["S"], d["nu"]
    Z, F = (d["X"] - d["mu"]).T, cholesky(S)
    W = lapack.dpotrs(F, Z, lower=1)[0]
    q = np.einsum("ij,ij->j", Z, W)
    f, w = np.log1p(q / nu).sum(), 2 / (nu + q)
    g = -(W @ w)
    if not second:
        return f, g
    H = w.sum() * inverse(F)
    W *= w
    H -= W @ W.T
    return f, g, H


def orthogonalisation(d: Data, second: bool) -> Answer:
    X = d["X"]
    R = X @ (X.T @ X)
    R *= -0.5
    R += 1.5 * X
    R -= d["Y"]
    C = R.T @ X
    g = X @ (C + C.T)
    g += R @ (X.T @ X)
    np.subtract(3 * R, g, out=g)
    return np.vdot(R, R), g


def policy(d: Data, second: bool) -> Answer:
    A, B, K, P, R, S = (d[name] for name in "ABKPRS")
    F, KS = A - B @ K, K @ S
    PFS = P @ (F @ S)
    RK = R @ KS
    f, g = np.vdot(RK, K) + np.vdot(PFS, F), 2 * (RK - B.T @ PFS)
    if not second:
        return f, g
    Q = 2 * (R + B.T @ (P @ B))
    n, p = len(S), len(Q)
    return f, g, (S[:, None, :, None] * Q[:, None, :]).reshape(n * p, n * p)


def kernel_logistic(d: Data, second: bool) -> Answer:
    K, a, y, mu = d["K"], d["a"], d["y"], d["mu"]
    t = K @ a
    q = -y * t
    e = np.exp(-np.abs(q))
    f = (np.maximum(q, 0) + np.log1p(e)).sum() + mu * (a @ t)
    s = np.where(q >= 0, 1, e) / (1 + e)
    g = K @ ((2 * mu) * a - y * s)
    if not second:
        return f, g
    B = K * (np.sqrt(s * (1 - s)) * np.abs(y))[:, None]
    H = B.T @ B
    H += (2 * mu) * K
    return f, g, H


def counts(d: Data, second: bool) -> Answer:
    X, y, r = d["X"], d["y"], d["r"]
    t = X @ d["w"]
    e = np.exp(t)
    z = e + r
    f = (y + r) @ np.log(z) - y @ t
    p = (y + r) * e / z
    g = (p - y) @ X
    if not second:
        return f, g
    B = X * np.sqrt(p * r / z)[:, None]
    return f, g, B.T @ B


def innovation(d: Data, second: bool) -> Answer:
    A, v = d["A"], d["v"]
    AP = A @ d["P"]
    S = AP @ A.T
    S += d["Q"]
    F = cholesky(S)
    a = lapack.dpotrs(F, v, lower=1)[0]
    g = lapack.dpotrs(F, AP, lower=1)[0]
    g -= np.outer(a, a @ AP)
    g *= 2
    return logdet(F) + v @ a, g


def trace_ratio(d: Data, second: bool) -> Answer:
    W = d["W"]
    AW, BW = d["A"] @ W, d["B"] @ W
    F = cholesky(W.T @ AW)
    M = lapack.dpotrs(F, W.T @ BW, lower=1)[0]
    g = lapack.dpotrs(F, (BW - AW @ M).T, lower=1)[0].T
    return np.trace(M), 2 * g


def robust_factors(d: Data, second: bool) -> Answer:
    U = d["U"]
    E = U @ d["V"].T
    E -= d["X"]
    s = E * E
    s += 1
    np.sqrt(s, out=s)
    E /= s
    f, g = s.sum(), E.T @ U
    if not second:
        return f, g
    return f, g, _diagonal_in_blocks(_grams((1 / (s * s * s)).T, U))


# --- the table -------------------------------------------------------------------------------------------------------

FACTORS = sizes("m n k", "10 8 3", "100 80 5", "1000 800 10")

# fmt: off
UNSEEN = (
    Problem(
        "matrix completion", "norm(P.*(U*V' - T))^2 + mu*norm(U)^2", "U", "P: (m, n); U: (m, k); V: (n, k); T: (m, n); mu: scalar positive", FACTORS,
        lambda rng, m, n, k: {"P": (rng.uniform(size=(m, n)) < .3) * 1., "U": normal(rng, m, k), "V": normal(rng, n, k), "T": normal(rng, m, n),
                              "mu": np.array(.3)},
        lambda lib, U, d: lib.np.sum((d["P"] * (U @ d["V"].T - d["T"]))**2) + d["mu"] * lib.np.sum(U**2), completion, hessians=2,
    ),
    Problem(
        "divergence of factors", "sum(U*V') - sum(T.*log(U*V'))", "U", "U: (m, k) positive; V: (n, k) positive; T: (m, n) nonnegative", FACTORS,
        lambda rng, m, n, k: {"U": rng.uniform(.5, 1.5, (m, k)), "V": rng.uniform(.5, 1.5, (n, k)), "T": rng.poisson(k, (m, n)) * 1.},
        lambda lib, U, d: lib.np.sum(U @ d["V"].T) - lib.np.sum(d["T"] * lib.np.log(U @ d["V"].T)), divergence, hessians=2,
    ),
    Problem(
        "multivariate Student location", "sum(log(1 + rowsum(((X - vector(1)*mu')*inv(S)).*(X - vector(1)*mu'))/nu))", "mu",
        "X: (m, n); mu: (n); S: (n, n) spd; nu: scalar positive", sizes("m n", "20 4", "500 20", "5000 100"),
        lambda rng, m, n: {"X": normal(rng, m, n), "mu": normal(rng, n), "S": spd(rng, n), "nu": np.array(4.)},
        lambda lib, mu, d: lib.np.sum(lib.np.log1p(lib.np.sum((d["X"] - mu) * lib.np.linalg.solve(d["S"], (d["X"] - mu).T).T, 1) / d["nu"])), location,
    ),
    Problem(
        "orthogonalisation step", "norm(X*(3*eye(n) - X'*X)/2 - Y)^2", "X", "X: (m, n); Y: (m, n)", sizes("m n", "10 5", "100 20", "1000 200"),
        lambda rng, m, n: {"X": normal(rng, m, n) / m**.5, "Y": normal(rng, m, n)},
        lambda lib, X, d: lib.np.sum((1.5 * X - .5 * X @ (X.T @ X) - d["Y"])**2), orthogonalisation, hessians=0,
    ),
    Problem(
        "linear policy", "tr((K'*R*K + (A - B*K)'*P*(A - B*K))*S)", "K",
        "A: (n, n); B: (n, p); K: (p, n); P: (n, n) symmetric; R: (p, p) symmetric; S: (n, n) symmetric", sizes("n p", "5 2", "30 5", "400 40"),
        lambda rng, n, p: {"A": normal(rng, n, n) / n**.5, "B": normal(rng, n, p), "K": normal(rng, p, n) / n, "P": spd(rng, n), "R": spd(rng, p),
                           "S": spd(rng, n)},
        lambda lib, K, d: (lambda F: lib.np.trace((K.T @ d["R"] @ K + F.T @ d["P"] @ F) @ d["S"]))(d["A"] - d["B"] @ K), policy, hessians=2,
    ),
    Problem(
        "kernel logistic regression", "sum(log(1 + exp(-y.*(K*a)))) + mu*a'*K*a", "a", "K: (n, n) symmetric; y: (n); a: (n); mu: scalar positive",
        sizes("n", "20", "200", "1500"),
        lambda rng, n: {"K": spd(rng, n), "y": np.sign(normal(rng, n)), "a": normal(rng, n) / n, "mu": np.array(.1)},
        lambda lib, a, d: (lambda t: lib.np.sum(lib.np.logaddexp(-d["y"] * t, lib.np.zeros_like(t))) + d["mu"] * (a @ t))(d["K"] @ a), kernel_logistic,
    ),
    Problem(
        "negative binomial regression", "(y + r*vector(1))'*log(exp(X*w) + r*vector(1)) - y'*X*w", "w",
        "X: (m, n); w: (n); y: (m) nonnegative; r: scalar positive", sizes("m n", "20 5", "1000 50", "5000 400"),
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n, "y": rng.poisson(1., m) * 1., "r": np.array(2.)},
        lambda lib, w, d: (lambda t: (d["y"] + d["r"]) @ lib.np.log(lib.np.exp(t) + d["r"]) - d["y"] @ t)(d["X"] @ w), counts,
    ),
    Problem(
        "innovations of a filter", "logdet(A*P*A' + Q) + v'*inv(A*P*A' + Q)*v", "A", "A: (m, n); P: (n, n) spd; Q: (m, m) spd; v: (m)",
        sizes("m n", "3 5", "20 40", "300 600"),
        lambda rng, m, n: {"A": normal(rng, m, n) / n**.5, "P": spd(rng, n), "Q": spd(rng, m), "v": normal(rng, m)},
        lambda lib, A, d: (lambda S: lib.np.linalg.slogdet(S)[1] + d["v"] @ lib.np.linalg.solve(S, d["v"]))(A @ d["P"] @ A.T + d["Q"]),
        innovation, hessians=0,
    ),
    Problem(
        "trace ratio", "tr(inv(W'*A*W)*W'*B*W)", "W", "A: (n, n) spd; B: (n, n) symmetric; W: (n, k)", sizes("n k", "10 2", "100 5", "1000 20"),
        lambda rng, n, k: {"A": spd(rng, n), "B": spd(rng, n), "W": normal(rng, n, k)},
        lambda lib, W, d: lib.np.trace(lib.np.linalg.solve(W.T @ d["A"] @ W, W.T @ d["B"] @ W)), trace_ratio, hessians=0,
    ),
    Problem(
        "robust factorisation", "sum(sqrt(1 + (X - U*V').^2))", "V", "X: (m, n); U: (m, k); V: (n, k)", FACTORS,
        lambda rng, m, n, k: {"X": normal(rng, m, n), "U": normal(rng, m, k), "V": normal(rng, n, k)},
        lambda lib, V, d: lib.np.sum(lib.np.sqrt(1 + (d["X"] - d["U"] @ V.T)**2)), robust_factors, hessians=2,
    ),
)
# fmt: on
