"""Minimizing: from a formula and data to a fitted model.

`statement` reads the problem, `derived` differentiates it, `sizing` and `data` look at what is given, `spaces` lays the
variables out as one vector, `choosing` decides how; `closed`, `newton`, `products` and `descent` are the ways, `lagrangian` is
around them where constraints are curved.
"""

from matcalc.minimizing.front import Minimizer, minimize, minimizer
from matcalc.minimizing.result import Fit

__all__ = ["Fit", "Minimizer", "minimize", "minimizer"]
