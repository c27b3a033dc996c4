"""Conditions on two indices, as matrices of zeros and ones that are one where they hold.

>>> from matcalc.expr import symbol
>>> above(symbol("n")).shape
(n, n)
"""

from __future__ import annotations

from matcalc.expr import Expr, add, apply, identity, ones, scaled
from matcalc.expr.dims import Size
from matcalc.operators.matrices import TRIU


def above(n: Size) -> Expr:
    """The matrix of zeros and ones that is one at (i, j) where i < j, of indices to n."""
    return add([apply(TRIU, (ones((n, n)),)), scaled(-1, identity(n))])


def upper(n: Size) -> Expr:
    """The one that is one where i ≤ j."""
    return apply(TRIU, (ones((n, n)),))


def apart(n: Size) -> Expr:
    """The one that is one where i ≠ j."""
    return add([ones((n, n)), scaled(-1, identity(n))])
