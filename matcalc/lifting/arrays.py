"""Arrays whose axes are named by indices, their products, and the sum over one index of a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.expr import PRODUCT, Expr, hadamard, is_ones, ones, product, size, transpose
from matcalc.expr.dims import Size
from matcalc.operators import call, total

LEFT, RIGHT = "←", "→"  # the rows and the columns of what is summed


class NoForm(Exception):
    """There is no matrix form."""


class Array(NamedTuple):
    """A scalar with no axis, a vector with one, a matrix with two; of one, the same axis twice never."""

    expr: Expr
    axes: tuple[str, ...]


def whole(arrays: Sequence[Array], axes: tuple[str, ...], sizes: dict[str, Size]) -> Expr:
    """The product as one array with these axes, spread where a factor lacks one.  Raises NoForm for more than two."""
    if len(axes) > 2 or any(a not in axes for f in arrays for a in f.axes):
        raise NoForm
    rows, columns = (*(sizes[a] for a in axes), 1, 1)[:2]
    scalars = [f.expr for f in arrays if not f.axes]
    spread = [_spread(f, axes, rows, columns) for f in arrays if f.axes]
    return product([*scalars, hadamard(spread) if spread else ones((rows, columns))])


def _spread(f: Array, axes: tuple[str, ...], rows: Size, columns: Size) -> Expr:
    if f.axes == axes:
        return f.expr
    if len(f.axes) == 2:
        return transpose(f.expr)
    if f.axes[0] == axes[0]:
        return product([f.expr, ones((1, columns))])
    return product([ones((rows, 1)), transpose(f.expr)])


def reduced(arrays: Sequence[Array], over: Sequence[str], sizes: dict[str, Size]) -> list[Array]:
    """The product with indices summed out, the one with the fewest neighbours first.  Raises NoForm where three matrices meet at one."""
    found, left = list(arrays), list(over)
    while left:
        k = min(left, key=lambda i: len({j for f in found if i in f.axes for j in f.axes}))
        left.remove(k)
        both = _trace(found, k, left)
        if both is not None:
            row, found = both
            left.remove(row)
        else:
            found = _summed_out(found, k, sizes)
    return found


def _edges(arrays: Sequence[Array], k: str) -> dict[str, list[Expr]]:
    """The matrices with k as their columns, by the other end."""
    out: dict[str, list[Expr]] = {}
    for f in arrays:
        if len(f.axes) == 2 and k in f.axes:
            row, turned = (f.axes[0], f.expr) if f.axes[1] == k else (f.axes[1], transpose(f.expr))
            out.setdefault(row, []).append(turned)
    return out


def _trace(arrays: Sequence[Array], k: str, left: Sequence[str]) -> tuple[str, list[Array]] | None:
    """Two matrices with the same two indices, one of them a product, are a trace: the other index is summed out with k."""
    edges = _edges(arrays, k)
    if len(edges) != 1:
        return None
    ((row, parallel),) = edges.items()
    rest = [f for f in arrays if k not in f.axes]
    if len(parallel) != 2 or row not in left or any(f.axes == (k,) for f in arrays) or any(row in f.axes for f in rest):
        return None
    a, b = parallel
    if not any(f.op is PRODUCT and not is_ones(f) and not any(1 in g.shape for g in f.args) for f in parallel):
        return None
    return row, [*rest, Array(call("tr", product([a, transpose(b)])), ())]


def _summed_out(arrays: Sequence[Array], k: str, sizes: dict[str, Size]) -> list[Array]:
    rest = [f for f in arrays if k not in f.axes]
    weights = [f.expr for f in arrays if f.axes == (k,)]
    edges = _edges(arrays, k)
    if not edges:
        return [*rest, Array(_total(weights, sizes[k]), ())]
    weight = hadamard(weights) if weights else None
    if len(edges) == 1:
        ((row, parallel),) = edges.items()
        return [*rest, Array(product([hadamard(parallel), weight if weight is not None else ones((sizes[k], 1))]), (row,))]
    if len(edges) == 2:
        (i, a), (j, b) = ((row, hadamard(parallel)) for row, parallel in edges.items())
        middle = [call("diag", weight)] if weight is not None else []
        return [*rest, Array(product([a, *middle, transpose(b)]), (i, j))]
    raise NoForm


def _total(weights: list[Expr], n: Size) -> Expr:
    if not weights:
        return size(n)
    *others, last = weights
    if not others:
        return call("tr", last.args[0]) if last.op.name == "diagonal" else total(last)
    return product([transpose(hadamard(others)), last])
