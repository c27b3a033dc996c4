"""LaTeX in: what is pasted from papers, our own LaTeX read back, sums over an index, and errors in the LaTeX source.

Tables: LaTeX ; the same in plain notation, or the error.
"""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.reading import read
from matcalc.writing.latex import latex
from tables import rows

ALL = (
    "X: (m, n); Z: (m, n); W: (n, p); Y: (m, p); A: (n, n); B: (n, n); S: (n, n) spd; Sigma: (n, n) spd; x: (n); w: (n); v: (n); mu: (n);"
    "y: (m); b: (m); alpha: scalar; beta_hat: (n); x_1: (n); x2: (n); loss: scalar; g: elementwise"
)


PAPERS = rows(r"""
\left\| g(XW) - Y \right\|_F^2                                    ; norm(g(X*W) - Y)^2
\frac12 \lVert Xw - y \rVert_2^2 + \tfrac{\alpha}{2} \|w\|^2      ; norm(X*w - y)^2/2 + alpha*norm(w)^2/2
\|w\|_1 + \|A\|_*                                                 ; norm1(w) + normnuc(A)
\|X\|^2_F                                                         ; norm(X)^2
\left\Vert x \right\Vert \bigl\| v \bigr\|                        ; norm(x)*norm(v)
\operatorname{tr}(X^\top X A)                                     ; tr(X'*X*A)
\mathrm{tr}\left(A^T B\right)                                     ; tr(A'*B)
\operatorname{tr} A B + 1                                         ; tr(A*B) + 1
\text{Tr}(A) \operatorname{trace}(B)                              ; tr(A)*tr(B)
\log\det S - \log |\Sigma| + |\alpha|                             ; logdet(S) - logdet(Sigma) + abs(alpha)
\log\det\left(S\right) \det A                                     ; logdet(S)*det(A)
|S|^{1/2}                                                         ; det(S)^(1/2)
x^{\mathsf T} A x + x^{\intercal} x + x^{\mathrm{T}} x + x' x     ; x'*A*x + 3*x'*x
A^{-1} B^{-T} + A^{-\top} B^{-\mathsf T} + A^{-2}                 ; inv(A)*inv(B)' + inv(A)'*inv(B)' + A^-2
S^{1/2} + S^{-1/2} + A^{+}                                        ; sqrtm(S) + inv(sqrtm(S)) + pinv(A)
A \odot B + A \circ B                                             ; 2*A.*B
X Z^\top \odot Y Y^\top (X X^\top)                                ; (X*Z').*(Y*Y'*X*X')
v \otimes B x \odot x \otimes v                                   ; kron(v, B*x).*kron(x, v)
x \oslash v + v^{\odot 2} + x^{\circ -1}                          ; x./v + v.^2 + x.^-1
\frac{x^\top A x}{x^\top x}                                       ; x'*A*x/(x'*x)
\dfrac{1}{2} \frac1\alpha \frac\alpha2                            ; 1/4
\mathbf X \mathbf{w} - \boldsymbol{y}                             ; X*w - y
\boldsymbol\Sigma^{-1} \bm{\mu}                                   ; inv(Sigma)*mu
\hat\beta^\top \hat{\beta} + \widehat{\boldsymbol\beta}^\top \mu  ; beta_hat'*beta_hat + beta_hat'*mu
x_1^\top x_{2} + \mathit{loss}                                    ; x_1'*x2 + loss
\mathbf 1^\top x + x^\top \mathbf{1}_n                            ; 2*sum(x)
X + \mathbf 1 \mathbf 1^\top                                      ; X + 1
A + I + I_n + \mathbf{I}                                          ; A + 3*eye(n)
\mathbf{1}_{m \times n} + 0_{m,n} + X                             ; X + 1
e_j^\top A e_1                                                    ; A[j,1]
X_{:,j} + X_{i,:} x X_{:,k}                                       ; X[:,j] + (X[i,:]*x)*X[:,k]
A_{ij} + A_{i,j} + x_i + (A x)_i                                  ; 2*A[i,j] + x[i] + (A*x)[i]
\exp(\alpha) \log(1 + e^{-\alpha}) \sqrt{\alpha}                  ; exp(alpha)*log(1 + exp(-alpha))*sqrt(alpha)
\sin^2 \alpha + \cos^{2}(\alpha) + \sin 2\pi + \tan^{-1}(\alpha)  ; sin(alpha)^2 + cos(alpha)^2 + sin(2*pi) + atan(alpha)
\sigma(Xw) - y                                                    ; sigmoid(X*w) - y
\Phi(\alpha) + \operatorname{softplus}(\alpha) + \mathrm{ReLU}(\alpha) ; normcdf(alpha) + softplus(alpha) + relu(alpha)
g'(XW) + g^{\prime}(XW) + g''(XW)                                 ; 2*g'(X*W) + g''(X*W)
\langle A, B \rangle + \left\langle x, v \right\rangle_F          ; inner(A, B) + inner(x, v)
\operatorname{diag}(x) \operatorname{Diag}(\operatorname{diag}(A)) ; diag(x)*diag(diag(A))
\operatorname{vec}(X)^\top \vec(Z)                                ; vec(X)'*vec(Z)
$$ x^\top A x. $$                                                 ; x'*A*x
\begin{equation} \label{eq:1} x^\top A x, \end{equation}          ; x'*A*x
\begin{align*} & x^\top A x \\ &\quad + \alpha \end{align*}       ; x'*A*x + alpha
\left[ x^\top \left\{ A (x) \right\} \right]                      ; x'*A*x
x^\top\!A\,x\;+\;\alpha ~ % a comment                             ; x'*A*x + alpha
{A}^{\top} {x}                                                    ; A'*x
x^{(1)} - x^{(2)}                                                 ; x_1 - x2
2X^\top (g(XW)-Y) \odot g'(XW)                                    ; 2*X'*((g(X*W) - Y).*g'(X*W))
{x^\top x \over \alpha} + \vert\vert x \vert\vert            ; x'*x/alpha + norm(x)
[\alpha]_+ + \left(1 - \alpha\right)_{+}                    ; relu(alpha) + relu(1 - alpha)
\ln\alpha! + \alpha! + \ln\Gamma(\alpha)                    ; lgamma(alpha + 1) + exp(lgamma(alpha + 1)) + lgamma(alpha)
\mathbf{AB}^\top x                                          ; A*B'*x
\mathcal{N}(x | \mu, \Sigma) + \mathcal N(x \mid \mu, S)     ; normalpdf(x, mu, Sigma) + normalpdf(x, mu, S)
x \cdot w + x^t A w                                         ; x'*w + x'*A*w
\|x\|_S^2 + \log x^\top x                                   ; x'*S*x + log(x'*x)
tr(A) + log det S + Aw^{T}x                                 ; tr(A) + logdet(S) + A*(w'*x)
\lambda_{\max}(S) x + 0.5x + \frac{0.5}{2}x                 ; lambda_max(S)*x + 3/4*x
\|A\|_F^2 + \left\|B\right\|_{F}^{2}                              ; norm(A)^2 + norm(B)^2
αx + Σμ − μ                                                       ; alpha*x + Sigma*mu - mu
S T \quad\text{where}\quad S = A + B,\; T = A^{-1}                ; (A + B)*inv(A)
""")


