"""Sums over indices for tests: expressions with their data, and their value by loops, the way they are written."""

import numpy as np

from matcalc.checking.evaluate import _Point, _value
from matcalc.expr import (
    FAMILY,
    MEMBER,
    SELECT,
    SIGMA,
    UNIT,
    VARIABLE,
    Bound,
    Expr,
    family,
    number,
    postorder,
    product,
    symbol,
    unit,
    variable,
)
from matcalc.expr.heads import ONEHOT

n, m, d, K, L, V = map(symbol, ("n", "m", "d", "K", "L", "V"))
SIZES = {"n": 5, "m": 4, "d": 3, "K": 2, "L": 3, "V": 6}
X, Z, mu, W, C = variable("X", (n, d)), variable("Z", (m, d)), variable("mu", (K, d)), variable("W", (V, d)), variable("C", (V, d))
y, p, w, b, s = variable("y", (n, 1)), variable("p", (K, 1)), variable("w", (d, 1)), variable("b", (n, 1)), variable("s", (1, 1))
A, B, M, N = variable("A", (d, d)), variable("B", (n, n)), variable("M", (n, m)), variable("N", (n, K))
labels, Neg = variable("labels", (n, 1)), variable("Neg", (n, K))
Sigma, z, G = family("Sigma", (K,), (d, d), {"spd"}), family("z", (n, m), (d, 1)), family("G", (K,), (d, L))
H = family("H", (V,), (d, d))


def e(index, count):
    return unit(index, count)


def square(v):
    return v.T @ v


def half(v):
    return product([number(1) / 2, v])


def data(roots, sizes=SIZES, seed=0):
    """Values of the variables and families: labels are whole numbers."""
    random = np.random.default_rng(seed)
    values = {}
    for v in sorted({v for r in roots for v in postorder(r) if v.op in (VARIABLE, FAMILY)}, key=lambda v: v.data[0]):
        counts = v.data[2] if v.op is FAMILY else ()
        shape = tuple(at(k, sizes) for k in (*counts, *(k for k in v.shape if k != 1)))
        a = random.normal(size=shape)
        if v.data[0] in ("labels", "Neg"):
            a = random.integers(1, sizes["V"] + 1, size=shape).astype(float)
        if v is p:
            a = np.abs(a) + 0.1
        if "spd" in v.data[1]:
            a = a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1])
        values[v.data[0]] = a if shape else float(a)
    return values


def at(size, sizes):
    return size if isinstance(size, int) else int(sum(c * np.prod([sizes[k] for k in names]) for names, c in size.terms))


def looped(root: Expr, values, sizes=SIZES, **indices):
    """The value, by loops."""
    arrays = dict(values)
    point = _Point({**arrays, **sizes}, [v for v in postorder(root) if v.op is VARIABLE])

    def value(e, here):
        if e.op is SIGMA:
            return sum(value(e.args[0], (j, *here)) for j in range(1, at(e.data[1], sizes) + 1))
        if e.op is UNIT:
            j = here[e.data[0].depth] if isinstance(e.data[0], Bound) else indices.get(e.data[0], e.data[0])
            return np.eye(at(e.data[1], sizes))[:, [j - 1]]
        if e.op is SELECT:
            rows, columns, first = (at(k, sizes) for k in e.data)
            return np.eye(rows, columns, -first)
        if e.op is ONEHOT:
            return np.eye(at(e.data[0], sizes))[value(e.args[0], here)[:, 0].astype(int) - 1]
        if e.op is MEMBER:
            found = values[e.args[0].data[0]][tuple(int(value(u, here).argmax()) for u in e.args[1:])]
            return np.reshape(found, [at(k, sizes) for k in e.shape])
        return _value(e, [value(a, here) for a in e.args], point)

    out = value(root, ())
    return out.item() if root.is_scalar else out[:, 0] if root.shape[1] == 1 else out
