"""Matches the left side of an identity against an expression.

Associativity and commutativity live in the constructors, so a pattern is an ordinary expression: its variables
match any expression of fitting shape that has their declared properties (in a chain, a run of factors), a product
matches part of a product (some scalar factors, a run of the chain), a Hadamard product part of one, a sum a whole
sum.  The recursion follows the pattern, which is small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from matcalc.expr import Expr, Op, hadamard, postorder, product, scaled, split, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate
from matcalc.expr.dims import Dim, Size
from matcalc.expr.facts import has
from matcalc.expr.heads import ONE, Number, coefficient_and_rest, declared, exact, number, untransposed
from matcalc.expr.products import factors as factors_of
from matcalc.expr.products import scalars as scalars_of
from matcalc.rewriting.budget import BUDGET

Term = tuple[Number, Expr]  # of a sum, with its number


class Bound(NamedTuple):
    """The meanings of the variables and sizes of a pattern."""

    of: dict[Expr, Expr]
    sizes: dict[str, Size]


class Found(NamedTuple):
    """A match with a part of an expression: what stands around the part.

    Of a product that is its number with its other scalars, the chain before, the chain after; of a Hadamard product, the other factors;
    of a sum, how many times the part is there, and the other terms.
    """

    bound: Bound
    around: tuple[Expr, ...] = ()


NOTHING = Bound({}, {})


def matches(pattern: Expr, e: Expr) -> Iterator[Found]:
    """Every way `pattern` matches `e` or a part of its product."""
    if pattern.op is not e.op:
        if pattern.op is H.VARIABLE or pattern.op is H.NUMBER:
            yield from map(Found, _match(pattern, e, NOTHING))
    elif pattern.op is H.PRODUCT:
        yield from _in_product(pattern, e)
    elif pattern.op is H.HADAMARD:
        fits = _fitted(pattern.shape, e.shape, NOTHING) is not None and not (1 in e.shape and _has_outer(pattern))
        for bound, rest in _pick(_telling_first(pattern.args), e.args, NOTHING) if fits else ():
            yield Found(bound, rest)
    elif pattern.op is H.SUM:
        yield from _in_sum(pattern, e)
    else:
        yield from map(Found, _match(pattern, e, NOTHING))


@cache
def _has_outer(pattern: Expr) -> bool:
    """Whether a factor of a Hadamard product is an outer product u v', as none of a vector is."""
    return any(f.op is H.PRODUCT and 1 in [g.shape[0] for g in f.args] for f in pattern.args)


class _Wanted(NamedTuple):
    """The demands of a pattern that is a product."""

    number: Number
    scalars: tuple[Expr, ...]
    chain: tuple[Expr, ...]
    longest: int  # run of factors that the chain stands for
    inner: bool
    palindrome: bool  # the chain is one, whichever way round it is read: x'x
    ends: tuple[int, ...]  # where there is a row or a column: 0 and 1
    telling: int | None  # the place of a factor, no letter, in which every letter of the others occurs: pinv(X) of X pinv(X) X


@cache
def _wanted(pattern: Expr) -> _Wanted:
    chain = factors_of(pattern)
    ends = tuple(i for i in (0, 1) if chain and chain[-i].shape[i] == 1)
    longest = len(chain) + (BUDGET.run - 1) * sum(map(_open, chain))
    telling = next((k for k, f in enumerate(chain) if len(chain) > 1 and _tells(f, (*chain[:k], *chain[k + 1 :]))), None)
    return _Wanted(
        pattern.data[0], _telling_first(scalars_of(pattern)), chain, longest, is_inner(pattern), _turned(chain) == chain, ends, telling
    )


def _tells(f: Expr, others: tuple[Expr, ...]) -> bool:
    """Whether a factor of a pattern is no letter, and every letter of the others occurs in it."""
    return not _open(f) and {v for v in postorder(*others) if v.op is H.VARIABLE} <= set(postorder(f))


def _in_sum(pattern: Expr, e: Expr) -> Iterator[Found]:
    if len(pattern.args) > len(e.args):
        return
    (own, telling), want = _wanted_terms(pattern)
    pool = list(zip(e.data, e.args, strict=True))
    found = [k for k, t in pool if heads(telling) <= heads(t)]
    for times in {exact(Fraction(k) / own): None for k in found} if _fitted(pattern.shape, e.shape, NOTHING) is not None else ():
        for bound, rest in _terms([(exact(c * times), p) for c, p in want], pool, NOTHING):
            yield Found(bound, () if times == 1 and not rest else (number(times), *(scaled(k, t) for k, t in rest)))


