"""Stacks what depends on indices, for all their values: a scalar is a vector or a matrix of its values, a column the rows of a matrix.

w'x_i  is  X w       x_i'A x_j  is  X A X'       ‖x_i − x_j‖²  is  s 1' + 1 s' − 2 X X'  with s = diag(X X')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from matcalc.expr import Expr, add, apply, at_index, factors, hadamard, hpower, is_ones, ones, postorder, product, scaled, transpose
from matcalc.expr import heads as H
from matcalc.expr.dims import Size
from matcalc.expr.heads import Number, coefficient_and_rest, identity, number, unit, untransposed
from matcalc.expr.indices import depended_on
from matcalc.expr.language import dot_power
from matcalc.expr.products import opened_at, scalar_parts, squared, terms_of
from matcalc.lifting.arrays import Array, NoForm
from matcalc.operators import call
from matcalc.operators.functions import is_zero
from matcalc.operators.matrices import NORM, TRIL, TRIU

_ROWS = {"softmax": "softmax_rows", "logsumexp": "logsumexp_rows"}


class Stacks:
    """The stacks made so far, over indices that count as `counts` says."""

    def __init__(self, counts: dict[str, Size], total: Callable[[Expr, tuple[str, ...], tuple[str, ...]], Expr] | None = None) -> None:
        self.counts = counts
        self.total = total  # sums over several indices, within these
        self.needed: dict[Expr, frozenset[str]] = {}
        self.known: dict[tuple[Expr, tuple[str, ...]], Expr | None] = {}
        self.apart: set[frozenset[str]] = set()  # indices of which only the terms count where they differ

    def needs(self, e: Expr) -> frozenset[str]:
        """The indices that `e` depends on."""
        return depended_on(e, self.counts, self.needed)

    def arrays(self, s: Expr) -> list[Array]:
        """A scalar as a product of arrays."""
        if s.op is H.PRODUCT and (s.data[1] or s.data[0] != 1):
            return [Array(number(s.data[0]), ()), *(a for f in scalar_parts(s) for a in self.arrays(f))]
        needs = tuple(sorted(self.needs(s)))
        return [Array(self.values(s, *needs), needs)]

    def column(self, v: Expr, end: str) -> Array:
        """A column as an array with its entries along the axis `end`."""
        needs = tuple(self.needs(v))
        if len(needs) > 1:
            raise NoForm
        return Array(self.values(v, *needs), (*needs, end))

    def values(self, e: Expr, *over: str) -> Expr:
        """The values of a scalar over one index as a vector, over two as a matrix, those of a column over one as the rows of a matrix.

        Raises NoForm.
        """
        if not over:
            return e
        if len(over) > 2:
            raise NoForm
        for n in postorder(e):
            if n.loose == 0 and (n.is_scalar if len(over) > 1 else 1 in n.shape) and self.needs(n) == {*over}:
                with suppress(NoForm):
                    self._known(_upright(n), over)
        return self._spread(e, over)

    def _spread(self, e: Expr, over: tuple[str, ...]) -> Expr:
        """The same, of what may not depend on all of the indices."""
        return self._at(e, *over) if len(over) == 1 else self._over(e, *over)

    def _known(self, e: Expr, over: tuple[str, ...]) -> Expr:
        if (e, over) not in self.known:
            self.known[e, over] = None
            self.known[e, over] = (self._rows(e, *over) if len(over) == 1 else self._grid(e, *over)) or self._each(e, over)
        found = self.known[e, over]
        if found is None:
            raise NoForm
        return found

    def _each(self, e: Expr, over: tuple[str, ...]) -> Expr:
        """What is computed value by value."""
        if e.op is H.SUM:
            return add([scaled(c, self._spread(t, over)) for c, t in zip(e.data, e.args, strict=True)])
        if e.op is H.POWER or e.op is H.HPOWER:
            base, exponent = e.args
            if self.needs(exponent) and not base.is_scalar:
                raise NoForm
            is_whole = exponent.op is H.NUMBER and exponent.data == int(exponent.data) >= 0
            below = self._spread(base, over) if is_whole else self._clear(base, over)
            return dot_power(below, self._spread(exponent, over) if self.needs(exponent) else exponent)
        if e.op is H.SIGMA:
            return self._sum(e, over)
        if e.op.elementwise:
            made = self._clear if e.op.domain else self._spread  # of what is smooth at zero too nothing is to be cleared
            return apply(e.op, tuple(a if a.is_scalar and not self.needs(a) else made(a, over) for a in e.args), e.data)
        raise NoForm

    def _clear(self, e: Expr, over: tuple[str, ...]) -> Expr:
        made = self._spread(e, over)
        return made if len(over) == 1 else self._off_diagonal(made, e, *over)

    # --- one index ---------------------------------------------------------------------------------------------

    def _at(self, e: Expr, i: str) -> Expr:
        column = _upright(e)
        needs = self.needs(column)
        if not needs:
            return product([ones((self.counts[i], 1)), column if column.is_scalar else transpose(column)])
        if needs != {i} or column.shape[1] != 1:
            raise NoForm
        return self._known(column, (i,))

    def _rows(self, e: Expr, i: str) -> Expr | None:
        if e.op is H.UNIT:
            return identity(self.counts[i])
        if e.op is H.PRODUCT:
            return self._product_rows(e, i)
        if e.op is H.HADAMARD:
            return hadamard([self._at(a, i) for a in e.args])
        if e.op is NORM and 1 in e.args[0].shape:
            squares = hpower(self._at(e.args[0], i), number(2))
            return hpower(product([squares, ones((squares.shape[1], 1))]), number(1) / 2)
        return call(_ROWS[e.op.name], self._at(e.args[0], i)) if e.op.name in _ROWS else None

    def _product_rows(self, e: Expr, i: str) -> Expr:
        """A column or a scalar as a product, taken from the right."""
        c, front = e.data
        scalars, chain = list(e.args[:front]), list(e.args[front:])
        moves = [bool(self.needs(f)) for f in chain]
        values = [self._at(s, i) for s in scalars if self.needs(s)]
        if len(chain) == 3 and chain[-1].op is H.UNIT and transpose(chain[0]) is chain[-1] and moves == [True, False, True]:
            values.append(call("diag", chain[1]))
            chain = []
        if e.is_scalar and chain and moves[0] and not moves[-1] and not any(f.shape[0] == 1 for f in chain[1:]):
            chain = [transpose(f) for f in reversed(chain)]  # w'X'e_i, not e_i'X w
        elif e.is_scalar and len(chain) > 2 and 1 not in chain[1].shape:
            chain[:2] = [product(chain[:2])]  # the row e_i'X is one of X
        state: Expr | None = None  # what stands to the right, stacked
        for k, f in reversed(list(enumerate(chain))):
            if f.shape[1] == 1:
                if state is not None:
                    values.append(state)
                state = self._at(f, i)
            elif state is None:
                raise NoForm
            elif f.shape[0] == 1:
                row = transpose(f)
                if self.needs(f):
                    state = product([hadamard([self._at(f, i), state]), ones((row.shape[0], 1))])
                else:
                    state = product([state, row])
                if k:
                    values.append(state)
                    state = None
            elif not self.needs(f):
                state = product([state, transpose(f)])
            elif f.op.name == "diag":
                state = hadamard([state, self._at(f.args[0], i)])
            else:
                raise NoForm
        fixed = [s for s in scalars if not self.needs(s)]
        return scaled(c, product([*fixed, _weighted(values, state)]))

    # --- two indices -------------------------------------------------------------------------------------------

    def _over(self, e: Expr, i: str, j: str) -> Expr:
        needs = self.needs(e)
        rows, columns = self.counts[i], self.counts[j]
        if not needs:
            return product([e, ones((rows, columns))])
        if needs == {i}:
            return product([self.values(e, i), ones((1, columns))])
        if needs == {j}:
            return product([ones((rows, 1)), transpose(self.values(e, j))])
        if needs != {i, j}:
            raise NoForm
        return self._known(e, (i, j))

    def _grid(self, e: Expr, i: str, j: str) -> Expr | None:
        terms = expanded(e, self)
        if terms is not None:
            return add([self.values(t, i, j) for t in terms])
        if e.op is H.PRODUCT and (e.data[1] or e.data[0] != 1):
            own = scalar_parts(e)
            fixed = [s for s in own if not self.needs(s)]
            return product([number(e.data[0]), *fixed, hadamard([self.values(s, i, j) for s in own if self.needs(s)])])
        if e.op is H.PRODUCT:
            return self._cut(e.args, i, j)
        if e.op is NORM and 1 in e.args[0].shape:
            squares = expanded_inner(_upright(e.args[0]), self)
            if squares is None:
                raise NoForm
            whole = add([self.values(t, i, j) for t in squares])
            return hpower(self._off_diagonal(whole, e, i, j), number(1) / 2)
        return None

    def _off_diagonal(self, whole: Expr, e: Expr, i: str, j: str) -> Expr:
        """The values of `e`, with ones where it vanishes because i is j, if these do not count: 1/‖x_i − x_j‖ is infinite there."""
        if frozenset((i, j)) not in self.apart or whole.op is H.HPOWER:  # a norm has them already
            return whole
        inner = e
        while inner.op in (NORM, H.POWER):
            inner = inner.args[0]
        return add([whole, identity(self.counts[i])]) if is_zero(at_index(inner, j, unit(i, self.counts[i]))) else whole

    def _cut(self, chain: Sequence[Expr], i: str, j: str) -> Expr:
        """u'M v with u of one index and v of the other."""
        needs = [self.needs(f) for f in chain]
        for first, second in ((i, j), (j, i)):
            cut = next((k for k, n in enumerate(needs) if second in n), 0)
            if cut and not any(first in n for n in needs[cut:]):
                left, right = product(chain[:cut]), product(chain[cut:])
                made = product([self.values(transpose(left), first), transpose(self.values(right, second))])
                return made if first == i else transpose(made)
        raise NoForm

    def _sum(self, e: Expr, keep: tuple[str, ...]) -> Expr:
        """A sum within the sum: its own index is summed out, those of the outer one stay."""
        if self.total is None or not e.is_scalar and len(keep) > 1:
            raise NoForm
        return self.total(e, (), keep)


