"""The proofs of the tables: each reads one row, or one line, and fails under its name where an entry is not true.

They are run by the tests on the tables as they are, and by `mutations.py` on tables that are changed: there a proof that
passes proves nothing.  Points are the hard ones of `deals` and a few that are harder; values are exact or of many digits; a
derivative is compared with the differences to both sides, so that a kink shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations, islice, product, takewhile
from typing import Any

from matcalc.calculus import differential, pullback
from matcalc.calculus.jacobians import vec_jacobian
from matcalc.checking.exact import Point, values
from matcalc.checking.linear import filled, plus, scaled, stacked, times, turned
from matcalc.checking.members import belongs
from matcalc.checking.numbers import Matrix, Reals, Undecided, Undefined, all_exact, context, counting, magnitude, real, reals
from matcalc.checking.sampling import deals
from matcalc.errors import MatcalcError, ShapeError, UnsupportedError
from matcalc.explain.rules import Rule
from matcalc.expr import (
    MATPOWER,
    PRODUCT,
    Expr,
    Op,
    add,
    apply,
    number,
    outer,
    postorder,
    signature,
    substitute,
    symbol,
    transpose,
    variable,
    variables,
)
from matcalc.expr import scaled as multiple
from matcalc.expr.dims import Dim
from matcalc.expr.melts import Melt, melted
from matcalc.expr.node import node
from matcalc.expr.rebuild import resized
from matcalc.operators import unvec
from matcalc.operators.matrices import _unusual
from matcalc.reading import read
from matcalc.rewriting.lines import Identity, Line
from matcalc.rewriting.sides import Side
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode

DIGITS, STEP = 90, Fraction(1, 10**30)
CLOSE, JUMP = Fraction(1, 10**15), 10**25  # of differences: relative; and what is no derivative any more
FAR = 1e8  # of a condition number in floats: such a matrix is singular
DEALT, ENOUGH, TRIED = 6, 3, 20  # points that are dealt, at how many something has to be seen, and among how many such are looked for


# --- points ----------------------------------------------------------------------------------------------------------


def arguments(op: Op) -> list[Expr]:
    """Variables X, Y, Z in the shapes of the row's signature; symmetric only where the row needs it."""
    properties = {"spd"} if "definite" in op.domain else {"symmetric"} if "symmetric" in op.domain else frozenset[str]()
    shapes = [(symbol("m"), symbol("n"))] * arity(op) if op.elementwise else list(signature(op.signature)[0])
    if op.name == "unvec":
        shapes = [(symbol("m") * symbol("n"), 1)]
    return [variable(name, shape, properties) for name, shape in zip("XYZ", shapes, strict=False)]


def arity(op: Op) -> int:
    return op.signature.count("*")


def placings(op: Op) -> list[list[Expr]]:
    """The arguments of a row; of a function of several entry by entry also with all but one of them scalars."""
    every = [arguments(op)]
    if op.elementwise and arity(op) > 1:
        scalars = [variable(x.data[0], (1, 1)) for x in every[0]]
        every += [[*scalars[:i], x, *scalars[i + 1 :]] for i, x in enumerate(every[0])]
    return every


def applied(op: Op, args: list[Expr]) -> Expr:
    return unvec(args[0], symbol("m"), symbol("n")) if op.name == "unvec" else apply(op, tuple(args))


def points(*roots: Expr, count: int = DEALT, seed: int = 0) -> Iterator[Point]:
    """Points that are dealt, then special ones."""
    yield from dealt(*roots, count=count, seed=seed)
    yield from special(*roots, seed=seed)


def special(*roots: Expr, seed: int = 0) -> Iterator[Point]:
    """Zeros, ones, ±I, repeated and negative eigenvalues, rank one, π/2: for all variables at once, and by turns."""
    first = next(deals(*roots, seed=seed + 1), None)
    for k in range(len(SPECIAL)) if first is not None else ():
        alike = {name: SPECIAL[k](len(x), len(x[0])) for name, x in first.point.values.items()}
        by_turns = {name: SPECIAL[(k + i) % len(SPECIAL)](len(x), len(x[0])) for i, (name, x) in enumerate(first.point.values.items())}
        yield replace(first.point, values=alike)
        if len(alike) > 1:
            yield replace(first.point, values=by_turns)


