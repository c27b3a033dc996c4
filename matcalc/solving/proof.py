"""Whether a formula is a stationary point, and of which kind: at data of several sizes and signs, before it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from matcalc.checking import Evaluator
from matcalc.checking.sampling import LONG
from matcalc.errors import MatcalcError
from matcalc.expr import MATPOWER, PRODUCT, Expr, factors, has, postorder
from matcalc.expr.dims import Dim, replace
from matcalc.solving.numbers import Deal, deals, steps_around, usable
from matcalc.solving.problem import Problem

ENOUGH = 8  # points at which a formula is looked at, one of each style where they have a value
FEW = 2  # of what takes long to compute
EXACT = 1e-6
FLAT = 1e-6  # an eigenvalue of the second derivative that is zero, relative to the largest
STEP = 1e-5


@dataclass
class Proof:
    """What was found at the points: how many there were, the largest error, the kinds."""

    points: int = 0
    max_error: float = 0.0
    kinds: dict[str, str] = field(default_factory=dict)  # by the style of the data
    flat: bool = False  # there is a direction in which nothing changes
    lowest: float = float("inf")

    @property
    def ok(self) -> bool:
        return self.points > 0 and self.max_error <= EXACT

    @property
    def kind(self) -> str:
        """The kind, if it is the same at all points where there is one."""
        found = set(self.kinds.values()) - {"stationary"}
        return found.pop() if len(found) == 1 else "stationary"


def fitting(roots: Sequence[Expr], problem: Problem) -> Any:
    """Whether sizes leave room: for Gram matrices that are to be inverted, for constraints."""
    wide: list[tuple[Any, Any]] = []
    for e in postorder(*roots):
        base = e.args[0] if e.op is MATPOWER and e.data < 0 else e if e in roots else None
        if base is not None and base.op is PRODUCT and base.shape[0] == base.shape[1] and not base.is_scalar:
            wide += [(f.shape[1], base.shape[0]) for f in factors(base)[:-1]]
    for c in problem.constraints:
        for x in problem.unknowns:
            if c.zero.shape[1] == 1 and x.shape[1] == 1 and c.zero.shape[0] != 1:
                wide.append((x.shape[0], c.zero.shape[0]))
            elif c.zero.symmetric and x.shape[1] == c.zero.shape[0] != x.shape[0]:
                wide.append((x.shape[0] + -1, x.shape[1]))
            elif c.zero.symmetric and x.shape[0] == c.zero.shape[0] != x.shape[1]:
                wide.append((x.shape[1] + -1, x.shape[0]))

    def fits(sizes: Mapping[str, int]) -> bool:
        return all(_size(a, sizes) >= _size(b, sizes) for a, b in wide)

    return fits


def _size(d: Any, sizes: Mapping[str, int]) -> Any:
    return replace(d, dict(sizes)) if isinstance(d, Dim) else d


def proved(
    problem: Problem,
    at: Any,
    roots: Sequence[Expr],
    conditions: Sequence[tuple[Any, str]] = (),
    *,
    seed: int = 0,
    enough: int = ENOUGH,
    multipliers: bool = True,
) -> Proof:
    """Looks at a point: `at` gives the values of unknowns and multipliers by name at a deal, or None where there is none."""
    import numpy as np

    proof = Proof()
    if any(n.op.name.partition("_")[0] in LONG for n in postorder(*roots, *(e.left for e in problem.equations))):
        enough = FEW
    needed = [c for c, needs in conditions if isinstance(c, Expr) and needs in ("invertible", "≠ 0")]
    for deal in deals(
        problem.given, [problem.f, *roots, *(c.zero for c in problem.constraints)], fitting([*roots, *needed], problem), seed
    ):
        if proof.points >= enough:
            break
        if deal.style in proof.kinds or not all(usable(c, deal) for c in needed):
            continue
        try:
            values = at(deal)
        except (MatcalcError, ArithmeticError, ValueError):
            continue
        if values is None or not within(problem, values) or not np.all(np.isfinite(deal.at(problem.f, values))):
            continue
        deal.good = True
        with suppress(np.linalg.LinAlgError):
            _look(problem, deal, values, proof)
        if proof.max_error > EXACT:
            break
    return proof


def within(problem: Problem, values: Mapping[str, Any]) -> bool:
    """Whether the values are finite, and in the domain that is declared."""
    import numpy as np

    for v in values.values():
        if v is None or not np.all(np.isfinite(v)) or np.abs(v).max(initial=0) > 1e8:
            return False
    for x in problem.unknowns:
        value = values[x.data[0]]
        if has(x, "positive") and not np.all(value > 0):
            return False
        if has(x, "nonnegative") and not np.all(value >= 0):
            return False
        if not x.is_scalar and has(x, "psd") and np.linalg.eigvalsh((value + value.T) / 2).min() < (1e-12 if has(x, "spd") else -1e-9):
            return False
    return True


def _look(problem: Problem, deal: Deal, values: Mapping[str, Any], proof: Proof) -> None:
    import numpy as np

    count = len(problem.unknowns)
    stationary = [e.left for e in problem.equations[:count]]
    zeros = [c.zero for c in problem.constraints]
    names = [x.data[0] for x in problem.unknowns]
    start = [np.asarray(values[n], float) for n in names]

    run = Evaluator([*stationary, *zeros], {**deal.sizes, **deal.values, **values}, names)

    def joined(point: Sequence[Any]) -> tuple[Any, Any]:
        try:
            made = [np.ravel(v) for v in run(dict(zip(names, point, strict=True)))]
        except (np.linalg.LinAlgError, ZeroDivisionError):
            made = [np.full(int(np.prod(np.shape(v))), np.nan) for v in start] + [np.full(1, np.nan) for _ in zeros]
        return np.concatenate(made[:count]), np.concatenate(made[count:]) if zeros else np.zeros(0)

    directions = []
    for i, (x, v) in enumerate(zip(problem.unknowns, start, strict=True)):
        for d in steps_around(x, v):
            directions.append((i, d))
    size = max(1.0, max(float(np.abs(v).max(initial=0)) for v in start))
    residual, held = joined(start)
    if not np.all(np.isfinite(residual)):
        return  # it is not differentiable there
    hessian, constraints = [], []
    for i, d in directions:
        h = STEP * _reach(problem.unknowns[i], start[i], d, size)
        plus, minus = ([v + s * h * d if k == i else v for k, v in enumerate(start)] for s in (1, -1))
        after, before = joined(plus), joined(minus)
        if not np.all(np.isfinite(after[0] - before[0])):
            h /= 1e3
            plus, minus = ([v + s * h * d if k == i else v for k, v in enumerate(start)] for s in (1, -1))
            after, before = joined(plus), joined(minus)
        hessian.append((after[0] - before[0]) / (2 * h))
        constraints.append((after[1] - before[1]) / (2 * h))
    whole = np.array(hessian)
    scale = 1.0 + float(np.abs(whole).max(initial=0)) * size
    error = max(float(np.abs(residual).max(initial=0)) / scale, float(np.abs(held).max(initial=0)) / (1 + size**2))
    proof.points += 1
    proof.max_error = max(proof.max_error, error if np.isfinite(error) else np.inf)
    basis = np.zeros((len(directions), sum(v.size for v in start)))
    offsets = np.cumsum([0, *(v.size for v in start)])
    for row, (i, d) in enumerate(directions):
        basis[row, offsets[i] : offsets[i + 1]] = np.ravel(d)
    second = whole @ basis.T
    if zeros:
        _, s, v = np.linalg.svd(np.array(constraints).T)
        free = v[int((s > 1e-7 * max(1.0, s.max(initial=0))).sum()) :]
        second = free @ second @ free.T
    if not second.size:
        proof.kinds[deal.style] = problem.want
        return
    values_of = np.linalg.eigvalsh((second + second.T) / 2)
    proof.kinds[deal.style] = kind_of(values_of, proof)


def _reach(x: Expr, at: Any, direction: Any, size: float) -> float:
    """How large the entries are that move: what is positive stays so."""
    import numpy as np

    here = float(np.abs(at * (direction != 0)).max(initial=0))
    return here if has(x, "positive") and here > 0 else max(here, 1e-2 * size)


def kind_of(eigenvalues: Any, proof: Proof) -> str:
    """The kind by the eigenvalues of the second derivative; flat directions are told apart."""
    import numpy as np

    largest = float(np.abs(eigenvalues).max(initial=0))
    flat = np.abs(eigenvalues) <= FLAT * max(largest, 1e-9)
    proof.flat |= bool(flat.any())
    rest = eigenvalues[~flat]
    if not rest.size:
        return "stationary"
    return "minimum" if rest.min() > 0 else "maximum" if rest.max() < 0 else "saddle"
