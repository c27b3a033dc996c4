"""The differential of an expression: every node once, by the product rule and the rows' ``d``.

Magnus & Neudecker's first step.  The result is linear in the given differentials; each is named by its variable.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from matcalc.calculus.opening import Opened, moved_members
from matcalc.calculus.rules import filled, formula, partial, placeholders
from matcalc.errors import LimitError, UnsupportedError
from matcalc.expr import Expr, add, hadamard, hpower, matpower, member, number, product, remake, scaled, transpose, zero
from matcalc.expr import heads as H
from matcalc.limits import MOST_POWER_TERMS, Steps
from matcalc.operators import elementwise


def differential(f: Expr, of: Mapping[Expr, Expr]) -> Expr:
    """The differential of `f`, where each variable in `of` has the differential given there.

    Raises UnsupportedError where a row of the table has none.

    >>> from matcalc.expr import power, variable
    >>> t, dt = variable("t", (1, 1)), variable("dt", (1, 1))
    >>> differential(power(t, number(2)), {t: dt}) is product([number(2), t, dt])
    True
    """
    steps = Steps("this derivative")
    opened = Opened(f)
    d: dict[Expr, Expr] = dict(of)
    for e in opened.order:
        if e not in d and any(a in d for a in opened.args(e)):
            d[e] = opened.summed(d[opened.args(e)[0]], frozenset({opened.bodies[e][0]})) if e.op is H.SIGMA else _one(e, d)
            steps.take(len(e.args) * length(d[e]))
        elif e not in d and (moving := moved_members(e, of)):
            d[e] = add([product([here, of[x]]) for x, here in moving])
    return d.get(f, zero(f.shape))


def length(e: Expr) -> int:
    """The expressions handled to make `e`: its factors or terms, and those that were added up in an exponent."""
    return 1 + len(e.args) + sum([len(a.args[1].args) for a in e.args if a.op is H.POWER or a.op is H.HPOWER])


def dependent(f: Expr | Opened, on: Mapping[Expr, object] | set[Expr]) -> set[Expr]:
    """The nodes below `f` that depend on any of the given variables; a member of a family on any other, for their indices may be one."""
    opened = f if isinstance(f, Opened) else Opened(f)
    found: set[Expr] = set()
    for e in opened.order:
        if e in on or not found.isdisjoint(opened.args(e)) or e.op is H.MEMBER and moved_members(e, on):
            found.add(e)
    return found


def _one(e: Expr, d: Mapping[Expr, Expr]) -> Expr:
    op, args = e.op, e.args
    if op is H.SUM:
        return add([scaled(c, d[a]) for c, a in zip(e.data, args, strict=True) if a in d])
    if op is H.PRODUCT:
        return add([product([*args[:i], d[a], *args[i + 1 :]], e.data[0]) for i, a in enumerate(args) if a in d])
    if op is H.TRANSPOSE:
        return transpose(d[args[0]])
    if op is H.GRID:
        return remake(e, tuple(d.get(a, zero(a.shape)) for a in args))
    if op is H.MEMBER:  # of a family that moves as a whole
        return member(d[args[0]], *args[1:])
    if op is H.HADAMARD:
        return add([hadamard([*args[:i], d[a], *args[i + 1 :]]) for i, a in enumerate(args) if a in d])
    if op in (H.POWER, H.HPOWER) or op.elementwise:
        return add([hadamard([p, d[args[i]]]) if args[i].shape == e.shape else product([d[args[i]], p]) for i, p in partials(e, d)])
    if op is H.MATPOWER:
        return add([product([left, d[args[0]], right]) for left, right in around(e)])
    if all(a not in d or (op.adjoint and op.adjoint[i]) for i, a in enumerate(args)):
        return add([remake(e, (*args[:i], d[a], *args[i + 1 :])) for i, a in enumerate(args) if a in d])
    if not op.d:
        raise UnsupportedError(f"the derivative of {op.name} is not in the table")
    _, differentials, _ = placeholders(op)
    given = {p: d.get(a, zero(a.shape)) for p, a in zip(differentials, args, strict=True)}
    return filled(formula(op, op.d), op, e, given)


def partials(e: Expr, moving: Container[Expr]) -> Iterator[tuple[int, Expr]]:
    """The partial derivatives entry by entry by the arguments that move, with their numbers: of a power b^k, k b^(k-1) and b^k log b."""
    for i, a in enumerate(e.args):
        if a not in moving:
            continue
        if e.op.elementwise:
            yield i, partial(e.op, e.args, i)
        elif i == 0:
            yield i, product([e.args[1], hpower(a, add([e.args[1], number(-1)]))])
        else:
            yield i, hadamard([e, elementwise("log", e.args[0])])


def around(e: Expr) -> list[tuple[Expr, Expr]]:
    """The pairs (L, R) with d(X^k) = Σ L dX R.  M&N 8.4 for the inverse."""
    base, k = e.args[0], e.data
    if abs(k) > MOST_POWER_TERMS:
        raise LimitError(f"the derivative of a {abs(k)}-th matrix power has {abs(k)} terms; at most {MOST_POWER_TERMS} are written out")
    if k > 0:
        return [(matpower(base, i), matpower(base, k - 1 - i)) for i in range(k)]
    return [(scaled(-1, matpower(base, -i)), matpower(base, -(1 - k - i))) for i in range(1, 1 - k)]
