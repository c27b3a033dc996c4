"""Matrices of diagonal blocks, that come as (I ⊗ X') Diag(w) (I ⊗ X), or with I on the right: one small system for each block.

A piece of such a matrix is a number (times I), a diagonal for each block (c, p), or an array for each (c, p, q), where c is 1
for what all blocks share.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np

from matcalc.operating import maps
from matcalc.operating.factors import blockwise
from matcalc.operating.maps import Array, Map, Solver

AT_ONCE = 2**21  # entries of intermediate arrays


def block_diagonal(m: Map) -> Solver | None:
    """The solution where `m` is block diagonal, by blocks of neighbours or of every c-th entry; None elsewhere."""
    if m.kind not in ("sum", "product"):
        return None
    for side, c in dict.fromkeys(_places(m)):
        if _applies(m, c, side):
            break
    else:
        return None
    n = m.shape[0]
    p = n // c
    step = max(1, AT_ONCE // (p * max(q.shape[0] // c for q in _leaves(m))))
    known: dict[Map, Array] = {}
    pieces = [_whole(_piece(m, c, side, slice(i, i + step), known), p) for i in range(0, c, step)]
    blocks = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
    solve = blockwise(np.ascontiguousarray(np.broadcast_to(blocks, (c, p, p))), m.symmetric)

    def solved(b: Array) -> Array:
        if side == 0:
            return solve(b.reshape(c, p, -1)).reshape(b.shape)
        return solve(b.reshape(p, c, -1).swapaxes(0, 1)).swapaxes(0, 1).reshape(b.shape)

    return solved


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


def _piece(m: Map, c: int, side: int, some: slice, known: dict[Map, Array]) -> Array:
    """Some of the blocks of m, or what stands for them."""
    match m.kind:
        case "scalar":
            return m.data
        case "diagonal":
            d = np.asarray(m.data)
            return (d.reshape(c, -1) if side == 0 else d.reshape(-1, c).T)[some]
        case "kron":
            one, other = m.parts[side], m.parts[1 - side]
            if other not in known:
                known[other] = (
                    other.data if other.kind == "scalar" else other.data[None] if other.kind == "diagonal" else maps.array(other)[None]
                )
            rest = known[other]
            if one.kind == "scalar":
                return rest if one.is_one else one.data * rest
            d = one.data[some]
            return d.reshape(-1, *[1] * max(1, np.ndim(rest) - 1)) * (
                rest if np.ndim(rest) else np.full((1, other.shape[0]), rest, d.dtype)
            )
        case "sum":
            return reduce(_added, (_piece(p, c, side, some, known) for p in m.parts))
        case _:
            factors = [_piece(p, c, side, some, known) for p in m.parts]
            return reduce(_times, [f for f in factors if not np.ndim(f)], 1) * _product([f for f in factors if np.ndim(f)])


def _product(factors: list[Array]) -> Array:
    if not factors:
        return 1
    if (
        [f.ndim for f in factors] == [3, 2, 3]
        and _is_transpose(factors[0], factors[2])
        and np.isrealobj(factors[1])
        and np.all(factors[1] >= 0)
    ):
        half = np.sqrt(factors[1])[:, :, None] * factors[2]
        return half.swapaxes(1, 2) @ half
    return reduce(_times, factors)


def _is_transpose(a: Array, b: Array) -> bool:
    return (
        len(a) == len(b) == 1
        and a[0].ctypes.data == b[0].ctypes.data
        and a[0].strides == b[0].strides[::-1]
        and a[0].shape == b[0].shape[::-1]
    )


def _times(a: Array, b: Array) -> Array:
    match np.ndim(a), np.ndim(b):
        case (3, 3):
            return a @ b
        case (2, 3):
            return a[:, :, None] * b
        case (3, 2):
            return a * b[:, None, :]
    return a * b


def _added(a: Array, b: Array) -> Array:
    if np.ndim(a) == 3 > np.ndim(b):
        return _added(b, a)
    if np.ndim(b) == 3 > np.ndim(a):
        out = np.array(np.broadcast_to(b, (max(len(b), len(a) if np.ndim(a) else 1), *b.shape[1:])), dtype=np.result_type(a, b))
        i = np.arange(b.shape[1])
        out[:, i, i] += a
        return out
    return a + b


def _whole(a: Array, p: int) -> Array:
    """The blocks as arrays."""
    if np.ndim(a) == 3:
        return a
    out = np.zeros((len(a) if np.ndim(a) else 1, p, p), np.result_type(a, np.float32))
    i = np.arange(p)
    out[:, i, i] = a
    return out
