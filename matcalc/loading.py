"""Packages that load a module when something of it is first asked for: a gradient pays for no proofs, checks or programs.

Whoever needs such a package now and then imports it at the top and asks it in a function: `programs.compiled.Compiled`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def on_demand(package: str, **names: str) -> Callable[[str], Any]:
    """The `__getattr__` of a package: the `names` of each of its modules, as one text, and the modules by their own names.

    Raises AttributeError for any other name.

    >>> on_demand("matcalc.api", deriving="grad jacobian hessian")("grad").__module__
    'matcalc.api.deriving'
    """
    homes = {name: f"{package}.{module}" for module, offered in names.items() for name in offered.split()}

    def named(name: str) -> Any:
        if name in homes:
            found = getattr(import_module(homes[name]), name)
            setattr(sys.modules[package], name, found)
            return found
        if not name.startswith("_") and find_spec(f"{package}.{name}") is not None:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return named
