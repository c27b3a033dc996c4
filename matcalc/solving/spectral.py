"""Stationary points that are eigenvectors, singular vectors, directions or polar factors: the equation is homogeneous, or W'B W = I."""

from __future__ import annotations

from typing import Any, NamedTuple

from matcalc.calculus import gradient, jacobian
from matcalc.expr import (
    IDENTITY,
    ONE,
    TRANSPOSE,
    Expr,
    add,
    coefficient_and_rest,
    has,
    identity,
    matpower,
    number,
    power,
    product,
    scaled,
    substitute,
    transpose,
    variable,
)
from matcalc.operators import call
from matcalc.simplification import rewritten, simplify
from matcalc.solving.problem import Constraint, Problem
from matcalc.solving.terms import at_zero, chain_product, depends, flattened, opaque, parted, summands, total


class Pencil(NamedTuple):
    """Eigenvectors of M x = λ B x with `zeros` x = 0, `k` of them (None: one), of length `radius`."""

    m: Expr
    b: Expr
    zeros: Expr | None
    columns: Any  # the number of columns where x is a matrix
    radius: Expr
    anywhere: bool = False  # no constraint says how long it is
    turned: bool = False  # x' is what is asked for


class Pair(NamedTuple):
    """The u, v with stationary u'C v under u'A u = r, v'B v = s."""

    c: Expr
    a: Expr
    b: Expr
    columns: Any
    radii: tuple[Expr, Expr]
    anywhere: bool = False  # no constraint says how long they are


class Formula(NamedTuple):
    """A value in closed form, up to its sign where `both`; the rule that found it, and what must hold."""

    value: Expr
    rule: str
    conditions: tuple[tuple[Expr, str], ...]
    both: bool = True
    scale: bool = False  # any multiple of it is a stationary point as well


class Sphere(NamedTuple):
    """x'B x = r² (of a matrix: = I), for one unknown."""

    b: Expr
    radius: Expr


def spectral(p: Problem) -> Pencil | Pair | Formula | None:
    """What the stationary points are, where they are of this kind; None where not."""
    if any(_rows(c, x) for c in p.constraints for x in p.unknowns):
        return _turned(p)
    spheres: dict[Expr, Sphere] = {}
    zeros: list[Expr] = []
    for c in p.constraints:
        found = next(((x, s) for x in p.unknowns if (s := sphere(c, x, p)) is not None), None)
        if found is not None and found[0] not in spheres:
            spheres[found[0]] = found[1]
        elif len(p.unknowns) == 1 and (row := _homogeneous(c, p.unknowns[0])) is not None:
            zeros.append(row)
        else:
            return None
    if len(p.unknowns) == 2 and len(spheres) == 2 and not zeros:
        return _pair(p, spheres)
    if len(p.unknowns) == 2 and not p.constraints:
        return _correlated(p)
    if len(p.unknowns) != 1 or len(zeros) > 1:
        return None
    (x,) = p.unknowns
    if x.is_scalar:
        return None
    g = simplify(gradient(rewritten(p.f), [x])[0])
    if x.shape[1] != 1:
        return _of_columns(g, x, spheres[x]) if x in spheres and not zeros else None
    return _of_vector(g, x, spheres.get(x), zeros[0] if zeros else None)


def _rows(c: Constraint, x: Expr) -> bool:
    """Whether a constraint is of x x', as W W' = I is."""
    if c.zero.is_scalar or x.shape[1] == 1:
        return False
    chains = [parted(t)[1] for t in summands(flattened(c.zero)) if depends(t, x)]
    return bool(chains) and all(len(k) >= 2 and k[0] is x and k[-1] is transpose(x) for k in chains)


def _turned(p: Problem) -> Pencil | Formula | None:
    """With W' as the unknown in place of W, whose rows are to be orthonormal."""
    from dataclasses import replace

    if len(p.unknowns) != 1:
        return None
    (x,) = p.unknowns
    v = variable(x.data[0] + "ᵀ", (x.shape[1], x.shape[0]), set())
    constraints = tuple(replace(c, zero=substitute(c.zero, {x: transpose(v)})) for c in p.constraints)
    found = spectral(replace(p, f=substitute(p.f, {x: transpose(v)}), unknowns=(v,), constraints=constraints))
    if isinstance(found, Formula):
        return found._replace(value=simplify(transpose(found.value)))
    return found._replace(turned=True) if isinstance(found, Pencil) else None


