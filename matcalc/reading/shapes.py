"""The shape of every node, by unification, in one pass over the post-order list.

`Shapes` is one attempt, with given kinds for the undeclared names; `matcalc.reading.kinds` decides which to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from matcalc.errors import MatcalcError, ParseError, ShapeError, UnknownNameError, UnsupportedError
from matcalc.expr import Expr
from matcalc.expr.applying import signature, wants
from matcalc.expr.dims import Dim, Size, replace, solved
from matcalc.expr.properties import DECLARABLE
from matcalc.operators import CONSTANTS, FUNCTIONS, Function
from matcalc.reading.evidence import SUMS, takes_arrays
from matcalc.reading.grouping import regroup
from matcalc.reading.letters import FOREIGN, kind_by_spelling
from matcalc.reading.parser import DOT_OVER, DOT_TIMES, MATMUL, OVER, TIMES, Node, Operator, folded
from matcalc.reading.sizes import SCALAR, Free, Rough, RoughShape, Sizes, combine, find
from matcalc.reading.spellings import ALONG
from matcalc.reading.sums import At, Label, Place
from matcalc.reading.symbols import NOTHING, Declarations, Symbol, plus
from matcalc.reading.tree import failing

OF_SQUARE = frozenset(("tr", "det", "logdet"))  # of a scalar they say nothing
_ENTRYWISE = frozenset(("sum", "minus", "product", "power", "dot_power", "call", "exponential", "group"))
INNER = frozenset(("·", "⋅", "•", "∙", "\\cdot"))  # of two vectors: their inner product
NORMS = {
    "": "norm", "F": "norm", "2": "norm", "1": "norm1", "*": "normnuc", "2,1": "norm21", "nuc": "normnuc",
    "σ": "normspec", "op": "normspec", "∞": "norminf",
}  # fmt: skip


REFUSED_NORMS = {
    "1,2": "it is read in two ways: write sum(sqrt(colsum(X.^2))), or norm21(X) of the rows",
    "TV": "norm1(diff(x)), or of a picture the sums of |x_{i+1,j} - x_{i,j}| and |x_{i,j+1} - x_{i,j}|",
    "max": "of a vector it is ‖x‖_∞; of a matrix that of vec(X)",
}


class Given(NamedTuple):
    """What is known before shapes are: names that are declared or bound to expressions, names of sizes, kinds seen by typography.

    `taken` are the names that no size gets; `rows` says whether x_i is a row of X or a column, where that is open; `arrays` are
    names that are no scalars, with the reason; `reduced` are the nodes within a sum or a norm, `summed` those within a sum.
    `members` are the names x of which x_i is no entry but a vector: row i of x.
    """

    text: str
    declared: Mapping[str, Symbol]
    bound: Mapping[str, Expr]
    sizes: frozenset[str]
    taken: frozenset[str]
    spelled: Mapping[str, str] = {}
    rows: bool = True
    bases: Mapping[tuple[str, int], int] = MappingProxyType({})  # of undeclared arrays, per axis, where their first index is not 1
    ends: Mapping[str, tuple[Size, ...]] = MappingProxyType({})  # how long undeclared arrays are at least
    by: frozenset[str] = frozenset()  # what is differentiated by, where that is known
    lying: bool = False  # rows of X are rows: the X_i of X_i w
    arrays: Mapping[str, str] = {}
    reduced: frozenset[Node] = frozenset()
    summed: frozenset[Node] = frozenset()
    said: Declarations = NOTHING
    members: frozenset[str] = frozenset()
    paper: bool = False  # in the notation of papers: log ρ of a matrix is that of the matrix


class Use(NamedTuple):
    """A place that the index of a sum has in an array: the size there, how far it is moved, the first value of an index there."""

    size: Rough
    shift: int
    base: int


class Shapes:
    """One attempt to give every node a shape: which names are scalars and which vectors is given, the sizes are found.

    `held` are powers that are of scalars and square matrices only; a power of another vector is taken entry by entry.
    Raises ShapeError (or another error of the language) with the place, where something does not fit.
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
        self.compared: list[tuple[str, ...]] = []  # indices of sums that a condition compares
        self.ends: list[tuple[Rough, Size]] = []  # sizes of undeclared arrays, and a place that is in them
        self.numbers: dict[str, tuple[int, int]] = {}  # the indices of sums that are used as numbers, and where
        self.picked: list[str] = []  # the indices that say what is in a set
        self.runs: dict[str, tuple[Rough, int]] = {}  # per index of a sum, how far it counts, and from where
        self.sizes = Sizes()
        self.inferred: dict[str, tuple[str, RoughShape]] = {}  # variables, in order of appearance
        self.functions: dict[str, Node] = {}  # abstract elementwise functions
        self.used: set[str] = set()
        self.notes: list[str] = []

    def run(self, nodes: list[Node]) -> None:
        for node in nodes:
            node.shape = _SHAPE[node.kind](self, node)
            self.reached += 1
        for counted in self.ranges.values():
            self._counts_alike(counted)
        for i, j in self.compared:  # what i < j says of counts that nothing else tells
            counts = [find(self.runs[k][0]) for k in (i, j) if k in self.runs]
            if len(counts) == 2 and any(isinstance(c, Free) for c in counts):
                self.sizes.unify(*counts)
        for index in [i for i in self.uses if i not in self.runs]:  # t of x_{t+1}, that no sum binds
            _counted(self, nodes[-1], index, None, None)

    def _counts_alike(self, counted: list[Rough]) -> None:
        """The open size of a unit vector e_j is what j counts elsewhere, where that is one size."""
        known = {size for size in map(find, counted) if not isinstance(size, Free)}
        if len(known) == 1:
            (size,) = known
            for other in map(find, counted):
                if isinstance(other, Free):
                    self.sizes.unify(other, size)

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