@cache
def _wanted_terms(pattern: Expr) -> tuple[Term, list[Term]]:
    """The term of a pattern that matches least, with its number; and all, those without a letter first."""
    terms: list[Term] = list(zip(pattern.data, pattern.args, strict=True))
    least, *_ = _telling_first(tuple(p for p in pattern.args if not is_multiple(p)) or pattern.args)
    return next(t for t in terms if t[1] is least), sorted(terms, key=lambda term: any(n.op is H.VARIABLE for n in postorder(term[1])))


def _in_product(pattern: Expr, e: Expr) -> Iterator[Found]:
    wanted, chain = _wanted(pattern), factors_of(e)
    want = wanted.chain
    if wanted.number != 1 and wanted.number != e.data[0] or len(want) > len(chain) or len(wanted.scalars) > e.data[1]:
        return
    if wanted.inner:
        if is_inner(e):
            yield from map(Found, _run(want, chain, NOTHING))
            if not wanted.palindrome:
                yield from map(Found, _run(want, _turned(chain), NOTHING))
        return
    if any(1 not in [f.shape[i] for f in chain] for i in wanted.ends):
        return  # it begins with a row, or ends with a column
    c = number(e.data[0] if wanted.number == 1 else 1)
    for bound, rest in _pick(wanted.scalars, scalars_of(e), NOTHING):
        if not want:
            yield Found(bound, (product([c, *rest]), product(chain) if chain else ONE, ONE))
            continue
        for i, j, b in _spans(wanted, chain, bound) if wanted.telling is None else _told(wanted, chain, bound, wanted.telling):
            yield Found(b, (product([c, *rest]), *(product(part) if part else ONE for part in (chain[:i], chain[j:]))))


def _spans(wanted: _Wanted, chain: tuple[Expr, ...], bound: Bound) -> Iterator[tuple[int, int, Bound]]:
    """The runs of a chain that match all of a pattern."""
    want = wanted.chain
    for i in range(len(chain) - len(want) + 1):
        if not _may_match(want[0], chain[i], 0):
            continue
        for j in range(i + len(want), min(i + wanted.longest, len(chain)) + 1):
            for b in _run(want, chain[i:j], bound) if _may_match(want[-1], chain[j - 1], 1) else ():
                yield i, j, b


def _told(wanted: _Wanted, chain: tuple[Expr, ...], bound: Bound, at: int) -> Iterator[tuple[int, int, Bound]]:
    """The same, of a pattern whose factor `at` tells all letters of the others, and so how many factors they are."""
    before, telling, after = wanted.chain[:at], wanted.chain[at], wanted.chain[at + 1 :]
    needs = heads(telling)
    for k in range(len(before), len(chain) - len(after)):
        if needs <= heads(chain[k]):
            for b in _match(telling, chain[k], bound):
                i, j = k - _length(before, b), k + 1 + _length(after, b)
                if i >= 0 and j <= len(chain):
                    for left in _run(before, chain[i:k], b):
                        for found in _run(after, chain[k + 1 : j], left):
                            yield i, j, found


def _length(patterns: Sequence[Expr], bound: Bound) -> int:
    """How many factors those of a pattern are, whose letters are bound."""
    return sum([len(factors_of(bound.of[untransposed(p)])) if _open(p) else 1 for p in patterns])


def _ways_round(chain: tuple[Expr, ...], both: bool) -> Iterator[tuple[Expr, ...]]:
    """A chain; and, where it may be written `both` ways round, as a scalar, the other way."""
    yield chain
    if both and (back := _turned(chain)) != chain:
        yield back


def _turned(chain: tuple[Expr, ...]) -> tuple[Expr, ...]:
    return tuple([transpose(f) for f in reversed(chain)])


def is_inner(e: Expr) -> bool:
    """Whether a product is a scalar with a chain of matrices, which may be written either way round."""
    return e.op is H.PRODUCT and e.is_scalar and e.data[1] < len(e.args)


