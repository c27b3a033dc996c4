"""Nodes with shapes into expressions: one loop over the post-order list, through the operators as typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import reduce

from matcalc.errors import MatcalcError, ShapeError
from matcalc.expr import (
    Expr,
    Manner,
    add,
    apply,
    grid,
    hadamard,
    heads,
    member,
    ones,
    postorder,
    power,
    product,
    scaled,
    sigma,
    transpose,
    variables,
)
from matcalc.expr.conjugate import adjoint, is_hermitian
from matcalc.expr.dims import Dim, Shape, Size, symbol
from matcalc.expr.heads import coefficient_and_rest, family, identity, number, onehot, select, size, unit, variable, zero
from matcalc.expr.indices import lettered, stretch
from matcalc.expr.language import dot_over, dot_power, dot_times, item, matmul, over, plus, times, to_power
from matcalc.expr.products import factors
from matcalc.expr.rebuild import symmetrised
from matcalc.lifting import lifted, multiplied
from matcalc.limits import LONGEST_SHOWN
from matcalc.operators import CONSTANTS, FUNCTIONS, OPERATORS, abstract, call, matrix_function
from matcalc.operators.conditions import above, apart, upper
from matcalc.reading.evidence import is_real
from matcalc.reading.letters import is_greek
from matcalc.reading.places import At, Label, Place
from matcalc.reading.shapes import NORMS, Shapes, is_nothing
from matcalc.reading.sizes import RoughShape, between, find
from matcalc.reading.symbols import plus as longer
from matcalc.reading.tree import COLON, DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, MATMUL, OVER, TIMES, Node, Operator, folded, walked

CONDITIONS = {"<": above, "≤": upper, "≠": apart}

WHOLE = frozenset(("counter", "number", "sum", "minus"))  # what whole numbers are made of
PAPER = {"log": "logm", "exp": "expm", "sqrt": "sqrtm"}  # what is meant of Hermitian matrices in papers


class Build:
    """Makes expressions of nodes, by the shapes found and the names declared."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes, self.given, self.symbols, self.note = shapes, shapes.given, shapes.declared, shapes.notes.append
        self.bound: dict[str, Expr] = dict(shapes.bound)
        self.places: dict[str, int] = {}
        self.sums: dict[Expr, tuple[Expr, ...]] = {}

    def shown(self, first: Node, last: Node | None = None) -> str:
        """The text of a node, or from one to another."""
        return " ".join(self.given.text[first.start : (last or first).end].split())[:LONGEST_SHOWN]

    def declared(self, e: Expr) -> dict[Expr, Expr]:
        """The variables of `e` that are given in place of declared ones, and these."""
        symbols = [(v, self.symbols.get(v.data[0])) for v in variables(e)]
        return {v: w for v, made in symbols if made and (w := variable(v.data[0], v.shape, made.properties)) is not v}

    def run(self, nodes: list[Node]) -> Expr:
        """The expression of the last node.  Raises MatcalcError with the place of the node where it arose."""
        node = nodes[-1]
        try:
            for node in nodes:
                node.expr = getattr(self, node.kind)(node)
        except MatcalcError as error:
            raise error.at(self.shapes.text, node.start, node.end) from None
        made: Expr = nodes[-1].expr
        whole = lettered(lifted(made))
        if whole is not made:  # a residual of the matrix form is one as if it had been typed
            self.sums = {**{n: () for n in postorder(whole) if n.op is heads.SUM}, **self.sums}
        return whole

    def manner(self) -> Manner:
        """The manner of the text, which the nodes have forgotten: the order of names, and of the terms of sums."""
        return Manner(self.places, self.sums)

    # --- each kind of node under its name ---------------------------------------------------------------------------

    def name(self, node: Node) -> Expr:
        name = node.value
        self.places.setdefault(name, len(self.places))
        found = self.bound.get(name)
        if found is None:
            made = self.symbols.get(name)
            if made is not None:
                found = variable(name, known(node.shape) if made.open else made.shape or (1, 1), made.properties)
            elif name in self.shapes.size_names:
                found = size(symbol(name))
            elif name in CONSTANTS:
                found = CONSTANTS[name]()
            elif name in ("I", "eye"):
                return identity(known(node.shape)[0])
            else:
                found = variable(name, known(node.shape))
            self.bound[name] = found
        return found

    def sum(self, node: Node) -> Expr:
        parts = [transpose(p.expr) if p in self.shapes.lying else p.expr for p in node.parts]
        terms = [e if sign > 0 else scaled(-1, e) for e, sign in zip(parts, node.value, strict=True)]
        made = _added(terms)
        whole = coefficient_and_rest(made)[1]
        if whole.op is heads.SUM:
            bare = [coefficient_and_rest(t)[1] for t in terms]
            spread = next((i for i, t in enumerate(terms) if t.shape != made.shape), len(terms))
            self.sums[whole] = tuple(sorted(whole.args, key=lambda t: bare.index(t) if t in bare else spread))
        return made

    def product(self, node: Node) -> Expr:
        parts: list[Expr] = [p.expr for p in node.parts]
        if node.tree is None:
            self._tell_of_fractions(node)
        self.shapes.notes += _of_entries(node, self.shapes) if not self.given.numpy else ()
        if all(o.kind == TIMES for o in node.value) and fit(parts):
            return product(parts)
        if all(o.kind == DOT_TIMES for o in node.value) and len({p.shape for p in parts}) == 1:
            return hadamard(parts)
        return folded(node, parts, combined)

    def _tell_of_fractions(self, node: Node) -> None:
        """Notes where 1/2n could mean 1/(2n), or A^1/2 a root."""
        for i, operator in enumerate(node.value):
            if operator.kind != OVER or node.parts[i + 1].kind != "number":
                continue
            before, after = node.parts[i], node.parts[i + 2] if i + 2 < len(node.parts) and not node.value[i + 1].text else None
            letter = after.parts[0] if after and after.kind == "power" else after
            if after and letter and letter.kind == "name" and after.expr.is_scalar:
                below, beside = self.shown(node.parts[i + 1]), self.shown(after)
                self.note(f"/{below} {beside} is read as times {beside}, over {below}; dividing by both is /({below} {beside})")
            if before.kind == "power" and before.parts[1].value == 1:
                shown, root = self.shown(before, node.parts[i + 1]), node.parts[i + 1].value
                self.note(f"{shown} is read as a quotient; a power has its exponent in parentheses: ^(1/{root})")

    def call(self, node: Node) -> Expr:
        name, primes, *rest = node.value
        arguments: list[Expr | Size] = [p.expr for p in node.parts]
        made = self.symbols.get(name)
        if made is not None and made.kind == "function":
            return self._of_matrix(node, name, 0)
        if name not in FUNCTIONS or made is not None:
            if made is None and (len(name) > 2 or len(name) == 2 and name.isalpha()) and not is_greek(name):
                self.note(f"{name} is no function of the language: read as an abstract one, entry by entry")
            return apply(abstract(name, primes), (node.parts[0].expr,))
        if note := FUNCTIONS[name].note:
            self.note(note)
        if name == "acos" and node.parts[0].expr is number(-1):  # how π is written beside a variable called pi
            return CONSTANTS["pi"]()
        if name in PAPER and self.given.paper and 1 != (a := node.parts[0].expr).shape[0] == a.shape[1]:
            whole = not any(e.op in (heads.HADAMARD, heads.HPOWER) or e.op.elementwise for e in postorder(a))
            of_such = a.symmetric or all(f.symmetric for f in factors(a))  # A^{-1}B
            told = of_such and all(v.symmetric for v in variables(a) if not v.is_scalar)
            if whole and (name == "sqrt" or told) or a.complex and is_hermitian(a):
                self.note(f"{name} of a square matrix is read as {name}m, the function of the matrix; entry by entry it is not meant")
                node.value = PAPER[name], primes
                return call(PAPER[name], a)
        self.shapes.notes += _of_whole_matrices(name, [p.expr for p in node.parts])
        if rest:
            return call(name, *arguments, *rest[0])
        if name in ("vector", "matrix"):
            return FUNCTIONS[name].overloads[0][1](*arguments, known(node.shape))
        if len(arguments) == 1 and (row := OPERATORS.get(name)) is not None and "symmetric" in row.domain:
            return call(name, symmetrised(node.parts[0].expr, self.declared(node.parts[0].expr)))
        return call(name, *arguments)

    def _of_matrix(self, node: Node, name: str, order: int) -> Expr:
        made = self.symbols[name]
        assert made.takes is not None and made.shape is not None
        return apply(matrix_function(name, made.takes, made.shape, order), (node.parts[0].expr,))

    def norm(self, node: Node) -> Expr:
        inside: Expr = node.parts[0].expr
        spectral = node.value == "2" and 1 not in inside.shape
        if spectral:
            self.note("‖·‖_2 of a matrix is the spectral norm; ‖·‖ and ‖·‖_F are the Frobenius norm")
        elif node.value == "1" and 1 not in inside.shape:
            self.note("‖·‖_1 is the sum of absolute values, of a matrix too")
        return call("normspec" if spectral else NORMS[node.value], inside)

    def bars(self, node: Node) -> Expr:
        inside: Expr = node.parts[0].expr
        if node.value == "det":
            self.note("|·| of a matrix is read as its determinant")
        elif node.value == "norm":
            self.note("|·| of a vector is read as its norm; entry by entry it is abs(x)")
        if node.kind == "log_bars":
            return call("logdet", inside) if node.value == "det" else call("log", call("abs", inside))
        return call(node.value, inside)

    def _unit(self, place: Place, n: Size, base: int = 1) -> Expr:
        """The unit vector that picks, of `n`, what a place says, or the stretch of the identity."""
        if isinstance(place, slice):
            return select(n, longer(longer(place.stop, -1 * place.start), 1), longer(place.start, -base))
        if isinstance(place, At):
            count, first = self.shapes.runs[place.letter]
            return stretch(place.letter, find(count), n, first - base + place.shift)  # type: ignore[arg-type]
        if isinstance(place, Label):
            made = self.symbols[place.name]
            labels = variable(place.name, made.shape or (1, 1), made.properties)
            at = self._unit(place.at, labels.shape[0], self.given.first(place.name))
            return product([transpose(onehot(labels, n)), at])
        if isinstance(place, Dim) or base != 1 and place in self.shapes.size_names:  # x_N, of a family that counts from 0
            return select(n, 1, longer(place if isinstance(place, Dim) else symbol(place), -base))
        if isinstance(place, int) and place < base:
            raise ShapeError(f"the index {place} is outside of {base}…")
        return unit(place - base + 1 if isinstance(place, int) else place, n)

    def _units(self, name: str, places: Iterable[Place | None], sizes: Iterable[Size]) -> list[Expr | None]:
        """The unit vectors that pick from the axes of an array, or the stretches of the identity; none where all of an axis is taken."""
        axes = enumerate(zip(places, sizes, strict=False))
        return [None if p is None or p == slice(None) else self._unit(p, n, self.given.first(name, axis)) for axis, (p, n) in axes]

    def item(self, node: Node) -> Expr:
        base: Expr = node.parts[0].expr
        name, places = node.parts[0].word, node.value
        plain = all(self.given.first(name, axis) == 1 for axis in range(len(places)))
        if plain and not any(isinstance(place, (At, Label, Dim)) for place in places):
            return item(base, places)
        if len(places) == 1:
            places = (places[0], None) if base.shape[1] == 1 else (None, places[0])
        return _picked(base, *self._units(name, [None if n == 1 else p for p, n in zip(places, base.shape, strict=True)], base.shape))

    def counter(self, node: Node) -> Expr:
        """The index of a sum as a number: the i-th of 1, 2, …, which are the sums of ones."""
        count, first = self.shapes.runs[node.value]
        self.note(f"the index {node.value.partition('·')[0]} is used as a number: {first}, {first + 1}, …")
        counted = call("cumsum", ones(known((count, 1))))
        return plus(_picked(counted, unit(node.value, counted.shape[0]), None), number(first - 1))

    def blocks(self, node: Node) -> Expr:
        parts = [zero(known(p.shape)) if is_nothing(p) else p.expr for p in node.parts]
        return grid([parts[i : i + node.value] for i in range(0, len(parts), node.value)])

    def slice(self, node: Node) -> Expr:
        base: Expr = node.parts[0].expr
        name, (place,), rows = node.value
        by_row = self.given.rows if rows is None else rows
        if rows is None:
            shown, which = self.shown(node), "row" if by_row else "column"
            self.note(f"{shown if len(shown) < 20 else name.lower()} is read as {which} {letter_of(place)} of {name}")
        if not by_row:
            return product([base, self._unit(place, base.shape[1])])
        at = self._unit(place, base.shape[0], self.given.first(name))
        return product([transpose(at), base] if rows is None and self.given.lying else [transpose(base), at])

    def member(self, node: Node) -> Expr:
        name, places = node.value
        self.places.setdefault(name, len(self.places))
        of = self.given.said.families[name]
        whole = family(name, tuple(r.count for r in of.ranges), of.shape, of.properties)
        return member(whole, *self._units(name, places, [r.count for r in of.ranges]))  # type: ignore[arg-type]

    def indexed(self, node: Node) -> Expr:
        stem, places = node.value
        self.places.setdefault(stem, len(self.places))
        shape = known(self.shapes.inferred[stem][1])
        base = self.bound.setdefault(stem, variable(stem, shape))
        units = self._units(stem, places, shape)
        if len(units) == 2 or shape[1] == 1:
            return _picked(base, *units, *([None] * (2 - len(units))))
        index = letter_of(places[0])
        self.note(f"{stem}_{index} is read as a vector: row {index} of {stem}")
        return _picked(base, units[0], None) if self.given.lying else _picked(transpose(base), None, units[0])

    def condition(self, node: Node) -> Expr:
        relation, (i, j), of = node.value
        if of:
            made = self.symbols.get(of)
            shape = made.shape if made and made.shape else known(self.shapes.inferred[of][1])
            base = self.bound.setdefault(of, variable(of, shape, made.properties if made else frozenset()))
            within = _picked(base, self._unit(i, shape[0]), self._unit(j, shape[1]))
            return within if relation == "∈" else add([number(1), scaled(-1, within)])
        runs = [self.shapes.runs[p.letter] for p in (i, j) if isinstance(p, At)]
        ends: list[Size] = [longer(find(count), first - 1) for count, first in runs]  # type: ignore[arg-type]
        n = next((n for n in ends if all(isinstance(rest := longer(n, -1 * m), int) and rest >= 0 for m in ends)), None)
        if n is None:
            raise ShapeError(f"{' and '.join(map(letter_of, (i, j)))} are compared, but count to {' and '.join(map(str, ends))}")
        if isinstance(j, Label):  # j ≠ y_i
            same = product([transpose(self._unit(i, n)), self._unit(j, n)])
            return same if relation == "=" else add([number(1), scaled(-1, same)])
        return _picked(CONDITIONS[relation](n), self._unit(i, n), self._unit(j, n))

    def weighted(self, node: Node) -> Expr:
        x, m = (p.expr for p in node.parts)
        inverted = node.value in self.given.said.mahalanobis
        if node.value in ("Sigma", "Omega", "P", "Σ", "Ω") and not inverted:
            self.note(f'‖x‖_{node.value} is read as √(x\'{node.value} x); where="mahalanobis: {node.value}" takes its inverse')
        return power(product([adjoint(x), call("inv", m) if inverted else m, x]), number(1) / 2)

    def over(self, node: Node) -> Expr:
        what, index, *_ = node.value
        body: Expr = node.parts[0].expr
        count = find(self.shapes.runs[index][0])
        letter = index.partition("·")[0]
        return sigma(index, count, body, letter) if what == "sum" else multiplied(body, index, count)  # type: ignore[arg-type]

    def power(self, node: Node) -> Expr:
        base, exponent = node.parts
        e: Expr = base.expr
        inside = {n.kind for n in walked(exponent)} if base.kind == "minus" and base.parts[0].kind == "number" else set()
        if "counter" in inside and inside <= WHOLE and not is_real(exponent):  # (-1)^k
            return times(to_power(scaled(-1, e), exponent.expr), call("cos", times(CONSTANTS["pi"](), exponent.expr)))
        if exponent.kind == "name" and exponent.value == "t" and "t" in self.shapes.inferred:
            self.note("^t is read as a power; the transpose is ' or ^T")
        if base.kind == "call" and base.value[0] == "tr" and exponent.expr is number(1) / 2:
            self.note(f"{self.shown(node)} is read as the root of the trace; the trace of the root is tr(sqrtm(…))")
        added = base.parts[0] if base.kind == "call" and base.value[0] == "sum" and not self.given.numpy else base
        if added is not base and exponent.value == 2 and added.kind == "sum" and -1 in added.value:
            self.note(f"{self.shown(node)} is read as the square of the sum; the sum of the squares is sum(({self.shown(added)})^2)")
        if 1 in e.shape and not e.is_scalar:
            return dot_power(e, exponent.expr)
        positive = exponent.kind != "minus" and exponent.value != -1
        by_array = self.given.numpy and "^" in self.shown(node)[len(self.shown(base)) :]
        if not e.is_scalar and (by_array or positive and (node in self.shapes.squared or node in self.given.summed)):
            whole, part = self.shown(node), self.shown(base)
            square = f", so {part} is square" if node in self.shapes.squared else ""
            self.note(f"{whole} is read as the matrix power{square}; entry by entry it is {'**' if by_array else '.^'}")
        return to_power(e, exponent.expr)

    def number(self, node: Node) -> Expr:
        return number(node.value)

    def skip(self, node: Node) -> Expr:
        return number(0)

    def minus(self, node: Node) -> Expr:
        return scaled(-1, node.parts[0].expr)

    def transpose(self, node: Node) -> Expr:
        return adjoint(node.parts[0].expr) if node.value == "H" else transpose(node.parts[0].expr)

    def pinv(self, node: Node) -> Expr:
        return call("relu" if node.value else "pinv", node.parts[0].expr)

    def dot_power(self, node: Node) -> Expr:
        return dot_power(node.parts[0].expr, node.parts[1].expr)

    def exponential(self, node: Node) -> Expr:
        return call(node.value[0], node.parts[0].expr)

    def along(self, node: Node) -> Expr:
        name, axis, function, _ = node.value
        of: Expr = node.parts[0].expr
        made = call(function, of)
        return over(made, size(of.shape[axis])) if name == "mean" != function else made

    def gradient(self, node: Node) -> Expr:
        return self._of_matrix(node, node.value[1], 2 if node.value[0] == "hess" else 1)

    log_bars = bars


