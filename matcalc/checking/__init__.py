"""Numbers for expressions: their values, whether two are equal, and whether a derivative is right, at hard points."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.checking import comparing, counterexample, evaluate, floats, manifolds, nearly
    from matcalc.checking.derivatives import Check, check_derivative
    from matcalc.checking.evaluate import Evaluator

__getattr__ = on_demand(__name__, derivatives="Check check_derivative", evaluate="Evaluator")
