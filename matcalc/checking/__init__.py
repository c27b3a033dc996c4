"""Numbers for expressions: their values, whether two are equal, and whether a derivative is right, at hard points."""

from matcalc.checking.derivatives import Check, check_derivative
from matcalc.checking.evaluate import Evaluator, evaluate

__all__ = ["Check", "Evaluator", "check_derivative", "evaluate"]
