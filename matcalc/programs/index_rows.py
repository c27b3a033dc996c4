"""Operators of what depends on indices, on stacks of matrices: the rows and the columns are their last axes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

from matcalc.expr import NUMBER, Expr, Op, Shape, signature
from matcalc.expr.conjugate import conjugate
from matcalc.limits import LARGEST_POWER
from matcalc.programs import forms as F
from matcalc.programs.axes import Tensor
from matcalc.programs.axis_forms import DETS, FLATTENED, INVERSES, LOGDETS, UNFLATTENED, merged
from matcalc.programs.exponentials import LOG, exponential, largest_along, logarithm
from matcalc.programs.forms import Form
from matcalc.programs.indexed import Indexed
from matcalc.programs.joining import join, join_factor
from matcalc.programs.targets import template

TAKES_STACKS = ("triu", "tril", "expm")  # their templates do, in each library


def by_operator(ix: Indexed, e: Expr) -> Tensor:
    """The tensor of an expression, by its operator."""
    return (MADE.get(e.op.name) or (_elementwise if e.op.elementwise else _each))(ix, e)


def _elementwise(ix: Indexed, e: Expr) -> Tensor:
    t = ix.tensor(e.args[0])
    if e.op.abstract is None:
        return ix.mapped(F.SOFTPLUS if e.op.name == "softplus" else e.op, t)
    return Tensor(ix.arrays.call(F.MAPPED, ix.leaves.function(e.op), t.code, shape=t.code.shape, plain=False), t.axes)


def _added(ix: Indexed, e: Expr) -> Tensor:
    make, terms = ix.arrays, []
    for c, a in zip(e.data, e.args, strict=True):
        t = ix.tensor(a)
        terms.append(Tensor(make.multiply(make.number(c), t.code), t.axes))
    return ix.axes.added(terms)


def _power(ix: Indexed, e: Expr) -> Tensor:
    base, k = e.args
    if k.op is not NUMBER:
        return ix.axes.mapped(F.POWER, [ix.tensor(base), ix.tensor(k)])
    if base.op.name == "norm" and k.data == 2:
        return _square(ix, base.args[0])
    t = ix.tensor(base)
    return Tensor(ix.arrays.power(t.code, k.data), t.axes)


def _square(ix: Indexed, x: Expr) -> Tensor:
    """The sum of squares."""
    net = ix.network()
    for y in (conjugate(x), x):
        net.names.update(dict.fromkeys(ix.axes.ends(x.shape)))
        join_factor(ix, net, y, *ix.sides(x))
    made = net.solve(ix.needs(x))
    return Tensor(ix.arrays.real(made.code), made.axes)


def _conj(ix: Indexed, e: Expr) -> Tensor:
    t = ix.tensor(e.args[0])
    return Tensor(ix.arrays.conj(t.code), t.axes)


def _along_the_diagonal(ix: Indexed, e: Expr) -> Tensor:
    """The trace and the diagonal."""
    net, axis = ix.network(), ix.inner(e.args[0].shape[0]) if e.is_scalar else ix.axes.left(e.shape[0])
    join(ix, net, e.args[0], axis, axis)
    return net.solve(ix.kept(e))


def _stack(ix: Indexed, e: Expr) -> Tensor:
    """With its rows and its columns as the last axes."""
    t = ix.tensor(e)
    axes = (*(a for a in t.axes if a in ix.axes.ranks), *ix.axes.ends(e.shape))
    return Tensor(ix.axes.whole(t, axes), axes)


def _determinant(ix: Indexed, e: Expr) -> Tensor:
    t = _stack(ix, e.args[0])
    form = DETS if e.op.name == "det" else LOGDETS
    return Tensor(ix.arrays.call(form, t.code, shape=t.code.shape[:-2], plain=False), t.axes[:-2])


def _matrix_power(ix: Indexed, e: Expr) -> Tensor:
    t = _stack(ix, e.args[0])
    if e.data < 0:
        t = Tensor(ix.arrays.call(INVERSES, t.code, shape=t.code.shape), t.axes)
    if abs(e.data) > LARGEST_POWER:
        return Tensor(ix.arrays.call(F.MATRIX_POWER, t.code, ix.arrays.number(abs(e.data)), shape=t.code.shape), t.axes)
    net, (left, right) = ix.network(), ix.sides(e)
    between = [left, *(ix.inner(e.shape[0]) for _ in range(abs(e.data) - 1)), right]
    for one, next_ in pairwise(between):
        net.add(ix.along(t, e, one, next_))
    return net.solve(ix.kept(e))


def _softmax(ix: Indexed, e: Expr) -> Tensor:
    """logsumexp and softmax, with the largest entry taken out."""
    x = e.args[0]
    axis = ix.axes.right(x.shape[1]) if e.op.name.endswith("_rows") else ix.axes.left(x.shape[0])
    t = ix.tensor(x)
    t = Tensor(ix.axes.whole(t, ix.axes.ordered({*t.axes, axis})), ix.axes.ordered({*t.axes, axis}))
    top = largest_along(ix, t, axis)
    exps = exponential(ix, t, top)
    total = ix.axes.summed(exps, {axis})
    if e.op.name.startswith("softmax"):
        return ix.axes.divided(exps, total)
    found = ix.axes.added([ix.mapped(LOG, total), top])
    names = {axis: ix.axes.left(e.shape[0])} if e.op.name.endswith("_rows") else {}
    return found.renamed(names)


def _vec(ix: Indexed, e: Expr) -> Tensor:
    """The columns one below the other."""
    x = e.args[0]
    t = ix.tensor(x)
    batch = tuple(a for a in t.axes if a in ix.axes.ranks)
    code = ix.axes.whole(t, (*batch, *ix.axes.ends(x.shape)[::-1]))
    axes = (*batch, *ix.axes.ends(e.shape))
    return Tensor(code if 1 in x.shape else ix.arrays.call(FLATTENED, code, shape=ix.axes.shape(axes)), axes)


def _unvec(ix: Indexed, e: Expr) -> Tensor:
    t = _stack(ix, e.args[0])
    batch = tuple(a for a in t.axes if a in ix.axes.ranks)
    ends = ix.axes.ends(e.shape)
    if len(ends) < 2:
        return Tensor(t.code, (*batch, *ends))
    turned = (*batch, *ends[::-1])
    code = ix.arrays.call(UNFLATTENED, t.code, *map(ix.arrays.size, reversed(e.shape)), shape=ix.axes.shape(turned))
    return Tensor(ix.axes.permute(Tensor(code, turned), (*batch, *ends)), (*batch, *ends))


def _kron(ix: Indexed, e: Expr) -> Tensor:
    """Every entry times every entry: four axes, that become two."""
    (m, n), (p, q) = (a.shape for a in e.args)
    i, k, j, l = (ix.inner(size) for size in (m, p, n, q))
    left, right = (ix.along(_stack(ix, a), a, *ends) for a, ends in zip(e.args, ((i, j), (k, l)), strict=True))
    t = ix.axes.multiplied([left, right])
    axes = (*(a for a in t.axes if a in ix.axes.ranks), *ix.axes.ends(e.shape))
    code = ix.axes.whole(t, (*axes[: len(axes) - len(ix.axes.ends(e.shape))], *(a for a in (i, k, j, l) if a in t.axes)))
    if code.ndim > len(axes):
        sizes = [ix.arrays.size(s) for s in e.shape if s != 1]
        code = ix.arrays.call(merged(code.ndim - len(axes) + len(sizes), len(sizes)), code, *sizes, shape=ix.axes.shape(axes))
    return Tensor(code, axes)


def _each(ix: Indexed, e: Expr) -> Tensor:
    """A row of the table for each value of the indices: of its own if it takes stacks of matrices, by `vmap` if not."""
    if e.op.name in TAKES_STACKS:
        t = _stack(ix, e.args[0])
        return Tensor(ix.arrays.call(e.op, t.code, data=e.shape, shape=t.code.shape), t.axes)
    tensors = [_stack(ix, a) for a in e.args]
    batch = ix.axes.ordered(ix.needs(e))
    axes = (*batch, *ix.axes.ends(e.shape))
    levels = tuple(tuple(0 if a in t.axes else None for t in tensors) for a in batch)
    operands = [t.code for t in tensors]
    if e.op.abstract:
        form = _mapped_call(levels)
        operands.insert(0, ix.leaves.function(e.op))
    else:
        inputs, output = signature(e.op.signature)
        names = tuple(
            _taken(f"x{k}", a.shape) if wanted[1] != 1 else f"x{k}" for k, (a, wanted) in enumerate(zip(e.args, inputs, strict=True))
        )
        form = _mapped_row(e.op, levels, names, _given_back(e.shape) if output[1] != 1 else "")
    return Tensor(ix.arrays.call(form, *operands, data=e.shape, shape=ix.axes.shape(axes), plain=False), axes)


def _taken(name: str, shape: Shape) -> str:
    """A vector or a number as the matrix that a template takes."""
    rows, columns = shape
    if 1 not in shape:
        return name
    return f"{name}.reshape(1, 1)" if rows == columns else f"{name}[:, None]" if columns == 1 else f"{name}[None, :]"


def _given_back(shape: Shape) -> str:
    """The index that takes a vector or a number out of the matrix that a template makes."""
    rows, columns = shape
    return "" if 1 not in shape else "[0, 0]" if rows == columns else "[:, 0]" if columns == 1 else "[0]"


@cache
def _mapped_row(op: Op, levels: tuple[tuple[int | None, ...], ...], names: tuple[str, ...], then: str) -> Form:
    """The template of a row, called for each value of the indices."""
    count = len(names)
    texts = []
    for text in (template(op, target) if op.numpy else "" for target in ("numpy", "torch", "jax")):
        for k, name in enumerate(names):
            text = text.replace(f"{{{k}}}", name)
        given = ", ".join(f"x{k}" for k in range(count))
        texts.append(f"_each(lambda {given}: {text}{then}, {list(levels)}, {_places(count)})" if text else "")
    numpy, torch, jax = texts
    return Form(op.name, numpy, torch, jax, real=op.real)


@cache
def _mapped_call(levels: tuple[tuple[int | None, ...], ...]) -> Form:
    """A function that is given, called for each value of the indices."""
    count = len(levels[0])
    return Form("each", f"_each({{0}}, {list(levels)}, {_places(count, 1)})")


def _places(count: int, first: int = 0) -> str:
    return ", ".join(f"{{{k}}}" for k in range(first, first + count))


MADE: dict[str, Callable[[Indexed, Expr], Tensor]] = {
    "sum": _added, "power": _power, "hpower": _power, "matpower": _matrix_power,
    "norm": lambda ix, e: ix.mapped(F.SQRT, _square(ix, e.args[0])),
    "tr": _along_the_diagonal, "diagonal": _along_the_diagonal, "diag": Indexed.solved,
    "conj": _conj, "vec": _vec, "unvec": _unvec, "kron": _kron,
    "det": _determinant, "logdet": _determinant, "log": logarithm,
    **dict.fromkeys(("logsumexp", "softmax", "logsumexp_rows", "softmax_rows"), _softmax),
}  # fmt: skip
