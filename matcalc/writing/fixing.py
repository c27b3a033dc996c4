"""Arguments that stay the same: what depends on nothing else is computed once, and is made to be much.

`spread` multiplies out what keeps fixed factors apart, so that ‖A x − b‖² is x'(A'A)x − 2 x'(A'b) + b'b;
`staying` finds the code that depends on fixed arguments only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from matcalc.expr import NUMBER, POWER, PRODUCT, SUM, VARIABLE, Expr, add, postorder, product, remake, scaled, transpose
from matcalc.expr.dims import Dim
from matcalc.writing import arrays as A
from matcalc.writing.arrays import Code
from matcalc.writing.settling import in_order


def spread(roots: Sequence[Expr], fixed: Collection[str]) -> list[Expr]:
    """The roots, with sums multiplied out where a fixed matrix stands before a fixed matrix then."""
    if not fixed:
        return list(roots)
    done: dict[Expr, Expr] = {}
    stays: dict[Expr, bool] = {}
    for n in postorder(*roots):
        made = _square(n, done, stays) or (remake(n, tuple(done[a] for a in n.args)) if n.args else n)
        _mark(made, fixed, stays)
        opened = _multiplied_out(made, stays)
        _mark(opened, fixed, stays)
        done[n] = opened
    return [done[r] for r in roots]


def _mark(e: Expr, fixed: Collection[str], stays: dict[Expr, bool]) -> None:
    for n in postorder(e):
        if n not in stays:
            stays[n] = n.data[0] in fixed if n.op is VARIABLE else all(stays[a] for a in n.args)


def _multiplied_out(e: Expr, stays: dict[Expr, bool]) -> Expr:
    """F (G x + h) as F G x + F h."""
    if e.op is not PRODUCT:
        return e
    count = e.data[1]
    chain = e.args[count:]
    for i in range(1, len(chain)):
        if stays[chain[i - 1]] and _is_open(chain[i], stays):
            front, before, after = e.args[:count], chain[:i], chain[i + 1 :]
            terms = [scaled(c, product([*front, *before, t, *after])) for c, t in zip(chain[i].data, chain[i].args, strict=True)]
            return scaled(e.data[0], add(terms))
    return e


def _is_open(s: Expr, stays: dict[Expr, bool]) -> bool:
    """Whether it is a sum of which at least one term begins with a fixed matrix and none is all in motion."""
    if s.op is not SUM or stays[s] or s.shape[1] != 1:
        return False
    return all(stays[t] or _leads(t, stays) for t in s.args)


def _leads(t: Expr, stays: dict[Expr, bool]) -> bool:
    return t.op is PRODUCT and t.data[1] < len(t.args) and stays[t.args[t.data[1]]]


def _square(e: Expr, done: dict[Expr, Expr], stays: dict[Expr, bool]) -> Expr | None:
    """‖s‖² of such a sum."""
    if e.op is not POWER or e.args[1].op is not NUMBER or e.args[1].data != 2 or e.args[0].op.name != "norm":
        return None
    s = done[e.args[0].args[0]]
    if not _is_open(s, stays):
        return None
    terms = [scaled(c, t) for c, t in zip(s.data, s.args, strict=True)]
    return add([product([transpose(t), u]) for t in terms for u in terms])


def staying(codes: Sequence[Code], fixed: Collection[str], sizes: Collection[str]) -> set[Code]:
    """The code that depends on nothing but fixed arguments and on sizes that these show."""
    out: set[Code] = set()
    for c in in_order(codes):
        if c.form is A.ARGUMENT:
            still = c.data.name in fixed
        elif c.form is A.SIZE:
            still = not isinstance(c.data, Dim) or c.data.symbols <= set(sizes)
        else:
            still = all(a in out for a in c.args)
        if still and fixed:
            out.add(c)
    return out
