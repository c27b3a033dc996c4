"""The functions of the language by name: rows of the table, and definitions that are written out when read.

A definition never becomes a node: sum(X) is 1'X1, mean(x) is that over n, norm1(x) is sum(abs(x)).
The writers know these forms and write the short name again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import ClassVar

from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import Expr, Op, apply, fill, hpower, matpower, ones, power, product, scaled, substitute, transpose
from matcalc.expr.applying import inputs_of, result_shape, signature
from matcalc.expr.conjugate import I, adjoint, conjugate
from matcalc.expr.dims import Dim, Size
from matcalc.expr.grids import is_zero
from matcalc.expr.heads import NUMBER, identity, number, onehot, size, variable, zero
from matcalc.expr.language import dot_power, minus, over, plus
from matcalc.operators.complex_parts import COMPLEX
from matcalc.operators.elementwise_functions import ALIASES, ELEMENTWISE, elementwise
from matcalc.operators.matrices import (
    DIAG,
    DIAGONAL,
    LAMBDA_MAX,
    MATRIX,
    NORM,
    SOFTMAX,
    SOFTMAX_ROWS,
    TR,
    TRIL,
    TRIU,
    commutation,
    pi,
    unvec,
)


@dataclass(frozen=True, slots=True)
class Function:
    """A name before parentheses: the shapes it takes and what it makes of its arguments.

    `overloads` are tried in order (diag of a vector, diag of a matrix); where `sizes` is set the
    arguments are sizes, as in ``eye(n)``; the last `sizes` arguments of ``unvec`` are.  A `note` goes with every answer.
    """

    name: str
    overloads: tuple[Overload, ...]
    sizes: int = 0
    doc: str = ""
    note: str = ""
    head: str = ""  # the operator at the top of what it makes, where that is always one, or one of several

    def overload(self, shapes: Sequence[tuple[object, object]]) -> Overload:
        """The first that takes so many arguments, vectors where it wants vectors; the last of so many where none does.

        Raises ShapeError where there is none of so many.
        """
        fitting = [o for o in self.overloads if inputs_of(o[0]) == len(shapes)]
        if not fitting:
            counts = sorted({inputs_of(text) for text, _ in self.overloads})
            plural = "s" * (counts != [1])
            raise ShapeError(f"{self.name} takes {', '.join(map(str, counts))} argument{plural}, not {len(shapes)}")
        return next((o for o in fitting if _fits(o[0], shapes)), fitting[-1])


Overload = tuple[str, Callable[..., Expr]]


class Definition:
    """The definition of a function in the language: its arguments are X, Y, Z in `text`, those with one column x, y, z.

    >>> from matcalc import reading
    >>> from matcalc.expr import variable, symbol
    >>> p, q = (variable(v, (symbol("n"), 1)) for v in "pq")
    >>> Definition("dot", "(n),(n)->()", "x'*y")(p, q)
    pᵀ q
    """

    reader: ClassVar[Callable[..., Expr]]  # reads text in which names mean expressions: reading, which knows the functions, gives it

    def __init__(self, name: str, signature: str, text: str) -> None:
        self.op, self.text = Op(name, signature), text

    def __call__(self, *args: Expr) -> Expr:
        result_shape(self.op, tuple(a.shape for a in args))
        shapes, _ = signature(self.op.signature)
        sizes = {
            w.name: n
            for wanted, a in zip(shapes, args, strict=True)
            for w, n in zip(wanted, a.shape, strict=True)
            if isinstance(w, Dim) and w.name
        }
        names, template = self.read
        return substitute(template, dict(zip(names, args, strict=True)), sizes)

    @cached_property
    def read(self) -> tuple[list[Expr], Expr]:
        """The names of the arguments and the text over them, read when it is first needed."""
        shapes, _ = signature(self.op.signature)
        of = {"complex"} if "^H" in self.text or "conj" in self.text else set[str]()
        names = [variable(("xyz" if shape[1] == 1 else "XYZ")[i], shape, of) for i, shape in enumerate(shapes)]
        return names, Definition.reader(self.text, {v.data[0]: v for v in names})


def defined(name: str, *ways: str, doc: str, note: str = "") -> Function:
    """A function whose overloads are written out as ``signature: text``."""
    parts = [way.split(": ") for way in ways]
    return Function(name, tuple((takes, Definition(name, takes, text)) for takes, text in parts), doc=doc, note=note)


def _fits(text: str, shapes: Sequence[tuple[object, object]]) -> bool:
    """Whether there is a vector wherever the signature has one."""
    if "->" not in text:
        return True
    return all(wanted[1] != 1 or columns == 1 for wanted, (_, columns) in zip(signature(text)[0], shapes, strict=True))


def _of_row(op: Op) -> tuple[str, Callable[..., Expr]]:
    return op.signature, lambda *args: apply(op, args)


def total(x: Expr) -> Expr:
    """The sum of all entries, 1'X1."""
    rows, columns = x.shape
    return product([ones((1, rows)), x, ones((columns, 1))])


