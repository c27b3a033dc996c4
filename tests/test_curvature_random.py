"""Functions composed at random: no verdict is refuted by what is sampled, and counterexamples are some.

`python tests/test_curvature_random.py 0 500` asks about more of them.
"""

import sys

import pytest

from curved import composed, wrong


@pytest.mark.parametrize("seed", range(60))
def test_no_verdict_is_wrong(seed):
    assert wrong(composed(seed)) is None


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    for seed in range(first, last):
        found = wrong(composed(seed))
        if found:
            print(seed, found, composed(seed))
