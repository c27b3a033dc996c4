"""Whether a function is convex or concave, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matcalc.api.card import framed
from matcalc.api.conditions import conditions
from matcalc.api.deriving import hessian
from matcalc.api.of_complex import is_complex
from matcalc.api.question import Question, function_question, in_notation
from matcalc.convexity import Certificate, Counterexample, Proving, counterexamples
from matcalc.convexity.doubling import DOUBLED, doubled
from matcalc.expr import Expr, add, declared, name_of, properties_of, substitute, transpose, variable, variables
from matcalc.expr.node import working
from matcalc.expr.properties import DECLARABLE, closure
from matcalc.limits import MOST_SUPPOSED, MOST_VALUES_FIRST
from matcalc.reading import Symbol
from matcalc.writing.latex import prose

PIECES = ("positive", "nonnegative", "≠ 0", "without zeros")  # what logarithms, roots and quotients need: a domain without some signs


@dataclass(frozen=True, repr=False)
class Curvature:
    """The verdict on a function: affine, convex, concave, neither or unknown, with what proves it; shows itself as one line.

    `strict` is "strictly" or "strongly" where that is proved, `conditions` are those under which the function would be convex.

    >>> c = curvature("norm(A*x - b)^2", "x")
    >>> c.verdict, c.strict, c.certificate.text().splitlines()[-1]
    ('convex', None, "2*A'*A >= 0: a sum of squares")
    """

    verdict: str
    strict: str | None
    certificate: Certificate | None
    counterexamples: tuple[Counterexample, ...]
    conditions: tuple[str, ...]
    notes: tuple[str, ...]
    asked: Question = field(repr=False)
    smooth: bool = False

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """The names of the expression, with what was declared and what was inferred of them."""
        return self.asked.symbols

    @property
    def read_as(self) -> str:
        """How the expression was read."""
        return self.asked.read_as

    @cached_property
    def hessian(self) -> Any:
        """The Hessian, as of `mc.hessian`; of several variables its blocks by pairs of names; None where there is none everywhere.

        >>> curvature("x'*A*x", "x", where="A: (n, n) spd").hessian.text()
        '2*A'
        """
        if not self.smooth:
            return None
        by = [name_of(v) for v, _ in self.asked.targets]
        if len(by) == 1:
            return hessian(self.asked.expr, self.asked.targets[0][0], self.asked.where)
        own = [v for v, _ in self.asked.targets]
        return {(name_of(v), name_of(w)): hessian(self.asked.expr, v if v is w else [v, w]) for i, v in enumerate(own) for w in own[i:]}

    def text(self) -> str:
        """The verdict on one line: `convex, strictly`; `neither: convex where A is psd`."""
        first = f"{self.verdict}, {self.strict}" if self.strict else self.verdict
        return f"{first}; {'; '.join(self.conditions)}" if self.conditions else first

    unicode = __repr__ = text

    def latex(self) -> str:
        """The verdict on one line, as LaTeX text."""
        return prose(self.text())

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$" if self.certificate is None else f"$${self.latex()}\\qquad {self.certificate.latex()}$$"

    def _repr_html_(self) -> str:
        lines = self.certificate.steps() if self.certificate else []
        notes = (*map(str, self.counterexamples), *self.notes)
        return framed(self, self.text(), "", notes, [(step.rule, step.latex) for step in lines])


@working
def curvature(expr: Any, wrt: Any = None, where: str = "", *, source: str = "auto") -> Curvature:
    """Whether a function is convex or concave, jointly in the variables, for every value of the data that the declarations admit.

    A verdict is proved: `affine`, `convex` and `concave` by a certificate, `neither` by two counterexamples; all else is `unknown`.
    Raises ShapeError where `expr` is no scalar, UnsupportedError by what has no Hessian here: slices and members of families.

    >>> curvature("logsumexp(A*x)", "x", where="A: (m, n)")
    convex
    >>> curvature("tr(C*P) - logdet(P)", "P", where="C: (n, n) symmetric; P: (n, n) spd")
    convex, strictly
    >>> curvature("x'*A*x", "x", where="A: (n, n) symmetric")
    neither; convex where A is psd
    """
    asked = function_question(in_notation(expr, source), wrt, where, "convex or concave")
    by = list(dict.fromkeys(v for v, _ in asked.targets))
    curved = next((v for v in by if any(DECLARABLE[p].space == "curved" for p in closure(properties_of(v)))), None)
    if curved is not None:
        note = f"{name_of(curved)} lies in a curved set, which is not convex"
        return Curvature("unknown", None, None, (), (), (*asked.notes, note), asked)
    if is_complex(asked.expr, *by):
        return _of_complex(asked, by)
    proving = Proving(asked.expr, by, quick=True)
    proof, found = proving.proof(), list[Counterexample]()
    if proof is None:
        found = counterexamples(asked.expr, by, MOST_VALUES_FIRST)
        if len(found) < 2:
            proof = Proving(asked.expr, by, but=[c.shows.removeprefix("not ") for c in found]).proof()
    smooth = proving.is_smooth(proving.f)
    if proof is not None:
        strict = tuple(proving.strict_where(proof))
        return Curvature(proof.verdict, proof.strict, Certificate(proof), (), strict, asked.notes, asked, smooth)
    if len(found) < 2:
        found = counterexamples(asked.expr, by)
    holds = tuple(_where(asked.expr, by))
    if {c.shows for c in found} == {"not convex", "not concave"}:
        return Curvature("neither", None, None, tuple(found), holds, asked.notes, asked, smooth)
    notes = [*proving.remarks[:1], *(f"it is {c.shows}" for c in found)] or ["no certificate and no counterexample was found"]
    return Curvature("unknown", None, None, tuple(found), holds, (*asked.notes, *notes), asked, smooth)


def _of_complex(asked: Question, by: list[Expr]) -> Curvature:
    """The verdict on a function of complex variables, by the real one that it is of their real and imaginary parts."""
    made = doubled(asked.expr, by)
    proving = Proving(made.f, made.by) if made is not None else None
    proof = proving.proof() if proving is not None else None
    if made is not None and proving is not None and proof is not None:
        strict = tuple(proving.strict_where(proof)) if made.faithful and not made.halved else ()
        smooth, notes = proving.is_smooth(proving.f), (*asked.notes, DOUBLED)
        return Curvature(proof.verdict, proof.strict, Certificate(proof), (), strict, notes, asked, smooth)
    found = counterexamples(asked.expr, by)
    smooth = made is not None and proving is not None and proving.is_smooth(proving.f)
    if {c.shows for c in found} == {"not convex", "not concave"}:
        holds = _where(made.f, made.by, also_spd=False) if made is not None and made.faithful else []
        return Curvature("neither", None, None, tuple(found), tuple(c.replace("ᵀ", "ᴴ") for c in holds), asked.notes, asked, smooth)
    told = [f"it is {c.shows}" for c in found] or ["no certificate and no counterexample was found"]
    return Curvature("unknown", None, None, tuple(found), (), (*asked.notes, *told), asked, smooth)


def _where(f: Expr, by: list[Expr], *, also_spd: bool = True) -> list[str]:
    """For which data it is convex or concave, as far as a sign or definiteness of one of them decides, or of several together.

    Of variables, too, where they are spd: log det X is concave there; and of numbers and vectors that are positive in one of the
    pieces which the domain falls into: x log(x/y) is convex there.
    """
    given = {v: word for v in variables(f) if v not in by for v, word in _supposable(v)}
    squares = [v for v in variables(f) if v.shape[0] == v.shape[1] and not v.is_scalar and _may_be(v, "psd")] if also_spd else []
    spd = dict.fromkeys(squares, "spd")
    data = {v: word for v, word in given.items() if word != "psd"}
    apart = variables(*(e for c in conditions(f) if c.needs in PIECES for e in c.of)) if also_spd else ()
    above = dict.fromkeys((v for v in apart if v.shape[1] == 1 and _may_be(v, "nonnegative")), "positive")
    for tried in (given, spd, above):
        some = list(tried.items())[:MOST_SUPPOSED]
        found = [f"{verdict} where {v!r} is {word}" for v, word in some if (verdict := _supposing(f, by, {v: word}))]
        if found:
            return found
    for tried in (given, {**spd, **data}, above):
        together = dict(list(tried.items())[:MOST_SUPPOSED])
        if len(together) > 1 and (verdict := _supposing(f, by, together)):
            for v in tuple(together):
                fewer = {w: word for w, word in together.items() if w is not v}
                together = fewer if _supposing(f, by, fewer) == verdict else together
            return [f"{verdict} where {' and '.join(f'{v!r} is {word}' for v, word in together.items())}"]
    return []


def _supposable(v: Expr) -> list[tuple[Expr, str]]:
    """What may be supposed of one of the data, if anything, that is not declared of it."""
    if v.is_scalar or v.is_vector:
        return [] if "nonnegative" in closure(declared(v)) else [(v, "nonnegative")]
    return [(v if v.symmetric else add([v, transpose(v)]), "psd")] if _may_be(v, "psd") and v.shape[0] == v.shape[1] else []


def _may_be(v: Expr, word: str) -> bool:
    """Whether something may be supposed of a variable: it is not declared of it, nor what excludes it."""
    return not v.complex and not {word, "skew", "orthogonal"} & closure(declared(v))


def _supposing(f: Expr, by: list[Expr], given: Mapping[Expr, str]) -> str:
    """Whether it is convex or concave where these are so, as far as that is proved; "" where it is not."""
    held = {v: variable(name_of(v), v.shape, {*declared(v), word}) for v, word in given.items() if word in ("spd", "positive")}
    left = {substitute(v, held): frozenset({word}) for v, word in given.items() if v not in held}
    proof = Proving(substitute(f, held), [held.get(v, v) for v in by], left, quick=True).proof()
    return proof.verdict if proof is not None and proof.verdict != "affine" else ""
