"""The rows of complex numbers: real and imaginary part, angle.  Of real arguments the constructors know better."""

from __future__ import annotations

from matcalc.expr import Expr, Op, apply
from matcalc.expr.conjugate import imaginary_part, is_real, plainer, real_part
from matcalc.expr.heads import coefficient_and_rest, number
from matcalc.expr.products import product, scaled


def _angle(op: Op, args: tuple[Expr, ...]) -> Expr | None:
    """The angle of the conjugate is its negative."""
    other, turned = plainer(args[0])
    if turned:
        return scaled(-1, apply(op, (other,)))
    c, rest = coefficient_and_rest(args[0])
    return apply(op, (rest,)) if c > 0 and c != 1 else None


def _is_phase(e: Expr) -> bool:
    return e.op is PHASE


# fmt: off
REAL  = Op("real",  "*", elementwise=True, real=True, transposed="transpose", canonical=lambda op, args: real_part(args[0]), latex=r"\operatorname{Re}", d="1",
           numpy="np.real({0})", jax="jnp.real({0})", torch="torch.real({0})", sympy="re", meaning="the real part")
IMAG  = Op("imag",  "*", elementwise=True, real=True, transposed="transpose", canonical=lambda op, args: imaginary_part(args[0]), latex=r"\operatorname{Im}", d="0",
           numpy="np.imag({0})", jax="jnp.imag({0})", torch="torch.imag({0})", sympy="im", meaning="the imaginary part")
PHASE = Op("angle", "*", elementwise=True, real=True, transposed="transpose", canonical=_angle, latex=r"\arg", d="0", smooth="nonzero", sample=("nonzero",),
           numpy="np.angle({0})", jax="jnp.angle({0})", torch="torch.angle({0})", sympy="arg", meaning="the angle of a complex number")
# fmt: on

COMPLEX: tuple[Op, ...] = (REAL, IMAG, PHASE)
__all__ = ["COMPLEX", "IMAG", "PHASE", "REAL", "is_real", "number", "product"]
