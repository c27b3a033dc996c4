"""The shape that a signature gives, by unification: ``(m,n),(n,p)->(m,p)``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matcalc.expr.applying import signature
from matcalc.expr.dims import Dim, replace, solved
from matcalc.reading.sizes import SCALAR, Free, Rough, RoughShape, Sizes, find


@lru_cache(maxsize=None)
def output_symbols(text: str) -> tuple[str, ...]:
    """The sizes of a result that no argument shows."""
    inputs, output = text.split("->")
    shown = {part for shape in re.findall(r"\(([^()]*)\)", inputs) for part in shape.split(",")}
    return tuple(name for name in dict.fromkeys(re.findall("[a-z]+", output)) if name not in shown)


def apply(sizes: Sizes, text: str, arguments: tuple[RoughShape, ...], bound: dict[str, Rough]) -> RoughShape | None:
    """The shape that a signature gives, unifying as it goes; None where an argument does not fit."""
    inputs, output = signature(text)
    for wanted, actual in zip(inputs, arguments, strict=True):
        for w, a in zip(wanted, actual, strict=True):
            if isinstance(w, int):
                if a != w:
                    return None
            elif w.name:
                if not sizes.unify(bound.setdefault(w.name, a), a):
                    return None
            elif len(w.terms) > 1:  # m+1: what is open stays so
                (name,) = w.symbols
                known = find(a)
                bound[name] = sizes.new() if isinstance(known, Free) else solved(w, known, name, {}) or 0
            elif not sizes.unify(_polynomial(sizes, w, bound, text), a):
                return None
            else:
                sizes.solve()  # what m*p = 6 with a known p leaves for m is needed at once
    rows, columns = (size if isinstance(size, int) else find(_polynomial(sizes, size, bound, text)) for size in output)
    return rows, columns


def entrywise(sizes: Sizes, arguments: Sequence[RoughShape]) -> RoughShape | None:
    """The shape of a function entry by entry: that of its arguments that are no scalars."""
    arrays = [a for a in arguments if a != SCALAR] or [SCALAR]
    return arrays[0] if all(sizes.same(arrays[0], other) for other in arrays[1:]) else None


def _polynomial(sizes: Sizes, size: Dim, bound: dict[str, Rough], text: str) -> Rough:
    if len(size.terms) > 1:
        known = {name: find(n) for name, n in bound.items()}
        return sizes.new() if any(isinstance(known[name], Free) for name in size.symbols) else replace(size, known)  # type: ignore[arg-type]
    (names, _), *_ = size.terms
    if len(names) > 1 and f"({','.join(names)})" in text:  # rows and columns of one matrix: the slow index first, as in kron
        names = names[::-1]
    for name in names:
        if name not in bound:
            bound[name] = sizes.new(one=True)
    return bound[names[0]] if len(names) == 1 else sizes.product(tuple(bound[n] for n in names))
