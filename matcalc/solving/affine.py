"""Isolation of an unknown in which an equation is affine: x = -J⁻¹ G(0).

In vec form B' ⊗ A is undone by A⁻¹ and B⁻¹, I ⊗ A + B' ⊗ I by Sylvester's equation; factors that all terms share go first.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.calculus import differential, jacobian
from matcalc.calculus.wirtinger import joined as joined_by
from matcalc.calculus.wirtinger import parted as parted_by
from matcalc.expr import Expr, coefficient_and_rest, has, matpower, product, scaled, split, transpose
from matcalc.expr.conjugate import conjugate
from matcalc.expr.heads import IDENTITY, ONE, PRODUCT
from matcalc.expr.properties import linear
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.solving.roots import Conditions, Root
from matcalc.solving.terms import Chain, Term, at_zero, chain_product, coefficients, depends, parted, summands, total
from matcalc.solving.tidying import joined

DIVIDED = "divide, and solve the Sylvester equation by Schur forms"


def isolated(e: Expr, x: Expr) -> list[Root]:
    """The one root of e = 0 that is affine in `x`, if it is a formula, or the solution of a Sylvester equation."""
    e = coefficient_and_rest(e)[1]
    found = coefficients(e, x)
    if found is None and x.complex:
        return _with_its_conjugate(e, x)
    if found is None or not found[0]:
        return []
    terms, constant = found
    if x.is_scalar:
        return _number_root(terms[0].scalar, constant) if e.is_scalar else []
    if all(t.turned for t in terms) and x.shape[1] != 1:
        terms = [Term(t.scalar, _turned(t.right), _turned(t.left), False) for t in terms]
        constant = [transpose(c) for c in constant]
    if any(t.turned for t in terms):
        return _with_its_transpose(terms, constant, x) or _by_vec(e, x)
    terms, constant, conditions = _stripped(terms, constant)
    made = _solved(terms, constant, x, conditions)
    if made and made[0].rule == DIVIDED and made[0].conditions and (whole := _by_vec(e, x)) and not whole[0].conditions:
        return whole  # λ X beside A'A X B B', whose factors may be singular
    return made or _by_vec(e, x)


def _number_root(slope: Expr, constant: list[Expr]) -> list[Root]:
    slope = joined(simplify(slope))
    if not summands(slope):
        return []
    needed = () if has(slope, "nonzero") else ((slope, "≠ 0"),)
    return [Root(simplify(scaled(-1, total(constant, (1, 1)) / slope)), "divide by what multiplies it", needed)]


def _with_its_transpose(terms: list[Term], constant: list[Expr], x: Expr) -> list[Root]:
    """α X + β X' = C, solved with its transpose: X = (α C - β C')/(α² - β²)."""
    if any(t.left or t.right for t in terms) or x.shape[0] != x.shape[1]:
        return []
    a, b = (simplify(total([t.scalar for t in terms if t.turned is turned], (1, 1))) for turned in (False, True))
    c = -total(constant, x.shape)
    below = simplify(a + b) * simplify(a - b)
    if not summands(below):
        return []
    value = simplify((a * c - b * transpose(c)) / below)
    return [Root(value, "add its transpose", () if has(below, "nonzero") else ((below, "≠ 0"),))]


def _with_its_conjugate(e: Expr, x: Expr) -> list[Root]:
    """P x + C x* = r, solved with its conjugate: (P - C P*⁻¹ C*) x = r - C P*⁻¹ r*."""
    if x.shape[1] != 1 or e.shape != x.shape or "hermitian" in x.data[1]:
        return []
    start, apart = at_zero(e, x), parted_by(e, x)
    p, c = (simplify(joined_by(differential(apart.expr, {v: ONE}) if x.is_scalar else jacobian(apart.expr, v), apart)) for v in apart[1:])
    if start is None or depends(p, x) or depends(c, x) or not summands(p):
        return []
    r = simplify(scaled(-1, start))
    if x.is_scalar:
        below = simplify(p * conjugate(p) - c * conjugate(c))
        value = simplify((conjugate(p) * r - c * conjugate(r)) / below)
        return [Root(value, "add its conjugate", () if has(below, "nonzero") else ((below, "≠ 0"),))]
    beside = c @ matpower(conjugate(p), -1)
    whole = simplify(p - beside @ conjugate(c))
    value = simplify(matpower(whole, -1) @ (r - beside @ conjugate(r)))
    return [Root(value, "add its conjugate", not_singular(p, whole))]


def _by_vec(e: Expr, x: Expr) -> list[Root]:
    """The solution in vec coordinates of what no product with inverses solves: vec X = -J⁻¹ vec G(0)."""
    if 1 in x.shape or e.shape != x.shape or linear(x.data[1]):
        return []
    start = at_zero(e, x)
    if start is None or not summands(start):
        return []
    j = jacobian(e, x)
    if depends(j, x) or j.shape[0] != j.shape[1]:
        return []
    value = call("unvec", scaled(-1, matpower(j, -1) @ call("vec", start)), *x.shape)
    return [Root(value, "solve the linear equation in vec coordinates", not_singular(j))]


def not_singular(*matrices: Expr) -> Conditions:
    return tuple((m, "invertible") for m in matrices if not has(m, "invertible"))


def _solved(terms: list[Term], constant: list[Expr], x: Expr, conditions: Conditions) -> list[Root]:
    """The root of Σ L x R = c where all R are one, or all L; of a Sylvester equation else."""
    rights, lefts = (tuple(dict.fromkeys(chains)) for chains in ([t.right for t in terms], [t.left for t in terms]))
    if len(rights) > 1 and len(lefts) > 1:
        return _sylvester(terms, constant, x, conditions)
    scalars = [t.scalar for t in terms]
    left = _factored([t.left for t in terms], scalars, x.shape[0]) if len(rights) == 1 else _factored(lefts, [ONE], x.shape[0])
    right = _factored([t.right for t in terms], scalars, x.shape[1]) if len(rights) > 1 else _factored(rights, [ONE], x.shape[1])
    if left is None or right is None:
        return []
    c = scaled(-1, total(constant, (left[0].shape[0], right[-1].shape[1])))
    value = simplify(product([*map(inverse, reversed(left)), c, *map(inverse, reversed(right))]))
    return [Root(value, "multiply by the inverse", (*conditions, *not_singular(*left, *right)))]


def _factored(chains: Sequence[Chain], scalars: Sequence[Expr], n: object) -> list[Expr] | None:
    """Σ s C as square factors, those first that begin or end all of the chains; None where one is not square."""
    first: list[Expr] = []
    last: list[Expr] = []
    while (f := _common([c[:1] for c in chains])) is not None and f.shape == (n, n):
        first.append(f)
        chains = [c[1:] for c in chains]
    while (f := _common([c[-1:] for c in chains])) is not None and f.shape == (n, n):
        last.insert(0, f)
        chains = [c[:-1] for c in chains]
    if len({(c[0].shape[0], c[-1].shape[1]) if c else (n, n) for c in chains}) > 1:
        return None
    middle = joined(simplify(total([chain_product(s, c, n) for s, c in zip(scalars, chains, strict=True)], (n, n))))
    parts = [m for m in (*first, middle, *last) if m.op is not IDENTITY] or [middle]
    return None if any(m.shape[0] != m.shape[1] or not summands(m) for m in parts) else parts


def inverse(m: Expr) -> Expr:
    """The inverse of a square matrix, of a product of square ones factor by factor."""
    front, chain = split(m)
    if m.op is PRODUCT and chain.op is PRODUCT and all(f.shape[0] == f.shape[1] for f in chain.args):
        return product([1 / front, *(matpower(f, -1) for f in reversed(chain.args))])
    return matpower(m, -1)


def _sylvester(terms: list[Term], constant: list[Expr], x: Expr, conditions: Conditions) -> list[Root]:
    """A X + X B = C; of A X B + C X D = E with two of them invertible, after these are divided out."""
    rows, columns = x.shape
    alone = [t for t in terms if not t.right]
    beside = [t for t in terms if t.right and not t.left]
    if len(alone) + len(beside) != len(terms):
        return _generalised(terms, constant, x, conditions)
    if not alone or not beside:
        return []
    a = simplify(total([chain_product(t.scalar, t.left, rows) for t in alone], (rows, rows)))
    b = simplify(total([chain_product(t.scalar, t.right, columns) for t in beside], (columns, columns)))
    a, b, c = _smaller(a, b, simplify(scaled(-1, total(constant, x.shape))))
    value = call("sylvester", a, b, c)
    if value.op.name != "sylvester":
        return [Root(simplify(value), "solve the Sylvester equation", conditions)]
    if a is transpose(b) is b and has(a, "psd"):
        conditions = (*conditions, *(() if has(a, "spd") else not_singular(a)))
    elif not (has(a, "psd") and has(b, "psd") and (has(a, "spd") or has(b, "spd"))):
        conditions = (*conditions, ((a, b), "share no eigenvalue"))
    return [Root(value, "solve the Sylvester equation, by Schur forms", conditions)]


def _smaller(*sides: Expr) -> tuple[Expr, ...]:
    """The matrices of A X + X B = C without a number that divides them all, and without the minus of both A and B."""
    numbers = [Fraction(coefficient_and_rest(m)[0]) for m in sides if summands(m)]
    common = min((abs(c) for c in numbers), default=Fraction(1))
    if any((c / common).denominator > 1 for c in numbers):
        common = Fraction(1)
    negative = all(coefficient_and_rest(m)[0] < 0 for m in sides[:2])
    return tuple(simplify(scaled((-1 if negative else 1) / common, m)) for m in sides)


def _generalised(terms: list[Term], constant: list[Expr], x: Expr, conditions: Conditions) -> list[Root]:
    for shared in ("right", "left"):
        groups: dict[Chain, list[Term]] = {}
        for t in terms:
            groups.setdefault(getattr(t, shared), []).append(t)
        if len(groups) == 2:
            break
    else:
        return []
    sizes, other = dict(zip(("left", "right"), x.shape, strict=True)), "left" if shared == "right" else "right"
    pairs = []
    for chain, of_it in groups.items():
        n = sizes[other]
        made = {shared: chain_product(ONE, chain, sizes[shared])}
        made[other] = simplify(total([chain_product(t.scalar, getattr(t, other), n) for t in of_it], (n, n)))
        pairs.append((made["left"], made["right"]))
    (a1, b1), (a2, b2) = pairs
    if any(m.shape[0] != m.shape[1] for m in (a1, b1, a2, b2)) or a1.shape[0] != x.shape[0] or b1.shape[1] != x.shape[1]:
        return []
    if not (has(a2, "invertible") and has(b1, "invertible")):
        a1, b1, a2, b2 = a2, b2, a1, b1
    left, right = inverse(a2), inverse(b1)
    c = simplify(product([left, scaled(-1, total(constant, (a2.shape[0], b1.shape[1]))), right]))
    value = call("sylvester", simplify(left @ a1), simplify(b2 @ right), c)
    return [Root(value, DIVIDED, (*conditions, *not_singular(a2, b1)))]


def _stripped(terms: list[Term], constant: list[Expr]) -> tuple[list[Term], list[Expr], Conditions]:
    """The equation without the factors that begin, or end, all of its terms and can be taken away."""
    if not constant:
        return terms, constant, ()
    given = [parted(c) for c in constant]
    dropped: list[tuple[Expr, str]] = []
    gone = 0
    while (f := _common([t.left[:1] for t in terms] + [c[:1] for _, c in given])) is not None and _may_go(f, "injective"):
        terms, given = [t._replace(left=t.left[1:]) for t in terms], [(s, c[1:]) for s, c in given]
        dropped += [] if has(f, "injective") else [(f, "invertible")]
        gone += 1
    while (f := _common([t.right[-1:] for t in terms] + [c[-1:] for _, c in given])) is not None and _may_go(f, "onto"):
        terms, given = [t._replace(right=t.right[:-1]) for t in terms], [(s, c[:-1]) for s, c in given]
        dropped += [] if has(f, "onto") else [(f, "invertible")]
        gone += 1
    rows = next((c[0].shape[0] for _, c in given if c), None)
    if not gone or any(not c for _, c in given) and rows is None:
        return terms, constant, ()
    return terms, [chain_product(s, c, rows) for s, c in given], tuple(dropped)


def _common(firsts: list[Chain]) -> Expr | None:
    found = {f[0] if f else None for f in firsts}
    return found.pop() if len(found) == 1 else None


def _may_go(f: Expr, rank: str) -> bool:
    return f.shape[0] == f.shape[1] and f.shape != (1, 1) or has(f, rank)


def _turned(chain: Chain) -> Chain:
    return tuple(transpose(f) for f in reversed(chain))
