"""Values with properties, for the proofs of the tables: what a draw of THE PROPERTIES makes, and whether a value has a property."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import lru_cache

import numpy as np

from matcalc.checking.evaluate import evaluate
from matcalc.expr import Expr
from matcalc.expr.properties import PROPERTIES, draws
from matcalc.reading import read

LETTERS = {
    "A": "n, n", "B": "n, k", "G": "m, n", "P": "m, n", "M": "m, n", "E": "n, n", "J": "n, n", "R": "n, n",
    "C": "m, m", "O": "m, n", "U": "m, n", "V": "m, n", "K": "m, k", "L": "n, k",
    "a": "n", "b": "n", "p": "n", "c": "n", "d": "n", "s": "n",
}  # fmt: skip
FIXED = set("MEJROUVds")  # what stays as a curve is drawn

close = np.allclose


def symmetric(x: np.ndarray) -> bool:
    return close(x, x.T)


def least(x: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(x).min())


def rank(x: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(x, tol=1e-9 * max(1.0, np.abs(x).max(initial=0))))


EPS = 1e-8
IS: dict[str, Callable[[np.ndarray], bool]] = {
    "symmetric": symmetric,
    "skew": lambda x: close(x, -x.T),
    "psd": lambda x: symmetric(x) and least(x) > -EPS,
    "spd": lambda x: symmetric(x) and least(x) > EPS,
    "nsd": lambda x: symmetric(x) and least(-x) > -EPS,
    "nd": lambda x: symmetric(x) and least(-x) > EPS,
    "diagonal": lambda x: close(x, np.diag(np.diag(x))),
    "orthogonal": lambda x: close(x.T @ x, np.eye(len(x))),
    "lower": lambda x: close(x, np.tril(x)),
    "upper": lambda x: close(x, np.triu(x)),
    "invertible": lambda x: rank(x) == len(x),
    "positive": lambda x: bool((x > EPS).all()),
    "binary": lambda x: bool(((x == 0) | (x == 1)).all()),
    "nonnegative": lambda x: bool((x > -EPS).all()),
    "negative": lambda x: bool((x < -EPS).all()),
    "nonpositive": lambda x: bool((x < EPS).all()),
    "nonzero": lambda x: bool((np.abs(x) > EPS).all()),
    "projector": lambda x: symmetric(x) and close(x @ x, x),
    "sphere": lambda x: close((x * x).sum(), 1),
    "stochastic": lambda x: bool((x > -EPS).all()) and close(x.sum(axis=1), 1),
    "stiefel": lambda x: close(x.T @ x, np.eye(x.shape[1])),
    "grassmann": lambda x: close(x.T @ x, np.eye(x.shape[1])),
    "rotation": lambda x: close(x.T @ x, np.eye(len(x))) and close(np.linalg.det(x), 1),
    "oblique": lambda x: close((x * x).sum(axis=0), 1),
    "unitnorm": lambda x: close((x * x).sum(), 1),
    "simplex": lambda x: bool((x > EPS).all()) and close(x.sum(), 1),
    "rank": lambda x: rank(x) > 0,
    "injective": lambda x: rank(x) == x.shape[1],
    "onto": lambda x: rank(x) == x.shape[0],
}


def letters(
    rng: np.random.Generator, m: int, n: int, k: int | None = None, *, masks: bool = True, wanted: Container[str] = LETTERS
) -> dict[str, np.ndarray]:
    """A value for every letter that a draw may have, of those that are wanted."""
    normal, half = rng.standard_normal, n // 2
    zeros = np.arange(n) != n - 1 if masks else np.ones(n)
    few = 1 + int(rng.integers(0, min(m, n)))
    made: dict[str, Callable[[], np.ndarray]] = {
        "A": lambda: normal((n, n)), "B": lambda: normal((n, k or 1 + int(rng.integers(0, n)))), "C": lambda: normal((m, m)),
        "E": lambda: np.linalg.qr(normal((n, n)))[0], "G": lambda: normal((m, n)), "K": lambda: normal((m, few)), "L": lambda: normal((n, few)),
        "J": lambda: np.kron(np.eye(half), [[0.0, 1.0], [-1.0, 0.0]]) if n % 2 == 0 else np.full((n, n), np.nan),
        "M": lambda: rng.integers(0, 2, (m, n)).astype(float) if masks else np.ones((m, n)), "O": lambda: np.linalg.qr(normal((max(m, n), n)))[0][:m],
        "P": lambda: rng.uniform(0.5, 2, (m, n)), "R": lambda: np.eye(n)[rng.permutation(n)],
        "U": lambda: np.eye(1, m * n, int(rng.integers(m * n))).reshape(m, n), "V": lambda: np.eye(m)[:, rng.integers(0, m, n)],
        "a": lambda: normal(n), "b": lambda: normal(n), "c": lambda: rng.uniform(0.5, 2, n) * zeros, "d": lambda: rng.choice([-1.0, 1.0], n),
        "p": lambda: rng.uniform(0.5, 2, n), "s": lambda: (rng.permutation(n) < half + 1).astype(float),
    }  # fmt: skip
    return {name: make() for name, make in made.items() if name in wanted}


@lru_cache(maxsize=512)
def recipe(text: str, square: bool) -> Expr:
    return read(text, "; ".join(f"{name}: ({shape.replace('m', 'n') if square else shape})" for name, shape in LETTERS.items())).expr


def value(text: str, given: dict[str, np.ndarray], shape: tuple[int, int], n: int) -> np.ndarray:
    """The matrix that a draw makes of its letters, where those of vectors have n entries."""
    rows, columns = shape
    made = evaluate(recipe(text, rows == columns), **given, m=rows, n=n)
    return np.asarray(made, dtype=float).reshape(shape)


# What nobody declares is drawn so.
INFERRED_DRAWS: dict[frozenset[str], tuple[str, ...]] = {frozenset(k.split()): v for k, v in {
    "nsd": ("-(B*B')", "-(diag(s)*A*A'*diag(s))"), "nd": ("-(A*A' + eye(n)/4)",), "nsd diagonal": ("-diag(c)",), "negative": ("-P",),
    "nonpositive": ("-(P.*M)",), "nonzero": ("G",), "injective": ("G",), "onto": ("G",), "": ("G", "G.*M", "rowsum(G)*ones(n)'"),
}.items()}  # fmt: skip


def operand(names: frozenset[str], shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A matrix of that shape that has the properties, singular, of either sign and with zeros where it may be."""
    names = names - {"any"}
    recipes = INFERRED_DRAWS[names] if names in INFERRED_DRAWS else draws(names)
    for _ in range(20):
        text = recipes[int(rng.integers(len(recipes)))]
        n = shape[0] if any(p in PROPERTIES and PROPERTIES[p].shape == "vector" for p in names) else shape[1]
        with np.errstate(all="ignore"):
            found = value(text, letters(rng, shape[0], n, wanted=text), shape, n)
        if np.isfinite(found).all() and all(IS[p](found) for p in names):
            return found
    raise ValueError(f"no {sorted(names)} of shape {shape}")


def shape_of(names: frozenset[str], n: int, rows: int, columns: int) -> tuple[int, int]:
    """A shape that what has the properties may have: square, a column, or as asked."""
    kinds = {(PROPERTIES[p].shape if p in PROPERTIES else "square" if p in ("nsd", "nd") else "any") for p in names - {"any"}}
    if "tall" in kinds:
        return (rows, max(1, rows - 1))
    return (n, n) if "square" in kinds else (n, 1) if "vector" in kinds else (rows, columns)
