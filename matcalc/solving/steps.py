"""The derivation of a stationary point, each step a rule by name."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.api import card
from matcalc.explain.lines import written
from matcalc.expr import Expr
from matcalc.solving.problem import Problem
from matcalc.solving.solver import Point
from matcalc.solving.wording import equation, scheme
from matcalc.writing.latex import prose

STYLES = ("text", "latex", "unicode")


@dataclass(frozen=True)
class Step:
    """One step, and the rule behind it."""

    rule: str
    text: str
    latex: str
    unicode: str

    def __repr__(self) -> str:
        return f"{self.unicode}    ({self.rule})"


class Derivation(list[Step]):
    """The steps in their order; shows itself with numbers."""

    def unicode(self) -> str:
        return "\n".join(f"({i})  {step!r}" for i, step in enumerate(self, 1))

    def text(self) -> str:
        return "\n".join(f"({i})  {step.text}    ({step.rule})" for i, step in enumerate(self, 1))

    def latex(self) -> str:
        lines = [f"{step.latex} && {prose(step.rule)}" for step in self]
        return "\\begin{align}\n" + " \\\\\n".join(lines) + "\n\\end{align}"

    __repr__ = unicode

    def _repr_html_(self) -> str:
        return card.derivation((step.rule, step.latex) for step in self)


def derivation(problem: Problem, point: Point) -> Derivation:
    """The objective, its gradient or that of the Lagrangian, the constraints, and each move of the solver."""

    def equal(left: str | Expr, right: Expr, rule: str) -> Step:
        return Step(rule, *(f"{left if isinstance(left, str) else written(left, s)} = {written(right, s)}" for s in STYLES))

    out = Derivation([equal("f", problem.f, "the objective")])
    for c in problem.constraints:
        shown = (f"{written(c.zero, s)} = 0, {written(c.multiplier, s)}" for s in STYLES)
        out.append(Step("a constraint, and its multiplier", *shown))
    rule = "the gradient of the Lagrangian is zero" if problem.constraints else "the gradient is zero"
    out.append(Step(rule, *(equation(problem, s) for s in STYLES)))
    out += [equal(m.unknown, m.value, m.rule) for m in point.moves]
    if point.plan is not None:
        out.append(Step("what is homogeneous is solved by eigenvectors", *(scheme(problem, point, s) for s in STYLES)))
    elif len(point.moves) > 1:
        out += [equal(x, v, "put in") for x, v in point.values.items()]
    return out
