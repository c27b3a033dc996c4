"""Block matrices: what goes into the blocks before a derivative is taken, and how an answer in sub-blocks is put together.

A product that would write a factor twice stays as it is in an expression, [A; B] x.  To be differentiated it is [A x; B x], so that
answers go to the parts.  An answer is the other way round: sums of stretches that tile a vector are one stack, and of the forms with sums
of stretches multiplied out or not the one with less to read is taken.
"""

from __future__ import annotations

from matcalc.expr import Expr, add, below, factors, identity, postorder, product, remake, scaled, transform, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.dims import Size
from matcalc.expr.grids import each, grid, total
from matcalc.expr.heads import coefficient_and_rest, number

_INTO = ("norm", "norm1", "tr")  # of which the blocks are worth more than the whole


def blockwise(e: Expr) -> Expr:
    """`e` with products of blocks multiplied out where a norm, a trace or a function entry by entry is of them.

    >>> from matcalc.reading import read
    >>> blockwise(read("norm([A; B]*x)^2", "A: (m, n); B: (q, n)").expr)
    ‖A x‖² + ‖B x‖²
    """
    nodes = below(e)
    if not any(n.op is H.GRID for n in nodes):
        return e
    done: dict[Expr, Expr] = {}
    apart: dict[Expr, Expr] = {}  # of a product or a sum, as one grid
    for n in nodes:
        inside = n.op.name in _INTO or n.op.elementwise
        args = tuple((apart if inside else done).get(a, done[a]) for a in n.args)
        done[n] = remake(n, args)
        if n.op is H.PRODUCT and done[n].op is H.PRODUCT:
            apart[n] = _multiplied(done[n])
        elif n.op is H.SUM:
            whole = add([scaled(c, apart.get(a, done[a])) for c, a in zip(n.data, n.args, strict=True)])
            apart[n] = whole if coefficient_and_rest(whole)[1].op is H.GRID else done[n]
    return apart.get(e, done[e]) if e.is_scalar else done[e]


def _multiplied(e: Expr) -> Expr:
    """A product with a stack as one stack: [A; B] x as [A x; B x], and x'[A, B] likewise."""
    chain = list(factors(e))
    front = product([number(e.data[0]), *e.args[: e.data[1]]])
    for i, f in enumerate(chain):
        if f.op is not H.GRID or e.is_scalar:
            continue
        if f.data[1] == 1 and i + 1 < len(chain):
            made = each(lambda b, rest=chain[i + 1 :]: product([b, *rest]), f)  # type: ignore[misc]
            return product([front, *chain[:i], made])
        if f.data[0] == 1 and i:
            made = each(lambda b, rest=chain[:i]: product([*rest, b]), f)  # type: ignore[misc]
            return product([front, made, *chain[i + 1 :]])
    return e


def forms_of(e: Expr) -> list[Expr]:
    """`e`, and it with its stretches put together or multiplied out.

    >>> from matcalc.reading import read
    >>> forms_of(read("eye(n)[:,1:p]*a + eye(n)[:,p+1:n]*b", "a: (p); b: (n-p)").expr)[0]
    [a; b]
    """
    if not any(n.op is H.SELECT for n in postorder(e)):
        return [e]
    beside = transform(e, _taken_beside)
    forms = [e, _tiled(e), _tiled(_opened(e)), _tiled(beside), _tiled(_opened(beside))]
    return list(dict.fromkeys(reversed(forms)))


def _opened(e: Expr) -> Expr:
    """With products multiplied out that have a sum of stretches among their factors."""
    return transform(e, lambda n: n if n.is_scalar else _spread(n))


def _spread(e: Expr) -> Expr:
    for k, f in enumerate(e.args[e.data[1] :], e.data[1]) if e.op is H.PRODUCT else ():
        inner = untransposed(f)
        if inner.op is H.SUM and all(untransposed(g).op is H.SELECT for t in inner.args for g in factors(t)):
            terms = [scaled(c, t if inner is f else transpose(t)) for c, t in zip(inner.data, inner.args, strict=True)]
            return add([_spread(product([number(e.data[0]), *e.args[:k], t, *e.args[k + 1 :]])) for t in terms])
    return e


def _taken_beside(e: Expr) -> Expr:
    """A product with a sum of stretches, multiplied with what stands beside it: (S₂ - S₁)'x as x[2:n] - x[1:n-1]."""
    chain = list(factors(e)) if e.op is H.PRODUCT else []
    for k, f in enumerate(chain):
        inner = untransposed(f)
        if inner.op is not H.SUM or not all(_is_stretch(t) for t in inner.args):
            continue
        turned = inner.args[0].op is H.TRANSPOSE or factors(inner.args[0])[-1].op is H.TRANSPOSE
        rows = turned == (inner is f)  # S' M
        terms = [scaled(c, t if inner is f else transpose(t)) for c, t in zip(inner.data, inner.args, strict=True)]
        if rows and k + 1 < len(chain):
            chain[k : k + 2] = [add([product([t, chain[k + 1]]) for t in terms])]
        elif not rows and k:
            chain[k - 1 : k + 1] = [add([product([chain[k - 1], t]) for t in terms])]
        else:
            continue
        return _taken_beside(product([number(e.data[0]), *e.args[: e.data[1]], *chain]))
    return e


def _is_stretch(t: Expr) -> bool:
    chain = factors(t)
    return len(chain) == 1 and untransposed(chain[0]).op is H.SELECT


def _tiled(e: Expr) -> Expr:
    """With sums of padded parts that stand beside each other as one grid."""
    return transform(e, lambda n: transpose(_stacked(transpose(_stacked(n)))) if n.op is H.SUM else n)


def _stacked(e: Expr) -> Expr:
    """S₁ a + S₂ b as [a; b]."""
    if e.op is not H.SUM:
        return e
    found: dict[Expr, list[Expr]] = {}
    rest: list[Expr] = []
    for c, t in zip(e.data, e.args, strict=True):
        chain = factors(t)
        if chain and chain[0].op is H.SELECT:
            front = [number(t.data[0]), *t.args[: t.data[1]]] if t.op is H.PRODUCT else []
            inside = product([*front, *(chain[1:] or [identity(chain[0].shape[1])])])
            found.setdefault(chain[0], []).append(scaled(c, inside))
        else:
            rest.append(scaled(c, t))
    parts = {s: add(inside) for s, inside in found.items()}
    run: list[Expr] = []
    at: Size = 0
    while (following := next((s for s in parts if s not in run and s.data[2] == at), None)) is not None:
        run.append(following)
        at = total((at, following.data[1]))
    if len(run) < 2 or at != e.shape[0]:
        return e
    rest += [product([s, inside]) for s, inside in parts.items() if s not in run]
    return add([grid([[parts[s]] for s in run]), *rest])


__all__ = ["blockwise", "forms_of"]
