"""Families as what a derivative is by: one member, at an index that stays a symbol, or the whole, by any of its members."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matcalc.errors import ParseError, UnsupportedError
from matcalc.expr import FAMILY, SIGMA, VARIABLE, Dim, Expr, below, free_indices, member, postorder, unit, variables
from matcalc.expr.language import Row, item
from matcalc.expr.manner import Manner
from matcalc.expr.properties import minimal
from matcalc.reading import Symbol
from matcalc.reading.declaring import declared
from matcalc.reading.latex.commands import in_new_fonts
from matcalc.reading.letters import one_name, plain
from matcalc.reading.symbols import Family, Range, shown
from matcalc.reading.tidying import tidied

Index = tuple[Any, ...]
LETTERS = "kijlpqr"


def families(e: Expr) -> list[Expr]:
    """The families of matrices whose members occur."""
    return list(dict.fromkeys(n for n in below(e) if n.op is FAMILY))


def any_member(family: Expr, e: Expr) -> Expr:
    """The member of a family at indices that stand for any; they are called as those of the sums in `e` over that range are.

    >>> from matcalc.api.building import family, function, sum_over
    >>> S = family("S", "L", "n", "n")
    >>> any_member(S, sum_over(function("logdet")(S["l"]), l="L"))
    S_l
    """
    nodes = postorder(e)
    called = [(n.data[0], n.data[1]) for n in nodes if n.op is SIGMA]
    taken = {*free_indices(e), *(v.data[0] for v in variables(e))}
    taken |= {s for n in nodes for d in n.shape if isinstance(d, Dim) for s in d.symbols}
    at: list[str] = []
    for count in family.data[2]:
        usual = [*(name for name, n in called if n == count), *LETTERS, *(f"k{i}" for i in range(1, len(taken) + 3))]
        at.append(next(name for name in usual if name not in taken and name not in at))
    return member(family, *(unit(i, n) for i, n in zip(at, family.data[2], strict=True)))


def declared_families(e: Expr, where: str) -> dict[str, str]:
    """The declarations of the families in `e` or in `where`, by their names.

    >>> from matcalc.api.building import family, function
    >>> S = family("S", "K", "n", "n", "spd")
    >>> declared_families(function("logdet")(S["j"]), "x_i: (d), i = 1..n")
    {'x': 'x_i: (d), i = 1..n', 'S': 'S_k: (n, n) spd, k = 1..K'}
    """
    out: dict[str, str] = {}
    for of in declared(where).families.values():
        out[of.name] = of.declared
    for f in families(e):
        name, properties, counts = f.data
        ranges = tuple(Range(i, 1, n) for i, n in zip(LETTERS, counts, strict=False))
        out.setdefault(name, Family(name, ranges, f.shape, frozenset(properties)).declared)
    return out


def declarations(e: Expr, symbols: Mapping[str, Symbol], where: str) -> dict[str, str]:
    """A declaration for each of the names, in their order; families of vectors and scalars as they are declared.

    >>> from matcalc.reading import read
    >>> reading = read("tr(S*A) + f(x)", "S: (n, n) spd; f: (n) -> ()")
    >>> declarations(reading.expr, reading.symbols, "")
    {'A': 'A: (n, n)', 'S': 'S: (n, n) spd', 'f': 'f: (n) -> ()', 'x': 'x: (n)'}
    """
    out = {s.name: said for s in symbols.values() if (said := declaration(s))}
    return dict(sorted({**out, **declared_families(e, where)}.items()))


def is_declared(name: str, where: str) -> bool:
    """Whether `where` says all there is to know of a name."""
    said = declared(where)
    return name in said.families or name in said.symbols and not said.symbols[name].open


def declaration(s: Symbol) -> str:
    """A symbol as it would be declared, "X: (m, n) symmetric"; nothing for an index or a size, and for what is open."""
    if s.kind == "elementwise":
        return f"{s.name}: elementwise"
    if s.shape is None or s.kind in ("index", "size", "family"):
        return ""
    sizes = shown(s.shape)
    if s.takes is not None:
        return f"{s.name}: {shown(s.takes) or '()'} -> {sizes or '()'}"
    return " ".join((f"{s.name}: {sizes or 'scalar'}", *minimal(s.properties)))


def vectors(where: str) -> tuple[str, ...]:
    """The families of vectors x_i, i = 1..n in declarations.

    >>> vectors("x_i: (d), i = 1..n; y_i: scalar, i = 1..n; S_k: (d, d), k = 1..K")
    ('x',)
    """
    every = declared(where).families.values() if ".." in where or "…" in where else ()
    return tuple(f.name for f in every if f.shape[1] == 1 != f.shape[0] and len(f.ranges) == 1 and f.ranges[0].first == 1)


def starts(where: str) -> dict[str, tuple[int, ...]]:
    """The first indices of the families in declarations that do not count from 1.

    >>> starts("x_t: (d), t = 0..N; y_i: scalar, i = 1..n")
    {'x': (0,)}
    """
    every = declared(where).families.values() if ".." in where or "…" in where else ()
    firsts = {f.name: tuple(r.first if isinstance(r.first, int) else 1 for r in f.ranges) for f in every}
    return {name: first for name, first in firsts.items() if {*first} != {1}}


def with_families(manner: Manner, where: str) -> Manner:
    """The manner, with what the families in declarations ask of it: rows that are vectors, and where axes begin to count."""
    return manner._replace(members=frozenset(vectors(where)), starts=starts(where))


def is_named(family: Expr, given: Sequence[Any]) -> bool:
    """Whether the family itself is among what was asked for."""
    return any(w is family or isinstance(w, str) and _same(w, family.data[0]) for w in given)


def named_member(text: str, e: Expr, where: str, rows: Collection[str] = ()) -> tuple[Expr, Index | None] | None:
    """The member of a family, or the entry of a variable, that `text` names, or the family as a whole; None where it names something else.

    Of what is in `rows` the members are vectors, as if it were declared so.
    Raises UnsupportedError for a member with a letter for its index where that does not count from 1.
    """
    said, text = declared(where), tidied(in_new_fonts(text)).replace(" ", "") if "\\" in text else text  # \mathbf w_k
    if text in said.symbols and not said.families:
        return None
    nodes = below(e)
    for f in dict.fromkeys(n for n in nodes if n.op is FAMILY):
        if _same(text, f.data[0]):
            return any_member(f, e), None
        parts = _indices(text, f.data[0], len(f.data[2]))
        if parts is not None:
            return item(f, _places(parts, f.data[0], where, e)), None
    occurring = sorted((n for n in nodes if n.op is VARIABLE), key=lambda v: v.data[0])
    if any(_same(text, name) for name in (*said.symbols, *(v.data[0] for v in occurring))):
        return None
    for v in occurring:
        of = said.families.get(v.data[0])
        count = len(of.ranges) if of is not None else 0 if v.is_scalar else 1 if 1 in v.shape or v.data[0] in rows else 2
        parts = _indices(text, v.data[0], count) if count else None
        if parts is not None:
            places = _places(parts, v.data[0], where, e)
            of_vectors = of is not None and of.shape != (1, 1) or v.data[0] in rows
            return v, (Row((*places, slice(None))) if of_vectors else places)
    return None


def _same(text: str, name: str) -> bool:
    return one_name(plain(text.strip()).lstrip("\\")) == one_name(name)


def _indices(text: str, name: str, count: int) -> list[str] | None:
    """The indices of a member, where `text` is one of the family called `name`: k of mu_k, i and j of z_ij and z_{i,j}."""
    match = re.fullmatch(r"\s*(.+)_(?:\{([^{}]+)\}|(\w+))\s*", text)
    if match is None or not _same(match[1], name):
        return None
    inside = match[2] or match[3]
    parts = [p.strip() for p in inside.split(",")] if "," in inside or count == 1 else list(inside.replace(" ", ""))
    return parts if len(parts) == count and all(re.fullmatch(r"\d+|[^\W\d_]", p) for p in parts) else None


def _places(parts: list[str], name: str, where: str, e: Expr) -> Index:
    """The indices as places, counted from 1."""
    of = declared(where).families.get(name)
    out: list[int | str] = []
    for k, p in enumerate(parts):
        first = of.ranges[k].first if of is not None else 1
        if p.isdigit():
            out.append(int(p) + 1 - (first if isinstance(first, int) else 1))
        elif first != 1:
            hint = f"differentiate by {name} as a whole, or by {name}_{first}"
            raise UnsupportedError(f"the indices of {name} count from {first}: {name}_{p} is taken by no derivative", hint=hint)
        elif any(v.data[0] == p for v in variables(e)):
            raise ParseError(f"the index {p} of {name}_{p} is a variable of the expression", hint="take another letter")
        else:
            out.append(p)
    return tuple(out)
