"""The normal form is one: however an expression is written, it is the same object; simplifying settles it and keeps its value."""

from __future__ import annotations

import random

import pytest

import matcalc as mc
from expressions import VALUES, Sampler, values_for
from matcalc.calculus import gradient
from matcalc.checking.evaluate import evaluate
from matcalc.expr import (
    HADAMARD,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Expr,
    add,
    hadamard,
    number,
    postorder,
    product,
    scaled,
    substitute,
    symbol,
    transpose,
    variable,
    variables,
)
from matcalc.reading import read
from matcalc.simplification import simplify
from sampling import close

WHERE = "W: (n, n) skew; A: (m, n); B: (n, n); S: (n, n) symmetric; D: (n, n) diagonal; E: (n, n) diagonal; C: (m, m); x: (n); y: (n); a: (m); b: (m); X: (m, n); s: scalar; t: scalar"
SAME = """
x'*y                     ; y'*x
x'*B*y                   ; y'*B'*x
A*x - b                  ; -b + A*x
-(b - A*x)               ; A*x - b
(A*x)'                   ; x'*A'
(A*B)'*a                 ; B'*A'*a
x*y'*x                   ; (x'*y)*x
tr(A*B*A')               ; tr(B'*A'*A)
tr(A'*C*A)               ; tr(C*A*A')
tr(x*y')                 ; x'*y
tr(B'*B*B')              ; tr(B^2*B')
tr(B*S*inv(B))           ; tr(S)
kron(-eye(n), -eye(m))   ; eye(n*m)
kron(-B, -eye(n))        ; kron(B, eye(n))
softplus(-W)'            ; softplus(W)
pinv(pinv(X))            ; X
pinv(pinv(X)')           ; X'
(B - B').^4              ; (B' - B).^4
cos(B - B')              ; cos(B' - B)
abs(B - B')'             ; abs(B - B')
polar(polar(X))          ; polar(X)
polar(polar(X)')         ; polar(X)'
polar(expm(B - B'))      ; expm(B - B')
tr(D*B*E)                ; tr(E*D*B)
tr(D*B*E*S)              ; tr(B'*D*S*E)
y'*E*D*x                 ; x'*D*E*y
(D*inv(E))'              ; inv(E)*D
(B*D*E)'                 ; D*E*B'
B'*D*E*B                 ; (B'*E*D*B)'
2*x + 2*y                ; 2*(x + y)
s*A*t*B                  ; t*s*(A*B)
s^2/s                    ; s
S*x + S'*x               ; 2*S*x
(B + B')'                ; B + B'
x.*y.*x                  ; y.*x.^2
A' + X'                  ; (A + X)'
inv(B')                  ; inv(B)'
inv(s*B)                 ; inv(B)/s
tanh(X')                 ; tanh(X)'
tanh(-X)                 ; -tanh(X)
norm(-x)                 ; norm(x)
det(2*C)                 ; 2^m*det(C)
B*inv(B)*x               ; x
diag(x)*diag(y)          ; diag(x.*y)
inv(I + s*diag(x))*y     ; y./(1 + s*x)
det(diag(x) - 2*diag(y)) ; prod(x - 2*y)
(diag(x) + s*I)^3        ; diag((x + s).^3)
diag(diag(x) + 2*I)      ; x + 2
expm(s*diag(x))*y        ; exp(s*x).*y
logm(I + diag(x))        ; diag(log(1 + x))
sqrtm(diag(x.^2 + 1))    ; diag(sqrt(x.^2 + 1))
chol(I + diag(x.^2))     ; diag(sqrt(x.^2 + 1))
tr(inv(s*I + diag(x)))   ; sum(1./(x + s))
sqrt((A*x - b).^2)       ; abs(A*x - b)
blockinner(a, kron(x, b)) ; a'*b*x
unvec(kron(x, a), m, n)  ; a*x'
unvec(ones(m*n), m, n)   ; ones(m, n)
max(x, -x)               ; abs(x)
(1 - s)*x/(s - 1)        ; -x
(s - t)*(t - s)^3*A      ; -(s - t)^4*A
(s - t)^2/(t - s)        ; t - s
(1 - s)^(-2)*(s - 1)^3*A ; (s - 1)*A
min(t, -t)               ; -abs(t)
relu(-3*x)               ; 3*relu(-x)
1 - step(y - x)          ; step(x - y)
relu(x) - relu(-x)       ; x
x./exp(-y)               ; x.*exp(y)
ones(m)'*diag(a)         ; a'
sum(diag(kron(B, B)))    ; tr(B)^2
a'*A*exp(x)/sum(exp(x))  ; a'*A*softmax(x)
sum(X')                  ; sum(X)
sum(x)                   ; ones(n)'*x
mean(x)                  ; sum(x)/n
X[:,2]'*a                ; a'*X[:,2]
(A.*X)'                  ; A'.*X'
kron(A, B)'              ; kron(A', B')
sqrt(s)^2                ; s
vec(x*y')                ; kron(y, x)
(2*A - X)*x              ; -(X - 2*A)*x
"""


