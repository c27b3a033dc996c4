"""Where the eigenvalues of a symmetric matrix lie, and what follows of functions of them.

Loewner order: an affine matrix is convex and concave, Z'MZ is convex for psd M, the inverse of a positive definite one, and so is F'LF
with L; the trace of a function of a symmetric matrix is convex where the function of a number is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.convexity.signs import NONNEGATIVE, NONPOSITIVE, Interval, Sign, Signs, flipped
from matcalc.expr import Expr, number, ones, postorder, transpose
from matcalc.expr import add as total
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.products import factors, power, product, scalars, scaled, split
from matcalc.operators.elementwise_functions import elementwise
from matcalc.operators.matrices import DIAG

ZERO = Fraction(0)
CONVEX, CONCAVE = 1, 2
OF_A_MATRIX = {"expm": "exp", "logm": "log", "sqrtm": "", "cosm": "cos", "sinm": "sin"}


def is_psd(e: Expr, signs: Signs) -> bool:
    """Whether the table says so, or the eigenvalues cannot be negative.

    >>> from matcalc.expr import identity, symbol, variable
    >>> P = variable("P", (symbol("n"), symbol("n")), {"projector"})
    >>> is_psd(identity(symbol("n")) - P, Signs())
    True
    """
    if "psd" in signs.known(e):
        return True
    low, _ = eigenvalues(e, signs)
    return low is not None and low >= 0


def eigenvalues(e: Expr, signs: Signs) -> Interval:
    """Numbers that no eigenvalue of a symmetric matrix is below or above; None where none is known."""
    if e.is_scalar:
        return signs.interval(e)
    names = signs.known(e)
    if e.op is H.IDENTITY:
        return Fraction(1), Fraction(1)
    if e.op is H.SUM:
        found = _laplacian(e, signs)
        if found is not None:
            return found
        low: Fraction | None = ZERO
        high: Fraction | None = ZERO
        for c, t in zip(e.data, e.args, strict=True):
            a, b = eigenvalues(t, signs)
            a, b = (a, b) if c > 0 else (b, a)
            low = None if low is None or a is None else low + Fraction(c) * a
            high = None if high is None or b is None else high + Fraction(c) * b
        return low, high
    if "projector" in names:
        return ZERO, Fraction(1)
    if e.op is H.MATPOWER and e.data == -1 and "spd" in names:
        low, high = eigenvalues(e.args[0], signs)
        return (1 / high if high else ZERO), (1 / low if low and low > 0 else None)
    if e.op is H.PRODUCT:
        front, bare = split(e)
        if front is not ONE and bare is not e and front is not e:
            s, (low, high) = signs.interval(front), eigenvalues(bare, signs)
            if s[0] is not None and s[0] == s[1]:
                ends = [None if x is None else s[0] * x for x in (low, high)]
                return (ends[0], ends[1]) if s[0] >= 0 else (ends[1], ends[0])
            if len(factors(bare)) == 2 and signs.nonnegative(front):
                return _rank_one(front, factors(bare), signs)
        elif _is_hat(factors(e), signs):
            return ZERO, Fraction(1)
        elif len(factors(e)) == 2:
            return _rank_one(ONE, factors(e), signs)
    if "orthogonal" in names and e.symmetric:
        return Fraction(-1), Fraction(1)
    return (ZERO if "psd" in names else None), (ZERO if "nsd" in names else None)


def _rank_one(c: Expr, chain: Sequence[Expr], signs: Signs) -> Interval:
    """c u u' has the eigenvalues 0 and c u'u."""
    u, v = chain
    if u.shape[1] == 1 and transpose(u) is v:
        return ZERO, signs.interval(product([c, v, u]))[1]
    return None, None


def _is_hat(chain: tuple[Expr, ...], signs: Signs) -> bool:
    """F inv(F'F + R) F' with a psd R: what a linear smoother does."""
    for i, f in enumerate(chain):
        if f.op is H.MATPOWER and f.data == -1 and i and len(chain) == 2 * i + 1:
            left = product(chain[:i])
            if transpose(left) is product(chain[i + 1 :]):
                return "psd" in signs.known(total([f.args[0], scaled(-1, product([transpose(left), left]))]))
    return False


def _laplacian(e: Expr, signs: Signs) -> Interval | None:
    """Diag(W 1) − W, with W symmetric and nonnegative."""
    for c, t in zip(e.data, e.args, strict=True):
        if t.op is DIAG and c > 0:
            rest = scaled(Fraction(-1) / Fraction(c), total([e, scaled(-c, t)]))
            rows = product([rest, ones((rest.shape[1], 1))])
            if rest.symmetric and signs.nonnegative(rest) and t.args[0] is rows:
                return ZERO, None
    return None


class Affine:
    """Which parts of an expression are affine in some variables, by what they are made of alone."""

    def __init__(self, by: set[Expr]) -> None:
        self.by = by
        self.degrees: dict[Expr, int] = {}  # 0: constant, 1: affine, 2: neither

    def __call__(self, e: Expr) -> bool:
        return self.degree(e) < 2

    def moves(self, e: Expr) -> bool:
        """Whether it depends on the variables."""
        return self.degree(e) > 0

    def degree(self, e: Expr) -> int:
        """0 of a constant, 1 of what is affine, 2 of all else."""
        for n in postorder(e, known=self.degrees):
            self.degrees[n] = self._degree(n)
        return self.degrees[e]

    def _degree(self, e: Expr) -> int:
        if e in self.by:
            return 1
        of = [self.degrees[a] for a in e.args]
        if not any(of):
            return 0
        if e.op in (H.SUM, H.SIGMA, H.TRANSPOSE):
            return max(of)
        live = [i for i, d in enumerate(of) if d]
        if len(live) > 1 or of[live[0]] == 2:
            return 2
        return 1 if e.op in (H.PRODUCT, H.HADAMARD) or e.op.adjoint and e.op.adjoint[live[0]] else 2


def loewner(e: Expr, affine: Affine, signs: Signs) -> int:
    """Whether a symmetric matrix (a number) is convex or concave in the Loewner order, as bits."""
    if affine(e):
        return CONVEX | CONCAVE
    if e.op is H.SUM:
        out = CONVEX | CONCAVE
        for c, t in zip(e.data, e.args, strict=True):
            out &= signed(loewner(t, affine, signs), NONNEGATIVE if c > 0 else NONPOSITIVE)
        return out
    if _is_inverse(e, affine, signs):
        return CONVEX
    if e.op.name in ("sqrtm", "logm") and affine(e.args[0]) and "spd" in signs.known(e.args[0]):
        return CONCAVE
    if e.op is H.PRODUCT and factors(e):
        front, chain = product([number(e.data[0]), *scalars(e)]), factors(e)
        if front is not ONE:
            return 0 if affine.moves(front) else signed(loewner(product(chain), affine, signs), signs(front))
        k, odd = divmod(len(chain), 2)
        middle = chain[k : k + odd]
        if all(transpose(a) is b for a, b in zip(chain[:k], reversed(chain), strict=False)):
            if odd and [f for f in chain if affine.moves(f)] == [middle[0]]:
                return loewner(middle[0], affine, signs)
            half = product(chain[len(chain) - k :]) if k else ONE
            if affine(half) and (
                not odd or not affine.moves(middle[0]) and is_psd(middle[0], signs) or _is_inverse(middle[0], affine, signs)
            ):
                return CONVEX  # F'inv(Y)F in F and Y together: the matrix fractional function
    return 0


def _is_inverse(e: Expr, affine: Affine, signs: Signs) -> bool:
    """Whether it is the inverse of a positive definite matrix that is affine."""
    return e.op is H.MATPOWER and e.data == -1 and affine(e.args[0]) and "spd" in signs.known(e.args[0])


def signed(c: int, s: Sign) -> int:
    """The curvature of a multiple by a number of that sign."""
    if s & NONNEGATIVE or c == CONVEX | CONCAVE:
        return c
    return flipped(c) if s & NONPOSITIVE else 0


def as_number(e: Expr, of: Expr, t: Expr) -> Expr | None:
    """The function of a number that `e` is of the symmetric matrix `of`; None where it is none."""
    if e is of:
        return t
    if e.op is H.IDENTITY:
        return ONE
    if e.op is H.MATPOWER:
        base = as_number(e.args[0], of, t)
        return None if base is None else power(base, number(e.data))
    if e.op is H.SUM:
        parts = [as_number(a, of, t) for a in e.args]
        return None if any(p is None for p in parts) else total([scaled(c, p) for c, p in zip(e.data, parts, strict=True) if p is not None])
    if e.op is H.PRODUCT and len(e.args) > e.data[1]:
        front, _ = split(e)
        if front.op is not H.NUMBER and front is not ONE:
            return None
        parts = [as_number(a, of, t) for a in factors(split(e)[1])]
        return None if any(p is None for p in parts) else product([front, *(p for p in parts if p is not None)])
    if e.op.name in OF_A_MATRIX and len(e.args) == 1:
        inside = as_number(e.args[0], of, t)
        if inside is None:
            return None
        name = OF_A_MATRIX[e.op.name]
        return elementwise(name, inside) if name else power(inside, number(Fraction(1, 2)))
    return None
