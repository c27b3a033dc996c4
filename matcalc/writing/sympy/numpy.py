"""A printer with which SymPy's `lambdify` turns the matrix expressions written here into NumPy functions.

SymPy's own lacks traces, determinants, elementwise functions, and identities and ones of symbolic size.

>>> import numpy as np
>>> X = sp.MatrixSymbol("X", 2, 2)
>>> float(sp.lambdify(X, sp.Trace(X) + sp.Determinant(X), printer=Printer())(np.eye(2)))
3.0
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.numpy import SciPyPrinter


class Printer(SciPyPrinter):  # type: ignore[misc]
    """Every array has two axes, every scalar none; an abstract g and its derivatives are called g, g_prime, g_prime2."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": True, **(settings or {})})

    def _call(self, name: str, *args: Any) -> str:
        return f"{self._module_format('numpy.' + name)}({', '.join(map(self._print, args))})"

    def _print_Trace(self, e: Any) -> str:
        return self._call("trace", e.arg)

    def _print_Determinant(self, e: Any) -> str:
        return self._call("linalg.det", e.arg)

    def _print_Identity(self, e: Any) -> str:
        return self._call("eye", e.shape[0])

    def _print_OneMatrix(self, e: Any) -> str:
        return self._call("ones", sp.Tuple(*e.shape))

    def _print_ZeroMatrix(self, e: Any) -> str:
        return self._call("zeros", sp.Tuple(*e.shape))

    def _print_DiagonalOf(self, e: Any) -> str:
        return f"{self._call('diagonal', e.arg)}[:, None]"

    def _print_DiagMatrix(self, e: Any) -> str:
        return f"{self._module_format('numpy.diag')}(({self._print(e.args[0])})[:, 0])"

    def _print_HadamardPower(self, e: Any) -> str:
        return f"(({self._print(e.base)})**({self._print(e.exp)}))"

    def _print_MatrixSlice(self, e: Any) -> str:
        rows, columns = (":".join(map(self._print, part)) for part in (e.rowslice, e.colslice))
        return f"({self._print(e.parent)})[{rows}, {columns}]"

    def _print_MatrixElement(self, e: Any) -> str:
        return f"({self._print(e.parent)})[{self._print(e.i)}, {self._print(e.j)}]"

    def _print_ElementwiseApplyFunction(self, e: Any) -> str:
        (z,), body = e.function.signature, e.function.expr
        spread = "" if body.has(z) else f" + 0*{self._print(z)}"
        return f"(lambda {self._print(z)}: {self._print(body)}{spread})({self._print(e.expr)})"

    def _print_Derivative(self, e: Any) -> str:
        order = e.derivative_count
        name = str(e.expr.func) + ("_prime" if order == 1 else f"_prime{order}")
        return f"{name}({self._print(e.variables[0])})"

    def _print_Subs(self, e: Any) -> str:
        return f"(lambda {self._print(e.variables[0])}: {self._print(e.expr)})({self._print(e.point[0])})"
