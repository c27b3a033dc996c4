"""Numbers for expressions: their values, and whether a derivative is right at random points."""

from matcalc.checking.evaluate import evaluate
from matcalc.checking.numeric import Check, check_derivative, differing_point

__all__ = ["Check", "check_derivative", "differing_point", "evaluate"]
