"""From expressions that depend on indices to array code: all values of an index at once, along an axis of its own.

A sum over an index is a product of tensors summed over that axis (`networks`); what the index does not occur in is computed outside, by `Lowering`.
Equal sums share their code whatever their indices are called, as code knows no names of axes.

A sum of exponentials, in a logarithm or below a fraction line, is taken with the largest exponent out:

    log Σ_k w_k exp(a_k) = t + log Σ_k w_k exp(a_k − t)       exp(a_j)/Σ_k w_k exp(a_k) = exp(a_j − t)/Σ_k w_k exp(a_k − t)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from matcalc.expr import (
    FAMILY,
    HADAMARD,
    HPOWER,
    IDENTITY,
    MATPOWER,
    MEMBER,
    NUMBER,
    ONES,
    POWER,
    PRODUCT,
    SELECT,
    SIGMA,
    SUM,
    TRANSPOSE,
    UNIT,
    Expr,
    Op,
    number,
    postorder,
    product,
    scaled,
    transpose,
    unit,
)
from matcalc.expr.dims import Size
from matcalc.expr.heads import ONEHOT
from matcalc.expr.indices import replaced
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.axes import DETS, INVERSES, LABELS, LOGDETS, Axes, Tensor, largest
from matcalc.programs.forms import Code, Form
from matcalc.programs.networks import Link, Network, Place
from matcalc.programs.values import Value

if TYPE_CHECKING:
    from matcalc.programs.lowering import Lowering

NOTHING: frozenset[str] = frozenset()
PLACED = (ONEHOT, SELECT)  # what a product is not to multiply by
PASSED = (UNIT, PRODUCT, TRANSPOSE, SIGMA, MEMBER, ONEHOT, SELECT, IDENTITY, HADAMARD, FAMILY)  # made only where they are needed
TAKES_STACKS = ("triu", "tril", "expm")  # their templates do, in each library
LARGEST_POWER = 8
FIRST = 1000
EXP, LOG = OPERATORS["exp"], OPERATORS["log"]


class Indexed:
    """Tensors for what depends on opened indices, and on those `free` ones that are to be axes; `lowering` makes all else."""

    def __init__(self, lowering: Lowering, free: dict[str, Size]) -> None:
        self.lowering, self.arrays = lowering, lowering.arrays
        self.axes = Axes(lowering.arrays)
        self.free = free
        self.made: dict[Expr, Tensor] = {}
        self.needed: dict[Expr, frozenset[str]] = {}
        self.bodies: dict[tuple[Expr, str], Expr] = {}
        self.shifts: dict[Expr, tuple[Tensor, Tensor]] = {}
        self.inside = 0  # axes within products, so far
        self.placed: dict[Expr, bool] = {}
        self.count_ranks: dict[Size, int] = {}

    def look(self, nodes: Iterable[Expr]) -> None:
        """Settles the order of axes: of a family of several indices as it is given, then those of inner sums before those of outer ones."""
        ranks = self.count_ranks
        for n in nodes:
            if n.op is FAMILY and len(n.data[2]) > 1:
                for count in n.data[2]:
                    ranks.setdefault(count, len(ranks) - FIRST)
        for n in nodes:
            if n.op is SIGMA:
                count = n.data[1]
                ranks[count] = min(ranks.get(count, n.nested), n.nested)
        for k, (name, count) in enumerate(self.free.items()):
            self.axes.sizes[name], self.axes.ranks[name] = count, self._rank(count, k)

    def _rank(self, count: Size, k: int) -> int:
        """The place of an index that counts so far; of those that count as far, the k-th."""
        return FIRST * self.count_ranks.get(count, 0) + k

    # --- which indices --------------------------------------------------------------------------------------------

    def needs(self, e: Expr) -> frozenset[str]:
        """The axes that `e` has besides its rows and columns."""
        if e not in self.needed:
            for n in postorder(e, known=self.needed):
                if n.op is UNIT:
                    self.needed[n] = frozenset([n.data[0]]) if n.data[0] in self.axes.ranks else NOTHING
                else:
                    self.needed[n] = NOTHING.union(*(self.needed[a] for a in n.args)) if n.args else NOTHING
        return self.needed[e]

    def handles(self, e: Expr) -> bool:
        """Whether it stands for itself, and is to be made here."""
        if e.op in (SIGMA, MEMBER, SELECT, ONEHOT) or e.op is LOG and e.args[0].nested:
            return True
        if e.op is PRODUCT and any(s.op is POWER and s.args[0].op is SIGMA for s in e.args[: e.data[1]]):
            return True
        if e.op.name in ("tr", "diagonal"):
            return self.is_placed(e.args[0])
        return e.op in (PRODUCT, HADAMARD) and self.is_placed(e) or e.op is SUM and any(map(self.is_placed, e.args))

    def is_placed(self, e: Expr) -> bool:
        """Whether a factor of it is no array, but says places: it is not to be multiplied by."""
        if e not in self.placed:
            for n in postorder(e, known=self.placed):
                self.placed[n] = n.op in PLACED or n.op in (PRODUCT, HADAMARD, TRANSPOSE) and any(self.placed[a] for a in n.args)
        return self.placed[e]

    def opened(self, s: Expr, taken: Collection[str] = ()) -> tuple[str, Expr]:
        """The index of a sum, called by how far it counts and how deep sums stand in it, and the body with that index free."""
        called, count = s.data
        (body,) = s.args
        k = 0
        while (index := f"{count}#{s.nested}.{k}") in taken or index in self.needs(s):
            k += 1
        if (s, index) not in self.bodies:
            self.axes.sizes[index], self.axes.ranks[index] = count, self._rank(count, 10 * s.nested + k)
            self.bodies[s, index] = replaced(body, unit(index, count))
        return index, self.bodies[s, index]

    # --- values ---------------------------------------------------------------------------------------------------

    def value(self, e: Expr) -> Value:
        """Of what depends on no index."""
        return self.lowering.algebra.full(self.over(e, ()), e.shape)

    def over(self, e: Expr, indices: Sequence[str]) -> Code:
        """All values for free indices, along the first axes."""
        return self.axes.whole(self.tensor(e), (*indices, *self.axes.ends(e.shape)))

    def tensor(self, e: Expr) -> Tensor:
        """The values of `e`, with axes for the indices that it needs, its rows and its columns."""
        if e not in self.made:
            for n in postorder(e, known=self.made):
                if n not in self.made and n is not e and n.loose == 0 and n.op not in PASSED and self.needs(n):
                    self.made[n] = self._made(n)
            self.made[e] = self._made(e)
        return self.made[e]

    def _made(self, e: Expr) -> Tensor:
        if e.shape[0] == 1 != e.shape[1]:
            names = {self.axes.left(e.shape[1]): self.axes.right(e.shape[1])}
            return self.tensor(transpose(e)).renamed(names)
        if not self.needs(e) and not self.handles(e):
            if e.op is ONES:
                return Tensor(self.arrays.number(1), ())
            return Tensor(self.lowering.dense(e), self.axes.ends(e.shape))
        if e.op in PASSED:
            return self._solved(e)
        made = MADE.get(e.op.name) or (Indexed._elementwise if e.op.elementwise else Indexed._each)
        return made(self, e)

    # --- products and sums over indices ---------------------------------------------------------------------------

    def network(self) -> Network:
        return Network(self.axes, self.lowering.algebra.order.weight)

    def _solved(self, e: Expr) -> Tensor:
        """A product, or what is part of one."""
        if e.op is SIGMA:
            return self._sum_over(e)
        terms = _opened_sums(e)
        if len(terms) > 1:
            return self.axes.added([self.tensor(t) for t in terms])
        net = self.network()
        self.join(net, e, *self._sides(e))
        return net.solve(self._kept(e))

    def _kept(self, e: Expr) -> frozenset[str]:
        return self.needs(e) | {*self.axes.ends(e.shape)}

    def _sides(self, e: Expr) -> tuple[str, str]:
        return self.axes.left(e.shape[0]), self.axes.right(e.shape[1])

    def _sum_over(self, e: Expr) -> Tensor:
        """The sum over an index, term by term."""
        index, body = self.opened(e)
        terms: list[Tensor] = []
        waiting: list[tuple[tuple[str, ...], Expr]] = [((index,), body)]
        while waiting:
            indices, t = waiting.pop()
            parts = _opened_sums(t)
            if len(parts) > 1:
                waiting += [(indices, part) for part in reversed(parts)]
            elif t.op is SIGMA:
                inner, body = self.opened(t, indices)
                waiting.append(((*indices, inner), body))
            else:
                net = self.network()
                net.names.update(dict.fromkeys(indices))
                self.join(net, t, *self._sides(e))
                terms.append(net.solve(self._kept(e)))
        return self.axes.added(terms)

    def join(self, net: Network, e: Expr, left: str, right: str) -> None:
        """Makes `e`, with its rows along `left` and its columns along `right`, a factor of a product."""
        op = e.op
        net.names.update(dict.fromkeys(filter(None, (left, right))))
        if op is NUMBER:
            net.front.append(self.arrays.number(e.data))
        elif op is IDENTITY:
            net.links.append(Link(left, right))
        elif op is UNIT:
            self._join_unit(net, e, left)
        elif op is SELECT:
            self._join_stretch(net, e, left, right)
        elif op is TRANSPOSE:
            self.join(net, e.args[0], right, left)
        elif op is ONEHOT:
            if right:
                net.places.append(Place(right, self._labels(e, left)))
        elif op.name == "diag":
            self.join(net, e.args[0], left, "")
            net.links.append(Link(left, right))
        elif op is MEMBER:
            self._join_member(net, e, left, right)
        elif op is PRODUCT and (self.needs(e) or self.handles(e)):
            self._join_product(net, e, left, right)
        elif op is HADAMARD:
            for a in e.args:
                (self.join if self.is_placed(e) else self._join_factor)(net, a, left, right)
        elif op is SIGMA and (_says_places(e) or self.needs(e) and self._is_product(e)):
            index, body = self.opened(e, net.names)
            net.names[index] = None
            self.join(net, body, left, right)
        elif op is not ONES:
            self._join_factor(net, e, left, right)

    def _join_stretch(self, net: Network, e: Expr, left: str, right: str) -> None:
        if right:
            net.links.append(Link(left, right, e.data[2]))
        else:  # a stretch of one
            net.places.append(Place(left, Tensor(self.arrays.size(e.data[2]), ())))

    def _join_unit(self, net: Network, e: Expr, left: str) -> None:
        index, _ = e.data
        if index in self.axes.ranks:
            net.names[index] = None
            net.links.append(Link(left, index))
        else:
            net.places.append(Place(left, Tensor(self.lowering.unit(e).code, ())))

    def _labels(self, e: Expr, rows: str) -> Tensor:
        """Labels, from 1, as places."""
        y = self._along(self.tensor(e.args[0]), e.args[0], rows, "")
        return Tensor(self.arrays.call(LABELS, y.code, self.arrays.size(e.data[0]), shape=y.code.shape, plain=False), y.axes)

    def _along(self, t: Tensor, e: Expr, left: str, right: str) -> Tensor:
        """The tensor of `e`, its rows and columns called so."""
        return t.renamed(dict(zip(self._sides(e), (left, right), strict=True)))

    def _join_member(self, net: Network, e: Expr, left: str, right: str) -> None:
        of, *units = e.args
        counts = of.data[2]
        axes = [self._inside(n) for n in counts]
        net.add(Tensor(self.lowering.argument(of), (*axes, *filter(None, (left, right)))))
        for axis, u in zip(axes, units, strict=True):
            if u.is_scalar:
                net.places.append(Place(axis, Tensor(self.arrays.number(0), ())))
            else:
                self.join(net, u, axis, "")

    def _inside(self, n: Size) -> str:
        """A new axis within a product."""
        self.inside += 1
        self.axes.sizes[name := f"·{self.inside:04}"] = n
        return name

    def _join_product(self, net: Network, e: Expr, left: str, right: str) -> None:
        c, count = e.data
        net.front.append(self.arrays.number(c))
        for s in self._without_exponentials(net, e.args[:count]):
            self._join_scalar(net, s)
        chain = self._grouped(e.args[count:])
        before = left
        for k, f in enumerate(chain):
            last = k == len(chain) - 1
            behind = right if last else "" if f.shape[1] == 1 else self._inside(f.shape[1])
            self.join(net, f, before, behind)
            before = behind

    def _grouped(self, chain: Sequence[Expr]) -> list[Expr]:
        """The factors of a chain; inverses and what stands beside them, where it depends on no index, are left to `Lowering`, which solves."""
        out: list[Expr] = []
        for f in chain:
            beside = out[-1] if out else None
            if beside is not None and f.shape[0] != 1 and self._is_solved(beside, f):
                out[-1] = product([beside, f])
            else:
                out.append(f)
        return out

    def _is_solved(self, a: Expr, b: Expr) -> bool:
        fixed = all(not self.needs(f) and _bare(f).op not in (*PASSED, ONES) for f in (a, b))
        return fixed and any(_bare(f).op is MATPOWER and _bare(f).data < 0 for f in (a, b))

    def _join_scalar(self, net: Network, s: Expr) -> None:
        if self.is_placed(s) or s.op is SIGMA:
            self.join(net, s, "", "")
        else:
            self._join_factor(net, s, "", "")

    def _join_factor(self, net: Network, e: Expr, left: str, right: str) -> None:
        """As an array, or below the fraction line."""
        if e.op in (POWER, HPOWER) and e.args[1].op is NUMBER and e.args[1].data < 0 and self.needs(e):
            base, k = self.tensor(e.args[0]), -e.args[1].data
            net.below.append(self._along(Tensor(self.arrays.power(base.code, k), base.axes), e, left, right))
        else:
            net.add(self._along(self.tensor(e), e, left, right))

    # --- sums of exponentials -------------------------------------------------------------------------------------

    def _is_product(self, s: Expr) -> bool:
        """Whether it is a sum of products with nothing to be said for making it as an array: no exponential."""
        (body,) = s.args
        return body.op is PRODUCT and not _exponentials(body)

    def shifted(self, s: Expr) -> tuple[Tensor, Tensor] | None:
        """(t, r) with Σ_k w_k exp(a_k) = exp(t) r, where t is the largest a_k; None where it is no such sum."""
        if s.op is not SIGMA or not _exponentials(s.args[0]):
            return None
        if s not in self.shifts:
            index, body = self.opened(s)
            exps = _exponentials(body)
            a = self.axes.added([self.tensor(f.args[0]) for f in exps])
            if index not in a.axes:
                return None
            top = self._largest(a, index)
            net = self.network()
            net.names[index] = None
            net.add(self._exponential(a, top))
            if body.op is PRODUCT:
                self._join_rest(net, body, exps)
            self.shifts[s] = top, net.solve(self.needs(s))
        return self.shifts[s]

    def _join_rest(self, net: Network, e: Expr, without: Collection[Expr]) -> None:
        """The other factors of a scalar product."""
        rest = list(e.args)
        for f in without:
            rest.remove(f)
        count = e.data[1] - len(without)
        self.join(net, product([number(e.data[0]), *rest[:count], *([product(rest[count:])] if rest[count:] else [])]), "", "")

    def _largest(self, t: Tensor, axis: str) -> Tensor:
        rest = tuple(a for a in t.axes if a != axis)
        form = largest(t.axes.index(axis)) if rest else F.LARGEST
        return Tensor(self.arrays.call(form, t.code, shape=self.axes.shape(rest), plain=False), rest)

    def _exponential(self, a: Tensor, less: Tensor) -> Tensor:
        """exp(a − less)."""
        if a.code is less.code:
            return Tensor(self.arrays.number(1), ())
        minus = Tensor(self.arrays.negative(less.code), less.axes)
        return self._mapped(EXP, self.axes.added([a, minus]))

    def _mapped(self, op: Op | Form, t: Tensor) -> Tensor:
        return Tensor(self.arrays.elementwise(op, t.code), t.axes)

    def _without_exponentials(self, net: Network, scalars: Sequence[Expr]) -> list[Expr]:
        """Takes exponentials over sums of such, each with the largest exponent taken out, into the product; returns the other factors."""
        rest = list(scalars)
        for s in scalars:
            if (
                s.op is not POWER
                or s.args[1].op is not NUMBER
                or s.args[1].data not in (-1, -2, -3)
                or not (parts := self.shifted(s.args[0]))
            ):
                continue
            top, total = parts
            rest.remove(s)
            net.below.append(Tensor(self.arrays.power(total.code, -s.args[1].data), total.axes))
            for _ in range(-s.args[1].data):
                above = next((f for f in rest if f.op is EXP or self.shifted(f)), None)
                a = Tensor(self.arrays.number(0), ())
                if above is not None:
                    rest.remove(above)
                    a, others = self.shifted(above) or (self.tensor(above.args[0]), a)
                    if above.op is SIGMA:
                        net.add(others)
                net.add(self._exponential(a, top))
        return rest

    def _log(self, e: Expr) -> Tensor:
        (a,) = e.args
        sums = [f for f in (a.args if a.op is PRODUCT and a.data[1] == len(a.args) else (a,)) if self.shifted(f)]
        if len(sums) != 1:
            return self._elementwise(e)
        parts = self.shifted(sums[0])
        assert parts is not None
        top, total = parts
        net = self.network()
        net.add(total)
        if a.op is PRODUCT:
            self._join_rest(net, a, sums)
        return self.axes.added([self._mapped(e.op, net.solve(self.needs(e))), top])

    # --- all other operators --------------------------------------------------------------------------------------

    def _elementwise(self, e: Expr) -> Tensor:
        t = self.tensor(e.args[0])
        if e.op.abstract is None:
            return self._mapped(F.SOFTPLUS if e.op.name == "softplus" else e.op, t)
        return Tensor(self.arrays.call(F.CALL, self.lowering.function(e.op), t.code, shape=t.code.shape, plain=False), t.axes)

    def _added(self, e: Expr) -> Tensor:
        make, terms = self.arrays, []
        for c, a in zip(e.data, e.args, strict=True):
            t = self.tensor(a)
            terms.append(Tensor(make.multiply(make.number(c), t.code), t.axes))
        return self.axes.added(terms)

    def _power(self, e: Expr) -> Tensor:
        base, k = e.args
        if k.op is not NUMBER:
            return self.axes.mapped(F.POWER, [self.tensor(base), self.tensor(k)])
        if base.op.name == "norm" and k.data == 2:
            return self._square(base.args[0])
        t = self.tensor(base)
        return Tensor(self.arrays.power(t.code, k.data), t.axes)

    def _square(self, x: Expr) -> Tensor:
        """The sum of squares."""
        net = self.network()
        for _ in range(2):
            net.names.update(dict.fromkeys(self.axes.ends(x.shape)))
            self._join_factor(net, x, *self._sides(x))
        return net.solve(self.needs(x))

    def _norm(self, e: Expr) -> Tensor:
        return self._mapped(F.SQRT, self._square(e.args[0]))

    def _trace(self, e: Expr) -> Tensor:
        net, axis = self.network(), self._inside(e.args[0].shape[0])
        self.join(net, e.args[0], axis, axis)
        return net.solve(self.needs(e))

    def _diagonal(self, e: Expr) -> Tensor:
        net, axis = self.network(), self.axes.left(e.shape[0])
        self.join(net, e.args[0], axis, axis)
        return net.solve(self._kept(e))

    def _diag(self, e: Expr) -> Tensor:
        net = self.network()
        self.join(net, e, *self._sides(e))
        return net.solve(self._kept(e))

    def _stack(self, e: Expr) -> Tensor:
        """With its rows and its columns as the last axes."""
        t = self.tensor(e)
        axes = (*(a for a in t.axes if a in self.axes.ranks), *self.axes.ends(e.shape))
        return Tensor(self.axes.whole(t, axes), axes)

    def _determinant(self, e: Expr) -> Tensor:
        t = self._stack(e.args[0])
        form = DETS if e.op.name == "det" else LOGDETS
        return Tensor(self.arrays.call(form, t.code, shape=t.code.shape[:-2], plain=False), t.axes[:-2])

    def _matrix_power(self, e: Expr) -> Tensor:
        t = self._stack(e.args[0])
        if e.data < 0:
            t = Tensor(self.arrays.call(INVERSES, t.code, shape=t.code.shape), t.axes)
        if abs(e.data) > LARGEST_POWER:
            return Tensor(self.arrays.call(F.MATRIX_POWER, t.code, self.arrays.number(abs(e.data)), shape=t.code.shape), t.axes)
        net, (left, right) = self.network(), self._sides(e)
        between = [left, *(self._inside(e.shape[0]) for _ in range(abs(e.data) - 1)), right]
        for one, next_ in zip(between, between[1:], strict=False):
            net.add(self._along(t, e, one, next_))
        return net.solve(self._kept(e))

    def _softmax(self, e: Expr) -> Tensor:
        """logsumexp and softmax, with the largest entry taken out."""
        x = e.args[0]
        axis = self.axes.right(x.shape[1]) if e.op.name.endswith("_rows") else self.axes.left(x.shape[0])
        t = self.tensor(x)
        t = Tensor(self.axes.whole(t, self.axes.ordered({*t.axes, axis})), self.axes.ordered({*t.axes, axis}))
        top = self._largest(t, axis)
        exps = self._exponential(t, top)
        total = self.axes.summed(exps, {axis})
        if e.op.name.startswith("softmax"):
            return self.axes.divided(exps, total)
        found = self.axes.added([self._mapped(LOG, total), top])
        names = {axis: self.axes.left(e.shape[0])} if e.op.name.endswith("_rows") else {}
        return found.renamed(names)

    def _each(self, e: Expr) -> Tensor:
        """A row of the table for each value of the indices: of its own if it takes stacks of matrices, by `vmap` if not."""
        if e.op.name in TAKES_STACKS:
            t = self._stack(e.args[0])
            return Tensor(self.arrays.call(e.op, t.code, data=e.shape, shape=t.code.shape), t.axes)
        tensors = [self._stack(a) for a in e.args]
        batch = self.axes.ordered(self.needs(e))
        axes = (*batch, *self.axes.ends(e.shape))
        levels = [tuple(0 if a in t.axes else None for t in tensors) for a in batch]
        codes = [
            self.axes.permute(t, (*(a for a in batch if a in t.axes), *t.axes[len(self.needs(x)) :]))
            for t, x in zip(tensors, e.args, strict=True)
        ]
        if e.op.abstract:
            form = each_call(tuple(levels))
            codes = [self.lowering.function(e.op), *codes]
        else:
            form = each(e.op, tuple(levels))
        return Tensor(self.arrays.call(form, *codes, data=e.shape, shape=self.axes.shape(axes), plain=False), axes)


def _bare(f: Expr) -> Expr:
    return f.args[0] if f.op is TRANSPOSE else f


def _opened_sums(e: Expr) -> list[Expr]:
    """The terms of a sum; of a product with a sum of places, which would be large arrays of zeros and ones."""
    if e.op is SUM:
        return [scaled(c, t) for c, t in zip(e.data, e.args, strict=True)]
    for k, f in enumerate(e.args) if e.op is PRODUCT else ():
        inner = _bare(f)
        if k >= e.data[1] and inner.op is SUM and any(map(_says_places, inner.args)):
            c, before, after = number(e.data[0]), e.args[:k], e.args[k + 1 :]
            terms = [scaled(a, t) for a, t in zip(inner.data, inner.args, strict=True)]
            return [product([c, *before, t if inner is f else transpose(t), *after]) for t in terms]
    return [e]


def _says_places(t: Expr) -> bool:
    """Whether its rows or its columns are the places that labels say."""
    return any(_are_places(t, columns) for columns in (False, True))


def _are_places(t: Expr, columns: bool) -> bool:
    if t.op is TRANSPOSE:
        return _are_places(t.args[0], not columns)
    if t.op is SIGMA:
        return _are_places(t.args[0], columns)
    if t.op is HADAMARD:
        return any(_are_places(a, columns) for a in t.args)
    if t.op is PRODUCT:
        return t.data[1] < len(t.args) and _are_places(t.args[-1 if columns else t.data[1]], columns)
    return t.op is ONEHOT and columns


def _exponentials(e: Expr) -> list[Expr]:
    """The exponentials among the scalar factors."""
    return [f for f in (e.args[: e.data[1]] if e.op is PRODUCT else (e,)) if f.op is EXP and f.is_scalar]


@cache
def each(op: Op, levels: tuple[tuple[int | None, ...], ...]) -> Form:
    """The template of a row, called for each value of the indices."""
    names = [f"x{k}" for k in range(len(levels[0]))]
    texts = {}
    for target in ("numpy", "jax", "torch"):
        text = getattr(op, target)
        for k, name in enumerate(names):
            text = text.replace(f"{{{k}}}", name)
        operands = ", ".join(f"{{{k}}}" for k in range(len(names)))
        texts[target] = f"_each(lambda {', '.join(names)}: {text}, {list(levels)}, {operands})" if text else ""
    return Form(op.name, **texts)


@cache
def each_call(levels: tuple[tuple[int | None, ...], ...]) -> Form:
    """A function that is given, called for each value of the indices."""
    operands = ", ".join(f"{{{k + 1}}}" for k in range(len(levels[0])))
    return Form("each", f"_each({{0}}, {list(levels)}, {operands})")


MADE: dict[str, Callable[[Indexed, Expr], Tensor]] = {
    "sum": Indexed._added, "power": Indexed._power, "hpower": Indexed._power, "matpower": Indexed._matrix_power, "norm": Indexed._norm,
    "tr": Indexed._trace, "diagonal": Indexed._diagonal, "diag": Indexed._diag,
    "det": Indexed._determinant, "logdet": Indexed._determinant, "log": Indexed._log,
    **dict.fromkeys(("logsumexp", "softmax", "logsumexp_rows", "softmax_rows"), Indexed._softmax),
}  # fmt: skip
