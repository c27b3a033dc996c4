"""The function and the variable of an answer, and what follows from them besides: its differential, its gradient, tangents."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from matcalc.api.answer import Answer, Target
from matcalc.api.as_differentials import Differential, differential_of, directional, gradient_form, hessian_form, moved
from matcalc.api.of_complex import differential_complex, gradient_by, is_complex
from matcalc.api.riemannian import gradient_among_all, gradient_at, gradient_on, manifold_of
from matcalc.api.tangents import bound, projected, tangent
from matcalc.calculus import gradient
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, name_of, properties_of, transpose
from matcalc.expr.language import item
from matcalc.expr.properties import curved
from matcalc.operators.complex_parts import real_part
from matcalc.simplification import rewritten, simplify

D = TypeVar("D", bound=Answer)


def function(d: Answer) -> Expr:
    """The function that was differentiated first, in variables that move freely."""
    return d.of if d.read is None else d.read


def moving(d: Answer) -> Target:
    """The variable that moves last, in what was differentiated, and the slice of it."""
    by, index = d.last
    return d.free.get(by, by), index


def default_layout(d: Answer) -> Expr:
    """The answer in the default layout."""
    return transpose(d.expr) if d.transposed else d.expr


def claim(d: Answer) -> tuple[Expr, Expr]:
    """The function that the answer is the first derivative of, of a Hessian the gradient; and the variable."""
    f, by = function(d), d.free.get(d.variable, d.variable)
    if d.order != "hessian":
        return f, by
    if d.part:
        return gradient_by(f, by).expr, by
    g = simplify(gradient(rewritten(f), [by])[0])
    return g if d.index is None else item(g, d.index), by


def gradient_of(d: Answer) -> Expr:
    """The gradient by the variable: the answer itself, or what a Hessian is the Jacobian of."""
    return default_layout(d) if d.order == "grad" else bound(claim(replace(d, order="hessian"))[0], d.free)


def differential(d: Answer) -> Differential:
    """The same as a differential."""
    return replace(_differential(d), taken=tuple(d.symbols), manner=d.manner)


def _differential(d: Answer) -> Differential:
    by, index = moving(d)
    if d.toward is not None:
        return Differential("Hess f", d.expr, name_of(d.toward), told=True)
    if d.onto == "manifold":
        of_complex = differential_complex if by.complex or is_complex(d.of) else None
        made = differential_of(function(d), by, None, of_complex=of_complex)
    elif d.part:
        return _differential_complex(d)
    elif d.over and d.order != "hessian":
        return differential_of(d.of, d.variable, None, whole=True)
    elif d.order == "grad":
        return gradient_form(d.of, default_layout(d), by, index)
    else:
        made = hessian_form(claim(d)[0], by, index) if d.order == "hessian" else differential_of(function(d), by, index)
    return replace(made, expr=bound(made.expr, d.free))


def _differential_complex(d: Answer) -> Differential:
    by, steepest = d.variable, d.part == "steepest"
    if d.order == "grad":
        made = gradient_form(d.of, default_layout(d), by, d.index, steepest)
        return replace(made, expr=real_part(made.expr)) if steepest else made
    change = moved(d.of, by)
    return differential_of(d.of, by, None, of_complex=lambda y, v: differential_complex(y, v, change))


def along(d: Answer, direction: str | Expr, order: int) -> Expr:
    """The directional derivative of what was differentiated; of a Hessian, of the gradient."""
    return bound(directional(claim(d)[0], *moving(d), direction, order), d.free)


def among_all(d: D) -> D:
    """The gradient among all matrices, of one on a manifold."""
    g = bound(gradient_among_all(function(d), moving(d)[0]), d.free)
    return replace(d, expr=g, order="grad", remarks=(), part="steepest", onto="", manifold=None, toward=None)


def picked(d: Answer, g: Expr) -> Expr:
    """Projects a gradient by the whole variable in the same way as this answer."""
    if d.onto == "manifold":
        return g if d.manifold is None else gradient_at(d.manifold, d.variable, g)
    if d.onto == "tangent":
        return tangent(g, d.variable)
    return projected(g, d.variable)[0] if d.onto else g


def tangential(d: D) -> D:
    """The gradient in the tangent space of the set that the variable lies on.

    Raises UnsupportedError for what is no gradient by all of a variable.
    """
    if d.onto == "manifold":
        return d
    if d.order != "grad" or d.index is not None:
        raise UnsupportedError("a tangent gradient is of a scalar, by all of a variable", hint="take its grad")
    by, g = d.variable, default_layout(d)
    row = manifold_of(by)
    if row is not None:
        expr, remark = gradient_on(row, d.of, by, g)
        return replace(
            d,
            expr=expr,
            transposed=False,
            remarks=(remark,),
            read=function(d),
            over=(),
            beside=False,
            part="",
            onto="manifold",
            manifold=row,
        )
    on = curved(properties_of(by))
    names = " ".join(on.names) if on else ""
    remark = f"in the tangent space of the {names} {'vectors' if by.is_vector else 'matrices'} at {name_of(by)}"
    return replace(d, expr=simplify(tangent(g, by)), transposed=False, remarks=(remark,), onto="tangent")
