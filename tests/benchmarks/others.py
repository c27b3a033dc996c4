"""Measures that the tables of results.md leave out: Hessian-vector products, systems, memory, mirror images and other names.

    python tests/benchmarks/others.py [products | systems | memory | mirrors | names …]

Process CPU time of one pinned thread, medians of ratios of runs in turn.  JAX and what it is compared with are left out where it is missing.
"""

from __future__ import annotations

import os
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

if __name__ == "__main__":  # before any library starts its threads
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.environ |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

import matcalc as mc
from benchmarks.chosen import CHOSEN
from benchmarks.contestants import hand, jax_library, ours
from benchmarks.fields import FIELDS
from benchmarks.later import LATER
from benchmarks.problems import PROBLEMS, Problem, Sizes
from benchmarks.report import case_name, geometric_mean, head, number, row
from benchmarks.timing import Case, seconds
from benchmarks.unseen import UNSEEN

ALL = (*PROBLEMS, *CHOSEN, *UNSEEN, *LATER, *FIELDS)
ROUNDS, SAMPLE = 7, 0.004
Line = tuple[list[str], float]
# A function, the variable, its mirror image, the variable; declarations of both and sizes.
MIRRORS = (
    ("sum(exp(A*X))", "X", "sum(exp(X*A'))", "X", "A: (m, n); X: (n, k)", "A: (m, n); X: (k, n)", {"m": 200, "n": 30, "k": 20}),
    ("norm(T - U*V')^2", "U", "norm(T - U*V')^2", "V", "T: (m, n); U: (m, k); V: (n, k)", "T: (n, m); U: (n, k); V: (m, k)",
     {"m": 150, "n": 120, "k": 5}),
    ("norm(tanh(X*W) - Y)^2", "W", "norm(tanh(W*X) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", "X: (d, m); W: (c, d); Y: (c, m)",
     {"m": 1000, "d": 50, "c": 10}),
    ("norm(X - X*W*W')^2", "W", "norm(X - W*W'*X)^2", "W", "X: (m, n); W: (n, k)", "X: (n, m); W: (n, k)", {"m": 300, "n": 60, "k": 5}),
    ("tr(inv(U)*(X - M)*inv(V)*(X - M)')", "M", "tr(inv(V)*(X - M)'*inv(U)*(X - M))", "M", "X: (m, n); M: (m, n); U: (m, m) spd; V: (n, n) spd",
     "X: (m, n); M: (m, n); U: (m, m) spd; V: (n, n) spd", {"m": 40, "n": 30}),
    ("sum(logsumexp_rows(X*W))", "W", "sum(logsumexp_rows((W*X)'))", "W", "X: (m, d); W: (d, c)", "X: (d, m); W: (c, d)", {"m": 500, "d": 20, "c": 10}),
)  # fmt: skip


