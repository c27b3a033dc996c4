"""Programs of several results: what they share, what is never formed, data that stay, operators, all against the evaluator."""

import re

import numpy as np
import pytest

import matcalc as mc
from asking import to_second_order
from matcalc.errors import MatcalcError, ShapeError, UnknownNameError, UnsupportedError
from programs import as_given, on

R = np.random.default_rng(0)
M, N, K, C = 7, 4, 2, 3


def normal(*shape):
    return R.standard_normal(shape)


def spd(n):
    a = normal(n, 2 * n)
    return a @ a.T / n


# expression ; variable ; declarations ; values ; text that the program has ; text that it has not
PROGRAMS = [
    ("x'*A*x", "x", "A: (n, n)", {"A": normal(N, N), "x": normal(N)}, "", "np.outer"),
    ("norm(A*x - b)^2", "x", "A: (m, n)", {"A": normal(M, N), "x": normal(N), "b": normal(M)}, "A.T @ A", "inv"),
    ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", {"X": normal(M, N), "w": normal(N), "y": np.sign(normal(M))}, "np.sqrt", "np.log(np.exp"),
    ("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)", {"T": normal(M, N), "U": normal(M, K), "V": normal(N, K)}, "_of_blocks", "np.eye"),
    ("norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": normal(M, C)}, "_block_diagonal_gram", "kron"),
    ("norm(1./(1 + exp(-X*W)) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": normal(M, C)}, "np.minimum", "kron"),
    ("sum(rowsum(Y).*logsumexp_rows(X*W)) - sum(Y.*(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": np.abs(normal(M, C))}, "_gram(X", "kron"),
    ("sum(rowsum(Y).*logsumexp_rows(tanh(X*W)*V)) - sum(Y.*(tanh(X*W)*V))", "W", "X: (m, d); W: (d, h); V: (h, c); Y: (m, c)",
     {"X": normal(M, N), "W": normal(N, K), "V": normal(K, C), "Y": np.abs(normal(M, C))}, "_gram(X", "kron"),
    ("norm(((X*W).*sigmoid(X*V))*c - y)^2", "W", "X: (m, n); W: (n, k); V: (n, k); c: (k); y: (m)",
     {"X": normal(M, N), "W": normal(N, K), "V": normal(N, K), "c": normal(K), "y": normal(M)}, "[:, :, None] * X[:, None, :]", "tensordot"),
    ("norm(exp(-t*D)*a - y)^2", "t", "D: (m, n); t: scalar", {"D": normal(M, N), "a": normal(N), "y": normal(M), "t": np.array(0.3)}, "r @ ", "np.vdot"),
    ("norm(X - X*w*w')^2", "w", "X: (m, n)", {"X": normal(M, N), "w": normal(N)}, "np.vdot(X, X)", "kron"),
    ("log(det(S)) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) symmetric", {"S": spd(N), "C": spd(N)}, "_cholesky(S)", "np.linalg"),
    ("y'*inv(A)*y + logdet(A)", "A", "A: (n, n) invertible", {"A": normal(N, N) + 4 * np.eye(N), "y": normal(N)}, "_factor(A)", "np.linalg.inv"),
    ("y'*inv(s*exp(-D) + t*eye(n))*y/2 + log(det(s*exp(-D) + t*eye(n)))/2", "t", "D: (n, n) symmetric; y: (n); s: scalar; t: scalar",
     {"D": np.abs(spd(N)) * (1 - np.eye(N)) + 1, "y": normal(N), "s": 0.3, "t": 2.0}, "_cholesky_or_lu(", "np.linalg"),
    ("norm(rowsum((X*V).^2) - (X.^2)*rowsum(V.^2))^2", "V", "X: (m, n); V: (n, k)", {"X": normal(M, N), "V": normal(N, K)}, "M1.T @ M1", "_gram"),
    ("norm(rowsum((X*V').^2) - (X.^2)*colsum(V.^2))^2", "V", "X: (m, n); V: (k, n)", {"X": normal(M, N), "V": normal(K, N)}, "M1.T @ M1", "_gram"),
    ("norm(rowsum((V'*X)'.^2) - y)^2", "V", "X: (n, m); V: (n, k)", {"X": normal(N, M), "V": normal(N, K), "y": normal(M)}, "M1 @ M1.T", "_gram"),
    ("norm(colsum((V*X).^2) - y)^2", "V", "X: (n, m); V: (k, n)", {"X": normal(N, M), "V": normal(K, N), "y": normal(M)}, "M1 @ M1.T", "_gram"),
]  # fmt: skip


def derivatives(text, wrt, where):
    return to_second_order(text, wrt, where, unconstrained=True)[1:]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case[0])
