"""The numpy, jax and torch columns of every row: the same numbers in its domain, and no finite ones outside of it."""

import warnings
from functools import cache

import numpy as np
import pytest

from matcalc.errors import UnsupportedError
from matcalc.expr import Op, apply, signature, variable
from matcalc.expr.applying import inputs_of
from matcalc.expr.dims import Dim, replace
from matcalc.operators import ELEMENTWISE, MATRIX, OPERATORS
from matcalc.programs.routines import routines
from matcalc.programs.targets import template
from programs import on
from sampling import draw

ROWS = [op for op in (*ELEMENTWISE, *MATRIX) if op.numpy and op.signature]
SIZES = [
    {"m": 3, "n": 2, "p": 4, "q": 5, "k": 6},  # tall
    {"m": 2, "n": 4, "p": 3, "q": 1, "k": 8},  # wide
    {"m": 3, "n": 1, "p": 2, "q": 2, "k": 3},
]
names = {"ids": lambda op: op.name}


def at(op: Op, target: str, arguments, rows: int = 0, columns: int = 0):
    """The column of a row at these arrays, as text says it: neither the programs nor the evaluator are asked."""
    on(target)
    text = template(op, target).format("x", "y", "z", rows="rows", columns="columns")
    if target == "torch":
        import torch

        arguments = [torch.tensor(a) for a in arguments]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.asarray(eval(f"lambda rows, columns, x, y=None, z=None: {text}", scope(target))(rows, columns, *arguments))


@cache
def scope(target: str) -> dict:
    """The functions that the columns of a target call: made once, so that what JAX compiled stays so."""
    scope: dict = {}
    for source in ("import numpy as np, scipy.linalg as sla, scipy.special as sc", *routines(target).values()):
        if target == "numpy" or not source.startswith("import"):
            exec(source, scope)
    if target == "jax":
        import jax
        import jax.scipy.stats

        scope.update(jax=jax, jnp=jax.numpy)
    if target == "torch":
        import torch

        scope["torch"] = torch
    return scope


def shapes(op: Op, sizes: dict[str, int]):
    inputs, output = signature(op.signature)
    concrete = [tuple(int(replace(d, sizes)) if isinstance(d, Dim) else d for d in shape) for shape in (*inputs, output)]
    vectors = [shape[1] == 1 and not isinstance(shape[0], int) for shape in inputs]
    return concrete[:-1], vectors, concrete[-1]


def points(op: Op, target: str):
    """Arguments in the domain, as their column takes them, and the shape of the result: of one size for JAX, which compiles for each."""
    every = all_points(op)
    yield from every if target != "jax" else [next(every)]


def all_points(op: Op):
    rng = np.random.default_rng(len(op.name))
    if op.elementwise:
        kinds = op.sample or ("",) * op.signature.count("*")
        for shape in ((4,), (), (2, 3)):
            yield [draw(kind, shape, rng) for kind in kinds], shape
        return
    seen = []
    for sizes in SIZES:
        given, vectors, made = shapes(op, sizes)
        square = all(rows == columns for rows, columns in given)
        if given in seen or square and sizes is SIZES[1]:
            continue
        seen.append(given)
        drawn = [draw(op.sample[i] if i < len(op.sample) else "", shape, rng) for i, shape in enumerate(given)]
        if op.name == "polar" and 1 not in given[0]:
            drawn = [draw("", given[0], rng)]
        yield [a[:, 0] if flat else a for a, flat in zip(drawn, vectors, strict=True)], made


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize("op", ROWS, **names)
def test_columns_give_the_same_numbers(op: Op, target: str) -> None:
    for arguments, shape in points(op, target):
        wanted = at(op, "numpy", arguments, *(shape if len(shape) == 2 else ()))
        found = at(op, target, arguments, *(shape if len(shape) == 2 else ()))
        assert np.all(np.isfinite(wanted)), "the test's own point"
        assert found.size == wanted.size
        if op.name == "v_max":  # whose sign is nobody's
            wanted, found = np.abs(wanted), np.abs(found)
        assert np.allclose(found.reshape(wanted.shape), wanted, rtol=1e-8, atol=1e-8 * (1 + np.max(np.abs(wanted), initial=0)))


