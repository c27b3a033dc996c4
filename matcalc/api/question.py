"""A question: an expression and the variables to differentiate by, each given as text or built in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from matcalc import api
from matcalc.api.accepting import as_expr, is_sympy
from matcalc.api.answer import Target
from matcalc.api.impossible import check_possible
from matcalc.api.members import any_member, families, is_named, named_member, with_families
from matcalc.api.of_complex import is_complex, seen_real
from matcalc.api.read_as import read_as
from matcalc.errors import MatcalcError, NotDifferentiableError, ParseError, ShapeError, UnknownNameError, UnsupportedError
from matcalc.expr import PLAIN, Expr, Manner, name_of, postorder, variables
from matcalc.expr import heads as H
from matcalc.expr.language import Row
from matcalc.expr.rebuild import released
from matcalc.reading import Reading, Symbol, read, read_wrt, split_wrt, sympy
from matcalc.reading.framing.sides import AGREE
from matcalc.reading.latex import commands
from matcalc.reading.nodes import SOURCES

if TYPE_CHECKING:
    from matcalc.reading.sympy.expressions import SympyReading


@dataclass(frozen=True)
class Question:
    """An expression that is read, the targets, and what the reader was told meanwhile."""

    expr: Expr
    targets: tuple[Target, ...]
    single: bool  # one variable was named, so the answer is one derivative
    where: str
    symbols: Mapping[str, Symbol]
    notes: tuple[str, ...] = field(default=())
    spelling: Mapping[str, Any] = field(default_factory=dict)  # of names that were read from SymPy: the symbols there
    families: Mapping[Expr, tuple[str, ...]] = field(default_factory=dict)  # targets that stand for all members of a family: their indices
    asks: bool = False  # the text asks for a derivative itself: d/dx …
    manner: Manner = PLAIN  # how its author writes
    conditions: tuple[str, ...] = ()  # what its text says it is subject to
    wanted: str = ""  # "minimum" or "maximum", where its text says so

    @property
    def read_as(self) -> str:
        """How it was read, in one line."""
        return read_as(self.expr, self.symbols, self.where, self.manner)


class Written(str):
    """Text in a notation that its reader need not guess."""

    source: str


def in_notation(expr: Any, source: str) -> Any:
    """`expr`, marked with its notation where it is text.  Raises ParseError for a notation that does not exist."""
    if source not in SOURCES:
        raise ParseError(f"unknown notation {source!r:.40}", hint=f"there are {', '.join(SOURCES)}")
    if source == "auto" or not isinstance(expr, str):
        return expr
    marked = Written(expr)
    marked.source = source
    return marked


def without_hessian_of(expr: Any) -> Any:
    """The text behind "the Hessian of" in its place; what has no such words as it is.

    >>> without_hessian_of("hessian of x'*A*x")
    "           x'*A*x"
    """
    asked = r"\s*(?:(?:find|compute|what\s+is)\s+)?(?:the\s+)?(?:hessian|second\s+derivative)(?:\s+matrix)?\s+(?:of|for)\b"
    found = re.match(asked, expr, re.IGNORECASE) if isinstance(expr, str) else None
    return in_notation(" " * found.end() + expr[found.end() :], getattr(expr, "source", "auto")) if found else expr


def is_latex(expr: str) -> bool:
    """Whether text is read as LaTeX."""
    source = getattr(expr, "source", "auto")
    return source == "latex" or source == "auto" and commands.is_latex(expr)


def question(expr: Any, wrt: Any, where: Any, *, scalar: bool = False) -> Question:
    """Reads what a caller gave.  Raises the MatcalcError that says what is wrong with it."""
    where = checked_where(where)
    given = [] if wrt is None else _parts(wrt)
    reading = read_any(expr, where, scalar=scalar, by=tuple(w for w in given if isinstance(w, str)))
    where = "; ".join(filter(None, (where, getattr(reading, "families", ""))))
    targets: list[Target] = []
    spelling = dict(getattr(reading, "spelling", {}))
    named = _by_frame(reading, needed=wrt is None)
    if wrt is None:
        targets = named
        if not targets:
            labels = {n.args[0] for n in postorder(reading.expr) if n.op.name == "onehot"}
            targets = [(v, None) for v in variables(reading.expr) if not v.is_scalar and v not in labels]
            targets += [(any_member(f, reading.expr), None) for f in families(reading.expr)]
        if not targets:
            names = [v.data[0] for v in variables(reading.expr)]
            hint = f"name a scalar: wrt={names[0]!r}" if names else "it is constant"
            raise UnknownNameError("the expression has no matrix or vector to differentiate by", hint=hint)
        single = len(targets) == 1
    else:
        single = len(given) == 1 and not isinstance(wrt, (list, tuple))
        targets = [_target(w, reading, where, spelling) for w in given]
        if named and asks(reading) and set(named) != set(targets):
            by = ", ".join(map(str, reading.variables))  # type: ignore[union-attr]
            raise ParseError(
                f"the text asks for a derivative by {by}, and wrt names {wrt if isinstance(wrt, str) else 'another variable'}",
                line=expr, start=0, end=len(expr), hint="leave out one of them",
            )  # fmt: skip
    own = families(reading.expr)
    occurring = {*variables(reading.expr), *own}
    absent = [name_of(v) for v, _ in targets if (v.args[0] if v.op is H.MEMBER else v) not in occurring]
    notes = [*map(of_absent, absent), *check_possible(reading.expr)]
    asked_for = [v.args[0] for v, _ in targets if v.op is H.MEMBER] if wrt is None else [f for f in own if is_named(f, given)]
    whole = {v: tuple(u.data[0] for u in v.args[1:]) for v in (any_member(f, reading.expr) for f in asked_for)}
    manner = getattr(reading, "manner", PLAIN)
    if manner is PLAIN:  # made in Python
        manner = PLAIN._replace(parted=any(n.op is H.GRID for n in postorder(reading.expr)))
    manner = with_families(manner, where)
    told = (where, reading.symbols, (*reading.notes, *notes), spelling, whole, asks(reading), manner)
    posed = getattr(reading, "conditions", ()), getattr(reading, "wanted", "")
    return Question(reading.expr, tuple(targets), single, *told, *posed)


def function_question(f: Any, wrt: Any, where: Any, what: str) -> Question:
    """The question, of a real number and by whole variables.  Raises the error that says what else it is; `what` is said of f there.

    >>> function_question("A*x", "x", "", "minimized")
    Traceback (most recent call last):
    matcalc.errors.ShapeError: what is minimized is a scalar; this is (m, 1)
      take sum(…), or norm(…)^2; read as: A x · A (m, n) inferred · x (n) inferred
    """
    asked = question(f, wrt, where, scalar=True)
    if not asked.expr.is_scalar:
        rows, columns = asked.expr.shape
        hint = f"take sum(…), or norm(…)^2; read as: {asked.read_as}"
        raise ShapeError(f"what is {what} is a scalar; this is ({rows}, {columns})", hint=hint)
    if asked.asks:
        raise ParseError(f"the text asks for a derivative already; what is {what} is the function itself")
    by = [v for v, _ in asked.targets]
    if is_complex(asked.expr, *by) and not seen_real(asked.expr):
        hint = "take real(…), abs(…)^2 or norm(…)^2 of it"
        raise NotDifferentiableError(f"what is {what} is a real function, and f is not seen to be real", hint=hint)
    for v, index in asked.targets:
        if index is not None or v.op in (H.MEMBER, H.FAMILY):
            raise UnsupportedError(f"a function is {what} by whole variables, not by a part or a member of {name_of(v)}")
    return asked


def of_absent(name: str) -> str:
    """The note for a variable that is declared and does not occur, or cancels."""
    return f"the expression does not depend on {name}: the derivative is zero"


def asks(reading: Reading | SympyReading) -> bool:
    """Whether a text asks for a derivative itself, as d/dx … does."""
    return getattr(reading, "asks", False)


def _by_frame(reading: Reading | SympyReading, *, needed: bool) -> list[Target]:
    """The variables that the frame of a text names: of min_x and f(x) those that occur, of d/dx all.

    Raises UnknownNameError where one is needed and none of them occurs.
    """
    names = getattr(reading, "variables", ())
    if not names:
        return []
    out: list[Target] = []
    missing: MatcalcError | None = None
    occurring = {*variables(reading.expr), *families(reading.expr)}
    for name in names:
        try:
            target = read_wrt(name, reading)  # type: ignore[arg-type]
        except MatcalcError as error:
            if asks(reading):
                raise
            missing = missing or error
            continue
        if (asks(reading) or target[0] in occurring) and target not in out:
            out.append(target)
    if missing and needed and not out:
        raise missing
    return out


def read_any(expr: Any, where: str, *, scalar: bool = False, by: tuple[str, ...] = ()) -> Reading | SympyReading:
    """A reading of text, of an expression built in Python or with SymPy, or of a derivative's answer."""
    if isinstance(expr, str):
        reading = read(expr, where, scalar=scalar, source=getattr(expr, "source", "auto"), by=by)
        unknown = [side for side in reading.sides if not _check_side(expr, side, reading, where)]
        if not unknown:
            return reading
        notes = [n for n in reading.notes if not n.endswith(AGREE)]
        return replace(
            reading, notes=(*notes, *(f"left out, for it has a function that is not defined: {' '.join(s.split())} =" for s in unknown))
        )
    if hasattr(expr, "expr") and isinstance(expr.expr, Expr):
        expr = expr.expr
    if is_sympy(expr):
        return sympy.expressions.read_sympy(expr, where)
    built = as_expr(expr)
    return Reading(built, symbols_of(built), ())


