"""The table of forms: what array libraries can do, with a template per target, and code, which is forms applied to code.

A vector is a 1-D array here, a column and a row alike.  `Form` is a row of the table of what array libraries can do, with
a template per target; rows of the operator table serve as forms too.  Equal calls are one object, so what an
expression shares, and what only its code shares, is computed once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from matcalc.expr.dims import Size
from matcalc.expr.node import Op

ADD, MATMUL, MUL, POW, ATOM = range(1, 6)  # how tightly a piece of source binds


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One thing an array library does.  An empty column repeats numpy's, under the other library's name.

    A template of several lines is a statement that fills ``{out}``.  A `view` of an array costs nothing; what is `real` is so of
    complex operands, too.
    """

    name: str
    numpy: str
    torch: str = ""
    jax: str = ""
    view: bool = False
    real: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Code:
    """A form applied to code.  `plain` says that it may be a Python number, which torch's functions refuse; `complex`, of which numbers."""

    form: Form | Op
    args: tuple[Code, ...]
    data: Any
    shape: tuple[Size, ...]
    plain: bool
    complex: bool = False

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
MAPPED   = Form("call",     "{0}({1})")   # of each entry

ADDED    = Form("add",      "{0} + {1}")
LESS     = Form("subtract", "{0} - {1}")
TIMES    = Form("multiply", "{0} * {1}")
OVER     = Form("divide",   "{0} / {1}")
NEG      = Form("negative", "-{0}")
POWER    = Form("power",    "{0}**{1}")
SQRT     = Form("sqrt",     "np.sqrt({0})")
MATMULS  = Form("matmul",   "{0} @ {1}")
TURNED_PRODUCT = Form("turned_product", "({0} @ {1}).T")        # a thin matrix whose columns lie one after the other

THIN_PRODUCT = Form("thin_product", "({0} @ {1}).T")            # of a thin matrix whose columns lie so: BLAS is faster there
BY_COLUMNS = Form("by_columns", "np.asfortranarray({0})")

T        = Form("T",        "{0}.T", view=True)
CONJ     = Form("conj",     "{0}.conj()")
CONJ_OF_NUMBER = Form("conj", "np.conj({0})")                   # of what may be a number of Python's
REAL     = Form("real",     "{0}.real", view=True, real=True)   # of what is known to be real
IMAGINARY = Form("i",       "1j")
COLUMN   = Form("column",   "{0}[:, None]", view=True)
ROW      = Form("row",      "{0}[None, :]", view=True)
FLAT     = Form("flat",     "{0}.reshape(-1)")
RESHAPE  = Form("reshape",  "{0}.reshape({1}, {2})")
CUBE     = Form("cube",     "{0}.reshape({1}, {2}, {3})")
ITEM     = Form("item",     "{0}[{1}]")             # one entry of a vector, one row of a matrix
PICK     = Form("pick",     "{0}[:, {1}]")
ENTRY    = Form("entry",    "{0}[{1}, {2}]")
TAKE     = Form("take",     "{0}[{1}]")             # rows or entries by a permutation
TAKE_COLUMNS = Form("take_columns", "{0}[:, {1}]")
PERMUTATION  = Form("permutation", "np.arange({0} * {1}).reshape({1}, {0}).T.reshape(-1)")

OUTER    = Form("outer",    "{0}[:, None] * {1}")
INNER    = Form("inner",    "np.vdot({0}, {1})", jax="jnp.sum({0} * {1})", torch="torch.sum({0} * {1})")  # of two matrices: tr(A'B)
SUM_OF_PRODUCTS = Form("inner", "np.sum({0} * {1})")            # tr(A'B) of complex matrices
TO_COMPLEX = Form("to_complex", "{0} + 0j")
VDOT     = Form("vdot",     "np.vdot({0}, {1})")                # of complex vectors or matrices: tr(A^H B)
VDOT_OF_MATRICES = Form("vdot", "np.vdot({0}, {1})", torch="torch.sum({0}.conj() * {1})")
TRACE_OF_PRODUCT = Form("trace_of_product", "_trace_of_product({0}, {1})", jax="jnp.sum({0}.T * {1})", torch="torch.sum({0}.T * {1})")
SUM      = Form("sum",      "{0}.sum()")
# BLAS beats a reduction over short rows.
SUM_ROWS = Form("sum_rows", "{0} @ np.ones({0}.shape[1], {0}.dtype)",
                jax="{0}.sum(axis=1)", torch="{0}.sum(1)")
