"""Matrices of diagonal blocks, that come as (I ⊗ X') Diag(w) (I ⊗ X), or with I on the right: one small system for each block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcalc.operating import maps
from matcalc.operating.factors import blockwise
from matcalc.operating.maps import Array, Map, Solver

AT_ONCE = 2**21  # entries of intermediate arrays
FORMED = 2**24  # entries of an array whose blocks are taken: that of a larger one are found by products


def block_diagonal(m: Map) -> Solver | None:
    """The solution where `m` is block diagonal, by blocks of neighbours or of every c-th entry; None elsewhere."""
    if m.kind not in ("sum", "product"):
        return None
    side, c = next(((side, c) for side, c in dict.fromkeys(_places(m)) if _applies(m, c, side)), (0, 0))
    if not c:
        return None
    n, p = m.shape[0], m.shape[0] // c

    def apart(b: Array) -> Array:
        """The rows of each block."""
        return b.reshape(c, p, -1) if side == 0 else b.reshape(p, c, -1).swapaxes(0, 1)

    def together(b: Array) -> Array:
        return (b if side == 0 else b.swapaxes(0, 1)).reshape(n, -1)

    if m.formed is not None and n * n <= FORMED:
        blocks = np.einsum("ipiq->ipq" if side == 0 else "piqi->ipq", m.formed().reshape((c, p, c, p) if side == 0 else (p, c, p, c)))
    else:
        step = max(1, AT_ONCE // (c * max(max(q.shape) // c for q in _leaves(m))))
        units = np.eye(p, dtype=maps.precision(m))
        blocks = np.concatenate([apart(maps.times(m, together(np.stack([units[:, i : i + step]] * c)))) for i in range(0, p, step)], 2)
    solve = blockwise(blocks, m.symmetric)
    return lambda b: together(solve(apart(b))).reshape(b.shape)


def _leaves(m: Map) -> Iterator[Map]:
    if m.kind in ("sum", "product"):
        for p in m.parts:
            yield from _leaves(p)
    else:
        yield m


def _places(m: Map) -> Iterator[tuple[int, int]]:
    """(where an identity or a diagonal matrix stands in Kronecker products, its size)."""
    leaves = list(_leaves(m))
    for k in leaves:
        if k.kind == "kron":
            yield from ((i, p.shape[0]) for i, p in enumerate(k.parts) if p.kind in ("scalar", "diagonal"))
    if all(k.kind in ("scalar", "diagonal") for k in leaves):
        yield 0, m.shape[0]


def _applies(m: Map, c: int, side: int) -> bool:
    match m.kind:
        case "scalar" | "diagonal":
            return m.shape[0] % c == 0
        case "kron":
            return m.parts[side].kind in ("scalar", "diagonal") and m.parts[side].shape[0] == c
        case "sum" | "product":
            return all(_applies(p, c, side) for p in m.parts)
    return False
