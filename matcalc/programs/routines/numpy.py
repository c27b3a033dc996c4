"""Routines of programs for NumPy: what the library lacks, or has only piece by piece.

A program brings along the text of those that it uses.  JAX and PyTorch have those of the same name, or these under their own names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.linalg as sla
import scipy.sparse as sps

Array = Any
Factor = tuple[Any, ...]  # LU and pivots; a Cholesky factor and None
Function = Callable[..., Any]


def _places(labels: Array, count: int) -> Array:
    """Labels 1 … count as places from 0.  Raises IndexError for others."""
    places = np.asarray(labels).astype(int) - 1
    if places.size and not (places.min() >= 0 and places.max() < count):
        raise IndexError(f"labels are from 1 to {count}")
    return places


def _added_at(values: Array, places: Array, count: int) -> Array:
    """The sum of the values at each place: of the first axes of values, which places has."""
    rows = values.reshape(places.size, -1)
    here = (np.ones(places.size, rows.dtype), places.ravel(), np.arange(places.size + 1))
    return (sps.csr_array(here, (places.size, count)).T @ rows).reshape(count, *values.shape[places.ndim :])


def _along(a: Array, places: Array) -> Array:
    """The entries of the first axis at places that depend on the other axes."""
    shape = np.broadcast_shapes(a.shape[1:], places.shape)
    return np.take_along_axis(a, np.broadcast_to(places, shape)[None], 0)[0]


def _each(function: Function, levels: Sequence[Any], *args: Array) -> Array:
    """The function for each index, one level for each axis: along the first axis of the arguments where it says 0."""
    if not levels:
        return function(*args)
    count = next(len(a) for a, k in zip(args, levels[0]) if k == 0)
    taken = ([a[i] if k == 0 else a for a, k in zip(args, levels[0])] for i in range(count))
    return np.array([_each(function, levels[1:], *some) for some in taken])


def _array(rows: Any) -> Array:
    """The array of these entries, among which Python's numbers do not make single precision double."""
    entries = [s for row in rows for s in (row if isinstance(row, list) else [row])]
    return np.array(rows, np.result_type(*entries))


def _constant(value: Array, like: Array) -> Array:
    """A number as an array of floating-point numbers, in the precision of an argument."""
    return np.asarray(value, np.finfo(np.result_type(like.dtype, np.float32)).dtype)


def _gram(x: Array, w: Array) -> Array:
    """The matrix of the blocks x' Diag(w[:, a, b]) x, as one product of Khatri-Rao rows; symmetry halves them, or the blocks."""
    n, c = x.shape[1], w.shape[1]
    if n <= 8:  # where halves cost more to tell apart than to compute
        return _gram2(x, w, x)
    h = np.empty((c, n, c, n), np.result_type(x, w))
    blocks = h.transpose(0, 2, 1, 3)
    if n >= 6 * c:  # a few large blocks
        xt, wt, half = np.ascontiguousarray(x.T), np.ascontiguousarray(w.transpose(1, 2, 0)), np.array_equal(w, w.swapaxes(1, 2))
        for a, b in np.argwhere(np.tri(c) if half else np.ones((c, c))):
            blocks[a, b] = (xt * wt[a, b]) @ x
            if half:
                blocks[b, a] = blocks[a, b]
        return h.reshape(c * n, c * n)
    j, k = np.triu_indices(n)

    def rows(i: slice) -> Array:
        xt = np.ascontiguousarray(x[i].T)
        return (xt[j] * xt[k]).T

    g = _weighted(w, rows, len(j))
    blocks[:, :, j, k] = g
    blocks[:, :, k, j] = g
    return h.reshape(c * n, c * n)


