"""Functions a user names and does not define: g of every entry, f of a whole matrix.

Each is a row like any other, made when it is met.  The derivative of g is g'; of f: (m,p) -> () it is the gradient ∇f, of the
shape of its argument, and then the Hessian in vec coordinates; of F: (m,n) -> (p,q) the Jacobian ∂vec F/∂(vec X)'.
"""

from __future__ import annotations

from _thread import RLock
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from matcalc import operators
from matcalc.errors import ShapeError
from matcalc.expr import Expr, Op
from matcalc.expr.dims import Shape
from matcalc.expr.heads import HEADS


def abstract(name: str, order: int = 0) -> Op:
    """The row of the elementwise function `name`, differentiated `order` times.

    >>> abstract("g", 1).name
    "g'"
    """
    return _one((name, order), _abstract)


_known: WeakValueDictionary[tuple[Any, ...], Op] = WeakValueDictionary()
_one_at_a_time = RLock()


def _one(key: tuple[Any, ...], make: Callable[..., Op]) -> Op:
    """The one row that `make` makes of `key`, as long as anybody holds it."""
    with _one_at_a_time:
        found = _known.get(key)
        if found is None:
            found = _known[key] = make(*key)
        return found


def _abstract(name: str, order: int) -> Op:
    return Op(
        _own(name) + "'" * order,
        spelled=name + "'" * order,
        signature="*",
        elementwise=True,
        transposed="transpose",
        abstract=(name, order),
        made_by=(abstract, (name, order)),
    )


def _own(name: str) -> str:
    """A name that no row of the table has: rows are told apart by their names, and a user may call a function `power`."""
    return f"function {name}" if name in HEADS or name in operators.OPERATORS else name


def matrix_function(name: str, takes: Shape, gives: Shape, order: int = 0) -> Op:
    """The row of a function of a whole matrix, or of its first or second derivative.

    >>> matrix_function("f", (2, 3), (1, 1), 1).signature
    '(2,3)->(2,3)'
    """
    return _one((name, takes, gives, order), _matrix_function)


def _matrix_function(name: str, takes: Shape, gives: Shape, order: int) -> Op:
    inner = _written(takes)
    made_by = (matrix_function, (name, takes, gives, order))

    def fits(op: Op, args: tuple[Expr, ...]) -> None:
        if args[0].shape != takes:
            (m, n), (p, q) = takes, args[0].shape
            raise ShapeError(f"{name} is declared for a ({m}, {n}), but is applied to a ({p}, {q})")

    if order == 0:
        vec = "vec(D)'" if gives == (1, 1) else "D"
        d = "tr(D'*dX)" if gives == (1, 1) else f"unvec(D*vec(dX), {gives[0]}, {gives[1]})"
        if takes[1] == 1:
            d, vec = d.replace("dX", "dx"), vec
        return Op(_own(name), f"{inner}->{_written(gives)}", spelled=name, d=d, vec=(vec,), canonical=fits, abstract=(name, 0), made_by=made_by,
                  derivative=lambda: matrix_function(name, takes, gives, 1))  # fmt: skip
    if gives == (1, 1) and order == 1:
        d = f"unvec(D*vec(dX), {takes[0]}, {takes[1]})" if takes[1] != 1 else "D*dx"
        return Op(f"grad({name})", f"{inner}->{inner}", d=d, vec=("D",), canonical=fits, abstract=(name, 1), made_by=made_by,
                  latex=r"\nabla " + name if name.isalpha() and len(name) == 1 else rf"\nabla \mathrm{{{name.replace('_', '')}}}", unicode="∇" + name,
                  derivative=lambda: matrix_function(name, takes, gives, 2),
                  primitive=lambda: matrix_function(name, takes, gives))  # fmt: skip
    size = takes[0] * takes[1]
    rows = size if gives == (1, 1) else gives[0] * gives[1]
    kind, letter = ("hess", r"\nabla^{2} ") if gives == (1, 1) else ("jac", r"\mathrm{D}")
    return Op(f"{kind}({name})", f"{inner}->{_written((rows, size))}", canonical=fits, abstract=(name, order), made_by=made_by,
              latex=letter + name, unicode=f"∇²{name}" if kind == "hess" else f"jac({name})",
              primitive=lambda: matrix_function(name, takes, gives, order - 1))  # fmt: skip


def _written(shape: Shape) -> str:
    rows, columns = (str(n).replace(" ", "") for n in shape)
    return "()" if shape == (1, 1) else f"({rows})" if columns == "1" else f"({rows},{columns})"
