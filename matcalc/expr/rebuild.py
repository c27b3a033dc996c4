"""Walks over expressions that make new ones: substitution, and the form that pickles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import matcalc.expr as E
from matcalc.errors import ShapeError
from matcalc.expr import heads as H
from matcalc.expr.applying import apply
from matcalc.expr.dims import Size, replace
from matcalc.expr.entrywise import hadamard, hpower, ones
from matcalc.expr.heads import family, identity, size, unit, variable, zero
from matcalc.expr.node import Expr, Op, below, node, postorder
from matcalc.expr.products import matpower, power, product, scaled
from matcalc.expr.sums import add
from matcalc.expr.transposing import transpose


def remake(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """`e` with other arguments, through the canonical constructors."""
    return e if args == e.args else built(e.op, args, e.data)


def built(op: Op, args: tuple[Expr, ...], data: Any) -> Expr:
    """The operator applied, through its canonical constructor."""
    if op is H.PRODUCT:
        return product(args, data[0])
    if op is H.SUM:
        return add([scaled(c, a) for c, a in zip(data, args, strict=True)])
    if op is H.TRANSPOSE:
        return transpose(args[0])
    if op is H.HADAMARD:
        return hadamard(args)
    if op is H.POWER:
        return power(*args)
    if op is H.HPOWER:
        return hpower(*args)
    if op is H.MATPOWER:
        return matpower(args[0], data)
    if op is H.MEMBER:
        return member(*args)
    if op is H.CONJ:
        return E.conjugate.conjugate(args[0])
    return apply(op, args, data)


def member(of: Expr, *at: Expr) -> Expr:
    """The member of a family where the unit vectors `at` say.

    Raises ShapeError where they are not as many, or not as long, as the family has axes.
    """
    counts = of.data[2]
    if tuple(u.shape for u in at) != tuple((n, 1) for n in counts):
        raise ShapeError(f"{of.data[0]} has {len(counts)} ind{'ex' if len(counts) == 1 else 'ices'}, of {', '.join(map(str, counts))}")
    return zero(of.shape) if any(u.op is H.ZERO for u in at) else node(H.MEMBER, (of, *at), None, of.shape)


def transform(e: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`e` with `change` applied to every node, arguments first; each node once."""
    return transformed([e], change)[0]


def transformed(roots: Sequence[Expr], change: Callable[[Expr], Expr]) -> list[Expr]:
    """The same of several; a node that they share is changed once."""
    done: dict[Expr, Expr] = {}
    for n in postorder(*roots):
        done[n] = change(remake(n, tuple(done[a] for a in n.args)) if n.args else n)
    return [done[r] for r in roots]


def substitute(e: Expr, by: Mapping[Expr, Expr], sizes: Mapping[str, Size] | None = None) -> Expr:
    """`e` with expressions (usually variables) replaced, and size symbols too.

    >>> from matcalc.expr import variable
    >>> s, t = variable("s", (1, 1)), variable("t", (1, 1))
    >>> substitute(s * s, {s: t}) is t**2
    True
    """
    if not by and not sizes:
        return e
    done: dict[Expr, Expr] = dict(by)
    for n in postorder(e):
        if n not in done:
            if n.args:
                args = tuple(done[a] for a in n.args)
                if sizes and n.op.build:
                    done[n] = n.op.build(args, tuple(d if isinstance(d, str) else replace(d, sizes) for d in n.data))
                elif sizes and n.op.made_by and not n.op.elementwise:  # a user's function of a matrix: its row knows its shapes
                    done[n] = apply(_resized_row(n.op, sizes), args, n.data)
                else:
                    done[n] = remake(n, args)
            else:
                done[n] = resized(n, sizes) if sizes else n
    return done[e]


def symmetrised(e: Expr, declared: Mapping[Expr, Expr]) -> Expr:
    """(e + e')/2, where `e` is symmetric with its variables as they are declared: so is a function of symmetric matrices to be read of all.

    >>> from matcalc.expr import symbol
    >>> X, S = (variable("S", (symbol("n"), symbol("n")), p) for p in (set(), {"symmetric"}))
    >>> symmetrised(X, {X: S})
    (S + Sᵀ)/2
    """
    if e.symmetric or not declared or not substitute(e, declared).symmetric:
        return e
    return scaled(Fraction(1, 2), add([e, transpose(e)]))


def released(e: Expr, free: Mapping[Expr, Expr]) -> Expr:
    """`e` with declared variables replaced by such of which less is declared."""
    if not free:
        return e
    declared = {f: v for v, f in free.items()}
    done: dict[Expr, Expr] = dict(free)
    for n in postorder(e):
        if n not in done:
            args = tuple(done[a] for a in n.args)
            done[n] = remake(n, tuple(symmetrised(a, declared) for a in args) if "symmetric" in n.op.domain else args)
    return done[e]


def _resized_row(op: Op, sizes: Mapping[str, Size]) -> Op:
    assert op.made_by is not None
    make, given = op.made_by
    made: Op = make(*(tuple(replace(d, sizes) for d in part) if isinstance(part, tuple) else part for part in given))
    return made


def resized(leaf: Expr, sizes: Mapping[str, Size]) -> Expr:
    """A leaf with size symbols replaced."""
    rows, columns = (replace(d, sizes) for d in leaf.shape)
    if leaf.op is H.VARIABLE:
        return variable(leaf.data[0], (rows, columns), frozenset(leaf.data[1]))
    if leaf.op is H.FAMILY:
        return family(leaf.data[0], tuple(replace(d, sizes) for d in leaf.data[2]), (rows, columns), frozenset(leaf.data[1]))
    if leaf.op is H.ONES:
        return ones((rows, columns))
    if leaf.op is H.IDENTITY:
        return identity(rows)
    if leaf.op is H.ZERO:
        return zero((rows, columns))
    if leaf.op is H.SIZE:
        return size(replace(leaf.data, sizes))
    if leaf.op is H.UNIT:
        return unit(leaf.data[0], rows)
    if leaf.op is H.NUMBER or not isinstance(leaf.data, tuple):
        return leaf
    return leaf.op.leaf(tuple(replace(d, sizes) for d in leaf.data)) if leaf.op.leaf else leaf


def variables(*roots: Expr) -> list[Expr]:
    """The variables that occur, by name."""
    found = {n for root in roots for n in below(root) if n.op is H.VARIABLE}
    return sorted(found, key=lambda v: v.data[0])


def pack(e: Expr) -> list[tuple[Any, ...]]:
    """`e` as a list of rows (operator, argument numbers, data, shape)."""
    nodes = postorder(e)
    number_of = {n: i for i, n in enumerate(nodes)}
    return [(n.op, tuple(number_of[a] for a in n.args), n.data, n.shape) for n in nodes]


def unpack(rows: list[tuple[Any, ...]]) -> Expr:
    """The expression `pack` was given."""
    out: list[Expr] = []
    for op, numbers, data, shape in rows:
        args = tuple(out[i] for i in numbers)
        if args:
            out.append(built(op, args, data))
        elif op is H.VARIABLE:
            out.append(variable(data[0], shape, frozenset(data[1])))
        else:
            out.append(node(op, (), data, shape))
    return out[-1]
