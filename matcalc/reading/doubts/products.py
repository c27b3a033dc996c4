"""Doubts about products: of numbers that are matrices most likely, entry by entry or not, in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from matcalc.errors import MatcalcError
from matcalc.reading.doubts.asking import OUTER, PICKED, asked, by_fit, guessed, is_entry, of_many, stem_of
from matcalc.reading.evidence import DOTTED, INNER, NORMS
from matcalc.reading.functions import is_behind_letters
from matcalc.reading.letters import FUNCTION_LETTERS, is_greek
from matcalc.reading.places import At, places_of
from matcalc.reading.scripts import STARS
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import find
from matcalc.reading.tree import OVER, TIMES, Node, failing, middles, walked

FUNCTIONS = frozenset(("call", "exponential", "power"))
FITTING = frozenset((DOTTED, "added to a vector", "only that fits"))  # why letters are vectors that nothing says to be ones


def convolved(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """h * x and d_k * x_k of a paper, where h and d_k would be numbers because nothing else fits; h \\ast x of what is not declared."""
    for a, operator, b in node.neighbours:
        if operator.text in ("\\ast", "∗", "\\star") and not all(n.stem in shapes.declared for n in (a, b)):
            hint = "a convolution is linear: write H x with its matrix H; the Khatri–Rao product is \\operatorname{khatrirao}(A, B)"
            yield failing(f"is `{shapes.text[a.start : b.end]}` a convolution?", operator, hint)
        if operator.text != "*":
            continue
        entry = next((n for n, of in ((a, b), (b, a)) if is_entry(n, shapes) and of.stem and of.shape != SCALAR), None)
        number = f"{a.value}: scalar" if by_fit(a, shapes) and b.kind == "name" and b.shape != SCALAR else ""
        number = f"{entry.stem}: (n)" if entry and not is_greek(entry.stem) else number
        if number:
            hint = f"a convolution is linear: write H x with its matrix H; for the product declare {number}"
            yield failing(f"is `{shapes.text[a.start : b.end]}` a convolution?", operator, hint)


def applied(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The k(1 - cos θ), mgh(1 - cos θ) and m g (h - x) of numbers, where a letter that may be a factor would be a function."""
    word = node.value[0]
    if word not in shapes.functions or not re.fullmatch("[a-z]", word):
        return
    of, behind = node.parts[0], is_behind_letters(shapes.text, node.start, shapes.given.paper)
    terms = {term.unsigned.kind for term in of.parts} if of.kind == "sum" and of.shape == SCALAR else {"none"}
    rather = "number" in terms if word not in FUNCTION_LETTERS else word in "gh" and behind and ("number" in terms or terms == {"name"})
    if rather and not any(n.kind in PICKED for n in walked(of)):
        hint = f"declare {word}: scalar for the product, {word}: elementwise for a function"
        yield failing(f"is `{word}` a function or a factor?", node, hint)


