"""Curvature by the rules of composition: what is convex or concave, entry by entry, of what its arguments are.

An affine argument keeps the curvature of a function, an increasing convex function that of a convex argument, and so on
(Boyd & Vandenberghe 3.2).  Curvature and monotonicity of a function are columns of its row where it is not smooth, and follow of the
signs of its derivatives where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import and_

from matcalc.convexity.intervals import NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, Sign
from matcalc.convexity.ratios import exponent, total
from matcalc.convexity.signs import Signs, bent, by_derivatives, entry, is_plain, named, of_number, sign_words, times
from matcalc.convexity.spectra import CONCAVE, CONVEX, Affine, as_number, is_psd, loewner, signed
from matcalc.expr import (
    Expr,
    add,
    coefficient_and_rest,
    hadamard,
    number,
    postorder,
    substitute,
    transpose,
    untransposed,
    variable,
    variables,
)
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.products import factors, power, product, scaled, split
from matcalc.limits import MOST_INNER
from matcalc.operators.matrices import TR

UNKNOWN = 0
AFFINE = CONVEX | CONCAVE
INCREASING, DECREASING = 1, 2
WORDS = {CONVEX: "convex", CONCAVE: "concave", AFFINE: "affine", UNKNOWN: "of unknown curvature"}


@dataclass(frozen=True)
class Step:
    """That an expression has a curvature, and by which rule."""

    of: Expr
    curvature: int
    rule: str


class Composer:
    """The curvature of expressions in the variables of `affine`; of scalars that no rule reaches, what `hessian` and `perspective` say.

    Of a function of one number, what `of_number` says.
    """

    def __init__(
        self,
        affine: Affine,
        signs: Signs,
        hessian: Callable[[Expr], int],
        perspective: Callable[[Expr], int],
        of_number: Callable[[Expr, Expr], int],
    ) -> None:
        self.affine, self.signs, self.hessian, self.perspective, self.of_number = affine, signs, hessian, perspective, of_number
        self.moving, self.depends = affine.by, affine.moves
        self.done: dict[Expr, Step] = {}

    def __call__(self, e: Expr) -> int:
        return self.step(e).curvature

    def steps(self, e: Expr) -> list[Step]:
        """The steps to `e` that say more than that something is affine."""
        self(e)
        return [s for n in postorder(e) if (s := self.done.get(n)) and s.curvature != AFFINE and s.curvature]

    def step(self, e: Expr) -> Step:
        for n in postorder(e, known=self.done):
            curvature, rule = self._curvature(n)
            self.done[n] = Step(n, curvature, rule)
        return self.done[e]

    def _curvature(self, e: Expr) -> tuple[int, str]:
        if not self.depends(e) or e in self.moving:
            return AFFINE, "constant" if e not in self.moving else "variable"
        found = self._by_rule(e)
        if not found[0]:
            found = self._of_matrices(e)
        if not found[0] and e.is_scalar:
            by = self.hessian(e)
            found = (by, "by its Hessian") if by else self._of_one(e)
        if not found[0] and e.is_scalar:
            found = self._of_powers(e)
        if not found[0] and e.is_scalar:
            found = self._by_logarithm(e)
        if not found[0] and (e.op in (H.SUM, H.PRODUCT) or not e.is_scalar):
            found = self._of_entries(e)
        if not found[0] and e.is_scalar:
            found = self.perspective(e), "homogeneous of degree 1, and so where one positive variable is 1"
        return found

    def _of_powers(self, e: Expr) -> tuple[int, str]:
        """u^a over Π vᵢ^bᵢ of a convex u and concave vᵢ, a ≥ 1 + Σ bᵢ, and Π vᵢ^bᵢ with Σ bᵢ ≤ 1, of positive numbers (Crouzeix 1977)."""
        outer = exponent(e) if e.op is H.POWER else None
        whole = e if outer is None else e.args[0]
        if whole.op is not H.PRODUCT or len(whole.args) > whole.data[1]:
            return UNKNOWN, ""
        moving = [a for a in whole.args if self.depends(a)]
        pairs = [(a.args[0], of) if a.op is H.POWER and (of := exponent(a)) is not None else (a, 1) for a in moving]
        pairs = pairs if outer is None else [(u, k * outer) for u, k in pairs]
        s = reduce(times, (self.signs(a) for a in whole.args if a not in moving), of_number(whole.data[0]))
        s = s if outer is None else s & POSITIVE
        over = [(u, k) for u, k in pairs if k > 0]
        below = sum(-k for _, k in pairs if k < 0)
        if len(pairs) < 2 or not all(self(u) & CONCAVE and self.signs.nonnegative(u) for u, k in pairs if k < 0 or len(over) > 1):
            return UNKNOWN, ""
        if not below and sum(k for _, k in over) <= 1:
            return signed(CONCAVE, s), "a geometric mean of what is concave"
        if below and len(over) == 1 and over[0][1] >= 1 + below:
            ((u, k),) = over
            if self(u) & CONVEX and self.signs.nonnegative(u) or self(u) == AFFINE and k % 2 == 0:
                return signed(CONVEX, s), "a power of what is convex over powers of what is concave"
        return UNKNOWN, ""

    # --- by logarithms -----------------------------------------------------------------------------------------------

    def _by_logarithm(self, e: Expr) -> tuple[int, str]:
        """Products and sums of what is log-convex (Boyd & Vandenberghe 3.5), and log g as log t + log(g/t)."""
        if e.op is H.PRODUCT and self.logarithmic(e) & CONVEX:
            return CONVEX, "a product of what is log-convex"
        if e.op.name != "log":
            return UNKNOWN, ""
        (g,) = e.args
        if self.logarithmic(g) & CONVEX:
            return CONVEX, "the logarithm of what is log-convex"
        for t in variables(g):
            if t in self.moving and t.is_scalar and self.signs.positive(t) and self(total([product([g, power(t, number(-1))])])) & CONCAVE:
                return CONCAVE, f"log {t!r} more than the logarithm of what is concave"
        return UNKNOWN, ""

    def logarithmic(self, e: Expr) -> int:
        """The curvature of the logarithm of every entry, by what it is made of, where all are positive."""
        if not self.depends(e):
            return AFFINE if self.signs.positive(e) else UNKNOWN
        found, k = UNKNOWN, 1 if e.op is H.TRANSPOSE or e.op.name == "prod" else exponent(e)
        if e.op.name == "exp":
            found = self(e.args[0])
        elif e.op is H.SUM:
            found = CONVEX if all(c > 0 and self.logarithmic(a) & CONVEX for c, a in zip(e.data, e.args, strict=True)) else UNKNOWN
        elif e.op is H.HADAMARD or e.op is H.PRODUCT and e.data[0] > 0:
            found = reduce(and_, map(self.logarithmic, e.args)) & (AFFINE if e.op is H.HADAMARD or len(e.args) == e.data[1] else CONVEX)
        elif k is not None:
            found = signed(self.logarithmic(e.args[0]), of_number(k))
        concave = e in self.done and self.done[e].curvature & CONCAVE and self.signs.positive(e)
        return found | (CONCAVE if concave else UNKNOWN)

    def _of_one(self, e: Expr) -> tuple[int, str]:
        """A smooth function of one number that has a curvature: by the signs of its derivatives where that number may be."""
        nodes = [n for n in postorder(e) if n.is_scalar and n is not e and self.depends(n) and n not in self.moving]
        for h in nodes[:-MOST_INNER:-1]:
            inner = self.done[h].curvature if h in self.done else UNKNOWN
            if inner in (CONVEX, CONCAVE):
                t = variable("t·", (1, 1), sign_words(self.signs(h)))
                even = [n for n in nodes if h.op.name == "abs" and n.op is H.POWER and n.args[0] is h.args[0]]
                g = substitute(e, {h: t, **{n: power(t, n.args[1]) for n in even if (exponent(n) or 1) % 2 == 0}})
                if not self.moving & set(variables(g)) and is_plain(g, Signs().positive):
                    curvature, monotone = (bits & AFFINE for bits in bent(g, t))
                    both = composed(curvature, monotone, inner)
                    if both:
                        return both, f"a function of one number that is {WORDS[inner]}"
        return UNKNOWN, ""

    def _of_entries(self, e: Expr) -> tuple[int, str]:
        """A function of the entries of one affine array, by that of a number; sums over such entries as one sum."""
        whole, atoms = self._summed(e) if e.is_scalar else e, dict[Expr, Expr]()
        for n in postorder(whole) if whole is not None else ():
            if n.op is H.SUM and not n.is_scalar and self.depends(n) and self.affine(n):
                atoms[n] = named(n, self.signs, len(atoms))
        g = None if whole is None else entry(whole, self.signs, atoms)
        within = frozenset(variables(g)) if g is not None else frozenset[Expr]()
        live = [(a, t) for a, of in atoms.items() for t in variables(of) if self.depends(a) and t in within]
        if g is None or len(live) != 1 or not self.affine(live[0][0]) or self.moving & within:
            return UNKNOWN, ""
        return self.of_number(g, live[0][1]), "in every entry, a function of one number"

    def _summed(self, e: Expr) -> Expr | None:
        """The array whose entries a sum of sums over entries adds up; None of others."""
        parts: list[Expr] = []
        for c, t in zip(e.data, e.args, strict=True) if e.op is H.SUM else ((1, e),):
            if self.depends(t):
                if t.op is not H.PRODUCT or len(t.args) != t.data[1] + 2:
                    return None
                *front, u, v = t.args
                parts.append(product([number(c), number(t.data[0]), *front, hadamard([transpose(u), v])]))
        return add(parts) if parts and len({p.shape for p in parts}) == 1 else None

    def _by_rule(self, e: Expr) -> tuple[int, str]:
        args = [self.done[a].curvature for a in e.args]
        live = [i for i, a in enumerate(e.args) if self.depends(a)]
        if e.op is H.SUM:
            return self._sum(e)
        if e.op in (H.PRODUCT, H.HADAMARD):
            if len(live) != 1:
                return UNKNOWN, ""
            s = of_number(e.data[0]) if e.op is H.PRODUCT else POSITIVE
            for i, a in enumerate(e.args):
                if i != live[0]:
                    s = times(s, self.signs(a))
            return signed(args[live[0]], s), "times a constant"
        if e.op is H.TRANSPOSE:
            return args[0], "transposed"
        if e.op is H.SIGMA:
            return args[0], "a sum"
        if e.op in (H.POWER, H.HPOWER):
            return self._power(e, args)
        if len(live) == 1 and e.op.adjoint and e.op.adjoint[live[0]]:
            if args[live[0]] == AFFINE:
                return AFFINE, "linear"
            others = [self.signs(a) for i, a in enumerate(e.args) if i != live[0]]
            if "nonnegative -> nonnegative" in e.op.keeps and all(s & NONNEGATIVE for s in others):
                return args[live[0]], "linear, with nonnegative coefficients"
            return UNKNOWN, ""
        if len(e.args) == 1 or e.op.curvature:
            return self._function(e, args, live)
        return UNKNOWN, ""

    def _of_matrices(self, e: Expr) -> tuple[int, str]:
        """Functions of eigenvalues: the largest of what is convex in the Loewner order, traces of functions, logdet of what is concave."""
        if e.op is H.PRODUCT and e.is_scalar and len(e.args) > e.data[1]:
            return loewner(e, self.affine, self.signs), "in the Loewner order"
        a = e.args[0]
        if e.op.name == "lambda_max" and a.op.name == "diag":
            return self(a.args[0]) & CONVEX, "the largest entry"
        if e.op.name in ("norm", "normnuc", "normspec") and "psd" in self.signs.known(a):
            return loewner(a, self.affine, self.signs) & CONVEX, "a norm of what is psd, in the Loewner order"
        if e.op.name == "lambda_max":
            return loewner(a, self.affine, self.signs) & CONVEX, "the largest eigenvalue, in the Loewner order"
        if e.op.name == "logdet" and "spd" in self.signs.known(a):
            return loewner(a, self.affine, self.signs) & CONCAVE, "logdet, in the Loewner order"
        if (
            e.op.name == "log"
            and a.op.name == "tr"
            and a.args[0].op.name == "expm"
            and self.affine(a.args[0].args[0])
            and a.args[0].args[0].symmetric
        ):
            return CONVEX, "the logarithm of the trace of an exponential"
        return self._trace(a) if e.op.name == "tr" else (UNKNOWN, "")

    def is_strict(self, e: Expr, x: Expr, curvature: int) -> bool:
        """Whether `e` is a multiple of the trace of a function of the symmetric `x` alone, strictly so where that of a number is."""
        c, bare = coefficient_and_rest(e)
        front, bare = split(bare) if bare.op is H.PRODUCT else (ONE, bare)
        if bare.op.name != "tr" or x.is_scalar or not x.symmetric or self.depends(front):
            return False
        t = variable("t·", (1, 1), {"positive"} if "spd" in self.signs.known(x) else set())
        g = as_number(bare.args[0], x, t)
        needed = POSITIVE if curvature == CONVEX else NEGATIVE
        return g is not None and bent(product([number(c), front, g]), t)[0] & needed == needed

    def _trace(self, a: Expr) -> tuple[int, str]:
        """tr g(X), with X symmetric and affine, is convex where g is (Davis 1957); of a convex X where g increases, too."""
        rule = "the trace of a function of a symmetric matrix"
        chain = factors(a) if a.op is H.PRODUCT and len(a.args) > a.data[1] else ()
        moving = [i for i, f in enumerate(chain) if self.depends(f)]
        if len(moving) == 1 and a.data == (1, 0):  # tr(A F(X)) with A psd
            i = moving[0]
            if is_psd(product([*chain[i + 1 :], *chain[:i]]), self.signs):
                return loewner(chain[i], self.affine, self.signs), rule
        whole = [g for f in chain for g in ((f.args[0],) * f.data if f.op is H.MATPOWER and f.data == 2 else (f,))]
        for k in range(len(whole) if len(moving) > 1 and a.data == (1, 0) else 0):  # tr(F F'M) is tr(F'M F)
            if found := loewner(product([*whole[k:], *whole[:k]]), self.affine, self.signs):
                return found, "the trace of a matrix, in the Loewner order"
        for x in postorder(a):
            inner = loewner(x, self.affine, self.signs) if self.depends(x) and x.symmetric and not x.is_scalar and x is not a else UNKNOWN
            names = self.signs.known(x) if inner else frozenset()
            t = variable("t·", (1, 1), {"positive"} if "spd" in names else {"nonnegative"} if "psd" in names else set())
            g = as_number(a, x, t) if inner else None
            if g is not None and all(n.op is not H.POWER or n.args[1].data > 0 or Signs().positive(n.args[0]) for n in postorder(g)):
                curvature, monotone = (bits & AFFINE for bits in bent(g, t))
                both = composed(curvature, monotone, inner)
                if both:
                    return both, rule
        return UNKNOWN, ""

    def _is_sum_of_squares(self, e: Expr) -> bool:
        """Of affine functions, entry by entry, with nonnegative numbers before them and beside them."""
        e = untransposed(e)
        if not self.depends(e):
            return self.signs.nonnegative(e)
        if exponent(e) == 2:
            return self.affine(e.args[0]) or e.args[0].op.name in ("norm", "abs") and self.affine(e.args[0].args[0])
        if e.op is H.SUM:
            return all(c > 0 and self._is_sum_of_squares(a) for c, a in zip(e.data, e.args, strict=True))
        if e.op in (H.PRODUCT, H.HADAMARD):
            live = [a for a in e.args if self.depends(a)]
            still = [a for a in e.args if a not in live]
            if len(live) == 1:
                return (
                    (e.op is H.HADAMARD or e.data[0] > 0) and all(map(self.signs.nonnegative, still)) and self._is_sum_of_squares(live[0])
                )
            return e.is_scalar and e.op is H.PRODUCT and loewner(e, self.affine, self.signs) == CONVEX
        return False

    def _norm(self, e: Expr) -> bool:
        """The root of a sum of squares, or of one of p-th powers of absolute values."""
        base, exponent = e.args
        if exponent.op is not H.NUMBER or not 0 < exponent.data < 1:
            return False
        if exponent.data == Fraction(1, 2):
            return self._is_sum_of_squares(base)
        p = 1 / Fraction(exponent.data)
        chain = factors(base) if base.op is H.PRODUCT and base.data == (1, 0) else ()
        inside = [f for f in chain if self.depends(f)]
        weighted = all(self.signs.nonnegative(f) for f in chain if f not in inside)
        if not weighted or len(inside) != 1 or untransposed(inside[0]).op is not H.HPOWER:
            return False
        z, k = untransposed(inside[0]).args
        even = p.denominator == 1 and p.numerator % 2 == 0
        return k.op is H.NUMBER and k.data == p and (z.op.name == "abs" and self.affine(z.args[0]) or self.affine(z) and even)

    def _sum(self, e: Expr) -> tuple[int, str]:
        out = reduce(and_, (signed(self.done[a].curvature, of_number(c)) for c, a in zip(e.data, e.args, strict=True)))
        return (out, "a sum") if out else self._relative_entropy(e) if e.is_scalar else self._maximum(e)

    def _relative_entropy(self, e: Expr) -> tuple[int, str]:
        """What holds tr(X log X) − tr(X log Y), which is convex in X and Y together (Lindblad 1974), and more."""
        pairs: dict[tuple[Expr, Expr], tuple[int | Fraction, Expr]] = {}
        for c, t in zip(e.data, e.args, strict=True):
            chain = sorted(factors(t.args[0]), key=lambda f: f.op.name == "logm") if t.op is TR else []
            if len(chain) == 2 and chain[1].op.name == "logm":
                x, y = chain[0], chain[1].args[0]
                if all("spd" in self.signs.known(z) and self.affine(z) for z in (x, y)):
                    pairs[x, y] = c, t
        for (x, y), (c, t) in pairs.items():
            if x is not y and (x, x) in pairs:
                rest = self(add([e, scaled(-c, t), scaled(c, pairs[x, x][1])]))
                if both := rest & (CONVEX if c < 0 else CONCAVE):
                    return both, "the relative entropy of two matrices"
        return self._maximum(e)

    def _maximum(self, e: Expr) -> tuple[int, str]:
        """u + relu(v − u) is max(u, v): convex where u and v are."""
        for c, a in zip(e.data, e.args, strict=True):
            if abs(c) == 1 and a.op.name == "relu":
                rest = add([e, scaled(-c, a)])
                other = add([rest, scaled(c, a.args[0])])
                both = self(rest) & self(other) & (CONVEX if c == 1 else CONCAVE)
                if both:
                    return both, "the larger of two" if c == 1 else "the smaller of two"
        return UNKNOWN, ""

    def _power(self, e: Expr, args: list[int]) -> tuple[int, str]:
        base, exponent = e.args
        if exponent.op is not H.NUMBER:
            return UNKNOWN, ""
        k: int | Fraction = exponent.data
        if self._norm(e):
            return CONVEX, "the norm of what is affine"
        s = self.signs(base)
        if isinstance(k, int) and k < 0:  # where it is not zero on a convex set
            s = next((t for t, of in ((POSITIVE, CONCAVE), (NEGATIVE, CONVEX)) if s & t & 3 and (s & NONZERO or args[0] & of)), UNKNOWN)
        elif not isinstance(k, int):
            s = POSITIVE if k < 1 or s & NONNEGATIVE or args[0] == AFFINE else UNKNOWN
        if not s and (k < 0 or not isinstance(k, int)):
            return UNKNOWN, ""
        curvature, monotone = (bits & AFFINE for bits in by_derivatives(k, s))
        shape = WORDS[curvature] + {INCREASING: " and increasing", DECREASING: " and decreasing"}.get(monotone, "")
        return composed(curvature, monotone, args[0]), f"a power that is {shape}, of what is {WORDS[args[0]]}"

    def _function(self, e: Expr, args: list[int], live: list[int]) -> tuple[int, str]:
        """A function of one argument, or of several that all take the same part."""
        out = AFFINE
        for i in live:
            a = e.args[i]
            if e.op.curvature:
                curvature, monotone = _said(e.op.curvature, self.signs.known(a), self.signs(a))
                if "first" in e.op.curvature and i:
                    return UNKNOWN, ""
            elif e.op.elementwise and not e.op.smooth and not e.op.abstract and len(e.args) == 1:
                if (
                    e.op.domain.startswith("not ")
                    or e.op.domain
                    and args[i] != AFFINE
                    and not self.signs.positive(a)
                    and not args[i] & CONCAVE
                ):
                    return UNKNOWN, ""
                found = by_derivatives(e.op, POSITIVE if e.op.domain == "positive" else self.signs(a))
                curvature, monotone = (bits & AFFINE for bits in found)
            else:
                return UNKNOWN, ""
            out &= composed(curvature, monotone, args[i])
        shape = WORDS[curvature] + {INCREASING: " and increasing", DECREASING: " and decreasing"}.get(monotone, "")
        return out, f"{e.op.spelled or e.op.name} is {shape}, of what is {WORDS[args[live[0]]]}"


def composed(curvature: int, monotone: int, of: int) -> int:
    """The curvature of a function of what has a curvature."""
    if of == AFFINE:
        return curvature
    same = of if monotone & INCREASING else 0
    turned = signed(of, NEGATIVE) if monotone & DECREASING else 0
    return curvature & (same | turned)


def _said(column: str, known: frozenset[str], sign: Sign) -> tuple[int, int]:
    """The curvature and monotonicity that the column says where that is known of the argument."""
    known = known | ({"nonnegative"} if sign & NONNEGATIVE else set()) | ({"nonpositive"} if sign & NONPOSITIVE else set())
    words: set[str] = set()
    for line in column.split(";"):
        needs, _, what = line.rpartition("->")
        if not needs.strip() or set(needs.split()) <= known:
            words |= set(what.split())
    curvature = ("convex" in words) * CONVEX | ("concave" in words) * CONCAVE
    return curvature, ("increasing" in words) * INCREASING | ("decreasing" in words) * DECREASING
