"""An answer says what it takes for granted, in words, and nothing where there is nothing."""

from __future__ import annotations

import pytest

import matcalc as mc

# expression ; variable ; declarations ; assumptions, and where it is differentiable
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
    ("sqrt(x'*x)", "x", "", ["x ≠ 0"]),
    ("(x'*x)^(3/2)", "x", "", []),
    ("sqrt((s - t)^2)", "s", "s: scalar; t: scalar", ["differentiable where s − t ≠ 0"]),
    ("sum(sqrt((A*x - b).^2))", "x", "A: (m, n)", ["differentiable where A x − b has no zero entry"]),
    ("(s^2)^(3/2)", "s", "s: scalar", []),
    ("x'*inv(I + diag(c))*x", "x", "c: (n)", ["c + 𝟏 without zeros"]),
    ("sum(asin(x))", "x", "", ["x in (−1, 1)"]),
    ("x'*x/(a'*x)", "x", "", ["aᵀ x ≠ 0"]),
    ("sum(1./x)", "x", "", ["x without zeros"]),
    ("sum(x.^c)", "x", "c: scalar", ["x positive"]),
    ("sum(log(exp(x) + 1))", "x", "", []),
    ("sum(sqrt(x.^2 + 1))", "x", "", []),
    ("log(1 + norm(x)^2)", "x", "", []),
    ("tr(A*X*B)", "X", "", []),
    # what is known is not said
    ("tr(inv(S + T))", "S", "S: (n, n) spd; T: (n, n) spd", []),
    ("tr(inv(kron(S, T))*A)", "A", "S: (n, n) spd; T: (m, m) spd; A: (n*m, n*m)", []),
    ("tr(inv(eye(n) + X'*X))", "X", "X: (m, n)", []),
    ("logdet(X'*X + c*eye(n))", "X", "X: (m, n); c: scalar positive", []),
    ("tr(inv(Q*S*Q'))", "S", "S: (n, n) spd; Q: (n, n) orthogonal", []),
    ("tr(inv(B*S*B'))", "S", "S: (n, n) spd; B: (n, n) invertible", []),
    ("sqrt(sum(x.^2) + 1)", "x", "", []),
    ("log(tr(S))", "S", "S: (n, n) spd", []),
    ("log(det(S))", "S", "S: (n, n) spd", []),
    ("c*log(2*pi)", "c", "c: scalar", []),
    ("tr(logm(S + T))", "S", "S: (n, n) spd; T: (n, n) psd", []),
    ("tr(sqrtm(S)*A)", "A", "S: (n, n) spd; A: (n, n)", []),
    ("tr(inv(D)*A)", "D", "D: (n, n) diagonal positive; A: (n, n)", []),
    ("log(sum(exp(A*x)))", "x", "A: (m, n)", []),
    ("sum(log(x./y))", "x", "x: (n) positive; y: (n) positive", []),
    ("sum(abs(x.^2))", "x", "x: (n)", []),
    ("normnuc(S)", "S", "S: (n, n) spd", []),
    ("normnuc(X)", "X", "X: (m, n)", ["differentiable where X is of full rank"]),
    # what is not known still is
    ("tr(inv(P + R))", "P", "P: (n, n) psd; R: (n, n) psd", ["P + R invertible"]),
    ("tr(inv(S - T))", "S", "S: (n, n) spd; T: (n, n) spd", ["S − T invertible"]),
    ("tr(inv(A*S*A'))", "S", "S: (n, n) spd; A: (n, n)", ["A invertible"]),
    ("tr(inv(X'*S*X))", "S", "S: (m, m) spd; X: (m, n)", ["Xᵀ S X invertible"]),
    ("tr(inv(W^2)*A)", "A", "W: (n, n) skew; A: (n, n)", ["W invertible"]),
    ("log(prod(x))", "x", "x: (n)", ["prod(x) positive"]),
    ("log(det(A))", "A", "A: (n, n)", ["det(A) positive"]),
    ("log(tr(P))", "P", "P: (n, n) psd", ["tr(P) positive"]),
    # each is said once, of the factors, and as weakly as it may be
    ("logdet(c*X)", "X", "c: scalar; X: (n, n)", ["c ≠ 0", "X invertible"]),
    ("logdet(A*B)", "A", "A: (n, n); B: (n, n)", ["A invertible", "B invertible"]),
    ("logdet(kron(A, B))", "A", "A: (n, n); B: (m, m)", ["A invertible", "B invertible"]),
    ("logdet(X'*X)", "X", "X: (m, n)", ["Xᵀ X invertible"]),
    ("log(det(X'*X))", "X", "X: (m, n)", ["Xᵀ X invertible"]),
    ("log(a*b)", "a", "a: scalar; b: scalar", ["a b positive"]),
    ("sum(log(2*pi*x))", "x", "", ["x positive"]),
    ("log(c)*sum(x.^2)/c", "x", "c: scalar", ["c positive"]),
    ("x'*y/(norm(x)*norm(y))", "x", "", ["y ≠ 0", "differentiable where x ≠ 0"]),
    # a mask takes no place away
    ("norm1(M.*X)", "X", "M: (m, n); X: (m, n)", ["differentiable where X has no zero entry"]),
    ("c*norm1(2*x)", "x", "c: scalar", ["differentiable where x has no zero entry"]),
    ("sum(M.*relu(M.*X))", "X", "M: (m, n); X: (m, n)", ["differentiable where X has no zero entry"]),
    # of rank one it is as smooth as the norms of its factors
    ("normnuc(z*w')", "z", "", ["differentiable where z ≠ 0"]),
    ("normspec(z*w')^2", "z", "", []),
    ("lambda_max(A)", "A", "A: (n, n) symmetric", ["differentiable where A has a simple largest eigenvalue"]),
]


