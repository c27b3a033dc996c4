"""A quadratic form as a sum of forms of which each is manifestly nonnegative.

The rules, in the order in which they are tried: a square with a nonnegative weight, P'AP with A psd, and tr(P'APB) with both psd;
one such less a smaller one (A ⪰ C); such a term less the square of a linear function of its P, by Cauchy–Schwarz (the Schur complement
M − uu' ⪰ 0 where u'M⁺u ≤ 1); and a variable eliminated: what is left when its square is completed is a form in the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.calculus import gradient
from matcalc.convexity.quadratic_forms import Form, NotQuadratic, Term, in_numbers, joined
from matcalc.convexity.ratios import exponent, is_zero, ratio
from matcalc.convexity.signs import NONNEGATIVE, NONPOSITIVE, NONZERO, Signs, entry
from matcalc.convexity.spectra import is_psd
from matcalc.errors import LimitError, MatcalcError
from matcalc.expr import Expr, add, apply, hadamard, hpower, identity, number, ones, postorder, substitute, transpose, variables, zero
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.products import factors, matpower, power, product, scaled, split
from matcalc.limits import DEEPEST_ELIMINATION, HEAVIEST_SQUARES, MOST_ELIMINATIONS
from matcalc.operators.functions import total
from matcalc.operators.matrices import TR, VEC
from matcalc.simplification import simplify

NO, STRICT, STRONG = 0, 1, 2  # how definite: nonnegative, positive but for single points, bounded below by a positive number


@dataclass(frozen=True)
class Part:
    """Terms that together are nonnegative, by a rule; `level` is how definite they are in the differentials `of`."""

    terms: tuple[Term, ...]
    rule: str
    why: str
    of: frozenset[Expr] = frozenset()
    level: int = NO
    bound: Expr | None = None  # u'M⁺u, of Cauchy–Schwarz


class Prover:
    """Looks for parts of which each is nonnegative, with the signs and properties that are known of the coefficients."""

    def __init__(self, signs: Signs, moving: Mapping[Expr, Expr], left: list[int] | None = None) -> None:
        self.signs = signs
        self.left = [MOST_ELIMINATIONS] if left is None else left  # variables that may still be eliminated
        self.differentials = dict(moving)  # of each differential, the variable
        self.everywhere = Signs(signs.given, moving=moving.values())
        self.away = Signs({**signs.given, **{v: frozenset({"injective" if v.is_vector else "nonzero"}) for v in moving.values()}})

    def __call__(self, terms: Sequence[Term], depth: int = 0) -> list[Part] | None:
        """Parts that add up to the terms, or None."""
        parts: list[Part] = []
        bad: list[Term] = []
        good: list[Term] = []
        for t in _weighted_together(terms):
            for piece in (t,) if self.is_good(t) else _apart(t):
                (good if self.is_good(piece) else bad).append(piece)
        if bad:
            bad = self._larger(good, bad, parts)
        if bad:
            bad = self._cauchy(good, bad, parts)
        parts += [self._part(t) for t in good]
        if not bad:
            return parts
        return self._eliminated([*(t for p in parts for t in p.terms), *bad], depth) if depth < DEEPEST_ELIMINATION else None

    # --- single terms ------------------------------------------------------------------------------------------------------

    def is_good(self, t: Term) -> bool:
        """Whether the term is a square that counts positively."""
        if not t.is_square:
            return False
        if t.is_scalar:
            return self.signs.nonnegative(t.c)
        if t.weight is not None:
            return self.signs.nonnegative(hadamard_scaled(t.c, t.weight))
        s = self.signs(t.c)
        both = self.signs.known(t.a), self.signs.known(t.b)
        if all("nsd" in k for k in both) or all(is_psd(m, self.signs) for m in (t.a, t.b)):
            return bool(s & NONNEGATIVE)
        psd, nsd = (["psd" in k for k in both], ["nsd" in k for k in both])
        return bool(s & NONPOSITIVE) and (psd[0] and nsd[1] or nsd[0] and psd[1])

    def _part(self, t: Term) -> Part:
        if t.is_scalar:
            why = "a square" if t.c.op is H.NUMBER else "a square times what is nonnegative"
        elif t.weight is not None:
            why = "squares with nonnegative weights"
        elif t.a.op is H.IDENTITY and t.b.op in (H.IDENTITY, H.NUMBER):
            why = "a sum of squares"
        elif t.b.op in (H.IDENTITY, H.NUMBER):
            why = "a psd matrix between a matrix and its transpose"
        else:
            why = "a Kronecker product of psd matrices"
        return Part((t,), "square", why, *self.definite(t))

    def definite(self, t: Term) -> tuple[frozenset[Expr], int]:
        """In which differentials the square is definite, and how."""
        bare = t.p.args[0] if t.p.op is VEC else t.p
        d = bare if bare in self.differentials else None
        if d is None:
            front = factors(t.p) if t.p.op is H.PRODUCT and t.p.data == (1, 0) else ()
            if len(front) > 1 and front[-1] in self.differentials and "injective" in self.signs.known(product(front[:-1])):
                d = front[-1]
        if d is None:
            return frozenset(), NO
        if t.is_scalar or t.weight is not None:
            whole = t.c if t.is_scalar else hadamard_scaled(t.c, t.weight)
            level = self._level(whole, self.differentials[d])
            return (frozenset({d}), level) if level else (frozenset(), NO)
        level = min(
            self._level(t.c, self.differentials[d]),
            *(
                STRONG if "spd" in self.signs.known(m) and self._fixed(m) else STRICT if "spd" in self.signs.known(m) else NO
                for m in (t.a, t.b)
            ),
        )
        return (frozenset({d}), level) if level else (frozenset(), NO)

    def _fixed(self, e: Expr) -> bool:
        return not set(self.differentials.values()) & set(variables(e))

    def _level(self, e: Expr, by: Expr) -> int:
        """How positive a coefficient is that is nonnegative, as that of a square of the differential of a variable."""
        if e.op is H.PRODUCT:  # positive numbers before what moves change nothing
            c, count = e.data
            kept = [a for a in e.args[:count] if not (self._fixed(a) and self.signs.positive(a))]
            e = product([number(c), *kept, *e.args[count:]]) if kept or e.args[count:] else e
        if self.signs.positive(e):
            return STRONG if self._is_bounded(e) else STRICT
        if any(not v.is_scalar and self.away.positive(e) for v in self.differentials.values()):
            return STRICT
        single = variables(e) == [by] and _analytic(e) and not is_zero(e)
        return STRICT if single and (e.is_scalar and by.is_scalar or _entrywise(e, by)) else NO

    def _is_bounded(self, e: Expr) -> bool:
        """Whether what is positive stays above a positive number, for given data."""
        low = self.everywhere.interval(e)[0]
        if self._fixed(e) or low is not None and low > 0:
            return True
        if e.op is H.SUM:
            parts = [scaled(c, a) for c, a in zip(e.data, e.args, strict=True)]
            return all(map(self.signs.nonnegative, parts)) and any(map(self._is_bounded, parts))
        moving = [a for a in e.args if not self._fixed(a)]
        return (e.op is H.HADAMARD or e.op is H.PRODUCT and len(e.args) == e.data[1]) and all(map(self._is_bounded, moving))

    # --- a term and less -----------------------------------------------------------------------------------------------------

    def _larger(self, good: list[Term], bad: list[Term], parts: list[Part]) -> list[Term]:
        """tr(P'APB) − tr(P'CPD) with A ⪰ C and B ⪰ D, as inverses are smaller of what is larger."""
        left = []
        for t in bad:
            match = next((g for g in good if self._outweighs(g, t)), None) if t.is_square and not t.is_scalar and t.weight is None else None
            if match is None:
                left.append(t)
            else:
                good.remove(match)
                parts.append(Part((match, t), "Loewner order", "a larger matrix less a smaller one, as inverses turn the order round"))
        return left

    def _outweighs(self, g: Term, t: Term) -> bool:
        """Whether c tr(P'APB) is larger than -c tr(G'P'F'CFPGD): of matrices with their numbers, where the others are the same."""
        known, chain = self.signs.known, factors(t.p) if t.p.op is H.PRODUCT and t.p.data == (1, 0) else (t.p,)
        at = next((i for i, f in enumerate(chain) if f in (g.p, transpose(g.p))), None)
        if at is None or g.weight is not None or g.is_scalar or not self.signs.nonnegative(scaled(-1, t.c)):
            return False
        f, h = chain[:at], chain[at + 1 :]
        c = product([*map(transpose, reversed(f)), t.a, *f])
        d = product([*h, t.b, *map(transpose, reversed(h))])
        c, d = (c, d) if chain[at] is g.p else (d, c)
        if not all("psd" in known(m) for m in (c, d)):
            return False
        for same, other, more, less in ((g.b, d, g.a, c), (g.a, c, g.b, d)):
            if same is other and self.is_larger(product([g.c, more]), product([scaled(-1, t.c), less])):
                return True
        if g.a is g.b and c is d and self.signs.positive(g.c):
            return self.is_larger(g.a, product([power(product([scaled(-1, t.c), power(g.c, number(-1))]), number(Fraction(1, 2))), c]))
        return self.signs.nonnegative(add([g.c, t.c])) and self.is_larger(g.a, c) and self.is_larger(g.b, d)

    def is_larger(self, a: Expr, c: Expr) -> bool:
        """Whether a − c is psd."""
        if a is c or "psd" in self.signs.known(add([a, scaled(-1, c)])):
            return True
        inside = [
            product([power(front, number(-1)), m if m.op is H.IDENTITY else m.args[0]])
            for front, m in map(split, (c, a))
            if m.op is H.IDENTITY or m.op is H.MATPOWER and m.data == -1
        ]
        if len(inside) < 2 or not {"spd"} <= self.signs.known(a) & self.signs.known(c):
            return False
        return "psd" in self.signs.known(add([inside[0], scaled(-1, inside[1])]))

    def _cauchy(self, good: list[Term], bad: list[Term], parts: list[Part]) -> list[Term]:
        """Squares of linear functions of P that count negatively, against terms in P: (u'P)² ≤ (u'M⁺u) P'MP."""
        left = []
        for t in bad:
            used = self._against(t, good) if t.is_scalar and t.is_square else None
            if used is None:
                left.append(t)
                continue
            terms, q, slack = used
            for g in terms:
                good.remove(g)
            found = [self.definite(g) for g in terms]
            level = min((STRONG if self._fixed(slack) else STRICT) if self.signs.positive(slack) else NO, *(k for _, k in found))
            of = frozenset(d for ds, _ in found for d in ds) if level else frozenset[Expr]()
            why = "by Cauchy–Schwarz, (u'z)² ≤ (u'M⁺u) z'Mz"
            parts.append(Part((*terms, t), "Cauchy–Schwarz", why, of, level, q))
        return left

    def _against(self, t: Term, good: Sequence[Term]) -> tuple[list[Term], Expr, Expr] | None:
        """Terms that outweigh c ℓ², c negative; the bound u'M⁺u; and 1 − |c| u'M⁺u, or a positive multiple."""
        moved = [d for d in self.differentials if d in variables(t.p)]
        if len(moved) == 1:
            (d,) = moved
            (u,) = gradient(t.p, [d])
            for g in good:
                q = self._dual(g, d, u)
                if q is None:
                    continue
                q = shortened(q)
                slack = add([g.c, product([t.c, q])])
                for way in (slack, shortened(slack)):
                    if self.signs.nonnegative(way):
                        return [g], q, way
            return None
        bounds, used = [], []
        for d, u in zip(moved, gradient(t.p, moved), strict=True):
            for g in good:
                q = self._dual(g, d, u) if g.p is d and self.signs.positive(g.c) else None
                if q is not None:
                    bounds.append(product([q, power(g.c, number(-1))]))
                    used.append(g)
                    break
            else:
                return None
        q = shortened(add(bounds))
        slack = add([ONE, product([t.c, q])])
        return (used, q, slack) if self.signs.nonnegative(slack) else None

    def _dual(self, g: Term, d: Expr, u: Expr) -> Expr | None:
        """u'M⁺u, where g is c P'MP with P = d, or F d and u = F'v."""
        if not self.signs.nonnegative(g.c):
            return None
        if not (self.signs.nonnegative(g.weight) if g.weight is not None else all(is_psd(m, self.signs) for m in (g.a, g.b))):
            return None
        p, v = g.p, u
        if p is not d:
            chain = factors(p) if p.op is H.PRODUCT and p.data == (1, 0) else ()
            if not chain or d not in (chain[0], chain[-1]) or sum(d in variables(f) for f in chain) > 1:
                return None
            at = chain.index(d)
            stripped = _without(
                u,
                product([transpose(f) for f in reversed(chain[:at])]) if at else None,
                product([transpose(f) for f in reversed(chain[at + 1 :])]) if at + 1 < len(chain) else None,
            )
            if stripped is None:
                return None
            v = stripped
        if d.symmetric and p is d:
            v = scaled(Fraction(1, 2), add([v, transpose(v)])) if not v.symmetric else v
        if v.shape != p.shape:
            return None
        if g.weight is not None:
            w = hadamard([v, hpower(g.weight, number(-1))])
            inverted = [n.args[0] for n in postorder(w) if (exponent(n) or 0) < 0]
            if not self.signs.positive(g.weight) and not all(map(self.signs.positive, inverted)):
                return None
            return total(hadamard([w, v]))
        solved = self._both_solved(g, v)
        if solved is None:
            return None
        inside = product([transpose(v), solved])
        return inside if inside.is_scalar else apply(TR, (inside,))

    def _both_solved(self, t: Term, v: Expr) -> Expr | None:
        """w with A w B = v."""
        w = self._solved(t.a, v)
        turned = None if w is None else self._solved(transpose(t.b), transpose(w))
        return None if turned is None else transpose(turned)

    def _solved(self, a: Expr, v: Expr) -> Expr | None:
        """w with a w = v."""
        if a.op is H.IDENTITY or a is ONE:
            return v
        found = _without(v, a, None)
        if found is not None:
            return found
        (α, whole), (β, part) = split(a), split(v)
        rest = factors(whole)[len(factors(part)) :]
        if factors(whole)[: len(factors(part))] == factors(part) and rest and all("invertible" in self.signs.known(f) for f in rest):
            return product([β, power(α, number(-1)), *(matpower(f, -1) for f in reversed(rest))])
        return product([matpower(a, -1), v]) if "spd" in self.signs.known(a) else None

    # --- variables eliminated ----------------------------------------------------------------------------------------------------

    def _eliminated(self, terms: Sequence[Term], depth: int) -> list[Part] | None:
        """The square in one differential completed, and what is left proved."""
        for d in sorted(self.differentials, key=lambda d: (d.is_scalar, d.order)):
            mine = [t for t in terms if d in variables(t.p, t.q)]
            squares = [t for t in mine if t.p is d and t.q is d]
            others = [t for t in mine if not (t.p is d and t.q is d)]
            if len(squares) != 1 or not others:
                continue
            (m,) = squares
            if any(d in variables(t.p) and d in variables(t.q) for t in others) or not self._definite_enough(m):
                continue
            self.left[0] -= 1
            if self.left[0] < 0:
                return None
            try:
                g = gradient(add([t.expr for t in others]), [d])[0]
                if d.symmetric and not g.symmetric:
                    g = scaled(Fraction(1, 2), add([g, transpose(g)]))
                over = power(_short(m.c), number(-1))
                w: Expr | None
                if m.is_scalar:
                    w = product([over, g])
                elif m.weight is not None:
                    w = product([over, hadamard([g, hpower(m.weight, number(-1))])])
                else:
                    solved = self._both_solved(m, g)
                    w = None if solved is None else product([over, solved])
                if w is None:
                    continue
                inside = product([transpose(g), w])
                less = total(hadamard([g, w])) if m.weight is not None else inside if inside.is_scalar else apply(TR, (inside,))
                without = [substitute(t.expr, {d: zero(d.shape)}) for t in others]  # of what is a sum over several differentials
                rest = add([*(t.expr for t in terms if t not in mine), *without, scaled(Fraction(-1, 4), less)])
                remaining = [x for x in self.differentials if x is not d]
                left = joined(Form(rest, remaining, apart=True).terms)
                whole = add([d, scaled(Fraction(1, 2), w)])
            except (NotQuadratic, MatcalcError):
                continue
            inner = Prover(self.signs, {x: self.differentials[x] for x in remaining}, self.left)
            found = inner(left, depth + 1)
            if found is not None:
                of, level = self.definite(m)
                level = level if self._fixed(w) else min(level, STRICT)
                return [Part((replace(m, p=whole, q=whole),), "square completed", "a completed square", of, level), *found]
        return None

    def _definite_enough(self, m: Term) -> bool:
        """Whether the square can be completed wherever its coefficient is not zero: what is psd there is so everywhere, by continuity."""
        whole = m.c if m.weight is None else hadamard_scaled(m.c, m.weight)
        s = self.signs(whole)
        if not s & NONNEGATIVE or s & NONPOSITIVE or not s & NONZERO and not _analytic(whole):
            return False
        return m.is_scalar or m.weight is not None or all("psd" in self.signs.known(x) for x in (m.a, m.b))


