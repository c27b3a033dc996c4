r"""Families that are declared by their members: x_i ∈ ℝ^d is one of many where the text has Σ_i."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from matcalc.errors import MatcalcError, ParseError
from matcalc.expr.dims import Size, size_of
from matcalc.expr.properties import DECLARABLE
from matcalc.reading.described import bound_of
from matcalc.reading.letters import LOWERED
from matcalc.reading.sizes import fresh_names
from matcalc.reading.symbols import Declarations, Family, Range, Symbol, merged, plus, size_names

_SIGN = r"(?:\\(?:sum|prod)(?![A-Za-z])|[∑Σ∏Π]|(?<![A-Za-z])(?:sum|prod))\s*(?:\\(?:no)?limits)?\s*"
_BELOW = re.compile(rf"{_SIGN}(?:_\s*(?:\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}|(\w+))|([ᵢⱼₖₗₘₙₜₛ]+)|\(\s*([a-z])\s*=)")
_REST = re.compile(r"=|\\in(?![A-Za-z])|∈|:|\\colon|\||\\mid")
_LAST_OF_CHAIN = re.compile(r"^\s*\d.*(?:\\leq?(?![A-Za-z])|≤|<)[^<≤\\]*$")
_UPTO = r"(?<![\w\\]){}\s*=\s*(\d+)\s*(?:\}}?\s*\^\s*(?:\{{([^{{}}]*)\}}|(\w))|(?:\.\.|…|‥)\s*(\w+))"


def summed(text: str) -> frozenset[str]:
    r"""The letters that stand below the sums and products of a text as their indices.

    >>> sorted(summed(r"\sum_{i=1}^n \sum_{j \in S} x_i"))
    ['i', 'j']
    """
    found: set[str] = set()
    for m in _BELOW.finditer(text):
        below = (m[1] or m[2] or m[3] or m[4]).translate(LOWERED)
        below = _REST.split(below)[0] if not _LAST_OF_CHAIN.match(below) else re.sub(r"[^<≤\\]*$", "", below)
        found.update(re.sub(r"\\[A-Za-z]+|[^a-z]", "", below) if len(re.findall("[a-z]", below)) < 5 else ())
    return frozenset(found)


def as_families(said: Declarations, text: str) -> Declarations:
    """The declarations, with families for constants x_i whose index a sum of the text has, or another declaration gives a range.

    The range is that which is declared, else that of the sum, else the size of what is declared and has the index in the text.
    Raises ParseError for matrices without sizes, and beside a declaration that says otherwise.
    """
    candidates = {name: parts for name, s in said.symbols.items() if (parts := _parted(name, s, said))}
    if not candidates:
        return said
    known = {r.index: r for f in said.families.values() for r in f.ranges} | said.ranges
    ranges: dict[str, Range | None] = {**{i: _limits(i, text) or _axis(i, text, said) for i in summed(text)}, **known}
    members = {name: (stem, index) for name, (stem, index) in candidates.items() if ranges.keys() >= {*index}}
    if not members:
        return said
    made = replace(said, symbols={}, families=dict(said.families), integers=set(said.integers), notes=[*said.notes])
    fresh = fresh_names({*re.findall(r"[A-Za-z]+", text), *said.symbols, *(n for s in said.symbols.values() for n in size_names(s))}, 2)
    for name, symbol in said.symbols.items():
        stem, index = members.get(name, (name, ""))
        earlier = made.symbols.get(stem) or said.symbols.get(stem)
        if index and not (earlier and _is_row(symbol, earlier) or stem in said.families):
            own = {i: r if i in known or r is None else _shifted(r, stem, text) for i, r in ranges.items() if i in index}
            symbol = _array(symbol, stem, index, own, made, fresh)
            ranges |= {i: r for i, r in own.items() if ranges[i] is None}
            symbol = merged(earlier, symbol) if earlier else symbol
            each = ", ".join(f"{i} = {r.first}..{r.last}".replace(" - ", "-") if (r := own[i]) else i for i in index)
            made.notes.append(f"{name} is read as one of many, for each {each}")
        elif earlier:
            symbol = earlier
        made.symbols[stem] = symbol
        if index and name in said.integers:
            made.integers.symmetric_difference_update({name, stem})
    return made


def _parted(name: str, symbol: Symbol, said: Declarations) -> tuple[str, str] | None:
    """The x and the i of a constant x_i."""
    stem, _, index = name.rpartition("_")
    plain = stem and symbol.kind in ("", "scalar", "vector", "matrix") and re.fullmatch("[a-z]{1,3}", index)
    return (stem, index) if plain and name not in said.families and name not in said.definitions else None


def _limits(letter: str, text: str) -> Range | None:
    """The range of an index in the text, i = 1 up to n; None where no limits stand there, or several that differ."""
    found = {(m[1], (m[2] or m[3] or m[4]).strip()) for m in re.finditer(_UPTO.format(letter), text)}
    if len(found) != 1:
        return None
    ((first, last),) = found
    try:
        count = plus(bound_of(last, 0), 1 - int(first))
    except MatcalcError:
        return None
    return Range(letter, int(first), count) if not isinstance(count, int) or count > 0 else None


def _axis(letter: str, text: str, said: Declarations) -> Range | None:
    """The range of an index of what is declared as an array: that of the y_i of y: (n)."""
    found: set[Size] = set()
    for name, s in said.symbols.items():
        if s.shape and name not in said.families:
            for below in re.findall(rf"{_named(name)}\}}?_(?:\{{([a-z]{{1,2}})\}}|([a-z])(?![A-Za-z]))", text):
                found.update(size for i, size in zip("".join(below), s.shape, strict=False) if i == letter)
    return Range(letter, 1, found.pop()) if len(found) == 1 else None


def _shifted(r: Range, stem: str, text: str) -> Range:
    """The range of the members that a sum reaches: up to N + 1 for x_{t+1}."""
    steps = re.findall(rf"{_named(stem)}\s*\}}?\s*[_^]\s*[{{(]+\s*{r.index}\s*([-+−])\s*(\d{{1,9}})", text)
    places = [0, *(int(digits) if sign == "+" else -int(digits) for sign, digits in steps)]
    return Range(r.index, plus(r.first, min(places)), plus(r.count, max(places) - min(places)))


def _named(name: str) -> str:
    """The pattern of a name in a text, where x stands behind the A of A x too."""
    return ("" if len(name) == 1 else "(?<![A-Za-z])") + re.escape(name)


def _array(symbol: Symbol, stem: str, index: str, ranges: dict[str, Range | None], made: Declarations, fresh: Iterator[str]) -> Symbol:
    """All members at once, entered as a family where their shape is known; numbers without a range are an array of any sizes."""
    shape, needed = symbol.shape, {DECLARABLE[p].shape for p in symbol.properties}
    if symbol.kind == "" and not needed & {"square", "tall", "vector"}:
        shape = (1, 1)
    if shape == (1, 1) and len(index) < 3 and None in (ranges[i] for i in index):
        entrywise = symbol.properties & {"positive", "nonnegative", "complex"}
        return Symbol(stem, "vector" if len(index) == 1 else "matrix", None, entrywise)
    if shape is None and symbol.kind == "vector":
        shape = (size_of(next(fresh)), 1)
    if shape is None:
        hint = f"declare {symbol.name}: (m, n), {', '.join(f'{i} = 1..N' for i in index)}"
        raise ParseError(f"`{symbol.name}` is one of many: which sizes has it?", hint=hint)
    for i in index:
        ranges[i] = ranges[i] or Range(i, 1, size_of(next(fresh)))
    family = Family(stem, tuple(r for i in index if (r := ranges[i])), shape, symbol.properties)
    made.families[stem] = family
    return family.array()


def _is_row(member: Symbol, array: Symbol) -> bool:
    """Whether the array is declared too, and the member is a row of it."""
    sizes: tuple[Size, ...] = array.shape or ()
    return bool(sizes) and member.shape is not None and member.shape[1] == 1 and (sizes[1] == member.shape[0])
