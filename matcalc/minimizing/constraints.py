"""Constraints: what is to be zero, and whether it is affine in the variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcalc.api.constraints import declared_equations
from matcalc.api.of_complex import differential_complex, is_complex
from matcalc.calculus import differential
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, add, scaled, variable, variables
from matcalc.simplification import rewritten, simplify


@dataclass(frozen=True)
class Constraint:
    """`residual` = 0, written as `text`; `affine` where the residual is so in the variables."""

    text: str
    residual: Expr
    affine: bool


def constraint(given: Any, residual: Expr, by: Sequence[Expr]) -> Constraint:
    """A constraint on the variables `by`.  Raises UnsupportedError where it has none of them."""
    text = given if isinstance(given, str) else f"{given!r} = 0"
    if not set(variables(residual)) & set(by):
        named = ", ".join(str(v.data[0]) for v in by)
        raise UnsupportedError(f"the constraint {text} has none of the variables: {named}", hint="leave it out, or name its variable")
    return Constraint(text, residual, is_affine(residual, by))


def is_affine(e: Expr, by: Sequence[Expr]) -> bool:
    """Whether the differential of `e` is free of the variables.

    >>> from matcalc.expr import symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> is_affine(2 * x, [x]), is_affine(x.T @ x, [x])
    (True, False)
    """
    moving = {v: variable(f"d{v.data[0]}", v.shape, {"complex"} if v.complex else set()) for v in by}
    return not set(variables(moved(e, moving))) & set(by)


def moved(e: Expr, directions: Mapping[Expr, Expr]) -> Expr:
    """The differential of `e` as its variables move along the directions together."""
    if is_complex(e):
        return simplify(add([scaled(0, e), *(differential_complex(e, v, d) for v, d in directions.items() if v in set(variables(e)))]))
    e = rewritten(e)
    return simplify(differential(e, {v: d for v, d in directions.items() if v in set(variables(e))}))


def declared(v: Expr, properties: Iterable[str]) -> list[Constraint]:
    """The equations that hold of a variable in a declared set.  Raises UnsupportedError for a set without equations of full rank."""
    return [Constraint(f"{text} = 0", zero, is_affine(zero, [v])) for text, zero in declared_equations(v, properties)]