def test_value_gradient_and_hessian_as_one_program(case, target):
    text, wrt, where, values, there, absent = case
    g, h = derivatives(text, wrt, where)
    given = as_given(target, values)
    run = mc.compile([g.of, g, h], target)
    for found, e in zip(run(**given), (g.of, g.expr, h.expr), strict=True):
        wanted = mc.evaluate(e, **values, m=M)
        assert np.shape(found) == np.shape(wanted)
        assert np.allclose(np.asarray(found), wanted, rtol=1e-8, atol=1e-8 * (1 + np.max(np.abs(wanted)))), run.source
    if target == "numpy":
        body = run.source[run.source.index("def value") :]
        assert there in run.source
        assert not absent or absent not in body


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case[0])
def test_fixed_data_and_operators_agree(case):
    text, wrt, where, values, *_ = case
    g, h = derivatives(text, wrt, where)
    fixed = [name for name in values if name != wrt]
    at = mc.compile([g.of, g, h], fixed=fixed)(**{name: values[name] for name in fixed})
    for _ in range(2):  # what stays is not changed by a call
        for found, e in zip(at(**{wrt: values[wrt]}), (g.of, g.expr, h.expr), strict=True):
            assert np.allclose(found, mc.evaluate(e, **values, m=M), rtol=1e-8, atol=1e-8)
    if h.expr.is_scalar:
        return
    H = h.operator()(**values)
    dense, v = mc.evaluate(h.expr, **values, m=M), normal(h.operator()(**values).shape[0])
    assert np.allclose(H.dense(), dense)
    assert np.allclose(H @ v, dense @ v)
    assert np.allclose(H.T @ v, dense.T @ v)
    if np.linalg.cond(dense) < 1e6:
        assert np.allclose(H.solve(dense @ v), v)


def test_a_newton_step_of_matrix_factorisation_solves_small():
    h = mc.hessian("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)")
    m, n, k = 2000, 50, 3  # a dense Hessian would have 36 million entries
    V = normal(n, k)
    H = h.operator()(T=np.zeros((m, n)), U=np.zeros((m, k)), V=V)
    b = normal(m * k)
    assert np.allclose(H @ H.solve(b), b)
    with pytest.raises(ShapeError):
        H.solve(b[1:])
    with pytest.raises(UnsupportedError):
        h.operator("torch")


def test_a_diagonal_plus_an_outer_product_is_solved_by_its_parts():
    h = mc.hessian("sum(exp(x)) + (a'*x)^2", "x")
    a, x, v = normal(N), normal(N), normal(N)
    H = h.operator()(a=a, x=x)
    assert np.allclose(H.solve(H @ v), v)


def test_fixed_data_are_multiplied_once():
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    outside, inside = mc.code(g, fixed=["A", "b"]).split("def function(x, **_):")
    assert "A.T @ A" in outside
    assert "A.T @ b" in outside
    assert not re.search(r"\bA\b", inside)


def test_one_result_two_results_and_texts_beside_derivatives():
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    assert g.code(value=True) == mc.code(["norm(A*x - b)^2", g])
    values = {"A": normal(M, N), "x": normal(N), "b": normal(M)}
    value, gradient = mc.compile(["norm(A*x - b)^2", g])(**values)
    assert np.allclose(mc.compile(g)(**values), gradient)
    assert np.allclose(value, np.sum((values["A"] @ values["x"] - values["b"]) ** 2))
    with pytest.raises(UnknownNameError):
        mc.compile(g, fixed=["Q"])
    with pytest.raises(MatcalcError):
        mc.compile([])
    with pytest.raises(ShapeError):
        mc.compile([g, mc.grad("x'*x + tr(A)", "x", "A: (n, n)")])


@pytest.mark.parametrize("text", ["log(1 + exp(t))", "1/(1 + exp(-t))", "exp(-t)/(1 + exp(-t))^2", "softplus(t)", "sigmoid(t)"])
@pytest.mark.parametrize("t", [-800.0, -30.0, 0.0, 30.0, 800.0])
def test_nothing_overflows(text, t):
    e = mc.parse(
        f"sum({text.replace('t)', 'x)').replace('1 +', 'vector(1) +').replace('/(', './(').replace('^2', '.^2').replace('exp(-t', 'exp(-x')})",
        "x: (n)",
    )
    wanted = {"log(1 + exp(t))": max(t, 0) + np.log1p(np.exp(-abs(t))), "softplus(t)": max(t, 0) + np.log1p(np.exp(-abs(t)))}
    s, q = (1 / (1 + np.exp(u)) if u < 700 else 0.0 for u in (-t, t))
    wanted |= {"1/(1 + exp(-t))": s, "sigmoid(t)": s, "exp(-t)/(1 + exp(-t))^2": s * q}
    with np.errstate(over="raise", invalid="raise"):
        assert np.isclose(mc.compile(e)(x=np.array([t])), wanted[text], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case[0])
