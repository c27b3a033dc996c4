"""Programs: they compute what the evaluator computes, whatever the names, without forming what need not be formed."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, add, apply, hadamard, hpower, identity, matpower, number, ones, product, scaled, size, symbol, unit, variable
from matcalc.operators import ELEMENTWISE, MATRIX, abstract, call, commutation, pi, unvec
from matcalc.writing.program import compile_program, program

m, n, k = symbol("m"), symbol("n"), symbol("k")
SYMBOLS = (m, n, k)
A, B, S, P = variable("A", (m, n)), variable("B", (m, n)), variable("S", (n, n)), variable("P", (n, n), {"spd"})
C, D, Q = variable("C", (n, k)), variable("D", (n, n), {"diagonal"}), variable("Q", (m, m))
x, w, y, z = variable("x", (n, 1)), variable("w", (n, 1)), variable("y", (m, 1)), variable("z", (m * n, 1))
r, s, t = variable("r", (1, n)), variable("s", (1, 1)), variable("t", (1, 1))


def inv(e):
    return matpower(e, -1)


def g(e, order=0):
    return apply(abstract("g", order), (e,))


def check(e: Expr, target: str = "numpy", rtol: float = 1e-9, seed: int = 0) -> str:
    """Runs the program of `e` at a random point; it must give the evaluator's value, in the right shape."""
    source = program({"value": e}, target)
    values, sizes = next(points(e, seed=seed))
    wanted = evaluate(e, **values, **sizes)
    assert np.all(np.isfinite(wanted)), "the test's own point"
    found = run(source, {**values, **sizes}, target)
    assert found.shape == np.shape(wanted), source
    assert np.allclose(found, wanted, rtol=rtol, atol=rtol * (1 + np.max(np.abs(wanted), initial=0))), source
    return source


