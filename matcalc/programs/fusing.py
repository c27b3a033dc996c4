"""Elementwise work that is done together, and thin matrices laid out for it.

| code                         | becomes                                                                                       |
|------------------------------|-----------------------------------------------------------------------------------------------|
| softplus(x), sigmoid(± x)    | of one exponential: NumPy e = exp(x): max(x, log1p(e)), e/(1 + e), 1/(1 + e);                 |
|                              | JAX e = exp(-abs(x)): max(x, 0) + log1p(e), (1 or e)/(1 + e)                                  |
| A B of few columns           | NumPy: (B' A')', where entries are taken together with their row's: its columns lie in a row; |
|                              | so does then what it meets and what stays, and A' R of such R is (R' A)'                      |
| A' B of few columns          | NumPy: (B' A)', where A is large                                                              |
| sums of rows of x * y, x²    | NumPy: one einsum, without an array of products, where rows are not short                     |
| -(s x), s times ones         | NumPy: (-s) x, an array filled with s                                                         |
| X' Diag(w) X                 | NumPy: by the sign of w, half of the entries of each, where X has many columns                |
| u v' + x y'                  | NumPy: one product [u x] [v y]', where they are large                                         |
| s (X' v), v elementwise      | JAX: X' (s v), elementwise work beside elementwise work, which its compiler makes one loop of |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import reduce

from matcalc.expr.node import Op
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.forms import Code
from matcalc.programs.settling import in_order

ABS, EXP, LOG1P, RELU, SIGMOID = (OPERATORS[name] for name in ("abs", "exp", "log1p", "relu", "sigmoid"))
LOOPS = (*F.INFIX, F.NEG, F.POWER, F.SQRT, F.OUTER)
FEW, TALL = 32, 16  # columns of a thin matrix at most, rows for each of them at least
BY_ROW = (F.LARGEST_IN_ROWS, F.COLUMN)
ANYHOW = (F.MATMULS, F.INNER, F.SUM, F.SUM_ROWS, F.SUM_COLUMNS, F.T, *BY_ROW)  # runs as well over either layout, or nearly so


def fused(
    arrays: Arrays,
    codes: Sequence[Code],
    target: str,
    stays: Collection[Code] = (),
    is_thin: Callable[[Code], bool] = lambda _: False,
    is_beside_large: Callable[[Code], bool] = lambda _: False,
    is_large: Callable[[Code], bool] = lambda _: False,
) -> dict[Code, Code]:
    """The code with its operations fused; a product that `stays` from call to call is left as it is."""
    order = in_order(codes)
    uses = Counter(a for c in order for a in c.args)
    uses.update(codes)
    alone = {c for c, n in uses.items() if n == 1 and c not in codes and c not in stays}
    smooth = {c.args[0] for c in order if c.form is F.SOFTPLUS}
    of_sigmoid = {_sigmoid_of(arrays, c) for c in order if c.form in (SIGMOID, F.LOGISTIC)}
    paired = {x for x in smooth if {x, arrays.negative(x)} & of_sigmoid}
    alike = of_sigmoid if target == "jax" else {x for x in of_sigmoid if x.ndim > 1}  # of few entries SciPy's own is as fast
    paired |= {x for x in alike if x.form is not F.NEG and (minus := arrays.negative(x)) in alike and minus not in paired}
    turned = _to_turn(order, codes, is_thin) if target == "numpy" else set()
    lying = _by_columns(order, turned, stays)
    done: dict[Code, Code] = {}

    def beside(a: Code, c: Code) -> Code:
        """An operand of c, laid out as the others: once, if it stays."""
        return arrays.call(F.BY_COLUMNS, done[a], shape=a.shape) if a in stays and a.shape == c.shape else done[a]

    for c in order:
        made = _moved(arrays, c, alone, done) if target == "jax" else None
        made = made or _paired(arrays, c, paired, done, target)
        if made is None and target == "numpy":
            made = _filled(arrays, c, alone, done) or (_summed(arrays, c, done, is_thin) if c.args and c.args[0] in alone else None)
            if made is None and is_large(c):
                made = _by_sign(arrays, c, done) or _outers_together(arrays, c, alone, done)
        if made is None:
            args = tuple(beside(a, c) if c in lying and c not in turned else done[a] for a in c.args)
            if c in turned:
                made = arrays.call(F.TURNED_PRODUCT, *map(arrays.transpose, args[::-1]), shape=c.shape)
            elif c.form is F.MATMULS and c.args[0].form is F.T and c.args[1] in lying:
                made = arrays.call(F.THIN_PRODUCT, *map(arrays.transpose, args[::-1]), shape=c.shape)
            elif c.form is F.INNER and not lying.isdisjoint(c.args) and all(a in lying or a in stays for a in c.args):
                made = arrays.call(F.INNER, *(arrays.transpose(beside(a, c.args[0])) for a in c.args))  # runs along both
            elif target == "numpy" and c.form is F.MATMULS and c.ndim == 2 and args[0].form is F.T and is_beside_large(c):
                made = arrays.transpose(arrays.call(F.MATMULS, *map(arrays.transpose, args[::-1]), shape=c.shape[::-1]))
            elif c.form is F.T:
                made = arrays.transpose(args[0])
            else:
                made = arrays.remade(c, args)
        done[c] = made
    return done


def _to_turn(order: Sequence[Code], codes: Sequence[Code], is_thin: Callable[[Code], bool]) -> set[Code]:
    """The products of few columns whose entries, or what is made of them, meet others of their row."""
    users: dict[Code, list[Code]] = {c: [] for c in order}
    by_row, other = dict.fromkeys(order, False), {c: c in codes for c in order}
    for c in order:
        for a in c.args:
            users[a].append(c)
    for c in reversed(order):
        for user in users[c]:
            if user.shape == c.shape and (user.form in LOOPS or _is_elementwise(user)):
                by_row[c] |= by_row[user] or any(a.form is F.COLUMN for a in user.args)
                other[c] |= other[user]
            else:
                by_row[c] |= user.form in BY_ROW
                other[c] |= user.form not in ANYHOW
    return {c for c in order if c.form is F.MATMULS and by_row[c] and not other[c] and is_thin(c)}


def _by_columns(order: Sequence[Code], turned: set[Code], stays: Collection[Code]) -> set[Code]:
    """What lies column by column as the `turned` products do: they, and what is computed entry by entry of them and of what stays."""
    out = set(turned)
    for c in order if turned else ():
        if c.ndim == 2 and (c.form in LOOPS or _is_elementwise(c)):
            moving = [a for a in c.args if a.shape == c.shape and a not in stays]
            if moving and all(a in out for a in moving):
                out.add(c)
    return out


def _is_elementwise(c: Code) -> bool:
    return c.form in (F.SOFTPLUS, F.LOGISTIC) or isinstance(c.form, Op) and c.form.elementwise


def _sigmoid_of(arrays: Arrays, c: Code) -> Code:
    return arrays.negative(c.args[0]) if c.form is F.LOGISTIC else c.args[0]


def _moved(arrays: Arrays, c: Code, alone: set[Code], done: dict[Code, Code]) -> Code | None:
    """A scalar factor of a product, moved to the factor that is computed entry by entry."""
    if c.form is F.NEG:
        s, product = arrays.number(-1), c.args[0]
    elif c.form is F.TIMES and not c.args[0].shape:
        s, product = done[c.args[0]], c.args[1]
    else:
        return None
    if product.form is not F.MATMULS or not product.shape or product not in alone:
        return None
    for i, f in enumerate(product.args):
        if f in alone and (f.form in LOOPS or isinstance(f.form, Op) and f.form.elementwise):
            factors = [done[g] for g in product.args]
            factors[i] = arrays.multiply(s, factors[i])
            return arrays.call(F.MATMULS, *factors, shape=product.shape)
    return None


def _filled(arrays: Arrays, c: Code, alone: set[Code], done: dict[Code, Code]) -> Code | None:
    """s x and -(s x) with the sign at the scalar; of ones, an array that is filled with s."""
    sign, whole = (-1, c.args[0]) if c.form is F.NEG and c.args[0] in alone else (1, c)
    if whole.form is not F.TIMES or not whole.shape or whole.args[0].shape:
        return None
    s, x = (done[a] for a in whole.args)
    s = s if sign == 1 else arrays.negative(s)
    if x.form in F.FILLED:
        return arrays.call(F.FILLED[x.form], s, *x.args, shape=c.shape)
    return None if sign == 1 else arrays.infix(F.TIMES, s, x)


def _summed(arrays: Arrays, c: Code, done: dict[Code, Code], is_thin: Callable[[Code], bool]) -> Code | None:
    """The sums of the rows, or columns, of x * y or x²."""
    a = c.args[0]
    if c.form not in F.SUMS_OF_PRODUCTS or c.form is F.SUM_ROWS and is_thin(a):
        return None
    square = a.form is F.POWER and F.is_number(a.args[1], 2)
    if not square and (a.form is not F.TIMES or any(x.shape != a.shape for x in a.args)):
        return None
    return arrays.call(F.SUMS_OF_PRODUCTS[c.form], *(done[x] for x in (a.args[:1] * 2 if square else a.args)), shape=c.shape)


def _by_sign(arrays: Arrays, c: Code, done: dict[Code, Code]) -> Code | None:
    """x' Diag(w) x of weights w with any sign."""
    if c.form is not F.MATMULS or c.args[0].form is not F.TIMES or c.complex:
        return None
    (turned, w), x = c.args[0].args, c.args[1]
    return arrays.call(F.GRAM_BY_SIGN, done[x], done[w], shape=c.shape) if turned is arrays.transpose(x) and w.ndim == 1 else None


