"""Objectives that are sums over samples, with the same by hand: in JAX, to be differentiated by it, and their gradients in NumPy.

Of each: the expression, the variables it is differentiated by, data of a size, the objective in jax.numpy, the gradients by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from index_conditions import entry, label, row
from matcalc.expr import Expr, family, matpower, member, number, power, scaled, select, sigma, symbol, unit, variable
from matcalc.expr.heads import onehot
from matcalc.operators import call

n, m, d, h, K, V = map(symbol, ("n", "m", "d", "h", "K", "V"))
Data = dict[str, np.ndarray]


@dataclass(frozen=True)
class Example:
    of: Expr
    by: tuple[str, ...]
    data: Callable[[int, np.random.Generator], Data]  # of so many samples
    jax: Callable[..., object]  # the objective, by keyword
    gradients: Callable[[Data], tuple[np.ndarray, ...]]  # by hand


# --- a Gaussian mixture ----------------------------------------------------------------------------------------------

X, mu, weights, Sigma = (
    variable("X", (n, d)),
    variable("mu", (K, d)),
    variable("p", (K, 1), {"positive"}),
    family("Sigma", (K,), (d, d), {"spd"}),
)
apart, covariance = row(X, "i") - row(mu, "k"), member(Sigma, unit("k", K))
exponent = scaled(Fraction(-1, 2), apart.T @ matpower(covariance, -1) @ apart)
density = row(weights, "k") * power(call("det", covariance), number(Fraction(-1, 2))) * call("exp", exponent)


def mixture_data(size: int, random: np.random.Generator) -> Data:
    k, p = 5, 10
    roots = random.normal(size=(k, p, p)) / np.sqrt(p)
    return {
        "X": random.normal(size=(size, p)),
        "mu": random.normal(size=(k, p)),
        "p": random.uniform(0.1, 1, k),
        "Sigma": roots @ roots.swapaxes(1, 2) + np.eye(p),
    }


def mixture_jax(X, mu, p, Sigma):
    import jax
    import jax.numpy as jnp

    apart = X[None] - mu[:, None]
    squares = jnp.einsum("kid,kde,kie->ki", apart, jnp.linalg.inv(Sigma), apart)
    return jax.scipy.special.logsumexp(jnp.log(p)[:, None] - jnp.linalg.slogdet(Sigma)[1][:, None] / 2 - squares / 2, axis=0).sum()


def mixture_by_hand(v: Data) -> tuple[np.ndarray, ...]:
    X, mu, p, Sigma = v["X"], v["mu"], v["p"], v["Sigma"]
    inverses = np.linalg.inv(Sigma)
    apart = X - mu[:, None]
    solved = apart @ inverses
    logs = (np.log(p) - np.linalg.slogdet(Sigma)[1] / 2)[:, None] - np.einsum("kid,kid->ki", apart, solved) / 2
    logs -= logs.max(0)
    shares = np.exp(logs)
    shares /= shares.sum(0)
    totals = shares.sum(1)
    by_mu = np.einsum("ki,kid->kd", shares, solved)
    by_sigma = ((shares[:, :, None] * solved).swapaxes(1, 2) @ solved - totals[:, None, None] * inverses) / 2
    return by_mu, by_sigma, totals / p


# --- a network of two layers -----------------------------------------------------------------------------------------

W, b, U, c, Y = variable("W", (h, d)), variable("b", (h, 1)), variable("U", (K, h)), variable("c", (K, 1)), variable("Y", (n, K))
wrong = U @ call("tanh", W @ row(X, "i") + b) + c - row(Y, "i")


def network_data(size: int, random: np.random.Generator) -> Data:
    p, q, r = 20, 30, 5
    shapes = {"X": (size, p), "Y": (size, r), "W": (q, p), "b": (q,), "U": (r, q), "c": (r,)}
    return {name: random.normal(size=shape) for name, shape in shapes.items()}


def network_jax(X, Y, W, b, U, c):
    import jax.numpy as jnp

    return ((jnp.tanh(X @ W.T + b) @ U.T + c - Y) ** 2).sum()


def network_by_hand(v: Data) -> tuple[np.ndarray, ...]:
    X, Y, W, b, U, c = (v[name] for name in ("X", "Y", "W", "b", "U", "c"))
    H = np.tanh(X @ W.T + b)
    R = 2 * (H @ U.T + c - Y)
    D = (R @ U) * (1 - H**2)
    return D.T @ X, D.sum(0), R.T @ H, R.sum(0)


# --- word2vec, with negative samples ---------------------------------------------------------------------------------

In, Out = variable("In", (V, d)), variable("Out", (V, d))
center, context, negative = variable("center", (n, 1)), variable("context", (n, 1)), variable("negative", (n, K))
here = In.T @ label(center, "i", V)
sampled = Out.T @ onehot(negative @ unit("k", K), V).T @ unit("i", n)
likely = call("log", call("sigmoid", (Out.T @ label(context, "i", V)).T @ here))
unlikely = sigma("k", K, call("log", call("sigmoid", scaled(-1, sampled.T @ here))))


def words_data(size: int, random: np.random.Generator) -> Data:
    words, p, k = 1000, 20, 5
    labels = {name: random.integers(1, words + 1, shape) for name, shape in (("center", size), ("context", size), ("negative", (size, k)))}
    return {"In": random.normal(size=(words, p)) / 4, "Out": random.normal(size=(words, p)) / 4, **labels}


def words_jax(In, Out, center, context, negative):
    import jax
    import jax.numpy as jnp

    v = In[center - 1]
    good = jax.nn.log_sigmoid((Out[context - 1] * v).sum(1)).sum()
    return -(good + jax.nn.log_sigmoid(-jnp.einsum("ikd,id->ik", Out[negative - 1], v)).sum())


def words_by_hand(v: Data) -> tuple[np.ndarray, ...]:
    In, Out, center, context, negative = v["In"], v["Out"], v["center"] - 1, v["context"] - 1, v["negative"] - 1
    x, u, w = In[center], Out[context], Out[negative]
    g = -1 / (1 + np.exp(np.einsum("id,id->i", u, x)))
    q = 1 / (1 + np.exp(-np.einsum("ikd,id->ik", w, x)))
    by_in, by_out = np.zeros_like(In), np.zeros_like(Out)
    np.add.at(by_in, center, g[:, None] * u + np.einsum("ik,ikd->id", q, w))
    np.add.at(by_out, context, g[:, None] * x)
    np.add.at(by_out, negative, q[:, :, None] * x[:, None])
    return by_in, by_out


# --- a linear recurrence ---------------------------------------------------------------------------------------------

A, x = variable("A", (d, d)), variable("x", (n, d))
step = x.T @ select(n, n + (-1), 1) @ unit("t", n + (-1)) - A @ x.T @ select(n, n + (-1), 0) @ unit("t", n + (-1))


def recurrence_data(size: int, random: np.random.Generator) -> Data:
    p = 10
    return {"x": random.normal(size=(size, p)), "A": random.normal(size=(p, p)) / 3}


def recurrence_jax(x, A):
    return ((x[1:] - x[:-1] @ A.T) ** 2).sum()


def recurrence_by_hand(v: Data) -> tuple[np.ndarray, ...]:
    x, A = v["x"], v["A"]
    R = x[1:] - x[:-1] @ A.T
    by_x = np.zeros_like(x)
    by_x[1:] += 2 * R
    by_x[:-1] -= 2 * R @ A
    return -2 * R.T @ x[:-1], by_x


# --- GloVe, over a set of pairs --------------------------------------------------------------------------------------

P, Q, e, f = variable("P", (n, d)), variable("Q", (m, d)), variable("e", (n, 1)), variable("f", (m, 1))
Counts, Omega = variable("Counts", (n, m), {"positive"}), variable("Omega", (n, m))
count = entry(Counts, "i", "j")
off = row(P, "i").T @ row(Q, "j") + row(e, "i") + row(f, "j") - call("log", count)
pair = entry(Omega, "i", "j") * power(scaled(Fraction(1, 100), count), number(Fraction(3, 4))) * off * off


def glove_data(size: int, random: np.random.Generator) -> Data:
    rows, p = 400, 20
    columns = max(size // rows, 1)
    shapes = {"P": (rows, p), "Q": (columns, p), "e": (rows,), "f": (columns,)}
    counts = {"Counts": random.uniform(1, 100, (rows, columns)), "Omega": (random.uniform(size=(rows, columns)) < 0.5).astype(float)}
    return {**{name: random.normal(size=shape) for name, shape in shapes.items()}, **counts}


def glove_jax(P, Q, e, f, Counts, Omega):
    import jax.numpy as jnp

    return (Omega * (Counts / 100) ** 0.75 * (P @ Q.T + e[:, None] + f - jnp.log(Counts)) ** 2).sum()


def glove_by_hand(v: Data) -> tuple[np.ndarray, ...]:
    P, Q, e, f, Counts, Omega = (v[name] for name in ("P", "Q", "e", "f", "Counts", "Omega"))
    R = 2 * Omega * (Counts / 100) ** 0.75 * (P @ Q.T + e[:, None] + f - np.log(Counts))
    return R @ Q, R.T @ P, R.sum(1), R.sum(0)


EXAMPLES = {
    "mixture": Example(
        sigma("i", n, call("log", sigma("k", K, density))), ("mu", "Sigma", "p"), mixture_data, mixture_jax, mixture_by_hand
    ),
    "network": Example(sigma("i", n, wrong.T @ wrong), ("W", "b", "U", "c"), network_data, network_jax, network_by_hand),
    "word2vec": Example(scaled(-1, sigma("i", n, likely + unlikely)), ("In", "Out"), words_data, words_jax, words_by_hand),
    "recurrence": Example(sigma("t", n + (-1), step.T @ step), ("A", "x"), recurrence_data, recurrence_jax, recurrence_by_hand),
    "GloVe": Example(sigma("i", n, sigma("j", m, pair)), ("P", "Q", "e", "f"), glove_data, glove_jax, glove_by_hand),
}  # fmt: skip
