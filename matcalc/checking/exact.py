"""The value of an expression at a point of rational numbers: exact while it is rational, else to as many digits as are asked for.

Nothing is rounded that need not be, and no NumPy is needed; `evaluate` is its counterpart in floats.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from operator import add, mul
from typing import Any

from matcalc.checking.complex_numbers import Complex
from matcalc.checking.functions import elementwise, of_several
from matcalc.checking.linear import eye, filled, inverse, times, turned
from matcalc.checking.matrix_functions import BY_BLOCKS, FUNCTIONS, by_blocks
from matcalc.checking.numbers import (
    REALS,
    Matrix,
    Number,
    Undecided,
    Undefined,
    all_exact,
    any_complex,
    bounded,
    context,
    each,
    kinds,
    power,
    real,
    reals,
)
from matcalc.errors import UnknownNameError, UnsupportedError
from matcalc.expr import heads
from matcalc.expr.conjugate import is_real
from matcalc.expr.dims import Shape, Size, replace
from matcalc.expr.indices import dependent_on, opened_as, outer
from matcalc.expr.node import Expr
from matcalc.limits import MOST_EXACT_ENTRIES

Function = Callable[[Matrix, int], Matrix]  # an argument and an order of differentiation


@dataclass(frozen=True)
class Point:
    """Exact values of variables as matrices, sizes, indices (counted from 1), and what the user's functions are taken to be."""

    values: Mapping[str, Matrix]
    sizes: Mapping[str, int]
    indices: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)  # of the functions: z²

    def size(self, n: Size) -> int:
        """A size as a number.  Raises UnknownNameError."""
        if isinstance(n, int):
            return n
        found = replace(n, self.sizes)
        if not isinstance(found, int):
            raise UnknownNameError(f"no value for the size {found!r}")
        return found


def values(roots: list[Expr], point: Point, digits: int = 50) -> list[Matrix]:
    """The values of expressions at a point, as lists of rows of ints, fractions or reals of `digits` digits.

    Raises Undefined where one has no value; its `what` is the expression that would have to be different.

    >>> from fractions import Fraction
    >>> from matcalc.expr import matpower, symbol, variable
    >>> X = variable("X", (symbol("n"), symbol("n")))
    >>> values([matpower(X, -1)], Point({"X": [[2, 0], [0, 3]]}, {"n": 2}))
    [[[Fraction(1, 2), Fraction(0, 1)], [Fraction(0, 1), Fraction(1, 3)]]]
    """
    done, problems = _walked(roots, point, digits)
    for r in roots:
        if r not in done:
            raise problems[0]
    return [done[r] for r in roots]


def failures(e: Expr, point: Point, digits: int = 50) -> list[Undefined]:
    """Everything in an expression that has no value at a point though its arguments have; nothing where all is well."""
    return _walked([e], point, digits, all_of_them=True)[1]


Change = Callable[[Expr, Matrix, Sequence[Matrix]], Matrix]  # of a node, by its value and those of its arguments


def shaken(e: Expr, point: Point, by: Change, digits: int) -> dict[Expr, Matrix]:
    """The values of all nodes of an expression as reals, where every result is changed a little by `by`.  Raises Undefined."""
    done, problems = _walked([e], point, digits, by=by)
    if problems:
        raise problems[0]
    return done


def _walked(
    roots: list[Expr], point: Point, digits: int, *, all_of_them: bool = False, by: Change | None = None
) -> tuple[dict[Expr, Matrix], list[Undefined]]:
    """The values of all nodes that have one; without `all_of_them` no further than to the first that has none."""
    ctx = context(digits)
    run = _Run(point, ctx, all_of_them, by)
    done: dict[Expr, Matrix] = {}
    with ctx():
        run.walk(outer(*roots), done)
    return done, run.problems