# --- outside of the domain -----------------------------------------------------------------------------------------

SINGULAR = [np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros((2, 2)), np.diag([1.0, 2.0, 0.0])]
NEGATIVE = [-np.eye(2), np.diag([-1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-3.0]])]
TURNED = np.array([[2.0, 1.0], [0.0, 3.0]])
# The words of a domain, and arguments that are not in it.
OUTSIDE = {
    "positive": [[np.array(x)] for x in (-0.5, -1.0, -2.5)],
    "in (−1, 1)": [[np.array(x)] for x in (1.5, -2.0)],
    "greater than −1": [[np.array(-1.5)]],
    "greater than 1": [[np.array(x)] for x in (0.5, -2.0)],
    "not an odd multiple of π/2": [],  # no floating-point number is one
    "invertible": [[a] for a in SINGULAR],
    "without eigenvalues in (−∞, 0]": [[a] for a in NEGATIVE],
    "where X and −Y share no eigenvalue": [[TURNED, -TURNED, np.ones((2, 2))], [TURNED, np.array([[-3.0]]), np.ones((2, 1))]],
    "of full rank": [[np.ones((3, 2))], [np.ones((2, 3))], [np.zeros((2, 2))]],
    "of constant rank": [],  # every matrix has a pseudoinverse
    "without zeros": [[np.array([[1.0, 0.0], [2.0, 3.0]])]],
    "symmetric positive definite": [[-np.eye(2)], [np.array([[1.0, 2.0], [2.0, 1.0]])]],
    "y positive": [[np.array(x), np.array(y)] for x in (0.5, -2.0) for y in (-0.5, -1.0)],
    "z - y positive": [[np.array(0.5), np.array(2.0), np.array(1.0)]],
    "symmetric": [],  # refused before there is a number
}
# Of these the domain is where the formula of the derivative is true: their values outside of it.
EVERYWHERE = {
    "det": lambda a: np.round(np.linalg.det(a), 9),
    "adj": lambda a: np.array([[a[1, 1], -a[0, 1]], [-a[1, 0], a[0, 0]]]) if len(a) == 2 else np.diag([0.0, 0.0, 2.0]),
    "prod": lambda a: 0.0,
    "clip": lambda x, low, high: min(max(x, low), high),
}


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("op", [op for op in ROWS if op.domain], **names)
def test_outside_of_the_domain_no_number_is_finite(op: Op, target: str) -> None:
    count = inputs_of(op.signature)
    for first in (OUTSIDE[op.domain] + ([[a] for a in SINGULAR] if op.name == "logm" else []))[: 1 if target == "jax" else None]:
        arguments = first + [np.ones_like(first[0])] * (count - len(first))  # beside what the domain is of
        try:
            found = at(op, target, arguments, *arguments[-1].shape[:2])
        except (np.linalg.LinAlgError, RuntimeError, ValueError):
            continue
        if op.name in EVERYWHERE:
            assert np.allclose(found, EVERYWHERE[op.name](*arguments), atol=1e-12)
        else:
            assert not np.any(np.isfinite(found) & (found != 0)), arguments  # what is zero anyway is


@pytest.mark.parametrize("op", [op for op in ROWS if "symmetric" in op.domain], **names)
def test_what_is_of_symmetric_matrices_is_refused_for_others(op: Op) -> None:
    with pytest.raises(UnsupportedError, match="symmetric"):
        apply(op, (variable("X", (3, 3)),))


def test_a_wrong_column_of_torch_is_found() -> None:
    """The table as it is passes the test above; with the sine for the cosine it does not."""
    from dataclasses import replace as changed

    wrong = changed(OPERATORS["cos"], torch="torch.sin({0})")
    pytest.importorskip("torch")
    with pytest.raises(AssertionError):
        test_columns_give_the_same_numbers(wrong, "torch")
