"""Jacobians: the matrix that takes vec dX to vec dY, composed node by node.

Every linear map has a matrix in vec coordinates: A·B ↦ B'⊗A, ' ↦ K, C⊙ ↦ Diag(vec C), Diag(·) ↦ a Khatri–Rao product of
identities (Magnus & Neudecker, ch. 2–3, 9).  Composed along the path from X to Y, and reduced by the identities of Kronecker,
Khatri–Rao and commutation matrices, it collapses to plain matrix notation where there is one: the Jacobian of a vector
by a vector never keeps a vec or a ⊗ unless the result truly is a fourth-order object.
"""

from __future__ import annotations

from functools import lru_cache

from matcalc.calculus.adjoint import gradient
from matcalc.calculus.differentials import around, dependent, differential, length, partials
from matcalc.calculus.opening import Opened, same
from matcalc.calculus.rules import MOST_ROWS, alone, filled, formula
from matcalc.expr import ONE, Expr, Op, add, factors, grid, hadamard, identity, number, product, scaled, transpose, zero
from matcalc.expr import heads as H
from matcalc.expr.grids import picks
from matcalc.limits import Steps
from matcalc.operators import call, commutation
from matcalc.rewriting import REWRITER
from matcalc.rewriting.identities import DERIVE


def jacobian(y: Expr, x: Expr) -> Expr:
    """∂vec(y)/∂vec(x)', of shape (size of y) × (size of x); by a scalar, the shape of `y`; of a scalar, its gradient.

    >>> from matcalc.expr import variable, symbol
    >>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
    >>> jacobian(A @ x, x) is A
    True
    """
    if x.is_scalar:
        return differential(y, {x: ONE})
    if y.is_scalar:
        return gradient(y, [x])[0]
    return vec_jacobian(y, x)


def vec_jacobian(y: Expr, x: Expr) -> Expr:
    """The matrix J with vec(dy) = J vec(dx)."""
    steps = Steps("this derivative")
    opened = Opened(y)
    active = dependent(opened, {x})
    done: dict[Expr, Expr] = {x: identity(x.shape[0] * x.shape[1])}
    for e in opened.order:
        if e in active and e is not x:
            if e.is_scalar:
                done[e] = transpose(call("vec", gradient(e, [x])[0]))
            elif e.op is H.SIGMA:
                index, body = opened.bodies[e]
                done[e] = opened.summed(done[body], frozenset({index}))
            elif e.op is H.MEMBER:
                done[e] = product([same(e, x), done[x]])
            else:
                done[e] = _composed(e, active, done)
            steps.take(len(e.args) * length(done[e]))
    return done[y] if y in done else zero((y.shape[0] * y.shape[1], x.shape[0] * x.shape[1]))


def _composed(e: Expr, active: set[Expr], done: dict[Expr, Expr]) -> Expr:
    op, args = e.op, e.args
    live = [i for i, a in enumerate(args) if a in active]
    if op is H.SUM:
        return add([scaled(e.data[i], done[args[i]]) for i in live])
    if op is H.PRODUCT:
        return add([_through_product(e, i, done[args[i]]) for i in live])
    if op is H.GRID:
        if e.is_vector:
            return grid([[done[a] if a in active else zero((a.shape[0], done[args[live[0]]].shape[1]))] for a in args])
        places = picks(e)
        return add([product([call("kron", places[i][1], places[i][0]), done[args[i]]]) for i in live])
    if op is H.TRANSPOSE:
        rows, columns = args[0].shape
        return product([commutation((rows, columns)), done[args[0]]])
    if op is H.HADAMARD:
        return add([_entrywise(hadamard([*args[:i], *args[i + 1 :]]), done[args[i]]) for i in live])
    if op in (H.POWER, H.HPOWER) or op.elementwise:
        parts = [(p, done[args[i]], args[i].shape == e.shape) for i, p in partials(e, active)]
        return add([_entrywise(p, j) if every else product([call("vec", p), j]) for p, j, every in parts])
    if op is H.MATPOWER:
        return add([product([call("kron", transpose(right), left), done[args[0]]]) for left, right in around(e)])
    return add([product([filled(_matrix(op, i), op, e, {}), done[args[i]]]) for i in live])


def _entrywise(c: Expr, j: Expr) -> Expr:
    return product([call("diag", call("vec", c)), j])


def _through_product(e: Expr, i: int, j: Expr) -> Expr:
    c, count = e.data
    scalars, chain = e.args[:count], e.args[count:]
    if i < count:
        rest = product([number(c), *scalars[:i], *scalars[i + 1 :], *chain])
        return product([call("vec", rest), j])
    k = i - count
    left = product(chain[:k]) if k else identity(chain[0].shape[0])
    right = product(chain[k + 1 :]) if k + 1 < len(chain) else identity(chain[-1].shape[1])
    return _lifted(product([number(c), *scalars, call("kron", transpose(right), left), j]), e)


def _lifted(j: Expr, e: Expr) -> Expr:
    """The Jacobian of the vector `e`: (a' ⊗ B) (x ⊗ E + Diag(y + z) (E ⊗ x)) multiplied out: its terms are products without ⊗."""
    if e.is_vector:
        chain = factors(j)
        for i, s in enumerate(chain):
            if i and s.op is H.SUM and all(_has_column(factors(t)[-1]) for t in s.args):
                opened = list(zip(s.data, s.args, strict=True))
            elif i and s.op.name == "diag" and s.args[0].op is H.SUM and _has_column(chain[-1]):
                opened = [(c, call("diag", u)) for c, u in zip(s.args[0].data, s.args[0].args, strict=True)]
            else:
                continue
            around = [*j.args[: -len(chain)], number(j.data[0])] if j.op is H.PRODUCT else []
            return add([_lifted(product([*around, *chain[:i], scaled(c, t), *chain[i + 1 :]]), e) for c, t in opened])
        if any(f.op.name == "diag" and f.args[0].op.name == "vec" for f in chain[1:-1]) and _has_column(chain[-1]):
            for _ in range(2):  # before vec(A + x y') becomes the sum vec(A) + y ⊗ x; at first what stands there, then what has melted
                (j,) = REWRITER.everywhere([j], DERIVE, lambda part: part)
    return j


def _has_column(t: Expr) -> bool:
    """Whether it is x ⊗ E or E ⊗ x."""
    return t.op.name == "kron" and any(f.shape[1] == 1 for f in t.args)


@lru_cache(maxsize=MOST_ROWS)
def _matrix(op: Op, i: int) -> Expr:
    """The vec matrix of the row's differential in its i-th argument, over the row's placeholders."""
    if op.vec and op.vec[i]:
        return formula(op, op.vec[i])
    return vec_jacobian(*alone(op, i))
