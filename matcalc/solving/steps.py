"""The derivation of a stationary point, each step a rule by name."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.solving.problem import Problem
from matcalc.solving.solver import Point
from matcalc.solving.wording import equation, scheme, written


@dataclass(frozen=True)
class Step:
    """One step, and the rule behind it."""

    rule: str
    text: str
    latex: str
    unicode: str
    source: str = ""

    def __repr__(self) -> str:
        return f"{self.unicode}    ({self.rule})"


class Derivation(list[Step]):
    """The steps in their order; shows itself with numbers."""

    def unicode(self) -> str:
        return "\n".join(f"({i})  {step!r}" for i, step in enumerate(self, 1))

    def text(self) -> str:
        return "\n".join(f"({i})  {step.text}    ({step.rule})" for i, step in enumerate(self, 1))

    def latex(self) -> str:
        lines = [rf"{step.latex} && \text{{{step.rule}}}" for step in self]
        return "\\begin{align}\n" + " \\\\\n".join(lines) + "\n\\end{align}"

    __repr__ = unicode

    def _repr_html_(self) -> str:
        from matcalc.api.card import derivation

        return derivation((step.rule, step.latex) for step in self)


def derivation(problem: Problem, point: Point) -> Derivation:
    """The objective, its gradient or that of the Lagrangian, the constraints, and each move of the solver."""
    out = Derivation()
    style = ("text", "latex", "unicode")
    out.append(_step("the objective", *(f"f = {written(problem.f, s)}" for s in style)))
    for c in problem.constraints:
        out.append(_step("a constraint, and its multiplier", *(f"{written(c.zero, s)} = 0, {written(c.multiplier, s)}" for s in style)))
    rule = "the gradient of the Lagrangian is zero" if problem.constraints else "the gradient is zero"
    out.append(_step(rule, *(equation(problem, s) for s in style)))
    for m in point.moves:
        out.append(_step(m.rule, *(f"{written(m.unknown, s)} = {written(m.value, s)}" for s in style)))
    if point.plan is not None and point.form != "closed":
        out.append(_step("what is homogeneous is solved by eigenvectors", *(scheme(problem, point, s) for s in style)))
    elif len(point.moves) > 1:
        for x, v in point.values.items():
            out.append(_step("put in", *(f"{written(x, s)} = {written(v, s)}" for s in style)))
    return out


def _step(rule: str, text: str, latex: str, unicode: str) -> Step:
    return Step(rule, text, latex, unicode)
