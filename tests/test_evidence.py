"""Names that nobody declares: what they are taken for, and that every answer says so.

Tables: expression ; how it is read.  Each is read as where a scalar is asked for.
"""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import matcalc as mc
from matcalc.api.read_as import read_as
from matcalc.cli import main
from matcalc.limits import MOST_READINGS
from matcalc.reading import read
from tables import rows


def listing(text: str, where: str = "") -> str:
    reading = read(text, where, scalar=True)
    return read_as(reading.expr, reading.symbols).partition(" · ")[2]


READ = rows(r"""
||y - X beta||^2            ; y (m) inferred: in a norm · X (m, n) inferred · β (n) inferred: right of a matrix
(x-mu)^T Sigma^-1 (x-mu)    ; x (n) inferred: transposed · μ (n) inferred: transposed · Σ (n, n) inferred
beta^T beta                 ; β (n) inferred: transposed
sigma(theta^T x)            ; θ (n) inferred: transposed · x (n) inferred · σ elementwise inferred
norm(y - 2*theta/3)         ; y (n) inferred: in a norm · θ (n) inferred: in a norm
norm1(exp(theta))           ; θ (n) inferred: in a norm
sum(theta^2)                ; θ (n) inferred: in sum( )
mean(-log(theta))           ; θ (n) inferred: in mean( )
logsumexp(theta/3)          ; θ (n) inferred: in logsumexp( )
sum(diag(theta))            ; θ (n) inferred: in diag( )
sum(kron(alpha, beta))      ; α (m) inferred: in kron( ) · β (n) inferred: in kron( )
theta[k]^2                  ; θ (n) inferred: has entries
sum(log(1 + exp(-theta)))   ; θ (n) inferred: in sum( )
sum((x - mu)^2)             ; x (n) inferred · μ (n) inferred: added to a vector
pi'*r                       ; π (n) inferred · r (n) inferred
x'*mu                       ; x (n) inferred: transposed · μ (n) inferred: right of a matrix
y'*log(sigmoid(X*theta))    ; y (m) inferred: transposed · X (m, n) inferred · θ (n) inferred: right of a matrix
norm(X*(alpha.*beta) - y)   ; X (m, n) inferred · α (n) inferred: entry by entry with a vector · β (n) inferred: entry by entry with a vector · y (m) inferred: in a norm
y'*x/(z'*beta)              ; y (m) inferred: transposed · x (m) inferred · z (n) inferred: transposed · β (n) inferred: right of a matrix
mean((y - X*beta - a)^2)    ; y (m) inferred · X (m, n) inferred · β (n) inferred: right of a matrix · a (m) inferred
mean((y-X*beta-alpha)^2)    ; y (m) inferred · X (m, n) inferred · β (n) inferred: right of a matrix · α (m) inferred: added to a vector
mu*norm(x)^2                ; μ scalar inferred · x (n) inferred: in a norm
logdet(A + λI)              ; A (n, n) inferred · λ scalar inferred
sum(X*lambda + Y)           ; X (m, n) inferred · λ scalar inferred · Y (m, n) inferred
exp(-gamma*norm(x - y)^2)   ; γ scalar inferred · x (n) inferred: in a norm · y (n) inferred: in a norm
sum(sigma^2*x)              ; σ scalar inferred · x (n) inferred
x'x + mu*t + rho*t^2        ; x (n) inferred: transposed · μ scalar inferred · t scalar inferred: only that fits · ρ scalar inferred
x^2 + 3x + 1                ; x scalar inferred: only that fits
sum(x^2)                    ; x (n) inferred: in sum( )
norm(x^2 - y)               ; x (n) inferred · y (n) inferred: in a norm
\|\mathbf x\|^2 + \mathbf w^\top \mathbf x ; x (n) inferred: in a norm · w (n) inferred: transposed
\exp(A \boldsymbol\beta)     ; A (m, n) inferred · β (n) inferred: bold
""")


@pytest.mark.parametrize(("text", "expected"), READ, ids=lambda cell: cell)
def test_names_are_what_their_place_says(text: str, expected: str) -> None:
    assert listing(text) == expected


def test_the_reading_of_a_paste_agrees_with_numpy() -> None:
    random = np.random.default_rng(0)
    X, y, beta = random.normal(size=(5, 3)), random.normal(size=5), random.normal(size=3)
    found = mc.grad("||y - X beta||_2^2/2 + lambda ||beta||^2", "beta").compile("numpy")(
        X=X, y=y, beta=beta, **{"lambda": 0.5, "lambda_": 0.5}
    )
    assert np.allclose(found, X.T @ (X @ beta - y) + beta)


