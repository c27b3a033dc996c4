"""Applies the identities: finds the lines that can apply at a node, and rewrites.

A line is read only when every operator it needs has been seen in an expression, and one of a property when something has
it, so a derivation pays for the identities it might use.  A scalar line is read three times: for scalars, vectors and matrices.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Collection, Iterable, Sequence

from matcalc.expr import HADAMARD, PRODUCT, VARIABLE, Expr, Op, declared, postorder, remake, untransposed
from matcalc.expr.heads import CONJ, HPOWER, MATPOWER, POWER, TRANSPOSE
from matcalc.expr.properties import COMPLEX, DECLARABLE, PROPERTIES, closure
from matcalc.rewriting.budget import BUDGET
from matcalc.rewriting.lines import LINES, NO_REAL, Identity, Line, lines_of
from matcalc.rewriting.matching import is_inner, is_multiple

Look = Op | tuple[Op, Op | int]  # an operator among the arguments, it and what it is of, or that there are two of it


class Rewriter:
    """The identities read so far, by the operator at the top of their left side, in the order of the table."""

    def __init__(self) -> None:
        self.waiting = [(place, line, line.needs) for place, line in enumerate(LINES)]
        self.seen: frozenset[str] = frozenset()
        self.asked: frozenset[str] = frozenset()  # purposes
        self.had: frozenset[str] = frozenset()
        self.by_op: dict[Op, list[tuple[int, Identity, frozenset[Look]]]] = {}
        self.chosen: dict[tuple[object, ...], list[Identity]] = {}  # of `by_op`, by what an expression looks like
        self.one_at_a_time = allocate_lock()
        self.have(_UNSAID)

    def meet(self, e: Expr, purpose: str) -> None:
        """Takes note of what is at the top of `e`, and reads the lines that may apply from now on."""
        if e.op.name in self.seen and purpose in self.asked and (not e.complex or NO_REAL in self.seen):
            return
        if e.op.signature or e.op.keeps:
            self.have({*e.op.result, *_kept(e.op)})
        with self.one_at_a_time:
            self._read(self.seen | {e.op.name} | ({NO_REAL} if e.complex else set()), self.asked | {purpose})

    def have(self, properties: Collection[str]) -> None:
        """Takes note that something has these properties, and reads what holds of such; it comes before all else."""
        if self.had.issuperset(properties):
            return
        with self.one_at_a_time:
            new = closure(p for p in properties if p in DECLARABLE) - self.had
            places = {p: place - len(DECLARABLE) for place, p in enumerate((*PROPERTIES, *COMPLEX))}
            self.waiting = [*self.waiting, *((places[p], line, line.needs) for p in sorted(new) for line in lines_of(p))]
            self.had = self.had.union(properties, new)
            self._read(self.seen, self.asked)

    def _read(self, seen: frozenset[str], asked: frozenset[str]) -> None:
        ready = [
            not asked.isdisjoint(line.purposes) and not any(names.isdisjoint(seen) for names in needs) for _, line, needs in self.waiting
        ]
        self._enter((place, line) for (place, line, _), now in zip(self.waiting, ready, strict=True) if now)
        self.waiting = [entry for entry, now in zip(self.waiting, ready, strict=True) if not now]
        self.seen, self.asked = seen, asked

    def _enter(self, ready: Iterable[tuple[int, Line]]) -> None:
        for place, line in ready:
            for identity in line.identities():
                op, args = identity.left.op, [a for a in identity.left.args if not is_multiple(a)]
                needs = frozenset(look for look in _look(op, args) if _tells(look))
                known = self.by_op.get(op, [])
                self.by_op[op] = sorted([*known, (place, identity, needs)], key=lambda entry: entry[0])
        self.chosen = {}

    def step(self, e: Expr, purpose: str) -> Expr | None:
        """`e` after the first identity for the purpose that applies at its top, or None."""
        self.meet(e, purpose)
        if e.op is VARIABLE:
            self.have(declared(e))
        if e.op in self.by_op:
            for identity in self._fitting(e, purpose):
                value = identity.at(e)
                if value is not None and value is not e and not (identity.shorter and value.weight >= e.weight):
                    return value
        return None

    def _fitting(self, e: Expr, purpose: str) -> list[Identity]:
        """The identities that may apply at the top of `e`, as far as that is seen from the operators there."""
        have, inner, conjugates = _look(e.op, e.args), is_inner(e), True in [a.complex for a in e.args]
        chosen = self.chosen
        found = chosen.get(key := (e.op, have, purpose, inner, conjugates))
        if found is None:
            if len(chosen) >= BUDGET.looks:
                chosen = self.chosen = {}
            found = chosen[key] = [
                identity
                for _, identity, needs in self.by_op[e.op]
                if needs <= have and purpose in identity.purposes and identity.inner <= inner and identity.conjugates <= conjugates
            ]
        return found

    def everywhere(self, roots: Sequence[Expr], purpose: str, then: Callable[[Expr], Expr]) -> list[Expr]:
        """The roots with the identities for the purpose applied, and `then`, at each node; what they share is still shared."""
        done: dict[Expr, Expr] = {}
        for n in postorder(*roots):
            e = remake(n, tuple(done[a] for a in n.args)) if n.args else n
            for _ in range(BUDGET.identities):
                value = self.step(e, purpose)
                if value is None:
                    break
                e = value
            done[n] = then(e)
        return [done[r] for r in roots]


_UNSAID = ("positive",)  # what much is that nobody declared: numbers, exponentials, 1 + x'x


def _kept(op: Op) -> set[str]:
    """The properties that `op` may have without an argument that has them, as the exponential of what is skew is orthogonal."""
    return {p for rule in op.keeps.split(";") for p in rule.partition("->")[2].split()}


def _look(op: Op, args: Sequence[Expr]) -> frozenset[Look]:
    """The operators of the arguments of `op`, and of some what their first argument is made by; of products that are no factors, every one.

    Of a transposed one it is the operator of what is turned: a scalar chain may be written either way round.
    """
    bare = [a.args[0] if a.op is TRANSPOSE else a for a in args]
    ops = [b.op for b in bare]
    found: set[Look] = {*ops}
    if len(found) < len(ops):
        found.update([(of, 2) for of in {*ops} if ops.count(of) > 1])
    found.update([(b.op, untransposed(b.args[0]).op) for b in bare if b.op in _OF_ONE])
    if PRODUCT in found and op is not HADAMARD and op is not PRODUCT:
        found.update([(PRODUCT, untransposed(f).op) for b in bare if b.op is PRODUCT for f in b.args])
    return frozenset(found)


_OF_ONE = frozenset((MATPOWER, POWER, HPOWER))  # told apart by what they are of


def _tells(look: Look) -> bool:
    """Whether only what looks so matches: a variable is anything, a conjugate is pushed to the variables."""
    return not {VARIABLE, CONJ} & set(look if isinstance(look, tuple) else (look,))


REWRITER = Rewriter()
