"""Simplification: the identities bottom-up, then the shorter of a few real alternatives.

Three layers.  The constructors have already merged what is equal by association, commutation or transposition.
The identities each lower the measure.  Of a sum, its factored and its multiplied-out form compete; the one
with least to read (`Expr.weight`: names, numbers and operators of the plain text) wins, the user's own on a tie.
"""

from __future__ import annotations

from matcalc import limits
from matcalc.expr import HADAMARD, PRODUCT, SUM, Expr, postorder, remake, scaled, transpose
from matcalc.expr.indices import lettered
from matcalc.expr.node import working
from matcalc.expr.sums import negated, sign_flipped
from matcalc.lifting import lifted
from matcalc.simplification.expanding import cleared, diagonal_home, entries_met, multiplied_out, spread, unfolded
from matcalc.simplification.factoring import LINEAR, balanced, factored
from matcalc.simplification.rewrite import REWRITER
from matcalc.simplification.signs import positive, signs_aligned

MOST_STEPS = 50  # identities applied one after the other at one node
SUMS, SUMS_PER_NODE = 200, 2  # regrouped at most: an answer that is not the shortest beats one that does not come
DEEPEST = 2  # sums multiplied out within sums multiplied out
MOST_NESTED = 40  # sums regrouped within sums that are regrouped: s (A + t (B + u (…)))
DEEPEST_NEW = 60  # new parts simplified within new parts: sum(A ⊗ (B ⊗ …)) is sum(A) sum(B ⊗ …)
STEPS_PER_SUM = 300  # what looking for a better form of a sum costs, the sum's own length apart
BRANCHES = 2  # first common factors of a sum that are followed to the end
TWICE = 2  # what is longer than this when multiplied out was never the way to a shorter one
LONGEST = 250  # weight up to which a sum is multiplied out to see


@working
def simplify(e: Expr) -> Expr:
    """The same value with as little to read as we know how; each node of `e` is visited once.

    >>> from matcalc.expr import variable, symbol, add
    >>> n = symbol("n")
    >>> A, x = variable("A", (n, n)), variable("x", (n, 1))
    >>> simplify(add([A @ x, A.T @ x])) is (A + A.T) @ x
    True
    """
    if e.nested:
        return _simplified_sums(e)
    out = _Simplifier()(e)
    apart = cleared(out) if out.weight <= LONGEST else None
    if apart is not None:
        other = _Simplifier()(apart)
        out = other if other.weight < out.weight else out
    return out if out.weight <= e.weight else e


def _simplified_sums(e: Expr) -> Expr:
    """With sums over an index in it: what of them has a matrix form before and after is no sum any more."""
    made = lifted(e)
    if not made.nested:
        return simplify(made)
    out = _Simplifier()(made)
    again = lifted(out)
    return lettered((out if out.weight <= made.weight else made) if again is out else _Simplifier()(again))


@working
def rewritten(e: Expr) -> Expr:
    """`e` with the identities applied and nothing regrouped: what a derivative is taken of.

    >>> from matcalc.reading import read
    >>> rewritten(read("log(sum(exp(x)))", "x: (n)").expr)
    logsumexp(x)
    """
    return _Simplifier(regroup=False)(lifted(e))


