"""Stand-ins for the user's own functions at a point: polynomials, whose derivatives are exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

from matcalc.checking.linear import times, turned, unstacked
from matcalc.checking.numbers import Matrix, Number, alike, each
from matcalc.expr import Expr, Op, Shape, signature
from matcalc.expr.dims import replace

Function = Callable[[Matrix, int], Matrix]
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
MORE = 3  # a polynomial has that many derivatives more than are asked for
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def stand_ins(
    nodes: list[Expr], sizes: Mapping[str, int], attempt: int, rng: Random, *, simple: bool = False
) -> tuple[dict[str, Function], dict[str, str]]:
    """A function for each of the user's, and the formulas of the elementwise ones: z², z³, … where it should be simple."""
    orders: dict[str, int] = {}
    rows: dict[str, Expr] = {}
    for e in nodes:
        if e.op.abstract:
            name, order = e.op.abstract
            orders[name], rows[name] = max(order, orders.get(name, 0)), e
    functions, words = dict[str, Function](), dict[str, str]()
    for name, e in sorted(rows.items()):
        if e.op.elementwise:
            coefficients = [0] * (2 + len(words) % 3) + [1] if simple else _coefficients(orders[name] + MORE, attempt, rng)
            functions[name], words[name] = polynomial(coefficients), formula(coefficients)
        else:
            functions[name] = _of_a_matrix(_gives(e, sizes), value_shape(e.op) == (1, 1), rng)
    return functions, words


def _coefficients(degree: int, attempt: int, rng: Random) -> list[Number]:
    """Of any sign; every third time the values are positive, every sixth they are small."""
    if attempt % 3 == 2:
        return [Fraction(rng.randint(1, 5), 2) if k % 2 == 0 else 0 for k in range(degree + 1 + degree % 2)]
    small = 64 if attempt % 6 == 4 else 1
    return [Fraction(rng.choice((-3, -2, -1, 1, 2, 3)), rng.choice((1, 2, 3)) * small) for _ in range(degree + 1)]


def polynomial(coefficients: list[Number]) -> Function:
    """Σ c_k z^k of every entry, with all its derivatives.

    >>> f = polynomial([1, 0, 3])
    >>> f([[2]], 0), f([[2]], 1)
    ([[13]], [[12]])
    """

    def f(z: Matrix, order: int) -> Matrix:
        derived = coefficients
        for _ in range(order):
            derived = [k * c for k, c in enumerate(derived)][1:] or [0]

        def at(x: Number) -> Number:
            out: Number = 0
            for c in reversed(derived):
                out = out * x + alike(c, x)
            return out

        return each(at, z)

    return f


def formula(coefficients: list[Number]) -> str:
    """A polynomial in words.

    >>> formula([Fraction(1, 2), 0, 1])
    '1/2 + z²'
    """
    terms = []
    for k, c in enumerate(coefficients):
        if c:
            z = "" if k == 0 else "z" if k == 1 else "z" + str(k).translate(_RAISED)
            terms.append(f"{c}" if not z else z if c == 1 else f"{c} {z}")
    return " + ".join(terms).replace("+ -", "− ") or "0"


def value_shape(op: Op) -> Shape:
    """The value of the function of a matrix whose derivative of some order the row is."""
    while op.abstract is not None and op.abstract[1] > 0 and op.primitive is not None:
        op = op.primitive()
    return signature(op.signature)[1]


def _gives(e: Expr, sizes: Mapping[str, int]) -> tuple[int, int]:
    rows, columns = (replace(d, dict(sizes)) for d in value_shape(e.op))
    assert isinstance(rows, int) and isinstance(columns, int)
    return rows, columns


def _of_a_matrix(gives: tuple[int, int], scalar: bool, rng: Random) -> Function:
    """Entry l is w'z³/3 + (u'z)²/2 with z the entries of the matrix; of a scalar, the gradient and the Hessian too."""
    seed = rng.randint(0, 10**6)

    def weights(size: int) -> tuple[Matrix, Matrix]:
        own = Random(seed + size)
        made = [[[own.choice((-2, -1, 1, 2, 3)) for _ in range(size)] for _ in range(gives[0] * gives[1])] for _ in range(2)]
        return made[0], made[1]

    def f(m: Matrix, order: int) -> Matrix:
        z = [x for column in zip(*m, strict=True) for x in column]
        w, u = weights(len(z))
        half, third = (alike(c, z[0]) for c in (HALF, THIRD))
        inner = [sum(a * b for a, b in zip(row, z, strict=True)) for row in u]
        if order == 0:
            return unstacked(
                [[sum(a * x**3 for a, x in zip(row, z, strict=True)) * third + t * t * half] for row, t in zip(w, inner, strict=True)],
                *gives,
            )
        if order == 1:
            jacobian = [[a * x * x + b * t for a, b, x in zip(row, down, z, strict=True)] for row, down, t in zip(w, u, inner, strict=True)]
            return unstacked(turned(jacobian), len(m), len(m[0])) if scalar else jacobian
        outer = times(turned(u), u, None)
        return [[outer[i][j] + (2 * w[0][i] * z[i] if i == j else 0) for j in range(len(z))] for i in range(len(z))]

    return f
