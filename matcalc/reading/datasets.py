r"""The members of a data set below a sum: the x and y of \sum_{(x, y) \in D}, which are the x_i and y_i of \sum_{i \in D}."""

from __future__ import annotations

import re
from collections import Counter

from matcalc.reading.elaboration import Elaboration
from matcalc.reading.limits import RELATIONS
from matcalc.reading.splitting import pieces
from matcalc.reading.sums import INDICES, letters_of, outside_limits, with_scripts
from matcalc.reading.tree import Node, failing, juxtaposed, left_leaf, right_leaf, walked
from matcalc.reading.unindexed import index_at


def of_members(e: Elaboration, tree: Node) -> list[tuple[Node, str, Node]]:
    r"""Makes the x and y of \sum_{(x, y) \in D} the x_i and y_i of \sum_{i \in D}; gives these, and the index and the set of each.

    Those that are arguments alone, as the x of \sum_{x \in X} p(x) \log p(x), are indices.  Raises ParseError where x is one of two sets.
    """
    nodes = [*walked(tree, into=outside_limits)]
    limits = [entry for n in nodes if n.kind == "subscript" and left_leaf(n)[0].kind == "big" for entry in n.value]
    relations = [entry for entry in limits if entry.kind == "relation" and RELATIONS.get(entry.value) == "∈"]
    if not relations:
        return []
    below = [letters_of(n) for n in nodes if left_leaf(n)[0].kind != "big"]
    indices = {i for of in below if len(of) < 4 for i in of}  # of D_{train} they are none
    whole = [*walked(tree, into=lambda n: n.parts if left_leaf(n)[0].kind != "big" else ())]
    words = Counter(n.word for n in whole)
    said = {i for n in walked(tree, into=with_scripts) for i in n.word.split("_")}
    fresh = (i for i in "ijklmnabcdef" if i not in said and e.resolved(i) is None)
    applied = (left_leaf(b)[0] for n in nodes if n.kind == "product" for a, o, b in n.neighbours if not o.text and right_leaf(a)[0].word)
    words.subtract(part.word for group in applied if group.kind == "group" for part in group.parts)
    sets: dict[str, tuple[str, ...]] = {}  # per member the set that it is of, with what it is in it with
    letters: dict[tuple[str, ...], tuple[str, Node]] = {}
    for left, right in (relation.parts for relation in relations):
        names = [part.word for part in (left.parts if left.kind == "group" else (left,))]
        kinds = {e.kind(e.resolved(name)) for name in names}
        known = any(len(n) != 1 or n in indices for n in names) or e.scope.said.pairs.get(right.word) == tuple(names)
        if known or INDICES.issuperset(names) or not any(words[n] > 0 for n in names) or not left_leaf(right)[0].word:
            continue
        if kinds != {""} and not kinds & {"matrix", "family"}:  # an x: (d) may be one of them
            shown, members = e.text[left.start : left.end], e.text[right.start : right.end]
            hint = f"declare what one is, ({', '.join(names)}): {', '.join('(d)' for _ in names)} in {members}, with () for a number"
            raise failing(f"is `{shown}` declared as all in {members}, or as one?", left, hint)
        key = (e.text[right.start : right.end], *names)
        if key not in letters and not (own := next(fresh, "")):
            continue
        if any(sets.setdefault(name, key) != key for name in names):
            raise failing("is this one of another set?", left, "give one of them another letter")
        index, _ = letters[key] = letters.get(key) or (own, right)
        shown = ", ".join(f"{name}_{index}" for name in names)
        e.note(f"{e.text[left.start : left.end]} is read as {shown if len(names) == 1 else f'({shown})'}")
        letter = index_at(e, index, left)
        left.kind, left.parts, left.value = letter.kind, (), letter.value
    found, stack = [], whole[::-1] if sets else []
    while stack:
        node = stack.pop()
        parts = pieces(node.value, e.scope, {*words}, False) if node.kind == "name" else []
        if len(parts) > 1 and not sets.keys().isdisjoint(parts):
            stack += _parted(e, node, parts)
        elif node.word in sets and getattr(node.value, "accents", "") in ("", "hat"):
            (index, of), leaf = letters[sets[node.word]], Node(node.kind, (), node.start, node.end, node.value)
            node.kind, node.parts, node.value = "subscript", (leaf,), [index_at(e, index, node)]
            found.append((leaf, index, of))
    return found


def _parted(e: Elaboration, name: Node, parts: list[str]) -> tuple[Node, ...]:
    """The Mx of a member x as the product of M and x; raises ParseError where something stands behind it."""
    if not re.match(r"\s*(?:[-+*/)|,‖\]\ue000-\ue005]|$)", e.text[name.end :]):
        raise failing(f"is `{name.value}` a product?", name, f"write it with blanks: {' '.join(parts)}")
    e.note(f"{name.value} is read as {'*'.join(parts)}")
    ends = [name.start + len("".join(parts[: k + 1])) for k in range(len(parts))]
    leaves = tuple(Node("name", (), end - len(part), end, part) for part, end in zip(parts, ends, strict=True))
    name.kind, name.parts, name.value = "product", leaves, tuple(juxtaposed(leaf) for leaf in leaves[1:])
    return leaves
