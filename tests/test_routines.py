"""The routines that programs bring along: the same numbers from each library, as their definitions say them."""

from importlib import import_module

import numpy as np
import pytest

from matcalc.programs.routines import FILES, routines
from programs import on

rng = np.random.default_rng(3)
X, Y, A, B, C = (rng.normal(size=s) for s in ((7, 3), (7, 4), (3, 4), (3, 3), (3, 3)))
W, D, V = rng.normal(size=(7, 2, 2)), rng.normal(size=(7, 2)), rng.normal(size=(7, 2, 3))
S, L = X.T @ X, np.diag([3.0, -2.0, 5.0]) + B
H = rng.normal(size=(14, 21))
LARGE = H[:, :14] @ H[:, :14].T / 14 + np.eye(14)
LARGE = np.kron(np.eye(12), LARGE)
WIDE, SIGNS = rng.normal(size=(7, 64)), np.arange(-3, 4) * 1.5


def blocks(w, m, outer=False):
    p, q = w.shape[-2:]
    h = np.einsum("ij,ipq->ipjq" if outer else "ij,ipq->piqj", np.eye(m), np.broadcast_to(w, (m, p, q)))
    return h.reshape(p * m, q * m)


def gram(x, w, y):
    return np.einsum("ij,iab,ik->ajbk", x, w, y).reshape(w.shape[1] * x.shape[1], -1)


def factored(name, then):
    return lambda r, a, *more: r[then](r[name](a), *more)


def half_solved(r, a, b):
    h = r["_half_solve"](r["_cholesky"](a), b)
    return h.T @ h


def half_of_gram(r, x, w):
    return r["_gram"](x, w)


# The routine, or what is made with several; its arguments; what comes of them.
ROWS = [
    ("_of_blocks", (V, 7), blocks(V, 7)),
    ("_of_blocks", (V, 7, True), blocks(V, 7, True)),
    ("_of_blocks", (A, 5), np.kron(A, np.eye(5))),
    ("_of_blocks", (A, 5, True), np.kron(np.eye(5), A)),
    ("_plus_blocks", (H, V, 7), H + blocks(V, 7)),
    ("_plus_blocks", (H, V, 7, True), H + blocks(V, 7, True)),
    ("_plus_diagonal", (B, X[0]), B + np.diag(X[0])),
    ("_plus_diagonal", (W, D), W + D[:, :, None] * np.eye(2)),
    ("_kron_sum", ([A, B @ A], [C, B]), np.kron(A, C) + np.kron(B @ A, B)),
    ("_kron_sum", ([A, B @ A], [C, B], True), np.kron(C, A)[:, [4 * j + i for i in range(4) for j in range(3)]] + np.kron(B, B @ A)[:, [4 * j + i for i in range(4) for j in range(3)]]),
    ("_gram", (X, W + W.transpose(0, 2, 1)), gram(X, W + W.transpose(0, 2, 1), X)),
    ("_gram2", (X, V, Y), gram(X, V, Y)),
    ("_gram2", (WIDE, W, WIDE[:, 7:]), gram(WIDE, W, WIDE[:, 7:])),
    (half_of_gram, (WIDE, W + W.transpose(0, 2, 1)), gram(WIDE, W + W.transpose(0, 2, 1), WIDE)),
    (half_of_gram, (WIDE, W), gram(WIDE, W, WIDE)),
    ("_gram_by_sign", (X, SIGNS), (X.T * SIGNS) @ X),
    ("_gram_by_sign", (X, SIGNS**2), (X.T * SIGNS**2) @ X),
    ("_block_diagonal_gram", (X, D, Y), gram(X, D[:, :, None] * np.eye(2), Y)),
    ("_inside", (A, Y, A.T), np.einsum("rn,in,nc->irc", A, Y, A.T)),
    ("_trace_of_product", (A, A.T @ B), np.trace(A @ A.T @ B)),
    ("_others", (D[:3] + 3,), (D[:3] + 3).prod() / (D[:3] + 3)),
    ("_pinv_of_rank", (X, 3), np.linalg.pinv(X)),
    ("_resolvent", (S,), np.linalg.pinv(np.linalg.eigvalsh(S)[-1] * np.eye(3) - S)),
    ("_inverse_times_term", (np.linalg.inv(2 * S + 3 * np.eye(3)), S, 2.0, 3.0), np.linalg.inv(2 * S + 3 * np.eye(3)) @ S),
    (factored("_cholesky", "_solve"), (S, A), np.linalg.solve(S, A)),
    (factored("_cholesky_or_lu", "_solve"), (S, A), np.linalg.solve(S, A)),
    (factored("_cholesky_or_lu", "_solve"), (L + L.T, A[:, 0]), np.linalg.solve(L + L.T, A[:, 0])),
    (factored("_factor", "_solve"), (L, A), np.linalg.solve(L, A)),
    (factored("_factor", "_solve"), (L, A, 1), np.linalg.solve(L.T, A)),
    (factored("_cholesky", "_inverse"), (S,), np.linalg.inv(S)),
    (factored("_cholesky", "_inverse"), (LARGE,), np.linalg.inv(LARGE)),
    (factored("_factor", "_inverse"), (L,), np.linalg.inv(L)),
    (factored("_cholesky", "_logdet"), (S,), np.linalg.slogdet(S)[1]),
    (factored("_factor", "_logdet"), (L,), np.linalg.slogdet(L)[1]),
    (factored("_cholesky_or_lu", "_det"), (S,), np.linalg.det(S)),
    (factored("_factor", "_det"), (L,), np.linalg.det(L)),
    (lambda r, a: r["_adj"](r["_factor"](a), a), (L,), np.linalg.det(L) * np.linalg.inv(L)),
    (half_solved, (S, A), A.T @ np.linalg.solve(S, A)),
    (lambda r, a: (r["_eigh"](a)[1] * r["_eigh"](a)[0]) @ r["_eigh"](a)[1].T, (S,), S),
    ("_places", (np.array([1, 3, 2, 3]), 3), [0, 2, 1, 2]),
    ("_added_at", (A, np.array([1, 0, 1]), 2), [A[1], A[0] + A[2]]),
    ("_along", (A, np.array([2, 0, 1, 1])), A[[2, 0, 1, 1], range(4)]),
    (lambda r, a, b: r["_each"](lambda x, y: x @ y, [(0, None)], a, b), (W, A[:2, :2]), W @ A[:2, :2]),
]  # fmt: skip