def _weighted(w: Array, rows: Function, width: int) -> Array:
    """The sums of Khatri-Rao rows, weighted with each w[:, a, b]: of as many samples at a time as stay in the cache."""
    step, (p, q) = max(64, (1 << 17) // max(width, 1)), w.shape[1:]
    pieces = [slice(i, i + step) for i in range(0, max(len(w), 1), step)]
    return sum(w[i].reshape(-1, p * q).T @ rows(i) for i in pieces).reshape(p, q, width)


def _gram2(x: Array, w: Array, y: Array) -> Array:
    """The matrix of the blocks x' Diag(w[:, a, b]) y, as one product of Khatri-Rao rows; a few large blocks one by one."""
    _, p, q = w.shape
    if min(x.shape[1], y.shape[1]) >= 6 * max(p, q):
        return np.concatenate([np.concatenate([(x.T * w[:, a, b]) @ y for b in range(q)], 1) for a in range(p)], 0)
    r, s = x.shape[1], y.shape[1]
    g = _weighted(w, lambda i: (x[i, :, None] * y[i, None, :]).reshape(-1, r * s), r * s)
    return g.reshape(p, q, r, s).swapaxes(1, 2).reshape(p * r, q * s)


def _block_diagonal_gram(x: Array, w: Array, y: Array) -> Array:
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    p, q, c = x.shape[1], y.shape[1], w.shape[1]
    xt, wt = np.ascontiguousarray(x.T), np.ascontiguousarray(w.T)
    h = np.zeros((c, p, c, q), np.result_type(x, w, y))
    for a in range(c):
        h[a, :, a] = (xt * wt[a]) @ y
    return h.reshape(c * p, c * q)


def _inside(a: Array, p: Array, b: Array) -> Array:
    """The matrices a Diag(p[i]) b, as one product of Khatri-Rao rows, or one by one where these would take much memory."""
    (r, n), c, m = a.shape, b.shape[1], len(p)
    if n * r * c <= 1 << 21:
        return (p @ (a[:, None, :] * b.T).reshape(r * c, n).T).reshape(m, r, c)
    out = np.empty((m, r, c), np.result_type(a, p, b))
    for i in range(m):
        np.matmul(a * p[i], b, out=out[i])
    return out


def _gram_by_sign(x: Array, w: Array) -> Array:
    """x' Diag(w) x, as what the rows with positive weights make less what the others do: BLAS computes half of the entries of each."""
    negative = w < 0
    a, b = (np.sqrt(np.abs(w[rows]))[:, None] * x[rows] for rows in (~negative, negative))
    h = a.T @ a
    h -= b.T @ b
    return h


def _plus_blocks(h: Array, w: Array, m: int, outer: bool = False) -> Array:
    """h plus the matrix of the blocks Diag(w[:, a, b]), in the memory of h; of `outer`, of the diagonal blocks w[i].

    w a matrix stands for w ⊗ I, and for I ⊗ w.
    """
    h = np.ascontiguousarray(h, np.result_type(h, w))
    blocks = _blocks(h, w, m, outer)
    blocks += w
    return h


def _of_blocks(w: Array, m: int, outer: bool = False) -> Array:
    """The matrix of the blocks Diag(w[:, a, b]), or of `outer` ones: nothing but the entries that are not zero is written."""
    p, q = w.shape[-2:]
    h = np.zeros((p * m, q * m), w.dtype)
    _blocks(h, w, m, outer)[:] = w
    return h


def _blocks(h: Array, w: Array, m: int, outer: bool) -> Array:
    """The places of the blocks w in h, as a view."""
    p, q = w.shape[-2:]
    return np.einsum("ipiq->ipq", h.reshape(m, p, m, q)) if outer else np.einsum("piqi->ipq", h.reshape(p, m, q, m))


def _plus_diagonal(x: Array, d: Array) -> Array:
    """x + Diag(d), in the memory of x; x[i] + Diag(d[i]) for each i where there are such."""
    if x.dtype is not getattr(d, "dtype", None) and (x.dtype.kind != "f" or not isinstance(d, int | float)):
        x = x.astype(np.result_type(x, d), copy=False)
    if x.ndim == 2:
        x.flat[:: len(x) + 1] += d
    else:
        np.einsum("...ii->...i", x)[...] += d
    return x


def _lapack(name: str, a: Array, b: Array = None) -> Function:
    """LAPACK's function of that name for the numbers of the arrays."""
    if a.dtype.char == "d" and (b is None or b.dtype.char == "d"):
        return getattr(sla.lapack, "d" + name)
    return sla.get_lapack_funcs((name,), (a,) if b is None else (a, b))[0]


def _kron_sum(left: Sequence[Array], right: Sequence[Array], commuted: bool = False) -> Array:
    """The sum of the Kronecker products of the matrices in two lists, written once: small products of rank len(left).

    K times that where it is `commuted`: row (i, j) where row (j, i) was.
    """
    (p, q), (r, s) = left[0].shape, right[0].shape
    if len(left) == 1:
        a, b = left[0][:, None, :, None], right[0][None, :, None, :]
        return (a.swapaxes(0, 1) * b.swapaxes(0, 1) if commuted else a * b).reshape(p * r, q * s)
    a, b = np.stack(left, 2), np.stack(right, 1)
    return (a[None] @ b[:, None] if commuted else a[:, None] @ b).reshape(p * r, q * s)


def _eigh(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and orthonormal eigenvectors of a symmetric matrix.  Raises LinAlgError where it is not symmetric."""
    a = np.asarray(a)
    if np.iscomplexobj(a):  # v v' = I without conjugation
        w, v = np.linalg.eig(a)
        return w, v / np.sqrt((v * v).sum(0))
    if not _is_hermitian(a):
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not symmetric")
    return np.linalg.eigh(a)


def _half_solve(factor: Factor, b: Array) -> Array:
    """h with h'h = b'a^-1 b, from a factor of a: L^-1 b for Cholesky's.  Raises LinAlgError where a is singular."""
    c, pivots = factor
    if pivots is None:
        return _lapack("trtrs", c, b)(c, b, lower=True)[0]
    a = (np.tril(c, -1) + np.eye(len(c))) @ np.triu(c)
    for i, j in reversed(list(enumerate(pivots))):
        a[[i, j]] = a[[j, i]]
    w, v = np.linalg.eig(a)
    if not all(c.diagonal().tolist()) or not np.iscomplexobj(a) and not (w.real > 0).all():
        raise np.linalg.LinAlgError(f"a matrix {c.shape} is singular")
    return (v / np.sqrt((v * v).sum(0) * w)).T @ b


def _trace_of_product(a: Array, b: Array) -> Array:
    """tr(a b), without an array for the transpose of one of the two where they are large."""
    return np.vdot(a, b.T) if a.size <= 1024 else np.einsum("ij,ji->", a, b)


def _over(function: Function, x: Array) -> Array:
    """function(x), in the memory of x if that holds floating-point numbers."""
    return function(x, out=x if x.dtype.kind == "f" else None)


def _into(function: Function, x: Array, y: Array, out: Array) -> Array:
    """function(x, y), in the memory of `out` if it fits."""
    return function(x, y, out=out if np.result_type(x, y) == out.dtype and out.dtype.kind == "f" else None)


def _finite_exp(x: Array) -> Array:
    """exp(x), and exp(709) where x is larger."""
    below = np.minimum(x, 88 if getattr(x, "dtype", None) == np.float32 else 709)
    return np.exp(below, out=below if isinstance(below, np.ndarray) and below.dtype.kind == "f" else None)


def _factor(a: Array) -> Factor:
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    a = np.asarray(a)
    c, pivots, _ = _lapack("getrf", a)(a)
    smallest = min(map(abs, c.diagonal().tolist()), default=np.inf)
    if (  # it may come of rounding
        smallest**2 <= (2e-16 if c.dtype.char == "d" else np.finfo(c.dtype).eps) * np.vdot(c.T, c.T).real
        and _singular(a, lambda b, trans: sla.lu_solve((c, pivots), b, trans, check_finite=False))
    ):
        i = np.abs(c.diagonal()).argmin()
        c[i, i] = 0
    return c, pivots


def _singular(a: Array, solve: Function) -> bool:
    """Whether a, its rows and columns scaled, is a singular matrix but for rounding; solve(b, trans) is a^-1 b or a'^-1 b."""
    with np.errstate(all="ignore"):
        rows = np.abs(a).max(1)
        scaled = a / rows[:, None]
        columns = np.abs(scaled).max(0)
        x = columns * solve(rows * np.cos(np.arange(len(a))), 0)  # mostly along the smallest singular value
        y = rows * solve(columns * x, 1)
        smallest, norm = np.linalg.norm(x) / np.linalg.norm(y), np.linalg.norm(scaled / columns)
    return not smallest > 4 * np.finfo(x.dtype).eps * norm


def _doubtful(c: Array, diagonal: Sequence[float]) -> bool:
    """Whether a Cholesky factor of a matrix with this diagonal has a number on its own that may come of rounding."""
    pivots = c.diagonal().tolist()
    small = 4e-10 if c.dtype.char == "d" else np.finfo(c.dtype).eps ** 0.6
    return bool(pivots) and min(pivots) ** 2 <= small * sum(diagonal) < np.inf


def _is_hermitian(a: Array) -> bool:
    """Whether a is its conjugate transpose but for rounding: by its entries where they are few, else by its products with a vector."""
    if len(a) <= 32 and a.dtype.kind != "c" and a.tobytes() == a.T.tobytes():
        return True
    v = np.cos(np.arange(len(a)))
    av = a @ v
    return not np.linalg.norm(av - (v @ a).conj()) > len(a) * np.finfo(a.dtype).eps ** 0.5 * np.linalg.norm(av)


def _whole(a: Array, diagonal: Sequence[float]) -> Array:
    """A symmetric matrix, of which potrf has overwritten the upper triangle and the diagonal."""
    lower = np.tril(a, -1)
    whole = lower + lower.T
    whole.flat[:: len(a) + 1] = diagonal
    return whole


def _cholesky(a: Array, overwrite: bool = False, made: bool = False) -> Factor:
    """A Cholesky factor, in a lower triangle.  Raises LinAlgError where a is not symmetric and positive definite.

    What was `made`, and not given, is symmetric.
    """
    a = np.asarray(a)
    if a.dtype.kind == "c":
        return _factor(a)
    potrf = _lapack("potrf", a)
    symmetric, diagonal = made or _is_hermitian(a), a.diagonal().tolist()
    c, info = potrf(a.T, lower=True, clean=False, overwrite_a=overwrite)
    if not info and _doubtful(c, diagonal):
        info = _singular(_whole(a, diagonal), lambda b, trans: sla.cho_solve((c, True), b, check_finite=False))
    if info or not symmetric:
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not {'positive definite' if symmetric else 'symmetric'}")
    return c, None


def _cholesky_of_hermitian(a: Array) -> Factor:
    """A Cholesky factor, in a lower triangle.  Raises LinAlgError where a is not Hermitian and positive definite."""
    a = np.asarray(a)
    if not _is_hermitian(a):
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not Hermitian")
    return np.linalg.cholesky(a), None


def _cholesky_or_lu(a: Array, overwrite: bool = False) -> Factor:
    """A Cholesky factor of a symmetric matrix, in a lower triangle; an LU factorisation if it is indefinite, or singular."""
    a = np.asarray(a)
    if a.dtype.kind == "c":
        return _factor(a)
    potrf = _lapack("potrf", a)
    diagonal = a.diagonal().tolist()
    c, info = potrf(a.T, lower=True, clean=False, overwrite_a=overwrite)
    if info == 0 and not _doubtful(c, diagonal):
        return c, None
    a = _whole(a, diagonal)
    if info == 0 and not _singular(a, lambda b, trans: sla.cho_solve((c, True), b, check_finite=False)):
        return c, None
    return _factor(a)


def _solve(factor: Factor, b: Array, trans: int = 0) -> Array:
    """The solution of a x = b, from a factor of a.  Raises LinAlgError where a is singular."""
    c, pivots = factor
    if not b.size:
        return np.zeros_like(b, np.result_type(c, b))
    if pivots is None:
        return _lapack("potrs", c, b)(c, b, lower=True)[0]
    if not all(c.diagonal().tolist()):
        raise np.linalg.LinAlgError(f"a matrix {c.shape} is singular")
    return _lapack("getrs", c, b)(c, pivots, b, trans=trans)[0]


def _inverse(factor: Factor) -> Array:
    """The inverse of a, from a factor of a.  Raises LinAlgError where a is singular."""
    c, pivots = factor
    if pivots is None and (len(c) <= 16 or np.iscomplexobj(c)):  # where a triangle costs more to mirror than to compute
        return _lapack("potrs", c)(c, np.eye(len(c), dtype=c.dtype), lower=True)[0] if len(c) else c
    if pivots is None:
        x, info = _lapack("potri", c)(c, lower=True)
    else:
        room = 0 if len(c) <= 16 else int(_lapack("getri_lwork", c)(len(c))[0].real)
        x, info = _lapack("getri", c)(c, pivots, **{"lwork": room} if room else {})
    if info:
        raise np.linalg.LinAlgError(f"a matrix {c.shape} is singular")
    if pivots is not None:
        return x
    x = x.T
    for i in range(0, len(x), 128):  # potri gives a triangle: mirrored in pieces that fit into the cache
        j = i + 128
        piece = x[i:j, i:j]
        piece[:] = np.where(np.tri(len(piece), dtype=bool), piece.T, piece)
        x[j:, i:j] = x[i:j, j:].T
    return x


def _inverse_times_term(inverse: Array, e: Array, a: Array, c: Array) -> Array:
    """inverse e, where inverse is that of a e + c I: (I - c inverse) / a, unless a e is so small that this cancels."""
    if c * c > 1e4 * a * a * np.vdot(e, e):
        return inverse @ e
    out = inverse * (-c / a)
    out.flat[:: len(e) + 1] += 1 / a
    return out


def _logdet(factor: Factor) -> Array:
    """log |det a|, from a factor of a."""
    c, pivots = factor
    if pivots is None:
        return 2 * np.log(c.diagonal().real).sum()
    with np.errstate(divide="ignore"):  # log 0 is -inf
        return np.log(np.abs(c.diagonal())).sum()


def _det(factor: Factor) -> Array:
    """det a, from a factor of a."""
    c, pivots = factor
    d = np.prod(np.diagonal(c))
    if pivots is None:
        return d * d
    return -d if np.count_nonzero(pivots != np.arange(len(c))) % 2 else d


def _resolvent(a: Array) -> Array:
    """The pseudoinverse of v I - a, v the largest eigenvalue of the symmetric matrix a, which is a simple one."""
    values, vectors = np.linalg.eigh(a)
    others = vectors[:, :-1]
    return others / (values[-1] - values[:-1]) @ others.T


def _pinv_of_rank(a: Array, rank: int) -> Array:
    """The pseudoinverse.  Raises LinAlgError where a has a smaller rank."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    if len(s) < rank or not s.min() > 10 * max(a.shape) * np.finfo(s.dtype).eps * s.max():
        raise np.linalg.LinAlgError(f"a matrix {a.shape} is not of rank {rank}, so that its Gram matrix is singular")
    return (vt.T.conj() / s) @ u.T.conj()


def _adj(factor: Factor, a: Array) -> Array:
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = np.abs(factor[0].diagonal())
    if not d.min() <= 1e-6 * d.max() < np.inf:
        return _det(factor) * _inverse(factor)
    return _adjugate(a)


def _others(x: Array) -> Array:
    """For each entry the product of the others."""
    flat = x.reshape(-1)
    one = flat[:1] ** 0
    before, after = np.concatenate([one, flat[:-1]]).cumprod(0), np.concatenate([one, np.flipud(flat[1:])]).cumprod(0)
    return (before * np.flipud(after)).reshape(x.shape)


def _adjugate(a: Array) -> Array:
    """The adjugate, by singular values."""
    u, s, vt = np.linalg.svd(a)
    others = np.where(np.diag(np.ones_like(s)) == 1, 1, s).prod(1)
    return (vt.T.conj() * (np.linalg.det(u) * np.linalg.det(vt) * others)) @ u.T.conj()