def dealt(*roots: Expr, count: int = DEALT, seed: int = 0) -> Iterator[Point]:
    """Points that are dealt; small ones, and fewer, where the functions are long calculations."""
    found = (d.point for d in deals(*roots, seed=seed) if not heavy(*roots) or max(d.point.sizes.values()) < 3)
    yield from islice(found, count // 2 if heavy(*roots) else count)


def heavy(*roots: Expr) -> bool:
    return any(e.op.weigh is _unusual for e in postorder(*roots))


def diagonal(entries: tuple[Any, ...]) -> Any:
    return lambda m, n: [[entries[i % len(entries)] if i == j else 0 for j in range(n)] for i in range(m)]


SPECIAL = [
    lambda m, n: filled(m, n, 0),
    lambda m, n: filled(m, n, 1),
    lambda m, n: filled(m, n, -2),
    diagonal((1,)),
    diagonal((-1,)),
    diagonal((2, 2, -3)),
    lambda m, n: [[(i + 1) * (j + 1) for j in range(n)] for i in range(m)],
    lambda m, n: filled(m, n, context(DIGITS + 20).pi / 2),
]


def dealt_direction(x: Matrix, k: int, symmetric: bool) -> Matrix:
    d = [[Fraction((7 * i + 3 * j + 5 * k) % 11 - 5 or 2, 3 + (i + 2 * j) % 4) for j in range(len(x[0]))] for i in range(len(x))]
    return plus(d, turned(d)) if symmetric else d


def of_one_kind(a: Matrix, b: Matrix, ctx: Reals) -> tuple[Matrix, Matrix]:
    return (a, b) if all_exact(a) and all_exact(b) else (reals(a, ctx), reals(b, ctx))


def largest(*matrices: Matrix) -> Any:
    return magnitude((x for m in matrices for row in m for x in row), context(DIGITS))


@counting(DIGITS)
def same(a: Matrix, b: Matrix, scale: Any = 0) -> bool:
    """Whether two values are equal: exactly, or but for 15 digits of the largest of what they are made of."""
    if (len(a), len(a[0])) != (len(b), len(b[0])):
        return False
    if all_exact(a) and all_exact(b):
        return a == b
    ctx = context(DIGITS)
    difference = max(abs(real(x, ctx) - real(y, ctx)) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))
    return bool(difference <= real(CLOSE, ctx) * max(largest(a, b), scale))


# --- a row: its differential, where it holds, and where it must not --------------------------------------------------


def seen(op: Op, args: list[Expr], moved: list[int]) -> Counter[str]:
    """The verdict on the differential by these arguments at the points: right, undefined, at a kink, or wrong."""
    of = {args[i]: moving_along(args[i]) for i in moved}
    e = applied(op, args)
    d = differential(e, of)
    out: Counter[str] = Counter()
    first = ENOUGH if heavy(e) else DEALT
    enough = takewhile(lambda numbered: numbered[0] < first or out["right"] < ENOUGH, enumerate(dealt(e, count=3 * TRIED)))
    for k, point in chain(enough, enumerate(special(e))):
        what = judged(e, d, point, {x.data[0]: dealt_direction(point.values[x.data[0]], k + i, x.symmetric) for i, x in enumerate(of)})
        out[what] += 1
        assert what != "wrong", f"{op.name}: the differential by {', '.join(x.data[0] for x in of)} at {dict(point.values)}"
    return out


@counting(DIGITS)
def judged(e: Expr, d: Expr, point: Point, by: dict[str, Matrix]) -> str:
    ctx = context(DIGITS)

    def at(step: Fraction) -> Matrix:
        moved = {x: plus(*of_one_kind(point.values[x], m, ctx), step) for x, m in by.items()}
        return values([e], replace(point, values={**point.values, **moved}), DIGITS)[0]

    try:
        here, claimed = values([e, d], replace(point, values={**point.values, **{"d" + x: m for x, m in by.items()}}), DIGITS)
        forward, backward = at(STEP), at(-STEP)
    except Undecided:
        return "saturated"
    except Undefined:
        return "undefined" if defined(e, point) else "outside"
    one_over = real(1 / STEP, ctx)
    rise = [[(real(b, ctx) - real(a, ctx)) * one_over for a, b in zip(r, s, strict=True)] for r, s in zip(here, forward, strict=True)]
    fall = [[(real(a, ctx) - real(b, ctx)) * one_over for a, b in zip(r, s, strict=True)] for r, s in zip(here, backward, strict=True)]
    scale = largest(here) * real(Fraction(1, 10**8), ctx) + largest(*by.values()) * real(Fraction(1, 10**12), ctx)
    if largest(rise, claimed) > JUMP * (1 + largest(here)) or not same(rise, fall, scale):
        return "kink"
    if not same([[real(x, ctx) for x in row] for row in claimed], rise, scale):
        return "wrong"
    return "right" if largest(rise) else "zero"


