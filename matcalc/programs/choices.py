"""Choices between equal expressions, by what their programs cost: each is tried, the cheaper program stays.

| choice                    | instead of                      | is tried                                               |
|---------------------------|---------------------------------|--------------------------------------------------------|
| a sum, opened             | (A − S K) L                     | A L − S (K L), for all products with that sum     |
| a sum, factored           | X ⊙ A + X ⊙ B, X A/s + X B/s    | X ⊙ (A + B), X (A + B)/s: what `SIDES` finds in common  |
| D + U U' of low rank      | its inverse, log det            | D⁻¹ − V K⁻¹V', log det K + log det D: V = D⁻¹U, K = I + U'V |
| a square, expanded        | ‖X − U V'‖², ‖U V'‖             | ‖X‖² − 2 tr(X'U V') + tr(U'U V'V), and that sum opened |
| a trace, a diagonal       | tr((A − B) C)                   | tr(A C) − tr(B C), and diag likewise              |
| an inverse, solved with   | A⁻¹ computed once               | a solution for each product with it               |
| traces, taken apart       | tr((K⁻¹ − a a') E K⁻¹ F)          | term by term, with products K⁻¹E that all share (`traces`) |

No choice looks at names.  A size counts as `sizes` says; where these say nothing all count the same, but a size that only
arguments shaped like a result have, beside one that others share (the k of W: (n, k) beside X: (m, n)), counts as small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, add, apply, hadamard, hpower, is_nonnegative, is_positive, ones, postorder, remake, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import adjoint, is_hermitian
from matcalc.expr.heads import Number, identity, number, size
from matcalc.expr.products import matpower, power, product, scaled, squared
from matcalc.limits import MOST_TRIED
from matcalc.operators import OPERATORS, call
from matcalc.programs.block_sums import sums_blocks
from matcalc.rewriting import REWRITER
from matcalc.rewriting.identities import PROGRAM
from matcalc.rewriting.sides import BY_NAME, keys

WORTH = 0.93  # of the cost: a choice that gains less is not made
NEARLY_ALL = 0.99  # one that needs no more than other places for the same operations
CANCELLING = 0.6  # one that may lose digits to cancellation


@dataclass(frozen=True)
class Chosen:
    """The expressions of a program, the matrices that are solved with though their inverse could be computed, and how traces are taken."""

    roots: tuple[Expr, ...]
    solved: frozenset[Expr] = frozenset()
    apart: bool = False  # whether traces are taken term by term


Cost = Callable[[Chosen], float]


def best_of(best: Chosen, cost: Cost) -> Chosen:
    """The cheapest of what can be chosen, one choice after the other."""
    least, tried, left = None, 2 * len(postorder(*best.roots)), set[object]()
    while tried < MOST_TRIED:
        for key, worth, made in _choices(best):
            if key in left:
                continue
            least = cost(best) if least is None else least
            tried += len(postorder(*made.roots))
            found = cost(made)
            if found < worth * least:
                best, least = made, found
                left.discard(key)
                break
            left.add(key)
            if tried >= MOST_TRIED:
                break
        else:
            break
    return best


def _choices(now: Chosen) -> Iterator[tuple[object, float, Chosen]]:
    """(what is chosen, how little it may cost beside what is, what it makes)."""
    nodes = [n for n in postorder(*now.roots) if not n.loose]
    products = [n for n in nodes if n.op is H.PRODUCT]
    bases = list(dict.fromkeys(n.args[0] for n in nodes if n.op is H.MATPOWER and n.data < 0 or n.op.name == "logdet"))
    if bases and not now.apart and any(n.op.name == "tr" for n in nodes):
        yield ("apart", now.roots), WORTH, replace(now, apart=True)
    for s in reversed(nodes):
        if s.op is H.SUM and 1 not in s.shape and any(s in n.args for n in products):
            opened = _opened(now.roots, s)
            if opened != now.roots:
                worth = CANCELLING if _cancels(s, products) else WORTH
                beside = {t for n in products if s in n.args for t in n.args if t.op is H.SUM and 1 not in t.shape and t is not s}
                if beside and not any(_cancels(t, products) for t in beside):  # then what the terms of those share is opened once
                    last = _opened(reduce(_opened, sorted(beside, key=lambda t: t.order), now.roots), s)
                    yield ("opened last", s), worth, replace(now, roots=last)
                yield ("opened", s), worth, replace(now, roots=opened)
        elif (x := squared(s)) is not None:
            square = _expanded(x)
            if square is not None:
                yield ("expanded", s), CANCELLING, replace(now, roots=_opened(_with(now.roots, {s: square}), x))
        elif s.op.name == "norm" and _has_waist(s.args[0]):
            of = s.args[0]
            worth = WORTH if _half(of) is not None else CANCELLING  # of U U^H it is the root of a sum of squares
            yield ("expanded", s), worth, replace(now, roots=_with(now.roots, {s: power(_inner(of, of), number(Fraction(1, 2)))}))
        elif s.op.name in ("tr", "diagonal") and s.args[0].op in (H.PRODUCT, H.SUM):
            by_term = _by_term(s.op, s.args[0])
            if by_term is not None:
                yield ("by term", s), NEARLY_ALL, replace(now, roots=_with(now.roots, {s: by_term}))
    for k in bases:
        made = _low_rank(now.roots, k)
        if made is not None:
            yield ("low rank", k), WORTH, replace(now, roots=made)
        if k not in now.solved:
            yield ("solved", k), WORTH, replace(now, solved=now.solved | {k})
    for s in reversed(nodes):
        for f, once in _factored(s) if s.op is H.SUM and not s.is_scalar else ():
            yield ("factored", f, s), WORTH, replace(now, roots=_with(now.roots, {s: once}))


def _with(roots: Sequence[Expr], new: dict[Expr, Expr], by: Callable[[Expr], Expr] | None = None) -> tuple[Expr, ...]:
    """The roots with some nodes replaced, and each node that was made anew given to `by`."""
    done: dict[Expr, Expr] = {}
    for n in postorder(*roots):
        if n in new:
            done[n] = new[n]
            continue
        made = n
        if any(done[a] is not a for a in n.args):
            with suppress(UnsupportedError):  # v_max(M M') stays where the terms of M M' no longer show that it is symmetric
                made = remake(n, tuple(done[a] for a in n.args))
        done[n] = by(made) if by and not n.loose else made
    return tuple(done[r] for r in roots)


# --- sums ------------------------------------------------------------------------------------------------------------


def _terms(s: Expr) -> list[tuple[Number, Expr]]:
    """The terms of a sum, or of the transpose of one, with their numbers."""
    if s.op is H.TRANSPOSE:
        return [(c, transpose(t)) for c, t in _terms(s.args[0])]
    return list(zip(s.data, s.args, strict=True))


def _cancels(s: Expr, products: Collection[Expr]) -> bool:
    """Whether it is a residual: a difference of given arrays and products, that an optimum makes small.

    One of products only has lost as many digits before it is multiplied as the products of its terms lose, and so has one that
    stands beside the inverse of a term.
    """
    alone = (t.args[-1] if t.op is H.PRODUCT and len(t.args) == t.data[1] + 1 else t for t in s.args)
    inverses = {matpower(t, -1) for t in alone if t.shape[0] == t.shape[1]}
    if any(not inverses.isdisjoint(e.args) for e in products if s in e.args):
        return False
    only = all(t.op is H.PRODUCT and len(t.args) > t.data[1] + 1 for t in s.args)
    return any(c < 0 for c in s.data) and not only and not any(t.op in (H.IDENTITY,) or t.op.name == "diag" for t in s.args)


def _opened(roots: Sequence[Expr], s: Expr) -> tuple[Expr, ...]:
    """Each product with the sum as the sum of products; of one with a vector, the part up to the vector alone: A ((B − S K) x)."""
    both = {s, transpose(s)}

    def by(e: Expr) -> Expr:
        i = next((i for i in range(e.data[1], len(e.args)) if e.args[i] in both), -1) if e.op is H.PRODUCT and len(e.args) > 1 else -1
        if i < 0:
            return e
        first, last = _up_to_vector(e, i)
        parts = [scaled(c, _known(product([*e.args[first:i], t, *e.args[i + 1 : last]]))) for c, t in _terms(e.args[i])]
        if (first, last) == (0, len(e.args)):
            return by(scaled(e.data[0], add(parts)))
        return by(product([number(e.data[0]), *e.args[:first], add([by(t) for t in parts]), *e.args[last:]]))

    def everywhere(e: Expr) -> Expr:
        made = by(e)
        if made.op is H.SUM and made is not e:  # a term may hold the sum again
            return add([scaled(c, by(t)) for c, t in _terms(made)])
        return made

    return _with(roots, {}, everywhere)


def _factored(s: Expr) -> Iterator[tuple[object, Expr]]:
    """(what several terms of the sum have in common, the sum where that stands once)."""
    plain = _terms(s)
    entries = {f for _, t in plain for f in (t.args[-1].args if t.op is H.PRODUCT else t.args) if H.HADAMARD in (t.op, t.args[-1].op)}
    for terms in dict.fromkeys((tuple((c, _by_entries(t, entries)) for c, t in plain), tuple(plain))):
        sharing: dict[tuple[str, Expr], dict[Expr, Number]] = {}
        for c, t in terms:
            for key in keys(t):
                sharing.setdefault(key, {})[t] = c
        for (name, f), shared in sharing.items():
            if len(shared) > 1:
                side = BY_NAME[name]
                others = [scaled(c, t) for c, t in terms if t not in shared]
                for front, rests in side.taken(f, [scaled(c, t) for t, c in shared.items()]):
                    yield (name, front), add([side.joined(front, add(rests)), *others])


def _by_entries(t: Expr, entries: Collection[Expr]) -> Expr:
    """Diag(u) A Diag(v) as A ⊙ (u v'), for an A that other terms have entry by entry, beside arrays."""
    scalars, chain = (t.args[: t.data[1]], t.args[t.data[1] :]) if t.op is H.PRODUCT else ((), ())
    a = next((f for f in chain if f in entries), None)
    if a is None or any(f.op.name != "diag" for f in chain if f is not a) or chain.count(a) > 1:
        return t
    i = chain.index(a)
    u, v = (hadamard([ones((n, 1)), *(f.args[0] for f in some)]) for n, some in zip(a.shape, (chain[:i], chain[i + 1 :]), strict=True))
    return product([number(t.data[0]), *scalars, hadamard([a, product([u, transpose(v)])])])


def _known(e: Expr) -> Expr:
    """A product that sums blocks as the identities of programs have it."""
    return (REWRITER.step(e, PROGRAM) if any(map(sums_blocks, e.args)) else None) or e


def _up_to_vector(e: Expr, i: int) -> tuple[int, int]:
    """The factors of a product that its i-th is multiplied with: all, or those up to the vector on its right or on its left."""
    count, cuts = e.data[1], [k for k in range(e.data[1] + 1, len(e.args)) if e.args[k].shape[0] == 1]
    begin, end = max((k for k in cuts if k <= i), default=count), min((k for k in cuts if k > i), default=len(e.args))
    if e.args[end - 1].shape[1] == 1 and begin == count:
        return (i, end) if i > count or end < len(e.args) else (0, end)
    if e.args[begin].shape[0] == 1:
        return (begin, i + 1) if begin > count or i + 1 < len(e.args) else (0, i + 1)
    return (0, len(e.args))


def _expanded(s: Expr) -> Expr | None:
    """‖s‖² of a sum that has a product whose factors meet on a side that is shorter than both ends, term by term."""
    if s.op is not H.SUM or 1 in s.shape or len(s.args) > 4 or not any(_has_waist(t) for t in s.args):
        return None
    pairs = []
    terms = _terms(s)
    for i, (c, t) in enumerate(terms):
        pairs.append(scaled(c * c, power(call("norm", t), number(2))) if not _has_waist(t) else scaled(c * c, _inner(t, t)))
        pairs += [scaled(2 * c * d, _inner(t, u)) for d, u in terms[:i]]
    return add(pairs)


def _inner(a: Expr, b: Expr) -> Expr:
    return call("real", call("tr", product([adjoint(a), b])))


def _has_waist(t: Expr) -> bool:
    """Whether a product has an inner size that is neither its number of rows nor its number of columns."""
    return t.op is H.PRODUCT and any(f.shape[1] not in t.shape for f in t.args[t.data[1] : -1])


def _by_term(op: Op, e: Expr) -> Expr | None:
    """The trace, or the diagonal, of a product with a sum, which may be scaled entry by entry, or of a sum, term by term."""
    if e.op is H.SUM:
        return add([scaled(c, apply(op, (t,))) for c, t in _terms(e)])
    count = e.data[1]
    for i, f in enumerate(e.args[count:], count):
        at = next((a for a in f.args if a.op is H.SUM), f) if f.op is H.HADAMARD else f
        if at.op is H.SUM and 1 not in f.shape:
            terms = ((c, hadamard([t, *(a for a in f.args if a is not at)]) if at is not f else t) for c, t in _terms(at))
            made = [scaled(c, apply(op, (product([*e.args[count:i], t, *e.args[i + 1 :]]),))) for c, t in terms]
            whole = scaled(e.data[0], product([*e.args[:count], add(made)]))
            return whole if at is f else REWRITER.everywhere([whole], PROGRAM, lambda t: t)[0]  # for tr(A' (B ⊙ u v'))
    return None


# --- a diagonal and a product of low rank ----------------------------------------------------------------------------


def _low_rank(roots: Sequence[Expr], s: Expr) -> tuple[Expr, ...] | None:
    """The roots with the inverse and the logarithm of the determinant of D + U U^H by a matrix as small as U^H U.

    Without cancelling where that can be: (D + U U^H)⁻¹ U is D⁻¹ U K⁻¹, K = I + U^H D⁻¹U, and x^H (D + U U^H)⁻¹ x is v^H D v + p^H p of
    p = K⁻¹ U^H D⁻¹ x and v = D⁻¹ (x − U p).
    """
    found = _diagonal_and_factor(s)
    if found is None:
        return None
    d, inverse_of_diagonal, log_of_diagonal, u = found
    v = product([inverse_of_diagonal, u])
    small = add([identity(u.shape[1]), product([adjoint(u), v])])
    inverse_of_small, this = matpower(small, -1), matpower(s, -1)
    inverse = add([inverse_of_diagonal, scaled(-1, product([v, inverse_of_small, adjoint(v)]))])
    base, middle = _pushed_through(u, inverse_of_small)

    def solved(x: Expr) -> tuple[Expr, Expr]:
        """(p, v) for the vector x."""
        p = product([inverse_of_small, adjoint(v), x])
        return p, product([inverse_of_diagonal, add([x, scaled(-1, product([u, p]))])])

    def by(e: Expr) -> Expr:
        if e.op is not H.PRODUCT or this not in e.args or len(e.args) == 1:
            return e
        i, n = e.args.index(this), len(base)
        before, after = e.args[:i], e.args[i + 1 :]
        front = [number(e.data[0])]
        if base and after[:n] == base:
            return by(product([*front, *before, inverse_of_diagonal, *base, *middle, *after[n:]]))
        if base and before[e.data[1] :][-n:] == tuple(adjoint(f) for f in base[::-1]):
            return by(product([*front, *before[:-n], *map(adjoint, middle[::-1]), *map(adjoint, base[::-1]), inverse_of_diagonal, *after]))
        first, last = _up_to_vector(e, i)
        left, right = product(e.args[max(first, e.data[1]) : i]), product(after[: last - i - 1])
        if e.args[last - 1].shape[1] == 1 and right.is_vector:
            p, moved = solved(right)
            if i > e.data[1] and product(before[e.data[1] :]) is adjoint(right) and last == len(e.args):
                square = add([product([adjoint(moved), d, moved]), power(call("norm", p), number(2))])
                return product([*front, *before[: e.data[1]], square])
            return by(product([*front, *before, moved, *e.args[last:]]))
        if left.is_vector and left.shape[0] == 1:
            return by(product([*front, *e.args[: max(first, e.data[1])], adjoint(solved(adjoint(left))[1]), *after]))
        return e

    def has_solution(t: Expr) -> bool:
        return any(f.op is H.PRODUCT and this in (f.args[f.data[1]], f.args[-1]) for f in t.args if f.data)

    for t in [t for t in postorder(*roots) if t.op is H.SUM and 1 not in t.shape and has_solution(t)]:
        roots = _opened(roots, t)
    roots = _with(roots, {}, by)
    powers = [e for e in postorder(*roots) if e.op is H.MATPOWER and e.args[0] is s and e.data < -1]
    new = {this: inverse, call("logdet", s): add([call("logdet", small), log_of_diagonal])}
    made = _with(roots, new | {e: product([inverse] * -e.data) for e in powers})
    return made if s not in set(postorder(*made)) else None


def _pushed_through(u: Expr, inverse: Expr) -> tuple[tuple[Expr, ...], list[Expr]]:
    """(F, M) with (D + U U^H)⁻¹ F = D⁻¹ F M: U itself, or without a positive diagonal at its end."""
    chain = u.args[u.data[1] :] if u.op is H.PRODUCT else (u,)
    if chain[-1].op.name != "diag":
        return chain, [inverse]
    (w,) = chain[-1].args
    return (chain[:-1], [chain[-1], inverse, apply(OPERATORS["diag"], (hpower(w, number(-1)),))]) if is_positive(w) else ((), [])


def _diagonal_and_factor(s: Expr) -> tuple[Expr, Expr, Expr, Expr] | None:
    """(D, D⁻¹, log det D, U) of s = D + U U^H with D positive: scalars times I, Diag of a vector."""
    if s.op is not H.SUM or not is_hermitian(s) or len(s.args) != 2:
        return None
    for (c, d), (b, t) in (_terms(s), _terms(s)[::-1]):
        n = s.shape[0]
        if c <= 0 or b <= 0 or t.op is not H.PRODUCT:
            continue
        if d.op is H.IDENTITY or d.op is H.PRODUCT and len(d.args) == d.data[1] + 1 and d.args[-1].op is H.IDENTITY:
            scale = scaled(c, product([number(d.data[0]), *d.args[:-1]])) if d.op is H.PRODUCT else number(c)
            if not is_positive(scale):
                continue
            inverse = product([power(scale, number(-1)), identity(n)])
            log = product([size(n), call("log", scale)])
        elif d.op.name == "diag" and is_positive(d.args[0]):
            w = scaled(c, d.args[0])
            inverse = apply(OPERATORS["diag"], (hpower(w, number(-1)),))
            log = product([adjoint(ones((n, 1))), call("log", w)])
        else:
            continue
        u = _half(scaled(b, t))
        if u is not None and u.shape[1] != n:
            return scaled(c, d), inverse, log, u
    return None


def _half(t: Expr) -> Expr | None:
    """U of U U^H for a product F F^H, F Diag(w) F^H with w ≥ 0, and those with a positive scalar before them."""
    front, chain = (product([number(t.data[0]), *t.args[: t.data[1]]]), list(t.args[t.data[1] :])) if t.op is H.PRODUCT else (number(1), [])
    h, odd = divmod(len(chain), 2)
    if not h or not is_nonnegative(front) or any(adjoint(chain[i]) is not chain[-1 - i] for i in range(h)):
        return None
    half = chain[:h]
    if odd:
        middle = chain[h]
        if middle.op.name != "diag" or not is_nonnegative(middle.args[0]):
            return None
        half.append(apply(OPERATORS["diag"], (call("sqrt", middle.args[0]),)))
    return product([call("sqrt", front), *half]) if front is not number(1) else product(half)
