"""Claims and pairs of expressions by the thousand: right ones in other forms, wrong ones by one change.

`python tests/claims.py --count 2000` tries that many of each kind and prints what was judged wrongly.
What is right follows of how it was made; what is wrong is made sure of in floats, by the evaluator and NumPy alone.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import count as naturals
from itertools import islice

import numpy as np

import matcalc as mc
from asking import derived
from matcalc.checking.evaluate import evaluate
from matcalc.errors import MatcalcError
from matcalc.expr import (
    HADAMARD,
    MATPOWER,
    PRODUCT,
    SUM,
    TRANSPOSE,
    Dim,
    Expr,
    add,
    factors,
    hadamard,
    number,
    postorder,
    power,
    product,
    scaled,
    substitute,
    transpose,
    variables,
)
from matcalc.operators import call

# expression ; variable ; declarations
FORMULAS = [
    ("x'*A*x", "x", "A: (n, n)"),
    ("norm(A*x - b)^2", "x", "A: (m, n)"),
    ("norm(A*X - B)^2", "X", "A: (m, n)"),
    ("tr(A*X*B*X')", "X", "X: (m, n); A: (m, m); B: (n, n)"),
    ("tr(X'*A*X)", "X", "A: (m, m); X: (m, n)"),
    ("tr(A*X*B)", "X", "A: (p, m); X: (m, n); B: (n, p)"),
    ("logdet(X)", "X", "X: (n, n)"),
    ("det(X)", "X", "X: (n, n)"),
    ("det(A*X*B)", "X", "A: (n, n); X: (n, n); B: (n, n)"),
    ("logdet(A + X*X')", "X", "A: (m, m) spd; X: (m, n)"),
    ("tr(inv(X)*A)", "X", "X: (n, n); A: (n, n)"),
    ("a'*inv(X)*b", "X", "X: (n, n); a: (n); b: (n)"),
    ("a'*X*b", "X", "X: (m, n)"),
    ("a'*X*X'*b", "X", "X: (m, n); a: (m); b: (m)"),
    ("tr(X^3)", "X", "X: (n, n)"),
    ("a'*X^3*b", "X", "X: (n, n); a: (n); b: (n)"),
    ("tr(A*X*X*B)", "X", "X: (n, n); A: (n, n); B: (n, n)"),
    ("norm(X)", "X", "X: (m, n)"),
    ("norm(x - y)/norm(x)", "x", "x: (n); y: (n)"),
    ("x'*A*x/(x'*x)", "x", "A: (n, n)"),
    ("sqrt(x'*S*x)", "x", "S: (n, n) spd"),
    ("log(1 + x'*S*x)", "x", "S: (n, n) spd"),
    ("exp(-norm(x - y)^2/(2*s^2))", "x", "s: scalar; x: (n); y: (n)"),
    ("exp(-norm(x - y)^2/(2*s^2))", "s", "s: scalar; x: (n); y: (n)"),
    ("sum(log(1 + exp(-y.*(X*w))))", "w", "X: (m, n); y: (m)"),
    ("y'*log(sigmoid(X*w)) + (1 - y)'*log(1 - sigmoid(X*w))", "w", "X: (m, n); y: (m)"),
    ("logsumexp(A*x + b)", "x", "A: (m, n)"),
    ("y'*log(softmax(W*x))", "W", "W: (m, n); y: (m)"),
    ("norm(g(X*W) - Y)^2", "W", "X: (m, n); W: (n, p)"),
    ("sum(tanh(W*x + b))", "W", "W: (m, n)"),
    ("norm(y - W*relu(V*x))^2", "V", "V: (p, n); W: (m, p)"),
    ("norm(X - D*R)^2 + l*norm1(R)", "R", "l: scalar; D: (m, p); X: (m, n)"),
    ("norm(A.*(X - Y))^2", "X", "A: (m, n); X: (m, n); Y: (m, n)"),
    ("sum((X*A).*(B*X))", "X", "X: (n, n); A: (n, n); B: (n, n)"),
    ("sum(sin(x).*cos(y))", "x", "x: (n); y: (n)"),
    ("tr(diag(x)*A*diag(x)*B)", "x", "A: (n, n); B: (n, n)"),
    ("x'*diag(y)*A*x", "y", "A: (n, n); x: (n); y: (n)"),
    ("norm(x*x' - A)^2", "x", "A: (n, n)"),
    ("norm(A - U*V')^2", "U", "A: (m, n); U: (m, p); V: (n, p)"),
    ("c*logdet(S) + tr(A*inv(S))", "c", "c: scalar; S: (n, n) spd; A: (n, n)"),
    ("logdet(c*A)", "c", "c: scalar; A: (n, n)"),
    ("tr(kron(A, X))", "X", "A: (n, n); X: (m, m)"),
    ("mean(x.^2) - mean(x)^2", "x", "x: (n)"),
    ("prod(x)", "x", "x: (n)"),
    ("sum(x.^3)/sum(x.^2)", "x", "x: (n)"),
    ("x'*y/(norm(x)*norm(y))", "x", "x: (n); y: (n)"),
    ("tr(inv(X'*X)*A)", "X", "X: (m, n); A: (n, n)"),
    ("norm(inv(X)*b - c)^2", "X", "X: (n, n); b: (n); c: (n)"),
    ("f(A*x)", "x", "f: (m) -> (); A: (m, n)"),
    ("x'*Q*x + a'*Q'*b", "Q", "Q: (n, n) orthogonal; a: (n); b: (n); x: (n)"),
    ("A*x", "x", "A: (m, n)"),
    ("x*(x'*y)", "x", "x: (n); y: (n)"),
    ("diag(x)*A*x", "x", "A: (n, n)"),
    ("sigmoid(A*x + b)", "x", "A: (m, n)"),
    ("softmax(A*x)", "x", "A: (m, n)"),
    ("x/norm(x)", "x", "x: (n)"),
    ("exp(x).*(A*x)", "x", "A: (n, n)"),
    ("inv(A + t*B)", "t", "t: scalar; A: (n, n); B: (n, n)"),
    ("A*X*B", "X", "A: (m, n); X: (n, p); B: (p, q)"),
    ("t*A*A' + t^2*B", "t", "t: scalar; A: (n, m); B: (n, n)"),
    ("(x - a)'*inv(S)*(x - a)/2 + logdet(S)/2", "a", "S: (n, n) spd; x: (n)"),
    ("log(norm(x - y)^2 + c^2)", "c", "c: scalar; x: (n); y: (n)"),
]
SCALES = (Fraction(1), Fraction(1, 10**10), Fraction(10**10))


# --- one change ----------------------------------------------------------------------------------------------------


def changes(e: Expr, rng: random.Random) -> Iterator[tuple[str, Expr]]:
    """Other expressions of the shape of `e`, each by one change of one node, in random order."""
    found: list[tuple[str, Expr, Callable[[], Expr]]] = []
    for n in postorder(e):
        if n.op is SUM:
            terms = [scaled(c, a) for c, a in zip(n.data, n.args, strict=True)]
            for k, t in enumerate(terms):
                rest = [*terms[:k], *terms[k + 1 :]]
                found.append(("sign", n, lambda t=t, rest=rest: add([scaled(-1, t), *rest])))
                found.append(("factor", n, lambda t=t, rest=rest: add([scaled(rng.choice((2, 3, Fraction(1, 2))), t), *rest])))
        if n.op is PRODUCT or n is e:
            found.append(("sign", n, lambda n=n: scaled(-1, n)))
            found.append(("factor", n, lambda n=n: scaled(rng.choice((2, Fraction(3, 2), Fraction(1, 2))), n)))
        if n.op is TRANSPOSE and n.args[0].shape == n.shape:
            found.append(("transposition", n, lambda n=n: n.args[0]))
        if n.op is PRODUCT:
            chain, front = list(factors(n)), [number(n.data[0]), *n.args[: n.data[1]]]
            for k, f in enumerate(chain):
                if f.shape[0] == f.shape[1] != 1:
                    found.append(
                        (
                            "transposition",
                            n,
                            lambda k=k, f=f, chain=chain, front=front: product([*front, *chain[:k], transpose(f), *chain[k + 1 :]]),
                        )
                    )
                if k and f.shape == chain[k - 1].shape:
                    found.append(
                        (
                            "⊙",
                            n,
                            lambda k=k, f=f, chain=chain, front=front: product(
                                [*front, *chain[: k - 1], hadamard([chain[k - 1], f]), *chain[k + 1 :]]
                            ),
                        )
                    )
        if n.op is HADAMARD:
            for k, f in enumerate(n.args):
                if f.shape[0] == f.shape[1]:
                    rest = [*n.args[:k], *n.args[k + 1 :]]
                    found.append(("⊙", n, lambda f=f, rest=rest: product([f, hadamard(rest)])))
                    found.append(("transposition", n, lambda f=f, rest=rest: hadamard([transpose(f), *rest])))
    rng.shuffle(found)
    for kind, n, make in found:
        try:
            made = make() if n is e else substitute(e, {n: make()})
        except MatcalcError:
            continue
        if made is not e and made.shape == e.shape:
            yield kind, made


# --- other forms ---------------------------------------------------------------------------------------------------


def _forms(n: Expr) -> Iterator[Expr]:
    """The same as a node, written otherwise."""
    name, args = n.op.name, n.args
    if name == "sigmoid":
        yield (
            call("exp", args[0])
            if n.is_scalar
            else hadamard([call("exp", args[0]), _reciprocal(add([_ones(args[0]), call("exp", args[0])]))])
        )
    if name == "tanh":
        yield add([scaled(2, call("sigmoid", scaled(2, args[0]))), scaled(-1, _ones(n))])
    if name == "sin":
        half = scaled(Fraction(1, 2), args[0])
        yield scaled(2, hadamard([call("sin", half), call("cos", half)]))
    if name == "norm":
        yield power(call("tr", product([transpose(args[0]), args[0]])), number(Fraction(1, 2))) if not args[0].is_scalar else n
    if n.op is MATPOWER and n.data == -1:
        yield product([call("adj", args[0]), power(call("det", args[0]), number(-1))])
    if n.op is HADAMARD and n.is_vector:
        yield product([call("diag", n.args[0]), hadamard(n.args[1:])])
    if n.op is PRODUCT:
        chain = list(factors(n))
        for k, f in enumerate(chain):
            if f.op is SUM:
                front = [number(n.data[0]), *n.args[: n.data[1]]]
                yield add([product([*front, *chain[:k], scaled(c, a), *chain[k + 1 :]]) for c, a in zip(f.data, f.args, strict=True)])


def _ones(e: Expr) -> Expr:
    from matcalc.expr import fill

    return fill(number(1), e.shape)


def _reciprocal(e: Expr) -> Expr:
    from matcalc.expr import hpower

    return hpower(e, number(-1))


def other_form(e: Expr, rng: random.Random) -> Expr:
    """The same expression written otherwise, seldom in a way that the constructors see through."""
    nodes = [(n, made) for n in postorder(e) for made in _safely(n) if made is not n and made.shape == n.shape]
    if nodes:
        n, made = rng.choice(nodes)
        with suppress(MatcalcError):
            e = made if n is e else substitute(e, {n: made})
    scalars = [call("sum", v) for v in variables(e)] or [number(2)]
    s = rng.choice(scalars)
    t = add([s, number(rng.randint(2, 9))])
    if rng.random() < 0.5:
        return add(
            [product([power(t, number(2)), e]), scaled(-1, product([t, s, e])), scaled(-1, product([t, add([t, scaled(-1, s)]), e])), e]
        )
    return add([product([t, e]), scaled(-1, product([s, e])), scaled(-1, product([add([t, scaled(-1, s), number(-1)]), e]))])


def _safely(n: Expr) -> list[Expr]:
    try:
        return list(_forms(n))
    except MatcalcError:
        return []


# --- in floats -------------------------------------------------------------------------------------------------------


def differ(a: Expr, b: Expr, seed: int) -> bool:
    """Whether two expressions are clearly different at some random points, by the evaluator in floats."""
    for attempt in range(12):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                x, y = (np.asarray(evaluate(e, **_point([a, b], np.random.default_rng([seed, attempt])))) for e in (a, b))
            except (np.linalg.LinAlgError, ValueError, ArithmeticError):
                continue
        size = max(np.abs(x).max(initial=0), np.abs(y).max(initial=0))
        if np.all(np.isfinite(x)) and np.all(np.isfinite(y)) and np.abs(x - y).max(initial=0) > 1e-5 * size:
            return True
    return False


def _point(roots: list[Expr], rng: np.random.Generator) -> dict[str, object]:
    sizes = {
        name: int(rng.integers(2, 5))
        for e in postorder(*roots)
        for d in (*e.shape, e.data)
        if isinstance(d, Dim)
        for name in sorted(d.symbols)
    }
    values: dict[str, object] = dict(sizes)
    for v in variables(*roots):
        shape = tuple(d if isinstance(d, int) else sizes[d.name or ""] for d in v.shape)
        a = rng.standard_normal(shape)
        if "spd" in v.data[1]:
            a = a @ a.T + np.eye(len(a))
        elif "orthogonal" in v.data[1]:
            a = np.linalg.qr(a)[0]
        values[v.data[0]] = a
    for e in postorder(*roots):
        if e.op.abstract and e.op.elementwise:
            values |= {"g": np.sin, "g_prime": np.cos, "g_prime2": lambda z: -np.sin(z)}
        elif e.op.abstract:
            values |= {"f": lambda z: np.sum(np.asarray(z) ** 3), "f_prime": lambda z: 3 * np.asarray(z) ** 2}
    return values


# --- the four kinds ----------------------------------------------------------------------------------------------------


def _formula(seed: int) -> tuple[str, str, str]:
    """One after the other, of every scale by turns."""
    turn, k = divmod(seed, len(FORMULAS))
    (text, by, where), scale = FORMULAS[k], SCALES[(turn + k) % len(SCALES)]
    return text if scale == 1 else f"({text})*{scale.numerator}/{scale.denominator}", by, where


@cache
def wrong_claims(count: int) -> list[tuple[str, mc.Derivative, Expr]]:
    """Answers with one change: the kind of change, the answer, the claim."""
    out: list[tuple[str, mc.Derivative, Expr]] = []
    seed = 0
    while len(out) < count:
        d = derived("derivative", *_formula(seed))
        out += islice(((kind, d, claim) for kind, claim in _changed(d.expr, seed)), 1)
        seed += 1
    return out


def _changed(e: Expr, seed: int) -> Iterator[tuple[str, Expr]]:
    """What `changes` makes of it, as far as it is something else."""
    return ((kind, other) for kind, other in changes(e, random.Random(seed)) if differ(other, e, seed))


def right_claims(count: int) -> Iterator[tuple[mc.Derivative, Expr]]:
    """Answers in other forms."""
    for seed in range(count):
        d = derived("derivative", *_formula(seed))
        yield d, other_form(d.expr, random.Random(seed))


def unequal_pairs(count: int) -> Iterator[tuple[str, Expr, Expr]]:
    """Formulas and the same with one change."""
    parsed = (mc.parse(text, where) for text, _, where in map(_formula, naturals()))
    yield from islice(((kind, e, other) for seed, e in enumerate(parsed) for kind, other in islice(_changed(e, seed), 1)), count)


def equal_pairs(count: int) -> Iterator[tuple[Expr, Expr]]:
    """Formulas and the same in other forms."""
    for seed in range(count):
        text, _, where = _formula(seed)
        e = mc.parse(text, where)
        yield e, other_form(e, random.Random(seed))


def verdict(d: mc.Derivative, claim: Expr) -> mc.Verdict:
    return mc.check(d.of, d.variable, claim)


def misjudged(kind: str, count: int) -> list[str]:
    """The claims judged wrongly among so many of a kind."""
    if kind == "wrong claims":
        return [f"{how}: {d.of!r} by {d.wrt!r}: {c!r}: {v}" for how, d, c in wrong_claims(count) if (v := verdict(d, c)).ok]
    if kind == "right claims":
        return [f"{d.of!r} by {d.wrt!r}: {c!r}: {v}" for d, c in right_claims(count) if not (v := verdict(d, c)).ok]
    if kind == "unequal pairs":
        return [f"{how}: {a!r} = {b!r}: {v}" for how, a, b in unequal_pairs(count) if (v := mc.equal(a, b)).ok]
    if kind == "wrong derivatives":
        return [f"{how}: {d.of!r} by {d.wrt!r}: {c!r}: {v}" for how, d, c in wrong_claims(count) if (v := replace(d, expr=c).check()).ok]
    return [f"{a!r} = {b!r}: {v}" for a, b in equal_pairs(count) if not (v := mc.equal(a, b)).ok]


KINDS = ("wrong claims", "right claims", "unequal pairs", "equal pairs", "wrong derivatives")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    total = 0
    for kind in options.kind or KINDS:
        found = misjudged(kind, options.count)
        total += len(found)
        print(f"{kind}: {options.count} tried, {len(found)} judged wrongly", flush=True)
        for line in found[:20]:
            print(f"  {line}")
    return min(total, 1)


if __name__ == "__main__":
    sys.exit(main())
