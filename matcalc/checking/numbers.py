"""Numbers that do not round away what matters: fractions as long as they can be, else reals of many digits.

A number is an int, a Fraction, or a real (mpf) of a context, a complex one a Gaussian rational or an mpc; a matrix is a list of rows.
Each thread and each precision has its own context of mpmath, so that the user's own settings stay as they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

from matcalc.checking.gaussian import EXACT, Gaussian, square

Number = Any  # int, Fraction or a real of a context
Matrix = list[list[Number]]

LONGEST = 6000  # bits of a fraction; what would be longer is a real from there on
LARGEST = 10**8  # an argument of a transcendental function; past it the value would be all exponent
_local = threading.local()


class Undefined(ArithmeticError):
    """There is no value here, or none that tells anything: `what` would have to be `how`."""

    def __init__(self, how: str = "", what: Any = None) -> None:
        super().__init__(how)
        self.how, self.what = how, what


class Undecided(Undefined):
    """There may be a value, but at this precision none that tells anything."""


@lru_cache(maxsize=1)
def has_arrays() -> bool:
    """Whether NumPy can be imported."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


def context(digits: int) -> Any:
    """mpmath at that many decimal digits."""
    known = _local.__dict__.setdefault("contexts", {})
    if digits not in known:
        from mpmath.ctx_mp import MPContext

        made = MPContext()
        made.dps = digits
        known[digits] = made
    return known[digits]


def is_exact(x: Number) -> bool:
    """Whether a number is an int or a Fraction, or a complex one made of these."""
    return isinstance(x, EXACT)


def all_exact(m: Matrix) -> bool:
    """Whether all entries are.

    >>> all_exact([[1, Fraction(1, 2)]])
    True
    """
    return all(isinstance(x, EXACT) for row in m for x in row)


def is_complex(x: Number) -> bool:
    """Whether a number is of a complex kind."""
    return isinstance(x, Gaussian) or hasattr(x, "_mpc_")


def any_complex(*ms: Matrix) -> bool:
    """Whether an entry is."""
    return any(isinstance(x, Gaussian) or hasattr(x, "_mpc_") for m in ms for row in m for x in row)


def modulus(x: Number, ctx: Any) -> Number:
    """|x|, exact where it is rational."""
    return root(square(x), 2, ctx) if isinstance(x, Gaussian) else abs(x)


def real(x: Number, ctx: Any) -> Number:
    """A number as a real of the context, a complex one as a complex one.

    >>> real(Fraction(1, 4), context(50)) * 2
    mpf('0.5')
    """
    if isinstance(x, Fraction):
        return ctx.mpf(x.numerator) / x.denominator
    return ctx.mpc(real(x.real, ctx), real(x.imag, ctx)) if is_complex(x) else ctx.mpf(x)


def reals(m: Matrix, ctx: Any) -> Matrix:
    """A matrix of reals of the context."""
    kinds = (ctx.mpf, ctx.mpc)
    return [[x if type(x) in kinds else real(x, ctx) for x in row] for row in m]


def bounded(m: Matrix, ctx: Any) -> Matrix:
    """The matrix, as reals where not all of it is exact, or where its fractions have become too long."""
    exact = True
    for row in m:
        for x in row:
            if isinstance(x, int):
                exact = exact and x.bit_length() <= LONGEST
            else:
                exact = exact and isinstance(x, EXACT) and x.denominator.bit_length() <= LONGEST
    return m if exact else reals(m, ctx)


def each(f: Callable[[Number], Number], m: Matrix) -> Matrix:
    """f of every entry."""
    return [[f(x) for x in row] for row in m]


def root(x: Number, k: int, ctx: Any) -> Number:
    """The k-th root of a nonnegative number, exact where it is rational.

    >>> root(Fraction(4, 9), 2, context(50)), root(27, 3, context(50))
    (Fraction(2, 3), 3)
    """
    if is_exact(x):
        top, bottom = _whole_root(x.numerator, k), _whole_root(x.denominator, k)
        if top is not None and bottom is not None:
            return top if bottom == 1 else Fraction(top, bottom)
        x = real(x, ctx)
    return ctx.sqrt(x) if k == 2 else ctx.root(x, k)


def _whole_root(x: int, k: int) -> int | None:
    if k == 2:
        found = isqrt(x)
    else:
        low, high = 0, 1 << (x.bit_length() // k + 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**k <= x else (low, middle - 1)
        found = low
    return found if found**k == x else None


def power(x: Number, k: Number, ctx: Any) -> Number:
    """x^k, exact for rational x where it is rational.

    Raises Undefined for a power of zero or of a negative number that is no real number.

    >>> power(2, -2, context(50)), power(Fraction(9, 4), Fraction(-1, 2), context(50))
    (Fraction(1, 4), Fraction(2, 3))
    """
    if is_exact(k) and not is_complex(k) and k == int(k):
        k = int(k)
        if k < 0 and x == 0:
            raise Undefined("nonzero")
        if isinstance(x, Gaussian):
            return x**k
        if is_exact(x):
            size = max(x.numerator.bit_length(), x.denominator.bit_length())
            if abs(k) * size <= LONGEST:
                return Fraction(x) ** k if k < 0 or isinstance(x, Fraction) else x**k
            return real(x, ctx) ** k
        return x**k
    if is_complex(x) or is_complex(k):
        if x == 0:
            raise Undefined("nonzero")
        return ctx.power(real(x, ctx), real(k, ctx))
    if x < 0:
        raise Undefined("positive" if k < 0 else "nonnegative")
    if x == 0:
        if k < 0:
            raise Undefined("positive")
        return 0
    if is_exact(k) and k.denominator <= 12 and abs(k.numerator) <= 64:
        return power(root(x, k.denominator, ctx), k.numerator, ctx)
    exponent = real(k, ctx) * ctx.log(real(x, ctx))
    if abs(exponent) > LARGEST:
        raise Undecided("small")
    return ctx.exp(exponent)


def magnitude(values: Iterable[Number], ctx: Any) -> Number:
    """The largest absolute value, as a real; 0 of nothing."""
    return max((abs(real(x, ctx)) for x in values), default=ctx.mpf(0))


def apart(a: Matrix, b: Matrix, ctx: Any) -> Number:
    """The largest difference of two entries, as a real."""
    pairs = [(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)]
    return magnitude((x - y if is_exact(x) and is_exact(y) else real(x, ctx) - real(y, ctx) for x, y in pairs), ctx)
