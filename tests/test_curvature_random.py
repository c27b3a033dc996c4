"""Functions composed at random: no verdict is refuted by what is sampled, and counterexamples are some.

`python tests/test_curvature_random.py 0 500` asks about more of them.
"""

import sys
from itertools import islice

import pytest

import matcalc as mc
from curved import composed, moving, wrong
from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.convexity.proving import SIGN
from matcalc.expr import add, scaled


@pytest.mark.parametrize("seed", range(50))
def test_no_verdict_is_wrong_and_parts_add_up_to_the_second_differential(seed):
    """And none of the parts is negative, at any point and in any direction."""
    f = composed(seed)
    c = mc.curvature(f.expr, moving(f), where=f.where)
    assert wrong(f, c) is None
    if c.certificate is None or c.certificate.method != "hessian" or not c.certificate.proof.parts:
        return
    proof = c.certificate.proof
    parts = [add([t.expr for t in part.terms]) for part in proof.parts]
    for values, sizes in islice(points(*parts, proof.second, seed=seed), 3):
        shown = [evaluate(part, **{**sizes, **values}) for part in parts]
        size = sum(abs(evaluate(t.expr, **{**sizes, **values})) for part in proof.parts for t in part.terms)
        second = evaluate(scaled(SIGN[proof.verdict], proof.second), **{**sizes, **values})
        if size < 1e100:
            assert min(shown) >= -1e-9 * (1 + size)
            assert abs(sum(shown) - second) <= 1e-9 * (1 + size)


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    for seed in range(first, last):
        f = composed(seed)
        found = wrong(f, mc.curvature(f.expr, moving(f), where=f.where))
        if found:
            print(seed, found, f)
