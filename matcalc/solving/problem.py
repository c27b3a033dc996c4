"""A problem and its stationarity equations: the gradient of the Lagrangian, and the constraints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matcalc.api.constraints import agreeing, declared_equations, equation, named, posed
from matcalc.api.of_complex import is_complex, steepest_by
from matcalc.api.question import Question, read_free
from matcalc.api.read_as import read_as
from matcalc.api.tangents import freed, projected
from matcalc.calculus import gradient, jacobian, pullback
from matcalc.convexity import proof_of
from matcalc.errors import ParseError, ShapeError, UnsupportedError
from matcalc.expr import (
    Expr,
    add,
    coefficient_and_rest,
    grid,
    has,
    known,
    product,
    scaled,
    substitute,
    transform,
    transpose,
    variable,
    variables,
)
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate, is_real, said_of
from matcalc.expr.heads import ONE
from matcalc.expr.properties import DECLARABLE, minimal
from matcalc.operators import call
from matcalc.operators.complex_parts import real_part
from matcalc.reading import Symbol
from matcalc.simplification import rewritten, simplify
from matcalc.solving.systems import Equation
from matcalc.solving.terms import at_zero, conjugated_only, depends, scalar_factors, summands, with_conjugate
from matcalc.solving.tidying import collapsed

STACKED = 3  # as many numbers that are to be zero are written as one equation of a block
LETTERS = ("λ", "ν", "μ", "η", "κ")
CAPITALS = ("Λ", "N", "M", "H", "Ξ")
SETS = frozenset(
    ("orthogonal", "stiefel", "sphere", "simplex", "stochastic", "unitary", "complex stiefel", "complex sphere")
)  # by whose equations points are solved for


@dataclass(frozen=True)
class Constraint:
    """`zero` vanishes where the equation `text` holds; `factor` times its `multiplier` is that of left − right."""

    zero: Expr
    multiplier: Expr
    factor: Expr = ONE
    text: str = ""
    conjugated: bool = False  # it is the conjugate of left − right that is called zero


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
    said: tuple[Expr, ...] = ()  # what is zero by the constraints, as they were read

    @cached_property
    def gradient(self) -> tuple[Expr, ...]:
        """The gradient by each unknown, in the space it is declared to lie in."""
        found = slopes(self.f, self.unknowns)
        return tuple(simplify(collapsed(projected(g, x)[0])) for g, x in zip(found, self.unknowns, strict=True))

    @cached_property
    def convexity(self) -> str | None:
        """The kind of every stationary point, where f is convex or concave and the constraints are affine: it is global, too."""
        for c in self.constraints:
            held = c.zero if c.zero.is_scalar and not c.zero.complex else real_part(call("inner", c.multiplier, c.zero))
            proof = proof_of(held, self.unknowns, quick=True)
            if proof is None or proof.verdict != "affine":
                return None
        for f, kinds in increasing(self.f, self.unknowns):
            proof = proof_of(f, self.unknowns, quick=True)
            if proof is not None and proof.verdict in kinds:
                return kinds[proof.verdict]
        return self._of_quadratic()

    def _of_quadratic(self) -> str | None:
        """The same of a quadratic function of one unknown, by what is known of its Hessian."""
        if len(self.unknowns) != 1:
            return None
        if with_conjugate(self.gradient[0], self.unknowns[0]):
            return None
        h = jacobian(self.gradient[0], self.unknowns[0])
        facts = frozenset() if depends(h, *self.unknowns) else known(simplify(h))
        return "minimum" if "psd" in facts else "maximum" if "nsd" in facts else None

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The gradient of the Lagrangian f + Σ ⟨λ, c⟩ by the unknowns, then the constraints."""
        parts = [[g] for g in self.gradient]
        for c in self.constraints:
            for terms, w, x in zip(parts, self._pulled(c), self.unknowns, strict=True):
                terms.append(projected(w, x)[0])
        stationary = [Equation(simplify(add(p)), x) for p, x in zip(parts, self.unknowns, strict=True)]
        return (*stationary, *(Equation(c.zero, c.multiplier) for c in self.constraints))

    def _pulled(self, c: Constraint) -> Sequence[Expr]:
        """The gradients of ⟨λ, c⟩, of what is complex of its real part."""
        if not is_complex(c.zero):
            return pullback(c.zero, c.multiplier, list(self.unknowns))
        held = real_part(call("inner", c.multiplier, c.zero))
        return [steepest_by(held, x) if depends(held, x) else scaled(0, x) for x in self.unknowns]

    @property
    def read_as(self) -> str:
        """How the objective and the constraints were read, in one line."""
        return read_as(self.asked.expr, self.symbols, self.asked.where, self.asked.manner, self.said)

    @property
    def stationary(self) -> list[Expr]:
        """The expressions that are zero at a stationary point, one for each unknown."""
        return [e.left for e in self.equations[: len(self.unknowns)]]

    @property
    def multipliers(self) -> tuple[Expr, ...]:
        return tuple(c.multiplier for c in self.constraints)

    @property
    def given(self) -> list[Expr]:
        """The variables of the data."""
        return [v for v in variables(self.f, *(c.zero for c in self.constraints)) if v not in self.unknowns]


