"""Stationary points that are eigenvectors, singular vectors, directions or polar factors: the equation is homogeneous, or W'B W = I."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product as cartesian
from typing import Any, NamedTuple

from matcalc.api.of_complex import is_complex
from matcalc.calculus import gradient, jacobian
from matcalc.expr import Expr, add, coefficient_and_rest, has, matpower, postorder, product, scaled, split, substitute, transform, transpose
from matcalc.expr.conjugate import is_hermitian, is_real
from matcalc.expr.heads import IDENTITY, NUMBER, ONE, POWER, identity, number, variable
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.solving.affine import inverse, not_singular
from matcalc.solving.plans import Pair, Pencil
from matcalc.solving.problem import Constraint, Problem, slopes
from matcalc.solving.terms import (
    at_zero,
    chain_product,
    depends,
    flattened,
    opaque,
    parted,
    scalar_factors,
    summands,
    total,
    with_conjugate,
)


class Formula(NamedTuple):
    """A value in closed form, up to its sign where `both`; the rule that found it, and what must hold."""

    value: Expr
    rule: str
    conditions: tuple[tuple[Expr, str], ...]
    both: bool = True  # and no multiple of it is a stationary point as well


class Sphere(NamedTuple):
    """x'B x = r² (of a matrix: = I), for one unknown."""

    b: Expr
    radius: Expr


Found = Pencil | Pair | Formula | None


def spectral(p: Problem) -> Found:
    """The stationary points, where they are of this kind; None where not."""
    if any(_of_rows(c, x) for c in p.constraints for x in p.unknowns):
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
    if len(p.unknowns) == 2 and not zeros:
        if not p.constraints:
            return _of_product(p) or _correlated(p)
        return _pair(p, spheres) if len(spheres) == 2 else _factors(p, spheres)
    if len(p.unknowns) != 1 or len(zeros) > 1 or p.unknowns[0].is_scalar:
        return None
    (x,) = p.unknowns
    g = simplify(slopes(p.f, [x])[0])
    if x.shape[1] == 1:
        return _of_vector(g, x, spheres.get(x), zeros[0] if zeros else None)
    if zeros:
        return None
    return x in spheres and _of_columns(g, x, spheres[x]) or _of_spans(g, x, spheres.get(x))


def _of_rows(c: Constraint, x: Expr) -> bool:
    """Whether a constraint is of x x', as W W' = I is."""
    if c.zero.is_scalar or x.shape[1] == 1:
        return False
    chains = [parted(t)[1] for t in summands(flattened(c.zero)) if depends(t, x)]
    return bool(chains) and all(len(k) >= 2 and k[0] is x and k[-1] is x.H for k in chains)


def _turned(p: Problem) -> Found:
    """With W' as the unknown in place of W, whose rows are to be orthonormal."""
    if len(p.unknowns) != 1:
        return None
    (x,) = p.unknowns
    v = variable(x.data[0] + ("ᴴ" if x.complex else "ᵀ"), (x.shape[1], x.shape[0]), {"complex"} if x.complex else set())
    constraints = tuple(replace(c, zero=substitute(c.zero, {x: v.H})) for c in p.constraints)
    found = spectral(replace(p, f=substitute(p.f, {x: v.H}), unknowns=(v,), constraints=constraints))
    if isinstance(found, Formula):
        return found._replace(value=simplify(found.value.H))
    return found._replace(turned=True) if isinstance(found, Pencil) else None


def sphere(c: Constraint, x: Expr, p: Problem) -> Sphere | None:
    """B and the radius, if the constraint is x'B x = r² with a psd B, which has to be invertible, in no other unknown."""
    if any(depends(c.zero, u) for u in p.unknowns if u is not x) or not depends(c.zero, x):
        return None
    if c.zero.is_scalar and x.shape[1] == 1:
        if not is_real(c.zero):
            return None
        (slope,), rest = slopes(c.zero, [x]), at_zero(c.zero, x)
        start = at_zero(slope, x)
        if with_conjugate(slope, x):
            return None
        b = simplify(flattened(jacobian(slope, x)))
        if start is None or summands(simplify(start)) or depends(b, x) or rest is None:
            return None
        sign = -1 if has(b, "nsd") else 1
        b, r = scaled(sign, b / 2), simplify(scaled(-sign, rest))
        return Sphere(b, r) if has(b, "psd") and not has(r, "nonpositive") else None
    if c.zero.is_scalar or x.shape[1] == 1:
        return None
    middle: list[Expr] = []
    square = ONE
    for t in summands(flattened(c.zero)):
        s, chain = parted(t)
        if not depends(t, x):
            square, unit = split(simplify(scaled(-1, t)))
            if unit is not identity(c.zero.shape[0]) or not has(square, "positive"):
                return None
        elif len(chain) < 2 or chain[0] is not x.H or chain[-1] is not x or depends(s, x):
            return None
        else:
            middle.append(chain_product(s, chain[1:-1], x.shape[0]))
    inner = simplify(total(middle, (x.shape[0], x.shape[0])) / square)
    return Sphere(inner, ONE) if has(inner, "psd") else None