class _Run:
    """One evaluation: the problems found, and the sums that were opened."""

    def __init__(self, point: Point, ctx: Any, all_of_them: bool, by: Change | None) -> None:
        self.point, self.ctx, self.all_of_them, self.by = point, ctx, all_of_them, by
        self.problems: list[Undefined] = []
        self.opened: dict[Expr, tuple[str, Expr]] = {}
        self.fits: dict[Shape, bool] = {}

    def walk(self, nodes: Iterable[Expr], done: MutableMapping[Expr, Matrix]) -> None:
        """Evaluates nodes whose arguments are done or among those before; not what has none for want of a value."""
        ctx, point = self.ctx, self.point
        for n in nodes:
            if n in done or self.problems and not all(a in done for a in n.args if not n.op.binds):
                continue
            try:
                fits = self.fits.get(n.shape)
                if fits is None:
                    fits = self.fits[n.shape] = 0 < point.size(n.shape[0]) * point.size(n.shape[1]) <= MOST_EXACT_ENTRIES
                if not fits:
                    raise Undecided("small")
                if n.op is heads.SIGMA:
                    found = self.summed(n, done)
                    if found is None:
                        continue
                else:
                    found = _value(n, [done[a] for a in n.args], point, ctx)
                if kinds(found) != REALS:
                    found = bounded(found, ctx)
                    if n.args and any_complex(found) and not all_exact(found) and (not n.complex or is_real(n)):
                        found = each(lambda x: x.real, found)
                if self.by is not None and n.op not in _AS_THEY_ARE:
                    found = self.by(n, reals(found, ctx), [done[a] for a in n.args if a in done])
                done[n] = found
            except ArithmeticError as e:
                problem = e if isinstance(e, Undefined) else Undefined("nonzero")
                problem.what = n if problem.what is None else problem.what
                self.problems.append(problem.with_traceback(None))  # which would hold all that was walked through
                if not self.all_of_them:
                    break

    def summed(self, e: Expr, done: MutableMapping[Expr, Matrix]) -> Matrix | None:
        """A sum, one index after the other; None where a term has no value."""
        if e not in self.opened:
            index = f"{e.data[0]}·{len(self.opened)}"
            self.opened[e] = index, opened_as(e, index)
        index, body = self.opened[e]
        moving, order = dependent_on(index, body), outer(body)
        self.walk([n for n in order if n not in moving], done)
        total = filled(self.point.size(e.shape[0]), self.point.size(e.shape[1]), 0)
        outside = self.point
        for t in range(1, outside.size(e.data[1]) + 1):
            self.point = replace_indices(outside, index, t)
            here = ChainMap[Expr, Matrix]({}, done)
            self.walk([n for n in order if n in moving], here)
            if body not in here:
                self.point = outside
                return None
            total = bounded(_plus(total, here[body], self.ctx), self.ctx)
        self.point = outside
        return total


def replace_indices(point: Point, index: str, at: int) -> Point:
    """The point with one index more."""
    return Point(point.values, point.sizes, {**point.indices, index: at}, point.functions, point.words)


