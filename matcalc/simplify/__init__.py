"""Simplification: identities, common factors, the shorter alternative."""

from matcalc.simplify.simplify import simplify

__all__ = ["simplify"]
