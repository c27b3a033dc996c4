"""The one grouping of a product that fits the shapes, where the one from the left does not.

``2X'·(g(XW)−Y)⊙g′(XW)`` read from the left is (2X'(g(XW)−Y)) ⊙ g′(XW), which does not fit; what fits is 2X'((g(XW)−Y) ⊙ g′(XW)).
Groupings that are equal by associativity, or because scalars commute, are one reading.
"""

from __future__ import annotations

from typing import Any

from matcalc.errors import MatcalcError
from matcalc.reading.parser import DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, OVER, TIMES, Node, Operator
from matcalc.reading.sizes import Free, Rough, find
from matcalc.reading.tree import failing

MOST_FACTORS = 12

Tree = int | tuple[int, "Tree", "Tree"]  # the number of a factor, or (number of the operator, left, right)
Powers = tuple[tuple[Any, int], ...]  # factors that commute, with exponents
Chain = tuple[tuple[Any, bool, bool], ...]  # factors that do not: what it is, one row?, one column?
Form = tuple[Powers, Chain]
Reading = tuple[tuple[Rough, Rough], Tree, int]  # shape, tree, parentheses needed


def regroup(node: Node, text: str, error: MatcalcError) -> tuple[Tree, str]:
    """The tree of the only other reading, and the note that says so.

    Raises `error` where no grouping fits, ParseError where several do.
    """
    count = len(node.parts)
    if count > MOST_FACTORS:
        raise error
    table: dict[tuple[int, int], dict[Form, Reading]] = {}
    for i, part in enumerate(node.parts):
        shape = (find(part.shape[0]), find(part.shape[1]))
        table[i, i + 1] = {_leaf(i, shape): (shape, i, 0)}
    for width in range(2, count + 1):
        for i in range(count - width + 1):
            table[i, i + width] = _readings(node, table, i, i + width)
    fitting = sorted(table[0, count].values(), key=lambda r: r[2])
    if not fitting:
        raise error
    shown = [_shown(node, text, tree) for _, tree, _ in fitting]
    if len(fitting) > 1:
        raise failing("this product can be grouped in several ways", node, f"write {' or '.join(shown[:3])}")
    return fitting[0][1], f"read as {shown[0]}, the only grouping that fits the shapes"


def _readings(node: Node, table: dict[tuple[int, int], dict[Form, Reading]], i: int, k: int) -> dict[Form, Reading]:
    found: dict[Form, Reading] = {}
    for j in range(i + 1, k):
        kind = node.value[j - 1].kind
        for left, (a, x, p) in table[i, j].items():
            for right, (b, y, q) in table[j, k].items():
                shape = _shape(kind, a, b)
                if shape is None:
                    continue
                form = _form(kind, left, right)
                need = p + q + (not isinstance(y, int))
                if form not in found or found[form][2] > need:
                    found[form] = shape, (j - 1, x, y), need
    return found


def _shape(kind: str, a: tuple[Rough, Rough], b: tuple[Rough, Rough]) -> tuple[Rough, Rough] | None:
    """Like `shapes.combine`, but binds nothing: what is open fits anything but 1."""
    if kind == OVER:
        return a if b == (1, 1) else None
    if kind == KRON:
        return _times(a[0], b[0]), _times(a[1], b[1])
    if kind == KHATRI_RAO:
        return (_times(a[0], b[0]), a[1]) if _may_equal(a[1], b[1]) else None
    if a == (1, 1) or b == (1, 1):
        return b if a == (1, 1) else a
    if kind == TIMES:
        return (a[0], b[1]) if _may_equal(a[1], b[0]) else None
    return a if _may_equal(a[0], b[0]) and _may_equal(a[1], b[1]) else None


def _may_equal(a: Rough, b: Rough) -> bool:
    return a == b or (1 not in (a, b) and (isinstance(a, Free) or isinstance(b, Free)))


def _times(a: Rough, b: Rough) -> Rough:
    return Free() if isinstance(a, Free) or isinstance(b, Free) else a * b


# --- normal forms: two trees are one reading where these agree ----------------------------------------------------


def _leaf(i: int, shape: tuple[Rough, Rough]) -> Form:
    return (((i, 1),), ()) if shape == (1, 1) else ((), ((i, shape[0] == 1, shape[1] == 1),))


def _form(kind: str, left: Form, right: Form) -> Form:
    (s, a), (t, b) = left, right
    if kind in (OVER, DOT_OVER):
        t = tuple((key, -power) for key, power in t)
    scalars = tuple(sorted((*s, *t), key=repr))
    if kind in (TIMES, OVER) or not a or (not b and kind not in (KRON, KHATRI_RAO)):
        if kind == DOT_OVER and b:
            b = _entries((), _inverted(b), b)
        return _cut(scalars, (*a, *b))
    if kind in (DOT_TIMES, DOT_OVER):
        return scalars, _entries(_factors(a), _inverted(b) if kind == DOT_OVER else _factors(b), a)
    return scalars, (((kind, a, b), False, False),)


def _factors(chain: Chain) -> Powers:
    key = chain[0][0]
    if len(chain) == 1 and isinstance(key, tuple) and key[0] == "⊙":
        powers: Powers = key[1:]
        return powers
    return ((chain, 1),)


def _inverted(chain: Chain) -> Powers:
    return tuple((c, -power) for c, power in _factors(chain))


def _entries(a: Powers, b: Powers, like: Chain) -> Chain:
    key = ("⊙", *sorted((*a, *b), key=repr))
    return ((key, like[0][1], like[-1][2]),)


def _cut(scalars: Powers, chain: Chain) -> Form:
    """The scalars that hide in a chain go in front: a b'c is (b'c) a."""
    pieces: list[list[tuple[Any, bool, bool]]] = [[]]
    for factor in chain:
        pieces[-1].append(factor)
        if factor[2]:
            pieces.append([])
    found, rest = list(scalars), []
    for piece in pieces:
        if piece and piece[0][1] and piece[-1][2]:
            found.append((tuple(piece), 1))
        else:
            rest.extend(piece)
    return tuple(sorted(found, key=repr)), tuple(rest)


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