# Where no scalar is asked for: what stands beside scalars is one.
BESIDE = rows("""
x'*A*x + 2b'x + c             ; x (n) inferred: transposed · A (n, n) inferred · b (n) inferred: transposed · c scalar inferred: beside a scalar
sigmoid(w'x + b)              ; w (n) inferred: transposed · x (n) inferred · b scalar inferred: beside a scalar
a'x + b + c                   ; a (n) inferred: transposed · x (n) inferred · b scalar inferred: beside a scalar · c scalar inferred: beside a scalar
||y - X*w||^2 + c*||w||_1   ; y (m) inferred: in a norm · X (m, n) inferred · w (n) inferred: in a norm · c scalar inferred: beside a scalar
|a'x - b|^2                   ; a (n) inferred: transposed · x (n) inferred · b scalar inferred: beside a scalar
norm(X*w - y)^2/N             ; X (m, n) inferred · w (n) inferred · y (m) inferred: in a norm · N scalar inferred: divides
1/(2*N)*sum((y - X*w)^2)      ; N scalar inferred: divides · y (m) inferred · X (m, n) inferred · w (n) inferred
w'*S*w/(w'*B*w)               ; w (n) inferred: transposed · S (n, n) inferred · B (n, n) inferred
np.sum(np.square(X @ w - y)) / N ; X (m, n) inferred · w (n) inferred: in a product of arrays · y (m) inferred · N scalar inferred: divides
logsumexp(z/T)                ; z (n) inferred · T scalar inferred: divides
norm(w)^2/2 + C*sum(relu(b - X*w)) ; w (m) inferred: in a norm · C scalar inferred: beside a scalar · b (n) inferred · X (n, m) inferred
N*log(s) + tr(S)              ; N scalar inferred: beside a scalar · s scalar inferred: beside a scalar · S (n, n) inferred
A*x + B*y                     ; A (m, n) inferred · x (n) inferred · B (m, p) inferred · y (p) inferred
A*x + b                       ; A (m, n) inferred · x (n) inferred · b (m) inferred
softmax(x) + c                ; x (n) inferred: in softmax( ) · c (n) inferred
norm(x)*x + c                 ; x (n) inferred: in a norm · c (n) inferred
u'v + A*w + b                 ; u (m) inferred: transposed · v (m) inferred · A (n, p) inferred · w (p) inferred · b (n) inferred
""")


@pytest.mark.parametrize(("text", "expected"), BESIDE, ids=lambda cell: cell)
def test_what_stands_beside_a_scalar_is_one(text: str, expected: str) -> None:
    reading = read(text)
    assert read_as(reading.expr, reading.symbols).partition(" · ")[2] == expected


DECLARED = rows("""
norm(theta - t)^2   ; theta: scalar; t: scalar      ; θ scalar · t scalar
norm(A*x - mu)^2    ; A: (m, n)                     ; A (m, n) · x (n) inferred · μ (m) inferred: in a norm
x'*S*x + f(x)       ; S: (n, n) spd; f: (n) -> ()   ; S (n, n) spd · f (n) → scalar · x (n) inferred: transposed
beta*norm(X)^2      ; beta: scalar; X: (m, n)       ; β scalar · X (m, n)
X*beta              ; beta: scalar                  ; β scalar · X (m, n) inferred
g(w)'*w             ; g: elementwise                ; g elementwise · w (n) inferred: transposed
""")


@pytest.mark.parametrize(("text", "where", "expected"), DECLARED, ids=lambda cell: cell)
def test_what_is_declared_wins(text: str, where: str, expected: str) -> None:
    assert listing(text, where) == expected


# --- what is asked about -----------------------------------------------------------------------------------------------

