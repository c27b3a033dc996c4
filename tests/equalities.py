"""What the lines of a derivation say is equal, so that each can be evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.calculus import differential
from matcalc.explain.linear_forms import D, differential_of, ordinary
from matcalc.explain.lines import Left, Step, Steps
from matcalc.expr import Expr, product, substitute, transform, variable
from matcalc.operators import call


def closed(steps: Steps, e: Expr) -> Expr:
    """`e` over the variables of the question and the differential of the one that moves, in ordinary operators."""
    (moving,) = steps.moved.values()
    made = {variable("d" + n.data[0], n.shape, frozenset(n.data[1])): differential(e, steps.moved) for n, e in steps.meaning.items()}
    found = substitute(e, {**steps.meaning, **made, differential_of(steps.by): moving})
    return transform(found, lambda n: differential(n.args[0], steps.moved) if n.op is D else ordinary(n))


def equalities(steps: Steps) -> Iterator[tuple[Step, list[Expr]]]:
    """For each equation, the expressions it says are equal, closed; derivatives as linear forms in the differential."""
    for step in steps:
        for equation in step.equations:
            left, sides = equation.left, [closed(steps, e) for e in equation.right]
            value = steps.meaning[left.gradient or left.of]
            if left.kind == "value":
                yield step, [value, *sides]
            elif left.kind == "vec":
                yield step, [call("vec", differential(value, steps.moved)), *sides]
            else:
                changes = sides if left.kind == "differential" else [_applied(steps, left, e) for e in sides]
                yield step, [differential(value, steps.moved), *changes]


def _applied(steps: Steps, left: Left, derivative: Expr) -> Expr:
    """Applies a derivative to the differential: ⟨G, dX⟩, or the unvec of J vec dX."""
    by = left.then or left.by
    assert by is not None
    moving = substitute(by, {steps.by: differential_of(steps.by)})
    value = left.gradient or left.of
    if left.kind == "gradient":
        return product([derivative, moving]) if moving.is_scalar else call("inner", derivative, moving)
    moved = product([derivative, call("vec", moving)])
    rows, columns = value.shape
    return moved if columns == 1 else call("unvec", moved, rows, columns)
