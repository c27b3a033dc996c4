"""All rows by their names: those of the heads and those of the functions."""

from matcalc.expr import Op, heads
from matcalc.operators.complex_parts import COMPLEX
from matcalc.operators.elementwise_functions import ELEMENTWISE
from matcalc.operators.matrices import MATRIX

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
