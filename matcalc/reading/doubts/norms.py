"""Doubts about functions, norms, traces and determinants: of numbers or of arrays, with a Jacobian or entry by entry."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.errors import MatcalcError
from matcalc.reading.doubts.asking import asked, guessed, terms_of
from matcalc.reading.evidence import NORMS, scaled
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import Free, find
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, OVER, Node, failing, walked

LAYERS = frozenset("max relu sigmoid tanh softplus gelu silu".split())
PICKED = frozenset(("indexed", "item", "slice", "member"))
DENSITIES = frozenset(("rho", "ρ", "varrho"))  # of quantum mechanics: matrices, in a trace


def positive(node: Node, shapes: Shapes) -> Iterator[MatcalcError | str]:
    """(x - k)^+ of what is no matrix, and x^+, which may be the next x."""
    part, shown = node.parts[0], shapes.text[node.start : node.end]
    if node.value:
        if part.kind in ("name", *PICKED):
            hint = f"write max(0, x), or pinv(x); a name is declared: {shown}: (n)"
            yield failing(f"is `{shown}` the positive part, or a name?", node, hint)
        yield f"{shown} is read as the positive part; the pseudoinverse is pinv(…)"


def in_trace(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """tr(ρ H), and tr(inv(a)*b), where the author calls matrices by small letters."""
    factors = node.parts[0].parts if node.value[0] in ("tr", "trace") and node.parts[0].kind == "product" else ()
    small = any(guessed(n, shapes, "matrix") and n.value[0].islower() for n in walked(*factors))
    for k, part in enumerate(factors):
        below = part.value[0].isupper() and shapes.text[: part.start].rstrip().endswith("/") if part.kind == "name" else False
        letter = len(part.stem.partition("_")[0]) == 1  # the h of Tr(D h)
        behind = k and letter and factors[k - 1].shape != SCALAR and node.parts[0].value[k - 1].kind != OVER
        if guessed(part, shapes, "scalar") and (below or part.value in DENSITIES or (small or behind) and part.value in shapes.scalars):
            yield asked(part.value, f"is `{part.value}` a number or a matrix in this trace?", node, "(n, n)", "scalar")


def sum_of_numbers(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖Σ_i c_i v_i‖, and ‖Σ_i φ(x_i)/n‖, which would be of numbers: the norm says that it has several entries."""
    inside = node.parts[0]
    if inside.kind == "over" and inside.shape == SCALAR and any(n.stem in shapes.inferred for n in walked(inside)):
        shown = shapes.text[inside.start : inside.end]
        hint = "declare which: x_i: (d), i = 1..n; or write |…| for numbers"
        yield failing(f"is `{shown}` a vector? A norm is taken of it", inside, hint)
    for term in terms_of(inside) if inside.kind == "sum" else ():
        entry = scaled(term.parts[0]) if term.kind == "over" else None
        if entry and len(entry.value[1]) == 2 and entry.stem in shapes.inferred:  # y_l - Σ θ_i x_il
            shown, hint = shapes.text[entry.start : entry.end], f"declare {entry.stem}: (m, n), or {entry.stem}_ij: (d), i = 1..m, j = 1..n"
            yield failing(f"is `{shown}` a number or a vector in this norm?", entry, hint)
    calls = [n for n in walked(inside) if n.kind == "call" and n.value[0] in shapes.functions] if inside.shape == SCALAR else ()
    for one in calls:
        name, shown = one.value[0], shapes.text[one.start : one.end]
        hint = f"declare {name}: (d) -> (M), with its arguments as families: x_i: (d), i = 1..n; or write |…| for numbers"
        yield failing(f"is `{shown}` a vector of features? A norm is taken of it", one, hint)


