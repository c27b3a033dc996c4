"""Applies a row of the operator table: checks the signature, and does what the row's columns say.

Out of ``degree`` come numbers and scalars taken out in front, out of ``transposed`` the one argument that
stands for an expression and its transpose, out of ``parity`` the signs, out of ``canonical`` whatever is particular.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import matcalc.expr as E
import matcalc.expr.grids as grids
from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr.dims import Dim, Shape, Size, replace, size_of, solved
from matcalc.expr.facts import is_nonnegative
from matcalc.expr.heads import GRID, NUMBER, ONE, ZERO, coefficient_and_rest, number, size, zero
from matcalc.expr.node import Expr, Op, node
from matcalc.expr.products import power, product, scaled, split
from matcalc.expr.transposing import is_skew, oriented, transpose, wrapped

_BRACKETS = re.compile(r"\(([^()]*)\)")
_SIZES = r"\((?:\w+(?:[*+]\w+)*(?:,\w+(?:[*+]\w+)*)?)?\)"
_SIGNATURE = re.compile(rf"(?:{_SIZES}(?:,{_SIZES})*)?->{_SIZES}")


def apply(op: Op, args: tuple[Expr, ...], data: Any = None) -> Expr:
    """The row `op` applied to `args`, in canonical form.

    Raises ShapeError where the arguments do not fit the row's signature.
    """
    if op.build is not None:
        return op.build(args, data)
    if op.reals:
        _check_real(op, args)
    if args and args[0].op is GRID and len(args) == 1:
        blocks = grids.applied(op, args[0])
        if blocks is not None:
            return blocks
    shape = entrywise_shape(op, args) if op.elementwise else result_shape(op, tuple(a.shape for a in args))
    if op.canonical is not None:
        known = op.canonical(op, args)
        if known is not None:
            return known
    if op.values and args[0].op in (NUMBER, ZERO):
        for at, value in op.values:
            if at == (args[0].data if args[0].op is NUMBER else 0):
                return E.entrywise.fill(number(value), shape) if value else zero(shape)
    if op.parity:
        c, rest = coefficient_and_rest(args[0])
        if c < 0:
            return scaled(-1 if op.parity == "odd" else 1, apply(op, (scaled(-c, rest),), data))
    if any(degree in ("1", "abs") and a.op is ZERO for degree, a in zip(op.degree, args, strict=False)):
        return zero(shape)
    if op.degree:
        front, bare = _homogeneous(op, args)
        if bare != args:
            return product([front, apply(op, bare, data)])
    if op.transposed == "each":
        return node(op, args, data, shape)
    if op.transposed:
        inner, flipped = oriented(args[0])
        if flipped:
            return _turned(op, inner, args, data)
        if op.transposed == "same" and op.degree == ("1",) and is_skew(args[0]):
            return zero(shape)  # f(X) = f(X') = f(-X) = -f(X)
    return node(op, args, data, shape)


def _check_real(op: Op, args: tuple[Expr, ...]) -> None:
    """Raises UnsupportedError where a function that only reals have is given what may be complex."""
    if any(a.complex for a in args):
        fits = E.conjugate.is_hermitian if "symmetric" in op.domain else E.conjugate.is_real
        if not all(map(fits, args)):
            what = "Hermitian" if fits is E.conjugate.is_hermitian else "real"
            raise UnsupportedError(f"{op.name} is of {what} arguments only", hint="take real(…) or abs(…) of it")


def entrywise_shape(op: Op, args: tuple[Expr, ...]) -> Shape:
    """The shape of a function entry by entry: that of its arguments that are no scalars.

    Raises ShapeError where these differ, or are too many or too few.
    """
    if len(args) != op.signature.count("*"):
        raise ShapeError(_count(op.name, op.signature.count("*"), len(args)))
    shapes = dict.fromkeys(a.shape for a in args if not a.is_scalar)
    if len(shapes) > 1:
        shown = ", ".join(f"({r}, {c})" for r, c in (a.shape for a in args))
        raise ShapeError(f"{op.name} needs arguments of one shape, or scalars, but has {shown}")
    return next(iter(shapes), (1, 1))


def inputs_of(text: str) -> int:
    """How many arguments a signature has.

    >>> inputs_of("(m*n),()->(m,n)"), inputs_of("*,*")
    (2, 2)
    """
    return len(signature(text)[0]) if "->" in text else text.count("*")


def _count(name: str, wanted: int, given: int) -> str:
    return f"{name} takes {wanted} argument{'s' * (wanted != 1)}, not {given}"


def result_shape(op: Op, shapes: tuple[Shape, ...]) -> Shape:
    """The shape the row's signature gives for arguments of these shapes.

    Raises ShapeError, naming the operator and both shapes.
    """
    inputs, output = signature(op.signature)
    if op.abstract and inputs == shapes:  # a user's function: its sizes are those of the question
        return output
    bound: dict[str, Size] = {}
    if len(inputs) != len(shapes):
        raise ShapeError(_count(op.name, len(inputs), len(shapes)))
    for wanted, actual in zip(inputs, shapes, strict=True):
        for w, a in zip(wanted, actual, strict=True):
            if isinstance(w, Dim) and w.name:
                w = bound.setdefault(w.name, a)
            elif isinstance(w, Dim):  # m*p, m+1: the one symbol not bound yet follows
                free = [name for name in w.symbols if name not in bound]
                if len(free) == 1:
                    part = solved(w, a, free[0], bound)
                    if part is not None:
                        bound[free[0]] = part
                w = replace(w, bound)
            if w != a:
                raise ShapeError(f"{op.name} {wants(op.signature)}, but has {', '.join(f'({r}, {c})' for r, c in shapes)}")
    made = replace(output[0], bound), replace(output[1], bound)
    if 0 in made:
        raise ShapeError(f"{op.name} needs more than {shapes[0][0]} row{'s' * (shapes[0][0] != 1)}")
    return made


def wants(text: str) -> str:
    """The demands of a signature on the arguments, in words.

    >>> wants("(n,n)->()"), wants("*,*")
    ('needs a square matrix', 'needs arguments of one shape, or scalars')
    """
    if "->" not in text:
        return "needs arguments of one shape, or scalars"
    inputs, _ = signature(text)
    if len(inputs) == 1:
        rows, columns = inputs[0]
        kinds = ((rows == 1 == columns, "a scalar"), (rows == columns, "a square matrix"), (columns == 1, "a vector"), (True, "a matrix"))
        return "needs " + next(kind for fits, kind in kinds if fits)
    if len(set(inputs)) == 1:
        return "needs arguments of one shape"
    return "needs shapes like " + ", ".join(f"({r}, {c})" for r, c in inputs)


@lru_cache(maxsize=1024)
def signature(text: str) -> tuple[tuple[Shape, ...], Shape]:
    """The shapes in a signature.

    Raises ShapeError where it is none.

    >>> signature("(m,n),(n)->()"), signature("(m,n),()->(m,n)")[0]
    ((((m, n), (n, 1)), (1, 1)), ((m, n), (1, 1)))
    """
    if not _SIGNATURE.fullmatch(text):
        raise ShapeError(f"`{text}` is no signature", hint="(m,n),(n)->()")
    left, right = text.split("->")
    return tuple(_shape(part) for part in _BRACKETS.findall(left)), _shape(right[1:-1])


def _shape(text: str) -> Shape:
    sizes = [size_of(t) for t in text.split(",")] if text else []
    return (sizes[0] if sizes else 1, sizes[1] if len(sizes) > 1 else 1)


def _homogeneous(op: Op, args: tuple[Expr, ...]) -> tuple[Expr, tuple[Expr, ...]]:
    front, out = ONE, []
    for degree, arg in zip(op.degree, args, strict=True):
        s, rest = split(arg) if not arg.is_scalar else coefficient_split(arg)
        if not degree or s is ONE or (degree == "abs" and not arg.is_scalar and _abs(s) is None):
            out.append(arg)
            continue
        if degree == "abs":
            s = _abs(s) or s
        elif degree == "n":
            s = power(s, size(arg.shape[0]))
        elif degree == "m*n":
            s = power(s, size(arg.shape[0] * arg.shape[1]))
        else:
            s = power(s, number(int(degree)))
        front = product([front, s])
        out.append(rest)
    return front, tuple(out)


def coefficient_split(e: Expr) -> tuple[Expr, Expr]:
    c, rest = coefficient_and_rest(e)
    return number(c), rest


def _abs(s: Expr) -> Expr | None:
    if s.op is NUMBER:
        return number(abs(s.data))
    c, rest = coefficient_and_rest(s)
    return scaled(-c if c < 0 else c, rest) if is_nonnegative(rest) else None


def _turned(op: Op, inner: Expr, args: tuple[Expr, ...], data: Any) -> Expr:
    made = apply(op, (inner, *args[1:]), data)
    if op.transposed == "same":
        return made
    return wrapped(made) if made.op is op and not made.symmetric else transpose(made)
