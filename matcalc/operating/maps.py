"""Linear maps at a point: a matrix kept as the structure that it has, multiplied by that.

| kind        | data          | parts | the matrix                                        |
|-------------|---------------|-------|---------------------------------------------------|
| scalar      | c             |       | c I                                               |
| diagonal    | d             |       | Diag(d)                                           |
| dense       | a             |       | a, an array or a sparse array                     |
| commutation | (m, n)        |       | K vec(A) = vec(A') for A m × n                    |
| khatrirao   | (a, b, turned)|       | the columns a_j ⊗ b_j, transposed where `turned`; b is None for I |
| kron        |               | A, B  | A ⊗ B                                             |
| product     |               | A, B… | A B …                                             |
| sum         |               | A, B… | A + B + …                                         |
| inverse     |               | A     | A⁻¹                                               |

A right side is a vector or a matrix of columns; (A ⊗ B) vec(Z) is B Z A', on arrays that are row by row A Z' B'.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from matcalc.programs.sparse import khatri_rao

Array = Any  # NumPy's, or a sparse or chunked one
Solver = Callable[[Array], Array]


@dataclass(eq=False)
class Map:
    """A matrix of one of the kinds above; `formed` makes its array where something knows a better way than its parts."""

    kind: str
    shape: tuple[int, int]
    data: Any = None
    parts: tuple[Map, ...] = ()
    symmetric: bool = False
    formed: Callable[[], Array] | None = None

    @cached_property
    def solve(self) -> Callable[[Array], Array]:
        """The solution of a system with this matrix; what is factorised for it is kept."""
        return solver(self)

    @cached_property
    def turned(self) -> Map:
        """The transpose."""
        return self if self.symmetric else _turned(self)

    @property
    def is_one(self) -> bool:
        return self.kind == "scalar" and self.data == 1


Rule = Callable[[Map], Solver | None]
RULES: list[tuple[str, Rule]] = []  # what solves a system, by the structure of its matrix: filled by `solutions`


def solver(m: Map, whole: bool = True) -> Solver:
    """The solver of systems with m, by the first of the rules that applies; unless `whole`, only what needs no array of the size of m.

    Raises LinAlgError where m is singular, and where nothing is found.
    """
    if m.shape[0] != m.shape[1] or waist(m) is not None:
        raise LinAlgError(f"a matrix {m.shape} of rank {min(p.shape[0] for p in m.parts)} at most is singular")
    for _, rule in RULES if whole else RULES[:-1]:
        solve = rule(m)
        if solve is not None:
            return solve
    raise LinAlgError("no structure to solve by")


# --- constructors -------------------------------------------------------------------------------------------------


def scalar(c: Any, n: int) -> Map:
    return Map("scalar", (n, n), c, symmetric=True)


def scaled(c: Any, m: Map) -> Map:
    return product([scalar(c, m.shape[0]), m], m.symmetric)


def diagonal(d: Array) -> Map:
    return Map("diagonal", (len(d), len(d)), d, symmetric=True)


def dense(a: Array, symmetric: bool = False) -> Map:
    return Map("dense", a.shape, a, symmetric=symmetric)


def commutation(m: int, n: int) -> Map:
    return Map("commutation", (m * n, m * n), (m, n))


def khatrirao(a: Array, b: Array | None) -> Map:
    n = a.shape[1]
    if hasattr(a, "tocsc") or hasattr(b, "tocsc"):
        return dense(khatri_rao(a, b))
    return Map("khatrirao", (a.shape[0] * (n if b is None else b.shape[0]), n), (a, b, False))


def inverse(a: Map) -> Map:
    return Map("inverse", a.shape, parts=(a,), symmetric=a.symmetric)


def kron(a: Map, b: Map) -> Map:
    """A ⊗ B; a factor of low rank comes apart, so that the other one meets few columns: x x' ⊗ B is (x ⊗ I)(x' ⊗ B)."""
    if a.shape == (1, 1) or b.shape == (1, 1):
        one, other = (a, b) if a.shape == (1, 1) else (b, a)
        return scaled(number(array(one)), other)
    if a.kind == b.kind == "scalar":
        return scalar(a.data * b.data, a.shape[0] * b.shape[0])
    k = waist(a)
    if k is not None:
        left, right = product(a.parts[:k]), product(a.parts[k:])
        return product([kron(left, scalar(1, b.shape[0])), kron(right, b)])
    k = waist(b)
    if k is not None:
        left, right = product(b.parts[:k]), product(b.parts[k:])
        return product([kron(scalar(1, a.shape[0]), left), kron(a, right)])
    a, b = _small(a, b.shape[1]), _small(b, a.shape[1])
    shape = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    return Map("kron", shape, parts=(a, b), symmetric=a.symmetric and b.symmetric)


def product(parts: Sequence[Map], symmetric: bool = False) -> Map:
    flat = [q for p in parts for q in (p.parts if p.kind == "product" else (p,)) if not q.is_one]
    if not flat:
        return parts[0]
    if all(p.kind == "scalar" for p in flat):
        return scalar(reduce(operator.mul, (p.data for p in flat)), flat[0].shape[0])
    if len(flat) == 1:
        return flat[0]
    moving = [p for p in flat if p.kind != "scalar"]
    symmetric = symmetric or len(moving) == 1 and moving[0].symmetric
    return Map("product", (flat[0].shape[0], flat[-1].shape[1]), parts=tuple(flat), symmetric=symmetric)


def total(parts: Sequence[Map], symmetric: bool = False) -> Map:
    if len(parts) == 1:
        return parts[0]
    if all(p.kind == "scalar" for p in parts):
        return scalar(sum(p.data for p in parts), parts[0].shape[0])
    return Map("sum", parts[0].shape, parts=tuple(parts), symmetric=symmetric or all(p.symmetric for p in parts))


def terms(m: Map) -> list[Map]:
    """The terms of a sum, also of one with a number before it."""
    if m.kind == "sum":
        return [t for p in m.parts for t in terms(p)]
    if m.kind == "product" and len(m.parts) == 2 and m.parts[0].kind == "scalar" and m.parts[1].kind == "sum":
        return [product([m.parts[0], t]) for t in terms(m.parts[1])]
    return [m]


def plain(a: Array) -> Array:
    """A sparse or chunked array as one of NumPy's."""
    return a.toarray() if hasattr(a, "toarray") else np.asarray(a)


