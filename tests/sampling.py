"""Numbers for the numeric proofs: arrays that have a property, and central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def draw(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """An array of this shape that has the property or comes from the sampler `kind`."""
    a = rng.standard_normal(shape)
    match kind:
        case "" | "normal":
            return a
        case "positive" | "nonnegative":
            return np.exp(0.4 * a)
        case "unit":
            return np.tanh(a) * 0.9
        case "above1":
            return 1.2 + np.exp(0.4 * a)
        case "nonzero":
            return np.sign(a) * (0.3 + np.abs(a))
        case "invertible":
            return 1.5 * np.eye(*shape) + 0.3 * a
        case "spd" | "psd":
            return a @ a.T / shape[0] + 0.5 * np.eye(shape[0])
        case "symmetric":
            return (a + a.T) / 2
        case "skew":
            return (a - a.T) / 2
        case "diagonal":
            return np.diag(np.diag(a))
        case "orthogonal":
            return np.linalg.qr(a)[0]
        case "lower":
            return np.tril(a) + 2 * np.eye(shape[0])
        case "upper":
            return np.triu(a) + 2 * np.eye(shape[0])
        case "tall":
            return a
    from properties import operand

    return operand(frozenset({kind}), shape, rng)


def central(f: Callable[[float], Array | float], h: float = 1e-4) -> Array:
    """df/dt at 0, with an error of h^4 (Richardson)."""

    def slope(step: float) -> Array:
        return (np.asarray(f(step)) - np.asarray(f(-step))) / (2 * step)

    return (4 * slope(h / 2) - slope(h)) / 3


def close(a: object, b: object, tolerance: float = 1e-7) -> bool:
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return (
        x.size == y.size
        and bool(np.all(np.isfinite(x)))
        and float(np.max(np.abs(x.ravel() - y.ravel()), initial=0)) <= tolerance * (1 + float(np.max(np.abs(y), initial=0)))
    )
