"""Objectives with one term that is not smooth beside a quadratic one: their minimum by the table of proximal operators."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from matcalc.api.tangents import projected
from matcalc.calculus import jacobian
from matcalc.expr import Expr, add, coefficient_and_rest, has, is_ones, number, postorder, scaled, split, substitute, transform, variable
from matcalc.expr.conjugate import said_of
from matcalc.expr.heads import HPOWER, IDENTITY, ONE, POWER, SUM
from matcalc.expr.language import dot_over
from matcalc.expr.lifting import ENTRIES, entry_by_entry
from matcalc.operators import call
from matcalc.reading import read
from matcalc.simplification import simplify
from matcalc.solving.entries import entrywise
from matcalc.solving.problem import slopes
from matcalc.solving.roots import Conditions
from matcalc.solving.rows import NESTED, PROXIMAL, Proximal
from matcalc.solving.terms import at_zero, coefficients, depends, summands, total

COMPLEX = frozenset({"complex"})
NOT_SMOOTH = ("abs", "relu", "norm", "normnuc")
# The linear spaces that a solution lies in where v does.
LINEAR = frozenset(("symmetric", "skew", "lower", "upper", "diagonal"))
STAYS = {
    "soft threshold": LINEAR,
    "one-sided threshold": LINEAR - {"skew"},
    "block threshold": LINEAR,
    "threshold of the singular values": frozenset(("symmetric", "skew")),
}
PSD_PART = Proximal("the psd part, as it is declared psd", "", "(V + sqrtm(V*V))/2", source="Higham 1988")
POSITIVE_PART = Proximal("the positive part, as it is declared nonnegative", "", "relu(v)", of="entries")


class Prox(NamedTuple):
    """The minimum, by which row, at which centre and with which threshold; no value where only its singular values have one."""

    value: Expr | None
    row: Proximal
    centre: Expr
    threshold: Expr
    conditions: Conditions = ()


def proximal(f: Expr, x: Expr) -> Prox | None:
    """The minimum of `f` where it is a quadratic function and one term of the table; None where it is not."""
    if has(x, "nonnegative") and not has(x, "positive"):
        f = transform(f, lambda n: x if n.op.name in ("abs", "relu") and n.args[0] is x else n)
        found = None if _is_rough(f, x) else _centre(f, x, each=True)
        return found and Prox(_solution(POSITIVE_PART, *found, number(0)), POSITIVE_PART, found[0], number(0), _not_zero(found[1]))
    if has(x, "psd") and not has(x, "spd"):
        found = None if _is_rough(f, x) else _centre(f, x, each=False)
        if found is None:
            return None
        k, c = coefficient_and_rest(simplify(projected(found[0], x)[0]))
        sign, size = (1, k) if k > 0 else (-1, -k)
        part = scaled(size, add([scaled(sign, c), call("sqrtm", c @ c)])) / 2
        return Prox(simplify(part), PSD_PART, found[0], number(0), _not_zero(found[1]))
    if not any((n.op.name in NOT_SMOOTH or n.op is HPOWER) and depends(n, x) for n in postorder(f)):
        return None
    moved = _offset(f, x)
    if moved is not None:
        shifted = proximal(simplify(substitute(f, {x: x - moved})), x)
        return None if shifted is None or shifted.value is None else shifted._replace(value=simplify(shifted.value - moved))
    if (made := _along(f, x)) is not None:
        return made
    rough = [t for t in summands(f) if _is_rough(t, x) or not x.is_scalar and _weight(t, x) is not None]
    smooth = [t for t in summands(f) if t not in rough]
    terms = [w for w in (_weight(t, x) for t in rough) if w is not None]
    kinds = sorted({(row, sign) for row, _, sign in terms}, key=lambda k: NESTED.index(k[0].of))
    several = len(kinds) > 1
    if not smooth or not rough or len(terms) < len(rough) or len({row.of for row, _ in kinds}) < len(kinds):
        return None
    found = _centre(add(smooth), x, not several and kinds[0][0].each)
    if found is None:
        return None
    centre, curvature = found
    space = set() if x.is_scalar else set(x.data[1]) & LINEAR
    centre = projected(centre, x)[0] if space else centre
    value: Expr | None = centre
    for row, sign in kinds:
        weight = simplify(add([w for other, w, turned in terms if (other, turned) == (row, sign)]))
        threshold = simplify(dot_over(weight, curvature))
        if not has(threshold, "nonnegative") or row.form != "closed" and (several or has(x, "spd") or has(x, "positive")):
            return None
        if space and not (threshold.is_scalar and curvature.is_scalar and space <= STAYS.get(row.name, frozenset())):
            return None  # what minimises must lie in it, too
        if value is not None:
            value = simplify(scaled(sign, _solution(row, scaled(sign, value), curvature, weight))) if row.form == "closed" else None
    return Prox(value, row._replace(name=", then ".join(row.name for row, _ in kinds)), centre, threshold, _not_zero(curvature))


def _along(f: Expr, x: Expr) -> Prox | None:
    """Of one number a'x + c in what is not smooth: the centre, moved along a to where that number is least (Beck 2017, 6.15)."""
    inside = {n.args[0] for n in postorder(f) if n.op.name in ("abs", "relu") and depends(n, x)}
    if len(inside) != 1 or x.is_scalar or x.shape[1] != 1 or x.complex or x.data[1]:
        return None
    (u,) = inside
    (a,), s = slopes(u, [x]) if u.is_scalar else [x], variable("s·", (1, 1))
    if depends(a, x):
        return None
    rough = [t for t in summands(f) if _is_rough(t, x)]
    found = _centre(add([f, *(scaled(-1, t) for t in rough)]), x, each=False)
    outer = substitute(add(rough), {u: s})
    if found is None or not found[1].is_scalar or depends(outer, x):
        return None
    centre, curvature = found
    at, square = simplify(substitute(u, {x: centre})), simplify(call("inner", a, a))
    inner = proximal(add([square * outer, curvature * (s - at) ** 2 / 2]), s)
    if inner is None or inner.value is None:
        return None
    value, needed = simplify(centre + (inner.value - at) / square * a), ((square, "≠ 0"), *_not_zero(curvature))
    return Prox(value, inner.row._replace(name=f"{inner.row.name}, along one direction"), centre, inner.threshold, needed)


