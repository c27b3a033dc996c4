"""The problems of `fits` in JAX, on the CPU in double precision: optax's L-BFGS, JAXopt's methods where there are bounds.

Each function takes the data and returns a descent, which is one compiled program from the start to a vanishing gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jaxopt
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)
Array = Any
Descent = Callable[[], tuple[Any, ...]]
MOST, MEMORY = 20000, 12


def logistic(x: Array, y: Array, λ: float, gtol: float) -> Descent:
    return _lbfgs(lambda w, x, y: jnp.sum(jnp.logaddexp(0, -y * (x @ w))) + λ / 2 * w @ w, np.zeros(x.shape[1]), x, y, gtol=gtol)


def ridge(x: Array, y: Array, λ: float, gtol: float) -> Descent:
    return _lbfgs(lambda w, x, y: jnp.sum((x @ w - y) ** 2) + λ * w @ w, np.zeros(x.shape[1]), x, y, gtol=gtol)


def poisson(x: Array, y: Array, gtol: float) -> Descent:
    return _lbfgs(lambda w, x, y: jnp.sum(jnp.exp(x @ w)) - y @ (x @ w), np.zeros(x.shape[1]), x, y, gtol=gtol)


def softmax(x: Array, y: Array, λ: float, gtol: float) -> Descent:
    def f(w: Array, x: Array, y: Array) -> Array:
        z = x @ w
        return jnp.sum(jax.nn.logsumexp(z, axis=1)) - jnp.sum(y * z) + λ / 2 * jnp.sum(w**2)

    return _lbfgs(f, np.zeros((x.shape[1], y.shape[1])), x, y, gtol=gtol)


def gaussian_process(d: Array, y: Array, gtol: float) -> Descent:
    def f(logarithms: Array, d: Array, y: Array) -> Array:
        s, l, v = jnp.exp(logarithms)
        c = jnp.linalg.cholesky(s * jnp.exp(-d / (2 * l)) + v * jnp.eye(len(y)))
        a = jax.scipy.linalg.solve_triangular(c, y, lower=True)
        return a @ a / 2 + jnp.sum(jnp.log(jnp.diagonal(c)))

    run = _lbfgs(f, np.zeros(3), d, y, gtol=gtol)
    return lambda: tuple(np.exp(run()[0]))


def factor_analysis(c: Array, w0: Array, gtol: float) -> Descent:
    def f(point: Any, c: Array) -> Array:
        w, logarithms = point
        factor = jnp.linalg.cholesky(w @ w.T + jnp.diag(jnp.exp(logarithms)))
        return 2 * jnp.sum(jnp.log(jnp.diagonal(factor))) + jnp.trace(jax.scipy.linalg.cho_solve((factor, True), c))

    run = _lbfgs(f, (w0, np.zeros(len(w0))), c, gtol=gtol)

    def descent() -> tuple[Array, Array]:
        w, logarithms = run()
        return w, np.exp(logarithms)

    return descent


def factorisation(t: Array, u0: Array, v0: Array, gtol: float) -> Descent:
    method = jaxopt.LBFGSB(lambda z, t: jnp.sum((z[0] @ z[1] - t) ** 2), maxiter=MOST, tol=gtol, history_size=MEMORY, implicit_diff=False)
    zeros, far = jax.tree.map(jnp.zeros_like, (u0, v0)), jax.tree.map(lambda a: jnp.full(a.shape, jnp.inf), (u0, v0))
    return _compiled(lambda z, t: method.run(z, (zeros, far), t).params, (u0, v0), t)


def portfolio(s: Array, r: Array, tol: float) -> Descent:
    simplex = jaxopt.projection.projection_simplex
    method = jaxopt.ProjectedGradient(lambda w, s, r: w @ s @ w / 2 - r @ w, simplex, maxiter=MOST, tol=tol, implicit_diff=False)
    return _compiled(lambda w, s, r: method.run(w, 1.0, s, r).params, np.full(len(r), 1 / len(r)), s, r)


def _lbfgs(f: Callable[..., Array], start: Any, *data: Array, gtol: float) -> Descent:
    """Optax's L-BFGS to a gradient with no entry above gtol."""
    method = optax.lbfgs(memory_size=MEMORY)

    def descended(point: Any, *data: Array) -> Any:
        def objective(point: Any) -> Array:
            return f(point, *data)

        first = optax.value_and_grad_from_state(objective)

        def step(known: Any) -> Any:
            point, state = known
            value, g = first(point, state=state)
            moves, state = method.update(g, state, point, value=value, grad=g, value_fn=objective)
            return optax.apply_updates(point, moves), state

        def goes_on(known: Any) -> Array:
            count, g = optax.tree.get(known[1], "count"), optax.tree.get(known[1], "grad")
            return (count == 0) | (count < MOST) & (optax.tree.norm(g, ord=jnp.inf) > gtol)

        return jax.lax.while_loop(goes_on, step, (point, method.init(point)))[0]

    return _compiled(descended, start, *data)


def _compiled(descended: Callable[..., Any], start: Any, *data: Array) -> Descent:
    program, ready = jax.jit(descended), jax.tree.map(jnp.asarray, (start, *data))

    def run() -> tuple[Any, ...]:
        found = jax.tree.map(np.asarray, program(*ready))
        return found if isinstance(found, tuple) else (found,)

    return run
