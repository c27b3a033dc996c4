"""Changes the tables one entry at a time, and sees whether the proofs notice.

A mutant is one entry of one row changed: a sign, a factor, a transposition, a ⊙, two letters, a term, a condition, a range.  The
proofs of that row (tests/proofs.py) run on it in a process of their own; a mutant they pass has survived, and is listed.  What a
mutant says is the same where it simplifies to the same, and is left out then.

    python tests/mutations.py                 all tables: rows, mutants, survivors
    python tests/mutations.py sylvester pinv  these rows and lines only
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W\d]\w*|\d+|\.\*|\./|\.\^|\S")
PLACEHOLDERS = ("dX", "dY", "dZ", "dx", "dy", "dz", "X", "Y", "Z", "W", "x", "y", "z")


@dataclass(frozen=True)
class Mutant:
    """One change: of what, how, how to make it, and what has to notice."""

    of: str
    how: str
    make: Callable[[], None]
    prove: Callable[[], None]


def variants(text: str, letters: tuple[str, ...] = PLACEHOLDERS) -> Iterator[str]:
    """Formulas that differ from `text` in one place.

    >>> list(variants("2*x'", ("x", "y")))
    ["3*x'", "2.*x'", '2*x', "-(2*x')", "2*(2*x')"]
    """
    tokens = TOKEN.findall(text)
    present = [t for t in letters if t in tokens]

    def with_(i: int, *new: str) -> str:
        return "".join((*tokens[:i], *new, *tokens[i + 1 :])).replace(",", ", ")

    for i, t in enumerate(tokens):
        before, after = tokens[i - 1] if i else "", tokens[i + 1] if i + 1 < len(tokens) else ""
        if t == "+":
            yield with_(i, "-")
        elif t == "-":
            yield with_(i, "+")
        elif t == "*":
            yield with_(i, ".*")
        elif t == ".*":
            yield with_(i, "*")
        elif t == "'":
            yield with_(i)
        elif t.isdigit() and before != "_":
            yield with_(i, str(int(t) + 1))
        elif t in letters:
            if after != "'":
                yield with_(i, t, "'")
            for other in present:
                if other != t and (len(other) == len(t)):
                    yield with_(i, other)
    if text != "0":
        yield f"-({text})"
        yield f"2*({text})"
    else:
        yield "1"
    for kept in _terms_dropped(tokens):
        yield kept


def _terms_dropped(tokens: list[str]) -> Iterator[str]:
    """A sum without one of its terms, at any depth of parentheses."""
    depth, starts = 0, [0]
    cuts: dict[int, list[int]] = {}
    for i, t in enumerate(tokens):
        if t in "([":
            depth += 1
            starts.append(i + 1)
        elif t in ")]":
            depth -= 1
            starts.pop()
        elif t in "+-" and i > starts[-1]:
            cuts.setdefault(starts[-1], []).append(i)
    for start, signs in cuts.items():
        end = _end(tokens, start)
        edges = [start, *signs, end]
        for a, b in zip(edges, edges[1:], strict=False):
            kept = tokens[:a] + tokens[b:]
            if kept[a : a + 1] == ["+"]:
                kept = kept[:a] + kept[a + 1 :]
            yield "".join(kept).replace(",", ", ")


def _end(tokens: list[str], start: int) -> int:
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i] in "([":
            depth += 1
        elif tokens[i] in ")]":
            if not depth:
                return i
            depth -= 1
    return len(tokens)
