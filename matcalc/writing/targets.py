"""The targets of programs: how each library is imported, and the few functions it lacks.

A prelude is written before the program that uses it, and only then.
"""

from __future__ import annotations

import re
from functools import cache

from matcalc.errors import UnsupportedError
from matcalc.expr.node import Op
from matcalc.writing.arrays import ADD, ATOM, MUL, Form

TARGETS = ("numpy", "jax", "torch")
SHORT = {"numpy": "np", "jax": "jnp", "torch": "torch"}

# The names templates use for modules.
IMPORTS: dict[str, str] = {
    "np": "numpy", "sc": "scipy.special", "sla": "scipy.linalg", "jnp": "jax.numpy", "jax": "jax", "torch": "torch",
}  # fmt: skip

_LOGM = '''\
def _logm(a):
    """The principal logarithm: eight square roots, then Gauss-Legendre quadrature of its integral (Higham 2008, 11.2)."""
    eye = {eye}
    for _ in range(8):
        a = {sqrtm}
    x, total = a - eye, 0 * a
    for node, weight in zip(*{leggauss}):
        total = total + float(weight) / 2 * {np}.linalg.solve(eye + (float(node) + 1) / 2 * x, x)
    return 256 * total
'''

_FRECHET = '''\
def _logm_frechet(a, e):
    """The Fréchet derivative of the logarithm, from the logarithm of a block matrix (Higham 2008, 3.16)."""
    n = a.shape[0]
    block = {np}.concatenate([{np}.concatenate([a, e], 1), {np}.concatenate([0 * a, a], 1)], 0)
    return _logm(block)[:n, n:]
'''

_SQRTM = '''\
def _sqrtm(a):
    """The principal square root, by the iteration of Denman and Beavers (Higham 2008, 6.15)."""
    y, z = a, torch.eye(a.shape[0]).to(a)
    for _ in range(30):
        y, z = (y + torch.linalg.inv(z)) / 2, (z + torch.linalg.inv(y)) / 2
    return y
'''

_SYLVESTER = '''\
def _sylvester(a, b, c):
    """The solution of a x + x b = c, in the eigenvectors of a and b."""
    p, u = torch.linalg.eig(a)
    q, v = torch.linalg.eig(b)
    return (u @ (torch.linalg.solve(u, c.to(u)) @ v / (p[:, None] + q)) @ torch.linalg.inv(v)).real
'''

_LEGGAUSS = "__import__('numpy').polynomial.legendre.leggauss(12)"
_JAX = {"np": "jnp", "eye": "jnp.eye(a.shape[0], dtype=a.dtype)", "sqrtm": "jax.scipy.linalg.sqrtm(a).real", "leggauss": _LEGGAUSS}
_TORCH = {"np": "torch", "eye": "torch.eye(a.shape[0]).to(a)", "sqrtm": "_sqrtm(a)", "leggauss": _LEGGAUSS}

# target → name of the function → (its source, what it needs)
PRELUDES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "numpy": {},
    "jax": {"_logm": (_LOGM.format(**_JAX), ()), "_logm_frechet": (_FRECHET.format(**_JAX), ("_logm",))},
    "torch": {
        "_sqrtm": (_SQRTM, ()),
        "_logm": (_LOGM.format(**_TORCH), ("_sqrtm",)),
        "_logm_frechet": (_FRECHET.format(**_TORCH), ("_logm",)),
        "_sylvester": (_SYLVESTER, ()),
    },
}

GLOBALS = re.compile(r"(?<![\w.'])(np|sc|sla|jnp|jax|torch|_logm_frechet|_logm|_sqrtm|_sylvester)\b")
Piece = tuple[str, str, bool]  # text, then a placeholder, and whether the operand may stand there without parentheses


@cache
def template(form: Form | Op, target: str) -> str:
    """The form's template for `target`.  Raises UnsupportedError where there is none."""
    text = getattr(form, target)
    if not text and isinstance(form, Form):
        text = re.sub(r"\bnp\.", SHORT[target] + ".", form.numpy)
    if not text:
        raise UnsupportedError(f"{form.name} has no program for {target}")
    return str(text)


@cache
def pieces(text: str) -> tuple[tuple[Piece, ...], str, int]:
    """(text and placeholders in turn, what follows, how tightly the whole binds).

    >>> pieces("np.exp({0})/{1}.T")
    ((('np.exp(', '0', True), (')/', '1', False)), '.T', 3)
    """
    parts = re.split(r"\{(\w+)\}", text)
    out = []
    for before, name, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        opened = before.rstrip(" ").endswith(("(", "[", ",", "{out} =", "+=", "] ="))
        enclosed = opened and (after.startswith((")", "]", ",", "\n")) or after == "")
        out.append((before, name, enclosed))
    bare = text
    while (shorter := re.sub(r"[(\[][^()\[\]]*[)\]]", "", bare)) != bare:
        bare = shorter
    return tuple(out), parts[-1], ADD if re.search(r"[+]| - ", bare) else MUL if re.search(r"[*/@]", bare) else ATOM
