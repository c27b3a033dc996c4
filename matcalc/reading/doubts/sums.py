"""Doubts about sums: what is added to what, and what would be spread over the entries of an array."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.errors import MatcalcError
from matcalc.reading.doubts.asking import OUTER, PICKED, asked, by_fit, factors, guessed, is_entry, of_many, stem_of, terms_of
from matcalc.reading.elaboration import key_of
from matcalc.reading.evidence import NORMS
from matcalc.reading.letters import is_greek
from matcalc.reading.places import At, count_alike, places_of
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import find
from matcalc.reading.tree import Node, failing, walked

ARITHMETIC = frozenset(("name", "number", "sum", "minus", "product", "power"))
COUNTS = ("N", "K")  # above a letter: powers


def marked(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """f_i^a - f_i^p, G_ij^l - A_ij^l, x - z^k of vectors: most likely no exponents, but marks that say which of several arrays it is."""
    raised: dict[str, str] = {}
    alike = {t.parts[1].value if t.kind in ("power", "dot_power") and t.parts[0].kind in PICKED else "" for t in terms_of(node)}
    summed = node.shape != SCALAR and [(t.parts[-1] if t.kind == "product" else t) for t in terms_of(node)]
    for power in walked(*node.parts, into=lambda part: () if part.kind == "sum" else part.parts):  # a sum within is looked at by itself
        base, exponent = power.parts if power.kind in ("power", "dot_power") else (node, node)
        last = exponent.parts[0] if exponent.kind == "sum" else exponent  # z^{k+1}
        word, letters = _letters(last, shapes)
        if all(not guessed(p, shapes, "scalar") or is_greek(p.value) for p in letters) or base.shape == SCALAR and base.kind not in PICKED:
            continue
        shown = shapes.text[base.start : base.end]
        alone = summed and power in summed and base.kind == "name" and power.kind == "power"
        of_letters = base.kind in ("name", *PICKED) and (len(letters) > 1 or len(word) > 2 and word.isalpha())
        if (mark := raised.setdefault(shown, word)) != word or alone or of_letters or alike == {mark}:
            yield _is_mark(mark, power, shapes)


def lettered(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """P_j^G and S_k^{mt}, of letters that stand nowhere else: as likely marks, as powers."""
    base, exponent = node.parts
    word, letters = _letters(exponent, shapes)
    marks = len(letters) > 1 or word.isupper() and word not in COUNTS
    if not marks or base.kind not in PICKED or any(not guessed(p, shapes, "scalar") or p.value in shapes.given.by for p in letters):
        return
    elsewhere = re.sub(rf"\^\s*(?:\{{\s*{re.escape(word)}\s*\}}|{re.escape(word)})", " ", shapes.text)
    if not all(re.search(rf"(?<![A-Za-z\\]){p.value}(?![A-Za-z])", elsewhere) for p in letters):
        yield _is_mark(word, node, shapes)


def _letters(exponent: Node, shapes: Shapes) -> tuple[str, tuple[Node, ...]]:
    """What stands above, and its letters where it is a word: the in of T_i^{in}."""
    word = shapes.text[exponent.start : exponent.end]
    apart = exponent.kind == "product" and word.isalpha() and len(word) == len(exponent.parts)
    return word, exponent.parts if apart else (exponent,)


def _is_mark(mark: str, power: Node, shapes: Shapes) -> MatcalcError:
    base = power.parts[0]
    letters = [place.letter.partition("·")[0] for place in places_of(base) if isinstance(place, At)]
    own = f"{stem_of(base)}_{''.join(letters)}" if letters else shapes.text[base.start : base.end]
    vectors = base.shape != SCALAR or re.search(r"‖|\\\||\|\||Vert", shapes.text)
    kind = "(n)" if base.kind not in PICKED else "(d)" if vectors else "scalar"
    family = ", ".join([kind, *(f"{letter} = 1..{n}" for letter, n in zip(letters, ("n", "m", "p"), strict=False))])
    hint = f"declare {own}^{mark}: {family} as a name of its own; or {mark}: scalar"
    return failing(f"is `{mark}` an exponent, or a mark?", power, hint)


def of_two_kinds(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """b_i + b_u of users and items: one array would be counted by both."""
    letters: dict[str, str] = {}
    for part in terms_of(node):
        if part.kind == "indexed" and len(part.value[1]) == 1 and isinstance(part.value[1][0], At):
            stem, letter = part.value[0], part.value[1][0].letter[0]
            first = letters.setdefault(stem, letter)
            if not count_alike(first, letter):
                two = f"{stem}_{first}: scalar, {first} = 1..m; {stem}_{letter}: scalar, {letter} = 1..n"
                hint = f"declare {stem}: (n) where they are; else {two}"
                yield failing(f"are {stem}_{first} and {stem}_{letter} entries of one array?", part, hint)


def of_another(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x - x_i of a point x and others, where x_i would be an entry of x."""
    names = {term.value for term in terms_of(node) if term.kind == "name"}
    for part in terms_of(node):
        if stem_of(part) in names and any(isinstance(place, At) for place in places_of(part)):
            yield of_many(part, shapes)