def slopes(f: Expr, xs: Sequence[Expr]) -> Sequence[Expr]:
    """The gradients of a real function; where something is complex, its directions of steepest ascent."""
    return [steepest_by(f, x) for x in xs] if is_complex(f, *xs) else gradient(rewritten(f), list(xs))


def increasing(f: Expr, unknowns: Sequence[Expr]) -> Iterator[tuple[Expr, dict[str, str]]]:
    """f, then the functions that it is a monotone function of, from the outside in; with what their curvature makes a stationary point."""
    kinds = {"convex": "minimum", "concave": "maximum"}
    while True:
        yield f, kinds
        moving = [t for t in summands(f) if depends(t, *unknowns)]
        factors = [g for g in scalar_factors(moving[0]) if depends(g, *unknowns)] if len(moving) == 1 else []
        core = product(factors) if factors else f
        if core is not f:
            inner, slope = [core], simplify(moving[0] / core)
        else:
            inner = [a for a in factors[0].args if depends(a, *unknowns)] if len(factors) == 1 else []
            if len(inner) != 1 or not inner[0].is_scalar or not is_real(inner[0]):
                return
            u = variable("u·", (1, 1), {p for p in ("positive", "nonnegative") if has(inner[0], p)})
            slope = gradient(substitute(f, {inner[0]: u}), [u])[0]
        if core is not f and depends(slope, *unknowns) or not has(slope, "positive") and not has(slope, "negative"):
            return
        f = inner[0]
        if has(slope, "negative"):
            kinds = dict(zip(kinds, reversed(kinds.values()), strict=True))


def problem(expr: Any, wrt: Any, where: str, subject_to: Any, want: str) -> Problem:
    """Reads the question.  Raises the MatcalcError that says what is wrong with it."""
    if want not in ("minimum", "maximum"):
        raise ParseError(f"want is minimum or maximum, not {want!r:.40}")
    asked, equations = posed(expr, wrt, where, subject_to, "solved for a stationary point")
    want = asked.wanted if asked.wanted == "maximum" else want
    try:
        return _stated(asked, expr, equations, want)
    except ShapeError:
        agreed = agreeing(asked.expr, equations, asked.where)
        if agreed is asked.expr:
            raise
        return _stated(replace(asked, expr=agreed), expr, equations, want)


def _stated(asked: Question, expr: Any, equations: Sequence[str | Expr], want: str) -> Problem:
    where, by_name = asked.where, named(asked.expr)
    declared = tuple(dict.fromkeys(by_name.get(v.data[0], v) for v, _ in asked.targets))
    free = freed(declared, entirely=False)
    f = read_free(expr, where, asked, free, scalar=True) if free else asked.expr
    symbols, taken = dict(asked.symbols), set(asked.symbols)
    meaning: dict[Expr, Expr] = {}
    unknowns = []
    for v in declared:
        x = free.get(v, v)
        if not x.is_scalar and "diagonal" in x.data[1]:
            of = {"positive"} if {"spd", "positive"} & set(x.data[1]) else {"complex"} & set(x.data[1])
            d = variable(_letter(("d", "δ", "z"), taken), (x.shape[0], 1), of)
            meaning[d] = call("diag", d)
            f, x = substitute(f, {x: meaning[d]}), d
        unknowns.append(x)
    names = {name: free.get(v, v) for name, v in {**by_name, **{v.data[0]: v for v in declared}}.items()}
    zeros: list[tuple[str, Expr]] = []
    for given in equations:
        zero, found = equation(given, names, where)
        text = given if isinstance(given, str) else f"{given!r} = 0"
        if not depends(zero, *(names[v.data[0]] for v in declared)):
            by = ", ".join(v.data[0] for v in declared)
            raise UnsupportedError(f"the constraint `{text}` mentions none of the variables {by}").at(text, 0, len(text))
        zeros.append((text, zero))
        symbols, taken = {**found, **symbols}, taken | set(found)
        names = {**named(zero), **names}
    said = tuple(zero for _, zero in zeros)
    for v, x in zip(declared, unknowns, strict=True):
        if not x.is_scalar and x not in meaning:
            zeros += _of_declaration(v, x)
    changed = {free.get(v, v): meaning[x] for v, x in zip(declared, unknowns, strict=True) if x in meaning}
    zeros = [(text, substitute(zero, changed)) for text, zero in zeros]
    _check_possible(zeros, unknowns)
    constraints: list[Constraint] = []
    for text, zero in _stacked(zeros, unknowns):
        simple, factor = _squared(transform(zero, _without_norms))
        turned = any(conjugated_only(simple, x) for x in unknowns)
        simple = conjugate(simple) if turned else simple
        letter = _letter(LETTERS if 1 in simple.shape else CAPITALS, taken)
        multiplier = variable(letter, simple.shape, said_of(simple))
        constraints.append(Constraint(simple, multiplier, factor, text, turned))
        taken.add(letter)
    return Problem(asked, f, tuple(unknowns), declared, tuple(constraints), want, meaning, symbols, said)


