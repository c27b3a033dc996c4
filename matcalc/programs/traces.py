"""Traces of products with an inverse that is used often: taken term by term, so that few matrices are multiplied.

tr((K^-1 - a a') E K^-1 F) becomes the sum of the entries of (K^-1 E) ⊙ (F K^-1)' less a scalar chain of products with vectors; the
second derivatives of a Gaussian likelihood share K^-1 E for each matrix E, and all else is of second order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from matcalc.expr import Expr, hadamard, matpower, transpose
from matcalc.expr import heads as H
from matcalc.limits import MOST_TRACED
from matcalc.programs.forms import Code
from matcalc.programs.structured import Structured
from matcalc.programs.values import Value


class TooMany(Exception):
    """There are more terms than pay."""


def traced(algebra: Structured, value: Callable[[Expr], Value], arg: Expr) -> Code | None:
    """tr(arg) term by term, where it is of products; `value` makes what they are of."""
    if arg.op not in (H.PRODUCT, H.SUM) and not (arg.op is H.MATPOWER and arg.data < -1):
        return None
    try:
        return _Terms(algebra, value).trace([arg])
    except TooMany:
        return None


class _Terms:
    def __init__(self, algebra: Structured, value: Callable[[Expr], Value]) -> None:
        self.algebra, self.arrays, self.value = algebra, algebra.arrays, value
        self.count = 0

    def trace(self, circle: Sequence[Expr]) -> Code:
        """The trace of a product: its scalars taken out, its sums opened."""
        self.count += 1
        if self.count > MOST_TRACED:
            raise TooMany
        flat: list[Expr] = []
        front: list[Code] = []
        for f in circle:
            self._open(f, flat, front)
        make = self.arrays
        if not flat:
            return self._times(front, make.size(circle[0].shape[0]))
        for i, f in enumerate(flat):
            if f.op is H.SUM:
                terms = []
                for c, t in zip(f.data, f.args, strict=True):
                    terms.append(make.multiply(make.number(c), self.trace([*flat[:i], t, *flat[i + 1 :]])))
                return self._times(front, reduce(make.add, terms))
        if len(flat) == 2:
            for f, other in (flat, flat[::-1]):
                inside = [a for a in f.args if a.op in (H.PRODUCT, H.SUM)] if f.op is H.HADAMARD else []
                if len(inside) == 1 and other.op not in (H.PRODUCT, H.SUM):  # tr(D (M ⊙ E)) is tr((D ⊙ E') M)
                    rest = [transpose(a) for a in f.args if a is not inside[0]]
                    return self._times(front, self.trace([hadamard([other, *rest]), inside[0]]))
        return self._times(front, self._circle(flat))

    def _open(self, f: Expr, flat: list[Expr], front: list[Code]) -> None:
        if f.op is H.PRODUCT:
            c, count = f.data
            if c != 1:
                front.append(self.arrays.number(c))
            front.extend(self.algebra.dense(self.value(s)) for s in f.args[:count])
            for a in f.args[count:]:
                self._open(a, flat, front)
        elif f.op is H.MATPOWER and f.data < -1:
            flat.extend([matpower(f.args[0], -1)] * -f.data)
        elif f.op is not H.IDENTITY:
            flat.append(f)

    def _times(self, front: Sequence[Code], c: Code) -> Code:
        return reduce(self.arrays.multiply, [*front, c])

    def _circle(self, flat: list[Expr]) -> Code:
        algebra = self.algebra
        at = next((i for i, f in enumerate(flat) if f.shape[0] == 1), None)
        if at is not None:
            return self._scalar([*flat[at:], *flat[:at]])
        inverses = [i for i, f in enumerate(flat) if f.op is H.MATPOWER and f.data == -1]
        if inverses:
            flat = [*flat[inverses[0] :], *flat[: inverses[0]]]
            inverses = [i - inverses[0] for i in inverses]
        values = [self.value(f) for f in flat]
        if len(values) == 1:
            return algebra.trace(values[0])
        half = min(inverses[1:] or [len(flat) // 2 or 1], key=lambda i: abs(2 * i - len(flat)))
        left, right = map(algebra.fold, (values[:half], values[half:]))
        return algebra.inner(left, right)

    def _scalar(self, chain: list[Expr]) -> Code:
        """A chain from a row to a column, multiplied from both ends: products with vectors only."""
        algebra = self.algebra
        ends = [i for i, f in enumerate(chain) if f.shape[0] == 1]
        if len(ends) > 1:  # the trace of several scalars
            pieces = [chain[i:j] for i, j in zip(ends, [*ends[1:], len(chain)], strict=True)]
            return reduce(self.arrays.multiply, [self._scalar(p) for p in pieces])
        row, *middle, column = chain
        x, y = algebra.transpose(self.value(row)), self.value(column)
        values = [self.value(f) for f in middle]
        from_right = True
        while values:
            if from_right:
                y = algebra.multiply(values.pop(), y)
            else:
                x = algebra.multiply(algebra.transpose(values.pop(0)), x)
            from_right = not from_right
        return self.arrays.inner(algebra.dense(x), algebra.dense(y))
