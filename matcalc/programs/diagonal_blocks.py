"""Block matrices whose blocks are diagonal: what Hessians of functions of the rows of X W are made of.

Such a matrix W, of p × q blocks of size m × m, is one small p × q matrix W_i for each sample i = 1 … m.  It is kept as a sum
of terms, each a product per sample; between I ⊗ X' and I ⊗ X it becomes one product of Khatri–Rao rows, or a loop over
the blocks of a block diagonal matrix, but never a Kronecker product.

| kind   | codes   | W_i                                                |
|--------|---------|----------------------------------------------------|
| scale  | p       | Diag(p_i); the rows of p have q entries, or 1      |
| outer  | u, v    | u_i v_i'                                           |
| inside | a, p, b | a Diag(p_i) b                                      |
| full   | w       | w_i, of an array w: (m, p, q)                      |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from matcalc.expr.dims import Size, divide
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.forms import Code

if TYPE_CHECKING:
    from matcalc.programs.values import Value


APART = ("const", "column", "row", "outer")  # values that are a product u v'


@dataclass(frozen=True, slots=True)
class Term:
    """One of the products above."""

    kind: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The sum of `terms`: rows × columns blocks, each of size samples × samples."""

    samples: Size
    rows: Size
    columns: Size
    terms: tuple[Term, ...]
    outer: bool = False  # whether its rows and columns are ordered by the samples first


