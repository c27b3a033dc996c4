"""Products of values, in the cheapest order, which keep structure as long as it pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce

from matcalc.expr.dims import Shape, Size
from matcalc.limits import LONGEST_CHAIN, LONGEST_FORM
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.costs import work
from matcalc.programs.forms import Code
from matcalc.programs.kronecker import commuted, commuted_sum, kron, product_of_blocks
from matcalc.programs.layouts import product_of_layouts
from matcalc.programs.linear import Linear
from matcalc.programs.order import NEARLY, Order, Split, There
from matcalc.programs.values import LAZY, Value


class Structured(Linear):
    """The algebra of values; products are ordered for the given sizes."""

    def __init__(self, arrays: Arrays, order: Order) -> None:
        super().__init__(arrays)
        self.order = order

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

    def fold(self, values: Sequence[Value], there: There = lambda *_: False) -> Value:
        """The product of values, multiplied in the cheapest order; among equal ones by products that are `there`."""
        if len(values) > LONGEST_CHAIN:
            if values[-1].shape[1] == 1:
                return reduce(lambda right, left: self.multiply(left, right), values[-2::-1], values[-1])
            return reduce(self.multiply, values)
        return self.built(values, self.order.best(values, there=there), 0, len(values) - 1)

    def built(self, values: Sequence[Value], best: Mapping[tuple[int, int], Split], i: int, j: int) -> Value:
        """The product of values[i] … values[j] in the order found by `best`."""
        if i == j:
            return values[i]
        k = best[i, j][1]
        return self.multiply(self.built(values, best, i, k), self.built(values, best, k + 1, j))

    def _ordered(self, piece: list[Value]) -> Value:
        if len(piece) == 3 and piece[0].kind == piece[2].kind == "const" and piece[0].shape[0] == piece[2].shape[1] == 1:
            scale = self.arrays.multiply(piece[0].code, piece[2].code)
            return self.full(self.arrays.multiply(scale, self.total(piece[1])), (1, 1))
        between = piece[0].shape[0] == piece[-1].shape[1] == 1 and 2 < len(piece) <= LONGEST_FORM and not self.order.fixed
        if between and all(v.kind in ("full", "inverse") for v in piece):
            return self._between(piece)
        return product_of_blocks(self, commuted(piece)) or product_of_layouts(self, piece) or self.fold(commuted(piece), self.is_there)

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

    def multiply(self, a: Value, b: Value) -> Value:
        """The product of two values, none of whose outer sizes is cut: a matrix, a vector or a scalar."""
        make, shape = self.arrays, (a.shape[0], b.shape[1])
        if a.kind == b.kind == "spectral" and a.code is b.code:
            return replace(a, codes=(a.code, make.multiply(a.codes[1], b.codes[1])))
        if "spectral" in (a.kind, b.kind):
            a, b = (self.full(self.dense(v), v.shape) if v.kind == "spectral" else v for v in (a, b))
        if a.kind == "kron" and b.kind == "kron" and all(p.shape[1] == q.shape[0] for p, q in zip(a.parts, b.parts, strict=True)):
            return kron(self, *(self.chain([p, q]) for p, q in zip(a.parts, b.parts, strict=True)))
        if a.kind == "blocks" and shape[1] == 1 and not a.data.outer:
            return self.full(self.blocks.times_vector(a.data, self.dense(b)), shape)
        if "blocks" in (a.kind, b.kind):
            made = product_of_blocks(self, [a, b])
            if made is not None:
                return made
        if a.kind == "blocks" and a.data.columns == 1 and b.kind == "full" and b.is_array and all(t.kind == "outer" for t in a.data.terms):
            return self.full(self.blocks.times_rows(a.data, self.dense(b)), shape)
        if b.kind == "blocks" and b.data.rows == 1 and a.kind == "full" and a.is_array:
            return self.transpose(self.multiply(self.transpose(b), self.transpose(a)))
        if a.kind == "commutation" and (swapped := commuted_sum(self, a, b)):
            return swapped
        if b.kind == "sum" and a.kind != "sum" and 1 not in b.shape and self._opens(b, a.shape[0]):
            return self.added([self.multiply(a, p) for p in b.parts], shape)
        if a.kind == "kron" and b.kind != "diagonal":
            return self._kron_times(a, b)
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

    def _kron_times(self, a: Value, b: Value) -> Value:
        """(P ⊗ Q) b without the Kronecker product: with b row by row in a matrix Z, P Z Q'."""
        make, shape = self.arrays, (a.shape[0], b.shape[1])
        left, right = a.parts
        (p, q), (r, s) = left.shape, right.shape
        if b.shape[1] == 1:
            z = self.full(make.reshape(self.dense(b), q, s) if 1 not in (q, s) else self.dense(b), (q, s))
            return self.full(make.flat(self.dense(self.chain([left, z, self.transpose(right)]))), shape)
        c = b.shape[1]
        cube = make.call(F.CUBE, self.dense(b), make.size(q), make.size(s), make.size(c), shape=(q, s, c))
        for part, form, rows in ((right, F.MATMULS, q), (left, F.TENSORDOT, p)):
            if not (part.kind == "diagonal" and not part.code.ndim):
                cube = make.call(form, self.two_d(part), cube, shape=(rows, r, c))
            elif not F.is_number(part.code, 1):
                cube = make.multiply(part.code, cube)
        out = make.call(F.RESHAPE, cube, make.size(shape[0]), make.size(c), shape=(shape[0], c))
        return self.full(make.flat(out) if shape[0] == 1 else out, shape)

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
        return self.full(self.total(b) if b.shape[1] == 1 else self.arrays.sum_columns(self.dense(b)), (1, b.shape[1]))

    def _diagonal_times(self, a: Value, b: Value) -> Value:
        make, d = self.arrays, a.code
        if not d.ndim:
            return self.scaled(d, b)
        match b.kind:
            case "diagonal":
                return replace(b, codes=(make.multiply(d, b.code),))
            case "column" | "outer":
                return replace(b, codes=(make.multiply(d, b.codes[0]), *b.codes[1:]), symmetric=False)
        dense = self.dense(b)
        return self.full(make.multiply(make.column(d) if b.is_array else d, dense), b.shape)

    def inner(self, a: Value, b: Value) -> Code:
        """tr(a b)."""
        if a.kind == "diagonal" or b.kind == "diagonal":
            d, other = (a, b) if a.kind == "diagonal" else (b, a)
            if not d.code.ndim:
                return self.arrays.multiply(d.code, self.trace(other))
            return self.arrays.matmul(d.code, self.dense(self.diagonal(other)))
        if "sum" in (a.kind, b.kind):
            pairs = [(p, b) for p in a.parts] if a.kind == "sum" else [(a, p) for p in b.parts]
            return reduce(self.arrays.add, [self.inner(p, q) for p, q in pairs])
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
