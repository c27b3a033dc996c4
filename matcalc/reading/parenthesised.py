r"""Indices in parentheses and braces: x(t), x[n], the w(n) of arrays at one time, 1\{y_i = k\}."""

from __future__ import annotations

import re
from collections.abc import Callable

from matcalc.errors import UnsupportedError
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.entries import INDICATOR
from matcalc.reading.latex.commands import INDEXED_FUNCTIONS
from matcalc.reading.latex.tree import Letter
from matcalc.reading.letters import FUNCTION_LETTERS
from matcalc.reading.limits import RELATIONS
from matcalc.reading.scripts import Scripts
from matcalc.reading.sums import outside_limits, ranged
from matcalc.reading.tree import Node, failing, left_leaf, rehung, walked


def joined(node: Node, join: Callable[[Node, Node], Node | None]) -> None:
    """Puts what two factors beside each other make in their place, from the right; a product of one factor is a group."""
    parts, operators = list(node.parts), list(node.value)
    for k in range(len(operators) - 1, -1, -1):
        if not operators[k].text and (made := join(parts[k], parts[k + 1])) is not None:
            parts[k : k + 2], operators[k : k + 1] = [made], []
    if len(parts) == 1:
        node.kind, node.parts, node.value = "group", tuple(parts), None
    elif len(parts) < len(node.parts):
        node.parts, node.value = tuple(parts), tuple(operators)


# x(1), sum(i = 1..n, x(i)), Sum[x[i], {i, n}]
INDEX_IN_PARENTHESES = re.compile(r"\w\s*\(\s*(?:\d|\w+\s*=)|,\s*(?:\{\s*\w+\s*,|\w+\s*=\s*\w+\s*\.\.)")


def in_parentheses(scripts: Scripts, tree: Node) -> None:
    """Makes the x[n] and x(t) below a sum over n or t that of x_n and x_t, and the x(1) of an array that of x_1.

    Raises ParseError for P(i), which may be a set.
    """
    e = scripts.e
    letters, at_a_letter = set(e.scope.indices), set(re.findall(r"(?<!\w)(\w+?)(?:_\{?(\w+)\}?)?\s*\(\s*\w\s*\)", e.text))
    for node in walked(tree):
        letters.update(k.value for k in ranged(node))  # sum(i = 1..n, x(i))
        for entry in node.value if node.kind == "subscript" and left_leaf(node)[0].kind == "big" else ():
            while entry.kind == "relation":
                entry = entry.parts[0]
            letters |= {_letter(p) for p in (entry, *entry.parts)} - {""}

    def join(before: Node, after: Node) -> Node | None:
        (group, behind), (base, marks) = left_leaf(after), left_leaf(before)
        if before.kind == "subscript" and group.kind == "group":
            below = e.spelled_all(before) if before.parts[0] is base and base.word else []
            if below and e.resolved(base.word, "_".join(below)) in e.scope.said.families:  # C_{dict}[d]
                made = Node("subscript", (base,), base.start, group.end, [*before.value, *group.parts])
                return rehung(after, behind, Node("group", (made,), base.start, group.end))
        if group.kind != "group" or base.kind not in ("symbol", "name") or not group.parts:
            return None
        bracket = e.text[group.end - 1] == "]"
        word, *labels = base.word.split("_", 1) if not e.latex else [base.word]
        lower = [m for m in marks if m.kind == "subscript"]
        raised = [m for m in marks if m.kind != "subscript"]
        labels += [i for m in lower for i in e.spelled_all(m)] if letters else []
        moved = bracket or (word, "_".join(labels)) in at_a_letter  # y(t - 1) beside y(t)
        places = [p.parts if p.kind == "sum" and moved else (p,) for p in group.parts]  # x[n - 1]
        array = not e.latex and (base.word in e.scope.by or e.kind(base.word) in ("vector", "matrix"))
        if array and before is base and all(p.kind == "number" for p in group.parts):  # x(1) of MATLAB
            e.note(f"{e.text[base.start : group.end]} is read as {base.word}[{e.text[group.start + 1 : group.end - 1]}]")
            return rehung(after, behind, Node("item", (base,), base.start, group.end, [*group.parts]))
        within = letters and all(_letter(p) in letters or moved and p.kind == "number" for of in places for p in of)
        if not within or not all(scripts.transposes(m) or scripts.is_raised(m) for m in raised) or not (bracket or e.takes_index(word)):
            return None  # but w^T(t)
        name = "_".join(filter(None, (word, getattr(base.value, "accents", ""), *labels)))
        known = e.is_defined(name) or e.is_defined(word) or e.kind(name) in ("elementwise", "function")
        if labels and (bracket or known or (word, *labels) in INDEXED_FUNCTIONS or not {p.word for p in group.parts}.isdisjoint(labels)):
            return None
        if word[0].isupper() and not bracket and not array:
            hint = f"an entry is {word}_i; a set of pairs is {word}_i, declared {word}: set (m, n); "
            hint += f"a matrix of each is {word}_i: (d, d), i = 1..n"
            raise failing(f"what is `{e.text[base.start : group.end]}`?", base, hint)
        first, last = group.parts[0].start, group.parts[-1].end
        shown, index = e.text[base.start : base.end], e.text[first:last].replace(",", "").replace(" ", "")
        inside = [*group.parts]
        if letters.issuperset(labels):  # x_i(t)
            inside, index = [*(i for m in lower for i in m.value), *inside], "".join(labels) + index
        else:  # the y_ref of y_{ref}(t)
            base.kind, base.value, shown = "symbol", Letter(name, "", getattr(base.value, "font", "typed")), name
        made = Node("subscript", (base,), base.start, group.end, inside)
        e.note(f"{e.text[base.start : group.end]} is read as {shown}_{index if len(index) < 3 else f'{{{index}}}'}")
        return rehung(after, behind, rehung(raised[0] if raised else made, raised, made))

    for node in [*walked(tree)]:
        if node.kind == "product":
            joined(node, join)


