"""Arrays whose axes are known by name, for values that depend on indices: an index is an axis like rows and columns are.

A value that does not depend on an index lacks its axis.  Axes have one order, everywhere: those of indices, of inner sums first (so that
the long axis of the data is beside the columns, and BLAS multiplies long matrices), then rows, then columns.
A product of two is summed over axes by what is fastest:

| axes                                    | by                              |
|-----------------------------------------|---------------------------------|
| none is summed over                     | a * b, broadcast                |
| one, no other is shared                 | a @ b                           |
| some are shared, both have own ones     | a @ b of stacks of matrices     |
| some are shared, only one has own ones  | einsum: no array of products    |
| several are summed over                 | tensordot, or sum of a * b      |
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from matcalc.expr.dims import Shape, Size
from matcalc.programs import axis_forms as G
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays, broadcast
from matcalc.programs.forms import Code, Form

LETTERS = "ijklmabcdefghqrtuvwyz"  # of einsum; no two make the name of a module
LEFT, RIGHT = "←", "→"  # what the names of rows and of columns begin with; how many there are follows


@dataclass(frozen=True, slots=True)
class Tensor:
    """Code, and the names of its axes."""

    code: Code
    axes: tuple[str, ...]

    def renamed(self, names: Mapping[str, str]) -> Tensor:
        return Tensor(self.code, tuple(names.get(a, a) for a in self.axes))


class Axes:
    """Makes code of tensors; `sizes` and `ranks` are those of axes by name, ranks of indices only."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.sizes: dict[str, Size] = {}
        self.ranks: dict[str, int] = {}

    def ordered(self, axes: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(axes, key=self._place))

    def _place(self, axis: str) -> tuple[int, int, str]:
        if axis in self.ranks:
            return 0, self.ranks[axis], axis
        return {LEFT: 1, RIGHT: 3}.get(axis[0], 2), 0, axis

    def left(self, n: Size) -> str:
        """The axis of n rows; "" for one."""
        return self._end(LEFT, n)

    def right(self, n: Size) -> str:
        return self._end(RIGHT, n)

    def ends(self, shape: Shape) -> tuple[str, ...]:
        """The axes of an array of that shape."""
        return tuple(filter(None, (self.left(shape[0]), self.right(shape[1]))))

    def _end(self, side: str, n: Size) -> str:
        if n == 1:
            return ""
        self.sizes[f"{side}{n}"] = n
        return f"{side}{n}"

    def shape(self, axes: Sequence[str]) -> tuple[Size, ...]:
        return tuple(self.sizes[a] for a in axes)

    # --- views ----------------------------------------------------------------------------------------------------

    def permute(self, t: Tensor, axes: Sequence[str]) -> Code:
        """The code with its axes in this order."""
        if t.axes != tuple(axes) and (made := self._beside_number(self.permute, t, axes)):
            return made
        code, order = t.code, tuple(t.axes.index(a) for a in axes)
        if code.form.name in ("swapped", "permuted"):
            code, order = code.args[0], tuple(code.data[k] for k in order)
        if order == tuple(range(len(order))):
            return code
        if order == (1, 0):
            return self.arrays.transpose(code)
        return self.arrays.call(G.permuted(order), code, data=order, shape=self.shape(axes))

    def _beside_number(self, view: Callable[[Tensor, Sequence[str]], Code], t: Tensor, axes: Sequence[str]) -> Code | None:
        """A view without the number before an array, which is no part of it."""
        c, rest = self.arrays.coefficient(t.code)
        return self.arrays.multiply(c, view(Tensor(rest, t.axes), axes)) if rest is not t.code else None

    def aligned(self, t: Tensor, axes: Sequence[str]) -> Code:
        """The code to be broadcast with others that have the axes: it gets new ones where it lacks some behind its first."""
        own = [a for a in axes if a in t.axes]
        if t.axes != tuple(axes) and (made := self._beside_number(self.aligned, t, axes)):
            return made
        code = self.permute(t, own)
        if not own:
            return code
        behind = axes[axes.index(own[0]) :]
        new = tuple(a not in own for a in behind)
        if not any(new):
            return code
        return self.arrays.call(
            G.inserted(new), code, shape=tuple(1 if is_new else self.sizes[a] for a, is_new in zip(behind, new, strict=True))
        )

    def whole(self, t: Tensor, axes: Sequence[str]) -> Code:
        """The code with exactly these axes, also those along which it is constant."""
        lacking = [a for a in axes if a not in t.axes]
        if not lacking:
            return self.permute(t, axes)
        make = self.arrays
        for a in lacking:
            ones = Tensor(make.call(F.ONES, make.size(self.sizes[a]), shape=(self.sizes[a],)), (a,))
            t = self.multiplied([t, ones])
        return self.permute(t, axes)

    # --- elementwise ----------------------------------------------------------------------------------------------

    def union(self, tensors: Sequence[Tensor]) -> tuple[str, ...]:
        return self.ordered({a for t in tensors for a in t.axes})

    def _joined(self, join: Callable[[Code, Code], Code], a: Tensor, b: Tensor) -> Tensor:
        axes = self.union([a, b])
        return Tensor(join(self.aligned(a, axes), self.aligned(b, axes)), axes)

    def multiplied(self, tensors: Sequence[Tensor]) -> Tensor:
        """The product; tensors of few axes are multiplied first."""
        return reduce(partial(self._joined, self.arrays.multiply), sorted(tensors, key=lambda t: len(t.axes)))

    def divided(self, t: Tensor, by: Tensor) -> Tensor:
        return self._joined(self.arrays.divide, t, by)

    def added(self, tensors: Sequence[Tensor]) -> Tensor:
        return reduce(partial(self._joined, self.arrays.add), tensors)

    def mapped(self, form: Form, tensors: Sequence[Tensor]) -> Tensor:
        """A form of operands that are broadcast."""
        axes = self.union(tensors)
        codes = [self.aligned(t, axes) for t in tensors]
        return Tensor(self.arrays.call(form, *codes, shape=broadcast(*(c.shape for c in codes)), plain=False), axes)

    # --- sums over axes -------------------------------------------------------------------------------------------

    def summed(self, t: Tensor, over: Collection[str]) -> Tensor:
        places = tuple(i for i, a in enumerate(t.axes) if a in over)
        if not places:
            return t
        make, rest = self.arrays, tuple(a for a in t.axes if a not in over)
        if not rest:
            return Tensor(make.sum(t.code), rest)
        if len(t.axes) == 2:
            return Tensor(make.sum_rows(t.code) if places == (1,) else make.sum_columns(t.code), rest)
        form = G.SUM_LAST if places == (len(t.axes) - 1,) else G.summed(places)
        return Tensor(make.call(form, t.code, shape=self.shape(rest)), rest)

    def contracted(self, a: Tensor, b: Tensor, keep: Collection[str]) -> Tensor:
        """The product of two, summed over the axes that are not to be kept."""
        a = self.summed(a, {x for x in a.axes if x not in keep and x not in b.axes})
        b = self.summed(b, {x for x in b.axes if x not in keep and x not in a.axes})
        over = [x for x in a.axes if x in b.axes and x not in keep]
        if not over:
            return self.multiplied([a, b])
        batch = [x for x in a.axes if x in b.axes and x in keep]
        own = [tuple(x for x in t.axes if x not in over and x not in batch) for t in (a, b)]
        if batch:
            if all(own) and len(over) == 1:
                return self._of_stacks(a, b, over[0], batch)
            return self._einsum(a, b, self.ordered((*batch, *own[0], *own[1])))
        if not own[0] or own[1] and (*own[0], *own[1]) != self.ordered((*own[0], *own[1])):
            a, b, own = b, a, own[::-1]
        if not own[0] and not own[1]:
            over = list(self.ordered(over))
            return Tensor(self.arrays.inner(self.permute(a, over), self.permute(b, over)), ())
        if len(over) == 1:
            return self._product(a, b, over[0], own[0], own[1])
        places = [tuple(t.axes.index(x) for x in over) for t in (a, b)]
        return self._settled(
            self.arrays.call(G.tensordot(*places), a.code, b.code, shape=self.shape((*own[0], *own[1]))), (*own[0], *own[1])
        )

    def _product(self, a: Tensor, b: Tensor, k: str, rows: tuple[str, ...], columns: tuple[str, ...]) -> Tensor:
        """Of matrices, or of more axes, over one axis that is no batch."""
        axes, make = (*rows, *columns), self.arrays
        if len(rows) <= 1 and len(columns) <= 1:
            return self._settled(make.matmul(self.permute(a, (*rows, k)), self.permute(b, (k, *columns))), axes)
        if len(columns) <= 1 and a.axes[-1] == k:
            return self._settled(make.call(F.MATMULS, a.code, self.permute(b, (k, *columns)), shape=self.shape(axes)), axes)
        places = (a.axes.index(k),), (b.axes.index(k),)
        return self._settled(make.call(G.tensordot(*places), a.code, b.code, shape=self.shape(axes)), axes)

    def _of_stacks(self, a: Tensor, b: Tensor, k: str, batch: Sequence[str]) -> Tensor:
        """Stacks of matrices multiplied; of axes that only one of them has, the last are rows or columns, the others stacks too."""
        rows, columns = ([x for x in self.ordered(t.axes) if x not in batch and x != k][-1] for t in (a, b))
        if self._place(columns) < self._place(rows):
            a, b, rows, columns = b, a, columns, rows
        outer = self.ordered({x for t in (a, b) for x in t.axes} - {rows, columns, k})
        left, right = self.aligned(a, (*outer, rows, k)), self.aligned(b, (*outer, k, columns))
        axes = (*outer, rows, columns)
        return self._settled(self.arrays.call(F.MATMULS, left, right, shape=self.shape(axes)), axes)

    def _einsum(self, a: Tensor, b: Tensor, axes: Sequence[str]) -> Tensor:
        letters = dict(zip(self.union([a, b]), LETTERS, strict=False))
        specs = ["".join(letters[x] for x in part) for part in (a.axes, b.axes, axes)]
        return Tensor(self.arrays.call(G.einsum(f"{specs[0]},{specs[1]}->{specs[2]}"), a.code, b.code, shape=self.shape(axes)), tuple(axes))

    def _settled(self, code: Code, axes: tuple[str, ...]) -> Tensor:
        """With its axes in their order."""
        order = self.ordered(axes)
        return Tensor(self.permute(Tensor(code, axes), order), order)

    def diagonal(self, t: Tensor) -> Tensor:
        """Where two axes have one name: the entries where they are equal."""
        axes = tuple(dict.fromkeys(t.axes))
        if axes == t.axes:
            return t
        make = self.arrays
        if len(t.axes) == 2:
            return Tensor(make.diagonal(t.code), axes)
        letters = dict(zip(axes, LETTERS, strict=False))
        specs = ["".join(letters[x] for x in part) for part in (t.axes, axes)]
        return Tensor(make.call(G.einsum("->".join(specs)), t.code, shape=self.shape(axes)), axes)

    # --- stretches and places -------------------------------------------------------------------------------------

    def slice(self, t: Tensor, axis: str, part: str, first: Size) -> Tensor:
        """The stretch of an axis from `first` on, as the axis `part`."""
        make, place = self.arrays, t.axes.index(axis)
        axes = (*t.axes[:place], part, *t.axes[place + 1 :])
        end = first + self.sizes[part]
        behind = self.sizes[axis] + -1 * end
        operands, bounds = [], []
        for value in (first, end if not isinstance(behind, int) else -behind):
            if isinstance(value, int):
                bounds.append(str(value or ""))
            else:
                operands.append(make.size(value))
                bounds.append(f"{{{len(operands)}}}")
        code = make.call(G.sliced(place, *bounds), t.code, *operands, shape=self.shape(axes))
        return self._settled(code, axes)

    def pad(self, t: Tensor, part: str, axis: str, first: Size) -> Tensor:
        """The stretch `part` in its place in the axis, zeros elsewhere."""
        make = self.arrays
        code = self.whole(t, self.ordered({*t.axes, part}))
        axes = tuple(axis if a == part else a for a in self.ordered({*t.axes, part}))
        place = axes.index(axis)
        behind = self.sizes[axis] + -1 * (first + self.sizes[part])
        form = G.padded(place, len(axes))
        return self._settled(make.call(form, code, make.size(first), make.size(behind), shape=self.shape(axes)), axes)

    def take(self, t: Tensor, axis: str, at: Tensor) -> Tensor:
        """The entries of an axis at the places `at`, which may depend on what the others do."""
        make, place = self.arrays, t.axes.index(axis)
        if not at.axes and len(t.axes) <= 2:
            rest = tuple(a for a in t.axes if a != axis)
            return Tensor(make.item(t.code, at.code) if place == 0 else make.pick(t.code, at.code), rest)
        if not any(a in t.axes for a in at.axes):
            first = self.ordered(at.axes)
            at = Tensor(self.permute(at, first), first)
            axes = (*t.axes[:place], *at.axes, *t.axes[place + 1 :])
            return self._settled(make.call(G.taken(place), t.code, at.code, shape=self.shape(axes), plain=False), axes)
        rest = self.ordered({*t.axes, *at.axes} - {axis})
        code = make.call(G.ALONG, self.aligned(t, (axis, *rest)), self.aligned(at, rest), shape=self.shape(rest))
        return Tensor(code, rest)

    def scatter(self, t: Tensor, axis: str, at: Tensor) -> Tensor:
        """The sums of the entries that `at` has at the same place of `axis`."""
        make, first = self.arrays, self.ordered(at.axes)
        at = Tensor(self.permute(at, first), first)
        axes = (*at.axes, *(a for a in self.ordered(t.axes) if a not in at.axes))
        code = self.whole(t, axes)
        out = (axis, *axes[len(at.axes) :])
        return self._settled(make.call(G.ADDED_AT, code, at.code, make.size(self.sizes[axis]), shape=self.shape(out)), out)
