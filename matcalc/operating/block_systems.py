"""Matrices of diagonal blocks, that come as (I ⊗ X') Diag(w) (I ⊗ X), with I on the right, or by K and A ∗ I: a small system for each."""

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
    side, c = next(((side, c) for side, c in dict.fromkeys(_places(m)) if m.shape[0] % c == 0 and side in _sides(m, c, side)), (0, 0))
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
    if m.kind in ("sum", "product", "kron"):
        for p in m.parts:
            yield from _leaves(p)
    else:
        yield m


def _places(m: Map) -> Iterator[tuple[int, int]]:
    """(whether the blocks are of neighbours, 0, or of every c-th entry, 1, their number c)."""
    for leaf in _leaves(m):
        if leaf.kind in ("scalar", "diagonal") or leaf.kind == "khatrirao" and leaf.data[1] is None:
            yield from ((side, min(leaf.shape)) for side in (1, 0))


def _sides(m: Map, c: int, side: int) -> set[int]:
    """The places that one of c blocks may have in the columns of m, where it has `side` in the rows; none where m mixes them.

    Of pairs of a block and a place in it either is counted first; K turns one into the other, and a block of one is both.
    """
    found: set[int] = set()
    match m.kind:
        case "scalar" | "diagonal":
            found = {side} if m.shape[0] % c == 0 else found
        case "commutation":
            found = {1 - side} if m.data[side] == c else found
        case "khatrirao":  # A ∗ I, or its transpose
            found = {1} if m.data[1] is None and m.data[0].shape[1] == c and (side == 1 or m.shape[0] == c) else found
        case "kron":
            found = {side} & _sides(m.parts[side], c, side)
        case "sum":
            found = set.intersection(*(_sides(p, c, side) for p in m.parts))
        case "product":
            found = {side}
            for p in m.parts:
                found = {after for before in found for after in _sides(p, c, before)}
    return {0, 1} if found and m.shape[1] == c else found
