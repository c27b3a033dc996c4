"""The derivation of an answer: what a `Derivative` knows of itself, handed to the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.api.as_differentials import moved, placed
from matcalc.api.of_complex import differential_complex, is_complex
from matcalc.api.riemannian import Riemannian
from matcalc.errors import ParseError
from matcalc.explain.derivation import GRANULARITIES, derivation
from matcalc.explain.linear_forms import differential_of
from matcalc.explain.lines import Equation, Left, Step, Steps
from matcalc.expr import Expr, name_of, transpose, variable
from matcalc.expr.language import item

if TYPE_CHECKING:
    from matcalc.api.answer import Derivative
    from matcalc.explain import Steps


def steps(d: Derivative, granularity: str = "brief") -> Steps:
    """The steps of a derivative.  Raises ParseError for a granularity there is not."""
    if granularity not in GRANULARITIES:
        raise ParseError(f"unknown granularity {granularity!r:.40}", hint=f"there are {' and '.join(GRANULARITIES)}")

    if d.part:
        return _of_complex(d)
    if isinstance(d, Riemannian) and is_complex(d.of, d.variable):
        return _settled(d, _of_complex(d.among_all()))
    if isinstance(d, Riemannian) and d.toward is not None:
        return _applied(d, granularity)

    def pick(g: Expr) -> Expr:
        return d.picked(g) if d.index is None else item(g, d.index)

    answer = transpose(d.expr) if d.transposed else d.expr
    first = d.free.get(d.variable, d.variable)  # what moves is free, where the answer takes it so
    by, index = d.second or (d.variable, d.index)
    by = d.free.get(by, by)
    wrt = first if d.index is None else item(first, d.index)
    moved = None if index is None else placed(differential_of(by), index)
    then = None if d.second is None else (by, by if index is None else item(by, index))
    how = {"order": d.order, "granularity": granularity}
    return derivation(d.read or d.of, answer, first, **how, wrt=wrt, moved=moved, pick=pick, then=then, manner=d.manner)


def _of_complex(d: Derivative) -> Steps:
    """The steps where something is complex: the value, its differential in dz and its conjugate, and what is identified from it."""
    of, by = d.claim()
    f = variable("f" if of.is_scalar else "y" if of.is_vector else "Y", of.shape)
    d_by = moved(of, d.variable)
    change = differential_complex(of, by, d_by)
    kind = "gradient" if of.is_scalar else "jacobian"
    rule = {
        "steepest": "what dz* is multiplied by, twice: G = 2 ∂f/∂z*", "holomorphic": "what dz is multiplied by: no dz* occurs",
        "plain": "what dz is multiplied by", "conj": "what dz* is multiplied by",
    }[d.part] if d.variable.complex else "what the change of a real variable is multiplied by"  # fmt: skip
    return Steps(
        [
            Step("the expression" if d.order != "hessian" else "the gradient", (Equation(Left("value", f), (of,)),), "", d.manner),
            Step("the differential, z* a variable of its own", (Equation(Left("differential", f), (change,)),), "Brandwood 1983", d.manner),
            Step(rule, (Equation(Left(kind, f, d.variable), (d.expr,)),), "Kreutz-Delgado 2009", d.manner),
        ],
        {f: of}, d.variable, {d.variable: d_by},
    )  # fmt: skip


def _applied(d: Riemannian, granularity: str) -> Steps:
    """The steps of a Hessian applied to a vector: those of the gradient, and what the table makes of it."""
    g = d.gradient()
    return _settled(d, derivation(d.read or d.of, g, d.free.get(d.variable, d.variable), granularity=granularity, manner=d.manner))


def _settled(d: Riemannian, made: Steps) -> Steps:
    """The steps of the gradient among all matrices, and what the table of manifolds makes of it."""
    row = d.manifold
    rule = "the gradient" if d.toward is None else f"the change of the gradient along {name_of(d.toward)}"
    left = Left("value", variable("G" if d.toward is None else "H", d.expr.shape))
    made.append(
        Step(rule + (f", as `{row.name}` has it" if row else ""), (Equation(left, (d.expr,)),), row.source if row else "", d.manner)
    )
    return made
