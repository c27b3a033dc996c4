r"""Frames around an objective: what is taken off, which variable they name, what they define; and what is refused with a word.

Tables: text ; what it is the same as, or what is said.
"""

from __future__ import annotations

import re

import pytest

import matcalc as mc
from matcalc.reading import read
from matcalc.reading.declaring import declared
from matcalc.reading.framing import framed, patterns
from tables import rows

DECLARED = "A: (m, n); X: (n, n); S: (n, n) spd; b: (m); x: (n); w: (n); t: scalar; mu: (n)"


ALL = [v for v in vars(patterns).values() if isinstance(v, patterns.Frame)] + [f for f, _ in patterns.FRAMES] + list(patterns.QUESTIONS)

# --- what is left, and the variables ------------------------------------------------------------------------------------

FRAMED = rows(r"""
f(x) = norm(A*x - b)^2                            ; norm(A*x - b)^2    ; x
f(x) := norm(A*x - b)^2                           ; norm(A*x - b)^2    ; x
\mathcal{L}(x) := \|A x - b\|^2                   ; norm(A*x - b)^2    ; x
L(x, t) = t \|A x - b\|^2                         ; t*norm(A*x - b)^2  ; x t
loss = norm(A*x - b)^2                            ; norm(A*x - b)^2    ;
y = x'*X*x                                        ; x'*X*x             ;
f = @(x) norm(A*x - b)^2                          ; norm(A*x - b)^2    ; x
lambda x: norm(A*x - b)^2                         ; norm(A*x - b)^2    ; x
obj <- function(x) norm(A*x - b)^2                ; norm(A*x - b)^2    ; x
x -> x'*X*x                                       ; x'*X*x             ; x
\min_x \|A x - b\|^2                              ; norm(A*x - b)^2    ; x
\min_{x} { \|A x - b\|^2 }                        ; norm(A*x - b)^2    ; x
\min_{x \in \mathbb{R}^n} $ $f(x) = \|A x - b\|^2 ; norm(A*x - b)^2    ; x
\arg\max_{x\in\mathcal{S}} x^T X x                ; x'*X*x             ; x
\text{argmin}_{x \in \mathbb R^n} x^T X x         ; x'*X*x             ; x
\operatorname*{arg\,min}_{\mathbf{x}} x^T X x     ; x'*X*x             ; x
\min_{\|x\| \le t} x^T X x                        ; x'*X*x             ;
argmin_x norm(A*x - b)^2                          ; norm(A*x - b)^2    ; x
x* = argmin norm(A*x - b)^2                       ; norm(A*x - b)^2    ; x
\hat{x} = \arg\min \|Ax - b\|^2                   ; norm(A*x - b)^2    ; x
\hat{x}(\theta) = \arg\min_{x} \|Ax - b\|^2       ; norm(A*x - b)^2    ; x
x^\star = \arg\min \|Ax - b\|^2                   ; norm(A*x - b)^2    ; x
min over x of norm(A*x - b)^2                     ; norm(A*x - b)^2    ; x
minimize norm(A*x - b)^2 + t*norm(x)^2            ; norm(A*x - b)^2 + t*norm(x)^2 ;
maximize logdet(X) - tr(S*X)                      ; logdet(X) - tr(S*X) ;
minimize x'*X*x subject to A*x <= b               ; x'*X*x             ;
\begin{array}{ll} \mbox{minimize} & x^T X x \\ \mbox{subject to} & A x = b, \end{array} ; x'*X*x ;
\min_x&\quad\| A x-b\|^2\\\text{s.t.}&\quad A^\top b=0. ; norm(A*x - b)^2 ; x
gradient of norm(A*x - b)^2 with respect to x     ; norm(A*x - b)^2    ; x
derivative of x'*X*x wrt X                        ; x'*X*x             ; X
Find the gradient of f(x) = norm(A*x - b)^2       ; norm(A*x - b)^2    ; x
differentiate x'*X*x with respect to x            ; x'*X*x             ; x
d/dX tr(X'*X)                                     ; tr(X'*X)           ; X
∂/∂X tr(X'*X)                                     ; tr(X'*X)           ; X
\frac{\partial}{\partial x} x^T X x               ; x'*X*x             ; x
\frac{d}{dX} \mathrm{tr}(X)                       ; tr(X)              ; X
\nabla_x \|A x-b\|^2                              ; norm(A*x - b)^2    ; x
\nabla_{\mu} \|\mu\|^2                            ; norm(mu)^2         ; mu
∇ ‖A x - b‖²                                      ; norm(A*x - b)^2    ;
∇_x norm(A*x - b)^2                               ; norm(A*x - b)^2    ; x
d(x'*X*x)/dx                                      ; x'*X*x             ; x
\frac{\partial \|A x-b\|^2}{\partial x}           ; norm(A*x - b)^2    ; x
∂L/∂X, L = tr(X'*X)                               ; tr(X'*X)           ; X
diff(x'*X*x, x)                                   ; x'*X*x             ; x
D[x'*X*x, x]                                      ; x'*X*x             ; x
\begin{equation} J(w) = w^T X w \tag{1}\label{cost} \end{equation} ; w'*X*w ; w
\begin{align} f(x) &= x^T X x, \end{align}        ; x'*X*x             ; x
$$ x^T X x. $$                                    ; x'*X*x             ;
\[ x^T X x \]                                     ; x'*X*x             ;
`x'*X*x`                                          ; x'*X*x             ;
gradient with respect to x of x'*X*x              ; x'*X*x             ; x
what is the gradient of x^T X x with respect to x? ; x'*X*x            ; x
how do I differentiate x'*X*x wrt x?              ; x'*X*x             ; x
Compute d/dX of tr(X'*X)                          ; tr(X'*X)           ; X
d tr(X'*X) / dX                                   ; tr(X'*X)           ; X
nabla_x x'*X*x                                    ; x'*X*x             ; x
∇ₓ x'*X*x                                         ; x'*X*x             ; x
\partial_x x^T X x                                ; x'*X*x             ; x
minimize x'*X*x over x in R^n                     ; x'*X*x             ; x
min x: x'*X*x                                     ; x'*X*x             ; x
min_{w,b} ||A w - b||^2                           ; norm(A*w - b)^2    ; w b
\underset{x \in S}{\text{minimize}} \; x^T X x    ; x'*X*x             ; x
\underset{x}{\arg\min} \; x^T X x                 ; x'*X*x             ; x
\hat{x} = \arg\min_x x^T X x                      ; x'*X*x             ; x
\text{maximize } x^T X x \text{ over } x           ; x'*X*x             ; x
x'*X*x w.r.t. x                                   ; x'*X*x             ; x
L(w; X, b) = w'*X*w                               ; w'*X*w             ; w
def f(x): return x'*X*x                           ; x'*X*x             ; x
f: x ↦ x'*X*x                                     ; x'*X*x             ; x
f : R^n → R, f(x) = x'*X*x                        ; x'*X*x             ; x
let f(x) = x'*X*x                                 ; x'*X*x             ; x
dL/dX where L = tr(X'*X)                          ; tr(X'*X)           ; X
x'*X*x st sum(x) = 1                              ; x'*X*x             ;
norm(A*x - b)^2 for x in R^n                      ; norm(A*x - b)^2    ;
\boxed{x^T X x}                                   ; x'*X*x             ;
f(x) = x^T X x, \quad x \in \mathbb{R}^n          ; x'*X*x             ; x
x'*X*x, i = 1, ..., n                             ; x'*X*x             ;
\ln L(\mu) = -\frac12 \|\mu\|^2                   ; -norm(mu)^2/2      ; mu
""")


