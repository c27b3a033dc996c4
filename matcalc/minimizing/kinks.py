"""Fits of what has kinks, by the smoothed problem.

A minimum of that at which the values agree is one of the old; that they agree is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcalc.minimizing.choosing import DENSE
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import norm
from matcalc.minimizing.run import Run
from matcalc.minimizing.smoothing import names

SAME = 1e-9  # of the two values, relative


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
