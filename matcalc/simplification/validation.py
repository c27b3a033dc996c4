"""Whether a line of the identities says something that can be: read at test time, so that a mistake in it has the line's name."""

from __future__ import annotations

from matcalc.errors import MatcalcError, TableError
from matcalc.expr import Expr, postorder, variables
from matcalc.expr.dims import Dim
from matcalc.simplification.rewrite import Line


def check_line(line: Line) -> None:
    """Reads both sides.

    Raises TableError with the line's name: a side that does not parse, sides of two shapes, a letter, a size or a function on the right
    that is not on the left.

    >>> check_line(Line("lost", "tr(A*B)", "tr(B*C)", scalar=False))
    Traceback (most recent call last):
    ...
    matcalc.errors.TableError: identity `lost`: C is on the right only
    """
    try:
        found = list(line.identities())
    except MatcalcError as error:
        raise TableError(f"identity `{line.name}`: {error}") from error
    for identity in found:
        left, right = identity.left, identity.right
        problem = ""
        if left.shape != right.shape:
            problem = "the left side is ({}, {}), the right side ({}, {})".format(*left.shape, *right.shape)
        if free := [v.data[0] for v in variables(right) if v not in set(variables(left))]:
            problem = f"{free[0]} is on the right only"
        elif unknown := [n.op.abstract[0] for n in postorder(left, right) if n.op.abstract]:
            problem = f"there is no function `{unknown[0]}`"
        elif sizes := _sizes(right) - _sizes(left):
            problem = f"the size {min(sizes)} is on the right only"
        elif left is right:
            problem = "both sides are one expression"
        if problem:
            raise TableError(f"identity `{line.name}`: {problem}")


def _sizes(e: Expr) -> set[str]:
    return {name for n in postorder(e) for size in n.shape if isinstance(size, Dim) for name in size.symbols}
