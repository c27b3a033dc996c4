"""The derivation of an answer: what a `Derivative` knows of itself, handed to the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.api.forms import placed
from matcalc.api.tangents import projected, tangent
from matcalc.errors import ParseError
from matcalc.expr import Expr, transpose
from matcalc.expr.language import item

if TYPE_CHECKING:
    from matcalc.api.answer import Derivative
    from matcalc.explain import Steps


def steps(d: Derivative, granularity: str = "brief") -> Steps:
    """The steps of a derivative.  Raises ParseError for a granularity there is not."""
    from matcalc.explain import derivation
    from matcalc.explain.derivation import GRANULARITIES
    from matcalc.explain.forms import differential_of

    if granularity not in GRANULARITIES:
        raise ParseError(f"unknown granularity {granularity!r:.40}", hint=f"there are {' and '.join(GRANULARITIES)}")

    def pick(g: Expr) -> Expr:
        if d.index is not None:
            return item(g, d.index)
        if d.onto == "tangent":
            return tangent(g, d.variable)
        return projected(g, d.variable)[0] if d.onto else g

    answer = transpose(d.expr) if d.transposed else d.expr
    first = d.free.get(d.variable, d.variable)  # what moves is free, where the answer takes it so
    by, index = d.second or (d.variable, d.index)
    by = d.free.get(by, by)
    wrt = first if d.index is None else item(first, d.index)
    moved = None if index is None else placed(differential_of(by), index)
    then = None if d.second is None else (by, by if index is None else item(by, index))
    how = {"order": d.order, "granularity": granularity}
    return derivation(d.read or d.of, answer, first, **how, wrt=wrt, moved=moved, pick=pick, then=then, manner=d.manner)