def _scalar(s: Shapes, node: Node) -> RoughShape:
    return SCALAR


def _name(s: Shapes, node: Node) -> RoughShape:
    name = node.value
    if name in s.bound:
        return s.bound[name].shape
    symbol = s.declared.get(name)
    if symbol is not None:
        s.used.add(name)
        if symbol.open:
            return _opened(s, symbol)
        if symbol.kind == "family":
            raise s.fail(node, f"`{name}` is a family: one of its members stands in a formula, in a sum over its index")
        if symbol.shape is None or symbol.takes is not None:
            raise s.fail(node, f"`{name}` is a function, but has no argument: {name}(…)")
        return symbol.shape
    if name in s.size_names or name in CONSTANTS:
        return SCALAR
    if name == "I" or name == "eye":
        n = s.sizes.new()
        s.placed.append((n, node))
        return n, n
    known = s.inferred.get(name)
    if known is None:
        if name in FOREIGN:
            raise failing(f"`{name}` is no name of the language", node, kind=UnknownNameError)
        kind = _kind(s, name)
        known = s.inferred[name] = kind, _open(s.sizes, kind)
    return known[1]


def _kind(s: Shapes, name: str) -> str:
    """The kind that is tried for a name without a declared one."""
    kind = "scalar" if name in s.scalars else s.given.spelled.get(name) or kind_by_spelling(name)
    return "vector" if kind == "scalar" and (name in s.vectors or name in s.given.arrays) else kind


def _opened(s: Shapes, symbol: Symbol) -> RoughShape:
    """The shape of a name that is declared without sizes, perhaps with properties."""
    known = s.inferred.get(symbol.name)
    if known is None:
        kind = symbol.kind or _kind(s, symbol.name)
        rows, columns = _open(s.sizes, kind)
        square = kind == "matrix" and any(DECLARABLE[p].shape == "square" for p in symbol.properties)
        known = s.inferred[symbol.name] = kind, (rows, rows if square else columns)
    return known[1]


def _open(sizes: Sizes, kind: str) -> RoughShape:
    if kind == "scalar":
        return SCALAR
    return (sizes.new(), 1) if kind == "vector" else (sizes.new(), sizes.new())


def _minus(s: Shapes, node: Node) -> RoughShape:
    shape: RoughShape = node.parts[0].shape
    return shape


def _transpose(s: Shapes, node: Node) -> RoughShape:
    (part,) = node.parts
    if part.kind == "name" and part.value in CONSTANTS and part.value not in s.declared and part.value not in s.bound:
        raise s.fail(node, f"`{part.value}` is a number, and is transposed", "give a vector another name")
    rows, columns = part.shape
    return columns, rows


def _sum(s: Shapes, node: Node) -> RoughShape:
    shape: RoughShape = node.parts[0].shape
    for part, sign in zip(node.parts[1:], node.value[1:], strict=True):
        fitting = _plus(s.sizes, shape, part.shape)
        if fitting is None:
            raise s.fail(
                part,
                f"the shapes {s.show(shape)} {'+' if sign > 0 else '−'} {s.show(part.shape)} do not fit",
                _plus_hint(shape, part.shape),
                (node.parts[0].start, part.end),
            )
        shape = fitting
    for part in node.parts if shape != SCALAR else ():
        if part.shape == SCALAR and not _is_of_moduli(s, part, shape):
            s.cost("added to a vector", part, node)
        elif 1 in part.shape and 1 not in shape:
            s.costs.append(("added to a matrix", node.start, node.end))
    return shape


def _is_of_moduli(s: Shapes, node: Node, shape: RoughShape) -> bool:
    """Whether |u|², beside a vector as long as u, is taken entry by entry: as a number it would be spread."""
    square = node.parts[0] if node.kind in ("minus", "group") else node
    base = square.parts[0] if square.kind == "power" else square
    if base is square or base.kind != "bars" or base.value != "norm" or 1 in shape[:1] or shape[1] != 1:
        return False
    inside: RoughShape = base.parts[0].shape
    if not s.sizes.same(inside, shape):
        return False
    base.value = "abs"
    for n in (base, square, node):
        n.shape = inside
    return True


