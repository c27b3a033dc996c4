"""An answer with names for its repeated parts: S = σ(WX + b1'), and the answer in S, as an author would write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from matcalc.explain.parts import names
from matcalc.expr import TRANSPOSE, VARIABLE, Expr, postorder, remake, substitute, transpose, variable

SHARED = 4  # the least weight of a part that gets a name because it stands in several places
_LETTERS = ("S T R P Q M H E F G", "u v r s p q h e", "rho tau kappa nu xi eta zeta")  # of a matrix, a vector, a scalar


@dataclass(frozen=True)
class Named:
    """`whole` over the names, and what each name (a variable) stands for, the innermost first.

    >>> from matcalc.reading import read
    >>> print(named(read("inv(A + B)*x + norm(inv(A + B)*x)*y", "A: (n, n); B: (n, n); x: (n); y: (n)").expr).unicode())
    ‖u‖ y + u  where  u = (A + B)⁻¹ x
    """

    whole: Expr
    definitions: tuple[tuple[Expr, Expr], ...]

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
            e = substitute(e, {name: meaning})
        return e

    def _written(self, style: str, where: str, comma: str) -> str:
        write = getattr(import_module(f"matcalc.writing.{style}"), style)
        parts = comma.join(f"{write(name)} = {write(meaning)}" for name, meaning in self.definitions)
        return f"{write(self.whole)}{where}{parts}" if parts else str(write(self.whole))

    __repr__ = unicode


def named(e: Expr, taken: Iterable[str] = ()) -> Named:
    """`e` with a name for every part that stands in several places; the names clash with nothing in `e` or in `taken`."""
    order = postorder(e)
    places = Counter(a.args[0] if a.op is TRANSPOSE else a for n in order if n.op is not TRANSPOSE for a in n.args)
    free = _free_letters({*names(e), *taken})
    short: dict[Expr, Expr] = {}
    definitions: dict[Expr, Expr] = {}
    for n in order:
        if n in short:
            continue
        short[n] = remake(n, tuple(short[a] for a in n.args)) if n.args else n
        if n is not e and n.op is not TRANSPOSE and places[n] > 1 and short[n].weight >= SHARED and short[n].op is not VARIABLE:
            properties = frozenset({"symmetric"} if n.symmetric and not n.is_scalar else ())
            part = variable(next(free[2 if n.is_scalar else 1 if 1 in n.shape else 0]), n.shape, properties)
            definitions[part], short[n] = short[n], part
            if transpose(n) is not n:
                short[transpose(n)] = transpose(part)
    return _needed(short[e], definitions)


def _needed(whole: Expr, definitions: dict[Expr, Expr]) -> Named:
    """Names that are left with one place are written out again."""
    for part in list(definitions):
        uses = sum(_uses(x, part) for x in (whole, *definitions.values()))
        if uses < 2:
            meaning = definitions.pop(part)
            whole = substitute(whole, {part: meaning})
            definitions = {k: substitute(v, {part: meaning}) for k, v in definitions.items()}
    return Named(whole, tuple(definitions.items()))


def _uses(e: Expr, part: Expr) -> int:
    return sum(n.args.count(part) for n in postorder(e)) + (e is part)


def _free_letters(taken: set[str]) -> list[Iterator[str]]:
    def pool(letters: str) -> Iterator[str]:
        for name in letters.split():
            if name not in taken:
                yield name
        stem = letters.split()[0]
        yield from (f"{stem}_{k}" for k in range(1, 10_000) if f"{stem}_{k}" not in taken)

    return [pool(letters) for letters in _LETTERS]
