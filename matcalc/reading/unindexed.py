r"""Sums whose index is not written below their sign: sum(y_i - w'x_i), \sum (y_i - w'x_i), Σ(yi - m xi), ∑(y - X w)^2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from matcalc.operators import FUNCTIONS, REFUSED
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.latex.tree import Letter
from matcalc.reading.parenthesised import joined
from matcalc.reading.sums import INDICES, letters_of, outside_limits, ranged
from matcalc.reading.tree import Node, called, failing, juxtaposed, left_leaf, rehung, walked

MEANS = ("sum", "mean")


def with_their_index(e: Elaboration, tree: Node) -> None:
    r"""Makes sum(y_i - w'x_i), Σ (y_i - w'x_i) and \sum (y_i - w'x_i) of names that nobody declares so the sum over i.

    The ∑(y - X w)^2, ∑ r^2 and ∑|y - X w| of no index are the sums of all entries.  Raises ParseError for the mean over i, and for
    sum(y_i - w'x_i)^2.
    """
    nodes = [*walked(tree, into=outside_limits)]

    def is_sign(part: Node) -> bool:
        return part.kind == "big" and part.value != "prod"

    def sums(part: Node) -> bool:
        """Whether a part is a sum without an index."""
        return is_sign(part) or part.kind == "name" and part.value in MEANS and not e.latex and "sum" not in e.scope.kinds

    products = [n for n in nodes if n.kind == "product" and any(map(sums, n.parts[:-1]))]
    taken: dict[Node, set[str]] = {}  # the letters of the sums that a node is in
    for node in nodes if products else ():
        signs = [(k, letters_of(n)) for k, n in enumerate(node.parts) if left_leaf(n)[0].kind == "big"] if node.kind == "product" else []
        for k, letters in signs or [(-1, [i.value for i in ranged(node)])]:
            for within in walked(*node.parts[k + 1 :]) if letters else ():
                taken.setdefault(within, set()).update(letters)

    def over(sign: Node, index: str) -> None:
        e.note(f"{e.text[sign.start : sign.end]} is read as the sum over {index}")
        big = Node("big", (), sign.start, sign.end, "sum")
        sign.kind, sign.parts, sign.value = "subscript", (big,), [index_at(e, index, sign)]

    def join(name: Node, taking: Node) -> Node | None:
        if is_sign(name):
            return _of_all_entries(e, name, taking)
        group, behind = left_leaf(taking)
        if not sums(name) or group.kind != "group" or e.text[name.end : group.start].isspace():
            return None
        index = _only_index(e, name, group.parts, taken.get(name, set())) if len(group.parts) == 1 else ""
        if not index:
            return None
        if name.value == "mean":
            raise failing(f"the mean over {index}?", name, f"write 1/n sum_{index} …")
        if any(b.kind == "power" for b in behind):
            shown = e.text[group.start : group.end]
            raise failing("is the sum squared, or what is summed?", taking, f"write sum_{index} {shown}^2, or (sum_{index} {shown})^2")
        over(name, index)
        whole = Node("product", (name, group), name.start, group.end, (juxtaposed(group),))
        return rehung(taking, behind, Node("group", (whole,), name.start, group.end))

    for node in products:
        for sign, operator, taking in [*node.neighbours]:
            if sums(sign) and not operator.text and (is_sign(sign) or e.text[sign.end : taking.start].isspace()):
                behind = takewhile(lambda part: not sums(part), node.parts[node.parts.index(taking) :])
                if index := _only_index(e, sign, [*behind], taken.get(sign, set())):
                    over(sign, index)
        joined(node, join)


_GLUED = re.compile(r"(?P<head>[^\W\d_]??)(?P<stem>[^\W\d_](?:_(?:hat|bar|tilde))?)(?P<index>ij|[ijt])")


def with_glued_indices(e: Elaboration, tree: Node) -> bool:
    """Makes the yi, xi and wij of a sum y_i, x_i and w_ij, where nothing declares them; says whether there are any.

    One name with an i is enough, as in Σ(xi - μ)², but of a xi beside an x; of j and t there are two, and one beside the pi of Σ(pi - qi)².
    Where products and powers are written entry by entry, .* and .^, names are those of arrays.
    """
    first = re.search(r"[Σ∑]|(?<![A-Za-z])sum(?![A-Za-z])", e.text)
    if not first or re.search(r"\.[*^/]", e.text):
        return False
    names = [n for n in walked(tree, into=outside_limits) if n.kind == "name"]
    words = {name.value for name in names}
    known = {*e.scope.kinds, *e.scope.by, *e.scope.said.definitions, *FUNCTIONS, *REFUSED, *words.intersection("ijt")}
    glued = [(n, m) for n in names if n.value not in known and (m := _GLUED.fullmatch(n.value)) and known.isdisjoint(m["index"])]
    stems = {i: {m["stem"] for _, m in glued if i in m["index"] and not m["head"] and m["stem"] != "d"} for i in "ijt"}
    indices = {i for i in "ijt" if stems[i] - {"p"} - ({"x"} & words) and (i == "i" or len(stems[i]) > 1)}
    indices -= {name[-1] for name in e.scope.by if _GLUED.fullmatch(name)}
    if stems["i"] == {"x"} and any(name.start < first.start() for name, _ in glued):  # xi sum(b)
        return False
    made = False
    for name, match in glued:
        head, stem, index = match.groups()
        two_pi = name.value == "pi" and re.search(r"\d\s*\*?\s*$", e.text[: name.start])
        times = not head or index != "ij" and (head in {*words, *e.scope.by} or not head.isascii())  # the βxi and mxi of β x_i and m x_i
        if indices.issuperset(index) and times and stem != "d" and not two_pi:
            e.note(f"{name.value} is read as {head}{stem}_{index}")
            name.value, made = f"{head}{stem}_{index}", True
    return made


def _only_index(e: Elaboration, sign: Node, parts: Sequence[Node], taken: set[str]) -> str:
    """The one letter that is an index of undeclared names in parts, and no other sum's; nothing where there is none.

    `taken` are the letters of the sums around it.  Raises ParseError where there are several, the u of r_ui beside q_i too.
    """
    found, own = set[str](), set[str]()
    names = {*e.scope.kinds, *e.scope.by}
    apart = {name.rpartition("_")[0] for name in e.scope.by}  # by x_i the x_j is a name too
    indexed = ("subscript", "name") if sign.word in MEANS else ("subscript", "name", "item")  # sum(X[:,j]) is of a column
    for node in walked(*parts, into=outside_limits):
        leaf, _ = left_leaf(node)
        own.update(k.value for k in ranged(node))
        if leaf.kind == "big":
            own.update(letters_of(node))
        elif node.kind in indexed:
            below = [i for i in node.value if isinstance(i, Node)] if node.kind != "name" else []
            scripts = ["".join(n.word for n in walked(i)) for i in below] or [
                *re.findall(r"_([^_]+$|[^\W\d_](?=[^\W\d_]_[^_]$))", node.word)
            ]
            stem = leaf.word.removesuffix(f"_{scripts[-1]}") if scripts else ""
            scripts += ["".join(scripts)] if len(below) == len(scripts) == 2 else []  # r_{u,i}, as r_{ui}
            found.update(i for i in scripts if stem not in apart and f"{stem}_{i}" not in names)
    letters = found & INDICES
    letters |= {i for pair in found if len(pair) == 2 and re.fullmatch("[a-z]+", pair) and letters & {*pair} for i in pair}
    letters -= own | taken
    if len(letters) > 1:
        *more, last = sorted(letters)
        hint = f"write sum_{{{','.join(sorted(letters))}}} … for the sum over all pairs, sum_{more[0]} … for one of them"
        raise failing(f"`{e.text[sign.start : sign.end]}` over which index? {', '.join(more)} and {last} are free in it", sign, hint)
    return letters.pop() if letters and not letters & {node.word for node in walked(*parts)} else ""


def _of_all_entries(e: Elaboration, sign: Node, taking: Node) -> Node | None:
    """∑(y - X w)^2 and ∑|y - X w| as sums of entries, where nothing in them has an index."""
    group, behind = left_leaf(taking)
    inside = walked(group, into=outside_limits)
    if group.kind == "group" and len(group.parts) == 1 and not behind and group.parts[0].kind in ("power", "superscript"):
        group, behind = left_leaf(group.parts[0])  # ∑[(y - x)^2]
    squared = [b.parts[-1] for b in behind if b.kind in ("power", "superscript")]
    if any(n.kind in ("subscript", "item") or n.kind == "name" and re.search(r"_[^\W\d_]{1,2}$", n.value) for n in inside):
        return None
    if len(squared) < len(behind) or group.word and not re.match(r"\s*(?:[-+−)\]|‖,/]|[·*]\s*∑|$)", e.text[taking.end :]):
        return None
    if group.kind == "bars":
        group = Node("group", (called("abs", group.parts, group.start, group.end),), group.start, group.end)
    elif not group.word and (group.kind != "group" or len(group.parts) != 1) or not squared and (e.latex or not group.word):
        return None
    for exponent in squared:
        group = Node("dot_power", (group, exponent), group.start, exponent.end, "{}")
    e.note(f"{e.text[sign.start : sign.end]} is read as the sum of all entries")
    return called("sum", (group,), sign.start, taking.end)


def index_at(e: Elaboration, letter: str, at: Node) -> Node:
    return Node("symbol", (), at.start, at.end, Letter(letter)) if e.latex else Node("name", (), at.start, at.end, letter)