def _plus(sizes: Sizes, a: RoughShape, b: RoughShape) -> RoughShape | None:
    """The shape of a + b, with a scalar, a column or a row spread over a matrix."""
    if a == SCALAR:
        return b
    if b == SCALAR:
        return a
    kind = a[0] == 1, a[1] == 1
    other = b[0] == 1, b[1] == 1
    if kind == other:
        return a if sizes.same(a, b) else None
    matrix, strip = (a, b) if not any(kind) else (b, a)
    if 1 in matrix:  # a column and a row
        return None
    at = 0 if strip[1] == 1 else 1
    return matrix if sizes.unify(matrix[at], strip[at]) else None


def _plus_hint(a: RoughShape, b: RoughShape) -> str:
    if a == b[::-1]:
        return "is one of them to be transposed?"
    return "a vector is added to every column of a matrix, a row to every row" if (1 in a) != (1 in b) else ""


def _product(s: Shapes, node: Node) -> RoughShape:
    operators = node.value if isinstance(node.value[0], Operator) else node.value[0]
    node.value = operators
    mark, costs = s.sizes.mark() if s.other_groupings else (0, 0), len(s.costs)

    def combined(a: Node, operator: Operator, b: Node) -> Node:
        inner = operator.text in INNER and operator.kind == TIMES and a.shape[1] == 1 == b.shape[1] and SCALAR not in (a.shape, b.shape)
        shape = combine(s.sizes, MATMUL if inner else operator.kind, a.shape, b.shape)
        if shape is None:
            raise _misfit(s, operator, a.shape, b, (a.start, b.end))
        made = Node("factors", (), a.start, b.end)
        made.shape = shape
        _cost(s, operator.kind, a, b, made)
        return made

    kinds = {o.kind for o in operators}
    oblong = _oblong(s) if TIMES in kinds and kinds & {DOT_TIMES, DOT_OVER} else ()
    try:
        shape: RoughShape = folded(operators, node.parts, combined).shape
    except ShapeError as error:
        if not s.other_groupings:
            raise
        s.sizes.undo(mark)
        del s.costs[costs:]
        tree, note = regroup(s.sizes, node, s.text, error)
        node.value = operators, tree
        s.notes.append(note)
        return _tree_shape(s, node, tree)
    for name in set(oblong).difference(_oblong(s)):
        s.notes.append(f"{name} is square by inference alone: the product is read from the left; declare {name}, or put parentheses")
    return shape


def _oblong(s: Shapes) -> list[str]:
    """The inferred matrices of which nothing says so far that they are square."""
    return [name for name, (kind, (rows, columns)) in s.inferred.items() if kind == "matrix" and find(rows) is not find(columns)]


def _cost(s: Shapes, kind: str, a: Node, b: Node, whole: Node) -> None:
    """A scalar right of a matrix costs, and one that is multiplied entry by entry."""
    if kind == TIMES and b.shape == SCALAR and a.shape[1] != 1:
        s.cost("right of a matrix", b, whole)
    elif kind in (DOT_TIMES, DOT_OVER) and (a.shape == SCALAR) != (b.shape == SCALAR):
        s.cost("entry by entry with a vector", a if a.shape == SCALAR else b, whole)


def _tree_shape(s: Shapes, node: Node, tree: object) -> RoughShape:
    if isinstance(tree, int):
        known: RoughShape = node.parts[tree].shape
        return known
    assert isinstance(tree, tuple)
    at, left, right = tree
    operator = node.value[0][at]
    shape = combine(s.sizes, operator.kind, _tree_shape(s, node, left), _tree_shape(s, node, right))
    if shape is None:
        raise s.fail(operator, f"the product `{operator.text or '*'}` does not fit")
    return shape


def _misfit(s: Shapes, operator: Operator, a: RoughShape, part: Node, span: tuple[int, int]) -> MatcalcError:
    b, shown = part.shape, operator.text or "juxtaposition"
    message = f"the shapes {s.show(a)} {operator.text or '·'} {s.show(b)} do not fit"
    hint = ""
    if operator.kind == OVER:
        message, hint = f"`/` divides by a scalar, not by {s.show(b)}", "write ./ for the elementwise quotient, A*inv(B) for the other"
    elif operator.kind in (DOT_TIMES, DOT_OVER):
        message = f"`{shown}` needs equal shapes, but has {s.show(a)} and {s.show(b)}"
    elif a == b:
        hint = "did you mean .* (elementwise), or a transpose?"
    place = operator if operator.text else part
    return s.fail(place, message, hint, span)


