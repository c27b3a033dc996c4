"""Matrices with two directional derivatives, and functions of matrices: on NumPy alone, for the independent evaluator.

A jet is an array of four matrices: the value, its derivatives along s and along t, and the mixed one, all of what is known of Y(s, t)
modulo s² and t².  Sums and products of jets are those of such polynomials; functions of matrices are made of products, of inverses
and of linear equations, never of a formula for their derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

Array = np.ndarray


class Outside(Exception):
    """The point is not in the domain, or so close to its border that rounding decides."""


def constant(value: Any) -> Array:
    """The jet of what does not move."""
    value = np.atleast_2d(np.asarray(value, dtype=float))
    out = np.zeros((4, *value.shape))
    out[0] = value
    return out


def bilinear(f: Callable[[Array, Array], Array], a: Array, b: Array) -> Array:
    """f(a, b) for an f that is linear in each."""
    return np.array(
        (
            f(a[0], b[0]),
            f(a[1], b[0]) + f(a[0], b[1]),
            f(a[2], b[0]) + f(a[0], b[2]),
            f(a[3], b[0]) + f(a[1], b[2]) + f(a[2], b[1]) + f(a[0], b[3]),
        )
    )


def mul(a: Array, b: Array) -> Array:
    """Entry by entry; a scalar goes with anything."""
    return bilinear(np.multiply, a, b)


def matmul(a: Array, b: Array) -> Array:
    return bilinear(np.matmul, a, b)


def times(a: Array, b: Array) -> Array:
    """The product * of the language: of matrices, or by a scalar."""
    return mul(a, b) if a.shape[1:] == (1, 1) or b.shape[1:] == (1, 1) else matmul(a, b)


def turn(a: Array) -> Array:
    return a.transpose(0, 2, 1)


def lift(f0: Array, f1: Array, f2: Array, a: Array) -> Array:
    """f(a) entry by entry, from f, f' and f'' at the values."""
    return np.array((f0, f1 * a[1], f1 * a[2], f1 * a[3] + f2 * a[1] * a[2]))


def total(a: Array) -> Array:
    return a.sum(axis=(1, 2), keepdims=True)


def trace(a: Array) -> Array:
    return np.trace(a, axis1=1, axis2=2).reshape(4, 1, 1)


def inverse(a: Array) -> Array:
    v = a[0]
    if np.linalg.cond(v) > 1e9:
        raise Outside
    x = np.linalg.inv(v)
    x1, x2 = -x @ a[1] @ x, -x @ a[2] @ x
    return np.array((x, x1, x2, -x @ (a[3] @ x + a[1] @ x2 + a[2] @ x1)))


def solve_sum(s: Array, c: Array) -> Array:
    """X of S X + X S = C."""
    return sylvester(s, s, c)


def sylvester(a: Array, b: Array, c: Array) -> Array:
    """X of A X + X B = C, one matrix each."""
    m, n = c.shape
    whole = np.kron(np.eye(n), a) + np.kron(b.T, np.eye(m))
    if np.linalg.cond(whole) > 1e9:
        raise Outside
    return np.linalg.solve(whole, c.reshape(-1, order="F")).reshape((m, n), order="F")


def sylvester_jet(a: Array, b: Array, c: Array) -> Array:
    x = sylvester(a[0], b[0], c[0])
    x1 = sylvester(a[0], b[0], c[1] - a[1] @ x - x @ b[1])
    x2 = sylvester(a[0], b[0], c[2] - a[2] @ x - x @ b[2])
    return np.array((x, x1, x2, sylvester(a[0], b[0], c[3] - a[3] @ x - x @ b[3] - a[1] @ x2 - x2 @ b[1] - a[2] @ x1 - x1 @ b[2])))


