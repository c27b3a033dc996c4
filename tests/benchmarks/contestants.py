"""Who is measured: each makes of a problem and its data a run, a function without arguments that returns value, gradient, Hessian.

The libraries are imported when first asked for; one that is not installed raises ImportError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import matcalc as mc
from benchmarks.by_hand import Answer, Data
from benchmarks.problems import Problem

Run = Callable[[], Answer]


@dataclass(frozen=True)
class Library:
    """The functions that a problem's value is written with, for automatic differentiation."""

    np: Any
    array: Callable[[Any], Any]
    eye: Callable[[int], Any]
    relu: Callable[[Any], Any]
    log_softmax: Callable[[Any], Any]  # along the last axis
    solve_lower: Callable[[Any, Any], Any]
    special: Any  # functions under SciPy's names


@cache
def jax_library() -> Library:
    import jax

    jax.config.update("jax_enable_x64", True)
    solve = jax.scipy.linalg.solve_triangular
    return Library(
        jax.numpy,
        jax.numpy.asarray,
        jax.numpy.eye,
        jax.nn.relu,
        jax.nn.log_softmax,
        lambda L, b: solve(L, b, lower=True),
        jax.scipy.special,
    )


@cache
def torch_library() -> Library:
    import torch

    solve = torch.linalg.solve_triangular
    return Library(
        torch,
        lambda v: torch.from_numpy(np.asarray(v)),  # a number keeps its double precision
        lambda n: torch.eye(n, dtype=torch.float64),
        torch.relu,
        lambda Z: torch.log_softmax(Z, -1),
        lambda L, b: solve(L, b[:, None], upper=False)[:, 0],
        torch.special,
    )


# --- what is generated -----------------------------------------------------------------------------------------------


@cache
def derivatives(problem: Problem, second: bool) -> list[Any]:
    """The results of one program: value, gradient and, if `second`, the Hessian."""
    asked = (problem.text, problem.wrt, problem.where)
    g: Any = mc.grad(*asked, unconstrained=True)
    return [g.of, g, mc.hessian(*asked, unconstrained=True)] if second else [g.of, g]


@cache
def program(problem: Problem, target: str, second: bool) -> Callable[..., Answer]:
    return mc.compile(derivatives(problem, second), target)


def ours(problem: Problem, data: Data, second: bool) -> Run:
    f = program(problem, "numpy", second)
    return lambda: f(**data)


def ours_in_jax(problem: Problem, data: Data, second: bool) -> Run:
    lib = jax_library()
    import jax

    f = program(problem, "jax", second)
    compiled = jax.jit(lambda given: f(**given))
    given = {name: lib.array(v) for name, v in data.items()}
    return lambda: jax.block_until_ready(compiled(given))


def ours_in_torch(problem: Problem, data: Data, second: bool) -> Run:
    lib = torch_library()
    f = program(problem, "torch", second)
    given = {name: lib.array(v) for name, v in data.items()}
    return lambda: f(**given)


# --- the others ------------------------------------------------------------------------------------------------------


def hand(problem: Problem, data: Data, second: bool) -> Run:
    return lambda: problem.hand(data, second)


def jax_ad(problem: Problem, data: Data, second: bool) -> Run:
    lib = jax_library()
    import jax

    given = {name: lib.array(v) for name, v in data.items()}
    x = given.pop(problem.wrt)

    def value(x: Any, given: Data) -> Any:
        return problem.value(lib, x, given)

    def whole(x: Any, given: Data) -> Answer:
        f, g = jax.value_and_grad(value)(x, given)
        return (f, g, jax.hessian(value)(x, given)) if second else (f, g)

    compiled = jax.jit(whole)
    return lambda: jax.block_until_ready(compiled(x, given))


def torch_ad(problem: Problem, data: Data, second: bool) -> Run:
    lib = torch_library()
    import torch

    given = {name: lib.array(v) for name, v in data.items()}
    x = given.pop(problem.wrt)

    def value(x: Any) -> Any:
        return problem.value(lib, x, given)

    first, hessian = torch.func.grad_and_value(value), torch.func.hessian(value)

    def whole() -> Answer:
        g, f = first(x)
        return (f, g, hessian(x)) if second else (f, g)

    return whole


CONTESTANTS: dict[str, Callable[[Problem, Data, bool], Run]] = {
    "hand": hand,
    "ours": ours,
    "ours in JAX": ours_in_jax,
    "ours in PyTorch": ours_in_torch,
    "JAX AD": jax_ad,
    "torch.func": torch_ad,
}
NEEDS = {jax_library: {"ours in JAX", "JAX AD"}, torch_library: {"ours in PyTorch", "torch.func"}}
COMPILED = NEEDS[jax_library]  # at their first run
TENSORS = {"JAX AD", "torch.func"}  # their Hessian by a matrix has four indices: row, column, row, column


# --- do they agree ---------------------------------------------------------------------------------------------------


def disagreement(name: str, found: Answer, wanted: Answer) -> float:
    """The largest difference from the hand-written answer, by the largest entry of value, gradient or Hessian."""
    worst = 0.0
    for a, b in zip(map(np.asarray, found), map(np.asarray, wanted), strict=True):
        if name in TENSORS and a.ndim == 4:
            a = a.transpose(1, 0, 3, 2)
        if b.ndim == 4 or a.ndim == 4:
            n = round(b.size**0.5)
            a, b = a.reshape(n, n), b.reshape(n, n)
        if a.shape != b.shape:
            return np.inf
        error = np.max(np.abs(a - b)) / max(np.max(np.abs(b)), np.finfo(float).tiny)
        worst = max(worst, float(error) if np.isfinite(error) else np.inf)
    return worst
