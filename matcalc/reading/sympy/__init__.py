"""SymPy expressions into ours; SymPy itself is loaded with the first of them."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.reading.sympy import expressions

__getattr__ = on_demand(__name__)