def _homogeneous(c: Constraint, x: Expr) -> Expr | None:
    """C, if the constraint is C x = 0."""
    if c.zero.shape[1] != 1 or x.shape[1] != 1 or with_conjugate(c.zero, x):
        return None
    start = at_zero(c.zero, x)
    if start is None or summands(simplify(start)):
        return None
    j = simplify(jacobian(c.zero, x) if not c.zero.is_scalar else transpose(gradient(c.zero, [x])[0]))
    return None if depends(j, x) else j


# --- one vector --------------------------------------------------------------------------------------------------


def direction(p: Problem) -> Expr | None:
    """b, where on the sphere of the one constraint the objective is a linear function b'x: both ends of it are global."""
    if len(p.unknowns) != 1 or len(p.constraints) != 1 or p.unknowns[0].is_scalar:
        return None
    (x,) = p.unknowns
    if x.shape[1] != 1:
        return _of_whole(p, x)
    on = sphere(p.constraints[0], x, p)
    found = _operators(p.gradient[0], x, on) if on is not None else None
    if on is None or found is None or set(found[1]) != {frozenset()} or not all(_is_multiple(m, on.b) for m in found[0].values()):
        return None
    chain = parted(found[1][frozenset()])[1]
    while len(chain) > 1 and has(chain[0], "injective"):
        chain = chain[1:]
    return chain_product(ONE, chain, x.shape[0])


def _of_whole(p: Problem, x: Expr) -> Expr | None:
    """The same of a matrix under ‖X‖² = r²."""
    (c,), (g,) = p.constraints, p.gradient
    if not c.zero.is_scalar or depends(g, x):
        return None
    front, of = split(slopes(c.zero, [x])[0])
    return g if of is x and front.op is NUMBER and not has(simplify(scaled(-1, at_zero(c.zero, x) or ONE)), "nonpositive") else None


def _of_vector(g: Expr, x: Expr, on: Sphere | None, zeros: Expr | None) -> Found:
    found = _operators(g, x, on)
    if found is None:
        return None
    maps, constants = found
    if on is not None:  # what points along B x is normal to the sphere
        maps = {k: m for k, m in maps.items() if not _is_multiple(m, on.b)}
    if not constants and len(maps) == 1 and on is not None:
        m = coefficient_and_rest(next(iter(maps.values())))[1]
        return Pencil(m, on.b, zeros, None, on.radius) if is_hermitian(m) else None
    if zeros is not None:
        return None
    if on is not None and not maps and len(constants) == 1 and all(constants):
        b = coefficient_and_rest(next(iter(constants.values())))[1]
        toward = inverse(on.b) @ b
        length = product([b.H, toward]) ** number(Fraction(-1, 2))
        needed = ((b, "≠ 0"), *not_singular(on.b))
        return Formula(simplify(product([on.radius, length, toward])), "a function of one direction on a sphere", needed)
    if not constants and len(maps) == 2:
        m, b = sorted(maps.values(), key=lambda d: has(d, "spd") or has(d, "nd"))
        if is_hermitian(b) and is_hermitian(m) and (has(b, "spd") or has(b, "nd")):
            b = split(b if has(b, "spd") else scaled(-1, b))[1]
            if on is not None and b is not split(on.b)[1]:
                return None
            return Pencil(coefficient_and_rest(simplify(m))[1], b, None, None, on.radius if on else ONE, anywhere=on is None)
    if len(constants) == 1 and len(maps) == 1 and on is None and all([*constants, *maps]):
        b, m = (coefficient_and_rest(next(iter(d.values())))[1] for d in (constants, maps))
        needed = ((b, "≠ 0"), *not_singular(m))
        return Formula(simplify(inverse(m) @ b), "a rank-one right side: it is a direction", needed, both=False)
    return None


