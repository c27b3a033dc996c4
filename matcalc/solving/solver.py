"""The ways to a stationary point, one after the other; what a way finds is proved numerically before it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.expr import HADAMARD, PRODUCT, SUM, Expr, add, has, number, postorder, product, scaled, substitute, variable
from matcalc.operators import call, elementwise
from matcalc.simplification import simplify
from matcalc.solving.numbers import Deal, shaped, steps_around
from matcalc.solving.problem import Problem
from matcalc.solving.proof import Proof, proved, within
from matcalc.solving.proximal import Prox, proximal
from matcalc.solving.spectral import Formula, Pair, Pencil, spectral, sphere
from matcalc.solving.systems import Move, isolated, solutions
from matcalc.solving.terms import coefficients, depends, summands
from matcalc.solving.tidying import logarithms_parted, signs_inside

SAME = "take the logarithm, which has the same stationary points"
Conditions = tuple[tuple[Any, str], ...]
Plan = Pencil | Pair | Prox | None


@dataclass(frozen=True)
class Point:
    """A stationary point: formulas of the unknowns, or a plan of what to compute; how it was found and what is known of it."""

    form: str
    values: Mapping[Expr, Expr]
    multipliers: Mapping[Expr, Expr] = field(default_factory=dict)
    conditions: Conditions = ()
    moves: tuple[Move, ...] = ()
    plan: Plan = None
    largest: bool = True  # of eigenvectors: which end
    sign: int = 1  # of a pair: that of the second
    scale: bool = False  # every multiple is a stationary point as well
    kind: str = "stationary"
    is_global: bool = False
    proof: Proof = field(default_factory=Proof)

    def at(self, problem: Problem, deal: Deal) -> dict[str, Any] | None:
        """The values of the unknowns and of the multipliers at data."""
        found = self._unknowns(problem, deal)
        if found is None:
            return None
        known_ones = {
            c.multiplier.data[0]: deal.at(self.multipliers[c.multiplier]) for c in problem.constraints if c.multiplier in self.multipliers
        }
        return found | known_ones if len(known_ones) == len(problem.constraints) else found | fitted(problem, deal, found)

    def _unknowns(self, problem: Problem, deal: Deal) -> dict[str, Any] | None:
        import numpy as np

        from matcalc.solving import routines

        if isinstance(self.plan, Pencil):
            p = self.plan
            (x,) = problem.unknowns
            m = np.atleast_2d(deal.at(p.m))
            if not np.all(np.isfinite(m)):
                return None
            zeros = None if p.zeros is None else np.atleast_2d(deal.at(p.zeros))
            k = 1 if p.columns is None else _size(p.columns, deal)
            value = np.sqrt(float(deal.at(p.radius))) * routines.eigenvectors(m, np.atleast_2d(deal.at(p.b)), zeros, k, self.largest)
            value = value if p.columns is not None else value[:, 0]
            return {x.data[0]: value.T if p.turned else value}
        if isinstance(self.plan, Pair):
            q = self.plan
            k = 1 if q.columns is None else _size(q.columns, deal)
            c, a, b = (np.atleast_2d(deal.at(e)) for e in (q.c, q.a, q.b))
            pair = routines.singular_pairs(c, a, b, k)
            scaled_pair = [np.sqrt(float(deal.at(r))) * w for r, w in zip(q.radii, pair, strict=True)]
            return {
                x.data[0]: (s * w if q.columns is not None else s * w[:, 0])
                for x, w, s in zip(problem.unknowns, scaled_pair, (1, self.sign), strict=True)
            }
        if isinstance(self.plan, Prox) and self.plan.value is None:
            (x,) = problem.unknowns
            return {x.data[0]: routines.threshold(np.atleast_2d(deal.at(self.plan.centre)), float(deal.at(self.plan.threshold)))}
        return {x.data[0]: shaped(x, deal.at(e)) for x, e in self.values.items()}


def _size(n: Any, deal: Deal) -> int:
    from matcalc.expr.dims import Dim, replace

    made = replace(n, dict(deal.sizes)) if isinstance(n, Dim) else n
    assert isinstance(made, int)
    return made


def fitted(problem: Problem, deal: Deal, at: Mapping[str, Any]) -> dict[str, Any]:
    """The multipliers that come nearest to making the gradient of the Lagrangian zero."""
    import numpy as np

    count = len(problem.unknowns)
    zero = {c.multiplier.data[0]: np.zeros_like(deal.at(c.zero, at)) for c in problem.constraints}
    roots = [e.left for e in problem.equations[:count]]

    def joined(more: Mapping[str, Any]) -> Any:
        return np.concatenate([np.ravel(deal.at(e, {**at, **zero, **more})) for e in roots])

    start = joined({})
    moves = [(c.multiplier, d) for c in problem.constraints for d in steps_around(c.multiplier, zero[c.multiplier.data[0]])]
    columns = np.array([joined({m.data[0]: d}) - start for m, d in moves]).T
    if not np.all(np.isfinite(columns)) or not np.all(np.isfinite(start)):
        return zero
    found = np.linalg.lstsq(columns, -start, rcond=None)[0]
    for (m, d), c in zip(moves, found, strict=True):
        zero[m.data[0]] = zero[m.data[0]] + c * d
    return zero


def points(problem: Problem) -> list[Point]:
    """The stationary points that are found, each proved.  Raises UnsupportedError where there is none, or no formula."""
    refused: list[str] = []
    curved = any(sphere(c, x, problem) is not None for c in problem.constraints for x in problem.unknowns)
    for way in (_proximal, _spectral, _isolated) if curved else (_proximal, _isolated, _spectral, _by_logarithm, _moved):
        found = []
        for p in way(problem):
            checked = _checked(problem, p)
            if checked is not None:
                found.append(checked)
        if found:
            return found
    raise _refusal(problem, refused)


# --- the ways ----------------------------------------------------------------------------------------------------


def _proximal(problem: Problem) -> Iterator[Point]:
    if problem.constraints or len(problem.unknowns) != 1:
        return
    (x,) = problem.unknowns
    for sign in (1, -1):
        found = proximal(scaled(sign, problem.f), x)
        if found is not None:
            values = {} if found.value is None else {x: found.value}
            move = Move(x, found.value if found.value is not None else found.centre, found.row.name)
            kind = "minimum" if sign == 1 else "maximum"
            yield Point(found.row.form, values, {}, found.conditions, (move,), found, kind=kind, is_global=True)


def _isolated(problem: Problem) -> Iterator[Point]:
    for s in solutions(problem.equations, [*problem.unknowns, *problem.multipliers]):
        values = {x: signs_inside(s.values[x]) for x in problem.unknowns if x in s.values}
        if len(values) < len(problem.unknowns):
            continue
        form = "linear" if any(_is_linear(v) for v in values.values()) else "closed"
        multipliers = {
            c.multiplier: logarithms_parted(product([c.factor, s.values[c.multiplier]]))
            for c in problem.constraints
            if c.multiplier in s.values
        }
        yield Point(form, values, multipliers if all(c.factor is number(1) for c in problem.constraints) else {}, s.conditions, s.moves)


def _by_logarithm(problem: Problem) -> Iterator[Point]:
    """Of a product of positive powers, the stationary points of its logarithm."""
    log = logarithm(problem.f, problem.unknowns)
    if log is None or log.op.name == "log":
        return
    instead = _replaced(problem, f=log)
    for p in _isolated(instead):
        yield _replaced(p, multipliers={}, moves=(Move(problem.f, log, SAME), *p.moves))


def _moved(problem: Problem) -> Iterator[Point]:
    """Of a function of M x + c with a square M alone: that is the unknown first."""
    if len(problem.unknowns) != 1 or problem.constraints:
        return
    (x,) = problem.unknowns
    u = variable(f"{x.data[0]}·", x.shape, set())
    for n in postorder(problem.f):
        if n is x or n.shape != x.shape or not depends(n, x) or n.op not in (SUM, PRODUCT, HADAMARD) or coefficients(n, x) is None:
            continue
        for r in isolated(add([n, scaled(-1, u)]), x):
            instead = _replaced(problem, f=simplify(substitute(problem.f, {x: r.value})), unknowns=(u,))
            for p in _isolated(instead):
                if u in p.values:
                    values = {x: simplify(substitute(r.value, dict(p.values)))}
                    moves = (Move(u, n, "a variable of its own"), *p.moves, Move(x, r.value, r.rule))
                    yield _replaced(p, values=values, conditions=(*p.conditions, *r.conditions), moves=moves)
                    return


def logarithm(f: Expr, unknowns: Sequence[Expr]) -> Expr | None:
    """log f, written out, of a product of powers, exponentials and products of entries; None where it is a sum."""
    from matcalc.expr import POWER, PRODUCT
    from matcalc.expr.products import scalars as scalars_of

    out = []
    for t in scalars_of(f) if f.op is PRODUCT and f.data[1] else (f,):
        base, k = t.args if t.op is POWER else (t, number(1))
        if not depends(t, *unknowns):
            continue
        if base.op.name == "prod":
            out.append(product([k, call("sum", elementwise("log", base.args[0]))]))
        elif base.op.name == "exp":
            out.append(product([k, base.args[0]]))
        elif t.op is POWER or f.op is PRODUCT:
            out.append(product([k, elementwise("log", base)]))
        else:
            return None
    return add(out) if out else None


def _is_linear(e: Expr) -> bool:
    """Whether a formula is the solution of a linear equation of matrices that only vec solves."""
    from matcalc.expr import postorder

    return any(n.op.name in ("sylvester", "unvec") for n in postorder(e))


def _spectral(problem: Problem) -> Iterator[Point]:
    found = spectral(problem)
    if isinstance(found, Formula):
        (x,) = problem.unknowns
        for sign in (1, -1) if found.both and not found.scale else (1,):
            value = scaled(sign, found.value)
            yield Point("closed", {x: value}, {}, found.conditions, (Move(x, value, found.rule),), scale=found.scale, is_global=True)
    elif isinstance(found, Pencil):
        for largest in (False, True):
            yield Point("eigenvector", {}, plan=found, largest=largest, scale=found.anywhere, is_global=True)
    elif isinstance(found, Pair):
        for sign in (1, -1):
            yield Point("eigenvector", {}, plan=found, sign=sign, scale=found.anywhere, is_global=True)


# --- the proof ---------------------------------------------------------------------------------------------------


def _checked(problem: Problem, p: Point) -> Point | None:
    """The point with its kind, if it is one at all data that were tried."""
    roots: list[Expr] = [*p.values.values(), *p.multipliers.values()]
    if isinstance(p.plan, Prox):
        return _least(problem, p)
    if isinstance(p.plan, Pencil):
        roots.append(p.plan.m)
    proof = proved(problem, lambda deal: p.at(problem, deal), roots, p.conditions)
    if not proof.ok:
        return None
    kind = proof.kind
    convex = problem.convexity
    if convex is not None:
        kind = convex
    is_global = p.is_global and kind in ("minimum", "maximum") or convex is not None
    made: Point = _replaced(p, kind=kind, is_global=is_global, proof=proof)
    return made


def _replaced(p: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(p, **changes)


def _least(problem: Problem, p: Point) -> Point | None:
    """Whether no point nearby has a smaller (larger) value: for what is not differentiable, and convex."""
    import numpy as np

    from matcalc.solving.numbers import deals
    from matcalc.solving.proof import ENOUGH, fitting

    (x,) = problem.unknowns
    proof = Proof()
    rng = np.random.default_rng(1)
    sign = 1 if p.kind == "minimum" else -1
    roots = [problem.f, *p.values.values()]
    for deal in deals(problem.given, roots, fitting(roots, problem), 0):
        values = p.at(problem, deal)
        if values is None:
            continue
        at = values[x.data[0]]
        best = sign * float(deal.at(problem.f, values))
        if not np.isfinite(best):
            continue
        size = 1 + float(np.abs(at).max())
        for scale in (1e-3, 1e-2, 0.1, 1.0):
            for _ in range(4):
                other = np.asarray(at) + scale * size * rng.normal(size=np.shape(at))
                there = {x.data[0]: shaped(x, other) if x.is_scalar else other}
                here = sign * float(deal.at(problem.f, there)) if within(problem, there) else best
                if here < best - 1e-9 * (1 + abs(best)):
                    return None
        proof.points += 1
        proof.kinds[deal.style] = p.kind
        if proof.points >= ENOUGH:
            break
    made: Point = _replaced(p, proof=proof)
    return made if proof.points else None


# --- what is refused ---------------------------------------------------------------------------------------------


class Refused(UnsupportedError):
    """There is no closed form, or no stationary point; `equation` is what would have to hold, as text."""

    equation: str = ""


def _refusal(problem: Problem, reasons: Sequence[str]) -> Refused:
    from matcalc.solving.wording import bare, equation

    text = equation(problem, "text")
    count = len(problem.unknowns)
    stationary = [bare(e.left) for e in problem.equations[:count]]
    never = next((e for e in stationary if _never(e)), None)
    unmoved = next((e for e in stationary if not depends(e, *problem.unknowns) and summands(e)), None)
    if never is not None:
        made = Refused(f"there is no stationary point: `{text}` cannot hold")
    elif unmoved is not None and not problem.constraints:
        made = Refused(f"there is no stationary point: `{text}` does not depend on {_names(problem)}, and cannot hold but for special data")
    elif unmoved is not None and all(coefficients(c.zero, x) is not None for c in problem.constraints for x in problem.unknowns):
        made = Refused(f"there is no stationary point: `{text}` cannot hold but for special data, as the objective is linear")
    else:
        made = Refused(f"no closed form of `{text}` is known", hint=_reason(problem))
    made.equation = text
    return made


def _never(e: Expr) -> bool:
    return has(e, "positive") or has(e, "negative")


def _reason(problem: Problem) -> str:
    names = _names(problem)
    if any(
        c.zero.is_scalar and coefficients(c.zero, x) is None for c in problem.constraints for x in problem.unknowns if depends(c.zero, x)
    ):
        return f"with that constraint it is a secular equation, or none that any rule isolates {names} from"
    return f"no rule isolates {names}: it is not affine, and no invertible function of it alone"


def _names(problem: Problem) -> str:
    return ", ".join(v.data[0] for v in problem.declared)
