"""THE PROPERTIES: each draw makes what its row says, and what follows from what is proved by the table itself."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import matcalc as mc
from matcalc.expr.properties import PROPERTIES, closure, contradiction, draws

TESTS = {
    "positive": lambda x: bool((x > 0).all()),
    "nonnegative": lambda x: bool((x >= 0).all()),
    "invertible": lambda x: abs(np.linalg.det(x)) > 1e-12,
    "psd": lambda x: np.allclose(x, x.T) and np.linalg.eigvalsh(x).min() > -1e-9 * (1 + np.abs(x).max()),
    "spd": lambda x: np.allclose(x, x.T) and np.linalg.eigvalsh(x).min() > 1e-12,
}


def letters(rng, m, n, k):
    """A value for every letter that a draw may have, and its shape."""
    p, q = rng.permutation(n), np.arange(n)
    e = np.linalg.qr(rng.standard_normal((n, n)))[0]
    half = n // 2
    j = np.kron(np.array([[0, 1], [-1, 0]]), np.eye(half)) if n % 2 == 0 else np.full((n, n), np.nan)
    return {
        "A": ("n, n", rng.standard_normal((n, n))), "B": ("n, k", rng.standard_normal((n, k))), "G": ("m, n", rng.standard_normal((m, n))),
        "P": ("m, n", rng.uniform(0.5, 2, (m, n))), "M": ("m, n", rng.integers(0, 2, (m, n)).astype(float)), "E": ("n, n", e),
        "J": ("n, n", j), "R": ("n, n", np.eye(n)[p]), "a": ("n", rng.standard_normal(n)), "b": ("n", rng.standard_normal(n)),
        "p": ("n", rng.uniform(0.5, 2, n)), "c": ("n", rng.uniform(0.5, 2, n) * (q != n - 1)), "d": ("n", rng.choice([-1.0, 1.0], n)),
        "s": ("n", rng.integers(0, 2, n).astype(float)),
    }  # fmt: skip


def drawn(recipe, rng, n, *, square=True, vector=False):
    m = n if square else 1 if vector else n + 1
    given = letters(rng, m, n, 1 + int(rng.integers(0, n)))
    where = "; ".join(f"{name}: ({shape.replace('m', 'n') if square else shape})" for name, (shape, _) in given.items())
    e = mc.parse(recipe, where=where)
    values = {name: value for name, (_, value) in given.items()}
    return np.asarray(mc.evaluate(e, **values, n=n, m=m), dtype=float)


def has(x, name):
    row = PROPERTIES[name]
    n = x.shape[0]
    shape = f"({n})" if x.ndim == 1 else f"({x.shape[0]}, {x.shape[1]})"
    return all(np.allclose(mc.evaluate(mc.parse(h.replace("(n)", f"({n})"), where=f"X: {shape}"), X=x), 0) for h in row.holds) and (
        not row.test or TESTS[row.test](x)
    )


PAIRS = [frozenset({p}) for p in PROPERTIES] + [
    frozenset(pair)
    for pair in combinations(PROPERTIES, 2)
    if not contradiction(pair) and {"vector", "square"} != {PROPERTIES[p].shape for p in pair}
]


@pytest.mark.parametrize("properties", PAIRS, ids=lambda p: " ".join(sorted(p)))
def test_a_draw_has_all_the_properties(properties):
    vector = any(PROPERTIES[p].shape == "vector" for p in properties)
    rng = np.random.default_rng(0)
    for recipe in draws(properties):
        found = 0
        for n in (2, 3, 4, 3, 2):
            x = drawn(recipe, rng, n)
            if np.isfinite(x).all():
                assert (x.ndim == 1) == vector
                found += all(has(x, p) for p in closure(properties))
        assert found >= (3 if "J" in recipe else 5), recipe
