"""A square matrix unknown that stands in an inverse: the equation cleared of it, and the quadratic equations that have names."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.errors import MatcalcError
from matcalc.expr import (
    MATPOWER,
    ONE,
    TRANSPOSE,
    Expr,
    add,
    has,
    identity,
    matpower,
    postorder,
    product,
    scaled,
    split,
    substitute,
    transpose,
    variable,
    zero,
)
from matcalc.expr.facts import known
from matcalc.expr.properties import PROPERTIES
from matcalc.reading import read
from matcalc.simplification import simplify
from matcalc.solving import affine
from matcalc.solving.roots import IN_DOMAIN, Root
from matcalc.solving.terms import chain_product, depends, flattened, parted, summands, total


class Quadratic(NamedTuple):
    """A row: X P X + X Q + R = 0 is solved by `solution` where `P`, `Q` and `-R` (as S) are what `needs` says."""

    name: str
    needs: str  # of P, Q, S: properties, "scalar" (a multiple of the identity), "zero"
    solution: str  # with p the multiple, where P is one
    source: str = ""


QUADRATICS = (
    Quadratic("the square root", "P scalar; Q zero; S any", "sqrtm(S)/sqrt(p)", "Higham 2008, 6"),
    Quadratic("the geometric mean", "P spd; Q zero; S any", "inv(sqrtm(P))*sqrtm(sqrtm(P)*S*sqrtm(P))*inv(sqrtm(P))", "Bhatia 2007, 4.1.1"),
    Quadratic("the quadratic formula, as all commute", "P scalar; Q symmetric; S scalar", "(sqrtm(Q*Q + 4*p*S) - Q)/(2*p)"),
    Quadratic("the quadratic formula, as all commute", "P scalar; Q scalar; S symmetric", "(sqrtm(Q*Q + 4*p*S) - Q)/(2*p)"),
)


def inverted(e: Expr, x: Expr) -> list[Root]:
    """The roots of e = 0 where the square `x` occurs in its inverse, or only within one invertible function of it."""
    if x.is_scalar or x.shape[0] != x.shape[1]:
        return []
    around = list(dict.fromkeys(_innermost(n) for n in postorder(e) if x in n.args and _undone(n, x) is not None))
    for f in around:
        found = _through(e, f, x)
        if found:
            return found
    return _multiplied(e, x) if any(n.op is MATPOWER and n.args[0] is x and n.data < 0 for n in postorder(e)) else []


def _innermost(n: Expr) -> Expr:
    return matpower(n.args[0], -1) if n.op is MATPOWER else n


def _undone(f: Expr, x: Expr) -> Expr | None:
    """The value of x as a function of y = f(x), with y for the variable `x` itself: the inverse, or by the column of the row."""
    if f.op is MATPOWER and f.data < 0:
        return matpower(x, -1)
    if f.op.inverse and not f.op.elementwise and f.args == (x,):
        stand = variable("X", x.shape, x.data[1])
        return substitute(read(f.op.inverse, names={"X": stand}).expr, {stand: x})
    return None


def _through(e: Expr, f: Expr, x: Expr) -> list[Root]:
    """Where `x` occurs in f(x) only, that is isolated first."""
    from matcalc.solving.systems import isolated

    y = variable(f"{f.op.name}·{x.data[0]}", x.shape, {p for p in known(f) if p in PROPERTIES})
    put_in = {f: y}
    if f.op is MATPOWER:
        put_in = {n: matpower(y, -n.data) for n in postorder(e) if n.op is MATPOWER and n.args[0] is x and n.data < 0}
    made = substitute(e, put_in)
    if depends(made, x):
        return []
    out = []
    for r in isolated(made, y):
        back = _undone(f, x)
        if back is not None and summands(r.value):
            value = simplify(affine.inverse(r.value) if f.op is MATPOWER else substitute(back, {x: r.value}))
            needed = [(r.value, "invertible")] if f.op is MATPOWER and not has(r.value, "invertible") else []
            rule = "invert" if f.op is MATPOWER else f"apply the inverse of {f.op.name}"
            out.append(Root(value, f"{r.rule}; {rule}" if r.rule != "isolated" else rule, (*r.conditions, *needed)))
    return out


def _multiplied(e: Expr, x: Expr) -> list[Root]:
    terms = summands(flattened(e))
    turned = any(f.op is TRANSPOSE and f.args[0].op is MATPOWER and f.args[0].args[0] is x for t in terms for f in parted(t)[1])
    factor = transpose(x) if turned else x
    for left, right in (((factor,), (factor,)), ((factor,), ()), ((), (factor,))):
        made = add([product([*left, t, *right]) for t in terms])
        if any(n.op is MATPOWER and n.data < 0 and n.args[0] is x for n in postorder(made)):
            continue
        made = flattened(made)
        rule = f"multiply by {x.data[0]}"
        found = affine.isolated(made, x) or quadratic(made, x)
        if found:
            return [r._replace(rule=f"{rule}; {r.rule}") for r in found]
    return []


def quadratic(e: Expr, x: Expr) -> list[Root]:
    """The roots of an equation that is quadratic in a positive definite `x`, by the table."""
    if not has(x, "psd"):
        return []
    parts: dict[str, list[Expr]] = {"P": [], "Q": [], "R": []}
    for t in summands(flattened(e)):
        scalar, chain = parted(t)
        at = [i for i, f in enumerate(chain) if depends(f, x)]
        if depends(scalar, x):
            return []
        if not at:
            parts["R"].append(t)
        elif len(at) == 1 and chain[at[0]] is x and at[0] in (0, len(chain) - 1):
            parts["Q"].append(chain_product(scalar, tuple(f for f in chain if f is not x), x.shape[0]))
        elif len(at) == 2 and at == [0, len(chain) - 1] and chain[0] is x is chain[-1]:
            parts["P"].append(chain_product(scalar, chain[1:-1], x.shape[0]))
        else:
            return []
    p, q, s = (simplify(total(parts[k], x.shape)) for k in "PQR")
    s = simplify(scaled(-1, s))
    if not summands(p):
        return []
    for sign in (1, -1):
        for row in QUADRATICS:
            found = _by_row(row, scaled(sign, p), scaled(sign, q), scaled(sign, s), x)
            if found:
                return [found]
    return []


def _by_row(row: Quadratic, p: Expr, q: Expr, s: Expr, x: Expr) -> Root | None:
    multiple = split(p)[0] if split(p)[1] is identity(x.shape[0]) else None
    names = {"P": p, "Q": q, "S": s}
    for need in row.needs.split(";"):
        name, word = need.split()
        m = names[name]
        if word == "scalar" and split(m)[1] is not identity(x.shape[0]) or word == "zero" and summands(m):
            return None
        if word not in ("scalar", "zero", "any") and not has(m, word):
            return None
    if multiple is not None and has(multiple, "negative"):
        return None
    given = {k: v if summands(v) else zero(x.shape) for k, v in names.items()} | {"p": multiple or ONE}
    stand = {k: variable(k, v.shape, _said(v)) for k, v in given.items()}
    try:
        value = substitute(read(row.solution, names=stand).expr, {stand[k]: v for k, v in given.items()})
    except MatcalcError:
        return None
    value = simplify(value)
    needed = () if has(s, "spd") else ((s, "positive definite"),)
    return Root(value, row.name, ((value, IN_DOMAIN), *needed))


def _said(e: Expr) -> set[str]:
    return {p for p in ("spd", "psd", "symmetric", "positive") if has(e, p)}
