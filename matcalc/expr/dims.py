"""Sizes of matrices: integers, symbols, and polynomials of them.

A size is a plain ``int`` or a `Dim`.  Dims are interned, so equal sizes are the same object
and ``==`` is all that is ever needed.  Kronecker products and vec make products (``m*n``),
nothing makes more than polynomials with integer coefficients; of less than there is, n - 1 is one.
"""

from __future__ import annotations

from _thread import LockType, allocate_lock
from collections.abc import Mapping
from typing import ClassVar
from weakref import WeakValueDictionary

Monomial = tuple[str, ...]


class Dim:
    """A polynomial in size symbols; made by `symbol`, ``+`` and ``*`` only.

    >>> n = symbol("n")
    >>> n * symbol("m"), n + n is 2 * n, n * 1 is n
    (m*n, True, True)
    >>> n + (-1)
    n - 1
    """

    __slots__ = ("terms", "name", "text", "__weakref__")
    terms: tuple[tuple[Monomial, int], ...]
    name: str | None  # of the symbol, where the size is a single one
    text: str
    _known: ClassVar[WeakValueDictionary[tuple[tuple[Monomial, int], ...], Dim]] = WeakValueDictionary()
    _one_at_a_time: ClassVar[LockType] = allocate_lock()

    def __add__(self, other: Size) -> Size:
        return _polynomial(_plus(_terms(self), _terms(other)))

    def __mul__(self, other: Size) -> Size:
        product: dict[Monomial, int] = {}
        for a, x in self.terms:
            for b, y in _terms(other).items():
                key = tuple(sorted(a + b))
                product[key] = product.get(key, 0) + x * y
        return _polynomial(product)

    __radd__ = __add__
    __rmul__ = __mul__

    @property
    def symbols(self) -> set[str]:
        return {name for mono, _ in self.terms for name in mono}

    def __repr__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self.terms,)


Size = int | Dim
Shape = tuple[Size, Size]


def symbol(name: str) -> Dim:
    """The size called `name`."""
    return _restore((((name,), 1),))


def replace(size: Size, by: Mapping[str, Size]) -> Size:
    """`size` with symbols replaced.

    >>> replace(symbol("m") * symbol("n"), {"m": 2, "n": 3})
    6
    """
    if isinstance(size, int) or not by:
        return size
    if size.name is not None:
        return by.get(size.name, size)
    total: Size = 0
    for mono, coefficient in size.terms:
        term: Size = coefficient
        for name in mono:
            term = term * (by[name] if name in by else symbol(name))
        total = total + term
    return total


def divide(size: Size, by: Size) -> Size | None:
    """size / by, where that is a size.

    >>> divide(symbol("m") * symbol("n"), symbol("n")), divide(6, 4)
    (m, None)
    """
    divisor = _terms(by)
    if len(divisor) != 1:
        return 1 if size == by else None
    (names, factor), out = next(iter(divisor.items())), {}
    for mono, c in _terms(size).items():
        left = list(mono)
        for name in names:
            if name not in left:
                return None
            left.remove(name)
        if c % factor:
            return None
        out[tuple(left)] = c // factor
    return _polynomial(out)


def solved(wanted: Dim, size: Size, name: str, bound: Mapping[str, Size]) -> Size | None:
    """The value of the symbol `name` where `wanted` is `size`, with the other symbols bound.

    >>> solved(symbol("m") * symbol("p"), symbol("n") * 6, "p", {"m": 3}), solved(symbol("m") + 1, symbol("n"), "m", {})
    (2*n, n - 1)
    """
    rest = replace(wanted, {**bound, name: 0})
    return divide(size + -1 * rest, replace(wanted, {**bound, name: 1}) + -1 * rest)


def size_of(text: str) -> Size:
    """The size written `text`: a number, a name, or ``m*n``, ``m+n`` and ``n-1`` of them.

    >>> size_of("2*n - 1")
    2*n - 1
    """
    if "+" in text:
        left, right = text.split("+", 1)
        return size_of(left) + size_of(right)
    if "-" in text:
        left, right = text.rsplit("-", 1)
        return size_of(left) + size_of(right) * -1
    if "*" in text:
        left, right = text.split("*", 1)
        return size_of(left) * size_of(right)
    text = text.strip()
    return int(text) if text.isdigit() else symbol(text)


def _terms(size: Size) -> dict[Monomial, int]:
    return {(): size} if isinstance(size, int) else dict(size.terms)


def _plus(a: dict[Monomial, int], b: dict[Monomial, int]) -> dict[Monomial, int]:
    for mono, c in b.items():
        a[mono] = a.get(mono, 0) + c
    return a


def _polynomial(terms: dict[Monomial, int]) -> Size:
    kept = tuple(sorted(((m, c) for m, c in terms.items() if c), key=lambda t: (-len(t[0]), t[0])))
    if not kept:
        return 0
    if kept[0][0] == ():
        return kept[0][1]
    return _restore(kept)


def _restore(terms: tuple[tuple[Monomial, int], ...]) -> Dim:
    known = Dim._known.get(terms)
    if known is None:
        made = object.__new__(Dim)
        (mono, coefficient), *rest = made.terms = terms
        made.name = mono[0] if len(mono) == 1 and coefficient == 1 and not rest else None
        made.text = "".join(
            f" {'-' if c < 0 else '+'} " + "*".join(([] if abs(c) == 1 and m else [str(abs(c))]) + list(m)) for m, c in terms
        )
        made.text = made.text[3:] if made.text[1] == "+" else "-" + made.text[3:]
        with Dim._one_at_a_time:  # another thread may have made it meanwhile
            known = Dim._known.get(terms)
            if known is None:
                Dim._known[terms] = known = made
    return known
