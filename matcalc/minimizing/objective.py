"""The objective at a vector u: value, gradient, Hessian, and products with it, by the compiled programs and the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, isfinite
from typing import Any

import numpy as np

from matcalc.minimizing.compiled import Programs
from matcalc.minimizing.path import is_finite
from matcalc.minimizing.spaces import Layout
from matcalc.programs.argument_names import identifier

Array = Any
Product = Callable[[Array], Array]


class Objective:
    """A function of the vector u that counts its evaluations; where it is not defined, it is infinite."""

    def __init__(self, programs: Programs, layout: Layout, data: Mapping[str, Any], fixed: bool = False) -> None:
        self.programs, self.layout, self.data = programs, layout, programs.placed(data)
        self.plain = all(isinstance(v, (np.ndarray, int, float)) for v in data.values())
        self.fixed = fixed and self.plain and not programs.derived.is_complex  # what depends on the data alone is computed once
        self.size, self.lower, self.bounded = layout.size, layout.lower, layout.is_bounded
        self.guarded = layout.has_cones or bool(layout.inside)
        self.evaluations = 0
        self._ready: dict[str, Callable[..., Any]] = {}
        self._seen: tuple[Array, tuple[Any, ...]] | None = None  # the last point, and what is known there

    def _at(self, name: str, u: Array) -> tuple[tuple[Any, ...], dict[str, Array]] | None:
        """The results of a program at u, and the variables there; None where they are not all numbers."""
        if self.guarded and not self.layout.is_inside(u):
            return None
        ready = self._ready.get(name)
        if ready is None:
            ready = self._ready[name] = self.programs.of(name, self.data, once=self.fixed, plain=self.plain)
        self.evaluations += 1
        point = {name: p.array(u) for name, p in self.layout.named}
        try:
            found: tuple[Any, ...] = ready(**point)
        except (np.linalg.LinAlgError, ZeroDivisionError, OverflowError):
            return None
        return (found, point) if isfinite(abs(found[0])) else None

    def value(self, u: Array) -> float:
        found = self._at("value", u)
        return inf if found is None else float(found[0][0])

    def first(self, u: Array) -> tuple[float, Array]:
        """The value and the gradient; an infinite value where one of them is not finite."""
        seen = self._seen
        if seen is None or seen[0] is not u:
            made = self._at("first", u)
            if made is not None:
                found, point = made
                g = self.layout.pulled(found[1:], u, point)
                if is_finite(g):
                    self._seen = u, (float(found[0]), g)
                    return self._seen[1]
            self._seen = seen = u, (inf, np.zeros(self.size))
        return seen[1][0], seen[1][1]

    def whole(self, u: Array) -> tuple[float, Array, Array]:
        """The value, the gradient and the Hessian."""
        if self._seen is None or self._seen[0] is not u or len(self._seen[1]) != 3:
            self._seen = u, (inf, np.zeros(self.size), np.zeros((self.size, self.size)))
            made, k = self._at("whole", u), 1 + len(self.layout.parts)
            if made is not None:
                found, point = made
                g = self.layout.pulled(found[1:k], u, point)
                h = self.layout.hessian(dict(zip(self.programs.derived.blocks, found[k:], strict=True)))
                if is_finite(g) and is_finite(h):
                    self._seen = u, (float(found[0]), g, h)
        f, g, h = self._seen[1]
        return f, g, h

    def products(self, u: Array) -> Product:
        """The map v → H v at u."""
        made = self.programs.of(
            "products", {**self.data, **self.layout.arrays(u)}, once=self.plain and not self.programs.derived.is_complex, plain=self.plain
        )
        names = [identifier(str(d.data[0])) for d in self.programs.derived.directions]
        parts = self.layout.parts

        def times(v: Array) -> Array:
            return self.layout.pulled(made(**{n: p.array(v) for n, p in zip(names, parts, strict=True)}), v)

        return times

    def projected(self, g: Array, u: Array) -> Array:
        """The gradient by the entries of the variables, without what the bounds hold against."""
        return self.layout.projected(g, u)


class Within:
    """An objective on the points that orthonormal rows of constraints leave: gradients and products are projected on these."""

    lower, bounded = np.zeros(0), False

    def __init__(self, objective: Objective, rows: Array) -> None:
        self.inner, self.rows = objective, rows
        self.value = objective.value

    def along(self, v: Array) -> Array:
        return v - self.rows.T @ (self.rows @ v)

    def first(self, u: Array) -> tuple[float, Array]:
        f, g = self.inner.first(u)
        return f, self.along(g)

    def projected(self, g: Array, u: Array) -> Array:
        return g

    def products(self, u: Array) -> Product:
        times = self.inner.products(u)
        return lambda v: self.along(times(v))
