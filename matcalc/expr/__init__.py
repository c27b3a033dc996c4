"""Expressions: sizes, nodes and their canonical constructors."""

from matcalc.expr.apply import apply, result_shape, signature
from matcalc.expr.dims import Dim, Shape, Size, symbol
from matcalc.expr.hadamard import fill, hadamard, hpower, is_ones, ones
from matcalc.expr.heads import (
    HADAMARD,
    HPOWER,
    IDENTITY,
    MATPOWER,
    NUMBER,
    ONE,
    ONES,
    POWER,
    PRODUCT,
    SIZE,
    SUM,
    TRANSPOSE,
    UNIT,
    VARIABLE,
    ZERO,
    closure,
    coefficient_and_rest,
    identity,
    number,
    properties_of,
    size,
    unit,
    variable,
    zero,
)
from matcalc.expr.node import Expr, Op, postorder
from matcalc.expr.products import factors, is_nonnegative, matpower, power, product, scaled, split
from matcalc.expr.rebuild import remake, resized, substitute, transform, variables
from matcalc.expr.sums import add
from matcalc.expr.transpose import oriented, transpose

__all__ = [n for n in dir() if not n.startswith("_")]
