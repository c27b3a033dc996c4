"""Routines that a program brings along: what a library lacks, or has only piece by piece.

A routine is written before the program that uses it, and only then.
"""

from __future__ import annotations

from matcalc.operators.columns import ROUTINES
from matcalc.programs.factorisations import FACTOR_JAX, FACTOR_TORCH, NEEDED_JAX, NEEDED_TORCH
from matcalc.programs.index_routines import INDEXED
from matcalc.programs.matrix_functions import MATRIX_FUNCTIONS_JAX, MATRIX_FUNCTIONS_TORCH

_GRAM = '''\
def _gram(x, w):
    """The matrix of the blocks x' Diag(w[:, a, b]) x, as one product of Khatri-Rao rows; symmetry halves them."""
    (m, n), c = x.shape, w.shape[1]
    j, k = np.triu_indices(n)
    xt = np.ascontiguousarray(x.T)
    g = (w.reshape(m, c * c).T @ (xt[j] * xt[k]).T).reshape(c, c, len(j))
    h = np.empty((c, n, c, n), g.dtype)
    blocks = h.transpose(0, 2, 1, 3)
    blocks[:, :, j, k] = g
    blocks[:, :, k, j] = g
    return h.reshape(c * n, c * n)
'''

_GRAM_BOTH = '''\
def _gram(x, w):
    """The matrix of the blocks x' Diag(w[:, a, b]) x, as one product of Khatri-Rao rows; symmetry halves them."""
    (m, n), c = x.shape, w.shape[1]
    j, k = {np}.triu_indices({sizes})
    g = w.reshape(m, c * c).T @ ({columns_j} * {columns_k})
    i = {np}.arange({size})
    low, high = {np}.minimum(i[:, None], i), {np}.maximum(i[:, None], i)
    g = g[:, low * (2 * n - low - 1) // 2 + high].reshape(c, c, n, n)
    return g.swapaxes(1, 2).reshape(c * n, c * n)
'''
_GRAM_JAX = _GRAM_BOTH.format(np="jnp", sizes="n", size="n", columns_j="jnp.take(x, j, 1)", columns_k="jnp.take(x, k, 1)")
_ON_DEVICE = {"sizes": "n, n, device=x.device", "size": "n, device=x.device"}
_GRAM_TORCH = _GRAM_BOTH.format(np="torch", **_ON_DEVICE, columns_j="x[:, j]", columns_k="x[:, k]")

_GRAM2 = '''\
def _gram2(x, w, y):
    """The matrix of the blocks x' Diag(w[:, a, b]) y, as one product of Khatri-Rao rows."""
    m, p, q = w.shape
    rows = (x[:, :, None] * y[:, None, :]).reshape(m, -1)
    g = (w.reshape(m, p * q).T @ rows).reshape(p, q, x.shape[1], y.shape[1])
    return g.swapaxes(1, 2).reshape(p * x.shape[1], q * y.shape[1])
'''

_BLOCK_DIAGONAL = '''\
def _block_diagonal_gram(x, w, y):
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    (m, p), q, c = x.shape, y.shape[1], w.shape[1]
    xt, wt = np.ascontiguousarray(x.T), np.ascontiguousarray(w.T)
    h = np.zeros((c, p, c, q), np.result_type(x, w, y))
    for a in range(c):
        h[a, :, a] = (xt * wt[a]) @ y
    return h.reshape(c * p, c * q)
'''

_BLOCK_DIAGONAL_JAX = '''\
def _block_diagonal_gram(x, w, y):
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    c = w.shape[1]
    h = jnp.zeros((c, x.shape[1], c, y.shape[1]), x.dtype)
    h = h.at[jnp.arange(c), :, jnp.arange(c), :].set((x.T[None] * w.T[:, None, :]) @ y)
    return h.reshape(c * x.shape[1], c * y.shape[1])
'''