def moving_along(x: Expr) -> Expr:
    """The differential of a variable: symmetric where that is."""
    return variable("d" + x.data[0], x.shape, {"symmetric"} if x.symmetric else frozenset())


def defined(e: Expr, point: Point) -> bool:
    try:
        values([e], point, DIGITS)
    except Undefined:
        return False
    return True


def differential_of_row(op: Op) -> None:
    """The differential by each argument: right wherever the row says that it is one, and not wider than it is true."""
    by = moving(op)
    for args, moved in product(placings(op), [[i] for i in by] + ([by] if len(by) > 1 else [])):
        what = seen(op, args, moved)
        assert what["right"] >= ENOUGH or op.d == "0" and what["zero"], f"{op.name}: at too few points ({dict(what)})"
        limits = what["outside"] + what["undefined"] + what["kink"]
        assert op.domain or not what["outside"], f"{op.name} has no value somewhere, and says of no domain ({dict(what)})"
        several = op.elementwise and len(args) > 1  # of one, a pole may look like a kink
        assert op.smooth or not several or not what["kink"], f"{op.name} has a kink, and says of none ({dict(what)})"
        if not op.smooth and op.domain in ("", "symmetric"):
            assert not limits, f"{op.name} is not differentiable everywhere, and says of no domain and no kink ({dict(what)})"
        elif op.elementwise and len(args) > 1 and moved != by:
            pass  # a kink by one argument may be none by another
        elif op.smooth or op.domain != "symmetric":
            assert limits, f"{op.name}: where it is not differentiable was not seen"


def moving(op: Op) -> list[int]:
    """The arguments by which the row has a differential: all of them, where it has a `d`."""
    count = len(arguments(op))
    in_d = [op.elementwise and op.d.count(";") + 1 == count or f"d{'XYZ'[i]}" in op.d or f"d{'xyz'[i]}" in op.d for i in range(count)]
    by = [i for i in range(count) if in_d[i] and op.d or op.adjoint and op.adjoint[i]]
    assert not op.d or len(by) == count, f"{op.name} has no differential by some argument"
    return by


def adjoint_of_row(op: Op) -> None:
    """⟨W, L(dX)⟩ = ⟨L*(W), dX⟩ for the differential L by each argument, and vec L(dX) = (its matrix) vec dX."""
    for args, i in product(placings(op), moving(op)):
        x = args[i]
        dx, e = moving_along(x), applied(op, args)
        w = variable("W", e.shape)
        sides = [differential(e, {x: dx}), pullback(e, w, [x])[0]]
        if not e.is_scalar and (op.d or op.vec == () or op.vec[i]):
            sides.append(vec_jacobian(e, x))
        shown = 0
        for point in dealt(e, dx, w, count=TRIED):
            try:
                forward, back, *matrix = values(sides, point, DIGITS)
            except Undefined:
                continue
            wv, dv = point.values["W"], point.values[dx.data[0]]
            pair = inner(wv, forward), inner(back, dv)
            assert nearly(*pair, point, *sides, by=largest(wv, dv)), f"{op.name}: the adjoint by {x.data[0]}"
            for j in matrix:
                pair = times(j, stacked(dv), context(DIGITS)), stacked(forward)
                assert nearly(*pair, point, *sides, by=largest(wv, dv)), f"{op.name}: the vec matrix by {x.data[0]}"
            shown += bool(largest(forward))
            if shown == ENOUGH:
                break
        assert shown >= ENOUGH or op.d == "0", f"{op.name}: seen at {shown} points only"


@counting(DIGITS)
def inner(a: Matrix, b: Matrix) -> Matrix:
    ctx = context(DIGITS)
    return times(turned(stacked(a)), stacked(b), ctx)


