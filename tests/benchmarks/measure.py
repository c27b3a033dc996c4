"""Measures programs against hand-written NumPy, JAX and PyTorch: `make bench`, or `python tests/benchmarks/measure.py`.

One pinned core, process CPU time; every round times every contestant once; the figures are medians over the rounds of the
time ÷ the hand-written time.  Contestants that are not installed are left out.  The table goes to ``results.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

CORE = max(os.sched_getaffinity(0))
if __name__ == "__main__":  # before any library starts its threads
    os.sched_setaffinity(0, {CORE})
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.environ |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}

import numpy as np  # noqa: E402 - after the threads are settled

sys.path.insert(0, str(Path(__file__).parent))
from problems import PROBLEMS, Data, Problem  # noqa: E402

import matcalc as mc  # noqa: E402

MODES = {"value + gradient": False, "+ Hessian": True}
SAMPLE = 0.004  # seconds that one sample takes at least
Run = Callable[[], Any]


def program(problem: Problem, target: str, second: bool) -> Callable[..., Any]:
    """What is generated: value, gradient and, if `second`, the Hessian, as one function."""
    g = mc.grad(problem.text, problem.wrt, problem.where, unconstrained=True)
    results = [g.of, g]
    if second:
        results.append(mc.hessian(problem.text, problem.wrt, problem.where, unconstrained=True))
    return mc.compile(results, target)


def ours(problem: Problem, data: Data, second: bool) -> Run:
    f = program(problem, "numpy", second)
    return lambda: f(**data)


def ours_jax(problem: Problem, data: Data, second: bool) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    f = jax.jit(lambda d: program(problem, "jax", second)(**d))
    given = {name: jax.numpy.asarray(v) for name, v in data.items()}
    return lambda: jax.block_until_ready(f(given))


def jax_ad(problem: Problem, data: Data, second: bool) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    given = {name: jax.numpy.asarray(v) for name, v in data.items()}
    x = given.pop(problem.wrt)

    def value(x: Any, d: Data) -> Any:
        return problem.value(jax.numpy, x, d)

    def whole(x: Any, d: Data) -> Any:
        f, g = jax.value_and_grad(value)(x, d)
        return (f, g, jax.hessian(value)(x, d)) if second else (f, g)

    run = jax.jit(whole)
    return lambda: jax.block_until_ready(run(x, given))


def torch_ad(problem: Problem, data: Data, second: bool) -> Run:
    import torch

    torch.set_num_threads(1)
    given = {name: torch.from_numpy(v) for name, v in data.items()}
    x = given.pop(problem.wrt)

    def value(x: Any) -> Any:
        return problem.value(torch, x, given)

    def whole() -> Any:
        g, f = torch.func.grad_and_value(value)(x)
        return (f, g, torch.func.hessian(value)(x)) if second else (f, g)

    return whole


CONTESTANTS = {"ours": ours, "ours in JAX": ours_jax, "JAX": jax_ad, "torch.func": torch_ad}


def seconds(run: Run, times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def ratios(problem: Problem, data: Data, second: bool, names: list[str], budget: float) -> dict[str, float]:
    """For each contestant the median of its time ÷ the hand-written time; for "hand" the time itself."""
    runs: dict[str, Run] = {"hand": lambda: problem.hand(data, second)}
    for name in names:
        try:
            runs[name] = CONTESTANTS[name](problem, data, second)
        except ImportError:
            continue
    wanted = problem.hand(data, second)
    found = runs["ours"]()
    for a, b in zip(wanted, found, strict=True):
        assert np.allclose(a, b, rtol=1e-8, atol=1e-8 * np.max(np.abs(a))), f"{problem.name}: ours is wrong"
    once = {name: max(seconds(run, 1), seconds(run, 1), 1e-6) for name, run in runs.items()}
    times = {name: max(1, round(SAMPLE / t)) for name, t in once.items()}
    rounds = max(3, min(15, int(budget / sum(once[n] * times[n] for n in runs))))
    samples: dict[str, list[float]] = {name: [] for name in runs}
    for i in range(rounds):
        for name in list(runs)[:: 1 if i % 2 else -1]:
            samples[name].append(seconds(runs[name], times[name]))
    out = {name: median(t / h for t, h in zip(samples[name], samples["hand"], strict=True)) for name in runs if name != "hand"}
    return {"hand": median(samples["hand"])} | out


def machine() -> str:
    versions = []
    for name in ("numpy", "scipy", "jax", "torch"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    model = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor())
    return f"{model}, one core; Python {platform.python_version()}, {', '.join(versions)}; float64, process CPU time, medians"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().split("\n") if path.exists() else []


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="problems whose name contains this")
    options.add_argument("--contestants", default=",".join(CONTESTANTS))
    options.add_argument("--budget", type=float, default=3.0, help="seconds for each case")
    options.add_argument("--out", default=str(Path(__file__).with_name("results.md")))
    chosen = options.parse_args()
    names = chosen.contestants.split(",")
    lines = [
        f"Time ÷ hand-written NumPy. {machine()}.",
        "",
        f"| problem | size | | hand, ms | {' | '.join(names)} |",
        "|---|---|---|--:|" + "--:|" * len(names),
    ]
    largest: dict[tuple[str, str], list[float]] = {}
    print("\n".join(lines))
    for problem in PROBLEMS:
        if chosen.only not in problem.name:
            continue
        for mode, second in MODES.items():
            sizes = problem.sizes[: problem.largest_hessian] if second else problem.sizes
            for size in sizes:
                found = ratios(problem, problem.data(np.random.default_rng(1), **size), second, names, chosen.budget)
                shown = [f"{found[n]:.2f}" if n in found else "" for n in names]
                lines.append(
                    f"| {problem.name} | {', '.join(f'{k} = {v}' for k, v in size.items())} | {mode} | {1e3 * found['hand']:.3f} | {' | '.join(shown)} |"
                )
                print(lines[-1], flush=True)
                if size is sizes[-1]:
                    for n in found:
                        largest.setdefault((mode, n), []).append(found[n])
    for mode in MODES:
        means = [f"{exp(sum(map(log, largest[mode, n])) / len(largest[mode, n])):.2f}" if (mode, n) in largest else "" for n in names]
        lines.append(f"| geometric mean | the largest | {mode} | | {' | '.join(means)} |")
        print(lines[-1])
    Path(chosen.out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
