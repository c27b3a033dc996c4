"""Expressions, and answers, survive pickling: in one process as the same object, in another as an equal one."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import matcalc as mc
from expressions import Sampler

WHERE = "f: (m, n) -> (); X: (m, n); A: (m, m); W: (n, p); Y: (m, p); z: (6); x: (n)"


@pytest.mark.parametrize("seed", range(40))
def test_the_same_object_comes_back(seed: int) -> None:
    e = Sampler(seed).draw((1, 1), 5)
    assert pickle.loads(pickle.dumps(e)) is e


@pytest.mark.parametrize("text, wrt", [("norm(g(X*W) - Y)^2", "W"), ("f(X*W)", "X"), ("X[:,j]'*A*X[:,2]", "X")])
def test_another_process_makes_an_equal_one(text: str, wrt: str) -> None:
    where = "; ".join(p for p in WHERE.split("; ") if p[0] in text) if "f" not in text else "f: (m, p) -> (); X: (m, n); W: (n, p)"
    e = mc.grad(text, wrt, where=where).expr
    code = "import pickle, sys; from matcalc.writing.text import text; e = pickle.loads(sys.stdin.buffer.read()); print(text(e.T.T), e.turns, e.symmetric)"
    from matcalc.writing.text import text as written

    out = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(e), capture_output=True, check=True).stdout.decode()
    assert out.strip() == f"{written(e)} {e.turns} {e.symmetric}"
