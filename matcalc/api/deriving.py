"""The questions: gradient, Jacobian, Hessian, differential; and the way that each formula goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypedDict, Unpack, overload

from matcalc import calculus
from matcalc.api.answer import Index, Target
from matcalc.api.as_differentials import Differential, Differentials, differential_of, placed
from matcalc.api.impossible import check_differentiable
from matcalc.api.methods import Derivative, Derivatives
from matcalc.api.of_complex import differential_complex, gradient_by, is_complex, jacobian_by, steepest_by
from matcalc.api.pairs import Pair, hessian_pair, pair_of
from matcalc.api.question import Question, in_notation, of_absent, question, read_free, without_hessian_of
from matcalc.api.riemannian import gradient_on, hessian_along, on_manifold, placed_at
from matcalc.api.tangents import acting, bound, freed, projected, structure
from matcalc.calculus import gradient
from matcalc.calculus.manifolds import Manifold
from matcalc.errors import MatcalcError, ParseError, ShapeError, UnsupportedError
from matcalc.expr import ONE, SUM, VARIABLE, Expr, identity, name_of, ones, product, properties_of, transpose, unit, variables
from matcalc.expr.conjugate import is_real
from matcalc.expr.heads import ONES
from matcalc.expr.language import item
from matcalc.expr.manner import Manner
from matcalc.expr.node import below, known_so_far, working
from matcalc.expr.products import split
from matcalc.expr.rebuild import released
from matcalc.limits import MOST_NUMBERS
from matcalc.operators import call
from matcalc.operators.complex_parts import real_part
from matcalc.simplification import rewritten, simplify
from matcalc.simplification.block_matrices import forms_of
from matcalc.simplification.signs import as_typed
from matcalc.writing.layout import tokens_of
from matcalc.writing.text import text

LAYOUTS = (None, "numerator", "denominator")
TURNS = {"grad": "numerator", "jacobian": "denominator", "hessian": "denominator", "wirtinger": ""}  # the layout that is not the default


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


# --- the way of a formula ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Formula:
    """A question that is read, as it is differentiated: the function `f` in variables whose entries are free."""

    asked: Question
    f: Expr
    free: Mapping[Expr, Expr]  # which variables of `f` stand for which declared ones
    order: str
    transposed: bool = False
    unconstrained: bool = False
    spaces: Mapping[Expr, Manifold] = field(default_factory=dict)  # the manifolds that variables lie on

    def moving(self, v: Expr) -> Expr:
        """The variable of `f` that stands for `v`."""
        return self.free.get(v, v)


@dataclass(frozen=True)
class Found:
    """A derivative that is found: by what, what there is to say of it, and what else an answer knows `about` it."""

    expr: Expr
    by: Expr
    index: Index | None = None
    remarks: tuple[str | None, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)


def _way(
    asked: Question, order: str, derive: Callable[[Formula], Iterable[Found]], text: Any, layout: str | None, unconstrained: bool,
    spaces: Mapping[Expr, Manifold] = MappingProxyType({}),
) -> Derivative | Derivatives:  # fmt: skip
    """The way of a formula that a person asked about: read → derive → simplify → write."""
    formula = _read(asked, order, text, layout == TURNS[order], unconstrained, spaces)
    if order != "hessian" and not asked.manner.parted:  # a gradient that is derived again is short first; blocks are written anew
        known_so_far("typed").update(dict.fromkeys([n for n in below(formula.f) if n.op is SUM]))
    found = derive(formula)
    simple = [replace(d, expr=as_typed(bound(simplify(d.expr), formula.free), asked.expr)) for d in found]
    answers = [_written(formula, d) for d in simple]
    return answers[0] if asked.single else Derivatives(answers if len(answers) == 1 else (replace(d, beside=True) for d in answers))


def _read(
    asked: Question, order: str, text: Any, transposed: bool, unconstrained: bool, spaces: Mapping[Expr, Manifold] = MappingProxyType({})
) -> Formula:
    """The function of the question, in variables whose entries are free; with notes that are true of these."""
    by = [v for v, _ in asked.targets]
    free = freed(by, entirely=unconstrained)
    scalar = order in ("grad", "hessian")
    f = read_free(text, asked.where, asked, free, scalar=scalar) if unconstrained else released(asked.expr, free)
    check_differentiable(f, [free.get(v, v) for v in by])
    if asked.notes:
        occurring = variables(f)  # what cancels where it is symmetric may not where it is free
        false = {of_absent(name_of(v)) for v in by if free.get(v, v) in occurring}
        asked = replace(asked, notes=tuple(n for n in asked.notes if n not in false))
    return Formula(asked, f, free, order, transposed, unconstrained, spaces)


def _written(formula: Formula, found: Found) -> Derivative:
    """The answer as data, in the layout that was asked for, and in the parts its author writes in."""
    asked, answer = formula.asked, found.expr
    if asked.manner.parted:
        answer = _in_parts(answer, asked.manner)
    flip = formula.transposed and not (formula.order == "grad" and answer.is_scalar)
    shown = transpose(answer) if flip else answer
    known = {
        "given": asked.where, "symbols": asked.symbols, "remarks": (*asked.notes, *filter(None, found.remarks)), "manner": asked.manner,
        "transposed": flip, "spelling": asked.spelling, "read": formula.f, "free": formula.free, "over": asked.families.get(found.by, ()),
    }  # fmt: skip
    return Derivative(shown, asked.expr, found.by, found.index, formula.order, **{**known, **found.about})


def _in_parts(answer: Expr, manner: Manner) -> Expr:
    """The form of an answer in sub-blocks with least to read, stretches of the identity counted twice: they are zeros and a part."""

    def length(form: Expr) -> int:
        written = text(form, manner)
        return tokens_of(written) + 2 * written.count("eye(")

    return min(forms_of(answer), key=length)


# --- the questions -------------------------------------------------------------------------------------------------------


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
    text, asked = _of_scalar(expr, wrt, where, source, layout, "a gradient", "its derivative is the jacobian; or take sum(…)")
    if not manifold:
        return _way(asked, "grad", _gradients, text, layout, unconstrained)
    with placed_at(text):
        asked, spaces = on_manifold(asked, manifold, layout=layout, unconstrained=unconstrained)
        return _way(asked, "grad", _gradients_on, text, layout, unconstrained, spaces)


@_asking
def jacobian(
    expr: Any, wrt: Any = None, where: str = "", *, layout: str | None = None, unconstrained: bool = False, source: str = "auto"
) -> Derivative | Derivatives:
    """The Jacobian: ∂y_i/∂x_j of vectors, ∂vec(Y)/∂vec(X)' in general; by a scalar, of the shape of `expr`.

    `layout="denominator"` transposes it (Magnus & Neudecker, 5.15, is the numerator layout, which is taken without).
    Arguments and errors are those of `grad`; of a scalar it is the gradient.

    >>> jacobian("A*x", "x").text()
    'A'
    """
    _check_layout(layout)
    text = in_notation(expr, source)
    asked = question(text, wrt, where)
    if asked.expr.is_scalar:
        of_scalar: Derivative | Derivatives = grad(text, wrt, where, layout=layout, unconstrained=unconstrained)
        return of_scalar
    return _way(asked, "jacobian", _jacobians, text, layout, unconstrained)


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
    Applied to one direction, `along`, it is of the shape of the variable; on a `manifold` it is the Riemannian one, along a tangent
    vector (Absil, Mahony & Sepulchre, 5.5).

    Raises ShapeError where `expr` is no scalar.

    >>> hessian("x'*A*x", "x").text()
    "A + A'"
    >>> hessian("x'*A*y", "x,y").text()
    'A'
    >>> hessian("tr(S*S)", "S", where="S: (n, n) symmetric").text()
    '2*eye(n*n)'
    >>> hessian("tr(S*S)", "S", where="S: (n, n) symmetric", unconstrained=True).text()
    '2*commutation(n, n)'
    """
    bare = without_hessian_of(whole := in_notation(expr, source))
    text, asked = _of_scalar(bare, wrt, where, "auto", layout, "a Hessian", "its second derivative is no matrix")
    if asked.asks and bare is whole:
        message = "the text asks for a derivative already"
        raise ParseError(message, line=whole, start=0, end=len(whole), hint="a hessian is of the function itself")
    if manifold or along is not None:
        with placed_at(text):
            if along is None:
                raise ParseError("a Hessian on a manifold is applied to a tangent vector: name it", hint='along="V"')
            asked, spaces = on_manifold(asked, manifold, layout=layout, unconstrained=unconstrained)
            return _way(asked, "hessian", partial(_hessians_along, along=along), text, layout, unconstrained, spaces)
    if is_complex(asked.expr):
        pairs = [_hessian_complex(_read(asked, "hessian", text, layout == "denominator", unconstrained), t) for t in asked.targets]
        return pairs[0] if asked.single else tuple(pairs)  # type: ignore[return-value]
    if wrt is not None and len(asked.targets) == 2:
        return _way(replace(asked, single=True), "hessian", _mixed_hessian, text, layout, unconstrained)
    return _way(asked, "hessian", _hessians, text, layout, unconstrained)


