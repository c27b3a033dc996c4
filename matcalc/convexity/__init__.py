"""Whether a function is convex or concave, and why: certificates, and counterexamples where it is neither."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.convexity import command
    from matcalc.convexity.certificates import Certificate
    from matcalc.convexity.doubling import proof_of
    from matcalc.convexity.proving import Proof, Proving
    from matcalc.convexity.refuting import Counterexample, counterexamples

__getattr__ = on_demand(
    __name__, certificates="Certificate", doubling="proof_of", proving="Proof Proving", refuting="Counterexample counterexamples"
)
