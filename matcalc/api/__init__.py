"""The Python API: what `import matcalc as mc` offers, loaded when it is asked for."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.api import card, compiling, conditions, document, explaining, operating, question, read_as, running, tables
    from matcalc.api.as_differentials import Differential
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
    from matcalc.api.methods import Derivative, Derivatives
    from matcalc.api.presenting import label

__getattr__ = on_demand(
    __name__,
    methods="Derivative Derivatives",
    presenting="label",
    asking="Verdict compared equal evaluate parse simplify",
    building="Elementwise elementwise eye family function hadamard matrix ones quotient scalar sum_over vector zeros",
    claiming="check",
    compiling="code compile",
    curving="Curvature curvature",
    deriving="derivative differential grad hessian jacobian wirtinger",
    as_differentials="Differential",
)
