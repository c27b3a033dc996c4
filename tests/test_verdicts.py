"""The checks are not fooled: by any kind of falsehood that was once confirmed, nor by thousands made by one change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import claims
import matcalc as mc
from matcalc.api import running
from matcalc.api.asking import declaration
from matcalc.checking.floats import run
from matcalc.checking.sampling import deals

FREE = "the convention of free entries, Petersen & Pedersen 2.8"
TURNED = "the transpose of the derivative (numerator layout)"
KERNEL = "exp(-norm(x - y)^2/s^2)"
HALF_KERNEL = "exp(-norm(x - y)^2/(2*s^2))"

# one expression ; another ; declarations
UNEQUAL = [
    ("mean(x)", "sum(x)/3", ""),
    ("det(2*A)", "8*det(A)", ""),
    ("det(2*A)", "4*det(A)", ""),
    ("tr(A)*tr(eye(n))", "3*tr(A)", "A: (n, n)"),
    ("tr(A)*tr(eye(n))", "3*tr(A)", ""),
    ("abs(det(A))", "det(A)", ""),
    ("pinv(P)", "inv(P)", "P: (n, n) psd"),
    ("X*pinv(X)", "eye(m)", "X: (m, n)"),
    ("pinv(X)*X", "eye(n)", "X: (m, n)"),
    ("x'*x/10^10", "x'*y/10^10", ""),
    ("x'*x*10^10", "x'*y*10^10", ""),
    ("tr(adj(D))", "tr(adj(-D))", ""),
    ("erf(norm(X)^2 + 9)", "erf(2*norm(X)^2 + 9)", ""),
    ("tanh(norm(X)^2 + 50)", "tanh(norm(X)^2 + 51)", ""),
    ("logm(expm(A))", "A", "A: (n, n)"),
    ("sqrtm(expm(2*A))", "expm(A)", "A: (n, n) skew"),
    ("relu(x - 10^9)", "0", "x: scalar"),
    ("max(x, -50)", "x", "x: scalar"),
    ("step(x + 30)", "1", "x: scalar"),
    ("huber(x, 10^7)", "x^2/2", "x: scalar"),
    ("sign(x^2 - 1/1000)", "1", "x: scalar"),
    ("(n - 1)*(n - 2)*(n - 3)*(n - 4)*x", "0*x", "x: (n)"),
    ("n^4*x", "(10*n^3 - 35*n^2 + 50*n - 24)*x", "x: (n)"),
    ("(m - 1)*(m - 2)*(m - 3)*(n - 1)*(n - 2)*(n - 4)*kron(A, B)", "0*kron(A, B)", "A: (m, n); B: (m, n)"),
    ("A*B", "B*A", ""),
    ("A*x", "A'*x", ""),
    ("A*A'", "A'*A", "A: (n, n)"),
    ("sqrtm(S + T)", "sqrtm(S) + sqrtm(T)", "S: (n, n) spd; T: (n, n) spd"),
    ("expm(A + B)", "expm(A)*expm(B)", "A: (n, n); B: (n, n)"),
    ("logm(S*T)", "logm(S) + logm(T)", "S: (n, n) spd; T: (n, n) spd"),
    ("lambda_max(A + B)", "lambda_max(A) + lambda_max(B)", "A: (n, n) symmetric; B: (n, n) symmetric"),
    ("norm(x + y)", "norm(x) + norm(y)", ""),
    ("relu(x)", "x", "x: (n)"),
    ("sqrt(t^2)", "t", "t: scalar"),
    ("det(Q)", "1", "Q: (n, n) orthogonal"),
    ("kron(A, B)", "kron(B, A)", "A: (n, n); B: (n, n)"),
    ("rowsum(A)", "colsum(A)", "A: (n, n)"),
    ("g(A*x)", "A*g(x)", "A: (n, n)"),
    ("lgamma(t + 1)", "lgamma(t)", "t: scalar"),
    ("x'*A*x", "x'*A*x + (x'*x)/10^30", ""),
]

# one expression ; another ; declarations ; how the verdict begins
EQUAL = [
    ("log(a*b)", "log(a) + log(b)", "a: scalar; b: scalar", "equal where a and b are positive"),
    ("exp(log(x))", "x", "x: (n)", "equal where x is positive"),
    ("sqrt(a)*sqrt(b)", "sqrt(a*b)", "a: scalar; b: scalar", "equal where a and b are nonnegative"),
    ("det(A)*inv(A)", "adj(A)", "", "equal"),
    ("tr(A*B)", "tr(B*A)", "", "equal: one expression"),
    ("inv(X'*X)*X'", "pinv(X)", "X: (m, n)", "equal where Xᵀ X is invertible"),
    ("tr(logm(S*T))", "tr(logm(S)) + tr(logm(T))", "S: (n, n) spd; T: (n, n) spd", "equal"),
    ("logdet(expm(A))", "tr(A)", "A: (n, n)", "equal"),
    ("expm(S)*expm(S)", "expm(2*S)", "S: (n, n) symmetric", "equal"),
    ("sqrtm(S)*sqrtm(S)", "S", "S: (n, n) spd", "equal"),
    ("inv(A + B*C)", "inv(A) - inv(A)*B*inv(eye(k) + C*inv(A)*B)*C*inv(A)", "A: (n, n); B: (n, k); C: (k, n)", "equal"),
    ("pinv(X)*X*pinv(X)", "pinv(X)", "X: (m, n)", "equal"),
    ("det(Q)^2", "1", "Q: (n, n) orthogonal", "equal"),
    ("normnuc(X)^2", "tr(sqrtm(X'*X))^2", "X: (n, n)", "equal"),
    ("lambda_max(S*S)", "normspec(S)^2", "S: (n, n) symmetric", "equal"),
    ("lgamma(t + 1)", "lgamma(t) + log(t)", "t: scalar", "equal"),
    ("x'*x/10^10", "norm(x)^2/10^10", "", "equal"),
    ("det(kron(A, B))", "det(A)^p*det(B)^n", "A: (n, n); B: (p, p)", "equal"),
    ("vec(A*X*B)", "kron(B', A)*vec(X)", "", "equal"),
]

# expression ; variable ; claim ("" for twice our own answer) ; declarations ; how the verdict begins
WRONG = [
    ("logdet(c*A)", "c", "3/c", "c: scalar; A: (n, n)", "a factor is dropped: n"),
    ("det(A)", "A", "abs(det(A))*inv(A)'", "", "true only where det(A) is positive"),
    ("norm(y - X*inv(X'*X)*X'*y)^2", "X", "", "", "off by the factor 1/2"),
    ("tr(X*inv(X'*X)*X'*S)", "X", "", "", "off by the factor 1/2"),
    (KERNEL, "x", f"{KERNEL}*(x - y)/s^2", "s: scalar", "off by the factor -2"),
    (HALF_KERNEL, "x", f"{HALF_KERNEL}*(x - y)/s^2", "s: scalar", "off by the factor -1"),
    ("norm(X)^2", "X", "3*X", "X: (m, n)", "off by the factor 2/3"),
    ("logdet(X)", "X", "inv(X)", "", TURNED),
    ("logdet(X)", "X", "2*inv(X)", "", f"off by the factor 1/2, and {TURNED}"),
    ("logdet(S)", "S", "2*inv(S) - inv(S).*I", "S: (n, n) spd", FREE),
    ("logdet(S)", "S", "2*(2*inv(S) - inv(S).*I)", "S: (n, n) spd", f"off by the factor 1/2, and in {FREE}"),
    ("tr(A*S)", "S", "A + A' - A.*I", "S: (n, n) symmetric", FREE),
    ("x'*S*x", "S", "2*x*x' - diag(x.*x)", "S: (n, n) symmetric", FREE),
    ("det(S)", "S", "det(S)*(2*inv(S) - diag(diag(inv(S))))", "S: (n, n) symmetric", FREE),
    ("logdet(X)", "X", "2*inv(X) - inv(X).*I", "", f"true only if X is symmetric, and then {FREE}"),
    ("x'*A*x", "x", "2*A*x", "", "true only if A is symmetric"),
    ("norm1(x)", "x", "ones(n)", "x: (n)", "true only if x is positive"),
    ("tr(X'*A*X*B)", "X", "A*X*B + A*X*B'", "X: (m, n)", "true only if A is symmetric"),
    ("a'*X*X*b", "X", "X'*a*b' - a*(X*b)'", "", "in the claim, the sign of a term is wrong"),
    ("det(X)", "X", "inv(X)'", "", "a factor is dropped: det(X)"),
    ("det(X)", "X", "inv(X)", "", f"a factor is dropped: det(X), and {TURNED}"),
    ("norm(x)", "x", "x", "", "in the claim, a factor is dropped: 1/‖x‖"),
    ("norm(A.*X)^2", "X", "2*A.*A*X", "A: (n, n); X: (n, n)", "in the claim, a product is written for ⊙"),
    ("tr(A*B*X)", "X", "A'.*B'", "A: (n, n); B: (n, n); X: (n, n)", "in the claim, ⊙ is written for a product"),
    ("tr(A*X*B*X*C)", "X", "A'*C'*X'*B'", "A: (n, n); B: (n, n); C: (n, n); X: (n, n)", "in the claim, a term is missing"),
    ("norm(A*x - b)^2", "x", "2*A*(A*x - b)", "A: (n, n)", "true only if A is symmetric"),
    ("sum(log(softmax(x)))", "x", "1 - softmax(x)", "x: (n)", "in the claim, a factor is dropped: n"),
    ("x'*A*x/10^10", "x", "2*A*x/10^10", "", "true only if A is symmetric"),
    ("x'*A*x*10^10", "x", "(A - A')*x*10^10", "", "in the claim, the sign of a term is wrong"),
    ("norm(x - y)^2/10^10", "x", "2*(x + y)/10^10", "", "in the claim, the sign of a term is wrong"),
]


@pytest.mark.parametrize(("a", "b", "where"), UNEQUAL)
def test_unequal(a: str, b: str, where: str) -> None:
    v = mc.equal(a, b, where)
    assert not v.ok and v.verdict.startswith("different"), v.verdict


@pytest.mark.parametrize(("a", "b", "where", "verdict"), EQUAL)
def test_equal(a: str, b: str, where: str, verdict: str) -> None:
    v = mc.equal(a, b, where)
    assert v.ok and v.verdict.startswith(verdict), v.verdict


@pytest.mark.parametrize(("expr", "wrt", "claim", "where", "verdict"), WRONG)
def test_wrong_claims(expr: str, wrt: str, claim: str, where: str, verdict: str) -> None:
    if not claim:
        claim = f"2*({mc.derivative(expr, wrt, where).text()})"
    v = mc.check(expr, wrt, claim, where)
    assert not v.ok and not v.verdict.startswith("right"), v.verdict
    assert v.verdict.startswith(verdict)
    assert v.counterexample is not None


def test_a_dropped_transposition_is_named() -> None:
    v = mc.check("norm(A*x - b)^2", "x", "2*A*(A*x - b)", where="A: (n, n)")
    assert "in the claim, a transposition is dropped: Aᵀ is written A" in v.notes


def test_layout_of_claims() -> None:
    claim = "2*(A*x - b)'*A"
    assert mc.check("norm(A*x - b)^2", "x", claim, layout="numerator").verdict == "right"
    assert mc.check("norm(A*x - b)^2", "x", claim).verdict == TURNED


def test_sizes_read_apart_are_made_to_agree() -> None:
    d = mc.grad("norm(X - D*R)^2", "R")
    assert mc.equal(d.expr, mc.parse("-2*D'*(X - D*R)"))
    assert not mc.equal(d.expr, mc.parse("2*D'*(X - D*R)"))
    assert mc.equal(mc.parse("A*B"), mc.parse("B*A")).verdict.startswith("different: at A = ")
    assert mc.equal(mc.parse("f(A*x)", "f: (m) -> (); A: (m, n)"), mc.parse("f(A*x)", "f: (n) -> (); A: (n, m)"))
    assert mc.equal(mc.parse("x'*x"), mc.parse("x^2", "x: scalar")).verdict == "different: x is (n, 1) in one and (1, 1) in the other"


def test_verdicts_name_the_points() -> None:
    v = mc.equal("det(A)*inv(A)", "adj(A)")
    assert v.verdict == "equal: at 8 points: n = 2, 3, 1, 4; det of both signs; exact"
    assert mc.check("det(X)", "X", "adj(X)'").notes == ("equal at 8 points: n = 2, 3, 1, 4; det of both signs; exact",)
    (tried,) = mc.check("norm(X*w)", "X", "X*w*w'/sqrt(w'*X'*X*w)", where="X: (m, n)").notes
    assert tried.startswith("equal at 8 points: (m, n) = (2, 3), (3, 2), (2, 2), (4, 3), (1, 3)")
    assert "(m, n) = (2, 3), (3, 2), (2, 2)" in repr(mc.grad("norm(X*w)", "X", "X: (m, n)").check())


def test_a_claim_may_be_right_where_it_has_a_value() -> None:
    v = mc.check("t^2/2", "t", "exp(log(t))", "t: scalar")
    assert v.verdict == "right" and v.notes[0] == "right where t is positive"


def test_counterexamples_of_both_are_small_whole_numbers() -> None:
    for found in (mc.equal("A*B", "B*A").counterexample, mc.check("x'*A*x", "x", "A*x").counterexample):
        assert found is not None
        assert {float(x) for name in found for x in found[name].ravel()} <= {-2.0, -1.0, 1.0, 2.0, 3.0}


def test_nothing_is_decided_where_everything_is_saturated() -> None:
    with pytest.raises(mc.UnsupportedError, match="neither shown equal nor different"):
        mc.equal("erf(norm(X)^2 + 10^6)", "erf(2*norm(X)^2 + 10^6)")


# expression ; variable ; declarations ; something that is not the derivative
DERIVATIVES = [
    ("logdet(W*A*A)", "A", "W: (n, n) skew; A: (n, n)", "-inv(A)'"),
    ("x'*inv(W*W + S)*y", "W", "W: (n, n) skew; S: (n, n) spd; x: (n); y: (n)", "W"),
    ("norm(x)^2/10^12", "x", "", "x/10^12"),
    ("tr(A*P)", "P", "A: (n, n); P: (n, n) psd", "2*A"),
    ("tr(A*Q)", "Q", "A: (n, n); Q: (n, n) orthogonal", "Q"),
    ("norm(pinv(X)*b)^2", "X", "X: (m, n)", "X"),
    ("tr(expm(X*A))", "X", "X: (n, n)", "expm(X*A)'*A"),
    ("lambda_max(S)", "S", "S: (n, n) symmetric", "S"),
    ("sum(abs(x) + relu(x))", "x", "", "sign(x) + 1"),
    ("erf(x'*x)", "x", "", "x"),
    ("b'*A*b", "b", "b: (n) sphere; A: (n, n)", "A*b"),
    ("lambda_max(S)^2", "S", "S: (n, n) symmetric", "S"),
]


@pytest.mark.parametrize(("expr", "wrt", "where", "other"), DERIVATIVES)
def test_derivatives_are_checked(expr: str, wrt: str, where: str, other: str) -> None:
    d = mc.grad(expr, wrt, where)
    declared = "; ".join(filter(None, map(declaration, d.symbols.values())))
    found = replace(d, expr=mc.parse(other, declared)).check()
    assert not found.ok and found.points, found
    if "skew" not in where:
        assert d.check().ok, d.check()


# a program for 2*x ; what is said of it
PROGRAMS = [
    (lambda x, **_: 2 * x, ""),
    (lambda x, **_: 2 * x * (1 + 1e-15), ""),
    (lambda x, **_: 2 * x[:, None], "the program gives an array of shape"),
    (lambda x, **_: 2 * np.sum(x), "the program gives an array of shape"),
    (lambda x, **_: -2 * x, "the program is wrong"),
    (lambda x, **_: 2 * x + np.abs(x) * 1e-9, "the program is wrong"),
    (lambda x, **_: x / 0.0, "the program gives what is not finite"),
    (lambda y, **_: 2 * y, "the program raises TypeError"),
    (lambda x, **_: np.linalg.inv(np.zeros((2, 2))), "the program raises LinAlgError"),
]


@pytest.mark.parametrize(("program", "said"), PROGRAMS)
def test_programs_are_run(program: Callable[..., object], said: str) -> None:
    x = mc.vector("x", "n")
    found = [run(program, 2 * x, deal.point, [x]) for deal in deals(x, attempts=8)]
    assert all(f is not None and f.wrong.startswith(said) and bool(f.wrong) == bool(said) for f in found), found


def test_a_program_may_refuse_what_is_singular_in_floats_alone() -> None:
    t = mc.scalar("t")
    e = mc.parse("inv((1 + t^20)*eye(2) - eye(2))", "t: scalar")
    found = [run(lambda t, **_: np.linalg.inv(np.zeros((2, 2))), e, d.point, [t]) for d in deals(t, attempts=24)]
    assert None in found and any(f is not None and "LinAlgError" in f.wrong for f in found)


@pytest.mark.parametrize(("off", "wrong"), [(1e-15, False), (1e-3, True)])
def test_a_program_may_multiply_out_sums_that_are_zero(off: float, wrong: bool) -> None:
    e = mc.parse("(ones(n, m) - softmax_rows(X))'*W*(ones(n, m) - softmax_rows(X))", "X: (n, m); W: (n, n)")
    of_columns = [d.point for d in deals(e, attempts=24) if d.point.sizes["m"] == 1]
    found = [run(lambda X, W, **_: np.full((X.shape[1],) * 2, off * np.abs(W).max()), e, p, [e]) for p in of_columns]
    assert found and all(f is not None and bool(f.wrong) == wrong for f in found), found


def test_a_wrong_program_is_told_by_check(monkeypatch: pytest.MonkeyPatch) -> None:
    d = mc.grad("norm(A*x - b)^2", "x", where="A: (m, n)")
    assert d.check().ok
    monkeypatch.setattr(running, "compiled", lambda d, target: lambda **values: values["x"])
    found = d.check()
    assert not found.ok and "the program is wrong" in repr(found)


def test_what_a_program_may_be_off_is_relative_to_what_is_added_up() -> None:
    t = mc.scalar("t")
    e = mc.parse("(1 + t^20)^2 - (1 + 2*t^20)", "t: scalar")
    found = [run(lambda t, **_: (1 + t**20) ** 2 - (1 + 2 * t**20), e, d.point, [t]) for d in deals(t, attempts=12)]
    assert any(found) and not any(f.wrong for f in found if f)


@pytest.mark.parametrize("kind", claims.KINDS)
def test_a_hundred_of_each_kind(kind: str) -> None:
    assert claims.misjudged(kind, 100) == []
