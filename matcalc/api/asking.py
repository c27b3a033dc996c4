"""Reading, simplifying, comparing and evaluating expressions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from matcalc import checking
from matcalc.api.members import declaration
from matcalc.api.of_complex import is_complex
from matcalc.api.question import asks, checked_where, in_notation, is_latex, read_any
from matcalc.api.read_as import read_as
from matcalc.api.unifying import unified
from matcalc.errors import ParseError, ShapeError, UnsupportedError
from matcalc.expr import Expr
from matcalc.simplification import simplify as simplified

if TYPE_CHECKING:
    from matcalc.api.methods import Derivative


@dataclass(frozen=True, repr=False)
class Verdict:
    """Whether two expressions are equal, in words and with a point where they are not; true or false by itself.

    Of `check`, `answer` is the derivative that the claim was compared with.

    >>> v = equal("tr(A*B)", "tr(A)*tr(B)")
    >>> v.ok, sorted(v.counterexample)
    (False, ['A', 'B'])
    """

    ok: bool
    verdict: str
    counterexample: Mapping[str, Any] | None = None
    answer: Derivative | None = None
    notes: tuple[str, ...] = ()
    read_as: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return self.verdict


def parse(text: Any, where: str = "", *, source: str = "auto") -> Expr:
    r"""The expression that `text` says, in plain notation or in LaTeX.

    Raises ParseError, ShapeError or UnknownNameError, with the place.

    >>> parse("x'*A*x").shape
    (1, 1)
    >>> parse(r"\mathbf{x}^\top A \mathbf{x}") is parse("x'*A*x")
    True
    """
    given = in_notation(text, source)
    reading = read_any(given, checked_where(where))
    if asks(reading):
        error = ParseError("an expression is read here: a derivative is asked for apart", hint="grad(…), or leave out what asks for it")
        raise error.at(given, 0, len(given))
    return reading.expr


def simplify(expr: Any, where: str = "", *, source: str = "auto") -> Expr:
    """The expression, simplified: of the same value and shape, with least to read.  Raises as `parse` does.

    >>> simplify("tr(A*B) + tr(B*A)")
    2 tr(A B)
    """
    return simplified(parse(expr, where, source=source))


def equal(a: Any, b: Any, where: str = "", *, source: str = "auto") -> Verdict:
    """Whether two expressions are equal: by simplification, else by their values at hard points, exactly or in 50 digits.

    What is equal only where both have values is told with the condition; sizes that were not declared are made to agree.
    Raises UnsupportedError where neither is seen, and as `parse` does.

    >>> equal("tr(A*B)", "tr(B*A)").verdict
    'equal: one expression'
    >>> equal("log(a*b)", "log(a) + log(b)", "a: scalar; b: scalar").verdict.partition(":")[0]
    'equal where a and b are positive'
    >>> equal("det(2*A)", "8*det(A)")
    different: at A = [1 1; 2 1] the first is -4, the second -8
    """
    a, b = in_notation(a, source), in_notation(b, source)
    first = read_any(a, checked_where(where))
    symbols, together = first.symbols, False
    if isinstance(a, str) and isinstance(b, str) and is_latex(a) == is_latex(b):
        with suppress(ShapeError, ParseError):  # sizes follow from both
            symbols, together = read_any(in_notation(f"({a}) - ({b})", source), where).symbols, True
    if together:
        left_out = (declaration(s) for s in symbols.values() if s.inferred or not where)
        declared = "; ".join(filter(None, (where, *left_out)))
        one, other = (read_any(e, declared).expr for e in (a, b))
        return replace(compared(one, other), read_as=read_as((one, other), symbols, where))
    second = read_any(b, where)
    try:
        verdict = compared(*unified(first.expr, second.expr))
    except ShapeError as problem:
        verdict = Verdict(False, f"different: {problem.message}")
    return replace(verdict, read_as=read_as((first.expr, second.expr), {**second.symbols, **symbols}, where))


def compared(a: Expr, b: Expr, answer: Derivative | None = None) -> Verdict:
    """The verdict on two expressions that are read."""
    if a is b:
        return Verdict(True, "equal: one expression", None, answer)
    if a.shape != b.shape:
        shapes = " and ".join(f"({s[0]}, {s[1]})" for s in (a.shape, b.shape))
        return Verdict(False, f"different: the shapes are {shapes}", None, answer)
    found = checking.comparing.compared(a, b)
    if not found.decided:
        why = (
            "they agree at sizes that are all 1, and too large at others" if found.samples else "no point was found where both are defined"
        )
        raise UnsupportedError(f"neither shown equal nor different: {why}")
    if found.equal:
        where = f" {found.condition}" if found.condition else ""
        how = ["the difference simplifies to zero"] if found.proved else []
        how += [f"at {found.tried}"] if found.samples else []
        return Verdict(True, f"equal{where}: {'; '.join(how)}", None, answer)
    if all(s.agree for s in found.samples):
        return Verdict(False, f"different: equal only {found.condition}", None, answer)
    point = checking.counterexample.counterexample(a, b, found.samples[-1], ("the first", "the second"))
    nearly = checking.nearly
    if is_complex(a, b):
        return Verdict(False, f"different: {point!r}", point, answer)
    notes = tuple(f"equal if {name} is {condition}" for name, condition, _ in nearly.conditions(a, b, names=nearly.CONDITIONS))
    return Verdict(False, f"different: {point!r}", point, answer, notes)


def evaluate(expr: Any, where: str = "", /, **values: Any) -> Any:
    """The value of an expression: vectors are 1-D arrays, matrices 2-D.

    Raises UnknownNameError for values that are missing, ShapeError for those that do not fit.

    >>> float(evaluate("x'*x", x=[3.0, 4.0]))
    25.0
    """
    return checking.evaluate.evaluate(parse(expr, where), **values)
