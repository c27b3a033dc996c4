"""Builders: variables, abstract functions, and every function of the language, for expressions made in Python.

>>> X, W, Y = matrix("X", "m", "n"), matrix("W", "n", "p"), matrix("Y", "m", "p")
>>> g = elementwise("g")
>>> (function("norm")(g(X @ W) - Y) ** 2).shape
(1, 1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from matcalc import api
from matcalc.api.accepting import as_expr, declared_as, size_as, variable_as
from matcalc.errors import ShapeError, UnknownFunctionError, UnsupportedError, did_you_mean
from matcalc.expr import Dim, Expr, Size, apply, identity, sigma
from matcalc.expr import family as family_of
from matcalc.expr import ones as ones_of
from matcalc.expr import zero as zero_of
from matcalc.expr.applying import inputs_of
from matcalc.expr.indices import lettered
from matcalc.expr.language import dot_over, dot_times
from matcalc.lifting import lifted
from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED, abstract, call

if TYPE_CHECKING:
    pass


def matrix(name: str, rows: str | Size, columns: str | Size, *properties: str) -> Expr:
    """The matrix variable `name`, rows×columns, with declared properties.

    Raises UnknownNameError for an unknown property, ShapeError where it needs a square matrix.

    >>> S = matrix("S", "n", "n", "spd")
    >>> S.shape, S.T is S
    ((n, n), True)
    """
    return variable_as(name, f"({size_as(rows)}, {size_as(columns)})", properties)


def vector(name: str, length: str | Size, *properties: str) -> Expr:
    """The column vector `name` of this length, with declared properties.

    Raises UnknownNameError for an unknown property.

    >>> vector("x", "n", "unit").shape
    (n, 1)
    """
    return variable_as(name, f"({size_as(length)})", properties)


def scalar(name: str, *properties: str) -> Expr:
    """The scalar `name`, with declared properties.  Raises UnknownNameError for an unknown one.

    >>> t = scalar("t")
    >>> t * t is function("square")(t)
    True
    """
    return variable_as(name, "scalar", properties)


def family(name: str, count: str | Size | Sequence[str | Size], rows: str | Size, columns: str | Size = 1, *properties: str) -> Expr:
    """The matrices (or columns) name_1 …, as many as `count` says; with several counts name_11 ….  A member is ``S["k"]``.

    >>> S = family("S", "K", "n", "n", "spd")
    >>> sum_over(function("logdet")(S["k"]), k="K")
    ∑_{k=1}^K logdet(S_k)
    """
    counts = (count,) if isinstance(count, (str, int, Dim)) else tuple(count)
    made = variable_as(name, f"({size_as(rows)}, {size_as(columns)})", properties)
    return family_of(name, tuple(map(size_as, counts)), made.shape, frozenset(made.data[1]))


def sum_over(body: Any, **indices: str | Size) -> Expr:
    """The sum of `body` over indices that it has, each from 1 to the size given; in matrix form where it has one.

    >>> X = matrix("X", "n", "d")
    >>> sum_over(X["i", :].T @ X["i", :], i="n")
    Xᵀ X
    """
    made = as_expr(body)
    for index, count in reversed(indices.items()):
        made = sigma(index, size_as(count), made)
    return lettered(lifted(made))


@dataclass(frozen=True)
class Elementwise:
    """An abstract elementwise function of the user's, or one of its derivatives; called, it makes an expression."""

    name: str
    order: int = 0

    @property
    def prime(self) -> Elementwise:
        """Its derivative g'."""
        return Elementwise(self.name, self.order + 1)

    def __call__(self, x: Any) -> Expr:
        return apply(abstract(self.name, self.order), (as_expr(x),))

    def __repr__(self) -> str:
        return self.name + "′" * self.order


def elementwise(name: str) -> Elementwise:
    """The abstract elementwise function `name`, applied to an expression of any shape.

    Raises UnsupportedError for the name of a function of the language.

    >>> g = elementwise("g")
    >>> g, g.prime
    (g, g′)
    """
    if name in FUNCTIONS:
        raise UnsupportedError(f"{name} is a function of the language", hint=f"mc.{name} is it; an abstract function needs another name")
    return Elementwise(declared_as(name, "elementwise").name)


