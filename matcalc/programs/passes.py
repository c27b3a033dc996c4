"""The passes that expressions go through on their way to a program: `PASSES`, one after the other.

What each is worth was measured against the plain closed form, of the sizes and problems of the benchmarks.

| pass       | what it does                                                                     | worth, up to |
|------------|----------------------------------------------------------------------------------|--------------|
| rewritten  | stable forms, the largest exponents taken out, adjugates for lacking inverses    | digits       |
| opened     | with fixed arguments: products and squares of what stays are made once           | 130          |
| chosen     | of equal expressions the cheapest: sums opened or factored, Woodbury, squares    | 70           |
| lowered    | code of arrays: chains by cost, nothing of zeros or repetitions formed           | 5000         |
| fused      | elementwise work done together; JAX: beside elementwise work                     | 1.4          |
| settled    | NumPy: in the memory of what nobody uses any more; one use, the library's own call | 1.6          |
| turned     | languages that store arrays by columns: entries one after the other in that order |              |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from matcalc.expr.conjugate import is_real
from matcalc.expr.dims import Dim, Size
from matcalc.expr.node import Expr
from matcalc.expr.rebuild import transformed
from matcalc.programs.adjugates import with_adjugates
from matcalc.programs.block_sums import with_sums_of_blocks
from matcalc.programs.choices import Chosen, best_of
from matcalc.programs.costs import cost
from matcalc.programs.fixing import spread, staying
from matcalc.programs.forms import Code
from matcalc.programs.fusing import FEW, TALL, fused
from matcalc.programs.given import axes_of
from matcalc.programs.language import Language
from matcalc.programs.lowering import Lowering, result
from matcalc.programs.order import Order
from matcalc.programs.settling import by_columns, in_order, settled
from matcalc.programs.steadied import shared_out, steadied
from matcalc.rewriting import REWRITER
from matcalc.rewriting.identities import PROGRAM

EVALUATIONS = 100  # calls that what is computed once for them is to pay within
LARGE = 1 << 14  # entries: new memory for so many costs more than deciding not to take it
MANY = 100  # rows and columns from which half of the entries of a product, or one product for two terms, is less work
UNCACHED = 1 << 17  # entries that a core's own cache does not hold


@dataclass
class Draft:
    """A program in the making: first its expressions, then its code."""

    target: str
    results: Mapping[str, Expr]
    given: Sequence[Expr]
    regular: Collection[Expr]  # of full rank, as X where X'X is inverted
    order: Order
    fixed: Collection[str] = ()
    over: Mapping[str, Mapping[str, Size]] = field(default_factory=dict)  # the free indices of results, with how far they count
    sized: bool = False  # whether sizes are known
    language: Language | None = None
    notes: list[str] = field(default_factory=list)  # for the docstring

    def __post_init__(self) -> None:
        self.best = Chosen(tuple(self.results.values()))
        self.shown = {s for v in self.given if v.data[0] in self.fixed for n in axes_of(v) if isinstance(n, Dim) and (s := n.name)}
        self.codes: list[Code] = []
        self.became: dict[Code, Code] = {}  # what the code that was lowered is now
        self.counts = {i: count for counts in self.over.values() for i, count in counts.items()}

    def codes_of(self, choice: Chosen) -> list[Code]:
        """The code of the results, written as it was chosen."""
        jax, halves = self.target == "jax", self.target in ("numpy", "jax")
        self.lowering = Lowering(choice.roots, self.order, jax, self.regular, self.counts, choice.solved, halves, choice.apart)
        codes = [result(self.lowering, e, tuple(self.over.get(key, ()))) for key, e in zip(self.results, choice.roots, strict=True)]
        return [self.lowering.arrays.real(c) if is_real(e) else c for c, e in zip(codes, self.results.values(), strict=True)]

    def cost(self, choice: Chosen) -> float:
        return cost(self.codes_of(choice), self.order.weight)

    def costs(self, choice: Chosen) -> tuple[float, float]:
        """Of what is computed once, and of what is at each call."""
        codes = self.codes_of(choice)
        each = cost(codes, self.order.weight, staying(codes, self.fixed, self.shown))
        return cost(codes, self.order.weight) - each, each

    def become(self, new: Mapping[Code, Code]) -> None:
        """Replaces the code, and says of each piece what it is now."""
        self.became = {c: new[d] for c, d in self.became.items() if d in new}
        self.codes = [new[c] for c in self.codes]
        self.stays = staying(self.codes, self.fixed, self.shown)


def rewritten(draft: Draft) -> None:
    roots = transformed(draft.best.roots, shared_out)
    draft.best = Chosen(tuple(steadied(REWRITER.everywhere(roots, PROGRAM, lambda e: with_sums_of_blocks(with_adjugates(e))))))


def opened(draft: Draft) -> None:
    """With sizes by what it costs in `EVALUATIONS` calls; without, all that can be computed once is."""
    if not draft.fixed:
        return
    plain = draft.best
    ways = [Chosen(tuple(spread(plain.roots, draft.fixed, draft.order.weight, squares))) for squares in (True, False)]
    draft.best = ways[0]
    if not draft.sized:
        return
    costs = {way: draft.costs(way) for way in (*ways, plain)}
    draft.best = min(costs, key=lambda way: costs[way][0] + EVALUATIONS * costs[way][1])
    other = ways[0] if draft.best is plain else draft.best
    (once, each), (at_first, always) = costs[other], costs[plain]
    if each < always:
        pays = max(1, round((once - at_first) / (always - each)))
        said = f"about {pays} calls" if pays > 1 else "the first call"
        draft.notes.append(f"what stays is {'not ' * (draft.best is plain)}compressed, which pays from {said} on")


def chosen(draft: Draft) -> None:
    if not draft.fixed:
        draft.best = best_of(draft.best, draft.cost)


def lowered(draft: Draft) -> None:
    draft.codes = draft.codes_of(draft.best)
    draft.became = {c: c for c in in_order(draft.codes)}
    draft.become(dict(draft.became))


def fused_in_loops(draft: Draft) -> None:
    def is_thin(c: Code) -> bool:
        rows, columns = map(draft.order.weight, c.shape if c.ndim == 2 else (1, 1))
        return draft.sized and columns <= FEW and rows >= TALL * columns

    def is_large(c: Code) -> bool:
        return c.ndim == 2 and min(map(draft.order.weight, c.shape)) >= MANY and draft.sized

    def is_beside_large(c: Code) -> bool:
        rows, columns = map(draft.order.weight, c.shape)
        return draft.sized and columns <= min(FEW, rows) and draft.order.entries(c.args[0].shape) >= UNCACHED

    if draft.target in ("numpy", "jax"):
        draft.become(fused(draft.lowering.arrays, draft.codes, draft.target, draft.stays, is_thin, is_beside_large, is_large))


def settled_in_memory(draft: Draft) -> None:
    def is_large(c: Code) -> bool:
        return draft.sized and draft.order.entries(c.shape) >= LARGE

    draft.become(settled(draft.lowering.arrays, draft.codes, draft.target, draft.stays, is_large))


def turned_to_columns(draft: Draft) -> None:
    if draft.language:
        draft.become(by_columns(draft.lowering.arrays, draft.codes, draft.language.alone))


PASSES = (rewritten, opened, chosen, lowered, fused_in_loops, settled_in_memory, turned_to_columns)


def drafted(draft: Draft) -> Draft:
    """The program after all passes."""
    for each in PASSES:
        each(draft)
    return draft
