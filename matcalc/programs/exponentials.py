"""Sums of exponentials over an index, in a logarithm or below a fraction line, with the largest exponent taken out.

log Σ_k w_k exp(a_k) = t + log Σ_k w_k exp(a_k − t)       exp(a_j)/Σ_k w_k exp(a_k) = exp(a_j − t)/Σ_k w_k exp(a_k − t)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from matcalc.expr import NUMBER, POWER, PRODUCT, SIGMA, Expr, number, product
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.axes import Tensor
from matcalc.programs.axis_forms import largest
from matcalc.programs.networks import Network

if TYPE_CHECKING:
    from matcalc.programs.indexed import Indexed

EXP, LOG = OPERATORS["exp"], OPERATORS["log"]


def is_product(s: Expr) -> bool:
    """Whether it is a sum of products with nothing to be said for making it as an array: no exponential."""
    (body,) = s.args
    return body.op is PRODUCT and not _exponentials(body)


def shifted(ix: Indexed, s: Expr) -> tuple[Tensor, Tensor] | None:
    """(t, r) with Σ_k w_k exp(a_k) = exp(t) r, where t is the largest a_k; None where it is no such sum."""
    if s.op is not SIGMA or not _exponentials(s.args[0]):
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
        if body.op is PRODUCT:
            _rest(ix, net, body, exps)
        ix.shifts[s] = top, net.solve(ix.needs(s))
    return ix.shifts[s]


def _rest(ix: Indexed, net: Network, e: Expr, without: Collection[Expr]) -> None:
    """The other factors of a scalar product."""
    rest = list(e.args)
    for f in without:
        rest.remove(f)
    count = e.data[1] - len(without)
    ix.join(net, product([number(e.data[0]), *rest[:count], *([product(rest[count:])] if rest[count:] else [])]), "", "")


def largest_along(ix: Indexed, t: Tensor, axis: str) -> Tensor:
    rest = tuple(a for a in t.axes if a != axis)
    form = largest(t.axes.index(axis)) if rest else F.LARGEST
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
    for s in scalars:
        if s.op is not POWER or s.args[1].op is not NUMBER or s.args[1].data not in (-1, -2, -3) or not (parts := shifted(ix, s.args[0])):
            continue
        top, total = parts
        rest.remove(s)
        net.below.append(Tensor(ix.arrays.power(total.code, -s.args[1].data), total.axes))
        for _ in range(-s.args[1].data):
            above = next((f for f in rest if f.op is EXP or shifted(ix, f)), None)
            a = Tensor(ix.arrays.number(0), ())
            if above is not None:
                rest.remove(above)
                a, others = shifted(ix, above) or (ix.tensor(above.args[0]), a)
                if above.op is SIGMA:
                    net.add(others)
            net.add(exponential(ix, a, top))
    return rest


def logarithm(ix: Indexed, e: Expr) -> Tensor:
    (a,) = e.args
    sums = [f for f in (a.args if a.op is PRODUCT and a.data[1] == len(a.args) else (a,)) if shifted(ix, f)]
    parts = shifted(ix, sums[0]) if len(sums) == 1 else None
    if parts is None:
        return ix.mapped(LOG, ix.tensor(a))
    top, total = parts
    net = ix.network()
    net.add(total)
    if a.op is PRODUCT:
        _rest(ix, net, a, sums)
    return ix.axes.added([ix.mapped(e.op, net.solve(ix.needs(e))), top])


def _exponentials(e: Expr) -> list[Expr]:
    """The exponentials among the scalar factors."""
    return [f for f in (e.args[: e.data[1]] if e.op is PRODUCT else (e,)) if f.op is EXP and f.is_scalar]
