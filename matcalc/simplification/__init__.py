"""Simplification: identities, common factors, the shorter alternative."""

from matcalc.simplification.simplifier import rewritten, simplify

__all__ = ["rewritten", "simplify"]
