"""The matrix functions and reductions: exact where they are rational, to as many digits as the context has elsewhere.

A line for each row of the operator table that is no elementwise function; each takes the matrices, the shape of the result and
the context.  A test fails under the row's name where one is missing or says something else than the row's NumPy column.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from math import prod
from typing import Any

from matcalc.checking.complex_numbers import of_parts, square
from matcalc.checking.functions import elementwise
from matcalc.checking.linear import (
    CLEAR,
    adjugate,
    determinant,
    eigen,
    eye,
    independent,
    is_singular,
    kron,
    plus,
    pseudoinverse,
    scaled,
    solved,
    stacked,
    times,
    trace,
    turned,
    unstacked,
)
from matcalc.checking.numbers import Matrix, Number, Undecided, Undefined, all_exact, is_exact, modulus, real, root
from matcalc.checking.primary import cosm, derivative, expm, jacobian, logm, sinm, sqrtm

Shape = tuple[int, int]


def _logdet(a: Matrix, ctx: Any) -> Number:
    if is_singular(a, ctx):
        raise Undefined("invertible")
    return elementwise("log", modulus(determinant(a, ctx), ctx), ctx)


def _gram(a: Matrix, ctx: Any) -> tuple[list[Number], Matrix, bool]:
    """The squares of the singular values, the vectors on the shorter side, and whether that is the side of the columns."""
    tall = len(a) >= len(a[0])
    values, vectors = eigen(times(turned(a), a, ctx) if tall else times(a, turned(a), ctx), ctx)
    zeros = len(values) - len(independent(a, ctx)[0])
    if any(x <= values[-1] * ctx.ten_to(-CLEAR) for x in values[zeros:]):
        raise Undecided("clearly of full rank or clearly not")
    return [ctx.real(0)] * zeros + values[zeros:], vectors, tall


def _polar(a: Matrix, ctx: Any) -> Matrix:
    values, vectors, tall = _gram(a, ctx)
    if not all(values):
        raise Undefined("of full rank")
    inside = times(vectors, [scaled(1 / ctx.sqrt(x), [row])[0] for x, row in zip(values, turned(vectors), strict=True)], ctx)
    return times(a, inside, ctx) if tall else times(inside, a, ctx)


def _largest_root(a: Matrix, ctx: Any) -> Number:
    """The largest eigenvalue, exact of a diagonal matrix."""
    if _is_diagonal(a):
        return max(a[i][i] for i in range(len(a)))
    return eigen(a, ctx)[0][-1]


def _is_diagonal(a: Matrix) -> bool:
    return not any(x for i, row in enumerate(a) for j, x in enumerate(row) if i != j)


def _largest_vector(a: Matrix, ctx: Any) -> Matrix:
    """The eigenvector of a simple largest eigenvalue, its largest entry positive."""
    if _is_diagonal(a) and [row[i] for i, row in enumerate(a)].count(_largest_root(a, ctx)) == 1:
        return [[int(row[i] == _largest_root(a, ctx))] for i, row in enumerate(a)]
    values, vectors = eigen(a, ctx)
    if len(values) > 1 and values[-1] - values[-2] <= max(map(abs, values)) * ctx.ten_to(-CLEAR):
        raise Undefined("with a simple largest eigenvalue")
    column = [row[-1] for row in vectors]
    sign = 1 if max(column, key=abs) > 0 else -1
    return [[sign * x] for x in column]


def _log_sum(row: list[Number], ctx: Any) -> Number:
    top = max(row)
    return real(top, ctx) + ctx.log(sum(elementwise("exp", x - top, ctx) for x in row))


def _softmax(row: list[Number], ctx: Any) -> list[Number]:
    top = max(row)
    terms = [elementwise("exp", x - top, ctx) for x in row]
    whole = sum(terms)
    if len(row) > 1 and whole == 1:  # but for rounding, no part is all of it
        raise Undecided("small")
    return [t / whole for t in terms]


def _block_inner(x: Matrix, y: Matrix, shape: Shape) -> Matrix:
    p, q = len(x), len(x[0])
    return [[sum(x[k][c] * y[i * p + k][j * q + c] for k in range(p) for c in range(q)) for j in range(shape[1])] for i in range(shape[0])]


def _block_sum(x: Matrix, y: Matrix, shape: Shape) -> Matrix:
    (p, q), m, n = shape, len(x), len(x[0])
    return [[sum(x[i][j] * y[i * p + k][j * q + c] for i in range(m) for j in range(n)) for c in range(q)] for k in range(p)]


def _sylvester(a: Matrix, b: Matrix, c: Matrix, ctx: Any) -> Matrix:
    """The solution of A X + X B = C, in vec coordinates."""
    m, n = len(a), len(b)
    whole = plus(kron(eye(n), a), kron(turned(b), eye(m)))
    return unstacked(solved(whole, stacked(c), ctx), m, n)


def _row(a: Matrix) -> list[Number]:
    return [row[0] for row in a]


def _cholesky(a: Matrix, ctx: Any) -> Matrix:
    """L with L L' = A, lower triangular, by way of A = M D M'."""
    n = len(a)
    m, d = eye(n), list[Number]()
    for j in range(n):
        d.append(a[j][j] - sum(m[j][k] ** 2 * d[k] for k in range(j)))
        if d[j] <= 0:
            raise Undefined("symmetric positive definite")
        for i in range(j + 1, n):
            m[i][j] = (a[i][j] - sum(m[i][k] * m[j][k] * d[k] for k in range(j))) / (Fraction(d[j]) if is_exact(d[j]) else d[j])
    roots = [root(x, 2, ctx) for x in d]
    exact = all_exact([roots])
    return [[x * r if exact else real(x, ctx) * real(r, ctx) for x, r in zip(row, roots, strict=True)] for row in m]


def _running(a: Matrix) -> Matrix:
    """The sums of the first rows."""
    return [*accumulate(a, lambda total, row: [x + y for x, y in zip(total, row, strict=True)])]


def _primary(name: str, f: Callable[..., Any]) -> dict[str, Callable[..., Matrix]]:
    """The rows of a primary matrix function."""
    return {
        name: lambda x, shape, ctx: derivative(f, ctx, x),
        f"{name}_frechet": lambda x, y, shape, ctx: derivative(f, ctx, x, y),
        f"{name}_frechet2": lambda x, y, z, shape, ctx: derivative(f, ctx, x, y, z),
        f"{name}_jacobian": lambda x, shape, ctx: jacobian(f, ctx, x),
        f"{name}_jacobian2": lambda x, y, shape, ctx: jacobian(f, ctx, x, y),
    }


def blocks(a: Matrix) -> Matrix:
    """[X, -Y; Y, X] of X + i Y: a real matrix that adds, multiplies and is inverted as that does."""
    top, below = (
        [[*(x.real for x in row), *(-x.imag for x in row)] for row in a],
        [[*(x.imag for x in row), *(x.real for x in row)] for row in a],
    )
    return [*top, *below]


def by_blocks(name: str, args: list[Matrix], shape: Shape, ctx: Any) -> Matrix:
    """A function of complex matrices, by that of the real ones of twice the size, of which everything occurs twice."""
    value = FUNCTIONS[name](*map(blocks, args), shape=(2 * shape[0], 2 * shape[1]), ctx=ctx) if name != "v_max" else None
    if value is None:
        return _leading_vector(blocks(args[0]), ctx)
    if shape == (1, 1) and len(value) == 1:
        return [[real(value[0][0], ctx) / BY_BLOCKS[name]]]
    return [[of_parts(x, y) for x, y in zip(value[i], value[i + shape[0]], strict=True)][: shape[1]] for i in range(shape[0])]


def _leading_vector(a: Matrix, ctx: Any) -> Matrix:
    """The eigenvector of a simple largest eigenvalue of a Hermitian matrix, given by blocks; its largest entry is positive."""
    values, vectors = eigen(a, ctx)
    if len(values) > 2 and values[-1] - values[-3] <= max(map(abs, values)) * ctx.ten_to(-CLEAR):
        raise Undecided("with a simple largest eigenvalue")
    n = len(a) // 2
    column = [of_parts(vectors[i][-1], vectors[i + n][-1]) for i in range(n)]
    top = max(column, key=abs)
    return [[x * modulus(top, ctx) / top] for x in column]


# Of complex matrices by blocks, and how often numbers are counted there.
BY_BLOCKS = {
    **dict.fromkeys(f"{f}{more}" for f in ("expm", "logm", "cosm", "sinm") for more in ("", "_frechet", "_frechet2")),
    "sqrtm": 1, "polar": 1, "v_max": 1, "normspec": 1, "lambda_max": 1, "normnuc": 2,
}  # fmt: skip


# fmt: off
FUNCTIONS: dict[str, Callable[..., Matrix]] = {
    **_primary("expm", expm), **_primary("logm", logm), **_primary("cosm", cosm), **_primary("sinm", sinm),
    "tr":              lambda a, shape, ctx: [[trace(a)]],
    "det":             lambda a, shape, ctx: [[determinant(a, ctx)]],
    "logdet":          lambda a, shape, ctx: [[_logdet(a, ctx)]],
    "adj":             lambda a, shape, ctx: adjugate(a, ctx),
    "pinv":            lambda a, shape, ctx: pseudoinverse(a, ctx),
    "diag":            lambda v, shape, ctx: [[x if i == j else 0 for j in range(len(v))] for i, (x,) in enumerate(v)],
    "diagonal":        lambda a, shape, ctx: [[row[i]] for i, row in enumerate(a)],
    "tril":            lambda a, shape, ctx: [[x if j <= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
    "triu":            lambda a, shape, ctx: [[x if j >= i else 0 for j, x in enumerate(row)] for i, row in enumerate(a)],
    "vec":             lambda a, shape, ctx: stacked(a),
    "unvec":           lambda v, shape, ctx: unstacked(v, *shape),
    "kron":            lambda a, b, shape, ctx: kron(a, b),
    "blockinner":      lambda a, b, shape, ctx: _block_inner(a, b, shape),
    "blocksum":        lambda a, b, shape, ctx: _block_sum(a, b, shape),
    "khatrirao":       lambda a, b, shape, ctx: [[x * y for x, y in zip(r, s, strict=True)] for r in a for s in b],
    "prod":            lambda a, shape, ctx: [[prod(x for row in a for x in row)]],
    "norm":            lambda a, shape, ctx: [[root(sum(square(x) for row in a for x in row), 2, ctx)]],
    "normnuc":         lambda a, shape, ctx: [[sum(ctx.sqrt(x) for x in _gram(a, ctx)[0])]],
    "normspec":        lambda a, shape, ctx: [[ctx.sqrt(_gram(a, ctx)[0][-1])]],
    "polar":           lambda a, shape, ctx: _polar(a, ctx),
    "lambda_max":      lambda a, shape, ctx: [[_largest_root(a, ctx)]],
    "v_max":           lambda a, shape, ctx: _largest_vector(a, ctx),
    "logsumexp":       lambda v, shape, ctx: [[_log_sum(_row(v), ctx)]],
    "softmax":         lambda v, shape, ctx: [[x] for x in _softmax(_row(v), ctx)],
    "logsumexp_rows":  lambda a, shape, ctx: [[_log_sum(row, ctx)] for row in a],
    "softmax_rows":    lambda a, shape, ctx: [_softmax(row, ctx) for row in a],
    "sqrtm":           lambda x, shape, ctx: derivative(sqrtm, ctx, x),
    "sylvester":       lambda a, b, c, shape, ctx: _sylvester(a, b, c, ctx),
    "chol":            lambda a, shape, ctx: _cholesky(a, ctx),
    "cumsum":          lambda a, shape, ctx: _running(a),
    "revcumsum":       lambda a, shape, ctx: _running(a[::-1])[::-1],
    "diff":            lambda a, shape, ctx: plus(a[1:], a[:-1], -1),
    "difft":           lambda a, shape, ctx: plus([[0] * shape[1], *a], [*a, [0] * shape[1]], -1),
    "pi":              lambda shape, ctx: [[+ctx.pi]],
}
# fmt: on
