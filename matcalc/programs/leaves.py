"""The leaves of expressions as values: numbers, arguments, units, constants."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.expr.dims import Size, symbol
from matcalc.expr.node import Expr, Op
from matcalc.programs import forms as F
from matcalc.programs.forms import Code
from matcalc.programs.given import axes_of, is_number
from matcalc.programs.structured import Structured
from matcalc.programs.values import Value


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a program: a variable, an abstract function, an index or a size."""

    kind: str
    name: str
    shape: tuple[Size, Size] | None = None
    order: int = 0


class Leaves:
    """The leaves of expressions, as code of the arrays of an algebra."""

    def __init__(self, algebra: Structured) -> None:
        self.algebra, self.arrays = algebra, algebra.arrays
        self.sizes: set[str] = set()  # the names that are sizes

    def variable(self, e: Expr) -> Value:
        code = self.argument(e)
        dims = code.shape
        if e.symmetric and len(dims) == 2:
            self.arrays.symmetric.add(code)
        if "diagonal" in e.data[1] and len(dims) == 2:
            return Value("diagonal", e.shape, (self.arrays.diagonal(code),))
        return self.algebra.full(code, e.shape)

    def argument(self, e: Expr) -> Code:
        """Of a variable or a family."""
        return self.arrays.argument(Argument("variable", e.data[0], e.shape), axes_of(e), plain=is_number(e), complex=e.complex)

    def function(self, op: Op) -> Code:
        """Of an abstract function."""
        assert op.abstract is not None
        return self.arrays.argument(Argument("function", op.abstract[0], order=op.abstract[1]), (), plain=False)

    def unit(self, e: Expr) -> Value:
        j, _ = e.data
        if isinstance(j, int):
            return Value("unit", e.shape, (self.arrays.number(j - 1),))
        if j in self.sizes:
            index = self.arrays.size(symbol(j))
        else:
            index = self.arrays.argument(Argument("index", j), (), plain=True)
        return Value("unit", e.shape, (self.arrays.infix(F.LESS, index, self.arrays.number(1)),))
