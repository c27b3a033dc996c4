"""The programs of a problem, each compiled when it is first needed: value, gradients, Hessian and its products, and the constraints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from matcalc.expr import Expr, properties_of
from matcalc.minimizing.derived import Derived
from matcalc.operating.operator import factory
from matcalc.programs.argument_names import identifier
from matcalc.programs.given import given_in
from matcalc.programs.program import compile_program, program
from matcalc.programs.sparse import is_chunked

Program = Callable[..., Any]

RESULTS: dict[str, Callable[[Derived], list[Expr]]] = {
    "value": lambda d: [d.statement.objective],
    "first": lambda d: [d.statement.objective, *d.gradients],
    "whole": lambda d: [d.statement.objective, *d.gradients, *d.blocks.values()],
    "products": lambda d: list(d.products),
    "residuals": lambda d: [c.residual for c in d.statement.constraints],
    "constraint_blocks": lambda d: [b for row in d.constraint_blocks for b in row],
}


class Programs:
    """The programs of one problem; sizes of the first data order their products."""

    def __init__(self, derived: Derived, target: str = "numpy") -> None:
        self.derived, self.target = derived, target
        self.sizes: Mapping[str, int] | None = None
        self._made: dict[tuple[object, ...], tuple[Program, bool]] = {}

    @cached_property
    def data(self) -> list[Expr]:
        """The variables of objective and constraints that data are needed for."""
        s = self.derived.statement
        return [v for v in given_in(s.objective, *(c.residual for c in s.constraints)) if v not in s.variables]

    @cached_property
    def declared(self) -> list[Expr]:
        """Those of the data with declared properties."""
        return [v for v in self.data if properties_of(v)]

    def __call__(self, name: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The results of a program at values by name."""
        found: tuple[Any, ...] = self.of(name, values)()
        return found

    def of(self, name: str, values: Mapping[str, Any], *, once: bool = False, plain: bool = False) -> Program:
        """A function of what is missing in the `values`, by names as Python writes them, that returns a tuple.

        What depends on the values alone is computed `once`.  Where all are `plain`, dense arrays whose shapes were looked at
        before, it does not look at them again.
        """
        key = (name, plain, *(sorted(values) if once else ()))
        if key not in self._made:
            self._made[key] = self._compiled(name, values if once else (), plain)
        made, factory = self._made[key]
        ready: Program = made(**in_python(values)) if factory else partial(made, **in_python(values))
        return ready if plain or not any(map(is_chunked, values.values())) else _gathered(ready)

    def _compiled(self, name: str, fixed: Collection[str], plain: bool) -> tuple[Program, bool]:
        """The program, and whether it is one that returns a function."""
        d = self.derived
        wanted = RESULTS[name](d)
        arguments = [d.statement.objective, *d.statement.variables, *(d.directions if name == "products" else ())]
        known = {str(v.data[0]) for v in given_in(*wanted, *arguments)}
        stays = sorted(known.intersection(fixed)) if self.target == "numpy" else []  # others compile the whole
        results = {f"{name}_{i}": e for i, e in enumerate(wanted)}
        source = program(results, self.target, arguments=arguments, name=name, sizes=self.sizes, fixed=stays)
        made: Program = compile_program(source, name, () if plain else [*wanted, *arguments], stays)
        if plain:
            made = getattr(made, "__wrapped__", made)  # the names are as Python writes them already
        if self.target == "jax":
            from jax import jit

            made = jit(made)
        if len(wanted) > 1:
            return made, bool(stays)
        return (lambda **values: _alone(made(**values))) if stays else _alone(made), bool(stays)

    def placed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data where programs take them from without copying: arrays of NumPy as arrays of JAX, for these."""
        if self.target != "jax":
            return dict(data)
        from jax.numpy import asarray

        return {name: asarray(value) if isinstance(value, np.ndarray) else value for name, value in data.items()}

    def operator(self, values: Mapping[str, Any]) -> Any:
        """The Hessian by the one variable as a structured operator at a point."""
        if ("operator",) not in self._made:
            (e,) = self.derived.blocks.values()
            self._made["operator",] = factory(e, [self.derived.statement.objective], True), True
        return self._made["operator",][0](**in_python(values))


def _gathered(function: Program) -> Program:
    """A program of chunked data: its results, which are sums over the chunks, computed together in one pass over the data."""
    import dask

    together: Program = dask.compute
    return lambda **values: together(*function(**values))


def _alone(function: Program) -> Program:
    """A program with one result, as a tuple."""
    return lambda **values: (function(**values),)


def in_python(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values under the names that programs have for them: lambda is lambda_ there."""
    return values if all(map(_is_plain, values)) else {identifier(name): value for name, value in values.items()}


@lru_cache(maxsize=1024)
def _is_plain(name: str) -> bool:
    return identifier(name) == name
