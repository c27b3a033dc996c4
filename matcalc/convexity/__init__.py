"""Whether a function is convex or concave, and why: certificates, and counterexamples where it is neither."""

from matcalc.convexity.certificates import Certificate
from matcalc.convexity.in_reals import proof_of
from matcalc.convexity.proving import Proof, Proving
from matcalc.convexity.refuting import Counterexample, counterexamples

__all__ = ["Certificate", "Counterexample", "Proof", "Proving", "counterexamples", "proof_of"]
