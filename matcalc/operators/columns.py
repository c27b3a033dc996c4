"""The numpy column of a row as a function, which needs nothing but NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from matcalc import operators
from matcalc.errors import UnsupportedError
from matcalc.expr import Op


@cache
def column(op: Op) -> Callable[..., Any]:
    """The numpy column of a row as a function of its arguments, of `rows` and of `columns`.  Raises UnsupportedError where it is empty.

    >>> from matcalc.operators import row
    >>> float(column(row("prod"))([2.0, 3.0]))
    6.0
    """
    if not op.numpy:
        raise UnsupportedError(f"{op.name} has no numeric value")
    body = op.numpy.format("x", "y", "z", rows="rows", columns="columns")
    names = vars(operators.in_numpy)
    if "sc." in body:
        import scipy.special as sc

        names = names | {"sc": sc}
    made: Callable[..., Any] = eval(f"lambda x=None, y=None, z=None, *, rows=0, columns=0: {body}", names)
    return made