def _of_scalar(expr: Any, wrt: Any, where: str, source: str, layout: str | None, what: str, hint: str) -> tuple[Any, Question]:
    """The text and the question, of a scalar.  Raises ShapeError for anything else."""
    _check_layout(layout)
    text = in_notation(expr, source)
    asked = question(text, wrt, where, scalar=True)
    if not asked.expr.is_scalar:
        rows, columns = asked.expr.shape
        for name in [s.name for s in asked.symbols.values() if s.inferred and s.kind == "matrix"][:MOST_NUMBERS]:
            with suppress(MatcalcError):
                made = question(text, wrt, f"{where}; {name}: scalar", scalar=True)
                if made.expr.is_scalar and [v.is_scalar for v, _ in made.targets] == [v.is_scalar for v, _ in asked.targets]:
                    hint += f"; where {name} is a number declare {name}: scalar"
                    break
        for b, x in _multiples(asked):
            hint += f"; or write {b}'*{x} for the number that a vector {b} and {x} make"
        raise ShapeError(f"{what} is of a scalar; this is ({rows}, {columns})", hint=f"{hint}\n  read as: {asked.read_as}")
    return text, asked


def _multiples(asked: Question) -> Iterator[tuple[str, str]]:
    """The b x that a number is added to, with a b that only fits as a number: x'A x + b x."""
    terms = [split(t) for t in asked.expr.args] if asked.expr.op is SUM else []
    for front, x in terms if any(x.op is ONES for _, x in terms) else ():
        for b in variables(front) if x.op is VARIABLE else ():
            if b.op is VARIABLE and (symbol := asked.symbols.get(name_of(b))) and symbol.inferred:
                yield name_of(b), name_of(x)


