"""How an answer is shown: what it is called, how it is laid out, its left side and its lines, and what is told beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from matcalc import explain, writing
from matcalc.api.answer import Answer
from matcalc.api.as_differentials import called
from matcalc.api.conditions import smoothness
from matcalc.api.differentiated import differential
from matcalc.api.members import declarations, is_declared
from matcalc.expr import UNIT, Expr, Size, variable
from matcalc.expr.language import item
from matcalc.limits import HEAVIEST_ANSWER, WIDEST_ANSWER
from matcalc.writing.breaking import page
from matcalc.writing.latex import latex
from matcalc.writing.unicode import unicode

if TYPE_CHECKING:
    from matcalc.explain.named import Named


def label(d: Answer, style: str) -> str:
    """The variable that a derivative is by, written in a style: "text", "latex" or "unicode"."""
    return writing.writer(style)(d.wrt, manner=d.manner)


def program_name(d: Answer) -> str:
    """The name of the answer in programs: grad, or grad_D beside grad_R."""
    by = d.variable.args[0].data[0] if d.over else label(d, "text")
    return "_".join((d.order, *re.findall(r"\w+", by))) if d.beside else d.order


def over_counts(d: Answer) -> dict[str, Size]:
    """The indices of a family that it is by as a whole, and how far each counts: the first axes of a program's result."""
    counts = {u.data[0]: u.data[1] for u in d.variable.args[1:] if u.op is UNIT} if d.over else {}
    return {i: counts[i] for i in d.over}


# --- its layout ----------------------------------------------------------------------------------------------------------


def last_by(d: Answer) -> Expr:
    """The variable of the last differentiation, or the slice of it."""
    by, index = d.last
    return by if index is None else item(by, index)


def in_vec(d: Answer) -> bool:
    """Whether the answer is in vec coordinates: ∂vec(Y)/∂vec(X)ᵀ, or the Hessian by a matrix."""
    if d.order == "grad" or d.onto == "manifold":
        return False
    first, last = d.wrt if d.order == "hessian" else d.of, last_by(d)
    return not first.is_scalar and not last.is_scalar and not (first.shape[1] == 1 == last.shape[1])


def layout(d: Answer) -> str:
    """The layout of the answer, in words."""
    if d.onto == "manifold":
        return "the shape of the variable"
    name = "numerator" if (d.order == "grad") == d.transposed else "denominator"
    if d.order == "grad" or d.wrt.is_scalar or d.of.is_scalar and d.order == "jacobian":
        return f"{name} layout: the shape of {'its transpose' if d.transposed else 'the variable'}"
    if in_vec(d):
        return f"{name} layout: ∂vec(Y)/∂vec(X)ᵀ{' transposed' * d.transposed}, vec stacks columns"
    return f"{name} layout: J[i,j] = ∂y_i/∂x_j" if name == "numerator" else "denominator layout: J[i,j] = ∂y_j/∂x_i"


# --- its formula ---------------------------------------------------------------------------------------------------------


def named(d: Answer) -> Named:
    """The answer with names for its repeated parts."""
    return explain.named.named(d.expr, d.symbols, d.manner)


def is_wide(d: Answer) -> bool:
    """Whether it is long, or wider than a line and shorter with names."""
    if not WIDEST_ANSWER // 3 < d.expr.weight < HEAVIEST_ANSWER:
        return d.expr.weight >= HEAVIEST_ANSWER
    width = len(unicode(d.expr, d.symbols, d.manner))
    return width > WIDEST_ANSWER and len(named(d).unicode()) < width


def as_latex(d: Answer) -> str:
    """The answer as LaTeX, a long one with names, in lines that fit a page."""
    return page(in_a_line(d))


def in_a_line(d: Answer) -> str:
    """The answer as LaTeX, a long one with names, however wide that is."""
    return named(d).latex() if is_wide(d) else latex(d.expr, d.symbols, d.manner)


def as_unicode(d: Answer) -> str:
    """The answer as one line for a terminal, a long one with names."""
    return named(d).unicode() if is_wide(d) else unicode(d.expr, d.symbols, d.manner)


def as_lines(d: Answer) -> str:
    """The answer for a terminal; where it is in vec coordinates, under the differential it comes from."""
    if not in_vec(d) or d.transposed:
        return as_unicode(d)
    head = f"∂vec Y/∂(vec {label(d, 'unicode')})ᵀ" if d.order == "jacobian" else "H"
    return f"{differential(d).unicode()}\n{head} = {as_unicode(d)}"


def left(d: Answer, style: str = "latex") -> str:
    """The left side of the answer: ∂f/∂x, ∂y/∂xᵀ, ∂²f/∂x∂xᵀ."""
    f = variable(called(d.of, d.variable), d.of.shape)
    if d.order == "hessian":
        return explain.Left("hessian", f, d.wrt, last_by(d)).written(style, d.manner)
    kind = "gradient" if d.order == "grad" or d.of.is_scalar or d.wrt.is_scalar else "jacobian"
    return explain.Left(kind, f, d.wrt).written(style, d.manner)


def equation(d: Answer) -> str:
    """The answer with its left side as LaTeX, in lines that fit a page."""
    return page(f"{left(d)} = {in_a_line(d)}")


def sympy(d: Answer, names: Any, sizes: dict[str, int]) -> Any:
    """The answer as a SymPy expression, with numbers for all `sizes` as an explicit matrix; `names` are SymPy's symbols to use."""
    spelling = {**d.spelling, **(names or {})}
    if sizes:
        return writing.sympy.explicit.explicit(d.expr, sizes, spelling)
    return writing.sympy.expressions.sympy(d.expr, spelling)


# --- beside it -----------------------------------------------------------------------------------------------------------


def where(d: Answer) -> str:
    """The declarations that were given, and one for each name of which there was none."""
    told = declarations(d.of, d.symbols, d.given)
    return "; ".join(filter(None, (d.given, *(text for name, text in told.items() if not is_declared(name, d.given)))))


def notes(d: Answer) -> tuple[str, ...]:
    """Remarks for the reader: how the input was understood, and where there is no derivative."""
    turned = (f"in {layout(d)}",) if d.transposed else ()
    every = (f"by each member {label(d, 'unicode')} of the family",) if d.over else ()
    return (*d.remarks, *every, *turned, *smoothness(d.of, [d.variable]))


def legend(d: Answer) -> tuple[str, ...]:
    """Explains each symbol in the answer that nobody typed, a line each, and the layout of a vec form."""
    return (*explain.legend.legend(d.expr, d.of), *((layout(d),) if in_vec(d) else ()))
