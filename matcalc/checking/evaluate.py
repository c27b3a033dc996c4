"""The value of an expression at given arrays, computed as naively as possible: the truth that programs are tested against.

Everything is a dense 2-D array, every operator means what it says; nothing is shared with the writing of programs but the
``numpy`` column of the operator table.

>>> from matcalc.expr import variable, symbol
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> evaluate(A @ x, A=[[1.0, 2.0]], x=[3.0, 4.0])
array([11.])
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from matcalc.errors import ShapeError, UnknownNameError, did_you_mean
from matcalc.expr import heads
from matcalc.expr.applying import signature
from matcalc.expr.dims import Size, replace
from matcalc.expr.heads import Number
from matcalc.expr.indices import dependent_on, opened_as, outer
from matcalc.expr.node import Expr, postorder
from matcalc.operators.columns import column

Array = Any  # a 2-D numpy array
PRIMES = ("", "_prime")


def evaluate(e: Expr, /, **values: Any) -> Any:
    """The value of `e`: a float, a 1-D array for a vector, else a 2-D array.

    Values are given by the names of variables, abstract functions (g, g_prime, g_prime2 …), indices and sizes; a size that a
    variable shows need not be given.  Complex values are allowed.
    Raises UnknownNameError for a value that is missing, ShapeError for one that does not fit.
    """
    import numpy as np

    point = _Point(values, [n for n in postorder(e) if n.op in (heads.VARIABLE, heads.FAMILY)])
    done: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        _walk(outer(e), point, done)
    out = done[e]
    if e.is_scalar:
        return out.item()
    return out[:, 0] if e.shape[1] == 1 else out


class Evaluator:
    """The values of expressions at one set of data, as some of their variables move: what does not depend on these is worked out once.

    >>> from matcalc.expr import variable, symbol
    >>> n = symbol("n")
    >>> A, x = variable("A", (n, n)), variable("x", (n, 1))
    >>> at = Evaluator([A @ A @ x], {"A": [[2.0]], "x": [1.0]}, moving=["x"])
    >>> at({"x": [3.0]})
    [array([[12.]])]
    """

    def __init__(self, roots: Iterable[Expr], values: Mapping[str, Any], moving: Iterable[str]) -> None:
        import numpy as np

        self.roots, self.moving = list(roots), set(moving)
        nodes = dict.fromkeys(n for r in self.roots for n in outer(r))
        self.variables = [n for n in postorder(*self.roots) if n.op in (heads.VARIABLE, heads.FAMILY)]
        self.point = _Point(values, self.variables)
        self.movers = [v for v in self.variables if v.data[0] in self.moving]
        moved: set[Expr] = set(self.movers)
        for n in postorder(*self.roots):
            if any(a in moved for a in n.args):
                moved.add(n)
        self.still: dict[Expr, Array] = {}
        self.order = [n for n in nodes if n in moved]
        with np.errstate(all="ignore"):
            _walk([n for n in nodes if n not in moved], self.point, self.still)

    def __call__(self, values: Mapping[str, Any]) -> list[Array]:
        """The values, each in two dimensions, with the moving variables at `values`."""
        import numpy as np

        self.point.values = {**self.point.values, **values}
        for v in self.movers:
            self.point.arrays[v] = self.point._array(v)
        done = dict(self.still)
        with np.errstate(all="ignore"):
            _walk(self.order, self.point, done)
        return [done[r] for r in self.roots]


def _walk(nodes: Iterable[Expr], point: _Point, done: MutableMapping[Expr, Array]) -> None:
    for n in nodes:
        if n not in done:
            done[n] = _summed(n, point, done) if n.op is heads.SIGMA else _value(n, [done[a] for a in n.args], point)


def _summed(e: Expr, point: _Point, done: MutableMapping[Expr, Array]) -> Array:
    """A sum, one index after the other: only what depends on the index is evaluated again."""
    import numpy as np

    index = f"{e.data[0]}·{len(point.opened)}"
    body = point.opened.setdefault(e, (index, opened_as(e, index)))[1]
    index = point.opened[e][0]
    moving = dependent_on(index, body)
    order = outer(body)
    _walk([n for n in order if n not in moving], point, done)
    total = np.zeros(tuple(map(point.size, e.shape)))
    for t in range(1, point.size(e.data[1]) + 1):
        point.at[index] = t
        here = ChainMap[Expr, Array]({}, done)
        _walk([n for n in order if n in moving], point, here)
        total = total + here[body]
    return total


class _Point:
    """The given values: arrays in two dimensions, and with leading axes for families; sizes bound by their shapes."""

    def __init__(self, values: Mapping[str, Any], variables: list[Expr]) -> None:
        self.values = values
        self.at: dict[str, int] = {}  # where the indices of sums are
        self.opened: dict[Expr, tuple[str, Expr]] = {}
        self.sizes: dict[str, int] = {}
        self.arrays = {v: self._array(v) for v in variables}
        for v in variables:  # first the plain symbols, then everything must agree
            for wanted, actual in zip(_axes(v), self.arrays[v].shape, strict=True):
                if not isinstance(wanted, int) and wanted.name:
                    self.sizes.setdefault(wanted.name, actual)
        for name, value in values.items():
            if isinstance(value, int) and not isinstance(value, bool):
                self.sizes.setdefault(name, value)
        for v in variables:
            if tuple(map(self.size, _axes(v))) != self.arrays[v].shape:
                declared, given = (", ".join(map(str, axes)) for axes in (_axes(v), self.arrays[v].shape))
                raise ShapeError(f"{v.data[0]} is ({declared}), but the value given is ({given})")

    def _array(self, v: Expr) -> Array:
        import numpy as np

        value = np.asarray(self.given(v.data[0]))
        if value.dtype.kind not in "fc":
            value = value.astype(float)
        if v.op is heads.FAMILY and value.ndim < len(_axes(v)):  # of columns
            value = value[..., None] if value.ndim == len(_axes(v)) - 1 else value[..., None, None]
        elif value.ndim < 2:
            value = value.reshape((1, -1) if v.shape[0] == 1 else (-1, 1))
        if value.ndim != len(_axes(v)):
            raise ShapeError(f"{v.data[0]} is given as an array with {value.ndim} axes")
        return value

    def given(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        raise UnknownNameError(f"no value for {name}", hint=did_you_mean(name, self.values))

    def size(self, n: Size) -> int:
        if isinstance(n, int):
            return n
        for s in n.symbols:
            if s not in self.sizes:
                raise UnknownNameError(f"no value for the size {s}")
        number = replace(n, dict(self.sizes))
        assert isinstance(number, int)
        return number


def _axes(v: Expr) -> tuple[Size, ...]:
    return (*v.data[2], *v.shape) if v.op is heads.FAMILY else v.shape


def _value(e: Expr, args: list[Array], point: _Point) -> Array:
    special = _HEADS.get(e.op.name)
    if special is not None:
        return special(e, args, point)
    if e.op.abstract is not None:
        name, order = e.op.abstract
        import numpy as np

        rows, columns = map(point.size, e.shape)
        return np.asarray(point.given(name + _prime(order))(*args)).reshape(rows, columns)
    return _row(e, args, point)


def _prime(order: int) -> str:
    return PRIMES[order] if order < 2 else f"_prime{order}"


def _number(value: Number) -> float:
    return float(value)


def _leaf(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    rows, columns = map(point.size, e.shape)
    if e.op is heads.VARIABLE or e.op is heads.FAMILY:
        return point.arrays[e]
    if e.op is heads.NUMBER:
        return np.full((1, 1), _number(e.data))
    if e.op is heads.SIZE:
        return np.full((1, 1), float(point.size(e.data)))
    if e.op is heads.UNIT:
        j = e.data[0]
        if not isinstance(j, int):
            j = point.at[j] if j in point.at else int(point.sizes[j] if j in point.sizes and j not in point.values else point.given(j))
        if not 1 <= j <= rows:
            raise ShapeError(f"the index {j} is outside of 1…{rows}")
        return np.eye(rows)[:, [j - 1]]
    if e.op is heads.IDENTITY:
        return np.eye(rows)
    if e.op is heads.SELECT:
        return np.eye(rows)[:, point.size(e.data[2]) :][:, :columns]
    if e.op.name == "commutation":
        m, n = map(point.size, e.data)
        out = np.zeros((m * n, m * n))
        for i in range(m):
            for k in range(n):
                out[i * n + k, k * m + i] = 1  # vec(A')[i n + k] = A[i, k] = vec(A)[k m + i]
        return out
    return np.full((rows, columns), 1.0 if e.op is heads.ONES else 0.0)


def _product(e: Expr, args: list[Array], point: _Point) -> Array:
    c, count = e.data
    out: Array = _number(c)
    for s in args[:count]:
        out = out * s
    chain = args[count:]
    if chain:
        whole = chain[0]
        for f in chain[1:]:
            whole = whole @ f
        out = out * whole
    return out


def _hadamard(e: Expr, args: list[Array], point: _Point) -> Array:
    out = args[0]
    for a in args[1:]:
        out = out * a
    return out


def _power(e: Expr, args: list[Array], point: _Point) -> Array:
    k = e.args[1]
    if k.op is heads.NUMBER:
        return args[0] ** (k.data if isinstance(k.data, int) else _number(k.data))
    return args[0] ** args[1].item()


def _matpower(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    return np.linalg.matrix_power(args[0], e.data)


def _member(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    out, *at = args
    for u in at:
        out = np.tensordot(u[:, 0], out, 1)
    return out


def _grid(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    columns = e.data[1]
    return np.block([args[i : i + columns] for i in range(0, len(args), columns)])


def _unit_imaginary(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    return np.full((1, 1), 1j)


def _kron(e: Expr, args: list[Array], point: _Point) -> Array:
    import numpy as np

    return np.kron(args[0], args[1])


_HEADS: dict[str, Callable[[Expr, list[Array], _Point], Array]] = {
    **dict.fromkeys(("number", "size", "variable", "family", "unit", "select", "ones", "zero", "identity", "commutation"), _leaf),
    "member": _member, "product": _product, "hadamard": _hadamard, "power": _power, "hpower": _power,
    "grid": _grid, "matpower": _matpower, "kron": _kron,
    "sum": lambda e, args, point: sum(_number(c) * a for c, a in zip(e.data, args, strict=True)),
    "transpose": lambda e, args, point: args[0].T,
    "unvec": lambda e, args, point: args[0].reshape(tuple(map(point.size, e.shape)), order="F"),
    "conj": lambda e, args, point: args[0].conj(),
    "i": _unit_imaginary,
}  # fmt: skip


def _row(e: Expr, args: list[Array], point: _Point) -> Array:
    """Any other row, by its numpy column: vectors of the signature as 1-D arrays, the result in two dimensions again."""
    import numpy as np

    op = e.op
    if op.signature and not op.elementwise:
        inputs, _ = signature(op.signature)
        args = [a[:, 0] if wanted[1] == 1 and wanted[0] != 1 else a for a, wanted in zip(args, inputs, strict=True)]
    rows, columns = map(point.size, e.shape)
    if op.name in ("sqrtm", "logm") and np.iscomplexobj(args[0]):  # their columns refuse what is not real
        import scipy.linalg as sla

        return np.asarray(getattr(sla, op.name)(args[0]))
    return np.asarray(column(op)(*args, rows=rows, columns=columns)).reshape(rows, columns)