# What the templates of a library write without a routine.
IN_PLACE = ("_plus_diagonal", "_trace_of_product", "_inverse_times_term")
OTHERWISE = {"numpy": (), "jax": (*IN_PLACE[:2], "_plus_blocks"), "torch": (*IN_PLACE, half_solved, half_of_gram)}


def made(target: str):
    """The routines of a target as programs bring them along, and how an array is given to them."""
    on(target)
    scope: dict = {"np": np}
    libraries = {
        "numpy": "np=numpy sla=scipy.linalg sps=scipy.sparse",
        "jax": "jax=jax jnp=jax.numpy sl=jax.scipy.linalg",
        "torch": "torch=torch",
    }[target]
    for name, module in (part.split("=") for part in libraries.split()):
        scope[name] = import_module(module)
    exec("\n\n".join(routines(target).values()), scope)
    array = {"numpy": np.array, "jax": lambda a: scope["jnp"].asarray(a), "torch": lambda a: scope["torch"].tensor(a)}[target]
    return scope, lambda a: [array(b) for b in a] if isinstance(a, list) else array(a) if isinstance(a, np.ndarray) else a


@pytest.mark.parametrize("target", FILES)
def test_routines_compute_what_they_say(target: str) -> None:
    scope, given = made(target)
    for call, arguments, wanted in ROWS:
        if call in OTHERWISE[target]:
            continue
        found = (scope[call] if isinstance(call, str) else lambda *a, call=call: call(scope, *a))(*map(given, arguments))
        assert np.allclose(np.asarray(found), wanted, rtol=1e-10, atol=1e-10), call


@pytest.mark.parametrize("target", FILES)
def test_every_routine_is_a_function_of_its_file_without_types(target: str) -> None:
    for name, text in routines(target).items():
        assert text.startswith(f"def {name}(") and ") -> " not in text and ": Array" not in text
        if target != "numpy":
            assert "np." not in text.replace("jnp.", "") and (target == "jax" or "jax" not in text and "jnp" not in text)
