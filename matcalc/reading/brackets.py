"""The depth of each place in brackets: one count of depths for all that look at a text before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

OPENING, CLOSING = "([{", ")]}"


def depths(text: str) -> list[int]:
    """In how many brackets each character stands, and the end of the text; a bracket that opens stands outside of itself.

    >>> depths("a(b[c])")
    [0, 0, 1, 1, 2, 2, 1, 0]
    """
    return [0, *accumulate((c in OPENING) - (c in CLOSING) for c in text)]


def balanced(text: str) -> bool:
    """Whether each bracket has its other one."""
    found = depths(text)
    return min(found) == 0 == found[-1]


def closed(text: str, at: int) -> int:
    """Where what the bracket at a place opens ends; the place itself where nothing closes it.

    >>> closed("f(x(t), y), z", 1)
    10
    """
    inside = accumulate((text[k] in OPENING) - (text[k] in CLOSING) for k in range(at, len(text)))
    return next((end for end, depth in enumerate(inside, at + 1) if depth == 0), at)


def outside(text: str, found: Iterable[re.Match[str]], start: int = 0) -> Iterator[re.Match[str]]:
    """Those of what is found in a text that stand outside of brackets.

    >>> [m.start() for m in outside("f(x, y), z", re.finditer(",", "f(x, y), z"))]
    [7]
    """
    matches = list(found)
    inside = depths(text) if matches else []
    return (m for m in matches if inside[m.start()] <= 0 and m.start() >= start)