def _outers_together(arrays: Arrays, c: Code, alone: set[Code], done: dict[Code, Code]) -> Code | None:
    """A sum with several terms u v', which are one product of matrices of few columns."""
    outers, added, subtracted = list[Code](), list[Code](), list[Code]()
    todo = [c] if c.form in (F.ADDED, F.LESS) else []
    while todo:
        t = todo.pop()
        if t.form in (F.ADDED, F.LESS) and all(a.shape == c.shape for a in t.args) and (t is c or t in alone):
            todo += t.args[::-1] if t.form is F.ADDED else t.args[:1]
            subtracted += [done[a] for a in t.args[1:] if t.form is F.LESS]
        else:
            (outers if t.form is F.OUTER and t in alone else added).append(t)
    if len(outers) < 2:
        return None
    left, right = (arrays.call(F.STACK, *(done[t.args[i]] for t in outers), shape=(len(outers), n)) for i, n in enumerate(c.shape))
    total = arrays.matmul(arrays.transpose(left), right)
    return reduce(arrays.less, subtracted, reduce(arrays.add, (done[t] for t in added), total))


def _paired(arrays: Arrays, c: Code, paired: set[Code], done: dict[Code, Code], target: str) -> Code | None:
    """Softplus or the logistic function of what both are wanted of; neither overflows."""
    if c.form not in (F.SOFTPLUS, SIGMOID, F.LOGISTIC):
        return None
    of = c.args[0] if c.form is F.SOFTPLUS else _sigmoid_of(arrays, c)
    turned = of not in paired
    key = arrays.negative(of) if turned else of
    if key not in paired:
        return None
    x = done[key] if key in done else arrays.negative(done[c.args[0]])  # which may stand behind it
    one = arrays.number(1)
    if target == "numpy":
        e = arrays.call(F.FINITE_EXP, x, shape=x.shape)
        if c.form is F.SOFTPLUS:
            return arrays.call(F.LARGER, x, arrays.call(LOG1P, e, shape=x.shape), shape=x.shape)
        return arrays.divide(one if turned else e, arrays.add(one, e))
    e = arrays.call(EXP, arrays.negative(arrays.call(ABS, x, shape=x.shape)), shape=x.shape)
    if c.form is F.SOFTPLUS:
        return arrays.add(arrays.call(RELU, x, shape=x.shape), arrays.call(LOG1P, e, shape=x.shape))
    return arrays.divide(arrays.call(F.OR_ONE if turned else F.ONE_OR, x, e, shape=x.shape), arrays.add(one, e))
