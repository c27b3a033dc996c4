"""Every line of the identity tables, proved numerically under its name; and that the tables are in order."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.expr import Dim, Expr, postorder, variables
from matcalc.simplification.rewrite import LINES, Line
from sampling import close, draw

POSITIVE = {"exp-log", "log-exp", "log-reciprocal", "vec-power"}


def sizes_of(*sides: Expr, wide: bool) -> dict[str, int]:
    names = sorted({s for n in postorder(*sides) for d in n.shape if isinstance(d, Dim) for s in d.symbols})
    ladder = [2, 3, 4, 5, 6, 7] if wide else [5, 4, 3, 2, 6, 7]
    return dict(zip(names, ladder, strict=False))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_both_sides_are_equal(line: Line) -> None:
    rng = np.random.default_rng(5)
    proved = 0
    for identity in line.identities():
        free = variables(identity.left)
        assert {v.data[0] for v in variables(identity.right)} <= {v.data[0] for v in free}, "the right side has a name the left has not"
        sizes = sizes_of(identity.left, identity.right, wide="wide" in line.name)
        values = {}
        for v in free:
            rows, columns = (d if isinstance(d, int) else sizes[str(d)] for d in v.shape)
            kind = (
                v.data[1][0]
                if v.data[1]
                else "positive"
                if line.name in POSITIVE
                else "invertible"
                if rows == columns and rows > 1
                else "nonzero"
            )
            values[v.data[0]] = draw(kind, (rows, columns), rng)
        left, right = evaluate(identity.left, **values, **sizes), evaluate(identity.right, **values, **sizes)
        assert close(left, right, 1e-8)
        proved += 1
    assert proved == (3 if line.scalar else 1)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_the_left_side_matches_itself_and_becomes_the_right(line: Line) -> None:
    for identity in line.identities():
        assert identity.at(identity.left) is identity.right


def test_names_are_unique() -> None:
    names = [line.name for line in LINES]
    assert len(set(names)) == len(names)
