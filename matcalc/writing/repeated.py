"""Parts that stand in several places: expressions over names for them, and what each name stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

from matcalc.expr import Expr, coefficient_and_rest, postorder, remake, scaled, substitute, transpose, untransposed, variable
from matcalc.expr import heads as H
from matcalc.expr.conjugate import said_of
from matcalc.expr.dims import Dim
from matcalc.expr.transposing import turned

TOLD, SHARED = 3, 4  # the least weight of a part that gets a name, a telling one or any, because it stands in several places
LETTERS = ("S T R P Q M H E F G", "u v r s p q h e", "rho tau kappa nu xi eta zeta")  # of a matrix, a vector, a scalar


@dataclass(frozen=True)
class Repeated:
    """The expressions over the names; per name (a variable) its definition, the innermost first, and the part it stands for."""

    wholes: tuple[Expr, ...]
    definitions: dict[Expr, Expr]
    meaning: dict[Expr, Expr]


def repeated(
    roots: Sequence[Expr],
    taken: Iterable[str] = (),
    told: Callable[[Expr], Iterable[str]] = lambda part: (),
    untold: int = SHARED,
) -> Repeated:
    """The roots with a name for every part that stands in several places; the names clash with nothing in them or in `taken`.

    `told` gives names that tell more of a part than the next free letter, the best first; a part that has none must weigh
    `untold` at least.

    >>> from matcalc.expr import symbol
    >>> A, x, y = (variable(name, (symbol("n"), c)) for name, c in (("A", symbol("n")), ("x", 1), ("y", 1)))
    >>> found = repeated([A @ x - y, y.T @ (A @ x - y)])
    >>> found.wholes, found.definitions
    ((u, uᵀ y), {u: A x − y})
    """
    order = postorder(*roots)
    places = Counter(untransposed(a) for n in order if n.op is not H.TRANSPOSE for a in n.args)
    places.update(untransposed(r) for r in roots)
    letters = _Letters({*(name for r in roots for name in names(r)), *taken})
    short: dict[Expr, Expr] = {}
    definitions: dict[Expr, Expr] = {}
    meaning: dict[Expr, Expr] = {}
    for n in order:
        if n in short:
            continue
        short[n] = remake(n, tuple(short[a] for a in n.args)) if n.args else n
        if (
            places[n] < 2
            or n.loose
            or short[n].weight < TOLD
            or n.op in (H.NUMBER, H.TRANSPOSE, H.VARIABLE, H.MEMBER)
            or _is_short(n)
            or _is_turned(n)
        ):
            continue
        telling = list(told(n))
        if telling or short[n].weight >= untold:
            part = variable(letters.next(n, telling), n.shape, said_of(n))
            definitions[part], short[n], meaning[part] = short[n], part, n
            c, back = turned(n)
            if back is not n:
                short[transpose(n)] = transpose(part)
            if back is not n and c == -1:  # with skew factors
                short[back] = scaled(-1, transpose(part))
    return _needed([short[r] for r in roots], definitions, meaning)


def _needed(wholes: list[Expr], definitions: dict[Expr, Expr], meaning: dict[Expr, Expr]) -> Repeated:
    """Names that are left with one place are written out again."""
    uses: Counter[Expr] = Counter()
    for e in (*wholes, *reversed(definitions.values())):
        uses[e] += 1
        uses.update(a for n in postorder(e) for a in n.args if a in definitions)
    written: dict[Expr, Expr] = {}
    kept: dict[Expr, Expr] = {}
    for part, e in definitions.items():
        (kept if uses[part] > 1 else written)[part] = substitute(e, written)
    return Repeated(tuple(substitute(w, written) for w in wholes), kept, {part: meaning[part] for part in kept})


def _is_short(e: Expr) -> bool:
    """Whether it is x[i], A[i,j], A[i,:], a matrix of ones or a multiple of the identity, which are short as they are."""
    bare = [untransposed(a).op for a in e.args]
    if e.op is not H.PRODUCT or e.data[1]:
        return e.op is H.PRODUCT and bare[e.data[1] :] == [H.IDENTITY]
    return all(op is H.ONES for op in bare) or H.UNIT in bare and all(op in (H.UNIT, H.VARIABLE) for op in bare)


def _is_turned(e: Expr) -> bool:
    """Whether it is a reciprocal, or has a minus: what that is of gets the name."""
    return e.op in (H.POWER, H.HPOWER) and coefficient_and_rest(e.args[1])[0] < 0 or e.op is H.PRODUCT and e.data[0] < 0


class _Letters:
    """Hands out names that nothing has yet."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.pools = [self._pool(letters.split()) for letters in LETTERS]

    def next(self, part: Expr, told: Sequence[str]) -> str:
        letters = self.pools[2 if part.is_scalar else 1 if 1 in part.shape else 0]
        wanted = chain(told, (f"{told[0]}_{k}" for k in count(2))) if told else letters
        free = next(name for name in wanted if name not in self.taken)
        self.taken.add(free)
        return free

    def _pool(self, letters: Sequence[str]) -> Iterator[str]:
        for name in chain(letters, (f"{letters[0]}_{k}" for k in count(1))):
            if name not in self.taken:
                yield name


def names(e: Expr) -> set[str]:
    """Every name in an expression: of variables, functions, sizes and indices."""
    out: set[str] = set()
    for n in postorder(e):
        if n.op is H.VARIABLE:
            out.add(n.data[0])
        elif n.op.abstract:
            out.add(n.op.abstract[0])
        elif isinstance(n.data, tuple):
            out.update(d for d in n.data if isinstance(d, str))
        elif isinstance(n.data, Dim):  # a size as a number
            out.update(n.data.symbols)
        out.update(s for d in n.shape if isinstance(d, Dim) for s in d.symbols)
    return out
