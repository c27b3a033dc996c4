"""The one grouping of a product that fits the shapes, where the one from the left does not.

``2X'·(g(XW)−Y)⊙g′(XW)`` read from the left is (2X'(g(XW)−Y)) ⊙ g′(XW), which does not fit; what fits is 2X'((g(XW)−Y) ⊙ g′(XW)).
Groupings that are the same expression, by associativity or because scalars commute, are one reading.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.errors import MatcalcError
from matcalc.expr import Expr, variable
from matcalc.expr.dims import symbol
from matcalc.expr.language import dot_over, dot_times, matmul, over, times
from matcalc.limits import MOST_REGROUPED
from matcalc.reading.sizes import SCALAR, RoughShape, Sizes, between, combine, find
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, MATMUL, OVER, TIMES, Node, Operator, failing

Tree = int | tuple[int, "Tree", "Tree"]  # the number of a factor, or (number of the operator, left, right)
Reading = tuple[RoughShape, Tree, int]  # shape, tree, parentheses needed

SOME = symbol("n")  # for every size but 1: whether shapes fit is looked at before
FORMS: dict[str, Callable[[Expr, Expr], Expr]] = {TIMES: times, MATMUL: matmul, OVER: over, DOT_TIMES: dot_times, DOT_OVER: dot_over}


def regroup(sizes: Sizes, node: Node, text: str, error: MatcalcError) -> tuple[Tree, str]:
    """The tree of the only other reading, and the note that says so.

    Raises `error` where no grouping fits, ParseError where several do.
    """
    count = len(node.parts)
    if count > MOST_REGROUPED:
        raise error
    table: dict[tuple[int, int], dict[Expr, Reading]] = {}
    for i, part in enumerate(node.parts):
        shape = (find(part.shape[0]), find(part.shape[1]))
        table[i, i + 1] = {_any(str(i), shape): (shape, i, 0)}
    for width in range(2, count + 1):
        for i in range(count - width + 1):
            table[i, i + width] = _readings(sizes, node, table, i, i + width)
    fitting = sorted(table[0, count].values(), key=lambda r: r[2])
    if not fitting:
        raise error
    close = [reading for reading in fitting if _is_close(node, reading[1])] if len(fitting) > 1 else []
    if len(close) == 1:
        return close[0][1], f"read as {_shown(node, text, close[0][1])}"
    shown = [_shown(node, text, tree) for _, tree, _ in fitting]
    if len(fitting) > 1:
        raise failing("this product can be grouped in several ways", node, f"write {' or '.join(shown[:3])}")
    return fitting[0][1], f"read as {shown[0]}, the only grouping that fits the shapes"


def _readings(sizes: Sizes, node: Node, table: dict[tuple[int, int], dict[Expr, Reading]], i: int, k: int) -> dict[Expr, Reading]:
    found: dict[Expr, Reading] = {}
    for j in range(i + 1, k):
        for left, (a, x, p) in table[i, j].items():
            for right, (b, y, q) in table[j, k].items():
                kind = between(node.value[j - 1], a, b)
                mark = sizes.mark()
                shape = combine(sizes, kind, a, b)
                sizes.undo(mark)  # nothing is bound for good
                if shape is None:
                    continue
                known = kind in FORMS and (kind != OVER or b == SCALAR)
                form = FORMS[kind](left, right) if known else _any(f"({left}{kind}{right})", shape)
                need = p + q + (not isinstance(y, int))
                if form not in found or found[form][2] > need:
                    found[form] = shape, (j - 1, x, y), need
    return found


def _is_close(node: Node, tree: Tree) -> bool:
    """Whether what stands side by side is multiplied before what a sign multiplies: Ax·By as (A x)·(B y)."""
    if isinstance(tree, int):
        return True
    at, *sides = tree
    signs = (node.value[side[0]].text for side in sides if not isinstance(side, int))
    return (bool(node.value[at].text) or not any(signs)) and all(_is_close(node, side) for side in sides)


def _any(name: str, shape: RoughShape) -> Expr:
    """A variable in place of a factor."""
    rows, columns = (1 if n == 1 else SOME for n in shape)
    return variable(name, (rows, columns))


def _shown(node: Node, text: str, tree: Tree) -> str:
    if isinstance(tree, int):
        part = node.parts[tree]
        return text[part.start : part.end]
    at, left, right = tree
    operator: Operator = node.value[at]
    outer, inner = _shown(node, text, left), _shown(node, text, right)
    if not isinstance(left, int) and node.value[left[0]].binds < operator.binds:
        outer = f"({outer})"
    sign = operator.text or (" " if operator.binds else "*")
    return f"{outer}{f' {sign} ' if sign[0] == chr(92) else sign}{inner if isinstance(right, int) else f'({inner})'}"