def ratio(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """The median of one's time ÷ the other's, in turn."""
    times = [max(1, round(SAMPLE / max(seconds(run), 1e-6))) for run in (one, other) if run() is not None]
    return median(seconds(one, times[0]) / seconds(other, times[-1]) for _ in range(ROUNDS))


def cases(second: bool) -> Iterator[tuple[Problem, Sizes, dict[str, Any], list[str]]]:
    """Each problem at its largest size, with data and what stands before its numbers in a table."""
    for problem in ALL:
        sizes = (*problem.sizes_of(second), *problem.sizes[-1:])[max(0, len(problem.sizes_of(second)) - 1)]
        yield problem, sizes, problem.data(np.random.default_rng(1), **sizes), case_name(Case(problem, sizes, second))[:2]


def products() -> Iterator[Line]:
    """The time of JAX's jvp of grad ÷ that of our Hessian-vector product."""
    lib = jax_library()
    import jax

    for problem, _, data, names in cases(True):
        along = mc.hessian(problem.text, problem.wrt, problem.where, unconstrained=True).jvp()
        direction = np.random.default_rng(2).standard_normal(data[problem.wrt].shape)
        given = {name: lib.array(v) for name, v in data.items()}
        x, v = given.pop(problem.wrt), lib.array(direction)

        def moved(x: Any, v: Any, given: Any, value: Any = problem.value) -> Any:
            return jax.jvp(jax.grad(lambda x: value(lib, x, given)), (x,), (v,))[1]

        compiled, moving = jax.jit(moved), {**data, f"d{problem.wrt}": direction}
        wanted, found = np.asarray(compiled(x, v, given)), along(**moving)
        assert np.allclose(found, wanted, rtol=1e-6, atol=1e-6 * np.abs(wanted).max()), problem.name
        yield names, ratio(lambda c=compiled, a=(x, v, given): jax.block_until_ready(c(*a)), lambda f=along, m=moving: f(**m))  # type: ignore[misc]


def systems() -> Iterator[Line]:
    """The time to solve with the operator ÷ with the dense Hessian that is there, of 500 to 3,000 unknowns."""
    for problem in ALL:
        for sizes in problem.sizes:
            data = problem.data(np.random.default_rng(1), **sizes)
            n = int(np.size(data[problem.wrt]))
            if not 500 <= n <= 3000:
                continue
            d = mc.hessian(problem.text, problem.wrt, problem.where, unconstrained=True)
            made, dense, b = d.operator(), d.compile()(**data), np.random.default_rng(2).standard_normal(n)
            if np.linalg.cond(dense) < 1e10:
                wanted = np.linalg.solve(dense, b)
                assert np.allclose(made(**data).solve(b), wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max()), problem.name
                names = case_name(Case(problem, sizes, True))[:2]
                yield names, ratio(lambda: made(**data).solve(b), lambda: np.linalg.solve(dense, b))  # noqa: B023


def memory() -> Iterator[Line]:
    """The largest memory of value and gradient ÷ that by hand."""
    for problem, _, data, names in cases(False):
        peaks = []
        for contestant in (ours, hand):
            run = contestant(problem, data, False)
            run()
            tracemalloc.start()
            kept = run()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            del kept
        yield names, peaks[0] / peaks[1]


def mirrors() -> Iterator[Line]:
    """The time of the Hessian's program ÷ that of its mirror image, the slower by the faster."""
    for text, by, other, turned, where, elsewhere, sizes in MIRRORS:
        runs = []
        for t, x, w in ((text, by, where), (other, turned, elsewhere)):
            rng, declared = np.random.default_rng(1), re.findall(r"(\w): \((\w), (\w)\)( spd)?", w)
            data = {name: rng.standard_normal((sizes[m], sizes[n])) / sizes[n] ** 0.5 for name, m, n, _ in declared}
            data |= {name: np.eye(sizes[m]) + data[name] @ data[name].T for name, m, _, spd in declared if spd}
            g = mc.grad(t, x, w)
            run = mc.compile([g.of, g, mc.hessian(t, x, w)])
            runs.append(lambda run=run, data=data: run(**data))
        r = ratio(*runs)
        yield [text, other], max(r, 1 / r)


def names() -> Iterator[Line]:
    """The time of value and gradient where all letters and sizes have other names ÷ that of the problem as it is, the slower by the faster."""
    for problem, sizes, data, said in cases(False):
        renamed = {name: f"{name}z" for name in (*data, *sizes)}

        def other(text: str, renamed: dict[str, str] = renamed) -> str:
            return re.sub(r"[^\W\d]\w*", lambda w: renamed.get(w[0], w[0]), text)

        g = mc.grad(other(problem.text), renamed[problem.wrt], other(problem.where), unconstrained=True)
        run, moved = mc.compile([g.of, g]), {renamed[name]: v for name, v in data.items()}
        r = ratio(lambda run=run, moved=moved: run(**moved), ours(problem, data, False))  # type: ignore[misc]
        yield said, max(r, 1 / r)


TABLES: dict[str, Callable[[], Iterator[Line]]] = {
    "products": products, "systems": systems, "memory": memory, "mirrors": mirrors, "names": names,
}  # fmt: skip


def main(wanted: list[str]) -> None:
    for key in wanted or TABLES:
        print("", "## " + str(TABLES[key].__doc__), "", *head(["", ""], ["ratio"]), sep="\n")
        found = []
        for said, value in TABLES[key]():
            found.append(value)
            print(row([*said, number(value)]), flush=True)
        print(row(["geometric mean", "", number(geometric_mean(found))]))


if __name__ == "__main__":
    main(sys.argv[1:])
