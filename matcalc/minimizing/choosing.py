"""Which way is taken: from what is known of the formula, and from the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from matcalc.convexity import proof_of
from matcalc.errors import MatcalcError
from matcalc.expr import ZERO, Expr
from matcalc.expr.node import working
from matcalc.minimizing import sizing
from matcalc.minimizing.compiled import Programs
from matcalc.minimizing.derived import Derived
from matcalc.minimizing.smoothing import smoothed
from matcalc.minimizing.spaces import Layout, layout
from matcalc.minimizing.statement import Statement, augmented
from matcalc.solving import solve

# Free entries up to which a Hessian is formed and factorised.  21 November 2026, one core: 2,000 of a quadratic take 0.1 s; where
# the Hessian changes it must also be cheap to form: m × n data cost m n² at each step, a gradient 4 m n, and ten gradients lead as far
# as one such step (logistic regression of 10,000 × 100: 36 ms by Newton, 8 by gradients; of 3,000 × 40: 2.9 and 1.4; of 300 × 100:
# 1.8 and 1.8).
DENSE, SMALL, SMALL_MATRIX = 2000, 400, 40
WORK = 4e6  # numbers of data × variables


class Problem:
    """A statement with what is known of it, its derivatives and its programs."""

    def __init__(self, statement: Statement, target: str = "numpy") -> None:
        self.statement, self.target = statement, target
        self.derived = Derived(statement)
        self.programs = Programs(self.derived, target)
        self._sizes: dict[tuple[object, ...], dict[str, int]] = {}
        self._layouts: dict[tuple[object, ...], Layout] = {}

    def sizes(self, data: Mapping[str, Any], given: Mapping[str, int], start: Mapping[str, Any]) -> dict[str, int]:
        """The sizes, by the shapes of the data and by what is `given`, else by a start; looked at once for the same shapes."""
        key = (*map(_kind, data.values()), *map(np.shape, start.values()), *start, *given.items())
        if key not in self._sizes:
            sizing.check_real(data, self.programs.data)
            shown = sizing.sizes_of(data, self.programs.data, given)
            self._sizes[key] = sizing.with_start(shown, self.statement.variables, start)
        return self._sizes[key]

    def layout(self, sizes: Mapping[str, int], everywhere: bool = False) -> Layout:
        """The layout of the variables for these sizes, made once."""
        key = (*sizes.items(), everywhere)
        if key not in self._layouts:
            self._layouts[key] = layout(self.statement, sizes, everywhere=everywhere)
        return self._layouts[key]

    @cached_property
    def is_convex(self) -> bool:
        """Whether there is a proof that the objective is convex, jointly in its variables, for all data that are declared."""
        s = self.statement.stated
        proof = working(lambda: proof_of(s.objective, s.variables))()
        return proof is not None and proof.verdict in ("convex", "affine")

    @cached_property
    def solution(self) -> Any:
        """The formula of the stationary point, a minimum or what may be one; None where there is none."""
        if self.statement.asked is None:
            return None
        f, wrt, where, constraints = self.statement.asked
        try:
            found = solve(f, wrt, where, subject_to=list(constraints) or None)
        except MatcalcError:
            return None
        return found if found.kind in ("minimum", "stationary") else None

    @cached_property
    def is_smooth(self) -> bool:
        """Whether a Hessian can be derived, and says what there is to say: |x| has none, though it is zero almost everywhere."""
        return bool(working(lambda: self.derived.is_smooth)())

    @cached_property
    def is_quadratic(self) -> bool:
        """Whether the Hessian is free of the variables."""
        return self.is_smooth and bool(working(lambda: self.derived.is_quadratic)())

    @cached_property
    def is_entropic(self) -> bool:
        """Whether the Hessian is diag(c / x) for one array x of positive entries."""
        return bool(working(lambda: self.derived.is_entropic)())

    @cached_property
    def is_linear(self) -> bool:
        return self.is_quadratic and all(p.op is ZERO for p in self.derived.products)

    @cached_property
    def without_kinks(self) -> tuple[Problem, dict[Expr, Expr]] | None:
        """The problem with |E| and max(E, 0) in new variables, and what the old ones are in these."""
        made = working(smoothed)(self.statement)
        return (Problem(made[0], self.target), made[1]) if made else None

    @cached_property
    def curved(self) -> Problem:
        """The problem with all its constraints taken as curved ones, as they are of L where X = L L'."""
        s = self.statement
        made = Problem(replace(s, constraints=tuple(replace(c, affine=False) for c in s.constraints)), self.target)
        made.programs.sizes = self.programs.sizes
        return made

    @cached_property
    def augmented(self) -> Problem:
        """The problem with its curved constraints in the objective."""
        return Problem(augmented(self.statement), self.target)


def chosen(problem: Problem, free: Layout, data: Mapping[str, Any]) -> str:
    """The method for a layout of the variables and the data."""
    n, affine = free.size, bool(problem.statement.affine)
    sparse = any(hasattr(v, "tocsr") for v in data.values())
    cones, matrices = free.has_cones, any(min(p.shape) > 1 for p in free.parts)
    both = free.is_bounded and affine and n <= DENSE
    if problem.is_linear and (free.is_bounded or affine):
        return "closed"
    if not problem.is_smooth or any(p.factored for p in free.parts):
        return "newton" if both and problem.is_smooth else "lbfgs"
    if problem.is_quadratic and not cones:
        if n <= DENSE and not (sparse and n > SMALL):
            return "newton" if free.is_bounded else "closed"
        alone = matrices and len(free.parts) == 1 and free.is_plain
        return "closed" if alone and not free.is_bounded and not affine else "trust"
    if both:
        return "newton"
    if not problem.is_convex:
        return "lbfgs"
    if n <= SMALL and cones or n <= (SMALL_MATRIX if matrices else SMALL) and n * _numbers(data) <= WORK:
        return "newton"
    return "lbfgs" if cones or not free.is_bounded and n * 50 > _numbers(data) else "trust" if sparse or n > DENSE else "lbfgs"


def _kind(value: Any) -> tuple[Any, ...]:
    return value.__class__, getattr(value, "shape", None), getattr(value, "dtype", None)


def _numbers(data: Mapping[str, Any]) -> int:
    return sum(getattr(v, "nnz", getattr(v, "size", 1)) for v in data.values() if not callable(v))
