r"""What was typed into what is meant, once for the plain language and for LaTeX: what only the names can tell.

A name beside a group is a call of a function or a product with it (`Elaboration.function` decides), names run together
are several, a function without parentheses takes what stands beside it, a sum the rest of its term.  A tree goes in, the
flat list of its nodes comes out, parts before wholes; nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from matcalc.errors import LimitError, MatcalcError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.operators import CONSTANTS, FUNCTIONS, OPERATORS, REFUSED
from matcalc.operators.functions import UNIT
from matcalc.reading.latex.commands import FUNCTION_WORDS, GREEK_FUNCTIONS, GREEK_MEANINGS, INVERSES, LETTERS
from matcalc.reading.latex.tree import BESIDE, Letter
from matcalc.reading.letters import FOREIGN, LOOK_ALIKE, describe, is_greek, one_name, spelled_out
from matcalc.reading.scope import Scope
from matcalc.reading.scripts import Scripts, fraction
from matcalc.reading.spellings import meant, without_keywords
from matcalc.reading.splitting import pieces
from matcalc.reading.sums import Sums, bind, in_parentheses, ranged, with_their_index
from matcalc.reading.tree import (
    DOT_OVER,
    DOT_TIMES,
    PRODUCTS,
    SOLVING,
    SPINE,
    TIMES,
    Node,
    Operator,
    called,
    failing,
    juxtaposed,
    left_leaf,
    rehung,
    right_leaf,
    walked,
)

LEAVES = frozenset(("name", "symbol", "function", "big"))
FACTORS = frozenset(("alpha", "beta", "lambda", "mu", "tau", "eta", "epsilon"))  # scalars by custom, and no functions
DATA = frozenset("bcy")  # before a sum in parentheses: the y of y(w'x + b)
FEATURES = frozenset(("phi", "varphi", "psi", "Phi", "Psi"))
UNFINISHED = frozenset(("function", "mark", "nabla", "big"))
FUNCTION_LETTERS = frozenset(("f", "g", "h", "phi", "varphi", "psi", "sigma", "rho"))  # with a prime, the derivative of a function
GREEK_WORDS = frozenset(LETTERS.values())
UNICODE_FUNCTIONS = {op.unicode: op.name for op in OPERATORS.values() if re.fullmatch(r"[^\W\d]+_\w+", op.unicode)}  # λ_max
GRADIENTS = frozenset(("grad", "jac", "hess"))
LOGS = frozenset(("log", "ln"))
GREEDY = frozenset(("tr", "det", "logdet", "vec", "adj", "expm", "sum"))  # take all that stands beside them: \operatorname{tr} A B


STACKS = ("hstack", "vstack", "blkdiag", "block_diag")


def stacked(word: str, arguments: tuple[Node, ...], start: int, end: int) -> Node:
    """Blocks beside one another, below one another, or along the diagonal; NumPy's lists of them too."""
    if len(arguments) == 1 and arguments[0].kind in ("group", "blocks"):
        arguments = arguments[0].parts
    if not arguments:
        raise failing(f"{word} of what?", (start, end), f"{word}(A, B)")
    if word in ("blkdiag", "block_diag"):
        n = len(arguments)
        parts = tuple(a if i == j else Node("number", (), a.start, a.end, 0) for i, a in enumerate(arguments) for j in range(n))
        return Node("blocks", parts, start, end, n)
    return Node("blocks", arguments, start, end, len(arguments) if word == "hstack" else 1)


