"""From a formula to a fit: `minimizer(…).fit(…)` beside scikit-learn, SciPy with gradients by hand, statsmodels, CVXPY and JAX.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m benchmarks.fits [--quick] [--only NAME] [--out fits.md]      # in tests/

One core, process CPU time, every round times each contestant once, medians of ratios.  Deriving and compiling, JAX's too, is done
once, before; whoever ends more than 1e-8 (relative) above the best value that anyone found has not solved the problem, and is not compared.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

import matcalc as mc

Array = Any
Contestant = Callable[[], Any]  # returns the variables, in the order of the value's arguments
EXCESS = 1e-8
SUMS = 1e-3  # the gradient of a sum over thousands of samples that ends within EXCESS, ours and SciPy's
SAMPLE, ROUNDS = 0.02, 5  # seconds that one sample takes at least


@dataclass
class Fit:
    """One problem at one size: the value of a point, and those who look for it."""

    name: str
    size: str
    value: Callable[..., float]
    ours: Contestant
    others: dict[str, Contestant]
    samples: dict[str, list[float]] = field(default_factory=dict)
    found: dict[str, float] = field(default_factory=dict)
    method: str = ""


# --- the problems -------------------------------------------------------------------------------------------------


def _made(f: str, by: str, where: str, **more: Any) -> Callable[..., Any]:
    problem = mc.minimizer(f, by, where, **more.pop("asked", {}))
    return lambda **data: problem.fit(**data, **more)


def _lbfgs(f: Callable[[Array], tuple[float, Array]], x0: Array, bounds: Any = None, gtol: float = SUMS) -> Array:
    """SciPy's method with a gradient by hand, to the same gradient as ours."""
    options = {"maxiter": 20000, "maxfun": 40000, "gtol": gtol, "ftol": 1e-15}
    return minimize(f, x0, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def _in_jax(problem: str, *data: Any) -> Contestant:
    """The problem in JAX, which is looked for when it is first run."""

    @cache
    def made() -> Contestant:
        from benchmarks import in_jax

        descent: Contestant = getattr(in_jax, problem)(*data)
        return descent

    return lambda: made()()


def logistic(m: int, n: int) -> Fit:
    rng = np.random.default_rng(1)
    x, λ = rng.normal(size=(m, n)), 1.0
    y = np.sign(x @ rng.normal(size=n) / np.sqrt(n) + rng.logistic(size=m))
    fit = _made("sum(log(1 + exp(-y.*(X*w)))) + λ/2*norm(w)^2", "w", "X: (m, n); λ: scalar positive", tol=SUMS)

    def value(w: Array) -> float:
        return float(np.sum(np.logaddexp(0, -y * (x @ w))) + λ / 2 * w @ w)

    def first(w: Array) -> tuple[float, Array]:
        t = -y * (x @ w)
        return float(np.sum(np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))) + λ / 2 * w @ w), λ * w - x.T @ (y * expit(t))

    def learn(solver: str) -> Contestant:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=1 / λ, fit_intercept=False, solver=solver, tol=1e-6, max_iter=1000)
        return lambda: (model.fit(x, y).coef_[0],)

    return Fit("logistic ridge", f"{m}×{n}", value, lambda: fit(X=x, y=y, λ=λ), {
        "scikit-learn lbfgs": learn("lbfgs"), "scikit-learn newton-cholesky": learn("newton-cholesky"),
        "SciPy by hand": lambda: (_lbfgs(first, np.zeros(n)),), "optax": _in_jax("logistic", x, y, λ, SUMS),
    })  # fmt: skip


