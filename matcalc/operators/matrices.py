"""Matrix functions and reductions, and the linear maps their derivatives are made of.

A linear row needs no ``d``; its ``adjoint`` says, per argument, what the adjoint map does to the cotangent W:
⟨W, f(dX)⟩ = ⟨adjoint, dX⟩; its ``vec`` is the matrix with vec f(dX) = vec · vec dX.  Everything else has a differential ``d`` that is made of linear rows.
Numbers after M&N are of Magnus & Neudecker (3rd ed.), after PP of Petersen & Pedersen (2012).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import (
    ONE,
    Expr,
    Op,
    add,
    apply,
    hadamard,
    hpower,
    identity,
    is_ones,
    number,
    ones,
    oriented,
    size,
    transpose,
    untransposed,
    zero,
)
from matcalc.expr import heads as H
from matcalc.expr.applying import result_shape
from matcalc.expr.conjugate import is_hermitian, is_real
from matcalc.expr.dims import Size
from matcalc.expr.facts import has
from matcalc.expr.melts import melted
from matcalc.expr.node import node
from matcalc.expr.products import as_diagonal, commute, factors, ordered, power, product, scaled, split
from matcalc.expr.transposing import turned
from matcalc.expr.turning import of_equation
from matcalc.limits import LONGEST_CIRCLE
from matcalc.operators.elementwise_functions import elementwise, of_conjugate

Canonical = Callable[[Op, tuple[Expr, ...]], Expr | None]


# --- what is particular to a row -----------------------------------------------------------------------------


def _on_scalar(value: Callable[..., Expr], then: Canonical | None = None) -> Canonical:
    """`value` of 1×1 arguments; for others what `then` says."""

    def canonical(op: Op, args: tuple[Expr, ...]) -> Expr | None:
        if all(a.is_scalar for a in args):
            return value(*args)
        return then(op, args) if then else None

    return canonical


def _on_entries(value: Callable[[Expr], Expr], then: Canonical | None = None) -> Canonical:
    """`value` of a number; of Diag(v) it is Diag of `value` entry by entry; for others what `then` says."""

    def canonical(op: Op, args: tuple[Expr, ...]) -> Expr | None:
        if args[0].is_scalar:
            return value(*args)
        of = as_diagonal(args[0])
        return apply(of.op, (value(of.vector),)) if of else then(op, args) if then else None

    return canonical


def _trace(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """tr in its canonical rotation; of an outer product, the inner one."""
    (a,) = args
    if a.op is H.IDENTITY:
        return size(a.shape[0])
    if a.op.name == "diag":
        return product([transpose(ones(a.args[0].shape)), a.args[0]])
    if a.op is H.SUM:
        return _terms_turned(op, a)
    if a.op.name == "kron" and a.args[0].shape[0] == a.args[0].shape[1]:
        return product([apply(op, (a.args[0],)), apply(op, (a.args[1],))])
    scalars, bare = split(a)
    if bare.op is not H.PRODUCT:
        return None
    chain = factors(bare)
    for i, f in enumerate(chain):
        if f.shape[0] == 1:
            return product([scalars, *chain[i:], *chain[:i]])
    if melted(chain[-1], chain[0]) is not None:
        made = product([chain[-1], *chain[:-1]])
        if made.op is not H.PRODUCT or len(made.args) < len(chain) or made.data[1]:
            return product([scalars, apply(op, (made,))])
    if len(chain) > LONGEST_CIRCLE:
        return None
    signs, back = zip(*(turned(f) for f in reversed(chain)), strict=True)  # a skew matrix changes sign
    ways, others = _rotations(chain), _rotations(back) if all(f.op is not H.PRODUCT for f in back) else []
    least = _read_best([*ways, *others])
    if least in ways and least in others and prod(signs) == -1:
        return number(0)
    sign = 1 if least in ways else prod(signs)
    if least == chain:
        return None
    return product([number(sign), scalars, node(op, (product(least),), None, (1, 1))])


def _rotations(chain: tuple[Expr, ...]) -> list[tuple[Expr, ...]]:
    """A cycle from each of its factors on, but what commutes together."""
    starts = [i for i, f in enumerate(chain) if not commute(chain[i - 1], f)] or [0]
    return [tuple(ordered(chain[i:] + chain[:i])) for i in starts]


def _read_best(ways: list[tuple[Expr, ...]]) -> tuple[Expr, ...]:
    """The rotation with few transposes; X'A X before A X X', for it is its own transpose; with transposes of names, in their order."""
    for told in (_transposes, _turned_wholes, _names):
        if len(ways) > 1:
            keys = [told(way) for way in ways]
            least = min(keys)
            ways = [way for way, key in zip(ways, keys, strict=True) if key == least]
    return ways[0]


def _transposes(chain: tuple[Expr, ...]) -> Any:
    return sum([f.turns[0] for f in chain])


def _turned_wholes(chain: tuple[Expr, ...]) -> Any:
    even = len(chain) > 2 and all(transpose(f) is chain[-1 - i] for i, f in enumerate(chain))
    return not even, sum(f.op is H.TRANSPOSE and bool(f.args[0].args) for f in chain)


def _names(chain: tuple[Expr, ...]) -> Any:
    return [untransposed(f).order for f in chain], [f.order for f in chain]


def _det(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    (a,) = args
    if a.op is H.IDENTITY:
        return ONE
    if (of := as_diagonal(a)) is not None:
        return apply(PROD, (of.vector,))
    if a.op is H.MATPOWER:
        return power(apply(op, a.args), number(a.data))
    return number(0) if a.op is H.ZERO else None  # no factor has an inverse that would stand beside it


def _prod(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """0 of zeros, 1 of ones, the power of the product of whole powers."""
    (a,) = args
    if is_ones(a):
        return number(1)
    if a.op is H.HPOWER and a.args[1].op is H.NUMBER and isinstance(a.args[1].data, int):
        return power(apply(op, a.args[:1]), a.args[1])
    return number(0) if a.op is H.ZERO else None


def _logdet(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    (a,) = args
    if a.op is H.IDENTITY:
        return number(0)
    if a.op is H.MATPOWER:
        return scaled(a.data, apply(op, a.args))
    return of_conjugate(op, args)


def _diag(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Diag of ones is I; of e_j it is e_j e_j'."""
    (a,) = args
    if a.is_scalar:
        return a
    if a.op is H.ONES:
        return identity(a.shape[0])
    if a.op is H.ZERO:
        n = max(a.shape, key=lambda k: k != 1)
        return zero((n, n))
    if a.op is H.UNIT:
        return product([a, transpose(a)])
    return DIAGONAL.canonical(DIAGONAL, args) if a.shape[0] == 1 and DIAGONAL.canonical else None


