"""Constant arrays: a function of c 1 entry by entry is f(c) 1, so that a sum of it is a number times its size."""

from __future__ import annotations

from matcalc.expr import HPOWER, Expr, apply, fill, hpower, is_ones, split, transform


def collapsed(e: Expr) -> Expr:
    """`e` with functions of constant arrays as constant arrays.

    >>> from matcalc.expr import fill, variable, symbol
    >>> from matcalc.operators import elementwise
    >>> collapsed(elementwise("exp", fill(variable("t", (1, 1)), (symbol("n"), 1))))
    exp(t) 𝟏_n
    """

    def change(n: Expr) -> Expr:
        if n.is_scalar or not n.args:
            return n
        if n.op.elementwise and len(n.args) == 1 or n.op is HPOWER:
            s, bare = split(n.args[0])
            if is_ones(bare):
                return fill(apply(n.op, (s,), n.data), n.shape) if n.op is not HPOWER else fill(hpower(s, n.args[1]), n.shape)
        return n

    return transform(e, change)
