"""Doubts about what fits, and is most likely not meant: it is asked about rather than answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from matcalc.errors import MatcalcError
from matcalc.reading.doubts import members, norms, products, programs, sums
from matcalc.reading.shapes import Shapes
from matcalc.reading.tree import Node

Doubts = dict[str, tuple[Callable[[Node, Shapes], Iterator[MatcalcError | str]], ...]]
IN_ANY: Doubts = {
    "product": (
        products.below, products.starred, products.projected, products.daggered, products.entry_by_entry, products.pointed,
        norms.with_a_jacobian, products.before_row, products.between, products.difference, products.dotted,
        products.dotted_function, products.no_matrix_between, products.right_of_row, products.of_sign, members.outer,
    ),
    "power": (products.squared, sums.lettered),
    "call": (products.applied, norms.in_trace, norms.layer, sums.of_numbers, members.of_one_number, norms.with_a_jacobian),
    "sum": (sums.of_another, sums.marked, sums.of_two_kinds, sums.spread, sums.of_matrices, sums.of_numbers, sums.intercept),
    "norm": (
        sums.of_matrices, norms.sum_of_numbers, norms.primed, members.regularized,
        sums.of_numbers, sums.turned, norms.with_a_jacobian,
    ),
    "transpose": (sums.of_numbers, sums.turned),
    "pinv": (norms.positive,),
    "over": (members.constant, members.residuals),
    "bars": (norms.singular,),
    "log_bars": (norms.singular,),
    "indexed": (members.row,),
}  # fmt: skip
IN_PAPERS: Doubts = {"product": (products.convolved, products.over_number)}
NOT_IN_PAPERS: Doubts = {"call": (programs.weighted,)}
IN_NUMPY: Doubts = {
    "product": (programs.multiple, programs.broadcast),
    "call": (programs.dyad,),
    "along": (programs.of_one_axis,),
    "sum": (programs.regressed,),
    "item": (programs.counted,),
}
OF_ANY_NAME = frozenset((
    products.below, products.projected, products.daggered, products.between, products.convolved,
    sums.of_another, sums.spread, norms.positive, programs.counted,
))  # fmt: skip


def check(nodes: list[Node], shapes: Shapes) -> None:
    """Raises ParseError for the first thing that is in doubt; notes what is likely, and might be meant otherwise.

    >>> from matcalc.reading import read
    >>> read("tr(rho*H)")
    Traceback (most recent call last):
    matcalc.errors.ParseError: is `rho` a number or a matrix in this trace?
        tr(rho*H)
        ^^^^^^^^^
      declare rho: (n, n) or rho: scalar
    """
    given = shapes.given
    doubts = _looked_at(given.numpy, given.paper, bool(shapes.inferred or shapes.functions))
    for node in nodes:
        for doubt in doubts.get(node.kind, ()):
            for said in doubt(node, shapes):
                if isinstance(said, MatcalcError):
                    raise said
                shapes.notes.append(said)


@lru_cache(maxsize=None)
def _looked_at(numpy: bool, paper: bool, guessed: bool) -> Doubts:
    """The doubts per kind of node; where no name was inferred, those that need none."""
    tables = IN_ANY, IN_NUMPY if numpy else {}, IN_PAPERS if paper else NOT_IN_PAPERS
    kinds = {kind for table in tables for kind in table}
    return {kind: tuple(d for table in tables for d in table.get(kind, ()) if guessed or d in OF_ANY_NAME) for kind in kinds}
