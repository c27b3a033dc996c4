"""From the gradient to the answer: stationary points as formulas."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.solving import command, routines
    from matcalc.solving.answer import Solution
    from matcalc.solving.asking import solve
    from matcalc.solving.solver import Refused

__getattr__ = on_demand(__name__, answer="Solution", asking="solve", solver="Refused")
