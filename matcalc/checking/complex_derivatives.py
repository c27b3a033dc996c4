"""Derivatives by complex variables against differences of the expression, along real and along imaginary directions.

Points are of floats; differences are of fourth order, so what agrees to seven digits is right, and what is not is off by far more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from matcalc import programs
from matcalc.checking.derivatives import Check
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, postorder, properties_of, variables
from matcalc.expr import heads as H
from matcalc.expr.dims import Dim, replace
from matcalc.expr.grids import total
from matcalc.expr.properties import DECLARABLE, closure, minimal
from matcalc.programs.given import indices_of
from matcalc.reading import read

METHOD = "differences in floats, along real and imaginary directions"
STEP, TOLERANCE, EQUAL = 1e-3, 1e-6, 1e-9
ROUGH = 1e-7  # difference of two differences, relative
SINGULAR = 1e9  # of a condition number; and of a derivative at a point: there it is none
POINTS, TRIES = 3, 24
LENGTHS = ((3, 2, 4), (2, 4, 3), (4, 3, 2), (1, 2, 3))
# What differences of members of a set are in, by what the set is declared to be.
DIRECTIONS = ("hermitian", "symmetric", "skew", "diagonal", "lower", "upper")


class Claim(NamedTuple):
    """That `answer` is the derivative of `of` by `by`: of a real function "steepest", else "holomorphic", "plain" or "conj"."""

    of: Expr
    answer: Expr
    by: Expr
    part: str
    entries: tuple[Any, ...] | None = None  # of a derivative by some entries: which, as in X[i,:]


def sized(roots: tuple[Expr, ...], lengths: tuple[int, ...]) -> dict[str, int]:
    """A length for each name of a size."""
    found = {
        s
        for e in postorder(*roots)
        for n in (*e.shape, *indices_of(e), e.data if e.op is H.SIZE else 1)
        if isinstance(n, Dim)
        for s in n.symbols
    }
    return {s: lengths[i % len(lengths)] for i, s in enumerate(sorted(found))}


def point(roots: tuple[Expr, ...], rng: Any, lengths: tuple[int, ...]) -> dict[str, Any]:
    """Values for all variables, indices and sizes of the expressions, by name."""
    import numpy as np

    sizes = sized(roots, lengths)
    out: dict[str, Any] = dict(sizes)
    for e in postorder(*roots):
        if e.op is H.UNIT and isinstance(e.data[0], str):
            out[e.data[0]] = 1
        if e.op is H.VARIABLE or e.op is H.FAMILY:
            rows, columns, *counts = (int(replace(n, sizes)) for n in (*e.shape, *indices_of(e)))  # type: ignore[arg-type]
            axes = [n for n, m in zip((rows, columns), e.shape, strict=True) if m != 1]
            made = [drawn(e, (rows, columns), rng).reshape(axes) for _ in range(prod(counts))]
            out[e.data[0]] = np.reshape(made, (*counts, *made[0].shape))
    return {name: np.asarray(v)[()] for name, v in out.items()}


def drawn(v: Expr, shape: tuple[int, int], rng: Any) -> Any:
    """A value of a variable: of the first draw of the most specific property that it is declared to have."""
    import numpy as np

    said = [p for p in minimal(properties_of(v)) if DECLARABLE[p].draw != ("G",)]
    real = "complex" not in closure(properties_of(v))

    def letters(rows: int, columns: int, scale: float = 1.0) -> Any:
        x = rng.standard_normal((rows, columns))
        return scale * (x if real else x + 1j * rng.standard_normal((rows, columns)))

    rows, columns = shape
    if not said:
        return letters(rows, columns)
    if "stiefel" in said:
        return np.linalg.qr(letters(rows, columns))[0]
    if "positive" in said or "nonnegative" in said:
        return np.exp(rng.standard_normal(shape) / 2)
    made = None
    for p in said:
        text = DECLARABLE[p].draw[0]
        given = {
            "A": letters(rows, rows),
            "a": letters(rows, 1)[:, 0],
            "b": letters(rows, 1)[:, 0],
            "B": letters(rows, rows),
            "G": letters(rows, columns),
            "p": np.exp(rng.standard_normal(rows)),
            "K": letters(rows, 1),
            "L": letters(columns, 1),
        }
        given |= {"E": np.linalg.qr(rng.standard_normal((rows, rows)))[0], "d": np.sign(rng.standard_normal(rows)), "n": rows}
        made = np.asarray(_recipe(text, real)(**given)) if made is None or p in DIRECTIONS else made
    assert made is not None
    return made.reshape(shape)


@lru_cache(maxsize=64)
def _recipe(text: str, real: bool) -> Any:
    of = "" if real else " complex"
    shapes = {"A": "n, n", "B": "n, n", "G": "m, l", "K": "m, q", "L": "l, q", "a": "n", "b": "n"}
    where = "; ".join([*(f"{name}: ({shape}){of}" for name, shape in shapes.items()), "E: (n, n); d: (n); p: (n) positive"])
    e = read(text, where).expr
    return compiled(e)


def compiled(e: Expr, *roots: Expr) -> Callable[..., Any]:
    """The NumPy program of an expression, which takes the variables of `roots` too."""
    made = programs.program.program({"value": e}, "numpy", arguments=roots, name="value")
    return programs.program.compile_program(made, "value", [e, *roots])


def direction(v: Expr, value: Any, rng: Any, imaginary: bool) -> Any:
    """A direction in which the variable may move, real or times i where it is complex."""
    import numpy as np

    kept = {p for p in closure(properties_of(v)) if p in DIRECTIONS}
    h = rng.standard_normal(np.shape(value))
    if v.complex:
        h = h * (1j if imaginary else 1)
    if np.ndim(h) == 2:
        if "diagonal" in kept:
            h = np.diag(np.diag(h))
        elif "lower" in kept or "upper" in kept:
            h = np.tril(h) if "lower" in kept else np.triu(h)
        if "symmetric" in kept or "skew" in kept:
            h = h + h.T if "symmetric" in kept else h - h.T
        if "hermitian" in kept:
            h = h + h.conj().T
    return h


def check_complex(claim: Claim, seed: int = 0) -> Check:
    """Whether an answer where something is complex agrees with differences, in all the directions there are."""
    import numpy as np

    of, answer, by, *_ = claim
    try:
        roots = (of, by, answer)
        inverted = [n.args[0] for n in postorder(of, answer) if n.op is H.MATPOWER and n.data < 0 or n.op.domain == "invertible"]
        bases = [e for e in inverted if not e.loose]
        singular = [compiled(e, *roots) for e in bases]
        run = {"value": compiled(of, *roots), "answer": compiled(answer, *roots)}
    except MatcalcError as error:
        return Check(False, float("nan"), 0, f"no program: {error.message}")
    worst, told = 0.0, 0
    for given, rng in points((of, by, answer), seed):
        with np.errstate(all="ignore"):
            try:
                if any(np.linalg.cond(np.atleast_2d(base(**given))) > SINGULAR for base in singular):
                    continue
                errors = [_error(claim, run, given, rng, i) for i in ((False, True) if by.complex else (False,))]
            except np.linalg.LinAlgError:
                continue
        if not np.isfinite(errors).all():
            continue
        told, worst = told + 1, max(worst, *errors)
        if told == POINTS or worst > TOLERANCE:
            break
    if not told:
        return Check(False, float("nan"), 0, "no point found where it is defined")
    return Check(worst <= TOLERANCE, worst, told, METHOD)


def agree(a: Expr, b: Expr, seed: int = 0) -> tuple[bool, float, int]:
    """Whether two expressions have one value at points of complex numbers: that, the largest relative difference, at how many points.

    >>> from matcalc.expr import variable
    >>> z = variable("z", (1, 1), {"complex"})
    >>> agree(z * z.H, z * z)[0]
    False
    """
    import numpy as np

    first, second = (compiled(e, a, b) for e in (a, b))
    worst, told = 0.0, 0
    for given, _ in points((a, b), seed):
        with np.errstate(all="ignore"):
            try:
                x, y = np.asarray(first(**given)), np.asarray(second(**given))
            except np.linalg.LinAlgError:
                continue
        if np.isfinite(x).all() and np.isfinite(y).all():
            size = max(1e-9, float(np.abs(x).max(initial=0)), float(np.abs(y).max(initial=0)))
            told, worst = told + 1, max(worst, float(np.abs(x - y).max(initial=0)) / size)
        if told == POINTS:
            break
    return told > 0 and worst <= EQUAL, worst, told


def value(e: Expr, given: Mapping[str, Any]) -> Any:
    """The value of an expression for values by name."""
    return compiled(e)(**given)


def check_pair(plain: Claim, conj: Claim, seed: int = 0) -> Check:
    """Both of a pair."""
    first, second = check_complex(plain, seed), check_complex(conj, seed)
    return Check(first.ok and second.ok, max(first.max_error, second.max_error), min(first.points, second.points), METHOD)


def points(roots: tuple[Expr, ...], seed: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Points with values for all that the expressions are of, and what drew each; not with sizes that cannot be."""
    import numpy as np

    tall = [v for v in variables(*roots) if any(DECLARABLE[p].shape == "tall" for p in properties_of(v))]
    for k in range(TRIES):
        rng, lengths = np.random.default_rng([seed, k]), LENGTHS[k % len(LENGTHS)]
        sizes = sized(roots, lengths)
        nodes = postorder(*roots)
        least = [(n, 1) for e in nodes for n in e.shape] + [
            (total((e.data[0], -1 * e.data[1], -1 * e.data[2])), 0) for e in nodes if e.op is H.SELECT
        ]
        if any((replace(n, sizes) if isinstance(n, Dim) else n) < m for n, m in least):  # type: ignore[operator]
            continue
        made = point(roots, rng, lengths)
        if all(np.ndim(x := made[v.data[0]]) < 2 or x.shape[0] >= x.shape[1] for v in tall):
            yield made, rng