class BlockAlgebra:
    """Reads, scales, multiplies and writes block matrices, in code made by `arrays`."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    # --- from values ------------------------------------------------------------------------------------------

    def of(self, v: Value, m: Size) -> Blocks | None:
        """The value as a block matrix with blocks of size m, if it is one."""
        if v.kind == "blocks":
            return v.data if v.data.samples == m and not v.data.outer else None
        if v.kind == "diagonal":
            return self.of_diagonal(v, m)
        if v.kind == "kron" and v.parts[1].kind == "diagonal" and v.parts[1].shape == (m, m):
            left, right = v.parts
            (p, q), d = left.shape, right.code
            scale = self.arrays.column(d) if d.ndim else d
            if left.kind == "diagonal":
                row = self.arrays.row(left.code) if left.code.ndim else left.code
                return Blocks(m, p, q, (Term("scale", (self.arrays.multiply(row, scale),)),))
            if left.kind in APART:
                one = (self.arrays.number(1),)
                sides = ((one + left.codes) if left.kind == "row" else (left.codes + one))[:2]
                before, after = (self.arrays.row(c) if c.ndim else c for c in sides)
                return Blocks(m, p, q, (Term("outer", (self.arrays.multiply(before, scale), after)),))
            if left.kind != "full" or 1 in left.shape:
                return None
            return Blocks(m, p, q, (Term("inside", (left.code, scale, self._eye(q))),))
        if v.kind == "sum":
            parts = [self.of(p, m) for p in v.parts]
            if any(p is None for p in parts):
                return None
            terms = tuple(t for p in parts if p is not None for t in p.terms)
            first = parts[0]
            assert first is not None
            return Blocks(m, first.rows, first.columns, terms)
        return None

    def of_diagonal(self, v: Value, m: Size, samples_first: bool = False) -> Blocks | None:
        """Diag(d), whose entries are ordered by the blocks first, or by the samples."""
        count = divide(v.shape[0], m)
        if count is None:
            return None
        make, d = self.arrays, v.code
        if d.ndim:
            d = make.reshape(d, m, count) if samples_first else make.transpose(make.reshape(d, count, m))
        return Blocks(m, count, count, (Term("scale", (d,)),))

    def _eye(self, n: Size) -> Code:
        return self.arrays.call(F.EYE, self.arrays.size(n), shape=(n, n))

    def beside(self, row: Code, count: Size, w: Blocks) -> Blocks:
        """row ⊗ W, for a W of one column of blocks."""
        make = self.arrays
        terms = tuple(Term("outer", (t.codes[0], make.multiply(row, t.codes[1]))) for t in w.terms)
        return Blocks(w.samples, w.rows, count, terms)

    # --- products ---------------------------------------------------------------------------------------------

    def scaled(self, s: Code, w: Blocks, below: bool = False) -> Blocks:
        def by(t: Term) -> Term:
            at = 1 if t.kind == "inside" else 0
            made = self.arrays.divide(t.codes[at], s) if below else self.arrays.multiply(s, t.codes[at])
            return Term(t.kind, (*t.codes[:at], made, *t.codes[at + 1 :]))

        return replace(w, terms=tuple(map(by, w.terms)))

    def transpose(self, w: Blocks) -> Blocks:
        return replace(w, rows=w.columns, columns=w.rows, terms=tuple(map(self._turned, w.terms)))

    def _turned(self, t: Term) -> Term:
        make = self.arrays
        match t.kind:
            case "outer":
                return Term("outer", (t.codes[1], t.codes[0]))
            case "inside":
                a, p, b = t.codes
                return Term("inside", (make.transpose(b), p, make.transpose(a)))
            case "full":
                (w,) = t.codes
                return Term("full", (self._swapped(w),))
        return t

    def _swapped(self, w: Code) -> Code:
        """Each small matrix transposed; what only spreads over rows is spread over columns instead."""
        if w.form in (F.DEEP, F.MIDDLE):
            return self._middle(w.args[0]) if w.form is F.DEEP else self._deep(w.args[0])
        if w.form is F.SWAPPED:
            return w.args[0]
        spread = any(a.form in (F.DEEP, F.MIDDLE, F.SWAPPED) for a in w.args)
        if w.form is F.TIMES and spread and all(a.ndim in (0, 3) for a in w.args):
            return self.arrays.multiply(*(self._swapped(a) if a.ndim else a for a in w.args))
        return self.arrays.call(F.SWAPPED, w, shape=(w.shape[0], w.shape[2], w.shape[1]))

    def product(self, factors: Sequence[Blocks]) -> Blocks:
        """The product, from the middle outwards: where a vector per sample is, small matrices stay unformed."""
        middle = min(range(len(factors)), key=lambda i: (all(t.kind != "outer" for t in factors[i].terms), abs(2 * i - len(factors) + 1)))
        out, before, after = factors[middle], list(factors[:middle]), list(factors[middle + 1 :])
        while before or after:
            from_left = bool(before) and (not after or self._is_easy(before[-1], out) or not self._is_easy(after[0], self.transpose(out)))
            out = self.times(before.pop(), out) if from_left else self.times(out, after.pop(0))
        return out

    def _is_easy(self, left: Blocks, w: Blocks) -> bool:
        """Whether left · w leaves products unformed."""
        if any(t.kind == "inside" for t in left.terms):
            return True
        return all(t.kind in ("scale", "outer") or t.kind == "inside" and t.codes[0].form is F.EYE for t in w.terms)

    def times(self, v: Blocks, w: Blocks) -> Blocks:
        """The product of the small matrices, sample by sample."""
        terms = [self._product(s, t, v, w) for s in v.terms for t in w.terms]
        return Blocks(v.samples, v.rows, w.columns, tuple(terms))

    def _product(self, s: Term, t: Term, v: Blocks, w: Blocks) -> Term:
        make = self.arrays
        if s.kind == "scale":
            return self._rows_scaled(s.codes[0], t, w)
        if t.kind == "scale":
            return self._turned(self._rows_scaled(t.codes[0], self._turned(s), self.transpose(v)))
        if s.kind == "outer":
            return Term("outer", (s.codes[0], self._row_times(s.codes[1], t, v.columns)))
        if t.kind == "outer":
            return Term("outer", (self._row_times(t.codes[0], self._turned(s), w.rows), t.codes[1]))
        if s.kind == t.kind == "inside":  # a Diag(p) b c Diag(q) d, where one of p and q is a number per sample
            (a, p, b), (c, q, d) = s.codes, t.codes
            if q.ndim < 2 or q.shape[1] == 1:
                return Term("inside", (a, make.multiply(p, q), make.matmul(make.matmul(b, c), d)))
        full = make.call(F.MATMULS, self._full(s, v), self._full(t, w), shape=(v.samples, v.rows, w.columns))
        return Term("full", (full,))

    def _rows_scaled(self, p: Code, t: Term, w: Blocks) -> Term:
        make = self.arrays
        if t.kind in ("scale", "outer"):
            return Term(t.kind, (make.multiply(p, t.codes[0]), *t.codes[1:]))
        if t.kind == "inside" and (t.codes[0].form is F.EYE or p.ndim < 2 or p.shape[1] == 1):
            return Term("inside", (t.codes[0], make.multiply(p, t.codes[1]), t.codes[2]))
        return Term("full", (make.multiply(self._deep(p) if p.ndim else p, self._full(t, w)),))

    def _row_times(self, x: Code, t: Term, inner: Size) -> Code:
        """x_i' W_i, for each sample; what has one entry in a row stands for `inner` of them."""
        make = self.arrays
        if t.kind in ("inside", "full"):
            x = self._spread(x, inner)
        match t.kind:
            case "scale":
                return make.multiply(x, t.codes[0])
            case "inside":
                a, p, b = t.codes
                return make.matmul(make.multiply(make.matmul(x, a), p), b)
            case "outer":
                u, v = t.codes
                each = make.multiply(x, u)
                if each.ndim == 2 and each.shape[1] == inner:
                    return make.multiply(make.column(make.sum_rows(each)), v)
                return make.multiply(make.multiply(make.size(inner), each), v)
        (w,) = t.codes
        made = make.call(F.MATMULS, self._middle(x), w, shape=(w.shape[0], 1, w.shape[2]))
        return make.call(F.FIRST, made, shape=(w.shape[0], w.shape[2]))

    def times_vector(self, w: Blocks, x: Code) -> Code:
        """W x: each small matrix times its part of x."""
        make = self.arrays
        parts = make.transpose(make.reshape(x, w.columns, w.samples))
        rows = [self._row_times(parts, t, w.columns) for t in self.transpose(w).terms]
        return make.flat(make.transpose(reduce(make.add, rows)))

    def times_rows(self, w: Blocks, x: Code) -> Code:
        """W X for one column of blocks u_i v_i: the multiples of each row of X by the entries of its u_i v_i."""
        make, shape = self.arrays, (w.rows * w.samples, x.shape[1])
        entries = reduce(make.add, [make.multiply(*t.codes) for t in w.terms])
        if x.form is F.T:  # whose entries are one after the other along its columns
            (y,) = x.args
            cube = make.multiply(self._deep(y), entries) if w.outer else make.multiply(self._middle(y), make.transpose(entries))
            return make.transpose(make.call(F.RESHAPE, cube, *map(make.size, shape[::-1]), shape=shape[::-1]))
        cube = make.multiply(self._deep(entries), self._middle(x)) if w.outer else make.multiply(self._deep(make.transpose(entries)), x)
        return make.call(F.RESHAPE, cube, *map(make.size, shape), shape=shape)

    # --- whole arrays -----------------------------------------------------------------------------------------

    def _deep(self, p: Code) -> Code:
        return self.arrays.call(F.DEEP, p, shape=(*p.shape, 1))

    def _spread(self, x: Code, n: Size) -> Code:
        """Rows of n entries, of what may have one for all."""
        if x.ndim == 2 and x.shape[1] == n:
            return x
        return self.arrays.multiply(x, self.arrays.call(F.ONES2, self.arrays.number(1), self.arrays.size(n), shape=(1, n)))

    def _middle(self, p: Code) -> Code:
        return self.arrays.call(F.MIDDLE, p, shape=(p.shape[0], 1, p.shape[1]))

    def _full(self, t: Term, w: Blocks) -> Code:
        """The term as an array (m, p, q)."""
        make = self.arrays
        shape = (w.samples, w.rows, w.columns)
        if t.kind == "full":
            return t.codes[0]
        if t.kind == "outer":
            u, v = (self._spread(x, n) for x, n in zip(t.codes, shape[1:], strict=True))
            return make.multiply(self._deep(u), self._middle(v))
        if t.kind == "scale":
            (p,) = t.codes
            if p.ndim < 2 or p.shape != shape[:2]:
                p = make.multiply(p, make.call(F.ONES2, make.size(shape[0]), make.size(shape[1]), shape=shape[:2]))
            return make.infix(F.TIMES, self._deep(p), self._eye(w.columns))
        a, p, b = t.codes
        if p.ndim == 0 or p.shape[1] == 1:
            made = make.matmul(a, b)
            return make.multiply(self._deep(p) if p.ndim else p, made)
        if b.form is F.EYE:
            return make.multiply(self._middle(p), a)
        if a.form is F.EYE:
            return make.multiply(self._deep(p), b)
        return make.call(F.INSIDE, a, p, b, shape=shape)

    def full(self, w: Blocks) -> Code:
        """The array (m, p, q) of all small matrices; what is diagonal in them is added in place."""
        make = self.arrays
        others = [self._full(t, w) for t in w.terms if t.kind != "scale"]
        scales = [t.codes[0] for t in w.terms if t.kind == "scale"]
        if not others:
            return self._full(Term("scale", (reduce(make.add, scales),)), w)
        total = reduce(make.add, sorted(others, key=lambda c: c.form is F.NEG))
        if not scales:
            return total
        return make.call(F.ADD_DIAGONALS, total, reduce(make.add, scales), make.size(w.columns), shape=total.shape)

    def dense(self, w: Blocks) -> Code:
        shape = (w.rows * w.samples, w.columns * w.samples)
        return self.arrays.call(F.OF_BLOCKS[w.outer], self.full(w), self.arrays.size(w.samples), shape=shape)

    def gram(self, x: Code, w: Blocks, y: Code) -> Code:
        """(I ⊗ x') W (I ⊗ y), for x and y with a row per sample."""
        make = self.arrays
        shape = (w.rows * x.shape[1], w.columns * y.shape[1])
        if all(t.kind == "scale" for t in w.terms):
            p = reduce(make.add, [t.codes[0] for t in w.terms])
            if p.ndim == 2 and p.shape == (w.samples, w.rows):
                return make.call(F.BLOCK_DIAGONAL_GRAM, x, p, y, shape=shape)
        if x is y and len(w.terms) == 1 and w.terms[0].kind == "outer" and len({*w.terms[0].codes}) == 1:  # J'J for rows u_i ⊗ x_i
            cube = make.multiply(self._deep(self._spread(w.terms[0].codes[0], w.rows)), self._middle(x))
            j = make.call(F.RESHAPE, cube, make.size(w.samples), make.size(shape[0]), shape=(w.samples, shape[0]))
            return make.matmul(make.transpose(j), j)
        full = self.full(w)
        if full.ndim < 3 or full.shape[0] == 1:  # one small matrix for all samples
            full = make.multiply(self._deep(make.call(F.ONES2, make.size(w.samples), make.number(1), shape=(w.samples, 1))), full)
        if x is y and w.rows == w.columns:
            return make.call(F.GRAM, x, full, shape=shape)
        return make.call(F.GRAM2, x, full, y, shape=shape)
