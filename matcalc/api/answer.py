"""A derivative as data, from which all else that can be asked of it follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcalc.expr import PLAIN, Expr, Manner, Shape
from matcalc.expr.language import item

if TYPE_CHECKING:
    from matcalc.calculus.manifolds import Manifold
    from matcalc.reading import Symbol

Index = tuple[Any, ...]
Target = tuple[Expr, Index | None]  # a variable, or a slice of it


@dataclass(frozen=True, repr=False)
class Answer:
    """The derivative `expr` of the expression `of` by `variable`; equal to another that answers the same question alike."""

    expr: Expr
    of: Expr
    variable: Expr
    index: Index | None = field(default=None, hash=False)
    order: str = "grad"
    given: str = field(default="", compare=False)  # the declarations it was asked for with
    symbols: Mapping[str, Symbol] = field(default_factory=dict, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)
    second: Target | None = field(default=None, hash=False)  # of a mixed Hessian: by what the gradient is differentiated
    transposed: bool = False  # by layout=; the mathematics is in the default layout
    spelling: Mapping[str, Any] = field(default_factory=dict, compare=False)  # the SymPy symbols of names, where it was asked for in SymPy
    read: Expr | None = field(default=None, compare=False)  # what was differentiated: `of` in variables with free entries
    free: Mapping[Expr, Expr] = field(default_factory=dict, compare=False)  # which of these stands for which declared one
    over: tuple[str, ...] = field(default=(), compare=False)  # the indices of a family that it is by as a whole: by each of its members
    beside: bool = field(default=False, compare=False)  # asked for together with those by other variables: its program is grad_X
    part: str = field(default="", compare=False)  # where something is complex: "steepest", "holomorphic", or of a pair "plain" or "conj"
    manner: Manner = field(default=PLAIN, compare=False)  # how the author of the question writes
    onto: str = ""  # of a gradient: projected on the "space" that the variable is declared to lie in, on the "tangent" space there
    manifold: Manifold | None = field(default=None, hash=False)  # on which it is a gradient, or a Hessian
    toward: Expr | None = None  # the tangent vector that a Hessian is applied to

    @property
    def shape(self) -> Shape:
        """The shape of the answer, as sizes."""
        return self.expr.shape

    @property
    def wrt(self) -> Expr:
        """The variable, or the slice of it."""
        return self.variable if self.index is None else item(self.variable, self.index)

    @property
    def last(self) -> Target:
        """By what it is differentiated last."""
        return self.second or (self.variable, self.index)
