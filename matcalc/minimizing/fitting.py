"""A fit: data are looked at, a way is taken, and the result is told."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from matcalc.errors import ShapeError, UnknownNameError, UnsupportedError
from matcalc.minimizing import closed, entropic, feasible, halving, sizing, starting
from matcalc.minimizing.choosing import DENSE, Problem, chosen
from matcalc.minimizing.kinks import by_parts
from matcalc.minimizing.lagrangian import augmented_lagrangian
from matcalc.minimizing.newton import newton
from matcalc.minimizing.objective import Objective, Within
from matcalc.minimizing.path import LOST, Path, norm, printed, projected
from matcalc.minimizing.products import truncated
from matcalc.minimizing.quasi import quasi_newton
from matcalc.minimizing.result import Fit
from matcalc.minimizing.settling import settled
from matcalc.minimizing.statement import Statement

Array = Any
MOST = {"closed": 10, "newton": 200, "trust": 500, "lbfgs": 15000}  # iterations, where nothing is said
IN_A_CONE = 50  # iterations of Newton's method for spd matrices, before they are taken as L L'


@dataclass(frozen=True)
class Asked:
    """How a fit is wanted."""

    start: Any
    method: str | None
    tol: float
    most: int | None
    progress: bool

    def iterations(self, method: str) -> int:
        return self.most if self.most is not None else MOST[method]


def fitted(problem: Problem, given: Mapping[str, Any], sizes: Mapping[str, int], asked: Asked) -> Fit:
    """The minimum for the data that are given."""
    began = time.perf_counter()
    s, programs = problem.statement, problem.programs
    if s.halves and asked.start is not None and not isinstance(asked.start, str):
        asked = replace(asked, start=halving.apart(s.halves, by_name(s.names, asked.start)))
    data = sizing.prepared(given, programs.data)
    shown = _with_start(s, asked.start, problem.sizes(data, sizes))
    sizing.check_declared(data, programs.data)
    programs.sizes = programs.sizes or {n: k for n, k in shown.items() if k > 0}
    functions = {name: value for name, value in given.items() if callable(value)}
    run = Run(problem, {**data, **functions}, shown, asked)
    with np.errstate(all="ignore"):
        try:
            run.go()
        except TypeError as error:
            if "required positional argument" not in str(error):
                raise
            missing = str(error).partition(": ")[2] or str(error).partition("argument")[2]
            raise UnknownNameError(f"no function is given for {missing}", hint="pass it as an argument, as data are") from None
    path, known = run.path, problem.derived.abstract
    unused = [n for n in given if n not in run.data and n.split("_prime")[0] not in known]
    notes = (*s.notes, *run.notes, *(f"{n} is not in the formula" for n in unused))
    values = halving.composed(s.halves, run.layout.arrays(path.u))
    fit = Fit(
        values, path.value, path.gradient_norm, path.iterations, run.evaluations, time.perf_counter() - began,
        run.method, path.converged, path.message, run.is_global, tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    if not fit.converged:
        warnings.warn(f"the fit has not converged: {fit.message}", RuntimeWarning, stacklevel=4)
    return fit


def by_name(names: Sequence[str], start: Any) -> Mapping[str, Any]:
    """A start by names; that of the first variable where it is an array."""
    return start if isinstance(start, Mapping) else {names[0]: start}


def _with_start(s: Statement, start: Any, sizes: dict[str, int]) -> dict[str, int]:
    """The sizes that the start shows, where data do not."""
    if start is None or isinstance(start, str):
        return sizes
    values = by_name(s.names, start)
    have = {name: np.asarray(values[name]) for v in s.variables if (name := str(v.data[0])) in values}
    found = [v for v in s.variables if str(v.data[0]) in have and np.ndim(have[str(v.data[0])]) > 0]
    try:
        return sizing.sizes_of(have, found, sizes)
    except ShapeError:
        return sizes  # what is wrong with the start is said when it is looked at


@dataclass
class Run:
    """One fit on its way: the method that is taken, the layout of the variables, and the path."""

    problem: Problem
    data: Mapping[str, Any]
    sizes: Mapping[str, int]
    asked: Asked
    notes: list[str] = field(default_factory=list)
    method: str = ""
    is_global: bool | None = None
    evaluations: int = 0
    layout: Any = None
    path: Any = None

    def of(self, problem: Problem, data: Mapping[str, Any], asked: Asked) -> Run:
        """Another fit, of the same sizes."""
        return Run(problem, data, self.sizes, asked)

    def go(self) -> None:
        """Takes the way that is asked for, or the one that fits."""
        asked = self.asked
        self.lay_out()
        if self.layout.is_curved and self.problem.statement.affine:
            self.problem = self.problem.curved
        problem = self.problem
        if asked.method is None and not problem.is_quadratic or asked.method == "closed" or problem.statement.curved:
            if asked.method in (None, "closed") and asked.start is None and closed.by_formula(self):
                return
        if problem.statement.curved:
            if asked.method == "closed":
                raise UnsupportedError(closed.NONE, hint="leave the method out")
            augmented_lagrangian(self)
            return
        if asked.method is None and problem.is_entropic and entropic.by_dual(self):
            return
        if asked.method in (None, "newton") and not problem.is_smooth:
            if by_parts(self):
                return
        self.method = asked.method or chosen(problem, self.layout, self.data)
        self.descend()
        path = self.path
        if self.layout.has_cones and asked.method is None and not path.converged and path.message != LOST:
            self.method, inside = "lbfgs", self.layout
            self.descend()
            if not self.path.value <= path.value:
                self.path, self.layout = path, inside
        certain = problem.is_convex if self.is_global is None else self.is_global
        self.is_global = True if certain and self.path.converged and not self.layout.is_curved else None

    def lay_out(self) -> None:
        self.layout = self.problem.layout(self.sizes)

    def descend(self) -> None:
        """One descent from the start."""
        s, problem, method = self.problem.statement, self.problem, self.method
        everywhere = method == "lbfgs" and not s.affine
        if everywhere or self.layout.is_curved or self.layout.is_logarithmic:
            self.layout = problem.layout(self.sizes, everywhere)
        free = self.layout
        if method == "trust" and (free.has_cones or free.is_curved):
            hint = 'method="newton" or "lbfgs"'
            raise UnsupportedError("trust is not for spd variables, which newton takes as they are and lbfgs as L L'", hint=hint)
        if problem.is_linear and not free.is_bounded and not s.affine and not free.has_cones and not free.is_curved:
            shown = ", ".join(f"{g!r}" for g in problem.derived.gradients)
            why = f"{LOST}: the objective is linear, its gradient {shown} does not vanish"
            raise UnsupportedError(why, hint="bounds are declared, constraints go into subject_to")
        objective = Objective(problem.programs, free, self.data, fixed=method == "lbfgs")
        known = feasible.affine(problem.programs, free, self.data)
        u = self.started(objective, known)
        self.path = self.descended(objective, u, known)
        self.evaluations += objective.evaluations

    def started(self, objective: Objective, known: feasible.Affine) -> Array:
        """The point to start from, which the constraints allow."""
        free, start = self.layout, self.asked.start
        texts = [c.text for c in self.problem.statement.affine]

        def admitted(u: Array) -> Array:
            return feasible.start(known, u, free.lower, texts)

        look = objective.whole if self.method in ("newton", "closed") and free.size <= DENSE else objective.first
        u = starting.given(free, start)
        if u is None:
            word = start if isinstance(start, str) else None
            settled = self.is_quadratic and self.method in ("closed", "newton") or self.problem.is_convex
            u, notes = starting.found(objective, word, settled, admitted, look)
            self.notes += notes
            return u
        u = admitted(u)
        if not np.isfinite(look(u)[0]):
            sizing.check_finite(self.data)
            raise UnsupportedError("the objective is not finite at the start", hint="give another start")
        return u

    @property
    def is_quadratic(self) -> bool:
        """Whether the objective is a quadratic of the free entries."""
        return self.problem.is_quadratic and not self.layout.has_cones and not self.layout.is_curved

    def descended(self, objective: Objective, u: Array, known: feasible.Affine) -> Path:
        method, tol = self.method, self.asked.tol
        most, tell = self.asked.iterations(method), printed if self.asked.progress else None
        if method == "closed":
            return self.restored(closed.by_equation(self, objective, u, known, tell), objective, known)
        if method == "newton":
            if objective.size > 4 * DENSE:
                raise UnsupportedError(f"a Hessian of {objective.size} rows is too large to form", hint='method="trust" or "lbfgs"')
            if self.layout.is_curved:
                raise UnsupportedError("newton is for spd variables, not for psd ones", hint='method="lbfgs"')
            if self.layout.has_cones and self.asked.most is None:
                most = IN_A_CONE
            path = newton(objective, u, known.rows, known.values, constant=self.is_quadratic, tol=tol, most=most, tell=tell)
            self.is_global = path.is_convex
            return self.restored(path, objective, known)
        if len(known.rows) and objective.bounded:
            raise UnsupportedError(f"{method} keeps bounds or affine constraints, not both", hint='method="newton"')
        inner = Within(objective, known.rows) if len(known.rows) else objective
        descend = partial(truncated if method == "trust" else quasi_newton, inner, tol=tol, most=most, tell=tell)
        path = descend(u)
        if path.converged and (self.layout.is_curved or not self.problem.is_convex):
            path = settled(inner, path, descend, u)
        return self.restored(path, objective, known)

    def restored(self, path: Path, objective: Objective, known: feasible.Affine) -> Path:
        """The path, with the constraints kept to rounding."""
        if len(known.rows):
            at = known.restored(path.u, objective.lower)
            f, g = objective.first(at)
            if np.isfinite(f):
                path.u, path.value = at, f
                if not self.problem.is_linear:  # where many bounds hold, the multipliers found here are not the best
                    path.gradient_norm = min(path.gradient_norm, norm(projected(g, at, objective.lower, known.rows)))
        return path
