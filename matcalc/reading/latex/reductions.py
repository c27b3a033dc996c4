r"""What the reductions of the LaTeX grammar make: the nodes of the plain language, and a few of LaTeX's own.

bars, log_bars   |Σ|, \log|Σ|     the determinant of a matrix, the absolute value of a scalar
slice            x_i              a row or a column of X
over             \sum_i           a sum (or product) over an index
"""

from __future__ import annotations

from typing import Any

from matcalc.errors import ParseError
from matcalc.reading.latex.commands import INVERSES
from matcalc.reading.latex.commands import TIMES as SPELLED
from matcalc.reading.latex.driver import DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, MAKE, OVER, TIMES, Grammar, Node, Operator, append
from matcalc.reading.latex.tables import END, RULES, STATES
from matcalc.reading.latex.token import Token

Called = Token | tuple[Token, Node]  # a function, perhaps with a power: \sin^2

_KINDS = {"*": TIMES, "/": OVER, "⊗": KRON, "khatrirao": KHATRI_RAO, "⊙": DOT_TIMES, "⊘": DOT_OVER}
BESIDE = SPELLED["*"][1]  # how strongly juxtaposition binds
GREEDY = frozenset(("tr", "det", "logdet", "vec", "adj", "expm", "sum"))  # take all that stands beside them: \operatorname{tr} A B


def _failing(message: str, at: Token | Node | Operator, hint: str = "") -> ParseError:
    error = ParseError(message, hint=hint)
    error.start, error.end = at.start, at.end
    return error


def _times(nodes: list[Node], factors: list[Any], sign: Token, factor: Node) -> list[Any]:
    spelled, binds = SPELLED[sign.text]
    factors += (Operator(_KINDS[spelled], sign.text, sign.start, sign.end, binds), factor)
    return factors


def _beside(nodes: list[Node], factors: list[Any], factor: Node) -> list[Any]:
    factors = MAKE["beside"](nodes, factors, factor)
    factors[-2].binds = BESIDE
    if len(factors) > 4 and factors[-4].text == "/" and not (factors[-3].kind == "number" == factors[-5].kind):
        raise _failing("what is divided by here?", factors[-4], "write \\frac{a}{b c} or \\frac{a}{b} c")
    return factors


def _product_total(nodes: list[Node], factors: list[Any], *rest: Any) -> Node:
    factors = _times(nodes, factors, *rest) if len(rest) == 2 else _beside(nodes, factors, rest[0])
    made: Node = MAKE["product"](nodes, factors)
    return made


def _fraction(nodes: list[Node], token: Token, _: Token, above: Node, __: Token, ___: Token, below: Node, close: Token) -> Node:
    operator = Operator(OVER, token.text, token.start, close.end)
    return append(nodes, "product", (above, below), token.start, close.end, (operator,))


def _root(nodes: list[Node], token: Token, _: Token, inside: Node, close: Token) -> Node:
    return append(nodes, "call", (inside,), token.start, close.end, ("sqrt", 0))


def _bars(nodes: list[Node], open_: Token, inside: Node, close: Token) -> Node:
    return append(nodes, "bars", (inside,), open_.start, close.end)


def _pseudoinverse(nodes: list[Node], base: Node, sign: Token) -> Node:
    return append(nodes, "call", (base,), base.start, sign.end, ("pinv", 0))


def _slice(nodes: list[Node], base: Node, sign: Token) -> Node:
    return append(nodes, "slice", (base,), base.start, sign.end, sign.text)


def _over(nodes: list[Node], token: Token, body: Node) -> Node:
    what, letter, *upper = token.text.split(" ")
    index = f"{letter}·{len(nodes)}"  # not to be mistaken for the same letter in another sum
    for node in reversed(nodes):
        if node.start < token.start:
            break
        if node.kind == "slice" and node.value == letter:
            node.value = index
        elif node.kind == "item" and letter in node.value:
            node.value = tuple(index if i == letter else i for i in node.value)
        elif node.kind == "name" and node.value == letter:
            raise _failing(f"the index `{letter}` is used as a number", node, "only entries, rows and columns depend on it: x_i, X_{i,:}")
    return append(nodes, "over", (body,), token.start, body.end, (what, index, "".join(upper)))


# --- functions ---------------------------------------------------------------------------------------------------------


def _call(nodes: list[Node], function: Called, open_: Token, *rest: Any) -> Node:
    return _applied(nodes, function, tuple(rest[0]) if len(rest) > 1 else (), rest[-1].end)


def _applied(nodes: list[Node], function: Called, arguments: tuple[Node, ...], end: int) -> Node:
    token, power = function if not isinstance(function, Token) else (function, None)
    name = token.text
    if power is not None and power.kind == "minus":
        if name not in INVERSES or power.parts[0].value != 1:
            raise _failing(f"`{name}` to a negative power: its inverse function, or one over it?", power, "\\frac{1}{f(x)}   \\arcsin(x)")
        name, power = INVERSES[name], None
    made = append(nodes, "call", arguments, token.start, end, (name, token.primes))
    return made if power is None else append(nodes, "dot_power", (made, power), token.start, end)


def _function_power(nodes: list[Node], token: Token, sign: Token, open_: Token, power: Node, close: Token) -> Called:
    return token, power


def _bare(nodes: list[Node], function: Called, argument: list[Node] | Node) -> Node:
    """A function without parentheses: of one factor, of all beside it where it is of matrices, of a number times letters."""
    token = function if isinstance(function, Token) else function[0]
    if isinstance(argument, Node):
        return _applied(nodes, function, (argument,), argument.end)
    first, *rest = argument
    if rest:
        if token.text not in GREEDY and not (first.kind == "number" and all(n.kind == "name" for n in rest)):
            raise _failing(f"where does the argument of `\\{token.text}` end?", rest[0], f"write \\{token.text}(…)")
        operators = tuple(Operator(TIMES, "", n.start, n.start + 1, BESIDE) for n in rest)
        first = append(nodes, "product", tuple(argument), first.start, rest[-1].end, operators)
    elif token.text == "log" and first.kind == "bars" and isinstance(function, Token):
        first.kind, first.start = "log_bars", token.start
        return first
    return _applied(nodes, function, (first,), first.end)


def _next(nodes: list[Node], run: list[Node], factor: Node) -> list[Node]:
    run.append(factor)
    return run


def _nested(nodes: list[Node], function: Called, argument: Node) -> Node:
    if isinstance(function, Token) and function.text == "log" and argument.kind == "call" and argument.value == ("det", 0):
        argument.value, argument.start = ("logdet", 0), function.start
        return argument
    return _applied(nodes, function, (argument,), argument.end)


LATEX = Grammar(RULES, STATES, END, {
    **MAKE,
    "times": _times,
    "beside": _beside,
    "product_total": _product_total,
    "fraction": _fraction,
    "root": _root,
    "bars": _bars,
    "pseudoinverse": _pseudoinverse,
    "slice": _slice,
    "over": _over,
    "call": _call,
    "function_power": _function_power,
    "bare": _bare,
    "nested": _nested,
    "next": _next,
})  # fmt: skip