def sphere(c: Constraint, x: Expr, p: Problem) -> Sphere | None:
    """B and the radius, if the constraint is x'B x = r² with a positive definite B, in no other unknown."""
    if any(depends(c.zero, u) for u in p.unknowns if u is not x) or not depends(c.zero, x):
        return None
    if c.zero.is_scalar and x.shape[1] == 1:
        slope = gradient(c.zero, [x])[0]
        start = at_zero(slope, x)
        if start is None or summands(simplify(start)):
            return None
        b = simplify(flattened(jacobian(slope, x)))
        r = at_zero(c.zero, x)
        if depends(b, x) or r is None:
            return None
        b, r = scaled(_half(), b), scaled(-1, r)
        if has(b, "nd"):
            b, r = scaled(-1, b), scaled(-1, r)
        return Sphere(b, simplify(r)) if has(b, "spd") and not has(simplify(r), "nonpositive") else None
    if c.zero.is_scalar or x.shape[1] == 1:
        return None
    middle: list[Expr] = []
    for t in summands(flattened(c.zero)):
        if not depends(t, x):
            if simplify(scaled(-1, t)) is not identity(c.zero.shape[0]):
                return None
            continue
        s, chain = parted(t)
        if len(chain) < 2 or chain[0].op is not TRANSPOSE or chain[0].args[0] is not x or chain[-1] is not x or depends(s, x):
            return None
        middle.append(chain_product(s, chain[1:-1], x.shape[0]))
    inner = simplify(total(middle, (x.shape[0], x.shape[0])))
    return Sphere(inner, number(1)) if has(inner, "spd") else None


def _half() -> Any:
    from fractions import Fraction

    return Fraction(1, 2)


def _homogeneous(c: Constraint, x: Expr) -> Expr | None:
    """C, if the constraint is C x = 0."""
    if c.zero.shape[1] != 1 or x.shape[1] != 1:
        return None
    start = at_zero(c.zero, x)
    if start is None or summands(simplify(start)):
        return None
    j = simplify(jacobian(c.zero, x) if not c.zero.is_scalar else transpose(gradient(c.zero, [x])[0]))
    return None if depends(j, x) else j


# --- one vector --------------------------------------------------------------------------------------------------


def _of_vector(g: Expr, x: Expr, on: Sphere | None, zeros: Expr | None) -> Pencil | Formula | None:
    found = _operators(g, x, on)
    if found is None:
        return None
    maps, constants = found
    if on is not None:  # what points along B x is normal to the sphere
        maps = {k: m for k, m in maps.items() if not _is_multiple(m, on.b)}
    if not constants and len(maps) == 1 and on is not None:
        m = coefficient_and_rest(next(iter(maps.values())))[1]
        return Pencil(m, on.b, zeros, None, on.radius) if m.symmetric else None
    if zeros is not None:
        return None
    if not constants and len(maps) == 2:
        (one, other) = maps.values()
        m, b = (one, other) if has(other, "spd") or has(other, "nd") else (other, one)
        if b.symmetric and m.symmetric and (has(b, "spd") or has(b, "nd")):
            b = b if has(b, "spd") else scaled(-1, b)
            from matcalc.expr import split

            b = split(b)[1]
            if on is not None and b is not split(on.b)[1]:
                return None
            return Pencil(coefficient_and_rest(simplify(m))[1], b, None, None, on.radius if on else ONE, anywhere=on is None)
    if len(constants) == 1 and len(maps) == 1 and on is None and all([*constants, *maps]):
        b, m = (coefficient_and_rest(next(iter(d.values())))[1] for d in (constants, maps))
        from matcalc.solving.affine import inverse

        value = simplify(product([inverse(m), b]))
        needed = () if has(m, "invertible") else ((m, "invertible"),)
        return Formula(value, "a rank-one right side: it is a direction", needed, scale=True)
    return None


def _operators(g: Expr, x: Expr, on: Sphere | None = None) -> tuple[dict[Any, Expr], dict[Any, Expr]] | None:
    """The gradient as Σ s M x + Σ t b, the scalars s and t that depend on `x` told apart: M by s, b by t."""
    stands: dict[Expr, Expr] = {}
    if on is not None:
        squares = [product([transpose(x), on.b, x])]
        if on.b.op is IDENTITY:
            g = substitute(g, {power(call("norm", x), number(2)): on.radius})
        stands |= dict.fromkeys(squares, on.radius)
    made_opaque = opaque(g, (x,), stands)
    names = set(stands.values())
    maps: dict[Any, list[Expr]] = {}
    constants: dict[Any, list[Expr]] = {}
    for t in summands(flattened(made_opaque)):
        s, chain = parted(t)
        moving = frozenset(_scalar_powers(s, names))
        rest = simplify(product([s, *(_inverse_power(f, k) for f, k in moving)]))
        at = [i for i, f in enumerate(chain) if depends(f, x)]
        if not at:
            constants.setdefault(moving, []).append(chain_product(rest, chain, x.shape[0]))
        elif at == [len(chain) - 1] and chain[-1] is x:
            maps.setdefault(moving, []).append(chain_product(rest, chain[:-1], x.shape[0]))
        else:
            return None
    made = {k: simplify(add(v)) for k, v in maps.items()}
    return {k: v for k, v in made.items() if summands(v)}, {k: simplify(add(v)) for k, v in constants.items()}


