"""Scalars as quotients of polynomials, in which like terms cancel and signs can be read off.

A polynomial has exact numbers before products of powers of atoms; an atom is a scalar that is neither sum, product nor power of numbers.
Whole powers of sums are multiplied out, and of fractional ones the fraction stays: s^(3/2) is s^(1/2) times s written out.
What functions of one argument have to do with each other (cosh² = 1 + sinh²) is put in, so that what is zero by it is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from matcalc.errors import LimitError
from matcalc.expr import Expr, add, apply, coefficient_and_rest, hadamard, is_nonnegative, number, ones, transpose
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.node import known_so_far
from matcalc.expr.products import power, product, scaled, split
from matcalc.limits import MOST_MONOMIALS
from matcalc.operators.elementwise_functions import elementwise
from matcalc.operators.matrices import TR
from matcalc.rewriting.lines import complements

Monomial = tuple[tuple[Expr, Fraction], ...]  # powers of atoms, in the order of the atoms
Polynomial = dict[Monomial, Fraction]


# f(x)² by another function of x: (what, the number, and how often its square is added).
SQUARES = {"cosh": (1, "sinh", 1), "sin": (1, "cos", -1)}


def exponent(e: Expr) -> int | Fraction | None:
    """The number that a power is to; None of all else."""
    return e.args[1].data if e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER else None


class Ratio:
    """A polynomial over a product of powers of atoms and of sums."""

    __slots__ = ("bottom", "top")

    def __init__(self, top: Polynomial, bottom: dict[Expr, Fraction]) -> None:
        self.top, self.bottom = top, bottom

    @property
    def is_zero(self) -> bool:
        return not self.top

    def expr(self) -> Expr:
        """The quotient as an expression."""
        return product([polynomial_expr(self.top), *(power(b, number(-k)) for b, k in self.bottom.items())])


def ratio(e: Expr) -> Ratio:
    """The scalar `e` as a quotient.  Raises LimitError where it is too long.

    >>> from matcalc.expr import variable
    >>> x = variable("x", (1, 1))
    >>> ratio(add([power(add([x, number(1)]), number(2)), product([number(-1), x, x]), number(-1)])).expr()
    2 x
    """
    done = known_so_far("quotients")
    if e not in done:
        try:
            done[e] = _quotient(_terms(e))
        except LimitError as too_long:
            done[e] = too_long
    if isinstance(done[e], LimitError):
        raise done[e]
    found: Ratio = done[e]
    return found


def is_zero(e: Expr) -> bool:
    """Whether the scalar is zero by what is put in."""
    try:
        return ratio(e).is_zero
    except LimitError:
        return False


def polynomial_expr(p: Polynomial) -> Expr:
    return add([product([number(c), *(power(a, number(k)) for a, k in m)]) for m, c in p.items()]) if p else number(0)


Factors = tuple[Fraction, dict[Expr, Fraction]]  # a number, and powers of atoms and of sums


def _terms(e: Expr) -> list[Factors]:
    """The terms of `e`, products not multiplied out."""
    if e.op is H.NUMBER:
        return [(Fraction(e.data), {})] if e.data else []
    if e.op is H.SUM:
        return [(c * Fraction(k), f) for k, t in zip(e.data, e.args, strict=True) for c, f in _terms(t)]
    if e.op is H.PRODUCT and len(e.args) == e.data[1]:
        c, powers = Fraction(e.data[0]), dict[Expr, Fraction]()
        for a in e.args:
            k, more = _one(a)
            c *= k
            for b, n in more.items():
                powers[b] = powers.get(b, Fraction(0)) + n
        return [(c, powers)]
    c, powers = _one(e)
    return [(c, powers)]


def _one(e: Expr) -> Factors:
    """A factor as a number and powers."""
    if e.op is H.NUMBER:
        return Fraction(e.data), {}
    to = exponent(e)
    if to is not None:
        c, powers = _one(e.args[0])
        k = Fraction(to)
        if k.denominator == 1 or c == 1 and (len(powers) == 1 and 1 in powers.values() or all(map(is_nonnegative, powers))):
            return c ** int(k) if c != 1 else c, {b: n * k for b, n in powers.items()}
        return Fraction(1), {e.args[0]: k}
    if e.op.name == "norm":
        (x,) = e.args
        square = product([transpose(x), x]) if x.shape[1] == 1 else apply(TR, (product([transpose(x), x]),))
        c, powers = _one(square)
        if c == 1 and all(map(is_nonnegative, powers)):
            return c, {b: n / 2 for b, n in powers.items()}
    if e.op is H.PRODUCT and e.data == (1, 0) and len(e.args) == 2 and e.is_scalar:
        return Fraction(1), {_inner(transpose(e.args[0]), e.args[1]): Fraction(1)}
    if e.op is H.PRODUCT:
        front, bare = split(e)
        if front is not ONE and bare is not ONE:
            c, powers = _one(bare)
            k, more = _one(front)
            for b, n in more.items():
                powers[b] = powers.get(b, Fraction(0)) + n
            return c * k, powers
        if len(e.args) == e.data[1]:
            found = _terms(e)
            return found[0] if found else (Fraction(0), {})
    if e.op.elementwise and len(e.args) == 1:
        times, rest = coefficient_and_rest(e.args[0])
        if e.op.name == "expm1":
            return _one(add([elementwise("exp", e.args[0]), scaled(-1, ONE)]))
        if e.op.name == "exp" and times != 1 and isinstance(times, int) and rest is not ONE:
            return Fraction(1), {apply(e.op, (rest,)): Fraction(times)}
        if times < 0 and e.op.name in complements():  # f(-x) is 1 - f(x)
            return Fraction(1), {add([ONE, scaled(-1, apply(e.op, (scaled(-1, e.args[0]),)))]): Fraction(1)}
    if e.op is H.SUM:  # 1 + 1/x is (x + 1)/x
        quotient = ratio(e)
        by = common(quotient.top) if quotient.bottom else {}
        if quotient.bottom and len(quotient.top) > 1:
            over = {b: by.get(b, Fraction(0)) - quotient.bottom.get(b, Fraction(0)) for b in {**by, **quotient.bottom}}
            return Fraction(1), {polynomial_expr(divided(quotient.top, by)): Fraction(1), **over}
        if quotient.bottom:
            ((m, c),) = quotient.top.items() or [((), Fraction(0))]
            return c, {b: dict(m).get(b, Fraction(0)) - quotient.bottom.get(b, Fraction(0)) for b in {**dict(m), **quotient.bottom}}
    return Fraction(1), {e: Fraction(1)}


def _inner(u: Expr, v: Expr) -> Expr:
    """a'b, however a ⊙ b is parted; x'x where that is of squares."""
    if u is v and u.op not in (H.HADAMARD, H.HPOWER):
        return product([transpose(u), v])
    both = hadamard([u, v])
    if exponent(both) == 2:
        return product([transpose(both.args[0]), both.args[0]])
    return product([ones((1, both.shape[0])), both])


def _quotient(terms: list[Factors]) -> Ratio:
    bottom: dict[Expr, Fraction] = {}
    for _, powers in terms:
        for b, k in powers.items():
            if k < 0:
                bottom[b] = max(bottom.get(b, Fraction(0)), -k)
    top: Polynomial = {}
    for c, powers in terms:
        for m, k in _expanded({b: powers.get(b, Fraction(0)) + bottom.get(b, Fraction(0)) for b in {**bottom, **powers}}).items():
            _put(top, m, c * k)
    return Ratio(top, bottom if top else {})


def _expanded(powers: dict[Expr, Fraction]) -> Polynomial:
    """A product of powers, none of them negative, multiplied out."""
    out: Polynomial = {(): Fraction(1)}
    for b in sorted(powers, key=lambda b: b.order):
        k = powers[b]
        whole = int(k)
        if b.op is H.SUM:
            for _ in range(whole):
                out = _times(out, _polynomial(b))
            k -= whole
        elif whole > 1 and b.op.name in SQUARES:
            c, other, sign = SQUARES[b.op.name]
            square: Polynomial = {(): Fraction(c), ((elementwise(other, b.args[0]), Fraction(2)),): Fraction(sign)}
            for _ in range(whole // 2):
                out = _times(out, square)
            k -= whole // 2 * 2
        if k:
            out = _times(out, {((b, k),): Fraction(1)})
    return out


def _polynomial(s: Expr) -> Polynomial:
    found = ratio(s)
    if found.bottom:
        raise LimitError("quotients within quotients")
    return found.top


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    if len(p) * len(q) > MOST_MONOMIALS:
        raise LimitError(f"a polynomial of more than {MOST_MONOMIALS} terms")
    out: Polynomial = {}
    again: list[tuple[dict[Expr, Fraction], Fraction]] = []
    for m, c in p.items():
        for n, d in q.items():
            powers = times(m, n)
            if any(k >= (1 if b.op is H.SUM else 2) and (b.op is H.SUM or b.op.name in SQUARES) for b, k in powers.items()):
                again.append((powers, c * d))
            else:
                _put(out, tuple(sorted(powers.items(), key=lambda pair: pair[0].order)), c * d)
    for powers, c in again:
        for m, k in _expanded(powers).items():
            _put(out, m, c * k)
    return out


def _put(p: Polynomial, m: Monomial, c: Fraction) -> None:
    total = p.get(m, 0) + c
    if total:
        p[m] = total
    else:
        p.pop(m, None)


def common(p: Polynomial) -> dict[Expr, Fraction]:
    """The powers of atoms that all terms have."""
    monomials = [dict(m) for m in p]
    out = dict(monomials[0]) if monomials else {}
    for m in monomials[1:]:
        out = {a: min(k, m[a]) for a, k in out.items() if a in m}
    return out


def times(u: Monomial, v: Monomial) -> dict[Expr, Fraction]:
    """The powers of a product of two."""
    powers = dict(u)
    for a, k in v:
        powers[a] = powers.get(a, Fraction(0)) + k
    return powers


def divided(p: Polynomial, by: dict[Expr, Fraction]) -> Polynomial:
    """The polynomial over a product of powers that all its terms have."""
    return {tuple((a, k - by.get(a, 0)) for a, k in m if k != by.get(a, 0)): c for m, c in p.items()}


def atoms(p: Polynomial) -> list[Expr]:
    """The atoms of a polynomial, in their order."""
    return sorted({a for m in p for a, _ in m}, key=lambda a: a.order)


def in_one(p: Polynomial, a: Expr) -> dict[Monomial, dict[int, Fraction]]:
    """By what stands beside the powers of the atom `a`: the coefficients of these powers; nothing where one is not whole."""
    out: dict[Monomial, dict[int, Fraction]] = {}
    for m, c in p.items():
        k = dict(m).get(a, Fraction(0))
        if k.denominator != 1:
            return {}
        out.setdefault(tuple(pair for pair in m if pair[0] is not a), {})[int(k)] = c
    return out


def coefficients(powers: dict[int, Fraction]) -> list[Fraction]:
    """The coefficients by degree, from 0."""
    return [powers.get(i, Fraction(0)) for i in range(max(powers, default=0) + 1)]


def total(values: Iterable[Expr]) -> Expr:
    """The sum as a quotient, multiplied out."""
    return ratio(add(list(values))).expr()
