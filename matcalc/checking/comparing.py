"""Two expressions for one thing: whether they are equal, nearly equal, or equal under a condition, and at which points that was tried.

Equal is what simplifies to one expression, or has the same values at hard points.  Rational values are compared exactly.  Others are
computed twice, the second time to 40 digits more: what is a rounding error is then smaller by all of these digits, and a difference,
however small, is not.  A point where a side has no value decides nothing; where the other has one, what the first needs is kept as
a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from matcalc.calculus.rules import needed as needed_of
from matcalc.checking.exact import Point, failures, values
from matcalc.checking.linear import determinant
from matcalc.checking.numbers import (
    Matrix,
    Number,
    Undecided,
    Undefined,
    alike,
    all_exact,
    apart,
    context,
    counting,
    is_complex,
    is_exact,
    magnitude,
    real,
    reals,
)
from matcalc.checking.sampling import Deal, deals
from matcalc.errors import LimitError
from matcalc.expr import Expr, add, scaled, variables, zero
from matcalc.limits import HEAVIEST_DIFFERENCE, LARGEST_DENOMINATOR
from matcalc.simplification import simplify

DIGITS, MORE, FULL = 60, 100, 160
STEADY = 12  # digits to which the first two agree, at least
SHRUNK, NOTHING = 20, 75  # digits by which a rounding error shrinks at least; digits below which there is nothing in any case
POINTS, FEWEST, AT_MOST = 8, 2, 60
READABLE, SAID = 30, 5  # weight of what is said to be positive, and how many are


@dataclass(frozen=True)
class Value:
    """A value: exact, or to two precisions, and when in doubt to a third."""

    parts: tuple[Matrix, ...]
    deepest: Callable[[], Matrix] | None = None

    @property
    def exact(self) -> bool:
        return len(self.parts) == 1

    @property
    def best(self) -> Matrix:
        return self.parts[-1]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.best), len(self.best[0])

    def map(self, f: Callable[[Matrix], Matrix]) -> Value:
        """f of it, at each precision."""
        deepest, f = self.deepest, counting(FULL)(f)
        return Value(tuple(f(part) for part in self.parts), None if deepest is None else lambda: f(deepest()))

    @property
    def vanishes(self) -> bool:
        """Whether it is zero."""
        return same(self, self.map(lambda m: [[0 * x for x in row] for row in m]))

    @property
    @counting(FULL)
    def settled(self) -> bool:
        """Whether more digits leave it as it is, or make nothing of it."""
        if self.exact:
            return True
        ctx = context(MORE)
        low = reals([[ctx.real(x) for x in row] for row in self.parts[0]], ctx)
        whole = magnitude((x for row in self.best for x in row), ctx)
        return bool(apart(low, self.best, ctx) <= whole * ctx.ten_to(-STEADY)) or self.vanishes


def value_at(point: Point, *roots: Expr) -> list[Value]:
    """The values of expressions at a point.  Raises Undefined; Undecided where the precision is not enough."""
    low = values(list(roots), point, DIGITS)
    if all(map(all_exact, low)):
        return [Value((m,)) for m in low]
    high = values(list(roots), point, MORE)

    @cache
    def deepest() -> list[Matrix]:
        return [reals(m, context(FULL)) for m in values(list(roots), point, FULL)]

    out = []
    for k, (a, b) in enumerate(zip(low, high, strict=True)):
        made = Value((reals(a, context(DIGITS)), reals(b, context(MORE))), lambda k=k: deepest()[k])  # type: ignore[misc]
        if not made.settled:
            raise Undecided("known to more digits", roots[k])
        out.append(made)
    return out


@counting(FULL)
def same(a: Value, b: Value) -> bool:
    """Whether two values are equal: exactly, or but for what shrinks as the precision grows.

    >>> same(Value(([[Fraction(1, 3)]],)), Value(([[Fraction(2, 6)]],)))
    True
    """
    if a.shape != b.shape:
        return False
    if a.exact and b.exact:
        return all(x == y for r, s in zip(a.best, b.best, strict=True) for x, y in zip(r, s, strict=True))
    ctx = context(MORE)
    low, high = apart(a.parts[0], b.parts[0], context(DIGITS)), apart(a.best, b.best, ctx)
    whole = magnitude((x for m in (a.best, b.best) for row in m for x in row), ctx)
    if high <= whole * ctx.ten_to(-NOTHING) or high <= ctx.real(low) * ctx.ten_to(-SHRUNK):
        return True
    if abs(ctx.real(low) - high) <= high * ctx.ten_to(-STEADY):
        return False
    first, second = (v.best if v.deepest is None else v.deepest() for v in (a, b))
    return bool(apart(first, second, context(FULL)) <= context(FULL).real(high) * context(FULL).ten_to(-SHRUNK))


@dataclass(frozen=True)
class Sample:
    """The values of two expressions at one point."""

    deal: Deal
    first: Value
    second: Value

    @property
    def agree(self) -> bool:
        return same(self.first, self.second)


@dataclass(frozen=True)
class Needed:
    """The conditions under which one side has a value, where the other has one without."""

    what: Expr
    how: str
    refutes: bool  # for it fails at values that the declared properties allow for


@dataclass(frozen=True)
class Comparison:
    """Whether two expressions are equal: by simplification, or at all of the samples; and where only."""

    proved: bool
    samples: tuple[Sample, ...] = field(default=())
    needed: tuple[Needed, ...] = field(default=())

    @property
    def refuted(self) -> bool:
        return any(not s.agree for s in self.samples) or any(n.refutes for n in self.needed) and not self.proved

    @property
    def equal(self) -> bool:
        return not self.refuted and self.decided

    @property
    def decided(self) -> bool:
        """Whether the points are enough to say something: one where they differ, or some of which not all are of sizes one."""
        told = [s for s in self.samples if max(s.deal.point.sizes.values(), default=2) > 1]
        return self.proved or self.refuted or len(told) >= FEWEST

    @property
    def condition(self) -> str:
        """Where both sides have values, in words: "where a and b are positive"; nothing where one has them as the other has."""
        return _together(self.needed)

    @property
    def tried(self) -> str:
        """At which points it was tried."""
        return tried(self.samples)


def compared(a: Expr, b: Expr, *, seed: int = 0, count: int = POINTS) -> Comparison:
    """Compares two expressions of one shape; stops at the first point where they differ.

    >>> from matcalc.expr import symbol, variable
    >>> A, x = variable("A", (symbol("n"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> compared(add([A @ x, A.T @ x]), (A + A.T) @ x).proved, compared(A @ x, A.T @ x).equal
    (True, False)
    """
    if a is b:
        return Comparison(True)
    found: list[Sample] = []
    needed: dict[Expr, Needed] = {}
    for s in sampled(a, b, needed, seed=seed, count=count):
        found.append(s)
        if not s.agree:
            return Comparison(False, tuple(found), tuple(needed.values()))
    return Comparison(is_zero(a, b), tuple(found), tuple(needed.values()))


def is_zero(a: Expr, b: Expr) -> bool:
    """Whether the difference simplifies to zero."""
    if a.weight + b.weight > HEAVIEST_DIFFERENCE:
        return False
    try:
        return simplify(add([simplify(a), scaled(-1, simplify(b))])) is zero(a.shape)
    except LimitError:
        return False


def samples(a: Expr, b: Expr, *, seed: int = 0, count: int = POINTS) -> tuple[Sample, ...]:
    """The values of both at some points at which both are defined."""
    return tuple(sampled(a, b, {}, seed=seed, count=count))


def sampled(a: Expr, b: Expr, needed: dict[Expr, Needed], *, seed: int = 0, count: int = POINTS) -> Iterator[Sample]:
    """The same, one by one; what only one of them needs is put into `needed`."""
    for deal in deals(a, b, seed=seed, attempts=AT_MOST):
        try:
            first, second = value_at(deal.point, a, b)
        except Undefined as problem:
            if not isinstance(problem, Undecided):
                for one in _one_sided(a, b, deal):
                    needed.setdefault(one.what, one)
            continue
        yield Sample(deal, first, second)
        count -= 1
        if not count:
            return


def _one_sided(a: Expr, b: Expr, deal: Deal) -> Iterator[Needed]:
    """The conditions of the side that has no value, where the other has one."""
    found = [failures(e, deal.point) for e in (a, b)]
    if bool(found[0]) != bool(found[1]):
        for problem in (*found[0], *found[1]):
            if isinstance(problem, Undecided) or not problem.how:
                continue
            what = problem.what
            if what.op.elementwise or what.op.domain and what.args:  # what its argument would have to be; powers say it of theirs
                what = needed_of(what.op.domain, what.args)[0][0] if what.op.elementwise and len(what.args) > 1 else what.args[0]
            yield Needed(what, problem.how, problem.how == "invertible" and _allowed(what, deal))


def _allowed(what: Expr, deal: Deal) -> bool:
    """Whether a matrix that a property was declared of, and not that it is invertible, was dealt a singular value."""
    for v in variables(what):
        m = deal.point.values[v.data[0]]
        if v.data[1] and "invertible" not in v.data[1] and len(m) == len(m[0]) and determinant(m, None) == 0:
            return True
    return False


# --- in words ----------------------------------------------------------------------------------------------------


def tried(found: Iterable[Sample]) -> str:
    """The sizes and signs of some points, and how values were compared there.

    >>> from matcalc.expr import symbol, variable
    >>> X = variable("X", (symbol("n"), symbol("n")))
    >>> tried(samples(X, X, count=4))
    '4 points: n = 2, 3, 1, 4; det of both signs; exact'
    """
    found = list(found)
    names = sorted({name for s in found for name in s.deal.point.sizes})
    parts = [f"{len(found)} point{'s' * (len(found) != 1)}"]
    if names:
        rows = dict.fromkeys(tuple(s.deal.point.sizes[name] for name in names) for s in found)
        label = names[0] if len(names) == 1 else f"({', '.join(names)})"
        parts[0] += f": {label} = {', '.join(str(row[0]) if len(names) == 1 else str(row) for row in rows)}"
    square = [m for s in found for m in s.deal.point.values.values() if len(m) == len(m[0]) > 1]
    signs = {_sign(d) for d in (determinant(m, None) for m in square) if not is_complex(d)}
    if {-1, 1} <= signs:
        parts.append("det of both signs")
    if 0 in signs:
        parts.append("singular matrices too")
    parts.append("exact" if all(s.first.exact and s.second.exact for s in found) else "in 50 digits")
    return "; ".join(parts)


def _sign(x: Number) -> int:
    return int(x > 0) - int(x < 0)


def _together(needed: Iterable[Needed]) -> str:
    by: dict[str, list[str]] = {}
    for n in needed:
        name = repr(n.what) if n.what.weight <= READABLE else "a long expression"
        if name not in by.setdefault(n.how, []) and len(by[n.how]) < SAID:
            by[n.how].append(name)
    said = [f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {how}" for how, names in by.items()]
    return f"where {_listed(said)}" if said else ""


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# --- nearly equal ------------------------------------------------------------------------------------------------


@counting(FULL)
def factor(pairs: Iterable[tuple[Value, Value]]) -> Fraction | None:
    """The constant c with second = c · first at all points, if there is one.

    >>> from matcalc.expr import symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> factor((s.first, s.second) for s in samples(x, scaled(Fraction(1, 2), x)))
    Fraction(1, 2)
    """
    constant: Fraction | None = None
    for a, b in pairs:
        if a.shape != b.shape:
            return None
        if constant is None:
            if a.vanishes:
                if b.vanishes:
                    continue
                return None
            constant = _ratio(a.best, b.best)
            if not constant:
                return None
        c = constant
        if not same(a.map(lambda m: [[x * alike(c, x) for x in row] for row in m]), b):  # noqa: B023
            return None
    return constant


def _ratio(a: Matrix, b: Matrix) -> Fraction | None:
    """b/a at the largest entry of a, as a fraction."""
    i, j = max(((i, j) for i in range(len(a)) for j in range(len(a[0]))), key=lambda at: abs(a[at[0]][at[1]]))
    if is_exact(a[i][j]) and is_exact(b[i][j]):
        return None if is_complex(a[i][j]) or is_complex(b[i][j]) else Fraction(b[i][j]) / Fraction(a[i][j])
    ctx = context(MORE)
    ratio = real(b[i][j], ctx) / real(a[i][j], ctx)
    if is_complex(ratio) and abs(ratio.imag) <= abs(ratio) * ctx.ten_to(-NOTHING):
        ratio = ratio.real
    if is_complex(ratio) or not ratio or abs(ctx.log(abs(ratio), 10)) > 30:
        return None
    return Fraction(int(ctx.nint(ratio * ctx.ten_to(40))), 10**40).limit_denominator(LARGEST_DENOMINATOR)
