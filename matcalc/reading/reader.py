"""Text to expression: tokens, nodes, shapes, expression; and the symbols that were declared or inferred on the way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError, UnsupportedError
from matcalc.expr import PLAIN, Expr, Manner
from matcalc.expr import postorder as all_of
from matcalc.expr.dims import Dim, Size, symbol
from matcalc.limits import LARGEST_SIZE, LONGEST_KEPT, MOST_CHARACTERS
from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading import bars, doubts
from matcalc.reading.as_typed import AsTyped
from matcalc.reading.build import Build, known
from matcalc.reading.declaring import declared
from matcalc.reading.definitions import Putting, applied, of_indices, postorder, separated
from matcalc.reading.dialects import in_our_signs, summed, turned
from matcalc.reading.elaborate import Elaborator
from matcalc.reading.elaboration import Elaboration, as_size
from matcalc.reading.entries import entries
from matcalc.reading.evidence import SUMMANDS, evidence
from matcalc.reading.evident import evident, told_of
from matcalc.reading.families import declarations, spread, wanted
from matcalc.reading.framing import framed
from matcalc.reading.latex.commands import in_new_fonts, is_latex
from matcalc.reading.latex.environments import marked
from matcalc.reading.latex.tree import BARS, ends_no_operand
from matcalc.reading.letters import one_name, plain, spellings
from matcalc.reading.parser import parse
from matcalc.reading.places import At, bases, ends, members, places_of
from matcalc.reading.read_as import so_far
from matcalc.reading.refusals import check
from matcalc.reading.same_names import check_declared, check_in_python, check_put_in, check_vanished, in_one_spelling
from matcalc.reading.scope import Given, Scope
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import find, fresh_names
from matcalc.reading.spellings import rows
from matcalc.reading.sums import indices_told
from matcalc.reading.symbols import NOTHING, Declarations, Definition, Symbol, kind_of, size_names, stepped
from matcalc.reading.tree import TIMES, Node, failing, walked
from matcalc.reading.ways import fitting

OF_COMPLEX = frozenset(("conj", "ctranspose", "real", "imag", "angle"))
SOURCES = ("auto", "text", "latex")
UNUSED = " is declared but not used"
_LOOSE = re.compile(r"(?<![\\ ]) +(?=[_^])|(?<=(?<!\\)[_^]) +")  # x _ {i} ^ 2 and \mathrm { s . t . }, as programs write LaTeX
_SPELLED = re.compile(r"(\\(?:mathrm|mathop|text|textrm|operatorname\*?) ?\{) ?((?:[A-Za-z.:~] ){2,}[A-Za-z.:]?) ?\}")


@dataclass(frozen=True, slots=True)
class Reading:
    """An expression as it was read: with its symbols, declared ones first, and what there is to say about it."""

    expr: Expr
    symbols: dict[str, Symbol]
    notes: tuple[str, ...]
    variables: tuple[str, ...] = ()  # those that the frame of the text names: min_x, f(x) =, d/dx
    asks: bool = False  # the text asks for a derivative: d/dx
    sides: tuple[str, ...] = ()  # what the text says is equal to the expression
    objective: str = ""  # the text without its frame
    manner: Manner = PLAIN  # how it is written
    conditions: tuple[str, ...] = ()  # what the text says it is subject to
    wanted: str = ""  # "minimum" or "maximum", where the text says so
    rows: frozenset[str] = frozenset()  # undeclared names x whose x_i are vectors, the rows of a matrix


@dataclass
class Told:
    """The findings besides the nodes: notes, the kinds of bold names, the names in limits of sums, letters that are always bold."""

    notes: list[str] = field(default_factory=list)
    bold: dict[str, str] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    lying: bool = False  # vectors are added to the rows of a matrix


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
    if "\\" in line and _is_latex(line, source):
        line, by = in_new_fonts(line), tuple(map(in_new_fonts, by))
    if " " in line and _is_latex(line, source):
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
    said, bound = declared(where), dict(names)
    check_declared(said.symbols, where)

    refused: list[MatcalcError] = []

    def again(way: str, *told: str) -> Reading | None:
        """The reading with more declarations, where it fits; why it does not goes to `refused`."""
        try:
            made = read(line, f"{where}; {way}", scalar=scalar, names=bound, source=source, by=by)
            if made.expr.is_scalar or not scalar:
                return replace(made, notes=(*told, *made.notes))
        except MatcalcError as error:
            refused.append(error)
        return None

    for way in evident(line, frozenset((*said.symbols, *said.definitions, *said.marks.values()))):
        if made := again(way, *told_of(way)):
            return made
    open_ = [error for error in refused if isinstance(error, ParseError)]
    source = "latex" if _is_latex(line, source) else "text"
    frame = framed(line, said)
    said = of_indices(said.joined(frame.declared), frame.text)
    symbols, notes = said.symbols, [*said.notes, *frame.notes]
    simple = not bound and not said.definitions and frame.declared is NOTHING
    scope, sizes = _declared_scope(where) if simple else _scope(said, names, applied(said.definitions))
    if "=" in line and (indices := indices_told(line, frame.text)):
        scope = scope._replace(indices=indices.difference(name.rpartition("_")[2] for name in by))
    if by or frame.variables:
        scope = scope._replace(by=frozenset(stepped(name).strip("\\ ") for name in (by or frame.variables)))
    told = Told(notes)

    def body(definition: Definition) -> list[Node]:
        if definition.name in rows():
            return nodes_of(definition.text, Scope({}), "text", Told())
        check(definition.text, said)
        within = scope._replace(indices=scope.indices.union(definition.indices))
        own = source if definition.line == line else "auto"  # what stands behind a formula in LaTeX is in LaTeX
        return nodes_of(separated(definition.text, said.definitions), within, own, told)

    putting = Putting(said.definitions, body)
    nodes = putting.all(nodes_of(separated(frame.text, said.definitions), scope, source, told))
    indexed = any(node.kind == "indexed" for node in nodes)
    if indexed:
        members(nodes, scope.kinds, told.limits, notes)
    nodes = entries(nodes, scope, notes)
    for pi in _pi_of_entries(nodes, scope) if scalar else ():
        if made := again(pi, f"{pi.partition(':')[0]} is no number here: {pi}"):
            return made
    nodes = _numbers_pi(nodes) if indexed and "pi" not in scope.kinds else nodes
    in_one_spelling(nodes, (*bound, *symbols, *sizes), notes)
    sizes = _size_arguments(nodes, line, sizes | told.limits, scope)
    taken = sizes.union(symbols, bound)
    given = Given(line, symbols, bound, sizes, taken, told.bold, said=said, by=scope.by, paper=source == "latex", numpy=told.lying)
    given = given._replace(bases=(first := bases(nodes, said.families)), ends=ends(nodes, first) if indexed else {})
    notes += dict.fromkeys(f"{name} is read as counting from {start}" for (name, _), start in first.items() if name in symbols)
    families = wanted(nodes) if indexed else []
    try:
        shapes = fitting(nodes, given, scalar) if not families else Shapes(given)
    except ShapeError:
        if open_:  # with what the text makes plain something is to be told
            raise open_[0] from None
        raise
    if indexed and (families := families or spread(nodes)):
        ways = list(declarations(families, nodes, given, scalar))
        refused.clear()
        for way in ways:
            if made := again(way, *(f"{entry.partition(':')[0]} is read as a family: {entry}" for entry in way.split("; "))):
                return made
        if problems := [error for error in refused if isinstance(error, (ParseError, UnsupportedError))]:
            raise problems[0]
        place, (stem, *letters) = families[0].node, (families[0].stem, *(i.partition("·")[0] for i in families[0].indices))
        way = f"{stem}_{''.join(letters)}: (m, n), {', '.join(f'{i} = 1..N' for i in letters)}"
        shown = line[place.start : place.end]
        raise failing(f"which shape has `{shown}`? No number stands here", place, f'declare it: where="{next(iter(ways), way)}"')
    functions = _of_vectors(nodes[-1], shapes) if scalar else ""
    with_functions = f"beside a scalar it is a function with one value: {functions}"
    if functions and nodes[-1].shape != SCALAR and (made := again(functions, with_functions)):
        return made
    column = bool(shapes.costs) and nodes[-1].shape[1] == 1  # a number is spread over what may be one
    if nodes[-1].shape != SCALAR and (column or scalar and (shapes.costs or frame.text.strip() != line.strip())):
        vectors = _of_one_column(nodes[-1], shapes)
        if vectors and (made := again(vectors, f"the whole is a number where these are vectors: {vectors}")) and made.expr.is_scalar:
            return made
    try:
        doubts.check(nodes, shapes)
    except ParseError:
        if functions and (made := again(functions, with_functions)):
            return made
        raise
    try:
        building = build(shapes)
        expr = building.run(nodes)
    except ShapeError as error:
        error.hint = "\n  ".join(filter(None, (error.hint, f"read as: {so_far(shapes)}")))
        raise
    notes += dict.fromkeys(shapes.notes)
    known_symbols = _symbols(nodes, shapes, notes)
    of = defaultdict[str, list[Node]](list)
    for node in nodes:
        of[node.kind].append(node)
    of_complex = any(n.value == "H" for n in of["transpose"]) or any(n.value[0] in OF_COMPLEX for n in of["call"])
    if of_complex and not any(n.complex for n in all_of(expr)) and not scope.is_complex():
        notes.append("nothing is declared complex: conj(x) is x, and ^H the transpose")
    unused = [d for d in said.definitions.values() if d.line and d.name not in putting.used]
    if moved := next((d.name for d in unused if not d.name.isidentifier()), ""):
        raise ParseError(f"`{moved}` is defined, and is not put in", hint="write what it is where it stands", line=line)
    check_put_in(unused, nodes, shapes)
    if said.definitions:
        notes = [n for n in notes if not n.endswith(UNUSED) or n.removesuffix(UNUSED) not in said.definitions]
        notes += [f"{d.shown} is defined but not used" for d in unused]
    parted = "blocks" in of or any(isinstance(i, slice) and i.start is not None for n in of["item"] for i in n.value)
    asked = (tuple(frame.variables), frame.explicit, tuple(frame.sides), frame.text)
    circle = any(one_name(name) == "pi" for name in known_symbols)
    manner = building.manner()._replace(
        parted=parted, bold=frozenset(told.letters), circle=circle, typed=Again(line, where, scalar, names, source, by)
    )
    summed = {n.value[1] for n in of["over"]}
    places = ((n.value[0], n.value[1][0]) for n in of["indexed"] if len(n.value[1]) == 1 and n.shape != SCALAR)
    row_names = frozenset(name for name, place in places if isinstance(place, At) and place.letter in summed)
    return Reading(expr, known_symbols, tuple(notes), *asked, manner, tuple(frame.conditions), frame.wanted, row_names)


_kept = lru_cache(maxsize=256)(_read)


def _pi_of_entries(nodes: list[Node], scope: Scope) -> list[str]:
    """Declarations of the π of π'x, of ‖π − μ‖ where nothing is declared, and of what is differentiated by, which is no number there."""
    names = {n.value for n in nodes if n.kind == "name" and n.value in ("pi", "π")} if "pi" not in scope.kinds else ()
    reasons = evidence(nodes, ()).reasons if names and not scope.kinds else {}
    paired = {p.value for n in nodes if names and n.kind == "call" and n.value[0] == "inner" for p in n.parts if p.kind == "name"}
    found = [n for n in names if n in paired or n in scope.by or reasons.get(n) in SUMMANDS]
    return [f"{n}: {kind}" for n in found for kind in ("vector", "matrix")]


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


