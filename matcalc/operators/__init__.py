"""THE TABLE: every operator as a row, and the names the language has for them."""

from matcalc.expr import Op, heads
from matcalc.operators.abstract_functions import abstract, matrix_function
from matcalc.operators.complex_parts import COMPLEX
from matcalc.operators.elementwise_functions import ALIASES, ELEMENTWISE, REFUSED, elementwise
from matcalc.operators.functions import CONSTANTS, FUNCTIONS, Function, call, mean, total
from matcalc.operators.matrices import MATRIX, commutation, pi, unvec

OPERATORS: dict[str, Op] = {
    **{op.name: op for op in vars(heads).values() if isinstance(op, Op)},
    **{op.name: op for op in (*ELEMENTWISE, *MATRIX, *COMPLEX)},
}


def row(name: str) -> Op:
    """The row called `name`.

    >>> row("tanh")
    <Op tanh>
    """
    return OPERATORS[name]


__all__ = [
    "ALIASES", "CONSTANTS", "ELEMENTWISE", "FUNCTIONS", "Function", "MATRIX", "OPERATORS", "REFUSED",
    "abstract", "call", "commutation", "elementwise", "matrix_function", "mean", "pi", "row", "total", "unvec",
]  # fmt: skip
