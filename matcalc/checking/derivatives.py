"""A derivative against numeric ones: differences of the expression along curves through hard points, to many digits.

A curve moves the letters of the draw that made the variable, so it stays in the set of what the variable is declared to be, and
differences over 10^-25 counted with 100 digits have half of them right: no method has to be chosen, no rounding is forgiven.
Then the program is run in floats at the same points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from matcalc.checking.complex_numbers import Complex, of_parts
from matcalc.checking.exact import Point, values
from matcalc.checking.linear import adjoint, rank, scaled, stacked, times, unstacked
from matcalc.checking.numbers import Matrix, Number, Undefined, all_exact, apart, context, counting, magnitude, reals
from matcalc.checking.sampling import Deal, Drawn, DrawnFamily, deals
from matcalc.expr import MEMBER, Expr, postorder

DIGITS, MORE = 100, 150
STEP, SECOND = Fraction(1, 10**25), Fraction(1, 8 * 10**25)
KINK = 10  # digits of the slopes to both sides, which a kink makes differ; what bends over one step is far below
SMOOTH, TINY = 28, Decimal("1e-26")  # digits of two differences of a smooth function; the relative error of a right derivative
NOTHING, CURVED = 40, 20  # of one that vanishes; where two steps show that all there is comes from the bend of the curve
RUNS, TRIES = 4, 12  # of the program, and points that may tell nothing of it
OF_A_PAIR = {"plain": -1, "conj": 1}
METHOD = "central differences in 100 digits"


@dataclass(frozen=True)
class Check:
    """Whether a derivative agrees with numeric ones; true or false by itself.

    It says the largest relative error, at how many points, by which method, and what is wrong with the program.

    >>> import matcalc as mc
    >>> found = mc.grad("logdet(X)", "X").check()
    >>> found.ok, found.points, found.max_error < 1e-20
    (True, 3, True)
    """

    ok: bool
    max_error: float
    points: int
    method: str
    program: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        if not self.points:
            return f"not checked: {self.method}"
        if self.program:
            return f"DISAGREES: {self.program} ({self.method})"
        verdict = "agrees" if self.ok else "DISAGREES"
        return f"{verdict}: largest relative error {self.max_error:.1e} at {self.points} points ({self.method})"


def check_derivative(
    of: Expr,
    answer: Expr,
    by: Expr,
    index: tuple[Any, ...] | None = None,
    *,
    seed: int = 0,
    count: int = 3,
    also: tuple[Expr, ...] = (),
    program: Callable[[Deal], str | None] | None = None,
    freely: bool = False,
    part: str = "",
) -> Check:
    """Compares `answer`, the derivative of `of` by (the slice `index` of) `by`, with numeric derivatives at `count` points.

    `freely`, all entries of the variable move, whatever it is declared to be: in `of` it may be called so without being so.
    Where something is complex, `part` says what the answer is: of a real function "steepest", the G of df = Re tr(G^H dZ), else
    "holomorphic", or one of a pair, "plain" or "conj".  Values are dealt for the names in the expressions `also` too.
    `program` says at a point what is wrong with the program there: "" where nothing is, None where the point tells nothing of it.

    >>> from matcalc.expr import product, scaled, symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> check_derivative(product([x.T, x]), scaled(2, x), x).ok, check_derivative(product([x.T, x]), x, x).ok
    (True, False)
    """
    ctx = context(DIGITS)
    worst, told, idle, ran, tried = ctx.real(0), 0, 0, 0, 0
    sizes: dict[tuple[int, ...], None] = {}
    moves = index is not None or freely
    for deal in deals(by, *also, of, answer, seed=seed):  # as it is declared, though in `of` it may be freer
        moves = moves or any(x for m in deal.drawn[_name(by)].moving.values() for row in m for x in row)
        if told < count:
            try:
                found = _error(of, answer, by, index, deal, freely, part)
            except Undefined:
                continue
            if found is None:
                continue
            error, tells = found
            sizes[tuple(deal.point.sizes.values())] = None
            told, idle, worst = told + tells, idle + (not tells), max(worst, error)
            if worst > TINY:
                break
        if program is not None and ran < RUNS and tried < TRIES:
            wrong = program(deal)
            tried += 1
            ran += wrong is not None
            if wrong:
                return Check(False, float(worst), told or idle, METHOD, wrong)
        if told >= count and (program is None or ran >= RUNS or tried >= TRIES) or told + idle >= 4 * count:
            break
    if not told + idle:
        why = "no point found where it is defined" if moves else f"what {by!r} is declared to be leaves it no way to move"
        return Check(False, float("nan"), 0, why)
    method = f"{METHOD}{_at(deal.point, sizes)}{'; the program in floats' if ran else ''}"
    return Check(bool(worst <= TINY), float(worst), told or idle, method)


def _at(point: Point, sizes: Iterable[tuple[int, ...]]) -> str:
    """At which sizes it was tried."""
    if not point.sizes:
        return ""
    one = len(point.sizes) == 1
    label = next(iter(point.sizes)) if one else f"({', '.join(point.sizes)})"
    return f", {label} = {', '.join(str(row[0]) if one else str(row) for row in sizes)}"


@counting(MORE)
def _error(
    of: Expr, answer: Expr, by: Expr, index: tuple[Any, ...] | None, deal: Deal, freely: bool, part: str
) -> tuple[Number, bool] | None:
    """The relative error at one point, and whether anything is not zero there; None where the expression is not smooth there."""
    here = _differences(of, answer, by, index, deal, freely, part, DIGITS)
    if here is None:
        return None
    if here.vanishes or here.smooth and here.error <= TINY:
        return here.error, not here.vanishes
    there = _differences(of, answer, by, index, deal, freely, part, MORE)  # what is rounding becomes less with more digits
    if there is None or not there.smooth and there.whole > here.whole * TINY:
        return None
    nothing = there.vanishes or there.whole <= here.whole * TINY
    return (context(DIGITS).real(0), False) if nothing else (there.error, True)


@dataclass(frozen=True)
class _Differences:
    """How large the derivative is along a curve, the relative error there, and whether it is nothing, and that of a smooth function."""

    whole: Number
    error: Number
    vanishes: bool
    smooth: bool


@counting(MORE)
def _differences(
    of: Expr, answer: Expr, by: Expr, index: tuple[Any, ...] | None, deal: Deal, freely: bool, part: str, digits: int
) -> _Differences | None:
    """The claimed derivative and differences over two steps; None where the draw shows no curve, or the function a kink or a jump."""
    ctx, name = context(digits), _name(by)
    of_one_rank = [n.args[0] for n in postorder(of) if n.op.domain == "of constant rank" and not n.loose]
    here, claimed, *ranked = values([of, answer, *of_one_rank], deal.point, digits)
    drawn, place, rows = deal.drawn[name], _place(index, by, deal.point), slice(None)
    if isinstance(drawn, DrawnFamily):  # one member moves: the others' rows stand still
        which, many = _which(by, deal.point), len(drawn.value) // len(drawn.members)
        rows, members = slice(which * many, (which + 1) * many), drawn.members
        if freely:
            own = members[which]
            members = (*members[:which], _within(own, [[True] * len(row) for row in own.value], by.complex), *members[which + 1 :])
        drawn = replace(drawn, one=which, members=members)
    elif place is not None or freely:
        drawn = _within(drawn, place or [[True] * len(row) for row in drawn.value], by.complex)
    differences = []
    for step in (STEP, SECOND):
        ends = [drawn.at(step), drawn.at(-step)]
        moved = _difference(ends[0], ends[1], step)[rows]
        if not of_one_rank:  # ranks are for fractions to decide; all else is as right in reals, which are quicker
            ends = [reals(x, ctx) for x in ends]
        there = [values([of, *of_one_rank], replace(deal.point, values={**deal.point.values, name: x}), digits) for x in ends]
        if any(rank(m, ctx) != rank(n, ctx) for _, *ms in there for m, n in zip(ms, ranked, strict=True)):
            return None
        found = [value for value, *_ in there]
        if not all(map(all_exact, (here, *found))):
            here, *found = (reals(m, ctx) for m in (here, *found))
        change = _difference(found[0], found[1], step)
        if part in OF_A_PAIR:  # P dz = (D[dz] - i D[i dz])/2, C dz* = (D[dz] + i D[i dz])/2
            beside = [Drawn.at(_turned(drawn), s) for s in (step, -step)]
            after, before_ = (values([of], replace(deal.point, values={**deal.point.values, name: x}), digits)[0] for x in beside)
            unit = Complex(0, OF_A_PAIR[part])
            turned = reals(_difference(after, before_, step), ctx)
            change = [[(x + unit * y) / 2 for x, y in zip(r, s, strict=True)] for r, s in zip(reals(change, ctx), turned, strict=True)]
            moved = moved if part == "plain" else [[x.conjugate() for x in row] for row in moved]
        differences.append((change, _applied(claimed, moved, place, (len(here), len(here[0])), ctx, part)))
    (first, before), (second, expected) = differences
    whole = magnitude((x for m in (second, expected) for row in m for x in row), ctx)
    speed = magnitude((x for row in moved for x in row), ctx)
    size = magnitude((x for row in here for x in row), ctx) / max(magnitude((x for row in drawn.value for x in row), ctx), ctx.ten_to(-12))
    bends = (x + y - 2 * z for r, s, t in zip(*found, here, strict=True) for x, y, z in zip(r, s, t, strict=True))
    bend = magnitude(bends, ctx) * int(1 / (2 * SECOND))
    if speed <= ctx.ten_to(-NOTHING) * magnitude((x for row in drawn.value for x in row), ctx):
        return None
    steepest = max(size, magnitude((x for row in claimed for x in row), ctx))  # across which the curve may run
    if bend > max(whole, size * speed) * ctx.ten_to(-KINK):
        return None
    errors = max(apart(first, second, ctx), apart(before, expected, ctx))  # what comes of the steps, one being an eighth of the other
    vanishes = bool(whole <= max(steepest * ctx.ten_to(-NOTHING), 0 if errors <= whole else size * ctx.ten_to(-CURVED)) * speed)
    if vanishes:
        return _Differences(whole, ctx.real(0), True, True)
    return _Differences(whole, apart(second, expected, ctx) / whole, False, bool(errors <= whole * ctx.ten_to(-SMOOTH)))


def _name(by: Expr) -> str:
    """The name of a variable, or of the family of a member."""
    name: str = by.args[0].data[0] if by.op is MEMBER else by.data[0]
    return name


def _which(by: Expr, point: Point) -> int:
    """Which member of its family, counted from 0, those with several indices row by row."""
    place = 0
    for u in by.args[1:]:
        i, count = u.data
        place = place * point.size(count) + (i if isinstance(i, int) else point.indices[i]) - 1
    return place


def _difference(a: Matrix, b: Matrix, step: Fraction) -> Matrix:
    over = int(1 / (2 * step))
    return [[(x - y) * over for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _place(index: tuple[Any, ...] | None, by: Expr, point: Point) -> list[list[bool]] | None:
    """The entries a slice names; None for all of them.  Raises Undefined where there are none."""
    if index is None:
        return None
    rows, columns = len(point.values[by.data[0]]), len(point.values[by.data[0]][0])
    if len(index) == 1:
        index = (index[0], slice(None)) if by.shape[1] == 1 else (slice(None), index[0])
    i, j = (None if isinstance(k, slice) else point.indices.get(k, 1) - 1 if isinstance(k, str) else k - 1 for k in index)
    if i is not None and i >= rows or j is not None and j >= columns:
        raise Undefined("large enough")
    return [[(i is None or i == r) and (j is None or j == c) for c in range(columns)] for r in range(rows)]


def _turned(drawn: Drawn) -> Drawn:
    """The same value, moving i times as it does."""
    return replace(drawn, moving={name: scaled(Complex(0, 1), m) for name, m in drawn.moving.items()})


def _within(drawn: Drawn, place: list[list[bool]], complexes: bool = False) -> Drawn:
    """Only these entries move, whatever else the variable is."""
    count = sum(map(len, place)) * (2 if complexes else 1)
    steps = iter(Random(count).sample(range(1, 40 + count), count))  # no two alike: a symmetric direction would tell less

    def step() -> Number:
        real = Fraction(next(steps), 7)
        return of_parts(real, Fraction(next(steps), -7)) if complexes else real

    moving = [[step() if here else 0 for here in row] for row in place]
    return Drawn(drawn.value, None, {"G": drawn.value}, {}, {"G": moving})


def _applied(claimed: Matrix, moved: Matrix, place: list[list[bool]] | None, shape: tuple[int, int], ctx: Any, part: str = "") -> Matrix:
    """Applies the claimed derivative to a direction, in the shape of the value."""
    v = stacked(moved)
    if place is not None:
        v = [row for row, (here,) in zip(v, stacked(place), strict=True) if here]
    if shape == (1, 1):  # a gradient, or a row of a Hessian
        if part == "steepest":
            return [[x.real for x in row] for row in times(adjoint(stacked(claimed)), v, ctx)]
        return times([[row[0] for row in stacked(claimed)]], v, ctx)
    if len(v) == 1:
        flat = stacked(scaled(v[0][0], claimed))
    else:
        flat = times(claimed, v, ctx)
    return unstacked(flat, *shape)