_BLOCK_DIAGONAL_TORCH = '''\
def _block_diagonal_gram(x, w, y):
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    return torch.block_diag(*((x.T[None] * w.T[:, None, :]) @ y))
'''

_DIAGONAL_BLOCKS = '''\
def _diagonal_blocks(w):
    """The matrix of the blocks Diag(w[:, a, b])."""
    m, p, q = w.shape
    h = np.zeros((p, m, q, m), w.dtype)
    i = np.arange(m)
    h[:, i, :, i] = w
    return h.reshape(p * m, q * m)
'''

_DIAGONAL_BLOCKS_JAX = '''\
def _diagonal_blocks(w):
    """The matrix of the blocks Diag(w[:, a, b])."""
    m, p, q = w.shape
    i = jnp.arange(m)
    return jnp.zeros((p, m, q, m), w.dtype).at[:, i, :, i].set(w).reshape(p * m, q * m)
'''

_BLOCK_DIAGONAL_OUTER = '''\
def _block_diagonal(w):
    """The block diagonal matrix of the blocks w[i]."""
    m, p, q = w.shape
    h = np.zeros((m, p, m, q), w.dtype)
    i = np.arange(m)
    h[i, :, i, :] = w
    return h.reshape(m * p, m * q)
'''

_PLUS_BLOCKS = '''\
def _plus_blocks(h, w, m):
    """h plus the matrix of the blocks Diag(w[:, a, b]), in the memory of h; w a matrix stands for w ⊗ I."""
    p, q = w.shape[-2:]
    h = np.ascontiguousarray(h, np.result_type(h, w))
    i = np.arange(m)
    h.reshape(p, m, q, m)[:, i, :, i] += w
    return h
'''

_PLUS_OUTER_BLOCKS = '''\
def _plus_outer_blocks(h, w, m):
    """h plus the block diagonal matrix of the blocks w[i], in the memory of h; w a matrix stands for I ⊗ w."""
    p, q = w.shape[-2:]
    h = np.ascontiguousarray(h, np.result_type(h, w))
    i = np.arange(m)
    h.reshape(m, p, m, q)[i, :, i, :] += w
    return h
'''

_INSIDE = '''\
def _inside(a, p, b):
    """The matrices a Diag(p[i]) b, as one product of Khatri-Rao rows, or one by one where these would take much memory."""
    (r, n), c, m = a.shape, b.shape[1], len(p)
    if n * r * c <= 1 << 21:
        return (p @ (a[:, None, :] * b.T).reshape(r * c, n).T).reshape(m, r, c)
    out = np.empty((m, r, c), np.result_type(a, p, b))
    for i in range(m):
        np.matmul(a * p[i], b, out=out[i])
    return out
'''

_INSIDE_BOTH = '''\
def _inside(a, p, b):
    """The matrices a Diag(p[i]) b, as one product of Khatri-Rao rows."""
    r, c = a.shape[0], b.shape[1]
    return (p @ (a[:, None, :] * b.T).reshape(r * c, -1).T).reshape(p.shape[0], r, c)
'''

