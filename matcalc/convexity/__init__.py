"""Whether a function is convex or concave, and why: certificates, and counterexamples where it is neither."""

from matcalc.convexity.certificates import Certificate
from matcalc.convexity.counterexamples import Counterexample, counterexamples
from matcalc.convexity.proving import Proof, Proving

__all__ = ["Certificate", "Counterexample", "Proof", "Proving", "counterexamples"]
