"""A formula as it stands in its text.

Canonical nodes turn x'a round, merge X.*X to X.^2 and take tr(kron(X, X)) apart.  A derivation begins with what was typed: here the nodes
of the text are made into expressions once more, as they are.  Those are for writing alone; what each of them is, is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.errors import MatcalcError
from matcalc.expr import HADAMARD, NUMBER, POWER, PRODUCT, SELECT, SUM, TRANSPOSE, UNIT, Expr, number, ones, postorder, variable
from matcalc.expr.heads import ONE, Number, untransposed
from matcalc.expr.node import node as node_of
from matcalc.reading.build import Build, combined, fit
from matcalc.reading.shapes import Shapes
from matcalc.reading.tree import DOT_TIMES, MATMUL, OVER, TIMES, Node, Operator, folded

_BY_PARTS = frozenset(("power", "call", "norm", "bars", "pinv", "dot_power", "exponential", "along", "blocks", "weighted", "sum"))


class AsTyped(Build):
    """Makes beside the expression of each node the one that stands in the text; `meant` has what each of those is."""

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes)
        self.meant: dict[Expr, Expr] = {}
        self.standing: dict[Node, Expr] = {}

    def run(self, nodes: list[Node]) -> Expr:
        whole = super().run(nodes)
        manner = self.manner()
        for node in nodes:
            made = self._stands(node)
            if made is None or made.shape != node.expr.shape:
                ordered = manner.in_order(node.expr)
                self.meant = {as_typed: e for e, as_typed in ordered.items()} | self.meant
                made = ordered[node.expr]
            self.standing[node] = made
            self.meant.setdefault(made, node.expr)
        self.meant[self.standing[nodes[-1]]] = whole  # of a sum over an index its matrix form
        return whole

    def _stands(self, node: Node) -> Expr | None:
        """The node as it stands in the text, over its parts as they stand there; None where it is what it was made into."""
        parts = [self.standing[p] for p in node.parts if p in self.standing]
        if len(parts) < len(node.parts):
            return None
        if node.kind == "minus":
            return self._times([number(-1), parts[0]])
        if node.kind == "transpose" and node.value != "H" and not parts[0].is_scalar:
            return node_of(TRANSPOSE, (parts[0],), None, parts[0].shape[::-1])
        if node.kind == "product":
            if node.tree is None and all(o.kind == TIMES for o in node.value) and fit(parts):
                return self._times(parts)
            return folded(node, parts, self._combined)
        if node.kind == "sum" and (made := self._sum(node, parts)) is not None:
            return made
        return self._by_parts(node) if node.kind in _BY_PARTS else None

    def _sum(self, node: Node, parts: list[Expr]) -> Expr | None:
        """The terms with their signs, each of the shape of the sum; a number stands for an array of it."""
        if any(p in self.shapes.lying for p in node.parts) or any(p.shape != node.expr.shape and not p.is_scalar for p in parts):
            return None
        terms: list[Expr] = []
        signs: list[Number] = []
        for sign, p in zip(node.value, parts, strict=True):
            c, t = (p.data, ONE) if p.op is NUMBER else (p.data[0], _product(1, p.args, p.data[1])) if p.op is PRODUCT else (1, p)
            if t.shape != node.expr.shape:
                many = ones(node.expr.shape)
                t = many if t is ONE else _product(1, (t, *(many.args if many.op is PRODUCT else (many,))), 1)
            terms.append(t)
            signs.append(sign * c)
        return node_of(SUM, tuple(terms), tuple(signs), node.expr.shape)

    def _times(self, parts: Sequence[Expr]) -> Expr:
        """A product of which nothing is turned round: its number, its scalars and its matrices, each as they come."""
        c: Number = 1
        scalars: list[Expr] = []
        chain: list[Expr] = []
        for p in parts:
            if p.op is NUMBER:
                c *= p.data
                continue
            c *= p.data[0] if p.op is PRODUCT else 1
            if p.op is PRODUCT and (p.data[1] or not p.is_scalar) and not _picks(p):
                scalars += p.args[: p.data[1]]
                chain += p.args[p.data[1] :]
            elif p.is_scalar:
                scalars.append(_product(1, p.args, 0) if p.op is PRODUCT else p)
            else:
                chain.append(p)
            if chain and (chain[0].shape[0], chain[-1].shape[1]) == (1, 1):
                scalars.append(_product(1, chain, 0))
                chain = []
        if len(scalars) == 1 and not chain and scalars[0].op is PRODUCT:  # as canonical nodes have it
            scalars, chain = [], list(scalars[0].args)
        return _product(c, (*scalars, *chain), len(scalars)) if scalars or chain else number(c)

    def _combined(self, a: Expr, operator: Operator, b: Expr) -> Expr:
        if operator.kind == OVER and b.is_scalar:
            return self._times([a, *_inverses(b)])
        if operator.kind in (TIMES, MATMUL, DOT_TIMES) and (a.is_scalar or b.is_scalar) or operator.kind in (TIMES, MATMUL) and fit((a, b)):
            return self._times([a, b])
        if operator.kind == DOT_TIMES and a.shape == b.shape:
            return node_of(HADAMARD, (*(a.args if a.op is HADAMARD else (a,)), b), None, a.shape)
        names: dict[Expr, Expr] = {}
        first, second = (self._name(p, p, names) for p in (a, b))
        return self._put_in(combined(first, operator, second), names)

    def _name(self, e: Expr, standing: Expr, names: dict[Expr, Expr]) -> Expr:
        """A name of which nothing is known in place of what is no leaf."""
        if not e.args:
            return e
        made = variable(f"·{len(names)}", e.shape, frozenset(("complex",)) if e.complex else frozenset())
        names[made] = standing
        return made

    def _by_parts(self, node: Node) -> Expr | None:
        """A function of names in place of its parts, with the parts put in as they stand."""
        names: dict[Expr, Expr] = {}
        kept = [(p, p.expr) for p in node.parts]
        for p, e in kept:
            p.expr = self._name(e, self.standing[p], names)
        try:
            made: Expr = getattr(self, node.kind)(node)
        except MatcalcError:  # it needs to know of a part what a name does not tell
            return None
        finally:
            for p, e in kept:
                p.expr = e
        return self._put_in(made, names)

    def _put_in(self, e: Expr, by: dict[Expr, Expr]) -> Expr:
        done = dict(by)
        for n in postorder(e):
            if n not in done:
                done[n] = node_of(n.op, tuple(done[a] for a in n.args), n.data, n.shape) if n.args else n
        return done[e]


def _product(c: Number, args: Sequence[Expr], count: int) -> Expr:
    if c == 1 and len(args) == 1:
        return args[0]
    rows, columns = (args[count].shape[0], args[-1].shape[1]) if count < len(args) else (1, 1)
    return node_of(PRODUCT, tuple(args), (c, count), (rows, columns))


def _picks(e: Expr) -> bool:
    """Whether a product is a row, a column or an entry."""
    return any(untransposed(f).op in (UNIT, SELECT) for f in e.args)


def _inverses(b: Expr) -> list[Expr]:
    """What a division by a number multiplies by."""
    if b.op is NUMBER:
        return [number(1) / b]
    if b.op is PRODUCT and b.data[1] == len(b.args):
        return [number(1) / number(b.data[0]), *(i for f in b.args for i in _inverses(f))]
    if b.op is POWER and b.args[1].op is NUMBER:
        return [node_of(POWER, (b.args[0], number(-b.args[1].data)), None, (1, 1))]
    return [node_of(POWER, (b, number(-1)), None, (1, 1))]
