"""Whether a matrix of exact numbers has the properties a variable is declared to have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import combinations

from matcalc.checking.exact import Point, values
from matcalc.checking.linear import adjoint, determinant
from matcalc.checking.numbers import Matrix
from matcalc.expr import Expr
from matcalc.expr.properties import DECLARABLE, minimal
from matcalc.reading import read


def belongs(x: Matrix, properties: Iterable[str]) -> bool:
    """Whether the matrix has all of the properties.

    >>> belongs([[1, 2], [2, 4]], {"psd"}), belongs([[1, 2], [2, 4]], {"spd"})
    (True, False)
    """
    shaped = "column" if len(x[0]) == 1 != len(x) else "square" if len(x) == len(x[0]) else "any"
    for name in minimal(frozenset(properties)):
        row = DECLARABLE[name]
        if row.test and not _TESTS[row.test](x):
            return False
        kind = "any" if row.shape in ("matrix", "tall") else shaped
        sizes = {"m": len(x), "n": len(x[0]) if kind == "any" else len(x)}
        for text in row.holds:
            if any(entry for r in values([_read(text, kind, "complex" in row.implies)], Point({"X": x}, sizes))[0] for entry in r):
                return False
    return True


@lru_cache(maxsize=None)
def _read(text: str, kind: str, complexes: bool) -> Expr:
    return read(text, {"column": "X: (n)", "square": "X: (n, n)", "any": "X: (m, n)"}[kind] + " complex" * complexes).expr


def _minor(x: Matrix, rows: Iterable[int]) -> bool:
    kept = list(rows)
    return bool(determinant([[x[i][j] for j in kept] for i in kept], None) >= 0)


def _definite(x: Matrix) -> bool:
    """Leading minors (Horn & Johnson 2013, 7.2.5)."""
    return all(determinant([row[:k] for row in x[:k]], None) > 0 for k in range(1, len(x) + 1))


_TESTS: dict[str, Callable[[Matrix], bool]] = {
    "positive": lambda x: all(entry > 0 for row in x for entry in row),
    "nonnegative": lambda x: all(entry >= 0 for row in x for entry in row),
    "invertible": lambda x: determinant(x, None) != 0,
    "psd": lambda x: x == adjoint(x) and all(_minor(x, rows) for k in range(1, len(x) + 1) for rows in combinations(range(len(x)), k)),
    "spd": lambda x: x == adjoint(x) and _definite(x),
}
