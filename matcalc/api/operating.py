"""A derivative as an operator at a point: products, solutions and the array itself, by the structure that it has.

A Hessian 2 V'V ⊗ I stays its k × k factor: a product with it is one of k × k matrices, and so is a Newton step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from matcalc.errors import ShapeError
from matcalc.expr import (
    IDENTITY,
    MATPOWER,
    ONE,
    PRODUCT,
    SUM,
    Expr,
    add,
    hadamard,
    hpower,
    number,
    power,
    product,
    scaled,
    size,
    transpose,
    variable,
)
from matcalc.expr.products import matpower
from matcalc.operators import call

if TYPE_CHECKING:
    from matcalc.api.answer import Derivative


def operator(d: Derivative) -> Callable[..., Any]:
    """A function of the variables that returns the derivative at their values, as a SciPy LinearOperator.

    The operator has ``dense()``, the array, and ``solve(b)``, which uses the structure where there is one.
    Raises ShapeError where the derivative is no matrix.

    >>> from matcalc import hessian
    >>> H = operator(hessian("norm(T - U*V')^2", "U"))(T=[[1.0], [0.0]], U=[[1.0], [2.0]], V=[[3.0]])
    >>> H.shape, (H @ [1.0, 2.0]).tolist(), H.solve([18.0, 36.0]).tolist()
    ((2, 2), [18.0, 36.0], [1.0, 2.0])
    """
    import numpy as np
    from scipy.sparse.linalg import LinearOperator

    e = d.expr
    if 1 in e.shape:
        raise ShapeError(f"an operator is made of a matrix; this derivative is ({e.shape[0]}, {e.shape[1]})")
    rows, columns = (_program(d, {"rows": size(n)}) if not isinstance(n, int) else None for n in e.shape)
    x, y = (variable("direction_", (n, 1)) for n in (e.shape[1], e.shape[0]))
    solution = solved(e, y) if e.shape[0] == e.shape[1] else None

    @cache
    def made(what: str) -> Callable[..., Any]:
        results = {"matvec": product([e, x]), "rmatvec": product([transpose(e), y]), "dense": e, "solve": solution}
        return _program(d, {what: results[what]}, {"matvec": [x], "dense": []}.get(what, [y]))

    class AtPoint(LinearOperator):  # type: ignore[misc]
        """A derivative at a point."""

        def __init__(self, values: dict[str, Any]) -> None:
            self.values = {name: v if callable(v) or np.ndim(v) == 0 else np.asarray(v) for name, v in values.items()}
            shape = tuple(int(f(**self.values)) if f else n for f, n in zip((rows, columns), e.shape, strict=True))
            super().__init__(np.result_type(float, *(v for v in self.values.values() if not callable(v))), shape)

        def _matvec(self, direction: Any) -> Any:
            return made("matvec")(**self.values, direction_=np.reshape(direction, -1))

        def _rmatvec(self, direction: Any) -> Any:
            return made("rmatvec")(**self.values, direction_=np.reshape(direction, -1))

        def dense(self) -> Any:
            """The array."""
            return made("dense")(**self.values)

        def solve(self, b: Any) -> Any:
            """The x with H x = b."""
            b = np.asarray(b)
            if b.shape != (self.shape[0],):
                raise ShapeError(f"the right side has the shape {b.shape}, not ({self.shape[0]},)")
            if solution is None:
                return np.linalg.solve(self.dense(), b)
            return made("solve")(**self.values, direction_=b)

    return lambda **values: AtPoint(values)


def _program(d: Derivative, results: dict[str, Expr | None], arguments: list[Expr] | None = None) -> Callable[..., Any]:
    from matcalc.writing.program import compile_program, program

    wanted = {name: e for name, e in results.items() if e is not None}
    return compile_program(program(wanted, arguments=[d.of, d.variable, d.expr, *(arguments or [])], name="operator"), "operator")


def solved(e: Expr, b: Expr) -> Expr | None:
    """inv(e) b by the structure of e: of A ⊗ B by its factors, of Diag(d) by division, of D + u v' by Sherman and Morrison.

    None where inv(e) has no such structure, or e is a sum or product of which only the whole is square.

    >>> from matcalc import parse
    >>> solved(parse("kron(A, eye(m))", "A: (k, k)"), parse("b", "b: (k*m)"))
    (A⁻¹ ⊗ I_m) b
    """
    if e.op is IDENTITY:
        return b
    if e.op.name == "diag":
        return hadamard([hpower(e.args[0], number(-1)), b])
    if e.op.name == "kron":
        if any(a.shape[0] != a.shape[1] for a in e.args):
            return None
        return product([call("kron", *(a if a.op is IDENTITY else matpower(a, -1) for a in e.args)), b])
    if e.op is MATPOWER or e.op is not PRODUCT and e.op is not SUM:
        return product([matpower(e, -1), b])
    if e.op is PRODUCT:
        scalars, chain = e.args[: e.data[1]], e.args[e.data[1] :]
        if any(f.shape[0] != f.shape[1] for f in chain):
            return None if _has_kron(chain) or 1 in {n for f in chain for n in f.shape} else product([matpower(e, -1), b])
        for f in chain:
            inner = solved(f, b)
            if inner is None:
                return None
            b = inner
        below = product([number(e.data[0]), *scalars])
        return product([power(below, number(-1)), b]) if below is not ONE else b
    return _sum_solved(e, b)


def _has_kron(chain: tuple[Expr, ...]) -> bool:
    return any(f.op.name == "kron" for f in chain)


def _sum_solved(e: Expr, b: Expr) -> Expr | None:
    """D + u v' + …: each outer product is one correction to the solution with what is before it."""
    terms = [scaled(c, t) for c, t in zip(e.data, e.args, strict=True)]
    outer = [t for t in terms if _outer(t) is not None]
    base = [t for t in terms if _outer(t) is None]
    if not outer or not base or len(outer) > 4:
        return None if any(_has_kron((t, *t.args)) for t in terms) else product([matpower(e, -1), b])
    d = add(base)

    def solve(v: Expr, k: int) -> Expr | None:
        if k == 0:
            return solved(d, v)
        pair = _outer(outer[k - 1])
        assert pair is not None
        u, w = pair
        first, second = solve(v, k - 1), solve(u, k - 1)
        if first is None or second is None:
            return None
        share = product([transpose(w), first, power(add([ONE, product([transpose(w), second])]), number(-1))])
        return add([first, scaled(-1, product([second, share]))])

    return solve(b, len(outer))


def _outer(t: Expr) -> tuple[Expr, Expr] | None:
    """(u, v) of u v'."""
    if t.op is not PRODUCT:
        return None
    front, chain = t.args[: t.data[1]], t.args[t.data[1] :]
    for i, f in enumerate(chain):
        if i and f.shape[0] == 1:
            return product([number(t.data[0]), *front, *chain[:i]]), transpose(product(chain[i:]))
    return None
