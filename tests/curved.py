"""Functions composed at random, and the curvature that is sampled of them: what verdicts are held against."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from random import Random

import numpy as np

import matcalc as mc
from matcalc.checking.sampling import points
from matcalc.errors import MatcalcError

# Scalars of a vector x, of numbers s and t, of matrices: convex ones and others.
_OUTER = (
    "exp({})", "({})^2", "({})^3", "({})^4", "sqrt(1 + ({})^2)", "softplus({})", "cosh({})", "cos({})", "tanh({})", "abs({})", "relu({})", "log(1 + exp({}))",
    "log(2 + cos({}))", "sigmoid({})", "atan({})", "exp(-({})^2)", "({})*tanh({})", "-log(1 + exp({}))", "normcdf({})", "log(1 + ({})^2)",
    "1/(1 + exp({}))", "({})^2/(1 + ({})^2)",
)  # fmt: skip
_VECTOR = (
    "a'*x", "sum(x)", "norm(x)^2", "x'*P*x", "norm(A*x - b)", "logsumexp(A*x)", "sum(exp(A*x))", "sum(abs(x))", "norm(A*x - b)^2", "x'*M*x", "max(a'*x, 1)",
    "sum(x.^3)", "sum(relu(A*x - b))", "sum(x.^4)", "sqrt(1 + x'*x)", "(a'*x)*(b'*A*x)", "sum(tanh(A*x))", "x'*B'*B*x", "min(a'*x, 2)", "sum(softplus(A*x))",
    "norm(relu(A*x) - b)^2", "1/(1 + x'*x)", "norm(x)", "sum(x.*abs(x))", "log(1 + norm(x)^2)", "sum(log(cosh(A*x)))",
)  # fmt: skip
_POSITIVE = (
    "sum(log(p))", "sum(1./p)", "sum(p.*log(p))", "prod(p)", "1/prod(p)", "sum(sqrt(p))", "a'*p", "c'*p", "sum(p.^3)", "sum(sqrt(p))^2", "log(c'*p)", "1/(c'*p)",
    "p'*p/(c'*p)", "exp(c'*p)", "sum(p)^2/(c'*p)", "sum(lgamma(p))", "log(prod(p))", "norm(p)", "sum(p.^(3/2))", "prod(p)^(1/n)", "sum(p./(1 + p))",
    "logsumexp(p)", "sum(atan(p))", "sum(p)*sum(1./p)", "sum(p.*exp(-p))", "sum(digamma(p))",
)  # fmt: skip
_TWO = (
    "s*t", "s^2 + t^2", "s^2/r", "t^2/r", "r*log(r)", "exp(s/r)*r", "s - t", "(s + t)^2", "s*r", "exp(s + t)", "log(exp(s) + exp(t))", "s^2*t^2", "s^2 - s*t + t^2",
    "(s - 2*t)^4", "1/r", "-log(r)", "sqrt(r)", "sqrt(s^2 + t^2 + 1)", "max(s, t)", "s*exp(t)", "(s + t)^2/r", "abs(s - t)", "hypot(s, t)", "s^2*r", "exp(s)/r", "cosh(s - t)",
)  # fmt: skip
_SPD = (
    "tr(S)", "logdet(S)", "tr(inv(S))", "tr(S^2)", "tr(C*S)", "d'*S*d", "d'*inv(S)*d", "det(S)^(1/n)", "1/det(S)", "tr(C*inv(S))", "logdet(P + S)", "lambda_max(S)",
    "tr(P*inv(S))", "norm(S - C)^2", "tr(S^3)", "logdet(S)^2", "tr(S)^2", "norm1(S)", "tr(S*P*S)", "normnuc(S)", "det(S)", "exp(tr(S))", "sum(S)^2", "tr(S*C*S)", "d'*inv(P + S)*d",
)  # fmt: skip

WHERE = {
    "x": "x: (n); a: (n); b: (m); A: (m, n); B: (m, n); P: (n, n) psd; M: (n, n) symmetric",
    "p": "p: (n) positive; a: (n); c: (n) positive",
    "s,t,r": "s: scalar; t: scalar; r: scalar positive",
    "S": "S: (n, n) spd; P: (n, n) psd; C: (n, n) symmetric; d: (n)",
}
_ATOMS = {"x": _VECTOR, "p": _POSITIVE, "s,t,r": _TWO, "S": _SPD}
_NUMBERS = ("2", "1/2", "3", "-1", "-2")


@dataclass(frozen=True)
class Composed:
    """A function, by which variables, with its declarations."""

    expr: str
    by: str
    where: str


def composed(seed: int) -> Composed:
    """A sum of one to three atoms, with numbers before them, some of them in another function."""
    rng = Random(seed)
    by = rng.choice(tuple(_ATOMS))
    terms = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        term = rng.choice(_ATOMS[by])
        if rng.random() < 0.45:
            outer = rng.choice(_OUTER)
            term = outer.replace("{}", term)
        if rng.random() < 0.35:
            term = f"{rng.choice(_NUMBERS)}*({term})"
        terms.append(f"({term})")
    return Composed(" + ".join(terms), by, WHERE[by])


def bends(f: Composed, segments: int = 160) -> tuple[float, float]:
    """The least and the largest of (f(x) + f(y))/2 − f((x + y)/2), relative, over segments between points of several sizes."""
    e = mc.parse(f.expr, where=f.where)
    names = f.by.split(",")
    rng = np.random.default_rng(7)
    low, high = 0.0, 0.0
    ends = []
    for seed in range(3):
        ends += [(values, sizes) for _, (values, sizes) in zip(range(8), points(e, seed=seed), strict=False)]
    for k in range(segments):
        values, sizes = ends[k % len(ends)]
        x = {n: np.asarray(values[n], float) for n in names if n in values}
        if not x:
            break
        scale = float(rng.choice([0.01, 0.3, 1.0, 3.0]))
        y = {n: _other(n, v, scale, rng) for n, v in x.items()}
        middle = {n: (x[n] + y[n]) / 2 for n in x}
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                a, b, m = (float(mc.evaluate(e, **{**sizes, **values, **at})) for at in (x, y, middle))
        except (MatcalcError, np.linalg.LinAlgError, ValueError, OverflowError):
            continue
        if not all(np.isfinite([a, b, m])) or max(abs(a), abs(b), abs(m)) > 1e12:
            continue
        gap = ((a + b) / 2 - m) / (1 + abs(a) + abs(b) + abs(m))
        low, high = min(low, gap), max(high, gap)
    return low, high


def _other(name: str, x: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Another point of what the variable is declared to be."""
    if name in ("p", "r"):
        return x * np.exp(scale * rng.normal(size=x.shape))
    if name == "S":
        step = rng.normal(size=x.shape)
        return x + scale * step @ step.T if rng.random() < 0.5 else (1 - 0.5 * rng.random()) * x + scale * 0.1 * step @ step.T
    return x + scale * rng.normal(size=x.shape)


def wrong(f: Composed, c: mc.Curvature) -> str | None:
    """The objection of sampling to the verdict; None where there is none."""
    if c.verdict in ("neither", "unknown"):
        return None
    low, high = bends(f)
    if c.verdict in ("convex", "affine") and low < -1e-9:
        return f"{c.verdict}: {low}"
    if c.verdict in ("concave", "affine") and high > 1e-9:
        return f"{c.verdict}: {high}"
    return None


def moving(f: Composed) -> list[str]:
    """The variables that occur."""
    return [name for name in f.by.split(",") if re.search(rf"(?<![a-z]){name}(?![a-z(])", f.expr)]
