"""The data: what is needed, as arrays; and the sizes that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matcalc.errors import ShapeError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.expr import Dim, Expr, properties_of
from matcalc.expr.dims import replace, solved
from matcalc.programs.declared import shown_sizes
from matcalc.programs.given import axes_of, is_number
from matcalc.programs.sparse import is_chunked
from matcalc.reading.letters import one_name

Array = Any


def prepared(given: Mapping[str, Any], needed: Sequence[Expr]) -> dict[str, Array]:
    """The data under the names that the expressions use: lists as arrays, small and unsigned numbers as double precision.

    Raises UnknownNameError for what is missing.
    """
    known: dict[str, str] = {}
    out: dict[str, Array] = {}
    missing = []
    for v in needed:
        name = str(v.data[0])
        if name not in given and not known:
            known = {one_name(name): name for name in given}
        key = name if name in given else known.get(one_name(name))
        if key is None:
            missing.append(v)
        else:
            out[name] = _array(given[key])
    if missing:
        names = ", ".join(str(v.data[0]) for v in missing)
        shapes = ", ".join(f"{v.data[0]}: {_told(v)}" for v in missing)
        unused = [n for n in given if n not in out]
        hint = did_you_mean(str(missing[0].data[0]), unused) or f"expected {shapes}"
        raise UnknownNameError(f"no data for {names}", hint=hint)
    return out


def _array(value: Any) -> Array:
    if type(value) is float or type(value) is np.ndarray and value.dtype == np.float64 and value.ndim:
        return value
    if is_chunked(value):
        if any(n != n for n in value.shape):
            raise ShapeError("the chunks of an array do not say how many rows they have", hint="array.compute_chunk_sizes() counts them")
        return value
    if callable(value):
        return value
    if hasattr(value, "tocsr"):
        from scipy.sparse import csr_array

        return csr_array(value) if value.dtype.kind == "c" else csr_array(value).astype(float)
    if type(value).__module__.startswith("jax"):
        return value
    value = np.asarray(value)
    if value.dtype.kind in "bu" or value.dtype.kind == "f" and value.dtype != np.float64:
        value = value.astype(np.float64)
    if value.dtype.kind not in "fciu":
        raise UnsupportedError(f"data are arrays of numbers; this is an array of {value.dtype.name}")
    return value if value.ndim else value.item()


def sizes_of(data: Mapping[str, Array], needed: Sequence[Expr], given: Mapping[str, int]) -> dict[str, int]:
    """The sizes, by the shapes of the data and by what is `given`.  Raises ShapeError where they do not agree."""
    shapes = {str(v.data[0]): v for v in needed}
    values = {name: data[name] for name in shapes}
    sizes = shown_sizes(shapes, {str(n): int(k) for n, k in given.items()}, values)
    more = False
    for name, v in shapes.items():
        for n, k in zip(axes_of(v), getattr(values[name], "shape", ()), strict=False):
            unknown = sorted(n.symbols - sizes.keys()) if isinstance(n, Dim) else []
            found = solved(n, k, unknown[0], dict(sizes)) if len(unknown) == 1 and isinstance(n, Dim) else None
            if isinstance(found, int):
                sizes[unknown[0]], more = found, True
    return shown_sizes(shapes, sizes, values) if more else sizes


def with_start(sizes: dict[str, int], variables: Sequence[Expr], start: Mapping[str, Any]) -> dict[str, int]:
    """The sizes, with those that the start shows where data do not."""
    have = {name: np.asarray(start[name]) for v in variables if (name := str(v.data[0])) in start}
    found = [v for v in variables if np.ndim(have.get(str(v.data[0]), 0.0)) > 0]
    try:
        return sizes_of(have, found, sizes)
    except ShapeError:
        return sizes  # what is wrong with the start is said when it is looked at


def shape_of(v: Expr, sizes: Mapping[str, int]) -> tuple[int, int]:
    """The numbers of rows and columns of a variable.  Raises ShapeError where a size is not known."""
    rows, columns = (replace(n, dict(sizes)) for n in v.shape)
    if not isinstance(rows, int) or not isinstance(columns, int):
        unknown = sorted({s for n in (rows, columns) if isinstance(n, Dim) for s in n.symbols})
        said = f"sizes={{{', '.join(f'{s!r}: …' for s in unknown)}}}"
        raise ShapeError(f"the data do not say what {', '.join(unknown)} is, of {v.data[0]}: {_told(v)}", hint=f"give {said}, or a start")
    return rows, columns


def check_declared(data: Mapping[str, Array], needed: Sequence[Expr]) -> None:
    """Raises UnsupportedError for data that are not what they are declared to be: positive, nonnegative, symmetric, spd."""
    for v in needed:
        properties, value = properties_of(v), data[str(v.data[0])]
        if value.__class__ is float and value > 0 or callable(value) or is_chunked(value) or hasattr(value, "tocsr"):
            continue
        name, a = str(v.data[0]), np.asarray(value)
        if "hermitian" in properties and a.ndim == 2 and not np.abs(a - a.conj().T).max(initial=0) <= 1e-8 * np.abs(a).max(initial=0):
            raise UnsupportedError(f"{name} is declared hermitian, but the data are not")
        if "positive" in properties and not np.all(a > 0):
            raise UnsupportedError(f"{name} is declared positive, but the data are not")
        if "nonnegative" in properties and not np.all(a >= 0):
            raise UnsupportedError(f"{name} is declared nonnegative, but the data are not")
        if "symmetric" in properties and a.ndim == 2 and not _is_symmetric(a):
            raise UnsupportedError(f"{name} is declared symmetric, but the data are not")
        if {"spd", "hpd"} & set(properties) and a.ndim == 2 and "diagonal" not in properties:
            try:
                np.linalg.cholesky(a)
            except np.linalg.LinAlgError:
                raise UnsupportedError(
                    f"{name} is declared {'hpd' if 'hpd' in properties else 'spd'}, but the data are not positive definite"
                ) from None


def _is_symmetric(a: Array) -> bool:
    """Whether a square matrix is its transpose, but for rounding; of a small one its bytes say so faster."""
    if len(a) <= 32 and a.tobytes() == a.T.tobytes():
        return True
    return bool(np.abs(a - a.T).max(initial=0) <= 1e-8 * np.abs(a).max(initial=0))


def check_real(data: Mapping[str, Array], needed: Sequence[Expr]) -> None:
    """Raises UnsupportedError for complex data of what is not declared so."""
    for v in needed:
        if not v.complex and getattr(getattr(data[str(v.data[0])], "dtype", None), "kind", "") == "c":
            raise UnsupportedError(
                f"the data {v.data[0]} are complex, but {v.data[0]} is not declared so", hint=f"where: {v.data[0]}: … complex"
            )


def check_finite(data: Mapping[str, Array]) -> None:
    """Raises UnsupportedError for data with a NaN or an infinity."""
    for name, value in data.items():
        if callable(value) or is_chunked(value):
            continue
        entries = value.data if hasattr(value, "tocsr") else np.asarray(value)
        if not np.all(np.isfinite(entries)):
            raise UnsupportedError(f"the data {name} have an entry that is not finite (NaN or infinity)")


def _told(v: Expr) -> str:
    return "scalar" if is_number(v) else f"({', '.join(map(str, axes_of(v)))})"
