"""Sums of Kronecker products behind a commutation matrix: their rows are written where they belong."""

import numpy as np
import pytest

import matcalc as mc
from programs import as_given

WHERE = "A: (m, n); B: (p, q); C: (m, n); D: (p, q); U: (p, m)"
SUMS = [
    ("commutation(p, m)*kron(A, B)", True),
    ("commutation(p, m)*(kron(A, B) + kron(C, D))", True),
    ("commutation(p, m)*(kron(A, B) - 2*kron(C, D) + kron(A, D))", True),
    ("kron(A, B)*commutation(n, q)", True),  # the same, from the other side
    ("commutation(m, m)*(kron(eye(m), A*A') + kron(A*A', eye(m)))", False),  # of identities only the blocks are written
    ("commutation(p, m)*(kron(A, B) + kron(C, D))*vec(D'*U*A)", False),  # a vector is taken through
]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(("text", "written"), SUMS)
def test_rows_of_a_commuted_sum(text, written, target):
    e = mc.parse(text, where=WHERE)
    rng = np.random.default_rng(0)
    sizes = {"m": 2, "n": 3, "p": 4, "q": 5}
    shapes = {"A": "mn", "B": "pq", "C": "mn", "D": "pq", "U": "pm"}
    values = {v: rng.standard_normal([sizes[d] for d in dims]) for v, dims in shapes.items()}
    given = as_given(target, values)
    run = mc.compile(e, target)
    assert ("_kron_sum(" in run.source and ", True)" in run.source) == written
    assert np.allclose(np.asarray(run(**given)), mc.evaluate(e, **values, **sizes))
