"""Routines on factorisations for JAX and PyTorch; those for NumPy are in `routines`.

A factorisation is a tuple: of the LU packed in one matrix and its pivots, or of a Cholesky factor and None.  JAX decides within the
compiled program which of the two a symmetric matrix has, PyTorch when it runs.  Where a matrix is not what is asked of it,
singular or not positive definite, there are nan and inf.
"""

from __future__ import annotations

FACTOR_JAX = {
    "_factor": '''\
def _factor(a):
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    c, pivots = jax.scipy.linalg.lu_factor(a)
    singular = jax.lax.cond(
        _doubtful(c, 0.6), lambda: _singular(a, lambda b, trans: jax.scipy.linalg.lu_solve((c, pivots), b, trans)), lambda: jnp.array(False)
    )
    d = jnp.diagonal(c)
    least = singular & (jnp.arange(len(c)) == jnp.abs(d).argmin())
    return c - jnp.diag(jnp.where(least, d, 0)), pivots
''',
    "_doubtful": '''\
def _doubtful(c, power):
    """Whether a number on the diagonal of a factor is so small beside the entries that it may come of rounding."""
    return jnp.abs(jnp.diagonal(c)).min(initial=1) <= jnp.finfo(c.dtype).eps ** power * jnp.abs(c).max(initial=0)
''',
    "_singular": '''\
def _singular(a, solve):
    """Whether a, its rows and columns scaled, is a singular matrix but for rounding; solve(b, trans) is a^-1 b or a'^-1 b."""
    rows = abs(a).max(1)
    scaled = a / rows[:, None]
    columns = abs(scaled).max(0)
    x = columns * solve(rows * jnp.cos(jnp.arange(len(a), dtype=rows.dtype)), 0)  # mostly along the smallest singular value
    y = rows * solve(columns * x, 1)
    smallest, norm = jnp.linalg.norm(x) / jnp.linalg.norm(y), jnp.linalg.norm(scaled / columns)
    return ~(smallest > 4 * jnp.finfo(x.dtype).eps * norm)
''',
    "_cholesky": '''\
def _cholesky(a):
    """A Cholesky factor; nan where a is not symmetric and positive definite."""
    if jnp.iscomplexobj(a):
        return _factor(a)
    c, definite = _by_cholesky(a)
    symmetric = jnp.abs(a - a.T).max(initial=0) <= jnp.finfo(c.dtype).eps ** 0.5 * jnp.abs(a).max(initial=0)
    return jnp.where(symmetric & definite, c, jnp.nan), None
''',
    "_cholesky_or_lu": '''\
def _cholesky_or_lu(a):
    """A Cholesky factor of a symmetric matrix, or an LU factorisation if it is indefinite; and which of the two."""
    if jnp.iscomplexobj(a):
        return _factor(a)
    c, definite = _by_cholesky(a)
    pivots = jnp.zeros(len(a), "int32")
    return *jax.lax.cond(definite, lambda: (c, pivots), lambda: _factor(a)), definite
''',
    "_by_cholesky": '''\
def _by_cholesky(a):
    """A Cholesky factor, and whether there is one: a is not singular, not even but for rounding."""
    c = jax.lax.linalg.cholesky(a, symmetrize_input=False)
    definite = jnp.isfinite(jnp.diagonal(c)).all()
    return c, definite & jax.lax.cond(
        _doubtful(c, 0.3), lambda: ~_singular(a, lambda b, trans: jax.scipy.linalg.cho_solve((c, True), b)), lambda: jnp.array(True)
    )
''',
    "_solve": '''\
def _solve(factor, b, trans=0):
    """The solution of a x = b, from a factor of a; nan where a is singular."""
    c, pivots, *definite = factor
    if pivots is None:
        return jax.scipy.linalg.cho_solve((c, True), b)

    def by_lu():
        return jnp.where(jnp.diagonal(c).all(), jax.scipy.linalg.lu_solve((c, pivots), b, trans), jnp.nan)

    return jax.lax.cond(definite[0], lambda: jax.scipy.linalg.cho_solve((c, True), b), by_lu) if definite else by_lu()
''',
    "_inverse": '''\
def _inverse(factor):
    """The inverse of a, from a factor of a; nan where a is singular."""
    c, pivots, *definite = factor
    if pivots is None:
        return _inverse_in_blocks(c)

    def by_lu():
        return jnp.where(jnp.diagonal(c).all(), jax.scipy.linalg.lu_solve((c, pivots), jnp.eye(len(c), dtype=c.dtype)), jnp.nan)

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
    c, pivots, *definite = factor
    half = jnp.log(jnp.abs(jnp.diagonal(c))).sum()
    if pivots is None:
        return 2 * half
    return jnp.where(definite[0], 2 * half, half) if definite else half
''',
    "_det": '''\
def _det(factor):
    """det a, from a factor of a."""
    c, pivots, *definite = factor
    d = jnp.prod(jnp.diagonal(c))
    if pivots is None:
        return d * d
    by_lu = d * (-1) ** jnp.sum(pivots != jnp.arange(len(c)))
    return jnp.where(definite[0], d * d, by_lu) if definite else by_lu
''',
    "_adj": '''\
def _adj(factor, a):
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = jnp.abs(jnp.diagonal(factor[0]))
    return jax.lax.cond(d.min() <= 1e-6 * d.max(), lambda: _adjugate(a), lambda: _det(factor) * _inverse(factor))
''',
    "_adjugate": '''\
def _adjugate(a):
    """The adjugate, by singular values."""
    u, s, vt = jnp.linalg.svd(a)
    others = jnp.where(jnp.eye(len(s), dtype=bool), 1, s).prod(1)
    return (vt.T.conj() * (jnp.linalg.det(u) * jnp.linalg.det(vt) * others)) @ u.T.conj()
''',
    "_inverse_times_term": '''\
def _inverse_times_term(inverse, e, a, c):
    """inverse e, where inverse is that of a e + c I: (I - c inverse) / a, unless a e is so small that this cancels."""
    cancels = c * c > 1e4 * a * a * jnp.vdot(e, e)
    return jax.lax.cond(cancels, lambda: inverse @ e, lambda: (jnp.eye(len(e), dtype=e.dtype) - c * inverse) / a)
''',
}
NEEDED_JAX = {
    "_factor": ("_doubtful", "_singular"),
    "_cholesky": ("_factor", "_by_cholesky"),
    "_cholesky_or_lu": ("_factor", "_by_cholesky"),
    "_inverse": ("_inverse_in_blocks",),
    "_adj": ("_adjugate", "_det", "_inverse"),
}

