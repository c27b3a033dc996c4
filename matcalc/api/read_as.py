"""How what was asked was read: the formula, and each of its names with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.api.members import declared_families, with_families
from matcalc.expr import FAMILY, PLAIN, VARIABLE, Expr, Manner, postorder
from matcalc.limits import LONGEST_READING
from matcalc.reading import Symbol
from matcalc.reading.read_as import BETWEEN, listed
from matcalc.writing.unicode import symbol, unicode


def read_as(
    of: Expr | Sequence[Expr], symbols: Mapping[str, Symbol], where: str = "", manner: Manner = PLAIN, zero: Sequence[Expr] = ()
) -> str:
    """One line, the formula (or the formulas) first, with what is zero by its constraints; families as they are declared.

    >>> from matcalc.reading import read
    >>> reading = read("norm(y - X*beta)^2", "X: (m, n)")
    >>> read_as(reading.expr, reading.symbols)
    '‖y − X β‖² · X (m, n) · y (m) inferred: in a norm · β (n) inferred: right of a matrix'
    """
    several = [of] if isinstance(of, Expr) else of
    nodes = postorder(*several, *zero)
    occurring = {n.data[0] for n in nodes if n.op in (VARIABLE, FAMILY)} | {n.op.abstract[0] for n in nodes if n.op.abstract}

    def written(e: Expr) -> str:
        text = unicode(e, symbols, with_families(manner, where))
        return text if len(text) <= LONGEST_READING else f"{text[:LONGEST_READING]}…"

    formula = " and ".join(map(written, several))
    if zero:
        formula += " subject to " + ", ".join(f"{written(e)} = 0" for e in zero)
    families = {name: said for e in several for name, said in declared_families(e, where).items() if name in occurring}
    others = listed(symbols.values(), occurring - set(families), lambda name: symbol(name)[0])
    said = (f"{symbol(name.partition(':')[0])[0]} {rest.strip()}" for name, _, rest in (f.partition(":") for f in families.values()))
    return BETWEEN.join(filter(None, (formula, others, *said)))
