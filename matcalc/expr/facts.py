"""Facts of an expression: its signs, definiteness and structure, from one table and one pass upward.

The facts of a node follow from those of its arguments by the columns of THE PROPERTIES and of its own row, whatever the
values of the variables, wherever the expression is defined.  They are worked out when first asked for, arguments first, and stay
with the node, so all questions together cost as much as there are nodes.  That a fact is missing means that it is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import matcalc.expr as E
import matcalc.expr.transposing as transposes
from matcalc.expr import heads as H
from matcalc.expr.dims import Size
from matcalc.expr.heads import Number
from matcalc.expr.node import Expr, _set, lacking, postorder
from matcalc.expr.properties import COMPLEX, INFERRED, PROPERTIES, TOGETHER, Property
from matcalc.expr.turning import beside

# Of a 1×1 matrix both say the same.
ONE_BY_ONE = {"positive": "spd", "nonnegative": "psd", "negative": "nd", "nonpositive": "nsd", "nonzero": "invertible"}
EVERY_ONE_BY_ONE = ("diagonal",)
# What may be known of complex matrices; psd and spd are said of Hermitian ones.
OF_COMPLEX = "diagonal lower upper invertible injective onto nonzero psd spd nsd nd hermitian unitary".split()
OF_COMPLEX += [row.name for row in COMPLEX.values() if row.identity]
HERMITIAN = "psd spd nsd nd hermitian".split()

Mask = int  # a set of facts, a bit each


def known(e: Expr) -> frozenset[str]:
    """The names of all that is known of `e`.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("m"), symbol("n")))
    >>> sorted(known(X.T @ X))
    ['psd', 'symmetric']
    """
    return frozenset(_table().names(facts(e)))


def has(e: Expr, name: str) -> bool:
    """Whether `e` is known to be positive, symmetric, psd, spd, diagonal, …, for all values of its variables.

    >>> from matcalc.expr import variable, symbol
    >>> X = variable("X", (symbol("m"), symbol("n")))
    >>> has(X.T @ X, "psd"), has(X.T @ X, "spd")
    (True, False)
    """
    bit = _table().bits[name]
    return bool(facts(e) & bit)


def is_nonnegative(e: Expr) -> bool:
    """Whether no entry can be negative."""
    return has(e, "nonnegative")


def is_positive(e: Expr) -> bool:
    """Whether every entry must be positive."""
    return has(e, "positive")


def facts(e: Expr) -> Mask:
    """All that is known of `e`, as bits."""
    if e._facts is None:
        table = _table()
        for n in lacking(e, "_facts"):
            _set(n, "_facts", _of(n, [facts(a) for a in n.args], table))
    return e._facts  # type: ignore[return-value]


def supposing(e: Expr, given: Mapping[Expr, Collection[str]]) -> frozenset[str]:
    """The names of all that is known of `e` where `given` holds of parts of it.

    >>> from matcalc.expr import variable, symbol, add, identity
    >>> n = symbol("n")
    >>> c, S = variable("c", (1, 1)), variable("S", (n, n), {"psd"})
    >>> "spd" in supposing(S + c @ identity(n), {c: {"positive"}})
    True
    """
    if not given:
        return known(e)
    table, found = _table(), dict[Expr, Mask]()
    for n in postorder(e):
        if n in given or any(found[a] != facts(a) for a in n.args):
            mask = _of(n, [found[a] for a in n.args], table) | facts(n) | table.mask(given.get(n, ()))
            found[n] = table.closed(mask, *n.shape)
        else:
            found[n] = facts(n)
    return frozenset(table.names(found[e]))


class _Table:
    """The columns of the properties as bits: what each operation leaves of what its operands are known to be."""

    def __init__(self, rows: Sequence[Property]) -> None:
        self.bits = {row.name: 1 << i for i, row in enumerate(rows)}
        self.implied = [(self.bits[row.name], self.mask(row.implies)) for row in rows if row.implies]
        self.together = [(self.mask(several), self.bits[what]) for several, what in TOGETHER.items()]
        self.one_by_one = [(self.bits[a], self.bits[b]) for pair in ONE_BY_ONE.items() for a, b in (pair, pair[::-1])]
        self.signs = self.mask(ONE_BY_ONE)
        self.always = self.mask(EVERY_ONE_BY_ONE)
        self.square_only = self.mask(row.name for row in rows if row.shape == "square")
        self.vector_only = self.mask(row.name for row in rows if row.shape == "vector")
        self.applied = {kind: self.mask(row.name for row in rows if row.applied == kind) for kind in ("odd", "zero")}
        self.columns = {
            column: [(needs, self.bits[row.name]) for row in rows for needs in self.alternatives(getattr(row, column))]
            for column in ("sum", "product", "congruence", "inverse", "transpose", "square", "odd", "root", "kron", "hadamard")
        }
        for column in ("sum", "hadamard"):
            self.columns[column] += [((n[1], n[0]), bit) for n, bit in self.columns[column]]
        self.done: dict[tuple[object, ...], Mask] = {}
        self.complex, self.hermitian, self.of_complex = self.bits["complex"], self.bits["hermitian"], self.mask(OF_COMPLEX)
        self.turned = self.mask("psd spd nsd nd hermitian invertible injective onto".split())
        self.structure = self.of_complex & ~self.mask(HERMITIAN)
        self.two_names = [(self.bits[a], self.bits[b]) for a, b in (("hpsd", "psd"), ("hpd", "spd"))]

    def mask(self, names: Iterable[str]) -> Mask:
        out = 0
        for name in names:
            out |= 0 if name == "any" else self.bits[name]
        return out

    def names(self, mask: Mask) -> list[str]:
        return [name for name, bit in self.bits.items() if mask & bit]

    def alternatives(self, text: str) -> list[tuple[Mask, ...]]:
        return [tuple(self.mask(side.split()) for side in way.split(",")) for way in text.split("|") if text]

    def closed(self, mask: Mask, rows: Size, columns: Size) -> Mask:
        """With all that is implied of a matrix of that shape."""
        square = rows == columns
        key = ("closed", mask, square, columns == 1)
        found = self.done.get(key)
        if found is not None:
            return found
        if square and columns == 1:
            mask |= self.always
        if not square:
            mask &= ~self.square_only
        if columns != 1:
            mask &= ~self.vector_only
        before = -1
        while before != mask:
            before = mask
            for bit, implied in self.implied:
                if mask & bit:
                    mask |= implied
            for several, what in self.together:
                if mask & several == several and (square or not what & self.square_only):
                    mask |= what
            if square and columns == 1:
                for a, b in self.one_by_one:
                    if mask & a:
                        mask |= b
        self.done[key] = mask
        return mask

    def closed_complex(self, mask: Mask) -> Mask:
        """With all that is implied of a complex matrix: semidefinite ones are Hermitian."""
        for hermitian, real in self.two_names:
            mask |= real if mask & hermitian else 0
        mask &= self.of_complex
        if mask & self.bits["spd"]:
            mask |= self.mask(("psd", "hpd", "invertible"))
        if mask & self.bits["nd"]:
            mask |= self.mask(("nsd", "invertible"))
        if mask & self.bits["psd"] and mask & self.bits["invertible"]:
            mask |= self.mask(("spd", "hpd"))
        if mask & self.mask(("psd", "nsd")):
            mask |= self.hermitian
        if mask & self.bits["psd"]:
            mask |= self.bits["hpsd"]
        if mask & self.bits["unitary"] or mask & self.bits["invertible"]:
            mask |= self.mask(("invertible", "injective", "onto"))
        if mask & self.bits["diagonal"]:
            mask |= self.mask(("lower", "upper"))
        return mask | self.complex

    def kept(self, column: str, *operands: Mask) -> Mask:
        """The facts that an operation leaves."""
        key = (column, *operands)
        found = self.done.get(key)
        if found is None:
            found = 0
            for needs, bit in self.columns[column]:
                if all(m & need == need for m, need in zip(operands, needs, strict=True)):
                    found |= bit
            self.done[key] = found
        return found

    def power(self, mask: Mask, k: Number, n: Size) -> Mask:
        """Of a matrix (a number) to the power `k`."""
        if k < 0:
            mask, k = self.closed(self.kept("inverse", mask), n, n), -k
        if not isinstance(k, int):
            return self.closed(self.kept("root", mask), n, n)
        while k % 2 == 0:
            mask, k = self.closed(self.kept("square", mask), n, n), k // 2
        return self.closed(self.kept("odd", mask), n, n) if k > 1 else mask

    def to_the(self, mask: Mask, exponent: Expr) -> Mask:
        """Of a number to an exponent: where that is not known, what is so of even and of odd ones."""
        if exponent.op is H.NUMBER:
            return self.power(mask, exponent.data, 1)
        return self.power(mask, 2, 1) & self.power(mask, 3, 1)

    def number(self, c: Number) -> Mask:
        sign = 1 if c > 0 else -1 if c < 0 else 0
        key = ("number", sign, abs(c) == 1)
        if key not in self.done:
            said = {1: "positive", -1: "negative", 0: "nonnegative nonpositive skew projector"}[sign].split()
            said += ["orthogonal"] * (abs(c) == 1) + ["stochastic", "projector"] * (c == 1)
            self.done[key] = self.closed(self.mask(said), 1, 1)
        return self.done[key]


@lru_cache(maxsize=8)
def _compiled(rows: int) -> _Table:
    return _Table((*INFERRED.values(), *PROPERTIES.values(), *COMPLEX.values()))


def _table() -> _Table:
    return _compiled(len(PROPERTIES))


def _of(e: Expr, args: Sequence[Mask], table: _Table) -> Mask:
    """The facts of `e` that follow from those of its arguments."""
    rows, columns = e.shape
    op = e.op
    if e.complex and (found := _of_complex(e, args, table)) is not None:
        return found
    if op is H.VARIABLE or op is H.FAMILY:
        mask = table.mask(e.data[1])
    elif op is H.MEMBER:
        mask = args[0]
    elif op is H.SIGMA:
        mask = table.kept("sum", args[0], args[0])
    elif op is H.NUMBER:
        return table.number(e.data)
    elif op is H.SUM:
        mask = _sum(e, args, table)
    elif op is H.PRODUCT:
        mask = _product(e, args, table) | _beside(e, table)
    elif op is H.TRANSPOSE:
        mask = table.kept("transpose", args[0])
    elif op is H.MATPOWER:
        mask = table.power(args[0], e.data, rows)
    elif op is H.POWER:
        mask = table.to_the(args[0], e.args[1])
    elif op is H.HPOWER:
        mask = table.to_the(table.closed(args[0] & table.signs, 1, 1), e.args[1]) & table.signs
        if e.args[1].op is H.NUMBER and e.args[1].data > 0:
            mask |= args[0] & table.applied["zero"]
    elif op is H.GRID:
        mask = _blocks(e, args, table)
    elif op is H.HADAMARD:
        mask = _folded("hadamard", args, e.shape, table)
    else:
        mask = _row(e, args, table)
    if e.symmetric:
        mask |= table.bits["symmetric"]
    elif transposes.is_skew(e):
        mask |= table.bits["skew"]
    return table.closed(mask, rows, columns)


def _of_complex(e: Expr, args: Sequence[Mask], table: _Table) -> Mask | None:
    """Of what may be no real number; None where it is seen to be one after all."""
    other = E.conjugate.conjugate(e)
    if other is e:
        return None
    op, mask = e.op, 0
    if op is H.VARIABLE or op is H.FAMILY:
        mask = table.closed_complex(table.mask(e.data[1]))
    elif op is H.MEMBER or op is H.CONJ:
        mask = args[0]
    elif op is H.SUM:
        mask = _sum(e, args, table)
    elif op is H.PRODUCT:
        mask = _product(e, args, table)
    elif op is H.TRANSPOSE:
        mask = table.kept("transpose", args[0])
    elif op is H.MATPOWER:
        mask = args[0] & table.structure
        if args[0] & table.hermitian and e.data % 2 == 0:
            mask |= table.bits["psd"]
        elif args[0] & table.bits["psd"]:
            mask |= args[0] & table.mask(("psd", "spd"))
        if e.data < 0:
            mask |= table.bits["invertible"]
    elif op is H.POWER or op is H.HPOWER:
        mask = args[0] & table.bits["nonzero"]
    elif op is H.HADAMARD:
        mask = _folded("hadamard", args, e.shape, table)
    elif op.name == "exp":
        mask = table.bits["nonzero"]
    elif op.name == "expm":
        mask = table.bits["invertible"] | (table.bits["spd"] if args[0] & table.hermitian else 0)
    elif not op.elementwise:
        mask = _row(e, args, table)
    symmetric = table.bits["symmetric"] if e.symmetric else 0
    if e.shape[0] == e.shape[1] and other is transposes.transpose(e):
        mask |= table.hermitian
    else:
        mask &= ~table.mask(HERMITIAN)
    return table.closed_complex(mask) | symmetric


def _folded(column: str, masks: Sequence[Mask], shape: tuple[Size, Size], table: _Table) -> Mask:
    out = masks[0]
    for m in masks[1:]:
        out = table.closed(table.kept(column, out, m), *shape)
    return out


def _blocks(e: Expr, args: Sequence[Mask], table: _Table) -> Mask:
    """Of a grid: the signs that all blocks have; where nothing stands beside its diagonal, what all blocks there have."""
    signs = table.signs
    for a in args:
        signs &= a
    if not E.grids.is_diagonal(e):
        return signs
    found = table.mask(_OF_BLOCKS)
    for a in args[:: e.data[1] + 1]:
        found &= a
    return signs | found


_OF_BLOCKS = (
    "symmetric",
    "skew",
    "psd",
    "spd",
    "nsd",
    "nd",
    "diagonal",
    "orthogonal",
    "lower",
    "upper",
    "invertible",
    "projector",
    "stochastic",
)


def _sum(e: Expr, args: Sequence[Mask], table: _Table) -> Mask:
    terms = [table.closed(table.kept("kron", table.number(c), a), *e.shape) for c, a in zip(e.data, args, strict=True)]
    out = _folded("sum", terms, e.shape, table)
    if len(e.args) == 2 and e.args[0].op is H.IDENTITY and e.data in ((1, -1), (-1, 1)):  # I - P, and P - I is minus that
        out |= args[1] & table.bits["projector"] | _resolvent(e.args[1], table) if e.data[0] == 1 else 0
    return out


def _resolvent(p: Expr, table: _Table) -> Mask:
    """What I - P is for P = A (A'A + M)⁻¹ A' with a psd M: psd, and (I + A M⁻¹ A')⁻¹ where M is positive definite."""
    chain = p.args if p.op is H.PRODUCT and p.data == (1, 0) and p.symmetric and len(p.args) % 2 else ()
    middle = chain[len(chain) // 2] if len(chain) > 1 else p
    if not chain or middle.op is not H.MATPOWER or middle.data != -1 or middle.args[0].op is not H.SUM:
        return 0
    half = len(chain) // 2
    m = E.add([middle.args[0], E.scaled(-1, E.product([*chain[half + 1 :], *chain[:half]]))])
    return sum(table.bits[name] for name in ("psd", "spd") if has(m, name))


def _beside(e: Expr, table: _Table) -> Mask:
    """The properties of two neighbours: X X⁺ and x xᵀ/xᵀx, x xᵀ/‖x‖² projectors, polar(X)ᵀ X psd."""
    c, count = e.data
    chain = e.args[count:]
    half, odd = divmod(len(chain), 2)
    if count == 1 and c == 1 and half and not odd and chain[half - 1].shape[1] == 1 and e.symmetric and not e.complex:
        return table.bits["projector"] if _is_one_over(e.args[0], E.product(chain[:half])) else 0
    if count == 0 and c > 0 and len(chain) == 2 and not e.is_scalar and (name := beside(chain)) and (c == 1 or name == "psd"):
        return table.bits[name]
    return 0


def _is_one_over(s: Expr, x: Expr) -> bool:
    """Whether `s` is 1/xᵀx, or 1/‖x‖²."""
    if s.op is H.POWER and s.args[0].op.name == "norm":
        return s.args[0].args[0] is x and s.args[1] is E.number(-2)
    return E.product([s, E.transpose(x), x]) is E.ONE


def _product(e: Expr, args: Sequence[Mask], table: _Table) -> Mask:
    c, count = e.data
    front = _folded("kron", [table.number(c), *args[:count]], (1, 1), table)
    return table.kept("kron", front, _chain(e.args[count:], args[count:], table)) if args[count:] else front


def _chain(chain: Sequence[Expr], args: Sequence[Mask], table: _Table) -> Mask:
    """Of a product of matrices: factor by factor, and from the middle outward where it is C M C'."""
    rows = chain[0].shape[0]
    out = args[0]
    picked = _picked(chain, args, table)
    for f, a in zip(chain[1:], args[1:], strict=True):
        out = table.closed(table.kept("product", out, a), rows, f.shape[1])
    k, odd = divmod(len(chain), 2)
    turned = [(1, f.H) if f.complex else transposes.turned(f) for f in chain[:k]]  # with a sign, where skew matrices are turned
    if any(f.complex for f in chain):
        args = [a & table.turned if i == k and odd else a for i, a in enumerate(args)]
    if k and all(back is f for (_, back), f in zip(turned, reversed(chain), strict=False)):
        n = chain[k].shape[0]
        inner = args[k] if odd else table.closed(_said(table, H.IDENTITY.result), n, n)
        for i in reversed(range(k)):
            inner = table.closed(table.kept("congruence", inner, args[i]), chain[i].shape[0], chain[i].shape[0])
            inner = table.closed(table.kept("kron", table.number(turned[i][0]), inner), chain[i].shape[0], chain[i].shape[0])
        out |= inner
    return out | picked


def _picked(chain: Sequence[Expr], args: Sequence[Mask], table: _Table) -> Mask:
    """The signs of an entry, a row or a column: those of the whole."""
    first = int(chain[0].op is H.TRANSPOSE and chain[0].args[0].op is H.UNIT)
    last = len(chain) - int(chain[-1].op is H.UNIT)
    if first >= last or last - first == len(chain):
        return 0
    return (args[first] if last - first == 1 else _chain(chain[first:last], args[first:last], table)) & table.signs & ~table.square_only


def _row(e: Expr, args: Sequence[Mask], table: _Table) -> Mask:
    """The facts that a row gives to its results, always or for arguments with a property."""
    op = e.op
    mask = _said(table, op.result) | (table.bits[op.range] if op.range else 0)
    if op.keeps in table.columns:
        return mask | _folded(op.keeps, args, e.shape, table)
    if op.keeps:
        for need, what in _kept_by(table, op.keeps):
            if args[0] & need == need:
                mask |= what
    if op.elementwise and op.values and (0, 0) in op.values:
        mask |= args[0] & table.applied["zero"]
    if op.parity == "odd":
        mask |= args[0] & table.applied["odd"]
    return mask


def _said(table: _Table, names: tuple[str, ...]) -> Mask:
    found = table.done.get(names)
    if found is None:
        found = table.done[names] = table.mask(names)
    return found


@lru_cache(maxsize=512)
def _kept_by(table: _Table, text: str) -> tuple[tuple[Mask, Mask], ...]:
    """The lines "spd -> positive; psd -> nonnegative" of a row."""
    pairs = (line.split("->") for line in text.split(";"))
    return tuple((table.mask(need.split()), table.mask(what.split())) for need, what in pairs)