ASKED = rows("""
norm(theta - t*x)^2     ; -                       ; ParseError       ; either t or x could be the scalar … declare t: (n) or t: scalar
norm(X*(alpha*beta)-y)  ; -                       ; ParseError       ; either alpha or beta could be the vector … declare alpha: (n) or
x'*x'                   ; -                       ; ShapeError       ; do not fit … read as: x (?) inferred: transposed
X*b + c                 ; X: (m, n); c: (k)       ; ShapeError       ; do not fit … read as: X (m, n) · c (k) · b (n) inferred
A + x                   ; A: (n, n)               ; ShapeError       ; every column or to every row … read as: A (n, n) · x (n) inferred
A*x + b                 ; -                       ; ShapeError       ; scalar … jacobian … read as: A x + b · A (m, n) inferred
X^2                     ; X: (m, n)               ; ShapeError       ; square … .^ … read as: X (m, n)
sum((A*X)^2)            ; A: (m, n); X: (n, p)    ; ShapeError       ; needs a square matrix, not (m, p) … .^
logsumexp(A*B)          ; -                       ; ShapeError       ; needs a vector … logsumexp_rows(A*B)
max(A x)                ; -                       ; UnsupportedError ; logsumexp
norm(X1*w)              ; X_1: (m, n)             ; UnknownNameError ; `X_1` is declared, but the text has `X1`
varphi*norm(x)          ; φ: (n)                  ; UnknownNameError ; `φ` is declared, but the text has `varphi`
norm(x_k - y)           ; x: (n)                  ; UnknownNameError ; `x` is declared, but the text has `x_k` … an entry is x[k]
f1(x)'*x                ; f_1: elementwise        ; UnknownNameError ; `f_1` is declared, but the text has `f1`
norm(x)                 ; mu: (n); μ: scalar      ; ParseError       ; `mu` and `μ` are one name
X*theta - y             ; -                       ; ShapeError       ; read as: X θ − y · X (m, n) inferred · θ (n) inferred: right of a matrix
x'y/‖x‖‖y‖              ; -                       ; ParseError       ; is it divided by `‖y‖` too? … /(‖x‖ ‖y‖), or ‖y‖ in front
x^t*A*x                 ; t: (n)                  ; ShapeError       ; an exponent is a scalar … the transpose is ' or ^T
""")


@pytest.mark.parametrize(("text", "where", "error", "words"), ASKED, ids=lambda cell: cell)
def test_what_is_not_clear_is_asked_about(text: str, where: str, error: str, words: str) -> None:
    with pytest.raises(getattr(mc, error)) as caught:
        mc.grad(text, where=where.strip("-"))
    assert re.search(".*".join(map(re.escape, words.split(" … "))), str(caught.value), re.DOTALL), str(caught.value)


def test_many_names_are_read_in_a_few_passes_or_asked_about() -> None:
    count = 2 * MOST_READINGS
    many = " + ".join(f"norm(y - X*beta_{i})^2" for i in range(count))
    assert sum(s.kind == "vector" for s in read(many, "X: (m, n)").symbols.values()) == count + 1
    tangled = ".*".join(f"beta_{i}" for i in range(20))
    with pytest.raises(mc.ParseError, match=r"(?s)too many names are not declared.*declare beta_0: \(n\) or beta_0: scalar"):
        read(f"norm(A*({tangled}) - b)")


# --- one symbol, one name ----------------------------------------------------------------------------------------------

SPELLED = rows(r"""
||y - X β||²           ; -                ; beta    ; -2*X'*(y - X*β)            ; -
||y - X beta||^2       ; -                ; β       ; -2*X'*(y - X*beta)         ; -
norm(x - μ)^2          ; mu: (n)          ; mu      ; 2*(mu - x)                 ; μ and mu are one name
norm(x - mu)^2         ; μ: (n)           ; mu      ; 2*(μ - x)                  ; mu and μ are one name
theta'*x + θ'*y        ; -                ; theta   ; x + y                      ; θ and theta are one name
lambda_*norm(w)^2      ; λ: scalar        ; lambda  ; norm(w)^2                  ; lambda_ and λ are one name
\lambda x^\top x       ; -                ; λ       ; x'*x                       ; -
σ₁*x'*x                ; sigma1: scalar   ; sigma_1 ; x'*x                       ; σ_1 and sigma1 are one name
φ(x)'*y + phi(x)'*y    ; phi: elementwise ; x       ; 2*y.*phi'(x)               ; φ and phi are one name
""")


@pytest.mark.parametrize(("text", "where", "wrt", "answer", "note"), SPELLED, ids=lambda cell: cell)
def test_all_spellings_of_a_name_are_one(text: str, where: str, wrt: str, answer: str, note: str) -> None:
    d = mc.grad(text, wrt, where=where.strip("-"))
    assert d.text() == answer
    assert [n for n in d.notes if n.endswith("one name")] == [note] * (note != "-")


def test_a_claim_and_a_list_of_variables_may_spell_otherwise() -> None:
    assert mc.check("norm(y - X*β)^2", "beta", "2*X'*(X*beta - y)")
    assert mc.grad("mu'*nu", "μ,ν")["mu"].text() == "nu"


