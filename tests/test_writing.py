"""The writers: what is written, and that text reads back as the same object."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from random import Random

import pytest

from matcalc.errors import LimitError, MatcalcError
from matcalc.expr import (
    HPOWER,
    UNIT,
    ZERO,
    Expr,
    Op,
    Shape,
    apply,
    identity,
    language,
    number,
    ones,
    postorder,
    signature,
    size,
    symbol,
    unit,
    variable,
)
from matcalc.expr.dims import replace
from matcalc.operators import ELEMENTWISE, FUNCTIONS, MATRIX, abstract, call, commutation, pi, unvec
from matcalc.reading import read
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode
from tables import rows

WHERE = (
    "X: (m, n); Y: (m, n); B: (n, p); A: (n, n); C: (n, n); S: (n, n) spd; D: (n, n) diagonal; Q: (n, n) orthogonal; "
    "x: (n); y: (n); u: (m); v: (k); x_1: (n); s: scalar; t: scalar; alpha: scalar; mu: (n); loss: scalar; g: elementwise; W1: (m, n); b: (m)"
)

# What is typed ; its text ; LaTeX ; Unicode.  An empty text is the one typed.
WRITTEN = r"""
2*X'*((g(X*B) - U).*g'(X*B))      ;                           ; 2 X^{\top} ((g(X B) - U) \odot g'(X B)) ; 2 Xᵀ ((g(X B) − U) ⊙ g′(X B))
X'*(X*x - u)                      ;                           ; X^{\top} (X x - u)                                   ; Xᵀ (X x − u)
x'*A*x                            ;                           ; x^{\top} A x                                                    ; xᵀ A x
2*x'*A*x                          ;                           ; 2 x^{\top} A x                                                  ; 2 xᵀ A x
(x'*y)*A                          ;                           ; (x^{\top} y) A                                       ; (xᵀ y) A
x*x'                              ;                           ; x x^{\top}                                                      ; x xᵀ
A*x/norm(A*x)                     ;                           ; \frac{A x}{\|A x\|}                                  ; A x/‖A x‖
norm(X)^2                         ;                           ; \|X\|_{F}^{2}                                        ; ‖X‖_F²
2/n*X'*u                          ; 2*X'*u/n                  ; \frac{2}{n} X^{\top} u                                          ; 2 Xᵀ u/n
1/2*x'*A*x                        ; x'*A*x/2                  ; \frac{1}{2} x^{\top} A x                                        ; xᵀ A x/2
x'*A*x/(x'*x)                     ;                           ; \frac{x^{\top} A x}{x^{\top} x}                                 ; xᵀ A x/(xᵀ x)
(x'*y)/(x'*x)*x                   ; (x'*y)*x/(x'*x)           ; \frac{x^{\top} y}{x^{\top} x} x                                 ; (xᵀ y) x/(xᵀ x)
x/sqrt(x'*S*x)                    ;                           ; \frac{x}{\sqrt{x^{\top} S x}}                                   ; x/√(xᵀ S x)
s*t/2                             ;                           ; \frac{s t}{2}                                                   ; s t/2
3/4*s                             ; 3*s/4                     ; \frac{3 s}{4}                                                   ; 3 s/4
s^(3/2)                           ;                           ; s^{3/2}                                                         ; s^(3/2)
(s + 1)^2                         ;                           ; (s + 1)^{2}                                          ; (s + 1)²
(s + t)/(s*t)                     ;                           ; \frac{s + t}{s t}                                               ; (s + t)/(s t)
2*3^s                             ;                           ; 2 \cdot 3^{s}                                                   ; 2·3^s
-x - y                            ;                           ; -x - y                                                          ; −x − y
x - y/2                           ;                           ; x - \frac{1}{2} y                                               ; x − y/2
1 - tanh(X*x).^2                  ;                           ; \mathbf{1} - \tanh(X x)^{\circ 2}                    ; 𝟏 − tanh(X x).^2
1 - tanh(X*A).^2                  ;                           ; \mathbf{1} \mathbf{1}^{\top} - \tanh(X A)^{\circ 2}  ; 𝟏 𝟏ᵀ − tanh(X A).^2
X + s                             ;                           ; X + s \mathbf{1} \mathbf{1}^{\top}                              ; X + s 𝟏 𝟏ᵀ
X + u                             ; u*ones(n)' + X            ; u \mathbf{1}^{\top} + X                                         ; u 𝟏ᵀ + X
x - mean(x)                       ;                           ; x - \frac{1}{n} (\mathbf{1}^{\top} x) \mathbf{1}     ; x − (𝟏ᵀ x) 𝟏/n
s - x + t*ones(n)                 ; (s + t) - x               ; (s + t) \mathbf{1} - x                              ; (s + t) 𝟏 − x
mean(X)^2                         ;                           ; \frac{1}{m^{2} n^{2}} (\mathbf{1}^{\top} X \mathbf{1})^{2} ; (𝟏ᵀ X 𝟏)²/(m² n²)
sum(X)                            ;                           ; \mathbf{1}^{\top} X \mathbf{1}                                  ; 𝟏ᵀ X 𝟏
X*ones(n)                         ; rowsum(X)                 ; X \mathbf{1}                                                    ; X 𝟏
X'*ones(m)                        ; colsum(X)                 ; X^{\top} \mathbf{1}                                             ; Xᵀ 𝟏
ones(m)'*X                        ; colsum(X)'                ; \mathbf{1}^{\top} X                                             ; 𝟏ᵀ X
A'*ones(n)*ones(p)'*B'            ; colsum(A)*rowsum(B)'      ; A^{\top} \mathbf{1} \mathbf{1}^{\top} B^{\top}                  ; Aᵀ 𝟏 𝟏ᵀ Bᵀ
sum(abs(x))                       ; norm1(x)                  ; \mathbf{1}^{\top} |x|                                ; 𝟏ᵀ abs(x)
ones(n)*ones(m)'                  ; ones(n, m)                ; \mathbf{1}_{n} \mathbf{1}_{m}^{\top}                            ; 𝟏_n 𝟏_mᵀ
u*ones(n)'                        ;                           ; u \mathbf{1}_{n}^{\top}                                         ; u 𝟏_nᵀ
eye(n)                            ;                           ; I_{n}                                                           ; I_n
eye(n) - ones(n, n)/n             ; I - ones(n, n)/n          ; I_{n} - \frac{1}{n} \mathbf{1} \mathbf{1}^{\top}                ; I_n − 𝟏 𝟏ᵀ/n
inv(A + s*eye(n))                 ; inv(A + s*I)              ; (A + s I)^{-1}                                       ; (A + s I)⁻¹
zeros(m, n)                       ;                           ; 0_{m,n}                                                         ; 0_(m,n)
inv(A)'                           ;                           ; A^{-\top}                                                       ; A⁻ᵀ
inv(A)*inv(A)                     ; A^-2                      ; A^{-2}                                                          ; A⁻²
(A^2)'                            ;                           ; (A^{2})^{\top}                                       ; (A²)ᵀ
(A + A')*x                        ;                           ; (A + A^{\top}) x                                     ; (A + Aᵀ) x
x.*y                              ;                           ; x \odot y                                                       ; x ⊙ y
(A*x).*y                          ; y.*(A*x)                  ; y \odot (A x)                                        ; y ⊙ (A x)
A'*(x.*y)                         ;                           ; A^{\top} (x \odot y)                                 ; Aᵀ (x ⊙ y)
s*(x.*y)                          ; s*x.*y                    ; s x \odot y                                                     ; s x ⊙ y
x./y                              ;                           ; x \oslash y                                                     ; x ⊘ y
1./x                              ;                           ; x^{\circ -1}                                                    ; 1 ⊘ x
2./(3*x.^2)                       ; 2./(3*x.^2)               ; \frac{2}{3} x^{\circ -2}                                        ; 2 ⊘ (3 x.^2)
s*x.*y./(mu.*(A*x))               ; s*x.*y./((A*x).*mu)       ; s x \odot y \oslash ((A x) \odot \mu)     ; s x ⊙ y ⊘ ((A x) ⊙ μ)
X./(u*ones(n)')                   ;                           ; X \oslash (u \mathbf{1}^{\top})                      ; X ⊘ (u 𝟏ᵀ)
x.^s                              ;                           ; x^{\circ s}                                                     ; x.^s
x.^(s - 1)                        ;                           ; x^{\circ (s - 1)}                                    ; x.^(s − 1)
sqrt(x)                           ;                           ; x^{\circ 1/2}                                                   ; sqrt(x)
diag(1./x)                        ; inv(diag(x))              ; \operatorname{Diag}(x^{\circ -1})                    ; diag(1 ⊘ x)
diag(A)                           ;                           ; \operatorname{diag}(A)                               ; diag(A)
A[:,j]                            ;                           ; A_{:,j}                                                         ; A[:,j]
X[i,:]*x                          ; (X*x)[i]                  ; (X x)_{i}                                            ; (X x)[i]
X[:,i]'*u                         ;                           ; X_{:,i}^{\top} u                                                ; X[:,i]ᵀ u
inv(A)[k,l]                       ;                           ; (A^{-1})_{k,l}                                       ; (A⁻¹)[k,l]
x_1[2]                            ;                           ; (x_{1})_{2}                                          ; x₁[2]
x*eye(n)[:,j]'                    ;                           ; x (I_{n} e_{j})^{\top}                              ; x I_n[:,j]ᵀ
X*A'*C'*B                         ; X*(C*A)'*B                ; X A^{\top} C^{\top} B                                           ; X Aᵀ Cᵀ B
A*C*(C*S*A)'                      ; A*C*(C*S*A)'              ; A C A^{\top} S C^{\top}                                         ; A C Aᵀ S Cᵀ
x'*A'*S*A*x                       ; (A*x)'*S*(A*x)            ; x^{\top} A^{\top} S A x                                         ; xᵀ Aᵀ S A x
kron(A', eye(m))                  ;                           ; A^{\top} \otimes I_{m}                                          ; Aᵀ ⊗ I_m
2*kron(B*B', A)                   ;                           ; 2 (B B^{\top} \otimes A)                             ; 2 ((B Bᵀ) ⊗ A)
kron(kron(A, x), B)               ;                           ; A \otimes x \otimes B                              ; A ⊗ x ⊗ B
commutation(m, n)*vec(X)          ;                           ; K_{m,n} \operatorname{vec}(X)                        ; K(m,n) vec(X)
logdet(S)^2                       ;                           ; (\log\det(S))^{2}                         ; logdet(S)²
tr(A)*A                           ;                           ; \operatorname{tr}(A) A                               ; tr(A) A
pinv(X)'                          ;                           ; (X^{+})^{\top}                                       ; (X⁺)ᵀ
inv(sqrtm(S))*x                   ;                           ; S^{-1/2} x                                                      ; S^−½ x
normnuc(X)                        ;                           ; \|X\|_{*}                                            ; ‖X‖_*
alpha*W1*mu                       ;                           ; \alpha W_{1} \mu                                                ; α W1 μ
loss*x_1                          ;                           ; \mathit{loss} x_{1}                                             ; loss x₁
lambda_max(S)*x                   ;                           ; \lambda_{\max}(S) x                                  ; λ_max(S) x
sin(alpha)^2 + pi                 ; pi + sin(alpha)^2         ; \pi + \sin(\alpha)^{2}                               ; π + sin(α)²
"""  # fmt: skip

ROWS = rows(WRITTEN)


@pytest.mark.parametrize(("typed", "plain", "tex", "terminal"), ROWS, ids=[row[0] for row in ROWS])
def test_written(typed: str, plain: str, tex: str, terminal: str) -> None:
    e = read(typed, WHERE).expr
    assert (text(e), latex(e), unicode(e)) == (plain or typed, tex, terminal)


# --- text reads back as the same object --------------------------------------------------------------------------

M, N, P = map(symbol, "mnp")
NAMES = read(" + ".join(f"sum({v})" for v in "X Y B A C S D Q x y u mu x_1 s t alpha b W1".split()), WHERE).symbols
BY_SHAPE: dict[Shape, list[Expr]] = {}
for _s in NAMES.values():
    BY_SHAPE.setdefault(_s.shape, []).append(variable(_s.name, _s.shape, set(_s.properties)))


def reads_back(e: Expr, where: str = WHERE) -> None:
    written = text(e)
    assert read(written, where).expr is e, written
    latex(e), unicode(e)


class Growing:
    """Grows a well-shaped expression over all operators; `choose` decides everything."""

    def __init__(self, rng: Random) -> None:
        self.choose = rng.choice

    def grow(self, shape: Shape, depth: int) -> Expr:
        if depth <= 0:
            return self.leaf(shape)
        rows, columns = shape
        ways = [self.leaf, self.sum, self.scaled, self.entrywise, self.entrywise, self.power, self.product, self.product]
        ways += [self.reduced] * 4 if shape == (1, 1) else [self.vector] * 3 if columns == 1 else [self.turned, self.outer]
        ways += [self.square] * 3 if rows == columns != 1 else []
        return self.choose(ways)(shape, depth - 1)

    def leaf(self, shape: Shape, depth: int = 0) -> Expr:
        rows, columns = shape
        options = [*BY_SHAPE.get(shape, ()), ones(shape)]
        options += [identity(rows)] if rows == columns else []
        options += [unit(self.choose(["j", 1]), rows)] if columns == 1 != rows else []
        options += [size(M), size(N), pi(), number(self.choose([2, -1, Fraction(3, 4)]))] if shape == (1, 1) else []
        return self.choose(options)

    def sum(self, shape: Shape, depth: int) -> Expr:
        a, b = self.grow(shape, depth), self.grow(self.choose([shape, shape, (1, 1)]), depth)
        return self.choose([language.plus, language.minus])(a, b)

    def scaled(self, shape: Shape, depth: int) -> Expr:
        return self.choose([language.times, language.over])(self.grow(shape, depth), self.grow((1, 1), depth))

    def entrywise(self, shape: Shape, depth: int) -> Expr:
        way = self.choose([language.dot_times, language.dot_over, "function", "abstract"])
        if way == "function":
            op = self.choose(ELEMENTWISE)
            return apply(op, tuple(self.grow(self.choose([shape, (1, 1)]) if i else shape, depth) for i in range(op.signature.count("*"))))
        if way == "abstract":
            return apply(abstract("g", self.choose([0, 1, 2])), (self.grow(shape, depth),))
        return way(self.grow(shape, depth), self.grow(shape, depth))

    def power(self, shape: Shape, depth: int) -> Expr:
        k = self.choose([2, 3, -1, -2, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2)])
        exponent = self.choose([number(k), self.grow((1, 1), depth - 1)])
        return language.dot_power(self.grow(shape, depth), exponent)

    def product(self, shape: Shape, depth: int) -> Expr:
        inner = self.choose([M, N, N])
        return language.times(self.grow((shape[0], inner), depth), self.grow((inner, shape[1]), depth))

    def outer(self, shape: Shape, depth: int) -> Expr:
        return language.times(self.grow((shape[0], 1), depth), self.grow((1, shape[1]), depth))

    def turned(self, shape: Shape, depth: int) -> Expr:
        return self.grow((shape[1], shape[0]), depth).T

    def vector(self, shape: Shape, depth: int) -> Expr:
        rows = shape[0]
        wide = self.grow((rows, N), depth)
        way = self.choose(["column", "rowsum", "colsum", "softmax", "logsumexp_rows", "diag"])
        if way == "column":
            return language.item(wide, (slice(None), self.choose(["j", 2])))
        if way == "diag":
            return call("diag", self.grow((rows, rows), depth))
        return call(way, wide.T if way == "colsum" else self.grow(shape, depth) if way == "softmax" else wide)

    def square(self, shape: Shape, depth: int) -> Expr:
        way = self.choose(["inv", "power", "diag", "function", "sylvester"])
        if way == "diag":
            return call("diag", self.grow((shape[0], 1), depth))
        a = self.grow(shape, depth)
        if way == "power":
            return language.to_power(a, number(self.choose([2, 3, -2])))
        if way == "sylvester":
            return call("sylvester", a, self.grow(shape, depth), self.grow(shape, depth))
        return call("inv" if way == "inv" else self.choose(["expm", "logm", "sqrtm", "adj", "pinv", "polar", "softmax_rows"]), a)

    def reduced(self, shape: Shape, depth: int) -> Expr:
        way = self.choose(["tr", "det", "logdet", "sum", "mean", "norm", "norm1", "prod", "normnuc", "logsumexp", "item", "kron", "inner"])
        if way in ("tr", "det", "logdet"):
            return call(way, self.grow((N, N), depth))
        if way == "logsumexp":
            return call(way, self.grow((N, 1), depth))
        if way == "item":
            return language.item(self.grow((M, N), depth), (self.choose(["i", 1]), self.choose(["j", 2])))
        if way == "kron":
            return call("sum", call("kron", self.grow((N, N), depth), self.grow((M, N), depth)))
        if way == "inner":
            return call(way, self.grow((M, N), depth), self.grow((M, N), depth))
        return call(way, self.grow(self.choose([(M, N), (N, 1)]), depth))


def test_text_reads_back() -> None:
    seeds, read_back = count(), 0
    while read_back < 250:
        growing = Growing(Random(next(seeds)))
        try:
            e = growing.grow(growing.choose([(1, 1), (N, 1), (M, N), (N, N), (1, N)]), 4)
        except MatcalcError:
            continue
        if not any(
            a.op is ZERO or a.op is HPOWER and any(b.op is UNIT for b in postorder(a)) for a in postorder(e)
        ):  # 1/0 has no normal form
            reads_back(e)
            read_back += 1


@pytest.mark.parametrize("op", [op for op in (*ELEMENTWISE, *MATRIX) if op.signature], ids=lambda op: op.name)
def test_every_row_reads_back(op: Op) -> None:
    inputs, _ = signature(",".join(["(m,n)"] * op.signature.count("*")) + "->(m,n)" if op.elementwise else op.signature)
    args, where = [], []
    for name, shape in zip("ABC", (tuple(replace(d, {"k": M * N}) for d in shape) for shape in inputs), strict=False):
        spd = shape[0] == shape[1] != 1
        args.append(variable(name, shape, {"spd"} if spd else set()))
        where.append(f"{name}: ({shape[0]}, {shape[1]}){' spd' * spd}")
    e = unvec(args[0], M, N) if op.name == "unvec" else apply(op, tuple(args))
    reads_back(e, "; ".join(where))


def test_every_name_of_the_language_is_written() -> None:
    missing = [op.name for op in MATRIX if op.signature and (op.spelled or op.name) not in FUNCTIONS]
    assert not missing


@pytest.mark.parametrize("name", ["power", "row", "over", "kron"])
def test_a_function_may_be_called_like_a_notation(name: str) -> None:
    e = apply(abstract(name, 1), (BY_SHAPE[N, 1][0],))
    assert (text(e), unicode(e)) == (f"{name}'(x)", f"{name}′(x)")


def test_leaves_with_sizes_read_back() -> None:
    reads_back(language.times(commutation((M, N)), call("vec", BY_SHAPE[M, N][0])))


# --- limits, depth ---------------------------------------------------------------------------------------------


def test_a_thousand_layers() -> None:
    x: Expr = variable("x", (N, 1))
    for i in range(1, 1001):
        x = apply(abstract("g", 0), (language.times(variable(f"W{i}", (N, N)), x),))
    assert text(x).startswith("g(W1000*g(W999*") and latex(x).count("(") == 1000 == unicode(x).count("(")


def test_what_is_too_long_is_refused() -> None:
    x: Expr = variable("x", (N, 1))
    for _ in range(100):
        x = language.dot_times(apply(abstract("g", 0), (x,)), apply(abstract("h", 0), (x,)))
    for write in (text, latex, unicode):
        with pytest.raises(LimitError, match="1,000,000 characters"):
            write(x)


# --- names in LaTeX ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("x", "x"), ("x_1", "x_{1}"), ("W12", "W_{12}"), ("alpha", r"\alpha"), ("Sigma_2", r"\Sigma_{2}"), ("μ", r"\mu"), ("Alpha", r"\mathrm{A}"),
        ("loss", r"\mathit{loss}"), ("x_max", r"x_{\mathit{max}}"), ("a_b_c", "a_{b,c}"), ("dX", r"\mathrm{d}X"), ("dx_1", r"\mathrm{d}x_{1}"),
        (r"\input{a}", r"\text{\textbackslash{}input\{a\}}"), ("a$b", r"\text{a\$b}"), ("x_}", r"x_{\text{\}}}"), ("é", r"\text{é}"),
    ],
)  # fmt: skip
def test_names(name: str, tex: str) -> None:
    assert latex(variable(name, (N, 1))) == tex
