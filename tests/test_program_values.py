"""Programs compute what the evaluator computes: every operator alone, and random expressions, on every target."""

from random import Random

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, add, apply, hadamard, hpower, identity, matpower, number, ones, product, scaled, size, unit, variable
from matcalc.expr.language import plus
from matcalc.operators import ELEMENTWISE, MATRIX, call, commutation, pi, unvec
from matcalc.programs.program import program
from programs import SYMBOLS, check, g, inv, k, m, n, on, run, t, x, z

# --- every operator, alone ---------------------------------------------------------------------------------------

SIZES = {"m": 3, "n": 2, "p": 2, "q": 3, "k": 6}


def of_row(op) -> Expr:
    """The row applied to variables of the right shapes and domain."""
    if op.name == "pi":
        return pi()
    if op.name == "commutation":
        return commutation((m, n))
    if op.name == "unvec":
        return unvec(z, m, n)
    if op.name in ("blockinner", "blocksum"):
        small, large = ((2, 3), (4, 6)) if op.name == "blockinner" else ((2, 2), (4, 6))
        return apply(op, (variable("U", small), variable("V", large)))
    if op.elementwise:
        return entrywise(op, *(variable(f"A{i}", (m, n)) for i in range(arity(op))))
    from matcalc.expr import signature

    args = []
    for i, (rows, columns) in enumerate(signature(op.signature)[0]):
        kind = op.sample[i] if i < len(op.sample) else ""
        properties = {kind} if kind in ("spd", "symmetric", "invertible") else set()
        args.append(variable("XYZ"[i], (rows, columns), properties))
    return apply(op, tuple(args))


def arity(op):
    return op.signature.count("*") if op.elementwise else 0


def entrywise(op, *args):
    """The row, entry by entry, of what is in its domain."""
    inside = {
        "positive": lambda e: call("exp", e),
        "unit": lambda e: call("tanh", e),
        "above1": lambda e: plus(call("exp", call("abs", e)), number(1)),
    }
    kinds = op.sample or ("",) * len(args)
    return apply(op, tuple(inside.get(kind, lambda e: e)(e) for kind, e in zip(kinds, args, strict=True)))


ROWS = (*ELEMENTWISE, *MATRIX)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row(op, target):
    on(target)
    e = of_row(op)
    try:
        check(e, target, rtol=1e-8)
    except UnsupportedError:
        assert target != "numpy"
    for at in range(arity(op)):  # of one vector, and of scalars beside it
        args = [number(1) / 3 * x if i == at else variable(f"s{i}", (1, 1)) for i in range(arity(op))]
        check(call("sum", entrywise(op, *args)), target, rtol=1e-8)
        check(call("sum", entrywise(op, *(a if i == at else number(2) / 3 for i, a in enumerate(args)))), target, rtol=1e-8)


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize(
    "op", [op for op in ELEMENTWISE if not op.sample or op.sample[0] in ("positive", "nonzero")], ids=lambda op: op.name
)
def test_an_elementwise_row_of_a_scalar(op, target):
    on(target)
    more = [number(k + 2) for k in range(arity(op) - 1)]
    check(apply(op, (call("exp", t), *more)), target)
    check(apply(op, (size(n) + number(1), *more)) * x, target)


# --- random expressions ------------------------------------------------------------------------------------------


