"""Named inequalities between functions: what no sum of signs shows.  One line each, in the language, with what it holds for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from matcalc.expr import Dim, Expr, Op, postorder, symbol, variable, variables
from matcalc.reading import read


class Inequality(NamedTuple):
    """`text`, in x, or in x and y, is positive wherever these are `of`: "" any number, positive, or psd; numbers, or of size n."""

    text: str
    of: str
    name: str
    source: str = ""
    shape: str = ""  # or "vector", "matrix"
    touches: bool = False  # it may be zero, too


# fmt: off
INEQUALITIES: tuple[Inequality, ...] = (
    Inequality("x*normcdf(x) + normpdf(x)",       "",         "Mills' ratio",            "Gordon 1941"),
    Inequality("softplus(x) - x",                 "",         "log(1 + exp(x)) > x",     ""),
    Inequality("x*trigamma(x) - 1",               "positive", "ψ'(x) > 1/x",             "Alzer 1997"),
    Inequality("log(x) - digamma(x)",             "positive", "ψ(x) < log x",            "Alzer 1997"),
    Inequality("-trigamma(x) - x*tetragamma(x)",  "positive", "x ψ'(x) decreases",       "Alzer 1997"),
    Inequality("-x^2*tetragamma(x) - 1",          "positive", "ψ''(x) < -1/x²",          "Alzer 1997"),
    Inequality("2*trigamma(x) + x*tetragamma(x)", "positive", "x ψ(x) is convex",        "Alzer 1997"),
    Inequality("exp(-x^2) - sqrt(pi)*x*erfc(x)",  "",         "Mills' ratio, of erfc",   "Gordon 1941"),
    Inequality("sigmoid(x) - sigmoid(-x)*softplus(x)", "",    "log(1 + exp(x)) < exp(x)", ""),
    # the covariance of log p, p of a Dirichlet distribution
    Inequality("trigamma(x)*trigamma(y) - trigamma(x + y)*(trigamma(x) + trigamma(y))", "positive", "1/ψ' is superadditive"),
    Inequality("sum(x)^2 - x'*x", "positive", "(Σ x)² ≥ Σ x² of positive numbers", "", "vector", True),
    Inequality("1 - trigamma(sum(x))*sum(1./trigamma(x))", "positive", "1/ψ' is superadditive", "Wainwright & Jordan 2008", "vector", True),
    Inequality("tr(x*y)^2 - tr(x*y*x*y)", "psd", "(Σ λ)² ≥ Σ λ² of the eigenvalues λ ≥ 0", "", "matrix", True),
)
# fmt: on
SHAPES: dict[str, tuple[int | Dim, int | Dim]] = {"": (1, 1), "vector": (symbol("n"), 1), "matrix": (symbol("n"), symbol("n"))}


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[Inequality, tuple[Expr, ...], Expr, set[Op]], ...]:
    """Each row with its variables, its left side and the functions there, read when they are first needed."""
    out = []
    for row in INEQUALITIES:
        names = {v: variable(v, SHAPES[row.shape], {row.of} if row.of else set()) for v in "xy"}
        left = read(row.text, names=names).expr
        ops = {n.op for n in postorder(left) if n.op.elementwise and len(n.args) == 1}
        out.append((row, tuple(v for v in names.values() if v in variables(left)), left, ops))
    return tuple(out)
