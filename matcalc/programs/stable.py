"""Rewrites before a program is written: what overflows or cancels when it is computed as it stands.

| in the expression        | in the program                       |
|--------------------------|--------------------------------------|
| log(1 + exp(x))          | softplus(x)                          |
| 1/(1 + exp(-x))          | sigmoid(x)                           |
| exp(-x)/(1 + exp(-x))^k  | sigmoid(-x) sigmoid(x)^(k - 1)       |
| log(det(X))              | logdet(X)                            |
| det(X) inv(X)', prod(X)./X | adj(X)', others(X), see `adjugates` |
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import (
    HADAMARD,
    HPOWER,
    NUMBER,
    POWER,
    PRODUCT,
    SUM,
    Expr,
    apply,
    hadamard,
    hpower,
    is_ones,
    number,
    postorder,
    product,
    remake,
    scaled,
)
from matcalc.operators import OPERATORS
from matcalc.programs.adjugates import with_adjugates


def stable(roots: Sequence[Expr]) -> list[Expr]:
    """The roots with every such place rewritten, what they share still shared."""
    nodes = postorder(*roots)
    if not any(n.op.name in ("exp", "det", "prod") for n in nodes):
        return list(roots)
    done: dict[Expr, Expr] = {}
    for n in nodes:
        done[n] = _rewritten(remake(n, tuple(done[a] for a in n.args)) if n.args else n)
    return [done[r] for r in roots]


def _rewritten(e: Expr) -> Expr:
    if e.op.name in ("log", "log1p"):
        (a,) = e.args
        if e.op.name == "log" and a.op.name == "det":
            return _row("logdet", a.args[0])
        x = _exponent_beside_one(a) if e.op.name == "log" else a.args[0] if a.op.name == "exp" else None
        return e if x is None else _row("softplus", x)
    if e.op in (HPOWER, POWER):
        return _reciprocal(e) or e
    if e.op is HADAMARD or e.op is PRODUCT and e.is_scalar:
        e = _paired(e)
    return with_adjugates(e)


def _exponent_beside_one(a: Expr) -> Expr | None:
    """x in exp(x) + 1."""
    if a.op is not SUM or len(a.args) != 2 or a.data != (1, 1):
        return None
    for exp, one in (a.args, a.args[::-1]):
        if exp.op.name == "exp" and (is_ones(one) or one.op is NUMBER and one.data == 1):
            return exp.args[0]
    return None


def _reciprocal(e: Expr) -> Expr | None:
    base, k = e.args
    if k.op is not NUMBER or not isinstance(k.data, int) or k.data >= 0:
        return None
    x = _exponent_beside_one(base)
    if x is None:
        return None
    return hpower(_row("sigmoid", scaled(-1, x)), number(-k.data))


def _paired(e: Expr) -> Expr:
    """exp(x) beside sigmoid(-x)^k."""
    factors = list(e.args)
    for i, f in enumerate(factors):
        if f.op.name != "exp":
            continue
        s = _row("sigmoid", scaled(-1, f.args[0]))
        for j, g in enumerate(factors):
            base, k = (g.args[0], g.args[1]) if g.op in (HPOWER, POWER) else (g, number(1))
            if base is s and k.op is NUMBER and isinstance(k.data, int) and k.data >= 1:
                factors[i] = _row("sigmoid", f.args[0])
                factors[j] = hpower(s, number(k.data - 1)) if k.data > 1 else number(1)
                kept = [f for f in factors if not (f.op is NUMBER and f.data == 1)]
                return hadamard(kept) if e.op is HADAMARD else product([number(e.data[0]), *kept])
    return e


def _row(name: str, x: Expr) -> Expr:
    return apply(OPERATORS[name], (x,))
