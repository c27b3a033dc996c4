"""The functions entry by entry, exact where they are rational and to as many digits as the context has elsewhere.

A line for each row of the operator table; a test fails under the row's name where one is missing or says something else
than the row's NumPy column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from matcalc.checking.numbers import Number, Undecided, Undefined, is_complex, is_exact, modulus, real, root
from matcalc.errors import UnsupportedError
from matcalc.limits import LARGEST_ARGUMENT

_HALF = Fraction(1, 2)


def elementwise(name: str, x: Number, ctx: Any) -> Number:
    """The function called `name` at x.  Raises Undefined, with what x would have to be, where it has no value.

    >>> from matcalc.checking.numbers import context
    >>> elementwise("abs", Fraction(-1, 2), context(50))
    Fraction(1, 2)
    >>> elementwise("exp", 1, context(20))
    Decimal('2.7182818284590452354')
    """
    part = PARTS.get(name)
    if part is not None:
        return part(x, ctx)
    if is_complex(x) and x.imag == 0:
        x = x.real
    if is_complex(x):
        return _of_complex(name, x, ctx)
    exact = EXACT.get(name)
    if exact is not None:
        return exact(x)
    lower, closed, upper = DOMAIN.get(name, (None, False, None))
    outside = (
        lower is not None and (x < lower or x == lower and not closed) or upper is not None and (x > upper or x == upper and not closed)
    )
    if outside:
        raise Undefined(_words(name))
    if name in LIMITED and abs(x) > LARGEST_ARGUMENT:
        raise Undecided("small")
    value = REAL[name](real(x, ctx), ctx)
    if x and value in SATURATED.get(name, ()):
        raise Undecided("small")
    return value


def _of_complex(name: str, x: Number, ctx: Any) -> Number:
    """At a number that is not real.  Raises UnsupportedError for what only reals have."""
    if name == "sign":
        return x / modulus(x, ctx) if is_exact(modulus(x, ctx)) else real(x, ctx) / modulus(x, ctx)
    if name == "softplus":
        return ctx.log1p(ctx.exp(real(x, ctx)))
    if name not in REAL or name in OF_REALS:
        raise UnsupportedError(f"{name} is of real arguments only")
    if name in LIMITED and abs(x) > LARGEST_ARGUMENT:
        raise Undecided("small")
    return REAL[name](real(x, ctx), ctx)


def of_several(name: str, xs: Sequence[Number], ctx: Any) -> Number:
    """The function called `name` of several numbers, all exact or all reals.  Raises Undefined where it has no value.

    >>> from matcalc.checking.numbers import context
    >>> of_several("hypot", (3, -4), context(20)), of_several("huber", (-2, 1), context(20))
    (5, Fraction(3, 2))
    """
    return SEVERAL[name](*xs, ctx)


def _atan2(y: Number, x: Number, ctx: Any) -> Number:
    if not is_exact(y) and 0 < abs(y) < -x * ctx.ten_to(-(2 * ctx.dps // 3)):  # it jumps there, and the sign of y is one of rounding
        raise Undecided("nonzero")
    return ctx.atan2(real(y, ctx), real(x, ctx)) if x or y else 0


def _xlogy(x: Number, y: Number, ctx: Any) -> Number:
    if y < 0 or y == 0 and x:
        raise Undefined("positive")
    return real(x, ctx) * elementwise("log", y, ctx) if x else 0


def _logaddexp(x: Number, y: Number, ctx: Any) -> Number:
    top, less = max(x, y), min(x, y)
    return real(top, ctx) + ctx.log1p(elementwise("exp", less - top, ctx))


def _clip(x: Number, low: Number, high: Number, ctx: Any) -> Number:
    if low > high:
        raise Undefined("positive")
    return min(max(x, low), high)


def _huber(x: Number, delta: Number, ctx: Any) -> Number:
    if delta <= 0:
        raise Undefined("positive")
    twice = x * x if abs(x) <= delta else delta * (2 * abs(x) - delta)
    return twice * _HALF if is_exact(twice) else twice / 2


def _words(name: str) -> str:
    lower, closed, upper = DOMAIN[name]
    if upper is not None:
        return "between −1 and 1"
    return "positive" if lower == 0 else f"{'at least' if closed else 'greater than'} {str(lower).replace('-', '−')}"


def _digamma(order: int) -> Callable[[Number, Any], Number]:
    return lambda x, ctx: ctx.psi(order, x)


def _sigmoid(x: Number, ctx: Any) -> Number:
    return 1 / (1 + ctx.exp(-x))


def _normcdf(x: Number, ctx: Any) -> Number:
    return ctx.erfc(-x / ctx.sqrt(2)) / 2


def _mills(x: Number, ctx: Any) -> Number:
    return ctx.exp(-x * x / 2) / ctx.sqrt(2 * ctx.pi) / _normcdf(x, ctx)


# fmt: off
# Of complex numbers, and of real ones as such.
PARTS: dict[str, Callable[[Number, Any], Number]] = {
    "real":       lambda x, ctx: x.real,
    "imag":       lambda x, ctx: x.imag,
    "abs":        lambda x, ctx: modulus(x, ctx),
    "angle":      lambda x, ctx: _atan2(x.imag, x.real, ctx),
}
OF_REALS = frozenset(("gelu", "logcosh"))

# Rational at rational numbers.
EXACT: dict[str, Callable[[Number], Number]] = {
    "sign":       lambda x: (x > 0) - (x < 0),
    "relu":       lambda x: x if x > 0 else 0,
    "leaky_relu": lambda x: x if x > 0 else x * Fraction(1, 100) if is_exact(x) else x / 100,
    "step":       lambda x: 1 if x > 0 else _HALF if x == 0 else 0,
}

REAL: dict[str, Callable[[Number, Any], Number]] = {
    "sin":        lambda x, ctx: ctx.sin(x),
    "cos":        lambda x, ctx: ctx.cos(x),
    "tan":        lambda x, ctx: ctx.tan(x),
    "asin":       lambda x, ctx: ctx.asin(x),
    "acos":       lambda x, ctx: ctx.acos(x),
    "atan":       lambda x, ctx: ctx.atan(x),
    "sinh":       lambda x, ctx: ctx.sinh(x),
    "cosh":       lambda x, ctx: ctx.cosh(x),
    "tanh":       lambda x, ctx: ctx.tanh(x),
    "asinh":      lambda x, ctx: ctx.asinh(x),
    "acosh":      lambda x, ctx: ctx.acosh(x),
    "atanh":      lambda x, ctx: ctx.atanh(x),
    "exp":        lambda x, ctx: ctx.exp(x),
    "log":        lambda x, ctx: ctx.log(x),
    "log1p":      lambda x, ctx: ctx.log1p(x),
    "expm1":      lambda x, ctx: ctx.expm1(x),
    "sigmoid":    _sigmoid,
    "softplus":   lambda x, ctx: (x if x > 0 else 0) + ctx.log1p(ctx.exp(-abs(x))),
    "gelu":       lambda x, ctx: x * _normcdf(x, ctx),
    "silu":       lambda x, ctx: x * _sigmoid(x, ctx),
    "erf":        lambda x, ctx: ctx.erf(x),
    "erfc":       lambda x, ctx: ctx.erfc(x),
    "normcdf":    _normcdf,
    "normpdf":    lambda x, ctx: ctx.exp(-x * x / 2) / ctx.sqrt(2 * ctx.pi),
    "lognormcdf": lambda x, ctx: ctx.log1p(-_normcdf(-x, ctx)) if x > 0 else ctx.log(_normcdf(x, ctx)),
    "mills":      _mills,
    "millsexcess": lambda x, ctx: x + _mills(x, ctx),
    "logcosh":    lambda x, ctx: ctx.log(ctx.cosh(x)),
    "lgamma":     lambda x, ctx: ctx.loggamma(x),
    "digamma":    _digamma(0),
    "trigamma":   _digamma(1),
    "tetragamma": _digamma(2),
}

# Of several arguments.
SEVERAL: dict[str, Callable[..., Number]] = {
    "hypot":      lambda x, y, ctx: root(x * x + y * y, 2, ctx),
    "atan2":      _atan2,
    "logaddexp":  _logaddexp,
    "xlogy":      _xlogy,
    "huber":      _huber,
    "clip":       _clip,
}

# Where they have values: above, whether at the bound too, below.
DOMAIN: dict[str, tuple[int, bool, int | None]] = {
    "asin":       (-1, True,  1),
    "acos":       (-1, True,  1),
    "atanh":      (-1, False, 1),
    "acosh":      (1,  True,  None),
    "log":        (0,  False, None),
    "log1p":      (-1, False, None),
    "lgamma":     (0,  False, None),
    "digamma":    (0,  False, None),
    "trigamma":   (0,  False, None),
    "tetragamma": (0,  False, None),
}

# Past LARGEST_ARGUMENT they are no more than their exponent, or need its digits of π.
LIMITED = frozenset(
    "sin cos tan sinh cosh exp expm1 sigmoid softplus silu gelu tanh erf erfc normcdf normpdf lognormcdf mills millsexcess logcosh".split()
)

# Values that they have nowhere but by rounding.
SATURATED: dict[str, tuple[int, ...]] = {
    "tanh":       (1, -1),
    "erf":        (1, -1),
    "erfc":       (2,),
    "sigmoid":    (1,),
    "normcdf":    (1,),
}
# fmt: on
