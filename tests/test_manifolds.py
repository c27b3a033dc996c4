"""THE MANIFOLDS: every row proved along curves of its set, what a question about them is answered, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import matcalc as mc
from matcalc.calculus.manifolds import MANIFOLDS, OF_COMPLEX, Manifold, at, within
from matcalc.calculus.manifolds import TABLE as EVERY
from matcalc.checking.exact import values
from matcalc.checking.manifolds import check_along, check_gradient
from matcalc.checking.sampling import deals
from matcalc.cli import main
from matcalc.expr import ZERO, Expr, properties_of, symbol, variable
from matcalc.expr.properties import PROPERTIES
from tables import rows

# Functions to prove a row with: of a point among vectors, among matrices, among square ones, of spans.
FUNCTIONS = {
    "vector": ("x'*A*x + c'*x", "sum(x.^4) + (c'*x)^3", "logsumexp(A*x)"),
    "matrix": ("tr(A'*X) + norm(X*B)^2", "sum((X*B).^4)"),
    "square": ("tr(A'*X) + tr(X*B*X)", "sum((X*B).^3) + tr(A*X)^2"),
    "spd": ("tr(A*X) + logdet(X)", "tr(inv(X)*A*X*B)", "norm(X - A*A')^2"),
    "spans": ("tr(X'*A*X)", "logdet(X'*(A*A' + eye(m))*X)", "norm(B - X*X'*B)^2"),
}
N = symbol("n")
TABLE = [row for row in EVERY if row.name not in OF_COMPLEX]  # those of complex matrices are proved in test_complex.py


def posed(row: Manifold) -> list[tuple[str, str, str]]:
    """Questions for a row, one for each set and function: the expression, the variable, the declarations."""
    out = []
    for s in (s for s in row.sets if s in PROPERTIES):
        shape = PROPERTIES[s].shape if s != "positive" else "vector"
        kind = "spans" if row.spans else "spd" if s == "spd" else "matrix" if shape in ("matrix", "tall") else shape
        name, sizes = ("x", "n") if kind == "vector" else ("X", "n, n" if kind in ("square", "spd") else "m, n")
        where = {
            "vector": "A: (n, n); c: (n)", "matrix": "A: (m, n); B: (n, p)", "square": "A: (n, n); B: (n, n)", "spd": "A: (n, n); B: (n, n)",
            "spans": "A: (m, m); B: (m, p)",
        }[kind]  # fmt: skip
        out += [(f, name, f"{where}; {name}: ({sizes}) {s}") for f in FUNCTIONS[kind]]
    return out


REAL = [row for row in TABLE if row.name not in ("unitary", "hpd", "circle")]
GRADIENTS = [(row.name, *q) for row in REAL for q in posed(row)]
HESSIANS = [(row.name, *q) for row in TABLE if row.second for q in posed(row)]


@pytest.mark.parametrize(("name", "expr", "by", "where"), GRADIENTS)
def test_a_gradient_is_tangent_and_says_the_change_along_curves(name: str, expr: str, by: str, where: str) -> None:
    assert mc.grad(expr, by, where=where, manifold=name).check().ok


@pytest.mark.parametrize(("name", "expr", "by", "where"), HESSIANS)
def test_a_hessian_is_the_covariant_change_of_the_gradient(name: str, expr: str, by: str, where: str) -> None:
    assert mc.hessian(expr, by, where=where, manifold=name, along="V").check().ok


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_the_projection_leaves_tangent_vectors_and_the_lines_hold_of_them(row: Manifold) -> None:
    """A tangent vector is the projection of any: it is projected on itself, `tangency` vanishes there, and `along` is so."""
    shape = (N, 1) if row.name in ("sphere", "simplex", "positive") else (symbol("m"), N)
    x = variable("X", shape if PROPERTIES[row.sets[0]].shape != "square" else (N, N), {row.sets[0]})
    w = variable("W", x.shape)
    tangent = at(row.projection, X=x, W=w)
    if row.name in ("stiefel canonical", "spd bures-wasserstein"):
        tangent = at(row.first, X=x, G=w if row.name == "stiefel canonical" else w + w.T)
    v = variable("V", x.shape)
    zero = [at(text, X=x, V=tangent) for text in row.tangency]
    lines = [line.split(" = ") for line in row.along]
    same = [(at(left, X=x, V=tangent), at(right, X=x, V=tangent)) for left, right in lines]
    same += [(at(row.projection, X=x, W=tangent), tangent)] if row.projection != "W" else []
    same += [(at(row.projector, X=x, W=w), at(row.projection, X=x, W=w))] if row.projector and (x.is_vector or row.spans) else []
    seen = 0
    for deal in deals(x, w, attempts=8):
        found = values([e for pair in [*same, *((z, z - z) for z in zero)] for e in pair], deal.point)
        assert all(a == b for a, b in zip(found[::2], found[1::2], strict=True))
        seen += 1
    assert seen > 3
    for left, right in lines:
        made = within(row, x, v, at(left, X=x, V=v))
        assert made is at(right, X=x, V=v)


def spoiled(row: Manifold) -> list[tuple[str, Manifold]]:
    """A row with a mistake in one column."""
    wrong = {
        "second": f"2*({row.second})" if row.second else "",
        "projected": "W" if row.projection not in ("W", "(W + W')/2") else "",
        "lowered": "2*V",
    }
    return [(column, row._replace(**{column: text})) for column, text in wrong.items() if text]


@pytest.mark.parametrize(
    ("column", "row"), [(c, r) for row in TABLE if row.second for c, r in spoiled(row)], ids=lambda v: getattr(v, "name", v)
)
def test_the_proof_finds_a_mistake_in_a_column(column: str, row: Manifold) -> None:
    expr, by, where = posed(row)[1]
    right = mc.grad(expr, by, where=where, manifold=row.name)
    x = right.variable
    if column == "second":
        h = mc.hessian(expr, by, where=where, manifold=row.name, along="V")
        assert not check_along(right.expr, h.expr + h.expr, x, h.toward, row, scale=right.expr).ok
    elif column == "lowered":
        assert not check_gradient(right.of, right.expr, x, row).ok
    else:
        plain = mc.grad(expr, by, where=where).expr
        assert not check_gradient(right.of, at(row.first, X=x, G=plain), x, MANIFOLDS[row.name]).ok


# expression ; by ; where ; manifold ; answer
ANSWERS = """
x'*A*x                        ; x ; A: (n, n) symmetric; x: (n) sphere       ; sphere               ; 2*(A*x - (x'*A*x)*x)
tr(X'*A*X)                    ; X ; A: (n, n) symmetric; X: (n, k) stiefel   ; stiefel              ; 2*(A*X - X*X'*A*X)
tr(A'*X)                      ; X ; A: (n, k); X: (n, k) stiefel             ; stiefel canonical    ; A - X*A'*X
norm(A*Q - B)^2               ; Q ; A: (m, n); B: (m, n); Q: (n, n) orthogonal ; orthogonal         ; Q*B'*A*Q - A'*B
tr(Q'*A*Q)                    ; Q ; A: (n, n); Q: (n, n) orthogonal          ; orthogonal           ; zeros(n,n)
norm(R*X - Y)^2               ; R ; R: (l, l) rotation; X: (l, N); Y: (l, N) ; rotation             ; R*X*Y'*R - Y*X'
norm(B - X*X'*B)^2            ; X ; B: (n, m); X: (n, k) grassmann           ; grassmann            ; -2*(I - X*X')*B*B'*X
logdet(S) + tr(inv(S)*C)      ; S ; S: (n, n) spd; C: (n, n) symmetric       ; spd                  ; S - C
norm(logm(inv(sqrtm(C))*S*inv(sqrtm(C))))^2 ; S ; C: (n, n) spd; S: (n, n) spd ; spd                ; 2*S*logm(inv(C)*S)
logdet(S)                     ; S ; S: (n, n) spd                            ; spd bures-wasserstein ; 4*eye(n)
c'*p                          ; p ; c: (n); p: (n) simplex                   ; simplex              ; p.*c - (c'*p)*p
-sum(q.*log(p))               ; p ; q: (n) positive; p: (n) simplex          ; simplex              ; sum(q)*p - q
sum(log(x))                   ; x ; x: (n) positive                          ; positive             ; x
tr(A'*X)                      ; X ; A: (m, n); X: (m, n) sphere              ; sphere               ; A - tr(A'*X)*X
tr(X'*A*X)                    ; X ; A: (n, n) symmetric; X: (n, k) oblique   ; oblique              ; 2*(A*X - X*diag(diag(X'*A*X)))
"""


@pytest.mark.parametrize(("expr", "by", "where", "name", "answer"), rows(ANSWERS))
def test_gradients(expr: str, by: str, where: str, name: str, answer: str) -> None:
    d = mc.grad(expr, by, where=where, manifold=name)
    assert mc.equal(d.expr, mc.parse(answer, where=where))
    assert d.expr.weight <= mc.parse(answer, where=where).weight
    assert mc.parse(d.text(), where=where) is d.expr
    assert any(f"`{name}`" in note and "metric" in note for note in d.notes)
    assert mc.grad(expr, by, where=where, manifold=True).expr is d.expr or " " in name


def test_what_the_tangent_vector_is_known_to_be_is_used() -> None:
    where = "A: (n, n) symmetric; x: (n) sphere; v: (n)"
    assert mc.hessian("x'*A*x", "x", where=where, manifold="sphere", along="v").text() == "2*(A*v - (v'*A*x)*x - (x'*A*x)*v)"
    where = "c: (n); p: (n) simplex; v: (n)"
    d = mc.hessian("c'*p", "p", where=where, manifold="simplex", along="v")
    assert mc.equal(d.expr, "(c.*v - (c'*p)*v - (c'*v)*p)/2", where) and d.expr.weight <= 19
    d = mc.hessian("sum(p.*log(p))", "p", where=where, manifold="simplex", along="v")
    assert d.text() == "(v.*(log(p) + (2 - p'*log(p))) - (v'*log(p))*p)/2"


def test_without_a_manifold_the_hessian_along_a_vector_is_its_product() -> None:
    d = mc.hessian("x'*A*x", "x", where="A: (n, n); x: (n)", along="v")
    assert d.text() == "(A + A')*v" and d.check().ok


def test_a_variable_that_is_not_declared_lies_where_it_is_asked() -> None:
    d = mc.grad("tr(X'*A*X)", "X", where="A: (n, n) symmetric; X: (n, k)", manifold="stiefel")
    assert properties_of(d.variable) == ("stiefel",) and d.symbols["X"].properties == {"stiefel"} and d.check().ok


def test_the_gradient_without_the_keyword_offers_it() -> None:
    d = mc.grad("tr(A'*X)", "X", where="A: (n, k); X: (n, k) stiefel")
    assert d.text() == "A" and "manifold=True" in d.notes[0]
    assert d.tangent().text() == mc.grad("tr(A'*X)", "X", where="A: (n, k); X: (n, k) stiefel", manifold=True).text()


def test_what_a_declaration_says_is_used() -> None:
    for expr, where, short in (
        ("X'*X", "X: (n, k) stiefel", "I"), ("norm(X)", "X: (m, n) sphere", "1"), ("sum(p)", "p: (n) simplex", "1"), ("det(Q)", "Q: (n, n) rotation", "1"),
        ("diag(X'*X)", "X: (n, k) oblique", "ones(k)"),
    ):  # fmt: skip
        assert mc.simplify(expr, where) is mc.parse(short if short != "I" else "eye(k)", "X: (n, k)")


COMPLEX = [
    ("real(tr(A^H*X)) + norm(X - B)^2", "X", "A: (n, k) complex; B: (n, k) complex; X: (n, k) complex stiefel", "stiefel"),
    ("real(tr(A^H*X))", "X", "A: (n, k) complex; X: (n, k) complex", "stiefel canonical"),
    ("real(tr(A*U)) + abs(tr(B^H*U))^2", "U", "A: (n, n) complex; B: (n, n) complex; U: (n, n) unitary", "unitary"),
    ("logdet(S) + real(tr(inv(S)*C))", "S", "S: (n, n) hpd; C: (n, n) hermitian", "hpd"),
    ("real(a^H*z) + abs(b^H*z)^2", "z", "a: (n) complex; b: (n) complex; z: (n) complex circle", "circle"),
    ("real(a^H*z) + abs(b^H*z)^2", "z", "a: (n) complex; b: (n) complex; z: (n) complex sphere", "sphere"),
    ("real(tr(A^H*X)) + norm(X*B)^4", "X", "A: (n, k) complex; B: (k, k) complex; X: (n, k) complex sphere", "sphere"),
    ("norm(B*X - A)^2", "X", "A: (m, k) complex; B: (m, n) complex; X: (n, k) complex oblique", "oblique"),
    ("logdet(X^H*A*X) + norm(X^H*B)^2", "X", "A: (n, n) hpd; B: (n, m) complex; X: (n, k) complex", "grassmann"),
    ("norm(X - A)^2", "X", "A: (m, n) complex; X: (m, n) complex rank k", "fixed rank"),
]
# Those of which the table has a Hessian, and without a manifold.
COMPLEX_HESSIANS = [q for q in COMPLEX if q[3] in MANIFOLDS and MANIFOLDS[q[3]].second] + [
    ("norm(A*z - b)^2 + sum(abs(z).^4)", "z", "A: (m, n) complex; b: (m) complex; z: (n) complex", ""),
    ("tr(A*S*S) + a^H*inv(S)*a", "S", "A: (n, n) hermitian; a: (n) complex; S: (n, n) hpd", ""),
    ("norm(y - A*exp(1i*t))^2", "t", "A: (m, n) complex; y: (m) complex; t: (n)", ""),
]


@pytest.mark.parametrize(("expr", "by", "where", "name"), COMPLEX)
def test_a_gradient_on_a_complex_manifold_says_the_change_along_tangent_vectors(expr: str, by: str, where: str, name: str) -> None:
    d = mc.grad(expr, by, where=where, manifold=name)
    assert d.check().ok
    assert not replace(d, expr=d.expr + d.expr).check().ok


@pytest.mark.parametrize(("expr", "by", "where", "name"), COMPLEX_HESSIANS)
def test_a_hessian_along_a_complex_vector_is_the_covariant_change_of_the_gradient(expr: str, by: str, where: str, name: str) -> None:
    h = mc.hessian(expr, by, where=where, manifold=name or None, along="V")
    assert h.check().ok and not replace(h, expr=h.expr + h.expr).check().ok
    assert h.steps()[-1].text == f"H = {h.text()}"


@pytest.mark.parametrize(("expr", "where", "short"), [
    ("z^H*z", "z: (n) complex sphere", "1"), ("z'*z", "z: (n) complex sphere", "z'*z"), ("X^H*X", "X: (n, k) complex stiefel", "eye(k)"),
    ("diag(X^H*X)", "X: (n, k) complex oblique", "ones(k)"), ("norm(X)", "X: (n, k) complex sphere", "1"),
])  # fmt: skip
def test_what_a_declaration_of_a_complex_set_says_is_used(expr: str, where: str, short: str) -> None:
    assert mc.simplify(expr, where) is mc.parse(short, where)


GRASSMANN = "A: (n, k); X: (n, k) grassmann"
REFUSED = [
    (lambda: mc.grad("tr(A'*X)", "X", where=GRASSMANN, manifold="grassmann"), mc.UnsupportedError, "span"),
    (lambda: mc.hessian("tr(A'*X)", "X", where=GRASSMANN, manifold="stiefel canonical", along="V"), mc.UnsupportedError, "no formula for the Hessian"),
    (lambda: mc.hessian("norm(X)^2", "X", where="X: (m, n) rank k", manifold="fixed rank", along="V"), mc.UnsupportedError, "no formula for the Hessian"),
    (lambda: mc.hessian("tr(A'*X)", "X", where=f"{GRASSMANN}; V: (k, n)", manifold="stiefel", along="V"), mc.ShapeError, "tangent vector"),
    (lambda: mc.hessian("norm(X)^2", "X", where="X: (n, k) stiefel", manifold=True), mc.ParseError, "tangent vector"),
    (lambda: mc.hessian("norm(X)^2", "X", where="X: (n, k) stiefel", manifold=True, along="X"), mc.ParseError, "tangent vector"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, k); A: (n, k)", manifold="stifel"), mc.UnsupportedError, "did you mean `stiefel`"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, n); A: (n, n)", manifold="unitary"), mc.NotDifferentiableError, "real function"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, k); A: (n, k)", manifold=True), mc.UnsupportedError, "no manifold"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (2, 3); A: (2, 3)", manifold="stiefel"), mc.ShapeError, "at least as many rows"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, k); A: (n, k)", manifold="orthogonal"), mc.ShapeError, "stiefel"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, k); A: (n, k)", manifold="simplex"), mc.ShapeError, "vector"),
    (lambda: mc.grad("tr(A'*X)", "X", where="X: (n, n) symmetric; A: (n, n)", manifold="sphere"), mc.UnsupportedError, "symmetric"),
    (lambda: mc.grad("tr(A'*X)", "X[:,j]", where="X: (n, k); A: (n, k)", manifold="stiefel"), mc.UnsupportedError, "whole variable"),
    (lambda: mc.grad("tr(A'*X)", "X", where=GRASSMANN, manifold="stiefel", layout="numerator"), mc.UnsupportedError, "layout"),
    (lambda: mc.parse("X", where="X: (n, k) orthogonal"), mc.ShapeError, "stiefel"),
    (lambda: mc.parse("X", where="X: (3, 4) stiefel"), mc.ShapeError, "at least as many rows"),
    (lambda: mc.grad("real(tr(A^H*X))", "X", where="A: (n, k) complex; X: (n, k) complex grassmann", manifold=True), mc.UnsupportedError, "all unitary Q"),
    (lambda: mc.grad("real(tr(A^H*X))", "X", where="A: (n, n) complex; X: (n, n) complex", manifold="orthogonal"), mc.UnsupportedError, "real matrices"),
    (lambda: mc.parse("X", where="X: (3, 4) rank 5"), mc.ShapeError, "rank 5"),
    (lambda: mc.parse("X", where="X: (n, k) stiefel positive"), mc.ParseError, "alone"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "error", "words"), REFUSED)
def test_refused(ask, error: type[mc.MatcalcError], words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=words) as found:
        ask()
    assert "^" in str(found.value)


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    where = "A: (n, n) symmetric; X: (n, k) stiefel"
    for more in (["--manifold", "stiefel"], ["--manifold"]):
        assert main(["grad", "tr(X'*A*X)", "--wrt", "X", "--where", where, "--to", "text", *more]) == 0
        made = capsys.readouterr()
        assert made.out == "2*(A - X*X'*A)*X\n" and "metric" in made.err
    more = ["--manifold", "grassmann", "--along", "V", "--check", "--to", "json"]
    assert main(["hessian", "tr(X'*A*X)", "--wrt", "X", "--where", where, *more]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] == "2*(I - X*X')*(A*V - V*X'*A*X)" and found["shape"] == ["n", "k"] and found["checked"]["ok"]


def test_steps_and_programs() -> None:
    d = mc.grad("tr(X'*A*X)", "X", where="A: (n, n) symmetric; X: (n, k) stiefel", manifold=True)
    assert d.steps()[-1].text.endswith(d.text())
    h = mc.hessian("tr(X'*A*X)", "X", where="A: (n, n) symmetric; X: (n, k) stiefel", manifold=True, along="V")
    assert h.steps()[-1].text == f"H = {h.text()}" and "stiefel" in h.steps()[-1].rule
    assert all("def hessian(A, V, X" in h.code(target) for target in ("numpy", "jax", "torch"))


def test_a_zero_of_the_table_has_its_shape() -> None:
    x, v = variable("X", (symbol("m"), N), {"grassmann"}), variable("V", (symbol("m"), N))
    made: Expr = within(MANIFOLDS["grassmann"], x, v, x.T @ v)
    assert made.op is ZERO and made.shape == (N, N)
