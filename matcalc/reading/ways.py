"""Texts that can be read in several ways, whatever the kinds of names: the one that fits.

x^* is the conjugate or the conjugate transpose; the x_i of an X its row or its column; and a prime may be no transpose: in ‖x − x'‖²
there is no reading in which x' is a row, so it is another variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import product
from typing import TypeVar

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError
from matcalc.limits import MOST_STARS
from matcalc.reading.kinds import inferred
from matcalc.reading.places import At
from matcalc.reading.scope import Given
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.tree import Node, failing, walked

OWN = ("name", "indexed", "slice")  # what has a prime of its own: x', and the x_i' of an x that is declared or not
PRIMES = ("'", "′", "’", "\\prime")

W = TypeVar("W")
R = TypeVar("R")


def fitting(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes of all nodes, in the way that fits; with `scalar`, one that makes the whole a scalar, where there is one.

    Raises the first error where none fits, ParseError where several do.
    """
    stars = [n for n in nodes if n.kind == "transpose" and n.value == "*"]
    if not stars:
        return _of_two_sorts(nodes, given, scalar)
    if len(stars) > MOST_STARS:
        raise LimitError(f"more than {MOST_STARS} stars: write X^H or conj(X)")

    def turned(way: tuple[bool, ...]) -> Shapes:
        for star, whole in zip(stars, way, strict=True):
            star.kind, star.value = ("transpose", "H") if whole else ("call", ("conj", 0))
        return _lain(nodes, given, scalar)

    def told(way: tuple[bool, ...]) -> tuple[bool, ...]:
        turned(way)
        if scalar and nodes[-1].shape != SCALAR:
            raise ShapeError("no reading of the stars is a scalar")
        return tuple(whole and star.parts[0].shape != SCALAR for star, whole in zip(stars, way, strict=True))  # of a number there is one

    ways = list(dict.fromkeys(_tried(product((True, False), repeat=len(stars)), told)))
    if len(ways) > 1:
        shown = given.text[stars[0].start : stars[0].end].rstrip("*^ {}")
        both = f"{shown}^* is the conjugate or the conjugate transpose: both fit"
        raise failing(both, stars[0], f"write conj({shown}) or {shown}^H", ParseError)
    return turned(ways[0])


