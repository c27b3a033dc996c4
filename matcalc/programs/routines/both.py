"""Routines of programs for JAX and PyTorch alike, in the names of JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

if TYPE_CHECKING:  # each library has its own
    from matcalc.programs.routines.jax import _sqrtm

Array = Any
Function = Callable[..., Any]


def _polar(a: Array) -> Array:
    """The polar factor; nan where a is not of full rank."""
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    full = s.min() > 10 * max(a.shape) * jnp.finfo(s.dtype).eps * s.max()
    return jnp.where(full, u @ vt, jnp.nan)


def _frechet(f: Function, a: Array, e: Array) -> Array:
    """The Fréchet derivative of a function of matrices, from its value at a block matrix (Higham 2008, 3.16)."""
    n, size = a.shape[0], jnp.abs(e).max() / jnp.abs(a).max()
    size = jnp.where((size > 0) & (size < jnp.inf), size, jnp.ones_like(size))  # the block of e is to be as large as those of a
    block = jnp.concatenate([jnp.concatenate([a, e / size], 1), jnp.concatenate([0 * a, a], 1)], 0)
    return f(block)[:n, n:] * size


def _each(function: Function, levels: Sequence[Any], *args: Array) -> Array:
    """The function for each index, one level for each axis: along the first axis of the arguments where it says 0."""
    for level in reversed(levels):
        function = jax.vmap(function, level)
    return function(*args)


def _frechet2(f: Function, a: Array, y: Array, z: Array) -> Array:
    """The second Fréchet derivative of a function of matrices, from that of a block matrix (Higham and Relton 2014)."""
    n, o, whole = a.shape[0], 0 * a, jnp.abs(a).max()
    p, q = (jnp.abs(e).max() / whole for e in (y, z))
    p, q = (jnp.where((x > 0) & (x < jnp.inf), x, jnp.ones_like(x)) for x in (p, q))  # all blocks are to be as large
    y, z = y / p, z / q
    rows = [[a, y, z, o], [o, a, o, z], [o, o, a, y], [o, o, o, a]]
    return f(jnp.concatenate([jnp.concatenate(row, 1) for row in rows], 0))[:n, -n:] * (p * q)


def _jacobian(f: Function, a: Array) -> Array:
    """The matrix of a linear function of matrices like a, between columns stacked."""
    units = jnp.diag(jnp.ones_like(a.reshape(-1))).reshape(-1, *a.T.shape)
    return jax.vmap(lambda unit: f(unit.T).T.reshape(-1))(units).T


def _logm(a: Array) -> Array:
    """The principal logarithm: eight square roots, then Gauss-Legendre quadrature of its integral (Higham 2008, 11.2).

    nan where it is not real, or where a is singular.
    """
    eye, s = jnp.diag(jnp.ones_like(a[0])), jnp.linalg.svdvals(a)
    regular = s.min() > jnp.finfo(s.dtype).eps * s.max()
    for _ in range(8):
        a = _sqrtm(a)
    x, total = a - eye, 0 * a
    nodes = [  # and their weights; those below zero have the same ones
        (0.1252334085114689, 0.2491470458134027),
        (0.3678314989981802, 0.2334925365383546),
        (0.5873179542866175, 0.20316742672306573),
        (0.7699026741943047, 0.16007832854334642),
        (0.9041172563704748, 0.10693932599531907),
        (0.9815606342467192, 0.04717533638651141),
    ]
    for node, weight in [*nodes, *((-node, weight) for node, weight in nodes)]:
        total = total + weight / 2 * jnp.linalg.solve(eye + (node + 1) / 2 * x, x)
    return jnp.where(regular, 256 * total, jnp.nan)


def _inside(a: Array, p: Array, b: Array) -> Array:
    """The matrices a Diag(p[i]) b, as one product of Khatri-Rao rows."""
    r, c = a.shape[0], b.shape[1]
    return (p @ (a[:, None, :] * b.T).reshape(r * c, -1).T).reshape(p.shape[0], r, c)


def _pinv_of_rank(a: Array, rank: int) -> Array:
    """The pseudoinverse; nan where a has a smaller rank."""
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    full = (s.min() > 10 * max(a.shape) * jnp.finfo(s.dtype).eps * s.max()) & (len(s) >= rank)
    return (vt.T.conj() / jnp.where(full, s, jnp.nan)) @ u.T.conj()


def _singular(a: Array, solve: Function) -> Array:
    """Whether a, its rows and columns scaled, is a singular matrix but for rounding; solve(b, trans) is a^-1 b or a'^-1 b."""
    rows = jnp.amax(abs(a), 1)
    scaled = a / rows[:, None]
    columns = jnp.amax(abs(scaled), 0)
    x = columns * solve(rows * jnp.cos(jnp.cumsum(jnp.ones_like(rows), 0) - 1), 0)  # mostly along the smallest singular value
    y = rows * solve(columns * x, 1)
    smallest, norm = jnp.linalg.norm(x) / jnp.linalg.norm(y), jnp.linalg.norm(scaled / columns)
    return ~(smallest > 4 * jnp.finfo(x.dtype).eps * norm)
