"""The shape of every node, by unification, in one pass over the post-order list.

`Shapes` is one attempt, with given kinds for the undeclared names; `matcalc.reading.kinds` decides which to make.
"""

from __future__ import annotations

from matcalc.errors import MatcalcError, ShapeError, UnknownNameError, UnsupportedError
from matcalc.operators import CONSTANTS
from matcalc.reading import calls, picking
from matcalc.reading.evidence import DOTTED, INNER, is_real
from matcalc.reading.grouping import regroup
from matcalc.reading.letters import FOREIGN, is_greek
from matcalc.reading.sizes import SCALAR, Free, Rough, RoughShape, added, between, combine, find
from matcalc.reading.tree import COLON, DOT_OVER, DOT_TIMES, OVER, TIMES, Node, Operator, failing, folded, walked
from matcalc.reading.trial import Trial

NORMS = {
    "": "norm", "F": "norm", "2": "norm", "1": "norm1", "*": "normnuc", "2,1": "norm21", "nuc": "normnuc",
    "σ": "normspec", "op": "normspec", "∞": "norminf",
}  # fmt: skip


REFUSED_NORMS = {
    "1,2": "it is read in two ways: write sum(sqrt(colsum(X.^2))), or norm21(X) of the rows",
    "TV": "norm1(diff(x)), or of a picture the sums of |x_{i+1,j} - x_{i,j}| and |x_{i,j+1} - x_{i,j}|",
    "max": "of a vector it is ‖x‖_∞; of a matrix that of vec(X)",
}


