"""Verdicts on claimed derivatives: what is right is confirmed, what is wrong refuted, and said how."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.counterexample import Counterexample
from test_answers import ROWS

TURNED = "the transpose of the derivative (numerator layout)"
NET = "U*s(W*X + b*ones(p)') + c*ones(p)'"

# expression ; variable ; claim ; declarations
RIGHT = [
    ("‖g(X·W)−Y‖²_F", "W", "2X^T·(g(X·W)−Y)⊙g′(X·W)", ""),
    ("x'*A*x", "x", "A*x + A'*x", ""),
    ("tr(A*X*B)", "X", "∂f/∂X = A'*B'", ""),
    ("tr(X)", "X", "I", ""),
    ("a'*b", "x", "0", "x: (n); a: (n); b: (n)"),
    ("sum(sin(x).^2)", "x", "sin(2*x)", ""),
    ("A*X*B", "X", "kron(B', A)", ""),
    ("A*X*B", "X", "dY = A*dX*B", ""),
    ("inv(X)", "X", "dY = -inv(X)*dX*inv(X)", ""),
    ("tr(A*X)", "X", "tr(A*dX)", ""),
    ("logdet(X)", "X", "df = tr(inv(X)*dX)", ""),
    (NET, "X", "dY = U*(s'(W*X + b*ones(p)') .* (W*dX))", "s: elementwise"),
    ("sum(x)/n", "x", "ones(n)/n", "x: (n)"),
    ("tr(X'*A)", "X[:,j]", "A[:,j]", "X: (m, n)"),
]

# expression ; variable ; claim ; declarations ; how the verdict begins
NEARLY = [
    ("tr(A*S)", "S", "A'", "S: (n, n) symmetric", "right up to symmetry"),
    ("x'*D*x", "D", "x*x'", "D: (n, n) diagonal; x: (n)", "right up to symmetry"),
    ("logdet(X)", "X", "inv(X)", "", TURNED),
    ("x'*A*x", "x", "x'*(A + A')", "", TURNED),
    ("det(X'*X)", "X", "2*det(X'*X)*inv(X'*X)*X'", "X: (m, n)", TURNED),
    ("norm(A*x - b)^2", "x", "A'*(A*x - b)", "A: (m, n)", "off by the factor 2: the derivative is 2 times the claim"),
    ("norm(X)^2", "X", "3*X", "X: (m, n)", "off by the factor 2/3: the derivative is 2/3 times the claim"),
    ("tr(inv(X)*A)", "X", "(inv(X)*A*inv(X))'", "", "off by the factor -1: the derivative is -1 times the claim"),
    ("x'*A*x", "x", "2*A*x", "", "true only if A is symmetric"),
    ("norm1(x)", "x", "ones(n)", "x: (n)", "true only if x is positive"),
    ("tr(D*X*E*X')", "X", "2*D*X*E", "D: (m, m) diagonal; E: (n, n)", "true only if E is symmetric"),
    (NET, "X", "dY = (U*s'(W*X + b*ones(p)')) .* (W*dX)", "s: elementwise", "true only if U is diagonal"),
    (NET, "X", "dY = (U*s'(W*X + b*ones(p)')) .* (W*dX)", "s: elementwise; U: (m, m)", "true only if U is diagonal"),
    ("A*x", "x", "A'", "A: (n, n)", TURNED),
    ("A*x", "x", "A'", "A: (m, n)", TURNED),
]

# Errors of the kinds that are met in print, in our own words: expression ; variable ; claim ; declarations
WRONG = [
    ("norm(Y - X*B*X')^2", "X", "4*(Y - X*B*X')*X*B", "Y: (m, m) symmetric; B: (n, n) symmetric", "a sign lost"),
    ("a'*X^3*b", "X", "X*a*b'*(X^2)' + X'*X*a*b'*X' + a*b'*X'*X'", "a: (n); b: (n)", "transposes lost in the power rule"),
    ("sqrt(x'*S*x)", "x", "1/2*(x'*S*x)^(-3/2)*S*x", "S: (n, n) symmetric", "the wrong exponent"),
    ("abs(x'*y)/norm(x)", "x", "sign(x'*y)*y/norm(x) + abs(x'*y)/norm(x)^3*x", "x: (n); y: (n)", "the quotient rule without its minus"),
    ("tr((A*B*A' - C)'*(A*B*A' - C))", "A", "(A*B*A' - C)*A*B", "A: (m, n); B: (n, n)", "half of the terms forgotten"),
    ("sigmoid(H*w)", "w", "H'*(sigmoid(H*w).*(1 - sigmoid(H*w)))", "H: (m, n)", "a vector in place of a Jacobian"),
    ("k'*x + sum(p.*exp(-A'*x))", "x", "k - A*exp(-A'*x)*p", "A: (n, m); p: (m)", "a Hadamard product written as a product"),
    ("tr(inv(A + X'*X))", "X", "-2*X*inv(A + X'*X)^2", "A: (n, n); X: (m, n)", "a symmetric matrix taken for granted"),
    ("inv(X)", "X", "dY = inv(X)*dX*inv(X)", "", "the sign of the inverse"),
    ("logdet(X*X')", "X", "2*inv(X'*X)*X'", "X: (m, n)", "X'X in place of XX'"),
    ("sum(log(softmax(x)))", "x", "1 - softmax(x)", "x: (n)", "the size forgotten"),
]


@pytest.mark.parametrize(("expr", "wrt", "claim", "where"), RIGHT)
def test_right_claims(expr: str, wrt: str, claim: str, where: str) -> None:
    v = mc.check(expr, wrt, claim, where=where)
    assert (v.ok, v.verdict, v.counterexample) == (True, "right", None)


@pytest.mark.parametrize(("expr", "wrt", "claim", "where", "verdict"), NEARLY)
def test_nearly_right_claims(expr: str, wrt: str, claim: str, where: str, verdict: str) -> None:
    v = mc.check(expr, wrt, claim, where=where)
    assert v.verdict == verdict
    assert v.ok == (verdict == "right up to symmetry")
    assert (v.counterexample is None) == v.ok


@pytest.mark.parametrize(("expr", "wrt", "claim", "where", "why"), WRONG)
def test_printed_errors_are_refuted(expr: str, wrt: str, claim: str, where: str, why: str) -> None:
    v = mc.check(expr, wrt, claim, where=where)
    assert not v.ok, why
    assert not v.verdict.startswith("right"), why


@pytest.mark.parametrize(
    "claim",
    [
        r"A \mathrm{d}X B",
        r"A\,dX\,B",
        r"A\, \mathrm d X\, B",
        r"A \operatorname{d}\!X B",
        r"\mathrm{d}Y = A \mathrm{d}X B",
        r"\frac{\partial Y}{\partial X} = B^\top \otimes A",
    ],
)
def test_claims_in_latex_may_be_differentials(claim: str) -> None:
    assert mc.check("A X B", "X", claim, source="latex").verdict == "right"
    assert mc.check("A*X*B", "X", "A*dX").verdict == mc.check("A X B", "X", r"A \, dX", source="latex").verdict


def test_our_own_differentials_are_right_claims() -> None:
    for text, by in (("A*X*B", "X"), ("inv(X)", "X"), ("norm(A*x_1 - b)^2", "x_1"), ("logdet(Sigma)", "Sigma")):
        found = mc.differential(text, by)
        assert mc.check(text, by, found.text()).ok
        assert mc.check(mc.parse(text), by, found.latex()).ok, found.latex()


@pytest.mark.parametrize("text", ["tr(A*Q)", "x'*Q*A*Q*x", "norm(A*Q - B)^2", "sum(exp(Q))"])
def test_reflections_stay_reflections(text: str) -> None:
    """A matrix that is symmetric and orthogonal moves by turning, and the check moves it so."""
    where = "Q: (n, n) symmetric orthogonal; A: (n, n); B: (n, n); x: (n)"
    assert mc.grad(text, "Q", where).check()
    assert not dataclasses.replace(mc.grad(text, "Q", where), expr=mc.parse("2*A", where=where)).check()


def test_how_the_claim_was_grouped_is_said() -> None:
    notes = mc.check("‖g(X·W)−Y‖²_F", "W", "2X^T·(g(X·W)−Y)⊙g′(X·W)").notes
    assert any("only grouping that fits" in n for n in notes)


def test_claims_do_not_bend_the_shapes() -> None:
    v = mc.check("A*X", "X", "dY = dX*A", where="A: (m, n); X: (n, p)")
    assert v.verdict.startswith("wrong in shape") and not v.ok
    v = mc.check("x'*A*x", "x", "x*A", where="x: (n)")
    assert v.verdict.startswith("wrong in shape: the shapes (n, 1) * (n, n) do not fit")
    v = mc.check("sum(A*x)", "x", "A'", where="A: (m, n)")
    assert v.verdict == "wrong in shape: the claim is (n, m), the derivative (n, 1)"


def test_counterexamples_can_be_checked_by_hand() -> None:
    v = mc.check("x'*A*x", "x", "A*x")
    found = v.counterexample
    assert isinstance(found, Counterexample)
    assert found["A"].shape == (2, 2) and set(np.ravel(found["A"])) <= {-2.0, -1.0, 1.0, 2.0, 3.0}
    assert np.allclose(found.claimed[:, 0], found["A"] @ found["x"])
    assert np.allclose(found.true[:, 0], (found["A"] + found["A"].T) @ found["x"])
    row = int(np.argmax(np.abs(found.claimed - found.true))) + 1
    assert found.entry == (row, 1)
    assert v.answer is not None and v.answer.text() == "(A + A')*x"


@pytest.mark.parametrize(
    ("expr", "wrt", "claim", "where", "holds"),
    [
        ("sum(log(x))", "x", "x", "x: (n)", lambda x: np.all(x > 0)),
        ("logdet(S)", "S", "S", "S: (n, n) spd", lambda s: np.allclose(s, s.T) and np.all(np.linalg.eigvalsh(s) > 0)),
        ("tr(A*D)", "D", "2*D", "D: (n, n) diagonal", lambda d: np.count_nonzero(d - np.diag(np.diag(d))) == 0),
        ("sum(asin(x))", "x", "x", "x: (n)", lambda x: np.all(np.abs(x) < 1)),
    ],
)
def test_counterexamples_respect_domains(expr: str, wrt: str, claim: str, where: str, holds: object) -> None:
    found = mc.check(expr, wrt, claim, where=where).counterexample
    assert found is not None and callable(holds) and holds(found[wrt])


def test_counterexamples_say_the_function() -> None:
    found = mc.check("sum(g(x))", "x", "g(x)", where="x: (n)").counterexample
    assert "g(z) = z²" in repr(found)


def test_hessians() -> None:
    assert mc.check("x'*A*x", "x", "A + A'", order="hessian").verdict == "right"
    assert mc.check("x'*A*x", "x", "2*A", order="hessian").verdict == "only its symmetric part is right"


def test_what_is_no_claim() -> None:
    with pytest.raises(mc.UnknownNameError, match="the claim has B"):
        mc.check("x'*A*x", "x", "B*x")
    with pytest.raises(mc.ParseError):
        mc.check("x'*A*x", "x", "2*A)*x")
    with pytest.raises(mc.UnsupportedError, match="one variable"):
        mc.check("x'*A*x", "x,A", "2*A*x")


def test_expressions_built_in_python() -> None:
    A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    assert mc.check(mc.norm(A @ x) ** 2, x, 2 * A.T @ A @ x)


@pytest.mark.parametrize("line", ROWS.strip().splitlines()[::8], ids=lambda line: " ".join(line.split("|")[0:2]).strip())
def test_the_book_form_is_confirmed_and_twice_of_it_refuted(line: str) -> None:
    order, expression, variable, book, where = (part.strip() for part in line.split(" | "))
    assert mc.check(expression, variable, book, where=where, order=order)
    twice = mc.check(expression, variable, f"2*({book})", where=where, order=order)
    assert not twice.ok and "1/2" in twice.verdict


@pytest.mark.parametrize(
    ("text", "by"),
    [
        (r"\sum_{i=1}^{N} a_i x_{i,N}", "x"),
        (r"\sum_{i=1}^N a_{N,i} x_i", "x"),
        (r"\sum_{t=1}^{T} (R_{p,t} - X_t^T\beta)^2 + \lambda \sum_{j=1}^{p} \beta_j^2", r"\beta"),
    ],
)
def test_an_index_by_the_name_of_a_size_is_that_place(text: str, by: str) -> None:
    assert mc.grad(text, by).check().ok