def _offset(f: Expr, x: Expr) -> Expr | None:
    """c, where the functions that are not smooth are of x + c (or of its negative)."""
    found = set()
    for n in postorder(f):
        if n.op.name in NOT_SMOOTH and n.args[0] in (x, scaled(-1, x)) and not _even_power(n, f):
            return None  # another has its kink at zero
        if n.op.name in NOT_SMOOTH and depends(n, x) and n.args[0].op is SUM and not _even_power(n, f):
            c = at_zero(n.args[0], x)
            if c is None:
                return None
            found |= {scaled(sign, c) for sign in (1, -1) if n.args[0] - c is scaled(sign, x)}
    return found.pop() if len(found) == 1 else None


def _is_rough(t: Expr, x: Expr) -> bool:
    return any(n.op.name in NOT_SMOOTH and depends(n, x) and not _even_power(n, t) for n in postorder(t))


def _even_power(n: Expr, t: Expr) -> bool:
    """Whether a norm occurs in even powers only."""
    above = [m for m in postorder(t) if n in m.args]
    even = all(m.op is POWER and m.args[1].op.name == "number" and m.args[1].data % 2 == 0 for m in above)
    return n.op.name == "norm" and bool(above) and even


def _weight(t: Expr, x: Expr) -> tuple[Proximal, Expr, int] | None:
    """The row that a term belongs to, what it is multiplied with, and -1 where it is of -x."""
    for row in PROXIMAL:
        if x.complex and row.real:
            continue
        found: tuple[Expr, int] | None = None
        if row.each:
            found = _of_entries(t, x, row)
        elif not x.is_scalar and not ("rowsum" in row.term and x.shape[1] == 1):
            rest = simplify(t / _read(row.term, x, "X"))
            found = (rest, 1) if not depends(rest, x) and rest.is_scalar else None
        if found is not None:
            return row, *found
    return None