def _check_side(expr: str, side: str, reading: Reading, where: str) -> bool:
    """Whether one of several sides can be compared with the last one: not with a function that stands there alone, and nobody defines.

    Raises ParseError where they are not equal.
    """
    notation = "latex" if is_latex(expr) else "text"
    verdict = api.equal(side, reading.objective, where, source=notation)
    if not verdict:
        symbols = read(side, where, source=notation).symbols.values()
        if any(s.inferred and s.kind == "elementwise" and s.name not in reading.symbols for s in symbols):
            return False
        start = len(side) - len(side.lstrip())
        raise ParseError(
            f"the sides of `=` do not agree: they are {verdict.verdict}",
            line=expr,
            start=start,
            end=len(side.rstrip()),
            hint="give one of them",
        )
    return True


def read_free(expr: Any, where: str, asked: Question, free: Mapping[Expr, Expr], *, scalar: bool = False) -> Expr:
    """The expression again, with variables that are declared structured read as the matrices of free entries in `free`.

    What a structure makes equal (S' and S) is apart there; an expression built in Python has forgotten what was written.
    """
    if not free or not isinstance(expr, str) or any(v.op is not H.VARIABLE for v in free):
        return released(asked.expr, free)

    names = {v.data[0]: f for v, f in free.items()}
    return read(expr, checked_where(where), scalar=scalar, names=names, source=getattr(expr, "source", "auto")).expr


