"""An independent evaluator: trees of the language and their values with two directional derivatives, on NumPy alone.

Nothing of matcalc is used here, so that nothing of it is trusted.  A jet is an array of four matrices: the value, its derivatives along
s and along t, and the mixed one, all of what is known of Y(s, t) modulo s² and t².  Sums and products of jets are those of such
polynomials; functions of matrices are made of products, of inverses and of linear equations, never of a formula for their derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import scipy.special as sc

Array = np.ndarray
Dim = Any  # a name, a whole number, or a tuple of such: their product
Shape = tuple[Dim, Dim]


@dataclass(frozen=True)
class Tree:
    """An expression of a question: the name of what is done, to what, and what else belongs to it (names, numbers, indices)."""

    op: str
    args: tuple[Tree, ...] = ()
    data: tuple[Any, ...] = ()
    shape: Shape = (1, 1)

    def nodes(self) -> list[Tree]:
        out, todo = [], [self]
        while todo:
            out.append(e := todo.pop())
            todo += e.args
        return out

    @property
    def weight(self) -> int:
        return 1 + sum(a.weight for a in self.args)


class Outside(Exception):
    """The point is not in the domain, or so close to its border that rounding decides."""


def size_of(dim: Dim, sizes: Mapping[str, int]) -> int:
    if isinstance(dim, tuple):
        return math.prod(size_of(d, sizes) for d in dim)
    return sizes[dim] if isinstance(dim, str) else dim


# Jets


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
    if rank < len(s) and s[rank] > 1e-12 * s[0]:
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
    """The largest eigenvalue of a matrix that is symmetric in value, and its vector, by perturbation."""
    v = a[0]
    if not np.allclose(v, v.T, rtol=1e-9, atol=1e-9 * np.abs(v).max()):
        raise Outside
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


def softmax_rows(a: Array) -> Array:
    e = APPLY["exp"](a - constant(a[0].max(axis=1, keepdims=True)))
    return mul(e, reciprocal(e.sum(axis=2, keepdims=True)))


def logsumexp_rows(a: Array) -> Array:
    top = constant(a[0].max(axis=1, keepdims=True))
    return APPLY["log"](APPLY["exp"](a - top).sum(axis=2, keepdims=True)) + top


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


# The elementwise functions: f, f' and f''

ROOT_PI = math.sqrt(math.pi)


def _pdf(x: Array) -> Array:
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _tan(x: Array) -> tuple[Array, Array, Array]:
    t = np.tan(x)
    return t, 1 + t**2, 2 * t * (1 + t**2)


def _tanh(x: Array) -> tuple[Array, Array, Array]:
    t, d = np.tanh(x), 1 / np.cosh(x) ** 2
    return t, d, -2 * t * d


def _sigmoid(x: Array) -> tuple[Array, Array, Array]:
    p, q = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    return p, p * q, p * q * (q - p)


def _silu(x: Array) -> tuple[Array, Array, Array]:
    p, d, dd = _sigmoid(x)
    return x * p, p + x * d, 2 * d + x * dd


def _gelu(x: Array) -> tuple[Array, Array, Array]:
    return x * sc.ndtr(x), sc.ndtr(x) + x * _pdf(x), (2 - x**2) * _pdf(x)


def _piecewise(below: float, above: float, at: float = 0.0) -> Callable[[Array], tuple[Array, Array, Array]]:
    return lambda x: (np.where(x > 0, above * x, below * x), np.where(x > 0, above, below), 0 * x)


def _jump(below: float, above: float, at: float) -> Callable[[Array], tuple[Array, Array, Array]]:
    return lambda x: (np.where(x > 0, above, np.where(x < 0, below, at)), 0 * x, 0 * x)


# fmt: off
SMOOTH: dict[str, Callable[[Array], tuple[Array, Array, Array]]] = {
    "sin":        lambda x: (np.sin(x), np.cos(x), -np.sin(x)),
    "cos":        lambda x: (np.cos(x), -np.sin(x), -np.cos(x)),
    "tan":        _tan,
    "asin":       lambda x: (np.arcsin(x), (1 - x**2) ** -0.5, x * (1 - x**2) ** -1.5),
    "acos":       lambda x: (np.arccos(x), -((1 - x**2) ** -0.5), -x * (1 - x**2) ** -1.5),
    "atan":       lambda x: (np.arctan(x), 1 / (1 + x**2), -2 * x / (1 + x**2) ** 2),
    "sinh":       lambda x: (np.sinh(x), np.cosh(x), np.sinh(x)),
    "cosh":       lambda x: (np.cosh(x), np.sinh(x), np.cosh(x)),
    "tanh":       _tanh,
    "asinh":      lambda x: (np.arcsinh(x), (1 + x**2) ** -0.5, -x * (1 + x**2) ** -1.5),
    "acosh":      lambda x: (np.arccosh(x), (x**2 - 1) ** -0.5, -x * (x**2 - 1) ** -1.5),
    "atanh":      lambda x: (np.arctanh(x), 1 / (1 - x**2), 2 * x / (1 - x**2) ** 2),
    "exp":        lambda x: (np.exp(x), np.exp(x), np.exp(x)),
    "log":        lambda x: (np.log(x), 1 / x, -1 / x**2),
    "log1p":      lambda x: (np.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2),
    "expm1":      lambda x: (np.expm1(x), np.exp(x), np.exp(x)),
    "sqrt":       lambda x: (np.sqrt(x), 0.5 / np.sqrt(x), -0.25 / x**1.5),
    "square":     lambda x: (x**2, 2 * x, 2 + 0 * x),
    "sigmoid":    _sigmoid,
    "softplus":   lambda x: (np.logaddexp(0, x), *_sigmoid(x)[:2]),
    "gelu":       _gelu,
    "silu":       _silu,
    "erf":        lambda x: (sc.erf(x), 2 / ROOT_PI * np.exp(-(x**2)), -4 / ROOT_PI * x * np.exp(-(x**2))),
    "erfc":       lambda x: (sc.erfc(x), -2 / ROOT_PI * np.exp(-(x**2)), 4 / ROOT_PI * x * np.exp(-(x**2))),
    "normcdf":    lambda x: (sc.ndtr(x), _pdf(x), -x * _pdf(x)),
    "normpdf":    lambda x: (_pdf(x), -x * _pdf(x), (x**2 - 1) * _pdf(x)),
    "lgamma":     lambda x: (sc.gammaln(x), sc.psi(x), sc.polygamma(1, x)),
    "digamma":    lambda x: (sc.psi(x), sc.polygamma(1, x), sc.polygamma(2, x)),
    "trigamma":   lambda x: (sc.polygamma(1, x), sc.polygamma(2, x), sc.polygamma(3, x)),
}
BENT: dict[str, Callable[[Array], tuple[Array, Array, Array]]] = {
    "abs":        _piecewise(-1, 1),
    "relu":       _piecewise(0, 1),
    "leaky_relu": _piecewise(0.01, 1),
    "sign":       _jump(-1, 1, 0),
    "step":       _jump(0, 1, 0.5),
}
# Where they are defined, and a sample of it.
DOMAIN: dict[str, Callable[[Array], Array]] = {
    **dict.fromkeys(("log", "sqrt", "lgamma", "digamma", "trigamma"), lambda x: x > 0),
    **dict.fromkeys(("asin", "acos", "atanh"), lambda x: np.abs(x) < 1),
    "acosh": lambda x: x > 1,
    "log1p": lambda x: x > -1,
}
# fmt: on


def _applied(name: str) -> Callable[[Array], Array]:
    f, inside, bent = {**SMOOTH, **BENT}[name], DOMAIN.get(name), name in BENT

    def apply(a: Array) -> Array:
        v = a[0]
        if inside is not None and not np.all(inside(v)):
            raise Outside
        if bent and np.any(((v == 0) | (np.abs(v) < 1e-12 * np.abs(v).max())) & np.any(a[1:], axis=0)):
            raise Outside
        return lift(*f(v), a)

    return apply


APPLY: dict[str, Callable[[Array], Array]] = {name: _applied(name) for name in (*SMOOTH, *BENT)}


# What is undefined in the language gets a definition here, and programs get the same one.


def g_derivative(k: int, z: Array) -> Array:
    """The k-th derivative of g(z) = sin z + z²/3."""
    return np.sin(z + k * math.pi / 2) + (z**2 / 3, 2 * z / 3, 2 / 3 + 0 * z, 0 * z)[min(k, 3)]


def g_jet(k: int, a: Array) -> Array:
    return lift(*(g_derivative(k + i, a[0]) for i in range(3)), a)


def pattern(k: int, m: int, n: int) -> Array:
    """Fixed numbers of a shape; a row, which programs hand on as a 1-D array, has those of a column."""
    i, j = np.indices((m, n))
    return np.cos(1.0 + (2 * i + 3 * j if m > 1 else 2 * j) + 5 * k) / 2


def f_jet(a: Array) -> Array:
    """f(X) = sin⟨C, X⟩ + ‖X‖²/2."""
    return APPLY["sin"](total(mul(constant(pattern(0, *a.shape[1:])), a))) + total(mul(a, a)) / 2


def f_gradient_jet(a: Array) -> Array:
    c = constant(pattern(0, *a.shape[1:]))
    return mul(c, APPLY["cos"](total(mul(c, a)))) + a


def f_hessian(x: Array) -> Array:
    c = pattern(0, *x.shape)
    return np.eye(x.size) - np.sin(np.sum(c * x)) * np.outer(c.reshape(-1, order="F"), c.reshape(-1, order="F"))


def big_f_jet(a: Array, p: int, q: int) -> Array:
    """F(X), its entries sin⟨C_k, X⟩ in the order of vec."""
    inner = [APPLY["sin"](total(mul(constant(pattern(k, *a.shape[1:])), a))) for k in range(1, p * q + 1)]
    return unvec(np.concatenate(inner, axis=1), p, q)


def big_f_jacobian(x: Array, p: int, q: int) -> Array:
    cs = [pattern(k, *x.shape) for k in range(1, p * q + 1)]
    return np.array([np.cos(np.sum(c * x)) * c.reshape(-1, order="F") for c in cs])


def functions(tree: Tree, sizes: Mapping[str, int]) -> dict[str, Callable[..., Any]]:
    """The functions that a program takes for what the tree leaves undefined: of arrays as programs have them."""
    out: dict[str, Callable[..., Any]] = {}
    for e in tree.nodes():
        if e.op in ("g", "g'", "g''"):
            for k, name in enumerate(("g", "g_prime", "g_prime2", "g_prime3", "g_prime4")):
                out[name] = lambda z, k=k: g_derivative(k, np.asarray(z))
        if e.op in ("f", "grad(f)"):
            out["f"] = lambda x: f_jet(constant(_standing(x)))[0, 0, 0]
            out["f_prime"] = lambda x: f_gradient_jet(constant(_standing(x)))[0].reshape(np.shape(x))
            out["f_prime2"] = lambda x: f_hessian(_standing(x))
        if e.op == "F":
            p, q = (size_of(d, sizes) for d in e.shape)
            own = (p,) if e.shape[1] == 1 else (p, q)
            out["F"] = lambda x, p=p, q=q, own=own: big_f_jet(constant(_standing(x)), p, q)[0].reshape(own)
            out["F_prime"] = lambda x, p=p, q=q: big_f_jacobian(_standing(x), p, q)
    return out


def _standing(x: Any) -> Array:
    x = np.asarray(x, dtype=float)
    return x if x.ndim == 2 else x.reshape(-1, 1)


# The rules: what a node makes of the jets of its arguments.  (jets, data, shape, point) → jet


@dataclass(frozen=True)
class Point:
    """Sizes, values of indices, and the jet of each variable."""

    sizes: Mapping[str, int]
    indices: Mapping[str, int]
    variables: Mapping[str, Array]

    def size(self, dim: Dim) -> int:
        return size_of(dim, self.sizes)

    def index(self, i: Any, most: int) -> slice:
        k = self.indices[i] if isinstance(i, str) else i
        if i is None:
            return slice(None)
        if k > most:
            raise Outside
        return slice(k - 1, k)


def _spread(a: Array, b: Array) -> Array:
    return a + b  # NumPy's broadcasting of columns and rows is the language's


# fmt: off
RULES: dict[str, Callable[[list[Array], Tree, Point], Array]] = {
    "variable":    lambda _, e, p: p.variables[e.data[0]],
    "number":      lambda _, e, p: constant(float(e.data[0])),
    "pi":          lambda _, e, p: constant(math.pi),
    "size":        lambda _, e, p: constant(float(p.size(e.data[0]))),
    "eye":         lambda _, e, p: constant(np.eye(p.size(e.shape[0]))),
    "ones":        lambda _, e, p: constant(np.ones((p.size(e.shape[0]), p.size(e.shape[1])))),
    "zeros":       lambda _, e, p: constant(np.zeros((p.size(e.shape[0]), p.size(e.shape[1])))),
    "commutation": lambda _, e, p: commutation(*(p.size(d) for d in e.data)),
    "+":           lambda a, e, p: _spread(a[0], a[1]),
    "-":           lambda a, e, p: _spread(a[0], -a[1]),
    "neg":         lambda a, e, p: -a[0],
    "*":           lambda a, e, p: times(a[0], a[1]),
    "/":           lambda a, e, p: mul(a[0], reciprocal(a[1])),
    ".*":          lambda a, e, p: mul(a[0], a[1]),
    "./":          lambda a, e, p: mul(a[0], reciprocal(a[1])),
    "^":           lambda a, e, p: power(a[0], float(e.data[0])),
    "matrix^":     lambda a, e, p: matrix_power(a[0], e.data[0]),
    ".^":          lambda a, e, p: power(a[0], float(e.data[0])),
    "^^":          lambda a, e, p: APPLY["exp"](mul(a[1], APPLY["log"](a[0]))),
    ".^^":         lambda a, e, p: APPLY["exp"](mul(a[1], APPLY["log"](a[0]))),
    "'":           lambda a, e, p: turn(a[0]),
    "item":        lambda a, e, p: a[0][:, p.index(e.data[0], a[0].shape[1]), p.index(e.data[1], a[0].shape[2])],
    "kron":        lambda a, e, p: bilinear(np.kron, a[0], a[1]),
    "khatrirao":   lambda a, e, p: khatrirao(a[0], a[1]),
    "inner":       lambda a, e, p: total(mul(a[0], a[1])),
    "sum":         lambda a, e, p: total(a[0]),
    "mean":        lambda a, e, p: total(a[0]) / a[0][0].size,
    "rowsum":      lambda a, e, p: a[0].sum(axis=2, keepdims=True),
    "colsum":      lambda a, e, p: turn(a[0].sum(axis=1, keepdims=True)),
    "prod":        lambda a, e, p: product_of_entries(a[0]),
    "tr":          lambda a, e, p: trace(a[0]),
    "det":         lambda a, e, p: det_and_adj(a[0])[0],
    "adj":         lambda a, e, p: det_and_adj(a[0])[1],
    "logdet":      lambda a, e, p: logdet(a[0]),
    "inv":         lambda a, e, p: inverse(a[0]),
    "pinv":        lambda a, e, p: pinv(a[0]),
    "diag":        lambda a, e, p: diag(a[0]),
    "diagonal":    lambda a, e, p: diagonal(a[0]),
    "tril":        lambda a, e, p: np.tril(a[0]),
    "triu":        lambda a, e, p: np.triu(a[0]),
    "vec":         lambda a, e, p: vec(a[0]),
    "unvec":       lambda a, e, p: unvec(a[0], p.size(e.shape[0]), p.size(e.shape[1])),
    "norm":        lambda a, e, p: norm(a[0]),
    "norm1":       lambda a, e, p: total(APPLY["abs"](a[0])),
    "normnuc":     lambda a, e, p: nuclear(a[0]),
    "normspec":    lambda a, e, p: root(eigen_max(matmul(turn(a[0]), a[0]))[0]),
    "lambda_max":  lambda a, e, p: eigen_max(a[0])[0],
    "polar":       lambda a, e, p: polar(a[0]),
    "logsumexp":   lambda a, e, p: logsumexp_rows(turn(a[0])),
    "softmax":     lambda a, e, p: turn(softmax_rows(turn(a[0]))),
    "logsumexp_rows": lambda a, e, p: logsumexp_rows(a[0]),
    "softmax_rows": lambda a, e, p: softmax_rows(a[0]),
    "expm":        lambda a, e, p: exponential(a[0]),
    "logm":        lambda a, e, p: logarithm(a[0]),
    "sqrtm":       lambda a, e, p: square_root(a[0]),
    "sylvester":   lambda a, e, p: sylvester_jet(a[0], a[1], a[2]),
    "g":           lambda a, e, p: g_jet(0, a[0]),
    "g'":          lambda a, e, p: g_jet(1, a[0]),
    "g''":         lambda a, e, p: g_jet(2, a[0]),
    "f":           lambda a, e, p: f_jet(a[0]),
    "grad(f)":     lambda a, e, p: f_gradient_jet(a[0]),
    "F":           lambda a, e, p: big_f_jet(a[0], p.size(e.shape[0]), p.size(e.shape[1])),
    **{name: (lambda a, e, p, f=f: f(a[0])) for name, f in APPLY.items()},
}
# fmt: on

LARGEST = 1e9  # of an intermediate value: beyond, nothing is decided


def evaluate(tree: Tree, point: Point) -> tuple[Array, float]:
    """The jet of the tree at a point, and the largest number met on the way.

    Raises Outside where there is none, or none that rounding leaves.
    """
    shared: dict[int, Array] = {}
    largest = 0.0

    def walk(e: Tree) -> Array:
        nonlocal largest
        found = shared.get(id(e))
        if found is None:
            found = RULES[e.op]([walk(a) for a in e.args], e, point)
            most = np.abs(found).max()
            if not most < LARGEST:  # nor where it is nan
                raise Outside
            largest = max(largest, float(most))
            shared[id(e)] = found
        return found

    with np.errstate(all="ignore"):
        try:
            return walk(tree), largest
        except np.linalg.LinAlgError as error:
            raise Outside from error