def number(a: Array) -> Any:
    """A Python number, that leaves arrays in the precision they have."""
    return np.asarray(a).reshape(-1)[0].item()


def waist(m: Map) -> int | None:
    """Where a product is narrower than at its ends: its rank is no larger than it is wide there."""
    if m.kind != "product":
        return None
    k = min(range(1, len(m.parts)), key=lambda i: m.parts[i].shape[0])
    return k if m.parts[k].shape[0] < min(m.shape) else None


def _small(m: Map, columns: int) -> Map:
    """The array of a product, where multiplying its factors together costs less than one use on so many columns."""
    if m.kind != "product" or any(p.kind not in ("dense", "diagonal", "scalar") or _is_sparse(p) for p in m.parts):
        return m
    if m.shape[0] * m.shape[1] >= work(m) or m.shape[1] > columns:
        return m
    return dense(array(m), m.symmetric)


def _is_sparse(m: Map) -> bool:
    return m.kind == "dense" and not isinstance(m.data, np.ndarray)


# --- what is asked of a map ---------------------------------------------------------------------------------------


def times(m: Map, b: Array) -> Array:
    """M b."""
    match m.kind:
        case "scalar":
            return b if m.data == 1 else m.data * b
        case "diagonal":
            return (m.data if b.ndim == 1 else m.data[:, None]) * b
        case "dense":
            return m.data @ b
        case "commutation":
            rows, columns = m.data
            return b.reshape(columns, rows, *b.shape[1:]).swapaxes(0, 1).reshape(b.shape)
        case "khatrirao":
            return _khatrirao_times(b, *m.data)
        case "kron":
            return _kron_times(b, *m.parts)
        case "product":
            return reduce(lambda x, p: times(p, x), reversed(m.parts), b)
        case "sum":
            return reduce(lambda x, p: x + times(p, b), m.parts[1:], times(m.parts[0], b))
        case _:
            return m.parts[0].solve(b)