def _upright(e: Expr) -> Expr:
    """A row as a column."""
    return e if e.shape[1] == 1 else transpose(e)


def unequal(f: Expr) -> tuple[str, str] | None:
    """The two indices that `f` says are not one: an entry of a constant matrix with zeros on its diagonal."""
    chain = factors(f)
    if (
        not f.is_scalar
        or len(chain) != 3
        or chain[0].op is not H.TRANSPOSE
        or chain[0].args[0].op is not H.UNIT
        or chain[2].op is not H.UNIT
    ):
        return None
    i, j = chain[0].args[0].data[0], chain[2].data[0]
    return (i, j) if isinstance(i, str) and isinstance(j, str) and _on_diagonal(chain[1]) == 0 else None


def _on_diagonal(e: Expr) -> Number | None:
    """The number that stands everywhere on the diagonal of a constant: of 11', I, their triangles, and sums of such."""
    c, rest = coefficient_and_rest(e)
    if rest.op is H.IDENTITY or is_ones(rest):
        return c
    if rest.op in (TRIU, TRIL):
        inner = _on_diagonal(rest.args[0])
        return None if inner is None else c * inner
    if rest.op is not H.SUM:
        return None
    found = [_on_diagonal(t) for t in rest.args]
    return None if None in found else c * sum(k * x for k, x in zip(rest.data, found, strict=True) if x is not None)


