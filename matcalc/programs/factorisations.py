"""Routines on factorisations for JAX and PyTorch; those for NumPy are in `routines`.

A factorisation is a tuple: of the LU packed in one matrix and its pivots, or of a Cholesky factor.  JAX decides within the
compiled program which of the two a symmetric matrix has, PyTorch when it runs.
"""

from __future__ import annotations

FACTOR_JAX = {
    "_factor": '''\
def _factor(a):
    """An LU factorisation."""
    return jax.scipy.linalg.lu_factor(a)
''',
    "_cholesky": '''\
def _cholesky(a):
    """A Cholesky factor of a symmetric matrix, or an LU factorisation if it is indefinite; and which of the two."""
    if jnp.iscomplexobj(a):
        return jax.scipy.linalg.lu_factor(a)
    c = jax.lax.linalg.cholesky(a, symmetrize_input=False)
    definite = jnp.isfinite(jnp.diagonal(c)).all()
    pivots = jnp.zeros(len(a), "int32")
    return *jax.lax.cond(definite, lambda: (c, pivots), lambda: jax.scipy.linalg.lu_factor(a)), definite
''',
    "_solve": '''\
def _solve(factor, b, trans=0):
    """The solution of a x = b, from a factor of a."""
    c, pivots, *definite = factor

    def by_lu():
        return jax.scipy.linalg.lu_solve((c, pivots), b, trans)

    return jax.lax.cond(definite[0], lambda: jax.scipy.linalg.cho_solve((c, True), b), by_lu) if definite else by_lu()
''',
    "_inverse": '''\
def _inverse(factor):
    """The inverse of a, from a factor of a."""
    c, pivots, *definite = factor

    def by_lu():
        return jax.scipy.linalg.lu_solve((c, pivots), jnp.eye(len(c), dtype=c.dtype))

    return jax.lax.cond(definite[0], lambda: _inverse_in_blocks(c), by_lu) if definite else by_lu()
''',
    "_inverse_in_blocks": '''\
def _inverse_in_blocks(c, depth=3):
    """The inverse of c c', c lower triangular: half of the work, as products of its blocks."""
    n, k = len(c), len(c) // 2
    if n <= 128 or not depth:
        return jax.scipy.linalg.cho_solve((c, True), jnp.eye(n, dtype=c.dtype))
    a, d = _inverse_in_blocks(c[:k, :k], depth - 1), _inverse_in_blocks(c[k:, k:], depth - 1)
    w = jax.scipy.linalg.solve_triangular(c[:k, :k], c[k:, :k].T, lower=True, trans=1)
    b = w @ d
    return jnp.block([[a + b @ w.T, -b], [-b.T, d]])
''',
    "_logdet": '''\
def _logdet(factor):
    """log |det a|, from a factor of a."""
    c, _, *definite = factor
    half = jnp.log(jnp.abs(jnp.diagonal(c))).sum()
    return jnp.where(definite[0], 2 * half, half) if definite else half
''',
    "_det": '''\
def _det(factor):
    """det a, from a factor of a."""
    c, pivots, *definite = factor
    d = jnp.prod(jnp.diagonal(c))
    by_lu = d * (-1) ** jnp.sum(pivots != jnp.arange(len(c)))
    return jnp.where(definite[0], d * d, by_lu) if definite else by_lu
''',
    "_inverse_times_term": '''\
def _inverse_times_term(inverse, e, a, c):
    """inverse e, where inverse is that of a e + c I: (I - c inverse) / a, unless a e is so small that this cancels."""
    cancels = c * c > 1e4 * a * a * jnp.vdot(e, e)
    return jax.lax.cond(cancels, lambda: inverse @ e, lambda: (jnp.eye(len(e), dtype=e.dtype) - c * inverse) / a)
''',
}

FACTOR_TORCH = {
    "_factor": '''\
def _factor(a):
    """An LU factorisation."""
    return torch.linalg.lu_factor(a)
''',
    "_cholesky": '''\
def _cholesky(a):
    """A Cholesky factor of a symmetric matrix; an LU factorisation if it is indefinite, or if only torch.vmap knows."""
    if a.is_complex():
        return torch.linalg.lu_factor(a)
    c, info = torch.linalg.cholesky_ex(a)
    try:
        definite = info.item() == 0
    except RuntimeError:
        definite = False
    return (c, None) if definite else torch.linalg.lu_factor(a)
''',
    "_solve": '''\
def _solve(factor, b, trans=0):
    """The solution of a x = b, from a factor of a."""
    c, pivots = factor
    x = b if b.ndim == 2 else b[:, None]
    x = torch.cholesky_solve(x, c) if pivots is None else torch.linalg.lu_solve(c, pivots, x, adjoint=bool(trans))
    return x if b.ndim == 2 else x[:, 0]
''',
    "_inverse": '''\
def _inverse(factor):
    """The inverse of a, from a factor of a."""
    c, pivots = factor
    if pivots is None:
        return torch.cholesky_inverse(c)
    return torch.linalg.lu_solve(c, pivots, torch.eye(len(c), dtype=c.dtype, device=c.device))
''',
    "_logdet": '''\
def _logdet(factor):
    """log |det a|, from a factor of a."""
    c, pivots = factor
    return torch.log(torch.abs(torch.diagonal(c))).sum() * (2 if pivots is None else 1)
''',
    "_det": '''\
def _det(factor):
    """det a, from a factor of a."""
    c, pivots = factor
    d = torch.prod(torch.diagonal(c))
    return d * d if pivots is None else d * (-1) ** torch.sum(pivots != torch.arange(1, len(c) + 1).to(pivots))
''',
}
