"""Doubts about what fits, and is most likely not meant: it is asked about rather than answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from matcalc.errors import MatcalcError
from matcalc.reading.evidence import INNER, NORMS, scaled
from matcalc.reading.letters import is_greek
from matcalc.reading.places import At, Label, count_alike, places_of
from matcalc.reading.scripts import STARS
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import Free, find
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, OVER, TIMES, Node, failing, middles, walked

LAYERS = frozenset("max relu sigmoid tanh softplus gelu silu".split())
SLOPES = re.compile(r"[abckm]|[abcw]_?\d|slope")
TURNED = re.compile(r"\.(?:T|t\(\s*\)|transpose\(\s*\))$")
PICKED = frozenset(("indexed", "item", "slice", "member"))
DATA = frozenset("y t p q targets labels onehot y_true y_pred".split())  # what stands beside logarithms of probabilities
OUTER = ("⊗", "\\otimes", "∘", "\\circ")  # of tensors: the outer product
DENSITIES = frozenset(("rho", "ρ", "varrho"))  # of quantum mechanics: matrices, in a trace


def check(nodes: list[Node], shapes: Shapes) -> None:
    """Raises ParseError for the first thing that is in doubt; notes what is likely, and might be meant otherwise.

    >>> from matcalc.reading import read
    >>> read("tr(rho*H)")
    Traceback (most recent call last):
    matcalc.errors.ParseError: is `rho` a number or a matrix in this trace?
        tr(rho*H)
        ^^^^^^^^^
      declare rho: (n, n) or rho: scalar
    """
    given = shapes.given
    doubts = _looked_at(given.numpy, given.paper, bool(shapes.inferred or shapes.functions))
    for node in nodes:
        for doubt in doubts.get(node.kind, ()):
            for said in doubt(node, shapes):
                if isinstance(said, MatcalcError):
                    raise said
                shapes.notes.append(said)


@lru_cache(maxsize=None)
def _looked_at(numpy: bool, paper: bool, guessed: bool) -> Doubts:
    """The doubts per kind of node; where no name was inferred, those that need none."""
    tables = IN_ANY, IN_NUMPY if numpy else {}, IN_PAPERS if paper else NOT_IN_PAPERS
    kinds = {kind for table in tables for kind in table}
    return {kind: tuple(d for table in tables for d in table.get(kind, ()) if guessed or d in OF_ANY_NAME) for kind in kinds}


def _guessed(node: Node, shapes: Shapes, kind: str) -> bool:
    """Whether a node is a name that nobody declared, of this kind."""
    return node.kind == "name" and shapes.inferred.get(node.value, ("",))[0] == kind and node.value not in shapes.declared


def _by_fit(node: Node, shapes: Shapes) -> bool:
    """Whether a node is a name that nobody declared, and a scalar only because nothing else fits."""
    return _guessed(node, shapes, "scalar") and node.value in shapes.scalars


def _asked(name: str, question: str, place: Node, *kinds: str) -> MatcalcError:
    """A question about a name, with the declarations that would answer it."""
    *more, last = (f"{name}: {kind}" for kind in kinds)
    return failing(question, place, f"declare {', '.join(more)} or {last}")


def _terms(node: Node) -> list[Node]:
    """The terms of a sum without their minus."""
    return [part.unsigned for part in node.parts]


def _convolved(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """h * x of a paper, where h would be a number only because nothing else fits; h \\ast x and h \\star x of what is not declared."""
    for a, operator, b in node.neighbours:
        if operator.text in ("\\ast", "∗", "\\star") and not all(n.stem in shapes.declared for n in (a, b)):
            hint = "a convolution is linear: write H x with its matrix H; the Khatri–Rao product is \\operatorname{khatrirao}(A, B)"
            yield failing(f"is `{shapes.text[a.start : b.end]}` a convolution?", operator, hint)
        if operator.text == "*" and _by_fit(a, shapes) and b.kind == "name" and b.shape != SCALAR:
            hint = f"a convolution is linear: write H x with its matrix H; for the product declare {a.value}: scalar"
            yield failing(f"is `{a.value} * {b.value}` a convolution?", operator, hint)


def _below(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x'y/‖x‖‖y‖, which from the left is times ‖y‖."""
    for (_, over, a), (_, beside, b) in pairwise(node.neighbours):
        norms = all(n.kind in ("norm", "bars") or n.kind == "call" and n.value[0] in NORMS for n in (a, b))
        if norms and over.kind == OVER and not beside.text:
            first, second = (shapes.text[n.start : n.end] for n in (a, b))
            yield failing(f"is it divided by `{second}` too?", b, f"write /({first} {second}), or {second} in front")


