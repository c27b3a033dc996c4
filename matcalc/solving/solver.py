"""The ways to a stationary point, one after the other; what a way finds is proved numerically before it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product as cartesian
from typing import Any

from matcalc.calculus import gradient
from matcalc.checking.numbers import has_arrays
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.explain.lines import written
from matcalc.expr import Expr, add, has, number, postorder, scaled, substitute, transform, variable, zero
from matcalc.expr import heads as H
from matcalc.expr.conjugate import said_of
from matcalc.expr.heads import ONE
from matcalc.limits import MOST_EDGES
from matcalc.operators import call, elementwise
from matcalc.simplification import simplify
from matcalc.solving.affine import not_singular
from matcalc.solving.numbers import Deal, shaped
from matcalc.solving.plans import Pencil, Plan, Several, Threshold, computed
from matcalc.solving.problem import Problem, increasing
from matcalc.solving.proof import CERTAIN, ENOUGH, Proof, by_second_derivatives, fitted, not_least, proved, proved_exactly
from matcalc.solving.proximal import PSD_PART, proximal
from matcalc.solving.roots import IN_DOMAIN, Conditions, Root, roots
from matcalc.solving.spectral import Formula, direction, rooted, spectral, sphere
from matcalc.solving.systems import Move, isolated, solutions, undetermined
from matcalc.solving.terms import at_zero, coefficients, depends, scalar_factors, summands
from matcalc.solving.tidying import as_in_books, logarithms_parted
from matcalc.solving.wording import bare, equation

SAME = "take the logarithm, which has the same stationary points"
KINKED = ("norm", "norm1", "norminf", "normnuc", "normspec", "abs")
WITHIN = "take what it is a monotone function of, which has the same stationary points"
PIECES = ("step", "sign")  # in a gradient, where the objective is made of pieces
NEVER_ZERO = ("positive", "negative", "nonzero", "invertible")


@dataclass(frozen=True)
class Point:
    """A stationary point: formulas of the unknowns, or a plan of what to compute; how it was found and what is known of it."""

    form: str
    values: Mapping[Expr, Expr]
    multipliers: Mapping[Expr, Expr] = field(default_factory=dict)
    conditions: Conditions = ()
    moves: tuple[Move, ...] = ()
    plan: Plan | None = None
    scale: bool = False  # every multiple is a stationary point as well
    rough: bool = False  # the objective is not smooth: the point is compared with others
    kind: str = "stationary"
    is_global: bool = False
    sampled: bool = False  # the kind is that at all data which were tried, without a proof
    proof: Proof = field(default_factory=Proof)

    def at(self, problem: Problem, deal: Deal) -> dict[str, Any] | None:
        """The values of the unknowns and of the multipliers at data; None where they have none."""
        import numpy as np

        if self.plan is not None:
            found = computed(self.plan, problem.unknowns, deal.sizes, deal.at)
            if not all(np.all(np.isfinite(v)) for v in found.values()):
                return None
        else:
            found = {x.data[0]: shaped(x, deal.at(e)) for x, e in self.values.items()}
        if not problem.constraints:
            return found
        if any(m not in self.multipliers for m in problem.multipliers):
            return found | fitted(problem, deal, found)
        return found | {m.data[0]: deal.at(self.multipliers[m]) for m in problem.multipliers}


def points(problem: Problem) -> list[Point]:
    """The stationary points that are found, each proved.  Raises UnsupportedError where there is none, or no formula."""
    curved = any(sphere(c, x, problem) is not None for c in problem.constraints for x in problem.unknowns)
    straight = (_proximal, _within, _rooted, _isolated, _held, _spectral, _scaled, _by_logarithm, _moved, _kinked, _of_multiple)
    for way in (_proximal, _spectral, _within, _scaled, _isolated, _eliminated, _of_multiple, _apart) if curved else straight:
        found = _once(made for p in way(problem) if (made := checked(problem, p)) is not None)
        if found and way is not _kinked and all(p.kind not in (problem.want, "stationary") for p in found) and problem.convexity is None:
            found += [made for p in _kinked(problem) if (made := checked(problem, p)) is not None]
        if found and (any(p.kind != "saddle" for p in found) or _undetermined(problem) is None):
            return found
    raise _refusal(problem)


def _once(found: Iterable[Point]) -> list[Point]:
    """The points without those with the values of one before: a double root is one point."""
    out: list[Point] = []
    for p in found:
        if p.plan is not None or all(p.values != q.values for q in out):
            out.append(p)
    return out


# --- the ways ----------------------------------------------------------------------------------------------------


def _proximal(problem: Problem) -> Iterator[Point]:
    if problem.constraints or len(problem.unknowns) != 1:
        return
    (x,) = problem.unknowns
    for sign, kind in ((1, "minimum"), (-1, "maximum")):
        found = proximal(scaled(sign, problem.f), x)
        if found is not None:
            known = found.value is not None
            move = Move(x, found.value if found.value is not None else found.centre, found.row.name)
            plan = None if known else Threshold(found.centre, found.threshold)
            values = {x: found.value} if found.value is not None else {}
            inside: Conditions = ((found.value, IN_DOMAIN),) if found.row is PSD_PART else ()
            needed = (*inside, *found.conditions)
            yield Point(found.row.form, values, {}, needed, (move,), plan, rough=True, kind=kind, is_global=True)


def _isolated(problem: Problem) -> Iterator[Point]:
    yield from _solved(problem, problem.stationary)


def _held(problem: Problem) -> Iterator[Point]:
    """With what a constraint says of a number, as of prod(x), put into the equations."""
    values = {}
    for c in problem.constraints:
        moving = [t for t in summands(c.zero) if depends(t, *problem.unknowns)]
        if c.zero.is_scalar and len(moving) == 1:
            (atom, *others) = [f for f in scalar_factors(moving[0]) if depends(f, *problem.unknowns)]
            if not others and atom.args:
                values[atom] = simplify((moving[0] - c.zero) / (moving[0] / atom))
    made = [substitute(e, values) for e in problem.stationary]
    if made != problem.stationary:
        yield from _solved(problem, made)


def _solved(problem: Problem, stationary: Sequence[Expr]) -> Iterator[Point]:
    equations = [e._replace(left=left) for e, left in zip(problem.equations, stationary, strict=False)]
    b = direction(problem)
    for s in solutions([*equations, *problem.equations[len(equations) :]], problem.unknowns, problem.multipliers):
        values = {x: as_in_books(s.values[x]) for x in problem.unknowns if x in s.values}
        if len(values) == len(problem.unknowns):
            linear = any(n.op.name in ("sylvester", "unvec") for n in postorder(*values.values()))
            multipliers = {m: logarithms_parted(s.values[m]) for m in problem.multipliers if m in s.values}
            needed = s.conditions if b is None else (*s.conditions, (b, "≠ 0"))
            yield Point("linear" if linear else "closed", values, multipliers, needed, s.moves, is_global=b is not None)


def _spectral(problem: Problem) -> Iterator[Point]:
    found = spectral(problem)
    if isinstance(found, Pencil):
        found = found.without_factor
    if isinstance(found, Formula):
        (x,) = problem.unknowns
        for sign in (1, -1) if found.both else (1,):
            value = scaled(sign, found.value)
            moves = (Move(x, value, found.rule),)
            yield Point("closed", {x: value}, {}, found.conditions, moves, scale=not found.both, is_global=True)
    elif found is not None:
        needed = not_singular(*found.metrics)
        for plan in found.both:
            yield Point("eigenvector", {}, {}, needed, plan=plan, scale=found.anywhere, is_global=True)


def _rooted(problem: Problem) -> Iterator[Point]:
    found = rooted(problem)
    if found is not None:
        yield Point("eigenvector", {}, plan=found, is_global=True)


def _scaled(problem: Problem) -> Iterator[Point]:
    """Of a function of a direction alone, that direction, as long as the one constraint says."""
    if len(problem.unknowns) != 1 or len(problem.constraints) != 1 or not problem.constraints[0].zero.is_scalar:
        return
    (x,), (c,), t = problem.unknowns, problem.constraints, variable("t·", (1, 1))
    ways = {problem.f: number(0)}  # with the multiplier
    b = at_zero(c.zero, x)
    if b is not None and summands(b) and c.zero.is_scalar and coefficients(c.zero, x) is not None:
        whole = 1 - c.zero / b  # that is one by the constraint: what stands beside the unknown is multiplied with it
        ways.setdefault(transform(problem.f, lambda n: _homogeneous(n, x, whole)), simplify(call("inner", x, problem.gradient[0]) / b))
    for f, multiplier in ways.items():
        for p in _spectral(replace(problem, f=f, constraints=())):
            if p.scale and p.plan is None:
                for r in roots(simplify(substitute(c.zero, {x: t * p.values[x]})), t):
                    value = as_in_books(simplify(r.value * p.values[x]))
                    moves = (*p.moves, Move(x, value, "the constraint says how long it is"))
                    held = {c.multiplier: simplify(substitute(multiplier, {x: value}))}
                    yield Point("closed", {x: value}, held, (*p.conditions, *r.conditions), moves)


def _homogeneous(n: Expr, x: Expr, whole: Expr) -> Expr:
    """A number a'x + c as a'x + c `whole`."""
    if n.op is not H.SUM or not n.is_scalar or not depends(n, x) or coefficients(n, x) is None:
        return n
    return simplify(add([t if depends(t, x) else t * whole for t in summands(n)]))


def _eliminated(problem: Problem) -> Iterator[Point]:
    """One unknown after the other: what its own problem says, put into the objective; as a translation and a scale beside a rotation."""
    for y in problem.unknowns:
        rest = tuple(u for u in problem.unknowns if u is not y)
        own, others = (tuple(c for c in problem.constraints if depends(c.zero, y) is mine) for mine in (True, False))
        alone = replace(problem, unknowns=(y,), constraints=own)
        if not rest or any(depends(c.zero, *rest) for c in own) or not own and coefficients(alone.stationary[0], y) is None:
            continue
        for p in _spectral(alone) if own else _isolated(alone):
            if p.plan is not None or own and depends(p.values[y], *rest):
                continue
            left = replace(problem, f=simplify(substitute(problem.f, dict(p.values))), unknowns=rest, constraints=others)
            for q in (*_spectral(left), *(_isolated(left) if own else _eliminated(left))):
                values = {**q.values, y: simplify(substitute(p.values[y], dict(q.values)))}
                known = (p.is_global or alone.convexity is not None) and (q.is_global or left.convexity is not None)
                made = replace(q, values=values, multipliers={}, moves=(*p.moves, *q.moves), is_global=known)
                if q.plan is None:
                    yield replace(made, conditions=(*p.conditions, *q.conditions))


def _apart(problem: Problem) -> Iterator[Point]:
    """Of a sum of functions that have no unknown in common, each with its constraints: all pairs of their stationary points."""
    groups: list[set[Expr]] = []
    for e in (*summands(problem.f), *(c.zero for c in problem.constraints)):
        together = {x for x in problem.unknowns if depends(e, x)}
        touched = [g for g in groups if g & together]
        groups = [g for g in groups if g not in touched] + [together.union(*touched)] * bool(together)
    found: list[list[Point]] = []
    of: list[tuple[Expr, ...]] = []
    for group in groups if len(groups) > 1 else ():
        at = [i for i, x in enumerate(problem.unknowns) if x in group]
        own = tuple(problem.unknowns[i] for i in at)
        f = add([t for t in summands(problem.f) if depends(t, *own)])
        held = tuple(c for c in problem.constraints if depends(c.zero, *own))
        part = replace(problem, f=f, unknowns=own, declared=tuple(problem.declared[i] for i in at), constraints=held)
        found.append(points(part))
        of.append(own)
    for parts in cartesian(*found) if found else ():
        plans = tuple((p.plan, own) for p, own in zip(parts, of, strict=True) if p.plan is not None)
        if len(plans) not in (0, len(parts)) or any(p.scale or p.rough for p in parts):
            continue
        yield Point(
            parts[0].form if plans else "closed",
            {x: v for p in parts for x, v in p.values.items()},
            {m: v for p in parts for m, v in p.multipliers.items()},
            tuple(dict.fromkeys(c for p in parts for c in p.conditions)),
            tuple(m for p in parts for m in p.moves),
            Several(plans) if plans else None,  # type: ignore[arg-type]
            is_global=all(p.is_global for p in parts),
        )


def _by_logarithm(problem: Problem) -> Iterator[Point]:
    """Of a product of positive powers, the stationary points of its logarithm."""
    log = logarithm(problem.f, problem.unknowns)
    if log is not None and log.op.name != "log":
        for p in _isolated(replace(problem, f=log)):
            yield replace(p, multipliers={}, moves=(Move(problem.f, log, SAME), *p.moves))


def logarithm(f: Expr, unknowns: Sequence[Expr]) -> Expr | None:
    """log f, written out, of a product of powers, exponentials and products of entries; None where it is a sum."""
    out = []
    for t in scalar_factors(f):
        base, k = t.args if t.op is H.POWER else (t, ONE)
        if not depends(t, *unknowns):
            continue
        if base.op.name == "prod":
            out.append(k * call("sum", elementwise("log", base.args[0])))
        elif base.op.name == "exp":
            out.append(k * base.args[0])
        elif base.op.name == "det":
            out.append(k * call("logdet", base.args[0]))
        elif t.op is H.POWER or f.op is H.PRODUCT:
            out.append(k * elementwise("log", base))
        else:
            return None
    return add(out) if out else None


def _moved(problem: Problem) -> Iterator[Point]:
    """Of a function of M x + c with a square M alone: that is the unknown first."""
    if len(problem.unknowns) != 1 or problem.constraints:
        return
    (x,) = problem.unknowns
    inner = [
        n for n in postorder(problem.f) if n is not x and n.shape == x.shape and n.op in (H.SUM, H.PRODUCT, H.HADAMARD) and depends(n, x)
    ]
    for n in (n for n in inner if not x.complex or said_of(n) == said_of(x)):
        u = variable(f"{x.data[0]}·", x.shape, said_of(n) if n.complex else set())
        for r in isolated(n - u, x) if coefficients(n, x) is not None else ():
            inner_problem = replace(problem, f=simplify(substitute(problem.f, {x: r.value})), unknowns=(u,))
            for p in (*_isolated(inner_problem), *_proximal(inner_problem)):
                values = {x: simplify(substitute(r.value, dict(p.values)))}
                moves = (Move(u, n, "a variable of its own"), *p.moves, Move(x, r.value, r.rule))
                yield replace(p, values=values, conditions=(*p.conditions, *r.conditions), moves=moves)


def _kinked(problem: Problem) -> Iterator[Point]:
    """Where all terms that depend on the unknown are never negative, and vanish together: a norm where its argument is zero."""
    if len(problem.unknowns) != 1 or problem.constraints:
        return
    (x,) = problem.unknowns
    for f, kinds in increasing(problem.f, problem.unknowns):
        for sign, curvature in ((1, "convex"), (-1, "concave")):
            moving = [scaled(sign, t) for t in summands(f) if depends(t, x)]
            if moving and all(has(t, "nonnegative") for t in moving):
                inner = [n.args[0] for n in postorder(moving[0]) if n.op.name in KINKED and depends(n, x)]
                for r in (r for n in inner[:1] for r in isolated(n, x) or [Root(zero(x.shape), "where the norm is zero")]):
                    if all(_vanishes(t, {x: r.value}) for t in moving):
                        moves = (Move(x, r.value, "what is never negative is least where it is zero"),)
                        yield Point("closed", {x: r.value}, {}, r.conditions, moves, rough=True, kind=kinds[curvature], is_global=True)


def _vanishes(e: Expr, values: Mapping[Expr, Expr]) -> bool:
    """Whether an expression has a value at a point, which is zero."""
    with suppress(MatcalcError):  # it divides by zero there
        return not summands(simplify(substitute(e, values)))
    return False


def _within(problem: Problem, bent: bool = True) -> Iterator[Point]:
    """Of a monotone function of a number, `bent` or not, the stationary points of that number; the multipliers grow with the slope."""
    for f, kinds in [*increasing(problem.f, problem.unknowns)][1:]:
        u = variable("u·", (1, 1), {p for p in ("positive", "nonnegative") if has(f, p)})
        outer = substitute(problem.f, {f: u})
        if depends(outer, *problem.unknowns):  # f is no node of it, but a factor
            outer = simplify(next(t for t in summands(problem.f) if depends(t, *problem.unknowns)) / f) * u
        (slope,) = gradient(outer, [u])
        if depends(outer, *problem.unknowns) or depends(slope, u) is not bent:
            continue
        with suppress(UnsupportedError):
            for p in points(replace(problem, f=f)):
                kind = kinds["convex" if p.kind == "minimum" else "concave"] if p.rough else p.kind
                there = {u: substitute(f, dict(p.values))}
                held = {m: simplify(substitute(slope, there) * v) for m, v in p.multipliers.items()}
                yield replace(p, multipliers=held, moves=(Move(problem.f, f, WITHIN), *p.moves), kind=kind)
        return


def _of_multiple(problem: Problem) -> Iterator[Point]:
    """Of c f + d, the stationary points of f."""
    return _within(problem, bent=False)


# --- the proof ---------------------------------------------------------------------------------------------------


def checked(problem: Problem, p: Point) -> Point | None:
    """The point with its kind, if it is one at all data that were tried."""
    if any(depends(e, *problem.unknowns) for e, _ in p.conditions if isinstance(e, Expr)):
        return None
    p = _of_one_piece(problem, replace(p, conditions=_with_exponents(problem, p)))
    proof = looked_at(problem, p) if has_arrays() else proved_exactly(problem, {**p.values, **p.multipliers})
    if not proof.ok or p.scale and p.plan is None and has_arrays() and not looked_at(problem, _doubled(p)).ok:
        return None
    known = p.kind if p.rough else problem.convexity or _by_sign(problem, p)
    kind = known or proof.kind
    is_global = known is not None or kind in ("minimum", "maximum") and p.is_global
    sampled = not is_global and kind != "stationary" and by_second_derivatives(problem, p.values) != kind
    return replace(p, kind=kind, is_global=is_global, proof=proof, sampled=sampled)


def _with_exponents(problem: Problem, p: Point) -> Conditions:
    """What must hold, and that the exponent of what is zero at the point is positive."""
    powers = [n.args for n in postorder(problem.f) if n.op is H.POWER and depends(n.args[0], *problem.unknowns)]
    open_ = [(u, k) for u, k in powers if k.op is not H.NUMBER and not has(k, "positive") and not depends(k, *problem.unknowns)]
    zeros = {k for u, k in open_ if p.values and _vanishes(u, p.values)}
    return (*(c for c in p.conditions if c[0] not in zeros), *((k, "positive") for k in zeros))


def _of_one_piece(problem: Problem, p: Point) -> Point:
    """A point of an objective that is made of pieces, as max(a, b) is, with the piece where it is stationary as its condition.

    What the form says is so on that piece alone: that it is global, that its multiples are stationary.
    """
    edges = {n.args[0] for n in postorder(*problem.stationary) if n.op.name in PIECES and n.is_scalar and depends(n, *problem.unknowns)}
    if not edges or p.rough or p.plan is not None or not has_arrays():
        return p
    p = replace(p, is_global=False, scale=False)
    there = dict.fromkeys(simplify(substitute(u, dict(p.values))) for u in edges)
    open_ = [u for u in there if summands(u) and not any(has(u, sign) for sign in ("positive", "negative", "nonnegative", "nonpositive"))]
    if len(open_) > MOST_EDGES:
        return p
    sides = [
        replace(p, conditions=(*p.conditions, *((scaled(s, u), "positive") for s, u in zip(signs, open_, strict=True))))
        for signs in cartesian((1, -1), repeat=len(open_))
    ]
    proofs = [(side, looked_at(problem, side)) for side in sides]
    held = [side for side, proof in proofs if proof.ok]
    return p if not held or len(held) == len(sides) else held[0]


def _doubled(p: Point) -> Point:
    return replace(p, values={x: scaled(2, v) for x, v in p.values.items()})


def _by_sign(problem: Problem, p: Point) -> str | None:
    """The kind of a point where an objective vanishes that has one sign."""
    kind = next((kind for sign, kind in (("nonnegative", "minimum"), ("nonpositive", "maximum")) if has(problem.f, sign)), None)
    return kind if kind and p.values and _vanishes(problem.f, p.values) else None


def looked_at(problem: Problem, p: Point, seed: int = 0) -> Proof:
    """The numeric proof of a point, at data that `seed` deals."""
    roots: list[Expr] = [*p.values.values(), *p.multipliers.values()]
    if p.rough:
        return not_least(problem, lambda deal: p.at(problem, deal), roots, p.kind, seed)
    plans = [plan for plan, _ in p.plan.parts] if isinstance(p.plan, Several) else [p.plan]
    pencils = [plan for plan in plans if isinstance(plan, Pencil)]
    roots += [plan.m for plan in pencils]
    spans = any(plan.columns is not None and not plan.turned and plan.weights is None for plan in pencils)
    kind = None if seed else problem.convexity
    enough = ENOUGH if kind is None else CERTAIN
    at = partial(p.at, problem)
    return proved(problem, at, roots, p.conditions, spans=spans, enough=enough, seed=seed, kind=kind, extreme=p.is_global)


# --- what is refused ---------------------------------------------------------------------------------------------


class Refused(UnsupportedError):
    """There is no closed form, or no stationary point; `equation` is what would have to hold, as text."""

    equation: str = ""


def _undetermined(problem: Problem) -> str | None:
    """How the stationary points of several unknowns hang together, where there is a whole set of them: x = a - y, for every y."""
    if problem.constraints or len(problem.unknowns) == 1:
        return None
    found = undetermined(problem.equations, problem.unknowns)
    if found is None:
        return None
    said = ", ".join(f"{written(x, 'text')} = {written(as_in_books(simplify(v)), 'text')}" for x, v in found.values.items())
    return f"{said} is stationary for every {', '.join(x.data[0] for x in found.free)}"


def _refusal(problem: Problem) -> Refused:
    text, names = equation(problem, "text"), ", ".join(v.data[0] for v in problem.declared)
    stationary = [bare(e) for e in problem.stationary]
    unmoved = any(not depends(e, *problem.unknowns) and summands(e) for e in stationary)
    curved = [c for c in problem.constraints for x in problem.unknowns if coefficients(c.zero, x) is None]
    if not any(summands(e) for e in stationary):
        made = Refused(f"every point is stationary: the objective does not depend on {names}")
    elif any(has(e, p) for e in stationary for p in NEVER_ZERO):
        made = Refused(f"there is no stationary point: `{text}` cannot hold")
    elif (whole := _undetermined(problem)) is not None:
        made = Refused(f"the stationary points are not single ones: {whole}", hint="a constraint picks one, or a term that makes it small")
    elif unmoved and not problem.constraints:
        made = Refused(f"there is no stationary point: `{text}` does not depend on {names}, and cannot hold but for special data")
    elif unmoved and not curved:
        made = Refused(f"there is no stationary point: `{text}` cannot hold but for special data, as the objective is linear")
    else:
        hint = f"no rule isolates {names}: it is not affine, and no invertible function of it alone"
        if any(c.zero.is_scalar for c in curved):
            hint = f"with that constraint it is a secular equation, or none that any rule isolates {names} from"
        made = Refused(f"no closed form of `{text}` is known", hint=hint)
    made.equation = text
    return made
