"""The numeric proof: data that respect what is declared, the gradient along the constraints, and the second derivative there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from matcalc.checking.evaluate import evaluate
from matcalc.expr import Dim, Expr, postorder, variable
from matcalc.expr.properties import draws, minimal
from matcalc.reading import read

# Of what nothing is declared of: also in (0, 1), numbers below zero beside it, all psd, all nsd, tiny beside what is declared, huge.
STYLES = ("normal", "unit", "below", "plus", "minus", "large", "tiny", "huge")
SCALES = {"tiny": 0.02, "huge": 8.0}
ATTEMPTS = 64
SIZES = (2, 3, 4, 5, 6, 7, 8)
LARGE = 1e7


class Deal:
    """Values for the data and sizes for the names of sizes."""

    def __init__(self, style: str, sizes: dict[str, int], values: Mapping[str, Any]) -> None:
        self.style, self.sizes, self.values = style, sizes, values
        self.good = False  # a formula had a value here

    def at(self, e: Expr, more: Mapping[str, Any] | None = None) -> Any:
        import numpy as np

        try:
            with np.errstate(all="ignore"):
                return np.asarray(evaluate(e, **self.sizes, **self.values, **(more or {})), dtype=float)
        except (np.linalg.LinAlgError, ZeroDivisionError, ValueError, FloatingPointError):
            return np.full((1,), np.nan)


def size_names(*roots: Expr) -> list[str]:
    """The names of sizes in the expressions."""
    found: dict[str, None] = {}
    for e in postorder(*roots):
        for d in (*e.shape, *(e.data if isinstance(e.data, tuple) else (e.data,))):
            if isinstance(d, Dim):
                found.update(dict.fromkeys(d.symbols))
    return sorted(found)


def deals(given: Sequence[Expr], roots: Sequence[Expr], fits: Any, seed: int) -> Iterator[Deal]:
    """Hard data, with sizes that `fits` allows; sizes that were found good come again, so that few attempts are lost."""
    import numpy as np

    rng = np.random.default_rng(seed)
    names = size_names(*roots, *given)
    good: list[dict[str, int]] = []
    last: Deal | None = None
    for attempt in range(ATTEMPTS):
        if last is not None and last.good and last.sizes not in good:
            good.append(last.sizes)
        again = len(good) >= 3 or good and attempt % 2
        sizes = good[int(rng.integers(len(good)))] if again else _sizes(names, fits, rng)
        if sizes is None:
            return
        style = STYLES[attempt % len(STYLES)]
        last = Deal(style, sizes, {v.data[0]: _drawn(v, style, sizes, rng) for v in given})
        yield last


def _sizes(names: Sequence[str], fits: Any, rng: Any) -> dict[str, int] | None:
    """Sizes that differ, small ones more often than large ones."""
    for attempt in range(300):
        pool = SIZES[: max(len(names) + (len(names) > 1) + attempt % 4, 2)]
        chosen = rng.permutation(pool)[: len(names)] if len(names) <= len(pool) else rng.choice(pool, len(names))
        sizes = {n: int(k) for n, k in zip(names, chosen, strict=True)}
        if fits(sizes):
            return sizes
    return None


def _drawn(v: Expr, style: str, sizes: Mapping[str, int], rng: Any) -> Any:
    import numpy as np

    rows, columns = (k if isinstance(k, int) else _size(k, sizes) for k in v.shape)
    said = set(v.data[1])
    if v.is_scalar:
        if said & {"positive", "nonnegative"}:
            return float(rng.uniform(4.0, 9.0) if style == "large" else rng.uniform(0.3, 2.5))
        value = float(rng.uniform(0.1, 0.9) if style in ("unit", "plus") else SCALES.get(style, 1.0) * rng.normal())
        return -abs(value) if style in ("minus", "below") else value
    square = rows == columns and v.shape[0] == v.shape[1] and not v.is_scalar
    if not said and square or minimal(said) in (("symmetric",), ("invertible",)):
        if style in ("plus", "minus"):
            a = rng.normal(size=(rows, rows))
            return (1 if style == "plus" else -1) * (a @ a.T + np.eye(rows) / 2)
    if not said or minimal(said) == ("invertible",):
        shape = (rows,) if v.shape[1] == 1 else (rows, columns)
        scale = SCALES.get(style, 1.0)
        return rng.uniform(0.1, 0.9, size=shape) if style in ("unit", "below") else scale * rng.normal(size=shape)
    recipes = draws(minimal(said))
    text = recipes[int(rng.integers(len(recipes)))]
    return _by_recipe(text, v, rows, columns, rng)


def _size(d: Dim, sizes: Mapping[str, int]) -> int:
    from matcalc.expr.dims import replace

    made = replace(d, dict(sizes))
    assert isinstance(made, int)
    return made


def _by_recipe(text: str, v: Expr, rows: int, columns: int, rng: Any) -> Any:
    import numpy as np

    recipe, letters = _recipe(text, v.shape[1] == 1, v.shape[0] == v.shape[1])
    n = rows
    k = max(1, n - 1)
    q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    skew = np.zeros((n, n))
    for i in range(0, n - 1, 2):
        skew[i, i + 1], skew[i + 1, i] = 1, -1
    zeros = rng.integers(0, 2, n).astype(float)
    shape = (rows,) if v.shape[1] == 1 else (rows, columns)
    made = {
        "G": rng.normal(size=shape), "P": rng.uniform(0.3, 2, size=shape), "M": rng.integers(0, 2, size=shape).astype(float),
        "A": rng.normal(size=(n, n)), "B": rng.normal(size=(n, k)), "a": rng.normal(size=n), "b": rng.normal(size=n),
        "p": rng.uniform(0.3, 2, n), "c": rng.uniform(0.3, 2, n) * zeros, "s": zeros, "d": rng.choice([-1.0, 1.0], n),
        "E": q, "R": np.eye(n)[rng.permutation(n)], "J": skew,
    }  # fmt: skip
    return evaluate(recipe, n=n, m=rows, **({"k": k} if "B" in letters else {}), **{name: made[name] for name in letters})


@lru_cache(maxsize=256)
def _recipe(text: str, vector: bool, square: bool) -> tuple[Expr, tuple[str, ...]]:
    from matcalc.expr import symbol, variables

    n, k, m = symbol("n"), symbol("k"), symbol("m")
    of_it = (n, 1) if vector else (n, n) if square else (m, n)
    shapes = {"B": (n, k), **dict.fromkeys("GPM", of_it), **dict.fromkeys("abcpds", (n, 1)), **dict.fromkeys("AERJ", (n, n))}
    names = {name: variable(name, shape) for name, shape in shapes.items()}
    e = read(text, names=names).expr
    return e, tuple(v.data[0] for v in variables(e))


def usable(e: Expr, deal: Deal) -> bool:
    """Whether a matrix is far from singular at the deal, a number from zero."""
    import numpy as np

    value = np.atleast_2d(deal.at(e))
    if not np.all(np.isfinite(value)):
        return False
    if value.shape[0] != value.shape[1]:
        return True
    return bool(np.linalg.cond(value) < LARGE)


def shaped(e: Expr, value: Any) -> Any:
    """An array as the argument of a program in place of the variable `e`."""
    import numpy as np

    return float(np.ravel(value)[0]) if e.is_scalar else np.asarray(value)


def steps_around(x: Expr, at: Any) -> list[Any]:
    """An orthonormal basis of the directions in which the variable may move."""
    import numpy as np

    from matcalc.api.tangents import projected

    count = int(np.size(at))
    eye = np.eye(count).reshape((count, *np.shape(at)))
    if x.is_scalar or not set(x.data[1]) & {"symmetric", "skew", "diagonal", "lower", "upper"}:
        return list(eye)
    w = variable("W·", x.shape)
    formula = projected(w, x)[0]
    moved = np.array([np.ravel(evaluate(formula, W·=e)) for e in eye])
    _, s, v = np.linalg.svd(moved)
    return [row.reshape(np.shape(at)) for row in v[: int((s > 1e-9).sum())]]
