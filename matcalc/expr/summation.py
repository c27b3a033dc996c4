"""The canonical sum over an index: what is constant leaves it, and an equation for the index solves it.

A sum Σ_i b has one argument, its body, in which the index is `Bound(0)`; its data are what the index is called and how far it counts.  What the
index is called is for the reader: sums are merged and compared whatever it is.  The index counts from 1, always: a sum over part of a range
has `select` in its body, a condition is a factor that is 0 or 1.
"""

from __future__ import annotations

from matcalc.errors import LimitError, ShapeError
from matcalc.expr import heads as H
from matcalc.expr.dims import Size
from matcalc.expr.entrywise import ones
from matcalc.expr.heads import identity, number, size, with_coefficient, zero
from matcalc.expr.indices import closed, depends, free_indices, moved, replaced
from matcalc.expr.node import Bound, Expr, node
from matcalc.expr.products import product, scaled
from matcalc.expr.sums import add
from matcalc.expr.transposing import transpose
from matcalc.limits import MOST_NESTED_SUMS


def sigma(index: str, count: Size, body: Expr, called: str = "") -> Expr:
    """The sum of `body` over its free index from 1 to `count`; the index may be `called` otherwise.

    Raises ShapeError where the index counts otherwise in the body.

    >>> from matcalc.expr import symbol, unit, variable
    >>> n, k = symbol("n"), symbol("k")
    >>> X, w = variable("X", (n, k)), variable("w", (k, 1))
    >>> x_i = X.T @ unit("i", n)
    >>> sigma("i", n, w.T @ x_i) is w.T @ X.T @ ones((n, 1)), sigma("i", n, x_i @ x_i.T).shape
    (True, (k, k))
    """
    known = free_indices(body).get(index, count)
    if known != count:
        raise ShapeError(f"the index {index} counts to {count}, but indexes what has {known}")
    return bound(called or index, count, closed(body, index) if body.loose or index in free_indices(body) else body)


def bound(called: str, count: Size, body: Expr) -> Expr:
    """The sum with that body, in which the index is `Bound(0)`; the constructor of every sum.

    Constant scalars, and constant matrices at either end of a product, leave it; so do constant terms.  Σ_i e_i is 1, Σ_i e_i e_i' is I, and e_i'e_k
    puts k in place of i; where i may be out of range there (e_k'S e_i), with the factor that is then 0.
    """
    if body.op is H.ZERO or count == 0:
        return zero(body.shape)
    if not depends(body):
        return product([size(count), moved(body, -1)])
    if body.nested >= MOST_NESTED_SUMS:
        raise LimitError(f"more than {MOST_NESTED_SUMS} sums in each other")
    if body.op is H.SUM:
        return _of_sum(called, count, body)
    if body.op is not H.PRODUCT:
        if body.op is H.TRANSPOSE and _is_own(body.args[0]):
            return ones((1, count))
        return ones((count, 1)) if _is_own(body) else _node(called, count, body)
    c, front = body.data
    scalars, chain = list(body.args[:front]), list(body.args[front:])
    parts = scalars if chain and body.shape != (1, 1) else [*scalars, *([product(chain)] if chain else [])]
    for k, s in enumerate(parts):
        solved = _solved(s, count)
        if solved is not None:
            place, condition = solved
            rest = product([number(c), *parts[:k], *parts[k + 1 :], *(chain if len(parts) == len(scalars) else [])])
            return product([condition, replaced(rest, place)])
    fixed = [moved(s, -1) for s in scalars if not depends(s)]
    scalars = [s for s in scalars if depends(s)]
    left, right = 0, len(chain)
    while left < right and not depends(chain[left]):
        left += 1
    while left < right and not depends(chain[right - 1]):
        right -= 1
    if left == right and chain:
        outer = [moved(f, -1) for f in chain]
        return product([number(c), *fixed, *outer, bound(called, count, product(scalars))])
    inner = product([*scalars, *chain[left:right]])
    before, after = ([moved(f, -1) for f in part] for part in (chain[:left], chain[right:]))
    if before or after or fixed or c != 1:
        return product([number(c), *fixed, *before, bound(called, count, inner), *after])
    if not scalars and len(chain) == 2 and _is_own(chain[0]) and _is_own(transpose(chain[1])):
        return identity(count)
    return _node(called, count, inner)


def _node(called: str, count: Size, body: Expr) -> Expr:
    return node(H.SIGMA, (body,), (called, count), body.shape)


def _of_sum(called: str, count: Size, body: Expr) -> Expr:
    """Without its constant terms."""
    terms = [with_coefficient(c, t) for c, t in zip(body.data, body.args, strict=True)]
    moving = [t for t in terms if depends(t)]
    if len(moving) == len(terms):
        return _node(called, count, body)
    rest = [scaled(1, product([size(count), moved(t, -1)])) for t in terms if t not in moving]
    return add([bound(called, count, add(moving)), *rest])


def _is_own(e: Expr) -> bool:
    return e.op is H.UNIT and e.data[0] == Bound(0)


def _solved(s: Expr, count: Size) -> tuple[Expr, Expr] | None:
    """(p, c) where the scalar `s` is 1 for the index at p only: c says whether there is such."""
    if s.op is not H.PRODUCT or s.data != (1, 0) or s.args[0].op is not H.TRANSPOSE:
        return None
    for chain in (s.args, tuple(transpose(f) for f in reversed(s.args))):
        if chain[-1].op is H.UNIT and _is_own(chain[-1]) and chain[0].args[0].op is H.UNIT and not depends(chain[0]):
            if len(chain) == 2:
                return moved(transpose(chain[0]), -1), number(1)
            if len(chain) == 3 and chain[1].op is H.SELECT:
                place = product([transpose(chain[1]), moved(transpose(chain[0]), -1)])
                return place, product([ones((1, count)), place])
    return None
