"""The canonical product: a number, scalar factors with exponents, a chain of matrices.

`product` is the constructor of every product.  It owns associativity, units, numbers, s^a s^b,
X X^-1, Q'Q = I, the scalars that hide in a chain (x x'y is (x'y) x), and the orientation
of a scalar chain (w'r and r'w are one object).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import matcalc.expr as E
import matcalc.expr.grids as grids
import matcalc.expr.melts as melts
import matcalc.expr.sums as sums
import matcalc.expr.transposing as transposes
from matcalc.errors import LimitError, ShapeError
from matcalc.expr import heads as H
from matcalc.expr.dims import Shape
from matcalc.expr.facts import has, is_nonnegative
from matcalc.expr.heads import ONE, Number, coefficient_and_rest, declared, exact, identity, number, untransposed, with_coefficient, zero
from matcalc.expr.node import Expr, Op, node
from matcalc.expr.turning import beside
from matcalc.limits import MOST_FACTORS


def product(factors: Iterable[Expr], coefficient: Number = 1) -> Expr:
    """The product of a number, of scalars (anywhere) and of matrices (in this order).

    Raises ShapeError where neighbours do not fit.

    >>> from matcalc.expr import variable, symbol
    >>> x, y = (variable(v, (symbol("n"), 1)) for v in "xy")
    >>> product([x.T, y]) is product([y.T, x]), product([x, x.T, y]) is product([product([x.T, y]), x])
    (True, True)
    """
    powers: dict[Expr, list[Expr]] = {}
    chain: list[Expr] = []
    joints: list[int] = []  # where in the chain a factor begins: within one, neighbours stay as they are
    for factor in factors:
        if factor.op is H.NUMBER:
            coefficient *= factor.data
        elif factor.op is H.PRODUCT:
            count = factor.data[1]
            if factor.is_scalar and count == 0:
                _gather(powers, factor)
                continue
            coefficient *= factor.data[0]
            for s in factor.args[:count]:
                _gather(powers, s)
            joints.append(len(chain))
            chain.extend(factor.args[count:])
        elif factor.is_scalar:
            _gather(powers, factor)
        else:
            joints.append(len(chain))
            chain.append(factor)
    if len(chain) > MOST_FACTORS:
        raise LimitError(
            f"a product has more than {MOST_FACTORS:,} factors", hint="name parts of the expression: powers of powers grow fast"
        )
    if len(chain) > 2 and H.SELECT in [f.op for f in chain[2:]]:
        made = _block_of_an_inverse(chain)
        if made is not None:
            return product([*(s for some in powers.values() for s in some), *made], coefficient)
    return _finish(coefficient, powers, chain, joints)


def scaled(c: Number, e: Expr) -> Expr:
    """The number `c` times `e`, quicker than `product`; a sign goes into a sum that has both signs."""
    c = exact(c)
    if c == 1 or e.op is H.ZERO:
        return e
    if c == 0:
        return zero(e.shape)
    own, rest = coefficient_and_rest(e)
    c = exact(c * own)
    if rest.op is H.SUM and c.denominator != 1:
        return sums.add([with_coefficient(exact(c * k), t) for k, t in zip(rest.data, rest.args, strict=True)])
    if c < 0 and rest.op is H.SUM and any(k < 0 for k in rest.data):
        return with_coefficient(-c, sums.negated(rest))
    return with_coefficient(c, rest)


def _stays_even(base: Expr, k: int | Fraction) -> bool:
    """Whether an even power of a real number is one to the k as well: √(x^4) is x^2."""
    m = base.args[1].data if base.args[1].op is H.NUMBER and not base.complex else None
    return isinstance(m, int) and m % 2 == 0 and (m * k) % 2 == 0


def power(base: Expr, exponent: Expr) -> Expr:
    """The scalar power base^exponent.

    >>> from matcalc.expr import variable
    >>> t = variable("t", (1, 1))
    >>> power(power(t, number(Fraction(1, 2))), number(2)) is t, power(number(4), number(Fraction(-1, 2)))
    (True, 1/2)
    """
    if exponent.op is H.NUMBER:
        k = exponent.data
        if k == 0 or base is ONE:
            return ONE
        if k == 1:
            return base
        if base.op is H.NUMBER:
            value = _number_power(base.data, k)
            if value is not None:
                return number(value)
        if base.op is H.IMAGINARY and isinstance(k, int):
            return (ONE, base, number(-1), scaled(-1, base))[k % 4]
        if base.op is H.POWER and (isinstance(k, int) or is_nonnegative(base.args[0]) or _stays_even(base, k)):
            return power(base.args[0], product([base.args[1], exponent]))
        if k == 2 and base.op.name == "norm" and base.args[0].op is H.GRID:
            return sums.add(
                [power(b if b.is_scalar else E.apply(base.op, (b,)), exponent) for b in base.args[0].args if not grids.is_zero(b)]
            )
        if base.op is H.PRODUCT:
            c, rest = coefficient_and_rest(base)
            if isinstance(k, int) and base.data[1]:
                return product([power(number(c), exponent), *(power(s, exponent) for s in base.args[: base.data[1]])])
            if c > 0 and c != 1:
                return product([power(number(c), exponent), power(rest, exponent)])
            if (
                not isinstance(k, int)
                and base.data[1] > 1
                and c == 1
                and all(map(is_nonnegative, base.args))
                and not any(map(_is_total, base.args))
            ):
                return product([power(s, exponent) for s in base.args])
        if isinstance(k, int) and k % 2 == 0 and base.op is H.SUM and base.data[0] < 0:
            return power(scaled(-1, base), exponent)
    elif base is ONE:
        return ONE
    elif base.op is H.POWER and is_nonnegative(base.args[0]):
        return power(base.args[0], product([base.args[1], exponent]))
    return node(H.POWER, (base, exponent), None, (1, 1))


def matpower(base: Expr, k: int) -> Expr:
    """The k-th power of a square matrix, k any integer; -1 is the inverse."""
    if base.is_scalar:
        return power(base, number(k))
    if k == 0:
        return identity(base.shape[0])
    if k == 1 or base.op is H.IDENTITY:
        return base
    if base.op is H.MATPOWER:
        return matpower(base.args[0], base.data * k)
    if base.op is H.TRANSPOSE:
        return transposes.transpose(matpower(base.args[0], k))
    if base.op is H.PRODUCT and (base.data[0] != 1 or base.data[1]):
        scalars, chain = split(base)
        return product([power(scalars, number(k)), matpower(chain, k)])
    if base.op is H.PRODUCT and all(_is_diagonal(_base(f)) for f in base.args):  # they commute
        return product([matpower(f, k) for f in base.args])
    if k < 0 and has(base, "orthogonal"):
        return matpower(transposes.transpose(base), -k)
    if k < 0 and base.complex and has(base, "unitary"):
        return matpower(base.H, -k)
    if (
        base.op is H.PRODUCT
        and k == -1
        and all(f.shape[0] == f.shape[1] for f in base.args)
        and any(untransposed(f).op is H.MATPOWER for f in base.args)
    ):
        return product([matpower(f, -1) for f in reversed(base.args)])
    if (of := as_diagonal(base)) is not None:
        return E.apply(of.op, (E.hpower(of.vector, number(k)),))
    if base.op is H.GRID and k < 0:
        whole = grids.inverted(base)
        if whole is not None:
            return matpower(whole, -k)
    inner, flipped = transposes.oriented(base)
    if flipped:
        return transposes.transpose(matpower(inner, k))
    if base.op is H.ZERO:
        if k < 0:
            raise ShapeError("the zero matrix has no inverse")
        return base
    return node(H.MATPOWER, (base,), k, base.shape)


class Diagonal(NamedTuple):
    """Diag(v): the operator and v."""

    op: Op
    vector: Expr


def as_diagonal(e: Expr) -> Diagonal | None:
    """The v of e = Diag(v), of s Diag(v), and of a sum of such and of multiples of I; None of what is made of anything else."""
    terms = [(c, *split(t)) for c, t in zip(e.data, e.args, strict=True)] if e.op is H.SUM else [(1, *split(e))]
    op = next((m.op for _, _, m in terms if m.op.name == "diag" and m.args[0].is_vector), None)
    if op is None or any(m.op is not H.IDENTITY and (m.op is not op or not m.args[0].is_vector) for _, _, m in terms):
        return None
    vectors = [(c, s, m.args[0] if m.op is op else E.ones((m.shape[0], 1))) for c, s, m in terms]
    return Diagonal(op, sums.add([scaled(c, product([s, v])) for c, s, v in vectors]))


def _block_of_an_inverse(chain: list[Expr]) -> list[Expr] | None:
    """The chain with a block of the inverse of a grid in its place."""
    for i in range(len(chain) - 2):
        made = grids.between(*chain[i : i + 3])
        if made is not None:
            return [*chain[:i], made, *chain[i + 3 :]]
    return None


def _is_total(s: Expr) -> bool:
    """1'v, of which a root is written with what it is divided by: the root of a mean."""
    return s.op is H.PRODUCT and not s.data[1] and s.args[0].op is H.TRANSPOSE and s.args[0].args[0].op is H.ONES


