"""Hard points: exact values for every name in an expression, that respect what is declared and spare nothing else.

Sizes differ from attempt to attempt, wide, tall and square by turns, one among them; determinants have both signs, psd matrices
are singular too, numbers are whole and broken, small and large, near and far.  What a variable is declared to be comes from the
table of properties, whose draws are read and evaluated here.  Where an expression is defined is not solved for but tried.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import lcm
from random import Random
from typing import Any, ClassVar, NamedTuple

from matcalc.checking.complex_numbers import of_parts
from matcalc.checking.exact import Point, values
from matcalc.checking.floats import as_floats
from matcalc.checking.linear import determinant, eye, inverse, plus, scaled, times, turned
from matcalc.checking.members import belongs
from matcalc.checking.numbers import Matrix, Number, Undefined
from matcalc.checking.stand_ins import stand_ins
from matcalc.expr import Dim, Expr, Shape, postorder, variables
from matcalc.expr import heads as H
from matcalc.expr.dims import Size, replace
from matcalc.expr.grids import total
from matcalc.expr.properties import draws
from matcalc.limits import LARGEST_DEALT, MOST_DRAWN
from matcalc.reading import read

ATTEMPTS = 60
AGAIN = 12  # how often a draw that lacks a property is dealt again
GENERIC = frozenset("ABCGKLab")  # letters of any numbers, complex ones too
FIXED = frozenset("EJRMOUVds")  # letters that stay where they are as the others move
LONG = frozenset({"expm", "logm", "cosm", "sinm", "sqrtm"})  # what takes long for larger matrices
FLAT, FLATTEST = 25, 64  # of a size with products of names in it (vec coordinates), the largest that is worth its time; before all are 1


# --- sizes -------------------------------------------------------------------------------------------------------

# fmt: off
_ONE = (2, 3, 1, 4)                                       # of a single name, by turns
_SEVERAL = (                                              # of several names: a row for each attempt
    (2, 3, 4, 3), (3, 2, 3, 4), (2, 2, 2, 2), (4, 3, 2, 2), (1, 3, 2, 4),
    (3, 1, 4, 2), (3, 3, 3, 3), (2, 4, 1, 3), (4, 2, 3, 1), (1, 1, 2, 1),
)
_COUNTED = 4     # the attempt at which sizes that are calculated with lie beyond the numbers beside them: (n - 1)·…·(n - 4) is not 0
_UPTO = 12       # of those
# fmt: on


def dealt_sizes(roots: tuple[Expr, ...], attempt: int) -> dict[str, int]:
    """Sizes for the names of sizes in the expressions.

    >>> from matcalc.expr import symbol, variable
    >>> X = variable("X", (symbol("m"), symbol("n")))
    >>> [tuple(dealt_sizes((X,), k).values()) for k in range(4)]
    [(2, 3), (3, 2), (2, 2), (4, 3)]
    """
    return _sizes_of(_Named.in_nodes(postorder(*roots)), attempt)


class _Named(NamedTuple):
    """What sizes are dealt for: nodes, their dimensions, the names in these; and whether something takes long for larger matrices."""

    nodes: list[Expr]
    dims: list[Dim]
    names: list[str]
    long: bool

    @classmethod
    def in_nodes(cls, nodes: list[Expr]) -> _Named:
        dims = [d for e in nodes for d in _dims(e) if isinstance(d, Dim)]
        return cls(nodes, dims, sorted({s for d in dims for s in d.symbols}), any(e.op.name.partition("_")[0] in LONG for e in nodes))

    def in_turn(self, row: Sequence[int]) -> dict[str, int]:
        """The numbers of a row for the names, again and again."""
        return {name: row[i % len(row)] for i, name in enumerate(self.names)}


def _sizes_of(named: _Named, attempt: int) -> dict[str, int]:
    one = len(named.names) == 1
    sizes = named.in_turn((_ONE[attempt % len(_ONE)],) if one else _SEVERAL[attempt % len(_SEVERAL)])
    counted = {s for e in named.nodes if e.op is H.SIZE for s in e.data.symbols} if attempt == _COUNTED else ()
    if counted:
        beyond = max((abs(k) for e in named.nodes for k in _numbers(e)), default=0) + LARGEST_DEALT - 1
        sizes |= dict.fromkeys(counted, min(int(beyond), _UPTO))
    return _positive(_bounded(sizes, named, _UPTO if counted else LARGEST_DEALT), named.dims)


def _numbers(e: Expr) -> tuple[Number, ...]:
    return e.data if e.op is H.SUM else (e.data,) if e.op is H.NUMBER else ()


def _positive(sizes: dict[str, int], dims: Sequence[Dim]) -> dict[str, int]:
    """The sizes, larger where there would be no row: n - 1 is one at least."""
    for d in dims:
        while (
            any(c < 0 for _, c in d.terms) and d.symbols and (made := replace(d, sizes)) is not None and isinstance(made, int) and made < 1
        ):
            sizes = {name: k + (((name,), 1) in d.terms or all(((n,), 1) not in d.terms for n in d.symbols)) for name, k in sizes.items()}
    return sizes


def _bounded(sizes: dict[str, int], named: _Named, largest: int = LARGEST_DEALT) -> dict[str, int]:
    """The sizes, smaller where vec coordinates or many names would make the point a long calculation."""
    products = {d for d in named.dims if d.name is None}
    most = LARGEST_DEALT - 1 if len(sizes) > 6 or named.long else largest
    while max(sizes.values(), default=1) > 1 and (max(sizes.values()) > most or any(_flat(d, sizes) for d in products)):
        top = max(sizes.values())
        sizes = {name: top - 1 if k == top else k for name, k in sizes.items()}
    return sizes


def _flat(d: Dim, sizes: Mapping[str, int]) -> bool:
    size = replace(d, sizes)
    return isinstance(size, int) and size > (FLAT if max(sizes.values()) > 2 else FLATTEST)


def _dims(e: Expr) -> tuple[Any, ...]:
    data = e.data[2] if e.op is H.FAMILY else e.data
    if e.op is H.SELECT:  # n - m - first rows are left
        data = (*e.data, total((e.data[0], -1 * e.data[1], -1 * e.data[2])))
    return (*e.shape, *(d for d in (data if isinstance(data, tuple) else (data,)) if isinstance(d, Dim)))


# --- numbers -----------------------------------------------------------------------------------------------------


def _whole(rng: Random) -> Number:
    return rng.choice((-3, -2, -1, 1, 2, 3))


def _part(rng: Random) -> Fraction:
    return Fraction(rng.randint(1, 12), rng.choice((2, 3, 5, 7)))


def _either(rng: Random) -> Number:
    return rng.choice((-1, 1)) * _part(rng)


@dataclass(frozen=True, eq=False)
class Style:
    """How the entries of a matrix are drawn: numbers times a common `scale`, and something on the `diagonal`."""

    number: Callable[[Random], Number]
    scale: Number = 1
    signed: bool = False  # the determinants of square matrices have both signs
    positive: bool = False  # it does for what is positive, too
    diagonal: Number = 0
    beyond: bool = False  # the scale is a bound: the first number is as far beyond it

    def entries(self, rows: int, columns: int, rng: Random) -> Matrix:
        """A matrix; what nothing declares symmetric is not so by chance."""
        for _ in range(DRAWS):
            out = [[self.scale * self.number(rng) + (self.diagonal if i == j else 0) for j in range(columns)] for i in range(rows)]
            if self.beyond:
                out[0][0] = abs(out[0][0]) * (1 if self.scale > 0 else -1)
            if rows == 1 or out != turned(out):
                break
        return out


DRAWS = 9  # until a matrix is not symmetric
WHOLE = Style(_whole, signed=True)
LARGER = Style(lambda rng: rng.choice((-1, 1)) * rng.randint(4, 9), signed=True)  # eigenvalues beyond ±πi, angles beyond a turn
PARTS = Style(_either, signed=True)
SMALL = Style(lambda rng: rng.choice((-1, 1)) * Fraction(rng.randint(1, 9), 10), signed=True)
POSITIVE = Style(_part, positive=True)
UNIT = Style(lambda rng: Fraction(rng.randint(1, 9), 10), positive=True)
ABOVE_ONE = Style(lambda rng: 1 + _part(rng), positive=True)
NEAR_ONE = Style(lambda rng: 1 + Fraction(rng.randint(-9, 9), 1000), positive=True)
TINY = Style(_either, Fraction(1, 10**6), signed=True)
HUGE = Style(_either, 10**6, signed=True)
FAR = Style(lambda rng: _either(rng) * Fraction(10) ** rng.choice((-3, 0, 3)), signed=True)
NEAR_IDENTITY = Style(lambda rng: Fraction(rng.randint(-9, 9), 40), diagonal=Fraction(3, 2))
COUNTING = Style(lambda rng: rng.choice((-2, -1, 1, 2, 3)))
UPWARDS = Style(lambda rng: rng.randint(1, 3))
QUARTERS = Style(lambda rng: Fraction(rng.randint(1, 3), 4))

_PLAN = (WHOLE, PARTS, WHOLE, TINY, LARGER, HUGE, POSITIVE, UNIT, SMALL, NEAR_ONE, ABOVE_ONE, FAR)  # whole points
_EASY = (WHOLE, PARTS, SMALL, POSITIVE, UNIT, ABOVE_ONE, NEAR_IDENTITY)  # of single variables, where those did not do
_AT = (1, 3, 6)  # where in the plan points beyond the bounds of an expression are dealt
WITHIN = 4  # between this and its inverse the plan's own numbers lie on both sides of a bound


def _bounds(nodes: Sequence[Expr]) -> list[Number]:
    """Where something may change that is the same for numbers of one digit: 30 of relu(x + 30), 1/1000 of huber(x, 1/1000)."""
    found, moving = set[Number](), set[Expr]()
    for e in nodes:
        if e.op in (H.VARIABLE, H.FAMILY) or any(a in moving for a in e.args):
            moving.add(e)
        if e.op is H.SUM:
            terms = [(Fraction(k), t in moving) for k, t in zip(e.data, e.args, strict=True)]
            found.update(abs(k / c) for k, moves in terms for c, other in terms if other and not moves)
        elif e.op not in (H.POWER, H.HPOWER, H.PRODUCT):
            found.update(abs(Fraction(a.data)) for a in e.args if a.op is H.NUMBER)
    return sorted(b for b in found if b > WITHIN or 0 < b < 1 / Fraction(WITHIN))


# --- what is drawn -------------------------------------------------------------------------------------------------


class Stream(Random):
    """Random numbers, and what was drawn of them: what was drawn in the same way before is not drawn again.

    >>> one, other = Stream(3), Stream(3)
    >>> one.drawn((2, 2), frozenset(), [WHOLE], 0) is other.drawn((2, 2), frozenset(), [WHOLE], 0), one.counted(99) == other.counted(99)
    (True, True)
    """

    known: ClassVar[dict[Hashable, tuple[Drawn | None, bytes]]] = {}

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.past: Hashable = seed
        self.state: bytes | None = None  # in which what was known left it, where it is not in that yet

    def drawn(self, shape: tuple[int, int], properties: frozenset[str], styles: Sequence[Style], attempt: int) -> Drawn | None:
        """A value with these properties in one of these styles, as of `draw`."""
        self.past = key = (self.past, shape, properties, tuple(styles), attempt)
        if key in self.known:
            found, self.state = self.known[key]
            return found
        self.settle()
        found = draw(shape, properties, self.choice(styles), attempt, self)
        if len(self.known) >= MOST_DRAWN:
            self.known.clear()
        self.known[key] = found, array("I", self.getstate()[1]).tobytes()
        return found

    def counted(self, most: int) -> int:
        """A number from 1 to that."""
        self.past = (self.past, most)
        self.settle()
        return self.randint(1, most)

    def settle(self) -> Stream:
        """Itself, as if what was known had been drawn: to be drawn from by others."""
        if self.state is not None:
            self.setstate((self.VERSION, tuple(array("I", self.state)), None))
            self.state = None
        return self


@dataclass(frozen=True)
class Drawn:
    """A value of a variable as a recipe and its letters, which can be moved: then the value moves within its set."""

    value: Matrix
    recipe: Expr | None = None  # none: the value itself moves
    letters: Mapping[str, Matrix] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    moving: Mapping[str, Matrix] = field(default_factory=dict)

    def at(self, step: Number) -> Matrix:
        """The value with its letters moved by that much."""
        moved = {name: plus(m, self.moving[name], step) if name in self.moving else m for name, m in self.letters.items()}
        if self.recipe is None:
            return moved["G"]
        return values([self.recipe], Point(moved, self.sizes))[0]


@dataclass(frozen=True)
class Deal:
    """A point with what was drawn there."""

    point: Point
    drawn: Mapping[str, Drawn]


@dataclass(frozen=True)
class DrawnFamily(Drawn):
    """A value of a family, its members one below the other; all of them move, or `one`."""

    members: tuple[Drawn, ...] = ()
    one: int | None = None

    def at(self, step: Number) -> Matrix:
        return [row for k, m in enumerate(self.members) for row in (m.at(step) if self.one in (None, k) else m.value)]


def deals(*roots: Expr, seed: int = 0, attempts: int = ATTEMPTS) -> Iterator[Deal]:
    """Points for the names in the expressions, the same for the same seed.

    >>> from matcalc.expr import symbol, variable
    >>> S = variable("S", (symbol("n"), symbol("n")), {"symmetric"})
    >>> next(deals(S)).point.values["S"] == next(deals(S)).point.values["S"]
    True
    """
    named = _Named.in_nodes(postorder(*roots))
    plan, bounds = list(_PLAN), _bounds(named.nodes)
    for k, at in enumerate(_AT if bounds else ()):
        plan.insert(at, Style(_whole, (-1) ** (k + 1) * bounds[-1 - k // 2 % len(bounds)], signed=True, beyond=True))
    for attempt in range(attempts):
        styles = [plan[attempt]] if attempt < len(plan) else list(_EASY)
        found = _dealt(named.nodes, _sizes_of(named, attempt), styles, attempt, Stream(1000 * seed + attempt))
        if found is not None:
            yield found


_SIMPLE = (COUNTING, COUNTING, UPWARDS, COUNTING, QUARTERS, UPWARDS, QUARTERS, PARTS)
_FEW = ((2, 2, 2, 2), (2, 3, 2, 3), (3, 2, 3, 2))


def simple_deals(*roots: Expr, attempts: int = 32) -> Iterator[Deal]:
    """Points that can be calculated with by hand: sizes 2 and 3, and as far as they may be, whole numbers."""
    named = _Named.in_nodes(postorder(*roots))
    for attempt in range(attempts):
        row, style = _FEW[attempt // 2 % len(_FEW)], _SIMPLE[attempt % len(_SIMPLE)]
        found = _dealt(named.nodes, _bounded(named.in_turn(row), named), [style], attempt, Stream(attempt), simple=True)
        if found is not None:
            yield found


def dealt_at(nodes: list[Expr], sizes: dict[str, int], attempt: int) -> Deal | None:
    """A simple point for the names in the nodes at these sizes; None where a variable has no value of its size, or an index no place."""
    return _dealt(nodes, sizes, [_SIMPLE[attempt % len(_SIMPLE)]], attempt, Stream(attempt), simple=True)


def size_names(nodes: Sequence[Expr]) -> list[str]:
    """The names of sizes in the nodes."""
    return _Named.in_nodes([*nodes]).names


def kinds_of_labels(nodes: Sequence[Expr]) -> dict[Expr, Size]:
    """The variables that hold labels, each with the number of what they may be."""
    return {v: e.shape[1] for e in nodes if e.op is H.ONEHOT for v in variables(e.args[0])}


def _dealt(
    nodes: list[Expr], sizes: dict[str, int], styles: list[Style], attempt: int, rng: Stream, *, simple: bool = False
) -> Deal | None:
    drawn, indices = dict[str, Drawn](), dict[str, int]()
    kinds = kinds_of_labels(nodes)
    for e in nodes:
        if e.op is H.VARIABLE and e in kinds and e.data[0] not in drawn:
            (rows, columns), (_, most) = concrete(e.shape, sizes), concrete((1, kinds[e]), sizes)
            drawn[e.data[0]] = Drawn([[rng.counted(most) for _ in range(columns)] for _ in range(rows)])
        if e.op is H.FAMILY and e.data[0] not in drawn:
            members = [rng.drawn(concrete(e.shape, sizes), frozenset(e.data[1]), styles, attempt) for _ in range(_many(e, sizes))]
            if any(m is None for m in members):
                return None
            parts = tuple(m for m in members if m is not None)
            value = [row for m in parts for row in m.value]
            drawn[e.data[0]] = DrawnFamily(value, moving={name: x for m in parts for name, x in m.moving.items()}, members=parts)
        if e.op is H.VARIABLE and e.data[0] not in drawn:
            found = rng.drawn(concrete(e.shape, sizes), frozenset(e.data[1]), styles, attempt)
            if found is None:
                return None
            drawn[e.data[0]] = _whole_multiple(found, frozenset(e.data[1])) if simple else found
        elif e.op is H.UNIT and isinstance(e.data[0], str):
            most = concrete(e.shape, sizes)[0]
            fixed = sizes.get(e.data[0], 1)  # an index by the name of a size is that place
            if most < fixed:
                return None
            indices[e.data[0]] = fixed if e.data[0] in sizes else min(indices.get(e.data[0], rng.counted(most)), most)
    functions, words = stand_ins(nodes, sizes, attempt, rng.settle(), simple=simple) if any(e.op.abstract for e in nodes) else ({}, {})
    return Deal(Point({name: d.value for name, d in drawn.items()}, sizes, indices, functions, words), drawn)


def _many(family: Expr, sizes: Mapping[str, int]) -> int:
    """How many members a family has."""
    out = 1
    for n in family.data[2]:
        out *= concrete((n, 1), sizes)[0]
    return out


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    """A shape with its symbols replaced."""
    rows, columns = (replace(d, sizes) for d in shape)
    if not (isinstance(rows, int) and isinstance(columns, int)):
        raise ValueError(f"no number for a size in ({rows}, {columns})")
    return rows, columns


def draw(shape: tuple[int, int], properties: frozenset[str], style: Style, attempt: int, rng: Random) -> Drawn | None:
    """A value with these properties; None where there is none of this shape, as no skew matrix of odd size has an inverse."""
    recipes, complexes = draws(properties), "complex" in properties
    for again in range(AGAIN):
        text = recipes[(attempt + again) % len(recipes)] if again else recipes[(attempt // 2) % len(recipes)]
        if text == "G":
            return _generic(shape, style, attempt, rng, complexes)
        try:
            found = _by_recipe(text, shape, style, rng, complexes)
        except Undefined:
            continue
        if found is not None and belongs(found.value, properties):
            return found
    return None


def _generic(shape: tuple[int, int], style: Style, attempt: int, rng: Random, complexes: bool = False) -> Drawn:
    """Any matrix; the determinant of a square real one is negative every other time."""
    value = style.entries(*shape, rng)
    if complexes:
        value = _with_imaginary(value, style.entries(*shape, rng))
        return Drawn(value, None, {"G": value}, {}, {"G": _with_imaginary(_direction(shape, rng), _direction(shape, rng))})
    if shape[0] == shape[1] > 1 and style.signed:
        d = determinant(value, None)
        if d and (d > 0) == (attempt % 2 == 1):
            value[0], value[1] = value[1], value[0]
    return Drawn(value, None, {"G": value}, {}, {"G": _direction(shape, rng)})


def _whole_multiple(found: Drawn, properties: frozenset[str]) -> Drawn:
    """A multiple of whole numbers, where that has the properties too."""
    bottom = lcm(*(x.denominator for row in found.value for x in row))
    value = [[of_parts(int((bottom * x).real), int((bottom * x).imag)) for x in row] for row in found.value]
    return Drawn(value) if properties and belongs(value, properties) else found


def _with_imaginary(a: Matrix, b: Matrix) -> Matrix:
    """a + b i."""
    return [[of_parts(x, y) for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _direction(shape: tuple[int, int], rng: Random) -> Matrix:
    return [[Fraction(rng.randint(1, 40) * rng.choice((-1, 1)), rng.choice((7, 11, 13))) for _ in range(shape[1])] for _ in range(shape[0])]


def points(*roots: Expr, seed: int = 0, attempts: int = ATTEMPTS) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Points where the expressions have values, in floats, as programs take them; and the sizes."""
    named = _Named.in_nodes(postorder(*roots))
    for attempt in range(attempts):
        styles = [PARTS] if attempt < 3 else list(_EASY)
        deal = _dealt(named.nodes, _sizes_of(named, 3 * attempt), styles, attempt, Stream(1000 * seed + attempt))
        if deal is not None:
            with suppress(Undefined):
                values(list(roots), deal.point)
                yield as_floats(deal.point, roots), dict(deal.point.sizes)


