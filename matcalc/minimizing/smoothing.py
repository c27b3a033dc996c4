"""Kinks made smooth: |E| and max(E, 0) of affine E become p + q and p, with E = p − q and p, q ≥ 0; the largest entry of v becomes
t, with t − v ≥ 0.

Whatever x is, p, q and t can be chosen so that the values agree.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matcalc.expr import Expr, add, fill, postorder, properties_of, scaled, substitute, variable, variables
from matcalc.expr.conjugate import is_real
from matcalc.expr.properties import minimal
from matcalc.expr.rebuild import remake
from matcalc.minimizing.constraints import Constraint, is_affine
from matcalc.minimizing.statement import Statement

KINKED = ("abs", "relu")


def smoothed(s: Statement) -> tuple[Statement, dict[Expr, Expr]] | None:
    """The problem without its kinks, and what its old variables are in the new ones; None where that cannot be said."""
    own = set(s.variables)
    bent = [n for n in postorder(s.objective) if _is_bent(n) and set(variables(n)) & own]
    if not bent or s.curved or any("skew" in p for p in s.properties):
        return None
    by_variable = dict(zip(s.variables, s.properties, strict=True))
    made = _Parts()
    kinked = {n.args[0] for n in bent}
    whole = {v: made.halves(v) for v, said in by_variable.items() if v in kinked and (not said or minimal(said)[0] in ("symmetric", "spd"))}
    done: dict[Expr, Expr] = dict(whole)
    for n in postorder(s.objective, known=done):
        now = remake(n, tuple(done[a] for a in n.args)) if n.args else n
        if n in bent:
            of = done[n.args[0]]
            if not is_real(of) or not is_affine(_entries(of), [*own, *made.new]):
                return None
            now = made.largest(_entries(of)) if n.op.name == "lambda_max" else made.bent(n, of)
        done[n] = now
    equations = [replace(c, residual=substitute(c.residual, whole)) for c in s.constraints]
    new = [*(v for v in by_variable if v not in whole), *made.new]
    properties = tuple(by_variable.get(v) or frozenset(properties_of(v)) for v in new)
    everything = (*equations, *made.equations)
    cones = tuple(names(e) for v, e in whole.items() if "spd" in by_variable[v])  # differences that stay positive definite
    return Statement(done[s.objective], tuple(new), properties, everything, s.symbols, s.notes, inside=cones), whole


def _is_bent(n: Expr) -> bool:
    return n.op.name in KINKED or n.op.name == "lambda_max" and n.args[0].op.name == "diag"


def _entries(of: Expr) -> Expr:
    return of.args[0] if of.op.name == "diag" else of


class _Parts:
    """The new variables, and the equations that they satisfy."""

    def __init__(self) -> None:
        self.new: list[Expr] = []
        self.equations: list[Constraint] = []
        self.differences: dict[Expr, Expr] = {}

    def variable(self, kind: str, shape: Any, properties: set[str]) -> Expr:
        self.new.append(variable(f"part·{len(self.new)}·{kind}", shape, properties))
        return self.new[-1]

    def halves(self, e: Expr) -> Expr:
        """p − q for the expression, both nonnegative."""
        if e not in self.differences:
            kept = {"nonnegative", "symmetric"} if e.symmetric and not e.is_scalar else {"nonnegative"}
            p, q = (self.variable(sign, e.shape, kept) for sign in ("plus", "minus"))
            self.differences[e] = add([p, scaled(-1, q)])
            self.differences[self.differences[e]] = self.differences[e]
        return self.differences[e]

    def bent(self, n: Expr, of: Expr) -> Expr:
        """|of| or max(of, 0)."""
        is_new = of not in self.differences
        difference = self.halves(of)
        if is_new:
            self.equations.append(Constraint(f"{of!r} = {difference!r}", add([of, scaled(-1, difference)]), True))
        plus, minus = _halves(difference)
        return add([plus, minus]) if n.op.name == "abs" else plus

    def largest(self, v: Expr) -> Expr:
        """t with t ≥ v, entry by entry."""
        top, below = self.variable("top", (1, 1), set()), self.variable("below", v.shape, {"nonnegative"})
        self.equations.append(Constraint(f"the largest entry of {v!r}", add([fill(top, v.shape), scaled(-1, v), scaled(-1, below)]), True))
        return top


def _halves(difference: Expr) -> tuple[Expr, Expr]:
    """p and q of p − q, in whichever order they stand."""
    p, q = sorted(difference.args, key=lambda v: str(v.data[0]).endswith("minus"))
    return p, q


def names(difference: Expr) -> tuple[str, str]:
    """The names of p and q of p − q."""
    plus, minus = _halves(difference)
    return str(plus.data[0]), str(minus.data[0])
