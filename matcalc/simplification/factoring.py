"""Common factors of a sum taken out: the shorter forms that a sum is compared with.

What several terms share, on one of the sides of the table, may stand once with their sum.  Which terms have what is looked up in an
index that changes only where terms do, so the cost follows the number of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

from matcalc.expr import ONE, Expr, add, coefficient_and_rest, factors, identity, number, product, scaled, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.conjugate import adjoint, is_hermitian
from matcalc.expr.facts import has
from matcalc.expr.heads import Number, term_weight
from matcalc.expr.node import known_so_far
from matcalc.expr.sums import negated, opposite
from matcalc.limits import MOST_STEPS, Steps
from matcalc.rewriting.budget import BUDGET
from matcalc.rewriting.sides import BY_NAME, Key, Side, keys, scalars_of, without
from matcalc.simplification.expanding import apart

LEFT, RIGHT, SCALAR = (BY_NAME[name] for name in ("left", "right", "scalar"))


def factored(e: Expr, settle: Callable[[Expr], Expr], steps: Steps, branches: int = 1) -> Expr:
    """The sum `e` with common factors taken out wherever that leaves less to read, the best one first; as long as half of `steps` is left.

    `settle` simplifies the smaller sums that arise, once it is decided which; `branches` are followed to their end.
    """
    best = e
    first = _Terms(e, steps)
    ways = first.improving()[:branches]
    for parts in ways:
        terms = first if parts is ways[-1] else _Terms(e, steps)
        found: list[Parts] = [parts]
        while found:
            terms.take(found[0], settle)
            found = terms.improving()
        other = add(terms.all()) if terms.of else scaled(0, e)
        if other.weight < best.weight:
            best = other
    return best


class Parts(NamedTuple):
    """`front` taken out of some terms of a sum leaves `inner`; with what that saves to read."""

    side: Side
    front: Expr
    inner: Expr
    picked: tuple[Expr, ...]
    saved: int


class _Terms:
    """The terms of a sum while factors are taken out, and which of them have what in common."""

    def __init__(self, e: Expr, steps: Steps) -> None:
        self.steps = steps
        self.keys: dict[Expr, list[Key]] = known_so_far("sides")
        self.of: dict[Expr, Number] = {}  # each term without its number
        self.sharing: dict[Key, dict[Expr, None]] = {}
        self.serial: dict[Key, int] = {}
        self.queue: list[tuple[int, int, Key]] = []
        self.known: dict[Key, list[Parts]] = {}  # worked out, as long as the same terms share it
        self.hidden: list[Key] = []
        self.undone: list[Key] = []  # inverses of sums
        self.typed = known_so_far("typed")
        self.weights: dict[tuple[Expr, ...], int] = {}  # of terms together, which often have more than one factor in common
        for c, t in zip(e.data, e.args, strict=True):
            self._put(c, t)
        self.unit = next((t for t in self.of if t is ONE or (t.args[-1] if t.op is H.PRODUCT else t).op is H.IDENTITY), None)
        alone = len(self.of) == 2 or self.unit is not None
        self._hide(self.sharing)
        for name, f in self.sharing:
            if alone and (name == "scalar" and f.op is H.SUM or name in ("left", "right") and _undone(f) is not None):
                self.undone.append((name, f))

    def all(self) -> list[Expr]:
        return [scaled(c, t) for t, c in self.of.items()]

    def improving(self) -> list[Parts]:
        """The factors that can be taken out so that there is less to read, the best first."""
        if len(self.of) < 2:
            return []
        return sorted((parts for parts in self._shared() if parts.saved > 0), key=lambda parts: -parts.saved)

    def take(self, parts: Parts, settle: Callable[[Expr], Expr]) -> None:
        """Puts the factor and what it leaves, simplified, in the place of the terms it is taken out of."""
        whole = parts.side.joined(parts.front, settle(parts.inner))
        for t in parts.picked:
            self._drop(t)
        c, rest = coefficient_and_rest(whole)
        for k, t in zip(rest.data, rest.args, strict=True) if rest.op is H.SUM else ((1, rest),):
            self._put(c * k, t)
            self._hide(self._keys(t))

    def _hide(self, keys: Iterable[Key]) -> None:
        """Takes note of the sums whose terms stand among the others."""
        for name, f in keys:
            if name in ("left", "right") and f.op is H.SUM and (name, f) not in self.hidden and all(t in self.of for t in f.args):
                self.hidden.append((name, f))

    def _put(self, c: Number, t: Expr) -> None:
        if t in self.of:
            c += self.of[t]
            self._drop(t)
        if c == 0:
            return
        self.of[t] = c
        self.steps.take(1 + len(t.args))
        for key in self._keys(t):
            self.serial.setdefault(key, len(self.serial))
            self.sharing.setdefault(key, {})[t] = None
            self._changed(key)

    def _drop(self, t: Expr) -> None:
        del self.of[t]
        for key in self._keys(t):
            if self.sharing[key].pop(t, t) is None:
                self._changed(key)

    def _keys(self, t: Expr) -> list[Key]:
        found = self.keys.get(t)
        if found is None:
            found = self.keys[t] = keys(t)
        return found

    def _changed(self, key: Key) -> None:
        self.known.pop(key, None)
        if len(self.sharing[key]) > 1:
            heappush(self.queue, (self._place(key), self.serial[key], key))

    def _place(self, key: Key) -> int:
        return -(len(self.sharing[key]) - 1) * key[1].weight

    def _shared(self) -> list[Parts]:
        """Ways to take a factor out that at least two terms share, the most promising first."""
        found = [parts for key in self.hidden if (parts := self._own_terms(key)) is not None]
        found += [parts for key in self.undone for parts in self._over_inverse(key)]
        looked_at: dict[Key, tuple[int, int, Key]] = {}
        handled = 0
        while self.queue and len(looked_at) < BUDGET.looked_at and len(found) < BUDGET.tried and handled < BUDGET.handled:
            entry = heappop(self.queue)
            key = entry[2]
            if key not in looked_at and len(self.sharing[key]) > 1 and entry[0] == self._place(key):
                looked_at[key] = entry
                if key not in self.known:
                    length = sum(1 + len(t.args) for t in self.sharing[key])
                    if self.steps.left - length < MOST_STEPS // 2:
                        break
                    self.steps.take(length)
                    handled += length
                    self.known[key] = list(self._ways(key))
                found += self.known[key]
        for entry in looked_at.values():
            heappush(self.queue, entry)
        return found[: BUDGET.tried]

    def _ways(self, key: Key) -> Iterator[Parts]:
        side, f = BY_NAME[key[0]], key[1]
        picked = tuple(self.sharing[key])
        terms = [scaled(self.of[t], t) for t in picked]
        for front, rests in side.taken(f, terms):
            inner = add(rests)
            if inner.weight < self._weight(tuple(terms)):
                yield Parts(side, front, inner, picked, self._saved(side.joined(front, inner), picked))

    def _weight(self, terms: tuple[Expr, ...]) -> int:
        if terms not in self.weights:
            self.weights[terms] = add(terms).weight
        return self.weights[terms]

    def _saved(self, whole: Expr, picked: tuple[Expr, ...]) -> int:
        before = sum(1 + term_weight(self.of[t], t) for t in picked)
        c, rest = coefficient_and_rest(whole)
        new = [(c * k, t) for k, t in zip(rest.data, rest.args, strict=True)] if rest.op is H.SUM else [(c, rest)]
        alone = len(picked) == len(self.of) and len(new) == 1
        return before - (1 + whole.weight if alone else sum(1 + term_weight(k, t) for k, t in new))

    def _own_terms(self, key: Key) -> Parts | None:
        """The sum u - w - P (u - w) as (I - P)(u - w): a factor whose own terms stand among the others."""
        side, f = BY_NAME[key[0]], key[1]
        where = self.sharing[key]
        if not where or not all(t in self.of and t not in where for t in f.args):
            return None
        ratios = {Fraction(self.of[t]) / k for k, t in zip(f.data, f.args, strict=True)}
        if len(ratios) != 1:
            return None
        times, sign = ratios.pop(), -1 if negated(f) in self.typed and f not in self.typed else 1
        unit = scaled(sign * times, identity(f.shape[0] if side is RIGHT else f.shape[1]))
        ends = (0, -1) if side is RIGHT else (1, None)
        inner = add([unit, *(without(scaled(sign * self.of[t], t), *ends) for t in where)])
        front, picked = scaled(sign, f), (*where, *f.args)
        return Parts(side, front, inner, picked, self._saved(side.joined(front, inner), picked))

    def _over_inverse(self, key: Key) -> Iterator[Parts]:
        """I - (A + B)⁻¹ A as (A + B)⁻¹ B: what is no multiple of an inverse, I or the only other term, is made one."""
        side, where = BY_NAME[key[0]], tuple(self.sharing[key])
        other = next((t for t in self.of if t not in where), None) if len(self.of) == 2 else self.unit
        if not where or other not in self.of or other in where or side is SCALAR and not any(_divides(key[1], t) for t in where):
            return
        for front, rests in side.taken(key[1], [scaled(self.of[t], t) for t in where]):
            if (own := _undone(front)) is not None:
                ways = ((t, other) if side is LEFT else (other, t) for t in own.args)
                terms = [scaled(self.of[other] * c, product(pair)) for c, pair in zip(own.data, ways, strict=True)]
                terms += [t for parts, r in zip(map(apart, rests), rests, strict=True) for t in (parts.terms if parts else (r,))]
                inner, picked = add(terms), (other, *where)
                if inner.op is not H.SUM or len(inner.args) < len(terms):
                    yield Parts(side, front, inner, picked, self._saved(side.joined(front, inner), picked))


def _undone(f: Expr) -> Expr | None:
    """The sum that `f` is the inverse of."""
    bare = untransposed(f)
    if bare.op is H.POWER and bare.args[1] is number(-1) or bare.op is H.MATPOWER and bare.data == -1:
        made = bare.args[0] if bare is f else transpose(bare.args[0])
        return made if made.op is H.SUM else None
    return None


def _divides(s: Expr, t: Expr) -> bool:
    """Whether a term is over the sum `s`, or over minus that."""
    below = [_undone(f) for f in scalars_of(t)]
    return s in below or opposite(s) in [b for b in below if b is not None]


def over_all(e: Expr) -> Expr:
    """I/s - x x'/s^3 as (I - x x'/s^2)/s: a scalar that every term has stands once, where that is no longer."""
    if e.op is not H.SUM or e.is_scalar:
        return e
    shared = list(SCALAR.common(e.args[0]))
    for t in e.args[1:]:
        if not shared:
            return e
        here = list(SCALAR.common(t))
        shared = [f for f in shared if f in here]
    terms = [scaled(c, t) for c, t in zip(e.data, e.args, strict=True)] if shared else []
    for f in shared:
        for front, rests in SCALAR.taken(f, terms):
            made = SCALAR.joined(front, add(rests))
            if made.weight <= e.weight:
                return made
    return e


def balanced(e: Expr) -> Expr:
    """A' (B A - A) as A' (B - I) A, and S⁻¹ (I - B S⁻¹) as S⁻¹ (S - B) S⁻¹, where the sum is symmetric and that is no longer.

    What has A' on one side has A on the other: a sum that is symmetric is seen to be.  So is the projector in (A - P A) B,
    and S in (A - A S)'B.  Of what is complex, Hermitian stands for symmetric.
    """
    if e.op is not H.PRODUCT and e.op is not H.SUM or e.is_scalar or is_hermitian(e) or e in known_so_far("typed"):
        return e
    (c, first), whole = (e.data, e.args) if e.op is H.PRODUCT else ((1, 0), (e,))
    last = len(whole) - 1
    for i in range(first, max(last, first + 1)):
        beside = ((i + 1, i, RIGHT), (i, i + 1, LEFT), (i, i, RIGHT), (i + 1, i + 1, LEFT))
        for k, other, side in beside if i < last else ((i, i, RIGHT), (i, i, LEFT)):
            turned = k == other and whole[k].op is H.TRANSPOSE and whole[k].args[0] not in known_so_far("typed")
            if (s := whole[k].args[0] if turned else whole[k]).op is not H.SUM:
                continue
            side = (LEFT if side is RIGHT else RIGHT) if turned else side
            f = adjoint(whole[other]) if k != other else factors(s.args[0])[-(side is RIGHT)]
            if k == other and 1 in f.shape:
                continue
            rests = [_apart(scaled(j, t), f, side) for j, t in zip(s.data, s.args, strict=True)] if f.op is not H.IDENTITY else [None]
            if None in rests:
                continue
            inner = add([rest for rest in rests if rest is not None])
            if not is_hermitian(inner) or k == other and not turned and not any(has(p, "projector") for p in (inner, scaled(-1, inner))):
                continue
            made = side.joined(f, inner)
            made = product([number(c), *whole[:k], transpose(made) if turned else made, *whole[k + 1 :]])
            if made.weight <= e.weight:
                return made
    return e


def _apart(t: Expr, f: Expr, side: Side) -> Expr | None:
    """The rest of a term beside `f`, which is at its end; of I, where `f` is an inverse, what that is the inverse of."""
    end = factors(t)[-(side is RIGHT)]
    if end is f:
        return without(t, *((0, -1) if side is RIGHT else (1, None)))
    if end.op is H.IDENTITY and f.op is H.MATPOWER and f.data == -1:
        return product([t, f.args[0]])
    return None
