"""A derivative written as a differential: dY = …, linear in the differential of the variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matcalc import explain
from matcalc.api.accepting import shaped_as
from matcalc.api.answer import Index
from matcalc.api.display import Displayed
from matcalc.calculus import differential
from matcalc.errors import ShapeError
from matcalc.expr import PLAIN, Expr, Manner, add, postorder, product, transpose, variables
from matcalc.expr.conjugate import conjugate
from matcalc.expr.heads import FAMILY, VARIABLE, ZERO, family, name_of, number, properties_of, unit, variable
from matcalc.expr.language import item
from matcalc.expr.properties import linear
from matcalc.limits import MOST_ORDERS
from matcalc.operators import call
from matcalc.simplification import rewritten, simplify
from matcalc.writing.breaking import listed, page
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode

_LEFT = {"scalar": ("f", "y", "h"), "vector": ("y", "f", "h"), "matrix": ("Y", "F", "H")}  # names of the left side, the first that is free


@dataclass(frozen=True, eq=False, repr=False)
class Differential(Displayed):
    """``name`` is what is differentiated, `expr` its differential; of a Hessian, `of` names the direction: H[dX].

    Where the direction is `told`, it is Hess f[V].
    """

    name: str
    expr: Expr
    of: str = ""
    told: bool = False
    moving: tuple[Expr, ...] = ()  # the differentials that it is linear in: each stands last in what it stands in
    taken: tuple[str, ...] = ()  # names that must not mean a function
    manner: Manner = PLAIN

    def latex(self) -> str:
        return page(self.in_a_line())

    def in_a_line(self) -> str:
        """As LaTeX, however wide it is."""
        d = "" if self.told else r"\mathrm{d}"
        name = r"\operatorname{Hess} f" if self.told else self.name
        left = rf"{name}\left[{d}{self.of}\right]" if self.of else rf"\mathrm{{d}}{self.name}"
        return f"{left} = {latex(self._turned(), self.taken, self.manner)}"

    def text(self) -> str:
        return f"{self._left()} = {text(self._turned(), self.manner)}"

    def unicode(self) -> str:
        return f"{self._left()} = {unicode(self._turned(), self.taken, self.manner)}"

    def _turned(self) -> Expr:
        return explain.linear_forms.turned(self.expr, lambda v: v in self.moving)

    def _left(self) -> str:
        return f"{self.name}[{'' if self.told else 'd'}{self.of}]" if self.of else f"d{self.name}"


class Differentials(Displayed, tuple[Differential, ...]):
    """The parts of a differential by several variables, in the order asked for, each as if the others stood still.

    >>> from matcalc import differential
    >>> parts = differential("kron(X, Y)", "X,Y", where="X: (m, n); Y: (p, q)")
    >>> parts.total.text()
    'dF = kron(X, dY) + kron(dX, Y)'
    """

    __slots__ = ()

    @property
    def total(self) -> Differential:
        """Where all of the variables move: the sum of the parts."""
        moving = tuple(v for d in self for v in d.moving)
        return replace(self[0], expr=simplify(add([d.expr for d in self])), moving=moving)

    def latex(self) -> str:
        """The parts and the total, aligned."""
        return listed(d.in_a_line() for d in (*self, self.total))

    def text(self) -> str:
        """The parts and the total, a line each."""
        return "\n".join(d.text() for d in (*self, self.total))

    def unicode(self) -> str:
        """The parts and the total, a line each."""
        return "\n".join(d.unicode() for d in (*self, self.total))


def gradient_form(of: Expr, gradient: Expr, by: Expr, index: Index | None, steepest: bool = False) -> Differential:
    """The differential ⟨G, dX⟩ of a scalar whose gradient by `by` (or by the slice of it) is known."""
    if gradient.op is ZERO:
        return Differential(called(of, by), number(0))
    d = moved(of, by)
    part = d if index is None else item(d, index)
    gradient = conjugate(gradient) if steepest else gradient
    turned = transpose(gradient)
    change = product([turned, part]) if part.shape[1] == 1 else call("tr", product([turned, part]))
    return Differential(called(of, by), change, moving=(d,))


def differential_of(
    of: Expr, by: Expr, index: Index | None, *, whole: bool = False, of_complex: Callable[[Expr, Expr], Expr] | None = None
) -> Differential:
    """The differential of `of` when `by`, or the slice of it, moves; or the `whole` family that it is a member of."""
    if of_complex is not None:
        return Differential(called(of, by), of_complex(of, by))
    moving = {by: placed(moved(of, by), index)}
    if whole:
        f = by.args[0]
        moving = {f: family(_free(f"d{f.data[0]}", _names(of)), f.data[2], f.shape, linear(f.data[1]))}
    change = differential(rewritten(of), moving)
    linear_in = tuple(n for n in postorder(*moving.values()) if n.op in (VARIABLE, FAMILY))
    return Differential(called(of, by), simplify(change), moving=linear_in)


def hessian_form(gradient: Expr, by: Expr, index: Index | None) -> Differential:
    """The Hessian as the linear map that takes dX to the differential of the gradient."""
    d = moved(gradient, by)
    change = differential(gradient, {by: placed(d, index)})
    return Differential("H", simplify(change), name_of(by), moving=(d,))


def directional(of: Expr, by: Expr, index: Index | None, direction: str | Expr, order: int) -> Expr:
    """The derivative of t ↦ `of` at X + tV, `order` times, at t = 0; V is the variable of that name, or a new one in the space of X."""
    if type(order) is not int or not 0 < order <= MOST_ORDERS:
        raise ShapeError(f"an order is a whole number from 1 to {MOST_ORDERS}, not {order!r:.40}")
    v = direction
    if not isinstance(v, Expr):
        known = {u.data[0]: u for u in variables(of)}
        v = known.get(direction) or shaped_as(v, by.shape, tuple(linear(properties_of(by))))
    if v.shape != by.shape:
        rows, columns = by.shape
        raise ShapeError(f"a direction has the shape of {name_of(by)}, ({rows}, {columns})", hint="name one that does not occur yet")
    for _ in range(order):
        of = simplify(differential(rewritten(of), {by: placed(v, index)}))
    return of


def placed(x: Expr, index: Index | None) -> Expr:
    """`x` with zeros outside of the slice: e_i e_i' X e_j e_j'."""
    if index is None:
        return x
    if len(index) == 1:
        index = (index[0], slice(None)) if x.shape[1] == 1 else (slice(None), index[0])
    row, column = (None if isinstance(i, slice) else unit(i, n) for i, n in zip(index, x.shape, strict=True))
    left = [row, transpose(row)] if row is not None else []
    return product([*left, x, *([column, transpose(column)] if column is not None else [])])


def moved(of: Expr, by: Expr) -> Expr:
    return variable(_free(f"d{name_of(by)}", _names(of, by)), by.shape, linear(properties_of(by)))


def called(of: Expr, by: Expr) -> str:
    """The name of `of` on the left side: the first usual name that is free."""
    usual = _LEFT["scalar" if of.is_scalar else "vector" if of.is_vector else "matrix"]
    return next((n for n in usual if n not in _names(of, by)), usual[0])


def _names(*roots: Expr) -> set[str]:
    return {v.data[0] for v in postorder(*roots) if v.op in (VARIABLE, FAMILY)}


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
