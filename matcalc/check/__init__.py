"""Numbers for expressions: their values, and whether a derivative is right at random points."""

from matcalc.check.evaluate import evaluate
from matcalc.check.numeric import Check, check_derivative, differing_point

__all__ = ["Check", "check_derivative", "differing_point", "evaluate"]
