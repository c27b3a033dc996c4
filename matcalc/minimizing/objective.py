"""The objective at a vector u: value, gradient, Hessian, and products with it, by the compiled programs and the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from matcalc.minimizing.compiled import Programs
from matcalc.minimizing.spaces import Layout
from matcalc.programs.names import identifier

Array = Any
Product = Callable[[Array], Array]


class Objective:
    """A function of the vector u that counts its evaluations; where it is not defined, it is infinite."""

    def __init__(self, programs: Programs, layout: Layout, data: Mapping[str, Any], fixed: bool = False) -> None:
        self.programs, self.layout, self.data = programs, layout, dict(data)
        self.names = [identifier(p.name) for p in layout.parts]
        self.plain = all(isinstance(v, (np.ndarray, int, float)) for v in data.values())
        self.fixed = fixed and self.plain  # what depends on the data alone is computed once
        self.size, self.lower, self.bounded = layout.size, layout.lower, layout.is_bounded
        self.evaluations = 0
        self._ready: dict[str, Callable[..., Any]] = {}
        self._seen: tuple[Array, tuple[Any, ...]] | None = None  # the last point, and what is known there

    def _run(self, name: str, u: Array) -> Any:
        ready = self._ready.get(name)
        if ready is None:
            ready = self._ready[name] = self.programs.of(name, self.data, once=self.fixed, plain=self.plain)
        self.evaluations += 1
        return ready(**{name: p.array(u) for name, p in zip(self.names, self.layout.parts, strict=True)})

    def value(self, u: Array) -> float:
        if not self.layout.is_inside(u):
            return np.inf
        try:
            f = float(self._run("value", u)[0])
        except (np.linalg.LinAlgError, ZeroDivisionError, OverflowError):
            return np.inf
        return f if np.isfinite(f) else np.inf

    def first(self, u: Array) -> tuple[float, Array]:
        """The value and the gradient; an infinite value where one of them is not finite."""
        if self._seen is not None and self._seen[0] is u:
            return self._seen[1][0], self._seen[1][1]
        found = self._first(u)
        self._seen = u, found
        return found

    def _first(self, u: Array) -> tuple[float, Array]:
        if not self.layout.is_inside(u):
            return np.inf, np.zeros(self.size)
        try:
            f, *gradients = self._run("first", u)
        except (np.linalg.LinAlgError, ZeroDivisionError, OverflowError):
            return np.inf, np.zeros(self.size)
        return self._checked(float(f), self.layout.pulled(gradients, u))

    def whole(self, u: Array) -> tuple[float, Array, Array]:
        """The value, the gradient and the Hessian."""
        if self._seen is not None and self._seen[0] is u and len(self._seen[1]) == 3:
            return self._seen[1]
        found = self._whole(u)
        self._seen = u, found
        return found

    def _whole(self, u: Array) -> tuple[float, Array, Array]:
        nothing = np.inf, np.zeros(self.size), np.zeros((self.size, self.size))
        if not self.layout.is_inside(u):
            return nothing
        try:
            f, *rest = self._run("whole", u)
        except (np.linalg.LinAlgError, ZeroDivisionError, OverflowError):
            return nothing
        k = len(self.layout.parts)
        f, g = self._checked(float(f), self.layout.pulled(rest[:k], u))
        h = self.layout.hessian(dict(zip(self.programs.derived.blocks, rest[k:], strict=True)))
        return (f, g, h) if np.isfinite(h).all() else nothing

    def products(self, u: Array) -> Product:
        """The map v → H v at u."""
        made = self.programs.of("products", {**self.data, **self.layout.arrays(u)}, once=self.plain, plain=self.plain)
        names = [identifier(str(d.data[0])) for d in self.programs.derived.directions]
        parts = self.layout.parts

        def times(v: Array) -> Array:
            return self.layout.pulled(made(**{n: p.array(v) for n, p in zip(names, parts, strict=True)}), v)

        return times

    def projected(self, g: Array, u: Array) -> Array:
        """The gradient by the entries of the variables, without what the bounds hold against."""
        return self.layout.projected(g, u)

    def _checked(self, f: float, g: Array) -> tuple[float, Array]:
        if not np.isfinite(f) or not np.isfinite(g).all():
            return np.inf, np.zeros(self.size)
        return f, g


class Reduced:
    """An objective on the points p + Z z that affine constraints leave."""

    def __init__(self, objective: Objective, point: Array, basis: Array) -> None:
        self.inner, self.point, self.basis = objective, point, basis
        self.size = basis.shape[1]
        self.lower, self.bounded = np.full(self.size, -np.inf), False

    @property
    def evaluations(self) -> int:
        return self.inner.evaluations

    def full(self, z: Array) -> Array:
        return self.point + self.basis @ z

    def value(self, z: Array) -> float:
        return self.inner.value(self.full(z))

    def first(self, z: Array) -> tuple[float, Array]:
        f, g = self.inner.first(self.full(z))
        return f, self.basis.T @ g

    def projected(self, g: Array, z: Array) -> Array:
        return g

    def products(self, z: Array) -> Product:
        times = self.inner.products(self.full(z))
        return lambda v: self.basis.T @ times(self.basis @ v)
