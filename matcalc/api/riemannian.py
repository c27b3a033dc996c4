"""Gradients and Hessians on manifolds: what the table of manifolds makes of the gradient among all matrices."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from matcalc import checking
from matcalc.api.of_complex import differential_complex, is_complex, steepest_by
from matcalc.api.question import Question
from matcalc.api.tangents import bound, curving, projected, structure
from matcalc.calculus import differential, gradient
from matcalc.calculus.manifolds import MANIFOLDS, TABLE, Manifold, at, within
from matcalc.errors import MatcalcError, ParseError, ShapeError, UnsupportedError, did_you_mean
from matcalc.expr import Expr, add, product, scaled, substitute, variables
from matcalc.expr.heads import SUM, VARIABLE, coefficient_and_rest, name_of, properties_of, variable
from matcalc.expr.properties import DECLARABLE, closure, minimal
from matcalc.reading import Symbol
from matcalc.reading.declaring import declared
from matcalc.reading.letters import one_name
from matcalc.reading.symbols import check_properties
from matcalc.simplification import rewritten, simplify
from matcalc.simplification.expanding import multiplied_out, spread

Named = str | bool | None


@contextmanager
def placed_at(expr: Any) -> Iterator[None]:
    """Shows an error under the text of the question, where no other place is known."""
    try:
        yield
    except MatcalcError as error:
        raise (error.at(expr, 0, len(expr)) if isinstance(expr, str) else error) from None


def on_manifold(
    asked: Question, named: Named, *, layout: str | None = None, unconstrained: bool = False
) -> tuple[Question, Mapping[Expr, Manifold]]:
    """The question with its variables declared to lie on the manifold that is named, and the rows of the table.

    Raises UnsupportedError for what is no manifold of the table, or none of the variable; ShapeError where its shape cannot be.
    """
    if layout is not None or unconstrained:
        said = "layout" if layout is not None else "unconstrained"
        raise UnsupportedError(f"tangent vectors are of the shape of the variable, and on the manifold: `{said}` says otherwise")
    rows: dict[Expr, Manifold] = {}
    declared: dict[Expr, Expr] = {}
    for v, index in asked.targets:
        if index is not None or v.op is not VARIABLE:
            raise UnsupportedError(
                "a gradient on a manifold is by a whole variable", hint=f"differentiate by {name_of(v)}, or leave out `manifold`"
            )
        if not named:
            continue
        row = _declared_row(v) if named is True else _named_row(named)
        declared[v] = _placed(v, row)
        rows[declared[v]] = row
    symbols: dict[str, Symbol] = dict(asked.symbols)
    for v, placed in declared.items():
        if placed is not v:
            known = symbols[v.data[0]]
            symbols[v.data[0]] = replace(known, properties=frozenset(minimal(properties_of(placed))))
    made = replace(
        asked, expr=substitute(asked.expr, declared), targets=tuple((declared.get(v, v), None) for v, _ in asked.targets), symbols=symbols
    )
    return made, rows


def _named_row(named: Named) -> Manifold:
    row = MANIFOLDS.get(" ".join(named.lower().replace("_", " ").split())) if isinstance(named, str) else None
    if row is not None:
        return row
    known = f"there are {', '.join(MANIFOLDS)}"
    raise UnsupportedError(
        f"no manifold is called {named!r:.40}", hint=(did_you_mean(named, MANIFOLDS) if isinstance(named, str) else "") or known
    )


def _declared_row(v: Expr) -> Manifold:
    """The manifold that a variable is declared to lie on; where it has several metrics, the first in the table."""
    row = _first_row(minimal(properties_of(v)))
    if row is not None:
        return row
    example = f"{name_of(v)}: (n) sphere" if v.shape[1] == 1 else f"{name_of(v)}: (n, k) stiefel"
    raise UnsupportedError(f"{name_of(v)} is declared on no manifold of the table", hint=f"declare it, {example}, or name one: manifold=…")


def _first_row(names: Iterable[str]) -> Manifold | None:
    """The first row of which one of these properties is the set, or one of its sets."""
    rows = [row for row in TABLE if not set(names).isdisjoint(row.sets)]
    return next((row for row in rows if not {row.sets[0], f"complex {row.sets[0]}"}.isdisjoint(names)), rows[0] if rows else None)


def _placed(v: Expr, row: Manifold) -> Expr:
    """The variable as one of the set of the manifold, which it is declared to be or may be."""
    own = closure(properties_of(v))
    fitting = [s for s in row.sets if v.is_vector or DECLARABLE[s].shape != "vector"]
    if v.complex and not any("complex" in closure({s}) for s in row.sets):
        raise UnsupportedError(f"`{row.name}` is a set of real matrices, {name_of(v)} is declared complex")
    if v.complex:
        fitting = [s for s in fitting if "complex" in closure({s})]
    if not fitting or v.is_scalar and row.name != "positive":
        raise ShapeError(f"`{row.name}` is a set of {'vectors' if not fitting else 'vectors and matrices'}, {name_of(v)} is {_shape(v)}")
    member = next((s for s in reversed(fitting) if s in own), fitting[0])  # what says most stands last
    check_properties(name_of(v), v.shape, frozenset({member}))
    made = v if member in own else variable(v.data[0], v.shape, {*own, member})
    alone = variable(v.data[0], v.shape, {member})
    if structure(made) != structure(alone):
        words = " ".join(minimal(own))
        raise UnsupportedError(f"{name_of(v)} is declared {words}: the table has `{row.name}` without that", hint="leave out `manifold`")
    return made


def gradient_at(row: Manifold, x: Expr, g: Expr) -> Expr:
    """The gradient on the manifold, of the gradient among all matrices.

    >>> from matcalc.expr import symbol
    >>> n = symbol("n")
    >>> S, C = (variable(name, (n, n), {"spd"}) for name in "SC")
    >>> gradient_at(MANIFOLDS["spd"], S, C)
    S C S
    """
    return at(row.projection, X=x, W=at(row.first, X=x, G=g))


def _shortest(row: Manifold, x: Expr, w: Expr) -> Expr:
    """The projection of `w` with least to read: of what stands, or as a projector before it."""
    before = row.projector and (x.is_vector or DECLARABLE[row.sets[0]].shape != "vector")
    if x.complex and "tr(" in row.projection:  # which takes a real part, as no matrix does
        before = ""
    ways = [simplify(at(text, X=x, W=w)) for text in (row.projection, row.projector if before else "") if text]
    ways += [simplify(_term_by_term(row, x, w))] if x.complex else []
    return min(ways, key=lambda e: e.weight)


def gradient_on(row: Manifold, of: Expr, x: Expr, g: Expr) -> tuple[Expr, str]:
    """The gradient on the manifold, of the gradient `g` among all matrices, in the form with least to read; and what it is."""
    _check_spans(row, of, x)
    expr = _shortest(row, x, at(row.first, X=x, G=simplify(g)))
    return expr, f"the gradient on the manifold `{row.name}`, in the metric {_metric(row, x)}"


def manifold_of(x: Expr) -> Manifold | None:
    """The row of the table for the curved set that a variable lies on."""
    return _first_row({curving(x)})


class Applied(NamedTuple):
    """A Hessian applied to the tangent vector `toward`, what it is, and the symbols with that vector."""

    expr: Expr
    remark: str
    toward: Expr
    symbols: Mapping[str, Symbol]


def hessian_along(asked: Question, row: Manifold | None, x: Expr, along: Any, free: Mapping[Expr, Expr], read: Expr) -> Applied:
    """The Hessian applied to a tangent vector: on a manifold, or without a `row` among all matrices."""
    if row is not None and not row.second:
        names = ", ".join(r.name for r in TABLE if r.second)
        raise UnsupportedError(f"no formula for the Hessian on `{row.name}` is known here", hint=f"there are those on {names}")
    if row is not None:
        _check_spans(row, asked.expr, x)
    v, shown = _direction(asked, x, along, row)
    mover = free.get(x, x)
    g = gradient_among_all(read, mover)
    change = differential_complex(g, mover, v) if is_complex(g, mover) else simplify(differential(g, {mover: v}))
    h = bound(change, free)
    if row is None:
        expr, remark = h, f"the Hessian applied to {name_of(v)}"
    else:
        w = at(row.second, X=x, G=bound(g, free), H=h, V=v)
        whole, apart = at(row.projection, X=x, W=w), _term_by_term(row, x, w, v)
        expr = min((_settled(row, x, v, e) for e in (whole, simplify(whole), apart)), key=lambda e: e.weight)
        remark = f"the Hessian on the manifold `{row.name}`, in the metric {_metric(row, x)}, applied to the tangent vector {name_of(v)}"
    kind = "scalar" if shown.is_scalar else "vector" if shown.is_vector else "matrix"
    symbols = {**asked.symbols, shown.data[0]: Symbol(shown.data[0], kind, shown.shape, frozenset(minimal(shown.data[1])))}
    return Applied(substitute(expr, {v: shown}) if shown is not v else expr, remark, shown, symbols)


def gradient_among_all(f: Expr, x: Expr) -> Expr:
    """The gradient among all matrices of the linear space that the variable is in."""
    g = steepest_by(f, x) if is_complex(f, x) else gradient(rewritten(f), [x])[0]
    return simplify(projected(g, x)[0])


def _term_by_term(row: Manifold, x: Expr, w: Expr, v: Expr | None = None) -> Expr:
    """The projection of each term of `w` multiplied out: it is linear, and leaves what is tangent already."""
    front, rest = coefficient_and_rest(w)
    times, flat = coefficient_and_rest((multiplied_out(rest) if rest.op is SUM else spread(rest)) or rest)
    terms = zip(flat.data, flat.args, strict=True) if flat.op is SUM else [(1, flat)]
    found = [(c, at(row.projection, X=x, W=t)) for c, t in terms]
    return scaled(front * times, add([scaled(c, within(row, x, v, e) if v is not None else e) for c, e in found]))


def _settled(row: Manifold, x: Expr, v: Expr, e: Expr) -> Expr:
    """`e` simplified, with what is known of tangent vectors."""
    for _ in range(4):
        made = simplify(within(row, x, v, e))
        if made is e:
            break
        e = made
    return e


def _direction(asked: Question, x: Expr, along: Any, row: Manifold | None) -> tuple[Expr, Expr]:
    """The tangent vector, with what every one has, and as it is declared.  Raises ShapeError where it is of another shape."""
    given = along if isinstance(along, Expr) else _variable(along, asked, x)
    if given.op is not VARIABLE or given.data[0] == x.data[0]:
        raise ParseError(f"along names a tangent vector, not {along!r:.40}", hint='a name of its own: along="V"')
    if given.shape != x.shape:
        place = re.search(rf"\b{re.escape(given.data[0])}\b[^;]*", asked.where)
        raise ShapeError(
            f"a tangent vector at {name_of(x)} has its shape {_shape(x)}, not {_shape(given)}",
            hint=f"{given.data[0]}: {_shape(x)}", line=asked.where if place else "",
            start=place.start() if place else -1, end=place.end() if place else -1,
        )  # fmt: skip
    kept: Collection[str] = {row.keeps} if row is not None and row.keeps else ()
    return variable(given.data[0], given.shape, {*given.data[1], *kept}), given


def _variable(along: Any, asked: Question, x: Expr) -> Expr:
    if not isinstance(along, str) or not along.isidentifier():
        raise ParseError(f"along names a tangent vector, not {along!r:.40}", hint='for example along="V"')
    name = one_name(along)
    inside = next((v for v in variables(asked.expr) if one_name(v.data[0]) == name), None)
    if inside is not None:
        return inside
    said = next((s for n, s in declared(asked.where).symbols.items() if one_name(n) == name), None)
    shape = x.shape if said is None or said.shape is None else said.shape
    own = {*(said.properties if said is not None else ()), *({"complex"} if x.complex else ())}
    return variable(along if said is None else said.name, shape, closure(own))


def _check_spans(row: Manifold, f: Expr, x: Expr) -> None:
    """Raises UnsupportedError where the points of the manifold are spans, and `f` is no function of the span."""
    if not row.spans:
        return
    k = x.shape[1]
    taken = {v.data[0] for v in variables(f)}
    q = variable(next(n for n in ("Q", "Q_", "Q__") if n not in taken), (k, k), {"unitary" if x.complex else "orthogonal"})
    turned = substitute(f, {x: product([x, q])})
    if turned is not f and simplify(turned) is not simplify(f):
        found = checking.comparing.compared(f, turned)
        if not (found.decided and found.equal):
            name = name_of(x)
            raise UnsupportedError(
                f"this is no function of the span of {name}: f({name} Q) is not f({name}) for all {structure(q)} Q",
                hint='on the matrices with orthonormal columns themselves: manifold="stiefel"',
            )


def _metric(row: Manifold, x: Expr) -> str:
    """The metric in the letters of the variable."""
    return (
        row.metric.replace("X", name_of(x)).replace("S⁻¹", f"{name_of(x)}⁻¹").replace("S", name_of(x))
        if row.name.startswith("spd")
        else row.metric
    )


def _shape(e: Expr) -> str:
    rows, columns = e.shape
    return f"({rows})" if columns == 1 else f"({rows}, {columns})"