# --- a row: its other columns ----------------------------------------------------------------------------------------


def signs_of_row(op: Op) -> None:
    """The range of the values, exactly; what else a row says of its results is proved with the properties."""
    e = applied(op, arguments(op))
    shown = 0
    for point in points(e, count=TRIED):
        try:
            (value,) = values([e], point, DIGITS)
        except Undefined:
            continue
        shown += 1
        entries = [x for row in value for x in row]
        held = {"positive": lambda x: x > 0, "nonnegative": lambda x: x >= 0, "negative": lambda x: x < 0}[op.range]
        assert all(map(held, entries)), f"{op.name} is not {op.range} at {dict(point.values)}"
    assert shown >= ENOUGH


def symmetries_of_row(op: Op) -> None:
    """Exact values, parity, degree, and what becomes of the transpose: what the constructors make of them has the same value."""
    args = arguments(op)
    raw = node(op, tuple(args), (symbol("m"), symbol("n")) if op.name == "unvec" else None, applied(op, args).shape)
    for at, value in op.values:
        assert apply(op, (number(at),)) is number(value)
        assert same(values([raw], Point({"X": [[at]]}, {"m": 1, "n": 1}), DIGITS)[0], [[value]]), f"{op.name} at {at}"
    turns: list[tuple[Expr, Any]] = []
    if op.parity:
        turns.append((apply(op, (multiple(-1, args[0]),)), lambda p: {"X": scaled(-1, p["X"])}))
    for i, degree in enumerate(op.degree):
        for c in (2, -3, Fraction(1, 2)) if degree else ():
            name = args[i].data[0]
            made = applied(op, [multiple(c, a) if k == i else a for k, a in enumerate(args)])
            turns.append((made, lambda p, name=name, c=c: {name: scaled(c, p[name])}))
        if degree:  # of a number of any sign
            made = applied(op, [variable("s", (1, 1)) @ a if k == i else a for k, a in enumerate(args)])
            turns.append((made, lambda p, name=args[i].data[0]: {name: scaled(p["s"][0][0], p[name])}))
    if op.transposed in ("same", "transpose") or op.transposed == "each" and len(args) == 1:
        x = variable("X", (args[0].shape[1], args[0].shape[0]), args[0].data[1])
        turns.append((applied(op, [transpose(x)]), lambda p: {"X": turned(p["X"])}))
    for made, moved in turns:
        agree_at_points(op, made, raw, moved)
    if op.transposed == "each" or op.flip:
        agree_at_points(op, transpose(applied(op, args)), raw, lambda p: {}, back=True)


def agree_at_points(op: Op, made: Expr, raw: Expr, moved: Any, *, back: bool = False) -> None:
    shown = 0
    for point in dealt(made, raw, count=TRIED):
        given = {**point.values, **moved(point.values)}
        sizes = dict(point.sizes)
        if (len(given["X"]), len(given["X"][0])) != (len(point.values["X"]), len(point.values["X"][0])):
            sizes = {
                **sizes,
                **{s.name: k for s, k in zip(raw.args[0].shape, (len(given["X"]), len(given["X"][0])), strict=True) if isinstance(s, Dim)},
            }
        try:
            first = values([made], point, DIGITS)[0]
            second = values([raw], Point(given, sizes), DIGITS)[0]
        except Undefined:
            continue
        assert same(first, turned(second) if back else second), f"{op.name}: {text(made)} at {dict(point.values)}"
        shown += 1
        if shown == (ENOUGH if heavy(made) else DEALT):
            break
    assert shown >= ENOUGH, f"{op.name}: {text(made)} was defined at {shown} points"


def notation_of_row(op: Op) -> None:
    """The writing of a row is read as the row, in each notation; an elementwise one of numbers and vectors too."""
    args = arguments(op)
    every = [[variable(x.data[0], shape) for x in args] for shape in ((1, 1), (symbol("n"), 1))] if op.elementwise else []
    for taken in (*placings(op), *every):
        e = applied(op, taken)
        where = "; ".join(f"{v.data[0]}: ({v.shape[0]}, {v.shape[1]}) {' '.join(v.data[1])}" for v in variables(e))
        for write, source in ((text, "text"), (unicode, "text"), (latex, "latex")):
            written = write(e)
            assert read(written, where, source=source).expr is e, f"{op.name}: {written} is not read back"


