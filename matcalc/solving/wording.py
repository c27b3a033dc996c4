"""Equations, conditions and forms as a reader is shown them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from matcalc.api.conditions import Condition, _needed, _parted
from matcalc.expr import Expr, coefficient_and_rest, has, is_positive, postorder, product, scaled, transpose
from matcalc.expr.products import scalars as scalars_of
from matcalc.simplification import simplify
from matcalc.solving.problem import Problem
from matcalc.solving.roots import IN_DOMAIN


def written(e: Expr, style: str) -> str:
    """An expression as "text", "latex" or "unicode"."""
    text: str = getattr(import_module(f"matcalc.writing.{style}"), style)(e)
    return text


def bare(e: Expr) -> Expr:
    """The left side of e = 0 without its number, and without a positive scalar in front."""
    e = coefficient_and_rest(e)[1]
    if e.op.name == "product" and e.data[1] and not e.is_scalar:
        kept = [s for s in scalars_of(e) if not is_positive(s)]
        e = product([*kept, *e.args[e.data[1] :]])
    return scaled(-1, e) if e.op.name == "sum" and all(c < 0 for c in e.data) else e


def equation(problem: Problem, style: str) -> str:
    """The stationarity equations, each as `… = 0`."""
    shown = [bare(e.left) for e in problem.equations[: len(problem.unknowns)]]
    separator = r" \quad " if style == "latex" else "; "
    return separator.join(f"{written(e, style)} = 0" for e in shown)


def conditions(found: Any, values: dict[Expr, Expr], style: str = "text") -> list[str]:
    """What must hold, each once, without what is known anyway or follows from another."""
    plain: list[Condition] = []
    said: dict[str, None] = {}
    within = {e for e, needs in found if needs == IN_DOMAIN}
    for e, needs in found:
        if needs == IN_DOMAIN:
            continue
        if isinstance(e, tuple):
            a, b = (written(p, style) for p in e)
            said[f"{a} and -({b}) share no eigenvalue"] = None
        elif needs == "≠ 0" and (v := _quadratic_form(simplify(e))) is not None:
            plain.append(Condition((v,), "≠ 0"))
        elif needs in ("invertible", "≠ 0", "positive", "nonnegative", "without zeros"):
            plain += _parted(simplify(e), needs)
        else:
            said[f"{written(e, style)} {needs}"] = None
    for x, value in values.items():
        plain += _of_domain(x, value) if value not in within else []
    plain = [_upright(c) for c in plain]
    words = {"≠ 0": "nonzero", "without zeros": "without zeros"}
    for c in _needed(list(dict.fromkeys(plain))):
        said[f"{written(c.of[0], style)} {words.get(c.needs, c.needs)}"] = None
    return list(said)


def _upright(c: Condition) -> Condition:
    """That 1/s is positive, or not zero, is that s is."""
    e = c.of[0]
    if e.op.name == "power" and e.args[1].op.name == "number" and e.args[1].data == -1 and len(c.of) == 1:
        return Condition((e.args[0],), c.needs)
    return c


def _quadratic_form(e: Expr) -> Expr | None:
    """v of v'v, or of v'M v with a positive definite M: it is zero where v is."""
    if e.op.name != "product" or e.data[1] or not e.is_scalar:
        return None
    chain = e.args
    middle = product(chain[1:-1]) if len(chain) > 2 else None
    return chain[-1] if transpose(chain[-1]) is chain[0] and (middle is None or has(middle, "spd")) else None


def _of_domain(x: Expr, value: Expr) -> list[Condition]:
    """That a value lies in the domain its unknown is declared to have."""
    if not x.is_scalar and has(x, "spd") and not has(value, "spd"):
        s, rest = coefficient_and_rest(value)
        from matcalc.expr import split

        front, chain = split(value)
        if has(chain, "spd"):
            return list(_parted(front, "positive"))
        del s, rest
        return list(_parted(value, "invertible")) if has(value, "psd") else [Condition((value,), "positive definite")]
    if has(x, "positive") and not has(value, "positive"):
        return list(_parted(value, "positive"))
    if has(x, "nonnegative") and not has(value, "nonnegative"):
        return list(_parted(value, "nonnegative"))
    return []


def second(problem: Problem) -> Expr | None:
    """The matrix that decides the kind, without its number: the Hessian of an objective of one vector or number."""
    from matcalc.calculus import jacobian

    if len(problem.unknowns) != 1 or problem.unknowns[0].shape[1] != 1:
        return None
    (x,) = problem.unknowns
    return bare(simplify(jacobian(problem.equations[0].left, x)))


def scheme(problem: Problem, point: Any, style: str) -> str:
    """An answer that is no formula: its equation, with what of it is taken."""
    from matcalc.expr import IDENTITY, variable
    from matcalc.solving.proximal import Prox
    from matcalc.solving.spectral import Pair, Pencil

    plan = point.plan
    end = "largest" if point.largest else "smallest"
    x = problem.unknowns[0]
    taken = {v.data[0] for v in problem.given} | {u.data[0] for u in problem.unknowns}
    word = r",\ \text{%s}" if style == "latex" else ", %s"
    if isinstance(plan, Pencil):
        matrix = plan.columns is not None
        letter = next(a for a in (("Λ", "Θ", "Ξ") if matrix else ("λ", "ν", "θ")) if a not in taken)
        k = (x.shape[0], x.shape[0]) if plan.turned else (x.shape[1], x.shape[1])
        value = variable(letter, k, {"diagonal"} if matrix else set())
        shown_x = transpose(x) if plan.turned else x
        left = product([plan.m, shown_x])
        right = product([plan.b, shown_x, value]) if matrix else product([value, plan.b, x])
        said = f"{letter} the {f'{shown_x.shape[1]} ' if matrix else ''}{end}"
        if plan.zeros is not None:
            said += f", on {written(product([plan.zeros, x]), 'unicode' if style == 'latex' else style)} = 0"
        return f"{written(left, style)} = {written(right, style)}" + word % said
    if isinstance(plan, Pair):
        from matcalc.expr import matpower

        v = problem.unknowns[1]
        letter = next(a for a in ("λ", "ν", "θ") if a not in taken)
        value = variable(letter, (1, 1))
        inner = [plan.c, *([] if plan.b.op is IDENTITY else [matpower(plan.b, -1)]), transpose(plan.c), x]
        right = product([value, plan.a, x])
        other = product([transpose(plan.c), x])
        said = f"{letter} the largest"
        separator = r" \quad " if style == "latex" else "; "
        sign = r"\propto" if style == "latex" else "∝"
        beside = f"{written(product([plan.b, v]), style)} {sign} {written(scaled(point.sign, other), style)}"
        return f"{written(simplify(product(inner)), style)} = {written(right, style)}" + word % said + separator + beside
    if isinstance(plan, Prox):
        text = written(plan.centre, style)
        return f"{text}" + word % f"its singular values less {written(plan.threshold, 'text')}, where positive"
    return "; ".join(_linear(problem, x, v, style) for x, v in point.values.items())


def _linear(problem: Problem, x: Expr, value: Expr, style: str) -> str:
    """A X + X B = C, where the value is its solution."""
    from matcalc.expr import add

    if value.op.name != "sylvester" and any(n.op.name == "unvec" for n in postorder(value)):
        return equation(problem, style)
    if value.op.name != "sylvester":
        return f"{written(x, style)} = {written(value, style)}"
    a, b, c = value.args
    return f"{written(add([product([a, x]), product([x, b])]), style)} = {written(c, style)}"
