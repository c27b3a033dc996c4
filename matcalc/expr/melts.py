"""THE MELTS: what two neighbours in a product become when they are not two any more.

A row has the two factors and what they become as text in the language, proved by a test that reads it, beside the function that does
it.  A row and its mirror image are one: what B A becomes, A'B' becomes transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import matcalc.expr as E
import matcalc.expr.grids as grids
import matcalc.expr.products as products
import matcalc.expr.transposing as transposes
from matcalc.expr import heads as H
from matcalc.expr.facts import has
from matcalc.expr.heads import ONE, coefficient_and_rest, identity, number, size, untransposed
from matcalc.expr.node import Bound, Expr, node
from matcalc.expr.turning import beside


class Melt(NamedTuple):
    """A row of the table; `head` is an operator that one of the two has, transposed or not, "" for any two square ones."""

    name: str
    head: str
    left: str
    right: str
    becomes: str
    where: str
    melted: Callable[[Expr, Expr], Expr | None]


def melted(a: Expr, b: Expr) -> Expr | None:
    """The product of the neighbours a b as one expression, None where they stay.

    >>> from matcalc.expr import symbol, variable
    >>> X = variable("X", (symbol("n"), symbol("n")))
    >>> melted(X**-1, X), melted(X, X.T)
    (I_n, None)
    """
    bare_a, bare_b, square = untransposed(a), untransposed(b), _square(a, b)
    if not square and bare_a.op.name not in _BY_HEAD and bare_b.op.name not in _BY_HEAD:
        return None
    if square and bare_a is not a and bare_b is not b:
        inner = melted(bare_b, bare_a)
        return _upright(a, b) if inner is None else transposes.transpose(inner)
    one, other = bare_a.op.name, bare_b.op.name
    for rows in (_BY_HEAD[""] if square else (), _BY_HEAD.get(one, ()), _BY_HEAD.get(other, ()) if other != one else ()):
        for row in rows:
            value = row.melted(a, b)
            if value is not None:
                return value
    return None


def _square(a: Expr, b: Expr) -> bool:
    return a.shape[0] == a.shape[1] == b.shape[1]


def _power(f: Expr) -> tuple[Expr, int]:
    """The base of a power and its exponent; of a transposed power, the base transposed."""
    bare = untransposed(f)
    if bare.op is not H.MATPOWER:
        return f, 1
    return (bare.args[0] if bare is f else transposes.transpose(bare.args[0])), bare.data


def _powers(a: Expr, b: Expr) -> Expr | None:
    (base_a, j), (base_b, k) = _power(a), _power(b)
    return products.matpower(base_a, j + k) if base_a is base_b else None


def _orthogonal(a: Expr, b: Expr) -> Expr | None:
    q = untransposed(a)
    return identity(a.shape[0]) if a is not b and q is untransposed(b) and has(q, "orthogonal") else None


def _unitary(a: Expr, b: Expr) -> Expr | None:
    return identity(a.shape[0]) if a.complex and b is a.H and has(a, "unitary") else None


def _diagonal(a: Expr, b: Expr) -> Expr | None:
    """They commute, and stand in alphabetical order, powers too."""
    return node(H.PRODUCT, (b, a), (1, 0), a.shape) if products.commute(a, b) and products.before(b, a) else None


def _upright(a: Expr, b: Expr) -> Expr | None:
    """A function of a matrix stands without a transpose beside it, where the two are symmetric together."""
    pair = products.upright(a, b)
    if pair == (a, b):
        return None
    (c, f), (d, g) = map(coefficient_and_rest, pair)  # triu(P)' of a skew P is -tril(P)
    return node(H.PRODUCT, (f, g), (c * d, 0), (a.shape[0], b.shape[1]))


def _diags(a: Expr, b: Expr) -> Expr | None:
    return E.apply(a.op, (E.hadamard([a.args[0], b.args[0]]),)) if a.op is b.op else None


def _cancelled(a: Expr, b: Expr) -> Expr | None:
    """The factor at the open end of an inverse of a product cancels with the inverse's neighbour; so in a transposed inverse."""
    if not _square(a, b):
        return None
    for inverse, other, from_left in ((b, a, True), (a, b, False)):
        turned = inverse.op is H.TRANSPOSE
        bare = untransposed(inverse)
        if bare.op is not H.MATPOWER or bare.data != -1 or bare.args[0].op is not H.PRODUCT or bare.args[0].data != (1, 0):
            continue
        at_end = from_left != turned
        c, f = transposes.turned(other) if turned else (1, other)  # of a skew matrix, minus itself
        for chain in _ways(bare.args[0]):
            if (chain[-1] if at_end else chain[0]) is f:
                rest = products.scaled(c, products.matpower(products.product(chain[:-1] if at_end else chain[1:]), -1))
                return transposes.transpose(rest) if turned else rest
    return None


