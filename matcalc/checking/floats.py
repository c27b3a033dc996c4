"""Points in floats, and how far a program may be off there.

A program is compared with the exact value at the very numbers it is given.  What it may be off by is measured: every result on the way
is changed in its last digits, and what that makes of the value, times as much as floats are coarser, is what rounding can do.
"""

from __future__ import annotations

import keyword
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import prod
from random import Random
from typing import Any

from matcalc.checking.complex_numbers import of_parts
from matcalc.checking.exact import Function, Point, shaken, values
from matcalc.checking.linear import determinant, scaled
from matcalc.checking.numbers import Matrix, Number, Undefined, apart, context, counting, is_complex, magnitude
from matcalc.checking.stand_ins import value_shape
from matcalc.expr import FAMILY, HADAMARD, MATPOWER, PRODUCT, SUM, TRANSPOSE, VARIABLE, Expr, Shape, has, postorder

DIGITS, SHAKEN = 100, 94  # digits to count with, and the one that is changed: what is zero but for rounding stays so
FLOAT = Decimal(2.0**-52)
GENEROUS = 2000  # times what was measured
TOO_FAR = Decimal("1e-4")  # of the value; where rounding may do that, a program tells nothing
RANGE, SMALLEST = 150, 290  # digits of the largest and the smallest number on the way; what is nothing but rounding is small too
SHAKES = 2
JUMP = 16  # times the last digit: a jump that is nearer decides nothing
CANCELLED = 10**6  # how much larger what is added up is than its sum, where a product of sums is off as what it multiplies out to
MULTIPLIED = frozenset({PRODUCT, HADAMARD, TRANSPOSE})  # linear in each argument, as what has an adjoint is
OF_ONE = frozenset({"sigmoid", "normcdf", "softmax", "softmax_rows"})  # parts of one: a program may take them from it


def as_floats(point: Point, roots: Iterable[Expr]) -> dict[str, Any]:
    """The values of a point as programs take them: a matrix 2-D, a vector 1-D, a scalar as a number, functions g, g_prime, …."""
    import numpy as np

    out: dict[str, Any] = dict(point.indices)
    for e in postorder(*roots):
        if e.op is VARIABLE:
            rows = [[as_float(x) for x in row] for row in point.values[e.data[0]]]
            if e.complex:
                rows = [[complex(x) for x in row] for row in rows]
            out[e.data[0]] = rows[0][0] if e.is_scalar else np.array(rows)[:, 0] if e.shape[1] == 1 else np.array(rows)
        elif e.op is FAMILY:
            flat = np.array([[as_float(x) for x in row] for row in point.values[e.data[0]]])
            axes = (*map(point.size, e.data[2]), *map(point.size, e.shape))
            out[e.data[0]] = flat.reshape(axes[:-1] if axes[-1] == 1 and e.shape[1] == 1 else axes)
        elif e.op.abstract:
            name, order = e.op.abstract
            gives = None if e.op.elementwise else value_shape(e.op)
            for k in range(order + 4 if gives is None else 3):
                out[prime(name, k)] = _called(point.functions[name], k, gives)
    return out


def as_float(x: Number) -> float | complex:
    """The nearest number of double precision."""
    return complex(float(x.real), float(x.imag)) if is_complex(x) else float(x)


def exactly(x: Any) -> Number:
    """A number of double precision as a real one of many digits, or a complex one."""
    return of_parts(Decimal(float(x.real)), Decimal(float(x.imag)))


def prime(name: str, order: int) -> str:
    """The name in programs of a derivative of the function `name`."""
    return name + ("" if order == 0 else "_prime" if order == 1 else f"_prime{order}")


