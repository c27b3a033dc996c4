"""Text to expression: tokens, nodes, shapes, expression; and the symbols that were declared or inferred on the way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError
from matcalc.expr import Expr, Manner, postorder
from matcalc.limits import LONGEST_KEPT, MOST_CHARACTERS
from matcalc.reading import doubts
from matcalc.reading.as_typed import AsTyped
from matcalc.reading.build import Build
from matcalc.reading.declaring import declared
from matcalc.reading.families import spread, wanted
from matcalc.reading.further import Further
from matcalc.reading.latex.commands import in_new_fonts
from matcalc.reading.letters import GREEK, one_name
from matcalc.reading.nodes import Typed, is_latex, printable, typed_as
from matcalc.reading.places import At
from matcalc.reading.read_as import so_far
from matcalc.reading.same_names import check_declared, check_put_in
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.table import UNUSED, Reading, table
from matcalc.reading.tree import Node
from matcalc.reading.ways import fitting

OF_COMPLEX = frozenset(("conj", "ctranspose", "real", "imag", "angle"))
_LOOSE = re.compile(r"(?<![\\ ]) +(?=[_^])|(?<=(?<!\\)[_^]) +")  # x _ {i} ^ 2 and \mathrm { s . t . }, as programs write LaTeX
_SPELLED = re.compile(r"(\\(?:mathrm|mathop|text|textrm|operatorname\*?) ?\{) ?((?:[A-Za-z.:~] ){2,}[A-Za-z.:]?) ?\}")


def read(
    text: str,
    where: str = "",
    *,
    scalar: bool = False,
    names: Mapping[str, Expr] | None = None,
    source: str = "auto",
    by: tuple[str, ...] = (),
) -> Reading:
    r"""Reads an expression of the language, or of its LaTeX dialect.

    `where` declares names; `names` binds names to expressions.  With `scalar`, names that are not declared get the
    kinds that make the whole a scalar, where there are such.  `source` is "text", "latex", or "auto": LaTeX where a
    backslash or a dollar is in the text.  `by` are the names to differentiate by, where they are known.  A frame around
    the expression, as in min_x or f(x) =, is taken off.  What was read lately is not read again: the gradient, the Hessian
    and the minimum of one text are several questions.  Raises MatcalcError, always with the place.

    >>> reading = read("norm(A*x - b)^2", "A: (m, n)")
    >>> {s.name: (s.kind, s.shape) for s in reading.symbols.values()}
    {'A': ('matrix', (m, n)), 'x': ('vector', (n, 1)), 'b': ('vector', (m, 1))}
    """
    if not isinstance(text, str):
        raise ParseError(f"an expression is text here, not {type(text).__name__}")
    if len(text) > MOST_CHARACTERS:
        raise LimitError(f"the text has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}")
    line = printable(text)
    if "\\" in line and is_latex(line, source):
        line, by = in_new_fonts(line), tuple(map(in_new_fonts, by))
    if " " in line and is_latex(line, source):
        line = _SPELLED.sub(lambda m: m[1] + m[2].replace(" ", "").replace("~", " ") + "}", _LOOSE.sub("", line))
    reading = _read if len(line) > LONGEST_KEPT else _kept
    try:
        made = reading(line, where, scalar, tuple((names or {}).items()), source, by)
        return replace(made, symbols=dict(made.symbols))
    except MatcalcError as error:
        error.line = error.line or line
        raise


@dataclass(frozen=True)
class Again:
    """A text that was read, to be read once more as it stands there."""

    line: str
    where: str
    scalar: bool
    names: tuple[tuple[str, Expr], ...]
    source: str
    by: tuple[str, ...]

    def __call__(self, names: Mapping[str, Expr]) -> dict[Expr, Expr]:
        """The expressions as they stand in the text, with what they are; `names` stand for other expressions."""
        made: list[AsTyped] = []

        def build(shapes: Shapes) -> Build:
            made.append(AsTyped(shapes))
            return made[-1]

        _read(self.line, self.where, self.scalar, (*self.names, *names.items()), self.source, self.by, build)
        return made[-1].meant if made else {}


def _read(
    line: str,
    where: str,
    scalar: bool,
    names: tuple[tuple[str, Expr], ...],
    source: str,
    by: tuple[str, ...],
    build: Callable[[Shapes], Build] = Build,
) -> Reading:
    said = declared(where)
    check_declared(said.symbols, where)
    further = Further(lambda way: read(line, f"{where}; {way}", scalar=scalar, names=dict(names), source=source, by=by), scalar)
    if made := further.evident(line, frozenset((*said.symbols, *said.definitions, *said.marks.values()))):
        return made
    doubt = next((error for error in further.refused if isinstance(error, ParseError)), None)
    try:
        typed = typed_as(line, where, said, names, source, by)
        if made := further.with_pi(typed.nodes, typed.scope, typed.latex):
            return made
        given, nodes = typed.given()
        families = wanted(nodes, typed.told.bold) if typed.indexed else []
        shapes = fitting(nodes, given, scalar) if not families else Shapes(given)
        families = families or (spread(nodes) if typed.indexed else [])
    except (ParseError, ShapeError):
        if doubt:  # with what the text makes plain something is to be told
            raise doubt from None
        raise
    if families:
        return further.with_families(families, nodes, given)
    if made := further.with_functions(nodes[-1], shapes) or further.with_vectors(nodes[-1], shapes, typed.is_framed):
        return made
    try:
        doubts.check(nodes, shapes)
    except ParseError:
        if made := further.with_functions(nodes[-1], shapes, doubted=True):
            return made
        raise
    try:
        building = build(shapes)
        expr = building.run(nodes)
    except ShapeError as error:
        error.hint = "\n  ".join(filter(None, (error.hint, f"read as: {so_far(shapes)}")))
        raise
    manner = building.manner()._replace(typed=Again(line, where, scalar, names, source, by))
    return _told(typed, nodes, shapes, expr, manner)


def _told(typed: Typed, nodes: list[Node], shapes: Shapes, expr: Expr, manner: Manner) -> Reading:
    """The reading, with what there is to say about it."""
    said, frame = typed.said, typed.frame
    notes = [*typed.told.notes, *dict.fromkeys(shapes.notes)]
    symbols = table(nodes, shapes, notes)
    of = defaultdict[str, list[Node]](list)
    for node in nodes:
        of[node.kind].append(node)
    of_complex = any(n.value == "H" for n in of["transpose"]) or any(n.value[0] in OF_COMPLEX for n in of["call"])
    if of_complex and not any(n.complex for n in postorder(expr)) and not typed.scope.is_complex():
        notes.append("nothing is declared complex: conj(x) is x, and ^H the transpose")
    unused = [d for d in said.definitions.values() if d.line and d.name not in typed.put_in]
    if moved := next((d.name for d in unused if not d.name.isidentifier()), ""):
        raise ParseError(f"`{moved}` is defined, and is not put in", hint="write what it is where it stands", line=typed.line)
    check_put_in(unused, nodes, shapes)
    if said.definitions:
        notes = [n for n in notes if not n.endswith(UNUSED) or n.removesuffix(UNUSED) not in said.definitions]
        by = typed.scope.by
        glued = [d for d in unused if frame.wanted and d.name.isalpha() and d.name not in GREEK]
        demanded = [d for d in glued if d.name.endswith(tuple(by)) and d.name not in by]  # Cx = d
        told = [d for d in unused if frame.wanted and d.line == typed.line]  # not in where
        demanded += [d for d in told if not by.isdisjoint(d.parameters or ())]  # min_x …, g(x) = 0
        frame.conditions += (stipulated := [f"{d.shown} = {d.formula.strip()}" for d in demanded])
        notes += [f"left out: {condition}" for condition in stipulated]
        notes += [f"{d.shown} is defined but not used" for d in unused if d not in demanded]
    parted = "blocks" in of or any(isinstance(i, slice) and i.start is not None for n in of["item"] for i in n.value)
    circle = any(one_name(name) == "pi" for name in symbols)
    summed = {n.value[1] for n in of["over"]}
    places = ((n.value[0], n.value[1][0]) for n in of["indexed"] if len(n.value[1]) == 1 and n.shape != SCALAR)
    return Reading(
        expr,
        symbols,
        tuple(notes),
        tuple(frame.variables),
        frame.explicit,
        tuple(frame.sides),
        frame.text,
        manner._replace(parted=parted, bold=frozenset(typed.told.letters), circle=circle),
        tuple(frame.conditions),
        frame.wanted,
        typed.families,
        frozenset(name for name, place in places if isinstance(place, At) and place.letter in summed),
    )


_kept = lru_cache(maxsize=256)(_read)