def _of_vectors(whole: Node, shapes: Shapes) -> str:
    """Declarations of the undeclared functions of vectors that are terms where the whole is asked to be a scalar: the f of f(x) + λ‖x‖²."""
    while whole.kind in ("group", "minus", "product") and (sums := [p for p in whole.parts if p.kind in ("group", "minus", "sum")]):
        whole = sums[0]
    terms = whole.parts if whole.kind == "sum" else ()
    calls = [t for t in terms if t.kind == "call" and t.value[0] in shapes.functions and not t.value[1] and t.parts[0].kind == "name"]
    if len(calls) in (0, len(terms)):
        return ""
    used = {*shapes.given.taken, *shapes.size_names, *shapes.inferred, *shapes.functions, *shapes.used}
    names = {t.parts[0].value: t.parts[0].shape for t in calls}
    fresh = fresh_names(used, sum(1 + (1 not in shape) for shape in names.values()))
    said = {name: [n for n in known(shape) if n != 1] for name, shape in names.items()}
    sizes = {
        name: ", ".join(next(fresh) if isinstance(n, Dim) and n.symbols - shapes.size_names else str(n) for n in of)
        for name, of in said.items()
    }
    return "; ".join(dict.fromkeys(f"{t.value[0]}: ({sizes[t.parts[0].value]}) -> ()" for t in calls))