@pytest.mark.parametrize("text, same", PAPERS, ids=[t for t, _ in PAPERS])
def test_what_is_pasted_from_papers(text: str, same: str) -> None:
    assert read(text, ALL, source="latex").expr is read(same, ALL).expr


def test_undeclared_letters_are_inferred_as_in_plain_text() -> None:
    reading = read(r"\left\| \mathbf{X} w - y \right\|^2 + \lambda \|w\|^2")
    assert [(s.name, s.kind) for s in reading.symbols.values()] == [
        ("X", "matrix"),
        ("w", "vector"),
        ("y", "vector"),
        ("lambda", "scalar"),
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (r"\sum_{i,j} A_{ij} B_{ij}", "sum(A.*B)"),
        (r"\sum_i \sum_j A_{ij} x_i x_j", "x'*A*x"),
        (r"\sum_{ij} X_{ij}^2", "sum(X.^2)"),
    ],
)
def test_two_indices_of_sums_are_an_entry_of_an_undeclared_matrix(text: str, same: str) -> None:
    assert mc.equal(read(text).expr, read(same).expr)


def test_bold_greek_is_a_vector_and_plain_greek_a_scalar() -> None:
    symbols = read(r"\alpha X \boldsymbol\theta").symbols
    assert (symbols["alpha"].kind, symbols["theta"].kind) == ("scalar", "vector")


