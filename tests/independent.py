"""An independent evaluator: the values of trees with two directional derivatives, on NumPy and SciPy alone.

Nothing of matcalc is used here, so that nothing of it is trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jet_functions import APPLY, logsumexp_rows, softmax_rows
from jets import (
    Array,
    Outside,
    bilinear,
    commutation,
    constant,
    det_and_adj,
    diag,
    diagonal,
    eigen_max,
    exponential,
    inverse,
    khatrirao,
    lift,
    logarithm,
    logdet,
    matmul,
    matrix_power,
    mul,
    norm,
    nuclear,
    pinv,
    polar,
    power,
    product_of_entries,
    reciprocal,
    root,
    square_root,
    sylvester_jet,
    times,
    total,
    trace,
    turn,
    unvec,
    vec,
)
from trees import Dim, Tree, size_of

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


def evaluate(tree: Tree, point: Point, noise: np.random.Generator | None = None) -> tuple[Array, float]:
    """The jet of the tree at a point, and the largest number met on the way.

    With `noise`, each number is changed by a part of 10¹³, to see what rounding does.
    Raises Outside where there is none, or none that rounding leaves.
    """
    shared: dict[int, Array] = {}
    largest = 0.0

    def walk(e: Tree) -> Array:
        nonlocal largest
        found = shared.get(id(e))
        if found is None:
            found = RULES[e.op]([walk(a) for a in e.args], e, point)
            if noise is not None:
                found = found * (1 + 1e-13 * noise.standard_normal(found.shape))
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
