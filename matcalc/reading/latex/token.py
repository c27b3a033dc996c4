from __future__ import annotations

from typing import NamedTuple


class Token(NamedTuple):
    """A piece of the text: its terminal, how it is spelled, where it stands; `primes` are those of a function."""

    kind: str
    text: str
    start: int
    end: int
    primes: int = 0
