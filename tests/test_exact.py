"""The exact evaluator: every row of the operator table has an exact value, and it is what the row's NumPy column says."""

from __future__ import annotations

from decimal import Context, Inexact, localcontext
from fractions import Fraction
from random import Random

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.evaluate import evaluate
from matcalc.checking.exact import Point, values
from matcalc.checking.linear import eigen, inverse, pseudoinverse, times, turned
from matcalc.checking.numbers import Undecided, Undefined, apart, context, reals
from matcalc.expr import Expr, Op, apply, closure, signature, variable, variables
from matcalc.expr.dims import replace, symbol
from matcalc.operators import ELEMENTWISE, MATRIX, commutation, pi, unvec

SIZES = {"m": 3, "n": 2, "p": 4, "q": 3, "k": 6}
PROPERTIES = {"lambda_max": "symmetric", "v_max": "symmetric", "chol": "symmetric"}
# What has no argument, or takes its shape from elsewhere.
MADE = {
    "pi": pi,
    "commutation": lambda: commutation((symbol("m"), symbol("n"))),
    "unvec": lambda: unvec(variable("X", (symbol("m") * symbol("n"), 1)), symbol("m"), symbol("n")),
}


def applied(op: Op) -> Expr:
    if op.name in MADE:
        return MADE[op.name]()
    inputs, _ = signature(",".join(["(m,n)"] * op.signature.count("*")) + "->(m,n)" if op.elementwise else op.signature)
    properties = frozenset({PROPERTIES[op.name]} if op.name in PROPERTIES else ())
    return apply(op, tuple(variable("XYZ"[k], shape, closure(properties)) for k, shape in enumerate(inputs)))


def kind_point(op: Op, e: Expr, seed: int) -> dict[str, list[list[Fraction]]]:
    """Values in the domain of the row, symmetric only where it asks for that."""
    out, rng = {}, Random(seed)
    for k, v in enumerate(variables(e)):
        rows, columns = (int(str(replace(d, dict(SIZES)))) for d in v.shape)
        a = [[Fraction(rng.choice((-1, 1)) * rng.randint(1, 19), 23) for _ in range(columns)] for _ in range(rows)]
        kind = op.sample[k] if k < len(op.sample) else ""
        if kind == "positive":
            a = [[abs(x) for x in row] for row in a]
        elif kind == "above1":
            a = [[1 + abs(x) for x in row] for row in a]
        elif kind == "spd":  # positive eigenvalues, symmetric only where that is asked
            a = [
                [2 * (i == j) + (a[max(i, j)][min(i, j)] if "symmetric" in v.data[1] else x) / 4 for j, x in enumerate(row)]
                for i, row in enumerate(a)
            ]
        elif "symmetric" in v.data[1]:
            a = [[a[i][j] + a[j][i] for j in range(columns)] for i in range(rows)]
        out[v.data[0]] = a
    return out


