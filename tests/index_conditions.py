"""Conditions on indices, as factors that are one where they hold and zero elsewhere: entries of matrices of zeros and ones.

>>> from matcalc.expr import symbol
>>> n = symbol("n")
>>> less("i", "j", n).shape, unequal("i", "j", n) is unequal("j", "i", n)
((1, 1), True)
"""

from __future__ import annotations

from matcalc.expr import Expr, product, transpose, unit
from matcalc.expr.dims import Size
from matcalc.expr.heads import onehot
from matcalc.operators.conditions import above, apart, upper

Index = str | int


def entry(a: Expr, i: Index, j: Index) -> Expr:
    """The entry of a matrix where two indices say: also whether (i, j) is in a set, given as its matrix of zeros and ones."""
    return product([transpose(unit(i, a.shape[0])), a, unit(j, a.shape[1])])


def row(a: Expr, i: Index) -> Expr:
    """The row of a matrix, or the entry of a vector, as a column."""
    return a.T @ unit(i, a.shape[0])


def less(i: Index, j: Index, n: Size) -> Expr:
    """Whether i < j, of indices that count to n."""
    return entry(above(n), i, j)


def at_most(i: Index, j: Index, n: Size) -> Expr:
    """Whether i ≤ j."""
    return entry(upper(n), i, j)


def unequal(i: Index, j: Index, n: Size) -> Expr:
    """Whether i ≠ j."""
    return entry(apart(n), i, j)


def labelled(y: Expr, i: Index, k: Index, n: Size) -> Expr:
    """Whether y_i = k, of labels from 1 to n."""
    return entry(onehot(y, n), i, k)


def label(y: Expr, i: Index, n: Size) -> Expr:
    """The unit vector e_(y_i), for a row of a matrix or a member of a family: w_(y_i) is W'e_(y_i)."""
    return product([transpose(onehot(y, n)), unit(i, y.shape[0])])