@pytest.mark.parametrize(("text", "objective", "named"), FRAMED, ids=[r[0] for r in FRAMED])
def test_a_frame_is_taken_off(text: str, objective: str, named: str) -> None:
    reading = read(text, DECLARED)
    assert reading.expr is read(objective, DECLARED).expr
    assert len(reading.objective) == len(text)
    asked = mc.grad(text, where=DECLARED)
    if named:
        found = list(asked) if isinstance(asked, tuple) else [asked]
        assert [d.variable.data[0] for d in found] == named.split()
        assert [d.expr for d in found] == [mc.grad(objective, v, where=DECLARED).expr for v in named.split()]


@pytest.mark.parametrize("frame", ALL, ids=[" ".join(f.marks) for f in ALL])
def test_a_frame_occurs_only_with_a_mark_of_it(frame: patterns.Frame) -> None:
    for text in (row[0] for row in (*FRAMED, *NOTED, *DEFINED, *OF_MEMBERS, *REFUSED, *PRODUCTS)):
        assert bool(frame.search(text)) == bool(re.search(frame.pattern, text, frame.flags)), text


NOTED = rows(r"""
f(x) = x'*x                          ; left out: f(x) =
\min_{x \in S} x^T x                 ; left out: \min_{x \in S}
x'*x subject to A*x <= b             ; left out: subject to A*x <= b
gradient of x'*x with respect to x   ; left out: gradient of
diff(x'*x, x)                        ; read as the question: diff(x'*x, x)
""")