def run(source: str, values: dict, target: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)  # torch's own
        if target == "torch":
            import torch

            values = {name: torch.tensor(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}
            values = {name: in_torch(v) if callable(v) else v for name, v in values.items()}
        out = compile_program(source)(**values)
    assert hasattr(out, "shape"), "a bare number"
    return np.asarray(out)


def in_torch(f):
    import torch

    return lambda z: torch.as_tensor(f(np.asarray(z)))


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
        inside = {"unit": scaled(number(1).data, call("tanh", A)), "above1": call("exp", call("abs", A)) + ones((m, n))}
        kind = op.sample[0] if op.sample else ""
        return apply(op, ((call("exp", A) if kind == "positive" else inside.get(kind, A)),))
    from matcalc.expr import signature

    args = []
    for i, (rows, columns) in enumerate(signature(op.signature)[0]):
        kind = op.sample[i] if i < len(op.sample) else ""
        properties = {kind} if kind in ("spd", "symmetric", "invertible") else set()
        args.append(variable("XYZ"[i], (rows, columns), properties))
    return apply(op, tuple(args))


ROWS = (*ELEMENTWISE, *MATRIX)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row(op, target):
    if target != "numpy":
        module = pytest.importorskip(target)
        if target == "jax":
            module.config.update("jax_enable_x64", True)
    e = of_row(op)
    try:
        check(e, target, rtol=1e-8)
    except UnsupportedError:
        assert target != "numpy"
    if op.elementwise:
        check(
            call(
                "sum",
                apply(
                    op,
                    (number(1) / 3 * x if not op.sample else call("exp", x) + ones((n, 1)) if op.sample[0] != "unit" else call("tanh", x),),
                ),
            ),
            target,
            rtol=1e-8,
        )


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize(
    "op", [op for op in ELEMENTWISE if not op.sample or op.sample[0] in ("positive", "nonzero")], ids=lambda op: op.name
)
def test_an_elementwise_row_of_a_scalar(op, target):
    module = pytest.importorskip(target)
    if target == "jax":
        module.config.update("jax_enable_x64", True)
    check(apply(op, (call("exp", t),)), target)
    check(apply(op, (size(n) + number(1),)) * x, target)


# --- random expressions ------------------------------------------------------------------------------------------


@st.composite
def expressions(draw, shape=None, depth=4):
    """A well-shaped expression over the whole language, structure included."""
    rows, columns = shape or (draw(st.sampled_from((1, *SYMBOLS))), draw(st.sampled_from((1, *SYMBOLS))))
    pick = lambda options: draw(st.sampled_from(options))  # noqa: E731
    sub = lambda a, b: draw(expressions((a, b), depth - 1))  # noqa: E731
    if depth == 0:
        return draw(leaves(rows, columns))
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
            return product([sub(rows, a), sub(a, b), sub(b, columns)]) if draw(st.booleans()) else product([sub(rows, b), sub(b, columns)])
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
            return call(pick(("logdet", "det")), sub(1, 1) ** 2 * identity(a) + draw(leaves(a, a, spd=True)))
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
            return product([inv(draw(leaves(rows, rows, spd=True))), sub(rows, columns)]) if rows != 1 else sub(rows, columns)
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
            return inv(draw(leaves(rows, rows, spd=True)))
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
    return draw(leaves(rows, columns))


def apply_diagonal(e):
    return call("diag", e) if not e.is_scalar else e


@st.composite
def leaves(draw, rows, columns, spd=False):
    name = f"{rows}{columns}".replace("*", "")
    options = [variable(letter + name, (rows, columns)) for letter in "UV"]
    if spd:
        return draw(st.sampled_from([variable("P" + name, (rows, rows), {"spd"}), variable("D" + name, (rows, rows), {"spd", "diagonal"})]))
    if rows == columns and rows != 1:
        options += [identity(rows), variable("D" + name, (rows, rows), {"diagonal"}), variable("S" + name, (rows, rows), {"symmetric"})]
    if columns == 1 and rows != 1:
        options += [ones((rows, 1)), unit(draw(st.sampled_from((1, "j"))), rows)]
    if rows == columns == 1:
        options += [number(2), number(-1) / 3, size(draw(st.sampled_from(SYMBOLS)))]
    elif 1 not in (rows, columns):
        options.append(ones((rows, columns)))
    return draw(st.sampled_from(options))


def agrees(e: Expr, target: str) -> None:
    from math import isfinite

    values, sizes = next(points(e, variable("everything", (m, n)), variable("more", (k, 1)), seed=1))
    values["j"] = 2
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


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(expressions())
def test_programs_agree_with_the_evaluator(e):
    agrees(e, "numpy")


@pytest.mark.parametrize("target", ["jax", "torch"])
def test_programs_for_other_targets_agree(target):
    module = pytest.importorskip(target)
    if target == "jax":
        module.config.update("jax_enable_x64", True)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(expressions(depth=3))
    def agree(e):
        agrees(e, target)

    agree()


# --- what need not be formed is not formed -----------------------------------------------------------------------

X3, sum_all = variable("X3", (m, n)), lambda e: call("sum", e)
DENSE = ("np.kron", "np.diag(", "np.eye", "np.ones(n", "np.ones((", "np.tile", "linalg.inv", "np.identity")

# fmt: off
STRUCTURE = [  # expression, what its source has, what it has not besides DENSE
    (call("kron", C.T, A) @ call("vec", S),             "C.T @ S.T @ A.T",            ""),
    (call("kron", identity(k), A) @ call("vec", C),     "C.T @ A.T",                  ""),
    (call("vec", A).T @ call("kron", S, Q) @ call("vec", A), "@",                     "reshape(m"),
    (call("diag", x) @ S,                               "x[:, None] * S",             "@"),
    (A @ call("diag", x),                               "A * x",                      "@"),
    (A @ call("diag", x) @ A.T,                         "(A * x) @ A.T",                ""),
    (x.T @ call("diag", w) @ x,                         "",                           ""),
    (call("sum", A),                                    "A.sum()",                  "@"),
    (call("rowsum", A),                                 "A @ np.ones(A.shape[1], A.dtype)",              "sum"),
    (call("colsum", A),                                 "A.sum(axis=0)",              "@"),
    (y @ ones((1, n)) + A,                              "y[:, None]",                 "@"),
    (hadamard([y @ x.T, A]),                            "x * A * y[:, None]",         "outer"),
    (S + t * identity(n),                               "_plus_diagonal(S.copy(), t)", ""),
    (inv(S) @ x,                                        "np.linalg.solve(S, x)",      ""),
    (x.T @ inv(S),                                      "np.linalg.solve(S.T, x)",    ""),
    (x.T @ inv(P),                                      "np.linalg.solve(P, x)",      ""),
    (A @ inv(S),                                        "np.linalg.solve(S.T, A.T).T", ""),
    (call("tr", inv(S) @ A.T @ A),                      "solve",                      ""),
    (call("tr", A.T @ B),                               "np.vdot(A, B)",              "@"),
    (call("tr", S @ S @ S),                             "vdot",                       ""),
    (call("norm", A) ** 2,                              "np.vdot(A, A)",              "norm"),
    (call("norm", x) ** 2,                              "x @ x",                      "norm"),
    (call("diag", A @ B.T),                             "AB @ np.ones(",        "sum"),
    (matpower(S, 5) @ x,                                "S @ (S @ (S @ (S @ (S @ x))))", ""),
    (A @ S @ S @ x,                                     "A @ (S @ (S @ x))",          ""),
    (y.T @ A @ S,                                       "S.T @ (A.T @ y)",                  ""),
    (A @ x @ y.T @ B,                                   "(A @ x)[:, None] * (B.T @ y)",     ""),
    (A[:, "j"],                                         "A[:, j - 1]",                "@"),
    (A[2, :],                                           "A[1]",                       "@"),
    (A["i", "j"],                                       "A[i - 1, j - 1]",            "@"),
    ((A @ S)["i", "j"],                                 "A[i - 1] @ S[:, j - 1]",     ""),
    (commutation((m, n)) @ call("vec", A),              "arange",                     "@"),
    ((identity(m) - ones((m, m)) / size(m)) @ A,        "A.sum(axis=0)",              "@"),
    ((identity(n) - x @ x.T) @ w,                       "x @ w",                      "outer"),
    (D @ S,                                             "np.diagonal(D)[:, None]",    "@"),
    (inv(D) @ x,                                        "np.diagonal(D)",             "solve"),
    (call("logdet", D),                                 "np.log",                     "slogdet"),
    (hpower(A, number(3)),                              "A**2 * A",                   "**3"),
    (hadamard([A, hpower(B, number(-2))]),              "A / B**2",                   "-2"),
    (hpower(call("exp", A), number(-1) / 2),            "1 / _over(np.sqrt, ",        "0.5"),
    (S @ S.T,                                           "S @ S.T",                    ""),
    (hpower(call('exp', A), number(1) / 2),                          "_over(np.sqrt, np.exp(A))",          "0.5"),
    (A / 2,                                             "0.5 * A",                    ""),
    (A / 3,                                             "A / 3",                      ""),
]
# fmt: on


@pytest.mark.parametrize(("e", "there", "absent"), STRUCTURE, ids=[str(i) for i in range(len(STRUCTURE))])
def test_structure_is_kept(e, there, absent):
    source = check_loosely(e)
    assert there.replace(" ", "") in source.replace(" ", ""), source
    for text in (*DENSE, *([absent] if absent else [])):
        assert text not in source, source


def check_loosely(e):
    """`check`, at a point where every index is 2 at most."""
    values, sizes = next(points(e, seed=3))
    values |= {name: min(values[name], 2) for name in ("i", "j") if name in values}
    source = program({"value": e})
    wanted = evaluate(e, **values, **sizes)
    found = run(source, {**values, **sizes}, "numpy")
    assert found.shape == np.shape(wanted)
    assert np.allclose(found, wanted, rtol=1e-9), source
    return source


def test_an_inverse_used_often_is_computed_once():
    e = inv(S) @ Q0 @ inv(S) @ Q0 @ inv(S)
    source = check(e)
    assert source.count("np.linalg.inv(") == 1
    assert "solve" not in source


Q0 = variable("Q0", (n, n))


# --- names -------------------------------------------------------------------------------------------------------

HOSTILE = [
    "np",
    "lambda",
    "__import__",
    "g_prime",
    "exec",
    "x_1",
    "θ",
    "ℓ",
    "_",
    "t0",
    "sc",
    "sla",
    "derivative",
    "None",
    "__debug__",
    "m",
    "value",
    "print",
]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name, target):
    if target != "numpy":
        module = pytest.importorskip(target)
        if target == "jax":
            module.config.update("jax_enable_x64", True)

    def formula(v):
        return call("norm", g(v, 1) + call("exp", v) @ S + call("sigmoid", v)) * call("tr", S) + call("sum", call("erf", v)) * size(m)

    e = formula(variable(name, (m, n)))
    value, s = np.sin(np.arange(6.0)).reshape(3, 2), np.array([[1.0, 2.0], [0.5, 1.5]])
    wanted = evaluate(formula(variable("harmless", (m, n))), harmless=value, S=s, g_prime=np.cos)
    given = {{"lambda": "lambda_", "None": "None_", "__debug__": "__debug___"}.get(name, name): value, "S": s}
    given["g_prime_" if name == "g_prime" else "g_prime"] = np.cos
    if target == "torch":
        import torch

        given = {key: in_torch(v) if callable(v) else torch.tensor(v) for key, v in given.items()}
    first, second = compile_program(program({"value": e, "t0": e + number(1)}, target))(**given, extra=3)
    assert np.isclose(float(first), wanted, rtol=1e-9)
    assert np.isclose(float(second), wanted + 1, rtol=1e-9)


