"""Numbers that do not round away what matters: fractions as long as they can be, else reals of many digits.

A number is an int, a Fraction, or a real, which is a Decimal: sums and products of those are C; or a complex number with such parts.
A matrix is a list of rows of numbers.  Reals have the digits of the context they are counted in, `with context(50)():`, whatever the user's
own settings are; functions that Decimal has not are mpmath's, which is loaded when the first of them is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache, wraps
from itertools import chain
from math import isqrt
from typing import Any, ParamSpec, TypeVar

from matcalc.checking.complex_numbers import RATIONAL, Complex, of_parts, square
from matcalc.limits import LARGEST_ARGUMENT, LONGEST_FRACTION

P = ParamSpec("P")
R = TypeVar("R")

Number = Any  # int, Fraction, Decimal, or Complex
Matrix = list[list[Number]]
REALS = {Decimal}  # the kinds of the numbers of a matrix of reals

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


BITS = 3.3219280948873626  # of a digit
GUARD = 8  # digits that mpmath counts with beyond
MODERATE = 1000  # an exponent up to which a real is handed over as a fraction


class Reals:
    """Reals of so many digits: their arithmetic, constants and functions."""

    def __init__(self, digits: int) -> None:
        self.dps, self.prec = digits, int(digits * BITS)
        self.arithmetic = Context(digits, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, DivisionByZero, Overflow])
        self.eps = self.ten_to(1 - digits)

    def __call__(self) -> AbstractContextManager[Context]:
        """A context manager: within it, all reals are counted so."""
        return localcontext(self.arithmetic)

    @cached_property
    def _library(self) -> Any:
        from mpmath.ctx_mp import MPContext

        made = MPContext()
        made.dps = self.dps + GUARD
        return made

    def real(self, x: Number) -> Number:
        """A number as a real, a complex one as a complex one with real parts.

        >>> context(20).real(Fraction(1, 3))
        Decimal('0.33333333333333333333')
        """
        kind = type(x)
        if kind is Complex:
            return of_parts(self.real(x.real), self.real(x.imag))
        if kind is Fraction:
            return self.arithmetic.divide(Decimal(x.numerator), Decimal(x.denominator))
        return self.arithmetic.plus(x if kind is Decimal else Decimal(x))

    def ten_to(self, k: int) -> Decimal:
        """10^k."""
        return Decimal((0, (1,), k))

    @cached_property
    def pi(self) -> Number:
        return self._made(+self._library.pi)

    def modulus(self, x: Number) -> Number:
        """The absolute value, as a real."""
        if not isinstance(x, Complex):
            return self.real(x).copy_abs()
        a, b = self.real(x.real), self.real(x.imag)
        return self.arithmetic.sqrt(self.arithmetic.fma(a, a, self.arithmetic.multiply(b, b)))

    def magnitude_in_bits(self, x: Number) -> int:
        """The exponent of a real or complex number that is not zero, about."""
        parts = (x.real, x.imag) if isinstance(x, Complex) else (x,)
        return max(int((p.adjusted() + 1) * BITS) for p in parts if p)

    def sqrt(self, x: Number) -> Number:
        """The square root; raises InvalidOperation of a negative number."""
        return self.arithmetic.sqrt(self.real(x))

    def __getattr__(self, name: str) -> Callable[..., Number]:
        """mpmath's function of that name, of reals.

        >>> context(20).exp(1)
        Decimal('2.7182818284590452354')
        """
        if name.startswith("_"):
            raise AttributeError(name)
        f = getattr(self._library, name)

        def function(*args: Number) -> Number:
            return self._made(f(*map(self._handed, args)))

        setattr(self, name, function)
        return function

    def _handed(self, x: Number) -> Any:
        if isinstance(x, Complex):
            return self._library.mpc(self._handed(x.real), self._handed(x.imag))
        if not isinstance(x, Decimal):
            return x if isinstance(x, int) else self._library.mpf(x.numerator) / x.denominator
        if abs(x.adjusted()) > MODERATE:
            return self._library.mpf(str(x))
        top, bottom = x.as_integer_ratio()
        return self._library.mpf(top) / bottom

    def _made(self, x: Any) -> Number:
        if hasattr(x, "_mpc_"):
            return of_parts(self._made(x.real), self._made(x.imag))
        sign, digits, exponent, _ = x._mpf_
        if not digits and exponent:
            raise OverflowError("infinite")
        with localcontext(self.arithmetic) as finer:
            finer.prec += GUARD
            made = Decimal(-int(digits) if sign else int(digits)) * Decimal(2) ** exponent
        return self.arithmetic.plus(made)


def context(digits: int) -> Reals:
    """The reals of that many decimal digits."""
    known: dict[int, Reals] = _local.__dict__.setdefault("contexts", {})
    if digits not in known:
        known[digits] = Reals(digits)
    return known[digits]


def counting(digits: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose reals have that many digits, wherever they have not those of what is evaluated."""

    def counted(f: Callable[P, R]) -> Callable[P, R]:
        @wraps(f)
        def inside(*args: P.args, **named: P.kwargs) -> R:
            with context(digits)():
                return f(*args, **named)

        return inside

    return counted