@_asking
def derivative(
    expr: Any, wrt: Any = None, where: str = "", *, layout: str | None = None, unconstrained: bool = False, source: str = "auto"
) -> Derivative | Derivatives:
    """The gradient of a scalar, the Jacobian of all else; arguments, layout and errors are theirs.

    What may be either as names are not declared is a scalar if the variable is an array then too: the y of log(1 + exp(-y*w'*x)) by w.

    >>> [derivative(f, "x").text() for f in ("x'*x", "A*x")]
    ['2*x', 'A']
    """
    expr = in_notation(expr, source)
    scalar = False
    with suppress(MatcalcError):  # which the jacobian raises
        scalar = question(expr, wrt, where).expr.is_scalar
    if not scalar:
        with suppress(MatcalcError):
            asked = question(expr, wrt, where, scalar=True)
            scalar = asked.expr.is_scalar and not any(v.is_scalar for v, _ in asked.targets)
    found: Derivative | Derivatives = (grad if scalar else jacobian)(expr, wrt, where, layout=layout, unconstrained=unconstrained)
    return found


@working
def wirtinger(expr: Any, wrt: Any = None, where: str = "", *, source: str = "auto") -> Pair | tuple[Pair, ...]:
    """The pair ∂f/∂z and ∂f/∂z*, of scalars, vectors and matrices: `.plain` and `.conj`, each a derivative like any other.

    df = tr(plain' dZ) + tr(conj' dZ*), or dy = plain·dz + conj·dz*.

    >>> w = wirtinger("z^H*A*z", "z", where="A: (n, n) complex; z: (n) complex")
    >>> w.plain.text(), w.conj.text()
    ("A'*conj(z)", 'A*z')
    """
    asked = question(text := in_notation(expr, source), wrt, where)
    out = []
    for v, index in asked.targets:
        _check_whole(v, index)
        formula = _read(replace(asked, targets=((v, None),)), "wirtinger", text, False, True)
        asked = replace(asked, notes=formula.asked.notes)
        out.append(Pair(*pair_of(formula.f, formula.moving(v), partial(_half, formula, v))))
    return out[0] if asked.single else tuple(out)


