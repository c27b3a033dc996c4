"""Exponential, logarithm and square root of a matrix, with their first and second Fréchet derivatives, to many digits.

A jet (A, E) or (A, E, F, H) stands for A + εE + δF + εδH with ε² = δ² = 0, the algebra of the block triangular matrices of
Higham 2008, 3.6, in fewer products: f of the jet has the derivatives of f as its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import factorial, isqrt
from operator import mul
from typing import Any

from matcalc.checking.linear import determinant, eye, filled, inverse, plus, scaled, stacked, times, turned
from matcalc.checking.numbers import Matrix, Number, Undecided, Undefined, is_complex, reals
from matcalc.limits import LARGEST_NORM

Jet = tuple[Matrix, ...]
STEPS, ROOTS = 80, 60


def derivative(f: Callable[[Jet, Any], Jet], ctx: Any, x: Matrix, *directions: Matrix) -> Matrix:
    """f at x, or its derivative in one or two directions."""
    parts = [reals(m, ctx) for m in (x, *directions)]
    if len(directions) == 2:
        parts.append(reals(filled(len(x), len(x), 0), ctx))
    return f(tuple(parts), ctx)[-1]


def jacobian(f: Callable[[Jet, Any], Jet], ctx: Any, x: Matrix, *direction: Matrix) -> Matrix:
    """The matrix of the derivative in vec coordinates; given a direction, of the second derivative with it."""
    n, columns = len(x), []
    for k in range(n * n):
        e = [[int(k == j * n + i) for j in range(n)] for i in range(n)]
        columns.append([row[0] for row in stacked(derivative(f, ctx, x, *direction, e))])
    return turned(columns)


def expm(a: Jet, ctx: Any) -> Jet:
    """The exponential: Taylor's series, scaled and squared."""
    a, halvings = _halved(a, 3, ctx)
    (out,) = _series(a, ctx, lambda k: ctx.real(1) / factorial(k))
    for _ in range(halvings):
        out = _times(out, out)
    return out


def cosm(a: Jet, ctx: Any) -> Jet:
    """The cosine: Taylor's series, with the angle halved and doubled."""
    a, halvings = _halved(a, 0, ctx)
    (cos,) = _series(_scaled(-1, _times(a, a)), ctx, lambda k: ctx.real(1) / factorial(2 * k))
    for _ in range(halvings):
        cos = _doubled(cos, ctx)
    return cos


def sinm(a: Jet, ctx: Any) -> Jet:
    """The sine, beside the cosine."""
    a, halvings = _halved(a, 0, ctx)
    square, one = _scaled(-1, _times(a, a)), ctx.real(1)
    cos, over = _series(square, ctx, lambda k: one / factorial(2 * k), lambda k: one / factorial(2 * k + 1))
    sin = _times(a, over)
    for _ in range(halvings):
        sin, cos = _scaled(2, _times(sin, cos)), _doubled(cos, ctx)
    return sin


def _doubled(cos: Jet, ctx: Any) -> Jet:
    return _plus(_scaled(2, _times(cos, cos)), _unit(cos, ctx), -1)


def _halved(a: Jet, more: int, ctx: Any) -> tuple[Jet, int]:
    """The jet of norm 1 at most, halved some times more, and how often it was.  Raises Undecided where it is too large."""
    size = _norm(a[0])
    if size > LARGEST_NORM:
        raise Undecided("small")
    halvings = max(0, int(ctx.ceil(ctx.log(size, 2))) + more) if size else 0
    return _scaled(ctx.real(2) ** -halvings, a), halvings


def _series(x: Jet, ctx: Any, *of: Callable[[int], Number]) -> list[Jet]:
    """Power series of x by their coefficients, the first of them the largest, in few products (Paterson & Stockmeyer 1973)."""
    terms, size, left = 2, _norm(x[0]), ctx.real(1)
    while terms < 3 or terms**2 * of[0](terms - 1) * left > ctx.eps:  # what adds something to the value or to two derivatives
        terms, left = terms + 1, left * size
    powers = [_unit(x, ctx), x]
    while len(powers) <= isqrt(len(of) * terms):
        powers.append(_times(powers[-1], x))
    *few, highest = powers
    found = []
    for c in of:
        out = None
        for k in reversed(range(0, terms, len(few))):
            some = [c(i) for i in range(k, min(k + len(few), terms))]
            part = tuple([[sum(map(mul, some, entries)) for entries in zip(*rows)] for rows in zip(*ms)] for ms in zip(*few[: len(some)]))
            out = part if out is None else _plus(_times(out, highest), part)
        found.append(out or few[0])
    return found


