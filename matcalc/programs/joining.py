"""The factors of products over indices: each is put into a network, as an array, or as what it says of places.

What depends on no index, and an inverse with what stands beside it, is made by `Lowering`, which solves rather than inverts.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import Expr, product, untransposed
from matcalc.expr import heads as H
from matcalc.programs.axes import Tensor
from matcalc.programs.axis_forms import LABELS
from matcalc.programs.exponentials import is_product, without_exponentials
from matcalc.programs.indexed import Indexed
from matcalc.programs.networks import Link, Network, Place
from matcalc.programs.placing import JOINED, says_places

ALONE = (*JOINED, H.ONES)  # with which nothing is solved


def join(ix: Indexed, net: Network, e: Expr, left: str, right: str) -> None:
    """Makes `e`, with its rows along `left` and its columns along `right`, a factor of a product."""
    op = e.op
    net.names.update(dict.fromkeys(filter(None, (left, right))))
    if op is H.NUMBER:
        net.front.append(ix.arrays.number(e.data))
    elif op is H.IDENTITY:
        net.links.append(Link(left, right))
    elif op is H.UNIT:
        _unit(ix, net, e, left)
    elif op is H.SELECT:
        _stretch(ix, net, e, left, right)
    elif op is H.TRANSPOSE:
        join(ix, net, e.args[0], right, left)
    elif op is H.ONEHOT:
        if right:
            net.places.append(Place(right, _labels(ix, e, left)))
    elif op.name == "diag":
        join(ix, net, e.args[0], left, "")
        net.links.append(Link(left, right))
    elif op is H.MEMBER:
        _member(ix, net, e, left, right)
    elif op is H.PRODUCT and (ix.needs(e) or ix.handles(e)):
        _product(ix, net, e, left, right)
    elif op is H.HADAMARD:
        for a in e.args:
            (join if ix.is_placed(e) else join_factor)(ix, net, a, left, right)
    elif op is H.SIGMA and (says_places(e) or ix.needs(e) and is_product(e)):
        index, body = ix.opened(e, net.names)
        net.names[index] = None
        join(ix, net, body, left, right)
    elif op is not H.ONES:
        join_factor(ix, net, e, left, right)


def _stretch(ix: Indexed, net: Network, e: Expr, left: str, right: str) -> None:
    if right:
        net.links.append(Link(left, right, e.data[2]))
    else:  # a stretch of one
        net.places.append(Place(left, Tensor(ix.arrays.size(e.data[2]), ())))


def _unit(ix: Indexed, net: Network, e: Expr, left: str) -> None:
    index, _ = e.data
    if index in ix.axes.ranks:
        net.names[index] = None
        net.links.append(Link(left, index))
    else:
        net.places.append(Place(left, Tensor(ix.leaves.unit(e).code, ())))


def _labels(ix: Indexed, e: Expr, rows: str) -> Tensor:
    """Labels, from 1, as places."""
    y = ix.along(ix.tensor(e.args[0]), e.args[0], rows, "")
    return Tensor(ix.arrays.call(LABELS, y.code, ix.arrays.size(e.data[0]), shape=y.code.shape, plain=False), y.axes)


def _member(ix: Indexed, net: Network, e: Expr, left: str, right: str) -> None:
    of, *units = e.args
    counts = of.data[2]
    axes = [ix.inner(n) for n in counts]
    net.add(Tensor(ix.leaves.argument(of), (*axes, *filter(None, (left, right)))))
    for axis, u in zip(axes, units, strict=True):
        if u.is_scalar:
            net.places.append(Place(axis, Tensor(ix.arrays.number(0), ())))
        else:
            join(ix, net, u, axis, "")


def _product(ix: Indexed, net: Network, e: Expr, left: str, right: str) -> None:
    c, count = e.data
    net.front.append(ix.arrays.number(c))
    for s in without_exponentials(ix, net, e.args[:count]):
        (join if ix.is_placed(s) or s.op is H.SIGMA else join_factor)(ix, net, s, "", "")
    chain = _grouped(ix, e.args[count:])
    before = left
    for k, f in enumerate(chain):
        last = k == len(chain) - 1
        behind = right if last else "" if f.shape[1] == 1 else ix.inner(f.shape[1])
        join(ix, net, f, before, behind)
        before = behind


def _grouped(ix: Indexed, chain: Sequence[Expr]) -> list[Expr]:
    """The factors of a chain; inverses and what stands beside them, where it depends on no index, are left to `Lowering`, which solves."""
    out: list[Expr] = []
    for f in chain:
        beside = out[-1] if out else None
        if beside is not None and f.shape[0] != 1 and _is_solved(ix, beside, f):
            out[-1] = product([beside, f])
        else:
            out.append(f)
    return out


def _is_solved(ix: Indexed, a: Expr, b: Expr) -> bool:
    fixed = all(not (ix.needs(f) or ix.handles(untransposed(f)) or ix.is_placed(f)) and untransposed(f).op not in ALONE for f in (a, b))
    return fixed and any(untransposed(f).op is H.MATPOWER and untransposed(f).data < 0 for f in (a, b))


def join_factor(ix: Indexed, net: Network, e: Expr, left: str, right: str) -> None:
    """As an array, or below the fraction line."""
    if e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER and e.args[1].data < 0 and ix.needs(e):
        base, k = ix.tensor(e.args[0]), -e.args[1].data
        net.below.append(ix.along(Tensor(ix.arrays.power(base.code, k), base.axes), e, left, right))
    else:
        net.add(ix.along(ix.tensor(e), e, left, right))
