"""Complex numbers whose real and imaginary parts are rational: what is exact of them stays so."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any


class Gaussian:
    """a + b i with rational a and b ≠ 0; what has no imaginary part is an int or a Fraction.

    >>> Gaussian(1, 2) * Gaussian(1, -2), Gaussian(1, 2) / 2, Gaussian(0, 1) ** -3
    (5, 1/2 + 1i, 1i)
    """

    __slots__ = ("real", "imag")

    def __init__(self, real: int | Fraction, imag: int | Fraction) -> None:
        self.real, self.imag = real, imag

    @property
    def denominator(self) -> int:
        """The least whole number that makes both parts whole."""
        return lcm(self.real.denominator, self.imag.denominator)

    def conjugate(self) -> Gaussian:
        return Gaussian(self.real, -self.imag)

    def __add__(self, other: Any) -> Any:
        return gaussian(self.real + other.real, self.imag + other.imag) if isinstance(other, EXACT) else NotImplemented

    def __neg__(self) -> Gaussian:
        return Gaussian(-self.real, -self.imag)

    def __sub__(self, other: Any) -> Any:
        return gaussian(self.real - other.real, self.imag - other.imag) if isinstance(other, EXACT) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, EXACT):
            return NotImplemented
        a, b, c, d = self.real, self.imag, other.real, other.imag
        return gaussian(a * c - b * d, a * d + b * c)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * (other.conjugate() * (1 / Fraction(square(other)))) if isinstance(other, EXACT) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return other * (self.conjugate() * (1 / Fraction(square(self))))

    def __pow__(self, k: int) -> Any:
        out: Any = 1
        for _ in range(abs(k)):
            out = out * self
        return out if k >= 0 else 1 / Fraction(out) if isinstance(out, int) else 1 / out

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EXACT) and (self.real, self.imag) == (other.real, other.imag)

    def __hash__(self) -> int:
        return hash((self.real, self.imag))

    def __bool__(self) -> bool:
        return True

    def __abs__(self) -> Fraction:
        """How large it is, as pivots are compared: |a| + |b|.  `modulus` is the absolute value."""
        return abs(Fraction(self.real)) + abs(Fraction(self.imag))

    def __repr__(self) -> str:
        between = f"{self.real} {'-' if self.imag < 0 else '+'} " if self.real else "-" if self.imag < 0 else ""
        return f"{between}{abs(self.imag)}i"


EXACT = (int, Fraction, Gaussian)


def gaussian(real: int | Fraction, imag: int | Fraction) -> Any:
    """real + imag i, as an int or a Fraction where that is real."""
    return Gaussian(real, imag) if imag else real


def square(x: Any) -> Any:
    """|x|²."""
    return x.real * x.real + x.imag * x.imag
