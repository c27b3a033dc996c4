"""From an expression to the linear map that it is: which parts are computed, and how these make up the whole.

`plan` finds this once for an expression; one program computes the parts at a point, and `Plan.at` puts the map together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np

from matcalc.expr import Expr, factors, number, product, size
from matcalc.expr import heads as H
from matcalc.expr.products import scalars
from matcalc.limits import DEEPEST_STRUCTURE
from matcalc.operating import maps
from matcalc.operating.maps import Array, Map

Made = Callable[[list[Map], Sequence[Array]], Map]  # of the maps of the operands, and of the values of all parts
Part = Callable[[Expr], int]  # where the value of an expression stands among the parts


@dataclass(frozen=True, eq=False)
class Step:
    """A map made of the maps of earlier steps, `operands`."""

    operands: tuple[int, ...]
    made: Made
    symmetric: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """The parts of a matrix expression that are computed, and the steps that make the map of them."""

    parts: tuple[Expr, ...]
    steps: tuple[Step, ...]

    def at(self, values: Sequence[Array], symmetric: bool, formed: Callable[[], Array] | None) -> Map:
        """The map, of the values of `parts` at a point; `formed` makes its array."""
        done: list[Map] = []
        for s in self.steps:
            made = s.made([done[i] for i in s.operands], values)
            done.append(replace(made, symmetric=True) if s.symmetric and not made.symmetric else made)
        root = done[-1]
        if root.kind in ("dense", "scalar", "diagonal"):
            formed = None
        return replace(root, symmetric=root.symmetric or symmetric, formed=formed)


def plan(root: Expr) -> Plan:
    """The plan of `root`: what is computed, and what is kept apart.

    >>> from matcalc import parse
    >>> plan(parse("2*kron(V'*V, eye(m)) + c*I", where="V: (n, k); c: scalar")).parts
    (V, m, k m, c)
    """
    parts: dict[Expr, int] = {}
    places: dict[Expr, int] = {}
    steps: list[Step] = []
    stack: list[tuple[Expr, int, bool]] = [(root, 0, False)]
    while stack:
        e, depth, ready = stack.pop()
        if e in places:
            continue
        operands, row = ROWS.get(e.op.name, LEAF) if depth < DEEPEST_STRUCTURE and 1 not in e.shape else LEAF
        if not ready and operands(e):
            stack.append((e, depth, True))
            stack.extend((a, depth + 1, False) for a in reversed(operands(e)) if a not in places)
            continue
        made = row(e, lambda p: parts.setdefault(p, len(parts)))
        steps.append(Step(tuple(places[a] for a in operands(e)), made, e.symmetric))
        places[e] = len(places)
    return Plan(tuple(parts), tuple(steps))


def _plain(c: Any) -> Any:
    return c if isinstance(c, int) else float(c)


def _runs(e: Expr) -> list[Expr]:
    """The factors of a product, those up to a vector and those from a row on multiplied: (A x)(y' B)."""
    chain = factors(e)
    cuts = [0, *(i for i in range(1, len(chain)) if chain[i].shape[0] == 1), len(chain)]
    return [product(chain[i:j]) for i, j in pairwise(cuts)] if len(cuts) > 2 else list(chain)


# --- the rows ---------------------------------------------------------------------------------------------------


def _leaf(e: Expr, part: Part) -> Made:
    place = part(e)

    def made(_: list[Map], values: Sequence[Array]) -> Map:
        a = values[place]
        return maps.dense(a if a.ndim == 2 else a.reshape((-1, 1) if e.shape[1] == 1 else (1, -1)), e.symmetric)

    return made


def _identity(e: Expr, part: Part) -> Made:
    n = part(size(e.shape[0]))
    return lambda _, values: maps.scalar(1, int(values[n]))


def _commutation(e: Expr, part: Part) -> Made:
    sizes = [part(size(n)) for n in e.data]
    return lambda _, values: maps.commutation(*(int(values[n]) for n in sizes))


def _diag(e: Expr, part: Part) -> Made:
    d = part(e.args[0])
    return lambda _, values: maps.diagonal(maps.plain(values[d]).reshape(-1))


def _product(e: Expr, part: Part) -> Made:
    front = product([number(e.data[0]), *scalars(e)])
    place = None if front.op is H.NUMBER else part(front)

    def made(operands: list[Map], values: Sequence[Array]) -> Map:
        c = _plain(front.data) if place is None else maps.number(values[place])
        return maps.product([maps.scalar(c, operands[0].shape[0]), *operands], e.symmetric)

    return made


def _sum(e: Expr, _: Part) -> Made:
    numbers = list(map(_plain, e.data))
    return lambda operands, _: maps.total(list(map(maps.scaled, numbers, operands)), e.symmetric)


def _power(e: Expr, _: Part) -> Made:
    one = maps.inverse if e.data < 0 else lambda m: m
    return lambda operands, _: maps.product([one(operands[0])] * abs(e.data), e.symmetric)


def _khatrirao(e: Expr, part: Part) -> Made:
    """Of which a factor may be the identity: I ∗ B = K (B ∗ I)."""
    eye = next((i for i in (1, 0) if e.args[i].op is H.IDENTITY), None)
    places = [part(a) for i, a in enumerate(e.args) if i != eye]

    def made(_: list[Map], values: Sequence[Array]) -> Map:
        left, *right = (np.atleast_2d(values[i]) if values[i].ndim != 2 else values[i] for i in places)
        whole = maps.khatrirao(left, right[0] if right else None)
        return maps.product([maps.commutation(*left.shape[::-1]), whole]) if eye == 0 else whole

    return made


# An operator, the matrices that its map is put together from, and the map: of them, and of what is computed.
Row = tuple[Callable[[Expr], Sequence[Expr]], Callable[[Expr, Part], Made]]
LEAF: Row = (lambda e: (), _leaf)
ROWS: dict[str, Row] = {
    "identity":    (lambda e: (),          _identity),
    "commutation": (lambda e: (),          _commutation),
    "diag":        (lambda e: (),          _diag),
    "khatrirao":   (lambda e: (),          _khatrirao),
    "transpose":   (lambda e: e.args,      lambda e, part: lambda operands, _: operands[0].turned),
    "matpower":    (lambda e: e.args[:1],  _power),
    "sum":         (lambda e: e.args,      _sum),
    "product":     (_runs,                 _product),
    "kron":        (lambda e: e.args,      lambda e, part: lambda operands, _: reduce(maps.kron, operands)),
}  # fmt: skip
