"""Settings of all tests: threads, garbage, and the line that says what is not run here."""

import atexit
import gc
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

for library in ("OPENBLAS", "OMP", "MKL"):  # the matrices of the tests are small: threads would only wait for each other
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

ELSEWHERE = {
    re.compile(r"\b(jax|torch|mcp|dask|octave-cli|julia)\b", re.IGNORECASE): (
        "without JAX, PyTorch, dask, mcp, Octave or Julia: `make targets` brings those that it can and runs this"
    ),
    re.compile("the page is not driven"): "without Playwright or Chromium: `make page-test` brings Playwright and runs this",
}


def _in_one_line(report: Any) -> None:
    """Tests skipped for want of the same things stand in one line of the summary."""
    if report.skipped and isinstance(report.longrepr, tuple):
        line = next((line for reason, line in ELSEWHERE.items() if reason.search(report.longrepr[2])), None)
        report.longrepr = ("tests", 0, line) if line else report.longrepr


def pytest_configure() -> None:
    """Nothing that is made while the tests are collected is garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What lives as long as the tests, twelve thousand of them, is not looked through for garbage again and again; what they make is, seldom."""
    gc.freeze()
    gc.set_threshold(5_000_000, 50, 50)
    gc.enable()


def pytest_unconfigure() -> None:
    """Nor is it when all is done and Python ends: what of it nobody holds was looked for before."""
    atexit.register(gc.freeze)


def pytest_itemcollected(item: Any) -> None:
    """Tests that ask for JAX or PyTorch by a fixture go by its name too: `-k 'jax or torch'` runs them."""
    item.extra_keyword_matches.update({"jax", "torch"}.intersection(getattr(item, "fixturenames", ())))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    _in_one_line((yield).get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: Any) -> Iterator[None]:
    _in_one_line((yield).get_result())