def below(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x'y/‖x‖‖y‖, which from the left is times ‖y‖."""
    for (_, over, a), (_, beside, b) in pairwise(node.neighbours):
        norms = all(n.kind in ("norm", "bars") or n.kind == "call" and n.value[0] in NORMS for n in (a, b))
        if norms and over.kind == OVER and not beside.text:
            first, second = (shapes.text[n.start : n.end] for n in (a, b))
            yield failing(f"is it divided by `{second}` too?", b, f"write /({first} {second}), or {second} in front")


def difference(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """Δ² x_i of differences, where Δ would be a number."""
    for a, operator, b in node.neighbours:
        of = a.parts[0] if a.kind == "power" else a
        number = guessed(of, shapes, "scalar") or guessed(of, shapes, "matrix") and (b.shape == SCALAR or of is not a)
        if of.stem in ("Delta", "Δ") and number and b.kind in PICKED and not operator.text:
            shown = shapes.text[a.start : b.end]
            yield failing(f"is `{shown}` a difference?", a, f"write it out, x_{{i+1}} - x_i; or declare {of.stem}: scalar")


def starred(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """a^* x, U^* D U and H Q H^*, where a star is most likely no part of a name: it stands left of an array, or beside the same letter."""
    words = [part.stem for part in node.parts]
    for part, name, after in zip(node.parts, words, (*node.parts[1:], None), strict=True):
        stem = name.removesuffix("_star")
        turned = stem != name and (stem in words or after is not None and after.shape != SCALAR)
        if turned and name not in shapes.declared and (shown := shapes.text[part.start : part.end]).rstrip("} ").endswith(STARS):
            hint = f"write {stem}' for the transpose; declare {stem} complex, or {name} as a name of its own"
            yield failing(f"is `{shown}` the conjugate transpose?", part, hint)


def projected(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """π(R x + t) of a camera, where a vector would be multiplied by the number π."""
    first, after = node.parts[:2]
    if first.value == "pi" and not node.value[0].text and 1 in after.shape != SCALAR and shapes.text[first.end : after.start + 1] == "(":
        yield failing("is π a function here? It stands before a vector in parentheses", first, "define it, pi(x) = …; or write π*(…)")


def before_row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The A x' of ‖y' - A x'‖, where A would be a number because x' would be a row."""
    for a, operator, b in node.neighbours:
        turned = b.kind == "transpose" and b.value == "'" and b.parts[0].kind == "name" and b.shape[1] != 1
        if turned and not operator.text and by_fit(a, shapes) and a.value[0].isupper():
            shown = shapes.text[b.start : b.end]
            hint = f"declare {shown}: (n) for another; or {a.value}: scalar"
            yield failing(f"is `{shown}` a transpose, which makes {a.value} a number, or another vector?", b, hint)


def right_of_row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The w'h_k beside an h, where h_k would be an entry of h."""
    for a, operator, b in node.neighbours:
        if operator.kind == TIMES and a.shape[0] == 1 != a.shape[1] and b.shape == SCALAR and stem_of(b) in shapes.inferred:
            yield of_many(b, shapes)


def squared(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """(A x - b)^2, where all would be numbers because nothing else is a scalar."""
    for product in walked(node.parts[0], into=lambda n: n.parts if n.kind in ("sum", "minus", "call", "product") else ()):
        for a, operator, b in product.neighbours if product.kind == "product" else ():
            numbers = operator.kind == TIMES and all(guessed(n, shapes, "scalar") for n in (a, b))
            if numbers and a.value[0].isupper() and b.value[0].islower():
                shown, base = shapes.text[node.start : node.end], shapes.text[node.parts[0].start : node.parts[0].end]
                hint = f"write norm{base if base[0] == '(' else f'({base})'}^2 where {a.value} is a matrix, or declare {a.value}: scalar"
                yield failing(f"is `{shown}` of numbers? `{a.value}` stands before {b.value}", node, hint)


def over_number(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """\\frac{P}{\\sigma^2} H Q H' of a power P, which fits as a matrix too."""
    for a, operator, b in node.neighbours:
        names = [n for n in walked(b) if n.kind == "name"] if operator.kind == OVER and b.shape == SCALAR else []
        plain = names and all(n.kind in ("name", "number", "power", "product", "sum", "minus") for n in walked(b))
        if plain and guessed(a, shapes, "matrix") and shapes.text.startswith("\\frac", operator.start):
            yield asked(a.value, f"is `{a.value}` a number? It stands over one", a, "scalar", "(n, n)")


def pointed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """y .* (w'x) of data x, where w'x would be one number."""
    for a, operator, b in node.neighbours:
        for part, other in ((a.unsigned, b.unsigned), (b.unsigned, a.unsigned)) if operator.text == ".*" else ():
            inner = part.kind == "product" and part.shape == SCALAR and len(part.parts) == 2 and part.parts[0].kind == "transpose"
            if inner and other.kind == "name" and guessed(x := part.parts[1], shapes, "vector"):
                shown = shapes.text[part.start : x.end]
                hint = f"declare {x.value}: (m, n) where its columns are the samples; or write * for the product with a number"
                yield failing(f"is `{shown}` one number? `.*` goes entry by entry", part, hint)
            if by_fit(part, shapes) and 1 in map(find, other.shape) and other.shape != SCALAR:
                hint = f"declare {part.value}: scalar; a column is {part.value}: (n), a row {part.value}: (1, n)"
                yield failing(f"is `{part.value}` one number? `.*` goes entry by entry", part, hint)


def entry_by_entry(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """γ ⊙ x and u_r ∘ v_r, where both would be numbers because nothing else fits."""
    for a, operator, b in node.neighbours:
        if operator.text in ("⊙", "\\odot", *OUTER) and a.shape == b.shape == SCALAR and node.shape == SCALAR:
            if name := next((n.value for n in (a, *walked(b)) if guessed(n, shapes, "scalar")), ""):
                yield asked(name, f"is `{name}` a number here? `{operator.text}` goes entry by entry", node, "(n)", "scalar")
            if entry := next((n for n in (*walked(a), *walked(b)) if is_entry(n, shapes)), None):
                shown = shapes.text[entry.start : entry.end]
                hint = f"an outer product is written a_r b_r^T; else declare {shown}: (n), with its range, or {entry.stem}: (n) of numbers"
                yield failing(f"is `{shown}` a number here? `{operator.text}` is of vectors", operator, hint)


def between(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The N of x_k^T N u_k, where a sum goes to N too."""
    for row, part, column in zip(node.parts, node.parts[1:], node.parts[2:], strict=False):
        size = part.kind == "name" and part.value in shapes.size_names and part.value[0].isupper()
        if size and row.shape[0] == 1 == column.shape[1] and SCALAR not in (row.shape, column.shape):
            yield failing(f"is `{part.value}` a matrix here? A sum goes to it, too", part, "call one of them otherwise")


def no_matrix_between(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The k of u'k u and the k_e of u_e'k_e u_e, where a small letter may be that of a matrix."""
    for part in middles(node):
        small = part.stem[:1].islower() and not is_greek(part.stem) and part.stem in shapes.inferred
        if small and 1 in part.shape and node.parts[-1].shape != SCALAR:
            letters = [p.letter.partition("·")[0] for p in places_of(part) if isinstance(p, At)]
            shown, ranges = shapes.text[part.start : part.end], "".join(f", {letter} = 1..N" for letter in letters)
            yield asked(shown, f"is `{shown}` a matrix or a number?", part, f"(n, n){ranges}", f"scalar{ranges}")


def _inner(name: str, a: Node, b: Node, node: Node, shapes: Shapes, ranges: str = "", size: str = "n") -> MatcalcError:
    """The question whether two factors with a dot between them are vectors or numbers."""
    question = f"is `{shapes.text[a.start : b.end]}` an inner product, or a product of numbers?"
    return asked(name, question, node, f"({size}){ranges}", f"scalar{ranges}")


def dotted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The β·x_i by β, the X_i β, and the W_i·V_j, where both would be numbers."""
    for a, operator, b in node.neighbours:
        if operator.text in INNER and all(is_entry(n, shapes) and n.stem[0].isupper() for n in (a, b)) and places_of(a) != places_of(b):
            letter = next((p.letter.partition("·")[0] for p in places_of(a) if isinstance(p, At)), "i")
            yield _inner(f"{a.stem}_{letter}", a, b, node, shapes, f", {letter} = 1..n", "d")
        names = [n.value for n in (a, b) if n.kind == "name" and n.value in shapes.given.by and is_greek(n.value)]
        entries = [n for n in (a, b) if n.kind == "indexed" and n.shape == SCALAR]
        if names and entries and guessed(b if a is entries[0] else a, shapes, "scalar"):
            if operator.text in INNER or not operator.text and a is entries[0] and a.stem[0].isupper():
                yield _inner(names[0], a, b, node, shapes)


def dotted_function(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """a·log(x), a·x_i^2 and ω·sin(β + ν x), where nothing says that these are vectors, but the letters of some of them."""

    def is_free(n: Node) -> bool:
        if n.kind == "indexed":
            return n.stem not in shapes.declared and shapes.reasons.get(n.stem) in FITTING
        return guessed(n, shapes, "vector") and n.value not in {*shapes.given.arrays, *shapes.given.spelled}

    for a, operator, b in node.neighbours:
        factor, function = (a, b) if a.kind == "name" else (b, a)
        if operator.text not in INNER or factor.kind != "name" or function.kind not in FUNCTIONS or SCALAR in (a.shape, b.shape):
            continue
        if all(is_free(n) for n in (*walked(a), *walked(b)) if n.kind in (*PICKED, "name") and n.shape != SCALAR):
            yield _inner(factor.value, a, b, node, shapes)


def of_sign(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The Σ of Σ(a·b)/‖a‖, a number, and of Σ a·b, a matrix before an inner product; the c of c·Σ_i …, which would be a vector."""
    for part in (p for p in node.parts if p.word in ("Σ", "Sigma") and shapes.text[p.start : p.end] == "Σ"):
        if guessed(part, shapes, "scalar") or part is node.parts[0] and node.shape == SCALAR and guessed(part, shapes, "matrix"):
            hint = "write sum_i a_i*b_i, with its indices, or sum(a.*b), entry by entry; a matrix is declared: Sigma: (n, n)"
            yield failing("is `Σ` the sign of a sum, or a matrix?", part, hint)
    for a, operator, b in node.neighbours:
        if (
            operator.text in INNER
            and b.kind == "over"
            and guessed(a, shapes, "vector")
            and a.value not in {*shapes.given.by, *shapes.given.spelled}
        ):
            yield asked(a.value, f"is `{a.value}` a number here?", a, "scalar", "(n)")


def daggered(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """U† H U, H Q H†: something stands between a matrix and its dagger."""
    for k, part in enumerate(node.parts):
        if part.kind != "call" or part.value[0] != "pinv":
            continue
        shown, name = shapes.text[part.start : part.end], part.parts[0].value
        if shown.strip(" {}").endswith(("†", "\\dagger")):
            if any(other.kind == "name" and other.value == name and abs(j - k) > 1 for j, other in enumerate(node.parts)):
                sizes = "(n)" if 1 in part.shape else "(n, n)" if find(part.shape[0]) is find(part.shape[1]) else "(m, n)"
                hint = f"write pinv({name}) or {name}'; or declare {name}: {sizes} complex"
                yield failing(f"is `{shown}` the pseudoinverse, or the conjugate transpose?", part, hint)
