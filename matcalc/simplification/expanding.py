"""Sums and denominators multiplied out: the longer forms in which terms may cancel.

None of them is an answer by itself: what becomes of it is taken where that is shorter.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product as every_choice
from math import lcm, prod
from typing import NamedTuple

from matcalc.expr import Expr, add, apply, hadamard, has, hpower, is_nonnegative, ones, postorder, substitute, transpose
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE, Number, coefficient_and_rest, number, untransposed
from matcalc.expr.products import factors, matpower, power, product, scaled, split, terms_of
from matcalc.expr.products import scalars as scalars_of
from matcalc.operators.matrices import NORM
from matcalc.rewriting.budget import BUDGET
from matcalc.rewriting.lines import complements
from matcalc.rewriting.sides import LINEAR, scalar_factors


def unfolded(e: Expr) -> Expr:
    """The sum `e` with f(-z) as 1 - f(z) where f(z) stands beside it, so that the two can cancel."""
    found = {f for t in e.args for g in (t, *t.args) for f in (g, *g.args) if f.op.name in complements()}
    by = {}
    for f in found:
        (z,) = f.args
        c, _ = coefficient_and_rest(z)
        if c < 0 or z.op is H.SUM and z.data[0] < 0:
            other = apply(f.op, (scaled(-1, z),))
            if other in found:
                by[f] = add([ones(f.shape), scaled(-1, other)])
    return substitute(e, by) if by else e


def with_norms(e: Expr) -> Expr:
    """The sum `e` with x'x as ‖x‖² where ‖x‖ stands beside it, so that the two can cancel."""
    terms = e.args if e.op is H.SUM else ()
    beside = {f.args[0] if f.op is H.POWER else f for t in terms for f in scalar_factors(split(t)[0])}
    norms = {n: n.args[0] for n in beside if n.op is NORM and n.args[0].shape[1] == 1}
    return substitute(e, {product([transpose(x), x]): power(n, number(2)) for n, x in norms.items()}) if norms else e


def over_one(e: Expr) -> tuple[Expr, Expr] | None:
    """y/p - (1 - y)/(1 - p) as y - p and 1/(p (1 - p)), also entry by entry; None where nothing cancels, and of what is no such sum."""
    if e.op is not H.SUM or len(e.args) != 2 or e.weight > BUDGET.longest:
        return None
    op, times, raised = (H.POWER, product, power) if e.is_scalar else (H.HPOWER, hadamard, hpower)
    above, below = [], []
    for t in e.args:
        fs = scalar_factors(t) if e.is_scalar else t.args if t.op is H.HADAMARD else (t,)
        under = [f for f in fs if f.op is op and f.args[1].op is H.NUMBER and f.args[1].data < 0]
        above.append([f for f in fs if f not in under])
        below.append([raised(f.args[0], number(-f.args[1].data)) for f in under])
    if below[0] == below[1]:
        return None
    terms = [scaled(c, times([ones(e.shape), *top, *other])) for c, top, other in zip(e.data, above, reversed(below), strict=True)]
    whole = add(terms)
    made = multiplied_out(whole) if whole.op is H.SUM else whole
    before = sum(len(t.args) if t.op is H.SUM else prod(len(f.args) for f in t.args if f.op is H.SUM) for t in terms)
    if made is None or (len(made.args) if made.op is H.SUM else 1) >= before:
        return None
    return made, raised(times([*below[0], *below[1]]), number(-1))


def multiplied_out(e: Expr) -> Expr | None:
    """The sum `e` with the sums inside its terms multiplied out, or None where there are none or too many."""
    out: list[Expr] = []
    changed = False
    for c, t in zip(e.data, e.args, strict=True):
        parts = _distributed(t)
        if parts is None or len(out) + len(parts.terms) > BUDGET.products:
            return None
        changed |= len(parts.terms) > 1
        out.extend(scaled(c, p) for p in parts.terms)
    return add(out) if changed else None


class Apart(NamedTuple):
    """The terms that come of multiplying out, and whether something meets in them: merges, cancels, or becomes another function."""

    terms: list[Expr]
    met: bool


def spread(e: Expr) -> Expr | None:
    """A product with a sum inside, or a linear function of one, multiplied out; None where there is no sum or too much comes of it."""
    parts = apart(e)
    return None if parts is None else add(parts.terms)


def apart(e: Expr) -> Apart | None:
    """The terms of `spread`."""
    if e.op.name in (*LINEAR, "tr"):
        *others, s = e.args
        if e.op.name == "tr" and s.op is H.PRODUCT:
            parts = _distributed(s)
        else:
            parts = Apart(terms_of(s), False) if s.op is H.SUM else None
        if parts is None or len(parts.terms) == 1:
            return None
        made = [apply(e.op, (*others, t)) for t in parts.terms]
        return Apart(made, parts.met or any(coefficient_and_rest(t)[1].op is not e.op for t in made))
    parts = _distributed(e) if has_sums(e) else None
    return None if parts is None or len(parts.terms) == 1 else parts


def has_sums(e: Expr) -> bool:
    """Whether a factor of a product, or what a function is of, is a sum, or a Hadamard product, in which one may stand."""
    inside = e.args if e.op is not H.PRODUCT or len(e.args) > 1 else e.args[0].args
    return not _TO_OPEN.isdisjoint([untransposed(f).op for f in inside])