def with_a_jacobian(node: Node, shapes: Shapes) -> Iterator[MatcalcError | str]:
    """The f of ‖y - f(x)‖², and the g of λ'g(x), by x: most likely with a Jacobian, and not entry by entry as the f of f(W x + b) is."""
    inner = node.kind == "norm" or node.shape == SCALAR and any(p.shape != SCALAR for p in node.parts)
    of_ones = any(p.kind == "call" and p.value[0] == "vector" for part in node.parts for p in (part, *part.parts))  # 1'f(x)
    if not inner or of_ones or node.kind == "call" and node.value[0] not in ("inner", *NORMS):
        return
    for call in walked(node, into=lambda n: () if n.kind in ("power", "call") and n is not node or _pointwise(n) else n.parts):
        name = call.value[0] if call.kind == "call" else ""
        defined = any(name == of.partition("_")[0] for of in shapes.given.said.definitions)  # r_j(x) = …
        if name not in shapes.functions or name in shapes.declared or defined or call.value[1] or call.shape == SCALAR:
            continue
        (of,) = call.parts
        leaves = walked(of, into=lambda n: n.parts if n.kind in ("sum", "minus") or n.kind == "product" and _is_scaled(n) else ())
        if any(leaf.stem and (leaf.stem in shapes.given.by or not shapes.given.by) for leaf in leaves):
            shown, sizes = shapes.text[call.start : call.end], map(find, of.shape if 1 not in of.shape else of.shape[:1])
            said = ", ".join(letter if isinstance(size, Free) else str(size) for size, letter in zip(sizes, "nk", strict=False))
            whole = f"{name}: ({said}) -> ({next(letter for letter in 'mpq' if letter not in said)})"
            if not shapes.given.paper:
                yield f"{shown} is read entry by entry; a function with a Jacobian is declared: {whole}"
            else:
                question = f"has `{shown}` a Jacobian, or is {name} taken entry by entry?"
                yield failing(question, call, f"declare {whole}, or {name}: elementwise")


def _is_scaled(product: Node) -> bool:
    return sum(1 for part in product.parts if part.shape != SCALAR) < 2


def _pointwise(node: Node) -> bool:
    return node.kind == "product" and any(o.kind in (DOT_TIMES, DOT_OVER) for o in node.value)


def layer(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """relu(x W + b), where all would be numbers, of a row x."""
    terms = [t for part in node.parts for t in (part.parts if part.kind == "sum" else (part,))] if node.value[0] in LAYERS else ()
    for product in (t for t in terms if t.kind == "product"):
        for x, operator, w in product.neighbours:
            numbers = all(guessed(n, shapes, "scalar") for n in (x, w)) and not operator.text
            if numbers and x.value[0].islower() and w.value[0].isupper():
                hint = f"declare {x.value}: (1, d); {w.value}: (d, h) where a row stands left of a matrix, or {w.value}: scalar"
                yield failing(f"is `{w.value}` a matrix?", w, hint)


def primed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖X' - A X‖, where the transpose makes X square: most likely X' is another matrix, that of the next states."""
    terms = terms_of(node.parts[0]) if node.parts[0].kind == "sum" else []
    products = [t for t in terms if t.kind == "product"]
    ends = {p.value for t in products for p in (t.parts[0], t.parts[-1]) if guessed(p, shapes, "matrix")}
    turned = {n.parts[0].stem for t in products for n in walked(t) if n.kind == "transpose"}
    for term in (t for t in terms if t.kind == "transpose" and t.value == "'" and t.parts[0].stem in ends - turned):
        name = term.parts[0].stem
        hint = f"declare {name}': (m, n) for another; {name}: (n, n), or ^T, for the transpose"
        yield failing(f"is `{name}'` the transpose of {name}, which makes {name} square, or another matrix?", term, hint)


def singular(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """|θ x'|, which would be the determinant of a matrix of rank 1."""
    (inside,) = node.parts
    strips = [p for p in inside.parts if 1 in map(find, p.shape) and p.shape != SCALAR]
    if inside.kind == "product" and strips and 1 not in map(find, inside.shape):
        shown = shapes.text[inside.start : inside.end]
        hint = "what is a number is declared: c: scalar; the absolute values of the entries are abs(X), the norm is ‖X‖"
        yield failing(f"`{shown}` would be a matrix of rank 1 here, and its determinant 0", node, hint)