def _difference(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """Δ² x_i of differences, where Δ would be a number."""
    for a, operator, b in node.neighbours:
        of = a.parts[0] if a.kind == "power" else a
        number = _guessed(of, shapes, "scalar") or _guessed(of, shapes, "matrix") and (b.shape == SCALAR or of is not a)
        if of.stem in ("Delta", "Δ") and number and b.kind in PICKED and not operator.text:
            shown = shapes.text[a.start : b.end]
            yield failing(f"is `{shown}` a difference?", a, f"write it out, x_{{i+1}} - x_i; or declare {of.stem}: scalar")


def _starred(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """a^* x, U^* D U and H Q H^*, where a star is most likely no part of a name: it stands left of an array, or beside the same letter."""
    words = [part.stem for part in node.parts]
    for part, name, after in zip(node.parts, words, (*node.parts[1:], None), strict=True):
        stem = name.removesuffix("_star")
        turned = stem != name and (stem in words or after is not None and after.shape != SCALAR)
        if turned and name not in shapes.declared and (shown := shapes.text[part.start : part.end]).rstrip("} ").endswith(STARS):
            hint = f"write {stem}' for the transpose; declare {stem} complex, or {name} as a name of its own"
            yield failing(f"is `{shown}` the conjugate transpose?", part, hint)


def _projected(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """π(R x + t) of a camera, where a vector would be multiplied by the number π."""
    first, after = node.parts[:2]
    if first.value == "pi" and not node.value[0].text and 1 in after.shape != SCALAR and shapes.text[first.end : after.start + 1] == "(":
        yield failing("is π a function here? It stands before a vector in parentheses", first, "define it, pi(x) = …; or write π*(…)")


def _marked(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """f_i^a - f_i^p, G_ij^l - A_ij^l, x - z^k of vectors: most likely no exponents, but marks that say which of several arrays it is."""
    raised: dict[str, str] = {}
    alike = {t.parts[1].value if t.kind in ("power", "dot_power") and t.parts[0].kind in PICKED else "" for t in _terms(node)}
    summed = node.shape != SCALAR and [(t.parts[-1] if t.kind == "product" else t) for t in _terms(node)]
    for power in walked(*node.parts, into=lambda part: () if part.kind == "sum" else part.parts):  # a sum within is looked at by itself
        base, exponent = power.parts if power.kind in ("power", "dot_power") else (node, node)
        last = exponent.parts[0] if exponent.kind == "sum" else exponent  # z^{k+1}
        word = shapes.text[last.start : last.end]
        letters = last.parts if last.kind == "product" and word.isalpha() and len(word) == len(last.parts) else (last,)  # T_i^{in}
        if all(not _guessed(p, shapes, "scalar") or is_greek(p.value) for p in letters) or base.shape == SCALAR and base.kind not in PICKED:
            continue
        shown = shapes.text[base.start : base.end]
        alone = summed and power in summed and base.kind == "name" and power.kind == "power"
        of_letters = base.kind in ("name", *PICKED) and (len(letters) > 1 or len(word) > 2 and word.isalpha())
        if (mark := raised.setdefault(shown, word)) != word or alone or of_letters or alike == {mark}:
            family = "(d), i = 1..n" if base.kind in PICKED else "(n)"
            hint = f"declare {shown}^{mark}: {family} as a name of its own; or {mark}: scalar"
            yield failing(f"is `{mark}` an exponent, or a mark?", power, hint)


def _of_two_kinds(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """b_i + b_u of users and items: one array would be counted by both."""
    letters: dict[str, str] = {}
    for part in _terms(node):
        if part.kind == "indexed" and len(part.value[1]) == 1 and isinstance(part.value[1][0], At):
            stem, letter = part.value[0], part.value[1][0].letter[0]
            first = letters.setdefault(stem, letter)
            if not count_alike(first, letter):
                two = f"{stem}_{first}: scalar, {first} = 1..m; {stem}_{letter}: scalar, {letter} = 1..n"
                hint = f"declare {stem}: (n) where they are; else {two}"
                yield failing(f"are {stem}_{first} and {stem}_{letter} entries of one array?", part, hint)


def _of_another(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x - x_i of a point x and others, where x_i would be an entry of x."""
    names = {term.value for term in _terms(node) if term.kind == "name"}
    for part in _terms(node):
        if _stem(part) in names and any(isinstance(place, At) for place in places_of(part)):
            yield _of_many(part, shapes)


def _before_row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The A x' of ‖y' - A x'‖, where A would be a number because x' would be a row."""
    for a, operator, b in node.neighbours:
        turned = b.kind == "transpose" and b.value == "'" and b.parts[0].kind == "name" and b.shape[1] != 1
        if turned and not operator.text and _by_fit(a, shapes) and a.value[0].isupper():
            shown = shapes.text[b.start : b.end]
            hint = f"declare {shown}: (n) for another; or {a.value}: scalar"
            yield failing(f"is `{shown}` a transpose, which makes {a.value} a number, or another vector?", b, hint)


def _right_of_row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The w'h_k beside an h, where h_k would be an entry of h."""
    for a, operator, b in node.neighbours:
        if operator.kind == TIMES and a.shape[0] == 1 != a.shape[1] and b.shape == SCALAR and _stem(b) in shapes.inferred:
            yield _of_many(b, shapes)


def _of_many(part: Node, shapes: Shapes) -> MatcalcError:
    shown, stem = shapes.text[part.start : part.end], _stem(part)
    return failing(f"is `{shown}` an entry of {stem}, or one of many?", part, f"give the one {stem} another letter, or declare {stem}: (n)")


def _stem(part: Node) -> str:
    """The name of which a node picks a part: the x of x_i."""
    return "" if part.kind not in PICKED else part.value[0] if part.kind == "indexed" else part.parts[0].word if part.parts else ""


def _scaled(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X * w of NumPy, where w is a number because nothing else says what it is; a * x @ y, where a is a vector because that fits."""
    first, second = node.parts[:2]
    if node.value[0].kind in (OVER, DOT_OVER) and _guessed(first, shapes, "matrix"):  # P/sigma * X @ Y, X/n @ Y
        number = first if len(node.parts) > 2 and second.shape == SCALAR else second
        if number is first or _guessed(second, shapes, "vector") and not is_greek(second.value):
            yield _asked(number.value, f"is `{number.value}` a number?", number, "scalar", "(m, n)" if number is first else "(n)")
    if node.value[0].kind != DOT_TIMES:
        return
    first = first.parts[0] if first.kind == "product" and first.parts[1].kind == "number" else first  # (c/2) * w @ w
    for part, other in ((first, second), (second, first)) if len(node.parts) == 2 else ((first, second),):
        of_data = other.kind == "name" or part.kind == "name" and part.value in DATA and other.kind != "number"
        if _by_fit(part, shapes) and of_data and 1 not in other.shape:
            array = f"an array that goes with the entries of {shapes.text[other.start : other.end]}"
            yield _asked(part.value, f"is `{part.value}` a number, or {array}?", node, "(m, n)", "(n)", "scalar")
    name = first.value
    told = not _guessed(first, shapes, "vector") or name in {*shapes.given.arrays, *shapes.given.by}
    if len(node.parts) > 2 and not told and 1 in second.shape != SCALAR:
        yield _asked(name, f"is `{name}` a number, or a vector as the other?", node, "scalar", "(n)")


def _counted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """x[1] of NumPy, which counts from 0."""
    if node.parts[0].kind == "name" and any(isinstance(i, int) and i > 0 for i in node.value):
        shown = shapes.text[node.start : node.end]
        hint = "indices count from 1 here: write it as in sum(x[2]*y), without np. and with the index that is meant"
        yield failing(f"does `{shown}` count from 0, as in NumPy?", node, hint)


def _dyad(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """norm(x @ w.T) of small letters, which of vectors is a number in NumPy: w is most likely a matrix; in a trace both are the same."""
    inside = node.parts if node.value[0] not in ("tr", "trace") else ()
    for product in walked(*inside, into=lambda n: n.parts if n.shape != SCALAR else ()):
        for a, operator, b in product.neighbours if product.kind == "product" and product.shape != SCALAR else ():
            turned = b.kind == "transpose" and TURNED.search(shapes.text[b.start : b.end]) is not None
            row = b.parts[0].value if turned and _guessed(b.parts[0], shapes, "vector") else ""
            if row and operator.text == "@" and a.shape[1] == 1 and a.shape != SCALAR:
                names = dict.fromkeys([a.value, row] if _guessed(a, shapes, "vector") else [row])
                ways = ["; ".join(f"{name}: ({size}{more})" for name, size in zip(names, "mn", strict=False)) for more in (", k", "")]
                hint = f'declare "{ways[0]}"; for the product of a column and a row "{ways[1]}"'
                yield failing(f"is `{row}` a matrix? Of a vector `.T` is the vector itself in NumPy", b, hint)


def _broadcast(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """H0 * np.exp(X @ b), where H0 would be a matrix because it is a capital."""
    a, operator, b = next(node.neighbours)
    for part, other in ((a, b), (b, a)) if operator.kind == DOT_TIMES else ():
        vector = other.kind != "name" and other.shape != SCALAR and 1 in map(find, other.shape)
        if vector and _guessed(part, shapes, "matrix") and len(re.findall(rf"(?<!\w){re.escape(part.value)}(?!\w)", shapes.text)) == 1:
            question = f"is `{part.value}` a matrix? It is multiplied with a vector, entry by entry"
            yield _asked(part.value, question, part, "scalar", "(n)", "(m, n)")


def _regressed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """y - a*x - b and y - a*exp(-b*x) of NumPy, where a would be a vector because that fits too."""
    for product in walked(*node.parts, into=lambda n: n.parts if 1 in n.shape != SCALAR and n.kind in ("minus", "product", "call") else ()):
        starred = product.kind == "product" and [o.text for o in product.value] == ["*"] and 1 in product.shape
        names = product.parts if starred and all(_guessed(p, shapes, "vector") or p.kind == "call" for p in product.parts) else ()
        for name in (n.value for n in names if n.kind == "name" and SLOPES.fullmatch(n.value) and n.value not in shapes.given.arrays):
            yield _asked(name, f"is `{name}` a number, or a vector as the other?", product, "scalar", "(n)")


def _weighted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """sum(y*log(p)), where y would be a number because nothing else fits."""
    terms = _terms(node.parts[0]) if node.parts and node.parts[0].kind == "sum" else node.parts[:1]
    for product in (p for p in terms if p.kind == "product" and node.value[0] in ("sum", "mean")):
        first = product.parts[0]
        if product.shape != SCALAR and product.value[0].text == "*" and _by_fit(first, shapes):
            hint = f"declare {first.value}: scalar; of vectors .* is the product entry by entry"
            yield failing(f"is `{first.value}` a number here?", product, hint)


def _squared(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """(A x - b)^2, where all would be numbers because nothing else is a scalar."""
    for product in walked(node.parts[0], into=lambda n: n.parts if n.kind in ("sum", "minus", "call", "product") else ()):
        for a, operator, b in product.neighbours if product.kind == "product" else ():
            numbers = operator.kind == TIMES and all(_guessed(n, shapes, "scalar") for n in (a, b))
            if numbers and a.value[0].isupper() and b.value[0].islower():
                shown, base = shapes.text[node.start : node.end], shapes.text[node.parts[0].start : node.parts[0].end]
                hint = f"write norm{base if base[0] == '(' else f'({base})'}^2 where {a.value} is a matrix, or declare {a.value}: scalar"
                yield failing(f"is `{shown}` of numbers? `{a.value}` stands before {b.value}", node, hint)


def _over_number(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """\\frac{P}{\\sigma^2} H Q H' of a power P, which fits as a matrix too."""
    for a, operator, b in node.neighbours:
        names = [n for n in walked(b) if n.kind == "name"] if operator.kind == OVER and b.shape == SCALAR else []
        plain = names and all(n.kind in ("name", "number", "power", "product", "sum", "minus") for n in walked(b))
        if plain and _guessed(a, shapes, "matrix") and shapes.text.startswith("\\frac", operator.start):
            yield _asked(a.value, f"is `{a.value}` a number? It stands over one", a, "scalar", "(n, n)")


def _pointed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """y .* (w'x) of data x, where w'x would be one number."""
    for a, operator, b in node.neighbours:
        for part, other in ((a, b), (b, a)) if operator.text == ".*" else ():
            inner = part.kind == "product" and part.shape == SCALAR and len(part.parts) == 2 and part.parts[0].kind == "transpose"
            if inner and other.kind == "name" and _guessed(x := part.parts[1], shapes, "vector"):
                shown = shapes.text[part.start : x.end]
                hint = f"declare {x.value}: (m, n) where its columns are the samples; or write * for the product with a number"
                yield failing(f"is `{shown}` one number? `.*` goes entry by entry", part, hint)
            if _by_fit(part, shapes) and 1 in map(find, other.shape) and other.shape != SCALAR:
                hint = f"declare {part.value}: scalar; a column is {part.value}: (n), a row {part.value}: (1, n)"
                yield failing(f"is `{part.value}` one number? `.*` goes entry by entry", part, hint)


def _entry_by_entry(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """γ ⊙ x and u_r ∘ v_r, where both would be numbers because nothing else fits."""
    for a, operator, b in node.neighbours:
        if operator.text in ("⊙", "\\odot", *OUTER) and a.shape == b.shape == SCALAR and node.shape == SCALAR:
            if name := next((n.value for n in (a, *walked(b)) if _guessed(n, shapes, "scalar")), ""):
                yield _asked(name, f"is `{name}` a number here? `{operator.text}` goes entry by entry", node, "(n)", "scalar")
            if entry := next((n for n in (*walked(a), *walked(b)) if _is_entry(n, shapes)), None):
                shown = shapes.text[entry.start : entry.end]
                hint = f"an outer product is written a_r b_r^T; else declare {shown}: (n), with its range, or {entry.stem}: (n) of numbers"
                yield failing(f"is `{shown}` a number here? `{operator.text}` is of vectors", operator, hint)


def _between(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The N of x_k^T N u_k, where a sum goes to N too."""
    for row, part, column in zip(node.parts, node.parts[1:], node.parts[2:], strict=False):
        size = part.kind == "name" and part.value in shapes.size_names and part.value[0].isupper()
        if size and row.shape[0] == 1 == column.shape[1] and SCALAR not in (row.shape, column.shape):
            yield failing(f"is `{part.value}` a matrix here? A sum goes to it, too", part, "call one of them otherwise")


def _no_matrix_between(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The k of u'k u and the k_e of u_e'k_e u_e, where a small letter may be that of a matrix."""
    for part in middles(node):
        small = part.stem[:1].islower() and not is_greek(part.stem) and part.stem in shapes.inferred
        if small and 1 in part.shape and node.parts[-1].shape != SCALAR:
            letters = [p.letter.partition("·")[0] for p in places_of(part) if isinstance(p, At)]
            shown, of_many = shapes.text[part.start : part.end], "".join(f", {letter} = 1..N" for letter in letters)
            yield _asked(shown, f"is `{shown}` a matrix or a number?", part, f"(n, n){of_many}", f"scalar{of_many}")


def _dotted(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The β·x_i by β, and the X_i β, where both would be numbers."""
    for a, operator, b in node.neighbours:
        names = [n.value for n in (a, b) if n.kind == "name" and n.value in shapes.given.by and is_greek(n.value)]
        entries = [n for n in (a, b) if n.kind == "indexed" and n.shape == SCALAR]
        if names and entries and _guessed(b if a is entries[0] else a, shapes, "scalar"):
            if operator.text in INNER or not operator.text and a is entries[0] and a.stem[0].isupper():
                shown = shapes.text[a.start : b.end]
                yield _asked(names[0], f"is `{shown}` an inner product, or a product of numbers?", node, "(n)", "scalar")


def _of_one_axis(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """np.sum(x, axis=1) of an x that would be a vector: NumPy's have one axis."""
    name, axis = node.value[:2]
    if axis == 1 and 1 in node.parts[0].shape:
        guessed = next((n.value for n in walked(node.parts[0]) if _guessed(n, shapes, "vector")), "")
        if guessed:
            yield failing(f"is `{guessed}` a matrix? {name} goes along its second axis", node, f"declare {guessed}: (m, n)")


def _daggered(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
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


def _positive(node: Node, shapes: Shapes) -> Iterator[MatcalcError | str]:
    """(x - k)^+ of what is no matrix, and x^+, which may be the next x."""
    part, shown = node.parts[0], shapes.text[node.start : node.end]
    if node.value:
        if part.kind in ("name", *PICKED):
            hint = f"write max(0, x), or pinv(x); a name is declared: {shown}: (n)"
            yield failing(f"is `{shown}` the positive part, or a name?", node, hint)
        yield f"{shown} is read as the positive part; the pseudoinverse is pinv(…)"


def _in_trace(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """tr(ρ H), and tr(inv(a)*b), where the author calls matrices by small letters."""
    factors = node.parts[0].parts if node.value[0] in ("tr", "trace") and node.parts[0].kind == "product" else ()
    small = any(_guessed(n, shapes, "matrix") and n.value[0].islower() for n in walked(*factors))
    for k, part in enumerate(factors):
        below = part.value[0].isupper() and shapes.text[: part.start].rstrip().endswith("/") if part.kind == "name" else False
        letter = len(part.stem.partition("_")[0]) == 1  # the h of Tr(D h)
        behind = k and letter and factors[k - 1].shape != SCALAR and node.parts[0].value[k - 1].kind != OVER
        if _guessed(part, shapes, "scalar") and (below or part.value in DENSITIES or (small or behind) and part.value in shapes.scalars):
            yield _asked(part.value, f"is `{part.value}` a number or a matrix in this trace?", node, "(n, n)", "scalar")


def _spread(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X - target, y - x @ w and x_i - U z_i, where what is subtracted would be spread over the rows or the entries of an array."""
    if node.shape == SCALAR:
        return
    terms = _terms(node)
    lying = [t for t in terms if t in shapes.lying and _guessed(t, shapes, "vector")]
    only = [t for t in terms if not _guessed(t, shapes, "matrix")]  # beside matrices that nobody declared
    name = only[0].value if len(only) == 1 < len(terms) else ""
    word = only == lying and len(name.partition("_")[0]) > 1  # X - c is of one row c
    numbers = [t for t in terms if _guessed(t, shapes, "scalar") and is_greek(t.value)] if -1 in node.value else []
    mean = len(numbers) == 1 < len(terms) and 1 not in node.shape and (only == numbers or shapes.given.numpy)
    targets = [t for t in lying if t.value[0] == "y"]  # y - X @ W
    if len(lying) > 1 or word or mean or targets:
        only = numbers if mean else targets or only
        name, other = only[-1].value, next(t for t in terms if t is not only[-1])
        whole = f"{name}: (m, n) where it has the shape of {shapes.text[other.start : other.end]}"
        hint = f"declare {whole}, {name}: (n) where it is added to each row, or {name}: scalar"
        yield failing(f"is `{name}` a matrix, a vector or a number? It is added to a matrix", only[-1], hint)
    columns = _terms(node) if 1 not in node.shape and find(node.shape[0]) is not find(node.shape[1]) else ()
    if added := next((t for t in columns if _guessed(t, shapes, "vector") and t not in shapes.lying), None):
        name = added.value
        hint = f"declare {name}: (m) and the matrix (m, n), or write ones(m)*{name}' for its rows"
        yield failing(f"is `{name}` added to each column of a matrix, or to each row?", added, hint)
    columns = [t for t in _terms(node) if t.shape[1] == 1 != node.shape[1]]
    for each in (t.parts[0] for t in columns if t.kind == "over" and t.parts[0].stem in shapes.inferred):  # Y - Σ_i x_i
        shown = shapes.text[each.start : each.end]
        yield failing(
            f"is `{shown}` a vector that is added to each column?", each, f"declare {each.stem}_i: (m) or {each.stem}_i: (m, n), i = 1..N"
        )
    for part in (p for p in walked(*columns, into=lambda n: n.parts if n.kind in ("over", "product") else ()) if p.kind == "product"):
        if outer := next((o for o in part.value if o.text in OUTER), None):  # X - a ⊗ b
            yield failing(f"is this the outer product? `{outer.text}` of two vectors is one column", outer, "write a*b', or vec(X)")
    for part in (t for t in _terms(node) if t.kind == "product" and (t.shape == SCALAR or t in shapes.lying)):
        x = part.parts[0]
        if _guessed(x, shapes, "scalar") and x.value[0].isupper() and not part.value[0].text:  # ‖x_i - U z_i‖
            hint = f"declare {x.value}: (m, n), with what it is multiplied by, or {x.value}: scalar"
            yield failing(f"is `{x.value}` a number? It is spread over the entries of a vector", part, hint)
        x = x.parts[0] if x.kind == "transpose" and 1 not in node.shape else x  # A - x.T @ x
        if len(part.parts) == 2 and part.value[0].text == "@" and _guessed(x, shapes, "vector"):
            hint = f"declare {x.value}: (n, p) where its rows are the samples, or {x.value}: (p)"
            yield failing(f"is `{x.value}` a vector? What is added to it has more than one entry", part, hint)


def _of_numbers(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """a - b R - t, X - Σ_r a_r b_r, and ‖y - x'z‖ of what nobody declares, where the product would be one number for all entries."""
    whole = node.parts[0] if node.kind in ("norm", "transpose") or node.kind == "call" and node.value[0] in NORMS else node
    terms = _terms(whole) if whole.kind == "sum" and whole.shape != SCALAR else []
    for part in (t for t in terms if t.shape == SCALAR and t.kind in ("product", "over")):
        others = {n.stem for t in terms if t is not part for n in walked(t)}
        names = [n for n in walked(part, into=lambda n: () if n.kind == "call" else n.parts) if n.stem]
        if whole is not node:
            asked = any(p.kind == "transpose" and p.shape != SCALAR for p in part.parts)
        else:
            of_names = all(p.kind in ("name", "number") and p.shape == SCALAR for p in part.parts)
            asked = (
                of_names
                and any(_by_fit(p, shapes) for p in part.parts)
                or any(_is_entry(n, shapes) and n.stem not in others for n in names)
            )
        if asked and not shapes.declared.keys() & {*others, *(n.stem for n in names)}:
            shown = shapes.text[part.start : part.end]
            hint = "declare what is an array in it; what is added to each entry is multiplied by ones(n), by \\mathbf 1; a dyad is a*b'"
            yield failing(f"is `{shown}` one number? It is spread over the entries of an array", part, hint)


def _turned(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """(y - φ'w)'Σ^-1 (y - φ'w) and ‖Y - a'b‖_F, where the parenthesis would be a number because φ'w is one."""
    whole = node.parts[0]
    if whole.kind != "sum" or whole.shape != SCALAR or node.kind == "norm" and node.value != "F":
        return
    number = next((t for t in _terms(whole) if _guessed(t, shapes, "scalar")), None)
    rows = (p.parts[0] for t in _terms(whole) if t.kind == "product" for p in t.parts[:1] if p.kind == "transpose")
    row = next((n for n in rows if _guessed(n, shapes, "vector")), None)
    if number and row:
        hint = f"declare {row.value}: (m, n) where it is a matrix, or {number.value}: scalar"
        what = "It is transposed" if node.kind == "transpose" else "A norm of matrices is taken of it"
        yield failing(f"is `{shapes.text[whole.start : whole.end]}` a number? {what}", whole, hint)


def _is_entry(node: Node, shapes: Shapes) -> bool:
    """Whether a node is the number x_i of an x that nobody declared."""
    return node.kind == "indexed" and node.shape == SCALAR and node.stem in shapes.inferred and node.stem not in shapes.declared


def _of_matrices(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """X_k - A D B' and ‖X_k - W H_k‖_F, where X_k would be a row of X, and is most likely a matrix."""
    if node.kind == "sum":
        rows = [t for t in _terms(node) if 1 not in node.shape]
    else:
        rows = [*walked(node.parts[0], into=_factors)] if node.value in ("F", "*", "σ") and 1 in node.parts[0].shape else []
    for row in (r for r in rows if r.kind == "indexed" and 1 in r.shape != SCALAR):
        stem, (place, *_) = row.value
        if isinstance(place, At) and (node.kind == "sum" or stem[0].isupper()):
            letter = place.letter.partition("·")[0]
            hint = f"declare {stem}_{letter}: (m, n), {letter} = 1..N if it is, or {stem}: (N, n) for its rows"
            yield failing(f"is `{shapes.text[row.start : row.end]}` a matrix?", row, hint)


def _sum_of_numbers(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖Σ_i c_i v_i‖, and ‖Σ_i φ(x_i)/n‖, which would be of numbers: the norm says that it has several entries."""
    inside = node.parts[0]
    if inside.kind == "over" and inside.shape == SCALAR and any(n.stem in shapes.inferred for n in walked(inside)):
        shown = shapes.text[inside.start : inside.end]
        hint = "declare which: x_i: (d), i = 1..n; or write |…| for numbers"
        yield failing(f"is `{shown}` a vector? A norm is taken of it", inside, hint)
    for term in _terms(inside) if inside.kind == "sum" else ():
        entry = scaled(term.parts[0]) if term.kind == "over" else None
        if entry and len(entry.value[1]) == 2 and entry.stem in shapes.inferred:  # y_l - Σ θ_i x_il
            shown, hint = shapes.text[entry.start : entry.end], f"declare {entry.stem}: (m, n), or {entry.stem}_ij: (d), i = 1..m, j = 1..n"
            yield failing(f"is `{shown}` a number or a vector in this norm?", entry, hint)
    calls = [n for n in walked(inside) if n.kind == "call" and n.value[0] in shapes.functions] if inside.shape == SCALAR else ()
    for one in calls:
        name, shown = one.value[0], shapes.text[one.start : one.end]
        hint = f"declare {name}: (d) -> (M), with its arguments as families: x_i: (d), i = 1..n; or write |…| for numbers"
        yield failing(f"is `{shown}` a vector of features? A norm is taken of it", one, hint)


def _with_a_jacobian(node: Node, shapes: Shapes) -> Iterator[MatcalcError | str]:
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
        scaled = walked(of, into=lambda n: n.parts if n.kind in ("sum", "minus") or n.kind == "product" and _is_scaled(n) else ())
        if any(leaf.stem and (leaf.stem in shapes.given.by or not shapes.given.by) for leaf in scaled):
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


def _factors(node: Node) -> tuple[Node, ...]:
    return node.parts if node.kind in ("sum", "minus", "product") else ()


def _intercept(node: Node, shapes: Shapes) -> Iterator[str]:
    """y - a - X*b, where a may be a number that is added to each entry."""
    terms = _terms(node)
    added = node.parts[-1] if node.value[-1] > 0 else None
    names = [t for t in terms if _guessed(t, shapes, "vector") and t.value not in shapes.given.arrays and not t.value.startswith("y")]
    enough = len(terms) > 2 or shapes.given.numpy and added in names  # X @ w + b
    if names and enough and node.shape[1] == 1 and any(1 not in p.shape for t in terms for p in t.parts):
        yield f"{names[-1].value} is read as a vector; a number that is added to each entry is declared: {names[-1].value}: scalar"


def _layer(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """relu(x W + b), where all would be numbers, of a row x."""
    terms = [t for part in node.parts for t in (part.parts if part.kind == "sum" else (part,))] if node.value[0] in LAYERS else ()
    for product in (t for t in terms if t.kind == "product"):
        for x, operator, w in product.neighbours:
            numbers = all(_guessed(n, shapes, "scalar") for n in (x, w)) and not operator.text
            if numbers and x.value[0].islower() and w.value[0].isupper():
                hint = f"declare {x.value}: (1, d); {w.value}: (d, h) where a row stands left of a matrix, or {w.value}: scalar"
                yield failing(f"is `{w.value}` a matrix?", w, hint)


def _constant(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """The λ_i of Σ_i (y_i x_i'β − λ_i), by β: a rate that most likely depends on it."""
    (body,) = node.parts
    for rate in _terms(body) if body.kind == "sum" else ():
        if rate.kind != "indexed" or not is_greek(rate.value[0]) or rate.value[0] in shapes.declared or rate.value[0] in shapes.given.by:
            continue
        by = next((n.value for n in walked(body) if n.kind == "name" and n.value in shapes.given.by), "")
        if by:
            shown = shapes.text[rate.start : rate.end]
            hint = f'define it: where="{rate.value[0]}_i = …", or declare {rate.value[0]}: (n) where it does not'
            yield failing(f"does `{shown}` depend on {by}?", rate, hint)


def _row(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """w_j beside W, by W: a row of it, or another array."""
    stem, places = node.value
    whole, apart = _capital(stem), not {stem, stem.upper()} & shapes.declared.keys() and stem not in shapes.given.by
    if len(places) == 2 and whole in shapes.inferred and stem != whole and not {stem, whole} & shapes.declared.keys():
        if {stem, whole} & shapes.given.by and all(isinstance(p, At) for p in places):
            shown = shapes.text[node.start : node.end]
            hint = f"write {shown.replace(stem, whole, 1)} if it is; or declare {stem}: (m, n) apart from it"
            yield failing(f"is `{shown}` an entry of {whole}?", node, hint)
    single = len(places) == 1 == len(stem) and isinstance(places[0], (At, Label))
    if single and apart and stem != whole in shapes.given.by and whole in shapes.inferred:
        yield _a_part(node, whole, shapes)


def _residuals(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """Σ_k e_k'Q e_k and Σ_i ‖e_i + J x_i‖², where e_i would be a column of the identity, and is most likely a residual."""

    def is_unit(part: Node) -> bool:
        if part.kind != "item" or part.parts[0].word != "I" or part.shape == SCALAR:
            return False
        return shapes.text[part.parts[0].start] != "I" and any(place == At(node.value[1]) for place in places_of(part))

    products = [n for n in walked(*node.parts, into=_factors) if n.kind == "product"]
    forms = [p for n in products for p in n.parts if is_unit(p) and any(q.kind == "transpose" and is_unit(q.parts[0]) for q in n.parts)]
    terms = [p for n in walked(*node.parts) if n.kind == "sum" for p in _terms(n) if is_unit(p)]
    for unit in (*forms, *terms)[:1]:
        shown, letter = shapes.text[unit.start : unit.end], node.value[1].partition("·")[0]
        hint = f"declare {shown}: (m), {letter} = 1..n where they are residuals, or write I_{{:,{letter}}}"
        yield failing(f"are {shown} the columns of the identity, or others?", unit, hint)


def _capital(stem: str) -> str:
    """The W of w, the Phi of phi; nothing of a word."""
    return stem.upper() if len(stem) == 1 else stem.capitalize() if stem and is_greek(stem) else ""


def _regularized(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖W‖² beside w_j, and ‖w_j‖ beside W, by w: a row of W, or of another array."""
    (part,) = node.parts
    for stem in shapes.given.by & shapes.inferred.keys() - shapes.declared.keys():
        whole = _capital(stem)
        alone = part.kind == "name" and part.stem == whole or part.kind == "indexed" and part.stem == stem
        if alone and stem != whole in shapes.inferred and 1 not in shapes.inferred[stem][1] and whole not in shapes.declared:
            yield _a_part(part, whole, shapes)


def _a_part(node: Node, whole: str, shapes: Shapes) -> MatcalcError:
    """Whether w_j is a part of W; `node` is the one or the other."""
    stem = node.stem.lower()
    found = re.search(rf"(?<![a-z]){stem}\W*_\W*([a-z])(?![\w(])", shapes.text)
    letter = found[1] if found else "j"
    shown = shapes.text[node.start : node.end] if node.kind == "indexed" else f"{stem}_{letter}"
    hint = f"write {shown.replace(stem, whole, 1)} for a row of it, {whole}_{{:,{letter}}} for a column; "
    hint += f"or declare {stem}_{letter}: (d), {letter} = 1..n apart from it"
    return failing(f"is {shown} a part of {whole}?", node, hint)


def _primed(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """‖X' - A X‖, where the transpose makes X square: most likely X' is another matrix, that of the next states."""
    terms = _terms(node.parts[0]) if node.parts[0].kind == "sum" else []
    products = [t for t in terms if t.kind == "product"]
    ends = {p.value for t in products for p in (t.parts[0], t.parts[-1]) if _guessed(p, shapes, "matrix")}
    turned = {n.parts[0].stem for t in products for n in walked(t) if n.kind == "transpose"}
    for term in (t for t in terms if t.kind == "transpose" and t.value == "'" and t.parts[0].stem in ends - turned):
        name = term.parts[0].stem
        hint = f"declare {name}': (m, n) for another; {name}: (n, n), or ^T, for the transpose"
        yield failing(f"is `{name}'` the transpose of {name}, which makes {name} square, or another matrix?", term, hint)


def _singular(node: Node, shapes: Shapes) -> Iterator[MatcalcError]:
    """|θ x'|, which would be the determinant of a matrix of rank 1."""
    (inside,) = node.parts
    strips = [p for p in inside.parts if 1 in map(find, p.shape) and p.shape != SCALAR]
    if inside.kind == "product" and strips and 1 not in map(find, inside.shape):
        shown = shapes.text[inside.start : inside.end]
        hint = "what is a number is declared: c: scalar; the absolute values of the entries are abs(X), the norm is ‖X‖"
        yield failing(f"`{shown}` would be a matrix of rank 1 here, and its determinant 0", node, hint)


Doubts = dict[str, tuple[Callable[[Node, Shapes], Iterator[MatcalcError | str]], ...]]
IN_ANY: Doubts = {
    "product": (
        *(_below, _starred, _projected, _daggered, _entry_by_entry, _pointed),
        *(_with_a_jacobian, _before_row, _between, _difference, _dotted, _no_matrix_between, _right_of_row),
    ),
    "power": (_squared,),
    "call": (_in_trace, _layer, _of_numbers, _with_a_jacobian),
    "sum": (_of_another, _marked, _of_two_kinds, _spread, _of_matrices, _of_numbers, _intercept),
    "norm": (_of_matrices, _sum_of_numbers, _primed, _regularized, _of_numbers, _turned, _with_a_jacobian),
    "transpose": (_of_numbers, _turned),
    "pinv": (_positive,),
    "over": (_constant, _residuals),
    "bars": (_singular,),
    "log_bars": (_singular,),
    "indexed": (_row,),
}
IN_PAPERS: Doubts = {"product": (_convolved, _over_number)}
NOT_IN_PAPERS: Doubts = {"call": (_weighted,)}
IN_NUMPY: Doubts = {"product": (_scaled, _broadcast), "call": (_dyad,), "along": (_of_one_axis,), "sum": (_regressed,), "item": (_counted,)}
OF_ANY_NAME = frozenset((_below, _projected, _daggered, _between, _of_another, _spread, _positive, _convolved, _counted))
