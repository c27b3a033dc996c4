"""Routines of programs for JAX, which decides within a compiled program.

Where a matrix is not what is asked of it, singular or not positive definite, there are nan and inf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.linalg

from matcalc.programs.routines.both import _singular
from matcalc.programs.routines.numpy import _adjugate, _gram2

Array = Any
Factor = tuple[Any, ...]  # LU and pivots; a Cholesky factor and None
Function = Callable[..., Any]


def _places(labels: Array, count: int) -> Array:
    """Labels 1 … count as places from 0."""
    return jnp.asarray(labels).astype(int) - 1


def _added_at(values: Array, places: Array, count: int) -> Array:
    """The sum of the values at each place: of the first axes of values, which places has."""
    return jnp.zeros((count, *values.shape[places.ndim :]), values.dtype).at[places].add(values)


def _along(a: Array, places: Array) -> Array:
    """The entries of the first axis at places that depend on the other axes."""
    shape = jnp.broadcast_shapes(a.shape[1:], places.shape)
    return jnp.take_along_axis(jnp.broadcast_to(a, (len(a), *shape)), jnp.broadcast_to(places, shape)[None], 0)[0]


def _sqrtm(a: Array) -> Array:
    """The principal square root; nan where it is not real."""
    y = jax.scipy.linalg.sqrtm(a)
    return jnp.where(jnp.abs(y.imag).max() <= 1e-8 * jnp.abs(y).max(), y.real, jnp.nan)


def _cosm(a: Array) -> Array:
    """The cosine of a matrix."""
    return jax.scipy.linalg.expm(1j * a).real


def _sinm(a: Array) -> Array:
    """The sine of a matrix."""
    return jax.scipy.linalg.expm(1j * a).imag


def _gram(x: Array, w: Array) -> Array:
    """The matrix of the blocks x' Diag(w[:, a, b]) x, as one product of Khatri-Rao rows; symmetry halves them."""
    (m, n), c = x.shape, w.shape[1]
    if n >= 32 * c:
        return _gram2(x, w, x)
    j, k = jnp.triu_indices(n)
    g = w.reshape(m, c * c).T @ (jnp.take(x, j, 1) * jnp.take(x, k, 1))
    i = jnp.arange(n)
    low, high = jnp.minimum(i[:, None], i), jnp.maximum(i[:, None], i)
    g = g[:, low * (2 * n - low - 1) // 2 + high].reshape(c, c, n, n)
    return g.swapaxes(1, 2).reshape(c * n, c * n)


def _block_diagonal_gram(x: Array, w: Array, y: Array) -> Array:
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    c = w.shape[1]
    h = jnp.zeros((c, x.shape[1], c, y.shape[1]), x.dtype)
    h = h.at[jnp.arange(c), :, jnp.arange(c), :].set((x.T[None] * w.T[:, None, :]) @ y)
    return h.reshape(c * x.shape[1], c * y.shape[1])


def _of_blocks(w: Array, m: int, outer: bool = False) -> Array:
    """The matrix of the blocks Diag(w[:, a, b]); of `outer`, of the diagonal blocks w[i].  w a matrix stands for w ⊗ I, and for I ⊗ w."""
    p, q = w.shape[-2:]
    i = jnp.arange(m)
    if outer:
        return jnp.zeros((m, p, m, q), w.dtype).at[i, :, i, :].set(w).reshape(m * p, m * q)
    return jnp.zeros((p, m, q, m), w.dtype).at[:, i, :, i].set(w).reshape(p * m, q * m)


def _kron_sum(left: Sequence[Array], right: Sequence[Array], commuted: bool = False) -> Array:
    """The sum of the Kronecker products of the matrices in two lists, written once.

    K times that where it is `commuted`: row (i, j) where row (j, i) was.
    """
    (p, q), (r, s) = left[0].shape, right[0].shape
    if commuted:
        return sum(a[:, :, None] * b[:, None, None, :] for a, b in zip(left, right)).reshape(p * r, q * s)
    return sum(a[:, None, :, None] * b[:, None, :] for a, b in zip(left, right)).reshape(p * r, q * s)


def _eigh(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and orthonormal eigenvectors of a symmetric matrix; nan where it is not symmetric."""
    w, v = jnp.linalg.eigh(a)
    symmetric = jnp.abs(a - a.T).max(initial=0) <= jnp.finfo(w.dtype).eps ** 0.5 * jnp.abs(a).max(initial=0)
    return jnp.where(symmetric, w, jnp.nan), v


def _half_solve(factor: Factor, b: Array) -> Array:
    """L^-1 b for the Cholesky factor L; nan where there is none."""
    c, _, *definite = factor
    x = jax.scipy.linalg.solve_triangular(c, b, lower=True)
    return jnp.where(definite[0], x, jnp.nan) if definite else x


def _factor(a: Array) -> Factor:
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    c, pivots = jax.scipy.linalg.lu_factor(a)
    singular = jax.lax.cond(
        _doubtful(c, 0.6), lambda: _singular(a, lambda b, trans: jax.scipy.linalg.lu_solve((c, pivots), b, trans)), lambda: jnp.array(False)
    )
    d = jnp.diagonal(c)
    least = singular & (jnp.arange(len(c)) == jnp.abs(d).argmin())
    return c - jnp.diag(jnp.where(least, d, 0)), pivots


def _doubtful(c: Array, power: float) -> Array:
    """Whether a number on the diagonal of a factor is so small beside the entries that it may come of rounding."""
    return jnp.abs(jnp.diagonal(c)).min(initial=1) <= jnp.finfo(c.dtype).eps ** power * jnp.abs(c).max(initial=0)


def _cholesky(a: Array) -> Factor:
    """A Cholesky factor; nan where a is not symmetric and positive definite."""
    if jnp.iscomplexobj(a):
        return _factor(a)
    c, definite = _by_cholesky(a)
    symmetric = jnp.abs(a - a.T).max(initial=0) <= jnp.finfo(c.dtype).eps ** 0.5 * jnp.abs(a).max(initial=0)
    return jnp.where(symmetric & definite, c, jnp.nan), None


def _cholesky_of_hermitian(a: Array) -> Factor:
    """A Cholesky factor; nan where a is not Hermitian and positive definite."""
    hermitian = jnp.abs(a - a.conj().T).max(initial=0) <= jnp.finfo(a.dtype).eps ** 0.5 * jnp.abs(a).max(initial=0)
    return jnp.where(hermitian, jnp.linalg.cholesky(a), jnp.nan), None


def _cholesky_or_lu(a: Array) -> Factor:
    """A Cholesky factor of a symmetric matrix, or an LU factorisation if it is indefinite; and which of the two."""
    if jnp.iscomplexobj(a):
        return _factor(a)
    c, definite = _by_cholesky(a)
    pivots = jnp.zeros(len(a), "int32")
    return *jax.lax.cond(definite, lambda: (c, pivots), lambda: _factor(a)), definite


def _by_cholesky(a: Array) -> tuple[Array, Array]:
    """A Cholesky factor, and whether there is one: a is not singular, not even but for rounding."""
    c = jax.lax.linalg.cholesky(a, symmetrize_input=False)
    definite = jnp.isfinite(jnp.diagonal(c)).all()
    return c, definite & jax.lax.cond(
        _doubtful(c, 0.3), lambda: ~_singular(a, lambda b, trans: jax.scipy.linalg.cho_solve((c, True), b)), lambda: jnp.array(True)
    )


def _solve(factor: Factor, b: Array, trans: int = 0) -> Array:
    """The solution of a x = b, from a factor of a; nan where a is singular."""
    c, pivots, *definite = factor
    if pivots is None:
        return jax.scipy.linalg.cho_solve((c, True), b)

    def by_lu() -> Array:
        return jnp.where(jnp.diagonal(c).all(), jax.scipy.linalg.lu_solve((c, pivots), b, trans), jnp.nan)

    return jax.lax.cond(definite[0], lambda: jax.scipy.linalg.cho_solve((c, True), b), by_lu) if definite else by_lu()


def _inverse(factor: Factor) -> Array:
    """The inverse of a, from a factor of a; nan where a is singular."""
    c, pivots, *definite = factor
    if pivots is None:
        return _inverse_in_blocks(c)

    def by_lu() -> Array:
        return jnp.where(jnp.diagonal(c).all(), jax.scipy.linalg.lu_solve((c, pivots), jnp.eye(len(c), dtype=c.dtype)), jnp.nan)

    return jax.lax.cond(definite[0], lambda: _inverse_in_blocks(c), by_lu) if definite else by_lu()


def _inverse_in_blocks(c: Array, depth: int = 3) -> Array:
    """The inverse of c c', c lower triangular: half of the work, as products of its blocks."""
    n, k = len(c), len(c) // 2
    if n <= 128 or not depth:
        return jax.scipy.linalg.cho_solve((c, True), jnp.eye(n, dtype=c.dtype))
    a, d = _inverse_in_blocks(c[:k, :k], depth - 1), _inverse_in_blocks(c[k:, k:], depth - 1)
    w = jax.scipy.linalg.solve_triangular(c[:k, :k], c[k:, :k].conj().T, lower=True, trans=2)
    b = w @ d
    return jnp.block([[a + b @ w.conj().T, -b], [-b.conj().T, d]])


def _logdet(factor: Factor) -> Array:
    """log |det a|, from a factor of a."""
    c, pivots, *definite = factor
    half = jnp.log(jnp.abs(jnp.diagonal(c))).sum()
    if pivots is None:
        return 2 * half
    return jnp.where(definite[0], 2 * half, half) if definite else half


def _det(factor: Factor) -> Array:
    """det a, from a factor of a."""
    c, pivots, *definite = factor
    d = jnp.prod(jnp.diagonal(c))
    if pivots is None:
        return d * d
    by_lu = d * (-1) ** jnp.sum(pivots != jnp.arange(len(c)))
    return jnp.where(definite[0], d * d, by_lu) if definite else by_lu


def _adj(factor: Factor, a: Array) -> Array:
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = jnp.abs(jnp.diagonal(factor[0]))
    return jax.lax.cond(d.min() <= 1e-6 * d.max(), lambda: _adjugate(a), lambda: _det(factor) * _inverse(factor))


def _inverse_times_term(inverse: Array, e: Array, a: Array, c: Array) -> Array:
    """inverse e, where inverse is that of a e + c I: (I - c inverse) / a, unless a e is so small that this cancels."""
    cancels = c * c > 1e4 * a * a * jnp.vdot(e, e)
    return jax.lax.cond(cancels, lambda: inverse @ e, lambda: (jnp.eye(len(e), dtype=e.dtype) - c * inverse) / a)