def sqrtm(a: Jet, ctx: Any) -> Jet:
    """The principal square root S; its derivatives solve S L + L S = E, by squared sums (Smith 1968).

    Raises Undefined where there is none.
    """
    out = [_root(a[0], ctx)]
    if len(a) == 1:
        return tuple(out)
    unit = reals(eye(len(a[0])), ctx)
    p = abs(determinant(out[0], ctx)) ** (ctx.real(1) / len(unit))
    over = inverse(plus(out[0], unit, p), ctx)
    turns = [times(plus(out[0], unit, -p), over, ctx)]
    while _norm(turns[-1]) ** 2 > ctx.eps:
        turns.append(times(turns[-1], turns[-1], ctx))
    for k in range(1, len(a)):
        right = a[k] if k < 3 else plus(a[k], _part(out, out, (1, 2), k), -1)
        found = scaled(2 * p, times(times(over, right, ctx), over, ctx))
        for t in turns:
            found = plus(found, times(times(t, found, ctx), t, ctx))
        out.append(found)
    return tuple(out)


def _root(a: Matrix, ctx: Any) -> Matrix:
    """By the iteration of Denman and Beavers for products, scaled by determinants (Higham 2008, 6.3)."""
    unit, half, near = reals(eye(len(a)), ctx), ctx.real(1) / 2, ctx.ten_to(-ctx.dps * 5 // 8)
    x = m = a
    for _ in range(STEPS):
        away = _norm(plus(m, unit, -1))
        if away <= near:
            return times(x, plus(scaled(3 * half, unit), m, -half), ctx)
        try:
            over = inverse(m, ctx)
        except Undefined:
            break
        c = ctx.real(1)
        if away > half / 4:
            det = determinant(m, ctx)
            if not is_complex(det) and det < 0:
                break
            c = ctx.root(ctx.modulus(det), len(a))
        x = times(x, plus(scaled(half / ctx.sqrt(c), unit), over, half * ctx.sqrt(c)), ctx)
        m = plus(scaled(half, unit), plus(scaled(1 / c, m), over, c), half / 2)
    raise Undefined("without eigenvalues in (−∞, 0]")


def logm(a: Jet, ctx: Any) -> Jet:
    """The principal logarithm: square roots until it is near I, then the series of the inverse hyperbolic tangent."""
    unit, roots, size = _unit(a, ctx), 0, _norm(a[0])
    if not size:
        raise Undefined("without eigenvalues in (−∞, 0]")
    a = _scaled(1 / size, a)  # log A = log A/c + log c I
    while _norm(plus(a[0], unit[0], -1)) > 0.75:
        a, roots = sqrtm(a, ctx), roots + 1
        if roots > ROOTS:
            raise Undefined("without eigenvalues in (−∞, 0]")
    w = _times(_plus(a, unit, -1), _inverse(_plus(a, unit), ctx))
    (over,) = _series(_times(w, w), ctx, lambda k: ctx.real(1) / (2 * k + 1))
    out = _times(w, over)
    first, *others = _scaled(ctx.real(2) ** (roots + 1), out)
    return plus(first, scaled(ctx.log(size), unit[0])), *others


def _norm(a: Matrix) -> Number:
    return max(sum(abs(x) for x in row) for row in a)


def _unit(a: Jet, ctx: Any) -> Jet:
    n = len(a[0])
    return (reals(eye(n), ctx), *(reals(filled(n, n, 0), ctx) for _ in a[1:]))


def _plus(a: Jet, b: Jet, c: Number = 1) -> Jet:
    return tuple(plus(x, y, c) for x, y in zip(a, b, strict=True))


def _scaled(c: Number, a: Jet) -> Jet:
    return tuple(scaled(c, x) for x in a)


def _times(a: Jet, b: Jet) -> Jet:
    """The product of jets."""
    return tuple(_part(a, b, range(k + 1), k) for k in range(len(a)))


def _part(a: Sequence[Matrix], b: Sequence[Matrix], some: Iterable[int], k: int) -> Matrix:
    """Part k of a product, of `some` parts of the first factor: part i times part j is of part i + j where they share no ε."""
    both = [(a[i], b[k ^ i]) for i in some if i | k == k]
    columns = [*zip(*(row for _, m in both for row in m))]
    return [[sum(map(mul, chain(*rows), column)) for column in columns] for rows in zip(*(m for m, _ in both))]


def _inverse(a: Jet, ctx: Any) -> Jet:
    out = [inverse(a[0], ctx)]
    for k in range(1, len(a)):
        out.append(scaled(-1, times(out[0], _part(a, out, range(1, k + 1), k), ctx)))
    return tuple(out)
