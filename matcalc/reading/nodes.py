"""A text as nodes: its frame taken off, what it defines put in, and what it says besides."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from matcalc.errors import ParseError, ShapeError
from matcalc.expr import Expr
from matcalc.expr.dims import Dim, Size, symbol
from matcalc.limits import LARGEST_SIZE
from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading import bars
from matcalc.reading.declaring import declared
from matcalc.reading.definitions import Putting, applied, of_indices, of_its_entries, postorder, separated
from matcalc.reading.dialects import in_our_signs, raised, summed, turned
from matcalc.reading.elaborate import Elaborator
from matcalc.reading.elaboration import Elaboration, as_size
from matcalc.reading.entries import entries
from matcalc.reading.framing import Framed, framed
from matcalc.reading.latex.commands import is_latex as looks_latex
from matcalc.reading.latex.environments import marked
from matcalc.reading.latex.tree import BARS, ends_no_operand
from matcalc.reading.letters import one_name, plain, spellings
from matcalc.reading.parser import parse
from matcalc.reading.places import apart, bases, ends, members
from matcalc.reading.ranging import as_families
from matcalc.reading.refusals import check
from matcalc.reading.same_names import in_one_spelling
from matcalc.reading.scope import Given, Scope
from matcalc.reading.spellings import rows
from matcalc.reading.sums import indices_told
from matcalc.reading.symbols import Declarations, Definition, kind_of, size_names, stepped
from matcalc.reading.tidying import tidied
from matcalc.reading.tree import TIMES, Node, failing, walked

SOURCES = ("auto", "text", "latex")


@dataclass
class Told:
    """The findings besides the nodes: notes, the kinds of bold names, the names in limits of sums, letters that are always bold."""

    notes: list[str] = field(default_factory=list)
    bold: dict[str, str] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    lying: bool = False  # vectors are added to the rows of a matrix


class Typed(NamedTuple):
    """A text as nodes, with what is known of its names before their shapes are."""

    line: str
    nodes: list[Node]
    said: Declarations
    frame: Framed
    scope: Scope
    sizes: frozenset[str]
    bound: Mapping[str, Expr]
    told: Told
    latex: bool
    put_in: Collection[str]  # the definitions that are used
    families: str  # the declarations of those of which only members are declared
    indexed: bool  # whether there are entries with indices of sums

    @property
    def is_framed(self) -> bool:
        return self.frame.text.strip() != self.line.strip()

    def given(self) -> tuple[Given, list[Node]]:
        """What the shapes are found from, and the nodes with one spelling for each name and sizes as arguments."""
        said, told, indexed = self.said, self.told, self.indexed
        nodes = _numbers_pi(self.nodes) if indexed and "pi" not in self.scope.kinds else self.nodes
        in_one_spelling(nodes, (*self.bound, *said.symbols, *self.sizes), told.notes)
        sizes = _size_arguments(nodes, self.line, self.sizes | told.limits, self.scope)
        taken, first = sizes.union(said.symbols, self.bound), bases(nodes, said.families)
        counted = ((name, start) for (name, _), start in first.items() if name in said.symbols)
        told.notes += dict.fromkeys(f"{name} is read as counting from {start}" for name, start in counted)
        names = Given(self.line, said.symbols, self.bound, sizes, taken, told.bold, said=said, by=self.scope.by, paper=self.latex)
        return names._replace(numpy=told.lying, bases=first, ends=ends(nodes, first) if indexed else {}), nodes


def typed_as(line: str, where: str, said: Declarations, names: tuple[tuple[str, Expr], ...], source: str, by: tuple[str, ...]) -> Typed:
    """The nodes of a text with its declarations; `names` stand for expressions, `by` are what is differentiated by."""
    source = "latex" if is_latex(line, source) else "text"
    frame = framed(line, said)
    constants = of_indices(said.joined(frame.declared), frame.text)
    own = [d.name for d in constants.definitions.values() if d.name in by and of_its_entries(d)]  # x = [x_1; x_2], by x
    constants = replace(constants, definitions={n: d for n, d in constants.definitions.items() if n not in own}) if own else constants
    simple = not names and not said.definitions and constants is said
    said = as_families(constants, "\n".join((line, *(d.text for d in said.definitions.values()))))
    families = "; ".join(f.declared for name, f in said.families.items() if name not in constants.families)
    simple = simple and said is constants
    scope, sizes = _declared_scope(where) if simple else _scope(said, names, applied(said.definitions))
    if "=" in line and (indices := indices_told(line, frame.text)):
        scope = scope._replace(indices=indices.difference(name.rpartition("_")[2] for name in by))
    if by or frame.variables:
        scope = scope._replace(by=frozenset(tidied(stepped(name)).replace(" ", "") for name in (by or frame.variables)))
    told = Told([*said.notes, *frame.notes])

    def body(definition: Definition) -> list[Node]:
        if definition.name in rows():
            return nodes_of(definition.text, Scope({}), "text", Told())
        check(definition.text, said)
        within = scope._replace(indices=scope.indices.union(definition.indices))
        own = source if definition.line == line else "auto"  # what stands behind a formula in LaTeX is in LaTeX
        return nodes_of(separated(definition.formula, said.definitions), within, own, told)

    putting = Putting(said.definitions, body)
    nodes = putting.all(nodes_of(separated(frame.text, said.definitions), scope, source, told))
    indexed = any(node.kind == "indexed" for node in nodes)
    if indexed:
        members(nodes, scope.kinds, told.limits, told.notes)
        apart(nodes, told.notes)
    nodes = entries(nodes, scope, told.notes)
    return Typed(line, nodes, said, frame, scope, sizes, dict(names), told, source == "latex", putting.used, families, indexed)


def nodes_of(line: str, scope: Scope, source: str, told: Told) -> list[Node]:
    """The nodes of a text; what it says besides goes to `told`."""
    latex, entrywise = is_latex(line, source), False
    if not latex:
        text = plain(line)
        if "Σ" in text and text != (text := summed(text, _sigmas(scope))):
            told.notes.append("Σ is read as the sign of a sum; a matrix is declared: Sigma: (n, n)")
        if ("^(" in text or "⁽" in text) and text != (text := raised(text, scope.indices, _numbers(scope))):
            told.notes.append("an index in parentheses above a name is read as one below it, one of many; a power is written x^i")
        if "^t" in text and "t" not in {*scope.kinds, *scope.by} and text != (text := turned(text)):
            told.notes.append("^t is read as the transpose; of a power t is declared: t: scalar")
        typed = in_our_signs(text, {*scope.kinds, *scope.said.definitions})
        told.notes += typed.notes
        entrywise, told.lying = typed.entrywise, told.lying or typed.lying
        tree = parse(bars.settled(typed.text, is_operator=FUNCTIONS.__contains__), line)
        for operator in (o for n in walked(tree) if n.kind == "product" for o in n.value) if "%*%" in text else ():
            operator.binds = 2 * (operator.text == "@")  # %*% binds more in R
    else:
        tree = parse(bars.settled(marked(plain(line)), BARS, ends_no_operand), line, "latex")
    e = Elaboration(line, scope, told.notes, latex, entrywise)
    made = Elaborator(e)
    nodes = made.run(tree)
    bound: frozenset[str] = frozenset().union(*(limits.letters for limits in made.sums.limits.values()))
    for node in nodes if bound else ():
        for letter in bound.intersection(i for i in node.value if isinstance(i, str)) if node.kind == "item" else ():
            hint = "a sum ends before + and −: put what it adds into parentheses"
            raise failing(f"the index `{letter}` stands outside of its sum", node, hint)
    told.bold.update(made.scripts.bold)
    told.limits.update(e.sizes)
    told.letters.update(letter for letter, fonts in made.scripts.letters.items() if fonts == {"bold"})
    return nodes


def _numbers(scope: Scope) -> set[str]:
    return {name for name, kind in scope.kinds.items() if kind in ("scalar", "size")}


def _sigmas(scope: Scope) -> set[str]:
    """The indices with which a Σ is declared, or asked for; of one that has none their number: a matrix has entries with "2"."""
    families = (f.called for f in scope.said.families.values())
    names = (*(n for n, kind in scope.kinds.items() if kind != "family"), *families, *scope.by, *scope.said.definitions)
    sigmas = {one_name(n).partition("_")[2] for n in names if one_name(n).partition("_")[0] == "Sigma"}
    return sigmas - {""} | ({"2"} if scope.kinds.get("Sigma") == "matrix" else {"1", "2"} if "" in sigmas else set())


def is_latex(line: str, source: str) -> bool:
    if source not in SOURCES:
        raise ParseError(f"unknown notation {source!r:.40}", hint=f"there are {', '.join(SOURCES)}")
    return source == "latex" or source == "auto" and looks_latex(line)


def printable(text: str) -> str:
    """The text, with halves of surrogate pairs (which nothing can print) as the replacement character."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def in_all_spellings(kinds: dict[str, str]) -> dict[str, str]:
    return kinds | {other: kind for name, kind in kinds.items() for other in spellings(name) if other not in kinds}


