"""The language of `where`: ``X: (m, n) symmetric; c: scalar; g: elementwise; a ∈ R^m``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError, UnknownNameError, did_you_mean
from matcalc.expr.dims import Dim, Shape, Size, size_of
from matcalc.expr.properties import PROPERTIES, contradiction
from matcalc.limits import LARGEST_SIZE, LONGEST_NAME, MOST_CHARACTERS
from matcalc.operators import CONSTANTS
from matcalc.reading.names import FOREIGN, describe, plain

KINDS = ("scalar", "elementwise")
RESERVED = {"I": "the identity matrix", **dict.fromkeys(CONSTANTS, "the number π")}

# Compiled when first used: most commands declare nothing.
_NAME = r"[^\W\d_⁰¹²³⁴-⁹₀-₉ᵀⁿ](?:[^\W⁰¹²³⁴-⁹ᵀⁿ])*"
_ENTRY = rf"\s*(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)\s*(?:(?P<colon>:)|(?P<element>∈|\bin\b))\s*"
_SPACE = r"[Rℝ](?:\s*\^?\s*(?:\{(?P<braced>[^{}]*)\}|\((?P<round>[^()]*)\)|(?P<bare>[^\s,;{}()]+)))?"
_MAP = r"\((?P<takes>[^()]*)\)\s*(?:->|→|↦)\s*(?P<gives>\([^()]*\)|scalar\b|R\b|ℝ)"
_TUPLE = r"\((?P<sizes>[^()]*)\)"
_SIZE = rf"\s*(?:{_NAME}|\d+)(?:\s*[*+]\s*(?:{_NAME}|\d+))*\s*"
_WORD = r"[\w-]+"
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for: its kind, shape and properties, and whether that was inferred.

    Kinds are scalar, vector, matrix, elementwise (an abstract function g), function (of a whole matrix, `takes` is the
    shape of its argument), index and size.  `reason` says what in the text tells an inferred kind, where something does.
    """

    name: str
    kind: str
    shape: Shape | None = None
    properties: frozenset[str] = frozenset()
    inferred: bool = False
    takes: Shape | None = None
    reason: str = field(default="", compare=False)


def declarations(where: str) -> dict[str, Symbol]:
    """The symbols that `where` declares, in its order.

    Raises ParseError, ShapeError, UnknownNameError or LimitError, with the place.

    >>> declarations("S: (n, n) spd; x ∈ R^n")["x"].shape
    (n, 1)
    """
    return dict(declared(where)[0])


def declared(where: Any) -> tuple[dict[str, Symbol], tuple[str, ...]]:
    """The symbols, and notes on what was said twice."""
    if not isinstance(where, str):
        raise ParseError(f"declarations are text, not {type(where).__name__}", hint='where="X: (m, n); a: (m); c: scalar"')
    return _declared(where)


@lru_cache(maxsize=256)
def _declared(where: str) -> tuple[dict[str, Symbol], tuple[str, ...]]:
    if len(where) > MOST_CHARACTERS:
        raise LimitError(f"the declarations have {len(where):,} characters; the limit is {MOST_CHARACTERS:,}")
    symbols: dict[str, Symbol] = {}
    notes: list[str] = []
    line, at = plain(where), 0
    for entry in re.split(r"[;\n]", line):
        if entry.strip():
            try:
                for symbol in _entry(entry, notes):
                    _enter(symbols, symbol, notes)
            except MatcalcError as error:
                start = error.start + at if error.start >= 0 else at + len(entry) - len(entry.lstrip())
                error.start = -1
                raise error.at(where, start, error.end + at if error.end > 0 else at + len(entry)) from None
        at += len(entry) + 1
    sizes = {name for s in symbols.values() for name in size_names(s)}
    for name in symbols:
        if name in sizes:
            place = re.search(rf"\b{re.escape(name)}\b", where)
            raise ParseError(f"`{name}` is declared, and is a size too", hint="use another name for one of them").at(
                where, place.start() if place else 0, place.end() if place else 1
            )
    return symbols, tuple(notes)


