"""The shapes of calls: of functions by their signatures, of abstract ones, of those along an axis, of gradients of functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matcalc.errors import ShapeError, UnknownNameError, UnsupportedError
from matcalc.expr.applying import signature, wants
from matcalc.expr.dims import Dim, Size, replace, solved
from matcalc.operators import FUNCTIONS, Function
from matcalc.reading.evidence import SUMS, takes_arrays
from matcalc.reading.sizes import SCALAR, Free, Rough, RoughShape, Sizes, find
from matcalc.reading.spellings import ALONG
from matcalc.reading.symbols import Symbol
from matcalc.reading.tree import Node, failing, walked
from matcalc.reading.trial import Trial

OF_SQUARE = frozenset(("tr", "det", "logdet"))  # of a scalar they say nothing
_ENTRYWISE = frozenset(("sum", "minus", "product", "power", "dot_power", "call", "exponential", "group"))


def gradient(s: Trial, node: Node) -> RoughShape:
    word, name = node.value
    symbol = s.declared.get(name)
    if symbol is None or symbol.kind != "function" or symbol.takes is None or symbol.shape is None:
        hint = f"declare it: {name}: (m, n) -> ()"
        raise failing(f"{name} is not declared as a function of a matrix", node, hint, kind=UnknownNameError)
    if (word == "jac") == (symbol.shape == (1, 1)):
        other = "grad" if word == "jac" else "jac"
        raise s.fail(node, f"{name} gives {s.show(symbol.shape)}: write {other}({name})")
    _taken(s, node, symbol)
    size = symbol.takes[0] * symbol.takes[1]
    return symbol.takes if word == "grad" else (size if word == "hess" else symbol.shape[0] * symbol.shape[1], size)


def _taken(s: Trial, node: Node, symbol: Symbol) -> None:
    """The argument of a function of a matrix has the shape that is declared."""
    s.used.add(symbol.name)
    assert symbol.takes is not None
    if not s.sizes.same(node.parts[0].shape, symbol.takes):
        raise s.fail(node, f"{symbol.name} is declared for {s.show(symbol.takes)}, but is applied to {s.show(node.parts[0].shape)}")


def call(s: Trial, node: Node) -> RoughShape:
    name, primes = node.value[:2]
    symbol = s.declared.get(name)
    function = FUNCTIONS.get(name) if symbol is None else None
    if function is None:
        return _abstract(s, node, name, symbol, primes)
    if primes:
        raise failing(f"write the derivative of {name} out", node, kind=UnsupportedError)
    if function.sizes:
        return _sized(s, node, function)
    arguments = [p.shape for p in node.parts]
    try:
        text, _ = function.overload(arguments)
    except ShapeError as error:
        hint = f"along an axis it is {' or '.join(ALONG[name])}" if name in ALONG else ""
        raise failing(str(error), node, hint) from None
    bound: dict[str, Rough] = {letter: s.sizes.new() for letter in "mn" if letter in text} if name in ("vector", "matrix") else {}
    shape = _apply(s.sizes, text, tuple(arguments), bound) if "->" in text else _entrywise(s.sizes, arguments)
    if shape is None:
        inside = s.text[node.parts[0].start : node.parts[0].end]
        shown = "\\operatorname{%s}" if s.given.paper else "%s"
        by_rows = [f"{shown % (name + end)}({inside})" for end in ("_rows", "_cols") if f"{name}{end}" in FUNCTIONS]
        hint = f"of each row or each column: {' or '.join(by_rows)}" if by_rows else ""
        names = [n.value for n in walked(node.parts[0]) if n.kind == "name" and s.inferred.get(n.value, ("",))[0] == "vector"]
        if name in OF_SQUARE | {"trace"} and names:  # trace(rho @ H)
            hint = f"declare {names[0]}: (n, n) where it is a matrix"
        raise s.fail(node, f"{name} {wants(text)}, but has {', '.join(map(s.show, arguments))}", hint)
    for part, array in zip(node.parts, takes_arrays(name, len(node.parts)), strict=True):
        if array and part.shape == SCALAR:
            s.cost(f"in {name}( )", part, part)
        free = (i for n in walked(part) if n.kind == "item" for i in n.value if isinstance(i, str) and "·" not in i)  # that no sum binds
        if part.shape == SCALAR and name in SUMS and (picked := next(free, "")):
            hint = f"write sum_{picked} for the sum over {picked}" + ", over n for its mean" * (name == "mean")
            raise s.fail(node, f"{name} over which index? `{picked}` picks one entry here", hint)
        if part.shape == SCALAR and (name in SUMS or name in OF_SQUARE) and (guessed := _guessed(s, part)):
            if name in SUMS:
                hint = f"write .* and ./ for what is entry by entry, or declare {guessed}: (n)"
                raise s.fail(node, f"{name} is of an array, and `{guessed}` is a scalar here", hint)
            raise s.fail(node, f"{name} is of a matrix, and `{guessed}` is a scalar here", f"declare {guessed}: (n, n)")
    if name in ("lambda_max", "lambda_min") and shape == node.parts[0].shape and node.parts[0].kind != "name":
        hint = f"declare {name}: scalar, where it is a number; else write (…) around the matrix that it is of"
        raise s.fail(node, f"{name} is of a matrix, and this is a number", hint)
    if name in ("vector", "matrix"):
        s.placed += [(size, node) for size in shape]
    return shape


def _guessed(s: Trial, part: Node) -> str:
    """A name in a scalar that nobody declared, and that could be an array as well; nothing where there is none."""
    inside = walked(part, into=lambda n: n.parts if n.shape == SCALAR and n.kind in _ENTRYWISE else ())
    names = (n.value for n in inside if n.kind == "name" and n.value not in s.declared)
    return next((n for n in names if s.inferred.get(n, ("",))[0] == "scalar"), "")


def exponential(s: Trial, node: Node) -> RoughShape:
    """e^A of a square matrix is that of the matrix; of anything else it goes entry by entry."""
    (part,) = node.parts
    shape: RoughShape = part.shape
    whole = 1 not in map(find, shape) and s.sizes.unify(*shape)
    node.value = ("expm" if whole else "exp", 0)
    if 1 not in map(find, shape):
        meant = "the exponential of the matrix; entry by entry it is exp(X)" if whole else "exp of each entry"
        s.notes.append(f"{s.text[node.start : node.end]} is read as {meant}")
    return shape


def _abstract(s: Trial, node: Node, name: str, symbol: Symbol | None, primes: int) -> RoughShape:
    s.used.add(name)
    if symbol is None and node.parts and node.parts[0].kind == "counter" and s.text[node.end - 1] == "]":
        raise failing(f"is `{s.text[node.start : node.end]}` an entry?", node, "give the array a letter of its own, as in x_i")
    if symbol is None:
        s.functions.setdefault(name, node)
    if len(node.parts) != 1:
        letters = ", ".join("uvwxyz"[: len(node.parts)])
        hint = f'define it: where="{name}({letters}) = …"'
        raise failing(f"the function {name} takes 1 argument, not {len(node.parts)}", node, hint)
    if symbol is not None and symbol.kind == "function":
        if primes:
            raise failing(f"the derivative of {name} is grad({name}) or jac({name})", node, kind=UnsupportedError)
        _taken(s, node, symbol)
        return symbol.shape or SCALAR
    shape: RoughShape = node.parts[0].shape
    return shape


def _sized(s: Trial, node: Node, function: Function) -> RoughShape:
    sizes: tuple[Size, ...] = node.value[2]
    for text, _ in function.overloads:
        symbols = _output_symbols(text)
        inputs = len(signature(text)[0])
        if len(symbols) == len(sizes) and len(node.parts) == inputs:
            shape = _apply(s.sizes, text, tuple(p.shape for p in node.parts), dict(zip(symbols, sizes, strict=True)))
            if shape is None:
                raise s.fail(node, f"{function.name} {wants(text)}, but has {', '.join(s.show(p.shape) for p in node.parts)}")
            return shape
    examples = " or ".join(f"{function.name}({', '.join(_output_symbols(t))})" for t, _ in function.overloads)
    raise failing(f"{function.name} needs its size{'s' * (function.sizes > 1)}: {examples}", node)


def along(s: Trial, node: Node) -> RoughShape:
    """A sum or a softmax along an axis: of a vector there is one axis, of a matrix each has a function of its own."""
    name, axis, _, kept = node.value
    if len(node.parts) != 1:
        raise s.fail(node, f"{name} along an axis takes one array, not {len(node.parts)}", f"{name}(X, axis=0)")
    shape = node.parts[0].shape
    function = name if 1 in shape else ALONG[name][axis if axis >= 0 else 1]
    node.value = name, axis, function, kept
    made = _apply(s.sizes, FUNCTIONS[function].overloads[0][0], (shape,), {}) if FUNCTIONS[function].overloads[0][0] != "*" else shape
    if made is None:
        raise s.fail(node, f"{function} does not fit {s.show(shape)}")
    return made


# --- signatures ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=None)
def _output_symbols(text: str) -> tuple[str, ...]:
    """The sizes of a result that no argument shows."""
    inputs, output = text.split("->")
    shown = {part for shape in re.findall(r"\(([^()]*)\)", inputs) for part in shape.split(",")}
    return tuple(name for name in dict.fromkeys(re.findall("[a-z]+", output)) if name not in shown)


def _apply(sizes: Sizes, text: str, arguments: tuple[RoughShape, ...], bound: dict[str, Rough]) -> RoughShape | None:
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


def _entrywise(sizes: Sizes, arguments: Sequence[RoughShape]) -> RoughShape | None:
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
