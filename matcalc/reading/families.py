r"""Undeclared arrays of matrices, and of vectors with two indices: what only a family can be.

The ``S_t`` of ``v_t^\top S_t^{-1} v_t`` and the ``x_{ij}`` of ``x_{ij}'\beta`` would fit as entries too, which nobody means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from matcalc.reading.evidence import BY_ITSELF
from matcalc.reading.letters import GREEK
from matcalc.reading.places import At
from matcalc.reading.tree import TIMES, Node, walked

OF_MATRICES = frozenset(("det", "logdet", "tr", "inv", "logm", "expm", "lambda_max", "normnuc", "normspec"))
LETTERS = "dpqrmnklabcefghstuvwxyz"


class Wanted(NamedTuple):
    """A family that a text wants: its letter, its indices, and the shapes that its members may have."""

    stem: str
    indices: tuple[str, ...]
    shapes: tuple[str, ...]  # of square, oblong, vector
    node: Node


def wanted(nodes: list[Node]) -> list[Wanted]:
    """The families that undeclared names with indices of sums are, by their places.

    >>> from matcalc.reading import read
    >>> [str(s) for s in read(r"\\sum_{t=1}^T v_t^\\top S_t^{-1} v_t").notes][:1]
    ['S_t is read as a family: S_t: (d, d), t = 1..T']
    """
    found: dict[str, Wanted] = {}
    for node, shapes in _said(nodes) if any(n.kind == "indexed" for n in nodes) else ():
        stem, places = node.value
        letters = tuple(p.letter for p in places if isinstance(p, At) and not p.shift)
        if len(letters) == len(places) and (stem not in found or len(shapes) < len(found[stem].shapes)):
            found[stem] = Wanted(stem, letters, shapes, node)
    return list(found.values())


def _said(nodes: list[Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The names that are no entries, with the shapes that fit their places, the likeliest first."""

    def of(parts: Iterable[Node], *shapes: str) -> Iterator[tuple[Node, tuple[str, ...]]]:
        return ((p, shapes) for p in parts if _is_matrix(p))

    summands = (p for n in nodes if n.kind in BY_ITSELF for p in _summands(n.parts[0]))
    vectors = {p.value[0] for p in summands if p.kind == "indexed" and len(p.value[1]) == 1}
    for node in nodes:
        kind, parts = node.kind, node.parts
        name = node.value[0] if kind == "call" else ""
        for before, after, operator in zip(parts, parts[1:], node.value, strict=False) if kind == "product" else ():
            if operator.kind == TIMES and after.kind == "indexed" and after.value[0] in vectors:
                yield from of((before,), "oblong", "square")  # X_j β_j
        if kind == "norm" and node.value in ("F", "*", "σ") and _is_matrix(parts[0]):
            yield parts[0], ("oblong", "vector")
        elif kind in BY_ITSELF:
            for part in _summands(parts[0]):
                if part.kind == "indexed" and len(part.value[1]) == 2:
                    yield part, ("vector",)
                elif part.kind == "product":
                    yield from of(part.parts[:-1], "square", "oblong")
        elif kind == "power" and _is_inverse(parts[1]):
            yield from of(parts[:1], "square")
        elif name in OF_MATRICES or kind == "log_bars":
            for part in _summands(parts[0]):
                yield from of(part.parts, "square", "oblong") if part.kind == "product" else of([part], "square")
        elif name == "normalpdf" or kind == "weighted":
            yield from of(parts[-1:], "square")
        elif name == "inner":
            yield from of(parts, "square", "oblong")
        elif kind == "product":
            last, below = (parts[-1], parts[-1].value[1]) if parts[-1].kind == "indexed" else (parts[-1], ())
            if parts[-2].kind == "transpose" and node.value[-1].kind == TIMES and len(below) == 2 and last.value[0][0].islower():
                yield last, ("vector",)  # β'x_ij
            for before, middle, operator in zip(parts, parts[1:-1], node.value[1:], strict=False):
                if before.kind == "transpose" and operator.kind == TIMES and (_is_matrix(middle) or _is_weight(middle)):
                    yield middle, ("square", "oblong")


def _is_matrix(node: Node) -> bool:
    return node.kind == "indexed" and len(node.value[1]) == 1 and bool(node.value[0][0].isupper())


def _is_weight(node: Node) -> bool:
    """Whether it is an Ω_ij: an upper-case Greek letter with two indices."""
    return node.kind == "indexed" and len(node.value[1]) == 2 and node.value[0][:1].isupper() and node.value[0].lower() in GREEK


def _is_inverse(exponent: Node) -> bool:
    part = exponent.parts[0] if exponent.kind == "minus" else exponent
    return part.kind == "number" and part.value == (1 if part is not exponent else -1)


def _summands(node: Node) -> Iterator[Node]:
    parts = walked(node, into=lambda n: n.parts if n.kind in ("sum", "minus") else ())
    return (part for part in parts if part.kind not in ("sum", "minus"))


def declarations(families: list[Wanted], nodes: list[Node], text: str) -> Iterator[str]:
    """The declarations that would do for them, one way after the other: with square members of one size first."""
    runs = {n.value[1]: n.value[2:] for n in nodes if n.kind == "over"}
    free = [letter for letter in LETTERS if letter not in text]
    counts: dict[str, str] = {}
    ranges = []
    for family in families:
        parts = []
        for index in family.indices:
            letter = index.partition("·")[0]
            first, last = runs.get(index, (None, None))
            if last is None and letter not in counts and len(free) > 2:
                counts[letter] = free.pop()
            parts.append(f"{letter} = {1 if first is None else first}..{counts.get(letter, '') if last is None else last}")
        ranges.append(", ".join(parts))
    for shapes in dict.fromkeys(product(*(family.shapes for family in families))):
        names = iter(free)
        one = next(names, "")
        entries = []
        for family, shape, said in zip(families, shapes, ranges, strict=True):
            sizes = f"{one}, {one}" if shape == "square" else one if shape == "vector" else f"{next(names, one)}, {next(names, one)}"
            letters = "".join(index.partition("·")[0] for index in family.indices)
            entries.append(f"{family.stem}_{letters}: ({sizes}), {said}")
        yield "; ".join(entries)