def _operators(g: Expr, x: Expr, on: Sphere | None = None) -> tuple[dict[Any, Expr], dict[Any, Expr]] | None:
    """The gradient as Σ s M x + Σ t b, the scalars s and t that depend on `x` told apart: M by s, b by t."""
    stands: dict[Expr, Expr] = {}
    if on is not None:
        if on.b.op is IDENTITY:
            g = substitute(g, {call("norm", x) ** 2: on.radius})
        stands[product([x.H, on.b, x])] = on.radius
    made_opaque = opaque(g, (x,), stands)
    names = set(stands.values())
    maps: dict[Any, list[Expr]] = {}
    constants: dict[Any, list[Expr]] = {}
    for t in summands(flattened(made_opaque)):
        s, chain = parted(t)
        moving = frozenset(_powers(s, names))
        rest = simplify(product([s, *(f ** number(-k) for f, k in moving)]))
        at = [i for i, f in enumerate(chain) if depends(f, x)]
        if at and (at != [len(chain) - 1] or chain[-1] is not x):
            return None
        of, chain = (maps, chain[:-1]) if at else (constants, chain)
        of.setdefault(moving, []).append(chain_product(rest, chain, x.shape[0]))
    made = {k: simplify(add(v)) for k, v in maps.items()}
    return {k: v for k, v in made.items() if summands(v)}, {k: simplify(add(v)) for k, v in constants.items()}


def _powers(s: Expr, names: set[Expr]) -> Iterator[tuple[Expr, Any]]:
    for f in scalar_factors(s):
        base, k = (f.args[0], f.args[1].data) if f.op is POWER and f.args[1].op is NUMBER else (f, 1)
        if depends(base, *names):
            yield base, k


# --- several columns ---------------------------------------------------------------------------------------------


def _of_columns(g: Expr, w: Expr, on: Sphere) -> Found:
    """W'B W = I: what of the gradient is B W times a symmetric matrix is normal to it, and does not count."""
    n, k = w.shape
    left: list[Expr] = []
    constant: list[Expr] = []
    plain = on.b.op is IDENTITY
    if not is_complex(g) and (made := _weighted(g, w, on)) is not None:
        return made
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
        elif chain[0] is not w or not plain or not is_hermitian(chain_product(s, chain[1:], k)):
            return None
    m, c = simplify(total(left, (n, n))), coefficient_and_rest(simplify(scaled(-1, total(constant, w.shape))))[1]
    c = split(c)[1] if has(split(c)[0], "nonzero") else c  # its sign is that of one of both values
    if not is_hermitian(m):
        return None
    if n == k or _is_multiple(m, on.b):
        m = scaled(0, m)
    if summands(m):
        return None if summands(c) else Pencil(coefficient_and_rest(m)[1], on.b, None, k, ONE)
    if not summands(c):
        return None
    back = identity(n) if plain else matpower(call("sqrtm", on.b), -1)
    front, inside = split(simplify(back @ c))
    value = simplify(back @ call("polar", inside if has(front, "positive") else front * inside))
    rank = "invertible" if n == k else "of full column rank"
    rule = "a linear function on W'W = I: the polar factor" if plain else "a linear function on W'B W = I: the polar factor"
    return Formula(value, rule, ((c, rank), *not_singular(on.b)))


def _weighted(g: Expr, w: Expr, on: Sphere) -> Pencil | None:
    """Σ M W K with symmetric M and K, beside what is normal: eigenvectors of M, in the order of those of K."""
    (n, k), plain = w.shape, on.b.op is IDENTITY
    pairs: list[tuple[Expr, Expr]] = []
    for t in summands(flattened(g)):
        s, chain = parted(t)
        chain = _reduced(chain, w) if plain else chain
        at = [i for i, f in enumerate(chain) if depends(f, w)]
        if depends(s, w) or not at:
            return None
        sides = [chain_product(s, chain[1:], k)] if chain[0] is w else []
        sides += [chain_product(s, chain[:-1], n)] if chain[-1] is w and n == k else []
        if plain and any(map(is_hermitian, sides)):
            continue
        if len(at) > 1 or chain[at[0]] is not w:
            return None
        pairs.append((chain_product(s, chain[: at[0]], n), chain_product(ONE, chain[at[0] + 1 :], k)))
    if len({right for _, right in pairs}) != 1 or pairs[0][1].op is IDENTITY:
        return None
    c, m = coefficient_and_rest(simplify(total([left for left, _ in pairs], (n, n))))
    by = pairs[0][1]
    return Pencil(m, on.b, None, k, ONE, weights=scaled(1 if c > 0 else -1, by)) if c and m.symmetric and by.symmetric else None


