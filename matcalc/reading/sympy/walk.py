"""SymPy's classes, one entry each: what an expression of ours they become.

The arguments are read first, so depth costs nothing; only the bodies of elementwise functions and of sums are read inside of what
binds their symbols.  In the body of an elementwise function the bound symbol is the whole array, and the operators go entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import Expr, Size, add, apply, fill, hadamard, matpower, ones, product, sigma, transpose
from matcalc.expr.grids import grid
from matcalc.expr.heads import ONE, identity, number, select, unit, zero
from matcalc.expr.indices import stretch
from matcalc.expr.language import as_expr, checked, dot_power, dot_times, plus, times
from matcalc.lifting import multiplied
from matcalc.operators import OPERATORS, abstract, call, commutation, matrix_function, pi, unvec
from matcalc.operators.elementwise_functions import ELEMENTWISE
from matcalc.operators.for_sympy import Commutation, MatrixFunction, ScalarFunction, UnitVector, Unknown

if TYPE_CHECKING:
    from matcalc.reading.sympy.expressions import Names

Read = Callable[["Walk", Any, list[Expr]], Expr]


class Index(NamedTuple):
    """The index of a sum: its name, how far it counts from 1, what it is in SymPy at 1, and how many SymPy says that there are."""

    name: str
    upto: Size
    first: Any
    count: Any


class Walk:
    """One reading: `names` of symbols, what the symbols bound by an elementwise function stand for, and the indices of sums."""

    def __init__(self, names: Names, bound: Mapping[Any, Expr] | None = None, indices: Mapping[Any, Index] | None = None) -> None:
        self.names = names
        self.bound = dict(bound or {})
        self.indices = dict(indices or {})
        self.done: dict[Any, Expr] = dict(self.bound)

    def read(self, root: Any) -> Expr:
        """The expression that a SymPy object is.

        Raises UnsupportedError with the name of a class that has no entry, ShapeError where shapes do not fit.
        """
        stack = [(root, False)]
        while stack:
            e, ready = stack.pop()
            if e in self.done:
                continue
            args = _arguments(e)
            if not ready and args:
                stack.append((e, True))
                stack.extend((a, False) for a in reversed(args))
            else:
                self.done[e] = self._node(e, [self.done[a] for a in args])
        return self.done[root]

    def _node(self, e: Any, args: list[Expr]) -> Expr:
        for cls in type(e).__mro__:
            read = _TABLE.get(cls)
            if read is not None:
                return read(self, e, args)
        advice = _ADVICE.get(type(e).__name__, "a derivative of it would be a guess")
        raise UnsupportedError(f"SymPy's {type(e).__name__} is not read: {_shortened(e)}", hint=advice)


def _arguments(e: Any) -> tuple[Any, ...]:
    """The arguments that are expressions and to be read first."""
    if isinstance(e, _CLOSED) or not hasattr(e, "args"):
        return ()
    if isinstance(e, MatrixElement | sp.MatrixSlice):
        return (e.args[0],)
    if isinstance(e, MatrixFunction | ScalarFunction):
        return tuple(e._arguments())
    if isinstance(e, Unknown):
        return (e.args[4],)
    if isinstance(e, sp.Heaviside):
        return (e.args[0],)
    if isinstance(e, sp.BlockMatrix):
        return tuple(e.blocks)
    return tuple(e.args) if any(issubclass(type(e), cls) for cls in _TABLE) else ()


# --- the readers -------------------------------------------------------------------------------------------------


def _matrix_product(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """The factors from left to right; where one does not fit, the 1×1 product that starts there is a scalar."""
    out, rest = ONE, list(args)
    while rest:
        f = rest.pop(0)
        if not (out.is_scalar or f.is_scalar) and out.shape[1] != f.shape[0] and f.shape[0] == 1:
            while rest and not f.is_scalar:
                f = times(f, rest.pop(0))
        out = times(out, f)
    return out


def _matrix_power(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    base, exponent = args
    if base.is_scalar:
        return dot_power(base, exponent)
    if e.exp == sp.S.Half:
        return call("sqrtm", base)
    if not e.exp.is_Integer:
        raise UnsupportedError(f"a matrix is raised to whole powers only, not to {_shortened(e.exp)}")
    if base.shape[0] != base.shape[1]:
        raise ShapeError(f"a power needs a square matrix, not ({base.shape[0]}, {base.shape[1]})")
    return matpower(base, int(e.exp))


def _elementwise(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    if len(e.function.signature) != 1:
        raise UnsupportedError(f"an elementwise function of {len(e.function.signature)} arguments")
    (z,) = e.function.signature
    inner = Walk(walk.names, {**walk.bound, z: walk.read(e.expr)}, walk.indices)
    made, shape = inner.read(e.function.expr), inner.bound[z].shape
    return made if made.shape == shape else fill(made, shape)


def _function(name: str) -> Read:
    def read(walk: Walk, e: Any, args: list[Expr]) -> Expr:
        (x,) = args
        if not x.is_scalar and not walk.bound:
            if name in ("exp", "log"):
                return call(name + "m", x)
            raise ShapeError(f"{type(e).__name__} of a matrix", hint=f"elementwise it is X.applyfunc({type(e).__name__})")
        return call(name, x)

    return read


def _log(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    inner = e.args[0].args[0] if isinstance(e.args[0], sp.Abs) else e.args[0]
    if isinstance(inner, sp.Determinant):
        return call("logdet", walk.read(inner.arg))
    return _function("log")(walk, e, args)


def _applied(walk: Walk, function: Any, order: int, args: Any) -> Expr:
    if len(args) != 1:
        raise UnsupportedError(f"the function {function} of {len(args)} arguments", hint="an abstract function has one, and is elementwise")
    x = walk.read(args[0])
    if not x.is_scalar and not walk.bound:  # a function of a whole matrix
        return apply(matrix_function(walk.names.function(function, x.shape), x.shape, (1, 1), order), (x,))
    return apply(abstract(walk.names.function(function), order), (x,))


def _derivative(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """g'(z), the only derivative that is read."""
    (z, order), *more = e.variable_count
    if more or not isinstance(e.expr, AppliedUndef) or e.expr.args != (z,) or not order.is_Integer:
        raise UnsupportedError(f"SymPy's Derivative is not read: {_shortened(e)}", hint="differentiate with matcalc, or call .doit() first")
    return _applied(walk, e.expr.func, int(order), (z,))


