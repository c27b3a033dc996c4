"""What the grammars make: the tree of what was typed.  Each function is given the parts of one line of a grammar.

What needs to know the names (is f(x) a call or a product?) is settled afterwards, by `matcalc.reading.elaborate`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from matcalc.errors import LimitError, ParseError, ShapeError
from matcalc.limits import LONGEST_NAME, MOST_BLOCKS, MOST_DIGITS
from matcalc.reading.names import accented

if TYPE_CHECKING:
    from lark import Token

V = TypeVar("V")

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₜₛ", "0123456789ijklmnts")
_LOWER = re.compile("[₀-₉ᵢⱼₖₗₘₙₜₛ]+")
_PLUS = ("+", "＋", ".+")

# The binary operators of one precedence, by how they are spelled.
TIMES, DOT_TIMES, OVER, DOT_OVER, KRON, KHATRI_RAO, MATMUL, SOLVING = "*", ".*", "/", "./", "⊗", "khatrirao", "@", "\\"
PRODUCTS = "*·⋅•∙×∗@"
_SPELLED = {
    **dict.fromkeys(PRODUCTS, TIMES),
    **dict.fromkeys((".*", ".×", "⊙", "∘"), DOT_TIMES),
    "/": OVER,
    **dict.fromkeys(("./", "⊘"), DOT_OVER),
    "⊗": KRON,
    "@": MATMUL,
    "\\": SOLVING,
}


class Node:
    """A piece of what was typed: its kind, its parts, its place, and what its kind needs besides.

    `shape` and `expr` are filled in later; `value` is a number, a name, (name, primes) of a call, signs of
    a sum, operators of a product, the indices of an item, the subscript of a norm.
    """

    __slots__ = ("kind", "parts", "start", "end", "value", "shape", "expr")

    def __init__(self, kind: str, parts: tuple[Node, ...], start: int, end: int, value: Any = None) -> None:
        self.kind, self.parts, self.start, self.end, self.value = kind, parts, start, end, value
        self.shape: Any = None
        self.expr: Any = None


class Operator:
    """An operator between two factors, with its place; juxtaposition has none of its own.

    What binds more is applied first; in plain text all of them bind alike.
    """

    __slots__ = ("kind", "text", "start", "end", "binds")

    def __init__(self, kind: str, text: str, start: int, end: int, binds: int = 0) -> None:
        self.kind, self.text, self.start, self.end, self.binds = kind, text, start, end, binds


def folded(operators: Sequence[Operator], values: Sequence[V], combine: Callable[[V, Operator, V], V]) -> V:
    """The values combined by the operators between them: those that bind more first, else from the left."""
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


def failing(message: str, at: Node | Operator | Token, hint: str = "") -> ParseError:
    """A ParseError at a node, an operator or a token."""
    error = ParseError(message, hint=hint)
    error.start, error.end = (at.start, at.end) if isinstance(at, (Node, Operator)) else (at.start_pos or 0, at.end_pos or 0)
    return error


def value_of(text: str, start: int = 0, end: int = 0) -> int | Fraction:
    """The exact number that is written."""
    if not text.isascii() and len(text) == 1 and not text.isdigit():
        return Fraction(unicodedata.numeric(text)).limit_denominator(10)
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MOST_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MOST_DIGITS:
        raise LimitError(f"a number of more than {MOST_DIGITS} digits", start=start, end=end)
    return int(text) if text.isdigit() else Fraction(text if text[-1] != "." else text[:-1])


def called(name: str, parts: tuple[Node, ...], start: int, end: int) -> Node:
    return Node("call", parts, start, end, (name, 0))


def juxtaposed(factor: Node, binds: int = 0) -> Operator:
    return Operator(TIMES, "", factor.start, factor.start + 1, binds)


def _unparted(block: Node) -> None:
    """Raises ParseError where blocks stand beside each other with a blank alone between them: [A B; C -D]."""
    parts = block.parts if block.kind in ("product", "sum") else ()
    for k, (before, after) in enumerate(pairwise(parts)):
        gap = after.start - before.end
        apart = gap > 0 and not block.value[k].text if block.kind == "product" else gap == 2 and block.value[k + 1] < 0
        if apart:
            raise failing(
                "a comma is needed between blocks", Operator(TIMES, "", before.end, after.start), "[A, B; C, D], and a product A*B"
            )
    for part in parts if block.kind == "sum" else ():
        _unparted(part)


SPINE = frozenset(
    ("transpose", "power", "dot_power", "item", "pinv", "subscript", "superscript", "method")
)  # what stands behind its operand


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


class Make:
    """What the lines of both grammars make, each under its name there."""

    @staticmethod
    def start(c: list[Any]) -> Node:
        made: Node = c[0]
        return made

    @staticmethod
    def first(c: list[Any]) -> list[Any]:
        return c

    @staticmethod
    def plus(c: list[Any]) -> list[Any]:
        terms, sign, term = c
        last = terms[-1]
        *before, end = last.parts if last.kind == "product" else (last,)
        if left_leaf(end)[0].kind == "big":  # sum_i -y_i: the sign is that of what is summed
            term = Make.sign([sign, term])
            between = last.value if before else ()
            terms[-1] = Node("product", (*before, end, term), last.start, term.end, (*between, juxtaposed(term)))
            return terms  # type: ignore[no-any-return]
        terms += (sign, term)
        return terms  # type: ignore[no-any-return]

    @staticmethod
    def sum(c: list[Any]) -> Node:
        terms = c[0]
        if len(terms) == 1:
            only: Node = terms[0]
            return only
        parts = tuple(terms[::2])
        return Node("sum", parts, parts[0].start, parts[-1].end, (1, *(1 if s in _PLUS else -1 for s in terms[1::2])))

    @staticmethod
    def sign(c: list[Any]) -> Node:
        sign, operand = c
        if sign in _PLUS:
            operand.start = sign.start_pos
            return operand  # type: ignore[no-any-return]
        return Node("minus", (operand,), sign.start_pos, operand.end)

    @staticmethod
    def product(c: list[Any]) -> Node:
        factors = c[0]
        if len(factors) == 1:
            only: Node = factors[0]
            return only
        parts = tuple(factors[::2])
        return Node("product", parts, parts[0].start, parts[-1].end, tuple(factors[1::2]))

    @staticmethod
    def times(c: list[Any]) -> list[Any]:
        factors, sign, factor = c
        factors += (Operator(_SPELLED[sign], str(sign), sign.start_pos, sign.end_pos), factor)
        return factors  # type: ignore[no-any-return]

    @staticmethod
    def beside(c: list[Any]) -> list[Any]:
        factors, factor = c
        factors += (juxtaposed(factor), factor)
        return factors  # type: ignore[no-any-return]

    @staticmethod
    def power(c: list[Any]) -> Node:
        base, sign, exponent = c
        if exponent.kind == "subscript":  # ‖X‖^2_F
            made = Make.power([base, sign, exponent.parts[0]])
            return Node("subscript", (made,), base.start, exponent.end, exponent.value)
        kind = "dot_power" if sign[0] == "." else "power"
        turned = exponent if exponent.kind == "transpose" else exponent.parts[0] if exponent.kind == "minus" else None
        if turned is not None and turned.kind == "transpose" and turned.parts[0].kind == "number":
            # A^2' and A^-1': nobody transposes a number, the prime is the power's
            if exponent is turned:
                exponent = turned.parts[0]
            else:
                exponent.parts, exponent.end = turned.parts, turned.parts[0].end
            made = Node(kind, (base, exponent), base.start, exponent.end)
            return Node("transpose", (made,), base.start, turned.end, "T")
        return Node(kind, (base, exponent), base.start, exponent.end)

    @staticmethod
    def braced(c: list[Any]) -> Node:
        base, sign, _, exponent, close = c
        return Node("dot_power" if sign[0] == "." else "power", (base, exponent), base.start, close.end_pos, "{}")

    @staticmethod
    def transpose(c: list[Any]) -> Node:
        made, sign = c
        for _ in range(sum({"″": 2, "‴": 3}.get(p, 1) for p in sign) if sign.type == "PRIME" else 1):
            made = Node("transpose", (made,), made.start, sign.end_pos, "'" if sign.type == "PRIME" else "T")
        return made  # type: ignore[no-any-return]

    @staticmethod
    def adjoint(c: list[Any]) -> Node:
        base, sign = c
        return Node("transpose", (base,), base.start, sign.end_pos, "†" if "†" in sign else "H")

    @staticmethod
    def inverse_adjoint(c: list[Any]) -> Node:
        made = Make.inverse_transpose(c)
        made.value = "†" if "†" in c[1] else "H"
        return made

    @staticmethod
    def star(c: list[Any]) -> Node:
        base, sign = c
        return Node("transpose", (base,), base.start, sign.end_pos, "*")

    @staticmethod
    def imaginary(c: list[Any]) -> Node:
        """A number times the imaginary unit; of one, the unit."""
        token = c[0]
        a, b = token.start_pos, token.end_pos
        return Node("imaginary", (), a, b, (value_of(str(token[:-1]), a, b), str(token[-1])))

    @staticmethod
    def braket(c: list[Any]) -> Node:
        """⟨φ|ψ⟩ is φ^H ψ, ⟨φ|A|ψ⟩ is φ^H A ψ."""
        start, end = c[0].start_pos, c[-1].end_pos
        parts: tuple[Node, ...] = (c[1], c[3]) if len(c) == 5 else c[1].parts if c[1].kind == "product" and len(c[1].parts) == 3 else ()
        if len(parts) == 3 and parts[1].kind == "bars":
            inside = parts[1].parts[0]
            parts = (parts[0], Node("group", (inside,), parts[1].start, parts[1].end), parts[2])
        elif len(parts) != 2:
            raise failing("expected ⟨φ|ψ⟩, ⟨φ|A|ψ⟩ or ⟨A, B⟩", c[0])
        bra = Node("transpose", (parts[0],), start, parts[0].end, "H")
        return Node("product", (bra, *parts[1:]), start, end, tuple(juxtaposed(p, 3) for p in parts[1:]))

    @staticmethod
    def superscript(c: list[Any]) -> Node:
        base, sign = c
        if sign == "⁺":
            return Node("pinv", (base,), base.start, sign.end_pos)
        digits = sign.translate(_RAISED)
        if len(digits) > MOST_DIGITS:
            raise LimitError(f"a number of more than {MOST_DIGITS} digits", start=sign.start_pos, end=sign.end_pos)
        exponent = Node("number", (), sign.start_pos, sign.end_pos, int(digits))
        return Node("power", (base, exponent), base.start, sign.end_pos, "{}")

    @staticmethod
    def inverse_transpose(c: list[Any]) -> Node:
        base, sign = c
        exponent = Node("number", (), sign.start_pos, sign.end_pos, -1)
        return Node("transpose", (Node("power", (base, exponent), base.start, sign.end_pos, "{}"),), base.start, sign.end_pos, "T")

    @staticmethod
    def item(c: list[Any]) -> Node:
        base, _, indices, close = c
        return Node("item", (base,), base.start, close.end_pos, tuple(indices))

    @staticmethod
    def blocks(c: list[Any]) -> Node:
        """Rows of blocks, as one list of parts; `value` is how many stand in a row."""
        lines, start, end = c[1], c[0].start_pos, c[-1].end_pos
        for line in lines:
            if len(line) != len(lines[0]):
                counts = " and ".join(str(n) for n in dict.fromkeys(map(len, lines)))
                error = ShapeError(f"the rows of a block matrix have as many blocks as one another, not {counts}", hint="[A, B; C, D]")
                error.start, error.end = start, end
                raise error
            if len(line) == 1 and c[0] == "[":
                _unparted(line[0])
        parts = tuple(block for line in lines for block in line)
        if len(parts) > MOST_BLOCKS:
            raise LimitError(f"a matrix of {len(parts)} blocks; the limit is {MOST_BLOCKS}", start=start, end=end)
        return Node("blocks", parts, start, end, len(lines[0]))

    @staticmethod
    def more(c: list[Any]) -> list[Any]:
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    @staticmethod
    def all(c: list[Any]) -> slice:
        return slice(None)

    @staticmethod
    def number(c: list[Any]) -> Node:
        token = c[0]
        return Node("number", (), token.start_pos, token.end_pos, value_of(str(token), token.start_pos, token.end_pos))

    @staticmethod
    def name(c: list[Any]) -> Node:
        token = c[0]
        if len(token) > LONGEST_NAME:
            raise LimitError(
                f"a name of {len(token):,} characters; the limit is {LONGEST_NAME}",
                start=token.start_pos,
                end=token.start_pos + LONGEST_NAME,
            )
        text = str(token)
        if not text.isascii():
            text = "sqrt" if text == "√" else _LOWER.sub(lambda m: "_" + m.group().translate(LOWERED), accented(text))
        return Node("name", (), token.start_pos, token.end_pos, text)

    @staticmethod
    def iterator(c: list[Any]) -> Node:
        """{i, n} and {i, 0, n} of Mathematica, as i = 1..n."""
        limits, end = c[3], c[-1].end_pos
        if len(limits) > 2:
            raise failing("an index counts by one", c[0], "{i, n} or {i, 1, n}")
        first = limits[0] if len(limits) == 2 else Node("number", (), c[1].start_pos, c[1].end_pos, 1)
        span = Node("range", (first, limits[-1]), first.start, end)
        return Node("keyword", (span,), c[0].start_pos, end, str(c[1]))

    @staticmethod
    def group(c: list[Any]) -> Node:
        parts: tuple[Node, ...] = tuple(c[1]) if len(c) == 3 else ()
        if len(parts) > 1 and parts[-1].kind == "keyword" and parts[-1].parts[0].kind == "range":  # the indices last, as in Mathematica
            parts, index = parts[:-1], parts[-1]
            inner = Make.group([c[0], parts, c[-1]])
            if len(parts) > 1:
                name = Node("name", (), inner.start, inner.start, "sum")
                inner = Node("product", (name, inner), inner.start, inner.end, (juxtaposed(inner),))
            parts = (index, inner)
        return Node("group", parts, c[0].start_pos, c[-1].end_pos)

    @staticmethod
    def method(c: list[Any]) -> Node:
        base, name = c[0], c[1][1:-1].strip()
        group = Node("group", tuple(c[2]) if len(c) == 4 else (), c[1].end_pos - 1, c[-1].end_pos)
        return Node("method", (base, group), base.start, group.end, name)

    @staticmethod
    def attribute(c: list[Any]) -> Node:
        base, name = c
        group = Node("group", (), name.end_pos, name.end_pos)
        return Node("method", (base, group), base.start, name.end_pos, str(name[1:]))

    @staticmethod
    def keyword(c: list[Any]) -> Node:
        return Node("keyword", (c[1],), c[0].start_pos, c[1].end, c[0][:-1].strip())

    @staticmethod
    def string(c: list[Any]) -> Node:
        return Node("string", (), c[0].start_pos, c[0].end_pos, str(c[0][1:-1]))

    @staticmethod
    def mid(c: list[Any]) -> Node:
        return Node("group", (*c[1], *c[3]), c[0].start_pos, c[-1].end_pos, "mid")

    @staticmethod
    def factorial(c: list[Any]) -> Node:
        """x! is the gamma function of x + 1."""
        base, end = c[0], c[1].end_pos
        more = Node("sum", (base, Node("number", (), end, end, 1)), base.start, end, (1, 1))
        return called("exp", (called("lgamma", (more,), base.start, end),), base.start, end)

    @staticmethod
    def sloppy(c: list[Any]) -> Node:
        return Node("group", (c[1],), c[0].start_pos, c[2].end_pos, "sloppy")

    @staticmethod
    def bars(c: list[Any]) -> Node:
        return Node("bars", (c[1],), c[0].start_pos, c[2].end_pos)

    @staticmethod
    def nabla(c: list[Any]) -> Node:
        if len(c) == 3 and c[1] != "²":
            raise failing("expected a function after `∇`: ∇f(X)", c[0])
        return Node("nabla", (), c[0].start_pos, c[-1].end_pos, ("hess" if len(c) == 3 else "grad", Make.name(c[-1:]).value))

    @staticmethod
    def norm(c: list[Any]) -> Node:
        return Node("norm", (c[1],), c[0].start_pos, c[-1].end_pos, "")

    @staticmethod
    def subscript(c: list[Any]) -> Node:
        base, token = c
        index = re.sub(r"[_{}\s]", "", token).translate(LOWERED)
        kind = "name" if index.isidentifier() else "number" if index.isdigit() else "mark"
        leaf = Node(kind, (), token.start_pos, token.end_pos, int(index) if kind == "number" else index)
        return Node("subscript", (base,), base.start, token.end_pos, [leaf])

    @staticmethod
    def below(c: list[Any]) -> Node:
        return Node("subscript", (c[0],), c[0].start, c[3].end_pos, c[2])

    @staticmethod
    def relation(c: list[Any]) -> Node:
        return Node("relation", (c[0], c[2]), c[0].start, c[2].end, str(c[1]))

    @staticmethod
    def range(c: list[Any]) -> Node:
        return Node("range", (c[0], c[2]), c[0].start, c[2].end)

    @staticmethod
    def big(c: list[Any]) -> Node:
        return Node("big", (), c[0].start_pos, c[0].end_pos, "prod" if c[0] in ("prod", "∏", "Π", "\\prod") else "sum")

    @staticmethod
    def inner(c: list[Any]) -> Node:
        return called("inner", (c[1], c[3]), c[0].start_pos, c[-1].end_pos)

    @staticmethod
    def ones(c: list[Any]) -> Node:
        """𝟏 is the ones of its place, 𝟏_n those of length n."""
        a, b = c[0].start_pos, c[0].end_pos
        size = c[0][2:]
        if not size:
            return called("vector", (Node("number", (), b, b, 1),), a, b)
        leaf = Node("number", (), a, b, int(size)) if size.isdigit() else Node("name", (), a, b, size)
        return called("ones", (leaf,), a, b)

    @staticmethod
    def sized(c: list[Any]) -> Node:
        """𝟏_(m·n), 0_(m,n) and I_(m·n)."""
        return called({"𝟏": "ones", "0": "zeros", "I": "eye"}[c[0][0]], tuple(c[1]), c[0].start_pos, c[-1].end_pos)