def place_of(by: Expr, given: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
    """The name of the array that a variable is in, or a member of a family, and where it stands there."""
    if by.op is H.VARIABLE:
        return by.data[0], ()
    of, *at = by.args
    return of.data[0], tuple(int(given[u.data[0]] if isinstance(u.data[0], str) else u.data[0]) - 1 for u in at)


def moved(by: Expr, given: Mapping[str, Any], step: Any) -> dict[str, Any]:
    """The point with the variable elsewhere."""
    import numpy as np

    name, place = place_of(by, given)
    array = np.array(given[name], dtype=np.result_type(given[name], step))
    array[place] += step
    return {**given, name: array}


def _error(claim: Claim, run: Mapping[str, Any], given: Mapping[str, Any], rng: Any, imaginary: bool) -> float:
    """The relative error along one direction."""
    import numpy as np

    by, part = claim.by, claim.part
    name, place = place_of(by, given)
    here = given[name][place]

    def along(h: Any) -> Any:
        """The change of the value; nothing where two steps show a kink or a jump."""
        f = {k: np.asarray(run["value"](**moved(by, given, k * STEP * h))) for k in (-2, -1, -0.5, 0.5, 1, 2)}
        far, near = ((f[-2 * k] - 8 * f[-k] + 8 * f[k] - f[2 * k]) / (12 * STEP * k) for k in (1, 0.5))
        rough = np.abs(far - near).max(initial=0) > ROUGH * max(1.0, float(np.abs(near).max(initial=0)))
        return np.full_like(near, np.nan) if rough else near

    h = direction(by, here, rng, imaginary)
    if claim.entries is not None:
        moving = np.zeros(np.shape(h), bool)
        where = tuple(given[i] - 1 if isinstance(i, str) else i if isinstance(i, slice) else i - 1 for i in claim.entries)
        moving[where[: np.ndim(h)]] = True
        h = np.where(moving, h, 0)
    change = along(h)
    g = np.asarray(run["answer"](**given))
    if np.abs(g).max(initial=0) > SINGULAR:
        return float("nan")
    if part in ("plain", "conj"):  # P h = (D[h] - i D[ih])/2 for a real h, C h = (D[h] + i D[ih])/2
        h = h.real if not imaginary else h.imag
        change = (along(h) - (1j if part == "plain" else -1j) * along(1j * h)) / 2
    expected = _applied(part, g, h if claim.entries is None else h[moving].reshape(g.shape), np.shape(change))
    size = max(1e-3, float(np.abs(change).max(initial=0)), float(np.abs(g).max(initial=0)) * float(np.abs(h).max(initial=0)))
    return float(np.abs(change - expected).max(initial=0)) / size


def _applied(part: str, g: Any, h: Any, shape: tuple[int, ...]) -> Any:
    """Applies the answer to a direction."""
    import numpy as np

    if part == "steepest":
        return np.real(np.sum(np.conj(g) * h))
    if shape == ():
        return np.sum(g.reshape(np.shape(h)) * h) if g.shape != np.shape(h) else np.sum(g * h)
    if np.ndim(h) == 0:
        return (g * h).reshape(shape)
    return (g @ np.reshape(h, -1, order="F")).reshape(shape, order="F")
