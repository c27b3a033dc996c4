"""From an expression to the linear map that it is: which parts are computed, and how these make up the whole.

`Plan` finds the parts once for an expression; one program computes them at a point, and `Plan.at` puts the map together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from matcalc.expr import IDENTITY, MATPOWER, NUMBER, PRODUCT, SUM, TRANSPOSE, Expr, Size, number, product, size
from matcalc.operating import maps
from matcalc.operating.maps import Array, Map

DEEPEST = 40  # sums in products in sums …: what lies deeper is computed as an array


@dataclass(frozen=True, eq=False)
class Plan:
    """The parts of a matrix expression that are computed, in `parts`, and what is made of them, in `order`, operands first."""

    root: Expr
    order: tuple[Expr, ...]
    parts: tuple[Expr, ...]

    def at(self, values: Sequence[Array], symmetric: bool, formed: Callable[[], Array] | None) -> Map:
        """The map, of the values of `parts` at a point."""
        known = dict(zip(self.parts, values, strict=True))
        done: dict[Expr, Map] = {}
        for e in self.order:
            made = MADE[_kind(e)](e, done, known)
            done[e] = replace(made, symmetric=True) if e.symmetric and not made.symmetric else made
        root = done[self.root]
        if root.kind in ("dense", "scalar", "diagonal"):
            return replace(root, symmetric=root.symmetric or symmetric)
        return replace(root, symmetric=root.symmetric or symmetric, formed=formed)


def plan(root: Expr) -> Plan:
    """What is computed of `root`, and what is kept apart.

    >>> from matcalc import parse
    >>> plan(parse("2*kron(V'*V, eye(m)) + c*I", where="V: (n, k); c: scalar")).parts
    (V, m, c, k m)
    """
    order: list[Expr] = []
    wanted: dict[Expr, None] = {}
    seen: set[Expr] = set()
    stack: list[tuple[Expr, int, bool]] = [(root, 0, False)]
    while stack:
        e, depth, ready = stack.pop()
        if ready:
            order.append(e)
        elif e not in seen:
            seen.add(e)
            kind = _kind(e) if depth < DEEPEST else "leaf"
            if kind == "leaf" and depth >= DEEPEST:
                wanted[e] = None
                order.append(e)
                continue
            stack.append((e, depth, True))
            stack.extend((a, depth + 1, False) for a in reversed(_operands(e, kind)))
            wanted.update(dict.fromkeys(_computed(e, kind)))
    return Plan(root, tuple(order), tuple(wanted))


def _kind(e: Expr) -> str:
    """Which row of `MADE` the expression is."""
    if 1 in e.shape:
        return "leaf"
    if e.op is MATPOWER:
        return "power"
    known = {IDENTITY: "identity", SUM: "sum", PRODUCT: "product", TRANSPOSE: "transpose"}.get(e.op)
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
        case "diag" | "khatrirao":
            return tuple(a for i, a in enumerate(e.args) if i == 0 or a.op is not IDENTITY)
        case "product":
            return () if _front(e).op is NUMBER else (_front(e),)
    return ()


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

Made = Mapping[Expr, Map]
Known = Mapping[Expr, Array]


def _leaf(e: Expr, done: Made, known: Known) -> Map:
    a = known[e]
    if a.ndim < 2:
        a = a.reshape((-1, 1) if e.shape[1] == 1 else (1, -1))
    return maps.dense(a, e.symmetric)


def _size(n: Size, known: Known) -> int:
    return int(known[size(n)])


def _product(e: Expr, done: Made, known: Known) -> Map:
    parts, front = [done[r] for r in _runs(e)], _front(e)
    c = _plain(front.data) if front.op is NUMBER else maps.number(known[front])
    return maps.product([maps.scalar(c, parts[0].shape[0]), *parts], e.symmetric)


def _sum(e: Expr, done: Made, known: Known) -> Map:
    terms = [maps.product([maps.scalar(_plain(c), done[t].shape[0]), done[t]], t.symmetric) for c, t in zip(e.data, e.args, strict=True)]
    return maps.total(terms, e.symmetric)


def _plain(c: Any) -> Any:
    return c if isinstance(c, int) else float(c)


def _power(e: Expr, done: Made, known: Known) -> Map:
    one = done[e.args[0]] if e.data > 0 else maps.inverse(done[e.args[0]])
    return maps.product([one] * abs(e.data), e.symmetric)


def _kron(e: Expr, done: Made, known: Known) -> Map:
    made = done[e.args[0]]
    for a in e.args[1:]:
        made = maps.kron(made, done[a])
    return made


def _khatrirao(e: Expr, done: Made, known: Known) -> Map:
    left, right = e.args
    return maps.khatrirao(np.atleast_2d(known[left]), None if right.op is IDENTITY else np.atleast_2d(known[right]))


MADE: dict[str, Callable[[Expr, Made, Known], Map]] = {
    "leaf": _leaf,
    "identity": lambda e, done, known: maps.scalar(1, _size(e.shape[0], known)),
    "commutation": lambda e, done, known: maps.commutation(*(_size(n, known) for n in e.data)),
    "diag": lambda e, done, known: maps.diagonal(known[e.args[0]].reshape(-1)),
    "khatrirao": _khatrirao,
    "transpose": lambda e, done, known: done[e.args[0]].turned,
    "power": _power,
    "sum": _sum,
    "product": _product,
    "kron": _kron,
}
