"""A derivative and all that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc.api.conditions import domains, smoothness
from matcalc.api.display import Displayed
from matcalc.api.forms import Differential, differential_of, gradient_form
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Shape, transpose
from matcalc.expr.language import item

if TYPE_CHECKING:
    from matcalc.check import Check
    from matcalc.reading import Symbol

TARGETS = ("numpy", "jax", "torch")


@dataclass(frozen=True, eq=False, repr=False)
class Derivative(Displayed):
    """The derivative `expr` of the expression `of` by `wrt`; shows itself as Unicode, in Jupyter as LaTeX.

    >>> from matcalc import grad
    >>> d = grad("norm(A*x - b)^2", "x", where="A: (m, n)")
    >>> d.text(), d.shape
    ("2*A'*(A*x - b)", (n, 1))
    """

    expr: Expr
    of: Expr
    variable: Expr
    index: tuple[Any, ...] | None = None
    order: str = "grad"
    where: str = ""
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    transposed: bool = False  # by layout=; the mathematics is in the default layout

    @property
    def shape(self) -> Shape:
        return self.expr.shape

    @property
    def wrt(self) -> Expr:
        """The variable, or the slice of it."""
        return self.variable if self.index is None else item(self.variable, self.index)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: how the input was understood, and where there is no derivative."""
        return (*self.remarks, *smoothness(self.of, [self.variable]))

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """What the answer takes for granted, in words."""
        return (*domains(self.of, self.expr), *smoothness(self.of, [self.variable]))

    def latex(self) -> str:
        """The answer as LaTeX; needs nothing but amsmath."""
        from matcalc.writing.latex import latex

        return latex(self.expr)

    def text(self) -> str:
        """The answer as plain text of the language: `mc.parse` reads it back."""
        from matcalc.writing.text import text

        return text(self.expr)

    def unicode(self) -> str:
        """The answer as one line for a terminal."""
        from matcalc.writing.unicode import unicode

        return unicode(self.expr)

    @property
    def differential(self) -> Differential:
        """The same as a differential.

        >>> from matcalc import grad
        >>> grad("tr(A*X)", "X").differential.text()
        'df = tr(A*dX)'
        """
        if self.order != "grad":
            return differential_of(self.of, self.variable, self.index)
        return gradient_form(self.of, transpose(self.expr) if self.transposed else self.expr, self.variable, self.index)

    def code(self, target: str = "numpy") -> str:
        """The source of a function of the variables, for "numpy", "jax" or "torch"."""
        from matcalc.writing.program import program

        known_target(target)
        doc = f"The derivative of {_shortened(self.of)} by {_shortened(self.wrt)}."
        return program({self.order: self.expr}, target, arguments=[self.of, self.variable], name=self.order, doc=doc)

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """That function, called by keyword; keywords it has no use for are ignored."""
        from matcalc.writing.program import compile_program

        return compile_program(self.code(target), self.order)

    def check(self, seed: int = 0) -> Check:
        """Compares the answer with numeric derivatives of the expression at random points."""
        from matcalc.check.numeric import check_derivative

        expr = transpose(self.expr) if self.transposed else self.expr
        return check_derivative(self.of, expr, self.variable, self.index, self.order, seed=seed)

    def sympy(self, **sizes: int) -> Any:
        """The answer as a SymPy matrix expression."""
        raise UnsupportedError("SymPy expressions are not written yet")

    def steps(self) -> list[Any]:
        """The steps from the expression to the answer."""
        raise UnsupportedError("steps are not written yet")

    def jvp(self, target: str = "numpy") -> Callable[..., Any]:
        """The derivative as an operator on directions."""
        raise UnsupportedError("jvp is not written yet")

    def vjp(self, target: str = "numpy") -> Callable[..., Any]:
        """The adjoint of the derivative as an operator on cotangents."""
        raise UnsupportedError("vjp is not written yet")


class Derivatives(tuple[Derivative, ...]):
    """The derivatives by several variables, in the order asked for; also by name.

    >>> from matcalc import grad
    >>> both = grad("norm(X - D*R)^2", "D,R")
    >>> both["R"].text()
    "-2*D'*(X - D*R)"
    """

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            for d in self:
                if d.variable.data[0] == key or repr(d.wrt) == key:
                    return d
            raise KeyError(key)
        return super().__getitem__(key)

    def latex(self) -> str:
        """All of them, aligned."""
        rows = [rf"\nabla_{{{label(d, 'latex')}}} &= {d.latex()}" for d in self]
        return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"

    def text(self) -> str:
        """One line each, labelled."""
        return "\n".join(f"{label(d, 'text')}: {d.text()}" for d in self)

    def unicode(self) -> str:
        """One line each, labelled."""
        return "\n".join(f"{label(d, 'unicode')}: {d.unicode()}" for d in self)

    __repr__ = Displayed.__repr__
    _repr_latex_ = Displayed._repr_latex_
    _repr_mimebundle_ = Displayed._repr_mimebundle_


def label(d: Derivative, style: str) -> str:
    """What a derivative is by, written in a style: "text", "latex" or "unicode"."""
    from importlib import import_module

    writer: Callable[[Expr], str] = getattr(import_module(f"matcalc.writing.{style}"), style)
    return writer(d.wrt)


def known_target(target: Any) -> str:
    """`target`, if programs are written for it.  Raises UnsupportedError."""
    if target not in TARGETS:
        raise UnsupportedError(f"no programs are written for {target!r:.40}", hint=f"there are {', '.join(TARGETS)}")
    return str(target)


def _shortened(e: Expr, most: int = 100) -> str:
    from matcalc.writing.unicode import unicode

    text = unicode(e) if e.weight <= most else ""
    return text if 0 < len(text) <= most else "an expression"