class _Simplifier:
    """One run; `done` has every expression met so far with its simplified form."""

    def __init__(self, *, regroup: bool = True) -> None:
        self.regroup = regroup
        self.depth = self.nested = self.within = 0
        self.searching = False
        self.left = -1  # how many sums may still be regrouped; set when the size of the expression is known
        self.steps = limits.Steps("simplifying this")
        self.done: dict[Expr, Expr] = {}
        self.turned: list[Expr] = []  # transposes, held as long as the run: those of larger expressions are made of them

    def __call__(self, e: Expr) -> Expr:
        order = postorder(e, known=self.done)
        if self.left < 0:
            self.left = SUMS + SUMS_PER_NODE * len(order)
        for n in order:
            if n in self.done or self.within and self._as_its_transpose(n):
                continue
            m = self._inside(remake(n, tuple(self.done[a] for a in n.args)))
            self.done[n] = self._settled(m)
            self.done.setdefault(self.done[n], self.done[n])
        return self.done[e]

    def _as_its_transpose(self, e: Expr) -> bool:
        """Settles `e` where its transpose has been: what takes either as its argument never goes to and fro between two forms."""
        if 1 in e.shape or e.symmetric:
            return False
        back = transpose(e)
        self.turned.append(back)
        known = self.done.get(back)
        if known is None:
            return False
        self.done[e] = transpose(known)
        self.done.setdefault(self.done[e], self.done[e])
        return True

    def _settled(self, e: Expr) -> Expr:
        """`e`, whose arguments are simplified, after what applies at its top."""
        for _ in range(MOST_STEPS):
            known = self.done.get(e)
            if known is not None:
                return known
            self.steps.take(1 + len(e.args))
            value = self._identity(e) or diagonal_home(e)
            if value is None:
                break
            e = self._inside(value)
        if self.regroup:
            self.done[e] = e  # for now: the alternatives may lead back here
            self.done[e] = self._sum(e) if e.op is SUM else self._shorter(e)
        return self.done.get(e, e)

    def _shorter(self, e: Expr) -> Expr:
        """The product `e`, or it multiplied out where that is shorter."""
        if (e.op in (PRODUCT, HADAMARD) or e.op.name in (*LINEAR, "tr")) and e.weight <= LONGEST:
            turned = sign_flipped(e) if e.op is PRODUCT and e.data[0] < 0 else None
            least = e.weight if turned is None else min(e.weight, scaled(-1, turned).weight)  # a sign alone is no reason
            for other in (entries_met(e), spread(e)):
                if other is not None and other is not e and other.weight <= TWICE * least:
                    other = self(other)
                    if other.weight < least:
                        return other
        return self._inside(balanced(positive(e)))

    def _inside(self, e: Expr) -> Expr:
        """`e` with the new parts that a constructor or an identity brought simplified, but not its top."""
        if all(a in self.done for a in e.args):
            return remake(e, tuple(self.done[a] for a in e.args)) if e.args else e
        for n in postorder(*e.args, known=self.done):
            if n not in self.done:
                if self.within == DEEPEST_NEW:
                    self.done[n] = n
                    continue
                self.within += 1
                self(n)
                self.within -= 1
        return remake(e, tuple(self.done[a] for a in e.args)) if e.args else e

    def _identity(self, e: Expr) -> Expr | None:
        value = REWRITER.step(e, early=not self.regroup)
        if value is None and e.op is SUM and any(c < 0 for c in e.data):
            value = REWRITER.step(negated(e), early=not self.regroup)
            return None if value is None else scaled(-1, value)
        return value

    def _factored(self, e: Expr) -> Expr:
        """`e` with common factors taken out, from either of the two best beginnings; within such a search, from the best."""
        outermost, self.searching = not self.searching, True
        best = factored(e, self, BRANCHES if outermost else 1)
        self.searching = not outermost
        return best

    def _sum(self, e: Expr) -> Expr:
        if self.left == 0 or self.nested == MOST_NESTED or self.steps.left < limits.MOST_STEPS // 2:
            return e
        self.left -= 1
        self.nested += 1
        self.steps.take(STEPS_PER_SUM + sum(len(t.args) for t in e.args))
        best = self._regrouped(e)
        self.nested -= 1
        return best

    def _regrouped(self, e: Expr) -> Expr:
        best = self._factored(e)
        if e.weight <= LONGEST and self.depth < DEEPEST:
            self.depth += 1
            apart = unfolded(e)
            out = multiplied_out(apart) if apart.op is SUM else apart
            if out is not None and out is not e and out.weight <= TWICE * best.weight:
                out = self._inside(out)
                flat = self._factored(out) if out.op is SUM else out
                if flat.weight < best.weight:
                    best = flat
            self.depth -= 1
        best = signs_aligned(best) if best.op is SUM else balanced(best)
        if best is not e:
            best = self._inside(best) if best not in self.done else self.done[best]
        return best