def _of_spans(g: Expr, w: Expr, on: Sphere | None) -> Pencil | None:
    """Σ M W K = 0 with square K, whatever these are: with one M beside the constraint's B, or with two, it is M W = B W Λ."""
    maps: dict[Expr, None] = {}
    for t in summands(flattened(opaque(transform(g, _pinv_written_out), (w,), {}))):
        chain = parted(t)[1]
        at = [i for i, f in enumerate(chain) if depends(f, w)]
        if not at or chain[at[0]] is not w or chain[at[0] + 1 :] and at == at[:1]:
            return None  # a factor of the data on the right would say which eigenvector is which
        maps[chain_product(ONE, chain[: at[0]], w.shape[0])] = None
    ms = [m for m in maps if on is None or not _is_multiple(m, on.b)]
    if len(ms) == 1 and on is not None and is_hermitian(ms[0]):
        return Pencil(ms[0], on.b, None, w.shape[1], ONE)
    if len(ms) == 2 and on is None and all(map(is_hermitian, ms)) and any(has(m, "spd") for m in ms):
        m, b = ms if has(ms[1], "spd") else ms[::-1]
        return Pencil(m, b, None, w.shape[1], ONE, anywhere=True)
    return None


def _pinv_written_out(n: Expr) -> Expr:
    """(X'X)⁻¹ X' for X⁺, of columns that are independent."""
    return matpower(n.args[0].H @ n.args[0], -1) @ n.args[0].H if n.op.name == "pinv" else n


def _is_multiple(m: Expr, b: Expr) -> bool:
    return not summands(m) or split(m)[1] is split(b)[1]


def _reduced(chain: tuple[Expr, ...], w: Expr) -> tuple[Expr, ...]:
    """The chain with W'W = I taken out, and W W' = I of a square W."""
    out: list[Expr] = []
    for f in chain:
        if out and (f is w and out[-1] is w.H or w.shape[0] == w.shape[1] and f is w.H and out[-1] is w):
            out.pop()
        else:
            out.append(f)
    return tuple(out)


def rooted(p: Problem) -> Pencil | None:
    """M X = X X'X with a symmetric M, without constraints: eigenvectors, each as long as the root of its eigenvalue."""
    if len(p.unknowns) != 1 or p.constraints or p.unknowns[0].is_scalar:
        return None
    (x,) = p.unknowns
    if {x.H, call("norm", x)}.isdisjoint(postorder(p.gradient[0])):
        return None
    cubes: list[Expr] = []
    linear: list[Expr] = []
    for t in summands(flattened(p.gradient[0])):
        s, chain = parted(t)
        squares = [f for f in scalar_factors(s) if x.shape[1] == 1 and f in (call("norm", x) ** 2, x.H @ x)]
        if len(squares) == 1 and chain == (x,):
            s, chain = simplify(s / squares[0]), (x, x.H, x)
        if depends(s, x) or chain != (x, x.H, x) and (not chain or chain[-1] is not x or any(depends(f, x) for f in chain[:-1])):
            return None
        if chain == (x, x.H, x):
            cubes.append(s)
        else:
            linear.append(chain_product(scaled(-1, s), chain[:-1], x.shape[0]))
    if not cubes or not linear or not has(c := simplify(add(cubes)), "nonzero"):
        return None
    m = simplify(add(linear) / c)
    columns = None if x.shape[1] == 1 else x.shape[1]
    fits = is_hermitian(m) and not has(m, "nsd")  # where it is zero
    return Pencil(m, identity(x.shape[0]), None, columns, ONE, rooted=True) if fits else None


# --- two at once -------------------------------------------------------------------------------------------------


def _pair(p: Problem, spheres: dict[Expr, Sphere]) -> Pair | None:
    """u'C v, and what is constant on the spheres: multiples of u'A u and of v'B v."""
    u, v = p.unknowns
    if u.shape[1] != v.shape[1]:
        return None
    g, of_v_alone = simplify(slopes(p.f, [u])[0]), at_zero(p.f, u)
    if of_v_alone is None:
        return None
    alone = simplify(slopes(of_v_alone, [v])[0])
    across, of_u, of_v = _map_of(g, v, (u, v)), _map_of(g, u, (u, v)), _map_of(alone, v, (u, v))
    if across is None or of_u is None or of_v is None or not summands(across):
        return None
    if not (_is_multiple(of_u, spheres[u].b) and _is_multiple(of_v, spheres[v].b)):
        return None
    sign, across = coefficient_and_rest(across)
    across = scaled(1 if sign > 0 else -1, across)
    return Pair(across, spheres[u].b, spheres[v].b, None if u.shape[1] == 1 else u.shape[1], (spheres[u].radius, spheres[v].radius))


