"""What says places rather than being an array: stretches of an axis and labels; it is not to be multiplied by."""

from __future__ import annotations

from matcalc.expr import HADAMARD, PRODUCT, SELECT, SIGMA, SUM, TRANSPOSE, Expr, number, product, scaled, transpose
from matcalc.expr.heads import ONEHOT

PLACED = (ONEHOT, SELECT)


def bare(f: Expr) -> Expr:
    return f.args[0] if f.op is TRANSPOSE else f


def opened_sums(e: Expr) -> list[Expr]:
    """The terms of a sum; of a product with a sum of places, which would be large arrays of zeros and ones."""
    if e.op is SUM:
        return [scaled(c, t) for c, t in zip(e.data, e.args, strict=True)]
    for k, f in enumerate(e.args) if e.op is PRODUCT else ():
        inner = bare(f)
        if k >= e.data[1] and inner.op is SUM and any(map(says_places, inner.args)):
            c, before, after = number(e.data[0]), e.args[:k], e.args[k + 1 :]
            terms = [scaled(a, t) for a, t in zip(inner.data, inner.args, strict=True)]
            return [product([c, *before, t if inner is f else transpose(t), *after]) for t in terms]
    return [e]


def says_places(t: Expr) -> bool:
    """Whether its rows or its columns are the places that labels say."""
    return any(_are_places(t, columns) for columns in (False, True))


def _are_places(t: Expr, columns: bool) -> bool:
    if t.op is TRANSPOSE:
        return _are_places(t.args[0], not columns)
    if t.op is SIGMA:
        return _are_places(t.args[0], columns)
    if t.op is HADAMARD:
        return any(_are_places(a, columns) for a in t.args)
    if t.op is PRODUCT:
        return t.data[1] < len(t.args) and _are_places(t.args[-1 if columns else t.data[1]], columns)
    return t.op is ONEHOT and columns
