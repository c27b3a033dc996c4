"""THE SIDES: where terms of a sum can have a factor in common, and how it is taken out.

A term is a number, scalar factors with exponents, and a chain of matrices; where that is one Hadamard product, entrywise factors with
exponents.  A row says which terms it is of, has an example as text, proved by a test that reads it (the sum of several terms, and what
it is when the factor stands once), and the functions that do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from matcalc.expr import ONE, Expr, Op, add, apply, coefficient_and_rest, hadamard, hpower, identity, is_ones, number, transpose, variable
from matcalc.expr import heads as H
from matcalc.expr.heads import Number
from matcalc.expr.products import cut, divided, factors, power, product, run, scalars, scaled, split
from matcalc.expr.sums import opposite
from matcalc.operators import MATRIX, call
from matcalc.rewriting.budget import BUDGET

Taken = tuple[Expr, list[Expr]]  # what stands in front, and the terms without it


class Side(NamedTuple):
    """A row of the table."""

    name: str
    of: str  # terms: "scalar", "array", the operator that its one matrix is made by, "" for all
    sum: str
    becomes: str
    where: str
    common: Callable[[Expr], Iterable[Expr]]  # what of a term can stand there
    taken: Callable[[Expr, list[Expr]], Iterator[Taken]]  # that of several terms, in the ways there are
    joined: Callable[[Expr, Expr], Expr]  # what stands there with the sum of the rests


def scalar_factors(s: Expr) -> tuple[Expr, ...]:
    """The factors of a scalar, the number in front left out; a chain x'A y is one."""
    return scalars(s) or (s,) if s.op is H.PRODUCT else (s,)


def scalars_of(t: Expr) -> tuple[Expr, ...]:
    """The factors of the scalar of a term, the number in front left out."""
    if t.op is H.PRODUCT and not t.is_scalar and t.data[1] and (t.data[1] > 1 or t.data[0] == 1):
        return scalars(t)
    return scalar_factors(split(t)[0])


def chain_of(t: Expr) -> tuple[Expr, ...]:
    """The matrices of a term; of a scalar, none."""
    return () if t.is_scalar else factors(t)


def _only(t: Expr) -> Expr | None:
    """The one matrix of a term that has one."""
    chain = chain_of(t)
    return chain[0] if len(chain) == 1 and chain[0].op is not H.IDENTITY else None


# --- powers -----------------------------------------------------------------------------------------------------

_RAISED = {H.POWER: power, H.HPOWER: hpower}


def _stem(f: Expr, op: Op) -> Expr:
    """b of b³, and bᵖ of bᵖ⁻²: the power without the number in its exponent."""
    if f.op is not op or f.args[1].op is H.NUMBER:
        return f.args[0] if f.op is op else f
    k = _number_in(f.args[1])
    return _RAISED[op](f.args[0], add([f.args[1], number(-k)])) if k else f


def _number_in(e: Expr) -> Number:
    if e.op is H.SUM:
        return next((c for c, t in zip(e.data, e.args, strict=True) if t is ONE), 0)
    return e.data if e.op is H.NUMBER else 0


def _exponent(stem: Expr, among: Iterable[Expr], op: Op) -> Number:
    """The number in the exponent of the one factor of a canonical product with that stem."""
    for f in among:
        if f is stem or f.op is op and _stem(f, op) is stem:
            return _number_in(f.args[1]) if f.op is op else 1
    return 0


def _raised(stem: Expr, k: Number, op: Op, sign: int = 1) -> Expr:
    """The power with that stem and the number k in its exponent, or one over it."""
    if stem.op is op:
        return _RAISED[op](stem.args[0], scaled(sign, add([stem.args[1], number(k)])))
    return _RAISED[op](stem, number(sign * k))


def _powers(stem: Expr, ks: list[Number], op: Op) -> list[Number]:
    """The power that every term has, the least or, where all are negative numbers, the nearest to zero; and then the least."""
    return list(dict.fromkeys((max(ks) if max(ks) < 0 and stem.op is not op else min(ks), min(ks))))


# --- scalars ----------------------------------------------------------------------------------------------------


def _scalars(t: Expr) -> Iterator[Expr]:
    for s in scalars_of(t):
        if s.op is not H.NUMBER:
            yield _either_way(_stem(s, H.POWER))


def _either_way(f: Expr) -> Expr:
    """Of a - b and b - a the one that both are found under."""
    return min(f, other, key=lambda s: s.order) if (other := opposite(f)) is not None else f


def _scalar_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    """In the way round that it has in the first term."""
    all_of = [scalars_of(t) for t in terms]
    ks, other = [_exponent(f, of, H.POWER) for of in all_of], opposite(f)
    if other is not None:
        back = [_exponent(other, of, H.POWER) for of in all_of]
        f, other, ks, back = (f, other, ks, back) if ks[0] else (other, f, back, ks)
        if any(back) and any(k.denominator > 1 for k in (*ks, *back)):
            return
        terms = [
            scaled((-1) ** abs(int(k)), product([t, power(other, number(-k)), power(f, number(k))])) if k else t
            for t, k in zip(terms, back, strict=True)
        ]
        ks = [k + other_k for k, other_k in zip(ks, back, strict=True)]
    for k in _powers(f, ks, H.POWER):
        less, whole = _raised(f, k, H.POWER, -1), _raised(f, k, H.POWER)
        yield whole, [divided(t, whole) or product([t, less]) for t in terms]