# --- powers, primes, fractions: what can be read twice -----------------------------------------------------------------

NOTED = rows(r"""
sum(x^2)                  ; x ; 2*x                            ; -
sum((X*w - y)^2)          ; w ; 2*X'*(X*w - y)                 ; -
sum((x - y)^2./z^3)       ; x ; 2*(x - y)./z.^3                ; -
x^2 + 3x + 1              ; x ; 2*x + 3                        ; -
sum(X^3)                  ; X ; -                              ; X^3 is read as the matrix power, so X is square; entry by entry it is .^
sum((A*X - B)^2)          ; X ; -                              ; (A*X - B)^2 is read as the matrix power, so (A*X - B) is square; entry by entry it is .^
a'*X^-1*b                 ; X ; -inv(X)'*a*(inv(X)*b)'         ; -
norm(x - x')^2            ; x ; 2*(x - x_prime)                ; x' is read as another variable, x_prime
x^T x'                    ; x ; x_prime                        ; x' is read as another variable, x_prime
\|x - x^\prime\|^2        ; x ; 2*(x - x_prime)                ; x' is read as another variable, x_prime
x'*y + norm(y - y')^2     ; x ; y                              ; y' is read as another variable, y_prime
x'*A*x                    ; x ; (A + A')*x                     ; -
norm(g(x) - y)^2          ; x ; 2*(g(x) - y).*g'(x)            ; g(x) is read entry by entry; a function with a Jacobian is declared: g: (n) -> (m)
x^t x                     ; x ; 2*x                            ; ^t is read as the transpose; of a power t is declared: t: scalar
x^t                       ; x ; -                              ; ^t is read as a power; the transpose is ' or ^T
sigma^2*norm(x)^2/2n      ; x ; n*sigma^2*x                    ; /2 n is read as times n, over 2; dividing by both is /(2 n)
1/2 sigma^2 norm(x)^2     ; x ; sigma^2*x                      ; /2 sigma^2 is read as times sigma^2, over 2; dividing by both is /(2 sigma^2)
1/2 x'x                   ; x ; x                              ; -
norm(x)^1/2               ; x ; -                              ; norm(x)^1/2 is read as a quotient; a power has its exponent in parentheses: ^(1/2)
\exp(-|x - y|^2)          ; x ; -                              ; |·| of a vector is read as its norm; entry by entry it is abs(x)
tr(softmax(Q*K')*V)       ; V ; softmax_rows(Q*K')'             ; softmax of a matrix is that of each row; for the columns transpose before and behind it
sum((y - a - X*b)^2)      ; b ; -                              ; a is read as a vector; a number that is added to each entry is declared: a: scalar
\mathrm{tr}(A B)^{1/2}    ; B ; -                              ; \mathrm{tr}(A B)^{1/2} is read as the root of the trace; the trace of the root is tr(sqrtm(…))
""")


@pytest.mark.parametrize(("text", "wrt", "answer", "note"), NOTED, ids=lambda cell: cell)
def test_what_can_be_read_twice_is_noted(text: str, wrt: str, answer: str, note: str) -> None:
    d = mc.grad(text, wrt)
    assert answer in ("-", d.text())
    assert [n for n in d.notes if not n.startswith("differentiable")] == [note] * (note != "-")
    assert d.check().ok


def test_a_power_of_a_vector_is_taken_entry_by_entry() -> None:
    assert mc.jacobian("x^2", "x", where="x: (n)").text() == mc.jacobian("sin(y) + x^2", "x", where="y: (n)").text() == "2*diag(x)"
    assert mc.jacobian("(X*w - y)^2", "w").text() == "2*diag(X*w - y)*X"
    assert mc.jacobian("A*x^2", "x").text() == "2*A*diag(x)"
    assert mc.parse("x^-1", "x: (n)") is mc.parse("1./x", "x: (n)")
    assert mc.parse("A^2*x^2", "A: (n, n); x: (n)") is mc.parse("A*A*(x.^2)", "A: (n, n); x: (n)")


def test_an_undeclared_name_alone_under_a_power_is_a_scalar() -> None:
    assert mc.check("x^2 + 3*x", "x", "2*x + 3")
    assert mc.equal("(a + b)^2", "a^2 + 2*a*b + b^2")
    assert mc.parse("(x'*A*x - c)^2").is_scalar


# --- how it was read is said with every answer ---------------------------------------------------------------------------

