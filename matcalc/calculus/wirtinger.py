"""Derivatives by a complex variable: with its conjugate a variable of its own, everything is holomorphic.

An expression is *parted*: conj(z) becomes a variable beside z, and what is of both (a modulus, a norm, a real part) a function of
two arguments, u and conj(u).  What is differentiated then is holomorphic in each (Wirtinger's calculus; Brandwood 1983,
Kreutz-Delgado 2009), and the rules of the table serve as they are; the derivatives are *joined* again.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.calculus.adjoint import gradient
from matcalc.calculus.jacobians import jacobian
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, apply, hpower, member, postorder, product, remake, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import adjoint, conjugate, is_hermitian
from matcalc.expr.heads import family, name_of, number, properties_of, variable
from matcalc.operators import call

# fmt: off
# Functions of u and conj(u), called x and y, X and Y, and what of: abs(u)^2 is one of its own.
PAIRS: dict[tuple[str, int], Op] = {
    ("real", 1):    Op("real of both",    "*,*", elementwise=True, real=True, d="1/2; 1/2"),
    ("imag", 1):    Op("imag of both",    "*,*", elementwise=True, real=True, d="-1i/2; 1i/2"),
    ("abs", 1):     Op("abs of both",     "*,*", elementwise=True, real=True, range="nonnegative", d="sign(y)/2; sign(x)/2"),
    ("abs", 2):     Op("abs² of both",    "*,*", elementwise=True, real=True, range="nonnegative", d="y; x"),
    ("sign", 1):    Op("sign of both",    "*,*", elementwise=True, d="1/(2*abs(x)); -sign(x)^2/(2*abs(x))"),
    ("angle", 1):   Op("angle of both",   "*,*", elementwise=True, real=True, d="-1i/(2*x); 1i/(2*y)"),
    ("norm", 1):    Op("norm of both",    "(m,n),(m,n)->()", real=True, range="nonnegative", d="(tr(Y'*dX) + tr(X'*dY))/(2*norm(X))"),
    ("norm", 2):    Op("norm² of both",   "(m,n),(m,n)->()", real=True, range="nonnegative", d="tr(Y'*dX) + tr(X'*dY)"),
    ("normnuc", 1): Op("normnuc of both", "(m,n),(m,n)->()", real=True, range="nonnegative", d="(tr(polar(Y)'*dX) + tr(polar(X)'*dY))/2"),
    ("logdet", 1):  Op("logdet of both",  "(n,n),(n,n)->()", real=True, d="(tr(inv(X)*dX) + tr(inv(Y)*dY))/2"),
    ("pinv", 1):    Op("pinv of both",    "(m,n),(m,n)->(n,m)", d="-pinv(X)*dX*pinv(X)"
                       " + pinv(X)*pinv(Y)'*dY'*(eye(m) - X*pinv(X)) + (eye(n) - pinv(X)*X)*dY'*pinv(Y)'*pinv(X)"),
}
# The row of logdet takes the plainer of a matrix and its conjugate; of a Hermitian one that would be another function of z and z*.
_OF_LARGEST = Op("projector on v_max", "(n,n)->(n,n)")
HERMITIAN: dict[str, Op] = {
    "logdet":       Op("logdet of hermitian",     "(n,n)->()", real=True, d="tr(inv(X)*dX)"),
    "lambda_max":   Op("lambda_max of hermitian", "(n,n)->()", real=True, d="tr(D*dX)", derivative=lambda: _OF_LARGEST),
}
# fmt: on
_MEANT = {op: key for key, op in PAIRS.items()} | {op: (name, 1) for name, op in HERMITIAN.items()}
_OF_BOTH = frozenset((*(name for name, _ in PAIRS), *HERMITIAN, "normspec"))
_UNKNOWN = frozenset(("polar", "v_max"))  # of which no derivative in both is in the table


class Parted(NamedTuple):
    """`expr`, in which `bar` stands for the conjugate of the variable `by`."""

    expr: Expr
    by: Expr
    bar: Expr


def parted(f: Expr, by: Expr) -> Parted:
    """`f` as a function of `by` and of its conjugate, holomorphic in both.

    Raises UnsupportedError where it has a function of both whose derivative is not known.

    >>> from matcalc.expr import symbol
    >>> z = variable("z", (symbol("n"), 1), {"complex"})
    >>> parted(z.H @ z, z).expr
    zᵀ z*
    """
    bar = _barred(by)
    done: dict[Expr, Expr] = {}
    moving: set[Expr] = set()
    stack = [(f, False)]
    while stack:
        n, ready = stack.pop()
        if n in done:
            continue
        if not ready:
            stack.append((n, True))
            below = (*n.args, *map(conjugate, n.args)) if n.op.name in _OF_BOTH else n.args
            stack.extend((a, False) for a in reversed(below))
            continue
        bare = n.args[0] if n.op is H.CONJ else n
        if bare is by or bare.op is H.MEMBER is by.op and bare.args[0] is by.args[0]:
            moving.add(n)
            done[n] = n if n is bare else bar if bare is by else member(bar.args[0], *bare.args[1:])
        elif not any(a in moving for a in n.args):
            done[n] = n
        else:
            moving.add(n)
            done[n] = _of_both(n, done)
    return Parted(done[f], by, bar)


def _barred(by: Expr) -> Expr:
    """The variable that stands for the conjugate of another; of a member, one of a family of its own."""
    if by.op is H.MEMBER:
        name, properties, counts = by.args[0].data
        return member(family(f"{name}*", counts, by.shape, frozenset(properties)), *by.args[1:])
    return variable(f"{name_of(by)}*", by.shape, frozenset(properties_of(by)))


def _of_both(n: Expr, done: dict[Expr, Expr]) -> Expr:
    """A node some of whose arguments move, of those as they are in `done`."""
    name = n.op.name
    if name in _UNKNOWN or n.op is H.CONJ or n.op is H.MEMBER:
        raise UnsupportedError(f"the derivative of {name} by a complex variable is not in the table")
    if n.op in (H.POWER, H.HPOWER) and n.args[1].op is H.NUMBER and n.args[0].op.name in ("abs", "norm"):
        k, inner = n.args[1].data, n.args[0].args[0]
        if isinstance(k, int) and k % 2 == 0:
            square = apply(PAIRS[n.args[0].op.name, 2], (done[inner], done[conjugate(inner)]))
            return hpower(square, number(k // 2))
    args = tuple([done[a] for a in n.args])
    if n.op.reals and name not in _OF_BOTH:  # what is real is so by its conjugate, which is another variable now
        args = tuple([apply(PAIRS["real", 1], (a, a)) if a.complex else a for a in args])
    if name in HERMITIAN and is_hermitian(n.args[0]):
        return apply(HERMITIAN[name], args)
    if name == "normspec":
        (x,) = n.args
        return hpower(apply(HERMITIAN["lambda_max"], (product([transpose(done[conjugate(x)]), done[x]]),)), number(Fraction(1, 2)))
    if name not in _OF_BOTH:
        return remake(n, args)
    return apply(PAIRS[name, 1], (args[0], done[conjugate(n.args[0])]))


def joined(e: Expr, of: Parted) -> Expr:
    """An expression in both variables, in the one again."""
    done: dict[Expr, Expr] = {of.bar: conjugate(of.by)}
    for n in postorder(e):
        if n.op is H.MEMBER is of.bar.op and n.args[0] is of.bar.args[0]:
            done[n] = conjugate(member(of.by.args[0], *n.args[1:]))
        elif n not in done:
            args = tuple([done[a] for a in n.args])
            if n.op is _OF_LARGEST:
                v = call("v_max", *args)
                done[n] = product([v, adjoint(v)])
            elif n.op in _MEANT:
                name, power = _MEANT[n.op]
                done[n] = hpower(call(name, args[0]), number(power))
            else:
                done[n] = remake(n, args)
    return done[e]


def is_holomorphic(of: Parted) -> bool:
    """Whether the conjugate of the variable does not occur."""
    bar = of.bar.args[0] if of.bar.op is H.MEMBER else of.bar
    return all(n is not bar for n in postorder(of.expr))


def gradients(of: Parted) -> Sequence[Expr]:
    """(∂f/∂z, ∂f/∂z*) of a scalar: df = tr(plain' dZ) + tr(conj' dZ*)."""
    return [joined(g, of) for g in gradient(of.expr, [of.by, of.bar])]


def jacobians(of: Parted) -> Sequence[Expr]:
    """(∂vec Y/∂vec(Z)ᵀ, ∂vec Y/∂vec(Z*)ᵀ)."""
    return [joined(jacobian(of.expr, v), of) for v in (of.by, of.bar)]
