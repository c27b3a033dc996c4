"""THE GRID: a matrix of matrices, one head for all that is written in blocks.

Blocks stand in rows of equal heights and columns of equal widths.  What has one block that is not zero is a product with SELECT, the columns of
an identity: S M S' pads M with zeros, and S'M S is a sub-block.  So the adjoint of a stack is a slice and that of a slice a padding, and
neither needs a rule.  What goes into the blocks without being written twice does so here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import matcalc.expr as E
from matcalc import operators
from matcalc.errors import LimitError, ShapeError
from matcalc.expr import heads as H
from matcalc.expr.dims import Dim, Shape, Size
from matcalc.expr.heads import ONE, Number, coefficient_and_rest, identity, number, select, untransposed, with_coefficient, zero
from matcalc.expr.node import Expr, Op, node
from matcalc.limits import MOST_BLOCKS

Rows = list[list[Expr]]


def grid(rows: Sequence[Sequence[Expr]]) -> Expr:
    """The matrix with these blocks.

    Raises ShapeError where heights in a row or widths in a column differ, LimitError for too many blocks.

    >>> from matcalc.expr import symbol, variable
    >>> n, q = symbol("n"), symbol("q")
    >>> x, y = variable("x", (n, 1)), variable("y", (q, 1))
    >>> grid([[x], [y]]).shape, grid([[x]]) is x
    ((n + q, 1), True)
    """
    made = [list(row) for row in rows]
    check(made)
    made = _merged(_flat(made))
    if len(made) == len(made[0]) == 1:
        return made[0][0]
    if len(made) * len(made[0]) > MOST_BLOCKS:
        raise LimitError(f"a matrix of {len(made) * len(made[0])} blocks; the limit is {MOST_BLOCKS}")
    heights, widths = [row[0].shape[0] for row in made], [b.shape[1] for b in made[0]]
    kept = [(i, j) for i, row in enumerate(made) for j, b in enumerate(row) if not is_zero(b)]
    if not kept:
        return zero((total(heights), total(widths)))
    if len(kept) == 1:
        ((i, j),) = kept
        return padded(made[i][j], heights, widths, i, j)
    if _is_identity(made):
        return identity(total(heights))
    numbers = {coefficient_and_rest(made[i][j])[0] for i, j in kept}
    if len(numbers) == 1 and (c := numbers.pop()) != 1 and not any(made[i][j].op is H.NUMBER for i, j in kept):
        return with_coefficient(c, grid([[b if is_zero(b) else coefficient_and_rest(b)[1] for b in row] for row in made]))
    blocks = tuple(b for row in made for b in row)
    return node(H.GRID, blocks, (len(made), len(made[0])), (total(heights), total(widths)))


def check(rows: Rows) -> None:
    """Raises ShapeError where the blocks do not fit together."""
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        raise ShapeError("the rows of a block matrix have as many blocks as one another")
    for row in rows:
        for b in row:
            if b.shape[0] != row[0].shape[0]:
                raise ShapeError(f"blocks in a row have equal heights, not {row[0].shape[0]} and {b.shape[0]}")
    for column in zip(*rows, strict=True):
        for b in column:
            if b.shape[1] != column[0].shape[1]:
                raise ShapeError(f"blocks in a column have equal widths, not {column[0].shape[1]} and {b.shape[1]}")


def is_zero(b: Expr) -> bool:
    return b.op is H.ZERO or b.op is H.NUMBER and b.data == 0


def total(sizes: Iterable[Size]) -> Size:
    out: Size = 0
    for n in sizes:
        out = n + out if isinstance(n, Dim) else out + n
    return out


def rows_of(e: Expr) -> Rows:
    """The blocks of a grid, row by row."""
    _, columns = e.data
    return [list(e.args[i : i + columns]) for i in range(0, len(e.args), columns)]


def heights(e: Expr) -> list[Size]:
    return [row[0].shape[0] for row in rows_of(e)]


def widths(e: Expr) -> list[Size]:
    return [b.shape[1] for b in rows_of(e)[0]]


def is_square(e: Expr) -> bool:
    """Whether rows and columns are divided alike."""
    return heights(e) == widths(e)


def each(change: Callable[[Expr], Expr], e: Expr) -> Expr:
    """The grid with every block changed."""
    return grid([[change(b) for b in row] for row in rows_of(e)])


def alike(a: Expr, b: Expr) -> bool:
    """Whether two grids are divided alike."""
    return a.op is H.GRID is b.op and heights(a) == heights(b) and widths(a) == widths(b)


def padded(b: Expr, heights: Sequence[Size], widths: Sequence[Size], i: int, j: int) -> Expr:
    """The block at a place, zeros around it."""
    left, right = _stretch(heights, i), _stretch(widths, j)
    return E.product([left, b, E.transpose(right)])


def _stretch(sizes: Sequence[Size], i: int) -> Expr:
    return select(total(sizes), sizes[i], total(sizes[:i]))


def picks(e: Expr) -> list[tuple[Expr, Expr]]:
    """For each block the matrices (R, C) with R'E C that block: of the rows, of the columns.

    >>> from matcalc.expr import symbol, variable
    >>> x, y = variable("x", (symbol("n"), 1)), variable("y", (symbol("q"), 1))
    >>> [r.T @ grid([[x], [y]]) for r, _ in picks(grid([[x], [y]]))]
    [x, y]
    """
    high, wide = heights(e), widths(e)
    return [(_stretch(high, i), _stretch(wide, j)) for i in range(len(high)) for j in range(len(wide))]


def flipped(e: Expr) -> Expr:
    """The transpose of a grid: that of its transposed blocks."""
    return grid([[E.transpose(b) for b in column] for column in zip(*rows_of(e), strict=True)])


def _flat(rows: Rows) -> Rows:
    """With the blocks of blocks among the others, where they are divided as their neighbours are."""
    if not any(b.op is H.GRID for row in rows for b in row):
        return rows
    high = [_division(row, 0) for row in rows]
    wide = [_division(column, 1) for column in zip(*rows, strict=True)]
    if any(d is None for d in (*high, *wide)):
        return rows
    out: Rows = []
    for row, hs in zip(rows, high, strict=True):
        parts = [_cut(b, hs or [], ws or []) for b, ws in zip(row, wide, strict=True)]
        out += [[b for part in parts for b in part[i]] for i in range(len(hs or []))]
    return out


def _division(blocks: Sequence[Expr], axis: int) -> list[Size] | None:
    """How a row (a column) of blocks is divided; None where they differ, or one is not divided that is more than zeros."""
    found = [heights(b) if axis == 0 else widths(b) for b in blocks if b.op is H.GRID]
    found = [d for d in found if len(d) > 1]
    if not found:
        return [blocks[0].shape[axis]]
    whole = any(not is_zero(b) and (b.op is not H.GRID or len((heights, widths)[axis](b)) == 1) for b in blocks)
    return None if whole or any(d != found[0] for d in found) else found[0]


def _cut(b: Expr, high: Sequence[Size], wide: Sequence[Size]) -> Rows:
    return rows_of(b) if b.op is H.GRID else [[b if len(high) == len(wide) == 1 else zero((h, w)) for w in wide] for h in high]


def _merged(rows: Rows) -> Rows:
    """Neighbouring rows, and columns, of nothing but zeros as one."""
    for _ in range(2):
        out: Rows = []
        for row in rows:
            if out and all(map(is_zero, (*row, *out[-1]))):
                out[-1] = [zero((total((a.shape[0], b.shape[0])), a.shape[1])) for a, b in zip(out[-1], row, strict=True)]
            else:
                out.append(row)
        rows = [list(column) for column in zip(*out, strict=True)]
    return rows


def _is_identity(rows: Rows) -> bool:
    return len(rows) == len(rows[0]) and all(
        (b.op is H.IDENTITY or b is ONE) if i == j else is_zero(b) for i, row in enumerate(rows) for j, b in enumerate(row)
    )


# --- what goes into the blocks ------------------------------------------------------------------------------------


def diagonal_blocks(e: Expr) -> list[Expr] | None:
    """The blocks on the diagonal of a grid with nothing below (or above) them, of which they are the whole determinant."""
    rows = rows_of(e)
    if not is_square(e):
        return None
    for low in (True, False):
        if all(is_zero(b) for i, row in enumerate(rows) for j, b in enumerate(row) if (i > j if low else i < j)):
            return [row[i] for i, row in enumerate(rows)]
    return None


def is_diagonal(e: Expr) -> bool:
    return is_square(e) and all(is_zero(b) for i, row in enumerate(rows_of(e)) for j, b in enumerate(row) if i != j)


def applied(op: Op, e: Expr) -> Expr | None:
    """A function of a grid, where it is one of the functions of the blocks."""
    if op.elementwise and (op.d or op.abstract):
        return each(lambda b: E.apply(op, (b,)), e)
    rows = rows_of(e)
    match op.name:
        case "norm1":
            return E.add([E.apply(op, (b,)) if not b.is_scalar else operators.call("abs", b) for row in rows for b in row])
        case "tr" if is_square(e):
            return E.add([b if (b := row[i]).is_scalar else E.apply(op, (b,)) for i, row in enumerate(rows)])
        case "diagonal" if is_square(e):
            return grid([[b if (b := row[i]).is_scalar else E.apply(op, (b,))] for i, row in enumerate(rows)])
        case "det" if (entries := _two_by_two(e)) is not None:
            a, b, c, d = entries
            return E.add([E.product([a, d]), E.scaled(-1, E.product([b, c]))])
        case "logdet" | "det" if (blocks := diagonal_blocks(e)) is not None:
            parts = [E.apply(op, (b,)) for b in blocks]
            return E.add(parts) if op.name == "logdet" else E.product(parts)
        case "vec" if len(rows) == 1:
            return grid([[b if b.shape[1] == 1 else E.apply(op, (b,))] for b in rows[0]])
    return None


def _two_by_two(e: Expr) -> tuple[Expr, ...] | None:
    """The entries of a 2×2 matrix of numbers."""
    return e.args if e.data == e.shape == (2, 2) else None


def inverted(e: Expr) -> Expr | None:
    """The inverse of a grid with nothing beside its diagonal, or of four numbers."""
    if not is_diagonal(e) and (entries := _two_by_two(e)) is not None:
        a, b, c, d = entries
        below = E.power(E.add([E.product([a, d]), E.scaled(-1, E.product([b, c]))]), number(-1))
        return E.product([below, grid([[d, E.scaled(-1, b)], [E.scaled(-1, c), a]])])
    if not is_diagonal(e):
        return None
    rows = rows_of(e)
    return grid([[E.matpower(b, -1) if i == j else b for j, b in enumerate(row)] for i, row in enumerate(rows)])


def added(terms: dict[Expr, Number]) -> dict[Expr, Number]:
    """Terms of a sum with the grids that are divided alike as one, and with what pads along their divisions in them."""
    for g in [t for t in terms if t.op is H.GRID]:
        found = {t: rows for t in terms if (rows := divided(t, heights(g), widths(g))) is not None}
        if len(found) > 1:
            rows = [[E.add([E.scaled(terms[t], found[t][i][j]) for t in found]) for j in range(g.data[1])] for i in range(g.data[0])]
            whole = grid(rows)
            rest = {t: c for t, c in terms.items() if t not in found}
            c, bare = coefficient_and_rest(whole)
            if not is_zero(whole):
                rest[bare] = rest.get(bare, 0) + c
            return added(rest)
    return terms


def divided(e: Expr, high: Sequence[Size], wide: Sequence[Size]) -> Rows | None:
    """The blocks of a grid that is divided so, and of S M S' where that stands in one of them; None of anything else."""
    if e.op is H.GRID:
        return rows_of(e) if heights(e) == list(high) and widths(e) == list(wide) else None
    if e.op is not H.PRODUCT or e.is_scalar:
        return None
    front, chain = e.args[: e.data[1]], list(e.args[e.data[1] :])
    i, j = (0 if len(high) == 1 else None), (0 if len(wide) == 1 else None)
    if i is None and chain and chain[0].op is H.SELECT:
        i = _place(high, chain.pop(0))
    if j is None and chain and chain[-1].op is H.TRANSPOSE and chain[-1].args[0].op is H.SELECT:
        j = _place(wide, chain.pop().args[0])
    if i is None or j is None or not chain:
        return None
    block = E.product([*front, *chain])
    return [[block if (i, j) == (k, n) else zero((h, w)) for n, w in enumerate(wide)] for k, h in enumerate(high)]