def ridge(m: int, n: int) -> Fit:
    rng = np.random.default_rng(2)
    x, λ = rng.normal(size=(m, n)), 1.0
    y = x @ rng.normal(size=n) + rng.normal(size=m)
    fit = _made("norm(X*w - y)^2 + λ*norm(w)^2", "w", "X: (m, n); λ: scalar positive")

    def learn() -> Contestant:
        from sklearn.linear_model import Ridge

        model = Ridge(alpha=λ, fit_intercept=False)
        return lambda: (model.fit(x, y).coef_,)

    def by_hand() -> tuple[Array]:
        return (cho_solve(cho_factor(x.T @ x + λ * np.eye(n)), x.T @ y),)

    return Fit("ridge", f"{m}×{n}", lambda w: float(np.sum((x @ w - y) ** 2) + λ * w @ w), lambda: fit(X=x, y=y, λ=λ),
               {"scikit-learn": learn(), "normal equations by hand": by_hand, "optax": _in_jax("ridge", x, y, λ, SUMS)})  # fmt: skip


def poisson(m: int, n: int) -> Fit:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(m, n)) / np.sqrt(n)
    y = rng.poisson(np.exp(x @ rng.normal(size=n))).astype(float)
    fit = _made("sum(exp(X*w)) - y'*(X*w)", "w", "X: (m, n)", tol=SUMS)

    def first(w: Array) -> tuple[float, Array]:
        t = x @ w
        e = np.exp(t)
        return float(np.sum(e) - y @ t), x.T @ (e - y)

    def learn(solver: str) -> Contestant:
        from sklearn.linear_model import PoissonRegressor

        model = PoissonRegressor(alpha=0, fit_intercept=False, solver=solver, tol=1e-8, max_iter=1000)
        return lambda: (model.fit(x, y).coef_,)

    def glm() -> Contestant:
        import statsmodels.api as sm

        return lambda: (sm.GLM(y, x, family=sm.families.Poisson()).fit(tol=1e-10).params,)

    return Fit("Poisson", f"{m}×{n}", lambda w: first(w)[0], lambda: fit(X=x, y=y), {
        "scikit-learn lbfgs": learn("lbfgs"), "scikit-learn newton-cholesky": learn("newton-cholesky"), "statsmodels": glm(),
        "SciPy by hand": lambda: (_lbfgs(first, np.zeros(n)),), "optax": _in_jax("poisson", x, y, SUMS),
    })  # fmt: skip


def softmax(m: int, n: int, k: int) -> Fit:
    rng = np.random.default_rng(4)
    x, λ = rng.normal(size=(m, n)), 1.0
    labels = np.argmax(x @ rng.normal(size=(n, k)) / np.sqrt(n) + rng.gumbel(size=(m, k)), axis=1)
    y = np.eye(k)[labels]
    fit = _made("sum(logsumexp_rows(X*W)) - inner(Y, X*W) + λ/2*norm(W)^2", "W", "X: (m, n); Y: (m, k); λ: scalar positive", tol=SUMS)

    def first(u: Array) -> tuple[float, Array]:
        w = u.reshape(n, k)
        z = x @ w
        top = logsumexp(z, axis=1)
        return float(np.sum(top) - np.vdot(y, z) + λ / 2 * u @ u), (x.T @ (np.exp(z - top[:, None]) - y) + λ * w).ravel()

    def learn(solver: str) -> Contestant:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=1 / λ, fit_intercept=False, solver=solver, tol=1e-6, max_iter=1000)
        return lambda: (model.fit(x, labels).coef_.T,)

    return Fit("softmax", f"{m}×{n}×{k}", lambda w: first(np.ravel(w))[0], lambda: fit(X=x, Y=y, λ=λ), {
        "scikit-learn lbfgs": learn("lbfgs"), "scikit-learn newton-cg": learn("newton-cg"), "SciPy by hand": lambda: (_lbfgs(first, np.zeros(n * k)),),
        "optax": _in_jax("softmax", x, y, λ, SUMS),
    })  # fmt: skip


