"""An equation between arrays that holds entry by entry, as one between numbers, and back."""

from __future__ import annotations

from matcalc.expr import Expr, add, apply, is_ones, known, product, scaled, split, transpose, variable
from matcalc.expr import heads as H
from matcalc.expr.conjugate import said_of
from matcalc.expr.heads import ONE
from matcalc.expr.heads import number as as_number
from matcalc.expr.lifting import lifted
from matcalc.simplification import simplify
from matcalc.solving.roots import Root, roots
from matcalc.solving.terms import depends

SIGNS = frozenset(("positive", "nonnegative"))
KEPT = SIGNS | {"complex"}


class Mixed(Exception):
    """An entry depends on other entries of the unknown."""


class Entries:
    """Which number stands for which array of the shape of the unknown."""

    def __init__(self, x: Expr) -> None:
        self.unknown, self.shape = x, x.shape
        self.x = variable(x.data[0] + "·", (1, 1), KEPT.intersection(x.data[1]))
        self.of: dict[Expr, Expr] = {x: self.x}
        self.done: dict[Expr, Expr] = {}

    def number(self, n: Expr) -> Expr:
        """An array as a number: what is free of the unknown by a name, if nothing else.  Raises Mixed."""
        if n not in self.done:
            self.done[n] = self.of[n] if n in self.of else self._number(n)
        return self.done[n]

    def _number(self, n: Expr) -> Expr:
        moving = depends(n, self.unknown)
        if is_ones(n) or n.op is H.ONES:
            return ONE
        if n.op.name == "zero":
            return as_number(0)
        if not moving and (n.is_scalar or n.op is H.NUMBER or n.shape != self.shape):
            return n
        made = self._applied(n, moving) if n.shape == self.shape else None
        if made is None and moving:
            raise Mixed
        return made or self.of.setdefault(
            n, variable(f"entry·{len(self.of)}", (1, 1), SIGNS.intersection(known(n)) | said_of(n) & {"complex"})
        )

    def _applied(self, n: Expr, moving: bool) -> Expr | None:
        if n.op is H.SUM:
            return add([scaled(c, self.number(t)) for c, t in zip(n.data, n.args, strict=True)])
        if n.op is H.HADAMARD:
            return product([self.number(t) for t in n.args])
        if n.op is H.HPOWER and not depends(n.args[1], self.unknown):
            return self.number(n.args[0]) ** n.args[1]
        if n.op is H.PRODUCT:
            return self._product(n, moving)
        inner = n.args[0] if n.op is H.TRANSPOSE else n
        if inner is not n and inner.op.elementwise and len(inner.args) == 1 and not moving:
            return apply(inner.op, (self.number(transpose(inner.args[0])),), inner.data)
        if n.op.elementwise and (len(n.args) == 1 or moving) and all(a.shape == self.shape or a.is_scalar for a in n.args):
            return apply(n.op, tuple(self.number(a) for a in n.args), n.data)
        return None

    def _product(self, n: Expr, moving: bool) -> Expr | None:
        front, chain = split(n)
        if not moving:
            return front if is_ones(chain) else front * self.number(chain) if chain is not n else None
        if depends(front, self.unknown):
            return None
        numbers = []
        for f in chain.args if chain.op is H.PRODUCT else (chain,):
            if f.shape == self.shape and (f.shape[1] == 1 or f is chain):
                numbers.append(self.number(f))
            elif f.op.name == "diag" and f.args[0].is_vector and not depends(f, self.unknown):
                numbers.append(self.number(f.args[0]))
            else:
                return None
        return product([front, *numbers])

    def back(self, e: Expr) -> Expr:
        """A formula in the numbers, as one in the arrays."""
        return lifted(e, tuple(self.of), tuple(self.of.values()))


def entrywise(e: Expr, x: Expr) -> tuple[Expr, Entries] | None:
    """`e`, which has the shape of `x`, as a formula in numbers; None where an entry of it depends on other entries of `x`."""
    entries = Entries(x)
    try:
        return (entries.number(e), entries) if e.shape == x.shape else None
    except Mixed:
        return None


def entry_roots(e: Expr, x: Expr) -> list[Root]:
    """The roots of e = 0 where that holds entry by entry."""
    if x.is_scalar:
        return roots(e, x) if e.is_scalar else []
    made = entrywise(e, x)
    if made is None:
        return []
    bare, entries = made
    back = entries.back
    return [
        Root(simplify(back(r.value)), r.rule, tuple((simplify(back(c)), needs) for c, needs in r.conditions))
        for r in roots(bare, entries.x)
    ]