_TO_OPEN = frozenset((H.SUM, H.HADAMARD))


def _holds_sums(t: Expr) -> bool:
    """Whether a factor of a term, one of a Hadamard product or of a scalar chain there, is a sum."""
    for f in t.args if t.op is H.PRODUCT else (t,):
        bare = untransposed(f)
        if bare.op is H.SUM or bare.op is H.HADAMARD and any(untransposed(g).op is H.SUM for g in bare.args):
            return True
        if f.op is H.PRODUCT and f.is_scalar and _holds_sums(f):
            return True
    return False


def _distributed(t: Expr) -> Apart | None:
    if not _holds_sums(t):
        return Apart([t], False)
    scalars, bare = split(t)
    if t.is_scalar and t.op is H.PRODUCT and not scalars_of(t):
        scalars, bare = ONE, t
    chain = factors(bare) if bare is not ONE else ()
    pool: list[list[Expr]] = [_summands(s) for s in scalar_factors(scalars)]
    number_in_front = number(scalars.data[0]) if scalars.op is H.PRODUCT and scalars.data[1] else ONE
    entry = len(chain) == 1 and chain[0].op is H.HADAMARD
    pool += [_summands(f) for f in (chain[0].args if entry else chain)]
    total = prod(map(len, pool))
    if total > BUDGET.products:
        return None
    if total == 1:
        return Apart([t], False)
    k = len(pool) - (len(chain[0].args) if entry else len(chain))
    out, met = [], False
    for choice in every_choice(*pool):
        arrays = [hadamard(choice[k:])] if entry else list(choice[k:])
        made = product([number_in_front, *choice[:k], *arrays])
        met = (
            met
            or _length(made) < sum(map(_length, choice))
            or sum(abs(coefficient_and_rest(f)[0]) != 1 for f in (number_in_front, *choice)) > 1
        )
        out.append(made)
    return Apart(out, met)


def _length(e: Expr) -> int:
    """How many factors a product has, those of its factors among them."""
    bare = untransposed(e)
    if bare.op is H.PRODUCT or bare.op is H.HADAMARD:
        return sum(map(_length, bare.args))
    return int(bare.op is not H.NUMBER and bare.op is not H.IDENTITY)


def _summands(f: Expr) -> list[Expr]:
    bare, turned = (f.args[0], True) if f.op is H.TRANSPOSE else (f, False)
    if f.is_scalar and f.op is H.PRODUCT and f.data == (1, 0):
        inner = _distributed(f)
        return [f] if inner is None else inner.terms
    if bare.op is not H.SUM:
        return [f]
    parts = [
        scaled(c, r)
        for c, t in zip(bare.data, bare.args, strict=True)
        for r in (_summands(t) if t.is_scalar and t.op is H.PRODUCT else (t,))
    ]
    return [transpose(p) for p in parts] if turned else parts


def diagonal_home(e: Expr) -> Expr | None:
    """(D A) ⊙ B as A ⊙ (D B) where B stands later, transposed or not: a diagonal factor stands with the last factor."""
    chains = [f for f in e.args if f.op is H.PRODUCT and f.data == (1, 0)] if e.op is H.HADAMARD else []
    ends = [(f, end) for f in chains for end in (0, -1) if f.args[end].shape[0] == f.args[end].shape[1]]
    for f, end in ends:
        chain = f.args
        if has(chain[end], "diagonal") and chain[end].op is not H.IDENTITY:
            bare = product(chain[1:] if end == 0 else chain[:-1])
            rest = [bare, *(a for a in e.args if a is not f)]
            home = max(rest, key=lambda a: untransposed(a).order)
            if home is not bare:
                moved = product([chain[0], home] if end == 0 else [home, chain[-1]])
                return hadamard([moved, *(a for a in rest if a is not home)])
    return None


def cleared(e: Expr) -> Expr | None:
    """s/(x/v + 1) as s v/(x + v), so too of an inverse: the denominators inside a denominator multiplied into it, wherever in `e`."""
    by = {}
    for f in postorder(e):
        k = f.data if f.op is H.MATPOWER else f.args[1].data if f.op in (H.POWER, H.HPOWER) and f.args[1].op is H.NUMBER else 0
        if k < 0 and f.args[0].op is H.SUM:
            base = f.args[0]
            d = _denominator(base)
            if d is not ONE and (isinstance(k, int) or is_nonnegative(d)):
                bare = add([product([number(c), d, t]) for c, t in zip(base.data, base.args, strict=True)])
                by[f] = product([power(d, number(-k)), matpower(bare, k) if f.op is H.MATPOWER else hpower(bare, number(k))])
    return substitute(e, by) if by else None


def _denominator(s: Expr) -> Expr:
    """The factor that clears the denominators of all numbers and scalars in the terms of a sum."""
    most: dict[Expr, Number] = {}
    for t in s.args:
        scalars = split(t)[0]
        for f in scalar_factors(scalars):
            if f.op is H.POWER and f.args[1].op is H.NUMBER and f.args[1].data < most.get(f.args[0], 0):
                most[f.args[0]] = f.args[1].data
    common = lcm(*(Fraction(c).denominator for c in s.data))
    return product([number(common), *(power(b, number(-k)) for b, k in most.items())])
