"""Nodes with shapes into expressions: one loop over the post-order list, through the operators as typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, apply, identity, number, postorder, product, scaled, size, transpose, variable, variables
from matcalc.expr.dims import Shape, Size, symbol
from matcalc.expr.language import dot_over, dot_power, dot_times, item, over, plus, times, to_power
from matcalc.expr.rebuild import symmetrised
from matcalc.operators import CONSTANTS, FUNCTIONS, OPERATORS, abstract, call, matrix_function
from matcalc.reading.declarations import Symbol
from matcalc.reading.names import is_greek
from matcalc.reading.parser import DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, OVER, TIMES, Node, folded
from matcalc.reading.shapes import NORMS, Shapes
from matcalc.reading.sizes import RoughShape, find

LONG = 8  # a run of more matrices than this is multiplied at once


class Build:
    """What the pass needs besides the nodes: the shapes found and the names declared."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.bound: dict[str, Expr] = dict(shapes.bound)

    def declared(self, e: Expr) -> dict[Expr, Expr]:
        """The variables of `e` that are given in place of declared ones, and these."""
        symbols: Mapping[str, Symbol] = self.shapes.declared
        out = {}
        for v in variables(e):
            made = symbols.get(v.data[0])
            if made is not None and (w := variable(v.data[0], v.shape, made.properties)) is not v:
                out[v] = w
        return out

    def run(self, nodes: list[Node], text: str) -> Expr:
        """The expression of the last node.  Raises MatcalcError with the place of the node where it arose."""
        node = nodes[-1]
        try:
            for node in nodes:
                node.expr = _EXPR[node.kind](self, node)
        except MatcalcError as error:
            raise error.at(text, node.start, node.end) from None
        made: Expr = nodes[-1].expr
        return made


def known(shape: RoughShape) -> Shape:
    """A shape all of whose sizes are found."""
    rows, columns = find(shape[0]), find(shape[1])
    return rows, columns  # type: ignore[return-value]


def _name(b: Build, node: Node) -> Expr:
    name = node.value
    found = b.bound.get(name)
    if found is None:
        symbols: Mapping[str, Symbol] = b.shapes.declared
        if name in symbols:
            made = symbols[name]
            found = variable(name, made.shape or (1, 1), made.properties)
        elif name in b.shapes.size_names:
            found = size(symbol(name))
        elif name in CONSTANTS:
            found = CONSTANTS[name]()
        elif name in ("I", "eye"):
            return identity(known(node.shape)[0])
        else:
            found = variable(name, known(node.shape))
        b.bound[name] = found
    return found


def _sum(b: Build, node: Node) -> Expr:
    terms = [p.expr if sign > 0 else scaled(-1, p.expr) for p, sign in zip(node.parts, node.value, strict=True)]
    shape = terms[0].shape
    if all(t.shape == shape for t in terms):
        return add(terms)
    groups: dict[Shape, list[Expr]] = {}
    for term in terms:
        groups.setdefault(term.shape, []).append(term)
    sums = [add(same) for same in groups.values()]
    total = sums[0]
    for term in sums[1:]:
        total = plus(total, term)
    return total


def _product(b: Build, node: Node) -> Expr:
    operators = node.value
    if not hasattr(operators[0], "kind"):
        operators, tree = node.value
        return _tree(node, operators, tree)
    parts = [p.expr for p in node.parts]
    if len(parts) > LONG and all(o.kind == TIMES for o in operators) and not any(1 in p.shape for p in parts):
        return product(parts)
    made: Expr = folded(operators, parts, lambda a, operator, b: _BINARY[operator.kind](a, b))
    return made


def _tree(node: Node, operators: Any, tree: Any) -> Expr:
    if isinstance(tree, int):
        leaf: Expr = node.parts[tree].expr
        return leaf
    at, left, right = tree
    return _BINARY[operators[at].kind](_tree(node, operators, left), _tree(node, operators, right))


_BINARY: dict[str, Callable[[Expr, Expr], Expr]] = {
    TIMES: times,
    OVER: over,
    DOT_TIMES: dot_times,
    DOT_OVER: dot_over,
    KRON: lambda a, b: call("kron", a, b),
    KHATRI_RAO: lambda a, b: call("khatrirao", a, b),
}


