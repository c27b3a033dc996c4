"""A derivative as an operator at a point: products, solutions and the array itself, by the structure that it has.

A Hessian 2 V'V ⊗ I stays its k × k factor: a product with it is one of k × k matrices, and so is a Newton step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from matcalc.api.answer import Answer
from matcalc.calculus import jacobian
from matcalc.errors import ShapeError
from matcalc.expr import SUM, Expr, coefficient_and_rest, number, product, transpose, variables
from matcalc.expr.products import squared
from matcalc.operating.operator import factory
from matcalc.simplification import rewritten, simplify


def operator(d: Answer) -> Callable[..., Any]:
    """A function of the variables that returns the derivative at their values, as a SciPy LinearOperator.

    The operator multiplies vectors and matrices, as do its transpose ``.T`` and its adjoint ``.H``; it has ``dense()``, the
    array, and ``solve(b)`` for a vector or several columns, which uses the structure where there is one and keeps what it
    factorises.  What depends on the point alone is computed once.
    Raises ShapeError where the derivative is no matrix, numpy.linalg.LinAlgError where a system is singular.

    >>> from matcalc import hessian
    >>> H = operator(hessian("norm(T - U*V')^2", "U"))(T=[[1.0], [0.0]], U=[[1.0], [2.0]], V=[[3.0]])
    >>> H.shape, (H @ [1.0, 2.0]).tolist(), H.solve([18.0, 36.0]).tolist()
    ((2, 2), [18.0, 36.0], [1.0, 2.0])
    """
    e = d.expr
    if 1 in e.shape:
        raise ShapeError(f"an operator is made of a matrix; this derivative is ({e.shape[0]}, {e.shape[1]})")
    free = d.order == "hessian" and d.second is None and not d.variable.data[1]
    square = _squared(d.of, d.variable) if free and d.index is None else None
    return _factory(square or e, d.of, d.variable, free)


@lru_cache(maxsize=64)
def _squared(f: Expr, x: Expr) -> Expr | None:
    """The Hessian c J'J of c ‖Y‖²/2, where J is a sum of two: ‖A X + X B‖² has four Kronecker products, J has two, and is solved."""
    c, rest = coefficient_and_rest(f)
    y = squared(rest)
    if y is None or y.shape != x.shape or 1 in y.shape:
        return None
    j = simplify(jacobian(rewritten(y), x))
    if j.op is not SUM or len(j.args) != 2 or x in variables(j):
        return None
    return product([number(2 * c), transpose(j), j])


@lru_cache(maxsize=64)
def _factory(e: Expr, of: Expr, by: Expr, symmetric: bool) -> Callable[..., Any]:
    """One for each derivative; a Hessian by a variable all of whose entries are free is symmetric by its meaning."""
    return factory(e, [of, by], symmetric)