def split(e: Expr) -> tuple[Expr, Expr]:
    """(s, M) with e = s M: everything scalar, and the chain; of a scalar, itself and 1."""
    if e.is_scalar:
        return e, ONE
    if e.op is not H.PRODUCT or (e.data[0] == 1 and not e.data[1]):
        return ONE, e
    count = e.data[1]
    return _assemble(e.data[0], list(e.args[:count]), []), _assemble(1, [], list(e.args[count:]))


def scalars(e: Expr) -> tuple[Expr, ...]:
    """The scalar factors of a product, without its number and its chain."""
    return e.args[: e.data[1]]


def factors(e: Expr) -> tuple[Expr, ...]:
    """The matrices of a product's chain, in order; of anything else, itself."""
    return e.args[e.data[1] :] if e.op is H.PRODUCT else (e,)


def scalar_parts(e: Expr) -> list[Expr]:
    """The scalar factors of a product, a scalar chain among them."""
    return [*scalars(e), *([product(factors(e))] if e.is_scalar and e.data[1] < len(e.args) else [])]


def opened_at(e: Expr, k: int) -> list[Expr]:
    """The terms of a product whose k-th factor is a sum, or the transpose of one."""
    f, c = untransposed(e.args[k]), number(e.data[0])
    return [product([c, *e.args[:k], t if f is e.args[k] else transposes.transpose(t), *e.args[k + 1 :]]) for t in terms_of(f)]


