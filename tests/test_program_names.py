"""Names in programs: whatever arguments, sizes and functions are called, the program computes the same."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcalc as mc
from matcalc.checking.evaluate import evaluate
from matcalc.expr import apply, identity, matpower, number, size, symbol, variable
from matcalc.expr.heads import HEADS
from matcalc.operators import OPERATORS, abstract, call
from matcalc.programs import forms
from matcalc.programs.argument_names import identifier
from matcalc.programs.comments import COMMENTS
from matcalc.programs.formulas import formulas
from matcalc.programs.program import compile_program, program
from matcalc.programs.stems import ROLES, STEMS
from programs import S, g, in_torch, m, n, on, x

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
    on(target)

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


OURS = sorted({name for row in STEMS.values() for name in row if "{" not in name} | {"K", "Ki", "KiX", "R", "M1", "s1", "v1", "Xw", "e1"})
PYTHON = [
    "len",
    "sum",
    "max",
    "self",
    "_",
    "__import__",
    "np",
    "jnp",
    "torch",
    "sla",
    "sc",
    "jax",
    "lambda",
    "is",
    "None",
    "e",
    "__debug__",
]
RESULTS = ["value", "grad", "hessian", "function", "results", "_cholesky", "_gram", "_over", "_plus_diagonal"]
LETTERS = ["θ̂", "И", "𝑥", "ﬁ", "K", "ℓ", "l", "x_1", "ẋ", "a b", "a\nb", '"""', "#", "2nd"]
PLAIN = {"X": (m, n), "w": (n, 1), "y": (m, 1), "c": (1, 1)}


def everything(X, w, y, c, f, target):
    """Results that take every kind of name of ours: factors, inverses, residuals, products, functions, entries, sizes."""
    n, K = X.shape[1], X.T @ X + (c * c + number(1)) * identity(X.shape[1])
    r, P = X @ w - y, call("softmax_rows", call("exp", call("tanh", X)))
    value = r.T @ r + call("logdet", K) + w.T @ matpower(K, -1) @ w + w[1] * w[2] + call("sum", f(X @ w))
    second = (
        X.T @ call("diag", call("sigmoid", r)) @ X
        + c * matpower(K, -1)
        + call("expm" if target == "torch" else "expm_jacobian", K)[1, 1] * K
        + P.T @ X
    )
    return {"value": value / size(n), "grad": matpower(K, -1) @ (X.T @ r) + call("rowsum", P.T), "hessian": second}


def of_names(names, function, sizes, target):
    """The results in these names, and the arguments to call them with."""
    rows, columns = map(symbol, sizes)
    shapes = ((rows, columns), (columns, 1), (rows, 1), (1, 1))
    given = [variable(name, shape) for name, shape in zip(names, shapes, strict=True)]
    return everything(*given, lambda e: apply(abstract(function, 0), (e,)), target)


VALUES = [np.sin(np.arange(6.0)).reshape(3, 2), np.array([0.5, -1.0]), np.array([1.0, 2.0, 0.1]), 0.7]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_whatever_the_names(target):
    on(target)
    plain = dict(zip([*PLAIN, "f"], [*VALUES, np.cos], strict=True))
    wanted = run_all(program(of_names(PLAIN, "f", ("m", "n"), target), target), plain, target)
    hostile = st.sampled_from([*OURS, *PYTHON, *RESULTS, *LETTERS])

    @settings(max_examples=60 if target == "numpy" else 15, deadline=None, derandomize=True)
    @given(st.lists(hostile, min_size=7, max_size=7, unique_by=identifier), st.sampled_from(["derivative", "np", "len", "K", "_over"]))
    def same(names, called):
        *names, function, rows, columns = names
        results = of_names(names, function, (rows, columns), target)
        source = program(results, target, name=called, doc="".join(names), formulas=formulas(results))
        values = dict(zip(map(identifier, [*names, function]), [*VALUES, np.cos], strict=True))
        for a, b in zip(run_all(source, values, target, called), wanted, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-9), source

    same()


@pytest.mark.parametrize("name", sorted({*HEADS, "call", "sin_", "add", "exp2"} - {"sum", "ones"}))
def test_functions_called_like_what_expressions_are_made_of(name):
    where = f"x: (n); w: (n); {name}: elementwise"
    e = mc.parse(f"sum({name}(x) + {name}(w).*x)", where)
    values = {"x": np.array([0.3, 0.7]), "w": np.array([1.0, 2.0])}
    wanted = np.sum(np.cos(values["x"]) + np.cos(values["w"]) * values["x"])
    assert np.isclose(mc.compile(e)(**values, **{identifier(name): np.cos}), wanted)
    assert np.isclose(mc.evaluate(e, **values, **{name: np.cos}), wanted)
    assert mc.parse(mc.grad(e, "x").text(), where) is mc.grad(e, "x").expr


def run_all(source, values, target, name="derivative"):
    if target == "torch":
        import torch

        values = {key: in_torch(v) if callable(v) else torch.as_tensor(v) for key, v in values.items()}
    return [np.asarray(a) for a in compile_program(source, name)(**values)]


def test_two_names_that_python_takes_for_one():
    e = variable("ℓ", (n, 1)) - 2 * variable("l", (n, 1))
    source = program({"value": e})
    assert "def derivative(l, l_, **_):" in source


@pytest.mark.parametrize("doc", ['"""', "\\", 'a"', "\\N{DASH}", "\0", "\r\nimport os", "{0}", "'''", "\ud800"])
def test_hostile_documentation(doc):
    f = compile_program(program({"value": 2 * x}, doc=doc))
    assert f(x=np.ones(2)).tolist() == [2, 2]
    assert f.__doc__


def test_sources_hold_no_bare_user_text():
    v = variable("a; import os #", (n, 1))
    source = program({"value": call("exp", v)}, doc="a; import os #")
    assert re.search(r"def derivative\(a__import_os__, \*\*_\):", source)


def test_every_row_of_the_tables_is_of_a_form_or_an_operator():
    known = {form.name for form in vars(forms).values() if isinstance(form, forms.Form)} | set(OPERATORS)
    assert {*STEMS, *COMMENTS, *(name for name, _ in ROLES)} - known == {"cholesky_in_place", "cholesky_or_lu_in_place"}
