"""Our texts read back: text, Unicode and LaTeX of the same expression are the same expression, with the same declarations."""

from __future__ import annotations

import pytest

import matcalc as mc
from expressions import M, N, Sampler
from matcalc.calculus import gradient
from matcalc.expr import Expr, variables
from matcalc.operators import MATRIX
from matcalc.reading import read
from matcalc.simplification import simplify
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode

WRITERS = ((text, "text"), (unicode, "text"), (latex, "latex"))
WHERE = (
    "A: (m, n); X: (m, n); B: (n, p); C: (n, n); S: (n, n) symmetric; P: (n, n) spd; x: (n); y: (n); a: (m); s: scalar; alpha_1: scalar; "
    "J: (m, n); f: (m, n) -> (); F: (m, n) -> (p, q); g: elementwise; phi: elementwise"
)
LINES = """
ones(n)'*x
sum(A)
ones(m, n)
ones(n)
eye(n)[:,1] - 1/n
1 - eye(n)[:,1]/2
x[1]*eye(n)[:,2] + x[2]*eye(n)[:,1]
eye(n) + eye(n)[:,1]*eye(n)[:,2]'
eye(m)[:,1]*eye(n)[:,2]' + 1
1 - tanh(A*x).^2
x - mean(x)
eye(n)
eye(m*n)
eye(3)
zeros(m, n)
zeros(m*n)
zeros(m*n, p)
kron(x*ones(m)'*(eye(m) + ones(m)*ones(m)'), A)
ones(m)'*(eye(m) + ones(m)*ones(m)')*a
x*ones(p)'*inv(eye(p) + ones(p)*ones(p)')
(ones(p)'*(2*eye(p) + ones(p)*ones(p)')*ones(p))*x
ones(n)*x' + ones(n, n)
x*eye(n)[:,1]' + y*eye(n)[:,2]'
(s*eye(n) + ones(n, n))*x
C + s*eye(n)
commutation(m, n)
commutation(m, n)*vec(A)
kron(A, eye(p))*commutation(n, p)
pinv(A)
pinv(A)'
normnuc(A)*exp(s)^normnuc(A)
sqrt(x'*S*x)
sqrt(pi)
sqrt(s*x)
sqrtm(P)
inv(sqrtm(P))
sqrtm(P)*x
khatrirao(A, X)
kron(A, X)
kron(A, B)'
norm(A) + normnuc(A) + normspec(A) + norm(x)
lambda_max(S)*v_max(S)
logm_frechet(P, C)
expm_frechet(C, S)
expm_frechet2(C, S, P)
logm_frechet2(P, S, C)
expm_jacobian(C)
logm_jacobian(P)
expm_jacobian2(C, S)
f(J)
grad(f)(J)
hess(f)(J)
F(J)
jac(F)(J)
jac(F)(A*C)*kron(eye(n), A)
g(x)
g'(x)
phi'(A*x)
alpha_1*x
x[i]
A[2,:]
A[:,j]
A[i,j]
eye(n)[:,i]
eye(n)[:,2]
x + eye(n)[:,i]
a*eye(n)[:,j]'
inv(C')
inv(C)^2
1./(1 + exp(-x))
(x./y).^s
x.^(1/2)
x.^-1
2^s
s^(1/3)
s^-2
-(x - y)
A/(s + 1)
unvec(kron(x, a), m, n)
det(C)*logdet(P)*tr(C)
prod(x)*log(prod(a))
diag(x)*diag(C)
tril(C) + triu(C)'
softmax(x) + softmax_rows(C)*logsumexp_rows(C)
sylvester(C, P, S)
adj(C) + polar(C)
abs(x)'*sign(x) + abs(det(C))
2*3^s*A
""".strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_what_is_written_reads_back(line: str) -> None:
    e = read(line, WHERE).expr
    for write, source in WRITERS:
        assert read(write(e), WHERE, source=source).expr is e, write(e)


