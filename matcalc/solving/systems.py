"""Several equations in several unknowns: one is isolated after the other, and put into those that are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from matcalc.errors import MatcalcError
from matcalc.expr import HADAMARD, PRODUCT, Expr, add, hadamard, has, number, power, product, scaled, substitute, variable
from matcalc.expr.products import scalars as scalars_of
from matcalc.operators import elementwise
from matcalc.simplification import simplify
from matcalc.solving import affine
from matcalc.solving.entries import Entries, entry_roots
from matcalc.solving.inverses import inverted
from matcalc.solving.roots import Conditions, Root, roots
from matcalc.solving.terms import depends, flattened, opaque, summands
from matcalc.solving.tidying import grouped

MOST_BRANCHES = 40  # of choices of an equation, an unknown and a root


class Move(NamedTuple):
    """One step: an unknown is isolated, by a rule."""

    unknown: Expr
    value: Expr
    rule: str


class Stationary(NamedTuple):
    """A solution of the system: the value of each unknown, what must hold for it, and how it was found."""

    values: dict[Expr, Expr]
    conditions: Conditions
    moves: tuple[Move, ...]


class Equation(NamedTuple):
    """`left` = 0: the derivative of the Lagrangian by the unknown `by`."""

    left: Expr
    by: Expr


def isolated(e: Expr, x: Expr) -> list[Root]:
    """The values of `x` where e = 0, by the first way that finds some; of a matrix, with sums of data kept together where that goes."""
    e, needed = without_factors(e, x)
    if needed:
        return [r._replace(conditions=(*r.conditions, *needed)) for r in isolated(e, x)]
    if 1 not in x.shape:
        stands: dict[Expr, Expr] = {}
        made = grouped(e, x, stands)
        found = _by_first(made, x) if stands else []
        if found:
            back = {name: data for data, name in stands.items()}
            return [Root(simplify(substitute(r.value, back)), r.rule, _at(r.conditions, back)) for r in found]
    return _by_first(e, x)


def without_factors(e: Expr, x: Expr) -> tuple[Expr, Conditions]:
    """`e` without the factors that cannot be zero, or are numbers of the data; and that these must not be zero."""
    needed: list[tuple[Any, str]] = []
    if e.op is PRODUCT and not (e.is_scalar and not e.data[1]):
        kept = []
        for s in scalars_of(e):
            if has(s, "nonzero") or not depends(s, x) and not e.is_scalar:
                needed += [] if has(s, "nonzero") else [(s, "≠ 0")]
            else:
                kept.append(s)
        chain = e.args[e.data[1] :]
        e = product([*kept, *chain]) if kept or chain else e
    if e.op is HADAMARD:
        arrays = [a for a in e.args if depends(a, x) or not has(a, "nonzero")]
        e = hadamard(arrays) if arrays else e
    return e, tuple(needed)


def _by_first(e: Expr, x: Expr) -> list[Root]:
    for way in (affine.isolated, inverted, entry_roots, with_scalars):
        try:
            found = way(e, x)
        except (MatcalcError, ZeroDivisionError):
            continue
        if found:
            return found
    return []


def with_scalars(e: Expr, x: Expr) -> list[Root]:
    """Where e is affine in `x` but for numbers that depend on it, as tr(A'X): these are solved for, too."""
    if x.is_scalar:
        return []
    stands: dict[Expr, Expr] = {}
    made = opaque(e, (x,), stands)
    if len(stands) != 1:
        return []
    ((inner, t),) = stands.items()
    out = []
    for r in affine.isolated(made, x):
        for s in isolated(add([t, scaled(-1, simplify(substitute(inner, {x: r.value})))]), t):
            value = simplify(substitute(r.value, {t: s.value}))
            out.append(Root(value, f"{r.rule}; then for the number in it", (*_at(r.conditions, {t: s.value}), *s.conditions)))
    return out


def _at(conditions: Conditions, values: dict[Expr, Expr]) -> Conditions:
    return tuple((_filled(c, values), needs) for c, needs in conditions)


def solutions(equations: Sequence[Equation], unknowns: Sequence[Expr]) -> Iterator[Stationary]:
    """Solutions of the system, those found with the fewest conditions first."""
    yield from _eliminated(list(equations), list(unknowns), [MOST_BRANCHES])


def _eliminated(equations: list[Equation], unknowns: list[Expr], budget: list[int]) -> Iterator[Stationary]:
    if not unknowns:
        if all(not summands(simplify(e.left)) for e in equations):
            yield Stationary({}, (), ())
        return
    for e, x, found in _choices(equations, unknowns):
        some = False
        for root in found:
            budget[0] -= 1
            if budget[0] < 0:
                return
            for s in _put_in(root, e, x, equations, unknowns, budget):
                some = True
                yield s
        if some:
            return


def _choices(equations: list[Equation], unknowns: list[Expr]) -> Iterator[tuple[Equation, Expr, list[Root]]]:
    """Which equation to solve for which unknown: the own one first, those without conditions first, then what is short."""
    own = []
    for e in equations:
        if e.by in unknowns and depends(e.left, e.by):
            found = isolated(e.left, e.by)
            if found:
                own.append((e, e.by, found))
    own.sort(key=lambda c: (sum(len(r.conditions) for r in c[2]) / len(c[2]), _coupled(c, unknowns), sum(r.value.weight for r in c[2])))
    yield from own
    for e in equations:
        for x in unknowns:
            if x is not e.by and depends(e.left, x):
                found = isolated(e.left, x)
                if found:
                    yield e, x, found


def _coupled(choice: tuple[Equation, Expr, list[Root]], unknowns: list[Expr]) -> bool:
    return any(depends(r.value, *unknowns) for r in choice[2])


def _put_in(
    root: Root, used: Equation, x: Expr, equations: list[Equation], unknowns: list[Expr], budget: list[int]
) -> Iterator[Stationary]:
    rest = [u for u in unknowns if u is not x]
    apart = _apart(root.value, rest, used) if rest else None
    if apart is not None:
        yield from _proportional(apart, root, x, equations, used, rest, budget)
        return
    try:
        left = [Equation(substitute(e.left, {x: root.value}), e.by) for e in equations if e is not used]
    except (MatcalcError, ZeroDivisionError):
        return
    for s in _eliminated(left, rest, budget):
        value = simplify(substitute(root.value, s.values)) if s.values else root.value
        here = _at(root.conditions, s.values)
        yield Stationary({**s.values, x: value}, (*here, *s.conditions), (Move(x, root.value, root.rule), *s.moves))


def _filled(c: Any, values: dict[Expr, Expr]) -> Any:
    return tuple(_filled(p, values) for p in c) if isinstance(c, tuple) else simplify(substitute(c, values)) if values else c


# --- a multiplier that only scales ---------------------------------------------------------------------------------


class Apart(NamedTuple):
    """A value that is `scale`, of the multiplier alone, times `bare`, free of it."""

    multiplier: Expr
    scale: Expr
    bare: Expr


def _apart(value: Expr, rest: list[Expr], used: Equation) -> Apart | None:
    """`value` as a scale and what it scales, where the one scalar unknown left only scales it: in an exponential it normalises."""
    within = [u for u in rest if depends(value, u)]
    if len(within) != 1 or not within[0].is_scalar or value.is_scalar:
        return None
    (m,) = within
    entries = Entries(variable("·", value.shape))
    bare = entries.constant(value)
    if any(depends(array, m) for array in entries.of):
        return None
    split_up = _separated(bare, m)
    if split_up is None:
        return None
    scale, others = split_up
    return Apart(m, scale, simplify(entries.back(others)))


def _separated(e: Expr, m: Expr) -> tuple[Expr, Expr] | None:
    """(s, r) with e = s r, where s depends on `m` alone of all that varies from entry to entry, and r not on `m`."""
    scale: list[Expr] = []
    rest: list[Expr] = []
    exponents: list[Expr] = []
    for f in _product_parts(e):
        if not depends(f, m):
            (rest if _varies(f) else scale).append(f)
        elif not _varies(f):
            scale.append(f)
        elif f.op.name == "exp":
            for t in summands(flattened(f.args[0])):
                if depends(t, m) and _varies(t):
                    return None
                if _varies(t):
                    exponents.append(t)
                else:
                    scale.append(elementwise("exp", t))
        elif f.op.name == "power" and f.args[1].op.name == "number":
            inner = _separated(f.args[0], m)
            if inner is None:
                return None
            scale.append(power(inner[0], f.args[1]))
            rest.append(power(inner[1], f.args[1]))
        else:
            return None
    if exponents:
        rest.append(elementwise("exp", add(exponents)))
    return product(scale or [number(1)]), product(rest or [number(1)])


def _varies(e: Expr) -> bool:
    from matcalc.expr import variables

    return any(v.data[0].startswith("entry·") for v in variables(e))


def _product_parts(e: Expr) -> list[Expr]:
    from matcalc.expr import PRODUCT

    if e.op is PRODUCT and e.data[1]:
        return [number(e.data[0]), *scalars_of(e)]
    return [e]


def _proportional(
    apart: Apart, root: Root, x: Expr, equations: list[Equation], used: Equation, rest: list[Expr], budget: list[int]
) -> Iterator[Stationary]:
    """With the scale as the unknown in place of the multiplier."""
    scale = variable("scale·", (1, 1))
    left = [
        Equation(substitute(e.left, {x: product([scale, apart.bare])}), scale if e.by is apart.multiplier else e.by)
        for e in equations
        if e is not used
    ]
    remaining = [scale if u is apart.multiplier else u for u in rest]
    for s in _eliminated(left, remaining, budget):
        value = simplify(substitute(product([scale, apart.bare]), s.values))
        multipliers = roots(add([apart.scale, scaled(-1, s.values[scale])]), apart.multiplier)
        values = {k: v for k, v in s.values.items() if k is not scale} | {x: value}
        here = tuple((c, needs) for c, needs in root.conditions if not depends(c, apart.multiplier))
        moves = (Move(x, root.value, root.rule), Move(x, value, f"{apart.multiplier.data[0]} only scales: the constraint says how much"))
        for r in multipliers:
            yield Stationary({**values, apart.multiplier: simplify(substitute(r.value, s.values))}, (*here, *s.conditions), moves)
        if not multipliers:
            yield Stationary(values, (*here, *s.conditions), moves)
