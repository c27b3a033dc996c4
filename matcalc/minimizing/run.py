"""A fit on its way: what is asked for, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcalc.limits import MOST_ITERATIONS
from matcalc.minimizing.choosing import Problem


@dataclass(frozen=True)
class Asked:
    """How a fit is wanted."""

    start: Any
    method: str | None
    tol: float
    most: int | None
    progress: bool

    def iterations(self, method: str) -> int:
        return self.most if self.most is not None else MOST_ITERATIONS[method]


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

    def lay_out(self) -> None:
        self.layout = self.problem.layout(self.sizes)

    @property
    def is_quadratic(self) -> bool:
        """Whether the objective is a quadratic of the free entries."""
        return self.problem.is_quadratic and not self.layout.has_cones and not self.layout.is_curved
