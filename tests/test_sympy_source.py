"""Answers as the source of a SymPy program: it is written without SymPy, makes its own symbols, and has the value of the answer."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.writing.sympy.source import safe

# expression ; variable ; declarations
CASES = [
    ("norm(A*x - b)^2", "x", ""),
    ("sum(sin(X*W) - Y)", "W", ""),
    ("logdet(S)", "S", "S: (n, n) spd"),
    ("logdet(X)", "X", ""),
    ("sum(log(x))", "x", ""),
    ("x'*A*x/(x'*x)", "x", ""),
    ("logsumexp(A*x)", "x", ""),
    ("softmax(x)", "x", ""),
    ("sum(sigmoid(A*x))", "x", ""),
    ("norm(x)", "x", ""),
    ("A*X*B", "X", ""),
    ("X'", "X", "X: (m, n)"),
    ("c*x[i]^2", "x", "c: scalar; x: (n)"),
    ("sum_{i=1}^n log(1 + exp(-y_i*w'*x_i))", "w", "x_i: (d), i = 1..n; y: (n)"),
    ("lambda*norm1(x)", "x", ""),
    ("det(X)", "X", ""),
    ("tr(pinv(X)*A)", "X", "X: (m, n)"),
    ("x'*x*t^(1/3) - 2/7*t", "t", "t: scalar positive"),
    ("tr(X^3)", "X", "X: (n, n)"),
    ("sum(x.^p)", "x", "p: scalar; x: (n) positive"),
    ("mean(x)*sp", "x", "sp: scalar; x: (n)"),
]
SIZES = {"m": 2, "n": 2, "p": 2, "q": 2, "d": 2, "i": 1}


def _ran(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope


def _number(value: Any, scope: dict[str, Any], given: dict[str, Any]) -> Any:
    """The value of what a program made, with numbers for sizes, then for entries."""
    import sympy as sp

    sizes = {scope[n]: k for n, k in SIZES.items() if isinstance(scope.get(n), sp.Symbol) and scope[n].is_integer}
    value = value.subs(sizes)
    for name, number in given.items():
        symbol = scope.get(safe(name))
        if isinstance(symbol, sp.MatrixSymbol):
            value = value.subs(symbol.subs(sizes), sp.ImmutableDenseMatrix(np.atleast_2d(number.T).T))
        elif isinstance(symbol, sp.Symbol):
            value = value.subs(symbol, number)
    value = value.replace(sp.Trace, lambda a: a.as_explicit().trace()).doit()
    value = value.as_explicit() if isinstance(value, sp.MatrixExpr) else value
    return np.array(sp.Matrix([value]) if not hasattr(value, "tolist") else value.tolist(), dtype=float)


@pytest.mark.parametrize(("expr", "wrt", "where"), CASES)
def test_the_source_has_the_value_of_the_answer(expr: str, wrt: str, where: str) -> None:
    import sympy as sp

    d = mc.derivative(expr, wrt, where=where)
    scope = _ran(d.code("sympy"))
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {}
    for s in d.symbols.values():
        if s.kind in ("scalar", "vector", "matrix") and s.shape:
            rows, columns = (SIZES[repr(k)] if not isinstance(k, int) else k for k in s.shape)
            drawn = rng.uniform(0.2, 1.5, (rows, columns))
            drawn = drawn @ drawn.T if "spd" in s.properties else drawn
            given[s.name] = float(drawn[0, 0]) if s.kind == "scalar" else drawn[:, 0] if s.kind == "vector" else drawn
    expected = d.compile("numpy")(**{("lambda_" if k == "lambda" else k): v for k, v in given.items()}, i=1)
    made = scope[d.called]
    assert isinstance(made, (sp.Basic, sp.MatrixExpr))
    found = _number(made, scope, given)
    np.testing.assert_allclose(found.reshape(np.atleast_2d(expected.T).T.shape), np.atleast_2d(expected.T).T, rtol=1e-9)


def test_abstract_functions_are_functions_of_sympy() -> None:
    import sympy as sp

    scope = _ran(mc.grad("norm(g(X*W) - Y)^2", "W").code("sympy"))
    assert scope["grad"].shape == (scope["n"], scope["p"]) and scope["grad"].has(sp.Derivative)
    scope = _ran(mc.grad("g(t)", "t", "t: scalar; g: elementwise").code("sympy"))
    assert scope["grad"].doit() == sp.Derivative(scope["g"](scope["t"]), scope["t"])


@pytest.mark.parametrize(("expr", "wrt", "where"), [("f(X)", "X", "f: (m, n) -> ()"), ("sum_k tr(A*S_k)", "A", "S_k: (n, n), k = 1..K")])
def test_what_sympy_has_no_expression_for_is_refused(expr: str, wrt: str, where: str) -> None:
    with pytest.raises(mc.UnsupportedError, match="SymPy has no"):
        mc.grad(expr, wrt, where).code("sympy")


def test_answers_source_and_verdicts_need_neither_numpy_nor_sympy() -> None:
    program = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "scipy", "sympy"):
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
import matcalc as mc
d = mc.grad("norm(g(X*W) - Y)^2", "W")
for target in ("numpy", "jax", "torch", "sympy"):
    assert "grad" in d.code(target)
assert d.steps() and d.differential.latex()
print(mc.check("norm(A*x - b)^2", "x", "2*A'*(A*x - b)").verdict)
print(mc.check("norm(A*x - b)^2", "x", "3*A'*(A*x - b)").verdict.partition(":")[0])
print(mc.check("tr(U*g(W))", "W", "U.*g'(W)").verdict)
print(repr(mc.check("sum(exp(A*x))", "x", "A'*exp(A*x) + x").counterexample).partition(" the ")[0])
print(mc.check("tr(expm(A))", "A", "expm(A)'").verdict, mc.check("normnuc(X)", "X", "X").verdict)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert not done.stderr
    lines = done.stdout.splitlines()
    assert lines[:3] == ["right", "off by the factor 2/3", "true only if U is symmetric"]
    assert lines[3].startswith("at A = [") and lines[4] == "right true only if X is orthogonal"


def test_a_matrix_that_inference_alone_makes_square_is_noted() -> None:
    notes = mc.derivative("2*X'*(g(X*W) - Y).*g'(X*W)", "X").notes
    assert any("X is square by inference alone" in n for n in notes)
    for expr, where in (("2*X'*((g(X*W) - Y).*g'(X*W))", ""), ("2*X'*(g(X*W) - Y).*g'(X*W)", "X: (n, n)"), ("x'*A*x", ""), ("tr(A*B)", "")):
        assert not any("square" in n for n in mc.derivative(expr, "A" if "A" in expr else "X", where=where).notes)
