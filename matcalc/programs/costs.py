"""The cost of a program: the work of its code, in the time that one addition in a product of large matrices takes.

| code                      | work                                                                     |
|---------------------------|--------------------------------------------------------------------------|
| a product                 | 2 m n k, half of it for A'A, and `TOUCHED` for each entry read or written |
| an elementwise operation  | `TOUCHED` for each entry, `FUNCTION` where it is exp, log and their like  |
| a factorisation           | n³/3 or 2n³/3, twice as slow as a product; an inverse from it twice that |
| small ones                | and `COLUMN`, for an inverse `INVERTED`, for each column                 |
| anything                  | `CALLED`                                                                 |

Measured on one core, 21 November 2026: 25 additions and multiplications in a nanosecond, 0.4 ns for an entry that is touched, 6 ns for exp.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from math import prod

from matcalc.expr.dims import Size
from matcalc.expr.node import Op
from matcalc.programs import forms as F
from matcalc.programs.fixing import ORTHOGONAL, TRIANGULAR
from matcalc.programs.forms import Code, Form
from matcalc.programs.settling import in_order

CALLED, TOUCHED, FUNCTION, SLOW, COLUMN, INVERTED = 12_000.0, 10.0, 120.0, 2.0, 5_000.0, 14_000.0
FREE = (F.NUMBER, F.SIZE, F.ARGUMENT, F.T, F.COLUMN, F.ROW, F.DEEP, F.MIDDLE, F.EYE, F.EIGENVALUES, F.EIGENVECTORS, ORTHOGONAL, TRIANGULAR)
LIGHT = (F.ADDED, F.LESS, F.TIMES, F.OVER, F.NEG, F.SQRT, F.OUTER)
Weight = Callable[[Size], float]
MOVED = (F.INNER, *F.OF_TWO, F.SUM, F.SUM_COLUMNS, F.TRACE, F.DIAGONAL, F.TAKE, F.TILE)  # entries are read, added or moved


def cost(codes: Sequence[Code], weight: Weight, stays: Collection[Code] = ()) -> float:
    """The work of all code below `codes`, each once, but for what `stays` from call to call."""
    return work([c for c in in_order(codes) if c not in stays], weight)


def work(codes: Iterable[Code], weight: Weight) -> float:
    """That of each of the codes alone."""
    return sum(map(_Work(weight).of, codes))


class _Work:
    def __init__(self, weight: Weight) -> None:
        self.weight = weight

    def entries(self, c: Code) -> float:
        if c.form in (*F.FACTORS, F.EIGH, F.EIGH_OF_HERMITIAN):
            return self.entries(c.args[0])
        return prod(self.weight(n) for n in c.shape)

    def of(self, c: Code) -> float:
        form = c.form
        if form in FREE:
            return 0.0
        if form in (F.EIGH, F.EIGH_OF_HERMITIAN):
            return 6 * CALLED + SLOW * 9 * self.weight(c.args[0].shape[0]) ** 3
        touched = TOUCHED * (self.entries(c) + sum(self.entries(a) for a in {*c.args} if a.form is not F.EYE) * 0.7)
        if form in (F.MATMULS, F.TENSORDOT):
            return CALLED + touched + self.product(*c.args)
        if not c.shape and all(not a.shape for a in c.args):
            return CALLED / 8  # of Python's own
        if form in LIGHT:
            return CALLED + TOUCHED * self.entries(c)
        if form in F.FACTORS:
            n = self.weight(c.args[0].shape[0])
            return 12 * CALLED + COLUMN * n + touched / 2 + SLOW * n**3 * (2 / 3 if form is F.FACTOR else 1 / 3)
        return CALLED + touched + self.solved(c)

    def product(self, a: Code, b: Code) -> float:
        inner = self.weight(b.shape[0])
        work = 2 * self.entries(a) * self.entries(b) / inner
        same = a.form is F.T and a.args[0] is b or b.form is F.T and b.args[0] is a
        return work * (0.6 if same and a.ndim > 1 else 1)

    def solved(self, c: Code) -> float:
        """The work beyond touching entries."""
        form = c.form
        if form in (F.FACTOR_SOLVE, F.FACTOR_SOLVE_TURNED, F.FACTOR_SOLVE_ADJOINT, F.FACTOR_HALF):
            n, b = self.weight(c.args[0].args[0].shape[0]), self.entries(c.args[1])
            return 4 * CALLED + (1 if form is F.FACTOR_HALF else 2) * (8 * n * n + 1.3 * n * b)
        if form is F.FACTOR_INVERSE:
            n = self.weight(c.shape[0])
            return 20 * CALLED + INVERTED * n + SLOW * n**3 * (4 / 3 if c.args[0].form is F.FACTOR else 2 / 3)
        if form in (F.GRAM, F.GRAM2):
            return 8 * CALLED + self.entries(c) * self.weight(c.args[0].shape[0]) * (2 if form is F.GRAM2 else 1)
        if form is F.BLOCK_DIAGONAL_GRAM:
            x, w, y = c.args
            return 8 * CALLED + 2 * self.entries(w) * self.weight(x.shape[-1]) * self.weight(y.shape[-1])
        if form is F.SUM_ROWS:
            return 0.0
        if isinstance(form, Op) and not form.elementwise and len(c.shape) == 2 and c.args and c.args[0].ndim == 2:
            return 10 * min(map(self.weight, c.args[0].shape)) * self.entries(c.args[0])
        if isinstance(form, (Op, Form)) and form not in MOVED:
            return FUNCTION / 2 * self.entries(c)
        return 0.0
