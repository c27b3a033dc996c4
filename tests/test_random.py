"""Random expressions: gradient, Jacobian and Hessian against finite differences of the value, evaluated independently."""

from __future__ import annotations

import numpy as np
import pytest

from expressions import VALUES, Sampler, values_for
from matcalc.calculus import gradient, jacobian
from matcalc.checking.evaluate import evaluate
from matcalc.expr import Expr, symbol, variables
from matcalc.reading import read
from matcalc.simplification import rewritten, simplify
from matcalc.writing.text import text
from sampling import central, close

SHAPES = [(1, 1), (1, 1), ("m", 1), ("n", 1), ("m", "n"), ("n", "n")]
BATCH = 30


def slope(f: Expr, x: Expr, point: dict[str, object], direction: np.ndarray) -> np.ndarray:
    at = np.asarray(point[x.data[0]])
    return central(lambda h: np.asarray(evaluate(f, **{**point, x.data[0]: at + h * direction}, **VALUES)).ravel(order="F"), h=1e-3)


def flat(e: Expr, point: dict[str, object]) -> np.ndarray:
    value = np.asarray(evaluate(e, **point, **VALUES), dtype=float)
    return value.reshape(value.size) if value.ndim < 2 else value


def agree(derivative: Expr, f: Expr, x: Expr, point: dict[str, object], direction: np.ndarray) -> bool:
    """Whether J vec(E) is the slope of `f` in the direction E."""
    want = slope(f, x, point, direction)
    j = np.asarray(evaluate(derivative, **point, **VALUES), dtype=float)
    e = direction.ravel(order="F")
    if f.is_scalar:
        got = j.ravel(order="F") @ e
    elif x.is_scalar:
        got = j.ravel(order="F") * e[0]
    else:
        got = j.reshape(want.size, e.size) @ e
    return close(got, want, 2e-5)


@pytest.mark.parametrize("batch", range(8))
def test_derivatives_of_random_expressions(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        sampler = Sampler(seed)
        shape = tuple(symbol(d) if isinstance(d, str) else d for d in sampler.rng.choice(SHAPES))
        f = sampler.draw(shape, sampler.rng.randint(2, 6))  # type: ignore[arg-type]
        free = variables(f)
        if not free:
            continue
        x = sampler.rng.choice(free)
        point = values_for(free, seed)
        rng = np.random.default_rng(seed)
        direction = rng.standard_normal(np.asarray(point[x.data[0]]).shape)
        direction = (direction + direction.T) / 2 if x.symmetric and direction.shape[0] > 1 else direction
        assert close(flat(simplify(f), point), flat(f, point), 1e-7), f"seed {seed}: simplify changed the value of {text(f)}"
        s = rewritten(f)
        answer = simplify(gradient(s, [x])[0] if f.is_scalar else jacobian(s, x))
        assert agree(answer, f, x, point, direction), f"seed {seed}: {text(f)} by {x.data[0]} gave {text(answer)}"
        where = "; ".join(
            f"{v.data[0]}: "
            + ("scalar" if v.is_scalar else str(v.shape).replace(", 1)", ")"))
            + " symmetric" * (v.symmetric and not v.is_scalar)
            for v in free
        )
        where += "; g: elementwise"
        assert read(text(answer), where + "; m_: (m); n_: (n)").expr is answer, f"seed {seed}: {text(answer)} does not read back"
        if f.is_scalar and answer.weight < 400:
            h = simplify(jacobian(answer, x))
            assert agree(h, answer, x, point, direction), f"seed {seed}: Hessian of {text(f)} by {x.data[0]} gave {text(h)}"
