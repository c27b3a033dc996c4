"""Makes array code: a graph of calls on arrays, the same for every target, in which equal calls are one object."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.expr.dims import Dim, Size
from matcalc.expr.heads import Number, exact
from matcalc.expr.node import Op
from matcalc.programs import forms as F
from matcalc.programs.forms import Code, Form, is_number


class Arrays:
    """Makes code: equal calls are one object, and what costs nothing is not written (x + 0, A.T.T, 1 * x).

    `vectors_first` writes x @ A for A.T @ x: a compiler like XLA would form the transpose.
    """

    def __init__(self, vectors_first: bool = False) -> None:
        self.vectors_first = vectors_first
        self.symmetric: set[Code] = set()  # arguments that equal their transposes
        self._known: dict[tuple[Any, ...], Code] = {}

    def call(
        self,
        form: Form | Op,
        *args: Code,
        data: Any = None,
        shape: tuple[Size, ...] = (),
        plain: bool | None = None,
        complex: bool | None = None,
    ) -> Code:
        key = (form, args, data, shape)
        found = self._known.get(key)
        if found is None:
            is_plain = plain if plain is not None else not shape and all(a.plain for a in args)
            is_complex = complex if complex is not None else not form.real and any(a.complex for a in args)
            found = self._known[key] = Code(form, args, data, shape, is_plain, is_complex)
        return found

    def remade(self, c: Code, args: tuple[Code, ...], form: Form | Op | None = None) -> Code:
        """The same of other operands, or by another form."""
        form = form or c.form
        return c if form is c.form and args == c.args else self.call(form, *args, data=c.data, shape=c.shape, plain=c.plain)

    def made_by(self, make: Callable[[], object]) -> list[Code]:
        """What code is made anew by calling `make`; it is forgotten."""
        before = len(self._known)
        make()
        return [self._known.popitem()[1] for _ in range(len(self._known) - before)]

    def number(self, value: Number) -> Code:
        return self.call(F.NUMBER, data=exact(value), plain=True)

    def size(self, n: Size) -> Code:
        return self.call(F.SIZE, data=n, plain=True) if isinstance(n, Dim) else self.number(n)

    def argument(self, key: Any, shape: tuple[Size, ...], plain: bool, complex: bool = False) -> Code:
        return self.call(F.ARGUMENT, data=key, shape=shape, plain=plain, complex=complex)

    def infix(self, form: Form, a: Code, b: Code) -> Code:
        # Elementwise work comes before the entries are lined up.
        if F.FLAT in (a.form, b.form) and all(c.form is F.FLAT or not c.shape for c in (a, b)):
            x, y = (c.args[0] if c.form is F.FLAT else c for c in (a, b))
            if not x.shape or not y.shape or x.shape == y.shape:
                return self.flat(self.infix(form, x, y))
        return self.call(form, a, b, shape=broadcast(a.shape, b.shape))

    def coefficient(self, a: Code) -> tuple[Code, Code]:
        """The scalar before a vector or a matrix, and the rest."""
        if a.form is F.NEG:
            s, rest = self.coefficient(a.args[0])
            return self.negative(s), rest
        return a.args if a.form is F.TIMES and not a.args[0].shape else (self.number(1), a)  # type: ignore[return-value]

    def add(self, a: Code, b: Code) -> Code:
        if a.shape and a.shape == b.shape:
            (s, x), (t, y) = self.coefficient(a), self.coefficient(b)
            if x is y:
                return self.multiply(self.add(s, t), x)
        if a.form is F.NUMBER and b.form is F.NUMBER:
            return self.number(a.data + b.data)
        if is_number(a, 0) and not a.shape or is_number(b, 0):
            return b if is_number(a, 0) else a
        if _is_negative(b):
            return self.less(a, self.negative(b))
        return self.less(b, self.negative(a)) if _is_negative(a) else self.infix(F.ADDED, a, b)

    def less(self, a: Code, b: Code) -> Code:
        """a - b, which is -(b - a) where that is computed already."""
        if a.form is F.LESS and a.args[1] is b and not b.shape:
            return self.less(a.args[0], self.multiply(self.number(2), b))
        turned = self._known.get((F.LESS, (b, a), None, broadcast(b.shape, a.shape)))
        return self.infix(F.LESS, a, b) if turned is None else self.negative(turned)

    def elementwise(self, op: Form | Op, x: Code) -> Code:
        if x.form is F.FLAT:
            return self.flat(self.elementwise(op, x.args[0]))
        if x.complex and op.name in F.OF_COMPLEX:
            return self.call(F.OF_COMPLEX[op.name], x, shape=x.shape)
        if not isinstance(op, Form) and op.name == "sigmoid":
            minus = self.negative(x)
            if x.ndim == 2:
                return self.call(F.LOGISTIC, minus, shape=x.shape)
        if not isinstance(op, Form) and op.name == "step" and x.ndim == 2:
            return self.call(F.STEPS, x, shape=x.shape)
        return self.call(op, x, shape=x.shape)

    def negative(self, a: Code) -> Code:
        if a.form is F.NUMBER:
            return self.number(-a.data)
        if a.form is F.NEG:
            return a.args[0]
        if a.form is F.TIMES and a.args[0].form is F.NUMBER:
            return self.multiply(self.number(-a.args[0].data), a.args[1])
        return self.call(F.NEG, a, shape=a.shape)

    def multiply(self, a: Code, b: Code) -> Code:
        if b.form is F.NUMBER:
            a, b = b, a
        if a.form is F.NUMBER:
            if b.form is F.NUMBER:
                return self.number(a.data * b.data)
            if b.form is F.TIMES and b.args[0].form is F.NUMBER:
                return self.multiply(self.number(a.data * b.args[0].data), b.args[1])
            if a.data == 1 or a.data == -1:
                return b if a.data == 1 else self.negative(b)
            if not decimal(a.data):
                top = self.multiply(self.number(a.data.numerator), b)
                return self.infix(F.OVER, top, self.number(a.data.denominator))
        if b.form is F.NEG:
            return self.negative(self.multiply(a, b.args[0]))
        if a.form is F.NEG:
            return self.negative(self.multiply(a.args[0], b))
        if not a.shape and b.shape and b.form is F.TIMES and not b.args[0].shape:  # scalars are multiplied before they meet an array
            return self.multiply(self.multiply(a, b.args[0]), b.args[1])
        turned = (F.TIMES, (b, a), None, broadcast(b.shape, a.shape)) in self._known
        return self.infix(F.TIMES, *((b, a) if turned else (a, b)))

    def divide(self, a: Code, b: Code) -> Code:
        if a.form is F.NEG and not b.shape:  # then a sum with it is a difference
            return self.negative(self.divide(a.args[0], b))
        return a if is_number(b, 1) else self.infix(F.OVER, a, b)

    def power(self, x: Code, exponent: Number | Code) -> Code:
        """x**exponent, by products, square roots and a division where the exponent is small."""
        if isinstance(exponent, Code):
            return self.call(F.POWER, x, exponent, shape=x.shape)
        if exponent < 0:
            return self.divide(self.number(1), self.power(x, -exponent))
        whole, rest = divmod(exponent, 1)
        if rest not in (0, Fraction(1, 2)) or whole > 64:
            shown = (
                self.number(exponent) if decimal(exponent) else self.divide(*map(self.number, (exponent.numerator, exponent.denominator)))
            )
            return self.call(F.POWER, x, shown, shape=x.shape)
        out = self._whole_power(x, int(whole)) if whole else None
        if rest:
            root = self.call(F.SQRT, x, shape=x.shape)
            out = root if out is None else self.multiply(out, root)
        return self.number(1) if out is None else out

    def _whole_power(self, x: Code, k: int) -> Code:
        if k == 1:
            return x
        half = self._whole_power(x, k // 2)
        squared = self.call(F.POWER, half, self.number(2), shape=x.shape)
        return squared if k % 2 == 0 else self.multiply(squared, x)

    def transpose(self, a: Code) -> Code:
        if a.ndim < 2:
            return a
        if a in self.symmetric or a.form is F.EYE or a.form is F.MATMULS and self.transpose(a.args[0]) is a.args[1]:
            return a
        if (
            a.form is F.FACTOR_INVERSE
            and a.args[0].form in (*F.CHOLESKIES, F.CHOLESKY_OR_LU)
            or a.form is F.INVERSE_TIMES_TERM
            and self.transpose(a.args[0]) is a.args[0]
        ):
            return a
        s, rest = self.coefficient(a)
        if rest is not a:
            return self.multiply(s, self.transpose(rest))
        return a.args[0] if a.form is F.T else self.call(F.T, a, shape=(a.shape[1], a.shape[0]))

    def conj(self, a: Code) -> Code:
        """The conjugate; of what is real, itself."""
        if not a.complex:
            return a
        if a.form is F.NEG:
            return self.negative(self.conj(a.args[0]))
        if a.form is F.T:
            return self.transpose(self.conj(a.args[0]))
        if a.form in (F.CONJ, F.CONJ_OF_NUMBER):
            return a.args[0]
        return self.call(F.CONJ_OF_NUMBER if a.plain else F.CONJ, a, shape=a.shape)

    def adjoint(self, a: Code) -> Code:
        """The conjugate transpose."""
        return self.transpose(self.conj(a))

    def real(self, a: Code) -> Code:
        """What is known to be real, as such."""
        if a.form is F.NEG:
            return self.negative(self.real(a.args[0]))
        return self.call(F.REAL, a, shape=a.shape) if a.complex else a

    def column(self, a: Code) -> Code:
        """A vector, to be spread over the columns of a matrix."""
        return self.call(F.COLUMN, a, shape=(a.shape[0], 1)) if a.ndim == 1 else a

    def row(self, a: Code) -> Code:
        return self.call(F.ROW, a, shape=(1, a.shape[0]))

    def matmul(self, a: Code, b: Code) -> Code:
        if a.form is F.EYE:
            return b
        if b.form is F.EYE:
            return a
        if F.NEG in (a.form, b.form):
            return self._signed(self.matmul, a, b)
        if a.ndim == b.ndim == 1 and self._product(b, a):
            a, b = b, a
        if a.ndim == b.ndim == 1 and F.CONJ in (a.form, b.form):
            return self._vdot(a, b)
        for x, y in ((a, b), (b, a)):  # a scalar comes out of a product, so that X'X stays one
            if x.form is F.TIMES and not x.args[0].shape and x.args[1].ndim:
                inner = (x.args[1], y) if x is a else (y, x.args[1])
                return self.multiply(x.args[0], self.matmul(*inner))
        for inverse, other in ((a, b), (b, a)):
            term = self._term(inverse, other)
            if term is not None:
                return self.call(F.INVERSE_TIMES_TERM, inverse, other, *term, shape=inverse.shape)
        if self.vectors_first and a.form is F.T and b.ndim == 1:
            a, b = b, a.args[0]
        elif not self.vectors_first and a.ndim == 1 and b.ndim == 2:
            a, b = self.transpose(b), a
        if a.shape == b.shape and a.ndim == 2:  # of products of square matrices, the one that is there already
            if a.form is F.MATMULS and a.args[1].shape == b.shape and self._product(a.args[1], b):
                a, b = a.args[0], self.matmul(a.args[1], b)
            elif b.form is F.MATMULS and b.args[0].shape == a.shape and self._product(a, b.args[0]):
                a, b = self.matmul(a, b.args[0]), b.args[1]
        if a.form is F.MATMULS and b.ndim == 1 and (right := self._product(a.args[1], b)) and (known := self._product(a.args[0], right)):
            return known  # A (B x), of which A B x is one
        if a.ndim == b.ndim == 2:  # the transpose of a product that is there already
            turned = (self.transpose(b), self.transpose(a))
            if turned != (a, b) and (found := self._product(*turned)):
                return self.transpose(found)
        return self.call(F.MATMULS, a, b, shape=a.shape[:-1] + (b.shape[1:] if b.ndim > 1 else ()))

    def _signed(self, join: Callable[[Code, Code], Code], a: Code, b: Code) -> Code:
        """What is linear in both, with their signs before it."""
        product = join(*(c.args[0] if c.form is F.NEG else c for c in (a, b)))
        return product if a.form is b.form else self.negative(product)

    def _vdot(self, a: Code, b: Code) -> Code:
        """The sum of a * b, one of them a conjugate."""
        if a.form is not F.CONJ:
            a, b = b, a
        return self.call(F.VDOT if a.ndim == 1 else F.VDOT_OF_MATRICES, a.args[0], b)

    def _product(self, a: Code, b: Code) -> Code | None:
        """The product, if it was asked for."""
        return self._known.get((F.MATMULS, (a, b), None, a.shape[:-1] + b.shape[1:]))

    def has_product(self, a: Code, b: Code) -> bool:
        """Whether the product of two matrices, or its transpose, was asked for."""
        return bool(self._product(a, b) or self._product(self.transpose(b), self.transpose(a)))

    def _term(self, inverse: Code, e: Code) -> tuple[Code, Code] | None:
        """(a, c) where `inverse` is that of a e + c I: then the two commute, and their product is (I - c inverse) / a."""
        if inverse.form is not F.FACTOR_INVERSE or inverse.complex or inverse.args[0].args[0].form is not F.ADD_DIAGONAL:
            return None
        whole, c, _ = inverse.args[0].args[0].args
        a, rest = self.coefficient(whole)
        return (a, c) if rest is e and not c.shape else None

    def outer(self, a: Code, b: Code) -> Code:
        return self.call(F.OUTER, a, b, shape=(a.shape[0], b.shape[0]))

    def inner(self, a: Code, b: Code) -> Code:
        """The sum of a * b over all entries."""
        if F.NEG in (a.form, b.form):
            return self._signed(self.inner, a, b)
        if a.ndim == 1:
            return self.matmul(a, b)
        if a.complex or b.complex:
            return self._vdot(a, b) if F.CONJ in (a.form, b.form) else self.call(F.SUM_OF_PRODUCTS, a, b)
        if a.form is F.T and a.args[0].form in F.FRESH and b.form in F.FRESH:
            return self.call(F.TRACE_OF_PRODUCT, a.args[0], b)
        return self.call(F.INNER, a, b)

    def flat(self, a: Code) -> Code:
        """The entries row by row."""
        if a.ndim < 2:
            return a
        return a.args[0] if a.form is F.RESHAPE and a.args[0].ndim == 1 else self.call(F.FLAT, a, shape=(a.shape[0] * a.shape[1],))

    def reshape(self, a: Code, rows: Size, columns: Size) -> Code:
        if a.form is F.FLAT and a.args[0].shape == (rows, columns):
            return a.args[0]
        return self.call(F.RESHAPE, a, self.size(rows), self.size(columns), shape=(rows, columns))

    def item(self, a: Code, j: Code) -> Code:
        """Row j of a matrix, entry j of a vector."""
        if a.form is F.ITEM:
            return self.call(F.ENTRY, *a.args, j, plain=False)
        if a.form is F.PICK:
            return self.call(F.ENTRY, a.args[0], j, a.args[1], plain=False)
        return self.pick(a.args[0], j) if a.form is F.T else self.call(F.ITEM, a, j, shape=a.shape[1:], plain=False)

    def pick(self, a: Code, j: Code) -> Code:
        """Column j of a matrix."""
        return self.item(a.args[0], j) if a.form is F.T else self.call(F.PICK, a, j, shape=a.shape[:1], plain=False)

    def sum(self, a: Code) -> Code:
        if a.form is F.TIMES and a.args[0].shape == a.args[1].shape:
            return self.inner(*a.args)
        if a.form is F.POWER and is_number(a.args[1], 2):
            return self.inner(a.args[0], a.args[0])
        return self.call(F.SUM, a.args[0] if a.form is F.T else a, plain=False)

    def sum_rows(self, a: Code) -> Code:
        return self.call(F.SUM_ROWS, a, shape=a.shape[:1])

    def sum_columns(self, a: Code) -> Code:
        return self.sum_rows(a.args[0]) if a.form is F.T else self.call(F.SUM_COLUMNS, a, shape=a.shape[1:])

    def diagonal(self, a: Code) -> Code:
        return self.call(F.DIAGONAL, a.args[0] if a.form is F.T else a, shape=a.shape[:1])


def broadcast(*shapes: tuple[Size, ...]) -> tuple[Size, ...]:
    """The shape of an elementwise operation.

    >>> broadcast((5, 1), (3,)), broadcast((), (4,))
    ((5, 3), (4,))
    """
    out: tuple[Size, ...] = ()
    for shape in shapes:
        a, b = (out, shape) if len(out) >= len(shape) else (shape, out)
        lead = len(a) - len(b)
        out = a[:lead] + tuple(y if x == 1 else x for x, y in zip(a[lead:], b, strict=True))
    return out


def _is_negative(c: Code) -> bool:
    """Whether it is written with a minus, -x, -2 or -2 * x."""
    first = c.args[0] if c.form is F.TIMES else c
    return c.form is F.NEG or first.form is F.NUMBER and first.data < 0


def decimal(value: Number) -> bool:
    """Whether a number is written exactly by a short decimal.

    >>> decimal(Fraction(1, 2)), decimal(Fraction(1, 3)), decimal(7)
    (True, False, True)
    """
    return isinstance(value, int) or (value.denominator <= 10**4 and len(repr(float(value))) <= 8 and Fraction(repr(float(value))) == value)
