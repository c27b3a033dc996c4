"""What was read: an expression, and the table of its symbols, declared ones first, then those that were inferred."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.expr import PLAIN, Expr, Manner
from matcalc.expr.dims import Dim
from matcalc.reading.build import known
from matcalc.reading.places import At, places_of
from matcalc.reading.same_names import check_in_python, check_vanished
from matcalc.reading.shapes import Shapes
from matcalc.reading.symbols import Symbol
from matcalc.reading.tree import Node, failing

UNUSED = " is declared but not used"


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
    families: str = ""  # the declarations of those of which only members are declared
    rows: frozenset[str] = frozenset()  # undeclared names x whose x_i are vectors, the rows of a matrix


def table(nodes: list[Node], shapes: Shapes, notes: list[str]) -> dict[str, Symbol]:
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
        stem, _, accent = name.rpartition("_")
        whole = out[stem] if accent == "bar" and stem in shapes.given.by and stem in out else None
        if whole is not None and whole.shape and whole.shape != out[name].shape:
            mean = f"mean({stem})" if whole.kind == "vector" else f"colsum({stem})'/{whole.shape[0]}"
            notes.append(f"{name} is kept fixed as {stem} moves; where it is the mean, define it: {name} = {mean}")
        index = name.partition("_")[2]
        if kind == "matrix" and index and index in shapes.given.by:
            notes.append(f"{name} is read as a name of its own: it does not depend on {index}")
    if "e" in shapes.inferred:
        notes.append("e is read as a variable; the exponential function is exp(x)")
    return out
