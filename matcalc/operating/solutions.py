"""The table of solutions: what solves a system with a linear map, by the structure that the map has.

The first row of `RULES` that applies is taken.  Each returns the solution as a function of the right side (a vector or
columns), with all that is factorised for it kept; or None.  A singular matrix is a LinAlgError.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.linalg import LinAlgError

from matcalc.errors import UnsupportedError
from matcalc.limits import MOST_DENSE_ROWS
from matcalc.operating import maps
from matcalc.operating.block_systems import block_diagonal
from matcalc.operating.factors import factorised
from matcalc.operating.kronecker_sums import kronecker_sum, normal, reflected
from matcalc.operating.maps import RULES, Array, Map, Solver, solver, times

FEW = 100  # rows of a matrix that is factorised sooner than its structure is taken apart

# --- the rows ---------------------------------------------------------------------------------------------------


def _scalar(m: Map) -> Solver | None:
    if m.kind != "scalar":
        return None
    if m.data == 0:
        raise LinAlgError("the matrix is zero")
    return lambda b: b if m.data == 1 else b / m.data


def _diagonal(m: Map) -> Solver | None:
    if m.kind != "diagonal":
        return None
    zeros = np.flatnonzero(np.asarray(m.data) == 0)
    if len(zeros):
        raise LinAlgError(f"a diagonal matrix with a zero, at {zeros[0]}, is singular")
    return lambda b: b / (m.data if b.ndim == 1 else m.data[:, None])


def _commutation(m: Map) -> Solver | None:
    return (lambda b: times(m.turned, b)) if m.kind == "commutation" else None


def _inverse(m: Map) -> Solver | None:
    return (lambda b: times(m.parts[0], b)) if m.kind == "inverse" else None


def _of_few_rows(m: Map) -> Solver | None:
    return _whole(m) if m.shape[0] <= FEW else None


def _kron(m: Map) -> Solver | None:
    if m.kind != "kron":
        return None
    left, right = m.parts
    for a in m.parts:
        if a.shape[0] != a.shape[1]:
            raise LinAlgError(f"a Kronecker product with a factor {a.shape} that is not square is singular")
    turned = Map("kron", m.shape, parts=(_solved(left), _solved(right)))
    return lambda b: times(turned, b)


def _solved(m: Map) -> Map:
    if m.is_one:
        return m
    _ = m.solve  # singular factors are found now, not when there is a right side
    return maps.inverse(m)


def _product(m: Map) -> Solver | None:
    if m.kind != "product":
        return None
    pieces = _square_pieces(m)
    if len(pieces) < 2:
        return None
    each = [p.solve for p in pieces]
    return lambda b: reduce(lambda x, solve: solve(x), each, b)


def _square_pieces(m: Map) -> list[Map]:
    n, pieces, start = m.shape[0], [], 0
    for i, p in enumerate(m.parts):
        if p.shape[1] == n:
            pieces.append(maps.product(m.parts[start : i + 1]))
            start = i + 1
    if len(pieces) == 2 and pieces[0].kind == "scalar":  # what is symmetric stays so
        rest = maps.product(pieces[1].parts, m.symmetric) if pieces[1].kind == "product" else pieces[1]
        formed, c = m.formed, pieces[0].data  # the program of the whole knows more than the parts
        pieces[1] = replace(rest, formed=lambda: formed() / c) if formed and c and not rest.formed else rest
    return pieces


def _kronecker_sum(m: Map) -> Solver | None:
    form = normal(m) if m.kind in ("sum", "product") else None
    solve = (kronecker_sum(form) or reflected(form)) if form else None
    return _checked(m, solve) if solve else None


def _woodbury(m: Map) -> Solver | None:
    """D + U V', of which D has a structure: (D + U V')⁻¹ = D⁻¹ − D⁻¹ U (I + V' D⁻¹ U)⁻¹ V' D⁻¹."""
    terms = maps.terms(m)
    narrow = [(t, k) for t in terms if (k := maps.waist(t)) is not None]
    base = [t for t in terms if maps.waist(t) is None]
    if not narrow:
        return None
    rank = sum(t.parts[k].shape[0] for t, k in narrow)
    if not base and rank < m.shape[0]:
        raise LinAlgError(f"a matrix {m.shape} of rank {rank} at most is singular")
    if not base or 3 * rank > m.shape[0]:  # else the whole is factorised in less time
        return None
    try:
        before = solver(maps.total(base, m.symmetric), whole=False)
        u = np.concatenate([maps.array(maps.product(t.parts[:k])) for t, k in narrow], 1)
        v = np.concatenate([maps.array(maps.product(t.parts[k:])) for t, k in narrow], 0)
        w = before(u)
        inner = v @ w
        inner.flat[:: rank + 1] += 1
        correct = factorised(inner, symmetric=False)
    except LinAlgError:
        return None

    def solve(b: Array) -> Array:
        x = before(b)
        return x - w @ correct(v @ x)

    return _checked(m, solve)


def _checked(m: Map, solve: Solver) -> Solver:
    """The solution, refined once; where that does not solve the system, the one with the whole array."""

    whole: list[Solver] = []

    def checked(b: Array) -> Array:
        x = solve(b)
        x = x + solve(b - times(m, x))
        rest = np.max(np.abs(b - times(m, x)), initial=0)
        if rest <= np.finfo(rest.dtype).eps ** 0.5 * np.max(np.abs(b), initial=0):
            return x
        if not whole:
            whole.append(_whole(m))
        return whole[0](b)

    return checked


def _whole(m: Map) -> Solver:
    n = m.shape[0]
    return _iterated(m) if n > MOST_DENSE_ROWS else factorised(maps.array(m), m.symmetric)


def _iterated(m: Map) -> Solver:
    """The solution by products only: MINRES where the matrix is symmetric, else GMRES.  Raises UnsupportedError where it is not found."""
    from scipy.sparse.linalg import LinearOperator, gmres, minres

    n, dtype = m.shape[0], maps.precision(m)
    operator = LinearOperator(m.shape, matvec=lambda x: times(m, x.reshape(-1)), dtype=dtype)
    find, options = (minres, {"maxiter": 5 * n}) if m.symmetric else (gmres, {"restart": 100, "maxiter": 100})

    def solve(b: Array) -> Array:
        if b.ndim == 2:
            return np.stack([solve(c) for c in b.T], 1)
        x = find(operator, b, rtol=np.finfo(dtype).eps ** 0.8, **options)[0]
        if np.linalg.norm(times(m, x) - b) <= np.finfo(dtype).eps ** 0.5 * np.linalg.norm(b):
            return np.asarray(x)
        hint = "scipy.sparse.linalg.cg or gmres solve with the operator itself"
        raise UnsupportedError(f"no structure to solve by is found, and an array ({n}, {n}) is too large to factorise", hint=hint)

    return solve


# fmt: off
RULES += [
    ("(c I)⁻¹ b = b / c",                                                  _scalar),
    ("Diag(d)⁻¹ b = b ⊘ d",                                                _diagonal),
    ("K(m, n)⁻¹ = K(n, m)",                                                _commutation),
    ("(A⁻¹)⁻¹ b = A b",                                                    _inverse),
    ("few rows: the factorisation of the array",                           _of_few_rows),
    ("(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹",                                              _kron),
    ("(A B)⁻¹ b = B⁻¹ (A⁻¹ b)",                                            _product),
    ("(A ⊗ B + C ⊗ D)⁻¹ by eigenvectors or Sylvester; a I + b K (A ⊗ B)",  _kronecker_sum),
    ("a matrix of diagonal blocks: one system for each",                   block_diagonal),
    ("(D + U V')⁻¹ = D⁻¹ − D⁻¹ U (I + V' D⁻¹ U)⁻¹ V' D⁻¹",                 _woodbury),
    ("the factorisation of the array",                                     _whole),
]
# fmt: on
