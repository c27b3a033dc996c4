"""Chains of matrices: quadratic forms, products with a vector, congruences J' M J, and all others in the cheapest order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.expr import Expr, add, heads, is_nonnegative, ones, product, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import adjoint
from matcalc.programs import forms as F
from matcalc.programs.values import Value

if TYPE_CHECKING:
    from matcalc.programs.lowering import Lowering

FEW = 32  # columns of J up to which BLAS computes J'(w J) faster than half of the entries of (√w J)'(√w J)


def chained(lowering: Lowering, factors: Sequence[Expr]) -> Value:
    """The product of the factors, in the first of these ways that fits."""
    return (
        _row_sums(lowering, factors)
        or _quadratic_form(lowering, factors)
        or _between_vectors(lowering, factors)
        or _to_vector(lowering, factors)
        or _congruence(lowering, factors)
        or lowering.algebra.chain(factor_values(lowering, factors))
    )


def _row_sums(lowering: Lowering, factors: Sequence[Expr]) -> Value | None:
    """(X ⊙ (X K⁻¹)) 1, which is diag(X K⁻¹ X'), for a definite K."""
    if len(factors) != 2 or factors[0].op is not H.HADAMARD or len(factors[0].args) != 2 or factors[1] is not ones(factors[1].shape):
        return None
    for x, y in (factors[0].args, factors[0].args[::-1]):
        if y.op is H.PRODUCT and y.data == (1, 0) and len(y.args) == 2 and y.args[0] is x and factors[0].shape[1] != 1:
            half = lowering.half([*y.args, transpose(x)]) if not x.complex else None
            if half is not None:
                return lowering.algebra.full(lowering.squares_in_columns(half), (factors[0].shape[0], 1))
    return None


def _quadratic_form(lowering: Lowering, factors: Sequence[Expr]) -> Value | None:
    """x'Ax as half of x'((A + A')x), where A + A' is formed and multiplied by x anyway."""
    make = lowering.arrays
    if len(factors) != 3 or factors[2].shape[1] != 1 or transpose(factors[0]) is not factors[2]:
        return None
    _, a, x = factors
    both = add([a, transpose(a)])
    if both not in lowering.formed or (gradient := product([both, x])) not in lowering.nodes:
        return None
    inner = make.inner(lowering.dense(x), lowering.dense(gradient))
    return lowering.algebra.full(make.multiply(make.number(Fraction(1, 2)), inner), (1, 1))


def _between_vectors(lowering: Lowering, factors: Sequence[Expr]) -> Value | None:
    """x'A y by the A y, or the A'x, that is computed anyway."""
    if len(factors) < 3 or factors[0].shape[0] != 1 or factors[-1].shape[1] != 1 or lowering.algebra.order.fixed:
        return None
    pairs = (factors[0], product(factors[1:])), (transpose(factors[-1]), transpose(product(factors[:-1])))
    there = next((pair for pair in pairs if pair[1] in lowering.vectors), ())
    return lowering.algebra.chain(list(map(lowering.value, there))) if there else None


def _to_vector(lowering: Lowering, factors: Sequence[Expr]) -> Value | None:
    """A product with a vector, taken through the sums before it term by term: no matrix is multiplied by a matrix."""
    *before, last = factors
    if last.shape[1] != 1 or not any(_is_open(lowering, f) for f in before) or any(f.shape[0] == 1 for f in factors[1:]):
        return None
    out = lowering.values[last]
    for f in reversed(before):
        out = _times_vector(lowering, f, out, 4)
    return out


def _is_open(lowering: Lowering, f: Expr) -> bool:
    return f.op is heads.SUM and f not in lowering.formed and any(t.op is H.PRODUCT for t in f.args)


def _times_vector(lowering: Lowering, f: Expr, v: Value, depth: int) -> Value:
    if depth and _is_open(lowering, f):
        terms = []
        for c, t in zip(f.data, f.args, strict=True):
            term = _times_vector(lowering, t, v, depth - 1)
            terms.append(lowering.algebra.scaled(lowering.arrays.number(c), term) if c != 1 else term)
        return lowering.algebra.added(terms, (f.shape[0], 1))
    if f.op is H.PRODUCT and f not in lowering.formed and depth < 4 and not any(1 in g.shape for g in f.args[f.data[1] :]):
        for g in reversed(f.args[f.data[1] :]):
            v = _times_vector(lowering, g, v, depth)
        return lowering.scaled(f, v)
    return lowering.algebra.chain([lowering.values[f], v])


def _congruence(lowering: Lowering, factors: Sequence[Expr]) -> Value | None:
    """J^H M J with J computed once; for weights M = Diag(w) without a sign, half of the entries of (√w J)'(√w J)."""
    algebra, make = lowering.algebra, lowering.arrays
    k, odd = divmod(len(factors), 2)
    if not k or not all(adjoint(factors[i]) is factors[-1 - i] for i in range(k)):
        return None
    if factors[0].shape[0] == 1 and not odd and not any(1 in f.shape for f in factors[1:-1]) and not algebra.order.fixed:
        x = algebra.fold(factor_values(lowering, factors[-k:]))
        return algebra.full(make.real(make.inner(make.conj(algebra.dense(x)), algebra.dense(x))), (1, 1))
    ends, *waists = (algebra.order.weight(f.shape[0]) for f in (factors[0], *factors[k + odd + 1 :]))
    if any(1 in f.shape for f in factors) or 2 * min(waists, default=ends) < ends:  # of low rank: J is not to be formed
        return None
    solved = lowering.half(factors)
    if solved is not None:
        return algebra.full(make.matmul(make.adjoint(solved), solved), (factors[0].shape[0],) * 2)
    values = factor_values(lowering, factors)
    if len(values) != len(factors) or any(v.kind not in ("full", "diagonal", "sum") for v in values):
        return None
    right, shape = algebra.fold(values[k + odd :]), (factors[0].shape[0],) * 2
    if not odd:
        if right.kind != "full" or len(factors) == 2 and factors[0].op is not H.SUM:
            return None
        if values[0].kind == "diagonal" and product(factors[1:-1]) in lowering.chains:  # D X'X D by the X'X that is formed anyway
            return None
        return algebra.full(make.matmul(make.adjoint(right.code), right.code), shape)
    many = algebra.order.weight(shape[0]) > FEW
    if many and factors[k].op.name == "diag" and values[k].code.ndim and right.kind == "full" and is_nonnegative(factors[k].args[0]):
        root = make.call(F.SQRT, values[k].code, shape=values[k].code.shape)
        half = make.multiply(make.column(root), right.code)
        return algebra.full(make.matmul(make.adjoint(half), half), shape)
    if len(factors) == 3:
        return None
    left = algebra.transpose(algebra.conj(right))
    return algebra.multiply(left, algebra.multiply(values[k], right))


def factor_values(lowering: Lowering, factors: Sequence[Expr]) -> list[Value]:
    """The factors of a chain as values; powers next to a vector come apart (X (X v), not X^2 v)."""
    apart = any(1 in f.shape for f in factors)
    out: list[Value] = []
    for f in factors:
        base, flipped = (f.args[0], True) if f.op is H.TRANSPOSE else (f, False)
        k = base.data if base.op is H.MATPOWER else 0
        if k < -1 or (apart and k > 1):
            one = lowering.inverse(base.args[0]) if k < 0 else lowering.values[base.args[0]]
            out += [lowering.algebra.transpose(one) if flipped else one] * abs(k)
        else:
            out.append(lowering.values[f])
    return out