def domain_of_row(op: Op) -> None:
    """A row for symmetric matrices refuses others; a row without a differential has a value but for the domain it tells of."""
    if not op.d and not op.adjoint and "symmetric" not in op.domain:
        e, undefined = applied(op, arguments(op)), 0
        for point in points(e, count=TRIED):
            try:
                values([e], point, DIGITS)
            except Undecided:
                pass
            except Undefined:
                undefined += 1
        assert bool(undefined) == bool(op.domain), f"{op.name}: undefined at {undefined} points, and the domain is {op.domain!r}"
    if "symmetric" in op.domain:
        try:
            apply(op, (variable("X", (symbol("n"), symbol("n"))),))
        except UnsupportedError:
            return
        raise AssertionError(f"{op.name} takes what is not symmetric")


def differential_and_adjoint(op: Op) -> None:
    differential_of_row(op)
    adjoint_of_row(op)


def domain_and_differential(op: Op) -> None:
    domain_of_row(op)
    differential_of_row(op)


# --- an identity -----------------------------------------------------------------------------------------------------


def of_line(line: Line) -> None:
    """Both sides have the same value wherever the left one has one."""
    identities = list(line.identities())
    assert len(identities) == (3 if line.scalar else 1), f"{line.name} was not read"
    for identity in identities:
        of_identity(identity)
        if any(v.complex for v in variables(identity.left)):
            continue
        for e in misnamed(identity):
            becomes_equal(identity, e)


def complexified(identity: Identity) -> Identity | None:
    """The identity of complex letters, where they may be; None where it is of functions that only reals have."""
    kept = {"diagonal", "symmetric", "lower", "upper", "invertible"}
    free = [v for v in variables(identity.left) if set(v.data[1]) <= kept]
    by = {v: variable(v.data[0], v.shape, {*v.data[1], "complex"}) for v in free}
    try:
        return replace(identity, left=substitute(identity.left, by), right=substitute(identity.right, by))
    except UnsupportedError:
        return None


def misnamed(identity: Identity) -> Iterator[Expr]:
    """The left side with the sizes of its variables called by each other's letters, those of its leaves not: what a user may write."""
    free = variables(identity.left)
    letters = sorted({name for v in free for d in v.shape if isinstance(d, Dim) for name in d.symbols})
    for a, b in combinations(letters, 2):
        swapped = {a: symbol(b), b: symbol(a)}
        try:
            yield substitute(identity.left, {v: resized(v, swapped) for v in free})
        except ShapeError:
            continue


def becomes_equal(identity: Identity, e: Expr) -> None:
    """The result of the identity, if there is one, has the value of the expression."""
    made = identity.at(e)
    for point in dealt(e, made) if made is not None and made is not e else ():
        try:
            first, second = values([e, made], point, DIGITS)
        except Undefined:
            continue
        assert nearly(first, second, point, e, made), f"{identity.name}: {text(e)} became {text(made)}"


def at_singular(identity: Identity, point: Point) -> None:
    """The two sides where a square matrix of which nothing is said is singular; an inverse on the left is of none."""
    inverse = any(n.op is MATPOWER and n.data < 0 or n.op.name in ("det", "logdet") for n in postorder(identity.left))
    for v in variables(identity.left):
        rows = point.values[v.data[0]]
        if v.data[1] or v.shape[0] is not v.shape[1] or len(rows) == 1:
            continue
        there = replace(point, values={**point.values, v.data[0]: [*rows[:-1], rows[0]]})
        agree(identity, there, needed=not inverse)


def agree(identity: Identity, point: Point, needed: bool = True) -> bool:
    """Whether both sides have a value at a point, which is then the same; the right one is `needed` where the left one has one."""
    try:
        (first,) = values([identity.left], point, DIGITS)
    except Undefined:
        return False
    try:
        (second,) = values([identity.right], point, DIGITS)
    except Undecided:
        return False
    except Undefined:
        assert not needed, f"{identity.name}: the right side is not defined at {dict(point.values)}"
        return False
    assert nearly(first, second, point, identity.left, identity.right), f"{identity.name} at {dict(point.values)}"
    return True