def spread(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X - target, y - x @ w and x_i - U z_i, where what is subtracted would be spread over the rows or the entries of an array."""
    if node.shape == SCALAR:
        return
    terms = terms_of(node)
    lying = [t for t in terms if t in shapes.lying and guessed(t, shapes, "vector")]
    only = [t for t in terms if not guessed(t, shapes, "matrix")]  # beside matrices that nobody declared
    name = only[0].value if len(only) == 1 < len(terms) else ""
    word = only == lying and len(name.partition("_")[0]) > 1  # X - c is of one row c
    numbers = [t for t in terms if guessed(t, shapes, "scalar") and is_greek(t.value)] if -1 in node.value else []
    mean = len(numbers) == 1 < len(terms) and 1 not in node.shape and (only == numbers or shapes.given.numpy)
    taken = {t.unsigned for t, sign in zip(node.parts, node.value, strict=True) if sign < 0 or t.kind == "minus"}
    targets = [t for t in lying if t.value[0] == "y" or t in taken and len(t.value.partition("_")[0]) > 2]  # y - X @ W, A @ C - curves
    if len(lying) > 1 or word or mean or targets:
        only = numbers if mean else targets or only
        name, other = only[-1].value, next(t for t in terms if t is not only[-1])
        whole = f"{name}: (m, n) where it has the shape of {shapes.text[other.start : other.end]}"
        hint = f"declare {whole}, {name}: (n) where it is added to each row, or {name}: scalar"
        yield failing(f"is `{name}` a matrix, a vector or a number? It is added to a matrix", only[-1], hint)
    columns = terms_of(node) if 1 not in node.shape and find(node.shape[0]) is not find(node.shape[1]) else ()
    if added := next((t for t in columns if guessed(t, shapes, "vector") and t not in shapes.lying), None):
        name = added.value
        hint = f"declare {name}: (m) and the matrix (m, n), or write ones(m)*{name}' for its rows"
        yield failing(f"is `{name}` added to each column of a matrix, or to each row?", added, hint)
    columns = [t for t in terms_of(node) if t.shape[1] == 1 != node.shape[1]]
    for each in (t.parts[0] for t in columns if t.kind == "over" and t.parts[0].stem in shapes.inferred):  # Y - Σ_i x_i
        shown = shapes.text[each.start : each.end]
        yield failing(
            f"is `{shown}` a vector that is added to each column?", each, f"declare {each.stem}_i: (m) or {each.stem}_i: (m, n), i = 1..N"
        )
    for part in (p for p in walked(*columns, into=lambda n: n.parts if n.kind in ("over", "product") else ()) if p.kind == "product"):
        if outer := next((o for o in part.value if o.text in OUTER), None):  # X - a ⊗ b
            yield failing(f"is this the outer product? `{outer.text}` of two vectors is one column", outer, "write a*b', or vec(X)")
    for part in (t for t in terms_of(node) if t.kind == "product" and (t.shape == SCALAR or t in shapes.lying)):
        x = part.parts[0]
        if guessed(x, shapes, "scalar") and x.value[0].isupper() and not part.value[0].text:  # ‖x_i - U z_i‖
            hint = f"declare {x.value}: (m, n), with what it is multiplied by, or {x.value}: scalar"
            yield failing(f"is `{x.value}` a number? It is spread over the entries of a vector", part, hint)
        x = x.parts[0] if x.kind == "transpose" and 1 not in node.shape else x  # A - x.T @ x
        if len(part.parts) == 2 and part.value[0].text == "@" and guessed(x, shapes, "vector"):
            hint = f"declare {x.value}: (n, p) where its rows are the samples, or {x.value}: (p)"
            yield failing(f"is `{x.value}` a vector? What is added to it has more than one entry", part, hint)


def of_numbers(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """a - b R - t, X - Σ_r a_r b_r, and ‖y - x'z‖ of what nobody declares, where the product would be one number for all entries."""
    whole = node.parts[0] if node.kind in ("norm", "transpose") or node.kind == "call" and node.value[0] in NORMS else node
    terms = terms_of(whole) if whole.kind == "sum" and whole.shape != SCALAR else []
    for part in (t for t in terms if t.shape == SCALAR and t.kind in ("product", "over")):
        others = {n.stem for t in terms if t is not part for n in walked(t)}
        names = [n for n in walked(part, into=lambda n: () if n.kind == "call" else n.parts) if n.stem]
        if whole is not node:
            doubted = any(p.kind == "transpose" and p.shape != SCALAR for p in part.parts)
        else:
            plain = all(n.shape == SCALAR and n.kind in ARITHMETIC for n in walked(part))
            doubted = plain and any(by_fit(n, shapes) for n in names) or any(is_entry(n, shapes) and n.stem not in others for n in names)
        if doubted and not shapes.declared.keys() & {*others, *(n.stem for n in names)}:
            shown = shapes.text[part.start : part.end]
            hint = "declare what is an array in it; what is added to each entry is multiplied by ones(n), by \\mathbf 1; a dyad is a*b'"
            yield failing(f"is `{shown}` one number? It is spread over the entries of an array", part, hint)


def turned(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """(y - φ'w)'Σ^-1 (y - φ'w) and ‖Y - a'b‖_F, where the parenthesis would be a number because φ'w is one."""
    whole = node.parts[0]
    if whole.kind != "sum" or whole.shape != SCALAR or node.kind == "norm" and node.value != "F":
        return
    number = next((t for t in terms_of(whole) if guessed(t, shapes, "scalar")), None)
    rows = (p.parts[0] for t in terms_of(whole) if t.kind == "product" for p in t.parts[:1] if p.kind == "transpose")
    row = next((n for n in rows if guessed(n, shapes, "vector")), None)
    if number and row:
        hint = f"declare {row.value}: (m, n) where it is a matrix, or {number.value}: scalar"
        what = "It is transposed" if node.kind == "transpose" else "A norm of matrices is taken of it"
        yield failing(f"is `{shapes.text[whole.start : whole.end]}` a number? {what}", whole, hint)


def of_matrices(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X_k - A D B' and ‖X_k - W H_k‖_F, where X_k would be a row of X, and is most likely a matrix."""
    if node.kind == "sum":
        rows = [t for t in terms_of(node) if 1 not in node.shape]
    else:
        rows = [*walked(node.parts[0], into=factors)] if node.value in ("F", "*", "σ") and 1 in node.parts[0].shape else []
    for row in (r for r in rows if r.kind == "indexed" and 1 in r.shape != SCALAR):
        stem, (place, *_) = row.value
        if isinstance(place, At) and (node.kind == "sum" or stem[0].isupper()):
            letter = place.letter.partition("·")[0]
            hint = f"declare {stem}_{letter}: (m, n), {letter} = 1..N if it is, or {stem}: (N, n) for its rows"
            yield failing(f"is `{shapes.text[row.start : row.end]}` a matrix?", row, hint)


def intercept(node: Node, shapes: Shapes) -> Iterator[MatcalcError | str]:
    """y - a - X*b and y - mu by mu, where a and mu may be a number that is added to each entry; y - beta0 - beta1*x, where beta0 is one."""
    terms = terms_of(node)
    added = node.parts[-1] if node.value[-1] > 0 else None
    names = [t for t in terms if guessed(t, shapes, "vector") and t.value not in shapes.given.arrays and not t.value.startswith("y")]
    slopes = {key_of(name)[0] for name, (kind, _) in shapes.inferred.items() if kind == "scalar" and key_of(name)[1].isdigit()}
    if number := next((t.value for t in names if key_of(t.value)[1].isdigit() and key_of(t.value)[0] in slopes), ""):
        yield asked(number, f"is `{number}` a number that is added to each entry?", node, "scalar", "(n)")
    enough = len(terms) > 2 or shapes.given.numpy and added in names  # X @ w + b
    of_matrix = enough and node.shape[1] == 1 and any(1 not in p.shape for t in terms for p in t.parts)
    means = [t for t in names if t.value in shapes.given.by and is_greek(t.value) and t in shapes.given.summed]
    if name := next((t.value for t in reversed(names if of_matrix else means)), ""):
        yield f"{name} is read as a vector; a number that is added to each entry is declared: {name}: scalar"
