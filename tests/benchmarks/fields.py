"""Sixteen problems of as many fields, in two sizes, written by hand before their programs were looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special
from scipy.linalg import lapack

from benchmarks.by_hand import Answer, Data, add_to_diagonal, cholesky, inverse, logdet, row_gram
from benchmarks.problems import Problem, labels, normal, sizes, spd

Matrix = Any


def _weighted_gram(X: Matrix, weights: Matrix) -> Matrix:
    """X' Diag(weights) X of weights that are not negative."""
    B = X * np.sqrt(weights)[:, None]
    return B.T @ B


def _blocks(inner: Matrix, outer: Matrix) -> Matrix:
    """I ⊗ inner + a matrix with outer[a] at the entries (·, a), (·, a): of vec coordinates of a len(inner) × m matrix."""
    n, m = len(inner), outer.shape[-1]
    H = np.zeros((m, n, m, n))
    i, j = np.arange(n), np.arange(m)
    H[j, :, j] = inner
    H[:, i, :, i] += outer
    return H.reshape(m * n, m * n)


# --- by hand ---------------------------------------------------------------------------------------------------------


def row_covariance(d: Data, second: bool) -> Answer:
    R, F, G = d["R"], cholesky(d["U"]), cholesky(d["V"])
    B = lapack.dtrtrs(G, R.T, lower=1)[0].T
    Z = lapack.dpotrs(F, B, lower=1)[0]
    n = R.shape[1]
    f = n * logdet(F) + np.vdot(B, Z)
    g = inverse(F)
    g *= n
    g -= Z @ Z.T
    return f, g


def canonical(d: Data, second: bool) -> Answer:
    A, B, a, b, k = d["A"], d["B"], d["a"], d["b"], d["k"]
    u, v = d["C"] @ b, A @ a
    v += k * a
    p, q = a @ v, b @ (B @ b) + k * (b @ b)
    r = (p * q) ** 0.5
    f = (a @ u) / r
    g = u / r
    g -= (f / p) * v
    if not second:
        return f, g
    H = np.stack([(3 * f / (p * p)) * v - u / (r * p), v / (-r * p)], 1) @ np.stack([v, u])
    M = A * (f / p)
    add_to_diagonal(M, f / p * k)
    H -= M
    return f, g, H


def tasks(d: Data, second: bool) -> Answer:
    X, W, mu, F = d["X"], d["W"], d["mu"], cholesky(d["O"])
    R, Z = X @ W, lapack.dpotrs(F, W.T, lower=1)[0].T
    R -= d["Y"]
    f, g = np.vdot(R, R) + mu * np.vdot(W, Z), X.T @ R
    g += mu * Z
    g *= 2
    if not second:
        return f, g
    G, P = X.T @ X, inverse(F)
    G *= 2
    P *= 2 * mu
    return f, g, _blocks(G, P)


def tobit(d: Data, second: bool) -> Answer:
    X, c, s = d["X"], d["c"], d["s"]
    t = X @ d["w"]
    r, z = t - d["y"], t / -s
    r *= c
    log, o = special.log_ndtr(z), 1 - c
    f = (r @ r) / (2 * s * s) - o @ log
    mills = np.exp(z * z * -0.5 - log) * (1 / np.sqrt(2 * np.pi))
    g = (c * r / (s * s) + o * mills / s) @ X
    if not second:
        return f, g
    return f, g, _weighted_gram(X, (c * c + o * mills * (z + mills)) / (s * s))


def ordinal(d: Data, second: bool) -> Answer:
    X = d["X"]
    t = X @ d["w"]
    a, b = special.expit(d["u"] - t), special.expit(d["l"] - t)
    f, g = -np.log(a - b).sum(), (1 - a - b) @ X
    if not second:
        return f, g
    return f, g, _weighted_gram(X, a * (1 - a) + b * (1 - b))


def variances(d: Data, second: bool) -> Answer:
    Z = d["Z"]
    t, r = Z @ d["g"], d["y"] - d["X"] @ d["b"]
    e = np.exp(-t)
    e *= r
    e *= r
    f, g = t.sum() + e.sum(), (1 - e) @ Z
    if not second:
        return f, g
    return f, g, _weighted_gram(Z, e)


