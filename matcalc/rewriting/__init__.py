"""Rewriting: the identities and the engine that applies them, below simplification, programs and the checks.

`identities` are the tables, by purpose; `lines` reads them, `matching` finds where one applies, `rewriter` applies them, `sides` says
what terms of a sum may have in common; `budget` bounds what is tried.
"""

from matcalc.rewriting.rewriter import REWRITER

__all__ = ["REWRITER"]
