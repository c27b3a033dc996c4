"""Common factors of a sum taken out, and sums multiplied out: the alternatives a sum is compared with.

A term is a number, scalar factors with exponents, entrywise factors with exponents (where its chain is one
Hadamard product) and a chain.  What several terms share, at the left or right end of the chain or among the
factors, may stand once in front of their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from itertools import product as every_choice
from math import lcm, prod
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
    is_nonnegative,
    is_ones,
    number,
    ones,
    postorder,
    power,
    product,
    remake,
    scaled,
    split,
    substitute,
    transpose,
)
from matcalc.expr.heads import Number
from matcalc.expr.properties import has
from matcalc.expr.sums import negated, sign_flipped
from matcalc.operators import OPERATORS, call

COMPLEMENT = ("sigmoid", "normcdf")  # f(-x) = 1 - f(x)
LINEAR = ("diag", "diagonal", "vec")  # f(A) + f(B) is f(A + B)
MOST_TRIED = 6  # common factors of one sum that are tried out
MOST_LOOKED_AT = 8  # common factors of which that is worked out
MOST_PRODUCTS = 24  # terms that multiplying out may make


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
    elif side in LINEAR:
        front, rests = ONE, [product([split(t)[0], factors(split(t)[1])[0].args[0]]) for t in picked]
    else:
        front, rests = f, [_end_off(side, f, t) for t in picked]
    inner = add(rests)
    if inner.weight >= add(picked).weight:
        return None
    return Parts(side, front, inner, [t for i, t in enumerate(terms) if i not in where])


def _exponents(f: Expr, t: Expr, op: object) -> Fraction:
    return Fraction(t.args[1].data) if t.op is op and t.args[0] is f and t.args[1].op is NUMBER else Fraction(t is f)


def _common(ks: list[Fraction]) -> Fraction:
    """The power that every term has: the least where all are positive, the nearest to zero where all are negative."""
    return min(ks) if min(ks) > 0 else max(ks) if max(ks) < 0 else min(ks)


def _scalar_out(f: Expr, terms: list[Expr], common: Callable[[list[Fraction]], Fraction]) -> tuple[Expr, list[Expr]]:
    ks = []
    for t in terms:
        s, _ = split(t)
        ks.append(sum((_exponents(f, part, POWER) for part in scalar_factors(s)), Fraction(0)))
    k = number(common(ks))
    return power(f, k), [product([t, power(f, scaled(-1, k))]) for t in terms]


def _entry_out(f: Expr, terms: list[Expr], common: Callable[[list[Fraction]], Fraction]) -> tuple[Expr, list[Expr]]:
    ks = [sum((_exponents(f, part, HPOWER) for part in _entrywise(factors(split(t)[1])[0])), Fraction(0)) for t in terms]
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


def unfolded(e: Expr) -> Expr:
    """The sum `e` with f(-z) as 1 - f(z) where f(z) stands beside it, so that the two can cancel."""
    found = {f for t in e.args for g in (t, *t.args) for f in (g, *g.args) if f.op.name in COMPLEMENT}
    by = {}
    for f in found:
        (z,) = f.args
        c, _ = coefficient_and_rest(z)
        if c < 0 or z.op is SUM and z.data[0] < 0:
            other = apply(f.op, (scaled(-1, z),))
            if other in found:
                by[f] = add([ones(f.shape), scaled(-1, other)])
    return substitute(e, by) if by else e


def multiplied_out(e: Expr) -> Expr | None:
    """The sum `e` with the sums inside its terms multiplied out, or None where there are none or too many."""
    out: list[Expr] = []
    changed = False
    for c, t in zip(e.data, e.args, strict=True):
        parts = _distributed(t)
        if parts is None or len(out) + len(parts) > MOST_PRODUCTS:
            return None
        changed |= len(parts) > 1
        out.extend(scaled(c, p) for p in parts)
    return add(out) if changed else None


def positive(e: Expr) -> Expr:
    """-A (b - c) as A (c - b): the minus goes into the first sum that has one already; but (b - c) (c - b)' is -(b - c) (b - c)'."""
    if e.op is not PRODUCT:
        return e
    sums = [f for f in map(_unturned, e.args) if f.op is SUM and any(k < 0 for k in f.data)]
    if len(sums) > 1:
        for k, f in enumerate(sums):
            if (other := negated(f)) in sums[k + 1 :]:
                keep = min(f, other, key=_written_plus)
                i = next(i for i, g in enumerate(e.args) if _unturned(g) in (f, other) and _unturned(g) is not keep)
                turned = transpose(keep) if e.args[i].op is TRANSPOSE else keep
                return product([number(-1), number(e.data[0]), *e.args[:i], turned, *e.args[i + 1 :]])
        if len(set(sums)) < len(sums):
            return e
    if e.data[0] == -1:
        flipped = sign_flipped(e)
        if flipped is not None:
            return scaled(-1, flipped)
    return e


def _written_plus(s: Expr) -> tuple[int, list[object]]:
    """x - y before y - x, x - A y before A y - x."""
    plus = [t for c, t in zip(s.data, s.args, strict=True) if c > 0]
    return sum(t.weight for t in plus), [t.order for t in plus]


def _unturned(f: Expr) -> Expr:
    return f.args[0] if f.op is TRANSPOSE else f


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


def signs_aligned(e: Expr) -> Expr:
    """u + A (-u) as u - A u: a sum within a term of `e` in the signs that its own terms have in `e`."""
    own = dict(zip(e.args, e.data, strict=True))
    for t, c in own.items():
        flipped = _flipped_against(own, t) if t.op is PRODUCT else None
        if flipped is not None:
            return add([*(scaled(k, s) for s, k in own.items() if s is not t), scaled(-c, flipped)])
    return e


def _flipped_against(own: dict[Expr, Number], t: Expr) -> Expr | None:
    """The product `t` with the other sign of a factor, itself or in a scalar chain, whose terms all have the other sign in `own`."""
    for i, f in enumerate(t.args):
        bare = _unturned(f)
        if bare.op is SUM and all(own.get(s, 0) * k < 0 for s, k in zip(bare.args, bare.data, strict=True)):
            turned = transpose(negated(bare)) if f.op is TRANSPOSE else negated(bare)
        elif f.op is PRODUCT and f.is_scalar and (inner := _flipped_against(own, f)) is not None:
            turned = inner
        else:
            continue
        return remake(t, (*t.args[:i], turned, *t.args[i + 1 :]))
    return None


def diagonal_home(e: Expr) -> Expr | None:
    """(D A) ⊙ B as A ⊙ (D B) where B stands later: a diagonal factor stands with the last factor."""
    for f in e.args if e.op is HADAMARD else ():
        chain = factors(f) if f.op is PRODUCT and f.data == (1, 0) else ()
        for end in (0, -1) if len(chain) > 1 else ():
            if has(chain[end], "diagonal") and chain[end].op is not IDENTITY:
                bare = product(chain[1:] if end == 0 else chain[:-1])
                rest = [bare, *(a for a in e.args if a is not f)]
                home = max(rest, key=lambda a: a.order)
                if home is not bare:
                    moved = product([chain[0], home] if end == 0 else [home, chain[-1]])
                    return hadamard([moved, *(a for a in rest if a is not home)])
    return None


def entries_met(e: Expr) -> Expr | None:
    """(x ⊙ u)'y as the sum of the entries of x ⊙ u ⊙ y, where their factors may cancel."""
    if e.is_scalar and e.op is PRODUCT and e.data == (1, 0) and len(e.args) == 2:
        u, v = transpose(e.args[0]), e.args[1]
        if u.op in (HADAMARD, HPOWER) or v.op in (HADAMARD, HPOWER):
            return call("sum", hadamard([u, v]))
    return None


