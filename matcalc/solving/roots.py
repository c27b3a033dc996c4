"""The roots of an equation between numbers: what is inside out, polynomials of one atom, what can be cleared and unified first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from matcalc.expr import (
    NUMBER,
    POWER,
    PRODUCT,
    SUM,
    Expr,
    add,
    coefficient_and_rest,
    has,
    number,
    power,
    product,
    scaled,
    substitute,
    transform,
)
from matcalc.expr.lifting import ENTRIES
from matcalc.expr.products import scalars as scalars_of
from matcalc.operators import elementwise
from matcalc.simplification import simplify
from matcalc.solving.terms import depends, flattened, summands

DEEPEST = 8  # functions within functions
MOST_TERMS = 60
HIGHEST = 6  # the power of a sum that is multiplied out

IN_DOMAIN = "is in the domain"  # of a value, as the rule that found it says; no condition for a reader
Conditions = tuple[tuple[Any, str], ...]


class Root(NamedTuple):
    """A value of the unknown, the rule that found it, and what must hold for it."""

    value: Expr
    rule: str
    conditions: Conditions = ()


def roots(e: Expr, x: Expr, depth: int = 0) -> list[Root]:
    """The values of the scalar `x` where the scalar `e` is zero, as formulas; none where no rule finds them.

    >>> from matcalc.expr import variable
    >>> x, a = variable("x", (1, 1), {"positive"}), variable("a", (1, 1), {"positive"})
    >>> [r.value for r in roots(add([power(x, number(2)), scaled(-1, a)]), x)]
    [√(a)]
    """
    if depth > DEEPEST or not depends(e, x):
        return []
    if e is x:
        return [Root(number(0), "it is zero")] if not has(x, "nonzero") else []
    if e.op is PRODUCT and not e.data[1]:
        apart = flattened(e)
        return _of_sum(apart, x, depth) if apart.op is SUM else []
    if e.op is PRODUCT:
        return [r for f in scalars_of(e) for r in roots(f, x, depth + 1)]
    if e.op is POWER:
        positive = e.args[1].op is NUMBER and e.args[1].data > 0
        return roots(e.args[0], x, depth + 1) if positive and not depends(e.args[1], x) else []
    if e.op is SUM:
        return _of_sum(e, x, depth)
    if has(e, "nonzero"):
        return []
    return _inverted(e, number(0), x, depth)


def _of_sum(e: Expr, x: Expr, depth: int) -> list[Root]:
    for prepare in (_as_it_is, _in_exponentials, _logarithms_parted, _logarithms_joined, _two_in_logarithms):
        made = prepare(e)
        if made is None:
            continue
        terms = _cleared(summands(flattened(made)), x)
        if terms is None:
            continue
        if prepare is _as_it_is:
            for u, value in _of_quotient(summands(e), x):
                found_u = _named(_inverted(u, value, x, depth), "undo u/sqrt(u² + c)")
                if found_u:
                    return found_u
        found = _polynomial(terms, x)
        if found is not None:
            atom, by_power = found
            if atom is None:
                continue
            out = [
                r for value, rule in _of_polynomial(by_power, has(atom, "positive")) for r in _named(_inverted(atom, value, x, depth), rule)
            ]
            if out:
                return out
    return []


def _as_it_is(e: Expr) -> Expr | None:
    return e


def _named(found: list[Root], rule: str) -> list[Root]:
    return [r._replace(rule=rule if r.rule == "isolated" else f"{rule}; {r.rule}") for r in found]


def _inverted(e: Expr, value: Expr, x: Expr, depth: int) -> list[Root]:
    """The roots of e = value, from the outside in."""
    if e is x:
        bad = has(x, "positive") and (has(value, "nonpositive") or has(value, "negative"))
        return [] if bad else [Root(simplify(value), "isolated")]
    if has(e, "positive") and has(value, "nonpositive") or has(e, "nonnegative") and has(value, "negative"):
        return []
    if e.op is POWER:
        base, k = e.args
        if depends(k, x):
            if depends(base, x):
                return []
            logs = product([elementwise("log", value), power(elementwise("log", base), number(-1))])
            return _named(roots(add([k, scaled(-1, logs)]), x, depth + 1), "take the logarithm")
        inner = power(value, power(k, number(-1)))
        return _named(roots(add([base, scaled(-1, inner)]), x, depth + 1), "take the power")
    if e.op.elementwise and e.op.inverse and len(e.args) == 1:
        from matcalc.calculus.rules import _of_entries

        inner = substitute(_of_entries(e.op.inverse), {ENTRIES[0]: value})
        return _named(roots(add([e.args[0], scaled(-1, inner)]), x, depth + 1), f"apply the inverse of {e.op.name}")
    if e.op is SUM or e.op is PRODUCT:
        return roots(add([e, scaled(-1, value)]), x, depth + 1)
    return []


# --- polynomials -------------------------------------------------------------------------------------------------


def _cleared(terms: list[Expr], x: Expr) -> list[Expr] | None:
    """The terms multiplied with what they are divided by, powers of sums multiplied out; None where that is too much."""
    for _ in range(HIGHEST):
        least: dict[Expr, Any] = {}
        for t in terms:
            for f in _factors(t):
                if f.op is POWER and f.args[1].op is NUMBER and depends(f.args[0], x):
                    least[f.args[0]] = min(least.get(f.args[0], 0), f.args[1].data)
        below = {b: k for b, k in least.items() if k < 0 and b.op in (SUM, PRODUCT)}
        if not below:
            break
        b, k = next(iter(below.items()))
        terms = [s for t in terms for s in summands(flattened(product([t, power(b, number(-k))])))]
        if len(terms) > MOST_TERMS:
            return None
    out: list[Expr] = []
    for t in terms:
        out += summands(_powers_out(t, x))
    return summands(add(out)) if out and len(out) <= MOST_TERMS else None


def _factors(t: Expr) -> tuple[Expr, ...]:
    return scalars_of(t) if t.op is PRODUCT and t.data[1] else (t,)


def _powers_out(t: Expr, x: Expr) -> Expr:
    parts = [t]
    for f in _factors(t):
        if f.op is POWER and f.args[0].op is SUM and f.args[1].op is NUMBER and isinstance(f.args[1].data, int) and depends(f, x):
            if 1 < f.args[1].data <= HIGHEST:
                rest = product([t, power(f, number(-1))])
                made = rest
                for _ in range(f.args[1].data):
                    made = flattened(add([product([s, u]) for s in summands(made) for u in summands(f.args[0])]))
                return made
    return flattened(parts[0])


def _polynomial(terms: list[Expr], x: Expr) -> tuple[Expr | None, dict[Any, Expr]] | None:
    """The one atom that the terms are powers of, and what stands before each power; None where there are several."""
    atom: Expr | None = None
    by_power: dict[Any, list[Expr]] = {}
    for t in terms:
        k: Any = 0
        rest = [number(t.data[0])] if t.op is PRODUCT and t.data[1] else []
        for f in _factors(t) if t.op is not PRODUCT or t.data[1] else (t,):
            if not depends(f, x):
                rest.append(f)
                continue
            base, exponent = (f.args[0], f.args[1].data) if f.op is POWER and f.args[1].op is NUMBER else (f, 1)
            if atom is not None and base is not atom:
                return None
            atom, k = base, k + exponent
        by_power.setdefault(k, []).append(product(rest))
    summed = {k: simplify(add(v)) for k, v in by_power.items()}
    return atom, {k: v for k, v in summed.items() if summands(v)}


def _of_polynomial(by_power: dict[Any, Expr], positive: bool) -> Iterator[tuple[Expr, str]]:
    """The values of an atom where its polynomial is zero: of two terms, or of three in arithmetic progression."""
    if not by_power:
        return
    least = min(by_power)
    if least > 0 and not positive:
        yield number(0), "a common factor"
    shifted = {k - least: v for k, v in by_power.items()}
    powers = sorted(shifted)
    minus_one = number(-1)
    if len(powers) == 2:
        k = powers[1]
        value = simplify(product([minus_one, shifted[0], power(shifted[k], minus_one)]))
        if k == 1:
            yield value, "divide by what multiplies it"
        elif isinstance(k, int) and k % 2 == 0:
            root = power(value, number(Fraction(1, k)))
            yield simplify(root), "take the root"
            if not positive:
                yield simplify(scaled(-1, root)), "take the root, with the other sign"
        elif isinstance(k, int):
            if positive or has(value, "nonnegative"):
                yield simplify(power(value, number(Fraction(1, k)))), "take the root"
            elif has(value, "nonpositive"):
                yield simplify(scaled(-1, power(scaled(-1, value), number(Fraction(1, k))))), "take the root"
            else:
                root = product([elementwise("sign", value), power(elementwise("abs", value), number(Fraction(1, k)))])
                yield root, "take the root"
        else:
            yield simplify(power(value, number(1 / Fraction(k)))), "take the power"
    elif len(powers) == 3 and powers[2] == 2 * powers[1]:
        k, (c, b, a) = powers[1], (shifted[p] for p in powers)
        inside = simplify(add([power(b, number(2)), scaled(-4, product([a, c]))]))
        root = power(inside, number(Fraction(1, 2)))
        twice = power(scaled(2, a), minus_one)
        signs: tuple[int, ...] = (1, -1)
        if positive and has(product([a, c]), "negative"):
            signs = (1,) if has(a, "positive") else (-1,)
        for s in signs:
            value = simplify(product([add([scaled(-1, b), scaled(s, root)]), twice]))
            rule = "the quadratic formula"
            if k == 1:
                yield value, rule
            else:
                value = power(value, number(1 / Fraction(k)))
                yield value, rule
                if isinstance(k, int) and k % 2 == 0 and not positive:
                    yield scaled(-1, value), rule


def _of_quotient(terms: list[Expr], x: Expr) -> list[tuple[Expr, Expr]]:
    """u and its value where a u/sqrt(u² + c) + b = 0: then u = sqrt(c) y/sqrt(1 - y²) with y = -b/a."""
    moving = [t for t in terms if depends(t, x)]
    if len(moving) != 1:
        return []
    below_it = [f for f in _factors(moving[0]) if f.op is POWER and f.args[1] is number(Fraction(-1, 2)) and depends(f, x)]
    if len(below_it) != 1 or below_it[0].args[0].op is not SUM:
        return []
    rest = product([moving[0], power(below_it[0], number(-1))])
    inside = below_it[0].args[0]
    squares = [t for t in summands(inside) if depends(t, x)]
    c = simplify(add([t for t in summands(inside) if not depends(t, x)] or [number(0)]))
    u = [f for f in _factors(rest) if depends(f, x)]
    if len(squares) != 1 or len(u) != 1 or not summands(c):
        return []
    scale = simplify(product([squares[0], power(u[0], number(-2))]))
    a = product([rest, power(u[0], number(-1))])
    if depends(scale, x) or depends(a, x) or not has(scale, "positive"):
        return []
    other = add([t for t in terms if t is not moving[0]] or [number(0)])
    y = simplify(product([number(-1), other, power(a, number(-1)), power(scale, number(Fraction(1, 2)))]))
    below = add([number(1), scaled(-1, power(y, number(2)))])
    value = product([y, power(product([c, power(product([scale, below]), number(-1))]), number(Fraction(1, 2)))])
    return [(u[0], simplify(value))]


# --- several atoms as one ----------------------------------------------------------------------------------------


def _in_exponentials(e: Expr) -> Expr | None:
    """With f(u), f(-u) and f(2u) in exp of one u: sigmoid, tanh, sinh and cosh are quotients of exponentials."""
    base: list[Expr] = []

    def exponential(u: Expr) -> Expr:
        out = []
        for t in summands(flattened(u)):
            c, rest = coefficient_and_rest(t)
            if rest not in base:
                base.append(rest)
            out.append(power(elementwise("exp", rest), number(c)))
        return product(out)

    one = number(1)

    def change(n: Expr) -> Expr:
        name = n.op.name
        if name == "exp":
            return exponential(n.args[0])
        if name == "sigmoid":
            z = exponential(n.args[0])
            return product([z, power(add([one, z]), number(-1))])
        if name in ("sinh", "cosh", "tanh"):
            z = exponential(n.args[0])
            w = power(z, number(-1))
            plus, minus = add([z, w]), add([z, scaled(-1, w)])
            if name == "tanh":
                return product([minus, power(plus, number(-1))])
            return scaled(Fraction(1, 2), plus if name == "cosh" else minus)
        return n

    made = transform(e, change)
    return made if made is not e else None


def _logarithms_parted(e: Expr) -> Expr | None:
    """log(x/y) as log x - log y, where all are positive."""

    def change(n: Expr) -> Expr:
        if n.op.name != "log" or n.args[0].op not in (PRODUCT, POWER) or not n.args[0].is_scalar:
            return n
        out = []
        for f in (number(n.args[0].data[0]), *_factors(n.args[0])) if n.args[0].op is PRODUCT else (n.args[0],):
            base, k = f.args if f.op is POWER else (f, number(1))
            if not has(base, "positive"):
                return n
            out.append(product([k, elementwise("log", base)]))
        return add(out)

    made = transform(e, change)
    return made if made is not e else None


def _two_in_logarithms(e: Expr) -> Expr | None:
    """a - b = 0 as log a - log b = 0, of two products."""
    terms = summands(e)
    if len(terms) != 2:
        return None
    one, other = terms if coefficient_and_rest(terms[0])[0] > 0 else terms[::-1]
    if coefficient_and_rest(one)[0] < 0 or coefficient_and_rest(other)[0] > 0:
        return None
    out = []
    for sign, t in ((1, one), (-1, scaled(-1, other))):
        for f in (number(t.data[0]), *_factors(t)) if t.op is PRODUCT and t.data[1] else (t,):
            base, k = f.args if f.op is POWER else (f, number(1))
            log = base.args[0] if base.op.name == "exp" else elementwise("log", base)
            out.append(product([number(sign), k, log]))
    return simplify(add(out))


def _logarithms_joined(e: Expr) -> Expr | None:
    """c log u - c log v + r as u/v - exp(-r/c)."""
    scaled_logs = [t for t in summands(e) if any(f.op.name == "log" for f in _factors(t))]
    rest = [t for t in summands(e) if t not in scaled_logs]
    if not scaled_logs or len(scaled_logs) < 2:
        return None
    first: Expr | None = None
    inside = []
    for t in scaled_logs:
        log = next(f for f in _factors(t) if f.op.name == "log")
        c = product([t, power(log, number(-1))])
        first = first or c
        ratio = simplify(product([c, power(first, number(-1))]))
        if ratio.op is not NUMBER:
            return None
        inside.append(power(log.args[0], ratio))
    assert first is not None
    other = elementwise("exp", simplify(product([number(-1), add(rest) if rest else number(0), power(first, number(-1))])))
    return add([product(inside), scaled(-1, other)])
