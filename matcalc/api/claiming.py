"""Judging a claimed derivative: right, nearly right and how, or wrong and where.

The claim is read in the shapes of the expression, whose names and sizes stay as they are: a claim that fits only where m = n does
not fit.  It may be the derivative, or a differential that contains dX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from matcalc.api import deriving
from matcalc.api.as_differentials import placed
from matcalc.api.asking import Verdict
from matcalc.api.members import declaration, declared_families
from matcalc.api.methods import Derivative
from matcalc.api.of_complex import is_complex
from matcalc.api.question import in_notation, is_latex, read_any
from matcalc.calculus import differential
from matcalc.checking import comparing, nearly
from matcalc.checking.counterexample import counterexample
from matcalc.errors import MatcalcError, ParseError, ShapeError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.expr import Dim, Expr, Shape, postorder, product, scaled, substitute, symbol, transpose, variables
from matcalc.expr.conjugate import conjugate
from matcalc.expr.dims import replace as resize
from matcalc.expr.heads import NUMBER, name_of, properties_of, variable, zero
from matcalc.expr.properties import linear, minimal
from matcalc.limits import MOST_PAIRS
from matcalc.operators import call
from matcalc.reading import Symbol
from matcalc.simplification import simplify

if TYPE_CHECKING:
    from matcalc.checking.comparing import Comparison, Sample

ORDERS = ("grad", "jacobian", "hessian", "derivative")


def check(
    expr: Any,
    wrt: Any,
    claim: Any,
    where: str = "",
    *,
    order: str = "derivative",
    layout: str | None = None,
    unconstrained: bool = False,
    source: str = "auto",
) -> Verdict:
    """Whether `claim` is the derivative of `expr` by `wrt`: `.ok`, `.verdict`, `.counterexample`, `.answer`, `.notes`.

    `order` is "grad", "jacobian", "hessian" or "derivative" (the first of a scalar, the second of all else); `layout` is that of the
    claim.  Values are compared at hard points, exactly or in 50 digits.  What begins with "right", and only that, is `ok`; other
    verdicts say in what the claim differs, as far as that can be said:

    | verdict                                             |                                                                   |
    |-----------------------------------------------------|-------------------------------------------------------------------|
    | right                                               | where both have values; the notes say the condition, if there is one |
    | right up to symmetry                                | equal on the structure that `wrt` is declared to have             |
    | the transpose of the derivative (numerator layout)  |                                                                   |
    | off by the factor 2: …                              |                                                                   |
    | the convention of free entries, …                   | 2D − D ⊙ I, by a symmetric matrix                                 |
    | off by the factor 2, and …                          | both                                                              |
    | only its symmetric part is right                    |                                                                   |
    | true only if U is diagonal                          | or another property; and what is off there still                  |
    | in the claim, a transposition is dropped: …         | or a factor, a sign, ⊙ for a product, …                           |
    | wrong in shape                                      | it does not fit the shapes of the expression, or is of another    |
    | wrong in value                                      | the counterexample has both values                                |

    Raises ParseError where the claim is no expression, UnknownNameError where it has names that the expression has not.

    >>> check("x'*A*x", "x", "(A + A')*x").verdict, check("x'*A*x", "x", "2*A*x").verdict
    ('right', 'true only if A is symmetric')
    >>> check("norm(A*x - b)^2", "x", "A'*(A*x - b)").verdict
    'off by the factor 2: the derivative is 2 times the claim'
    """
    if order not in ORDERS:
        raise ParseError(f"unknown order {order!r:.40}", hint=f"there are {', '.join(ORDERS)}")
    answer = getattr(deriving, order)(in_notation(expr, source), wrt, where, layout=layout, unconstrained=unconstrained)
    if not isinstance(answer, Derivative):
        raise UnsupportedError("a claim is about one variable")
    return _Judge(answer, claim, where).verdict()


@dataclass
class _Judge:
    """One claim about one answer."""

    answer: Derivative
    claim: Any
    where: str

    def verdict(self) -> Verdict:
        self.moved = variable(f"d{name_of(self.answer.variable)}", self.answer.variable.shape, linear(properties_of(self.answer.variable)))
        self.is_differential = self._contains_differential()
        self.target = self._true()
        try:
            claim, notes = self._read(self.answer.symbols)
        except ShapeError as error:
            return self._misfit(error)
        return self._judged(claim, self.target, notes)

    # --- reading -------------------------------------------------------------------------------------------------------

    def _contains_differential(self) -> bool:
        name = self.moved.data[0]
        if name in self.answer.symbols:
            return False
        if isinstance(self.claim, str) and not is_latex(self.claim):
            return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", _right_side(self.claim)) is not None
        try:
            e = self.claim if isinstance(self.claim, Expr) else read_any(_right_side(self.claim), self._declared(self.answer.symbols)).expr
        except MatcalcError:
            return False
        return any(v.data[0] == name for v in variables(e))

    def _true(self) -> Expr:
        """The right derivative."""
        if not self.is_differential:
            return self.answer.expr
        d, of = self.answer, self.answer.of
        if d.order == "hessian":
            raise UnsupportedError("a claimed second derivative is a matrix, not a differential")
        return simplify(differential(of, {d.variable: placed(self.moved, d.index)}))

    def _read(self, symbols: Mapping[str, Symbol], target: Expr | None = None) -> tuple[Expr, tuple[str, ...]]:
        """The claim in the shapes of the given symbols, and the notes on reading it."""
        target = self.target if target is None else target
        declared = self._declared(symbols) if self.is_differential else _declarations(symbols, self._families)
        text = _right_side(self.claim) if isinstance(self.claim, str) else self.claim
        if isinstance(text, str):
            reading = self._in_place(text, declared, symbols, target)
        else:
            reading = read_any(text, declared)
        is_zero = reading.expr.op is NUMBER and reading.expr.data == 0
        return zero(target.shape) if is_zero else reading.expr, tuple(n for n in reading.notes if "declared but not used" not in n)

    def _declared(self, symbols: Mapping[str, Symbol]) -> str:
        """The declarations of these symbols and of the differential of the variable."""
        by = self.answer.variable
        rows, columns = next((s.shape for s in symbols.values() if s.name == name_of(by) and s.shape), by.shape)
        kept = " ".join(sorted(linear(properties_of(by))))
        return f"{_declarations(symbols, self._families)}; {self.moved.data[0]}: ({rows}, {columns}) {kept}"

    @property
    def _families(self) -> Mapping[str, str]:
        return declared_families(self.answer.of, self.where)

    def _in_place(self, text: str, declared: str, symbols: Mapping[str, Symbol], target: Expr) -> Any:
        """A reading of the claim; what takes its size from its place, I and vector(c), has the place of the derivative."""
        nothing = f"0_{{{_written(target.shape).replace('*', ' ')}}}" if is_latex(text) else f"zeros({_written(target.shape)})"
        beside = in_notation(f"{nothing} + ({text})", getattr(text, "source", "auto"))
        try:
            reading = read_any(text, declared)
        except ShapeError as error:
            if target.is_scalar:
                raise
            try:
                reading = read_any(beside, declared)
            except ShapeError:
                raise error from None
        self._known(reading.symbols, symbols)
        known = {name for s in symbols.values() if s.shape for n in s.shape if isinstance(n, Dim) for name in n.symbols}
        known |= {s.name for s in symbols.values() if s.kind == "size"}
        return reading if target.is_scalar or _sizes(reading.expr) <= known else read_any(beside, declared)

    def _known(self, read: Mapping[str, Symbol], symbols: Mapping[str, Symbol]) -> None:
        for s in read.values():
            if s.inferred and s.kind not in ("index", "size") and s.name not in symbols and s.name != self.moved.data[0]:
                hint = did_you_mean(s.name, symbols) or f"the expression has {', '.join(symbols)}"
                raise UnknownNameError(f"the claim has {s.name}, but the expression has not", hint=hint)

    # --- judging -------------------------------------------------------------------------------------------------------

    def _judged(self, claim: Expr, target: Expr, notes: tuple[str, ...]) -> Verdict:
        if claim.shape != target.shape:
            return self._other_shape(claim, target, notes)
        if is_complex(claim, target):
            return self._judged_complex(claim, target, notes)
        found = comparing.compared(claim, target)
        if found.equal:
            return self._say(True, "right", (*notes, *_how(found)))
        if not found.decided:
            raise UnsupportedError("neither shown right nor wrong: no point was found where the claim and the derivative are defined")
        on_structure = self._on_structure(claim, target)
        if on_structure is not None and comparing.compared(*on_structure).equal:
            structure = " ".join(minimal(linear(properties_of(self.answer.variable))))
            return self._say(True, "right up to symmetry", (*notes, f"as {name_of(self.answer.variable)} is declared {structure}"))
        if all(s.agree for s in found.samples):
            return self._say(False, f"true only {found.condition}", notes, claim, target, found.samples)
        samples = comparing.samples(claim, target)
        how, why = self._nearly(claim, target, on_structure, samples)
        return self._say(False, how or "wrong in value", (*notes, *why), claim, target, samples)

    def _judged_complex(self, claim: Expr, target: Expr, notes: tuple[str, ...]) -> Verdict:
        """The verdict where something is complex: also whether another convention of the gradient is claimed."""
        found = comparing.compared(claim, target)
        if found.equal:
            return self._say(True, "right", (*notes, *_how(found)))
        if not found.decided:
            raise UnsupportedError("neither shown right nor wrong: no point was found where the claim and the derivative are defined")
        others = (
            (conjugate(claim), "the conjugate of the derivative, as JAX returns it"),
            (scaled(2, claim), "off by the factor 2: the derivative is 2 times the claim (∂f/∂z* is half of the gradient)"),
            (scaled(2, conjugate(claim)), "half of the conjugate: ∂f/∂z, and the gradient is 2 ∂f/∂z*"),
            (scaled(-1, claim), "off by the sign"),
        )  # fmt: skip
        verdict = next((said for e, said in others if comparing.compared(e, target).equal), "wrong in value")
        return self._say(False, verdict, notes, claim, target, comparing.samples(claim, target))

    def _nearly(
        self, claim: Expr, target: Expr, on_structure: tuple[Expr, Expr] | None, samples: tuple[Sample, ...]
    ) -> tuple[str, tuple[str, ...]]:
        """In what sense a claim is nearly right, and what else there is to say."""
        by, name = self.answer.variable, name_of(self.answer.variable)
        how = nearly.in_one_way(samples, free=self._of_entries(by))
        if how:
            return how, ()
        if on_structure is not None:
            c = comparing.factor((s.first, s.second) for s in comparing.samples(*on_structure))
            if c is not None:
                return f"{nearly.off_by(c)}, up to symmetry", ()
        how = nearly.missing(claim, target, samples)
        if how:
            return how, ()
        mistake = nearly.mistake(claim, target, samples)

        def more(found: Sequence[Sample], of: str, condition: str) -> str:
            return nearly.in_one_way(found, free=of == name and condition in ("symmetric", "diagonal") and self._of_entries(by, True))

        for names in (nearly.CONDITIONS,) if mistake else (nearly.CONDITIONS, nearly.STRICT):
            held = list(nearly.conditions(claim, target, None if mistake or names is nearly.STRICT else more, names))
            if held:
                first, *others = map(_conditional, sorted(held, key=lambda h: h[2] != ""))
                return first, (*(f"also {other}" for other in others), *((mistake,) if mistake else ()))
        return mistake, ()

    def _of_entries(self, by: Expr, assumed: bool = False) -> bool:
        """Whether the derivative is a gradient by a matrix that is symmetric (or is assumed to be), so that its entries go by twos."""
        symmetric = assumed or "symmetric" in properties_of(by)
        return (
            symmetric
            and not self.is_differential
            and self.answer.of.is_scalar
            and self.answer.order != "hessian"
            and self.answer.index is None
        )

    def _other_shape(self, claim: Expr, target: Expr, notes: tuple[str, ...]) -> Verdict:
        samples = comparing.samples(claim, target)
        how = nearly.in_one_way(samples) if (claim.shape[1], claim.shape[0]) == target.shape else ""
        if how:
            return self._say(False, how, notes, claim, target, samples)
        what = "differential" if self.is_differential else "derivative"
        rule = f"wrong in shape: the claim is ({_shape(claim)}), the {what} ({_shape(target)})"
        return self._say(False, rule, notes, claim, target, samples)

    def _misfit(self, error: ShapeError) -> Verdict:
        """A claim that does not fit the shapes; perhaps it does where two sizes are one, and is right there under a condition."""
        reason = f"wrong in shape: {error.message}"
        for keep, renamed, symbols in self._narrower():
            sizes = {renamed: keep}
            try:
                target = substitute(self.target, {}, sizes)
                claim, notes = self._read(symbols, target)
            except (ShapeError, UnknownNameError):
                continue
            if claim.shape != target.shape:
                continue
            here = f"it fits only where {renamed} = {keep}"
            found = comparing.compared(claim, target)
            if found.equal:
                return self._say(False, reason, (f"{here}, and is right there",))
            samples = comparing.samples(claim, target)
            held = list(map(_conditional, nearly.conditions(claim, target)))
            rule = held[0] if held else reason
            others = tuple(f"also {other}" for other in held[1:])
            mistake = () if held else tuple(filter(None, (nearly.in_one_way(samples) or nearly.mistake(claim, target, samples),)))
            return self._say(False, rule, (*notes, f"{error.message}: {here}", *others, *mistake), claim, target, samples)
        return self._say(False, reason, ())

    def _narrower(self) -> Iterator[tuple[Dim, str, dict[str, Symbol]]]:
        """The symbols with two sizes made one."""
        symbols = self.answer.symbols
        names = sorted({n for s in symbols.values() if s.shape for d in s.shape if isinstance(d, Dim) for n in d.symbols})
        for keep, renamed in list(combinations(names, 2))[:MOST_PAIRS]:
            one = symbol(keep)
            by = {renamed: one}
            made = {
                name: replace(s, shape=None if s.shape is None else (resize(s.shape[0], by), resize(s.shape[1], by)))
                for name, s in symbols.items()
                if name != renamed
            }
            yield one, renamed, made

    def _on_structure(self, claim: Expr, target: Expr) -> tuple[Expr, Expr] | None:
        """The two as linear forms in a differential that has the structure of the variable; None where it has none."""
        d = self.answer
        if self.is_differential or d.index is not None or d.second is not None or not linear(properties_of(d.variable)):
            return None
        vec = call("vec", self.moved)
        forms = []
        for e in (transpose(claim), transpose(target)) if d.transposed else (claim, target):
            if d.order == "hessian":
                forms.append(product([transpose(call("vec", variable(self.moved.data[0] + "_2", *_rest(self.moved)))), e, vec]))
            else:
                forms.append(call("inner", e, self.moved) if d.of.is_scalar else product([e, vec]))
        return forms[0], forms[1]

    def _say(
        self,
        ok: bool,
        verdict: str,
        notes: tuple[str, ...],
        claim: Expr | None = None,
        target: Expr | None = None,
        samples: tuple[Sample, ...] = (),
    ) -> Verdict:
        if self.is_differential and not ok:
            notes = (*notes, f"the differential is {self.target!r}")
        if ok or claim is None or target is None or not samples:
            return Verdict(ok, verdict, None, self.answer, notes)

        fallback = next((s for s in samples if not s.agree), None)
        return Verdict(ok, verdict, counterexample(claim, target, fallback), self.answer, notes)


def _rest(v: Expr) -> tuple[Shape, frozenset[str]]:
    return v.shape, frozenset(v.data[1])


def _declarations(symbols: Mapping[str, Symbol], families: Mapping[str, str]) -> str:
    return "; ".join(filter(None, (families.get(s.name) or declaration(s) for s in symbols.values())))


def _right_side(text: str) -> str:
    """The text after "dY =" or "∂f/∂X ="; what is in parentheses or braces is no equation: sum(i = 1..n, …)."""
    depth, places = 0, list[int]()
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        places += [at] if c == "=" and not depth else []
    return text[places[0] + 1 :] if len(places) == 1 and text[places[0] + 1 :].strip() else text


_WORDS = {"sphere": "of norm 1"}


def _conditional(held: tuple[str, str, str]) -> str:
    name, condition, rest = held
    return f"true only if {name} is {_WORDS.get(condition, condition)}{f', and then {rest}' * bool(rest)}"


def _how(found: Comparison) -> tuple[str, ...]:
    said = (f"right {found.condition}",) if found.condition else ()
    return (*said, f"equal at {found.tried}") if found.samples else said


def _sizes(e: Expr) -> set[str]:
    return {name for n in postorder(e) for d in n.shape if isinstance(d, Dim) for name in d.symbols}


def _written(shape: Shape) -> str:
    return ", ".join(repr(n).replace(" ", "") for n in (shape if shape[1] != 1 else shape[:1]))


def _shape(e: Expr) -> str:
    return f"{e.shape[0]}, {e.shape[1]}"
