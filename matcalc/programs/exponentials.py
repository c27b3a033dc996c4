"""Sums of exponentials over an index, in a logarithm or below a fraction line, with the largest exponent taken out.

log Σ_k w_k exp(a_k) = t + log Σ_k w_k exp(a_k − t)       exp(a_j)/Σ_k w_k exp(a_k) = exp(a_j − t)/Σ_k w_k exp(a_k − t)
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import Expr, number, product
from matcalc.expr import heads as H
from matcalc.expr.heads import Number
from matcalc.expr.products import scalar_parts
from matcalc.limits import LARGEST_DIVISOR
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.axes import Tensor
from matcalc.programs.axis_forms import largest
from matcalc.programs.indexed import Indexed
from matcalc.programs.networks import Network

EXP, LOG = OPERATORS["exp"], OPERATORS["log"]


def is_product(s: Expr) -> bool:
    """Whether it is a sum of products with nothing to be said for making it as an array: no exponential."""
    (body,) = s.args
    return body.op is H.PRODUCT and not _exponentials(body)


def shifted(ix: Indexed, s: Expr) -> tuple[Tensor, Tensor] | None:
    """(t, r) with Σ_k w_k exp(a_k) = exp(t) r, where t is the largest a_k; None where it is no such sum."""
    if s.op is not H.SIGMA or not _exponentials(s.args[0]):
        return None
    if s not in ix.shifts:
        index, body = ix.opened(s)
        exps = _exponentials(body)
        a = ix.axes.added([ix.tensor(f.args[0]) for f in exps])
        if index not in a.axes:
            return None
        top = largest_along(ix, a, index)
        net = ix.network()
        net.names[index] = None
        net.add(exponential(ix, a, top))
        if body.op is H.PRODUCT:
            rest = scalar_parts(body)
            for f in exps:
                rest.remove(f)
            ix.join(net, product([number(body.data[0]), *rest]), "", "")
        ix.shifts[s] = top, net.solve(ix.needs(s))
    return ix.shifts[s]


def largest_along(ix: Indexed, t: Tensor, axis: str) -> Tensor:
    rest = tuple(a for a in t.axes if a != axis)
    form = F.LARGEST_IN_ROWS if len(rest) == 1 == t.axes.index(axis) else largest(t.axes.index(axis)) if rest else F.LARGEST
    return Tensor(ix.arrays.call(form, t.code, shape=ix.axes.shape(rest), plain=False), rest)


def exponential(ix: Indexed, a: Tensor, less: Tensor) -> Tensor:
    """exp(a − less)."""
    if a.code is less.code:
        return Tensor(ix.arrays.number(1), ())
    minus = Tensor(ix.arrays.negative(less.code), less.axes)
    return ix.mapped(EXP, ix.axes.added([a, minus]))


def without_exponentials(ix: Indexed, net: Network, scalars: Sequence[Expr]) -> list[Expr]:
    """Takes exponentials over sums of such, each with the largest exponent taken out, into the product; returns the other factors."""
    rest = list(scalars)
    for f in scalars:
        s, k = _power_of_sum(f)
        parts = shifted(ix, s) if k in range(-LARGEST_DIVISOR, 0) else None
        if parts is None:
            continue
        top, total = parts
        rest.remove(f)
        net.below.append(Tensor(ix.arrays.power(total.code, -k), total.axes))
        for _ in range(-int(k)):
            above = next((f for f in rest if f.op is EXP or shifted(ix, f)), None)
            a = Tensor(ix.arrays.number(0), ())
            if above is not None:
                rest.remove(above)
                a, others = shifted(ix, above) or (ix.tensor(above.args[0]), a)
                if above.op is H.SIGMA:
                    net.add(others)
            net.add(exponential(ix, a, top))
    return rest


def logarithm(ix: Indexed, e: Expr) -> Tensor:
    """log(exp(a) Σ_k w_k exp(a_k) …) as a + t + log(r …)."""
    (inner,) = e.args
    factors = inner.args if inner.op is H.PRODUCT and inner.data[1] == len(inner.args) else (inner,)
    if not any(shifted(ix, _power_of_sum(f)[0]) for f in factors):
        return ix.mapped(LOG, ix.tensor(inner))
    outside, net = [], ix.network()
    net.front.append(ix.arrays.number(inner.data[0] if inner.op is H.PRODUCT else 1))
    for f in factors:
        s, k = _power_of_sum(f)
        parts = shifted(ix, s)
        if parts is not None:
            top, total = parts
            outside.append(Tensor(ix.arrays.multiply(ix.arrays.number(k), top.code), top.axes))
            powered = Tensor(ix.arrays.power(total.code, k if k > 0 else -k), total.axes)
            if k < 0:
                net.below.append(powered)
            else:
                net.add(powered)
        elif f.op is EXP:
            outside.append(ix.tensor(f.args[0]))
        else:
            ix.join(net, f, "", "")
    return ix.axes.added([*outside, ix.mapped(LOG, net.solve(ix.needs(e)))])


def _power_of_sum(f: Expr) -> tuple[Expr, Number]:
    """(s, k) with f = s^k, for a sum s over an index."""
    if f.op is H.POWER and f.args[0].op is H.SIGMA and f.args[1].op is H.NUMBER:
        k: Number = f.args[1].data
        return f.args[0], k
    return f, 1


def _exponentials(e: Expr) -> list[Expr]:
    """The exponentials among the scalar factors."""
    return [f for f in (e.args[: e.data[1]] if e.op is H.PRODUCT else (e,)) if f.op is EXP and f.is_scalar and not f.complex]
