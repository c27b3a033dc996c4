"""A map that is linear in one unknown, taken apart: the sum of terms L D R, or L D' R."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.calculus import differential, jacobian
from matcalc.calculus.wirtinger import is_holomorphic
from matcalc.calculus.wirtinger import parted as parted_by
from matcalc.errors import MatcalcError
from matcalc.expr import (
    Expr,
    add,
    coefficient_and_rest,
    factors,
    has,
    is_ones,
    product,
    remake,
    scaled,
    split,
    substitute,
    transpose,
    untransposed,
)
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate, said_of
from matcalc.expr.heads import ONE, identity, number, variable, zero
from matcalc.expr.node import postorder
from matcalc.expr.products import scalars as scalars_of
from matcalc.expr.properties import linear
from matcalc.limits import LONGEST_POWER, MOST_ROUNDS
from matcalc.operators import call, elementwise
from matcalc.simplification import simplify
from matcalc.simplification.expanding import multiplied_out, spread

Chain = tuple[Expr, ...]


class Term(NamedTuple):
    """`scalar` times the chain `left`, the unknown (turned round where `turned`), and the chain `right`."""

    scalar: Expr
    left: Chain
    right: Chain
    turned: bool


def depends(e: Expr, *on: Expr) -> bool:
    """Whether any of the variables `on` occurs in `e`."""
    return any(n in on for n in postorder(e))


def with_conjugate(e: Expr, x: Expr) -> bool:
    """Whether `e` depends on the conjugate of a complex `x`, alone or inside of a norm: then it is no map of `x` that is linear."""
    if not x.complex or "hermitian" in x.data[1]:
        return False
    try:
        return not is_holomorphic(parted_by(e, x))
    except MatcalcError:
        return True


def conjugated_only(e: Expr, x: Expr) -> bool:
    """Whether all there is of a complex `x` in `e` is its conjugate."""
    of = [n for n in postorder(e) if x in n.args]
    return bool(of) and all(n.op is H.CONJ for n in of) and with_conjugate(e, x) and not with_conjugate(conjugate(e), x)


def flattened(e: Expr) -> Expr:
    """`e` with the sums inside its products multiplied out.

    >>> from matcalc.expr import matpower, variable, symbol
    >>> n = symbol("n")
    >>> A, B, x = variable("A", (n, n)), variable("B", (n, n)), variable("x", (n, 1))
    >>> flattened(A @ (A @ x + B @ x))
    A B x + A² x
    """
    for _ in range(MOST_ROUNDS):
        c, rest = coefficient_and_rest(e)
        made = multiplied_out(rest) if rest.op is H.SUM else spread(rest)
        if made is None or made is rest:
            break
        e = scaled(c, made)
    return e


def summands(e: Expr) -> list[Expr]:
    """The terms of `e`, each with its number; none of zero."""
    if e.op.name == "zero" or e.op.name == "number" and e.data == 0:
        return []
    c, rest = coefficient_and_rest(e)
    return [scaled(c * k, t) for k, t in zip(rest.data, rest.args, strict=True)] if rest.op is H.SUM else [e]


def scalar_factors(e: Expr) -> tuple[Expr, ...]:
    """The factors of a number of the data or the unknowns, but for its coefficient."""
    return scalars_of(e) if e.op is H.PRODUCT and e.data[1] else (e,)


def below(e: Expr) -> list[Expr]:
    """The scalar factors that `e` is divided by."""
    return [f for f in scalar_factors(e) if f.op is H.POWER and f.args[1].op is H.NUMBER and f.args[1].data < 0]


def number_and_factors(e: Expr) -> tuple[Expr, ...]:
    """The same, with its coefficient first, where it is a product."""
    return (number(e.data[0]), *scalars_of(e)) if e.op is H.PRODUCT and e.data[1] else (e,)


def at_zero(e: Expr, x: Expr) -> Expr | None:
    """`e` where `x` is zero, None where it has no value there."""
    try:
        return substitute(e, {x: zero(x.shape)})
    except (MatcalcError, ZeroDivisionError):
        return None


def coefficients(e: Expr, x: Expr) -> tuple[list[Term], list[Expr]] | None:
    """`e` as a map that is affine in `x`: the terms that hold `x`, and those that do not; None where it is not affine.

    Of a vector by a vector they are the terms of its Jacobian; of a scalar by a scalar there is one.
    """
    constant = at_zero(e, x)
    if constant is None or with_conjugate(e, x) or any(n.op.name in ("sign", "step") and depends(n, x) for n in postorder(e)):
        return None  # the derivative of a jump is zero where it has one
    if x.is_scalar:
        slope = _free(differential(e, {x: ONE}), x)
        if slope is None:
            return None
        return ([Term(slope, (), (), False)] if summands(slope) else []), summands(flattened(constant))
    if x.shape[1] == 1 and e.shape[1] == 1 and not e.is_scalar:
        made = _free(jacobian(e, x), x)
        terms = None if made is None else [Term(*parted(t), (), False) for t in summands(made)]
    else:
        terms = _of_differential(e, x)
    return None if terms is None else (terms, summands(flattened(constant)))


def _free(e: Expr, x: Expr) -> Expr | None:
    """`e` multiplied out, if it does not depend on `x`, perhaps because something cancels."""
    e = flattened(e)
    if depends(e, x):
        e = flattened(simplify(e))
    return None if depends(e, x) else e


def parted(t: Expr) -> tuple[Expr, Chain]:
    """The scalar in front of a term, and its chain, powers of matrices written out."""
    if t.op is H.PRODUCT:
        return product([number(t.data[0]), *scalars_of(t)]), tuple(g for f in factors(t) for g in _written_out(f))
    return ONE, tuple(_written_out(t))


def _written_out(f: Expr) -> list[Expr]:
    if f.op is H.IDENTITY:
        return []
    bare = untransposed(f)
    if bare.op is H.MATPOWER and 1 < bare.data <= LONGEST_POWER:
        return [transpose(bare.args[0]) if bare is not f else bare.args[0]] * bare.data
    return [f]


def _of_differential(e: Expr, x: Expr) -> list[Term] | None:
    moved = variable("d·" + x.data[0], x.shape, linear(x.data[1]))
    made = _free(differential(e, {x: moved}), x)
    out = []
    for scalar, chain in map(parted, summands(made) if made is not None else ()):
        at = [i for i, f in enumerate(chain) if depends(f, moved)]
        if depends(scalar, moved) or len(at) != 1 or untransposed(chain[at[0]]) is not moved:
            return None
        out.append(Term(scalar, chain[: at[0]], chain[at[0] + 1 :], chain[at[0]].op is H.TRANSPOSE))
    return None if made is None else out


def chain_product(scalar: Expr, chain: Chain, n: object) -> Expr:
    """The scalar times the chain; where that is empty, times the identity of size `n`."""
    return product([scalar, *(chain or (identity(n),))])  # type: ignore[arg-type]


def total(terms: list[Expr], shape: tuple[object, object]) -> Expr:
    return add(terms) if terms else zero(shape)  # type: ignore[arg-type]


def opaque(e: Expr, xs: tuple[Expr, ...], stands: dict[Expr, Expr]) -> Expr:
    """`e` with a name for each largest scalar in it that depends on one of the `xs`, but for those that stand for something already."""
    if not depends(e, *xs) or e in xs:
        return e
    if e.is_scalar:
        said = {p for p in ("positive", "nonnegative") if has(e, p)} | said_of(e)
        return stands.setdefault(e, variable(f"scalar·{len(stands)}", (1, 1), said))
    return remake(e, tuple(opaque(a, xs, stands) for a in e.args))


def logarithm(factors: Sequence[Expr]) -> Expr:
    """log of a product of these, written out."""
    pairs = [f.args if f.op is H.POWER else (f, ONE) for f in factors]
    return add([k * (base.args[0] if base.op.name == "exp" else elementwise("log", base)) for base, k in pairs])


def number_before_exponential(n: Expr) -> Expr:
    """exp(c) expm(M) for expm(M + c I), exp(c) exp(v) for the exponential of an array v + c."""
    of_matrix = n.op.name == "expm"
    terms = summands(flattened(n.args[0])) if of_matrix or n.op.name == "exp" and not n.is_scalar else []
    numbers = [t for t in terms if (split(t)[1].op is H.IDENTITY if of_matrix else is_ones(split(t)[1]))]
    if not numbers:
        return n
    rest = total([t for t in terms if t not in numbers], n.shape)
    return elementwise("exp", add([split(t)[0] for t in numbers])) * (call("expm", rest) if of_matrix else elementwise("exp", rest))


def log_parted(n: Expr) -> Expr:
    """A logarithm of a number as those of its factors, where all are positive."""
    parts = number_and_factors(n.args[0]) if n.op.name == "log" and n.is_scalar else ()
    return logarithm(parts) if parts and all(has(f.args[0] if f.op is H.POWER else f, "positive") for f in parts) else n
