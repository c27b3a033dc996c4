"""Scalar formulas taken entry by entry on arrays."""

from __future__ import annotations

from matcalc.expr import heads as H
from matcalc.expr.applying import apply
from matcalc.expr.entrywise import fill, hadamard
from matcalc.expr.heads import number, variable
from matcalc.expr.language import dot_power
from matcalc.expr.node import Expr, postorder
from matcalc.expr.products import product, scaled
from matcalc.expr.rebuild import remake, substitute
from matcalc.expr.sums import add

ENTRIES = tuple(variable(name, (1, 1)) for name in "xyz")  # what a scalar formula is one of


def lifted(template: Expr, args: tuple[Expr, ...], entries: tuple[Expr, ...] = ENTRIES) -> Expr:
    """A scalar formula in x, y, z taken entry by entry on arrays of one shape, and on scalars."""
    made = entry_by_entry(template, args, entries)
    return fill(made, next((a.shape for a in args if not a.is_scalar), (1, 1))) if made.is_scalar else made


def entry_by_entry(template: Expr, args: tuple[Expr, ...], entries: tuple[Expr, ...] = ENTRIES) -> Expr:
    """The same, a scalar where it is of scalars only."""
    shape = next((a.shape for a in args if not a.is_scalar), (1, 1))
    done: dict[Expr, Expr] = dict(zip(entries, args, strict=False))
    if shape == (1, 1):
        return substitute(template, done)
    for n in postorder(template):
        parts = [done.get(a, a) for a in n.args]
        if n in done or not parts:
            continue
        if all(a.is_scalar for a in parts):
            done[n] = remake(n, tuple(parts))
        elif n.op is H.PRODUCT:
            arrays = [a for a in parts if not a.is_scalar]
            done[n] = product([number(n.data[0]), *(a for a in parts if a.is_scalar), hadamard(arrays)])
        elif n.op is H.SUM:
            done[n] = add([scaled(c, a if not a.is_scalar else fill(a, shape)) for c, a in zip(n.data, parts, strict=True)])
        elif n.op is H.CONJ:
            done[n] = remake(n, tuple(parts))
        elif n.op is H.POWER:
            done[n] = dot_power(*parts)
        else:
            done[n] = apply(n.op, tuple(parts), n.data)
    return done.get(template, template)
