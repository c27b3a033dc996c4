"""Equations, conditions and forms as a reader is shown them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcalc.api.conditions import Condition, _needed, _parted
from matcalc.api.conditions import conditions as conditions_of
from matcalc.calculus import gradient, jacobian
from matcalc.convexity import proof_of
from matcalc.explain.lines import written
from matcalc.expr import (
    Expr,
    coefficient_and_rest,
    has,
    is_positive,
    number,
    postorder,
    product,
    scalars,
    scaled,
    split,
    substitute,
    transpose,
    variable,
)
from matcalc.expr import heads as H
from matcalc.limits import HIGHEST_DERIVATIVE
from matcalc.simplification import simplify
from matcalc.solving.problem import Problem
from matcalc.solving.roots import IN_DOMAIN, Conditions
from matcalc.solving.terms import below, summands
from matcalc.solving.tidying import minuses, negated

OF_ROOTS = ("positive", "nonnegative")  # what logarithms and roots need
OF_VALUES = (*OF_ROOTS, "in (−1, 1)", "greater than 1")  # and atanh and acosh, in an answer
CHECKED = ("invertible", "≠ 0", "positive", "nonnegative", "without zeros")


def bare(e: Expr) -> Expr:
    """The left side of e = 0 without its number, and without a positive scalar in front."""
    e = coefficient_and_rest(e)[1]
    if e.op is H.PRODUCT and e.data[1] and not e.is_scalar:
        kept = [s for s in scalars(e) if not is_positive(s)]
        e = product([*kept, *e.args[e.data[1] :]])
    return scaled(-1, e) if e.op is H.SUM and all(c < 0 for c in e.data) else e


def equation(problem: Problem, style: str) -> str:
    """The stationarity equations, each as `… = 0`."""
    separator = r" \quad " if style == "latex" else "; "
    return separator.join(f"{written(bare(e), style)} = 0" for e in problem.stationary)


def conditions(
    found: Conditions, values: Mapping[Expr, Expr], given: Sequence[Expr] = (), of_values: Sequence[str] = OF_VALUES, style: str = "text"
) -> list[str]:
    """The conditions, each once, without what is known anyway, follows from another, or is needed for what is `given` already.

    `of_values` are those that the values ask for by themselves.
    """
    plain: list[Condition] = []
    said: dict[str, None] = {}
    for e, needs in found:
        if isinstance(e, tuple):
            both = all(has(p, "psd") for p in e)  # then the one they could share is zero
            a, b = (written(p, style) for p in (e[0], e[1] if both else simplify(scaled(-1, e[1]))))
            said[f"{a} or {b} invertible" if both else f"{a} and {b} share no eigenvalue"] = None
        elif needs in CHECKED:
            plain += _parted(simplify(e), needs)
        elif needs != IN_DOMAIN:
            said[f"{written(e, style)} {needs}"] = None
    within = {e for e, needs in found if needs == IN_DOMAIN}
    for x, value in values.items():
        plain += _of_domain(x, value) if value not in within else []
    before = {c for e in given for c in conditions_of(e)}
    plain += [c for value in values.values() for c in conditions_of(value) if c.needs in of_values and c not in before]
    words = {"≠ 0": "nonzero"}
    plain = list(map(_upright, plain))
    inside = {n for c in plain for n in postorder(*c.of) if c.needs != "≠ 0"}
    for i, c in enumerate(plain):
        turned = negated(c.of[0]) if c.needs == "≠ 0" and c.of[0].op is H.SUM else None
        if turned is not None and (turned in inside or c.of[0] not in inside and minuses(c.of[0]) > 0):
            plain[i] = Condition((turned,), c.needs)  # as another condition writes it, or with fewer minuses
    for c in _needed(list(dict.fromkeys(plain))):
        said[f"{written(c.of[0], style)} {words.get(c.needs, c.needs)}"] = None
    return list(said)


def _upright(c: Condition) -> Condition:
    """The condition that is said in place of another: of s for 1/s, of v for v'v and ‖v‖, that s is negative for -s positive."""
    (e,), needs = c.of, c.needs
    if needs == "positive" and e.op is H.POWER and e.args[1].op is H.NUMBER and e.args[1].data.denominator % 2 == 0:
        return _upright(Condition(e.args[:1], needs))  # of s for √s
    if needs == "positive definite" and e.op is H.MATPOWER:
        return Condition(e.args, needs)
    if needs in ("positive", "≠ 0"):
        sign, e = (1, e) if e.op is H.SUM else coefficient_and_rest(e)
        e = e.args[0] if e in below(e) and e.args[1].data % 2 else e
        needs = "negative" if sign < 0 and needs == "positive" else needs
        v = _zero_with(e.args[0] if e.op is H.POWER and e.args[1].op is H.NUMBER else e)
        if v is not None and needs != "negative":
            return Condition((v,), "≠ 0")
    return Condition((e,), needs)


