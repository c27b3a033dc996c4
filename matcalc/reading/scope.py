"""What the passes over the text share: a token, and what is known of names before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Token(NamedTuple):
    """A piece of the text: its terminal, how it is spelled, where it stands; `primes` are those of a function."""

    kind: str
    text: str
    start: int
    end: int
    primes: int = 0


class Scope(NamedTuple):
    """What is known of names before the text is read: name → scalar, vector, matrix, elementwise, function or size."""

    kinds: Mapping[str, str]

    def is_variable(self, name: str) -> bool:
        return self.kinds.get(name) in ("scalar", "vector", "matrix")
