"""Sums of Kronecker products: brought to Σ (A ⊗ B) K^f, and solved where there are two of them.

Two pairs of symmetric matrices, of each of which one is definite, have eigenvectors in common; other pairs make an equation of
Sylvester, P Z + Z Q = C, in Schur form (Golub & Van Loan, Matrix Computations, 7.6.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError
from scipy import linalg as sla

from matcalc.operating import maps
from matcalc.operating.factors import factorised
from matcalc.operating.maps import Array, Map, Solver, times


@dataclass(frozen=True)
class Term:
    """K^flip (left ⊗ right), of square factors."""

    flip: bool
    left: Map
    right: Map


def normal(m: Map) -> list[Term] | None:
    """The terms of m in this form; None where some have another."""
    terms = maps.terms(m)
    sides = next((s for t in terms for p in (t.parts if t.kind == "product" else (t,)) if (s := _sides(p))), None)
    if sides is None or sides[0] * sides[1] != m.shape[0]:
        return None
    out: list[Term] = []
    for t in terms:
        made = _term(t, *sides)
        if made is None:
            return None
        out.append(made)
    return [*_merged([t for t in out if not t.flip], False), *_merged([t for t in out if t.flip], True)]


def _sides(m: Map) -> tuple[int, int] | None:
    if m.kind == "kron" and all(p.shape[0] == p.shape[1] for p in m.parts):
        return m.parts[0].shape[0], m.parts[1].shape[0]
    return m.data if m.kind == "commutation" and m.data[0] == m.data[1] else None


def _term(t: Map, p: int, r: int) -> Term | None:
    flip, left, right = False, maps.scalar(1, p), maps.scalar(1, r)
    for part in t.parts if t.kind == "product" else (t,):
        if part.kind == "scalar":
            left = maps.scaled(part.data, left)
        elif part.kind == "kron" and _sides(part) == (p, r):
            left, right = maps.product([left, part.parts[0]]), maps.product([right, part.parts[1]])
        elif part.kind == "commutation" and part.data == (p, r) and p == r:
            flip, left, right = not flip, right, left  # (A ⊗ B) K = K (B ⊗ A)
        else:
            return None
    return Term(flip, left, right)


def _merged(terms: Sequence[Term], flip: bool) -> list[Term]:
    """A ⊗ C + B ⊗ C = (A + B) ⊗ C, on both sides."""
    by_right: dict[Any, tuple[list[Map], Map]] = {}
    for t in terms:
        left, right = t.left, t.right
        if right.kind == "scalar":
            left, right = maps.scaled(right.data, left), maps.scalar(1, right.shape[0])
        by_right.setdefault("I" if right.kind == "scalar" else right, ([], right))[0].append(left)
    by_left: dict[Any, tuple[Map, list[Map]]] = {}
    for lefts, right in by_right.values():
        left = maps.total(lefts)
        if left.kind == "scalar":
            left, right = maps.scalar(1, left.shape[0]), maps.scaled(left.data, right)
        by_left.setdefault("I" if left.kind == "scalar" else left, (left, []))[1].append(right)
    return [Term(flip, left, maps.total(rights)) for left, rights in by_left.values()]


def kronecker_sum(terms: Sequence[Term]) -> Solver | None:
    """The solution for one or two terms, with K before all or none."""
    if len({t.flip for t in terms}) != 1 or len(terms) > 2:
        return None
    first, *rest = terms
    inner = _pair(first, rest[0]) if rest else maps.kron(first.left, first.right).solve
    if inner is None or not first.flip:
        return inner
    k = maps.commutation(first.left.shape[0], first.left.shape[0])
    return lambda b: inner(times(k, b))


def reflected(terms: Sequence[Term]) -> Solver | None:
    """(a I + K (A ⊗ B))⁻¹ = (a I − K (A ⊗ B)) (a² I − B A ⊗ A B)⁻¹."""
    if [t.flip for t in terms] != [False, True] or terms[0].left.kind != "scalar" or terms[0].right.kind != "scalar":
        return None
    a, left, right = terms[0].left.data * terms[0].right.data, terms[1].left, terms[1].right
    p = left.shape[0]
    square = maps.kron(maps.product([right, left]), maps.product([left, right]))
    inner = maps.total([maps.scalar(a * a, p * p), maps.scaled(-1, square)])
    other = maps.total([maps.scalar(a, p * p), maps.scaled(-1, maps.product([maps.commutation(p, p), maps.kron(left, right)]))])
    if inner.kind == "scalar" and inner.data == 0:
        raise LinAlgError("a (I + K) and a (I − K) are singular")
    try:
        solve = inner.solve
    except LinAlgError:  # a factor of zero may be the other one's
        return None
    return lambda b: times(other, solve(b))


def _pair(first: Term, second: Term) -> Solver | None:
    """The solution of A Z B' + C Z D' = E, row by row."""
    factors = (first.left, first.right, second.left, second.right)
    a, b, c, d = (maps.array(m).astype(maps.precision(*factors), copy=False) for m in factors)
    left, right = _together(a, c), _together(b, d)
    solve = _by_eigenvectors(left, right) if left and right else None
    for pairs in ((a, b, c, d), (c, d, a, b)):
        solve = solve or _by_schur(*pairs)
    if solve is None:
        return None
    shape = (len(a), len(b))
    return lambda e: _columns(solve, e, shape)


def _columns(solve: Solver, e: Array, shape: tuple[int, int]) -> Array:
    each = [solve(e.reshape(*shape, -1)[:, :, k]).reshape(-1) for k in range(1 if e.ndim == 1 else e.shape[1])]
    return each[0] if e.ndim == 1 else np.stack(each, 1)


def _together(a: Array, b: Array) -> tuple[Array, Array, Array] | None:
    """(W, α, β) with W'aW = Diag(α) and W'bW = Diag(β), of symmetric a and b of which one is definite."""
    if not all(np.isrealobj(m) and np.allclose(m, m.T, rtol=0, atol=100 * np.finfo(m.dtype).eps * np.max(np.abs(m))) for m in (a, b)):
        return None
    for x, y, turned in ((a, b, False), (b, a, True)):
        if not np.any(y - np.diag(np.diagonal(y))) and len(set(np.diagonal(y).tolist())) == 1:
            values, w = np.linalg.eigh(x)
            other = np.full_like(values, y[0, 0])
            return (w, other, values) if turned else (w, values, other)
        for sign in (1, -1):
            try:
                values, w = sla.eigh(x, sign * y, check_finite=False)
            except LinAlgError:
                continue
            other = np.full_like(values, sign)
            return (w, other, values) if turned else (w, values, other)
    return None


def _by_eigenvectors(left: tuple[Array, Array, Array], right: tuple[Array, Array, Array]) -> Solver:
    (w, a, c), (v, b, d) = left, right
    values = a[:, None] * b + c[:, None] * d
    least = np.min(np.abs(values))
    if least <= np.finfo(values.dtype).eps * np.max(np.abs(values)):
        raise LinAlgError("the sum of Kronecker products is singular")
    return lambda e: w @ ((w.T @ e @ v) / values) @ v.T


def _by_schur(a: Array, b: Array, c: Array, d: Array) -> Solver | None:
    """With c and b invertible: P Z + Z Q = c⁻¹ E b'⁻¹, P = c⁻¹ a, Q = (b⁻¹ d)'."""
    try:
        before, after = factorised(c, symmetric=False), factorised(b, symmetric=False)
        complex_ = np.iscomplexobj(a) or np.iscomplexobj(b) or np.iscomplexobj(c) or np.iscomplexobj(d)
        output = "complex" if complex_ else "real"
        t, u = sla.schur(before(a), output=output)
        s, v = sla.schur(after(d).T, output=output)
    except LinAlgError:
        return None
    (trsyl,) = sla.get_lapack_funcs(("trsyl",), (t, s))

    def solve(e: Array) -> Array:
        y, scale, _ = trsyl(t, s, u.conj().T @ after(before(e).T).T @ v)
        return u @ (y / scale) @ v.conj().T

    return solve