@working
def differential(expr: Any, wrt: Any = None, where: str = "", *, source: str = "auto") -> Differential | Differentials:
    """The differential dY = …; by several variables its parts, one for each, with their `total`.

    dY is of the shape of `expr`, dX of that of X (Magnus & Neudecker, 5).  Raises as `grad` does, but of any shape.

    >>> differential("A*X*B", "X").text()
    'dY = A*dX*B'
    """
    asked = question(in_notation(expr, source), wrt, where)
    if is_complex(asked.expr):
        for v, index in asked.targets:
            _check_whole(v, index)
        found = [differential_of(asked.expr, v, None, of_complex=differential_complex) for v, _ in asked.targets]
    else:
        made = [differential_of(asked.expr, v, index, whole=v in asked.families) for v, index in asked.targets]
        found = [replace(d, taken=tuple(asked.symbols), manner=asked.manner) for d in made]
    return found[0] if asked.single else Differentials(found)


# --- derived, by each variable -------------------------------------------------------------------------------------------


def _gradients(formula: Formula) -> Iterator[Found]:
    """The gradients, each in the linear space of its variable unless that is left out."""
    if is_complex(formula.f):
        yield from _gradients_complex(formula)
        return
    by = list(dict.fromkeys(v for v, _ in formula.asked.targets))
    raw = dict(zip(by, gradient(rewritten(formula.f), [formula.moving(v) for v in by]), strict=True))
    for v, index in formula.asked.targets:
        g, remark, onto = raw[v], None, ""
        if not formula.unconstrained:
            g, remark = _in_space(bound(g, formula.free), v, index, "differentiate by all of it, or take unconstrained=True")
            onto = "space"
        yield Found(g if index is None else item(g, index), v, index, (remark,), {"onto": onto})


def _in_space(g: Expr, v: Expr, index: Index | None, hint: str = "") -> tuple[Expr, str | None]:
    """The gradient in the linear space of its variable.  Raises UnsupportedError for a slice of one whose entries hang together."""
    inside, remark = projected(g, v)
    if index is not None and inside is not g:
        raise UnsupportedError(f"the entries of {name_of(v)} do not move alone, as it is declared {structure(v)}", hint=hint)
    return inside, remark


def _gradients_complex(formula: Formula) -> Iterator[Found]:
    """The gradients where something is complex: the steepest one of a real function, the derivative of a holomorphic one."""
    for v, index in formula.asked.targets:
        found, hermitian = gradient_by(formula.f, formula.moving(v)), "hermitian" in properties_of(v)
        g, remark = bound(found.expr, formula.free), None
        if not formula.unconstrained and (found.steepest or not hermitian):
            g, remark = _in_space(g, v, index)
        g = g if index is None else item(g, index)
        if found.steepest and not v.complex and not is_real(simple := simplify(g)):
            g = real_part(simple)
        remarks = (found.remark, None if hermitian else remark)
        yield Found(g, v, index, remarks, {"part": "steepest" if found.steepest else "holomorphic"})


def _gradients_on(formula: Formula) -> Iterator[Found]:
    """The gradients on the manifolds that the variables lie on."""
    f, free = formula.f, formula.free
    for v, row in formula.spaces.items():
        by = formula.moving(v)
        g = bound(steepest_by(f, by) if is_complex(f) else gradient(rewritten(f), [by])[0], free)
        expr, remark = gradient_on(row, formula.asked.expr, v, g if is_complex(f) else projected(g, v)[0])
        yield Found(expr, v, None, (remark,), {"onto": "manifold", "manifold": row})