@pytest.mark.parametrize(("text", "note"), NOTED)
def test_what_is_left_out_is_quoted(text: str, note: str) -> None:
    assert note in mc.grad(text, where="x: (n)").notes


def test_a_sum_in_words_is_one_in_signs() -> None:
    assert framed("sum over i of (y_i - w'x_i)^2").text == "sum_i         (y_i - w'x_i)^2"
    assert framed("2*sum over i = 1 to n of x_i").text == "2*sum_{i=1}^n            x_i"


def test_a_text_asks_in_a_sentence_of_its_own() -> None:
    assert read("f(x) = x'*A*x. Find the gradient of f.").asks
    assert not read("f(x) = x'*A*x.").asks


def test_places_stay_what_they_are() -> None:
    for text in (r"\min_x \|A x - b\|^2 + \foo", "f(x) = norm(A*x - b)^2 + logdt(x)"):
        with pytest.raises(mc.MatcalcError) as caught:
            mc.grad(text, where=DECLARED)
        bad = text.index("\\foo" if "foo" in text else "logdt")
        assert (caught.value.line, caught.value.start) == (text, bad)


def test_a_named_variable_wins_over_min_and_contradicts_a_derivative() -> None:
    assert mc.grad(r"\min_x \|A x - b\|^2", "b", where=DECLARED).text() == "2*(b - A*x)"
    assert mc.grad("d/dx norm(A*x - b)^2", "x", where=DECLARED).text() == "2*A'*(A*x - b)"
    with pytest.raises(mc.ParseError, match="asks for a derivative by x, and wrt names b"):
        mc.grad("d/dx norm(A*x - b)^2", "b", where=DECLARED)
    with pytest.raises(mc.ParseError, match="asks for a derivative already"):
        mc.hessian("d/dx norm(A*x - b)^2", where=DECLARED)
    with pytest.raises(mc.ParseError, match="asked for apart"):
        mc.parse("d/dx norm(A*x - b)^2", where=DECLARED)


def test_a_variable_of_a_frame_that_does_not_occur_is_told() -> None:
    assert mc.grad("f(x, theta) = x'*x").text() == "2*x"
    with pytest.raises(mc.UnknownNameError, match="the expression has no variable `w`"):
        mc.grad(r"\min_w x^T x")


def test_several_sides_have_to_agree() -> None:
    text = r"A = \|Lx\|^2_2= x^TL^TLx"
    assert mc.grad(text, "L", where="L: (k, d); x: (d)").text() == "2*L*x*x'"
    with pytest.raises(mc.ParseError, match=r"sides of `=` do not agree.*\n.*\n +\^"):
        mc.grad("f = norm(x)^2 = 2*x'*x", "x")


# --- definitions --------------------------------------------------------------------------------------------------------

