"""The problem as it is stated: an objective, its variables with what is declared of them, and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matcalc.api.constraints import agreeing, equation, named, posed
from matcalc.errors import ParseError
from matcalc.expr import Expr, add, number, product, properties_of, substitute, variable
from matcalc.expr.conjugate import is_real
from matcalc.expr.properties import DECLARABLE
from matcalc.expr.rebuild import released
from matcalc.minimizing import constraints
from matcalc.minimizing.constraints import Constraint
from matcalc.minimizing.halving import Halves, halves
from matcalc.operators import call
from matcalc.operators.complex_parts import imaginary_part, real_part
from matcalc.reading import Symbol
from matcalc.simplification import simplify


@dataclass(frozen=True)
class Statement:
    """Minimize `objective` by `variables`, each with its `properties`, subject to the constraints."""

    objective: Expr
    variables: tuple[Expr, ...]
    properties: tuple[frozenset[str], ...]
    constraints: tuple[Constraint, ...]
    symbols: Mapping[str, Symbol]
    notes: tuple[str, ...]
    halves: tuple[Halves, ...] = ()  # of complex variables, whose real and imaginary parts are the variables here
    whole: Statement | None = None  # the problem as it is stated, in these
    asked: Any = None  # the question as it was asked, for those who read it again: (objective, variables, where, constraints)
    inside: tuple[tuple[str, str], ...] = ()  # pairs of variables whose difference must be positive definite

    @property
    def stated(self) -> Statement:
        """The problem with its variables as they are declared."""
        return self.whole or self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables as they are declared."""
        return tuple(str(v.data[0]) for v in self.stated.variables)

    @cached_property
    def affine(self) -> tuple[Constraint, ...]:
        return tuple(c for c in self.constraints if c.affine)

    @cached_property
    def curved(self) -> tuple[Constraint, ...]:
        return tuple(c for c in self.constraints if not c.affine)


def stated(f: Any, wrt: Any, where: str, subject_to: Any = None) -> Statement:
    """Reads the problem.  Raises the MatcalcError that says what is wrong with it."""
    asked, given = posed(f, wrt, where, subject_to, "minimized")
    if asked.wanted == "maximum":
        raise ParseError("the text asks for a maximum, and this minimizes", hint="write -(…) for the objective, without the word")
    objective = agreeing(asked.expr, given, asked.where)
    declared = [named(objective).get(str(v.data[0]), v) for v, _ in asked.targets]
    free = {v: variable(v.data[0], v.shape, _kept(frozenset(properties_of(v)))) for v in declared}
    free = {v: w for v, w in free.items() if v is not w}
    by = [free.get(v, v) for v in declared]
    symbols, names = dict(asked.symbols), {**named(objective), **{str(v.data[0]): v for v in by}}
    found: list[Constraint] = []
    for text in given:
        residual, more = equation(text, names, asked.where)
        symbols.update({n: s for n, s in more.items() if n not in symbols})
        names.update({n: e for n, e in named(residual).items() if n not in names})
        found.append(constraints.constraint(text, residual, by))
    for v, d in zip(by, declared, strict=True):
        found += constraints.declared(v, frozenset(properties_of(d)))
    objective = released(objective, free) if free else objective
    unused = [f"{n} is declared but not used" for c in found for n in named(c.residual)]
    notes = tuple(n for n in asked.notes if "the derivative is zero" not in n and n not in unused)
    properties = tuple(frozenset(properties_of(d)) for d in declared)
    made = Statement(objective, tuple(by), properties, tuple(found), symbols, notes, asked=(f, wrt, where, tuple(given)))
    return _in_halves(made) if any(v.complex for v in by) else made


def _in_halves(s: Statement) -> Statement:
    """The problem in the real and imaginary parts of its complex variables; a complex constraint is two real ones."""
    found = {v: halves(v, p) for v, p in zip(s.variables, s.properties, strict=True) if v.complex}
    into = {v: h.expr for v, h in found.items()}
    variables: list[Expr] = []
    properties: list[frozenset[str]] = []
    for v, p in zip(s.variables, s.properties, strict=True):
        variables += [found[v].real, found[v].imaginary] if v in found else [v]
        properties += found[v].properties if v in found else [p]
    constraints = []
    for c in s.constraints:
        whole = simplify(substitute(c.residual, into))
        sides = [whole] if is_real(whole) else [real_part(whole), imaginary_part(whole)]
        constraints += [replace(c, residual=simplify(side)) for side in sides]
    objective = simplify(real_part(substitute(s.objective, into)))
    return replace(
        s, objective=objective, variables=tuple(variables), properties=tuple(properties), constraints=tuple(constraints),
        halves=tuple(found.values()), whole=s,
    )  # fmt: skip


def _kept(properties: frozenset[str]) -> set[str]:
    """The declared properties, without those kept by an equation: these do not hold on the way."""
    return {p for p in properties if DECLARABLE[p].space not in ("curved", "affine")}


def augmented(s: Statement) -> Statement:
    """The problem with the curved constraints in its objective: f + ⟨M, H⟩ + ρ/2 ‖H‖² for each, of H = 0, with M and ρ data."""
    terms, ρ = [s.objective], variable(PENALTY, (1, 1), {"positive"})
    for i, c in enumerate(s.curved):
        m = variable(multiplier(i), c.residual.shape)
        terms.append(call("inner", m, c.residual))
        terms.append(product([number(1) / 2, ρ, call("norm", c.residual) ** 2]))
    return Statement(add(terms), s.variables, s.properties, s.affine, s.symbols, s.notes)


PENALTY = "ρ·"


def multiplier(i: int) -> str:
    return f"multiplier·{i + 1}"
