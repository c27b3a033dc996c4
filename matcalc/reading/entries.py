"""The meaning of a letter with indices: an entry, a row, a member of a family, or ones, zeros, an identity, a unit vector."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from matcalc.errors import MatcalcError, UnknownNameError, UnsupportedError
from matcalc.expr.dims import Dim
from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading.elaboration import key_of
from matcalc.reading.evidence import evidence
from matcalc.reading.latex.commands import INDEXED_FUNCTIONS
from matcalc.reading.latex.tree import Letter
from matcalc.reading.letters import LOOK_ALIKE, describe, kind_by_spelling
from matcalc.reading.places import At, Label
from matcalc.reading.scope import Scope
from matcalc.reading.tree import TIMES, Node, Operator, called, failing

if TYPE_CHECKING:
    from matcalc.reading.scripts import Scripts

INDICATOR = "𝟙"
SIZES = frozenset("mnpqrkdlhsNMKDTJP")  # below an I, by custom
WORDS = frozenset(("in", "at", "to", "no", "id", "on", "or", "min", "int", "lim", "kin", "mil"))  # below a letter they are no indices


def paired(s: Scripts, name: str, start: int, end: int, bound: frozenset[str]) -> Node | None:
    """a of a sum over pairs (a, b) in S: the member of a that the sum is at."""
    for of, names in s.e.scope.said.pairs.items():
        if name in names and of in bound:
            base = (Node("name", (), start, end, name),)
            if s.e.scope.said.families[name].shape == (1, 1):
                return Node("item", base, start, end, (At(of),))
            return Node("slice", base, start, end, (name, (At(of),), True))
    return None


def item(s: Scripts, base: Node, parts: list[str], start: int, end: int) -> Node:
    return Node("item", (base,), start, end, tuple(s.e.place(p, s.bound) for p in parts))


def constant(s: Scripts, stem: str, parts: list[str], start: int, end: int, powered: bool) -> Node | None:
    """Ones, zeros, the identity, unit vectors and commutation matrices, where the letter is not declared; e_i^2 is of a number."""
    if stem in "10":
        if parts:
            return called("ones" if stem == "1" else "zeros", size_nodes(s, parts, end), start, end)
        if stem == "1":
            return called("vector", (Node("number", (), end, end, 1),), start, end)
        return Node("number", (), start, end, 0)
    function = INDEXED_FUNCTIONS.get((stem, "_".join(parts)))
    if stem == "K" and len(parts) == 2 and not function and ":" not in parts and not s.bound.intersection(parts):
        letters = [[p] if s.resolved(*key_of(p)) else re.findall(r"[^\W\d_]", p) or [p] for p in parts]  # kp is k times p
        sizes = [s.kind(s.resolved(*key_of(x))) == "size" for xs in letters for x in xs]
        if s.resolved(stem) is None or all(sizes):  # also beside a matrix K
            shown = f"K_{{{','.join(parts)}}}"
            if not re.search(r"vec|⊗|\\otimes", s.e.text):
                s.e.note(f"{shown} is read as the commutation matrix; one of that name is declared: {shown}: (m, n)")
            return called("commutation", size_nodes(s, parts, end), start, end)
    if s.resolved(stem) is not None or ":" in parts:
        return None
    if stem == "I" and parts == ["0"]:
        raise failing("I_0 is no identity: Bessel functions are not in the language", (start, end), kind=UnsupportedError)
    if stem == "I" and parts == ["1"]:
        raise _no_identity(start, end)
    if stem == "I" and len(parts) == 1 and len(parts[0]) > 1 and parts[0].isalpha() and not _is_size(s, parts[0]):
        shown = s.e.text[start:end]
        raise failing(f"is `{shown}` an identity of the size {'*'.join(parts[0])}, or a name?", (start, end), f"declare {shown}: (m, n)")
    if stem == "I" and parts and all(p.strip("+-") for p in parts):
        return called("eye", size_nodes(s, parts[:1] if len(set(parts)) == 1 else parts, end), start, end)
    if function and re.compile(r"\s*(?:\\left\s*)?(?:\\[bB]ig+l?\s*)?\(").match(s.e.text, end):  # ψ_0 alone is a name
        return Node("function", (), start, end, Letter(function, "", "indexed"))
    known = powered or "e" in s.e.scope.said.definitions or "e" in s.e.scope.by
    if stem == "e" and not known and len(parts) == 1 and (parts[0].isdigit() or len(parts[0]) == 1):
        if parts[0] in s.bound:
            s.e.note(f"e_{parts[0]} is read as column {parts[0]} of the identity; entries and vectors are declared: e: (n)")
        return item(s, Node("name", (), start, end, "I"), [":", parts[0]], start, end)
    return None


def _is_size(s: Scripts, letters: str) -> bool:
    """Whether letters below an I are sizes: known ones, or those that are sizes by custom."""
    return SIZES.issuperset(letters) or letters in s.e.sizes or all(s.e.scope.kinds.get(letter) == "size" for letter in letters)


def _no_identity(start: int, end: int) -> MatcalcError:
    return failing("is `I_1` a name? An identity of one row is the number 1", (start, end), "declare it: I_1: scalar, or I_1: (m, n)")


def size_nodes(s: Scripts, sizes: list[str], at: int) -> tuple[Node, ...]:
    """The sizes of eye(n); a sum of products in a size is kept, as in I_{mn + 1}."""
    out = []
    for size in sizes:
        terms, signs = [], [1, *(-1 if sign == "-" else 1 for sign in re.findall("[+-]", size))]
        for term in re.split("[+-]", size):
            factors = [term] if s.resolved(*key_of(term)) else re.findall(r"\d+|[^\W\d_](?:_?\d+)?", term) or [term]
            leaves = tuple(
                Node("number", (), at, at, int(f)) if f.isdigit() else Node("name", (), at, at, s.resolved(*key_of(f)) or f)
                for f in factors
            )
            operators = tuple(Operator(TIMES, "*", at, at) for _ in leaves[1:])
            terms.append(leaves[0] if len(leaves) == 1 else Node("product", leaves, at, at, operators))
        out.append(terms[0] if len(terms) == 1 else Node("sum", tuple(terms), at, at, tuple(signs)))
    return tuple(out)


def entry(s: Scripts, leaf: Node, stem: str, parts: list[str], start: int, end: int) -> Node | None:
    """X_{i,j}, X_{:,j}, x_i of a declared array or family, or with the index of a sum; x_i as a row or column of a declared X."""
    name, bound = s.resolved(*key_of(stem)), s.bound
    said, kind = s.e.scope.said, s.kind(name)
    family = said.families.get(name or "")
    defined = said.definitions.get(stem) if kind in ("size", "elementwise") and not s.e.text.startswith("(", end) else None
    if defined and not defined.indices:  # the K_i of K(x) = Σ x_i K_i
        kind = said.symbols[family.name].kind if family else ""
        name = name if family else None
    elif name in said.marks and not kind:  # the z' of z'_i
        name = None
    if len(parts) == 1 and len(parts[0]) == 2 and parts[0] not in bound and parts[0].isalnum() and parts[0][0] != "_":
        if kind == "matrix" and family is None or family and len(family.ranges) == 2 or name is None and _of_letters(parts[0], bound):
            step, index = parts[0][0], parts[0][1]
            if name is None and step.isdigit() and step > "1" and not re.search(rf"_\{{?1,?\s*{index}", s.e.text):
                hint = f"write {stem}_{{{step},{index}}} for row {step}; the entries at every {step}-th place are a name of their own"
                raise failing(f"is `{s.e.text[start:end]}` of row {step}, or at {step} times {index}?", leaf, hint)
            parts = list(parts[0])
    from_1 = family.ranges[0].first == 1 if family else not re.search(r"=\s*0(?![.\d])", s.e.text)
    if parts == ["0"] and kind in ("vector", "matrix", "family") and from_1:
        s.e.note(f"{s.e.text[start:end]} is read as a name of its own, {name}_0: {name} counts from 1")
        return None
    more = len(family.ranges) + 2 if family else 0
    if kind == "family" and len(parts) == 1 and len(parts[0]) == more and bound.issuperset(parts[0]):  # T_{ijk}
        parts = list(parts[0])
    places = [s.e.place(p, bound) for p in parts]

    def of(kind: str, base: str, value: tuple[Any, ...]) -> Node:
        return Node(kind, (Node("name", (), start, end, base),), start, end, value)

    if kind == "family" and len(places) == more:  # an entry of a member
        return Node("item", (Node("member", (), start, end, (name, tuple(places[:-2]))),), start, end, tuple(places[-2:]))
    sums = any(isinstance(p, (At, Label, Dim)) for p in places)
    fixed = (":", *s.e.ranges, *said.integers)
    if not sums and not all(p in fixed or p.isdigit() or len(p) == 1 for p in parts):
        return None
    if family is not None and len(places) == len(family.ranges):
        if kind == "family":
            return Node("member", (), start, end, (name, tuple(places)))
        if family.shape[1] == 1 and family.shape[0] != 1:
            return of("slice", family.name, (name, tuple(places), True))
    if name is None and len(parts) == 1 and sums:
        whole = s.resolved(stem.upper() if len(stem) == 1 else stem.capitalize())
        if whole and s.kind(whole) == "matrix" and stem[0].islower():
            return of("slice", whole, (whole, tuple(places), None))
    if kind == "matrix" and len(parts) == 1:
        if sums and name:
            return of("slice", name, (name, tuple(places), None))
        hint = f"{stem}_{{{parts[0]},:}}   {stem}_{{:,{parts[0]}}}"
        raise failing(f"`{name}` is a matrix: which row or column, or which name?", leaf, hint)
    if kind in ("vector", "matrix", ""):
        if name is None and sums and any(isinstance(p, slice) for p in places):
            s.bold[stem] = "matrix"
            return of("item", stem, tuple(places))
        apart = len(parts) == 2 and re.search(r"\s*(?:[<>≠]|\\(?:neq?|[lg]t)\b)\s*".join(parts), s.e.text)  # i ≠ j: no Kronecker's
        if name is None and len(places) == 2 and (stem == INDICATOR or stem == "delta" and "delta" not in s.e.scope.by and not apart):
            if stem == "delta":
                s.e.note(f"{s.e.text[start:end]} is read as 1 where its indices are equal, else 0; a matrix is declared: delta: (m, n)")
            return of("item", "I", tuple(places))
        if name is None and sums:
            if leaf.value.font == "bold":
                s.bold.setdefault(stem, "matrix")
            return Node("indexed", (), start, end, (stem, tuple(places)))
        own = kind == "vector" and len(parts) == 1 and parts[0].isalnum() and not sums and parts[0] not in s.e.scope.said.integers
        if name is not None and not own:  # the x_k of x - x_k is a name of its own
            return of("item", name, tuple(places))
    return None


def _of_letters(index: str, bound: frozenset[str]) -> bool:
    """Whether two letters run together are two indices, one of a sum at least: ij, where i may be bound by none."""
    return all(p in bound for p in index) or index.islower() and index.isascii() and index not in WORDS and not bound.isdisjoint(index)


def named(s: Scripts, name: Node) -> Node:
    """A name that is no function: a variable or a constant."""
    word = name.value
    if word in s.e.scope.kinds:
        return paired(s, word, name.start, name.end, s.e.within.get(name, frozenset())) or name
    letter, _, size = word.partition("_")
    if word == "I_1":
        raise _no_identity(name.start, name.end)
    if letter == "I" and (size.isdigit() or s.e.scope.kinds.get(size) == "size"):
        s.e.note(f"{word} is read as the identity")
        return called("eye", size_nodes(s, [size], name.end), name.start, name.end)
    if word in FUNCTIONS and word not in CONSTANTS and word != "eye" and not s.e.is_variable(word):
        raise failing(f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2", name)
    if not word.isascii():
        twin = word.translate(LOOK_ALIKE)
        if twin != word and (twin in s.e.scope.kinds or twin in s.e.alone):
            different = next(c for c, d in zip(word, twin, strict=True) if c != d)
            message = f"{describe(different)} only looks like the Latin `{different.translate(LOOK_ALIKE)}`"
            raise failing(message, name, kind=UnknownNameError)
    return name


def entries(nodes: list[Node], scope: Scope, notes: list[str]) -> list[Node]:
    """The nodes, with z_k beside a bare vector z as its entry, and X_12 beside a bare matrix X, where they are not declared.

    What stands where a scalar cannot, as x_1 in a norm or transposed, is a name of its own, and so is the x_k of x - x_k.
    """
    names = {n.stem for n in nodes if n.kind in ("name", "indexed")}
    names |= {name for name in scope.by if name.isidentifier() and "_" not in name}  # f(x) = 100(x_2 - x_1^2)^2 + (1 - x_1)^2
    found: dict[str, tuple[str, tuple[int | str, ...]]] = {}
    twice = {n.value[0] for n in nodes if n.kind == "indexed" and len(n.value[1]) == 2}  # the x_ij beside sum_k x_ik
    for name in names:
        stem, _, index = name.rpartition("_")
        kind = scope.kinds.get(stem) or ("matrix" if stem in twice else kind_by_spelling(stem) if stem in names else "")
        parts = {"vector": [index], "matrix": list(index) if len(index) == 2 else []}.get(kind, [])
        if name not in scope.kinds and parts and all(p.isdigit() and p[0] != "0" or len(p) == 1 and p.islower() for p in parts):
            found[name] = stem, tuple(int(p) if p.isdigit() else p for p in parts)
    if not found:
        return nodes
    no_scalars = {*evidence(nodes, ()).reasons}
    for node in nodes:
        if node.kind == "sum":
            terms = {t.unsigned.value for t in node.parts if t.kind in ("name", "minus")}
            no_scalars.update(name for name in found if name in terms and found[name][0] in terms)
    out: list[Node] = []
    for node in nodes:
        if node.kind == "name" and node.value in found and node.value not in no_scalars:
            stem, places = found[node.value]
            note = f"{node.value} is read as the entry {', '.join(map(str, places))} of {stem}"
            notes += [note] * (note not in notes)
            if stem in twice:
                node.kind, node.value = "indexed", (stem, tuple(At(p) if isinstance(p, str) else p for p in places))
            else:
                leaf = Node("name", (), node.start, node.end, stem)
                out.append(leaf)
                node.kind, node.parts, node.value = "item", (leaf,), places
        out.append(node)
    return out
