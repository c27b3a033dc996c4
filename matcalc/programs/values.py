"""Arrays that need not be formed, by what a program knows of them beyond their entries: Diag(v), x 1', B ⊗ A, an inverse.

A `Value` is a kind and the code of its parts; `linear` adds and transposes them, `structured` multiplies.

| kind        | codes          | the array                                        |
|-------------|----------------|--------------------------------------------------|
| full        | a              | a itself: 2-D, a vector as 1-D, a scalar as 0-d  |
| const       | s              | s everywhere                                     |
| column, row | x              | x 1', 1 x'                                       |
| outer       | x, y           | x y'                                             |
| diagonal    | d              | Diag(d), d I where d is a scalar                 |
| sum         |                | the sum of its parts, at most one of them full   |
| unit        | j, s           | s e_j (j counted from 0), as a column or a row   |
| rows        | j, y           | e_j y', zeros but for one row                    |
| inverse     | a              | a^-1, to be solved with; as `data` says the transpose (1), the conjugate transpose (2), the conjugate (3) |
| spectral    | e, f           | V Diag(f) V', for eigenvectors V in e = eigh(S)     |
| kron        |                | the Kronecker product of its two parts           |
| blocks      |                | a matrix of diagonal blocks, in `data`           |
| commutation |                | K(m, n), sizes in `data`                         |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcalc.expr.dims import Shape
from matcalc.programs.forms import Code


@dataclass(frozen=True, slots=True)
class Value:
    """An array of `shape` (always rows and columns) in one of the forms above."""

    kind: str
    shape: Shape
    codes: tuple[Code, ...] = ()
    parts: tuple[Value, ...] = ()
    data: Any = None
    symmetric: bool = False

    @property
    def code(self) -> Code:
        return self.codes[0]

    @property
    def complex(self) -> bool:
        """Whether any of its parts is of complex numbers."""
        terms = getattr(self.data, "terms", ())
        return any(c.complex for part in (self, *terms) for c in part.codes) or any(p.complex for p in self.parts)

    @property
    def is_array(self) -> bool:
        """Whether it is a matrix, not a vector or a scalar."""
        return 1 not in self.shape


SPREAD = ("const", "column", "row", "full")
# Whose sums are kept apart, to be multiplied term by term.
LAZY = ("diagonal", "outer", "row", "column", "const", "kron", "commutation", "blocks")
