"""One object for one expression, in every thread, and only as long as somebody holds it."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import matcalc as mc
from matcalc.expr import Expr
from matcalc.expr.dims import Dim
from matcalc.operators import abstract

QUESTIONS = [
    "tr(inv(A)*B)", "norm(A*x - y)^2", "log(1 + exp(x'*A*y))", "x'*(A + A')*x/3", "sum(tanh(A'*x))", "sum(g(A*x))", "tr(tanh(A*B)')", "tr((A*W)^3)",
]  # fmt: skip
WHERE = "x: (n); y: (n); A: (n, n); B: (n, n); W: (n, n) skew; g: elementwise"


def asked(first: int, last: int) -> None:
    for i in range(first, last):
        f = QUESTIONS[i % len(QUESTIONS)].replace("A", f"A_{i}").replace("(g(", f"(g_{i}(")
        where = f"x: (k{i}); y: (k{i}); A_{i}: (k{i}, k{i}); B: (k{i}, k{i}); W: (k{i}, k{i}) skew; g_{i}: elementwise"
        mc.grad(f, f"A_{i}", where=where)


def test_derivatives_that_nobody_holds_leave_nothing_behind() -> None:
    from matcalc.expr import node

    asked(0, 300)  # what is remembered of the last few hundred texts is remembered now
    gc.collect()
    before = len(node._interned), len(Dim._known)
    asked(300, 300 + 6 * len(QUESTIONS))
    gc.collect()
    after = len(node._interned), len(Dim._known)
    assert after[0] <= before[0] + 4 and after[1] <= before[1] + 4  # not one for each question of a kind


def test_a_transpose_does_not_keep_its_matrix() -> None:
    from matcalc.expr import node

    gc.collect()
    before = len(node._interned)
    A, B = mc.matrix("only_here", 7, 9), mc.matrix("and_here", 9, 7)
    kept = [A.T, (A @ B).T, (A + B.T).T, mc.tanh(A.T), (A @ B).T.T]
    assert len(node._interned) > before
    del A, B, kept
    assert len(node._interned) == before


def test_a_question_lets_go_of_what_it_held() -> None:
    """Answered or refused: what was made last is held only while it is worked on."""
    from matcalc.expr import node

    def ask(left: str, right: str) -> None:
        A, B = mc.matrix(left, 7, 9), mc.matrix(right, 9, 7)
        assert mc.grad(mc.trace(A @ B @ A @ B) + mc.sum(mc.tanh(A)), A).expr.shape == (7, 9)
        with pytest.raises(mc.ShapeError):
            mc.grad(mc.tanh(A @ B), A)

    ask("Z", "Y")  # rules that are read are kept
    gc.collect()
    before = len(node._interned)
    ask("only_now", "and_now")
    assert len(node._interned) == before


@pytest.mark.parametrize("attempt", range(5))
def test_threads_make_one_object(attempt: int) -> None:
    """Eight threads build and derive the same expressions, which nobody had before, at the same time."""
    threads = 8
    start = Barrier(threads)

    def derive(_: int) -> list[tuple[Expr, object]]:
        start.wait()
        out = []
        for i, text in enumerate(QUESTIONS * 2):
            n = f"t{attempt}_{i}"
            where = WHERE.replace("(n", f"({n}").replace(" n)", f" {n})")
            answer = mc.grad(text, "A", where=where).expr
            out.append((answer, [m.symmetric for m in (answer, *answer.args)]))
            out.append((mc.tanh(mc.matrix("A", n, n).T @ mc.matrix("B", n, n)).T, abstract(f"h{attempt}_{i}", 1)))
        return out

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            first, *others = pool.map(derive, range(threads))
    finally:
        sys.setswitchinterval(switch)
    for other in others:
        for (a, more_a), (b, more_b) in zip(first, other, strict=True):
            assert a is b and more_a == more_b
