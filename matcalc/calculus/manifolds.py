"""THE MANIFOLDS: sets in which a variable may move, each with a metric, as data.

Formulas are in the project's own language; of complex matrices ' is ^H, and tr(X'W) its real part.  X is the point, G the gradient there among all matrices (vectors) and within the linear
space that the set is open in, V a tangent vector and H the change of G along V; W is any matrix of that shape.

    first        what the projection makes the gradient of the manifold, from G
    projected    the projection of W, of which the tangent space is the image, where it is not that of the property's row
    projector    the same as a matrix before W, where there is one
    second       what the projection makes the Hessian along V, from H, V and G; "" where the table has none
    lowered      of a tangent vector V, the matrix L with tr(L'U) = ⟨V, U⟩ for all tangent U: what the metric says
    connection   what the projection makes the covariant derivative along V of a field U, from its change D
    tangency     what vanishes of a tangent vector V, and nothing else does
    along        the same as lines, by which an answer with V in it becomes shorter

A row is proved along curves of its set: ⟨gradient, V⟩ is the change of f, and the Hessian that of the gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from matcalc.expr import PRODUCT, ZERO, Expr, factors, number, product, scalars, substitute, transform, transpose, variables, zero
from matcalc.expr.properties import DECLARABLE
from matcalc.expr.properties import of_complex as in_complex
from matcalc.reading import read


class Manifold(NamedTuple):
    """A row of the table."""

    name: str
    sets: tuple[str, ...]  # the declared properties of the set
    metric: str  # in words
    first: str = "G"
    projected: str = ""
    projector: str = ""
    second: str = ""
    lowered: str = "V"
    connection: str = "D"
    tangency: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    keeps: str = ""  # the property of every tangent vector
    spans: bool = False  # its points are spans: only f with f(XQ) = f(X) is a function of them
    source: str = ""

    @property
    def projection(self) -> str:
        """The projection of W on the tangent space."""
        return self.projected or DECLARABLE[self.sets[0]].tangent or "W"


def _row(name: str, sets: str, metric: str, **columns: str | bool | tuple[str, ...]) -> Manifold:
    both = [s for s in sets.split() for s in (s, f"complex {s}") if s in DECLARABLE]
    return Manifold(name, tuple(both), metric, **columns)  # type: ignore[arg-type]


_EUCLID = "tr(U'V)"
_SYM = "(X'*G + G'*X)/2"
_SKEW = ("V'*X = -X'*V",)

# fmt: off
_TABLE = (
    _row("sphere",              "sphere unitnorm",     _EUCLID,                                                                            projector="(I - X*X')*W", second="H - tr(X'*G)*V",                                                                                               tangency=("tr(X'*V)",),       along=("tr(X'*V) = 0",),                         source="Absil, Mahony & Sepulchre 2008, 3.6.1 and 5.3.2"),
    _row("stiefel",             "stiefel grassmann orthogonal rotation", _EUCLID,                                                                            second=f"H - V*{_SYM}",                                                                                                tangency=("X'*V + V'*X",),    along=_SKEW,                                                                             source="Absil, Mahony & Sepulchre 2008, 3.6.1 and 5.3.3"),
    _row("stiefel canonical",   "stiefel grassmann orthogonal rotation", "tr(U'(I − XX'/2)V)", first="G - X*G'*X", projected="W",                                                                            lowered="V - X*X'*V/2",                                                        tangency=("X'*V + V'*X",),    along=_SKEW,                                                                             source="Edelman, Arias & Smith 1998, (2.53)"),
    _row("orthogonal",          "orthogonal rotation", _EUCLID,                                                                            second=f"H - V*{_SYM}",                                                                                                tangency=("X'*V + V'*X",),    along=(*_SKEW, "V*X' = -X*V'"),                                                source="Absil, Mahony & Sepulchre 2008, 3.5.3"),
    _row("rotation",            "rotation",            _EUCLID,                                                                            second=f"H - V*{_SYM}",                                                                                                tangency=("X'*V + V'*X",),    along=(*_SKEW, "V*X' = -X*V'"),                                                source="Absil, Mahony & Sepulchre 2008, 3.5.3"),
    _row("grassmann",           "grassmann stiefel",           _EUCLID, spans=True,                                                               projector="(I - X*X')*W", second="H - V*X'*G",                                                                                                   tangency=("X'*V",),           along=("X'*V = zeros(k,k)",),                                                  source="Edelman, Arias & Smith 1998, (2.70)"),
    _row("oblique",             "oblique",             _EUCLID,                                                                            second="H - V*diag(diag(X'*G))",                                                                                       tangency=("diag(X'*V)",),     along=("diag(X'*V) = zeros(k)",),                                              source="Absil & Gallivan 2006"),
    _row("spd",                 "spd",                 "affine-invariant, tr(S⁻¹US⁻¹V)", first="X*G*X", projected="(W + W')/2",          second="X*H*X + V*G*X",                     lowered="inv(X)*V*inv(X)", connection="D - V*inv(X)*U",                           tangency=("V - V'",),         keeps="symmetric",                                                                       source="Bhatia 2007, 6.1"),
    _row("spd bures-wasserstein", "spd",               "Bures–Wasserstein, half of tr(UL) with LS + SL = V", first="2*(G*X + X*G)",                                                                   lowered="sylvester(X, X, V)/2",                                                tangency=("V - V'",),         keeps="symmetric",                                                                       source="Malagò, Montrucchio & Pistone 2018"),
    _row("simplex",             "simplex",             "Fisher, Σ uv/p",      first="X.*G",                                                     second="X.*H + (V.*G - (X'*G)*V)/2",        lowered="V./X", connection="D - V.*U./(2*X)",                                  tangency=("sum(V)",),         along=("sum(V) = 0",),                                                         source="Amari 1998"),
    _row("positive",            "positive",            "Σ uv/x²",             first="X.*X.*G",                                                   second="X.*X.*H + X.*G.*V",                 lowered="V./(X.*X)", connection="D - V.*U./X",                                                                                                                                                             source="Nesterov & Todd 2002"),
    _row("circle",              "circle",              _EUCLID,                                                                            second="H - real(conj(X).*G).*V",                                                                                      tangency=("real(conj(X).*V)",), along=("real(conj(X).*V) = zeros(n)",),                                      source="Absil, Mahony & Sepulchre 2008, 3.6.1"),
    _row("fixed rank",          "rank",                _EUCLID,                                                                                                                                                                                                                 tangency=("(eye(m) - X*pinv(X))*V*(eye(n) - pinv(X)*X)",),                                                                                              source="Vandereycken 2013"),
)
# fmt: on

_REAL = {row.name: row for row in _TABLE}
TABLE: tuple[Manifold, ...] = (
    *_TABLE,
    _REAL["orthogonal"]._replace(name="unitary", sets=("unitary",), source="Abrudan, Eriksson & Koivunen 2008"),
    _REAL["spd"]._replace(name="hpd", sets=("hpd",), keeps="hermitian"),
)
MANIFOLDS: dict[str, Manifold] = {row.name: row for row in TABLE}
OF_COMPLEX = ("unitary", "hpd", "circle")  # sets of complex matrices alone


def at(text: str, **values: Expr) -> Expr:
    """A formula of the table at the values of its letters, X among them; sizes that it names are those of X.

    >>> from matcalc.expr import symbol, variable
    >>> n = symbol("n")
    >>> x, g = variable("x", (n, 1)), variable("g", (n, 1))
    >>> at("W - tr(X'*W)*X", X=x, W=g)
    g − (gᵀ x) x
    """
    rows, columns = values["X"].shape
    kind = "n" if columns == 1 else "n, n" if rows == columns else "m, n"
    of_complex = values["X"].complex
    formula, letters = _formula(in_complex(text) if of_complex else text.replace("(k,k)", "(n,n)").replace("(k)", "(n)"), kind, of_complex)
    sizes = {"m": rows, "n": rows if columns == 1 else columns}
    return substitute(formula, {v: values[letter] for letter, v in letters.items()}, sizes)


@lru_cache(maxsize=256)
def _formula(text: str, shape: str, of_complex: bool = False) -> tuple[Expr, dict[str, Expr]]:
    formula = read(text, "; ".join(f"{letter}: ({shape}){' complex' * of_complex}" for letter in "XGHVWDU")).expr
    return formula, {v.data[0]: v for v in variables(formula)}


def within(row: Manifold, x: Expr, v: Expr, e: Expr) -> Expr:
    """`e` with what the table says of the tangent vector `v` at `x` used, as far as that can be seen.

    >>> from matcalc.expr import ones, symbol, variable
    >>> n = symbol("n")
    >>> p, v = variable("p", (n, 1)), variable("v", (n, 1))
    >>> within(MANIFOLDS["simplex"], p, v, v - p @ ones((1, n)) @ v)
    v
    """
    said: dict[Expr, Expr] = {}
    for line in row.along:
        left, right = (at(side, X=x, V=v) for side in line.split(" = "))
        said[left] = right
        if right.op is ZERO or right == zero(right.shape):
            said.setdefault(transpose(left), transpose(right))
    return transform(e, lambda n: _said(n, said)) if said else e


def _said(n: Expr, said: Mapping[Expr, Expr]) -> Expr:
    """A node that a left side is, or a product in which its factors stand side by side, as the right side has it."""
    if n in said:
        return said[n]
    chain = factors(n)
    for left, right in said.items():
        wanted = factors(left)
        for i in range(len(chain) - len(wanted) + 1) if n.op is PRODUCT and left.op is PRODUCT else ():
            if chain[i : i + len(wanted)] == wanted:
                front = product([number(n.data[0]), *scalars(n)])
                return _said(product([front, *chain[:i], right, *chain[i + len(wanted) :]]), said)
    return n