# --- recipes -------------------------------------------------------------------------------------------------------


def _by_recipe(text: str, shape: tuple[int, int], style: Style, rng: Random, complexes: bool = False) -> Drawn | None:
    kind = "square" if shape[0] == shape[1] else "column" if shape[1] == 1 else "any"
    formula = recipe(text, kind, complexes)
    n = shape[0]
    sizes = {"m": shape[0], "n": shape[0] if kind != "any" else shape[1], "k": rng.randint(1, min(shape) if kind == "any" else n)}
    letters, moving = {}, {}
    for name in (v.data[0] for v in variables(formula)):
        made = letter(name, shape, sizes, style, rng)
        if made is None:
            return None
        size = len(made), len(made[0])
        both = complexes and name in GENERIC
        letters[name] = _with_imaginary(made, letter(name, shape, sizes, style, rng) or made) if both else made
        if name not in FIXED:
            moving[name] = _with_imaginary(_direction(size, rng), _direction(size, rng)) if both else _direction(size, rng)
            if name == "c":  # a zero is at the bound
                moving[name] = [[d if x else 0] for (x,), (d,) in zip(made, moving[name], strict=True)]
    value = values([formula], Point(letters, sizes))[0]
    if (len(value), len(value[0])) != shape:
        return None
    return Drawn(value, formula, letters, sizes, moving)


