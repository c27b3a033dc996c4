"""Routines for functions of matrices and their derivatives, that JAX and PyTorch lack.

A text serves both: its names for the library, and what differs between them, are filled in.
"""

from __future__ import annotations

_LOGM = '''\
def _logm(a):
    """The principal logarithm: eight square roots, then Gauss-Legendre quadrature of its integral (Higham 2008, 11.2).

    nan where it is not real, or where a is singular.
    """
    eye, s = {eye}, {np}.linalg.svdvals(a)
    regular = s.min() > {np}.finfo(s.dtype).eps * s.max()
    for _ in range(8):
        a = {sqrtm}
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
        total = total + weight / 2 * {np}.linalg.solve(eye + (node + 1) / 2 * x, x)
    return {np}.where(regular, 256 * total, {np}.nan)
'''

_FRECHET = '''\
def _frechet(f, a, e):
    """The Fréchet derivative of a function of matrices, from its value at a block matrix (Higham 2008, 3.16)."""
    n, size = a.shape[0], {np}.abs(e).max() / {np}.abs(a).max()
    size = {np}.where((size > 0) & (size < {np}.inf), size, {np}.ones_like(size))  # the block of e is to be as large as those of a
    block = {np}.concatenate([{np}.concatenate([a, e / size], 1), {np}.concatenate([0 * a, a], 1)], 0)
    return f(block)[:n, n:] * size
'''

_FRECHET2 = '''\
def _frechet2(f, a, y, z):
    """The second Fréchet derivative of a function of matrices, from that of a block matrix (Higham and Relton 2014)."""
    n, o, whole = a.shape[0], 0 * a, {np}.abs(a).max()
    p, q = ({np}.abs(e).max() / whole for e in (y, z))
    p, q = ({np}.where((x > 0) & (x < {np}.inf), x, {np}.ones_like(x)) for x in (p, q))  # all blocks are to be as large
    y, z = y / p, z / q
    rows = [[a, y, z, o], [o, a, o, z], [o, o, a, y], [o, o, o, a]]
    return f({np}.concatenate([{np}.concatenate(row, 1) for row in rows], 0))[:n, -n:] * (p * q)
'''

_COSM = '''\
def _cosm(a):
    """The cosine of a matrix."""
    return {expm}(1j * a).real
'''

_SINM = '''\
def _sinm(a):
    """The sine of a matrix."""
    return {expm}(1j * a).imag
'''

_JACOBIAN = '''\
def _jacobian(f, a):
    """The matrix of a linear function of matrices like a, between columns stacked."""
    n = a.shape[0] * a.shape[1]
    units = {units}.reshape(n, a.shape[1], a.shape[0])
    return {vmap}(lambda unit: f(unit.T).T.reshape(-1), {out}=1)(units)
'''

_SQRTM_JAX = '''\
def _sqrtm(a):
    """The principal square root; nan where it is not real."""
    y = jax.scipy.linalg.sqrtm(a)
    return jnp.where(jnp.abs(y.imag).max() <= 1e-8 * jnp.abs(y).max(), y.real, jnp.nan)
'''

_SQRTM_TORCH = '''\
def _sqrtm(a):
    """The principal square root, by the iteration of Denman and Beavers (Higham 2008, 6.15); nan where it finds none."""
    y, z = a, torch.eye(a.shape[0]).to(a)
    for _ in range(30):
        y, z = (y + torch.linalg.inv_ex(z)[0]) / 2, (z + torch.linalg.inv_ex(y)[0]) / 2
    wrong = torch.linalg.matrix_norm(y @ y - a) > torch.finfo(a.dtype).eps ** 0.5 * torch.linalg.matrix_norm(a)
    return torch.where(wrong, torch.nan, y)
'''

_POLAR = '''\
def _polar(a):
    """The polar factor; nan where a is not of full rank."""
    u, s, vt = {np}.linalg.svd(a, full_matrices=False)
    full = s.min() > 10 * max(a.shape) * {np}.finfo(s.dtype).eps * s.max()
    return {np}.where(full, u @ vt, {np}.nan)
'''

_SYLVESTER = '''\
def _sylvester(a, b, c):
    """The solution of a x + x b = c, in the eigenvectors of a and b; nan where there is none."""
    p, u = torch.linalg.eig(a)
    q, v = torch.linalg.eig(b)
    total = p[:, None] + q
    total = torch.where(total.abs() > 1e-14 * (p.abs().max() + q.abs().max()), total, torch.nan)  # a and -b share an eigenvalue
    return (u @ (torch.linalg.solve(u, c.to(u)) @ v / total) @ torch.linalg.inv(v)).real
'''

_JAX = {
    "np": "jnp",
    "eye": "jnp.eye(a.shape[0], dtype=a.dtype)",
    "sqrtm": "_sqrtm(a)",
    "expm": "jax.scipy.linalg.expm",
    "units": "jnp.eye(n, dtype=a.dtype)",
    "vmap": "jax.vmap",
    "out": "out_axes",
}
_TORCH = {
    "np": "torch",
    "eye": "torch.eye(a.shape[0]).to(a)",
    "sqrtm": "_sqrtm(a)",
    "expm": "torch.linalg.matrix_exp",
    "units": "torch.eye(n).to(a)",
    "vmap": "torch.func.vmap",
    "out": "out_dims",
}

Routines = dict[str, tuple[str, tuple[str, ...]]]  # name → source, what it needs


def _of_both(words: dict[str, str], *needed: str) -> Routines:
    return {
        "_logm": (_LOGM.format(**words), needed),
        "_cosm": (_COSM.format(**words), ()),
        "_sinm": (_SINM.format(**words), ()),
        "_frechet": (_FRECHET.format(**words), ()),
        "_frechet2": (_FRECHET2.format(**words), ()),
        "_jacobian": (_JACOBIAN.format(**words), ()),
        "_polar": (_POLAR.format(**words), ()),
    }


MATRIX_FUNCTIONS_JAX = {"_sqrtm": (_SQRTM_JAX, ()), **_of_both(_JAX, "_sqrtm")}
MATRIX_FUNCTIONS_TORCH = {"_sqrtm": (_SQRTM_TORCH, ()), **_of_both(_TORCH, "_sqrtm"), "_sylvester": (_SYLVESTER, ())}