def gaussian_process(n: int) -> Fit:
    rng = np.random.default_rng(5)
    t = np.sort(rng.uniform(-4, 4, size=n))
    y = np.sin(2 * t) + 0.2 * rng.normal(size=n)
    d = (t[:, None] - t) ** 2
    where = "K = s*exp(-D/(2*l)) + v*eye(n); D: (n, n) symmetric; s: scalar positive; l: scalar positive; v: scalar positive; y: (n)"
    fit = _made("y'*inv(K)*y/2 + logdet(K)/2", "s,l,v", where, tol=1e-4)

    def value(s: float, l: float, v: float) -> float:
        c = cho_factor(s * np.exp(-d / (2 * l)) + v * np.eye(n), lower=True)
        return float(y @ cho_solve(c, y) / 2 + np.sum(np.log(np.diagonal(c[0]))))

    def first(u: Array) -> tuple[float, Array]:
        s, l, v = np.exp(u)
        e = np.exp(-d / (2 * l))
        c = cho_factor(s * e + v * np.eye(n), lower=True)
        a, inverse = cho_solve(c, y), cho_solve(c, np.eye(n))
        w = (inverse - np.outer(a, a)) / 2
        g = np.array([np.vdot(w, e), np.vdot(w, s * e * d) / (2 * l * l), np.trace(w)])
        return float(y @ a / 2 + np.sum(np.log(np.diagonal(c[0])))), g * np.exp(u)

    def learn() -> Contestant:
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

        model = GaussianProcessRegressor(ConstantKernel() * RBF() + WhiteKernel(), alpha=0)

        def run() -> tuple[float, float, float]:
            s, l, v = np.exp(model.fit(t[:, None], y).kernel_.theta)
            return s, l * l, v

        return run

    return Fit("Gaussian process", f"{n}", value, lambda: fit(D=d, y=y), {
        "scikit-learn": learn(), "SciPy by hand": lambda: tuple(np.exp(_lbfgs(first, np.zeros(3), gtol=1e-4))),
        "optax": _in_jax("gaussian_process", d, y, 1e-4),
    })  # fmt: skip


def factorisation(m: int, n: int, k: int) -> Fit:
    rng = np.random.default_rng(6)
    t = np.abs(rng.normal(size=(m, k))) @ np.abs(rng.normal(size=(k, n))) + 0.1 * np.abs(rng.normal(size=(m, n)))
    u0, v0 = np.abs(rng.normal(size=(m, k))), np.abs(rng.normal(size=(k, n)))
    fit = _made("norm(T - U*V)^2", "U,V", "U: (m, k) nonnegative; V: (k, n) nonnegative", start={"U": u0, "V": v0}, tol=1e-4)

    def first(z: Array) -> tuple[float, Array]:
        u, v = z[: m * k].reshape(m, k), z[m * k :].reshape(k, n)
        r = u @ v - t
        return float(np.vdot(r, r)), np.concatenate([2 * (r @ v.T).ravel(), 2 * (u.T @ r).ravel()])

    def by_hand() -> tuple[Array, Array]:
        z = _lbfgs(first, np.concatenate([u0.ravel(), v0.ravel()]), [(0, None)] * (m * k + k * n), gtol=1e-4)
        return z[: m * k].reshape(m, k), z[m * k :].reshape(k, n)

    def learn() -> Contestant:
        from sklearn.decomposition import NMF

        model = NMF(k, init="custom", tol=1e-9, max_iter=20000)

        def run() -> tuple[Array, Array]:
            u = model.fit_transform(t, W=u0.copy(), H=v0.copy())
            return u, model.components_

        return run

    return Fit("NMF", f"{m}×{n}×{k}", lambda u, v: float(np.sum((t - u @ v) ** 2)), lambda: fit(T=t),
               {"scikit-learn": learn(), "SciPy by hand": by_hand, "JAXopt": _in_jax("factorisation", t, u0, v0, 1e-4)})  # fmt: skip