# --- entries ----------------------------------------------------------------------------------------------------


def _entries(t: Expr) -> Iterator[Expr]:
    only = _only(t)
    if only is not None and not is_ones(only):
        for f in _entrywise(only):
            yield _stem(f, H.HPOWER)


def _entrywise(f: Expr) -> tuple[Expr, ...]:
    if f.op is H.TRANSPOSE and f.args[0].op is H.HADAMARD:
        return tuple(map(transpose, f.args[0].args))
    return f.args if f.op is H.HADAMARD else (f,)


def _entries_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    for k in _powers(f, [_exponent(f, _entrywise(chain_of(t)[0]), H.HPOWER) for t in terms], H.HPOWER):
        less = _raised(f, k, H.HPOWER, -1)
        yield _raised(f, k, H.HPOWER), [hadamard([t, less]) for t in terms]


# --- ends of chains ---------------------------------------------------------------------------------------------


def _first_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    """The first factor; or, where the chains begin alike for long, all of that, so that it is not taken out factor by factor."""
    k = _alike([chain_of(t) for t in terms])
    yield run(terms[0], 0, k), [without(t, k, None) for t in terms]


def _last_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    k = _alike([chain_of(t)[::-1] for t in terms])
    yield run(terms[0], -k), [without(t, 0, -k) for t in terms]


def _alike(chains: Sequence[Sequence[Expr]]) -> int:
    shortest = min(map(len, chains))
    k = next((i for i in range(shortest) if any(chain[i] is not chains[0][i] for chain in chains)), shortest)
    return k if BUDGET.alike < k < shortest else 1


def without(t: Expr, start: int, stop: int | None) -> Expr:
    """The term with only a part of its chain, from one end."""
    rest = cut(t, start, stop)
    if rest is not None:
        return rest
    s, chain = split(t)[0], chain_of(t)
    if chain[start:stop]:
        return product([s, *chain[start:stop]])
    n = chain[-1].shape[1] if start else chain[0].shape[0]
    return s if n == 1 else product([s, identity(n)])


# --- scalar chains and traces -----------------------------------------------------------------------------------


def _dots(t: Expr) -> Iterator[Expr]:
    for s in scalar_factors(t):
        if s.op is H.PRODUCT:
            yield factors(s)[0]
            yield transpose(factors(s)[-1])


def _dots_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    left = [_dotted(f, t) for t in terms]
    if len({length for length, _ in left}) == 1:
        yield f, [rest for _, rest in left]


def _dotted(f: Expr, t: Expr) -> tuple[int, Expr]:
    """(3, c s A y) for the scalar t = c s f A y, or its transpose: the length of the chain, and what is left of it."""
    c, rest = coefficient_and_rest(t)
    others = list(scalar_factors(rest))
    for i, s in enumerate(others):
        chain = factors(s)
        if s.op is H.PRODUCT and f in (chain[0], transpose(chain[-1])):
            left = product(chain[1:]) if chain[0] is f else transpose(product(chain[:-1]))
            return len(chain), product([number(c), *others[:i], *others[i + 1 :], left])
    raise ValueError(f"{f} is at no end of {t}")


def _traces(t: Expr) -> Iterator[Expr]:
    for s in scalar_factors(t):
        if s.op.name == "tr":
            yield from dict.fromkeys(factors(s.args[0]))


def _rotated(f: Expr, t: Expr) -> Expr:
    """c s B A for the scalar t = c s tr(A f B)."""
    c, rest = coefficient_and_rest(t)
    others = list(scalar_factors(rest))
    for i, s in enumerate(others):
        chain = factors(s.args[0]) if s.op.name == "tr" else ()
        if f in chain:
            k = chain.index(f)
            around = (*chain[k + 1 :], *chain[:k]) or (identity(f.shape[0]),)
            return product([number(c), *others[:i], *others[i + 1 :], *around])
    raise ValueError(f"{f} is in no trace of {t}")


def _traces_taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    yield f, [_rotated(f, t) for t in terms]


# --- functions of a matrix --------------------------------------------------------------------------------------


