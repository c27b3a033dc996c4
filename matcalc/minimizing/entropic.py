"""Entropies under affine constraints by their dual: transport with regularisation, maximum entropy, projections in relative entropy.

Where the Hessian is diag(c / x), the gradient at x > 0 is g₁ + c log x, and the minimum on A x = b is x = exp(−(g₁ + A'ν)/c): the
numbers ν, one for each constraint, maximise the dual −Σ c x − b'ν, by Newton's method with A diag(x/c) A'.  From a larger c down to
the one that is given (Schmitzer 2019), as the steps of Sinkhorn's method become many where c is small.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from matcalc.limits import MOST_DUAL_ENTRIES
from matcalc.minimizing import feasible
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import DONE, Path, norm
from matcalc.minimizing.run import Run

Array = Any
MILD = 5.0  # the range of exponents from which a descent needs no larger c before it
COOLER = 4.0  # times smaller c from one round to the next
STEPS, LAST_STEPS = 30, 100  # steps in a round, in the last one
NEAR = 1e-3  # how far the constraints may be from holding before c becomes smaller, relative to b
HELD = 1e-14
LEAST = 1e-300  # an entry: x log x has a value there
NOTE = "the constraints are kept by the dual of the entropy: a number for each, by Newton's method"


def by_dual(run: Run) -> bool:
    """Takes the minimum by the dual, where the constraints can hold at positive entries and the method comes to an end."""
    free = run.layout
    objective = Objective(run.problem.programs, free, run.data)
    known = feasible.affine(run.problem.programs, free, run.data)
    if known.rows.size > MOST_DUAL_ENTRIES:
        return False
    at_one, at_e = (objective.first(np.full(free.size, x))[1] for x in (1.0, np.e))
    c = at_e - at_one
    if not np.all(np.isfinite(at_one)) or not np.all(c > 0):
        return False
    ν, steps, ends = np.zeros(len(known.rows)), 0, False
    hot = max(1.0, float(np.ptp(at_one / c)) / MILD)
    while True:
        ν, more, ends = _climbed(at_one, c * hot, known, ν, last=hot == 1)
        steps += more
        if hot == 1 or not np.isfinite(ν).all():
            break
        hot = max(1.0, hot / COOLER)
    u = np.maximum(_primal(at_one, c, known, ν), LEAST)
    f, g = objective.first(u)
    if not ends or not np.isfinite(f):
        return False
    rest = g + known.rows.T @ ν  # of an entry that is nearly zero no more than there is room
    run.path = Path(u, f, norm(np.minimum(abs(rest), u)), steps, True, DONE + " within the constraints")
    run.method, run.evaluations, run.is_global = "newton", objective.evaluations + steps, True
    run.notes.append(NOTE)
    return True


def _primal(g: Array, c: Array, known: feasible.Affine, ν: Array) -> Array:
    """The x that is best for the numbers ν."""
    made: Array = np.exp(-(g + known.rows.T @ ν) / c)
    return made


def _climbed(g: Array, c: Array, known: feasible.Affine, ν: Array, *, last: bool) -> tuple[Array, int, bool]:
    """Newton's method for the dual from ν: where it leads, in how many steps, and whether the constraints hold there."""
    rows, b = known.rows, known.values
    size = norm(b)

    def looked(at: Array) -> tuple[float, Array, Array]:
        x = _primal(g, c, known, at)
        return float(c @ x + b @ at), x, b - rows @ x

    f, x, slope = looked(ν)
    steps = LAST_STEPS if last else STEPS
    for step in range(steps):
        if norm(slope) <= (HELD if last else NEAR) * size:
            return ν, step, True
        h = (rows * (x / c)) @ rows.T
        h.flat[:: len(h) + 1] += 1e-14 * np.trace(h) + 1e-300
        try:
            p = -np.linalg.solve(h, slope)
        except np.linalg.LinAlgError:
            break
        promised, t = float(slope @ p), 1.0
        if not promised < 0:
            break
        for _ in range(40):
            value, *more = looked(ν + t * p)
            if value <= f + 1e-4 * t * promised + 1e-15 * abs(f):
                break
            t /= 2
        else:
            break
        if norm(more[1]) >= 0.5 * norm(slope) and -promised <= 1e-15 * (1 + abs(f)):  # as far as rounding lets it
            break
        ν, f, (x, slope) = ν + t * p, value, more
    return ν, steps, norm(slope) <= 1e-9 * size
