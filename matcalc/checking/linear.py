"""Linear algebra with fractions or reals: products, elimination, inverses, determinants, ranks, eigenvalues.

Plain loops over lists of rows.  With fractions everything is exact, the rank too; with reals what is neither clearly zero nor
clearly not raises Undefined.  Fractions are multiplied and eliminated as whole numbers over one denominator of each row: a sum of
fractions would look for common divisors at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm, prod
from operator import add, mul
from typing import Any

from matcalc.checking.complex_numbers import RATIONAL
from matcalc.checking.numbers import Matrix, Number, Undecided, Undefined, alike, all_exact, is_exact, kinds, reals

CLEAR = 25  # a pivot is not zero above 10^-CLEAR of the largest entry
SPARE = 40  # bits of a sum that cancels that may be left
NEVER = -(10**12)  # the exponent of zero
SWEEPS = 60


def eye(n: int) -> Matrix:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def filled(rows: int, columns: int, x: Number) -> Matrix:
    return [[x] * columns for _ in range(rows)]


def turned(m: Matrix) -> Matrix:
    """The transpose.

    >>> turned([[1, 2]])
    [[1], [2]]
    """
    return [list(column) for column in zip(*m, strict=True)]


def adjoint(m: Matrix) -> Matrix:
    """The conjugate transpose."""
    return [[x.conjugate() for x in column] for column in zip(*m, strict=True)]


def times(a: Matrix, b: Matrix, ctx: Any) -> Matrix:
    """The product of two matrices.

    >>> from matcalc.checking.numbers import context
    >>> times([[1, Fraction(1, 2)]], [[Fraction(1, 3)], [2]], context(50))
    [[Fraction(4, 3)]]
    """
    columns, found = list(zip(*b, strict=True)), kinds(a, b)
    if Fraction in found and found <= RATIONAL:
        by = [_whole(column) for column in columns]
        return [[_over(sum(map(mul, row, column)), d * c) for c, column in by] for d, row in map(_whole, a)]
    try:
        return [[sum(map(mul, row, column)) for column in columns] for row in a]
    except TypeError:  # fractions and reals
        return times(reals(a, ctx), reals(b, ctx), ctx)


def _whole(xs: Sequence[Number]) -> tuple[int, list[int]]:
    """A denominator of these rational numbers, and the whole numbers over it."""
    d = lcm(*(x.denominator for x in xs))
    return d, [x.numerator * (d // x.denominator) for x in xs]


def _over(x: int, d: int) -> Number:
    return x if d == 1 else Fraction(x, d)


def plus(a: Matrix, b: Matrix, c: Number = 1) -> Matrix:
    """a + c b, for entries of one kind."""
    return [list(map(add, r, s)) for r, s in zip(a, b if c == 1 else scaled(c, b), strict=True)]


def scaled(c: Number, a: Matrix) -> Matrix:
    if type(c) is Fraction:
        return [[alike(c, x) * x for x in row] for row in a]
    return [[c * x for x in row] for row in a]


def kron(a: Matrix, b: Matrix) -> Matrix:
    """The Kronecker product."""
    return [[x * y for x in r for y in s] for r in a for s in b]


def trace(a: Matrix) -> Number:
    return sum(a[i][i] for i in range(len(a)))


def stacked(a: Matrix) -> Matrix:
    """vec: the columns one under another."""
    return [[x] for column in zip(*a, strict=True) for x in column]


def unstacked(v: Matrix, rows: int, columns: int) -> Matrix:
    return [[v[j * rows + i][0] for j in range(columns)] for i in range(rows)]


def of_one_kind(a: Matrix, ctx: Any) -> Matrix:
    """Fractions, or reals all of them."""
    return [[Fraction(x) if isinstance(x, int) else x for x in row] for row in a] if all_exact(a) else reals(a, ctx)


def _largest(a: Matrix) -> Number:
    return max((abs(x) for row in a for x in row), default=0)


def _is_clear(pivot: Number, largest: Number, ctx: Any) -> bool:
    """Whether a pivot is clearly not zero; of reals, beside the entry that was the largest at the start."""
    if type(pivot) in RATIONAL:
        return bool(pivot != 0)
    return bool(pivot > largest * ctx.ten_to(-CLEAR))


def solved(a: Matrix, b: Matrix, ctx: Any) -> Matrix:
    """a⁻¹ b, by elimination.  Raises Undefined where a is singular.

    >>> from matcalc.checking.numbers import context
    >>> solved([[2, 0], [0, 4]], [[1], [1]], context(50))
    [[Fraction(1, 2)], [Fraction(1, 4)]]
    """
    if not (all_exact(a) and all_exact(b)):
        a, b = reals(a, ctx), reals(b, ctx)
    both = [[*r, *s] for r, s in zip(a, b, strict=True)]
    if kinds(both) <= RATIONAL:
        return _solved_exactly([_whole(row)[1] for row in both])
    work = of_one_kind(both, ctx)
    n, largest = len(a), _largest(a)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(work[i][k]))
        if not _is_clear(abs(work[p][k]), largest, ctx):
            if is_singular(a, ctx):
                raise Undefined("invertible")
            raise Undecided("clearly invertible")
        work[k], work[p] = work[p], work[k]
        top = work[k] = [x / work[k][k] for x in work[k]]
        for i in range(n):
            c = work[i][k]
            if i != k and c:
                work[i] = [x - c * y for x, y in zip(work[i], top, strict=True)]
    return [row[n:] for row in work]


def _solved_exactly(work: list[list[int]]) -> Matrix:
    """a⁻¹ b for [a b] of whole numbers."""
    if not _eliminated(work, above=True):
        raise Undefined("invertible")
    return [[Fraction(x, row[k]) for x in row[len(work) :]] for k, row in enumerate(work)]


def _eliminated(work: list[list[int]], *, above: bool = False) -> int:
    """Takes rows of whole numbers to a triangle in place, with `above` to a diagonal; the determinant of the square they begin with.

    There are no fractions on the way (Bareiss 1968): what is divided divides.
    """
    n, sign, before = len(work), 1, 1
    for k in range(n):
        p = next((i for i in range(k, n) if work[i][k]), None)
        if p is None:
            return 0
        if p != k:
            work[k], work[p], sign = work[p], work[k], -sign
        top, pivot = work[k], work[k][k]
        for i in range(0 if above else k + 1, n):
            if i != k:
                c = work[i][k]
                work[i] = [(pivot * x - c * y) // before for x, y in zip(work[i], top, strict=True)]
        before = pivot
    return sign * before


def inverse(a: Matrix, ctx: Any) -> Matrix:
    return solved(a, eye(len(a)), ctx)


def determinant(a: Matrix, ctx: Any) -> Number:
    """The determinant, by elimination.

    >>> from matcalc.checking.numbers import context
    >>> determinant([[1, 2], [3, 4]], context(50))
    Fraction(-2, 1)
    """
    if kinds(a) <= RATIONAL:
        rows = [_whole(row) for row in a]
        return Fraction(_eliminated([row for _, row in rows]), prod(d for d, _ in rows))
    work, n, out = of_one_kind(a, ctx), len(a), 1
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(work[i][k]))
        if not work[p][k]:
            return 0
        if p != k:
            work[k], work[p], out = work[p], work[k], -out
        out = out * work[k][k]
        for i in range(k + 1, n):
            c = work[i][k] / work[k][k]
            if c:
                work[i] = [x - c * y for x, y in zip(work[i], work[k], strict=True)]
    return out


def is_singular(a: Matrix, ctx: Any) -> bool:
    """Whether a square matrix has no inverse."""
    return rank(a, ctx) < len(a)


def rank(a: Matrix, ctx: Any) -> int:
    """The rank.  Raises Undecided where that is not clear.

    >>> from matcalc.checking.numbers import context
    >>> rank([[1, 2], [2, 4]], context(50))
    1
    """
    return len(independent(a, ctx)[0])


def adjugate(a: Matrix, ctx: Any) -> Matrix:
    """The matrix of cofactors, transposed: of singular matrices too.

    >>> from matcalc.checking.numbers import context
    >>> adjugate([[1, 2], [2, 4]], context(50)) == [[4, -2], [-2, 1]]
    True
    """
    n = len(a)

    def minor(i: int, j: int) -> Number:
        return determinant([row[:j] + row[j + 1 :] for k, row in enumerate(a) if k != i], ctx) if n > 1 else 1

    return [[(-1) ** (i + j) * minor(i, j) for i in range(n)] for j in range(n)]


def independent(a: Matrix, ctx: Any) -> tuple[list[int], list[int]]:
    """Rows and columns that meet in an invertible matrix as large as the rank, by elimination with complete pivoting.

    A real is zero where it is what is left of larger ones that cancel, to all digits but a few; what is small otherwise decides nothing,
    nor does a matrix that is as small as what rounding leaves: of λ I - A, of one row, nothing else is left.
    """
    work = of_one_kind(a, ctx)
    rows, columns = list(range(len(a))), list(range(len(a[0])))
    largest, sizes = _largest(work), [[_bits(x, ctx) for x in row] for row in work]
    if largest and not is_exact(largest) and _bits(largest, ctx) < -ctx.prec * 3 // 4:
        raise Undecided("clearly singular or clearly not")
    chosen: tuple[list[int], list[int]] = ([], [])
    while rows and columns:
        i, j = max(((i, j) for i in rows for j in columns), key=lambda at: abs(work[at[0]][at[1]]))
        if not _is_clear(abs(work[i][j]), largest, ctx):
            if not all(_is_noise(work[k][c], sizes[k][c], largest, ctx) for k in rows for c in columns):
                raise Undecided("clearly singular or clearly not")
            break
        chosen[0].append(i)
        chosen[1].append(j)
        rows.remove(i)
        columns.remove(j)
        for k in rows:
            c = work[k][j] / work[i][j]
            if c:
                grown = _bits(c, ctx)
                sizes[k] = [max(s, grown + t) for s, t in zip(sizes[k], sizes[i], strict=True)]
                work[k] = [x - c * y for x, y in zip(work[k], work[i], strict=True)]
    return sorted(chosen[0]), sorted(chosen[1])


def _is_noise(x: Number, size: int, largest: Number, ctx: Any) -> bool:
    """Whether a number is zero, or what rounding leaves of what was of that size, or of the largest entry."""
    if not x:
        return True
    bits = _bits(x, ctx)
    below = _bits(largest, ctx) - ctx.prec - bits
    return bool(bits <= size - ctx.prec + SPARE or -SPARE <= below <= 2 * SPARE)


def _bits(x: Number, ctx: Any) -> int:
    """The exponent of a real; nothing of what is exact, or zero."""
    return 0 if is_exact(x) else int(ctx.magnitude_in_bits(x)) if x else NEVER


def pseudoinverse(a: Matrix, ctx: Any) -> Matrix:
    """The Moore–Penrose inverse by a full rank factorisation A = B C (Ben-Israel & Greville 2003, 1.6).

    >>> from matcalc.checking.numbers import context
    >>> pseudoinverse([[1, 1], [1, 1]], context(50))[0][0]
    Fraction(1, 4)
    """
    rows, columns = independent(a, ctx)
    if not rows:
        return filled(len(a[0]), len(a), 0)
    b = [[row[j] for j in columns] for row in a]
    c = solved([[a[i][j] for j in columns] for i in rows], [a[i] for i in rows], ctx)
    bt, ct = adjoint(b), adjoint(c)
    middle = solved(times(bt, b, ctx), bt, ctx)
    return times(ct, solved(times(c, ct, ctx), middle, ctx), ctx)


def eigen(a: Matrix, ctx: Any) -> tuple[list[Number], Matrix]:
    """The eigenvalues of a symmetric matrix in ascending order, and its orthonormal eigenvectors as columns, by Jacobi rotations."""
    n, work, vectors = len(a), reals(a, ctx), reals(eye(len(a)), ctx)
    whole = max((abs(x) for row in work for x in row), default=ctx.real(0))
    small = whole * ctx.eps
    for _ in range(SWEEPS):
        if max((abs(work[i][j]) for i in range(n) for j in range(i)), default=0) <= small:
            break
        for p in range(n):
            for q in range(p + 1, n):
                _rotated(work, vectors, p, q, ctx)
    order = sorted(range(n), key=lambda i: work[i][i])
    return [work[i][i] for i in order], [[row[i] for i in order] for row in vectors]


def _rotated(work: Matrix, vectors: Matrix, p: int, q: int, ctx: Any) -> None:
    """Makes the entry p, q zero by a rotation (Golub & Van Loan 2013, 8.5)."""
    if not work[p][q]:
        return
    tau = (work[q][q] - work[p][p]) / (2 * work[p][q])
    t = (1 if tau >= 0 else -1) / (abs(tau) + ctx.sqrt(1 + tau * tau))
    c = 1 / ctx.sqrt(1 + t * t)
    s = t * c
    for row in work:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    work[p], work[q] = (
        [c * x - s * y for x, y in zip(work[p], work[q], strict=True)],
        [s * x + c * y for x, y in zip(work[p], work[q], strict=True)],
    )
    work[p][q] = work[q][p] = ctx.real(0)
    for row in vectors:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
