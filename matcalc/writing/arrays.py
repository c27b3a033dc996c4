"""Array code before it is text: what a program computes, as a graph of calls on arrays, the same for every target.

A vector is a 1-D array here, a column and a row alike.  `Form` is a row of the table of what array libraries can do, with
a template per target; rows of the operator table serve as forms too.  Equal calls are one object, so what an
expression shares, and what only its code shares, is computed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from matcalc.expr.dims import Dim, Size
from matcalc.expr.heads import Number, exact
from matcalc.expr.node import Op

ADD, MATMUL, MUL, POW, ATOM = range(1, 6)  # how tightly a piece of source binds


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One thing an array library does.  An empty column repeats numpy's, under the other library's name.

    A template of several lines is a statement that fills ``{out}``.  `needs` is how tightly the operands of an
    infix operator must bind; operands of calls are taken as they are.
    """

    name: str
    numpy: str
    torch: str = ""
    jax: str = ""
    prec: int = ATOM
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Code:
    """A form applied to code.  `plain` says that it may be a Python number, which torch's functions refuse."""

    form: Form | Op
    args: tuple[Code, ...]
    data: Any
    shape: tuple[Size, ...]
    plain: bool

    @property
    def ndim(self) -> int:
        return len(self.shape)


# Statements of several lines.
_PLUS_DIAGONAL = "{out} = np.array({0}, dtype=np.result_type({0}, {1}))\n{out}.flat[:: {2} + 1] += {1}"
_UNIT = "{out} = np.zeros({1})\n{out}[{0}] = 1"
_COLUMN_SET = "{out} = np.zeros(({1}, {2}), {0}.dtype)\n{out}[:, {3}] = {0}"
_ROW_SET = "{out} = np.zeros(({1}, {2}), {0}.dtype)\n{out}[{3}] = {0}"
_ENTRY_SET = "{out} = np.zeros(({0}, {1}))\n{out}[{2}, {3}] = 1"


def _in_torch(text: str) -> str:
    """The same statements on an array made by torch, of the type and on the device of another."""
    text = re.sub(r"np\.zeros\((.*), \{0\}\.dtype\)", r"{0}.new_zeros(\1)", text)
    return text.replace("np.zeros(", "{like}.new_zeros(")


# fmt: off
NUMBER   = Form("number",   "")   # data: the exact value
SIZE     = Form("size",     "")   # data: a Dim
ARGUMENT = Form("argument", "")   # data: the key of the argument
CALL     = Form("call",     "{0}({1})")

ADDED    = Form("add",      "{0} + {1}",  prec=ADD,    needs=(ADD, MATMUL))
LESS     = Form("subtract", "{0} - {1}",  prec=ADD,    needs=(ADD, MATMUL))
TIMES    = Form("multiply", "{0} * {1}",  prec=MUL,    needs=(MUL, POW))
OVER     = Form("divide",   "{0} / {1}",  prec=MUL,    needs=(MUL, POW))
NEG      = Form("negative", "-{0}",       prec=MUL,    needs=(MUL,))
POWER    = Form("power",    "{0}**{1}",   prec=POW,    needs=(ATOM, ATOM))
SQRT     = Form("sqrt",     "np.sqrt({0})")
MATMULS  = Form("matmul",   "{0} @ {1}",  prec=MATMUL, needs=(POW, POW))

T        = Form("T",        "{0}.T")
COLUMN   = Form("column",   "{0}[:, None]")
ROW      = Form("row",      "{0}[None, :]")
FLAT     = Form("flat",     "{0}.reshape(-1)")
RESHAPE  = Form("reshape",  "{0}.reshape({1}, {2})")
CUBE     = Form("cube",     "{0}.reshape({1}, {2}, {3})")
ITEM     = Form("item",     "{0}[{1}]")             # one entry of a vector, one row of a matrix
PICK     = Form("pick",     "{0}[:, {1}]")
ENTRY    = Form("entry",    "{0}[{1}, {2}]")
TAKE     = Form("take",     "{0}[{1}]")             # rows or entries by a permutation
TAKE_COLUMNS = Form("take_columns", "{0}[:, {1}]")
PERMUTATION  = Form("permutation", "np.arange({0} * {1}).reshape({1}, {0}).T.reshape(-1)")