def _match(p: Expr, e: Expr, bound: Bound) -> Iterator[Bound]:
    if p.op is H.VARIABLE:
        known = bound.of.get(p)
        if known is not None:
            if known is e:
                yield bound
            return
        fitted = _fitted(p.shape, e.shape, bound)
        if fitted is not None and all(has(e, name) for name in declared(p)):
            yield Bound({**fitted.of, p: e}, fitted.sizes)
        return
    if p.op is H.TRANSPOSE and p.args[0].op is H.VARIABLE:
        if not e.is_scalar:
            yield from _match(p.args[0], transpose(e), bound)
        return
    if p.op is H.CONJ:
        if e.complex:
            yield from _match(p.args[0], conjugate(e), bound)
        return
    if _is_negated(p):  # of what has a minus, or is minus what x stands for
        back = scaled(-1, e)
        if back is bound.of.get(p.args[0]) or coefficient_and_rest(e)[0] < 0:
            yield from _match(p.args[0], back, bound)
        return
    if is_multiple(p):
        yield from _scaled(1, p, 1, e, bound)
        return
    if p.op is not e.op:
        if p.op is H.TRANSPOSE and turns_inside(e.op) and p.args[0].op is e.op:
            yield from _match(p.args[0], transpose(e), bound)
        elif e.op is H.TRANSPOSE and turns_inside(p.op) and e.args[0].op is p.op:  # f(X)' is f(X')
            inner = e.args[0]
            yield from _all(p.args, (transpose(inner.args[0]), *inner.args[1:]), bound)
        return
    if p.op is H.SUM:
        if len(p.args) == len(e.args):
            terms = _terms(list(zip(p.data, p.args, strict=True)), list(zip(e.data, e.args, strict=True)), bound)
            yield from (b for b, _ in terms)
    elif p.op is H.PRODUCT:
        chain, want = factors_of(e), factors_of(p)
        if p.data != e.data or len(p.args) > len(e.args):
            return
        for way in _ways_round(chain, is_inner(p) and is_inner(e)):
            if not want or _may_match(want[-1], way[-1], 1) and _may_match(want[0], way[0], 0):
                for b, _ in _pick(_telling_first(scalars_of(p)), scalars_of(e), bound):
                    yield from _run(want, way, b)
    elif p.op is H.HADAMARD:
        *told, last = _telling_first(p.args)
        if len(p.args) == len(e.args) or last.op is H.VARIABLE and len(p.args) < len(e.args):  # a variable is what the others leave
            for b, rest in _pick(tuple(told), e.args, bound):
                yield from _match(last, hadamard(rest), b)
    elif not p.args:
        (own, wanted), (its, actual) = _leaf(p), _leaf(e)  # even where both are one leaf: its letters are the user's, not the pattern's
        fitted = _fitted(wanted, actual, bound) if own == its else None
        if fitted is not None:
            yield fitted
    elif p.data == e.data and len(p.args) == len(e.args):
        yield from _all(p.args, e.args, bound)


def _leaf(e: Expr) -> tuple[object, Sequence[Size]]:
    """The parts of a leaf: those that must be the same, and sizes."""
    if e.op is H.SIZE:
        return None, (e.data,)
    if e.op.leaf is not None:
        return None, e.data
    return e.data[0] if e.op is H.UNIT else e.data, e.shape


def _all(patterns: Sequence[Expr], targets: Sequence[Expr], bound: Bound) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    for b in _match(patterns[0], targets[0], bound):
        yield from _all(patterns[1:], targets[1:], b)


def _may_match(p: Expr, e: Expr, end: int) -> bool:
    """Whether a factor of a pattern may be what begins (0) or ends (1) with the factor `e`."""
    return (p.shape[end] != 1 or e.shape[end] == 1) and (_open(p) or heads(p) <= heads(e))


def _open(p: Expr) -> bool:
    """Whether a factor of a pattern may stand for several factors: a variable, or the transpose of one."""
    return untransposed(p).op is H.VARIABLE


