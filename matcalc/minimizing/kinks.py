"""Kinks made smooth: |E| and max(E, 0) of affine E become p + q and p, with E = p − q and p, q ≥ 0.

Whatever x is, p and q can be chosen so that the values agree; so a minimum of the new problem at which they agree is one of the
old.  That they agree is looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matcalc.expr import Expr, add, postorder, scaled, substitute, variable, variables
from matcalc.expr.conjugate import is_real
from matcalc.expr.rebuild import remake
from matcalc.minimizing.choosing import DENSE, Problem
from matcalc.minimizing.constraints import Constraint, is_affine
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.path import norm
from matcalc.minimizing.statement import Statement

if TYPE_CHECKING:
    from matcalc.minimizing.fitting import Run

KINKED = ("abs", "relu")
SAME = 1e-9  # of the two values, relative


def smoothed(s: Statement) -> tuple[Statement, dict[Expr, Expr]] | None:
    """The problem without its kinks, and what its old variables are in the new ones; None where that cannot be said."""
    own = set(s.variables)
    bent = [n for n in postorder(s.objective) if n.op.name in KINKED and set(variables(n)) & own]
    if not bent or s.curved or any("symmetric" in p or "skew" in p for p in s.properties):
        return None
    inner = list(dict.fromkeys(n.args[0] for n in bent))
    if not all(is_real(e) and is_affine(e, s.variables) for e in inner):
        return None
    halves = {e: tuple(variable(f"part·{i}·{sign}", e.shape, {"nonnegative"}) for sign in ("plus", "minus")) for i, e in enumerate(inner)}
    became = {e: add([p, scaled(-1, q)]) for e, (p, q) in halves.items()}
    whole = {v: became[v] for v in s.variables if v in became and not s.properties[s.variables.index(v)]}
    done: dict[Expr, Expr] = {}
    for n in postorder(s.objective):
        if n in bent:
            p, q = halves[n.args[0]]
            done[n] = add([p, q]) if n.op.name == "abs" else p
        else:
            done[n] = whole.get(n) or (remake(n, tuple(done[a] for a in n.args)) if n.args else n)
    equations = [replace(c, residual=substitute(c.residual, whole)) for c in s.constraints]
    for e, between in became.items():
        if e not in whole:
            residual = add([substitute(e, whole), scaled(-1, between)])
            equations.append(Constraint(f"{e!r} = {between!r}", residual, True))
    kept = [(v, p) for v, p in zip(s.variables, s.properties, strict=True) if v not in whole]
    new = [*kept, *((v, frozenset({"nonnegative"})) for pair in halves.values() for v in pair)]
    names, properties = zip(*new, strict=True)
    return Statement(done[s.objective], names, properties, tuple(equations), s.symbols, s.notes), whole


def by_parts(run: Run) -> bool:
    """Fits the problem without its kinks, where that is the same."""
    from matcalc.minimizing.fitting import Run

    problem, asked = run.problem, run.asked
    found = problem.without_kinks
    if found is None or asked.start is not None and not isinstance(asked.start, str):
        return False
    inner, whole = found
    if not inner.is_smooth:
        return False
    one = Run(inner, run.data, run.sizes, replace(asked, start=None))
    one.lay_out()
    if one.layout.size > DENSE and inner.statement.affine:
        return False
    one.go()
    if not one.path.converged:
        return False
    arrays = one.layout.arrays(one.path.u)
    values = dict(arrays)
    for v, e in whole.items():
        plus, minus = (str(a.data[0]) for a in e.args)
        values[str(v.data[0])] = arrays[plus] - arrays[minus] if plus.endswith("plus") else arrays[minus] - arrays[plus]
    u = run.layout.free(values)
    f = Objective(problem.programs, run.layout, run.data).value(u)
    if not abs(f - one.path.value) <= SAME * max(1.0, abs(f)) or norm(np.minimum(u - run.layout.lower, 0)) > 0:
        return False
    run.path, run.method, run.evaluations = replace(one.path, u=u, value=f), one.method, one.evaluations
    run.is_global, run.notes = one.is_global, [n for n in one.notes if "part·" not in n]
    return True


def problem_without_kinks(problem: Problem) -> tuple[Problem, dict[Expr, Expr]] | None:
    made = smoothed(problem.statement)
    return (Problem(made[0], problem.target), made[1]) if made else None
