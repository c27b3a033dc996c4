"""Products of an inverse with a term of what is inverted: K⁻¹E of K = aE + cI is (I - cK⁻¹)/a, wherever that is accurate."""

import numpy as np
import pytest

import matcalc as mc
from programs import on

K = "(a*E + c*eye(n))"
WHERE = "E: (n, n) symmetric; D: (n, n) symmetric; a: scalar; c: scalar"
# What needs the inverse itself, so that it is computed, and its product with a term.
RESULTS = [f"inv({K})", f"tr(inv({K})*E*inv({K})*E)", f"tr(inv({K})*E*inv({K})*D)"]


def values(a, c, n=6):
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 3, (n, 2))
    E = np.exp(-((points[:, None] - points[None]) ** 2).sum(-1))
    D = rng.standard_normal((n, n))
    return {"E": E, "D": D + D.T, "a": a, "c": c}


@pytest.mark.parametrize("a", [0.0, 1e-13, 1e-6, -0.02, 1.0, 3, 1e6])
@pytest.mark.parametrize("c", [0.25, 1, 1e-3, 1e4])
@pytest.mark.parametrize("target", ["numpy", "jax"])
def test_it_is_the_product_for_every_size_of_the_term(a, c, target):
    on(target)
    run = mc.compile(RESULTS, target, WHERE)
    assert "_inverse_times_term(" in run.source
    given = values(a, c)
    E, D = given["E"], given["D"]
    inverse = np.linalg.inv(a * E + c * np.eye(6))
    made = run(**given)
    M = inverse @ E
    assert np.allclose(made[0], inverse, rtol=1e-10)
    assert np.isclose(made[1], np.trace(M @ M), rtol=1e-7)
    assert np.isclose(made[2], np.trace(M @ inverse @ D), rtol=1e-7, atol=1e-7 * np.abs(M).max() * np.abs(inverse @ D).max())


def test_torch_multiplies():
    assert "inverse_times_term" not in mc.code(RESULTS, "torch", WHERE)
