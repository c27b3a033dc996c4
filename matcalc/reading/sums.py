r"""Sums over an index: how far they reach, and what they make.

\sum_{i=1}^n, sum_{i<j}, Σᵢ and sum(i = 1..n, …) are one thing.  A sum takes the rest of its term, and goes on over + and − to the last term
that holds its index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import takewhile

from matcalc.errors import UnsupportedError
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.entries import INDICATOR, WORDS
from matcalc.reading.latex.commands import INDEXED_FUNCTIONS
from matcalc.reading.latex.tree import Letter
from matcalc.reading.letters import FUNCTION_LETTERS
from matcalc.reading.limits import RELATIONS, Below, Limits
from matcalc.reading.scripts import Scripts
from matcalc.reading.tree import TIMES, Node, Operator, called, failing, juxtaposed, left_leaf, rehung, walked


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


def with_scripts(node: Node) -> tuple[Node, ...]:
    return (*node.parts, *node.value) if node.kind in ("superscript", "subscript") else node.parts


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


def index_at(e: Elaboration, letter: str, at: Node) -> Node:
    return Node("symbol", (), at.start, at.end, Letter(letter)) if e.latex else Node("name", (), at.start, at.end, letter)


INDICES = frozenset("ijklmnt")
_BEFORE_A_SUM = re.compile(r"(?:(?:^|[-+−=\d½¼αλ]|(?<!tr)(?<!det)\(|\(\s*\d+\s*/[^()]*(?:\(\w+\))?\s*\)|/\s*\w+|/\s*\(\w+\))\s*\*?)\s*$")


def with_their_index(e: Elaboration, tree: Node) -> None:
    r"""Makes sum(y_i - w'x_i), Σ (y_i - w'x_i) and \sum (y_i - w'x_i) of names that nobody declares so the sum over i.

    The ∑(y - X w)^2, ∑ r^2 and ∑|y - X w| of no index are the sums of all entries.  Raises ParseError for the mean over i, for
    sum(y_i - w'x_i)^2, and for Σ before a logarithm.
    """
    nodes = [*walked(tree, into=outside_limits)]
    sigmas = [n for n in nodes if n.kind == "name" and "Σ" in n.value] if not {"Sigma", "Σ"} & {*e.scope.kinds, *e.scope.by} else []
    lone = all(n.value == "Σ" and _BEFORE_A_SUM.search(e.text[: n.start]) for n in sigmas)  # an only Σ is a matrix behind an array

    def is_sign(part: Node) -> bool:
        return part.kind == "big" and part.value != "prod" or part.kind == "name" and part in sigmas and lone

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
            made = _of_all_entries(e, name, taking)
            if not made and name in sigmas and re.match(r"\s*(?:[\[(][^\])]*|[^-+−]*)\b(?:log|ln|exp)\b", e.text[name.end :]):
                hint = "write sum_i with its indices, sum_i y_i*log(p_i), or sum(y.*log(p)); a matrix is declared: Sigma: (n, n)"
                raise failing("is `Σ` the sign of a sum, or a matrix?", name, hint)
            return made
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


def _only_index(e: Elaboration, sign: Node, parts: Sequence[Node], taken: set[str]) -> str:
    """The one letter that is an index of undeclared names in parts, and no other sum's; nothing where there is none.

    `taken` are the letters of the sums around it.  Raises ParseError where there are several, the u of r_ui beside q_i too.
    """
    found, own = set[str](), set[str]()
    names = {*e.scope.kinds, *e.scope.by}
    apart = {name.rpartition("_")[0] for name in e.scope.by}  # by x_i the x_j is a name too
    indexed = ("subscript", "name") if sign.value in MEANS else ("subscript", "name", "item")  # sum(X[:,j]) is of a column
    for node in walked(*parts, into=outside_limits):
        leaf, _ = left_leaf(node)
        own.update(k.value for k in ranged(node))
        if leaf.kind == "big":
            own.update(letters_of(node))
        elif node.kind in indexed:
            below = [i for i in node.value if isinstance(i, Node)] if node.kind != "name" else []
            scripts = ["".join(n.word for n in walked(i)) for i in below] or [node.word.rpartition("_")[2] * ("_" in node.word)]
            stem = leaf.word.removesuffix(f"_{scripts[0]}")
            found.update(i for i in scripts if stem not in apart and f"{stem}_{i}" not in names)
    letters = found & INDICES
    letters |= {i for pair in found if len(pair) == 2 and pair.isalpha() and pair.islower() and letters & {*pair} for i in pair}
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
    squared = [b.parts[-1] for b in behind if b.kind in ("power", "superscript")]
    if any(n.kind in ("subscript", "item") or n.kind == "name" and len(n.value.partition("_")[2]) in (1, 2) for n in inside):
        return None
    if len(squared) < len(behind) or group.word and not re.match(r"\s*(?:[-+−)\]|‖,/]|$)", e.text[taking.end :]):
        return None
    if group.kind == "bars":
        group = Node("group", (called("abs", group.parts, group.start, group.end),), group.start, group.end)
    elif not group.word and (group.kind != "group" or len(group.parts) != 1) or not squared:
        return None
    for exponent in squared:
        group = Node("dot_power", (group, exponent), group.start, exponent.end, "{}")
    e.note(f"{e.text[sign.start : sign.end]} is read as the sum of all entries")
    return called("sum", (group,), sign.start, taking.end)


MEANS = ("sum", "mean")


def _letter(node: Node) -> str:
    return node.word if len(node.word) == 1 else ""


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
