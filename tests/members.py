"""Points that lie where a variable is declared to lie, with two directions in which it moves without leaving: jets."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from jet_functions import softmax_rows
from jets import Array, Outside, constant, diag, exponential, inverse, matmul, mul, norm, reciprocal, turn

SQUARE = ("symmetric", "skew", "spd", "psd", "diagonal", "orthogonal", "lower", "upper", "invertible")
ANY = ("positive", "nonnegative")
NEWER = ("projector", "stochastic", "sphere")
# Pairs that no matrix (or only the zero or unit matrix) has, and pairs that are rarely asked for and hard to sample.
NEVER = {
    frozenset(pair.split())
    for pair in (
        "skew symmetric, skew spd, skew psd, skew diagonal, skew positive, skew nonnegative, skew lower, skew upper, "
        "orthogonal spd, orthogonal psd, orthogonal positive, lower positive, upper positive, diagonal positive, "
        "projector skew, projector spd, projector orthogonal, projector positive, projector invertible, projector lower, projector upper, projector nonnegative, "
        "stochastic skew, stochastic spd, stochastic psd, stochastic orthogonal, stochastic symmetric, stochastic diagonal, stochastic upper, stochastic projector"
    ).split(", ")
}


def feasible(properties: Collection[str]) -> bool:
    """Whether a matrix has them all, and not the identity only."""
    every = {*properties, *({"psd"} if {"diagonal", "nonnegative"} <= closure(properties) else ())}
    return not any(frozenset((p, q)) in NEVER for p in every for q in every)


def closure(properties: Collection[str]) -> set[str]:
    """With what follows of the linear structure."""
    out = set(properties)
    if out & {"spd", "psd", "diagonal", "projector"}:
        out.add("symmetric")
    if len(out & {"lower", "upper", "symmetric"}) > 1 or "orthogonal" in out and out & {"lower", "upper"}:
        out |= {"diagonal", "symmetric"}
    return out


def within(properties: Collection[str], a: Array) -> Array:
    """The nearest matrix of the linear structure; the last two axes are the matrix's."""
    every, t = closure(properties), np.swapaxes(a, -1, -2)
    if "diagonal" in every:
        return a * np.eye(a.shape[-1])
    if "symmetric" in every:
        return (a + t) / 2
    if "skew" in every:
        return (a - t) / 2
    if "lower" in every:
        return np.tril(a)
    return np.triu(a) if "upper" in every else a


def is_linear(properties: Collection[str]) -> bool:
    """Whether a gradient by such a variable is projected."""
    return bool(closure(properties) & {"diagonal", "symmetric", "skew", "lower", "upper"}) and not is_curved(properties)


def is_curved(properties: Collection[str]) -> bool:
    return bool(set(properties) & {"orthogonal", "projector", "sphere", "stochastic"})


def has_bends(properties: Collection[str]) -> bool:
    """Whether a curve in the set may have a second derivative: singular psd matrices move among those of their rank."""
    return is_curved(properties) or "psd" in properties


def moving(value: Array, properties: Collection[str], rng: np.random.Generator) -> Array:
    """The value with two directions of the linear structure."""
    out = constant(value)
    out[1:3] = within(properties, rng.standard_normal((2, *value.shape)))
    return out


