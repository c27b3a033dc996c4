"""Numbers for expressions: their values, whether two are equal, and whether a derivative is right, at hard points."""

from matcalc.checking.derivatives import Check, check_derivative
from matcalc.checking.evaluate import evaluate

__all__ = ["Check", "check_derivative", "evaluate"]