@lru_cache(maxsize=256)
def _declared_scope(where: str) -> tuple[Scope, frozenset[str]]:
    return _scope(declared(where), (), {})


def _scope(said: Declarations, bound: tuple[tuple[str, Expr], ...], functions: Mapping[str, str]) -> tuple[Scope, frozenset[str]]:
    """The kinds of all names known before reading, and the names of sizes among them."""
    symbols = said.symbols
    sizes = {name for s in symbols.values() for name in size_names(s)}
    sizes.update(name for f in said.families.values() for r in f.ranges if isinstance(r.count, Dim) for name in r.count.symbols)
    sizes |= {name for _, e in bound for n in e.shape if isinstance(n, Dim) for name in n.symbols}
    kinds = dict.fromkeys(sizes, "size")
    kinds.update((name, s.kind) for name, s in symbols.items())
    kinds.update((name, kind_of(e.shape)) for name, e in bound)
    kinds.update(functions)
    return Scope(in_all_spellings(kinds), said), frozenset(sizes)


def _numbers_pi(nodes: list[Node]) -> list[Node]:
    """The nodes, with the π of 2π as the number beside the π_k of an array that is not declared."""
    if not any(n.kind == "indexed" and n.value[0] == "pi" for n in nodes):
        return nodes
    pairs = [(a, b) for n in nodes if n.kind == "product" for a, o, b in n.neighbours if o.kind == TIMES]
    numbers = {b for a, b in pairs if a.kind == "number" and b.kind == "name" and b.value in ("pi", "π")}
    out: list[Node] = []
    for node in nodes:
        if node in numbers:
            out.append(one := Node("number", (), node.start, node.end, -1))
            node.kind, node.parts, node.value = "call", (one,), ("acos", 0)
        out.append(node)
    return out


