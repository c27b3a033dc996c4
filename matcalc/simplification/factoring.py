"""Common factors of a sum taken out: the shorter forms that a sum is compared with.

A term is a number, scalar factors with exponents, entrywise factors with exponents (where its chain is one
Hadamard product) and a chain.  What several terms share, at the left or right end of the chain or among the
factors, may stand once in front of their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from matcalc.expr import (
    HADAMARD,
    HPOWER,
    IDENTITY,
    NUMBER,
    ONE,
    POWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Expr,
    add,
    apply,
    coefficient_and_rest,
    factors,
    hadamard,
    hpower,
    identity,
    is_ones,
    number,
    power,
    product,
    scaled,
    split,
    transpose,
)
from matcalc.operators import OPERATORS, call

LINEAR = ("diag", "diagonal", "vec")  # f(A) + f(B) is f(A + B)
MOST_TRIED = 6  # common factors of one sum that are tried out
MOST_LOOKED_AT = 8  # common factors of which that is worked out


def factored(e: Expr, settle: Callable[[Expr], Expr], branches: int = 1) -> Expr:
    """The sum `e` with common factors taken out wherever that leaves less to read, the best one first.

    `settle` simplifies the smaller sums that arise, once it is decided which.
    """
    best = e
    for parts in _improving(e)[:branches]:
        other = _joined(parts, settle(parts.inner))
        while other.op is SUM and (better := _improving(other)):
            other = _joined(better[0], settle(better[0].inner))
        if other.weight < best.weight:
            best = other
    return best


def _improving(e: Expr) -> list[Parts]:
    """What can be taken out of the sum `e` so that there is less to read, the best first."""
    if e.op is not SUM:
        return []
    terms = [scaled(c, t) for c, t in zip(e.data, e.args, strict=True)]
    found = [(_joined(parts, parts.inner).weight, parts) for parts in islice(_shared(terms), MOST_TRIED)]
    found.sort(key=lambda f: f[0])
    return [parts for weight, parts in found if weight < e.weight]


class Parts(NamedTuple):
    """A sum taken apart: `front` times (or after, or entry by entry with) `inner`, plus the other terms."""

    side: str
    front: Expr
    inner: Expr
    others: list[Expr]


def _joined(parts: Parts, inner: Expr) -> Expr:
    side, front, _, others = parts
    if side == "entry":
        whole = hadamard([front, inner])
    elif side in ("⊗left", "⊗right"):
        whole = call("kron", *((front, inner) if side == "⊗left" else (inner, front)))
    elif side == "tr":
        whole = call("tr", product([inner, front]))
    elif side in LINEAR:
        whole = apply(OPERATORS[side], (inner,))
    else:
        whole = product([inner, front] if side == "right" else [front, inner])
    return add([whole, *others]) if others else whole


def _shared(terms: list[Expr]) -> Iterator[Parts]:
    """Ways to take a factor out that at least two terms share, the most promising first."""
    count: dict[tuple[str, Expr], list[int]] = {}
    for i, t in enumerate(terms):
        for key in _ends(t):
            where = count.setdefault(key, [])
            if not where or where[-1] != i:
                where.append(i)
    for (side, f), where in count.items():
        if side in ("left", "right") and f.op is SUM and (parts := _hidden(side, f, terms, where)) is not None:
            yield parts
    keys = [(k, where) for k, where in count.items() if len(where) > 1]
    keys.sort(key=lambda kw: -(len(kw[1]) - 1) * kw[0][1].weight)
    for (side, f), where in keys[:MOST_LOOKED_AT]:
        for common in (_common, min) if side in ("scalar", "entry") else (_common,):
            parts = _taken(side, f, terms, where, common)
            if parts is not None:
                yield parts


def _hidden(side: str, f: Expr, terms: list[Expr], where: list[int]) -> Parts | None:
    """The sum u - w - P (u - w) as (I - P)(u - w): a factor whose own terms stand among the others."""
    numbers = {r: (c, i) for i, (c, r) in enumerate(map(coefficient_and_rest, terms)) if i not in where}
    if not all(t in numbers for t in f.args):
        return None
    ratios = {Fraction(numbers[t][0]) / k for k, t in zip(f.data, f.args, strict=True)}
    if len(ratios) != 1:
        return None
    own = [numbers[t][1] for t in f.args]
    unit = scaled(ratios.pop(), identity(f.shape[0] if side == "right" else f.shape[1]))
    inner = add([unit, *(_end_off(side, f, terms[i]) for i in where)])
    return Parts(side, f, inner, [t for i, t in enumerate(terms) if i not in where and i not in own])


def _ends(t: Expr) -> Iterator[tuple[str, Expr]]:
    scalars, bare = split(t)
    for s in scalar_factors(scalars):
        if s.op is not NUMBER:
            yield "scalar", s.args[0] if s.op is POWER and s.args[1].op is NUMBER else s
    if bare is ONE:
        for dot in _dots(scalars):
            yield from (("dot", f) for f in (factors(dot)[0], transpose(factors(dot)[-1])))
        for s in scalar_factors(scalars):
            if s.op.name == "tr":
                yield from (("tr", f) for f in dict.fromkeys(factors(s.args[0])))
        return
    chain = factors(bare)
    if len(chain) == 1 and chain[0].op is not IDENTITY:
        if chain[0].op.name == "kron":
            yield "⊗left", chain[0].args[0]
            yield "⊗right", chain[0].args[1]
        if chain[0].op.name in LINEAR:
            yield chain[0].op.name, ONE
        for f in _entrywise(chain[0]) if not is_ones(chain[0]) else ():
            yield "entry", f.args[0] if f.op is HPOWER and f.args[1].op is NUMBER else f
    yield "left", chain[0]
    yield "right", chain[-1]


def scalar_factors(s: Expr) -> tuple[Expr, ...]:
    """The factors of a scalar, the number in front left out; a chain x'A y is one."""
    return s.args if s.op is PRODUCT and s.data[1] else (s,)


