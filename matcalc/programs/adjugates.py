"""The derivatives of a determinant and of a product of entries, before their program is written, where there is no inverse too.

det(X) X^-1 is the adjugate, and prod(X)./X holds the products of the other entries.

| in the expression        | in the program         |
|--------------------------|------------------------|
| det(X) inv(X)'           | adj(X)'                |
| det(X)^2 a' inv(X) b     | det(X) a' adj(X) b     |
| det(X) tr(inv(X) B)      | tr(adj(X) B)           |
| det(A X) inv(X)'         | det(A) adj(X)'         |
| det(X) (inv(X) + A)      | adj(X) + det(X) A      |
| prod(X) Y./X             | others(X) .* Y         |
| prod(X) tril(1./X)       | tril(others(X))        |

Not of a skew X: its inverse is skew, which simplification knows, but of odd size it has none, and its adjugate is symmetric.  Nor of a
projector: det(X)^2 is det(X) to simplification, so that where there is no inverse either may be meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.expr import Expr, Op, add, apply, hadamard, hpower, number, postorder, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.facts import has
from matcalc.expr.products import matpower, power, product, scaled
from matcalc.operators import OPERATORS

OTHERS = Op("others", "(m,n)->(m,n)", numpy="_others({0})")
ABSORBING = {"det": OPERATORS["adj"], "prod": OTHERS}  # what such a factor makes of an inverse
NOT_CONTINUED = ("skew", "projector")  # what such matrices are to simplification holds where they have inverses, and not elsewhere
DEEP = 6  # how far below the determinant an inverse is looked for


def with_adjugates(e: Expr) -> Expr:
    """A product in which no inverse stands beside the determinant of its matrix, or the product of its entries, where all can go.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("n"), symbol("n")))
    >>> with_adjugates(3 * apply(OPERATORS["det"], (X,)) * X.T**-1)
    3 adj(X)ᵀ
    """
    while e.op is H.PRODUCT:
        made = next(_each(e), None)
        if made is None:
            break
        e = made
    return e


def _each(e: Expr) -> Iterator[Expr]:
    c, count = e.data
    for i, s in enumerate(e.args[:count]):
        det, k = s.args if s.op is H.POWER else (s, number(1))
        if det.op.name not in ABSORBING or k.op is not H.NUMBER or k.data < 1:
            continue
        others = [*e.args[:i], *e.args[i + 1 :]]
        for whole, rest in _factors(det):
            if det.op.name == "det" and any(has(whole.args[0], p) for p in NOT_CONTINUED):
                continue
            found = _in_one(others, whole)
            if found is None:
                continue
            made = product([number(c), power(det, number(k.data - 1)), *rest, *found])
            if _inverse(whole) not in postorder(made):
                yield made


def _inverse(whole: Expr) -> Expr:
    """The factor that a determinant, or a product of entries, absorbs."""
    (x,) = whole.args
    return matpower(x, -1) if whole.op.name == "det" else hpower(x, number(-1))


def _factors(whole: Expr) -> Iterator[tuple[Expr, list[Expr]]]:
    """A determinant, and those of square factors, a product of entries, and those of entrywise factors, each with the others."""
    yield whole, []
    (x,) = whole.args
    matrices = x.op is H.PRODUCT and x.data == (1, 0) and all(f.shape[0] == f.shape[1] for f in x.args)
    if matrices if whole.op.name == "det" else x.op is H.HADAMARD:
        for i, f in enumerate(x.args):
            own = apply(whole.op, (untransposed(f),))
            if own.op is whole.op:  # the determinant of an inverse is a power of another
                yield own, [apply(whole.op, (g,)) for g in (*x.args[:i], *x.args[i + 1 :])]


def _in_one(factors: list[Expr], whole: Expr, depth: int = DEEP) -> list[Expr] | None:
    """The factors, one of them times `whole`."""
    for i, f in enumerate(factors):
        made = _taken(f, whole, depth)
        if made is not None:
            return [*factors[:i], made, *factors[i + 1 :]]
    return None


def _taken(e: Expr, whole: Expr, depth: int) -> Expr | None:
    """The determinant of x, or the product of its entries, times e where e is linear in the inverse of x, or of its entries."""
    if e.op in (H.MATPOWER, H.HPOWER):
        return apply(ABSORBING[whole.op.name], whole.args) if e is _inverse(whole) else None
    if depth == 0:
        return None
    if e.op in (H.PRODUCT, H.HADAMARD):
        found = _in_one(list(e.args), whole, depth - 1)
        if found is None:
            return None
        return hadamard(found) if e.op is H.HADAMARD else product([number(e.data[0]), *found])
    if e.op is H.SUM:
        terms = [_taken(t, whole, depth - 1) for t in e.args]
        if all(t is None for t in terms):
            return None
        return add([scaled(c, t or product([whole, term])) for c, t, term in zip(e.data, terms, e.args, strict=True)])
    if e.op is H.TRANSPOSE:
        inner = _taken(e.args[0], whole, depth - 1)
        return inner if inner is None else transpose(inner)
    for i, a in enumerate(e.args):
        inner = _taken(a, whole, depth - 1) if i < len(e.op.adjoint) and e.op.adjoint[i] else None  # a row that is linear in it
        if inner is not None:
            return apply(e.op, (*e.args[:i], inner, *e.args[i + 1 :]), e.data)
    return None
