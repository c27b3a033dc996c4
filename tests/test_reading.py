"""Reading: what text means, which shapes and kinds are inferred, and what is said where it means nothing.

Tables: text ; declarations ; an equal text, a shape, or the error.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.errors import LimitError, MatcalcError, ParseError
from matcalc.expr import symbol, variable
from matcalc.reading import declarations, read, read_wrt, split_wrt
from matcalc.reading.declaring import declared
from tables import rows

ALL = "A: (m, n); B: (n, p); C: (m, n); S: (n, n); T: (n, n); x: (n); y: (n); a: (m); s: scalar; t: scalar; r: (1, n); g: elementwise"


# --- what is the same ------------------------------------------------------------------------------------------------

SAME = rows("""
A·B                              ; A*B
A⋅B                              ; A*B
A@B                              ; A*B
A B                              ; A*B
A＊B                             ; A*B
AB                               ; A*B
2A                               ; 2*A
A'C                              ; A'*C
x' S x                           ; x'*S*x
2x'Sx                            ; 2*(x'*S*x)
A⊙C                              ; A.*C
A∘C                              ; A.*C
A⊘C                              ; A./C
S⊗T                              ; kron(S, T)
S²                               ; S^2
S⁻¹                              ; inv(S)
S^-1                             ; inv(S)
S^{-1}                           ; inv(S)
S^{-1}'                          ; inv(S)'
S^-1'                            ; inv(S)'
S^2'                             ; (S^2)'
S⁻ᵀ                              ; inv(S)'
S^-T                             ; inv(S)'
S^{-T}                           ; inv(S')
Aᵀ                               ; A'
A^T                              ; A'
A^⊤ C                            ; A'*C
A^{T}                            ; A'
A.T                              ; A'
A.T*C                            ; A'*C
A′                               ; A'
A''                              ; A
A − C                            ; A - C
-x'*y                            ; -(x'*y)
-s^2                             ; -(s^2)
s^-2                             ; 1/s^2
s**2                             ; s^2
cos x + log det S                ; cos(x) + logdet(S)
|x|                              ; abs(x)
log|S| + |s| |t|                 ; logdet(S) + abs(s)*abs(t)
sqrt{s}                          ; sqrt(s)
y'*(S \\ x) + x'*(S\\y)           ; y'*inv(S)*x + x'*inv(S)*y
x^TSx                            ; x'*S*x
x·y                              ; x'*y
log s!                           ; lgamma(s + 1)
s!                               ; exp(lgamma(s + 1))
log x^T x                        ; log(x'*x)
norm(x^T)                        ; norm(x)
½*s^½                            ; sqrt(s)/2
2^-1                             ; 1/2
s^t^2                            ; s^(t^2)
x./y.*x                          ; (x./y).*x
1./x                             ; x.^-1
2.*x                             ; 2*x
x.^2'                            ; (x.^2)'
1/2*s                            ; s/2
0.25*s                           ; s/4
1e-3*s                           ; s/1000
s/2t                             ; s/2*t
‖x‖                              ; norm(x)
||x||                            ; norm(x)
norm2(x)                         ; norm(x)
‖x‖_2                            ; norm(x)
‖x‖_1                            ; sum(abs(x))
‖x‖²                             ; norm(x)^2
‖A‖_F                            ; norm(A)
‖A‖_{F}                          ; norm(A)
‖A‖_F^2                          ; norm(A)^2
‖A‖²_F                           ; norm(A)^2
‖A‖^2_F                          ; norm(A)^2
‖A‖_*                            ; normnuc(A)
‖A‖_2                            ; normspec(A)
‖A‖ ‖B‖                          ; norm(A)*norm(B)
‖A‖‖B‖                           ; norm(A)*norm(B)
||A||||B||                       ; norm(A)*norm(B)
‖x − ‖y‖ x‖                      ; norm(x - norm(y)*x)
‖x ‖y‖‖                          ; norm(x*norm(y))
‖‖x‖ y‖                          ; norm(norm(x)*y)
‖x − |y|‖                        ; norm(x - abs(y))
|||x|| - ||y|||                  ; abs(norm(x) - norm(y))
(‖x‖ + 1)(‖y‖ + 2)               ; (norm(x) + 1)*(norm(y) + 2)
‖x‖^2 - ‖y‖^2                    ; norm(x)^2 - norm(y)^2
‖S (T + ‖x‖ S)‖                  ; norm(S*(T + norm(x)*S))
⟨A, C⟩                           ; tr(A'*C)
inner(A, C)                      ; tr(A'*C)
g(x) .* g'(x)                    ; g(x).*g′(x)
g''(x)                           ; g″(x)
S(T + S)                         ; S*(T + S)
s(x + y)                         ; s*(x + y)
A'(A + C)                        ; A'*(A + C)
Stanh(x)                         ; S*tanh(x)
C./AS                            ; C./(A*S)
C⊙AS'                            ; C.*(A*S')
logistic(x)                      ; sigmoid(x)
arcsin(x)                        ; asin(x)
trace(S)                         ; tr(S)
π*x                              ; pi*x
sum(x)/n                         ; mean(x)
A + s                            ; A + s*ones(m, n)
A + a                            ; A + a*ones(n)'
A + r                            ; A + ones(m)*r
x - mean(x)                      ; x - sum(x)*ones(n)/n
S + I                            ; S + eye(n)
S + eye                          ; S + eye(n)
A + matrix(2)                    ; A + 2*ones(m, n)
x + vector(s)                    ; x + s*ones(n)
eye(n*n)*vec(S)                  ; vec(S)
ones(m, n)                       ; ones(m)*ones(n)'
A[:,j]                           ; A*eye(n)[:,j]
A[i,:]                           ; eye(m)[:,i]'*A
(S*T)[i,j]                       ; eye(n)[:,i]'*S*T*eye(n)[:,j]
x[i]                             ; eye(n)[:,i]'*x
((((x))))                        ; x
x'*S*x/x'*x                      ; (x'*S*x)/(x'*x)
2A'·(g(AB)−AB)⊙g′(AB)            ; 2*A'*((g(A*B) - A*B).*g'(A*B))
""")


@pytest.mark.parametrize(("text", "same"), SAME)
def test_same(text: str, same: str) -> None:
    assert read(text, ALL).expr is read(same, ALL).expr


GLUED = rows("""
||Ax-b||^2                  ; x ; norm(A*x - b)^2            ; Ax is read as A*x
x^TAx                       ; x ; x'*A*x                     ; Ax is read as A*x
tr(ABC)                     ; B ; tr(A*B*C)                  ; ABC is read as A*B*C
(y - Xbeta)'*(y - Xbeta)    ; beta ; (y - X*beta)'*(y - X*beta) ; Xbeta is read as X*beta
norm(err)^2                 ; err ; norm(err)^2              ;
a'*a + b'*b + sum(ab')      ; c ; a'*a + b'*b + sum(a*b')    ; ab is read as a*b
log(sum(exp(z))) - z_k      ; z ; log(sum(exp(z))) - z[k]    ; z_k is read as the entry k of z
x_1^2 + x'*x                ; x ; x[1]^2 + x'*x              ; x_1 is read as the entry 1 of x
tr(X'*X) + X_12             ; X ; tr(X'*X) + X[1,2]          ; X_12 is read as the entry 1, 2 of X
norm(x - x_1)^2 + norm(x_0) ; x ; norm(x - x_1)^2 + norm(x_0) ;
‖ŷ − y‖²                    ; ŷ ; norm(y_hat - y)^2          ;
""")


@pytest.mark.parametrize("row", GLUED, ids=lambda row: row[0])
def test_names_of_a_few_letters_and_entries(row: list[str]) -> None:
    text, by, same, *note = row
    reading = read(text, scalar=True, by=(by,))
    assert reading.expr is read(same, scalar=True, by=(by,)).expr
    assert [n for n in reading.notes if " is read as " in n] == [n.strip(" ;") for n in note if n.strip(" ;")]


def test_other_groupings_are_noted() -> None:
    assert read("x'*S*x/x'*x", "S: (n, n); x: (n)").notes[-1] == "read as x'*S*x/(x'*x), the only grouping that fits the shapes"
    assert read("x·S x", "S: (n, n)").expr is read("x'*S*x", "S: (n, n)").expr
    close = read("A x·B y", "A: (m, n); B: (m, p)")  # and not A (x·(B y))
    assert close.expr is read("(A*x)'*(B*y)", "A: (m, n); B: (m, p)").expr and close.notes[-1] == "read as A*x·(B*y)"


# --- what is inferred ------------------------------------------------------------------------------------------------

INFERRED = rows("""
‖g(X·W)−Y‖²_F                              ; X (m, n) ; W (n, p) ; Y (m, p)
x'*A*x                                     ; x (n, 1) ; A (n, n)
A*x + b                                    ; A (m, n) ; x (n, 1) ; b (m, 1)
norm(alpha*x + β)                          ; alpha (1, 1) ; x (n, 1) ; β (n, 1)
λI + A                                     ; λ (1, 1) ; A (n, n)
sum(x)/c                                   ; x (n, 1) ; c (1, 1)
c*A*x                                      ; c (1, 1) ; A (m, n) ; x (n, 1)
x^2                                        ; x (1, 1)
inv(A + t*I)*b                             ; A (n, n) ; t (1, 1) ; b (n, 1)
vec(A*X*B) - kron(B', A)*vec(X)            ; A (m, n) ; X (n, p) ; B (p, q)
ones(n)'*x                                 ; x (n, 1)
eye(k)*X                                   ; X (k, n)
x'*ones(3)                                 ; x (3, 1)
norm(W2*tanh(W1*x + b1) + b2 - y)          ; W2 (m, n) ; W1 (n, p) ; x (p, 1) ; b1 (n, 1) ; y (m, 1)
diag(w)*X                                  ; w (m, 1) ; X (m, n)
logsumexp(K*q/t)                           ; K (m, n) ; q (n, 1) ; t (1, 1)
x'*A*x + c*sin(y)'*x                       ; c (1, 1) ; y (n, 1)
sum(exp(k*(A'*x + b)))                     ; k (1, 1) ; b (n, 1)
X[:,j]'*A*X[:,j]                           ; X (m, n) ; A (m, m) ; j (1, 1)
""")


@pytest.mark.parametrize("row", INFERRED, ids=lambda row: row[0])
def test_inferred(row: list[str]) -> None:
    symbols = read(row[0], scalar=True).symbols
    for cell in row[1:]:
        name, shape = cell.split(" ", 1)
        rough = symbols[name].shape
        assert rough is not None and f"({rough[0]}, {rough[1]})" == shape and symbols[name].inferred


def test_symbols_are_in_order_and_complete() -> None:
    symbols = read("sum(phi(X*w))/m + X[i,1]", "w: (n); unused: (k) ").symbols
    assert [(s.name, s.kind, s.inferred) for s in symbols.values()] == [
        ("w", "vector", False),
        ("unused", "vector", False),
        ("X", "matrix", True),
        ("m", "scalar", True),
        ("phi", "elementwise", True),
        ("i", "index", True),
    ]


def test_two_choices_of_a_scalar_are_asked_about() -> None:
    with pytest.raises(ParseError, match="either a or x could be the scalar"):
        read("a*x")


def test_scalar_results_are_preferred_where_asked() -> None:
    text = "(x'*A*x)*c"
    assert read(text).symbols["c"].kind == "vector"
    assert read(text, scalar=True).symbols["c"].kind == "scalar"


def test_bound_names() -> None:
    X, dX = (variable(name, (symbol("k"), symbol("k"))) for name in ("X", "dX"))
    reading = read("tr(inv(X)*dX)/k + sum(eye(k))", names={"X": X, "dX": dX})
    assert reading.expr is read("tr(inv(X)*dX)/k + sum(eye(k))", "X: (k, k); dX: (k, k)").expr
    assert [s.kind for s in reading.symbols.values()] == ["size"]


# --- declarations ----------------------------------------------------------------------------------------------------

DECLARED = rows("""
X: (m, n)               ; matrix      ; (m, n)
X ∈ R^{m×n}             ; matrix      ; (m, n)
X ∈ ℝ^{m×n}             ; matrix      ; (m, n)
X ∈ R^(m x n)           ; matrix      ; (m, n)
X in R^m×n              ; matrix      ; (m, n)
a: (m)                  ; vector      ; (m, 1)
a: (m,)                 ; vector      ; (m, 1)
a ∈ R^n                 ; vector      ; (n, 1)
a: (3)                  ; vector      ; (3, 1)
r: (1, n)               ; matrix      ; (1, n)
c: scalar               ; scalar      ; (1, 1)
c: ()                   ; scalar      ; (1, 1)
c ∈ ℝ                   ; scalar      ; (1, 1)
g: elementwise          ; elementwise ; None
f: (m, p) -> ()         ; function    ; (1, 1)
F: (m, p) → (n, q)      ; function    ; (n, q)
K: (m*n, m*n) symmetric ; matrix      ; (m*n, m*n)
k: (x)                  ; vector      ; (x, 1)
k: (n*x)                ; vector      ; (n*x, 1)
Σ: (n, n) spd           ; matrix      ; (n, n)
x₁: (n)                 ; vector      ; (n, 1)
A in R^{m x n}          ; matrix      ; (m, n)
\\mu \\in \\mathbb R^d    ; vector      ; (d, 1)
A \\in \\mathbb{R}^{m \\times n} ; matrix ; (m, n)
\\mathbf{x} \\in \\mathbb{R}^n    ; vector ; (n, 1)
A ∈ ℝᵐˣⁿ                ; matrix      ; (m, n)
X is m by n             ; matrix      ; (m, n)
X: m x n                ; matrix      ; (m, n)
X is n×p                ; matrix      ; (n, p)
w: n                    ; vector      ; (n, 1)
W ∈ R^{d_in × d_out}    ; matrix      ; (d_in, d_out)
A.shape = (m, n)        ; matrix      ; (m, n)
A: S^n                  ; matrix      ; (n, n)
A symmetric             ; matrix      ; None
x: vector               ; vector      ; None
vector x                ; vector      ; None
X is a matrix           ; matrix      ; None
y scalar                ; scalar      ; (1, 1)
N: integer              ; scalar      ; (1, 1)
nu: positive            ;             ; None
f: R^n -> R             ; function    ; (1, 1)
g: R -> R               ; elementwise ; None
A: (m x n)              ; matrix      ; (m, n)
A: [m, n]               ; matrix      ; (m, n)
A m×n                   ; matrix      ; (m, n)
A ∈ R^mxn               ; matrix      ; (m, n)
A: m-by-n               ; matrix      ; (m, n)
x is an n-vector        ; vector      ; (n, 1)
A has shape (m, n)      ; matrix      ; (m, n)
let A be an m x n matrix ; matrix     ; (m, n)
lambda: R               ; scalar      ; (1, 1)
c: real                 ;             ; None
x_i: (d), i = 1..n      ; matrix      ; (n, d)
w_t: (n), t = 0..N-1    ; matrix      ; (N, n)
y_i: scalar, i = 1,...,n ; vector     ; (n, 1)
x_i ∈ R^d, i ∈ {1,…,n}  ; matrix      ; (n, d)
Sigma_k: (D, D) spd, k = 1..K ; family ; (D, D)
z_ij: (d), i = 1..n, j = 1..n ; family ; (d, 1)
C_dict[d]: (m, m), d = 1..D   ; family ; (m, m)
Omega: set (m, n)       ; matrix      ; (m, n)
pi: (m, n)              ; matrix      ; (m, n)
""")


@pytest.mark.parametrize(("where", "kind", "shape"), DECLARED)
def test_declared(where: str, kind: str, shape: str) -> None:
    (found,) = declarations(where).values()
    assert (found.kind, str(found.shape)) == (kind, shape)


PROPERTIES_DECLARED = rows("""
A ∈ S^n_{++}                         ; spd
A ∈ R_+^{m×n}                        ; nonnegative
A is symmetric positive definite     ; spd
A is positive semi-definite          ; psd
A: (n, n) lower triangular           ; lower
\\Sigma \\succ 0                     ; spd
Sigma ⪰ 0                            ; psd
λ > 0                                ; positive
A >= 0                               ; nonnegative
c ∈ R+                               ; nonnegative
A: PD                                ; spd
A = A^T                              ; symmetric
Q'*Q = I                             ; stiefel
Q: (n, n); Q'*Q = I                  ; orthogonal
||x|| = 1                            ; sphere
c: scalar positive                   ; positive
A: (n, n), A symmetric               ; symmetric
A: (n, n) symmetric, positive        ; positive symmetric
A is a symmetric n x n matrix        ; symmetric
A is n x n and symmetric             ; symmetric
symmetric positive definite A        ; spd
A: (n, n); A: (n, n) symmetric       ; symmetric
""")


@pytest.mark.parametrize(("where", "properties"), PROPERTIES_DECLARED)
def test_properties_are_said_in_words_and_signs(where: str, properties: str) -> None:
    (found,) = declarations(where).values()
    assert " ".join(sorted(found.properties)) == properties


SEPARATED = rows("""
A: (m,n), x: (n,), b: (m,)                      ; A (m, n), x (n, 1), b (m, 1)
A (m, n); x (n) positive                        ; A (m, n), x (n, 1)
\\mu_i \\in \\mathbb{R}^d, i = 1..n              ; mu (n, d)
X: m x n, w: n                                  ; X (m, n), w (n, 1)
X is n×p, β is p×1, y is n×1                    ; X (n, p), β (p, 1), y (n, 1)
x, y ∈ R^n                                      ; x (n, 1), y (n, 1)
a and x in R^n                                  ; a (n, 1), x (n, 1)
X: matrix; a, b: vectors                        ; X None, a None, b None
mu vector, Sigma symmetric positive definite    ; mu None, Sigma None
W^{(1)}: (h, d); m^{+}: scalar                  ; W_1 (h, d), m_plus (1, 1)
x': (n); x^m: (D); x_{1}: (p)                   ; x_prime (n, 1), x_m (D, 1), x_1 (p, 1)
(a, b): (n), (m) in S; M: (m, n)                ; a (S, n), b (S, m), M (m, n)
N: integer; x_i: (d), i = 1..N                  ; x (N, d)
A = [A_11, A_12; A_21, A_22]; A_22: (p, p)      ; A_22 (p, p)
N: normal density; x: (n)                       ; x (n, 1)
mahalanobis: Sigma; Sigma: (d, d)               ; Sigma (d, d)
""")


@pytest.mark.parametrize(("where", "found"), SEPARATED)
def test_entries_are_separated(where: str, found: str) -> None:
    assert ", ".join(f"{s.name} {s.shape}" for s in declarations(where).values()) == found


def test_what_families_labels_and_sets_are_is_recorded() -> None:
    said = declared("x_i: (d), i = 1..n; w_t: (d), t = 0..N-1; y_i: integer, i = 1..n; Omega: set (n, N); (a, b): (n), (m) in S")
    assert {f.name: [(r.index, r.first, str(r.count), str(r.last)) for r in f.ranges] for f in said.families.values()} == {
        "x": [("i", 1, "n", "n")], "w": [("t", 0, "N", "N - 1")], "y": [("i", 1, "n", "n")], "a": [("S", 1, "S", "S")], "b": [("S", 1, "S", "S")],
    }  # fmt: skip
    assert (said.integers, said.sets, said.pairs) == ({"y"}, {"Omega"}, {"S": ("a", "b")})


DEFINED = rows("""
p_i = sigmoid(w'*x_i)         ; p     ; i ; None
sigma = relu                  ; sigma ;   ; None
g(x) = b - A*x                ; g     ;   ; x
h(x; u) = erf(u'*x)           ; h     ;   ; x u
K(theta) = K                  ; K     ;   ; theta
x_0 = y - 1                   ; x_0   ;   ; None
r_ik = exp(x_i'*mu_k)         ; r     ; i k ; None
""")


@pytest.mark.parametrize(("where", "name", "indices", "parameters"), DEFINED)
def test_definitions_are_recorded_with_their_place(where: str, name: str, indices: str, parameters: str) -> None:
    (found,) = declared("A: (m, n); " + where).definitions.values()
    assert (found.name, " ".join(found.indices)) == (name, indices)
    assert parameters == ("None" if found.parameters is None else " ".join(found.parameters))
    assert found.line[len(found.text) - len(found.text.lstrip()) :] == found.text.strip() == where.split("= ", 1)[1]


def test_several_names_share_a_declaration() -> None:
    assert list(declarations("A, B: (n, n) spd; x: (n)")) == ["A", "B", "x"]


NOTES = rows("""
tr(A)     ; A: (n, n) symmetric symmetric ; A is declared symmetric twice
tr(A)     ; A: (n, n); A: (n, n)          ; A is declared twice
tr(A)     ; A: (n, n); B: (n, n)          ; B is declared but not used
sum(G(x)) ; G: elementwise; x: (n)        ; G is an elementwise function with an upper-case name
tr(AX)    ; A: (m, n); X: (n, m)          ; AX is read as A*X
e^c + e   ; c: scalar                     ; e is read as a variable; the exponential function is exp(x)
""")


@pytest.mark.parametrize(("text", "where", "note"), NOTES)
def test_notes(text: str, where: str, note: str) -> None:
    assert note in read(text, where).notes


MEANS = rows(r"""
\sum_i (x_i - \bar x)^2         ;                 ; x_bar = mean(x)
\sum_i \|x_i - \bar x\|^2       ;                 ; x_bar = colsum(x)'/m
\sum_i (x_i - \bar x)^2         ; x_bar = mean(x) ; ""
\|x - \bar x\|^2               ;                 ; ""
\sum_i (y_i - \bar y - w'x_i)^2 ;                 ; ""
""")


@pytest.mark.parametrize(("text", "where", "mean"), MEANS)
def test_a_mean_that_is_kept_fixed_is_told(text: str, where: str, mean: str) -> None:
    kept = [note for note in read(text, where, by=("x",)).notes if "kept fixed" in note]
    assert kept == [f"x_bar is kept fixed as x moves; where it is the mean, define it: {mean}"] * (mean != '""')


# --- the variable of differentiation -----------------------------------------------------------------------------------


def test_read_wrt() -> None:
    reading = read("tr(A*B) + x'*x + g(t)", "A: (m, n); B: (n, m); x: (n); t: scalar; g: elementwise")
    A = variable("A", (symbol("m"), symbol("n")))
    assert read_wrt("A", reading) == (A, None)
    assert read_wrt("A[:,j]", reading) == (A, (slice(None), "j"))
    assert read_wrt("A[2,:]", reading) == (A, (2, slice(None)))
    assert read_wrt("A[i, j]", reading)[1] == ("i", "j")
    assert read_wrt("x[i]", reading)[1] == ("i",)
    assert split_wrt("X, Y[:,j],Z") == ["X", "Y[:,j]", "Z"]


WRT_ERRORS = rows("""
Q       ; UnknownNameError ; no variable `Q`
        ; ParseError       ; expected a variable
g       ; ParseError       ; elementwise function
n       ; ParseError       ; is a size
I       ; ParseError       ; constant
A*B     ; ParseError       ; taken by a variable
A[1]    ; ShapeError       ; two indices
x[1,2]  ; ShapeError       ; one index
A[0,1]  ; ShapeError       ; outside of
A[1.5,1]; ShapeError       ; whole number
A[:,x]  ; ParseError       ; `x` is a vector
t[1]    ; ShapeError       ; scalar has no entries
""".replace("]; ", "] ; "))  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "message"), WRT_ERRORS)
def test_wrt_errors(text: str, kind: str, message: str) -> None:
    reading = read("tr(A*B) + x'*x + g(t)", "A: (m, n); B: (n, m); x: (n); t: scalar; g: elementwise")
    with pytest.raises(MatcalcError, match=message) as caught:
        read_wrt(text, reading)
    assert type(caught.value).__name__ == kind


# --- errors ------------------------------------------------------------------------------------------------------------

ERRORS = rows("""
A * * B          ; ParseError       ; expected an operand after `*`, not `*`
* A              ; ParseError       ; cannot start with `*`
'A               ; ParseError       ; cannot start with `'`
A *              ; ParseError       ; but the text ends
tr(A'*C          ; ParseError       ; missing `)` for the `(` at column 3
A'*C)            ; ParseError       ; `)` closes nothing
(A]              ; ParseError       ; does not close
A % B            ; ParseError       ; `%` is no symbol
A; B             ; ParseError       ; `;` is no symbol
A..*C            ; ParseError       ; `.` is no symbol
1.2.3*s          ; ParseError       ; a number cannot follow
x 2              ; ParseError       ; a number cannot follow
x, y             ; ParseError       ; separates the arguments
,x               ; ParseError       ; cannot start with `,`
|x - y||         ; ParseError       ; do not balance
‖x               ; ParseError       ; do not balance
‖(x‖)            ; ParseError       ; do not balance
f(x,)            ; ParseError       ; expected an operand after `,`
A_F^2 _F         ; ParseError       ; belongs after a norm
norm(X)_*^2      ; ParseError       ; index of a norm
x{2}             ; ParseError       ; braces stand after
x + cos          ; ParseError       ; needs its argument
s(x)             ; ParseError       ; `s` is a scalar, but is applied like a function
norm(A, 3)       ; UnsupportedError ; means different norms in different places
kron(A)          ; ParseError       ; kron takes 2 arguments, not 1
sum(A*eye())     ; ParseError       ; eye needs its size
A()              ; ParseError       ; nothing stands in the parentheses
eye(x)           ; ParseError       ; a size is expected here
x.^t'            ; ParseError       ; is the power or its exponent transposed
eye(0)           ; ShapeError       ; positive whole number
A*C              ; ShapeError       ; (m, n) * (m, n) do not fit
A + B            ; ShapeError       ; (m, n) + (n, p) do not fit
x + x^T         ; ShapeError       ; do not fit
S + x            ; ShapeError       ; to every column or to every row
A^2              ; ShapeError       ; a power needs a square matrix
S^x              ; ShapeError       ; an exponent is a scalar
2.^x.^x'         ; ShapeError       ; needs a scalar exponent or equal shapes
A/B              ; ShapeError       ; divides by a scalar
A.*B             ; ShapeError       ; needs equal shapes
logdet(A)        ; ShapeError       ; logdet needs a square matrix
A[1]             ; ShapeError       ; two indices
A[1,2,3]         ; ShapeError       ; two indices, not 3
x[1,2]           ; ShapeError       ; one index, not 2
x[-1]            ; ShapeError       ; outside of
x[1.5]           ; ShapeError       ; whole number
sum(x) + None    ; UnknownNameError ; `None`
logdt(S)         ; UnknownNameError ; did you mean `logdet`
x'*Ѕ*x           ; UnknownNameError ; only looks like the Latin `S`
floor(x)         ; UnsupportedError ; piecewise constant
max(x)           ; UnsupportedError ; logsumexp(x) is its smooth version
softmax(x, y, axis=0) ; ShapeError  ; takes one array, not 2
expm()*X + sinm_jacobian(x_{t+1}, X) ; ParseError ; expm takes 1 argument, not 0
sum(axis=0)      ; ShapeError       ; takes one array, not 0
S^(1/3)                       ; UnsupportedError ; whole powers
‖X‖_3 ; UnsupportedError ; different norms
1e400*s          ; LimitError       ; digits
sum(i = 1..m)    ; ParseError       ; `1..m` is not read here
mean(i = 1..n, x_i)                      ; ParseError ; `1..n` is not read here
sum(i = 1..n, j = i-1..n, x_i*x_j)       ; ParseError ; i or i + 1 at its start
sum(i = 1..n, sum(j = 1..i+1, x_i*x_j))  ; ParseError ; i − 1 at its end
""")


@pytest.mark.parametrize(("text", "kind", "message"), ERRORS)
def test_errors(text: str, kind: str, message: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        read(text, ALL)
    assert type(caught.value).__name__ == kind
    assert message in str(caught.value)
    assert caught.value.start >= 0 and caught.value.line == text and "^" in str(caught.value)


DECLARATION_ERRORS = rows("""
A: (0, n)             ; ShapeError       ; at least 1
A: (n, -1)            ; ShapeError       ; negative
A: (n, 2.5)           ; ShapeError       ; no whole number
A: (n, n, n)          ; ShapeError       ; one or two sizes
A: (m, n) symmetric   ; ShapeError       ; needs a square matrix
2A: (m, n)            ; ParseError       ; begins with a letter
A(m, n)               ; ParseError       ; expected `:`
A:                    ; ParseError       ; expected a shape
x: skalar             ; ParseError       ; did you mean `scalar`
x_i: (d), j = 1..n    ; ParseError       ; with the index of the range
x: (d), i = 1..n      ; ParseError       ; x_i: (d), i = 1..n
x_i: (d), i = 2..1    ; ShapeError       ; the range of i is empty
x_i: vector, i = 1..n ; ParseError       ; with the sizes of its members
f: R^n -> R^n         ; UnsupportedError ; vector-valued
x: (n) random         ; UnsupportedError ; the mean over samples
A: (m, n) vector      ; ShapeError       ; no vector
e = 	               ; ParseError       ; expected a formula
p = 1; p = 2          ; ParseError       ; defined twice
I: (n, n)             ; ParseError       ; reserved
n: (n)                ; ParseError       ; is a size too
A: (n, n); A: (m, m)  ; ParseError       ; twice, differently
A: (n, n) skew spd    ; ParseError       ; cannot be both
A: (n, n) symetric    ; UnknownNameError ; did you mean `symmetric`
""")


@pytest.mark.parametrize(("where", "kind", "message"), DECLARATION_ERRORS)
def test_declaration_errors(where: str, kind: str, message: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        read("1", where)
    assert type(caught.value).__name__ == kind and message in str(caught.value) and "^" in str(caught.value)


@pytest.mark.parametrize("text", ["", "   \t ", "\ud800", "‖", "a" * 101, "x" * 100_001, "∇", "x[", "\x00"])
def test_odd_text_is_an_orderly_error(text: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        read(text)
    str(caught.value).encode()


def test_where_is_text() -> None:
    with pytest.raises(ParseError, match="declarations are text"):
        read("x", None)  # type: ignore[arg-type]


def test_functions_of_a_matrix_have_the_shapes_declared() -> None:
    where = "f: (m, n) -> (); F: (m, n) -> (p, q); A: (m, n); B: (n, m)"
    assert read("∇f(A)", where).expr is read("grad(f)(A)", where).expr
    assert [read(t, where).expr.shape for t in ("f(A)", "F(A)")] == [(1, 1), (symbol("p"), symbol("q"))]
    assert read("grad(f)(A)", where).expr.shape == (symbol("m"), symbol("n"))
    for wrong in ("f(B)", "jac(f)(A)", "grad(F)(A)", "grad(h)(A)"):
        with pytest.raises(MatcalcError):
            read(wrong, where)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ABxyg αλ123.*/^'()[]‖|,:+-−{}_TFᵀ²⁻¹⊙⊗∇⟨⟩", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    for where in ("", "A: (m, n); B: (n, m); x: (n); y: (n)"):
        try:
            assert read(text, where, scalar=True).expr.shape
        except MatcalcError as error:
            str(error).encode()


# --- norm bars -----------------------------------------------------------------------------------------------------------


def vector(rng: Random, depth: int) -> tuple[str, str]:
    """A vector with spaced bars, and the same in words."""
    v, way = rng.choice("xyz"), rng.randrange(4) if depth else 0
    if not way:
        return v, v
    a, b = vector(rng, depth - 1) if way == 1 else scalar(rng, depth - 1)
    if way == 3:
        return f"{a} {v}", f"{b}*{v}"
    c, d = vector(rng, depth - 1)
    return (f"{a} + {c}", f"{b} + {d}") if way == 1 else (f"{a} ({c})", f"{b}*({d})")


def scalar(rng: Random, depth: int) -> tuple[str, str]:
    if depth and rng.random() < 1 / 3:
        (a, b), (c, d) = scalar(rng, depth - 1), scalar(rng, depth - 1)
        return f"{a} {c}", f"{b}*{d}"
    a, b = vector(rng, max(depth - 1, 0))
    return rng.choice([(f"‖{a}‖", f"norm({b})"), (f"‖{a}‖²", f"norm({b})^2")])


def test_bars_that_are_spaced_are_norms() -> None:
    where = "x: (n); y: (n); z: (n)"
    for seed in range(120):
        spaced, meant = scalar(Random(seed), 4)
        assert read(spaced, where).expr is read(spaced.replace("‖", "||"), where).expr is read(meant, where).expr, spaced


# --- size ----------------------------------------------------------------------------------------------------------------


def test_long_texts_are_read() -> None:
    assert len(read("+".join(f"x{i}" for i in range(2000))).expr.args) == 2000
    assert read("‖x‖ " * 1200).expr.is_scalar


def test_limits() -> None:
    with pytest.raises(LimitError, match="100,000"):
        read("x+" * 50_001)
    with pytest.raises(LimitError, match="digits"):
        read("x^" + "9" * 400, "x: scalar")


# --- the tables ------------------------------------------------------------------------------------------------------------


def test_what_is_saved_is_what_lark_makes_of_the_grammars() -> None:
    from matcalc.reading.parser import GRAMMARS, grammar_file, is_current

    for name in GRAMMARS:
        assert is_current(name, grammar_file(name).read_text(encoding="utf-8")), "python -m matcalc.reading.parser"


def test_names_that_are_one_to_python_are_not_two_here() -> None:
    with pytest.raises(ParseError, match="`ε` and `ϵ` are one name to Python"):
        read("ε*sin(ϵ)", "ε: scalar; ϵ: scalar")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\nabla f\left(J\right)", "grad(f)(J)"), (r"\nabla^{2} f(J)", "hess(f)(J)"), (r"\nabla^2 f(J)", "hess(f)(J)"), ("∇f(J)", "grad(f)(J)"),
        ("∇²f(J)", "hess(f)(J)"), (r"\mathrm{D}F(J)", "jac(F)(J)"), (r"\mathrm{D}F(J)^{\top} c", "jac(F)(J)'*c"),
        (r"x_{i} \xi", "x[i]*xi"), (r"\mathrm{D}F(J + D)", "jac(F)(J + D)"), (r"\frac{d^{\top} x}{2}", "d'*x/2"), ("J^{+} J", "pinv(J)*J"), ("x + e_{i}", "x + eye(n)[:,i]"), (r"I_{n} e_{i}", "eye(n)[:,i]"),
    ],
)  # fmt: skip
def test_derivatives_of_functions_and_unit_vectors_in_latex_and_unicode(text: str, meant: str) -> None:
    where = "f: (m, n) -> (); F: (m, n) -> (p, q); J: (m, n); x: (n); xi: (n); d: (n); c: (p*q)" + "; D: (m, n)" * ("+ D" in text)
    assert read(text, where).expr is read(meant, where).expr