_BLOCKS_JAX = {
    "_block_diagonal": '''\
def _block_diagonal(w):
    """The block diagonal matrix of the blocks w[i]."""
    m, p, q = w.shape
    i = jnp.arange(m)
    return jnp.zeros((m, p, m, q), w.dtype).at[i, :, i, :].set(w).reshape(m * p, m * q)
''',
    "_plus_blocks": '''\
def _plus_blocks(h, w, m):
    """h plus the matrix of the blocks Diag(w[:, a, b]); w a matrix stands for w ⊗ I."""
    p, q = w.shape[-2:]
    i = jnp.arange(m)
    return h.reshape(p, m, q, m).at[:, i, :, i].add(w).reshape(h.shape)
''',
    "_plus_outer_blocks": '''\
def _plus_outer_blocks(h, w, m):
    """h plus the block diagonal matrix of the blocks w[i]; w a matrix stands for I ⊗ w."""
    p, q = w.shape[-2:]
    i = jnp.arange(m)
    return h.reshape(m, p, m, q).at[i, :, i, :].add(w).reshape(h.shape)
''',
}
_BLOCKS_TORCH = {
    "_block_diagonal": '''\
def _block_diagonal(w):
    """The block diagonal matrix of the blocks w[i]."""
    return torch.block_diag(*w)
''',
    "_plus_blocks": '''\
def _plus_blocks(h, w, m):
    """h plus the matrix of the blocks Diag(w[:, a, b]), in the memory of h; w a matrix stands for w ⊗ I."""
    p, q = w.shape[-2:]
    h = h.contiguous()
    torch.diagonal(h.view(p, m, q, m), dim1=1, dim2=3).add_(w.permute(1, 2, 0) if w.ndim == 3 else w[:, :, None])
    return h
''',
    "_plus_outer_blocks": '''\
def _plus_outer_blocks(h, w, m):
    """h plus the block diagonal matrix of the blocks w[i], in the memory of h; w a matrix stands for I ⊗ w."""
    p, q = w.shape[-2:]
    h = h.contiguous()
    torch.diagonal(h.view(m, p, m, q), dim1=0, dim2=2).add_(w.permute(1, 2, 0) if w.ndim == 3 else w[:, :, None])
    return h
''',
}

_KRON_EYE = '''\
def _kron_eye(a, n):
    """a ⊗ I: nothing but the entries that are not zero is written."""
    p, q = a.shape
    h = np.zeros((p, n, q, n), a.dtype)
    i = np.arange(n)
    h[:, i, :, i] = a
    return h.reshape(p * n, q * n)
'''

_EYE_KRON = '''\
def _eye_kron(n, a):
    """I ⊗ a: nothing but the entries that are not zero is written."""
    p, q = a.shape
    h = np.zeros((n, p, n, q), a.dtype)
    i = np.arange(n)
    h[i, :, i, :] = a
    return h.reshape(n * p, n * q)
'''

_KRON_DIAG = '''\
def _kron_diag(a, d):
    """a ⊗ Diag(d): nothing but the entries that are not zero is computed."""
    n, (p, q) = len(d), a.shape
    h = np.zeros((p, n, q, n), np.result_type(a, d))
    i = np.arange(n)
    h[:, i, :, i] = d[:, None, None] * a
    return h.reshape(p * n, q * n)
'''

_DIAG_KRON = '''\
def _diag_kron(d, a):
    """Diag(d) ⊗ a: nothing but the entries that are not zero is computed."""
    n, (p, q) = len(d), a.shape
    h = np.zeros((n, p, n, q), np.result_type(a, d))
    i = np.arange(n)
    h[i, :, i, :] = d[:, None, None] * a
    return h.reshape(n * p, n * q)
'''

_EYES = '''\
def _kron_eye(a, n):
    """a ⊗ I."""
    return jnp.kron(a, {eye})

---
def _eye_kron(n, a):
    """I ⊗ a."""
    return jnp.kron({eye}, a)

---
def _kron_diag(a, d):
    """a ⊗ Diag(d)."""
    return jnp.kron(a, jnp.diag(d))

---
def _diag_kron(d, a):
    """Diag(d) ⊗ a."""
    return jnp.kron(jnp.diag(d), a)
'''
_EYES_JAX = dict(
    zip(("_kron_eye", "_eye_kron", "_kron_diag", "_diag_kron"), _EYES.format(eye="jnp.eye(n, dtype=a.dtype)").split("\n---\n"), strict=True)
)
_EYES_TORCH = {
    name: f'''\
def {name}({arguments}):
    """{said}: nothing but the entries that are not zero is computed."""
    e = {entries}
    {sizes}
    h = e.new_zeros(({shape}))
    torch.diagonal(h, dim1={rows}, dim2={rows + 2}).copy_(e)
    return h.reshape(p * n, q * n)
'''
    for name, arguments, said, entries, sizes, shape, rows in (
        ("_kron_eye", "a, n", "a ⊗ I", "a[:, :, None]", "p, q = a.shape", "p, n, q, n", 1),
        ("_eye_kron", "n, a", "I ⊗ a", "a[:, :, None]", "p, q = a.shape", "n, p, n, q", 0),
        ("_kron_diag", "a, d", "a ⊗ Diag(d)", "a[:, :, None] * d", "n, (p, q) = len(d), a.shape", "p, n, q, n", 1),
        ("_diag_kron", "d, a", "Diag(d) ⊗ a", "a[:, :, None] * d", "n, (p, q) = len(d), a.shape", "n, p, n, q", 0),
    )
}