def cleared(e: Expr) -> Expr | None:
    """s/(x/v + 1) as s v/(x + v): the denominators inside a denominator multiplied into it, wherever it stands in `e`."""
    by = {}
    for f in postorder(e):
        if f.op in (POWER, HPOWER) and f.args[0].op is SUM and f.args[1].op is NUMBER and f.args[1].data < 0:
            base, k = f.args
            d = _denominator(base)
            if d is not ONE and (isinstance(k.data, int) or is_nonnegative(d)):
                bare = add([product([number(c), d, t]) for c, t in zip(base.data, base.args, strict=True)])
                by[f] = product([power(d, scaled(-1, k)), hpower(bare, k)])
    return substitute(e, by) if by else None


def _denominator(s: Expr) -> Expr:
    """What the terms of a sum are to be multiplied with so that no number or scalar of theirs has a denominator."""
    most: dict[Expr, Number] = {}
    for t in s.args:
        scalars = split(t)[0]
        for f in scalar_factors(scalars):
            if f.op is POWER and f.args[1].op is NUMBER and f.args[1].data < most.get(f.args[0], 0):
                most[f.args[0]] = f.args[1].data
    common = lcm(*(Fraction(c).denominator for c in s.data))
    return product([number(common), *(power(b, number(-k)) for b, k in most.items())])


