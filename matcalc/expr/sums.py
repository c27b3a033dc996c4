"""The canonical sum: like terms merged, the common number in front, plus before minus.

Terms are alike when their canonical forms are one object, so what the product, the trace and the transpose
normalise (transposition of scalars, rotation, order of factors) merges here without a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from weakref import ref

import matcalc.expr as E
import matcalc.expr.grids as grids
from matcalc.errors import ShapeError
from matcalc.expr import heads as H
from matcalc.expr.heads import Number, coefficient_and_rest, content, exact, number, untransposed, with_coefficient, zero
from matcalc.expr.node import Expr, _set, known_so_far, node
from matcalc.expr.turning import together

PAST_ALL = 1 << 30  # more than any product has


def add(terms: Iterable[Expr]) -> Expr:
    """The sum of expressions of one shape.

    >>> from matcalc.expr import variable, scaled
    >>> s, t = variable("s", (1, 1)), variable("t", (1, 1))
    >>> add([s, t, s]) is add([t, scaled(2, s)]), add([s, scaled(-1, s)])
    (True, 0)
    """
    terms = list(terms)
    if len(terms) == 1:
        return terms[0]
    shape = terms[0].shape
    merged: dict[Expr, Number] = {}
    for term in terms:
        if term.shape != shape:
            a, b = (f"({r}, {c})" for r, c in (shape, term.shape))
            raise ShapeError(f"a sum needs equal shapes, but has {a} plus {b}")
        c, rest = coefficient_and_rest(term)
        if rest.op is H.SUM:
            for k, t in zip(rest.data, rest.args, strict=True):
                _merge(merged, c * k, t)
        elif rest.op is H.TRANSPOSE and rest.args[0].op is H.SUM:
            for k, t in zip(rest.args[0].data, rest.args[0].args, strict=True):
                ck, rk = coefficient_and_rest(E.transpose(t))
                _merge(merged, c * k * ck, rk)
        elif rest.op is not H.ZERO:
            _merge(merged, c, rest)
    if len(merged) > 1 and any(t.op is H.GRID for t in merged):
        merged = grids.added(merged)
    return _collected(merged, shape)


def negated(s: Expr) -> Expr:
    """Minus a sum that has both signs, as a sum."""
    known = known_so_far("negated sums")
    if s not in known:
        known[s] = _collected({t: -c for t, c in zip(s.args, s.data, strict=True)}, s.shape)
    made: Expr = known[s]
    return made


def opposite(s: Expr) -> Expr | None:
    """b - a of a - b; None of what is no sum, or has no minus."""
    return negated(s) if s.op is H.SUM and any(c < 0 for c in s.data) else None


def _merge(merged: dict[Expr, Number], c: Number, rest: Expr) -> None:
    if rest.op is H.NUMBER:
        c, rest = c * rest.data, number(1)
    if merged and rest not in merged and rest.op is H.PRODUCT:
        flip = sign_flipped(rest)
        k, bare = coefficient_and_rest(flip) if flip is not None else (1, None)
        if bare is not None and bare in merged:
            c, rest = -c * k, bare
    merged[rest] = merged.get(rest, 0) + c


def sign_flipped(e: Expr) -> Expr | None:
    """The product with the sign of its first two-signed sum turned: (a - b) c for (b - a) c; so too in a Hadamard product."""
    known = e._resigned  # the terms of a long sum are met again in the next one
    if known is False:
        return None
    made = known() if isinstance(known, ref) else None
    if made is None:
        made = _sign_flipped(e)
        _set(e, "_resigned", False if made is None else ref(made))
    return made


def _sign_flipped(e: Expr) -> Expr | None:
    for i, f in enumerate(e.args):
        other = _turned(f) if f.op in _WITH_SIGNS else None
        if other is not None:
            c, other = coefficient_and_rest(other)  # a transpose may bring a number
            return E.product([*e.args[:i], other, *e.args[i + 1 :]], e.data[0] * c)  # it may stand elsewhere among the factors
    return None


_WITH_SIGNS = frozenset((H.SUM, H.HADAMARD, H.TRANSPOSE))  # what may have a sum with both signs


def _turned(f: Expr) -> Expr | None:
    bare = untransposed(f)
    other = None
    if bare.op is H.SUM:
        other = opposite(bare)
    elif bare.op is H.HADAMARD:
        i, turned = next(((i, t) for i, g in enumerate(bare.args) if g.op in _WITH_SIGNS and (t := _turned(g)) is not None), (0, None))
        other = E.hadamard([*bare.args[:i], turned, *bare.args[i + 1 :]]) if turned is not None else None
    if other is not None and f.op is H.TRANSPOSE:
        return E.transpose(other)
    return other


def _collected(merged: dict[Expr, Number], shape: tuple[object, object]) -> Expr:
    kept = [(exact(c), t) for t, c in merged.items() if c != 0]
    if shape != (1, 1) and len(kept) > 1:
        kept = _constants_joined(kept)
    if not kept:
        return zero(shape)  # type: ignore[arg-type]
    if len(kept) == 1:
        return with_coefficient(*kept[0])
    common = content([c for c, _ in kept])
    if common != 1:
        kept = [(exact(Fraction(c) / common), t) for c, t in kept]
    places: list[tuple[object, ...]] = [_first_place(c, t) for c, t in kept]
    if len({*places}) < len(places):  # those that have the same first place stand by name
        places = [(*place, t.order[1], t.turns[0], t.order) for place, (_, t) in zip(places, kept, strict=True)]
    numbers, terms = zip(*[kept[i] for i in sorted(range(len(kept)), key=places.__getitem__)], strict=True)
    if shape != (1, 1) and _turns_better(terms):
        flipped = add([with_coefficient(c, t).T for c, t in kept])
        return E.scaled(common, E.transpose(flipped))  # which may bring a number of its own: a skew term changes sign
    return with_coefficient(common, node(H.SUM, terms, numbers, terms[0].shape))


def _turns_better(terms: Sequence[Expr]) -> bool:
    """Whether the sum is written as the transpose of one, which shows fewer."""
    shown, flipped = together(terms)
    return flipped + 1 < shown and not any(map(is_between_spaces, terms)) and sum(t.T.turns[0] for t in terms) < shown


def _constants_joined(kept: list[tuple[Number, Expr]]) -> list[tuple[Number, Expr]]:
    """s 1 + t 1 as (s + t) 1, s I + t I as (s + t) I: the scalars of what has no other factor are one."""
    if sum([untransposed(t.args[-1] if t.op is H.PRODUCT else t).op in (H.ONES, H.IDENTITY) for _, t in kept]) < 2:
        return kept
    for is_constant in (_is_ones, _is_identity):
        constant = [(c, t) for c, t in kept if is_constant(t)]
        if len(constant) > 1:
            chain = E.split(constant[0][1])[1]
            scalars = [with_coefficient(c, E.split(t)[0]) for c, t in constant]
            whole = E.product([add(scalars), chain])
            rest = [(c, t) for c, t in kept if not is_constant(t)]
            kept = rest if whole.op is H.ZERO else [*rest, coefficient_and_rest(whole)]
    return kept


def _is_ones(t: Expr) -> bool:
    chain = t.args[t.data[1] :] if t.op is H.PRODUCT else (t,)
    return all(untransposed(f).op is H.ONES for f in chain)


def _is_identity(t: Expr) -> bool:
    return (t.args[-1] if t.op is H.PRODUCT else t).op is H.IDENTITY


def is_between_spaces(t: Expr) -> bool:
    """Whether a term has a factor ⊗ or K(m,n): a matrix of a linear map between spaces of matrices is not turned as a whole."""
    chain = t.args[t.data[1] :] if t.op is H.PRODUCT else (t,)
    return not _BETWEEN_SPACES.isdisjoint([f.op.name for f in chain])


_BETWEEN_SPACES = frozenset(("kron", "commutation"))


_CONSTANT = frozenset((H.IDENTITY, H.ONES))


def _first_place(c: Number, t: Expr) -> tuple[bool, bool, int]:
    """Where a term stands: plus before minus, variable before constant, long before short.

    Of square matrices a single one comes first, and I before all: A + x x', I - X (X'X)^-1 X', but W X + B and K + s I.
    """
    if t.shape[0] == t.shape[1] != 1 and t.op is not H.PRODUCT:
        return c < 0, False, -PAST_ALL - (t.op is H.IDENTITY)
    if t.op is not H.PRODUCT:
        return c < 0, t.op in (H.NUMBER, H.SIZE) or untransposed(t).op in _CONSTANT, -1
    chain = t.args[t.data[1] :]
    return c < 0, bool(chain) and _CONSTANT.issuperset([untransposed(f).op for f in chain]), -len(t.args)