def test_two_names_that_python_takes_for_one():
    e = variable("ℓ", (n, 1)) - 2 * variable("l", (n, 1))
    source = program({"value": e})
    assert "def derivative(l, l_, **_):" in source


@pytest.mark.parametrize("doc", ['"""', "\\", 'a"', "\\N{DASH}", "\0", "\r\nimport os", "{0}", "'''", "\ud800"])
def test_hostile_documentation(doc):
    f = compile_program(program({"value": 2 * x}, doc=doc))
    assert f(x=np.ones(2)).tolist() == [2, 2]
    assert f.__doc__


# --- arguments and results ---------------------------------------------------------------------------------------


def test_arguments_are_alphabetical_and_others_are_ignored():
    source = program({"value": A @ x}, arguments=[t * S])
    assert "def derivative(A, S, t, x, **_):" in source
    assert compile_program(source)(np.eye(2), None, None, np.ones(2)).tolist() == [1, 1]


def test_abstract_functions_are_arguments():
    source = program({"value": g(x) + g(x, 1) + g(x, 3)})
    assert "def derivative(g, g_prime, g_prime3, x, **_):" in source


def test_a_size_comes_from_an_argument_or_is_one():
    assert "m, n = A.shape" in program({"value": call("mean", A)})
    assert "n = A.shape[1]" in program({"value": identity(n)}, arguments=[A])
    assert compile_program(program({"value": identity(n)}))(n=2).tolist() == [[1, 0], [0, 1]]
    v = variable("v", (2 * n * m + m, 1))
    f = compile_program(program({"value": size(n) * v}, arguments=[y]))
    assert f(v=np.ones(15), y=np.ones(3)).tolist() == [2.0] * 15


