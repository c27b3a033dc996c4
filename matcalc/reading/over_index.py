r"""Sums and products over an index of entries, rows or columns, as matrix expressions.

What depends on the index i holds the unit vector e_i.  Read for all i at once, a scalar is a vector of its values and a
column vector is a matrix with its values as rows: w'x_i, with x_i the i-th row of X, is X w.

    Σ_i y_i (w'x_i)  =  y'X w        Σ_i log(1 + exp(w'x_i))  =  1'log(1 + exp(X w))        Σ_i x_i x_i'  =  X'X
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.errors import LimitError, UnsupportedError
from matcalc.expr import (
    HADAMARD,
    HPOWER,
    POWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    UNIT,
    Expr,
    add,
    apply,
    hadamard,
    hpower,
    identity,
    number,
    ones,
    power,
    product,
    scaled,
    size,
    transpose,
)
from matcalc.expr.dims import Size
from matcalc.expr.language import dot_power
from matcalc.expr.rebuild import postorder
from matcalc.limits import MOST_SUMMED
from matcalc.operators import call
from matcalc.operators.matrices import NORM, TR

_ROWS = {"softmax": "softmax_rows", "logsumexp": "logsumexp_rows"}


def summed(e: Expr, index: str) -> Expr:
    """The sum of `e` over all values of the index.

    >>> from matcalc.reading import read
    >>> read(r"\\sum_i y_i w^\\top x_i", "X: (m, n); y: (m); w: (n)").expr
    yᵀ X w
    """
    over = _Over(e, index)
    if not over.moves(e):
        return product([size(over.count), e])
    if e.op is SUM:
        return add([scaled(c, summed(t, index)) for c, t in zip(e.data, e.args, strict=True)])
    if e.op is not PRODUCT:
        return over.total([], [e])
    c, front = e.data
    scalars, chain = list(e.args[:front]), list(e.args[front:])
    fixed = [s for s in scalars if not over.moves(s)]
    made = over.total([s for s in scalars if over.moves(s)], chain)
    return scaled(c, product([*fixed, made]))


def multiplied(e: Expr, index: str) -> Expr:
    """The product of the scalars `e` over all values of the index."""
    over = _Over(e, index)
    return power(e, size(over.count)) if not over.moves(e) else call("prod", over.stacked(e))


class _Over:
    """One index: how much it counts, and what depends on it."""

    def __init__(self, e: Expr, index: str) -> None:
        self.index = index
        self.count: Size = 1
        self.moving: dict[Expr, bool] = {}
        self.known: dict[Expr, Expr] = {}
        self.moves(e)
        if sum(self.moving.values()) > MOST_SUMMED:
            raise LimitError(f"a sum over an index of more than {MOST_SUMMED:,} parts")

    def moves(self, e: Expr) -> bool:
        """Whether `e` depends on the index."""
        if e not in self.moving:
            for n in postorder(e):
                if n.op is UNIT and n.data[0] == self.index:
                    self.moving[n], self.count = True, n.data[1]
                else:
                    self.moving[n] = any(self.moving[a] for a in n.args)
        return self.moving[e]

    def total(self, scalars: list[Expr], chain: list[Expr]) -> Expr:
        """The sum of scalars (each of which depends on the index) times a chain."""
        if not chain:
            *rest, last = scalars
            if not rest:
                return self._total_of(last)
            return product([transpose(hadamard([self.stacked(s) for s in rest])), self.stacked(last)])
        whole = product(chain)
        if not self.moves(whole):
            return product([self.total(scalars, []), whole])
        if whole.is_scalar:
            return self.total([*scalars, *_scalars_of(whole)], []) if scalars else self._total_of(whole)
        weights = hadamard([self.stacked(s) for s in scalars]) if scalars else ones((self.count, 1))
        if whole.shape[1] == 1:
            return product([transpose(self.stacked(whole)), weights])
        if whole.shape[0] == 1:
            return product([transpose(weights), self.stacked(transpose(whole))])
        for i, factor in enumerate(chain):  # an outer product u v'
            if i and factor.shape[0] == 1:
                left, right = self.stacked(product(chain[:i])), self.stacked(transpose(product(chain[i:])))
                return product([transpose(left), *([call("diag", weights)] if scalars else []), right])
        moving = [i for i, f in enumerate(chain) if self.moves(f)]
        if len(moving) == 1 and chain[moving[0]].op is SUM and not scalars:
            (i,) = moving
            inner = chain[i]
            terms = [scaled(c, product([*chain[:i], t, *chain[i + 1 :]])) for c, t in zip(inner.data, inner.args, strict=True)]
            return add([self.total([], [t]) if self.moves(t) else product([size(self.count), t]) for t in terms])
        raise _no_matrix_form(whole)

    def _total_of(self, s: Expr) -> Expr:
        """The sum of a scalar."""
        factors = _scalars_of(s)
        if len(factors) > 1:
            return self.total(factors, [])
        if s.op is SUM:
            return add(
                [
                    scaled(c, self._total_of(t) if self.moves(t) else product([size(self.count), t]))
                    for c, t in zip(s.data, s.args, strict=True)
                ]
            )
        if s.op is PRODUCT and not s.data[1]:
            first, *middle, last = s.args
            if first.op is TRANSPOSE and first.args[0] is last and last.op is UNIT and not any(self.moves(f) for f in middle):
                return apply(TR, (product(middle),))
        return product([ones((1, self.count)), self.stacked(s)])

    def stacked(self, e: Expr) -> Expr:
        """The values of a scalar as a vector, those of a column vector as the rows of a matrix."""
        for n in postorder(e):
            if n not in self.known and (n.shape[1] == 1 or n.shape[0] == 1):
                self.known[n] = self._stacked(n)
        return self.known[e]

    def _stacked(self, e: Expr) -> Expr:
        if e.shape[1] != 1:
            return self._of(transpose(e))
        if not self.moves(e):
            return product([ones((self.count, 1)), e if e.is_scalar else transpose(e)])
        if e.op is UNIT:
            return identity(self.count)
        if e.op is PRODUCT:
            return self._product(e)
        if e.op is SUM:
            return add([scaled(c, self._of(t)) for c, t in zip(e.data, e.args, strict=True)])
        if e.op is HADAMARD:
            return hadamard([self._of(a) for a in e.args])
        if e.op is POWER or e.op is HPOWER:
            return self._power(e)
        if e.op.elementwise:
            return apply(e.op, (self._of(e.args[0]),), e.data)
        if e.op is NORM and 1 in e.args[0].shape:
            squares = hpower(self._of(e.args[0]), number(2))
            return hpower(product([squares, ones((squares.shape[1], 1))]), number(1) / 2)
        if e.op.name in _ROWS:
            return call(_ROWS[e.op.name], self._of(e.args[0]))
        raise _no_matrix_form(e)

    def _of(self, e: Expr) -> Expr:
        column = e if e.shape[1] == 1 else transpose(e)
        if column not in self.known:
            self.known[column] = self._stacked(column)
        return self.known[column]

    def _power(self, e: Expr) -> Expr:
        base, exponent = e.args
        if self.moves(exponent) and not base.is_scalar:
            raise _no_matrix_form(e)
        return dot_power(self._of(base), self._of(exponent) if self.moves(exponent) else exponent)

    def _product(self, e: Expr) -> Expr:
        """A column or a scalar as a product, taken from the right."""
        c, front = e.data
        scalars, chain = list(e.args[:front]), list(e.args[front:])
        values = [self._of(s) for s in scalars if self.moves(s)]
        if (
            len(chain) == 3
            and chain[-1].op is UNIT
            and transpose(chain[0]) is chain[-1]
            and self.moves(chain[0])
            and not self.moves(chain[1])
        ):
            values.append(call("diag", chain[1]))
            chain = []
        if e.is_scalar and chain and self.moves(chain[0]) and not self.moves(chain[-1]) and not any(f.shape[0] == 1 for f in chain[1:]):
            chain = [transpose(f) for f in reversed(chain)]  # w'X'e_i, not e_i'X w
        elif e.is_scalar and len(chain) > 2 and 1 not in chain[1].shape:
            chain[:2] = [product(chain[:2])]  # the row e_i'X is one of X
        state: Expr | None = None  # what stands to the right, stacked
        for f in reversed(chain):
            if f.shape[1] == 1:
                if state is not None:
                    values.append(state)
                state = self._of(f)
            elif state is None:
                raise _no_matrix_form(e)
            elif f.shape[0] == 1:
                row = transpose(f)
                state = product([hadamard([self._of(f), state]), ones((row.shape[0], 1))]) if self.moves(f) else product([state, row])
                if f is not chain[0]:
                    values.append(state)
                    state = None
            elif not self.moves(f):
                state = product([state, transpose(f)])
            elif f.op.name == "diag":
                state = hadamard([state, self._of(f.args[0])])
            else:
                raise _no_matrix_form(e)
        fixed = [s for s in scalars if not self.moves(s)]
        return scaled(c, product([*fixed, _weighted(values, state)]))


def _weighted(values: Sequence[Expr], rows: Expr | None) -> Expr:
    """Each row times its values."""
    if rows is None or rows.shape[1] == 1:
        return hadamard([*values, *([] if rows is None else [rows])])
    return rows if not values else hadamard([product([hadamard(list(values)), ones((1, rows.shape[1]))]), rows])


def _scalars_of(s: Expr) -> list[Expr]:
    """The scalar factors of a scalar: those of x'A y are itself."""
    if s.op is PRODUCT and s.data[1]:
        c, front = s.data
        chain = s.args[front:]
        return [number(c)] * (c != 1) + [*s.args[:front], *([product(list(chain))] if chain else [])]
    if s.op is PRODUCT and s.data[0] != 1:
        return [number(s.data[0]), product(list(s.args))]
    return [s]


def _no_matrix_form(e: Expr) -> UnsupportedError:
    return UnsupportedError(
        f"this sum has no matrix form here: {e.op.name or 'a part'} of what depends on the index",
        hint="sums of products, of elementwise functions and of norms are read; write the matrix form otherwise",
    )
