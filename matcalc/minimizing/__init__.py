"""Minimizing: from a formula and data to a fitted model.

`statement` and `constraints` read the problem, `derived` differentiates it, `compiled` makes programs of that; `sizing` and `starting`
look at what is given, `spaces` lays the variables out as one vector, `objective` is a function of it, `feasible` keeps affine
constraints; `choosing` says which way is taken: `closed`, `newton` (its steps are in `quadratic`), `products`, `quasi`;
`lagrangian` is around them where constraints are curved, `run` is a fit on its way, `fitting` all of it for one set of data.
"""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.minimizing import command
    from matcalc.minimizing.front import Minimizer, minimize, minimizer
    from matcalc.minimizing.result import Fit

__getattr__ = on_demand(__name__, front="Minimizer minimize minimizer", result="Fit")