def _power(s: Shapes, node: Node) -> RoughShape:
    base, exponent = node.parts
    if exponent.shape != SCALAR:
        hint = "the transpose is ' or ^T" if exponent.value == "t" else ""
        raise s.fail(exponent, f"an exponent is a scalar, not {s.show(exponent.shape)}", hint)
    vector = base.shape[1] == 1 and base.shape != SCALAR
    if base.kind == "bars" and base.value == "abs" and vector and exponent.value == 2 and node not in s.given.summed:
        base.value, base.shape = "norm", SCALAR
    shape: RoughShape = base.shape
    if shape == SCALAR or 1 in shape and node not in s.held:
        return shape
    open_ = isinstance(find(shape[0]), Free) and isinstance(find(shape[1]), Free) and find(shape[0]) is not find(shape[1])
    if not s.sizes.unify(*shape):
        raise s.fail(node, f"a power needs a square matrix, not {s.show(shape)}", "did you mean the elementwise `.^`?")
    if open_:
        s.squared.add(node)
    return shape


def _dot_power(s: Shapes, node: Node) -> RoughShape:
    base, exponent = node.parts
    shape: RoughShape = base.shape
    if exponent.shape == SCALAR:
        if exponent.kind == "transpose" and shape != SCALAR and s.text[exponent.start] != "(":
            raise failing("is the power or its exponent transposed?", node, "write (X.^p)'")
        return shape
    if shape == SCALAR:
        return exponent.shape  # type: ignore[no-any-return]
    if not s.sizes.same(shape, exponent.shape):
        raise s.fail(node, f"`.^` needs a scalar exponent or equal shapes, but has {s.show(shape)} and {s.show(exponent.shape)}")
    return shape


def _placed(s: Shapes, place: Place, size: Rough, base: int = 1) -> None:
    """Notes the size of an axis that an index of a sum, or a label, picks from."""
    if isinstance(place, At):
        s.uses.setdefault(place.letter, []).append(Use(size, place.shift, base))
    elif isinstance(place, Label):
        s.used.add(place.name)
        if isinstance(place.at, At):
            _placed(s, place.at, s.declared[place.name].shape[0], s.given.said.first(place.name))  # type: ignore[index]
    elif isinstance(place, str):
        s.ranges.setdefault(place, []).append(size)


def base_of(s: Shapes, node: Node, axis: int) -> int:
    return s.given.said.first(node.value, axis) if node.kind == "name" else 1


def _item(s: Shapes, node: Node) -> RoughShape:
    shape = node.parts[0].shape
    columns, indices = shape[1], node.value
    for axis, index in enumerate(indices):
        at = 0 if len(indices) == 1 and columns == 1 else axis if len(indices) == 2 else 1
        _placed(s, index, shape[at], base_of(s, node.parts[0], axis))
        if isinstance(index, str):
            s.used.add(index)
            known_symbol = s.declared.get(index)
            if index in s.bound or known_symbol is not None and known_symbol.kind != "scalar":
                kind = known_symbol.kind if known_symbol else "matrix"
                raise s.fail(node, f"an index is a whole number or a name, but `{index}` is a {kind}")
    if shape == SCALAR:
        raise s.fail(node, "a scalar has no entries")
    if len(indices) == 1:
        if 1 not in shape:
            raise s.fail(node, "a matrix has two indices: X[i,j], X[:,j] or X[i,:]")
        if not isinstance(indices[0], slice):
            return SCALAR
        count = _count_of(s, node, indices[0], shape[0] if columns == 1 else columns)
        return (count, 1) if columns == 1 else (1, count)
    if len(indices) != 2 or columns == 1:
        what = "a vector has one index" if columns == 1 else "a matrix has two indices"
        raise s.fail(node, f"{what}, not {len(indices)}")
    high, wide = (_count_of(s, node, i, n) if isinstance(i, slice) else 1 for i, n in zip(indices, shape, strict=True))
    return high, wide


def _count_of(s: Shapes, node: Node, stretch: slice, size: Rough) -> Rough:
    """How many there are from first to last; raises ShapeError where there is none, or one is outside."""
    if stretch.start is None and stretch.stop is None:
        return size
    first, last = stretch.start, stretch.stop
    count, known = plus(plus(last, -1 * first), 1), find(size)
    rest = known if isinstance(known, Free) else plus(known, -1 * last)
    if isinstance(count, int) and count < 1:
        raise s.fail(node, f"the range {first}:{last} is empty")
    if isinstance(first, int) and first < 1 or isinstance(rest, int) and rest < 0:
        raise s.fail(node, f"the range {first}:{last} is not within 1…{known}")
    return count


def _blocks(s: Shapes, node: Node) -> RoughShape:
    """Blocks of equal heights in a row, of equal widths in a column; 0 is as high and wide as its neighbours, or its place, have it."""
    columns = node.value
    rows = [node.parts[i : i + columns] for i in range(0, len(node.parts), columns)]
    for part in node.parts:
        if is_nothing(part):
            part.shape = s.sizes.new(one=True), s.sizes.new(one=True)
            s.sizes.least += part.shape
    if len(node.parts) > 1:
        for line, axis, what in [
            *((row, 0, "row have equal heights") for row in rows),
            *((c, 1, "column have equal widths") for c in zip(*rows, strict=True)),
        ]:
            first = next((p for p in line if not is_nothing(p)), line[0])
            for part in line:
                if not s.sizes.unify(first.shape[axis], part.shape[axis]):
                    raise s.fail(node, f"the blocks of a {what}, not {s.show(first.shape)} and {s.show(part.shape)}")
    return s.sizes.total(tuple(row[0].shape[0] for row in rows)), s.sizes.total(tuple(p.shape[1] for p in rows[0]))


