"""Random questions of the whole language: typed trees, made from nothing of matcalc."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from jet_functions import DOMAIN
from members import ANY, SQUARE, feasible
from question_menus import ANYWHERE, COMPOSITES, MATRICES, ROWS, SCALARS, SQUARES, VECTORS
from trees import SCALAR, Dim, Shape, Tree, node, number, product_of

NAMES = {
    "matrix": "A B C D E G H J K L M P Q R S T U V W X Y Z A_1 B_2 Phi Lambda Omega".split(),
    "vector": "a b c d h q r u v w x y z x_1 y_2 beta xi".split(),
    "scalar": "s t alpha mu tau s_1 theta eps".split(),
}
WILD = ("exp", "sinh", "cosh", "expm1")  # what grows
Declared = dict[str, tuple[Shape, tuple[str, ...]]]


@dataclass(frozen=True)
class Question:
    """An expression, what its letters are, and what is asked of it."""

    tree: Tree
    declared: Declared
    order: str  # grad, jacobian, hessian
    wrt: tuple[str, ...]  # one variable, two for a mixed Hessian
    unconstrained: bool = False
    index: tuple[Any, Any] | None = None  # of one variable: X[:,j]
    seed: int = field(default=0, compare=False)


class Maker:
    """Makes one question from its seed; `properties` are those that may be declared."""

    def __init__(self, seed: int, properties: tuple[str, ...] = (*SQUARE, *ANY)) -> None:
        self.rng = random.Random(seed)
        self.properties = properties
        self.declared: Declared = {}
        self.made: dict[Shape, list[Tree]] = {}
        whole = [self.rng.choice((2, 3, 4))] if self.rng.random() < 0.15 else []
        self.dims: list[Dim] = self.rng.sample(["m", "n", "k", "p"], self.rng.choice((1, 2, 2, 3))) + whole

    def question(self, seed: int) -> Question:
        rng = self.rng
        kind = rng.choices(("scalar", "vector", "matrix", "row", "composite"), (54, 18, 19, 3, 6))[0]
        shape: Shape = {
            "scalar": SCALAR, "vector": (self.dim(), 1), "matrix": (self.dim(), self.dim()), "row": (1, self.dim()),
            "composite": (product_of(self.dim(), self.dim()), rng.choice((1, self.dim(), product_of(self.dim(), self.dim())))),
        }[kind]  # fmt: skip
        while True:
            tree = self.make(shape, rng.choice((1, 2, 2, 3, 3, 4) if shape == SCALAR else (1, 2, 2, 3)))
            used = [e.data[0] for e in tree.nodes() if e.op == "variable"]
            if used:
                break
        order = rng.choices(("grad", "hessian", "mixed"), (50, 35, 15))[0] if shape == SCALAR else "jacobian"
        names = sorted(set(used), key=lambda v: (-len(self.declared[v][1]), rng.random()))
        first = names[0] if rng.random() < 0.6 else rng.choice(used)
        wrt = (first, rng.choice([v for v in names if v != first] or [first])) if order == "mixed" else (first,)
        declared = {v: self.declared[v] for v in sorted(set(used))}
        structured = any(set(declared[v][1]) - set(ANY) for v in wrt)
        unconstrained = structured and rng.random() < 0.2
        index = None
        if order in ("grad", "jacobian", "hessian") and not structured and rng.random() < 0.06 and declared[first][0] != SCALAR:
            index = self.place(declared[first][0])
        return Question(tree, declared, "hessian" if order == "mixed" else order, wrt, unconstrained, index, seed)

    def place(self, shape: Shape) -> tuple[Any, Any]:
        """One entry, column or row of a matrix."""
        i, j = self.rng.choice((1, "i", 1, 2)), self.rng.choice((1, "j", 1, 2))
        if shape[1] == 1:
            return (i, 1)
        if shape[0] == 1:
            return (1, j)
        return self.rng.choice(((None, j), (i, None), (i, j)))

    # What is chosen

    def dim(self) -> Dim:
        return self.rng.choice(self.dims)

    def name(self, shape: Shape) -> str:
        kind = "scalar" if shape == SCALAR else "vector" if shape[1] == 1 else "matrix"
        return self.rng.choice([v for v in NAMES[kind] if v not in self.declared])

    def variable(self, shape: Shape, wanted: tuple[str, ...] | None = None) -> Tree:
        """A letter, an old one or a new one; with the properties wanted, or any."""
        old = [v for v, (s, p) in self.declared.items() if s == shape and (wanted is None or set(wanted) <= set(p))]
        if old and self.rng.random() < 0.65:
            name = self.rng.choice(old)
        else:
            name = self.name(shape)
            self.declared[name] = (shape, wanted if wanted is not None else self.some_properties(shape))
        return node("variable", shape, data=(name,))

    def some_properties(self, shape: Shape) -> tuple[str, ...]:
        fits = [p for p in self.properties if p in ANY or (p == "sphere" and shape[1] == 1 != shape[0])]
        if shape[0] == shape[1] != 1:
            fits = [p for p in self.properties if p != "sphere"]
            count = self.rng.choices((0, 1, 2, 3), (40, 33, 24, 3))[0]
        else:
            count = self.rng.choices((0, 1), (80, 20))[0]
        for _ in range(20):
            found = tuple(sorted(self.rng.sample(fits, min(count, len(fits)))))
            if feasible(found):
                return found
        return ()

    def make(self, shape: Shape, depth: int) -> Tree:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.06:
            return self.leaf(shape)
        before = self.made.setdefault(shape, [])
        if before and rng.random() < 0.12:  # the same once more
            return rng.choice(before)
        menu = SCALARS if shape == SCALAR else VECTORS if shape[1] == 1 else ROWS if shape[0] == 1 else MATRICES
        if shape != SCALAR and shape[0] == shape[1]:
            menu = menu + SQUARES
        if isinstance(shape[0], tuple) or isinstance(shape[1], tuple):
            menu = COMPOSITES
        if rng.random() < 0.4:
            menu = ANYWHERE
        _, build = rng.choices(menu, [w for w, _ in menu])[0]
        found = build(self, shape, depth - 1) or self.make(shape, depth - 1)
        before.append(found)
        return found

    def leaf(self, shape: Shape) -> Tree:
        rng = self.rng
        if shape == SCALAR:
            x = rng.random()
            if x < 0.2:
                return number(rng.choice((1, 2, 3, Fraction(1, 2), Fraction(3, 2), Fraction(1, 10), 4)))
            if x < 0.27:
                return node("size", SCALAR, data=(self.dim(),))
            return node("pi", SCALAR) if x < 0.3 else self.variable(shape)
        x = rng.random()
        if x < 0.06:
            return node("ones", shape)
        if x < 0.16 and shape[0] == shape[1]:
            return node("eye", shape)
        if x < 0.3 and 1 not in shape:
            return node("'", shape, self.variable((shape[1], shape[0])))
        if shape[0] == 1:
            return node("'", shape, self.variable((shape[1], 1))) if x < 0.75 else self.variable(shape)
        return self.variable(shape)

    # Arguments that lie where a function is defined

    def positive(self, shape: Shape, depth: int) -> Tree:
        x = self.rng.random()
        if x < 0.25:
            return self.variable(shape, ("positive",))
        if x < 0.4:
            return self.applied("exp", shape, depth - 1)
        if x < 0.7:
            squared = (
                node(".^", shape, self.make(shape, depth - 1), data=(Fraction(2),))
                if shape != SCALAR
                else node("^", shape, self.make(shape, depth - 1), data=(Fraction(2),))
            )
            return node("+", shape, number(self.rng.choice((1, 2, Fraction(1, 2)))), squared)
        if x < 0.85:
            return self.applied(self.rng.choice(("sigmoid", "softplus", "cosh", "normcdf")), shape, depth - 1)
        return self.make(shape, depth)

    def unit(self, shape: Shape, depth: int) -> Tree:
        if self.rng.random() < 0.1:
            return self.make(shape, depth)
        return self.applied(self.rng.choice(("tanh", "sin", "erf", "normcdf", "sigmoid")), shape, depth - 1)

    def applied(self, name: str, shape: Shape, depth: int) -> Tree:
        inside = DOMAIN.get(name)
        if name == "acosh":
            x = node("+", shape, number(1), self.positive(shape, depth - 1))
        elif inside is DOMAIN["asin"] or name in ("tan", "atanh") or name in WILD and self.rng.random() < 0.6:
            x = self.unit(shape, depth)
        elif inside is not None:
            x = self.positive(shape, depth)
        else:
            x = self.make(shape, depth)
        return node(name, shape, x)

    def definite(self, n: Dim, depth: int) -> Tree:
        """A positive definite matrix, in one of the ways it is written."""
        x, shape = self.rng.random(), (n, n)
        if x < 0.35:
            return self.variable(shape, ("spd",))
        if x < 0.75:
            z = self.make((n, self.dim()), depth - 1)
            t = node("'", (z.shape[1], n), z)
            square = node("*", shape, z, t)
            rest: Tree = node("eye", shape) if self.rng.random() < 0.7 else node("*", shape, self.positive(SCALAR, 0), node("eye", shape))
            return node("+", shape, square, rest)
        if x < 0.85:
            return node("+", shape, self.variable(shape, ("spd",)), self.variable(shape, ("psd",)))
        if x < 0.93:
            return node("diag", shape, self.positive((n, 1), depth - 1))
        return node("inv", shape, self.variable(shape, ("spd",)))

    def symmetric(self, n: Dim, depth: int) -> Tree:
        x, shape = self.rng.random(), (n, n)
        if x < 0.3:
            return self.variable(shape, ("symmetric",))
        if x < 0.6:
            z = self.make(shape, depth - 1)
            return node("+", shape, z, node("'", shape, z))
        if x < 0.8:
            z = self.make((n, self.dim()), depth - 1)
            return node("*", shape, z, node("'", (z.shape[1], n), z))
        return self.definite(n, depth)

    def invertible(self, n: Dim, depth: int) -> Tree:
        x = self.rng.random()
        if x < 0.35:
            return self.definite(n, depth)
        if x < 0.7:
            return self.variable((n, n))
        return self.make((n, n), depth)

    def whole(self) -> Any:
        return self.rng.choice((2, 2, 2, 3, -1, -2, Fraction(1, 2), 4, Fraction(3, 2), Fraction(-1, 2)))
