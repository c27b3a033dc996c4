"""The kind of a stationary point along directions in which the second derivative is zero: by the values of the objective around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from matcalc.checking import Evaluator
from matcalc.solving.numbers import Deal, reals
from matcalc.solving.problem import Problem
from matcalc.solving.terms import summands

SCALES = (0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3)  # of a step, relative to how far it reaches
BENDS = (-0.1, 0.1)  # steps over which a gradient changes whose derivative is zero
AGREEING = 3  # of the smallest scales at which the objective changes
BASIS, OTHERS = 3, 3  # directions that are looked along
ROUNDING = 1e-12  # of the objective, relative to its terms and to how much it changes
HELD = 1e-12  # what a correction leaves, relative to the step
CORRECTIONS = 30
UNCLEAR = "unclear"  # the kind where values do not agree


class Step(NamedTuple):
    """A direction of one unknown, which has its place among them, and how far it reaches."""

    place: int
    direction: Any
    reach: float


class Around:
    """A problem near a stationary point, by coordinates along the steps that its unknowns may take."""

    def __init__(
        self, problem: Problem, deal: Deal, values: Mapping[str, Any], steps: Sequence[Step], allowed: Callable[[Any], bool]
    ) -> None:
        import numpy as np

        def arrays(xs: Sequence[Any]) -> dict[str, Any]:
            return {x.data[0]: np.asarray(values[x.data[0]], complex if x.complex else float) for x in xs}

        self.problem, self.steps, self.allowed = problem, steps, allowed
        self.start, self.multipliers = arrays(problem.unknowns), arrays(problem.multipliers)
        data = {**deal.sizes, **deal.values, **values}
        names = [*self.start, *self.multipliers]
        self.slopes_at = Evaluator([*problem.stationary, *(c.zero for c in problem.constraints)], data, names)
        self.terms_at = Evaluator(summands(problem.f), data, names)

    def point(self, u: Any) -> dict[str, Any]:
        """The unknowns at coordinates."""
        out, names = {name: v.copy() for name, v in self.start.items()}, [*self.start]
        for step, k in zip(self.steps, u, strict=True):
            out[names[step.place]] = out[names[step.place]] + k * step.direction
        return out

    def slopes(self, u: Any, more: Any = ()) -> tuple[Any, Any]:
        """The gradient of the Lagrangian along the steps, and what is zero by the constraints; with `more` added to the multipliers."""
        import numpy as np

        moved, at, xs = dict(self.multipliers), 0, self.problem.unknowns
        for name, v in self.multipliers.items() if len(more) else ():
            moved[name] = v + np.reshape(more[at : at + v.size], v.shape)
            at += v.size
        made = self._finite(self.slopes_at, {**self.point(u), **moved})
        if made is None:
            return np.full(len(self.steps), np.nan), np.zeros(0)
        by = [reals(v, x) for v, x in zip(made, xs, strict=False)]
        along = np.array([np.dot(reals(s.direction, xs[s.place]), by[s.place]) for s in self.steps])
        zeros = [reals(v, c.zero) for v, c in zip(made[len(xs) :], self.problem.constraints, strict=True)]
        return along, np.concatenate([*zeros, np.zeros(0)])

    def _finite(self, values_at: Evaluator, point: Mapping[str, Any]) -> list[Any] | None:
        """The values at a point; None where they have none."""
        import numpy as np

        try:
            made = values_at(point)
        except (np.linalg.LinAlgError, ZeroDivisionError):
            return None
        return made if all(np.all(np.isfinite(v)) for v in made) else None

    def bend(self) -> float:
        """How much the gradient changes over a step that is not small, divided by that step: the scale of second derivatives."""
        import numpy as np

        found = [0.0]
        for i, step in enumerate(self.steps):
            for h in (b * step.reach for b in BENDS):
                u = np.zeros(len(self.steps))
                u[i] = h
                found.append(float(np.abs(self.slopes(u)[0]).max()) / abs(h))
        return max(k for k in found if np.isfinite(k))

    def value(self, u: Any) -> tuple[float, float]:
        """The objective and the size of its terms; NaN outside of what is declared."""
        import numpy as np

        point = self.point(u)
        made = self._finite(self.terms_at, point) if self.allowed(point) else None
        terms = [np.nan if made is None else float(np.real(np.ravel(v)[0])) for v in made or (0,)]
        return sum(terms), sum(map(abs, terms))

    def kind(self, second: Any, constraints: Any, flat: Any, stiff: Any, kind: str) -> str:
        """The kind, where that is `kind` but for the `flat` directions (rows), as all scales of steps along these agree.

        From each step the point is corrected along the `stiff` directions, so that the constraints hold and the gradient along
        those is zero.  Without agreement the kind is unclear.
        """
        import numpy as np

        rng = np.random.default_rng(2)
        more = rng.normal(size=(OTHERS if len(flat) > 1 else 0, len(flat))) @ flat
        directions = [*flat[:BASIS], *(d / np.linalg.norm(d) for d in more)]
        turned, bent = self._turned(constraints, stiff, second), float(np.abs(second).max())
        signs = {self._sign(s * d, stiff, turned, bent) for d in directions for s in (1, -1)} - {None}
        if {1, -1} <= signs or (kind, -1) in {("minimum", s) for s in signs} or (kind, 1) in {("maximum", s) for s in signs}:
            return "saddle"
        if UNCLEAR in signs:
            return UNCLEAR
        signs.discard(0)
        return {1: "minimum", -1: "maximum"}[signs.pop()] if signs else kind

    def _turned(self, constraints: Any, stiff: Any, second: Any) -> Any:
        """The derivative of what a correction makes zero, by the stiff coordinates and the multipliers."""
        import numpy as np

        count = sum(v.size for v in self.multipliers.values())
        here = self.slopes(np.zeros(len(self.steps)))[0]
        pulled = [self.slopes(np.zeros(len(self.steps)), row)[0] - here for row in np.eye(count)]
        across = stiff @ np.array(pulled).reshape(count, len(self.steps)).T
        left = np.concatenate([stiff @ second @ stiff.T, constraints @ stiff.T])
        return np.concatenate([left, np.concatenate([across, np.zeros((len(constraints), count))])], 1)

    def _corrected(self, u: Any, stiff: Any, turned: Any) -> Any | None:
        """The point at `u`, moved along the stiff directions; None where it does not settle."""
        import numpy as np

        size = float(np.linalg.norm(u))
        more = np.zeros(turned.shape[1] - len(stiff))
        inverse = np.linalg.pinv(turned, 1e-9)
        for _ in range(CORRECTIONS if turned.size else 0):
            slopes, zeros = self.slopes(u, more)
            left = np.concatenate([stiff @ slopes, zeros])
            if not np.all(np.isfinite(left)):
                return None
            step = inverse @ left
            u, more = u - step[: len(stiff)] @ stiff, more - step[len(stiff) :]
            if float(np.abs(step[: len(stiff)]).max(initial=0)) <= HELD * size:
                return u
        return None if turned.size else u

    def _sign(self, d: Any, stiff: Any, turned: Any, bent: float) -> Any:
        """The sign of how the objective changes along a direction: 0 where it does not, None where it has no value on that side.

        It is `bent` along others, which is the scale of what rounding does to it.
        """
        import numpy as np

        reach = min(s.reach / abs(k) for s, k in zip(self.steps, d, strict=True) if abs(k) > 1e-6)
        here, size = self.value(np.zeros(len(d)))
        most, known, seen, settled = bent * reach**2, 0, [], False
        for scale in SCALES:
            u = self._corrected(scale * reach * d, stiff, turned)
            if u is None:
                continue
            settled = True
            there, terms = self.value(u)
            if not np.isfinite(there):
                continue
            known, change = known + 1, there - here
            most = max(most, abs(change))
            along = float(np.linalg.norm(self.slopes(u)[0]) * np.linalg.norm(u))  # what cancels where directions have both signs
            seen += [1 if change > 0 else -1] if abs(change) > ROUNDING * (most + terms + size + along) else []
            if known > len(seen) + 1:  # what is smaller is lost in rounding
                break
        if not known:
            return None if settled else UNCLEAR
        return 0 if not seen else seen[-1] if len(seen) > 1 and len(set(seen[-AGREEING:])) == 1 else UNCLEAR
