"""Programs for JAX and PyTorch are ordinary array code: under jit and vmap, in single precision, on other devices."""

import re

import numpy as np
import pytest

import asking
import matcalc as mc
from asking import derived, to_second_order
from benchmarks.problems import PROBLEMS
from matcalc.checking.sampling import points
from programs import as_given, on
from test_answers import ROWS as BOOK

R = np.random.default_rng(0)
M, N, K, C = 6, 4, 2, 3


def normal(*shape):
    return R.standard_normal(shape)


def spd(n):
    a = normal(n, 2 * n)
    return a @ a.T / n


def tensors(values):
    return as_given("torch", values)


@pytest.fixture
def jax():
    return on("jax")


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
def test_symmetric_matrices_definite_or_not(case, a, target):
    library = on(target)
    text, where = case
    if "spd" in where and a is INDEFINITE:
        return
    e, values = factored(text, where, a)
    given = tensors(values) if target == "torch" else values
    run = mc.compile(e, target)
    wanted = mc.evaluate(e, **values)
    assert np.allclose(run(**given), wanted, rtol=1e-9), run.source
    if target == "jax":
        assert np.allclose(library.jit(lambda d: run(**d))(values), wanted, rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 129, 300])
@pytest.mark.parametrize("target", ["jax", "torch"])
def test_an_inverse_by_a_cholesky_factor(n, target):
    on(target)
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


# --- the programs of the benchmark: value, gradient and Hessian ----------------------------------------------------


def results(problem):
    return to_second_order(problem.text, problem.wrt, problem.where, unconstrained=True)


def compiled(problem, target):
    return asking.compiled(problem.text, problem.wrt, problem.where, unconstrained=True, target=target)


def small(problem, seed=0):
    """Data of the smallest size, or a smaller one, as Hessians of vec(W) are large."""
    few = {"n": 5, "m": 6, "d": 3, "h": 4, "c": 2, "k": 2}
    return problem.data(np.random.default_rng(seed), **{name: few[name] for name in problem.sizes[0]})


def close(found, wanted):
    return all(np.allclose(a, b, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(b)))) for a, b in zip(found, wanted, strict=True))


def batched(problem):
    """Three points of the variable, with the same data."""
    data = small(problem)
    x = data[problem.wrt]
    return data, np.stack([x, 1.1 * x, 0.9 * x])


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_batches_and_compilation_in_jax(problem, jax):
    run, (data, batch) = compiled(problem, "jax"), batched(problem)
    wanted = [compiled(problem, "numpy")(**{**data, problem.wrt: x}) for x in batch]
    at = jax.jit(lambda x: run(**{**data, problem.wrt: x}))
    assert all(close(at(x), w) for x, w in zip(batch, wanted, strict=True))
    assert close(jax.jit(jax.vmap(at))(batch), [np.stack(w) for w in zip(*wanted, strict=True)])


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_batches_in_torch(problem):
    torch = pytest.importorskip("torch")
    run, (data, batch) = compiled(problem, "torch"), batched(problem)
    wanted = [compiled(problem, "numpy")(**{**data, problem.wrt: x}) for x in batch]
    given = tensors(data)
    found = torch.func.vmap(lambda x: run(**{**given, problem.wrt: x}))(torch.tensor(batch))
    assert close(found, [np.stack(w) for w in zip(*wanted, strict=True)])


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_torch_stays_on_the_device(problem):
    """Tensors without values show it: nothing is made on another device, read, or moved."""
    torch = pytest.importorskip("torch")
    data = small(problem)
    given = {name: v.to("meta").float() if torch.is_tensor(v) else v for name, v in tensors(data).items()}
    for found, wanted in zip(compiled(problem, "torch")(**given), compiled(problem, "numpy")(**data), strict=True):
        assert (found.device.type, found.dtype, tuple(found.shape)) == ("meta", torch.float32, np.shape(wanted))


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_the_source_uses_its_own_library(problem, target):
    source = mc.code(results(problem), target)
    imports = set(re.findall(r"^import (\w+)", source, re.MULTILINE))
    assert imports <= {target}
    assert not re.search(r"\b(np|numpy|sla|sc)\.", source.replace("jax.numpy", "jnp"))


@pytest.mark.parametrize("problem", [p for p in PROBLEMS if not p.name.startswith("Gaussian")], ids=lambda problem: problem.name)
def test_xla_transposes_and_copies_nothing(problem, jax):
    g = mc.grad(problem.text, problem.wrt, problem.where, unconstrained=True)
    run, data = mc.compile([g.of, g], "jax"), problem.data(np.random.default_rng(0), **problem.sizes[0])
    made = jax.jit(lambda d: run(**d)).lower(data).compile().as_text()
    assert not re.search(r" (transpose|copy)\(", made)


