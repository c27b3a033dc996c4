"""Times contestants in turn: process CPU time of one thread, every round each of them once, ratios within a round."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

import matcalc as mc
from benchmarks.contestants import COMPILED, CONTESTANTS, derivatives, disagreement
from benchmarks.problems import Problem, Sizes

SAMPLE = 0.004  # seconds that one sample takes at least
ROUNDS = 3, 11  # at least, at most
MEMORY = 31 << 20  # bytes: the allocator keeps what is freed up to the largest array so far, as in a process that has worked a while
ENOUGH = 1.0  # seconds: a run that takes longer is one sample and the only one


@dataclass
class Case:
    """One problem at one size: the samples of each contestant, aligned by rounds, and how far it is from the hand-written answer."""

    problem: Problem
    sizes: Sizes
    second: bool
    samples: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)  # timed once, as it takes long
    left_out: set[str] = field(default_factory=set)  # slower than the cap at a smaller size

    def seconds(self, name: str) -> float:
        return median(self.samples[name])

    def ratio(self, name: str, to: str) -> float | None:
        """The median over the rounds of one's time ÷ the other's; none where one was not timed."""
        if name not in self.samples or to not in self.samples:
            return None
        if name in self.once or to in self.once:
            return self.seconds(name) / self.seconds(to)
        return median(a / b for a, b in zip(self.samples[name], self.samples[to], strict=False))


def seconds(run: Callable[[], Any], times: int = 1) -> float:
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def measured(
    problem: Problem, sizes: Sizes, second: bool, names: list[str], *, budget: float, cap: float, slow: set[str], timed: bool = True
) -> Case:
    """`budget` is in seconds for each contestant; who takes longer than `cap` in one run is added to `slow` and left out the next time."""
    data = problem.data(np.random.default_rng(1), **sizes)
    case, runs, cost = Case(problem, sizes, second, left_out=slow & set(names)), {}, {}
    wanted = problem.hand(data, second)
    for name in names:
        if name in slow:
            continue
        run = CONTESTANTS[name](problem, data, second)
        start = time.process_time()
        case.errors[name] = disagreement(name, run(), wanted)
        cost[name] = time.process_time() - start
        if name in COMPILED or cost[name] < cap:
            cost[name] = max(seconds(run, 1 if cost[name] > SAMPLE / 4 else 20), 1e-7)
        if cost[name] > cap:
            slow.add(name)
        if cost[name] > ENOUGH:
            case.once.add(name)
            case.samples[name] = [cost[name]]
        else:
            runs[name] = run
    if timed:
        _rounds(case, runs, cost, budget)
    return case


def _rounds(case: Case, runs: dict[str, Callable[[], Any]], cost: dict[str, float], budget: float) -> None:
    np.ones(MEMORY // 8)
    times = {name: max(1, round(SAMPLE / cost[name])) for name in runs}
    rounds = {name: max(ROUNDS[0], min(ROUNDS[1], int(budget / (cost[name] * times[name])))) for name in runs}
    case.samples |= {name: [] for name in runs}
    gc.collect()
    gc.disable()
    for i in range(max(rounds.values())):
        for name in list(runs)[:: 1 if i % 2 else -1]:
            if i < rounds[name]:
                if cost[name] < 0.05:
                    runs[name]()  # what ran before has filled the cache
                case.samples[name].append(seconds(runs[name], times[name]))
    gc.enable()


def emitting(problem: Problem) -> dict[str, float]:
    """Seconds to derive the gradient and the Hessian, and to write the program in each target; the process is warm."""

    def best(f: Callable[[], Any], times: int) -> float:
        return median(seconds(f) for _ in range(times))

    results = derivatives(problem, True)
    out = {"derive": best(lambda: derivatives.__wrapped__(problem, True), 3)}
    for target in ("numpy", "jax", "torch"):
        out[target] = best(lambda target=target: mc.code(results, target), 5)  # type: ignore[misc]
    return out
