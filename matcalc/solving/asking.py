"""The question: where is the gradient zero, and what is it there."""

from __future__ import annotations

from typing import Any

from matcalc.expr.node import working
from matcalc.solving.answer import Solution
from matcalc.solving.problem import problem
from matcalc.solving.solver import Point, points

OPPOSITE = {"minimum": "maximum", "maximum": "minimum"}


@working
def solve(expr: Any, wrt: Any = None, where: str = "", subject_to: Any = None, want: str = "minimum") -> Solution:
    """The stationary point of a scalar, as a formula: where its gradient (with constraints, that of the Lagrangian) is zero.

    `wrt` is a variable or several, which are solved for jointly; `subject_to` is an equation, or a list of them; where there are
    several stationary points, `want` says which: "minimum" or "maximum".

    Raises UnsupportedError where there is no closed form, or no stationary point; its `equation` is what would have to hold.

    >>> solve("w'*S*w", "w", where="S: (n, n) spd", subject_to="sum(w) = 1").text()
    'rowsum(inv(S))/sum(inv(S))'
    """
    asked = problem(expr, wrt, where, subject_to, want)
    found = points(asked)
    return Solution(asked, tuple(found), _picked(found, asked.want), asked.unknowns)


def _picked(found: list[Point], want: str) -> Point:
    """The one of the kind that is wanted; else one of no certain kind, a saddle, the other kind."""
    order = (want, "stationary", "saddle", OPPOSITE[want])
    return min(found, key=lambda p: order.index(p.kind))