def _kronecker(i: int) -> tuple[Callable[[Expr], Iterable[Expr]], Callable[[Expr, list[Expr]], Iterator[Taken]]]:
    """The first or the second factor of ⊗ and ∗."""

    def common(t: Expr) -> Iterable[Expr]:
        return (factors(t)[0].args[i],)

    def taken(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
        rests = [product([split(t)[0], chain_of(t)[0].args[1 - i]]) for t in terms]
        if all(r.shape == rests[0].shape for r in rests):
            yield f, rests

    return common, taken


def _function(t: Expr) -> Iterable[Expr]:
    """f(S, A) + f(S, B) is f(S, A + B); what is in common is f itself with S, applied to a name that nobody types."""
    f = chain_of(t)[0]
    open_ = apply(f.op, (*f.args[:-1], variable("·", f.args[-1].shape)))
    return (open_,) if open_.op is f.op else ()


def _arguments(f: Expr, terms: list[Expr]) -> Iterator[Taken]:
    yield f, [product([split(t)[0], chain_of(t)[0].args[-1]]) for t in terms]


# The rows linear in their last argument alone, whose result is an array.
LINEAR = {
    op.name: op
    for op in MATRIX
    if op.adjoint and op.adjoint[-1] and not any(op.adjoint[:-1]) and "->()" not in op.signature and op.build is None
}


def _example(op: Op) -> tuple[str, str, str]:
    f, shapes = op.spelled or op.name, re.findall(r"\([^)]*\)", op.signature.partition("->")[0])
    others = "".join(f"{name}, " for name in "STU"[: len(shapes) - 1])
    a, b = "AB" if "," in shapes[-1] else "ab"
    where = "; ".join(f"{name}: {shape}" for name, shape in zip("STU", shapes[:-1], strict=False))
    return f"{f}({others}{a}) + 3*{f}({others}{b})", f"{f}({others}{a} + 3*{b})", f"{where}; {a}, {b}: {shapes[-1]}".removeprefix("; ")


def _in_front(f: Expr, rest: Expr) -> Expr:
    return product([f, rest])


# fmt: off
SIDES: tuple[Side, ...] = (
    Side("scalar",  "",        "norm(x)^3*A + 2*norm(x)*B",       "norm(x)*(norm(x)^2*A + 2*B)",   "x: (n)",                            _scalars,       _scalar_taken,  _in_front),
    Side("dot",     "scalar",  "det(A)*x'*y + 2*x'*z",            "x'*(det(A)*y + 2*z)",           "x: (n); A: (m, m)",                 _dots,          _dots_taken,    _in_front),
    Side("trace",   "scalar",  "tr(A*B*C) + 2*tr(D*B)",           "tr((C*A + 2*D)*B)",             "B: (m, n)",                         _traces,        _traces_taken,  lambda f, rest: call("tr", product([rest, f]))),
    Side("⊗ left",  "kron",    "kron(A, B) + 2*kron(A, C)",       "kron(A, B + 2*C)",              "A: (m, n); B: (p, q); C: (p, q)",   *_kronecker(0), lambda f, rest: call("kron", f, rest)),
    Side("⊗ right", "kron",    "kron(B, A) + 2*kron(C, A)",       "kron(B + 2*C, A)",              "A: (m, n); B: (p, q); C: (p, q)",   *_kronecker(1), lambda f, rest: call("kron", rest, f)),
    Side("∗ left",  "khatrirao", "khatrirao(A, B) + 2*khatrirao(A, C)", "khatrirao(A, B + 2*C)", "A: (m, n); B: (p, n); C: (p, n)", *_kronecker(0), lambda f, rest: call("khatrirao", f, rest)),
    Side("∗ right", "khatrirao", "khatrirao(B, A) + 2*khatrirao(C, A)", "khatrirao(B + 2*C, A)", "A: (m, n); B: (p, n); C: (p, n)", *_kronecker(1), lambda f, rest: call("khatrirao", rest, f)),
    *(Side(name, name, *_example(op), _function, _arguments, lambda f, rest: apply(f.op, (*f.args[:-1], rest))) for name, op in LINEAR.items()),
    Side("entries", "array",   "A.^3.*B - 2*A.*C",                "A.*(A.^2.*B - 2*C)",            "A: (m, n); B: (m, n); C: (m, n)",   _entries,       _entries_taken, lambda f, rest: hadamard([f, rest])),
    Side("left",    "array",   "2*A*B + det(D)*A*C",              "A*(2*B + det(D)*C)",            "A: (m, p); B: (p, n); C: (p, n); D: (k, k)", lambda t: factors(t)[:1], _first_taken, _in_front),
    Side("right",   "array",   "A*C + det(D)*B*C",                "(A + det(D)*B)*C",              "A: (m, n); B: (m, n); C: (n, p); D: (k, k)", lambda t: factors(t)[-1:], _last_taken, lambda f, rest: product([rest, f])),
)
# fmt: on
BY_NAME = {side.name: side for side in SIDES}


@cache
def _rows(of: str, head: str) -> list[Side]:
    return [side for side in SIDES if side.of in ("", of, head)]


Key = tuple[str, Expr]  # a side, and what some terms have there


def keys(t: Expr) -> list[Key]:
    """The keys of a term: the factors on each of its sides."""
    only = None if t.is_scalar else _only(t)
    rows = _rows("scalar" if t.is_scalar else "array", "" if only is None else only.op.name)
    return [(side.name, f) for side in rows for f in side.common(t)]