@pytest.mark.parametrize("expr", ["X'", "K*vec(X')", "(K*vec(X'))'"])
def test_a_commutation_matrix_of_numeric_sizes_is_no_entry_of_a_declared_K(expr: str) -> None:
    where = "X: (2, 3); K: (6, 6)"
    d = mc.jacobian(expr, "X", where=where)
    assert "commutation" in d.text()
    for written in (d.text(), d.unicode(), d.latex()):
        assert mc.parse(written, where=where) is d.expr, written


def declared(e: Expr) -> str:
    shown = [
        f"{v.data[0]}: {'scalar' if v.is_scalar else str(v.shape).replace(', 1)', ')')}{' symmetric' * (v.symmetric and not v.is_scalar)}"
        for v in variables(e)
    ]
    return "; ".join([*shown, "g: elementwise; m_: (m); n_: (n)"])


@pytest.mark.parametrize("batch", range(10))
def test_random_expressions_and_their_gradients_read_back(batch: int) -> None:
    for seed in range(20 * batch, 20 * batch + 20):
        sampler = Sampler(seed)
        f = sampler.draw(sampler.rng.choice([(1, 1), (1, 1), (M, 1), (M, N), (N, N)]), sampler.rng.randint(2, 4))
        for e in (f, *(map(simplify, gradient(f, variables(f)[:2])) if f.is_scalar else ())):
            for write, source in WRITERS:
                assert read(write(e), declared(f), source=source).expr is e, f"seed {seed}: {write(e)}"


def test_every_row_with_unicode_reads_back() -> None:
    """A row's name in Unicode is no other's."""
    shown = [op.unicode for op in MATRIX if op.unicode]
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("𝟏ᵀ x", "sum(x)"), ("𝐀 𝐱", "A*x"), ("Ａ＊ｘ", "A*x"), ("𝟏 𝟏ᵀ ⊙ A", "A"), ("2 𝟏 + x", "2 + x"), ("𝟐 𝐱", "2*x"), ("√(s)", "sqrt(s)"),
     ("X⁺", "pinv(X)"), ("X^+ b", "pinv(X)*b"), ("x^+3", "x^3"), ("(1 - X*w)_+", "relu(1 - X*w)"), ("P^−½", "inv(sqrtm(P))"), ("I_n ⊗ A", "kron(eye(n), A)"), ("α_1 x", "alpha_1*x")],
)  # fmt: skip
def test_unicode_as_it_is_pasted(typed: str, meant: str) -> None:
    assert mc.parse(typed, WHERE) is mc.parse(meant, WHERE)


def test_a_declared_name_is_that_name() -> None:
    I_n = mc.parse("I_n*x", "I_n: (n, n); x: (n)")
    assert [v.data[0] for v in variables(I_n)] == ["I_n", "x"]


# of weights called π beside the number, which is written as acos(-1)
BESIDE_PI = (
    (r"\sum_i \log \sum_k \pi_k (2\pi)^{-1/2} e^{-\frac12 (x_i-\mu_k)^2}", "mu"),
    (r"\sum_k \pi_k \frac{1}{\sqrt{2\pi}\sigma_k} e^{-\frac{(x-\mu_k)^2}{2\sigma_k^2}}", "pi"),
    (r"\sum_{n=1}^{N} \ln \sum_{k=1}^{K} \pi_k \mathcal{N}(\mathbf{x}_n|\boldsymbol{\mu}_k,\boldsymbol{\Sigma}_k)", "pi"),
)


@pytest.mark.parametrize(("text", "by"), BESIDE_PI, ids=[text[:30] for text, _ in BESIDE_PI])
def test_the_number_pi_is_told_from_a_variable_called_so(text: str, by: str) -> None:
    d = mc.grad(text, by)
    assert mc.parse(d.text(), where=d.where) is d.expr
    assert mc.equal(mc.parse(latex(d.expr, d.symbols, d.manner), where=d.where), d.expr)
