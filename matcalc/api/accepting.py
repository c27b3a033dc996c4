"""Arguments of callers, as what they stand for: expressions, numbers, what is SymPy's, sizes, names as they are declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from matcalc.errors import ShapeError, UnknownNameError, UnsupportedError
from matcalc.expr import Dim, Expr, Shape, Size, size, variable
from matcalc.expr.dims import size_of
from matcalc.expr.language import as_expr as number_as_expr
from matcalc.limits import LONGEST_SIZE
from matcalc.reading import Symbol, declarations, sympy

_SIZE = re.compile(r"\d+|[^\W\d]\w*(\s*[-*+]\s*(\d+|[^\W\d]\w*))*")


def as_expr(value: Any) -> Expr:
    """`value` as an expression: an expression, a number, a size, or an expression of SymPy's.

    Raises UnsupportedError for anything else.
    """
    if isinstance(value, Dim):
        return size(value)
    if is_sympy(value):
        return sympy.expressions.read_sympy(value).expr
    try:
        return number_as_expr(value)
    except (TypeError, ValueError, OverflowError):
        hint = "mc.parse reads text" if isinstance(value, str) else "variables stand for arrays: mc.matrix, mc.vector, mc.scalar"
        raise UnsupportedError(f"{value!r:.60} is no expression", hint=hint) from None


def is_sympy(value: Any) -> bool:
    """Whether `value` is one of SymPy's, or of a class made from them."""
    return any(str(c.__module__).partition(".")[0] == "sympy" for c in type(value).__mro__)


def size_as(value: str | Size) -> Size:
    """A size, given as one, as a positive integer or as text.

    >>> size_as("m*n"), size_as(3)
    (m*n, 3)
    """
    if isinstance(value, Dim):
        return value
    made: Size | None = None
    if isinstance(value, str) and len(value) <= LONGEST_SIZE and _SIZE.fullmatch(value.strip()):
        made = size_of(value.strip())
    elif isinstance(value, int) and not isinstance(value, bool):
        made = value
    elif hasattr(value, "__index__") and not isinstance(value, bool):
        made = value.__index__()
    if made is None or (isinstance(made, int) and made < 1):
        raise ShapeError(f"a size is a name or a positive whole number, not {value!r:.40}")
    return made


def variable_as(name: str, kind: str, properties: Sequence[str]) -> Expr:
    """The variable that the declaration ``name: kind`` makes, with `properties`."""
    declared = declared_as(name, " ".join((kind, *map(str, properties))))
    return variable(declared.name, declared.shape or (1, 1), declared.properties)


def shaped_as(name: str, shape: Shape, properties: Sequence[str] = ()) -> Expr:
    """The variable `name` of a shape.  Raises UnknownNameError for what is no name, or an unknown property."""
    return variable_as(name, f"({shape[0]}, {shape[1]})", properties)


def declared_as(name: Any, kind: str) -> Symbol:
    """The symbol that the declaration ``name: kind`` makes; what is wrong with it, the reader says."""
    symbols = list(declarations(f"{name}: {kind}").values()) if isinstance(name, str) else []
    if len(symbols) != 1:
        raise UnknownNameError(f"a name is a letter, then letters, digits and _, not {name!r:.40}")
    return symbols[0]
