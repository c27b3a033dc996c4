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

from matcalc.expr import Expr, number, product, size
from matcalc.expr import heads as H
from matcalc.limits import DEEPEST_STRUCTURE
from matcalc.operating import maps
from matcalc.operating.maps import Array, Map


@dataclass(frozen=True, eq=False)
class Step:
    """A map made of the maps of earlier steps, `operands`, and of computed values, `parts`, by a row of `MADE`."""

    kind: str
    operands: tuple[int, ...]
    parts: tuple[int, ...]
    data: Any
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
            made = MADE[s.kind](s, [done[i] for i in s.operands], [values[i] for i in s.parts])
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
        kind = _kind(e) if depth < DEEPEST_STRUCTURE else "leaf"
        operands = _operands(e, kind)
        if not ready and operands:
            stack.append((e, depth, True))
            stack.extend((a, depth + 1, False) for a in reversed(operands) if a not in places)
            continue
        computed = tuple(parts.setdefault(p, len(parts)) for p in _computed(e, kind))
        steps.append(Step(kind, tuple(places[a] for a in operands), computed, _data(e, kind), e.symmetric))
        places[e] = len(places)
    return Plan(tuple(parts), tuple(steps))


def _kind(e: Expr) -> str:
    """Which row of `MADE` the expression is."""
    if 1 in e.shape:
        return "leaf"
    if e.op is H.MATPOWER:
        return "power"
    known = {H.IDENTITY: "identity", H.SUM: "sum", H.PRODUCT: "product", H.TRANSPOSE: "transpose"}.get(e.op)
    return known or (e.op.name if e.op.name in ("kron", "diag", "commutation", "khatrirao") else "leaf")


def _operands(e: Expr, kind: str) -> Sequence[Expr]:
    """The matrices that it is put together from."""
    if kind in ("sum", "transpose", "power", "kron"):
        return e.args[:1] if kind == "power" else e.args
    return _runs(e) if kind == "product" else ()


def _computed(e: Expr, kind: str) -> Sequence[Expr]:
    """The arrays and numbers that it needs."""
    match kind:
        case "leaf":
            return (e,)
        case "identity":
            return (size(e.shape[0]),)
        case "commutation":
            return tuple(map(size, e.data))
        case "diag":
            return e.args
        case "khatrirao":
            return tuple(a for i, a in enumerate(e.args) if i != _identity(e))
        case "product":
            return () if _front(e).op is H.NUMBER else (_front(e),)
    return ()


def _data(e: Expr, kind: str) -> Any:
    """The data of a node that its row needs."""
    match kind:
        case "leaf":
            return e.shape[1] == 1
        case "sum":
            return tuple(map(_plain, e.data))
        case "khatrirao":
            return _identity(e)
        case "product":
            front = _front(e)
            return _plain(front.data) if front.op is H.NUMBER else None
    return e.data


def _identity(e: Expr) -> int | None:
    """Which factor of a Khatri–Rao product is the identity."""
    return next((i for i in (1, 0) if e.args[i].op is H.IDENTITY), None)


def _plain(c: Any) -> Any:
    return c if isinstance(c, int) else float(c)


def _front(e: Expr) -> Expr:
    return product([number(e.data[0]), *e.args[: e.data[1]]])


def _runs(e: Expr) -> list[Expr]:
    """The factors of a product, those up to a vector and those from a row on multiplied: (A x)(y' B)."""
    chain = e.args[e.data[1] :]
    cuts = [0, *(i for i in range(1, len(chain)) if chain[i].shape[0] == 1), len(chain)]
    if len(cuts) == 2:
        return list(chain)
    return [product(chain[i:j]) for i, j in pairwise(cuts)]


# --- the rows ---------------------------------------------------------------------------------------------------


def _leaf(s: Step, _: list[Map], values: list[Array]) -> Map:
    a = values[0]
    if a.ndim < 2:
        a = a.reshape((-1, 1) if s.data else (1, -1))
    return maps.dense(a, s.symmetric)


def _product(s: Step, operands: list[Map], values: list[Array]) -> Map:
    c = maps.number(values[0]) if values else s.data
    return maps.product([maps.scalar(c, operands[0].shape[0]), *operands], s.symmetric)


def _sum(s: Step, operands: list[Map], _: list[Array]) -> Map:
    terms = [maps.product([maps.scalar(c, t.shape[0]), t], t.symmetric) for c, t in zip(s.data, operands, strict=True)]
    return maps.total(terms, s.symmetric)


def _power(s: Step, operands: list[Map], _: list[Array]) -> Map:
    one = operands[0] if s.data > 0 else maps.inverse(operands[0])
    return maps.product([one] * abs(s.data), s.symmetric)


def _khatrirao(s: Step, _: list[Map], values: list[Array]) -> Map:
    left, *right = (v if v.ndim == 2 else np.atleast_2d(v) for v in values)
    made = maps.khatrirao(left, right[0] if right else None)
    return maps.product([maps.commutation(*left.shape[::-1]), made]) if s.data == 0 else made  # I ∗ B = K (B ∗ I)


MADE: dict[str, Callable[[Step, list[Map], list[Array]], Map]] = {
    "leaf": _leaf,
    "identity": lambda s, operands, values: maps.scalar(1, int(values[0])),
    "commutation": lambda s, operands, values: maps.commutation(*map(int, values)),
    "diag": lambda s, operands, values: maps.diagonal(maps.plain(values[0]).reshape(-1)),
    "khatrirao": _khatrirao,
    "transpose": lambda s, operands, values: operands[0].turned,
    "power": _power,
    "sum": _sum,
    "product": _product,
    "kron": lambda s, operands, values: reduce(maps.kron, operands),
}
