"""Symbolic matrix calculus: derivatives of matrix expressions, in matrix notation.

Importing this package loads nothing but what is asked of it; every function of the language is here too.

>>> import matcalc as mc
>>> mc.grad("norm(A*x - b)^2", "x").text()
"2*A'*(A*x - b)"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcalc.api import (
        Curvature,
        Derivative,
        Derivatives,
        Verdict,
        check,
        code,
        compile,
        curvature,
        derivative,
        differential,
        elementwise,
        equal,
        evaluate,
        eye,
        family,
        grad,
        hadamard,
        hessian,
        jacobian,
        matrix,
        ones,
        parse,
        quotient,
        scalar,
        simplify,
        sum_over,
        vector,
        wirtinger,
        zeros,
    )
    from matcalc.checking import Check
    from matcalc.errors import LimitError, MatcalcError, NotDifferentiableError, ParseError, ShapeError, UnknownNameError, UnsupportedError
    from matcalc.expr import Expr
    from matcalc.minimizing import Fit, Minimizer, minimize, minimizer
    from matcalc.solving import Solution, solve

__version__ = "0.1.0"

_ERRORS = ("MatcalcError", "ParseError", "ShapeError", "UnknownNameError", "NotDifferentiableError", "UnsupportedError", "LimitError")
_DERIVE = ("grad", "jacobian", "hessian", "derivative", "differential", "wirtinger", "code", "compile", "Derivative", "Derivatives")
_ASK = ("parse", "simplify", "equal", "evaluate", "check", "Verdict", "curvature", "Curvature")
_BUILD = ("matrix", "vector", "scalar", "elementwise", "family", "sum_over", "eye", "ones", "zeros", "hadamard", "quotient")
_HOME = {
    "Check": "matcalc.checking",
    **dict.fromkeys(_ERRORS, "matcalc.errors"),
    **dict.fromkeys((*_DERIVE, *_ASK, *_BUILD), "matcalc.api"),
    **dict.fromkeys(("solve", "Solution"), "matcalc.solving"),
    **dict.fromkeys(("minimize", "minimizer", "Minimizer", "Fit"), "matcalc.minimizing"),
    "Expr": "matcalc.expr",
    "load_ipython_extension": "matcalc.jupyter",  # what %load_ext matcalc calls
}

__all__ = [
    "Check", "Curvature", "Derivative", "Derivatives", "Expr", "Fit", "LimitError", "MatcalcError", "Minimizer",
    "NotDifferentiableError", "ParseError", "ShapeError", "Solution", "UnknownNameError", "UnsupportedError", "Verdict", "check",
    "code", "compile", "curvature", "derivative", "differential", "elementwise", "equal", "evaluate", "eye", "family", "grad",
    "hadamard", "hessian", "jacobian", "matrix", "minimize", "minimizer", "ones", "parse", "quotient", "scalar", "simplify",
    "solve", "sum_over", "vector", "wirtinger", "zeros",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    from importlib import import_module
    from importlib.util import find_spec

    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
    elif find_spec(f"matcalc.{name}") is not None:
        return import_module(f"matcalc.{name}")
    else:
        value = import_module("matcalc.api.building").function(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from importlib import import_module

    return sorted({*__all__, *import_module("matcalc.operators").FUNCTIONS, "__version__"})