def _scalar_powers(s: Expr, names: set[Expr]) -> list[tuple[Expr, Any]]:
    from matcalc.expr import NUMBER, POWER, PRODUCT
    from matcalc.expr.products import scalars as scalars_of

    out = []
    for f in scalars_of(s) if s.op is PRODUCT and s.data[1] else (s,):
        base, k = (f.args[0], f.args[1].data) if f.op is POWER and f.args[1].op is NUMBER else (f, 1)
        if depends(base, *names):
            out.append((base, k))
    return out


def _inverse_power(f: Expr, k: Any) -> Expr:
    from matcalc.expr import power

    return power(f, number(-k))


# --- several columns ---------------------------------------------------------------------------------------------


def _of_columns(g: Expr, w: Expr, on: Sphere) -> Pencil | Formula | None:
    """W'B W = I: what of the gradient is B W times a symmetric matrix is normal to it, and does not count."""
    n, k = w.shape
    left: list[Expr] = []
    constant: list[Expr] = []
    plain = on.b.op is IDENTITY
    for t in summands(flattened(g)):
        s, chain = parted(t)
        chain = _reduced(chain, w) if plain else chain
        at = [i for i, f in enumerate(chain) if depends(f, w)]
        if depends(s, w):
            return None
        if not at:
            constant.append(chain_product(s, chain, n))
        elif at == [len(chain) - 1] and chain[-1] is w:
            left.append(chain_product(s, chain[:-1], n))
        elif chain[0] is w and plain:
            rest = chain_product(s, chain[1:], k)
            if not rest.symmetric:
                return None
        else:
            return None
    m = simplify(total(left, (n, n)))
    c = simplify(scaled(-1, total(constant, w.shape)))
    if not m.symmetric:
        return None
    if n == k or _is_multiple(m, on.b):
        m = scaled(0, m)
    if summands(m) and not summands(c):
        return Pencil(coefficient_and_rest(m)[1], on.b, None, k, ONE)
    c = coefficient_and_rest(c)[1]
    if summands(c) and not summands(m):
        rank = "invertible" if n == k else "of full column rank"
        if plain:
            return Formula(simplify(call("polar", c)), "a linear function on W'W = I: the polar factor", ((c, rank),))
        root = call("sqrtm", on.b)
        back = matpower(root, -1)
        inner = simplify(product([back, c]))
        return Formula(simplify(product([back, call("polar", inner)])), "a linear function on W'B W = I: the polar factor", ((c, rank),))
    return None


def _is_multiple(m: Expr, b: Expr) -> bool:
    from matcalc.expr import split

    return not summands(m) or split(m)[1] is split(b)[1]


def _reduced(chain: tuple[Expr, ...], w: Expr) -> tuple[Expr, ...]:
    """The chain with W'W = I taken out."""
    out: list[Expr] = []
    for f in chain:
        if out and f is w and out[-1].op is TRANSPOSE and out[-1].args[0] is w:
            out.pop()
        else:
            out.append(f)
    return tuple(out)


# --- two at once -------------------------------------------------------------------------------------------------


def _pair(p: Problem, spheres: dict[Expr, Sphere]) -> Pair | None:
    u, v = p.unknowns
    if u.shape[1] != v.shape[1]:
        return None
    g = simplify(gradient(rewritten(p.f), [u])[0])
    if depends(g, u):
        return None
    parts = []
    for t in summands(flattened(g)):
        s, chain = parted(t)
        if not chain or chain[-1] is not v or any(depends(f, v) for f in (s, *chain[:-1])):
            return None
        parts.append(product([s, *chain[:-1]]) if len(chain) > 1 else product([s, identity(v.shape[0])]))
    c = simplify(total(parts, (u.shape[0], v.shape[0])))
    rest = simplify(substitute(p.f, {u: scaled(0, u)}))
    if depends(rest, v) or not summands(c):
        return None
    return Pair(c, spheres[u].b, spheres[v].b, None if u.shape[1] == 1 else u.shape[1], (spheres[u].radius, spheres[v].radius))


def _correlated(p: Problem) -> Pair | None:
    """u'C v over the lengths of u and v: both gradients have one term in u and one in v, with scalars before them."""
    u, v = p.unknowns
    if u.shape[1] != 1 or v.shape[1] != 1:
        return None
    sides = []
    for x, y in ((u, v), (v, u)):
        stands: dict[Expr, Expr] = {}
        g = opaque(simplify(gradient(rewritten(p.f), [x])[0]), (x, y), stands)
        own, other = ([t for t in summands(flattened(g)) if depends(t, z)] for z in (x, y))
        if len(own) != 1 or len(other) != 1 or len(summands(flattened(g))) != 2:
            return None
        chains = [parted(t)[1] for t in (own[0], other[0])]
        if chains[0][-1] is not x or chains[1][-1] is not y:
            return None
        sides.append([chain_product(ONE, c[:-1], z.shape[0]) for c, z in zip(chains, (x, y), strict=True)])
    (a, c), (b, back) = sides
    if transpose(back) is not c or not has(a, "spd") or not has(b, "spd"):
        return None
    return Pair(c, a, b, None, (ONE, ONE), anywhere=True)