def _run(patterns: Sequence[Expr], targets: Sequence[Expr], bound: Bound) -> Iterator[Bound]:
    """The factors of a pattern matched with all of a run of a chain, one or several by each."""
    if not patterns:
        if not targets:
            yield bound
        return
    first, rest = patterns[0], patterns[1:]
    if rest and targets and rest[-1].op is H.MATPOWER and _open(first):  # an inverse tells what the letters before it are
        for b in _match(rest[-1], targets[-1], bound):
            yield from _run(patterns[:-1], targets[:-1], b)
        return
    letter = untransposed(first)
    known = bound.of.get(letter)
    if known is not None:  # it is so many factors, and no others
        whole = known if first is letter else transpose(known)
        own = whole.args if whole.op is H.PRODUCT and whole.data == (1, 0) else (whole,)
        if targets[: len(own)] == own:
            yield from _run(rest, targets[len(own) :], bound)
        return
    least = max(1, len(targets) - sum([BUDGET.run if _open(p) else 1 for p in rest]))
    most = min(len(targets) - len(rest), BUDGET.run if letter.op is H.VARIABLE else 1)
    if rest and all(untransposed(p) is letter for p in rest):  # x'x: each is as long
        least, left = divmod(len(targets), len(patterns))
        most = 0 if left else min(most, least)
    anchor = rest[0] if rest and not _open(rest[0]) else None
    for n in range(least, most + 1):
        if anchor is not None and not heads(anchor) <= heads(targets[n]):
            continue
        if n > 1 and _fitted(first.shape, (targets[0].shape[0], targets[n - 1].shape[1]), bound) is None:
            continue
        for b in _match(first, targets[0] if n == 1 else product(targets[:n]), bound):
            yield from _run(rest, targets[n:], b)


def heads(e: Expr) -> frozenset[object]:
    """The operator of an expression, and of what it transposes: a pattern matches nothing that lacks one of its own."""
    return _heads(e.op, untransposed(e).op)


@lru_cache(maxsize=1024)
def _heads(op: Op, inner: Op) -> frozenset[object]:
    if turns_inside(inner):
        return frozenset((inner, H.TRANSPOSE, (H.TRANSPOSE, inner)))
    return frozenset((op, (op, inner)) if op is H.TRANSPOSE and inner is not H.VARIABLE else (op,))


def turns_inside(op: Op) -> bool:
    """Whether it is entry by entry: f(X)' is f(X')."""
    return op is H.HPOWER or op.elementwise and op.transposed == "transpose"


@cache
def _telling_first(patterns: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Factors of a pattern, those first that match least: what is no variable, names no -x, is large."""
    return tuple(sorted(patterns, key=lambda p: (p.op is H.VARIABLE, any(map(_is_negated, postorder(p))), -p.weight)))


def _is_negated(p: Expr) -> bool:
    return p.op is H.PRODUCT and p.data[0] == -1 and len(p.args) == 1 and p.args[0].op is H.VARIABLE


def _pick(patterns: tuple[Expr, ...], pool: tuple[Expr, ...], bound: Bound) -> Iterator[tuple[Bound, tuple[Expr, ...]]]:
    """Each pattern matched with a different element of the pool, in any order; with what is left of it."""
    if not patterns:
        yield bound, pool
        return
    for i, target in enumerate(pool):
        for b in _match(patterns[0], target, bound):
            yield from _pick(patterns[1:], pool[:i] + pool[i + 1 :], b)


def _terms(patterns: list[Term], pool: list[Term], bound: Bound) -> Iterator[tuple[Bound, list[Term]]]:
    """Each term of a pattern matched with a different one of the pool; with what is left of it."""
    if not patterns:
        yield bound, pool
        return
    c, p = patterns[0]
    for i, (k, target) in enumerate(pool):
        found = _scaled(c, p, k, target, bound) if is_multiple(p) else _match(p, target, bound) if k == c else ()
        for b in found:
            yield from _terms(patterns[1:], pool[:i] + pool[i + 1 :], b)


def is_multiple(p: Expr) -> bool:
    """Whether a term or an argument of a pattern is a scalar that stands for any, also 1, times matrices: α I."""
    return p.op is H.PRODUCT and p.data == (1, 1) and p.args[0].op is H.VARIABLE


def _scaled(c: Number, p: Expr, k: Number, e: Expr, bound: Bound) -> Iterator[Bound]:
    """c α A matched with k e: α takes the number and all scalars of e, or is 1."""
    scalar, bare = split(e)
    for b in _match(p.args[0], scaled(exact(Fraction(k) / c), scalar), bound):
        yield from _run(factors_of(p), factors_of(bare), b)


def _fitted(wanted: Sequence[Size], actual: Sequence[Size], bound: Bound) -> Bound | None:
    """The pattern's sizes bound so that they are the actual ones, if they can be."""
    sizes = bound.sizes
    for want, is_ in zip(wanted, actual, strict=True):
        if type(want) is Dim and want.name:
            known = sizes.get(want.name)
            if known is None:
                sizes = {**sizes, want.name: is_}
            elif known != is_:
                return None
        elif want != is_ and type(want) is not Dim:
            return None
    return bound if sizes is bound.sizes else Bound(bound.of, sizes)
