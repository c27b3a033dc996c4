"""Names of the rules as people call them: for the differential of each operator, and for turning it round in a linear form.

Rows of the operator table are called by their name and cite the row's source; only the heads, whose rules are code, are named here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from matcalc.expr import Expr, Op
from matcalc.expr import heads as H
from matcalc.expr.products import squared
from matcalc.writing.unicode import UNICODE


class Rule(NamedTuple):
    """A rule: its name, what it says, and where it stands in the literature (M&N is Magnus & Neudecker, 3rd ed.)."""

    name: str
    says: str = ""
    source: str = ""

    @property
    def whole(self) -> str:
        return f"{self.name}: {self.says}" if self.says else self.name


# fmt: off
_DIFFERENTIAL: dict[Op, Rule] = {
    H.SUM:       Rule("sum rule",                   source="M&N 8.1"),
    H.PRODUCT:   Rule("product rule",               source="M&N 8.1"),
    H.TRANSPOSE: Rule("transpose",                  source="M&N 8.1"),
    H.HADAMARD:  Rule("product rule",               source="M&N 8.1"),
    H.POWER:     Rule("power rule"),
    H.HPOWER:    Rule("power rule, entry by entry"),
    H.MATPOWER:  Rule("power of a matrix",          source="M&N 8.4"),
}
_INVERSE = Rule("inverse", "d(X⁻¹) = −X⁻¹ dX X⁻¹", "M&N 8.4")
_SQUARED_NORM = Rule("squared norm", "d‖R‖² = 2 tr(Rᵀ dR)", "M&N 8.2")
_SQUARED_NORM_OF_VECTOR = Rule("squared norm", "d‖r‖² = 2 rᵀ dr", "M&N 8.2")
_ACROSS = Rule("move ⊙ across", "tr(Aᵀ (B ⊙ C)) = tr((A ⊙ B)ᵀ C)", "M&N 3.6")
_ADJOINT: dict[Op, Rule] = {
    H.SUM:       Rule("the trace is linear"),
    H.PRODUCT:   Rule("rotate the trace",           "tr(A B) = tr(B A)", "M&N 1.10"),
    H.TRANSPOSE: Rule("transpose under the trace",  "tr(Aᵀ) = tr(A)",    "M&N 1.10"),
    H.HADAMARD:  _ACROSS,
    H.HPOWER:    _ACROSS,
    H.MATPOWER:  Rule("rotate the trace",           "tr(A B) = tr(B A)", "M&N 1.10"),
}
_PLAIN = {"sum rule", "the trace is linear", "multiply out"}
_OF_THE_TRACE = {_ACROSS.name, *(_ADJOINT[op].name for op in (H.PRODUCT, H.TRANSPOSE))}
RULES_IN_A_LINE = 3
_ROWS: dict[str, str] = {
    "tr": "trace", "norm": "norm", "det": "determinant", "logdet": "log-determinant", "pinv": "pseudoinverse", "diag": "Diag is linear",
    "diagonal": "diag is linear", "vec": "vec is linear", "kron": "Kronecker product", "prod": "product of all entries",
    "logsumexp": "log-sum-exp", "expm": "matrix exponential", "logm": "matrix logarithm", "sqrtm": "matrix square root",
    "cosm": "matrix cosine", "sinm": "matrix sine", "chol": "Cholesky factor",
    "cumsum": "running sums are linear", "diff": "differences are linear",
    "lambda_max": "simple eigenvalue", "normnuc": "nuclear norm", "normspec": "spectral norm", "adj": "adjugate",
}
# fmt: on

NAMED, PUT_IN, PUT_BACK = Rule("name the parts"), Rule("put the differential in"), Rule("put the parts back and simplify")
SHORTER, COTANGENT = Rule("simplify"), Rule("name the cotangent")
CONSTANT_FACTOR = Rule("constant factor", "d(A X B) = A (dX) B", "M&N 8.1")
QUOTIENT = Rule("quotient rule", source="M&N 8.1")
STACKED = Rule("vec", "vec(A X B) = (Bᵀ ⊗ A) vec(X)", "M&N 2.4")
THE_EXPRESSION = Rule("the expression")
THROUGH_SUM = Rule("a differential goes through a sum", "d ∑ᵢ g(uᵢ) = ∑ᵢ g′(uᵢ) duᵢ")


def differential_rule(e: Expr) -> Rule:
    """The rule for the differential of `e`.

    >>> from matcalc.reading import read
    >>> differential_rule(read("inv(X)").expr).whole, differential_rule(read("tanh(Z)", "Z: (m, n)").expr).whole
    ('inverse: d(X⁻¹) = −X⁻¹ dX X⁻¹', 'chain rule: d tanh(Z) = tanh′(Z) ⊙ dZ')
    """
    if squared(e) is not None:
        return _SQUARED_NORM if e.args[0].args[0].shape[1] != 1 else _SQUARED_NORM_OF_VECTOR
    if e.op is H.MATPOWER and e.data == -1:
        return _INVERSE
    if e.op.elementwise:
        name = UNICODE.row(e.op)[0]
        name = e.op.name if "{" in name else name
        if len(e.args) > 1:
            inner = ", ".join("xyz"[: len(e.args)])
            return Rule(
                "chain rule", f"d {name}({inner}) = " + " + ".join(f"∂{name}/∂{x} d{x}" for x in inner.split(", ")) + ", entry by entry"
            )
        z, times = ("z", " ") if e.is_scalar else ("z", " ⊙ ") if e.is_vector else ("Z", " ⊙ ")
        return Rule("chain rule", f"d {name}({z}) = {name}′({z}){times}d{z}", "" if e.is_scalar else "M&N 5.15")
    return _DIFFERENTIAL.get(e.op) or Rule(_ROWS.get(e.op.name, f"differential of {e.op.spelled or e.op.name}"), source=e.op.source)


def adjoint_rule(e: Expr) -> Rule:
    """The rule that turns the differential of `e` round in a linear form."""
    if e.is_scalar and e.op is not H.PRODUCT:
        return Rule("multiply out")
    return (
        _ACROSS
        if e.op.elementwise
        else _ADJOINT.get(e.op) or Rule(f"adjoint of {e.op.spelled or e.op.name}", "⟨A, L(dX)⟩ = ⟨L*(A), dX⟩", e.op.source)
    )


def together(rules: Iterable[Rule]) -> Rule:
    """Several rules as one; a single one says itself in full, linearity is not worth a word beside others, and no line names four.

    >>> together([Rule("sum rule"), Rule("chain rule", source="M&N 5.15"), Rule("product rule", source="M&N 8.1")])
    Rule(name='chain rule, product rule', says='', source='M&N 5.15; M&N 8.1')
    """
    every = list(dict.fromkeys(rules))
    rules = [r for r in every if r.name not in _PLAIN] or every
    if len(rules) == 1:
        return rules[0]
    names = dict.fromkeys(n for r in rules for n in r.name.split(", "))
    if len(names) > RULES_IN_A_LINE:
        names = dict.fromkeys("properties of the trace" if n in _OF_THE_TRACE else n for n in names if n != SHORTER.name)
    sources = dict.fromkeys(s for r in rules for s in r.source.split("; ") if s)
    return Rule(", ".join(n for n in names if n and (n not in _PLAIN or len(names) == 1)), source="; ".join(sources))
