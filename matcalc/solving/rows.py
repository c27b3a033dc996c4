"""THE PROXIMAL OPERATORS: what minimises h(x) + (x - v)'D(x - v)/2, one row each, as data in the language.

`term` is h, of weight one; in the `solution` v is where the smooth part alone is least and t the weight of h over D, an array of the
shape of v where D is diagonal (`each`), else a number, where D is a multiple of the identity.  All h are positively homogeneous:
with d v and d t in place of v and t the solution is d times as large; of a sum of two of them, that of the larger parts (NESTED) is taken
of what the other one makes of v (Yu 2013).
"""

from __future__ import annotations

from typing import NamedTuple

NESTED = ("entries", "lines", "whole")


class Proximal(NamedTuple):
    """A row: the term that is not smooth, of a vector or matrix X (or entry by entry), and what minimises."""

    name: str
    term: str
    solution: str
    of: str = "whole"  # the parts that h is a sum over, by NESTED; t may differ from entry to entry
    form: str = "closed"
    real: bool = False  # of real arguments only
    source: str = ""

    @property
    def each(self) -> bool:
        return self.of == "entries"


# fmt: off
PROXIMAL = (
    Proximal("soft threshold", "abs(x)", "sign(v)*relu(abs(v) - t)", of="entries", source="Parikh & Boyd 2014, 6.5.2"),
    Proximal("one-sided threshold", "relu(x)", "relu(v - t) - relu(-v)", of="entries", real=True, source="Parikh & Boyd 2014, 6.1"),
    Proximal("block threshold", "norm(X)", "relu(1 - t/norm(V))*V", source="Parikh & Boyd 2014, 6.5.1"),
    Proximal("block threshold, by rows", "sum(sqrt(rowsum(X.^2)))", "diag(relu(1 - t./sqrt(rowsum(V.^2))))*V", of="lines", real=True),
    Proximal("block threshold, by columns", "sum(sqrt(colsum(X.^2)))", "V*diag(relu(1 - t./sqrt(colsum(V.^2))))", of="lines", real=True),
    Proximal("threshold of the singular values", "normnuc(X)", "threshold(V, t)", form="spectral", source="Cai, Candès & Shen 2010"),
)
# fmt: on