def hadamard(*factors: Any) -> Expr:
    """The product of `factors` entry by entry; columns, rows and scalars are spread over matrices.

    Raises ShapeError where the shapes do not fit, or nothing is given.

    >>> hadamard(matrix("X", "m", "n"), matrix("Y", "m", "n"))
    X ⊙ Y
    """
    if not factors:
        raise ShapeError("hadamard takes factors: hadamard(X, Y)")
    return reduce(dot_times, map(as_expr, factors))


def quotient(a: Any, b: Any) -> Expr:
    """`a` divided by `b` entry by entry; a power entry by entry is ``mc.pow(X, k)``.

    >>> quotient(1, vector("x", "n"))
    1 ⊘ x
    """
    return dot_over(as_expr(a), as_expr(b))


def eye(n: str | Size) -> Expr:
    """The n×n identity.

    >>> matrix("A", "m", "n") @ eye("n")
    A
    """
    return identity(size_as(n))


def ones(rows: str | Size, columns: str | Size = 1) -> Expr:
    """The vector or matrix of ones.

    >>> ones("m").T @ vector("x", "m")
    𝟏ᵀ x
    """
    return ones_of((size_as(rows), size_as(columns)))


def zeros(rows: str | Size, columns: str | Size = 1) -> Expr:
    """The vector or matrix of zeros.

    >>> matrix("A", "m", "n") + zeros("m", "n")
    A
    """
    return zero_of((size_as(rows), size_as(columns)))


def function(name: str) -> Callable[..., Expr]:
    """The function `name` of the language, as a Python function of expressions (or a constant such as pi).

    Raises UnknownFunctionError (an AttributeError) for a name the language does not have.

    >>> function("tr")(eye("n"))
    n
    """
    if name in CONSTANTS:
        return CONSTANTS[name]()  # type: ignore[return-value]
    known = FUNCTIONS.get(name)
    if known is None:
        reason = f": {name} {REFUSED[name]}" if name in REFUSED else ""
        questions = ("grad", "jacobian", "hessian", "derivative", "differential", "check", "equal", "parse", "simplify", "evaluate")
        raise UnknownFunctionError(f"matcalc has no `{name}`{reason}", hint=did_you_mean(name, [*FUNCTIONS, *questions]))
    takes = {_arity(signature, known.sizes) for signature, _ in known.overloads}
    plain = 0 if known.overloads[0][0].startswith("->") else max(takes) - known.sizes

    def apply_it(*args: Any) -> Expr:
        if len(args) not in takes:
            wanted = " or ".join(str(k) for k in sorted(takes))
            raise ShapeError(f"{name} takes {wanted} argument{'s' * (takes != {1})}, not {len(args)}")
        return call(name, *map(as_expr, args[:plain]), *map(size_as, args[plain:]))

    apply_it.__name__ = apply_it.__qualname__ = name
    apply_it.__doc__ = _help(name)
    return apply_it


def _help(name: str) -> str:
    """The help of a function: its row of the table.

    >>> print(_help("logdet"))
    logdet: (n,n)->()
    <BLANKLINE>
    the logarithm of the absolute value of the determinant
    <BLANKLINE>
    differential  tr(inv(X)*dX)
    domain        invertible
    source        M&N 8.3
    <BLANKLINE>
    `matcalc functions logdet` shows an example.
    """
    told = api.tables.functions(name)[0].told()
    head = f"{name}: {told.pop('signature')}"
    del told["name"]
    return "\n\n".join(
        filter(None, (head, told.pop("meaning", ""), api.tables.in_columns(told.items()), f"`matcalc functions {name}` shows an example."))
    )


def _arity(signature: str, sizes: int) -> int:
    inputs, _, output = signature.partition("->")
    if not inputs:
        return 2 if sizes == 2 and "," in output else 1
    return inputs_of(signature) + sizes
