"""Random questions of the whole language: typed trees, made from nothing of matcalc."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from independent import BENT, DOMAIN, SMOOTH, Dim, Shape, Tree
from members import ANY, SQUARE, feasible

SCALAR: Shape = (1, 1)
NAMES = {
    "matrix": "A B C D E G H J K L M P Q R S T U V W X Y Z A_1 B_2 Phi Lambda Omega".split(),
    "vector": "a b c d h q r u v w x y z x_1 y_2 beta xi".split(),
    "scalar": "s t alpha mu tau s_1 theta eps".split(),
}
FUNCTIONS = (*SMOOTH, *BENT)
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


def product_of(a: Dim, b: Dim) -> Dim:
    """The size a·b, its parts in order."""
    parts = sorted((x for d in (a, b) for x in (d if isinstance(d, tuple) else (d,)) if x != 1), key=str)
    whole = 1
    for p in parts:
        whole *= p if isinstance(p, int) else 1
    names = [p for p in parts if not isinstance(p, int)]
    if not names:
        return whole
    out = ([whole] if whole > 1 else []) + names
    return out[0] if len(out) == 1 else tuple(out)


def node(op: str, shape: Shape, *args: Tree, data: tuple[Any, ...] = ()) -> Tree:
    return Tree(op, args, data, shape)


def number(value: Any) -> Tree:
    return node("number", SCALAR, data=(Fraction(value),))


class Maker:
    """Makes one question from its seed; `properties` are those that may be declared."""

    def __init__(self, seed: int, properties: tuple[str, ...] = (*SQUARE, *ANY)) -> None:
        self.rng = random.Random(seed)
        self.properties = properties
        self.declared: Declared = {}
        self.made: dict[Shape, list[Tree]] = {}
        whole = [self.rng.choice((2, 3, 4))] if self.rng.random() < 0.15 else []
        self.dims: list[Dim] = self.rng.sample(["m", "n", "k"], self.rng.choice((1, 2, 2, 3))) + whole

    def question(self, seed: int) -> Question:
        rng = self.rng
        kind = rng.choices(("scalar", "vector", "matrix", "row", "composite"), (55, 19, 20, 3, 3))[0]
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
        fits = [p for p in self.properties if p in ANY or (p == "sphere" and shape[1] == 1 != shape[0]) or p == "stochastic" and 1 not in shape]
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
            squared = node(".^", shape, self.make(shape, depth - 1), data=(Fraction(2),)) if shape != SCALAR else node("^", shape, self.make(shape, depth - 1), data=(Fraction(2),))
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


Build = Callable[[Maker, Shape, int], "Tree | None"]
Menu = list[tuple[float, Build]]


def _broadcast(m: Maker, s: Shape, d: int) -> Tree | None:
    if s == SCALAR:
        return None
    if 1 not in s and s[0] != s[1] and m.rng.random() < 0.6:
        other: Shape = m.rng.choice(((s[0], 1), (1, s[1])))
    else:
        other = SCALAR
    pair = [m.make(s, d), m.make(other, d - 1)]
    m.rng.shuffle(pair)
    return node(m.rng.choice("++-"), s, *pair)


def _scaled(m: Maker, s: Shape, d: int) -> Tree:
    scalar = number(m.rng.choice((2, 3, -1, Fraction(1, 2)))) if m.rng.random() < 0.4 else m.make(SCALAR, d - 1)
    return node("*", s, scalar, m.make(s, d)) if m.rng.random() < 0.8 else node("*", s, m.make(s, d), scalar)


def _power(m: Maker, s: Shape, d: int) -> Tree:
    p = Fraction(m.whole())
    base = m.make(s, d) if p.denominator == 1 and p > 0 else m.positive(s, d)
    return node("^" if s == SCALAR else ".^", s, base, data=(p,))


def _symbolic_power(m: Maker, s: Shape, d: int) -> Tree:
    base, exponent = m.positive(s, d), m.make(s if m.rng.random() < 0.4 else SCALAR, d - 1)
    return node("^^" if s == SCALAR else ".^^", s, base, exponent)


def _quotient(m: Maker, s: Shape, d: int) -> Tree:
    if s == SCALAR or m.rng.random() < 0.5:
        return node("/", s, m.make(s, d), m.positive(SCALAR, d - 1) if m.rng.random() < 0.7 else m.make(SCALAR, d - 1))
    return node("./", s, number(1) if m.rng.random() < 0.3 else m.make(s, d), m.positive(s, d))


def _abstract(m: Maker, s: Shape, d: int) -> Tree:
    return node(m.rng.choices(("g", "g'", "g''"), (6, 2, 1))[0], s, m.make(s, d))


def _gradient_of_f(m: Maker, s: Shape, d: int) -> Tree | None:
    return node("grad(f)", s, m.make(s, d)) if _f(m, s) else None


def _f(m: Maker, s: Shape) -> bool:
    """Whether f may take this shape: one shape a question."""
    taken = m.__dict__.setdefault("f_takes", s)
    return taken == s and s != SCALAR


def _matrix_function(m: Maker, s: Shape, d: int) -> Tree | None:
    takes: Shape = (m.dim(), m.rng.choice((1, m.dim())))
    return node("f", SCALAR, m.make(takes, d)) if _f(m, takes) else None


def _big_f(m: Maker, s: Shape, d: int) -> Tree | None:
    takes: Shape = (m.dim(), m.rng.choice((1, m.dim())))
    if s == SCALAR or m.__dict__.setdefault("F_is", (takes, s)) != (takes, s):
        return None
    return node("F", s, m.make(takes, d))


def _form(m: Maker, s: Shape, d: int) -> Tree:
    """x'y, x'A y and the like."""
    n, k = m.dim(), m.dim()
    x = m.make((n, 1), d)
    left = node("'", (1, n), x)
    if m.rng.random() < 0.4:
        return node("*", SCALAR, left, m.make((n, 1), d))
    y = x if n == k and m.rng.random() < 0.5 else m.make((k, 1), d)
    return node("*", SCALAR, node("*", (1, k), left, m.make((n, k), d)), y)


def _item(m: Maker, s: Shape, d: int) -> Tree:
    n, k = m.dim(), m.dim()
    if s == SCALAR:
        if m.rng.random() < 0.3:
            return node("item", s, m.make((n, 1), d), data=(m.rng.choice((1, "i", 2)), 1))
        return node("item", s, m.make((n, k), d), data=(m.rng.choice((1, "i", 2)), m.rng.choice((1, "j", 2))))
    if s[1] == 1:
        return node("item", s, m.make((s[0], k), d), data=(None, m.rng.choice((1, "j", 2))))
    return node("item", s, m.make((n, s[1]), d), data=(m.rng.choice((1, "i", 2)), None))


def _of_square(name: str, argument: str = "make") -> Build:
    def build(m: Maker, s: Shape, d: int) -> Tree:
        n = m.dim() if s == SCALAR else s[0]
        return node(name, s, m.make((n, n), d) if argument == "make" else getattr(m, argument)(n, d))

    return build


def _of_matrix(name: str) -> Build:
    return lambda m, s, d: node(name, s, m.make((m.dim(), m.rng.choice((1, m.dim(), m.dim()))), d))


def _product(m: Maker, s: Shape, d: int) -> Tree:
    k = m.dim()
    return node("*", s, m.make((s[0], k), d), m.make((k, s[1]), d))


def _composed(m: Maker, s: Shape, d: int) -> Tree:
    """A scalar of something whose sizes are products."""
    n, k = m.dim(), m.dim()
    nk = product_of(n, k)
    a = m.make((nk, 1), d)
    x = m.rng.random()
    if x < 0.3:
        return node("*", s, node("'", (1, nk), a), m.make((nk, 1), d))
    if x < 0.6:
        return node("*", s, node("*", (1, nk), node("'", (1, nk), a), m.make((nk, nk), d)), m.make((nk, 1), d))
    return node(m.rng.choice(("norm", "sum", "logsumexp", "norm1")), s, a)


def _kron(m: Maker, s: Shape, d: int) -> Tree | None:
    (a, b), (c, e) = _split(m, s[0]), _split(m, s[1])
    if (a, c) in (s, SCALAR) or (b, e) == s:
        return None
    return node("kron", s, m.make((a, c), d), m.make((b, e), d))


def _split(m: Maker, dim: Dim) -> tuple[Dim, Dim]:
    if not isinstance(dim, tuple):
        return m.rng.choice(((dim, 1), (1, dim)))
    at = m.rng.randrange(len(dim))
    rest = dim[:at] + dim[at + 1 :]
    pair = [dim[at], rest[0] if len(rest) == 1 else rest]
    m.rng.shuffle(pair)
    return pair[0], pair[1]


def _vec(m: Maker, s: Shape, d: int) -> Tree | None:
    if s[1] != 1 or not isinstance(s[0], tuple):
        return None
    a, b = _split(m, s[0])
    return node("vec", s, m.make((a, b), d))


def _khatrirao(m: Maker, s: Shape, d: int) -> Tree | None:
    if not isinstance(s[0], tuple) or s[1] == 1:
        return None
    a, b = _split(m, s[0])
    return node("khatrirao", s, m.make((a, s[1]), d), m.make((b, s[1]), d))


def _commutation(m: Maker, s: Shape, d: int) -> Tree | None:
    if not isinstance(s[0], tuple):
        return None
    a, b = _split(m, s[0])
    k = node("commutation", (s[0], s[0]), data=(a, b))
    return k if s[0] == s[1] and m.rng.random() < 0.5 else node("*", s, k, m.make(s, d))


def _unvec(m: Maker, s: Shape, d: int) -> Tree | None:
    if any(isinstance(x, tuple) for x in s):
        return None
    return node("unvec", s, m.make((product_of(*s), 1), d))


def _factor(m: Maker, n: Dim) -> Tree:
    """A letter of a square matrix, or its transpose, inverse or power."""
    s, x = (n, n), m.rng.random()
    a = m.variable(s)
    if x < 0.6:
        return a
    if x < 0.8:
        return node("'", s, a)
    return node("inv", s, a) if x < 0.92 else node("matrix^", s, a, data=(2,))


def _chain(m: Maker, s: Shape, d: int) -> Tree:
    """A product of square matrices, as traces and determinants have them."""
    out = _factor(m, s[0])
    for _ in range(m.rng.choice((1, 2, 2, 3))):
        out = node("*", s, out, _factor(m, s[0]))
    return out


def _terms(m: Maker, s: Shape, d: int) -> Tree:
    """A sum of many terms, that may be alike."""
    out = m.make(s, d - 1)
    for _ in range(m.rng.choice((2, 2, 3))):
        out = node(m.rng.choice("++-"), s, out, _scaled(m, s, d - 1) if m.rng.random() < 0.4 else m.make(s, d - 1))
    return out


def _turned(m: Maker, s: Shape, d: int) -> Tree:
    return node("'", s, m.make((s[1], s[0]), d + 1))


def _sylvester(m: Maker, s: Shape, d: int) -> Tree:
    return node("sylvester", s, m.definite(s[0], d), m.definite(s[1], d), m.make(s, d))


ANYWHERE: Menu = [
    (14, lambda m, s, d: node("+", s, m.make(s, d), m.make(s, d))),
    (9, lambda m, s, d: node("-", s, m.make(s, d), m.make(s, d))),
    (2, lambda m, s, d: node("neg", s, m.make(s, d))),
    (10, _scaled),
    (7, _broadcast),
    (10, lambda m, s, d: node("*" if s == SCALAR else ".*", s, m.make(s, d), m.make(s, d))),
    (7, _quotient),
    (7, _power),
    (2, _symbolic_power),
    (20, lambda m, s, d: m.applied(m.rng.choice(FUNCTIONS), s, d)),
    (5, _abstract),
    (1, _gradient_of_f),
    (5, _terms),
]
SCALARS: Menu = [
    (6, _of_matrix("sum")), (3, _of_matrix("mean")), (7, _of_matrix("norm")), (3, _of_matrix("norm1")), (3, _of_matrix("prod")),
    (3, _of_matrix("normnuc")), (3, _of_matrix("normspec")),
    (9, _of_square("tr")), (4, _of_square("det")), (2, _of_square("det", "invertible")), (5, _of_square("logdet", "invertible")),
    (3, _of_square("lambda_max", "symmetric")),
    (10, _form), (4, _item), (3, _matrix_function), (5, _composed),
    (4, lambda m, s, d: node("logsumexp", s, m.make((m.dim(), 1), d))),
    (5, lambda m, s, d: (lambda x: node("inner", s, m.make(x, d), m.make(x, d)))((m.dim(), m.rng.choice((1, m.dim(), m.dim()))))),
    (6, lambda m, s, d: node("^", s, node("norm", s, m.make((m.dim(), m.rng.choice((1, m.dim(), m.dim()))), d)), data=(Fraction(m.rng.choice((2, 2, 2, 3, 4))),))),
]  # fmt: skip
VECTORS: Menu = [
    (14, _product), (4, lambda m, s, d: node("softmax", s, m.make(s, d))), (4, _item),
    (4, lambda m, s, d: node("diagonal", s, m.make((s[0], s[0]), d))),
    (3, lambda m, s, d: node("rowsum", s, m.make((s[0], m.dim()), d))), (3, lambda m, s, d: node("colsum", s, m.make((m.dim(), s[0]), d))),
    (3, lambda m, s, d: node("logsumexp_rows", s, m.make((s[0], m.rng.choice((1, m.dim(), m.dim()))), d))),
    (4, lambda m, s, d: node("*", s, node("inv", (s[0], s[0]), m.invertible(s[0], d)), m.make(s, d))),
    (2, lambda m, s, d: (lambda k: node("*", s, node("pinv", (s[0], k), m.make((k, s[0]), d)), m.make((k, 1), d)))(m.dim())),
    (1, lambda m, s, d: node("softmax_rows", s, m.make(s, d))), (1, _big_f),
]  # fmt: skip
ROWS: Menu = [(10, _turned), (6, _product), (3, _item), (1, lambda m, s, d: node("softmax_rows", s, m.make(s, d)))]
MATRICES: Menu = [
    (14, _product), (8, _turned), (3, lambda m, s, d: node("softmax_rows", s, m.make(s, d))),
    (5, lambda m, s, d: node("*", s, m.make((s[0], 1), d), m.make((1, s[1]), d))),
    (4, lambda m, s, d: node("*", s, node("diag", (s[0], s[0]), m.make((s[0], 1), d)), m.make(s, d))),
    (3, lambda m, s, d: node("*", s, m.make(s, d), node("diag", (s[1], s[1]), m.make((s[1], 1), d)))),
    (4, lambda m, s, d: node("*", s, node("inv", (s[0], s[0]), m.invertible(s[0], d)), m.make(s, d))),
    (3, lambda m, s, d: node("pinv", s, m.make((s[1], s[0]), d))), (2, _unvec), (1, _kron), (1, _sylvester), (1, _big_f),
    (1, lambda m, s, d: node("polar", s, m.make(s, d))),
    (1, lambda m, s, d: node(m.rng.choice((".*", "+")), s, m.make(s, d), node("*", s, node("ones", (s[0], 1)), m.make((1, s[1]), d)))),
]  # fmt: skip
SQUARES: Menu = [
    (9, _chain),
    (5, lambda m, s, d: node("diag", s, m.make((s[0], 1), d))),
    (5, lambda m, s, d: node("matrix^", s, m.make(s, d), data=(m.rng.choice((2, 2, 3)),))),
    (4, lambda m, s, d: node("matrix^", s, m.invertible(s[0], d), data=(m.rng.choice((-1, -2)),))),
    (6, _of_square("inv", "invertible")), (3, _of_square("adj")), (3, _of_square("expm")), (2, _of_square("logm", "definite")),
    (3, _of_square("sqrtm", "definite")), (2, _of_square("tril")), (2, _of_square("triu")),
    (4, lambda m, s, d: (lambda z: node("*", s, node("*", s, z, m.make(s, d)), node("'", s, z)))(m.make(s, d))),
]  # fmt: skip
COMPOSITES: Menu = [(8, _kron), (6, _vec), (3, _khatrirao), (2, _commutation), (3, _product), (1, lambda m, s, d: m.variable(s))]