def is_nothing(part: Node) -> bool:
    """Whether a block is a zero of whatever size, transposed or not."""
    while part.kind in ("transpose", "minus"):
        part = part.parts[0]
    return part.kind == "number" and part.value == 0


def _norm(s: Shapes, node: Node) -> RoughShape:
    if node.value not in NORMS:
        hint = REFUSED_NORMS.get(node.value, "‖x‖, ‖X‖_F, ‖x‖_1, ‖x‖_2, ‖x‖_p, ‖x‖_∞, ‖X‖_*, ‖X‖_{2,1}, ‖x‖_M with a matrix M")
        raise failing(f"a norm with the index {node.value} is not known", node, hint, kind=UnsupportedError)
    if node.parts[0].kind == "indexed" and node.parts[0].shape == SCALAR:
        stem = node.parts[0].value[0]
        hint = f"a part of it is a family: {stem}_i: (d), i = 1..n, apart from {stem}; of an entry write |{stem}_i|"
        raise failing(f"the norm of an entry of `{stem}`?", node, hint)
    if node.value == "∞" and 1 not in node.parts[0].shape:
        hint = "write what is meant; of a vector it is the largest absolute value"
        raise s.fail(node, "‖X‖_∞ of a matrix is its largest entry, or the largest sum of a row", hint)
    return SCALAR


def _bars(s: Shapes, node: Node) -> RoughShape:
    """|Σ| is the determinant of a matrix, the absolute value of a scalar, and of the entries of a vector."""
    rows, columns = shape = node.parts[0].shape
    node.value = "abs" if 1 in (find(rows), find(columns)) else "det"
    if node.value == "abs":
        return shape  # type: ignore[no-any-return]
    if not s.sizes.unify(rows, columns):
        raise s.fail(node, f"|·| of a matrix is its determinant, which needs a square one, not {s.show(shape)}", "\\operatorname{abs}(X)")
    return SCALAR


def _slice(s: Shapes, node: Node) -> RoughShape:
    _, (place,), as_rows = node.value
    rows, columns = shape = node.parts[0].shape
    if 1 in shape:
        raise s.fail(node, "only a matrix has rows and columns")
    by_row = s.given.rows if as_rows is None else as_rows
    _placed(s, place, rows if by_row else columns, base_of(s, node.parts[0], 0) if by_row else 1)
    return (1, columns) if as_rows is None and s.given.lying else ((columns if by_row else rows), 1)


def _member(s: Shapes, node: Node) -> RoughShape:
    """A member of a family of matrices."""
    name, places = node.value
    s.used.add(name)
    family = s.given.said.families[name]
    for axis, (place, r) in enumerate(zip(places, family.ranges, strict=True)):
        _placed(s, place, r.count, s.given.said.first(name, axis))
    return family.shape


def _indexed(s: Shapes, node: Node) -> RoughShape:
    """x_i of an undeclared x under a sum over i: an entry, or a vector where x is one of the `members`."""
    stem, places = node.value
    known = s.inferred.get(stem)
    if known is None:
        kind = "matrix" if stem in s.given.members or stem in s.vectors or len(places) == 2 else "vector"
        known = s.inferred[stem] = kind, _open(s.sizes, kind)
        s.ends += [(known[1][0], end) for end in s.given.ends.get(stem, ())]
    kind, (rows, columns) = known
    if kind == "scalar" or len(places) > 2 or kind == "vector" and len(places) == 2:
        raise s.fail(
            node,
            f"`{stem}` has no {len(places)} indices here",
            f"declare {stem}: (m, n), or {s.text[node.start : node.end]}: (d), i = 1..n",
        )
    for axis, (place, size) in enumerate(zip(places, (rows, columns), strict=False)):
        _placed(s, place, size, s.given.bases.get((stem, axis), 1))
    if len(places) == 2:
        return rows if isinstance(places[0], slice) else 1, columns if isinstance(places[1], slice) else 1
    return (columns, 1) if kind == "matrix" else SCALAR


def _condition(s: Shapes, node: Node) -> RoughShape:
    """1 where a condition on indices holds, else 0."""
    condition = node.value
    if not condition.set and all(isinstance(place, At) for place in condition.places):
        s.compared.append(tuple(place.letter for place in condition.places))
    if condition.set:
        s.used.add(condition.set)
        symbol = s.declared.get(condition.set)
        if symbol and symbol.shape:
            sizes: RoughShape = symbol.shape
        else:
            sizes = _opened(s, symbol or Symbol(condition.set, "matrix"))
        if len(condition.places) != 2:
            raise s.fail(node, f"`{condition.set}` is a set of pairs", "(i, j) in Omega   j in R_i")
        first, second = condition.places
        counted = [use.size for use in s.uses.get(first.letter, ())] if isinstance(first, At) else []
        turned = bool(counted) and sizes[0] not in counted and sizes[1] in counted  # R_i: i has the axis with its range
        node.value = condition._replace(places=(second, first)) if turned else condition
        for place, size in zip(node.value.places, sizes, strict=True):
            _placed(s, place, size)
            s.picked += [place.letter] * isinstance(place, At)
    return SCALAR


