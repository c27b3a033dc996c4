"""Every row of the operator table, proved numerically: differential, adjoint, vec matrix, exact values, symmetries.

The tests read the table; a row without a proof is a row that fails here, under its name.
"""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.calculus import differential, pullback
from matcalc.calculus.jacobian import vec_jacobian
from matcalc.checking.evaluate import evaluate
from matcalc.expr import Expr, Op, apply, number, scaled, signature, symbol, transpose, variable
from matcalc.expr.dims import Dim, replace
from matcalc.expr.node import node
from matcalc.operators import ELEMENTWISE, MATRIX
from sampling import central, close, draw

SIZES = {"m": 4, "n": 3, "p": 2, "q": 5, "k": 6}
ROWS = [op for op in MATRIX if op.signature]
names = {"ids": lambda op: op.name}


def numeric_sizes(op: Op) -> dict[str, int]:
    return {**SIZES, **({"m": 3, "n": 2} if op.name == "unvec" else {})}


def arguments(op: Op) -> tuple[list[Expr], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Variables in the shapes of the row's signature, a point of its domain, and a direction that stays in it."""
    rng = np.random.default_rng(len(op.name))
    sizes, point, direction, out = numeric_sizes(op), {}, {}, []
    for i, shape in enumerate(signature(op.signature)[0]):
        kind = op.sample[i] if i < len(op.sample) else ""
        rows, columns = (int(replace(d, sizes)) if isinstance(d, Dim) else d for d in shape)
        properties = {"symmetric"} if op.domain == "symmetric" else frozenset()
        out.append(variable("XYZ"[i], (rows, columns), properties))
        point["XYZ"[i]] = draw(kind, (rows, columns), rng)
        direction["XYZ"[i]] = draw("symmetric" if op.domain == "symmetric" else "", (rows, columns), rng)
    return out, point, direction


def applied(op: Op, args: list[Expr]) -> Expr:
    if op.name == "unvec":
        return node(op, tuple(args), (3, 2), (3, 2))
    return apply(op, tuple(args))


def moved(e: Expr, point: dict[str, np.ndarray], direction: dict[str, np.ndarray], which: set[str]) -> np.ndarray:
    return central(lambda h: evaluate(e, **{k: v + h * direction[k] if k in which else v for k, v in point.items()}))


@pytest.mark.parametrize("op", [op for op in ROWS if op.d or op.adjoint or op.vec], **names)
def test_differential_adjoint_and_vec_of_a_row(op: Op) -> None:
    args, point, direction = arguments(op)
    e = applied(op, args)
    rng = np.random.default_rng(7)
    for i, x in enumerate(args):
        if not op.d and not (op.adjoint and op.adjoint[i]) and not (op.vec and op.vec[i]):
            continue
        dx = variable("d" + x.data[0], x.shape)
        want = moved(e, point, direction, {x.data[0]})
        values = {**point, "d" + x.data[0]: direction[x.data[0]]}
        if not op.d and not (op.adjoint and op.adjoint[i]):
            continue
        assert close(evaluate(differential(e, {x: dx}), **values), want, 1e-6), "differential"
        w = variable("W", e.shape)
        wv = rng.standard_normal(e.shape) if e.shape != (1, 1) else rng.standard_normal()
        back = evaluate(pullback(e, w, [x])[0], **point, W=wv)
        assert close(
            np.sum(np.asarray(wv).ravel() * want.ravel()), np.sum(np.asarray(back).ravel() * direction[x.data[0]].ravel()), 1e-6
        ), "adjoint"
        if op.vec == () and not op.d:
            continue
        if op.adjoint and op.adjoint[i] and op.vec and not op.vec[i] and not op.d:
            continue
        j = vec_jacobian(e, x) if not e.is_scalar else None
        if j is not None:
            got = np.asarray(evaluate(j, **point)).reshape(j.shape) @ direction[x.data[0]].ravel(order="F")
            assert close(got, want.ravel(order="F"), 1e-6), "vec"


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.d], **names)
def test_derivative_of_an_elementwise_row(op: Op, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    x, dx = variable("x", shape), variable("dx", shape)
    at, by = draw(op.sample[0] if op.sample else "", shape, rng), 0.1 * rng.standard_normal(shape)
    e = apply(op, (x,))
    want = central(lambda h: evaluate(e, x=at + h * by))
    assert close(evaluate(differential(e, {x: dx}), x=at, dx=by), want)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.values or op.parity or op.range], **names)