def _of_two_sorts(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes; where that is no scalar as is asked, those with the σ_ij beside σ_i as an array of its own."""
    stems = {n.value[0] for n in nodes if n.kind == "indexed" and len(n.value[1]) == 1} if scalar else set()
    pairs = [n for n in nodes if n.kind == "indexed" and len(n.value[1]) == 2 and n.value[0] in stems]
    if not pairs:
        return _lain(nodes, given, scalar)
    with suppress(ShapeError):
        found = _lain(nodes, given, scalar)
        if nodes[-1].shape == SCALAR:
            return found
    before = [(n, n.value) for n in pairs]
    names: dict[str, str] = {}
    for node, (stem, places) in before:
        name = names.setdefault(stem, f"{stem}_{''.join(p.letter[0] if isinstance(p, At) else str(p) for p in places)}")
        node.value = name, places
    with suppress(MatcalcError):
        found = _lain(nodes, given, scalar)
        if nodes[-1].shape == SCALAR:
            found.notes += [f"{name} is read as an array of its own, apart from {stem}" for stem, name in names.items()]
            return found
    for node, value in before:
        node.value = value
    return _lain(nodes, given, scalar)


def _lain(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes where x_i stands; where that is no scalar as is asked, or nothing fits, those where it lies: the X_i of X_i w."""
    if not any(n.kind == "slice" and n.value[2] is None or n.kind == "indexed" and len(n.value[1]) == 1 for n in nodes):
        return _primed(nodes, given, scalar)
    with suppress(ShapeError):
        found = _standing(nodes, given, scalar)
        if not scalar or nodes[-1].shape == SCALAR:
            return found
    with suppress(MatcalcError):
        found = _primed(nodes, given._replace(rows=True, lying=True), scalar)
        found.reasons.update((n.value[0], "left of a vector") for n in nodes if n.kind == "indexed" and n.shape != SCALAR)
        if not scalar or nodes[-1].shape == SCALAR:
            return found
    return _standing(nodes, given, scalar)


def _standing(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes; where x_i can be a row or a column of X, those of the one that fits."""
    place = next((n for n in nodes if n.kind == "slice" and n.value[2] is None), None)
    if place is None:
        return _primed(nodes, given, scalar)

    def shaped(by_row: bool) -> tuple[bool, Given]:
        shapes = _primed(nodes, given._replace(rows=by_row), scalar)
        return nodes[-1].shape == SCALAR, shapes.given

    found = _tried((True, False), shaped)
    ways = [way for is_scalar, way in found if is_scalar or not scalar] or [way for _, way in found[:1]]
    if len(ways) > 1:
        raise failing("is this a row or a column? Both fit", place, "write X_{i,:}^{\\top} or X_{:,i}; or say how far the sum goes")
    return _primed(nodes, ways[0], scalar)


def _primed(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes, with a number in |\\sum_i …| where that fits, or as in `_measured`."""
    bars = [n for n in nodes if n.kind == "bars"]
    sums = {n: [m for m in walked(n) if m.kind == "over"] for n in bars}
    totals = frozenset(n for n, inside in sums.items() if inside and not any(m.stem[:1].isupper() for s in inside for m in walked(s)))
    if totals:
        with suppress(MatcalcError):
            return inferred(nodes, given._replace(totals=totals), scalar)
    return _measured(nodes, given, scalar)


def _measured(nodes: list[Node], given: Given, scalar: bool) -> Shapes:
    """The shapes; where nothing fits, those where |x| of a vector is its norm, and those with primed names as names of their own.

    The last also where a number is asked for and none is found: x·x' of two vectors.
    """
    failed, numbers = None, frozenset[str]()
    try:
        found = inferred(nodes, given, scalar)
        numbers = found.scalars
        if not scalar or nodes[-1].shape == SCALAR:
            return found
    except ShapeError as error:
        failed = error
        weighted = [name for n in nodes if n.kind == "weighted" for name in _capitals(n.parts[0]) if name not in given.declared]
        if weighted:  # ‖Y − X β‖_W is of vectors
            with suppress(MatcalcError):
                made = inferred(nodes, given._replace(spelled={**given.spelled, **dict.fromkeys(weighted, "vector")}), scalar)
                made.reasons.update(dict.fromkeys(weighted, "in a weighted norm"))
                return made
        if any(n.kind == "bars" for n in nodes):
            with suppress(MatcalcError):
                return inferred(nodes, given._replace(measured=True), scalar)
    primed = _primed_names(nodes, given.text)
    for note in _renamed(nodes, primed, given):
        with suppress(MatcalcError):
            made = inferred(nodes, given, scalar)
            if failed or nodes[-1].shape == SCALAR and made.scalars <= numbers:
                made.notes.append(note)
                return made
    if not failed:
        return inferred(nodes, given, scalar) if primed else found
    if name := next(iter(primed), ""):
        failed.hint = "\n  ".join(filter(None, (f"a name {name}' of its own is declared: {name}': (n)", failed.hint)))
    raise failed


def _capitals(node: Node) -> list[str]:
    """The capitals that are terms of a sum, beside others."""
    inside = walked(node, into=lambda n: n.parts if n.kind in ("sum", "minus") else ())
    terms = [n for n in inside if n.kind not in ("sum", "minus")]
    capitals = [t.value for t in terms if t.kind == "name" and t.value[0].isupper()]
    return capitals if len(capitals) < len(terms) else []


def _tried(ways: Iterable[W], attempt: Callable[[W], R]) -> list[R]:
    """The results of the ways that fit; raises the first error where there is none."""
    found, failed = list[R](), list[MatcalcError]()
    for way in ways:
        try:
            found.append(attempt(way))
        except MatcalcError as error:
            failed.append(error)
    if not found:
        raise failed[0]
    return found


def _renamed(nodes: list[Node], primed: dict[str, list[Node]], given: Given) -> Iterator[str]:
    """Makes x' a name of its own, x_prime, wherever it stands, where x is bare too, and x'_i likewise: each such name alone, then all.

    Of capitals these are those with a prime before the index, W'_j beside W_i.
    What was done is undone before the next try, and in the end; yields a note on it.
    """
    within = {n.parts[0] for found in primed.values() for n in found}
    bare = {_stem(n) for n in nodes if n.kind in OWN and n not in within}
    small = {name for name in primed if not name[0].isupper() or all(_before_index(n, given.text) for n in primed[name])}
    names = [name for name in primed if name in bare & small]
    for chosen in [[name] for name in names] + [names] * (len(names) > 1):
        before = [(n, n.parts[0], n.parts[0].kind, n.parts[0].parts, n.parts[0].value) for name in chosen for n in primed[name]]
        for node, inner, kind, _, _ in before:
            own = f"{_stem(inner)}_prime"
            node.parts, inner.kind = (), "skip"
            node.kind, node.value = ("name", own) if kind == "name" else ("indexed", (own, inner.value[1]))
            if own in given.declared and kind != "name":
                node.kind, node.parts, node.value = "slice", (inner,), (own, inner.value[1], None)
                inner.kind, inner.parts, inner.value = "name", (), own
        yield " and ".join(f"{name}' is read as another variable, {name}_prime" for name in chosen)
        for node, inner, kind, parts, value in before:
            node.kind, node.parts, node.value = "transpose", (inner,), None
            inner.kind, inner.parts, inner.value = kind, parts, value


def _stem(node: Node) -> str:
    return str(node.value[0]) if node.kind == "slice" else node.stem


def _before_index(node: Node, text: str) -> bool:
    """Whether the prime of a transpose stands before an index, as in x'_i."""
    inner = node.parts[0]
    behind, inside = text[inner.end : node.end].strip(" ^{}"), text[node.start : inner.end]
    return inner.kind != "name" and not behind and any(prime in inside for prime in PRIMES)


def _primed_names(nodes: list[Node], text: str) -> dict[str, list[Node]]:
    """The names with a prime that are somewhere a term, a factor or an argument, each with wherever it stands."""
    places = {part for n in nodes if n.kind in ("sum", "product", "minus", "call") for part in n.parts}
    primed: dict[str, list[Node]] = {}
    for node in (n for n in nodes if n.kind == "transpose" and n.parts[0].kind in OWN):
        behind = text[node.parts[0].end : node.end].strip(" ^{}")
        if behind in PRIMES or _before_index(node, text):
            primed.setdefault(_stem(node.parts[0]), []).append(node)
    return {name: found for name, found in primed.items() if not places.isdisjoint(found)}