def mean(x: Expr) -> Expr:
    """The sum of all entries over their number."""
    return product([total(x), power(size(x.shape[0] * x.shape[1]), number(-1))])


def square_root(x: Expr) -> Expr:
    return hpower(x, number(Fraction(1, 2)))


def larger(a: Expr, b: Expr, *others: Expr) -> Expr:
    """max(a, b), entry by entry: a + relu(b - a), relu(t) with a zero."""
    a, b = (b, a) if is_zero(b) else (a, b)
    return reduce(larger, others, plus(a, elementwise("relu", minus(b, a))))


def smaller(a: Expr, b: Expr, *others: Expr) -> Expr:
    """min(a, b), entry by entry: a - relu(a - b)."""
    a, b = (b, a) if is_zero(b) else (a, b)
    return reduce(smaller, others, minus(a, elementwise("relu", minus(a, b))))


def _only_of_two(name: str, smooth: str) -> Callable[..., Expr]:
    def refused(x: Expr) -> Expr:
        raise UnsupportedError(
            f"{name} of one argument is not differentiable", hint=f"{smooth} is its smooth version; {name}(a, b) takes two"
        )

    return refused


def p_norm(x: Expr, p: Expr) -> Expr:
    """The p-norm of a vector: (Σ |x_i|^p)^(1/p)."""
    if 1 not in x.shape:
        raise UnsupportedError(
            "norm(X, p) of a matrix means different norms in different places",
            hint="norm(X) is Frobenius, norm1(X) the sum of absolute values, normspec(X) the largest singular value, normnuc(X) their sum; the induced 1-norm is the largest sum of absolute values of a column",
        )
    if p.op is NUMBER and p.data < 1:
        raise UnsupportedError(f"norm(x, {p.data}) is no norm", hint="p is at least 1; write sum(abs(x).^p)^(1/p) for other p")
    if p.op is NUMBER and p.data == 2:
        return apply(NORM, (x,))
    return power(total(hpower(elementwise("abs", x), p)), power(p, number(-1)))


def largest(x: Expr) -> Expr:
    """The largest absolute value of an entry, as the largest eigenvalue of the diagonal matrix of all of them."""
    return apply(LAMBDA_MAX, (apply(DIAG, (elementwise("abs", x),)),))


def smallest_eigenvalue(x: Expr) -> Expr:
    """λ_min(A) = -λ_max(-A), of a symmetric matrix."""
    return scaled(-1, apply(LAMBDA_MAX, (scaled(-1, x),)))


def _triangle(op: Op, x: Expr, k: Expr, strict: int) -> Expr:
    """A triangle from the k-th diagonal on: the main one, or the first that leaves it out, which is what the other triangle leaves."""
    if k.op is NUMBER and k.data == 0:
        return apply(op, (x,))
    if k.op is NUMBER and k.data == strict:
        return minus(x, apply(TRIU if op is TRIL else TRIL, (x,)))
    raise UnsupportedError(f"{op.name}(X, k) is for k = 0 and k = {strict}", hint="multiply by a matrix of zeros and ones: M.*X")


