"""The definitions of the language read backwards: X e_j is X[:,j], 1'X1 is sum(X), X1 is rowsum(X), …

A definition never becomes a node of an expression; here it does, for the time of writing, so that the writers
have a name to write.  Columns, rows and entries are written so in every language, sums only where it `sums`.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import Expr, Manner, Op, apply, hpower, is_ones, power, product, scaled, transpose
from matcalc.expr import heads as H
from matcalc.expr.dims import Dim, Size
from matcalc.expr.facts import is_nonnegative
from matcalc.expr.grids import total
from matcalc.expr.heads import Number, coefficient_and_rest, exact, identity, number, untransposed, zero
from matcalc.expr.node import node

COLUMN, ROW, ENTRY, ITEM = Op("column"), Op("row"), Op("entry"), Op("item")  # data: the indices
COLUMNS, ROWS, PART = Op("columns"), Op("rows"), Op("part")  # stretches of them; data: (first, how many)
BLOCK = Op("block")  # of rows and of columns; data: (first row, how many, first column, how many)
TOTAL, MEAN, NORM1 = Op("total", spelled="sum"), Op("mean"), Op("norm1")
ROWSUM, COLSUM, ALL_ONES = Op("rowsum"), Op("colsum"), Op("all_ones", spelled="ones")


def shortened(chain: Sequence[Expr], sums: bool, manner: Manner) -> list[Expr]:
    """The factors of a chain, with columns, rows, entries and sums in place of unit vectors and ones."""
    if any(untransposed(f).op is H.SELECT for f in chain):
        chain = manner.parted and _padded(list(chain)) or _stretches(list(chain))
    if len(chain) == 1:
        return list(chain)
    short = _scalar(list(chain), sums) if chain[0].shape[0] == 1 and chain[-1].shape[1] == 1 else _segments(chain, sums)
    return _gathered(short) if sums and not manner.literal else short


def _padded(chain: list[Expr]) -> list[Expr]:
    """S M, M S' and S M S' as M with zeros around it."""
    left = chain[0].op is H.SELECT
    right = _is_row_of(chain[-1], H.SELECT)
    inner = chain[left : len(chain) - right]
    if not (left or right) or not inner or _is_row_of(inner[0], H.SELECT) and len(inner) == 1 or inner[0].op is H.UNIT:
        return []
    m = product(inner)
    if m.op is H.SELECT or _is_row_of(inner[-1], H.UNIT):
        return []
    rows, columns = (_around(chain[0]) if left else [(m.shape[0], True)]), (_around(chain[-1].args[0]) if right else [(m.shape[1], True)])
    blocks = tuple(m if here and also else zero((h, w)) for h, here in rows for w, also in columns)
    return [node(H.GRID, blocks, (len(rows), len(columns)), (chain[0].shape[0], chain[-1].shape[1]))]


def padded_identity(e: Expr) -> Expr:
    """Columns of the identity, or rows, as I with zeros around it."""
    parts = _around(untransposed(e))
    m = untransposed(e).shape[1]
    if e.op is H.SELECT:
        return node(H.GRID, tuple(identity(m) if here else zero((h, m)) for h, here in parts), (len(parts), 1), e.shape)
    return node(H.GRID, tuple(identity(m) if here else zero((m, h)) for h, here in parts), (1, len(parts)), e.shape)


def _around(s: Expr) -> list[tuple[Size, bool]]:
    """The parts before a stretch, the stretch, and the parts behind."""
    n, m, first = s.data
    parts = [(first, False), (m, True), (total((n, -1 * first, -1 * m)), False)]
    return [(size, here) for size, here in parts if size != 0]


def _stretches(chain: list[Expr]) -> list[Expr]:
    """A S is a stretch of the columns of A, S'A of its rows; S e_t is e_(t + 1)."""
    out: list[Expr] = []
    for f in chain:  # first the unit vectors
        before = out[-1] if out else f
        if f.op is H.UNIT and before.op is H.SELECT:
            out[-1] = _further(before, f)
        elif _is_row_of(f, H.SELECT) and _is_row_of(before, H.UNIT):
            out[-1] = node(H.TRANSPOSE, (_further(f.args[0], before.args[0]),), None, (1, f.shape[1]))
        else:
            out.append(f)
    chain, out = out, []
    for f in chain:
        before = out[-1] if out else f
        if f.op is H.SELECT and out and not _is_row_of(before, H.UNIT):
            _, m, first = f.data
            turned = before.op is H.TRANSPOSE and before.args[0].op is H.VARIABLE
            rows = node(PART if before.shape[0] == 1 else ROWS, before.args, (first, m), (m, before.shape[0])) if turned else before
            shape = (before.shape[0], m)
            if before.op is ROWS:
                out[-1] = node(BLOCK, before.args, (*before.data, first, m), shape)
            else:
                out[-1] = node(H.TRANSPOSE, (rows,), None, shape) if turned else node(COLUMNS, (before,), (first, m), shape)
        elif _is_row_of(before, H.SELECT) and out:
            _, m, first = before.args[0].data
            if f.op is H.TRANSPOSE and f.args[0].op is H.VARIABLE:
                columns = node(COLUMNS, f.args, (first, m), (f.shape[1], m))
                out[-1] = node(H.TRANSPOSE, (columns,), None, (m, f.shape[1]))
            else:
                out[-1] = node(PART if f.shape[1] == 1 else ROWS, (f,), (first, m), (m, f.shape[1]))
        else:
            out.append(f)
    return out


