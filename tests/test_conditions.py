"""What an answer takes for granted is said, in words, and nothing where there is nothing."""

from __future__ import annotations

import pytest

import matcalc as mc

# expression ; variable ; declarations ; assumptions
CASES = [
    ("norm(x)", "x", "", ["differentiable where x ≠ 0"]),
    ("norm(x)^2", "x", "", []),
    ("norm1(x)", "x", "", ["differentiable where x has no zero entry"]),
    ("relu(a'*x)", "x", "", ["differentiable where aᵀ x ≠ 0"]),
    ("norm(A*x - b)^3", "x", "A: (m, n)", []),
    ("logdet(X)", "X", "", ["X invertible"]),
    ("tr(inv(A'*A))", "A", "", ["Aᵀ A invertible"]),
    ("inv(S)", "S", "S: (n, n) spd", []),
    ("sum(log(x))", "x", "", ["x positive"]),
    ("sum(log(x))", "x", "x: (n) positive", []),
    ("sum(sqrt(x))", "x", "", ["x positive"]),
    ("sqrt(x'*x)", "x", "", ["‖x‖ ≠ 0"]),
    ("(x'*x)^(3/2)", "x", "", []),
    ("sum(asin(x))", "x", "", ["x in (−1, 1)"]),
    ("x'*x/(a'*x)", "x", "", ["aᵀ x ≠ 0"]),
    ("sum(1./x)", "x", "", ["x without zeros"]),
    ("sum(x.^c)", "x", "c: scalar", ["x positive"]),
    ("sum(log(exp(x) + 1))", "x", "", []),
    ("sum(sqrt(x.^2 + 1))", "x", "", []),
    ("log(1 + norm(x)^2)", "x", "", []),
    ("tr(A*X*B)", "X", "", []),
    ("lambda_max(A)", "A", "A: (n, n) symmetric", ["differentiable where A has a simple largest eigenvalue"]),
]


@pytest.mark.parametrize(("expr", "wrt", "where", "assumptions"), CASES)
def test_assumptions(expr: str, wrt: str, where: str, assumptions: list[str]) -> None:
    assert list(mc.derivative(expr, wrt, where=where).assumptions) == assumptions


# --- certificates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expr", "wrt", "where", "method"),
    [
        ("grad", "norm(g(X*W) - Y)^2", "W", "", "central differences"),
        ("grad", "sum(sin(A*x))", "x", "A: (m, n)", "complex step"),
        ("grad", "tr(g(X*W))", "W", "X: (m, n); W: (n, m)", "complex step"),
        ("grad", "sum(relu(A*x))", "x", "A: (m, n)", "central differences"),
        ("jacobian", "inv(X)", "X", "", "complex step"),
        ("hessian", "x'*A*x", "x", "", "complex step"),
        ("hessian", "x'*A*y", "x,y", "", "complex step"),
        ("hessian", "sum(x.^3) + x'*A*x", "x[i],x", "", "complex step"),
        ("hessian", "tr(X'*A*X*B)", "X[:,j]", "X: (m, n)", "complex step"),
        ("grad", "tr(A*S)", "S", "S: (n, n) symmetric", "complex step"),
    ],
)
def test_certificates(order: str, expr: str, wrt: str, where: str, method: str) -> None:
    found = getattr(mc, order)(expr, wrt, where=where).check()
    assert found.ok and found.points == 3 and found.method == method and found.max_error < 1e-6


def test_a_point_where_all_is_zero_tells_nothing() -> None:
    """At n = 2 the standardised vector is constant; its Jacobian is not zero for other sizes."""
    from dataclasses import replace

    d = mc.jacobian("(x - mean(x))/norm(x - mean(x))", "x", where="x: (n)")
    assert d.check().ok
    assert not replace(d, expr=-1 * d.expr).check().ok
