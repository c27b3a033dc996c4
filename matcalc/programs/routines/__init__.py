"""Routines that a program brings along: what a library lacks, or has only piece by piece.

They are functions of real files, one per library, which nothing imports: a program has the text of those that it uses, without types.

| target | its routines are those of                                     |
|--------|---------------------------------------------------------------|
| numpy  | `numpy.py`, and `in_numpy.py` beside the table of operators   |
| jax    | `jax.py`, `both.py`, and `numpy.py` in the names of JAX       |
| torch  | `torch.py`, `both.py`, and `numpy.py` in the names of PyTorch |
| julia  | `julia.jl`                                                    |
| matlab | `matlab.m`                                                    |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pkgutil import get_data

OPERATORS, HERE = "matcalc.operators", "matcalc.programs.routines"
# The files of a target, the first that has a routine counts, and the names of libraries that are others for it.
FILES: dict[str, tuple[tuple[str, str, dict[str, str]], ...]] = {
    "numpy": ((HERE, "numpy", {}), (OPERATORS, "in_numpy", {})),
    "jax": ((HERE, "jax", {}), (HERE, "both", {}), (HERE, "numpy", {"np": "jnp"})),
    "torch": ((HERE, "torch", {}), (HERE, "both", {"jax": "torch", "jnp": "torch"}), (HERE, "numpy", {"np": "torch"})),
}
HEAD = re.compile(r"^( *def \w+\()(.*)\) -> .*:$", re.MULTILINE)
TYPE = re.compile(r": [\w\[\]]+( = )?")


@cache
def routines(target: str) -> Mapping[str, str]:
    """The text of each routine that a program for the target may bring along.

    >>> print(routines("jax")["_resolvent"].splitlines()[0])
    def _resolvent(a):
    """
    found: dict[str, str] = {}
    for package, file, names in FILES[target]:
        for name, text in _functions(package, file):
            if name not in found:
                found[name] = re.sub(rf"\b({'|'.join(names)})\.", lambda m, names=names: f"{names[m[1]]}.", text) if names else text  # type: ignore[misc]
    return found


def _functions(package: str, file: str) -> Iterator[tuple[str, str]]:
    source = get_data(package, f"{file}.py")
    assert source is not None
    for text in source.decode().split("\n\n\ndef ")[1:]:
        yield text[: text.index("(")], HEAD.sub(_untyped, f"def {text.rstrip()}")


def _untyped(head: re.Match[str]) -> str:
    return head[1] + TYPE.sub(lambda m: "=" if m[1] else "", head[2]) + "):"


def written_in(file: str) -> dict[str, str]:
    """The text of each routine in a file of another language, by name: a comment and a function, a blank line between two.

    >>> print(written_in("julia.jl")["swapped_first"])
    # The first two axes in each other's place.
    swapped_first(x) = permutedims(x, (2, 1, 3))
    """
    source = get_data(HERE, file)
    assert source is not None
    parts = re.split(r"\n\n(?=[#%] )", source.decode().rstrip())[1:]
    return {
        match[1]: text for text in parts if (match := re.search(r"^(?:function )?(?:\[?\w+(?:, \w+)*\]? = )?(\w+)\(", text, re.MULTILINE))
    }
