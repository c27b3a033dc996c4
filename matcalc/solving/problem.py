"""A problem and its stationarity equations: the gradient of the Lagrangian, and the constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcalc.api.question import Question, asks, checked_where, question, read_free
from matcalc.api.tangents import freed, projected
from matcalc.calculus import gradient, jacobian, pullback
from matcalc.convexity import Proving
from matcalc.errors import MatcalcError, ParseError, ShapeError, UnsupportedError
from matcalc.expr import (
    FAMILY,
    MEMBER,
    NUMBER,
    ONE,
    POWER,
    Expr,
    add,
    coefficient_and_rest,
    identity,
    known,
    number,
    ones,
    power,
    product,
    scaled,
    substitute,
    transform,
    transpose,
    variable,
    variables,
)
from matcalc.expr.properties import DECLARABLE, minimal
from matcalc.operators import call
from matcalc.simplification import rewritten, simplify
from matcalc.solving.fills import collapsed
from matcalc.solving.systems import Equation
from matcalc.solving.terms import depends, summands

if TYPE_CHECKING:
    from matcalc.reading import Reading, Symbol

LETTERS = ("λ", "ν", "μ", "η", "κ")
CAPITALS = ("Λ", "N", "M", "H", "Ξ")


@dataclass(frozen=True)
class Constraint:
    """An equation as `text`, and `zero`, which vanishes where it holds; `multiplier` goes with `zero`."""

    zero: Expr
    multiplier: Expr
    factor: Expr = ONE  # the multiplier of left - right is this times that of `zero`
    text: str = ""


@dataclass(frozen=True)
class Problem:
    """An objective, the unknowns as they were asked for and as they are solved for, and the constraints."""

    asked: Question
    f: Expr
    unknowns: tuple[Expr, ...]
    declared: tuple[Expr, ...]
    constraints: tuple[Constraint, ...]
    want: str
    meaning: Mapping[Expr, Expr]  # of an unknown that stands for a structured one: Diag(d) for D
    symbols: Mapping[str, Symbol]  # of the objective and of the constraints

    @cached_property
    def gradient(self) -> tuple[Expr, ...]:
        """The gradient by each unknown, in the space it is declared to lie in."""
        found = gradient(rewritten(self.f), list(self.unknowns))
        return tuple(simplify(collapsed(projected(g, x)[0])) for g, x in zip(found, self.unknowns, strict=True))

    @cached_property
    def convexity(self) -> str | None:
        """The kind of every stationary point, where f is convex or concave and the constraints are affine: it is global, too."""
        for c in self.constraints:
            held = c.zero if c.zero.is_scalar else call("inner", c.multiplier, c.zero)
            proof = Proving(held, self.unknowns, quick=True).proof()
            if proof is None or proof.verdict != "affine":
                return None
        proof = Proving(self.f, self.unknowns, quick=True).proof()
        if proof is None:
            return self._of_quadratic()
        return {"convex": "minimum", "concave": "maximum"}.get(proof.verdict)

    def _of_quadratic(self) -> str | None:
        """The same of a quadratic function of one unknown, by what is known of its Hessian."""
        if len(self.unknowns) != 1:
            return None
        h = jacobian(self.gradient[0], self.unknowns[0])
        if depends(h, *self.unknowns):
            return None
        facts = known(simplify(h))
        return "minimum" if "psd" in facts else "maximum" if "nsd" in facts else None

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The gradient of the Lagrangian f + Σ ⟨λ, c⟩ by the unknowns, then the constraints."""
        parts = [[g] for g in self.gradient]
        for c in self.constraints:
            for terms, w, x in zip(parts, pullback(c.zero, c.multiplier, list(self.unknowns)), self.unknowns, strict=True):
                terms.append(projected(w, x)[0])
        stationary = [Equation(simplify(add(p)), x) for p, x in zip(parts, self.unknowns, strict=True)]
        return (*stationary, *(Equation(c.zero, c.multiplier) for c in self.constraints))

    @property
    def multipliers(self) -> tuple[Expr, ...]:
        return tuple(c.multiplier for c in self.constraints)

    @property
    def given(self) -> list[Expr]:
        """The variables of the data."""
        roots = [self.f, *(c.zero for c in self.constraints)]
        return [v for v in variables(*roots) if v not in self.unknowns]


