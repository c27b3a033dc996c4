"""An answer with names for its repeated parts: S = σ(WX + b1'), and the answer in S, as an author would write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from matcalc.explain.shares import Shares, stacked
from matcalc.expr import PLAIN, VARIABLE, Expr, Manner, substitute
from matcalc.expr.indices import lettered
from matcalc.writing import writer
from matcalc.writing.repeated import names, repeated


@dataclass(frozen=True)
class Named:
    """`whole` over the names, and what each name stands for, the innermost first: a variable, or the entry r[i,k] of one.

    >>> from matcalc.reading import read
    >>> print(named(read("inv(A + B)*x + norm(inv(A + B)*x)*y", "A: (n, n); B: (n, n); x: (n); y: (n)").expr).unicode())
    ‖u‖ y + u  where  u = (A + B)⁻¹ x
    """

    whole: Expr
    definitions: tuple[tuple[Expr, Expr], ...]
    manner: Manner = PLAIN

    def latex(self) -> str:
        return self._written("latex", r" \quad\text{where}\quad ", r",\; ")

    def unicode(self) -> str:
        return self._written("unicode", "  where  ", ",  ")

    def text(self) -> str:
        return self._written("text", "  where  ", "; ")

    def expanded(self) -> Expr:
        """The answer without names."""
        e = self.whole
        for name, meaning in reversed(self.definitions):
            e = substitute(e, dict([(name, meaning) if name.op is VARIABLE else stacked(name, meaning)]))
        return e

    def _written(self, style: str, where: str, comma: str) -> str:
        write = partial(writer(style), manner=self.manner)
        parts = comma.join(f"{write(name)} = {write(meaning)}" for name, meaning in self.definitions)
        return f"{write(self.whole)}{where}{parts}" if parts else str(write(self.whole))

    __repr__ = unicode


def named(e: Expr, taken: Iterable[str] = (), manner: Manner = PLAIN) -> Named:
    """`e` with a name for every part that stands in several places; the names clash with nothing in `e` or in `taken`."""
    shares = Shares({*taken, *names(e)})
    shared = shares.named(e) if e.nested else e
    found = repeated([shared], {*taken, *names(e)})
    definitions = ((entry, lettered(meaning)) for entry, meaning in shares.definitions.items())
    return Named(lettered(found.wholes[0]), (*definitions, *found.definitions.items()), manner)
