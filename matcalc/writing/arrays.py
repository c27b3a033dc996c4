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
from functools import cache
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
_UNIT = "{out} = np.zeros({1}, {like}.dtype)\n{out}[{0}] = 1"
_COLUMN_SET = "{out} = np.zeros(({1}, {2}), {0}.dtype)\n{out}[:, {3}] = {0}"
_ROW_SET = "{out} = np.zeros(({1}, {2}), {0}.dtype)\n{out}[{3}] = {0}"
_ENTRY_SET = "{out} = np.zeros(({0}, {1}), {like}.dtype)\n{out}[{2}, {3}] = 1"


def _in_torch(text: str) -> str:
    """The same statements on an array made by torch, of the type and on the device of another."""
    return re.sub(r"np\.zeros\((.*), (\{\w+\})\.dtype\)", r"\2.new_zeros(\1)", text)


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

OUTER    = Form("outer",    "{0}[:, None] * {1}", prec=MUL, needs=(ATOM, POW))
INNER    = Form("inner",    "np.vdot({0}, {1})", jax="jnp.sum({0} * {1})", torch="torch.sum({0} * {1})")  # of two matrices: tr(A'B)
TRACE_OF_PRODUCT = Form("trace_of_product", "_trace_of_product({0}, {1})", jax="jnp.sum({0}.T * {1})", torch="torch.sum({0}.T * {1})")
SUM      = Form("sum",      "{0}.sum()")
# BLAS beats a reduction over short rows.
SUM_ROWS = Form("sum_rows", "{0} @ np.ones({0}.shape[1], {0}.dtype)",
                jax="{0}.sum(axis=1)", torch="{0}.sum(1)", prec=MATMUL, needs=(ATOM, ATOM, ATOM))
LARGEST_IN_ROWS = Form("largest", "{0}.max(axis=1)",            torch="{0}.amax(1)")
LARGEST  = Form("largest",  "{0}.max()")
LOGISTIC = Form("logistic", "1 / (1 + np.exp(np.minimum({0}, 709)))", prec=MUL)  # sigmoid(-x)
SOFTPLUS = Form("softplus", "np.maximum({0}, 0) + np.log1p(np.exp(-np.abs({0})))",
                jax="jax.nn.softplus({0})", torch="torch.nn.functional.softplus({0})")
ONE_OR   = Form("one_or",   "np.where({0} > 0, 1, {1})")
OR_ONE   = Form("or_one",   "np.where({0} > 0, {1}, 1)")
SUM_COLUMNS = Form("sum_columns", "{0}.sum(axis=0)")
TRACE    = Form("trace",    "{0}.trace()")
DIAGONAL = Form("diagonal", "np.diagonal({0})")
PROD     = Form("prod",     "np.prod({0})")
LOGABS   = Form("logabs",   "np.log(np.abs({0}))")

INV      = Form("inv",      "np.linalg.inv({0})")
SOLVE    = Form("solve",    "np.linalg.solve({0}, {1})")
MATRIX_POWER = Form("matrix_power", "np.linalg.matrix_power({0}, {1})")
TENSORDOT    = Form("tensordot", "np.tensordot({0}, {1}, 1)")
KRON     = Form("kron",     "({0}[:, None, :, None] * {1}[:, None, :]).reshape({2}, {3})")

EYE      = Form("eye",      "np.eye({0}, dtype={like}.dtype)",          torch="torch.eye({0}).to({like})")
DIAG     = Form("diag",     "np.diag({0})")
ONES     = Form("ones",     "np.ones({0}, {like}.dtype)",               torch="{like}.new_ones({0})")
ONES2    = Form("ones2",    "np.ones(({0}, {1}), {like}.dtype)",        torch="{like}.new_ones(({0}, {1}))")
ZEROS    = Form("zeros",    "np.zeros({0}, {like}.dtype)",              torch="{like}.new_zeros({0})")
ZEROS2   = Form("zeros2",   "np.zeros(({0}, {1}), {like}.dtype)",       torch="{like}.new_zeros(({0}, {1}))")
TILE     = Form("tile",     "np.tile({0}, ({1}, {2}))")
UNIT     = Form("unit",     _UNIT,                            torch=_in_torch(_UNIT),
                      jax="jax.nn.one_hot({0}, {1}, dtype={like}.dtype)")
