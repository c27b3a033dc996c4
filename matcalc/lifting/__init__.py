"""Lifting: sums over indices as matrix expressions, where they are such."""

from matcalc.lifting.sums import lifted, multiplied

__all__ = ["lifted", "multiplied"]
