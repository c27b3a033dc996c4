"""Intervals of numbers, and the sign of a polynomial of one number in an interval."""

from __future__ import annotations

from fractions import Fraction
from math import comb

Interval = tuple[Fraction | None, Fraction | None]
REAL: Interval = (None, None)
HALVES = 3  # of an interval on which a polynomial has one sign

Sign = int
UNKNOWN, NONNEGATIVE, NONPOSITIVE, NONZERO = 0, 1, 2, 4
POSITIVE, NEGATIVE, ZERO = NONNEGATIVE | NONZERO, NONPOSITIVE | NONZERO, NONNEGATIVE | NONPOSITIVE


def within(a: Interval, b: Interval) -> Interval:
    """The intersection."""
    lows, highs = [x for x in (a[0], b[0]) if x is not None], [x for x in (a[1], b[1]) if x is not None]
    return max(lows, default=None), min(highs, default=None)


def narrowed(a: Interval, nonnegative: bool, nonpositive: bool) -> Interval:
    """The part of an interval that is not negative, or not positive."""
    low, high = a
    zero = Fraction(0)
    return (max(low, zero) if low is not None else zero) if nonnegative else low, (
        min(high, zero) if high is not None else zero
    ) if nonpositive else high


def added(a: Interval, b: Interval) -> Interval:
    """The sums of numbers of two intervals."""
    return (None if a[0] is None or b[0] is None else a[0] + b[0]), (None if a[1] is None or b[1] is None else a[1] + b[1])


def scaled(c: Fraction, a: Interval) -> Interval:
    """The multiples of the numbers of an interval."""
    low, high = (None if x is None else c * x for x in a)
    if c == 0:
        return Fraction(0), Fraction(0)
    return (low, high) if c > 0 else (high, low)


def multiplied(a: Interval, b: Interval) -> Interval:
    """Where the products of numbers of two intervals lie."""
    if None not in (*a, *b):
        ends = [x * y for x in a for y in b if x is not None and y is not None]
        return min(ends), max(ends)
    if a[0] is not None and b[0] is not None and a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], None if a[1] is None or b[1] is None else a[1] * b[1]
    for p, q in ((a, b), (b, a)):
        if p[0] is not None and p[0] == p[1]:
            return scaled(p[0], q)
    return REAL


def raised(a: Interval, k: Fraction | int) -> Interval:
    """Where the powers of the numbers of an interval lie."""
    low, high = a
    if isinstance(k, int) and k > 0:
        if low is not None and low >= 0:
            return low**k, None if high is None else high**k
        if k % 2 == 0:
            most = None if low is None or high is None else max(-low, high) ** k
            return Fraction(0), most
        return (None if low is None else low**k), (None if high is None else high**k)
    if isinstance(k, int) and k < 0 and low is not None and low >= 0:
        return (Fraction(0) if not high else high**k), (None if low == 0 else low**k)
    if not isinstance(k, int) and low is not None and low >= 0:
        above, below = low >= 1, high is not None and high <= 1
        above, below = (above, below) if k > 0 else (below, above)
        return Fraction(int(above)), Fraction(1) if below else None
    return REAL


def on_interval(p: list[Fraction], where: Interval, halves: int = HALVES) -> Sign:
    """The sign of a polynomial, by coefficients from 0, inside of an interval: POSITIVE, NONNEGATIVE, ZERO or UNKNOWN.

    With t = (a + b u)/(1 + u), it has one sign for u > 0 where all coefficients have (Pólya & Szegő).

    >>> on_interval([Fraction(0), Fraction(1), Fraction(-1)], (Fraction(0), Fraction(1))) == POSITIVE
    True
    >>> on_interval([Fraction(1), Fraction(-3), Fraction(1)], (None, None)) == UNKNOWN
    True
    """
    if not any(p):
        return ZERO
    low, high = where
    if low is None and high is None:
        right, left = (on_interval(q, (Fraction(0), None), halves) for q in (p, _mirrored(p)))
        both = right & left
        return (both & NONNEGATIVE) | (NONZERO if both & NONZERO and p[0] > 0 else 0) if both & NONNEGATIVE else UNKNOWN
    if low is None and high is not None:
        return on_interval(_mirrored(p), (-high, None), halves)
    assert low is not None
    tried = [low + k for k in (1, 5)] if high is None else [low + (high - low) * k / 8 for k in (1, 4, 7)]
    if any(sum(c * x**i for i, c in enumerate(p)) < 0 for x in tried):
        return UNKNOWN
    shown = _shifted(p, low) if high is None else _between(p, low, high)
    if all(c >= 0 for c in shown):
        return POSITIVE
    if not halves:
        return UNKNOWN
    middle = low + 1 if high is None else (low + high) / 2
    parts = on_interval(p, (low, middle), halves - 1) & on_interval(p, (middle, high), halves - 1)
    at = sum(c * middle**i for i, c in enumerate(p))
    return (NONNEGATIVE | (NONZERO if parts & NONZERO and at > 0 else 0)) if parts & NONNEGATIVE and at >= 0 else UNKNOWN


def _mirrored(p: list[Fraction]) -> list[Fraction]:
    return [-c if i % 2 else c for i, c in enumerate(p)]


def _shifted(p: list[Fraction], by: Fraction) -> list[Fraction]:
    return [sum((c * comb(i, k) * by ** (i - k) for i, c in enumerate(p) if i >= k), Fraction(0)) for k in range(len(p))]


def _between(p: list[Fraction], low: Fraction, high: Fraction) -> list[Fraction]:
    """The coefficients of (1 + u)^n p((a + b u)/(1 + u))."""
    n = len(p) - 1
    out = [Fraction(0)] * (n + 1)
    for i, c in enumerate(p):
        for k in range(i + 1):
            for j in range(n - i + 1):
                out[k + j] += c * comb(i, k) * high**k * low ** (i - k) * comb(n - i, j)
    return out
