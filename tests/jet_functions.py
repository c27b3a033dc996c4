"""The elementwise functions of jets, each by its own first and second derivative, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.special as sc

from jets import Array, Outside, constant, lift, mul, reciprocal

ROOT_PI = math.sqrt(math.pi)


def _mills(x: Array) -> Array:
    return np.sqrt(2 / np.pi) / sc.erfcx(-x / np.sqrt(2))


def _pdf(x: Array) -> Array:
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _tan(x: Array) -> tuple[Array, Array, Array]:
    t = np.tan(x)
    return t, 1 + t**2, 2 * t * (1 + t**2)


def _tanh(x: Array) -> tuple[Array, Array, Array]:
    t, d = np.tanh(x), 1 / np.cosh(x) ** 2
    return t, d, -2 * t * d


def _sigmoid(x: Array) -> tuple[Array, Array, Array]:
    p, q = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    return p, p * q, p * q * (q - p)


def _silu(x: Array) -> tuple[Array, Array, Array]:
    p, d, dd = _sigmoid(x)
    return x * p, p + x * d, 2 * d + x * dd


def _gelu(x: Array) -> tuple[Array, Array, Array]:
    return x * sc.ndtr(x), sc.ndtr(x) + x * _pdf(x), (2 - x**2) * _pdf(x)


def _piecewise(below: float, above: float, at: float = 0.0) -> Callable[[Array], tuple[Array, Array, Array]]:
    return lambda x: (np.where(x > 0, above * x, below * x), np.where(x > 0, above, below), 0 * x)


def _jump(below: float, above: float, at: float) -> Callable[[Array], tuple[Array, Array, Array]]:
    def jets(x: Array) -> tuple[Array, Array, Array]:
        if np.any((x != 0) & (np.abs(x) <= 1e-12 * np.abs(x).max(initial=0))):
            raise Outside  # the sign of what rounding leaves of zero
        return np.where(x > 0, above, np.where(x < 0, below, at)), 0 * x, 0 * x

    return jets


# fmt: off
SMOOTH: dict[str, Callable[[Array], tuple[Array, Array, Array]]] = {
    "sin":        lambda x: (np.sin(x), np.cos(x), -np.sin(x)),
    "cos":        lambda x: (np.cos(x), -np.sin(x), -np.cos(x)),
    "tan":        _tan,
    "asin":       lambda x: (np.arcsin(x), (1 - x**2) ** -0.5, x * (1 - x**2) ** -1.5),
    "acos":       lambda x: (np.arccos(x), -((1 - x**2) ** -0.5), -x * (1 - x**2) ** -1.5),
    "atan":       lambda x: (np.arctan(x), 1 / (1 + x**2), -2 * x / (1 + x**2) ** 2),
    "sinh":       lambda x: (np.sinh(x), np.cosh(x), np.sinh(x)),
    "cosh":       lambda x: (np.cosh(x), np.sinh(x), np.cosh(x)),
    "tanh":       _tanh,
    "asinh":      lambda x: (np.arcsinh(x), (1 + x**2) ** -0.5, -x * (1 + x**2) ** -1.5),
    "acosh":      lambda x: (np.arccosh(x), (x**2 - 1) ** -0.5, -x * (x**2 - 1) ** -1.5),
    "atanh":      lambda x: (np.arctanh(x), 1 / (1 - x**2), 2 * x / (1 - x**2) ** 2),
    "exp":        lambda x: (np.exp(x), np.exp(x), np.exp(x)),
    "log":        lambda x: (np.log(x), 1 / x, -1 / x**2),
    "log1p":      lambda x: (np.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2),
    "expm1":      lambda x: (np.expm1(x), np.exp(x), np.exp(x)),
    "sqrt":       lambda x: (np.sqrt(x), 0.5 / np.sqrt(x), -0.25 / x**1.5),
    "square":     lambda x: (x**2, 2 * x, 2 + 0 * x),
    "sigmoid":    _sigmoid,
    "softplus":   lambda x: (np.logaddexp(0, x), *_sigmoid(x)[:2]),
    "gelu":       _gelu,
    "silu":       _silu,
    "erf":        lambda x: (sc.erf(x), 2 / ROOT_PI * np.exp(-(x**2)), -4 / ROOT_PI * x * np.exp(-(x**2))),
    "erfc":       lambda x: (sc.erfc(x), -2 / ROOT_PI * np.exp(-(x**2)), 4 / ROOT_PI * x * np.exp(-(x**2))),
    "normcdf":    lambda x: (sc.ndtr(x), _pdf(x), -x * _pdf(x)),
    "normpdf":    lambda x: (_pdf(x), -x * _pdf(x), (x**2 - 1) * _pdf(x)),
    "lognormcdf": lambda x: (sc.log_ndtr(x), _mills(x), -_mills(x) * (x + _mills(x))),
    "mills":      lambda x: (_mills(x), -_mills(x) * (x + _mills(x)), _mills(x) * ((x + _mills(x)) * (x + 2 * _mills(x)) - 1)),
    "millsexcess": lambda x: (
        x + _mills(x), 1 - _mills(x) * (x + _mills(x)), _mills(x) * ((x + _mills(x)) * (x + 2 * _mills(x)) - 1)
    ),
    "logcosh":    lambda x: (np.logaddexp(x, -x) - np.log(2), np.tanh(x), 1 - np.tanh(x) ** 2),
    "lgamma":     lambda x: (sc.gammaln(x), sc.psi(x), sc.polygamma(1, x)),
    "digamma":    lambda x: (sc.psi(x), sc.polygamma(1, x), sc.polygamma(2, x)),
    "trigamma":   lambda x: (sc.polygamma(1, x), sc.polygamma(2, x), sc.polygamma(3, x)),
}
BENT: dict[str, Callable[[Array], tuple[Array, Array, Array]]] = {
    "abs":        _piecewise(-1, 1),
    "relu":       _piecewise(0, 1),
    "leaky_relu": _piecewise(0.01, 1),
    "sign":       _jump(-1, 1, 0),
    "step":       _jump(0, 1, 0.5),
}
# Where they are defined, and a sample of it.
DOMAIN: dict[str, Callable[[Array], Array]] = {
    **dict.fromkeys(("log", "sqrt", "lgamma", "digamma", "trigamma"), lambda x: x > 0),
    **dict.fromkeys(("asin", "acos", "atanh"), lambda x: np.abs(x) < 1),
    "acosh": lambda x: x > 1,
    "log1p": lambda x: x > -1,
}
# fmt: on


def _applied(name: str) -> Callable[[Array], Array]:
    f, inside, bent = {**SMOOTH, **BENT}[name], DOMAIN.get(name), name in BENT

    def apply(a: Array) -> Array:
        v = a[0]
        if inside is not None and not np.all(inside(v)):
            raise Outside
        if bent and np.any(((v == 0) | (np.abs(v) < 1e-12 * np.abs(v).max())) & np.any(a[1:], axis=0)):
            raise Outside
        return lift(*f(v), a)

    return apply


APPLY: dict[str, Callable[[Array], Array]] = {name: _applied(name) for name in (*SMOOTH, *BENT)}


def softmax_rows(a: Array) -> Array:
    e = APPLY["exp"](a - constant(a[0].max(axis=1, keepdims=True)))
    return mul(e, reciprocal(e.sum(axis=2, keepdims=True)))


def logsumexp_rows(a: Array) -> Array:
    top = constant(a[0].max(axis=1, keepdims=True))
    return APPLY["log"](APPLY["exp"](a - top).sum(axis=2, keepdims=True)) + top
