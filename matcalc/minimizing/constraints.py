"""Constraints: equations between expressions, read with the names of the objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matcalc.errors import MatcalcError, ParseError, UnsupportedError
from matcalc.expr import Expr, substitute, variables

if TYPE_CHECKING:
    from matcalc.reading import Symbol

SINGULAR = ("projector", "rank")  # sets whose equations depend on each other
_COMPARED = ("<=", ">=", "≤", "≥", "<", ">", "≠", "!=")


@dataclass(frozen=True)
class Constraint:
    """`residual` = 0, written as `text`; `affine` where the residual is so in the variables."""

    text: str
    residual: Expr
    affine: bool


def split(subject_to: Any) -> list[Any]:
    """One equation, several in one text, or a list of them.

    >>> split("A*x = b; sum(x) = 1")
    ['A*x = b', 'sum(x) = 1']
    """
    if subject_to is None:
        return []
    if isinstance(subject_to, str):
        return [part.strip() for part in subject_to.split(";") if part.strip()]
    if isinstance(subject_to, Expr):
        return [subject_to]
    return [part for given in subject_to for part in split(given)]


def read(given: Any, names: Mapping[str, Expr], where: str) -> tuple[Expr, dict[str, Symbol]]:
    """The difference of the sides of an equation, and the symbols in it.

    Raises ParseError and ShapeError with the place in the equation, UnsupportedError for an inequality.
    """
    if isinstance(given, Expr):
        return given, {}
    from matcalc.reading import read as read_text

    if not isinstance(given, str):
        raise ParseError(f"a constraint is text, such as 'A*x = b', not {type(given).__name__}")
    for sign in _COMPARED:
        if sign in given:
            at = given.index(sign)
            raise UnsupportedError(
                "a constraint is an equation here, not an inequality", line=given, start=at, end=at + len(sign),
                hint="bounds are declared: where='x: (n) nonnegative'",
            )  # fmt: skip
    if given.count("=") != 1:
        raise ParseError("a constraint is one equation, such as A*x = b", line=given, start=0, end=len(given))
    at = given.index("=")
    left, right = given[:at], given[at + 1 :]
    if not left.strip() or not right.strip():
        raise ParseError("one side of the equation is empty", line=given, start=at, end=at + 1, hint="for example A*x = b")
    try:
        reading = read_text(f"{left}-({right})", _besides(where, names), names=names)
    except MatcalcError as error:
        if error.start > at:
            error.start, error.end = (min(place - 1, len(given) - 1 + by) for by, place in enumerate((error.start, error.end)))
        error.line = given
        raise
    return reading.expr, reading.symbols


def _besides(where: str, names: Mapping[str, Expr]) -> str:
    """The declarations of what the objective does not know."""
    from matcalc.reading.names import one_name

    known = {one_name(n) for n in names}
    parts = [part for part in where.split(";") if part.strip()]
    return ";".join(p for p in parts if one_name(p.replace("∈", ":").split(":")[0].strip()) not in known)


def constraint(given: Any, residual: Expr, by: Sequence[Expr]) -> Constraint:
    """A constraint on the variables `by`.  Raises UnsupportedError where it has none of them."""
    text = given if isinstance(given, str) else f"{given!r} = 0"
    if not set(variables(residual)) & set(by):
        named = ", ".join(str(v.data[0]) for v in by)
        raise UnsupportedError(f"the constraint {text} has none of the variables: {named}", hint="leave it out, or name its variable")
    return Constraint(text, residual, is_affine(residual, by))


def is_affine(e: Expr, by: Sequence[Expr]) -> bool:
    """Whether the differential of `e` is free of the variables.

    >>> from matcalc.expr import symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> is_affine(2 * x, [x]), is_affine(x.T @ x, [x])
    (True, False)
    """
    from matcalc.expr import variable

    moving = {v: variable(f"d{v.data[0]}", v.shape) for v in by}
    return not set(variables(moved(e, moving))) & set(by)


def moved(e: Expr, directions: Mapping[Expr, Expr]) -> Expr:
    """The differential of `e` as its variables move along the directions together."""
    from matcalc.calculus import differential
    from matcalc.simplification import rewritten, simplify

    e = rewritten(e)
    return simplify(differential(e, {v: d for v, d in directions.items() if v in set(variables(e))}))


def declared(v: Expr, properties: Iterable[str]) -> list[Constraint]:
    """The equations that the table of properties says of a variable in a curved set: Q'Q = I, x'x = 1, P 1 = 1.

    Raises UnsupportedError for a set that is not given by equations of full rank.

    >>> from matcalc.expr import symbol, variable
    >>> [c.text for c in declared(variable("Q", (symbol("n"), symbol("n"))), {"orthogonal"})]
    ["Q'*Q - eye(n) = 0"]
    """
    from matcalc.expr.properties import PROPERTIES
    from matcalc.reading import read as read_text

    name, out = str(v.data[0]), dict[Expr, Constraint]()
    for p in sorted(p for p in properties if PROPERTIES[p].space in ("curved", "affine")):
        if p in SINGULAR or not PROPERTIES[p].holds:
            raise UnsupportedError(f"{name} is declared {p}, a set that is not minimized over", hint="declare its factors, or leave it out")
        for text in PROPERTIES[p].holds:
            if not text.startswith("det"):  # which component of the set it is
                rows, columns = v.shape
                general = "n" if columns == 1 else "n, n" if rows == columns else "m, n"
                formula = read_text(text, f"X: ({general})")
                x = next(u for u in variables(formula.expr) if u.data[0] == "X")
                residual = substitute(formula.expr, {x: v}, {"m": rows, "n": rows if columns == 1 else columns})
                out[residual] = Constraint(f"{text.replace('X', name)} = 0", residual, is_affine(residual, [v]))
    return list(out.values())