def _place(sizes: Sequence[Size], s: Expr) -> int | None:
    """Which of the sizes a stretch is."""
    found = _between(sizes, s.data[1], s.data[2])
    return found[0] if found is not None and found[1] - found[0] == 1 else None


# --- neighbours in a product --------------------------------------------------------------------------------------


def multiplied(a: Expr, b: Expr) -> Expr | None:
    """A grid times a grid, where the columns of the one are divided as the rows of the other."""
    if a.op is not H.GRID or b.op is not H.GRID or widths(a) != heights(b) or len(widths(a)) == 1:
        return None
    left, right = rows_of(a), list(zip(*rows_of(b), strict=True))
    return grid([[E.add([E.product([f, g]) for f, g in zip(row, column, strict=True)]) for column in right] for row in left])


def summed(a: Expr, b: Expr) -> Expr | None:
    """Ones times a grid: the ones of each row of blocks."""
    if b.op is not H.GRID:
        made = summed(E.transpose(b), E.transpose(a))
        return None if made is None else E.transpose(made)
    if b.data[0] == 1:
        return None
    rows = rows_of(b)
    return grid(
        [[E.add([t for row in rows for t in _each_term(E.transpose(E.ones((row[j].shape[0], 1))), row[j])]) for j in range(b.data[1])]]
    )


