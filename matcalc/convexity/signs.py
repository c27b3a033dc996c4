"""The sign of a scalar, or of every entry of an array, whatever its variables are.

What the table of properties knows comes first; then the ranges of functions, quotients with like terms cancelled, the named
inequalities, and g(0) ≥ 0 with g' ≥ 0.  An answer of UNKNOWN means that nothing was proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from itertools import combinations, permutations

from matcalc.calculus import differential
from matcalc.convexity import ratios
from matcalc.convexity.inequalities import rows
from matcalc.convexity.intervals import (
    NEGATIVE,
    NONNEGATIVE,
    NONPOSITIVE,
    NONZERO,
    POSITIVE,
    REAL,
    UNKNOWN,
    ZERO,
    Interval,
    Sign,
    added,
    multiplied,
    narrowed,
    on_interval,
    raised,
    within,
)
from matcalc.convexity.intervals import scaled as stretched
from matcalc.convexity.ratios import Polynomial
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, Op, add, apply, is_ones, known, number, postorder, substitute, supposing, variable, variables
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.products import factors, power, product, scaled, split
from matcalc.limits import MOST_CALCULATED, MOST_DERIVATIVES, MOST_QUOTIENTS

ONE_SIDED = {"nonnegative", "nonpositive", "psd", "nsd"}


def flipped(s: Sign) -> Sign:
    """The sign of −t."""
    return (s & NONZERO) | (NONPOSITIVE if s & NONNEGATIVE else 0) | (NONNEGATIVE if s & NONPOSITIVE else 0)


def times(a: Sign, b: Sign) -> Sign:
    """The sign of a product."""
    out = a & b & NONZERO
    if a == ZERO or b == ZERO:
        return ZERO
    if a & 3 and b & 3:
        out |= NONNEGATIVE if (a & 3) == (b & 3) else NONPOSITIVE
    return out


def plus(a: Sign, b: Sign) -> Sign:
    """The sign of a sum."""
    if a == ZERO:
        return b
    if b == ZERO:
        return a
    same = a & b & 3
    return same | ((a | b) & NONZERO) if same else UNKNOWN


def of_number(c: Fraction | int) -> Sign:
    return POSITIVE if c > 0 else NEGATIVE if c < 0 else ZERO


class Signs:
    """Signs where `given` holds of parts of what is asked about; what was found is remembered."""

    def __init__(
        self,
        given: Mapping[Expr, frozenset[str]] | None = None,
        depth: int = 0,
        left: list[int] | None = None,
        moving: Iterable[Expr] = (),
    ) -> None:
        self.given = dict(given or {})
        self.depth = depth  # of derivatives within derivatives
        self.left = [MOST_QUOTIENTS] if left is None else left  # quotients that may still be made
        self.halved = {v for v in moving if known(v) & ONE_SIDED}  # on whose half-line alone no bound is to hold
        self.done: dict[Expr, Sign] = {}
        self.ranges: dict[Expr, Interval] = {}

    def known(self, e: Expr) -> frozenset[str]:
        """The properties of an expression by the table."""
        return supposing(e, self.given)

    def __call__(self, e: Expr) -> Sign:
        found = self.done.get(e)
        if found is None:
            self.done[e] = UNKNOWN  # for now: a part may lead back here
            found = self.done[e] = self._sign(e)
        return found

    def nonnegative(self, e: Expr) -> bool:
        """Whether no entry can be negative."""
        return bool(self(e) & NONNEGATIVE)

    def positive(self, e: Expr) -> bool:
        """Whether every entry must be positive."""
        return self(e) & POSITIVE == POSITIVE

    def _sign(self, e: Expr) -> Sign:
        s = self._simple(e)
        if e.op is H.VARIABLE or s & 3 and (s & NONZERO or e.op is not H.SUM or not e.is_scalar):
            return s
        if s & 3:
            return s | self._of_ratio(e)
        if e.is_scalar:
            return self._of_ratio(e) or s
        lifted = entry(e, self)
        return (self._sign(lifted) if lifted is not None else UNKNOWN) or s

    def _simple(self, e: Expr) -> Sign:
        """By the table and part by part; one range of values where terms of a sum differ."""
        names = self.known(e)
        s = (
            (NONNEGATIVE if "nonnegative" in names else 0)
            | (NONPOSITIVE if "nonpositive" in names else 0)
            | (NONZERO if "nonzero" in names and (e.is_scalar or names & {"positive", "negative"}) else 0)
        )
        if s & 3 and s & NONZERO:
            return s
        if e.op.elementwise and e.op.values and not s & 3 and len(e.args) == 1:
            low, high = self._from_zero(e)
            s |= (NONNEGATIVE if low is not None and low >= 0 else 0) | (NONPOSITIVE if high is not None and high <= 0 else 0)
        if e.op is H.SUM:
            t = ZERO
            for c, a in zip(e.data, e.args, strict=True):
                t = plus(t, times(of_number(c), self(a)))
            if not t & 3:
                low, high = self.interval(e)
                t = NONNEGATIVE if low is not None and low >= 0 else NONPOSITIVE if high is not None and high <= 0 else UNKNOWN
                t |= NONZERO if (low is not None and low > 0) or (high is not None and high < 0) else 0
            return s | t
        if e.op is H.HADAMARD or e.op is H.PRODUCT and len(e.args) == e.data[1]:
            t = of_number(e.data[0]) if e.op is H.PRODUCT else POSITIVE
            for a in e.args:
                t = times(t, self(a))
            return s | t
        if e.op is H.PRODUCT:
            front, bare = split(e)
            if front is not ONE and front is not e and bare is not e:
                return s | times(self(front), self(bare))
            t = POSITIVE
            for a in e.args:
                t = times(t, self(a))
            return s | t
        k = ratios.exponent(e)
        if k is not None:
            return s | self._of_power(self(e.args[0]), k)
        if e.op is H.TRANSPOSE:
            return s | self(e.args[0])
        return s

    def _of_power(self, base: Sign, k: Fraction | int) -> Sign:
        nonzero = NONZERO if k < 0 else base & NONZERO  # where it is defined
        if isinstance(k, int) and k % 2 == 0 or not isinstance(k, int):
            return NONNEGATIVE | nonzero
        return (base & 3) | nonzero

    def interval(self, e: Expr) -> Interval:
        """Numbers that no entry is below or above; None where none is known."""
        found = self.ranges.get(e)
        if found is None:
            self.ranges[e] = REAL
            found = self.ranges[e] = self._interval(e)
        return found

    def _interval(self, e: Expr) -> Interval:
        if e.op is H.NUMBER:
            return Fraction(e.data), Fraction(e.data)
        if e.op is H.SIZE:
            return Fraction(1), None
        if is_ones(e):
            return Fraction(1), Fraction(1)
        if e.op.between and e.op.elementwise:
            low, high = (Fraction(part) if part.strip() else None for part in e.op.between.split(","))
            return within((low, high), self._from_zero(e))
        if e.op.elementwise and e.op.values and len(e.args) == 1:
            s = self(e)
            ends = (Fraction(0) if s & NONNEGATIVE else None), (Fraction(0) if s & NONPOSITIVE else None)
            return within(ends, self._from_zero(e))
        if e.op is H.SUM:
            low, high = Fraction(0), Fraction(0)
            lows: Interval = (low, high)
            for c, a in zip(e.data, e.args, strict=True):
                lows = added(lows, stretched(Fraction(c), self.interval(a)))
            names = self.known(e)
            return narrowed(lows, "nonnegative" in names, "nonpositive" in names)
        if e.op is H.HADAMARD or e.op is H.PRODUCT and len(e.args) == e.data[1]:
            c = Fraction(e.data[0]) if e.op is H.PRODUCT else Fraction(1)
            out: Interval = (c, c)
            for a in e.args:
                out = multiplied(out, self.interval(a))
            return out
        if e.op is H.PRODUCT:
            front, bare = split(e)
            if front is not ONE and front is not e and bare is not e:
                return multiplied(self.interval(front), self.interval(bare))
        k = ratios.exponent(e)
        if k is not None and (found := raised(self.interval(e.args[0]), k)) != REAL:
            return found
        s = self(e) if e.op is not H.SUM else UNKNOWN
        return (Fraction(0) if s & NONNEGATIVE else None), (Fraction(0) if s & NONPOSITIVE else None)

    def _from_zero(self, e: Expr) -> Interval:
        """The value at zero bounds a monotone function of what has one sign, the one at 1 an increasing one of what is at least 1."""
        at = dict(e.op.values).get(0)
        if at is None and 1 in dict(e.op.values):
            low = self.interval(e.args[0])[0]
            if low is not None and low >= 1 and _slope(e.op, NONNEGATIVE) & NONNEGATIVE:
                return Fraction(dict(e.op.values)[1]), None
        s = self(e.args[0]) & 3
        if at is None or s not in (NONNEGATIVE, NONPOSITIVE) or not self.halved.isdisjoint(variables(e)):
            return REAL
        slope = _slope(e.op, s)
        if s == NONPOSITIVE:
            slope = flipped(slope)
        return (Fraction(at) if slope & NONNEGATIVE else None), (Fraction(at) if slope & NONPOSITIVE else None)

    # --- quotients ---------------------------------------------------------------------------------------------------

    def _of_ratio(self, e: Expr) -> Sign:
        self.left[0] -= 1
        if self.left[0] < 0:
            return UNKNOWN
        try:
            r = ratios.ratio(e)
        except MatcalcError:
            return UNKNOWN
        if r.is_zero:
            return ZERO
        s = POSITIVE
        for b, k in r.bottom.items():
            s = times(s, self._of_power(self(b), int(k) if k.denominator == 1 else k) | NONZERO)
        by = ratios.common(r.top)
        for a, k in by.items():
            s = times(s, self._of_power(self(a), int(k) if k.denominator == 1 else k))
        if not s & 3:
            return UNKNOWN
        rest = ratios.divided(r.top, by)
        for turn in (1, -1):
            q = {m: turn * c for m, c in rest.items()}
            found = self._of_polynomial(q)
            if found:
                return times(s, found if turn == 1 else flipped(found))
        return UNKNOWN

    def _of_polynomial(self, q: Polynomial) -> Sign:
        """POSITIVE, NONNEGATIVE or UNKNOWN."""
        out: Sign = ZERO
        for m, c in q.items():
            out = plus(out, times(of_number(c), self._of_monomial(m)))
        if out & NONNEGATIVE:
            return out
        for a in ratios.atoms(q):
            found = self._by_one(q, a)
            if found:
                return found
        calculable = self.depth < MOST_DERIVATIVES and len(q) <= MOST_CALCULATED
        return self._of_means(q) or self._of_difference(q) or self._named(q) or (self._by_calculus(q) if calculable else UNKNOWN)

    def _of_means(self, q: Polynomial) -> Sign:
        """a u + b √(u v) + c v with b² ≤ 4 a c, for each term that may be negative: by the inequality of the means."""
        left = {m: c for m, c in q.items() if c > 0 and self._of_monomial(m) & NONNEGATIVE}
        for m, b in q.items():
            square = {a: 2 * k for a, k in m}
            between = ((u, v) for u, v in combinations(left, 2) if ratios.times(u, v) == square and b * b <= 4 * left[u] * left[v])
            if m not in left:
                u, v = next(between, (m, m))
                if u is m:
                    return UNKNOWN
                del left[u], left[v]
        return reduce(plus, map(self._of_monomial, left), NONNEGATIVE)

    def _of_difference(self, q: Polynomial) -> Sign:
        """f(u) − f(v) with a monotone f, by the sign of u − v."""
        found = {c: m[0][0] for m, c in q.items() if len(m) == 1 and m[0][1] == 1}
        u, v = found.get(top := max(q.values())), found.get(-top)
        if len(q) != 2 or u is None or v is None or u.op is not v.op or not u.op.elementwise or len(u.args) != 1:
            return UNKNOWN
        slope = _slope(u.op, self(u.args[0]) & self(v.args[0]))
        s = times(slope, self(add([u.args[0], scaled(-1, v.args[0])])))
        return s if s & NONNEGATIVE else UNKNOWN

    def _of_monomial(self, m: ratios.Monomial) -> Sign:
        s: Sign = POSITIVE
        for a, k in m:
            s = times(s, self._of_power(self(a), int(k) if k.denominator == 1 else k))
        return s

    def _by_one(self, q: Polynomial, a: Expr) -> Sign:
        """As polynomials in one atom, of one sign where that atom can be."""
        parts = ratios.in_one(q, a)
        where = self.interval(a)
        if not parts or max(max(p) for p in parts.values()) > 12:
            return UNKNOWN
        out: Sign = ZERO
        for beside, powers in parts.items():
            found = on_interval(ratios.coefficients(powers), where)
            out = plus(out, times(found, self._of_monomial(beside)))
            if not out & NONNEGATIVE:
                return UNKNOWN
        if out & NONZERO and not a.op.between:  # at the ends of its range, too
            ends = [x for x in where if x is not None and (x or not self(a) & NONZERO)]
            if any(sum(c * x**i for i, c in powers.items()) <= 0 for x in ends for powers in parts.values()):
                out &= ~NONZERO
        return out

    def _named(self, q: Polynomial) -> Sign:
        """By a named inequality at arguments that occur."""
        functions = [n for a in ratios.atoms(q) for n in postorder(a) if n.op.elementwise and len(n.args) == 1]
        summed = [x for a in ratios.atoms(q) for x in _summed(a)]
        for row, xs, left, ops in rows():
            arguments = dict.fromkeys([n.args[0] for n in functions] if ops else summed) if ops <= {n.op for n in functions} else ()
            for at in permutations(arguments, len(xs)):
                kind = "" if at[0].is_scalar else "vector" if at[0].shape[1] == 1 else "matrix"
                if kind != row.shape or not all(t.shape == at[0].shape and self._fits(t, row.of) for t in at):
                    continue
                top = ratios.ratio(substitute(left, dict(zip(xs, at, strict=True)), {"n": at[0].shape[0]} if row.shape else {})).top
                top = ratios.divided(top, ratios.common(top))
                if top.keys() == q.keys():
                    factors = {q[m] / c for m, c in top.items()}
                    if len(factors) == 1 and factors.pop() > 0:
                        return NONNEGATIVE if row.touches else POSITIVE
        return UNKNOWN

    def _fits(self, e: Expr, of: str) -> bool:
        """Whether it is what an inequality is for."""
        return not of or (self.positive(e) if of == "positive" else of in self.known(e))

    def _by_calculus(self, q: Polynomial) -> Sign:
        """Of one variable: g(0) ≥ 0 and g' ≥ 0 for positive ones, and as much of g(−t) where it may be negative."""
        g = ratios.polynomial_expr(q)
        of = variables(g)
        if len(of) != 1 or not of[0].is_scalar or not is_plain(g, Signs().positive):
            return UNKNOWN
        (x,) = of
        t = variable("t·", (1, 1), {"positive"})
        ways = [substitute(g, {x: t})]
        if not self(x) & NONNEGATIVE:
            ways.append(substitute(g, {x: scaled(-1, t)}))
        out = POSITIVE
        try:
            for way in ways:
                start = self(substitute(way, {t: number(0)}))
                slope = Signs(depth=self.depth + 1, left=self.left)(differential(way, {t: ONE}))
                if not (start & NONNEGATIVE and slope & NONNEGATIVE):
                    return UNKNOWN
                if not start & NONZERO and not (slope & NONZERO and len(ways) == 1 and self(x) & NONZERO):
                    out = NONNEGATIVE
        except MatcalcError:
            return UNKNOWN
        return out


