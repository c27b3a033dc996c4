"""Errors: each says what is wrong, shows the place, and where it can what to write instead; limits are kept, and quickly.

Tables: text | declarations ; the error ; what is said (all of these words, in this order).
"""

from __future__ import annotations

import re
import time

import pytest

import matcalc as mc
from matcalc.limits import LIMITS, MOST_CHARACTERS
from tables import rows

SAID = rows("""
A*x + b | A: (m,n); x: (p); b: (m)       ; ShapeError ; (m, n) * (p, 1) do not fit … A is (m, n) and x is (p, 1) as declared
B*x + A*x | B: (m,p); A: (m,n)           ; ShapeError ; A is (m, n) as declared … x is (p, 1) from `B*x`
A + x' | A: (m,n); x: (m)                ; ShapeError ; (m, n) + (1, m) do not fit … added to every column
X*Y | X: (m,n); Y: (m,n)                 ; ShapeError ; do not fit … did you mean .* (elementwise), or a transpose?
A.*B | A: (m,n); B: (n,m)                ; ShapeError ; `.*` needs equal shapes … (m, n) and (n, m)
tr(X) | X: (m,n)                         ; ShapeError ; tr needs a square matrix … X is (m, n) as declared
X^2 | X: (m,n)                           ; ShapeError ; square … elementwise `.^`
inner(A,x) | A: (m,n); x: (n)            ; ShapeError ; inner needs arguments of one shape … (m, n), (n, 1)
a/b | a: (n); b: (n)                     ; ShapeError ; divides by a scalar … ./
y./(x - x) | y: (n); x: (n)              ; ShapeError ; division by zero
A + x | A: (n,n); x: (n)                 ; ShapeError ; every column or to every row … A + x*ones(n)'
tr(I)                                    ; ShapeError ; size of `I` does not follow … eye(n)
X[1] | X: (m,n)                          ; ShapeError ; two indices … X[:,j]
X[4,1] | X: (3,n)                        ; ShapeError ; outside of 1…3
sum(x[0:2])                              ; ShapeError ; 0:2 begins before 1 … count from 1
logdt(A) | A: (n,n)                      ; UnknownNameError ; `logdt` … did you mean `logdet`? … logdt: elementwise
2'*x                                     ; ParseError ; a number is transposed … ones(n)
tr[A'A] | A: (m,n)                       ; ParseError ; a function has its argument in parentheses: tr( )
sum(p log(p/q))                          ; ShapeError ; sum is of an array, and `p` is a scalar here … .* and ./ … p: (n)
tr(ρ log ρ)                              ; ShapeError ; tr is of a matrix, and `ρ` is a scalar here … ρ: (n, n)
x'*А*x | A: (n,n); x: (n)                ; UnknownNameError ; Cyrillic … looks like the Latin `A`
inf(x) | x: (n)                          ; UnknownNameError ; `inf` is no name
x | x: (n) symetric                      ; UnknownNameError ; did you mean `symmetric`?
floor(x) | x: (n)                        ; UnsupportedError ; floor is piecewise constant
max(x) | x: (n)                          ; UnsupportedError ; logsumexp(x) is its smooth version; max(a, b) takes two
minimum(X) | X: (m, n)                   ; UnsupportedError ; -logsumexp(-x) is its smooth version; min(a, b) takes two
max(x, y, z, u) | x: (n)                 ; ParseError ; max takes 1, 2, 3 arguments, not 4
huber(x) | x: (n)                        ; ParseError ; huber takes 2 arguments, not 1
hypot(x, A) | x: (n); A: (n, n)          ; ShapeError ; hypot needs arguments of one shape, or scalars, but has (n, 1), (n, n)
norm(X, 1) | X: (m, n)                   ; UnsupportedError ; norm1(X) the sum of absolute values, normspec(X) the largest singular value
norm(x, 1/2) | x: (n)                    ; UnsupportedError ; p is at least 1
chol(A) | A: (n, n)                      ; UnsupportedError ; declare it: A: (n, n) spd
sum(tril(X, 2)) | X: (m, n)              ; UnsupportedError ; multiply by a matrix of zeros and ones: M.*X
dot(A, B) | A: (n, n); B: (n, n)         ; ShapeError ; dot needs arguments of one shape
sum(sort(x)) | x: (n)                    ; UnsupportedError ; write P*x with P: (n, n) a matrix of zeros and ones
rank(X) | X: (m, n)                      ; UnsupportedError ; normnuc(X)
sum(argmax(x)) | x: (n)                  ; UnsupportedError ; softmax(x) is its smooth version
median(x) | x: (n)                       ; UnsupportedError ; mean(x) is
sum(eig(A)) | A: (n, n)                  ; UnsupportedError ; lambda_max(A) is the largest eigenvalue
svd(A) | A: (n, n)                       ; UnsupportedError ; normspec(X) is the largest singular value
sum(round(x)) | x: (n)                   ; UnsupportedError ; declare what it gives as a variable of its own
sum(mod(x, 2)) | x: (n)                  ; UnsupportedError ; x - c*k with k a variable of its own
A*x = b                                  ; ParseError ; `=` … not an equation
norm(x                                   ; ParseError ; missing `)` … column 5
x)                                       ; ParseError ; `)` closes nothing
(x]                                      ; ParseError ; does not close the `(` at column 1
‖x                                       ; ParseError ; norm bar … norm(x)
X * * Y                                  ; ParseError ; expected an operand after `*`, not `*` … a power is written ^
x +                                      ; ParseError ; the text ends
1.2.3*x                                  ; ParseError ; number
f(x, y)                                  ; ParseError ; takes 1 argument, not 2
x | x(n)                                 ; ParseError ; expected `:` after `x` … X: (m, n)
x | x: vektor                            ; ParseError ; a shape or a kind
x | x: (n,n,n)                           ; ShapeError ; one or two sizes
A | A: (m,n) symmetric                   ; ShapeError ; `symmetric` needs a square matrix, not (m, n)
A | A: (n,n) symmetric skew              ; ParseError ; cannot be both
x | x: (n); x: (m)                       ; ParseError ; declared twice, differently
n*x | n: (n); x: (n)                     ; ParseError ; is a size too
I*x | I: (n,n)                           ; ParseError ; reserved: it is the identity matrix
x\u202e + y                              ; ParseError ; U+202E
x\u0000y                                 ; ParseError ; U+0000
x\u200b                                  ; ParseError ; U+200B
\ue000x\ue001                            ; ParseError ; U+E000
""")  # fmt: skip