def _called(f: Function, order: int, gives: Shape | None) -> Callable[[Any], Any]:
    """The function, elementwise or with values of a shape, on arrays."""
    import numpy as np

    def of_entries(z: Any) -> Any:
        a = np.asarray(z, dtype=float)
        return np.array(f([[exactly(x)] for x in a.ravel()], order), dtype=float).reshape(a.shape)

    def of_a_matrix(z: Any) -> Any:
        a = np.asarray(z, dtype=float)
        rows = [[exactly(x) for x in row] for row in a.reshape(len(a) if a.ndim else 1, -1)]
        found = np.array(f(rows, order), dtype=float)
        if order == 0:
            return found[0, 0] if gives == (1, 1) else found[:, 0] if gives is not None and gives[1] == 1 else found
        return found.reshape(a.shape) if order == 1 and gives == (1, 1) else found

    return of_entries if gives is None else of_a_matrix


def rounded(point: Point) -> Point | None:
    """The point with values that floats have, as reals where they are no others; None where a singular matrix is none any more."""
    made: dict[str, Matrix] = {}
    for name, m in point.values.items():
        rows = [[exactly(as_float(x)) for x in row] for row in m]
        made[name] = m if rows == m else rows
        if made[name] is not m and len(m) == len(m[0]) and determinant(m, None) == 0:
            return None
    return replace(point, values=made)


@dataclass(frozen=True)
class Ran:
    """The result of a program: what is wrong with it in words, or nothing, and how far it is off beside what rounding can do."""

    wrong: str = ""
    error: float = 0.0


