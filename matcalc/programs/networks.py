"""Products of tensors, summed over axes: what is one in one place only is no array, but another name of an axis, a stretch, or a place.

| part                     | is one where            | against an axis that is summed over | along an axis that stays     |
|--------------------------|-------------------------|-------------------------------------|------------------------------|
| `Link`: e_i, I, S, S'    | a = b + first           | a view: b in place of a, x[1:]      | a stretch among zeros        |
| `Place`: onehot(y), e_k  | a = y of other axes     | taken: w[y]                         | added up at places           |

A product of what is left is taken two by two, the cheapest first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import prod

from matcalc.expr.dims import Size
from matcalc.programs import forms as F
from matcalc.programs.axes import Axes, Tensor
from matcalc.programs.axis_forms import EQUAL, RANGE
from matcalc.programs.forms import Code

Then = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Link:
    """The axis `a` is at b + first; as an array, ones there and zeros elsewhere."""

    a: str
    b: str
    first: Size = 0


@dataclass(frozen=True, slots=True)
class Place:
    """The axis `a` is at the place, counted from 0, that a tensor says."""

    a: str
    at: Tensor


class Network:
    """A product that is put together part by part, and then summed over all axes but those to be kept."""

    def __init__(self, axes: Axes, weight: Callable[[Size], float]) -> None:
        self.axes, self.weight = axes, weight
        self.front: list[Code] = []  # scalars
        self.below: list[Tensor] = []  # denominators
        self.dense: list[Tensor] = []
        self.links: list[Link] = []
        self.places: list[Place] = []
        self.names: dict[str, None] = {}  # of all axes
        self.then: list[Then] = []  # what is to be done with the product, the last first

    def add(self, t: Tensor) -> None:
        t = self.axes.diagonal(t)
        if t.axes:
            self.dense.append(t)
        else:
            self.front.append(t.code)
        self.names.update(dict.fromkeys(t.axes))

    def solve(self, keep: Collection[str]) -> Tensor:
        """The product, with those of the axes `keep` along which it is not constant."""
        make, kept = self.axes.arrays, set(keep)
        while self.links:
            self._link(self.links.pop(), kept)
        while self.places:
            place = next((p for p in self.places if any(p.a in q.at.axes for q in self.places)), self.places[-1])
            self.places.remove(place)
            self._place(place, kept)
        for t in self.below:
            if not set(t.axes) <= kept:
                self.add(Tensor(make.power(t.code, -1), t.axes))
        out = self._product(kept)
        for t in self.below:
            if set(t.axes) <= kept:
                out = self.axes.divided(out, t)
        for then in reversed(self.then):
            out = then(out)
        return out

    # --- links ----------------------------------------------------------------------------------------------------

    def _link(self, link: Link, kept: set[str]) -> None:
        a, b, first = link.a, link.b, link.first
        if first == 0 and self.axes.sizes[a] == self.axes.sizes[b]:
            if a == b:
                return
            if a in kept and b in kept:
                self._rename(b, a)
                kept.remove(b)
                self.then.append(lambda t: self._spread_diagonal(t, a, b))
            else:
                self._rename(*((b, a) if a in kept else (a, b)))
            return
        if a in kept and b in kept or a == b or self._is_linked(a):
            return self.add(self._as_array(link))
        self._change(lambda t: self.axes.diagonal(self.axes.slice(t, a, b, first)) if a in t.axes else t)
        self.names.pop(a, None)
        self.names[b] = None
        if a in kept:
            kept.remove(a)
            kept.add(b)
            self.then.append(lambda t: self.axes.pad(t, b, a, first))

    def _change(self, change: Then) -> None:
        """Changes all tensors."""
        self.dense, self.below = list(map(change, self.dense)), list(map(change, self.below))
        self.places = [Place(p.a, change(p.at)) for p in self.places]

    def _is_linked(self, a: str) -> bool:
        """Whether another link or a place is where the axis is."""
        return any(a in (other.a, other.b) for other in self.links) or any(a == p.a for p in self.places)

    def _rename(self, old: str, new: str) -> None:
        names = {old: new}
        self._change(lambda t: self.axes.diagonal(t.renamed(names)))
        self.links = [Link(names.get(k.a, k.a), names.get(k.b, k.b), k.first) for k in self.links]
        self.places = [Place(names.get(p.a, p.a), p.at) for p in self.places]
        self.names.pop(old, None)
        self.names[new] = None

    def _spread_diagonal(self, t: Tensor, a: str, b: str) -> Tensor:
        make, n = self.axes.arrays, self.axes.sizes[a]
        if t.axes == (a,):
            axes = self.axes.ordered((a, b))
            return Tensor(make.call(F.DIAG, t.code, shape=(n, n)), axes)
        eye = Tensor(make.call(F.EYE, make.size(n), shape=(n, n)), self.axes.ordered((a, b)))
        return self.axes.multiplied([t, eye])

    def _as_array(self, link: Link) -> Tensor:
        make, n, part = self.axes.arrays, self.axes.sizes[link.a], self.axes.sizes[link.b]
        eye = make.call(F.EYE, make.size(n), shape=(n, n))
        if link.first == 0 and part == n:
            return Tensor(eye, (link.a, link.b))
        columns = self.axes.right(n)
        return self.axes.slice(Tensor(eye, (link.a, columns)), columns, link.b, link.first)

    # --- places ---------------------------------------------------------------------------------------------------

    def _place(self, place: Place, kept: set[str]) -> None:
        a, at = place.a, place.at
        if a in at.axes or a in kept and (not at.axes or not kept.isdisjoint(at.axes)):
            return self.add(self._ones_at(place))
        for other in [p for p in self.places if p.a == a]:
            self.places.remove(other)
            self.add(self.axes.mapped(EQUAL, [at, other.at]))
        self._change(lambda t: self.axes.take(t, a, at) if a in t.axes else t)
        self.front += [t.code for t in self.dense if not t.axes]
        self.dense = [t for t in self.dense if t.axes]
        self.names.pop(a, None)
        self.names.update(dict.fromkeys(at.axes))
        if a in kept:
            kept.remove(a)
            kept.update(at.axes)
            self.then.append(lambda t: self.axes.scatter(t, a, at))

    def _ones_at(self, place: Place) -> Tensor:
        """A one at the place, as an array."""
        make, n = self.axes.arrays, self.axes.sizes[place.a]
        if not place.at.axes:
            return Tensor(make.call(F.UNIT, place.at.code, make.size(n), shape=(n,)), (place.a,))
        return self.axes.mapped(EQUAL, [place.at, Tensor(make.call(RANGE, make.size(n), shape=(n,)), (place.a,))])

    # --- what is left ---------------------------------------------------------------------------------------------

    def _product(self, kept: set[str]) -> Tensor:
        make, left = self.axes.arrays, list(self.dense)
        there = {a for t in left for a in t.axes}
        front = [*self.front, *(make.size(self.axes.sizes[a]) for a in self.names if a not in there and a not in kept)]
        while len(left) > 1:
            i, j = min(((i, j) for j in range(len(left)) for i in range(j)), key=lambda ij: self._cost(left, ij[0], ij[1], kept))
            rest = [t for k, t in enumerate(left) if k not in (i, j)]
            needed = kept.union(*(t.axes for t in rest)) if rest else kept
            made = self.axes.contracted(left[i], left[j], needed)
            if made.axes:
                left = [*rest, made]
            else:
                left = rest
                front.append(made.code)
        out = self.axes.summed(left[0], {a for a in left[0].axes if a not in kept}) if left else None
        for c in front:
            out = Tensor(c, ()) if out is None else Tensor(make.multiply(c, out.code), out.axes)
        return out or Tensor(make.number(1), ())

    def _cost(self, left: list[Tensor], i: int, j: int, kept: set[str]) -> tuple[float, float]:
        """Of multiplying two of them: the work, and how much larger what is made is than what it is made of."""
        needed = kept.union(*(t.axes for k, t in enumerate(left) if k not in (i, j)))
        both = [left[i].axes, left[j].axes]
        alone = [{a for a in x if a in needed or a in y} for x, y in (both, both[::-1])]
        work = self._size(alone[0] | alone[1])
        return work, self._size((alone[0] | alone[1]) & needed)

    def _size(self, axes: Collection[str]) -> float:
        return prod(self.weight(self.axes.sizes[a]) for a in axes)