def size_names(symbol: Symbol) -> set[str]:
    """The size symbols in a symbol's shapes."""
    shapes = [s for s in (symbol.shape, symbol.takes) if s]
    return {name for shape in shapes for size in shape if isinstance(size, Dim) for name in size.symbols}


def kind_of(shape: Shape) -> str:
    """scalar, vector or matrix.

    >>> kind_of((1, 1)), kind_of((3, 1)), kind_of((1, 3))
    ('scalar', 'vector', 'matrix')
    """
    return "scalar" if shape == (1, 1) else "vector" if shape[1] == 1 else "matrix"


def _enter(symbols: dict[str, Symbol], symbol: Symbol, notes: list[str]) -> None:
    earlier = symbols.get(symbol.name)
    if earlier is None:
        symbols[symbol.name] = symbol
    elif earlier == symbol:
        notes.append(f"{symbol.name} is declared twice")
    else:
        raise ParseError(f"`{symbol.name}` is declared twice, differently")


def _entry(entry: str, notes: list[str]) -> list[Symbol]:
    head = re.match(_ENTRY, entry)
    if not head:
        raise _no_entry(entry)
    names = [re.sub("[₀-₉]+", lambda m: "_" + m.group().translate(_LOWERED), n.strip()) for n in head["names"].split(",")]
    for name in names:
        _check_length(name, 0)
        if name in RESERVED or name in FOREIGN:
            raise ParseError(f"`{name}` is reserved: it is {RESERVED.get(name, 'no name of a variable')}")
    at = head.end()
    mapping = re.compile(_MAP).match(entry, at)
    shape: Shape | None
    takes: Shape | None = None
    if mapping:
        kind, takes = "function", _shape(mapping["takes"], mapping.start("takes"))
        shape = _shape(mapping["gives"].strip("()"), mapping.start("gives") + 1) if mapping["gives"][0] == "(" else (1, 1)
        at = mapping.end()
    else:
        kind, shape, at = _kind_and_shape(entry, at, head)
    properties = _properties(entry, at, names[0], notes)
    if kind in ("elementwise", "function") and properties:
        raise ParseError(f"a function has no property `{min(properties)}`")
    if kind == "elementwise" and any(n[0].isupper() for n in names):
        notes.extend(f"{n} is an elementwise function with an upper-case name" for n in names)
    _check_properties(names[0], shape, properties)
    return [Symbol(n, kind, shape, properties, takes=takes) for n in names]


def _check_properties(name: str, shape: Shape | None, properties: frozenset[str]) -> None:
    if shape is None or shape == (1, 1):
        return
    for p in sorted(properties):
        if PROPERTIES[p].shape == "square" and shape[0] != shape[1]:
            raise ShapeError(f"`{p}` needs a square matrix, not ({shape[0]}, {shape[1]})")
        if PROPERTIES[p].shape == "vector" and shape[1] != 1:
            raise ShapeError(f"`{p}` needs a vector, not ({shape[0]}, {shape[1]})")
    against = contradiction(properties)
    if against:
        a, b, what = against
        raise ParseError(f"`{name}` cannot be both {a} and {b}: {what}")