def test_a_row_is_taken_in_one_dimension_or_two_and_returned_in_two():
    f = compile_program(program({"value": 2 * r}))
    assert f(r=np.ones(3)).shape == f(r=np.ones((1, 3))).shape == (1, 3)
    assert compile_program(program({"value": r @ S @ x}))(r=np.ones((1, 3)), S=np.eye(3), x=np.ones(3)) == 3


def test_constants_are_arrays_without_axes():
    for e in (number(2), number(1) / 3, t, size(n) * t):
        value = compile_program(program({"value": e}))(t=2.0, n=3)
        assert value.shape == ()


def test_several_results_share_what_they_have_in_common():
    residual = g(A @ S) - B
    value, gradient = call("norm", residual) ** 2, 2 * A.T @ hadamard([residual, g(A @ S, 1)])
    source = program({"value": value, "gradient": gradient})
    assert source.count("A @ S") == 1
    assert source.count(" - B") == 1
    assert source.endswith("return value, gradient\n")


def test_whole_numbers_as_input():
    f = compile_program(program({"value": S / 2 + t * identity(n) + inv(S) * hpower(x, number(-1))[1]}))
    assert np.allclose(f(S=np.array([[2, 0], [0, 4]]), t=0.5, x=np.array([2, 3])), [[1.75, 0], [0, 2.625]])