def _further(s: Expr, e: Expr) -> Expr:
    return node(H.UNIT, (), ((e.data[0], s.data[2]), s.shape[0]), (s.shape[0], 1))


def _segments(chain: Sequence[Expr], sums: bool) -> list[Expr]:
    out: list[Expr] = []
    segment: list[Expr] = []
    for f in chain:
        segment.append(f)
        if f.shape[1] == 1:
            out += _column(segment, sums)
            segment = []
    if segment:
        out += _row(segment, sums)
    if sums and len(out) == 2 and is_ones(out[0]) and is_ones(out[1]):
        shape = (out[0].shape[0], out[1].shape[1])
        return [node(ALL_ONES, (), shape, shape)]
    return out


def _gathered(chain: list[Expr]) -> list[Expr]:
    """Neighbours that are transposed, as the transpose of their product: A'B' is (BA)', and x'A'Ax is (Ax)'(Ax)."""
    out: list[Expr] = []
    i = 0
    while i < len(chain):
        run = _run(chain, i)
        if run > 1:
            inner = tuple(untransposed(f) for f in reversed(chain[i : i + run]))
            turned = node(H.PRODUCT, inner, (1, 0), (inner[0].shape[0], inner[-1].shape[1]))
            out.append(node(H.TRANSPOSE, (turned,), None, (turned.shape[1], turned.shape[0])))
            i += run
            if tuple(chain[-len(inner) :]) == inner and len(chain) - len(inner) >= i:
                chain = [*chain[: -len(inner)], turned]
        else:
            out.append(chain[i])
            i += 1
    return out


def _run(chain: list[Expr], start: int) -> int:
    """How many factors from `start` on are transposed, or symmetric between two that are."""
    end = start
    for i in range(start, len(chain)):
        f = chain[i]
        if i > start and f.shape[0] == 1:
            break
        if f.op is H.TRANSPOSE:
            end = i + 1
        elif i == start or not f.symmetric:
            break
    return end - start


def as_inverse(e: Expr) -> Expr | None:
    """diag(1./x) as inv(diag(x))."""
    if e.op.name != "diag" or e.args[0].op is not H.HPOWER:
        return None
    inner = reciprocal(e.args[0])
    return None if inner is None else node(H.MATPOWER, (apply(e.op, (inner,)),), -1, e.shape)


def reciprocal(e: Expr) -> Expr | None:
    """1/e (elementwise, of an array), where `e` is a power with a negative exponent, or an outer product of such and ones."""
    if e.op is H.PRODUCT and len(e.args) == 2 and e.data == (1, 0) and e.args[0].shape[1] == 1:
        parts = [f if is_ones(f) else reciprocal(f) for f in e.args]
        return None if is_ones(e) or None in parts else product([f for f in parts if f is not None])
    if e.op is H.TRANSPOSE:
        inner = reciprocal(e.args[0])
        return None if inner is None else transpose(inner)
    if e.op not in (H.POWER, H.HPOWER) or coefficient_and_rest(e.args[1])[0] >= 0:
        return None
    exponent = scaled(-1, e.args[1])
    return power(e.args[0], exponent) if e.op is H.POWER else hpower(e.args[0], exponent)


