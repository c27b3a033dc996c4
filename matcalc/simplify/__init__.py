"""Simplification: identities, common factors, the shorter alternative."""

from matcalc.simplify.simplify import rewritten, simplify

__all__ = ["rewritten", "simplify"]