def _each_term(left: Expr, b: Expr) -> list[Expr]:
    """A product with each term of a sum."""
    terms = zip(b.data, b.args, strict=True) if b.op is H.SUM else [(1, b)]
    return [E.scaled(c, E.product([left, t])) for c, t in terms]


def stretched(a: Expr, b: Expr) -> Expr | None:
    """Rows of a grid that are whole rows of its blocks, S'G, or columns, G S; a grid with zeros around it, S G; rows of the inverse of one."""
    turned = a.op is H.TRANSPOSE
    if untransposed(b).op is H.SELECT:
        if untransposed(a).op is H.SELECT:
            if turned and (_after(a.args[0], b) or _after(b, a.args[0])):
                return zero((a.shape[0], b.shape[1]))
            return identity(b.shape[1]) if turned and a.args[0] is b else None
        made = stretched(E.transpose(b), E.transpose(a))
        return None if made is None else E.transpose(made)
    n, m, first = (a.args[0] if turned else a).data
    if b.op is H.GRID:
        if turned:
            found = _between(heights(b), m, first)
            return None if found is None else grid(rows_of(b)[found[0] : found[1]])
        above, below = ([[zero((h, w)) for w in widths(b)]] if h != 0 else [] for h in (first, total((n, -1 * first, -1 * m))))
        return grid([*above, *rows_of(b), *below])
    return _of_inverse(b, m, first) if turned else None


