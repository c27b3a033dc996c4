"""A line of a table of identities, and what it says: read as text, and as one identity for each kind of argument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property

from matcalc.errors import TableError
from matcalc.expr import Expr, add, hadamard, hpower, matpower, number, postorder, product, substitute, symbol, variable, variables
from matcalc.expr import heads as H
from matcalc.expr.conjugate import is_real
from matcalc.expr.facts import has
from matcalc.expr.lifting import ENTRIES, lifted
from matcalc.expr.properties import DECLARABLE
from matcalc.operators import FUNCTIONS
from matcalc.reading import read
from matcalc.rewriting.identities import ANSWER, ENTRYWISE, PROGRAM, TABLES
from matcalc.rewriting.matching import is_inner, matches

NO_REAL = "complex"  # said of variables, and noted where something occurs that may be no real number


@dataclass(frozen=True)
class Identity:
    """One line of a table, for one kind of argument: `left` becomes `right`."""

    name: str
    left: Expr
    right: Expr
    shorter: bool = False  # to be applied only where it leaves less to read
    purposes: frozenset[str] = frozenset()
    real: bool = False  # it holds of what is real only
    single: bool = False  # its letters stand for one factor each

    @cached_property
    def among(self) -> str:
        """The property that some factor of a product has to have, as only products with such a one have it; none: ""."""
        said = [p for v in variables(self.left) for p in v.data[1] if DECLARABLE[p].alone] if self.left.op is H.PRODUCT else []
        return said[0] if said else ""

    @cached_property
    def conjugates(self) -> bool:
        """Whether the left side has a conjugate, which nothing real matches."""
        return any(n.op is H.CONJ for n in postorder(self.left))

    @cached_property
    def inner(self) -> bool:
        """Whether the left side is an inner product, which only another matches."""
        return is_inner(self.left)

    def at(self, e: Expr) -> Expr | None:
        """`e` with the identity applied at its top, if it applies."""
        times = self._times(e)
        if times != 1:
            value = self.at(hpower(e.args[0], self.left.args[1]))
            return None if value is None else hpower(value, number(times))
        if e.op is H.MATPOWER is self.left.op and e.data > self.left.data > 0:  # X^3 is X^2 X
            value = self.at(matpower(e.args[0], self.left.data))
            return None if value is None else product([value, matpower(e.args[0], e.data - self.left.data)])
        if self.among and not any(has(H.untransposed(f), self.among) for f in e.args):
            return None
        for found in matches(self.left, e):
            if self.real and any(v.complex and not is_real(v) for v in found.bound.of.values()):
                continue
            if self.single and any(meant.op is H.PRODUCT for meant in found.bound.of.values()):
                continue
            value = substitute(self.right, found.bound.of, found.bound.sizes)
            if not found.around:
                return value
            if e.op is H.HADAMARD:
                return hadamard([value, *found.around])
            if e.op is H.SUM:
                return add([product([found.around[0], value]), *found.around[1:]])
            scalars, before, after = found.around
            return product([scalars, before, value, after])
        return None

    def _times(self, e: Expr) -> int:
        """r where `e` is the r-th power of what the left side is a pattern of, a power with an exponent; a root stays one."""
        if self.left.op is not e.op or e.op not in (H.POWER, H.HPOWER) or not (self.left.args[1].op is H.NUMBER is e.args[1].op):
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
    real: bool = False
    complex: bool = False
    single: bool = False

    @property
    def needs(self) -> set[frozenset[str]]:
        """The operators of which one must occur for the line to apply: those that a name on its left stands for; something complex."""
        found = (FUNCTIONS.get(name) for name in re.findall(r"[a-z_]\w*(?=\()", self.left))
        also = {H.HADAMARD.name: ".*" in self.left, NO_REAL: self.complex or NO_REAL in self.where}
        return {frozenset(f.head.split()) for f in found if f is not None and f.head} | {
            frozenset((n,)) for n, must in also.items() if must
        }

    def identities(self) -> Iterator[Identity]:
        if not self.scalar:
            left = read(self.left, self.where)
            names = {v.data[0]: v for v in variables(left.expr)}
            yield Identity(self.name, left.expr, read(self.right, names=names).expr, self.shorter, self.purposes, self.real, self.single)
            return
        of = frozenset({"complex"} if self.complex else ())
        entries = {name: variable(e.data[0], (1, 1), of) for name, e in zip("xy", ENTRIES, strict=False)}
        of_entries = [read(side, names=entries).expr for side in (self.left, self.right)]
        for shape in ((1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))):
            arrays = tuple(variable(name, shape, of) for name in entries)
            a, b = (lifted(side, arrays, tuple(entries.values())) for side in of_entries)
            yield Identity(self.name, a, b, self.shorter, self.purposes, self.real, self.single)


def lines(
    text: str, scalar: bool = False, purposes: frozenset[str] = TABLES[0].purposes, complex: bool = False, single: bool = False
) -> list[Line]:
    """The lines of a table of identities; where `scalar`, its letters stand for scalars, and it holds entry by entry.

    >>> lines("sin(x)/cos(x) = tan(x) : tan", scalar=True)[0].needs == {frozenset({"sin"}), frozenset({"cos"})}
    True
    """
    out = []
    for line in text.strip().splitlines():
        formula, *rest = re.split(r" : ", line, maxsplit=2)
        sides = re.split(r" (=|=<) ", formula)
        if not rest or len(sides) != 3:
            raise TableError(f"`{line}` is no identity", hint="left = right : name : declarations")
        (name, *where), (left, sign, right) = rest, sides
        real, said = re.fullmatch(r"(real\b;?)?\s*(.*)", where[0].strip() if where else "").groups()  # type: ignore[union-attr]
        out.append(Line(name.strip(), left.strip(), right.strip(), scalar, said, sign == "=<", purposes, bool(real), complex, single))
    return out


def lines_of(name: str) -> list[Line]:
    """The identities of all that has the property, for each shape that may have it; not of a variable while it is differentiated by."""
    row = DECLARABLE[name]
    shapes = {"square": ["n, n"], "vector": ["n"], "matrix": ["m, n"], "tall": ["m, n"], "any": ["", "m", "m, n"]}[row.shape]
    told = lines("\n".join(row.identity), purposes=frozenset((ANSWER, PROGRAM)))
    return [replace(line, where=f"X: ({shape}) {name}") for shape in shapes for line in told]


LINES = [line for table in TABLES for line in lines(table.text, table.scalar, table.purposes, table.complex, table.single)]


@cache
def complements() -> frozenset[str]:
    """The functions with f(-x) = 1 - f(x), as the table has it.

    >>> sorted(complements())
    ['normcdf', 'sigmoid', 'step']
    """
    found = (re.fullmatch(r"1 - (\w+)\(x\) = \1\(-x\)", f"{line.left} = {line.right}") for line in lines(ENTRYWISE, scalar=True))
    return frozenset(m[1] for m in found if m)