def _counter(s: Shapes, node: Node) -> RoughShape:
    """The index of a sum as a number: γ^t."""
    s.numbers.setdefault(node.value, (node.start, node.end))
    return SCALAR


def _over(s: Shapes, node: Node) -> RoughShape:
    what, index, first, last = node.value
    shape: RoughShape = node.parts[0].shape
    if index in s.numbers and last is None and len(s.uses.get(index, ())) <= s.picked.count(index):
        letter = index.partition("·")[0]
        hint = f"pairs are declared: (a, b): (n), (m) in S; a family: {letter}_i: (d), i = 1..n"
        raise ParseError(f"the index `{letter}` is used as a number", hint=hint).at(s.text, *s.numbers[index])
    if index not in s.uses and last is not None and index in s.numbers:
        begin = first if first is not None else 1
        s.runs[index] = plus(last, 1 - begin), begin
        return shape
    if index not in s.uses:
        message = f"nothing depends on `{index.partition('·')[0]}` in this sum"
        raise failing(message, node, "x_i   X_{i,j}   X_{i,:}")
    _counted(s, node, index, first, last)
    if what == "prod" and shape != SCALAR:
        raise s.fail(node, f"a product over an index is one of scalars, not {s.show(shape)}")
    return shape


def _counted(s: Shapes, node: Node, index: str, first: int | None, last: Size | None) -> None:
    """Finds from where to where an index runs, and that it stays within what it picks from."""
    uses, letter = s.uses[index], index.partition("·")[0]
    begin = first if first is not None else min(use.base for use in uses)
    offsets = [begin - use.base + use.shift for use in uses]
    count = _count(s, node, letter, uses, offsets) if last is None else plus(last, 1 - begin)
    most: dict[int, int] = {}
    for use, offset in zip(uses, offsets, strict=True):
        size = find(use.size)
        if isinstance(size, Free):
            most[id(size)] = max(offset, most.get(id(size), 0))
    for use, offset in zip(uses, offsets, strict=True):
        size = find(use.size)
        if isinstance(size, Free):
            wanted = find(count) if isinstance(find(count), Free) else plus(find(count), most.get(id(size), offset))  # type: ignore[arg-type]
            for other, end in s.ends:  # x_N, behind a sum to N − 1
                more = 0 if isinstance(wanted, Free) or find(other) is not size else plus(end, -1 * wanted)
                wanted = end if isinstance(more, int) and more > 0 else wanted
            if not s.sizes.unify(size, wanted):
                raise _counts(s, node, letter, count, uses)
        elif isinstance(find(count), Free):
            if not s.sizes.unify(find(count), plus(size, -offset)):
                raise _counts(s, node, letter, count, uses)
        else:
            rest = plus(plus(size, -offset), -1 * find(count))  # type: ignore[operator]
            if offset < 0 or not isinstance(rest, int) or rest < 0:
                raise _counts(s, node, letter, count, uses, last)
    s.runs[index] = count, begin


def _weighted(s: Shapes, node: Node) -> RoughShape:
    """‖x‖_M of a vector x and a square M."""
    (rows, columns), m = (p.shape for p in node.parts)
    if columns != 1 or not s.sizes.unify(*m) or not s.sizes.unify(rows, m[0]):
        raise s.fail(
            node, f"the norm of {s.show((rows, columns))} is weighted by {s.show(m)}", "‖x‖_M is that of a vector, with a square M"
        )
    return SCALAR


def _count(s: Shapes, node: Node, letter: str, uses: list[Use], offsets: list[int]) -> Rough:
    """How far an index counts whose limits are not said: as far as it can in all places."""
    if len(set(offsets)) == 1 and offsets[0] == 0:
        return find(uses[0].size)
    left = [plus(size, -offset) for use, offset in zip(uses, offsets, strict=True) if not isinstance(size := find(use.size), Free)]
    least = [a for a in left if all(isinstance(rest := plus(b, -1 * a), int) and rest >= 0 for b in left)]
    if not least or len(left) < len(uses):
        raise failing(f"from where to where does `{letter}` count?", node, f"sum_{{{letter}=1}}^{{n-1}}")
    return least[0]


def _counts(s: Shapes, node: Node, letter: str, count: Rough, uses: list[Use], last: Size | None = None) -> MatcalcError:
    shown = list(dict.fromkeys(s.show((use.size, 1))[1:-4] for use in uses))
    if last is not None:
        return s.fail(node, f"the sum over `{letter}` runs to {last}, but there are {' and '.join(shown)}")
    return s.fail(node, f"`{letter}` counts entries of different numbers: {' and '.join(shown)}")