FACTOR_TORCH = {
    "_factor": '''\
def _factor(a):
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    c, pivots, _ = torch.linalg.lu_factor_ex(a)
    if _doubtful(c, 0.6):
        d = torch.diagonal(c)
        singular = _singular(a, lambda b, trans: torch.linalg.lu_solve(c, pivots, b[:, None], adjoint=bool(trans))[:, 0])
        least = singular & (torch.arange(len(c), device=c.device) == d.abs().argmin())
        c = c - torch.diag(torch.where(least, d, 0))
    return c, pivots
''',
    "_doubtful": '''\
def _doubtful(c, power):
    """Whether a number on the diagonal of a factor is so small beside the entries that it may come of rounding."""
    doubtful = torch.diagonal(c).abs().amin() <= torch.finfo(c.dtype).eps ** power * c.abs().amax()
    try:
        return doubtful.item()
    except RuntimeError:  # only torch.vmap knows
        return True
''',
    "_singular": '''\
def _singular(a, solve):
    """Whether a, its rows and columns scaled, is a singular matrix but for rounding; solve(b, trans) is a^-1 b or a'^-1 b."""
    rows = abs(a).amax(1)
    scaled = a / rows[:, None]
    columns = abs(scaled).amax(0)
    x = columns * solve(rows * torch.cos(torch.arange(len(a)).to(rows)), 0)  # mostly along the smallest singular value
    y = rows * solve(columns * x, 1)
    smallest, norm = torch.linalg.norm(x) / torch.linalg.norm(y), torch.linalg.norm(scaled / columns)
    return ~(smallest > 4 * torch.finfo(x.dtype).eps * norm)
''',
    "_cholesky": '''\
def _cholesky(a):
    """A Cholesky factor; nan where a is not symmetric and positive definite."""
    if a.is_complex():
        return _factor(a)
    c, definite = _by_cholesky(a)
    symmetric = (a - a.T).abs().amax() <= torch.finfo(c.dtype).eps ** 0.5 * a.abs().amax()
    return torch.where(symmetric & definite, c, torch.nan), None
''',
    "_cholesky_or_lu": '''\
def _cholesky_or_lu(a):
    """A Cholesky factor of a symmetric matrix; an LU factorisation if it is indefinite, or if only torch.vmap knows."""
    if a.is_complex():
        return _factor(a)
    c, definite = _by_cholesky(a)
    try:
        definite = definite.item()
    except RuntimeError:
        definite = False
    return (c, None) if definite else _factor(a)
''',
    "_by_cholesky": '''\
def _by_cholesky(a):
    """A Cholesky factor, and whether there is one: a is not singular, not even but for rounding."""
    c, info = torch.linalg.cholesky_ex(a)
    definite = info == 0
    if _doubtful(c, 0.3):
        definite = definite & ~_singular(a, lambda b, trans: torch.cholesky_solve(b[:, None], c)[:, 0])
    return c, definite
''',
    "_solve": '''\
def _solve(factor, b, trans=0):
    """The solution of a x = b, from a factor of a; nan where a is singular."""
    c, pivots = factor
    x = b if b.ndim == 2 else b[:, None]
    x = torch.cholesky_solve(x, c) if pivots is None else torch.linalg.lu_solve(c, pivots, x, adjoint=bool(trans))
    x = torch.where((torch.diagonal(c) != 0).all(), x, torch.nan)
    return x if b.ndim == 2 else x[:, 0]
''',
    "_inverse": '''\
def _inverse(factor):
    """The inverse of a, from a factor of a; nan where a is singular."""
    c, pivots = factor
    if pivots is None:
        return torch.cholesky_inverse(c)
    x = torch.linalg.lu_solve(c, pivots, torch.eye(len(c), dtype=c.dtype, device=c.device))
    return torch.where((torch.diagonal(c) != 0).all(), x, torch.nan)
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
    "_adj": '''\
def _adj(factor, a):
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = torch.diagonal(factor[0]).abs()
    try:
        regular = not (d.amin() <= 1e-6 * d.amax()).item()
    except RuntimeError:  # only torch.vmap knows
        regular = False
    return _det(factor) * _inverse(factor) if regular else _adjugate(a)
''',
    "_adjugate": '''\
def _adjugate(a):
    """The adjugate, by singular values."""
    u, s, vt = torch.linalg.svd(a)
    others = torch.where(torch.eye(len(s), dtype=torch.bool, device=a.device), 1, s).prod(1)
    return (vt.mH * (torch.linalg.det(u) * torch.linalg.det(vt) * others)) @ u.mH
''',
}
NEEDED_TORCH = {
    "_factor": ("_doubtful", "_singular"),
    "_cholesky": ("_factor", "_by_cholesky"),
    "_cholesky_or_lu": ("_factor", "_by_cholesky"),
    "_adj": ("_adjugate", "_det", "_inverse"),
}
