"""A second differential as a quadratic form: a sum of terms in differentials, like ones added up.

A term is c ⟨W ⊙ P, Q⟩, entry by entry with weights W, or c tr(P' A Q B); P and Q are linear in the differentials.
A product of two numbers is the first with W = 1, dx'M dx the second with B = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.convexity.ratios import exponent, is_zero
from matcalc.expr import Expr, add, apply, coefficient_and_rest, hadamard, identity, number, ones, postorder, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.products import factors, product, scaled, split
from matcalc.limits import MOST_FORM_TERMS
from matcalc.operators.functions import total
from matcalc.operators.matrices import DIAG, DIAGONAL, TR, VEC

_HALF = Fraction(1, 2)


class NotQuadratic(Exception):
    """The function has no such form, as far as is known here."""


@dataclass(frozen=True)
class Term:
    """c ⟨W ⊙ P, Q⟩ where `weight` is set, else c tr(P' A Q B)."""

    c: Expr
    p: Expr
    q: Expr
    weight: Expr | None = None
    a: Expr = ONE
    b: Expr = ONE

    @property
    def is_square(self) -> bool:
        return self.p is self.q

    @property
    def is_scalar(self) -> bool:
        """A product of two numbers."""
        return self.p.is_scalar

    def mapped(self, f: Callable[[Expr], Expr]) -> Term:
        """The term with `f` of all that it is made of."""
        return Term(f(self.c), f(self.p), f(self.q), None if self.weight is None else f(self.weight), f(self.a), f(self.b))

    @property
    def expr(self) -> Expr:
        """The term as an expression in the differentials."""
        if self.is_scalar:
            return product([self.c, self.p, self.q])
        if self.weight is not None:
            return product([self.c, total(hadamard([self.weight, self.p, self.q]))])
        inside = product([transpose(self.p), self.a, self.q, self.b])
        return product([self.c, inside if inside.is_scalar else apply(TR, (inside,))])


class Form:
    """The quadratic form that an expression in `differentials` is.  Raises NotQuadratic."""

    def __init__(self, e: Expr, differentials: Iterable[Expr], *, apart: bool = False) -> None:
        self.differentials = set(differentials)
        self.apart = apart  # sums that are linear are multiplied out, too
        self.degrees: dict[Expr, int] = {}
        self.terms: list[Term] = []
        self._read(e, ONE)
        self.terms = joined(self.terms)

    def degree(self, e: Expr) -> int:
        """How often differentials are factors of `e`."""
        if e not in self.degrees:
            for n in postorder(e, known=self.degrees):
                self.degrees[n] = self._degree(n)
        return self.degrees[e]

    def _degree(self, e: Expr) -> int:
        of = [self.degrees[a] for a in e.args]
        if e in self.differentials:
            return 1
        if not any(of):
            return 0
        if e.op is H.SUM:
            return max(of)
        if e.op in (H.PRODUCT, H.HADAMARD):
            return sum(of)
        k = exponent(e)
        if k in (1, 2):
            return of[0] * int(k)
        if e.op is H.MATPOWER and e.data > 0:
            return of[0] * int(e.data)
        if e.op is H.TRANSPOSE or len([d for d in of if d]) == 1 and e.op.adjoint and e.op.adjoint[next(i for i, d in enumerate(of) if d)]:
            return max(of)
        raise NotQuadratic(e.op.name)

    # --- reading ---------------------------------------------------------------------------------------------------------

    def _read(self, e: Expr, c: Expr) -> None:
        """Adds the terms of c times the scalar `e`, of degree 2."""
        if len(self.terms) > MOST_FORM_TERMS:
            raise NotQuadratic("too many terms")
        if self.degree(e) == 0:
            if not is_zero(e):
                raise NotQuadratic("not of degree 2")
        elif e.op is H.SUM:
            for k, t in zip(e.data, e.args, strict=True):
                self._read(t, scaled(k, c))
        elif exponent(e) == 2:
            self._pair(e.args[0], e.args[0], c)
        elif e.op is H.PRODUCT:
            count = e.data[1]
            moving = [a for a in e.args[:count] if self.degree(a)]
            c = product([number(e.data[0]), c, *(a for a in e.args[:count] if not self.degree(a))])
            chain = list(e.args[count:])
            if not any(self.degree(f) for f in chain):
                c = product([c, *chain]) if chain else c
                chain = []
            pieces = [p for m in moving for p in ([m.args[0]] * 2 if exponent(m) == 2 else [m])]
            if len(pieces) == 1 and not chain:
                self._read(pieces[0], c)
            elif len(pieces) == 2 and not chain:
                self._pair(pieces[0], pieces[1], c)
            elif len(pieces) == 1:
                self._pair(pieces[0], product(chain), c)
            elif not pieces:
                self._word(chain, c)
            else:
                raise NotQuadratic("not of degree 2")
        elif e.op is TR:
            self._trace(e.args[0], c)
        else:
            raise NotQuadratic(e.op.name)

    def _pair(self, p: Expr, q: Expr, c: Expr) -> None:
        """Adds c p q, of numbers that are linear; of sums with common factors what is in them."""
        if self.degree(p) != 1 or self.degree(q) != 1:
            raise NotQuadratic("not of degree 2")
        parts = [self._parts(x, p is not q) for x in (p, q)]
        for k, x in parts[0]:
            for j, y in parts[1]:
                self._keep(Term(product([c, k, j]), x, y))

    def _beside(self, front: Expr, whole: Expr, c: Expr) -> None:
        """Adds c times two numbers, that are linear both, or of which the first is of degree 2."""
        if self.degree(front) == 1:
            self._pair(front, whole, c)
        else:
            self._read(front, product([c, whole]))

    def _parts(self, p: Expr, apart: bool = False) -> list[tuple[Expr, Expr]]:
        """A linear number as a sum of constants times what cannot be taken apart; those in a square stay."""
        apart = apart or self.apart
        if p.op is H.SUM and apart:
            return [(product([number(k), j]), x) for k, t in zip(p.data, p.args, strict=True) for j, x in self._parts(t, apart)]
        if p.op is H.PRODUCT:
            count = p.data[1]
            still = [a for a in p.args[:count] if not self.degree(a)]
            moving = [a for a in p.args if self.degree(a)]
            chain = p.args[count:]
            if chain and any(self.degree(f) for f in chain):
                front = product([number(p.data[0]), *still])
                inside = product(chain)
                return (
                    [(front, inside)]
                    if inside is p or inside.op is H.PRODUCT
                    else [(product([front, j]), x) for j, x in self._parts(inside, apart)]
                )
            if len(moving) == 1 and p is not moving[0]:
                front = product([number(p.data[0]), *(a for a in p.args if not self.degree(a))])
                return [(product([front, j]), x) for j, x in self._parts(moving[0], apart)]
        return [(ONE, p)]

    def _trace(self, m: Expr, c: Expr) -> None:
        """Adds c tr(m)."""
        if m.op is H.SUM:
            for k, t in zip(m.data, m.args, strict=True):
                self._trace(t, scaled(k, c))
            return
        front, bare = split(m)
        if front is not ONE and self.degree(front):
            self._pair(front, apply(TR, (bare,)), c)
            return
        self._word(list(factors(bare)) if bare.op is H.PRODUCT else [bare], product([c, front]))

    def _word(self, word: Sequence[Expr], c: Expr) -> None:
        """Adds c times the trace of a product of degree 2, or the product itself where that is a number."""
        flat: list[Expr] = []
        before = c
        for i, f in enumerate(word):
            if f.op is H.MATPOWER and self.degree(f):
                flat += [f.args[0]] * f.data
            elif f.op is H.PRODUCT and self.degree(f):
                front, bare = split(f)
                if self.degree(front):
                    whole = product([*word[:i], bare, *word[i + 1 :]])
                    self._beside(front, whole if whole.is_scalar else apply(TR, (whole,)), before)
                    return
                c = product([c, front])
                flat += factors(bare)
            else:
                flat.append(f)
        moving = [i for i, f in enumerate(flat) if self.degree(f)]
        apart = self.apart or len(moving) == 2 and untransposed(flat[moving[0]]) is not untransposed(flat[moving[1]])
        for i in moving:
            f = flat[i]
            bare = untransposed(f)
            if bare.op is H.SUM and (self.degree(f) == 2 or apart):
                for k, t in zip(bare.data, bare.args, strict=True):
                    self._word([*flat[:i], transpose(t) if f.op is H.TRANSPOSE else t, *flat[i + 1 :]], scaled(k, c))
                return
        if len(moving) == 2:
            i, j = moving
            self._sandwich(flat[i], flat[i + 1 : j], flat[j], flat[j + 1 :] + flat[:i], c)
        elif len(moving) == 1:
            i = moving[0]
            self._entries(flat[i], flat[:i], flat[i + 1 :], c)
        else:
            raise NotQuadratic("not of degree 2")

    def _entries(self, f: Expr, before: Sequence[Expr], after: Sequence[Expr], c: Expr) -> None:
        """Adds c tr(before f after), where f is entry by entry of degree 2."""
        outside = product([*after, *before]) if after or before else identity(f.shape[0])  # the trace of it times f
        bare = untransposed(f)
        outside = transpose(outside) if f is bare else outside  # the weights of its entries
        if bare.op is DIAG:
            inside, weight = bare.args[0], apply(DIAGONAL, (outside,))
        elif bare.op is DIAGONAL and outside.shape[0] != 1:
            inside, weight = bare.args[0], apply(DIAG, (outside,))
            self._word([transpose(weight), inside], c)
            return
        elif bare.op is VEC:
            raise NotQuadratic("vec")
        else:
            inside, weight = bare, outside
        self._entries_of(inside, weight, c)

    def _entries_of(self, f: Expr, weight: Expr, c: Expr) -> None:
        front, bare = split(f)
        if self.degree(front):
            self._beside(front, total(hadamard([weight, bare])), c)
            return
        c, f = product([c, front]), bare
        parts = f.args if f.op is H.HADAMARD else (f,)
        still = [a for a in parts if not self.degree(a)]
        moving = [x for a in parts if self.degree(a) for x in ([a.args[0]] * 2 if exponent(a) == 2 else [a])]
        if len(moving) == 1 and self.degree(moving[0]) == 2:
            (m,) = moving
            bare = untransposed(m)
            if bare.op is H.SUM:
                for k, t in zip(bare.data, bare.args, strict=True):
                    self._entries_of(hadamard([*still, transpose(t) if m is not bare else t]), weight, scaled(k, c))
                return
            if bare.op not in (H.PRODUCT, H.MATPOWER):
                raise NotQuadratic(bare.op.name)
            self._word([transpose(hadamard([weight, *still])), m] if still else [transpose(weight), m], c)
            return
        if len(moving) != 2 or any(self.degree(m) != 1 for m in moving):
            raise NotQuadratic("not of degree 2")
        self._weighted(hadamard([weight, *still]), moving[0], moving[1], c)

    def _weighted(self, weight: Expr, p: Expr, q: Expr, c: Expr) -> None:
        """Adds c ⟨W ⊙ P, Q⟩, constant factors of P and Q put to the weights."""
        for x, other in ((p, q), (q, p)):
            front, bare = split(x)
            if self.degree(front):
                self._beside(front, total(hadamard([weight, bare, other])), c)
                return
        sides = []
        for x in (p, q):
            front, bare = split(x)
            c = product([c, front])
            if bare.op is H.HADAMARD:
                still = [a for a in bare.args if not self.degree(a)]
                if still:
                    weight, bare = hadamard([weight, *still]), hadamard([a for a in bare.args if self.degree(a)])
            sides.append(bare)
        ways = [
            [(ONE, x)] if x.op is not H.SUM or not self.apart else [(number(k), t) for k, t in zip(x.data, x.args, strict=True)]
            for x in sides
        ]
        if any(len(w) > 1 for w in ways):
            for k, x in ways[0]:
                for j, y in ways[1]:
                    self._weighted(weight, x, y, product([c, k, j]))
            return
        (_, p), (_, q) = ways[0][0], ways[1][0]
        for x, y in ((p, q), (q, p)):  # (w ⊙ P)' K (w ⊙ P)
            chain = factors(y)
            if y.op is H.PRODUCT and x.shape[1] == 1 and chain[-1] is hadamard([weight, x]):
                self._keep(Term(c, chain[-1], chain[-1], None, product(chain[:-1])))
                return
        front, bare = split(weight)
        if p is q and _is_fill(bare):
            self._keep(Term(product([c, front]), p, q, None, identity(p.shape[0]), identity(p.shape[1])))
        elif _is_fill(bare) and H.PRODUCT in (p.op, q.op) and not {H.HADAMARD, H.HPOWER} & {untransposed(x).op for x in (p, q)}:
            self._word([*factors(transpose(p)), *factors(q)], product([c, front]))
        else:
            self._keep(Term(product([c, front]), p, q, bare))

    def _sandwich(self, first: Expr, between: Sequence[Expr], second: Expr, rest: Sequence[Expr], c: Expr) -> None:
        """Adds c tr(first between second rest)."""
        (sign, p), q = split(transpose(first)), second
        c = product([c, sign])  # of what is skew
        if not between and not rest:
            entrywise = [untransposed(x) for x in (p, q)]
            if any(x.op in (H.HADAMARD, H.HPOWER) for x in entrywise) and p.shape == q.shape:
                self._weighted(ones(p.shape), p, q, c)
                return
        if p.shape[1] == 1 and q.shape[1] == 1 and not rest:  # P' A (h ⊙ Q): what is before is part of P
            inner = [x for x in (p, q) if x.op is H.HADAMARD and any(not self.degree(a) for a in x.args)]
            if inner:
                x = inner[-1]
                other = product([*(transpose(f) for f in reversed(between)), p]) if x is q else product([*between, q])
                self._weighted(ones(x.shape), other, x, c)
                return
        a, b = list(between), list(rest)
        k = 0
        while k < len(a) // 2 and transpose(a[k]) is a[-1 - k] and a[k].shape[0] != a[k].shape[1]:
            k += 1
        if k and p is q:
            q = product([*a[len(a) - k :], q])
            p, a = q, a[k : len(a) - k]
        j = 0
        while j < len(b) // 2 and transpose(b[j]) is b[-1 - j] and b[j].shape[0] != b[j].shape[1]:
            j += 1
        if j and p is q:
            q = product([q, *b[:j]])
            p, b = q, b[j : len(b) - j]
        left = product(a) if a else identity(p.shape[0])
        right = product(b) if b else identity(p.shape[1])
        front = ONE
        if left.op is H.PRODUCT or right.op is H.PRODUCT:
            (s, left), (t, right) = split(left), split(right)
            front = product([s, t])
            left = identity(p.shape[0]) if left is ONE else left
            right = identity(p.shape[1]) if right is ONE else right
        self._keep(Term(product([c, front]), p, q, None, left, right))

    def _keep(self, t: Term) -> None:
        if len(self.terms) > MOST_FORM_TERMS:
            raise NotQuadratic("too many terms")
        if t.is_scalar:
            c = product([t.c, t.a, t.b, *([t.weight] if t.weight is not None else [])])
            p, q = sorted((t.p, t.q), key=lambda x: x.order)
            self.terms.append(Term(c, p, q))
            return
        if t.weight is None and not t.is_square and (t.q.order < t.p.order):
            t = Term(t.c, t.q, t.p, None, transpose(t.a), transpose(t.b))
        if t.weight is not None and t.q.order < t.p.order:
            t = Term(t.c, t.q, t.p, t.weight)
        if t.is_square and t.p.op is H.TRANSPOSE:
            x = t.p.args[0]
            t = Term(t.c, x, x, None, t.b, t.a) if t.weight is None else Term(t.c, x, x, transpose(t.weight))
        if t.is_square and not (t.a.symmetric and t.b.symmetric) and t.weight is None:
            symmetric = [x.symmetric or x.is_scalar for x in (t.a, t.b)]
            if symmetric == [False, True]:
                t = Term(t.c, t.p, t.q, None, add([scaled(_HALF, t.a), scaled(_HALF, transpose(t.a))]), t.b)
            elif symmetric == [True, False]:
                t = Term(t.c, t.p, t.q, None, t.a, add([scaled(_HALF, t.b), scaled(_HALF, transpose(t.b))]))
            (j, a), (k, b) = coefficient_and_rest(t.a), coefficient_and_rest(t.b)
            t = Term(scaled(j * k, t.c), t.p, t.q, None, a, b)
        self.terms.append(t)


def in_numbers(t: Term) -> Term:
    """c P' u u' Q of columns P and Q as the product of the numbers u'P and u'Q; any other term as it is."""
    front, bare = split(t.a)
    chain = factors(bare)
    k, odd = divmod(len(chain), 2)
    if t.weight is not None or t.p.shape[1] != 1 or odd or not k or chain[k].shape[0] != 1:
        return t
    if any(transpose(f) is not g for f, g in zip(chain[:k], reversed(chain), strict=False)):
        return t
    u = product(chain[k:])
    return Term(product([t.c, front]), product([u, t.p]), product([u, t.q]))


def _is_fill(e: Expr) -> bool:
    return e is ONE or e.op is H.ONES or e.op is H.PRODUCT and e.data == (1, 0) and all(untransposed(f).op is H.ONES for f in e.args)


def joined(terms: Iterable[Term]) -> list[Term]:
    """Like terms as one, what is zero left out: of one kind in P and Q those with the same matrices, or with the same weights."""
    kept: dict[tuple[Expr, Expr, Expr | None, Expr, Expr], list[Expr]] = {}
    for t in terms:
        a, b, p, q = t.a, t.b, t.p, t.q
        key = (p, q, t.weight, a, b)
        if key not in kept and t.weight is None and not t.is_scalar:  # of symmetric P and Q, tr(P A Q B) = tr(Q B P A) = tr(P B' Q A')
            if p.symmetric and q.symmetric:
                for other in ((p, q, None, transpose(b), transpose(a)), (p, q, None, b, a) if p is q else key):
                    key = other if other in kept else key
        kept.setdefault(key, []).append(t.c)
    out = []
    for (p, q, weight, a, b), cs in kept.items():
        c = add(cs)
        if not is_zero(c):
            out.append(Term(c, p, q, weight, a, b))
    weights: dict[tuple[Expr, Expr], list[Term]] = {}
    for t in out:
        if t.weight is not None:
            weights.setdefault((t.p, t.q), []).append(t)
    done = [t for t in out if t.weight is None]
    for (p, q), several in weights.items():
        if len(several) == 1:
            done += several
        else:
            w = add([product([t.c, t.weight]) for t in several if t.weight is not None])
            done.append(Term(ONE, p, q, w))
    return done
