"""Sparse matrices, and arrays in chunks, as arguments of NumPy programs: products with them, scaled rows, sums over them.

A program that only multiplies by its matrices, which is read in its source, takes them as it is.  Others run with the same source
in which functions are replaced: for SciPy's sparse arrays by those in `SPARSE`, and what has no row there is refused, never
computed on objects; for arrays in chunks (dask's) by those in `CHUNKED`, all else is theirs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, wraps
from types import CodeType, ModuleType
from typing import Any

from matcalc.errors import UnsupportedError

Array = Any
WORKS = "products, sums and scaled rows or columns of sparse matrices work; for all else pass .toarray()"
REFUSED = (TypeError, ValueError, IndexError, AttributeError, NotImplementedError)


def taking_sparse(function: Callable[..., Any], code: CodeType, source: str, dense: Collection[str]) -> Callable[..., Any]:
    """The function, which takes sparse matrices too; arguments called `dense` are vectors, numbers and functions.

    `code` is the compiled `source` that the function is from.
    """
    return _choosing(function, cache(lambda: _scope(code)[function.__name__]), cache(lambda: only_multiplies(source, dense)))


def _choosing(function: Callable[..., Any], other: Callable[[], Callable[..., Any]], simple: Callable[[], bool]) -> Callable[..., Any]:
    """`function`, but for arguments in chunks, and unless it is `simple` for sparse ones, `other()`; of a factory, also what it returns."""

    @wraps(function)
    def called(*args: Any, **values: Any) -> Any:
        given = (*args, *values.values())
        if not any(map(is_chunked, given)) and (not any(map(_is_sparse, given)) or simple()):
            made = function(*args, **values)
            return _choosing(made, cache(lambda: other()(*args, **values)), simple) if callable(made) else made
        sparse: list[str | int] = [i for i, v in enumerate(args) if _is_sparse(v)]
        sparse += [name for name, v in values.items() if _is_sparse(v)]
        if sparse:
            made = _on_sparse(other(), sparse[0], [*map(_elementwise, args)], {n: _elementwise(v) for n, v in values.items()})
        else:
            made = other()(*args, **values)
        return _choosing(made, lambda: made, lambda: False) if callable(made) else made

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
    """A sparse matrix as an array, whose * is elementwise as an array's; all else as it is."""
    if not _is_sparse(v):
        return v
    from scipy.sparse import csr_array

    return csr_array(v)


# --- reading a program ------------------------------------------------------------------------------------------


class _Mixed(Exception):
    """A matrix is more than multiplied."""


def only_multiplies(source: str, dense: Collection[str]) -> bool:
    """Whether a program does nothing with its arguments, but for those called `dense`, that sparse matrices do not do themselves.

    >>> only_multiplies("def f(A, x):\\n    return A.T @ (A @ x)", ["x"]), only_multiplies("def f(A, x):\\n    return A * x", ["x"])
    (True, False)
    """
    functions = [s for s in ast.parse(source).body if isinstance(s, ast.FunctionDef) and not s.name.startswith("_")]
    try:
        for f in functions:
            called = {c.func.id for c in ast.walk(f) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
            _read(f, {}, {*dense, *called})
    except _Mixed:
        return False
    return True


def _read(f: ast.FunctionDef, sparse: dict[str, frozenset[str]], dense: Collection[str]) -> None:
    """Follows which names may stand for sparse matrices: those of products of arguments, by which arguments these are."""
    sparse.update({a.arg: frozenset([a.arg]) for a in f.args.args if a.arg not in dense})
    for s in f.body:
        if isinstance(s, ast.FunctionDef):
            _read(s, sparse, dense)
        elif isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name):
            sparse[s.targets[0].id] = _of(s.value, sparse)
        elif isinstance(s, ast.Return) and isinstance(s.value, ast.Tuple):
            for result in s.value.elts:
                _of(result, sparse)
        else:
            for e in ast.iter_child_nodes(s):
                if isinstance(e, ast.expr) and _of(e, sparse) and not isinstance(s, ast.Return):
                    raise _Mixed


def _of(e: ast.AST, sparse: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The arguments all of which must be sparse for e to be; none where e is an array in any case."""
    none: frozenset[str] = frozenset()
    match e:
        case ast.Name(id=name):
            return sparse.get(name, none)
        case ast.Attribute(value=value, attr=attr):
            inner = _of(value, sparse)
            if inner and attr not in ("T", "shape", "dtype"):
                raise _Mixed
            return inner if attr == "T" else none
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _of(left, sparse), _of(right, sparse)
            if isinstance(op, ast.MatMult):
                return a | b if a and b else none
            if isinstance(op, ast.Add | ast.Sub) and a == b:
                return a
            if isinstance(op, ast.Mult | ast.Div) and isinstance(left if b else right, ast.Constant) and not (a and b):
                return a or b
            if a or b:
                raise _Mixed
            return none
        case ast.UnaryOp(operand=operand):
            return _of(operand, sparse)
    if any(_of(child, sparse) for child in ast.iter_child_nodes(e)):
        raise _Mixed
    return none


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
            raise TypeError(f"{getattr(function, '__name__', 'a function')} is not made for sparse matrices")
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


def _khatri_rao(x: Array, y: Array) -> Array:
    """The Kronecker products of their columns."""
    from scipy.sparse import csr_array, kron, vstack

    return kron(csr_array(x), [[1]] * y.shape[0], format="csr") * vstack([csr_array(y)] * x.shape[0], format="csr")


def _uncompressed(x: Array) -> tuple[Array, Array]:
    """I x for Q R, whose factors would be dense."""
    from scipy.sparse import eye_array

    return eye_array(x.shape[0], format="csr"), x


SPARSE: dict[str, Callable[..., Any]] = {
    "qr": _uncompressed,
    "vdot": _vdot,
    "abs": abs,
    "square": lambda x: x * x,
    "diagonal": lambda x: x.diagonal(),
    "ascontiguousarray": lambda x: x,
    "_over": lambda function, x: function(x),
    "_plus_diagonal": _plus_diagonal,
    "_trace_of_product": lambda a, b: _vdot(a.T, b),
    "_gram": lambda x, w: _blocks(x, w, x),
    "_gram2": _blocks,
    "_block_diagonal_gram": _block_diagonal,
    "_of_blocks": _of_blocks,
    "khatri_rao": _khatri_rao,
}


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
    "_solve": _chunked_solve,
    "_over": lambda function, x: function(x),
    "_into": lambda function, x, y, out: function(x, y),
    "_finite_exp": _chunked_exp,
    "_plus_diagonal": _with_diagonal,
    "_gram": lambda x, w: _blocks(x, w, x),
    "_gram2": _blocks,
    "_block_diagonal_gram": _chunked_block_diagonal,
    "khatri_rao": lambda x, y: (x[:, None] * y).reshape(-1, x.shape[1]),
}