@pytest.mark.parametrize("op", [*ELEMENTWISE, *MATRIX], ids=lambda op: op.name)
def test_every_row_has_an_exact_value(op: Op) -> None:
    e = applied(op)
    for seed in range(3):
        point = kind_point(op, e, seed)
        (exact,) = values([e], Point(point, SIZES), 60)
        floats = {name: np.array([[float(x) for x in row] for row in m]) for name, m in point.items()}
        wanted = np.asarray(evaluate(e, **SIZES, **floats)).reshape(len(exact), len(exact[0]))
        found = np.array([[float(x) for x in row] for row in exact])
        if op.name == "v_max":  # whose sign is free
            wanted = wanted * np.sign(wanted[np.argmax(np.abs(wanted))]) * np.sign(found[np.argmax(np.abs(found))])
        assert np.allclose(found, wanted, rtol=1e-11, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("op", [*ELEMENTWISE, *MATRIX], ids=lambda op: op.name)
def test_digits_are_right(op: Op) -> None:
    """At more digits the value is the same to the digits that were asked for."""
    e = applied(op)
    point = Point(kind_point(op, e, 5), SIZES)
    (low,), (high,) = values([e], point, 60), values([e], point, 100)
    ctx = context(100)
    assert apart(reals(low, ctx), high, ctx) <= ctx.ten_to(-50) * (apart(high, [[0] * len(row) for row in high], ctx))


# expression ; declarations ; point
OUTSIDE = [
    ("log(t)", "t: scalar", {"t": [[-1]]}),
    ("log(t)", "t: scalar", {"t": [[0]]}),
    ("sqrt(t)", "t: scalar", {"t": [[-1]]}),
    ("1/t", "t: scalar", {"t": [[0]]}),
    ("asin(t)", "t: scalar", {"t": [[2]]}),
    ("acosh(t)", "t: scalar", {"t": [[Fraction(1, 2)]]}),
    ("atanh(t)", "t: scalar", {"t": [[1]]}),
    ("lgamma(t)", "t: scalar", {"t": [[-Fraction(1, 2)]]}),
    ("inv(A)", "A: (2, 2)", {"A": [[1, 2], [2, 4]]}),
    ("logdet(A)", "A: (2, 2)", {"A": [[1, 2], [2, 4]]}),
    ("inv(X'*X)", "X: (1, 2)", {"X": [[1, 2]]}),
    ("logm(A)", "A: (2, 2)", {"A": [[1, 0], [0, -1]]}),
    ("sqrtm(A)", "A: (2, 2)", {"A": [[-1, 0], [0, -2]]}),
    ("chol(A)", "A: (2, 2) symmetric", {"A": [[1, 2], [2, 1]]}),
    ("xlogy(t, s)", "t: scalar; s: scalar", {"t": [[1]], "s": [[-1]]}),
    ("huber(t, s)", "t: scalar; s: scalar", {"t": [[1]], "s": [[-1]]}),
    ("clip(t, 2, s)", "t: scalar; s: scalar", {"t": [[1]], "s": [[1]]}),
    ("sylvester(A, B, C)", "A: (1, 1); B: (2, 2); C: (1, 2)", {"A": [[1]], "B": [[-1, 0], [0, 2]], "C": [[1, 1]]}),
]


@pytest.mark.parametrize(("text", "where", "point"), OUTSIDE)
def test_outside_of_the_domain_there_is_no_value(text: str, where: str, point: dict[str, list[list[int]]]) -> None:
    with pytest.raises(Undefined):
        values([mc.parse(text, where)], Point(point, {}))


@pytest.mark.parametrize("text", ["tanh(t)", "erf(t)", "sigmoid(t)", "normcdf(t)", "exp(exp(t))"])
def test_saturated_values_decide_nothing(text: str) -> None:
    with pytest.raises(Undecided):
        values([mc.parse(text, "t: scalar")], Point({"t": [[10**6]]}, {}))


# expression ; declarations ; point ; exact value
EXACT = [
    ("inv(A)", "A: (2, 2)", {"A": [[1, 2], [3, 4]]}, [[-2, 1], [Fraction(3, 2), Fraction(-1, 2)]]),
    ("adj(A)", "A: (2, 2)", {"A": [[1, 2], [2, 4]]}, [[4, -2], [-2, 1]]),
    ("pinv(A)", "A: (2, 2)", {"A": [[1, 1], [1, 1]]}, [[Fraction(1, 4)] * 2] * 2),
    ("norm(x)", "x: (2)", {"x": [[3], [4]]}, [[5]]),
    ("norm(x)", "x: (2)", {"x": [[Fraction(3, 7)], [Fraction(4, 7)]]}, [[Fraction(5, 7)]]),
    ("t^(2/3)", "t: scalar", {"t": [[8]]}, [[4]]),
    ("hypot(x, 4)", "x: (2)", {"x": [[3], [0]]}, [[5], [4]]),
    ("huber(x, 1/2)", "x: (2)", {"x": [[Fraction(1, 3)], [-2]]}, [[Fraction(1, 18)], [Fraction(7, 8)]]),
    ("clip(x, -1, 2)", "x: (3)", {"x": [[-5], [Fraction(1, 3)], [7]]}, [[-1], [Fraction(1, 3)], [2]]),
    ("xlogy(0, t) + max(t, 3) - min(t, 3)", "t: scalar", {"t": [[1]]}, [[2]]),
    ("chol(A)", "A: (2, 2) symmetric", {"A": [[4, 2], [2, 10]]}, [[2, 0], [1, 3]]),
    ("cumsum(x)", "x: (3)", {"x": [[1], [2], [4]]}, [[1], [3], [7]]),
    ("diff(x)", "x: (3)", {"x": [[1], [2], [4]]}, [[1], [2]]),
    ("tril(X) + triu(X, 1)", "X: (2, 3)", {"X": [[1, 2, 3], [4, 5, 6]]}, [[1, 2, 3], [4, 5, 6]]),
    ("kron(x, y')", "x: (2); y: (2)", {"x": [[1], [2]], "y": [[3], [5]]}, [[3, 5], [6, 10]]),
    ("det(A)", "A: (2, 2)", {"A": [[10**20 + 1, 10**20], [10**20, 10**20 - 1]]}, [[-1]]),
    ("step(t) + relu(t) + abs(t)", "t: scalar", {"t": [[0]]}, [[Fraction(1, 2)]]),
]


@pytest.mark.parametrize(("text", "where", "point", "wanted"), EXACT)
def test_rational_values_are_exact(text: str, where: str, point: dict[str, list[list[int]]], wanted: list[list[int]]) -> None:
    assert values([mc.parse(text, where)], Point(point, {}))[0] == wanted


def test_linear_algebra_of_fractions_is_exact() -> None:
    rng = Random(0)
    for n in range(1, 5):
        a = [[Fraction(rng.randint(-9, 9), rng.randint(1, 9)) for _ in range(n)] for _ in range(n + 1)]
        p = pseudoinverse(a, context(50))
        assert times(times(a, p, None), a, None) == a
        assert times(a, p, None) == turned(times(a, p, None))
        s = times(turned(a), a, None)
        assert times(inverse(s, None), s, None) == [[int(i == j) for j in range(n)] for i in range(n)]


def test_eigenvectors_to_many_digits() -> None:
    ctx = context(60)
    a = [[2, 1, 0], [1, 2, 1], [0, 1, 2]]
    with ctx():
        roots, vectors = eigen(a, ctx)
        assert abs(roots[0] - (2 - ctx.sqrt(2))) < ctx.ten_to(-55)
        assert apart(times(a, vectors, ctx), [[x * roots[j] for j, x in enumerate(row)] for row in vectors], ctx) < ctx.ten_to(-55)


def test_the_users_own_precision_stays() -> None:
    import mpmath

    with mpmath.workdps(17), localcontext(Context(prec=3, traps=[Inexact])) as own:
        assert mc.equal("sin(2*t)", "2*sin(t)*cos(t)", "t: scalar")
        assert mc.grad("log(1 + t^2)", "t").check().ok
        assert mpmath.mp.dps == 17 and own.prec == 3
