"""Sums over the entries of matrices, as the matrix expressions they are: Σ_ij x_i A_ij x_j is x'Ax.

A product of entries is a graph: its indices are vertices, its matrices edges, its vectors weights of vertices.  An index is
summed out where at most two edges meet: a product M Diag(v) N, a matrix by a vector, the sum of a vector.  The parallel edges are
a Hadamard product before that.  What does not reduce so (three matrices at one index) is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Size, hadamard, identity, ones, product, size, transpose, unit
from matcalc.expr.language import dot_power, plus
from matcalc.operators import call, total
from matcalc.reading.sympy.walk import _TABLE, Walk, _shortened


@dataclass(frozen=True)
class Array:
    """An expression whose entries are named by indices: none a scalar, one a vector, two a matrix."""

    expr: Expr
    indices: tuple[Any, ...]


def summed(walk: Walk, e: Any) -> Expr:
    """The scalar that a Sum over entries is.

    Raises UnsupportedError where it is no product of matrices, or does not run over a whole row or column.
    """
    factors = _sum(e, Entries(walk, {}))
    if any(f.indices for f in factors):
        raise UnsupportedError(f"the sum is no scalar: {_shortened(e)}")
    return product([f.expr for f in factors])


class Entries:
    """What is read inside of a sum: the walk outside of it, and the sizes of the indices bound."""

    def __init__(self, walk: Walk, sizes: dict[Any, Size]) -> None:
        self.walk = walk
        self.sizes = sizes

    def factors(self, e: Any) -> list[Array]:
        """`e` as a product of arrays."""
        if not e.free_symbols & set(self.sizes):
            return [Array(self.walk.read(e), ())]
        if isinstance(e, sp.Mul):
            return [f for a in e.args for f in self.factors(a)]
        if isinstance(e, sp.Sum):
            return _sum(e, self)
        return [self._array(e)]

    def _array(self, e: Any) -> Array:
        if isinstance(e, MatrixElement):
            return self._element(e)
        if isinstance(e, sp.KroneckerDelta) and all(i in self.sizes for i in e.args[:2]):
            i, j = e.args[:2]
            return Array(identity(self.sizes[i]), (i, j))
        if isinstance(e, sp.Add):
            terms = [self.factors(a) for a in e.args]
            indices = tuple(sorted({i for t in terms for f in t for i in f.indices}, key=str))
            return Array(reduce(plus, (self.whole(t, indices).expr for t in terms)), indices)
        if isinstance(e, sp.Pow) and not e.exp.free_symbols & set(self.sizes):
            base = self.whole(self.factors(e.base))
            return Array(dot_power(base.expr, self.walk.read(e.exp)), base.indices)
        if isinstance(e, sp.Function) and type(e) in _TABLE or isinstance(e, sp.core.function.AppliedUndef):
            return self._function(e)
        if e in self.sizes:
            raise UnsupportedError(f"the index {e} stands for a number in a sum", hint="sums are over entries of matrices")
        raise UnsupportedError(f"SymPy's {type(e).__name__} in a sum is not read: {_shortened(e)}")

    def _function(self, e: Any) -> Array:
        """A function of entries: its argument is read as one array, and the function entry by entry."""
        at = next(k for k, a in enumerate(e.args) if a.free_symbols & set(self.sizes))
        inner = self.whole(self.factors(e.args[at]))
        z = sp.Dummy("z")
        made = Walk(self.walk.names, {**self.walk.bound, z: inner.expr}).read(e.func(*(z if k == at else a for k, a in enumerate(e.args))))
        return Array(made, inner.indices)

    def _element(self, e: Any) -> Array:
        if e.parent.free_symbols & set(self.sizes):
            raise UnsupportedError(f"a matrix that depends on an index of the sum: {_shortened(e)}")
        x = self.walk.read(e.parent)
        i, j = (k if k in self.sizes else None for k in (e.i, e.j))
        for k, (index, n) in enumerate(zip((i, j), x.shape, strict=True)):
            if index is not None and self.sizes[index] != n:
                raise UnsupportedError(f"the sum over {index} is not over all {n} {'columns' if k else 'rows'} of {_shortened(e.parent)}")
        for k in (e.i, e.j):
            if k not in self.sizes and k.free_symbols & set(self.sizes):
                raise UnsupportedError(f"the index {k} in a sum", hint="entries are at the indices themselves, X[i, j]")
        if i is not None and i == j:
            return Array(call("diag", x), (i,))
        if i is not None and j is not None:
            return Array(x, (i, j)) if x.shape[1] != 1 else Array(x, (i,))
        if i is not None:
            return Array(x if x.shape[1] == 1 else product([x, unit(self.walk.names.index(e.j), x.shape[1])]), (i,))
        x = transpose(x)
        return Array(x if x.shape[1] == 1 else product([x, unit(self.walk.names.index(e.i), x.shape[1])]), (j,))

    def whole(self, factors: list[Array], indices: tuple[Any, ...] | None = None) -> Array:
        """The product as one array over `indices` (all that occur), spread where a factor lacks one."""
        own = tuple(sorted({i for f in factors for i in f.indices}, key=str))
        indices = own if indices is None else indices
        if len(indices) > 2:
            raise UnsupportedError(f"a function of entries with {len(indices)} indices is no matrix")
        shape = tuple(self.sizes[i] for i in indices) + (1,) * (2 - len(indices))
        made = ones((shape[0], shape[1]))
        scalars = [f.expr for f in factors if not f.indices]
        arrays = [_spread(f, indices, (shape[0], shape[1])) for f in factors if f.indices]
        return Array(product([*scalars, hadamard(arrays) if arrays else made]), indices)


def _spread(f: Array, indices: tuple[Any, ...], shape: tuple[Size, Size]) -> Expr:
    """An array over more indices."""
    if f.indices == indices:
        return f.expr
    if len(f.indices) == 2:
        return transpose(f.expr)
    if f.indices[0] == indices[0]:
        return product([f.expr, ones((1, shape[1]))])
    return product([ones((shape[0], 1)), transpose(f.expr)])


def _sum(e: Any, outside: Entries) -> list[Array]:
    """The factors of a sum, its indices summed out, the one with the fewest matrices first."""
    sizes = dict(outside.sizes)
    limits = list(e.limits)
    for limit in limits:
        if len(limit) != 3 or limit[1] != 0:
            raise UnsupportedError(f"the sum does not run from 0: {_shortened(e)}", hint="an index of entries runs over (i, 0, n - 1)")
        try:
            sizes[limit[0]] = outside.walk.names.size(limit[2] + 1)
        except UnsupportedError:
            raise UnsupportedError(f"the sum runs to {limit[2]}, not over all entries: {_shortened(e)}") from None
    inside = Entries(outside.walk, sizes)
    if isinstance(e.function, sp.Add):
        return [_sum_of_terms(e, limits, inside)]
    return _reduced(inside.factors(e.function), [limit[0] for limit in limits], sizes, e)


def _sum_of_terms(e: Any, limits: list[Any], inside: Entries) -> Array:
    """A sum of sums, term by term."""
    terms = []
    for term in e.function.args:
        factors = _reduced(inside.factors(term), [limit[0] for limit in limits], inside.sizes, e)
        terms.append(inside.whole(factors))
    indices = tuple(sorted({i for t in terms for i in t.indices}, key=str))
    return Array(reduce(plus, (inside.whole([t], indices).expr for t in terms)), indices)


def _reduced(factors: list[Array], indices: list[Any], sizes: dict[Any, Size], e: Any) -> list[Array]:
    left = list(indices)
    while left:
        k = min(left, key=lambda i: len({j for f in factors if i in f.indices for j in f.indices}))
        left.remove(k)
        factors = _summed_out(factors, k, sizes[k], e)
    return factors


def _summed_out(factors: list[Array], k: Any, n: Size, e: Any) -> list[Array]:
    """The factors with the index k summed out."""
    rest = [f for f in factors if k not in f.indices]
    weights = [f.expr for f in factors if f.indices == (k,)]
    edges: dict[Any, list[Expr]] = {}  # the matrices with k as their column, by their row
    for f in factors:
        if len(f.indices) == 2 and k in f.indices:
            row = f.indices[0] if f.indices[1] == k else f.indices[1]
            edges.setdefault(row, []).append(f.expr if f.indices[1] == k else transpose(f.expr))
    if not edges and len(weights) > 1:
        return [*rest, Array(product([transpose(hadamard(weights[1:])), weights[0]]), ())]
    weight = hadamard(weights) if weights else None
    matrices = [(row, hadamard(parallel)) for row, parallel in edges.items()]
    if not matrices:
        return [*rest, Array(total(weight) if weight is not None else size(n), ())]
    if len(matrices) == 1:
        ((row, m),) = matrices
        return [*rest, Array(product([m, weight if weight is not None else ones((n, 1))]), (row,))]
    if len(matrices) == 2:
        (i, a), (j, b) = matrices
        middle = [call("diag", weight)] if weight is not None else []
        return [*rest, Array(product([a, *middle, transpose(b)]), (i, j))]
    raise UnsupportedError(f"{len(matrices)} matrices meet at the index {k} of a sum, which is no product of matrices: {_shortened(e)}")