def known(shape: RoughShape) -> Shape:
    """A shape all of whose sizes are found."""
    rows, columns = find(shape[0]), find(shape[1])
    return rows, columns  # type: ignore[return-value]


def _added(terms: list[Expr]) -> Expr:
    groups: dict[Shape, list[Expr]] = {}
    for term in terms:
        groups.setdefault(term.shape, []).append(term)
    return reduce(plus, [add(same) for same in groups.values()])


def fit(parts: Sequence[Expr]) -> bool:
    """Whether the matrices among factors fit as one chain."""
    inner = None
    for part in parts:
        rows, columns = part.shape
        if not rows == 1 == columns:
            if inner is not None and inner != rows:
                return False
            inner = columns
    return True


def combined(a: Expr, operator: Operator, b: Expr) -> Expr:
    if operator.kind in (DOT_TIMES, DOT_OVER) and (1 in a.shape) != (1 in b.shape) and not (a.is_scalar or b.is_scalar):  # of NumPy
        matrix, vector = (b, a) if 1 in a.shape else (a, b)
        rows = product([ones((matrix.shape[0], 1)), transpose(vector)])
        a, b = (rows, b) if vector is a else (a, rows)
    return _BINARY[between(operator, a.shape, b.shape)](a, b)


def _of_whole_matrices(name: str, arguments: list[Expr]) -> Iterator[str]:
    """Notes where log, exp, … of a square matrix may be meant as functions of matrices: of a symmetric one, of A^-1 B, or in a trace."""
    if name in ("tr", "det", "logdet"):
        inside = [(e.op.name, e.args[0]) for e in postorder(*arguments) if e.op.elementwise and len(e.args) == 1]
        inside += [("sqrt", e.args[0]) for e in postorder(*arguments) if e.op is heads.HPOWER and e.args[1] is number(Fraction(1, 2))]
    else:
        inside = [(name, a) for a in arguments if a.symmetric or any(f.op is heads.MATPOWER for f in factors(a))]
    if name in ("softmax", "log_softmax") and 1 not in arguments[0].shape:
        yield f"{name} of a matrix is that of each row; for the columns transpose before and behind it"
    for f, a in inside:
        if f + "m" in FUNCTIONS and f in FUNCTIONS and a.shape[0] == a.shape[1] != 1:
            yield f"{f} of a matrix is taken entry by entry; the function of the matrix is {f}m"