def _gradient(s: Shapes, node: Node) -> RoughShape:
    word, name = node.value.rstrip(")").split("(")
    symbol = s.declared.get(name)
    if symbol is None or symbol.kind != "function" or symbol.takes is None or symbol.shape is None:
        hint = f"declare it: {name}: (m, n) -> ()"
        raise failing(f"{name} is not declared as a function of a matrix", node, hint, kind=UnknownNameError)
    if (word == "jac") == (symbol.shape == (1, 1)):
        other = "grad" if word == "jac" else "jac"
        raise s.fail(node, f"{name} gives {s.show(symbol.shape)}: write {other}({name})")
    _taken(s, node, symbol)
    size = symbol.takes[0] * symbol.takes[1]
    return symbol.takes if word == "grad" else (size if word == "hess" else symbol.shape[0] * symbol.shape[1], size)


def _taken(s: Shapes, node: Node, symbol: Symbol) -> None:
    """The argument of a function of a matrix has the shape that is declared."""
    s.used.add(symbol.name)
    assert symbol.takes is not None
    if not s.sizes.same(node.parts[0].shape, symbol.takes):
        raise s.fail(node, f"{symbol.name} is declared for {s.show(symbol.takes)}, but is applied to {s.show(node.parts[0].shape)}")


def _call(s: Shapes, node: Node) -> RoughShape:
    name, primes = node.value[:2]
    symbol = s.declared.get(name)
    function = FUNCTIONS.get(name) if symbol is None else None
    if function is None:
        return _abstract(s, node, name, symbol, primes)
    if primes:
        raise failing(f"write the derivative of {name} out", node, kind=UnsupportedError)
    if function.sizes:
        return _sized(s, node, function)
    arguments = [p.shape for p in node.parts]
    try:
        text, _ = function.overload(arguments)
    except ShapeError as error:
        raise failing(str(error), node) from None
    shape = _apply(s.sizes, text, tuple(arguments), {}) if "->" in text else _entrywise(s.sizes, arguments)
    if shape is None:
        by_rows = [f"{name}{end}(X)" for end in ("_rows", "_cols") if f"{name}{end}" in FUNCTIONS]
        hint = f"of each row or column of a matrix: {' or '.join(by_rows)}" if by_rows else ""
        raise s.fail(node, f"{name} {wants(text)}, but has {', '.join(map(s.show, arguments))}", hint)
    for part, array in zip(node.parts, takes_arrays(name, len(node.parts)), strict=True):
        if array and part.shape == SCALAR:
            s.cost(f"in {name}( )", part, part)
        if part.shape == SCALAR and (name in SUMS or name in OF_SQUARE) and (guessed := _guessed(s, part)):
            if name in SUMS:
                hint = f"write .* and ./ for what is entry by entry, or declare {guessed}: (n)"
                raise s.fail(node, f"{name} is of an array, and `{guessed}` is a scalar here", hint)
            raise s.fail(node, f"{name} is of a matrix, and `{guessed}` is a scalar here", f"declare {guessed}: (n, n)")
    if name in ("vector", "matrix"):
        s.placed += [(size, node) for size in shape]
    return shape


def _guessed(s: Shapes, part: Node) -> str:
    """A name in a scalar that nobody declared, and that could be an array as well; nothing where there is none."""
    stack = [part]
    while stack:
        node = stack.pop()
        if node.kind == "name" and node.value in s.inferred and node.value not in s.declared and s.inferred[node.value][0] == "scalar":
            return str(node.value)
        if node.shape == SCALAR and node.kind in _ENTRYWISE:
            stack += node.parts[::-1]
    return ""


def _exponential(s: Shapes, node: Node) -> RoughShape:
    """e^A of a square matrix is that of the matrix; of anything else it goes entry by entry."""
    (part,) = node.parts
    shape: RoughShape = part.shape
    whole = 1 not in map(find, shape) and s.sizes.unify(*shape)
    node.value = ("expm" if whole else "exp", 0)
    if 1 not in map(find, shape):
        meant = "the exponential of the matrix; entry by entry it is exp(X)" if whole else "exp of each entry"
        s.notes.append(f"{s.text[node.start : node.end]} is read as {meant}")
    return shape


def _abstract(s: Shapes, node: Node, name: str, symbol: Symbol | None, primes: int) -> RoughShape:
    s.used.add(name)
    if symbol is None:
        s.functions.setdefault(name, node)
    if len(node.parts) != 1:
        letters = ", ".join("uvwxyz"[: len(node.parts)])
        hint = f'define it: where="{name}({letters}) = …"'
        raise failing(f"the function {name} takes 1 argument, not {len(node.parts)}", node, hint)
    if symbol is not None and symbol.kind == "function":
        if primes:
            raise failing(f"the derivative of {name} is grad({name}) or jac({name})", node, kind=UnsupportedError)
        _taken(s, node, symbol)
        return symbol.shape or SCALAR
    shape: RoughShape = node.parts[0].shape
    return shape