def _khatrirao_times(x: Array, a: Array, b: Array | None, turned: bool) -> Array:
    columns = x.shape[1:]
    if not turned:
        lined = a.reshape(a.shape + (1,) * len(columns)) * x  # a Diag(x), for each column x
        if b is not None:
            lined = np.moveaxis(np.moveaxis(lined, 1, -1) @ b.T, -1, 1)
        return lined.reshape(-1, *columns)
    z = x.reshape(a.shape[0], -1, *columns)
    if b is not None:
        z = np.moveaxis(np.moveaxis(z, 1, -1) @ b, -1, 1)
    return (a.reshape(a.shape + (1,) * len(columns)) * z).sum(axis=0)


def _kron_times(b: Array, left: Map, right: Map) -> Array:
    (p, q), (r, s) = left.shape, right.shape
    columns = b.shape[1:]
    z = b.reshape(q, s, *columns)
    if work(left) * s + work(right) * p <= work(right) * q + work(left) * r:
        return _second(right, _first(left, z)).reshape(p * r, *columns)
    return _first(left, _second(right, z)).reshape(p * r, *columns)


def _first(m: Map, z: Array) -> Array:
    """M on the first axis."""
    return z if m.is_one else times(m, z.reshape(len(z), -1)).reshape(-1, *z.shape[1:])


def _second(m: Map, z: Array) -> Array:
    """M on the second axis."""
    if m.is_one:
        return z
    if m.kind == "dense" and z.ndim == 2 and isinstance(m.data, np.ndarray):
        return z @ m.data.T
    return _first(m, z.swapaxes(0, 1)).swapaxes(0, 1)


def work(m: Map) -> float:
    """The multiplications of a product with a vector."""
    match m.kind:
        case "scalar":
            return 0 if m.data == 1 else m.shape[0]
        case "diagonal" | "commutation":
            return m.shape[0]
        case "dense":
            return float(getattr(m.data, "nnz", m.shape[0] * m.shape[1]))
        case "khatrirao":
            return float(np.prod(m.shape) if m.data[1] is not None else max(m.shape))
        case "kron":
            left, right = m.parts
            (p, q), (r, s) = left.shape, right.shape
            return min(work(left) * s + work(right) * p, work(right) * q + work(left) * r)
        case "inverse":
            return float(m.shape[0]) ** 2
        case _:
            return sum(map(work, m.parts))


def array(m: Map) -> Array:
    """The matrix itself."""
    if m.formed is not None:
        return m.formed()
    match m.kind:
        case "scalar":
            return m.data * np.eye(m.shape[0], dtype=precision(m))
        case "diagonal":
            return np.diag(m.data)
        case "dense":
            return plain(m.data)
        case "product":
            return reduce(lambda x, p: times(p, x), m.parts[-2::-1], array(m.parts[-1]))
        case "sum":
            return reduce(operator.add, map(array, m.parts)).astype(precision(m), copy=False)
        case "kron":
            left, right = map(array, m.parts)
            return (left[:, None, :, None] * right[:, None, :]).reshape(m.shape)
        case _:
            return times(m, np.eye(m.shape[1], dtype=precision(m)))


def precision(*maps: Map) -> Any:
    """The type of the numbers in maps; that of their arrays, where they have any."""
    found, stack = [], list(maps)
    while stack:
        m = stack.pop()
        data = m.data if m.kind == "khatrirao" else (m.data,)
        found += [a.dtype for a in data if hasattr(a, "dtype")]
        stack.extend(m.parts)
    return np.result_type(*found) if found else np.dtype(float)


def _turned(m: Map) -> Map:
    data, parts, formed = m.data, m.parts, m.formed
    match m.kind:
        case "dense":
            data = data.T
        case "commutation":
            data = data[::-1]
        case "khatrirao":
            data = (*data[:2], not data[2])
        case "product":
            parts = tuple(p.turned for p in reversed(parts))
        case _:
            parts = tuple(p.turned for p in parts)
    return Map(m.kind, m.shape[::-1], data, parts, formed=None if formed is None else lambda: formed().T)
