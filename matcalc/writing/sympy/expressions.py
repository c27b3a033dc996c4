"""Expressions as SymPy matrix expressions, or as explicit SymPy matrices where sizes are given.

One walk, two algebras: `Symbolic` builds matrix expressions as a SymPy user would write them, `Explicit` (in `sympy_explicit`)
matrices of entries.  All else is the ``sympy`` column of the operator table.  A scalar is a scalar: x'Ax becomes a `Trace`, never
the entry [0, 0] of a 1×1 matrix, whose derivative SymPy takes for zero.  Importing this module imports SymPy.

Where SymPy's own derivatives differ: it puts the variable first (∂(Rc)/∂c is R' there, the denominator layout), while its explicit
`jacobian` is in the numerator layout as ours is; it does not project on symmetric matrices; elementwise functions, diagonals and 1×1
products often raise or come out as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from types import CodeType
from typing import Any, ClassVar

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, Shape, Size, outer, result_shape
from matcalc.expr import heads as H
from matcalc.expr.facts import has
from matcalc.expr.indices import lettered, opened_as
from matcalc.operators.for_sympy import Commutation, MatrixFunction, ScalarFunction, UnitVector, Unknown, Z, each, product, rowsum, total

Form = Callable[..., Any]


def sympy(e: Expr, names: Mapping[str, Any] | None = None) -> Any:
    """`e` as a SymPy expression; `names` are symbols to use instead of new ones, by the names of variables, sizes and functions.

    >>> from matcalc.expr import product, symbol, variable
    >>> A, x = variable("A", (symbol("n"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> sympy(product([x.T, A, x])), sympy(A.T + 2 * A)
    (Trace(x.T*A*x), 2*A + A.T)
    """
    return written(e, Symbolic(Symbols(names or {})))


def written(e: Expr, algebra: Symbolic) -> Any:
    """`e` in an algebra: each node once, arguments first."""
    done: dict[Expr, Any] = {}
    for n in outer(lettered(e)):
        done[n] = _sum_over(n, algebra) if n.op is H.SIGMA else _node(n, [done[a] for a in n.args], algebra)
    return done[n]


def _sum_over(e: Expr, algebra: Symbolic) -> Any:
    """A sum over an index from 0, of a scalar; a sum of matrices is none of SymPy's expressions."""
    if not e.is_scalar:
        raise UnsupportedError(
            "SymPy has no sum of matrices over an index", hint="with numbers for all sizes it is an explicit matrix: .sympy(n=3, …)"
        )
    index, count = e.data
    i = sp.Symbol(index, integer=True)
    body = written(opened_as(e, index), Symbolic(Symbols({**algebra.symbols.given, index: i + 1})))
    return sp.Sum(body, (i, 0, algebra.size(count) - 1))


def _member(e: Expr, args: list[Any], algebra: Symbolic) -> Any:
    raise UnsupportedError("SymPy has no families of matrices", hint="with numbers for all sizes each member is a matrix: .sympy(K=3, …)")


class Symbols:
    """The SymPy symbols of names and sizes: those given, new ones for the rest."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given

    def size(self, n: Size) -> Any:
        if isinstance(n, int):
            return sp.Integer(n)
        return sp.Add(*(c * sp.Mul(*(self._size(s) for s in mono)) for mono, c in n.terms))

    def _size(self, name: str) -> Any:
        return self.given[name] if name in self.given else sp.Symbol(name, integer=True, positive=True)

    def variable(self, e: Expr) -> Any:
        name, properties = e.data
        if name in self.given:
            return self.given[name]
        if not e.is_scalar:
            return sp.MatrixSymbol(name, *map(self.size, e.shape))
        sign = {p: True for p in ("positive", "nonnegative") if p in properties}
        return sp.Symbol(name, complex=True) if "complex" in properties else sp.Symbol(name, real=True, **sign)

    def index(self, j: int | str) -> Any:
        """An index, counted from 0 as in SymPy."""
        return (sp.Integer(j) if isinstance(j, int) else self._size(j)) - 1

    def function(self, name: str, **assumptions: bool) -> Any:
        return self.given[name] if name in self.given else sp.Function(name, **assumptions)


def summed(terms: Iterable[Any]) -> Any:
    """The sum in SymPy's order; like terms are merged already, for which SymPy would go through all of every term."""
    return sp.MatAdd(*sorted(terms, key=sp.default_sort_key))


def transposed(x: Any) -> Any:
    """x', as SymPy would write it; but SymPy looks at all of a product again, at every level."""
    if isinstance(x, sp.Adjoint) and isinstance(x.arg, sp.Transpose):  # of a conjugate
        return sp.Adjoint(x.arg.arg)
    if isinstance(x, sp.OneMatrix):
        return sp.OneMatrix(x.shape[1], x.shape[0])
    if isinstance(x, sp.Inverse):
        return sp.Inverse(sp.Transpose(x.arg))
    if isinstance(x, sp.MatAdd):
        return summed(map(transposed, x.args))
    if isinstance(x, sp.MatMul):
        scalars = [a for a in x.args if not a.is_Matrix]
        return product([*scalars, *(transposed(a) for a in reversed(x.args[len(scalars) :]))])
    return sp.Transpose(x).doit(deep=False)


def absolute(x: Any) -> Any:
    """|x|, not evaluated where x contains matrices: SymPy looks for a sign in front of their sums, and fails."""
    return sp.Abs(x, evaluate=not x.has(sp.MatrixExpr))


class Symbolic:
    """The heads as matrix expressions.  Arguments and results of shape (1, 1) are scalars."""

    namespace: ClassVar[dict[str, Any]] = {**vars(sp), "Abs": absolute, "each": each, "total": total, "rowsum": rowsum}

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols

    def size(self, n: Size) -> Any:
        return self.symbols.size(n)

    def variable(self, e: Expr) -> Any:
        return self.symbols.variable(e)

    def unit(self, n: Any, j: int | str) -> Any:
        return UnitVector(n, self.symbols.index(j))

    def select(self, n: Any, m: Any, first: Any) -> Any:
        return sp.MatrixSlice(sp.Identity(n), (0, n, 1), (first, first + m, 1))

    def identity(self, n: Any) -> Any:
        return sp.Identity(n)

    def zero(self, rows: Any, columns: Any) -> Any:
        return sp.ZeroMatrix(rows, columns)

    def ones(self, rows: Any, columns: Any) -> Any:
        return sp.OneMatrix(rows, columns)

    def grid(self, rows: list[list[Any]]) -> Any:
        return sp.BlockMatrix([[b if isinstance(b, sp.MatrixExpr) else sp.Matrix([[b]]) for b in row] for row in rows])

    def commutation(self, m: Any, n: Any) -> Any:
        return Commutation(m, n)

    def transpose(self, x: Any) -> Any:
        return transposed(x)

    def conjugate(self, x: Any) -> Any:
        return sp.conjugate(x) if not isinstance(x, sp.MatrixExpr) else sp.Adjoint(sp.Transpose(x))

    def sum(self, terms: list[Any], numbers: tuple[Any, ...]) -> Any:
        parts = list(zip(map(rational, numbers), terms, strict=True))
        if not isinstance(terms[0], sp.MatrixExpr):
            return sp.Add(*(c * t for c, t in parts))
        return summed(t if c == 1 else product([c, t]) for c, t in parts)

    def chain(self, factors: list[Any], scalar: bool) -> Any:
        """The product of matrices; a slice where it is one, a trace where it is a scalar."""
        entry = _entry(factors) if scalar else None
        if entry is not None:
            return entry
        whole = product(_joined(factors))
        return sp.Trace(whole) if scalar else whole

    def scaled(self, scalars: list[Any], matrix: Any) -> Any:
        return product([sp.Mul(*scalars), matrix])

    def hadamard(self, factors: list[Any]) -> Any:
        return sp.HadamardProduct(*factors).doit(deep=False)

    def hpower(self, base: Any, exponent: Any) -> Any:
        return sp.HadamardPower(base, exponent)

    def matpower(self, base: Any, k: int) -> Any:
        return sp.Inverse(base) if k == -1 else sp.MatPow(base, k)

    def each(self, function: Form, x: Any) -> Any:
        return each(function, x)

    def unknown(self, name: str, order: int, gives: Shape, e: Expr, x: Any) -> Any:
        """A function of a whole matrix, or one of its derivatives."""
        if e.is_scalar:
            return self.symbols.function(name, commutative=True)(x)  # by default f(X) commutes no more than X does
        return Unknown(name, order, map(self.size, gives), map(self.size, e.shape), x)

    def applied(self, e: Expr, args: list[Any]) -> Any:
        """A row that SymPy has no name for."""
        if e.is_scalar:
            return ScalarFunction(e.op.name, *args)
        return MatrixFunction(e.op.name, *map(self.size, e.shape), *args)


def rational(value: int | Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)


def _node(e: Expr, args: list[Any], algebra: Symbolic) -> Any:
    op = e.op
    head = _HEADS.get(op)
    if head is not None:
        return head(e, args, algebra)
    if op.name == "commutation":
        return algebra.commutation(*map(algebra.size, e.data))
    if op.abstract is not None:
        return _abstract(e, args, algebra)
    if not op.sympy:
        return algebra.applied(e, args)
    if op.elementwise:
        function = form(op, Symbolic.namespace)
        if e.is_scalar:
            return function(*args)
        arrays = [k for k, a in enumerate(e.args) if not a.is_scalar]
        if len(arrays) > 1:
            return algebra.applied(e, args)
        (at,) = arrays
        return algebra.each(lambda z: function(*args[:at], z, *args[at + 1 :]), args[at])
    if op.name == "logdet" and has(e.args[0], "psd"):
        return sp.log(algebra.namespace["Determinant"](args[0]))
    return form(op, algebra.namespace)(*args)


def form(op: Op, namespace: dict[str, Any]) -> Form:
    """The ``sympy`` column of a row as a function: a name, or an expression of {0} and {1}."""
    made: Form = eval(_compiled(op), namespace)
    return made


@cache
def _compiled(op: Op) -> CodeType:
    column = op.sympy if "{0}" in op.sympy or not op.signature else op.sympy + ("({0}, {1})" if op.signature.count("(") > 2 else "({0})")
    return compile("lambda x=None, y=None, z=None: " + column.format("x", "y", "z"), f"<{op.name}>", "eval")


def _abstract(e: Expr, args: list[Any], algebra: Symbolic) -> Any:
    assert e.op.abstract is not None
    name, order = e.op.abstract
    if not e.op.elementwise:
        return algebra.unknown(name, order, _gives(e), e, args[0])
    function = algebra.symbols.function(name)
    return abstract(function, order, args[0]) if e.is_scalar else algebra.each(lambda z: abstract(function, order, z), args[0])


def _gives(e: Expr) -> Shape:
    """The shape of the value of the function of a whole matrix that `e` is, or is a derivative of."""
    op = e.op
    while op.primitive is not None:
        op = op.primitive()
    return result_shape(op, (e.args[0].shape,))


def abstract(function: Any, order: int, x: Any) -> Any:
    """The function, or its derivative as SymPy writes it at a place.

    >>> abstract(sp.Function("g"), 1, Z), abstract(sp.Function("g"), 1, sp.Integer(2))
    (Derivative(g(_z), _z), Subs(Derivative(g(_z), _z), _z, 2))
    """
    if not order:
        return function(x)
    if getattr(x, "is_Symbol", False):
        return sp.Derivative(function(x), (x, order))
    return sp.Subs(sp.Derivative(function(Z), (Z, order)), Z, x)


def _product(e: Expr, args: list[Any], algebra: Symbolic) -> Any:
    c, count = e.data
    scalars = [rational(c), *args[:count]]
    chain = args[count:]
    if not chain:
        return sp.Mul(*scalars)
    whole = chain[0] if len(chain) == 1 else algebra.chain(chain, e.is_scalar)
    if e.is_scalar:
        return sp.Mul(*scalars, whole)
    return whole if c == 1 and not count else algebra.scaled(scalars, whole)


def _entry(factors: list[Any]) -> Any:
    """e_i' X e_j, e_i' x and x' e_j as entries; None for other products."""
    factors = _moved_on(factors)
    row, column = _row(factors[0]), _column(factors[-1])
    if len(factors) == 3 and row is not None and column is not None and _is_sliced(factors[1]):
        return MatrixElement(factors[1], row, column)
    if len(factors) == 2 and (row is None) != (column is None):
        x, at = (factors[1], row) if row is not None else (factors[0], column)
        x = x.arg if isinstance(x, sp.Transpose) else x
        return MatrixElement(x, at, 0) if x.shape[1] == 1 else MatrixElement(x, 0, at)
    return None


def _joined(factors: list[Any]) -> list[Any]:
    """1 1' as one matrix of ones, X e_j as a column and e_i' X as a row of X."""
    out: list[Any] = []
    for f in _moved_on(factors):
        last = out[-1] if out else None
        if _stretch(f) is not None and last is not None and _is_sliced(last) and _row(last) is None:
            out[-1] = sp.MatrixSlice(last, (0, last.shape[0], 1), f.colslice)
        elif isinstance(last, sp.Transpose) and _stretch(last.arg) is not None and _is_sliced(f) and _column(f) is None:
            out[-1] = sp.MatrixSlice(f, last.arg.colslice, (0, f.shape[1], 1))
        elif isinstance(f, sp.OneMatrix) and isinstance(last, sp.OneMatrix) and f.shape[0] == 1:
            out[-1] = sp.OneMatrix(last.shape[0], f.shape[1])
        elif _column(f) is not None and last is not None and _is_sliced(last):
            out[-1] = sp.MatrixSlice(last, (0, last.shape[0], 1), (_column(f), _column(f) + 1, 1))
        elif _row(last) is not None and _is_sliced(f):
            out[-1] = sp.MatrixSlice(f, (_row(last), _row(last) + 1, 1), (0, f.shape[1], 1))
        else:
            out.append(f)
    return out


def _moved_on(factors: list[Any]) -> list[Any]:
    """A column of some columns of an identity is one further on."""
    out: list[Any] = []
    for f in factors:
        last: Any = out[-1] if out else None
        if _stretch(last) is not None and isinstance(f, UnitVector):
            out[-1] = UnitVector(out[-1].shape[0], _stretch(last)[0] + f.args[1])
        elif isinstance(f, sp.Transpose) and _stretch(f.arg) is not None and _row(last) is not None:
            out[-1] = sp.Transpose(UnitVector(f.shape[1], _stretch(f.arg)[0] + _row(last)))
        else:
            out.append(f)
    return out


def _stretch(x: Any) -> Any:
    """The columns that are taken of an identity, else None."""
    return x.colslice if isinstance(x, sp.MatrixSlice) and isinstance(x.parent, sp.Identity) else None


def _row(x: Any) -> Any:
    """The row that a transposed unit vector takes, else None."""
    return _column(x.arg) if isinstance(x, sp.Transpose) else None


def _column(x: Any) -> Any:
    return x.args[1] if isinstance(x, UnitVector) else None


def _is_sliced(x: Any) -> bool:
    """Whether a part of `x` is written as a slice, not as a product with a unit vector."""
    return not isinstance(x, UnitVector | sp.OneMatrix | sp.MatrixSlice) and _row(x) is None


_HEADS: dict[Op, Callable[[Expr, list[Any], Symbolic], Any]] = {
    H.NUMBER: lambda e, args, a: rational(e.data),
    H.SIZE: lambda e, args, a: a.size(e.data),
    H.VARIABLE: lambda e, args, a: a.variable(e),
    H.UNIT: lambda e, args, a: a.unit(a.size(e.shape[0]), e.data[0]),
    H.SELECT: lambda e, args, a: a.select(*map(a.size, e.data)),
    H.FAMILY: _member,
    H.IDENTITY: lambda e, args, a: a.identity(a.size(e.shape[0])),
    H.ZERO: lambda e, args, a: a.zero(*map(a.size, e.shape)),
    H.ONES: lambda e, args, a: a.ones(*map(a.size, e.shape)),
    H.TRANSPOSE: lambda e, args, a: a.transpose(args[0]),
    H.GRID: lambda e, args, a: a.grid([args[i : i + e.data[1]] for i in range(0, len(args), e.data[1])]),
    H.IMAGINARY: lambda e, args, a: sp.I,
    H.CONJ: lambda e, args, a: a.conjugate(args[0]),
    H.PRODUCT: _product,
    H.SUM: lambda e, args, a: a.sum(args, e.data),
    H.POWER: lambda e, args, a: sp.Pow(*args),
    H.MATPOWER: lambda e, args, a: a.matpower(args[0], e.data),
    H.HADAMARD: lambda e, args, a: a.hadamard(args),
    H.HPOWER: lambda e, args, a: a.hpower(*args),
}
