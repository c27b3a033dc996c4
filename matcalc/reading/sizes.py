"""Sizes that are not known yet: unification of what undeclared names and `I` leave open with what is declared.

A size is an integer or a `Dim` where it is known, a `Free` where it follows from its place.  A free size of a variable is
never 1: a matrix does not turn into a vector, nor a vector into a scalar, to make an expression fit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from matcalc.expr.dims import Dim, Size, divide, symbol
from matcalc.reading.evidence import INNER
from matcalc.reading.symbols import plus
from matcalc.reading.tree import COLON, KHATRI_RAO, KRON, MATMUL, OVER, TIMES, Operator


class Free:
    """A size to be found; `to` is what it was unified with, `rank` bounds how long a way others have to it.

    `one` says that it may be 1: the sizes within a signature may, as in blockinner(x, y) of vectors.
    """

    __slots__ = ("to", "rank", "one")

    def __init__(self, one: bool = False) -> None:
        self.to: int | Dim | Free | None = None
        self.rank = 0
        self.one = one


Rough = int | Dim | Free
RoughShape = tuple[Rough, Rough]
SCALAR: RoughShape = (1, 1)


class Made(NamedTuple):
    """A size that is the product, or the sum, of others."""

    whole: Free
    parts: tuple[Rough, ...]
    sum: bool

    def known(self) -> Size:
        """The sum or product of the parts that are known."""
        out: Size = 0 if self.sum else 1
        for part in map(find, self.parts):
            if not isinstance(part, Free):
                out = plus(out, part) if self.sum else part * out
        return out

    def open(self) -> list[Free]:
        return [p for p in map(find, self.parts) if isinstance(p, Free)]

    def rest(self, whole: Size, count: int) -> Size | None:
        """The size of each of `count` equal open parts of a known whole; None where there is none."""
        return divide(plus(whole, -1 * self.known()), count) if self.sum else divide(whole, self.known()) if count == 1 else None


class Sizes:
    """The free sizes of one reading, the products and sums among them, and a trail to take unifications back."""

    def __init__(self) -> None:
        self.free: list[Free] = []
        self.trail: list[Free] = []
        self.made: list[Made] = []
        self.beside: list[list[tuple[Rough, Rough, bool]]] = []  # equal where nothing tells; whether one is of a block of zeros
        self.least: list[Free] = []  # those that are 1 where nothing tells them

    def new(self, one: bool = False) -> Free:
        made = Free(one)
        self.free.append(made)
        return made

    def product(self, factors: tuple[Rough, ...]) -> Rough:
        """The product of sizes, as in the shape of a Kronecker product or a vec."""
        more = tuple(f for f in factors if f != 1)
        made = Made(Free(one=all(isinstance(f, Free) and f.one for f in map(find, more))), more, False)
        open_ = made.open()
        if not open_:
            return made.known()
        if len(open_) == 1 and made.known() == 1:
            return open_[0]
        self.made.append(made)
        return made.whole

    def total(self, parts: tuple[Rough, ...]) -> Rough:
        """The sum of sizes, as of blocks beside each other."""
        made = Made(Free(), parts, True)
        if len(parts) == 1 or not made.open():
            return parts[0] if len(parts) == 1 else made.known()
        self.free.append(made.whole)
        self.made.append(made)
        return made.whole

    def unify(self, a: Rough, b: Rough) -> bool:
        """Makes two sizes equal; False where they cannot be."""
        a, b = find(a), find(b)
        if a is b:
            return True
        if isinstance(b, Free) and not isinstance(a, Free):
            a, b = b, a
        if not isinstance(a, Free):
            return a == b
        if isinstance(b, Free):
            if b.one != a.one and b.one or b.one == a.one and b.rank < a.rank:
                a, b = b, a
            b.rank = max(b.rank, a.rank + 1)
        elif isinstance(b, int) and b <= 1 - a.one:
            return False
        a.to = b
        self.trail.append(a)
        return True

    def same(self, a: RoughShape, b: RoughShape) -> bool:
        return self.unify(a[0], b[0]) and self.unify(a[1], b[1])

    def mark(self) -> tuple[int, int]:
        return len(self.trail), len(self.made)

    def undo(self, mark: tuple[int, int]) -> None:
        """Takes back everything since `mark`."""
        while len(self.trail) > mark[0]:
            self.trail.pop().to = None
        del self.made[mark[1] :]

    def _align(self, pairs: list[tuple[Rough, Rough, bool]]) -> None:
        """Makes the blocks of two stacks as high as each other, where some that are no zeros are; those of zeros then too."""
        aligned = [self.unify(a, b) for a, b, zeros in pairs if not zeros]
        self.solve()
        if aligned and all(aligned):
            for a, b, zeros in pairs:
                if zeros and self.unify(a, b):
                    self.least = [size for size in self.least if find(size) is not find(a)]
            self.solve()

    def settle(self, names: Iterator[str]) -> bool:
        """Gives what is still open in products and sums that are solved a name; False where one does not come out."""
        for pairs in self.beside:
            self._align(pairs)
        for size in self.least:
            if isinstance(end := find(size), Free):
                end.one = True
                self.unify(end, 1)
        self.solve()
        wholes = {id(find(made.whole)) for made in self.made}
        for size in self.free:
            if id(size) not in wholes and isinstance(end := find(size), Free) and id(end) not in wholes:
                end.to = symbol(next(names))
        return all(not made.open() and self.unify(made.whole, made.known()) for made in sorted(self.made, key=lambda made: made.sum))

    def solve(self) -> None:
        """Finds the sizes that the other parts of a sum or product, or the whole, determine; two of one size are alike part by part."""
        progress = bool(self.made)
        while progress:
            progress = self._determined() or self._alike()

    def _determined(self) -> bool:
        progress = False
        for made in self.made:
            whole, open_ = find(made.whole), made.open()
            if not open_:
                progress |= isinstance(whole, Free) and self.unify(whole, made.known())
            elif not isinstance(whole, Free) and len({id(p) for p in open_}) == 1:
                part = made.rest(whole, len(open_))
                progress |= part is not None and self.unify(open_[0], part)
        return progress

    def _alike(self) -> bool:
        """Two of one size and of as many parts: part by part, as in (B ⊗ A) vec(X)."""
        progress = False
        least = {id(find(size)) for size in self.least}
        seen: dict[object, tuple[Rough, ...]] = {}
        for made in self.made:
            whole = find(made.whole)
            if not made.open() or not made.sum and not isinstance(whole, Free) or any(id(p) in least for p in made.open() if made.sum):
                continue
            other = seen.setdefault((made.sum, id(whole) if isinstance(whole, Free) else whole), made.parts)
            if len(other) == len(made.parts):
                for a, b in zip(other, made.parts, strict=True):
                    progress |= find(a) is not find(b) and find(a) != find(b) and self.unify(a, b)
        return progress


def between(operator: Operator, a: RoughShape, b: RoughShape) -> str:
    """The kind of product that an operator makes of two shapes: the · of two columns is their inner product."""
    columns = a[1] == 1 == b[1] and SCALAR not in (a, b)
    return MATMUL if columns and operator.kind == TIMES and operator.text in INNER else operator.kind


def combine(sizes: Sizes, kind: str, a: RoughShape, b: RoughShape) -> RoughShape | None:
    """The shape of a ∘ b for one of the operators of a product, None where they do not fit."""
    if kind == TIMES:
        if a == SCALAR:
            return b
        if b == SCALAR:
            return a
        return (a[0], b[1]) if sizes.unify(a[1], b[0]) else None
    if kind == MATMUL:  # as in NumPy: vectors are rows or columns, as it fits
        if a == SCALAR or b == SCALAR:
            return None
        if a[1] == 1 and b[0] != 1:
            return ((1 if b[1] == 1 else b[1]), 1) if sizes.unify(a[0], b[0]) else None
        return (a[0], b[1]) if sizes.unify(a[1], b[0]) else None
    if kind == OVER:
        if a[0] == 1 != a[1] and 1 not in b:  # b'/A is b'A⁻¹
            return a if sizes.unify(b[0], b[1]) and sizes.unify(a[1], b[0]) else None
        return a if b == SCALAR else None
    if kind == KRON:
        return sizes.product((a[0], b[0])), sizes.product((a[1], b[1]))
    if kind == COLON:
        return SCALAR if 1 not in map(find, (*a, *b)) and sizes.same(a, b) else None
    if kind == KHATRI_RAO:
        return (sizes.product((a[0], b[0])), a[1]) if sizes.unify(a[1], b[1]) else None
    if a == SCALAR:
        return b
    return a if b == SCALAR or sizes.same(a, b) else None


def added(sizes: Sizes, a: RoughShape, b: RoughShape) -> RoughShape | None:
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


def find(size: Rough) -> Rough:
    """The size as far as it is known by now."""
    while type(size) is Free and size.to is not None:
        size = size.to
    return size


def fresh_names(used: set[str], count: int) -> Iterator[str]:
    """Names for sizes: n where it is one only, else m, n, p, q, …, then n1, n2, …; none of those `used`.

    >>> list(zip(range(3), fresh_names({"n"}, 2)))
    [(0, 'm'), (1, 'p'), (2, 'q')]
    """
    letters = "n" * (count == 1) + "mnpqrhkdlst"
    for name in dict.fromkeys(letters):
        if name not in used:
            yield name
    yield from (f"n{i}" for i in itertools.count(1) if f"n{i}" not in used)
