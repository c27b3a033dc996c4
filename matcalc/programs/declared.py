"""Programs look at the shapes of what they are called with: an argument that is not as declared is an error that names it.

Where A is (m, n) and b is (m) this is no more than

    m, n = A.shape
    as_declared = b.shape == (m,)

around the program, so that it costs next to nothing; only where it does not hold, shapes are compared one by one.  Of ordinary
arrays the program is called at once, with no look at what is sparse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr.dims import Dim, replace
from matcalc.expr.node import Expr
from matcalc.programs.argument_names import identifier
from matcalc.programs.given import axes_of, is_number, is_row, written

Function = Callable[..., Any]
Anew = Callable[[Mapping[str, int]], Function]
NUMBERS = frozenset((int, float, complex, bool))


def with_shapes(function: Function, given: Sequence[Expr], fixed: Collection[str] = (), anew: Anew | None = None) -> Function:
    """The function, which takes lists as arrays, and raises ShapeError for values of the variables `given` whose shapes are not theirs.

    With `fixed` it is a factory, and what it returns looks at the shapes of the others.  `anew` is asked for the
    function to call whenever the sizes are others than at the last call.

    >>> from matcalc.expr import symbol, variable
    >>> def twice(x, **_):
    ...     return 2 * x
    >>> run = with_shapes(twice, [variable("x", (symbol("n"), 1))])
    >>> run([1, 2])
    array([2, 4])
    >>> run([[1], [2]])
    Traceback (most recent call last):
    matcalc.errors.ShapeError: x is declared (n), but has the shape (2, 1)
    """
    names = [identifier(v.data[0]) for v in given]
    shapes = {name: v for name, v in zip(names, given, strict=True) if names.count(name) == 1}
    outside = {name: v for name, v in shapes.items() if name in _parameters(function)}
    if not fixed:
        return _around(function, outside, {}, anew=anew)
    inside = {name: v for name, v in shapes.items() if name not in outside}

    def then(made: Function, values: Mapping[str, Any]) -> Function:
        return _around(made, inside, shown_sizes(outside, {}, values))

    return _around(function, outside, {}, then, anew)


def _parameters(function: Function) -> tuple[str, ...]:
    code = getattr(function, "__wrapped__", function).__code__
    return tuple(code.co_varnames[: code.co_argcount])


def _around(
    function: Function,
    shapes: Mapping[str, Expr],
    known: Mapping[str, int],
    then: Callable[[Function, Mapping[str, Any]], Function] | None = None,
    anew: Anew | None = None,
) -> Function:
    parameters = _parameters(function)
    from numpy import asarray, float64, ndarray

    own = "_" * (1 + max((len(p) - len(p.lstrip("_")) for p in parameters), default=0))  # before names of ours
    lines, conditions, sizes = _looks(shapes, known, own)
    at = f"({''.join(f'{x}, ' for x in sizes.values())})"
    by_name = ", ".join(f"{p}={p}" for p in parameters)
    made = f"{own}function({by_name}{', ' * bool(by_name)}**{own}rest)"
    usual = f"{own}plain({', '.join(parameters)})"
    classes = f"{own}ordinary(({''.join(f'{p}.__class__, ' for p in parameters)}))"
    vectors = " or ".join(f"hasattr({name}, 'tocsr')" for name, v in shapes.items() if len(axes_of(v)) == 1)
    conditions += [f"({own}usual or not ({vectors}))"] if vectors else []
    text = [
        f"def {function.__name__}({', '.join([*parameters, f'**{own}rest'])}):",
        *([f"    global {own}function, {own}plain, {own}at"] if anew and sizes else []),
        f"    {own}usual = {classes}",
        "    try:",
        *(f"        {line}" for line in lines),
        f"        {own}ok = {' and '.join(conditions) or 'True'}",
        "    except (AttributeError, TypeError, ValueError, IndexError):",
        f"        {own}ok = False",
        f"    if not {own}ok:",
        f"        {own}look(dict({by_name}))",
        *([f"        {', '.join(parameters)}, = map({own}array, ({', '.join(parameters)},))"] if parameters else []),
        *([f"    elif {at} != {own}at:", f"        {own}function, {own}plain, {own}at = *{own}anew({at}), {at}"] if anew and sizes else []),
        f"    return {own}then({made}, dict({by_name}))" if then else f"    return {usual} if {own}usual else {made}",
    ]
    scope: dict[str, Any] = {
        f"{own}{n}": v
        for n, v in {
            "function": function,
            "plain": _with_plain(function)[1],
            "ordinary": frozenset((ndarray, float64, float, int)).issuperset,
            "look": partial(shown_sizes, shapes, known),
            "array": lambda v: asarray(v) if isinstance(v, list | tuple) else v,
            "then": then,
            "numbers": NUMBERS,
            "at": (),
            "anew": lambda at: _with_plain(anew(dict(zip(sizes, at, strict=True))) if anew else function),
        }.items()
    }
    exec("\n".join(text), scope)
    out: Function = scope[function.__name__]
    out.__doc__ = function.__doc__
    out.__dict__.update(function.__dict__)
    out.__wrapped__ = function  # type: ignore[attr-defined]
    return out


def _with_plain(function: Function) -> tuple[Function, Function]:
    """The function, and that for ordinary arrays and numbers, which looks for no others."""
    return function, getattr(function, "__wrapped__", function)


def _looks(shapes: Mapping[str, Expr], known: Mapping[str, int], own: str) -> tuple[list[str], list[str], dict[str, str]]:
    """Statements that take shapes apart, the conditions that these fulfil, and where the sizes are then."""
    sizes = {s: str(k) for s, k in known.items()}
    lines: list[str] = []
    conditions: list[str] = []
    for name, v in _plain_first(shapes):
        if is_number(v):
            conditions.append(f"({name}.__class__ in {own}numbers or {name}.shape == ())")
            continue
        axes: list[str] = []
        for n in axes_of(v):
            axes.append(f"{own}{len(lines)}_{len(axes)}")
            if isinstance(n, Dim) and n.name and n.name not in sizes:
                sizes[n.name] = axes[-1]
            elif isinstance(n, int) or n.symbols <= sizes.keys():
                conditions.append(f"{axes[-1]} == {written(n, sizes)}")
        row = is_row(v)
        lines.append(f"{', '.join(axes)}, = {name}.shape{'[-1:]' * row}")
        if row:
            conditions.append(f"{name}.shape in (({axes[0]},), (1, {axes[0]}))")
    return lines, conditions, {s: x for s, x in sizes.items() if s not in known}


def shown_sizes(shapes: Mapping[str, Expr], known: Mapping[str, int], values: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that the values show, compared one by one with what is declared.  Raises ShapeError."""
    sizes, source = dict(known), dict.fromkeys(known, "what is fixed")
    for name, v in _plain_first(shapes):
        actual = _shape_of(values[name])
        if actual is None:
            continue
        if len(axes_of(v)) != 2 and hasattr(values[name], "tocsr"):
            raise UnsupportedError(f"{name} is declared {_told(v)}, but is sparse", hint="matrices may be sparse; pass .toarray().ravel()")
        wanted = axes_of(v)
        if len(actual) != len(wanted) and not (is_row(v) and len(actual) == 2 and actual[0] == 1):
            raise ShapeError(f"{name} is declared {_told(v)}, but has the shape {actual}")
        for n, k in zip(wanted, actual[-1:] if is_row(v) else actual, strict=True):
            if not isinstance(k, int):  # of data in chunks it may not be known
                continue
            if isinstance(n, Dim) and n.name and n.name not in sizes:
                sizes[n.name], source[n.name] = k, name
            elif isinstance(size := replace(n, dict(sizes)), int) and size != k:
                where = ", ".join(f"{s} = {sizes[s]} by {source[s]}" for s in sorted(n.symbols)) if isinstance(n, Dim) else ""
                raise ShapeError(f"{name} is declared {_told(v)}, but has the shape {actual}" + f", where {where}" * bool(where))
    return sizes


def _plain_first(shapes: Mapping[str, Expr]) -> list[tuple[str, Expr]]:
    """A size is taken from where it stands by itself."""
    return sorted(shapes.items(), key=lambda item: sum(isinstance(n, Dim) and not n.name for n in axes_of(item[1])))


def _told(v: Expr) -> str:
    return "scalar" if is_number(v) else f"({', '.join(map(str, v.shape if is_row(v) else axes_of(v)))})"


def _shape_of(value: Any) -> tuple[Any, ...] | None:
    """None where it has none."""
    if isinstance(value, tuple(NUMBERS)):
        return ()
    if isinstance(value, list | tuple):
        inner = _shape_of(value[0]) if value else ()
        return None if inner is None else (len(value), *inner)
    shape = getattr(value, "shape", None)
    return None if shape is None else tuple(shape)
