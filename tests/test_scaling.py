"""Twice the formula is at most two and a half times the work, counted in calls of functions; where the answer is quadratic, at this size three times."""

from __future__ import annotations

from cProfile import Profile

import pytest

from benchmarks.scaling import FAMILIES, Family

SIZE = 16
MOST = {1: 2.5, 2: 3.0}


def calls(family: Family, n: int) -> int:
    """How many functions are called to answer the question of size n."""
    profile = Profile(builtins=False)
    profile.runcall(family.ask, n)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_work_grows_with_the_answer(family: Family) -> None:
    family.ask(3)  # the identities are read
    assert calls(family, 2 * SIZE) <= MOST[family.degree] * calls(family, SIZE)
