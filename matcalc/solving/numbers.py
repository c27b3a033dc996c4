"""Data for the numeric proof, that respect what is declared, and the directions in which an unknown may move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from matcalc.api.tangents import projected
from matcalc.checking.evaluate import evaluate
from matcalc.checking.floats import as_float
from matcalc.checking.sampling import FIXED, PARTS, draw, kinds_of_labels, letter, recipe, size_names
from matcalc.expr import Dim, Expr, postorder, variable, variables
from matcalc.expr.dims import replace
from matcalc.expr.heads import SUM
from matcalc.expr.properties import draws, minimal

# Of what nothing is declared of: also in (0, 1), numbers below zero beside it, all psd, all nsd, above one, tiny beside what is declared.
STYLES = ("normal", "unit", "below", "plus", "minus", "large", "tiny", "huge")
SCALES = {"tiny": 0.02, "huge": 8.0}
ATTEMPTS = 64
SIZES = (2, 3, 4, 5, 6, 7, 8)
LARGE = 1e7
NOISE = 1e-11  # of the largest term, in a sum that cancels
REAL = 1e-9  # the imaginary part of a number that is real but for rounding


class Deal:
    """Values for the data and sizes for the names of sizes."""

    def __init__(self, style: str, sizes: dict[str, int], values: Mapping[str, Any]) -> None:
        self.style, self.sizes, self.values = style, sizes, values
        self.good = False  # a formula had a value here

    def at(self, e: Expr, more: Mapping[str, Any] | None = None) -> Any:
        import numpy as np

        try:
            with np.errstate(all="ignore"):
                found = np.asarray(evaluate(e, **self.sizes, **self.values, **(more or {})))
                return found if found.dtype.kind == "c" else found.astype(float)
        except (np.linalg.LinAlgError, ZeroDivisionError, ValueError, FloatingPointError):
            return np.full((1,), np.nan)


def concrete(n: Any, sizes: Mapping[str, int]) -> int:
    """A size as a number."""
    made = replace(n, dict(sizes)) if isinstance(n, Dim) else n
    assert isinstance(made, int)
    return made


def deals(given: Sequence[Expr], roots: Sequence[Expr], fits: Callable[[Mapping[str, int]], bool], seed: int) -> Iterator[Deal]:
    """Hard data, with sizes that `fits` allows; sizes that were found good come again, so that few attempts are lost."""
    import numpy as np

    rng = np.random.default_rng(seed)
    nodes = postorder(*roots, *given)
    names, kinds = size_names(nodes), kinds_of_labels(nodes)
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
        values = {v.data[0]: _labels(v, kinds[v], sizes, rng) if v in kinds else _drawn(v, style, sizes, rng) for v in given}
        last = Deal(style, sizes, values)
        yield last


def _sizes(names: Sequence[str], fits: Callable[[Mapping[str, int]], bool], rng: Any) -> dict[str, int] | None:
    """Sizes that differ, small ones more often than large ones."""
    for attempt in range(300):
        pool = SIZES[: max(len(names) + (len(names) > 1) + attempt % 4, 2)]
        chosen = rng.permutation(pool)[: len(names)] if len(names) <= len(pool) else rng.choice(pool, len(names))
        sizes = {n: int(k) for n, k in zip(names, chosen, strict=True)}
        if fits(sizes):
            return sizes
    return None


def _labels(v: Expr, kinds: Any, sizes: Mapping[str, int], rng: Any) -> Any:
    """Labels from 1 to the number of kinds."""
    return rng.integers(1, concrete(kinds, sizes) + 1, size=concrete(v.shape[0], sizes))


def _drawn(v: Expr, style: str, sizes: Mapping[str, int], rng: Any) -> Any:
    import numpy as np

    rows, columns = (concrete(k, sizes) for k in v.shape)
    said = set(v.data[1])
    if v.complex:
        return _complex(v, style, (rows, columns), rng)
    if v.is_scalar:
        if said & {"positive", "nonnegative"}:
            return float(rng.uniform(*{"large": (4.0, 9.0), "unit": (0.05, 0.45)}.get(style, (0.3, 2.5))))
        if style == "large":
            return float(rng.uniform(1.5, 6.0))
        value = float(rng.uniform(0.1, 0.9) if style in ("unit", "plus") else SCALES.get(style, 1.0) * rng.normal())
        return -abs(value) if style in ("minus", "below") else value
    shape = (rows,) if v.shape[1] == 1 else (rows, columns)
    plain = not said or minimal(said) == ("invertible",)
    if style in ("plus", "minus") and (plain and v.shape[0] == v.shape[1] or minimal(said) == ("symmetric",)):
        a = rng.normal(size=(rows, rows))
        return (1 if style == "plus" else -1) * (a @ a.T + np.eye(rows) / 2)
    if plain and style in ("unit", "below") or plain and style == "large" and len(shape) == 1:
        return rng.uniform(*(1.5, 6.0) if style == "large" else (0.1, 0.9), size=shape)
    if plain:
        return SCALES.get(style, 1.0) * rng.normal(size=shape)
    texts = draws(minimal(said))
    value = _by_recipe(texts[int(rng.integers(len(texts)))], (rows, columns), int(rng.integers(2**32))).reshape(shape)
    return value / 10 if style == "unit" and minimal(said) in (("positive",), ("nonnegative",)) else value


def _complex(v: Expr, style: str, shape: tuple[int, int], rng: Any) -> Any:
    import numpy as np

    said = frozenset(v.data[1])
    drawn = draw(shape, said, PARTS, int(rng.integers(4)), Random(int(rng.integers(2**32))))
    if drawn is None:
        return np.full(shape, np.nan)
    value = np.array([[as_float(x) for x in row] for row in drawn.value], complex)
    scale = SCALES.get(style, 1.0) if minimal(said) == ("complex",) else 1.0
    return shaped(v, scale * (value[:, 0] if v.shape[1] == 1 else value))


def _by_recipe(text: str, shape: tuple[int, int], seed: int) -> Any:
    """A value by a recipe of the table of properties, its letters of numbers of one size."""
    import numpy as np

    rng, numbers = Random(seed), np.random.default_rng(seed)
    rows, columns = shape
    made = recipe(text, "square" if rows == columns else "column" if columns == 1 else "any")
    sizes = {"m": rows, "n": columns if columns > 1 else rows, "k": max(1, min(rows, columns) - 1 if columns > 1 else rows - 1)}
    letters = {}
    for name in (v.data[0] for v in variables(made)):
        if name == "E":  # exactly orthogonal would take long
            letters[name] = np.linalg.qr(numbers.normal(size=(rows, rows)))[0]
            continue
        drawn = letter(name, shape, sizes, PARTS, rng)
        if drawn is None:  # there is none of this size
            return np.full(shape, np.nan)
        letters[name] = value = np.array(drawn, float)
        if name not in FIXED and name != "c":
            letters[name] = numbers.uniform(0.3, 2, value.shape) if name in "Pp" else numbers.normal(size=value.shape)
    return np.asarray(evaluate(made, **sizes, **letters))


def usable(e: Expr, deal: Deal) -> bool:
    """Whether a matrix is far from singular at the deal, a number from zero."""
    import numpy as np

    value = np.atleast_2d(deal.at(e))
    if not np.all(np.isfinite(value)):
        return False
    if e.op is SUM and np.abs(value).max() <= NOISE * max(float(np.abs(deal.at(t)).max()) for t in e.args):
        return False
    return value.shape[0] != value.shape[1] or bool(np.linalg.cond(value) < LARGE)


def shaped(e: Expr, value: Any) -> Any:
    """An array as the argument of a program in place of the variable `e`."""
    import numpy as np

    found = np.asarray(value)
    if found.dtype.kind == "c" and not e.complex:
        found = found.real if np.all(np.abs(found.imag) <= REAL * (1 + np.abs(found.real))) else np.full(found.shape, np.nan)
    return np.ravel(found)[0].item() if e.is_scalar else found


def steps_around(x: Expr, at: Any) -> list[Any]:
    """An orthonormal basis of the directions in which the variable may move."""
    import numpy as np

    count = int(np.size(at))
    eye = np.eye(count).reshape((count, *np.shape(at)))
    if x.complex:
        eye = np.concatenate([eye, 1j * eye])
    if x.is_scalar or not set(x.data[1]) & {"symmetric", "skew", "diagonal", "lower", "upper", "hermitian"}:
        return list(eye)
    w = variable("W·", x.shape, {"complex"} if x.complex else set())
    formula = projected(w, x)[0]
    moved = np.array([reals(evaluate(formula, W·=e), x) for e in eye])
    _, s, v = np.linalg.svd(moved)
    v = v[: int((s > 1e-9).sum())]
    return [row.reshape(np.shape(at)) for row in (v[:, :count] + 1j * v[:, count:] if x.complex else v)]


def reals(value: Any, like: Expr) -> Any:
    """The entries of a value as one real vector: where something is complex the real parts, then the imaginary ones."""
    import numpy as np

    flat = np.ravel(value)
    return np.concatenate([flat.real, flat.imag]) if like.complex else flat.real