def _dots(scalars: Expr) -> list[Expr]:
    """The chains x'A y among the factors of a scalar."""
    return [s for s in scalar_factors(scalars) if s.op is PRODUCT]


def _dotted(f: Expr, t: Expr) -> tuple[int, Expr]:
    """(3, c s A y) for the scalar t = c s f A y, or its transpose: the length of the chain, and what is left of it."""
    number_in_front, rest = coefficient_and_rest(t)
    others = list(scalar_factors(rest))
    for i, s in enumerate(others):
        chain = factors(s)
        if s.op is PRODUCT and f in (chain[0], transpose(chain[-1])):
            left = product(chain[1:]) if chain[0] is f else transpose(product(chain[:-1]))
            return len(chain), product([number(number_in_front), *others[:i], *others[i + 1 :], left])
    raise ValueError(f"{f} is at no end of {t}")


def _rotated(f: Expr, t: Expr) -> Expr:
    """c s B A for the scalar t = c s tr(A f B)."""
    number_in_front, rest = coefficient_and_rest(t)
    others = list(scalar_factors(rest))
    for i, s in enumerate(others):
        chain = factors(s.args[0]) if s.op.name == "tr" else ()
        if f in chain:
            k = chain.index(f)
            around = (*chain[k + 1 :], *chain[:k]) or (identity(f.shape[0]),)
            return product([number(number_in_front), *others[:i], *others[i + 1 :], *around])
    raise ValueError(f"{f} is in no trace of {t}")


def _entrywise(f: Expr) -> tuple[Expr, ...]:
    if f.op is TRANSPOSE and f.args[0].op is HADAMARD:
        return tuple(map(transpose, f.args[0].args))
    return f.args if f.op is HADAMARD else (f,)