def hadamard_scaled(c: Expr, w: Expr | None) -> Expr:
    return product([c, w]) if w is not None else c


def _weighted_together(terms: Iterable[Term]) -> list[Term]:
    """Sums of squares of an array put to the weighted squares of the same, where there are such."""
    terms = list(terms)
    weighted = {(t.p, t.q) for t in terms if t.weight is not None}
    plain = [
        t
        for t in terms
        if (t.p, t.q) in weighted and t.weight is None and t.a.op in (H.IDENTITY, H.NUMBER) and t.b.op in (H.IDENTITY, H.NUMBER)
    ]
    if not plain:
        return terms
    out = [t for t in terms if t.weight is None and t not in plain]
    for p, q in weighted:
        parts = [
            hadamard_scaled(t.c, t.weight if t.weight is not None else ones(t.p.shape))
            for t in terms
            if (t.p, t.q) == (p, q) and (t.weight is not None or t in plain)
        ]
        out.append(Term(ONE, p, q, add(parts)))
    return [t for t in out if t.weight is None or t.weight.op.name != "zero"]


def shortened(e: Expr) -> Expr:
    """`e` simplified, where that is worth its time."""
    return simplify(e) if e.weight <= HEAVIEST_SQUARES else e


def _short(c: Expr) -> Expr:
    """A coefficient as one quotient, where it is a sum of them."""
    try:
        return ratio(c).expr() if c.op is H.SUM else c
    except LimitError:
        return c