def _ways(base: Expr) -> Iterator[Sequence[Expr]]:
    """The factors of a product; of a symmetric one, and of X⁺ X at either end, also those of its transpose."""
    chain = base.args
    yield chain
    if base.symmetric:
        yield _reversed(chain)
    else:
        for i in (0, len(chain) - 2):
            if beside(chain[i : i + 2]):
                yield [*chain[:i], *_reversed(chain[i : i + 2]), *chain[i + 2 :]]


def _reversed(chain: Sequence[Expr]) -> list[Expr]:
    return [transposes.transpose(f) for f in reversed(chain)]


def _counted(a: Expr, b: Expr) -> Expr | None:
    return size(b.shape[0]) if a.op is H.TRANSPOSE and untransposed(a).op is H.ONES is b.op else None


def _picked(a: Expr, b: Expr) -> Expr | None:
    """Entries that are known."""
    if a.op is not H.TRANSPOSE:
        return None
    i, j = untransposed(a), b
    if {i.op, j.op} == {H.UNIT, H.ONES}:
        return ONE
    if i.op is j.op is H.UNIT and (i.data[0] == j.data[0] or isinstance(i.data[0], int) and isinstance(j.data[0], int)):
        return number(int(i.data[0] == j.data[0]))
    return None


def _row_or_column(a: Expr, b: Expr) -> Expr | None:
    """A row of powers is the powers of the row."""
    is_row = a.op is H.TRANSPOSE and untransposed(a).op is H.UNIT
    powers = b if is_row else a
    bare = untransposed(powers)
    if bare.op is not H.HPOWER or not (is_row or b.op is H.UNIT):
        return None
    base = transposes.transpose(bare.args[0]) if powers is not bare else bare.args[0]
    return E.hpower(products.product([a, base] if powers is b else [base, b]), bare.args[1])


def _of_stack(a: Expr, b: Expr) -> Expr | None:
    """A row of what a sum stacks: e_k' Σ_i e_i w_i' is w_k'; so a column of its transpose."""
    is_row = a.op is H.TRANSPOSE and untransposed(a).op is H.UNIT
    if untransposed(b if is_row else a).op is not H.SIGMA or not (is_row or b.op is H.UNIT):
        return None
    stack, row = (b, a) if is_row else (transposes.transpose(a), transposes.transpose(b))
    body = stack.args[0] if stack.op is H.SIGMA else transposes.transpose(untransposed(stack).args[0])
    at = body.data[1] if body.op is H.PRODUCT else 0
    chain = body.args if body.op is H.PRODUCT else (body,)
    if at >= len(chain) or chain[at].op is not H.UNIT or chain[at].data[0] != Bound(0):
        return None
    found = E.indices.replaced(products.product([*chain[:at], *chain[at + 1 :]]), transposes.transpose(row))
    return found if is_row or found is None else transposes.transpose(found)


def _grids(a: Expr, b: Expr) -> Expr | None:
    return grids.multiplied(a, b)


def _ones_of_blocks(a: Expr, b: Expr) -> Expr | None:
    left = a.op is H.TRANSPOSE and untransposed(a).op is H.ONES and b.op is H.GRID
    return grids.summed(a, b) if left or a.op is H.GRID and b.op is H.ONES else None


def _stretch(a: Expr, b: Expr) -> Expr | None:
    return grids.stretched(a, b) if untransposed(a).op is H.SELECT or untransposed(b).op is H.SELECT else None