def with_roots(scalars: Sequence[Expr]) -> list[Expr]:
    """The scalar factors with what is nowhere negative under one root: √(2π) for √2 √π, √(2 d), and √((xᵀ A x) (yᵀ B y))."""
    roots: dict[Expr, list[Expr]] = {}
    for s in scalars:
        if s.op is H.POWER and s.args[1].op is H.NUMBER and not isinstance(s.args[1].data, int) and _is_named(s.args[0]):
            roots.setdefault(s.args[1], []).append(s)
    for k, alike in roots.items():
        signed = [s for s in alike if not is_nonnegative(s.args[0])]
        if len(signed) > 1 or signed and any(s.args[0].op is not H.NUMBER for s in alike if s not in signed):
            alike = [s for s in alike if s not in signed]
        if len(alike) > 1:
            whole = node(H.POWER, (product([s.args[0] for s in alike]), k), None, (1, 1))
            scalars = [whole if s is alike[0] else s for s in scalars if s not in alike[1:]]
    return list(scalars)


def _is_named(s: Expr) -> bool:
    """Whether a scalar is a name, a number, or a form xᵀ A x that is nowhere negative and no sum of entries."""
    form = s.op is H.PRODUCT and not s.data[1] and untransposed(s.args[0]).op is not H.ONES
    return not s.args or form and is_nonnegative(s)


def is_constant(s: Expr) -> bool:
    return s.op is H.SIZE or s.op is H.NUMBER or s.op.name == "pi"


def with_means(c: Number, scalars: Sequence[Expr]) -> tuple[Number, list[Expr]]:
    """The scalar factors with mean(X) in place of sum(X) over the number of entries."""
    below = {s.args[0].data.name: -s.args[1].data for s in scalars if _is_division(s)}
    out: list[Expr] = []
    for s in scalars:
        base, k = (s.args[0], s.args[1].data) if s.op is H.POWER and s.args[1].op is H.NUMBER else (s, 1)
        mean = _mean(base) if isinstance(k, int) and k > 0 else None
        if mean is not None:
            n, names = mean[1]
            scale = n**k
            if all(below.get(name, 0) >= k * names.count(name) for name in names) and (names or c.denominator % scale == 0):
                for name in names:
                    below[name] -= k
                c = exact(c * scale)
                s = power(mean[0], number(k))
        out.append(s)
    return c, [
        t
        for s in out
        for t in ([s] if not _is_division(s) else [power(s.args[0], number(-below[s.args[0].data.name]))])
        if t.op is not H.NUMBER
    ]


def _is_division(s: Expr) -> bool:
    """Whether `s` is a size to a negative whole power."""
    return (
        s.op is H.POWER and s.args[0].op is H.SIZE and s.args[1].op is H.NUMBER and isinstance(s.args[1].data, int) and s.args[1].data < 0
    )


def _mean(base: Expr) -> tuple[Expr, tuple[int, tuple[str, ...]]] | None:
    """(mean(X), the number of entries as a number and names) for a base that is sum(X)."""
    if base.op is not H.PRODUCT or base.data[1] or not base.is_scalar:
        return None
    short = _scalar(list(base.args), True)
    if len(short) > 1 or short[0].op is not TOTAL:
        return None
    x = short[0].args[0]
    size = x.shape[0] * x.shape[1]
    if not isinstance(size, Dim):
        entries: tuple[int, tuple[str, ...]] = (size, ())
    elif len(size.terms) == 1:
        names, coefficient = size.terms[0]
        entries = (coefficient, names)
    else:
        return None
    return node(MEAN, (x,), None, (1, 1)), entries