@pytest.mark.parametrize(("expr", "wrt", "where", "assumptions"), CASES)
def test_assumptions(expr: str, wrt: str, where: str, assumptions: list[str]) -> None:
    """The assumptions say what is granted, the notes where it is differentiable: each once."""
    d = mc.derivative(expr, wrt, where=where)
    assert [*d.assumptions, *(n for n in d.notes if n.startswith("differentiable"))] == assumptions
    assert not set(d.assumptions) & set(d.notes)


def test_a_second_derivative_that_divides_by_what_may_vanish_says_so() -> None:
    assert mc.grad("norm(x)^3", "x").assumptions == ()
    assert mc.hessian("norm(x)^3", "x").assumptions == ("x ≠ 0",)
    assert mc.hessian("norm(x)^4", "x").assumptions == ()


# expression ; declarations ; what is said
NEVER = [
    ("logdet(x*x')", "x: (n)", "x xᵀ has no inverse: its rank is at most 1, and it is n×n"),
    ("tr(inv(x*y'))", "x: (n); y: (n)", "x yᵀ has no inverse"),
    ("logdet(X*X')", "X: (5, 3)", "its rank is at most 3, and it is 5×5"),
    ("logdet(a*b' + c*d')", "a: (3); b: (3); c: (3); d: (3)", "its rank is at most 2, and it is 3×3"),
    ("tr(inv(X*A*X'))", "X: (2*n, n); A: (n, n)", "has no inverse: its rank is at most n"),
    ("sum(polar(a*x'))", "a: (m); x: (n)", "a xᵀ is not of full rank: its rank is at most 1, and it is m×n"),
    ("tr(adj(W))", "W: (n, n) skew", "which is skew and has none for odd sizes"),
    ("sum(adj(A'*W*A))", "W: (3, 3) skew; A: (3, 3)", "which is skew and has none for odd sizes"),
    ("prod(L.*A)", "L: (n, n) lower; A: (n, n)", "of which some are zero"),
    ("sum(log(D))", "D: (n, n) diagonal", "D has zeros for every size but 1"),
    ("tr(A./tril(B))", "A: (n, n); B: (n, n)", "tril(B) has zeros for every size but 1"),
    ("sum(A./eye(n))", "A: (n, n)", "I_n has zeros for every size but 1"),
    ("sum(log(-exp(x)))", "x: (n)", "−exp(x) is never positive"),
    ("log(-x'*x)", "x: (n)", "is never positive"),
]


@pytest.mark.parametrize(("expr", "where", "words"), NEVER)
def test_what_can_never_be_is_an_error(expr: str, where: str, words: str) -> None:
    with pytest.raises((mc.ShapeError, mc.UnsupportedError)) as error:
        mc.grad(expr, where=where)
    assert words in str(error.value)


def test_what_cannot_be_from_some_size_on_is_a_note() -> None:
    d = mc.grad("tr(inv(a*b' + c*d'))", "a", where="a: (n); b: (n); c: (n); d: (n)")
    assert d.notes == ("a bᵀ + c dᵀ is singular for n > 2: its rank is at most 2",)
    assert mc.grad("tr(inv(a*b' + c*d'))", "a", where="a: (2); b: (2); c: (2); d: (2)").notes == ()
    assert mc.grad("det(x*x')", "x", where="x: (3)").notes == ("x xᵀ is singular: its rank is at most 1, and it is 3×3",)


# --- certificates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expr", "wrt", "where"),
    [
        ("grad", "norm(g(X*W) - Y)^2", "W", ""),
        ("grad", "sum(sin(A*x))", "x", "A: (m, n)"),
        ("grad", "tr(g(X*W))", "W", "X: (m, n); W: (n, m)"),
        ("grad", "sum(relu(A*x))", "x", "A: (m, n)"),
        ("jacobian", "inv(X)", "X", ""),
        ("hessian", "x'*A*x", "x", ""),
        ("hessian", "x'*A*y", "x,y", ""),
        ("hessian", "sum(x.^3) + x'*A*x", "x[i],x", ""),
        ("hessian", "tr(X'*A*X*B)", "X[:,j]", "X: (m, n)"),
        ("grad", "tr(A*S)", "S", "S: (n, n) symmetric"),
    ],
)
def test_certificates(order: str, expr: str, wrt: str, where: str) -> None:
    found = getattr(mc, order)(expr, wrt, where=where).check()
    assert found.ok and found.points == 3 and found.max_error < 1e-30
    assert found.method.startswith("central differences in 100 digits") and found.method.endswith("the program in floats")


def test_a_point_where_all_is_zero_tells_nothing() -> None:
    """At n = 2 the standardised vector is constant; its Jacobian is not zero for other sizes."""
    from dataclasses import replace

    d = mc.jacobian("(x - mean(x))/norm(x - mean(x))", "x", where="x: (n)")
    assert d.check().ok
    assert not replace(d, expr=-1 * d.expr).check().ok
