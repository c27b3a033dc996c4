"""The order of products: the cheapest parentheses of a chain, by dynamic programming on sizes given or assumed.

Where sizes are symbols a vector counts 1, a thin side little, everything else much (`assumed`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from matcalc.expr.dims import Dim, Size
from matcalc.expr.heads import VARIABLE
from matcalc.expr.node import Expr
from matcalc.programs.fixing import staying
from matcalc.programs.given import axes_of

if TYPE_CHECKING:
    from matcalc.programs.values import Value

USUAL, THIN = 300.0, 10.0
DEEP = 4  # sizes in a row, each smaller than the one before
NOTHING: Mapping[str, float] = {}
KNOWN = 0.99  # of the cost of a product that is computed anyway: X (Y V) rather than (X Y) V by the Y V that is there
NEARLY = 0.95  # what is cheaper by less counts as equal

There = Callable[["Value", "Value"], bool]
Split = tuple[float, int]


def assumed(given: Sequence[Expr], results: Iterable[Expr]) -> dict[str, float]:
    """How large sizes are taken to be of which nothing is known.

    An array has more rows than columns, by little, so that this decides between what costs the same.  A size that only arguments
    shaped like a result have, beside one that others share, is small: the k of W: (n, k) beside X: (m, n).

    >>> from matcalc.expr import symbol, variable
    >>> m, n, k = map(symbol, "mnk")
    >>> X, W = variable("X", (m, n)), variable("W", (n, k))
    >>> assumed([X, W], [W])
    {'m': 300.0, 'n': 240.0, 'k': 10.0}
    """
    pairs = [tuple(n.name if isinstance(n, Dim) else "" for n in v.shape) for v in given if 1 not in v.shape]
    sizes = {n.name: USUAL for v in given for n in axes_of(v) if isinstance(n, Dim) and n.name}
    for _ in range(min(len(sizes), DEEP)):
        for rows, columns in pairs:
            if rows != columns and (columns, rows) not in pairs and rows in sizes and columns in sizes:
                sizes[columns] = min(sizes[columns], max(sizes[rows] * 0.8, USUAL * 0.8**DEEP))
    shapes = {frozenset(e.shape) for e in results}
    own: dict[str, Size] = {}
    shared: set[Size] = set()
    for v in given:
        if v.op is VARIABLE and frozenset(v.shape) in shapes and v.shape[0] != v.shape[1] and 1 not in v.shape:
            own |= {n.name: m for n, m in (v.shape, v.shape[::-1]) if isinstance(n, Dim) and n.name}
        else:
            shared.update(axes_of(v))
    named = {n.name for n in shared if isinstance(n, Dim)}
    return sizes | {n: THIN for n, beside in own.items() if n not in named and beside in shared}


class Order:
    """Chooses the order of products, for `sizes` where they are known."""

    def __init__(
        self, sizes: Mapping[str, int] | None = None, fixed: Collection[str] = (), otherwise: Mapping[str, float] = NOTHING
    ) -> None:
        self.sizes: dict[str, float] = {**otherwise, **(sizes or {})}
        self.fixed = fixed
        self.weights: dict[Size, float] = {}

    def _stays(self, v: Value) -> bool:
        """Whether it depends on fixed arguments only: a product of such costs nothing, as it is computed once."""
        return bool(self.fixed and v.codes) and staying(v.codes, self.fixed, ()).issuperset(v.codes)

    def weight(self, n: Size) -> float:
        """A number to calculate costs with, for a size."""
        known = self.weights.get(n)
        if known is None:
            terms = (((), n),) if isinstance(n, int) else n.terms
            total = sum(float(count) * prod(self.sizes.get(name, USUAL) for name in names) for names, count in terms)
            known = self.weights[n] = max(total, 1.0)
        return known

    def entries(self, shape: Sequence[Size]) -> float:
        return prod(map(self.weight, shape))

    def best(
        self, values: Sequence[Value], longest: int = 0, there: There = lambda *_: False, known: float = KNOWN
    ) -> dict[tuple[int, int], Split]:
        """For each stretch of the chain (of at most `longest` factors) its cost and where it is split; `known` is that of what is there."""
        n = len(values)
        table: dict[tuple[int, int], Split] = {(i, i): (0.0, i) for i in range(n)}
        stays = [self._stays(v) for v in values]
        for length in range(1, longest or n):
            for i in range(n - length):
                j = i + length
                rows, columns = self.weight(values[i].shape[0]), self.weight(values[j].shape[1])
                choice = (float("inf"), i)
                for k in range(i, j):
                    cost = table[i, k][0] + table[k + 1, j][0]  # of equal ones a vector takes the right one: A x serves x'A x too
                    if not all(stays[i : j + 1]):
                        is_there = length == 1 and there(values[i], values[j])
                        cost += self._cost(values, i, k, j, rows, columns) * (known if is_there else 1)
                    if cost < choice[0] * (NEARLY if columns == 1 else 1) or cost == choice[0] and columns != 1:
                        choice = (cost, k)
                table[i, j] = choice
        return table

    def _cost(self, values: Sequence[Value], i: int, k: int, j: int, rows: float, columns: float) -> float:
        """Of multiplying values[i…k] by values[k+1…j]."""
        inner = self.weight(values[k].shape[1])
        left = values[i] if i == k else None
        right = values[j] if j == k + 1 else None
        cost = 2 * rows * inner * columns
        if left is not None:
            cost = min(cost, self._alone(left, rows, inner, columns))
        if right is not None:
            cost = min(cost, self._alone(right, columns, inner, rows))
        if left is not None and left.kind == "inverse":
            cost = 2 / 3 * inner**3 + 2 * inner**2 * columns
            if right is not None and right.kind == "inverse":
                cost += 2 * inner**3
        elif right is not None and right.kind == "inverse":
            cost = 2 / 3 * inner**3 + 2 * inner**2 * rows
        return cost

    def _alone(self, v: Value, outer: float, inner: float, other: float) -> float:
        """Of multiplying a single factor, by its structure, with something of `inner` by `other` entries."""
        match v.kind:
            case "diagonal" | "commutation":
                return inner * other
            case "const":
                return inner * other if outer == 1 else float("inf")
            case "unit":
                return 1.0
            case "column" | "row" | "outer":
                return (outer + inner) * other
            case "sum":
                return sum(self._alone(part, outer, inner, other) for part in v.parts)
            case "kron":
                (p, q), (r, s) = ((self.weight(a), self.weight(b)) for a, b in (part.shape for part in v.parts))
                return 2 * (q * s * r + p * q * r) * other
        return float("inf")