def squared(e: Expr) -> Expr | None:
    """The x of ‖x‖²."""
    is_square = e.op is H.POWER and e.args[0].op.name == "norm" and e.args[1].op is H.NUMBER and e.args[1].data == 2
    return e.args[0].args[0] if is_square else None


def terms_of(s: Expr) -> list[Expr]:
    """The terms of a sum with their numbers."""
    return [scaled(c, t) for c, t in zip(s.data, s.args, strict=True)]


def _gather(powers: dict[Expr, list[Expr]], s: Expr) -> None:
    powers.setdefault(s.args[0] if s.op is H.POWER else s, []).append(s)


def run(e: Expr, start: int, stop: int | None = None) -> Expr:
    """Factors `start` to `stop` of the chain of `e`, at least one."""
    chain = factors(e)[start:stop]
    return product(chain) if chain[0].shape[0] == 1 == chain[-1].shape[1] else _assemble(1, [], list(chain))


def cut(e: Expr, start: int, stop: int | None = None) -> Expr | None:
    """The number and the scalars of `e` times factors `start` to `stop` of its chain; None where that is 1×1 or none are left."""
    c, count = e.data if e.op is H.PRODUCT else (1, 0)
    chain = factors(e)[start:stop]
    if not chain or chain[0].shape[0] == 1 == chain[-1].shape[1]:
        return None
    return _assemble(c, list(e.args[:count]), list(chain))


