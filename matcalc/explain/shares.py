"""Shares of a total, which a derivative of log Σ_k b_ik is made of: r_ik = b_ik / Σ_j b_ij gets a name, as in a mixture.

What does not depend on i has left the sum over it, so b_ik may be found in pieces: those outside go in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from matcalc.expr import ONE, Expr, add, factors, number, postorder, power, product, remake, scaled, sigma, transpose, unit, variable
from matcalc.expr import heads as H
from matcalc.expr.indices import at_index, free_indices, opened_as, outer, replaced

LETTERS = "r s q h w"
OWN = "·"  # the index of the sum that is looked at
SHORT = 8  # weight of what a share is divided by where it lacks it


class Shares:
    """The names given: per name the entry it is written as, and what it stands for, both with free indices."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.letters = iter([name for name in LETTERS.split() if name not in set(taken)])
        self.definitions: dict[Expr, Expr] = {}
        self.known: dict[Expr, Expr] = {}  # the name of the matrix of a total, with no names for indices

    def named(self, e: Expr) -> Expr:
        """`e`, with the names of shares in it."""
        done: dict[Expr, Expr] = {}
        for n in outer(e):
            if n.nested and n.op in (H.PRODUCT, H.SIGMA):
                n_shared = self._shared(n)
                if n_shared is not None:
                    done[n] = n_shared
                    continue
            if n.op is H.SIGMA:
                index = f"{n.data[0]}·n{n.nested}"
                done[n] = sigma(index, n.data[1], self.named(opened_as(n, index)), n.data[0])
            else:
                done[n] = remake(n, tuple(done[a] for a in n.args)) if n.args else n
        return done[e]

    def _shared(self, e: Expr) -> Expr | None:
        """A product with a share in it, put together again; None where there is none."""
        front = list(e.args[: e.data[1]]) if e.op is H.PRODUCT else []
        rest, after = (product([number(e.data[0]), *e.args[e.data[1] :]]), ONE) if e.op is H.PRODUCT else (e, ONE)
        if not rest.nested:
            k = next((k for k, s in enumerate(front) if s.op is H.SIGMA), None)
            if k is None:
                return None
            rest, after = front.pop(k), rest
        for missing in self._missing(rest, front):
            pushed = self._pushed(rest, missing)
            if pushed is not None:
                left = (Counter(front) - Counter(missing)).elements()
                lent = [power(s, number(-1)) for s in (Counter(missing) - Counter(front)).elements()]
                return product([*left, *lent, self.named(pushed), after])
        return None

    def _missing(self, e: Expr, front: Sequence[Expr]) -> Iterable[list[Expr]]:
        """The parts of the share that stand before a sum, for each way to take it; a short one may be lent: π_k."""
        for s in (n for n in outer(e) if n.op is H.SIGMA):
            inside = _scalars(opened_as(s, OWN))
            for total in _totals([*inside, *front]):
                for place in _places(total, [*front, *inside]):
                    lacking = Counter([*_scalars(replaced(total.args[0], place)), _over(total)]) - Counter(inside)
                    lent = list((lacking - Counter(front)).elements())
                    if not lent or len(lent) == 1 and lent[0].weight <= SHORT:
                        yield list(lacking.elements())

    def _pushed(self, e: Expr, missing: list[Expr]) -> Expr | None:
        """`e` times what is missing, where each of its terms has a sum over i in which that makes a share."""
        if e.op is H.SIGMA:
            return self._with_share(e, missing)
        if e.op is H.SUM:
            terms = [self._pushed(t, missing) for t in e.args]
            if any(t is None for t in terms):
                return None
            return add([scaled(c, t) for c, t in zip(e.data, terms, strict=True) if t is not None])
        if e.op is H.PRODUCT:
            for k, a in enumerate(e.args):
                pushed = self._pushed(a, missing) if a.nested else None
                if pushed is not None:
                    return product([number(e.data[0]), *e.args[:k], pushed, *e.args[k + 1 :]])
        return None

    def _with_share(self, s: Expr, missing: list[Expr]) -> Expr | None:
        called, count = s.data
        body = opened_as(s, OWN)
        scalars = Counter([*_scalars(body), *missing])
        for total in _totals(scalars):
            for place in _places(total, list(scalars)):
                share = Counter([*_scalars(replaced(total.args[0], place)), _over(total)])
                entry = self._entry(total, place, called) if not share - scalars else None
                if entry is not None:
                    chain = factors(body) if body.op is H.PRODUCT and body.data[1] < len(body.args) and not body.is_scalar else ()
                    c = body.data[0] if body.op is H.PRODUCT else 1
                    return sigma(OWN, count, product([number(c), *(scalars - share).elements(), entry, *chain]), called)
        return None

    def _entry(self, total: Expr, place: Expr, called: str) -> Expr | None:
        """r_ik, with its definition; OWN is called so."""
        rows = free_indices(total)
        if len(rows) != 1:
            return None
        ((index, count),) = rows.items()
        bare = sigma(index, count, total, "i")
        if bare not in self.known:
            text = next(self.letters, None)
            if text is None:
                return None
            self.known[bare] = variable(text, (count, total.data[1]))
            row, column = (_letter(j, called) for j in (index, place.data[0]))
            at = unit(next(x for x in (column or total.data[0], *"kjlpq") if x != row), total.data[1])
            whole = product([replaced(total.args[0], at), _over(total)])
            self.definitions[product([transpose(unit(row, count)), self.known[bare], at])] = at_index(whole, index, unit(row, count))
        return product([transpose(unit(index, count)), self.known[bare], place])


def stacked(entry: Expr, meaning: Expr) -> tuple[Expr, Expr]:
    """The matrix that an entry r[i,k] is one of, and what it is where its entries have that meaning."""
    row, whole, at = factors(entry)
    (i, m), (k, n) = row.args[0].data, at.data
    return whole, sigma(i, m, sigma(k, n, product([transpose(row), meaning, transpose(at)])))


def _letter(index: object, called: str) -> str:
    return "" if not isinstance(index, str) else called if index == OWN else index.partition("·")[0]


def _scalars(e: Expr) -> list[Expr]:
    """The scalar factors of a product, without its number."""
    if e.op is not H.PRODUCT:
        return [e] if e.is_scalar and e is not ONE else []
    own = list(e.args[: e.data[1]])
    return [*own, product(list(factors(e)))] if e.is_scalar and e.data[1] < len(e.args) else own


def _totals(scalars: Iterable[Expr]) -> list[Expr]:
    """The sums that it is divided by."""
    return [s.args[0] for s in scalars if s.op is H.POWER and s.args[0].op is H.SIGMA and s.args[1].op is H.NUMBER and s.args[1].data == -1]


def _over(total: Expr) -> Expr:
    return power(total, number(-1))


def _places(total: Expr, among: Sequence[Expr]) -> list[Expr]:
    """Where the index of the total may be: the unit vectors of that length in what stands beside it."""
    n = total.data[1]
    return [u for u in dict.fromkeys(u for f in among for u in postorder(f) if u.op is H.UNIT) if u.data[1] == n and not u.loose]
