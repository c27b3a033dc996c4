"""Conjugates, pushed to the variables, and what is known by them: a conjugate that is the expression itself is that of a real one.

Everything the language has of complex arguments is real on the real axis, so the conjugate of a value is the value at the conjugates;
only variables, members of families and the imaginary unit have one of their own.  With the transpose, H is the conjugate transpose.
"""

from __future__ import annotations

from weakref import ref

import matcalc.expr.heads as heads
from matcalc.expr import heads as H
from matcalc.expr.heads import coefficient_and_rest, number
from matcalc.expr.node import Expr, Op, _set, node, postorder
from matcalc.expr.products import commute, product, scaled
from matcalc.expr.rebuild import remake
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
    """The properties of a variable that stands for `e` in a formula: symmetric, skew, complex, hermitian, diagonal where e commutes so."""
    said = {"diagonal"} if commute(e, e) else set()
    if not is_real(e):
        return said | ({"hermitian"} if is_hermitian(e) else {"complex"})
    return said | ({"symmetric"} if e.symmetric and not e.is_scalar else {"skew"} if is_skew(e) else set())


def plainer(e: Expr) -> tuple[Expr, bool]:
    """(the one of e and its conjugate that has less to read, whether it is the conjugate)."""
    other = conjugate(e)
    return (other, True) if _look(other) < _look(e) else (e, False)


def _look(e: Expr) -> tuple[object, ...]:
    e = coefficient_and_rest(e)[1]
    return e.weight, e.order


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