def _kind_and_shape(entry: str, at: int, head: re.Match[str]) -> tuple[str, Shape | None, int]:
    if head["element"]:
        space = re.compile(_SPACE).match(entry, at)
        if not space:
            raise ParseError("expected R^n or R^{m×n} after ∈", start=at, end=at + 1)
        inside = space["braced"] or space["round"] or space["bare"]
        if inside is None:
            return "scalar", (1, 1), space.end()
        shape = _shape(re.sub(r"×|\\times|,| x |(?<=[\w)])\*(?=[\w(])", ",", inside) if "," not in inside else inside, space.start() + 1)
        return kind_of(shape), shape, space.end()
    sizes = re.compile(_TUPLE).match(entry, at)
    if sizes:
        shape = _shape(sizes["sizes"], sizes.start("sizes"))
        return kind_of(shape), shape, sizes.end()
    word = re.compile(_WORD).match(entry, at)
    if word and word.group() in KINDS:
        return word.group(), (1, 1) if word.group() == "scalar" else None, word.end()
    if word and word.group() == "function":
        return "elementwise", None, word.end()
    if word and word.group() in ("vector", "matrix"):
        size = "(n)" if word.group() == "vector" else "(m, n)"
        raise ParseError(f"a {word.group()} is declared with its size: {head['names']}: {size}", start=word.start(), end=word.end())
    shown = entry[at:].strip() or "nothing"
    raise ParseError(
        f"expected a shape or a kind after `:`, not `{shown}`", start=at, end=max(at + 1, len(entry)),
        hint=did_you_mean(word.group(), KINDS) if word else "(m, n)   (m)   scalar   elementwise   (m, n) -> ()",
    )  # fmt: skip


def _no_entry(entry: str) -> ParseError:
    stripped = entry.strip()
    first = len(entry) - len(entry.lstrip())
    if stripped[0].isdigit() or stripped[0] == "_":
        return ParseError("a name begins with a letter", start=first, end=first + 1)
    name = re.match(_NAME, stripped)
    if not name:
        return ParseError(f"a declaration begins with a name, not {describe(stripped[0])}", start=first, end=first + 1)
    after = first + name.end()
    return ParseError(f"expected `:` after `{name.group()}`", start=after, end=after + 1, hint="X: (m, n); a: (m); c: scalar")


def _shape(text: str, at: int) -> Shape:
    if not text.strip():
        return (1, 1)
    parts = text.split(",")
    if len(parts) == 2 and not parts[1].strip():
        parts.pop()
    if len(parts) > 2:
        raise ShapeError("a shape has one or two sizes", start=at, end=at + len(text))
    sizes = []
    for part in parts:
        sizes.append(_size(part, at))
        at += len(part) + 1
    return sizes[0], sizes[1] if len(sizes) > 1 else 1


def _size(text: str, at: int) -> Size:
    start = at + len(text) - len(text.lstrip())
    end = max(at + len(text.rstrip()), start + 1)
    if not re.fullmatch(_SIZE, text):
        shown = text.strip()
        what = "missing" if not shown else "negative" if shown[0] in "-−" else "no whole number" if shown[0].isdigit() else "no name"
        raise ShapeError(f"a size is a positive whole number or a name: `{shown}` is {what}", start=start, end=end)
    _check_length(text.strip(), start)
    size = size_of(text.replace(" ", "")) if len(text) < 200 else 0
    if isinstance(size, int) and not 0 < size <= LARGEST_SIZE:
        raise ShapeError(f"a size is at least 1{'' if size == 0 else ' and not that large'}", start=start, end=end)
    if "I" in text.split():
        raise ParseError("`I` is the identity matrix, not a size", start=start, end=end)
    return size


def _check_length(name: str, start: int) -> None:
    longest = max(re.split(r"\W+", name), key=len)
    if len(longest) > LONGEST_NAME:
        raise LimitError(f"a name of {len(longest)} characters; the limit is {LONGEST_NAME}", start=start, end=start + LONGEST_NAME)


def _properties(entry: str, at: int, name: str, notes: list[str]) -> frozenset[str]:
    found: list[str] = []
    rest = entry[at:]
    for word in re.finditer(r"[^\s,]+", rest):
        if word.group() not in PROPERTIES:
            hint = did_you_mean(word.group(), PROPERTIES) or "properties: " + ", ".join(PROPERTIES)
            raise UnknownNameError(f"no property is called `{word.group()}`", start=at + word.start(), end=at + word.end(), hint=hint)
        if word.group() in found:
            notes.append(f"{name} is declared {word.group()} twice")
        else:
            found.append(word.group())
    return frozenset(found)