OUTER    = Form("outer",    "np.outer({0}, {1})")
INNER    = Form("inner",    "np.vdot({0}, {1})", torch="torch.sum({0} * {1})")  # of two matrices: tr(A'B)
SUM      = Form("sum",      "np.sum({0})")
SUM_ROWS = Form("sum_rows", "{0}.sum(axis=1)")
SUM_COLUMNS = Form("sum_columns", "{0}.sum(axis=0)")
TRACE    = Form("trace",    "np.trace({0})")
DIAGONAL = Form("diagonal", "np.diagonal({0})")
PROD     = Form("prod",     "np.prod({0})")
LOGABS   = Form("logabs",   "np.log(np.abs({0}))")

INV      = Form("inv",      "np.linalg.inv({0})")
SOLVE    = Form("solve",    "np.linalg.solve({0}, {1})")
MATRIX_POWER = Form("matrix_power", "np.linalg.matrix_power({0}, {1})")
TENSORDOT    = Form("tensordot", "np.tensordot({0}, {1}, 1)")
KRON     = Form("kron",     "np.kron({0}, {1})",                torch="torch.kron({0}.contiguous(), {1}.contiguous())")

EYE      = Form("eye",      "np.eye({0})",                      torch="torch.eye({0}).to({like})")
DIAG     = Form("diag",     "np.diag({0})")
ONES     = Form("ones",     "np.ones({0})",                     torch="{like}.new_ones({0})")
ONES2    = Form("ones2",    "np.ones(({0}, {1}))",              torch="{like}.new_ones(({0}, {1}))")
ZEROS    = Form("zeros",    "np.zeros({0})",                    torch="{like}.new_zeros({0})")
ZEROS2   = Form("zeros2",   "np.zeros(({0}, {1}))",             torch="{like}.new_zeros(({0}, {1}))")
TILE     = Form("tile",     "np.tile({0}, ({1}, {2}))")
UNIT     = Form("unit",     _UNIT,                            torch=_in_torch(_UNIT), jax="jax.nn.one_hot({0}, {1})")
SET_COLUMN = Form("set_column", _COLUMN_SET,                  torch=_in_torch(_COLUMN_SET), jax="jnp.zeros(({1}, {2})).at[:, {3}].set({0})")
SET_ROW  = Form("set_row",  _ROW_SET,                        torch=_in_torch(_ROW_SET), jax="jnp.zeros(({1}, {2})).at[{3}].set({0})")
SET_ENTRY = Form("set_entry", _ENTRY_SET,                    torch=_in_torch(_ENTRY_SET), jax="jnp.zeros(({0}, {1})).at[{2}, {3}].set(1)")
ADD_DIAGONAL = Form("add_diagonal", _PLUS_DIAGONAL,             jax="{0} + {1} * jnp.eye({2})",
                    torch="torch.diagonal_scatter({0}, torch.diagonal({0}) + {1})")
ASARRAY  = Form("asarray",  "np.asarray({0})",                  torch="torch.as_tensor({0}, dtype=torch.float64)")
# fmt: on

INFIX = (ADDED, LESS, TIMES, OVER)
WEAKER = {LESS: ADDED, OVER: TIMES}


