"""Whether a formula is a stationary point, and of which kind: at data of several sizes and signs, before it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any
from warnings import catch_warnings, simplefilter

from matcalc import checking
from matcalc.calculus import jacobian
from matcalc.checking import Evaluator
from matcalc.checking.sampling import LONG
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.expr import Expr, factors, has, known, postorder, substitute, variables, zero
from matcalc.expr.heads import GRID, MATPOWER, PRODUCT
from matcalc.simplification import simplify
from matcalc.solving.flat import UNCLEAR, Around, Step
from matcalc.solving.numbers import Deal, concrete, deals, reals, shaped, steps_around, usable
from matcalc.solving.problem import Problem
from matcalc.solving.terms import depends, summands

ENOUGH = 8  # points at which a formula is looked at, one of each style where they have a value
CERTAIN = 4  # where the kind is known by a certificate
FEW = 2  # of what takes long to compute
EXACT = 1e-6
FLAT = 1e-6  # an eigenvalue of the second derivative that is zero, relative to the largest
STEP = 1e-5
FAR = 1e8  # a value is not
At = Callable[[Deal], "dict[str, Any] | None"]


@dataclass
class Proof:
    """The findings at the points: how many there were, the largest error, the kinds."""

    points: int = 0
    max_error: float = 0.0
    kinds: dict[str, str] = field(default_factory=dict)  # by the style of the data
    alone: str = "stationary"  # the kind, where nothing can move

    @property
    def ok(self) -> bool:
        return self.points > 0 and self.max_error <= EXACT

    @property
    def kind(self) -> str:
        """The kind, if it is the same at all points where there is one."""
        found = set(self.kinds.values()) - {"stationary"}
        if UNCLEAR in found:
            return "stationary"
        return found.pop() if len(found) == 1 else "stationary" if self.kinds else self.alone


def proved(
    problem: Problem,
    at: At,
    roots: Sequence[Expr],
    conditions: Sequence[tuple[Any, str]] = (),
    *,
    seed: int = 0,
    enough: int = ENOUGH,
    spans: bool = False,
    kind: str | None = None,
    extreme: bool = False,
) -> Proof:
    """Looks at a point: `at` gives the values of unknowns and multipliers by name at a deal, or None where there is none.

    Where the unknown `spans` a space, it is given fewer columns than rows.  Of a `kind` that is known, second derivatives are looked at
    along few directions, for the scale of the error alone.  Of what is `extreme` by its form, or a saddle, only these are: where they
    are zero the objective is constant.
    """
    import numpy as np

    proof = Proof()
    if any(n.op.name.partition("_")[0] in LONG for n in postorder(*roots, *(e.left for e in problem.equations))):
        enough = FEW
    needed = [c for c, needs in conditions if isinstance(c, Expr) and needs in ("invertible", "≠ 0")]
    signed = [c for c, needs in conditions if isinstance(c, Expr) and needs in ("positive", "nonnegative")]
    occurring = [problem.f, *roots, *(c.zero for c in problem.constraints)]
    for deal in deals(problem.given, occurring, fitting([*roots, *needed], problem, spans), seed):
        if proof.points >= enough or proof.max_error > EXACT:
            break
        if deal.style in proof.kinds or not all(usable(c, deal) for c in needed) or any(np.any(deal.at(c) < 0) for c in signed):
            continue
        with suppress(MatcalcError, ArithmeticError, ValueError), catch_warnings():
            simplefilter("ignore")  # SciPy's, of digits that are lost
            values = at(deal)
            if values is not None and not in_space(problem, values):
                proof.max_error = np.inf
            elif values is not None and within(problem, values):
                deal.good = bool(np.all(np.isfinite(deal.at(problem.f, values))))
                if deal.good:
                    _look(problem, deal, values, proof, kind, extreme)
    return proof


def fitting(roots: Sequence[Expr], problem: Problem, spans: bool = False) -> Callable[[Mapping[str, int]], bool]:
    """Whether sizes leave room: for Gram matrices that are to be inverted, for constraints."""
    wide: list[tuple[Any, Any]] = []
    for e in postorder(*roots):
        base = e.args[0] if e.op is MATPOWER and e.data < 0 else e if e in roots else None
        if base is not None and base.op is PRODUCT and base.shape[0] == base.shape[1] and not base.is_scalar:
            wide += [(f.shape[1], base.shape[0]) for f in factors(base)[:-1] if base is not e or f.shape[1] != 1]
        if base is not None and base.op is GRID:  # of sums over data, as many of these as it has rows
            wide += [(v.shape[0], base.shape[0]) for v in variables(base) if not v.is_scalar]
    wide += [(x.shape[0] + -1, x.shape[1]) for x in problem.unknowns if spans and 1 not in x.shape]
    numbers = [c for c in problem.constraints if c.zero.is_scalar]
    wide += [(x.shape[0] + -1, len(numbers)) for x in problem.unknowns if len(problem.unknowns) == 1 and not x.is_scalar]  # it can move
    for c in problem.constraints:
        n = c.zero.shape[0]
        within = [x.shape[0] for x in problem.unknowns if x.shape[1] == 1 and depends(c.zero, x)]
        if c.zero.shape[1] == 1 and n != 1 and within:
            wide.append((reduce(add, within), n))
        for rows, columns in (x.shape for x in problem.unknowns if depends(c.zero, x)):
            if c.zero.symmetric and columns == n != rows:
                wide.append((rows + -1, columns))
            elif c.zero.symmetric and rows == n != columns:
                wide.append((columns + -1, rows))
    return lambda sizes: all(concrete(a, sizes) >= concrete(b, sizes) for a, b in wide)


def in_space(problem: Problem, values: Mapping[str, Any]) -> bool:
    """Whether finite values lie in the linear spaces that are declared."""
    import numpy as np

    same: dict[str, Callable[[Any], Any]] = {"symmetric": np.transpose, "skew": lambda v: -v.T, "lower": np.tril, "upper": np.triu}
    for x in problem.unknowns:
        v = values[x.data[0]]
        said = () if x.is_scalar or x.complex or not np.all(np.isfinite(v)) else same.keys() & x.data[1]
        if not all(np.allclose(v, same[word](v), 1e-6, 1e-8) for word in said):
            return False
    return True


def within(problem: Problem, values: Mapping[str, Any]) -> bool:
    """Whether the values are finite, and in the domain that is declared."""
    import numpy as np

    if any(v is None or not np.all(np.isfinite(v)) or np.abs(v).max(initial=0) > FAR for v in values.values()):
        return False
    for x in problem.unknowns:
        value = values[x.data[0]]
        if has(x, "positive") and not np.all(value > 0) or has(x, "nonnegative") and not np.all(value >= 0):
            return False
        if (
            not x.is_scalar
            and has(x, "psd")
            and np.linalg.eigvalsh((value + value.conj().T) / 2).min() < (1e-12 if has(x, "spd") else -1e-9)
        ):
            return False
    return True


def leaves(problem: Problem, at: At, roots: Sequence[Expr], e: Expr) -> bool:
    """Whether `e`, in which the point stands for the unknowns, is negative at some data where that has a value."""
    import numpy as np

    for deal in deals(problem.given, [problem.f, *roots], fitting(roots, problem), 1):
        with suppress(MatcalcError, ArithmeticError, ValueError):
            values = at(deal)
            if values is not None and in_space(problem, values) and within(problem, values) and np.any(deal.at(e) < 0):
                return True
    return False


def _look(problem: Problem, deal: Deal, values: Mapping[str, Any], proof: Proof, kind: str | None, extreme: bool) -> None:
    """Adds the error at one point, and its kind: the one that is known, or by the second derivative along the constraints."""
    import numpy as np

    count, zeros = len(problem.unknowns), [c.zero for c in problem.constraints]
    names = [x.data[0] for x in problem.unknowns]
    start = [np.asarray(values[x.data[0]], complex if x.complex else float) for x in problem.unknowns]
    likes = [*problem.unknowns, *zeros]
    run = Evaluator([*problem.stationary, *zeros], {**deal.sizes, **deal.values, **values}, names)

    def joined(point: Sequence[Any]) -> tuple[Any, Any]:
        try:
            made = [reals(v, e) for v, e in zip(run(dict(zip(names, point, strict=True))), likes, strict=True)]
        except (np.linalg.LinAlgError, ZeroDivisionError):
            made = [reals(np.full(v.size, np.nan), e) for v, e in zip(start, likes, strict=False)] + [np.full(1, np.nan) for _ in zeros]
        return np.concatenate(made[:count]), np.concatenate([*made[count:], np.zeros(0)])

    def slopes(i: int, d: Any, h: float) -> tuple[Any, Any]:
        after, before = (joined([v + s * h * d if k == i else v for k, v in enumerate(start)]) for s in (1, -1))
        return (after[0] - before[0]) / (2 * h), (after[1] - before[1]) / (2 * h)

    size = max(1.0, max(float(np.abs(v).max(initial=0)) for v in start))
    residual, held = joined(start)
    if not np.all(np.isfinite(residual)):
        return  # it is not differentiable there
    hessian, constraints, basis, moves = [], [], [], []
    for i, x in enumerate(problem.unknowns):
        steps = steps_around(x, start[i])
        for d in steps if kind is None else [sum(steps[k::FEW]) for k in range(min(FEW, len(steps)))]:
            h = STEP * _reach(x, start[i], d, size)
            second, along = slopes(i, d, h)
            if not np.all(np.isfinite(second)):
                second, along = slopes(i, d, h / 1e3)
            hessian.append(second)
            constraints.append(along)
            moves.append(Step(i, d, _reach(x, start[i], d, size, 1.0)))
            moved = [d if k == i else np.zeros_like(v) for k, v in enumerate(start)]
            basis.append(np.concatenate([reals(v, e) for v, e in zip(moved, problem.unknowns, strict=True)]))
    whole = np.array(hessian)
    scale = 1.0 + float(np.abs(whole).max(initial=0)) * size
    error = max(float(np.abs(residual).max(initial=0)) / scale, float(np.abs(held).max(initial=0)) / (1 + size**2))
    proof.points += 1
    proof.max_error = max(proof.max_error, error if np.isfinite(error) else np.inf)
    if kind is not None:
        proof.kinds[deal.style] = kind
        return
    with suppress(np.linalg.LinAlgError):
        around = Around(problem, deal, values, moves, lambda point: within(problem, point))
        _kind_at(around, whole @ np.array(basis).T, np.array(constraints).T, proof, deal.style, extreme)


def _kind_at(around: Around, second: Any, constraints: Any, proof: Proof, style: str, extreme: bool) -> None:
    """Adds the kind of a point by the second derivative along the constraints, and where that is zero by the values around."""
    import numpy as np

    free, normal = np.eye(len(second)), np.zeros((0, len(second)))
    if constraints.size:
        _, s, v = np.linalg.svd(constraints)
        rank = int((s > 1e-7 * max(1.0, s.max(initial=0))).sum())
        normal, free = v[:rank], v[rank:]
    if not len(free):  # the constraints leave one point
        proof.alone = around.problem.want
        return
    found, vectors = np.linalg.eigh(free @ (second + second.T) @ free.T / 2)
    flat = np.abs(found) <= FLAT * max(float(np.abs(found).max()), around.bend(), 1e-9)
    kind = kind_of(found[~flat])
    if flat.any() and kind != "saddle" and not extreme:
        stiff = np.concatenate([normal, vectors.T[~flat] @ free])
        kind = around.kind(second, constraints, vectors.T[flat] @ free, stiff, kind)
    proof.kinds[style] = kind


def _reach(x: Expr, at: Any, direction: Any, size: float, least: float = 1e-2) -> float:
    """How large the entries are that move, `least` of the `size` of all: what is positive stays so, and what is nearly singular."""
    import numpy as np

    here = float(np.abs(at * (direction != 0)).max(initial=0))
    if not x.is_scalar and has(x, "spd"):
        return min(max(here, least * size), 1e2 * float(np.linalg.eigvalsh((at + at.conj().T) / 2)[0]))
    return here if has(x, "positive") and here > 0 else max(here, least * size)


def kind_of(eigenvalues: Any) -> str:
    """The kind by the eigenvalues of the second derivative, none of which is zero."""
    if not eigenvalues.size:
        return "stationary"
    return "minimum" if eigenvalues.min() > 0 else "maximum" if eigenvalues.max() < 0 else "saddle"


def by_second_derivatives(problem: Problem, values: Mapping[Expr, Expr]) -> str | None:
    """The kind of a point without constraints, by what is known of the blocks of its Hessian there; None where that does not tell.

    Blocks of both signs, or a zero beside one that does not vanish, make a saddle; a minimum has positive definite blocks and zeros
    beside them.
    """
    xs = problem.unknowns
    if problem.constraints or not all(x in values and not x.complex for x in xs):
        return None
    with suppress(MatcalcError, ArithmeticError):
        blocks = {(x, z): simplify(substitute(jacobian(g, z), values)) for x, g in zip(xs, problem.gradient, strict=True) for z in xs}
        vanish = {at for at, h in blocks.items() if not summands(h)}
        signs = [{"spd", "nd"} & known(blocks[x, x]) for x in xs]
        live = [(x, z) for (x, z), h in blocks.items() if x is not z and {"nonzero", "injective", "onto"} & known(h)]
        if {"spd"} in signs and {"nd"} in signs or any((x, x) in vanish for x, _ in live):
            return "saddle"
        if all(at in vanish for at in blocks if at[0] is not at[1]):
            return "minimum" if all("spd" in s for s in signs) else "maximum" if all("nd" in s for s in signs) else None
    return None


def not_least(problem: Problem, at: At, roots: Sequence[Expr], kind: str, seed: int = 0) -> Proof:
    """Looks whether a point nearby has a smaller (larger) value, of what is not differentiable, and convex."""
    import numpy as np

    (x,) = problem.unknowns
    proof = Proof()
    rng = np.random.default_rng(1)
    sign = 1 if kind == "minimum" else -1
    for deal in deals(problem.given, [problem.f, *roots], fitting([problem.f, *roots], problem), seed):
        values = at(deal)
        best = np.nan if values is None else sign * float(np.real(deal.at(problem.f, values)))
        if values is None or not np.isfinite(best):
            continue
        if not in_space(problem, values):
            proof.max_error = np.inf
            return proof
        here = np.asarray(values[x.data[0]])
        size = 1 + float(np.abs(here).max())
        basis = np.array(steps_around(x, here))
        for scale in (1e-3, 1e-2, 0.1, 1.0) * 4:
            away = np.tensordot(rng.normal(size=len(basis)), basis, ([0], [0]))
            there = {x.data[0]: shaped(x, here + scale * size * away)}
            if within(problem, there) and sign * float(np.real(deal.at(problem.f, there))) < best - 1e-9 * (1 + abs(best)):
                proof.max_error = np.inf
                return proof
        proof.points += 1
        proof.kinds[deal.style] = kind
        if proof.points >= ENOUGH:
            break
    return proof


def fitted(problem: Problem, deal: Deal, at: Mapping[str, Any]) -> dict[str, Any]:
    """The multipliers that come nearest to making the gradient of the Lagrangian zero."""
    import numpy as np

    zero = {c.multiplier.data[0]: 0 * deal.at(c.zero, at) for c in problem.constraints}

    def joined(more: Mapping[str, Any]) -> Any:
        made = (deal.at(e, {**at, **zero, **more}) for e in problem.stationary)
        return np.concatenate([reals(v, x) for v, x in zip(made, problem.unknowns, strict=True)])

    start = joined({})
    size = max(1.0, float(np.abs(start).max(initial=0)))  # of the steps, beside which what they change is not lost
    moves = [(m.data[0], size * d) for m in problem.multipliers for d in steps_around(m, zero[m.data[0]])]
    columns = np.array([joined({name: d}) - start for name, d in moves]).T
    if np.all(np.isfinite(columns)) and np.all(np.isfinite(start)):
        for (name, d), c in zip(moves, np.linalg.lstsq(columns, -start, rcond=None)[0], strict=True):
            zero[name] = zero[name] + c * d
    return zero


def proved_exactly(problem: Problem, values: Mapping[Expr, Expr]) -> Proof:
    """Puts the formulas into the stationarity equations and the constraints, where there is no NumPy; says nothing of the kind.

    Raises UnsupportedError for what is no formula: eigenvectors and thresholds are computed, by NumPy.
    """
    if any(x not in values for x in (*problem.unknowns, *problem.multipliers)):
        raise UnsupportedError("the proof of this solution needs NumPy, which is not here", hint="pip install numpy; the command solves it")
    proof = Proof()
    for e in (*problem.stationary, *(c.zero for c in problem.constraints)):
        left = substitute(e, values)
        found = checking.comparing.compared(left, zero(left.shape))
        proof.points = max(proof.points, len(found.samples), 1)
        if not found.equal:
            proof.max_error = float("inf")
            break
    return proof
