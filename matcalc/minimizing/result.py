"""The result of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcalc.reading import named_by, split_wrt


@dataclass(frozen=True, eq=False)
class Fit:
    """The point that was found, what is known of it, and how it was found.

    `x` maps the name of each variable to an array of its shape; ``fit["w"]`` is one of them, in any spelling of its name, ``fit["U, V"]``
    two.  `gradient_norm` is the largest entry of the gradient, projected on bounds and constraints.  `is_global` is True by a
    certificate or a closed form, None where that is not known.

    >>> import matcalc as mc
    >>> fit = mc.minimize("norm(x - a)^2", "x", a=[1.0, 2.0])
    >>> fit["x"].round(12).tolist(), fit.method, fit.is_global
    ([1.0, 2.0], 'closed', True)
    """

    x: Mapping[str, Any]
    value: float
    gradient_norm: float
    iterations: int
    evaluations: int
    seconds: float
    method: str
    converged: bool
    message: str
    is_global: bool | None = None
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> Any:
        keys = [named_by(part, self.x) for part in split_wrt(name)]
        found = [self.x[key] for key in keys if key is not None]
        if len(found) < len(keys):
            raise KeyError(name)
        return found[0] if len(found) == 1 else tuple(found)

    def __repr__(self) -> str:
        """The point in one line, without its numbers.

        >>> Fit({"w": 1.0}, 2.0, 0.0, 1, 1, 0.0, "newton", True, "the gradient vanishes")
        minimum 2 by newton in 1 iteration, gradient 0: the gradient vanishes
        """
        steps = f"{self.iterations} iteration{'s' * (self.iterations != 1)}"
        found = ("global " * bool(self.is_global) + "minimum") if self.converged else "not converged:"
        return f"{found} {self.value:.10g} by {self.method} in {steps}, gradient {self.gradient_norm:.2g}: {self.message}"
