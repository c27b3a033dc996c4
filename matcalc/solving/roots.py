"""The roots of an equation between numbers: what is inside out, polynomials of one atom, what can be cleared and unified first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

from matcalc.calculus.rules import _of_entries
from matcalc.expr import Expr, add, coefficient_and_rest, has, number, product, scaled, substitute, transform
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE
from matcalc.expr.lifting import ENTRIES
from matcalc.expr.products import scalars as scalars_of
from matcalc.limits import DEEPEST_ROOT, HIGHEST_POWER, MOST_ROOT_TERMS
from matcalc.operators import call, elementwise
from matcalc.simplification import simplify
from matcalc.solving.terms import (
    depends,
    flattened,
    log_parted,
    logarithm,
    number_and_factors,
    number_before_exponential,
    scalar_factors,
    summands,
    total,
)

HALF = number(Fraction(1, 2))

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
    >>> [r.value for r in roots(x**2 - a, x)]
    [√(a)]
    """
    if depth > DEEPEST_ROOT or not depends(e, x):
        return []
    if e is x:
        return [Root(number(0), "it is zero")] if not has(x, "nonzero") else []
    if e.op is H.PRODUCT and not e.data[1]:
        apart = flattened(e)
        return _of_sum(apart, x, depth) if apart.op is H.SUM else []
    if e.op is H.PRODUCT:
        return [r for f in scalars_of(e) for r in roots(f, x, depth + 1)]
    if e.op is H.POWER:
        positive = e.args[1].op is H.NUMBER and e.args[1].data > 0
        return roots(e.args[0], x, depth + 1) if positive and not depends(e.args[1], x) else []
    if e.op is H.SUM:
        return _of_sum(e, x, depth)
    if e.op.name == "tr" and e.args[0].op is H.SUM:
        return _of_sum(add([scaled(c, call("tr", t)) for c, t in zip(e.args[0].data, e.args[0].args, strict=True)]), x, depth)
    return [] if has(e, "nonzero") else _inverted(e, number(0), x, depth)


def _of_sum(e: Expr, x: Expr, depth: int) -> list[Root]:
    """Where a sum is zero: by the rules of special sums, then as a polynomial of one atom, as it stands or made one first."""
    for rule, special in SPECIAL:
        out = [r for u, value in special(summands(e), x) for r in _named(_inverted(u, value, x, depth), rule)]
        if out:
            return out
    for prepare in (
        None,
        partial(_root_squared, x=x),
        _in_exponentials,
        partial(transform, change=_power_parted),
        partial(transform, change=log_parted),
        partial(transform, change=number_before_exponential),
        _logarithms_joined,
        _two_in_logarithms,
    ):
        made = prepare(e) if prepare else e
        terms = _cleared(summands(flattened(made)), x) if made is not None and (made is not e or prepare is None) else None
        found = _polynomial(terms, x) if terms is not None else None
        if found is not None:
            atom, by_power = found
            values = _of_polynomial(by_power, has(atom, "positive"))
            out = [
                r._replace(conditions=(*r.conditions, *needed))
                for value, rule, needed in values
                for r in _named(_inverted(atom, value, x, depth), rule)
            ]
            if len(out) == 1 and atom is x and _has_one_positive_root(by_power):
                out = [out[0]._replace(conditions=(*out[0].conditions, (out[0].value, IN_DOMAIN)))]
            if out:
                return out
    return []


def _named(found: list[Root], rule: str) -> list[Root]:
    return [r._replace(rule=rule if r.rule == "isolated" else f"{rule}; {r.rule}") for r in found]


