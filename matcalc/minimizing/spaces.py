"""Declared spaces: how the entries of the variables that move freely lie in one vector.

A symmetric, skew, diagonal or triangular matrix is B u with B the basis of its space, nonnegative and positive entries are bounds
u ≥ 0.  An spd matrix is taken as a symmetric one that must stay inside the cone, or as L L' of a triangular L, which always is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr
from matcalc.expr.properties import directions
from matcalc.minimizing import sizing
from matcalc.minimizing.statement import Statement
from matcalc.programs.argument_names import identifier
from matcalc.programs.given import axes_of, is_number

Array = Any


@dataclass(frozen=True)
class Part:
    """The free entries `start` to `stop` of the vector u, and how they make a variable."""

    name: str
    shape: tuple[int, int]
    rank: int  # axes of the array
    start: int
    stop: int
    properties: frozenset[str]
    basis: Any = None  # vec(X) = basis @ u, or X is u itself
    factored: bool = False  # X = L L', L = basis @ u
    cone: bool = False  # X must be positive definite
    log: bool = False  # X = exp(B u), entry by entry

    def matrix(self, u: Array) -> Array:
        part = u[self.start : self.stop]
        full = part if self.basis is None else self.basis @ part
        made = (np.exp(full) if self.log else full).reshape(self.shape, order="F")
        return made @ made.T if self.factored else made

    def array(self, u: Array) -> Array:
        """The variable, as programs take it."""
        if self.rank == 2:
            return self.matrix(u)
        part = u[self.start : self.stop] if self.rank else u[self.start]
        return np.exp(part) if self.log else part

    def pulled(self, gradient: Array, u: Array, at: Array | None = None) -> Array:
        """The gradient by u from that by the variable, which is `at` u."""
        g: Array = np.asarray(gradient)
        if g.dtype.char != "d":
            g = np.asarray(g.real, dtype=float)
        if self.factored:
            factor = (self.basis @ u[self.start : self.stop]).reshape(self.shape, order="F")
            g = (g + g.T) @ factor
        if self.log:
            g = g * (self.array(u) if at is None else at)
        if g.ndim != 1:
            g = g.reshape(-1, order="F")
        return g if self.basis is None else self.basis.T @ g

    def free(self, value: Array) -> Array:
        """The u of a value of the variable, the nearest where the value is not in the space."""
        x = np.asarray(value, dtype=float).reshape(self.shape)
        if self.factored:
            x = lower_factor((x + x.T) / 2)
        flat: Array = x.ravel(order="F")
        if self.log:
            return np.log(flat)
        if self.basis is None:
            return flat
        counts = np.asarray(abs(self.basis).sum(axis=0)).ravel()
        return (self.basis.T @ flat) / counts


def lower_factor(x: Array) -> Array:
    """A lower L with L L' = x, of a positive semidefinite x.  Raises LinAlgError of what is not."""
    values, vectors = np.linalg.eigh(x)
    if values[0] < -1e-9 * max(1.0, values[-1]):
        raise np.linalg.LinAlgError("not positive semidefinite")
    return np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T)[1].T


