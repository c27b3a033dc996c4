"""The tree of what was typed, as the grammars make it.  Each function is given the parts of one line of a grammar.

What needs to know the names (is f(x) a call or a product?) is settled afterwards, by `matcalc.reading.elaborate`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import lark

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError
from matcalc.limits import LONGEST_NAME, MOST_BLOCKS, MOST_DIGITS
from matcalc.reading.letters import LOWERED, RAISED, accented, with_indices

if TYPE_CHECKING:

    class Token(lark.Token):
        """A piece of the text that Lark has cut out, with its place."""

        start_pos: int
        end_pos: int


V = TypeVar("V")

_PLUS = ("+", "＋", ".+")

# The binary operators of one precedence, by how they are spelled.
TIMES, DOT_TIMES, OVER, DOT_OVER, KRON, KHATRI_RAO, MATMUL, SOLVING, COLON = "*", ".*", "/", "./", "⊗", "khatrirao", "@", "\\", ":"
PRODUCTS = "*·⋅•∙×∗@"
_SPELLED = {
    **dict.fromkeys(PRODUCTS, TIMES), **dict.fromkeys((".*", ".×", "⊙", "∘"), DOT_TIMES), **dict.fromkeys(("./", "⊘"), DOT_OVER),
    "/": OVER, "⊗": KRON, "@": MATMUL, "\\": SOLVING,
}  # fmt: skip


WORDS = ("name", "symbol")  # of the plain language, and of LaTeX


class Node:
    """A piece of what was typed: its kind, its parts, its place, and what its kind needs besides.

    `shape` and `expr` are filled in later, as is the `tree` of a product that is not read from the left; `value` is a number, a name,
    (name, primes) of a call, signs of a sum, operators of a product, the indices of an item, the subscript of a norm.
    """

    __slots__ = ("kind", "parts", "start", "end", "value", "shape", "expr", "tree")

    def __init__(self, kind: str, parts: tuple[Node, ...], start: int, end: int, value: Any = None) -> None:
        self.kind, self.parts, self.start, self.end, self.value = kind, parts, start, end, value
        self.shape: Any = None
        self.expr: Any = None
        self.tree: Any = None

    @property
    def word(self) -> str:
        """The letter, or the word, that a node is; nothing where it is none."""
        return str(self.value) if self.kind in WORDS else ""

    @property
    def stem(self) -> str:
        """The name that a node is, or of which it is an entry: x, and the x of x_i; nothing where it is neither."""
        return str(self.value if self.kind == "name" else self.value[0]) if self.kind in ("name", "indexed") else ""

    @property
    def unsigned(self) -> Node:
        """The node without its minus."""
        return self.parts[0] if self.kind == "minus" else self

    @property
    def neighbours(self) -> Iterator[tuple[Node, Operator, Node]]:
        """The factors of a product that stand beside each other, with the operator between them."""
        return zip(self.parts, self.value, self.parts[1:], strict=False)


@dataclass(slots=True, eq=False)
class Operator:
    """An operator between two factors, with its place; juxtaposition has none of its own.

    What binds more is applied first; in plain text all of them bind alike.
    """

    kind: str
    text: str
    start: int
    end: int
    binds: int = 0


def _grouped(tree: Any, operators: Sequence[Operator], values: Sequence[V], combine: Callable[[V, Operator, V], V]) -> V:
    if isinstance(tree, int):
        return values[tree]
    a, b = (_grouped(part, operators, values, combine) for part in tree[1:])
    return combine(a, operators[tree[0]], b)


def folded(product: Node, values: Sequence[V], combine: Callable[[V, Operator, V], V]) -> V:
    """The values of factors combined by the operators between them: as its tree says, or those that bind more first, else from the left."""
    operators: Sequence[Operator] = product.value
    if product.tree is not None:
        return _grouped(product.tree, operators, values, combine)
    stack, waiting = [values[0]], list[Operator]()
    for operator, value in zip(operators, values[1:], strict=True):
        while waiting and waiting[-1].binds >= operator.binds:
            b = stack.pop()
            stack[-1] = combine(stack[-1], waiting.pop(), b)
        waiting.append(operator)
        stack.append(value)
    while waiting:
        b = stack.pop()
        stack[-1] = combine(stack[-1], waiting.pop(), b)
    return stack[0]


def with_scripts(node: Node) -> tuple[Node, ...]:
    return (*node.parts, *node.value) if node.kind in ("superscript", "subscript") else node.parts


def walked(*roots: Node, into: Callable[[Node], Iterable[Node]] = lambda node: node.parts) -> Iterator[Node]:
    """Nodes and all that is in them, wholes before parts, from the left; `into` says what of a node is looked at."""
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        stack += reversed([*into(node)])


def alike(a: Node, b: Node) -> bool:
    """Whether two nodes are the same but for their places."""

    def said(n: Node) -> tuple[Any, ...]:
        return n.kind, len(n.parts), [o.kind for o in n.value] if n.kind == "product" else n.value

    return all(said(x) == said(y) for x, y in zip(walked(a), walked(b), strict=False))  # from the top: as many, as long as they agree


def middles(product: Node) -> Iterator[Node]:
    """The k of u'k u and u'k^{-1}u in a product: what stands between a transpose and the same again."""
    for (row, before, part), (_, behind, column) in pairwise(product.neighbours):
        if row.kind == "transpose" and before.kind == behind.kind == TIMES and alike(row.parts[0], column):
            yield part.parts[0] if part.kind == "transpose" or part.kind == "power" and is_inverse(part.parts[1]) else part


def is_inverse(exponent: Node) -> bool:
    """Whether an exponent is -1."""
    part = exponent.unsigned
    return part.kind == "number" and part.value == (1 if part is not exponent else -1)


def failing(
    message: str, at: Node | Operator | lark.Token | re.Match[str] | tuple[int, int], hint: str = "", kind: type[MatcalcError] = ParseError
) -> MatcalcError:
    """An error at a place of the text, which is added where reading began."""
    if isinstance(at, (Node, Operator)):
        at = at.start, at.end
    elif not isinstance(at, tuple):
        at = at.span() if isinstance(at, re.Match) else (at.start_pos or 0, at.end_pos or 0)
    return kind(message, hint=hint, start=at[0], end=at[1])


def value_of(text: str, start: int = 0, end: int = 0) -> int | Fraction:
    """The exact number that is written."""
    if not text.isascii() and len(text) == 1 and not text.isdigit():
        return Fraction(unicodedata.numeric(text)).limit_denominator(10)
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MOST_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MOST_DIGITS:
        raise failing(f"a number of more than {MOST_DIGITS} digits", (start, end), kind=LimitError)
    return int(text) if text.isdigit() else Fraction(text if text[-1] != "." else text[:-1])


def called(name: str, parts: tuple[Node, ...], start: int, end: int) -> Node:
    return Node("call", parts, start, end, (name, 0))


def inverse(base: Node, start: int, end: int) -> Node:
    """A base to the power −1 that stands at a place behind it."""
    return Node("power", (base, Node("number", (), start, end, -1)), base.start, end, "{}")


def juxtaposed(factor: Node, binds: int = 0) -> Operator:
    return Operator(TIMES, "", factor.start, factor.start + 1, binds)


def _unparted(block: Node) -> None:
    """Raises ParseError where blocks stand beside each other with a blank alone between them: [A B; C -D]."""
    parts = block.parts if block.kind in ("product", "sum") else ()
    for k, (before, after) in enumerate(pairwise(parts)):
        gap = after.start - before.end
        apart = gap > 0 and not block.value[k].text if block.kind == "product" else gap == 2 and block.value[k + 1] < 0
        if apart and not any(left_leaf(part)[0].kind == "big" for part in parts[: k + 2]):
            raise failing("a comma is needed between blocks", (before.end, after.start), "[A, B; C, D], and a product A*B")
    for part in parts if block.kind == "sum" else ():
        _unparted(part)


SPINE = frozenset(
    ("transpose", "power", "dot_power", "item", "pinv", "subscript", "superscript", "method")
)  # what stands behind its operand


def left_leaf(node: Node) -> tuple[Node, list[Node]]:
    """The first leaf of a factor, and what stands behind that, the outermost first."""
    behind = []
    while node.kind in SPINE:
        behind.append(node)
        node = node.parts[0]
    return node, behind


def parenthesised(factor: Node) -> bool:
    """Whether a factor begins with a parenthesis; braces are none."""
    leaf, _ = left_leaf(factor)
    return leaf.kind == "group" and leaf.value != "{}"


def rehung(factor: Node, behind: list[Node], made: Node) -> Node:
    """A factor with `made` where it begins; `behind` is what stands behind that, the outermost first."""
    if not behind:
        return made
    behind[-1].parts = (made, *behind[-1].parts[1:])
    for node in behind:
        node.start = made.start
    return factor


def right_leaf(node: Node) -> tuple[Node, int, list[Node]]:
    """The last leaf of a factor, its primes, and what it is the end of: the f'' of 2^-f''."""
    before, primes = [], 0
    while node.kind == "minus" or node.kind in ("power", "dot_power") and node.value is None:
        before.append(node)
        node = node.parts[-1]
    while node.kind == "transpose" and node.value == "'":
        node, primes = node.parts[0], primes + 1
    return node, primes, before


class Callbacks:
    """The methods of a `Make` as Lark calls them, with the parts in one list."""

    def __init__(self, make: Make) -> None:
        self.make = make

    def __getattr__(self, name: str) -> Callable[[list[Any]], Any]:
        method = getattr(self.make, name)
        return lambda parts: method(*parts)


def spanning(kind: str, value: Any = None) -> Callable[..., Node]:
    """The callback of a line that is one node, from its first piece to its last; a `value` to be found is told all of them."""

    def made(_: Make, *c: Any) -> Node:
        parts = [n for part in c for n in (part if isinstance(part, list) else [part]) if isinstance(n, Node)]
        first, last = (part if isinstance(part, Node) else None for part in (c[0], c[-1]))
        start, end = first.start if first else c[0].start_pos, last.end if last else c[-1].end_pos
        return Node(kind, tuple(parts), start, end, value(*c) if callable(value) else value)

    return made


class Make:
    """The callbacks of the lines of both grammars, each under its name there.

    `signs` are the operators of a product, and how strongly they bind, `binds` how strongly juxtaposition does.
    """

    signs, binds = {sign: (kind, 0) for sign, kind in _SPELLED.items()}, 0

    def first(self, part: V) -> list[V]:
        return [part]

    def more(self, parts: list[V], _: Token, part: V) -> list[V]:
        parts.append(part)
        return parts

    def plus(self, terms: list[Any], sign: Token, term: Node) -> list[Any]:
        last = terms[-1]
        *before, end = last.parts if last.kind == "product" else (last,)
        if left_leaf(end)[0].kind == "big":  # sum_i -y_i: the sign is that of what is summed
            term = self.sign(sign, term)
            between = last.value if before else ()
            terms[-1] = Node("product", (*before, end, term), last.start, term.end, (*between, juxtaposed(term)))
        else:
            terms += (sign, term)
        return terms

    def sum(self, terms: list[Any]) -> Node:
        parts: tuple[Node, ...] = tuple(terms[::2])
        if len(parts) == 1:
            return parts[0]
        return Node("sum", parts, parts[0].start, parts[-1].end, (1, *(1 if s in _PLUS else -1 for s in terms[1::2])))

    def sign(self, sign: Token, operand: Node) -> Node:
        if sign in _PLUS:
            operand.start = sign.start_pos
            return operand
        return Node("minus", (operand,), sign.start_pos, operand.end)

    def product(self, factors: list[Any]) -> Node:
        parts: tuple[Node, ...] = tuple(factors[::2])
        return parts[0] if len(parts) == 1 else Node("product", parts, parts[0].start, parts[-1].end, tuple(factors[1::2]))

    def times(self, factors: list[Any], sign: Token, factor: Node) -> list[Any]:
        kind, binds = self.signs[sign]
        factors += (Operator(kind, str(sign), sign.start_pos, sign.end_pos, binds), factor)
        return factors

    def beside(self, factors: list[Any], factor: Node) -> list[Any]:
        factors += (juxtaposed(factor, self.binds), factor)
        return factors

    def power(self, base: Node, sign: Token, exponent: Node) -> Node:
        if exponent.kind == "subscript" and left_leaf(exponent)[0].kind not in ("norm", "bars"):  # ‖X‖^2_F, but s^‖X‖_F
            made = self.power(base, sign, exponent.parts[0])
            return Node("subscript", (made,), base.start, exponent.end, exponent.value)
        kind = "dot_power" if sign[0] == "." else "power"
        turned = exponent.unsigned
        if turned.kind == "transpose" and turned.parts[0].kind == "number":  # A^2' and A^-1': nobody transposes a number
            (number,) = turned.parts
            signed = number if turned is exponent else Node("minus", (number,), exponent.start, number.end)
            return Node("transpose", (Node(kind, (base, signed), base.start, number.end),), base.start, turned.end, "T")
        return Node(kind, (base, exponent), base.start, exponent.end)

    def braced(self, base: Node, sign: Token, _: Token, exponent: Node, close: Token) -> Node:
        return Node("dot_power" if sign[0] == "." else "power", (base, exponent), base.start, close.end_pos, "{}")

    def transpose(self, made: Node, sign: Token) -> Node:
        for _ in range(sum({"″": 2, "‴": 3}.get(p, 1) for p in sign)):
            made = Node("transpose", (made,), made.start, sign.end_pos, "'")
        return made

    def raised(self, base: Node, sign: Token) -> Node:
        """A^T, A^-T, A^H, A†, z^*."""
        a, b, mark = sign.start_pos, sign.end_pos, re.sub(r"[\s{}()^.]", "", sign)
        if mark[0] in "-−⁻":
            base = inverse(base, a, b)
        kind = {"†": "†", "H": "H", "ᴴ": "H", "*": "*", "∗": "*"}.get(mark[-1], "T")
        return Node("transpose", (base,), base.start, b, kind)

    def imaginary(self, token: Token) -> Node:
        """A number times the imaginary unit; of one, the unit."""
        a, b = token.start_pos, token.end_pos
        return Node("imaginary", (), a, b, (value_of(token[:-1], a, b), token[-1]))

    def braket(self, open_: Token, *c: Any) -> Node:
        """⟨φ|ψ⟩ is φ^H ψ, ⟨φ|A|ψ⟩ is φ^H A ψ."""
        start, end = open_.start_pos, c[-1].end_pos
        inside = tuple(p for p in c if isinstance(p, Node))
        parts = inside if len(inside) == 2 else inside[0].parts if inside[0].kind == "product" and len(inside[0].parts) == 3 else ()
        if len(parts) == 3 and parts[1].kind == "bars":
            parts = (parts[0], Node("group", parts[1].parts, parts[1].start, parts[1].end), parts[2])
        elif len(parts) != 2:
            raise failing("expected ⟨φ|ψ⟩, ⟨φ|A|ψ⟩ or ⟨A, B⟩", open_)
        bra = Node("transpose", (parts[0],), start, parts[0].end, "H")
        return Node("product", (bra, *parts[1:]), start, end, tuple(juxtaposed(p, 3) for p in parts[1:]))

    def superscript(self, base: Node, sign: Token) -> Node:
        if sign[-1] in "⁺+":
            if base.kind == "number":
                raise failing("the positive part of a number, or a power?", sign, "write 2^x, or max(0, 2)")
            return Node("pinv", (base,), base.start, sign.end_pos)
        a, b = sign.start_pos, sign.end_pos
        exponent = Node("number", (), a, b, int(value_of(sign.translate(RAISED), a, b)))
        return Node("power", (base, exponent), base.start, b, "{}")

    def item(self, base: Node, _: Token, indices: list[Any], close: Token) -> Node:
        return Node("item", (base,), base.start, close.end_pos, tuple(indices))

    def blocks(self, open_: Token, lines: list[list[Node]], close: Token) -> Node:
        """Rows of blocks, as one list of parts; `value` is how many stand in a row."""
        start, end = open_.start_pos, close.end_pos
        for line in lines:
            if len(line) != len(lines[0]):
                counts = " and ".join(str(n) for n in dict.fromkeys(map(len, lines)))
                message = f"the rows of a block matrix have as many blocks as one another, not {counts}"
                raise failing(message, (start, end), "[A, B; C, D]", kind=ShapeError)
            if len(line) == 1 and open_ == "[":
                _unparted(line[0])
        parts = tuple(block for line in lines for block in line)
        if len(parts) > MOST_BLOCKS:
            raise failing(f"a matrix of {len(parts)} blocks; the limit is {MOST_BLOCKS}", (start, end), kind=LimitError)
        return Node("blocks", parts, start, end, len(lines[0]))

    def all(self, _: Token) -> slice:
        return slice(None)

    def number(self, token: Token) -> Node:
        return Node("number", (), token.start_pos, token.end_pos, value_of(token, token.start_pos, token.end_pos))

    def name(self, token: Token) -> Node:
        start, text = token.start_pos, str(token)
        if len(text) > LONGEST_NAME:
            message = f"a name of {len(text):,} characters; the limit is {LONGEST_NAME}"
            raise failing(message, (start, start + LONGEST_NAME), kind=LimitError)
        if not text.isascii():
            text = "sqrt" if text == "√" else with_indices(accented(text))
        return Node("name", (), start, token.end_pos, text)

    def iterator(self, open_: Token, index: Token, _: Token, limits: list[Node], close: Token) -> Node:
        """{i, n} and {i, 0, n} of Mathematica, as i = 1..n."""
        if len(limits) > 2:
            raise failing("an index counts by one", open_, "{i, n} or {i, 1, n}")
        first = limits[0] if len(limits) == 2 else Node("number", (), index.start_pos, index.end_pos, 1)
        span = Node("range", (first, limits[-1]), first.start, close.end_pos)
        return Node("keyword", (span,), open_.start_pos, close.end_pos, str(index))

    def group(self, open_: Token, *c: Any) -> Node:
        parts: tuple[Node, ...] = tuple(c[0]) if len(c) == 2 else ()
        if len(parts) > 1 and parts[-1].kind == "keyword" and parts[-1].parts[0].kind == "range":  # the indices last, as in Mathematica
            parts, index = parts[:-1], parts[-1]
            inner = Make.group(self, open_, parts, c[-1])
            if len(parts) > 1:
                name = Node("name", (), inner.start, inner.start, "sum")
                inner = Node("product", (name, inner), inner.start, inner.end, (juxtaposed(inner),))
            parts = (index, inner)
        return Node("group", parts, open_.start_pos, c[-1].end_pos)

    def method(self, base: Node, name: Token, *c: Any) -> Node:
        group = Node("group", tuple(c[0]) if len(c) == 2 else (), name.end_pos - 1, c[-1].end_pos)
        return Node("method", (base, group), base.start, group.end, name[1:-1].strip())

    def attribute(self, base: Node, name: Token) -> Node:
        group = Node("group", (), name.end_pos, name.end_pos)
        return Node("method", (base, group), base.start, name.end_pos, name[1:])

    def factorial(self, base: Node, sign: Token) -> Node:
        """x! is the gamma function of x + 1."""
        end = sign.end_pos
        more = Node("sum", (base, Node("number", (), end, end, 1)), base.start, end, (1, 1))
        return called("exp", (called("lgamma", (more,), base.start, end),), base.start, end)

    sloppy, braces, bars, norm = spanning("group", "sloppy"), spanning("group", "{}"), spanning("bars"), spanning("norm", "")
    inner, mid, range = spanning("call", ("inner", 0)), spanning("group", "mid"), spanning("range")
    relation = spanning("relation", lambda left, sign, right: str(sign))
    keyword = spanning("keyword", lambda name, value: name[:-1].strip())
    string = spanning("string", lambda token: token[1:-1])
    big = spanning("big", lambda sign: "prod" if sign in ("prod", "∏", "Π", "\\prod") else "sum")
    sized = spanning("call", lambda sign, *_: ({"𝟏": "ones", "0": "zeros", "I": "eye"}[sign[0]], 0))  # 𝟏_(m·n), 0_(m,n) and I_(m·n)

    def nabla(self, sign: Token, *c: Any) -> Node:
        if len(c) == 2 and c[0] != "²":
            raise failing("expected a function after `∇`: ∇f(X)", sign)
        return Node("nabla", (), sign.start_pos, c[-1].end_pos, ("hess" if len(c) == 2 else "grad", self.name(c[-1]).value))

    def subscript(self, base: Node, token: Token) -> Node:
        index = re.sub(r"[_{}\s]", "", token).translate(LOWERED)
        kind = "name" if index.isidentifier() else "number" if index.isdigit() else "mark"
        leaf = Node(kind, (), token.start_pos, token.end_pos, int(index) if kind == "number" else index)
        return Node("subscript", (base,), base.start, token.end_pos, [leaf])

    def below(self, base: Node, _: Token, limits: list[Node], close: Token) -> Node:
        return Node("subscript", (base,), base.start, close.end_pos, limits)

    def ones(self, sign: Token) -> Node:
        """𝟏 is the ones of its place, 𝟏_n those of length n."""
        a, b, size = sign.start_pos, sign.end_pos, sign[2:]
        if not size:
            return called("vector", (Node("number", (), b, b, 1),), a, b)
        leaf = Node("number", (), a, b, int(size)) if size.isdigit() else Node("name", (), a, b, size)
        return called("ones", (leaf,), a, b)