def _of_entries(node: Node, shapes: Shapes) -> Iterator[str]:
    """exp(A)*b, where the exponential of the matrix may be meant."""
    others = [p for p in node.parts if not p.expr.is_scalar]
    for part in node.parts if len(others) > 1 and any(o.kind == TIMES for o in node.value) else ():
        name = part.value[0] if part.kind == "call" else ""
        rows, columns = map(find, part.shape)
        if name + "m" not in FUNCTIONS or name not in FUNCTIONS or 1 in (rows, columns) or part.expr is not call(name, part.parts[0].expr):
            continue
        told = any(n.kind == "call" for n in walked(*part.parts))
        if not told and (rows is columns or not all(n.value in shapes.declared for n in walked(part) if n.kind == "name")):
            yield f"{name} of a matrix is taken entry by entry; the function of the matrix is {name}m"


def _picked(e: Expr, left: Expr | None, right: Expr | None) -> Expr:
    """The rows, columns or entries of a matrix that unit vectors pick."""
    return product([*([transpose(left)] if left is not None else []), e, *([right] if right is not None else [])])


def letter_of(place: Place) -> str:
    if isinstance(place, Label):
        return f"{{{place.name}_{letter_of(place.at)}}}"
    return place.letter.partition("·")[0] if isinstance(place, At) else str(place)


_BINARY: dict[str, Callable[[Expr, Expr], Expr]] = {
    TIMES: times,
    MATMUL: matmul,
    OVER: lambda a, b: over(a, b) if b.is_scalar else times(a, call("inv", b)),
    DOT_TIMES: dot_times,
    DOT_OVER: dot_over,
    KRON: lambda a, b: call("kron", a, b),
    COLON: lambda a, b: call("inner", a, b),
    KHATRI_RAO: lambda a, b: call("khatrirao", a, b),
}