def _call(b: Build, node: Node) -> Expr:
    name, primes, *rest = node.value
    arguments: list[Expr | Size] = [p.expr for p in node.parts]
    symbol_of = b.shapes.declared.get(name)
    if symbol_of is not None and symbol_of.kind == "function":
        return _of_matrix(b, node, name, 0)
    if name not in FUNCTIONS or name in b.shapes.declared:
        if name not in b.shapes.declared and len(name) > 2 and not is_greek(name):
            b.shapes.notes.append(f"{name} is no function of the language: read as an abstract one, entry by entry")
        return apply(abstract(name, primes), (node.parts[0].expr,))
    if (note := FUNCTIONS[name].note) and note not in b.shapes.notes:
        b.shapes.notes.append(note)
    for meant in _of_whole_matrices(name, [p.expr for p in node.parts]):
        if meant not in b.shapes.notes:
            b.shapes.notes.append(meant)
    if rest:
        return call(name, *arguments, *rest[0])
    if name in ("vector", "matrix"):
        return FUNCTIONS[name].overloads[0][1](*arguments, known(node.shape))
    if len(arguments) == 1 and (row := OPERATORS.get(name)) is not None and "symmetric" in row.domain:
        return call(name, symmetrised(node.parts[0].expr, b.declared(node.parts[0].expr)))
    return call(name, *arguments)


def _of_whole_matrices(name: str, arguments: list[Expr]) -> Iterator[str]:
    """What to say where log, exp, … of a square matrix may be meant as functions of matrices: of a symmetric one, or in a trace."""
    if name in ("tr", "det", "logdet"):
        inside = [(e.op.name, e.args[0]) for e in postorder(*arguments) if e.op.elementwise and len(e.args) == 1]
    else:
        inside = [(name, a) for a in arguments if a.symmetric]
    for f, a in inside:
        if f + "m" in FUNCTIONS and f in FUNCTIONS and a.shape[0] == a.shape[1] != 1:
            yield f"{f} of a matrix is taken entry by entry; the function of the matrix is {f}m"


def _of_matrix(b: Build, node: Node, name: str, order: int) -> Expr:
    made = b.shapes.declared[name]
    assert made.takes is not None and made.shape is not None
    return apply(matrix_function(name, made.takes, made.shape, order), (node.parts[0].expr,))


def _gradient(b: Build, node: Node) -> Expr:
    word, name = node.value.rstrip(")").split("(")
    return _of_matrix(b, node, name, 2 if word == "hess" else 1)


def _norm(b: Build, node: Node) -> Expr:
    inside: Expr = node.parts[0].expr
    spectral = node.value == "2" and 1 not in inside.shape
    if spectral:
        b.shapes.notes.append("‖·‖_2 of a matrix is the spectral norm; ‖·‖ and ‖·‖_F are the Frobenius norm")
    elif node.value == "1" and 1 not in inside.shape:
        b.shapes.notes.append("‖·‖_1 is the sum of absolute values, of a matrix too")
    return call("normspec" if spectral else NORMS[node.value], inside)


def _bars(b: Build, node: Node) -> Expr:
    inside: Expr = node.parts[0].expr
    if node.value == "det":
        b.shapes.notes.append("|·| of a matrix is read as its determinant")
    if node.kind == "log_bars":
        return call("logdet", inside) if node.value == "det" else call("log", call("abs", inside))
    return call(node.value, inside)


def _slice(b: Build, node: Node) -> Expr:
    base: Expr = node.parts[0].expr
    name, letter = node.parts[0].value, node.value.partition("·")[0]
    which = "row" if b.shapes.given.rows else "column"
    b.shapes.notes.append(f"{name.lower()}_{letter} is read as {which} {letter} of {name}")
    return transpose(item(base, (node.value, slice(None)))) if b.shapes.given.rows else item(base, (slice(None), node.value))


def _over(b: Build, node: Node) -> Expr:
    from matcalc.reading.over_index import multiplied, summed

    what, index, _ = node.value
    return (summed if what == "sum" else multiplied)(node.parts[0].expr, index)


def _power(b: Build, node: Node) -> Expr:
    return to_power(node.parts[0].expr, node.parts[1].expr)


_EXPR: dict[str, Callable[[Build, Node], Expr]] = {
    "number": lambda b, node: number(node.value),
    "name": _name,
    "skip": lambda b, node: number(0),
    "minus": lambda b, node: scaled(-1, node.parts[0].expr),
    "transpose": lambda b, node: transpose(node.parts[0].expr),
    "sum": _sum,
    "product": _product,
    "power": _power,
    "dot_power": lambda b, node: dot_power(node.parts[0].expr, node.parts[1].expr),
    "item": lambda b, node: item(node.parts[0].expr, node.value),
    "norm": _norm,
    "bars": _bars,
    "log_bars": _bars,
    "slice": _slice,
    "over": _over,
    "gradient": _gradient,
    "call": _call,
}