def test_single_precision_stays(case):
    text, wrt, where, values, *_ = case
    g, h = derivatives(text, wrt, where)
    single = {name: np.float32(v) for name, v in values.items()}
    for found, e in zip(mc.compile([g.of, g, h])(**single), (g.of, g.expr, h.expr), strict=True):
        assert found.dtype == np.float32
        assert np.allclose(found, mc.evaluate(e, **values, m=M), rtol=1e-2, atol=1e-2)


def test_sparse_data_where_they_are_only_multiplied():
    from scipy.sparse import csr_array

    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    A, x, b = normal(M, N), normal(N), normal(M)
    assert np.allclose(g.compile()(A=csr_array(A), x=x, b=b), 2 * A.T @ (A @ x - b))


LARGE = 120  # rows and columns for which a program is another than for few


@pytest.mark.parametrize(
    "text, by, where",
    [
        ("sum(log(1 + (X*w - y).^2))", "w", "X: (m, n); w: (n); y: (m)"),
        ("x'*A*x/(x'*B*x)", "x", "A: (n, n) symmetric; B: (n, n) spd; x: (n)"),
        ("x'*A*x*(b'*x)*(c'*x)", "x", "A: (n, n) symmetric; x: (n); b: (n); c: (n)"),
    ],
)
def test_large_hessians(text, by, where):
    """By weights of any sign, and with several terms u v'."""
    h = mc.hessian(text, by, where)
    shapes = {name: shape.count(",") + 1 for name, shape in re.findall(r"(\w): (\([^)]*\))", where)}
    values = {name: normal(*[LARGE] * rank) for name, rank in shapes.items()}
    values |= {name: values[name] @ values[name].T for name in "AB" if name in values}
    found, wanted = h.compile()(**values), mc.evaluate(h.expr, **values)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())


def test_a_large_sparse_matrix_with_weights_of_any_sign():
    from scipy.sparse import csr_array

    run = mc.hessian("sum(log(1 + (X*w - y).^2))", "w", "X: (m, n)").compile()
    X, w, y = np.where(normal(4 * LARGE, LARGE) > 1, 1.0, 0.0), normal(LARGE), normal(4 * LARGE)
    assert np.allclose(run(X=csr_array(X), w=w, y=y).toarray(), run(X=X, w=w, y=y))


def test_chunked_rows_of_dask():
    da = pytest.importorskip("dask.array")
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    A, x, b = normal(M, N), normal(N), normal(M)
    found = g.compile()(A=da.from_array(A, chunks=(2, N)), x=x, b=da.from_array(b, chunks=2))
    assert np.allclose(found.compute(), 2 * A.T @ (A @ x - b))


def test_batches_and_sharded_rows_of_jax():
    jax = on("jax")
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    run = jax.jit(lambda d: g.compile("jax")(**d))
    A, x, b = normal(M, N), normal(N), normal(M)
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("rows",))
    rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
    sharded = {"A": jax.device_put(A, rows), "b": jax.device_put(b, rows), "x": x}
    assert np.allclose(run(sharded), 2 * A.T @ (A @ x - b))
    many = jax.vmap(lambda x: g.compile("jax")(A=A, b=b, x=x))(np.stack([x, 2 * x]))
    assert np.allclose(many[1], 2 * A.T @ (2 * A @ x - b))


def test_an_indefinite_symmetric_matrix_has_an_lu_factorisation():
    f = mc.compile("x'*inv(A)*x + logdet(A)", where="A: (n, n) symmetric")
    A, x = np.diag([1.0, -2.0]), np.array([1.0, 2.0])
    assert np.isclose(f(A=A, x=x), 1 - 2 + np.log(2))
    f = mc.compile("x'*inv(A*A - t*eye(n))*x + logdet(A*A - t*eye(n))", where="A: (n, n) symmetric; t: scalar")  # in place
    assert "True" in f.source
    assert np.isclose(
        f(A=np.array([[1.0, 1.0], [1.0, 0.0]]), x=x, t=1.0),
        mc.evaluate(mc.parse("x'*inv(A)*x + logdet(A)", where="x: (n)"), A=np.array([[1.0, 1.0], [1.0, 0.0]]), x=x),
    )


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_row_sums_of_powers_are_sources(target):
    d = mc.grad("sum(sqrt(rowsum((A*X).^2)))", "X", where="A: (m, n); X: (n, p)")
    compile(d.code(target), "<source>", "exec")
    assert "**2.sum" not in d.code(target)
