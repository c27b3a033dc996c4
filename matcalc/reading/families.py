r"""Undeclared arrays of matrices, and of vectors with two indices: what only a family can be.

The ``S_t`` of ``v_t^\top S_t^{-1} v_t`` and the ``x_{ij}`` of ``x_{ij}'\beta`` would fit as entries too, which nobody means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple

from matcalc.errors import MatcalcError, ParseError
from matcalc.limits import MOST_WAYS
from matcalc.reading.build import known
from matcalc.reading.evidence import BY_ITSELF
from matcalc.reading.letters import GREEK
from matcalc.reading.places import At
from matcalc.reading.scope import Given
from matcalc.reading.shapes import SCALAR
from matcalc.reading.sizes import find
from matcalc.reading.tree import TIMES, Node, is_inverse, middles, walked
from matcalc.reading.ways import fitting

OF_MATRICES = frozenset(("det", "logdet", "tr", "inv", "logm", "expm", "lambda_max", "normnuc", "normspec"))


class Wanted(NamedTuple):
    """A family that a text wants: its letter, its indices, and the shapes that its members may have."""

    stem: str
    indices: tuple[str, ...]
    shapes: tuple[str, ...]  # matrix, vector
    node: Node


def wanted(nodes: list[Node], bold: Collection[str] = ()) -> list[Wanted]:
    """The families that undeclared names with indices of sums are, by their places; a `bold` k_e in u'k_e u is of matrices.

    >>> from matcalc.reading import read
    >>> [str(s) for s in read(r"\\sum_{t=1}^T v_t^\\top S_t^{-1} v_t").notes][:1]
    ['S_t is read as a family: S_t: (n, n), t = 1..T']
    """
    between = (k for n in nodes if n.kind == "product" and bold for k in middles(n))
    matrices = ((k, ("matrix",)) for k in between if k.kind == "indexed" and k.value[0] in bold)
    return _families((*_said(nodes), *matrices))


def spread(nodes: list[Node]) -> list[Wanted]:
    """The families in sums over indices that are numbers, with the shapes found, beside an array or in the bars of a norm."""
    said = list[tuple[Node, tuple[str, ...]]]()
    for node in nodes:
        if node.kind == "sum" and node.shape != SCALAR:
            shapes = ("vector",) if 1 in node.shape else ("matrix",)
            said += ((n, shapes) for n in _added_up(p for p in node.parts if p.shape == SCALAR) if _is_matrix(n))
        elif node.kind == "norm" and node.parts[0].shape == SCALAR:
            said += ((n, ()) for n in _added_up(node.parts) if _is_matrix(n))
    return _families(said)


def _families(said: Iterable[tuple[Node, tuple[str, ...]]]) -> list[Wanted]:
    found: dict[str, Wanted] = {}
    for node, shapes in said:
        stem, places = node.value
        letters = tuple(p.letter if isinstance(p, At) else p for p in places if isinstance(p, str) or isinstance(p, At) and not p.shift)
        if len(letters) == len(places) and (stem not in found or len(shapes) < len(found[stem].shapes)):
            found[stem] = Wanted(stem, letters, shapes, node)
    return list(found.values())


def _said(nodes: list[Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The names that are no entries, with the shapes that fit their places, the likeliest first."""

    def of(parts: Iterable[Node], *shapes: str) -> Iterator[tuple[Node, tuple[str, ...]]]:
        return ((p, shapes) for p in map(_unturned, parts) if _is_matrix(p))

    factors = {part for n in nodes if n.kind == "product" for a, o, b in n.neighbours if o.kind == TIMES for part in (a, b)}
    beside = {n: tuple(_summands(n.parts[0])) for n in nodes if n.kind in BY_ITSELF}
    vectors = {p.value[0] for parts in beside.values() for p in parts if p.kind in ("indexed", "slice") and len(p.value[1]) == 1}
    for node in nodes:
        kind, parts = node.kind, node.parts
        name = node.value[0] if kind == "call" else ""
        for before, operator, after in node.neighbours if kind == "product" else ():
            if operator.kind == TIMES and after.kind in ("indexed", "slice") and after.value[0] in vectors:
                yield from of((before,), "matrix")  # X_j β_j
        if kind == "norm" and (node.value in ("F", "*", "σ") or any([*_between(part)] for part in beside[node])):  # ‖X_k - W H_k‖_F
            yield from of(beside[node], "matrix", "vector")
            yield from of((factor for part in beside[node] if part.kind == "product" for factor in part.parts), "matrix", "vector")
            yield from of(_added_up(parts), "matrix", "vector")
        elif kind in BY_ITSELF:
            for part in beside[node]:
                if part.kind == "indexed" and len(part.value[1]) == 2:
                    yield part, ("vector",)
                elif part.kind == "product":
                    yield from of((*part.parts[:-1], *_added_up(part.parts[:-1])), "matrix")
        elif kind == "power" and is_inverse(parts[1]):
            yield from of((*parts, *(_added_up(parts[:1]) if node in factors else ())), "matrix")
        elif name in OF_MATRICES and parts or kind == "log_bars":
            for part in _summands(parts[0]):
                inside = part.parts if part.kind == "product" else (part,)
                yield from of(inside, "matrix")
                if kind == "call":  # R_ij of tr(S R_ij), and in an inverse; the P_ij of tr(P_ij A_i) may be a number
                    inverted = (p.parts[0] for p in inside if p.kind == "power" and is_inverse(p.parts[1]))
                    yield from ((p, ("matrix",)) for p in map(_unturned, (inside[-1], *inverted)) if _is_matrix(p, 2))
            yield from of(_added_up(parts), "matrix")
        elif name == "normalpdf" or kind == "weighted":
            yield from of((*parts[-1:], *_added_up(parts[-1:])), "matrix")
        elif name == "inner":
            yield from of((*parts, *_added_up(parts)), "matrix")
        elif kind == "product":
            last, below = (parts[-1], parts[-1].value[1]) if parts[-1].kind == "indexed" else (parts[-1], ())
            if parts[-2].kind == "transpose" and node.value[-1].kind == TIMES and len(below) == 2 and last.value[0][0].islower():
                yield last, ("vector",)  # β'x_ij
            yield from of(_between(node), "matrix")
            for before, middle, operator in zip(parts, parts[1:-1], node.value[1:], strict=False):
                if before.kind == "transpose" and operator.kind == TIMES:
                    inverse = middle.parts[0] if middle.kind == "power" and is_inverse(middle.parts[1]) else middle
                    sure = _is_matrix(middle) or _is_weight(middle) or inverse is not middle and _is_matrix(inverse, 2)
                    yield from [(inverse, ("matrix",))] if sure else of(_added_up([middle]), "matrix")