_SQUARE = (
    "A: (n, n); C: (n, n); K: (n, k); L: (n, k); B: (n, k); E: (n, n); J: (n, n); R: (n, n); a: (n); b: (n); c: (n); d: (n); p: (n); s: (n)"
)
_SHAPED = "; ".join(f"{letter}: (#)" for letter in "GPMOUV")
_LETTERS = {
    "square": f"{_SQUARE}; {_SHAPED}".replace("#", "n, n"),
    "column": f"{_SQUARE}; {_SHAPED}".replace("#", "n"),
    "any": f"C: (m, m); K: (m, k); L: (n, k); {_SHAPED}".replace("#", "m, n"),
}


@lru_cache(maxsize=None)
def recipe(text: str, kind: str, complexes: bool = False) -> Expr:
    """The formula of a draw, its letters of the shapes for a "square", a "column" or "any" matrix, complex ones too."""
    where = _LETTERS[kind]
    if complexes:
        where = "; ".join(f"{part} complex" if part.strip()[0] in GENERIC else part for part in where.split(";"))
    return read(text, where).expr


def letter(name: str, shape: tuple[int, int], sizes: Mapping[str, int], style: Style, rng: Random) -> Matrix | None:
    """A value for a letter of a draw of this shape; None where there is none of this size."""
    n = shape[0]
    positive = style if style.positive else POSITIVE
    scale = abs(style.scale)
    match name:
        case "G":
            return style.entries(*shape, rng)
        case "O" if shape[0] >= shape[1]:
            return [row[: shape[1]] for row in _turning(n, rng)]
        case "U":
            at = rng.randrange(n), rng.randrange(shape[1])
            return [[int((i, j) == at) for j in range(shape[1])] for i in range(n)]
        case "V":
            ones = [rng.randrange(n) for _ in range(shape[1])]
            return [[int(i == one) for one in ones] for i in range(n)]
        case "K" | "L":
            return style.entries(n if name == "K" or shape[1] == 1 else shape[1], sizes["k"], rng)
        case "A" | "C":
            return style.entries(n, n, rng)
        case "B":
            return style.entries(n, sizes["k"], rng)
        case "a" | "b":
            return style.entries(n, 1, rng)
        case "P":
            return scaled(scale, positive.entries(*shape, rng))
        case "p":
            return scaled(scale, positive.entries(n, 1, rng))
        case "M":
            return [[rng.randint(0, 1) for _ in range(shape[1])] for _ in range(shape[0])]
        case "c":
            return [[rng.choice((0, 1, 2, Fraction(1, 2)))] for _ in range(n)]
        case "d":
            return [[rng.choice((-1, 1))] for _ in range(n)]
        case "s":
            return [[rng.randint(0, 1)] for _ in range(n)]
        case "R":
            return _shuffled(n, rng)
        case "J":
            half = [[int(j == i + 1 and i % 2 == 0) - int(i == j + 1 and j % 2 == 0) for j in range(n)] for i in range(n)]
            return half if n % 2 == 0 else None
        case "E":
            return _turning(n, rng)
    return None


def _shuffled(n: int, rng: Random) -> Matrix:
    order = list(range(n))
    rng.shuffle(order)
    return [[int(j == order[i]) for j in range(n)] for i in range(n)]


def _turning(n: int, rng: Random) -> Matrix:
    """A rational orthogonal matrix: Cayley's transform of a skew one (Golub & Van Loan 2013, p. 245), rows shuffled."""
    skew: Matrix = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            skew[i][j] = Fraction(rng.randint(-4, 4), rng.choice((2, 3)))
            skew[j][i] = -skew[i][j]
    cayley = times(inverse(plus(eye(n), skew), None), plus(eye(n), skew, -1), None)
    return times(_shuffled(n, rng), cayley, None)