def of_identity(identity: Identity) -> None:
    free = variables(identity.left)
    assert {v.data[0] for v in variables(identity.right)} <= {v.data[0] for v in free}, (
        f"{identity.name}: a name that the left side has not"
    )
    assert identity.left.shape == identity.right.shape, f"{identity.name}: the shapes differ"
    shown: Counter[tuple[int, ...]] = Counter()
    jumps = any(n.op.name == "sign" and n.complex for n in postorder(identity.left))  # where a complex number is zero
    for point in points(identity.left, identity.right, count=2 * TRIED):
        if not all(all_exact(point.values[v.data[0]]) and belongs(point.values[v.data[0]], v.data[1]) for v in free if v.data[1]):
            continue  # a special point outside of the set
        if jumps and any(x == 0 for m in point.values.values() for row in m for x in row):
            continue
        if not agree(identity, point):
            continue
        at_singular(identity, point)
        shown[tuple(point.sizes.values())] += 1
        if shown.total() >= DEALT and len(shown) >= ENOUGH:
            break
    assert shown.total() >= ENOUGH, f"{identity.name}: defined at {shown.total()} points"


@counting(DIGITS)
def nearly(a: Matrix, b: Matrix, point: Point, *roots: Expr, by: Any = 1) -> bool:
    """Whether two values are equal, or differ by what is nothing beside `by` times the largest value on the way to these."""
    return same(a, b) or same(a, b, on_the_way(point, *roots) * by)


def on_the_way(point: Point, *roots: Expr) -> Any:
    """The largest value on the way to these."""
    return largest(*values(outer(*roots), point, DIGITS))


def read_together(texts: tuple[str, ...], where: str) -> list[Expr]:
    """The texts as expressions; what is not declared is in all what it is in the first."""
    first = read(texts[0], where).expr
    names = {v.data[0]: v for v in variables(first)}
    declared = where or any(v.data[1] for v in names.values())
    return [first, *(read(t, where).expr if declared else read(t, names=names).expr for t in texts[1:])]


def of_melt(row: Melt) -> None:
    """Two neighbours become what the row says, and that has the value of their product."""
    left, right, becomes = read_together((row.left, row.right, row.becomes), row.where)
    assert row.melted(left, right) is melted(left, right) is becomes, f"{row.name}: it is {row.melted(left, right)!r}"
    as_it_stands = node(PRODUCT, (left, right), (1, 0), (left.shape[0], right.shape[1]))
    prove = of_identity
    prove(Identity(row.name, as_it_stands, becomes))


def of_side(row: Side) -> None:
    """The common part of the terms is taken out as the row says, and the value stays."""
    whole, becomes = read_together((row.sum, row.becomes), row.where)
    terms = [multiple(c, t) for c, t in zip(whole.data, whole.args, strict=True)]
    common = [f for f in row.common(terms[0]) if all(f in list(row.common(t)) for t in terms[1:])]
    found = [row.joined(front, add(rests)) for f in common for front, rests in row.taken(f, terms)]
    assert becomes in found, f"{row.name}: {[text(e) for e in found]}"
    of_identity(Identity(row.name, whole, becomes))


# --- a rule of the steps -----------------------------------------------------------------------------------------------


def of_rule(rule: Rule) -> None:
    """The symbols of a rule are true: an identity, or a differential."""
    if "=" not in rule.says:
        return
    left, right = (side.strip() for side in rule.says.split("="))
    where = "A: (m, n); B: (n, m); C: (n, m); X: (n, n)" if "B)" in left and "⊙" not in left else "A: (m, n); B: (m, n); C: (m, n)"
    if left.startswith("d"):
        of = read(left.removeprefix("d").strip(), RULE_SHAPES).expr
        (x,) = (v for v in variables(of) if v.data[0] not in "AB")
        dx = variable("d" + x.data[0], x.shape)
        names = {"d" + x.data[0]: dx, **{v.data[0]: v for v in variables(of)}}
        sides = [differential(of, {x: dx}), read(right, names=names).expr]
    else:
        try:
            sides = [read(side, where).expr for side in (left, right)]
        except MatcalcError:
            sides = [read(side, "A: (m, m); B: (m, m); C: (m, m)").expr for side in (left, right)]
    of_identity(Identity(rule.name, *sides))


RULE_SHAPES = "A: (m, n); B: (n, m); X: (n, n); R: (m, n); r: (n); Z: (m, n)"
