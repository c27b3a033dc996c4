"""Where an index stands: what it picks there, and the name of its own that the index of each sum gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from matcalc.expr.dims import Dim, Size, symbol
from matcalc.reading.symbols import plus
from matcalc.reading.tree import Node

ALPHABETS = ("ijklmn", "pqr", "st", "uvw", "abc")  # letters that count the same things


def count_alike(a: str, b: str) -> bool:
    """Whether two letters count the same things, as i and j do; what other letters count nobody knows."""
    first = next((letters for letters in ALPHABETS if a in letters), a)
    return first == next((letters for letters in ALPHABETS if b in letters), first)


class At(NamedTuple):
    """The index of a sum, moved: i, t + 1."""

    letter: str
    shift: int = 0


class Label(NamedTuple):
    """The value of the label y_i as an index."""

    name: str
    at: At | str | int


Place = At | Label | Dim | str | int | slice  # a Dim is N − 1 of a size N
INDEXED = frozenset(("item", "slice", "member", "indexed", "condition"))


class Condition(NamedTuple):
    """A condition on the indices that are summed over: i < j, i ≠ j, or that they are in a set."""

    relation: str
    places: tuple[Place, ...]
    set: str = ""


def bind(nodes: list[Node]) -> None:
    """Gives the index of each sum a name of its own in what it sums: the same letter in another sum is another one.

    A letter that no sum binds and that is moved somewhere, as in x_{t+1}, is an index wherever it stands.
    """
    _bound(nodes)
    free = {p.letter: At(p.letter) for n in nodes if n.kind in INDEXED for p in places_of(n) if isinstance(p, At) and "·" not in p.letter}
    for node in nodes if free else ():
        if node.kind in INDEXED:
            node.value = moved(node.kind, node.value, free)


def _bound(nodes: list[Node]) -> None:
    for k, over in enumerate(nodes):
        if over.kind != "over":
            continue
        what, letter, first, last = over.value
        index = f"{letter}·{k}"
        over.value = what, index, first, last
        at = {letter: At(index)}
        for node in reversed(nodes[:k]):
            if node.start < over.start:
                break
            if node.kind in INDEXED:
                node.value = moved(node.kind, node.value, at)
            elif node.kind == "name" and node.value == letter:  # γ^t, t x_t
                node.kind, node.value = "counter", index


def places_of(node: Node) -> tuple[Place, ...]:
    places: tuple[Place, ...] = node.value if node.kind == "item" else node.value[1] if node.kind in ("slice", "member", "indexed") else ()
    return places


def moved(kind: str, value: Any, letters: Mapping[str, Place]) -> Any:
    """The value of a node with indices, with other places for some letters."""
    if kind == "condition":
        return value._replace(places=tuple(_moved(p, letters) for p in value.places))
    if kind == "item":
        return tuple(_moved(p, letters) for p in value)
    name, places, *more = value
    return (name, tuple(_moved(p, letters) for p in places), *more)


def _moved(place: Place, letters: Mapping[str, Place]) -> Place:
    if isinstance(place, Label):
        return place._replace(at=_moved(place.at, letters))  # type: ignore[arg-type]
    letter = place.letter if isinstance(place, At) else place
    if not isinstance(letter, str) or letter not in letters:
        return place
    to, shift = letters[letter], place.shift if isinstance(place, At) else 0
    if isinstance(to, At):
        return to._replace(shift=to.shift + shift)
    return to + shift if isinstance(to, int) else At(to, shift) if isinstance(to, str) and shift else to


def ends(nodes: list[Node], first: Mapping[tuple[str, int], int]) -> dict[str, tuple[Size, ...]]:
    """How long undeclared arrays are at least: for the x_N beside a sum up to N − 1."""
    found: dict[str, tuple[Size, ...]] = {}
    for node in nodes:
        if node.kind == "indexed" and len(node.value[1]) == 1 and isinstance(node.value[1][0], (int, Dim)):
            stem, (place,) = node.value
            found[stem] = (*found.get(stem, ()), plus(place, 1 - first.get((stem, 0), 1)))
    return found


def bases(nodes: list[Node], families: Collection[str] = ()) -> dict[tuple[str, int], int]:
    """The first index of arrays that are not declared as families, per axis, where a sum begins before 1: the 0 of x_0 + … + x_N."""
    first = {n.value[1]: n.value[2] for n in nodes if n.kind == "over" and n.value[2] is not None}
    found: dict[tuple[str, int], int] = {}
    for node in nodes if first else ():
        name = node.parts[0].word if node.kind == "item" else node.value[0] if node.kind in ("indexed", "slice") else ""
        for axis, place in enumerate(places_of(node)) if name and name not in families else ():
            if isinstance(place, At) and place.letter in first:
                start = first[place.letter] + place.shift
                found[name, axis] = min(start, found.get((name, axis), 1))
    return {key: start for key, start in found.items() if start < 1}


def members(nodes: list[Node], known: Mapping[str, str], limits: Collection[str], notes: list[str]) -> None:
    """Makes the undeclared x_N, x_0 and x_k beside an x_t of a sum members of the same array, where they are in its range."""
    stems = {n.value[0] for n in nodes if n.kind == "indexed" and len(n.value[1]) == 1}
    first = bases(nodes)
    names = {n.value for n in nodes if n.kind == "name"}
    free = {p.letter for n in nodes if n.kind in INDEXED for p in places_of(n) if isinstance(p, At) and "·" not in p.letter}
    for node in nodes:
        stem, _, index = node.value.rpartition("_") if node.kind == "name" else ("", "", "")
        if stem not in stems or node.value in known:
            continue
        if index.isdigit() and int(index) >= first.get((stem, 0), 1):
            node.kind, node.value = "indexed", (stem, (int(index),))
        elif index in limits:
            node.kind, node.value = "indexed", (stem, (symbol(index),))
        elif len(index) == 1 and index.islower() and index not in names:
            note = f"{node.value} is read as the entry {index} of {stem}"
            notes += [note] * (note not in notes)
            node.kind, node.value = "indexed", (stem, (At(index) if index in free else index,))


def apart(nodes: list[Node], notes: list[str]) -> None:
    """Makes the b_u and b_i that stand in one sum, beside a p_u and a q_i, arrays of their own, b_u and b_i: u and i count other things."""
    letters: dict[str, set[str]] = {}
    for node in nodes:
        if node.kind == "indexed" and len(node.value[1]) == 1 and isinstance(node.value[1][0], At):
            letters.setdefault(node.value[0], set()).add(letter_of(node))
    for terms in ([t.unsigned for t in n.parts] for n in nodes if n.kind == "sum"):
        picked = {(t.value[0], letter_of(t)) for t in terms if t.kind == "indexed" and t.value[0] in letters and len(t.value[1]) == 1}
        for stem, letter in picked:
            other = next((b for a, b in picked if a == stem and not count_alike(b, letter)), "")
            if other and {letter} in letters.values() and {other} in letters.values() and letters[stem] == {letter, other}:
                for node in nodes:
                    if node.kind == "indexed" and node.value[0] == stem and len(node.value[1]) == 1:
                        node.value = (f"{stem}_{letter_of(node)}", node.value[1])
                first, second = sorted((letter, other))
                notes.append(f"{stem}_{first} and {stem}_{second} are read as two arrays")
                del letters[stem]
                break


def letter_of(node: Node) -> str:
    """The letter of the first index of a node."""
    place = places_of(node)[0]
    return place.letter.partition("·")[0] if isinstance(place, At) else ""
