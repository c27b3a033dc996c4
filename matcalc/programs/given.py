"""The data of programs: variables, and families, which are one array each, with an axis for each index before those of a member.

>>> from matcalc.expr import family, symbol, variable
>>> K, d = symbol("K"), symbol("d")
>>> axes_of(family("S", (K,), (d, d))), axes_of(family("z", (K, K), (d, 1))), axes_of(variable("x", (1, d)))
((K, d, d), (K, K, d), (d,))
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.expr.dims import Shape, Size
from matcalc.expr.heads import FAMILY, VARIABLE
from matcalc.expr.node import Expr, postorder


def given_in(*roots: Expr) -> list[Expr]:
    """The variables and the families that occur, by name; of those of one name the one of which most is declared last."""
    found = dict.fromkeys(n for n in postorder(*roots) if n.op in (VARIABLE, FAMILY))
    return sorted(found, key=lambda v: (str(v.data[0]), len(v.data[1]), sorted(v.data[1])))


def axes_of(v: Expr) -> tuple[Size, ...]:
    """The axes of the array that a variable or a family is: those of its indices, and rows and columns where there are more than one."""
    return (*indices_of(v), *array_axes(v.shape))


def indices_of(v: Expr) -> tuple[Size, ...]:
    counts: tuple[Size, ...] = v.data[2] if v.op is FAMILY else ()
    return counts


def array_axes(shape: Shape) -> tuple[Size, ...]:
    return tuple(n for n in shape if n != 1)


def written(n: Size, names: Mapping[str, str]) -> str:
    """The size as Python would write it, its symbols called so."""
    if isinstance(n, int):
        return str(n)
    return " + ".join(" * ".join([*([str(c)] if c != 1 or not own else []), *(names[s] for s in own)]) for own, c in n.terms)


def is_row(v: Expr) -> bool:
    """Whether it is a row, which is taken with one axis or with two."""
    return v.op is VARIABLE and v.shape[0] == 1 != v.shape[1]


def is_number(v: Expr) -> bool:
    return v.op is VARIABLE and v.is_scalar