# fmt: off
MELTS: tuple[Melt, ...] = (
    Melt("powers",             "",         "X^2",             "X^3",             "X^5",             "X: (n, n)",                                _powers),
    Melt("inverse",            "",         "inv(X)",          "X",               "eye(n)",          "X: (n, n)",                                _powers),
    Melt("of a transpose",     "",         "triu(X)'",        "inv(triu(X))'",   "eye(n)",          "X: (n, n)",                                _powers),
    Melt("orthogonal",         "",         "Q'",              "Q",               "eye(n)",          "Q: (n, n) orthogonal",                     _orthogonal),
    Melt("unitary",            "",         "Q^H",             "Q",               "eye(n)",          "Q: (n, n) unitary",                        _unitary),
    Melt("inverse of product", "matpower", "A",               "inv(B*A)",        "inv(B)",          "A: (n, n); B: (n, n)",                     _cancelled),
    Melt("its transpose",      "matpower", "A'",              "inv(A*B)'",       "inv(B)'",         "A: (n, n); B: (n, n)",                     _cancelled),
    Melt("of a skew matrix",   "matpower", "W",               "inv(W*B)'",       "-inv(B)'",        "W: (n, n) skew; B: (n, n)",                _cancelled),
    Melt("diagonal matrices",  "",         "E",               "D",               "D*E",             "D: (n, n) diagonal; E: (n, n) diagonal",   _diagonal),
    Melt("their powers",       "",         "E^3",             "inv(D)",          "inv(D)*E^3",      "D: (n, n) diagonal; E: (n, n) diagonal",   _diagonal),
    Melt("one of a vector",    "",         "D",               "diag(a)",         "diag(a)*D",       "D: (n, n) diagonal; a: (n)",               _diagonal),
    Melt("beside its inverse", "pinv",     "pinv(X)'",        "X'",              "X*pinv(X)",       "X: (m, n)",                                _upright),
    Melt("inverse beside it",  "pinv",     "X'",              "pinv(X)'",        "pinv(X)*X",       "X: (m, n)",                                _upright),
    Melt("modulus",            "polar",    "polar(X)'",       "X",               "X'*polar(X)",     "X: (m, n)",                                _upright),
    Melt("left modulus",       "polar",    "X",               "polar(X)'",       "polar(X)*X'",     "X: (m, n)",                                _upright),
    Melt("diag",               "diag",     "diag(a)",         "diag(b)",         "diag(a.*b)",      "a: (n); b: (n)",                           _diags),
    Melt("count",              "ones",     "ones(n)'",        "ones(n)",         "tr(eye(n))",      "",                                        _counted),
    Melt("an entry",           "unit",     "eye(n)[:,2]'",    "eye(n)[:,2]",     "1",               "",                                         _picked),
    Melt("another entry",      "unit",     "eye(n)[:,1]'",    "eye(n)[:,2]",     "0",               "",                                         _picked),
    Melt("an entry of ones",   "unit",     "eye(n)[:,1]'",    "ones(n)",         "1",               "",                                         _picked),
    Melt("ones and a unit",    "unit",     "ones(n)'",        "eye(n)[:,1]",     "1",               "",                                         _picked),
    Melt("row of powers",      "unit",     "eye(m)[:,1]'",    "A.^2",            "A[1,:].^2",       "A: (m, n)",                                _row_or_column),
    Melt("column of powers",   "unit",     "A.^3",            "eye(n)[:,2]",     "A[:,2].^3",       "A: (m, n)",                                _row_or_column),
    Melt("row of a stack",     "unit",     "eye(m)[:,1]'",    "sum(i=1..m, eye(m)[:,i]*(inv(S_i)*b)')", "b'*inv(S_1)'", "S_i: (n, n), i=1..m; b: (n)",     _of_stack),
    Melt("blocks",             "grid",     "[A, B; C, D]",    "[x; y]",          "[A*x + B*y; C*x + D*y]", "A: (m, n); B: (m, q); C: (p, n); D: (p, q); x: (n); y: (q)", _grids),
    Melt("sums of blocks",     "grid",     "ones(m+p)'",      "[A; B]",          "ones(m)'*A + ones(p)'*B", "A: (m, n); B: (p, n)",              _ones_of_blocks),
    Melt("blocks of a stack",  "select",   "eye(m+p)[:,m+1:m+p]'", "[A; B]",     "B",               "A: (m, n); B: (p, n)",                     _stretch),
    Melt("blocks of an inverse", "select", "eye(n+q)[:,1:n]'", "inv([A, B; C, D])", "[inv(A - B*inv(D)*C), -inv(A - B*inv(D)*C)*B*inv(D)]", "A: (n, n); B: (n, q); C: (q, n); D: (q, q)", _stretch),
    Melt("column of a stack",  "unit",     "sum(i=1..m, inv(S_i)*b*eye(m)[:,i]')", "eye(m)[:,2]", "inv(S_2)*b", "S_i: (n, n), i=1..m; b: (n)",    _of_stack),
)
# fmt: on

_BY_HEAD: dict[str, tuple[Melt, ...]] = {}
for _row in MELTS:
    if all(row.melted is not _row.melted for row in _BY_HEAD.get(_row.head, ())):
        _BY_HEAD[_row.head] = (*_BY_HEAD.get(_row.head, ()), _row)
