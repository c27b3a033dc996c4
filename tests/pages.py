"""Modules of the page, for the tests that ask them without a browser."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

PAGE = Path(__file__).parents[1] / "page"


def of_page(name: str) -> ModuleType:
    """The module of that name; where the page is not here, the test is skipped."""
    if not PAGE.exists():
        pytest.skip("the page is not here")
    sys.path.insert(0, str(PAGE))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(PAGE))
