"""Random real functions of complex arguments, as text and as functions of JAX: what is asked is compared with what is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

jnp: Any = pytest.importorskip("jax.numpy")

SIZE = 3
WHERE = (
    "z: (n) complex; w: (n) complex; A: (n, n) complex; B: (n, n) complex; H: (n, n) hermitian; S: (n, n) hpd; "
    "c: scalar complex; t: scalar; x: (n); y: (n) positive; R: (n, n)"
)
REAL = "txyR"
Made = tuple[str, Callable[[dict[str, Any]], Any]]


def values(rng: np.random.Generator) -> dict[str, Any]:
    """Values for all names of WHERE."""

    def normal(*shape: int) -> Any:
        return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)

    n, m, k = SIZE, normal(SIZE, SIZE), normal(SIZE, SIZE)
    return {
        "z": normal(n), "w": normal(n), "A": normal(n, n), "B": normal(n, n), "H": (m + m.conj().T) / 2, "S": k @ k.conj().T + np.eye(n),
        "c": complex(normal(1)[0]), "t": float(rng.standard_normal()), "x": rng.standard_normal(n), "y": rng.random(n) + 0.5,
        "R": rng.standard_normal((n, n)),
    }  # fmt: skip


def adjoint(m: Any) -> Any:
    return jnp.conj(m).T


# What is made of what: the kind, the kinds of its parts (s, v, m: a number, a vector, a matrix), the text, the function.
# fmt: off
RULES: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
    ("s", "vv",  "({0})^H*({1})",             jnp.vdot),
    ("s", "vv",  "({0})'*({1})",              lambda a, b: jnp.sum(a * b)),
    ("s", "m",   "tr({0})",                   jnp.trace),
    ("s", "v",   "sum({0})",                  jnp.sum),
    ("s", "s",   "conj({0})",                 jnp.conj),
    ("s", "ss",  "({0})*({1})",               lambda a, b: a * b),
    ("s", "ss",  "{0} - ({1})",               lambda a, b: a - b),
    ("s", "s",   "exp(1i*({0})/5)",           lambda a: jnp.exp(1j * a / 5)),
    ("s", "s",   "({0})^2",                   lambda a: (a + 0j) ** 2),
    ("s", "vmv", "({0})^H*({1})*({2})",       lambda a, m, b: jnp.vdot(a, m @ b)),
    ("v", "mv",  "({0})*({1})",               lambda m, a: m @ a),
    ("v", "v",   "conj({0})",                 jnp.conj),
    ("v", "vv",  "({0}).*({1})",              lambda a, b: a * b),
    ("v", "vv",  "{0} - ({1})",               lambda a, b: a - b),
    ("v", "sv",  "({0})*({1})",               lambda a, b: a * b),
    ("v", "v",   "sin(({0})/5)",              lambda a: jnp.sin(a / 5)),
    ("v", "v",   "exp(({0})/4)",              lambda a: jnp.exp(a / 4)),
    ("v", "v",   "abs({0})",                  jnp.abs),
    ("v", "v",   "imag({0})",                 jnp.imag),
    ("v", "v",   "sign({0})",                 lambda a: a / jnp.abs(a)),
    ("v", "v",   "angle({0})",                jnp.angle),
    ("v", "mv",  "({0})^H*({1})",             lambda m, a: adjoint(m) @ a),
    ("m", "mm",  "({0})*({1})",               lambda a, b: a @ b),
    ("m", "m",   "({0})^H",                   adjoint),
    ("m", "m",   "({0})'",                    lambda a: a.T),
    ("m", "m",   "conj({0})",                 jnp.conj),
    ("m", "vv",  "({0})*({1})^H",             lambda a, b: jnp.outer(a, jnp.conj(b))),
    ("m", "mm",  "{0} + ({1})",               lambda a, b: a + b),
    ("m", "m",   "inv({0} + 7*I)",            lambda a: jnp.linalg.inv(a + 7 * jnp.eye(SIZE))),
    ("m", "m",   "inv(I + ({0})*({0})^H)",    lambda a: jnp.linalg.inv(jnp.eye(SIZE) + a @ adjoint(a))),
    ("m", "v",   "diag({0})",                 jnp.diag),
    ("m", "mm",  "({0}).*({1})",              lambda a, b: a * b),
    ("r", "s",   "real({0})",                 jnp.real),
    ("r", "s",   "imag({0})",                 jnp.imag),
    ("r", "s",   "abs({0})^2",                lambda a: jnp.abs(a) ** 2),
    ("r", "s",   "abs({0})",                  jnp.abs),
    ("r", "v",   "norm({0})^2",               lambda a: jnp.sum(jnp.abs(a) ** 2)),
    ("r", "v",   "norm({0})",                 lambda a: jnp.sqrt(jnp.sum(jnp.abs(a) ** 2))),
    ("r", "v",   "sum(abs({0}))",             lambda a: jnp.sum(jnp.abs(a))),
    ("r", "vh",  "({0})^H*{1}*({0})",         lambda a, h: jnp.real(jnp.vdot(a, h @ a))),
    ("r", "m",   "norm({0})^2",               lambda a: jnp.sum(jnp.abs(a) ** 2)),
    ("r", "m",   "logdet(I + ({0})*({0})^H)", lambda a: jnp.linalg.slogdet(jnp.eye(SIZE) + a @ adjoint(a))[1]),
    ("r", "v",   "log(1 + norm({0})^2)",      lambda a: jnp.log(1 + jnp.sum(jnp.abs(a) ** 2))),
)
# fmt: on
LEAVES = {"s": ("c", "c", "t"), "v": ("z", "z", "z", "w", "x", "y"), "m": ("A", "A", "B", "H", "S", "R"), "h": ("H",)}


def made(kind: str, depth: int, rng: Random) -> Made:
    """A random expression of a kind: its text, and what it is of values."""
    if depth <= 0 and kind != "r" or kind == "h":
        name = rng.choice(LEAVES[kind])
        return name, lambda v: v[name]
    _, kinds, text, function = rng.choice([rule for rule in RULES if rule[0] == kind])
    parts = [made(k, depth - 1, rng) for k in kinds]
    return text.format(*(part for part, _ in parts)), lambda v: function(*(f(v) for _, f in parts))