def rank_one(chain: Expr) -> tuple[Expr | None, Expr | None]:
    """(u, v') with u v' the chain; of a column itself and nothing, of a row the other way round.  Raises NoForm for other matrices."""
    if chain.shape[1] == 1:
        return chain, None
    if chain.shape[0] == 1:
        return None, chain
    fs = factors(chain)
    for k, f in enumerate(fs):
        if k and f.shape[0] == 1:
            return product(fs[:k]), product(fs[k:])
    raise NoForm


def expanded(e: Expr, stacks: Stacks) -> list[Expr] | None:
    """The terms of a product with a sum of which no term, but the whole, depends on two indices: (x_i − x_j)'A; ‖x_i − x_j‖² too.

    None where there is none, or `e` is no product: a scalar sum is itself a matrix of values.
    """
    v = squared(e)
    if v is not None:
        return expanded_inner(_upright(v), stacks) if 1 in v.shape and len(stacks.needs(v)) > 1 else None
    if e.op is H.SUM and not e.is_scalar and len(stacks.needs(e)) > 1:
        return terms_of(e)
    if e.op is not H.PRODUCT:
        return None
    for k, f in enumerate(e.args):
        bare = untransposed(f)
        if k >= e.data[1] and bare.op is H.SUM and len(stacks.needs(bare)) > 1:
            return opened_at(e, k)
    return None


def expanded_inner(v: Expr, stacks: Stacks) -> list[Expr] | None:
    """The terms of v'v."""
    parts = _parts(v, stacks)
    if len(parts) == 1:
        return None
    squares = [product([transpose(a), a]) for a in parts]
    mixed = [scaled(2, product([transpose(a), b])) for k, a in enumerate(parts) for b in parts[k + 1 :]]
    return [*squares, *mixed]


def _parts(v: Expr, stacks: Stacks) -> list[Expr]:
    """The terms of a column that depends on two indices, of which few do."""
    if len(stacks.needs(v)) < 2:
        return [v]
    if v.op is H.SUM:
        return [p for c, t in zip(v.data, v.args, strict=True) for p in _parts(scaled(c, t), stacks)]
    terms = expanded(v, stacks)
    return [v] if terms is None else [p for t in terms for p in _parts(t, stacks)]


def _weighted(values: Sequence[Expr], rows: Expr | None) -> Expr:
    """Each row times its values."""
    if rows is None or rows.shape[1] == 1:
        return hadamard([*values, *([] if rows is None else [rows])])
    return rows if not values else hadamard([product([hadamard(list(values)), ones((1, rows.shape[1]))]), rows])