OWN = rows(r"""
x_0 ; x_0: (n)
x1*y_max' ; x1: (n); y_max: (n)
alpha*Sigma + mu*mu_1' ; Sigma: (n, n); mu: (n); mu_1: (n)
loss*norm(data)^2 ; loss: scalar; data: (n)
lambda_max(S)*v_max(S) ; S: (n, n) symmetric
digamma(x) + lgamma(x) + normcdf(x).*normpdf(x) ; x: (n)
expm(A)*logm(A)*sqrtm(A) ; A: (n, n)
commutation(m, n)*vec(X) ; X: (m, n)
khatrirao(A, B) + kron(a, B) ; A: (m, n); B: (p, n); a: (m)
abs(A) + sign(A) + abs(x)*x' ; A: (n, n); x: (n)
softmax_rows(X)'*logsumexp_rows(X) ; X: (m, n)
ones(m)*x' + zeros(m, n) ; x: (n)
X[:,j]*eye(p)[:,j]' ; X: (m, p)
unvec(x, m, p)*y ; x: (m*p); y: (p)
g''(X*W).*tanh(X*W)./(X*W) ; X: (m, n); W: (n, p); g: elementwise
(x'*A*x)^(3/2)/norm(x)^3 ; A: (n, n); x: (n)
x.^t0 + 2.^x + sqrt(x)./x.^2 ; x: (n); t0: scalar
eye(m*n) - kron(A, B)*2/3 ; A: (m, m); B: (n, n)
eye(n + 1)*x ; x: (n + 1)
g0(x) + phi(x) ; x: (n); g0: elementwise; phi: elementwise
""")  # fmt: skip


@pytest.mark.parametrize("row", OWN, ids=[r[0] for r in OWN])
def test_own_latex_reads_back(row: list[str]) -> None:
    text, where = row[0], "; ".join(row[1:])
    e = read(text, where).expr
    assert read(latex(e), where, source="latex").expr is e


def test_derivatives_read_back() -> None:
    where = "A: (m, n); x: (n); b: (m); S: (n, n) spd"
    for text in ("norm(A*x - b)^3", "log(x'*S*x)", "sum(tanh(A*x))", "logsumexp(A*x - b)", "x'*inv(S + x*x')*x"):
        for ask in (mc.grad, mc.hessian):
            d = ask(text, "x", where)
            assert mc.parse(d.latex(), where) is d.expr


