"""Simplification: the identities bottom-up, then the shorter of a few real alternatives.

Three layers.  The constructors have already merged what is equal by association, commutation or transposition.
The identities each lower the measure.  Of a sum, its factored and its multiplied-out form compete; the one
with least to read (`Expr.weight`: names, numbers and operators of the plain text) wins, the user's own on a tie.
"""

from __future__ import annotations

from matcalc import limits
from matcalc.expr import HADAMARD, PRODUCT, SUM, Expr, add, factors, hadamard, postorder, product, remake, scaled
from matcalc.expr.indices import lettered
from matcalc.expr.node import known_so_far, working
from matcalc.expr.sums import negated, sign_flipped
from matcalc.lifting import lifted
from matcalc.operators.complex_parts import paired
from matcalc.rewriting import REWRITER
from matcalc.rewriting.budget import BUDGET
from matcalc.rewriting.identities import ANSWER, DERIVE
from matcalc.rewriting.matching import is_inner
from matcalc.rewriting.sides import LINEAR
from matcalc.simplification.block_matrices import blockwise
from matcalc.simplification.expanding import Apart, apart, cleared, diagonal_home, has_sums, multiplied_out, over_one, unfolded, with_norms
from matcalc.simplification.factoring import balanced, factored, over_all
from matcalc.simplification.signs import in_whole_numbers, positive


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
    without = cleared(out) if out.weight <= BUDGET.longest else None
    if without is not None:
        other = _Simplifier()(without)
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
    return _Simplifier(regroup=False)(blockwise(lifted(e)))


_OPENED = frozenset((PRODUCT.name, HADAMARD.name, "tr", *LINEAR))  # what may be multiplied out