def _inverted(e: Expr, value: Expr, x: Expr, depth: int) -> list[Root]:
    """The roots of e = value, from the outside in."""
    if e is x:
        bad = has(x, "positive") and (has(value, "nonpositive") or has(value, "negative"))
        return [] if bad else [Root(simplify(value), "isolated")]
    if has(e, "positive") and has(value, "nonpositive") or has(e, "nonnegative") and has(value, "negative"):
        return []
    if e.op is H.POWER:
        base, k = e.args
        if not depends(k, x):
            needed = () if has(k, "nonzero") else ((k, "≠ 0"),)
            found = [r._replace(conditions=(*r.conditions, *needed)) for r in roots(base - value ** (1 / k), x, depth + 1)]
            return _named(found, "take the power")
        if depends(base, x):
            return []
        return _named(roots(k - elementwise("log", value) / elementwise("log", base), x, depth + 1), "take the logarithm")
    if e.op.elementwise and e.op.inverse and len(e.args) == 1:
        inner = substitute(_of_entries(e.op.inverse), {ENTRIES[0]: value})
        return _named(roots(e.args[0] - inner, x, depth + 1), f"apply the inverse of {e.op.name}")
    apart = e.op is H.SUM or e.op is H.PRODUCT and len(e.args) == e.data[1]  # an inner product is nothing that can be taken apart
    return roots(e - value, x, depth + 1) if apart else []


# --- polynomials -------------------------------------------------------------------------------------------------


def power_of(f: Expr) -> tuple[Expr, Any]:
    """(u, k) with f = u^k for a number k."""
    return (f.args[0], f.args[1].data) if f.op is H.POWER and f.args[1].op is H.NUMBER else (f, 1)


def _cleared(terms: list[Expr], x: Expr) -> list[Expr] | None:
    """The terms multiplied with what they are divided by, powers of sums multiplied out; None where that is too much."""
    for _ in range(HIGHEST_POWER):
        powers = [power_of(f) for t in terms for f in scalar_factors(t)]
        below = [(b, k) for b, k in powers if k < 0 and b.op in (H.SUM, H.PRODUCT) and depends(b, x)]
        if not below:
            break
        b = below[0][0]
        least = min(k for c, k in below if c is b)
        terms = [s for t in terms for s in summands(flattened(t * b ** number(-least)))]
        if len(terms) > MOST_ROOT_TERMS:
            return None
    out = [s for t in terms for s in summands(_powers_out(t, x))]
    return summands(add(out)) if out and len(out) <= MOST_ROOT_TERMS else None


def _powers_out(t: Expr, x: Expr) -> Expr:
    for f in scalar_factors(t):
        base, k = power_of(f)
        if base.op is H.SUM and isinstance(k, int) and 1 < k <= HIGHEST_POWER and depends(f, x):
            made = t / f
            for _ in range(k):
                made = flattened(add([s * u for s in summands(made) for u in summands(base)]))
            return made
    return flattened(t)


def _polynomial(terms: list[Expr], x: Expr) -> tuple[Expr, dict[Any, Expr]] | None:
    """The one atom that the terms are powers of, and what stands before each power; None where there is none, or several."""
    atom: Expr | None = None
    by_power: dict[Any, list[Expr]] = {}
    for t in terms:
        k: Any = 0
        rest = [f for f in number_and_factors(t) if not depends(f, x)]
        for base, exponent in (power_of(f) for f in scalar_factors(t) if depends(f, x)):
            if atom is not None and base is not atom:
                return None
            atom, k = base, k + exponent
        by_power.setdefault(k, []).append(product(rest or [ONE]))
    summed = {k: simplify(add(v)) for k, v in by_power.items()}
    return None if atom is None else (atom, {k: v for k, v in summed.items() if summands(v)})


def _of_polynomial(by_power: dict[Any, Expr], positive: bool) -> Iterator[tuple[Expr, str, Conditions]]:
    """The values of an atom where its polynomial is zero: of two terms, or of three in arithmetic progression."""
    if not by_power:
        return
    least = min(by_power)
    if least > 0 and not positive:
        yield number(0), "a common factor", ()
    powers = [k - least for k in sorted(by_power)]
    constants = [by_power[k] for k in sorted(by_power)]
    if len(powers) == 2:
        value, k = simplify(scaled(-1, constants[0] / constants[1])), powers[1]
        yield from _of_power(value, k, positive)
    elif len(powers) == 3 and powers[2] == 2 * powers[1]:
        c, b, a = constants
        root = simplify(add([b**2, scaled(-4, a * c)])) ** HALF
        signs: tuple[int, ...] = (1, -1)
        if positive and has(a * c, "negative"):
            signs = (1,) if has(a, "positive") else (-1,)
        for s in signs:
            other = add([scaled(-1, b), scaled(-s, root)])  # that is never zero where its terms have one sign, and a may be
            stable = not has(a, "nonzero") and has(scaled(s, b), "positive")
            value = simplify(scaled(2, c) * other**-1 if stable else product([add([scaled(-1, b), scaled(s, root)]), scaled(2, a) ** -1]))
            for one, rule, needed in _of_power(value, powers[1], positive) if powers[1] != 1 else [(value, "", ())]:
                yield one, "the quadratic formula" + f"; {rule}" * bool(rule), needed


