"""Objects that SymPy lacks: unit vectors, commutation matrices and the functions of the table it has no name for, as SymPy expressions.

They behave as SymPy's own: `subs`, `shape`, `latex`, `as_explicit`, `lambdify`.  A function becomes a number as soon as its
arguments are matrices of numbers, by the ``numpy`` column of its row.  Importing this module imports SymPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.core.symbol import Str
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.expr import Op, signature
from matcalc.operators import row
from matcalc.operators.columns import column

Z = sp.Dummy("z")  # of every elementwise function: only with one symbol are equal functions equal


def each(function: Callable[[Any], Any], x: Any) -> Any:
    """`function` of every entry of a matrix expression.

    >>> X = sp.MatrixSymbol("X", 2, 2)
    >>> each(sp.sin, X) == each(sp.sin, X), X.applyfunc(sp.sin) == X.applyfunc(sp.sin)
    (True, False)
    """
    return ElementwiseApplyFunction(sp.Lambda(Z, function(Z)), x)


def ones(rows: Any, columns: Any) -> Any:
    return sp.OneMatrix(rows, columns)


def total(x: Any) -> Any:
    """The sum of all entries, as the trace of 1'X1.

    >>> total(sp.MatrixSymbol("x", 3, 1))
    Trace(1*x)
    """
    rows, columns = x.shape
    return sp.Trace(product([ones(1, rows), x] if columns == 1 else [x, ones(columns, rows)] if rows != 1 else [x, ones(columns, 1)]))


def rowsum(x: Any) -> Any:
    return product([x, ones(x.shape[1], 1)])


def product(factors: list[Any]) -> Any:
    """The product, made at once: chained ``*`` is quadratic."""
    return factors[0] if len(factors) == 1 else sp.MatMul(*factors).doit(deep=False)


class UnitVector(sp.MatrixExpr):  # type: ignore[misc]
    """The unit vector of length n with a 1 in row j, counted from 0.

    >>> UnitVector(3, 1).as_explicit().T
    Matrix([[0, 1, 0]])
    """

    def __new__(cls, n: Any, j: Any) -> Any:
        return super().__new__(cls, sp.sympify(n), sp.sympify(j))

    @property
    def shape(self) -> Any:
        return self.args[0], sp.Integer(1)

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return sp.KroneckerDelta(i, self.args[1])

    def _sympystr(self, printer: Any) -> str:
        return f"e({printer._print(self.args[1])})"

    def _latex(self, printer: Any, **_: Any) -> str:
        return f"e_{{{printer._print(self.args[1] + 1)}}}"

    def _numpycode(self, printer: Any, **_: Any) -> str:
        n, j = map(printer._print, self.args)
        return f"{printer._module_format('numpy.eye')}({n})[:, [{j}]]"


class Commutation(sp.MatrixExpr):  # type: ignore[misc]
    """The commutation matrix K with K vec(A) = vec(A') for A m×n (Magnus & Neudecker 3.7).

    >>> Commutation(2, 2).as_explicit()
    Matrix([
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 1]])
    """

    def __new__(cls, m: Any, n: Any) -> Any:
        return super().__new__(cls, sp.sympify(m), sp.sympify(n))

    @property
    def shape(self) -> Any:
        m, n = self.args
        return m * n, m * n

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        m, n = self.args
        return sp.KroneckerDelta(j, sp.Mod(i, n) * m + sp.floor(i / n))

    def _eval_transpose(self) -> Any:
        return Commutation(self.args[1], self.args[0])

    def _sympystr(self, printer: Any) -> str:
        return f"K({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any, **_: Any) -> str:
        return f"K_{{{', '.join(map(printer._print, self.args))}}}"

    def _numpycode(self, printer: Any, **_: Any) -> str:
        m, n = map(printer._print, self.args)
        eye, arange = map(printer._module_format, ("numpy.eye", "numpy.arange"))
        return f"{eye}(({m})*({n}))[{arange}(({m})*({n})).reshape({n}, {m}).T.ravel()]"


class _Row:
    """A row of the operator table applied to SymPy expressions: what functions with values of either kind share."""

    args: tuple[Any, ...]

    @property
    def op(self) -> Op:
        return row(str(self.args[0]))

    def _sympystr(self, printer: Any) -> str:
        return f"{self.op.name}({', '.join(map(printer._print, self._arguments()))})"

    def _latex(self, printer: Any, **_: Any) -> str:
        from sympy.printing.precedence import PRECEDENCE

        latex = self.op.latex or rf"\operatorname{{{self.op.name}}}"
        if "{0}" in latex:
            level = PRECEDENCE["Atom"] if self.op.prec < 100 else 0  # bars need no parentheses inside
            return latex.format(*(printer.parenthesize(a, level) for a in self._arguments()))
        return latex + rf"\left({', '.join(map(printer._print, self._arguments()))}\right)"

    def _numpycode(self, printer: Any, **_: Any) -> str:
        name = printer._module_format(f"{__name__}.numeric")
        rows, columns = map(printer._print, getattr(self, "shape", (1, 1)))
        value = f"{name}({str(self.args[0])!r}, {rows}, {columns}, {', '.join(map(printer._print, self._arguments()))})"
        return value if isinstance(self, sp.MatrixExpr) else f"{value}.item()"

    def _arguments(self) -> tuple[Any, ...]:
        raise NotImplementedError


class MatrixFunction(_Row, sp.MatrixExpr):  # type: ignore[misc]
    """A matrix-valued function of the table that SymPy has no name for, such as the pseudoinverse.

    >>> MatrixFunction("pinv", 3, 2, sp.MatrixSymbol("X", 2, 3))
    pinv(X)
    >>> MatrixFunction("tril", 2, 2, sp.Matrix([[1, 2], [3, 4]]))
    Matrix([
    [1.0,   0],
    [3.0, 4.0]])
    """

    def __new__(cls, name: Any, rows: Any, columns: Any, *arguments: Any) -> Any:
        arguments = tuple(map(_immutable, arguments))
        if all(map(_is_numeric, arguments)):
            value = numeric(str(name), int(rows), int(columns), *map(_array, arguments))
            return sp.ImmutableDenseMatrix(int(rows), int(columns), lambda i, j: _float(value[i, j]))
        return sp.MatrixExpr.__new__(cls, Str(str(name)), sp.sympify(rows), sp.sympify(columns), *arguments)

    @property
    def shape(self) -> Any:
        return self.args[1], self.args[2]

    def _arguments(self) -> tuple[Any, ...]:
        return self.args[3:]

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return MatrixElement(self, i, j)

    def doit(self, **hints: Any) -> Any:
        return self.func(*self.args[:3], *(a.doit(**hints) for a in self._arguments())) if hints.get("deep", True) else self


class ScalarFunction(_Row, sp.Expr):  # type: ignore[misc]
    """A scalar function of matrices that SymPy has no name for, such as the nuclear norm.

    >>> ScalarFunction("normnuc", sp.Matrix([[3, 0], [0, -4]]))
    7.00000000000000
    """

    is_commutative = True
    is_real = True

    def __new__(cls, name: Any, *arguments: Any) -> Any:
        arguments = tuple(map(_immutable, arguments))
        if all(map(_is_numeric, arguments)):
            return _float(numeric(str(name), 1, 1, *map(_array, arguments)).item())
        return sp.Expr.__new__(cls, Str(str(name)), *arguments)

    def _arguments(self) -> tuple[Any, ...]:
        return self.args[1:]


class Unknown(sp.MatrixExpr):  # type: ignore[misc]
    """A function of a whole matrix that is declared and not defined, or a derivative of it; `gives` is the shape of its value.

    >>> Unknown("f", 1, (1, 1), (2, 3), sp.MatrixSymbol("X", 2, 3))
    grad(f)(X)
    """

    def __new__(cls, name: Any, order: Any, gives: Any, shape: Any, x: Any) -> Any:
        return sp.MatrixExpr.__new__(cls, Str(str(name)), sp.sympify(order), sp.Tuple(*gives), sp.Tuple(*shape), _immutable(x))

    @property
    def shape(self) -> Any:
        return tuple(self.args[3])

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return MatrixElement(self, i, j)

    def _named(self, gradient: str, hessian: str, jacobian: str) -> str:
        name, order = str(self.args[0]), int(self.args[1])
        scalar = tuple(self.args[2]) == (1, 1)
        return name if not order else (gradient if order == 1 and scalar else hessian if scalar else jacobian).format(name)

    def _sympystr(self, printer: Any) -> str:
        return f"{self._named('grad({})', 'hess({})', 'jac({})')}({printer._print(self.args[4])})"

    def _latex(self, printer: Any, **_: Any) -> str:
        return self._named(r"\nabla {}", r"\nabla^{{2}} {}", r"\mathrm{{D}} {}") + rf"\left({printer._print(self.args[4])}\right)"

    def _numpycode(self, printer: Any, **_: Any) -> str:
        order = int(self.args[1])
        name = ("" if not order else "grad_" if order == 1 else f"grad{order}_") + str(self.args[0])
        return f"{name}({printer._print(self.args[4])})"


# --- values ----------------------------------------------------------------------------------------------------


def numeric(name: str, rows: int, columns: int, *arguments: Any) -> Any:
    """The value of a row at arrays (all in two dimensions), by its ``numpy`` column.

    >>> float(numeric("prod", 1, 1, [[2.0, 3.0]]).item())
    6.0
    """
    import numpy as np

    op = row(name)
    arrays = [np.asarray(a, dtype=float) for a in arguments]
    inputs = [a.shape for a in arrays] if op.elementwise else signature(op.signature)[0]
    flat = [a.ravel() if wanted[1] == 1 and wanted[0] != 1 else a for a, wanted in zip(arrays, inputs, strict=True)]
    return np.asarray(column(op)(*flat, rows=rows, columns=columns)).reshape(rows, columns)


def _immutable(x: Any) -> Any:
    return x.as_immutable() if isinstance(x, sp.MatrixBase) else sp.sympify(x)


def _is_numeric(x: Any) -> bool:
    return isinstance(x, sp.MatrixBase) and not x.free_symbols and all(e.is_number for e in x)


def _array(x: Any) -> Any:
    import numpy as np

    return np.array(x.evalf().tolist(), dtype=float)


def _float(x: Any) -> Any:
    return sp.Integer(0) if x == 0 else sp.Float(float(x))
