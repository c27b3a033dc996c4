"""Routines of programs for PyTorch, which decides when a program runs.

Where a matrix is not what is asked of it, singular or not positive definite, there are nan and inf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from matcalc.programs.routines.both import _singular
from matcalc.programs.routines.numpy import _adjugate

Array = Any
Factor = tuple[Any, ...]  # LU and pivots; a Cholesky factor and None
Function = Callable[..., Any]


def _places(labels: Array, count: int) -> Array:
    """Labels 1 … count as places from 0."""
    return torch.as_tensor(labels).long() - 1


def _added_at(values: Array, places: Array, count: int) -> Array:
    """The sum of the values at each place: of the first axes of values, which places has."""
    rest = values.shape[places.ndim :]
    return values.new_zeros((count, *rest)).index_add(0, places.reshape(-1), values.reshape(places.numel(), *rest))


def _along(a: Array, places: Array) -> Array:
    """The entries of the first axis at places that depend on the other axes."""
    shape = torch.broadcast_shapes(a.shape[1:], places.shape)
    return torch.take_along_dim(a.expand(len(a), *shape), places.expand(shape)[None], 0)[0]


def _constant(value: Array, like: Array) -> Array:
    """A number as a tensor of floating-point numbers, in the precision of an argument."""
    return torch.as_tensor(value, dtype=torch.promote_types(like.dtype, torch.float32).to_real(), device=like.device)


def _scalar(s: Array) -> Array:
    """A number or a scalar as a tensor."""
    return s if torch.is_tensor(s) else torch.tensor(s, dtype=torch.complex128 if isinstance(s, complex) else torch.float64)


def _stack(entries: Sequence[Array]) -> Array:
    """The tensor of scalars, of which some are numbers."""
    like = next((s for s in entries if torch.is_tensor(s)), torch.ones((), dtype=torch.float64))
    return torch.stack([s if torch.is_tensor(s) else like.new_tensor(s) for s in entries])


def _sqrtm(a: Array) -> Array:
    """The principal square root, by the iteration of Denman and Beavers (Higham 2008, 6.15); nan where it finds none."""
    y, z = a, torch.eye(a.shape[0]).to(a)
    for _ in range(30):
        y, z = (y + torch.linalg.inv_ex(z)[0]) / 2, (z + torch.linalg.inv_ex(y)[0]) / 2
    wrong = torch.linalg.matrix_norm(y @ y - a) > torch.finfo(a.dtype).eps ** 0.5 * torch.linalg.matrix_norm(a)
    return torch.where(wrong, torch.nan, y)


def _cosm(a: Array) -> Array:
    """The cosine of a matrix."""
    return torch.linalg.matrix_exp(1j * a).real


def _sinm(a: Array) -> Array:
    """The sine of a matrix."""
    return torch.linalg.matrix_exp(1j * a).imag


def _sylvester(a: Array, b: Array, c: Array) -> Array:
    """The solution of a x + x b = c, in the eigenvectors of a and b; nan where there is none."""
    p, u = torch.linalg.eig(a)
    q, v = torch.linalg.eig(b)
    total = p[:, None] + q
    total = torch.where(total.abs() > 1e-14 * (p.abs().max() + q.abs().max()), total, torch.nan)  # a and -b share an eigenvalue
    return (u @ (torch.linalg.solve(u, c.to(u)) @ v / total) @ torch.linalg.inv(v)).real


def _block_diagonal_gram(x: Array, w: Array, y: Array) -> Array:
    """The block diagonal matrix of the blocks x' Diag(w[:, a]) y."""
    return torch.block_diag(*((x.T[None] * w.T[:, None, :]) @ y))


def _plus_blocks(h: Array, w: Array, m: int, outer: bool = False) -> Array:
    """h plus the matrix of the blocks Diag(w[:, a, b]), in the memory of h; of `outer`, of the diagonal blocks w[i].

    w a matrix stands for w ⊗ I, and for I ⊗ w.
    """
    p, q = w.shape[-2:]
    h = h.contiguous()
    blocks = h.view(m, p, m, q) if outer else h.view(p, m, q, m).permute(1, 0, 3, 2)
    torch.diagonal(blocks, dim1=0, dim2=2).add_(w.permute(1, 2, 0) if w.ndim == 3 else w[:, :, None])
    return h


def _of_blocks(w: Array, m: int, outer: bool = False) -> Array:
    """The matrix of these blocks: nothing but the entries that are not zero is written."""
    p, q = w.shape[-2:]
    return _plus_blocks(w.new_zeros((p * m, q * m)), w, m, outer)


