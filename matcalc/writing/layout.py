"""Text that is put together from parts and knows how strongly it binds, and the walk that asks for parts.

A part is used as often as the expression shares it, and is never copied: the string is made once, at the end.
Nothing recurses, so depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Hashable
from functools import cache, lru_cache
from string import Formatter
from typing import NamedTuple, TypeVar

# How strongly a notation binds; what binds less than its place asks for is put into parentheses.
SUM, BIG, HADAMARD, KRON, PRODUCT, MOVING, FACTOR, FRACTION, POWER, RAISED, INDEXED, ATOM = 10, 20, 40, 50, 60, 65, 70, 80, 85, 90, 95, 100
# A factor of a product binds FACTOR at least; dX is MOVING: the last factor as it is, else in parentheses, (dX) Xᵀ.

_GROWING = re.compile(r"\\(?:left|right)(?![A-Za-z])")
_TOKEN = re.compile(r"[^\W\d]\w*'*|\d+(?:\.\d+)?|\.[*/^]|[-+*/^']")


class Layout(NamedTuple):
    """A piece of text as a tree of strings; `tokens` counts its names, numbers and operators, `storeys` its fractions
    in fractions; around what is `tall` parentheses grow.
    """

    parts: tuple[str | Layout, ...]
    binds: int
    length: int
    tokens: int
    storeys: int = 0
    tall: bool = False

    @property
    def head(self) -> str:
        """The first character."""
        part: str | Layout = self
        while isinstance(part, Layout):
            part = part.parts[0]
        return part[:1]


Form = tuple[str, int, tuple[int, ...]]  # a template, how strongly it binds, and the least each operand must bind
Fences = tuple[str, str]

K = TypeVar("K", bound=Hashable)
Asking = Generator[K, Layout, Layout]


def laid(binds: int, *parts: str | Layout) -> Layout:
    """The layout of `parts`, one after the other.

    >>> string(laid(SUM, "a", " + ", laid(ATOM, "b")))
    'a + b'
    """
    length = tokens = storeys = 0
    tall = False
    for part in parts:
        if not isinstance(part, str):
            storeys = max(storeys, part.storeys)
            tall = tall or part.tall
    if not tall:
        parts = tuple(_low(part) if isinstance(part, str) and "\\" in part else part for part in parts)
    for part in parts:
        if isinstance(part, str):
            length += len(part)
            tokens += _tokens(part)
        else:
            length += part.length
            tokens += part.tokens
    return Layout(parts, binds, length, tokens, storeys, tall)


def stacked(part: Layout) -> Layout:
    """A fraction, one storey higher than what is in it."""
    return part._replace(storeys=part.storeys + 1, tall=True)


@lru_cache(maxsize=4096)
def _low(text: str) -> str:
    """Parentheses and bars grow around fractions and sums alone."""
    return _GROWING.sub("", text)


def fenced(part: Layout, least: int, fences: Fences) -> Layout:
    """`part`, in parentheses if it binds less than `least`."""
    return part if part.binds >= least else laid(ATOM, fences[0], part, fences[1])


def filled(form: Form, operands: tuple[str | Layout, ...], fences: Fences) -> Layout:
    """The form's template with its operands in place, in parentheses where they bind too little.

    >>> string(filled(("{0}'", RAISED, (ATOM,)), (laid(SUM, "a + b"),), ("(", ")")))
    "(a + b)'"
    """
    template, binds, least = form
    parts: list[str | Layout] = []
    for literal, place in _pieces(template):
        if literal:
            parts.append(literal)
        if place is not None:
            part = operands[place]
            parts.append(part if isinstance(part, str) else fenced(part, least[place], fences))
    return laid(binds, *parts)


def string(layout: Layout) -> str:
    """The text of a layout."""
    out: list[str] = []
    todo: list[str | Layout] = [layout]
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            out.append(part)
        else:
            todo.extend(reversed(part.parts))
    return "".join(out)


def lay_out(root: K, write: Callable[[K], Asking[K]]) -> Layout:
    """The layout of `root`, where `write` yields each part it needs and is sent that part's layout.

    Each part is laid out once; the depth is held on a stack of our own.
    """
    done: dict[K, Layout] = {}
    stack: list[tuple[K, Asking[K]]] = [(root, write(root))]
    answer: Layout | None = None
    while stack:
        key, asking = stack[-1]
        try:
            wanted = asking.send(answer)  # type: ignore[arg-type]
        except StopIteration as stop:
            answer = done[key] = stop.value
            stack.pop()
        else:
            answer = done.get(wanted)
            if answer is None:
                stack.append((wanted, write(wanted)))
    return done[root]


@lru_cache(maxsize=4096)
def _tokens(text: str) -> int:
    return len(_TOKEN.findall(text))


@cache
def _pieces(template: str) -> tuple[tuple[str, int | None], ...]:
    return tuple((literal, int(field) if field else None) for literal, field, _, _ in Formatter().parse(template))
