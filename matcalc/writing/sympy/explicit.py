"""Expressions as explicit SymPy matrices, where every size is a number: the entries of X are X[i, j].

Determinants and inverses are expanded by minors (SymPy's own elimination tries to simplify, which takes minutes here), so sizes are
small.  What has no formula for its entries (the exponential of a matrix, its largest eigenvalue) stays as an entry of a function, and
becomes a number where numbers are put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any, ClassVar

import sympy as sp

from matcalc.errors import LimitError, UnknownNameError, did_you_mean
from matcalc.expr import MEMBER, SIGMA, UNIT, Dim, Expr, Shape, Size, add, outer, postorder, remake, substitute, unit, variable
from matcalc.expr.dims import replace
from matcalc.expr.indices import replaced
from matcalc.limits import LARGEST_MINOR, MOST_ENTRIES
from matcalc.operators.for_sympy import Commutation, MatrixFunction, ScalarFunction
from matcalc.writing.sympy.expressions import Symbolic, Symbols, form, written

Matrix = Any  # an ImmutableDenseMatrix; scalars are SymPy expressions


def explicit(e: Expr, sizes: Mapping[str, int], names: Mapping[str, Any] | None = None) -> Any:
    """`e` with numbers for its sizes: a scalar, or a matrix of entries.

    Raises UnknownNameError where a size has no number, LimitError where the matrix is too large.

    >>> from matcalc.expr import product, symbol, variable
    >>> A, x = variable("A", (symbol("n"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> explicit(product([A, x]), {"n": 2})
    Matrix([
    [A[0, 0]*x[0, 0] + A[0, 1]*x[1, 0]],
    [A[1, 0]*x[0, 0] + A[1, 1]*x[1, 0]]])
    """
    e = _written_out(e, sizes)
    nodes = postorder(e)
    known = {s for n in nodes for d in (*n.shape, *_in_data(n)) if isinstance(d, Dim) for s in d.symbols}
    known |= {n.data[0] for n in nodes if n.op is UNIT and isinstance(n.data[0], str)}
    for name, value in sizes.items():
        if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 1:
            raise UnknownNameError(f"the size {name} is a positive whole number, not {value!r:.40}")
    algebra = Explicit(Symbols(names or {}), {k: v.__index__() for k, v in sizes.items()})
    missing = sorted(known - set(sizes) - {n.data[0] for n in nodes if n.op is UNIT})
    if missing:
        hint = did_you_mean(missing[0], sizes) or f"give them all: {missing[0]}=3, …"
        raise UnknownNameError(f"no number for the size {missing[0]}", hint=hint)
    for n in nodes:
        rows, columns = map(algebra.number, n.shape)
        if rows * columns > MOST_ENTRIES:
            raise LimitError(f"a matrix of {rows}×{columns} entries", hint="without sizes, the answer is a matrix expression")
    found = written(e, algebra)
    return found.as_mutable() if isinstance(found, sp.MatrixBase) else found


def _written_out(e: Expr, sizes: Mapping[str, int]) -> Expr:
    """`e`, where sums over an index are written out and members of families are matrices with names of their own."""
    if not any(n.op in (SIGMA, MEMBER) for n in postorder(e)):
        return e
    here = {name: n for name, n in sizes.items() if isinstance(n, int)}
    done: dict[Expr, Expr] = {}
    for n in outer(substitute(e, {}, here)):
        if n.op is SIGMA and isinstance(n.data[1], int):
            terms = [_written_out(replaced(n.args[0], unit(k, n.data[1])), sizes) for k in range(1, n.data[1] + 1)]
            done[n] = add([done.get(t, t) for t in terms])
        elif n.op is MEMBER and all(u.op is UNIT for u in n.args[1:]):
            at = [sizes.get(u.data[0], u.data[0]) for u in n.args[1:]]
            done[n] = variable(f"{n.args[0].data[0]}_{'_'.join(map(str, at))}", n.shape, frozenset(n.args[0].data[1]))
        else:
            done[n] = remake(n, tuple(done[a] for a in n.args)) if n.args else n
    return done[n]


def _in_data(e: Expr) -> tuple[Any, ...]:
    return e.data if isinstance(e.data, tuple) else (e.data,)


def determinant(m: Matrix) -> Any:
    """The determinant by minors.

    >>> determinant(sp.Matrix(2, 2, sp.symbols("a b c d")))
    a*d - b*c
    """
    return _minors(m)[tuple(range(m.shape[0]))]


def _minors(m: Matrix) -> dict[tuple[int, ...], Any]:
    """The minors of the last rows, by their columns."""
    n = m.shape[0]
    if n > LARGEST_MINOR:
        raise LimitError(f"the determinant of a {n}×{n} matrix of symbols", hint=f"up to {LARGEST_MINOR}×{LARGEST_MINOR} it is written out")
    found: dict[tuple[int, ...], Any] = {(): sp.Integer(1)}
    for size in range(1, n + 1):
        row = n - size
        for columns in combinations(range(n), size):
            terms = [(-1) ** k * m[row, c] * found[columns[:k] + columns[k + 1 :]] for k, c in enumerate(columns)]
            found[columns] = sp.Add(*terms)
    return found


def inverse(m: Matrix) -> Matrix:
    """The inverse: cofactors over the determinant.

    >>> inverse(sp.Matrix([[2, 0], [0, 4]]))
    Matrix([
    [1/2,   0],
    [  0, 1/4]])
    """
    n = m.shape[0]

    def cofactor(i: int, j: int) -> Any:
        rest = m.extract([r for r in range(n) if r != i], [c for c in range(n) if c != j])
        return (-1) ** (i + j) * determinant(rest)

    scale = 1 / determinant(m)
    return sp.ImmutableDenseMatrix(n, n, lambda i, j: scale * cofactor(j, i))


def _kron(a: Matrix, b: Matrix) -> Matrix:
    p, q = b.shape
    return sp.ImmutableDenseMatrix(a.rows * p, a.cols * q, lambda i, j: a[i // p, j // q] * b[i % p, j % q])


def _khatrirao(a: Matrix, b: Matrix) -> Matrix:
    return sp.ImmutableDenseMatrix(a.rows * b.rows, a.cols, lambda i, j: a[i // b.rows, j] * b[i % b.rows, j])


def _blockinner(x: Matrix, y: Matrix, rows: int, columns: int) -> Matrix:
    p, q = x.shape
    return sp.ImmutableDenseMatrix(
        rows, columns, lambda i, j: sp.Add(*(x[k, l] * y[i * p + k, j * q + l] for k in range(p) for l in range(q)))
    )


def _blocksum(x: Matrix, y: Matrix, rows: int, columns: int) -> Matrix:
    m, n = x.shape
    return sp.ImmutableDenseMatrix(
        rows, columns, lambda k, l: sp.Add(*(x[i, j] * y[i * rows + k, j * columns + l] for i in range(m) for j in range(n)))
    )


def _of_entries(entry: Callable[[Matrix, int, int], Any]) -> Callable[..., Matrix]:
    return lambda x, rows, columns: sp.ImmutableDenseMatrix(rows, columns, lambda i, j: entry(x, i, j))


# Rows that have no name in SymPy, but a formula for their entries.
_ENTRIES: dict[str, Callable[..., Any]] = {
    "prod": lambda x, rows, columns: sp.Mul(*x),
    "vec": _of_entries(lambda x, i, j: x[i % x.rows, i // x.rows]),
    "unvec": lambda x, rows, columns: sp.ImmutableDenseMatrix(rows, columns, lambda i, j: x[j * rows + i]),
    "tril": _of_entries(lambda x, i, j: x[i, j] if i >= j else sp.Integer(0)),
    "triu": _of_entries(lambda x, i, j: x[i, j] if i <= j else sp.Integer(0)),
    "cumsum": _of_entries(lambda x, i, j: sp.Add(*x[: i + 1, j])),
    "revcumsum": _of_entries(lambda x, i, j: sp.Add(*x[i:, j])),
    "diff": _of_entries(lambda x, i, j: x[i + 1, j] - x[i, j]),
    "difft": _of_entries(lambda x, i, j: (x[i - 1, j] if i else 0) - (x[i, j] if i < x.rows else 0)),
    "khatrirao": lambda x, y, rows, columns: _khatrirao(x, y),
    "blockinner": _blockinner,
    "blocksum": _blocksum,
}


class Explicit(Symbolic):
    """The heads as matrices of entries."""

    namespace: ClassVar[dict[str, Any]] = {
        **Symbolic.namespace,
        "Trace": lambda x: x.trace(),
        "Determinant": determinant,
        "Inverse": inverse,
        "Transpose": lambda x: x.T,
        "DiagMatrix": lambda x: sp.ImmutableDenseMatrix(len(x), len(x), lambda i, j: x[i] if i == j else 0),
        "DiagonalOf": lambda x: sp.ImmutableDenseMatrix(x.rows, 1, lambda i, _: x[i, i]),
        "KroneckerProduct": _kron,
        "HadamardPower": lambda x, k: x.applyfunc(lambda e: e**k),
        "each": lambda function, x: x.applyfunc(function),
        "total": lambda x: sp.Add(*x),
        "rowsum": lambda x: sp.ImmutableDenseMatrix(x.rows, 1, lambda i, _: sp.Add(*x[i, :])),
    }

    def __init__(self, symbols: Symbols, sizes: Mapping[str, int]) -> None:
        super().__init__(symbols)
        self.sizes = sizes

    def number(self, n: Size) -> int:
        found = replace(n, dict(self.sizes))
        assert isinstance(found, int)
        return found

    def size(self, n: Size) -> Any:
        return sp.Integer(self.number(n))

    def variable(self, e: Expr) -> Any:
        rows, columns = map(self.number, e.shape)
        if e.is_scalar:
            return self.symbols.variable(e)
        given = self.symbols.given.get(e.data[0])
        return sp.ImmutableDenseMatrix(sp.MatrixSymbol(given.name if given is not None else e.data[0], rows, columns))

    def unit(self, n: Any, j: int | str) -> Any:
        at = sp.Integer(self.sizes[j] - 1) if isinstance(j, str) and j in self.sizes else self.symbols.index(j)
        return sp.ImmutableDenseMatrix(n, 1, lambda i, _: sp.KroneckerDelta(i, at))

    def select(self, n: Any, m: Any, first: Any) -> Any:
        return sp.ImmutableDenseMatrix(n, m, lambda i, j: int(i == j + first))

    def identity(self, n: Any) -> Any:
        return sp.ImmutableDenseMatrix.eye(n)

    def zero(self, rows: Any, columns: Any) -> Any:
        return sp.ImmutableDenseMatrix.zeros(rows, columns)

    def ones(self, rows: Any, columns: Any) -> Any:
        return sp.ImmutableDenseMatrix.ones(rows, columns)

    def grid(self, rows: list[list[Any]]) -> Any:
        lines = [[b if isinstance(b, sp.MatrixBase) else sp.Matrix([[b]]) for b in row] for row in rows]
        return sp.ImmutableDenseMatrix(sp.Matrix([[x for b in line for x in b.row(k)] for line in lines for k in range(line[0].rows)]))

    def commutation(self, m: Any, n: Any) -> Any:
        return Commutation(m, n).as_explicit()

    def transpose(self, x: Any) -> Any:
        return x.T

    def conjugate(self, x: Any) -> Any:
        return x.conjugate() if isinstance(x, sp.MatrixBase) else sp.conjugate(x)

    def sum(self, terms: list[Any], numbers: tuple[Any, ...]) -> Any:
        parts = [sp.Rational(c.numerator, c.denominator) * t for c, t in zip(numbers, terms, strict=True)]
        if not isinstance(terms[0], sp.MatrixBase):
            return sp.Add(*parts)
        return sp.ImmutableDenseMatrix(*parts[0].shape, [sp.Add(*entries) for entries in zip(*parts, strict=True)])

    def chain(self, factors: list[Any], scalar: bool) -> Any:
        whole = factors[0]
        for f in factors[1:]:
            whole = whole * f
        return whole[0, 0] if scalar else whole

    def scaled(self, scalars: list[Any], matrix: Any) -> Any:
        return sp.Mul(*scalars) * matrix

    def hadamard(self, factors: list[Any]) -> Any:
        return sp.ImmutableDenseMatrix(*factors[0].shape, [sp.Mul(*entries) for entries in zip(*factors, strict=True)])

    def hpower(self, base: Any, exponent: Any) -> Any:
        return base.applyfunc(lambda e: e**exponent)

    def matpower(self, base: Any, k: int) -> Any:
        return self.chain([inverse(base) if k < 0 else base] * abs(k), False)

    def each(self, function: Callable[[Any], Any], x: Any) -> Any:
        return x.applyfunc(function)

    def unknown(self, name: str, order: int, gives: Shape, e: Expr, x: Any) -> Any:
        made = super().unknown(name, order, gives, e, x)
        return made if e.is_scalar else made.as_explicit()

    def applied(self, e: Expr, args: list[Any]) -> Any:
        rows, columns = map(self.number, e.shape)
        entries = _ENTRIES.get(e.op.name)
        if entries is not None:
            return entries(*args, rows, columns)
        if e.op.elementwise and e.op.sympy:
            function = form(e.op, Symbolic.namespace)
            spread = [a if isinstance(a, sp.MatrixBase) else [a] * (rows * columns) for a in args]
            return sp.ImmutableDenseMatrix(rows, columns, [function(*xs) for xs in zip(*spread, strict=True)])
        if e.is_scalar:
            return ScalarFunction(e.op.name, *args)
        return MatrixFunction(e.op.name, rows, columns, *args).as_explicit()
