"""Random well-shaped expressions over all operators, with sizes to evaluate them at."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np

from matcalc.expr import (
    Expr,
    add,
    apply,
    hadamard,
    hpower,
    identity,
    matpower,
    number,
    ones,
    product,
    scaled,
    symbol,
    transpose,
    unit,
    variable,
)
from matcalc.expr.dims import Size
from matcalc.expr.language import item
from matcalc.operators import abstract, call, elementwise, total

M, N = symbol("m"), symbol("n")
VALUES = {"m": 3, "n": 2}
SMOOTH = [
    "sin",
    "cos",
    "tanh",
    "atan",
    "sinh",
    "exp",
    "sigmoid",
    "softplus",
    "erf",
    "asinh",
    "gelu",
    "silu",
    "normcdf",
    "expm1",
    "erfc",
    "square",
]


FUNCTIONS = {  # an abstract g and its derivatives
    "g": lambda z: np.sin(z) + z**2 / 3,
    "g_prime": lambda z: np.cos(z) + 2 * z / 3,
    "g_prime2": lambda z: -np.sin(z) + 2 / 3 + 0 * z,
    "g_prime3": lambda z: -np.cos(z),
}


class Sampler:
    """Draws expressions of a given shape and depth; `rng` decides everything."""

    def __init__(self, seed: int, abstract: bool = True) -> None:
        self.rng = random.Random(seed)
        self.abstract = abstract  # whether a function g occurs that has no definition

    def unknown(self, e: Expr) -> Expr:
        return apply(abstract("g"), (e,)) if self.abstract else elementwise("tanh", e)

    def draw(self, shape: tuple[Size, Size], depth: int) -> Expr:
        if depth <= 0 or self.rng.random() < 0.08:
            return self.leaf(shape)
        options = [self.sum, self.entrywise, self.function, self.safe, self.scaled]
        rows, columns = shape
        if shape == (1, 1):
            options += [self.scalar] * 6
        elif columns == 1:
            options += [self.vector] * 5
        elif rows != 1:
            options += [self.matrix] * 5
        return self.rng.choice(options)(shape, depth)

    def leaf(self, shape: tuple[Size, Size]) -> Expr:
        rows, columns = shape
        if rows == 1 and columns == 1:
            return variable(self.rng.choice("st"), shape)
        if columns == 1:
            return variable(self.rng.choice({M: "ab", N: "xy"}.get(rows, "z")), shape)
        if rows == 1:
            return transpose(self.leaf((columns, rows)))
        if rows is columns:
            name = self.rng.choice({M: "CS", N: "BT"}.get(rows, "Z"))
            return variable(name, shape, {"symmetric"} if name in "ST" else frozenset())
        return variable(self.rng.choice("AX"), shape) if rows is M else transpose(self.leaf((columns, rows)))

    def sum(self, shape: tuple[Size, Size], depth: int) -> Expr:
        return add([self.draw(shape, depth - 1), scaled(self.rng.choice([1, -1, 2]), self.draw(shape, depth - 1))])

    def entrywise(self, shape: tuple[Size, Size], depth: int) -> Expr:
        return hadamard([self.draw(shape, depth - 1), self.draw(shape, depth - 1)])

    def function(self, shape: tuple[Size, Size], depth: int) -> Expr:
        name = self.rng.choice(SMOOTH)
        e = self.draw(shape, depth - 1)
        return (
            hpower(e, number(2))
            if name == "square"
            else elementwise(name, elementwise("tanh", e) if name in ("exp", "sinh", "expm1") else e)
        )

    def safe(self, shape: tuple[Size, Size], depth: int) -> Expr:
        """log, roots and quotients of what is at least 1."""
        e = call("ones", *shape) if 1 not in shape else call("ones", max(shape, key=str)) if shape != (1, 1) else number(1)
        e = transpose(e) if e.shape != shape else e
        positive = add([e, hpower(self.draw(shape, depth - 1), number(2))])
        return self.rng.choice(
            [
                lambda: elementwise("log", positive),
                lambda: call("sqrt", positive),
                lambda: hpower(positive, number(-1)),
                lambda: elementwise("lgamma", positive),
                lambda: elementwise("log1p", positive),
            ]
        )()

    def scaled(self, shape: tuple[Size, Size], depth: int) -> Expr:
        return product([self.draw((1, 1), depth - 2), self.draw(shape, depth - 1)])

    def size(self) -> Size:
        return self.rng.choice([M, N])

    def positive_definite(self, n: Size, depth: int) -> Expr:
        z = self.draw((n, self.size()), depth - 2)
        return add([identity(n), product([z, transpose(z)])])

    def away_from_zero(self, shape: tuple[Size, Size], depth: int) -> Expr:
        return add([scaled(2, ones(shape)), elementwise("tanh", self.draw(shape, depth - 1))])

    def steep(self, shape: tuple[Size, Size], depth: int) -> Expr:
        """A tall matrix of full rank with simple singular values: 5 e_1 e_1' + 2 e_2 e_2' and a small rest."""
        rows, columns = shape
        units = [(unit(j, rows), unit(j, columns)) for j in (1, 2)]
        main = [product([number(c), u, transpose(v)]) for c, (u, v) in zip((6, 3), units, strict=True)]
        return add([*main, scaled(Fraction(1, 3), elementwise("tanh", self.draw(shape, depth - 2)))])

    def graded(self, n: Size, depth: int) -> Expr:
        """A symmetric matrix with a simple largest eigenvalue."""
        z = self.draw((n, n), depth - 2)
        return add([product([number(8), unit(1, n), transpose(unit(1, n))]), elementwise("tanh", add([z, transpose(z)]))])

    def scalar(self, shape: tuple[Size, Size], depth: int) -> Expr:
        n, k = self.size(), self.size()
        return self.rng.choice(
            [
                lambda: total(self.draw((n, k), depth - 1)),
                lambda: call("tr", self.draw((n, n), depth - 1)),
                lambda: product([transpose(self.draw((n, 1), depth - 1)), self.draw((n, 1), depth - 1)]),
                lambda: product([transpose(self.draw((n, 1), depth - 1)), self.draw((n, k), depth - 1), self.draw((k, 1), depth - 1)]),
                lambda: call("norm", add([self.draw((n, k), depth - 1), scaled(3, call("ones", n, k))])),
                lambda: call("logsumexp", self.draw((n, 1), depth - 1)),
                lambda: call("logdet", self.positive_definite(n, depth)),
                lambda: call("det", self.positive_definite(n, depth)),
                lambda: call("mean", self.draw((n, k), depth - 1)),
                lambda: call("prod", self.away_from_zero((n, 1), depth)),
                lambda: call("normnuc", self.steep((M, N), depth)),
                lambda: call("normspec", self.steep((M, N), depth)),
                lambda: call("lambda_max", self.graded(n, depth)),
                lambda: total(call("kron", self.draw((n, k), depth - 2), self.draw((k, 1), depth - 2))),
                lambda: product([transpose(call("vec", self.draw((n, k), depth - 2))), call("vec", self.draw((n, k), depth - 2))]),
                lambda: item(self.draw((n, k), depth - 1), (1, 2)),
                lambda: call("inner", self.draw((n, k), depth - 1), self.draw((n, k), depth - 1)),
            ]
        )()

    def vector(self, shape: tuple[Size, Size], depth: int) -> Expr:
        n, k = shape[0], self.size()
        return self.rng.choice(
            [
                lambda: product([self.draw((n, k), depth - 1), self.draw((k, 1), depth - 1)]),
                lambda: call("softmax", self.draw((n, 1), depth - 1)),
                lambda: item(self.draw((n, k), depth - 1), (slice(None), 2)),
                lambda: self.unknown(self.draw((n, 1), depth - 1)),
                lambda: call("diag", self.draw((n, n), depth - 1)),
                lambda: call("rowsum", self.draw((n, k), depth - 1)),
                lambda: call("colsum", self.draw((k, n), depth - 1)),
                lambda: call("logsumexp_rows", self.draw((n, k), depth - 1)),
                lambda: product([self.draw((n, k), depth - 1), call("softmax", self.draw((k, 1), depth - 2))]),
                lambda: product([matpower(self.positive_definite(n, depth), -1), self.draw((n, 1), depth - 1)]),
            ]
        )()

    def matrix(self, shape: tuple[Size, Size], depth: int) -> Expr:
        rows, columns = shape
        k = self.size()
        options = [
            lambda: product([self.draw((rows, k), depth - 1), self.draw((k, columns), depth - 1)]),
            lambda: product([self.draw((rows, 1), depth - 1), self.draw((1, columns), depth - 1)]),
            lambda: transpose(self.draw((columns, rows), depth - 1)),
            lambda: product([call("diag", self.draw((rows, 1), depth - 1)), self.draw(shape, depth - 1)]),
            lambda: product([matpower(self.positive_definite(rows, depth), -1), self.draw(shape, depth - 1)]),
            lambda: call("softmax_rows", self.draw(shape, depth - 1)),
            lambda: self.unknown(self.draw(shape, depth - 1)),
            lambda: call("polar", self.steep(shape, depth)) if rows is M and columns is N else self.leaf(shape),
            lambda: transpose(call("pinv", self.steep(shape, depth))) if rows is M and columns is N else self.leaf(shape),
        ]
        if rows is columns:
            options += [
                lambda: call("diag", self.draw((rows, 1), depth - 1)),
                lambda: matpower(self.draw(shape, depth - 1), 2),
                lambda: call("sqrtm", self.positive_definite(rows, depth)),
                lambda: call("inv", self.positive_definite(rows, depth)),
                lambda: call("adj", self.positive_definite(rows, depth)),
                lambda: call("expm", elementwise("tanh", self.draw(shape, depth - 1))),
                lambda: call("logm", self.positive_definite(rows, depth)),
                lambda: call("tril", self.draw(shape, depth - 1)),
            ]
        return self.rng.choice(options)()


def values_for(variables: list[Expr], seed: int) -> dict[str, object]:
    """A point to evaluate at."""
    rng = np.random.default_rng(seed)
    out: dict[str, object] = dict(FUNCTIONS)
    for v in sorted(variables, key=lambda v: str(v.data[0])):
        rows, columns = (d if isinstance(d, int) else VALUES[str(d)] for d in v.shape)
        a = 0.6 * rng.standard_normal((rows, columns))
        out[v.data[0]] = (a + a.T) / 2 if v.symmetric and rows > 1 else a
    return out
