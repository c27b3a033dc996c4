r"""Sums over an index: how far they reach, and what they make.

\sum_{i=1}^n, sum_{i<j}, Σᵢ and sum(i = 1..n, …) are one thing.  A sum takes the rest of its term, and goes on over + and − to the last term
that holds its index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from matcalc.reading.elaboration import Elaboration
from matcalc.reading.entries import WORDS
from matcalc.reading.limits import Below, Limits
from matcalc.reading.tree import TIMES, Node, Operator, left_leaf, walked, with_scripts

INDICES = frozenset("ijklmnt")


class Sums:
    """The sums of one text: what is bound where a name stands, and the limits of each."""

    def __init__(self, e: Elaboration) -> None:
        self.e = e
        self.limits: dict[Node, Limits] = {}
        self.below = Below(e)
        self.free = e.scope.indices  # what is an index anywhere, as the i and j of D_ij = …

    def survey(self, tree: Node) -> None:
        """Finds out which sums stand around each name; lets sums go on over + and − where their index does."""
        stack: list[tuple[Node, frozenset[str]]] = [(tree, self.free)]
        self.below.all, self.below.free = _letters_in([tree]), _free_letters(tree)
        while stack:
            node, bound = stack.pop()
            kind = node.kind
            if kind == "sum":
                self._extended(node, bound)
            if kind == "product":
                for part in node.parts:
                    stack.append((part, bound))
                    bound = bound | self._binds(part, bound)
                continue
            if ranged(node):
                bound = bound | self.of_call(node, bound).letters
            if bound:
                self.e.within[node] = bound
            stack += [(part, bound) for part in node.parts]
            if kind == "subscript":
                stack += [(part, bound) for part in node.value]

    def _binds(self, factor: Node, bound: frozenset[str]) -> frozenset[str]:
        """The indices that a factor binds in what follows it."""
        leaf, behind = left_leaf(factor)
        if leaf.kind != "big":
            return frozenset()
        if leaf not in self.limits:
            self.limits[leaf] = self.below.of_scripts(leaf, behind, bound)
        return self.limits[leaf].letters

    def _extended(self, node: Node, bound: frozenset[str]) -> None:
        """Terms that hold the index of a sum before them go into that sum."""
        terms, signs = list(node.parts), list(node.value)
        while terms[0].kind == "minus":  # -\sum_i a_i + b_i
            terms[0], signs[0] = terms[0].parts[0], -signs[0]
        k = 0
        while k < len(terms) - 1:
            product = terms[k]
            factors = product.parts if product.kind == "product" else ()
            binding = [i for i, f in enumerate(factors) if left_leaf(f)[0].kind == "big"]
            letters: frozenset[str] = frozenset()
            own: dict[int, frozenset[str]] = {}
            for i in binding:
                own[i] = self._binds(factors[i], bound | letters)
                letters |= own[i]
            free = {m: letters & self._free(terms[m], bound) for m in range(k + 1, len(terms))} if letters else {}
            held = [m for m in free if free[m]]
            last = max((i for i in own if any(own[i] & free[m] for m in held)), default=-1)  # what follows goes into no sum further in
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
        for part in walked(node, into=outside_limits):
            if left_leaf(part)[0].kind == "big":  # from the left: j = i + 1 below a sum knows the i of the sum before it
                own |= self._binds(part, bound | own)
            elif ranged(part):
                own |= self.of_call(part, bound | own).letters
        return found - own

    def of_call(self, group: Node, bound: frozenset[str] = frozenset()) -> Limits:
        """The limits of sum(i = 1..m, j = 1..n, …)."""
        if group not in self.limits:
            self.limits[group] = self.below.of_ranges(ranged(group), bound)
        return self.limits[group]

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


def ranged(node: Node) -> tuple[Node, ...]:
    """The ranges at the front of a group, as the (i = 1..m, j = 1..n, …) of a sum has them; none of what is no group."""
    parts = node.parts if node.kind == "group" else ()
    return tuple(takewhile(lambda part: part.kind == "keyword" and part.parts[0].kind == "range", parts))


def outside_limits(node: Node) -> tuple[Node, ...]:
    """The parts of a node, with its scripts, but for what stands below and above a sum."""
    return () if left_leaf(node)[0].kind == "big" else with_scripts(node)


def _letters_in(parts: Sequence[Node]) -> Counter[str]:
    """How often each letter is an index in parts; what stands below a sum does not count."""
    nodes = walked(*parts, into=outside_limits)
    return Counter(i for node in nodes if left_leaf(node)[0].kind != "big" for i in letters_of(node))


def _free_letters(tree: Node) -> frozenset[str]:
    """The letters that are indices somewhere where no sum around says anything of them."""
    found, stack = set[str](), [(tree, frozenset[str]())]
    while stack:
        node, told = stack.pop()
        if left_leaf(node)[0].kind == "big":
            continue
        found.update(i for i in letters_of(node) if i not in told)
        for part in outside_limits(node):
            stack.append((part, told))
            if node.kind == "product" and left_leaf(part)[0].kind == "big":
                below = (n for script in left_leaf(part)[1] if script.kind == "subscript" for n in script.value)
                told = told.union(*([n.word, *n.word] for n in walked(*below)))
    return frozenset(found)


def _is_label(below: str) -> bool:
    """Whether letters below a name are a word, as in w_{prior}, and no indices: x_{ijk}."""
    return len(below) > 2 and below.isalpha() and (not INDICES.issuperset(below) or len({*below}) < len(below) or below in WORDS)


def letters_of(node: Node) -> list[str]:
    """The letters that a node has as indices; ± where one is moved."""
    if node.kind == "name" and "_" in node.value:
        index = node.value.partition("_")[2]
        return [index, *index] if not _is_label(index) else []
    if node.kind not in ("subscript", "superscript", "item"):
        return []
    found: list[str] = []
    for part in walked(*(n for n in node.value if isinstance(n, Node) and not _is_label("".join(p.word for p in n.parts)))):
        found += "±" if part.kind == "sum" else [part.word] * (part.kind == "symbol") or [part.word, *part.word] * (part.kind == "name")
    return found
