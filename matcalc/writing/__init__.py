"""Writers: what an expression looks like in LaTeX, in plain text and on a terminal."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.writing import latex, sympy, text, unicode

__getattr__ = on_demand(__name__)
