"""Wirtinger's pair: the derivatives by a complex variable and by its conjugate, each an answer like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matcalc import api, programs
from matcalc.api.display import Displayed
from matcalc.api.methods import Derivative
from matcalc.api.of_complex import differential_complex
from matcalc.calculus import jacobian
from matcalc.calculus.wirtinger import gradients, jacobians, joined, parted
from matcalc.expr import Expr, add, grid, name_of, scaled
from matcalc.operators.complex_parts import imaginary_part, real_part
from matcalc.programs.targets import known_target
from matcalc.simplification import rewritten, simplify
from matcalc.writing import writer


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
        html = api.card.framed(self, heading, self.latex(), notes, steps)
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
        """Of a Hessian by a vector, the symmetric matrix in (Re z, Im z): [real(P + C), imag(C - P); imag(P + C), real(P - C)]."""
        p, c = self.plain.expr, self.conj.expr
        whole, apart = add([p, c]), add([p, scaled(-1, c)])
        rows = ((real_part(whole), scaled(-1, imaginary_part(apart))), (imaginary_part(whole), real_part(apart)))
        return grid([[simplify(block) for block in row] for row in rows])


def pair_of(y: Expr, by: Expr, make: Callable[..., Derivative]) -> tuple[Derivative, Derivative]:
    """∂y/∂z and ∂y/∂z*."""
    apart = parted(rewritten(y), by)
    plain, conj = (simplify(e) for e in (gradients(apart) if y.is_scalar else jacobians(apart)))
    return make(plain, "plain"), make(conj, "conj")


def hessian_pair(g: Expr, by: Expr, make: Callable[..., Derivative]) -> Pair:
    """The pair of a gradient: dG = plain·dz + conj·dz*."""
    plain, conj = pair_of_gradient(g, by, make)
    return Pair(plain, conj, differential_complex(g, by))


def pair_of_gradient(g: Expr, by: Expr, make: Callable[..., Derivative]) -> tuple[Derivative, Derivative]:
    apart = parted(rewritten(g), by)
    plain, conj = (simplify(joined(jacobian(apart.expr, v), apart)) for v in (apart.by, apart.bar))
    remark = f"dG = plain·d{name_of(by)} + conj·d{name_of(by)}*, of the gradient G"
    return make(plain, "plain", remark), make(conj, "conj", remark)
