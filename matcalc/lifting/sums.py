"""The matrix form of sums over indices: of the outermost first, with all that stand in it; what has none stays a sum.

    Σ_i y_i (w'x_i) = y'Xw       Σ_i log(1 + exp(w'x_i)) = 1'log(1 + exp(Xw))       Σ_ij A_ij B_ji = tr(AB)       Σ_i x_i x_i' = X'X

>>> from matcalc.expr import sigma, symbol, unit, variable
>>> n, k = symbol("n"), symbol("k")
>>> X, y = variable("X", (n, k)), variable("y", (n, 1))
>>> from matcalc.operators import call
>>> lifted(sigma("i", n, call("exp", unit("i", n).T @ y)))
𝟏ᵀ exp(y)
"""

from __future__ import annotations

from matcalc.errors import LimitError, UnsupportedError
from matcalc.expr import PRODUCT, SIGMA, SUM, Expr, add, alike, factors, number, power, product, remake, sigma, size, split
from matcalc.expr.dims import Size
from matcalc.expr.indices import dependent_on, free_indices, opened_as, outer
from matcalc.expr.products import terms_of
from matcalc.lifting.arrays import LEFT, RIGHT, Array, NoForm, reduced, whole
from matcalc.lifting.stacking import Stacks, expanded, rank_one, unequal
from matcalc.limits import MOST_SUMMED
from matcalc.operators import call


def lifted(e: Expr) -> Expr:
    """`e` with matrix expressions in place of the sums over an index that are such."""
    if not e.nested:
        return e
    e = alike(e)
    done: dict[Expr, Expr] = {}
    for n in outer(e):
        if n.op is SIGMA:
            done[n] = _without(n)
        else:
            done[n] = remake(n, tuple(done[a] for a in n.args))
    return done[e]


def multiplied(e: Expr, index: str, count: Size) -> Expr:
    """The product of the scalars `e` over a free index.  Raises UnsupportedError where their vector has no matrix form."""
    if index not in free_indices(e):
        return power(e, size(count))
    try:
        return call("prod", Stacks({index: count}).values(lifted(e), index))
    except NoForm:
        raise UnsupportedError(
            "this product over an index has no matrix form here", hint="the logarithm of a product is a sum: sum(i = 1..n, log(…))"
        ) from None


def _without(s: Expr) -> Expr:
    """The sum `s` in matrix form; what of it has none is left as a sum, its inner sums as far as they go."""
    called, count = s.data
    index = f"{called}·s{s.nested}"  # no sum around or within has as many in it
    body = opened_as(s, index)
    if len(dependent_on(index, body)) > MOST_SUMMED:
        raise LimitError(f"a sum over an index of more than {MOST_SUMMED} parts")
    found = _terms(index, count, body)
    if found is not None:
        return found
    inner = lifted(body)
    if inner is not body:
        found = _terms(index, count, inner)
        if found is not None:
            return found
    return sigma(index, count, inner, called)


def _terms(index: str, count: Size, body: Expr) -> Expr | None:
    """The sum of `body` over the index: the terms that have a matrix form, and what is left of it; None where none has."""
    terms = terms_of(body) if body.op is SUM else [body]
    done, left = [], []
    for t in terms:
        try:
            done.append(_total(index, count, t))
        except NoForm:
            left.append(t)
    if not done:
        return None
    return add([*done, *([sigma(index, count, lifted(add(left)), index.partition("·")[0])] if left else [])])


def _total(index: str, count: Size, body: Expr) -> Expr:
    """The matrix form of a sum.  Raises NoForm."""
    if index not in free_indices(body):
        return product([size(count), body])
    return Network({index: count}).total(body, (index,))


class Network:
    """Sums over several indices at once: their factors as arrays with named axes, which are summed out one by one.

    A product of entries is a graph: its indices are vertices, its matrices edges, its vectors weights of vertices.  The rows and the
    columns of the value are vertices too, that stay.
    """

    def __init__(self, counts: dict[str, Size]) -> None:
        self.counts = counts
        self.stacks = Stacks(counts, self.total)

    def total(self, e: Expr, over: tuple[str, ...], keep: tuple[str, ...] = ()) -> Expr:
        """The sum of `e`: of a scalar, with axes for the indices kept (at most two), else of the shape of `e`.  Raises NoForm."""
        if e.op is SUM:
            return add([self.total(t, over, keep) for t in terms_of(e)])
        front, parts, over = self._flat(e, over)
        for k, f in enumerate(parts):
            terms = expanded(f, self.stacks)
            if terms is not None:
                made = [self.total(product([*parts[:k], t, *parts[k + 1 :]]), over, keep) for t in terms]
                return product([front, add(made)])
        self.stacks.apart |= {frozenset(pair) for f in parts if (pair := unequal(f)) is not None}
        linear = self._linear(parts, over) if not keep else None
        if linear is not None:
            return product([front, linear])
        arrays = [a for f in parts for a in self._arrays(f)]
        ends = () if e.is_scalar else (*((LEFT,) if e.shape[0] != 1 else ()), *((RIGHT,) if e.shape[1] != 1 else ()))
        sizes = {**self.counts, LEFT: e.shape[0], RIGHT: e.shape[1]}
        value = whole(reduced(arrays, over, sizes), (*keep, *ends), sizes)
        return product([front, value.T if ends == (RIGHT,) and not keep else value])

    def _flat(self, e: Expr, over: tuple[str, ...]) -> tuple[Expr, list[Expr], tuple[str, ...]]:
        """The constant part, the factors (scalars, then what is left of a chain), and the indices with those of sums among the factors."""
        fixed: list[Expr] = []
        parts: list[Expr] = []
        waiting = [e]
        while waiting:
            f = waiting.pop()
            if f.op is PRODUCT and (f.data[0] != 1 or f.data[1] or not f.is_scalar):
                fixed.append(number(f.data[0]))
                waiting.extend(f.args[: f.data[1]])
                chain = list(factors(f)) if f.data[1] < len(f.args) else []
                if chain and (len(chain) == 1 or f.is_scalar):
                    waiting.append(product(chain))
                elif chain:
                    parts.append(product(chain))
            elif f.op is SIGMA:
                index = f"{f.data[0]}·s{f.nested}·{len(self.counts)}"
                self.counts[index] = f.data[1]
                over = (*over, index)
                waiting.append(opened_as(f, index))
            elif f.is_scalar and not self.stacks.needs(f):
                fixed.append(f)
            else:
                parts.append(f)
        return product(fixed), parts, over

    def _linear(self, parts: list[Expr], over: tuple[str, ...]) -> Expr | None:
        """Σ f(b) = f(Σ b) for a linear f of one argument that moves."""
        if len(parts) != 1 or not parts[0].op.adjoint:
            return None
        (f,) = parts
        moving = [i for i, a in enumerate(f.args) if self.stacks.needs(a)]
        if len(moving) != 1 or not f.op.adjoint[moving[0]]:
            return None
        (i,) = moving
        return remake(f, (*f.args[:i], self.total(f.args[i], over), *f.args[i + 1 :]))

    def _arrays(self, f: Expr) -> list[Array]:
        """A factor as a product of arrays."""
        if f.is_scalar:
            return self.stacks.arrays(f)
        scalars, chain = split(f)
        made = self.stacks.arrays(scalars) if self.stacks.needs(scalars) else [Array(scalars, ())]
        left, right = rank_one(chain)
        for part, end in ((left, LEFT), (None if right is None else right.T, RIGHT)):
            if part is not None:
                made.append(self.stacks.column(part, end))
        return made