@pytest.mark.parametrize("given, kind, said", SAID, ids=[r[0] for r in SAID])
def test_what_is_said(given: str, kind: str, said: str) -> None:
    text, _, where = given.partition(" | ")
    with pytest.raises(getattr(mc, kind)) as caught:
        mc.parse(text, where=where)
    message = str(caught.value)
    assert re.search(".*".join(map(re.escape, said.split(" … "))), message, re.DOTALL), message
    assert "^" in message  # the place


def test_questions_are_answered_in_kind() -> None:
    with pytest.raises(mc.MatcalcError, match="matcalc has no `grads`"):
        mc.grads  # noqa: B018
    assert not hasattr(mc, "third")
    with pytest.raises(mc.UnknownNameError, match="no variable `W`"):
        mc.grad("x'*x", "W")
    with pytest.raises(mc.ShapeError, match="a gradient is of a scalar"):
        mc.grad("A*x", "x")
    with pytest.raises(mc.ShapeError, match=r"write b'\*x for the number that a vector b and x make"):
        mc.grad("x^T A x + b x", "x")


def test_what_is_singular_is_noted() -> None:
    notes = mc.grad("det(X*X')", "X", where="X: (5, 3)").notes
    assert "X Xᵀ is singular: its rank is at most 3, and it is 5×5" in notes
    assert not any("singular" in n for n in mc.grad("logdet(X'*X)", "X", where="X: (5, 3)").notes)
    assert not any("singular" in n for n in mc.grad("logdet(X*X' + I)", "X", where="X: (5, 3)").notes)


BIG = {
    "a megabyte": "x+" * 500_000 + "x",
    "a megabyte of LaTeX": r"\alpha " * 150_000,
    "a long name": "a" * 5_000,
    "a long number": "9" * 5_000 + "*x",
    "a large exponent": "x.^" + "9" * 400,
    "1e999999": "1e999999*x",
    "a name in where": "x",
}


@pytest.mark.parametrize("text", BIG.values(), ids=BIG)
def test_limits_are_kept_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(mc.LimitError, match=r"limit is|digits"):
        mc.parse(text, where="x: (n)" if text != "x" else f"x: ({'m' * 101})")
    assert time.perf_counter() - start < 1


def test_what_definitions_make_of_each_other_is_bounded() -> None:
    with pytest.raises(mc.LimitError, match="definitions make more than"):
        mc.parse("g(" * 40 + "x" + ")" * 40, where="g(x) = x.*exp(x); x: (n)")


def test_ten_thousand_parentheses_and_two_thousand_layers_are_no_limit() -> None:
    assert mc.grad("(" * 10_000 + "x" + ")" * 10_000 + "'*x", "x", where="x: (n)").text() == "2*x"
    net = "norm(" + "".join(f"tanh(W{k}*" for k in range(2_000, 0, -1)) + "x" + ")" * 2_000 + ")^2"
    assert len(net) < MOST_CHARACTERS
    assert mc.grad(net, "W2000").wrt.data[0] == "W2000"


def test_nesting_brackets_of_all_kinds() -> None:
    for open_, close in (("(", ")"), ("‖", "‖"), ("-(", ")"), ("sin(", ")")):
        e = mc.parse("sum(" + open_ * 1_500 + "x" + close * 1_500 + ")", where="x: (n)")
        assert e.is_scalar


def test_the_limits_are_listed() -> None:
    assert all(limit > 0 for limit in LIMITS.values())