def square_root(a: Array) -> Array:
    """The principal square root: its value from eigenvalues, polished, the rest from S S = A."""
    v = a[0]
    values, vectors = np.linalg.eig(v)
    if np.any((values.real <= 1e-9 * np.max(np.abs(values))) & (np.abs(values.imag) <= 1e-9 * np.abs(values))):
        raise Outside
    if np.linalg.cond(vectors) > 1e6:
        raise Outside
    s = ((vectors * np.sqrt(values.astype(complex))) @ np.linalg.inv(vectors)).real
    s = s + solve_sum(s, v - s @ s)
    s1, s2 = solve_sum(s, a[1]), solve_sum(s, a[2])
    return np.array((s, s1, s2, solve_sum(s, a[3] - s1 @ s2 - s2 @ s1)))


def exponential(a: Array) -> Array:
    """By scaling, the series and squaring."""
    norm = np.abs(a[0]).sum(axis=0).max()
    if not norm < 40:
        raise Outside
    halvings = max(0, math.ceil(math.log2(max(norm, 1e-9))) + 2)
    x = a / 2.0**halvings
    out = term = constant(np.eye(a.shape[1]))
    for k in range(1, 17):
        term = matmul(term, x) / k
        out = out + term
    for _ in range(halvings):
        out = matmul(out, out)
    return out


def logarithm(a: Array) -> Array:
    """By square roots and Gauss's rule for ∫ X (I + t X)⁻¹ dt over t from 0 to 1."""
    one, roots = constant(np.eye(a.shape[1])), 0
    while np.abs(a[0] - one[0]).sum(axis=0).max() > 0.3:
        a, roots = square_root(a), roots + 1
        if roots > 20:
            raise Outside
    x = a - one
    nodes, weights = np.polynomial.legendre.leggauss(10)
    return 2.0**roots * sum(w / 2 * matmul(x, inverse(one + (t + 1) / 2 * x)) for t, w in zip(nodes, weights, strict=True))


def det_and_adj(a: Array) -> tuple[Array, Array]:
    """By Faddeev and LeVerrier, without a division by anything but whole numbers."""
    n = a.shape[1]
    if n > 5:
        raise Outside
    one = constant(np.eye(n))
    m, c = one, constant(1.0)
    for k in range(1, n + 1):
        if k > 1:
            m = matmul(a, m) + mul(c, one)
        c = -trace(matmul(a, m)) / k
    return (-1) ** n * c, (-1) ** (n - 1) * m


def logdet(a: Array) -> Array:
    x = inverse(a)[0]
    first, second = x @ a[1], x @ a[2]
    parts = (np.linalg.slogdet(a[0])[1], np.trace(first), np.trace(second), np.trace(x @ a[3]) - np.sum(first * second.T))
    return np.array(parts).reshape(4, 1, 1)


def pinv(a: Array) -> Array:
    """From columns and rows that span A, where the rank stays what it is: A = C W⁻¹ R."""
    v = a[0]
    u, s, w = np.linalg.svd(v)
    rank = int(np.sum(s > 1e-7 * s[0])) if s[0] > 0 else 0
    if rank == 0:
        if np.any(a):
            raise Outside
        return turn(a)
    if rank < len(s) and s[rank] > 1e-14 * s[0]:  # zero is what rounding leaves, as for programs
        raise Outside
    rows, columns = _pivots(u[:, :rank].T), _pivots(w[:rank])
    c, r, core = a[:, :, columns], a[:, rows], inverse(a[:, rows][:, :, columns])
    if not np.allclose(matmul(c, matmul(core, r)), a, rtol=1e-9, atol=1e-9 * np.abs(a).max()):
        raise Outside
    right = matmul(turn(r), inverse(matmul(r, turn(r))))
    left = matmul(inverse(matmul(turn(c), c)), turn(c))
    return matmul(right, matmul(a[:, rows][:, :, columns], left))


def _pivots(rows: Array) -> list[int]:
    """Columns of a matrix of full row rank that are a basis, chosen greedily."""
    rest, out = rows.copy(), []
    for _ in range(len(rows)):
        j = int(np.argmax((rest**2).sum(axis=0)))
        q = rest[:, j] / np.linalg.norm(rest[:, j])
        rest = rest - np.outer(q, q @ rest)
        out.append(j)
    return out


