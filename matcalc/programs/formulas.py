"""The formulas of several results as lines of text, with names for what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.expr import Expr, oriented, postorder
from matcalc.expr import heads as H
from matcalc.limits import HEAVIEST_FORMULA, LONGEST_FORMULA
from matcalc.programs.stems import RESIDUAL, ROLES, stem_of
from matcalc.writing.repeated import repeated
from matcalc.writing.unicode import unicode
from matcalc.writing.width import broken, filled

WIDTH = 96
UNTOLD = 6  # the least weight of a part that gets a name which tells nothing
FACTORED = {"det", "logdet"}


@dataclass(frozen=True)
class Formulas:
    """The lines, and the names (variables) they use for parts of the results."""

    lines: tuple[str, ...] = ()
    parts: Mapping[Expr, Expr] = field(default_factory=dict)


def formulas(results: Mapping[str, Expr]) -> Formulas:
    """A formula a result, and what the names in them stand for.

    >>> from matcalc.expr import symbol, variable
    >>> A, x, b = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1)), variable("b", (symbol("m"), 1))
    >>> r = A @ x - b
    >>> print(*formulas({"value": r.T @ r, "grad": 2 * A.T @ r}).lines, sep="\\n")
    value: rᵀ r
    grad: 2 Aᵀ r
    where r = A x − b
    """
    if sum(e.weight for e in results.values()) > HEAVIEST_FORMULA:
        return Formulas(tuple(f"{key}: {_bounded(e)}" for key, e in results.items()))
    under: dict[Expr, list[Expr]] = {}
    for e in postorder(*results.values()):
        for a in e.args if e.op is not H.TRANSPOSE else ():
            under.setdefault(oriented(a)[0], []).append(e)
    found = repeated(list(results.values()), results, lambda part: _told(part, under.get(oriented(part)[0], ())), UNTOLD)
    lines = [line for key, e in zip(results, found.wholes, strict=True) for line in broken(f"{key}: {_bounded(e)}", WIDTH, 3)]
    meanings = [f"{unicode(name)} = {_bounded(e)}" for name, e in found.definitions.items()]
    lines += [part for line in filled(meanings, WIDTH, "where ", ",  ") for part in broken(line, WIDTH, 9)]
    return Formulas(tuple(lines), {e: name for name, e in found.meaning.items()})


def _bounded(e: Expr) -> str:
    text = " ".join(unicode(e).split("\n")) if e.weight <= HEAVIEST_FORMULA else ""
    return text if 0 < len(text) <= LONGEST_FORMULA else "a long expression"


def _told(part: Expr, under: Iterable[Expr]) -> Iterable[str]:
    """Names that say what a part is: K of what is inverted, R of a residual, E of an exponential."""
    if any(u.op is H.MATPOWER and u.data < 0 or u.op.name in FACTORED for u in under):
        yield stem_of(part, ROLES["cholesky", 0])
    if any(u.op.name.startswith(("softmax", "logsumexp")) for u in under):
        yield stem_of(part, ROLES["largest", 0])
    if part.op is H.SUM and len(part.args) == 2 and sum(oriented(a)[0].op is H.VARIABLE for a in part.args) == 1:
        yield stem_of(part, RESIDUAL)
    if stem_of(part):
        yield stem_of(part)
