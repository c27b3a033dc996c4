"""Derivatives where something is complex: gradients of real functions, of holomorphic ones, and the pair of Wirtinger's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from matcalc import api, programs
from matcalc.api import card
from matcalc.api.answer import Derivative, Derivatives, known_target
from matcalc.api.as_differentials import moved
from matcalc.api.display import Displayed
from matcalc.api.tangents import bound, projected, structure
from matcalc.calculus import differential, gradient, jacobian, pullback
from matcalc.calculus.wirtinger import gradients, is_holomorphic, jacobians, joined, parted
from matcalc.errors import NotDifferentiableError, UnsupportedError
from matcalc.expr import Expr, add, name_of, postorder, product, properties_of, scaled, transpose
from matcalc.expr.conjugate import conjugate, is_real
from matcalc.expr.heads import unit
from matcalc.expr.language import item
from matcalc.operators import call
from matcalc.operators.complex_parts import imaginary_part, real_part
from matcalc.simplification import rewritten, simplify
from matcalc.writing import writer

UNREAL = "is not seen to be real"
NEITHER = "is neither real nor holomorphic in {0}: there is no gradient and no complex derivative"
INSTEAD = "take real(…) or abs(…)^2 of it, or mc.wirtinger for the pair ∂f/∂{0}, ∂f/∂{0}*"
STEEPEST = "G = 2 ∂f/∂{0}*: df = Re tr(G^H d{0})"
HOLOMORPHIC = "holomorphic: the complex derivative, df = tr(G' d{0})"
WITHIN = "G = 2 ∂f/∂{0}* within the Hermitian matrices: df = tr(G d{0})"
OF_REAL = "f is complex: df = tr(G' d{0})"


def is_complex(*roots: Expr) -> bool:
    """Whether something that occurs may be no real number."""
    return any(n.complex for n in postorder(*roots))


def seen_real(f: Expr) -> bool:
    """Whether `f` is seen to be real, by its form or after simplification."""
    return is_real(f) or is_real(simplify(f)) or simplify(add([f, scaled(-1, conjugate(f))])).op.name in ("number", "zero")


class Gradient(NamedTuple):
    """A gradient, what there is to say of it, and whether it is one of a real function."""

    expr: Expr
    remark: str
    steepest: bool


def gradient_by(f: Expr, by: Expr) -> Gradient:
    """The gradient of the scalar `f`: 2 ∂f/∂z* of a real one, the complex derivative of one that is holomorphic.

    Raises NotDifferentiableError where it is neither.
    """
    apart, real, name = parted(rewritten(f), by), seen_real(f), name_of(by)
    hermitian = "hermitian" in properties_of(by)
    if real and by.complex and not hermitian:
        return Gradient(simplify(joined(gradient(scaled(2, apart.expr), [apart.bar])[0], apart)), STEEPEST.format(name), True)
    if by.complex and not is_holomorphic(apart):
        raise NotDifferentiableError(f"f {NEITHER.format(name)}", hint=INSTEAD.format(name))
    raw = joined(gradient(apart.expr, [by])[0], apart)
    found = simplify(real_part(raw) if real and not by.complex else raw)
    if hermitian and real:
        return Gradient(conjugate(found), WITHIN.format(name), True)
    if not by.complex:
        return Gradient(simplify(real_part(found)) if real else found, "" if real else OF_REAL.format(name), real)
    return Gradient(found, HOLOMORPHIC.format(name), False)


def steepest_by(f: Expr, by: Expr) -> Expr:
    """The gradient of a real function.  Raises NotDifferentiableError of another one, which has no direction of steepest ascent."""
    found = gradient_by(f, by)
    if not found.steepest:
        raise NotDifferentiableError(f"what is asked for is of a real function, and f {UNREAL}", hint="take real(…) or abs(…)^2 of it")
    return found.expr


def grad_complex(asked: Any, f: Expr, free: Any, unconstrained: bool, make: Callable[..., Derivative]) -> list[Derivative]:
    """The gradients by all targets."""
    out = []
    for v, index in asked.targets:
        found = gradient_by(f, free.get(v, v))
        raw = bound(found.expr, free)
        within = found.steepest or "hermitian" not in properties_of(v)
        inside, remark = projected(raw, v) if within and not unconstrained else (raw, None)
        if index is not None and inside is not raw:
            raise UnsupportedError(f"the entries of {name_of(v)} do not move alone, as it is declared {structure(v)}")
        answer = simplify(inside if index is None else item(inside, index))
        if not v.complex and found.steepest and not is_real(answer):
            answer = real_part(answer)
        said = [found.remark, *([remark] if remark and "hermitian" not in properties_of(v) else [])]
        out.append(make(answer, v, index, tuple(filter(None, said)), "steepest" if found.steepest else "holomorphic"))
    return out


@dataclass(frozen=True, eq=False, repr=False)
class Pair(Displayed):
    """The derivatives by a complex variable and by its conjugate: `plain` and `conj`, each a derivative like any other.

    dy = plain·dz + conj·dz*; of a scalar, df = tr(plain' dZ) + tr(conj' dZ*).
    """

    plain: Derivative
    conj: Derivative
    change: Expr | None = None  # of a gradient: its differential, which is what a Hessian is shown as

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.plain.notes, *self.conj.notes)))

    @property
    def legend(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.plain.legend, *self.conj.legend)))

    @property
    def assumptions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.plain.assumptions, *self.conj.assumptions)))

    @property
    def read_as(self) -> str:
        return self.plain.read_as

    @property
    def symbols(self) -> Any:
        return self.plain.symbols

    @property
    def expr(self) -> Expr | None:
        return self.change

    def _said(self, style: str) -> str:
        write = writer(style)
        if self.change is not None:
            return write(self.change)
        name = write(self.plain.variable)
        first, second = (getattr(d, style)() for d in (self.plain, self.conj))
        if style == "latex":
            return rf"\begin{{aligned}} {name} &: {first} \\ {name}^{{*}} &: {second} \end{{aligned}}"
        return f"{name}: {first}\n{name}*: {second}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        notes = dict.fromkeys((*self.legend, *self.notes, *self.assumptions))
        steps = [(step.rule, step.aligned) for d in (self.plain, self.conj) for step in d.steps()]
        z = name_of(self.plain.variable)
        heading = f"the Hessian, as the change of the gradient by {z}" if self.change is not None else f"the pair, by {z} and by {z}*"
        html = card.framed(self, heading, self.latex(), notes, steps)
        return {**super()._repr_mimebundle_(), "text/html": html}

    def text(self) -> str:
        """Two labelled lines, `z:` and `z*:`; of a Hessian, the differential of the gradient."""
        return self._said("text")

    def latex(self) -> str:
        return self._said("latex")

    def unicode(self) -> str:
        return self._said("unicode")

    def code(self, target: str = "numpy") -> str:
        """The source of a function that returns both, (plain, conj)."""
        results = {"plain": self.plain.expr, "conj": self.conj.expr}
        arguments = [self.plain.of, self.plain.variable]
        return programs.program.program(
            results, known_target(target), arguments=arguments, name=self.plain.order, doc="The pair by z and z*."
        )

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """That function, called by keyword."""
        given = [self.plain.of, self.plain.variable, self.plain.expr, self.conj.expr]
        return programs.program.compile_program(self.code(target), self.plain.order, given)

    def document(self, expr: str) -> dict[str, Any]:
        """Both, as the command writes them in JSON."""
        return {name: api.document.document(d, expr, None, None) for name, d in (("plain", self.plain), ("conj", self.conj))}

    def check(self, seed: int = 0) -> Any:
        """Both, checked along real and imaginary directions."""
        both = [d.check(seed) for d in (self.plain, self.conj)]
        return max(both, key=lambda c: (not c.ok, c.max_error))

    def real(self) -> Expr:
        """Of a Hessian by a vector, the symmetric matrix in (Re z, Im z), in blocks: [real(P + C), imag(C - P); imag(P + C), real(P - C)].

        The blocks are put together by Kronecker products with the entries of 2 × 2 matrices.
        """
        p, c = self.plain.expr, self.conj.expr
        whole, apart = add([p, c]), add([p, scaled(-1, c)])
        blocks = ((real_part(whole), scaled(-1, imaginary_part(apart))), (imaginary_part(whole), real_part(apart)))
        places = [
            call("kron", product([unit(i, 2), transpose(unit(j, 2))]), simplify(blocks[i - 1][j - 1])) for i in (1, 2) for j in (1, 2)
        ]
        return add(places)


def pair_of(y: Expr, by: Expr, make: Callable[..., Derivative]) -> tuple[Derivative, Derivative]:
    """∂y/∂z and ∂y/∂z*."""
    apart = parted(rewritten(y), by)
    plain, conj = (simplify(e) for e in (gradients(apart) if y.is_scalar else jacobians(apart)))
    return make(plain, by, None, (), "plain"), make(conj, by, None, (), "conj")


def jacobian_by(y: Expr, by: Expr) -> tuple[Expr, str]:
    """The Jacobian by a variable that `y` is holomorphic in, or that is real.

    Raises NotDifferentiableError where it is not.
    """
    apart, name = parted(rewritten(y), by), name_of(by)
    if by.complex and not is_holomorphic(apart):
        message = f"it is not holomorphic in {name}: it depends on the conjugate of {name} too"
        raise NotDifferentiableError(message, hint=f"mc.wirtinger gives the pair ∂y/∂{name}, ∂y/∂{name}*")
    return simplify(joined(jacobian(apart.expr, by), apart)), f"holomorphic: dy = J d{name}" if by.complex else ""


def pulled_back(d: Derivative, w: Expr) -> Expr:
    """Applies the adjoint to a cotangent: of a real function w G, of a holomorphic one the transpose of its derivative, in w.

    Raises UnsupportedError for one half of a pair.
    """
    if d.part == "steepest":
        return simplify(product([w, d.gradient()]))
    if d.part != "holomorphic":
        raise UnsupportedError("the adjoint of one half of a pair is none", hint="jvp is the whole differential")
    of, by = d.claim()
    apart = parted(rewritten(of), by)
    return simplify(joined(pullback(apart.expr, w, [by])[0], apart))


def differential_complex(y: Expr, by: Expr, change: Expr | None = None) -> Expr:
    """dy, in dz and its conjugate."""
    d = change if change is not None else moved(y, by)
    apart = parted(rewritten(y), by)
    return simplify(joined(differential(apart.expr, {apart.by: d, apart.bar: conjugate(d)}), apart))


def hessian_pair(g: Expr, by: Expr, make: Callable[..., Derivative]) -> Pair:
    """The pair of a gradient: dG = plain·dz + conj·dz*."""
    plain, conj = pair_of_gradient(g, by, make)
    return Pair(plain, conj, differential_complex(g, by))


def pair_of_gradient(g: Expr, by: Expr, make: Callable[..., Derivative]) -> tuple[Derivative, Derivative]:
    apart = parted(rewritten(g), by)
    plain, conj = (simplify(joined(jacobian(apart.expr, v), apart)) for v in (apart.by, apart.bar))
    return tuple(
        make(e, by, None, (f"dG = plain·d{name_of(by)} + conj·d{name_of(by)}*, of the gradient G",), part)
        for e, part in ((plain, "plain"), (conj, "conj"))
    )  # type: ignore[return-value]


def with_part(d: Derivative, part: str) -> Derivative:
    return replace(d, part=part)


__all__ = ["Derivatives", "Pair", "grad_complex", "hessian_pair", "is_complex", "jacobian_by", "pair_of"]