LINE = "‖y − X β‖² · X (m, n) · y (m) inferred: in a norm · β (n) inferred: right of a matrix"
ASK = ("norm(y - X*beta)^2", "--wrt", "beta", "--where", "X: (m, n)")


def test_python_says_how_it_was_read() -> None:
    d = mc.grad("norm(y - X*beta)^2", "beta", where="X: (m, n)")
    assert d.read_as == mc.grad("norm(y - X*beta)^2", "beta,y", where="X: (m, n)").read_as == LINE
    assert d.notes == ()
    assert d.symbols["beta"].reason == "right of a matrix" and not d.symbols["X"].reason
    assert f"read as: {LINE}" in d._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("command", ["grad", "hessian", "differential", "check", "simplify"])
def test_the_command_says_how_it_was_read(capsys: pytest.CaptureFixture[str], command: str) -> None:
    claim = ["--claim", "2*X'*(X*beta - y)"] if command == "check" else []
    given = ["norm(y - X*beta)^2", "--where", "X: (m, n)"] if command == "simplify" else [*ASK, *claim]
    assert main([command, *given]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told.count(f"read as: {LINE}") == 1 and not any("note: inferred" in line for line in told)


def test_json_says_how_it_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grad", *ASK, "--to", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["read_as"] == LINE and answer["notes"] == []


def test_a_long_formula_is_cut() -> None:
    d = mc.grad(" + ".join(f"norm(A_{i}*x)^2" for i in range(100)), "x")
    assert d.read_as.partition(" · ")[0].endswith("…") and "A₉₉ (" in d.read_as


# what is asked by its derivative ; the variable ; whether it is read as a scalar
EITHER = [
    ("log(1 + e^{-y w^T x})", "w", True),
    (r"\sum_{i=1}^n \max(0, 1 - y_i(w^\top x_i + b)) + \lambda \|w\|^2", "w", True),
    (r"(r + \gamma \phi'^\top w - \phi^\top w)^2", "w", True),  # which nothing else fits
    ("exp(x)", "x", False),
    ("A*x + b", "x", False),
]


@pytest.mark.parametrize(("text", "by", "scalar"), EITHER, ids=[text for text, *_ in EITHER])
def test_what_may_be_either_is_a_scalar_where_the_variable_stays_an_array(text: str, by: str, scalar: bool) -> None:
    d = mc.derivative(text, by)
    assert d.of.is_scalar == scalar and not d.variable.is_scalar


# a text ; by ; the declaration of one of its names, as it is inferred without it
ONE_DECLARED = [
    (r"f(x) + y^T(Ax - b) + (\rho/2)\|Ax-b\|^2_2", "y", "A: (m, n)"),
    (r"y^T K(\theta)^{-1} y + \log\det K(\theta)", "K", "K: (n, n)"),
    (r"\bar{g}(\beta)'W(\beta)^{-1}\bar{g}(\beta)", "g_bar", "g_bar: (n)"),
    (r"\sum_{(i,j) \in \Omega} (X_{ij} - M_{ij})^2", "X", "Omega: (m, n)"),
    (r"\|P_\Omega(X) - P_\Omega(M)\|_F^2", "X", "Omega: (m, n)"),
    (r"\|\theta - \theta_0\|^2", "theta", "theta: (n)"),
    (r"\|\psi - \psi_0\|^2", "psi", "psi: (n)"),
    (r"\sum_i (y_i - \beta_0 - x_i^\top \beta)^2", "beta", "beta: (n)"),
    (r"f(x_k) + g^T(x - x_k) + \frac{L}{2}\|x - x_k\|^2", "x", "x: (n)"),
    (r"\langle \pi, C\rangle + \epsilon \|\pi\|_F^2", "pi", "C: (m, n)"),
    (r"\sum_{i=1}^N \left\| y_i - w^T x_i - b \right\|_2^2", "w", "x: (N, n)"),
    (r"\left\|y - \sum_{j=1}^J X_j \beta_j\right\|^2 + \lambda \sum_{j=1}^J \|\beta_j\|", "beta", "beta: (J, p)"),
    (r"\sum_i f^2(x_i)", "x", "f: elementwise"),
]


@pytest.mark.parametrize(("text", "by", "where"), ONE_DECLARED, ids=[text[:30] for text, *_ in ONE_DECLARED])
def test_a_declaration_of_what_is_inferred_anyway_changes_nothing(text: str, by: str, where: str) -> None:
    assert mc.derivative(text, by, where=where).text() == mc.derivative(text, by).text()
