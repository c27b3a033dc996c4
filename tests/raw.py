"""Random trees computed while they are built: each is a canonical expression and the array that was computed beside it, step by step.

What a constructor makes of its arguments is read from the expression only at the end, so whatever number, sign or transpose it
loses shows as another value.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from matcalc.expr import Expr, add, hadamard, hpower, identity, matpower, number, ones, product, scaled, symbol, transpose, unit, variable
from matcalc.expr.dims import Size
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import call, elementwise
from sampling import draw

M, N = symbol("m"), symbol("n")
SIZES = {"m": 3, "n": 2}  # one odd, one even
SQUARE = ("skew", "skew", "skew", "", *(p for p in PROPERTIES if PROPERTIES[p].shape == "square"))
SIGNED = ("", "positive", "nonnegative")


class Ill(Exception):
    """Rounding would decide at this point."""


def regular(a: np.ndarray, most: float) -> bool:
    """Whether `a` can be inverted without rounding deciding what comes out."""
    return bool(np.linalg.cond(a) < most and np.max(np.abs(a)) > 1 / most)


class Pair(NamedTuple):
    expr: Expr
    value: np.ndarray  # two axes


class Trees:
    """Draws trees of a given shape; `rng` decides everything, `point` is the values of the variables met."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.point: dict[str, np.ndarray] = {}
        self.known: dict[str, Expr] = {}

    def leaf(self, shape: tuple[Size, Size]) -> Pair:
        rows, columns = (SIZES.get(str(d), d) for d in shape)
        square = shape[0] == shape[1] != 1
        kind = self.rng.choice(SQUARE if square else SIGNED)
        if square and self.rng.random() < 0.05:
            return Pair(identity(shape[0]), np.eye(rows))
        if self.rng.random() < 0.05:
            return Pair(ones(shape), np.ones((rows, columns)))
        if columns == 1 != rows and self.rng.random() < 0.1:
            return Pair(unit(2, shape[0]), np.eye(rows)[:, [1]])
        if rows == 1 != columns:
            return self.turned(self.leaf((shape[1], shape[0])))
        name = f"{'v' if columns == 1 else 'M'}_{shape[0]}_{shape[1]}_{kind}_{self.rng.randrange(2)}".replace("*", "")
        if name not in self.known:
            self.known[name] = variable(name, shape, {kind} - {""})
            self.point[name] = draw(kind, (rows, columns), self.numbers)
        return Pair(self.known[name], self.point[name])

    def tree(self, shape: tuple[Size, Size], depth: int) -> Pair:
        if depth <= 0 or self.rng.random() < 0.1:
            return self.leaf(shape)
        made = self.rng.choice(self.ways(shape, depth - 1))()
        if not np.all(np.isfinite(made.value)) or np.max(np.abs(made.value), initial=0) > 1e6:
            raise Ill
        return made

    def ways(self, shape: tuple[Size, Size], d: int) -> list[Callable[[], Pair]]:
        k = self.rng.choice([M, N])
        kinds: list[Callable[[], Pair]] = [
            lambda: self.sum([self.tree(shape, d) for _ in range(self.rng.randint(2, 3))]),
            lambda: self.sum([self.tree(shape, d) for _ in range(2)]),
            lambda: self.times(self.tree(shape, d), self.number()),
            lambda: self.turned(self.tree((shape[1], shape[0]), d)),
            lambda: self.entries(self.tree(shape, d), self.tree(shape, d)),
            lambda: self.each(self.tree(shape, d)),
            lambda: self.times(self.tree((1, 1), d - 1), self.tree(shape, d)),
        ]
        if shape == (1, 1):
            kinds += 3 * [
                lambda: self.reduced("tr", self.tree((k, k), d), np.trace),
                lambda: self.reduced("tr", self.chain((k, k), d), np.trace),
                lambda: self.times(self.tree((1, k), d), self.tree((k, 1), d)),
                lambda: self.times(self.tree((1, k), d), self.times(self.tree((k, k), d), self.tree((k, 1), d))),
                lambda: self.reduced("det", self.tree((k, k), d), np.linalg.det),
                lambda: self.reduced("logdet", self.invertible(k, d), lambda a: np.linalg.slogdet(a)[1]),
                lambda: self.reduced("norm", self.tree((k, k), d), np.linalg.norm),
                lambda: self.reduced("sum", self.tree((k, k), d), np.sum),
                lambda: self.inner(self.tree((k, M), d), self.tree((k, M), d)),
            ]
            return kinds
        if shape[1] == 1:
            kinds += [
                lambda: self.reduced("diag", self.tree((shape[0],) * 2, d), lambda a: np.diag(a)[:, None]),
                lambda: self.chain(shape, d),
            ]
        if 1 not in shape:
            kinds += [lambda: self.chain(shape, d), lambda: self.times(self.tree((shape[0], 1), d), self.tree((1, shape[1]), d))]
            if shape[0] == shape[1]:
                square = [lambda: self.raised(self.tree(shape, d)), lambda: self.chain(shape, d)]
                kinds += 2 * square
                kinds += [
                    lambda: self.reduced("diag", self.tree((shape[0], 1), d), lambda a: np.diag(a[:, 0])),
                    lambda: self.reduced("tril", self.tree(shape, d), np.tril),
                    lambda: self.reduced("adj", self.invertible(shape[0], d), lambda a: np.linalg.det(a) * np.linalg.inv(a)),
                    lambda: self.kron_inner(shape[0], d),
                ]
        return kinds

    def number(self) -> Pair:
        c = self.rng.choice([-2, -1, -1, 2, 3])
        return Pair(number(c), np.array([[float(c)]]))

    def chain(self, shape: tuple[Size, Size], d: int) -> Pair:
        k, l = self.rng.choice([M, N]), self.rng.choice([M, N])
        return self.times(self.times(self.tree((shape[0], k), d), self.tree((k, l), d - 1)), self.tree((l, shape[1]), d))

    def sum(self, terms: list[Pair]) -> Pair:
        signs = [self.rng.choice([1, 1, -1, -1, 2]) for _ in terms]
        return Pair(
            add([scaled(c, t.expr) for c, t in zip(signs, terms, strict=True)]), sum(c * t.value for c, t in zip(signs, terms, strict=True))
        )

    def times(self, a: Pair, b: Pair) -> Pair:
        value = a.value * b.value if (1, 1) in (a.value.shape, b.value.shape) else a.value @ b.value
        return Pair(product([a.expr, b.expr]), value)

    def turned(self, a: Pair) -> Pair:
        return Pair(transpose(a.expr), a.value.T)

    def entries(self, a: Pair, b: Pair) -> Pair:
        return Pair(hadamard([a.expr, b.expr]), a.value * b.value)

    def each(self, a: Pair) -> Pair:
        name = self.rng.choice(["tanh", "cos", "sin", "square", "cube", "sigmoid"])
        if name in ("square", "cube"):
            k = 2 if name == "square" else 3
            return Pair(hpower(a.expr, number(k)), a.value**k)
        compute = {"tanh": np.tanh, "cos": np.cos, "sin": np.sin, "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2}[name]
        return Pair(elementwise(name, a.expr), compute(a.value))

    def invertible(self, n: Size, d: int) -> Pair:
        a = self.tree((n, n), d)
        if not regular(a.value, 1e4):
            raise Ill
        return a

    def raised(self, a: Pair) -> Pair:
        k = self.rng.choice([2, 3, 4, -1, -2, -3])
        if k < 0 and not regular(a.value, 1e3):
            k = -k
        return Pair(matpower(a.expr, k), np.linalg.matrix_power(a.value, k))

    def reduced(self, name: str, a: Pair, compute: Callable[[np.ndarray], object]) -> Pair:
        made = call(name, a.expr)
        value = np.asarray(compute(a.value))
        return Pair(made, value.reshape(1, 1) if value.ndim == 0 else value)

    def inner(self, a: Pair, b: Pair) -> Pair:
        return Pair(call("inner", a.expr, b.expr), np.array([[np.sum(a.value * b.value)]]))

    def kron_inner(self, n: Size, d: int) -> Pair:
        """(I ⊗ x') (B ⊗ A) (I ⊗ y): a Kronecker product brought back to n × n."""
        k = self.rng.choice([M, N])
        a, b, x, y = self.tree((k, k), d - 1), self.tree((n, n), d), self.leaf((k, 1)), self.leaf((k, 1))
        row, column = call("kron", identity(n), transpose(x.expr)), call("kron", identity(n), y.expr)
        whole = call("kron", b.expr, a.expr)
        if self.rng.random() < 0.5:
            whole, value = transpose(whole), np.kron(b.value, a.value).T
        else:
            value = np.kron(b.value, a.value)
        one = np.eye(b.value.shape[0])
        return Pair(product([row, whole, column]), np.kron(one, x.value.T) @ value @ np.kron(one, y.value))