DEFINED = rows(r"""
e'*e                            ; e = b - A*x                       ; (b - A*x)'*(b - A*x)
e'e where e = b - A x           ;                                   ; (b - A*x)'*(b - A*x)
norm(e)^2                       ; e = b - r; r = A*x                ; norm(b - A*x)^2
sum(sigma(A*x))                 ; sigma = relu                      ; sum(relu(A*x))
\mathbf{1}^T \sigma(A x)        ; sigma = relu                      ; sum(relu(A*x))
x'*inv(C)*x                     ; C = X*X' + eye(n)                 ; x'*inv(X*X' + eye(n))*x
sum(log(g(x)))                  ; g(x) = b - A*x                    ; sum(log(b - A*x))
sim(x, w)                       ; sim(u, v) = u'*v/(norm(u)*norm(v)) ; x'*w/(norm(x)*norm(w))
h(x; w)                         ; h(x; u) = exp(u'*x)               ; exp(w'*x)
b'*K(theta)*x                   ; K(theta) = A                      ; b'*A*x
logdet(S(t)) + b'*b             ; S(t) = S + t*eye(n)               ; logdet(S + t*eye(n)) + b'*b
x^T M x where M = X^T X and t is a scalar ;                         ; x'*X'*X*x
\| r \|^2 \text{ with } r = A x - b ;                               ; norm(A*x - b)^2
tr(C) + logdet(C)               ; C = [S, X; X', 2*S]                ; tr([S, X; X', 2*S]) + logdet([S, X; X', 2*S])
norm(P_X(S))^2 + t              ; X: set (n, n)                     ; norm(S.*X)^2 + t
\| P_X(S - X) \|^2 + t          ; X: set (n, n)                     ; norm((S - X).*X)^2 + t
g_bar(t)'*x                     ; g_bar: (n); g_bar(t) = g_bar      ; g_bar'*x
\bar{g}(t)^T x                  ; g_bar: (n); g_bar(t) = g_bar      ; g_bar'*x
""")


@pytest.mark.parametrize(("text", "where", "meant"), DEFINED, ids=[r[0] for r in DEFINED])
def test_definitions_are_put_in(text: str, where: str, meant: str) -> None:
    also = where if "set" in where else "g_bar: (n)" if "g_bar" in meant else ""
    assert read(text, f"{DECLARED}; {where}").expr is read(meant, f"{DECLARED}; {also}").expr


@pytest.mark.parametrize(
    "text",
    [
        "f(x) = x'*A*x, A symmetric",
        "x'*A*x where A is symmetric",
        r"x^T A x, \quad \text{where } A \succ 0",
        "x'*A*x (A in S^n)",
        "x'*A*x (A symmetric)",
        "x'*A*x for symmetric A",
        "gradient of x'*A*x with respect to x, where A is symmetric",
        "gradient of x'*A*x where A is symmetric with respect to x",
        "derivative of x'*A*x, with A symmetric, by x",
        "minimize x'*A*x, A symmetric, over x",
        "x'*A*x (A symmetric) with respect to x",
    ],
)
def test_what_a_text_declares_is_added_to_where(text: str) -> None:
    for where in ("A: (n, n)", "A: (n, n); x: (n)", ""):
        assert mc.grad(text, "x", where=where).text() == "2*A*x"
    with pytest.raises(mc.ParseError, match="declared twice, differently"):
        mc.grad(text, "x", where="A: scalar")


MEMBERS = "z_i: (n), i = 1..m; y_i: scalar, i = 1..m; mu_k: (n), k = 1..K; S_i: (n, n) spd, i = 1..m; a: (m, K); w: (n); A: (m, n); b: (m)"
OF_MEMBERS = rows(r"""
\sum_i y_i p_i                           ; p_i = sigmoid(w'*z_i)       ; \sum_i y_i \operatorname{sigmoid}(w^\top z_i)
\sum_{j=1}^m \log p_j                    ; p_i = sigmoid(w'*z_i)       ; \sum_j \log(\operatorname{sigmoid}(w^\top z_j))
sum_i y_i*p_i                            ; p_i = sigmoid(w'*z_i)       ; sum_i y_i*sigmoid(w'*z_i)
\sum_i [-\lambda_i + y_i]                ; lambda_i = exp(z_i'*w)      ; \sum_i [-\exp(z_i^\top w) + y_i]
\sum_{i,k} a_{ik} r_{ik}                 ; r_ik = z_i'*mu_k            ; \sum_{i,k} a_{ik} z_i^\top \mu_k
\sum_{i=1}^m \log(g_i(w))                ; g(x) = b - A*x              ; \sum_{i=1}^m \log((b - A w)_i)
g_2(w)                                   ; g(x) = b - A*x              ; (b - A*w)[2]
\sum_i \|z_i - w\|_{S_i}^2               ; mahalanobis: S              ; \sum_i (z_i - w)^\top S_i^{-1} (z_i - w)
\sum_i \|z_i - w\|_{S_i^{-1}}^2          ; mahalanobis: S              ; \sum_i (z_i - w)^\top S_i^{-1} (z_i - w)
""")