# --- sums over an index ----------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
VALUES = {name: RNG.normal(size=s) for name, s in {"X": (4, 3), "Z": (4, 3), "y": 4, "w": 3, "A": (3, 3)}.items()}
WHERE = "X: (m, n); Z: (m, n); y: (m); w: (n); A: (n, n)"
SUMS = rows(r"""
\sum_i \log(1+e^{-y_i w^\top x_i})                ; sum(log(1 + exp(-y[i]*(w @ X[i]))) for i in range(4))
\sum_{i=1}^m (y_i - w^\top x_i)^2                 ; sum((y[i] - w @ X[i])**2 for i in range(4))
\frac{1}{m} \sum_{i=1}^{m} \|x_i - w\|^2          ; sum(((X[i] - w)**2).sum() for i in range(4))/4
\sum_i y_i x_i                                    ; X.T @ y
\sum_i \sigma(w^\top x_i) x_i x_i^\top            ; sum(np.outer(X[i], X[i])/(1 + exp(-w @ X[i])) for i in range(4))
\sum_i (x_i - w)(x_i - w)^\top                    ; (X - w).T @ (X - w)
\sum_i \exp(-\frac12 x_i^\top A x_i)              ; sum(exp(-X[i] @ A @ X[i]/2) for i in range(4))
\sum_i A x_i z_i^\top                             ; A @ X.T @ Z
\sum_{i,j} X_{ij}^2 Z_{ij}                        ; (X**2*Z).sum()
\sum_i \sum_j |X_{ij}|                            ; abs(X).sum()
\sum_{i,j} y_i X_{ij} w_j                         ; y @ X @ w
\sum_i \log\sum_j e^{X_{ij}}                      ; log(exp(X).sum(1)).sum()
\sum_j A_{jj}^2 w_j                               ; (np.diag(A)**2*w).sum()
\sum_i \sum_k y_i y_k \exp(x_i^\top A x_k)        ; y @ exp(X @ A @ X.T) @ y
\sum_i y_i^2 \|x_i\|^2 z_i + w                    ; sum(y[i]**2*(X[i] @ X[i])*Z[i] for i in range(4)) + w
\sum_i y_i \operatorname{softmax}(A x_i)          ; sum(y[i]*exp(A @ X[i])/exp(A @ X[i]).sum() for i in range(4))
\sum_i X_{i,:} A X_{i,:}^\top                     ; sum(X[i] @ A @ X[i] for i in range(4))
\prod_i y_i^2                                     ; np.prod(y**2)
""")  # fmt: skip


@pytest.mark.parametrize("text, value", SUMS, ids=[t for t, _ in SUMS])
def test_sums_over_an_index(text: str, value: str) -> None:
    wanted = eval(value, {"np": np, "exp": np.exp, "log": np.log, **VALUES})
    assert np.allclose(mc.evaluate(mc.parse(text, WHERE), **VALUES), wanted)


def test_the_logistic_loss_has_its_matrix_form() -> None:
    d = mc.grad(r"\sum_i \log(1 + e^{-y_i w^\top x_i})", "w", "X: (m, n); y: (m); w: (n)")
    assert d.text() == "-X'*(y.*sigmoid(-y.*(X*w)))"
    assert "x_i is read as row i of X" in d.notes


# --- errors, in the LaTeX source ---------------------------------------------------------------------------------------

ERRORS = rows(r"""
\input{/etc/passwd}              ; UnsupportedError ; \input ; define, load
\write18{rm}                     ; UnsupportedError ; \write ; no mathematics
\logdett(A)                      ; UnknownNameError ; \logdett ; did you mean
\foo(A)                          ; UnknownNameError ; \foo ; not known
\operatorname{trce}(A)           ; UnknownNameError ; \operatorname{trce} ; did you mean
x^12                             ; ParseError ; 12 ; write \{12\} in braces
\frac{x}                         ; ParseError ; \frac ; argument
x^\top A x = 1                   ; ParseError ; = ; not an equation
\left( x                         ; ParseError ; ( ; not closed
x )                              ; ParseError ; ) ; closes nothing
\left( x \right]                ; ParseError ; ] ; does not close the `\(`
\|x                              ; ParseError ; \| ; balance
X_i                              ; ParseError ; X_i ; which row or column
\sum x                           ; ParseError ; \sum ; over which index
\sum_{i=1}^p y_i                 ; ShapeError ; \sum_{i=1}^p y_i ; runs to p, but there are m
\sum_i (x_i^\top z_i)^2 A        ; ParseError ; x_i ; row or a column
\sum_{(i,j) \in S} \|A i - j\|^2 ; ParseError ; j ; used as a number
\log w y                         ; ParseError ; y ; where does the argument
w^\top w / w^\top w w            ; ParseError ; / ; what is divided by
\max(x)                          ; UnsupportedError ; \max ; not differentiable
\begin{vmatrix} a & b \end{vmatrix} ; UnsupportedError ; \begin{vmatrix} ; by its entries
\log_3 w                         ; UnsupportedError ; \log_3 ; another base
X w + Xy                         ; ShapeError ; y ; do not fit
|X|                              ; ShapeError ; |X| ; determinant
\mathbf{x} + u + \mathbf{u}      ; ParseError ; \mathbf{u} ; bold here and plain
\top                             ; ParseError ; \top ; is a superscript
""")  # fmt: skip