ONES = ("1", "I", INDICATOR)


def indicators(e: Elaboration, tree: Node) -> None:
    r"""Makes 1\{y_i = k\}, \mathbb 1_{[j \ne i]} and [i = j] the δ of two indices; raises UnsupportedError for other relations."""
    seen = set[Node]()

    def join(one: Node, condition: Node) -> Node | None:
        if condition.kind != "indicator" or not _is_one(one):
            return None
        seen.add(condition)
        return _delta(e, condition, one.start)

    for node in [*walked(tree, into=outside_limits)]:
        if node.kind == "product":
            joined(node, join)
        inside = node.value[0] if node.kind == "subscript" and len(node.value) == 1 and _is_one(node.parts[0]) else node
        if inside not in seen and (inside.kind == "indicator" or inside is not node and inside.kind == "relation"):
            seen.add(inside)
            inside.end = node.end
            made = _delta(e, inside, node.start)
            node.kind, node.parts, node.value = made.kind, made.parts, made.value


def _is_one(node: Node) -> bool:
    return node.word in ONES or node.kind == "number" and node.value == 1


def _delta(e: Elaboration, node: Node, start: int) -> Node:
    relation = RELATIONS.get(node.value, "")
    if relation not in ("=", "≠"):
        hint = "of indices and labels: 1{y_i = k}, 1{i ≠ j}; that a number is positive is step(x)"
        raise failing(f"the condition `{e.text[node.start : node.end]}` is not read", node, hint, UnsupportedError)
    e.note(f"{e.text[start : node.end]} is read as 1 where that holds, else 0")
    equal = Node("subscript", (Node("symbol", (), start, start, Letter(INDICATOR)),), start, node.end, [*node.parts])
    if relation == "=":
        return equal
    one = Node("number", (), start, start, 1)
    return Node("group", (Node("sum", (one, equal), start, node.end, (1, -1)),), start, node.end)


TIME = re.compile(r"\(\s*[nkt]\s*(?:\\|\))")


def at_a_time(scripts: Scripts, tree: Node) -> None:
    r"""Makes the w^T(n) x(n) of arrays at one time n, which stands nowhere else, that of w and x; raises ParseError for w^T(n) x(n-1)."""
    e = scripts.e
    nodes = [*walked(tree)]
    found: dict[Node, str] = {}  # per group the letter in it that may be a time
    for node in nodes:
        for k, group in enumerate(node.parts[1:] if node.kind == "product" else ()):
            base, inner = left_leaf(node.parts[k])[0], left_leaf(group)[0]
            letter = _letter(inner.parts[0]) if inner.kind == "group" and len(inner.parts) == 1 else ""
            if letter in ("n", "k", "t") and not node.value[k].text and base.word and e.takes_index(base.word):
                if e.resolved(letter) is None and letter not in e.scope.by:
                    found[inner] = letter
    if not found:
        return
    letters: dict[str, Node] = {}  # with one of a vector there
    for node in nodes:
        turned = node.kind == "norm" or scripts.transposes(node)
        for product in walked(node) if turned else [node] * (node.kind == "product"):
            parts = product.parts if product.kind == "product" else ()
            for before, base, group in zip((node, *parts), parts, parts[1:], strict=False):  # w^T x(n)
                (inner, behind), (leaf, marks) = left_leaf(group), left_leaf(base)
                raised = turned or leaf.word.islower() and any(map(scripts.transposes, (before, *left_leaf(before)[1])))
                raised = raised and leaf.word not in FUNCTION_LETTERS or any(map(scripts.transposes, behind))
                raised = raised or any(scripts.transposes(m) or scripts.is_raised(m) for m in marks)
                if inner in found and raised:
                    letters.setdefault(found[inner], leaf)
    own = {group.parts[0] for group in found}
    for letter, place in letters.items():
        if any(_letter(n) == letter and n not in own for n in nodes):
            hint = f"a sum over {letter} binds it, \\sum_{letter}; else give what stands at each time a name of its own"
            raise failing(f"is `{letter}` a time here?", place, hint)

    def join(base: Node, after: Node) -> Node | None:
        group, behind = left_leaf(after)
        if found.get(group) not in letters:
            return None
        e.note(f"{e.text[base.start : group.end]} is read as {e.text[base.start : group.start].strip()}, at one time")
        return rehung(after, behind, base)

    for node in nodes if letters else ():
        if node.kind == "product":
            joined(node, join)


def _letter(node: Node) -> str:
    return node.word if len(node.word) == 1 else ""
