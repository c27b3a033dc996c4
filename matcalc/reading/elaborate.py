r"""Elaboration of what was typed into what is meant, once for the plain language and for LaTeX: what only the names can tell.

A name beside a group is a call of a function or a product with it (`functions.Functions.function` decides), names run together
are several, a function without parentheses takes what stands beside it, a sum the rest of its term.  A tree goes in, the
flat list of its nodes comes out, parts before wholes; nothing recurses.
"""

from __future__ import annotations

import re
from typing import Any

from matcalc.errors import LimitError
from matcalc.operators import FUNCTIONS
from matcalc.operators.functions import UNIT
from matcalc.reading.datasets import of_members
from matcalc.reading.dialects import OF_R
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.entries import named
from matcalc.reading.factors import Factors
from matcalc.reading.functions import Functions, unfinished
from matcalc.reading.latex.commands import ACCENTS, GREEK_WORDS, TRANSPOSES
from matcalc.reading.letters import FUNCTION_LETTERS
from matcalc.reading.parenthesised import INDEX_IN_PARENTHESES, TIME, at_a_time, in_parentheses, indicators
from matcalc.reading.places import bind
from matcalc.reading.scripts import Scripts, bare, fraction, word_of
from matcalc.reading.sums import Sums
from matcalc.reading.tree import SPINE, TIMES, Node, Operator, called, failing, juxtaposed, left_leaf, parenthesised, right_leaf, walked
from matcalc.reading.unindexed import with_glued_indices, with_their_index

LEAVES = frozenset(("name", "symbol", "function", "big"))
BAR = tuple(command for command, accent in ACCENTS.items() if accent == "bar")
UNFINISHED = frozenset(("function", "mark", "nabla", "big"))


