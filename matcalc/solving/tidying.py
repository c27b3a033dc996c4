"""Answers as a book has them: signs inside of differences, logarithms taken apart, fractions joined, data kept together."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import gcd, lcm

from matcalc.convexity.ratios import ratio
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, apply, fill, has, hpower, is_ones, known, postorder, power, product, remake, scaled, split, transform
from matcalc.expr import heads as H
from matcalc.expr.heads import coefficient_and_rest, number, variable
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import elementwise
from matcalc.simplification import simplify
from matcalc.solving.terms import below, depends, flattened, log_parted, number_and_factors, summands


def as_in_books(e: Expr) -> Expr:
    """-a/(b - c) as a/(c - b), (1 - a)/(2 - a - b) as (a - 1)/(a + b - 2), -log(a/b) as log(b/a), log(sqrt(a/b)) as log(a/b)/2.

    >>> from matcalc.expr import variable
    >>> a, b, c = (variable(n, (1, 1)) for n in "abc")
    >>> as_in_books(product([number(-1), a, power(b - c, number(-1))])), as_in_books((1 - a) / (2 - a - b))
    (a/(c − b), (a − 1)/(a + b − 2))
    """
    e = transform(_of_exponentials(_cancelled(e)), _root_outside)
    c, rest = coefficient_and_rest(e)
    if c == -1 and rest.op.name == "log":
        turned = hpower(rest.args[0], number(-1))
        return elementwise("log", turned) if turned.weight <= rest.weight else e
    if e.op is not H.PRODUCT:
        return e
    over = [
        f
        for f in e.args[: e.data[1]]
        if f.op is H.POWER and f.args[0].op is H.SUM and f.args[1].op is H.NUMBER and f.args[1].data in (-1, -3)
    ]
    sums = [f for f in e.args if f.op is H.SUM]
    differences = [f for f in over if min(f.args[0].data) < 0] or [f for f in sums if min(f.data) < 0]
    if e.data[0] < 0 and differences:
        return product([number(-e.data[0]), *(_turned(f) if f is differences[0] else f for f in e.args)])
    if over and sums and minuses(over[0].args[0]) + minuses(sums[0]) > 0 < e.data[0]:
        return product([number(e.data[0]), *(_turned(f) if f in (over[0], sums[0]) else f for f in e.args)])
    return e


def _cancelled(e: Expr) -> Expr:
    """A quotient of sums of numbers without the factors that both have, if that is shorter."""
    if not e.is_scalar or all(f.op is not H.POWER or f.args[0].op is not H.SUM for f in postorder(e)):
        return e
    with suppress(MatcalcError):
        made = simplify(ratio(e).expr())
        return made if made.weight < e.weight else e
    return e


def _of_exponentials(e: Expr) -> Expr:
    """With exp(log a - log b) as a/b and 1/exp(u) as exp(-u), if that is shorter."""

    def change(n: Expr) -> Expr:
        if n.op in (H.POWER, H.HPOWER) and n.args[0].op.name == "exp" and n.args[1] is number(-1):
            return elementwise("exp", scaled(-1, n.args[0].args[0]))
        if n.op.name != "exp" or not n.is_scalar:
            return n
        parts = [coefficient_and_rest(t) for t in summands(n.args[0])]
        logs = [(c, u) for c, u in parts if u.op.name == "log"]
        left = [scaled(c, u) for c, u in parts if u.op.name != "log"]
        return product([*(power(u.args[0], number(c)) for c, u in logs), *([elementwise("exp", add(left))] if left else [])]) if logs else n

    made = simplify(transform(e, change)) if any(n.op.name == "exp" for n in postorder(e)) else e
    return made if made.weight < e.weight else e


def _turned(f: Expr) -> Expr:
    """A factor with the other sign, inside."""
    return power(negated(f.args[0]), f.args[1]) if f.op is H.POWER else negated(f)


def minuses(e: Expr) -> int:
    """How many more terms of a sum have a minus than have none."""
    return sum(
        -1 if c > 0 and not (t.op is H.PRODUCT and any(f.op is H.SUM and minuses(f) >= 0 for f in t.args)) else 1
        for c, t in zip(e.data, e.args)
    )


def _root_outside(n: Expr) -> Expr:
    """log of a product of powers, with what divides all of the exponents in front."""
    if n.op.name != "log" or not n.is_scalar or n.args[0].op not in (H.PRODUCT, H.POWER):
        return n
    powers = [
        (f.args[0], f.args[1].data) if f.op is H.POWER and f.args[1].op is H.NUMBER else (f, 1) for f in number_and_factors(n.args[0])
    ]
    powers = [(b, Fraction(k)) for b, k in powers if b is not number(1)]
    shared = Fraction(gcd(*(k.numerator for _, k in powers)), lcm(*(k.denominator for _, k in powers)))
    if shared in (0, 1) or not all(has(b, "positive") for b, _ in powers):
        return n
    return scaled(shared, elementwise("log", product([power(b, number(k / shared)) for b, k in powers])))


def logarithms_parted(e: Expr) -> Expr:
    """log(a b/exp(c)) as log a + log b - c where all are positive, if that is shorter."""
    plain, parted = simplify(e), simplify(transform(e, log_parted))
    return parted if parted.weight < plain.weight else plain


def joined(e: Expr) -> Expr:
    """`e` with its sums of fractions as one fraction where that is shorter: 1 - a/(a + b) as b/(a + b)."""

    def change(n: Expr) -> Expr:
        if n.op is not H.SUM or not n.is_scalar:
            return n
        over = {f.args[0] for t in summands(n) for f in below(t) if f.args[0].op is H.SUM}
        if len(over) != 1:
            return n
        (d,) = over
        made = simplify(flattened(add([u for t in summands(n) for u in summands(flattened(t * d))]))) / d
        return made if made.weight < n.weight else n

    return transform(e, change)


def grouped(e: Expr, x: Expr, stands: dict[Expr, Expr]) -> Expr:
    """`e` with a name for each sum of data in it, so that it stays as it was written; `stands` says what each is."""
    if e.op is H.SUM and not e.is_scalar and not depends(e, x):
        if e not in stands:
            stands[e] = variable(f"data·{len(stands)}", e.shape, {p for p in known(e) if p in PROPERTIES})
        return stands[e]
    return remake(e, tuple(grouped(a, x, stands) for a in e.args)) if e.args else e


def named_whole(e: Expr, names: dict[Expr, Expr]) -> Expr:
    """The number `e` with a name for what stands behind its coefficient, if a sum is in it: so that it stays as it is."""
    c, rest = coefficient_and_rest(e)
    if any(n.op is H.SUM for n in postorder(rest)):
        name = variable(f"sum·{len(names)}", (1, 1), {p for p in known(rest) if p in PROPERTIES})
        names[name], rest = rest, name
    return scaled(c, rest)


def negated(e: Expr) -> Expr:
    """-e, with the minus in a difference where one is a factor: a'(c - b) of a'(b - c)."""
    if e.op is H.SUM:
        return add([scaled(-c, t) if c < 0 else scaled(c, negated(t)) for c, t in zip(e.data, e.args, strict=True)])
    if e.op is H.PRODUCT:
        for i, f in enumerate(e.args):
            if f.op is H.SUM and min(f.data) < 0:
                return product([number(e.data[0]), *e.args[:i], negated(f), *e.args[i + 1 :]])
    return scaled(-1, e)


def collapsed(e: Expr) -> Expr:
    """`e` with functions of constant arrays as constant arrays.

    >>> from matcalc.expr import fill, variable, symbol
    >>> from matcalc.operators import elementwise
    >>> collapsed(elementwise("exp", fill(variable("t", (1, 1)), (symbol("n"), 1))))
    exp(t) 𝟏_n
    """

    def change(n: Expr) -> Expr:
        if n.is_scalar or not n.args:
            return n
        if n.op.elementwise and len(n.args) == 1 or n.op is H.HPOWER:
            s, bare = split(n.args[0])
            if is_ones(bare):
                return fill(apply(n.op, (s,), n.data), n.shape) if n.op is not H.HPOWER else fill(hpower(s, n.args[1]), n.shape)
        return n

    return transform(e, change)
