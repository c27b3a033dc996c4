"""One symbol, one name: λ, lambda and lambda_ are the same in a text and its declarations; what only looks alike is asked about."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping

from matcalc.errors import ParseError, UnknownNameError
from matcalc.operators import FUNCTIONS
from matcalc.reading.letters import looks_like, one_name
from matcalc.reading.scripts import indexed_name
from matcalc.reading.shapes import Shapes
from matcalc.reading.symbols import Definition, Symbol
from matcalc.reading.tree import Node, failing


def check_declared(symbols: Mapping[str, Symbol], where: str) -> None:
    """Two spellings of one name are not declared twice.  Raises ParseError."""
    _check_apart(symbols, one_name, where, ", declared twice", "declare it once")


def check_in_python(symbols: Mapping[str, Symbol], text: str) -> None:
    """Python reads ϵ as ε: names that are one there are not two here.  Raises ParseError."""
    if not all(map(str.isascii, symbols)):
        _check_apart(symbols, lambda name: unicodedata.normalize("NFKC", name), text, " to Python", "call one of them another name")


def _check_apart(names: Iterable[str], same: Callable[[str], str], text: str, where: str, hint: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(same(name), name)
        if other != name:
            at = max(text.rfind(name), 0)
            raise ParseError(f"`{other}` and `{name}` are one name{where}", hint=hint).at(text, at, at + len(name))


def in_one_spelling(nodes: list[Node], known_names: Iterable[str], notes: list[str]) -> None:
    """Gives all spellings of a name, λ and lambda, the one that is declared, or else the first in the text."""
    first: dict[str, str] = {}
    for name in known_names:
        first.setdefault(one_name(name), name)
    for node in nodes:
        if node.kind == "name" or node.kind == "call" and node.value[0] not in FUNCTIONS:
            name = node.value if node.kind == "name" else node.value[0]
            spelling = first.setdefault(one_name(name), name)
            if spelling != name:
                node.value = spelling if node.kind == "name" else (spelling, *node.value[1:])
                notes += [n for n in (f"{name} and {spelling} are one name",) if n not in notes]


def check_vanished(unused: list[str], nodes: list[Node], shapes: Shapes) -> None:
    """A declared name that occurs nowhere is meant by an undeclared one that looks like it or has an index.  Raises UnknownNameError."""
    undeclared = (*shapes.inferred, *shapes.functions) if unused else ()
    for name in unused:
        for other in undeclared:
            stem, _, index = one_name(other).partition(f"{one_name(name)}_")
            is_entry = not stem and (index.isdigit() or len(index) == 1)
            if not is_entry and looks_like(other) != looks_like(name):
                continue
            hint = f"an entry is {name}[{index}]; or declare {other} too" if is_entry else "use one spelling for both"
            raise failing(f"`{name}` is declared, but the text has `{other}`", _place_of(other, nodes), hint, kind=UnknownNameError)


def check_put_in(unused: list[Definition], nodes: list[Node], shapes: Shapes) -> None:
    """A definition that is used nowhere is meant by an undeclared name of its letter: f_i(w) = … by f(w).  Raises UnknownNameError."""
    letters = {looks_like(indexed_name(other)[0]): other for other in (*shapes.inferred, *shapes.functions)} if unused else {}
    for definition in unused:
        other = letters.get(looks_like(indexed_name(definition.name)[0]))
        if other:
            place, hint = _place_of(other, nodes), "write both alike, or leave the definition out"
            raise failing(f"`{definition.shown}` is defined, but the text has `{other}`", place, hint, kind=UnknownNameError)


def _place_of(name: str, nodes: list[Node]) -> Node:
    return next((n for n in nodes if n.stem == name or n.kind == "call" and n.value[0] == name), nodes[-1])
