"""A fit: data are looked at, a way is taken, and the result is told."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from matcalc.errors import UnknownNameError, UnsupportedError
from matcalc.expr import ZERO
from matcalc.limits import MOST_IN_A_CONE
from matcalc.minimizing import closed, entropic, feasible, halving, sizing, starting
from matcalc.minimizing.choosing import DENSE, Problem, chosen
from matcalc.minimizing.kinks import at_kink, by_parts
from matcalc.minimizing.lagrangian import augmented_lagrangian
from matcalc.minimizing.newton import newton
from matcalc.minimizing.objective import Objective, Within
from matcalc.minimizing.path import LOST, STUCK, Path, norm, printed, projected
from matcalc.minimizing.products import truncated
from matcalc.minimizing.quasi import quasi_newton
from matcalc.minimizing.result import Fit
from matcalc.minimizing.run import Asked, Run
from matcalc.minimizing.settling import settled

Array = Any


def fitted(problem: Problem, given: Mapping[str, Any], sizes: Mapping[str, int], asked: Asked) -> Fit:
    """The minimum for the data that are given."""
    began = time.perf_counter()
    s, programs = problem.statement, problem.programs
    if s.halves and asked.start is not None and not isinstance(asked.start, str):
        asked = replace(asked, start=halving.apart(s.halves, by_name(s.names, asked.start)))
    data = sizing.prepared(given, programs.data)
    shown = problem.sizes(data, sizes, by_name(s.names, asked.start))
    sizing.check_declared(data, programs.declared)
    programs.sizes = programs.sizes or {n: k for n, k in shown.items() if k > 0}
    functions = {name: value for name, value in given.items() if callable(value)}
    run = Run(problem, {**data, **functions}, shown, asked)
    with np.errstate(all="ignore"):
        try:
            go(run)
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
    """A start by names; that of the first variable where it is an array, nothing where there is none or a word."""
    return {} if start is None or isinstance(start, str) else start if isinstance(start, Mapping) else {names[0]: start}


def go(run: Run) -> None:
    """Takes the way that is asked for, or the one that fits."""
    asked = run.asked
    run.lay_out()
    if run.layout.is_curved and run.problem.statement.affine:
        run.problem = run.problem.curved
    problem = run.problem
    if asked.method is None and not problem.is_quadratic or asked.method == "closed" or problem.statement.curved:
        if asked.method in (None, "closed") and asked.start is None and closed.by_formula(run):
            return
    if problem.statement.curved:
        if asked.method == "closed":
            raise UnsupportedError(closed.NONE, hint="leave the method out")
        augmented_lagrangian(run, go)
        return
    if asked.method is None and problem.is_entropic and entropic.by_dual(run):
        return
    if asked.method in (None, "newton") and not problem.is_smooth:
        if by_parts(run, go):
            return
    run.method = asked.method or chosen(problem, run.layout, run.data)
    _descend(run)
    path = run.path
    if run.layout.has_cones and asked.method is None and not path.converged and path.message != LOST:
        run.method, inside = "lbfgs", run.layout
        _descend(run)
        if not run.path.value <= path.value:
            run.path, run.layout = path, inside
    certain = problem.is_convex if run.is_global is None else run.is_global
    run.is_global = True if certain and run.path.converged and not run.layout.is_curved else None


def _descend(run: Run) -> None:
    """One descent from the start."""
    s, problem, method = run.problem.statement, run.problem, run.method
    everywhere = method == "lbfgs" and not s.affine
    if everywhere or run.layout.is_curved or run.layout.is_logarithmic:
        run.layout = problem.layout(run.sizes, everywhere)
    free = run.layout
    if all(g.op is ZERO for g in problem.derived.gradients):
        why = f"the objective does not depend on {', '.join(s.names)}, or by jumps alone: its gradient is zero"
        raise UnsupportedError(why, hint="nothing shows the way to a minimum")
    if method == "trust" and (free.has_cones or free.is_curved):
        hint = 'method="newton" or "lbfgs"'
        raise UnsupportedError("trust is not for spd variables, which newton takes as they are and lbfgs as L L'", hint=hint)
    if problem.is_linear and not free.is_bounded and not free.is_logarithmic and not s.affine and not free.has_cones and not free.is_curved:
        shown = ", ".join(f"{g!r}" for g in problem.derived.gradients)
        why = f"{LOST}: the objective is linear, its gradient {shown} does not vanish"
        raise UnsupportedError(why, hint="bounds are declared, constraints go into subject_to")
    objective = Objective(problem.programs, free, run.data, fixed=method == "lbfgs")
    known = feasible.affine(problem.programs, free, run.data)
    u = _started(run, objective, known)
    run.path = _descended(run, objective, u, known)
    run.evaluations += objective.evaluations


def _started(run: Run, objective: Objective, known: feasible.Affine) -> Array:
    """The point to start from, which the constraints allow."""
    free, start = run.layout, run.asked.start
    texts = [c.text for c in run.problem.statement.affine]

    def admitted(u: Array) -> Array:
        return feasible.start(known, u, free.lower, texts)

    look = objective.whole if run.method in ("newton", "closed") and free.size <= DENSE else objective.first
    u = starting.given(free, start)
    if u is None:
        word = start if isinstance(start, str) else None
        settled = run.is_quadratic and run.method in ("closed", "newton") or run.problem.is_convex
        u, notes = starting.found(objective, word, settled, admitted, look)
        run.notes += notes
        return u
    u = admitted(u)
    if not np.isfinite(look(u)[0]):
        sizing.check_finite(run.data)
        raise UnsupportedError("the objective is not finite at the start", hint="give another start")
    return u


def _descended(run: Run, objective: Objective, u: Array, known: feasible.Affine) -> Path:
    method, tol = run.method, run.asked.tol
    most, tell = run.asked.iterations(method), printed if run.asked.progress else None
    if method == "closed":
        return _restored(run, closed.by_equation(run, objective, u, known, tell), objective, known)
    if method == "newton":
        if objective.size > 4 * DENSE:
            raise UnsupportedError(f"a Hessian of {objective.size} rows is too large to form", hint='method="trust" or "lbfgs"')
        if run.layout.is_curved:
            raise UnsupportedError("newton is for spd variables, not for psd ones", hint='method="lbfgs"')
        if run.layout.has_cones and run.asked.most is None:
            most = MOST_IN_A_CONE
        path = newton(objective, u, known.rows, known.values, constant=run.is_quadratic, tol=tol, most=most, tell=tell)
        run.is_global = path.is_convex
        if path.message == STUCK and run.problem.is_convex and not objective.bounded and not len(known.rows):
            path = at_kink(objective, path, tol)
        return _restored(run, path, objective, known)
    if len(known.rows) and objective.bounded:
        raise UnsupportedError(f"{method} keeps bounds or affine constraints, not both", hint='method="newton"')
    inner = Within(objective, known.rows) if len(known.rows) else objective
    descend = partial(truncated if method == "trust" else quasi_newton, inner, tol=tol, most=most, tell=tell)
    path = descend(u)
    if path.converged and (run.layout.is_curved or not run.problem.is_convex):
        path = settled(inner, path, descend, u)
    return _restored(run, path, objective, known)


def _restored(run: Run, path: Path, objective: Objective, known: feasible.Affine) -> Path:
    """The path, with the constraints kept to rounding."""
    if len(known.rows):
        at = known.restored(path.u, objective.lower)
        f, g = objective.first(at)
        if np.isfinite(f):
            path.u, path.value = at, f
            if not run.problem.is_linear:  # where many bounds hold, the multipliers found here are not the best
                path.gradient_norm = min(path.gradient_norm, norm(projected(g, at, objective.lower, known.rows)))
    return path
