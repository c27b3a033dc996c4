"""Frequent mistakes in a formula: a transposition or a factor dropped, ⊙ for a product, a sign lost, each with its name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, hadamard, hpower, matpower, number, postorder, power, product, scaled, substitute, transpose
from matcalc.expr import heads as H
from matcalc.limits import HEAVIEST_MISTAKES, MOST_MISTAKES


def mistakes(e: Expr) -> Iterator[tuple[str, Expr]]:
    """Each formula that differs by one mistake, and the mistake.

    >>> from matcalc.expr import symbol, variable
    >>> A, x = variable("A", (symbol("n"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> [name for name, _ in mistakes(A.T @ x)]
    ['a factor is dropped: Aᵀ', 'a transposition is dropped: Aᵀ is written A']
    """
    seen = {e}
    for name, n, by in islice(_all(e), min(MOST_MISTAKES, 1 + HEAVIEST_MISTAKES // e.weight)):
        try:
            made = by if n is e else substitute(e, {n: by})
        except MatcalcError:
            continue
        if made not in seen:
            seen.add(made)
            yield name, made


def _all(e: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    """The mistakes at every node: a name, the node and what is written for it."""
    for n in reversed(postorder(e)):
        if n.op is H.TRANSPOSE:
            yield f"a transposition is dropped: {n!r} is written {n.args[0]!r}", n, n.args[0]
        elif n.op is H.SUM:
            yield from _terms(n)
        elif n.op is H.HADAMARD:
            yield from _entrywise(n)
        elif n.op is H.PRODUCT:
            yield from _factors(n)
        elif n.op in (H.POWER, H.HPOWER) and n.args[1].op is H.NUMBER:
            for k in (n.args[1].data - 1, n.args[1].data + 1, -n.args[1].data):
                made = power(n.args[0], number(k)) if n.op is H.POWER else hpower(n.args[0], number(k))
                yield f"an exponent is wrong: {n!r} is written {made!r}", n, made
        elif n.op is H.MATPOWER:
            yield f"an inverse is dropped: {n!r} is written {n.args[0]!r}" if n.data == -1 else f"an exponent is wrong: {n!r}", n, n.args[0]
            if n.data not in (-1, 1):
                yield f"an exponent is wrong: {n!r}", n, matpower(n.args[0], n.data - 1)


def _terms(n: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    terms = [scaled(c, a) for c, a in zip(n.data, n.args, strict=True)]
    for k, t in enumerate(terms):
        others = [*terms[:k], *terms[k + 1 :]]
        yield f"the sign of a term is wrong: {t!r}", n, add([scaled(-1, t), *others])
        yield f"a term is missing: {t!r}", n, add(others)
        turned = transpose(t)
        if turned.shape == t.shape and turned is not t:
            yield f"a term is transposed: {t!r}", n, add([turned, *others])


def _entrywise(n: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    for k, f in enumerate(n.args):
        others = n.args[:k] + n.args[k + 1 :]
        yield f"a factor is dropped: {f!r}", n, hadamard(others)
        turned = transpose(f)
        if turned.shape == f.shape and turned is not f:
            yield f"a factor is transposed: {f!r}", n, hadamard([turned, *others])
    for k, f in enumerate(n.args):
        for g in n.args[:k] + n.args[k + 1 :]:
            others = tuple(a for a in n.args if a is not f and a is not g)
            if f.shape[1] == g.shape[0]:
                yield f"a product is written for ⊙: {n!r}", n, hadamard([product([f, g]), *others])


def _factors(n: Expr) -> Iterator[tuple[str, Expr, Expr]]:
    c, count = n.data
    scalars, chain = list(n.args[:count]), list(n.args[count:])
    front = number(c)
    for k, s in enumerate(scalars):
        yield f"a factor is dropped: {s!r}", n, product([front, *scalars[:k], *scalars[k + 1 :], *chain])
    for k, f in enumerate(chain):
        before, after = chain[:k], chain[k + 1 :]
        if f.shape[0] == f.shape[1] and len(chain) > 1:
            yield f"a factor is dropped: {f!r}", n, product([front, *scalars, *before, *after])
        if f.shape[0] == f.shape[1] and transpose(f) is not f and f.op is not H.TRANSPOSE:
            yield f"a factor is transposed: {f!r}", n, product([front, *scalars, *before, transpose(f), *after])
        if k and chain[k - 1].shape == f.shape:
            yield (
                f"⊙ is written for a product: {chain[k - 1]!r} {f!r}",
                n,
                product([front, *scalars, *chain[: k - 1], hadamard([chain[k - 1], f]), *after]),
            )
