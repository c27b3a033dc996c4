"""The derivation of an answer: what is known of it, handed to the explanation."""

from __future__ import annotations

from matcalc.api.answer import Answer
from matcalc.api.as_differentials import moved, placed
from matcalc.api.differentiated import among_all, claim, default_layout, function, gradient_of, moving, picked
from matcalc.api.of_complex import differential_complex, is_complex
from matcalc.errors import ParseError
from matcalc.explain.derivation import GRANULARITIES, derivation
from matcalc.explain.linear_forms import differential_of
from matcalc.explain.lines import Equation, Left, Step, Steps
from matcalc.expr import VARIABLE, Expr, name_of, variable
from matcalc.expr.language import item


def steps(d: Answer, granularity: str = "brief") -> Steps:
    """The steps of a derivative.  Raises ParseError for a granularity there is not."""
    if granularity not in GRANULARITIES:
        raise ParseError(f"unknown granularity {granularity!r:.40}", hint=f"there are {' and '.join(GRANULARITIES)}")

    if d.part:
        return _of_complex(d)
    if d.onto == "manifold" and is_complex(d.of, d.variable):
        return _settled(d, _of_complex(among_all(d)))
    if d.toward is not None:
        return _applied(d, granularity)

    def pick(g: Expr) -> Expr:
        return picked(d, g) if d.index is None else item(g, d.index)

    first = d.free.get(d.variable, d.variable)  # what moves is free, where the answer takes it so
    by, index = moving(d)
    wrt = first if d.index is None else item(first, d.index)
    moved = None if index is None else placed(differential_of(by), index)
    then = None if d.second is None else (by, by if index is None else item(by, index))
    return derivation(
        function(d), default_layout(d), first, order=d.order, granularity=granularity,
        wrt=wrt, moved=moved, pick=pick, then=then, manner=d.manner, meant=_as_typed(d),
    )  # fmt: skip


def _as_typed(d: Answer) -> dict[Expr, Expr]:
    """The expressions of the text as they stand there, with what they are; none where there is no text."""
    return d.manner.typed({v.data[0]: f for v, f in d.free.items() if v.op is VARIABLE}) if d.manner.typed else {}


def _of_complex(d: Answer) -> Steps:
    """The steps where something is complex: the value, its differential in dz and its conjugate, and what is identified from it."""
    of, by = claim(d)
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


def _applied(d: Answer, granularity: str) -> Steps:
    """The steps of a Hessian applied to a vector: those of the gradient, and what the table makes of it."""
    g = gradient_of(d)
    return _settled(
        d, derivation(function(d), g, d.free.get(d.variable, d.variable), granularity=granularity, manner=d.manner, meant=_as_typed(d))
    )


def _settled(d: Answer, made: Steps) -> Steps:
    """The steps of the gradient among all matrices, and what the table of manifolds makes of it."""
    row = d.manifold
    rule = "the gradient" if d.toward is None else f"the change of the gradient along {name_of(d.toward)}"
    left = Left("value", variable("G" if d.toward is None else "H", d.expr.shape))
    made.append(
        Step(rule + (f", as `{row.name}` has it" if row else ""), (Equation(left, (d.expr,)),), row.source if row else "", d.manner)
    )
    return made