def _has_one_positive_root(by_power: dict[Any, Expr]) -> bool:
    """Whether the first and the last constant have opposite signs, of three: then those of all change once (Descartes)."""
    return len(by_power) == 3 and has(by_power[min(by_power)] * by_power[max(by_power)], "negative")


def _of_power(value: Expr, k: Any, positive: bool) -> Iterator[tuple[Expr, str, Conditions]]:
    """The u with u^k = value, and what must hold for it."""
    if k == 1:
        yield value, "divide by what multiplies it", ()
        return
    root = simplify(value ** number(1 / Fraction(k)))
    if not isinstance(k, int):
        yield root, "take the power", () if has(value, "nonnegative") or k.denominator % 2 else ((value, "nonnegative"),)
    elif k % 2 == 0:
        yield root, "take the root", ()
        if not positive:
            yield simplify(scaled(-1, root)), "take the root, with the other sign", ()
    elif positive or has(value, "nonnegative"):
        yield root, "take the root", ()
    else:
        below = has(value, "nonpositive")
        sign, size = (number(-1), scaled(-1, value)) if below else (elementwise(f, value) for f in ("sign", "abs"))
        yield sign * size ** number(Fraction(1, k)), "take the root", ()


# --- special sums -------------------------------------------------------------------------------------------------


def _of_sine_and_cosine(terms: list[Expr], x: Expr) -> Iterator[tuple[Expr, Expr]]:
    """u where a sin u + b cos u = 0, up to whole turns: the angles of (a, -b) and of (-a, b)."""
    moving = [(t, [f for f in scalar_factors(t) if depends(f, x)]) for t in terms]
    parts = {fs[0].op.name: (t / fs[0], fs[0].args[0]) for t, fs in moving if len(fs) == 1 and fs[0].op.name in ("sin", "cos")}
    if len(terms) == len(parts) == 2 and parts["sin"][1] is parts["cos"][1]:
        (a, u), (b, _) = parts["sin"], parts["cos"]
        yield u, elementwise("atan2", scaled(-1, b), a)
        yield u, elementwise("atan2", b, scaled(-1, a))


def _of_quotient(terms: list[Expr], x: Expr) -> Iterator[tuple[Expr, Expr]]:
    """u and its value where a u/sqrt(u² + c) + b = 0: then u = sqrt(c) y/sqrt(1 - y²) with y = -b/a."""
    moving = [t for t in terms if depends(t, x)]
    below = [f for f in scalar_factors(moving[0]) if power_of(f)[1] == Fraction(-1, 2) and depends(f, x)] if len(moving) == 1 else []
    if len(below) != 1 or below[0].args[0].op is not H.SUM:
        return
    inside = summands(below[0].args[0])
    squares = [t for t in inside if depends(t, x)]
    c = simplify(total([t for t in inside if not depends(t, x)], (1, 1)))
    rest = moving[0] / below[0]
    u = [f for f in scalar_factors(rest) if depends(f, x)]
    if len(squares) != 1 or len(u) != 1 or not summands(c):
        return
    scale, a = simplify(squares[0] / u[0] ** 2), rest / u[0]
    if depends(scale, x) or depends(a, x) or not has(scale, "positive"):
        return
    other = total([t for t in terms if t is not moving[0]], (1, 1))
    y = simplify(product([number(-1), other, a**-1, scale**HALF]))
    yield u[0], simplify(y * (c * (scale * (1 - y**2)) ** -1) ** HALF)


