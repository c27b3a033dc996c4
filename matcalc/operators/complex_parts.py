"""The rows of complex numbers: real and imaginary part, angle.  Of real arguments the constructors know better."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.expr import Expr, Op, add, apply, hadamard
from matcalc.expr import heads as H
from matcalc.expr.conjugate import I, conjugate, is_real, plainer, turned_by_i
from matcalc.expr.heads import coefficient_and_rest, number, with_coefficient
from matcalc.expr.node import node
from matcalc.expr.products import product, scaled


def _angle(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The angle of the conjugate is its negative."""
    other, turned = plainer(args[0])
    if turned:
        return scaled(-1, apply(op, (other,)))
    c, rest = coefficient_and_rest(args[0])
    return apply(op, (rest,)) if c > 0 and c != 1 else None


# fmt: off
REAL  = Op("real",  "*", elementwise=True, real=True, transposed="transpose", canonical=lambda op, args: real_part(args[0]), latex=r"\operatorname{Re}", d="1",
           numpy="np.real({0})", jax="jnp.real({0})", torch="torch.real({0})", sympy="re", meaning="the real part")
IMAG  = Op("imag",  "*", elementwise=True, real=True, transposed="transpose", canonical=lambda op, args: imaginary_part(args[0]), latex=r"\operatorname{Im}", d="0",
           numpy="np.imag({0})", jax="jnp.imag({0})", torch="torch.imag({0})", sympy="im", meaning="the imaginary part")
PHASE = Op("angle", "*", elementwise=True, real=True, transposed="transpose", canonical=_angle, latex=r"\arg", d="0", smooth="nonzero", sample=("nonzero",),
           numpy="np.angle({0})", jax="jnp.angle({0})", torch="torch.angle({0})", sympy="arg", meaning="the angle of a complex number")
# fmt: on

COMPLEX: tuple[Op, ...] = (REAL, IMAG, PHASE)


def apart(e: Expr) -> tuple[Expr, Expr]:
    """(r, z) with e = r + z, where r are the terms that are seen to be real."""
    terms = [with_coefficient(c, t) for c, t in zip(e.data, e.args, strict=True)] if e.op is H.SUM else [e]
    if e.op is H.PRODUCT and len(e.args) == 1 and e.args[0].op is H.SUM:
        c, e = coefficient_and_rest(e)
        terms = [scaled(c * k, t) for k, t in zip(e.data, e.args, strict=True)]
    real, rest = ([t for t in terms if is_real(t) is kind] for kind in (True, False))
    return _added(real, e), _added(rest, e)


def _added(terms: Iterable[Expr], like: Expr) -> Expr:
    return add([*terms, scaled(0, like)])


def real_part(e: Expr) -> Expr:
    """(e + conj(e))/2: real terms apart, what is real in front."""
    return _part(REAL, e)


def imaginary_part(e: Expr) -> Expr:
    """(e - conj(e))/2i."""
    return _part(IMAG, e)


def _part(op: object, e: Expr) -> Expr:
    real, rest = apart(e)
    if rest.op is H.SUM:  # each term or its conjugate, whichever is plainer, so that they meet
        sides = [plainer(with_coefficient(c, t)) for c, t in zip(rest.data, rest.args, strict=True)]
        rest = add([scaled(-1 if other and op is IMAG else 1, t) for t, other in sides])
    kept = real if op is REAL else scaled(0, e)
    front, bare = _in_front(rest)
    if not bare.complex:
        return add([kept, product([*front, bare])]) if op is REAL else kept
    if bare.op is H.HADAMARD and (own := [a for a in bare.args if is_real(a)]):
        others = _part(op, hadamard([a for a in bare.args if a not in own]))
        return add([kept, product([*front, hadamard([*own, others])])])
    k, bare = turned_by_i(bare)
    sign = 1
    if k:  # real(i z) = -imag(z), imag(i z) = real(z)
        op, sign = (IMAG, -1) if op is REAL else (REAL, 1)
        if not bare.complex or is_real(bare):
            return add([kept, product([number(sign), *front, bare])]) if op is REAL else kept
    bare, other = plainer(bare)
    if other and op is IMAG:
        sign = -sign
    c, bare = coefficient_and_rest(bare)
    return add([kept, product([number(sign * c), *front, node(op, (bare,), None, bare.shape)])])  # type: ignore[arg-type]


def paired(e: Expr) -> Expr:
    """A sum with t + conj(t) as 2 real(t), t - conj(t) as 2i imag(t).

    >>> from matcalc.expr import variable
    >>> z = variable("z", (1, 1), {"complex"})
    >>> paired(add([z, conjugate(z)]))
    2 real(z)
    """
    if e.op is not H.SUM or not e.complex and not any(t.complex for t in e.args):
        return e
    of = dict(zip(e.args, e.data, strict=True))
    out: list[Expr] = []
    for t, c in zip(e.args, e.data, strict=True):
        if t not in of:
            continue
        k, other = coefficient_and_rest(conjugate(t))
        if other is not t and other in of and abs(of[other] * k) == abs(c):
            part = real_part(t) if of[other] * k == c else product([I, imaginary_part(t)])
            out.append(scaled(2 * c, part))
            del of[other], of[t]
        else:
            out.append(scaled(c, t))
    return add(out) if len(out) < len(e.args) else e


def _in_front(e: Expr) -> tuple[list[Expr], Expr]:
    """The number and the real scalars of a product, and the rest of it."""
    if e.op is not H.PRODUCT:
        return [], e
    c, count = e.data
    front = [s for s in e.args[:count] if is_real(s)]
    rest = [s for s in e.args[:count] if not is_real(s)]
    return [number(c), *front], product([*rest, *e.args[count:]])
