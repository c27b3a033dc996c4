"""Programs for JAX and PyTorch are ordinary array code: under jit and vmap, in single precision, on other devices."""

import numpy as np
import pytest

import matcalc as mc

R = np.random.default_rng(0)
M, N, K, C = 6, 4, 2, 3


def normal(*shape):
    return R.standard_normal(shape)


def spd(n):
    a = normal(n, 2 * n)
    return a @ a.T / n


def tensors(values):
    torch = pytest.importorskip("torch")
    return {name: torch.tensor(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}


@pytest.fixture
def jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


# --- factorisations ----------------------------------------------------------------------------------------------

# expression ; declarations ; what differs: a factor that serves once, twice, and the determinant
FACTORED = [
    ("x'*inv(A)*x + logdet(A)", "A: (n, n) symmetric"),
    ("x'*inv(A)*x + tr(inv(A)*B*inv(A)*B) + det(A)", "A: (n, n) symmetric; B: (n, n)"),
    ("x'*inv(A)*x + logdet(A) + tr(inv(A)*B)", "A: (n, n) spd; B: (n, n)"),
    ("inv(A)*x*logdet(A)", "A: (n, n) symmetric"),
    ("x'*inv(s*A + t*eye(n))*x + tr(inv(s*A + t*eye(n))*A*B) + logdet(s*A + t*eye(n))", "A: (n, n) symmetric; B: (n, n); s: scalar; t: scalar"),
]  # fmt: skip
DEFINITE, INDEFINITE = spd(N), np.diag([1.0, -2.0, 3.0, -0.5]) + 0.1 * spd(N)


def factored(text, where, a):
    given = {"A": a, "B": normal(N, N), "x": normal(N), "s": 0.8, "t": 0.3}
    e = mc.parse(text, where=where)
    return e, {n: v for n, v in given.items() if n in mc.code(e)}


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("a", [DEFINITE, INDEFINITE], ids=["definite", "indefinite"])
@pytest.mark.parametrize("case", FACTORED, ids=lambda case: case[0])
def test_symmetric_matrices_definite_or_not(case, a, target, jax):
    text, where = case
    if "spd" in where and a is INDEFINITE:
        return
    e, values = factored(text, where, a)
    given = tensors(values) if target == "torch" else values
    run = mc.compile(e, target)
    wanted = mc.evaluate(e, **values)
    assert np.allclose(run(**given), wanted, rtol=1e-9), run.source
    if target == "jax":
        assert np.allclose(jax.jit(lambda d: run(**d))(values), wanted, rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 129, 300])
@pytest.mark.parametrize("target", ["jax", "torch"])
def test_an_inverse_by_a_cholesky_factor(n, target, jax):
    a = spd(n)
    given = tensors({"A": a}) if target == "torch" else {"A": a}
    inverse, logdet = map(np.asarray, mc.compile(["inv(A)", "logdet(A)"], target, where="A: (n, n) spd")(**given))
    assert np.allclose(inverse @ a, np.eye(n), atol=1e-9)
    assert np.allclose(inverse, inverse.T, atol=1e-12)
    assert np.isclose(logdet, np.linalg.slogdet(a)[1])


@pytest.mark.parametrize("case", FACTORED, ids=lambda case: case[0])
def test_batches_of_definite_and_indefinite_matrices(case, jax):
    torch = pytest.importorskip("torch")
    text, where = case
    e, values = factored(text, where, DEFINITE)
    batch = np.stack([DEFINITE, 2 * DEFINITE] if "spd" in where else [DEFINITE, INDEFINITE])
    wanted = [mc.evaluate(e, **{**values, "A": a}) for a in batch]
    assert np.allclose(jax.vmap(lambda a: mc.compile(e, "jax")(**{**values, "A": a}))(batch), wanted)
    given = tensors(values)
    found = torch.func.vmap(lambda a: mc.compile(e, "torch")(**{**given, "A": a}))(torch.tensor(batch))
    assert np.allclose(found, wanted)


def test_a_solution_of_the_transposed_system(jax):
    e = mc.parse("x'*inv(A)*y + logdet(A) + sum(inv(A')*x)", where="A: (n, n) invertible; x: (n); y: (n)")
    values = {"A": normal(N, N), "x": normal(N), "y": normal(N)}
    for target, given in (("jax", values), ("torch", tensors(values))):
        assert np.allclose(mc.compile(e, target)(**given), mc.evaluate(e, **values)), target
