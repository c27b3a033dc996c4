"""A stationary point and all that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matcalc import writing
from matcalc.api.card import framed
from matcalc.api.conditions import conditions as conditions_of
from matcalc.api.constraints import named
from matcalc.api.display import Displayed
from matcalc.api.of_complex import STEEPEST
from matcalc.checking.numbers import has_arrays
from matcalc.errors import UnsupportedError
from matcalc.explain.lines import written
from matcalc.expr import Expr, add, has, name_of, product, substitute
from matcalc.expr.conjugate import conjugate
from matcalc.expr.heads import ONE
from matcalc.operators import call
from matcalc.programs.program import compile_program, program
from matcalc.programs.targets import known_target
from matcalc.reading import Symbol, named_by
from matcalc.reading.table import UNUSED
from matcalc.simplification import simplify
from matcalc.solving.among import among_definite
from matcalc.solving.plans import Pair, source
from matcalc.solving.problem import Problem
from matcalc.solving.proof import leaves
from matcalc.solving.solver import Point, looked_at
from matcalc.solving.steps import Derivation, derivation
from matcalc.solving.terms import at_zero, coefficients
from matcalc.solving.tidying import as_in_books
from matcalc.solving.wording import OF_ROOTS, OF_VALUES, conditions, equation, scheme, when

SAMPLED = "that this is a {} was seen at samples of the data; it is not proved"
NAME = "solution"  # of the function that is written


@dataclass(frozen=True)
class Proved:
    """The result of the numeric check: at how many points, the largest error of gradient and constraints, the kinds there."""

    ok: bool
    max_error: float
    points: int
    kinds: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Displayed):
    """The stationary point of an objective, by one variable or by several; shows itself as an equation for each.

    >>> from matcalc import solve
    >>> s = solve("norm(A*x - b)^2 + λ*norm(x)^2", "x", where="A: (m, n); λ: scalar positive")
    >>> s.text(), s.kind
    ("inv(A'*A + λ*I)*A'*b", 'minimum')
    """

    problem: Problem
    points: tuple[Point, ...]
    point: Point
    wanted: tuple[Expr, ...]

    @property
    def form(self) -> str:
        """`closed`, `spectral`, `linear` or `eigenvector`."""
        return self.point.form

    @property
    def kind(self) -> str:
        """`minimum`, `maximum`, `saddle`, or `stationary` where that depends on the data."""
        return self.point.kind

    @property
    def is_global(self) -> bool:
        """Whether it is the smallest (largest) value there is: the objective is convex, or the form says so."""
        return self.point.is_global

    @property
    def expr(self) -> Expr | None:
        """The formula of the variable; None where the form is not `closed`, or where there are several."""
        return self._values[self.wanted[0]] if self.form == "closed" and len(self.wanted) == 1 else None

    @cached_property
    def _values(self) -> dict[Expr, Expr]:
        """The formulas of the variables that were asked for: Diag(d) of d."""
        meaning = self.problem.meaning
        return {x: simplify(substitute(meaning[x], {x: v})) if x in meaning else v for x, v in self.point.values.items()}

    @property
    def shape(self) -> Any:
        """The shape of the variable."""
        return self.wanted[0].shape

    @cached_property
    def all(self) -> tuple[Solution, ...]:
        """All stationary points that are known, each with its kind."""
        return tuple(Solution(self.problem, self.points, p, self.wanted) for p in self.points)

    def __getitem__(self, name: str) -> Solution:
        by = {v.data[0]: x for v, x in zip(self.problem.declared, self.problem.unknowns, strict=True)}
        key = named_by(name, by)
        if key is None:
            raise KeyError(name)
        return Solution(self.problem, self.points, self.point, (by[key],))

    def __iter__(self) -> Iterator[Solution]:
        return (self[v.data[0]] for v in self.problem.declared)

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """The names of the objective and of the constraints, with what was declared and what was inferred of them."""
        return self.problem.symbols

    @property
    def read_as(self) -> str:
        """How the objective was read, in one line."""
        return self.problem.read_as

    @cached_property
    def equation(self) -> str:
        """The stationarity equation as text."""
        return equation(self.problem, "text")

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of the answer, in words."""
        f, values = self.problem.f, dict(self.point.values)
        inside = ((simplify(substitute(c.of[0], values)), c.needs) for c in conditions_of(f) if c.needs in OF_ROOTS)
        needed = (*self.point.conditions, *((e, needs) for e, needs in inside if not has(e, needs) and self._leaves(e)))
        of_values = OF_VALUES if self.point.rough else (*OF_VALUES, "≠ 0")  # a threshold is zero where it divides by zero
        found = conditions(needed, values, [f, *(c.zero for c in self.problem.constraints)], of_values)
        for x in self.problem.unknowns if self.point.plan is not None else ():
            declared = next((p for p in ("positive", "nonnegative") if has(x, p) and not has(x, "spd")), None)
            found += [f"{x.data[0]} {declared}"] if declared else []
        said = when(self.problem, {**self.point.values, **self.point.multipliers}) if self.kind == "stationary" else ()
        among = among_definite(self.problem, self.point) if has_arrays() else None
        return (*found, *said, *([among] if among is not None else ()))

    def _leaves(self, e: Expr) -> bool:
        """Whether the point may be where `e`, of which the objective takes a root or a logarithm, is negative."""
        return leaves(self.problem, lambda deal: self.point.at(self.problem, deal), [*self.point.values.values(), e], e)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """How the input was understood, and what else a reader should know."""
        constrained = {f"{name}{UNUSED}" for c in self.problem.constraints for name in named(c.zero)}
        out = [note for note in self.problem.asked.notes if note not in constrained]
        complexes = [v for v in self.problem.declared if v.complex]
        out += [STEEPEST.format(name_of(v)) for v in complexes]
        if complexes and self.problem.constraints:
            out.append("the multipliers are those of f + Re Σ ⟨λ, left − right⟩")
        if self.point.scale:
            out.append("every multiple of it is a stationary point as well")
        if isinstance(self.point.plan, Pair) and self.point.plan.free and not self.problem.constraints:
            out.append(self.point.plan.choice(self.problem.unknowns))
        if self.point.sampled:
            out.append(SAMPLED.format(self.kind))
        if len(self.points) > 1:
            others = ", ".join(p.kind for p in self.points if p is not self.point)
            out.append(f"there are {len(self.points)} stationary points; the others: {others}")
        return tuple(out)

    @cached_property
    def multipliers(self) -> tuple[Expr, ...] | None:
        """The multipliers λ of f + Σ ⟨λ, left − right⟩, in the order of the constraints; None where the form is not `closed`."""
        found = [(c, self.point.multipliers.get(c.multiplier)) for c in self.problem.constraints]
        if self.form != "closed" or any(m is None for _, m in found):
            return None
        turned = [(c, conjugate(m) if c.conjugated else m) for c, m in found if m is not None]
        made = [m if c.factor is ONE else simplify(product([c.factor, m])) for c, m in turned]
        texts = [c.text for c in self.problem.constraints]
        if len(texts) == 1 and (count := texts[0].count(";") + 1) > 1:  # of a block of numbers each its own
            return tuple(simplify(made[0][i]) for i in range(1, count + 1))
        return tuple(made)

    @cached_property
    def value(self) -> Expr | None:
        """The objective at the solution, simplified; None where that has no formula."""
        if self.form != "closed":
            return None
        plain = simplify(substitute(self.problem.f, dict(self.point.values)))
        other = self._value_of_quadratic()
        return as_in_books(plain if other is None or other.weight >= plain.weight else other)

    def _value_of_quadratic(self) -> Expr | None:
        """f(0) + ⟨G(0), x⟩/2 + Σ ⟨λ, c(0)⟩/2, of a quadratic f of one unknown x under affine constraints c; None of another."""
        if len(self.problem.unknowns) != 1:
            return None
        (x,) = self.problem.unknowns
        g, value = self.problem.gradient[0], self.point.values[x]
        slope = at_zero(g, x)
        parts = [at_zero(self.problem.f, x), None if slope is None else call("inner", slope, value) / 2]
        for c in self.problem.constraints:
            held, m = at_zero(c.zero, x), self.point.multipliers.get(c.multiplier)
            parts.append(None if held is None or m is None or coefficients(c.zero, x) is None else call("inner", m, held) / 2)
        if coefficients(g, x) is None or any(p is None for p in parts):
            return None
        return simplify(add([p for p in parts if p is not None]))

    def _written(self, style: str) -> str:
        if self.form != "closed":
            return scheme(self.problem, self.point, style)
        if len(self.wanted) == 1:
            return written(self._values[self.wanted[0]], style)
        between, beside = (" &= ", r" \\ ") if style == "latex" else (": ", "\n")
        pairs = [(v, x) for v, x in zip(self.problem.declared, self.problem.unknowns, strict=True) if x in self.wanted]
        lines = beside.join(f"{written(v, style)}{between}{written(self._values[x], style)}" for v, x in pairs)
        return rf"\begin{{aligned}} {lines} \end{{aligned}}" if style == "latex" else lines

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        left = f"{written(self.wanted[0], 'latex')} = " if self.expr is not None else ""
        kind = f"{'global ' if self.is_global else ''}{self.kind}"
        notes = [*self.conditions, *(note for note in self.notes if note not in self.conditions)]
        html = framed(self, kind, left + self.latex(), notes, [(step.rule, step.latex) for step in self.steps()])
        return {**super()._repr_mimebundle_(), "text/html": html}

    def text(self) -> str:
        """The answer as plain text of the language; of several variables a line for each."""
        return self._written("text")

    def latex(self) -> str:
        """The formula as LaTeX; where the form is not `closed`, the equation with what is taken of it."""
        return self._written("latex")

    def unicode(self) -> str:
        """The same as a line for a terminal."""
        return self._written("unicode")

    def sympy(self, names: Mapping[str, Any] | None = None, /, **sizes: int) -> Any:
        """The answer as a SymPy expression; with numbers for all sizes, as an explicit SymPy matrix."""
        if sizes:
            return writing.sympy.explicit.explicit(self._one(), sizes, names or {})
        return writing.sympy.expressions.sympy(self._one(), names or {})

    def _one(self) -> Expr:
        """The one formula there is.  Raises UnsupportedError where there are several, or none."""
        if self.expr is None:
            raise UnsupportedError("only one formula is written for SymPy", hint='take the part of one variable: s["x"]')
        return self.expr

    def steps(self) -> Derivation:
        """The derivation: the gradient, the Lagrangian, then each unknown isolated by a rule that has a name."""
        return derivation(self.problem, self.point)

    def check(self, seed: int = 0) -> Proved:
        """Looks at the gradient along the constraints, the constraints and the second derivative at random data."""
        found = looked_at(self.problem, self.point, seed + 7)
        return Proved(found.ok, found.max_error, found.points, tuple(found.kinds.values()))

    def code(self, target: str = "numpy") -> str:
        """The source of a function of the data that returns the point, whatever its form is; for "sympy", of a closed form."""
        if target == "sympy":
            return writing.sympy.source.source(self._one(), self.wanted[0].data[0])
        known_target(target)
        doc = f"The stationary point {', '.join(x.data[0] for x in self.wanted)}."
        if self.point.plan is None:
            return program({x.data[0]: self._values[x] for x in self.wanted}, target, name=NAME, doc=doc)
        if target != "numpy":
            raise UnsupportedError(f"programs of eigenvectors and singular values are written for numpy, not for {target}")
        return source(self.point.plan, self.problem.unknowns, self.wanted, NAME, doc)

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """That function, called by keyword; keywords it has no use for are ignored."""
        made: Callable[..., Any] = compile_program(self.code(target), NAME, [self._values[x] for x in self.wanted if x in self._values])
        return made
