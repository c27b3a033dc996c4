"""The operators as a person types them: one reading per pair of shapes, broadcasting made explicit.

The parser and Python's operators both end here.  ``A + s`` becomes A + s 1 1', ``M + b`` adds b to every
column and becomes M + b 1', ``s * A`` and ``A * B`` are both `times`.
"""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational
from typing import Any

import matcalc.expr as E
from matcalc import operators
from matcalc.errors import LimitError, ShapeError, UnsupportedError
from matcalc.expr.dims import Dim, Shape, Size, size_of
from matcalc.expr.entrywise import fill, hadamard, hpower, ones
from matcalc.expr.heads import FAMILY, NUMBER, Number, exact, number, select, unit
from matcalc.expr.node import Expr
from matcalc.expr.products import matpower, power, product, scaled
from matcalc.expr.rebuild import member
from matcalc.expr.sums import add
from matcalc.expr.transposing import transpose
from matcalc.limits import MOST_DIGITS


def as_expr(value: Any) -> Expr:
    """`value` as an expression; Python numbers become exact.

    >>> as_expr(0.5)
    1/2
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, complex):
        return add([as_expr(value.real), product([as_expr(value.imag), E.conjugate.I])])
    if isinstance(value, bool) or not isinstance(value, (Rational, float)):
        if hasattr(value, "item") and getattr(value, "shape", None) == ():
            return as_expr(value.item())
        raise TypeError(f"{type(value).__name__} is no expression")
    return number(
        checked(Fraction(repr(float(value))) if isinstance(value, float) else Fraction(int(value.numerator), int(value.denominator)))
    )


def checked(value: Number) -> Number:
    """`value`, unless it is too long a number to calculate with.  Raises LimitError."""
    value = exact(value)
    if value.numerator.bit_length() > 3.33 * MOST_DIGITS or value.denominator.bit_length() > 3.33 * MOST_DIGITS:
        raise LimitError(f"a number of more than {MOST_DIGITS} digits")
    return value


def plus(a: Expr, b: Expr) -> Expr:
    """a + b, with a scalar, a column or a row spread over a matrix.

    >>> from matcalc.expr import variable, symbol
    >>> M, b = variable("M", (symbol("m"), symbol("n"))), variable("b", (symbol("m"), 1))
    >>> plus(M, b).args[1].shape
    (m, n)
    """
    if a.shape == b.shape:
        return add([a, b])
    if a.is_scalar:
        return add([fill(a, b.shape), b])
    if b.is_scalar:
        return add([a, fill(b, a.shape)])
    return add([_spread(a, b.shape), _spread(b, a.shape)])


def _spread(e: Expr, shape: Shape) -> Expr:
    rows, columns = shape
    if e.shape == shape or 1 in shape:
        return e
    if rows == columns and e.shape in ((rows, 1), (1, rows)):
        raise ShapeError(
            "adding a vector to a square matrix could mean to every column or to every row",
            hint="write A + x*ones(n)' to add x to every column, A + ones(n)*x' to every row",
        )
    if e.shape == (rows, 1):
        return product([e, ones((1, columns))])
    if e.shape == (1, columns):
        return product([ones((rows, 1)), e])
    return e


def minus(a: Expr, b: Expr) -> Expr:
    return plus(a, scaled(-1, b))


def times(a: Expr, b: Expr) -> Expr:
    """The product a b, of matrices or with a scalar."""
    try:
        return product([a, b])
    except ShapeError as error:
        if a.shape == b.shape:
            error.hint = error.hint or "entry by entry it is A.*B, in Python mc.hadamard(A, B)"
        raise


def matmul(a: Expr, b: Expr) -> Expr:
    """The product of NumPy: a vector on the left is a row there, and what it gives a vector."""
    if a.shape[1] != 1 or b.shape[0] == 1:
        return times(a, b)
    return times(transpose(a), b) if b.shape[1] == 1 else times(transpose(b), a)


def over(a: Expr, b: Expr) -> Expr:
    """a divided by a scalar."""
    if not b.is_scalar:
        raise ShapeError("only a scalar divides; write A./B elementwise (in Python mc.quotient(A, B)), or A*inv(B)")
    return product([a, power(b, number(-1))])


def to_power(base: Expr, exponent: Expr) -> Expr:
    """A scalar to any scalar power, or a square matrix to a whole one."""
    if not exponent.is_scalar:
        raise ShapeError(f"an exponent is a scalar, not ({exponent.shape[0]}, {exponent.shape[1]})")
    if base.is_scalar:
        return power(base, exponent)
    if base.shape[0] != base.shape[1]:
        raise ShapeError(
            f"a power needs a square matrix, not ({base.shape[0]}, {base.shape[1]})",
            hint="entry by entry it is A.^k, in Python mc.pow(A, k)",
        )
    if exponent.op is NUMBER and abs(exponent.data) == Fraction(1, 2):
        root = operators.call("sqrtm", base)
        return root if exponent.data > 0 else matpower(root, -1)
    if exponent.op is not NUMBER or not isinstance(exponent.data, int):
        raise UnsupportedError("a matrix is raised to whole powers, and to 1/2", hint="A^k with any k is expm(k*logm(A))")
    return matpower(base, exponent.data)


def dot_times(a: Expr, b: Expr) -> Expr:
    """a ⊙ b; a scalar multiplies every entry."""
    return product([a, b]) if a.is_scalar or b.is_scalar else hadamard([a, b])


def dot_over(a: Expr, b: Expr) -> Expr:
    """a divided by b entry by entry; a scalar is spread."""
    return dot_times(a if not (a.is_scalar and not b.is_scalar) else fill(a, b.shape), hpower(b, number(-1)))


def dot_power(base: Expr, exponent: Expr) -> Expr:
    """base^exponent entry by entry, where one of the two is a scalar (or both are arrays of one shape)."""
    if exponent.is_scalar:
        return hpower(base, exponent)
    if base.is_scalar or base.shape == exponent.shape:
        log = operators.elementwise("log", base)
        return operators.elementwise("exp", product([log, exponent]) if base.is_scalar else hadamard([log, exponent]))
    raise ShapeError("an elementwise power needs a scalar exponent, or one of the base's shape")


class Row(tuple[Any, ...]):
    """The index (i, :) of a row that is taken as a column: a member of a family of vectors."""


def item(e: Expr, index: Any) -> Expr:
    """One column, row or entry, or a stretch of them from a to b, counted from 1; a string is a symbolic index.  Of a family, a member.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("m"), symbol("n")))
    >>> item(X, (slice(None), "j")).shape, item(X, (1, 2)).shape, item(X, (slice(2, symbol("m")), slice(None))).shape
    ((m, 1), (1, 1), (m - 1, n))
    """
    if isinstance(index, Row):
        return transpose(item(e, tuple(index)))
    index = index if isinstance(index, tuple) else (index,)
    if e.op is FAMILY:
        if len(index) != len(e.data[2]) or any(isinstance(i, slice) for i in index):
            raise ShapeError(f"the members of {e.data[0]} have {len(e.data[2])} ind{'ex' if len(e.data[2]) == 1 else 'ices'}")
        return member(e, *(_unit(i, n) for i, n in zip(index, e.data[2], strict=True)))
    if len(index) == 1:
        if 1 not in e.shape:
            raise ShapeError("a matrix has two indices: X[i,j], X[:,j] or X[i,:]")
        index = (index[0], slice(None)) if e.shape[1] == 1 else (slice(None), index[0])
    elif len(index) != 2 or e.is_vector:
        raise ShapeError(f"a {'vector has one index' if e.is_vector else 'matrix has two indices'}, not {len(index)}")
    left, right = (_selected(i, n) for i, n in zip(index, e.shape, strict=True))
    return product([*([] if left is None else [transpose(left)]), e, *([] if right is None else [right])])


def _selected(i: Any, n: Size) -> Expr | None:
    """The unit vector, or the matrix of several, that picks what an index says of n; None for all of them."""
    if not isinstance(i, slice):
        found = _unit(i, n)
        return None if n == 1 else found
    if i.start is None and i.stop is None:
        return None
    if i.step is not None:
        raise ShapeError("a stretch goes from one index to the next: X[2:5,:]")
    first, last = (default if end is None else _size(end) for end, default in ((i.start, 1), (i.stop, n)))
    count = last + first * -1 + 1
    rest = n + last * -1
    if isinstance(first, int) and first < 1 or isinstance(count, int) and count < 1 or isinstance(rest, int) and rest < 0:
        raise ShapeError(f"the indices {first}:{last} are outside of 1…{n}")
    return select(n, count, first + -1)


def _size(end: Any) -> Size:
    if isinstance(end, (int, Dim)):
        return end
    if isinstance(end, str):
        return size_of(end)
    raise ShapeError(f"a stretch goes from one size to another, not to {end}")


def _unit(i: Any, n: Size) -> Expr:
    return unit(_index(i, n), n)


def _index(i: Any, n: Any) -> int | str:
    if isinstance(i, Expr):
        i = i.data if i.op is NUMBER else i.data[0] if i.op.name in ("variable", "size") and not isinstance(i.data, Fraction) else i
    if isinstance(i, bool) or not isinstance(i, (int, str)):
        raise ShapeError(f"an index is a whole number or a name, not {i}")
    if isinstance(i, int) and (i < 1 or isinstance(n, int) and i > n):
        raise ShapeError(f"the index {i} is outside of 1…{n}" + ": indices count from 1" * (i == 0))
    return i