def expression(rng, shape=None, depth=4):
    """A well-shaped expression over the whole language, structure included."""
    pick = rng.choice
    rows, columns = shape or (pick((1, *SYMBOLS)), pick((1, *SYMBOLS)))
    sub = lambda a, b: expression(rng, (a, b), depth - 1)  # noqa: E731
    if depth == 0:
        return leaf(rng, rows, columns)
    options = ["leaf", "sum", "product", "product", "product", "hadamard", "function", "scaled", "transpose", "power", "fill"]
    options += ["quotient", "outer", "slices"]
    if rows == columns == 1:
        options += ["sum all", "trace", "trace product", "quadratic", "norm", "logdet", "entry", "scalar power"] * 2
    elif columns == 1:
        options += ["row sums", "diagonal", "diagonal product", "solve", "column", "vec", "kron vec"] * 2
    elif rows == columns:
        options += ["diag", "plus identity", "inverse", "matrix power", "unvec", "solve", "center", "sandwich"] * 2
    else:
        options += ["solve", "scaled rows", "center", "unvec", "broadcast"] * 2
    a = pick(SYMBOLS)
    match pick(options):
        case "sum":
            return add([scaled(pick((1, -1, 2)), sub(rows, columns)) for _ in range(pick((2, 3)))])
        case "product":
            b = pick((1, *SYMBOLS))
            return product([sub(rows, a), sub(a, b), sub(b, columns)]) if pick((True, False)) else product([sub(rows, b), sub(b, columns)])
        case "hadamard":
            return hadamard([sub(rows, columns), sub(rows, columns)])
        case "quotient":
            return hadamard([sub(rows, columns), hpower(call("cosh", call("tanh", sub(rows, columns))), number(-pick((1, 2))))])
        case "function":
            return pick((lambda e: call("sin", e), lambda e: call("exp", call("tanh", e)), lambda e: call("sigmoid", e), g))(
                sub(rows, columns)
            )
        case "scaled":
            return product([sub(1, 1), sub(rows, columns)])
        case "transpose":
            return sub(columns, rows).T
        case "power":
            return hpower(call("sin", sub(rows, columns)), number(pick((2, 3, 5))))
        case "fill":
            return add([product([sub(1, 1), ones((rows, columns))]), sub(rows, columns)])
        case "outer":
            return product([sub(rows, 1), sub(1, columns)])
        case "slices":
            return product([sub(rows, a), unit(pick((1, "j")), a), unit(pick((1, 2)), a).T, sub(a, columns)])
        case "sum all":
            return call("sum", sub(a, pick(SYMBOLS)))
        case "trace":
            return call("tr", sub(a, a))
        case "trace product":
            b = pick(SYMBOLS)
            return call("tr", product([sub(a, b), sub(b, a)]))
        case "quadratic":
            return product([sub(1, a), sub(a, a), sub(a, 1)])
        case "norm":
            return call("norm", sub(a, pick(SYMBOLS))) ** pick((1, 2))
        case "logdet":
            return call(pick(("logdet", "det")), sub(1, 1) ** 2 * identity(a) + leaf(rng, a, a, spd=True))
        case "entry":
            return product([unit(pick((1, "j")), a).T, sub(a, 1)])
        case "scalar power":
            return call("cosh", call("tanh", sub(1, 1))) ** number(pick((-1, -2, 3, 7))) * call("sqrt", number(2) + call("tanh", sub(1, 1)))
        case "row sums":
            return product([sub(rows, a), ones((a, 1))])
        case "diagonal":
            return call("diag", sub(rows, rows)) if rows != 1 else sub(rows, columns)
        case "diagonal product":
            return apply_diagonal(product([sub(rows, a), sub(a, rows)]))
        case "solve":
            return product([inv(leaf(rng, rows, rows, spd=True)), sub(rows, columns)]) if rows != 1 else sub(rows, columns)
        case "column":
            return product([sub(rows, a), unit(pick(("j", 2)), a)])
        case "vec":
            return (
                product([sub(rows, a * m), call("vec", sub(a, m))])
                if depth > 3
                else product([call("kron", sub(rows, a), sub(1, m)), call("vec", sub(m, a))])
            )
        case "kron vec":
            return product([call("kron", sub(rows, a), sub(1, m)), commutation((a, m)), call("vec", sub(a, m))])
        case "diag":
            return call("diag", sub(rows, 1))
        case "plus identity":
            return add([sub(rows, columns), product([sub(1, 1), identity(rows)])])
        case "inverse":
            return inv(leaf(rng, rows, rows, spd=True))
        case "matrix power":
            return matpower(sub(rows, rows), pick((2, 3)))
        case "unvec":
            return unvec(product([call("kron", sub(columns, a), sub(rows, m)), call("vec", sub(m, a))]), rows, columns)
        case "center":
            return product([add([identity(rows), product([size(rows) ** -1, ones((rows, rows))])]), sub(rows, columns)])
        case "sandwich":
            return product([call("diag", sub(rows, 1)), sub(rows, rows), call("diag", sub(rows, 1))])
        case "scaled rows":
            return product([call("diag", sub(rows, 1)), sub(rows, columns)]) if rows != 1 else sub(rows, columns)
        case "broadcast":
            return call("sin", add([product([sub(rows, 1), ones((1, columns))]), product([ones((rows, 1)), sub(1, columns)])]))
    return leaf(rng, rows, columns)


def apply_diagonal(e):
    return call("diag", e) if not e.is_scalar else e


def leaf(rng, rows, columns, spd=False):
    name = f"{rows}{columns}".replace("*", "")
    options = [variable(letter + name, (rows, columns)) for letter in "UV"]
    if spd:
        return rng.choice((variable("P" + name, (rows, rows), {"spd"}), variable("D" + name, (rows, rows), {"spd", "diagonal"})))
    if rows == columns and rows != 1:
        options += [identity(rows), variable("D" + name, (rows, rows), {"diagonal"}), variable("S" + name, (rows, rows), {"symmetric"})]
    if columns == 1 and rows != 1:
        options += [ones((rows, 1)), unit(rng.choice((1, "j")), rows)]
    if rows == columns == 1:
        options += [number(2), number(-1) / 3, size(rng.choice(SYMBOLS))]
    elif 1 not in (rows, columns):
        options.append(ones((rows, columns)))
    return rng.choice(options)


def agrees(e: Expr, target: str) -> None:
    from math import isfinite

    values, sizes = next(points(e, variable("everything", (m, n)), variable("more", (k, 1)), seed=1))
    values["j"] = min(2, *sizes.values())
    wanted = evaluate(e, **values, **sizes)
    scale = float(np.max(np.abs(wanted), initial=0))
    if not isfinite(scale) or scale > 1e9:
        return
    source = program({"value": e}, target)
    found = run(source, {**values, **sizes}, target)
    assert found.shape == np.shape(wanted), source
    error = float(np.max(np.abs(found - wanted), initial=0))
    assert error <= 1e-9 * (1 + scale) or error <= 1e-9 * largest(e, values, sizes), f"{error}\n{source}"


def largest(e, values, sizes):
    """The largest number on the way, where a result is small by cancellation."""
    from matcalc.expr import postorder

    with np.errstate(all="ignore"):
        return max(float(np.max(np.abs(evaluate(a, **values, **sizes)), initial=0)) for a in postorder(e))


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_programs_agree_with_the_evaluator(first):
    for seed in range(first, first + 25):
        agrees(expression(Random(seed), depth=3 + seed % 2), "numpy")


@pytest.mark.parametrize("target", ["jax", "torch"])
def test_programs_for_other_targets_agree(target):
    on(target)
    for seed in range(40):
        agrees(expression(Random(seed), depth=3), target)
