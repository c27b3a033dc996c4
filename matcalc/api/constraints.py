"""Constraints as they are given: equations between expressions of one shape, read with the names of the objective."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcalc.api.question import Question, function_question, in_notation, is_latex
from matcalc.api.unifying import unified
from matcalc.errors import MatcalcError, ParseError, ShapeError, UnsupportedError
from matcalc.expr import FAMILY, NUMBER, VARIABLE, Expr, postorder, substitute
from matcalc.expr.properties import DECLARABLE
from matcalc.reading import Symbol, read
from matcalc.reading.declaring import declared
from matcalc.reading.stipulated import counted, equated, said_of_one, told

COMPARED = ("<=", ">=", "≤", "≥", "<", ">", "≠", "!=")
SINGULAR = ("projector", "rank", "complex rank")  # sets whose equations depend on each other


def listed(subject_to: Any) -> list[str | Expr]:
    """One equation, several in one text, or a list of them.  Raises ParseError for what is neither text nor expression.

    >>> listed("A*x = b; sum(x) = 1")
    ['A*x = b', 'sum(x) = 1']
    >>> listed("[a, b]'*x = [1; 2]; c'*x = 0")
    ["[a, b]'*x = [1; 2]", "c'*x = 0"]
    """
    if subject_to is None:
        return []
    if isinstance(subject_to, Expr):
        return [subject_to]
    if isinstance(subject_to, str):
        return [part.strip() for part in re.split(r";(?![^\[]*\])", subject_to) if part.strip()]  # but for those of a block [r; s]
    if not isinstance(subject_to, Sequence):
        raise ParseError(f"a constraint is text, such as 'A*x = b', not {type(subject_to).__name__}")
    return [part for given in subject_to for part in listed(given)]


def posed(expr: Any, wrt: Any, where: str, subject_to: Any, what: str) -> tuple[Question, list[str | Expr]]:
    """The question and its constraints: those that are given, else those of its text.

    Raises UnsupportedError for a condition of the text that is no equation and declares nothing.
    """
    asked = function_question(expr, wrt, where, what)
    of_text = asked.conditions if subject_to is None else ()
    equations, declarations = told(of_text, declared(asked.where).symbols) if of_text else (listed(subject_to), [])
    if symmetries := said_of_one(equations):
        equations, declarations = [e for e in equations if e not in symmetries], [*declarations, *symmetries]
    if declarations:
        asked = function_question(expr, wrt, "; ".join(filter(None, (asked.where, *declarations))), what)
    if of_text and is_latex(expr):
        equations = [in_notation(e, "latex") for e in equations]
    return replace(asked, notes=counted(asked.notes, of_text)), [*equations]


def equation(given: str | Expr, names: Mapping[str, Expr], where: str) -> tuple[Expr, Mapping[str, Symbol]]:
    """The residual of an equation, left − right, and the symbols in it; an expression is zero itself.

    The sides have one shape, and say each other's: a name that is declared nowhere is a scalar where that fits.
    Raises ParseError and ShapeError with the place in the equation, UnsupportedError for an inequality.

    >>> from matcalc import parse
    >>> equation("mu'*w = r", {"w": parse("w")}, "")[0].shape
    (1, 1)
    """
    if isinstance(given, Expr):
        return given, {}
    text, source = given.replace("==", "= "), getattr(given, "source", "auto")
    for sign in COMPARED:
        if sign in text:
            at = text.index(sign)
            hint = "bounds are declared: where='x: (n) nonnegative'"
            raise UnsupportedError("a constraint is an equation here, not an inequality", hint=hint).at(given, at, at + len(sign))
    left, *others = equated(text)
    right, at = "".join(others), len(left)
    if len(others) != 1 or not left.strip() or not right.strip():
        at = at if others else 0
        raise ParseError("a constraint is one equation", hint='subject_to="A*x = b"').at(given, at, at + 1)
    try:
        reading = read(f"{left}-({right})", where, names=names, scalar=True, source=source)
    except MatcalcError as error:
        if error.start > at:
            error.start, error.end = min(error.start, len(given)) - 1, min(error.end - 1, len(given))
        error.line = given
        raise
    if not reading.expr.is_scalar:
        _check_one_shape((left, right), {**names, **named(reading.expr)}, given, source)
    return reading.expr, reading.symbols


def _check_one_shape(texts: tuple[str, str], names: Mapping[str, Expr], given: str, source: str) -> None:
    """Raises ShapeError where one side would be spread over the other; a plain number stands for an array of it."""
    try:
        left, right = (read(text, names=names, source=source).expr for text in texts)
    except MatcalcError:  # I has its size from the other side
        return
    if left.shape != right.shape and not any(e.op is NUMBER for e in (left, right)):
        shapes = " and ".join(f"({rows}, {columns})" for rows, columns in (left.shape, right.shape))
        error = ShapeError(f"the sides of a constraint have one shape, not {shapes}", hint="write s*ones(n) for s in every entry")
        raise error.at(given, 0, len(given))


def agreeing(f: Expr, given: Sequence[str | Expr], where: str) -> Expr:
    """The objective with the sizes that its constraints declare: of ‖x‖² alone those of x have names of their own.

    A constraint whose shapes do not fit is read by itself, and its sizes and those of the objective are made one.
    """
    for text in given:
        try:
            equation(text, named(f), where)
        except ShapeError as error:
            try:
                _, f = unified(equation(text, {}, where)[0], f)  # the names of the first stay
            except MatcalcError:
                raise error from None
    return f


def declared_equations(v: Expr, properties: Iterable[str]) -> list[tuple[str, Expr]]:
    """The equations that the table of properties says of a variable in a set, text and what is zero: Q'Q = I, x'x = 1, P 1 = 1.

    Raises UnsupportedError for a set that is not given by equations of full rank.

    >>> from matcalc.expr import symbol, variable
    >>> declared_equations(variable("Q", (symbol("n"), symbol("n"))), {"orthogonal"})
    [("Q'*Q - eye(n)", Qᵀ Q − I)]
    """
    name, out = str(v.data[0]), dict[Expr, str]()
    for p in sorted(p for p in properties if DECLARABLE[p].space in ("curved", "affine")):
        if p in SINGULAR or not DECLARABLE[p].holds:
            raise UnsupportedError(f"{name} is declared {p}, a set that is not minimized over", hint="declare its factors, or leave it out")
        for text in DECLARABLE[p].holds:
            if not text.startswith("det"):  # which component of the set it is
                rows, columns = v.shape
                general = "n" if columns == 1 else "n, n" if rows == columns else "m, n"
                formula = read(text, f"X: ({general}){' complex' * v.complex}").expr
                zero = substitute(formula, {named(formula)["X"]: v}, {"m": rows, "n": rows if columns == 1 else columns})
                out.setdefault(zero, text.replace("X", name))
    return [(text, zero) for zero, text in out.items()]


def named(*roots: Expr) -> dict[str, Expr]:
    """The variables and families of expressions by their names."""
    return {n.data[0]: n for n in postorder(*roots) if n.op in (VARIABLE, FAMILY)}