@pytest.mark.parametrize(("text", "where", "meant"), OF_MEMBERS, ids=[r[0] for r in OF_MEMBERS])
def test_definitions_have_indices(text: str, where: str, meant: str) -> None:
    assert (
        mc.grad(text, "w" if "w" in meant else "mu", where=f"{MEMBERS}; {where}").expr
        is mc.grad(meant, "w" if "w" in meant else "mu", where=MEMBERS).expr
    )


def test_sets_need_no_declaration() -> None:
    for text in (r"\sum_{(i,j) \in \Omega} (X_{ij} - M_{ij})^2", r"\|P_\Omega(X - M)\|_F^2"):
        d = mc.grad(text, "X")
        assert d.symbols["Omega"].kind == "matrix" and any("is read as a set" in n for n in d.notes)
        where = "X: (m, n); M: (m, n); Omega: set (m, n)"
        values = {"X": [[1.0, 2.0]], "M": [[3.0, 5.0]], "Omega": [[1.0, 0.0]]}
        assert mc.evaluate(d.text(), d.where or "X: (m, n); M: (m, n); Omega: (m, n)", **values).tolist() == [[-4.0, 0.0]]
        assert mc.evaluate(mc.grad(text, "X", where=where).expr, **values).tolist() == [[-4.0, 0.0]]


def test_names_of_a_definition_need_no_declaration() -> None:
    assert mc.grad("norm(y - z)^2", "W", where="z = W*x").text() == "-2*(y - W*x)*x'"
    assert "z is defined but not used" in mc.grad("norm(y)^2", "y", where="z = W*x").notes


@pytest.mark.parametrize("between", [", ", r", \quad ", r" \qquad "])
def test_an_unused_function_behind_what_is_made_small_is_a_condition(between) -> None:
    text = rf"\min_x f(x) = \|x-a\|^2{between}g(x) = b^Tx - 1"
    assert "left out: g(x) = b^Tx - 1" in mc.grad(text, "x").notes
    with pytest.raises(mc.MatcalcError, match="constraint"):
        mc.solve(text, "x")
    assert "g(x) is defined but not used" in mc.grad(r"\min_x \|x-a\|^2", "x", where="g(x) = b'*x").notes


DEFINITION_ERRORS = rows("""
e'*e           ; e = b - e'*x           ; ParseError ; defined by itself
sim(x; w; w)   ; sim(u, v) = u'*v       ; ParseError ; has 3 arguments here
sim(x)         ; sim(u, v) = u'*v       ; ParseError ; has 1 arguments here
e(x)           ; e = b - A*x            ; ParseError ; e
e'*e           ; e = b - A*             ; ParseError ; expected an operand
""")


@pytest.mark.parametrize(("text", "where", "kind", "said"), DEFINITION_ERRORS)
def test_errors_of_definitions(text: str, where: str, kind: str, said: str) -> None:
    with pytest.raises(getattr(mc, kind)) as caught:
        mc.parse(text, where=f"{DECLARED}; {where}")
    assert said in str(caught.value) and "^" in str(caught.value)


def test_an_error_in_a_definition_shows_its_place_there() -> None:
    where = f"{DECLARED}; e = b - A*logdt(x)"
    with pytest.raises(mc.MatcalcError) as caught:
        mc.parse("e'*e", where=where)
    assert (caught.value.line, caught.value.start) == (where, where.index("logdt"))


# --- what is no expression ----------------------------------------------------------------------------------------------

