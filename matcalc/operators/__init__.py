"""THE TABLE: every operator as a row, and the names the language has for them; expressions ask it when one is made of a row."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.operators import in_numpy
    from matcalc.operators.abstract_functions import abstract, matrix_function
    from matcalc.operators.elementwise_functions import ALIASES, ELEMENTWISE, REFUSED, elementwise
    from matcalc.operators.functions import CONSTANTS, FUNCTIONS, Function, call, mean, total
    from matcalc.operators.matrices import MATRIX, commutation, pi, unvec
    from matcalc.operators.table import OPERATORS, row

__getattr__ = on_demand(
    __name__,
    abstract_functions="abstract matrix_function",
    elementwise_functions="ALIASES ELEMENTWISE REFUSED elementwise",
    functions="CONSTANTS FUNCTIONS Function call mean total",
    matrices="MATRIX commutation pi unvec",
    table="OPERATORS row",
)
