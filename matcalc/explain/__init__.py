"""The derivation of an answer, as a person would write it: numbered steps, each with the name of its rule."""

from matcalc.explain.derivation import derivation
from matcalc.explain.lines import Equation, Left, Step, Steps

__all__ = ["Equation", "Left", "Step", "Steps", "derivation"]
