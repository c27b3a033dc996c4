"""Transposes, pushed to where they are shortest.

A product is transposed factor by factor, a sum term by term where that shows no more transposes than
one around it, an atom is wrapped.  Of an expression and its transpose, `preferred` names the one that
functions with f(X') = f(X) or f(X)' take as their argument, so both give one object.
"""

from __future__ import annotations

import matcalc.expr.sums as sums
from matcalc.expr.heads import HADAMARD, PRODUCT, SUM, TRANSPOSE, VARIABLE, ZERO, with_coefficient, zero
from matcalc.expr.node import Expr, _set, node


def transpose(e: Expr) -> Expr:
    """The transpose of `e`.

    >>> from matcalc.expr import variable, symbol, product
    >>> A, B = (variable(v, (symbol("n"), symbol("n"))) for v in "AB")
    >>> product([A, B]).T is product([B.T, A.T]), A.T.T is A
    (True, True)
    """
    if e.symmetric or e.shape == (1, 1):
        return e
    if e._flipped is not None:
        flipped: Expr = e._flipped
        return flipped
    out = _transposed(e)
    _set(e, "_flipped", out)
    if out._flipped is None and not out.symmetric:
        _set(out, "_flipped", e)
    return out


def _transposed(e: Expr) -> Expr:
    if e.op is TRANSPOSE:
        return e.args[0]
    if e.op is ZERO:
        return zero((e.shape[1], e.shape[0]))
    if e.op is PRODUCT:
        from matcalc.expr.products import _assemble

        c, count = e.data
        scalars, back = list(e.args[:count]), [transpose(f) for f in reversed(e.args[count:])]
        if any(f.op is PRODUCT for f in back):
            from matcalc.expr.products import product, scaled

            return scaled(c, product([*scalars, *back]))
        return _assemble(c, scalars, back)
    if e.op is SUM and e.turns[1] <= e.turns[0]:
        return sums.add([with_coefficient(c, t).T for c, t in zip(e.data, e.args, strict=True)])
    if e.op is VARIABLE and "skew" in e.data[1]:
        from matcalc.expr.products import scaled

        return scaled(-1, e)
    if e.op is HADAMARD and e.turns[1] <= e.turns[0]:
        from matcalc.expr.hadamard import hadamard

        return hadamard([transpose(f) for f in e.args])
    if e.op.flip is not None:
        return e.op.flip(e)
    if e.op.transposed == "each":
        from matcalc.expr.apply import apply

        return apply(e.op, tuple(map(transpose, e.args)), e.data)
    return wrapped(e)


def wrapped(e: Expr) -> Expr:
    """`e` with a transpose around it."""
    return node(TRANSPOSE, (e,), None, (e.shape[1], e.shape[0]), (e.turns[0] + 1, e.turns[0]))


def preferred(a: Expr, b: Expr) -> bool:
    """Whether `a` is the one to keep of two expressions that are each other's transpose."""
    return _look(a) < _look(b)


def _look(e: Expr) -> tuple[bool, int, tuple[int, str, int, bytes]]:
    return (e.shape[0] == 1, e.turns[0], e.order)


def oriented(e: Expr) -> tuple[Expr, bool]:
    """(the preferred one of e and e', whether it is e')."""
    if e.symmetric or e.shape == (1, 1):
        return e, False
    row, column = e.shape[0] == 1, e.shape[1] == 1
    if row != column:
        return (transpose(e), True) if row else (e, False)
    shown, flipped = e.turns
    if shown < flipped:
        return e, False
    other = transpose(e)
    return (other, True) if preferred(other, e) else (e, False)