def _of_one_column(whole: Node, shapes: Shapes) -> str:
    """Declarations of the undeclared matrices whose columns the whole has, where it is asked to be a scalar: the U of U'K U/2 - F'U."""
    height, width = map(find, whole.shape)
    if width not in (height, 1):
        return ""
    matrices = [(name, *map(find, shape)) for name, (kind, shape) in shapes.inferred.items() if kind == "matrix"]
    return "; ".join(f"{name}: vector" for name, m, n in matrices if n == height != m)


def _is_latex(line: str, source: str) -> bool:
    if source not in SOURCES:
        raise ParseError(f"unknown notation {source!r:.40}", hint=f"there are {', '.join(SOURCES)}")
    return source == "latex" or source == "auto" and is_latex(line)


def nodes_of(line: str, scope: Scope, source: str, told: Told) -> list[Node]:
    """The nodes of a text; what it says besides goes to `told`."""
    latex, entrywise = _is_latex(line, source), False
    if not latex:
        text = plain(line)
        text = summed(text) if "Σ" in text and not {"Sigma", "Σ"} & scope.kinds.keys() else text
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


def printable(text: str) -> str:
    """The text, with halves of surrogate pairs (which nothing can print) as the replacement character."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


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


def in_all_spellings(kinds: dict[str, str]) -> dict[str, str]:
    return kinds | {other: kind for name, kind in kinds.items() for other in spellings(name) if other not in kinds}


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


# --- the table of symbols -----------------------------------------------------------------------------------------


def _symbols(nodes: list[Node], shapes: Shapes, notes: list[str]) -> dict[str, Symbol]:
    marks = shapes.given.said.marks  # of a mark x' alone the x'_i are names as well
    out = {name: s for name, s in shapes.declared.items() if s.kind or name not in marks or name in {*shapes.used, *shapes.inferred}}
    unused = [name for name in out if name not in shapes.used and (out[name].kind or name not in marks)]
    check_vanished(unused, nodes, shapes)
    notes += [f"{name}{UNUSED}" for name in unused]
    for name, (kind, shape) in shapes.inferred.items():
        properties = out[name].properties if name in out else frozenset()
        out[name] = Symbol(name, kind, known(shape), properties, inferred=True, reason=shapes.reasons.get(name, ""))
    for name in shapes.functions:
        out[name] = Symbol(name, "elementwise", inferred=True)
    for node in nodes:
        if node.kind in ("item", "slice", "member"):
            for place in places_of(node):
                index = place.letter if isinstance(place, At) else place
                if isinstance(index, str) and "·" not in index:  # an index of a sum is bound
                    if index in shapes.inferred:
                        hint = f"declare {index}: integer where it is both, or rename one"
                        raise failing(f"`{index}` is an index and a {shapes.inferred[index][0]}", node, hint)
                    out.setdefault(index, Symbol(index, "index", (1, 1), inferred=True))
        elif node.kind == "name" and node.value in shapes.size_names:
            out.setdefault(node.value, Symbol(node.value, "size", (1, 1)))
        elif node.kind == "call" and len(node.value) > 2:
            for name in (n for s in node.value[2] if isinstance(s, Dim) for n in sorted(s.symbols)):
                out.setdefault(name, Symbol(name, "size", (1, 1)))
    check_in_python(out, shapes.text)
    for name, (kind, _) in shapes.inferred.items():
        index = name.partition("_")[2]
        if kind == "matrix" and index and index in shapes.given.by:
            notes.append(f"{name} is read as a name of its own: it does not depend on {index}")
    if "e" in shapes.inferred:
        notes.append("e is read as a variable; the exponential function is exp(x)")
    return out