def checked_where(where: Any) -> str:
    if not isinstance(where, str):
        raise ParseError(f"where is text, not {type(where).__name__}", hint='declarations such as where="X: (m, n); a: (m)"')
    return where


def symbols_of(e: Expr) -> dict[str, Symbol]:
    """The table of the names in an expression that was built in Python."""
    out: dict[str, Symbol] = {}
    for n in postorder(e):
        if n.op is H.FAMILY:
            out[n.data[0]] = Symbol(n.data[0], "family", n.shape, frozenset(n.data[1]))
        elif n.op is H.VARIABLE:
            kind = "scalar" if n.is_scalar else "vector" if n.shape[1] == 1 else "matrix"
            out[n.data[0]] = Symbol(n.data[0], kind, n.shape, frozenset(n.data[1]))
        elif n.op.abstract:
            out[n.op.abstract[0]] = Symbol(n.op.abstract[0], "elementwise")
    return dict(sorted(out.items()))


def _parts(wrt: Any) -> list[Any]:
    if isinstance(wrt, str):
        parts: list[Any] = list(split_wrt(wrt))
        if not parts or not all(p.strip() for p in parts):
            raise ParseError("wrt is empty: name the variable to differentiate by", hint="for example wrt='X', 'D,R' or 'X[:,j]'")
        return parts
    given = list(wrt) if isinstance(wrt, Sequence) and not is_sympy(wrt) else [wrt]
    if not given:
        raise ParseError("wrt is empty: name the variable to differentiate by")
    return given


def _target(wrt: Any, reading: Reading | SympyReading, where: str, spelling: dict[str, Any]) -> Target:
    if isinstance(wrt, str):
        return named_member(wrt, reading.expr, where, getattr(reading, "rows", ())) or read_wrt(wrt, reading)  # type: ignore[arg-type]
    if is_sympy(wrt):
        asked = sympy.expressions.read_sympy(wrt, where, spelling)
        spelling.update(asked.spelling)
        wrt = asked.expr
    if not isinstance(wrt, Expr):
        raise UnsupportedError(f"wrt is a name or a variable, not {wrt!r:.60}")
    if wrt.op is H.FAMILY:
        wrt = any_member(wrt, reading.expr)
    if wrt.op is H.MEMBER:
        return wrt, None
    found, index = _sliced(wrt)
    name = found.data[0]
    same = [v for v in variables(reading.expr) if v.data[0] == name]
    return (same[0] if same else found), index


def _sliced(e: Expr) -> Target:
    """The variable and the index in X[i,:], X[:,j], X[i,j] and x[i]."""
    if e.op is H.VARIABLE:
        return e, None
    chain = list(e.args) if e.op is H.PRODUCT and e.data == (1, 0) else []
    row = chain.pop(0).args[0] if chain and chain[0].op is H.TRANSPOSE and chain[0].args[0].op is H.UNIT else None
    column = chain.pop() if chain and chain[-1].op is H.UNIT else None
    if len(chain) == 1:
        (inner,) = chain
        if inner.op is H.TRANSPOSE:
            inner, row, column = inner.args[0], column, row
        if inner.op is H.VARIABLE:
            i, j = (slice(None) if u is None else u.data[0] for u in (row, column))
            if chain[0].op is H.TRANSPOSE and 1 not in inner.shape and isinstance(j, slice):
                return inner, Row((i, j))  # as the column that it is
            return inner, ((i,) if inner.shape[1] == 1 else (j,) if inner.shape[0] == 1 else (i, j))
    raise UnsupportedError(f"differentiate by a variable or a slice of one, not by {e!r:.60}")
