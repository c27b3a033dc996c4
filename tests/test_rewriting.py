"""The tables of the rewriting engine, each row proved by its own text; and one identity in all its uses."""

from __future__ import annotations

import pytest

import matcalc as mc
import proofs
from matcalc.checking.comparing import compared
from matcalc.expr.melts import MELTS, Melt
from matcalc.expr.node import Expr, postorder
from matcalc.rewriting.identities import ANSWER, DERIVE, PROGRAM
from matcalc.rewriting.lines import LINES, NO_REAL, Line, complements, lines
from matcalc.rewriting.rewriter import REWRITER, Rewriter
from matcalc.rewriting.sides import LINEAR, SIDES, Side


@pytest.mark.parametrize("row", MELTS, ids=lambda row: row.name)
def test_neighbours_become_what_the_row_says(row: Melt) -> None:
    proofs.of_melt(row)


@pytest.mark.parametrize("row", SIDES, ids=lambda row: row.name)
def test_what_terms_share_is_taken_out_as_the_row_says(row: Side) -> None:
    proofs.of_side(row)


def test_a_linear_row_is_a_side() -> None:
    assert set(LINEAR) <= {side.name for side in SIDES}
    assert mc.simplify("tril(A) + tril(B)", where="A: (n, n); B: (n, n)") is mc.parse("tril(A + B)", where="A: (n, n); B: (n, n)")


def test_functions_with_a_complement_are_read_from_the_table() -> None:
    assert complements() == {"sigmoid", "normcdf", "step"}


# some terms of a sum, a number of times, are those of an identity ; what is left
SOME_TERMS = [
    ("sin(t)^2 + s + cos(t)^2", "s + 1"),
    ("2*sin(t)^2 + 2*cos(t)^2 - s", "2 - s"),
    ("3 - sigmoid(t) + s", "s + 3 - sigmoid(t)"),
    ("y + 1 - sigmoid(x)", "sigmoid(-x) + y"),
    ("B - I + A*inv(A + t*I)", "B - t*inv(A + t*I)"),
    ("tril(ones(n, n)) + triu(ones(n, n)) - 2*I", "ones(n, n) - I"),
    ("2*kron(A, B) + C + 2*kron(B, A)*commutation(n, n)", "C + 2*(I + commutation(n, n))*kron(A, B)"),
]


@pytest.mark.parametrize(("text", "wanted"), SOME_TERMS)
def test_an_identity_of_a_sum_finds_its_terms_in_a_longer_one(text: str, wanted: str) -> None:
    where = "t: scalar; s: scalar; x: (n); y: (n); A: (n, n); B: (n, n); C: (n*n, n*n)"
    assert mc.simplify(text, where=where).text() == wanted


# what has a property that nobody declared
UNSAID = [
    ("abs(1 + x'*x)", "x'*x + 1"),
    ("relu(exp(x))", "exp(x)"),
    ("sign(norm(x)^2 + 1)", "1"),
    ("step(cosh(x))", "ones(n)"),
    ("norm(expm(A - A'))", "sqrt(n)"),
    ("norm(softmax_rows(A)*ones(n))", "sqrt(n)"),
]


@pytest.mark.parametrize(("text", "wanted"), UNSAID)
def test_what_is_seen_does_not_depend_on_what_was_asked_before(monkeypatch: pytest.MonkeyPatch, text: str, wanted: str) -> None:
    for name, as_at_first in vars(Rewriter()).items():
        monkeypatch.setattr(REWRITER, name, as_at_first)
    assert mc.simplify(text, where="x: (n); A: (n, n)").text() == wanted


@pytest.mark.parametrize("line", [line for line in LINES if line.needs], ids=lambda line: line.name)
def test_a_line_waits_for_nothing_that_it_can_do_without(line: Line) -> None:
    lefts = [postorder(identity.left) for identity in line.identities()]
    for nodes in lefts if not line.scalar else lefts[:1]:
        occurring = {n.op.name for n in nodes} | {NO_REAL for n in nodes if n.complex}
        assert all(names & occurring for names in line.needs)


def test_a_line_is_used_by_the_simplifier_the_derivative_the_programs_and_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    where = "A: (m, n); x: (n)"
    one, other = (mc.parse(text, where=where) for text in ("2*sinh(asinh(A*x))", "2*A*x"))
    assert mc.simplify(one) is one and compared(one, other).equal and not compared(one, other).proved
    (line,) = lines("sinh(asinh(x)) = x : made-up", scalar=True)
    monkeypatch.setattr(REWRITER, "by_op", dict(REWRITER.by_op))
    monkeypatch.setattr(REWRITER, "chosen", {})
    monkeypatch.setattr(REWRITER, "waiting", [(len(LINES), line, line.needs)])
    monkeypatch.setattr(REWRITER, "seen", frozenset[str]())
    monkeypatch.setattr(REWRITER, "asked", frozenset[str]())
    assert mc.simplify(one) is other
    assert mc.grad("sum(sinh(asinh(x)))", "x", where="x: (n)").text() == "ones(n)"
    assert "return A @ x" in mc.code("sinh(asinh(A*x))", where=where)
    assert compared(one, other).proved


# purpose | expression | what it is for that purpose
PURPOSES = [
    (DERIVE, "X*inv(X'*X)", "X*inv(X'*X)"),
    (ANSWER, "X*inv(X'*X)", "pinv(X)'"),
    (PROGRAM, "X*inv(X'*X)", "X*inv(X'*X)"),
    (ANSWER, "2*x'*X'*X*x", "2*norm(X*x)^2"),
    (PROGRAM, "2*x'*X'*X*x", "2*x'*X'*X*x"),
    (ANSWER, "log(det(S))", "log(det(S))"),
    (PROGRAM, "log(det(S))", "logdet(S)"),
    (ANSWER, "1/(1 + exp(y))", "1/(1 + exp(y))"),
    (PROGRAM, "1/(1 + exp(y))", "sigmoid(-y)"),
    (PROGRAM, "1./(1 + exp(-x)).^3", "sigmoid(x).^3"),
    (PROGRAM, "exp(-3*x)./(1 + exp(-3*x)).^2", "sigmoid(-3*x).*sigmoid(3*x)"),
    (PROGRAM, "exp(2*x)./(1 + exp(2*x)).^3", "sigmoid(2*x).*sigmoid(-2*x).^2"),
    (PROGRAM, "log(softmax(x))", "x - logsumexp(x)"),
    (PROGRAM, "log(1 - sigmoid(x))", "-softplus(x)"),
]


@pytest.mark.parametrize(("purpose", "expression", "made"), PURPOSES)
def test_an_identity_is_applied_where_it_is_of_use(purpose: str, expression: str, made: str) -> None:
    where = "X: (m, n); x: (n); S: (n, n); y: scalar"
    (found,) = REWRITER.everywhere([mc.parse(expression, where=where)], purpose, _same)
    assert found is mc.parse(made, where=where)


def _same(e: Expr) -> Expr:
    return e