def _diagonal(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The diagonal of I, of Diag(v), and of an outer product u v', which is u ⊙ v."""
    (a,) = args
    if a.is_scalar:
        return a
    if a.op is H.IDENTITY:
        return ones((a.shape[0], 1))
    if (of := as_diagonal(a)) is not None:
        return of.vector
    if a.op is H.SUM:
        return _terms_turned(op, a)
    scalars, bare = split(a)
    if bare.op is H.PRODUCT:
        chain = factors(bare)
        for i, f in enumerate(chain):
            if f.shape[0] == 1:
                return product([scalars, hadamard([product(chain[:i]), transpose(product(chain[i:]))])])
        if chain[0].op.name == "diag":  # Diag(u) M has the diagonal u ⊙ diag(M)
            return product([scalars, hadamard([chain[0].args[0], apply(op, (product(chain[1:]),))])])
        if chain[-1].op.name == "diag":
            return product([scalars, hadamard([chain[-1].args[0], apply(op, (product(chain[:-1]),))])])
    if bare.op.name == "hadamard":
        return product([scalars, hadamard([apply(op, (f,)) for f in bare.args])])
    return None


def _vec(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    (a,) = args
    if a.shape[1] == 1:
        return a
    if a.shape[0] == 1:
        return transpose(a)
    if a.op is H.ZERO:
        return zero((a.shape[0] * a.shape[1], 1))
    if a.op.name == "unvec":
        return a.args[0]
    scalars, bare = split(a)
    chain = factors(bare)
    for i, f in enumerate(chain):  # vec(u v') = v ⊗ u
        if f.shape[0] == 1:
            return product([scalars, apply(KRON, (transpose(product(chain[i:])), product(chain[:i])))])
    return None


def _kron(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Kronecker products with scalars, of identities, of ones, and of a column with a row; three are grouped from the left."""
    a, b = args
    if a.is_scalar or b.is_scalar or (a.shape[1] == 1 and b.shape[0] == 1):
        return product([a, b])
    if a.shape[0] == 1 and b.shape[1] == 1:
        return product([b, a])
    if a.op is H.IDENTITY and b.op is H.IDENTITY:
        return identity(a.shape[0] * b.shape[0])
    if a.op is H.ONES and b.op is H.ONES:
        return ones((a.shape[0] * b.shape[0], 1))
    if "zero" in (a.op.name, b.op.name):
        return zero((a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))
    if b.op is op and a.op is not op and op not in (b.args[0].op, b.args[1].op):
        return apply(op, (apply(op, (a, b.args[0])), b.args[1]))
    return None


def _khatrirao(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Column by column, a row is a Diag: a' ∗ B is B Diag(a)."""
    a, b = args
    for row, other in ((a, b), (b, a)):
        if row.shape[0] == 1 and row.shape[1] == other.shape[1]:
            return product([other, apply(DIAG, (transpose(row),))])
    return apply(KRON, args) if a.shape[1] == 1 and b.shape[1] == 1 else None


def _product(*fs: Expr) -> Expr:
    return product(fs)


def _reciprocal(x: Expr, k: int = 1) -> Expr:
    return power(x, number(-k))


def _softmax_rows(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Of a column ones, of a row its softmax."""
    (a,) = args
    if a.shape[1] == 1:
        return ones(a.shape)
    return transpose(apply(SOFTMAX, (transpose(a),))) if a.shape[0] == 1 else None


def _logsumexp_rows(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Of a column the column itself, of a row its logsumexp."""
    (a,) = args
    if a.shape[1] == 1:
        return a
    return apply(LOGSUMEXP, (transpose(a),)) if a.shape[0] == 1 else None


def _blockwise(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """blockinner and blocksum with a scalar, with one block, and of vectors: a multiple, an inner product, products with unvec."""
    small, large = args
    if small.is_scalar:
        return product([small, large])
    if small.is_vector and large.is_vector and small.shape != large.shape:
        rows = result_shape(op, (small.shape, large.shape))[0]
        inner = op.name == "blockinner"
        blocks = unvec(large, *(small.shape[0], rows) if inner else (rows, small.shape[0]))
        return product([transpose(blocks) if inner else blocks, small])
    return apply(TR, (product([transpose(small), large]),)) if small.shape == large.shape else None


def _norm(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """Of ones √(mn), of I √n, of e_i 1."""
    (a,) = args
    if a.op in (H.ONES, H.IDENTITY):
        return _root(size(a.shape[0] if a.op is H.IDENTITY else a.shape[0] * a.shape[1]))
    return ONE if a.op is H.UNIT else of_conjugate(op, args)


def _norm_of_vector(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """A vector has one singular value, its norm."""
    return apply(NORM, args) if 1 in args[0].shape else of_conjugate(op, args)


def _pseudoinverse(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """That of a pseudoinverse is the matrix itself, that of a polar factor its transpose."""
    if args[0].op.name == "polar":
        return args[0].H
    return args[0].args[0] if args[0].op is op else None


def _direction(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The polar factor of a vector is what it points to; that of a polar factor, or of an orthogonal matrix, is itself; that of A⁻¹ that of A'."""
    bare = args[0].args[0] if args[0].op is H.TRANSPOSE else args[0]
    if bare.op is op or has(bare, "orthogonal"):
        return args[0]
    if (bare.op is PINV or bare.op is H.MATPOWER and bare.data == -1) and not bare.complex:
        made = apply(op, bare.args)
        return transpose(made) if bare is args[0] else made
    return product([_reciprocal(apply(NORM, args)), args[0]]) if 1 in args[0].shape else None


def _root(x: Expr) -> Expr:
    """The square root entry by entry."""
    return hpower(x, number(Fraction(1, 2)))


def _symmetric_only(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    (a,) = args
    if a.shape[0] != a.shape[1]:
        return None
    if a.op is H.IDENTITY and op is CHOL:
        return a
    if not (a.symmetric and is_real(a) or is_hermitian(a)):
        what = op.domain.replace("symmetric positive definite", "spd")
        raise UnsupportedError(f"{op.name} needs a {op.domain} matrix", hint=f"declare it: A: (n, n) {what}")
    return None


def commutation(sizes: tuple[Size, ...]) -> Expr:
    """K(m,n), with K vec(A) = vec(A') for A m×n; the identity where m or n is 1."""
    m, n = sizes
    if m == 1 or n == 1:
        return identity(m * n)
    return node(COMMUTATION, (), (m, n), (m * n, m * n))


def _terms_turned(op: Op, a: Expr) -> Expr | None:
    """f(A + B') is f(A + B) for a linear f with f(X') = f(X): every term in its preferred direction, where neither a nor a' is as short."""
    if a.op is not H.SUM or a.symmetric:
        return None
    turned = add([scaled(c, oriented(t)[0] if t.shape[0] == t.shape[1] else t) for c, t in zip(a.data, a.args, strict=True)])
    return apply(op, (turned,)) if turned.weight < min(a.weight, transpose(a).weight) else None


def _already(what: str) -> Canonical:
    """A projection does nothing to what it projects on."""
    return lambda op, args: args[0] if has(args[0], what) else None


def _unusual(args: tuple[Expr, ...], data: object) -> int:
    """The weight of a function that few readers know: any form without it is shorter."""
    return 6 + sum(a.weight for a in args)


def _primary(name: str, scalar: Callable[[int, Expr], Expr], *, numpy: str, jax: str = "", torch: str = "", source: str, domain: str = "",
             sample: tuple[str, ...] = (), frechet: Mapping[str, str] = {}, jacobian: Mapping[str, str] = {}, **columns: Any) -> tuple[Op, ...]:  # fmt: skip
    """The rows of a primary matrix function f: f, its first two Fréchet derivatives, and their matrices in vec coordinates (Higham 2008, ch. 3).

    `scalar` is the k-th derivative of the scalar function; the targets name a function of a matrix, or say how they do better.
    """
    stem = name.removesuffix("m")
    of_f: dict[str, Any] = {"numpy": numpy, "jax": jax or numpy, "torch": torch or numpy}
    first = {t: frechet.get(t, f"_frechet({f}, {{0}}, {{1}})") for t, f in of_f.items()}
    second = {t: f"_frechet2({f}, {{0}}, {{1}}, {{2}})" for t, f in of_f.items()}
    matrix = {t: jacobian.get(t, f"_jacobian(lambda e: {f.format('{0}', 'e')}, {{0}})") for t, f in first.items()}
    matrix2 = {t: f"_jacobian(lambda e: {f.format('{0}', '{1}', 'e')}, {{0}})" for t, f in second.items()}

    def row(kind: str, inputs: int, order: int, latex: str, programs: Mapping[str, Any], source: str, transposed: str, **more: Any) -> Op:
        given = ",".join(["(n,n)"] * inputs) + ("->(n*n,n*n)" if "jacobian" in kind else "->(n,n)")
        degree = ("", *["1"] * (inputs - 1)) if inputs > 1 else ()
        return Op(f"{name}_{kind}", given, domain=domain, sample=(*sample, *[""] * (inputs - 1)) if sample else (), degree=degree, weigh=_unusual,
                  canonical=_on_scalar(lambda x, *dx: _product(scalar(order, x), *dx)), transposed=transposed, latex=latex, source=source, meaning=meanings[kind].format(name), **programs, **more)  # fmt: skip

    meanings = {
        "frechet": "the Fréchet derivative of {} at X along Y", "frechet2": "the second Fréchet derivative of {} at X along Y and Z",
        "jacobian": "the matrix of the Fréchet derivative of {} at X, in vec coordinates",
        "jacobian2": "the matrix of the second Fréchet derivative of {} at X along Y, in vec coordinates",
    }  # fmt: skip
    return (
        Op(name, "(n,n)->(n,n)", d=f"{name}_frechet(X, dX)", transposed="transpose", canonical=_on_entries(lambda x: scalar(0, x)), domain=domain, sample=sample,
           latex=rf"\operatorname{{{name}}}", source=source, **{t: f + "({0})" for t, f in of_f.items()}, **columns),
        row("frechet", 2, 1, rf"L_{{\{stem}}}", first, "Higham 2008, 3.1", "each", unicode=f"L_{stem}", d=f"{name}_frechet(X, dY) + {name}_frechet2(X, Y, dX)",
            vec=("", f"{name}_jacobian(X)"), adjoint=("", f"{name}_frechet(X', W)")),
        row("frechet2", 3, 2, rf"L^{{(2)}}_{{\{stem}}}", second, "Higham & Relton 2014", "each",
            vec=("", f"{name}_jacobian2(X, Z)", f"{name}_jacobian2(X, Y)"), adjoint=("", f"{name}_frechet2(X', W, Z')", f"{name}_frechet2(X', W, Y')")),
        row("jacobian", 1, 1, rf"K_{{\{stem}}}", matrix, "Higham 2008, 3.2", "transpose", unicode=f"K_{stem}"),
        row("jacobian2", 2, 2, rf"K^{{(2)}}_{{\{stem}}}", matrix2, "Higham & Relton 2014", ""),
    )  # fmt: skip


_SIGNS = "positive -> positive; nonnegative -> nonnegative; negative -> negative; nonpositive -> nonpositive"


# --- the rows ------------------------------------------------------------------------------------------------

# fmt: off
TR = Op("tr", "(n,n)->()", keeps=f"spd -> positive; psd -> nonnegative; nd -> negative; nsd -> nonpositive; {_SIGNS}", adjoint=("W*eye(n)",), transposed="same", degree=("1",), canonical=_on_scalar(lambda x: x, _trace),
        latex=r"\operatorname{tr}", numpy="np.trace({0})", sympy="Trace", source="M&N 8.2", meaning="the trace: the sum of the diagonal")
DET = Op("det", "(n,n)->()", keeps="spd -> positive; psd -> nonnegative; skew -> nonnegative; invertible -> nonzero; orthogonal -> orthogonal; projector -> projector", d="det(X)*tr(inv(X)*dX)", transposed="same", degree=("n",), canonical=_on_scalar(lambda x: x, _det),
         domain="invertible", sample=("invertible",), latex=r"\det", numpy="np.linalg.det({0})", sympy="Determinant", source="M&N 8.3", meaning="the determinant")
LOGDET = Op("logdet", "(n,n)->()", real=True, curvature="spd -> concave", d="tr(inv(X)*dX)", transposed="same", canonical=_on_scalar(lambda x: elementwise("log", elementwise("abs", x)), _logdet),
            domain="invertible", sample=("invertible",), latex=r"\log\det", prec=85, numpy="np.linalg.slogdet({0})[1]", sympy="log(Abs(Determinant({0})))", source="M&N 8.3", meaning="the logarithm of the absolute value of the determinant")
ADJ = Op("adj", "(n,n)->(n,n)", keeps="psd -> psd; spd -> spd; diagonal -> diagonal; lower -> lower; upper -> upper; orthogonal -> orthogonal; invertible -> invertible", d="det(X)*(tr(inv(X)*dX)*inv(X) - inv(X)*dX*inv(X))", transposed="transpose", canonical=_on_scalar(lambda x: ONE),
         domain="invertible", sample=("invertible",), latex=r"\operatorname{adj}", numpy="np.array([[(-1)**(i + j)*np.linalg.det(np.delete(np.delete({0}, j, 0), i, 1)) for j in range(len({0}))] for i in range(len({0}))])", jax="_adjugate({0})", torch="_adjugate({0})", sympy="Determinant({0})*Inverse({0})", source="M&N 8.5", meaning="the adjugate det(X)*inv(X), also of singular matrices")
PINV = Op("pinv", "(m,n)->(n,m)", beside="projector", keeps="psd -> psd; spd -> spd; nsd -> nsd; skew -> skew; diagonal -> diagonal; orthogonal -> orthogonal; projector -> projector; invertible -> invertible; lower invertible -> lower; upper invertible -> upper; injective -> onto; onto -> injective", transposed="transpose", degree=("-1",), canonical=_on_scalar(lambda x: power(x, number(-1)), _pseudoinverse),
          d="pinv(X)*pinv(X)'*dX'*(eye(m) - X*pinv(X)) + (eye(n) - pinv(X)*X)*dX'*pinv(X)'*pinv(X) - pinv(X)*dX*pinv(X)",
          domain="of constant rank", latex="{0}^{{+}}", unicode="{0}⁺", prec=90, numpy="_pinv({0})", jax="jnp.linalg.pinv({0})", torch="torch.linalg.pinv({0}, rtol=10*max({0}.shape)*torch.finfo({0}.dtype).eps)", source="Golub & Pereyra 1973; M&N 8.5", meaning="the Moore-Penrose pseudoinverse")
DIAG = Op("diag", "(n)->(n,n)", keeps="nonnegative -> psd nonnegative; positive -> spd; nonpositive -> nsd nonpositive; negative -> nd; nonzero -> invertible", vec=("khatrirao(eye(n), eye(n))",), adjoint=("diag(W)",), degree=("1",), result=("symmetric", "diagonal"), canonical=_on_scalar(lambda x: x, _diag),
          rank=25, latex=r"\operatorname{Diag}", numpy="np.diag({0})", sympy="DiagMatrix")
DIAGONAL = Op("diagonal", "(n,n)->(n)", keeps=f"psd -> nonnegative; spd -> positive; nsd -> nonpositive; nd -> negative; {_SIGNS}", vec=("khatrirao(eye(n), eye(n))'",), adjoint=("diag(W)",), transposed="same", degree=("1",), canonical=_on_scalar(lambda x: x, _diagonal),
              spelled="diag", latex=r"\operatorname{diag}", unicode="diag", numpy="np.diagonal({0})", sympy="DiagonalOf")
TRIL: Op = Op("tril", "(m,n)->(m,n)", result=("lower",), keeps="upper -> diagonal; nonnegative -> nonnegative; nonpositive -> nonpositive", vec=("diag(vec(tril(ones(m,n))))",), adjoint=("tril(W)",), degree=("1",), canonical=_already("lower"), flip=lambda e: apply(TRIU, (transpose(e.args[0]),)),
          latex=r"\operatorname{tril}", numpy="np.tril({0})",)
TRIU: Op = Op("triu", "(m,n)->(m,n)", result=("upper",), keeps="lower -> diagonal; nonnegative -> nonnegative; nonpositive -> nonpositive", vec=("diag(vec(triu(ones(m,n))))",), adjoint=("triu(W)",), degree=("1",), canonical=_already("upper"), flip=lambda e: apply(TRIL, (transpose(e.args[0]),)),
          latex=r"\operatorname{triu}", numpy="np.triu({0})",)
VEC = Op("vec", "(m,n)->(m*n)", keeps=f"{_SIGNS}; nonzero -> nonzero", vec=("eye(m*n)",), adjoint=("unvec(W, m, n)",), degree=("1",), canonical=_vec,
         latex=r"\operatorname{vec}", numpy="{0}.reshape(-1, order='F')", torch="{0}.T.reshape(-1)", meaning="the columns of a matrix, one below the other")
UNVEC = Op("unvec", "(m*n)->(m,n)", keeps=f"{_SIGNS}; nonzero -> nonzero", weigh=_unusual, vec=("eye(m*n)",), adjoint=("vec(W)",), build=lambda args, sizes: unvec(args[0], *sizes),
           latex=r"\operatorname{vec}^{-1}", numpy="{0}.reshape({rows}, {columns}, order='F')", torch="{0}.reshape({columns}, {rows}).T")
KRON = Op("kron", "(m,n),(p,q)->(m*p,n*q)", keeps="kron", vec=("kron(kron(eye(n), commutation(q,m)), eye(p))*kron(eye(m*n), vec(Y))", "kron(kron(eye(n), commutation(q,m)), eye(p))*kron(vec(X), eye(p*q))"), adjoint=("blockinner(Y, W)", "blocksum(X, W)"), transposed="each", degree=("1", "1"), canonical=_kron,
          rank=35, latex=r"{0} \otimes {1}", unicode="{0} ⊗ {1}", prec=50, numpy="np.kron({0}, {1})", sympy="KroneckerProduct", meaning="the Kronecker product")
BLOCKINNER = Op("blockinner", "(p,q),(m*p,n*q)->(m,n)", weigh=_unusual, canonical=_blockwise, vec=("unvec(kron(kron(eye(n), commutation(m,q)), eye(p))*vec(Y), p*q, m*n)'", "kron(eye(m*n), vec(X)')*kron(kron(eye(n), commutation(m,q)), eye(p))"), adjoint=("blocksum(W, Y)", "kron(W, X)"), degree=("1", "1"),
                numpy="np.einsum('kl,ikjl->ij', {0}, {1}.reshape({rows}, {0}.shape[0], {columns}, {0}.shape[1]))", latex=r"\operatorname{blockinner}", meaning="the inner product of X with each block of Y")
BLOCKSUM = Op("blocksum", "(m,n),(m*p,n*q)->(p,q)", weigh=_unusual, canonical=_blockwise, vec=("unvec(kron(kron(eye(n), commutation(m,q)), eye(p))*vec(Y), p*q, m*n)", "kron(vec(X)', eye(p*q))*kron(kron(eye(n), commutation(m,q)), eye(p))"), adjoint=("blockinner(W, Y)", "kron(X, W)"), degree=("1", "1"),
              numpy="np.einsum('ij,ikjl->kl', {0}, {1}.reshape({0}.shape[0], {rows}, {0}.shape[1], {columns}))", latex=r"\operatorname{blocksum}", meaning="the sum of the blocks of Y, weighted by the entries of X")
KHATRIRAO = Op("khatrirao", "(m,n),(p,n)->(m*p,n)", d="kron(dX, Y)*khatrirao(eye(n), eye(n)) + kron(X, dY)*khatrirao(eye(n), eye(n))", degree=("1", "1"), canonical=_khatrirao,
               rank=35, latex=r"{0} \ast {1}", prec=50, numpy="_khatri_rao({0}, {1})", jax="jnp.einsum('ik,jk->ijk', {0}, {1}).reshape(-1, {0}.shape[1])", torch="torch.einsum('ik,jk->ijk', {0}, {1}).reshape(-1, {0}.shape[1])", source="Khatri & Rao 1968", meaning="the Kronecker product column by column")
COMMUTATION = Op("commutation", result=("orthogonal", "nonnegative"), leaf=commutation, flip=lambda e: commutation((e.data[1], e.data[0])), turning=lambda args, sizes, shape: ((0, 0), sizes[0] == sizes[1]), rank=36,
                 latex="K", unicode="K", source="M&N 3.7")
PROD = Op("prod", "(m,n)->()", keeps="positive -> positive; nonnegative -> nonnegative; nonzero -> nonzero", d="prod(X)*sum(dX./X)", transposed="same", degree=("m*n",), canonical=_on_scalar(lambda x: x, _prod),
          domain="without zeros", sample=("nonzero",), latex=r"\operatorname{prod}", numpy="np.prod({0})", meaning="the product of all entries")
NORM = Op("norm", "(m,n)->()", real=True, curvature="convex; nonnegative -> increasing", keeps="injective -> positive; onto -> positive; nonzero -> positive", d="tr(X'*dX)/norm(X)", transposed="same", degree=("abs",), range="nonnegative", canonical=_on_scalar(lambda x: elementwise("abs", x), _norm),
          smooth="nonzero", latex=r"\left\|{0}\right\|", unicode="‖{0}‖", prec=100, numpy="np.linalg.norm({0})", sympy="sqrt(Trace(Transpose({0})*{0}))", source="PP 10.5")
NORMNUC = Op("normnuc", "(m,n)->()", real=True, curvature="convex", keeps="injective -> positive; onto -> positive; nonzero -> positive", d="tr(polar(X)'*dX)", transposed="same", degree=("abs",), range="nonnegative", canonical=_on_scalar(lambda x: elementwise("abs", x), _norm_of_vector),
             smooth="of full rank", latex=r"\left\|{0}\right\|_{{*}}", unicode="‖{0}‖_*", prec=100, numpy="np.linalg.norm({0}, 'nuc')", source="Watson 1992", meaning="the nuclear norm: the sum of the singular values")
NORMSPEC = Op("normspec", "(m,n)->()", real=True, curvature="convex; nonnegative -> increasing", keeps="injective -> positive; onto -> positive; nonzero -> positive", d="v_max(X'*X)'*X'*dX*v_max(X'*X)/normspec(X)", transposed="same", degree=("abs",), range="nonnegative", canonical=_on_scalar(lambda x: elementwise("abs", x), _norm_of_vector),
              smooth="with a simple largest singular value", latex=r"\left\|{0}\right\|_{{2}}", unicode="‖{0}‖₂", prec=100, numpy="np.linalg.norm({0}, 2)", torch="torch.linalg.matrix_norm({0}, 2)", source="Watson 1992", meaning="the spectral norm: the largest singular value")
POLAR = Op("polar", "(m,n)->(m,n)", beside="psd", parity="odd", transposed="transpose", keeps="skew -> skew; invertible -> orthogonal; injective -> injective; onto -> onto", canonical=_on_scalar(lambda x: elementwise("sign", x), _direction),
           d="(eye(m) - X*pinv(X))*dX*pinv(X)*polar(X) + polar(X)*pinv(X)*dX*(eye(n) - pinv(X)*X) + polar(X)*sylvester(polar(X)'*X + eye(n) - pinv(X)*X, polar(X)'*X + eye(n) - pinv(X)*X, polar(X)'*dX*pinv(X)*X - pinv(X)*X*dX'*polar(X))",
           domain="of full rank", sample=("tall",), latex=r"\operatorname{polar}", numpy="_polar({0})", source="Higham 2008, ch. 8", meaning="the orthogonal factor U*V' of the singular value decomposition")
LAMBDA_MAX = Op("lambda_max", "(n,n)->()", real=True, reals=True, curvature="convex", keeps="spd -> positive; psd -> nonnegative; nd -> negative; nsd -> nonpositive; nonnegative -> nonnegative; positive -> positive", d="v_max(X)'*dX*v_max(X)", canonical=_on_scalar(lambda x: x, _symmetric_only),
                domain="symmetric", smooth="with a simple largest eigenvalue", sample=("symmetric",), latex=r"\lambda_{\max}", unicode="λ_max", numpy="np.linalg.eigvalsh({0})[-1]", source="M&N 9.12", meaning="the largest eigenvalue of a symmetric matrix")
V_MAX = Op("v_max", "(n,n)->(n)", reals=True, result=("sphere",), d="pinv(lambda_max(X)*eye(n) - X)*dX*v_max(X)", canonical=_on_scalar(lambda x: ONE, _symmetric_only),
           domain="symmetric", smooth="with a simple largest eigenvalue", sample=("symmetric",), latex=r"v_{\max}", unicode="v_max", numpy="np.linalg.eigh({0})[1][:, -1]", source="M&N 9.12", meaning="its unit eigenvector")
LOGSUMEXP = Op("logsumexp", "(n)->()", reals=True, curvature="convex increasing", keeps="positive -> positive; nonnegative -> nonnegative", d="softmax(x)'*dx", canonical=_on_scalar(lambda x: x),
               latex=r"\operatorname{logsumexp}", numpy="sc.logsumexp({0})", torch="torch.logsumexp({0}, 0)", sympy="log(total(each(exp, {0})))", source="Boyd & Vandenberghe 3.1.5", meaning="log(sum(exp(x)))")
SOFTMAX = Op("softmax", "(n)->(n)", reals=True, d="softmax(x).*dx - softmax(x)*(softmax(x)'*dx)", range="positive", canonical=_on_scalar(lambda x: ONE),
             latex=r"\operatorname{softmax}", numpy="sc.softmax({0})", jax="jax.nn.softmax({0})", torch="torch.softmax({0}, 0)", sympy="each(exp, {0})/total(each(exp, {0}))", meaning="exp(x)/sum(exp(x))")
LOGSUMEXP_ROWS = Op("logsumexp_rows", "(m,n)->(m)", reals=True, curvature="convex increasing", keeps="positive -> positive; nonnegative -> nonnegative", d="(softmax_rows(X).*dX)*ones(n)", canonical=_logsumexp_rows,
                    latex=r"\operatorname{logsumexp}_{\mathrm{rows}}", numpy="sc.logsumexp({0}, axis=1)", torch="torch.logsumexp({0}, 1)", sympy="each(log, rowsum(each(exp, {0})))", meaning="logsumexp of each row")
SOFTMAX_ROWS = Op("softmax_rows", "(m,n)->(m,n)", reals=True, result=("stochastic",), d="softmax_rows(X).*dX - diag((softmax_rows(X).*dX)*ones(n))*softmax_rows(X)", range="positive", canonical=_softmax_rows,
                  latex=r"\operatorname{softmax}_{\mathrm{rows}}", numpy="sc.softmax({0}, axis=1)", jax="jax.nn.softmax({0}, axis=1)", torch="torch.softmax({0}, 1)", sympy="DiagMatrix(HadamardPower(rowsum(each(exp, {0})), -1))*each(exp, {0})", meaning="softmax of each row")
EXPM = _primary("expm", meaning="the exponential of a matrix", scalar=lambda k, x: elementwise("exp", x), inverse="logm(X)", keeps="symmetric -> spd; skew -> orthogonal; diagonal -> diagonal; lower -> lower; upper -> upper; nonnegative -> nonnegative", result=("invertible",),
                numpy="sla.expm", jax="jax.scipy.linalg.expm", torch="torch.linalg.matrix_exp", source="Higham 2008, ch. 10",
                frechet={"numpy": "_expm_frechet({0}, {1})", "jax": "jax.scipy.linalg.expm_frechet({0}, {1}, compute_expm=False)", "torch": "torch.func.jvp(torch.linalg.matrix_exp, ({0},), ({1},))[1]"})
LOGM = _primary("logm", meaning="the principal logarithm of a matrix", scalar=lambda k, x: scaled((-1) ** (k - 1), _reciprocal(x, k)) if k else elementwise("log", x), inverse="expm(X)", keeps="diagonal -> diagonal; lower -> lower; upper -> upper; orthogonal -> skew", domain="without eigenvalues in (−∞, 0]", sample=("spd",),
                numpy="_logm", source="Higham 2008, ch. 11",
                jacobian={"numpy": "np.linalg.inv(_jacobian(lambda e: _expm_frechet(_logm({0}), e), {0})).astype(np.result_type({0}, np.float32))"})
COSM = _primary("cosm", meaning="the cosine of a matrix", scalar=lambda k, x: scaled((1, -1, -1, 1)[k % 4], elementwise(("cos", "sin")[k % 2], x)), keeps="diagonal -> diagonal; lower -> lower; upper -> upper", parity="even",
                numpy="sla.cosm", jax="_cosm", torch="_cosm", source="Higham 2008, ch. 12")
SINM = _primary("sinm", meaning="the sine of a matrix", scalar=lambda k, x: scaled((1, 1, -1, -1)[k % 4], elementwise(("sin", "cos")[k % 2], x)), keeps="diagonal -> diagonal; lower -> lower; upper -> upper", parity="odd",
                numpy="sla.sinm", jax="_sinm", torch="_sinm", source="Higham 2008, ch. 12")
SQRTM = Op("sqrtm", "(n,n)->(n,n)", inverse="X*X", keeps="psd -> psd; spd -> spd; diagonal -> diagonal; lower -> lower; upper -> upper; orthogonal -> orthogonal; projector -> projector; invertible -> invertible", d="sylvester(sqrtm(X), sqrtm(X), dX)", transposed="transpose", canonical=_on_entries(_root),
           domain="without eigenvalues in (−∞, 0]", sample=("spd",), latex="{0}^{{1/2}}", unicode="{0}^½", prec=90, numpy="_sqrtm({0})", source="Higham 2008, ch. 6", meaning="the principal square root of a matrix")
SYLVESTER: Op = Op("sylvester", "(m,m),(n,n),(m,n)->(m,n)", turning=of_equation, weigh=_unusual, canonical=_on_scalar(lambda x, y, z: _product(_reciprocal(add([x, y])), z)), vec=("", "", "inv(kron(eye(n), X) + kron(Y', eye(m)))"), adjoint=("", "", "sylvester(X', Y', W)"), degree=("", "", "1"),
               d="sylvester(X, Y, dZ - dX*sylvester(X, Y, Z) - sylvester(X, Y, Z)*dY)", flip=lambda e: apply(SYLVESTER, (transpose(e.args[1]), transpose(e.args[0]), transpose(e.args[2]))),
               domain="where X and −Y share no eigenvalue", sample=("spd", "spd", ""), latex=r"\operatorname{sylvester}", numpy="_sylvester({0}, {1}, {2})", jax="jax.scipy.linalg.solve_sylvester({0}, {1}, {2})", source="Higham 2008, B.14", meaning="the Z with X*Z + Z*Y = the third argument")
CHOL = Op("chol", "(n,n)->(n,n)", result=("lower", "invertible"), keeps="diagonal -> diagonal", canonical=_on_entries(_root, _symmetric_only),
          d="chol(X)*(tril(inv(chol(X))*dX*inv(chol(X))') - diag(diag(inv(chol(X))*dX*inv(chol(X))'))/2)", domain="symmetric positive definite", sample=("spd",),
          latex=r"\operatorname{chol}", numpy="np.linalg.cholesky({0})", source="Murray 2016", meaning="the lower triangular Cholesky factor")
CUMSUM = Op("cumsum", "(m,n)->(m,n)", keeps=_SIGNS, vec=("kron(eye(n), tril(ones(m,m)))",), adjoint=("revcumsum(W)",), degree=("1",), canonical=lambda op, args: args[0] if args[0].shape[0] == 1 else None,
            latex=r"\operatorname{cumsum}", numpy="np.cumsum({0}, axis=0)", torch="torch.cumsum({0}, 0)", meaning="the cumulative sums of each column")
REVCUMSUM = Op("revcumsum", "(m,n)->(m,n)", keeps=_SIGNS, vec=("kron(eye(n), triu(ones(m,m)))",), adjoint=("cumsum(W)",), degree=("1",), canonical=lambda op, args: args[0] if args[0].shape[0] == 1 else None,
               latex=r"\operatorname{revcumsum}", numpy="np.cumsum({0}[::-1], axis=0)[::-1]", torch="torch.cumsum({0}.flip(0), 0).flip(0)", meaning="the cumulative sums of each column, from the end")
DIFF = Op("diff", "(m+1,n)->(m,n)", vec=("kron(eye(n), diff(eye(m + 1)))",), adjoint=("difft(W)",), degree=("1",),
          latex=r"\operatorname{diff}", numpy="np.diff({0}, axis=0)", torch="torch.diff({0}, dim=0)", meaning="the differences of neighbours in each column")
DIFFT = Op("difft", "(m,n)->(m+1,n)", vec=("kron(eye(n), diff(eye(m + 1))')",), adjoint=("diff(W)",), degree=("1",), canonical=_on_scalar(lambda x: product([transpose(apply(DIFF, (identity(2),))), x])),
           latex=r"\operatorname{difft}", numpy="-np.diff({0}, axis=0, prepend=0, append=0)", torch="-torch.diff({0}, dim=0, prepend=torch.zeros_like({0}[:1]), append=torch.zeros_like({0}[:1]))", meaning="the transpose of diff")
PI = Op("pi", rank=2, range="positive", latex=r"\pi", unicode="π", numpy="np.pi", sympy="pi")
# fmt: on

MATRIX: tuple[Op, ...] = (
    TR, DET, LOGDET, ADJ, PINV, DIAG, DIAGONAL, TRIL, TRIU, VEC, UNVEC, KRON, BLOCKINNER, BLOCKSUM, KHATRIRAO, COMMUTATION, PROD, NORM, NORMNUC, NORMSPEC, POLAR,
    LAMBDA_MAX, V_MAX, LOGSUMEXP, SOFTMAX, LOGSUMEXP_ROWS, SOFTMAX_ROWS, *EXPM, *LOGM, *COSM, *SINM, SQRTM, SYLVESTER, CHOL, CUMSUM, REVCUMSUM, DIFF, DIFFT, PI,
)  # fmt: skip


def unvec(v: Expr, m: Size, n: Size) -> Expr:
    """The m×n matrix whose columns stacked are `v`."""
    if v.shape != (m * n, 1):
        raise ShapeError(f"unvec needs a vector of length {m}*{n}, not ({v.shape[0]}, {v.shape[1]})")
    if n == 1:
        return v
    if v.op is VEC and v.args[0].shape == (m, n):
        return v.args[0]
    if v.op in (H.ONES, H.ZERO):
        return ones((m, n)) if v.op is H.ONES else zero((m, n))
    if v.op is KRON and [a.shape for a in v.args] == [(n, 1), (m, 1)]:
        return product([v.args[1], transpose(v.args[0])])
    scalars, bare = split(v)
    if scalars is not ONE:
        return product([scalars, unvec(bare, m, n)])
    return node(UNVEC, (v,), (m, n), (m, n))


def pi() -> Expr:
    """The number π."""
    return node(PI, (), None, (1, 1))
