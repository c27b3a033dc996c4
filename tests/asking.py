"""What several tests ask is derived once, and compiled once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import matcalc as mc
from matcalc.expr import Expr


@cache
def derived(order: str, expression: str, by: str, where: str = "", unconstrained: bool = False) -> mc.Derivative:
    """The answer of `grad`, `jacobian` or `hessian`."""
    found: mc.Derivative = getattr(mc, order)(expression, by, where=where, unconstrained=unconstrained)
    return found


def to_second_order(expression: str, by: str, where: str = "", unconstrained: bool = False) -> list[Expr | mc.Derivative]:
    """The expression, its gradient and its Hessian."""
    g, h = (derived(order, expression, by, where, unconstrained) for order in ("grad", "hessian"))
    return [g.of, g, h]


@cache
def compiled(expression: str, by: str, where: str = "", unconstrained: bool = False, target: str = "numpy") -> Callable[..., Any]:
    """One program of the three."""
    return mc.compile(to_second_order(expression, by, where, unconstrained), target)