def _after(s: Expr, t: Expr) -> bool:
    """Whether the columns of the identity that `t` has come after all those of `s`."""
    left = total((t.data[2], -1 * s.data[2], -1 * s.data[1]))
    return left >= 0 if isinstance(left, int) else all(k > 0 for _, k in left.terms)


def _starts(sizes: Sequence[Size]) -> list[Size]:
    """Where each of the sizes begins, and where the last one ends."""
    return [total(sizes[:i]) for i in range(len(sizes) + 1)]


def _between(sizes: Sequence[Size], m: Size, first: Size) -> tuple[int, int] | None:
    """Which of the sizes add up to `m` after `first`."""
    starts = _starts(sizes)
    if first not in starts:
        return None
    i = starts.index(first)
    return next(((i, j) for j in range(i + 1, len(starts)) if total(sizes[i:j]) == m), None)


def _of_inverse(b: Expr, m: Size, first: Size) -> Expr | None:
    """A row of blocks of the inverse of a grid (Horn & Johnson 2013, 0.7.3)."""
    base = _inverted(b)
    found = None if base is None else _between(heights(base), m, first)
    return None if base is None or found is None or found[1] - found[0] != 1 else _row_of_inverse(base, found[0])


def _inverted(b: Expr) -> Expr | None:
    """The square grid that `b` is the inverse of, if it is one, or one transposed."""
    bare = b.args[0] if b.op is H.TRANSPOSE else b
    if bare.op is not H.MATPOWER or bare.data != -1 or bare.args[0].op is not H.GRID:
        return None
    base = bare.args[0] if bare is b else E.transpose(bare.args[0])
    return base if base.op is H.GRID and is_square(base) else None