_KRON_SUM = '''\
def _kron_sum(left, right):
    """The sum of the Kronecker products of the matrices in two lists, written once: small products of rank len(left)."""
    (p, q), (r, s) = left[0].shape, right[0].shape
    return (np.stack(left, 2)[:, None] @ np.stack(right, 1)).reshape(p * r, q * s)
'''

_COMMUTED_KRON_SUM = '''\
def _commuted_kron_sum(left, right):
    """K times the sum of the Kronecker products of the matrices in two lists, written once, row (i, j) where row (j, i) was."""
    (p, q), (r, s) = left[0].shape, right[0].shape
    return (np.stack(left, 2)[None] @ np.stack(right, 1)[:, None]).reshape(p * r, q * s)
'''

_KRON_SUM_JAX = '''\
def _kron_sum(left, right):
    """The sum of the Kronecker products of the matrices in two lists, written once."""
    (p, q), (r, s) = left[0].shape, right[0].shape
    return sum(a[:, None, :, None] * b[:, None, :] for a, b in zip(left, right)).reshape(p * r, q * s)
'''

_COMMUTED_KRON_SUM_JAX = '''\
def _commuted_kron_sum(left, right):
    """K times the sum of the Kronecker products of the matrices in two lists, written once, row (i, j) where row (j, i) was."""
    (p, q), (r, s) = left[0].shape, right[0].shape
    return sum(a[:, :, None] * b[:, None, None, :] for a, b in zip(left, right)).reshape(p * r, q * s)
'''

_TRACE = '''\
def _trace_of_product(a, b):
    """tr(a b), in tiles that fit into the cache, as one of the two is read down its columns."""
    (m, n), s = a.shape, 128
    if max(m, n) <= 2 * s:
        return np.vdot(a.T, b)
    return sum(np.vdot(a[i : i + s, j : j + s].T, b[j : j + s, i : i + s]) for i in range(0, m, s) for j in range(0, n, s))
'''

_OVER = '''\
def _over(function, x):
    """function(x), in the memory of x if that holds floating-point numbers."""
    return function(x, out=x if x.dtype.kind == "f" else None)
'''

_INTO = '''\
def _into(function, x, y, out):
    """function(x, y), in the memory of `out` if it fits."""
    return function(x, y, out=out if np.result_type(x, y) == out.dtype and out.dtype.kind == "f" else None)
'''

_PLUS_DIAGONAL = '''\
def _plus_diagonal(x, d):
    """x + Diag(d), in the memory of x."""
    x = x.astype(np.result_type(x, d), copy=False)
    x.flat[:: len(x) + 1] += d
    return x
'''

_PLUS_DIAGONALS = '''\
def _plus_diagonals(w, d):
    """w[i] + Diag(d[i]) for each i, in the memory of w."""
    i = np.arange(w.shape[1])
    w[:, i, i] += d
    return w
'''

_FACTOR = '''\
def _factor(a):
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    a = np.asarray(a)
    (getrf,) = sla.get_lapack_funcs(("getrf",), (a,))
    c, pivots, _ = getrf(a)
    if _doubtful(c, 0.6) and _singular(a, lambda b, trans: sla.lu_solve((c, pivots), b, trans, check_finite=False)):
        i = np.abs(c.diagonal()).argmin()
        c[i, i] = 0
    return c, pivots
'''