LARGEST_IN_ROWS = Form("largest", "{0}.max(axis=1)",            torch="{0}.amax(1)")
LARGEST  = Form("largest",  "{0}.max()")
FINITE_EXP = Form("finite_exp", "_finite_exp({0})")             # exp(x), finite for large x
LOGISTIC = Form("logistic", "1 / (1 + _finite_exp({0}))")       # sigmoid(-x)
LARGER   = Form("maximum",  "np.maximum({0}, {1})")
# Of many entries faster than np.heaviside, of few slower.
STEPS    = Form("steps",    "(np.sign({0}) + 1) / 2")
SOFTPLUS = Form("softplus", "np.maximum({0}, np.log1p(_finite_exp({0})))",
                jax="jnp.maximum({0}, 0) + jnp.log1p(jnp.exp(-jnp.abs({0})))", torch="torch.nn.functional.softplus({0})")
ONE_OR   = Form("one_or",   "np.where({0} > 0, 1, {1})")
OR_ONE   = Form("or_one",   "np.where({0} > 0, {1}, 1)")
SUM_COLUMNS = Form("sum_columns", "{0}.sum(axis=0)")
ROWS_OF_PRODUCTS = Form("sums_of_products", 'np.einsum("ij,ij->i", {0}, {1})')  # NumPy's, of x * y without an array for that
COLUMNS_OF_PRODUCTS = Form("sums_of_products", 'np.einsum("ij,ij->j", {0}, {1})')
SUMS_OF_PRODUCTS = {SUM_ROWS: ROWS_OF_PRODUCTS, SUM_COLUMNS: COLUMNS_OF_PRODUCTS}
TRACE    = Form("trace",    "{0}.trace()")
DIAGONAL = Form("diagonal", "np.diagonal({0})")
PROD     = Form("prod",     "np.prod({0})")
LOGABS   = Form("logabs",   "np.log(np.abs({0}))", real=True)

MATRIX_POWER = Form("matrix_power", "np.linalg.matrix_power({0}, {1})")
TENSORDOT    = Form("tensordot", "np.tensordot({0}, {1}, 1)")
KRON     = Form("kron",     "({0}[:, None, :, None] * {1}[:, None, :]).reshape({2}, {3})")

EYE      = Form("eye",      "np.eye({0}, dtype={like}.dtype)",          torch="torch.eye({0}).to({like})")
DIAG     = Form("diag",     "np.diag({0})")
ONES     = Form("ones",     "np.ones({0}, {like}.dtype)",               torch="{like}.new_ones({0})")
ONES2    = Form("ones2",    "np.ones(({0}, {1}), {like}.dtype)",        torch="{like}.new_ones(({0}, {1}))")
FILLED   = {ones: Form("filled", f"np.full({sizes}, {{0}}, np.result_type({{0}}, {{like}}.dtype))")  # NumPy's, of s times ones
            for ones, sizes in ((ONES, "{1}"), (ONES2, "({1}, {2})"))}
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
STACK    = Form("stack",    "np.array([{*}])",                  torch="torch.stack([{*}])")
JOINED   = Form("joined",   "np.concatenate([{*}])",            torch="torch.cat([{*}])")
BESIDE   = Form("beside",   "np.hstack([{*}])")
DEEP     = Form("deep",     "{0}[:, :, None]", view=True)
MIDDLE   = Form("middle",   "{0}[:, None, :]", view=True)
FIRST    = Form("first",    "{0}[:, 0]")
SWAPPED  = Form("swapped",  "{0}.transpose(0, 2, 1)",           torch="{0}.transpose(1, 2)")
ADD_DIAGONALS = Form("add_diagonals", "_plus_diagonal({0}.copy(), {1})",
                     jax="{0} + {1}[:, :, None] * jnp.eye({2}, dtype={like}.dtype)", torch="{0} + {1}[:, :, None] * torch.eye({2}).to({0})")
# Diagonal blocks, which stand within each block of a matrix or, where they are the outer ones, along its diagonal.
OF_BLOCKS = (Form("of_blocks", "_of_blocks({0}, {1})"), Form("of_blocks", "_of_blocks({0}, {1}, True)"))
PLUS_BLOCKS = tuple(Form("plus_blocks", f"_plus_blocks({{0}}.copy(), {{1}}, {{2}}{outer})", jax=f"{{0}} + _of_blocks({{1}}, {{2}}{outer})",
                         torch=f"_plus_blocks({{0}}.clone(), {{1}}, {{2}}{outer})") for outer in ("", ", True"))
KRON_DIAG = tuple(Form("kron_diag", f"_of_blocks({{1}}[:, None, None] * {{0}}, len({{1}}){outer})")  # A ⊗ Diag(d), Diag(d) ⊗ A
                  for outer in ("", ", True"))
