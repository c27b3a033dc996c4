"""Counterexamples that can be checked by hand: sizes 2 and 3, whole numbers where the domains allow them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from matcalc.checking.claims import Sample, at
from matcalc.checking.sampling import MOST_ORDERS, Values, points, prime
from matcalc.expr import Expr, postorder, variables

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ATTEMPTS = 48
_RAISED = {2: "²", 3: "³", 4: "⁴"}
CLEAR = 1e-2  # how far apart the two values are, at least, in a good example


class Counterexample(dict[str, Any]):
    """The values of the variables, by name; with the two values there, and the entry (from 1) where they differ most."""

    def __init__(self, sample: Sample, functions: Mapping[str, str]) -> None:
        super().__init__({name: v for name, v in sample.values.items() if not callable(v)})
        self.sizes, self.claimed, self.true = sample.sizes, sample.first, sample.second
        self.functions = dict(functions)  # in words: z³
        self.entry = _furthest(sample)

    def __repr__(self) -> str:
        where = [*(f"{name}(z) = {f}" for name, f in self.functions.items()), *(f"{name} = {shown(v)}" for name, v in self.items())]
        place = f"at {', '.join(where)} " if where else ""
        return f"{place}the claim is {shown(self.claimed)}, the derivative {shown(self.true)}"


def counterexample(claim: Expr, answer: Expr, fallback: Sample | None = None) -> Counterexample | None:
    """A point where the two have different values, as simple as can be found.

    >>> from matcalc.expr import scaled, symbol, variable
    >>> x = variable("x", (symbol("n"), 1))
    >>> found = counterexample(scaled(3, x), scaled(2, x))
    >>> len(found["x"]), found.entry
    (2, (1, 1))
    """
    functions = {name: f"z{_RAISED[k]}" for name, k in _powers(claim, answer).items()}
    for values, sizes in _small(claim, answer):
        found = at(claim, answer, values, sizes)
        if found is not None and _differs(found):
            return Counterexample(found, functions)
    return None if fallback is None else Counterexample(fallback, dict.fromkeys(functions, "sin(c z) + z²/3"))


def shown(v: Any) -> str:
    """A value in one line, with few digits.

    >>> import numpy as np
    >>> shown(np.array([[1.0, 2.0], [0.5, -3.25]]))
    '[1 2; 0.5 -3.25]'
    """
    import numpy as np

    a = np.asarray(v, dtype=float)
    if a.ndim == 0:
        return f"{a:.5g}"
    if a.ndim == 1 or a.shape[1] == 1:
        return f"({', '.join(f'{x:.5g}' for x in a.ravel())})"
    return f"[{'; '.join(' '.join(f'{x:.5g}' for x in row) for row in a)}]"


def _differs(s: Sample) -> bool:
    import numpy as np

    if s.first.shape != s.second.shape:
        return True
    return bool(np.abs(s.first - s.second).max(initial=0) > CLEAR * max(1.0, np.abs(s.second).max(initial=0)))


def _furthest(s: Sample) -> tuple[int, int] | None:
    import numpy as np

    if s.first.shape != s.second.shape or not s.first.size:
        return None
    i, j = np.unravel_index(np.argmax(np.abs(s.first - s.second)), s.first.shape)
    return int(i) + 1, int(j) + 1


def _powers(*roots: Expr) -> dict[str, int]:
    """An abstract function is z², the next z³, …."""
    names = sorted({e.op.abstract[0] for e in postorder(*roots) if e.op.abstract and e.op.elementwise})
    return {name: 2 + i % len(_RAISED) for i, name in enumerate(names)}


def _derived(k: int, order: int) -> Callable[[Any], Any]:
    """The derivative of that order of z^k."""
    factor = prod(range(k - order + 1, k + 1))
    return lambda z: factor * z ** max(k - order, 0)


def _small(*roots: Expr) -> Iterator[tuple[Values, dict[str, int]]]:
    """Small points: first all sizes 2 and whole numbers of both signs, later positive ones, quarters, and size 3."""
    import numpy as np

    names = {v.data[0]: v for v in variables(*roots)}
    functions = {prime(name, order): _derived(k, order) for name, k in _powers(*roots).items() for order in range(MOST_ORDERS)}
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng(attempt)
        smallest = (lambda k: 2) if attempt % 3 == 0 else (lambda k: 2 + k % 2) if attempt % 3 == 1 else (lambda k: 3 - k % 2)
        for values, sizes in points(*roots, seed=attempt, attempts=1, size=smallest):
            for name, v in names.items():
                values[name] = _simple(values[name], set(v.data[1]), rng, attempt)
            yield {**values, **functions}, sizes


def _simple(drawn: Any, properties: set[str], rng: np.random.Generator, attempt: int) -> Any:
    """A simple value of the shape and with the properties of a random one."""
    import numpy as np

    shape = np.shape(drawn)
    kind = 0 if attempt < 9 else int(rng.integers(3))
    a: Array = (
        rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], size=shape) if kind == 0
        else rng.integers(1, 5, size=shape).astype(float) if kind == 1
        else rng.integers(1, 4, size=shape) / 4
    )  # fmt: skip
    if properties & {"positive", "nonnegative"}:
        a = np.abs(a)
    if not shape:
        return float(a)
    if "diagonal" in properties:
        d = np.diag(np.diagonal(a))
        return np.abs(d) if "psd" in properties else d
    if "orthogonal" in properties:
        return np.eye(shape[0])[rng.permutation(shape[0])] * rng.choice([-1.0, 1.0], size=shape[0])
    if "psd" in properties:
        b = rng.integers(-1, 2, size=shape).astype(float)
        return b @ b.T + np.eye(shape[0])
    if "symmetric" in properties:
        return np.triu(a) + np.triu(a, 1).T
    if "skew" in properties:
        return np.triu(a, 1) - np.triu(a, 1).T
    if "lower" in properties:
        return np.tril(a)
    return np.triu(a) if "upper" in properties else a
