"""Random sums over indices, of entries, rows, members of families and functions of them, in each other and with conditions.

Each has the same value as it is, in matrix form and simplified, the gradient that differences give, and is read back as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from index_conditions import less, unequal
from matcalc.calculus import gradient
from matcalc.expr import MEMBER, Expr, name_of, sigma, symbol
from matcalc.lifting import lifted
from matcalc.reading import read
from matcalc.simplification import rewritten, simplify
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode

n, m, d, K = map(symbol, "nmdK")
COUNTS = {"i": n, "j": m, "k": n, "l": K}
WHERE = (
    "X: (n, d); Z: (m, d); W: (n, n); A: (d, d); P: (n, m); x: (n); y: (n); u: (m); w: (d); b: (d); t: scalar;"
    "S_k: (d, d), k = 1..K; z_ij: (d), i = 1..n, j = 1..m"
)
X, Z, W, A, P = (mc.parse(name, where=WHERE) for name in "XZWAP")
x, y, u, w, b, t = (mc.parse(name, where=WHERE) for name in "xyuwbt")
S, z = mc.family("S", "K", "d", "d"), mc.family("z", ("n", "m"), "d")
SHAPES: dict[str, Sequence[int]] = {"X": (4, 2), "Z": (3, 2), "W": (4, 4), "A": (2, 2), "P": (4, 3), "x": (4,), "y": (4,), "u": (3,), "w": (2,), "b": (2,), "S": (3, 2, 2), "z": (4, 3, 2)}  # fmt: skip
HEAVIEST, HEAVIEST_GRADIENT = 300, 120
PER_SEED = 15


class Growing:
    """Expressions that depend on some indices at most."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def column(self, over: list[str], depth: int) -> Expr:
        ways: list[Callable[[], Expr]] = [lambda: w, lambda: b]
        ways += [lambda: X["i", :].T] * (2 * ("i" in over)) + [lambda: X["k", :].T] * (2 * ("k" in over))
        ways += [lambda: Z["j", :].T] * (2 * ("j" in over)) + [lambda: z["i", "j"]] * ({"i", "j"} <= set(over))
        if depth:
            inner, scalar = (lambda: self.column(over, depth - 1)), (lambda: self.scalar(over, depth - 1))
            ways += [
                lambda: A @ inner(),
                lambda: inner() - inner(),
                lambda: mc.tanh(inner()),
                lambda: scalar() * inner(),
                lambda: mc.softmax(inner()),
            ]
            ways += [lambda: S["l"] @ inner()] * (2 * ("l" in over))
        return self.rng.choice(ways)()

    def scalar(self, over: list[str], depth: int) -> Expr:
        ways: list[Callable[[], Expr]] = [lambda: t]
        ways += [lambda: x["i"], lambda: y["i"]] * ("i" in over) + [lambda: x["k"], lambda: W["k", "k"]] * ("k" in over)
        ways += [lambda: u["j"]] * ("j" in over) + [lambda: P["i", "j"]] * ({"i", "j"} <= set(over))
        ways += [lambda: W["i", "k"], lambda: less("i", "k", n), lambda: unequal("i", "k", n)] * ({"i", "k"} <= set(over))
        if depth:
            inner, column = (lambda: self.scalar(over, depth - 1)), (lambda: self.column(over, depth - 1))
            ways += [lambda: column().T @ column()] * 3 + [lambda: mc.norm(column()) ** 2, lambda: mc.logsumexp(column())]
            ways += [lambda: mc.exp(inner() / 5), lambda: inner() + inner(), lambda: inner() * inner(), lambda: mc.sigmoid(inner())]
            ways += [lambda: mc.log(1 + inner() ** 2)] + [lambda: mc.tr(S["l"] @ A)] * ("l" in over)
            free = [index for index in COUNTS if index not in over]
            if free:
                index = self.rng.choice(free)
                ways += [lambda: sigma(index, COUNTS[index], self.scalar([*over, index], depth - 1))] * 3
        return self.rng.choice(ways)()

    def total(self) -> Expr:
        """A sum over one index or two."""
        over = self.rng.sample(list(COUNTS), self.rng.choice((1, 1, 2, 2)))
        kind = self.rng.random()
        made = self.scalar(over, 3) if kind < 0.7 else self.column(over, 2)
        made = made @ self.column(over, 1).T if kind > 0.85 else made
        for index in over:
            made = sigma(index, COUNTS[index], made)
        return made


def sums(seed: int) -> list[Expr]:
    grown = (Growing(Random(1000 * seed + k)).total() for k in range(60))
    return [e for e in grown if e.nested and e.weight < HEAVIEST][:PER_SEED]


def values() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {name: 0.7 * rng.normal(size=shape) for name, shape in SHAPES.items()} | {"t": 0.6, "n": 4, "m": 3, "d": 2, "K": 3}


@pytest.mark.parametrize("seed", range(6))
def test_a_random_sum_in_all_its_forms(seed: int) -> None:
    a = values()
    for e in sums(seed):
        truth = mc.evaluate(e, **a)
        np.testing.assert_allclose(mc.evaluate(lifted(e), **a), truth, rtol=1e-8, atol=1e-8, err_msg=repr(e))
        np.testing.assert_allclose(mc.evaluate(simplify(e), **a), truth, rtol=1e-8, atol=1e-8, err_msg=repr(e))


@pytest.mark.parametrize("seed", range(6))
def test_a_random_sum_reads_back(seed: int) -> None:
    for e in (simplify(e) for e in sums(seed)):
        for write, source in ((text, "text"), (unicode, "text"), (latex, "latex")):
            assert read(write(e), WHERE, source=source).expr is e, write(e)


