"""Doubts about programs: what NumPy spreads, and what is one axis there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.errors import MatcalcError
from matcalc.reading.doubts.asking import asked, by_fit, guessed, terms_of
from matcalc.reading.evidence import by_entries
from matcalc.reading.letters import is_greek
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import find
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, OVER, Node, failing, walked

SLOPES = re.compile(r"[abckm]|[abcw]_?\d|slope")
TURNED = re.compile(r"\.(?:T|t\(\s*\)|transpose\(\s*\))$")
DATA = frozenset(
    "y t p q w targets labels onehot y_true y_pred weights".split()
)  # what stands beside logarithms of probabilities, and weights


def multiple(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X * w of NumPy, where w is a number because nothing else says what it is; a * x @ y, where a is a vector because that fits."""
    first, second = node.parts[:2]
    if node.value[0].kind in (OVER, DOT_OVER) and guessed(first, shapes, "matrix"):  # P/sigma * X @ Y, X/n @ Y
        number = first if len(node.parts) > 2 and second.shape == SCALAR else second
        if number is first or guessed(second, shapes, "vector") and not is_greek(second.value):
            yield asked(number.value, f"is `{number.value}` a number?", number, "scalar", "(m, n)" if number is first else "(n)")
    if node.value[0].kind != DOT_TIMES:
        return
    first = first.parts[0] if first.kind == "product" and first.parts[1].kind == "number" else first  # (c/2) * w @ w
    for part, other in ((first, second), (second, first)) if len(node.parts) == 2 else ((first, second),):
        of_data = other.kind == "name" or part.kind == "name" and part.value in DATA and other.kind != "number"
        if by_fit(part, shapes) and of_data and 1 not in other.shape:
            array = f"an array that goes with the entries of {shapes.text[other.start : other.end]}"
            yield asked(part.value, f"is `{part.value}` a number, or {array}?", node, "(m, n)", "(n)", "scalar")
    name = first.value
    told = not guessed(first, shapes, "vector") or name in {*shapes.given.arrays, *shapes.given.by}
    if len(node.parts) > 2 and not told and 1 in second.shape != SCALAR:
        yield asked(name, f"is `{name}` a number, or a vector as the other?", node, "scalar", "(n)")
    for part, other in ((first, second), (second, first)):  # (x @ w1) * w2
        while part.kind == "minus" or part.kind == "call" and len(part.parts) == 1 and by_entries(part.value[0]):
            (part,) = part.parts
        names = [p.value for p in part.parts if guessed(p, shapes, "vector")] if part.kind == "product" and part.shape == SCALAR else []
        inner = len(names) == len(part.parts) == 2 and part.value[0].text == "@"
        if inner and guessed(other, shapes, "vector") and other.value not in names:
            yield asked(names[0], f"is `{names[0]}` a batch?", part, "(m, n)", "(n)")


def counted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x[1] of NumPy, which counts from 0."""
    if node.parts[0].kind == "name" and any(isinstance(i, int) and i > 0 for i in node.value):
        shown = shapes.text[node.start : node.end]
        hint = "indices count from 1 here: write it as in sum(x[2]*y), without np. and with the index that is meant"
        yield failing(f"does `{shown}` count from 0, as in NumPy?", node, hint)


def dyad(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """norm(x @ w.T) of small letters, which of vectors is a number in NumPy: w is most likely a matrix; in a trace both are the same."""
    inside = node.parts if node.value[0] not in ("tr", "trace") else ()
    for product in walked(*inside, into=lambda n: n.parts if n.shape != SCALAR else ()):
        for a, operator, b in product.neighbours if product.kind == "product" and product.shape != SCALAR else ():
            turned = b.kind == "transpose" and TURNED.search(shapes.text[b.start : b.end]) is not None
            row = b.parts[0].value if turned and guessed(b.parts[0], shapes, "vector") else ""
            if row and operator.text == "@" and a.shape[1] == 1 and a.shape != SCALAR:
                names = dict.fromkeys([a.value, row] if guessed(a, shapes, "vector") else [row])
                ways = ["; ".join(f"{name}: ({size}{more})" for name, size in zip(names, "mn", strict=False)) for more in (", k", "")]
                hint = f'declare "{ways[0]}"; for the product of a column and a row "{ways[1]}"'
                yield failing(f"is `{row}` a matrix? Of a vector `.T` is the vector itself in NumPy", b, hint)


def broadcast(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """H0 * np.exp(X @ b), where H0 would be a matrix because it is a capital."""
    a, operator, b = next(node.neighbours)
    for part, other in ((a, b), (b, a)) if operator.kind == DOT_TIMES else ():
        vector = other.kind != "name" and other.shape != SCALAR and 1 in map(find, other.shape)
        if vector and guessed(part, shapes, "matrix") and len(re.findall(rf"(?<!\w){re.escape(part.value)}(?!\w)", shapes.text)) == 1:
            question = f"is `{part.value}` a matrix? It is multiplied with a vector, entry by entry"
            yield asked(part.value, question, part, "scalar", "(n)", "(m, n)")


def regressed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """y - a*x - b and y - a*exp(-b*x) of NumPy, where a would be a vector because that fits too."""
    for product in walked(*node.parts, into=lambda n: n.parts if 1 in n.shape != SCALAR and n.kind in ("minus", "product", "call") else ()):
        starred = product.kind == "product" and [o.text for o in product.value] == ["*"] and 1 in product.shape
        names = product.parts if starred and all(guessed(p, shapes, "vector") or p.kind == "call" for p in product.parts) else ()
        for name in (n.value for n in names if n.kind == "name" and SLOPES.fullmatch(n.value) and n.value not in shapes.given.arrays):
            yield asked(name, f"is `{name}` a number, or a vector as the other?", product, "scalar", "(n)")


def weighted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """sum(y*log(p)), sum(w*r)/sum(w), sum((y - a*x^2)^2), where a letter would be a number because nothing else fits."""
    if node.value[0] not in ("sum", "mean") or re.search(r"\.[*/^]", shapes.text[node.start : node.end]):
        return
    for part in walked(*node.parts[:1], into=lambda n: () if n.kind == "call" and not by_entries(n.value[0]) else n.parts):
        if part.shape == SCALAR or part.kind not in ("product", "sum"):
            continue
        factors = [part.parts[0], *(b for _, o, b in part.neighbours if o.kind != OVER)] if part.kind == "product" else terms_of(part)
        of_matrix = any(n.shape != SCALAR and 1 not in n.shape for n in walked(part))  # k(A'x + b)
        for factor in (f for f in factors if f.shape == SCALAR and (part.kind == "product" or f.kind == "name")):
            names = [
                n for n in walked(factor) if n.kind in ("name", "transpose", "norm") or n.kind == "call" and not by_entries(n.value[0])
            ]
            fitted = [n for n in names if by_fit(n, shapes) and (not of_matrix or n.value in DATA or n.value[0].isupper())]
            if number := next((n for n in fitted if all(n.kind == "name" for n in names)), None):
                hint = f"declare {number.value}: (n) or {number.value}: scalar; of vectors .* is the product entry by entry"
                yield failing(f"is `{number.value}` a number here?", part, hint)


def of_one_axis(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """np.sum(x, axis=1) of an x that would be a vector: NumPy's have one axis."""
    name, axis = node.value[:2]
    if axis == 1 and 1 in node.parts[0].shape:
        vector = next((n.value for n in walked(node.parts[0]) if guessed(n, shapes, "vector")), "")
        if vector:
            yield failing(f"is `{vector}` a matrix? {name} goes along its second axis", node, f"declare {vector}: (m, n)")