def test_values_parity_and_range_of_an_elementwise_row(op: Op) -> None:
    x = variable("x", (3, 1))
    raw = node(op, (x,), None, x.shape)
    for at, value in op.values:
        assert close(evaluate(raw, x=np.full(3, float(at))), np.full(3, float(value)))
        assert apply(op, (number(at),)) is number(value)
    v = draw(op.sample[0] if op.sample else "", (3, 1), np.random.default_rng(2))
    if op.parity:
        assert close(evaluate(apply(op, (scaled(-1, x),)), x=v), evaluate(raw, x=-v))
    if op.range:
        values = np.asarray(evaluate(raw, x=v))
        assert np.all(values > 0) if op.range == "positive" else np.all(values >= 0)


@pytest.mark.parametrize("op", [op for op in ROWS if op.degree or op.transposed or op.flip], **names)
def test_degree_and_transpose_of_a_row(op: Op) -> None:
    args, point, _ = arguments(op)
    if op.degree:
        for i, degree in enumerate(op.degree):
            if degree:
                c = number(-2 if degree != "n" else 2)
                turned = applied(op, [scaled(c.data, a) if i == k else a for k, a in enumerate(args)])
                assert turned.op is not op
                assert close(evaluate(turned, **point), evaluate(applied(op, args), **{**point, "XYZ"[i]: c.data * point["XYZ"[i]]}))
    if op.transposed in ("same", "transpose"):
        x = variable("X", (args[0].shape[1], args[0].shape[0]))
        e = applied(op, [transpose(x)])
        assert close(evaluate(e, X=point["X"].T), evaluate(applied(op, args), **point))
    if op.transposed == "each" or op.flip:
        e = applied(op, args)
        assert close(evaluate(transpose(e), **point), np.asarray(evaluate(e, **point)).reshape(e.shape).T)


SPECIAL = [
    ("tr of an outer product", lambda n, x, y, a, b: ("tr", x @ y.T)),
    ("tr of I", lambda n, x, y, a, b: ("tr", a @ a**-1)),
    ("tr rotated", lambda n, x, y, a, b: ("tr", b @ a.T @ b @ a)),
    ("det of a power", lambda n, x, y, a, b: ("det", a**-2)),
    ("logdet of an inverse", lambda n, x, y, a, b: ("logdet", a**-1)),
    ("diagonal of an outer product", lambda n, x, y, a, b: ("diagonal", x @ y.T)),
    ("diagonal of Diag A", lambda n, x, y, a, b: ("diagonal", apply(table("diag"), (x,)) @ a)),
    ("vec of an outer product", lambda n, x, y, a, b: ("vec", x @ (b @ y).T)),
    ("trace of a Kronecker product", lambda n, x, y, a, b: ("tr", apply(table("kron"), (a, b)))),
    ("Khatri-Rao with a row", lambda n, x, y, a, b: ("khatrirao", x.T, a)),
]


def table(name: str) -> Op:
    return next(op for op in MATRIX if op.name == name)


@pytest.mark.parametrize("case", SPECIAL, ids=lambda c: c[0])
def test_canonical_forms_keep_the_value(case) -> None:  # type: ignore[no-untyped-def]
    n = 3
    rng = np.random.default_rng(3)
    x, y = variable("x", (n, 1)), variable("y", (n, 1))
    a, b = variable("A", (n, n)), variable("B", (n, n))
    values = {
        "x": draw("", (n, 1), rng),
        "y": draw("", (n, 1), rng),
        "A": draw("invertible", (n, n), rng),
        "B": draw("invertible", (n, n), rng),
    }
    name, *args = case[1](n, x, y, a, b)
    holders = [variable("PQ"[i], e.shape) for i, e in enumerate(args)]
    inner = {"PQ"[i]: np.asarray(evaluate(e, **values)).reshape(e.shape) for i, e in enumerate(args)}
    raw = node(table(name), tuple(holders), None, apply(table(name), tuple(args)).shape)
    assert close(evaluate(apply(table(name), tuple(args)), **values), evaluate(raw, **inner))


def test_the_symbols_of_signatures_are_sizes() -> None:
    assert all(replace(symbol(s), SIZES) == v for s, v in SIZES.items())