@pytest.mark.parametrize("seed", range(6))
def test_the_gradient_of_a_random_sum(seed: int) -> None:
    a, rng = values(), np.random.default_rng(seed)
    for e in sums(seed):
        if not e.is_scalar or e.weight > HEAVIEST_GRADIENT:
            continue
        for by in Random(seed).sample([X, Z, A, w, x, S["q"]], 2):
            found = mc.evaluate(simplify(gradient(rewritten(e), [by])[0]), **a, q=2)
            name, at = ("S", (1,)) if by.op is MEMBER else (name_of(by), ())
            along, step = rng.normal(size=np.shape(found)), 1e-5

            def moved(by_much: float, name: str = name, at: tuple[int, ...] = at, along: Any = along, e: Expr = e) -> Any:
                here = a[name].copy()
                here[at] += by_much * along
                return mc.evaluate(e, **{**a, name: here})

            differences = (moved(step) - moved(-step)) / (2 * step)
            assert np.isclose(differences, (found * along).sum(), rtol=1e-4, atol=1e-5 * (1 + abs(moved(0.0)))), f"{e!r} by {by!r}"


# --- as they are typed ---------------------------------------------------------------------------------------------------

TYPED_SIZES = {"m": 4, "n": 3}
TYPED = {"X": "mn", "Y": "mn", "A": "mm", "B": "nn", "x": "m", "y": "m", "w": "n"}
Typed = tuple[str, Callable[[dict[str, int], dict[str, Any]], Any]]  # a text, and its value by loops for given indices and arrays


class Typing:
    """Sums as people type them, of entries, rows, columns and stretches; each with what it is in loops."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def place(self, over: dict[str, str], axis: str) -> Typed:
        """An index of an axis, or now and then a number."""
        letters = [i for i, of in over.items() if of == axis]
        if letters and self.rng.random() < 0.9:
            i = self.rng.choice(letters)
            return i, lambda at, _: at[i] - 1
        k = self.rng.randint(1, TYPED_SIZES[axis])
        return str(k), lambda at, _: k - 1

    def stretch(self, axis: str) -> tuple[str, slice]:
        first = self.rng.randint(1, TYPED_SIZES[axis])
        last = self.rng.randint(first, TYPED_SIZES[axis])
        return f"{first}:{last}", slice(first - 1, last)

    def part(self, over: dict[str, str]) -> Typed:
        (i, fi), (k, fk), (j, fj) = self.place(over, "m"), self.place(over, "m"), self.place(over, "n")
        (a, sa), (b, sb) = self.stretch("m"), self.stretch("n")
        ways: list[Typed] = [
            (f"X[{i},{j}]", lambda at, v: v["X"][fi(at, v), fj(at, v)]),
            (f"x[{i}]*w[{j}]", lambda at, v: v["x"][fi(at, v)] * v["w"][fj(at, v)]),
            (f"A[{i},{k}]", lambda at, v: v["A"][fi(at, v), fk(at, v)]),
            (f"Y[{i},:]*B*X[{k},:]'", lambda at, v: v["Y"][fi(at, v)] @ v["B"] @ v["X"][fk(at, v)]),
            (f"norm(X[{i},:] - Y[{k},:])^2", lambda at, v: np.sum((v["X"][fi(at, v)] - v["Y"][fk(at, v)]) ** 2)),
            (f"norm(X[{a},{j}])^2", lambda at, v: np.sum(v["X"][sa, fj(at, v)] ** 2)),
            (f"sum(Y[{i},{b}])", lambda at, v: np.sum(v["Y"][fi(at, v), sb])),
            (f"x[{a}]'*y[{a}]*w[{j}]", lambda at, v: v["x"][sa] @ v["y"][sa] * v["w"][fj(at, v)]),
            (f"A[{i},{a}]*X[{a},{j}]", lambda at, v: v["A"][fi(at, v), sa] @ v["X"][sa, fj(at, v)]),
        ]
        return self.rng.choice(ways)

    def total(self, over: dict[str, str], depth: int) -> Typed:
        """A sum over another index, which may begin at one around it."""
        i, axis = self.rng.choice([c for c in "ijkl" if c not in over]), self.rng.choice("mn")
        around = [k for k, of in over.items() if of == axis]
        begin = self.rng.choice([*(f"{k}+1" for k in around), *around, "1", "2"])
        from_, last = self.rng.choice([(begin, axis), ("1", f"{axis}-1")])
        within = {**over, i: axis}
        (f, fv), (g, gv) = (self.total(within, depth - 1) if depth and self.rng.random() < 0.5 else self.part(within) for _ in "fg")

        def value(at: dict[str, int], v: dict[str, Any]) -> Any:
            first = int(from_) if from_.isdigit() else at[from_[0]] + from_.endswith("+1")
            every = range(first, TYPED_SIZES[axis] + last.endswith("-1") * -1 + 1)
            return sum((fv({**at, i: k}, v) * gv({**at, i: k}, v) for k in every), 0.0)

        return f"sum({i} = {from_}..{last}, ({f})*({g}))", value


@pytest.mark.parametrize("seed", range(4))
def test_typed_sums_are_what_loops_add(seed: int) -> None:
    rng, random = Random(seed), np.random.default_rng(seed)
    values = {name: random.normal(size=[TYPED_SIZES[a] for a in axes]) for name, axes in TYPED.items()}
    where, read_so_far = "; ".join(f"{name}: ({', '.join(axes)})" for name, axes in TYPED.items()), 0
    while read_so_far < 12:
        typed, value = Typing(rng).total({}, 1)
        try:
            e = mc.parse(typed, where=where)
        except mc.ParseError:  # an index that nothing depends on
            continue
        read_so_far += 1
        for form in (e, mc.simplify(e)):
            assert mc.evaluate(form, **values, **TYPED_SIZES) == pytest.approx(value({}, values)), typed