def _jacobians(formula: Formula) -> Iterator[Found]:
    """The Jacobians; where something is complex, by what the function is holomorphic in."""
    of_complex, f = is_complex(formula.f), rewritten(formula.f)
    for v, index in formula.asked.targets:
        if of_complex:
            _check_whole(v, index)
            found, remark = jacobian_by(formula.f, formula.moving(v))
            yield Found(found, v, index, (remark,), {"part": "holomorphic"})
        else:
            remark = "" if formula.unconstrained else acting(v) or ""
            yield Found(_moved(f, (formula.moving(v), index)), v, index, (remark,))


def _hessians(formula: Formula) -> Iterator[Found]:
    """The Hessians, each by one variable."""
    for target in formula.asked.targets:
        yield _hessian(formula, target, target)


def _mixed_hessian(formula: Formula) -> Iterator[Found]:
    """The Jacobian by the second variable of the gradient by the first."""
    first, second = formula.asked.targets
    found, names = _hessian(formula, first, second), (first[0].data[0], second[0].data[0])
    remark = f"the mixed second derivative: rows by {names[0]}, columns by {names[1]}; the Hessian by one of them is asked for alone"
    yield replace(found, remarks=(*found.remarks, remark if names[0] != names[1] else None), about={"second": second})


def _hessian(formula: Formula, by: Target, then: Target) -> Found:
    (x, index), (y, last) = by, then
    g = simplify(gradient(rewritten(formula.f), [formula.moving(x)])[0])
    g = g if index is None else simplify(item(g, index))
    return Found(_moved(g, (formula.moving(y), last)), x, index, (None if formula.unconstrained else acting(y),))


def _hessians_along(formula: Formula, along: Any) -> Iterator[Found]:
    """The Hessians applied to a direction, on the manifolds that the variables lie on."""
    for v, _ in formula.asked.targets:
        row = formula.spaces.get(v)
        found = hessian_along(formula.asked, row, v, along, formula.free, formula.f)
        about = {"onto": "manifold", "manifold": row, "toward": found.toward, "symbols": found.symbols}
        yield Found(found.expr, v, None, (found.remark,), about)


def _hessian_complex(formula: Formula, target: Target) -> Any:
    """The pair of the gradient by a complex variable; by a real one, the Jacobian of its gradient."""
    v, index = target
    _check_whole(v, index)
    by = formula.moving(v)
    found = gradient_by(formula.f, by)
    if found.steepest and v.complex and "hermitian" not in properties_of(v):
        return hessian_pair(bound(found.expr, formula.free), v, partial(_half, formula, v))
    return _half(formula, v, jacobian_by(found.expr, by)[0], "holomorphic")


def _half(formula: Formula, v: Expr, e: Expr, part: str, *remarks: str) -> Derivative:
    """An answer where something is complex; `part` says what it is."""
    return _written(formula, Found(bound(e, formula.free), v, None, remarks, {"part": part}))


def _check_whole(v: Expr, index: Index | None) -> None:
    if index is not None:
        raise UnsupportedError("where something is complex, a derivative is by all of a variable", hint=f"differentiate by {name_of(v)}")


def _moved(y: Expr, by: Target) -> Expr:
    """∂vec(y)/∂vec(x)' by a variable or a slice of it: a row for a scalar `y`; by a scalar or one entry, of the shape of `y`."""
    x, index = by
    if (x if index is None else item(x, index)).is_scalar:
        return calculus.differential(y, {x: ONE if x.is_scalar else placed(ones(x.shape), index)})
    if y.is_scalar:
        row = calculus.gradient(y, [x])[0]
        return transpose(call("vec", row if index is None else item(row, index)))
    return product([calculus.jacobian(y, x), *_embedding(x, index)])


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


def _check_layout(layout: Any) -> None:
    if layout not in LAYOUTS:
        raise ParseError(f"unknown layout {layout!r:.40}", hint='there are "numerator" and "denominator"')
