"""How the author of a question writes: nodes are canonical and forget it, the writers keep to it.

What was typed comes first: the terms of a sum as they stood there.  What a derivation made is ordered by the first occurrence of its
names, so that A x + b comes out as A x + b, and H x + g as g + H x where g was typed first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from matcalc.expr import heads as H
from matcalc.expr.heads import Number, coefficient_and_rest, untransposed
from matcalc.expr.node import Expr, node, postorder
from matcalc.expr.sums import negated
from matcalc.expr.transposing import transpose
from matcalc.limits import MOST_LOOKED_AT, MOST_POWERS

UNKNOWN = 1 << 20  # the place of a name that was not typed

Term = tuple[Number, Expr]


class Manner(NamedTuple):
    """`places` has each name's place in the text, `sums` the terms of each sum as typed (none of what was read into it), `members` matrices whose rows are vectors x_i,
    `starts` where the axes of arrays begin to count that do not from 1.

    `typed` gives, for names that stand for other expressions, the expressions of the text as they stand there, which canonical nodes turn
    round: x'a, tr(X'X), X.*X; each with what it is.  Such expressions are written `literal`, term by term.  `bold` are the
    letters that are bold wherever they stand.  Where a variable is called pi the number π is written as a `circle`, acos(-1).  It is `parted` where blocks or ranges are written: what stretches of the identity make of a matrix is that with zeros
    around it.
    """

    places: Mapping[str, int] = {}
    sums: Mapping[Expr, tuple[Expr, ...]] = {}
    members: frozenset[str] = frozenset()
    starts: Mapping[str, tuple[int, ...]] = {}
    bold: frozenset[str] = frozenset()
    circle: bool = False
    parted: bool = True
    typed: Callable[[Mapping[str, Expr]], dict[Expr, Expr]] | None = None
    literal: bool = False

    def terms(self, e: Expr) -> list[Term]:
        """The terms of a sum in the author's order; none begins with a minus where it has a plus.

        >>> from matcalc.expr import symbol, variable
        >>> g, h = (variable(name, (symbol("n"), 1)) for name in "gh")
        >>> [t for _, t in Manner({"h": 0, "g": 1}).terms(g + h)]
        [h, g]
        """
        terms = list(zip(e.data, e.args, strict=True))
        if self.literal or not self.places:
            return terms
        typed = self.sums.get(e)
        terms.sort(key=(lambda term: typed.index(term[1])) if typed else self._place)
        first = next((i for i, (c, _) in enumerate(terms) if c > 0), 0)
        return terms[first:] + terms[:first]

    def turned(self, e: Expr) -> Expr | None:
        """The transpose of a sum, where that was typed, either way round: a residual stays one."""
        if self.literal or e in self.sums or 1 in e.shape or not self.sums:
            return None
        other = transpose(e)
        shorter = other.op is H.SUM and other.turns[0] < e.turns[0] and not any(f.op is H.SELECT for f in map(untransposed, _factors(e)))
        return other if shorter and (other in self.sums or negated(other) in self.sums) else None

    def factors(self, arrays: Sequence[Expr]) -> list[Expr]:
        """The factors of an elementwise product: what is a name by itself first, and of those and the others what was typed first."""
        return sorted(arrays, key=lambda a: (not _is_named(a), self._names(a)[:1])) if self.places and not self.literal else list(arrays)

    def in_order(self, e: Expr) -> dict[Expr, Expr]:
        """`e`, and all below it, with terms and factors in the author's order, for literal writing."""
        done: dict[Expr, Expr] = {}
        for n in postorder(e):
            args, data = n.args, n.data
            if n.op is H.SUM:
                data, args = zip(*self.terms(n), strict=True)
            elif n.op is H.HADAMARD:
                args = tuple(self.factors(args))
            done[n] = node(n.op, tuple(done[a] for a in args), data, n.shape) if args else n
        return done

    def _place(self, term: Term) -> tuple[int, list[int], int]:
        t = term[1]
        chain = t.args[t.data[1] :] if t.op is H.PRODUCT else (t,)
        last = t.op in (H.SIZE, H.NUMBER) or bool(chain) and all(untransposed(f).op in (H.IDENTITY, H.ONES) for f in chain)
        return 0 if t.op is H.IDENTITY else 2 if last else 1, self._names(t), t.turns[0]

    def _names(self, e: Expr) -> list[int]:
        """The places of the names of `e` as they are read; what is under a fraction bar is read last."""
        out: list[int] = []
        todo = [e]
        for _ in range(MOST_LOOKED_AT):
            if not todo:
                break
            f = todo.pop()
            if f.op is H.VARIABLE or f.op is H.FAMILY:
                out.append(self.places.get(f.data[0], UNKNOWN))
            elif f.op is H.PRODUCT:
                todo += sorted(reversed(f.args), key=_is_above)  # noqa: C414 — what is read first is put last
            elif f.op is H.MATPOWER:
                todo += f.args * min(abs(f.data), MOST_POWERS)
            else:
                todo += reversed(f.args)
        return out


def _factors(s: Expr) -> list[Expr]:
    return [f for t in s.args for f in (t.args if t.op is H.PRODUCT else (t,))]


def _is_named(e: Expr) -> bool:
    bare = untransposed(e)
    return (bare.args[0] if bare.op is H.HPOWER else bare).op is H.VARIABLE


def _is_above(e: Expr) -> bool:
    return e.op is not H.POWER or coefficient_and_rest(e.args[1])[0] > 0


PLAIN = Manner()
