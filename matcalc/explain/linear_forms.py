"""Linear forms in the differential, written as a derivation writes them.

Three operators stand only here: d(…), a differential that is not worked out yet, and a trace and an inner product of vectors that
keep their factors in the order of the derivation, the differential last.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.expr import Expr, Op, add, apply, factors, postorder, product, scaled, split, transform, transpose
from matcalc.expr.heads import ONE, PRODUCT, SUM, Number, coefficient_and_rest, name_of, number, properties_of, variable
from matcalc.expr.properties import linear
from matcalc.operators import call
from matcalc.writing import layout

D = Op("d", signature="*", elementwise=True, latex=r"\operatorname{d}", unicode="d")
TRACE = Op("tr", signature="(n,n)->()", latex=r"\operatorname{tr}")
FORM = Op("form", signature="(1,n),(n)->()", latex="{0} {1}", unicode="{0} {1}", prec=layout.PRODUCT - 1)


def differential_of(v: Expr) -> Expr:
    """The variable dX of the variable X, with the linear structure of X."""
    return variable("d" + name_of(v), v.shape, linear(properties_of(v)))


def form(cotangent: Expr, d: Expr) -> Expr:
    """The linear form ⟨G, dX⟩ as one writes it: tr(G'dX), g'dx, g dt."""
    if d.is_scalar:
        return product([cotangent, d])
    scalars, bare = split(cotangent)
    if d.shape[1] == 1:
        outside, rest = coefficient_and_rest(d)
        if abs(outside) != 1:
            return form(scaled(outside, cotangent), rest)
        times, scalars = coefficient_and_rest(scalars)
        if times < 0:
            return scaled(-1, form(product([scaled(-times, scalars), bare]), d))
        if scalars is not ONE or times.denominator != 1:
            return scaled(times, product([scalars, apply(FORM, (transpose(bare), d))]))
        return apply(FORM, (scaled(times, transpose(bare)), d))
    if d.shape[0] == 1:
        return product([scalars, d, transpose(bare)])
    return product([scalars, apply(TRACE, (product([transpose(bare), d]),))])


def turned(e: Expr, moving: Callable[[Expr], bool]) -> Expr:
    """`e` with each trace turned so that the differential stands last, r'dx in place of dx'r, and numbers before a form among factors."""

    def moves(f: Expr) -> bool:
        return any(moving(v) for v in postorder(f))

    def change(n: Expr) -> Expr:
        if n.op is PRODUCT and len(n.args) > 1:
            n = product([number(n.data[0]), *map(_number_outside, n.args)])
        elif n.op is PRODUCT:
            return _multiple(n.data[0], n.args[0])
        elif n.op is SUM:
            return add([_multiple(c, t) for c, t in zip(n.data, n.args, strict=True)])
        if n.op is PRODUCT and n.is_scalar and n.data == (1, 0) and moves(n.args[0]) and not any(map(moves, n.args[1:])):
            return apply(FORM, (transpose(product(n.args[1:])), transpose(n.args[0])))
        if n.op.name != "tr" or not moves(n):
            return n
        scalars, bare = split(n.args[0])
        chain = factors(bare)
        places = [k for k, f in enumerate(chain) if moves(f)]
        if len(places) != 1:
            return n
        k = places[0]
        rotated = [*chain[k + 1 :], *chain[: k + 1]]
        if rotated[-1].turns[0] > transpose(rotated[-1]).turns[0]:
            back = [transpose(f) for f in reversed(rotated)]
            rotated = [*back[1:], back[0]]
        return product([scalars, apply(TRACE, (product(rotated),))])

    return transform(e, change)


def _multiple(times: Number, f: Expr) -> Expr:
    """c f; of a form, with all numbers where one stands."""
    return form(scaled(times, transpose(f.args[0])), f.args[1]) if f.op is FORM and abs(times) != 1 else scaled(times, f)


def _number_outside(f: Expr) -> Expr:
    if f.op is not FORM:
        return f
    times, rest = coefficient_and_rest(f.args[0])
    return scaled(times, apply(FORM, (rest, f.args[1])))


def ordinary(e: Expr) -> Expr:
    """Our own operators as those of the language."""
    return call("tr", e.args[0]) if e.op is TRACE else product(e.args) if e.op is FORM else e