_DOUBTFUL = '''\
def _doubtful(c, power):
    """Whether a number on the diagonal of a factor is so small beside the entries that it may come of rounding."""
    (nrm2,) = sla.get_blas_funcs(("nrm2",), (c,))
    smallest = min(map(abs, c.diagonal().tolist()), default=np.inf)
    return smallest < np.inf and smallest <= np.finfo(c.dtype).eps ** power * nrm2(c.T.reshape(-1)) < np.inf
'''

_SINGULAR = '''\
def _singular(a, solve):
    """Whether a, its rows and columns scaled, is a singular matrix but for rounding; solve(b, trans) is a^-1 b or a'^-1 b."""
    with np.errstate(all="ignore"):
        rows = np.abs(a).max(1)
        scaled = a / rows[:, None]
        columns = np.abs(scaled).max(0)
        x = columns * solve(rows * np.cos(np.arange(len(a))), 0)  # mostly along the smallest singular value
        y = rows * solve(columns * x, 1)
        smallest, norm = np.linalg.norm(x) / np.linalg.norm(y), np.linalg.norm(scaled / columns)
    return not smallest > 4 * np.finfo(x.dtype).eps * norm
'''

_WHOLE = '''\
def _whole(a, diagonal):
    """A symmetric matrix, of which potrf has overwritten the upper triangle and the diagonal."""
    lower = np.tril(a, -1)
    whole = lower + lower.T
    whole.flat[:: len(a) + 1] = diagonal
    return whole
'''

_CHOLESKY = '''\
def _cholesky(a, overwrite=False):
    """A Cholesky factor, in a lower triangle.  Raises LinAlgError where a is not symmetric and positive definite."""
    a = np.asarray(a)
    if np.iscomplexobj(a):
        return _factor(a)
    (potrf,), (nrm2,) = sla.get_lapack_funcs(("potrf",), (a,)), sla.get_blas_funcs(("nrm2",), (a,))
    v = np.cos(np.arange(len(a)))
    av, va, diagonal = a @ v, v @ a, a.diagonal().copy()
    c, info = potrf(a.T, lower=True, clean=False, overwrite_a=overwrite)
    symmetric = not len(a) or nrm2(av - va) <= len(a) * np.finfo(c.dtype).eps ** 0.5 * nrm2(av)
    if not info and _doubtful(c, 0.3):
        info = _singular(_whole(a, diagonal), lambda b, trans: sla.cho_solve((c, True), b, check_finite=False))
    if info or not symmetric:
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not {'positive definite' if symmetric else 'symmetric'}")
    return c, None
'''

_CHOLESKY_OR_LU = '''\
def _cholesky_or_lu(a, overwrite=False):
    """A Cholesky factor of a symmetric matrix, in a lower triangle; an LU factorisation if it is indefinite, or singular."""
    a = np.asarray(a)
    if np.iscomplexobj(a):
        return _factor(a)
    (potrf,) = sla.get_lapack_funcs(("potrf",), (a,))
    diagonal = a.diagonal().copy()
    c, info = potrf(a.T, lower=True, clean=False, overwrite_a=overwrite)
    if info == 0 and not _doubtful(c, 0.3):
        return c, None
    a = _whole(a, diagonal)
    if info == 0 and not _singular(a, lambda b, trans: sla.cho_solve((c, True), b, check_finite=False)):
        return c, None
    return _factor(a)
'''

