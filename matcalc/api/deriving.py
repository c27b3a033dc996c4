"""The questions: gradient, Jacobian, Hessian, differential."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypedDict, Unpack, overload

from matcalc import calculus
from matcalc.api.answer import Derivative, Derivatives
from matcalc.api.as_differentials import Differential, Differentials, differential_of, placed
from matcalc.api.impossible import check_differentiable
from matcalc.api.of_complex import (
    Pair,
    differential_complex,
    grad_complex,
    gradient_by,
    hessian_pair,
    is_complex,
    jacobian_by,
    pair_of,
    steepest_by,
)
from matcalc.api.question import Index, Question, Target, in_notation, of_absent, question, read_free, without_hessian_of
from matcalc.api.riemannian import gradient_on, hessian_along, on_manifold, placed_at
from matcalc.api.tangents import acting, bound, freed, projected, structure
from matcalc.calculus import gradient
from matcalc.calculus.manifolds import Manifold
from matcalc.errors import ParseError, ShapeError, UnsupportedError
from matcalc.expr import ONE, Expr, identity, name_of, ones, product, properties_of, transpose, unit, variables
from matcalc.expr.language import item
from matcalc.expr.manner import Manner
from matcalc.expr.node import working
from matcalc.expr.rebuild import released
from matcalc.operators import call
from matcalc.simplification import rewritten, simplify
from matcalc.simplification.block_matrices import forms_of
from matcalc.writing.layout import tokens_of
from matcalc.writing.text import text

LAYOUTS = (None, "numerator", "denominator")


class Options(TypedDict, total=False):
    """The options of a derivative."""

    layout: str | None
    unconstrained: bool
    source: str
    manifold: str | bool | None
    along: Any


class Asks(Protocol):
    """Variables to differentiate by: one by a name or an expression, several by a list of them, or by all where none is named."""

    @overload
    def __call__(self, expr: Any, wrt: str | Expr, where: str = "", **options: Unpack[Options]) -> Derivative: ...
    @overload
    def __call__(self, expr: Any, wrt: Sequence[Any] | None = None, where: str = "", **options: Unpack[Options]) -> Derivatives: ...
    @overload
    def __call__(self, expr: Any, wrt: Any, where: str = "", **options: Any) -> Any: ...  # a symbol of SymPy's


def _asking(f: Callable[..., Derivative | Derivatives]) -> Asks:
    asked: Any = working(f)
    made: Asks = asked
    return made


@_asking
def grad(
    expr: Any,
    wrt: Any = None,
    where: str = "",
    *,
    layout: str | None = None,
    unconstrained: bool = False,
    source: str = "auto",
    manifold: str | bool | None = None,
) -> Derivative | Derivatives:
    """The gradient of a scalar, of the shape of the variable.

    `expr` is text or an expression; text is plain or LaTeX as `source` says ("text", "latex", or "auto": LaTeX where it has a
    backslash or a dollar).  `wrt` is a name, a slice ("X[:,j]"), several names ("D,R"), a variable or a list, and
    without it every matrix and vector of the expression.  One variable gives a Derivative, several a tuple of them.
    By a variable with a declared linear structure the gradient lies in that structure, unless `unconstrained`.
    With a `manifold`, named or (True) the one that the variable is declared to lie on, it is the Riemannian gradient.

    Raises ShapeError where `expr` is no scalar.

    >>> grad("a'*G*a", "G").text()
    "a*a'"
    >>> grad("tr(A*S)", "S", where="A: (n, n); S: (n, n) symmetric").text()
    "(A + A')/2"
    """
    _check_layout(layout)
    expr = in_notation(expr, source)
    asked = question(expr, wrt, where, scalar=True)
    if not asked.expr.is_scalar:
        rows, columns = asked.expr.shape
        hint = "its derivative is the jacobian; or take sum(…)"
        raise ShapeError(f"a gradient is of a scalar; this is ({rows}, {columns})", hint=f"{hint}\n  read as: {asked.read_as}")
    spaces: Mapping[Expr, Manifold] = {}
    if manifold:
        with placed_at(expr):
            asked, spaces = on_manifold(asked, manifold, layout=layout, unconstrained=unconstrained)
    by = list(dict.fromkeys(v for v, _ in asked.targets))
    asked, free, f = _read(expr, where, asked, by, unconstrained, scalar=True)
    if is_complex(f):
        if spaces:
            with placed_at(expr):
                return _answer(asked, [_on_complex(asked, f, free, v, spaces[v]) for v, _ in asked.targets])
        return _answer(asked, grad_complex(asked, f, free, unconstrained, partial(_complex, asked, f, free, "grad", layout == "numerator")))
    found = gradient(rewritten(f), [free.get(v, v) for v in by])
    raw = {v: g if unconstrained else bound(g, free) for v, g in zip(by, found, strict=True)}
    out: list[Derivative] = []
    for v, index in asked.targets:
        inside, remark = (raw[v], None) if unconstrained else projected(raw[v], v)
        if v in spaces:
            with placed_at(expr):
                out.append(gradient_on(asked, spaces[v], v, inside, free, f))
            continue
        if index is not None and inside is not raw[v]:
            raise UnsupportedError(
                f"the entries of {name_of(v)} do not move alone, as it is declared {structure(v)}",
                hint="differentiate by all of it, or take unconstrained=True",
            )
        answer = simplify(inside if index is None else item(inside, index))
        answer = bound(answer, free) if unconstrained else answer
        flip = layout == "numerator" and not answer.is_scalar
        onto = "" if unconstrained else "space"
        out.append(_derivative(asked, answer, v, index, "grad", flip, remark, onto=onto, read=f, free=free))
    return _answer(asked, out)


@_asking
def jacobian(
    expr: Any, wrt: Any = None, where: str = "", *, layout: str | None = None, unconstrained: bool = False, source: str = "auto"
) -> Derivative | Derivatives:
    """The Jacobian: ∂y_i/∂x_j of vectors, ∂vec(Y)/∂vec(X)' in general; by a scalar, of the shape of `expr`.

    >>> jacobian("A*x", "x").text()
    'A'
    """
    _check_layout(layout)
    expr = in_notation(expr, source)
    asked = question(expr, wrt, where)
    if asked.expr.is_scalar:
        of_scalar: Derivative | Derivatives = grad(expr, wrt, where, layout=layout, unconstrained=unconstrained)
        return of_scalar
    out = []
    asked, free, y = _read(expr, where, asked, [v for v, _ in asked.targets], unconstrained)
    if is_complex(y):
        for v, index in asked.targets:
            _check_whole(v, index)
            found, said = jacobian_by(y, free.get(v, v))
            told = (said,) if said else ()
            out.append(_complex(asked, y, free, "jacobian", layout == "denominator", bound(found, free), v, index, told, "holomorphic"))
        return _answer(asked, out)
    f = rewritten(y)
    for v, index in asked.targets:
        answer = bound(simplify(_moved(f, (free.get(v, v), index))), free)
        remark = None if unconstrained else acting(v)
        out.append(_derivative(asked, answer, v, index, "jacobian", layout == "denominator", remark, read=y, free=free))
    return _answer(asked, out)


@_asking
def hessian(
    expr: Any,
    wrt: Any = None,
    where: str = "",
    *,
    layout: str | None = None,
    unconstrained: bool = False,
    source: str = "auto",
    manifold: str | bool | None = None,
    along: Any = None,
) -> Derivative | Derivatives:
    """The Hessian of a scalar: the Jacobian of its gradient (by a matrix, in vec coordinates).

    By two variables, "x,y", it is the block ∂²f/∂x∂yᵀ: the Jacobian by y of the gradient by x.
    By a structured variable it is meant for directions of that structure, unless `unconstrained`.
    Applied to one direction, `along`, it is of the shape of the variable; on a `manifold` it is the Riemannian one, along a tangent vector.

    >>> hessian("x'*A*x", "x").text()
    "A + A'"
    >>> hessian("x'*A*y", "x,y").text()
    'A'
    >>> hessian("tr(S*S)", "S", where="S: (n, n) symmetric").text()
    '2*eye(n*n)'
    >>> hessian("tr(S*S)", "S", where="S: (n, n) symmetric", unconstrained=True).text()
    '2*commutation(n, n)'
    """
    _check_layout(layout)
    bare = without_hessian_of(expr := in_notation(expr, source))
    told, expr = bare is not expr, bare
    asked = question(expr, wrt, where, scalar=True)
    if asked.asks and not told:
        raise ParseError(
            "the text asks for a derivative already", line=expr, start=0, end=len(expr), hint="a hessian is of the function itself"
        )
    if not asked.expr.is_scalar:
        rows, columns = asked.expr.shape
        hint = "its second derivative is no matrix"
        raise ShapeError(f"a Hessian is of a scalar; this is ({rows}, {columns})", hint=f"{hint}\n  read as: {asked.read_as}")
    spaces: Mapping[Expr, Manifold] = {}
    if manifold or along is not None:
        with placed_at(expr):
            if along is None:
                raise ParseError("a Hessian on a manifold is applied to a tangent vector: name it", hint='along="V"')
            asked, spaces = on_manifold(asked, manifold, layout=layout, unconstrained=unconstrained)
    flip = layout == "denominator"
    asked, free, f = _read(expr, where, asked, [v for v, _ in asked.targets], unconstrained, scalar=True)
    if along is not None:
        with placed_at(expr):
            return _answer(asked, [hessian_along(asked, spaces.get(v), v, along, free, f) for v, _ in asked.targets])
    if is_complex(f):
        pairs = [_hessian_complex(asked, f, free, v, index, flip) for v, index in asked.targets]
        return pairs[0] if asked.single else tuple(pairs)  # type: ignore[return-value]
    if wrt is not None and len(asked.targets) == 2:
        first, second = asked.targets
        mixed = _of_second(asked, f, free, first, second, flip, unconstrained)
        names = (first[0].data[0], second[0].data[0])
        remark = f"the mixed second derivative: rows by {names[0]}, columns by {names[1]}; the Hessian by one of them is asked for alone"
        return replace(mixed, second=second, remarks=(*mixed.remarks, *([remark] if names[0] != names[1] else [])))
    return _answer(asked, [_of_second(asked, f, free, t, t, flip, unconstrained) for t in asked.targets])


def _on_complex(asked: Question, f: Expr, free: Mapping[Expr, Expr], v: Expr, row: Manifold) -> Derivative:
    """The gradient on a manifold of complex matrices."""
    return gradient_on(asked, row, v, bound(steepest_by(f, free.get(v, v)), free), free, f)


def _hessian_complex(asked: Question, f: Expr, free: Mapping[Expr, Expr], v: Expr, index: Index | None, flip: bool) -> Any:
    """The pair of the gradient by a complex variable; by a real one, the Jacobian of its gradient."""
    _check_whole(v, index)
    found = gradient_by(f, free.get(v, v))
    make = partial(_complex, asked, f, free, "hessian", flip)
    if found.steepest and v.complex and "hermitian" not in properties_of(v):
        return hessian_pair(bound(found.expr, free), v, make)
    second, _ = jacobian_by(found.expr, free.get(v, v))
    return make(bound(second, free), v, index, (), "holomorphic")


def _check_whole(v: Expr, index: Index | None) -> None:
    if index is not None:
        raise UnsupportedError("where something is complex, a derivative is by all of a variable", hint=f"differentiate by {name_of(v)}")


def _complex(
    asked: Question, f: Expr, free: Mapping[Expr, Expr], order: str, flip: bool,
    answer: Expr, by: Expr, index: Index | None, remarks: tuple[str, ...], part: str,
) -> Derivative:  # fmt: skip
    """An answer where something is complex; `part` says what it is."""
    return _derivative(asked, answer, by, index, order, flip, *remarks, read=f, free=free, part=part)


@working
def wirtinger(expr: Any, wrt: Any = None, where: str = "", *, source: str = "auto") -> Pair | tuple[Pair, ...]:
    """The pair ∂f/∂z and ∂f/∂z*, of scalars, vectors and matrices: `.plain` and `.conj`, each a derivative like any other.

    df = tr(plain' dZ) + tr(conj' dZ*), or dy = plain·dz + conj·dz*.

    >>> w = wirtinger("z^H*A*z", "z", where="A: (n, n) complex; z: (n) complex")
    >>> w.plain.text(), w.conj.text()
    ("A'*conj(z)", 'A*z')
    """
    asked = question(in_notation(expr, source), wrt, where)
    out = []
    for v, index in asked.targets:
        _check_whole(v, index)
        asked, free, y = _read(expr, where, asked, [v], True)
        make = partial(_complex, asked, y, free, "wirtinger", False)
        pair = pair_of(y, free.get(v, v), lambda e, by, *rest, v=v, free=free, make=make: make(bound(e, free), v, *rest))
        out.append(Pair(*pair))
    return out[0] if asked.single else tuple(out)


def _of_second(
    asked: Question, f: Expr, free: Mapping[Expr, Expr], by: Target, then: Target, flip: bool, unconstrained: bool
) -> Derivative:
    x, y = ((free.get(v, v), index) for v, index in (by, then))
    answer = bound(_second(f, x, y), free)
    return _derivative(asked, answer, *by, "hessian", flip, None if unconstrained else acting(then[0]), read=f, free=free)


def _read(
    expr: Any, where: str, asked: Question, by: Sequence[Expr], unconstrained: bool, *, scalar: bool = False
) -> tuple[Question, dict[Expr, Expr], Expr]:
    """The question as it stands, what stands for the structured ones among `by`, and the expression in it."""
    free = freed(by, entirely=unconstrained)
    f = read_free(expr, where, asked, free, scalar=scalar) if unconstrained else released(asked.expr, free)
    check_differentiable(f, [free.get(v, v) for v in by])
    if not asked.notes:
        return asked, free, f
    occurring = variables(f)  # what cancels where it is symmetric may not where it is free
    false = {of_absent(name_of(v)) for v in by if free.get(v, v) in occurring}
    return replace(asked, notes=tuple(n for n in asked.notes if n not in false)), free, f


def _second(f: Expr, by: Target, then: Target) -> Expr:
    """The Jacobian by `then` of the gradient of `f` by `by`."""
    x, index = by
    g = simplify(gradient(rewritten(f), [x])[0])
    return simplify(_moved(g if index is None else simplify(item(g, index)), then))


def _moved(y: Expr, by: Target) -> Expr:
    """∂vec(y)/∂vec(x)' by a variable or a slice of it: a row for a scalar `y`; by a scalar or one entry, of the shape of `y`."""
    x, index = by
    if (x if index is None else item(x, index)).is_scalar:
        return calculus.differential(y, {x: ONE if x.is_scalar else placed(ones(x.shape), index)})
    if y.is_scalar:
        row = calculus.gradient(y, [x])[0]
        return transpose(call("vec", row if index is None else item(row, index)))
    return product([calculus.jacobian(y, x), *_embedding(x, index)])


