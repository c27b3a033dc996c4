"""The derivative of a determinant before its program is written: det(X) X^-1 is the adjugate, which a singular matrix has too.

| in the expression        | in the program         |
|--------------------------|------------------------|
| det(X) inv(X)'           | adj(X)'                |
| det(X)^2 a' inv(X) b     | det(X) a' adj(X) b     |
| det(X) tr(inv(X) B)      | tr(adj(X) B)           |
| det(A X) inv(X)'         | det(A) adj(X)'         |
| det(X) (inv(X) + A)      | adj(X) + det(X) A      |
"""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.expr import (
    HADAMARD,
    MATPOWER,
    NUMBER,
    POWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Expr,
    add,
    apply,
    hadamard,
    matpower,
    number,
    postorder,
    power,
    product,
    scaled,
    transpose,
)
from matcalc.operators import OPERATORS

LINEAR = frozenset(("tr", "diagonal", "diag", "vec"))  # rows through which a factor goes as it is
DEEP = 6  # how far below the determinant an inverse is looked for


def with_adjugates(e: Expr) -> Expr:
    """A product in which no inverse stands beside the determinant of its matrix, where all of them can go.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("n"), symbol("n")))
    >>> with_adjugates(3 * apply(OPERATORS["det"], (X,)) * X.T**-1)
    3 adj(X)ᵀ
    """
    while e.op is PRODUCT:
        made = next(_each(e), None)
        if made is None:
            break
        e = made
    return e


def _each(e: Expr) -> Iterator[Expr]:
    c, count = e.data
    for i, s in enumerate(e.args[:count]):
        det, k = s.args if s.op is POWER else (s, number(1))
        if det.op.name != "det" or k.op is not NUMBER or k.data < 1:
            continue
        others = [*e.args[:i], *e.args[i + 1 :]]
        for x, rest in _factors(det.args[0]):
            found = _in_one(others, x)
            if found is None:
                continue
            made = product([number(c), power(det, number(k.data - 1)), *rest, *found])
            if matpower(x, -1) not in postorder(made):
                yield made


def _factors(x: Expr) -> Iterator[tuple[Expr, list[Expr]]]:
    """X, and each square factor of it with the determinants of the others."""
    yield x, []
    if x.op is PRODUCT and x.data == (1, 0) and all(f.shape[0] == f.shape[1] for f in x.args):
        for i, f in enumerate(x.args):
            rest = [apply(OPERATORS["det"], (g,)) for g in (*x.args[:i], *x.args[i + 1 :])]
            yield (f.args[0] if f.op is TRANSPOSE else f), rest


def _in_one(factors: list[Expr], x: Expr, depth: int = DEEP) -> list[Expr] | None:
    """The factors, one of them with adj(x) for x^-1."""
    for i, f in enumerate(factors):
        made = _taken(f, x, depth)
        if made is not None:
            return [*factors[:i], made, *factors[i + 1 :]]
    return None


def _taken(e: Expr, x: Expr, depth: int) -> Expr | None:
    """det(x) e where e is linear in x^-1."""
    if e.op is MATPOWER:
        return apply(OPERATORS["adj"], (x,)) if e.data == -1 and e.args[0] is x else None
    if depth == 0:
        return None
    if e.op in (PRODUCT, HADAMARD):
        found = _in_one(list(e.args), x, depth - 1)
        if found is None:
            return None
        return hadamard(found) if e.op is HADAMARD else product([number(e.data[0]), *found])
    if e.op is SUM:
        terms = [_taken(t, x, depth - 1) for t in e.args]
        if all(t is None for t in terms):
            return None
        det = apply(OPERATORS["det"], (x,))
        return add([scaled(c, t or product([det, whole])) for c, t, whole in zip(e.data, terms, e.args, strict=True)])
    if e.op is TRANSPOSE or e.op.name in LINEAR:
        inner = _taken(e.args[0], x, depth - 1)
        return inner if inner is None else transpose(inner) if e.op is TRANSPOSE else apply(e.op, (inner,))
    return None