def _apart(t: Term) -> list[Term]:
    """tr(P'(A − C)Q B) as two."""
    if t.weight is None and t.a.op is H.SUM:
        return [in_numbers(replace(t, c=scaled(c, t.c), a=a)) for c, a in zip(t.a.data, t.a.args, strict=True)]
    return [t]


def _without(u: Expr, left: Expr | None, right: Expr | None) -> Expr | None:
    """v with u = left v right, where u shows that; sums term by term."""
    if left is None and right is None:
        return u
    front, bare = split(u)
    if bare.op is H.SUM and (left is None or bare is not left):
        parts = [_without(t, left, right) for t in bare.args]
        if any(p is None for p in parts):
            return None
        return product([front, add([scaled(c, p) for c, p in zip(bare.data, parts, strict=True) if p is not None])])
    chain = list(factors(bare)) if bare is not ONE else []
    first = list(factors(split(left)[1])) if left is not None else []
    last = list(factors(split(right)[1])) if right is not None else []
    if chain[: len(first)] != first or last and chain[-len(last) :] != last or len(chain) < len(first) + len(last):
        return None
    over = product([power(split(x)[0], number(-1)) for x in (left, right) if x is not None])
    inside = chain[len(first) : len(chain) - len(last)]
    if not inside:
        return product([over, front, identity(chain[len(first) - 1].shape[1] if first else chain[0].shape[0])]) if first or last else None
    return product([over, front, *inside])


def _analytic(e: Expr) -> bool:
    return all(not n.op.smooth and n.op.abstract is None and n.op.name not in ("step", "sign") for n in postorder(e))


def _entrywise(e: Expr, x: Expr) -> bool:
    """Whether the entries of `e` are one function of those of `x`."""
    atoms: dict[Expr, Expr] = {}
    return entry(e, Signs(), atoms) is not None and set(atoms) <= {x}
