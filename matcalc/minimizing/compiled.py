"""The programs of a problem: value, gradients, Hessian and its products, each compiled when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from matcalc.expr import Expr
from matcalc.minimizing.derived import Derived
from matcalc.programs.given import given_in

Program = Callable[..., Any]


class Programs:
    """The programs of one problem for NumPy; sizes of the first data order their products."""

    def __init__(self, derived: Derived, target: str = "numpy") -> None:
        self.derived, self.target = derived, target
        self.sizes: Mapping[str, int] | None = None
        self._made: dict[tuple[str, tuple[str, ...]], Program] = {}

    @cached_property
    def data(self) -> list[Expr]:
        """The variables of objective and constraints that data are needed for."""
        s = self.derived.statement
        return [v for v in given_in(s.objective, *(c.residual for c in s.constraints)) if v not in s.variables]

    def value(self, fixed: Sequence[str] = ()) -> Program:
        return self._program("value", lambda: [self.derived.statement.objective], fixed)

    def value_and_gradient(self, fixed: Sequence[str] = ()) -> Program:
        return self._program("first", lambda: [self.derived.statement.objective, *self.derived.gradients], fixed)

    def whole(self, fixed: Sequence[str] = ()) -> Program:
        """Value, gradients, and the blocks of the Hessian."""
        d = self.derived
        return self._program("whole", lambda: [d.statement.objective, *d.gradients, *d.blocks.values()], fixed)

    def products(self, fixed: Sequence[str] = ()) -> Program:
        """The Hessian times directions; with the point `fixed`, what depends on it is computed once for all directions."""
        return self._program("products", lambda: list(self.derived.products), fixed)

    def residuals(self) -> Program:
        return self._program("residuals", lambda: [c.residual for c in self.derived.statement.constraints], ())

    def constraint_blocks(self) -> Program:
        return self._program("constraint_blocks", lambda: [b for row in self.derived.constraint_blocks for b in row], ())

    def operator(self) -> Program:
        """The Hessian by the one variable as a structured operator at a point."""
        key = ("operator", ())
        if key not in self._made:
            from matcalc.operating.operator import factory

            (e,) = self.derived.blocks.values()
            self._made[key] = factory(e, [self.derived.statement.objective], True)
        return self._made[key]

    def _program(self, name: str, results: Callable[[], list[Expr]], fixed: Sequence[str]) -> Program:
        key = (name, tuple(sorted(fixed)))
        if key not in self._made:
            from matcalc.programs.program import compile_program, program

            wanted = results()
            directions = list(self.derived.directions) if name == "products" else []
            arguments = [self.derived.statement.objective, *self.derived.statement.variables, *directions]
            known = {str(v.data[0]) for v in given_in(*wanted, *arguments)}
            stays = [f for f in fixed if f in known]
            source = program(
                {f"{name}_{i}": e for i, e in enumerate(wanted)},
                self.target, arguments=arguments, name=name, sizes=self.sizes, fixed=stays,
            )  # fmt: skip
            made = compile_program(source, name, [*wanted, *arguments], stays)
            if self.target == "jax" and not stays:
                from jax import jit

                made = jit(made)
            self._made[key] = made if len(wanted) > 1 or stays else _as_tuple(made)
            if stays and len(wanted) == 1:
                self._made[key] = lambda **values: _as_tuple(made(**values))
        return self._made[key]


def _as_tuple(function: Program) -> Program:
    return lambda **values: (function(**values),)