def free(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """A jet of normal numbers in every part."""
    return rng.standard_normal((4, *shape))


def numbers(shape: tuple[int, int], rng: np.random.Generator, mood: str) -> Array:
    if mood == "whole":
        return rng.integers(-2, 4, shape).astype(float)
    return rng.standard_normal(shape) * {"small": 1e-2, "large": 5.0}.get(mood, 1.0)


def draw(properties: Collection[str], shape: tuple[int, int], rng: np.random.Generator, mood: str = "") -> Array:
    """A member of the set, moving in it; Outside where there is none of that size."""
    every, n = closure(properties), shape[0]
    if every & {"orthogonal", "projector", "sphere", "stochastic"}:
        return _curved(every, shape, rng)
    if "skew" in every and "invertible" in every and n % 2:
        raise Outside
    if "psd" in every and "spd" not in every and "invertible" not in every:
        return _semidefinite(every, n, rng, mood)
    if every & {"spd", "psd"}:
        b = numbers(shape, rng, mood)
        b = np.abs(b) if every & {"positive", "nonnegative"} else b
        v = b @ b.T / n + 0.3 * np.eye(n)
        return moving(within(every, v + 0.1 * ("positive" in every)), every, rng)
    v = numbers(shape, rng, mood)
    if "positive" in every:
        v = np.abs(v) + 0.3 if mood == "whole" else np.exp(0.6 * v)
    elif "nonnegative" in every:
        v = np.abs(v)
    v = within(every, v)
    if "invertible" in every and np.linalg.cond(v) > 1e6:
        raise Outside
    return moving(v, every, rng)


def _semidefinite(every: Collection[str], n: int, rng: np.random.Generator, mood: str) -> Array:
    """B B' of any rank; one that is singular moves among those of its rank."""
    k = int(rng.integers(1, n + 1))
    if "diagonal" in every:
        kept = (np.arange(n) < k).astype(float)
        out = moving(np.diag(kept * (numbers((n,), rng, mood) ** 2 + 0.1)), every, rng)
        out[1:] *= kept
        return out
    b = moving(numbers((n, k), rng, mood), (), rng)
    if "nonnegative" in every or "positive" in every:
        b[0] = np.abs(b[0]) + 0.2
    out = matmul(b, turn(b))
    return moving(out[0], every, rng) if k == n else out


def rotation(n: int, rng: np.random.Generator) -> Array:
    """An orthogonal matrix that moves along two turns."""
    e = np.linalg.qr(rng.standard_normal((n, n)))[0]
    k = within(("skew",), rng.standard_normal((2, n, n)))
    s, t = np.zeros((4, n, n)), np.zeros((4, n, n))
    s[1], t[2] = k
    return matmul(matmul(exponential(s), exponential(t)), constant(e * rng.choice([-1, 1], n)))


def _curved(every: Collection[str], shape: tuple[int, int], rng: np.random.Generator) -> Array:
    n = shape[0]
    if "sphere" in every:
        z = free(shape, rng)
        z[0] = np.abs(z[0]) + 0.1 if every & {"positive", "nonnegative"} else z[0]
        return mul(z, reciprocal(norm(z)))
    if "stochastic" in every:
        if "lower" in every:
            e = np.tril(np.exp(free(shape, rng)[0]))
            x = mul(constant(e), free(shape, rng))
            x[0] = e
            return mul(x, reciprocal(x.sum(axis=2, keepdims=True)))
        return softmax_rows(free(shape, rng))
    if "projector" in every:
        k = int(rng.integers(1, n + 1))
        if "diagonal" in every:
            return constant(np.diag((rng.permutation(n) < k).astype(float)))
        if k == n:
            return constant(np.eye(n))
        b = free((n, k), rng)
        if np.linalg.cond(b[0]) > 20:
            raise Outside
        return matmul(matmul(b, inverse(matmul(turn(b), b))), turn(b))
    if "nonnegative" in every:
        return constant(
            np.eye(n)
            if "diagonal" in every
            else np.eye(n)[np.arange(n) ^ 1 if n % 2 == 0 else np.arange(n)]
            if "symmetric" in every
            else rng.permutation(np.eye(n))
        )
    signs = constant(rng.choice([-1.0, 1.0], (n, 1)))
    if "diagonal" in every:
        return diag(signs)
    q = rotation(n, rng)
    if "symmetric" in every:
        return matmul(matmul(q, diag(signs)), turn(q))
    if "skew" in every:
        if n % 2:
            raise Outside
        j = constant(np.kron(np.eye(n // 2), [[0.0, 1.0], [-1.0, 0.0]]))
        return matmul(matmul(q, j), turn(q))
    return q
