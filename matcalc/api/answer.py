"""A derivative and all that can be asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from matcalc import api, checking, explain, programs, writing
from matcalc.api.as_differentials import Differential, called, differential_of, directional, gradient_form, hessian_form, moved
from matcalc.api.conditions import domains, smoothness
from matcalc.api.display import Displayed
from matcalc.api.members import declarations, is_declared
from matcalc.api.read_as import read_as
from matcalc.api.tangents import bound, projected, structure, tangent
from matcalc.calculus import gradient, pullback
from matcalc.errors import UnsupportedError
from matcalc.expr import PLAIN, UNIT, Expr, Manner, Shape, Size, name_of, properties_of, substitute, transpose, variable
from matcalc.expr.language import item
from matcalc.expr.properties import curved
from matcalc.operators.complex_parts import real_part
from matcalc.reading.letters import one_name
from matcalc.simplification import rewritten, simplify
from matcalc.writing.latex import latex
from matcalc.writing.text import text
from matcalc.writing.unicode import unicode

if TYPE_CHECKING:
    from matcalc.checking import Check
    from matcalc.explain import Steps
    from matcalc.explain.named import Named
    from matcalc.reading import Symbol

WIDE = 88  # characters from which one is shown with names where that is shorter
LONG = 100  # the weight from which an answer is shown with names for its repeated parts
RUN = ("numpy", "jax", "torch")  # the libraries that programs run on here
TARGETS = (*RUN, "julia", "matlab")
ALSO_CALLED = {"np": "numpy", "pytorch": "torch", "octave": "matlab"}


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
    given: str = ""  # the declarations it was asked for with
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    second: tuple[Expr, tuple[Any, ...] | None] | None = None  # of a mixed Hessian: by what the gradient is differentiated
    transposed: bool = False  # by layout=; the mathematics is in the default layout
    spelling: Mapping[str, Any] = field(default_factory=dict)  # the SymPy symbols of names, where it was asked for in SymPy
    read: Expr | None = None  # what was differentiated: the expression in variables of which some entries or all are free
    free: Mapping[Expr, Expr] = field(default_factory=dict)  # which of these stands for which declared one
    over: tuple[str, ...] = ()  # the indices of a family that the derivative is by as a whole: by each of its members
    beside: bool = False  # asked for together with those by other variables: its program is grad_X
    part: str = ""  # where something is complex: "steepest", "holomorphic", or of a pair "plain" or "conj"
    manner: Manner = PLAIN  # how the author of the question writes
    onto: str = ""  # of a gradient: projected on the "space" that the variable is declared to lie in, on the "tangent" space there

    @property
    def shape(self) -> Shape:
        return self.expr.shape

    @property
    def wrt(self) -> Expr:
        """The variable, or the slice of it."""
        return self.variable if self.index is None else item(self.variable, self.index)

    @property
    def called(self) -> str:
        """The name of the answer in programs: grad, or grad_D beside grad_R.

        >>> from matcalc import grad
        >>> [d.called for d in grad("norm(X - D*R)^2", "D,R")]
        ['grad_D', 'grad_R']
        """
        by = self.variable.args[0].data[0] if self.over else label(self, "text")
        return "_".join((self.order, *re.findall(r"\w+", by))) if self.beside else self.order

    @property
    def in_vec(self) -> bool:
        """Whether the answer is in vec coordinates: ∂vec(Y)/∂vec(X)ᵀ, or the Hessian by a matrix."""
        by, index = self.second or (self.variable, self.index)
        last = by if index is None else item(by, index)
        first = self.wrt if self.order == "hessian" else self.of
        return self.order != "grad" and not first.is_scalar and not last.is_scalar and not (first.shape[1] == 1 == last.shape[1])

    @property
    def layout(self) -> str:
        """The layout of the answer, in words.

        >>> from matcalc import jacobian
        >>> jacobian("A*x", "x").layout
        'numerator layout: J[i,j] = ∂y_i/∂x_j'
        """
        name = "numerator" if (self.order == "grad") == self.transposed else "denominator"
        if self.order == "grad" or self.wrt.is_scalar or self.of.is_scalar and self.order == "jacobian":
            return f"{name} layout: the shape of {'its transpose' if self.transposed else 'the variable'}"
        if self.in_vec:
            return f"{name} layout: ∂vec(Y)/∂vec(X)ᵀ{' transposed' * self.transposed}, vec stacks columns"
        return f"{name} layout: J[i,j] = ∂y_i/∂x_j" if name == "numerator" else "denominator layout: J[i,j] = ∂y_j/∂x_i"

    def __repr__(self) -> str:
        """The answer; where it is in vec coordinates, under the differential it comes from.

        >>> from matcalc import jacobian
        >>> jacobian("A*X*B", "X")
        dY = A (dX) B
        ∂vec Y/∂(vec X)ᵀ = Bᵀ ⊗ A
        """
        if not self.in_vec or self.transposed:
            return self.unicode()
        by = label(self, "unicode")
        left = f"∂vec Y/∂(vec {by})ᵀ" if self.order == "jacobian" else "H"
        return f"{self.differential.unicode()}\n{left} = {self.unicode()}"

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
        return "; ".join(
            filter(None, (self.given, *(text for name, text in self.declarations.items() if not is_declared(name, self.given))))
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Derivative) and self._asked() == other._asked()

    def __hash__(self) -> int:
        return hash((self.expr, self.of, self.variable, self.order))

    def _asked(self) -> tuple[Any, ...]:
        return self.expr, self.of, self.variable, self.index, self.order, self.second, self.transposed, self.onto

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the reader: how the input was understood, and where there is no derivative."""
        turned = (f"in {self.layout}",) if self.transposed else ()
        every = (f"by each member {label(self, 'unicode')} of the family",) if self.over else ()
        return (*self.remarks, *every, *turned, *smoothness(self.of, [self.variable]))

    @cached_property
    def legend(self) -> tuple[str, ...]:
        """Explains each symbol in the answer that nobody typed, a line each, and the layout of a vec form.

        >>> from matcalc import jacobian
        >>> jacobian("X'", "X", where="X: (m, n)").legend
        ('K(m,n) vec A = vec Aᵀ for A (m, n)', 'numerator layout: ∂vec(Y)/∂vec(X)ᵀ, vec stacks columns')
        """
        return (*explain.legend.legend(self.expr, self.of), *((self.layout,) if self.in_vec else ()))

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The conditions of the answer, in words; the notes say where the expression is differentiable."""
        return tuple(domains(self.of, self.expr, wrt=[self.variable]))

    def latex(self) -> str:
        """The answer as LaTeX; needs nothing but amsmath.  A long one has names for its repeated parts."""
        return self.named().latex() if self.is_wide else latex(self.expr, self.symbols, self.manner)

    def text(self) -> str:
        """The answer as plain text of the language: `mc.parse` reads it back."""
        return text(self.expr, self.manner)

    def unicode(self) -> str:
        """The answer as one line for a terminal.  A long one has names for its repeated parts."""
        return self.named().unicode() if self.is_wide else unicode(self.expr, self.manner)

    @property
    def is_wide(self) -> bool:
        """Whether it is long, or wider than a line and shorter with names."""
        if not WIDE // 3 < self.expr.weight < LONG:
            return self.expr.weight >= LONG
        width = len(unicode(self.expr, self.manner))
        return width > WIDE and len(self.named().unicode()) < width

    def named(self) -> Named:
        """The answer with names for its repeated parts: `.latex()`, `.unicode()`, `.text()`, `.whole`, `.definitions`.

        >>> from matcalc import grad
        >>> grad("log(x'*A*x + 1)/sqrt(x'*A*x + 1)", "A", where="x: (n)").named()
        (1 − log(ρ)/2) x xᵀ/ρ^(3/2)  where  ρ = xᵀ A x + 1
        """
        return explain.named.named(self.expr, self.symbols, self.manner)

    def left(self, style: str = "latex") -> str:
        """The left side of the answer: ∂f/∂x, ∂y/∂xᵀ, ∂²f/∂x∂xᵀ.

        >>> from matcalc import hessian, jacobian
        >>> hessian("x'*A*x", "x").left("unicode"), jacobian("A*X", "X").left("unicode")
        ('∂²f/∂x∂xᵀ', '∂vec Y/∂(vec X)ᵀ')
        """
        f = variable(called(self.of, self.variable), self.of.shape)
        if self.order == "hessian":
            by, index = self.second or (self.variable, self.index)
            return explain.Left("hessian", f, self.wrt, by if index is None else item(by, index)).written(style, self.manner)
        kind = "gradient" if self.order == "grad" or self.of.is_scalar or self.wrt.is_scalar else "jacobian"
        return explain.Left(kind, f, self.wrt).written(style, self.manner)

    def equation(self) -> str:
        r"""The answer with its left side as LaTeX; the names of a long one's repeated parts have a line each.

        >>> from matcalc import grad
        >>> print(grad("x'*x", "x").equation())
        \frac{\partial f}{\partial x} = 2 x
        """
        if self.expr.weight < LONG:
            return f"{self.left()} = {self.latex()}"
        made, write = self.named(), partial(latex, manner=self.manner)
        rows = [rf"{write(name)} &= {write(meaning)}" for name, meaning in made.definitions]
        rows = [rf"\text{{where}}\quad {rows[0]}", *rows[1:]] if rows else []
        return explain.aligned([rf"{self.left()} &= {write(made.whole, self.symbols)}", *rows])

    @property
    def differential(self) -> Differential:
        """The same as a differential.

        >>> from matcalc import grad
        >>> grad("tr(A*X)", "X").differential.text()
        'df = tr(A*dX)'
        """
        return replace(self._differential(), taken=tuple(self.symbols), manner=self.manner)

    def _differential(self) -> Differential:
        by, index = self._moving()
        if self.part:
            return self._differential_complex()
        if self.over and self.order != "hessian":
            return differential_of(self.of, self.variable, None, whole=True)
        if self.order == "grad":
            return gradient_form(self.of, transpose(self.expr) if self.transposed else self.expr, by, index)
        made = hessian_form(self._differentiated(), by, index) if self.order == "hessian" else differential_of(self._read(), by, index)
        return replace(made, expr=bound(made.expr, self.free))

    def _differential_complex(self) -> Differential:
        by, d = self.variable, moved(self.of, self.variable)
        if self.order == "grad":
            made = gradient_form(self.of, transpose(self.expr) if self.transposed else self.expr, by, self.index, self.part == "steepest")
            return replace(made, expr=real_part(made.expr)) if self.part == "steepest" else made
        return differential_of(self.of, by, None, of_complex=lambda y, v: api.of_complex.differential_complex(y, v, d))

    def tangent(self) -> Derivative:
        """By a variable of a curved set, the Riemannian gradient: the projection on the tangent space (Absil, Mahony & Sepulchre, 3.6).

        By an orthogonal Q it is G - Q sym(Q'G), by a unit vector x G - x x'G.

        >>> from matcalc import grad
        >>> grad("tr(A*Q)", "Q", where="A: (n, n); Q: (n, n) orthogonal").tangent().text()
        "(A' - Q*A*Q)/2"
        """
        if self.order != "grad" or self.index is not None:
            raise UnsupportedError("a tangent gradient is of a scalar, by all of a variable", hint="take its grad")
        found = api.riemannian.tangential(self)
        if found is not None:
            return found
        by = self.variable
        inside = simplify(tangent(transpose(self.expr) if self.transposed else self.expr, by))
        on = curved(properties_of(by))
        names = " ".join(on.names) if on else ""
        remark = f"in the tangent space of the {names} {'vectors' if by.is_vector else 'matrices'} at {name_of(by)}"
        return replace(self, expr=inside, transposed=False, remarks=(remark,), onto="tangent")

    def picked(self, g: Expr) -> Expr:
        """Projects a gradient by the whole variable in the same way as this answer."""
        if self.onto == "tangent":
            return tangent(g, self.variable)
        return projected(g, self.variable)[0] if self.onto else g

    @property
    def over_counts(self) -> dict[str, Size]:
        """The indices of a family that the derivative is by as a whole, and how far each counts: the first axes of a program's result."""
        counts = {u.data[0]: u.data[1] for u in self.variable.args[1:] if u.op is UNIT} if self.over else {}
        return {i: counts[i] for i in self.over}

    def code(self, target: str = "numpy", value: bool = False) -> str:
        """The source of a function of the variables, for one of TARGETS; with `value`, it returns (value, derivative).

        For "sympy" it is a program that makes its own symbols and ends with the answer; SymPy is not imported for it.

        >>> from matcalc import grad
        >>> print(grad("x'*A*x", "x").code("sympy").splitlines()[-1])
        grad = (A + A.T)*x
        """
        if target == "sympy":
            return writing.sympy.source.source(self.expr, self.called)

        doc = "" if value else f"The derivative of {_shortened(self.of)} by {_shortened(self.wrt)}."
        return api.code([self.of, self] if value else self, target, doc=doc)

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """That function, called by keyword; keywords it has no use for are ignored."""
        source = self.code(known_target(target))

        def for_sizes(sizes: Mapping[str, int]) -> str:
            return api.code(self, target, sizes=sizes)

        given = [self.of, self.variable, self.expr]
        function = programs.program.compile_program(source, self.called, given, for_sizes=for_sizes)
        return programs.compiled.Compiled(function, Derivative.compile, self, target)

    def check(self, seed: int = 0) -> Check:
        """Compares the answer with numeric derivatives of the expression at hard points, to many digits, and its program with the answer.

        >>> from matcalc import grad
        >>> grad("logdet(X)", "X").check().ok
        True
        """
        expr = transpose(self.expr) if self.transposed else self.expr
        by, index = self.second or (self.variable, self.index)
        free = self.free.get(by)
        if self.onto == "tangent":  # it is one along the set alone
            return checking.check_derivative(self.of, expr, by, index, seed=seed, also=(self.of, self.variable), program=self._ran())
        return checking.check_derivative(
            self._differentiated(),
            expr,
            by,
            index,
            seed=seed,
            also=(self.of, self.variable),
            program=self._ran(),
            freely=free is not None and not {*properties_of(free)} - {"complex"},
            part=self.part,
        )

    def _read(self) -> Expr:
        return self.of if self.read is None else self.read

    def _moving(self) -> tuple[Expr, tuple[Any, ...] | None]:
        """The variable that moves, in what was differentiated, and the slice of it."""
        by, index = self.second or (self.variable, self.index)
        return self.free.get(by, by), index

    def _differentiated(self) -> Expr:
        """The expression that the answer is the first derivative of: of a Hessian, the gradient."""
        if self.part and self.order == "hessian":
            return api.of_complex.gradient_by(self._read(), self.free.get(self.variable, self.variable)).expr
        if self.order != "hessian":
            return self._read()
        g = simplify(gradient(rewritten(self._read()), [self.free.get(self.variable, self.variable)])[0])
        return g if self.index is None else item(g, self.index)

    def claim(self) -> tuple[Expr, Expr]:
        """What the answer is the derivative of, and by which variable: of a Hessian, the gradient."""
        return self._differentiated(), self.free.get(self.variable, self.variable)

    def _ran(self) -> Callable[[Any], str | None] | None:
        """A function that says what is wrong with the NumPy program at a point; None where NumPy is not installed."""
        if find_spec("numpy") is None:
            return None
        whole = self.compile("numpy")

        def program(**values: Any) -> Any:
            """By a family as a whole, at the member that is looked at."""
            return whole(**values)[tuple(values[i] - 1 for i in self.over)] if self.over else whole(**values)

        def wrong(deal: Any) -> str | None:
            found = checking.floats.run(program, self.expr, deal.point, [self.of, self.variable])
            return None if found is None else found.wrong

        return wrong

    def gradient(self) -> Expr:
        """The gradient by the variable: the answer itself, or what a Hessian is the Jacobian of."""
        if self.order == "grad":
            return transpose(self.expr) if self.transposed else self.expr
        return bound(replace(self, order="hessian")._differentiated(), self.free)

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
        spelling = {**self.spelling, **(names or {})}
        if sizes:
            return writing.sympy.explicit.explicit(self.expr, sizes, spelling)
        return writing.sympy.expressions.sympy(self.expr, spelling)

    _sympy_ = sympy

    def steps(self, granularity: str = "brief") -> Steps:
        """The derivation, from the expression to the answer; "full" takes one rule at a time.

        >>> from matcalc import grad
        >>> [step.text for step in grad("norm(A*x - b)^2", "x").steps()][-1]
        "df/dx = 2*A'*r = 2*A'*(A*x - b)"
        """
        return api.explaining.steps(self, granularity)

    def along(self, direction: str | Expr = "V", order: int = 1) -> Expr:
        """The directional derivative of what was differentiated along `direction`, `order` times; of a Hessian, of the gradient.

        f + along(V) + along(V, 2)/2 + … is Taylor's formula.  A direction is a name, or an expression of the shape of the variable.
        Raises ShapeError for one of another shape, and for an order that is no positive whole number.

        >>> from matcalc import grad
        >>> d = grad("logdet(X)", "X")
        >>> d.along("V"), d.along("V", 2)
        (tr(V X⁻¹), −tr(V X⁻¹ V X⁻¹))
        """
        return bound(directional(self._differentiated(), *self._moving(), direction, order), self.free)

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
        of, (by, _) = self.gradient() if self.order == "hessian" else self.of, self._moving()
        if self.over and self.order != "hessian":  # of a whole family it is in the differential
            return self._operator("jvp", self.differential.expr, [of], target)
        within = moved(of, by)
        any_one = variable(within.data[0], within.shape, {"complex"} & {*properties_of(within)})
        part, remark = (within, None) if within is any_one else projected(any_one, within)
        if remark is None or part is any_one:
            return self._operator("jvp", self.differential.expr, [of, within], target)
        note = f"of {name_of(within)} the {structure(within)} part counts"
        return self._operator("jvp", substitute(self.differential.expr, {within: part}), [of, any_one], target, note)

    def operator(self, target: str = "numpy") -> Callable[..., Any]:
        """The derivative at a point as a SciPy LinearOperator, with ``dense()`` and ``solve(b)``: a function of the variables.

        >>> from matcalc import hessian
        >>> H = hessian("norm(T - U*V')^2", "U").operator()(T=[[1.0], [0.0]], U=[[1.0], [2.0]], V=[[3.0]])
        >>> H.solve([18.0, 36.0]).tolist()
        [1.0, 2.0]
        """
        if known_target(target) != "numpy":
            raise UnsupportedError("operators are made for numpy", hint=f"jvp({target!r}) is the same map as a function")
        return api.operating.operator(self)

    def vjp(self, target: str = "numpy") -> Callable[..., Any]:
        """The adjoint of that operator: a function of the variables and of a cotangent of the shape of Y, that returns one of X."""
        by, index = self._moving()
        of = self.gradient() if self.order == "hessian" else self.of
        w = variable("cotangent", of.shape, {"complex"} if self.part == "holomorphic" else frozenset())
        if self.part:
            return self._operator("vjp", bound(api.of_complex.pulled_back(self, w), self.free), [of, w], target)
        back = pullback(rewritten(self._differentiated()), w, [by])[0]
        back = bound(simplify(back if index is None else item(back, index)), self.free)
        return self._operator("vjp", back, [of, w], target)

    def _operator(self, name: str, expr: Expr, arguments: list[Expr], target: str, *notes: str) -> Callable[..., Any]:
        doc = f"The {name} of {_shortened(self.of)} by {_shortened(self.wrt)}."
        over = {name: self.over_counts} if self.over and name == "vjp" else None
        target = known_target(target)

        def source(sizes: Mapping[str, int] | None = None) -> str:
            results = {name: expr}
            return programs.program.program(results, target, arguments=arguments, name=name, over=over, doc=doc, notes=notes, sizes=sizes)

        return programs.program.compile_program(source(), name, [expr, *arguments], for_sizes=source)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {**super()._repr_mimebundle_(), "text/html": api.card.card(self)}


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
                if one_name(key) in (one_name(label(d, "text")), one_name(name_of(d.variable))) or repr(d.wrt) == key:
                    return d
            raise KeyError(key)
        return super().__getitem__(key)

    @property
    def read_as(self) -> str:
        """How the expression was read."""
        return self[0].read_as  # type: ignore[no-any-return]

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

    def __repr__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/latex": self._repr_latex_(), "text/html": api.card.card(*self)}


def label(d: Derivative, style: str) -> str:
    """The variable that a derivative is by, written in a style: "text", "latex" or "unicode"."""
    return writing.writer(style)(d.wrt, manner=d.manner)


def known_target(target: Any, known: Sequence[str] = RUN) -> str:
    """`target`, if it is one of those `known`.  Raises UnsupportedError."""
    target = ALSO_CALLED.get(target, target) if isinstance(target, str) else target
    if target not in known:
        what = (
            f"programs for {target} are text, and do not run here" if target in TARGETS else f"no programs are written for {target!r:.40}"
        )
        raise UnsupportedError(what, hint=f"there are {', '.join(known)}")
    return str(target)


def _shortened(e: Expr, most: int = 100) -> str:
    text = unicode(e) if e.weight <= most else ""
    return text if 0 < len(text) <= most else "an expression"
