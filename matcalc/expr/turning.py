"""How many transposes an expression shows, how many its transpose would, and whether the two are one: of each head.

A node's own facts follow from what it is made of, never from who made it, so that they are the same in every thread and after any history.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import matcalc.expr as E
from matcalc.expr.dims import Shape
from matcalc.expr.node import Expr, Turns

Turning = tuple[Turns, bool]


def of_variable(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """A skew matrix shows no transpose either way, but a sign."""
    return (0, 0) if "skew" in data[1] else (0, 1), "symmetric" in data[1]


def of_constant(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    return (0, 0), shape[0] == shape[1]


def of_transpose(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    if args[0].op.name == "conj":
        return (1, 1), False
    shown, flipped = args[0].turns
    return (flipped, shown), False


def of_conjugate(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """A conjugate shows one mark, and so does its transpose: X^H."""
    return (1, 1), args[0].symmetric


def of_product(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """A chain is its own transpose where it reads the same from behind; a skew matrix in the middle changes the sign."""
    chain = args[data[1] :]
    turns, pairs = together(chain), any(f.op.beside and not f.complex for f in chain)
    if not pairs and (shape[0] != shape[1] or turns[0] != turns[1]):
        return turns, False
    if len(chain) == 1:
        return turns, chain[0].symmetric
    signs, turned = zip(*(E.transposing.turned(f) for f in reversed(chain)), strict=True)
    back = tuple(E.products.ordered(turned))
    if pairs:  # X X⁺ is its own transpose: what shows is counted after neighbours have turned, X' = -Y with its sign
        whole = tuple(E.products.ordered(E.transposing.transpose(f) for f in reversed(chain)))
        back, signs = (whole, (1,)) if whole == chain else (back, signs)
        turns = turns[0], together(back)[0]
    return turns, prod(signs) == 1 and back == chain


def beside(chain: Sequence[Expr]) -> str:
    """The properties of two neighbours of which one is a function of the other: X X⁺ a projector, polar(X)ᵀ X psd."""
    for f, x in (chain, chain[::-1]):
        turned = f.op is E.TRANSPOSE
        bare = f.args[0] if turned else f
        if bare.op.beside and not bare.args[0].op.beside:  # beside pinv(X) polar(pinv(X)) stays: which of the two would turn, X decides
            of, (given, made) = bare.args[0], bare.op.signature.split("->")
            if x is (of if turned == (given == made) else E.transposing.transpose(of)):
                return bare.op.beside
    return ""


def of_sum(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """The transpose of a sum may be written around it, but over no ⊗."""
    shown, flipped = together(args)
    turns = shown, flipped if flipped <= shown + 1 or any(map(E.sums.is_between_spaces, args)) else shown + 1
    if shape[0] != shape[1]:
        return turns, False
    if all(t.symmetric for t in args):
        return turns, True
    numbers = dict(zip(args, data, strict=True))
    for t, c in numbers.items():
        if not t.symmetric:
            k, back = E.transposing.turned(t)
            if numbers.get(back) != k * c:
                return turns, False
    return turns, True


def of_hadamard(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    shown, flipped = together(args)
    turns = shown, min(flipped, shown + 1) if shape[1] != 1 else shown + 1  # a column stays one
    if shape[0] != shape[1] or all(a.symmetric for a in args):
        return turns, shape[0] == shape[1]
    signs, backs = zip(*map(E.transposing.turned, args), strict=True)
    return turns, prod(signs) == 1 and set(backs) == set(args)


def of_equation(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """The solution of X Z + Z X' = C is symmetric where C is."""
    x, y, c = args
    return together(args), c.symmetric and E.transposing.transpose(x) is y


def of_power(args: tuple[Expr, ...], data: Any, shape: Shape) -> Turning:
    """A power, entry by entry or of a matrix (its exponent is then `data`): an even one of a skew matrix is symmetric."""
    if args[0].symmetric:
        return (0, 0), True
    k = data if data is not None else args[1].data
    if isinstance(k, int) and E.transposing.is_skew(args[0]):
        return (0, 0), k % 2 == 0
    return of_argument(args[0]) if data is None else (0, 1), False


def of_argument(x: Expr) -> Turns:
    """f(X)' is f(X'): it shows a transpose only where X' shows more than X, tanh(W X')' is tanh(X W')."""
    return 0, int(x.turns[0] < x.turns[1])


def together(parts: Sequence[Expr]) -> Turns:
    """How many transposes the parts show, and how many theirs would."""
    shown = flipped = 0
    for p in parts:
        one, other = p.turns
        shown += one
        flipped += other
    return shown, flipped