def problem(expr: Any, wrt: Any, where: str, subject_to: Any, want: str) -> Problem:
    """Reads the question.  Raises the MatcalcError that says what is wrong with it."""
    if want not in ("minimum", "maximum"):
        raise ParseError(f"want is minimum or maximum, not {want!r:.40}")
    asked = question(expr, wrt, where, scalar=True)
    if not asked.expr.is_scalar:
        rows, columns = asked.expr.shape
        raise ShapeError(
            f"what is solved for a stationary point is a scalar; this is ({rows}, {columns})", hint="take sum(…), or norm(…)^2"
        )
    if asked.asks or asks(asked):  # type: ignore[arg-type]
        raise ParseError("the text asks for a derivative already", hint="solve is of the function itself")
    if any(v.complex for v in variables(asked.expr)):
        raise UnsupportedError("solve is of real variables and data", hint="write z as x + 1i*y, and take the real and imaginary parts")
    declared = tuple(dict.fromkeys(v for v, _ in asked.targets))
    for v, index in asked.targets:
        if index is not None or v.op in (MEMBER, FAMILY):
            raise UnsupportedError("solve is for whole variables, not for a slice or the members of a family")
    free = freed(declared, entirely=False)
    f = read_free(expr, where, asked, free, scalar=True) if free else asked.expr
    meaning: dict[Expr, Expr] = {}
    unknowns = []
    for v in declared:
        x = free.get(v, v)
        if not x.is_scalar and "diagonal" in x.data[1]:
            d = variable(
                _letter(("d", "δ", "z"), asked, ()),
                (x.shape[0], 1),
                {"positive"} if "spd" in x.data[1] or "positive" in x.data[1] else set(),
            )
            meaning[d] = call("diag", d)
            f, x = substitute(f, {x: meaning[d]}), d
        unknowns.append(x)
    names = {v.data[0]: free.get(v, v) for v in variables(asked.expr)}
    constraints: list[Constraint] = []
    symbols = dict(asked.symbols)
    for text in _listed(subject_to):
        made, found = _constraint(text, checked_where(where), names, asked, constraints, declared)
        constraints.append(made)
        symbols = {**found, **symbols}
        names |= {v.data[0]: v for v in variables(made.zero) if v.data[0] not in names}
    for v, x in zip(declared, unknowns, strict=True):
        if not x.is_scalar and x not in meaning:
            constraints += _of_declaration(v, x, asked, constraints)
    changed = {free.get(v, v): meaning[x] for v, x in zip(declared, unknowns, strict=True) if x in meaning}
    if changed:
        constraints = [replace(c, zero=substitute(c.zero, changed)) for c in constraints]
    _check_possible(constraints, unknowns)
    return Problem(asked, f, tuple(unknowns), declared, tuple(constraints), want, meaning, symbols)


def _listed(subject_to: Any) -> list[str]:
    if subject_to is None:
        return []
    given = [subject_to] if isinstance(subject_to, str) else list(subject_to)
    if not all(isinstance(t, str) for t in given):
        raise ParseError("subject_to is an equation as text, or a list of them", hint='subject_to="A*x = b"')
    return [part.strip() for t in given for part in t.split(";") if part.strip()]


def _constraint(
    text: str, where: str, names: dict[str, Expr], asked: Question, before: Sequence[Constraint], declared: Sequence[Expr]
) -> tuple[Constraint, Mapping[str, Symbol]]:
    left, equals, right = text.partition("=")
    if not equals or "=" in right or left.rstrip()[-1:] in ("<", ">", "!") or "≤" in text or "≥" in text:
        at = max(text.find("="), 0)
        raise ParseError("a constraint is one equation", hint='subject_to="A*x = b"').at(text, at, at + 1)
    reading = _sides_read(text, left, right, _undeclared(where, names), names)
    zero = reading.expr
    if not any(depends(zero, names.get(v.data[0], v)) for v in declared):
        named = ", ".join(v.data[0] for v in declared)
        raise UnsupportedError(f"the constraint `{text}` mentions none of the variables {named}").at(text, 0, len(text))
    simple, factor = _squared(transform(zero, _without_norms))
    return Constraint(simple, _multiplier(simple, asked, before), factor, text), reading.symbols


def _sides_read(text: str, left: str, right: str, where: str, names: dict[str, Expr]) -> Reading:
    """left - right, read as one expression, so that the sizes of each side follow from the other; an error shows its place in the text."""
    from matcalc.reading import read

    before, after = f"({left.strip()}", f") - ({right.strip()})"
    try:
        return read(before + after, where, names=names)
    except MatcalcError as error:
        if error.start >= 0:
            in_right = error.start >= len(before)
            side, begun = (right, text.index("=") + 1) if in_right else (left, 0)
            shift = begun + len(side) - len(side.lstrip()) - (len(before) + 5 if in_right else 1)
            error.line, error.start, error.end = text, max(error.start + shift, 0), min(max(error.end + shift, 1), len(text))
        raise