def _sized(s: Shapes, node: Node, function: Function) -> RoughShape:
    sizes: tuple[Size, ...] = node.value[2]
    for text, _ in function.overloads:
        symbols = _output_symbols(text)
        inputs = len(signature(text)[0])
        if len(symbols) == len(sizes) and len(node.parts) == inputs:
            shape = _apply(s.sizes, text, tuple(p.shape for p in node.parts), dict(zip(symbols, sizes, strict=True)))
            if shape is None:
                raise s.fail(node, f"{function.name} {wants(text)}, but has {', '.join(s.show(p.shape) for p in node.parts)}")
            return shape
    examples = " or ".join(f"{function.name}({', '.join(_output_symbols(t))})" for t, _ in function.overloads)
    raise failing(f"{function.name} needs its size{'s' * (function.sizes > 1)}: {examples}", node)


@lru_cache(maxsize=None)
def _output_symbols(text: str) -> tuple[str, ...]:
    """The sizes of a result that no argument shows."""
    inputs, output = text.split("->")
    shown = {part for shape in re.findall(r"\(([^()]*)\)", inputs) for part in shape.split(",")}
    return tuple(name for name in dict.fromkeys(re.findall("[a-z]+", output)) if name not in shown)


def _apply(sizes: Sizes, text: str, arguments: tuple[RoughShape, ...], bound: dict[str, Rough]) -> RoughShape | None:
    """The shape that a signature gives, unifying as it goes; None where an argument does not fit."""
    inputs, output = signature(text)
    for wanted, actual in zip(inputs, arguments, strict=True):
        for w, a in zip(wanted, actual, strict=True):
            if isinstance(w, int):
                if a != w:
                    return None
            elif w.name:
                if not sizes.unify(bound.setdefault(w.name, a), a):
                    return None
            elif len(w.terms) > 1:  # m+1: what is open stays so
                (name,) = w.symbols
                known = find(a)
                bound[name] = sizes.new() if isinstance(known, Free) else solved(w, known, name, {}) or 0
            elif not sizes.unify(_polynomial(sizes, w, bound, text), a):
                return None
            else:
                sizes.solve()  # what m*p = 6 with a known p leaves for m is needed at once
    rows, columns = (size if isinstance(size, int) else find(_polynomial(sizes, size, bound, text)) for size in output)
    return rows, columns


def _entrywise(sizes: Sizes, arguments: Sequence[RoughShape]) -> RoughShape | None:
    """The shape of a function entry by entry: that of its arguments that are no scalars."""
    arrays = [a for a in arguments if a != SCALAR] or [SCALAR]
    return arrays[0] if all(sizes.same(arrays[0], other) for other in arrays[1:]) else None


def _polynomial(sizes: Sizes, size: Dim, bound: dict[str, Rough], text: str) -> Rough:
    if len(size.terms) > 1:
        known = {name: find(n) for name, n in bound.items()}
        return sizes.new() if any(isinstance(known[name], Free) for name in size.symbols) else replace(size, known)  # type: ignore[arg-type]
    (names, _), *_ = size.terms
    if len(names) > 1 and f"({','.join(names)})" in text:  # rows and columns of one matrix: the slow index first, as in kron
        names = names[::-1]
    for name in names:
        if name not in bound:
            bound[name] = sizes.new(one=True)
    return bound[names[0]] if len(names) == 1 else sizes.product(tuple(bound[n] for n in names))


def _along(s: Shapes, node: Node) -> RoughShape:
    """A sum or a softmax along an axis: of a vector there is one axis, of a matrix each has a function of its own."""
    name, axis, *_ = node.value
    (shape,) = (p.shape for p in node.parts)
    function = name if 1 in shape else ALONG[name][axis if axis >= 0 else 1]
    node.value = name, axis, function
    made = _apply(s.sizes, FUNCTIONS[function].overloads[0][0], (shape,), {}) if FUNCTIONS[function].overloads[0][0] != "*" else shape
    if made is None:
        raise s.fail(node, f"{function} does not fit {s.show(shape)}")
    return made


_SHAPE: dict[str, Callable[[Shapes, Node], RoughShape]] = {
    "number": _scalar,
    "name": _name,
    "skip": _scalar,
    "minus": _minus,
    "transpose": _transpose,
    "sum": _sum,
    "product": _product,
    "power": _power,
    "dot_power": _dot_power,
    "item": _item,
    "blocks": _blocks,
    "bars": _bars,
    "log_bars": lambda s, node: SCALAR if _bars(s, node) == SCALAR else node.parts[0].shape,
    "slice": _slice,
    "over": _over,
    "counter": _counter,
    "exponential": _exponential,
    "member": _member,
    "indexed": _indexed,
    "condition": _condition,
    "weighted": _weighted,
    "along": _along,
    "norm": _norm,
    "gradient": _gradient,
    "call": _call,
}
