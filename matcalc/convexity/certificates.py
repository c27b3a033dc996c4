"""A proof for a person: the terms that the Hessian is a sum of, each with the reason why it has its sign; or the steps of composition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from matcalc.calculus import gradient, jacobian
from matcalc.convexity.composing import WORDS
from matcalc.convexity.proving import SIGN, Proof
from matcalc.convexity.quadratic_forms import Term
from matcalc.convexity.squares import Part
from matcalc.expr import Expr, add, name_of, number, product, scaled, select, substitute, transpose, variable
from matcalc.expr.dims import Size
from matcalc.expr.node import working
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.writing import writer
from matcalc.writing.latex import prose

Style = Callable[[Expr], str]


@dataclass(frozen=True)
class CertificateStep:
    """One line: what holds, and the rule by which it does."""

    rule: str
    text: str
    latex: str
    unicode: str

    def __repr__(self) -> str:
        return f"{self.rule}: {self.unicode}"


@dataclass(frozen=True, eq=False)
class Certificate:
    """Why a function is convex, concave or affine.

    >>> from matcalc import curvature
    >>> curvature("logsumexp(A*x)", "x", where="A: (m, n)").certificate.method
    'hessian'
    """

    proof: Proof

    @property
    def method(self) -> str:
        """hessian: terms that add up to it; composition: rules for functions of functions."""
        return self.proof.method

    @cached_property
    @working
    def terms(self) -> tuple[Expr, ...]:
        """Matrices that add up to the Hessian in vec coordinates, each psd (of a concave function nsd).

        With several variables, of their vecs one below the other.
        """
        sign = SIGN.get(self.proof.verdict, 1)
        return tuple(self._matrix(part.terms, sign) for part in self.proof.parts)

    def _matrix(self, terms: tuple[Term, ...], sign: int) -> Expr:
        free = {d: variable(name_of(d), d.shape) for d in self.proof.differentials.values()}

        form = scaled(sign, add([t.mapped(lambda e: substitute(e, free)).expr for t in terms]))
        ds = list(free.values())
        halves = [scaled(Fraction(1, 2), g) for g in gradient(form, ds)]
        blocks = [[_block(g, d, e) for e in ds] for g, d in zip(halves, ds, strict=True)]
        if len(ds) == 1:
            return simplify(blocks[0][0])
        sizes: list[Size] = [d.shape[0] * d.shape[1] for d in ds]
        total: Size = 0
        firsts: list[Size] = []
        for n in sizes:
            firsts.append(total)
            total = total + n
        at = [select(total, n, first) for n, first in zip(sizes, firsts, strict=True)]
        return add([product([at[i], simplify(blocks[i][j]), transpose(at[j])]) for i in range(len(ds)) for j in range(len(ds))])

    def steps(self) -> list[CertificateStep]:
        """Each line with its rule."""
        styles: tuple[Style, Style, Style] = (writer("text"), writer("latex"), writer("unicode"))
        p = self.proof

        def line(rule: str, e: Expr, says: Sequence[str], before: Sequence[str] = ("", "", "")) -> CertificateStep:
            whole = (f"{start}{write(e)} {word}".rstrip() for start, write, word in zip(before, styles, says, strict=True))
            return CertificateStep(rule, *whole)

        second, none = ("d²f = ", r"\mathrm{d}^2 f = ", "d²f = "), ("", "", "")
        if p.verdict == "affine" and p.method == "hessian":
            return [line("zero Hessian", number(0), none, second)]
        shown = p.second if p.method == "hessian" else None
        out = [] if shown is None else [line("second differential", simplify(shown), none, second)]
        for step in p.steps:
            says = f"is {WORDS[step.curvature]}: {step.rule}"
            out.append(line(step.rule, step.of, (says, prose(f" {says}"), says)))
        several = len(p.differentials) > 1
        signs = (">=", r"\geq" if several else r"\succeq", "≥" if several else "⪰")
        if p.verdict == "concave":
            signs = ("<=", r"\leq" if several else r"\preceq", "≤" if several else "⪯")
        for part, term in zip(p.parts, map(self._form, p.parts) if several else self.terms, strict=False):
            why = [part.why] * 3 if part.bound is None else [f"{part.why}, where u'M⁺u = {write(part.bound)}" for write in styles]
            why[1] = prose(part.why) + ("" if part.bound is None else rf", u^\top M^+ u = {styles[1](part.bound)}")
            out.append(line(part.rule, term, [f"{s} 0{sep}{w}" for s, sep, w in zip(signs, (": ", r" \quad ", ": "), why, strict=True)]))
        return out

    def _form(self, part: Part) -> Expr:
        """A part as a form in the differentials."""
        return simplify(scaled(SIGN.get(self.proof.verdict, 1), add([t.expr for t in part.terms])))

    def text(self) -> str:
        """A line for each step."""
        return "\n".join(s.text for s in self.steps())

    def unicode(self) -> str:
        return "\n".join(s.unicode for s in self.steps())

    def latex(self) -> str:
        lines = r" \\ ".join(f"& {s.latex}" for s in self.steps())
        return rf"\begin{{aligned}} {lines} \end{{aligned}}"

    def __repr__(self) -> str:
        return self.unicode()


def _block(g: Expr, d: Expr, e: Expr) -> Expr:
    """∂vec(g)/∂vec(e)', where g has the shape of d."""
    if d.is_scalar:
        (row,) = gradient(g, [e])
        return row if e.is_scalar else transpose(call("vec", row))
    found = jacobian(g, e)
    return call("vec", found) if e.is_scalar else found
