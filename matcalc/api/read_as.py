"""How what was asked was read: the formula, and each of its names with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcalc.expr import Expr, postorder, variables

if TYPE_CHECKING:
    from matcalc.reading import Symbol

LONGEST = 300  # characters of the formula


def read_as(e: Expr, symbols: Mapping[str, Symbol]) -> str:
    """One line, the formula first.

    >>> from matcalc.reading import read
    >>> reading = read("norm(y - X*beta)^2", "X: (m, n)")
    >>> read_as(reading.expr, reading.symbols)
    '‖y − X β‖² · X (m, n) · y (m) inferred: in a norm · β (n) inferred: right of a matrix'
    """
    from matcalc.reading.read_as import BETWEEN, listed
    from matcalc.writing.unicode import symbol, unicode

    occurring = {v.data[0] for v in variables(e)} | {n.op.abstract[0] for n in postorder(e) if n.op.abstract}
    formula = unicode(e)
    formula = formula if len(formula) <= LONGEST else f"{formula[:LONGEST]}…"
    return BETWEEN.join(filter(None, (formula, listed(symbols.values(), occurring, lambda name: symbol(name)[0]))))
