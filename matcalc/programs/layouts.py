"""Products that are one small matrix per sample in disguise: Kronecker products, Khatri–Rao products, Diag and K, from either side.

The inner index of (A ⊗ X') Diag(v) (B ⊗ X) is a pair of a block and a sample, the index of the rows of X.  In (X' ⊗ A) Diag(v) (X ⊗ B)
it is a pair of a sample and a block, and a commutation matrix turns one into the other.  So the product is followed from left
to right with the *layout* of that pair; each factor is one small matrix per sample in its layout, and the product is that of
the small matrices, between X' and X.  What a pattern is worth, its mirror image is worth.

| factor                      | inner index after it    | small matrix of sample i |
|-----------------------------|-------------------------|--------------------------|
| A ⊗ X', X' ⊗ A              | (block, i), (i, block)  | A, beside row i of X     |
| A ⊗ I, I ⊗ A                | (block, i), (i, block)  | A                        |
| Diag(v)                     | as before               | Diag of the part of v    |
| K                           | the other one           | I                        |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matcalc.expr.dims import Shape, Size
from matcalc.programs import forms as F
from matcalc.programs.diagonal_blocks import Blocks, Term
from matcalc.programs.forms import Code
from matcalc.programs.linear import Linear
from matcalc.programs.values import Value

BLOCK_FIRST, SAMPLE_FIRST = "block, sample", "sample, block"
OTHER = {BLOCK_FIRST: SAMPLE_FIRST, SAMPLE_FIRST: BLOCK_FIRST}


@dataclass(frozen=True)
class Side:
    """The first factor: X, whether the rows are ordered by it first, small matrices, and the layout after it."""

    samples: Size
    x: Code
    swapped: bool
    inside: tuple[Blocks, ...]
    layout: str


def product_of_layouts(algebra: Linear, factors: Sequence[Value]) -> Value | None:
    """The product as small matrices, one per sample; None where it is none of these."""
    if len(factors) < 2 or any(1 in f.shape for f in factors) or not any(f.kind == "kron" for f in factors):
        return None
    work = _Layouts(algebra)
    shape = (factors[0].shape[0], factors[-1].shape[1])
    return work.between(factors, shape, mirrored=False) or work.of_blocks(factors, shape) or work.between(factors, shape)


class _Layouts:
    def __init__(self, algebra: Linear) -> None:
        self.algebra, self.arrays, self.blocks = algebra, algebra.arrays, algebra.blocks

    # --- the whole product ------------------------------------------------------------------------------------

    def of_blocks(self, factors: Sequence[Value], shape: Shape) -> Value | None:
        """A product with no X at its ends: block diagonal, in the order of the blocks or of the samples."""
        at = next((i for i, f in enumerate(factors) if f.kind != "commutation"), 0)
        first = factors[at]
        if first.kind != "kron":
            return None
        for part, layout in ((first.parts[1], BLOCK_FIRST), (first.parts[0], SAMPLE_FIRST)):
            if part.kind == "diagonal":
                layout = OTHER[layout] if at % 2 else layout
                found = self.walk(factors, part.shape[0], layout)
                if found is not None and found[1] == layout:
                    made = self.blocks.product(found[0])
                    return Value("blocks", shape, data=replace(made, outer=layout == SAMPLE_FIRST))
        return None

    def between(self, factors: Sequence[Value], shape: Shape, mirrored: bool = True) -> Value | None:
        """(A ⊗ X') … (B ⊗ Y), and what K makes of it."""
        first, *middle, last = factors
        best: tuple[Side, Side, list[Blocks]] | None = None
        for left in self.sides(first):
            found = self.walk(middle, left.samples, left.layout)
            if found is None:
                continue
            for right in self.sides(self.algebra.transpose(last)):
                if right.samples != left.samples or found[1] != right.layout or not mirrored and (left.swapped or right.swapped):
                    continue
                inside = [*left.inside, *found[0], *(self.blocks.transpose(w) for w in reversed(right.inside))]
                if best is None or left.x is right.x:
                    best = left, right, inside
        return self.gram(*best, shape) if best else None

    def gram(self, left: Side, right: Side, inside: Sequence[Blocks], shape: Shape) -> Value | None:
        make = self.arrays
        if not inside:
            return None
        w = self.blocks.product(inside)
        p, q = w.rows, w.columns
        a, b = left.x.shape[1], right.x.shape[1]
        if (p * a, q * b) != shape:
            return None
        same = all(t.kind == "scale" and not t.codes[0].ndim for t in w.terms)
        if same or self.blocks.full(w).ndim < 3:  # one small matrix for all samples: a Kronecker product is less
            return None
        made = self.blocks.gram(left.x, w, right.x)
        if not (left.swapped or right.swapped) or 1 in (p, q, a, b) and not (left.swapped and p != 1 or right.swapped and q != 1):
            return self.algebra.full(made, shape)
        form = F.SWAPPED_SIDES[left.swapped, right.swapped]
        sizes = [make.size(n) for n in (p, a, q, b, *shape)]
        return self.algebra.full(make.call(form, made, *sizes, shape=shape), shape)

    # --- factors ----------------------------------------------------------------------------------------------

    def walk(self, factors: Sequence[Value], m: Size, layout: str) -> tuple[list[Blocks], str] | None:
        """The small matrices of the factors for m samples, and the layout after them."""
        out: list[Blocks] = []
        for f in factors:
            if f.kind == "commutation":
                a, b = f.data
                if (b if layout == BLOCK_FIRST else a) != m:
                    return None
                layout = OTHER[layout]
                continue
            made = self.small(f, m, layout)
            if made is None:
                return None
            out.append(made)
        return out, layout

    def small(self, f: Value, m: Size, layout: str) -> Blocks | None:
        if layout != SAMPLE_FIRST:
            return self.blocks.of(f, m)
        if f.kind == "diagonal":
            return self.blocks.of_diagonal(f, m, samples_first=True)
        if f.kind == "kron" and f.parts[0].kind == "diagonal" and f.parts[0].shape == (m, m):
            return self.blocks.of(replace(f, parts=f.parts[::-1]), m)
        return None

    def beside(self, a: Value, m: Size, w: Code) -> tuple[Blocks, ...] | None:
        """The small matrices w_i A of m samples."""
        if a.kind == "diagonal" and F.is_number(a.code, 1) and F.is_number(w, 1):
            return (Blocks(m, a.shape[0], a.shape[0], (Term("scale", (w,)),)),)
        found = self.blocks.of(Value("kron", (a.shape[0] * m, a.shape[1] * m), parts=(a, Value("diagonal", (m, m), (w,)))), m)
        return (found,) if found is not None else None

    def sides(self, f: Value) -> Iterator[Side]:
        """The sides that a factor can have at the left end."""
        if f.kind != "kron":
            return
        for x, a, layout in ((f.parts[1], f.parts[0], BLOCK_FIRST), (f.parts[0], f.parts[1], SAMPLE_FIRST)):
            if x.kind != "full" or not x.is_array:
                continue
            code, w = x.code, self.arrays.number(1)
            if code.form is F.TIMES and code.args[0].form is F.T and code.args[1].ndim == 1:  # X' Diag(w)
                code, w = code.args
            small = self.beside(a, x.shape[1], w)
            if small is not None:
                yield Side(x.shape[1], self.arrays.transpose(code), layout == SAMPLE_FIRST, small, layout)