class Elaboration:
    """One text: what is known of its names, and what there is to say about it."""

    entrywise = False  # whether * / and powers go entry by entry, as in NumPy

    def __init__(self, text: str, scope: Scope, notes: list[str], latex: bool = False) -> None:
        self.text, self.scope, self.notes, self.latex = text, scope, notes, latex
        self.alone: set[str] = set()  # names that stand by themselves somewhere
        self.called_names: set[str] = set()  # those before a parenthesis, without a prime
        self.scripts = Scripts(self)
        self.sums = Sums(self)

    def run(self, tree: Node) -> list[Node]:
        """The nodes of the expression, parts before wholes; the last one is the whole.

        Raises MatcalcError with the place.
        """
        try:
            if not self.latex and "sum" not in self.scope.kinds:
                with_their_index(self, tree)
            in_parentheses(self, tree)
            self._survey(tree)
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

    def note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _survey(self, tree: Node) -> None:
        """Finds the names that stand alone (no parenthesis follows them), and the indices of sums."""
        stack, applied, summed = [tree], set(), False
        while stack:
            node = stack.pop()
            kind = node.kind
            if kind == "name" or kind == "symbol":
                if id(node) not in applied:
                    self.alone.add(node.word)
            elif kind == "product":
                for before, operator, after in zip(node.parts, node.value, node.parts[1:], strict=False):
                    if not operator.text and parenthesised(after):
                        leaf, primes, _ = right_leaf(before)
                        if leaf.kind == "name" and not primes:
                            self.called_names.add(leaf.value)
                        applied.add(id(left_leaf(leaf)[0] if leaf.kind == "subscript" else leaf))
            elif kind == "item":
                self.alone.update(i.value for i in node.value if isinstance(i, Node) and i.kind == "name")
            elif kind == "power" and self.exponential(node):
                applied.add(id(node.parts[0]))
            elif kind == "big" or kind == "range":
                summed = True
            stack += node.parts
        if summed or self.scope.indices:
            self.sums.survey(tree)

    # --- one node --------------------------------------------------------------------------------------------------

    def exponential(self, node: Node) -> bool:
        """Whether a power of a plain text is e^(…), with an e that nothing declares."""
        base, exponent = node.parts
        letter = not self.latex and base.kind == "name" and base.value == "e" and "e" not in self.scope.kinds
        return letter and exponent.kind != "number"

    def head(self, node: Node, parted: bool = False) -> Node:
        """What a node is, but for its parts; `parted` says that its names and scripts were looked at already."""
        while node.kind == "group":
            if node.value == "sloppy":
                raise failing("braces stand after ^ and _ only; parentheses are ( )", node)
            if len(node.parts) != 1:
                raise failing(
                    "`,` separates the arguments of a function, nothing else" if node.parts else "nothing stands in the parentheses", node
                )
            inside = node.parts[0]
            inside.start, inside.end = node.start, node.end
            node, parted = inside, False
        kind = node.kind
        if kind == "product":
            return self.product(node)
        if not parted and (kind in LEAVES or kind in SPINE):
            factors = self.parted(node, False)
            if len(factors) > 1:
                return self.product(self.multiplied(factors))
            (node,) = factors
            kind = node.kind
        if kind == "name":
            return node if self.latex else self.named(node)
        if kind == "imaginary":
            return self.imaginary(node)
        if kind == "transpose" and node.value in ("H", "†", "*"):
            return self.adjoint(node)
        if kind == "transpose" and node.parts[0].kind == "number":
            return self.transposed_number(node)
        if kind == "bars" and (word := node.parts[0].word) in self.sums.whole:
            hint = f"write n, with a sum to n; a set of some indices is declared: {word}: set (m, n)"
            raise failing(f"how many are in `{word}`?", node, hint)
        called_so = kind == "item" and node.parts[0].kind == "name" and node.parts[0].value in FUNCTIONS
        if kind == "item" and len(node.value) == 1 and not self.latex and not called_so and self.is_factor(node.value[0]):
            group = Node("group", (node.value[0],), node.value[0].start, node.end)  # y'[I - X*inv(X'*X)*X']*y
            self.note(f"{self.text[node.start : node.end]} is read as a product")
            return self.product(Node("product", (node.parts[0], group), node.start, node.end, (Operator(TIMES, "*", node.end, node.end),)))
        if kind == "item":
            bound, (base,) = self.sums.within.get(node, frozenset()), node.parts
            if base.kind == "name" and base.value in FUNCTIONS and base.value not in {*self.scope.kinds, *GREEK_WORDS}:
                raise failing(f"a function has its argument in parentheses: {base.value}( )", base)
            node.value = tuple([self.index(i, bound) if isinstance(i, Node) else i for i in node.value])
        elif kind == "pinv":
            node.kind, node.value = "call", ("pinv", 0)
        elif kind == "power" and "e" not in self.alone and self.exponential(node):
            if node.value == "{}":
                self.scripts.with_unit(node.parts[1])
            return Node("exponential", node.parts[1:], node.start, node.end)
        elif kind == "power" and self.entrywise:
            node.kind = "dot_power"
        elif kind == "method":
            base, group = node.parts
            made = self.called(Node("name", (), group.start, group.start, node.value), (base, *group.parts), node.start, node.end)
            if made is None:
                raise failing(f"`.{node.value}(…)` is no function of the language", node)
            return self.head(made)
        elif kind in ("keyword", "string"):
            raise failing(f"`{self.text[node.start : node.end]}` is not read here", node, "write the formula without it")
        elif kind == "fraction":
            return fraction(node)
        elif kind in UNFINISHED:
            raise self.unfinished(node)
        return node

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

    def unfinished(self, node: Node) -> MatcalcError:
        """What is said of a node that lacks what belongs to it."""
        shown = self.text[node.start : node.end]
        if node.kind == "function":
            word = node.value
            return failing(f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2", node)
        if node.kind == "mark":
            return failing(f"`{shown}` is a superscript", node, "X^{\\top}   X^{\\dagger}")
        if node.kind == "big":
            return failing(f"`{shown}` of what?", node)
        return failing("expected a function after `∇`: ∇f(X)", node)

    def multiplied(self, factors: list[Node], operators: Sequence[Operator] = ()) -> Node:
        """Factors as their product."""
        if len(factors) == 1:
            return factors[0]
        between = tuple(operators) or tuple(juxtaposed(f, BESIDE * self.latex) for f in factors[1:])
        return Node("product", tuple(factors), factors[0].start, factors[-1].end, between)

    def index(self, node: Node, bound: frozenset[str]) -> Any:
        """An index: a whole number or a name, or a range of them."""
        if node.kind == "range":
            return slice(*map(self.sums.size, node.parts))
        if node.kind == "sum" and bound:
            return self.sums.place(self.scripts.spelled(node)[0], bound)
        if node.kind == "sum" and all(p.kind == "number" or self.scope.kinds.get(p.value) == "size" for p in node.parts):
            return slice(*[self.sums.size(node)] * 2)  # W[:,n+1]
        if node.kind == "minus" and node.parts[0].kind == "number":
            return -node.parts[0].value
        if node.kind not in ("number", "name"):
            shown = self.text[node.start : node.end]
            raise failing(f"an index is a whole number, a name or `:`, not `{shown}`", node, "X[:,j]   X[i,:]   X[1,2]")
        return self.sums.place(node.value, bound) if node.kind == "name" and bound else node.value

    def named(self, name: Node) -> Node:
        """A name that is no function: a variable or a constant."""
        word = name.value
        if word in self.scope.kinds:
            return self.scripts.paired(word, name.start, name.end, self.sums.within.get(name, frozenset())) or name
        if not word.isascii() and spelled_out(word) in self.scope.kinds:
            name.value = spelled_out(word)
            return name
        letter, _, size = word.partition("_")
        if letter == "I" and (size.isdigit() or self.scope.kinds.get(size) == "size"):
            self.note(f"{word} is read as the identity")
            return called("eye", self.scripts.size_nodes([size], name.end), name.start, name.end)
        if word in FUNCTIONS and word not in CONSTANTS and word != "eye":
            raise failing(f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2", name)
        if not word.isascii():
            twin = word.translate(LOOK_ALIKE)
            if twin != word and (twin in self.scope.kinds or twin in self.alone):
                different = next(c for c, d in zip(word, twin, strict=True) if c != d)
                message = f"{describe(different)} only looks like the Latin `{different.translate(LOOK_ALIKE)}`"
                raise failing(message, name, kind=UnknownNameError)
        return name

    # --- factors ----------------------------------------------------------------------------------------------------

    def parted(self, factor: Node, applied: bool) -> list[Node]:
        """A factor as the factors that it is, where it begins with names run together; what stands behind belongs to the last one."""
        leaf, behind = left_leaf(factor)
        if (
            leaf.kind == "group"
            and leaf.value == "font"
            and leaf.parts[0].kind == "product"
            and not any(o.text for o in leaf.parts[0].value)
        ):
            *first, last = leaf.parts[0].parts  # \mathbf{\Lambda\Lambda}^T: what stands behind belongs to the last one
            return [made for part in (*first, rehung(factor, behind, last)) for made in self.parted(part, False)]
        if leaf.kind == "name" and behind and behind[-1].value == "'" and f"{leaf.value}_prime" in self.scope.said.marks:
            leaf.value, leaf.end = f"{leaf.value}_prime", behind.pop().end  # x' is declared
            factor = rehung(factor, behind, leaf)
        in_sum = leaf in self.sums.within and "_" in str(leaf.value) and leaf.value not in FUNCTIONS
        member = leaf.kind == "name" and self.scripts.is_member(leaf.value)
        if self.latex or any(b.kind == "subscript" for b in behind) or in_sum or member:
            return [self.scripts.scripted(leaf, behind)]
        if factor.kind == "power" and factor.value is None and len(rest := self.beyond(factor)) > 1:
            return rest
        if leaf.kind != "name" or leaf.end - leaf.start < len(leaf.value):
            return [factor]
        words = pieces(leaf.value, self.scope, self.alone, applied)
        if len(words) == 1:
            return [factor]
        self.note(f"{leaf.value} is read as {'*'.join(words)}")
        out = beside(words[:-1], leaf.start)
        leaf.value, leaf.start = words[-1], out[-1].end
        return [*out, rehung(factor, behind, leaf)]

    def beyond(self, power: Node) -> list[Node]:
        """A power, and what is glued to its exponent: A^Nv is A^N v where v is no scalar."""
        name = power.parts[1]
        words = pieces(name.value, self.scope, self.alone, False) if name.kind == "name" else []
        if len(words) < 2 or all(self.scope.kinds.get(w, "scalar") in ("scalar", "size") for w in words):
            return [power]
        self.note(f"^{name.value} is read as ^{words[0]} times {'*'.join(words[1:])}")
        at = name.start + len(words[0])
        name.value, name.end, power.end = words[0], at, at
        return [power, *beside(words[1:], at)]

    def words(self, parts: Sequence[Node], operators: Sequence[Operator]) -> tuple[list[Node], list[Operator]]:
        """The factors, with the letters that are a word as that: a declared name, a function, an upright d with what follows it."""
        out, between = list[Node](), list[Operator]()
        i = 0
        while i < len(parts):
            run, j = "", i
            while j < len(parts) and (leaf := left_leaf(parts[j])[0]).kind == "symbol" and (letter := leaf.value).font in ("", "upright"):
                closed = j == i or not operators[j - 1].text and (leaf.start == parts[j - 1].end or parts[i].value.font == "upright")
                if not closed or letter.accents or len(letter) > 1 and run not in ("", "d"):
                    break
                run, j = run + letter, j + 1
                if leaf is not parts[j - 1]:
                    break
            length = next((k for k in range(j - i, 1, -1) if self.is_word(run[: len(run) - (j - i - k)], parts[i], k)), 1)
            last = parts[i + length - 1]
            if length == 1 and (name := self.numbered(parts, operators, i)):  # x1, where x_1 is declared
                leaf, behind = left_leaf(parts[i + 1])
                leaf.kind, leaf.value, leaf.start = "symbol", Letter(name), last.start
                i, last = i + 1, rehung(parts[i + 1], behind, leaf)
            if length > 1:
                leaf, behind = left_leaf(last)
                word = run[: len(run) - (j - i - length)]
                if word in FUNCTION_WORDS and self.scripts.resolved(word) is None:
                    leaf.kind, leaf.value = "function", Letter(FUNCTION_WORDS[word], word, "word")
                else:
                    leaf.value = Letter(word)
                leaf.start = parts[i].start
                rehung(last, behind, leaf)
            if last.kind == "symbol" and last.value == "Gamma" and out and out[-1].kind == "function" and out[-1].value in LOGS:
                out[-1].value = Letter("lgamma", "", "word")  # \log\Gamma(x)
                between[-1:] = operators[i : i + 1]
            else:
                out.append(last)
                between += operators[i + length - 1 : i + length]
            i += length
        return out, between

    def numbered(self, parts: Sequence[Node], operators: Sequence[Operator], i: int) -> str:
        """The declared name that a letter and the digit right behind it are."""
        if parts[i].kind != "symbol" or i + 1 == len(parts) or operators[i].text or parts[i].end != parts[i + 1].start:
            return ""
        digit = left_leaf(parts[i + 1])[0]
        return digit.kind == "number" and self.scripts.resolved(parts[i].value, str(digit.value)) or ""

    def is_word(self, run: str, first: Node, count: int) -> bool:
        """Whether so many letters that stand together are one name."""
        if self.scripts.resolved(run) is not None:
            return run[0] != "d" or first.value.font == "upright" or self.scripts.resolved("d") is None
        if first.value == "d" and not first.value.accents and first.value.font == "upright":
            return count == 2  # dX, and what follows is a factor
        return run in GREEK_WORDS or bool(FUNCTION_WORDS.get(run))

    # --- products ---------------------------------------------------------------------------------------------------

    def product(self, node: Node) -> Node:
        """A product, with names run together as factors, and functions and sums with what they take."""
        given: tuple[Sequence[Node], Sequence[Operator]] = node.parts, node.value
        typed, operators = self.raised_functions(*(self.words(*given) if self.latex else given))
        parts: list[Node] = []
        between: list[Operator] = []
        for i, part in enumerate(typed):
            applied = i < len(operators) and not operators[i].text and parenthesised(typed[i + 1])
            factors = self.parted(part, applied)
            if i:
                between.append(operators[i - 1])
                if len(factors) > 1 and not self.latex and operators[i - 1].text not in PRODUCTS:  # A/XW is A/(XW)
                    start, end = factors[0].start, part.end
                    if applied or any(c in self.text[start:end] for c in "^["):
                        words = "*".join(self.text[f.start : f.end] for f in factors)
                        raise failing("what belongs to the operator before it?", factors[0], f"write ({words} …)")
                    factors = [self.multiplied(factors)]
            parts += factors
            between += [juxtaposed(f, BESIDE * self.latex) for f in factors[1:]]
        out, left = [parts.pop()], list[Operator]()  # both from the right
        while parts:
            part, operator = parts.pop(), between.pop()
            if not self.applied(part, operator, out, left):
                out.append(part)
                left.append(operator)
        out.reverse()
        left.reverse()
        for i, operator in reversed([*enumerate(left)]):
            if operator.kind == SOLVING:  # A\b is inv(A) b
                first = self.multiplied(out[: i + 1], left[:i])
                first = Node("call", (first,), first.start, first.end, ("inv", 0))
                out, left = [first, *out[i + 1 :]], [Operator(TIMES, "·", operator.start, operator.end), *left[i + 1 :]]
                break
        if self.entrywise:
            for operator in left:
                operator.kind = {"*": DOT_TIMES, "/": DOT_OVER}.get(operator.text, operator.kind)
        if len(out) == 1:
            return self.head(out[0], out[0].kind != "product")
        for operator, before, part in zip(left, out, out[1:], strict=False):
            leaf = left_leaf(part)[0]
            if not operator.text and leaf.kind == "number":
                if leaf.value != 1 or before.kind == "number" and before.value != 1:
                    raise failing("a number cannot follow a factor directly", leaf, "write the operator between them")
                for one in (before, leaf) if before.kind == "number" else (leaf,):  # 1 1' and X 1
                    one.kind, one.parts, one.value = "call", (Node("number", (), one.start, one.end, 1),), ("vector", 0)
                self.note("1 behind a factor is read as the vector of ones, ones(n)")
        if self.latex:
            for k in range(len(left) - 1):
                if left[k].text == "/" and not left[k + 1].text and not out[k].kind == "number" == out[k + 1].kind:
                    raise failing("what is divided by here?", left[k], "write \\frac{a}{b c} or \\frac{a}{b} c")
        node.parts, node.value, node.start, node.end = tuple(out), tuple(left), out[0].start, max(node.end, out[-1].end)
        return node

    def raised_functions(self, parts: Sequence[Node], operators: Sequence[Operator]) -> tuple[Sequence[Node], Sequence[Operator]]:
        """The factors, with the a^T(θ) of a function a that is defined as a(θ)^T."""
        for k in range(len(parts) - 2, -1, -1):
            leaf, behind = left_leaf(parts[k])
            word = str(leaf.value) if leaf.kind in ("symbol", "name") else ""
            raised = behind and all(b.kind in ("superscript", "transpose", "power") for b in behind)
            if raised and parts[k + 1].kind == "group" and not operators[k].text and self.is_defined(self.scripts.resolved(word) or word):
                call = Node("product", (leaf, parts[k + 1]), leaf.start, parts[k + 1].end, (operators[k],))
                for node in behind:
                    node.end = call.end
                rehung(parts[k], behind, Node("group", (call,), leaf.start, call.end))
                parts, operators = (*parts[: k + 1], *parts[k + 2 :]), (*operators[:k], *operators[k + 1 :])
        return parts, operators

    def applied(self, factor: Node, operator: Operator, out: list[Node], left: list[Operator]) -> bool:
        """Puts the function at the end of a factor before what it takes of the factors behind it, of which `out` has the nearest last.

        False where it is no function, but one more factor.
        """
        leaf, primes, before = right_leaf(factor)
        power: Node | None = None
        if leaf.kind == "power" and leaf.parts[0].kind == "function":  # \sin^2 x
            leaf, power = leaf.parts
        kind = leaf.kind
        if kind == "big":
            made = self.sums.over(self.sums.limits[leaf], self.multiplied(out[::-1], left[::-1]), leaf.start)
            out[:], left[:] = [], []
        elif operator.text or kind not in ("name", "function", "nabla"):
            return False
        elif parenthesised(out[-1]):
            group, behind = left_leaf(out[-1])
            if self.is_trace(leaf) and behind and left and not left[-1].text and self.text[leaf.end : group.start].isspace():
                made = self.run_on(leaf, primes, out, left)  # tr (M)^{-1} S
                self.note(f"{self.text[leaf.start : made.end]} is read as the trace of all of it")
                out.append(made)
                return True
            if behind and self.is_sum(leaf, group, behind):
                made = Node("call", (out[-1],), leaf.start, out.pop().end, ("sum", 0))
                self.note(f"{self.text[leaf.start : made.end]} is read as the sum of the powers; the power of the sum is (sum(…))^2")
                out.append(made)
                return True
            if group.value == "sloppy":
                if not self.is_function(str(leaf.value).lower()):
                    return False
                group.value = None
            call = self.call(leaf, group, primes, out[-1] is group)
            if call is None:
                return False
            made, argument = self.powered(call, power), out.pop()
            if made.kind == "nabla" and left and not left[-1].text and parenthesised(out[-1]):  # grad(f)(X)
                self.applied(made, left.pop(), out, left)
                made, behind = out.pop(), []
            made = rehung(argument, behind, made)
        elif kind == "function" or kind == "name" and self.is_function(leaf.value):
            made = self.powered(self.run_on(leaf, primes, out, left), power)
        elif (
            leaf.value == "D"
            and out[-1].kind == "call"
            and self.scope.kinds.get(out[-1].value[0]) == "function"
            and "D" not in self.scope.kinds
        ):
            made = out.pop()  # D F(X), a Jacobian
            made.kind, made.value, made.start = "gradient", ("jac", made.value[0]), leaf.start
        else:
            return False
        if before:
            before[-1].parts = (*before[-1].parts[:-1], made)
            for node in before:
                node.end = made.end
            made = factor
        out.append(made)
        return True

    def is_trace(self, leaf: Node) -> bool:
        return leaf.value == "tr" and leaf.kind in ("name", "function")

    def is_sum(self, leaf: Node, group: Node, behind: list[Node]) -> bool:
        """Whether a sum stands apart from what it sums, as in sum (y - X w)^2."""
        apart = not self.latex and leaf.kind == "name" and leaf.value == "sum" and self.text[leaf.end : group.start].isspace()
        return apart and behind[0].kind in ("power", "dot_power") and len(group.parts) == 1

    def powered(self, made: Node, power: Node | None) -> Node:
        r"""A call to a power that stands at the function: \sin^2 x, \tan^{-1} x."""
        if power is None:
            return made
        name = made.value[0]
        if power.kind == "minus":
            if name not in INVERSES or power.parts[0].value != 1:
                message = f"`{name}` to a negative power: its inverse function, or one over it?"
                raise failing(message, power, "\\frac{1}{f(x)}   \\arcsin(x)")
            made.value = (INVERSES[name], *made.value[1:])
            return made
        return Node("dot_power", (made, power), made.start, made.end, "{}")

    def is_function(self, word: str) -> bool:
        """Whether a name is a function of the language, which may stand without parentheses."""
        return word in FUNCTIONS and word not in self.scope.kinds and word not in CONSTANTS and not FUNCTIONS[word].sizes

    def run_on(self, leaf: Node, primes: int, out: list[Node], left: list[Operator]) -> Node:
        r"""A function without parentheses takes one factor, or all beside it where it is of matrices, or a number times letters.

        Another function, or a sum, it takes with what that takes, and nothing more: \log\det X \det Y.
        """
        name = str(leaf.value)
        first = out.pop()
        taken = [first]
        if first.kind not in ("call", "over", "gradient"):
            while left and not left[-1].text and out[-1].kind not in ("call", "over", "gradient"):
                left.pop()
                taken.append(out.pop())
        elif name in LOGS and first.value == ("exp", 0) and first.parts[0].kind == "call" and first.parts[0].value == ("lgamma", 0):
            return first.parts[0]  # log of a factorial
        elif name in LOGS and first.value == ("det", 0):
            first.value, first.start = ("logdet", 0), leaf.start
            return first
        if len(taken) == 1 and name in LOGS and first.kind == "bars":
            first.kind, first.start = "log_bars", leaf.start
            return first
        if len(taken) > 1 and name not in GREEDY and first.kind == "transpose":
            shown = self.text[leaf.start : taken[-1].end]
            self.note(f"{shown} is read as {name}({self.text[first.start : taken[-1].end]})")
        elif len(taken) > 1 and name not in GREEDY and not (first.kind == "number" and all(n.kind == "name" for n in taken[1:])):
            shown = "\\" * self.latex + name
            raise failing(f"where does the argument of `{shown}` end?", taken[1], f"write {shown}(…)")
        inside = self.multiplied(taken)
        return Node("call", (inside,), leaf.start, inside.end, (name, primes))

    def called(self, name: Node, arguments: tuple[Node, ...], start: int, end: int) -> Node | None:
        """A call as other languages write it: by another name, with keywords, along an axis; nothing where it is none of these."""
        word = name.value
        if word in self.scope.kinds:
            return None
        if word in STACKS:
            return stacked(word, arguments, start, end)
        bare, axis, kept = without_keywords(word, arguments)
        ours = bare != arguments or name.start == name.end  # with keywords, or a method
        arguments = bare
        method = name.start == name.end
        row = meant(word, arguments, word in FUNCTIONS and not (method and word == "dot"))  # A.dot(x) is a product in NumPy
        if row is None and word == "dot" and len(arguments) == 3:
            row = meant(word, arguments, False)
        if row is not None:
            return called(*row, start, end)
        if axis is not None:
            return Node("along", arguments, start, end, (word, axis, "", kept))
        if ours and word in FUNCTIONS:
            return Node("call", arguments, start, end, (word, 0))
        return None

    # --- function or factor -----------------------------------------------------------------------------------------

    def call(self, leaf: Node, group: Node, primes: int, closed: bool) -> Node | None:
        """The call of a function before a group; nothing where that is a factor."""
        start, end = leaf.start, group.end
        if leaf.kind == "function":
            return Node("call", (*group.parts, *leaf.parts), start, end, (str(leaf.value), primes))
        if leaf.kind == "nabla":
            return self.gradient(leaf, group)
        name = leaf.value
        if group.value == "mid":
            return self.density(leaf, group)
        if name in ("Gamma", "Γ") and "Gamma" not in self.scope.kinds and self.behind_transposed(leaf):  # (x - y)'Γ(x - y)
            return None
        typed = not self.latex and self.text.startswith("gamma", leaf.start)  # as programs call it; γ is any letter
        if (name in ("Gamma", "Γ") or name == "gamma" and typed) and name not in self.alone and len(group.parts) == 1 and not primes:
            letter = "gamma" if typed else "Gamma"
            if letter not in self.scope.kinds:
                what = "any function is declared: gamma: elementwise" if typed else "a matrix is declared: Gamma: (m, n)"
                self.note(f"{'gamma' if typed else 'Γ'}(…) is read as the gamma function; {what}")
                return called("exp", (called("lgamma", group.parts, start, end),), start, end)
        if name in GRADIENTS and closed and len(group.parts) == 1 and group.parts[0].kind == "name" and name not in self.scope.kinds:
            return Node("nabla", (), start, end, (name, group.parts[0].value))
        if name in ("sum", "prod", "Sum", "Product") and ranged(group) and len(group.parts) == 2:
            limits = self.sums.of_call(group)._replace(what="sum" if name in ("sum", "Sum") else "prod")
            return self.sums.over(limits, group.parts[1], start)
        stem, _, index = name.rpartition("_")
        if index and name not in self.scope.kinds and self.is_defined(stem):  # g_i(x), an entry of g(x)
            bound = self.sums.within.get(group, frozenset())
            whole = Node("call", group.parts, start, end, (stem, primes))
            letters = [int(index)] if index.isdigit() else [*index]
            return Node(
                "item", (whole,), start, end, tuple(self.sums.place(i, bound) if isinstance(i, str) and bound else i for i in letters)
            )
        made = None if primes else self.called(leaf, group.parts, start, end)
        function = "" if made else self.function(leaf, group)
        if primes and function == name and self.transposes(name):
            self.note(f"{name}' is read as a transpose; the derivative of a function {name} needs its declaration, {name}: elementwise")
            return None
        return Node("call", group.parts, start, end, (function, primes)) if function else made

    def behind_transposed(self, leaf: Node) -> bool:
        """Whether a transposed factor stands right before."""
        return (
            re.search(r"(?:['′ᵀ⊤]|\^\s*(?:T|⊤|\\top|\\intercal|\{\s*(?:T|⊤|\\top|\\intercal)\s*\}))\s*\*?\s*$", self.text[: leaf.start])
            is not None
        )

    def transposes(self, name: str) -> bool:
        """Whether a prime between a name and a parenthesis transposes: c'(x - y), of a name that is nowhere a function."""
        known = name in FUNCTIONS or name in self.scope.kinds or self.is_defined(name) or name in self.called_names
        return not known and (len(name) == 1 or is_greek(name)) and one_name(name) not in FUNCTION_LETTERS

    def _is_size(self, part: Node) -> bool:
        product = part.kind == "product" and all(map(self._is_size, part.parts))
        return product or part.kind == "number" or part.kind == "name" and self.scope.kinds.get(part.value) == "size"

    def is_defined(self, name: str) -> bool:
        """Whether a name is defined with parameters."""
        definition = self.scope.said.definitions.get(name)
        return definition is not None and definition.parameters is not None

    def density(self, name: Node, group: Node) -> Node:
        """N(x | mu, Sigma), the normal density; other densities are not known."""
        normal = name.value == "N" and self.scope.kinds.get("N", "size") == "size"
        if (name.value in self.scope.said.densities or normal) and len(group.parts) == 3:
            x, mean, variance = group.parts
            if mean.kind == "symbol" and mean.value == "0" or mean.kind == "number" and mean.value == 0:
                mean = called("vector", (Node("number", (), mean.start, mean.end, 0),), mean.start, mean.end)
            group.parts = x, mean, variance
            return called("normalpdf", group.parts, name.start, group.end)
        message = f"`{self.text[name.start : group.end]}` is a density that is not known"
        raise failing(message, name, "write its formula, or declare N: normal density for N(x | mu, Sigma)")

    def gradient(self, leaf: Node, group: Node) -> Node:
        word, name = leaf.value if isinstance(leaf.value, tuple) else (leaf.value, "")
        if not name and leaf.parts[0].kind == "symbol":
            letter = leaf.parts[0].value
            name = self.scripts.resolved(letter, letter.accents) or str(letter)
        if name not in self.scope.kinds and spelled_out(name) in self.scope.kinds:
            name = spelled_out(name)
        if len(group.parts) != 1 or not name:
            raise self.unfinished(leaf)
        return Node("gradient", group.parts, leaf.start, group.end, (word, name))

    def takes_index(self, word: str) -> bool:
        """Whether a name before (t), of an index t, is an array, and no function."""
        kind = self.scope.kinds.get(self.scripts.resolved(word) or word)
        known = word in FUNCTIONS or word in FUNCTION_WORDS or word in GREEK_FUNCTIONS or self.is_defined(word)
        return kind in ("vector", "matrix", "family") or kind is None and not known and len(word) == 1

    def function(self, name: Node, group: Node) -> str:
        """The function that a name before a group is, or nothing: the one place where this is decided."""
        word: str = name.value
        kinds = self.scope.kinds
        if word not in kinds and not word.isascii() and spelled_out(word) in kinds:
            word = spelled_out(word)
        kind = kinds.get(word)
        if kind in ("elementwise", "function"):
            return str(word)
        one = len(group.parts) == 1 and group.parts[0].kind in ("name", "symbol")
        times = " \\cdot " if self.latex else "*"
        spaced = self.latex and self.text[name.end : group.start] != ""
        greek = GREEK_FUNCTIONS.get(word, "") if self.latex else ""
        if (
            kind is None
            and one_name(word) in FEATURES
            and len(group.parts) == 1
            and left_leaf(group.parts[0])[0].kind in ("name", "symbol")
        ):
            if self.behind_transposed(name) or re.match(r"\s*(?:'|\^\s*\{?\s*(?:T|\\top|\\intercal)\b)", self.text[group.end :]):
                hint = f"declare {word}: (d) -> (M) for a vector of features, or {word}: elementwise"
                raise failing(f"is `{self.text[name.start : group.end]}` a vector of features?", name, hint)
        if word == "K" and len(group.parts) == 2 and (kind is None or all(map(self._is_size, group.parts))):
            if any(
                p.kind in ("subscript", "indexed", "item", "slice") or p.kind == "symbol" and p.value.font == "bold" for p in group.parts
            ):
                raise failing(
                    "is `K(…)` a function of two arguments?", name, 'define it: where="K(u, v) = …"; K_{m,n} is the commutation matrix'
                )
            return "commutation"  # also beside a matrix K: what it would be times a pair of sizes is nothing
        if kind is not None:
            if word in FUNCTIONS or greek and not spaced:
                message = f"`{word}` is declared as a {kind}, and is a function too"
                raise failing(message, name, f"write {word}{times}(…), or use another name")
            if kind != "size" and not word[0].isupper() and one and not spaced:
                shown = self.text[group.parts[0].start : group.parts[0].end]
                hint = f"write {word}{times}{shown} for the product, or declare {word}: elementwise"
                raise failing(f"`{word}` is a {kind}, but is applied like a function", name, hint)
            return ""
        if greek and word not in self.alone:
            self.note(f"\\{word}(…) is read as {GREEK_MEANINGS[word]}; to mean any function, declare {word}: elementwise")
            return greek
        if word in UNICODE_FUNCTIONS:
            return UNICODE_FUNCTIONS[word]
        if word in FUNCTIONS and word not in CONSTANTS:
            return str(word)
        if word in REFUSED:
            raise failing(f"{word} {REFUSED[word]}", name, kind=UnsupportedError)
        if word[0].isupper():
            if len(group.parts) > 1 and group.value is None:
                letters = ", ".join("uvwxyz"[: len(group.parts)])
                raise failing(
                    f"is `{word}(…)` a function of {len(group.parts)} arguments?", name, f'define it: where="{word}({letters}) = …"'
                )
            if len(word) > 1 and word.lower() in FUNCTIONS:
                self.note(f"{word} is read as {word.lower()}")
                return str(word.lower())
            if self.latex and len(word) > 1 and word.isalpha() and word not in GREEK_WORDS:
                raise self.unknown(name, f"An abstract function is declared: {word}: elementwise")
            return ""
        if word in self.alone:
            if one or greek:
                hint = f"write {word}{times}(…), or declare {word}: elementwise"
                raise failing(f"is `{word}` a variable or a function?", name, hint)
            return ""
        if word in CONSTANTS:
            return ""
        if word.startswith("log_"):
            if word[4:] in ("2", "10"):
                return f"log{word[4:]}"
            hint = f"log(x)/log({word[4:]}); a function of that name is declared: {word}: elementwise"
            raise UnsupportedError(f"`{word}` is the logarithm to another base?", hint=hint, start=name.start, end=name.end)
        summands = len(group.parts) == 1 and group.parts[0].kind == "sum"
        if one_name(word.partition("_")[0]) in FACTORS and not one or word in DATA and summands:
            self.note(f"{word} is read as a factor of what stands in parentheses; a function is declared: {word}: elementwise")
            return ""
        if word in FOREIGN:
            raise failing(f"`{word}` is no name of the language", name, kind=UnknownNameError)
        near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 3]) if len(word) > 3 and not is_greek(word) else ""
        if near and _close(word, near.split("`")[1]):
            raise self.unknown(name, f"{near} An abstract function is declared: {word}: elementwise")
        return word

    def unknown(self, name: Node, hint: str) -> MatcalcError:
        return failing(f"no function is called `{name.value}`", name, hint, kind=UnknownNameError)


def beside(words: Sequence[str], at: int) -> list[Node]:
    """Names that are written together, from a place on."""
    starts = accumulate(map(len, words), initial=at)
    return [Node("name", (), start, start + len(word), word) for word, start in zip(words, starts, strict=False)]


def parenthesised(factor: Node) -> bool:
    """Whether a factor begins with a parenthesis; braces are none."""
    leaf, _ = left_leaf(factor)
    return leaf.kind == "group" and leaf.value != "{}"


def _close(word: str, known: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, word, known).ratio() >= 0.8