def _is_matrix(node: Node, indices: int = 1) -> bool:
    return node.kind == "indexed" and len(node.value[1]) == indices and bool(node.value[0][0].isupper())


def _unturned(node: Node) -> Node:
    return node.parts[0] if node.kind == "transpose" else node


def _between(node: Node) -> Iterator[Node]:
    """The factors D_k of A D_k B and A_k, B_k of A_k X B_k, with upper-case names beside them."""
    parts = [_unturned(part) for part in node.parts] if node.kind == "product" else []
    plain = [k for k, p in enumerate(parts) if p.kind == "name" and p.value[0].isupper() or p.kind == "call" and p.value[0] == "diag"]
    indexed = [k for k, p in enumerate(parts) if _is_matrix(p)]
    for k in indexed if plain else ():
        if k - 1 in plain and k + 1 in plain or any(min(k, j) < plain[0] <= plain[-1] < max(k, j) for j in indexed):
            yield parts[k]


def _is_weight(node: Node) -> bool:
    """Whether it is an Ω_ij: an upper-case Greek letter with two indices."""
    return node.kind == "indexed" and len(node.value[1]) == 2 and node.value[0][:1].isupper() and node.value[0].lower() in GREEK


def _added_up(parts: Iterable[Node]) -> Iterator[Node]:
    """The factors of what sums over indices add up: the A_i of C (B - Σ x_i A_i); the factors of an outer product Σ u_i v_i' apart."""

    def into(node: Node) -> tuple[Node, ...]:
        return node.parts if node.kind in ("sum", "minus", "product", "transpose", "over") and not _is_outer(node) else ()

    for over in walked(*parts, into=lambda node: node.parts[:1] if node.kind == "power" else into(node)):
        yield from walked(over, into=into) if over.kind == "over" else ()


def _is_outer(node: Node) -> bool:
    """Whether it is u v', with numbers before it."""
    arrays = [part for part in node.parts if part.kind in ("sum", "transpose") or _is_matrix(part)] if node.kind == "product" else []
    return len(arrays) == 2 and [part.kind == "transpose" for part in arrays] == [False, True]


def _summands(node: Node) -> Iterator[Node]:
    parts = walked(node, into=lambda n: n.parts if n.kind in ("sum", "minus") else ())
    return (part for part in parts if part.kind not in ("sum", "minus"))


def declarations(families: list[Wanted], nodes: list[Node], given: Given, scalar: bool) -> Iterator[str]:
    """The declarations that would do for them, one way after the other: with matrices first, of sizes that fit.

    Raises ParseError where none does because something else is not decided.
    """
    runs = {n.value[1]: n.value[2:] for n in nodes if n.kind == "over"}
    undecided, fits = list[ParseError](), False
    for shapes in islice(product(*(family.shapes for family in families)), MOST_WAYS):
        kinds = dict(zip((family.stem for family in families), shapes, strict=True))
        try:
            found = fitting(nodes, given._replace(families=kinds, taken=given.taken.union(given.text)), scalar)
        except ParseError as error:  # whether the y_i beside A_i x is a row or a column
            undecided.append(error)
            continue
        except MatcalcError:
            continue
        entries = []
        for family in families:
            ranges = []
            for axis, index in enumerate(family.indices):
                first, last = runs.get(index, (None, None))
                count = find(found.counts[family.stem][axis]) if last is None else last
                ranges.append(f"{index.partition('·')[0]} = {1 if first is None else first}..{count}")
            sizes = ", ".join(str(n) for n in known(found.inferred[family.stem][1]) if n != 1)
            letters = "".join(index.partition("·")[0] for index in family.indices)
            entries.append(f"{family.stem}_{letters}: ({sizes}), {', '.join(ranges)}")
        fits = True
        yield "; ".join(entries)
    if undecided and not fits:
        raise undecided[0]
