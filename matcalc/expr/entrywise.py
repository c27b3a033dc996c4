"""The canonical elementwise product and power.

Entries commute, so a Hadamard product is to arrays what the scalar factors are to a product: factors
with exponents, sorted, with numbers and scalars taken out in front.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

import matcalc.expr.sums as sums
from matcalc.errors import ShapeError
from matcalc.expr import heads as H
from matcalc.expr.dims import Shape
from matcalc.expr.facts import is_nonnegative
from matcalc.expr.grids import alike, each, grid
from matcalc.expr.heads import ONE, coefficient_and_rest, number, untransposed, zero
from matcalc.expr.node import Expr, node
from matcalc.expr.products import power, product, scaled, split
from matcalc.expr.transposing import oriented, transpose, wrapped
from matcalc.expr.turning import together


def ones(shape: Shape) -> Expr:
    """The array of ones: a scalar 1, a vector, its transpose, or 1 1'.

    >>> ones((1, 1))
    1
    """
    rows, columns = shape
    if rows == 1:
        return ONE if columns == 1 else transpose(ones((columns, 1)))
    column = node(H.ONES, (), None, (rows, 1))
    return column if columns == 1 else product([column, ones((1, columns))])


def fill(s: Expr, shape: Shape) -> Expr:
    """The array that is the scalar `s` everywhere."""
    return s if shape == (1, 1) else product([s, ones(shape)])


def is_ones(e: Expr) -> bool:
    if e.op is H.PRODUCT:
        return e.args[0].op is H.ONES and e.data == (1, 0) and all(map(is_ones, e.args))
    return untransposed(e).op is H.ONES


def hadamard(factors: Iterable[Expr]) -> Expr:
    """The elementwise product of arrays of one shape.

    >>> from matcalc.expr import variable, symbol
    >>> x, y = (variable(v, (symbol("n"), 1)) for v in "xy")
    >>> hadamard([x, y]) is hadamard([y, x]), hadamard([x, hpower(x, number(-1))])
    (True, 𝟏_n)
    """
    factors = list(factors)
    shape = factors[0].shape
    if others := [f.shape for f in factors if f.shape != shape]:
        a, b = (f"({s[0]}, {s[1]})" for s in (shape, others[0]))
        raise ShapeError(f"a Hadamard product needs equal shapes, but has {a} and {b}")
    if shape == (1, 1):
        return product(factors)
    scalars: list[Expr] = []
    powers: dict[Expr, list[Expr]] = {}
    while factors:
        f = factors.pop()
        if f.op is H.PRODUCT:
            if f.data[0] != 1 or f.data[1]:
                s, rest = split(f)
                scalars.append(s)
                factors.append(rest)
            elif not is_ones(f):
                powers.setdefault(f, []).append(ONE)
        elif f.op is H.ZERO:
            return zero(shape)
        elif f.op is H.HADAMARD:
            factors.extend(f.args)
        elif f.op is H.TRANSPOSE and f.args[0].op in (H.HADAMARD, H.HPOWER):
            inner = f.args[0]
            if inner.op is H.HADAMARD:
                factors.extend(map(transpose, inner.args))
            else:
                powers.setdefault(transpose(inner.args[0]), []).append(inner.args[1])
        elif f.op is H.HPOWER:
            powers.setdefault(f.args[0], []).append(f.args[1])
        elif not is_ones(f):
            powers.setdefault(f, []).append(ONE)
    arrays = [base for base, exponents in powers.items() if len(exponents) == 1 and exponents[0] is ONE]
    raised: list[Expr] = []
    for base, exponents in powers.items() if len(arrays) < len(powers) else ():
        if len(exponents) > 1 or exponents[0] is not ONE:
            made = hpower(base, exponents[0] if len(exponents) == 1 else sums.add(exponents))
            if made is base or not is_ones(made):
                raised.append(made)
    arrays += raised
    if len(arrays) > 1 and all(alike(a, arrays[0]) for a in arrays):
        blocks = [hadamard(at) for at in zip(*(a.args for a in arrays), strict=True)]
        columns = arrays[0].data[1]
        arrays = [grid([blocks[i : i + columns] for i in range(0, len(blocks), columns)])]
    if any(a.op is H.PRODUCT and (a.data[0] != 1 or a.data[1]) for a in raised):
        return product([*scalars, hadamard(arrays)])
    return product([*scalars, _assembled(arrays, shape)]) if scalars else _assembled(arrays, shape)


def _assembled(arrays: list[Expr], shape: Shape) -> Expr:
    if not arrays:
        return ones(shape)
    if len(arrays) == 1:
        return arrays[0]
    arrays.sort(key=attrgetter("order"))
    units = [a for a in arrays if a.op is H.UNIT]
    if units:  # e_j ⊙ x = x_j e_j
        return product([units[0], product([units[0].T, _assembled([a for a in arrays if a is not units[0]], shape)])])
    for a in [a for a in arrays if a.op is H.PRODUCT and (a.args[0].op is H.UNIT or a.args[-1].op is H.TRANSPOSE)]:
        if a.data == (1, 0):  # (u e_j') ⊙ C = (u ⊙ C e_j) e_j'
            if a.args[-1].op is H.TRANSPOSE and a.args[-1].args[0].op is H.UNIT and shape[0] != 1:
                e = a.args[-1].args[0]
                return product([hadamard([product(a.args[:-1]), *(product([b, e]) for b in arrays if b is not a)]), a.args[-1]])
            if a.args[0].op is H.UNIT and shape[1] != 1:
                e = transpose(a.args[0])
                return product([a.args[0], hadamard([product(a.args[1:]), *(product([e, b]) for b in arrays if b is not a)])])
    turns = together(arrays)
    if shape[1] != 1 and (turns[1] + 1 <= turns[0] or shape[0] == 1):
        flipped = sorted(map(transpose, arrays), key=attrgetter("order"))
        if all(f.op is not H.UNIT and (f.op is not H.PRODUCT or f.data == (1, 0)) for f in flipped):
            return wrapped(node(H.HADAMARD, tuple(flipped), None, (shape[1], shape[0])))
        return transpose(hadamard(flipped))
    return node(H.HADAMARD, tuple(arrays), None, shape)


def hpower(base: Expr, exponent: Expr) -> Expr:
    """The elementwise power of an array by a scalar.

    >>> from matcalc.expr import variable, symbol
    >>> x = variable("x", (symbol("n"), 1))
    >>> hpower(hpower(x, number(2)), number(3)) is hpower(x, number(6))
    True
    """
    if base.is_scalar:
        return power(base, exponent)
    if base.op is H.GRID:
        return each(lambda b: hpower(b, exponent), base)
    if exponent.op is H.NUMBER:
        k = exponent.data
        if k == 0:
            return ones(base.shape)
        if k == 1:
            return base
        if base.op is H.HPOWER and (isinstance(k, int) or is_nonnegative(base.args[0])):
            return hpower(base.args[0], product([base.args[1], exponent]))
        if base.op is H.HADAMARD and (isinstance(k, int) or all(map(is_nonnegative, base.args))):
            return hadamard([hpower(f, exponent) for f in base.args])
        if base.op is H.PRODUCT and (base.data[0] != 1 or base.data[1]):
            s, rest = split(base)
            if isinstance(k, int):
                return product([power(s, exponent), hpower(rest, exponent)])
            c, s = coefficient_and_rest(s)
            if c not in (1, -1):
                size, sign = (c, 1) if c > 0 else (-c, -1)
                return product([power(number(size), exponent), hpower(product([number(sign), s, rest]), exponent)])
        if isinstance(k, int) and k % 2 == 0 and base.op is H.SUM and base.data[0] < 0:
            return hpower(scaled(-1, base), exponent)
        if base.op is H.PRODUCT and base.data == (1, 0) and (cut := next((i for i, f in enumerate(base.args) if f.shape[0] == 1), 0)):
            outer = product(base.args[:cut]), product(base.args[cut:])  # (u v').^k is u.^k v'.^k
            if isinstance(k, int) or all(map(is_nonnegative, outer)):
                return product([hpower(f, exponent) for f in outer])
        if base.op is H.ZERO:
            if k < 0:
                raise ShapeError("division by zero")
            return base
        if base.op in (H.UNIT, H.IDENTITY) and isinstance(k, int) and k > 0:
            return base
    if is_ones(base):
        return base
    inner, flipped = oriented(base)
    if flipped:
        return transpose(hpower(inner, exponent))
    return node(H.HPOWER, (base, exponent), None, base.shape)
