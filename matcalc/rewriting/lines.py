"""A line of a table of identities, and what it says: read as text, and as one identity for each kind of argument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from matcalc.errors import TableError
from matcalc.expr import (
    HADAMARD,
    HPOWER,
    MATPOWER,
    NUMBER,
    POWER,
    Expr,
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
from matcalc.expr.lifting import ENTRIES, lifted
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import FUNCTIONS
from matcalc.reading import read
from matcalc.rewriting.identities import ANSWER, ENTRYWISE, PROGRAM, TABLES, Table
from matcalc.rewriting.matching import matches


@dataclass(frozen=True, slots=True)
class Identity:
    """One line of a table, for one kind of argument: `left` becomes `right`."""

    name: str
    left: Expr
    right: Expr
    shorter: bool = False  # to be applied only where it leaves less to read
    purposes: frozenset[str] = frozenset()

    def at(self, e: Expr) -> Expr | None:
        """`e` with the identity applied at its top, if it applies."""
        times = self._times(e)
        if times != 1:
            value = self.at(hpower(e.args[0], self.left.args[1]))
            return None if value is None else hpower(value, number(times))
        if e.op is MATPOWER is self.left.op and e.data > self.left.data > 0:  # X^3 is X^2 X
            value = self.at(matpower(e.args[0], self.left.data))
            return None if value is None else product([value, matpower(e.args[0], e.data - self.left.data)])
        for found in matches(self.left, e):
            value = substitute(self.right, found.bound.of, found.bound.sizes)
            if not found.around:
                return value
            if e.op is HADAMARD:
                return hadamard([value, *found.around])
            scalars, before, after = found.around
            return product([scalars, before, value, after])
        return None

    def _times(self, e: Expr) -> int:
        """r where `e` is the r-th power of what the left side is a pattern of, a power with an exponent; a root stays one."""
        if self.left.op is not e.op or e.op not in (POWER, HPOWER) or not (self.left.args[1].op is NUMBER is e.args[1].op):
            return 1
        p, q = Fraction(self.left.args[1].data), Fraction(e.args[1].data)
        return int(q / p) if (q / p).denominator == 1 and (p.denominator == 1) == (q.denominator == 1) else 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table as text, with what it is for."""

    name: str
    left: str
    right: str
    scalar: bool = False
    where: str = ""
    shorter: bool = False
    purposes: frozenset[str] = TABLES[0].purposes

    @property
    def functions(self) -> frozenset[str]:
        """The operators that must occur for the line to apply: those that a name on its left side always stands for."""
        found = (FUNCTIONS.get(name) for name in re.findall(r"[a-z_]\w*(?=\()", self.left))
        return frozenset(f.head for f in found if f is not None and f.head)

    def identities(self) -> Iterator[Identity]:
        if not self.scalar:
            left = read(self.left, self.where)
            names = {v.data[0]: v for v in variables(left.expr)}
            yield Identity(self.name, left.expr, read(self.right, names=names).expr, self.shorter, self.purposes)
            return
        left_x, right_x = (read(side, names={"x": ENTRIES[0]}).expr for side in (self.left, self.right))
        for shape in ((1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))):
            z = variable("x", shape)
            yield Identity(self.name, lifted(left_x, (z,)), lifted(right_x, (z,)), self.shorter, self.purposes)


def lines(text: str, scalar: bool = False, purposes: frozenset[str] = TABLES[0].purposes) -> list[Line]:
    """The lines of a table of identities; where `scalar`, its letters stand for scalars, and it holds entry by entry.

    >>> lines("sin(x)/cos(x) = tan(x) : tan", scalar=True)[0].functions == {"sin", "cos"}
    True
    """
    out = []
    for line in text.strip().splitlines():
        formula, *rest = re.split(r" : ", line, maxsplit=2)
        sides = re.split(r" (=|=<) ", formula)
        if not rest or len(sides) != 3:
            raise TableError(f"`{line}` is no identity", hint="left = right : name : declarations")
        (name, *where), (left, sign, right) = rest, sides
        out.append(Line(name.strip(), left.strip(), right.strip(), scalar, where[0].strip() if where else "", sign == "=<", purposes))
    return out


def lines_of(name: str) -> list[Line]:
    """What holds of all that has the property, for each shape that may have it; not of a variable while it is differentiated by."""
    row = PROPERTIES[name]
    shapes = {"square": ["n, n"], "vector": ["n"], "matrix": ["m, n"], "tall": ["m, n"], "any": ["", "m", "m, n"]}[row.shape]
    told = lines("\n".join(row.identity), purposes=frozenset((ANSWER, PROGRAM)))
    return [replace(line, where=f"X: ({shape}) {name}") for shape in shapes for line in told]


def of_table(table: Table) -> list[Line]:
    return lines(table.text, table.scalar, table.purposes)


LINES = [line for table in TABLES for line in of_table(table)]


@cache
def complements() -> frozenset[str]:
    """The functions with f(-x) = 1 - f(x), as the table has it.

    >>> sorted(complements())
    ['normcdf', 'sigmoid']
    """
    found = (re.fullmatch(r"1 - (\w+)\(x\) = \1\(-x\)", f"{line.left} = {line.right}") for line in lines(ENTRYWISE, scalar=True))
    return frozenset(m[1] for m in found if m)
