"""The outside: `minimize` for one fit, `minimizer` for as many as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from matcalc.api.read_as import read_as
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr
from matcalc.expr.node import working
from matcalc.minimizing.choosing import Problem
from matcalc.minimizing.fitting import fitted
from matcalc.minimizing.result import Fit
from matcalc.minimizing.run import Asked
from matcalc.minimizing.statement import Statement, stated

METHODS = ("closed", "newton", "trust", "lbfgs")


class Minimizer:
    """A problem that is read, differentiated and compiled once; ``fit`` takes data, as does calling it.

    >>> import numpy as np
    >>> fit = Minimizer("norm(A*x - b)^2", "x").fit(A=np.eye(2), b=np.array([1.0, 2.0]))
    >>> fit["x"].round(12).tolist(), fit.method, fit.is_global
    ([1.0, 2.0], 'closed', True)
    """

    def __init__(self, f: Any, wrt: Any, /, where: str = "", *, subject_to: Any = None, target: str = "numpy") -> None:
        if target not in ("numpy", "jax"):
            raise UnsupportedError(f"a fit runs on numpy or jax, not on {target!r:.40}")
        self._given = (f, wrt, where, subject_to, target)
        _ = self.statement  # errors of the question come now

    @cached_property
    def statement(self) -> Statement:
        """The problem as it is stated: objective, variables, constraints."""
        f, wrt, where, subject_to, _ = self._given
        return working(stated)(f, wrt, where, subject_to)

    @cached_property
    def problem(self) -> Any:
        """The statement with its derivatives and programs."""
        return Problem(self.statement, self._given[4])

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables."""
        return self.statement.names

    @property
    def data(self) -> tuple[str, ...]:
        """The names of the data that a fit needs."""
        return tuple(str(v.data[0]) for v in self.problem.programs.data)

    @property
    def read_as(self) -> str:
        """How the objective was read, in one line."""
        return read_as(self.statement.objective, self.statement.symbols, self._given[2])

    def fit(
        self,
        data: Mapping[str, Any] | None = None,
        /,
        *,
        start: Any = None,
        method: str | None = None,
        tol: float = 1e-6,
        max_iterations: int | None = None,
        sizes: Mapping[str, int] | None = None,
        progress: bool = False,
        **more: Any,
    ) -> Fit:
        """The minimum for these data: a mapping, keywords, or both.

        `start` is an array, or arrays by name; "zeros", "ones" or "random" otherwise.  `method` insists on one of
        "closed", "newton", "trust", "lbfgs".  `tol` bounds the largest entry of the projected gradient, relative to a thousandth of
        the value where that is above 1.
        Raises UnknownNameError for data that are missing, ShapeError for shapes that do not fit, UnsupportedError for constraints
        that cannot hold and for a method that cannot do it.  What does not converge is a warning, and `converged` is False.
        """
        if method is not None and method not in METHODS:
            raise UnsupportedError(f"no method {method!r:.40}", hint=f"the methods are {', '.join(METHODS)}")
        if not tol > 0:
            raise UnsupportedError(f"tol is a positive number, not {tol!r:.40}")
        if max_iterations is not None and max_iterations < 0:
            raise UnsupportedError(f"max_iterations is no negative number, {max_iterations!r:.40}")
        return fitted(self.problem, {**(data or {}), **more}, sizes or {}, Asked(start, method, tol, max_iterations, progress))

    __call__ = fit

    def __getstate__(self) -> dict[str, Any]:
        return {"_given": self._given}  # programs are made again

    def __repr__(self) -> str:
        """The problem in a line: the objective and its variables.

        >>> Minimizer("norm(A*x - b)^2", "x", subject_to="sum(x) = 1")
        minimizer of ‖A x − b‖² by x subject to sum(x) = 1
        """
        s = self.statement.stated
        shown = [c.text for c in s.constraints]
        return f"minimizer of {s.objective!r} by {', '.join(s.names)}" + f" subject to {'; '.join(shown)}" * bool(shown)


def minimizer(f: Any, wrt: Any, /, where: str = "", *, subject_to: Any = None, target: str = "numpy") -> Minimizer:
    """The problem, read, differentiated and compiled once: an ordinary object with ``fit(**data)``, that can be pickled.

    >>> import numpy as np
    >>> m = minimizer("norm(x - a)^2", "x", subject_to="sum(x) = 1")
    >>> [m.fit(a=np.array(a))["x"].round(12).tolist() for a in ([0.0, 0.0], [2.0, 0.0])]
    [[0.5, 0.5], [1.5, -0.5]]
    """
    return Minimizer(f, wrt, where, subject_to=subject_to, target=target)


@lru_cache(maxsize=64)
def _kept(f: Any, wrt: Any, where: str, subject_to: Any, target: str) -> Minimizer:
    return Minimizer(f, wrt, where, subject_to=subject_to, target=target)


def minimize(
    f: Any,
    wrt: Any,
    /,
    where: str = "",
    *,
    data: Mapping[str, Any] | None = None,
    subject_to: Any = None,
    start: Any = None,
    method: str | None = None,
    tol: float = 1e-6,
    max_iterations: int | None = None,
    sizes: Mapping[str, int] | None = None,
    progress: bool = False,
    target: str = "numpy",
    **more: Any,
) -> Fit:
    """The variables `wrt` that make `f` smallest for the data, which are given as a mapping, by keywords, or both.

    The way is chosen from the formula and said in ``method``.  Declarations are constraints (nonnegative, positive, spd, symmetric,
    diagonal, lower), `subject_to` are equations; affine ones are kept exactly.  Without `start`, the start is zeros, ones for
    what is positive, I for what is spd.  For errors see `Minimizer.fit`.

    >>> import numpy as np
    >>> r = minimize("w'*S*w", "w", where="S: (n, n) spd", subject_to="sum(w) = 1", S=np.diag([1.0, 3.0]))
    >>> r["w"].round(12).tolist(), round(r.value, 12)
    ([0.75, 0.25], 0.75)
    """
    key = (
        f,
        tuple(wrt) if isinstance(wrt, list) else wrt,
        where,
        tuple(subject_to) if isinstance(subject_to, list) else subject_to,
        target,
    )
    same = all(isinstance(part, (str, Expr, type(None))) for k in key for part in (k if isinstance(k, tuple) else (k,)))
    made = _kept(*key) if same else Minimizer(f, wrt, where, subject_to=subject_to, target=target)
    return made.fit(data, start=start, method=method, tol=tol, max_iterations=max_iterations, sizes=sizes, progress=progress, **more)