def _scalar(chain: list[Expr], sums: bool) -> list[Expr]:
    """A chain that is a number: sum(X), X[i,j], x[i], or as it is."""
    front, back = chain[0], chain[-1]
    if (sums and back.op is H.ONES and not is_ones(front)) or (
        back.op is H.UNIT and not (_is_row_of(front, H.UNIT) or _is_row_of(front, H.ONES))
    ):
        chain = [transpose(f) for f in reversed(chain)]
        front, back = chain[0], chain[-1]
    if sums and _is_row_of(front, H.ONES):
        inner = chain[1:-1] if back.op is H.ONES else chain[1:]
        x = _plainer(product(inner)) if back.op is H.ONES else product(inner)
        if x.op.name == "abs" and x.is_vector:
            return [node(NORM1, x.args, None, (1, 1))]
        return [node(TOTAL, (x,), None, (1, 1))]
    if _is_row_of(front, H.UNIT):
        i = front.args[0].data[0]
        if back.op is not H.UNIT:
            rest = chain[1:]
            if len(rest) > 1 and _is_row_of(rest[0], H.VARIABLE):
                return [_row_at(rest[0], i), *rest[1:]]
            return [node(ITEM, (product(rest),), (i,), (1, 1))]
        inner, j = chain[1:-1] or [identity(front.shape[1])], back.data[0]
        if len(inner) == 1 and inner[0].op is H.TRANSPOSE:
            return [node(ENTRY, inner[0].args, (j, i), (1, 1))]
        if len(inner) > 1 and _is_row_of(inner[0], H.VARIABLE):
            return [_row_at(inner[0], i), *inner[1:-1], _column_at(inner[-1], j)]
        return [node(ENTRY, (product(inner),), (i, j), (1, 1))]
    return [front, *_column(chain[1:], sums)] if back.op is H.UNIT and len(chain) > 2 else chain


def _column(segment: list[Expr], sums: bool) -> list[Expr]:
    """A product of matrices with a column at its end."""
    *rest, end = segment
    if not rest:
        return segment
    if end.op is H.UNIT:
        return [*rest[:-1], _column_at(rest[-1], end.data[0])]
    if end.op is H.ONES and sums:
        whole = product(rest)
        if len(rest) > 1 and whole.turns[1] < whole.turns[0]:
            return [_sums(COLSUM, transpose(whole))]
        last = rest[-1]
        if last.op is not H.PRODUCT:  # as the transpose of X - 1 with a skew X is, with its minus
            return [*rest[:-1], _sums(COLSUM, last.args[0]) if last.op is H.TRANSPOSE else _sums(ROWSUM, last)]
    return segment


def _row(segment: list[Expr], sums: bool) -> list[Expr]:
    """A product of matrices, perhaps with a row at its front."""
    front, *rest = segment
    if not rest:
        return segment
    if _is_row_of(front, H.UNIT):
        return [_row_at(rest[0], front.args[0].data[0]), *rest[1:]]
    if _is_row_of(front, H.ONES) and sums:
        return [_turned(f) for f in reversed(_column([transpose(f) for f in reversed(segment)], True))]
    return segment


def _sums(op: Op, x: Expr) -> Expr:
    return node(op, (x,), None, (x.shape[0] if op is ROWSUM else x.shape[1], 1))


def _turned(e: Expr) -> Expr:
    return node(H.TRANSPOSE, (e,), None, (1, e.shape[0])) if e.op in (ROWSUM, COLSUM) else transpose(e)


def _column_at(x: Expr, j: int | str) -> Expr:
    if _is_row_of(x, H.VARIABLE):
        return node(H.TRANSPOSE, (node(ROW, x.args, (j,), (1, x.shape[0])),), None, (x.shape[0], 1))
    return node(COLUMN, (x,), (j,), (x.shape[0], 1))


def _row_at(x: Expr, i: int | str) -> Expr:
    if _is_row_of(x, H.VARIABLE):
        return node(H.TRANSPOSE, (node(COLUMN, x.args, (i,), (x.shape[1], 1)),), None, (1, x.shape[1]))
    return node(ROW, (x,), (i,), (1, x.shape[1]))


def _is_row_of(e: Expr, op: Op) -> bool:
    return e.op is H.TRANSPOSE and e.args[0].op is op


def _plainer(x: Expr) -> Expr:
    """Of a matrix and its transpose, the one that shows fewer transposes."""
    return transpose(x) if x.turns[1] < x.turns[0] else x
