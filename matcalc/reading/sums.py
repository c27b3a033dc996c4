r"""Sums over an index: what stands below and above them, how far they reach, and what their indices pick.

\sum_{i=1}^n, sum_{i<j}, Σᵢ and sum(i = 1..n, …) are one thing.  A sum takes the rest of its term, and goes on over + and − to the last term
that holds its index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.errors import ParseError, UnsupportedError
from matcalc.expr.dims import Dim, Size, symbol
from matcalc.reading.symbols import plus
from matcalc.reading.tree import TIMES, WORDS, Node, Operator, failing, left_leaf, rehung, walked

if TYPE_CHECKING:
    from matcalc.reading.elaborate import Elaboration

RELATIONS = {
    **dict.fromkeys(("<", "\\lt"), "<"), **dict.fromkeys(("≤", "\\le", "\\leq", "\\leqslant"), "≤"), **dict.fromkeys((">", "\\gt"), ">"),
    **dict.fromkeys(("≠", "\\ne", "\\neq", "!="), "≠"), **dict.fromkeys(("∈", "\\in", "in"), "∈"), "=": "=", ":": "∈",
    **dict.fromkeys(("≥", "\\ge", "\\geq", "\\geqslant"), "≥"),
}  # fmt: skip
MOST_NESTED_SIZES = 8
_PLACE = re.compile(r"([^\W\d_])(?:([+-])(\d+))?")


class At(NamedTuple):
    """The index of a sum, moved: i, t + 1."""

    letter: str
    shift: int = 0


class Label(NamedTuple):
    """The value of the label y_i as an index."""

    name: str
    at: At | str | int


Place = At | Label | Dim | str | int | slice  # a Dim is N − 1 of a size N


class Index(NamedTuple):
    """An index of a sum, from where to where, if that is said."""

    letter: str
    first: int | None = None
    last: Size | None = None


class Condition(NamedTuple):
    """What holds of the indices that are summed over: i < j, i ≠ j, or that they are in a set."""

    relation: str
    places: tuple[Place, ...]
    set: str = ""


class Limits(NamedTuple):
    """The indices of a sum, the outermost first, and the conditions on them."""

    what: str
    indices: tuple[Index, ...]
    conditions: tuple[Condition, ...]

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(i.letter for i in self.indices)


class Sums:
    """The sums of one text: what is bound where a name stands, and the limits of each."""

    def __init__(self, e: Elaboration) -> None:
        self.e = e
        self.within: dict[Node, frozenset[str]] = {}  # per name, the indices that the sums around it bind
        self.limits: dict[Node, Limits] = {}
        self.sizes: set[str] = set()  # the names in their limits
        self.whole: set[str] = set()  # sets that nobody declares: the whole range
        self.free = e.scope.indices  # what is an index anywhere, as the i and j of D_ij = …
        self.all: Counter[str] = Counter()  # how often a letter is an index
        self.inside: frozenset[str] = frozenset()  # the letters that are indices in the sum that is looked at alone

    def survey(self, tree: Node) -> None:
        """Finds out which sums stand around each name; lets sums go on over + and − where their index does."""
        stack: list[tuple[Node, frozenset[str]]] = [(tree, self.free)]
        self.all = _letters_in([tree])
        while stack:
            node, bound = stack.pop()
            kind = node.kind
            if kind == "sum":
                self._extended(node, bound)
            if kind == "product":
                for k, part in enumerate(node.parts):
                    stack.append((part, bound))
                    if left_leaf(part)[0].kind == "big":
                        own = _letters_in(node.parts[k + 1 :])
                        self.inside = frozenset(i for i in own if own[i] == self.all[i])
                    bound = bound | self._binds(part, bound)
                continue
            if kind == "group" and ranged(node):
                bound = bound | self.of_call(node).letters
            if bound:
                self.within[node] = bound
            stack += [(part, bound) for part in node.parts]
            if kind == "subscript":
                stack += [(part, bound) for part in node.value]

    def _binds(self, factor: Node, bound: frozenset[str]) -> frozenset[str]:
        """The indices that a factor binds in what follows it."""
        leaf, behind = left_leaf(factor)
        if leaf.kind != "big":
            return frozenset()
        if leaf not in self.limits:
            self.limits[leaf] = self._of_scripts(leaf, behind, bound)
        return self.limits[leaf].letters

    def _extended(self, node: Node, bound: frozenset[str]) -> None:
        """Terms that hold the index of a sum before them go into that sum."""
        terms, signs = list(node.parts), list(node.value)
        k = 0
        while k < len(terms) - 1:
            product = terms[k]
            factors = product.parts if product.kind == "product" else ()
            last = max((i for i, f in enumerate(factors) if left_leaf(f)[0].kind == "big"), default=-1)
            letters: frozenset[str] = frozenset()
            for factor in product.parts[: last + 1]:
                letters |= self._binds(factor, bound | letters)
            held = [m for m in range(k + 1, len(terms)) if letters and letters & self._free(terms[m], bound)]
            if held and last < len(product.parts) - 1:
                m = held[-1]
                rest = product.parts[last + 1 :]
                first = self.e.multiplied(list(rest), product.value[last + 1 :])
                inside = Node("sum", (first, *terms[k + 1 : m + 1]), first.start, terms[m].end, (1, *signs[k + 1 : m + 1]))
                group = Node("group", (inside,), inside.start, inside.end)
                terms[k] = Node("product", (*product.parts[: last + 1], group), product.start, group.end, product.value[: last + 1])
                del terms[k + 1 : m + 1], signs[k + 1 : m + 1]
                shown = " ".join(self.e.text[product.parts[last].start : product.parts[last].end].split())
                self.e.note(f"{shown} goes on to the last term with its index: {' '.join(self.e.text[inside.start : inside.end].split())}")
            k += 1
        if len(terms) < len(node.parts):
            node.parts, node.value = tuple(terms), tuple(signs)
            if len(terms) == 1:
                node.kind, node.value = ("group", None) if signs[0] > 0 else ("minus", None)

    def _free(self, node: Node, bound: frozenset[str]) -> set[str]:
        """The letters that a part has as indices and does not bind itself."""
        found, own = set(_letters_in([node])), set[str]()
        for part in walked(node, into=_outside_limits):
            if part.kind == "product":  # from the left: j = i + 1 below a sum knows the i of the sum before it
                for factor in part.parts:
                    own |= self._binds(factor, bound | own)
            elif left_leaf(part)[0].kind == "big":
                own |= self._binds(part, bound | own)
            elif part.kind == "group" and ranged(part):
                own |= self.of_call(part).letters
        return found - own

    # --- limits -----------------------------------------------------------------------------------------------------

    def of_call(self, group: Node) -> Limits:
        """The limits of sum(i = 1..n, …)."""
        if group not in self.limits:
            keyword = group.parts[0]
            first, last = keyword.parts[0].parts
            self.limits[group] = Limits("sum", (Index(keyword.value, self._whole(first), self.size(last)),), ())
        return self.limits[group]

    def _of_scripts(self, leaf: Node, behind: list[Node], bound: frozenset[str]) -> Limits:
        below = next((b.value for b in behind if b.kind == "subscript"), None)
        above = next((b for b in behind if b.kind in ("superscript", "power", "transpose")), None)
        if below is None:
            shown = self.e.text[leaf.start : leaf.end]
            raise failing(f"`{shown}` over which index?", leaf, "\\sum_i x_i; the sum of all entries is \\mathbf{1}^{\\top} x")
        indices: list[Index] = []
        conditions: list[Condition] = []
        for k, entry in enumerate(below):
            if self._is_dots(entry) and k and k + 1 < len(below) and indices:  # i = 1, …, n
                indices[-1] = indices[-1]._replace(last=self.size(below[k + 1]))
            elif not (k and self._is_dots(below[k - 1])):
                self._entry(entry, bound, indices, conditions)
        if above is not None:
            ends = above.value if above.kind == "superscript" else above.parts[1:]
            if above.kind == "transpose":  # sum_{t=1}^T
                ends = (Node("name", (), above.end - 1, above.end, "T"),)
            if len(ends) not in (1, len(indices)):
                raise failing(f"a sum over {len(indices)} indices has {len(ends)} limits", leaf, "\\sum_{i=1}^{m} \\sum_{j=1}^{n}")
            if len(ends) == 1 != len(indices):  # i, j = 1 … n
                ends = ends * len(indices)
            first = next((i.first for i in indices if i.first is not None), None)
            for k, (index, limit) in enumerate(zip(indices, ends, strict=True)):
                end = self._from(limit, bound)
                if end is not None:  # up to i, to i − 1
                    conditions.append(Condition("≤" if end[1] == "≤" else "<", (At(index.letter), At(end[0]))))
                elif index.last is None:
                    indices[k] = index._replace(first=first if index.first is None else index.first, last=self.size(limit))
        return Limits(leaf.value, tuple(indices), tuple(conditions))

    def _entry(self, node: Node, bound: frozenset[str], indices: list[Index], conditions: list[Condition]) -> None:
        """One entry of what stands below a sum: i, ij, i = 1, i < j, (i, j) ∈ Ω."""
        known = bound | {i.letter for i in indices}

        def new(*letters: str) -> None:
            indices.extend(Index(letter) for letter in letters if all(letter != i.letter for i in indices))

        if node.kind != "relation":
            new(*self._letters(node))
            return
        left, right = node.parts
        relation = RELATIONS.get(node.value, "")
        if left.kind == "relation":  # 1 ≤ i < j
            self._entry(left, bound, indices, conditions)
            left = left.parts[1]
        if relation == "=":
            (letter,) = self._letters(left)
            if right.kind == "range":
                first, last = right.parts
                indices.append(Index(letter, self._whole(first), self.size(last)))
            elif (start := self._from(right, known)) is not None:  # j = i + 1
                new(letter)
                conditions.append(Condition(start[1], (At(start[0]), At(letter))))
            else:
                indices.append(Index(letter, self._whole(right)))
        elif relation == "∈":
            letters = self._letters(left)
            pairs = self.e.scope.said.pairs.get(right.word) if right.kind in WORDS else None
            if pairs == tuple(letters):  # (a, b) ∈ S
                new(right.word)
                return
            new(*letters)
            self._member(letters, right, known | set(letters), conditions)
        elif relation in ("<", "≤", "≠", ">", "≥"):
            if left.kind == "number" and relation == "≤":
                new(*self._letters(right))
                return
            if right.kind == "number" and relation in (">", "≥"):  # i ≥ 1
                new(*(letter for letter in self._letters(left) if letter not in bound))
                return
            if right.kind == "number" or right.kind in WORDS and self.e.scripts.kind(self.e.scripts.resolved(right.word)) == "size":
                return  # j ≤ n: the whole range
            if right.kind in ("name", "symbol") and relation in ("≤", "<") and not self.all[right.word]:  # 1 ≤ i, j ≤ n
                new(*(letter for letter in self._letters(left) if letter not in bound))
                end = plus(self.size(right), -(relation == "<"))
                indices[:] = [i._replace(last=end) if i.last is None and i.letter in self.all else i for i in indices]
                return
            (a,), b = self._letters(left), self._text(right)
            if relation == "≠":  # of i ≠ j both are summed over where j stands nowhere else
                new(*(letter for letter in (a, b) if letter not in bound and (letter == a or letter in self.inside)))
            else:  # below i < j an index of an outer sum stays that
                new(*(letter for letter in (a, b) if letter not in bound))
            known = bound | {i.letter for i in indices}
            places = [self.place(text, known) for text in (a, b)]
            turned = {">": "<", "≥": "≤"}
            conditions.append(Condition(turned.get(relation, relation), tuple(places[::-1] if relation in turned else places)))
        else:
            hint = "\\sum_{i=1}^{n}   \\sum_{i<j}   \\sum_{(i,j) \\in \\Omega}"
            raise failing(f"`{self.e.text[node.start : node.end]}` below a sum is not read", node, hint)

    def _text(self, node: Node) -> str:
        """What one side of a condition says: a letter, or a label y_i."""
        leaf, below = self._below(node)
        if below:
            return "_".join([leaf.word, *below])
        return node.word if node.kind == "name" and "_" in node.value else self._letters(node)[0]

    def _below(self, node: Node) -> tuple[Node, list[str]]:
        """What a side of a condition begins with, and the indices behind that."""
        leaf, behind = left_leaf(node)
        return leaf, [s for b in behind if b.kind == "subscript" for s in self.e.scripts.spelled_all(b)]

    def _from(self, node: Node, bound: frozenset[str]) -> tuple[str, str] | None:
        """The index of a sum around that a limit is, and whether it is that (≤) or the next one to it (<): i, i + 1, i − 1."""
        while node.kind == "group" and len(node.parts) == 1:
            (node,) = node.parts
        shift = 0
        if node.kind == "sum" and len(node.parts) == 2 and node.parts[1].value == 1:
            node, shift = node.parts[0], 1
        if node.kind not in WORDS or node.word not in bound:
            return None
        return node.word, "<" if shift else "≤"

    def _member(self, letters: list[str], right: Node, known: frozenset[str], conditions: list[Condition]) -> None:
        """That indices are in a set: a declared one, or any of pairs; else they take their whole range."""
        of: list[str] = []
        if right.kind == "product" and len(right.parts) == 2 and right.parts[1].kind == "group":  # u ∈ N(v)
            of, right = self._letters(right.parts[1]), right.parts[0]
        leaf, below = self._below(right)
        name = self.e.scripts.resolved(leaf.word) if leaf.kind in WORDS else None
        below = [*of, *below]
        if name is None and leaf.kind == "name" and "_" in leaf.value:
            stem, _, index = leaf.value.partition("_")
            name, below = self.e.scripts.resolved(stem), [index]
        if name is None and len(below) + len(letters) == 2 and leaf.kind in WORDS:
            name = leaf.word.partition("_")[0]
            self.e.note(f"{name} is read as a set of pairs, an array of zeros and ones: {name}: set (m, n)")
        elif name not in self.e.scope.said.sets:
            if leaf.kind in ("name", "symbol"):
                self.whole.add(leaf.word)
            return
        conditions.append(Condition("∈", tuple(self.place(text, known) for text in (*below, *letters)), name or ""))

    def _is_dots(self, node: Node) -> bool:
        return node.kind == "symbol" and node.value in ("ldots", "dots", "cdots")

    def _letters(self, node: Node) -> list[str]:
        """The letters that are indices: i, ij, (i, j), and the i of x_i."""
        _, below = self._below(node)
        if below:
            return below
        if node.kind in ("group", "product", "indices") or node.kind == "call" and node.value[0] == "inner":  # (i, j), ij, ⟨i, j⟩
            return [letter for part in node.parts for letter in self._letters(part)]
        if node.kind in WORDS:
            word = node.word
            if "_" in word:
                return list(word.partition("_")[2])
            return [word] if node.kind == "symbol" or len(word) == 1 or not word.isalpha() else list(word)
        if node.kind == "range":
            shown = self.e.text[node.start : node.end]
            hint = "multiply by its 0/1 array, \\sum_i C_i x_i, or by \\mathbf 1\\{y_i = c\\} of a label y_i: integer"
            raise failing(f"the condition `{shown}` below a sum is not read", node, hint)
        raise failing("the index of a sum is a letter", node, "\\sum_i   \\sum_{i,j}   \\sum_{i=1}^{n}")

    def _whole(self, node: Node) -> int:
        if node.kind == "number" and isinstance(node.value, int):
            return node.value
        raise failing("a sum begins at a whole number", node, "\\sum_{i=1}^{n}")

    def size(self, node: Node) -> Size:
        """A limit, or an end of a range of rows, as a size: n, N − 1, 3.  The names in it are sizes from now on."""
        made = as_size(node, self._size_named)
        if made is None:
            raise failing("the upper limit of a sum is a number or a name", node, "\\sum_{i=1}^{n}")
        return made

    def _size_named(self, node: Node) -> Size | None:
        leaf, scripts = left_leaf(node)[0], self.e.scripts
        if leaf.kind not in WORDS:
            return None
        word = "_".join([leaf.word, *(scripts.spelled_all(node) if node.kind == "subscript" else [])])
        if word in ("infty", "oo", "inf"):
            raise failing("a sum without end is not supported", node, "write it up to T: \\sum_{t=0}^{T}")
        name = scripts.resolved(*_key(word)) or word
        if scripts.kind(name) not in ("", "size", "family", "scalar"):
            raise failing(f"the upper limit `{name}` is a {scripts.kind(name)}", node)
        self.sizes.add(name)
        return symbol(name)

    # --- what they make ------------------------------------------------------------------------------------------------

    def over(self, limits: Limits, body: Node, start: int) -> Node:
        """A sum over its indices of what follows it."""
        terms = body.parts[0] if body.kind == "group" and len(body.parts) == 1 else body
        if terms.kind == "sum" and self._moved(terms, limits):  # x_{i+1} in one term leaves the range of another one alone
            parts = tuple(self.over(limits, part, start) for part in terms.parts)
            return Node("sum", parts, start, body.end, terms.value)
        for condition in limits.conditions:
            node = Node("condition", (), start, body.start, condition._replace(places=tuple(condition.places)))
            body = Node("product", (body, node), body.start, body.end, (Operator(TIMES, "·", body.start, body.start),))
        for index in reversed(limits.indices):
            body = Node("over", (body,), start, body.end, (limits.what, index.letter, index.first, index.last))
        return body

    def _moved(self, terms: Node, limits: Limits) -> bool:
        """Whether an index without limits is moved somewhere, and all terms have all indices."""
        if any(i.last is not None for i in limits.indices) or limits.what != "sum":
            return False
        found = [self._free(part, frozenset()) for part in terms.parts]
        return all(limits.letters <= f for f in found) and any("±" in f for f in found)

    def place(self, text: str, bound: frozenset[str]) -> Place:
        """What an index says: the index of a sum, a label, a number, a row or column, or a symbolic index."""
        if text == ":" or text in self.e.scripts.ranges:
            span: slice[Any, Any, Any] = self.e.scripts.ranges.get(text, slice(None))
            return span
        if text.isdigit():
            return int(text)
        match = _PLACE.fullmatch(text)
        if match and match[2] and match[1] not in bound and self.e.scripts.kind(self.e.scripts.resolved(match[1])) == "size":
            return plus(symbol(match[1]), int(match[2] + match[3]))
        if match and (match[1] in bound or match[2]):
            return At(match[1], int((match[2] or "+") + (match[3] or "0")))
        stem, _, index = text.partition("_")
        name = self.e.scripts.resolved(stem) if index else None
        if name in self.e.scope.said.integers:
            inside = self.place(index, bound)
            assert name is not None and not isinstance(inside, (slice, Label, Dim))
            return Label(name, inside)
        if index in bound:
            raise ParseError(f"the index {text} is no label that is declared", hint=f"declare {text}: integer, {index} = 1..n")
        return self.e.scripts.resolved(*_key(text)) or text


def as_size(node: Node, named: Callable[[Node], Size | None], depth: int = 0) -> Size | None:
    """The size that a node is: numbers, what `named` makes of the other leaves, sums and products of these; None where it is none."""
    if node.kind == "number":
        return node.value if isinstance(node.value, int) else None
    if node.kind == "group" and len(node.parts) == 1:
        return as_size(node.parts[0], named, depth)
    if depth == MOST_NESTED_SIZES or node.kind != "sum" and not (node.kind == "product" and all(o.kind == TIMES for o in node.value)):
        return named(node)
    made: Size = 0 if node.kind == "sum" else 1
    for k, part in enumerate(node.parts):
        size = as_size(part, named, depth + 1)
        if size is None:
            return None
        made = plus(made, size * node.value[k]) if node.kind == "sum" else size * made
    return made


def _key(text: str) -> tuple[str, str]:
    from matcalc.reading.scripts import key_of

    return key_of(text)


def indices_told(line: str, objective: str) -> frozenset[str]:
    """The letters below the name that a text defines, where they are indices in what defines it: D_ij = ….

    >>> sorted(indices_told("D_{ij} = (x_i - x_j)'*(x_i - x_j)", "         (x_i - x_j)'*(x_i - x_j)")), indices_told("L_p = p", "      p")
    (['i', 'j'], frozenset())
    """
    told = re.match(r"\s*\\?[A-Za-z]+(?:\{[^{}]*\})?_(?:([a-z]{1,2})|\{([a-z](?:\s*,?\s*[a-z])?)\})\s*&?\s*:?=", line)
    letters = re.findall("[a-z]", told[1] or told[2]) if told else []
    below = "".join(re.findall(r"_(?:\{[^{}]*\}|[a-z]+)", objective))
    alone = re.sub(r"_(?:\{[^{}]*\}|\w+)", "", objective)
    return frozenset(i for i in letters if i in below and not re.search(rf"(?<![\w\\]){i}(?!\w)", alone))


def ranged(group: Node) -> bool:
    """Whether a group is the (i = 1..n, …) of a sum."""
    first = group.parts[0] if group.parts else None
    return first is not None and first.kind == "keyword" and first.parts[0].kind == "range"


def _outside_limits(node: Node) -> tuple[Node, ...]:
    """The parts of a node, with its scripts, but for what stands below and above a sum."""
    if left_leaf(node)[0].kind == "big":
        return ()
    return (*node.parts, *node.value) if node.kind in ("superscript", "subscript") else node.parts


def _letters_in(parts: Sequence[Node]) -> Counter[str]:
    """How often each letter is an index in parts; what stands below a sum does not count."""
    nodes = walked(*parts, into=_outside_limits)
    return Counter(i for node in nodes if left_leaf(node)[0].kind != "big" for i in letters_of(node))


def in_parentheses(e: Elaboration, tree: Node) -> None:
    """Makes the x[n] and x(t) below a sum over n or t that of x_n and x_t; raises ParseError for P(i), which may be a set."""
    letters, products = set[str](), list[Node]()
    for node in walked(tree):
        if node.kind == "subscript" and left_leaf(node)[0].kind == "big":
            for entry in node.value:
                while entry.kind == "relation":
                    entry = entry.parts[0]
                letters |= {_letter(p) for p in (entry, *entry.parts)} - {""}
        if node.kind == "product":
            products.append(node)
    for node in products if letters else ():
        parts, operators = list(node.parts), list(node.value)
        for k in range(len(parts) - 2, -1, -1):
            group, behind = left_leaf(parts[k + 1])
            base = parts[k]
            if base.kind == "subscript" and group.kind == "group" and not operators[k].text:
                _spectrum(e, base, group, letters)
            if operators[k].text or group.kind != "group" or base.kind not in ("symbol", "name") or not group.parts:
                continue
            bracket = e.latex and e.text[group.end - 1] == "]"
            if not all(_letter(p) in letters or bracket and p.kind == "number" for p in group.parts):
                continue
            word = base.word
            if not e.functions.takes_index(word) and not bracket:
                continue
            if word[0].isupper() and not bracket:
                shown = e.text[base.start : group.end]
                hint = f"a set of pairs is {word}_i, declared {word}: set (m, n); a matrix of each is {word}_i: (d, d), i = 1..n"
                raise failing(f"what is `{shown}`?", base, hint)
            made = Node("subscript", (base,), base.start, group.end, [*group.parts])
            index = "".join(_letter(p) or str(p.value) for p in group.parts)
            e.note(f"{e.text[base.start : group.end]} is read as {e.text[base.start : base.end]}_{index}")
            parts[k : k + 2], operators[k : k + 1] = [rehung(parts[k + 1], behind, made)], []
        if len(parts) == 1:
            node.kind, node.parts, node.value = "group", tuple(parts), None
        elif len(parts) < len(node.parts):
            node.parts, node.value = tuple(parts), tuple(operators)


SPECTRA = {
    "lambda": "tr(X) is the sum of the eigenvalues, logdet(X) that of their logarithms, lambda_max(X) the largest of a symmetric X",
    "sigma": "normnuc(X) is the sum of the singular values, norm(X)^2 that of their squares, normspec(X) the largest",
}


def _spectrum(e: Elaboration, base: Node, group: Node, letters: set[str]) -> None:
    """Raises UnsupportedError for the eigenvalues λ_i(X) and the singular values σ_i(X)."""
    word = left_leaf(base)[0].word
    if word in SPECTRA and e.scripts.resolved(word) is None and len(group.parts) == 1 and _letter(group.parts[0]).isupper():
        message = f"`{e.text[base.start : group.end]}` is not read: one of many eigenvalues or singular values"
        raise failing(message, (base.start, group.end), SPECTRA[word], UnsupportedError)


def _letter(node: Node) -> str:
    return node.word if len(node.word) == 1 else ""


def letters_of(node: Node) -> list[str]:
    """The letters that a node has as indices; ± where one is moved."""
    if node.kind == "name" and "_" in node.value:
        index = node.value.partition("_")[2]
        return [index, *index]
    if node.kind not in ("subscript", "superscript", "item"):
        return []
    found: list[str] = []
    for part in walked(*(n for n in node.value if isinstance(n, Node))):
        found += "±" if part.kind == "sum" else [part.word] * (part.kind == "symbol") or [part.word, *part.word] * (part.kind == "name")
    return found


def bind(nodes: list[Node]) -> None:
    """Gives the index of each sum a name of its own in what it sums: the same letter in another sum is another one.

    A letter that no sum binds and that is moved somewhere, as in x_{t+1}, is an index wherever it stands.
    """
    _bound(nodes)
    free = {p.letter: At(p.letter) for n in nodes for p in places_of(n) if isinstance(p, At) and "·" not in p.letter}
    for node in nodes if free else ():
        if node.kind in INDEXED:
            node.value = moved(node.kind, node.value, free)


def places_of(node: Node) -> tuple[Place, ...]:
    places: tuple[Place, ...] = node.value if node.kind == "item" else node.value[1] if node.kind in ("slice", "member", "indexed") else ()
    return places


def ends(nodes: list[Node], first: Mapping[tuple[str, int], int]) -> dict[str, tuple[Size, ...]]:
    """How long undeclared arrays are at least: for the x_N beside a sum up to N − 1."""
    found: dict[str, tuple[Size, ...]] = {}
    for node in nodes:
        if node.kind == "indexed" and len(node.value[1]) == 1 and isinstance(node.value[1][0], (int, Dim)):
            stem, (place,) = node.value
            found[stem] = (*found.get(stem, ()), plus(place, 1 - first.get((stem, 0), 1)))
    return found


def bases(nodes: list[Node]) -> dict[tuple[str, int], int]:
    """The first index of undeclared arrays, per axis, where a sum begins before 1: the 0 of x_0 + … + x_N."""
    first = {n.value[1]: n.value[2] for n in nodes if n.kind == "over" and n.value[2] is not None}
    found: dict[tuple[str, int], int] = {}
    for node in nodes if first else ():
        for axis, place in enumerate(node.value[1]) if node.kind == "indexed" else ():
            if isinstance(place, At) and place.letter in first:
                key, start = (node.value[0], axis), first[place.letter] + place.shift
                found[key] = min(start, found.get(key, 1))
    return {key: start for key, start in found.items() if start < 1}


def members(nodes: list[Node], known: Mapping[str, str], limits: Collection[str]) -> None:
    """Makes the undeclared x_N and x_0 beside an x_t of a sum members of the same array, where they are in its range."""
    stems = {n.value[0] for n in nodes if n.kind == "indexed" and len(n.value[1]) == 1}
    first = bases(nodes) if stems else {}
    for node in nodes if stems else ():
        stem, _, index = node.value.rpartition("_") if node.kind == "name" else ("", "", "")
        if stem not in stems or node.value in known:
            continue
        if index.isdigit() and int(index) >= first.get((stem, 0), 1):
            node.kind, node.value = "indexed", (stem, (int(index),))
        elif index in limits:
            node.kind, node.value = "indexed", (stem, (symbol(index),))


INDEXED = frozenset(("item", "slice", "member", "indexed", "condition"))


def moved(kind: str, value: Any, letters: Mapping[str, Place]) -> Any:
    """The value of a node with indices, with other places for some letters."""
    if kind == "condition":
        return value._replace(places=tuple(_moved(p, letters) for p in value.places))
    if kind == "item":
        return tuple(_moved(p, letters) for p in value)
    name, places, *more = value
    return (name, tuple(_moved(p, letters) for p in places), *more)


def _moved(place: Place, letters: Mapping[str, Place]) -> Place:
    if isinstance(place, Label):
        return place._replace(at=_moved(place.at, letters))  # type: ignore[arg-type]
    letter = place.letter if isinstance(place, At) else place
    if not isinstance(letter, str) or letter not in letters:
        return place
    to, shift = letters[letter], place.shift if isinstance(place, At) else 0
    if isinstance(to, At):
        return to._replace(shift=to.shift + shift)
    return to + shift if isinstance(to, int) else At(to, shift) if isinstance(to, str) and shift else to


def _bound(nodes: list[Node]) -> None:
    for k, over in enumerate(nodes):
        if over.kind != "over":
            continue
        what, letter, first, last = over.value
        index = f"{letter}·{k}"
        over.value = what, index, first, last
        at = {letter: At(index)}
        for node in reversed(nodes[:k]):
            if node.start < over.start:
                break
            if node.kind in INDEXED:
                node.value = moved(node.kind, node.value, at)
            elif node.kind == "name" and node.value == letter:  # γ^t, t x_t
                node.kind, node.value = "counter", index