INSIDE   = Form("inside", "_inside({0}, {1}, {2})")             # a Diag(p_i) b for each row p_i of p
SWAPPED_SIDES = {                                               # (i, j) and (k, l) to (j, i) and (l, k), where either is wanted
    (left, right): Form("swapped_sides", f"{{0}}.reshape({{1}}, {{2}}, {{3}}, {{4}}).transpose({axes}).reshape({{5}}, {{6}})",
                        torch=f"{{0}}.reshape({{1}}, {{2}}, {{3}}, {{4}}).permute({axes}).reshape({{5}}, {{6}})")
    for left, right, axes in ((True, False, "1, 0, 2, 3"), (False, True, "0, 1, 3, 2"), (True, True, "1, 0, 3, 2"))
}
BLOCK_DIAGONAL_GRAM = Form("block_diagonal_gram", "_block_diagonal_gram({0}, {1}, {2})")
GRAM     = Form("gram",     "_gram({0}, {1})", torch="_gram2({0}, {1}, {0})")  # in PyTorch, telling halves apart costs more
GRAM2    = Form("gram2",    "_gram2({0}, {1}, {2})")
GRAM_BY_SIGN = Form("gram_by_sign", "_gram_by_sign({0}, {1})")  # NumPy's, of x' Diag(w) x
KRON_SUM = Form("kron_sum", "_kron_sum([{*even}], [{*odd}])")   # A ⊗ B + C ⊗ D
COMMUTED_KRON_SUM = Form("commuted_kron_sum", "_kron_sum([{*even}], [{*odd}], True)")  # K (A ⊗ B + C ⊗ D)

FACTOR   = Form("factor",   "_factor({0})")
CHOLESKY = Form("cholesky", "_cholesky({0})")                   # of a positive definite matrix
CHOLESKY_OF_MADE = Form("cholesky", "_cholesky({0}, made=True)", jax="_cholesky({0})", torch="_cholesky({0})")  # symmetric by its form
CHOLESKY_OF_HERMITIAN = Form("cholesky", "_cholesky_of_hermitian({0})")  # of a positive definite one
CHOLESKY_OR_LU = Form("cholesky_or_lu", "_cholesky_or_lu({0})")  # of a symmetric matrix; LU where it is indefinite
FACTOR_SOLVE = Form("factor_solve", "_solve({0}, {1})")
FACTOR_SOLVE_TURNED = Form("factor_solve_turned", "_solve({0}, {1}, 1)")
FACTOR_SOLVE_ADJOINT = Form("factor_solve_adjoint", "_solve({0}, {1}, 2)")
FACTOR_HALF = Form("factor_half", "_half_solve({0}, {1})")          # L^-1 b of the Cholesky factor L
FACTOR_INVERSE = Form("factor_inverse", "_inverse({0})")
INVERSE_TIMES_TERM = Form("inverse_times_term", "_inverse_times_term({0}, {1}, {2}, {3})",  # K^-1 e of K = a e + c I
                          torch="{0} @ {1}")
FACTOR_LOGDET = Form("factor_logdet", "_logdet({0})", real=True)
FACTOR_DET = Form("factor_det", "_det({0})")
FACTOR_ADJ = Form("factor_adj", "_adj({0}, {1})")
EIGH     = Form("eigh", "_eigh({0})")                             # of a symmetric matrix: eigenvalues and eigenvectors
EIGH_OF_HERMITIAN = Form("eigh", "np.linalg.eigh({0})")
EIGENVALUES  = Form("eigenvalues", "{0}[0]", real=True)
EIGENVECTORS = Form("eigenvectors", "{0}[1]")
RESOLVENT = Form("resolvent", "_resolvent({0})")                # (lambda I - A)^+, lambda the largest eigenvalue of A
PINV_OF_RANK = Form("pinv", "_pinv_of_rank({0}, {1})")

ASARRAY  = Form("asarray",  "np.asarray({0})",                  torch="_scalar({0})")
CONSTANT = Form("constant", "_constant({0}, {like})")           # what no argument is in, in the precision of the arguments
COMPLEX_CONSTANT = Form("constant", "{0} * np.ones((), {like}.dtype)", torch="{0} * {like}.new_ones(())")
RESOLVED = Form("resolved", "{0}", torch="{0}.resolve_conj()")  # of what may only say that it is a conjugate
# fmt: on

