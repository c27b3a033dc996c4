"""Fits of what has kinks: by the smoothed problem, and minima that lie at a kink, where no gradient vanishes.

A minimum of the smoothed problem at which the values agree is one of the old; that they agree is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcalc.limits import MOST_AT_A_KINK
from matcalc.minimizing.choosing import DENSE
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import Path, norm
from matcalc.minimizing.run import Run
from matcalc.minimizing.settling import generic
from matcalc.minimizing.smoothing import names

SAME = 1e-9  # of the two values, relative
BESIDE = 1e-7  # how far away gradients are looked at beside a kink
AT_KINK = "no value is lower, as the gradients beside the kink show"


def by_parts(run: Run, go: Callable[[Run], None]) -> bool:
    """Fits the problem without its kinks, where that is the same."""
    problem, asked = run.problem, run.asked
    found = problem.without_kinks
    if found is None or asked.start is not None and not isinstance(asked.start, str):
        return False
    inner, whole = found
    if not inner.is_smooth:
        return False
    one = run.of(inner, run.data, replace(asked, start=None))
    one.lay_out()
    if inner.statement.inside:
        shapes = {p.name: p.shape for p in one.layout.parts}
        one.asked = replace(asked, start={plus: np.eye(*shapes[plus]) for plus, _ in inner.statement.inside})
    if one.layout.size > DENSE and inner.statement.affine:
        return False
    go(one)
    if not one.path.converged:
        return False
    arrays = one.layout.arrays(one.path.u)
    values = dict(arrays)
    for v, e in whole.items():
        plus, minus = names(e)
        values[str(v.data[0])] = arrays[plus] - arrays[minus]
    u = run.layout.free(values)
    f = Objective(problem.programs, run.layout, run.data).value(u)
    if not abs(f - one.path.value) <= SAME * max(1.0, abs(f)) or norm(np.minimum(u - run.layout.lower, 0)) > 0:
        return False
    run.path, run.method, run.evaluations = replace(one.path, u=u, value=f), one.method, one.evaluations
    run.is_global = one.is_global or problem.is_convex or None  # convex in the cone, which the parts alone do not show
    run.notes = [n for n in one.notes if "part·" not in n]
    return True


def at_kink(objective: Objective, path: Path, tol: float) -> Path:
    """The path of a convex function, converged where gradients beside its end show that no value is lower.

    As f(x) ≥ f(y) + g(y)'(x − y), none is where weights make the sum of the g(y) vanish; where they do not, that sum shows where to look.
    """
    from scipy.optimize import nnls

    u, h, cuts = path.u, BESIDE * (1 + norm(path.u)), []
    around = generic(len(u))
    for _ in range(MOST_AT_A_KINK + len(u)):
        f, g = objective.first(u - h * around / norm(around))
        if not np.isfinite(f):
            return path
        cuts.append((g, f + float(g @ around) * h / norm(around)))
        slopes, heights = (np.array(part) for part in zip(*cuts, strict=True))
        large = max(1.0, float(np.abs(slopes).max()))
        weights = nnls(np.vstack([slopes.T / large, np.ones(len(cuts))]), np.append(np.zeros(len(u)), 1.0))[0]
        weights /= weights.sum()
        around = slopes.T @ weights
        if norm(around) <= tol:
            known = path.value - float(heights @ weights) <= SAME * max(1.0, abs(path.value))
            return replace(path, gradient_norm=norm(around), converged=True, message=AT_KINK) if known else path
    return path
