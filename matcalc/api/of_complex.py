"""Derivatives where something is complex: gradients of real functions and of holomorphic ones, their Jacobians and differentials."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.api.as_differentials import moved
from matcalc.calculus import differential, gradient, jacobian
from matcalc.calculus.wirtinger import is_holomorphic, joined, parted
from matcalc.errors import NotDifferentiableError
from matcalc.expr import Expr, add, below, name_of, properties_of, scaled
from matcalc.expr.conjugate import conjugate, is_real
from matcalc.operators.complex_parts import real_part
from matcalc.simplification import rewritten, simplify

UNREAL = "is not seen to be real"
NEITHER = "is neither real nor holomorphic in {0}: there is no gradient and no complex derivative"
INSTEAD = "take real(…) or abs(…)^2 of it, or mc.wirtinger for the pair ∂f/∂{0}, ∂f/∂{0}*"
STEEPEST = "G = 2 ∂f/∂{0}*: df = Re tr(G^H d{0})"
HOLOMORPHIC = "holomorphic: the complex derivative, df = tr(G' d{0})"
WITHIN = "G = 2 ∂f/∂{0}* within the Hermitian matrices: df = tr(G d{0})"
OF_REAL = "f is complex: df = tr(G' d{0})"


def is_complex(*roots: Expr) -> bool:
    """Whether something that occurs may be no real number."""
    return any(n.complex for root in roots for n in below(root))


def seen_real(f: Expr) -> bool:
    """Whether `f` is seen to be real, by its form or after simplification."""
    return is_real(f) or is_real(simplify(f)) or simplify(add([f, scaled(-1, conjugate(f))])).op.name in ("number", "zero")


class Gradient(NamedTuple):
    """A gradient, what there is to say of it, and whether it is one of a real function."""

    expr: Expr
    remark: str
    steepest: bool


def gradient_by(f: Expr, by: Expr) -> Gradient:
    """The gradient of the scalar `f`: 2 ∂f/∂z* of a real one, the complex derivative of one that is holomorphic.

    Raises NotDifferentiableError where it is neither.
    """
    apart, real, name = parted(rewritten(f), by), seen_real(f), name_of(by)
    hermitian = "hermitian" in properties_of(by)
    if real and by.complex and not hermitian:
        return Gradient(simplify(joined(gradient(scaled(2, apart.expr), [apart.bar])[0], apart)), STEEPEST.format(name), True)
    if by.complex and not is_holomorphic(apart):
        raise NotDifferentiableError(f"f {NEITHER.format(name)}", hint=INSTEAD.format(name))
    raw = joined(gradient(apart.expr, [by])[0], apart)
    found = simplify(real_part(raw) if real and not by.complex else raw)
    if hermitian and real:
        return Gradient(conjugate(found), WITHIN.format(name), True)
    if not by.complex:
        return Gradient(simplify(real_part(found)) if real else found, "" if real else OF_REAL.format(name), real)
    return Gradient(found, HOLOMORPHIC.format(name), False)


def steepest_by(f: Expr, by: Expr) -> Expr:
    """The gradient of a real function.  Raises NotDifferentiableError of another one, which has no direction of steepest ascent."""
    found = gradient_by(f, by)
    if not found.steepest:
        raise NotDifferentiableError(f"what is asked for is of a real function, and f {UNREAL}", hint="take real(…) or abs(…)^2 of it")
    return found.expr


def jacobian_by(y: Expr, by: Expr) -> tuple[Expr, str]:
    """The Jacobian by a variable that `y` is holomorphic in, or that is real.

    Raises NotDifferentiableError where it is not.
    """
    apart, name = parted(rewritten(y), by), name_of(by)
    if by.complex and not is_holomorphic(apart):
        message = f"it is not holomorphic in {name}: it depends on the conjugate of {name} too"
        raise NotDifferentiableError(message, hint=f"mc.wirtinger gives the pair ∂y/∂{name}, ∂y/∂{name}*")
    return simplify(joined(jacobian(apart.expr, by), apart)), f"holomorphic: dy = J d{name}" if by.complex else ""


def differential_complex(y: Expr, by: Expr, change: Expr | None = None) -> Expr:
    """dy, in dz and its conjugate."""
    d = change if change is not None else moved(y, by)
    apart = parted(rewritten(y), by)
    return simplify(joined(differential(apart.expr, {apart.by: d, apart.bar: conjugate(d)}), apart))