def _map_of(g: Expr, x: Expr, xs: tuple[Expr, ...]) -> Expr | None:
    """M, where the terms of g that end with x are M x; None where a term is no such product of one of the unknowns."""
    parts = []
    for t in summands(flattened(g)):
        s, chain = parted(t)
        if not chain or chain[-1] not in xs or any(depends(f, *xs) for f in (s, *chain[:-1])):
            return None
        parts += [chain_product(s, chain[:-1], x.shape[0])] if chain[-1] is x else []
    return simplify(total(parts, (g.shape[0], x.shape[0])))


def _of_product(p: Problem) -> Pair | None:
    """‖C − U V'‖² without constraints; of U V, U'V and U'V' likewise, where V', U' or both are the unknowns."""
    for turned in cartesian((False, True), repeat=2):
        u, v = (variable(f"{x.data[0]}ᵀ", x.shape[::-1]) if turn else x for x, turn in zip(p.unknowns, turned, strict=True))
        if u.shape[1] == v.shape[1] and (not any(turned) or 1 not in (*u.shape, *v.shape)):
            f = substitute(p.f, {x: transpose(w) for x, w in zip(p.unknowns, (u, v), strict=True) if w is not x})
            found = _factors(replace(p, f=simplify(f), unknowns=(u, v)) if any(turned) else p, {v: Sphere(identity(v.shape[0]), ONE)})
            if found is not None:
                return found._replace(turned_u=turned[0], turned_v=turned[1])
    return None


def _factors(p: Problem, spheres: dict[Expr, Sphere]) -> Pair | None:
    """‖C − U V'‖² with V'V = I, or what has its gradients: C V − U V'V and C'U − V U'U, with one number before them.

    Without a constraint, U T and V T'⁻¹ are as good, and V'V = I picks one.
    """
    ((v, on),) = spheres.items()
    (u,) = (x for x in p.unknowns if x is not v)
    if on.b.op is not IDENTITY or on.radius is not ONE or u.shape[1] != v.shape[1] or u.complex or v.complex:
        return None
    parts: dict[Expr, Expr] = {}
    for x, y in ((u, v), (v, u)):
        g = p.gradient[p.unknowns.index(x)]
        own = x @ (transpose(y) @ y)
        rest = [t for t in summands(flattened(g)) if not depends(t, x)]
        number_, bare = coefficient_and_rest(simplify(add([g, *(scaled(-1, t) for t in rest)])))
        if bare is not simplify(own) or number_ <= 0:
            return None
        chains = [parted(scaled(-1, t / number_)) for t in rest]
        if any(not k or k[-1] is not y or any(depends(f, x, y) for f in (s, *k[:-1])) for s, k in chains):
            return None
        parts[x] = simplify(total([chain_product(s, k[:-1], x.shape[0]) for s, k in chains], (x.shape[0], y.shape[0])))
    if simplify(transpose(parts[v])) is not parts[u] or not summands(parts[u]):
        return None
    columns = None if u.shape[1] == 1 else u.shape[1]
    return Pair(parts[u], identity(u.shape[0]), on.b, columns, (ONE, ONE), free=True, swapped=v is p.unknowns[0])


def _correlated(p: Problem) -> Pair | None:
    """u'C v over the lengths of u and v: both gradients have one term in u and one in v, with scalars before them."""
    u, v = p.unknowns
    if u.shape[1] != 1 or v.shape[1] != 1:
        return None
    sides = []
    for x, y in ((u, v), (v, u)):
        terms = summands(flattened(opaque(simplify(slopes(p.f, [x])[0]), (x, y), {})))
        chains = {z: parted(t)[1] for t in terms for z in (x, y) if depends(t, z)}
        if len(terms) != 2 or len(chains) != 2 or any(not k or k[-1] is not z for z, k in chains.items()):
            return None
        sides.append([chain_product(ONE, chains[z][:-1], z.shape[0]) for z in (x, y)])
    (a, c), (b, back) = sides
    if back.H is not c or not has(a, "spd") or not has(b, "spd"):
        return None
    return Pair(c, a, b, None, (ONE, ONE), anywhere=True)
