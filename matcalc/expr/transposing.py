"""Transposes, pushed to where they are shortest.

A product is transposed factor by factor, a sum term by term unless one around it saves two, an atom is wrapped.  Of an expression and its transpose, `oriented` names the one that
functions with f(X') = f(X) or f(X)' take as their argument, so both give one object.  A skew matrix turns into minus
itself: what is transposed may bring a number.
"""

from __future__ import annotations

from weakref import ref

import matcalc.expr as E
import matcalc.expr.sums as sums
from matcalc.expr import heads as H
from matcalc.expr.heads import Number, coefficient_and_rest, with_coefficient, zero
from matcalc.expr.node import Expr, _set, node


def transpose(e: Expr) -> Expr:
    """The transpose of `e`.

    >>> from matcalc.expr import variable, symbol, product
    >>> A, B = (variable(v, (symbol("n"), symbol("n"))) for v in "AB")
    >>> product([A, B]).T is product([B.T, A.T]), A.T.T is A
    (True, True)
    """
    out = _known(e)
    if out is not None:
        return out
    done: list[Expr] = []  # holds what has been turned until its whole has been
    waiting = [e]
    while waiting:
        top = waiting[-1]
        missing = [a for a in _turned_inside(top) if _known(a) is None]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if _known(top) is None:
            out = _transposed(top)
            _set(top, "_flipped", ref(out))
            if out.op is H.TRANSPOSE and out.args[0] is top:  # of others it is found when it is asked for, whatever was asked before
                _set(out, "_flipped", ref(top))
            done.append(out)
    out = _known(e)
    assert out is not None
    return out


def _known(e: Expr) -> Expr | None:
    """The transpose of `e`, where somebody holds it."""
    if e.symmetric or e.is_scalar:
        return e
    return e._flipped() if e._flipped is not None else None


def _turned_inside(e: Expr) -> tuple[Expr, ...]:
    """The arguments of `e` that are turned when it is."""
    if e.op is H.PRODUCT:
        return e.args[e.data[1] :]
    if e.op is H.SUM:
        return e.args if _term_by_term(e) else ()
    if e.op is H.HADAMARD:
        return e.args if e.turns[1] <= e.turns[0] else ()
    return e.args if e.op.transposed == "each" else ()


def _term_by_term(s: Expr) -> bool:
    """Whether the transpose of a sum is one of its terms: where that shows at most one transpose more than one around the sum, W⁻ᵀ - A X'."""
    return s.turns[1] <= s.turns[0] or any(map(sums.is_between_spaces, s.args)) or sum(t.turns[1] for t in s.args) == s.turns[0] + 1


def _transposed(e: Expr) -> Expr:
    if e.op is H.TRANSPOSE:
        return e.args[0]
    if e.op is H.ZERO:
        return zero((e.shape[1], e.shape[0]))
    if e.op is H.PRODUCT:
        c, count = e.data
        scalars, turned_round = list(e.args[:count]), [transpose(f) for f in reversed(e.args[count:])]
        back = E.products.ordered(turned_round)
        if back != turned_round or any(f.op is H.PRODUCT for f in back):  # neighbours that are new may melt
            return E.scaled(c, E.product([*scalars, *back]))
        return E.products._assemble(c, scalars, back)
    if e.op is H.SUM and _term_by_term(e):
        return sums.add([with_coefficient(c, t).T for c, t in zip(e.data, e.args, strict=True)])
    if e.op is H.VARIABLE and "skew" in e.data[1] or (e.op is H.MATPOWER or e.op is H.HPOWER) and e.turns == (0, 0) and is_skew(e.args[0]):
        return E.scaled(-1, e)  # an odd power of a skew matrix is one
    if e.op is H.HADAMARD and e.turns[1] <= e.turns[0]:
        return E.hadamard([transpose(f) for f in e.args])
    if e.op.flip is not None:
        return e.op.flip(e)
    if e.op.transposed == "each" or e.op.transposed == "transpose" and is_skew(e.args[0]):
        return E.apply(e.op, tuple(map(transpose, e.args)), e.data)
    return wrapped(e)


def wrapped(e: Expr) -> Expr:
    """`e` with a transpose around it."""
    return node(H.TRANSPOSE, (e,), None, (e.shape[1], e.shape[0]))


def turned(e: Expr) -> tuple[Number, Expr]:
    """(c, r) with e' = c r, where r has no number in front."""
    return coefficient_and_rest(transpose(e))


def is_skew(e: Expr) -> bool:
    """Whether the transpose of `e` is seen to be -e.

    >>> from matcalc.expr import variable, symbol, product
    >>> W, X = (variable(v, (symbol("n"), symbol("n")), p) for v, p in (("W", {"skew"}), ("X", set())))
    >>> is_skew(product([X, W, X.T])), is_skew(X - X.T), is_skew(product([W, W]))
    (True, True, False)
    """
    if e.symmetric or e.shape[0] != e.shape[1] or e.turns[0] != e.turns[1]:
        return False
    (k, bare), (c, r) = coefficient_and_rest(e), turned(e)
    return c == -k and r is bare or c == k and r.op is bare.op is H.SUM and sums.negated(bare) is r


def oriented(e: Expr) -> tuple[Expr, bool]:
    """(the preferred one of e and e', whether it is e').

    The order is one of expressions without a number in front, by what they are and no more, so an expression that has been turned
    is never turned again.
    """
    if e.symmetric or e.is_scalar:
        return e, False
    row, column = e.shape[0] == 1, e.shape[1] == 1
    if row != column:
        return (transpose(e), True) if row else (e, False)
    shown, flipped = e.turns
    if shown < flipped:
        return e, False
    other = transpose(e)
    if H.TRANSPOSE in (e.op, other.op):  # f(A B')' is f(B A'), and shows no more: the one that is made so is kept
        return (other, True) if e.op is H.TRANSPOSE else (e, False)
    return (other, True) if _look(coefficient_and_rest(other)[1]) < _look(coefficient_and_rest(e)[1]) else (e, False)


def _look(e: Expr) -> tuple[int, tuple[int, str, int, bytes]]:
    return e.turns[0], e.order
