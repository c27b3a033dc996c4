"""Readings of a text with more declarations than it has, where it fits with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from matcalc.errors import MatcalcError, ParseError, UnsupportedError
from matcalc.expr.dims import Dim
from matcalc.reading.build import known
from matcalc.reading.evidence import SUMMANDS, evidence
from matcalc.reading.evident import evident, told_of
from matcalc.reading.families import Wanted, declarations
from matcalc.reading.scope import Given, Scope
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import find, fresh_names
from matcalc.reading.table import Reading
from matcalc.reading.tree import Node, failing, walked


class Further:
    """The readings of one text with more declarations; `refused` says why others do not fit.

    `read` reads the text with one more declaration; with `scalar` only numbers fit.
    """

    def __init__(self, read: Callable[[str], Reading], scalar: bool) -> None:
        self.read, self.scalar = read, scalar
        self.refused: list[MatcalcError] = []

    def first(self, ways: Iterable[tuple[str, ...]]) -> Reading | None:
        """The first way that fits, with the notes behind it."""
        for way, *notes in ways:
            try:
                made = self.read(way)
            except MatcalcError as error:
                self.refused.append(error)
                continue
            if made.expr.is_scalar or not self.scalar:
                return replace(made, notes=(*notes, *made.notes))
        return None

    def evident(self, line: str, known_names: frozenset[str]) -> Reading | None:
        """With what is evident from how the text is written."""
        return self.first((way, *told_of(way)) for way in evident(line, known_names))

    def with_pi(self, nodes: list[Node], scope: Scope, paper: bool) -> Reading | None:
        """With a π that is no number."""
        ways = _pi_of_entries(nodes, scope, paper) if self.scalar else ()
        return self.first((way, f"{way.partition(':')[0]} is no number here: {way}") for way in ways)

    def with_families(self, families: list[Wanted], nodes: list[Node], given: Given) -> Reading:
        """With families declared that no numbers can be the members of.  Raises the error of the first way, or asks for their shapes."""
        self.refused.clear()
        ways = list(declarations(families, nodes, given, self.scalar))
        told = ([f"{entry.partition(':')[0]} is read as a family: {entry}" for entry in way.split("; ")] for way in ways)
        if made := self.first((way, *notes) for way, notes in zip(ways, told, strict=True)):
            return made
        if problems := [error for error in self.refused if isinstance(error, (ParseError, UnsupportedError))]:
            raise problems[0]
        place, (stem, *letters) = families[0].node, (families[0].stem, *(i.partition("·")[0] for i in families[0].indices))
        way = f"{stem}_{''.join(letters)}: (m, n), {', '.join(f'{i} = 1..N' for i in letters)}"
        shown = given.text[place.start : place.end]
        raise failing(f"which shape has `{shown}`? No number stands here", place, f'declare it: where="{next(iter(ways), way)}"')

    def with_functions(self, whole: Node, shapes: Shapes, doubted: bool = False) -> Reading | None:
        """With functions of vectors that are numbers, where a number is asked for and none is found, or it is `doubted`."""
        functions = _of_vectors(whole, shapes) if self.scalar and (doubted or whole.shape != SCALAR) else ""
        return self.first([(functions, f"beside a scalar it is a function with one value: {functions}")]) if functions else None

    def with_vectors(self, whole: Node, shapes: Shapes, framed: bool) -> Reading | None:
        """With vectors for capitals, where the whole is a number then, and is asked to be one."""
        column = bool(shapes.costs) and whole.shape[1] == 1  # a number is spread over what may be one
        asked = whole.shape != SCALAR and (column or self.scalar and (shapes.costs or framed))
        vectors = _of_one_column(whole, shapes) if asked else ""
        made = self.first([(vectors, f"the whole is a number where these are vectors: {vectors}")]) if vectors else None
        return made if made and made.expr.is_scalar else None


def _pi_of_entries(nodes: list[Node], scope: Scope, paper: bool) -> list[str]:
    """Declarations of the π of π'x and x'π, of ‖π − μ‖, and of what is differentiated by, which is no number there.

    Beside declarations ‖π − μ‖ says so in LaTeX alone: in plain text π is the number, as answers write it.
    """
    names = {n.value for n in nodes if n.kind == "name" and n.value in ("pi", "π")} if "pi" not in scope.kinds else ()
    reasons = evidence(nodes, ()).reasons if names else {}
    paired = {p.value for n in nodes if names and n.kind == "call" and n.value[0] == "inner" for p in n.parts if p.kind == "name"}
    ends = (n.parts[-2:] for n in nodes if names and n.kind == "product")
    paired |= {b.word for a, b in ends if a.kind == "transpose" and a.parts[0].stem[:1].islower()}
    summand = paper or not scope.kinds
    found = [n for n in names if n in paired or n in scope.by or summand and reasons.get(n) in SUMMANDS]
    return [f"{n}: {kind}" for n in found for kind in ("vector", "matrix")]


def _of_vectors(whole: Node, shapes: Shapes) -> str:
    """Declarations of the undeclared functions of vectors that are terms where the whole is asked to be a scalar: the f of f(x) + λ‖x‖²."""
    while whole.kind in ("group", "minus", "product") and len(vectors := [p for p in whole.parts if p.shape != SCALAR]) == 1:
        (whole,) = vectors
    terms = whole.parts if whole.kind == "sum" else ()
    weighted = [t.parts[-1] if t.kind == "product" and all(p.shape == SCALAR for p in t.parts[:-1]) else t for t in terms]  # λ g(x)
    calls = [t for t in weighted if t.kind == "call" and t.value[0] in shapes.functions and not t.value[1] and _is_linear(t.parts[0])]
    if len(calls) in (0, len(terms)):
        return ""
    used = {*shapes.given.taken, *shapes.size_names, *shapes.inferred, *shapes.functions, *shapes.used}
    arguments = {t.value[0]: shapes.text[t.parts[0].start : t.parts[0].end] for t in calls}
    given = {shapes.text[t.parts[0].start : t.parts[0].end]: t.parts[0].shape for t in calls}
    fresh = fresh_names(used, sum(1 + (1 not in shape) for shape in given.values()))
    said = {text: [n for n in known(shape) if n != 1] for text, shape in given.items()}
    sizes = {
        text: ", ".join(next(fresh) if isinstance(n, Dim) and n.symbols - shapes.size_names else str(n) for n in of) or next(fresh)
        for text, of in said.items()
    }
    return "; ".join(f"{name}: ({sizes[text]}) -> ()" for name, text in arguments.items())


def _is_linear(node: Node) -> bool:
    """Whether the argument of a function is a name, or a matrix times one: the D x of ρ(D x)."""
    names = node.parts if node.kind == "product" else (node,)
    return all(n.kind == "name" for n in names) and (len(names) == 1 or node.shape != SCALAR)


def _of_one_column(whole: Node, shapes: Shapes) -> str:
    """Declarations of the undeclared matrices whose columns the whole has, where it is asked to be a scalar: the U of U'K U/2 - F'U.

    Raises ParseError for an undeclared function of a member of which a norm is taken, which is a vector: the c of Σ c(q_i).
    """
    height, width = map(find, whole.shape)
    if width not in (height, 1):
        return ""
    norms = [n for n in walked(whole) if n.kind == "norm"]
    members = (m for m in walked(*norms, into=lambda n: n.parts if n.kind != "call" else ()) if m.kind == "indexed")
    vectors = {m.stem for m in members if m.shape != SCALAR}
    outside = [n for n in walked(whole, into=lambda n: n.parts if n.kind != "norm" else ()) if n.kind == "call"]
    of = next((n for n in outside if n.value[0] in shapes.functions and n.parts[0].stem in vectors), None)
    if of:
        shown, hint = shapes.text[of.start : of.end], f"declare {of.value[0]}: (d) -> () if it is"
        raise failing(f"is `{shown}` a number? A norm is taken of what it is a function of", of, hint)
    matrices = [(name, *map(find, shape)) for name, (kind, shape) in shapes.inferred.items() if kind == "matrix"]
    return "; ".join(f"{name}: vector" for name, m, n in matrices if n == height != m)
