"""Names for the pieces of a program: a table from what computes a piece to its name, and names spelled from operands.

`Ki @ y` is called Kiy where nothing tells more, `A @ x - b` is a residual r, `np.exp(Z)` is E.  What has no telling name gets
the letter of its rank and a number: M1, v1, s1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matcalc.expr.node import Expr, Op
from matcalc.programs import forms as F
from matcalc.programs.forms import Code, is_given, is_number

RANKS = "svMB"  # a scalar, a vector, a matrix, an array of blocks
SPELLED = 7  # the longest name that is spelled from those of operands
SHORT = 5  # the longest name of ours that others are spelled with

# fmt: off
# A form or an operator, and the names of what it makes: of a matrix, a vector and a scalar, or one for all; {0} is the
# name of its first operand.
STEMS: dict[str, tuple[str, ...]] = {
    "exp":              ("E", "e", "e"),
    "finite_exp":       ("E", "e", "e"),
    "tanh":             ("T", "t", "t"),
    "sigmoid":          ("P", "p", "p"),
    "logistic":         ("P", "p", "p"),
    "softmax":          ("P", "p", "p"),
    "softmax_rows":     ("P", "p", "p"),
    "relu":             ("H", "h", "h"),
    "step":             ("mask",),
    "steps":            ("mask",),
    "sign":             ("signs",),
    "largest":          ("top",),
    "sum_rows":         ("s",),
    "sum_columns":      ("s",),
    "sums_of_products": ("s",),
    "sum":              ("sum_{0}",),
    "factor":           ("LU",),
    "cholesky":         ("L",),
    "cholesky_or_lu":   ("L",),
    "factor_inverse":   ("{0}i",),
    "factor_solve":     ("{0}i{1}",),
    "trace":            ("tr_{0}",),
    "inner":            ("tr_{0}{1}",),
    "trace_of_product": ("tr_{0}{1}",),
    "logabs":           ("log_{0}",),
    "factor_logdet":    ("logdet_{0}",),
    "factor_det":       ("det_{0}",),
    "factor_adj":       ("adj_{0}",),
    "matmul":           ("{0}{1}",),
    "multiply":         ("{0}{1}",),
    "inverse_times_term": ("{0}{1}",),
    "outer":            ("{0}{1}",),
    "power":            ("{0}{1}",),
    "item":             ("{0}{1}",),
    "pick":             ("{0}{1}",),
    "entry":            ("{0}{1}{2}",),
    "T":                ("{0}t",),
    "by_columns":       ("{0}c",),
    "call":             ("{0}_{1}",),
    "diagonal":         ("diag_{0}",),
    "permutation":      ("order",),
    "unit":             ("e{0}",),
    "eye":              ("I",),
    "ones":             ("ones",),
    "ones2":            ("ones",),
}
# A form and the place of an operand, and what is called so for standing there; it tells more than being a sum or a product.
ROLES: dict[tuple[str, int], tuple[str, ...]] = {
    ("largest", 0):             ("Z", "z"),
    ("softplus", 0):            ("Z", "z", "z"),
    ("finite_exp", 0):          ("Z", "z", "z"),
    ("cholesky", 0):            ("K",),
    ("cholesky_or_lu", 0):      ("K",),
    ("factor", 0):              ("K",),
    ("gram", 1):                ("weights",),
    ("gram2", 1):               ("weights",),
    ("block_diagonal_gram", 1): ("weights",),
}
# fmt: on
RESIDUAL, COMPLEMENT, SOLUTION, HALF = ("R", "r", "r"), ("Q", "q", "q"), ("A", "a", "a"), ("half",)
FACTORS = tuple(form.name for form in F.FACTORS)
SEEN_THROUGH = (F.COLUMN, F.ROW, F.DEEP, F.MIDDLE, F.FLAT, F.ASARRAY)  # what has the name of its operand
PRODUCTS = (F.MATMULS, F.TIMES, F.OUTER)
INDICES: dict[F.Form | Op, int] = {F.ITEM: 1, F.PICK: 1, F.ENTRY: 1, F.UNIT: 0}  # where the indices begin
Users = Mapping[Code, Sequence[tuple[Code, int]]]  # what takes a piece of code, and at which place


def stem(c: Code, known: Callable[[Code], str], users: Users) -> str:
    """The name for `c`, where `known` gives the names of what has one; "" where nothing tells: then `rank_letter` does."""
    uses = [use for user, i in users.get(c, ()) for use in (users.get(user, ()) if user.form is F.T else [(user, i)])]
    told = (
        _residual(c),
        next((_of_rank(ROLES[key], c.ndim) for user, i in uses if (key := (form_name(user), i)) in ROLES), ""),
        _of_rank(HALF, c.ndim) if any(is_half(user) and user.args[1] is c for user, _ in uses) else "",
        _filled(_of_rank(STEMS.get(form_name(c), _spelled_function(c)), c.ndim), c, known),
    )
    return next(filter(None, told), "")


def stem_of(e: Expr, row: Sequence[str] = ()) -> str:
    """The name for an expression, by its operator or by a row of names; "" where that tells nothing."""
    name = _of_rank(row or STEMS.get(e.op.name, ("",)), sum(n != 1 for n in e.shape))
    return "" if "{" in name else name


def named_operand(c: Code) -> bool:
    """Whether its operand is to have a name: a matrix that is factored is spoken of."""
    return form_name(c) in FACTORS


def rank_letter(c: Code) -> str:
    return RANKS[min(c.ndim, 3)]


def short_name(c: Code, known: Callable[[Code], str]) -> str:
    """The name of `c` as part of another's: its own, or spelled from those of its operands; "" where that is long.

    It goes no deeper than what is written into one statement.
    """
    name = known(c)
    if name:
        return name if len(name) <= SHORT and "_" not in name or c.form is F.ARGUMENT and len(name) <= SPELLED else ""
    if c.form in SEEN_THROUGH:
        return short_name(c.args[0], known)
    if c.form in (*PRODUCTS, F.FACTOR_INVERSE, *INDICES, F.T, F.POWER):
        return _filled(STEMS[form_name(c)][0], c, known)
    return ""


def _filled(text: str, c: Code, known: Callable[[Code], str]) -> str:
    """A template with the names of the operands in it."""
    if "{" not in text:
        return text
    begin = INDICES.get(c.form, len(c.args))
    names = [_index(a, known) if i >= begin else _base(a, known) for i, a in enumerate(c.args)]
    if c.form is F.POWER:
        names[1] = str(c.args[1].data) if c.args[1].form is F.NUMBER and isinstance(c.args[1].data, int) else ""
    if not all(name for i, name in enumerate(names) if f"{{{i}}}" in text):
        return ""
    made = text.format(*names)
    if c.form is F.T and names[0].endswith("t"):
        return ""
    if c.form in (F.ITEM, F.PICK) and len(names[0]) == 1 and c.args[0].ndim > c.ndim:
        made = made[0].lower() + made[1:]  # a row of A is a1
    return made if len(made) <= SPELLED + (text.index("{") if text.index("{") > 1 else 0) else ""


def _base(a: Code, known: Callable[[Code], str]) -> str:
    """Of a factorisation, the name of the matrix."""
    return short_name(a.args[0] if form_name(a) in FACTORS else a, known)


def _index(a: Code, known: Callable[[Code], str]) -> str:
    """An index, counted from 1 as in formulas."""
    if a.form is F.NUMBER and isinstance(a.data, int):
        return str(a.data + 1)
    return known(a.args[0]) if a.form is F.LESS and is_number(a.args[1], 1) else ""


def _residual(c: Code) -> str:
    """The name of what is computed less what is given, of 1 - p, and of an inverse times a given vector."""
    if c.form is F.LESS:
        a, b = c.args
        if is_number(a, 1):
            return _of_rank(COMPLEMENT, c.ndim)
        if a.ndim == b.ndim and (is_given(a) is not is_given(b)):
            return _of_rank(RESIDUAL, c.ndim)
    solved = c.form is F.MATMULS and c.args[0].form is F.FACTOR_INVERSE or form_name(c) == "factor_solve"
    if solved and c.ndim == 1 and c.args[1].form is F.ARGUMENT:
        return _of_rank(SOLUTION, c.ndim)
    return ""


def is_half(c: Code) -> bool:
    """Whether it is x'x with x = √w A."""
    if c.form is not F.MATMULS or c.args[0].form is not F.T or c.args[0].args[0] is not c.args[1] or c.args[1].form is not F.TIMES:
        return False
    w = c.args[1].args[0]
    return w.form is F.COLUMN and w.args[0].form is F.SQRT


def _spelled_function(c: Code) -> tuple[str, ...]:
    """sin(x) is called sin_x."""
    elementwise = c.args and (getattr(c.form, "elementwise", False) or c.form in (F.SQRT, F.SOFTPLUS))
    return (form_name(c) + "_{0}",) if elementwise or form_name(c) in ("norm", "prod") else ("",)


def form_name(c: Code) -> str:
    """The name of what computes it, in place or not."""
    return c.form.name.removesuffix("_in_place")


def _of_rank(names: Sequence[str], ndim: int) -> str:
    """Of names of a matrix, a vector and a scalar, the one for so many axes; where one is missing, the first."""
    place = 2 - min(ndim, 2)
    return names[place if place < len(names) else 0]
