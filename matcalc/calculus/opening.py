"""An expression with its sums opened: what a sum is over stands below it with an index that has a name of its own.

A derivative goes through a sum as through any node, but where it leaves what depends on the index, towards what does not, it is summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.expr import MEMBER, SIGMA, UNIT, Expr, product, sigma, transpose, unit
from matcalc.expr.dims import Size
from matcalc.expr.indices import replaced
from matcalc.expr.node import below

NOTHING: frozenset[str] = frozenset()


class Opened:
    """The nodes of an expression, arguments first, with the bodies of its sums opened; all free indices of them are known by name."""

    def __init__(self, root: Expr) -> None:
        self.counts: dict[str, Size] = {}
        self.bodies: dict[Expr, tuple[str, Expr]] = {}
        self.needs: dict[Expr, frozenset[str]] = {}
        self.order = self._ordered(root) if root.nested else below(root)

    def _ordered(self, root: Expr) -> list[Expr]:
        out: list[Expr] = []
        stack = [(root, False)]
        while stack:
            e, ready = stack.pop()
            if e in self.needs:
                continue
            below = self.args(e)
            if not ready and below:
                stack.append((e, True))
                stack.extend((a, False) for a in reversed(below))
                continue
            self.needs[e] = self._needed(e, below)
            out.append(e)
        return out

    def _needed(self, e: Expr, below: Iterable[Expr]) -> frozenset[str]:
        if e.op is UNIT:
            return frozenset([e.data[0]]) if e.data[0] in self.counts else NOTHING
        found = NOTHING.union(*(self.needs[a] for a in below))
        return found - {self.bodies[e][0]} if e.op is SIGMA else found

    def args(self, e: Expr) -> tuple[Expr, ...]:
        """The arguments of a node; of a sum, its body with the index free."""
        if e.op is not SIGMA:
            return e.args
        if e not in self.bodies:
            called, count = e.data
            index = f"{called}·{e.nested}·{count}"  # sums next to each other share it, those within have less in them
            self.counts[index] = count
            self.bodies[e] = index, replaced(e.args[0], unit(index, count))
        return (self.bodies[e][1],)

    def left(self, e: Expr, a: Expr) -> frozenset[str]:
        """The indices that `e` depends on, and its argument `a` not."""
        return self.needs[e] - self.needs[a] if self.counts else NOTHING

    def summed(self, part: Expr, over: frozenset[str]) -> Expr:
        """The sum of `part` over indices, those within first."""
        for index in sorted(over, key=lambda i: (int(i.split("·")[1]), i)) if over else ():
            part = sigma(index, self.counts[index], part, index.split("·")[0])
        return part


def moved_members(e: Expr, of: Mapping[Expr, Expr] | Iterable[Expr]) -> list[tuple[Expr, Expr]]:
    """Where `e` is a member of a family: the members of that family among `of`, and 1 where `e` is that one, 0 where not."""
    if e.op is not MEMBER:
        return []
    return [(x, same(e, x)) for x in of if x.op is MEMBER and x.args[0] is e.args[0]]


def same(e: Expr, x: Expr) -> Expr:
    """1 where the two members of a family are one, 0 elsewhere."""
    return product([product([transpose(v), u]) for u, v in zip(e.args[1:], x.args[1:], strict=True)])
