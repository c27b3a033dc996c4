"""Programs: closed forms as the source of functions on arrays, as an expert would write them by hand."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.programs import compiled, formulas, given, program

__getattr__ = on_demand(__name__)
