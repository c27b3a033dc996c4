"""Where a fit starts: what is given; else zeros, ones for what is positive, I for what is spd; else small random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from matcalc.errors import ShapeError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.minimizing import sizing
from matcalc.minimizing.objective import Objective
from matcalc.minimizing.spaces import Layout, Part, lower_factor
from matcalc.reading.letters import one_name

Array = Any
SEED = 0
ORTHONORMAL = frozenset({"orthogonal", "stiefel", "grassmann", "rotation"})
UNIT = frozenset({"sphere", "unitnorm", "oblique"})
SPREAD = 0.1  # of the random numbers


def given(layout: Layout, start: Any) -> Array | None:
    """The u of a start that is given for all variables, by name or, for one variable, as it is; None for words.

    Raises ShapeError where a shape does not fit, UnknownNameError for a name that is no variable.
    """
    if start is None or isinstance(start, str):
        return None
    if not isinstance(start, Mapping):
        if len(layout.parts) != 1:
            raise ShapeError("a start for several variables is by name", hint=f"start={{{layout.parts[0].name!r}: …}}")
        start = {layout.parts[0].name: start}
    names = {one_name(p.name): p.name for p in layout.parts}
    for key in start:
        if one_name(key) not in names:
            raise UnknownNameError(f"the start is of {key}, which is no variable", hint=did_you_mean(key, names.values()))
    values = {names[one_name(key)]: value for key, value in start.items()}
    return np.concatenate([_checked(p, values[p.name]) if p.name in values else _usual(p) for p in layout.parts])


def anywhere(layout: Layout) -> Array:
    """A point with the shapes of the variables."""
    return _anywhere(layout).copy()


@lru_cache(maxsize=64)
def _anywhere(layout: Layout) -> Array:
    return np.concatenate([_usual(p) for p in layout.parts])


def _checked(p: Part, value: Any) -> Array:
    x = np.asarray(value, dtype=float)
    wanted = p.shape if p.rank == 2 else (p.shape[0] * p.shape[1],) if p.rank else ()
    if x.shape != wanted and not (x.size == 1 == p.shape[0] * p.shape[1]):
        raise ShapeError(f"the start of {p.name} has the shape {x.shape}, not {wanted}")
    if not np.isfinite(x).all():
        raise UnsupportedError(f"the start of {p.name} has an entry that is not finite")
    if p.factored or p.cone:
        try:
            (np.linalg.cholesky if p.cone else lower_factor)((x + x.T) / 2)
        except np.linalg.LinAlgError:
            raise UnsupportedError(f"the start of {p.name} is not positive {'definite' if p.cone else 'semidefinite'}") from None
    return p.free(x.reshape(p.shape))


def _usual(p: Part) -> Array:
    """Zeros, ones, or the identity."""
    if p.properties & {"psd", "invertible"} | p.properties & ORTHONORMAL and "positive" not in p.properties:
        return p.free(np.eye(*p.shape))
    if p.properties & UNIT:
        return p.free(np.full(p.shape, p.shape[0] ** -0.5))
    if p.properties & {"positive", "stochastic"}:
        return p.free(np.ones(p.shape))
    return np.zeros(p.stop - p.start)


def _ones(p: Part) -> Array:
    held = p.properties & ({"psd"} | ORTHONORMAL | UNIT)
    return _usual(p) if held else np.zeros(p.stop - p.start) if p.log else np.ones(p.stop - p.start)


def _random(p: Part, rng: Any) -> Array:
    drawn = SPREAD * rng.standard_normal(p.stop - p.start)
    if "nonnegative" in p.properties or {"diagonal", "psd"} <= p.properties:
        drawn = np.abs(drawn)
    if p.log:
        return drawn
    if "psd" in p.properties:
        return _usual(p)
    if "invertible" in p.properties or p.properties & ORTHONORMAL:
        return _usual(p) + drawn
    return drawn


def found(
    objective: Objective, word: str | None, is_convex: bool | None, admitted: Callable[[Array], Array], look: Callable[[Array], Any]
) -> tuple[Array, tuple[str, ...]]:
    """The start where none is given, with a note where it is random.  Raises UnsupportedError where the objective is nowhere defined.

    `admitted` takes a point to one that the constraints allow; `look` says what the value and the gradient are.
    """
    parts = objective.layout.parts
    if word == "random":
        return admitted(_joined(parts, parts, np.random.default_rng(SEED))), (f"the start is random, seed {SEED}",)
    if word not in (None, "zeros", "ones"):
        raise UnsupportedError(f"unknown start {word!r:.40}", hint='"zeros", "ones", "random", or arrays by name')
    if word == "ones":
        return admitted(np.concatenate([_ones(p) for p in parts])), ()
    u = admitted(anywhere(objective.layout))
    f, g = look(u)[:2]
    saddles = [] if is_convex or word == "zeros" else _stationary(g, parts)
    if np.isfinite(f) and not saddles:
        return u, ()
    rng = np.random.default_rng(SEED)
    if np.isfinite(f):
        u = admitted(_joined(parts, saddles, rng))
        if np.isfinite(look(u)[0]):
            names = ", ".join(dict.fromkeys(p.name.removesuffix("·real").removesuffix("·imag") for p in saddles))
            return u, (f"the gradient by {names} vanishes at zero: the start is small random numbers, seed {SEED}",)
        return admitted(anywhere(objective.layout)), ()
    ones = np.concatenate([_ones(p) for p in parts])
    for drawn in (ones, *(_joined(parts, parts, rng) for _ in range(8))):
        u = admitted(drawn)
        if np.isfinite(look(u)[0]):
            what = "ones" if drawn is ones else f"small random numbers, seed {SEED}"
            return u, (f"the objective is not defined at zero: the start is {what}",)
    sizing.check_finite(objective.data)
    raise UnsupportedError("the objective is not finite at zeros, ones and random numbers", hint="give a start")


def _joined(parts: Sequence[Part], drawn: Sequence[Part], rng: Any) -> Array:
    """The usual start, random for the parts that are drawn."""
    return np.concatenate([_random(p, rng) if p in drawn else _usual(p) for p in parts])


def _stationary(g: Array, parts: Sequence[Part]) -> list[Part]:
    """The variables at whose zero the objective may have a saddle: matrices by which the gradient vanishes, or all of them."""
    vanish = [p for p in parts if not np.any(np.abs(g[p.start : p.stop]) > 1e-12)]
    matrices = any(min(p.shape) > 1 for p in vanish)
    return vanish if matrices or len(vanish) > 1 or len(vanish) == len(parts) else []
