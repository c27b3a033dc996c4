"""Exponential, logarithm and square root of a matrix, with their first and second Fréchet derivatives, to many digits.

A jet (A, E) or (A, E, F, H) stands for A + εE + δF + εδH with ε² = δ² = 0, the algebra of the block triangular matrices of
Higham 2008, 3.6, in fewer products: f of the jet has the derivatives of f as its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.checking.linear import determinant, eye, filled, inverse, plus, scaled, stacked, times, turned
from matcalc.checking.numbers import Matrix, Number, Undecided, Undefined, reals
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
    size = _norm(a[0])
    if size > LARGEST_NORM:
        raise Undecided("small")
    halvings = max(0, int(ctx.ceil(ctx.log(size, 2))) + 8) if size else 0
    a = _scaled(ctx.real(2) ** -halvings, a)
    out = term = _unit(a, ctx)
    for k in range(1, int(ctx.prec / 10) + 8):
        term = _scaled(ctx.real(1) / k, _times(term, a, ctx))
        out = _plus(out, term)
        if _is_done(term, out, ctx):
            break
    for _ in range(halvings):
        out = _times(out, out, ctx)
    return out


def cosm(a: Jet, ctx: Any) -> Jet:
    """The cosine."""
    return _circular(a, ctx)[0]


def sinm(a: Jet, ctx: Any) -> Jet:
    """The sine."""
    return _circular(a, ctx)[1]


def _circular(a: Jet, ctx: Any) -> tuple[Jet, Jet]:
    """The cosine and the sine: Taylor's series, with the angle halved and doubled."""
    size = _norm(a[0])
    if size > LARGEST_NORM:
        raise Undecided("small")
    halvings = max(0, int(ctx.ceil(ctx.log(size, 2))) + 2) if size else 0
    a = _scaled(ctx.real(2) ** -halvings, a)
    unit = cos = sin = term = _unit(a, ctx)
    square = _scaled(-1, _times(a, a, ctx))
    for k in range(2, int(ctx.prec / 6) + 20, 2):
        term = _scaled(ctx.real(1) / (k * (k - 1)), _times(term, square, ctx))
        cos, sin = _plus(cos, term), _plus(sin, _scaled(ctx.real(1) / (k + 1), term))
        if _is_done(term, cos, ctx):
            break
    sin = _times(a, sin, ctx)
    for _ in range(halvings):
        cos, sin = _plus(_scaled(2, _times(cos, cos, ctx)), unit, -1), _scaled(2, _times(sin, cos, ctx))
    return cos, sin


def sqrtm(a: Jet, ctx: Any) -> Jet:
    """The principal square root, by the iteration of Denman and Beavers, scaled by determinants (Higham 2008, 6.3).

    Raises Undefined where there is none.
    """
    half = ctx.real(1) / 2
    y, z, near, far = a, _unit(a, ctx), ctx.ten_to(-ctx.dps * 5 // 8), True
    for _ in range(STEPS):
        try:
            y_inverse, z_inverse = _inverse(y, ctx), _inverse(z, ctx)
        except Undefined:
            break
        scale = _scale(y[0], z[0], ctx) if far else ctx.real(1)
        y_next = _plus(_scaled(half * scale, y), _scaled(half / scale, z_inverse))
        z_next = _plus(_scaled(half * scale, z), _scaled(half / scale, y_inverse))
        moved = max(_norm(plus(p, q, -1)) - near * _norm(q) for p, q in zip(y, y_next, strict=True))
        far = far and _norm(plus(y[0], y_next[0], -1)) > _norm(y_next[0]) / 8
        y, z = y_next, z_next
        if moved <= 0 and not far:
            return _scaled(half, _plus(y, _inverse(z, ctx)))
    raise Undefined("without eigenvalues in (−∞, 0]")


def _is_done(term: Jet, out: Jet, ctx: Any) -> bool:
    """Whether a term of a series of which each is less than half the one before adds nothing."""
    return all(_norm(t) <= ctx.eps * _norm(s) for t, s in zip(term, out, strict=True))


def _scale(y: Matrix, z: Matrix, ctx: Any) -> Number:
    both = abs(determinant(y, ctx) * determinant(z, ctx))
    return ctx.root(both, 2 * len(y)) ** -1 if both else ctx.real(1)


def logm(a: Jet, ctx: Any) -> Jet:
    """The principal logarithm: square roots until it is near I, then the series of the inverse hyperbolic tangent."""
    unit, roots, size = _unit(a, ctx), 0, _norm(a[0])
    if not size:
        raise Undefined("without eigenvalues in (−∞, 0]")
    a = _scaled(1 / size, a)  # log A = log A/c + log c I
    while _norm(plus(a[0], unit[0], -1)) > 0.5:
        a, roots = sqrtm(a, ctx), roots + 1
        if roots > ROOTS:
            raise Undefined("without eigenvalues in (−∞, 0]")
    w = _times(_plus(a, unit, -1), _inverse(_plus(a, unit), ctx), ctx)
    out, term, square = w, w, _times(w, w, ctx)
    bits = max(2.0, -float(ctx.log(_norm(square[0]) or ctx.eps, 2)))  # that a term is smaller than the one before
    for k in range(3, 2 * int(ctx.prec / bits) + 24, 2):
        term = _times(term, square, ctx)
        out = _plus(out, _scaled(ctx.real(1) / k, term))
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


def _times(a: Jet, b: Jet, ctx: Any) -> Jet:
    """The product of jets: part i times part j is of part i + j where they share no ε."""
    out: list[Matrix | None] = [None] * len(a)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if not i & j:
                known, more = out[i | j], times(x, y, ctx)
                out[i | j] = more if known is None else plus(known, more)
    return tuple(m for m in out if m is not None)


def _inverse(a: Jet, ctx: Any) -> Jet:
    first = inverse(a[0], ctx)
    out = [first]
    for k in range(1, len(a)):
        total = filled(len(first), len(first), ctx.real(0))
        for i in range(1, k + 1):
            if i | k == k:
                total = plus(total, times(a[i], out[k ^ i], ctx))
        out.append(scaled(-1, times(first, total, ctx)))
    return tuple(out)