_SOLVE = '''\
def _solve(factor, b, trans=0):
    """The solution of a x = b, from a factor of a.  Raises LinAlgError where a is singular."""
    c, pivots = factor
    if not b.size:
        return np.zeros_like(b, np.result_type(c, b))
    potrs, getrs = sla.get_lapack_funcs(("potrs", "getrs"), (c, b))
    if pivots is None:
        return potrs(c, b, lower=True)[0]
    if not all(c.diagonal().tolist()):
        raise np.linalg.LinAlgError(f"a matrix {c.shape} is singular")
    return getrs(c, pivots, b, trans=trans)[0]
'''

_INVERSE = '''\
def _inverse(factor):
    """The inverse of a, from a factor of a.  Raises LinAlgError where a is singular."""
    c, pivots = factor
    if pivots is None:
        (potri,) = sla.get_lapack_funcs(("potri",), (c,))
        x, info = potri(c, lower=True)
    else:
        getri, getri_lwork = sla.get_lapack_funcs(("getri", "getri_lwork"), (c,))
        x, info = getri(c, pivots, lwork=int(getri_lwork(len(c))[0].real))
    if info:
        raise np.linalg.LinAlgError(f"a matrix {c.shape} is singular")
    if pivots is not None:
        return x
    x = x.T
    for i in range(0, len(x), 128):  # potri gives a triangle: mirrored in pieces that fit into the cache
        j = i + 128
        piece = x[i:j, i:j]
        piece[:] = np.triu(piece) + np.triu(piece, 1).T
        x[j:, i:j] = x[i:j, j:].T
    return x
'''

_ADJ = '''\
def _adj(factor, a):
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = np.abs(factor[0].diagonal())
    if not d.min() <= 1e-6 * d.max() < np.inf:
        return _det(factor) * _inverse(factor)
    u, s, vt = np.linalg.svd(a)
    others = np.where(np.eye(len(s)) == 1, 1, s).prod(1)
    return (vt.T.conj() * (np.linalg.det(u) * np.linalg.det(vt) * others).astype(u.dtype)) @ u.T.conj()
'''

_OTHERS = '''\
def _others(x):
    """For each entry the product of the others."""
    flat = x.reshape(-1)
    before, after = np.ones_like(flat), np.ones_like(flat)
    before[1:], after[:-1] = flat[:-1].cumprod(), flat[:0:-1].cumprod()[::-1]
    return (before * after).reshape(x.shape)
'''

_OTHERS_BOTH = '''\
def _others(x):
    """For each entry the product of the others."""
    flat, one = x.reshape(-1), {one}
    before, after = {cat}([one, flat[:-1]]).cumprod(0), {cat}([one, {flip}(flat[1:])]).cumprod(0)
    return (before * {flip}(after)).reshape(x.shape)
'''

_INVERSE_TIMES_TERM = '''\
def _inverse_times_term(inverse, e, a, c):
    """inverse e, where inverse is that of a e + c I: (I - c inverse) / a, unless a e is so small that this cancels."""
    if c * c > 1e4 * a * a * np.vdot(e, e):
        return inverse @ e
    out = inverse * (-c / a)
    out.flat[:: len(e) + 1] += 1 / a
    return out
'''

_LOGDET = '''\
def _logdet(factor):
    """log |det a|, from a factor of a."""
    c, pivots = factor
    with np.errstate(divide="ignore"):  # log 0 is -inf
        return np.log(np.abs(np.diagonal(c))).sum() * (2 if pivots is None else 1)
'''

_DET = '''\
def _det(factor):
    """det a, from a factor of a."""
    c, pivots = factor
    d = np.prod(np.diagonal(c))
    if pivots is None:
        return d * d
    return -d if np.count_nonzero(pivots != np.arange(len(c))) % 2 else d
'''

_RESOLVENT = '''\
def _resolvent(a):
    """The pseudoinverse of v I - a, v the largest eigenvalue of the symmetric matrix a, which is a simple one."""
    values, vectors = np.linalg.eigh(a)
    others = vectors[:, :-1]
    return others / (values[-1] - values[:-1]) @ others.T
'''

