"""Two expressions that were read apart, in one scope: what they call the same is the same, with one shape and all its properties."""

from __future__ import annotations

from matcalc.errors import ShapeError
from matcalc.expr import Dim, Expr, Shape, Size, closure, postorder, substitute, symbol, variable, variables
from matcalc.expr.dims import replace

APART = "__"  # what the names of sizes of the second expression end in for a while


def unified(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """The two with their sizes made to agree.  Raises ShapeError where a name has two shapes that cannot be one.

    >>> from matcalc import parse
    >>> first, second = unified(parse("A*B"), parse("B*A"))
    >>> first.shape == second.shape
    True
    """
    shapes = {v.data[0]: v.shape for v in variables(a)}
    if all(shapes.get(v.data[0], v.shape) == v.shape for v in variables(b)) and a.shape == b.shape:
        return _with_all_properties(a, b)
    own = {name: symbol(f"{name}{APART}") for name in _sizes(b)}
    apart = substitute(b, {}, own)
    known: dict[str, Size] = {}
    for v in variables(apart):
        if v.data[0] in shapes:
            for m, n in zip(shapes[v.data[0]], v.shape, strict=True):
                if not _same(m, n, known):
                    mine, other = shapes[v.data[0]], next(u.shape for u in variables(b) if u.data[0] == v.data[0])
                    raise ShapeError(f"{v.data[0]} is ({_written(mine)}) in one and ({_written(other)}) in the other")
    before = dict(known)
    if not all(_same(m, n, known) for m, n in zip(a.shape, apart.shape, strict=True)):
        known = before
    sizes = {name: _settled(symbol(name), known) for name in (*_sizes(a), *(f"{name}{APART}" for name in _sizes(b)))}
    back = {f"{name}{APART}": symbol(name) for name in _sizes(b)}
    sizes = {name: replace(size, back) for name, size in sizes.items()}
    return _with_all_properties(substitute(a, {}, sizes), substitute(apart, {}, sizes))


def _sizes(e: Expr) -> list[str]:
    dims = {d for n in postorder(e) for d in (*n.shape, *(n.data if isinstance(n.data, tuple) else (n.data,))) if isinstance(d, Dim)}
    return sorted({name for d in dims for name in d.symbols})


def _same(m: Size, n: Size, known: dict[str, Size]) -> bool:
    """Makes two sizes one, if that can be: by giving a name the other's value."""
    m, n = _settled(m, known), _settled(n, known)
    if m == n:
        return True
    for one, other in ((n, m), (m, n)):  # the second expression's names go first
        if isinstance(one, Dim) and one.name and other != 1 and one.name not in getattr(other, "symbols", ()):
            known[one.name] = other
            return True
    return False


def _settled(n: Size, known: dict[str, Size]) -> Size:
    while isinstance(n, Dim) and n.symbols & known.keys():
        n = replace(n, known)
    return n


def _with_all_properties(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    properties: dict[str, frozenset[str]] = {}
    for v in variables(a, b):
        properties[v.data[0]] = properties.get(v.data[0], frozenset()) | frozenset(v.data[1])
    by = {v: variable(v.data[0], v.shape, closure(properties[v.data[0]])) for v in variables(a, b)}
    by = {v: w for v, w in by.items() if v is not w}
    return substitute(a, by), substitute(b, by)


def _written(shape: Shape) -> str:
    return ", ".join(map(str, shape))
