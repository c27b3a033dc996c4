"""The Python API: what `import matcalc as mc` offers."""

from matcalc.api.answer import TARGETS, Derivative, Derivatives, label
from matcalc.api.asking import Verdict, compared, equal, evaluate, parse, simplify
from matcalc.api.building import (
    Elementwise,
    elementwise,
    eye,
    family,
    function,
    hadamard,
    matrix,
    ones,
    quotient,
    scalar,
    sum_over,
    vector,
    zeros,
)
from matcalc.api.claiming import check
from matcalc.api.compiling import code, compile
from matcalc.api.curving import Curvature, curvature
from matcalc.api.deriving import derivative, differential, grad, hessian, jacobian, wirtinger
from matcalc.api.forms import Differential

__all__ = [
    "Curvature", "Derivative", "Derivatives", "Differential", "Elementwise", "TARGETS", "Verdict", "check", "code", "compared",
    "compile", "curvature", "derivative", "differential", "elementwise", "equal", "evaluate", "eye", "family", "function", "grad",
    "hadamard", "hessian", "jacobian", "label", "matrix", "ones", "parse", "quotient", "scalar", "simplify", "sum_over", "vector",
    "wirtinger", "zeros",
]  # fmt: skip
