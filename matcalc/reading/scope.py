"""Knowledge of names before the text is read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from matcalc.expr.properties import closure
from matcalc.reading.symbols import NOTHING, Declarations, Symbol

if TYPE_CHECKING:
    from matcalc.expr import Expr
    from matcalc.expr.dims import Size
    from matcalc.reading.tree import Node


class Scope(NamedTuple):
    """Knowledge of names before the text is read: name → scalar, vector, matrix, elementwise, function or size.

    `by` are the names to differentiate by, where they are known; `indices` are letters that are indices, for what the text defines, or
    what it is the definition of, has them.
    """

    kinds: Mapping[str, str]
    said: Declarations = NOTHING
    indices: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()

    def is_complex(self, name: str = "") -> bool:
        """Whether a name is declared complex; without one, whether any is."""
        symbols, families = self.said.symbols, self.said.families
        names = (name,) if name else (*symbols, *families)
        said = [s.properties for n in names for s in (symbols.get(n), families.get(n)) if s is not None]
        return any("complex" in closure(properties) for properties in said if properties)

    def is_variable(self, name: str) -> bool:
        return self.kinds.get(name) in ("scalar", "vector", "matrix")


class Given(NamedTuple):
    """Knowledge of names before shapes are found: those declared or bound to expressions, names of sizes, kinds seen by typography.

    `taken` are the names that no size gets; `rows` says whether x_i is a row of X or a column, where that is open; `arrays` are
    names that are no scalars, with the reason; `reduced` are the nodes within a sum or a norm, `summed` those within a sum.
    `members` are the names x of which x_i is no entry but a vector: row i of x; `families` are those tried as families, with what their
    members are.
    """

    text: str
    declared: Mapping[str, Symbol]
    bound: Mapping[str, Expr]
    sizes: frozenset[str]
    taken: frozenset[str]
    spelled: Mapping[str, str] = {}
    rows: bool = True
    bases: Mapping[tuple[str, int], int] = MappingProxyType({})  # per array and axis, where its first index is not 1
    ends: Mapping[str, tuple[Size, ...]] = MappingProxyType({})  # how long undeclared arrays are at least
    by: frozenset[str] = frozenset()  # what is differentiated by, where that is known
    lying: bool = False  # rows of X are rows: the X_i of X_i w
    arrays: Mapping[str, str] = {}
    reduced: frozenset[Node] = frozenset()
    summed: frozenset[Node] = frozenset()
    said: Declarations = NOTHING
    members: frozenset[str] = frozenset()
    families: Mapping[str, str] = MappingProxyType({})
    paper: bool = False  # in the notation of papers: log ρ of a matrix is that of the matrix
    measured: bool = False  # |x| of a vector is its norm
    totals: frozenset[Node] = frozenset()  # bars around a sum of numbers
    numpy: bool = False  # vectors are added to the rows of a matrix

    def first(self, name: str, axis: int = 0) -> int:
        """The first index of an array along an axis: as its family is declared (0 for t = 0..N-1), or where a sum begins."""
        family = self.said.families.get(name)
        first = family.ranges[axis].first if family and axis < len(family.ranges) else self.bases.get((name, axis), 1)
        return first if isinstance(first, int) else 1