class Arrays:
    """Makes code: equal calls are one object, and what costs nothing is not written (x + 0, A.T.T, 1 * x).

    `vectors_first` writes x @ A for A.T @ x: a compiler like XLA would form the transpose.
    """

    def __init__(self, vectors_first: bool = False) -> None:
        self.vectors_first = vectors_first
        self._known: dict[tuple[Any, ...], Code] = {}

    def call(self, form: Form | Op, *args: Code, data: Any = None, shape: tuple[Size, ...] = (), plain: bool | None = None) -> Code:
        key = (form, args, data, shape)
        found = self._known.get(key)
        if found is None:
            is_plain = plain if plain is not None else not shape and all(a.plain for a in args)
            found = self._known[key] = Code(form, args, data, shape, is_plain)
        return found

    def number(self, value: Number) -> Code:
        return self.call(NUMBER, data=exact(value), plain=True)

    def size(self, n: Size) -> Code:
        return self.call(SIZE, data=n, plain=True) if isinstance(n, Dim) else self.number(n)

    def argument(self, key: Any, shape: tuple[Size, ...], plain: bool) -> Code:
        return self.call(ARGUMENT, data=key, shape=shape, plain=plain)

    def infix(self, form: Form, a: Code, b: Code) -> Code:
        return self.call(form, a, b, shape=broadcast(a.shape, b.shape))

    def add(self, a: Code, b: Code) -> Code:
        if is_number(a, 0) and not a.shape or is_number(b, 0):
            return b if is_number(a, 0) else a
        if b.form is NEG:
            return self.infix(LESS, a, b.args[0])
        return self.infix(LESS, b, a.args[0]) if a.form is NEG else self.infix(ADDED, a, b)

    def negative(self, a: Code) -> Code:
        if a.form is NUMBER:
            return self.number(-a.data)
        if a.form is NEG:
            return a.args[0]
        if a.form is TIMES and a.args[0].form is NUMBER:
            return self.multiply(self.number(-a.args[0].data), a.args[1])
        return self.call(NEG, a, shape=a.shape)

    def multiply(self, a: Code, b: Code) -> Code:
        if b.form is NUMBER:
            a, b = b, a
        if a.form is NUMBER:
            if b.form is NUMBER:
                return self.number(a.data * b.data)
            if a.data == 1 or a.data == -1:
                return b if a.data == 1 else self.negative(b)
            if not decimal(a.data):
                top = self.multiply(self.number(a.data.numerator), b)
                return self.infix(OVER, top, self.number(a.data.denominator))
        if b.form is NEG:
            return self.negative(self.multiply(a, b.args[0]))
        return self.infix(TIMES, a, b)

    def divide(self, a: Code, b: Code) -> Code:
        return a if is_number(b, 1) else self.infix(OVER, a, b)

    def power(self, x: Code, exponent: Number | Code) -> Code:
        """x**exponent, by products, square roots and a division where the exponent is small."""
        if isinstance(exponent, Code):
            return self.call(POWER, x, exponent, shape=x.shape)
        if exponent < 0:
            return self.divide(self.number(1), self.power(x, -exponent))
        whole, rest = divmod(exponent, 1)
        if rest not in (0, Fraction(1, 2)) or whole > 64:
            shown = (
                self.number(exponent) if decimal(exponent) else self.divide(*map(self.number, (exponent.numerator, exponent.denominator)))
            )
            return self.call(POWER, x, shown, shape=x.shape)
        out = self._whole_power(x, int(whole)) if whole else None
        if rest:
            root = self.call(SQRT, x, shape=x.shape)
            out = root if out is None else self.multiply(out, root)
        return self.number(1) if out is None else out

    def _whole_power(self, x: Code, k: int) -> Code:
        if k == 1:
            return x
        half = self._whole_power(x, k // 2)
        squared = self.call(POWER, half, self.number(2), shape=x.shape)
        return squared if k % 2 == 0 else self.multiply(squared, x)

    def transpose(self, a: Code) -> Code:
        if a.ndim < 2:
            return a
        if a.form is MATMULS and self.transpose(a.args[0]) is a.args[1]:
            return a
        return a.args[0] if a.form is T else self.call(T, a, shape=(a.shape[1], a.shape[0]))

    def column(self, a: Code) -> Code:
        """A vector, to be spread over the columns of a matrix."""
        return self.call(COLUMN, a, shape=(a.shape[0], 1)) if a.ndim == 1 else a

    def row(self, a: Code) -> Code:
        return self.call(ROW, a, shape=(1, a.shape[0]))

    def matmul(self, a: Code, b: Code) -> Code:
        if a.form is NEG:
            return self.negative(self.matmul(a.args[0], b))
        if self.vectors_first and a.form is T and b.ndim == 1:
            a, b = b, a.args[0]
        return self.call(MATMULS, a, b, shape=a.shape[:-1] + (b.shape[1:] if b.ndim > 1 else ()))

    def outer(self, a: Code, b: Code) -> Code:
        return self.call(OUTER, a, b, shape=(a.shape[0], b.shape[0]))

    def inner(self, a: Code, b: Code) -> Code:
        """The sum of a * b over all entries."""
        if a.ndim == 1:
            return self.matmul(a, b)
        if a.form is T and b.form is T:
            a, b = a.args[0], b.args[0]
        return self.call(INNER, a, b)

    def flat(self, a: Code) -> Code:
        """The entries row by row."""
        if a.ndim < 2:
            return a
        return a.args[0] if a.form is RESHAPE and a.args[0].ndim == 1 else self.call(FLAT, a, shape=(a.shape[0] * a.shape[1],))

    def reshape(self, a: Code, rows: Size, columns: Size) -> Code:
        if a.form is FLAT and a.args[0].shape == (rows, columns):
            return a.args[0]
        return self.call(RESHAPE, a, self.size(rows), self.size(columns), shape=(rows, columns))

    def item(self, a: Code, j: Code) -> Code:
        """Row j of a matrix, entry j of a vector."""
        if a.form is ITEM:
            return self.call(ENTRY, *a.args, j, plain=False)
        if a.form is PICK:
            return self.call(ENTRY, a.args[0], j, a.args[1], plain=False)
        return self.pick(a.args[0], j) if a.form is T else self.call(ITEM, a, j, shape=a.shape[1:], plain=False)

    def pick(self, a: Code, j: Code) -> Code:
        """Column j of a matrix."""
        return self.item(a.args[0], j) if a.form is T else self.call(PICK, a, j, shape=a.shape[:1], plain=False)

    def sum(self, a: Code) -> Code:
        return self.call(SUM, a.args[0] if a.form is T else a, plain=False)

    def sum_rows(self, a: Code) -> Code:
        return self.sum_columns(a.args[0]) if a.form is T else self.call(SUM_ROWS, a, shape=a.shape[:1])

    def sum_columns(self, a: Code) -> Code:
        return self.sum_rows(a.args[0]) if a.form is T else self.call(SUM_COLUMNS, a, shape=a.shape[1:])

    def diagonal(self, a: Code) -> Code:
        return self.call(DIAGONAL, a.args[0] if a.form is T else a, shape=a.shape[:1])

    def solve(self, a: Code, b: Code) -> Code:
        return self.call(SOLVE, a, b, shape=b.shape)

    def combined(self, codes: list[Code], join: Callable[[Code, Code], Code]) -> Code:
        """The codes joined from left to right, numbers and vectors before matrices where that saves work."""
        out = codes[0]
        for c in codes[1:]:
            out = join(out, c)
        return out


def broadcast(a: tuple[Size, ...], b: tuple[Size, ...]) -> tuple[Size, ...]:
    """The shape of an elementwise operation.

    >>> broadcast((5, 1), (3,)), broadcast((), (4,))
    ((5, 3), (4,))
    """
    if len(a) < len(b):
        a, b = b, a
    lead = len(a) - len(b)
    return a[:lead] + tuple(y if x == 1 else x for x, y in zip(a[lead:], b, strict=True))


def is_number(c: Code, value: int) -> bool:
    return c.form is NUMBER and c.data == value


def decimal(value: Number) -> bool:
    """Whether a number is written exactly by a short decimal.

    >>> decimal(Fraction(1, 2)), decimal(Fraction(1, 3)), decimal(7)
    (True, False, True)
    """
    return isinstance(value, int) or (value.denominator <= 10**4 and len(repr(float(value))) <= 8 and Fraction(repr(float(value))) == value)
