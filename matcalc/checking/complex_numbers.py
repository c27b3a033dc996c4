"""Complex numbers whose parts are both rational, or both reals of many digits: what is exact of them stays so."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any


class Complex:
    """a + b i with b ≠ 0; what has no imaginary part is one number.

    >>> Complex(1, 2) * Complex(1, -2), Complex(1, 2) / 2, Complex(0, 1) ** -3
    (5, 1/2 + 1i, 1i)
    """

    __slots__ = ("real", "imag")

    def __init__(self, real: Any, imag: Any) -> None:
        self.real, self.imag = real, imag

    @property
    def is_exact(self) -> bool:
        """Whether both parts are rational."""
        return type(self.real) in RATIONAL and type(self.imag) in RATIONAL

    @property
    def denominator(self) -> int:
        """The least whole number that makes both parts whole."""
        return lcm(self.real.denominator, self.imag.denominator)

    def conjugate(self) -> Complex:
        return Complex(self.real, -self.imag)

    def __add__(self, other: Any) -> Any:
        return of_parts(self.real + other.real, self.imag + other.imag) if isinstance(other, NUMBERS) else NotImplemented

    def __neg__(self) -> Complex:
        return Complex(-self.real, -self.imag)

    def __sub__(self, other: Any) -> Any:
        return of_parts(self.real - other.real, self.imag - other.imag) if isinstance(other, NUMBERS) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Complex):
            return of_parts(self.real * other, self.imag * other) if isinstance(other, NUMBERS) else NotImplemented
        a, b, c, d = self.real, self.imag, other.real, other.imag
        return of_parts(a * c - b * d, a * d + b * c)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Complex):
            return _over(self * other.conjugate(), square(other))
        return _over(self, other) if isinstance(other, NUMBERS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return _over(other * self.conjugate(), square(self))

    def __pow__(self, k: int) -> Any:
        out: Any = 1
        for _ in range(abs(k)):
            out = out * self
        return out if k >= 0 else _over(1, out) if not isinstance(out, Complex) else 1 / out

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Complex) and (self.real, self.imag) == (other.real, other.imag)

    def __hash__(self) -> int:
        return hash((self.real, self.imag))

    def __bool__(self) -> bool:
        return True

    def __abs__(self) -> Any:
        """How large it is, as pivots are compared: |a| + |b|.  `modulus` is the absolute value."""
        return abs(self.real) + abs(self.imag)

    def __repr__(self) -> str:
        between = f"{self.real} {'-' if self.imag < 0 else '+'} " if self.real else "-" if self.imag < 0 else ""
        return f"{between}{abs(self.imag)}i"


RATIONAL = {int, Fraction, bool}
NUMBERS = (Decimal, int, Complex, Fraction)  # what is of an abstract class is asked last: that takes long


def of_parts(real: Any, imag: Any) -> Any:
    """real + imag i, as one number where that is real."""
    return Complex(real, imag) if imag else real


def square(x: Any) -> Any:
    """|x|²."""
    return x.real * x.real + x.imag * x.imag if isinstance(x, Complex) else x * x


def _over(x: Any, c: Any) -> Any:
    """x / c for a c that is not complex."""
    c = Fraction(c) if isinstance(c, int) and not isinstance(x.real, Decimal) else c
    return of_parts(x.real / c, x.imag / c)