SET_COLUMN = Form("set_column", _COLUMN_SET,                  torch=_in_torch(_COLUMN_SET),
                      jax="jnp.zeros(({1}, {2}), {0}.dtype).at[:, {3}].set({0})")
SET_ROW  = Form("set_row",  _ROW_SET,                        torch=_in_torch(_ROW_SET),
                      jax="jnp.zeros(({1}, {2}), {0}.dtype).at[{3}].set({0})")
SET_ENTRY = Form("set_entry", _ENTRY_SET,                    torch=_in_torch(_ENTRY_SET),
                      jax="jnp.zeros(({0}, {1}), {like}.dtype).at[{2}, {3}].set(1)")
ADD_DIAGONAL = Form("add_diagonal", "_plus_diagonal({0}.copy(), {1})", jax="{0} + {1} * jnp.eye({2}, dtype={like}.dtype)",
                    torch="torch.diagonal_scatter({0}, torch.diagonal({0}) + {1})")
STACK    = Form("stack",    "np.array([{*}])",                  jax="jnp.array([{*}])", torch="torch.stack([{*}])")
DEEP     = Form("deep",     "{0}[:, :, None]")
MIDDLE   = Form("middle",   "{0}[:, None, :]")
FIRST    = Form("first",    "{0}[:, 0]")
SWAPPED  = Form("swapped",  "{0}.transpose(0, 2, 1)",           torch="{0}.transpose(1, 2)")
KHATRI_RAO = Form("khatri_rao", "({0}[:, None, :] * {1}).reshape(-1, {0}.shape[1])")  # row by row, of matrices with as many columns
ADD_DIAGONALS = Form("add_diagonals", "_plus_diagonals({0}.copy(), {1})",
                     jax="{0} + {1}[:, :, None] * jnp.eye({2}, dtype={like}.dtype)", torch="{0} + {1}[:, :, None] * torch.eye({2}).to({0})")
SPREAD_BLOCKS = Form("spread_blocks", "_diagonal_blocks({0})")
BLOCK_DIAGONAL_GRAM = Form("block_diagonal_gram", "_block_diagonal_gram({0}, {1}, {2})")
GRAM     = Form("gram",     "_gram({0}, {1})")
GRAM2    = Form("gram2",    "_gram2({0}, {1}, {2})")
KRON_EYE = Form("kron_eye", "_kron_eye({0}, {1})")              # A ⊗ I
EYE_KRON = Form("eye_kron", "_eye_kron({0}, {1})")
KRON_DIAG = Form("kron_diag", "_kron_diag({0}, {1})")           # A ⊗ Diag(d)
DIAG_KRON = Form("diag_kron", "_diag_kron({0}, {1})")
KRON_SUM = Form("kron_sum", "_kron_sum([{*even}], [{*odd}])")   # A ⊗ B + C ⊗ D
COMMUTED_KRON_SUM = Form("commuted_kron_sum", "_commuted_kron_sum([{*even}], [{*odd}])")  # K (A ⊗ B + C ⊗ D)

FACTOR   = Form("factor",   "_factor({0})")
CHOLESKY = Form("cholesky", "_cholesky({0})")                   # of a symmetric matrix; LU where it is indefinite
FACTOR_SOLVE = Form("factor_solve", "_solve({0}, {1})")
FACTOR_SOLVE_TURNED = Form("factor_solve_turned", "_solve({0}, {1}, 1)")
FACTOR_INVERSE = Form("factor_inverse", "_inverse({0})")
INVERSE_TIMES_TERM = Form("inverse_times_term", "_inverse_times_term({0}, {1}, {2}, {3})",  # K^-1 e of K = a e + c I
                          torch="{0} @ {1}")
FACTOR_LOGDET = Form("factor_logdet", "_logdet({0})")
FACTOR_DET = Form("factor_det", "_det({0})")

ASARRAY  = Form("asarray",  "np.asarray({0})",                  torch="_scalar({0})")
# fmt: on

