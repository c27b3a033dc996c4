"""How a text was read, in one line: each name with its kind or shape, its properties, and what that was inferred from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from matcalc.expr.dims import Dim
from matcalc.reading.shapes import Shapes
from matcalc.reading.sizes import RoughShape, find
from matcalc.reading.symbols import Symbol

BETWEEN = " · "
UNSAID = ("size", "index")


def listed(symbols: Iterable[Symbol], occurring: Collection[str], spelled: Callable[[str], str] = str) -> str:
    """The names of an expression: inferred ones, and declared ones that occur.

    >>> from matcalc.reading import read
    >>> listed(read("norm(y - X*beta)^2 + lambda", "X: (m, n)").symbols.values(), {"X"})
    'X (m, n) · y (m) inferred: in a norm · beta (n) inferred: right of a matrix · lambda scalar inferred'
    """
    shown = (s for s in symbols if s.kind not in UNSAID and (s.inferred or s.name in occurring))
    return BETWEEN.join(_said(spelled(s.name), s.kind, s.shape, s.properties, s.inferred, s.reason, s.takes) for s in shown)


def so_far(shapes: Shapes) -> str:
    """The names of a text that does not fit, as far as their shapes are known."""
    declared = [s for s in shapes.declared.values() if s.name in shapes.used]
    known = [_said(s.name, s.kind, s.shape, s.properties, False, "", s.takes) for s in declared]
    for name, (kind, shape) in shapes.inferred.items():
        known.append(_said(name, kind, shape, (), True, shapes.given.arrays.get(name, "")))
    return BETWEEN.join(known)


def _said(
    name: str, kind: str, shape: RoughShape | None, properties: Iterable[str], inferred: bool, reason: str, takes: RoughShape | None = None
) -> str:
    what = kind if shape is None or kind == "scalar" else _shape(shape)
    if takes is not None:
        what = f"{_shape(takes)} → {what if shape != (1, 1) else 'scalar'}"
    return " ".join((name, what, *sorted(properties), *["inferred" + f": {reason}" * bool(reason)] * inferred))


def _shape(shape: RoughShape) -> str:
    rows, columns = (str(s) if isinstance(s, (int, Dim)) else "?" for s in map(find, shape))
    return f"({rows})" if columns == "1" else f"({rows}, {columns})"