def _of_signed_power(terms: list[Expr], x: Expr) -> Iterator[tuple[Expr, Expr]]:
    """u and its value where a sign(u) |u|^k + b = 0, or a u |u|^(k-1) + b = 0: then u is that power of -b/a, with its sign."""
    moving = [t for t in terms if depends(t, x)]
    within = [f for f in scalar_factors(moving[0]) if depends(f, x)] if len(moving) == 1 else []
    for odd, other in permutations(within) if len(within) == 2 else ():
        u, more = (odd.args[0], 0) if odd.op.name == "sign" else (odd, 1)
        base, k = other.args if other.op is H.POWER else (other, ONE)
        if base is elementwise("abs", u) and not depends(k, x) or not more and base is u and k.op is H.NUMBER and k.data % 2 == 0:
            value = simplify(total([scaled(-1, t) for t in terms if t is not moving[0]], (1, 1)) / (moving[0] / product(within)))
            yield u, elementwise("sign", value) * elementwise("abs", value) ** (1 / (k + more))


SPECIAL = (
    ("undo u/sqrt(u² + c)", _of_quotient),
    ("the angle of two numbers", _of_sine_and_cosine),
    ("take the root, with its sign", _of_signed_power),
)


# --- several atoms as one ----------------------------------------------------------------------------------------


def _root_squared(e: Expr, x: Expr) -> Expr | None:
    """r + s √u = 0 as r² - s² u = 0, which has the roots of r - s √u = 0 as well; of 1/√u likewise."""
    with_root = [(t, f) for t in summands(e) for f in scalar_factors(t) if abs(power_of(f)[1]) == HALF.data and depends(f, x)]
    if len(with_root) != 1:
        return None
    ((term, root),) = with_root
    return simplify((e - term) ** 2 - (term / root) ** 2 * root**2)


def _in_exponentials(e: Expr) -> Expr | None:
    """With f(u), f(-u) and f(2u) in exp of one u: sigmoid, tanh, sinh and cosh are quotients of exponentials."""

    def exponential(u: Expr) -> Expr:
        parts = [coefficient_and_rest(t) for t in summands(flattened(u))]
        return product([elementwise("exp", rest) ** number(c) for c, rest in parts])

    def change(n: Expr) -> Expr:
        if n.op.name not in ("exp", "sigmoid", "sinh", "cosh", "tanh") or not n.is_scalar:
            return n
        z = exponential(n.args[0])
        plus, minus = z + 1 / z, z - 1 / z
        quotients = {"exp": z, "sigmoid": z / (1 + z), "sinh": HALF * minus, "cosh": HALF * plus, "tanh": minus / plus}
        return quotients[n.op.name]

    return transform(e, change)


def _power_parted(n: Expr) -> Expr:
    """a^k b^k for (a b)^k, of positive numbers."""
    parts = number_and_factors(n.args[0]) if n.op is H.POWER and n.args[0].op is H.PRODUCT else ()
    return product([f ** n.args[1] for f in parts]) if parts and all(has(f, "positive") for f in parts) else n


def _two_in_logarithms(e: Expr) -> Expr | None:
    """a - b = 0 as log a - log b = 0, of two products, whose factors come apart."""
    terms = sorted(summands(e), key=lambda t: -coefficient_and_rest(t)[0])
    if len(terms) != 2 or not coefficient_and_rest(terms[0])[0] > 0 > coefficient_and_rest(terms[1])[0]:
        return None
    return transform(logarithm(number_and_factors(terms[0])) - logarithm(number_and_factors(scaled(-1, terms[1]))), log_parted)


def _logarithms_joined(e: Expr) -> Expr | None:
    """c log u - c log v + r as u/v - exp(-r/c)."""
    with_log = [(t, f) for t in summands(e) for f in scalar_factors(t) if f.op.name == "log"]
    rest = [t for t in summands(e) if all(t is not s for s, _ in with_log)]
    if len(with_log) < 2:
        return None
    first = with_log[0][0] / with_log[0][1]
    ratios = [simplify(t / log / first) for t, log in with_log]
    if any(r.op is not H.NUMBER for r in ratios):
        return None
    inside = product([log.args[0] ** r for (_, log), r in zip(with_log, ratios, strict=True)])
    return inside - elementwise("exp", simplify(scaled(-1, total(rest, (1, 1)) / first)))