# fmt: off
_DEFINITIONS: tuple[Function, ...] = (
    Function("sum", (("(m,n)->()", total),), doc="the sum of all entries"),
    Function("mean", (("(m,n)->()", mean),), doc="their mean"),
    Function("rowsum", (("(m,n)->(m)", lambda x: product([x, ones((x.shape[1], 1))])),), doc="the sum of each row"),
    Function("colsum", (("(m,n)->(n)", lambda x: product([transpose(x), ones((x.shape[0], 1))])),), doc="the sum of each column"),
    Function("inv", (("(n,n)->(n,n)", lambda x: matpower(x, -1)),), head="matpower", doc="the inverse"),
    Function("inner", (("(m,n),(m,n)->()", lambda x, y: apply(TR, (product([adjoint(x), y]),))),), head="tr", doc="tr(X'Y), tr(X^H Y) of complex ones"),
    Function("norm", (("(m,n)->()", lambda x: apply(NORM, (x,))), ("(m,n),()->()", p_norm)), doc="the Euclidean or Frobenius norm; norm(x, p): the p-norm of a vector"),
    Function("norm1", (("(m,n)->()", lambda x: total(elementwise("abs", x))),), doc="the sum of absolute values"),
    Function("square", (("*", lambda x: hpower(x, number(2))),), doc="x^2 elementwise"),
    Function("log2", (("*", lambda x: over(elementwise("log", x), elementwise("log", number(2)))),), doc="the logarithm to the base 2"),
    Function("log10", (("*", lambda x: over(elementwise("log", x), elementwise("log", number(10)))),), doc="the logarithm to the base 10"),
    Function("sqrt", (("*", square_root),), doc="the elementwise square root"),
    Function("conj", (("*", conjugate),), doc="the complex conjugate, entry by entry"),
    Function("ctranspose", (("(m,n)->(n,m)", adjoint),), doc="the conjugate transpose X^H"),
    Function("max", (("(m,n)->()", _only_of_two("max", "logsumexp(x)")), ("*,*", larger), ("*,*,*", larger)), doc="the larger, entry by entry: a + relu(b - a)"),
    Function("min", (("(m,n)->()", _only_of_two("min", "-logsumexp(-x)")), ("*,*", smaller), ("*,*,*", smaller)), doc="the smaller, entry by entry: a - relu(a - b)"),
    Function("pow", (("*,*", dot_power),), doc="x.^p"),
    Function("tril", (_of_row(TRIL), ("(m,n),()->(m,n)", lambda x, k: _triangle(TRIL, x, k, -1))), doc="the lower triangle; tril(X, -1): without the diagonal"),
    Function("triu", (_of_row(TRIU), ("(m,n),()->(m,n)", lambda x, k: _triangle(TRIU, x, k, 1))), doc="the upper triangle; triu(X, 1): without the diagonal"),
    Function("diag", (_of_row(DIAG), _of_row(DIAGONAL)), head="diag diagonal", doc="vector → diagonal matrix, matrix → vector of its diagonal"),
)

_WRITTEN: tuple[Function, ...] = (
    defined("dot", "(n),(n)->(): x'*y", doc="the inner product of two vectors"),
    defined("vdot", "(n),(n)->(): x^H*y", doc="the inner product of two vectors, the first conjugated"),
    defined("outer", "(m),(n)->(m,n): x*y'", doc="x y'"),
    defined("matmul", "(m,n),(n,p)->(m,p): X*Y", doc="the product of two matrices"),
    defined("crossprod", "(m,n)->(n,n): X'*X", "(m,n),(m,p)->(n,p): X'*Y", doc="X'X, or X'Y"),
    defined("tcrossprod", "(m,n)->(m,m): X*X'", "(m,n),(p,n)->(m,p): X*Y'", doc="X X', or X Y'"),
    defined("quad_form", "(n),(n,n)->(): x^H*Y*x", doc="x'A x, x^H A x of a complex x"),
    defined("sum_squares", "(m,n)->(): norm(X)^2", doc="the sum of squares of all entries"),
    Function("norminf", (("(n)->()", largest),), doc="the largest absolute value of a vector's entries", note="‖x‖_∞ is differentiable where one entry is the largest"),
    defined("norm21", "(m,n)->(): sum(sqrt(rowsum(X.*conj(X))))", doc="the sum of the norms of the rows", note="‖X‖₂,₁ is the sum of the norms of the rows"),
    defined("var", "(m,n)->(): norm(X - matrix(mean(X)))^2/(m*n)", doc="the variance of all entries", note="var divides by the number of entries, not by one less"),
    defined("std", "(m,n)->(): norm(X - matrix(mean(X)))/sqrt(m*n)", doc="the standard deviation of all entries", note="std divides by the number of entries, not by one less"),
    defined("cov", "(m,n)->(n,n): X'*X/m - X'*ones(m)*ones(m)'*X/m^2", "(n),(n)->(): x'*y/n - sum(x)*sum(y)/n^2", doc="the covariance of the columns, or of two vectors",
            note="cov divides by the number of observations, not by one less; those of a matrix are its rows"),
    defined("corr", "(n),(n)->(): (x - vector(mean(x)))'*(y - vector(mean(y)))/(norm(x - vector(mean(x)))*norm(y - vector(mean(y))))", doc="the correlation of two vectors"),
    Function("softmax", (_of_row(SOFTMAX), _of_row(SOFTMAX_ROWS)), head="softmax", doc="exp(x)/sum(exp(x)); of a matrix, of each row"),
    defined("softmax_cols", "(m,n)->(m,n): softmax_rows(X')'", doc="softmax of each column"),
    defined("logsumexp_cols", "(m,n)->(n): logsumexp_rows(X')", doc="logsumexp of each column"),
    Function("lambda_min", (("(n,n)->()", smallest_eigenvalue),), doc="the smallest eigenvalue of a symmetric matrix"),
    defined("log_softmax", "(n)->(n): x - vector(logsumexp(x))", "(m,n)->(m,n): log_softmax_rows(X)", doc="the logarithm of softmax"),
    defined("log_softmax_rows", "(m,n)->(m,n): X - logsumexp_rows(X)*ones(n)'", doc="the logarithm of softmax of each row"),
    defined("log_softmax_cols", "(m,n)->(m,n): log_softmax_rows(X')'", doc="the logarithm of softmax of each column"),
    defined("softmin", "(n)->(n): softmax(-x)", doc="softmax(-x)"),
    defined("layernorm", "(n)->(n): sqrt(n)*(x - vector(mean(x)))/norm(x - vector(mean(x)))", "(n),()->(n): (x - vector(mean(x)))/sqrt(norm(x - vector(mean(x)))^2/n + y)", doc="(x - mean(x))/std(x); layernorm(x, e): over sqrt(var(x) + e)"),
    defined("normalize", "(n)->(n): x/norm(x)", doc="x/norm(x)"),
    defined("entropy", "(m,n)->(): -sum(X.*log(X))", doc="-Σ p log p"),
    defined("cross_entropy", "(m,n),(m,n)->(): -sum(X.*log(Y))", doc="-Σ p log q", note="cross_entropy(p, q) is −Σ p log q, of probabilities"),
    defined("normalpdf", "(n),(n),(n,n)->(): exp(-1/2*(x - y)'*inv(Z)*(x - y) - 1/2*logdet(Z) - n/2*log(2*pi))", doc="the normal density at x, with mean and covariance",
            note="the third argument of normalpdf is the covariance, of a number the variance"),
)

