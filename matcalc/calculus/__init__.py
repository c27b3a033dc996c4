"""Derivatives: the differential, and what is identified from it."""

from matcalc.calculus.adjoint import gradient, pullback
from matcalc.calculus.differentials import differential
from matcalc.calculus.jacobians import jacobian

__all__ = ["differential", "gradient", "jacobian", "pullback"]
