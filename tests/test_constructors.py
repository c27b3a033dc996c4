"""Canonical constructors keep the value: whatever is built, from variables with every property, means what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.expr import add, scaled, transpose, variable
from matcalc.simplification import simplify
from raw import SIZES, Ill, M, N, Trees
from sampling import close

SHAPES = [(1, 1), (1, 1), (M, 1), (M, N), (M, M), (N, N), (N, N)]
BATCH = 60


@pytest.mark.parametrize("batch", range(20))
def test_the_canonical_form_has_the_value_of_the_tree(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        trees = Trees(seed)
        try:
            made, value = trees.tree(trees.rng.choice(SHAPES), trees.rng.randint(2, 4))
        except Ill:
            continue
        for e in (made, simplify(made)):
            got = np.asarray(evaluate(e, **trees.point, **SIZES), dtype=float).reshape(value.shape)
            assert close(got, value, 1e-6), f"seed {seed}: {e!r}"


def test_a_transpose_does_not_depend_on_what_was_transposed_before() -> None:
    """(B - A) is the transpose of -(A - B)', which somebody holds; its own transpose is (B - A)' all the same."""
    A, B = variable("A", (M, N)), variable("B", (M, N))
    held = scaled(-1, transpose(add([A, scaled(-1, B)])))
    back = transpose(held)
    assert back is add([B, scaled(-1, A)])
    point = {"A": np.full((3, 2), 5.0), "B": np.full((3, 2), 1.0)}
    for e in (held, simplify(held), transpose(back), simplify(transpose(back))):
        assert close(evaluate(e, **point), np.full((2, 3), -4.0))