@counting(DIGITS)
def run(program: Callable[..., Any], answer: Expr, point: Point, roots: Sequence[Expr]) -> Ran | None:
    """Runs a program at the point in floats; None where the point tells nothing of it."""
    import numpy as np

    where = rounded(point)
    if where is None:
        return None
    try:
        exact, *_ = values([answer, *roots], where, DIGITS)  # where the question has a value, and the answer
        allowed = _allowed(answer, where, exact)
    except Undefined:
        return None
    if allowed is None:
        return None
    named: Mapping[str, Any] = {**where.sizes, **as_floats(where, [answer, *roots])}
    arguments = {f"{name}_" if keyword.iskeyword(name) else name: value for name, value in named.items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = np.asarray(program(**arguments))
        except Exception as e:  # whatever a program may raise is what is told
            if isinstance(e, np.linalg.LinAlgError) and _is_singular_in_floats(answer, where):
                return None
            return Ran(f"the program raises {type(e).__name__}: {e}")
    shape = () if answer.shape == (1, 1) else (len(exact),) if answer.shape[1] == 1 else (len(exact), len(exact[0]))
    if found.shape != shape:
        return Ran(f"the program gives an array of shape {found.shape}, not {shape}")
    if found.dtype.kind not in ("fiuc" if answer.complex else "fiu") or not np.all(np.isfinite(found)):
        return Ran("the program gives what is not finite")
    exact = _of_either_sign(answer, where, exact, found)
    flat = [[exactly(x) for x in row] for row in found.reshape(len(exact), len(exact[0]))]
    ctx = context(DIGITS)
    off = apart(flat, exact, ctx)
    error = float(off / magnitude((x for row in exact for x in row), ctx)) if any(x for row in exact for x in row) else float(off)
    return Ran(f"the program is wrong: {error:.1e} relative" if off > allowed else "", error)


def _is_singular_in_floats(answer: Expr, point: Point) -> bool:
    """Whether a matrix of which the inverse is taken has none in floats, where what it is a sum of is rounded, though it has one."""
    nodes, ctx = shaken(answer, point, lambda n, m, _: m, DIGITS), context(DIGITS)

    def size(*of: Expr) -> Number:
        return magnitude((x for e in of for row in nodes.get(e, ()) for x in row), ctx)

    inverses = [n for n in nodes if n.op is MATPOWER and n.data < 0]
    return any(size(n) * size(n.args[0], *(t for a in postorder(n.args[0]) if a.op is SUM for t in a.args)) >= 1 / FLOAT for n in inverses)


def _of_either_sign(answer: Expr, point: Point, exact: Matrix, found: Any) -> Matrix:
    """The exact value, or that with eigenvectors of the other sign, which is free, where that is nearer."""
    if not any(n.op.name == "v_max" for n in postorder(answer)):
        return exact
    ctx = context(DIGITS)
    flipped = shaken(answer, point, lambda n, m, _: scaled(-1, m) if n.op.name == "v_max" else m, DIGITS)[answer]
    flat = [[exactly(x) for x in row] for row in found.reshape(len(exact), len(exact[0]))]
    return min((exact, flipped), key=lambda m: apart(flat, m, ctx))


def _allowed(answer: Expr, point: Point, exact: Matrix) -> Any:
    """By how much rounding may change the value; None where that is too much, where a jump is as near, or where floats do not reach."""
    ctx = context(DIGITS)
    off, largest = Decimal(0), Decimal(0)
    for seed in range(SHAKES):
        nodes = _shaken(answer, point, seed, ctx.ten_to(-SHAKEN))
        sizes = [abs(x) for m in nodes.values() for row in m for x in row if x]
        if any(not -SMALLEST < x.adjusted() < RANGE for x in map(ctx.real, (min(sizes, default=1), max(sizes, default=1)))):
            return None
        off, largest = max(off, apart(nodes[answer], exact, ctx)), max(largest, *sizes, 0)
    whole = magnitude((x for row in exact for x in row), ctx)
    allowed = GENEROUS * FLOAT * (off * ctx.ten_to(SHAKEN) + whole)
    least = max(ctx.real(largest) * FLOAT**2, ctx.ten_to(-RANGE))  # of what is nothing to second order, floats leave so much
    allowed = max(allowed, least)
    if any(n.op.elementwise and n.op.d == "0" for n in postorder(answer)):  # sign(x + 1/10), where x is the float beside -1/10
        for step in (JUMP * FLOAT, -JUMP * FLOAT):
            if apart(_shaken(answer, point, 0, step)[answer], exact, ctx) > allowed:
                return None
    return None if whole and allowed > TOO_FAR * whole else allowed


def _shaken(answer: Expr, point: Point, seed: int, step: Number) -> dict[Expr, Matrix]:
    """The values of all nodes of the answer, each changed at random by up to a step, relatively.

    What is added up may cancel, so a sum is off as what it adds up is; so is a product of such sums, which a program may multiply out.
    An inverse of a sum with a diagonal matrix is off as that of the diagonal alone, with which Woodbury's identity begins.
    """
    rng, ctx = Random(seed), context(DIGITS)
    cancelled: dict[Expr, Number] = {}  # how large what was added up was, where its sum is far smaller

    def size(e: Expr, m: Matrix) -> Number:
        return cancelled.get(e) or max([abs(ctx.real(x)) for row in m for x in row])

    def by(n: Expr, m: Matrix, parts: Sequence[Matrix]) -> Matrix:
        own = whole = max([abs(x) for row in m for x in row])  # as matrix functions are off
        if n.op is SUM:
            whole = max([own, *(abs(ctx.real(c)) * size(a, part) for c, a, part in zip(n.data, n.args, parts, strict=True))])
        elif any(a in cancelled for a in n.args) and (n.op in MULTIPLIED or n.op.adjoint):
            whole = max(own, prod(map(size, n.args, parts)))
        elif n.op is MATPOWER and n.data < 0 and n.args[0].op is SUM:
            whole = max([own, *(size**-n.data for size in _apart_from_others(n.args[0], point))])
        if whole > CANCELLED * own:
            cancelled[n] = whole
        unit = (1 if n.op.name in OF_ONE else whole) * step / 128
        return [[x + (2 * rng.getrandbits(7) - 127) * unit for x in row] for row in m]

    return shaken(answer, point, by, DIGITS)


def _apart_from_others(e: Expr, point: Point) -> Iterator[Number]:
    """How large the inverses of the diagonal terms of a sum are."""
    ctx = context(DIGITS)
    for c, t in zip(e.data, e.args, strict=True):
        if has(t, "diagonal"):
            (m,) = values([t], point, DIGITS)
            if all(m[i][i] for i in range(len(m))):
                yield max(abs(1 / (ctx.real(c) * ctx.real(m[i][i]))) for i in range(len(m)))
