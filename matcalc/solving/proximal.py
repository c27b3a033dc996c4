"""Objectives with one term that is not smooth beside a quadratic one: their minimum by the table of proximal operators."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from matcalc.calculus import gradient
from matcalc.expr import (
    HPOWER,
    POWER,
    SUM,
    Expr,
    add,
    has,
    is_ones,
    number,
    postorder,
    power,
    product,
    scaled,
    split,
    substitute,
    variable,
)
from matcalc.reading import read
from matcalc.simplification import simplify
from matcalc.solving.entries import entrywise
from matcalc.solving.rows import PROXIMAL, Proximal
from matcalc.solving.terms import at_zero, coefficients, depends, summands, total

NOT_SMOOTH = ("abs", "relu", "norm", "normnuc")


class Prox(NamedTuple):
    """The minimum, by which row, at which centre and with which threshold."""

    value: Expr | None
    row: Proximal
    centre: Expr
    threshold: Expr
    conditions: tuple[tuple[Expr, str], ...]


def proximal(f: Expr, x: Expr) -> Prox | None:
    """The minimum of `f` where it is a quadratic function and one term of the table; None where it is not."""
    if has(x, "nonnegative") and not has(x, "positive"):
        return _projected(f, x)
    if not any(_may_be_rough(n, x) for n in postorder(f)):
        return None
    moved = _offset(f, x)
    if moved is not None:
        shifted = proximal(simplify(substitute(f, {x: add([x, scaled(-1, moved)])})), x)
        if shifted is None or shifted.value is None:
            return None
        return shifted._replace(value=simplify(add([shifted.value, scaled(-1, moved)])))
    rough: list[Expr] = []
    smooth: list[Expr] = []
    for t in summands(f):
        (rough if _is_rough(t, x) else smooth).append(t)
    if not rough or not smooth or not depends(add(smooth), x):
        return None
    terms = [_weight(t, x) for t in rough]
    if any(t is None for t in terms) or len({t[0] for t in terms if t}) != 1:
        return None
    row = terms[0][0]  # type: ignore[index]
    weight = simplify(add([t[1] for t in terms if t]))
    sign = next(t[2] for t in terms if t)
    if len(terms) > 1 and any(t[2] != sign for t in terms if t):
        return None
    found = _centre(simplify(gradient(add(smooth), [x])[0]), x, row.each)
    if found is None:
        return None
    centre, curvature, conditions = found
    if not has(curvature, "positive"):
        return None
    threshold = simplify(_over(weight, curvature))
    if not has(threshold, "nonnegative"):
        return None
    value = _filled(row, scaled(sign, centre), threshold) if row.form == "closed" else None
    return Prox(None if value is None else simplify(scaled(sign, value)), row, centre, threshold, conditions)


def _offset(f: Expr, x: Expr) -> Expr | None:
    """c, where the functions that are not smooth are of x + c (or of its negative)."""
    found = set()
    for n in postorder(f):
        if n.op.name in NOT_SMOOTH and depends(n, x) and n.args[0].op is SUM and not _even_power(n, f):
            c = at_zero(n.args[0], x)
            if c is None:
                return None
            rest = add([n.args[0], scaled(-1, c)])
            if rest is x:
                found.add(c)
            elif rest is scaled(-1, x):
                found.add(scaled(-1, c))
    return found.pop() if len(found) == 1 else None


def _projected(f: Expr, x: Expr) -> Prox | None:
    """A separable quadratic function of what is declared nonnegative: least at the positive part of its centre."""
    if any(n.op.name in NOT_SMOOTH and depends(n, x) and not _even_power(n, f) for n in postorder(f)):
        return None
    found = _centre(simplify(gradient(f, [x])[0]), x, True)
    if found is None or not has(found[1], "positive"):
        return None
    row = Proximal("the positive part, as it is declared nonnegative", "", "relu(v)", each=True)
    return Prox(simplify(_filled(row, found[0], number(0))), row, found[0], number(0), ())


def _over(weight: Expr, curvature: Expr) -> Expr:
    if curvature.is_scalar:
        return product([weight, power(curvature, number(-1))])
    from matcalc.expr.language import dot_over

    return dot_over(weight, curvature)


def _is_rough(t: Expr, x: Expr) -> bool:
    return any(n.op.name in NOT_SMOOTH and depends(n, x) and not _even_power(n, t) for n in postorder(t)) or _is_row_norms(t, x)


def _may_be_rough(n: Expr, x: Expr) -> bool:
    return (n.op.name in NOT_SMOOTH or n.op is HPOWER) and depends(n, x)


def _even_power(n: Expr, t: Expr) -> bool:
    """Whether a norm occurs in even powers only."""
    above = [m for m in postorder(t) if n in m.args]
    return (
        n.op.name == "norm"
        and bool(above)
        and all(m.op is POWER and m.args[1].op.name == "number" and m.args[1].data % 2 == 0 for m in above)
    )


def _is_row_norms(t: Expr, x: Expr) -> bool:
    return _weight(t, x) is not None and not x.is_scalar


def _weight(t: Expr, x: Expr) -> tuple[Proximal, Expr, int] | None:
    """The row that a term belongs to, what it is multiplied with, and -1 where it is of -x."""
    for row in PROXIMAL:
        if row.each:
            found = _of_entries(t, x, row)
        else:
            stand = variable("X", x.shape)
            if x.is_scalar or "rowsum" in row.term and x.shape[1] == 1:
                continue
            h = substitute(_read(row.term, stand), {stand: x})
            rest = simplify(product([t, power(h, number(-1))]))
            found = (rest, 1) if not depends(rest, x) and rest.is_scalar else None
        if found is not None:
            return row, *found
    return None


@lru_cache(maxsize=256)
def _read(text: str, stand: Expr) -> Expr:
    return read(text, names={stand.data[0]: stand}).expr


def _of_entries(t: Expr, x: Expr, row: Proximal) -> tuple[Expr, int] | None:
    """Σ w_i h(±x_i) with its weights, a number where they are all the same."""
    for sign in (1, -1) if row.name != "soft threshold" else (1,):
        stand = variable("x", x.shape)
        h = substitute(_read(row.term, stand), {stand: scaled(sign, x)})
        mark = variable("h·", x.shape)
        made = substitute(t, {h: mark})
        if depends(made, x) or not depends(made, mark):
            continue
        w = simplify(gradient(made, [mark])[0])
        if depends(w, mark):
            return None
        s, bare = split(w)
        return (s if is_ones(bare) or w.is_scalar else w), sign
    return None


def _centre(g: Expr, x: Expr, each: bool) -> tuple[Expr, Expr, tuple[tuple[Expr, str], ...]] | None:
    """Where the affine gradient g is zero, and its slope: a number, or (for `each`) an array that is multiplied entry by entry."""
    constant = at_zero(g, x)
    if constant is None:
        return None
    found = coefficients(g, x)
    if found is not None and found[0] and all(not t.left and not t.right and not t.turned for t in found[0]):
        slope = simplify(add([t.scalar for t in found[0]]))
        return simplify(product([number(-1), power(slope, number(-1)), constant])), slope, ()
    made = entrywise(g, x) if each and not x.is_scalar else None
    if made is None:
        return None
    bare, entries = made
    inner = coefficients(bare, entries.x)
    if inner is None or not inner[0]:
        return None
    slope_each = simplify(entries.back(inner[0][0].scalar))
    centre = entries.back(product([number(-1), total(inner[1], (1, 1)), power(inner[0][0].scalar, number(-1))]))
    return simplify(centre), slope_each, ()


def _filled(row: Proximal, centre: Expr, threshold: Expr) -> Expr:
    if row.each:
        from matcalc.expr.lifting import entry_by_entry

        v_, t_ = variable("v", (1, 1)), variable("t", (1, 1))
        template = read(row.solution, names={"v": v_, "t": t_}).expr
        from matcalc.expr.lifting import ENTRIES

        return entry_by_entry(substitute(template, {v_: ENTRIES[0], t_: ENTRIES[1]}), (centre, threshold))
    names = {"V": variable("V", centre.shape), "t": variable("t", (1, 1))}
    return substitute(read(row.solution, names=names).expr, {names["V"]: centre, names["t"]: threshold})