def between(a: Expr, b: Expr, c: Expr) -> Expr | None:
    """S'M⁻¹S of a grid M, one block of its inverse; that below the diagonal is the transpose of that above in the transpose of M."""
    if a.op is not H.TRANSPOSE or a.args[0].op is not H.SELECT or c.op is not H.SELECT:
        return None
    base = _inverted(b)
    if base is None:
        return None
    places = [_between(heights(base), s.data[1], s.data[2]) for s in (a.args[0], c)]
    if any(p is None or p[1] - p[0] != 1 for p in places):
        return None
    i, j = (p[0] for p in places if p is not None)
    if i > j:
        made = _block_of_inverse(E.transpose(base), j, i)
        return None if made is None else E.transpose(made)
    return _block_of_inverse(base, i, j)


def _block_of_inverse(e: Expr, i: int, j: int) -> Expr | None:
    row = _row_of_inverse(e, i, beside=i != j)
    return None if row is None else stretched(row, _stretch(heights(e), j)) if row.op is H.GRID else row if i == j else None


def _row_of_inverse(e: Expr, i: int, beside: bool = False) -> Expr | None:
    """By the complement of the other blocks, which is shorter, or (`beside`) by that of the block on the diagonal, as far as they are invertible."""
    rows = rows_of(e)
    rest = [k for k in range(len(rows)) if k != i]
    a, d = rows[i][i], grid([[rows[j][k] for k in rest] for j in rest])
    b, c = grid([[rows[i][k] for k in rest]]), grid([[rows[j][i]] for j in rest])
    if is_zero(a) and is_zero(d):
        return None
    own_first = not is_zero(a) and (is_zero(d) or beside and E.has(a, "invertible") >= E.has(d, "invertible"))
    if own_first:
        one = E.matpower(a, -1)
        schur = E.matpower(E.add([d, E.scaled(-1, E.product([c, one, b]))]), -1)
        other = E.scaled(-1, E.product([one, b, schur]))
        own = E.add([one, E.scaled(-1, E.product([other, c, one]))])
    else:
        one = E.matpower(d, -1)
        own = E.matpower(E.add([a, E.scaled(-1, E.product([b, one, c]))]), -1)
        other = E.scaled(-1, E.product([own, b, one]))
    starts = _starts([rows[k][k].shape[0] for k in rest])
    parts = [E.product([other, select(other.shape[1], rows[k][k].shape[0], starts[n])]) for n, k in enumerate(rest)]
    parts.insert(i, own)
    return grid([parts])


def turning(args: tuple[Expr, ...], data: tuple[int, int], shape: Shape) -> tuple[tuple[int, int], bool]:
    """How many transposes a grid shows, and whether it is its own."""
    shown = sum(a.turns[0] for a in args), sum(a.turns[1] for a in args)
    rows, columns = data
    if (
        rows != columns
        or shape[0] != shape[1]
        or any(args[i * columns + i].shape[0] != args[i * columns + i].shape[1] for i in range(rows))
    ):
        return shown, False
    same = all(E.transpose(args[i * columns + j]) is args[j * columns + i] for i in range(rows) for j in range(i + 1))
    return ((shown[0], shown[0]), True) if same else (shown, False)
