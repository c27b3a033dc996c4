"""An equation between arrays that holds entry by entry, as one between numbers, and back."""

from __future__ import annotations

from matcalc.expr import (
    HADAMARD,
    HPOWER,
    NUMBER,
    ONES,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Expr,
    add,
    apply,
    is_ones,
    known,
    number,
    postorder,
    power,
    product,
    scaled,
    transpose,
    variable,
)
from matcalc.expr.lifting import lifted
from matcalc.expr.products import split
from matcalc.simplification import simplify
from matcalc.solving.roots import Root, roots
from matcalc.solving.terms import depends

SIGNS = ("positive", "nonnegative")


class Entries:
    """Which number stands for which array."""

    def __init__(self, x: Expr) -> None:
        self.x = variable(x.data[0] + "·", (1, 1), {p for p in x.data[1] if p in SIGNS})
        self.of: dict[Expr, Expr] = {x: self.x}
        self.shape = x.shape

    def number_for(self, e: Expr) -> Expr:
        if e not in self.of:
            self.of[e] = variable(f"entry·{len(self.of)}", (1, 1), {p for p in known(e) if p in SIGNS})
        return self.of[e]

    def constant(self, n: Expr) -> Expr:
        """What is free of the unknown, as a number: sums and products entry by entry, anything else by a name."""
        if n.is_scalar or n.op is NUMBER:
            return n
        if is_ones(n) or n.op is ONES:
            return number(1)
        if n.op.name == "zero":
            return number(0)
        if n.shape != self.shape:
            return n
        s, bare = split(n)
        if n.op is PRODUCT and is_ones(bare):
            return s
        if n.op is SUM:
            return add([scaled(c, self.constant(t)) for c, t in zip(n.data, n.args, strict=True)])
        if n.op is HADAMARD:
            return product([self.constant(t) for t in n.args])
        if n.op is HPOWER:
            return power(self.constant(n.args[0]), n.args[1])
        inner = n.args[0] if n.op is TRANSPOSE else n
        if inner is not n and inner.op.elementwise and len(inner.args) == 1:
            return apply(inner.op, (self.constant(transpose(inner.args[0])),), inner.data)
        if n.op is PRODUCT and bare is not n:
            return product([s, self.constant(bare)])
        if n.op.elementwise and len(n.args) == 1:
            return apply(n.op, (self.constant(n.args[0]),), n.data)
        return self.number_for(n)

    def back(self, e: Expr) -> Expr:
        """A formula in the numbers, as one in the arrays."""
        return lifted(e, tuple(self.of), tuple(self.of.values()))


def entrywise(e: Expr, x: Expr) -> tuple[Expr, Entries] | None:
    """`e`, which has the shape of `x`, as a formula in numbers; None where an entry of it depends on other entries of `x`."""
    if e.shape != x.shape:
        return None
    entries = Entries(x)
    done: dict[Expr, Expr] = {x: entries.x}
    for n in postorder(e):
        if n in done:
            continue
        if not depends(n, x):
            done[n] = entries.constant(n)
            continue
        made = _moving(n, x, done, entries)
        if made is None:
            return None
        done[n] = made
    return done[e], entries


def _moving(n: Expr, x: Expr, done: dict[Expr, Expr], entries: Entries) -> Expr | None:
    if n.shape != x.shape:
        return None
    parts = [done.get(a, a) for a in n.args]
    if n.op is SUM:
        return add([scaled(c, a) for c, a in zip(n.data, parts, strict=True)])
    if n.op is HADAMARD:
        return product(parts)
    if n.op is HPOWER and not depends(n.args[1], x):
        return power(parts[0], n.args[1])
    if n.op is PRODUCT:
        c, count = n.data
        chain = n.args[count:]
        if any(depends(s, x) for s in n.args[:count]):
            return None
        numbers: list[Expr] = []
        for f, a in zip(chain, parts[count:], strict=True):
            if f.shape == x.shape and f.shape[1] == 1 or len(chain) == 1:
                numbers.append(a)
            elif f.op.name == "diag" and f.args[0].is_vector and not depends(f, x):
                numbers.append(entries.constant(f.args[0]))
            else:
                return None
        return product([number(c), *n.args[:count], *numbers])
    if n.op.elementwise and all(a.shape == x.shape or a.is_scalar for a in n.args):
        return apply(n.op, tuple(parts), n.data)
    return None


def entry_roots(e: Expr, x: Expr) -> list[Root]:
    """The roots of e = 0 where that holds entry by entry."""
    made = (e, None) if x.is_scalar else entrywise(e, x)
    if made is None or e.shape != x.shape:
        return []
    bare, entries = made
    found = roots(bare, x if entries is None else entries.x)
    if entries is None:
        return found
    return [Root(simplify(entries.back(r.value)), r.rule, tuple((entries.back(c), needs) for c, needs in r.conditions)) for r in found]
