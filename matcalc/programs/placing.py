"""Factors that say places rather than being arrays: stretches of an axis and labels; nothing is multiplied by them."""

from __future__ import annotations

from matcalc.expr import Expr, at_index, free_indices, number, product, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.products import factors, opened_at, scalar_parts, terms_of

JOINED = (H.UNIT, H.PRODUCT, H.TRANSPOSE, H.SIGMA, H.MEMBER, H.ONEHOT, H.SELECT, H.IDENTITY, H.HADAMARD)  # what becomes labels and factors
PLACED = (H.ONEHOT, H.SELECT)


def opened_sums(e: Expr) -> list[Expr]:
    """The terms of a sum; of a product with a sum of places, which would be large arrays of zeros and ones."""
    if e.op is H.SUM:
        return terms_of(e)
    first = e.data[1] if e.op is H.PRODUCT else 0
    for k, f in enumerate(e.args[first:], first) if e.op is H.PRODUCT else ():
        inner = untransposed(f)
        if inner.op is H.SUM and any(says_places(t) or _is_place(t) for t in inner.args):
            return opened_at(e, k)
    return [e]


def says_places(t: Expr) -> bool:
    """Whether its rows or its columns are the places that labels say."""
    return any(_are_places(t, columns) for columns in (False, True))


def _are_places(t: Expr, columns: bool) -> bool:
    if t.op is H.TRANSPOSE:
        return _are_places(t.args[0], not columns)
    if t.op is H.SIGMA:
        return _are_places(t.args[0], columns)
    if t.op is H.HADAMARD:
        return any(_are_places(a, columns) for a in t.args)
    if t.op is H.PRODUCT:
        return t.data[1] < len(t.args) and _are_places(t.args[-1 if columns else t.data[1]], columns)
    return t.op is H.ONEHOT and columns


def _is_place(t: Expr) -> bool:
    """Whether it is a unit vector or a stretch of the identity, and no array."""
    return bool(factors(t)) and all(untransposed(f).op in (*PLACED, H.UNIT) for f in factors(t))


def at_labels(t: Expr, indices: tuple[str, ...]) -> tuple[Expr, tuple[str, ...]]:
    """The term of a sum over the indices, and those left, with labels for indices that are to be one: Σ_k 1{y_i = k} f_k is f_(y_i)."""
    parts = scalar_parts(t) if t.op is H.PRODUCT else []
    for k, s in enumerate(parts):
        found = _label(s, indices)
        if found is not None:
            index, place = found
            rest = product([number(t.data[0]), *parts[:k], *parts[k + 1 :], *([] if t.is_scalar else t.args[t.data[1] :])])
            return at_labels(at_index(rest, index, place), tuple(i for i in indices if i != index))
    return t, indices


def _label(s: Expr, indices: tuple[str, ...]) -> tuple[str, Expr] | None:
    """(k, e_(y_i)) where `s` is 1{y_i = k}."""
    if s.op is not H.PRODUCT or s.data != (1, 0) or len(s.args) != 3:
        return None
    for chain in (s.args, tuple(transpose(f) for f in reversed(s.args))):
        row, labels, unit = chain
        if labels.op is H.ONEHOT and unit.op is H.UNIT and unit.data[0] in indices and unit.data[0] not in free_indices(row, labels):
            return unit.data[0], product([transpose(labels), transpose(row)])
    return None
