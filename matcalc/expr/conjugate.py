"""Conjugates, pushed to the variables, and what is known by them: a conjugate that is the expression itself is that of a real one.

Everything the language has of complex arguments is real on the real axis, so the conjugate of a value is the value at the conjugates;
only variables, members of families and the imaginary unit have one of their own.  With the transpose, H is the conjugate transpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import ref

import matcalc.expr.heads as heads
from matcalc.expr import heads as H
from matcalc.expr.entrywise import hadamard
from matcalc.expr.heads import coefficient_and_rest, number, with_coefficient
from matcalc.expr.node import Expr, Op, _set, node, postorder
from matcalc.expr.products import product, scaled
from matcalc.expr.rebuild import remake
from matcalc.expr.sums import add
from matcalc.expr.transposing import is_skew, transpose

_CORE = frozenset(op for op in vars(heads).values() if isinstance(op, Op))
I = node(H.IMAGINARY, (), None, (1, 1))


def conjugate(e: Expr) -> Expr:
    """The conjugate of `e`, entry by entry; a real one is itself.

    >>> from matcalc.expr import variable
    >>> z, t = variable("z", (1, 1), {"complex"}), variable("t", (1, 1))
    >>> conjugate(t) is t, conjugate(conjugate(z)) is z, conjugate(product([I, t])) is product([number(-1), I, t])
    (True, True, True)
    """
    if not e.complex:
        return e
    out = _known(e)
    if out is None:
        done: dict[Expr, Expr] = {}
        for n in postorder(e):
            if n.complex and (out := _known(n)) is None:
                out = _conjugated(n, tuple([done.get(a, a) for a in n.args]))
                _set(n, "_conjugate", ref(out))
            done[n] = out if n.complex and out is not None else n
        out = done[e]
    return out


def _known(e: Expr) -> Expr | None:
    return e._conjugate() if e._conjugate is not None else None


def _conjugated(e: Expr, args: tuple[Expr, ...]) -> Expr:
    if e.op is H.CONJ:
        return e.args[0]
    if e.op is H.IMAGINARY:
        return scaled(-1, e)
    if e.op is H.VARIABLE or e.op is H.MEMBER:
        of = e if e.op is H.VARIABLE else e.args[0]
        return transpose(e) if "hermitian" in of.data[1] else node(H.CONJ, (e,), None, e.shape)
    if e.op.abstract:
        return node(H.CONJ, (e,), None, e.shape)
    return remake(e, args) if e.op.signature or e.op.build or e.op in _CORE else node(e.op, args, e.data, e.shape)  # a form of the writers


def adjoint(e: Expr) -> Expr:
    """The conjugate transpose."""
    return transpose(conjugate(e))


def is_real(e: Expr) -> bool:
    """Whether every entry is seen to be a real number.

    >>> from matcalc.expr import variable, symbol
    >>> n = symbol("n")
    >>> z, H = variable("z", (n, 1), {"complex"}), variable("H", (n, n), {"hermitian"})
    >>> is_real(z.H @ H @ z), is_real(z.T @ H @ z)
    (True, False)
    """
    return not e.complex or conjugate(e) is e


def is_hermitian(e: Expr) -> bool:
    """Whether `e` is seen to be its own conjugate transpose."""
    return e.shape[0] == e.shape[1] and conjugate(e) is transpose(e)


def said_of(e: Expr) -> set[str]:
    """What a variable is declared to be that stands for `e` in a formula: symmetric, skew, complex, hermitian."""
    if not is_real(e):
        return {"hermitian"} if is_hermitian(e) else {"complex"}
    return {"symmetric"} if e.symmetric and not e.is_scalar else {"skew"} if is_skew(e) else set()


def plainer(e: Expr) -> tuple[Expr, bool]:
    """(the one of e and its conjugate that has less to read, whether it is the conjugate)."""
    other = conjugate(e)
    return (other, True) if _look(other) < _look(e) else (e, False)


def _look(e: Expr) -> tuple[object, ...]:
    e = coefficient_and_rest(e)[1]
    return e.weight, e.order


def apart(e: Expr) -> tuple[Expr, Expr]:
    """(r, z) with e = r + z, where r are the terms that are seen to be real."""
    terms = [with_coefficient(c, t) for c, t in zip(e.data, e.args, strict=True)] if e.op is H.SUM else [e]
    if e.op is H.PRODUCT and e.data[1] == 0 == len(e.args) - 1 and e.args[0].op is H.SUM:
        c, e = coefficient_and_rest(e)
        terms = [scaled(c * k, t) for k, t in zip(e.data, e.args, strict=True)]
    real, rest = ([t for t in terms if is_real(t) is kind] for kind in (True, False))
    return _added(real, e), _added(rest, e)


def _added(terms: Iterable[Expr], like: Expr) -> Expr:
    return add([*terms, scaled(0, like)])


def turned_by_i(e: Expr) -> tuple[int, Expr]:
    """(k, r) with e = i^k r, where r has no factor i."""
    if e is I:
        return 1, number(1)
    if e.op is H.PRODUCT and I in e.args[: e.data[1]]:
        i = e.args.index(I)
        return 1, product([number(e.data[0]), *e.args[:i], *e.args[i + 1 :]])
    if e.op is H.TRANSPOSE:
        k, rest = turned_by_i(e.args[0])
        return k, transpose(rest)
    return 0, e


def real_part(e: Expr) -> Expr:
    """(e + conj(e))/2: real terms apart, what is real in front."""
    from matcalc.operators.complex_parts import REAL

    return _part(REAL, e)


def imaginary_part(e: Expr) -> Expr:
    """(e - conj(e))/2i."""
    from matcalc.operators.complex_parts import IMAG

    return _part(IMAG, e)


def _part(op: object, e: Expr) -> Expr:
    from matcalc.operators.complex_parts import IMAG, REAL

    real, rest = apart(e)
    if rest.op is H.SUM:  # each term or its conjugate, whichever is plainer, so that they meet
        sides = [plainer(with_coefficient(c, t)) for c, t in zip(rest.data, rest.args, strict=True)]
        rest = add([scaled(-1 if other and op is IMAG else 1, t) for t, other in sides])
    kept = real if op is REAL else scaled(0, e)
    if not rest.complex:
        return kept
    front, bare = _in_front(rest)
    if bare.op is H.HADAMARD and (own := [a for a in bare.args if is_real(a)]):
        others = _part(op, hadamard([a for a in bare.args if a not in own]))
        return add([kept, product([*front, hadamard([*own, others])])])
    k, bare = turned_by_i(bare)
    sign = 1
    if k:  # real(i z) = -imag(z), imag(i z) = real(z)
        op, sign = (IMAG, -1) if op is REAL else (REAL, 1)
        if not bare.complex or is_real(bare):
            return add([kept, product([number(sign), *front, bare])]) if op is REAL else kept
    bare, other = plainer(bare)
    if other and op is IMAG:
        sign = -sign
    c, bare = coefficient_and_rest(bare)
    return add([kept, product([number(sign * c), *front, node(op, (bare,), None, bare.shape)])])  # type: ignore[arg-type]


def paired(e: Expr) -> Expr:
    """A sum with t + conj(t) as 2 real(t), t - conj(t) as 2i imag(t).

    >>> from matcalc.expr import variable
    >>> z = variable("z", (1, 1), {"complex"})
    >>> paired(add([z, conjugate(z)]))
    2 real(z)
    """
    if e.op is not H.SUM or not e.complex and not any(t.complex for t in e.args):
        return e
    of = dict(zip(e.args, e.data, strict=True))
    out: list[Expr] = []
    for t, c in zip(e.args, e.data, strict=True):
        if t not in of:
            continue
        k, other = coefficient_and_rest(conjugate(t))
        if other is not t and other in of and abs(of[other] * k) == abs(c):
            part = real_part(t) if of[other] * k == c else product([I, imaginary_part(t)])
            out.append(scaled(2 * c, part))
            del of[other], of[t]
        else:
            out.append(scaled(c, t))
    return add(out) if len(out) < len(e.args) else e


def _in_front(e: Expr) -> tuple[list[Expr], Expr]:
    """The number and the real scalars of a product, and the rest of it."""
    if e.op is not H.PRODUCT:
        return [], e
    c, count = e.data
    front = [s for s in e.args[:count] if is_real(s)]
    rest = [s for s in e.args[:count] if not is_real(s)]
    return [number(c), *front], product([*rest, *e.args[count:]])
