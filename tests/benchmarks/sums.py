"""Programs of sums over samples against vectorised NumPy by hand: all gradients of each example, for 10⁵ samples.

    python tests/benchmarks/sums.py [samples]

Process CPU time of one pinned thread, in milliseconds; the ratio is the median over rounds in which both run.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

if __name__ == "__main__":  # before any library starts its threads
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

import matcalc as mc
from sum_examples import EXAMPLES, Example

SAMPLES, ROUNDS, GOAL = 10**5, 15, 1.5


def milliseconds(run: Callable[[], object]) -> float:
    start = process_time()
    run()
    return 1e3 * (process_time() - start)


def measured(example: Example, samples: int, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """(by hand, ours, the ratio)."""
    values = example.data(samples, np.random.default_rng(0))
    program = mc.compile([mc.grad(example.of, v) for v in example.by])
    runs = (lambda: example.gradients(values)), (lambda: program(**values))
    for run in runs:
        run()
    gc.collect()
    times = np.array([[milliseconds(run) for run in runs] for _ in range(rounds)])
    hand, ours = map(median, times.T)
    return hand, ours, float(median(times[:, 1] / times[:, 0]))


def table(samples: int) -> list[str]:
    lines = ["| sum | by hand, ms | ours, ms | ratio |", "|---|--:|--:|--:|"]
    for name, example in EXAMPLES.items():
        hand, ours, ratio = measured(example, samples)
        lines.append(f"| {name} | {hand:.1f} | {ours:.1f} | {ratio:.2f}{' (goal 1.5)' * (ratio > GOAL)} |")
    return lines


if __name__ == "__main__":
    print("\n".join(table(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)))