@_asking
def derivative(
    expr: Any, wrt: Any = None, where: str = "", *, layout: str | None = None, unconstrained: bool = False, source: str = "auto"
) -> Derivative | Derivatives:
    """The gradient of a scalar, the Jacobian of all else."""
    expr = in_notation(expr, source)
    ask = grad if question(expr, wrt, where).expr.is_scalar else jacobian
    found: Derivative | Derivatives = ask(expr, wrt, where, layout=layout, unconstrained=unconstrained)
    return found


@working
def differential(expr: Any, wrt: Any = None, where: str = "", *, source: str = "auto") -> Differential | Differentials:
    """The differential dY = …; by several variables its parts, one for each, with their `total`.

    >>> differential("A*X*B", "X").text()
    'dY = A*dX*B'
    """
    asked = question(in_notation(expr, source), wrt, where)
    if is_complex(asked.expr):
        return _differentials(asked)
    found = (differential_of(asked.expr, v, index, whole=v in asked.families) for v, index in asked.targets)
    out = Differentials(replace(made, taken=tuple(asked.symbols), manner=asked.manner) for made in found)
    return out[0] if asked.single else out


def _differentials(asked: Question) -> Differential | Differentials:
    """Differentials in dz and its conjugate."""
    out = []
    for v, index in asked.targets:
        _check_whole(v, index)
        out.append(differential_of(asked.expr, v, None, of_complex=differential_complex))
    return out[0] if asked.single else Differentials(out)


