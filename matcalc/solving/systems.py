"""Several equations in several unknowns: one is isolated after the other, and put into those that are left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from matcalc.calculus import gradient
from matcalc.errors import MatcalcError
from matcalc.expr import (
    Expr,
    add,
    fill,
    grid,
    hadamard,
    has,
    is_ones,
    matpower,
    ones,
    postorder,
    size,
    substitute,
    transform,
    transpose,
    variables,
    zero,
)
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate, said_of
from matcalc.expr.heads import ONE, number, variable
from matcalc.expr.products import factors, product, scalars, scaled, split
from matcalc.limits import HEAVIEST_EQUATION, MOST_BRANCHES
from matcalc.operators import call, elementwise
from matcalc.simplification import simplify
from matcalc.solving import affine
from matcalc.solving.entries import Entries, entry_roots, entrywise
from matcalc.solving.inverses import inverted
from matcalc.solving.roots import IN_DOMAIN, Conditions, Root, roots
from matcalc.solving.terms import (
    below,
    chain_product,
    coefficients,
    conjugated_only,
    depends,
    flattened,
    number_and_factors,
    number_before_exponential,
    opaque,
    summands,
    total,
)
from matcalc.solving.tidying import grouped, named_whole, negated


class Move(NamedTuple):
    """One step: an unknown is isolated, by a rule."""

    unknown: Expr
    value: Expr
    rule: str


class Stationary(NamedTuple):
    """A solution of the system: the value of each unknown, what must hold for it, and how it was found."""

    values: dict[Expr, Expr]
    conditions: Conditions
    moves: tuple[Move, ...]


class Equation(NamedTuple):
    """`left` = 0: the derivative of the Lagrangian by the unknown `by`."""

    left: Expr
    by: Expr


def solutions(equations: Sequence[Equation], unknowns: Sequence[Expr], multipliers: Sequence[Expr] = ()) -> Iterator[Stationary]:
    """Solutions of the system, those found with the fewest conditions first; of multipliers one is enough where there are many."""
    search = _Search(multipliers)
    for s in search.eliminated(list(equations), [*unknowns, *multipliers]):
        values = {x: _with_sums(v, search.names) for x, v in s.values.items()}
        moves = tuple(m._replace(value=_with_sums(m.value, search.names)) for m in s.moves)
        yield Stationary(values, _at(s.conditions, search.names), moves) if search.names else s


class Set(NamedTuple):
    """Solutions that are no single points: the values of some unknowns, for any values of the others, the `free` ones."""

    values: dict[Expr, Expr]
    free: tuple[Expr, ...]


def undetermined(equations: Sequence[Equation], unknowns: Sequence[Expr]) -> Set | None:
    """The largest set of solutions that equations leave, where they hold before all unknowns have a value."""
    search = _Search()
    for _ in search.eliminated(list(equations), list(unknowns)):
        pass
    return max(search.sets, key=lambda s: len(s.free), default=None)


def _with_sums(e: Expr, names: dict[Expr, Expr]) -> Expr:
    """`e` with the sums that names stand for; a minus before a quotient of them goes into those of its numerator."""
    if e.op is H.PRODUCT and e.data[0] < 0:
        turned = {n: negated(s) for n, s in names.items() if not depends(product([ONE, *below(e)]), n)}
        positive = substitute(e, {n: scaled(-1, n) for n in turned})
        if positive.op is not H.PRODUCT or positive.data[0] > 0:
            return substitute(positive, {**names, **turned})
    return substitute(e, names)


# --- one equation ------------------------------------------------------------------------------------------------


def isolated(e: Expr, x: Expr) -> list[Root]:
    """The values of `x` where e = 0, by the first way that finds some; of a matrix, with sums of data kept together where that goes."""
    e, needed = without_factors(conjugate(e) if conjugated_only(e, x) else e, x)
    if needed:
        return [r._replace(conditions=(*r.conditions, *needed)) for r in isolated(e, x)]
    if 1 not in x.shape:
        stands: dict[Expr, Expr] = {}
        made = grouped(e, x, stands)
        found = _by_first(made, x) if stands else []
        if found:
            back = {name: data for data, name in stands.items()}
            return [Root(simplify(substitute(r.value, back)), r.rule, _at(r.conditions, back)) for r in found]
    return _by_first(e, x)


def without_factors(e: Expr, x: Expr) -> tuple[Expr, Conditions]:
    """`e` without the factors that cannot be zero, or are numbers of the data; and that these must not be zero."""
    needed: list[tuple[Any, str]] = []
    if e.op is H.PRODUCT and not (e.is_scalar and not e.data[1]):
        kept = []
        bare = {split(f)[1] for f in e.args[e.data[1] :]}
        for s in scalars(e):
            u = s.args[0] if s.op is H.POWER else s  # where ‖u‖ is zero, so is what has the factor u
            never = has(s, "nonzero") or s in below(s) or u.op.name == "norm" and split(u.args[0])[1] in bare
            if never or not depends(s, x) and not e.is_scalar:
                needed += [] if never else [(s, "≠ 0")]
            else:
                kept.append(s)
        chain = list(e.args[e.data[1] :])
        while len(chain) > 1 and has(chain[0], "injective") and depends(product(chain[1:]), x):
            del chain[0]
        while len(chain) > 1 and has(chain[-1], "onto") and depends(product(chain[:-1]), x):
            del chain[-1]
        e = product([*kept, *chain]) if kept or chain else e
    if e.op.name == "sylvester" or e.op.name in ("logm_frechet", "expm_frechet") and e.args[0].symmetric:
        return without_factors(e.args[-1], x)  # it vanishes with that alone
    if e.op is H.HADAMARD:
        arrays = [a for a in e.args if depends(a, x) or not has(a, "nonzero")]
        e = hadamard(arrays) if arrays else e
    return e, tuple(needed)


def _by_first(e: Expr, x: Expr) -> list[Root]:
    if e.weight > HEAVIEST_EQUATION:
        return []
    for way in (affine.isolated, partial(inverted, isolated=isolated), entry_roots, with_scalars):
        with suppress(MatcalcError, ZeroDivisionError):
            if found := way(e, x):
                diagonal = any(n.op is H.MATPOWER and has(n, "diagonal") for r in found for n in postorder(r.value))
                return (entry_roots(e, x) if diagonal else []) or found
    return []


def with_scalars(e: Expr, x: Expr) -> list[Root]:
    """Where e is affine in `x` but for numbers that depend on it, as tr(A'X): these are solved for, too."""
    if x.is_scalar:
        return []
    stands: dict[Expr, Expr] = {}
    made = opaque(e, (x,), stands)
    if len(stands) != 1:
        return []
    ((inner, t),) = stands.items()
    out = []
    for r in affine.isolated(made, x):
        for s in isolated(t - simplify(transform(substitute(inner, {x: r.value}), _number_before_norm)), t):
            with suppress(MatcalcError, ZeroDivisionError):  # a number for which there is no value
                value = simplify(substitute(r.value, {t: s.value}))
                out.append(Root(value, f"{r.rule}; then for the number in it", (*_at(r.conditions, {t: s.value}), *s.conditions)))
    return out


def _number_before_norm(n: Expr) -> Expr:
    """s² ‖u‖² for ‖s u‖²."""
    if n.op is not H.POWER or n.args[0].op.name != "norm" or n.args[1].op is not H.NUMBER or n.args[1].data % 2:
        return n
    front, u = split(n.args[0].args[0])
    return front ** n.args[1] * call("norm", u) ** n.args[1]


def _at(conditions: Conditions, values: dict[Expr, Expr]) -> Conditions:
    return tuple((_filled(c, values), needs) for c, needs in conditions)


def _filled(c: Any, values: dict[Expr, Expr]) -> Any:
    return tuple(_filled(p, values) for p in c) if isinstance(c, tuple) else simplify(substitute(c, values)) if values else c


# --- one after the other -----------------------------------------------------------------------------------------


class _Search:
    """The search for the solutions of one system: how many branches are left, and what the names of sums of data stand for."""

    def __init__(self, multipliers: Sequence[Expr] = ()) -> None:
        self.multipliers = multipliers
        self.left = MOST_BRANCHES
        self.names: dict[Expr, Expr] = {}
        self.sets: list[Set] = []

    def eliminated(
        self, equations: list[Equation], unknowns: list[Expr], above: Mapping[Expr, Expr] = MappingProxyType({})
    ) -> Iterator[Stationary]:
        """The solutions; `above` are the values that are put in already."""
        if not unknowns:
            if all(not summands(simplify(e.left)) for e in equations):
                yield Stationary({}, (), ())
            return
        whole = self.numbers(equations, unknowns)
        if whole is not None:
            yield whole
            return
        for e, x, found in _choices(equations, unknowns, self.multipliers):
            some = False
            for root in found:
                self.left -= 1
                if self.left < 0:
                    return
                with suppress(MatcalcError, ZeroDivisionError):  # a branch that has no value
                    for s in self.put_in(root, e, x, equations, unknowns, above):
                        some = True
                        yield s
            if some:
                return

    def put_in(
        self, root: Root, used: Equation, x: Expr, equations: list[Equation], unknowns: list[Expr], above: Mapping[Expr, Expr]
    ) -> Iterator[Stationary]:
        rest = [u for u in unknowns if u is not x]
        others = [e for e in equations if e is not used]
        apart = _apart(root.value, x, rest) if rest else None
        if apart is not None and not any(depends(e.left, apart.multiplier) for e in others):
            yield from self.normalised(apart, root, x, others, rest)
            return
        value = transform(root.value, _number_before_log)
        left = [Equation(substitute(e.left, {x: value}), e.by) for e in others]
        known = {**{u: substitute(v, {x: value}) for u, v in above.items()}, x: value}
        if rest and not any(summands(simplify(e.left)) for e in left):
            self.sets.append(Set(known, tuple(rest)))
            return
        for s in self.eliminated(left, rest, known):
            value = simplify(substitute(root.value, s.values)) if s.values else root.value
            here = _at(root.conditions, s.values)
            yield Stationary({**s.values, x: value}, (*here, *s.conditions), (Move(x, root.value, root.rule), *s.moves))

    def normalised(self, apart: Apart, root: Root, x: Expr, equations: list[Equation], rest: list[Expr]) -> Iterator[Stationary]:
        """With the scale as the unknown in place of the multiplier that only scales."""
        m, bare = apart.multiplier, apart.bare
        scale = variable("scale·", m.shape, {"positive"} if apart.spread or apart.positive else said_of(m))
        spread = call("diag", scale) if apart.spread else scale
        scaled_up = bare @ spread if apart.spread == "columns" else spread @ bare
        filled = [transform(substitute(e.left, {x: scaled_up}), _number_before_log) for e in equations]
        left = [Equation(f, scale if e.by is m else e.by) for f, e in zip(filled, equations, strict=True)]
        for s in self.eliminated(left, [scale if u is m else u for u in rest]):
            value = simplify(substitute(scaled_up, s.values))
            values = {k: v for k, v in s.values.items() if k is not scale} | {x: value}
            here = tuple((c, needs) for c, needs in root.conditions if not depends(c, m))
            moves = (Move(x, root.value, root.rule), Move(x, value, f"{m.data[0]} only scales: the constraint says how much"))
            found = [] if apart.spread else roots(apart.scale - s.values[scale], m)
            for known in [{m: simplify(substitute(r.value, s.values))} for r in found] or [{}]:
                yield Stationary({**values, **known}, (*here, *s.conditions), moves)

    def numbers(self, equations: list[Equation], unknowns: list[Expr]) -> Stationary | None:
        """The solution of linear equations in numbers, of two by determinants; the sums in these stay together."""
        if len(unknowns) < 2 or not all(e.is_scalar for e in (*unknowns, *(e.left for e in equations))):
            return None
        rows: list[list[Expr]] = []
        right: list[list[Expr]] = []
        for e in equations:
            slopes = [simplify(gradient(e.left, [u])[0]) for u in unknowns]
            if any(depends(s, *unknowns) or not summands(s) for s in slopes):
                return None
            rows.append(slopes)
            right.append([simplify(scaled(-1, substitute(e.left, {u: number(0) for u in unknowns})))])
        if len(unknowns) > 2:
            whole = grid(rows)
            if not variables(whole):
                return None
            found = matpower(whole, -1) @ grid(right)
            values = {u: simplify(found[i]) for i, u in enumerate(unknowns, 1)}
            needed: Conditions = ((whole, "invertible"),)
            rule = "linear equations in numbers, by the inverse of their matrix"
        else:
            ((a, b), (c, d)), ((p,), (q,)) = rows, right
            below, first, second = (simplify(flattened(e)) for e in (a * d - b * c, d * p - b * q, a * q - c * p))
            if not summands(below):
                return None
            named = [named_whole(e, self.names) for e in (below, first, second)]
            values = {u: v / named[0] for u, v in zip(unknowns, named[1:], strict=True)}
            needed = () if has(below, "nonzero") else ((below, "≠ 0"),)
            rule = "two linear equations in two numbers, by determinants"
        return Stationary(values, needed, tuple(Move(u, v, rule) for u, v in values.items()))


Choice = tuple[Equation, Expr, list[Root]]


def _choices(equations: list[Equation], unknowns: list[Expr], multipliers: Sequence[Expr]) -> Iterator[Choice]:
    """Which equation to solve for which unknown: what needs no condition, then the own one, then what is short."""

    def isolations(own: bool) -> list[Choice]:
        pairs = [(e, x) for e in equations for x in unknowns if (x is e.by) is own and depends(e.left, x)]
        found = ((e, x, x in multipliers and _one_of_many(e.left, x) or isolated(e.left, x) or _of_number(e.left, x)) for e, x in pairs)
        return [choice for choice in found if choice[2]]

    def needed(c: Choice) -> float:
        return sum(needs != IN_DOMAIN for r in c[2] for _, needs in r.conditions) / len(c[2])

    def cost(c: Choice) -> tuple[float, bool, int]:
        return needed(c), any(depends(r.value, *unknowns) for r in c[2]), sum(r.value.weight for r in c[2])

    for e in equations:
        for x in unknowns:
            if x is not e.by and e.left.shape == x.shape and depends(e.left, x) and _says(e.left, x):
                yield e, x, isolated(e.left, x)
    own = sorted(isolations(True), key=cost)
    yield from (c for c in own if not needed(c))
    others = sorted(isolations(False), key=cost)
    yield from (c for c in others if not needed(c))
    yield from (c for c in (*own, *others) if needed(c))


def _of_number(e: Expr, x: Expr) -> list[Root]:
    """The same of an equation between numbers, simplified."""
    made = simplify(e) if e.is_scalar and x.is_scalar else e
    return isolated(made, x) if made is not e else []


def _one_of_many(e: Expr, x: Expr) -> list[Root]:
    """One of the values of a vector where c P x = b with a projection P and b in its range: b/c."""
    if x.shape[0] == 1 != x.shape[1]:
        turned = variable(f"{x.data[0]}ᵀ", x.shape[::-1])
        return [r._replace(value=transpose(r.value)) for r in _one_of_many(transpose(substitute(e, {x: transpose(turned)})), turned)]
    found = coefficients(e, x) if x.shape[1] == 1 and not x.is_scalar else None
    if found is None or not found[0] or e.shape != x.shape:
        return []
    parts = summands(flattened(simplify(add([chain_product(t.scalar, t.left, x.shape[0]) for t in found[0]]))))
    c = simplify(total([split(t)[0] for t in parts if split(t)[1].op is H.IDENTITY], (1, 1)))
    if not summands(c) or has(add(parts), "invertible"):
        return []
    for of in (parts, found[1]):
        if summands(simplify(total([*(p @ t for p in parts for t in of), *(scaled(-1, c * t) for t in of)], (of or parts)[0].shape))):
            return []
    return [Root(simplify(scaled(-1, total(found[1], x.shape)) / c), "one of its values: what it may differ by does not matter")]


def _says(e: Expr, x: Expr) -> bool:
    """Whether an equation says what `x` is, as x = z does."""
    found = coefficients(e, x)
    return found is not None and len(found[0]) == 1 and found[0][0].scalar.op is H.NUMBER and found[0][0][1:] == ((), (), False)


# --- a multiplier that only scales ---------------------------------------------------------------------------------


class Apart(NamedTuple):
    """A value that is `scale`, of the multiplier alone, times `bare`, free of it."""

    multiplier: Expr
    scale: Expr
    bare: Expr
    spread: str  # "rows" or "columns", where each of these has a scale of its own
    positive: bool


def _apart(value: Expr, x: Expr, rest: list[Expr]) -> Apart | None:
    """`value` as a scale and what it scales, where the one multiplier left only scales it, or its rows or columns: it normalises."""
    within = [u for u in rest if depends(value, u)]
    if len(within) != 1 or value.is_scalar:
        return None
    (m,) = within
    value = transform(transform(value, number_before_exponential), partial(_rows_apart, m=m))
    entries = Entries(variable("·", value.shape))
    bare = entries.number(value)
    stand, spread = m, ""
    if not m.is_scalar:
        found = [a for a in entries.of if depends(a, m)]
        side = _side(found[0], m) if len(found) == 1 and 1 not in value.shape else None
        if side is None:
            return None
        stand, spread, of_it = side
        bare = substitute(bare, {entries.of[found[0]]: of_it})
    elif any(depends(array, m) for array in entries.of):
        return None
    split_up = _separated(bare, stand)
    if split_up is None:
        return None
    made = simplify(entries.back(split_up[1]))
    sign = "spd" if x.shape[0] == x.shape[1] else "positive"
    return Apart(m, split_up[0], made, spread, has(x, sign) and has(made, sign))


def _number_before_log(n: Expr) -> Expr:
    """log(c) + log(v) for log(c v), of an array v that is positive: then c is so too; of a determinant likewise, where c is positive."""
    if n.op.name == "logdet":
        front, m = split(n.args[0])
        fits = front is not ONE and has(front, "positive")
        return size(m.shape[0]) * elementwise("log", front) + call("logdet", m) if fits else n
    front, v = split(n.args[0]) if n.op.name == "log" and not n.is_scalar else (ONE, n)
    if front is ONE or not has(v, "positive"):
        return n
    return fill(elementwise("log", front), n.shape) + (elementwise("log", v) if not is_ones(v) else zero(n.shape))


def _side(a: Expr, m: Expr) -> tuple[Expr, str, Expr] | None:
    """Of f(m) 1' or 1 f(m)': a number in place of an entry of the multiplier, whether rows or columns have one each, and f of it."""
    first, *rest = factors(a) if a.op is H.PRODUCT else (a,)
    spread, u = ("columns", transpose(rest[0])) if rest and is_ones(first) else ("rows", first)
    found = entrywise(u, m) if len(rest) == 1 and (is_ones(first) or is_ones(rest[0])) else None
    return None if found is None or len(found[1].of) > 1 else (found[1].x, spread, found[0])


def _rows_apart(n: Expr, m: Expr) -> Expr:
    """u 1' ⊙ R for Diag(u) R, where u is of the multiplier."""
    chain = factors(n) if n.op is H.PRODUCT and not n.is_scalar else ()
    if len(chain) < 2 or chain[0].op.name != "diag" or not depends(chain[0], m):
        return n
    return hadamard([chain[0].args[0] @ ones((1, n.shape[1])), product([*n.args[: n.data[1]], number(n.data[0]), *chain[1:]])])


def _separated(e: Expr, m: Expr) -> tuple[Expr, Expr] | None:
    """(s, r) with e = s r, where s depends on `m` alone of all that varies from entry to entry, and r not on `m`."""
    scale: list[Expr] = []
    rest: list[Expr] = []
    exponents: list[Expr] = []
    for f in number_and_factors(e):
        if not depends(f, m):
            (rest if _varies(f) else scale).append(f)
        elif not _varies(f):
            scale.append(f)
        elif f.op.name == "exp":
            for t in summands(flattened(f.args[0])):
                if depends(t, m) and _varies(t):
                    return None
                if _varies(t):
                    exponents.append(t)
                else:
                    scale.append(elementwise("exp", t))
        elif f.op is H.POWER and not depends(f.args[1], m) and not _varies(f.args[1]):
            inner = _separated(f.args[0], m)
            if inner is None:
                return None
            scale.append(inner[0] ** f.args[1])
            rest.append(inner[1] ** f.args[1])
        elif f.op.name in ("abs", "sign"):
            inner = _separated(f.args[0], m)
            if inner is None:
                return None
            for parts, of_it in zip((scale, rest), inner, strict=True):
                parts += [] if f.op.name == "sign" and has(of_it, "positive") else [elementwise(f.op.name, of_it)]
        else:
            return None
    if exponents:
        rest.append(elementwise("exp", add(exponents)))
    return product(scale or [ONE]), product(rest or [ONE])


def _varies(e: Expr) -> bool:
    return any(v.data[0].startswith("entry·") for v in variables(e))
