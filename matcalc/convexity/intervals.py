"""Intervals of numbers, and the sign of a polynomial of one number in an interval."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

Interval = tuple[Fraction | None, Fraction | None]
REAL: Interval = (None, None)

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


def on_interval(p: list[Fraction], where: Interval) -> Sign:
    """The sign of a polynomial, by coefficients from 0, inside of an interval: by the roots that its factors have there (Sturm).

    >>> on_interval([Fraction(0), Fraction(1), Fraction(-1)], (Fraction(0), Fraction(1))) == POSITIVE
    True
    >>> on_interval([Fraction(1), Fraction(-2), Fraction(1)], (None, None)) == NONNEGATIVE
    True
    >>> on_interval([Fraction(1), Fraction(-3), Fraction(1)], (None, None)) == UNKNOWN
    True
    """
    p = _without_zeros(p)
    if not p:
        return ZERO
    low, high = where
    inside = (low + high) / 2 if low is not None and high is not None else low + 1 if low is not None else (high or Fraction(0)) - 1
    positive, zeros = p[-1] > 0, False
    for k, factor in enumerate(_by_multiplicity(p), 1):
        if _has_root(factor, where):
            if k % 2:
                return UNKNOWN
            zeros = True
        elif k % 2:
            positive ^= _at(factor, inside) < 0
    return (NONNEGATIVE if positive else NONPOSITIVE) | (0 if zeros else NONZERO)


def _without_zeros(p: list[Fraction]) -> list[Fraction]:
    return p[: max((i + 1 for i, c in enumerate(p) if c), default=0)]


def _at(p: list[Fraction], x: Fraction) -> Fraction:
    return sum((c * x**i for i, c in enumerate(p)), Fraction(0))


def _slope(p: list[Fraction]) -> list[Fraction]:
    return [i * c for i, c in enumerate(p)][1:]


def _divided(p: list[Fraction], q: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """The quotient and the rest."""
    rest, out = list(p), [Fraction(0)] * max(len(p) - len(q) + 1, 0)
    for i in reversed(range(len(out))):
        out[i] = rest[i + len(q) - 1] / q[-1]
        for j, c in enumerate(q):
            rest[i + j] -= out[i] * c
    return out, _without_zeros(rest)


def _common(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    """The greatest common factor, with 1 before the highest power."""
    while q:
        p, q = q, _divided(p, q)[1]
    return [c / p[-1] for c in p]


def _by_multiplicity(p: list[Fraction]) -> Iterator[list[Fraction]]:
    """The factors of single roots, of double ones, …, each with 1 before the highest power (Yun 1976)."""
    above = _common(p, _slope(p))
    left = _common(_divided(p, above)[0], [])
    while len(left) > 1:
        shared = _common(left, above)
        yield _divided(left, shared)[0]
        left, above = shared, _divided(above, shared)[0]


def _has_root(p: list[Fraction], where: Interval) -> bool:
    """Whether a polynomial of single roots has one inside of an interval."""
    for end in where:
        if end is not None and len(p) > 1 and not _at(p, end):
            p = _divided(p, [-end, Fraction(1)])[0]
    chain = [p, _slope(p)]
    while chain[-1]:
        chain.append([-c for c in _divided(chain[-2], chain[-1])[1]])

    def changes(end: Fraction | None, odd: int) -> int:
        """How often the signs of the chain change at one end; `odd` is the sign of an odd power where that is infinite."""
        values = [q[-1] * odd ** (len(q) - 1) if end is None else _at(q, end) for q in chain[:-1]]
        signs = [v > 0 for v in values if v]
        return sum(a is not b for a, b in pairwise(signs))

    return changes(where[0], -1) > changes(where[1], 1)
