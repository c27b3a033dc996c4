"""Canonical constructors keep the value: whatever is built, from variables with every property, means what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.simplification import simplify
from raw import SIZES, Ill, M, N, Trees
from sampling import close

SHAPES = [(1, 1), (1, 1), (M, 1), (M, N), (M, M), (N, N), (N, N)]
BATCH = 100


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