def cut(d: Data, second: bool) -> Answer:
    A, v, x = d["A"], d["v"], d["x"]
    b = v * x
    n, q = b - A @ x, x @ b
    f = (x @ n) / q
    g = (2 / q) * (n - f * b)
    if not second:
        return f, g
    H = np.stack([b, g], 1) @ np.stack([g, b])
    H += A
    H.ravel()[:: len(x) + 1] -= (1 - f) * v
    H *= -2 / q
    return f, g, H


def alignment(d: Data, second: bool) -> Answer:
    K, D = d["K"], d["D"]
    E = np.exp(D * -d["c"])
    s, v = np.vdot(K, E), np.vdot(E, E)
    F = D * E
    s1, v1, q = -np.vdot(K, F), -2 * np.vdot(F, E), v**0.5
    f, g = s / q, s1 / q - 0.5 * s * v1 / (v * q)
    if not second:
        return f, g
    v2 = 4 * np.vdot(F, F)
    F *= D
    s2 = np.vdot(K, F)
    return f, g, s2 / q - (s1 * v1 + 0.5 * s * v2) / (v * q) + 0.75 * s * v1 * v1 / (v * v * q)


def groups(d: Data, second: bool) -> Answer:
    D, C, mu = d["D"], d["C"], d["mu"]
    R = D @ C
    R -= d["Y"]
    s = np.sqrt(np.einsum("ij,ij->i", C, C) + d["e"])
    f, g = np.vdot(R, R) + mu * s.sum(), D.T @ R
    g *= 2
    g += (mu / s)[:, None] * C
    if not second:
        return f, g
    B = C / s[:, None]
    P = np.eye(C.shape[1]) - B[:, :, None] * B[:, None, :]
    P *= (mu / s)[:, None, None]
    return f, g, _blocks(2 * (D.T @ D), P)


def core(d: Data, second: bool) -> Answer:
    A, C = d["A"], d["C"]
    R = (A * d["b"]) @ C.T
    R -= d["T"]
    f, g = np.vdot(R, R), 2 * np.einsum("ij,ij->j", A, R @ C)
    if not second:
        return f, g
    H = A.T @ A
    H *= C.T @ C
    H *= 2
    return f, g, H


def margins(d: Data, second: bool) -> Answer:
    X, Y = d["X"], d["Y"]
    M = X @ d["W"]
    M -= np.einsum("ij,ij->i", Y, M)[:, None]
    M += 1
    M -= Y
    np.maximum(M, 0, out=M)
    f = np.vdot(M, M)
    P = M - Y * M.sum(1)[:, None]
    g = X.T @ P
    g *= 2
    if not second:
        return f, g
    h = 2.0 * (M > 0)
    B = Y * h.sum(1)[:, None] - h
    W = Y[:, :, None] * B[:, None, :]
    W -= h[:, :, None] * Y[:, None, :]
    i = np.arange(Y.shape[1])
    W[:, i, i] += h
    return f, g, row_gram(X, W)


def sylvester(d: Data, second: bool) -> Answer:
    A, B, X, mu = d["A"], d["B"], d["X"], d["mu"]
    R = A @ X
    R += X @ B
    R -= d["C"]
    f, g = np.vdot(R, R) + mu * np.vdot(X, X), A.T @ R
    g += R @ B.T
    g += mu * X
    g *= 2
    if not second:
        return f, g
    (m, n), G, P = X.shape, A.T @ A, B @ B.T
    add_to_diagonal(P, mu)
    H = B[:, None, :, None] * A[:, None, :]
    H += B.T[:, None, :, None] * A.T[:, None, :]
    i, j = np.arange(m), np.arange(n)
    H[j, :, j] += G
    H[:, i, :, i] += P
    H *= 2
    return f, g, H.reshape(m * n, m * n)


def separable(d: Data, second: bool) -> Answer:
    a, Q = np.linalg.eigh(d["A"])
    b, P = np.linalg.eigh(d["B"])
    L = np.multiply.outer(a, b) + d["s"]
    Z = Q.T @ d["Y"] @ P
    Z *= Z
    f = np.log(L).sum()
    np.divide(1, L, out=L)
    Z *= L
    f, g = f + Z.sum(), L.sum() - np.vdot(Z, L)
    if not second:
        return f, g
    Z *= L
    return f, g, 2 * np.vdot(Z, L) - np.vdot(L, L)


