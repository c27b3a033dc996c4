"""The trees of questions: what is done, to what; shapes are sizes by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Dim = Any  # a name, a whole number, or a tuple of such: their product
Shape = tuple[Dim, Dim]


@dataclass(frozen=True)
class Tree:
    """An expression of a question: the name of what is done, to what, and what else belongs to it (names, numbers, indices)."""

    op: str
    args: tuple[Tree, ...] = ()
    data: tuple[Any, ...] = ()
    shape: Shape = (1, 1)

    def nodes(self) -> list[Tree]:
        out, todo = [], [self]
        while todo:
            out.append(e := todo.pop())
            todo += e.args
        return out

    @property
    def weight(self) -> int:
        return 1 + sum(a.weight for a in self.args)


SCALAR: Shape = (1, 1)


def size_of(dim: Dim, sizes: Mapping[str, int]) -> int:
    if isinstance(dim, tuple):
        return math.prod(size_of(d, sizes) for d in dim)
    return sizes[dim] if isinstance(dim, str) else dim


def product_of(a: Dim, b: Dim) -> Dim:
    """The size a·b, its parts in order."""
    parts = sorted((x for d in (a, b) for x in (d if isinstance(d, tuple) else (d,)) if x != 1), key=str)
    whole = 1
    for p in parts:
        whole *= p if isinstance(p, int) else 1
    names = [p for p in parts if not isinstance(p, int)]
    if not names:
        return whole
    out = ([whole] if whole > 1 else []) + names
    return out[0] if len(out) == 1 else tuple(out)


def node(op: str, shape: Shape, *args: Tree, data: tuple[Any, ...] = ()) -> Tree:
    return Tree(op, args, data, shape)


def number(value: Any) -> Tree:
    return node("number", SCALAR, data=(Fraction(value),))
