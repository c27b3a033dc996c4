"""Expressions of ours into SymPy: as matrix expressions, as explicit matrices, as NumPy code of SymPy's."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.writing.sympy import explicit, expressions, source

__getattr__ = on_demand(__name__)