_PINV_OF_RANK = '''\
def _pinv_of_rank(a, rank):
    """The pseudoinverse.  Raises LinAlgError where a has a smaller rank."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    if len(s) < rank or not s.min() > 10 * max(a.shape) * np.finfo(s.dtype).eps * s.max():
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not of rank {rank}, so that its Gram matrix is singular")
    return (vt.T.conj() / s) @ u.T.conj()
'''

_PINV_OF_RANK_BOTH = '''\
def _pinv_of_rank(a, rank):
    """The pseudoinverse; nan where a has a smaller rank."""
    u, s, vt = {np}.linalg.svd(a, full_matrices=False)
    full = (s.min() > 10 * max(a.shape) * {np}.finfo(s.dtype).eps * s.max()) & (len(s) >= rank)
    return (vt.T.conj() / {np}.where(full, s, {np}.nan)) @ u.T.conj()
'''

_ARRAY = '''\
def _array(rows):
    """The array of these entries, among which Python's numbers do not make single precision double."""
    entries = [s for row in rows for s in (row if isinstance(row, list) else [row])]
    return np.array(rows, np.result_type(*entries))
'''

_CONSTANT = '''\
def _constant(value, like):
    """A number as an array of floating-point numbers, in the precision of an argument."""
    return np.asarray(value, np.finfo(np.result_type(like.dtype, np.float32)).dtype)
'''

_CONSTANT_JAX = '''\
def _constant(value, like):
    """A number as an array of floating-point numbers, in the precision of an argument."""
    return jnp.asarray(value, jnp.finfo(jnp.promote_types(like.dtype, jnp.float32)).dtype)
'''

_CONSTANT_TORCH = '''\
def _constant(value, like):
    """A number as a tensor of floating-point numbers, in the precision of an argument."""
    return torch.as_tensor(value, dtype=torch.promote_types(like.dtype, torch.float32).to_real(), device=like.device)
'''

_SCALAR_TORCH = '''\
def _scalar(s):
    """A number or a scalar as a tensor."""
    return s if torch.is_tensor(s) else torch.tensor(s, dtype=torch.float64)
'''

_STACK_TORCH = '''\
def _stack(entries):
    """The tensor of scalars, of which some are numbers."""
    like = next((s for s in entries if torch.is_tensor(s)), torch.ones((), dtype=torch.float64))
    return torch.stack([s if torch.is_tensor(s) else like.new_tensor(s) for s in entries])
'''