_SIZED: tuple[Function, ...] = (
    Function("eye", (("->(n,n)", identity),), sizes=1, doc="the identity"),
    Function("ones", (("->(m)", lambda m: ones((m, 1))), ("->(m,n)", lambda m, n: ones((m, n)))), sizes=2, doc="a vector or matrix of ones"),
    Function("zeros", (("->(m)", lambda m: zero((m, 1))), ("->(m,n)", lambda m, n: zero((m, n)))), sizes=2, doc="zeros"),
    Function("commutation", (("->(m*n,m*n)", lambda m, n: commutation((m, n))),), sizes=2, head="commutation identity", doc="K vec(A) = vec(A') for A m×n"),
    Function("unvec", (("(m*n)->(m,n)", unvec),), sizes=2, doc="the m×n matrix whose vec is given"),
    Function("onehot", (("(m)->(m,n)", onehot),), sizes=1, doc="a row for each label, with a one in its column"),
)

_SPREAD: tuple[Function, ...] = (
    Function("vector", (("()->(m)", lambda s, shape: fill(s, shape)),), doc="a constant vector, as long as its place needs"),
    Function("matrix", (("()->(m,n)", lambda s, shape: fill(s, shape)),), doc="a constant matrix of the shape its place needs"),
)
# fmt: on

_NO_NAME = {"pi", "diagonal", "unvec", "commutation", "tril", "triu"}

# Every name the language knows before parentheses.
FUNCTIONS: dict[str, Function] = {
    **{op.name: Function(op.name, (_of_row(op),), head=op.name) for op in (*ELEMENTWISE, *MATRIX, *COMPLEX) if op.name not in _NO_NAME},
    **{f.name: f for f in (*_DEFINITIONS, *_WRITTEN, *_SIZED, *_SPREAD)},
}
FUNCTIONS.update({alias: FUNCTIONS[name] for alias, name in ALIASES.items()})

UNIT = "1i"  # the imaginary unit, as it is written
CONSTANTS: dict[str, Callable[[], Expr]] = {"pi": pi, "π": pi, UNIT: lambda: I}


def call(name: str, *args: Expr | Size) -> Expr:
    """The function `name` of the language applied to expressions (and sizes, where it takes them).

    >>> call("sum", number(3)), call("eye", 1)
    (3, 1)
    """
    function = FUNCTIONS[name]
    if function.sizes:
        return function.overloads[min(len(args), len(function.overloads)) - 1][1](*args)
    build = function.overload([a.shape for a in args if isinstance(a, Expr)])[1]
    return build(*args)
