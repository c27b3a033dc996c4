"""Isolation of an unknown in which an equation is affine: x = -J⁻¹ G(0).

In vec form B' ⊗ A is undone by A⁻¹ and B⁻¹, I ⊗ A + B' ⊗ I by Sylvester's equation; factors that all terms share go first.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.calculus import jacobian
from matcalc.expr import ONE, PRODUCT, Expr, add, coefficient_and_rest, has, matpower, power, product, scaled, transpose
from matcalc.expr import number as as_number
from matcalc.expr.properties import linear
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.solving.roots import Root
from matcalc.solving.terms import Chain, Term, at_zero, chain_product, coefficients, depends, parted, summands, total


def isolated(e: Expr, x: Expr) -> list[Root]:
    """The one root of e = 0 that is affine in `x`, if it is a formula, or the solution of a Sylvester equation."""
    e = coefficient_and_rest(e)[1]
    found = coefficients(e, x)
    if found is None or not found[0]:
        return []
    terms, constant = found
    if x.is_scalar:
        return _number_root(terms, constant, x) if e.is_scalar else []
    if all(t.turned for t in terms) and x.shape[1] != 1:
        terms = [Term(t.scalar, _turned(t.right), _turned(t.left), False) for t in terms]
        constant = [transpose(c) for c in constant]
    if any(t.turned for t in terms):
        return _with_its_transpose(terms, constant, x) or _by_vec(e, x)
    conditions: list[tuple[Expr, str]] = []
    terms, constant, dropped = _stripped(terms, constant)
    conditions += dropped
    return _solved(terms, constant, x, conditions) or _by_vec(e, x)


def _with_its_transpose(terms: list[Term], constant: list[Expr], x: Expr) -> list[Root]:
    """α X + β X' = C, solved with its transpose: X = (α C - β C')/(α² - β²)."""
    if any(t.left or t.right for t in terms) or x.shape[0] != x.shape[1]:
        return []
    a, b = (simplify(total([t.scalar for t in terms if t.turned is turned], (1, 1))) for turned in (False, True))
    c = scaled(-1, total(constant, x.shape))
    below = simplify(add([product([a, a]), scaled(-1, product([b, b]))]))
    if not summands(below):
        return []
    above = add([product([a, c]), scaled(-1, product([b, transpose(c)]))])
    value = simplify(product([above, power(below, as_number(-1))]))
    return [Root(value, "add its transpose", () if has(below, "nonzero") else ((below, "≠ 0"),))]


def _by_vec(e: Expr, x: Expr) -> list[Root]:
    """The solution in vec coordinates of what no product with inverses solves: vec X = -J⁻¹ vec G(0)."""
    if 1 in x.shape or e.shape != x.shape or linear(x.data[1]):
        return []
    start = at_zero(e, x)
    if start is None or not summands(start):
        return []
    j = simplify(jacobian(e, x))
    if depends(j, x) or j.shape[0] != j.shape[1]:
        return []
    rows, columns = x.shape
    value = call("unvec", scaled(-1, product([matpower(j, -1), call("vec", start)])), rows, columns)
    return [Root(value, "solve the linear equation in vec coordinates", () if has(j, "invertible") else ((j, "invertible"),))]


def _number_root(terms: list[Term], constant: list[Expr], x: Expr) -> list[Root]:
    slope = simplify(terms[0].scalar)
    if not summands(slope):
        return []
    value = simplify(product([as_number(-1), total(constant, (1, 1)), power(slope, as_number(-1))]))
    needed = () if has(slope, "nonzero") else ((slope, "≠ 0"),)
    return [Root(value, "divide by what multiplies it", needed)]


def _solved(terms: list[Term], constant: list[Expr], x: Expr, conditions: list[tuple[Expr, str]]) -> list[Root]:
    rows, columns = x.shape
    right = {t.right for t in terms}
    left = {t.left for t in terms}
    if len(right) == 1 and not next(iter(right)) and len(terms) > 1:
        return _by_factors(terms, constant, x, conditions)
    if len(right) == 1:
        a = total([chain_product(t.scalar, t.left, rows) for t in terms], (rows, rows))
        b = chain_product(ONE, next(iter(right)), columns)
    elif len(left) == 1:
        a = chain_product(ONE, next(iter(left)), rows)
        b = total([chain_product(t.scalar, t.right, columns) for t in terms], (columns, columns))
    else:
        return _sylvester(terms, constant, x, conditions)
    a, b = simplify(a), simplify(b)
    for m in (a, b):
        if m.shape[0] != m.shape[1] or not summands(m):
            return []
    shape = (a.shape[0], b.shape[1])
    value = simplify(product([inverse(a), scaled(-1, total(constant, shape)), inverse(b)]))
    return [Root(value, "multiply by the inverse", (*conditions, *((m, "invertible") for m in (a, b) if not has(m, "invertible"))))]


def _by_factors(terms: list[Term], constant: list[Expr], x: Expr, conditions: list[tuple[Expr, str]]) -> list[Root]:
    """(Σ L) x = c, with the square factors that begin or end all of the L inverted by themselves."""
    rows = x.shape[0]
    chains = [t.left for t in terms]
    first: list[Expr] = []
    last: list[Expr] = []
    while (f := _common([c[:1] for c in chains])) is not None and f.shape == (rows, rows):
        first.append(f)
        chains = [c[1:] for c in chains]
    while (f := _common([c[-1:] for c in chains])) is not None and f.shape == (rows, rows):
        last.insert(0, f)
        chains = [c[:-1] for c in chains]
    height = next((c[0].shape[0] for c in chains if c), rows)
    if any((c[0].shape[0] if c else rows) != height for c in chains):
        return []
    middle = simplify(total([chain_product(t.scalar, c, rows) for t, c in zip(terms, chains, strict=True)], (height, rows)))
    parts = [*first, middle, *last]
    if any(m.shape[0] != m.shape[1] or not summands(m) for m in parts):
        return []
    right_side = scaled(-1, total(constant, (rows, x.shape[1])))
    value = simplify(product([*(inverse(m) for m in reversed(parts)), right_side]))
    needed = ((m, "invertible") for m in parts if not has(m, "invertible"))
    return [Root(value, "multiply by the inverse", (*conditions, *needed))]


def inverse(m: Expr) -> Expr:
    """The inverse of a square matrix, of a product of square ones factor by factor."""
    if m.op is PRODUCT and all(f.shape[0] == f.shape[1] for f in m.args):
        scalars, chain = m.args[: m.data[1]], m.args[m.data[1] :]
        return product([power(product([as_number(m.data[0]), *scalars]), as_number(-1)), *(matpower(f, -1) for f in reversed(chain))])
    return matpower(m, -1)


def _sylvester(terms: list[Term], constant: list[Expr], x: Expr, conditions: list[tuple[Expr, str]]) -> list[Root]:
    """A X + X B = C; of A X B + C X D = E with two of them invertible, after these are divided out."""
    rows, columns = x.shape
    alone = [t for t in terms if not t.right]
    beside = [t for t in terms if t.right and not t.left]
    if len(alone) + len(beside) != len(terms):
        return _generalised(terms, constant, x, conditions)
    both = [t for t in alone if not t.left]
    a = simplify(total([chain_product(t.scalar, t.left, rows) for t in alone], (rows, rows)))
    b = simplify(total([chain_product(t.scalar, t.right, columns) for t in beside], (columns, columns)))
    c = simplify(scaled(-1, total(constant, x.shape)))
    if not both and not alone or not beside:
        return []
    a, b, c = _smaller(a, b, c)
    value = call("sylvester", a, b, c)
    if value.op.name != "sylvester":
        return [Root(simplify(value), "solve the Sylvester equation", tuple(conditions))]
    fine = has(a, "psd") and has(b, "psd") and (has(a, "spd") or has(b, "spd"))
    if a is transpose(b) is b and has(a, "psd"):
        conditions = [*conditions, *([] if has(a, "spd") else [(a, "invertible")])]
    elif not fine:
        conditions = [*conditions, ((a, b), "share no eigenvalue")]  # type: ignore[list-item]
    return [Root(value, "solve the Sylvester equation, by Schur forms", tuple(conditions))]


def _smaller(*sides: Expr) -> tuple[Expr, ...]:
    """The matrices of an equation without a number that divides them all."""
    numbers = [Fraction(coefficient_and_rest(m)[0]) for m in sides if summands(m)]
    common = min((abs(c) for c in numbers), default=Fraction(1))
    return tuple(simplify(scaled(1 / common, m)) for m in sides) if all((c / common).denominator == 1 for c in numbers) else sides


def _generalised(terms: list[Term], constant: list[Expr], x: Expr, conditions: list[tuple[Expr, str]]) -> list[Root]:
    rows, columns = x.shape
    groups: dict[Chain, list[Term]] = {}
    for t in terms:
        groups.setdefault(t.right, []).append(t)
    if len(groups) != 2:
        groups = {}
        for t in terms:
            groups.setdefault(t.left, []).append(t)
        if len(groups) != 2:
            return []
        (a1, b1), (a2, b2) = [
            (chain_product(ONE, k, rows), simplify(total([chain_product(t.scalar, t.right, columns) for t in ts], (columns, columns))))
            for k, ts in groups.items()
        ]
    else:
        (a1, b1), (a2, b2) = [
            (simplify(total([chain_product(t.scalar, t.left, rows) for t in ts], (rows, rows))), chain_product(ONE, k, columns))
            for k, ts in groups.items()
        ]
    if any(m.shape[0] != m.shape[1] for m in (a1, b1, a2, b2)) or a1.shape[0] != rows or b1.shape[1] != columns:
        return []
    if not (has(a2, "invertible") and has(b1, "invertible")):
        a1, b1, a2, b2 = a2, b2, a1, b1
    needed = [(m, "invertible") for m in (a2, b1) if not has(m, "invertible")]
    left, right = inverse(a2), inverse(b1)
    c = simplify(product([left, scaled(-1, total(constant, (a2.shape[0], b1.shape[1]))), right]))
    a, b = simplify(product([left, a1])), simplify(product([b2, right]))
    value = call("sylvester", a, b, c)
    return [Root(value, "divide, and solve the Sylvester equation by Schur forms", (*conditions, *needed))]


def _stripped(terms: list[Term], constant: list[Expr]) -> tuple[list[Term], list[Expr], list[tuple[Expr, str]]]:
    """The equation without the factors that begin, or end, all of its terms and can be taken away."""
    if not constant:
        return terms, constant, []
    given = [parted(c) for c in constant]
    dropped: list[tuple[Expr, str]] = []
    while (f := _common([t.left[:1] for t in terms] + [c[:1] for _, c in given])) is not None and _may_go(f, "injective"):
        terms = [t._replace(left=t.left[1:]) for t in terms]
        given = [(s, c[1:]) for s, c in given]
        dropped += [] if has(f, "injective") else [(f, "invertible")]
    while (f := _common([t.right[-1:] for t in terms] + [c[-1:] for _, c in given])) is not None and _may_go(f, "onto"):
        terms = [t._replace(right=t.right[:-1]) for t in terms]
        given = [(s, c[:-1]) for s, c in given]
        dropped += [] if has(f, "onto") else [(f, "invertible")]
    if not dropped and all(len(c) == len(parted(k)[1]) for (_, c), k in zip(given, constant, strict=True)):
        return terms, constant, []
    ends = [(c[0].shape[0] if c else None, c[-1].shape[1] if c else None) for _, c in given]
    rows = next((r for r, _ in ends if r is not None), None)
    columns = next((k for _, k in ends if k is not None), None)
    if any(not c for _, c in given) and (rows is None or columns is None or rows != columns):
        if rows is None:
            return terms, constant, []
    return terms, [chain_product(s, c, rows) for s, c in given], dropped


def _common(firsts: list[Chain]) -> Expr | None:
    found = {f[0] if f else None for f in firsts}
    return found.pop() if len(found) == 1 else None


def _may_go(f: Expr, rank: str) -> bool:
    return f.shape[0] == f.shape[1] and f.shape != (1, 1) or has(f, rank)


def _turned(chain: Chain) -> Chain:
    return tuple(transpose(f) for f in reversed(chain))