def _of_declaration(v: Expr, x: Expr) -> list[tuple[str, Expr]]:
    """The equations that a declaration of a curved set brings with it."""
    said = {p for p in v.data[1] if DECLARABLE[p].space == "curved" or p in SETS}
    words = " ".join(minimal(v.data[1]))
    if not said <= SETS:
        raise UnsupportedError(f"{v.data[0]} is declared {words}: stationary points on that set are not solved for")
    return [(f"{v.data[0]} {words}", zero) for _, zero in declared_equations(x, said)]


Stated = tuple[str, Expr]  # as it was written, and what is zero by it


def _check_possible(zeros: Sequence[Stated], unknowns: Sequence[Expr]) -> None:
    """Raises UnsupportedError where a constraint holds nowhere, alone or beside another, or says what another says."""
    for i, (text, zero) in enumerate(zeros):
        if not depends(simplify(zero), *unknowns):
            raise UnsupportedError(f"the constraint `{text}` does not depend on the variables: nothing makes it hold")
        for before, other in zeros[:i]:
            pair = [coefficient_and_rest(e)[1] for e in (zero, other)]
            for rest in (simplify(add([pair[0], scaled(sign, pair[1])])) for sign in (1, -1) if zero.shape == other.shape):
                if not depends(rest, *unknowns):
                    how = "say the same" if not summands(rest) else "cannot both hold"
                    raise UnsupportedError(f"the constraints `{before}` and `{text}` {how}")


def _stacked(zeros: Sequence[Stated], unknowns: Sequence[Expr]) -> Sequence[Stated]:
    """The constraints, as one equation [a, b, c]'x = [r; s; t] where they are more than two numbers, affine in one vector."""
    if (
        len(zeros) < STACKED
        or is_complex(*(z for _, z in zeros))
        or len(unknowns) != 1
        or unknowns[0].shape[1] != 1
        or not all(z.is_scalar for _, z in zeros)
    ):
        return zeros
    (x,) = unknowns
    columns = [simplify(g) for _, z in zeros for g in slopes(z, [x])]
    starts = [at_zero(z, x) for _, z in zeros]
    right = [[scaled(-1, s)] for s in starts if s is not None]
    if any(depends(c, x) for c in columns) or len(right) < len(zeros):
        return zeros
    return [("; ".join(text for text, _ in zeros), transpose(grid([columns])) @ x - grid(right))]


def _without_norms(n: Expr) -> Expr:
    """‖u‖² as u'u, which has a gradient everywhere."""
    if n.op is H.POWER and n.args[0].op.name == "norm" and n.args[1].op is H.NUMBER and n.args[1].data % 2 == 0:
        (u,) = n.args[0].args
        return call("inner", u, u) ** (n.args[1] / 2)
    return n


def _squared(zero: Expr) -> tuple[Expr, Expr]:
    """c ‖u‖ - r as u'u - r²/c², with what its multiplier is to be multiplied with."""
    norms = [(t, n) for t in summands(zero) for n in scalar_factors(t) if n.op.name == "norm"]
    if len(norms) != 1:
        return zero, ONE
    ((term, norm),) = norms
    scale = simplify(term / norm)
    radius = simplify((term - zero) / scale)
    return call("inner", *norm.args, *norm.args) - radius**2, simplify(2 * radius / scale)


def _letter(letters: Sequence[str], taken: Collection[str]) -> str:
    every = (*letters, *(f"{letters[0]}_{i}" for i in range(1, 99)))
    return next(name for name in every if name not in taken and not (name == "λ" and "lambda" in taken))
