"""Sizes that are not known yet: unification of what undeclared names and `I` leave open with what is declared.

A size is an integer or a `Dim` where it is known, a `Free` where it follows from its place.  A free size of a variable is
never 1: a matrix does not turn into a vector, nor a vector into a scalar, to make an expression fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matcalc.expr.dims import Dim, Size, divide, symbol


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


class Sizes:
    """The free sizes of one reading, the products among them, and a trail to take unifications back."""

    def __init__(self) -> None:
        self.free: list[Free] = []
        self.trail: list[Free] = []
        self.products: list[tuple[Free, tuple[Rough, ...]]] = []
        self.totals: list[tuple[Free, tuple[Rough, ...]]] = []
        self.least: list[Free] = []  # those that are 1 where nothing tells them

    def new(self, one: bool = False) -> Free:
        made = Free(one)
        self.free.append(made)
        return made

    def product(self, factors: tuple[Rough, ...]) -> Rough:
        """The product of sizes, as in the shape of a Kronecker product or a vec."""
        known: Size = 1
        open_: list[Free] = []
        for factor in map(find, factors):
            if isinstance(factor, Free):
                open_.append(factor)
            else:
                known = known * factor
        if not open_:
            return known
        if len(open_) == 1 and known == 1:
            return open_[0]
        made = Free(one=all(isinstance(f, Free) and f.one for f in map(find, factors) if f != 1))
        self.products.append((made, tuple(f for f in factors if f != 1)))
        return made

    def total(self, parts: tuple[Rough, ...]) -> Rough:
        """The sum of sizes, as of blocks beside each other."""
        if len(parts) == 1:
            return parts[0]
        found = [find(p) for p in parts]
        if not any(isinstance(p, Free) for p in found):
            return total(found)
        made = Free()
        self.free.append(made)
        self.totals.append((made, parts))
        return made

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

    def mark(self) -> tuple[int, int, int]:
        return len(self.trail), len(self.products), len(self.totals)

    def undo(self, mark: tuple[int, int, int]) -> None:
        """Takes back everything since `mark`."""
        while len(self.trail) > mark[0]:
            self.trail.pop().to = None
        del self.products[mark[1] :]
        del self.totals[mark[2] :]

    def settle(self, names: Iterator[str]) -> bool:
        """Solves the products, and gives what is still open a name; False where a product does not come out."""
        self.solve()
        for size in self.least:
            if isinstance(end := find(size), Free):
                end.one = True
                self.unify(end, 1)
        self.solve()
        made = {id(end) for p, _ in (*self.products, *self.totals) if isinstance(end := find(p), Free)}
        for size in self.free:
            if id(size) not in made and isinstance(size, Free) and isinstance(end := find(size), Free) and id(end) not in made:
                end.to = symbol(next(names))
        for product, factors in self.products:
            made_of: Size = 1
            for factor in factors:
                known = find(factor)
                if isinstance(known, Free):
                    return False
                made_of = made_of * known
            if not self.unify(product, made_of):
                return False
        self._add()
        return all(self.unify(whole, total(map(find, parts))) for whole, parts in self.totals)

    def solve(self) -> None:
        """Finds what the products determine."""
        if self.totals:
            self._add()
        if self.products:
            self._solve()
            self._match()
            self._solve()

    def _solve(self) -> None:
        """What all factors but one, or the product, determine."""
        progress = True
        while progress:
            progress = False
            for product, factors in self.products:
                whole, known, open_ = find(product), 1, []
                for factor in map(find, factors):
                    if isinstance(factor, Free):
                        open_.append(factor)
                    else:
                        known = known * factor  # type: ignore[assignment]
                if not open_ and isinstance(whole, Free):
                    progress |= self.unify(whole, known)
                elif len(open_) == 1 and not isinstance(whole, Free):
                    part = divide(whole, known)
                    progress |= part is not None and self.unify(open_[0], part)

    def _add(self) -> None:
        """What all parts of a sum of sizes but one, or the whole, determine; two sums of one size are alike part by part."""
        progress = True
        while progress:
            progress = False
            seen: dict[object, tuple[Rough, ...]] = {}
            least = {id(find(size)) for size in self.least}
            for whole, parts in self.totals:
                end, found = find(whole), [find(p) for p in parts]
                open_ = [p for p in found if isinstance(p, Free)]
                rest = total(p for p in found if not isinstance(p, Free))
                if not open_:
                    progress |= isinstance(end, Free) and self.unify(end, rest)
                elif not isinstance(end, Free) and len({id(p) for p in open_}) == 1:
                    part = divide(total((end, -1 * rest)), len(open_))
                    progress |= part is not None and self.unify(open_[0], part)
                elif not any(id(p) in least for p in open_):
                    other = seen.setdefault(id(end) if isinstance(end, Free) else end, parts)
                    if other is not parts and len(other) == len(parts):
                        for a, b in zip(other, parts, strict=True):
                            progress |= find(a) is not find(b) and find(a) != find(b) and self.unify(a, b)

    def _match(self) -> None:
        """Two products of one size and of as many factors: factor by factor, as in (B ⊗ A) vec(X)."""
        seen: dict[int, tuple[Rough, ...]] = {}
        for product, factors in self.products:
            end = find(product)
            if not isinstance(end, Free):
                continue
            other = seen.setdefault(id(end), factors)
            if len(other) == len(factors):
                for a, b in zip(other, factors, strict=True):
                    self.unify(a, b)


def total(parts: Iterable[Rough]) -> Size:
    """The sum of sizes that are known."""
    out: Size = 0
    for p in parts:
        assert not isinstance(p, Free)
        out = p + out if isinstance(p, Dim) else out + p
    return out


def find(size: Rough) -> Rough:
    """What a size is known to be by now."""
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
    i = 0
    while True:
        i += 1
        if f"n{i}" not in used:
            yield f"n{i}"
