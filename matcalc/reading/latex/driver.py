"""Tokens into nodes: runs the LALR tables and appends each node, once its parts are there, to one flat list.

The list is in post-order, so what follows (shapes, then expressions) is one loop over it; nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from matcalc.errors import LimitError, ParseError
from matcalc.limits import MOST_DIGITS
from matcalc.reading.latex.token import Token

V = TypeVar("V")

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

from matcalc.reading.tree import _SPELLED, TIMES, Node, Operator


class Grammar(NamedTuple):
    """The tables of a grammar, and what its reductions make."""

    rules: list[tuple[str, int, str]]
    states: list[int | dict[str, int]]
    end: int
    make: Mapping[str, Callable[..., Any]]


def parse(found: list[Token], text: str, grammar: Grammar) -> list[Node]:
    """The nodes of the expression, parts before wholes; the last one is the whole.

    Raises ParseError with the place.
    """
    rules, all_states, accepting, makes = grammar
    nodes: list[Node] = []
    states, values = [0], list[Any]()
    previous: Token | None = None
    try:
        for token in found:
            kind = token.kind
            while True:
                action: Any = all_states[states[-1]]
                if type(action) is dict:
                    action = action.get(kind)
                    if action is None:
                        raise _unexpected(token, previous)
                    if action >= 0:
                        states.append(action)
                        values.append(token)
                        break
                origin, length, make = rules[-1 - action]
                if length > 1:
                    made = makes[make](nodes, *values[-length:])
                    del values[-length:], states[-length:]
                    values.append(made)
                else:
                    if make:
                        values[-1] = makes[make](nodes, values[-1])
                    del states[-1]
                goto = all_states[states[-1]]
                assert isinstance(goto, dict)
                states.append(goto[origin])
                if states[-1] == accepting:
                    if kind == "$END":
                        return nodes
                    raise _unexpected(token, previous)
            previous = token
    except (ParseError, LimitError) as error:
        error.line = text
        raise error.at(text, len(text), len(text) + 1) from None
    raise AssertionError("the end is a token")


def _unexpected(token: Token, previous: Token | None) -> ParseError:
    shown, hint = token.text, ""
    if previous is None or previous.kind in ("ADD", "TIMES", "POWER", "LPAR", "LSQB", "LBRACE", "LANGLE", "COMMA", "OPEN", "FUNCTION"):
        if previous is None:
            message = f"an expression cannot start with `{shown}`"
        elif token.kind == "$END":
            message = f"expected an operand after `{previous.text}`, but the text ends"
        else:
            message = f"expected an operand after `{previous.text}`, not `{shown}`"
        if previous is not None and previous.text == shown == "*":
            hint = "a power is written ^, elementwise .^"
        if previous is not None and previous.kind == "LSQB":
            message, hint = f"an index is a whole number, a name or `:`, not `{shown}`", "X[:,j]   X[i,:]   X[1,2]"
    elif token.kind == "$END":
        message = "the expression is not complete"
    elif token.kind == "NUMBER":
        message = f"a number cannot follow `{previous.text}` directly"
        hint = "write the operator between them"
    elif token.kind == "COMMA":
        message = "`,` separates the arguments of a function, nothing else"
    elif token.kind == "COLON":
        message, hint = "`:` stands for a whole row or column in X[:,j] and X[i,:]", "declarations go into `where`"
    elif token.kind == "SUBSCRIPT":
        message, hint = f"`{shown}` belongs after a norm", "‖X‖_F, ‖x‖_1, ‖X‖_*"
    elif token.kind == "LBRACE":
        message = "braces stand after ^ and _ only; parentheses are ( )"
    else:
        message = f"unexpected `{shown}` after `{previous.text}`"
    error = ParseError(message, hint=hint)
    error.start, error.end = token.start, max(token.end, token.start + 1)
    return error


# --- what a reduction makes: the functions are called with the list of nodes and the values of the parts ------------


def append(nodes: list[Node], *what: Any) -> Node:
    made = Node(*what)
    nodes.append(made)
    return made


def _number(nodes: list[Node], token: Token) -> Node:
    return append(nodes, "number", (), token.start, token.end, _value(token))


def _value(token: Token) -> int | Fraction:
    mantissa, _, exponent = token.text.lower().partition("e")
    if len(mantissa) > MOST_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MOST_DIGITS:
        error = LimitError(f"a number of more than {MOST_DIGITS} digits")
        error.start, error.end = token.start, token.end
        raise error
    return int(token.text) if token.text.isdigit() else Fraction(token.text if token.text[-1] != "." else token.text[:-1])


def _name(nodes: list[Node], token: Token) -> Node:
    return append(nodes, "name", (), token.start, token.end, token.text)


def _group(nodes: list[Node], open_: Token, inside: Node, close: Token) -> Node:
    inside.start, inside.end = open_.start, close.end
    return inside


def _terms(nodes: list[Node], first: Node) -> list[Any]:
    return [first]


def _plus(nodes: list[Node], terms: list[Any], sign: Token, term: Node) -> list[Any]:
    terms += (sign, term)
    return terms


def _sum(nodes: list[Node], terms: list[Any]) -> Node:
    if len(terms) == 1:
        only: Node = terms[0]
        return only
    parts = tuple(terms[::2])
    signs = (1, *(1 if s.text in "+＋" else -1 for s in terms[1::2]))
    return append(nodes, "sum", parts, parts[0].start, parts[-1].end, signs)


def _sign(nodes: list[Node], sign: Token, operand: Node) -> Node:
    if sign.text in "+＋":
        operand.start = sign.start
        return operand
    return append(nodes, "minus", (operand,), sign.start, operand.end)


def _product(nodes: list[Node], factors: list[Any]) -> Node:
    if len(factors) == 1:
        only: Node = factors[0]
        return only
    parts = tuple(factors[::2])
    return append(nodes, "product", parts, parts[0].start, parts[-1].end, tuple(factors[1::2]))


def _times(nodes: list[Node], factors: list[Any], sign: Token, factor: Node) -> list[Any]:
    factors += (Operator(_SPELLED[sign.text], sign.text, sign.start, sign.end), factor)
    return factors


def _beside(nodes: list[Node], factors: list[Any], factor: Node) -> list[Any]:
    leaf = factor
    while leaf.parts and leaf.parts[0].start == factor.start:
        leaf = leaf.parts[0]
    if leaf.kind == "number" and leaf.start == factor.start:
        error = ParseError("a number cannot follow a factor directly", hint="write the operator between them")
        error.start, error.end = leaf.start, leaf.end
        raise error
    factors += (Operator(TIMES, "", factor.start, factor.start + 1), factor)
    return factors


def _power(nodes: list[Node], base: Node, sign: Token, exponent: Node) -> Node:
    kind = "dot_power" if sign.text[0] == "." else "power"
    turned = exponent if exponent.kind == "transpose" else exponent.parts[0] if exponent.kind == "minus" else None
    if turned is not None and turned.kind == "transpose" and turned.parts[0].kind == "number" and turned.start == turned.parts[0].start:
        # A^2' and A^-1': nobody transposes a number, the prime is the power's
        number = turned.parts[0]
        del nodes[-1 if exponent is turned else -2]
        if exponent is turned:
            exponent = number
        else:
            exponent.parts, exponent.end = (number,), number.end
        made = append(nodes, kind, (base, exponent), base.start, exponent.end)
        return append(nodes, "transpose", (made,), base.start, turned.end)
    return append(nodes, kind, (base, exponent), base.start, exponent.end)


def _braced(nodes: list[Node], base: Node, sign: Token, open_: Token, exponent: Node, close: Token) -> Node:
    return append(nodes, "dot_power" if sign.text[0] == "." else "power", (base, exponent), base.start, close.end)


def _transpose(nodes: list[Node], operand: Node, sign: Token) -> Node:
    made = operand
    for _ in range({"″": 2, "‴": 3}.get(sign.text, 1)):
        made = append(nodes, "transpose", (made,), operand.start, sign.end)
    return made


def _superscript(nodes: list[Node], base: Node, sign: Token) -> Node:
    if sign.text == "⁺":
        return append(nodes, "call", (base,), base.start, sign.end, ("pinv", 0))
    digits = sign.text.translate(_RAISED)
    if len(digits) > MOST_DIGITS:
        raise LimitError(f"a number of more than {MOST_DIGITS} digits")
    exponent = append(nodes, "number", (), sign.start, sign.end, int(digits))
    return append(nodes, "power", (base, exponent), base.start, sign.end)


def _inverse_transpose(nodes: list[Node], base: Node, sign: Token) -> Node:
    exponent = append(nodes, "number", (), sign.start, sign.end, -1)
    inverse = append(nodes, "power", (base, exponent), base.start, sign.end)
    return append(nodes, "transpose", (inverse,), base.start, sign.end)


def _item(nodes: list[Node], operand: Node, open_: Token, indices: list[Any], close: Token) -> Node:
    return append(nodes, "item", (operand,), operand.start, close.end, tuple(indices))


def _more(nodes: list[Node], listed: list[Any], comma: Token, last: Any) -> list[Any]:
    listed.append(last)
    return listed


def _call(nodes: list[Node], name: Token, open_: Token, *rest: Any) -> Node:
    arguments = tuple(rest[0]) if len(rest) > 1 else ()
    return append(nodes, "call", arguments, name.start, rest[-1].end, (name.text, name.primes))


def _gradient(nodes: list[Node], name: Token, open_: Token, inside: Node, close: Token) -> Node:
    return append(nodes, "gradient", (inside,), name.start, close.end, name.text)


def _norm(nodes: list[Node], open_: Token, inside: Node, close: Token, subscript: Token | None = None) -> Node:
    index = "" if subscript is None else re.sub(r"[_{}\s]", "", subscript.text).translate(str.maketrans("₁₂", "12"))
    return append(nodes, "norm", (inside,), open_.start, (subscript or close).end, index)


def _inner(nodes: list[Node], open_: Token, a: Node, comma: Token, b: Node, close: Token) -> Node:
    return append(nodes, "call", (a, b), open_.start, close.end, ("inner", 0))


def _all(nodes: list[Node], token: Token) -> slice:
    return slice(None)


def _whole(nodes: list[Node], token: Token) -> int | Fraction:
    return _value(token)


def _signed_index(nodes: list[Node], sign: Token, token: Token) -> int | Fraction:
    return -_value(token) if sign.text not in "+＋" else _value(token)


def _letter(nodes: list[Node], token: Token) -> str:
    return token.text


MAKE: dict[str, Callable[..., Any]] = {
    "": lambda nodes, only: only,
    "first": _terms,
    "sum": _sum,
    "plus": _plus,
    "product": _product,
    "sign": _sign,
    "times": _times,
    "beside": _beside,
    "power": _power,
    "braced": _braced,
    "transpose": _transpose,
    "superscript": _superscript,
    "inverse_transpose": _inverse_transpose,
    "item": _item,
    "number": _number,
    "name": _name,
    "group": _group,
    "call": _call,
    "gradient": _gradient,
    "norm": _norm,
    "inner": _inner,
    "more": _more,
    "all": _all,
    "whole": _whole,
    "letter": _letter,
    "signed_index": _signed_index,
}