# target → name of the routine → (its source, what it needs)
PRELUDES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "numpy": {
        **{name: (text, ()) for name, text in INDEXED["numpy"].items()},
        "_array": (_ARRAY, ()),
        "_constant": (_CONSTANT, ()),
        "_gram": (_GRAM, ()),
        "_gram2": (_GRAM2, ()),
        "_block_diagonal_gram": (_BLOCK_DIAGONAL, ()),
        "_diagonal_blocks": (_DIAGONAL_BLOCKS, ()),
        "_block_diagonal": (_BLOCK_DIAGONAL_OUTER, ()),
        "_plus_blocks": (_PLUS_BLOCKS, ()),
        "_plus_outer_blocks": (_PLUS_OUTER_BLOCKS, ()),
        "_inside": (_INSIDE, ()),
        "_kron_eye": (_KRON_EYE, ()),
        "_eye_kron": (_EYE_KRON, ()),
        "_kron_diag": (_KRON_DIAG, ()),
        "_diag_kron": (_DIAG_KRON, ()),
        "_kron_sum": (_KRON_SUM, ()),
        "_commuted_kron_sum": (_COMMUTED_KRON_SUM, ()),
        "_trace_of_product": (_TRACE, ()),
        "_over": (_OVER, ()),
        "_into": (_INTO, ()),
        "_plus_diagonal": (_PLUS_DIAGONAL, ()),
        "_plus_diagonals": (_PLUS_DIAGONALS, ()),
        "_factor": (_FACTOR, ("_doubtful", "_singular")),
        "_doubtful": (_DOUBTFUL, ()),
        "_singular": (_SINGULAR, ()),
        "_whole": (_WHOLE, ()),
        "_cholesky": (_CHOLESKY, ("_factor", "_whole")),
        "_cholesky_or_lu": (_CHOLESKY_OR_LU, ("_factor", "_whole")),
        "_solve": (_SOLVE, ()),
        "_inverse": (_INVERSE, ()),
        "_inverse_times_term": (_INVERSE_TIMES_TERM, ()),
        "_logdet": (_LOGDET, ()),
        "_det": (_DET, ()),
        "_resolvent": (_RESOLVENT, ()),
        "_pinv_of_rank": (_PINV_OF_RANK, ()),
        "_adj": (_ADJ, ("_det", "_inverse")),
        "_others": (_OTHERS, ()),
        **{name: (text, ()) for name, text in ROUTINES.items()},
    },
    "jax": {
        **{name: (text, ()) for name, text in INDEXED["jax"].items()},
        "_constant": (_CONSTANT_JAX, ()),
        **MATRIX_FUNCTIONS_JAX,
        "_resolvent": (_RESOLVENT.replace("np.", "jnp."), ()),
        "_pinv_of_rank": (_PINV_OF_RANK_BOTH.format(np="jnp"), ()),
        "_others": (_OTHERS_BOTH.format(one="jnp.ones(1, x.dtype)", cat="jnp.concatenate", flip="jnp.flip"), ()),
        "_gram": (_GRAM_JAX, ()),
        "_gram2": (_GRAM2, ()),
        "_block_diagonal_gram": (_BLOCK_DIAGONAL_JAX, ()),
        "_diagonal_blocks": (_DIAGONAL_BLOCKS_JAX, ()),
        **{name: (text, ()) for name, text in _BLOCKS_JAX.items()},
        "_inside": (_INSIDE_BOTH, ()),
        **{name: (text, ()) for name, text in _EYES_JAX.items()},
        "_kron_sum": (_KRON_SUM_JAX, ()),
        "_commuted_kron_sum": (_COMMUTED_KRON_SUM_JAX, ()),
        **{name: (text, NEEDED_JAX.get(name, ())) for name, text in FACTOR_JAX.items()},
    },
    "torch": {
        **{name: (text, ()) for name, text in INDEXED["torch"].items()},
        "_constant": (_CONSTANT_TORCH, ()),
        "_scalar": (_SCALAR_TORCH, ()),
        "_stack": (_STACK_TORCH, ()),
        **MATRIX_FUNCTIONS_TORCH,
        "_resolvent": (_RESOLVENT.replace("np.", "torch."), ()),
        "_pinv_of_rank": (_PINV_OF_RANK_BOTH.format(np="torch"), ()),
        "_others": (_OTHERS_BOTH.format(one="x.new_ones(1)", cat="torch.cat", flip="torch.flipud"), ()),
        "_gram": (_GRAM_TORCH, ()),
        "_gram2": (_GRAM2, ()),
        "_block_diagonal_gram": (_BLOCK_DIAGONAL_TORCH, ()),
        "_diagonal_blocks": (
            _DIAGONAL_BLOCKS.replace("np.zeros((p, m, q, m), w.dtype)", "w.new_zeros((p, m, q, m))").replace("np.", "torch."),
            (),
        ),
        **{name: (text, ()) for name, text in _EYES_TORCH.items()},
        **{name: (text, ()) for name, text in _BLOCKS_TORCH.items()},
        "_inside": (_INSIDE_BOTH, ()),
        "_kron_sum": (_KRON_SUM.replace("np.", "torch."), ()),
        "_commuted_kron_sum": (_COMMUTED_KRON_SUM.replace("np.", "torch."), ()),
        **{name: (text, NEEDED_TORCH.get(name, ())) for name, text in FACTOR_TORCH.items()},
    },
}