class Layout:
    """The variables of a problem as one vector."""

    def __init__(self, parts: Sequence[Part], inside: Sequence[tuple[str, str]] = ()) -> None:
        self.parts = parts
        by_name = {p.name: p for p in parts}
        self.inside = [(by_name[plus], by_name[minus]) for plus, minus in inside]  # whose differences must be positive definite
        self.size = parts[-1].stop if parts else 0
        self.lower = np.full(self.size, -np.inf)
        for p in parts:
            if "nonnegative" in p.properties and not p.factored and not p.log:
                self.lower[p.start : p.stop] = 0.0
            if {"diagonal", "psd"} <= p.properties:
                self.lower[p.start : p.stop] = 0.0
        self.is_bounded = bool(np.isfinite(self.lower).any())
        self.logarithms = [slice(p.start, p.stop) for p in parts if p.log]
        self.is_logarithmic = bool(self.logarithms)
        self.room = np.where(self.lower == 0, 0.0, np.inf)  # of an entry at its bound; no bound leaves any
        self.named = [(identifier(p.name), p) for p in parts]  # as programs have them
        self.is_curved = any(p.factored for p in parts)
        self.has_cones = any(p.cone for p in parts)
        self.is_plain = all(p.basis is None for p in parts)

    def arrays(self, u: Array) -> dict[str, Array]:
        return {p.name: p.array(u) for p in self.parts}

    def pulled(self, gradients: Sequence[Array], u: Array, point: Mapping[str, Array] | None = None) -> Array:
        """The gradient by u from those by the variables, which at u are the `point`, by the names that programs have for them."""
        point = point or {}
        if len(self.parts) == 1:
            name, part = self.named[0]
            return part.pulled(gradients[0], u, point.get(name))
        return np.concatenate([p.pulled(g, u, point.get(name)) for (name, p), g in zip(self.named, gradients, strict=True)])

    def free(self, values: Mapping[str, Array]) -> Array:
        return np.concatenate([p.free(values[p.name]) for p in self.parts])

    def projected(self, g: Array, u: Array) -> Array:
        """A gradient by u as one by the entries of the variables, of which bounds hold against no more than there is room.

        That by a positive entry above one stays by its logarithm: of what is large, the slope is small anywhere.
        """
        left = np.minimum(g, np.maximum(np.maximum(u, u * g), self.room)) if self.is_bounded else g.copy() if self.logarithms else g
        for at in self.logarithms:
            x = np.exp(u[at])
            left[at] = np.minimum(g[at] / np.minimum(x, 1.0), np.maximum(x, g[at]))  # no minimum is at zero unless x g vanishes there, too
        return left

    def is_inside(self, u: Array) -> bool:
        """Whether the matrices that must be positive definite are."""
        if not self.has_cones and not self.inside:
            return True
        matrices = [p.matrix(u) for p in self.parts if p.cone]
        try:
            for m in (*matrices, *(plus.matrix(u) - minus.matrix(u) for plus, minus in self.inside)):
                np.linalg.cholesky(m)
        except np.linalg.LinAlgError:
            return False
        return True

    def hessian(self, blocks: Mapping[tuple[int, int], Array]) -> Array:
        """The Hessian by u from its blocks by pairs of variables."""
        if len(self.parts) == 1 and self.is_plain:
            return _dense(blocks[0, 0]).reshape(self.size, self.size)
        out = np.empty((self.size, self.size))
        for (i, j), block in blocks.items():
            a, b = self.parts[i], self.parts[j]
            block = _dense(block).reshape(a.shape[0] * a.shape[1], b.shape[0] * b.shape[1])
            block = block if a.basis is None else a.basis.T @ block
            block = block if b.basis is None else (b.basis.T @ block.T).T
            out[a.start : a.stop, b.start : b.stop] = block
            if i != j:
                out[b.start : b.stop, a.start : a.stop] = block.T
        return (out + out.T) / 2

    def rows(self, blocks: Sequence[Array]) -> Array:
        """The Jacobian of a constraint by u from those by the variables."""
        made = []
        for p, block in zip(self.parts, blocks, strict=True):
            block = _dense(block).reshape(-1, p.shape[0] * p.shape[1])
            made.append(block if p.basis is None else (p.basis.T @ block.T).T)
        return np.concatenate(made, axis=1)


def _dense(block: Array) -> Array:
    return block.toarray() if hasattr(block, "toarray") else np.asarray(np.real(block), dtype=float)


def layout(s: Statement, sizes: Mapping[str, int], *, everywhere: bool = False) -> Layout:
    """The layout of the variables of a problem; with `everywhere`, spd matrices are L L' and positive entries exp(u), for all u.

    Raises UnsupportedError for a declared set that is not handled, ShapeError for a size that is not known.
    """
    parts: list[Part] = []
    start = 0
    for v, properties in zip(s.variables, s.properties, strict=True):
        made = _part(v, properties, sizes, start, everywhere)
        parts.append(made)
        start = made.stop
    return Layout(parts, s.inside)


def _part(v: Expr, properties: frozenset[str], sizes: Mapping[str, int], start: int, everywhere: bool) -> Part:
    name, shape = str(v.data[0]), sizing.shape_of(v, sizes)
    rank = 0 if is_number(v) else 2 if v.shape[0] == 1 else len(axes_of(v))
    count = shape[0] * shape[1]
    if not properties or count == 1 or not properties & {"symmetric", "skew", "lower", "upper"}:
        return Part(name, shape, rank, start, start + count, properties, log=everywhere and "positive" in properties)
    cone = "psd" in properties and "diagonal" not in properties
    if cone and "nonnegative" in properties:
        raise UnsupportedError(
            f"{name} is declared {'spd' if 'spd' in properties else 'psd'} and nonnegative: together they are not handled"
        )
    factored = cone and (everywhere or "spd" not in properties)
    basis = _basis(shape[0], frozenset({"lower"}) if factored else properties)
    return Part(name, shape, rank, start, start + basis.shape[1], properties, basis, factored, cone and not factored)


def _basis(n: int, properties: frozenset[str]) -> Any:
    """vec(X) = B u for the matrices of a linear space, a column for each free entry."""
    from scipy.sparse import csc_array

    found = list(directions(properties, n, n))
    flat = [(i + n * j, at, c) for at, entries in enumerate(found) for i, j, c in entries]
    entries, at, values = (np.array(column) for column in zip(*flat, strict=True)) if flat else (np.zeros(0, dtype=int) for _ in range(3))
    return csc_array((values.astype(float), (entries, at)), shape=(n * n, len(found)))
