"""Answers as a book has them: signs inside of differences, logarithms taken apart, data kept together."""

from __future__ import annotations

from matcalc.expr import (
    NUMBER,
    POWER,
    PRODUCT,
    SUM,
    Expr,
    add,
    coefficient_and_rest,
    has,
    known,
    number,
    postorder,
    power,
    product,
    remake,
    scaled,
    transform,
    variable,
)
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import elementwise
from matcalc.simplification import simplify
from matcalc.solving.terms import depends


def signs_inside(e: Expr) -> Expr:
    """-a/(b - c) as a/(c - b).

    >>> from matcalc.expr import variable
    >>> a, b, c = (variable(n, (1, 1)) for n in "abc")
    >>> signs_inside(product([number(-1), a, power(add([b, scaled(-1, c)]), number(-1))]))
    a/(c − b)
    """
    if e.op is not PRODUCT or e.data[0] >= 0:
        return e
    for f in e.args[: e.data[1]]:
        if f.op is POWER and f.args[0].op is SUM and f.args[1].op is NUMBER and f.args[1].data in (-1, -3) and min(f.args[0].data) < 0:
            turned = power(scaled(-1, f.args[0]), f.args[1])
            return product([number(-1), e, power(f, number(-1)), turned])
    return e


def logarithms_parted(e: Expr) -> Expr:
    """log(a b/exp(c)) as log a + log b - c where all are positive, if that is shorter."""

    def change(n: Expr) -> Expr:
        if n.op.name != "log" or not n.is_scalar:
            return n
        (u,) = n.args
        parts = [number(u.data[0]), *u.args[: u.data[1]]] if u.op is PRODUCT and u.data[1] else [u]
        if not all(has(f.args[0] if f.op is POWER else f, "positive") for f in parts):
            return n
        out = []
        for f in parts:
            base, k = f.args if f.op is POWER else (f, number(1))
            out.append(product([k, base.args[0] if base.op.name == "exp" else elementwise("log", base)]))
        return add(out)

    plain, parted = simplify(e), simplify(transform(e, change))
    return parted if parted.weight < plain.weight else plain


def grouped(e: Expr, x: Expr, stands: dict[Expr, Expr]) -> Expr:
    """`e` with a name for each sum of data in it, so that it stays as it was written; `stands` says what each is."""
    if e.op is SUM and not e.is_scalar and not depends(e, x):
        if e not in stands:
            stands[e] = variable(f"data·{len(stands)}", e.shape, {p for p in known(e) if p in PROPERTIES})
        return stands[e]
    return remake(e, tuple(grouped(a, x, stands) for a in e.args)) if e.args else e


def named_whole(e: Expr, names: dict[Expr, Expr]) -> Expr:
    """The number `e` with a name for what stands behind its coefficient, if a sum is in it: so that it stays as it is."""
    c, rest = coefficient_and_rest(e)
    if any(n.op is SUM for n in postorder(rest)):
        name = variable(f"sum·{len(names)}", (1, 1), {p for p in known(rest) if p in PROPERTIES})
        names[name], rest = rest, name
    return scaled(c, rest)


def negated(e: Expr) -> Expr:
    """-e, with the minus in a difference where one is a factor: a'(c - b) of a'(b - c)."""
    if e.op is SUM:
        return add([scaled(-c, t) for c, t in zip(e.data, e.args, strict=True)])
    if e.op is PRODUCT:
        for i, f in enumerate(e.args):
            if f.op is SUM and min(f.data) < 0:
                return product([number(e.data[0]), *e.args[:i], negated(f), *e.args[i + 1 :]])
    return scaled(-1, e)