def _eigh(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and orthonormal eigenvectors of a symmetric matrix; nan where it is not symmetric."""
    w, v = torch.linalg.eigh(a)
    symmetric = (a - a.T).abs().amax() <= torch.finfo(w.dtype).eps ** 0.5 * a.abs().amax()
    return torch.where(symmetric, w, torch.nan), v


def _factor(a: Array) -> Factor:
    """An LU factorisation; where a is singular, if only but for rounding, there is a zero on its diagonal."""
    c, pivots, _ = torch.linalg.lu_factor_ex(a)
    if _doubtful(c, 0.6):
        d = torch.diagonal(c)
        singular = _singular(a, lambda b, trans: torch.linalg.lu_solve(c, pivots, b[:, None], adjoint=bool(trans))[:, 0])
        least = singular & (torch.arange(len(c), device=c.device) == d.abs().argmin())
        c = c - torch.diag(torch.where(least, d, 0))
    return c, pivots


def _doubtful(c: Array, power: float) -> bool:
    """Whether a number on the diagonal of a factor is so small beside the entries that it may come of rounding."""
    doubtful = torch.diagonal(c).abs().amin() <= torch.finfo(c.dtype).eps ** power * c.abs().amax()
    try:
        return doubtful.item()
    except RuntimeError:  # only torch.vmap knows
        return True


def _cholesky(a: Array) -> Factor:
    """A Cholesky factor; nan where a is not symmetric and positive definite."""
    if a.is_complex():
        return _factor(a)
    c, definite = _by_cholesky(a)
    symmetric = (a - a.T).abs().amax() <= torch.finfo(c.dtype).eps ** 0.5 * a.abs().amax()
    return torch.where(symmetric & definite, c, torch.nan), None


def _cholesky_of_hermitian(a: Array) -> Factor:
    """A Cholesky factor; nan where a is not Hermitian and positive definite."""
    c, info = torch.linalg.cholesky_ex(a)
    hermitian = (a - a.mH).abs().amax() <= torch.finfo(c.dtype).eps ** 0.5 * a.abs().amax()
    return torch.where(hermitian & (info == 0), c, torch.nan), None


def _cholesky_or_lu(a: Array) -> Factor:
    """A Cholesky factor of a symmetric matrix; an LU factorisation if it is indefinite, or if only torch.vmap knows."""
    if a.is_complex():
        return _factor(a)
    c, definite = _by_cholesky(a)
    try:
        definite = definite.item()
    except RuntimeError:
        definite = False
    return (c, None) if definite else _factor(a)


def _by_cholesky(a: Array) -> tuple[Array, Array]:
    """A Cholesky factor, and whether there is one: a is not singular, not even but for rounding."""
    c, info = torch.linalg.cholesky_ex(a)
    definite = info == 0
    if _doubtful(c, 0.3):
        definite = definite & ~_singular(a, lambda b, trans: torch.cholesky_solve(b[:, None], c)[:, 0])
    return c, definite


def _solve(factor: Factor, b: Array, trans: int = 0) -> Array:
    """The solution of a x = b, from a factor of a; nan where a is singular."""
    c, pivots = factor
    x = b if b.ndim == 2 else b[:, None]
    x = torch.cholesky_solve(x, c) if pivots is None else torch.linalg.lu_solve(c, pivots, x, adjoint=bool(trans))
    x = torch.where((torch.diagonal(c) != 0).all(), x, torch.nan)
    return x if b.ndim == 2 else x[:, 0]


def _inverse(factor: Factor) -> Array:
    """The inverse of a, from a factor of a; nan where a is singular."""
    c, pivots = factor
    if pivots is None:
        return torch.cholesky_inverse(c)
    x = torch.linalg.lu_solve(c, pivots, torch.eye(len(c), dtype=c.dtype, device=c.device))
    return torch.where((torch.diagonal(c) != 0).all(), x, torch.nan)


def _logdet(factor: Factor) -> Array:
    """log |det a|, from a factor of a."""
    c, pivots = factor
    return torch.log(torch.abs(torch.diagonal(c))).sum() * (2 if pivots is None else 1)


def _det(factor: Factor) -> Array:
    """det a, from a factor of a."""
    c, pivots = factor
    d = torch.prod(torch.diagonal(c))
    return d * d if pivots is None else d * (-1) ** torch.sum(pivots != torch.arange(1, len(c) + 1).to(pivots))


def _adj(factor: Factor, a: Array) -> Array:
    """The adjugate of a, from a factor of a: det(a) a^-1, and by singular values where that cannot be computed."""
    d = torch.diagonal(factor[0]).abs()
    try:
        regular = not (d.amin() <= 1e-6 * d.amax()).item()
    except RuntimeError:  # only torch.vmap knows
        regular = False
    return _det(factor) * _inverse(factor) if regular else _adjugate(a)