def _plus(a: Matrix, b: Matrix, ctx: Any) -> Matrix:
    a, b = _mixed([a, b], ctx)
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _value(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    name, op = e.op.name, e.op
    special = _HEADS.get(name)
    if special is not None:
        return special(e, args, point, ctx)
    if op.abstract is not None:
        f, order = op.abstract
        if f not in point.functions:
            raise UnknownNameError(f"no value for {f}")
        return point.functions[f](args[0], order)
    if op.elementwise and len(args) > 1:
        rows, columns = (point.size(n) for n in e.shape)
        kind = args if all(map(all_exact, args)) else [reals(a, ctx) for a in args]
        spread = [a if len(a) == rows and len(a[0]) == columns else filled(rows, columns, a[0][0]) for a in kind]
        return [[of_several(name, xs, ctx) for xs in zip(*at, strict=True)] for at in zip(*spread, strict=True)]
    if op.elementwise:
        if op.smooth and not all_exact(args[0]):
            _clear_of_zero(args[0], ctx)
        return each(lambda x: elementwise(name, x, ctx), args[0])
    function = FUNCTIONS.get(name)
    if function is None:
        raise UnsupportedError(f"{name} has no exact value")
    if any_complex(*args) and name in BY_BLOCKS:
        return by_blocks(name, args, (point.size(e.shape[0]), point.size(e.shape[1])), ctx)
    kind = args if all(map(all_exact, args)) else [reals(a, ctx) for a in args]
    return function(*kind, shape=(point.size(e.shape[0]), point.size(e.shape[1])), ctx=ctx)


def _clear_of_zero(m: Matrix, ctx: Any) -> None:
    """Raises Undecided where an entry is nothing but rounding beside the others: its sign says nothing."""
    least = max(abs(x) for row in m for x in row) * ctx.ten_to(-(2 * ctx.dps // 3))
    if any(x and abs(x) < least for row in m for x in row):
        raise Undecided("nonzero")


def _leaf(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    if e.op is heads.VARIABLE or e.op is heads.FAMILY:
        if e.data[0] not in point.values:
            raise UnknownNameError(f"no value for {e.data[0]}")
        return point.values[e.data[0]]
    if e.op is heads.NUMBER:
        return [[e.data]]
    if e.op is heads.SIZE:
        return [[point.size(e.data)]]
    rows, columns = map(point.size, e.shape)
    if e.op is heads.UNIT:
        j = e.data[0] if isinstance(e.data[0], int) else point.indices[e.data[0]]
        if not 1 <= j <= rows:
            raise Undefined("large enough")
        return [[int(i == j - 1)] for i in range(rows)]
    if e.op is heads.IDENTITY:
        return eye(rows)
    if e.op is heads.SELECT:
        first = point.size(e.data[2])
        return [[int(i == j + first) for j in range(columns)] for i in range(rows)]
    if e.op.name == "commutation":
        m, n = map(point.size, e.data)
        return [[int(row == i * n + k and column == k * m + i) for column in range(m * n) for k, i in [divmod(column, m)]]
                for row in range(m * n)]  # fmt: skip
    return filled(rows, columns, 1 if e.op is heads.ONES else 0)


def _mixed(args: list[Matrix], ctx: Any) -> list[Matrix]:
    """Matrices of one kind of numbers."""
    return args if all(map(all_exact, args)) else [reals(a, ctx) for a in args]


def _product(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    c, count = e.data
    front: Number = c
    for s in args[:count]:
        front = _both(front, s[0][0], ctx)
    chain = args[count:]
    if not chain:
        return [[front]]
    whole = chain[0]
    if len(chain) > 1 and len(chain[-1][0]) == 1 < len(chain[0]):
        whole = chain[-1]
        for f in reversed(chain[:-1]):
            whole = times(f, whole, ctx)
    else:
        for f in chain[1:]:
            whole = times(whole, f, ctx)
    return whole if front == 1 else each(lambda x: _both(front, x, ctx), whole)


def _both(a: Number, b: Number, ctx: Any) -> Number:
    """The product of two numbers of any kind."""
    exact = isinstance(a, int) or isinstance(b, int) or all_exact([[a, b]])
    return a * b if exact else real(a, ctx) * real(b, ctx)


def _sum(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    args = _mixed(args, ctx)
    if args and not all_exact(args[0]):
        data: tuple[Number, ...] = tuple(real(c, ctx) for c in e.data)
        return [[sum(map(mul, data, entries)) for entries in zip(*rows, strict=True)] for rows in zip(*args, strict=True)]
    terms = [a if c == 1 else [[c * x for x in row] for row in a] for c, a in zip(e.data, args, strict=True)]
    return [[reduce(add, entries) for entries in zip(*rows, strict=True)] for rows in zip(*terms, strict=True)]


def _hadamard(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    return [[prod(entries) for entries in zip(*rows, strict=True)] for rows in zip(*_mixed(args, ctx), strict=True)]


def _power(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    (base, ((k,),)) = args
    try:
        return each(lambda x: power(x, k, ctx), base)
    except Undefined as problem:
        problem.what = e.args[0]
        raise


def _member(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    """The member of a family, whose members stand one below the other, where the unit vectors say."""
    whole, *at = args
    place = 0
    for u in at:
        if [row[0] for row in u].count(0) != len(u) - 1:
            return filled(point.size(e.shape[0]), point.size(e.shape[1]), 0)
        place = place * len(u) + next(k for k, (x,) in enumerate(u) if x)
    rows = point.size(e.shape[0])
    return whole[place * rows : (place + 1) * rows]


def _onehot(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    columns = point.size(e.shape[1])
    labels = [round(y) for (y,) in args[0]]  # what is shaken for rounding is a label still
    if any(not 1 <= k <= columns or abs(y - k) > 1e-30 for k, (y,) in zip(labels, args[0], strict=True)):
        raise Undefined("a label")
    return [[int(label == k + 1) for k in range(columns)] for label in labels]


def _matpower(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    base, k = args[0], e.data
    if k < 0:
        try:
            base = inverse(base, ctx)
        except Undefined as problem:
            problem.what = e.args[0]
            raise
        k = -k
    out: Matrix | None = None
    while k:
        if k & 1:
            out = base if out is None else times(out, base, ctx)
        k >>= 1
        base = times(base, base, ctx) if k else base
    return eye(len(base)) if out is None else out


def _grid(e: Expr, args: list[Matrix], point: Point, ctx: Any) -> Matrix:
    args, columns = _mixed(args, ctx), e.data[1]
    rows = [args[i : i + columns] for i in range(0, len(args), columns)]
    return [[x for b in row for x in b[k]] for row in rows for k in range(len(row[0]))]


_AS_THEY_ARE = {
    heads.IDENTITY, heads.ONES, heads.ZERO, heads.UNIT, heads.SELECT, heads.ONEHOT, heads.NUMBER, heads.SIZE, heads.TRANSPOSE, heads.FAMILY,
}  # fmt: skip
_HEADS: dict[str, Callable[[Expr, list[Matrix], Point, Any], Matrix]] = {
    **dict.fromkeys(("number", "size", "variable", "family", "unit", "select", "ones", "zero", "identity", "commutation"), _leaf),
    "member": _member, "onehot": _onehot,
    "product": _product, "sum": _sum, "hadamard": _hadamard, "power": _power, "hpower": _power, "matpower": _matpower,
    "grid": _grid, "transpose": lambda e, args, point, ctx: turned(args[0]),
    "conj": lambda e, args, point, ctx: each(lambda x: x.conjugate(), args[0]), "i": lambda e, args, point, ctx: [[Complex(0, 1)]],
}  # fmt: skip
