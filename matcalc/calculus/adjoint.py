"""The adjoint sweep: gradients of a scalar by all variables at once, each node of the expression once.

A cotangent W of a node stands for the linear form dY ↦ ⟨W, dY⟩ = tr(W'dY).  It is handed to the node's
arguments by the adjoint of the node's differential; what arrives at a variable is the gradient.
The sweep never leaves matrix notation and keeps the user's grouping.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from matcalc.calculus.differentials import around, dependent, differential, length, partials
from matcalc.calculus.opening import NOTHING, Opened, moved_members
from matcalc.calculus.rules import MOST_ROWS, alone, filled, formula, placeholders
from matcalc.errors import ShapeError
from matcalc.expr import Expr, Op, add, hadamard, matpower, postorder, product, scaled, split, transpose
from matcalc.expr import heads as H
from matcalc.expr.grids import picks
from matcalc.expr.heads import ONE, Number, coefficient_and_rest, number, zero
from matcalc.limits import MOST_BESIDE, Steps
from matcalc.operators import call

Arrived = dict[frozenset[str], list[tuple[Number, Expr]]]  # cotangents, each with a number, by the indices they are to be summed over


def gradient(f: Expr, wrt: Sequence[Expr]) -> list[Expr]:
    """The gradients of the scalar `f`, each of the shape of its variable.

    Raises ShapeError where `f` is no scalar, UnsupportedError where the table has no rule.

    >>> from matcalc.expr import variable, symbol
    >>> x = variable("x", (symbol("n"), 1))
    >>> gradient(product([x.T, x]), [x])[0] is scaled(2, x)
    True
    """
    if not f.is_scalar:
        raise ShapeError(f"a gradient is of a scalar; this is ({f.shape[0]}, {f.shape[1]})")
    if len(wrt) == 1 and wrt[0].is_scalar and all(e.is_scalar for e in dependent(f, set(wrt))):
        return [differential(f, {wrt[0]: ONE})]  # numbers of one number: forward, what is nested stays nested
    return pullback(f, ONE, wrt)


def pullback(f: Expr, cotangent: Expr, wrt: Sequence[Expr]) -> list[Expr]:
    """Applies the adjoint of the differential of `f` to a cotangent, per variable, or per member of a family.

    >>> from matcalc.expr import family, member, sigma, symbol, unit
    >>> n, K = symbol("n"), symbol("K")
    >>> S = family("S", (K,), (n, n))
    >>> f = sigma("k", K, call("logdet", member(S, unit("k", K))))
    >>> pullback(f, ONE, [member(S, unit("j", K))])
    [S_j⁻ᵀ]
    """
    steps = Steps("this derivative")
    opened = Opened(f)
    active = dependent(opened, set(wrt))
    arrived: dict[Expr, Arrived] = {f: {NOTHING: [(1, cotangent)]}} if f in active else {}
    found: dict[Expr, list[Expr]] = {}
    indexed = bool(opened.counts) or any(x.op is H.MEMBER for x in wrt)
    for e in reversed(opened.order):
        if e not in active or e not in arrived:
            continue
        for x, here in moved_members(e, wrt) if e.op is H.MEMBER else ():
            c, w = _gathered(arrived[e], opened)
            found.setdefault(x, []).append(opened.summed(product([number(c), here, w]), opened.left(e, e.args[0])))
        if e in wrt or e.op is H.MEMBER:
            continue
        c, w = _gathered(arrived.pop(e), opened)
        long = () if indexed else _long(e, active)
        for x, part in zip(wrt, _in_halves(long, wrt), strict=True) if long else ():
            arrived.setdefault(x, {}).setdefault(NOTHING, []).append((c, product([_before(e, w, long), part])))
        for a, k, part in _handed_on(e, w, active.difference(long) if long else active, opened):
            steps.take(length(part))
            arrived.setdefault(a, {}).setdefault(opened.left(e, a), []).append((c * k, part))
    for x in wrt:
        if x in arrived and x not in found:
            found[x] = [scaled(*_gathered(arrived[x], opened))]
    return [add(found[x]) if x in found else zero(x.shape) for x in wrt]


def _gathered(parts: Arrived, opened: Opened) -> tuple[Number, Expr]:
    """The sum of cotangents; a number stays apart, so that a residual keeps the sign it was written with."""
    summed = []
    for over, some in parts.items():
        c, w = some[0] if len(some) == 1 else (1, add([scaled(c, w) for c, w in some]))
        summed.append((c, opened.summed(w, over)))
    return summed[0] if len(summed) == 1 else (1, add([scaled(c, w) for c, w in summed]))


def _handed_on(e: Expr, w: Expr, active: set[Expr], opened: Opened) -> list[tuple[Expr, Number, Expr]]:
    """The cotangents of what stands below `e`, each with a number."""
    if e.op is H.SUM:
        return [(a, k, w) for k, a in zip(e.data, e.args, strict=True) if a in active]
    if e.op is H.SIGMA:
        return [(opened.bodies[e][1], 1, w)]
    return [(e.args[i], 1, part) for i, part in _handed(e, w, active)]


def _handed(e: Expr, w: Expr, active: set[Expr]) -> list[tuple[int, Expr]]:
    """The cotangents of the arguments of `e`, for the cotangent `w` of `e`."""
    op, args = e.op, e.args
    live = [i for i, a in enumerate(args) if a in active]
    if op is H.PRODUCT:
        return [(i, _through_product(e, w, i)) for i in live]
    if op is H.TRANSPOSE:
        return [(0, transpose(w))]
    if op is H.GRID:  # the block of the cotangent in each place
        places = picks(e)
        return [(i, _block(w, *places[i])) for i in live]
    if op is H.HADAMARD:
        return [(i, hadamard([w, *args[:i], *args[i + 1 :]])) for i in live]
    if op in (H.POWER, H.HPOWER) or op.elementwise:
        return [
            (i, hadamard([w, p]) if args[i].shape == w.shape else call("tr", product([transpose(w), p]))) for i, p in partials(e, active)
        ]
    if op is H.MATPOWER:
        return [(0, _through_power(e, w))]
    return [(i, _through_row(e, w, i)) for i in live]


def _long(e: Expr, active: set[Expr]) -> tuple[Expr, ...]:
    """The numbers that a long product moves by, where they have little more in common than variables: they are gone through by halves."""
    if e.op is not H.PRODUCT or e.data[1] <= MOST_BESIDE:
        return ()
    moving = tuple(s for s in e.args[: e.data[1]] if s in active)
    below = [n for s in moving for n in postorder(s) if n in active and n.args] if len(moving) > MOST_BESIDE else []
    return moving if below and len(below) <= 2 * len(set(below)) else ()


def _in_halves(factors: Sequence[Expr], wrt: Sequence[Expr]) -> list[Expr]:
    """The gradients of a product of numbers, d(P Q) = Q dP + P dQ of its halves: of n factors it holds n log n."""
    if len(factors) <= MOST_BESIDE // 2:
        return pullback(product(factors), ONE, wrt)
    middle = len(factors) // 2
    halves = factors[:middle], factors[middle:]
    (p, q), moved = map(product, halves), [_in_halves(half, wrt) for half in halves]
    return [add([product([q, dp]), product([p, dq])]) for dp, dq in zip(*moved, strict=True)]


def _block(w: Expr, rows: Expr, columns: Expr) -> Expr:
    """The block of a cotangent, of each term of a sum where one of them has blocks itself."""
    bare = coefficient_and_rest(w)[1]
    if bare.op is H.SUM and any(n.op is H.GRID for n in postorder(bare)):
        c = coefficient_and_rest(w)[0]
        return scaled(c, add([scaled(k, _block(t, rows, columns)) for k, t in zip(bare.data, bare.args, strict=True)]))
    return product([transpose(rows), w, columns])


def _through_product(e: Expr, w: Expr, i: int) -> Expr:
    c, count = e.data
    scalars, chain = e.args[:count], e.args[count:]
    if i < count:
        return _before(e, w, scalars[i : i + 1])
    k = i - count
    return product([*scalars, _turned(chain[:k]), w, _turned(chain[k + 1 :])], c)


def _turned(chain: Sequence[Expr]) -> Expr:
    """The transpose of a part of a chain."""
    return transpose(chain[0] if len(chain) == 1 else product(chain)) if chain else ONE


def _before(e: Expr, w: Expr, without: Sequence[Expr]) -> Expr:
    """The number before the differential of a part of the numbers in a product."""
    c, count = e.data
    rest = product([s for s in e.args[:count] if s not in without], c)
    return product([rest, call("tr", product([transpose(w), *e.args[count:]])) if count < len(e.args) else w])


def _through_power(e: Expr, w: Expr) -> Expr:
    base, k = e.args[0], e.data
    s, bare = split(w)
    if bare.op is H.IDENTITY:
        return product([number(k), s, transpose(matpower(base, k - 1))])
    return add([product([transpose(left), w, transpose(right)]) for left, right in around(e)])


def _through_row(e: Expr, w: Expr, i: int) -> Expr:
    _, _, cotangent = placeholders(e.op)
    return filled(_adjoint(e.op, i), e.op, e, {cotangent: w})


@lru_cache(maxsize=MOST_ROWS)
def _adjoint(op: Op, i: int) -> Expr:
    """The row's differential applied backwards to the cotangent W, for its argument number `i`."""
    if op.adjoint and op.adjoint[i]:
        return formula(op, op.adjoint[i])
    change, moved = alone(op, i)
    return pullback(change, placeholders(op)[2], [moved])[0]