@pytest.mark.parametrize("line", SAME.strip().splitlines(), ids=lambda line: line.split(";")[0].strip())
def test_two_ways_to_write_it_are_one_object(line: str) -> None:
    left, right = (simplify(read(side, WHERE).expr) for side in line.split(";"))
    assert left is right


def shuffled(e: Expr, rng: random.Random) -> Expr:
    """`e` built again: terms and factors in another order and association, products and sums through their transpose."""
    done: dict[Expr, Expr] = {}
    for n in postorder(e):
        args = [done[a] for a in n.args]
        if n.op is SUM:
            terms = [scaled(c, a) for c, a in zip(n.data, args, strict=True)]
            rng.shuffle(terms)
            cut = rng.randrange(len(terms))
            done[n] = add([*([add(terms[:cut])] if cut else []), *terms[cut:]])
        elif n.op is PRODUCT:
            k = n.data[1]
            scalars, chain = args[:k], args[k:]
            rng.shuffle(scalars)
            middle = rng.randrange(len(chain) + 1)
            matrices = [product(part) for part in (chain[:middle], chain[middle:]) if part]
            done[n] = transpose(product([*scalars, *(transpose(m) for m in reversed(matrices)), number(n.data[0])]))
        elif n.op is HADAMARD:
            rng.shuffle(args)
            done[n] = transpose(hadamard([transpose(a) for a in args]))
        elif n.op is TRANSPOSE:
            done[n] = transpose(args[0])
        else:
            done[n] = substitute(n, dict(zip(n.args, args, strict=True))) if args else n
    return done[e]


def drawn(seed: int) -> list[Expr]:
    sampler = Sampler(seed)
    shape = sampler.rng.choice([(1, 1), (1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))])
    f = sampler.draw(shape, sampler.rng.randint(2, 5))
    free = variables(f)
    return [f, gradient(f, [free[0]])[0]] if free and f.is_scalar else [f]


@pytest.mark.parametrize("batch", range(8))
def test_order_association_and_transposition_do_not_matter(batch: int) -> None:
    for seed in range(25 * batch, 25 * batch + 25):
        for e in drawn(seed):
            assert shuffled(e, random.Random(seed)) is e, f"seed {seed}: {e}"


@pytest.mark.parametrize("batch", range(8))
def test_simplify_settles_shortens_and_keeps_the_value(batch: int) -> None:
    for seed in range(25 * batch, 25 * batch + 25):
        for e in drawn(seed):
            s = simplify(e)
            assert simplify(s) is s, f"seed {seed}: not settled"
            assert s.weight <= e.weight, f"seed {seed}: longer"
            point = values_for(variables(e), seed)
            assert close(evaluate(s, **point, **VALUES), evaluate(e, **point, **VALUES), 1e-7), f"seed {seed}: another value"


@pytest.mark.parametrize("seed", range(60))
def test_other_names_and_back_make_the_same_object(seed: int) -> None:
    for e in drawn(seed):
        there = {
            v: variable(
                "zyxwvutsrqponmlkjihgfedcba"[ord(v.data[0].lower()) - 97] + "_" * v.data[0].isupper(), v.shape, frozenset(v.data[1])
            )
            for v in variables(e)
        }
        renamed = substitute(e, there)
        assert substitute(renamed, {w: v for v, w in there.items()}) is e
        assert simplify(substitute(simplify(renamed), {w: v for v, w in there.items()})).weight == simplify(e).weight


def test_sums_nested_deep_are_no_recursion_error() -> None:
    """e = x'(A + tanh(e) B)x, sixty times: regrouping one sum leads into the next."""
    x, A, B = mc.vector("x", "n"), mc.matrix("A", "n", "n"), mc.matrix("B", "n", "n")
    e = x.T @ A @ x
    for _ in range(60):
        e = x.T @ (A + mc.tanh(e) * B) @ x
    assert mc.grad(e, x).shape == x.shape
