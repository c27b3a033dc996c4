"""From the gradient to the answer: stationary points as formulas."""

from matcalc.solving.answer import Solution
from matcalc.solving.asking import solve
from matcalc.solving.solver import Refused

__all__ = ["Refused", "Solution", "solve"]
