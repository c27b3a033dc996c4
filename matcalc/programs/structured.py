"""The algebra of values: sums, products and reductions that keep structure as long as it pays.

The full array (`dense`) is made only where nothing else will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce

from matcalc.expr.dims import Shape, Size
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays, broadcast
from matcalc.programs.costs import work
from matcalc.programs.diagonal_blocks import BlockAlgebra, Blocks
from matcalc.programs.forms import Code
from matcalc.programs.kronecker import commuted, commuted_sum, dense_kron, kron, kron_times, product_of_blocks
from matcalc.programs.layouts import product_of_layouts
from matcalc.programs.order import NEARLY, Order
from matcalc.programs.values import LAZY, SPREAD, Value

LONGEST = 8  # factors between two vectors


class Structured:
    """The algebra of values, on code made by `arrays`; products are ordered for the given sizes."""

    def __init__(self, arrays: Arrays, order: Order) -> None:
        self.arrays, self.order = arrays, order
        self.blocks = BlockAlgebra(arrays)

    # --- whole arrays -----------------------------------------------------------------------------------------

    def full(self, code: Code, shape: Shape) -> Value:
        assert code.ndim == sum(n != 1 for n in shape), f"{code.form.name} of {shape} has {code.ndim} axes"
        return Value("full", shape, (code,))

    def dense(self, v: Value) -> Code:
        """The array itself, as code."""
        make, (rows, columns) = self.arrays, v.shape
        match v.kind:
            case "full":
                return v.code
            case "const":
                return self._constant(v.code, v.shape)
            case "column":
                return make.call(F.TILE, make.column(v.code), make.number(1), make.size(columns), shape=v.shape)
            case "row":
                return make.call(F.TILE, v.code, make.size(rows), make.number(1), shape=v.shape)
            case "outer":
                return make.outer(*v.codes)
            case "diagonal":
                if v.code.ndim:
                    return make.call(F.DIAG, v.code, shape=v.shape)
                return make.multiply(v.code, make.call(F.EYE, make.size(rows), shape=v.shape))
            case "sum":
                return self._sum(list(v.parts), v.shape)
            case "unit":
                n = rows if columns == 1 else columns
                unit = make.call(F.UNIT, v.code, make.size(n), shape=(n,))
                return make.multiply(v.codes[1], unit) if len(v.codes) > 1 else unit
            case "rows":
                return make.call(F.SET_ROW, v.codes[1], make.size(rows), make.size(columns), v.code, shape=v.shape)
            case "blocks":
                return self.blocks.dense(v.data)
            case "inverse":
                inverse = make.call(F.FACTOR_INVERSE, v.code, shape=v.shape)
                inverse = make.conj(inverse) if v.data in (2, 3) else inverse
                return make.transpose(inverse) if v.data in (1, 2) else inverse
            case "spectral":
                vectors = self.eigenvectors(v)
                return make.matmul(make.multiply(vectors, v.codes[1]), make.adjoint(vectors))
            case "khatrirao":
                left, right = v.parts
                lined = make.call(OPERATORS["khatrirao"], self.two_d(left), self.two_d(right), shape=v.shape[::-1] if v.data else v.shape)
                lined = make.multiply(lined, v.code) if v.codes else lined
                return make.transpose(lined) if v.data else lined
            case "kron":
                left, right = v.parts
                if 1 in v.shape:
                    return make.flat(make.outer(self.dense(left), self.dense(right)))
                return dense_kron(self, v, left, right)
            case _:
                eye = make.call(F.EYE, make.size(rows), shape=v.shape)
                return make.call(F.TAKE, eye, self._permutation(*v.data), shape=v.shape)

    def eigenvectors(self, v: Value) -> Code:
        return self.arrays.call(F.EIGENVECTORS, v.code, shape=v.shape, plain=False)

    def real(self, v: Value) -> Value:
        """What is known to be real, as such."""
        if v.kind in ("full", "const", "column", "row", "diagonal"):
            return replace(v, codes=(self.arrays.real(v.code),))
        return self.full(self.arrays.real(self.dense(v)), v.shape)

    def diagonal_entries(self, d: Value) -> Code:
        return d.code if d.code.ndim else self._constant(d.code, (d.shape[0], 1))

    def two_d(self, v: Value) -> Code:
        """The array with two axes, a vector as a column or a row."""
        code = self.dense(v)
        if v.is_array:
            return code
        if code.ndim == 0:
            return self.arrays.call(F.RESHAPE, code, self.arrays.number(1), self.arrays.number(1), shape=(1, 1))
        return self.arrays.column(code) if v.shape[1] == 1 else self.arrays.row(code)

    def _constant(self, s: Code, shape: Shape) -> Code:
        make = self.arrays
        sizes = tuple(make.size(n) for n in shape if n != 1)
        dims = tuple(n for n in shape if n != 1)
        if not sizes:
            return s
        zeros, ones = ((F.ZEROS, F.ONES), (F.ZEROS2, F.ONES2))[len(sizes) - 1]
        if F.is_number(s, 0):
            return make.call(zeros, *sizes, shape=dims)
        return make.multiply(s, make.call(ones, *sizes, shape=dims))

    def _permutation(self, m: Size, n: Size) -> Code:
        """The rows of K(m, n), by which row of the identity each is."""
        return self.arrays.call(F.PERMUTATION, self.arrays.size(m), self.arrays.size(n), shape=(m * n,))

    # --- elementwise ------------------------------------------------------------------------------------------

    def spread(self, v: Value) -> Value:
        """The value as one of the kinds that broadcasting understands."""
        if v.kind == "sum" and all(p.kind in SPREAD for p in v.parts):
            kind, codes = self.broadcast(list(v.parts))
            return Value(kind, v.shape, (self.arrays.combined(codes, self.arrays.add),))
        return v if v.kind in SPREAD else self.full(self.dense(v), v.shape)

    def mapped(self, f: Callable[[Code], Code], v: Value) -> Value:
        """An elementwise function of a value: once per different entry."""
        v = self.spread(v)
        return replace(v, codes=(f(v.code),))

    def mapped_together(self, f: Callable[[list[Code], tuple[Size, ...]], Code], values: list[Value], shape: Shape) -> Value:
        """A function, entry by entry, of values of one shape and of scalars."""
        arrays = [self.spread(v) for v in values]
        kind, codes = self.broadcast([v if v.shape == shape else Value("const", shape, v.codes) for v in arrays])
        spread: tuple[Size, ...] = ()
        for c in codes:
            spread = broadcast(spread, c.shape)
        return Value(kind, shape, (f(codes, spread),))

    def mapped_diagonal(self, f: Callable[[Code], Code], v: Value) -> Value:
        """A function of a diagonal matrix: Diag(f(d))."""
        return replace(v, codes=(f(v.code),))

    def broadcast(self, values: list[Value]) -> tuple[str, list[Code]]:
        """(the kind of an elementwise combination, the codes to combine)."""
        kinds = {v.kind for v in values}
        if "full" in kinds or {"row", "column"} <= kinds:
            return "full", [self.arrays.column(v.code) if v.kind == "column" else v.code for v in values]
        return next((k for k in ("column", "row") if k in kinds), "const"), [v.code for v in values]

    def added(self, values: list[Value], shape: Shape) -> Value:
        """The sum of values of one shape."""
        if len(values) == 1:
            return values[0]
        if 1 not in shape:
            if all(v.kind == "diagonal" for v in values):
                return Value("diagonal", shape, (self.arrays.combined([v.code for v in values], self.arrays.add),))
            if all(v.kind == "rows" for v in values):
                return self._stacked(values, shape)
            values = self._terms(values)
            whole = [v for v in values if v.kind not in LAZY]
            if len(whole) <= 1 and len(values) > 1 or len(whole) == len(values) == 2 and all(map(self.is_given, values)):
                return Value("sum", shape, parts=tuple(values))
        elif all(v.kind == "unit" for v in values):
            return self._stacked(values, shape)
        return self.full(self._sum(values, shape), shape)

    def _terms(self, values: list[Value]) -> list[Value]:
        """The terms of sums, sums among them opened, and diagonals added."""
        terms = self._blocks_together([t for v in values for t in (v.parts if v.kind == "sum" else (v,))])
        diagonals = [t for t in terms if t.kind == "diagonal"]
        if len(diagonals) < 2:
            return terms
        total = replace(diagonals[0], codes=(self.arrays.combined([d.code for d in diagonals], self.arrays.add),))
        return [*(t for t in terms if t.kind != "diagonal"), total]

    def _blocks_together(self, terms: list[Value]) -> list[Value]:
        """Matrices of diagonal blocks of one kind, as one."""
        out: list[Value] = []
        for t in terms:
            at = next((i for i, o in enumerate(out) if o.kind == t.kind == "blocks" and self._alike(o.data, t.data)), None)
            if at is None:
                out.append(t)
            else:
                out[at] = replace(out[at], data=replace(t.data, terms=(*out[at].data.terms, *t.data.terms)))
        return out

    def _alike(self, v: Blocks, w: Blocks) -> bool:
        return (v.samples, v.rows, v.columns, v.outer) == (w.samples, w.rows, w.columns, w.outer)

    def is_given(self, v: Value) -> bool:
        """Whether it is an argument, or a view of one."""
        return v.kind == "full" and (v.code.args[0] if v.code.form is F.T else v.code).form is F.ARGUMENT

    def _stacked(self, values: list[Value], shape: Shape) -> Value:
        """A sum of s e_j, or of rows e_j y', written as an array of its entries, where all are known and given."""
        places = {v.code.data: v for v in values}
        n = shape[1] if shape[0] == 1 else shape[0]
        if not all(v.code.form is F.NUMBER for v in values) or sorted(places) != list(range(len(values))) or n != len(values):
            return self.full(self._sum(values, shape), shape)
        one = self.arrays.number(1)
        entries = [(*places[j].codes, one)[1] for j in range(len(values))]
        dims = tuple(d for d in shape if d != 1)
        opened = [self.arrays.entries(row) for row in entries] if len(dims) == 2 else []
        if opened and all(row and None not in row for row in opened):
            entries = [self.arrays.call(F.STACK, *filter(None, row or ()), shape=dims[1:], plain=False) for row in opened]
        return self.full(self.arrays.call(F.STACK, *entries, shape=dims, plain=False), shape)

    def _sum(self, values: list[Value], shape: Shape) -> Code:
        make = self.arrays
        krons = [v for v in values if v.kind == "kron" and not any(p.kind == "diagonal" for p in v.parts)]
        if len(krons) > 1 and len(krons) == len(values) and len({tuple(p.shape for p in v.parts) for v in krons}) == 1:
            parts = [self.two_d(p) for v in krons for p in v.parts]
            made = make.call(F.KRON_SUM, *parts, shape=shape)
            return make.flat(made) if 1 in shape else made
        written = self._sum_with_blocks(values, shape)
        if written is not None:
            return written
        diagonals = [v.code for v in values if v.kind == "diagonal"]
        kind, codes = self.broadcast([self.spread(v) for v in values if v.kind != "diagonal"])
        total = self.dense(Value(kind, shape, (make.combined(codes, make.add),))) if kind != "full" else make.combined(codes, make.add)
        if not diagonals:
            return total
        d = make.combined(diagonals, make.add)
        return make.call(F.ADD_DIAGONAL, total, d, make.size(shape[0]), shape=shape)

    def _sum_with_blocks(self, values: list[Value], shape: Shape) -> Code | None:
        """Diagonal blocks, A ⊗ I and I ⊗ A are added to the memory of the other terms."""
        make = self.arrays
        if 1 in shape:
            return None
        small: list[tuple[F.Form, Code, Size]] = []
        others: list[Value] = []
        for v in values:
            if v.kind == "blocks":
                small.append((F.PLUS_BLOCKS[v.data.outer], self.blocks.full(v.data), v.data.samples))
                continue
            for i, form in enumerate(F.PLUS_BLOCKS[::-1]):
                if v.kind == "kron" and v.parts[i].kind == "diagonal" and not v.parts[i].code.ndim and v.parts[1 - i].is_array:
                    small.append((form, self.dense(self.scaled(v.parts[i].code, v.parts[1 - i])), v.parts[i].shape[0]))
                    break
            else:
                others.append(v)
        if not small or not any(v.kind in ("full", "kron") for v in others):
            return None
        total = self._sum(others, shape)
        for form, block, m in small:
            total = make.call(form, total, block, make.size(m), shape=shape)
        return total

    def times(self, values: list[Value], shape: Shape) -> Value:
        """The Hadamard product of values of one shape."""
        make = self.arrays
        at = next((i for i, v in enumerate(values) if v.kind == "diagonal"), None)
        if at is not None:
            codes = [values[at].code, *(self.diagonal(v).code for i, v in enumerate(values) if i != at)]
            return Value("diagonal", shape, (make.combined(codes, make.multiply),))
        apart: list[Value] = []
        for v in values:
            if v.kind == "outer":
                apart += [Value("column", shape, v.codes[:1]), Value("row", shape, v.codes[1:])]
            else:
                apart.append(self.spread(v))
        kind, codes = self.broadcast(apart)
        codes.sort(key=lambda c: c.ndim)
        return Value(kind, shape, (make.combined(codes, make.multiply),))

    def scaled(self, s: Code, v: Value, divide: bool = False) -> Value:
        """s v, or v / s."""

        def join(c: Code) -> Code:
            return self.arrays.divide(c, s) if divide else self.arrays.multiply(s, c)

        match v.kind:
            case "outer":
                return replace(v, codes=(join(v.codes[0]), v.codes[1]))
            case "rows":
                return replace(v, codes=(v.code, join(v.codes[1])))
            case "unit":
                return replace(v, codes=(v.code, join(v.codes[1] if len(v.codes) > 1 else self.arrays.number(1))))
            case "blocks":
                return replace(v, data=self.blocks.scaled(s, v.data, divide))
            case "spectral":
                return replace(v, codes=(v.code, join(v.codes[1])))
            case "sum":
                return replace(v, parts=tuple(self.scaled(s, p, divide) for p in v.parts))
            case "kron" | "khatrirao":
                left, right = v.parts
                return replace(v, parts=(self.scaled(s, left, divide), right))
            case "diagonal" | "const" | "column" | "row" | "full":
                return replace(v, codes=(join(v.code),))
            case _:
                return self.full(join(self.dense(v)), v.shape)

    # --- linear structure -------------------------------------------------------------------------------------

    def transpose(self, v: Value) -> Value:
        shape = (v.shape[1], v.shape[0])
        if v.symmetric:
            return v
        if v.kind == "spectral":  # of a Hermitian matrix
            v = self.full(self.dense(v), v.shape)
        match v.kind:
            case "full":
                return replace(v, shape=shape, codes=(self.arrays.transpose(v.code),))
            case "inverse":
                return replace(v, shape=shape, data=(v.data or 0) ^ 1)
            case "column" | "row":
                return replace(v, shape=shape, kind="row" if v.kind == "column" else "column")
            case "outer":
                return replace(v, shape=shape, codes=(v.codes[1], v.codes[0]))
            case "sum" | "kron":
                return replace(v, shape=shape, parts=tuple(map(self.transpose, v.parts)))
            case "commutation":
                return replace(v, shape=shape, data=(v.data[1], v.data[0]))
            case "blocks":
                return replace(v, shape=shape, data=self.blocks.transpose(v.data))
            case "rows":
                return self.full(self.arrays.transpose(self.dense(v)), shape)
            case "khatrirao":
                return replace(v, shape=shape, data=not v.data)
            case _:
                return replace(v, shape=shape)

    def conj(self, v: Value) -> Value:
        if not v.complex:
            return v
        if v.kind in ("full", "const", "column", "row", "outer", "diagonal"):
            return replace(v, codes=tuple(map(self.arrays.conj, v.codes)))
        if v.kind == "inverse":
            return replace(v, data=3 - (v.data or 0))
        return self.full(self.arrays.conj(self.dense(v)), v.shape)

    def diagonal(self, v: Value) -> Value:
        """The diagonal of a square matrix, as a vector."""
        shape: Shape = (v.shape[0], 1)
        match v.kind:
            case "column" | "row":
                return self.full(v.code, shape)
            case "const":
                return Value("const", shape, v.codes)
            case "diagonal":
                return Value("full" if v.code.ndim else "const", shape, v.codes)
            case "outer":
                return self.full(self.arrays.multiply(*v.codes), shape)
            case "sum":
                return self.added([self.spread(self.diagonal(p)) for p in v.parts], shape)
            case _:
                return self.full(self.arrays.diagonal(self.dense(v)), shape)

    def trace(self, v: Value) -> Code:
        if v.kind == "spectral":
            return self.arrays.sum(v.codes[1])
        if v.kind in ("full", "inverse", "kron", "commutation"):
            code = self.dense(v)
            return self.arrays.call(F.TRACE, code.args[0] if code.form is F.T else code, plain=False)
        return self.total(self.diagonal(v))

    def total(self, v: Value) -> Code:
        """The sum of all entries."""
        make, (rows, columns) = self.arrays, v.shape
        match v.kind:
            case "const":
                return make.multiply(v.code, make.size(rows * columns))
            case "column" | "row":
                return make.multiply(make.size(columns if v.kind == "column" else rows), make.sum(v.code))
            case "diagonal":
                return make.sum(v.code) if v.code.ndim else make.multiply(make.size(rows), v.code)
            case _:
                return make.sum(self.dense(v))

    def inner(self, a: Value, b: Value) -> Code:
        """tr(a b)."""
        if a.kind == "diagonal" or b.kind == "diagonal":
            d, other = (a, b) if a.kind == "diagonal" else (b, a)
            if not d.code.ndim:
                return self.arrays.multiply(d.code, self.trace(other))
            return self.arrays.matmul(d.code, self.dense(self.diagonal(other)))
        if "sum" in (a.kind, b.kind):
            pairs = [(p, b) for p in a.parts] if a.kind == "sum" else [(a, p) for p in b.parts]
            return self.arrays.combined([self.inner(p, q) for p, q in pairs], self.arrays.add)
        if "outer" in (a.kind, b.kind):
            x, other = (a, b) if a.kind == "outer" else (b, a)
            row, column = self.full(x.codes[1], (1, x.shape[1])), self.full(x.codes[0], (x.shape[0], 1))
            return self.dense(self.chain([row, other, column]))
        if "inverse" in (a.kind, b.kind):
            return self.trace(self.multiply(a, b) if a.kind == "inverse" else self.multiply(b, a))
        if b.symmetric and not a.symmetric:
            a, b = b, a
        left, right = self.dense(self.transpose(a)), self.dense(b)
        if right.form is F.T:
            return self.arrays.inner(self.dense(a), right.args[0])
        return self.arrays.inner(left, right)

    def diagonal_of_product(self, a: Value, b: Value) -> Value:
        """diag(a b), by sums over rows."""
        if {"inverse", "kron", "commutation"} & {a.kind, b.kind} or self.is_there(a, b):
            return self.diagonal(self.multiply(a, b))
        square: Shape = (a.shape[0], a.shape[1])
        return self.multiply(self.times([a, self.transpose(b)], square), Value("const", (square[1], 1), (self.arrays.number(1),)))

    # --- products ---------------------------------------------------------------------------------------------

    def chain(self, values: list[Value]) -> Value:
        """The product of values, cut where an inner size is 1, each piece in the cheapest order."""
        pieces: list[list[Value]] = [[]]
        for v in values:
            if pieces[-1] and v.shape[0] == 1:
                pieces.append([])
            pieces[-1].append(v)
        made = [self._ordered(piece) for piece in pieces]
        scalars = [m for m in made if m.shape == (1, 1)]
        rest = [m for m in made if m.shape != (1, 1)]
        out = self.outer(rest[0], rest[1]) if len(rest) == 2 else rest[0] if rest else scalars.pop()
        for s in scalars:
            out = self.scaled(s.code, out)
        return out

    def _ordered(self, piece: list[Value]) -> Value:
        if len(piece) == 3 and piece[0].kind == piece[2].kind == "const" and piece[0].shape[0] == piece[2].shape[1] == 1:
            scale = self.arrays.multiply(piece[0].code, piece[2].code)
            return self.full(self.arrays.multiply(scale, self.total(piece[1])), (1, 1))
        between = piece[0].shape[0] == piece[-1].shape[1] == 1 and 2 < len(piece) <= LONGEST and not self.order.fixed
        if between and all(v.kind in ("full", "inverse") for v in piece):
            return self._between(piece)
        return (
            product_of_blocks(self, commuted(self, piece))
            or product_of_layouts(self, piece)
            or self.order.fold(commuted(self, piece), self.multiply, self.is_there)
        )

    def _between(self, piece: list[Value]) -> Value:
        """x'A … B y, whose vectors meet where that costs the least beside what is computed anyway: of equal places the leftmost."""

        def met(k: int) -> Value:
            return self.multiply(
                reduce(self.multiply, piece[: k + 1]), reduce(lambda y, a: self.multiply(a, y), piece[k + 1 : -1][::-1], piece[-1])
            )

        costs = [work(self.arrays.made_by(partial(met, k)), self.order.weight) for k in range(len(piece) - 1)]
        return met(next(k for k, cost in enumerate(costs) if cost * NEARLY <= min(costs)))

    def is_there(self, a: Value, b: Value) -> bool:
        """Whether the product of two matrices is computed anyway."""
        return a.kind == b.kind == "full" and a.is_array and b.is_array and self.arrays.has_product(a.code, b.code)

    def outer(self, x: Value, y: Value) -> Value:
        """A column times a row."""
        shape = (x.shape[0], y.shape[1])
        make = self.arrays
        if x.kind == "const" or y.kind == "const":
            if x.kind == y.kind:
                return Value("const", shape, (make.multiply(x.code, y.code),))
            kind, s, v = ("row", x, y) if x.kind == "const" else ("column", y, x)
            return Value(kind, shape, (make.multiply(s.code, self.dense(v)),))
        rows, columns = make.size(shape[0]), make.size(shape[1])
        if x.kind == "unit" and y.kind == "unit" and len(x.codes) == len(y.codes) == 1:
            return self.full(make.call(F.SET_ENTRY, rows, columns, x.code, y.code, shape=shape), shape)
        if x.kind == "unit":
            row = self.dense(y)
            return Value("rows", shape, (x.code, make.multiply(x.codes[1], row) if len(x.codes) > 1 else row))
        if y.kind == "unit" and len(y.codes) == 1:
            return self.full(make.call(F.SET_COLUMN, self.dense(x), rows, columns, y.code, shape=shape), shape)
        return Value("outer", shape, (self.dense(x), self.dense(y)))

    def multiply(self, a: Value, b: Value) -> Value:
        """The product of two values, none of whose outer sizes is cut: a matrix, a vector or a scalar."""
        make, shape = self.arrays, (a.shape[0], b.shape[1])
        if a.kind == b.kind == "spectral" and a.code is b.code:
            return replace(a, codes=(a.code, make.multiply(a.codes[1], b.codes[1])))
        if "spectral" in (a.kind, b.kind):
            a, b = (self.full(self.dense(v), v.shape) if v.kind == "spectral" else v for v in (a, b))
        if a.kind == "khatrirao" and b.kind == "diagonal" and not a.data:
            d = b.code if b.code.ndim else None
            if d is None:
                return self.scaled(b.code, a)
            return replace(a, codes=(make.multiply(a.code, d) if a.codes else d,))
        if "khatrirao" in (a.kind, b.kind):
            a, b = (self.full(self.dense(v), v.shape) if v.kind == "khatrirao" else v for v in (a, b))
        if a.kind == "kron" and b.kind == "kron" and all(p.shape[1] == q.shape[0] for p, q in zip(a.parts, b.parts, strict=True)):
            return kron(self, *(self.chain([p, q]) for p, q in zip(a.parts, b.parts, strict=True)))
        if a.kind == "blocks" and shape[1] == 1 and not a.data.outer:
            return self.full(self.blocks.times_vector(a.data, self.dense(b)), shape)
        if "blocks" in (a.kind, b.kind):
            made = product_of_blocks(self, [a, b])
            if made is not None:
                return made
        if a.kind == "commutation" and (swapped := commuted_sum(self, a, b)):
            return swapped
        if b.kind == "sum" and a.kind != "sum" and 1 not in b.shape and self._opens(b, a.shape[0]):
            return self.added([self.multiply(a, p) for p in b.parts], shape)
        if a.kind == "kron" and b.kind != "diagonal":
            return kron_times(self, a, b)
        match a.kind:
            case "diagonal":
                return self._diagonal_times(a, b)
            case "sum" if self._opens(a, shape[1]):
                return self.added([self.multiply(p, b) for p in a.parts], shape)
            case "sum":
                return self.multiply(self.full(self.dense(a), a.shape), b)
            case "column":
                return self.outer_or_scaled(a.code, self._sum_columns(b), shape)
            case "outer":
                return self.outer_or_scaled(a.codes[0], self.multiply(self.full(a.codes[1], (1, a.shape[1])), b), shape)
            case "row":
                product = self.multiply(self.full(a.code, (1, a.shape[1])), b)
                return Value("const" if shape[1] == 1 else "row", shape, (self.dense(product),))
            case "rows":
                product = self.multiply(self.full(a.codes[1], (1, a.shape[1])), b)
                return (
                    self.outer(Value("unit", (shape[0], 1), (a.code,)), product)
                    if shape[1] != 1
                    else self.scaled(self.dense(product), Value("unit", shape, (a.code,)))
                )
            case "unit" if a.shape[0] == 1 and len(a.codes) == 1:
                return self.full(make.item(self.dense(b), a.code), shape)
            case "const":
                sums = self.scaled(a.code, self._sum_columns(b))
                if shape[0] == 1:
                    return sums
                return Value("const" if shape[1] == 1 or sums.kind == "const" else "row", shape, (sums.code,))
            case "commutation":
                return self.full(make.call(F.TAKE, self.dense(b), self._permutation(*a.data), shape=self.dense(b).shape), shape)
            case "inverse" if b.kind != "diagonal":
                right = self.dense(b)
                return self.full(self._solved(a, right), shape)
        if b.kind == "unit" and len(b.codes) == 1:
            pick = make.item if shape[0] == 1 else make.pick
            return self.full(pick(self.dense(a), b.code), shape)
        if b.kind == "diagonal" and b.code.ndim:
            return self.full(make.multiply(self.dense(a), b.code), shape)
        if b.kind in ("sum", "blocks", "unit") and (b.kind != "sum" or not self._opens(b, a.shape[0])):
            b = self.full(self.dense(b), b.shape)
        if a.kind == "full" and a.shape[0] == 1 and b.kind == "full" and b.symmetric:
            return self.full(make.matmul(b.code, a.code), shape)
        if b.kind not in ("full", "commutation"):
            return self.transpose(self.multiply(self.transpose(b), self.transpose(a)))
        if b.kind == "commutation":
            columns = self._permutation(b.data[1], b.data[0])
            form = F.TAKE if shape[0] == 1 else F.TAKE_COLUMNS
            return self.full(make.call(form, self.dense(a), columns, shape=self.dense(a).shape), shape)
        return self.full(make.matmul(self.dense(a), self.dense(b)), shape)

    def _solved(self, a: Value, right: Code) -> Code:
        """With the factor of a matrix, or of its transpose; the conjugate of what is solved with the conjugate."""
        make, way = self.arrays, a.data or 0
        if not a.complex:
            return make.call(F.FACTOR_SOLVE_TURNED if way else F.FACTOR_SOLVE, a.code, right, shape=right.shape)
        if way in (1, 3):
            return make.conj(self._solved(replace(a, data=3 - way), make.conj(right)))
        turned = way == 2 and a.code.form is not F.CHOLESKY_OF_HERMITIAN
        return make.call(F.FACTOR_SOLVE_ADJOINT if turned else F.FACTOR_SOLVE, a.code, right, shape=right.shape)

    def _opens(self, v: Value, others: Size) -> bool:
        """Whether a product with a sum is the sum of products: not where that multiplies two matrices instead of one."""
        return others == 1 or sum(p.kind not in LAZY for p in v.parts) < 2

    def outer_or_scaled(self, x: Code, y: Value, shape: Shape) -> Value:
        """x y' for a row y', x y for a scalar y."""
        if shape[1] == 1:
            return self.scaled(y.code, self.full(x, shape))
        return self.outer(self.full(x, (shape[0], 1)), y)

    def _sum_columns(self, b: Value) -> Value:
        """1'b as a row, or a scalar."""
        make, shape = self.arrays, (1, b.shape[1])
        if b.shape[1] == 1:
            return self.full(self.total(b), shape)
        match b.kind:
            case "const":
                return Value("const", shape, (make.multiply(make.size(b.shape[0]), b.code),))
            case "row":
                return self.full(make.multiply(make.size(b.shape[0]), b.code), shape)
            case "column":
                return Value("const", shape, (make.sum(b.code),))
            case "outer":
                return self.full(make.multiply(make.sum(b.codes[0]), b.codes[1]), shape)
            case "diagonal":
                return self.transpose(self.diagonal(b))
            case _:
                return self.full(make.sum_columns(self.dense(b)), shape)

    def _diagonal_times(self, a: Value, b: Value) -> Value:
        make, d = self.arrays, a.code
        if not d.ndim:
            return self.scaled(d, b)
        match b.kind:
            case "diagonal":
                return replace(b, codes=(make.multiply(d, b.code),))
            case "column" | "outer":
                return replace(b, codes=(make.multiply(d, b.codes[0]), *b.codes[1:]), symmetric=False)
            case "const" if b.is_array:
                return Value("column", b.shape, (make.multiply(b.code, d),))
            case "sum":
                return self.added([self._diagonal_times(a, p) for p in b.parts], b.shape)
        dense = self.dense(b)
        return self.full(make.multiply(make.column(d) if b.is_array else d, dense), b.shape)