def components(d: Data, second: bool) -> Answer:
    W, X = d["W"], d["X"]
    n = X.shape[1]
    Z = W @ X
    lu, piv, _ = lapack.dgetrf(W.T)
    a = np.abs(Z)
    f = a.sum()
    a *= -2
    np.exp(a, out=a)
    f = (f + np.log1p(a).sum()) / n - len(W) * np.log(2) - np.log(np.abs(lu.diagonal())).sum()
    np.tanh(Z, out=Z)
    g = Z @ X.T
    g /= n
    g -= lapack.dgetri(lu, piv)[0]
    return f, g


def mixture(d: Data, second: bool) -> Answer:
    X, M = d["X"], d["M"]
    S = X @ M.T
    S -= 0.5 * np.einsum("ij,ij->i", M, M)
    most = S.max(1)
    S -= most[:, None]
    np.exp(S, out=S)
    s = S.sum(1)
    f = -(most.sum() + np.log(s).sum())
    S /= s[:, None]
    g = S.sum(0)[:, None] * M
    g -= S.T @ X
    return f, g


def fractions(d: Data, second: bool) -> Answer:
    X, s = d["X"], d["s"]
    p = special.expit(X @ d["w"])
    a = s * p
    b = s - a
    f = (special.gammaln(a) + special.gammaln(b)).sum() - a @ d["l"]
    c, v = special.digamma(a) - special.digamma(b) - d["l"], a * (1 - p)
    g = (v * c) @ X
    if not second:
        return f, g
    h = v * v * (special.polygamma(1, a) + special.polygamma(1, b)) + v * (1 - 2 * p) * c
    return f, g, (X.T * h) @ X


# --- data and the functions for automatic differentiation -------------------------------------------------------------


def _row_covariance(lib: Any, U: Any, d: Data) -> Any:
    R, solve = d["R"], lib.np.linalg.solve
    return R.shape[1] * lib.np.linalg.slogdet(U)[1] + lib.np.sum(solve(U, R) * solve(d["V"], R.T).T)


def _canonical(lib: Any, a: Any, d: Data) -> Any:
    b, k = d["b"], d["k"]
    return a @ d["C"] @ b / lib.np.sqrt((a @ d["A"] @ a + k * (a @ a)) * (b @ d["B"] @ b + k * (b @ b)))


def _tobit(lib: Any, w: Any, d: Data) -> Any:
    t = d["X"] @ w
    return lib.np.sum((d["c"] * (d["y"] - t)) ** 2) / (2 * d["s"] ** 2) - (1 - d["c"]) @ lib.special.log_ndtr(-t / d["s"])


def _margins(lib: Any, W: Any, d: Data) -> Any:
    S = d["X"] @ W
    return lib.np.sum(lib.relu(S - lib.np.sum(d["Y"] * S, 1)[:, None] + 1 - d["Y"]) ** 2)


def _separable(lib: Any, s: Any, d: Data) -> Any:
    y = d["Y"].T.reshape(-1)
    K = lib.np.kron(d["B"], d["A"]) + s * lib.eye(len(y))
    return y @ lib.np.linalg.solve(K, y) + lib.np.linalg.slogdet(K)[1]


def _components(lib: Any, W: Any, d: Data) -> Any:
    Z = W @ d["X"]
    return lib.np.sum(lib.np.logaddexp(Z, -Z) - np.log(2)) / Z.shape[1] - lib.np.linalg.slogdet(W)[1]


def _fractions(lib: Any, w: Any, d: Data) -> Any:
    a = d["s"] * lib.special.expit(d["X"] @ w)
    return lib.np.sum(lib.special.gammaln(a) + lib.special.gammaln(d["s"] - a)) - a @ d["l"]


def _thresholds(rng: np.random.Generator, m: int, n: int) -> Data:
    low = normal(rng, m)
    return {"X": normal(rng, m, n), "w": normal(rng, n) / n, "l": low, "u": low + rng.uniform(0.5, 1.5, m)}


# --- the table -------------------------------------------------------------------------------------------------------

SAMPLES = sizes("m n", "20 5", "5000 300")

