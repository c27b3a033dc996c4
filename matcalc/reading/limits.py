r"""The limits below and above a sum: ``i=1`` and ``n``, ``i<j``, ``(i,j) \in \Omega``, ``j=i+1``; and sizes, which limits are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from matcalc.errors import MatcalcError
from matcalc.expr.dims import Size
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.places import ALPHABETS, At, Condition, count_alike
from matcalc.reading.symbols import plus
from matcalc.reading.tree import WORDS, Node, failing, left_leaf, walked, with_scripts

RELATIONS = {
    **dict.fromkeys(("<", "\\lt"), "<"), **dict.fromkeys(("≤", "<=", "\\le", "\\leq", "\\leqslant"), "≤"),
    **dict.fromkeys((">", "\\gt"), ">"),
    **dict.fromkeys(("≠", "\\ne", "\\neq", "!="), "≠"), **dict.fromkeys(("∈", "\\in", "in"), "∈"), "=": "=", ":": "∈",
    **dict.fromkeys(("∉", "\\notin"), "∉"), **dict.fromkeys(("≥", ">=", "\\ge", "\\geq", "\\geqslant"), "≥"),
}  # fmt: skip


OF_PAIRS = ("E", "Ω", "Omega", "\\Omega")  # the letters of sets of edges, and of the entries that are observed
OF_MEMBERS = ("I", "J", "N", "T")  # and those of indices, as V of nodes


class Index(NamedTuple):
    """An index of a sum, from where to where, if that is said."""

    letter: str
    first: int | None = None
    last: Size | None = None


class Limits(NamedTuple):
    """The indices of a sum, the outermost first, and the conditions on them."""

    what: str
    indices: tuple[Index, ...]
    conditions: tuple[Condition, ...]

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(i.letter for i in self.indices)


class Below:
    """The limits of the sums of one text."""

    def __init__(self, e: Elaboration) -> None:
        self.e = e
        self.whole: set[str] = set()  # sets that nobody declares: the whole range
        self.arrays: set[str] = set()  # and those that are arrays of zeros and ones
        self.all: Counter[str] = Counter()  # how often a letter is an index
        self.free: frozenset[str] = frozenset()  # the letters that are indices where no sum around says anything of them

    def of_scripts(self, leaf: Node, behind: list[Node], bound: frozenset[str]) -> Limits:
        below = next((b.value for b in behind if b.kind == "subscript"), None)
        above = next((b for b in behind if b.kind in ("superscript", "power", "transpose")), None)
        if below is None:
            shown = self.e.text[leaf.start : leaf.end]
            if self.e.latex:
                raise failing(f"`{shown}` over which index?", leaf, "\\sum_i x_i; the sum of all entries is \\mathbf{1}^{\\top} x")
            matrix = shown == "Σ" and {"Sigma", "Σ"}.isdisjoint(self.e.scope.kinds)
            what = "is `Σ` the sign of a sum, or a matrix? As a sign it has no index" if matrix else f"`{shown}` over which index?"
            hint = "write sum_i y_i*log(p_i), with its indices, or sum(y.*log(p)), entry by entry"
            raise failing(what, leaf, hint + "; a matrix is declared: Sigma: (n, n)" * matrix)
        indices: list[Index] = []
        conditions: list[Condition] = []
        below = self._of_one_set(below)
        for k, entry in enumerate(below):
            if self._is_dots(entry) and k and k + 1 < len(below) and indices:  # i = 1, …, n
                indices[-1] = indices[-1]._replace(last=self.e.size(below[k + 1]))
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
                end = self._from(limit, bound, -1)
                if end is not None:  # up to i, to i − 1
                    conditions.append(Condition(end[1], (At(index.letter), At(end[0]))))
                elif index.last is None:
                    indices[k] = index._replace(first=first if index.first is None else index.first, last=self.e.size(limit))
        return Limits(leaf.value, tuple(indices), tuple(conditions))

    def _of_one_set(self, below: Sequence[Node]) -> list[Node]:
        """The i, j ∈ E of edges as (i, j) ∈ E, the i, j ∈ C_k of members as i ∈ C_k, j ∈ C_k; the t, i ∈ S stays where t counts others.

        Raises ParseError where an undeclared set may be of pairs, as both stand on one array.
        """
        entries: list[Node] = []
        for entry in below:
            beside = entries[-1:] if entry.kind == "relation" and RELATIONS.get(entry.value) == "∈" else []
            if not beside or any(n.kind not in WORDS or len(n.word) > 1 for n in (*beside, entry.parts[0])):
                entries.append(entry)
                continue
            (i,), (j, right) = beside, entry.parts
            (leaf, behind), name = left_leaf(right), self.e.resolved(left_leaf(right)[0].word)
            shown = self.e.text[right.start : right.end]
            pair = Node("group", (i, j), i.start, j.end)
            both = rf"(?<!sum)(?<!limits)(?<![∑Σ])_\{{?\s*(?:{i.word}[\s,]*{j.word}|{j.word}[\s,]*{i.word})(?![a-z])"
            if any(n.word == i.word for n in walked(right, into=with_scripts)):  # k, i ∈ C_k
                entries.append(entry)
            elif not behind and (self.e.kind(name) == "matrix" or name is None and leaf.word in OF_PAIRS):
                if any(n.kind in WORDS and len(n.word) == 1 for n in entries[:-1]):  # i, j, k ∈ E
                    raise failing(f"which are the pairs in `{shown}`?", entry, f"write ({i.word},{j.word}) \\in {shown}")
                entries[-1] = Node("relation", (pair, right), i.start, entry.end, entry.value)
            elif count_alike(i.word, j.word) and (behind or name is not None):
                entries[-1] = Node("relation", (i, right), i.start, entry.end, entry.value)
                entries.append(entry)
            elif leaf.kind in WORDS and name is None and leaf.word != "V" and shown not in OF_MEMBERS and re.search(both, self.e.text):
                told = f"{i.word},{j.word}"
                hint = f"write ({told}) \\in {shown} for pairs in it; leave it out where each goes over its whole range"
                raise failing(f"are the pairs ({told}) in `{shown}`, or is each of them?", entry, hint)
            else:
                entries.append(entry)
        return entries

    def of_ranges(self, ranges: Iterable[Node], bound: frozenset[str]) -> Limits:
        """The limits of sum(i = 1..m, j = 1..n, …)."""
        indices: list[Index] = []
        conditions: list[Condition] = []
        for keyword in ranges:
            self._between(keyword.value, keyword.parts[0], bound | {i.letter for i in indices}, indices, conditions)
        return Limits("sum", tuple(indices), tuple(conditions))

    def _between(self, letter: str, span: Node, known: frozenset[str], indices: list[Index], conditions: list[Condition]) -> None:
        """An index from one end to another, each of which may be that of a sum around."""
        first, last = span.parts
        start, end = self._from(first, known, 1), self._from(last, known, -1)
        conditions += [Condition(start[1], (At(start[0]), At(letter)))] if start else []
        conditions += [Condition(end[1], (At(letter), At(end[0])))] if end else []
        indices.append(Index(letter, None if start else self.begin(first), None if end else self.e.size(last)))

    def _entry(self, node: Node, bound: frozenset[str], indices: list[Index], conditions: list[Condition]) -> None:
        """One entry of what stands below a sum: i, ij, i = 1, i < j, (i, j) ∈ Ω."""
        known = bound | {i.letter for i in indices}

        def new(*letters: str) -> None:
            indices.extend(Index(letter) for letter in letters if all(letter != i.letter for i in indices))

        if node.kind != "relation":
            if node.kind == "call" or node.kind == "group" and len(node.parts) > 1:
                shown = self.e.text[node.start : node.end]
                told = ",".join(self._letters(node))
                hint = f"\\sum_{{({told}) \\in E}} for those in E; \\sum_{{{told}}} for all"
                raise failing(f"which are the pairs `{shown}`?", node, hint)
            new(*self._letters(node))
            return
        left, right = node.parts
        relation = RELATIONS.get(node.value, "")
        parted = relation in ("<", "≤", "≠", ">", "≥", "∈") and (left.kind == "range" or left.kind == "relation" and left.value == ":")
        if parted:  # j : j ≠ i
            new(*self._letters(left.parts[0]))
            known, left = bound | {i.letter for i in indices}, left.parts[1]
        elif left.kind == "relation":  # 1 ≤ i < j
            self._entry(left, bound, indices, conditions)
            left = left.parts[1]
        if self._below(left)[1] and (parted or relation not in ("∈", "∉")):
            raise self._of_entries(node)
        if relation == "=" or right.kind == "range" and relation == "∈":
            for letter in self._letters(left):
                if right.kind == "range":  # i = 1..n
                    self._between(letter, right, known, indices, conditions)
                elif (start := self._from(right, known, 1)) is not None:  # j = i + 1
                    new(letter)
                    conditions.append(Condition(start[1], (At(start[0]), At(letter))))
                else:
                    indices.append(Index(letter, self.begin(right)))
        elif relation in ("∈", "∉"):
            letters = self._letters(left)
            pairs = self.e.scope.said.pairs.get(right.word) if right.kind in WORDS else None
            if pairs == tuple(letters):  # (a, b) ∈ S
                new(right.word)
                return
            apart = [letter for letter in letters if letter not in known]
            new(*(apart if apart or parted else letters))
            if self._member(letters, right, known | set(letters), conditions, relation):
                indices[:] = [i._replace(last=self.e.count(right)) if i.letter in letters else i for i in indices]
        elif relation in ("<", "≤", "≠", ">", "≥"):
            turned = {">": "<", "≥": "≤", "<": ">", "≤": "≥"}
            if left.kind == "number":  # 1 ≤ i is i ≥ 1
                left, right, relation = right, left, turned.get(relation, relation)
            size = right.kind == "number" or right.kind in WORDS and self.e.kind(self.e.resolved(right.word)) == "size"
            if size or right.kind in WORDS and relation in ("≤", "<") and not self.all[right.word]:
                self._bounded(node, self._letters(left), relation, right, bound, indices, alone=size)
                return
            (a,), b = self._letters(left), self._text(right)
            if relation == "≠":  # of i ≠ j both are summed over where j is no index elsewhere; of j ≠ y the y is a label
                both = b not in self.free and self.all[b] and any(a in letters and b in letters for letters in ALPHABETS)
                new(*(letter for letter in (a, b)[: 2 if both else 1] if letter not in bound))
            else:  # below i < j an index of an outer sum stays that
                new(*(letter for letter in (a, b) if letter not in bound))
            known = bound | {i.letter for i in indices}
            places = [self.e.place(text, known) for text in (a, b)]
            backwards = relation in (">", "≥")
            conditions.append(Condition(turned[relation] if backwards else relation, tuple(places[::-1] if backwards else places)))
        else:
            raise self._unread(node)

    def _bounded(
        self, node: Node, letters: list[str], relation: str, right: Node, bound: frozenset[str], indices: list[Index], *, alone: bool
    ) -> None:
        """From where, or to where, indices count: i ≥ 2, i < n; where the n of 1 ≤ i, j ≤ n is not declared it is not for j `alone`."""
        end, begins = plus(self.e.size(right), {"<": -1, ">": 1}.get(relation, 0)), relation in (">", "≥")
        open_ = right.kind == "number" and end != 1 and any(i == Index(i.letter) for i in indices if i.letter not in letters)
        if relation == "≠" or begins and right.kind != "number" or relation != "≤" and bound.intersection(letters) or open_:
            raise self._unread(node)  # of \sum_{i, j ≥ 2} nobody knows whether i is meant too
        indices += [Index(i) for i in letters if i not in bound and all(i != index.letter for index in indices)]
        for k, index in enumerate(indices):
            if begins and index.letter in letters and isinstance(end, int):
                indices[k] = index._replace(first=end)
            elif not begins and index.last is None and (index.letter in letters or not alone):
                indices[k] = index._replace(last=end)

    def _unread(self, node: Node) -> MatcalcError:
        hint = "\\sum_{i=1}^{n}   \\sum_{i<j}   \\sum_{(i,j) \\in \\Omega}"
        return failing(f"`{self.e.text[node.start : node.end]}` below a sum is not read", node, hint)

    def _of_entries(self, node: Node) -> MatcalcError:
        """That of a condition y_i > 0 on entries."""
        hint = "multiply by its 0/1 array, \\sum_i C_i x_i, or by \\mathbf 1\\{y_i = c\\} of a label y_i: integer"
        return failing(f"the condition `{self.e.text[node.start : node.end]}` below a sum is not read", node, hint)

    def _text(self, node: Node) -> str:
        """One side of a condition: a letter, or a label y_i."""
        leaf, below = self._below(node)
        if below:
            return "_".join([leaf.word, *below])
        return node.word if node.kind == "name" and "_" in node.value else self._letters(node)[0]

    def _below(self, node: Node) -> tuple[Node, list[str]]:
        """The first leaf of a side of a condition, and the indices behind it: x_i, x^{(i)}."""
        leaf, behind = left_leaf(node)
        raised = [b for b in behind if b.kind == "superscript" and b.value[0].kind == "group" and b.value[0].value is None]
        return leaf, [s for b in behind if b.kind == "subscript" or b in raised for s in self.e.spelled_all(b)]

    def _from(self, node: Node, bound: frozenset[str], step: int) -> tuple[str, str] | None:
        """The index of a sum around that a limit is, and whether it is that (≤) or one off (<): i; i + 1 as a start, i − 1 as an end."""
        while node.kind == "group" and len(node.parts) == 1:
            (node,) = node.parts
        shift = node.kind == "sum" and node.value == (1, step) and node.parts[1].value == 1
        if shift:
            node = node.parts[0]
        if node.kind in WORDS and node.word in bound:
            return node.word, "<" if shift else "≤"
        if any(n.kind in WORDS and n.word in bound for n in walked(node)):
            raise failing("an end of a sum that moves with another index is i or i + 1 at its start, i or i − 1 at its end", node)
        return None

    def _member(self, letters: list[str], right: Node, known: frozenset[str], conditions: list[Condition], relation: str) -> bool:
        """That indices are in a set: a declared one, or any of pairs; else they take their whole range, and whether |D| says how many."""
        of: list[str] = []
        if right.kind == "product" and len(right.parts) == 2 and right.parts[1].kind == "group":  # u ∈ N(v)
            of, right = self._letters(right.parts[1]), right.parts[0]
        leaf, below = self._below(right)
        name = self.e.resolved(leaf.word) if leaf.kind in WORDS else None
        below = [*of, *below]
        if name is None and leaf.kind == "name" and "_" in leaf.value:
            stem, _, index = leaf.value.partition("_")
            name, below = self.e.resolved(stem), [index]
        count, kind = len(below) + len(letters), self.e.kind(name)
        indices = not any(i.isupper() or len(i) > 1 and i.isalpha() for i in below)  # N_u; but D_{train} and Y_L are names
        pairs = name is None and count == 2 and leaf.kind in WORDS and indices
        if pairs or name not in self.e.scope.said.sets and (count, kind) in ((1, "vector"), (2, "matrix")):
            name = name or leaf.word.partition("_")[0]
            self.arrays.add(name)
            what, shape = ("set of pairs", "(m, n)") if count == 2 else ("set", "(n)")
            self.e.note(f"{name} is read as a {what}, an array of zeros and ones: {name}: set {shape}")
        elif name not in self.e.scope.said.sets:
            if kind in ("scalar", "vector", "matrix"):
                hint = f"declare {name}: set {'(n)' if count == 1 else '(m, n)'}, or leave it undeclared"
                raise failing(f"`{name}` is declared, but as no set", right, hint)
            if leaf.kind in ("name", "symbol"):
                self.whole.add(leaf.word)
            return relation == "∈" and (count == 1 or not indices) and bool(self.e.counted[leaf.word])
        conditions.append(Condition(relation, tuple(self.e.place(text, known) for text in (*below, *letters)), name or ""))
        return False

    def _is_dots(self, node: Node) -> bool:
        return node.kind == "symbol" and node.value in ("ldots", "dots", "cdots")

    def _letters(self, node: Node) -> list[str]:
        """The letters that are indices: i, ij, (i, j), and the i of x_i and of (x_i, y_i)."""
        _, below = self._below(node)
        if below:
            return below
        if node.kind == "group" and node.parts and all(self._below(part)[1] for part in node.parts):
            return [*dict.fromkeys(letter for part in node.parts for letter in self._letters(part))]
        if node.kind in ("group", "product", "indices") or node.kind == "call" and node.value[0] == "inner":  # (i, j), ij, ⟨i, j⟩
            return [letter for part in node.parts for letter in self._letters(part)]
        if node.kind in WORDS:
            word = node.word
            if "_" in word:
                return list(word.partition("_")[2])
            return [word] if node.kind == "symbol" or len(word) == 1 or not word.isalpha() else list(word)
        if node.kind == "range":
            raise self._of_entries(node)
        raise failing("the index of a sum is a letter", node, "\\sum_i   \\sum_{i,j}   \\sum_{i=1}^{n}")

    def begin(self, node: Node) -> int:
        if node.kind == "number" and isinstance(node.value, int):
            return node.value
        raise failing("a sum begins at a whole number", node, "\\sum_{i=1}^{n}")