def factor_analysis(p: int, k: int) -> Fit:
    rng = np.random.default_rng(7)
    m = 1000
    x = rng.normal(size=(m, k)) @ rng.normal(size=(k, p)) + rng.normal(size=(m, p)) * np.sqrt(rng.uniform(0.5, 2, size=p))
    x -= x.mean(axis=0)
    c = x.T @ x / m
    w0 = np.random.default_rng(0).normal(size=(p, k))
    f = "logdet(W*W' + diag(ψ)) + tr(inv(W*W' + diag(ψ))*C)"
    fit = _made(f, "W,ψ", "W: (p, k); ψ: (p) positive; C: (p, p) spd", start={"W": w0, "ψ": np.ones(p)}, tol=1e-5)

    def first(z: Array) -> tuple[float, Array]:
        w, ψ = z[: p * k].reshape(p, k), z[p * k :]
        s = w @ w.T + np.diag(ψ)
        inverse = np.linalg.inv(s)
        g = inverse - inverse @ c @ inverse
        return float(np.linalg.slogdet(s)[1] + np.vdot(inverse, c)), np.concatenate([2 * (g @ w).ravel(), np.diagonal(g)])

    def by_hand() -> tuple[Array, Array]:
        z = _lbfgs(first, np.concatenate([w0.ravel(), np.ones(p)]), [(None, None)] * (p * k) + [(1e-9, None)] * p, gtol=1e-5)
        return z[: p * k].reshape(p, k), z[p * k :]

    def learn() -> Contestant:
        from sklearn.decomposition import FactorAnalysis

        model = FactorAnalysis(k, tol=1e-9, max_iter=20000, svd_method="lapack")

        def run() -> tuple[Array, Array]:
            model.fit(x)
            return model.components_.T, model.noise_variance_

        return run

    return Fit("factor analysis", f"{p},{k}", lambda w, ψ: first(np.concatenate([np.ravel(w), ψ]))[0], lambda: fit(C=c),
               {"scikit-learn": learn(), "SciPy by hand": by_hand, "optax": _in_jax("factor_analysis", c, w0, 1e-5)})  # fmt: skip


def portfolio(n: int) -> Fit:
    rng = np.random.default_rng(8)
    loads = rng.normal(size=(2 * n, n))
    s = loads.T @ loads / (2 * n) + 0.1 * np.eye(n)
    r = 0.3 * rng.normal(size=n)
    fit = _made("w'*S*w/2 - r'*w", "w", "S: (n, n) spd; w: (n) nonnegative", asked={"subject_to": "sum(w) = 1"})

    def modelled() -> Contestant:
        import cvxpy as cp

        w = cp.Variable(n)
        problem = cp.Problem(cp.Minimize(cp.quad_form(w, cp.psd_wrap(s)) / 2 - r @ w), [cp.sum(w) == 1, w >= 0])

        def run() -> tuple[Array]:
            problem.solve(solver=cp.OSQP, eps_abs=1e-9, eps_rel=1e-9, max_iter=100000)
            return (np.maximum(w.value, 0) / np.sum(np.maximum(w.value, 0)),)

        return run

    def clarabel() -> Contestant:
        import cvxpy as cp

        w = cp.Variable(n)
        problem = cp.Problem(cp.Minimize(cp.quad_form(w, cp.psd_wrap(s)) / 2 - r @ w), [cp.sum(w) == 1, w >= 0])

        def run() -> tuple[Array]:
            problem.solve(solver=cp.CLARABEL)
            return (np.maximum(w.value, 0) / np.sum(np.maximum(w.value, 0)),)

        return run

    def slsqp() -> tuple[Array]:
        found = minimize(
            lambda w: (w @ s @ w / 2 - r @ w, s @ w - r), np.full(n, 1 / n), jac=True, method="SLSQP", bounds=[(0, None)] * n,
            constraints={"type": "eq", "fun": lambda w: np.sum(w) - 1, "jac": lambda w: np.ones(n)}, options={"ftol": 1e-12, "maxiter": 500},
        )  # fmt: skip
        return (found.x,)

    return Fit("portfolio", f"{n}", lambda w: float(w @ s @ w / 2 - r @ w), lambda: fit(S=s, r=r),
               {"CVXPY OSQP": modelled(), "CVXPY Clarabel": clarabel(), "SciPy SLSQP": slsqp, "JAXopt": _in_jax("portfolio", s, r, 1e-9)})  # fmt: skip


