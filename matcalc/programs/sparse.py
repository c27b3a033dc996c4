"""Sparse matrices, and arrays in chunks, as arguments of NumPy programs: products with them, scaled rows, sums over them.

They run with the same source in which functions are replaced: for SciPy's sparse arrays by those in `SPARSE`, and what has no row
there is refused, never computed on objects; for arrays in chunks (dask's) by those in `CHUNKED`, all else is theirs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from types import CodeType, ModuleType
from typing import Any

from matcalc.errors import UnsupportedError

Array = Any
WORKS = "products, sums and scaled rows or columns of sparse matrices work, and operators of derivatives; for all else pass .toarray()"
REFUSED = (TypeError, ValueError, IndexError, AttributeError, NotImplementedError)


def taking_sparse(function: Callable[..., Any], code: CodeType, ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled from `code`, which takes sparse matrices and arrays in chunks too; it wraps the one for ordinary arrays."""
    out = _choosing(function, cache(lambda: _scope(code)[function.__name__]))
    out.__wrapped__ = ordinary  # type: ignore[attr-defined]
    return out


def _choosing(function: Callable[..., Any], other: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """`function`, but for sparse arguments and those in chunks `other()`; of a factory, also what it returns."""

    @wraps(function)
    def called(*args: Any, **values: Any) -> Any:
        sparse: list[str | int] = [i for i, v in enumerate(args) if _is_sparse(v)]
        sparse += [name for name, v in values.items() if _is_sparse(v)]
        if sparse:
            made = _on_sparse(other(), sparse[0], [*map(_elementwise, args)], {n: _elementwise(v) for n, v in values.items()})
        elif any(map(is_chunked, (*args, *values.values()))):
            made = other()(*args, **values)
        else:
            made = function(*args, **values)
            return _choosing(made, cache(lambda: other()(*args, **values))) if callable(made) else made
        return _choosing(made, lambda: made) if callable(made) else made

    return called


def _on_sparse(function: Callable[..., Any], name: str | int, args: Sequence[Any], values: Mapping[str, Any]) -> Any:
    subject = f"with a sparse {name}" if isinstance(name, str) else "with a sparse matrix"
    try:
        made = function(*args, **values)
    except REFUSED as error:
        raise UnsupportedError(f"{subject}: {error}", hint=WORKS) from error
    if any(getattr(getattr(r, "dtype", None), "kind", "") == "O" for r in (made if isinstance(made, tuple) else (made,))):
        raise UnsupportedError(f"{subject}: a result is no array of numbers", hint=WORKS)
    return made


def _is_sparse(v: Any) -> bool:
    return hasattr(v, "tocsr")


def is_chunked(v: Any) -> bool:
    """Whether data lie in chunks that are not brought together: an array of dask."""
    return hasattr(v, "dask")


def _elementwise(v: Any) -> Any:
    """A sparse matrix as an array by rows or by columns, whose * is elementwise; all else as it is."""
    if not _is_sparse(v):
        return v
    from scipy.sparse import csc_array, csr_array

    return csc_array(v) if v.format == "csc" else csr_array(v)


# --- the same program on sparse arrays ----------------------------------------------------------------------------


def _scope(code: CodeType) -> dict[str, Any]:
    """The names of a program, with its libraries and routines replaced by those for sparse matrices."""
    scope: dict[str, Any] = {"__name__": "matcalc.program"}
    exec(code, scope)
    for name, value in scope.items():
        if isinstance(value, ModuleType):
            scope[name] = _Library(value)
        elif name in SPARSE or name in CHUNKED:
            scope[name] = _either(value, SPARSE.get(name), CHUNKED.get(name, value))
    return scope


class _Library:
    """A module whose functions take sparse matrices where `SPARSE` has them, and refuse them elsewhere."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            found = _Library(found)
        elif callable(found) and not isinstance(found, type):
            found = _either(found, SPARSE.get(name) or (_own_method(name) if name in METHODS else None), CHUNKED.get(name, found))
        setattr(self, name, found)
        return found


def _either(function: Callable[..., Any], of_sparse: Callable[..., Any] | None, of_chunked: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **options: Any) -> Any:
        if any(map(is_chunked, args)):
            return of_chunked(*args, **options)
        if not any(map(_is_sparse, args)):
            return function(*args, **options)
        if of_sparse is None:
            raise TypeError(f"a step of the program, {getattr(function, '__name__', 'a function')}, fills a whole array")
        return of_sparse(*args, **options)

    return called


# Functions with f(0) = 0, that sparse arrays have as methods.
METHODS = frozenset("sqrt sign sin tan tanh sinh arcsin arctan arcsinh arctanh expm1 log1p".split())


def _own_method(name: str) -> Callable[..., Any]:
    return lambda x, **_: getattr(x, name)()


def _vdot(a: Array, b: Array) -> Any:
    return (a * b if _is_sparse(a) else b * a).sum()


def _plus_diagonal(x: Array, d: Array) -> Array:
    import numpy as np
    from scipy.sparse import diags_array

    return (x + diags_array(np.broadcast_to(d, x.shape[:1]))).tocsr()


def _blocks(x: Array, w: Array, y: Array) -> Array:
    """The array of the blocks x' Diag(w[:, a, b]) y."""
    import numpy as np

    blocks = [[(x.T * w[:, a, b]) @ y for b in range(w.shape[2])] for a in range(w.shape[1])]
    return np.block([[b.toarray() if _is_sparse(b) else b for b in row] for row in blocks])


def _block_diagonal(x: Array, w: Array, y: Array) -> Array:
    from scipy.sparse import block_diag

    return block_diag([(x.T * w[:, a]) @ y for a in range(w.shape[1])], format="csr")


def _of_blocks(a: Array, n: int, outer: bool = False) -> Array:
    from scipy.sparse import eye_array, kron

    return kron(eye_array(n), a, format="csr") if outer else kron(a, eye_array(n), format="csr")


def khatri_rao(a: Array, b: Array | None) -> Array:
    """The columns a_j ⊗ b_j as a sparse array, each entry of a_j beside each of b_j; those of I where b is None."""
    import numpy as np
    from scipy.sparse import coo_array, csc_array, eye_array

    p, n = a.shape
    a, b = coo_array(a), csc_array(eye_array(n) if b is None else b)
    beside = np.diff(b.indptr)[a.col]
    place = np.arange(beside.sum()) + np.repeat(b.indptr[a.col] - np.cumsum(beside) + beside, beside)
    row, column, value = (np.repeat(x, beside) for x in (a.row.astype(np.int64), a.col, a.data))
    rows = row * b.shape[0] + b.indices[place]
    return coo_array((value * b.data[place], (rows, column)), shape=(p * b.shape[0], n)).tocsr()


def _uncompressed(x: Array) -> tuple[Array, Array]:
    """I x for Q R, whose factors would be dense."""
    from scipy.sparse import eye_array

    return eye_array(x.shape[0], format="csr"), x


SPARSE: dict[str, Callable[..., Any]] = {
    "qr": _uncompressed,
    "vdot": _vdot,
    "einsum": lambda spec, a, b: (a * b if _is_sparse(a) else b * a).sum(axis=int(spec.endswith("i"))),
    "abs": abs,
    "square": lambda x: x * x,
    "diagonal": lambda x: x.diagonal(),
    "ascontiguousarray": lambda x: x,
    "asfortranarray": lambda x: x,
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "_into": lambda function, x, y, _: function(x, y),
    "_over": lambda function, x: function(x),
    "_plus_diagonal": _plus_diagonal,
    "_trace_of_product": lambda a, b: _vdot(a.T, b),
    "_gram": lambda x, w: _blocks(x, w, x),
    "_gram2": _blocks,
    "_block_diagonal_gram": _block_diagonal,
    "_gram_by_sign": lambda x, w: (x.T * w) @ x,
    "_of_blocks": _of_blocks,
    "_plus_blocks": lambda h, *blocks: h + _of_blocks(*blocks),
    "_khatri_rao": khatri_rao,
}  # fmt: skip


def _with_diagonal(x: Array, d: Array) -> Array:
    import numpy as np

    return x + np.asarray(d)[..., None] * np.eye(x.shape[-1], dtype=x.dtype)


def _chunked_block_diagonal(x: Array, w: Array, y: Array) -> Array:
    import numpy as np

    zero = np.zeros((x.shape[1], y.shape[1]))
    return np.block([[(x.T * w[:, a]) @ y if a == b else zero for b in range(w.shape[1])] for a in range(w.shape[1])])


def _chunked_solve(factor: Any, b: Array, trans: int = 0) -> Array:
    """The solution for each chunk of columns of b, which is as long as the matrix and no longer."""
    from matcalc.programs.routines.numpy import _solve

    return b.rechunk({0: -1}).map_blocks(lambda block: _solve(factor, block, trans), dtype=float)


def _chunked_exp(x: Array) -> Array:
    from matcalc.programs.routines.numpy import _finite_exp

    return x.map_blocks(_finite_exp)


CHUNKED: dict[str, Callable[..., Any]] = {
    "asfortranarray": lambda x: x,
    "_solve": _chunked_solve,
    "_over": lambda function, x: function(x),
    "_into": lambda function, x, y, out: function(x, y),
    "_finite_exp": _chunked_exp,
    "_plus_diagonal": _with_diagonal,
    "_gram": lambda x, w: _blocks(x, w, x),
    "_gram2": _blocks,
    "_gram_by_sign": lambda x, w: (x.T * w) @ x,
    "_block_diagonal_gram": _chunked_block_diagonal,
}