def _zero_with(e: Expr) -> Expr | None:
    """v of ‖v‖, of v'v, of tr(v²) with a symmetric v, or of v'M v with a positive definite M, which are zero where v is."""
    if e.op.name == "norm":
        return e.args[0]
    if e.op.name == "tr" and e.args[0].op is H.MATPOWER and e.args[0].data == 2 and e.args[0].args[0].symmetric:
        return e.args[0].args[0]
    if e.op is not H.PRODUCT or e.data[1] or not e.is_scalar or e.args[-1].H is not e.args[0]:
        return None
    return e.args[-1] if len(e.args) == 2 or has(product(e.args[1:-1]), "spd") else None


def _of_domain(x: Expr, value: Expr) -> list[Condition]:
    """That a value lies in the domain its unknown is declared to have."""
    for property_ in ("positive", "nonnegative"):
        if has(x, property_) and not has(value, property_) and (x.is_scalar or not has(x, "spd")):
            return list(_parted(value, property_))
    if not x.is_scalar and has(x, "psd") and not has(x, "spd") and not has(value, "psd"):
        return [Condition((value,), "positive semidefinite")]
    if x.is_scalar or not has(x, "spd") or has(value, "spd"):
        return []
    front, chain = split(value)
    if has(chain, "spd"):
        return list(_parted(front, "positive"))
    return list(_parted(value, "invertible")) if has(value, "psd") else [Condition((value,), "positive definite")]


def when(problem: Problem, values: Mapping[Expr, Expr]) -> tuple[str, ...]:
    """How the kind depends on the data: by the Hessian there, of an objective of one vector or number, without its number.

    Where it vanishes, of one number by the first derivative that does not; else nothing is said.
    """
    along = " along the constraints" if problem.constraints else ""
    (x, *others) = problem.unknowns
    if others or x.shape[1] != 1:
        by = ", ".join(v.data[0] for v in problem.declared)
        return (f"{problem.want} where the Hessian by {by} is {'positive' if problem.want == 'minimum' else 'negative'} definite{along}",)
    hessian = simplify(substitute(jacobian(problem.stationary[0], x), dict(values)))
    turned = _turned_by(hessian, x)
    if turned is not None:
        return (turned,)
    order = 2
    while not summands(hessian) and x.is_scalar and not along and order < HIGHEST_DERIVATIVE:
        order += 1  # where the second is zero, the first derivative that is not
        hessian = simplify(substitute(_derivative(problem.f, x, order), dict(values)))
    if not summands(hessian) or order % 2:
        return ()
    h = bare(hessian)
    same = coefficient_and_rest(hessian)[0] > 0 and not (hessian.op is H.SUM and all(c < 0 for c in hessian.data))
    (h,), word = next(_parted(h, "positive")) if h.is_scalar else ((h,), "positive definite")
    return (f"{'minimum' if same else 'maximum'} where {written(h, 'text')} is {word}{along}",)


def _derivative(f: Expr, x: Expr, order: int) -> Expr:
    for _ in range(order):
        (f,) = gradient(f, [x])
    return simplify(f)


def _turned_by(hessian: Expr, x: Expr) -> str | None:
    """How the kind depends on the sign of a number before what has one sign; None where that is not so."""
    count = hessian.data[1] if hessian.op is H.PRODUCT else 0
    front, m = product([number(1), *hessian.args[:count]]), product([number(hessian.data[0]), *hessian.args[count:]]) if count else hessian
    move = variable(f"d{x.data[0]}·", x.shape)
    proof = proof_of(product([transpose(move), m, move]), [move]) if count and not m.is_scalar else None
    if proof is None or proof.verdict not in ("convex", "concave"):
        return None
    kinds = ("minimum", "maximum") if proof.verdict == "convex" else ("maximum", "minimum")
    (s,), word = next(_parted(front, "positive"))
    return f"{kinds[0]} where {written(s, 'text')} is {word}, {kinds[1]} where it is negative"


def scheme(problem: Problem, point: Any, style: str) -> str:
    """An answer that is no formula: its equation, with what of it is taken."""
    if point.plan is not None:
        taken = {v.data[0] for v in (*problem.given, *problem.unknowns)}
        said: str = point.plan.said(problem.unknowns, taken, style)
        return said
    return "; ".join(_linear(problem, x, v, style) for x, v in point.values.items())


def _linear(problem: Problem, x: Expr, value: Expr, style: str) -> str:
    """A X + X B = C, where the value is its solution."""
    if value.op.name == "sylvester":
        a, b, c = value.args
        return f"{written(a @ x + x @ b, style)} = {written(c, style)}"
    if any(n.op.name == "unvec" for n in postorder(value)):
        return equation(problem, style)
    return f"{written(x, style)} = {written(value, style)}"