def is_exact(x: Number) -> bool:
    """Whether a number is an int or a Fraction, or a complex one made of these."""
    return type(x) in RATIONAL or type(x) is Complex and x.is_exact


def kinds(*ms: Matrix) -> set[type]:
    """The kinds of the numbers in matrices: of many entries they are soon told, where a question of each is slow for what is a fraction."""
    return {*map(type, chain.from_iterable(chain.from_iterable(ms)))}


def all_exact(m: Matrix) -> bool:
    """Whether all entries are.

    >>> all_exact([[1, Fraction(1, 2)]])
    True
    """
    found = kinds(m)
    return found <= RATIONAL or Decimal not in found and all(map(is_exact, chain.from_iterable(m)))


def is_complex(x: Number) -> bool:
    """Whether a number is of a complex kind."""
    return isinstance(x, Complex)


def any_complex(*ms: Matrix) -> bool:
    """Whether an entry is."""
    return Complex in kinds(*ms)


def modulus(x: Number, ctx: Any) -> Number:
    """|x|, exact where it is rational."""
    return root(square(x), 2, ctx) if isinstance(x, Complex) else abs(x)


def real(x: Number, ctx: Reals) -> Number:
    """A number as a real of the context, a complex one as a complex one.

    >>> real(Fraction(1, 4), context(50)) * 2
    Decimal('0.50')
    """
    return ctx.real(x)


def is_real(x: Number) -> bool:
    """Whether a number is a real, or a complex one with real parts."""
    return type(x) is Decimal or type(x) is Complex and not x.is_exact


def alike(c: Number, x: Number) -> Number:
    """`c`, as a real where `x` is one; a float may be, in a user's function."""
    return Decimal(c.numerator) / c.denominator if isinstance(c, Fraction) and is_real(x) else c


def reals(m: Matrix, ctx: Reals) -> Matrix:
    """A new matrix of reals of the context."""
    return [*map(list, m)] if kinds(m) == REALS else [[x if is_real(x) else ctx.real(x) for x in row] for row in m]


def bounded(m: Matrix, ctx: Reals) -> Matrix:
    """The matrix, as reals where not all of it is exact, or where its fractions have become too long."""
    found = kinds(m)
    if found == REALS:
        return m
    exact = found <= RATIONAL or all_exact(m)
    short = exact and all((x if type(x) is int else x.denominator).bit_length() <= LONGEST_FRACTION for row in m for x in row)
    return m if short else reals(m, ctx)


def each(f: Callable[[Number], Number], m: Matrix) -> Matrix:
    """f of every entry."""
    return [[f(x) for x in row] for row in m]


def root(x: Number, k: int, ctx: Reals) -> Number:
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


def power(x: Number, k: Number, ctx: Reals) -> Number:
    """x^k, exact for rational x where it is rational.

    Raises Undefined for a power of zero or of a negative number that is no real number.

    >>> power(2, -2, context(50)), power(Fraction(9, 4), Fraction(-1, 2), context(50))
    (Fraction(1, 4), Fraction(2, 3))
    """
    if is_exact(k) and not is_complex(k) and k == int(k):
        k = int(k)
        if not k:
            return 1
        if k < 0 and x == 0:
            raise Undefined("nonzero")
        if isinstance(x, Complex):
            return x**k
        if is_exact(x):
            size = max(x.numerator.bit_length(), x.denominator.bit_length())
            if abs(k) * size <= LONGEST_FRACTION:
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
    if abs(exponent) > LARGEST_ARGUMENT:
        raise Undecided("small")
    return ctx.exp(exponent)


def magnitude(values: Iterable[Number], ctx: Reals) -> Number:
    """The largest absolute value, as a real; 0 of nothing."""
    return max((x.copy_abs() if type(x) is Decimal else ctx.modulus(x) for x in values), default=Decimal(0))


def apart(a: Matrix, b: Matrix, ctx: Reals) -> Number:
    """The largest difference of two entries, as a real."""
    pairs = [(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)]
    with ctx():
        return magnitude((x - y if is_exact(x) and is_exact(y) else real(x, ctx) - real(y, ctx) for x, y in pairs), ctx)
