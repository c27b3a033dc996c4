"""Values one at a time: their arrays, sums, multiples, transposes, diagonals; entry by entry their functions and products.

The full array (`dense`) is made only where nothing else will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from matcalc.expr.dims import Shape, Size
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays, broadcast
from matcalc.programs.diagonal_blocks import BlockAlgebra
from matcalc.programs.forms import Code
from matcalc.programs.given import array_axes
from matcalc.programs.values import LAZY, SPREAD, Value


class Linear:
    """Sums, multiples and transposes of values, on code made by `arrays`."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
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
            case "kron":
                left, right = v.parts
                if 1 in v.shape:
                    return make.flat(make.outer(self.dense(left), self.dense(right)))
                return self._dense_kron(v, left, right)
            case _:
                eye = make.call(F.EYE, make.size(rows), shape=v.shape)
                return make.call(F.TAKE, eye, self._permutation(*v.data), shape=v.shape)

    def _dense_kron(self, v: Value, left: Value, right: Value) -> Code:
        """A Kronecker product as a result: of a diagonal matrix only its blocks are computed."""
        make = self.arrays
        for d, other in ((right, left), (left, right)):
            if d.kind == "diagonal" and d.code.ndim:
                return make.call(F.KRON_DIAG[d is left], self.two_d(other), d.code, shape=v.shape)
            if d.kind == "diagonal":
                return make.call(F.OF_BLOCKS[d is left], make.multiply(d.code, self.two_d(other)), make.size(d.shape[0]), shape=v.shape)
        return make.call(F.KRON, self.two_d(left), self.two_d(right), make.size(v.shape[0]), make.size(v.shape[1]), shape=v.shape)

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
        make, dims = self.arrays, array_axes(shape)
        if not dims:
            return s
        zeros, ones = (F.ZEROS, F.ONES) if len(dims) == 1 else (F.ZEROS2, F.ONES2)
        filled = make.call(zeros if F.is_number(s, 0) else ones, *map(make.size, dims), shape=dims)
        return filled if F.is_number(s, 0) else make.multiply(s, filled)

    def _permutation(self, m: Size, n: Size) -> Code:
        """The rows of K(m, n), by which row of the identity each is."""
        return self.arrays.call(F.PERMUTATION, self.arrays.size(m), self.arrays.size(n), shape=(m * n,))

    # --- elementwise ------------------------------------------------------------------------------------------

    def spread(self, v: Value) -> Value:
        """The value as one of the kinds that broadcasting understands."""
        if v.kind == "sum" and all(p.kind in SPREAD for p in v.parts):
            kind, codes = self.broadcast(list(v.parts))
            return Value(kind, v.shape, (reduce(self.arrays.add, codes),))
        return v if v.kind in SPREAD else self.full(self.dense(v), v.shape)

    def mapped(self, f: Callable[[Code], Code], v: Value) -> Value:
        """An elementwise function of a value: once per different entry."""
        v = self.spread(v)
        return replace(v, codes=(f(v.code),))

    def mapped_together(self, f: Callable[[list[Code], tuple[Size, ...]], Code], values: list[Value], shape: Shape) -> Value:
        """A function, entry by entry, of values of one shape and of scalars."""
        arrays = [self.spread(v) for v in values]
        kind, codes = self.broadcast([v if v.shape == shape else Value("const", shape, v.codes) for v in arrays])
        return Value(kind, shape, (f(codes, broadcast(*(c.shape for c in codes))),))

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
            if all(v.kind == "rows" for v in values):
                return self._stacked(values, shape)
            values = self._terms(values)
            if len(values) == 1:
                return values[0]
            whole = [v for v in values if v.kind not in LAZY]
            if len(whole) <= 1 and len(values) > 1 or len(whole) == len(values) == 2 and all(map(self.is_given, values)):
                return Value("sum", shape, parts=tuple(values))
        elif all(v.kind == "unit" for v in values):
            return self._stacked(values, shape)
        return self.full(self._sum(values, shape), shape)

    def _terms(self, values: list[Value]) -> list[Value]:
        """The terms of sums, sums among them opened, and diagonals added."""
        terms = [t for v in values for t in (v.parts if v.kind == "sum" else (v,))]
        diagonals = [t for t in terms if t.kind == "diagonal"]
        if len(diagonals) < 2:
            return terms
        total = replace(diagonals[0], codes=(reduce(self.arrays.add, [d.code for d in diagonals]),))
        return [*(t for t in terms if t.kind != "diagonal"), total]

    def is_given(self, v: Value) -> bool:
        return v.kind == "full" and F.is_given(v.code)

    def _stacked(self, values: list[Value], shape: Shape) -> Value:
        """A sum of s e_j, or of rows e_j y', written as an array of its entries, where all are known and given."""
        places = {v.code.data: v for v in values}
        n = shape[1] if shape[0] == 1 else shape[0]
        if not all(v.code.form is F.NUMBER for v in values) or sorted(places) != list(range(len(values))) or n != len(values):
            return self.full(self._sum(values, shape), shape)
        one = self.arrays.number(1)
        entries = [(*places[j].codes, one)[1] for j in range(len(values))]
        return self.full(self.arrays.call(F.STACK, *entries, shape=array_axes(shape), plain=False), shape)

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
        total = self.dense(Value(kind, shape, (reduce(make.add, codes),))) if kind != "full" else reduce(make.add, codes)
        if not diagonals:
            return total
        d = reduce(make.add, diagonals)
        return make.call(F.ADD_DIAGONAL, total, d, make.size(shape[0]), shape=shape)

    def _sum_with_blocks(self, values: list[Value], shape: Shape) -> Code | None:
        """Diagonal blocks, A ⊗ I and I ⊗ A are added to the memory of the other terms."""
        make = self.arrays
        if 1 in shape:
            return None
        small: dict[Value, tuple[F.Form, Code, Size]] = {}
        for v in values:
            if v.kind == "blocks":
                small[v] = F.PLUS_BLOCKS[v.data.outer], self.blocks.full(v.data), v.data.samples
                continue
            for i, form in enumerate(F.PLUS_BLOCKS[::-1]):
                if v.kind == "kron" and v.parts[i].kind == "diagonal" and not v.parts[i].code.ndim and v.parts[1 - i].is_array:
                    small[v] = form, self.dense(self.scaled(v.parts[i].code, v.parts[1 - i])), v.parts[i].shape[0]
                    break
        others = [v for v in values if v not in small] or values[:1]
        if not small or len(values) == 1 or not any(v.kind in ("full", "kron", "blocks") for v in others):
            return None
        total = self._sum(others, shape)
        for v, (form, block, m) in small.items():
            total = make.call(form, total, block, make.size(m), shape=shape) if v not in others else total
        return total

    def times(self, values: list[Value], shape: Shape) -> Value:
        """The Hadamard product of values of one shape."""
        make = self.arrays
        at = next((i for i, v in enumerate(values) if v.kind == "diagonal"), None)
        if at is not None:
            codes = [values[at].code, *(self.diagonal(v).code for i, v in enumerate(values) if i != at)]
            return Value("diagonal", shape, (reduce(make.multiply, codes),))
        apart: list[Value] = []
        for v in values:
            if v.kind == "outer":
                apart += [Value("column", shape, v.codes[:1]), Value("row", shape, v.codes[1:])]
            else:
                apart.append(self.spread(v))
        kind, codes = self.broadcast(apart)
        codes.sort(key=lambda c: c.ndim)
        return Value(kind, shape, (reduce(make.multiply, codes),))

    def scaled(self, s: Code, v: Value, divide: bool = False) -> Value:
        """s v, or v / s."""

        def join(c: Code) -> Code:
            return self.arrays.divide(c, s) if divide else self.arrays.multiply(s, c)

        match v.kind:
            case "outer":
                return replace(v, codes=(join(v.codes[0]), v.codes[1]))
            case "rows" | "spectral":
                return replace(v, codes=(v.code, join(v.codes[1])))
            case "unit":
                return replace(v, codes=(v.code, join(v.codes[1] if len(v.codes) > 1 else self.arrays.number(1))))
            case "blocks":
                return replace(v, data=self.blocks.scaled(s, v.data, divide))
            case "sum":
                return replace(v, parts=tuple(self.scaled(s, p, divide) for p in v.parts))
            case "kron":
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
        if v.kind == "diagonal":
            return Value("full" if v.code.ndim else "const", shape, v.codes)
        return self.full(self.arrays.diagonal(self.dense(v)), shape)

    def trace(self, v: Value) -> Code:
        if v.kind == "spectral":
            return self.arrays.sum(v.codes[1])
        if v.kind == "diagonal":
            return self.total(v)
        code = self.dense(v)
        return self.arrays.call(F.TRACE, code.args[0] if code.form is F.T else code, plain=False)

    def total(self, v: Value) -> Code:
        """The sum of all entries."""
        make, (rows, columns) = self.arrays, v.shape
        if v.kind == "const":
            return make.multiply(v.code, make.size(rows * columns))
        if v.kind == "diagonal":
            return make.sum(v.code) if v.code.ndim else make.multiply(make.size(rows), v.code)
        return make.sum(self.dense(v))

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