def divided(t: Expr, s: Expr) -> Expr | None:
    """A product without the scalar `s`, quicker than over it; None where that is none of its factors as it stands."""
    if t.op is not H.PRODUCT or s not in scalars(t):
        return None
    count, at = t.data[1], t.args.index(s)
    return _assemble(t.data[0], [*t.args[:at], *t.args[at + 1 : count]], list(t.args[count:]))


def _finish(coefficient: Number, powers: dict[Expr, list[Expr]], chain: list[Expr], joints: list[int]) -> Expr:
    if chain:
        _check(chain)
        shape: Shape = (chain[0].shape[0], chain[-1].shape[1])
        if coefficient == 0 or H.ZERO in [f.op for f in chain]:
            return zero(shape)
        extra: list[Expr] = []
        if _meet(chain, joints):
            chain, extra = _cancel(chain, joints)
            if any(f.op is H.ZERO for f in chain):
                return zero(shape)
        if 1 in [f.shape[0] for f in chain]:
            segments = _segments(chain)
            chain = []
            for segment in segments:
                if segment[0].shape[0] == 1 == segment[-1].shape[1]:
                    extra.append(_scalar_chain(segment))
                else:
                    chain += segment
        for s in extra:
            c, rest = coefficient_and_rest(s)
            coefficient *= c
            for part in rest.args[: rest.data[1]] if rest.op is H.PRODUCT and rest.data[1] else (rest,):
                if part is not ONE:
                    _gather(powers, part)
        if not chain and shape != (1, 1):
            chain = [identity(shape[0])]
    elif coefficient == 0:
        return number(0)
    if len(powers) > 1:
        coefficient, powers = _opposites(coefficient, powers)
    scalars = []
    for base, of_base in powers.items():
        if len(of_base) == 1:  # as it was
            scalars.append(of_base[0])
            continue
        exponent = sums.add([s.args[1] if s is not base else ONE for s in of_base])
        s = base if exponent is ONE else power(base, exponent)
        c, rest = coefficient_and_rest(s)
        coefficient *= c
        if rest is not ONE:
            scalars.append(rest)
    if scalars and _again(scalars):  # a power came apart, or to another: once more
        again: dict[Expr, list[Expr]] = {}
        for s in scalars:
            for part in s.args if s.op is H.PRODUCT and s.data[1] else (s,):
                _gather(again, part)
        if again != powers:
            return _finish(coefficient, again, chain, [])
    if len(scalars) > 1:
        scalars.sort(key=lambda s: s.order)
    return _assemble(exact(coefficient), scalars, chain)


def _opposites(coefficient: Number, powers: dict[Expr, list[Expr]]) -> tuple[Number, dict[Expr, list[Expr]]]:
    """The scalar factors with (p - 1)/(1 - p) as -1: of a sum and its opposite, in whole powers, there is one."""
    added = [base for base in powers if base.op is H.SUM]
    for base in added if len(added) > 1 else ():
        other, exponents = sums.opposite(base), [1 if s is base else s.args[1].data for s in powers[base]]
        if other is not None and other in powers and base.order > other.order and all(isinstance(k, int) for k in exponents):
            coefficient = -coefficient if sum(exponents) % 2 else coefficient
            turned = [other if k == 1 else node(H.POWER, (other, number(k)), None, (1, 1)) for k in exponents]
            powers = {b: [*of, *turned] if b is other else of for b, of in powers.items() if b is not base}
    return coefficient, powers