def _summed(e: Expr) -> Sequence[Expr]:
    """x of the sum of its entries, 1'x, or of its trace, and the factors of x there."""
    if e.op.name == "tr":
        return e.args if e.args[0].op is not H.PRODUCT else (*e.args, *factors(e.args[0]))
    chain = factors(e) if e.op is H.PRODUCT and e.is_scalar else ()
    return chain[1:] if len(chain) == 2 and is_ones(chain[0]) else ()


def is_plain(g: Expr, positive: Callable[[Expr], bool]) -> bool:
    """Whether it has derivatives wherever its numbers may be; `positive` says of which parts that is so."""
    for n in postorder(g):
        k = ratios.exponent(n) if n.op in (H.POWER, H.HPOWER) else 1
        whole = isinstance(k, int) and k >= 0
        if n.op.smooth or n.op.abstract or n.op.binds or n.op.name in ("sign", "step"):
            return False
        if n.op.domain or n.op is H.MATPOWER or not whole:
            if n.op.domain not in ("", "positive", "greater than −1") or not positive(n.args[0]):
                return False
    return True


# --- entry by entry ----------------------------------------------------------------------------------------------------


def entry(e: Expr, signs: Signs, atoms: dict[Expr, Expr] | None = None) -> Expr | None:
    """An entry of the array `e` as a function of numbers, one for each array it is made of entry by entry; None of others."""
    atoms = {} if atoms is None else atoms
    if e.is_scalar or e in atoms:
        return atoms.get(e, e)
    if is_ones(e):
        return ONE
    if e.op is H.SUM:
        parts = [entry(a, signs, atoms) for a in e.args]
        return None if any(p is None for p in parts) else add([scaled(c, p) for c, p in zip(e.data, parts, strict=True) if p is not None])
    if e.op is H.HADAMARD:
        parts = [entry(a, signs, atoms) for a in e.args]
        return None if any(p is None for p in parts) else product([p for p in parts if p is not None])
    if e.op is H.HPOWER:
        base = entry(e.args[0], signs, atoms)
        return None if base is None else power(base, e.args[1])
    if e.op.elementwise:
        parts = [entry(a, signs, atoms) for a in e.args]
        return None if any(p is None for p in parts) else apply(e.op, tuple(p for p in parts if p is not None))
    if e.op is H.PRODUCT:
        front, bare = split(e)
        if front is not ONE and front is not e and bare is not e and not bare.is_scalar:
            inside = entry(bare, signs, atoms)
            return None if inside is None else product([front, inside])
    atoms[e] = named(e, signs, len(atoms))
    return atoms[e]


