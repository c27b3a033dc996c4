"""Writes what was measured as tables in Markdown: all ratios, their geometric means, where a goal is missed, the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from math import exp, log
from pathlib import Path

import numpy as np

from benchmarks.problems import Problem
from benchmarks.timing import ENOUGH, Case

MODES = {False: "value + gradient", True: "+ Hessian"}
LARGEST, SMALLEST = 1.15, 1.5  # the goals for our NumPy programs ÷ by hand
TOLERANCE = 1e-8  # of the agreement with the hand-written answer
BEGIN, END = "<!-- summary of tests/benchmarks/results.md, put here by measure.py --quote -->", "<!-- end of the summary -->"

# who ÷ whom, at which size
SUMMARY = (
    ("our NumPy ÷ by hand, largest sizes", "ours", "hand", -1),
    ("our NumPy ÷ by hand, smallest sizes", "ours", "hand", 0),
    ("our JAX ÷ by hand", "ours in JAX", "hand", -1),
    ("our PyTorch ÷ by hand", "ours in PyTorch", "hand", -1),
    ("JAX's AD ÷ our NumPy", "JAX AD", "ours", -1),
    ("JAX's AD ÷ our JAX", "JAX AD", "ours in JAX", -1),
    ("torch.func ÷ our NumPy", "torch.func", "ours", -1),
    ("torch.func ÷ our PyTorch", "torch.func", "ours in PyTorch", -1),
)


def number(x: float | None) -> str:
    """
    >>> [number(x) for x in (0.987, 12.34, 1234.5, None)]
    ['0.99', '12.3', '1234', '']
    """
    if x is None:
        return ""
    return f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:.0f}"


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def head(text: Sequence[str], numbers: Sequence[str]) -> list[str]:
    return [row([*text, *numbers]), "|" + "---|" * len(text) + "--:|" * len(numbers)]


# --- one row a case --------------------------------------------------------------------------------------------------


def case_name(case: Case) -> list[str]:
    return [case.problem.name, ", ".join(f"{k} = {v}" for k, v in case.sizes.items()), MODES[case.second]]


def ratio_row(case: Case, names: Sequence[str]) -> str:
    def cell(name: str) -> str:
        if name in case.left_out:
            return "–"
        return number(case.ratio(name, "hand")) + (" ¹" if name in case.once else "")

    return row([*case_name(case), f"{1e3 * case.seconds('hand'):.3f}", *map(cell, names)])


def error_row(case: Case, names: Sequence[str]) -> str:
    return row([*case_name(case), *(f"{case.errors[n]:.0e}" if n in case.errors else "–" for n in names)])


# --- geometric means and shortfalls ----------------------------------------------------------------------------------


def at(cases: Sequence[Case], second: bool, name: str, to: str, end: int) -> dict[Problem, float]:
    """Each problem's ratio at the largest (end = -1) or smallest (0) size at which both were timed."""
    found: dict[Problem, list[float]] = {}
    for case in cases:
        ratio = case.ratio(name, to)
        if case.second is second and ratio is not None:
            found.setdefault(case.problem, []).append(ratio)
    return {problem: ratios[end] for problem, ratios in found.items()}


def geometric_mean(ratios: Iterable[float]) -> float | None:
    logs = [log(r) for r in ratios]
    return exp(sum(logs) / len(logs)) if logs else None


def summary(cases: Sequence[Case]) -> list[str]:
    """The geometric means over the problems, with the worst problem of each."""
    lines = head(["geometric mean over the problems (the worst of them)"], list(MODES.values()))
    for label, name, to, end in SUMMARY:
        cells = []
        for second in MODES:
            ratios = at(cases, second, name, to, end)
            worst = (min if to.startswith("ours") else max)(ratios, key=ratios.__getitem__, default=None)
            cells.append(f"{number(geometric_mean(ratios.values()))} ({number(ratios[worst])}, {worst.name})" if worst else "")
        if any(cells):
            lines.append(row([label, *cells]))
    return lines


def shortfalls(cases: Sequence[Case]) -> list[str]:
    """Where our NumPy is slower than the goal, or our JAX slower than JAX's AD."""
    found = []
    for label, name, to, end, goal in (
        ("hand-written NumPy, largest size", "ours", "hand", -1, LARGEST),
        ("hand-written NumPy, smallest size", "ours", "hand", 0, SMALLEST),
        ("JAX's AD, largest size", "ours in JAX", "JAX AD", -1, 1.0),
    ):
        for second, mode in MODES.items():
            for problem, ratio in at(cases, second, name, to, end).items():
                if round(ratio, 2) > goal:
                    found.append(f"- {problem.name}, {mode}: {name} takes {number(ratio)} times the time of {label} (goal {goal:g})")
    return found


# --- the file --------------------------------------------------------------------------------------------------------


def machine() -> str:
    versions = []
    for name in ("numpy", "scipy", "jax", "torch"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    path = Path("/proc/cpuinfo")
    lines = path.read_text().split("\n") if path.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{model}, one of {os.cpu_count()} cores; {platform.system()}, Python {platform.python_version()}, {', '.join(versions)} "
        f"({blas['name']} {blas['version']}); float64; process CPU time of one pinned thread; medians of rounds in which all run"
    )


def ratio_head(names: Sequence[str]) -> list[str]:
    return head(["problem", "sizes", ""], ["by hand, ms", *names])


def emitting_rows(found: dict[Problem, dict[str, float]]) -> list[str]:
    lines = head(["problem"], ["derive, ms", "write NumPy, ms", "write JAX, ms", "write PyTorch, ms"])
    return lines + [row([problem.name, *(f"{1e3 * t:.1f}" for t in times.values())]) for problem, times in found.items()]


def document(cases: Sequence[Case], names: Sequence[str], emitted: dict[Problem, dict[str, float]], cap: float) -> str:
    missed = shortfalls(cases) or ["- none"]
    parts = [
        ["# Measured by `make bench`", "", machine() + "."],
        ["## Summary", "", *summary(cases), "", "Goals missed:", "", *missed],
        ["## Time ÷ hand-written NumPy", "", *ratio_head(names), *(ratio_row(case, names) for case in cases)],
        [f"¹ takes more than {ENOUGH:g} s, so timed once; – took more than {cap:g} s at a smaller size, so not timed."],
        ["## Time to derive and to write value, gradient and Hessian", "", *emitting_rows(emitted)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def quoted(text: str, results: str) -> str:
    """The text with the table of the summary in `results` between its marks."""
    table = [line for line in results.split("## Summary")[1].split("Goals missed")[0].splitlines() if line.startswith("|")]
    before, rest = text.split(BEGIN)
    return before + "\n".join([BEGIN, *table, END]) + rest.split(END)[1]