def problems(quick: bool, only: str) -> Iterator[Fit]:
    table: list[tuple[Callable[..., Fit], tuple[int, ...], tuple[int, ...]]] = [
        (logistic, (1000, 20), (10000, 100)), (ridge, (1000, 20), (20000, 200)), (poisson, (1000, 20), (10000, 100)),
        (softmax, (1000, 20, 5), (5000, 50, 10)), (gaussian_process, (100,), (400,)), (factorisation, (100, 60, 5), (400, 200, 10)),
        (factor_analysis, (10, 2), (30, 4)), (portfolio, (50,), (300,)),
    ]  # fmt: skip
    for make, *sizes in table:
        if only in make.__name__:
            for size in sizes[:1] if quick else sizes:
                yield make(*size)


# --- the measurement ----------------------------------------------------------------------------------------------


def measured(fit: Fit, rounds: int) -> None:
    runs: dict[str, Contestant] = {"matcalc": fit.ours, **fit.others}
    times = {}
    for name, run in runs.items():
        try:
            run()
            start = time.process_time()
            point = run()
        except Exception as error:  # a contestant that is not installed, or fails
            print(f"   {name}: {type(error).__name__}: {error}"[:200])
            continue
        times[name] = max(1, round(SAMPLE / max(time.process_time() - start, 1e-6)))
        if name == "matcalc":
            fit.method, point = point.method, tuple(point.x.values())
        fit.found[name], fit.samples[name] = fit.value(*point), []
    for _ in range(rounds):
        for name, count in times.items():
            start = time.process_time()
            for _ in range(count):
                runs[name]()
            fit.samples[name].append((time.process_time() - start) / count)


def line(fit: Fit) -> tuple[str, float, float]:
    """The row of a table, and the ratios to the fastest library and to the fastest of those by hand."""
    best = min(fit.found.values())
    excess = {name: (v - best) / max(1.0, abs(best)) for name, v in fit.found.items()}
    told = []
    for n in fit.samples:
        wrong = f" ({excess[n]:.0e})" if excess[n] > EXCESS else ""
        told.append(f"{n} {1e3 * median(fit.samples[n]):.2f}{wrong}")
    ratios = []
    for by_hand in (False, True):
        equal = [n for n in fit.others if n in fit.found and excess[n] <= EXCESS and ("hand" in n or "SLSQP" in n) == by_hand]
        ratios.append(min((_ratio(fit, n) for n in equal), default=float("nan"), key=lambda r: -r))
    shown = " | ".join(f"{r:.2f}" if r == r else "–" for r in ratios)
    return f"| {fit.name} | {fit.size} | {fit.method} | {shown} | {' · '.join(told)} |", ratios[0], ratios[1]


def _ratio(fit: Fit, other: str) -> float:
    return median(a / b for a, b in zip(fit.samples["matcalc"], fit.samples[other], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smaller sizes, few rounds")
    parser.add_argument("--only", default="", help="one problem, by a part of its name")
    parser.add_argument("--out", help="write the table to a file")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    warnings.simplefilter("ignore")
    lines = ["| problem | size | method | ÷ fastest library | ÷ by hand | CPU ms (excess above 1e-8) |", "|---|--:|---|--:|--:|---|"]
    ratios: tuple[list[float], list[float]] = [], []
    for fit in problems(options.quick, options.only):
        measured(fit, 3 if options.quick else ROUNDS)
        text, *both = line(fit)
        print(text, flush=True)
        lines.append(text)
        for found, ratio in zip(ratios, both, strict=True):
            found += [ratio] if ratio == ratio else []
    for what, found in zip(("the fastest library", "SciPy and NumPy by hand"), ratios, strict=True):
        if found:
            lines += ["", f"÷ {what}: geometric mean {geometric_mean(found):.2f}, the worst {max(found):.2f}."]
            print(lines[-1])
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write("# Fits: time ÷ that of others who reach the same objective\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
