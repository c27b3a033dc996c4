"""Running programs: at a random point, on any target, compared with the evaluator."""

import warnings

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.expr import Expr, apply, matpower, symbol, variable
from matcalc.operators import abstract
from matcalc.programs.program import compile_program, program

m, n, k = symbol("m"), symbol("n"), symbol("k")
SYMBOLS = (m, n, k)
A, B, S, P = variable("A", (m, n)), variable("B", (m, n)), variable("S", (n, n)), variable("P", (n, n), {"spd"})
C, D, Q = variable("C", (n, k)), variable("D", (n, n), {"diagonal"}), variable("Q", (m, m))
x, w, y, z = variable("x", (n, 1)), variable("w", (n, 1)), variable("y", (m, 1)), variable("z", (m * n, 1))
r, s, t = variable("r", (1, n)), variable("s", (1, 1)), variable("t", (1, 1))


def inv(e):
    return matpower(e, -1)


def g(e, order=0):
    return apply(abstract("g", order), (e,))


def check(e: Expr, target: str = "numpy", rtol: float = 1e-9, seed: int = 0) -> str:
    """Runs the program of `e` at a random point; it must give the evaluator's value, in the right shape."""
    source = program({"value": e}, target)
    values, sizes = next(points(e, seed=seed))
    wanted = evaluate(e, **values, **sizes)
    assert np.all(np.isfinite(wanted)), "the test's own point"
    found = run(source, {**values, **sizes}, target)
    assert found.shape == np.shape(wanted), source
    assert np.allclose(found, wanted, rtol=rtol, atol=rtol * (1 + np.max(np.abs(wanted), initial=0))), source
    return source


def run(source: str, values: dict, target: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)  # torch's own
        if target == "torch":
            import torch

            values = {name: torch.tensor(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}
            values = {name: in_torch(v) if callable(v) else v for name, v in values.items()}
        out = compile_program(source)(**values)
    assert hasattr(out, "shape"), "a bare number"
    return np.asarray(out)


def in_torch(f):
    import torch

    return lambda z: torch.as_tensor(f(np.asarray(z)))


def on(target: str):
    """The library of a target, JAX in double precision; a test of one that is not here is skipped."""
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    return library


def as_given(target: str, values: dict) -> dict:
    """The arrays among the values as the target has them."""
    library = on(target)
    made = {"numpy": np.asarray, "jax": lambda v: library.numpy.asarray(v), "torch": lambda v: library.as_tensor(v)}[target]
    return {name: made(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}
