"""Properties inferred upward: X'X is positive semidefinite, an inverse of a diagonal matrix is diagonal.

What is declared of variables and known of rows is passed through sums, products, powers, transposes and
Kronecker products.  `has` answers yes only for what follows for all values; no means not known.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.expr.heads import (
    HADAMARD,
    IDENTITY,
    MATPOWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    VARIABLE,
    ZERO,
)
from matcalc.expr.node import Expr
from matcalc.expr.products import is_nonnegative

_TURNED = {"lower": "upper", "upper": "lower"}
# What each property passes through: sums with positive numbers (or any), products, inverses.
_ANY_SUM = {"symmetric", "skew", "diagonal", "lower", "upper"}
_PRODUCT = {"diagonal", "lower", "upper", "orthogonal", "invertible"}
_INVERSE = {"symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "invertible", "spd"}


def has(e: Expr, name: str) -> bool:
    """Whether the matrix `e` is known to be symmetric, skew, psd, spd, diagonal, orthogonal, lower, upper or invertible.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("m"), symbol("n")))
    >>> has(X.T @ X, "psd"), has(X.T @ X, "spd")
    (True, False)
    """
    if e.shape[0] != e.shape[1]:
        return False
    if name == "symmetric":
        return e.symmetric
    if e.is_scalar:
        return name in ("diagonal", "lower", "upper") or name == "psd" and is_nonnegative(e)
    rule = _RULES.get(e.op)
    if rule is not None:
        return rule(e, name)
    if e.op.name == "kron" and name != "skew":
        return all(has(a, name) for a in e.args)
    if e.op.name == "diag" and name in ("lower", "upper"):
        return True
    return name in e.op.result


def _variable(e: Expr, name: str) -> bool:
    return name in e.data[1]


def _identity(e: Expr, name: str) -> bool:
    return name != "skew"


def _zero(e: Expr, name: str) -> bool:
    return name not in ("spd", "orthogonal", "invertible")


def _transpose(e: Expr, name: str) -> bool:
    return has(e.args[0], _TURNED.get(name, name))


def _sum(e: Expr, name: str) -> bool:
    if name in _ANY_SUM:
        return all(has(t, name) for t in e.args)
    if name in ("psd", "spd", "invertible") and all(c > 0 for c in e.data):
        definite = any(has(t, "spd") for t in e.args)
        return all(has(t, "psd") for t in e.args) and (definite or name == "psd")
    return False


def _product(e: Expr, name: str) -> bool:
    c, count = e.data
    scalars, chain = e.args[:count], e.args[count:]
    positive = c > 0 and all(map(is_nonnegative, scalars))
    if len(chain) == 1:
        return has(chain[0], name) and (name in _ANY_SUM or positive and (not scalars or name == "psd"))
    if name in _PRODUCT and (name in ("diagonal", "lower", "upper") or c in (1, -1) and not scalars):
        return all(has(f, name) for f in chain)
    if name == "psd" and positive and e.symmetric:
        half, odd = divmod(len(chain), 2)
        return not odd or has(chain[half], "psd")
    if name == "spd" and positive and not scalars and e.symmetric:
        half, odd = divmod(len(chain), 2)
        return all(has(f, "invertible") for f in chain[:half]) and (not odd or has(chain[half], "spd"))
    return False


def _power(e: Expr, name: str) -> bool:
    base, k = e.args[0], e.data
    if name == "invertible":
        return k < 0 or has(base, name)
    if name in ("psd", "spd") and k % 2 == 0 and base.symmetric:
        return name == "psd" or has(base, "invertible") or k < 0
    if name == "psd" and k < 0:
        return has(base, "psd")
    if name == "skew":
        return k % 2 == 1 and has(base, name)
    return (name in _INVERSE if k < 0 else name in ("diagonal", "lower", "upper", "orthogonal", "psd", "spd")) and has(base, name)


def _hadamard(e: Expr, name: str) -> bool:
    if name in ("diagonal", "lower", "upper"):
        return any(has(f, name) for f in e.args)
    return name in ("psd", "spd") and all(has(f, name) for f in e.args)  # Schur's product theorem


_RULES: dict[object, Callable[[Expr, str], bool]] = {
    VARIABLE: _variable,
    IDENTITY: _identity,
    ZERO: _zero,
    TRANSPOSE: _transpose,
    SUM: _sum,
    PRODUCT: _product,
    MATPOWER: _power,
    HADAMARD: _hadamard,
}
