"""A square matrix unknown that stands in an inverse: the equation cleared of it, and the quadratic equations that have names."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, has, identity, known, matpower, postorder, product, scaled, split, substitute, transform, variable, zero
from matcalc.expr import transpose as transposed
from matcalc.expr.conjugate import is_hermitian, said_of
from matcalc.expr.dims import Shape
from matcalc.expr.heads import IDENTITY, MATPOWER, NUMBER, ONE, POWER, PRODUCT, SUM, TRANSPOSE, VARIABLE, number
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import call
from matcalc.reading import read
from matcalc.simplification import simplify
from matcalc.solving import affine
from matcalc.solving.roots import IN_DOMAIN, Conditions, Root, power_of, roots
from matcalc.solving.terms import chain_product, depends, flattened, parted, scalar_factors, summands, total


class Quadratic(NamedTuple):
    """A row: X P X + X Q + R = 0 is solved by `solution` where `P`, `Q` and `-R` (as S) are what `needs` says."""

    name: str
    needs: str  # of P, Q, S: properties, "scalar" (a multiple of the identity), "zero"
    solution: str  # with p, q and s the multiples, where P, Q and S are such
    source: str = ""


QUADRATICS = (
    Quadratic("the square root", "P scalar; Q zero; S scalar", "S/sqrt(s*p)"),
    Quadratic("the geometric mean", "P spd; Q zero; S any", "inv(sqrtm(P))*sqrtm(sqrtm(P)*S*sqrtm(P))*inv(sqrtm(P))", "Bhatia 2007, 4.1.1"),
    Quadratic("the quadratic formula, as all commute", "P scalar; Q symmetric; S scalar", "(sqrtm(Q*Q + 4*p*S) - Q)/(2*p)"),
    Quadratic(
        "the quadratic formula, between square roots",
        "P spd; Q scalar; S any",
        "inv(sqrtm(P))*(sqrtm(4*sqrtm(P)*S*sqrtm(P) + q^2*I) - q*I)*inv(sqrtm(P))/2",
    ),
)


Isolated = Callable[[Expr, Expr], list[Root]]


def inverted(e: Expr, x: Expr, isolated: Isolated) -> list[Root]:
    """The roots of e = 0 where the square `x` occurs in its inverse, or only within one invertible function of it.

    That function is `isolated` first.
    """
    if x.is_scalar or x.shape[0] != x.shape[1]:
        return []
    sides = [split(t) for t in summands(e)]
    if len(sides) == 2 and all(m.op is MATPOWER and m.data == -1 and not depends(c, x) for c, m in sides):
        (a, p), (b, q) = sides  # a P⁻¹ + b Q⁻¹ = 0 where a Q + b P = 0
        return _after(Root(x, "invert both sides"), isolated(simplify(a * q.args[0] + b * p.args[0]), x))
    solved = [(c, m) for c, m in sides if m.op.name == "sylvester" and depends(m, x)]
    if len(solved) == 1:  # c Y + R = 0 where P Y + Y Q = C: then c C + P R + R Q = 0
        ((c, y),) = solved
        (p, q, of), r = y.args, e - c * y
        return _after(Root(x, "put into its Sylvester equation"), isolated(simplify(c * of + p @ r + r @ q), x))
    around = list(dict.fromkeys(_innermost(n) for n in postorder(e) if x in n.args and _undone(n, x) is not None))
    for f in around:
        found = _through(e, f, x, isolated)
        if found:
            return found
    if any(n.op is MATPOWER and n.args[0] is x and n.data < 0 for n in postorder(e)):
        ways = [r for r in (_multiplied(e, x), commuting(e, x)) if r]
        return min(ways, key=lambda r: r[0].value.weight, default=[])
    for n in postorder(e):
        if n.shape == x.shape and n.op is SUM and depends(n, x):
            y = variable(f"sum·{x.data[0]}", x.shape, {p for p in known(n) if p in PROPERTIES})
            made = substitute(e, {n: y})
            if made is not y and not depends(made, x):
                return [s for r in isolated(made, y) for s in _after(r, isolated(n - r.value, x))]
    return quadratic(e, x) or _between(e, x, isolated) or commuting(e, x)


def _after(first: Root, found: list[Root]) -> list[Root]:
    return [r._replace(rule=f"{first.rule}; {r.rule}", conditions=(*first.conditions, *r.conditions)) for r in found]


def _innermost(n: Expr) -> Expr:
    return matpower(n.args[0], -1) if n.op is MATPOWER else n


def _undone(f: Expr, x: Expr) -> Expr | None:
    """The value of x as a function of y = f(x), with y for the variable `x` itself: the inverse, or by the column of the row."""
    if f.op is MATPOWER and f.data < 0:
        return matpower(x, -1)
    if f.op.inverse and not f.op.elementwise and f.args == (x,):
        stand = variable("X", x.shape, x.data[1])
        return substitute(read(f.op.inverse, names={"X": stand}).expr, {stand: x})
    return None


def _through(e: Expr, f: Expr, x: Expr, isolated: Isolated) -> list[Root]:
    """Where `x` occurs in f(x) only, that is isolated first."""
    y = variable(f"{f.op.name}·{x.data[0]}", x.shape, {p for p in known(f) if p in PROPERTIES})
    put_in = {f: y}
    if f.op is MATPOWER:
        put_in = {n: matpower(y, -n.data) for n in postorder(e) if n.op is MATPOWER and n.args[0] is x and n.data < 0}
    made = substitute(e, put_in)
    if depends(made, x) or f.op is MATPOWER and quadratic(made, y):
        return []  # what is quadratic in the inverse is so in x
    out = []
    for r in isolated(made, y):
        back = _undone(f, x)
        if back is not None and summands(r.value):
            value = simplify(affine.inverse(r.value) if f.op is MATPOWER else substitute(back, {x: r.value}))
            needed = [(r.value, "invertible")] if f.op is MATPOWER and not has(r.value, "invertible") else []
            rule = "invert" if f.op is MATPOWER else f"apply the inverse of {f.op.name}"
            out.append(Root(value, f"{r.rule}; {rule}" if r.rule != "isolated" else rule, (*r.conditions, *needed)))
    return out


def _between(e: Expr, x: Expr, isolated: Isolated) -> list[Root]:
    """Where `x` occurs in G' (C + s G x G')⁻¹ G only, which is (s (s G' C⁻¹ G)⁻¹ + s x)⁻¹, and so in one inverse."""
    for n in [n for n in postorder(e) if n.op is MATPOWER and n.data == -1 and n.args[0].op is SUM]:
        moving = [t for t in summands(n.args[0]) if depends(t, x)]
        scale, chain = parted(moving[0]) if len(moving) == 1 else (ONE, ())
        at = chain.index(x) if x in chain else 0
        left, right = chain[:at], chain[at + 1 :]
        if not left or tuple(f.H for f in reversed(left)) != right or any(depends(f, x) for f in (scale, *left)):
            continue
        y = variable(f"within·{x.data[0]}", x.shape, x.data[1])
        made = transform(e, partial(_replaced, (*right, n, *left), product([scale**-1, matpower(y, -1)])))
        if depends(made, x):
            continue
        rest = simplify((n.args[0] - moving[0]) * scale**-1)
        inner = simplify(product([*right, matpower(rest, -1), *left]))
        needed = [] if has(inner, "invertible") else [(inner, "invertible")]
        rule = "take it out of what stands around it"
        return [Root(simplify(r.value - matpower(inner, -1)), f"{rule}; {r.rule}", (*r.conditions, *needed)) for r in isolated(made, y)]
    return []


def _replaced(factors: tuple[Expr, ...], by: Expr, e: Expr) -> Expr:
    """A product with `by` in place of those of its factors."""
    if e.op is PRODUCT:
        for i in range(e.data[1], len(e.args) - len(factors) + 1):
            if e.args[i : i + len(factors)] == factors:
                return product([number(e.data[0]), *e.args[:i], by, *e.args[i + len(factors) :]])
    return e


def _multiplied(e: Expr, x: Expr) -> list[Root]:
    """The roots where the equation, times x from the left, the right or both, has no inverse of it."""
    terms = summands(flattened(e))
    turned = any(f.op is TRANSPOSE and f.args[0].op is MATPOWER and f.args[0].args[0] is x for t in terms for f in parted(t)[1])
    factor = transposed(x) if turned else x
    for left, right in (((factor,), (factor,)), ((factor,), ()), ((), (factor,))):
        made = add([product([*left, t, *right]) for t in terms])
        if not any(n.op is MATPOWER and n.data < 0 and n.args[0] is x for n in postorder(made)):
            made = flattened(made)
            if found := affine.isolated(made, x) or quadratic(made, x):
                return [r._replace(rule=f"multiply by {x.data[0]}; {r.rule}") for r in found]
    return []


def quadratic(e: Expr, x: Expr) -> list[Root]:
    """The roots of an equation that is quadratic in a positive definite `x`, by the table."""
    if not has(x, "psd"):
        return []
    parts: dict[int, list[Expr]] = {0: [], 1: [], 2: []}
    for t in summands(_multiplied_out(flattened(e))):
        scalar, chain = parted(t)
        at = [i for i, f in enumerate(chain) if f is x]
        ends = {0, len(chain) - 1}
        if depends(scalar, x) or sum(depends(f, x) for f in chain) != len(at) or not ends.issuperset(at):
            return []
        parts[len(at)].append(t if not at else chain_product(scalar, tuple(f for f in chain if f is not x), x.shape[0]))
    s, q, p = (simplify(total(parts[k], x.shape)) for k in range(3))
    if not summands(p):
        return []
    both = ((sign, row) for sign in (1, -1) for row in QUADRATICS)
    found = (_by_row(row, scaled(sign, p), scaled(sign, q), simplify(scaled(-sign, s)), x) for sign, row in both)
    return next(([r] for r in found if r is not None), [])


def _multiplied_out(e: Expr) -> Expr:
    """An equation times the positive numbers that its terms are divided by."""
    below: dict[Expr, Expr] = {}
    for base, k in (power_of(f) for t in summands(e) for f in scalar_factors(parted(t)[0])):
        if k < 0 and has(base, "positive"):
            below[base] = max(base ** number(-k), below.get(base, ONE), key=lambda p: power_of(p)[1])
    return flattened(product([*below.values(), e])) if below else e


def _by_row(row: Quadratic, p: Expr, q: Expr, s: Expr, x: Expr) -> Root | None:
    unit = identity(x.shape[0])
    multiples = {name: split(m)[0] if split(m)[1] is unit else None for name, m in (("p", p), ("q", q), ("s", s))}
    for need in row.needs.split(";"):
        name, word = need.split()
        m = {"P": p, "Q": q, "S": s}[name]
        fine = {"any": True, "symmetric": is_hermitian(m), "zero": not summands(m), "scalar": multiples[name.lower()] is not None}
        if not (fine[word] if word in fine else has(m, word)):
            return None
    if multiples["p"] is not None and has(multiples["p"], "negative"):
        return None
    given = {k: v if summands(v) else zero(x.shape) for k, v in (("P", p), ("Q", q), ("S", s))}
    given |= {k: multiples[k] or ONE for k in "pqs"}
    words = ("spd", "psd", "symmetric", "positive")
    stand = {k: variable(k, v.shape, {w for w in words if has(v, w)} | (said_of(v) if v.complex else set())) for k, v in given.items()}
    try:
        value = simplify(substitute(read(row.solution, names=stand).expr, {stand[k]: v for k, v in given.items()}))
    except MatcalcError:
        return None
    needed: Conditions = () if has(s, "spd") else ((s, "positive definite"),)
    if needed and multiples["p"] is not None and multiples["s"] is not None:
        needed = ((multiples["p"] * multiples["s"], "positive"),)
    return Root(value, row.name, ((value, IN_DOMAIN), *needed))


# --- one matrix of the data ---------------------------------------------------------------------------------------


def commuting(e: Expr, x: Expr) -> list[Root]:
    """The roots among the functions of A, where A is the one matrix beside a positive definite `x`: they commute, and are as numbers.

    >>> from matcalc.expr import matpower, variable
    >>> x, a = variable("X", (2, 2), {"spd"}), variable("A", (2, 2), {"spd"})
    >>> [r.value for r in commuting(a @ x + x @ a - 2 * matpower(x, -1), x)]
    [A^−½]
    """
    data = {n for n in postorder(e) if n.op is VARIABLE and not n.is_scalar and n is not x}
    if not has(x, "spd") or x.complex or len(data) > 1 or not all(has(a, "spd") and a.shape == x.shape for a in data):
        return []
    as_numbers = {m: variable(m.data[0], (1, 1), {"positive"}) for m in (x, *data)}
    back = {v: m for m, v in as_numbers.items() if m is not x}
    made = _as_number(e, as_numbers)
    out = []
    for r in roots(simplify(made), as_numbers[x]) if made is not None else []:
        value = _as_matrix(r.value, back, x.shape)
        one = any(needs == IN_DOMAIN for _, needs in r.conditions)  # where it is the only positive root
        if value is not None and (one or has(value, "spd")) and all(needs == IN_DOMAIN for _, needs in r.conditions):
            out.append(Root(simplify(value), f"as numbers, since all commute; {r.rule}", ((value, IN_DOMAIN),)))
    return out


def _as_number(e: Expr, values: dict[Expr, Expr]) -> Expr | None:
    """The same function of numbers; None where it has something that is no function of the matrices."""
    if e in values:
        return values[e]
    if e.is_scalar:
        return None if any(depends(e, m) for m in values) else e
    if e.op is IDENTITY:
        return ONE
    if e.op is TRANSPOSE:
        return _as_number(e.args[0], values)
    parts = [_as_number(a, values) for a in e.args]
    known_parts = [p for p in parts if p is not None]
    if len(known_parts) < len(parts):
        return None
    if e.op is SUM:
        return add([scaled(c, p) for c, p in zip(e.data, known_parts, strict=True)])
    if e.op is PRODUCT:
        return product([number(e.data[0]), *known_parts])
    if e.op is MATPOWER:
        return known_parts[0] ** number(e.data)
    return known_parts[0] ** number(Fraction(1, 2)) if e.op.name == "sqrtm" else None


def _as_matrix(e: Expr, back: dict[Expr, Expr], shape: Shape) -> Expr | None:
    """A formula in a number as one in the matrix that it stands for."""
    if e in back:
        return back[e]
    if not depends(e, *back):
        return e * identity(shape[0])
    if e.op is SUM or e.op is PRODUCT:
        parts = [_as_matrix(f, back, shape) if e.op is SUM or depends(f, *back) else f for f in e.args]
        found = [p for p in parts if p is not None]
        if len(found) < len(parts):
            return None
        return add([scaled(c, m) for c, m in zip(e.data, found, strict=True)]) if e.op is SUM else product([number(e.data[0]), *found])
    if e.op is not POWER or e.args[1].op is not NUMBER or (k := Fraction(e.args[1].data)).denominator > 2:
        return None
    base = _as_matrix(e.args[0], back, shape)
    if base is None:
        return None
    return matpower(call("sqrtm", base) if k.denominator == 2 else base, k.numerator)
