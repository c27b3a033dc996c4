"""The benchmark's problems: each as a text, as sizes and data, as a function for automatic differentiation, and by hand.

They are those of the literature on symbolic derivatives (Laue, Mitterreiter, Giesen 2018, 2020) and of its users: regressions,
small networks, Gaussian likelihoods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import by_hand
from benchmarks.by_hand import Answer, Data

Sizes = dict[str, int]


@dataclass(frozen=True, eq=False)  # two problems are never equal
class Problem:
    """`text` is differentiated by `wrt`; `value(lib, x, data)` is the same for automatic differentiation with a `Library`."""

    name: str
    text: str
    wrt: str
    where: str
    sizes: tuple[Sizes, ...]
    data: Callable[..., Data]
    value: Callable[[Any, Any, Data], Any]
    hand: Callable[[Data, bool], Answer]
    hessians: int = 99  # how many of the sizes a Hessian is made for

    def sizes_of(self, second: bool) -> tuple[Sizes, ...]:
        return self.sizes[: self.hessians] if second else self.sizes


# --- data ------------------------------------------------------------------------------------------------------------


def sizes(names: str, *rows: str) -> tuple[Sizes, ...]:
    """
    >>> sizes("m n", "20 10", "200 100")
    ({'m': 20, 'n': 10}, {'m': 200, 'n': 100})
    """
    return tuple(dict(zip(names.split(), map(int, row.split()), strict=True)) for row in rows)


def normal(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape)


def labels(rng: np.random.Generator, m: int, c: int) -> Any:
    return np.eye(c)[rng.integers(0, c, m)]


def spd(rng: np.random.Generator, n: int) -> Any:
    A = normal(rng, n, 2 * n)
    return A @ A.T / n


def classified(rng: np.random.Generator, m: int, n: int) -> Data:
    return {"X": normal(rng, m, n), "y": np.sign(normal(rng, m)), "w": normal(rng, n) / n**0.5}


def regressed(rng: np.random.Generator, m: int, d: int, c: int) -> Data:
    return {"X": normal(rng, m, d), "W": normal(rng, d, c) / d**0.5, "Y": normal(rng, m, c)}


def layered(rng: np.random.Generator, n: int) -> Data:
    weights = {name: normal(rng, n, n) * (2 / n) ** 0.5 for name in ["W", *(f"A{k}" for k in range(1, 10))]}
    return weights | {"x": normal(rng, n), "y": np.eye(n)[0]}


def sampled(rng: np.random.Generator, n: int) -> Data:
    """Points in the plane with their squared distances."""
    p = rng.uniform(0, 5, (n, 2))
    D = ((p[:, None] - p) ** 2).sum(2)
    return {"D": D, "y": normal(rng, n), "theta": np.array([1.3, 0.7, 0.2])}


# --- functions for automatic differentiation -------------------------------------------------------------------------


def logistic(lib: Any, w: Any, d: Data) -> Any:
    f = lib.np.sum(lib.np.log(lib.np.exp(-d["y"] * (d["X"] @ w)) + 1))
    return f + 0.5 * d["c"] * (w @ w) if "c" in d else f


def deep(lib: Any, W: Any, d: Data) -> Any:
    z = W @ d["x"]
    for k in range(1, 10):
        z = d[f"A{k}"] @ lib.relu(z)
    return -(d["y"] @ lib.log_softmax(z))


def kernel(lib: Any, theta: Any, d: Data) -> Any:
    return theta[0] * lib.np.exp(-theta[1] * d["D"]) + theta[2] * lib.eye(len(d["y"]))


def process(lib: Any, theta: Any, d: Data) -> Any:
    K = kernel(lib, theta, d)
    return 0.5 * (d["y"] @ lib.np.linalg.solve(K, d["y"])) + 0.5 * lib.np.linalg.slogdet(K)[1]


def process_by_cholesky(lib: Any, theta: Any, d: Data) -> Any:
    """The program of a user of automatic differentiation who has already done the linear algebra."""
    L = lib.np.linalg.cholesky(kernel(lib, theta, d))
    u = lib.solve_lower(L, d["y"])
    return 0.5 * (u @ u) + lib.np.sum(lib.np.log(lib.np.diagonal(L)))


# --- the table -------------------------------------------------------------------------------------------------------

LAYERS = "".join(f"A{k}*relu(" for k in range(9, 0, -1)) + "W*x" + ")" * 9
PROCESS = "y'*inv(K)*y/2 + log(det(K))/2".replace("K", "(theta[1]*exp(-theta[2]*D) + theta[3]*eye(n))")
CLASSIFIED = sizes("m n", "20 10", "200 100", "1000 500", "2000 1000", "4000 2000")
REGRESSED = sizes("m d c", "20 5 3", "200 20 5", "1000 50 10", "2000 100 10", "1000 500 100")

# fmt: off
PROBLEMS = (
    Problem(
        "quadratic form", "x'*A*x", "x", "A: (n, n)", sizes("n", "10", "100", "500", "1000", "2000"),
        lambda rng, n: {"A": normal(rng, n, n), "x": normal(rng, n)},
        lambda lib, x, d: x @ (d["A"] @ x), by_hand.quadratic,
    ),
    Problem(
        "least squares", "norm(A*x - b)^2", "x", "A: (m, n)", CLASSIFIED[:4],
        lambda rng, m, n: {"A": normal(rng, m, n), "x": normal(rng, n), "b": normal(rng, m)},
        lambda lib, x, d: lib.np.sum((d["A"] @ x - d["b"]) ** 2), by_hand.least_squares,
    ),
    Problem(
        "logistic regression", "sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", CLASSIFIED,
        classified, logistic, by_hand.logistic,
    ),
    Problem(
        "ridge logistic regression", "sum(log(exp(-y.*(X*w)) + vector(1))) + c*w'*w/2", "w", "X: (m, n); y: (m); c: scalar", CLASSIFIED[1:4:2],
        lambda rng, m, n: classified(rng, m, n) | {"c": 0.3}, logistic, by_hand.logistic,
    ),
    Problem(
        "matrix factorisation", "norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)",
        sizes("m n k", "10 10 5", "50 50 5", "100 100 5", "200 200 5", "1000 1000 5"),
        lambda rng, m, n, k: {"T": normal(rng, m, n), "U": normal(rng, m, k), "V": normal(rng, n, k)},
        lambda lib, U, d: lib.np.sum((d["T"] - U @ d["V"].T) ** 2), by_hand.factorisation, hessians=4,
    ),
    Problem(
        "principal component", "norm(X - X*w*w')^2", "w", "X: (m, n)", sizes("m n", "20 10", "200 100", "600 300", "1000 500"),
        lambda rng, m, n: {"X": normal(rng, m, n), "w": normal(rng, n) / n**0.5},
        lambda lib, w, d: lib.np.sum((d["X"] - (d["X"] @ w)[:, None] * w) ** 2), by_hand.component,
    ),
    Problem(
        "tanh least squares", "norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", REGRESSED,
        regressed, lambda lib, W, d: lib.np.sum((lib.np.tanh(d["X"] @ W) - d["Y"]) ** 2), by_hand.tanh_squares, hessians=4,
    ),
    Problem(
        "sigmoid least squares", "norm(1./(1 + exp(-X*W)) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", REGRESSED[1:4],
        regressed, lambda lib, W, d: lib.np.sum((1 / (1 + lib.np.exp(-(d["X"] @ W))) - d["Y"]) ** 2), by_hand.sigmoid_squares,
    ),
    Problem(
        "softmax regression", "sum(rowsum(Y).*logsumexp_rows(X*W)) - sum(Y.*(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)",
        sizes("m d c", "50 5 3", "500 20 10", "1000 50 10", "1000 100 10"),
        lambda rng, m, d, c: {"X": normal(rng, m, d), "W": normal(rng, d, c) / d**0.5, "Y": labels(rng, m, c)},
        lambda lib, W, d: -lib.np.sum(d["Y"] * lib.log_softmax(d["X"] @ W)), by_hand.softmax,
    ),
    Problem(
        "two layers", "sum(rowsum(Y).*logsumexp_rows(relu(X*W)*V)) - sum(Y.*(relu(X*W)*V))", "W",
        "X: (m, d); W: (d, h); V: (h, c); Y: (m, c)", sizes("m d h c", "50 5 4 3", "500 20 16 10", "1000 50 20 10"),
        lambda rng, m, d, h, c: {"X": normal(rng, m, d), "W": normal(rng, d, h) / d**0.5, "V": normal(rng, h, c) / h**0.5, "Y": labels(rng, m, c)},
        lambda lib, W, d: -lib.np.sum(d["Y"] * lib.log_softmax(lib.relu(d["X"] @ W) @ d["V"])), by_hand.two_layers,
    ),
    Problem(
        "ten layers", f"sum(y)*logsumexp({LAYERS}) - y'*({LAYERS})", "W",
        "x: (n); W: (n, n); y: (n); " + "; ".join(f"A{k}: (n, n)" for k in range(1, 10)), sizes("n", "10", "20", "40"),
        layered, deep, by_hand.ten_layers,
    ),
    Problem(
        "Gaussian covariance", "log(det(S)) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) symmetric", sizes("n", "10", "30", "100", "500", "1000"),
        lambda rng, n: {"S": spd(rng, n), "C": spd(rng, n)},
        lambda lib, S, d: lib.np.linalg.slogdet(S)[1] + lib.np.trace(lib.np.linalg.solve(S, d["C"])), by_hand.covariance, hessians=2,
    ),
    Problem(
        "Gaussian process", PROCESS, "theta", "D: (n, n) symmetric; theta: (3); y: (n)", sizes("n", "50", "200", "500", "1000"),
        sampled, process, by_hand.process,
    ),
    Problem(
        "Gaussian process, AD by Cholesky", PROCESS, "theta", "D: (n, n) symmetric; theta: (3); y: (n)", sizes("n", "200", "500"),
        sampled, process_by_cholesky, by_hand.process,
    ),
)
# fmt: on
