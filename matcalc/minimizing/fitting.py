"""A fit: data are looked at, the way is chosen from formula and sizes, and the result is told."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import ZERO
from matcalc.expr.node import working
from matcalc.minimizing import certificate, feasible, sizing, starting
from matcalc.minimizing.compiled import Programs
from matcalc.minimizing.derived import Derived
from matcalc.minimizing.newton import newton
from matcalc.minimizing.objective import Objective, Reduced
from matcalc.minimizing.path import LOST, Path, norm, printed, projected, silent
from matcalc.minimizing.products import truncated
from matcalc.minimizing.quadratic import null_space
from matcalc.minimizing.quasi import quasi_newton
from matcalc.minimizing.result import Fit
from matcalc.minimizing.spaces import Layout, layout
from matcalc.minimizing.statement import Statement

Array = Any
# Free entries up to which a Hessian is formed; 21 November 2026, one core: a factorisation of 2,000 takes 0.1 s.
DENSE = 2000
SMALL = 400  # of a problem whose Hessian changes
SMALL_MATRIX = 120  # of one by a matrix, where it is made of Kronecker products
MOST = {"closed": 10, "newton": 200, "trust": 500, "lbfgs": 15000}


class Problem:
    """A statement with its derivatives and programs."""

    def __init__(self, statement: Statement, target: str = "numpy") -> None:
        self.statement, self.target = statement, target
        self.derived = Derived(statement)
        self.programs = Programs(self.derived, target)

    @cached_property
    def curvature(self) -> certificate.Curvature:
        return working(certificate.curvature)(self.derived)

    @cached_property
    def is_smooth(self) -> bool:
        """Whether a Hessian can be derived, and says what there is to say: |x| has none, though it is zero almost everywhere."""
        return bool(working(lambda: self.derived.is_smooth)())

    @cached_property
    def is_quadratic(self) -> bool:
        return self.is_smooth and bool(working(lambda: self.derived.is_quadratic)())

    @cached_property
    def is_linear(self) -> bool:
        return self.is_quadratic and all(p.op is ZERO for p in self.derived.products)

    def fit(
        self,
        given: Mapping[str, Any],
        *,
        start: Any,
        method: str | None,
        tol: float,
        most: int | None,
        sizes: Mapping[str, int],
        progress: bool,
    ) -> Fit:
        began = time.perf_counter()
        s = self.statement
        data = sizing.prepared(given, self.programs.data)
        shown = sizing.sizes_of(data, self.programs.data, sizes)
        shown = _with_start(s, start, shown)
        sizing.check_declared(data, self.programs.data)
        self.programs.sizes = self.programs.sizes or {n: k for n, k in shown.items() if k > 0}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            if s.curved:
                from matcalc.minimizing.lagrangian import augmented_lagrangian

                run = augmented_lagrangian(self, data, shown, start, method, tol, most, progress)
            else:
                run = Run(self, data, shown, method, tol, most, progress)
                run.go(start)
        unused = [n for n in given if n not in data and n not in {*self.derived.abstract}]
        notes = [*s.notes, *run.notes, *(f"{n} is not in the formula" for n in unused if not _derived_of(n, self.derived.abstract))]
        path = run.path
        fit = Fit(
            run.layout.arrays(path.u), path.value, path.gradient_norm, path.iterations, run.evaluations, time.perf_counter() - began,
            run.method, path.converged, path.message, run.is_global, tuple(dict.fromkeys(notes)),
        )  # fmt: skip
        if not fit.converged:
            warnings.warn(f"the fit has not converged: {fit.message}", RuntimeWarning, stacklevel=4)
        return fit


def _derived_of(name: str, abstract: frozenset[str]) -> bool:
    return any(name.startswith(f"{g}_prime") for g in abstract)


def _with_start(s: Statement, start: Any, sizes: dict[str, int]) -> dict[str, int]:
    """The sizes that the start shows, where data do not."""
    if start is None or isinstance(start, str):
        return sizes
    values = start if isinstance(start, Mapping) else {s.names[0]: start}
    have = {name: np.asarray(values[name]) for name in s.names if name in values}
    found = [v for v in s.variables if str(v.data[0]) in have and np.ndim(have[str(v.data[0])]) > 0]
    try:
        return sizing.sizes_of(have, found, sizes)
    except ShapeError:
        return sizes  # what is wrong with the start is said when it is looked at


@dataclass
class Run:
    """One descent, by the way that is chosen."""

    problem: Problem
    data: Mapping[str, Any]
    sizes: Mapping[str, int]
    insisted: str | None
    tol: float
    most: int | None
    progress: bool
    notes: list[str] = field(default_factory=list)
    method: str = ""
    is_global: bool | None = None
    path: Any = None
    layout: Any = None
    evaluations: int = 0

    def go(self, start: Any) -> None:
        s, problem = self.problem.statement, self.problem
        free = layout(s, self.sizes)
        self.method = self.insisted or self.chosen(free)
        if self.method in ("lbfgs", "trust") and any(p.cone for p in free.parts):
            free = layout(s, self.sizes, factored=True)
            if self.method == "trust":
                raise UnsupportedError(
                    "an spd variable is taken as L L' by lbfgs, or as it is by newton", hint='method="newton" or "lbfgs"'
                )
        self.layout = free
        if problem.is_linear and not free.is_bounded and not s.affine and not any(p.factored or p.cone for p in free.parts):
            shown = ", ".join(f"{g!r}" for g in problem.derived.gradients)
            raise UnsupportedError(
                f"{LOST}: the objective is linear, its gradient {shown} does not vanish",
                hint="bounds are declared, constraints go into subject_to",
            )
        sparse = any(hasattr(v, "tocsr") for v in self.data.values())
        plain = all(isinstance(v, (np.ndarray, int, float)) for v in self.data.values())
        objective = Objective(problem.programs, free, self.data, fixed=self.method == "lbfgs" and plain and not sparse)
        known = feasible.affine(problem.programs, free, self.data)
        if len(known.rows) and free.is_bounded:
            feasible.check_bounds(known, free.lower, [c.text for c in s.affine])
        at = starting.given(free, start)
        notes: tuple[str, ...] = ()
        if at is None:
            word = start if isinstance(start, str) else None
            settled = True if self.is_quadratic and self.method in ("closed", "newton") else problem.curvature.convex
            at, notes = starting.found(objective, word, settled, lambda u: feasible.start(known, u, free.lower))
        else:
            at = feasible.start(known, at, free.lower)
            if not np.isfinite(objective.value(at)):
                sizing.check_finite(self.data)
                raise UnsupportedError("the objective is not finite at the start", hint="give another start")
        self.notes += notes
        self.path = self.descended(objective, at, known)
        if any(p.cone for p in free.parts) and not self.path.converged and self.insisted is None and self.path.message != LOST:
            self.insisted, before = "lbfgs", self.path
            self.go(None if start is None else start)
            self.insisted = None
            if self.path.value > before.value:
                self.path = before
            return
        self.evaluations += objective.evaluations
        certain = self.problem.curvature.convex or self.is_global
        self.is_global = True if certain and self.path.converged and not any(p.factored for p in free.parts) else None

    def chosen(self, free: Layout) -> str:
        """The way, from the formula and the sizes."""
        problem, n = self.problem, free.size
        bounds = free.is_bounded and bool(problem.statement.affine)
        sparse = any(hasattr(v, "tocsr") for v in self.data.values())
        if not problem.is_smooth:
            return "lbfgs"
        matrices = any(min(p.shape) > 1 for p in free.parts)
        if problem.is_linear and (free.is_bounded or problem.statement.affine):
            return "closed"
        if any(p.factored for p in free.parts):
            return "lbfgs"
        if problem.is_quadratic and not any(p.cone for p in free.parts):
            if n <= DENSE and not (sparse and n > SMALL):
                return "newton" if free.is_bounded else "closed"
            return (
                "closed"
                if matrices and len(free.parts) == 1 and not free.is_bounded and free.is_plain and not problem.statement.affine
                else "trust"
            )
        convex = problem.curvature.convex
        if convex or convex is None and len(free.parts) == 1 and not matrices:
            if n <= (SMALL_MATRIX if matrices and not any(p.cone for p in free.parts) else SMALL) or bounds and n <= DENSE:
                return "newton"
            return "trust" if not any(p.cone for p in free.parts) else "lbfgs"
        return "newton" if bounds and n <= DENSE else "lbfgs"

    @property
    def is_quadratic(self) -> bool:
        """Whether the objective is a quadratic of the free entries."""
        return self.problem.is_quadratic and not any(p.cone or p.factored for p in self.layout.parts)

    def descended(self, objective: Objective, u: Array, known: feasible.Affine) -> Path:
        problem, method = self.problem, self.method
        most = self.most if self.most is not None else MOST[method]
        tell = printed if self.progress else silent
        if method == "closed":
            return self.closed(objective, u, known, tell)
        if method == "newton":
            if objective.size > 4 * DENSE:
                raise UnsupportedError(f"a Hessian of {objective.size} rows is too large to form", hint='method="trust" or "lbfgs"')
            if any(p.factored for p in objective.layout.parts):
                raise UnsupportedError("newton is for spd variables, not for psd ones", hint='method="lbfgs"')
            path = newton(objective, u, known.rows, known.values, constant=self.is_quadratic, tol=self.tol, most=most, tell=tell)
            return self.restored(path, objective, known)
        if len(known.rows) and objective.layout.is_bounded:
            raise UnsupportedError(f"{method} keeps bounds or affine constraints, not both", hint='method="newton"')
        inner: Any = objective
        z = u
        if len(known.rows):
            basis = null_space(known.rows, objective.size)
            assert basis is not None
            inner, z = Reduced(objective, u, basis), np.zeros(basis.shape[1])
        if method == "trust":
            path = truncated(inner, z, tol=self.tol, most=most, tell=tell)
        else:
            path = quasi_newton(inner, z, tol=self.tol, most=most, tell=tell, convex=bool(problem.curvature.convex))
        if inner is not objective:
            path.u = inner.full(path.u)
            path = self.restored(path, objective, known)
        return path

    def restored(self, path: Path, objective: Objective, known: feasible.Affine) -> Path:
        """The path, with the constraints kept to rounding."""
        if len(known.rows):
            at = known.restored(path.u, objective.lower)
            f, g = objective.first(at)
            if np.isfinite(f):
                path.u, path.value = at, f
                path.gradient_norm = norm(projected(g, at, objective.lower, known.rows))
        return path

    def closed(self, objective: Objective, u: Array, known: feasible.Affine, tell: Any) -> Path:
        """The minimum by a formula: of a quadratic by its linear equation, of others by what solve has found."""
        if self.problem.is_linear and self.is_quadratic:
            return self.linear(objective, u, known)
        if self.is_quadratic and not objective.layout.is_bounded:
            if objective.size > DENSE and not len(known.rows):
                return self.by_structure(objective, u, tell)
            path = newton(objective, u, known.rows, known.values, constant=True, tol=self.tol, most=MOST["closed"], tell=tell)
            self.is_global = path.converged or None
            return self.restored(path, objective, known)
        raise UnsupportedError("no closed form of this minimum is known", hint="leave the method out")

    def linear(self, objective: Objective, u: Array, known: feasible.Affine) -> Path:
        """A linear objective on bounds and affine constraints: a linear program."""
        from scipy.optimize import linprog

        f, g = objective.first(u)
        lower = objective.lower
        bounds = [(None if l == -np.inf else l, None) for l in lower]
        found = linprog(g, A_eq=known.rows, b_eq=known.values, bounds=bounds, method="highs")
        if found.status != 0:
            return Path(u, f, norm(projected(g, u, lower, known.rows)), 0, False, LOST if found.status == 3 else found.message)
        at = known.restored(np.maximum(found.x, lower), lower)
        f, g = objective.first(at)
        costs = g - known.rows.T @ found.eqlin.marginals if len(known.rows) else g
        size = norm(projected(costs, at, lower, np.zeros((0, objective.size))))
        return Path(at, f, size, int(found.nit), True, "the vertex of a linear program")

    def by_structure(self, objective: Objective, u: Array, tell: Any) -> Path:
        """A quadratic by the structured solve of its Hessian."""
        from matcalc.errors import MatcalcError

        f, g = objective.first(u)
        try:
            h = self.problem.programs.operator()(**self.data, **objective.layout.arrays(u))
            for _ in range(3):
                u = u - h.solve(g)
                f, g = objective.first(u)
                if norm(g) <= self.tol * 1e-3:
                    break
            tell(1, f, norm(g), 0.0)
            if np.isfinite(f) and norm(g) <= max(self.tol, 1e-9 * abs(f)):
                return Path(u, f, norm(g), 1, True, "the gradient vanishes")
        except (np.linalg.LinAlgError, MatcalcError):
            pass
        self.method = "trust"
        return truncated(objective, u, tol=self.tol, most=self.most or MOST["trust"], tell=tell)
