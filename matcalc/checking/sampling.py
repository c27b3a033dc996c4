"""Random points: values for every name in an expression, that respect what is declared.

Sizes are small and differ, matrices have their properties, abstract functions are smooth ones with known
derivatives.  Where an expression is defined is not solved for but tried: each attempt draws from other ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from matcalc.expr import UNIT, VARIABLE, Dim, Expr, Shape, Size, postorder, signature
from matcalc.expr.dims import replace

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

Values = dict[str, Any]
MOST_ORDERS = 4  # of an abstract function's derivatives


def points(
    *roots: Expr, seed: int = 0, attempts: int = 60, size: Callable[[int], int] = lambda k: 2 + (k + 1) % 4
) -> Iterator[tuple[Values, dict[str, int]]]:
    """Random values for the names in the expressions, and the sizes drawn; later ones from other ranges.

    `size` gives the sizes that are dealt out to the names of sizes.
    """
    import numpy as np

    nodes = postorder(*roots)
    for attempt in range(attempts):
        rng = np.random.default_rng([seed, attempt])
        sizes = _sizes(nodes, rng, size)
        yield _values(nodes, sizes, rng, attempt), sizes


def concrete(shape: tuple[Size, Size], sizes: dict[str, int]) -> tuple[int, int]:
    """A shape with its symbols replaced."""
    rows, columns = (replace(d, dict(sizes)) for d in shape)
    if not (isinstance(rows, int) and isinstance(columns, int)):
        raise ValueError(f"no number for a size in ({rows}, {columns})")
    return rows, columns


def _sizes(nodes: list[Expr], rng: np.random.Generator, size: Callable[[int], int]) -> dict[str, int]:
    names = sorted({s for e in nodes for d in _dims(e) if isinstance(d, Dim) for s in d.symbols})
    drawn = [size(k) for k in range(len(names))]
    return dict(zip(names, (int(k) for k in rng.permutation(drawn)), strict=True))


def _dims(e: Expr) -> tuple[Any, ...]:
    return (*e.shape, *(d for d in (e.data if isinstance(e.data, tuple) else (e.data,)) if isinstance(d, Dim)))


def _values(nodes: list[Expr], sizes: dict[str, int], rng: np.random.Generator, attempt: int) -> Values:
    values: Values = {}
    for e in nodes:
        if e.op is VARIABLE:
            values[e.data[0]] = _shaped(_draw(concrete(e.shape, sizes), set(e.data[1]), rng, attempt), concrete(e.shape, sizes))
        elif e.op is UNIT and isinstance(e.data[0], str):
            most = replace(e.data[1], dict(sizes))
            values[e.data[0]] = int(rng.integers(1, min(values.get(e.data[0], most), most) + 1))
        elif e.op.abstract and e.op.elementwise:
            values.update(_functions(e.op.abstract[0]))
        elif e.op.abstract:
            values.update(_matrix_functions(e.op.abstract[0], concrete(_gives(e), sizes)))
    return values


def _functions(name: str) -> dict[str, Callable[[Any], Any]]:
    """A smooth function sin(cz) + z²/3 with its derivatives, by the names that programs give them."""
    import numpy as np

    c = 1 + sum(map(ord, name)) % 7 / 10

    def order(k: int) -> Callable[[Any], Any]:
        square = (lambda z: z**2 / 3, lambda z: 2 * z / 3, lambda z: 2 / 3 + 0 * z)
        return lambda z: c**k * np.sin(c * z + k * np.pi / 2) + (square[k](z) if k < 3 else 0 * z)

    return {prime(name, k): order(k) for k in range(MOST_ORDERS)}


def prime(name: str, order: int) -> str:
    """What programs call a derivative of the function `name`."""
    return name + ("" if order == 0 else "_prime" if order == 1 else f"_prime{order}")


def _gives(e: Expr) -> Shape:
    """What the function of a matrix gives, whose derivative of some order `e` applies."""
    op = e.op
    while op.abstract is not None and op.abstract[1] > 0 and op.primitive is not None:
        op = op.primitive()
    return signature(op.signature)[1]


def _matrix_functions(name: str, gives: tuple[int, int]) -> dict[str, Callable[[Any], Any]]:
    """F(Z) = L vec(h(Z)) with h smooth and L fixed, with its Jacobian; of a scalar f the gradient and the Hessian."""
    import numpy as np

    h, h1, h2, _ = _functions("h").values()

    def weights(z: Any) -> Any:
        rows, size = gives[0] * gives[1], np.size(z)
        return np.cos(np.arange(rows * size) + len(name)).reshape(rows, size)

    def flat(f: Callable[[Any], Any], z: Any) -> Any:
        return np.asarray(f(np.asarray(z))).reshape(-1, order="F")

    def value(z: Any) -> Any:
        return (weights(z) @ flat(h, z)).reshape(gives, order="F")

    def first(z: Any) -> Any:
        jacobian = weights(z) * flat(h1, z)
        return jacobian.reshape(np.shape(z), order="F") if gives == (1, 1) else jacobian

    def second(z: Any) -> Any:
        return np.diag(weights(z)[0] * flat(h2, z))

    return {name: value, f"{name}_prime": first, f"{name}_prime2": second}


def _draw(shape: tuple[int, int], properties: set[str], rng: np.random.Generator, attempt: int) -> Array:
    """An array with these properties; every third attempt stays at the normal distribution."""
    import numpy as np

    a = _entries(shape, rng, attempt)
    if properties & {"positive", "nonnegative"}:
        a = np.exp(0.4 * rng.standard_normal(shape))
    n = shape[0]
    if "diagonal" in properties:
        d = np.diagonal(a)
        return np.diag(np.exp(0.4 * rng.standard_normal(n)) if properties & {"psd", "invertible"} else d)
    if properties >= {"orthogonal", "symmetric"}:  # a reflection
        v = rng.standard_normal((n, 1))
        return np.asarray(np.eye(n) - 2 * v @ v.T / (v.T @ v))
    if "orthogonal" in properties:
        return np.asarray(np.linalg.qr(rng.standard_normal(shape))[0])
    if "psd" in properties:
        b = rng.standard_normal((n, n + 2))
        return np.asarray(b @ b.T / (n + 2) + 0.5 * np.eye(n))
    if "symmetric" in properties:
        a = (a + a.T) / 2
    elif "skew" in properties:
        a = (a - a.T) / 2
    elif properties & {"lower", "upper"}:
        a = np.tril(a, -1) / 2 + np.diag(np.exp(0.3 * rng.standard_normal(n)))
        return a if "lower" in properties else np.asarray(a.T)
    if "invertible" in properties:
        a = a / (1 + np.abs(a).max()) + 1.5 * np.eye(n) if "skew" not in properties else a
    return a


def _entries(shape: tuple[int, int], rng: np.random.Generator, attempt: int) -> Array:
    """From the whole line, the positive half, (0, 1), near zero or above one: which, is drawn for each variable."""
    import numpy as np

    z = rng.standard_normal(shape)
    ranges: tuple[Callable[[], Array], ...] = (
        lambda: z,
        lambda: np.exp(0.4 * z),
        lambda: rng.uniform(0.1, 0.9, shape),
        lambda: 0.3 * z,
        lambda: 1.5 + np.abs(z),
        lambda: np.eye(*shape) * 1.5 + 0.25 * z if shape != (1, 1) else 0.3 + np.abs(z),
    )
    if attempt < 6:
        return z
    if attempt < 16:
        return ranges[attempt % 5 + 1]()
    return ranges[int(rng.integers(len(ranges)))]()


def _shaped(a: Array, shape: tuple[int, int]) -> Any:
    """As programs take it: a matrix 2-D, a vector 1-D, a scalar as a number."""
    if shape == (1, 1):
        return float(a[0, 0])
    return a[:, 0] if shape[1] == 1 else a