# expression ; variable ; declarations ; what the program for JAX has ; what it has not
FOR_XLA = [
    ("norm(tanh(X*W) - Y)^2", "W", "X: (m, n); W: (n, p)", "X.T @ (2 * ", "2 * (X.T"),
    ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", "-y * (jnp.where(", "softplus"),
    ("sum(log(exp(-y.*(X*w)) + vector(1))) + sum(sigmoid(X*w))", "w", "X: (m, n); y: (m)", "e = jnp.exp(-jnp.abs(Xw))", "softplus"),
    ("sum(sigmoid(X*w))", "w", "X: (m, n)", "e = jnp.exp(-jnp.abs(Xw))", "sigmoid("),
    ("norm(sigmoid(X*w))^2", "X", "X: (m, n)", "", "sigmoid(-"),
    ("norm(X*w)^2", "w", "X: (m, n)", "@ X", "X.T"),
    ("norm(x - A*b)^2", "A", "x: (n)", "", "A.T"),
]


@pytest.mark.parametrize("text, wrt, where, there, absent", FOR_XLA, ids=[row[0] for row in FOR_XLA])
def test_what_the_compiler_of_jax_is_given(text, wrt, where, there, absent, jax):
    d = mc.grad(text, wrt, where)
    run = mc.compile([d.of, d], "jax")
    body = run.source[run.source.index('"""', run.source.index('"""') + 3) :]
    assert there in body
    assert absent not in body
    for scale in (1, 300):  # neither form overflows
        values, sizes = next(points(d.expr, d.of))
        values = {name: scale * v for name, v in values.items()}
        wanted = [mc.compile(e)(**values) for e in (d.of, d)]
        assert all(np.allclose(a, b) for a, b in zip(run(**values, **sizes), wanted, strict=True))


def test_a_product_of_fixed_data_is_not_scaled_in_each_call():
    outside, inside = mc.code("t*(X'*exp(y))", "jax", where="X: (m, n); y: (m); t: scalar", fixed=["X", "y"]).split("def function(t")
    assert "@ X" in outside
    assert "X" not in inside


# --- single precision ----------------------------------------------------------------------------------------------


# derivative ; expression ; variable ; declarations: what arrays are made of nothing but sizes for, and constants
SINGLE = [
    ("hessian", "x'*x", "x", "x: (n)"),
    ("hessian", "norm(x)", "x", "x: (n)"),
    ("jacobian", "X'", "X", "X: (m, n)"),
    ("jacobian", "kron(A, X)", "X", "A: (m, n); X: (n, m)"),
    ("jacobian", "rowsum(X)", "X", "X: (m, n)"),
    ("jacobian", "X*tr(X)", "X", "X: (n, n)"),
    ("jacobian", "det(X)*inv(X)", "X", "X: (n, n)"),
    ("hessian", "sum(logsumexp_rows(X))", "X", "X: (m, n)"),
    ("grad", "X[2, 1]^2 + sum(X[:, 1])", "X", "X: (m, n)"),
    ("grad", "x[1]*y[2]", "x", "x: (n); y: (n)"),
    ("grad", "sum(erf(x)) + sum(x)*log(2)", "x", "x: (n)"),
    ("grad", "norm(x - c*ones(n))^2", "x", "x: (n); c: scalar"),
    ("grad", "theta[1]*sum(x) + theta[2]/2", "theta", "x: (n); theta: (2)"),
    ("hessian", "theta[1]^2*sum(x)/2 + theta[1]*theta[2]", "theta", "x: (n); theta: (2)"),
    ("jacobian", "expm(X)", "X", "X: (n, n)"),
    ("grad", "tr(logm(S))", "S", "S: (n, n) spd"),
    ("grad", "tr(sqrtm(S)*A)", "S", "S: (n, n) spd; A: (n, n)"),
    ("grad", "logdet(A + t*eye(n))", "t", "A: (n, n) symmetric; t: scalar"),
]


ROWS = [
    *SINGLE,
    *((order, text, wrt, where) for order, text, wrt, _, where in (line.split(" | ") for line in BOOK.strip().splitlines()[::4])),
]


def single(target, v):
    """A value in single precision, as the target takes it."""
    if callable(v):
        return lambda z: single(target, np.asarray(v(np.asarray(z, float))))
    if not isinstance(v, float | np.ndarray):
        return v
    return pytest.importorskip("torch").tensor(np.float32(v)) if target == "torch" else np.float32(v)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1][:40])
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_single_precision_in_and_out(row, target):
    on(target)
    order, text, wrt, where = (part.strip() for part in row)
    d = derived(order, text, wrt, where)
    values, sizes = next(points(d.expr, d.of))
    found = d.compile(target)(**{name: single(target, v) for name, v in (values | sizes).items()})
    if any(isinstance(v, np.ndarray | float) for v in values.values()):
        assert str(found.dtype).removeprefix("torch.") == "float32"
    if row in SINGLE:
        wanted = mc.evaluate(d.expr, **values, **sizes)
        assert np.allclose(found, wanted, rtol=1e-3, atol=1e-3 * (1 + np.max(np.abs(wanted))))


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # SciPy's estimate, of 3e-13 here
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("order", ["grad", "hessian"])
def test_derivatives_of_matrix_functions_in_directions_of_another_scale(order, target):
    d = getattr(mc, order)("tr(L*logm(M))", "M", where="L: (n, n) symmetric; M: (n, n) spd")
    given, factor = {"L": normal(3, 3), "M": spd(3)}, {"grad": 1e12, "hessian": 1e18}[order]
    given["L"] += given["L"].T
    scaled = {"L": 1e6 * given["L"], "M": 1e-6 * given["M"]}
    if target != "numpy":
        on(target)
    run, made = d.compile(target), tensors if target == "torch" else dict
    np.testing.assert_allclose(np.asarray(run(**made(scaled))), factor * np.asarray(run(**made(given))), rtol=1e-9, atol=1e-9 * factor)
