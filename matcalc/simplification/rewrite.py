"""Applies the identities: finds the lines that can apply at a node, and rewrites.

A line is read only when every function it names has been seen in an expression, and one of a property when something has
it, so a derivation pays for the identities it might use.  A scalar line is read three times: for scalars, vectors and matrices.
"""

from __future__ import annotations

import re
from _thread import allocate_lock
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.calculus.rules import lifted
from matcalc.errors import TableError
from matcalc.expr import (
    HADAMARD,
    HPOWER,
    MATPOWER,
    NUMBER,
    POWER,
    VARIABLE,
    Expr,
    Op,
    hadamard,
    hpower,
    matpower,
    number,
    product,
    substitute,
    symbol,
    variable,
    variables,
)
from matcalc.expr.properties import PROPERTIES, closure
from matcalc.reading import read
from matcalc.simplification.identities import MATRIX, SCALAR
from matcalc.simplification.matching import heads, matches


@dataclass(frozen=True, slots=True)
class Identity:
    """One line of the table, for one kind of argument: `left` becomes `right`."""

    name: str
    left: Expr
    right: Expr
    shorter: bool = False  # to be applied only where it leaves less to read
    late: bool = False  # not before a derivative is taken: the right side is the harder to differentiate

    def at(self, e: Expr) -> Expr | None:
        """`e` with the identity applied at its top, if it applies."""
        times = self._times(e)
        if times != 1:
            value = self.at(hpower(e.args[0], self.left.args[1]))
            return None if value is None else hpower(value, number(times))
        if e.op is MATPOWER is self.left.op and e.data > self.left.data > 0:  # X^3 is X^2 X
            value = self.at(matpower(e.args[0], self.left.data))
            return None if value is None else product([value, matpower(e.args[0], e.data - self.left.data)])
        for bound, rest, around in matches(self.left, e):
            value = substitute(self.right, bound.of, bound.sizes)
            if e.op is HADAMARD:
                return hadamard([value, rest]) if rest is not None else value
            if rest is None:
                return value
            before, after = (around[0], around[1]) if len(around) == 2 else (around[0] if around else None, None)
            if len(around) == 2 and after is not None and before is not None:
                return product([rest, before, value, after])
            return product([rest, value, *around])
        return None

    def _times(self, e: Expr) -> int:
        """r where `e` is the r-th power of what the left side is a pattern of, a power with an exponent; a root stays one."""
        if self.left.op is not e.op or e.op not in (POWER, HPOWER) or not (self.left.args[1].op is NUMBER is e.args[1].op):
            return 1
        p, q = Fraction(self.left.args[1].data), Fraction(e.args[1].data)
        return int(q / p) if (q / p).denominator == 1 and (p.denominator == 1) == (q.denominator == 1) else 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table as text."""

    name: str
    left: str
    right: str
    scalar: bool
    where: str = ""
    shorter: bool = False
    late: bool = False

    @property
    def functions(self) -> frozenset[str]:
        """The rows that must occur for the line to apply; diag is two rows, and says nothing."""
        found = set(re.findall(r"[a-z_]+(?=\()", self.left)) - {"sum", "rowsum", "colsum", "sqrt", "ones", "eye", "diag"}
        return frozenset("matpower" if f == "inv" else f for f in found)

    def identities(self) -> Iterator[Identity]:
        if not self.scalar:
            left = read(self.left, self.where)
            names = {v.data[0]: v for v in variables(left.expr)}
            yield Identity(self.name, left.expr, read(self.right, names=names).expr, self.shorter, self.late or "pinv(" in self.right)
            return
        x = variable("x", (1, 1))
        left_x, right_x = (read(side, names={"x": x}).expr for side in (self.left, self.right))
        for shape in ((1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))):
            z = variable("x", shape)
            yield Identity(self.name, lifted(left_x, (z,)), lifted(right_x, (z,)))


def lines(table: str, scalar: bool) -> list[Line]:
    """The lines of a table of identities."""
    out = []
    for line in table.strip().splitlines():
        formula, *rest = re.split(r" : ", line, maxsplit=2)
        sides = re.split(r" (=|=<) ", formula)
        if not rest or len(sides) != 3:
            raise TableError(f"`{line}` is no identity", hint="left = right : name : declarations")
        (name, *where), (left, sign, right) = rest, sides
        out.append(Line(name.strip(), left.strip(), right.strip(), scalar, where[0].strip() if where else "", sign == "=<"))
    return out


def lines_of(name: str) -> list[Line]:
    """What holds of all that has the property, for each shape that may have it; not of a variable while it is differentiated by."""
    row = PROPERTIES[name]
    shapes = {"square": ["n, n"], "vector": ["n"], "any": ["", "m", "m, n"]}[row.shape]
    return [replace(line, where=f"X: ({shape}) {name}", late=True) for shape in shapes for line in lines("\n".join(row.identity), False)]


LINES = [*lines(SCALAR, True), *lines(MATRIX, False)]


class Rewriter:
    """The identities read so far, by the operator at the top of their left side, in the order of the table."""

    def __init__(self) -> None:
        self.waiting = [(place, line, line.functions) for place, line in enumerate(LINES)]
        self.seen: frozenset[str] = frozenset()
        self.had: frozenset[str] = frozenset()
        self.by_op: dict[Op, list[tuple[int, Identity, frozenset[object]]]] = {}
        self.one_at_a_time = allocate_lock()

    def meet(self, op: Op) -> None:
        """Takes note that `op` occurs, and reads the lines that may apply from now on."""
        if op.name in self.seen:
            return
        if op.signature:
            self.have(op.result)
        with self.one_at_a_time:
            seen = self.seen | {op.name}
            ready = [(place, line) for place, line, names in self.waiting if names <= seen]
            self.waiting = [(place, line, names) for place, line, names in self.waiting if not names <= seen]
            self._enter(ready)
            self.seen = seen

    def have(self, properties: Collection[str]) -> None:
        """Takes note that something has these properties, and reads what holds of such; it comes before all else."""
        if self.had.issuperset(properties):
            return
        with self.one_at_a_time:
            new = closure(p for p in properties if p in PROPERTIES) - self.had
            places = {p: place - len(PROPERTIES) for place, p in enumerate(PROPERTIES)}
            self._enter([(places[p], line) for p in sorted(new) for line in lines_of(p)])
            self.had = self.had.union(properties, new)

    def _enter(self, ready: Iterable[tuple[int, Line]]) -> None:
        for place, line in ready:
            for identity in line.identities():
                needs = frozenset[object]().union(*(heads(a) for a in identity.left.args if a.op is not VARIABLE))
                known = self.by_op.get(identity.left.op, [])
                self.by_op[identity.left.op] = sorted([*known, (place, identity, needs)], key=lambda entry: entry[0])

    def step(self, e: Expr, *, early: bool = False) -> Expr | None:
        """`e` after the first identity that applies at its top, or None; `early` is before a derivative is taken."""
        self.meet(e.op)
        if e.op is VARIABLE:
            self.have(e.data[1])
        found = self.by_op.get(e.op)
        if found:
            have = set[object]().union(*map(heads, e.args))
            for _, identity, needs in found:
                if needs <= have and not (early and identity.late):
                    value = identity.at(e)
                    if value is not None and value is not e and not (identity.shorter and value.weight >= e.weight):
                        return value
        return None


REWRITER = Rewriter()