def _read(text: str, x: Expr, name: str) -> Expr:
    stand = variable(name, x.shape, said_of(x) & COMPLEX)
    return substitute(_of_stand(text, stand), {stand: x})


@lru_cache(maxsize=256)
def _of_stand(text: str, stand: Expr) -> Expr:
    return read(text, names={stand.data[0]: stand}).expr


def _of_entries(t: Expr, x: Expr, row: Proximal) -> tuple[Expr, int] | None:
    """Σ w_i h(±x_i) with its weights, a number where they are all the same."""
    for sign in (1, -1) if row.name != "soft threshold" else (1,):
        mark = variable("h·", x.shape)
        made = substitute(t, {_read(row.term, scaled(sign, x), "x"): mark})
        if depends(made, x) or not depends(made, mark):
            continue
        w = simplify(slopes(made, [mark])[0])
        s, bare = split(w)
        return None if depends(w, mark) else (s if is_ones(bare) or w.is_scalar else w, sign)
    return None


def _centre(smooth: Expr, x: Expr, each: bool) -> tuple[Expr, Expr] | None:
    """Where the affine gradient is zero, and its slope, never negative: a number, or (for `each`) an array, multiplied entry by entry."""
    g = simplify(slopes(smooth, [x])[0])
    constant, found = at_zero(g, x), coefficients(g, x)
    if constant is None:
        return None
    front, m = split(simplify(jacobian(g, x))) if found is not None and not x.is_scalar and x.shape[1] == 1 else (ONE, ONE)
    if found is not None and found[0] and all(not t.left and not t.right and not t.turned for t in found[0]):
        slope = simplify(add([t.scalar for t in found[0]]))
        centre = scaled(-1, constant / slope)
    elif m.op is IDENTITY or each and m.op.name == "diag":
        slope = front if m.op is IDENTITY else front * m.args[0]
        centre = scaled(-1, dot_over(constant, slope))
    else:
        made = entrywise(g, x) if each and not x.is_scalar else None
        inner = coefficients(made[0], made[1].x) if made is not None else None
        if made is None or inner is None or not inner[0]:
            return None
        slope = simplify(made[1].back(inner[0][0].scalar))
        centre = made[1].back(scaled(-1, total(inner[1], (1, 1)) / inner[0][0].scalar))
    return (
        (simplify(centre), slope) if has(slope, "positive") or slope.is_scalar and summands(slope) and has(slope, "nonnegative") else None
    )


def _not_zero(slope: Expr) -> Conditions:
    return () if has(slope, "positive") else ((slope, "≠ 0" if slope.is_scalar else "without zeros"),)


def _solution(row: Proximal, centre: Expr, curvature: Expr, weight: Expr) -> Expr:
    """The minimiser, written in the shorter of two ways: with the curvature before the threshold, or behind it."""
    inside = _filled(row, centre, simplify(dot_over(weight, curvature)))
    if curvature is ONE:
        return inside
    times = simplify(curvature * centre if curvature.is_scalar else dot_over(centre, dot_over(ONE, curvature)))
    outside = simplify(dot_over(_filled(row, times, weight), curvature))
    return min(inside, outside, key=lambda e: e.weight)


def _filled(row: Proximal, centre: Expr, threshold: Expr) -> Expr:
    if row.each:
        v, t = variable("v", (1, 1), said_of(centre) & COMPLEX), variable("t", (1, 1))
        template = substitute(read(row.solution, names={"v": v, "t": t}).expr, {v: ENTRIES[0], t: ENTRIES[1]})
        return simplify(entry_by_entry(template, (centre, threshold)))
    names = {"V": variable("V", centre.shape, said_of(centre) & COMPLEX), "t": variable("t", (1, 1))}
    return simplify(substitute(read(row.solution, names=names).expr, {names["V"]: centre, names["t"]: threshold}))
