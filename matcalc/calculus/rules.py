"""The differential rules of the operator table, read once and cached.

A row's ``d`` and ``adjoint`` are text in the language; here they become expressions over placeholders
(X, Y, Z for the arguments, dX, dY, dZ for their differentials, W for the cotangent) that are filled in by substitution.
"""

from __future__ import annotations

from functools import lru_cache

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, apply, signature, substitute, variable, zero
from matcalc.expr.dims import Dim, Shape, Size, solved
from matcalc.expr.lifting import ENTRIES, entry_by_entry, lifted
from matcalc.limits import MOST_ROWS
from matcalc.operators import abstract
from matcalc.reading import read

_CAPITALS, _SMALL = "XYZ", "xyz"


@lru_cache(maxsize=MOST_ROWS)
def placeholders(op: Op) -> tuple[tuple[Expr, ...], tuple[Expr, ...], Expr]:
    """The arguments, their differentials, and the cotangent of a row, in the shapes of its signature."""
    inputs, output = signature(op.signature)
    properties = {"symmetric"} if "symmetric" in op.domain else frozenset[str]()
    names = [(_SMALL if shape[1] == 1 else _CAPITALS)[i] for i, shape in enumerate(inputs)]
    arguments = tuple(variable(n, shape, properties) for n, shape in zip(names, inputs, strict=True))
    return arguments, tuple(variable("d" + n, s) for n, s in zip(names, inputs, strict=True)), variable("W", output)


@lru_cache(maxsize=MOST_ROWS)
def formula(op: Op, text: str) -> Expr:
    """The formula `text` of the row `op`, over its placeholders."""
    arguments, differentials, cotangent = placeholders(op)
    names = {v.data[0]: v for v in (*arguments, *differentials, cotangent)}
    if op.derivative is not None:
        names["D"] = apply(op.derivative(), arguments)
    return read(text, names=names).expr


def alone(op: Op, i: int) -> tuple[Expr, Expr]:
    """The row's differential when only its argument number `i` moves, over the placeholders; and what that one's differential is called.

    Raises UnsupportedError where the table has no differential.
    """
    if not op.d:
        raise UnsupportedError(f"the derivative of {op.name} is not in the table")
    _, differentials, _ = placeholders(op)
    others = {d: zero(d.shape) for k, d in enumerate(differentials) if k != i}
    return substitute(formula(op, op.d), others), differentials[i]


def filled(template: Expr, op: Op, e: Expr, more: dict[Expr, Expr]) -> Expr:
    """A formula of the row `op` for the node `e`: its arguments and sizes put in, and what `more` says."""
    arguments, _, _ = placeholders(op)
    return substitute(template, {**dict(zip(arguments, e.args, strict=True)), **more}, sizes(op, e))


def sizes(op: Op, e: Expr) -> dict[str, Size]:
    """The values of the sizes in the row's signature at the node `e`."""
    if op.abstract:  # of a user's function they are those of the question
        return {}
    inputs, output = signature(op.signature)
    bound: dict[str, Size] = {}
    shapes: list[tuple[Shape, Shape]] = [*zip(inputs, (a.shape for a in e.args), strict=True), (output, e.shape)]
    for wanted, actual in shapes:
        for w, a in zip(wanted, actual, strict=True):
            if isinstance(w, Dim) and w.name:
                bound.setdefault(w.name, a)
    for wanted, actual in shapes:
        for w, a in zip(wanted, actual, strict=True):
            free = [] if isinstance(w, int) else [s for s in w.symbols if s not in bound]
            if len(free) == 1 and not isinstance(w, int):
                part = solved(w, a, free[0], bound)
                if part is not None:
                    bound[free[0]] = part
    return bound


def partial(op: Op, args: tuple[Expr, ...], i: int = 0) -> Expr:
    """The partial derivative of the elementwise function by its argument number `i`, entry by entry.

    >>> from matcalc.expr import number
    >>> from matcalc.operators import OPERATORS
    >>> partial(OPERATORS["exp"], (number(0),))
    1
    """
    if op.abstract is not None:
        name, order = op.abstract
        return apply(abstract(name, order + 1), args)
    if not op.d:
        raise UnsupportedError(f"the derivative of {op.name} is not in the table")
    return lifted(_of_entries(op.d.split(";")[i]), args)


@lru_cache(maxsize=MOST_ROWS)
def _of_entries(text: str) -> Expr:
    return read(text, names={v.data[0]: v for v in ENTRIES}).expr


def needed(words: str, args: tuple[Expr, ...]) -> list[tuple[Expr, str]]:
    """The demands of the `domain` or the `smooth` column of a function of several arguments: expressions, and what each must be."""
    parts = [part.strip().rsplit(" ", 1) for part in words.split(";") if part]
    return [(entry_by_entry(_of_entries(formula), args), needs) for formula, needs in parts]
