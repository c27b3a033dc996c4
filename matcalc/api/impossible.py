"""Finds expressions without a value: inverses of products and sums of too small a rank, roots and logarithms of what is never positive."""

from __future__ import annotations

from collections.abc import Collection

from matcalc.api.conditions import called, conditions
from matcalc.calculus.differentials import dependent
from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import Expr, Size, below, has, postorder
from matcalc.expr import heads as H
from matcalc.expr.dims import divide
from matcalc.limits import MOST_BOUNDS
from matcalc.operators.matrices import LOGDET, PROD

NEVER = {"positive": "nonpositive", "nonnegative": "nonpositive"}  # what refutes a condition, or leaves only zero


def check_possible(root: Expr) -> list[str]:
    """Notes on what is singular from some size on.

    Raises ShapeError for an inverse, or a log-determinant, of what is singular at every size, likewise for what needs a matrix of
    full rank, and UnsupportedError for what is not real at any point.

    >>> from matcalc.api.building import function, matrix, vector
    >>> a, b, c, d = (vector(v, "n") for v in "abcd")
    >>> check_possible(function("inv")(a @ b.T + c @ d.T))
    ['a bᵀ + c dᵀ is singular for n > 2: its rank is at most 2']
    >>> X = matrix("X", 5, 3)
    >>> check_possible(function("det")(X @ X.T))
    ['X Xᵀ is singular: its rank is at most 3, and it is 5×5']
    """
    nodes = below(root)
    for e in nodes:
        if _needs_no_zeros(e) and _has_zeros(e.args[0]):
            raise UnsupportedError(
                f"{called(e.args[0])} has zeros for every size but 1: {called(e)} is not defined at any point",
                hint="diag(A) is the diagonal of A",
            )
    for c in conditions(root):
        if c.needs in NEVER and has(c.of[0], NEVER[c.needs]):
            raise UnsupportedError(f"{called(c.of[0])} is never {c.needs}: the expression is not real at any point")
    inverses = [e for e in nodes if _is_inverted(e) or e.op.domain in ("invertible", "of full rank")]
    bounds = _bounds(root) if inverses else {}
    out: dict[str, None] = {}
    for e in inverses:
        inverted = _is_inverted(e)
        inner, (m, n) = e.args[0], e.args[0].shape
        rank = next((r for r in bounds[inner] if _below(r, m) and _below(r, n)), None)
        if rank is not None and e.op.domain == "of full rank":
            raise ShapeError(f"{called(inner)} is not of full rank: its rank is at most {rank}, and it is {m}×{n}")
        few = min((r for r in bounds[inner] if isinstance(r, int)), default=None)
        if rank is not None and inverted:
            raise ShapeError(f"{called(inner)} has no inverse: its rank is at most {rank}, and it is {n}×{n}")
        if rank is not None:
            out[f"{called(inner)} is singular: its rank is at most {rank}, and it is {n}×{n}"] = None
        elif few is not None and m == n and not isinstance(n, int):
            out[f"{called(inner)} is singular for {n} > {few}: its rank is at most {few}"] = None
    return list(out)


def check_differentiable(f: Expr, by: Collection[Expr]) -> None:
    """Raises UnsupportedError where the derivative is known by an inverse, or by reciprocals, that there are not, and may cancel.

    >>> from matcalc.api.building import function, matrix
    >>> W = matrix("W", 4, 4, "skew")
    >>> check_differentiable(function("adj")(W), [W])
    """
    divided = [e for e in below(f) if e.op.name == "adj" or e.op is PROD]
    moving = dependent(f, set(by)) if divided else set()
    for e in (e for e in divided if e in moving):
        (a,) = e.args
        if e.op is PROD:
            entries = (x for x in (a.args if a.op is H.HADAMARD else e.args) if x in moving and not has(x, "skew"))  # of a skew one it is 0
            if any(_has_zeros(v) for v in postorder(*filter(_has_zeros, entries)) if v in by):
                raise UnsupportedError(
                    f"{called(e)} is differentiated by dividing by the entries of {called(a)}, of which some are zero",
                    hint="it is 0 on the whole set; take unconstrained=True for the derivative by each entry",
                )
        elif has(a, "skew") and not (isinstance(n := e.shape[0], int) and n % 2 == 0):
            raise UnsupportedError(
                f"{called(e)} is differentiated by the inverse of {called(a)}, which is skew and has none for odd sizes",
                hint="declare an even number of rows, or take unconstrained=True",
            )


def _needs_no_zeros(e: Expr) -> bool:
    """Whether each entry is divided by, or must be positive."""
    return (
        e.op is H.HPOWER and e.args[1].op is H.NUMBER and e.args[1].data < 0 or e.op.elementwise and e.op.domain in ("positive", "nonzero")
    )


def _has_zeros(e: Expr) -> bool:
    """Whether some entries are zero, whatever the values of its variables."""
    return e.shape != (1, 1) and (e.op is H.UNIT or any(has(e, p) for p in ("lower", "upper", "skew")))


def _is_inverted(e: Expr) -> bool:
    return e.op is H.MATPOWER and e.data < 0 or e.op is LOGDET


def _bounds(root: Expr) -> dict[Expr, frozenset[Size]]:
    """Sizes that the rank of each node cannot exceed."""
    out: dict[Expr, frozenset[Size]] = {}
    for e in postorder(root):
        found: set[Size] = set(e.shape)
        if e.op in (H.PRODUCT, H.TRANSPOSE):
            found.update(r for a in e.args if not a.is_scalar for r in out[a])
        elif e.op is H.SUM:
            parts = [min((r for r in out[t] if isinstance(r, int)), default=None) for t in e.args]
            found.update([sum(r for r in parts if r is not None)] if None not in parts else [])
        whole = [r for r in found if isinstance(r, int)]
        named = sorted((r for r in found if not isinstance(r, int)), key=repr)
        out[e] = frozenset([*([min(whole)] if whole else []), *named[:MOST_BOUNDS]])
    return out


def _below(rank: Size, n: Size) -> bool:
    """Whether `rank` is less than `n` for all sizes; a size that is a name is taken for more than one."""
    if isinstance(rank, int):
        return rank < (n if isinstance(n, int) else 2)
    times = divide(n, rank)
    return isinstance(times, int) and times > 1