def eigen_max(a: Array) -> tuple[Array, Array]:
    """The largest eigenvalue of a matrix that is symmetric in value, and its vector, by perturbation; of others it is that of (A + A')/2."""
    v = a[0]
    if not np.allclose(v, v.T, rtol=1e-9, atol=1e-9 * np.abs(v).max()):
        raise Outside
    a = (a + a.transpose(0, 2, 1)) / 2
    values, vectors = np.linalg.eigh((v + v.T) / 2)
    top, u, n = values[-1], vectors[:, -1], len(values)
    gaps = top - values[:-1]
    if n > 1 and gaps[-1] < 1e-5 * max(np.abs(values)):
        raise Outside
    rest = vectors[:, :-1] @ np.diag(1 / gaps) @ vectors[:, :-1].T
    first, second = u @ a[1] @ u, u @ a[2] @ u
    mixed = u @ a[3] @ u + u @ a[1] @ rest @ a[2] @ u + u @ a[2] @ rest @ a[1] @ u
    u1, u2 = rest @ a[1] @ u, rest @ a[2] @ u
    u12 = rest @ (a[3] @ u + (a[1] - first * np.eye(n)) @ u2 + (a[2] - second * np.eye(n)) @ u1) - (u1 @ u2) * u
    return np.array((top, first, second, mixed)).reshape(4, 1, 1), np.array((u, u1, u2, u12)).reshape(4, n, 1)


def root(a: Array) -> Array:
    v = a[0]
    if np.any(v <= 0):
        raise Outside
    return lift(np.sqrt(v), 0.5 / np.sqrt(v), -0.25 / v**1.5, a)


def reciprocal(a: Array) -> Array:
    v = a[0]
    if np.any(v == 0):
        raise Outside
    return lift(1 / v, -1 / v**2, 2 / v**3, a)


def power(a: Array, p: float) -> Array:
    """Entry by entry, to a number."""
    if float(p).is_integer():
        out = constant(np.ones(a.shape[1:]))
        for _ in range(int(abs(p))):
            out = mul(out, a)
        return out if p >= 0 else reciprocal(out)
    v = a[0]
    if np.any(v <= 0):
        raise Outside
    return lift(v**p, p * v ** (p - 1), p * (p - 1) * v ** (p - 2), a)


def matrix_power(a: Array, k: int) -> Array:
    return reduce(matmul, [inverse(a) if k < 0 else a] * abs(k), constant(np.eye(a.shape[1])))


def product_of_entries(a: Array) -> Array:
    return reduce(mul, (a[:, i : i + 1, j : j + 1] for i in range(a.shape[1]) for j in range(a.shape[2])))


def norm(a: Array) -> Array:
    return root(total(mul(a, a)))


def nuclear(a: Array) -> Array:
    b = a if a.shape[1] >= a.shape[2] else turn(a)
    return trace(square_root(matmul(turn(b), b)))


def polar(a: Array) -> Array:
    if a.shape[1] < a.shape[2]:
        raise Outside
    return matmul(a, inverse(square_root(matmul(turn(a), a))))


def vec(a: Array) -> Array:
    return turn(a).reshape(4, -1, 1)


def unvec(a: Array, m: int, n: int) -> Array:
    return turn(a.reshape(4, n, m))


def diagonal(a: Array) -> Array:
    return a[:, np.arange(a.shape[1]), np.arange(a.shape[1])].reshape(4, -1, 1)


def diag(a: Array) -> Array:
    return mul(constant(np.eye(a.shape[1])), a)


def khatrirao(a: Array, b: Array) -> Array:
    return bilinear(lambda x, y: np.einsum("ik,jk->ijk", x, y).reshape(-1, x.shape[1]), a, b)


def commutation(m: int, n: int) -> Array:
    out = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            out[j + i * n, i + j * m] = 1
    return constant(out)
