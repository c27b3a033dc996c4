"""A derivative: an answer, with a method for all that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc import api
from matcalc.api import differentiated, presenting
from matcalc.api.answer import Answer
from matcalc.api.as_differentials import Differential
from matcalc.api.conditions import domains
from matcalc.api.display import Displayed
from matcalc.api.members import declarations
from matcalc.api.read_as import read_as
from matcalc.expr import Expr, name_of
from matcalc.reading import named_by
from matcalc.writing.breaking import listed
from matcalc.writing.text import text

if TYPE_CHECKING:
    from matcalc.checking import Check
    from matcalc.explain import Steps
    from matcalc.explain.named import Named


class Derivative(Answer, Displayed):
    """The derivative `expr` of the expression `of` by `wrt`; shows itself as Unicode, in Jupyter as LaTeX.

    It is the data of an `Answer`; each of its methods asks the module that knows.

    >>> from matcalc import grad
    >>> d = grad("norm(A*x - b)^2", "x", where="A: (m, n)")
    >>> d.text(), d.shape
    ("2*A'*(A*x - b)", (n, 1))
    """

    @property
    def called(self) -> str:
        """The name of the answer in programs: grad, or grad_D beside grad_R.

        >>> from matcalc import grad
        >>> [d.called for d in grad("norm(X - D*R)^2", "D,R")]
        ['grad_D', 'grad_R']
        """
        return presenting.program_name(self)

    @property
    def in_vec(self) -> bool:
        """Whether the answer is in vec coordinates: ∂vec(Y)/∂vec(X)ᵀ, or the Hessian by a matrix."""
        return presenting.in_vec(self)

    @property
    def layout(self) -> str:
        """The layout of the answer, in words.

        >>> from matcalc import jacobian
        >>> jacobian("A*x", "x").layout
        'numerator layout: J[i,j] = ∂y_i/∂x_j'
        """
        return presenting.layout(self)

    def __repr__(self) -> str:
        """The answer; where it is in vec coordinates, under the differential it comes from.

        >>> from matcalc import jacobian
        >>> jacobian("A*X*B", "X")
        dY = A (dX) B
        ∂vec Y/∂(vec X)ᵀ = Bᵀ ⊗ A
        """
        return presenting.as_lines(self)

    @property
    def read_as(self) -> str:
        """How the expression was read: the formula, then its names, each with its shape and what that was inferred from.

        >>> from matcalc import grad
        >>> grad("norm(A*x - mu)^2", "x", where="A: (m, n)").read_as
        '‖A x − μ‖² · A (m, n) · x (n) inferred · μ (m) inferred: in a norm'
        """
        return read_as(self.of, self.symbols, self.given, self.manner)

    @cached_property
    def declarations(self) -> dict[str, str]:
        """A declaration for each name, inferred or declared.

        >>> from matcalc import grad
        >>> grad("norm(g(A*x) - b)^2", "x", where="A: (m, n)").declarations
        {'A': 'A: (m, n)', 'b': 'b: (m)', 'g': 'g: elementwise', 'x': 'x: (n)'}
        """
        return declarations(self.of, self.symbols, self.given)

    @property
    def where(self) -> str:
        """The declarations with which ``mc.parse(d.text(), where=d.where)`` is `expr` again: those given, and what was inferred.

        >>> from matcalc import grad, parse
        >>> d = grad("norm(A*x - b)^2", "x", where="A: (m, n)")
        >>> d.where, parse(d.text(), where=d.where) is d.expr
        ('A: (m, n); b: (m); x: (n)', True)
        """
        return presenting.where(self)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the reader: how the input was understood, and where there is no derivative."""
        return presenting.notes(self)

    @cached_property
    def legend(self) -> tuple[str, ...]:
        """Explains each symbol in the answer that nobody typed, a line each, and the layout of a vec form.

        >>> from matcalc import jacobian
        >>> jacobian("X'", "X", where="X: (m, n)").legend
        ('K(m,n) vec A = vec Aᵀ for A (m, n)', 'numerator layout: ∂vec(Y)/∂vec(X)ᵀ, vec stacks columns')
        """
        return presenting.legend(self)

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The conditions of the answer, in words; the notes say where the expression is differentiable."""
        return tuple(domains(self.of, self.expr, wrt=[self.variable]))

    def latex(self) -> str:
        """The answer as LaTeX; needs nothing but amsmath.  A long one has names for its repeated parts."""
        return presenting.as_latex(self)

    def text(self) -> str:
        """The answer as plain text of the language: `mc.parse` reads it back."""
        return text(self.expr, self.manner)

    def unicode(self) -> str:
        """The answer as one line for a terminal.  A long one has names for its repeated parts."""
        return presenting.as_unicode(self)

    @property
    def is_wide(self) -> bool:
        """Whether it is long, or wider than a line and shorter with names."""
        return presenting.is_wide(self)

    def named(self) -> Named:
        """The answer with names for its repeated parts: `.latex()`, `.unicode()`, `.text()`, `.whole`, `.definitions`.

        >>> from matcalc import grad
        >>> grad("log(x'*A*x + 1)/sqrt(x'*A*x + 1)", "A", where="x: (n)").named()
        (1 − log(ρ)/2) x xᵀ/ρ^(3/2)  where  ρ = xᵀ A x + 1
        """
        return presenting.named(self)

    def left(self, style: str = "latex") -> str:
        """The left side of the answer: ∂f/∂x, ∂y/∂xᵀ, ∂²f/∂x∂xᵀ.

        >>> from matcalc import hessian, jacobian
        >>> hessian("x'*A*x", "x").left("unicode"), jacobian("A*X", "X").left("unicode")
        ('∂²f/∂x∂xᵀ', '∂vec Y/∂(vec X)ᵀ')
        """
        return presenting.left(self, style)

    def equation(self) -> str:
        r"""The answer with its left side as LaTeX; the names of a long one's repeated parts have a line each.

        >>> from matcalc import grad
        >>> print(grad("x'*x", "x").equation())
        \frac{\partial f}{\partial x} = 2 x
        """
        return presenting.equation(self)

    def sympy(self, names: Mapping[str, Any] | None = None, /, **sizes: int) -> Any:
        """The answer as a SymPy matrix expression; with numbers for all sizes, as an explicit SymPy matrix.

        `names` are SymPy symbols to use, by the names of variables, sizes and functions.  A derivative that was asked for
        in SymPy is answered in its symbols.

        >>> from matcalc import grad
        >>> d = grad("norm(A*x - b)^2", "x", where="A: (m, n)")
        >>> d.sympy(), d.sympy(m=1, n=2)
        (2*A.T*(A*x - b), Matrix([
        [2*(A[0, 0]*x[0, 0] + A[0, 1]*x[1, 0] - b[0, 0])*A[0, 0]],
        [2*(A[0, 0]*x[0, 0] + A[0, 1]*x[1, 0] - b[0, 0])*A[0, 1]]]))
        """
        return presenting.sympy(self, names, sizes)

    _sympy_ = sympy

    @property
    def differential(self) -> Differential:
        """The same as a differential.

        >>> from matcalc import grad
        >>> grad("tr(A*X)", "X").differential.text()
        'df = tr(A*dX)'
        """
        return differentiated.differential(self)

    def gradient(self) -> Expr:
        """The gradient by the variable: the answer itself, or what a Hessian is the Jacobian of."""
        return differentiated.gradient_of(self)

    def along(self, direction: str | Expr = "V", order: int = 1) -> Expr:
        """The directional derivative of what was differentiated along `direction`, `order` times; of a Hessian, of the gradient.

        f + along(V) + along(V, 2)/2 + … is Taylor's formula.  A direction is a name, or an expression of the shape of the variable.
        Raises ShapeError for one of another shape, and for an order that is no positive whole number.

        >>> from matcalc import grad
        >>> d = grad("logdet(X)", "X")
        >>> d.along("V"), d.along("V", 2)
        (tr(V X⁻¹), −tr(V X⁻¹ V X⁻¹))
        """
        return differentiated.along(self, direction, order)

    def tangent(self) -> Derivative:
        """By a variable of a curved set, the Riemannian gradient: the projection on the tangent space (Absil, Mahony & Sepulchre, 3.6).

        By an orthogonal Q it is G - Q sym(Q'G), by a unit vector x G - x x'G.

        >>> from matcalc import grad
        >>> grad("tr(A*Q)", "Q", where="A: (n, n); Q: (n, n) orthogonal").tangent().text()
        "(A' - Q*A*Q)/2"
        """
        return differentiated.tangential(self)

    def steps(self, granularity: str = "brief") -> Steps:
        """The derivation, from the expression to the answer; "full" takes one rule at a time.

        >>> from matcalc import grad
        >>> [step.text for step in grad("norm(A*x - b)^2", "x").steps()][-1]
        "df/dx = 2*A'*r = 2*A'*(A*x - b)"
        """
        return api.explaining.steps(self, granularity)

    def code(self, target: str = "numpy", value: bool = False) -> str:
        """The source of a function of the variables, for one of TARGETS; with `value`, it returns (value, derivative).

        For "sympy" it is a program that makes its own symbols and ends with the answer; SymPy is not imported for it.

        >>> from matcalc import grad
        >>> print(grad("x'*A*x", "x").code("sympy").splitlines()[-1])
        grad = (A + A.T)*x
        """
        return api.running.source(self, target, value)

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """That function, called by keyword; keywords it has no use for are ignored."""
        return api.running.compiled(self, target)

    def jvp(self, target: str = "numpy") -> Callable[..., Any]:
        """The derivative as an operator on directions: a function of the variables and of dX, that returns dY.

        Of a Hessian it is the Hessian-vector product H[dX].  No Kronecker product is formed.  By a variable of a linear space, a symmetric
        matrix say, a direction counts by what of it lies in that space, so that one that does not gives what its symmetric part gives.

        >>> import numpy as np
        >>> from matcalc import jacobian
        >>> jacobian("A*X*B", "X").jvp()(A=np.eye(2), X=np.eye(2), B=2 * np.eye(2), dX=np.ones((2, 2)))
        array([[2., 2.],
               [2., 2.]])
        """
        return api.running.jvp(self, target)

    def vjp(self, target: str = "numpy") -> Callable[..., Any]:
        """The adjoint of that operator: a function of the variables and of a cotangent of the shape of Y, that returns one of X."""
        return api.running.vjp(self, target)

    def operator(self, target: str = "numpy") -> Callable[..., Any]:
        """The derivative at a point as a SciPy LinearOperator, with ``dense()`` and ``solve(b)``: a function of the variables.

        >>> from matcalc import hessian
        >>> H = hessian("norm(T - U*V')^2", "U").operator()(T=[[1.0], [0.0]], U=[[1.0], [2.0]], V=[[3.0]])
        >>> H.solve([18.0, 36.0]).tolist()
        [1.0, 2.0]
        """
        return api.running.as_operator(self, target)

    def check(self, seed: int = 0) -> Check:
        """Compares the answer with numeric derivatives of the expression at hard points, to many digits, and its program with the answer.

        >>> from matcalc import grad
        >>> grad("logdet(X)", "X").check().ok
        True
        """
        return api.running.check(self, seed)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {**super()._repr_mimebundle_(), "text/html": api.card.card(self)}


class Derivatives(Displayed, tuple[Derivative, ...]):
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
                if named_by(key, (presenting.label(d, "text"), name_of(d.variable))) is not None or repr(d.wrt) == key:
                    return d
            raise KeyError(key)
        return super().__getitem__(key)

    @property
    def read_as(self) -> str:
        """How the expression was read."""
        return self[0].read_as  # type: ignore[no-any-return]

    def latex(self) -> str:
        """All of them, aligned."""
        return listed(rf"\nabla_{{{presenting.label(d, 'latex')}}} = {presenting.in_a_line(d)}" for d in self)

    def text(self) -> str:
        """One line each, labelled."""
        return "\n".join(f"{presenting.label(d, 'text')}: {d.text()}" for d in self)

    def unicode(self) -> str:
        """One line each, labelled."""
        return "\n".join(f"{presenting.label(d, 'unicode')}: {d.unicode()}" for d in self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {**super()._repr_mimebundle_(), "text/html": api.card.card(*self)}