# fmt: off
FIELDS = (
    Problem(
        "row covariance", "n*logdet(U) + tr(inv(U)*R*inv(V)*R')", "U", "U: (m, m) spd; V: (n, n) spd; R: (m, n)", sizes("m n", "8 5", "400 300"),
        lambda rng, m, n: {"U": spd(rng, m), "V": spd(rng, n), "R": normal(rng, m, n)}, _row_covariance, row_covariance, hessians=0,
    ),
    Problem(
        "canonical ridge", "a'*C*b/sqrt((a'*A*a + k*a'*a)*(b'*B*b + k*b'*b))", "a",
        "a: (n); b: (p); A: (n, n) spd; B: (p, p) spd; C: (n, p); k: scalar positive", sizes("n p", "10 8", "1000 800"),
        lambda rng, n, p: {"a": normal(rng, n), "b": normal(rng, p), "A": spd(rng, n), "B": spd(rng, p), "C": normal(rng, n, p), "k": np.array(.2)},
        _canonical, canonical,
    ),
    Problem(
        "many tasks", "norm(X*W - Y)^2 + mu*tr(W*inv(O)*W')", "W", "X: (m, n); W: (n, k); Y: (m, k); O: (k, k) spd; mu: scalar positive",
        sizes("m n k", "20 4 3", "2000 60 20"),
        lambda rng, m, n, k: {"X": normal(rng, m, n), "W": normal(rng, n, k), "Y": normal(rng, m, k), "O": spd(rng, k), "mu": np.array(.4)},
        lambda lib, W, d: lib.np.sum((d["X"] @ W - d["Y"])**2) + d["mu"] * lib.np.sum(W * lib.np.linalg.solve(d["O"], W.T).T), tasks,
    ),
    Problem(
        "Tobit regression", "norm(c.*(y - X*w))^2/(2*s^2) - (1 - c)'*log(normcdf(-X*w/s))", "w", "X: (m, n); w: (n); y: (m); c: (m); s: scalar positive",
        SAMPLES,
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n, "y": normal(rng, m), "c": (rng.uniform(size=m) < .6) * 1., "s": np.array(.8)},
        _tobit, tobit,
    ),
    Problem(
        "ordinal regression", "-sum(log(sigmoid(u - X*w) - sigmoid(l - X*w)))", "w", "X: (m, n); w: (n); u: (m); l: (m)", SAMPLES, _thresholds,
        lambda lib, w, d: -lib.np.sum(lib.np.log(lib.special.expit(d["u"] - d["X"] @ w) - lib.special.expit(d["l"] - d["X"] @ w))), ordinal,
    ),
    Problem(
        "model of variances", "sum(Z*g) + sum((y - X*b).^2./exp(Z*g))", "g", "X: (m, p); b: (p); Z: (m, n); g: (n); y: (m)",
        sizes("m n p", "20 5 3", "5000 300 100"),
        lambda rng, m, n, p: {"X": normal(rng, m, p), "b": normal(rng, p) / p, "Z": normal(rng, m, n), "g": normal(rng, n) / n, "y": normal(rng, m)},
        lambda lib, g, d: lib.np.sum(d["Z"] @ g) + lib.np.sum((d["y"] - d["X"] @ d["b"])**2 / lib.np.exp(d["Z"] @ g)), variances,
    ),
    Problem(
        "normalised cut", "x'*(diag(v) - A)*x/(x'*diag(v)*x)", "x", "x: (n); v: (n) positive; A: (n, n) symmetric", sizes("n", "10", "1500"),
        lambda rng, n: {"x": normal(rng, n), "v": rng.uniform(1, 2, n), "A": spd(rng, n)},
        lambda lib, x, d: x @ (d["v"] * x - d["A"] @ x) / (x @ (d["v"] * x)), cut,
    ),
    Problem(
        "alignment of kernels", "sum(K.*exp(-c*D))/norm(exp(-c*D))", "c", "K: (n, n) symmetric; D: (n, n) symmetric; c: scalar positive",
        sizes("n", "10", "800"),
        lambda rng, n: {"K": spd(rng, n), "D": (lambda p: ((p[:, None] - p)**2).sum(2))(normal(rng, n, 2)), "c": np.array(.7)},
        lambda lib, c, d: (lambda E: lib.np.sum(d["K"] * E) / lib.np.sqrt(lib.np.sum(E * E)))(lib.np.exp(-c * d["D"])), alignment,
    ),
    Problem(
        "code of groups", "norm(Y - D*C)^2 + mu*sum(sqrt(rowsum(C.^2) + e))", "C",
        "D: (n, k); C: (k, m); Y: (n, m); mu: scalar positive; e: scalar positive", sizes("n k m", "8 4 6", "200 40 50"),
        lambda rng, n, k, m: {"D": normal(rng, n, k), "C": normal(rng, k, m), "Y": normal(rng, n, m), "mu": np.array(.7), "e": np.array(.01)},
        lambda lib, C, d: lib.np.sum((d["Y"] - d["D"] @ C)**2) + d["mu"] * lib.np.sum(lib.np.sqrt(lib.np.sum(C**2, 1) + d["e"])), groups,
    ),
    Problem(
        "diagonal core", "norm(T - A*diag(b)*C')^2", "b", "T: (m, n); A: (m, k); b: (k); C: (n, k)", sizes("m n k", "10 8 3", "1000 800 40"),
        lambda rng, m, n, k: {"T": normal(rng, m, n), "A": normal(rng, m, k), "b": normal(rng, k), "C": normal(rng, n, k)},
        lambda lib, b, d: lib.np.sum((d["T"] - (d["A"] * b) @ d["C"].T)**2), core,
    ),
    Problem(
        "margins of classes", "sum(relu(X*W - rowsum(Y.*(X*W))*vector(1)' + 1 - Y).^2)", "W", "X: (m, n); W: (n, c); Y: (m, c)",
        sizes("m n c", "30 4 3", "2000 40 8"),
        lambda rng, m, n, c: {"X": normal(rng, m, n), "W": normal(rng, n, c) / n**.5, "Y": labels(rng, m, c)}, _margins, margins,
    ),
    Problem(
        "Sylvester residual", "norm(A*X + X*B - C)^2 + mu*norm(X)^2", "X", "A: (m, m); B: (n, n); X: (m, n); C: (m, n); mu: scalar positive",
        sizes("m n", "5 4", "50 40"),
        lambda rng, m, n: {"A": normal(rng, m, m), "B": normal(rng, n, n), "X": normal(rng, m, n), "C": normal(rng, m, n), "mu": np.array(.3)},
        lambda lib, X, d: lib.np.sum((d["A"] @ X + X @ d["B"] - d["C"])**2) + d["mu"] * lib.np.sum(X**2), sylvester,
    ),
    Problem(
        "separable process", "vec(Y)'*inv(kron(B, A) + s*eye(m*n))*vec(Y) + logdet(kron(B, A) + s*eye(m*n))", "s",
        "A: (m, m) spd; B: (n, n) spd; Y: (m, n); s: scalar positive", sizes("m n", "4 3", "30 20"),
        lambda rng, m, n: {"A": spd(rng, m), "B": spd(rng, n), "Y": normal(rng, m, n), "s": np.array(.5)}, _separable, separable,
    ),
    Problem(
        "independent components", "sum(log(cosh(W*X)))/m - logdet(W)", "W", "W: (n, n); X: (n, m)", sizes("n m", "4 30", "60 3000"),
        lambda rng, n, m: {"W": np.eye(n) + normal(rng, n, n) / (4 * n), "X": normal(rng, n, m)}, _components, components, hessians=0,
    ),
    Problem(
        "means of a mixture", "-sum(logsumexp_rows(X*M' - vector(1)*rowsum(M.^2)'/2))", "M", "X: (m, n); M: (k, n)", sizes("m n k", "20 3 2", "5000 30 10"),
        lambda rng, m, n, k: {"X": normal(rng, m, n), "M": normal(rng, k, n)},
        lambda lib, M, d: -lib.np.sum(lib.special.logsumexp(d["X"] @ M.T - lib.np.sum(M**2, 1) / 2, 1)), mixture, hessians=0,
    ),
    Problem(
        "regression of fractions", "sum(gammaln(s*sigmoid(X*w)) + gammaln(s - s*sigmoid(X*w))) - s*sigmoid(X*w)'*l", "w",
        "X: (m, n); w: (n); l: (m); s: scalar positive", SAMPLES,
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n, "l": normal(rng, m), "s": np.array(6.)}, _fractions, fractions,
    ),
)
# fmt: on