def _again(scalars: list[Expr]) -> bool:
    bases = {s.args[0] if s.op is H.POWER else s for s in scalars}
    return len(bases) < len(scalars) or any(s.op is H.PRODUCT and s.data[1] for s in scalars)


def _assemble(c: Number, scalars: list[Expr], chain: list[Expr]) -> Expr:
    if c == 0:
        return zero((chain[0].shape[0], chain[-1].shape[1]) if chain else (1, 1))
    if not chain:
        if not scalars:
            return number(c)
        if len(scalars) == 1:
            return scaled(c, scalars[0])
    elif not scalars and len(chain) == 1:
        return scaled(c, chain[0])
    shape: Shape = (chain[0].shape[0], chain[-1].shape[1]) if chain else (1, 1)
    return node(H.PRODUCT, (*scalars, *chain), (c, len(scalars)), shape)


def _check(chain: Sequence[Expr]) -> None:
    for a, b in pairwise(chain):
        if a.shape[1] != b.shape[0]:
            raise ShapeError(f"the product needs equal inner sizes, but has {_show(a)} times {_show(b)}")


def _show(e: Expr) -> str:
    return f"({e.shape[0]}, {e.shape[1]})"


def _meet(chain: list[Expr], joints: list[int]) -> bool:
    """Whether neighbours melt where factors meet."""
    met = (chain[i].op is H.IDENTITY or i and melts.melted(chain[i - 1], chain[i]) is not None for i in joints if i < len(chain))
    return any(met)


def _cancel(chain: list[Expr], joints: list[int]) -> tuple[list[Expr], list[Expr]]:
    """Neighbours that melt, as the table of melts has it, from joint to joint; and what of them is scalar."""
    out: list[Expr] = []
    scalars: list[Expr] = []
    for start, stop in pairwise([*dict.fromkeys((0, *joints)), len(chain)]):
        todo = chain[start:stop][::-1]
        made_here = 0  # of what is to do, what came of a melt
        while todo:
            f, is_made = todo.pop(), made_here > 0
            made_here -= is_made
            if f.op is H.IDENTITY:
                continue
            made = melts.melted(out[-1], f) if out else None
            if made is None:
                out.append(f)
                if not is_made:  # what follows are its neighbours as they were
                    out += todo[::-1]
                    break
                continue
            out.pop()
            if made.is_scalar:
                scalars.append(made)
            else:
                s, m = split(made)
                if s is not ONE:
                    scalars.append(s)
                todo += factors(m)[::-1]
                made_here += len(factors(m))
    return out, scalars


def commute(a: Expr, b: Expr) -> bool:
    """Whether two neighbours in a chain are diagonal — made of a vector, variables, powers of them —, which stand in one order."""
    return _is_diagonal(_base(a)) and _is_diagonal(_base(b))


def before(a: Expr, b: Expr) -> bool:
    """Whether of two that commute `a` stands first: what is made of a vector, then the variables by their names."""
    first, second = _base(a), _base(b)
    return (first.op is H.VARIABLE, first.order) < (second.op is H.VARIABLE, second.order)


def _is_diagonal(e: Expr) -> bool:
    return e.op.name == "diag" or e.op is H.VARIABLE and "diagonal" in declared(e)