class _Simplifier:
    """One run; `done` has every expression met in this question with its simplified form."""

    def __init__(self, *, regroup: bool = True) -> None:
        self.regroup = regroup
        self.depth = 0  # sums multiplied out within sums multiplied out
        self.within = -1  # runs for new parts within runs for new parts
        self.searching = False
        self.steps = limits.Steps("simplifying this")
        self.done: dict[Expr, Expr] = known_so_far("simplified" if regroup else "rewritten")
        self.typed = known_so_far("typed")  # sums that stand in the question, which keep their form with either sign

    def __call__(self, e: Expr) -> Expr:
        self.within += 1
        for n in postorder(e, known=self.done):
            if n not in self.done:
                made = remake(n, tuple([self.done[a] for a in n.args]))
                self.done[n] = out = self._settled(made if made is n else self._inside(made))
                self.done.setdefault(out, out)
        self.within -= 1
        return self.done[e]

    def _settled(self, e: Expr) -> Expr:
        """`e`, whose arguments are simplified, after what applies at its top."""
        for _ in range(BUDGET.identities):
            known = self.done.get(e)
            if known is not None:
                return known
            self.steps.take(1 + len(e.args))
            if e.op is SUM and self.regroup and (met := paired(e)) is not e:
                e = self._inside(met)
                continue
            value = REWRITER.step(e, ANSWER if self.regroup else DERIVE) or (diagonal_home(e) if e.op is HADAMARD else None)
            if value is None:
                break
            e = self._inside(value)
        if self.regroup:
            self.done[e] = e  # for now: the alternatives may lead back here
            self.done[e] = self._sum(e) if e.op is SUM else self._shorter(e) if e.op.name in _OPENED else e
        return self.done.get(e, e)

    def _shorter(self, e: Expr) -> Expr:
        """The product `e`, or it multiplied out where that is shorter."""
        if (e.op is PRODUCT or e.op is HADAMARD) and not has_sums(e):
            return e
        if e.weight <= BUDGET.longest:
            turned = sign_flipped(e) if e.op is PRODUCT and e.data[0] < 0 else None
            least = e.weight if turned is None else min(e.weight, scaled(-1, turned).weight)  # a sign alone is no reason
            parts = apart(e)
            other = None if parts is None else add(parts.terms)
            merged = parts is not None and other is not None and len(other.args) < len(parts.terms)  # more may, when they are simplified
            if parts is not None and other is not None and other.weight <= BUDGET.twice * (1 + merged) * least and self._meet(parts, other):
                other = self(other)
                enough = least / BUDGET.kept if e.op is HADAMARD and _is_scaled(other) else least
                if other.weight < enough or other.weight == least and _tells_more(e, other):
                    return other
        return self._inside(balanced(positive(in_whole_numbers(e)))) if e.op is PRODUCT else e

    def _meet(self, parts: Apart, whole: Expr) -> bool:
        """Whether there is more to see in the terms of a product multiplied out than the product: some merge, cancel, or become shorter."""
        return parts.met or len(whole.args) < len(parts.terms) or any(self(t) is not t for t in parts.terms)

    def _inside(self, e: Expr) -> Expr:
        """`e` with the new parts that a constructor or an identity brought simplified, but not its top."""
        settled = tuple(map(self.done.get, e.args))
        if settled == e.args:
            return e
        if None in settled:
            for n in postorder(*e.args, known=self.done):
                if n not in self.done:
                    if self.within < BUDGET.within:
                        self(n)
                    else:
                        self.done[n] = n
        return remake(e, tuple([self.done[a] for a in e.args]))

    def _factored(self, e: Expr) -> Expr:
        """`e` with common factors taken out, from either of the two best beginnings; within such a search, from the best."""
        outermost, self.searching = not self.searching, True
        best = factored(e, self, self.steps, BUDGET.branches if outermost else 1)
        self.searching = not outermost
        return best

    def _sum(self, e: Expr) -> Expr:
        enough = self.steps.left - sum(len(t.args) for t in e.args) < limits.MOST_STEPS // 2
        if enough or self.within >= BUDGET.within:
            return e
        best = self._regrouped(e)
        near = best is not e and e.weight <= BUDGET.typed * best.weight
        return e if near and self.typed and (e in self.typed or negated(e) in self.typed) else best

    def _regrouped(self, e: Expr) -> Expr:
        best, whole = self._factored(e), e
        if e.weight <= BUDGET.longest and self.depth < BUDGET.regrouped:
            self.depth += 1
            plain = unfolded(e)
            flat = multiplied_out(plain) if plain.op is SUM else plain
            out = None if flat is None else with_norms(flat)
            if out is not None and out is not e and out.weight <= BUDGET.twice * best.weight:
                out = self._inside(out)
                flat = self._factored(out) if out.op is SUM else out
                if flat.weight < best.weight:
                    best = flat
                whole = min(out, e, key=lambda s: (not s.symmetric, s.weight))
            best = self._over_one(e, best)
            self.depth -= 1
        best = self._finished(over_all(balanced(best)), e)
        if best.op is SUM and whole.symmetric and not best.symmetric and whole.weight <= BUDGET.kept * best.weight:
            return self._finished(over_all(whole), e)  # no factor on one side of some terms of what is its own transpose
        return best

    def _over_one(self, e: Expr, best: Expr) -> Expr:
        """The sum of two fractions as one, where that is no longer than the `best` so far."""
        parts = over_one(e)
        if parts is None:
            return best
        one = (product if e.is_scalar else hadamard)([self(parts[0]), parts[1]])
        return one if one.weight <= best.weight else best

    def _finished(self, best: Expr, e: Expr) -> Expr:
        """The form that was found of `e`, with its new parts simplified, and what holds of the terms that are left."""
        if best is e:
            return e
        best = self._inside(best) if best not in self.done else self.done[best]
        known = REWRITER.step(best, ANSWER)
        return best if known is None else self(known)


def _is_scaled(e: Expr) -> bool:
    """Whether a term of a sum has a factor diag(b), as F.*(X + b*1') has apart."""
    return e.op is SUM and any(f.op.name == "diag" for t in e.args for f in factors(t))


def _tells_more(e: Expr, apart: Expr) -> bool:
    """Whether the trace `e` of a sum is better read apart: where a term is a number y' A y, or a multiple of one."""
    return e.op.name == "tr" and any(map(is_inner, (f for t in (apart.args if apart.op is SUM else ()) for f in (t, *t.args))))