def test_a_target_that_is_none():
    with pytest.raises(UnsupportedError, match="no target"):
        program({"value": x}, "fortran")


def test_the_source_of_the_flagship():
    X, W, Y = variable("X", (m, n)), variable("W", (n, k)), variable("Y", (m, k))
    e = 2 * X.T @ hadamard([g(X @ W) - Y, g(X @ W, 1)])
    assert program({"gradient": e}, doc="The gradient.").split("\n")[-4:] == [
        '    """', "    XW = X @ W", "    return 2 * (X.T @ ((g(XW) - Y) * g_prime(XW)))", ""
    ]  # fmt: skip


# --- depth -------------------------------------------------------------------------------------------------------


def network(layers):
    out = x
    for i in range(layers):
        out = call("tanh", variable(f"W{i}", (n, n)) @ out)
    return out


def test_a_deep_network():
    for layers in (1000, 2000):
        e = call("norm", network(layers)) ** 2
        source = program({"value": e})
        f = compile_program(source)
        assert np.isfinite(f(x=np.ones(2), **{f"W{i}": np.eye(2) for i in range(layers)}))


def test_long_products_and_sums():
    chain = product([variable(f"W{i}", (n, n)) for i in range(300)] + [x])
    f = compile_program(program({"value": chain}))
    assert f(x=np.ones(2), **{f"W{i}": np.eye(2) for i in range(300)}).tolist() == [1, 1]
    total = add([variable(f"x{i}", (n, 1)) for i in range(1000)])
    source = program({"value": total})
    assert max(map(len, source.split("\n"))) < 120
    assert compile_program(source)(**{f"x{i}": np.ones(2) for i in range(1000)}).tolist() == [1000, 1000]


def test_sources_hold_no_bare_user_text():
    v = variable("a; import os #", (n, 1))
    source = program({"value": call("exp", v)}, doc="a; import os #")
    assert re.search(r"def derivative\(a__import_os__, \*\*_\):", source)


def test_no_transpose_is_formed_under_jit():
    source = program({"value": A.T @ (A @ x - y)}, "jax")
    assert "(A @ x - y) @ A" in source
    assert ".T" not in source


def test_jit_and_vmap():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    e = inv(S + t * identity(n)) @ x + hadamard([x, call("colsum", A)]) + S[:, "j"] + call("diag", S @ S)
    f = compile_program(program({"value": e}, "jax"))
    values = {"A": np.ones((3, 2)), "S": np.array([[2.0, 1.0], [0.5, 3.0]]), "x": np.array([1.0, 2.0]), "t": 0.5, "j": 2}
    wanted = evaluate(e, **values)
    assert np.allclose(jax.jit(lambda v: f(**v))(values), wanted)
    batch = jax.vmap(lambda v: f(**{**values, "x": v}))(np.stack([values["x"]] * 3))
    assert np.allclose(batch, wanted)


def test_gradients_flow_through_torch_programs():
    torch = pytest.importorskip("torch")
    e = call("logdet", S + t * identity(n)) + x.T @ S @ x
    f = compile_program(program({"value": e}, "torch"))
    s = torch.tensor([[2.0, 1.0], [0.5, 3.0]], requires_grad=True)
    f(S=s, x=torch.ones(2), t=0.5).backward()
    assert s.grad.shape == (2, 2)
