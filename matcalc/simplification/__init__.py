"""Simplification: identities, common factors, the shorter alternative."""

from matcalc.simplification.simplify import rewritten, simplify

__all__ = ["rewritten", "simplify"]