def spread(e: Expr) -> Expr | None:
    """A product with a sum inside, or a linear function of one, multiplied out; None where there is no sum or too much comes of it."""
    if e.op.name in (*LINEAR, "tr"):
        (s,) = e.args
        return add([scaled(c, apply(e.op, (t,))) for c, t in zip(s.data, s.args, strict=True)]) if s.op is SUM else None
    inside = e.args if e.op is not PRODUCT or len(e.args) > 1 else e.args[0].args
    if not any((f.args[0] if f.op is TRANSPOSE else f).op in (SUM, HADAMARD) for f in inside):
        return None
    parts = _distributed(e)
    return add(parts) if parts is not None and len(parts) > 1 else None


def _distributed(t: Expr) -> list[Expr] | None:
    scalars, bare = split(t)
    if t.is_scalar and t.op is PRODUCT and not t.data[1]:
        scalars, bare = ONE, t
    chain = factors(bare) if bare is not ONE else ()
    pool: list[list[Expr]] = [_summands(s) for s in scalar_factors(scalars)]
    number_in_front = number(scalars.data[0]) if scalars.op is PRODUCT and scalars.data[1] else ONE
    entry = len(chain) == 1 and chain[0].op is HADAMARD
    pool += [_summands(f) for f in (chain[0].args if entry else chain)]
    total = 1
    for options in pool:
        total *= len(options)
    if total > MOST_PRODUCTS:
        return None
    if total == 1:
        return [t]
    k = len(pool) - (len(chain[0].args) if entry else len(chain))
    out = []
    for choice in every_choice(*pool):
        arrays = [hadamard(choice[k:])] if entry else list(choice[k:])
        out.append(product([number_in_front, *choice[:k], *arrays]))
    return out


def _summands(f: Expr) -> list[Expr]:
    bare, turned = (f.args[0], True) if f.op is TRANSPOSE else (f, False)
    if f.is_scalar and f.op is PRODUCT and f.data == (1, 0):
        return _distributed(f) or [f]
    if bare.op is HADAMARD:
        options = [_summands(g) if g.op is SUM and any(is_ones(split(t)[1]) for t in g.args) else [g] for g in bare.args]
        parts = [hadamard(choice) for choice in every_choice(*options)] if 1 < prod(map(len, options)) <= MOST_PRODUCTS else [bare]
        return [transpose(p) for p in parts] if turned else parts
    if bare.op is not SUM:
        return [f]
    parts = [
        scaled(c, r) for c, t in zip(bare.data, bare.args, strict=True) for r in (_summands(t) if t.is_scalar and t.op is PRODUCT else (t,))
    ]
    return [transpose(p) for p in parts] if turned else parts
