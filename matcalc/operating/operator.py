"""The operator itself: a SciPy LinearOperator on a structured linear map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from matcalc.errors import ShapeError
from matcalc.expr import Expr
from matcalc.operating import maps, solutions  # noqa: F401  the rules by which maps are solved
from matcalc.operating.maps import Array, Map
from matcalc.operating.structure import plan
from matcalc.programs.program import compile_program, program


class Operator(LinearOperator):  # type: ignore[misc]
    """A derivative at a point."""

    def __init__(self, linear: Map, dtype: Any) -> None:
        self._map = linear
        super().__init__(dtype, linear.shape)

    def _matvec(self, x: Array) -> Array:
        return self._times(self._map, x)

    def _rmatvec(self, y: Array) -> Array:
        if self.dtype.kind != "c" and not np.iscomplexobj(y):
            return self._times(self._map.turned, y)
        return self._times(self._map.turned, np.conj(y)).conj()

    _matmat, _rmatmat = _matvec, _rmatvec

    def _times(self, m: Map, x: Array) -> Array:
        x = x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x
        out = np.asarray(maps.times(m, x))
        return out.copy() if np.may_share_memory(out, x) else out

    def _transpose(self) -> Operator:
        return self if self._map.symmetric else Operator(self._map.turned, self.dtype)

    def _adjoint(self) -> Any:
        return self._transpose() if self.dtype.kind != "c" else super()._adjoint()

    def dense(self) -> Array:
        """The array."""
        out = maps.array(self._map)
        return np.array(out) if self._map.kind == "dense" else np.asarray(out)

    def solve(self, b: Any) -> Array:
        """The x with H x = b, for a vector b or for each column of a matrix; what is factorised for it is kept.

        Raises ShapeError where b does not fit or H is not square, numpy.linalg.LinAlgError where H is singular.
        """
        rows, columns = self.shape
        if rows != columns:
            raise ShapeError(f"a matrix {self.shape} is not square", hint="scipy.sparse.linalg.lsmr solves least squares with an operator")
        b = np.asarray(b)
        if b.ndim not in (1, 2) or len(b) != rows:
            raise ShapeError(f"the right side has the shape {b.shape}, not ({rows},) or ({rows}, k)")
        b = b.astype(np.result_type(b, np.float32 if self.dtype == np.float32 else self.dtype), copy=False)
        out = np.asarray(self._map.solve(b))
        return out.copy() if np.may_share_memory(out, b) else out


def factory(e: Expr, given: Sequence[Expr], symmetric: bool) -> Callable[..., Operator]:
    """A function of the variables of `e` and `given` that returns the operator at their values.

    Programs are made once, when they are first needed.
    """
    parts = plan(e)
    made: dict[str, Callable[..., Any]] = {}

    def run(name: str, results: Mapping[str, Expr], values: Mapping[str, Any]) -> Any:
        if name not in made:

            def source(sizes: Mapping[str, int] | None = None) -> str:
                return program(results, arguments=[*given, e], name=name, sizes=sizes)

            made[name] = compile_program(source(), name, [*given, e], for_sizes=source)
        return made[name](**values)

    def at(**values: Any) -> Operator:
        point = {name: _value(v) for name, v in values.items()}
        found = run("operator", {f"part{i}": p for i, p in enumerate(parts.parts)}, point) if parts.parts else ()
        arrays = found if len(parts.parts) > 1 else (found,)
        ordinary = all(callable(v) or isinstance(v, (np.ndarray, int, float, complex)) for v in point.values())
        linear = parts.at(arrays, symmetric, (lambda: run("dense", {"dense": e}, point)) if ordinary else None)
        return Operator(linear, _dtype(arrays))

    return at


def _value(v: Any) -> Any:
    """Arrays as they are, lists as arrays, numbers as Python's, which leave arrays in their precision."""
    if callable(v) or hasattr(v, "dask"):
        return v
    if hasattr(v, "tocsr"):
        from scipy.sparse import csr_array

        return csr_array(v)
    v = np.asarray(v)
    return v if v.ndim else v.item()


def _dtype(arrays: Sequence[Array]) -> Any:
    kinds = [a.dtype for a in arrays if a.ndim]
    found = np.result_type(*kinds) if kinds else np.dtype(float)
    return found if found.kind in "fc" else np.dtype(float)
