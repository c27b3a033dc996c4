"""Measures programs against hand-written NumPy, JAX and PyTorch: `make bench`, or `python tests/benchmarks/measure.py`.

A run of all problems and sizes takes about ten minutes and goes to ``results.md``; `--quote` then puts its summary into page/docs/programs.md.
A part (`--quick`, `--only`, `--contestants`) is printed, and written where `--out` says.  Contestants that are not installed are left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":  # before any library starts its threads
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.environ |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from benchmarks import contestants, report, timing  # noqa: E402 - after the threads are settled
from benchmarks.contestants import CONTESTANTS  # noqa: E402
from benchmarks.problems import PROBLEMS, Problem, Sizes  # noqa: E402

RESULTS, PROGRAMS = HERE / "results.md", HERE.parents[1] / "page" / "docs" / "programs.md"


def options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="problems whose name contains this")
    parser.add_argument("--quick", action="store_true", help="the smallest and the largest size of each problem")
    parser.add_argument("--sizes", type=int, default=99, help="only so many sizes of each problem, the smallest first")
    parser.add_argument("--contestants", default="", help=f"some of: {', '.join(CONTESTANTS)}; the first is always there")
    parser.add_argument("--budget", type=float, default=0.6, help="seconds for each contestant and case")
    parser.add_argument("--cap", type=float, default=6.0, help="who takes longer, in seconds, is left out at larger sizes")
    parser.add_argument(
        "--check", action="store_true", help=f"no timing: do all agree with the hand-written forms at {report.TOLERANCE:g}?"
    )
    parser.add_argument("--quote", action="store_true", help="measure nothing: put the summary of results.md into page/docs/programs.md")
    parser.add_argument("--out", type=Path, help="the file for the tables; of a whole run it is results.md")
    return parser.parse_args(argv)


def installed(asked: str) -> list[str]:
    names = ["hand", *(n for n in (asked.split(",") if asked else CONTESTANTS) if n != "hand")]
    for library, needed in contestants.NEEDS.items():
        try:
            if needed & set(names):
                library()
        except ImportError as missing:
            print(f"without {' and '.join(sorted(needed))}: {missing}", file=sys.stderr)
            names = [name for name in names if name not in needed]
    return names


def planned(chosen: argparse.Namespace) -> Iterator[tuple[Problem, bool, Sizes]]:
    for problem in PROBLEMS:
        for second in report.MODES:
            sizes = problem.sizes_of(second)[: chosen.sizes]
            if chosen.only in problem.name:
                yield from ((problem, second, size) for size in (sizes[:: max(1, len(sizes) - 1)] if chosen.quick else sizes))


def main(argv: list[str] | None = None) -> int:
    """Prints each row as it is measured; returns 1 if a contestant does not agree with the hand-written form."""
    chosen = options(argv)
    if chosen.quote:
        PROGRAMS.write_text(report.quoted(PROGRAMS.read_text(), RESULTS.read_text()))
        return 0
    names = installed(chosen.contestants)
    others, todo = names[1:], list(planned(chosen))
    whole = not (chosen.only or chosen.quick or chosen.contestants or chosen.check or chosen.sizes < 99)
    print("\n".join(report.head(["problem", "sizes", ""], others) if chosen.check else report.ratio_head(others)))
    cases: list[timing.Case] = []
    slow: dict[tuple[Problem, bool], set[str]] = {}
    for i, (problem, second, sizes) in enumerate(todo, 1):
        if sys.stderr.isatty():
            print(f"{i} of {len(todo)}: {problem.name}, {sizes}", end="\033[K\r", file=sys.stderr, flush=True)
        cases.append(
            timing.measured(
                problem, sizes, second, names,
                budget=chosen.budget, cap=chosen.cap, slow=slow.setdefault((problem, second), set()), timed=not chosen.check,
            )
        )  # fmt: skip
        print((report.error_row if chosen.check else report.ratio_row)(cases[-1], others), flush=True)
    wrong = [(case, name) for case in cases for name, error in case.errors.items() if not error < report.TOLERANCE]
    for case, name in wrong:
        print(f"{name} does not agree: {', '.join(report.case_name(case))}: {case.errors[name]:.1e}", file=sys.stderr)
    if not chosen.check:
        emitted = {problem: timing.emitting(problem) for problem in dict.fromkeys(problem for problem, *_ in todo)}
        text = report.document(cases, others, emitted, chosen.cap)
        print("\n" + "\n".join([*report.summary(cases), "", *report.shortfalls(cases), "", *report.emitting_rows(emitted)]))
        out = chosen.out or (RESULTS if whole else None)
        if out:
            out.write_text(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
