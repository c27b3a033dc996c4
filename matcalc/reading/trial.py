"""One attempt to give every node of a text a shape: what is given, and what is found on the way."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.errors import MatcalcError, ShapeError
from matcalc.expr.dims import Dim, Size
from matcalc.expr.properties import DECLARABLE
from matcalc.reading.letters import kind_by_spelling
from matcalc.reading.scope import Given
from matcalc.reading.sizes import Rough, RoughShape, Sizes, find
from matcalc.reading.symbols import Symbol
from matcalc.reading.tree import Node, Operator


class Use(NamedTuple):
    """A place that the index of a sum has in an array: the size there, how far it is moved, the first value of an index there."""

    size: Rough
    shift: int
    base: int


class Trial:
    """The kinds that are tried for the undeclared names, and what they lead to.

    `held` are powers that are of scalars and square matrices only; a power of another vector is taken entry by entry.
    """

    def __init__(
        self,
        given: Given,
        scalars: frozenset[str] = frozenset(),
        vectors: frozenset[str] = frozenset(),
        other_groupings: bool = False,
        held: frozenset[Node] = frozenset(),
    ) -> None:
        self.given, self.text, self.declared, self.bound, self.size_names = given, given.text, given.declared, given.bound, given.sizes
        self.scalars, self.vectors, self.other_groupings, self.held = scalars, vectors, other_groupings, held
        self.costs: list[tuple[str, int, int]] = []  # what a scalar was taken for where a vector may be meant, and where
        self.squared: set[Node] = set()  # matrices that are square because they have a power
        self.reasons: dict[str, str] = {}  # why a name is what it is, where its place says so
        self.placed: list[tuple[Rough, Node]] = []  # sizes that have to follow from the place, as that of I
        self.ranges: dict[str, list[Rough]] = {}  # per symbolic index, what it counts
        self.uses: dict[str, list[Use]] = {}  # per index of a sum, the places it stands in
        self.reached = 0  # how many nodes have a shape
        self.counts: dict[str, list[Rough]] = {}  # per family that is tried, how many members there are along each index
        self.compared: list[tuple[str, ...]] = []  # indices of sums that a condition compares
        self.ends: list[tuple[Rough, Size]] = []  # sizes of undeclared arrays, and a place that is in them
        self.numbers: dict[str, tuple[int, int]] = {}  # the indices of sums that are used as numbers, and where
        self.picked: list[str] = []  # the indices that say what is in a set
        self.runs: dict[str, tuple[Rough, int]] = {}  # per index of a sum, how far it counts, and from where
        self.sizes = Sizes()
        self.fresh = (name for name in "TNMKH" if name not in self.text)  # for sizes that no limit names
        self.inferred: dict[str, tuple[str, RoughShape]] = {}  # variables, in order of appearance
        self.functions: dict[str, Node] = {}  # abstract elementwise functions
        self.used: set[str] = set()
        self.lying: set[Node] = set()  # vectors that are added to each row of a matrix
        self.notes: list[str] = []

    def cost(self, reason: str, scalar: Node, whole: Node) -> None:
        """Counts a scalar that is spread or stands where a vector may be meant; a number can be nothing else."""
        while scalar.kind == "minus":
            scalar = scalar.parts[0]
        if scalar.kind != "number":
            self.costs.append((reason, whole.start, whole.end))

    def fail(self, node: Node | Operator, message: str, hint: str = "", span: tuple[int, int] | None = None) -> MatcalcError:
        error = ShapeError(message, line=self.text, start=node.start, end=node.end, hint=hint)
        error.span = span or (node.start, node.end)
        return error

    def show(self, shape: RoughShape) -> str:
        """A shape for people; what is open is a question mark."""
        sizes = [str(s) if isinstance(s, (int, Dim)) else "?" for s in map(find, shape)]
        return f"({', '.join(sizes)})"

    def kind(self, name: str) -> str:
        """The kind that is tried for a name without a declared one."""
        kind = "scalar" if name in self.scalars else self.given.spelled.get(name) or kind_by_spelling(name)
        return "vector" if kind == "scalar" and (name in self.vectors or name in self.given.arrays) else kind

    def opened(self, symbol: Symbol) -> RoughShape:
        """The shape of a name that is declared without sizes, perhaps with properties."""
        kind = symbol.kind or self.kind(symbol.name)
        return self.undeclared(symbol.name, kind, kind == "matrix" and any(DECLARABLE[p].shape == "square" for p in symbol.properties))

    def undeclared(self, name: str, kind: str, square: bool = False) -> RoughShape:
        """The shape of a name of a kind, of which nothing says the sizes."""
        known = self.inferred.get(name)
        if known is None:
            rows, columns = 1 if kind == "scalar" else self.sizes.new(), self.sizes.new() if kind == "matrix" else 1
            known = self.inferred[name] = kind, (rows, rows if square else columns)
        return known[1]
