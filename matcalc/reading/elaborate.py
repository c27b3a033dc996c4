"""What was typed into what is meant, once for the plain language and for LaTeX: what only the names can tell.

A name beside a group is a call of a function or a product with it (`Elaboration.function` decides), names run together
are several, 𝟏_n and I_n are constants.  A tree goes in, the flat list of its nodes comes out, parts before wholes; nothing
recurses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from matcalc.errors import LimitError, MatcalcError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.operators import CONSTANTS, FUNCTIONS, OPERATORS, REFUSED
from matcalc.reading.names import FOREIGN, LOOK_ALIKE, describe, is_greek, spelled_out
from matcalc.reading.scope import Scope
from matcalc.reading.spellings import meant, without_keywords, written_out
from matcalc.reading.splitting import pieces
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, LOWERED, PRODUCTS, SOLVING, TIMES, Node, Operator, called, failing, juxtaposed

SPINE = frozenset(("transpose", "power", "dot_power", "item", "pinv", "subscript", "method"))  # what stands behind its operand
UNICODE_FUNCTIONS = {op.unicode: op.name for op in OPERATORS.values() if re.fullmatch(r"[^\W\d]+_\w+", op.unicode)}  # λ_max
GRADIENTS = frozenset(("grad", "jac", "hess"))


def left_leaf(node: Node) -> tuple[Node, list[Node]]:
    """What a factor begins with, and what stands behind that, the outermost first."""
    behind = []
    while node.kind in SPINE:
        behind.append(node)
        node = node.parts[0]
    return node, behind


def right_leaf(node: Node) -> tuple[Node, int, list[Node]]:
    """What a factor ends with, its primes, and what it is the end of: the f'' of 2^-f''."""
    before, primes = [], 0
    while node.kind == "minus" or node.kind in ("power", "dot_power") and node.value is None:
        before.append(node)
        node = node.parts[-1]
    while node.kind == "transpose" and node.value == "'":
        node, primes = node.parts[0], primes + 1
    return node, primes, before


class Elaboration:
    """One text: what is known of its names, and what there is to say about it."""

    entrywise = False  # whether * / and powers go entry by entry, as in NumPy

    def __init__(self, text: str, scope: Scope, notes: list[str]) -> None:
        self.text, self.scope, self.notes = text, scope, notes
        self.alone: set[str] = set()  # names that stand by themselves somewhere

    def run(self, tree: Node) -> list[Node]:
        """The nodes of the expression, parts before wholes; the last one is the whole.

        Raises MatcalcError with the place.
        """
        try:
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
        except (MatcalcError, LimitError) as error:
            error.line = error.line or self.text
            raise
        out.reverse()
        return out

    def note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _survey(self, tree: Node) -> None:
        """Finds the names that stand alone: no parenthesis follows them."""
        stack, applied = [tree], set()
        while stack:
            node = stack.pop()
            if node.kind == "name":
                if id(node) not in applied:
                    self.alone.add(node.value)
            elif node.kind == "product":
                for before, operator, after in zip(node.parts, node.value, node.parts[1:]):
                    if not operator.text and left_leaf(after)[0].kind == "group":
                        applied.add(id(right_leaf(before)[0]))
            elif node.kind == "item":
                self.alone.update(i.value for i in node.value if isinstance(i, Node) and i.kind == "name")
            stack += node.parts

    # --- one node --------------------------------------------------------------------------------------------------

    def head(self, node: Node, parted: bool = False) -> Node:
        """What a node is, but for its parts; `parted` says that names run together were looked for already."""
        while node.kind == "group":
            if len(node.parts) != 1:
                raise failing(
                    "`,` separates the arguments of a function, nothing else" if node.parts else "nothing stands in the parentheses", node
                )
            inside = node.parts[0]
            inside.start, inside.end = node.start, node.end
            node, parted = inside, False
        while node.kind == "subscript":
            node = self.subscript(node)
        kind = node.kind
        if kind == "product":
            return self.product(node)
        if not parted and (kind == "name" or kind in SPINE):
            factors = self.parted(node, False)
            if len(factors) > 1:
                return self.multiplied(factors)
        if kind == "name":
            return self.named(node)
        if kind == "item":
            node.value = tuple([i if isinstance(i, slice) else self.index(i) for i in node.value])
        elif kind == "pinv":
            node.kind, node.value = "call", ("pinv", 0)
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
        elif kind == "nabla":
            raise failing("expected a function after `∇`: ∇f(X)", node)
        return node

    def subscript(self, node: Node) -> Node:
        """What has an index: ‖X‖²_F is ‖X‖_F²."""
        base = node.parts[0]
        leaf, _ = left_leaf(base)
        if leaf.kind != "norm" or leaf.value:
            raise failing(f"`{node.value}` belongs after a norm", node, "‖X‖_F, ‖x‖_1, ‖X‖_*")
        leaf.value = re.sub(r"[_{}\s]", "", node.value).translate(LOWERED)
        base.end = node.end
        return base

    def multiplied(self, factors: list[Node], operators: Sequence[Operator] = ()) -> Node:
        """Factors as their product."""
        if len(factors) == 1:
            return factors[0]
        between = tuple(operators) or tuple(juxtaposed(f) for f in factors[1:])
        return Node("product", tuple(factors), factors[0].start, factors[-1].end, between)

    def index(self, node: Node) -> Any:
        """An index: a whole number or a name."""
        if node.kind == "minus" and node.parts[0].kind == "number":
            return -node.parts[0].value
        if node.kind not in ("number", "name"):
            shown = self.text[node.start : node.end]
            raise failing(f"an index is a whole number, a name or `:`, not `{shown}`", node, "X[:,j]   X[i,:]   X[1,2]")
        return node.value

    def named(self, name: Node) -> Node:
        """A name that is no function: a variable or a constant."""
        word = name.value
        if word in self.scope.kinds:
            return name
        if not word.isascii() and spelled_out(word) in self.scope.kinds:
            name.value = spelled_out(word)
            return name
        letter, _, size = word.partition("_")
        if letter == "I" and (size.isdigit() or self.scope.kinds.get(size) == "size"):
            self.note(f"{word} is read as the identity")
            leaf = Node("number", (), name.end, name.end, int(size)) if size.isdigit() else Node("name", (), name.end, name.end, size)
            return called("eye", (leaf,), name.start, name.end)
        if word in FUNCTIONS and word not in CONSTANTS and word != "eye":
            raise failing(f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2", name)
        if not word.isascii():
            twin = word.translate(LOOK_ALIKE)
            if twin != word and (twin in self.scope.kinds or twin in self.alone):
                different = next(c for c, d in zip(word, twin, strict=True) if c != d)
                raise UnknownNameError(
                    f"{describe(different)} only looks like the Latin `{different.translate(LOOK_ALIKE)}`", start=name.start, end=name.end
                )
        return name

    # --- products ---------------------------------------------------------------------------------------------------

    def parted(self, factor: Node, applied: bool) -> list[Node]:
        """A factor as the factors that it is, where it begins with names run together; what stands behind belongs to the last one."""
        leaf, behind = left_leaf(factor)
        if leaf.kind != "name" or leaf.end - leaf.start != len(leaf.value):
            return [factor]
        words = pieces(leaf.value, self.scope, self.alone, applied)
        if len(words) == 1:
            return [factor]
        self.note(f"{leaf.value} is read as {'*'.join(words)}")
        out, at = [], leaf.start
        for word in words[:-1]:
            out.append(Node("name", (), at, at + len(word), word))
            at += len(word)
        leaf.value = words[-1]
        for node in (leaf, *behind):
            node.start = at
        return [*out, factor]

    def product(self, node: Node) -> Node:
        """A product, with names run together as factors, and names before groups as functions where they are."""
        operators: tuple[Operator, ...] = node.value
        parts: list[Node] = []
        between: list[Operator] = []
        for i, part in enumerate(node.parts):
            applied = i < len(operators) and not operators[i].text and left_leaf(node.parts[i + 1])[0].kind == "group"
            factors = self.parted(part, applied)
            if i:
                between.append(operators[i - 1])
                if len(factors) > 1 and operators[i - 1].text not in PRODUCTS:  # A/XW is A/(XW)
                    start, end = factors[0].start, part.end
                    if applied or any(c in self.text[start:end] for c in "^["):
                        words = "*".join(self.text[f.start : f.end] for f in factors)
                        raise failing("what belongs to the operator before it?", factors[0], f"write ({words} …)")
                    factors = [self.multiplied(factors)]
            parts += factors
            between += [juxtaposed(f) for f in factors[1:]]
        out, left = [parts[0]], list[Operator]()
        for operator, part in zip(between, parts[1:], strict=True):
            made = self.applied(out[-1], part) if not operator.text else None
            if made is None:
                out.append(part)
                left.append(operator)
            else:
                out[-1] = made
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
            return self.head(out[0], True) if out[0].kind != "product" else self.product(out[0])
        node.parts, node.value, node.start, node.end = tuple(out), tuple(left), out[0].start, max(node.end, out[-1].end)
        return node

    def applied(self, factor: Node, argument: Node) -> Node | None:
        """What the function at the end of a factor makes of the argument beside it; nothing where that is no function."""
        group, behind = left_leaf(argument)
        if group.kind != "group":
            return None
        leaf, primes, before = right_leaf(factor)
        if leaf.kind == "nabla":
            word, name = leaf.value
            name = spelled_out(name) if name not in self.scope.kinds and spelled_out(name) in self.scope.kinds else name
            made = Node("gradient", group.parts, leaf.start, group.end, f"{word}({name})")
            if len(group.parts) != 1:
                raise failing("expected a function after `∇`: ∇f(X)", leaf)
        elif leaf.kind != "name":
            return None
        elif (
            leaf.value in GRADIENTS
            and not behind
            and len(group.parts) == 1
            and group.parts[0].kind == "name"
            and leaf.value not in self.scope.kinds
        ):
            made = Node("nabla", (), leaf.start, group.end, (leaf.value, group.parts[0].value))
        else:
            called = self.called(leaf, group.parts, leaf.start, group.end) if not primes else None
            if called is None:
                function = self.function(leaf, group)
                if not function:
                    return None
                called = Node("call", group.parts, leaf.start, group.end, (function, primes))
            made = called
        if behind:
            behind[-1].parts = (made, *behind[-1].parts[1:])
            for node in behind:
                node.start = made.start
            made = argument
        if before:
            before[-1].parts = (*before[-1].parts[:-1], made)
            for node in before:
                node.end = made.end
            made = factor
        return made

    def called(self, name: Node, arguments: tuple[Node, ...], start: int, end: int) -> Node | None:
        """A call as other languages write it: by another name, with keywords, along an axis; nothing where it is none of these."""
        word = name.value
        if word in self.scope.kinds:
            return None
        bare, axis = without_keywords(word, arguments)
        ours = bare != arguments or name.start == name.end  # with keywords, or a method
        arguments = bare
        row = meant(word, arguments, word in FUNCTIONS)
        if row is not None:
            return written_out(row, arguments, start, end)
        if axis is not None:
            return Node("along", arguments, start, end, (word, axis))
        if ours and word in FUNCTIONS:
            return Node("call", arguments, start, end, (word, 0))
        return None

    # --- function or factor -----------------------------------------------------------------------------------------

    def function(self, name: Node, group: Node) -> str:
        """The function that a name before a group is, or nothing: the one place where this is decided."""
        word, kinds = name.value, self.scope.kinds
        if word not in kinds and not word.isascii() and spelled_out(word) in kinds:
            word = spelled_out(word)
        kind = kinds.get(word)
        one = len(group.parts) == 1 and group.parts[0].kind == "name"
        if kind in ("elementwise", "function"):
            return word
        if kind is not None:
            if word in FUNCTIONS:
                raise failing(f"`{word}` is declared as a {kind}, and is a function too", name, f"write {word}*(…), or use another name")
            if kind != "size" and not word[0].isupper() and one:
                raise failing(
                    f"`{word}` is a {kind}, but is applied like a function", name,
                    f"write {word}*{group.parts[0].value} for the product, or declare {word}: elementwise",
                )  # fmt: skip
            return ""
        if word in UNICODE_FUNCTIONS:
            return UNICODE_FUNCTIONS[word]
        if word == "K" and len(group.parts) == 2:
            return "commutation"
        if word in FUNCTIONS:
            return word
        if word in REFUSED:
            raise UnsupportedError(f"{word} {REFUSED[word]}", start=name.start, end=name.end)
        if word[0].isupper():
            if len(word) > 1 and word.lower() in FUNCTIONS:
                raise UnknownNameError(
                    f"no function is called `{word}`", hint=f"did you mean `{word.lower()}`?", start=name.start, end=name.end
                )
            return ""
        if word in self.alone:
            if one:
                raise failing(f"is `{word}` a variable or a function?", name, f"write {word}*(…), or declare {word}: elementwise")
            return ""
        if word in CONSTANTS:
            return ""
        if word in FOREIGN:
            raise UnknownNameError(f"`{word}` is no name of the language", start=name.start, end=name.end)
        near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 3]) if len(word) > 3 and not is_greek(word) else ""
        if near and _close(word, near.split("`")[1]):
            raise UnknownNameError(
                f"no function is called `{word}`",
                hint=f"{near} An abstract function is declared: {word}: elementwise",
                start=name.start,
                end=name.end,
            )
        return word


def _close(word: str, known: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, word, known).ratio() >= 0.8