def upright(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """Two neighbours, turned round where a function of a matrix stands transposed beside it and the two are symmetric together."""
    turned = any(f.op is H.TRANSPOSE and f.args[0].op.beside for f in (a, b)) and not (a.complex or b.complex)
    return (transposes.transpose(b), transposes.transpose(a)) if turned and beside((a, b)) else (a, b)


def ordered(chain: Iterable[Expr]) -> list[Expr]:
    """A chain that has been turned round, with neighbours again as they stand: diagonal factors in their order, X beside pinv(X)."""
    out: list[Expr] = []
    chain = list(chain)
    if len([f for f in chain if _is_diagonal(_base(f))]) < 2 and not any(f.op is H.TRANSPOSE and f.args[0].op.beside for f in chain):
        return chain
    for f in chain:
        at = len(out)
        while at and commute(out[at - 1], f) and before(f, out[at - 1]):
            at -= 1
        out.insert(at, f)
    turning = any(f.op is H.TRANSPOSE and f.args[0].op.beside for f in out)
    while turning:  # each turn leaves one function less that is transposed
        turning = False
        for i in range(len(out) - 1):
            pair = upright(*out[i : i + 2])
            if pair != (out[i], out[i + 1]) and not _is_taken_apart(*pair, out[max(i - 1, 0) : i], out[i + 2 : i + 3]):
                out[i : i + 2], turning = pair, True
    return out


def _is_taken_apart(a: Expr, b: Expr, before: Sequence[Expr], behind: Sequence[Expr]) -> bool:
    """Whether X.^2 stands beside a unit vector, with which it is X[:,1].^2, and no more beside its function."""
    return any(f.op is H.HPOWER and H.UNIT in [untransposed(n).op for n in next_to] for f, next_to in ((a, before), (b, behind)))


def _base(f: Expr) -> Expr:
    return f.args[0] if f.op is H.MATPOWER else f


def _segments(chain: Sequence[Expr]) -> list[list[Expr]]:
    """The chain cut wherever the inner size is 1."""
    out: list[list[Expr]] = []
    for i, f in enumerate(chain):
        if i == 0 or f.shape[0] == 1:
            out.append([])
        out[-1].append(f)
    return out


def _scalar_chain(segment: list[Expr]) -> Expr:
    """A 1×1 chain, in the one of its two directions that reads better."""
    turned = [transposes.transpose(f) for f in reversed(segment)]
    back = ordered(turned)
    if back != turned and _direction(back) < _direction(segment) and _meet(back, [*range(1, len(back))]):
        return product(back)  # Y'pinv(Y) Y is pinv(Y) Y Y, turned round
    if any(f.op is H.PRODUCT or f.op is H.SUM and g.op is not H.SUM for f, g in zip(back, reversed(segment), strict=True)):
        signs = [coefficient_and_rest(f) for f in back]  # a skew matrix changes sign
        if all(r.op is not H.PRODUCT for _, r in signs):
            sign: Number = 1
            for c, _ in signs:
                sign *= c
            bare = [r for _, r in signs]
            if bare == segment and sign == -1:
                return number(0)
            if _direction(bare) < _direction(segment):
                return scaled(sign, _chain_node(bare))
        return _chain_node(segment)
    return _chain_node(back if _direction(back) < _direction(segment) else segment)


def _chain_node(chain: list[Expr]) -> Expr:
    return node(H.PRODUCT, tuple(chain), (1, 0), (1, 1))


def _direction(chain: Sequence[Expr]) -> tuple[int, list[tuple[int, str, int, bytes]], list[bool]]:
    bare = [untransposed(f) for f in chain]
    return sum(f.turns[0] for f in chain), [f.order for f in bare], [f is not b for f, b in zip(chain, bare, strict=True)]


def _number_power(base: Number, k: Number) -> Number | None:
    """base^k where that is a rational number of modest size."""
    if base == 0:
        if k < 0:
            raise ShapeError("division by zero")
        return 0
    if isinstance(k, int):
        if abs(k) > 512 and abs(base) != 1:
            return None
        return exact(Fraction(base) ** k)
    if base < 0:
        return None
    root = exact(Fraction(_root(Fraction(base).numerator, k.denominator), _root(Fraction(base).denominator, k.denominator)))
    return exact(Fraction(root) ** k.numerator) if root**k.denominator == base else None


def _root(n: int, k: int) -> int:
    if n < 2 or k > 64:
        return 1
    guess = round(n ** (1.0 / k)) if n < 2**1000 else 1
    return next((g for g in (guess - 1, guess, guess + 1) if g > 0 and g**k == n), 1)