def _substituted(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """g'(x), which SymPy writes as a derivative at a place."""
    if len(e.variables) != 1 or not isinstance(e.expr, sp.Derivative):
        raise UnsupportedError(f"SymPy's Subs is not read: {_shortened(e)}")
    value = walk.read(e.point[0])
    if not value.is_scalar and not walk.bound:
        raise ShapeError("the place of a derivative is a scalar")
    return Walk(walk.names, {**walk.bound, e.variables[0]: value}, walk.indices).read(e.expr)


def _element(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    (x,) = args
    parts = [x]
    if x.shape[0] != 1:
        parts.insert(0, transpose(_place(walk, e.i, x.shape[0])))
    if x.shape[1] != 1:
        parts.append(_place(walk, e.j, x.shape[1]))
    return product(parts)


def _place(walk: Walk, i: Any, n: Size) -> Expr:
    """The unit vector of length n at an index: i + k, where i is that of a sum, is within what is summed."""
    inside = [k for k in walk.indices if i.has(k)]
    if not inside:
        at = walk.names.index(i)
        if isinstance(at, int) and (at < 1 or isinstance(n, int) and at > n):
            raise ShapeError(f"the index {at - 1} is outside of 0…{n}-1")
        return unit(at, n)
    index = walk.indices[inside[0]]
    shift = sp.sympify(i - inside[0] + index.first)
    if len(inside) > 1 or not shift.is_Integer:
        raise UnsupportedError(f"the index {i} in a sum", hint="entries are at the indices themselves and at i + 1, i - 2, …: X[i, j + 1]")
    try:
        return stretch(index.name, index.upto, n, int(shift))
    except ShapeError:
        raise UnsupportedError(f"the sum over {inside[0]} is not over all {n} entries, or over some of them") from None


def _slice(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    (x,) = args
    parts = [x]
    for axis, (start, stop, step) in enumerate((e.rowslice, e.colslice)):
        if step == 1 and start == 0 and sp.sympify(stop - e.parent.shape[axis]) == 0:
            continue
        if step != 1:
            raise UnsupportedError(f"a slice with steps: {_shortened(e)}", hint="rows and columns are read from one to another")
        if sp.sympify(stop - start) == 1:
            e_j = _place(walk, start, x.shape[axis])
        else:
            e_j = select(x.shape[axis], walk.names.count(stop - start), walk.names.count(start) if start != 0 else 0)
        parts = [*parts, e_j] if axis else [transpose(e_j), *parts]
    return product(parts)


def _explicit(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """A 1×1 matrix is its entry; a matrix of the entries of one symbol is that symbol."""
    if e.shape == (1, 1):
        return walk.read(e[0, 0])
    first = e[0, 0]
    if isinstance(first, MatrixElement) and first.parent.shape == e.shape and sp.ImmutableDenseMatrix(first.parent) == e.as_immutable():
        return walk.read(first.parent)
    raise UnsupportedError(f"an explicit {e.rows}×{e.cols} matrix", hint="make it a MatrixSymbol, and give its value to the derivative")


def _unknown(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """A declared function of a whole matrix, or one of its derivatives."""
    (x,) = args
    gives = (walk.names.size(e.args[2][0]), walk.names.size(e.args[2][1]))
    name = walk.names.function(sp.Function(str(e.args[0]), commutative=True), x.shape, gives)
    return apply(matrix_function(name, x.shape, gives, int(e.args[1])), (x,))


def _row(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """One of the functions that SymPy has no name for."""
    name = e.op.name
    if name == "unvec":
        return unvec(args[0], *map(walk.names.size, e.shape))
    return apply(OPERATORS[name], tuple(args))


def _blocks(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    columns = e.blocks.shape[1]
    return grid([args[i : i + columns] for i in range(0, len(args), columns)])


def _entry(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """The w[i] of an IndexedBase, as the entry of a vector or matrix: one without a shape is as long as the sums over its indices."""
    shape, at = e.base.shape, list(e.indices)
    if shape is None:
        bound = [walk.indices.get(i) for i in at]
        if None in bound:
            raise UnsupportedError(f"the shape of {e.base} is not known: {e}", hint=f'give it one: IndexedBase("{e.base}", shape=(n,))')
        shape, at = [b.count for b in bound if b], [i - b.first for i, b in zip(at, bound, strict=True) if b]
    if len(shape) > 2:
        raise UnsupportedError(f"an array of {len(shape)} indices: {e}")
    symbol = sp.MatrixSymbol(str(e.base.label), *shape, *[1] * (2 - len(shape)))
    if walk.names.arrays.setdefault(e.base, symbol) != symbol:
        raise UnsupportedError(f"{e.base} is indexed over ranges of different lengths", hint="give it a shape, and indices from 0")
    return _element(walk, symbol[(*at, 0)[:2]], [walk.names.variable(symbol)])


def _array(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    known = (s for s in walk.names.spelling.values() if isinstance(s, sp.MatrixSymbol) and s.name == str(e.label))
    symbol = next(known, None)
    if symbol is None:
        raise UnsupportedError(f"{e} has no index that is summed over, where it would have a shape")
    return walk.names.variable(symbol)


def _over_indices(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    """The sum or product over its indices, the innermost of which is named first; each counts from any whole number to a size."""
    indices = dict(walk.indices)
    for symbol, *limits in e.limits:
        if len(limits) != 2 or not sp.sympify(limits[0]).is_Integer:
            raise UnsupportedError(f"the sum does not run from a whole number: {_shortened(e)}", hint="as in (i, 0, n - 1)")
        count = limits[1] - limits[0] + 1
        indices[symbol] = Index(f"{symbol}·{len(indices)}", walk.names.count(count), limits[0], count)
    body = Walk(walk.names, walk.bound, indices).read(e.function)
    for symbol, *_ in e.limits:
        name, count = indices[symbol][:2]
        body = sigma(name, count, body, str(symbol)) if isinstance(e, sp.Sum) else multiplied(body, name, count)
    return body


def _delta(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    i, j = e.args[:2]
    index = walk.indices.get(i) or walk.indices.get(j)
    if index is None:
        raise UnsupportedError(f"the range of the indices is not known: {_shortened(e)}")
    return product([transpose(_place(walk, i - index.first, index.upto)), _place(walk, j - index.first, index.upto)])


def _symbol(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    if e in walk.indices:
        raise UnsupportedError(f"the index {e} stands for a number in a sum", hint="sums are over entries of matrices")
    return walk.names.variable(e)


def _number(walk: Walk, e: Any, args: list[Expr]) -> Expr:
    if not e.is_finite:
        raise UnsupportedError(f"{e} is no number to calculate with")
    return number(checked(Fraction(e.p, e.q))) if e.is_Rational else as_expr(float(e))


def _sizes(walk: Walk, e: Any) -> tuple[Size, Size]:
    return walk.names.count(e.shape[0]), walk.names.count(e.shape[1])


_TABLE: dict[type, Read] = {
    sp.Symbol: _symbol,
    sp.MatrixSymbol: lambda walk, e, args: walk.names.variable(e),
    sp.Number: _number,
    type(sp.pi): lambda walk, e, args: pi(),
    type(sp.E): lambda walk, e, args: call("exp", ONE),
    sp.Identity: lambda walk, e, args: identity(walk.names.count(e.shape[0])),
    sp.OneMatrix: lambda walk, e, args: ones(_sizes(walk, e)),
    sp.ZeroMatrix: lambda walk, e, args: zero(_sizes(walk, e)),
    UnitVector: lambda walk, e, args: _place(walk, e.args[1], walk.names.count(e.shape[0])),
    Commutation: lambda walk, e, args: commutation((walk.names.size(e.args[0]), walk.names.size(e.args[1]))),
    sp.MatrixBase: _explicit,
    sp.MatAdd: lambda walk, e, args: add(args),
    sp.MatMul: _matrix_product,
    sp.MatPow: _matrix_power,
    sp.Inverse: lambda walk, e, args: call("inv", args[0]),
    sp.Transpose: lambda walk, e, args: transpose(args[0]),
    sp.Adjoint: lambda walk, e, args: transpose(args[0]),
    sp.Trace: lambda walk, e, args: call("tr", args[0]),
    sp.Determinant: lambda walk, e, args: call("det", args[0]),
    sp.HadamardProduct: lambda walk, e, args: hadamard(args),
    sp.HadamardPower: lambda walk, e, args: dot_power(*args),
    sp.KroneckerProduct: lambda walk, e, args: reduce(lambda a, b: call("kron", a, b), args),
    sp.DiagMatrix: lambda walk, e, args: call("diag", _column(args[0])),
    sp.DiagonalOf: lambda walk, e, args: apply(OPERATORS["diagonal"], (args[0],)),
    sp.DiagonalMatrix: lambda walk, e, args: call("diag", apply(OPERATORS["diagonal"], (args[0],))),
    DotProduct: lambda walk, e, args: _dot(*args),
    ElementwiseApplyFunction: _elementwise,
    MatrixElement: _element,
    sp.MatrixSlice: _slice,
    MatrixFunction: _row,
    ScalarFunction: _row,
    Unknown: _unknown,
    sp.Add: lambda walk, e, args: reduce(plus, args),
    sp.Mul: lambda walk, e, args: reduce(dot_times if walk.bound else times, args),
    sp.Pow: lambda walk, e, args: dot_power(*args) if walk.bound or args[0].is_scalar else _matrix_power(walk, e, args),
    sp.log: _log,
    sp.atan2: lambda walk, e, args: call("atan2", *args),
    sp.Max: lambda walk, e, args: call("max", *args),
    sp.Min: lambda walk, e, args: call("min", *args),
    sp.polygamma: lambda walk, e, args: _polygamma(e, args),
    AppliedUndef: lambda walk, e, args: _applied(walk, e.func, 0, e.args),
    sp.Derivative: _derivative,
    sp.Subs: _substituted,
    sp.Sum: _over_indices,
    sp.Product: _over_indices,
    sp.BlockMatrix: _blocks,
    sp.Indexed: _entry,
    sp.IndexedBase: _array,
    sp.KroneckerDelta: _delta,
    **{getattr(sp, op.sympy): _function(op.name) for op in ELEMENTWISE if op.sympy.isidentifier() and op.name not in ("log", "digamma")},
}  # fmt: skip

# What is read from outside in: what it binds has no meaning by itself.
_CLOSED = (
    sp.Atom, sp.MatrixSymbol, sp.Identity, sp.OneMatrix, sp.ZeroMatrix, UnitVector, Commutation, sp.MatrixBase, ElementwiseApplyFunction,
    sp.Sum, sp.Product, sp.Derivative, sp.Subs, sp.KroneckerDelta, sp.Indexed, sp.IndexedBase, AppliedUndef,
)  # fmt: skip

_ADVICE = {
    "Piecewise": "max(x, 0) is Max(0, x) or x*Heaviside(x)",
    "Integral": "call .doit() first",
    "ImaginaryUnit": "matcalc is about real matrices",
    "FunctionMatrix": "make it a MatrixSymbol",
}  # fmt: skip


def _dot(a: Expr, b: Expr) -> Expr:
    return product([transpose(_column(a)), _column(b)])


def _column(x: Expr) -> Expr:
    """A vector that SymPy takes lying or upright, as a column."""
    return transpose(x) if x.shape[0] == 1 else x


def _polygamma(e: Any, args: list[Expr]) -> Expr:
    if e.args[0] not in (0, 1, 2):
        raise UnsupportedError(f"polygamma of order {e.args[0]}", hint="orders 0, 1 and 2 are read")
    return call(("digamma", "trigamma", "tetragamma")[int(e.args[0])], args[1])


def _shortened(e: Any, most: int = 60) -> str:
    text = str(e)
    return text if len(text) <= most else text[: most - 1] + "…"