@pytest.mark.parametrize("text, kind, place, message", ERRORS, ids=[r[0] for r in ERRORS])
def test_errors_show_the_place_in_the_source(text: str, kind: str, place: str, message: str) -> None:
    where = "X: (m, n); A: (n, n); w: (n); y: (m)" + ("; Z: (m, n)" if "z_i" in text else "") + ("" if "x_i" in text else "; x: (n)")
    with pytest.raises(getattr(mc, kind), match="(?s)" + message) as caught:
        read(text, where, source="latex")
    assert caught.value.line == text
    assert text[caught.value.start : caught.value.end].startswith(place.split()[0][:2])


def test_an_unknown_notation_is_refused() -> None:
    with pytest.raises(mc.ParseError, match="unknown notation"):
        mc.parse("x", source="word")


def test_deep_latex_takes_linear_time() -> None:
    deep = r"\left(" * 2_000 + "x" + r"\right)" * 2_000
    assert read(deep, "x: (n)").expr is read("x", "x: (n)").expr
    net = "".join(rf"\tanh(W_{{{k}}} " for k in range(2_000, 0, -1)) + "x" + ")" * 2_000
    assert len(read(net).symbols) == 2_001


@pytest.mark.parametrize("layer", [r"x_{%s}", r"\mathbf{a%s}", r"\sum_{i=1}^{(%s)} y_i"])
def test_indices_that_are_nested_too_deeply_are_refused_in_order(layer: str) -> None:
    before, after = layer.split("%s")
    text = before * 1_500 + "1" + after * 1_500
    with pytest.raises(mc.MatcalcError):
        mc.parse(text, "y: (n)", source="latex")


def test_a_font_that_is_switched_on_is_that_of_its_group() -> None:
    """In the formula, in declarations and in the name of the variable."""
    asked = mc.grad(
        r"({\bf d}_{\rm obs} - {\bf Gm})^{\rm T} W ({\bf d}_{\rm obs} - {\bf Gm})",
        r"{\bf m}",
        where=r"W: (n, n) symmetric; {\bf G}: (n, p)",
    )
    assert asked.text() == mc.grad("(d_obs - G*m)'*W*(d_obs - G*m)", "m", where="W: (n, n) symmetric; G: (n, p)").text()
    assert mc.parse(r"{\it loss} + {\bf x}^T{\bf x}", r"{\it loss}: scalar") is mc.parse("loss + x'*x", "loss: scalar")


@pytest.mark.parametrize("by", [r"\mathbf w_k", r"\mathbf{w}_{k}", r"{\bf w}_k", "w_k"])
def test_a_member_is_named_in_any_font(by: str) -> None:
    text = r"\sum_k\|\mathbf w_k-\boldsymbol\beta\|^2 + \|\hat{\mathbf x}_k\|^2"
    assert mc.grad(text, by).text() == mc.grad(text, "w_k").text()
    assert mc.grad(text, r"\hat{\mathbf x}_k").text() == mc.grad(text, "x_hat_k").text()
    assert (
        mc.grad(text, r"\boldsymbol\beta", where=r"\boldsymbol\beta \in \mathbb{R}^n").shape
        == mc.grad(text, "beta", where="beta: (n)").shape
    )
