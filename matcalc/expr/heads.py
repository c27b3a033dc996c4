"""The closed core of heads: leaves, sums, products, powers, Hadamard products and transposes.

Everything else an expression can be made of is a row of the operator table.  What the calculus and the
writers do with these few they do in code; these rows only name them and place them among others.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import Any

import matcalc.expr as E
from matcalc.errors import ShapeError
from matcalc.expr import turning
from matcalc.expr.dims import Dim, Shape, Size, symbol
from matcalc.expr.node import Bound, Expr, Op, node
from matcalc.expr.properties import closure

Number = int | Fraction


# What there is to read: the names, numbers and operators of the plain text, parentheses not counted.
def _number_weight(c: Number) -> int:
    return (c < 0) + (1 if isinstance(c, int) else 3)


def _product_weight(args: tuple[Expr, ...], data: Any) -> int:
    c: Number = data[0]
    last = len(args) - 1
    weight, start = last, data[1]
    for i, a in enumerate(args):
        weight += a.weight
        if a.op is POWER:
            weight -= a.args[1].op is NUMBER and a.args[1].data < 0  # a*b^-1 is a/b
        if i >= start and (a.shape[1] == 1 or i == last):
            weight -= _saved(args[start : i + 1]) if i > start else 0
            start = i + 1
    if type(c) is int:
        if c == 1 or c == -1:
            return weight + (c == -1)
        return weight + 1 + _number_weight(c)
    return weight + (2 if abs(c.numerator) == 1 else 4) + int(c < 0)


def _saved(segment: tuple[Expr, ...]) -> int:
    """By writing X*ones(n) as rowsum(X), ones(m)'*X as colsum(X)', and 1'X1 and 1'x as sums."""
    if len(segment) == 1:
        return 0
    left, right = segment[0].op is TRANSPOSE and segment[0].args[0].op is ONES, segment[-1].op is ONES
    if left and (right or segment[-1].shape[1] == 1):
        return 6 if right and len(segment) > 2 else 3
    return 2 * (left or right)


def _sum_weight(args: tuple[Expr, ...], data: Any) -> int:
    return len(args) - 1 + int(data[0] < 0) + sum(map(term_weight, data, args))


def term_weight(c: Number, a: Expr) -> int:
    """The weight of a term of a sum, without its sign."""
    weight = a.weight if a.is_scalar else _spread_weight(a)
    return weight + (0 if abs(c) == 1 else 2 if isinstance(c, int) or abs(c.numerator) == 1 else 4)


def _spread_weight(a: Expr) -> int:
    """A term of an array's sum: s 1 1' is written s."""
    if a.op is ONES:
        return 1
    if a.op is not PRODUCT:
        return a.weight
    count = a.data[1]
    for f in a.args[count:]:
        if untransposed(f).op is not ONES:
            return a.weight
    return a.weight - sum(f.weight + 1 for f in a.args[count:]) + (not count)


def _power_weight(args: tuple[Expr, ...], data: Any) -> int:
    base, exponent = args
    if exponent.op is NUMBER:
        k = exponent.data
        root = abs(k) == Fraction(1, 2)
        return base.weight + 2 * int(k < 0) + (1 if root else 0 if k == -1 else 1 + _number_weight(abs(k)))
    return base.weight + 1 + exponent.weight


NUMBER = Op("number", rank=0, weigh=lambda _, c: _number_weight(c))  # data: the exact value
SIZE = Op("size", rank=5, result=("positive",))  # data: a Dim, as a scalar
VARIABLE = Op("variable", rank=10, turning=turning.of_variable, complex=lambda data: "complex" in data[1])  # data: (name, properties)
FAMILY = Op(
    "family", rank=10, turning=turning.of_variable, complex=lambda data: "complex" in data[1]
)  # matrices Σ_1 … Σ_K, of their shape; data: (name, properties, (how many, …))
MEMBER = Op(
    "member", rank=11, turning=lambda args, *_: ((0, 1), args[0].symmetric), weigh=lambda args, _: sum(a.weight for a in args)
)  # of a family, where unit vectors say: one for each of its axes
UNIT = Op(
    "unit", rank=12, weigh=lambda *_: 3, result=("sphere", "nonnegative")
)  # the unit vector e_j; data: (j, n); j an int, the name of an index, or one that a sum binds
SELECT = Op(
    "select",
    rank=13,
    turning=lambda *_: ((0, 1), False),
    result=("injective", "nonnegative"),
    leaf=lambda data: select(*data),
    weigh=lambda *_: 5,
)  # the n×m matrix of zeros, and of ones at (j + first, j); data: (n, m, first)
GRID = Op(
    "grid",
    rank=35,
    build=lambda args, data: E.grid([args[i : i + data[1]] for i in range(0, len(args), data[1])]),
    flip=lambda e: E.grids.flipped(e),
    turning=lambda args, data, shape: E.grids.turning(args, data, shape),
    weigh=lambda args, _: min(sum(a.weight for a in args), 1 + sum(a.weight - a.turns[0] + a.turns[1] for a in args)),
)  # blocks row by row; data: (how many rows, how many columns of them)
ONEHOT = Op(
    "onehot",
    "(n)->(n,k)",
    rank=14,
    build=lambda args, sizes: onehot(args[0], *sizes),
    weigh=lambda args, _: args[0].weight + 3,
    result=("nonnegative",),
    latex=r"\operatorname{onehot}",
    numpy="np.eye({columns})[np.asarray({0}, int) - 1]",
    jax="jax.nn.one_hot(jnp.asarray({0}, int) - 1, {columns})",
    torch="torch.nn.functional.one_hot({0}.long() - 1, {columns})",
)  # a row for each label, with a one in its column, from 1; data: (k,)
SIGMA = Op(
    "sigma",
    rank=40,
    binds=True,
    transposed="each",
    build=lambda args, data: E.summation.bound(data[0], data[1], args[0]),
    weigh=lambda args, _: args[0].weight + 5,
)  # the sum of its argument over an index from 1; data: (what the index is called, to how much it runs)
TRANSPOSE = Op(
    "transpose",
    rank=15,
    turning=turning.of_transpose,
    weigh=lambda args, _: args[0].weight + (args[0].op.name != "conj" and args[0].turns != (0, 0)),
)  # of a conjugate: X^H; of tanh(W X'), tanh(X W')
PRODUCT = Op(
    "product", rank=20, weigh=_product_weight, turning=turning.of_product
)  # data: (number, how many of the arguments are scalar factors)
SUM = Op("sum", rank=40, weigh=_sum_weight, turning=turning.of_sum)  # data: the numbers before the arguments
POWER = Op("power", rank=60, weigh=_power_weight)  # scalar base, scalar exponent
MATPOWER = Op(
    "matpower", rank=62, weigh=lambda args, k: args[0].weight + (1 if k == -1 else 2 + (k < 0)), turning=turning.of_power
)  # data: the integer exponent, -1 the inverse
HADAMARD = Op("hadamard", rank=30, weigh=lambda args, _: sum([a.weight for a in args]) + len(args) - 1, turning=turning.of_hadamard)
HPOWER = Op("hpower", rank=60, weigh=_power_weight, turning=turning.of_power)  # elementwise: base of any shape, scalar exponent
ONES = Op(
    "ones", rank=8, weigh=lambda *_: 2, result=("positive", "injective")
)  # the vector of ones; a matrix of ones is the product of two
IMAGINARY = Op("i", rank=3, weigh=lambda *_: 1, complex=lambda _: True, latex=r"\mathrm{i}", unicode="i", sympy="I")  # the imaginary unit
CONJ = Op("conj", rank=11, turning=turning.of_conjugate)  # of what has no simpler one: a complex variable
IDENTITY = Op(
    "identity", rank=9, weigh=lambda *_: 1, turning=turning.of_constant, result=("spd", "diagonal", "orthogonal", "projector", "stochastic")
)
ZERO = Op("zero", rank=1, turning=turning.of_constant, result=("diagonal", "skew", "projector", "nsd", "nonnegative", "nonpositive"))

REAL_NUMBERS = {"hpd": "positive", "hpsd": "nonnegative"}  # what is said of a Hermitian matrix, of a number

HEADS = frozenset(op.name for op in list(globals().values()) if isinstance(op, Op))


def exact(value: Number) -> Number:
    return value if type(value) is int or value.denominator != 1 else value.numerator


def number(value: Number) -> Expr:
    return node(NUMBER, (), exact(value), (1, 1))


def untransposed(e: Expr) -> Expr:
    """The argument of a transpose; anything else as it is."""
    return e.args[0] if e.op is TRANSPOSE else e


def variable(name: str, shape: Shape, properties: frozenset[str] | set[str] = frozenset()) -> Expr:
    """The variable `name`; properties are closed under what they imply.

    >>> variable("S", (symbol("n"), symbol("n")), {"spd"}).symmetric
    True
    """
    known = tuple(sorted(closure(properties))) if properties else ()
    if shape == (1, 1) and "hermitian" in known:  # a real number
        known = tuple(sorted(closure({REAL_NUMBERS[p] for p in known if p in REAL_NUMBERS})))
    return node(VARIABLE, (), (name, known), shape)


def declared(v: Expr) -> tuple[str, ...]:
    """The properties that a variable is declared to have, with all that they imply."""
    found: tuple[str, ...] = v.data[1]
    return found


def properties_of(e: Expr) -> tuple[str, ...]:
    """The declared properties of a variable or of a member of a family, the result properties of any other row."""
    return declared(e) if e.op is VARIABLE or e.op is FAMILY else properties_of(e.args[0]) if e.op is MEMBER else e.op.result


def name_of(e: Expr) -> str:
    """The name of a variable, or of a member of a family: Sigma_k.

    >>> name_of(variable("x", (1, 1)))
    'x'
    """
    if e.op is not MEMBER:
        return str(e.data[0])
    return f"{e.args[0].data[0]}_{'_'.join(str(u.data[0]) for u in e.args[1:])}"


def identity(n: Size) -> Expr:
    return ONE if n == 1 else node(IDENTITY, (), None, (n, n))


def zero(shape: Shape) -> Expr:
    return number(0) if shape == (1, 1) else node(ZERO, (), None, shape)


def unit(j: int | str | Bound, n: Size) -> Expr:
    """The j-th unit vector of length n, counted from 1."""
    return ONE if n == 1 else node(UNIT, (), (j, n), (n, 1))


def select(n: Size, m: Size, first: Size = 0) -> Expr:
    """The columns first + 1, …, first + m of the n×n identity: S'x is a stretch of x, and S e_t is e_(t + first).

    >>> select(4, 4) is identity(4)
    True
    """
    return identity(n) if n == m and first == 0 else node(SELECT, (), (n, m, first), (n, m))


def family(name: str, counts: tuple[Size, ...], shape: Shape, properties: frozenset[str] | set[str] = frozenset()) -> Expr:
    """The matrices `name`_1 … of one shape; with two counts `name`_11 …; as a whole it stands in `member` alone."""
    return node(FAMILY, (), (name, tuple(sorted(closure(frozenset(properties)))), counts), shape)


def onehot(y: Expr, k: Size) -> Expr:
    """The n×k matrix of zeros with a one in each row, in the column that the label y_i, from 1 to k, says."""
    if y.shape[1] != 1:
        raise ShapeError(f"onehot needs a vector of labels, not ({y.shape[0]}, {y.shape[1]})")
    return node(ONEHOT, (y,), (k,), (y.shape[0], k))


def size(n: Size) -> Expr:
    """A size as a scalar of the algebra: symbols stay apart, products and sums of them are ours.

    >>> size(symbol("m") * 2).op.name
    'product'
    """
    if not isinstance(n, Dim):
        return number(n)
    terms = []
    for mono, coefficient in n.terms:
        names = [node(SIZE, (), symbol(name), (1, 1)) for name in mono]
        terms.append(E.product([number(coefficient), *names]))
    return E.add(terms)


ONE = number(1)


def coefficient_and_rest(e: Expr) -> tuple[Number, Expr]:
    """(c, r) with e = c r, where r has no number in front.

    >>> coefficient_and_rest(number(3))
    (3, 1)
    """
    if e.op is NUMBER:
        return e.data, ONE
    if e.op is PRODUCT and e.data[0] != 1:
        return e.data[0], with_coefficient(1, e)
    return 1, e


def with_coefficient(c: Number, e: Expr) -> Expr:
    """The product `e` with the number in front replaced by `c`; other expressions get it put in front."""
    c = exact(c)
    if e.op is NUMBER:
        return number(c * e.data)
    if e.op is PRODUCT and (e.data[1] or not e.is_scalar):
        if c == 1 and len(e.args) == 1:
            return e.args[0]
        return node(PRODUCT, e.args, (c, e.data[1]), e.shape)
    return e if c == 1 else node(PRODUCT, (e,), (c, 1 if e.is_scalar else 0), e.shape)


def content(values: list[Number]) -> Number:
    """The number to take out of a sum: what leaves small integers behind, negative only if all are.

    >>> content([4, -2]), content([-1, -3]), content([Fraction(1, 2), Fraction(1, 2)]), content([1, 2])
    (2, -1, Fraction(1, 2), 1)
    >>> content([1, Fraction(-1, 2)]), content([2, Fraction(-2, 5)]), content([Fraction(1, 2), Fraction(-1, 4), Fraction(1, 4)])
    (1, 2, Fraction(1, 4))
    """
    if {*map(type, values)} == {int}:
        return gcd(*values) * (-1 if max(values) < 0 else 1)  # type: ignore[arg-type]
    numerators, denominators = 0, 1
    for v in values:
        numerators = gcd(numerators, v.numerator)
        denominators = denominators * v.denominator // gcd(denominators, v.denominator)
    out: Number = exact(Fraction(numerators, denominators))
    if any(v.denominator != denominators for v in values):
        ways = (out, numerators, 1)  # the first of the shortest, but as it is where none is shorter
        out = min(ways, key=lambda way: (_front_weight(way) + sum(_front_weight(Fraction(v) / way) for v in values), way != 1))
    return -out if all(v < 0 for v in values) else out


def _front_weight(c: Number) -> int:
    """The weight of a number before a term, the sign not counted."""
    return 0 if abs(c) == 1 else 2 if c.denominator == 1 or abs(c.numerator) == 1 else 4
