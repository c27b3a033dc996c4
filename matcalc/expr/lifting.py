"""Scalar formulas taken entry by entry on arrays."""

from __future__ import annotations

from matcalc.expr.apply import apply
from matcalc.expr.hadamard import fill, hadamard, hpower
from matcalc.expr.heads import POWER, PRODUCT, SUM, number, variable
from matcalc.expr.node import Expr, postorder
from matcalc.expr.products import product, scaled
from matcalc.expr.rebuild import substitute
from matcalc.expr.sums import add

X = variable("x", (1, 1))  # what a scalar formula is one of


def lifted(template: Expr, x: Expr) -> Expr:
    """The scalar formula `template`, in `X`, taken entry by entry on the array `x`; its other letters stay scalars.

    >>> from matcalc.expr import symbol
    >>> lifted(X * X, variable("v", (symbol("n"), 1)))
    v.^2
    """
    if x.is_scalar:
        return substitute(template, {X: x})
    done: dict[Expr, Expr] = {X: x}
    for n in postorder(template):
        args = [done.get(a, a) for a in n.args]
        if n in done or all(a.is_scalar for a in args):
            continue
        if n.op is PRODUCT:
            arrays = [a for a in args if not a.is_scalar]
            done[n] = product([number(n.data[0]), *(a for a in args if a.is_scalar), hadamard(arrays)])
        elif n.op is SUM:
            done[n] = add([scaled(c, a if not a.is_scalar else fill(a, x.shape)) for c, a in zip(n.data, args, strict=True)])
        elif n.op is POWER:
            done[n] = hpower(*args)
        else:
            done[n] = apply(n.op, tuple(args), n.data)
    return done[template] if template in done else fill(template, x.shape)