REFUSED = rows(r"""
A x = b                                      ; ParseError       ; `=` makes an equation
x^T x = t^2                                  ; ParseError       ; `=` makes an equation
minimise the penalty term norm(x)           ; ParseError       ; these are words
E[norm(x)^2]                                 ; UnsupportedError ; an expectation is not supported
E(x'*x)                                      ; UnsupportedError ; an expectation is not supported
𝔼[‖x‖²]                                      ; UnsupportedError ; write the mean over samples
\mathbb{E}[\|x\|^2]                          ; UnsupportedError ; an expectation is not supported
E(norm(x)^2)                                 ; UnsupportedError ; declare it: E: (m, n)
Var(w'x)                                     ; UnsupportedError ; a variance needs a distribution
KL(p || q)                                   ; UnsupportedError ; sum(p.*log(p./q))
\log p(x|\theta)                             ; UnsupportedError ; is a density
max_i (a_i^T x + b_i)                        ; UnsupportedError ; logsumexp
\max_{i} (a_i^T x + b_i)                     ; UnsupportedError ; over a set
x'*x + inf_y norm(x - y)                     ; UnsupportedError ; over a set
||x||_0                                      ; UnsupportedError ; norm1(x)
\|x\|_0                                      ; UnsupportedError ; no norm
\sum_i A^{w_{y_i}}                           ; ParseError       ; declare it: y_i: integer, i = 1..n
hessian of x'*X*x                            ; UnsupportedError ; mc.hessian
d^2/dx^2 x'*X*x                              ; UnsupportedError ; mc.hessian
\nabla_x^2 x^T X x                           ; UnsupportedError ; mc.hessian
2*dL/dx                                      ; UnsupportedError ; is the sign of a derivative
y ~ N(mu, S)                                 ; UnsupportedError ; is distributed
\lim_{t \to 0} t                             ; UnsupportedError ; a limit
Ax = b                                       ; ParseError       ; `=` makes an equation
inverse of A times b                             ; ParseError       ; the inverse is written inv(X)
x transpose A over x                             ; ParseError       ; these are words
‖x‖₀                                         ; UnsupportedError ; norm1(x)
D(p || q)                                    ; UnsupportedError ; sum(p.*log(p./q))
x' Sigma(theta) x                            ; ParseError       ; is `Sigma(theta)` a function
rank(X)                                      ; UnsupportedError ; normnuc(X)
\operatorname{rank}(X)                       ; UnsupportedError ; normnuc(X)
\int f(x) dx                                 ; UnsupportedError ; an integral is not supported
A*x <= b                                     ; UnsupportedError ; an inequality is a condition
logdet(K(theta)) + y^T K(theta)^{-1} y       ; ParseError       ; is `K(theta)` a function
y^\top K(\theta)^{-1} y                      ; ParseError       ; is `K(theta)` a function
x'*A(t)*x                                    ; ParseError       ; define it: where="A(t) = …"
L(W, b)                                      ; ParseError       ; is `L(W, b)` a function
""")


@pytest.mark.parametrize(("text", "kind", "said"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_is_no_expression_is_refused_with_what_to_write(text: str, kind: str, said: str) -> None:
    with pytest.raises(getattr(mc, kind)) as caught:
        mc.grad(text)
    assert said in str(caught.value) and "^" in str(caught.value)


PRODUCTS = rows(r"""
A(X + S)         ; A*(X + S)
tr(X(S + X))     ; tr(X*(S + X))
x'X(x + w)       ; x'*X*(x + w)
E(x + w)         ; E*(x + w)
E[1,2]*t         ; t*E[1,2]
""")


@pytest.mark.parametrize(("text", "meant"), PRODUCTS)
def test_products_stay_products(text: str, meant: str) -> None:
    assert read(text, DECLARED + "; E: (m, n)").expr is read(meant, DECLARED + "; E: (m, n)").expr


@pytest.mark.parametrize(
    "text",
    ["x" * 99_999, "x " * 50_000, "K(t)" * 25_000, "a=" * 50_000, "min_" * 25_000, "{" * 50_000 + "}" * 50_000, "E(" * 50_000, "x, " * 33_000, "is, " * 25_000,
     "\\min_{" * 14_000, "the word " * 11_000, "d/dx " * 20_000, "." * 100_000, " " * 99_999 + ";", "f(x)=" * 20_000, "(|" * 50_000, "$ " * 50_000],
    ids=lambda text: text[:9],
)  # fmt: skip
def test_long_texts_are_looked_through(text: str) -> None:
    try:
        assert len(framed(text, declared(DECLARED)).text) == len(text)
    except mc.MatcalcError as error:
        assert str(error)


def test_a_member_of_a_family_is_a_row() -> None:
    text = r"\sum_{i=1}^n (y_i - w^\top x_i)^2"
    assert mc.grad(text, "w", where="x_i: (n), i = 1..n; y_i: scalar, i = 1..n; w: (n)").text() == "-2*x'*(y - x*w)"
    with pytest.raises(mc.ParseError, match="is this a row or a column"):
        mc.grad(text, "w", where="x: (n, n); y: (n); w: (n)")