def _embedding(v: Expr, index: Index | None) -> list[Expr]:
    """The matrix that takes the vec of a slice of `v` to the vec of `v`, nothing for all of it."""
    if index is None:
        return []
    i, j = index
    (rows, columns) = v.shape
    return [
        call(
            "kron",
            identity(columns) if isinstance(j, slice) else unit(j, columns),
            identity(rows) if isinstance(i, slice) else unit(i, rows),
        )
    ]


def _derivative(
    asked: Question, answer: Expr, by: Expr, index: Index | None, order: str, flip: bool, *remarks: str | None,
    read: Expr, free: Mapping[Expr, Expr], onto: str = "", part: str = "",
) -> Derivative:  # fmt: skip
    if asked.manner.parted:
        answer = _in_parts(answer, asked.manner)
    shown = transpose(answer) if flip else answer
    told = (asked.where, asked.symbols, (*asked.notes, *(remark for remark in remarks if remark)))
    return Derivative(
        shown, asked.expr, by, index, order, *told, transposed=flip, spelling=asked.spelling,
        read=read, free=free, over=asked.families.get(by, ()), part=part, manner=asked.manner, onto=onto,
    )  # fmt: skip


def _in_parts(answer: Expr, manner: Manner) -> Expr:
    """The form of an answer in sub-blocks with least to read, stretches of the identity counted twice: they are zeros and a part."""

    def length(form: Expr) -> int:
        written = text(form, manner)
        return tokens_of(written) + 2 * written.count("eye(")

    return min(forms_of(answer), key=length)


def _answer(asked: Question, out: Sequence[Derivative]) -> Derivative | Derivatives:
    return out[0] if asked.single else Derivatives(out if len(out) == 1 else (replace(d, beside=True) for d in out))


def _check_layout(layout: Any) -> None:
    if layout not in LAYOUTS:
        raise ParseError(f"unknown layout {layout!r:.40}", hint='there are "numerator" and "denominator"')