class Shapes(Trial):
    """One attempt to give every node a shape: which names are scalars and which vectors is given, the sizes are found.

    `held` are powers that are of scalars and square matrices only; a power of another vector is taken entry by entry.
    Raises ShapeError (or another error of the language) with the place, where something does not fit.
    """

    def run(self, nodes: list[Node]) -> None:
        for node in nodes:
            node.shape = getattr(self, node.kind)(node)
            self.reached += 1
        for name in self.functions.keys() & self.inferred.keys():
            raise failing(f"is `{name}` a variable or a function?", self.functions[name], "give one of them another name")
        for sizes in self.ranges.values():
            self._counts_alike(sizes)
        for i, j in self.compared:  # what i < j says of counts that nothing else tells; i of b_i = \sum_{j \ne i} r_j counts as j
            for k in {i, j} & self.runs.keys():
                self.runs.setdefault(i if k == j else j, self.runs[k])
            counts = [find(self.runs[k][0]) for k in (i, j) if k in self.runs]
            if len(counts) == 2 and any(isinstance(c, Free) for c in counts):
                self.sizes.unify(*counts)
        for index in [i for i in self.uses if i not in self.runs]:  # t of x_{t+1}, that no sum binds
            picking.counted_freely(self, nodes[-1], index)

    def _counts_alike(self, counted: list[Rough]) -> None:
        """The open size of a unit vector e_j is what j counts elsewhere, where that is one size."""
        known = {size for size in map(find, counted) if not isinstance(size, Free)}
        if len(known) == 1:
            (size,) = known
            for other in map(find, counted):
                if isinstance(other, Free):
                    self.sizes.unify(other, size)

    # --- each kind of node under its name ---------------------------------------------------------------------------

    def number(self, node: Node) -> RoughShape:
        return SCALAR

    skip = number
    item, slice, member, indexed = picking.item, picking.row, picking.member, picking.indexed
    condition, counter, over = picking.condition, picking.counter, picking.over
    call, gradient, exponential, along = calls.call, calls.gradient, calls.exponential, calls.along

    def log_bars(self, node: Node) -> RoughShape:
        return SCALAR if self.bars(node) == SCALAR else node.parts[0].shape

    def name(self, node: Node) -> RoughShape:
        name = node.value
        if name in self.bound:
            return self.bound[name].shape
        symbol = self.declared.get(name)
        if symbol is not None:
            self.used.add(name)
            if symbol.open:
                return self.opened(symbol)
            if symbol.kind == "family":
                raise self.fail(node, f"`{name}` is a family: one of its members stands in a formula, in a sum over its index")
            if symbol.shape is None or symbol.takes is not None:
                raise self.fail(node, f"`{name}` is a function, but has no argument: {name}(…)")
            return symbol.shape
        if name in self.size_names or name in CONSTANTS:
            return SCALAR
        if name == "I" or name == "eye":
            n = self.sizes.new()
            self.placed.append((n, node))
            return n, n
        if name in FOREIGN:
            raise failing(f"`{name}` is no name of the language", node, kind=UnknownNameError)
        return self.undeclared(name, self.kind(name))

    def minus(self, node: Node) -> RoughShape:
        shape: RoughShape = node.parts[0].shape
        return shape

    def transpose(self, node: Node) -> RoughShape:
        (part,) = node.parts
        if part.kind == "name" and part.value in CONSTANTS and part.value not in self.declared and part.value not in self.bound:
            raise self.fail(node, f"`{part.value}` is a number, and is transposed", "give a vector another name")
        if part.kind == "indexed" and part.shape == SCALAR:
            raise self._of_entry("transpose", part)
        rows, columns = part.shape
        return columns, rows

    def _of_entry(self, what: str, part: Node) -> MatcalcError:
        stem = part.value[0]
        hint = f"a part of it is a family: {stem}_i: (d), i = 1..n, apart from {stem}; of an entry write |{stem}_i|"
        return failing(f"the {what} of an entry of `{stem}`?", part, hint)

    def sum(self, node: Node) -> RoughShape:
        heights = [h for h in map(_heights, node.parts) if h]
        for stack in heights[1:]:  # [A; B] x - [c; d]: c is as high as A, if nothing else tells
            pairs = [(a, b, p or q) for (a, p), (b, q) in zip(heights[0], stack, strict=False)]
            self.sizes.beside += [pairs] if len(heights[0]) == len(stack) else []
        shapes = self._lain(node) if self.given.numpy else [part.shape for part in node.parts]
        shape: RoughShape = shapes[0]
        for part, other, sign in zip(node.parts[1:], shapes[1:], node.value[1:], strict=True):
            fitting = added(self.sizes, shape, other)
            if fitting is None:
                message = f"the shapes {self.show(shape)} {'+' if sign > 0 else '−'} {self.show(other)} do not fit"
                raise self.fail(part, message, _plus_hint(shape, other), (node.parts[0].start, part.end))
            shape = fitting
        for part in node.parts if shape != SCALAR else ():
            if part.shape == SCALAR and not self._is_of_moduli(part, shape):
                self.cost("added to a vector", part, node)
            elif 1 in part.shape and 1 not in shape:
                self.costs.append(("added to a matrix", node.start, node.end))
        return shape

    def _is_of_moduli(self, node: Node, shape: RoughShape) -> bool:
        """Whether |u|², beside a vector as long as u, is taken entry by entry: as a number it would be spread."""
        square = node.parts[0] if node.kind in ("minus", "group") and len(node.parts) == 1 else node
        base = square.parts[0] if square.kind == "power" else square
        if base is square or base.kind != "bars" or base.value != "norm" or shape[0] == 1 or shape[1] != 1:
            return False
        inside: RoughShape = base.parts[0].shape
        if not self.sizes.same(inside, shape):
            return False
        base.value = "abs"
        for n in (base, square, node):
            n.shape = inside
        return True

    def _lain(self, node: Node) -> list[RoughShape]:
        """The shapes of the terms of a sum, where vectors beside a matrix are rows if that fits, as in NumPy."""
        shapes: list[RoughShape] = [part.shape for part in node.parts]
        matrix = next((shape for shape in shapes if 1 not in shape), None)
        for k, part in enumerate(node.parts if matrix else ()):
            kept = part.kind == "along" and part.value[-1]
            if matrix and part.shape[1] == 1 != part.shape[0] and not kept and self.sizes.unify(matrix[1], part.shape[0]):
                self.lying.add(part)
                shapes[k] = part.shape[::-1]
        return shapes

    def product(self, node: Node) -> RoughShape:
        operators, node.tree = node.value, None
        mark, costs = self.sizes.mark() if self.other_groupings else (0, 0), len(self.costs)

        def combined(a: Node, operator: Operator, b: Node) -> Node:
            shape = self._scaled(operator, a, b) or combine(self.sizes, between(operator, a.shape, b.shape), a.shape, b.shape)
            start, end = min(a.start, b.start), max(a.end, b.end)  # the arguments of a definition may stand in another order
            if shape is None:
                raise self._misfit(operator, a.shape, b, (start, end))
            made = Node("factors", (), start, end)
            made.shape = shape
            if not (self.given.numpy and a is node.parts[0] and [o.text for o in operators[:2]] == ["*", "@"]):  # the α of α * w @ w
                self._cost(operator.kind, a, b, made)
                if pairs == 1 and operator.text in INNER:
                    self._cost_of_entry(a, b, made)
            return made

        kinds, pairs = {o.kind for o in operators}, sum(o.text in INNER for o in operators)
        oblong = self._oblong() if TIMES in kinds and kinds & {DOT_TIMES, DOT_OVER} else ()
        try:
            shape: RoughShape = folded(node, node.parts, combined).shape
        except ShapeError as error:
            if not self.other_groupings or self.given.numpy:  # * and @ bind alike there
                raise
            self.sizes.undo(mark)
            del self.costs[costs:]
            node.tree, note = regroup(self.sizes, node, self.text, error)
            self.notes.append(note)
            shapes = [p.shape for p in node.parts]
            found: RoughShape = folded(node, shapes, lambda a, o, b: combine(self.sizes, between(o, a, b), a, b) or SCALAR)
            return found
        for name in set(oblong).difference(self._oblong()) if oblong else ():
            self.notes.append(f"{name} is square by inference alone: the product is read from the left; declare {name}, or put parentheses")
        return shape

    def _scaled(self, operator: Operator, a: Node, b: Node) -> RoughShape | None:
        """The shape of a matrix times a vector entry by entry, as in NumPy: each row times the vector; of all else nothing."""
        if not self.given.numpy or operator.kind not in (DOT_TIMES, DOT_OVER) or (1 in a.shape) == (1 in b.shape):
            return None
        matrix, vector = (b, a) if 1 in a.shape else (a, b)
        kept = vector.kind == "along" and vector.value[-1]
        names = [n.value for n in walked(vector) if n.kind == "name" and n.value not in self.given.arrays]
        if any(self.inferred.get(name, ("",))[0] == "vector" for name in names):
            return None  # what nothing says to be a vector is rather a number
        fits = vector.shape[1] == 1 != vector.shape[0] and not kept and self.sizes.unify(matrix.shape[1], vector.shape[0])
        return matrix.shape if fits else None

    def _oblong(self) -> list[str]:
        """The inferred matrices of which nothing says so far that they are square."""
        return [name for name, (kind, (rows, columns)) in self.inferred.items() if kind == "matrix" and find(rows) is not find(columns)]

    def _cost(self, kind: str, a: Node, b: Node, whole: Node) -> None:
        """A scalar right of a matrix costs, and one that is multiplied entry by entry."""
        if kind == TIMES and b.shape == SCALAR and a.shape[1] != 1:
            self.cost("right of a matrix", b, whole)
        elif kind in (DOT_TIMES, DOT_OVER) and (a.shape == SCALAR) != (b.shape == SCALAR):
            self.cost("entry by entry with a vector", a if a.shape == SCALAR else b, whole)

    def _cost_of_entry(self, a: Node, b: Node, whole: Node) -> None:
        """The entry u_k costs in the u_k·v of a vector v: u_k is rather a vector as well."""
        for entry, of in ((a, b), (b, a)):
            vector = of.kind in ("name", "factors") and of.shape[0] != 1 == of.shape[1]
            if vector and entry.kind == "indexed" and entry.shape == SCALAR and not is_greek(entry.stem):
                self.cost(DOTTED, entry, whole)

    def _misfit(self, operator: Operator, a: RoughShape, part: Node, span: tuple[int, int]) -> MatcalcError:
        b, shown = part.shape, operator.text or "juxtaposition"
        message = f"the shapes {self.show(a)} {operator.text or '·'} {self.show(b)} do not fit"
        hint = ""
        if operator.kind == OVER:
            message = f"`/` divides by a scalar, not by {self.show(b)}"
            hint = "write ./ for the elementwise quotient, A*inv(B) for the other"
        elif operator.kind == COLON:
            message = f"A : B is tr(A'B) of two matrices of one shape, not of {self.show(a)} and {self.show(b)}"
            hint = "leave out a label that stands before `:`; the product with a tensor of fourth order is to be written otherwise"
        elif operator.kind in (DOT_TIMES, DOT_OVER):
            message = f"`{shown}` needs equal shapes, but has {self.show(a)} and {self.show(b)}"
            if find(a[1]) == find(b[1]) != 1:
                hint = "the product of each column of one with that of the other is khatrirao(A, B)"
        elif a == b:
            hint = "did you mean .* (elementwise), or a transpose?"
        place = operator if operator.text else part
        return self.fail(place, message, hint, span)

    def power(self, node: Node) -> RoughShape:
        base, exponent = node.parts
        if base.kind == "name" and base.value in self.inferred and 1 not in base.shape and is_real(exponent, self.given.said.integers):
            hint = f"declare {base.value}: scalar; of a matrix A^k with any k is expm(k*logm(A))"
            raise failing("a matrix is raised to whole powers, and to 1/2", node, hint, kind=UnsupportedError)
        if exponent.shape != SCALAR:
            hint = "the transpose is ' or ^T" if exponent.value == "t" else ""
            raise self.fail(exponent, f"an exponent is a scalar, not {self.show(exponent.shape)}", hint)
        vector = base.shape[1] == 1 and base.shape != SCALAR
        if base.kind == "bars" and base.value == "abs" and vector and exponent.value == 2 and node not in self.given.reduced:
            base.value, base.shape = "norm", SCALAR
        shape: RoughShape = base.shape
        if shape == SCALAR or 1 in shape and node not in self.held:
            return shape
        open_ = isinstance(find(shape[0]), Free) and isinstance(find(shape[1]), Free) and find(shape[0]) is not find(shape[1])
        if not self.sizes.unify(*shape):
            raise self.fail(node, f"a power needs a square matrix, not {self.show(shape)}", "did you mean the elementwise `.^`?")
        if open_:
            self.squared.add(node)
        return shape

    def dot_power(self, node: Node) -> RoughShape:
        base, exponent = node.parts
        shape: RoughShape = base.shape
        if exponent.shape == SCALAR:
            if exponent.kind == "transpose" and shape != SCALAR and self.text[exponent.start] != "(":
                raise failing("is the power or its exponent transposed?", node, "write (X.^p)'")
            return shape
        if shape == SCALAR:
            return exponent.shape  # type: ignore[no-any-return]
        if not self.sizes.same(shape, exponent.shape):
            shapes = f"{self.show(shape)} and {self.show(exponent.shape)}"
            raise self.fail(node, f"`.^` needs a scalar exponent or equal shapes, but has {shapes}")
        return shape

    def blocks(self, node: Node) -> RoughShape:
        """Blocks of equal heights in a row, of equal widths in a column; 0 is as high and wide as its neighbours, or its place, have it."""
        columns = node.value
        rows = [node.parts[i : i + columns] for i in range(0, len(node.parts), columns)]
        for part in node.parts:
            if is_nothing(part):
                part.shape = self.sizes.new(one=True), self.sizes.new(one=True)
                self.sizes.least += part.shape
        if len(node.parts) > 1:
            lines = [(row, 0, "row have equal heights") for row in rows]
            for line, axis, what in lines + [([*c], 1, "column have equal widths") for c in zip(*rows, strict=True)]:
                first = next((p for p in line if not is_nothing(p)), line[0])
                for part in line:
                    if not self.sizes.unify(first.shape[axis], part.shape[axis]):
                        raise self.fail(node, f"the blocks of a {what}, not {self.show(first.shape)} and {self.show(part.shape)}")
        return self.sizes.total(tuple(row[0].shape[0] for row in rows)), self.sizes.total(tuple(p.shape[1] for p in rows[0]))

    def norm(self, node: Node) -> RoughShape:
        if node.value not in NORMS:
            hint = REFUSED_NORMS.get(node.value, "‖x‖, ‖X‖_F, ‖x‖_1, ‖x‖_2, ‖x‖_p, ‖x‖_∞, ‖X‖_*, ‖X‖_{2,1}, ‖x‖_M with a matrix M")
            raise failing(f"a norm with the index {node.value} is not known", node, hint, kind=UnsupportedError)
        if node.parts[0].kind == "indexed" and node.parts[0].shape == SCALAR:
            raise self._of_entry("norm", node.parts[0])
        if node.value == "∞" and 1 not in node.parts[0].shape:
            hint = "write what is meant; of a vector it is the largest absolute value"
            raise self.fail(node, "‖X‖_∞ of a matrix is its largest entry, or the largest sum of a row", hint)
        return SCALAR

    def bars(self, node: Node) -> RoughShape:
        """|Σ| is the determinant of a matrix, the absolute value of a scalar, and of the entries of a vector."""
        rows, columns = shape = node.parts[0].shape
        if node in self.given.totals and shape != SCALAR:
            raise self.fail(node, "what is summed between these bars is no number")
        node.value = "abs" if 1 in (find(rows), find(columns)) else "det"
        if node.value == "abs":
            members = (n.stem for n in walked(node.parts[0]) if n.kind == "indexed" and n.shape != SCALAR)
            if shape != SCALAR and (self.given.measured or any(name in self.given.spelled for name in members)):  # of bold r_i - r_j
                node.value = "norm"
            return shape if node.value == "abs" else SCALAR
        if not self.sizes.unify(rows, columns):
            message = f"|·| of a matrix is its determinant, which needs a square one, not {self.show(shape)}"
            raise self.fail(node, message, "\\operatorname{abs}(X)")
        return SCALAR

    def pinv(self, node: Node) -> RoughShape:
        """A^+ of a matrix is its pseudoinverse, the (x - k)^+ of numbers and vectors their positive part; x⁺ of a declared x is ours."""
        part = node.parts[0]
        shape: RoughShape = part.shape
        ours = part.kind == "name" and part.value in self.given.declared and "⁺" in self.text[node.start : node.end]
        node.value = "positive" if 1 in shape and not ours else ""
        return shape if node.value else shape[::-1]

    def weighted(self, node: Node) -> RoughShape:
        """‖x‖_M of a vector x and a square M."""
        (rows, columns), m = (p.shape for p in node.parts)
        if columns != 1 or not self.sizes.unify(*m) or not self.sizes.unify(rows, m[0]):
            message = f"the norm of {self.show((rows, columns))} is weighted by {self.show(m)}"
            raise self.fail(node, message, "‖x‖_M is that of a vector, with a square M")
        return SCALAR


def _heights(node: Node) -> list[tuple[Rough, bool]]:
    """How high the blocks are that stand one below the other, also where they are multiplied from the right, and which are zeros."""
    while node.kind in ("product", "group", "minus", "sum") and node.parts:
        node = node.parts[0]
    stacked = node.kind == "blocks" and len(node.parts) > node.value
    return [(p.shape[0], is_nothing(p)) for p in node.parts[:: node.value]] if stacked else []


def _plus_hint(a: RoughShape, b: RoughShape) -> str:
    if a == b[::-1]:
        return "is one of them to be transposed?"
    return "a vector is added to every column of a matrix, a row to every row" if (1 in a) != (1 in b) else ""


def is_nothing(part: Node) -> bool:
    """Whether a block is a zero of whatever size, transposed or not."""
    while part.kind in ("transpose", "minus"):
        part = part.parts[0]
    return part.kind == "number" and part.value == 0