def _taken(side: str, f: Expr, terms: list[Expr], where: list[int], common: Callable[[list[Fraction]], Fraction]) -> Parts | None:
    picked = [terms[i] for i in where]
    if side == "scalar":
        front, rests = _scalar_out(f, picked, common)
    elif side == "entry":
        front, rests = _entry_out(f, picked, common)
    elif side in ("⊗left", "⊗right"):
        k = side == "⊗left"
        front, rests = f, [product([split(t)[0], factors(split(t)[1])[0].args[k]]) for t in picked]
        if any(r.shape != rests[0].shape for r in rests):
            return None
    elif side == "dot":
        left = [_dotted(f, t) for t in picked]
        if len({length for length, _ in left}) > 1:
            return None
        front, rests = f, [rest for _, rest in left]
    elif side == "tr":
        front, rests = f, [_rotated(f, t) for t in picked]
    elif side in LINEAR:
        front, rests = ONE, [product([split(t)[0], factors(split(t)[1])[0].args[0]]) for t in picked]
    else:
        front, rests = f, [_end_off(side, f, t) for t in picked]
    inner = add(rests)
    if inner.weight >= add(picked).weight:
        return None
    return Parts(side, front, inner, [t for i, t in enumerate(terms) if i not in where])


def _exponent(f: Expr, among: tuple[Expr, ...], op: object) -> Fraction:
    """The exponent of `f` in a canonical product, where it stands in one factor."""
    for t in among:
        if t is f:
            return Fraction(1)
        if t.op is op and t.args[0] is f and t.args[1].op is NUMBER:
            return Fraction(t.args[1].data)
    return Fraction(0)


def _common(ks: list[Fraction]) -> Fraction:
    """The power that every term has: the least where all are positive, the nearest to zero where all are negative."""
    return min(ks) if min(ks) > 0 else max(ks) if max(ks) < 0 else min(ks)


def _scalar_out(f: Expr, terms: list[Expr], common: Callable[[list[Fraction]], Fraction]) -> tuple[Expr, list[Expr]]:
    ks = [_exponent(f, scalar_factors(split(t)[0]), POWER) for t in terms]
    k = number(common(ks))
    return power(f, k), [product([t, power(f, scaled(-1, k))]) for t in terms]


def _entry_out(f: Expr, terms: list[Expr], common: Callable[[list[Fraction]], Fraction]) -> tuple[Expr, list[Expr]]:
    ks = [_exponent(f, _entrywise(factors(split(t)[1])[0]), HPOWER) for t in terms]
    k = number(common(ks))
    return hpower(f, k), [hadamard([t, hpower(f, scaled(-1, k))]) for t in terms]


def _end_off(side: str, f: Expr, t: Expr) -> Expr:
    """The term without the factor at that end of its chain."""
    scalars, bare = split(t)
    chain = list(factors(bare))
    rest = chain[1:] if side == "left" else chain[:-1]
    if rest:
        return product([scalars, *rest])
    n = f.shape[1] if side == "left" else f.shape[0]
    return scalars if n == 1 else product([scalars, identity(n)])


def balanced(e: Expr) -> Expr:
    """A' (B A - A) as A' (B - I) A, where that is no longer: what has A' on one side has A on the other."""
    if e.op is not PRODUCT or e.symmetric:
        return e
    first = e.data[1]
    for i in range(first, len(e.args) - 1):
        for k, other, side in ((i + 1, i, "right"), (i, i + 1, "left")):
            s, f = e.args[k], transpose(e.args[other])
            if s.op is SUM and f.op is not IDENTITY and all(factors(t)[-(side == "right")] is f for t in s.args):
                inner = add([_end_off(side, f, scaled(c, t)) for c, t in zip(s.data, s.args, strict=True)])
                made = product([number(e.data[0]), *e.args[:k], *((inner, f) if side == "right" else (f, inner)), *e.args[k + 1 :]])
                if inner.symmetric and made.weight <= e.weight:
                    return made
    return e