# What a factorisation is asked for, and how that is written where nothing else is asked of it.
ALONE = {
    FACTOR_SOLVE: SOLVE, FACTOR_INVERSE: INV,
    FACTOR_SOLVE_TURNED: Form("solve_turned", "np.linalg.solve({0}.T, {1})"),
    FACTOR_LOGDET: Form("logdet", "np.linalg.slogdet({0})[1]"),
    FACTOR_DET: Form("det", "np.linalg.det({0})"),
}  # fmt: skip
# What makes a new array, that may be changed in place by the only one who uses it.
FRESH = (MATMULS, ADDED, LESS, TIMES, OVER, NEG, POWER, SQRT, OUTER, INV, FACTOR_INVERSE, ADD_DIAGONAL, ADD_DIAGONALS)
# What is written over its operand, in NumPy, where nobody else uses that; elementwise functions are, too.
IN_PLACE = {
    ADD_DIAGONAL: Form("add_diagonal_in_place", "_plus_diagonal({0}, {1})"),
    ADD_DIAGONALS: Form("add_diagonals_in_place", "_plus_diagonals({0}, {1})"),
    CHOLESKY: Form("cholesky_in_place", "_cholesky({0}, True)"),
}  # fmt: skip


@cache
def in_place(form: Form | Op) -> Form | None:
    """The form that writes over its first operand, if there is one.

    >>> in_place(SQRT).numpy
    '_over(np.sqrt, {0})'
    """
    if form in IN_PLACE:
        return IN_PLACE[form]
    function = re.fullmatch(r"((?:np|sc)\.\w+)\(\{0\}\)", form.numpy)
    elementwise = form is SQRT or isinstance(form, Op) and form.elementwise
    return Form(f"{form.name}_in_place", f"_over({function[1]}, {{0}})") if function and elementwise else None


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
        if FLAT in (a.form, b.form) and all(c.form is FLAT or not c.shape for c in (a, b)):  # elementwise before the entries are lined up
            x, y = (c.args[0] if c.form is FLAT else c for c in (a, b))
            if not x.shape or not y.shape or x.shape == y.shape:
                return self.flat(self.infix(form, x, y))
        return self.call(form, a, b, shape=broadcast(a.shape, b.shape))

    def _coefficient(self, a: Code) -> tuple[Code, Code]:
        """The scalar before a vector or a matrix, and the rest."""
        if a.form is NEG:
            s, rest = self._coefficient(a.args[0])
            return self.negative(s), rest
        return a.args if a.form is TIMES and not a.args[0].shape else (self.number(1), a)  # type: ignore[return-value]

    def add(self, a: Code, b: Code) -> Code:
        if a.shape and a.shape == b.shape:
            (s, x), (t, y) = self._coefficient(a), self._coefficient(b)
            if x is y:
                return self.multiply(self.add(s, t), x)
        if a.form is NUMBER and b.form is NUMBER:
            return self.number(a.data + b.data)
        if is_number(a, 0) and not a.shape or is_number(b, 0):
            return b if is_number(a, 0) else a
        if _is_negative(b):
            return self.less(a, self.negative(b))
        return self.less(b, self.negative(a)) if _is_negative(a) else self.infix(ADDED, a, b)

    def less(self, a: Code, b: Code) -> Code:
        """a - b, which is -(b - a) where that is computed already."""
        if a.form is LESS and a.args[1] is b and not b.shape:
            return self.less(a.args[0], self.multiply(self.number(2), b))
        turned = self._known.get((LESS, (b, a), None, broadcast(b.shape, a.shape)))
        return self.infix(LESS, a, b) if turned is None else self.negative(turned)

    def elementwise(self, op: Form | Op, x: Code) -> Code:
        if x.form is FLAT:
            return self.flat(self.elementwise(op, x.args[0]))
        if not isinstance(op, Form) and op.name == "sigmoid":
            minus = self.negative(x)
            turned = self._known.get((op, (minus,), None, x.shape)) or self._known.get((LOGISTIC, (x,), None, x.shape))
            if turned is not None:
                return self.infix(LESS, self.number(1), turned)
            if x.ndim == 2:
                return self.call(LOGISTIC, minus, shape=x.shape)
        return self.call(op, x, shape=x.shape)

    def negative(self, a: Code) -> Code:
        if a.form is NUMBER:
            return self.number(-a.data)
        if a.form is NEG:
            return a.args[0]
        if a.form is TIMES and a.args[0].form is NUMBER:
            return self.multiply(self.number(-a.args[0].data), a.args[1])
        if a.form is FLAT:
            return self.flat(self.negative(a.args[0]))
        return self.call(NEG, a, shape=a.shape)

    def multiply(self, a: Code, b: Code) -> Code:
        if b.form is NUMBER:
            a, b = b, a
        if a.form is NUMBER:
            if b.form is NUMBER:
                return self.number(a.data * b.data)
            if b.form is TIMES and b.args[0].form is NUMBER:
                return self.multiply(self.number(a.data * b.args[0].data), b.args[1])
            if a.data == 0 and not b.shape:
                return a
            if a.data == 1 or a.data == -1:
                return b if a.data == 1 else self.negative(b)
            if not decimal(a.data):
                top = self.multiply(self.number(a.data.numerator), b)
                return self.infix(OVER, top, self.number(a.data.denominator))
        if b.form is NEG:
            return self.negative(self.multiply(a, b.args[0]))
        if a.form is NEG:
            return self.negative(self.multiply(a.args[0], b))
        if not a.shape and b.shape and b.form is TIMES and not b.args[0].shape:  # scalars are multiplied before they meet an array
            return self.multiply(self.multiply(a, b.args[0]), b.args[1])
        turned = (TIMES, (b, a), None, broadcast(b.shape, a.shape)) in self._known
        return self.infix(TIMES, *((b, a) if turned else (a, b)))

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
        if a.form is EYE or a.form is MATMULS and self.transpose(a.args[0]) is a.args[1]:
            return a
        if (
            a.form is FACTOR_INVERSE
            and a.args[0].form is CHOLESKY
            or a.form is INVERSE_TIMES_TERM
            and self.transpose(a.args[0]) is a.args[0]
        ):
            return a
        if a.form is NEG:
            return self.negative(self.transpose(a.args[0]))
        if a.form is TIMES and not a.args[0].shape:
            return self.multiply(a.args[0], self.transpose(a.args[1]))
        return a.args[0] if a.form is T else self.call(T, a, shape=(a.shape[1], a.shape[0]))

    def column(self, a: Code) -> Code:
        """A vector, to be spread over the columns of a matrix."""
        return self.call(COLUMN, a, shape=(a.shape[0], 1)) if a.ndim == 1 else a

    def row(self, a: Code) -> Code:
        return self.call(ROW, a, shape=(1, a.shape[0]))

    def matmul(self, a: Code, b: Code) -> Code:
        if a.form is EYE:
            return b
        if b.form is EYE:
            return a
        if NEG in (a.form, b.form):
            x, y = (c.args[0] if c.form is NEG else c for c in (a, b))
            product = self.matmul(x, y)
            return product if a.form is b.form else self.negative(product)
        if a.ndim == b.ndim == 1 and (MATMULS, (b, a), None, ()) in self._known:
            a, b = b, a
        for x, y in ((a, b), (b, a)):  # a scalar comes out of a product, so that X'X stays one
            if x.form is TIMES and not x.args[0].shape and x.args[1].ndim:
                inner = (x.args[1], y) if x is a else (y, x.args[1])
                return self.multiply(x.args[0], self.matmul(*inner))
        for inverse, other in ((a, b), (b, a)):
            term = self._term(inverse, other)
            if term is not None:
                return self.call(INVERSE_TIMES_TERM, inverse, other, *term, shape=inverse.shape)
        if self.vectors_first and a.form is T and b.ndim == 1:
            a, b = b, a.args[0]
        elif not self.vectors_first and a.ndim == 1 and b.ndim == 2:
            a, b = self.transpose(b), a
        if a.shape == b.shape and a.ndim == 2:  # of products of square matrices, the one that is there already
            if a.form is MATMULS and a.args[1].shape == b.shape and (MATMULS, (a.args[1], b), None, b.shape) in self._known:
                a, b = a.args[0], self.matmul(a.args[1], b)
            elif b.form is MATMULS and b.args[0].shape == a.shape and (MATMULS, (a, b.args[0]), None, a.shape) in self._known:
                a, b = self.matmul(a, b.args[0]), b.args[1]
        if a.form is MATMULS and b.ndim == 1 and (right := self._known.get((MATMULS, (a.args[1], b), None, a.args[1].shape[:1]))):
            known = self._known.get((MATMULS, (a.args[0], right), None, a.shape[:1]))  # A (B x), of which A B x is one
            if known:
                return known
        return self.call(MATMULS, a, b, shape=a.shape[:-1] + (b.shape[1:] if b.ndim > 1 else ()))

    def _term(self, inverse: Code, e: Code) -> tuple[Code, Code] | None:
        """(a, c) where `inverse` is that of a e + c I: then the two commute, and their product is (I - c inverse) / a."""
        if inverse.form is not FACTOR_INVERSE or inverse.args[0].args[0].form is not ADD_DIAGONAL:
            return None
        whole, c, _ = inverse.args[0].args[0].args
        a, rest = self._coefficient(whole)
        return (a, c) if rest is e and not c.shape else None

    def outer(self, a: Code, b: Code) -> Code:
        return self.call(OUTER, a, b, shape=(a.shape[0], b.shape[0]))

    def inner(self, a: Code, b: Code) -> Code:
        """The sum of a * b over all entries."""
        if NEG in (a.form, b.form):
            x, y = (c.args[0] if c.form is NEG else c for c in (a, b))
            product = self.inner(x, y)
            return product if a.form is b.form else self.negative(product)
        if a.ndim == 1:
            return self.matmul(a, b)
        if a.form is T and b.form is T:
            a, b = a.args[0], b.args[0]
        if a.form is T and a.args[0].form in FRESH and b.form in FRESH:
            return self.call(TRACE_OF_PRODUCT, a.args[0], b)
        return self.call(INNER, a, b)

    def flat(self, a: Code) -> Code:
        """The entries row by row."""
        if a.ndim < 2:
            return a
        return a.args[0] if a.form is RESHAPE and a.args[0].ndim == 1 else self.call(FLAT, a, shape=(a.shape[0] * a.shape[1],))

    def entries(self, a: Code, depth: int = 8) -> list[Code | None] | None:
        """The entries of a vector that is put together from scalars, None for zeros; None where it is not."""
        if a.form is STACK:
            return list(a.args)
        if a.form is UNIT and all(c.form is NUMBER for c in a.args):
            return [self.number(1) if j == a.args[0].data else None for j in range(int(a.args[1].data))]
        if depth == 0 or a.form not in (NEG, TIMES, ADDED, LESS) or a.form is TIMES and a.args[0].shape:
            return None
        *scale, x = a.args if a.form in (NEG, TIMES) else a.args[:1]
        left = self.entries(x, depth - 1)
        if left is None:
            return None
        if a.form in (NEG, TIMES):
            return [c and (self.multiply(scale[0], c) if scale else self.negative(c)) for c in left]
        right = self.entries(a.args[1], depth - 1)
        sign = self.negative if a.form is LESS else lambda c: c
        return right and [c and d and self.add(c, sign(d)) or c or d and sign(d) for c, d in zip(left, right, strict=True)]

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
        if a.form is NEG:
            return self.negative(self.sum(a.args[0]))
        if a.form is TIMES and a.args[0].shape == a.args[1].shape:
            return self.inner(*a.args)
        if a.form is TIMES and a.args[0].form is NUMBER:
            return self.multiply(a.args[0], self.sum(a.args[1]))
        if a.form is POWER and is_number(a.args[1], 2):
            return self.inner(a.args[0], a.args[0])
        if a.form in (ADDED, LESS) and a.ndim == 2 and all(c.form is TIMES and c.shape == a.shape for c in a.args):
            return self.call(a.form, *map(self.sum, a.args))
        return self.call(SUM, a.args[0] if a.form is T else a, plain=False)

    def sum_rows(self, a: Code) -> Code:
        if a.form is T:
            return self.sum_columns(a.args[0])
        return self.call(SUM_ROWS, a, shape=a.shape[:1])

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


def _is_negative(c: Code) -> bool:
    """Whether it is written with a minus, -x, -2 or -2 * x."""
    first = c.args[0] if c.form is TIMES else c
    return c.form is NEG or first.form is NUMBER and first.data < 0


def is_number(c: Code, value: int) -> bool:
    return c.form is NUMBER and c.data == value


def decimal(value: Number) -> bool:
    """Whether a number is written exactly by a short decimal.

    >>> decimal(Fraction(1, 2)), decimal(Fraction(1, 3)), decimal(7)
    (True, False, True)
    """
    return isinstance(value, int) or (value.denominator <= 10**4 and len(repr(float(value))) <= 8 and Fraction(repr(float(value))) == value)