def _check_possible(constraints: Sequence[Constraint], unknowns: Sequence[Expr]) -> None:
    """Raises UnsupportedError where a constraint holds nowhere, alone or beside another, or says what another says."""
    for i, c in enumerate(constraints):
        if not depends(simplify(c.zero), *unknowns):
            raise UnsupportedError(f"the constraint `{c.text}` does not depend on the variables: nothing makes it hold")
        for d in constraints[:i]:
            if d.zero.shape != c.zero.shape:
                continue
            for sign in (1, -1):
                rest = simplify(add([coefficient_and_rest(c.zero)[1], scaled(sign, coefficient_and_rest(d.zero)[1])]))
                if not depends(rest, *unknowns):
                    how = "say the same" if not summands(rest) else "cannot both hold"
                    raise UnsupportedError(f"the constraints `{d.text}` and `{c.text}` {how}")


def _undeclared(where: str, names: dict[str, Expr]) -> str:
    """The declarations of what has no expression yet: those of dimensions and of names that occur in a constraint alone."""
    kept = []
    for part in where.split(";"):
        name = part.split(":")[0].strip()
        if ":" not in part or not all(n.strip() in names for n in name.split(",")):
            kept.append(part)
    return ";".join(kept)


def _without_norms(n: Expr) -> Expr:
    """‖u‖² as u'u, which has a gradient everywhere."""
    if n.op is POWER and n.args[0].op.name == "norm" and n.args[1].op is NUMBER and n.args[1].data % 2 == 0:
        (u,) = n.args[0].args
        inner = product([transpose(u), u]) if u.shape[1] == 1 else call("tr", product([transpose(u), u]))
        return power(inner, scaled(Fraction(1, 2), n.args[1]))
    return n


def _squared(zero: Expr) -> tuple[Expr, Expr]:
    """c ‖u‖ - r as u'u - r²/c², with what its multiplier is to be multiplied with."""
    terms = summands(zero)
    norms = [t for t in terms if _norm_of(t) is not None]
    if len(norms) != 1:
        return zero, number(1)
    u = _norm_of(norms[0])
    assert u is not None
    scale = simplify(product([norms[0], power(call("norm", u), number(-1))]))
    radius = simplify(scaled(-1, product([add([t for t in terms if t is not norms[0]] or [number(0)]), power(scale, number(-1))])))
    inner = product([transpose(u), u]) if u.shape[1] == 1 else call("tr", product([transpose(u), u]))
    return add([inner, scaled(-1, power(radius, number(2)))]), simplify(product([number(2), radius, power(scale, number(-1))]))


def _norm_of(t: Expr) -> Expr | None:
    """u of a multiple of ‖u‖."""
    if t.op.name == "norm":
        return t.args[0]
    if t.op.name == "product" and t.is_scalar and t.data[1]:
        found = [f for f in t.args[: t.data[1]] if f.op.name == "norm"]
        return found[0].args[0] if len(found) == 1 else None
    return None


def _of_declaration(v: Expr, x: Expr, asked: Question, before: Sequence[Constraint]) -> list[Constraint]:
    """The equations that a declaration of a curved set brings with it."""
    said = set(v.data[1])
    curved = {p for p in said if DECLARABLE[p].space == "curved"}
    if curved <= {"orthogonal", "stiefel", "invertible"} and curved & {"orthogonal", "stiefel"}:
        left, right = product([transpose(x), x]), identity(x.shape[1])
    elif "sphere" in said and x.shape[1] == 1:
        left, right = product([transpose(x), x]), number(1)
    elif "simplex" in said:
        left, right = product([transpose(ones(x.shape)), x]), number(1)
    elif "stochastic" in said:
        left, right = product([x, ones((x.shape[0], 1))]), ones((x.shape[0], 1))
    elif curved:
        names = " ".join(minimal(said))
        raise UnsupportedError(f"{v.data[0]} is declared {names}: stationary points on that set are not solved for")
    else:
        return []
    zero = add([left, scaled(-1, right)])
    return [Constraint(zero, _multiplier(zero, asked, before), ONE, f"{v.data[0]} {' '.join(minimal(v.data[1]))}")]


def _multiplier(zero: Expr, asked: Question, before: Sequence[Constraint]) -> Expr:
    letters = LETTERS if 1 in zero.shape else CAPITALS
    return variable(
        _letter(letters, asked, [c.multiplier.data[0] for c in before]),
        zero.shape,
        {"symmetric"} if zero.symmetric and not zero.is_scalar else set(),
    )


def _letter(letters: Sequence[str], asked: Question, taken: Sequence[str]) -> str:
    used = {*asked.symbols, *taken, "lambda" if "lambda" in asked.symbols else ""}
    every = [*letters, *(f"{letters[0]}_{i}" for i in range(1, 99))]
    return next(name for name in every if name not in used)
