"""From expressions that depend on indices to array code: all values of an index at once, along an axis of its own.

A sum over an index is a product of tensors summed over that axis (`networks`); what the index does not occur in is computed outside, by
`Lowering`.  Equal sums share their code whatever their indices are called, as code knows no names of axes.

| module         | what                                                       |
|----------------|------------------------------------------------------------|
| `joining`      | the factors of a product, put into a network               |
| `exponentials` | sums of exponentials, without overflow                     |
| `placing`      | what says places and is no array                           |
| `index_rows`   | all other operators, on stacks of matrices                 |
| `networks`     | products summed over axes                                  |
| `axes`         | arrays with named axes, and what is computed with them     |
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

from matcalc.expr import Expr, Op, postorder, transpose, unit
from matcalc.expr import heads as H
from matcalc.expr.conjugate import is_real
from matcalc.expr.dims import Size
from matcalc.expr.indices import depended_on, replaced
from matcalc.operators import OPERATORS
from matcalc.programs.axes import Axes, Tensor
from matcalc.programs.forms import Code, Form
from matcalc.programs.leaves import Leaves
from matcalc.programs.networks import Network
from matcalc.programs.placing import JOINED, PLACED, at_labels, opened_sums

PASSED = (*JOINED, H.FAMILY)  # made only where they are needed
APART = 1000  # between the ranks of indices that count to different numbers


class Indexed:
    """Tensors for what depends on opened indices, and on those `free` ones that are to be axes.

    `dense` makes what depends on none, `join` puts a factor into a network, and `row` makes all other operators.
    """

    def __init__(
        self,
        leaves: Leaves,
        dense: Callable[[Expr], Code],
        join: Callable[[Indexed, Network, Expr, str, str], None],
        row: Callable[[Indexed, Expr], Tensor],
        free: Mapping[str, Size],
    ) -> None:
        self.leaves, self.arrays, self.dense, self.free = leaves, leaves.arrays, dense, free
        self.join, self.row = partial(join, self), partial(row, self)
        self.axes = Axes(self.arrays)
        self.made: dict[Expr, Tensor] = {}
        self.needed: dict[Expr, frozenset[str]] = {}
        self.bodies: dict[tuple[Expr, str], Expr] = {}
        self.shifts: dict[Expr, tuple[Tensor, Tensor]] = {}
        self.count = 0  # of axes within products, so far
        self.placed: dict[Expr, bool] = {}
        self.count_ranks: dict[Size, int] = {}

    def look(self, nodes: Iterable[Expr]) -> None:
        """Settles the order of axes: of a family of several indices as it is given, then those of inner sums before those of outer ones."""
        ranks = self.count_ranks
        for n in nodes:
            if n.op is H.FAMILY and len(n.data[2]) > 1:
                for count in n.data[2]:
                    ranks.setdefault(count, len(ranks) - APART)
        for n in nodes:
            if n.op is H.SIGMA:
                count = n.data[1]
                ranks[count] = min(ranks.get(count, n.nested), n.nested)
        for k, (name, count) in enumerate(self.free.items()):
            self.axes.sizes[name], self.axes.ranks[name] = count, self._rank(count, k)

    def _rank(self, count: Size, k: int) -> int:
        """The place of an index that counts so far, the k-th of these."""
        return APART * self.count_ranks.get(count, 0) + k

    # --- which indices --------------------------------------------------------------------------------------------

    def needs(self, e: Expr) -> frozenset[str]:
        """The axes that `e` has besides its rows and columns."""
        return depended_on(e, self.axes.ranks, self.needed)

    def handles(self, e: Expr) -> bool:
        """Whether it stands for itself, and is to be made here."""
        if e.op in (H.SIGMA, H.MEMBER, H.SELECT, H.ONEHOT) or e.op is OPERATORS["log"] and e.args[0].nested:
            return True
        if e.op is H.PRODUCT and any(s.op is H.POWER and s.args[0].op is H.SIGMA for s in e.args[: e.data[1]]):
            return True
        if e.op.name in ("tr", "diagonal"):
            return self.is_placed(e.args[0])
        return e.op in (H.PRODUCT, H.HADAMARD, H.SUM) and self.is_placed(e)

    def is_placed(self, e: Expr) -> bool:
        """Whether a factor of it is no array, but says places: it is not to be multiplied by."""
        if e not in self.placed:
            for n in postorder(e, known=self.placed):
                self.placed[n] = (
                    n.op in PLACED or n.op in (H.PRODUCT, H.HADAMARD, H.TRANSPOSE, H.SUM) and any(self.placed[a] for a in n.args)
                )
        return self.placed[e]

    def opened(self, s: Expr, taken: Collection[str] = ()) -> tuple[str, Expr]:
        """The index of a sum, called by how far it counts and how deep sums stand in it, and the body with that index free."""
        _, count = s.data
        (body,) = s.args
        k = 0
        while (index := f"{count}#{s.nested}.{k}") in taken or index in self.needs(s):
            k += 1
        if (s, index) not in self.bodies:
            self.axes.sizes[index], self.axes.ranks[index] = count, self._rank(count, 10 * s.nested + k)
            self.bodies[s, index] = replaced(body, unit(index, count))
        return index, self.bodies[s, index]

    # --- values ---------------------------------------------------------------------------------------------------

    def over(self, e: Expr, indices: Sequence[str]) -> Code:
        """All values for free indices, along the first axes."""
        return self.axes.whole(self.tensor(e), (*indices, *self.axes.ends(e.shape)))

    def tensor(self, e: Expr) -> Tensor:
        """The values of `e`, with axes for the indices that it needs, its rows and its columns."""
        if e not in self.made:
            for n in postorder(e, known=self.made):
                if n not in self.made and n is not e and n.loose == 0 and n.op not in PASSED and self.needs(n):
                    self.made[n] = self._real(n)
            self.made[e] = self._real(e)
        return self.made[e]

    def _real(self, e: Expr) -> Tensor:
        """What is known to be real is made so."""
        t = self._made(e)
        return Tensor(self.arrays.real(t.code), t.axes) if t.code.complex and is_real(e) else t

    def _made(self, e: Expr) -> Tensor:
        if e.shape[0] == 1 != e.shape[1] and transpose(e).op is not H.TRANSPOSE:
            names = {self.axes.left(e.shape[1]): self.axes.right(e.shape[1])}
            return self.tensor(transpose(e)).renamed(names)
        if not self.needs(e) and not self.handles(e):
            if e.op is H.ONES:
                return Tensor(self.arrays.number(1), ())
            return Tensor(self.dense(e), self.axes.ends(e.shape))
        if e.op in PASSED:
            return self.solved(e)
        return self.row(e)

    # --- products and sums over indices ---------------------------------------------------------------------------

    def network(self) -> Network:
        return Network(self.axes, self.leaves.algebra.order.weight)

    def solved(self, e: Expr) -> Tensor:
        """A product, or what is part of one."""
        if e.op is H.SIGMA:
            return self._sum_over(e)
        terms = opened_sums(e)
        if len(terms) > 1:
            return self.axes.added([self.tensor(t) for t in terms])
        net = self.network()
        self.join(net, e, *self.sides(e))
        return net.solve(self.kept(e))

    def kept(self, e: Expr) -> frozenset[str]:
        return self.needs(e) | {*self.axes.ends(e.shape)}

    def sides(self, e: Expr) -> tuple[str, str]:
        return self.axes.left(e.shape[0]), self.axes.right(e.shape[1])

    def along(self, t: Tensor, e: Expr, left: str, right: str) -> Tensor:
        """The tensor of `e`, its rows and columns called so."""
        return t.renamed(dict(zip(self.sides(e), (left, right), strict=True)))

    def inner(self, n: Size) -> str:
        """A new axis within a product."""
        self.count += 1
        self.axes.sizes[name := f"·{self.count:04}"] = n
        return name

    def mapped(self, op: Op | Form, t: Tensor) -> Tensor:
        return Tensor(self.arrays.elementwise(op, t.code), t.axes)

    def _sum_over(self, e: Expr) -> Tensor:
        """The sum over an index, term by term."""
        index, body = self.opened(e)
        terms: list[Tensor] = []
        waiting: list[tuple[tuple[str, ...], Expr]] = [((index,), body)]
        while waiting:
            indices, t = waiting.pop()
            t, indices = at_labels(t, indices)
            parts = opened_sums(t)
            if len(parts) > 1:
                waiting += [(indices, part) for part in reversed(parts)]
            elif t.op is H.SIGMA:
                inner, body = self.opened(t, indices)
                waiting.append(((*indices, inner), body))
            else:
                net = self.network()
                net.names.update(dict.fromkeys(indices))
                self.join(net, t, *self.sides(e))
                terms.append(net.solve(self.kept(e)))
        return self.axes.added(terms)