# --- arguments that are sizes, as in eye(n) ---------------------------------------------------------------------


def _size_arguments(nodes: list[Node], text: str, sizes: frozenset[str], scope: Scope) -> frozenset[str]:
    """Turns the arguments of eye(n), ones(m, n), … into sizes; the names among them are sizes from now on."""
    found: set[str] = set()
    for node in nodes:
        if node.kind != "call":
            continue
        name = node.value[0]
        function = FUNCTIONS.get(name)
        if function is None or not function.sizes or scope.kinds.get(name) in ("elementwise", "function"):
            continue
        inputs = 1 if function.overloads[0][0][0] == "(" else 0
        values = tuple(_size(part, text, scope, found) for part in node.parts[inputs:])
        node.value = (*node.value[:2], values)
        node.parts = node.parts[:inputs]
    return sizes | found if found else sizes


def _size(node: Node, text: str, scope: Scope, found: set[str]) -> Size:
    def named(leaf: Node) -> Size | None:
        if leaf.kind != "name":
            return None
        if scope.kinds.get(leaf.value, "size") != "size" or leaf.value in CONSTANTS or leaf.value == "I":
            raise failing(f"a size is expected here, but `{leaf.value}` is a {scope.kinds.get(leaf.value, 'constant')}", leaf)
        found.add(leaf.value)
        return symbol(leaf.value)

    made = as_size(node, named)
    if made is None or isinstance(made, int) and not 0 < made <= LARGEST_SIZE:
        shown = text[node.start : node.end]
        hint = "eye(n), ones(m, 3), eye(m*n)"
        raise failing(f"a size is a positive whole number or a name, not {shown[:40]}", node, hint, ShapeError)
    for part in postorder(node):
        part.kind = "skip"
    return made