def named(e: Expr, signs: Signs, count: int) -> Expr:
    """A number of the sign of an array's entries, after `count` others."""
    s = signs(e) if e.op is not H.ONES else POSITIVE
    fresh = variable(f"entry·{count + 1}", (1, 1), sign_words(s if s & NONNEGATIVE else flipped(s)))
    return scaled(-1, fresh) if s & NONPOSITIVE and not s & NONNEGATIVE else fresh


def sign_words(s: Sign) -> set[str]:
    """How a variable of that sign is declared."""
    if s & NONNEGATIVE:
        return {"positive"} if s & NONZERO else {"nonnegative"}
    return set()


def bent(g: Expr, t: Expr) -> tuple[Sign, Sign]:
    """The signs of the second and of the first derivative of a smooth function of the number t: of its curvature, and its slope."""
    signs, slope = Signs(), UNKNOWN
    with suppress(MatcalcError):
        first = differential(g, {t: ONE})
        slope = signs(first)
        return signs(differential(first, {t: ONE})), slope
    return UNKNOWN, slope


_known: dict[tuple[Op | int | Fraction, Sign], tuple[Sign, Sign]] = {}


def by_derivatives(f: Op | int | Fraction, sign: Sign) -> tuple[Sign, Sign]:
    """The same of a function, or of the power with that exponent, of numbers of that sign."""
    if (f, sign) not in _known:
        _known[f, sign] = UNKNOWN, UNKNOWN  # for now: derivatives may be of the function itself
        turned = sign & NONPOSITIVE and not sign & NONNEGATIVE
        t = variable("t·", (1, 1), sign_words(flipped(sign) if turned else sign))
        x = scaled(-1, t) if turned else t
        curvature, slope = bent(apply(f, (x,)) if isinstance(f, Op) else power(x, number(f)), t)
        _known[f, sign] = curvature, flipped(slope) if turned else slope
    return _known[f, sign]


def _slope(op: Op, s: Sign) -> Sign:
    """The sign of the derivative of a smooth function of numbers of that sign."""
    return UNKNOWN if op.smooth else by_derivatives(op, s)[1]
