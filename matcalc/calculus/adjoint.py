"""The adjoint sweep: gradients of a scalar by all variables at once, each node of the expression once.

A cotangent W of a node stands for the linear form dY ↦ ⟨W, dY⟩ = tr(W'dY).  It is handed to the node's
arguments by the adjoint of the node's differential; what arrives at a variable is the gradient.
The sweep never leaves matrix notation and keeps the user's grouping.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from matcalc.calculus.differential import around, dependent, length, partials
from matcalc.calculus.rules import MOST_ROWS, alone, filled, formula, placeholders
from matcalc.errors import ShapeError
from matcalc.expr import (
    HADAMARD,
    HPOWER,
    IDENTITY,
    MATPOWER,
    ONE,
    POWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Expr,
    Op,
    add,
    hadamard,
    matpower,
    number,
    postorder,
    product,
    scaled,
    split,
    transpose,
    zero,
)
from matcalc.expr.heads import Number
from matcalc.limits import Steps
from matcalc.operators import call


def gradient(f: Expr, wrt: Sequence[Expr]) -> list[Expr]:
    """The gradients of the scalar `f`, each of the shape of its variable.

    Raises ShapeError where `f` is no scalar, UnsupportedError where the table has no rule.

    >>> from matcalc.expr import variable, symbol
    >>> x = variable("x", (symbol("n"), 1))
    >>> gradient(product([x.T, x]), [x])[0] is scaled(2, x)
    True
    """
    if not f.is_scalar:
        raise ShapeError(f"a gradient is of a scalar; this is ({f.shape[0]}, {f.shape[1]})")
    return pullback(f, ONE, wrt)


def pullback(f: Expr, cotangent: Expr, wrt: Sequence[Expr]) -> list[Expr]:
    """What the adjoint of the differential of `f` makes of a cotangent, per variable."""
    steps = Steps("this derivative")
    active = dependent(f, set(wrt))
    arrived: dict[Expr, list[tuple[Number, Expr]]] = {f: [(1, cotangent)]} if f in active else {}
    for e in reversed(postorder(f)):
        if e in active and e in arrived and e not in wrt:
            c, w = _gathered(arrived.pop(e))
            if e.op is SUM:
                for k, a in zip(e.data, e.args, strict=True):
                    if a in active:
                        arrived.setdefault(a, []).append((c * k, w))
            else:
                for i, part in _handed(e, w, active):
                    steps.take(length(part))
                    arrived.setdefault(e.args[i], []).append((c, part))
    return [scaled(*_gathered(arrived[x])) if x in arrived else zero(x.shape) for x in wrt]


def _gathered(parts: list[tuple[Number, Expr]]) -> tuple[Number, Expr]:
    """The sum of cotangents; a number stays apart, so that a residual keeps the sign it was written with."""
    return parts[0] if len(parts) == 1 else (1, add([scaled(c, w) for c, w in parts]))


def _handed(e: Expr, w: Expr, active: set[Expr]) -> list[tuple[int, Expr]]:
    """The cotangents of the arguments of `e`, for the cotangent `w` of `e`."""
    op, args = e.op, e.args
    live = [i for i, a in enumerate(args) if a in active]
    if op is PRODUCT:
        return [(i, _through_product(e, w, i)) for i in live]
    if op is TRANSPOSE:
        return [(0, transpose(w))]
    if op is HADAMARD:
        return [(i, hadamard([w, *args[:i], *args[i + 1 :]])) for i in live]
    if op in (POWER, HPOWER) or op.elementwise:
        return [(i, hadamard([w, p]) if args[i].shape == w.shape else call("inner", w, p)) for i, p in partials(e, active)]
    if op is MATPOWER:
        return [(0, _through_power(e, w))]
    return [(i, _through_row(e, w, i)) for i in live]


def _through_product(e: Expr, w: Expr, i: int) -> Expr:
    c, count = e.data
    scalars, chain = e.args[:count], e.args[count:]
    if i < count:
        rest = product([number(c), *scalars[:i], *scalars[i + 1 :]])
        return product([rest, call("inner", w, product(chain)) if chain else w])
    k = i - count
    left, right = (transpose(product(part)) if part else ONE for part in (chain[:k], chain[k + 1 :]))
    return product([number(c), *scalars, left, w, right])


def _through_power(e: Expr, w: Expr) -> Expr:
    base, k = e.args[0], e.data
    s, bare = split(w)
    if bare.op is IDENTITY:
        return product([number(k), s, transpose(matpower(base, k - 1))])
    return add([product([transpose(left), w, transpose(right)]) for left, right in around(e)])


def _through_row(e: Expr, w: Expr, i: int) -> Expr:
    _, _, cotangent = placeholders(e.op)
    return filled(_adjoint(e.op, i), e.op, e, {cotangent: w})


@lru_cache(maxsize=MOST_ROWS)
def _adjoint(op: Op, i: int) -> Expr:
    """What the row's differential makes of the cotangent W, for its argument number `i`."""
    if op.adjoint and op.adjoint[i]:
        return formula(op, op.adjoint[i])
    change, moved = alone(op, i)
    return pullback(change, placeholders(op)[2], [moved])[0]