CHOLESKIES = (CHOLESKY, CHOLESKY_OF_MADE)
FACTORS = (FACTOR, *CHOLESKIES, CHOLESKY_OF_HERMITIAN, CHOLESKY_OR_LU)
SOLVING = (FACTOR_SOLVE, FACTOR_SOLVE_TURNED, FACTOR_SOLVE_ADJOINT, FACTOR_INVERSE)
# What a factorisation is asked for that a singular matrix has too, and how that is written where nothing else is asked of it.
ALONE = {FACTOR_DET: Form("det", "np.linalg.det({0})")}
# What makes a new array, that may be changed in place by the only one who uses it.
FRESH = (
    MATMULS, TURNED_PRODUCT, THIN_PRODUCT, ADDED, LESS, TIMES, OVER, NEG, POWER, SQRT, OUTER, FACTOR_INVERSE, ADD_DIAGONAL, ADD_DIAGONALS,
    KRON_SUM, COMMUTED_KRON_SUM, GRAM, GRAM2, GRAM_BY_SIGN, *PLUS_BLOCKS, *OF_BLOCKS, *KRON_DIAG, KRON, INSIDE, BLOCK_DIAGONAL_GRAM,
    *FILLED.values(), TENSORDOT, TAKE, TAKE_COLUMNS, TILE, SOFTPLUS, FINITE_EXP, LOGISTIC, LARGER, STEPS, ONE_OR, OR_ONE, LOGABS, SUM_ROWS,
    SUM_COLUMNS, LARGEST_IN_ROWS, FACTOR_SOLVE, FACTOR_SOLVE_TURNED, FACTOR_SOLVE_ADJOINT, FACTOR_HALF,
)  # fmt: skip
# What is written over its operand, in NumPy, where nobody else uses that; elementwise functions are, too.
IN_PLACE = {
    ADD_DIAGONAL: Form("add_diagonal_in_place", "_plus_diagonal({0}, {1})"),
    ADD_DIAGONALS: Form("add_diagonals_in_place", "_plus_diagonal({0}, {1})"),
    PLUS_BLOCKS[0]: Form("plus_blocks_in_place", "_plus_blocks({0}, {1}, {2})"),
    PLUS_BLOCKS[1]: Form("plus_blocks_in_place", "_plus_blocks({0}, {1}, {2}, True)"),
    CHOLESKY: Form("cholesky_in_place", "_cholesky({0}, True)"),
    CHOLESKY_OF_MADE: Form("cholesky_in_place", "_cholesky({0}, True, True)"),
    CHOLESKY_OR_LU: Form("cholesky_or_lu_in_place", "_cholesky_or_lu({0}, True)"),
}  # fmt: skip

NEGATIVE_IN_PLACE = Form("negative_in_place", "_over(np.negative, {0})")  # where entries are many, too
OVERWRITING = {*IN_PLACE.values(), NEGATIVE_IN_PLACE}  # and what `in_place` makes
# Where entries are many, in the memory of an operand, or of another array, the last one, that nobody needs any more.
INTO = {
    form: tuple(Form(f"{form.name}_into", f"_into(np.{form.name}, {{0}}, {{1}}, {{{i}}})") for i in (0, 1, 2))
    for form in (ADDED, LESS, TIMES, OVER, LARGER)
}

VIEWS = ("real", "imag", "angle")  # whose functions take no `out`
NEW = ("khatrirao",)  # rows of the operator table that make a new array, too


@cache
def in_place(form: Form | Op) -> Form | None:
    """The form that writes over its first operand, if there is one.

    >>> in_place(SQRT).numpy
    '_over(np.sqrt, {0})'
    """
    if form in IN_PLACE:
        return IN_PLACE[form]
    function = re.fullmatch(r"((?:np|sc)\.\w+)\(\{0\}\)", form.numpy)
    elementwise = form is SQRT or isinstance(form, Op) and form.elementwise and form.name not in VIEWS
    if not function or not elementwise:
        return None
    made = Form(f"{form.name}_in_place", f"_over({function[1]}, {{0}})")
    OVERWRITING.add(made)
    return made


INFIX = (ADDED, LESS, TIMES, OVER)
PARTS = (FLAT, RESHAPE, CUBE, ITEM, PICK, ENTRY, FIRST, DIAGONAL, SWAPPED)  # and views: they may share the memory of their operand
OF_TWO = (SUM_OF_PRODUCTS, VDOT, VDOT_OF_MATRICES)
# For which PyTorch takes what is real beside what is complex.
PROMOTING = (*INFIX, POWER, OUTER, SUM_OF_PRODUCTS, VDOT_OF_MATRICES, ADD_DIAGONAL, ADD_DIAGONALS, KRON)

# What is written otherwise of complex numbers.
OF_COMPLEX = {
    "sigmoid": Form("sigmoid", "1 / (1 + np.exp(-{0}))"),
    "silu": Form("silu", "{0} / (1 + np.exp(-{0}))"),
    "normpdf": Form("normpdf", "np.exp(-{0}**2 / 2) / (2 * np.pi)**0.5"),
    "softplus": Form("softplus", "np.log1p(np.exp({0}))"),
    "sign": Form("sign", "np.sign({0})", torch="torch.sgn({0})"),
}
FUNCTIONS = (SQRT, SOFTPLUS, CONJ_OF_NUMBER, *OF_COMPLEX.values())  # forms that are functions, as rows of the operator table are


def is_number(c: Code, value: int) -> bool:
    return c.form is NUMBER and c.data == value


def is_given(c: Code) -> bool:
    """Whether it is an argument, or a view of one."""
    return (c.args[0] if c.form is T else c).form is ARGUMENT