class Elaborator:
    """Says what the nodes of one text mean, each by the part of the language that it belongs to."""

    def __init__(self, e: Elaboration) -> None:
        self.e, self.text, self.scope, self.latex, self.note, self.alone = e, e.text, e.scope, e.latex, e.note, e.alone
        self.scripts, self.sums = Scripts(e), Sums(e)
        self.functions = Functions(e, self.sums)
        self.factors = Factors(e, self.scripts, self.functions, self.sums)

    def run(self, tree: Node) -> list[Node]:
        """The nodes of the expression, parts before wholes; the last one is the whole.

        Raises MatcalcError with the place.
        """
        try:
            glued = not self.latex and with_glued_indices(self.e, tree)
            indexed = self.latex or glued or "_" in self.text or "^(" in self.text or not self.text.isascii()
            if indexed:
                with_their_index(self.e, tree)
            if self.latex:
                indicators(self.e, tree)
            members = of_members(self.e, tree) if indexed else []
            if indexed and ("(" in self.text or "[" in self.text) or self.scope.indices or INDEX_IN_PARENTHESES.search(self.text):
                in_parentheses(self.scripts, tree)
            if TIME.search(self.text):
                at_a_time(self.scripts, tree)
            self._survey(tree)
            for member, index, of in members:
                self.e.check_set(of)
                if index not in self.e.within.get(member, ()):
                    shown = self.text[member.start : member.end]
                    raise failing(f"`{shown}` is one of many in a sum: is it another one here?", member, "give one of them another letter")
            out, stack = [], [self.head(tree)]
            while stack:
                node = stack.pop()
                out.append(node)
                if node.parts:
                    kind = node.kind
                    if kind == "product":
                        node.parts = tuple([self.head(p, True) for p in node.parts])
                    else:
                        first = kind in SPINE
                        node.parts = tuple([self.head(p, first and not i) for i, p in enumerate(node.parts)])
                    stack += node.parts
            out.reverse()
            bind(out)
        except RecursionError:  # of indices of indices of …, where nothing else recurses
            raise failing("indices or fonts are nested too deeply", (0, 1), kind=LimitError) from None
        return out

    def _survey(self, tree: Node) -> None:
        """Finds the names that stand alone (no parenthesis follows them), and the indices of sums."""
        stack, applied, above, summed = [tree], set[int](), set[int](), False
        while stack:
            node = stack.pop()
            kind = node.kind
            if kind == "bars" and (counted := left_leaf(node.parts[0])[0].word):
                self.e.counted[counted] += 1
            if kind == "superscript" and (mark := node.parts[1].word) in TRANSPOSES:  # the T of w^T is no name
                self.e.elsewhere[mark] -= 1
            if kind == "name" or kind == "symbol":
                word = node.word
                if id(node) in above:
                    continue
                self.e.elsewhere[word] += not getattr(node.value, "accents", "")
                if id(node) not in applied:
                    self.alone.add(word)
            elif kind == "product":
                for before, operator, after in node.neighbours:
                    if before.word in ("Delta", "Δ") and not operator.text:  # the x of a step \Delta x
                        self.e.elsewhere[left_leaf(after)[0].word] -= 1
                    if not operator.text and parenthesised(after):
                        leaf, primes, _ = right_leaf(before)
                        if leaf.kind == "name" and not primes:
                            self.e.called_names.add(leaf.value)
                        if before.kind == "power" and before.parts[0].word in FUNCTION_LETTERS:  # f^2(x)
                            leaf = before.parts[0]
                        of = left_leaf(leaf)[0]
                        applied.add(id(of if leaf.kind in ("subscript", "superscript") else leaf))
                        if of.word[:1].isupper() or "_".join(filter(None, (of.word, getattr(of.value, "accents", "")))) in self.scope.by:
                            self.e.elsewhere.subtract(left_leaf(part)[0].word for part in left_leaf(after)[0].parts)
                        elif len(inside := left_leaf(after)[0].parts) == 1:
                            self.e.arguments[inside[0].word] += 1
            elif kind == "item":
                self.alone.update(i.value for i in node.value if isinstance(i, Node) and i.kind == "name")
            elif kind == "superscript" and word_of(node) and node.parts[0].word != "e":
                above.update(map(id, bare(node.value[0]).parts))  # the letters of x^{ref}
            elif kind == "power" and self.exponential(node):
                applied.add(id(node.parts[0]))
            elif kind == "big" or kind == "range":
                summed = True
            if kind == "superscript" or kind == "power":
                self.scripts.count(node)
            stack += node.parts
        if summed or self.scope.indices:
            self.sums.survey(tree)

    # --- one node --------------------------------------------------------------------------------------------------

    def exponential(self, node: Node) -> bool:
        """Whether a power of a plain text is e^(…), with an e that nothing declares."""
        base, exponent = node.parts
        letter = not self.latex and base.kind == "name" and base.value == "e" and "e" not in self.scope.kinds
        return letter and exponent.kind != "number"

    def _product(self, node: Node) -> Node:
        made = self.factors.product(node)
        return made if made is node else self.head(made, made.kind != "product")

    def head(self, node: Node, parted: bool = False) -> Node:
        """The meaning of a node, but for its parts; `parted` says that its names and scripts were looked at already."""
        while node.kind == "group":
            if node.value == "sloppy":
                raise failing("braces stand after ^ and _ only; parentheses are ( )", node)
            if len(node.parts) != 1:
                several = "`,` separates the arguments of a function, nothing else"
                hint = ""
                if self.text[node.start : node.end].lstrip("\\left ")[:1] == "[":
                    hint = "blocks are \\begin{bmatrix}A & B\\end{bmatrix}; the commutator is A B - B A"
                raise failing(several if node.parts else "nothing stands in the parentheses", node, hint)
            inside = node.parts[0]
            inside.start, inside.end = node.start, node.end
            node, parted = inside, False
        kind = node.kind
        if kind == "product":
            return self._product(node)
        if not parted and (kind in LEAVES or kind in SPINE):
            factors = self.factors.parted(node)
            if len(factors) > 1:
                return self._product(self.e.multiplied(factors))
            (node,) = factors
            kind = node.kind
        if kind == "name":
            return node if self.latex else named(self.scripts, node)
        if kind == "imaginary":
            return self.imaginary(node)
        if kind == "transpose" and node.value in ("H", "†", "*"):
            return self.adjoint(node)
        if kind == "transpose" and node.parts[0].kind == "number":
            return self.transposed_number(node)
        word = left_leaf(node.parts[0])[0].word if kind == "bars" else ""
        if word and (word in self.sums.below.arrays or self.e.resolved(word) in self.scope.said.sets):
            return called("sum", node.parts, node.start, node.end)  # how many are in it
        if size := self.e.counts(node):
            return Node("name", (), node.start, node.end, size)
        if kind == "bars" and word in self.sums.below.whole:
            hint = f"write n, with a sum to n; a set of indices is declared, {word}: set (n), one of pairs {word}: set (m, n)"
            raise failing(f"how many are in `{word}`?", node, hint)
        called_so = kind == "item" and node.parts[0].kind == "name" and node.parts[0].value in FUNCTIONS
        if kind == "item" and len(node.value) == 1 and not self.latex and not called_so and self.is_factor(node.value[0]):
            group = Node("group", (node.value[0],), node.value[0].start, node.end)  # y'[I - X*inv(X'*X)*X']*y
            self.note(f"{self.text[node.start : node.end]} is read as a product")
            times = Operator(TIMES, "*", node.end, node.end)
            return self._product(Node("product", (node.parts[0], group), node.start, node.end, (times,)))
        if kind == "item":
            bound, (base,) = self.e.within.get(node, frozenset()), node.parts
            if base.kind == "name" and base.value in FUNCTIONS and base.value not in {*self.scope.kinds, *GREEK_WORDS}:
                raise failing(f"a function has its argument in parentheses: {base.value}( )", base)
            node.value = tuple([self.index(i, bound) if isinstance(i, Node) else i for i in node.value])
            if node.value == (slice(None),):  # X[:], X(:)
                node.kind, node.value = "call", ("vec", 0)
        elif kind == "power" and not self.latex and (name := self.above(node)):
            index = name.rpartition("_")[2]
            if index in self.e.within.get(node, ()):  # x^{(i)} below a sum over i
                base = node.parts[0]
                below = Node("name", (), node.end, node.end, index)
                return self.scripts.scripted(base, [Node("subscript", (base,), node.start, node.end, [below])])
            return Node("name", (), node.start, node.end, name)
        elif kind == "power" and "e" not in self.alone and self.exponential(node):
            if node.value == "{}":
                self.scripts.with_unit(node.parts[1])
            return Node("exponential", node.parts[1:], node.start, node.end)
        elif kind == "power" and self.e.entrywise and not self.of_matrix(node):
            node.kind = "dot_power"
        elif kind == "method":
            base, group = node.parts
            made = self.functions.called(Node("name", (), group.start, group.start, node.value), (base, *group.parts), node.start, node.end)
            if made is None:
                raise failing(f"`.{node.value}(…)` is no function of the language", node)
            return self.head(made)
        elif kind in ("keyword", "string", "range"):
            hint = "sum(i = 1..n, x_i)" if kind == "range" else "write out what is meant, as a formula"
            raise failing(f"`{self.text[node.start : node.end]}` is not read here", node, hint)
        elif kind == "fraction":
            return fraction(node)
        elif kind == "call" and node.value[0] == "conj" and self.text.startswith(BAR, node.start) and not self.scope.is_complex():
            hint = "declare what is complex, z: (n) complex; a mean has a name of its own, or is written out: \\frac1n\\sum_i x_i"
            raise failing(f"is `{self.text[node.start : node.end]}` a conjugate, or a mean?", node, hint)
        elif kind in UNFINISHED:
            raise unfinished(node, self.text)
        return node

    def above(self, node: Node) -> str:
        """The name that W^{(1)} is in plain text, and a declared x^m; nothing where it is a power."""
        base, exponent = node.parts
        upper = exponent.parts[0] if exponent.kind == "group" and len(exponent.parts) == 1 else exponent
        if base.kind != "name" or upper.kind not in ("name", "number"):
            return ""
        if self.scripts.is_counted(node):
            self.note(f"{base.value}^{upper.value} is read as a name of its own, {base.value}_{upper.value}")
            return f"{base.value}_{upper.value}"
        name = self.e.resolved(base.value, str(upper.value))
        if name in self.scope.said.marks and "^" in self.scope.said.marks[name]:
            return name
        parenthesised = node.value == "{}" and upper is not exponent and base.value not in self.scope.kinds
        return f"{base.value}_{upper.value}" if parenthesised else ""

    def of_matrix(self, node: Node) -> bool:
        """Whether a power beside an @ is that of the whole matrix: K^-1 and the A^2 of x @ A^2 @ x, as NumPy has no such ^; R has."""
        end = self.text[node.parts[0].end :].lstrip(" )")
        beside = self.text[node.end :].lstrip()[:1] == "@" or self.text[: node.start].rstrip()[-1:] == "@"
        return end[:1] == "^" and not OF_R.search(self.text) and (beside or re.match(r"\^\s*[{(]?\s*[-−]", end) is not None)

    def is_factor(self, index: Any) -> bool:
        """Whether what stands in brackets is no index: a sum or a product with the identity or something transposed in it."""
        inside = walked(index) if isinstance(index, Node) and index.kind in ("sum", "product") else ()
        return any(n.kind in ("transpose", "group") or n.kind == "name" and n.value == "I" for n in inside)

    def imaginary(self, node: Node) -> Node:
        """2i: the imaginary unit, where i is neither declared nor an index."""
        c, letter = node.value
        bound = frozenset().union(*(limits.letters for limits in self.sums.limits.values()))
        is_name = letter in self.scope.kinds or letter in bound or letter in self.scope.indices
        name = Node("name", (), node.start, node.end, letter if is_name else UNIT)
        if c == 1 and not is_name:
            return name
        return Node("product", (Node("number", (), node.start, node.end, c), name), node.start, node.end, (juxtaposed(name),))

    def adjoint(self, node: Node) -> Node:
        """X^H, X† and x^*: of an H that is declared a number X^H is a power; x^* of what is not complex is a name of its own."""
        mark, base = node.value, node.parts[0]
        if self.latex:
            return node
        if mark == "H" and self.scope.kinds.get("H") in ("scalar", "size") and self.text[node.end - 1] == "H":
            return Node("power", (base, Node("name", (), node.end - 1, node.end, "H")), node.start, node.end)
        if mark == "*" and base.kind == "name" and not self.scope.is_complex(base.value):
            base.value, base.end = f"{base.value}_star", node.end
            self.note(f"{self.text[node.start : node.end]} is read as a name of its own, {base.value}")
            return base
        if mark == "†" and not self.scope.is_complex():
            self.note("† is read as the pseudoinverse; the transpose is '")
            return called("pinv", (base,), node.start, node.end)
        node.value = "*" if mark == "*" else "H"
        return node

    def transposed_number(self, node: Node) -> Node:
        """1'x is the sum of x: a one that is transposed is the vector of ones; 0' is a block of zeros."""
        (number,) = node.parts
        if number.value == 0:
            return node
        if number.value != 1:
            raise failing("a number is transposed", node, "ones(n) is the vector of ones, ones(m, n) the matrix")
        self.note(f"{self.text[node.start : node.end]} is read as a row of ones; ones(n) is the vector of ones")
        node.parts = (called("vector", (number,), number.start, number.end),)
        return node

    def index(self, node: Node, bound: frozenset[str]) -> Any:
        """An index: a whole number or a name, or a range of them."""
        if node.kind == "range":
            return slice(*map(self.e.size, node.parts))
        if node.kind == "sum" and not bound and all(p.kind == "number" or self.scope.kinds.get(p.value) == "size" for p in node.parts):
            return slice(*[self.e.size(node)] * 2)  # W[:,n+1]
        beside = [p.kind for p in node.parts] == ["name", "number"] and node.parts[0].value not in self.scope.kinds
        if node.kind == "sum" and (bound or beside):  # x[t+1,:]
            return self.e.place(self.e.spelled(node)[0], bound)
        if node.kind == "minus" and node.parts[0].kind == "number":
            return -node.parts[0].value
        if node.kind not in ("number", "name"):
            shown = self.text[node.start : node.end]
            raise failing(f"an index is a whole number, a name or `:`, not `{shown}`", node, "X[:,j]   X[i,:]   X[1,2]")
        return self.e.place(node.value, bound) if node.kind == "name" and bound else node.value
