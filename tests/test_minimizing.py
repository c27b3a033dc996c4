"""Fits: each is compared with a closed form or with SciPy on the same problem, and its constraints are measured."""

import json
import pickle
import warnings

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import nnls
from scipy.sparse import random as random_sparse
from scipy.special import expit, logsumexp

import matcalc as mc
from matcalc.cli import main
from programs import on

RNG = np.random.default_rng(7)
M, N = 60, 5
A, b = RNG.normal(size=(M, N)), RNG.normal(size=M)
y = np.sign(A @ RNG.normal(size=N) + RNG.normal(size=M))
COUNTS = RNG.poisson(2.0, size=M)
S = np.cov(RNG.normal(size=(40, N)).T) + 0.1 * np.eye(N)
C, d = RNG.normal(size=(2, N)), RNG.normal(size=2)
G = RNG.normal(size=(N, N))
LABELS = np.eye(3)[RNG.integers(0, 3, size=M)]
ONES = np.ones(N)

LOGISTIC = "sum(log(1 + exp(-y.*(A*w)))) + λ/2*norm(w)^2"


def by_scipy(f, x0, **more):
    return scipy_minimize(f, x0, tol=1e-12, **more).x


def projected_on_psd(a):
    values, vectors = np.linalg.eigh((a + a.T) / 2)
    return (vectors * np.maximum(values, 0)) @ vectors.T


# objective ; variable ; declarations ; constraints ; data ; the minimizer
CLOSED = [
    ("norm(A*x - b)^2", "x", "A: (m, n)", None, {"A": A, "b": b}, np.linalg.lstsq(A, b, rcond=None)[0]),
    ("norm(A*x - b)^2 + λ*norm(x)^2", "x", "λ: scalar positive", None, {"A": A, "b": b, "λ": 2.0}, np.linalg.solve(A.T @ A + 2 * np.eye(N), A.T @ b)),
    ("norm(A*X - B)^2", "X", "", None, {"A": A, "B": LABELS}, np.linalg.lstsq(A, LABELS, rcond=None)[0]),
    ("x'*S*x/2 - c'*x", "x", "S: (n, n) spd", None, {"S": S, "c": ONES}, np.linalg.solve(S, ONES)),
    ("w'*S*w", "w", "S: (n, n) spd", "sum(w) = 1", {"S": S}, np.linalg.solve(S, ONES) / (ONES @ np.linalg.solve(S, ONES))),
    ("norm(x)^2", "x", "C: (k, n)", "C*x = d", {"C": C, "d": d}, np.linalg.pinv(C) @ d),
    ("norm(X - G)^2", "X", "X: (n, n) symmetric", None, {"G": G}, (G + G.T) / 2),
    ("norm(X - G)^2", "X", "X: (n, n) skew", None, {"G": G}, (G - G.T) / 2),
    ("norm(X - G)^2", "X", "X: (n, n) diagonal", None, {"G": G}, np.diag(np.diag(G))),
    ("norm(X - G)^2", "X", "X: (n, n) lower", None, {"G": G}, np.tril(G)),
    ("norm(X - G)^2", "X", "X: (n, n) upper", None, {"G": G}, np.triu(G)),
    ("norm(X - G)^2", "X", "X: (n, n) nonnegative", None, {"G": G}, np.maximum(G, 0)),
    ("norm(X - G)^2", "X", "X: (n, n) psd", None, {"G": G}, projected_on_psd(G)),
    ("norm(A*x - b)^2", "x", "x: (n) nonnegative", None, {"A": A, "b": b}, nnls(A, b)[0]),
    ("logdet(S) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) spd", None, {"C": S}, S),
    ("tr(C*P) - logdet(P)", "P", "P: (n, n) spd; C: (n, n) spd", None, {"C": S}, np.linalg.inv(S)),
    ("sum(p.*log(p)) - s'*p", "p", "p: (n) positive", "sum(p) = 1", {"s": b[:N]}, np.exp(b[:N] - logsumexp(b[:N]))),
    ("exp(norm(x - a))", "x", "", None, {"a": b}, b),
    ("norm(x - a)^2", "x", "ρ: scalar positive", "norm(x) = ρ", {"a": b[:N], "ρ": 2.0}, 2 * b[:N] / np.linalg.norm(b[:N])),
    ("n/2*log(v) + sum((x - vector(μ)).^2)/(2*v)", "v", "v: scalar positive; x: (n); μ: scalar", None, {"x": b, "μ": b.mean()}, b.var()),
]  # fmt: skip


@pytest.mark.parametrize("f, by, where, subject_to, data, wanted", CLOSED, ids=lambda v: v if isinstance(v, str) else "")
def test_a_closed_form_is_found(f, by, where, subject_to, data, wanted):
    r = mc.minimize(f, by, where, subject_to=subject_to, data=data)
    assert r.converged
    assert np.allclose(r[by], wanted, atol=2e-5 if r.method == "lbfgs" else 1e-8)


@pytest.mark.parametrize("f, by, where, subject_to, data, wanted", CLOSED[:11], ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.parametrize("method", ["newton", "trust", "lbfgs"])
def test_each_method_finds_it(f, by, where, subject_to, data, wanted, method):
    r = mc.minimize(f, by, where, subject_to=subject_to, data=data, method=method, tol=1e-8)
    assert r.converged and r.method == method
    assert np.allclose(r[by], wanted, atol=1e-6)


def logistic(w):
    return np.sum(np.logaddexp(0, -y * (A @ w))) + w @ w / 2


@pytest.mark.parametrize("method", [None, "newton", "trust", "lbfgs"])
def test_logistic_regression(method):
    r = mc.minimize(LOGISTIC, "w", "A: (m, n); λ: scalar positive", A=A, y=y, λ=1.0, method=method)
    assert np.isclose(r.value, logistic(r["w"]), rtol=1e-14)
    gradient = -A.T @ (y * expit(-y * (A @ r["w"]))) + r["w"]
    assert np.max(np.abs(gradient)) <= 1e-6
    assert np.isclose(r.gradient_norm, np.max(np.abs(gradient)), atol=1e-9)
    assert r.method == (method or "newton") and r["w"].shape == (N,)


def test_poisson_regression_and_its_offset():
    r = mc.minimize("sum(exp(A*w + vector(β))) - y'*(A*w + vector(β))", "w,β", "A: (m, n); β: scalar; y: (m)", A=0.3 * A, y=COUNTS)
    rate = np.exp(0.3 * A @ r["w"] + r["β"])
    assert r.converged and np.ndim(r["β"]) == 0
    assert np.max(np.abs(0.3 * A.T @ (rate - COUNTS))) < 1e-6 and abs(np.sum(rate - COUNTS)) < 1e-6


def test_softmax_regression():
    r = mc.minimize("sum(logsumexp_rows(A*W)) - inner(Y, A*W) + λ/2*norm(W)^2", "W", A=A, Y=LABELS, λ=1.0)

    def f(w):
        z = A @ w.reshape(N, 3)
        return np.sum(logsumexp(z, axis=1)) - np.sum(LABELS * z) + w @ w / 2

    assert r["W"].shape == (N, 3)
    assert r.value <= f(by_scipy(f, np.zeros(3 * N), method="BFGS")) + 1e-9


def test_a_portfolio_keeps_its_budget_and_its_bounds():
    f = "w'*S*w - τ*(r'*w)"
    fit = mc.minimize(f, "w", "S: (n, n) spd; w: (n) nonnegative; τ: scalar", subject_to="sum(w) = 1", S=S, τ=0.5, r=b[:N])
    w = fit["w"]
    assert fit.is_global and abs(w.sum() - 1) <= 1e-10 and w.min() >= 0
    slack = 2 * S @ w - 0.5 * b[:N]
    ν = slack[w > 0].mean()
    assert np.allclose(slack[w > 0], ν) and np.all(slack[w == 0] >= ν - 1e-12)


@pytest.mark.parametrize("n", [2, 40, 150])
@pytest.mark.parametrize("rank", [1.0, 0.3])
def test_quadratic_problems_on_the_simplex(n, rank):
    rng = np.random.default_rng(n)
    f = rng.normal(size=(n, max(1, int(rank * n))))
    q, c = f @ f.T, rng.normal(size=n)
    w = mc.minimize("w'*Q*w/2 - c'*w", "w", "Q: (n, n) psd; w: (n) nonnegative", subject_to="sum(w) = 1", Q=q, c=c)
    x = w["w"]
    slack = q @ x - c
    assert w.converged and abs(x.sum() - 1) <= 1e-10 and x.min() >= 0
    assert x @ (slack - slack.min()) <= 1e-7 * (1 + np.abs(c).max())  # complementarity: all weight where the slope is least


@pytest.mark.parametrize("ε", [1.0, 0.05, 0.001])
def test_transport_keeps_both_sums(ε):
    rng = np.random.default_rng(0)
    c, a, b = rng.uniform(size=(6, 5)), rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(5))
    where = "C: (m, n); P: (m, n) positive; a: (m); b: (n); ε: scalar positive"
    rows, both = "P*ones(n) = a", ["P*ones(n) = a", "P'*ones(m) = b"]
    for subject_to in (rows, both):
        r = mc.minimize("inner(C, P) + ε*sum(P.*log(P))", "P", where, subject_to=subject_to, C=c, a=a, b=b, ε=ε)
        p = r["P"]
        assert r.converged and r.is_global and r.gradient_norm < 1e-9
        assert np.allclose(p.sum(1), a, atol=1e-12) and (subject_to is rows or np.allclose(p.sum(0), b, atol=1e-12))
    seen = p > 1e-200
    scaled = (np.log(np.where(seen, p, 1)) + c / ε)[np.ix_([0, 1, 2], [0, 1, 2])]  # diag(u) exp(-C/ε) diag(v)
    rank_one = scaled - scaled[:, :1] - scaled[:1] + scaled[0, 0]
    assert not seen[:3, :3].all() or np.allclose(rank_one, 0, atol=1e-6)
    cheapest = mc.minimize("inner(C, P)", "P", where.replace("positive; a", "nonnegative; a"), subject_to=both, C=c, a=a, b=b)
    assert 0 <= np.sum(c * p) - cheapest.value <= ε * np.log(30)


def test_the_largest_entropy_of_given_means():
    r = mc.minimize("sum(p.*log(p))", "p", "p: (n) positive; μ: scalar", subject_to=["sum(p) = 1", "x'*p = μ"], x=np.arange(1.0, 7), μ=4.5)
    p = r["p"]  # Jaynes' die
    assert np.allclose(p, [0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749], atol=1e-5) and np.isclose(p.sum(), 1)


def test_nonnegative_factors():
    t = np.abs(RNG.normal(size=(12, 2))) @ np.abs(RNG.normal(size=(2, 9)))
    r = mc.minimize("norm(T - U*V)^2", "U,V", "U: (m, k) nonnegative; V: (k, n) nonnegative", T=t, sizes={"k": 2})
    assert r.converged and r["U"].min() >= 0 and r["V"].min() >= 0 and r.value < 1e-8
    assert any("random" in note for note in r.notes)


def test_the_start_gives_sizes_and_zero_is_no_trap():
    t = RNG.normal(size=(8, 2)) @ RNG.normal(size=(2, 6))
    for more in ({"sizes": {"k": 2}}, {"start": {"U": np.ones((8, 2)) + 0.1 * RNG.normal(size=(8, 2)), "V": np.ones((6, 2))}}):
        r = mc.minimize("norm(T - U*V')^2", "U,V", "U: (m, k)", T=t, **more)
        assert r.converged and r.value < 1e-8


@pytest.mark.parametrize("f, where, subject_to", [
    ("tr(W'*S*W)", "S: (n, n) symmetric; W: (n, k)", "W'*W = I"),
    ("tr(W'*S*W)", "S: (n, n) symmetric; W: (n, n) orthogonal", None),
])  # fmt: skip
def test_orthonormal_columns(f, where, subject_to):
    r = mc.minimize(f, "W", where, subject_to=subject_to, S=S, sizes={"k": 2})
    w = r["W"]
    assert r.converged and np.max(np.abs(w.T @ w - np.eye(w.shape[1]))) <= 1e-10
    assert np.isclose(r.value, np.sum(np.linalg.eigvalsh(S)[: w.shape[1]]), atol=1e-7)


def test_a_sphere_and_a_stochastic_matrix():
    r = mc.minimize("x'*S*x", "x", "S: (n, n) symmetric; x: (n) sphere", S=S)
    assert np.isclose(r.value, np.linalg.eigvalsh(S)[0], atol=1e-8) and abs(r["x"] @ r["x"] - 1) < 1e-10
    p = mc.minimize("norm(P - G)^2", "P", "P: (n, n) stochastic", G=G)["P"]
    assert np.max(np.abs(p.sum(axis=1) - 1)) < 1e-10 and p.min() >= 0


def test_sparse_data_stay_sparse():
    x = random_sparse(400, 60, 0.05, random_state=0, format="csr")
    t = np.sign(RNG.normal(size=400))
    sparse, dense = (
        mc.minimize(LOGISTIC.replace("A", "X"), "w", "X: (m, n); λ: scalar positive", X=v, y=t, λ=0.1) for v in (x, x.toarray())
    )
    assert np.allclose(sparse["w"], dense["w"], atol=1e-6)


LABEL = np.sign(b)
KINKS = [
    ("norm(A*x - b)^2/2 + λ*norm1(x)", {"A": A, "b": b, "λ": 8.0}, lambda x: np.sum((A @ x - b) ** 2) / 2 + 8 * np.abs(x).sum()),
    ("norm1(A*x - b)", {"A": A, "b": b}, lambda x: np.abs(A @ x - b).sum()),
    ("sum(relu(1 - y.*(A*x))) + λ/2*norm(x)^2", {"A": A, "y": LABEL, "λ": 1.0}, lambda x: np.maximum(1 - LABEL * (A @ x), 0).sum() + x @ x / 2),
    ("norm(x - a)^2/2 + λ*norm1(x)", {"a": b[:N], "λ": 0.5}, lambda x: np.sum((x - b[:N]) ** 2) / 2 + 0.5 * np.abs(x).sum()),
    ("sum(log(1 + exp(-y.*(A*x)))) + λ*norm1(x)", {"A": A, "y": LABEL, "λ": 3.0}, lambda x: np.logaddexp(0, -LABEL * (A @ x)).sum() + 3 * np.abs(x).sum()),
]  # fmt: skip


@pytest.mark.parametrize("f, data, value", KINKS, ids=[k[0] for k in KINKS])
def test_kinks(f, data, value):
    """No direction leads downhill: neither along an axis nor along any of many."""
    r = mc.minimize(f, "x", "λ: scalar positive; A: (m, n)", data=data)
    x = r["x"]
    assert r.converged and np.isclose(r.value, value(x), rtol=1e-9)
    directions = np.concatenate([np.eye(N), np.random.default_rng(1).normal(size=(300, N))])
    for step in (1e-2, 1e-4):
        assert all(value(x + s * step * d) >= r.value - 1e-8 for d in directions for s in (1, -1))
    if "norm1(x)" in f:
        assert np.sum(x == 0) + np.sum(np.abs(x) > 1e-6) == N  # exact zeros


H = (G + G.T) / 2
STEPS = np.diff(np.eye(M), axis=0)

# objective ; variable ; declarations ; constraints ; data ; the value, by an interior point method of a library, or by SciPy
VALUES = [
    ("-logdet(P) + tr(S*P) + λ*norm1(P)", "P", "P: (n, n) spd; S: (n, n) spd; λ: scalar positive", None, {"S": S, "λ": 0.1}, 5.71988606),
    ("-logdet(P) + tr(S*P) + λ*norm1(P - diag(diag(P)))", "P", "P: (n, n) spd; S: (n, n) spd; λ: scalar positive", None, {"S": S, "λ": 0.1}, 5.25424496),
    ("norm(x - b)^2/2 + λ*norm1(D*x)", "x", "λ: scalar positive", None, {"b": b, "D": STEPS, "λ": 0.5}, 15.5270667),
    ("norminf(A*x - b)", "x", "", None, {"A": A, "b": b}, 1.61417741),
    ("sum(relu(abs(A*x - b) - ε)) + norm(x)^2/2", "x", "ε: scalar positive", None, {"A": A, "b": b, "ε": 0.1}, 32.3506542),
    ("norm(X - H)^2", "X", "X: (n, n) psd", "diag(X) = ones(n)", {"H": H}, 12.6185594),
    ("-tr(H*X)", "X", "X: (n, n) psd", "diag(X) = ones(n)", {"H": H}, -6.78530172),
    ("sum(C.*P) + ε*sum(P.*log(P))", "P", "P: (n, n) positive; ε: scalar positive", ["P*ones(n) = ones(n)/n", "P'*ones(n) = ones(n)/n"], {"C": np.abs(G), "ε": 0.1}, 0.120836759),
]  # fmt: skip


@pytest.mark.parametrize("f, by, where, subject_to, data, value", VALUES, ids=[v[0] for v in VALUES])
def test_values_that_others_find(f, by, where, subject_to, data, value):
    r = mc.minimize(f, by, where, data=data, subject_to=subject_to)
    assert r.converged and np.isclose(r.value, value, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_a_variance_of_any_scale(scale):
    x = scale * np.linspace(-3, 4, 50) ** 3
    r = mc.minimize("n/2*log(v) + 2*sum(log(1 + x.^2/(3*v)))", "v", "x: (n); v: scalar positive", x=x)
    among = scale**2 * np.logspace(-3, 5, 2001)
    values = 25 * np.log(among) + 2 * np.log1p(x[:, None] ** 2 / (3 * among)).sum(axis=0)
    assert r.converged and values.min() - 1e-2 < r.value <= values.min() + 1e-9


def test_what_is_no_minimum_is_left():
    with pytest.warns(RuntimeWarning, match="unbounded"):
        assert not mc.minimize("x^3", "x", "x: scalar").converged
    with pytest.warns(RuntimeWarning, match="unbounded"):
        assert not mc.minimize("x^3", "x", "x: scalar", start=2.0).converged
    x = np.concatenate([RNG.normal(-2, 1, 40), RNG.normal(2, 1, 40)])
    two = "-sum(log(exp(-(x - vector(a)).^2/2) + exp(-(x - vector(c)).^2/2)))"
    r = mc.minimize(two, "a,c", "a: scalar; c: scalar", x=x)
    assert abs(r["a"] - r["c"]) > 2  # where they are equal the gradient vanishes, too


# objective ; variable ; declarations ; data with a row for each sample ; other data
IN_ROWS = [
    (LOGISTIC, "w", "λ: scalar positive", {"A": A, "y": y}, {"λ": 1.0}),
    ("norm(A*x - b)^2/m + λ*norm(x)^2", "x", "A: (m, n)", {"A": A, "b": b}, {"λ": 1.0}),
    ("norm(A*x - b)^2", "x", "x: (n) nonnegative", {"A": A, "b": b}, {}),
    ("sum(exp(A*w)) - y'*(A*w)", "w", "", {"A": A, "y": COUNTS}, {}),
    ("sum(logsumexp_rows(A*W)) - inner(Y, A*W) + norm(W)^2", "W", "", {"A": A, "Y": LABELS}, {}),
    ("logdet(S) + tr(A*inv(S)*A')/m", "S", "A: (m, n); S: (n, n) spd", {"A": A}, {}),
]


@pytest.mark.parametrize("f, by, where, rows, more", IN_ROWS, ids=[r[0] for r in IN_ROWS])
def test_chunks_of_rows_are_not_brought_together(f, by, where, rows, more, monkeypatch):
    da = pytest.importorskip("dask.array")
    wanted = mc.minimize(f, by, where, data={**rows, **more})
    chunked = {n: da.from_array(np.asarray(v, float), chunks=(7, *np.shape(v)[1:])) for n, v in rows.items()}
    monkeypatch.setattr(da.Array, "__array__", lambda *_, **__: pytest.fail("a whole array is formed"))
    found = mc.minimize(f, by, where, data={**chunked, **more})
    assert np.allclose(found[by], wanted[by], atol=1e-6)
    assert found.is_global == wanted.is_global


def test_chunks_of_unknown_length_are_refused():
    da = pytest.importorskip("dask.array")
    rows = da.from_array(b, chunks=7)
    with pytest.raises(mc.ShapeError, match="do not say how many rows"):
        mc.minimize("norm(x - b)^2", "x", b=rows[rows > 0])


def test_a_fit_on_jax_compiles_nothing_again(caplog):
    jax = on("jax")
    f, where = "logdet(W*W' + diag(ψ)) + tr(inv(W*W' + diag(ψ))*C)", "W: (p, k); ψ: (p) positive; C: (p, p) spd"
    start = {"W": RNG.normal(size=(N, 1)), "ψ": ONES}
    problem = mc.minimizer(f, "W,ψ", where, target="jax")
    found = problem.fit(C=S, start=start, tol=1e-3)
    assert np.isclose(found.value, mc.minimize(f, "W,ψ", where, C=S, start=start).value, rtol=1e-5)
    with jax.log_compiles(), caplog.at_level("WARNING"):
        problem.fit(C=S, start=start, tol=1e-3)
        assert not [r for r in caplog.records if "Compiling" in r.getMessage()]


@pytest.mark.parametrize("scale", [1e-3, 0.1, 10.0, 1e3])
def test_variances_are_found_at_any_scale(scale):
    x = scale * (3 + np.random.default_rng(3).normal(size=200))
    f, where = "n/2*log(v) + sum((x - vector(μ)).^2)/(2*v)", "v: scalar positive; x: (n); μ: scalar"
    r = mc.minimize(f, "μ,v", where, x=x, method="lbfgs", tol=1e-3)
    assert r.converged and np.isclose(r.value, 100 * (np.log(x.var()) + 1), rtol=1e-7)


def test_sharded_rows_of_jax():
    jax = on("jax")
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
    rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
    data = {"A": jax.device_put(A, rows), "y": jax.device_put(y, rows), "λ": 1.0}
    wanted = mc.minimize(LOGISTIC, "w", "λ: scalar positive", A=A, y=y, λ=1.0)
    assert np.allclose(mc.minimize(LOGISTIC, "w", "λ: scalar positive", data=data, target="jax")["w"], wanted["w"], atol=1e-6)


# --- what is told -----------------------------------------------------------------------------------------------

REFUSED = [
    (("a'*x", "x"), {"a": ONES}, mc.UnsupportedError, "unbounded below"),
    (("norm(A*x - b)^2", "x"), {"A": A}, mc.UnknownNameError, "no data for b"),
    (("norm(A*x - b)^2", "x"), {"A": A, "b": b[:-1]}, mc.ShapeError, "b is declared (m), but has the shape (59,), where m = 60 by A"),
    (("norm(A*x - b)^2", "x"), {"A": A[0], "b": b}, mc.ShapeError, "A is declared (m, n)"),
    (("norm(A*x - b)^2", "x"), {"A": A * np.nan, "b": b}, mc.UnsupportedError, "not finite"),
    (("norm(A*x - b)^2", "x"), {"A": A, "b": b, "start": ONES[:2]}, mc.ShapeError, "the start of x has the shape (2,), not (5,)"),
    (("norm(A*x - b)^2", "z"), {"A": A, "b": b}, mc.UnknownNameError, "no variable `z`"),
    (("A*x - b", "x"), {"A": A, "b": b}, mc.ShapeError, "what is minimized is a scalar"),
    (("norm(A*x - b)^2", "x"), {"A": A, "b": b, "method": "simplex"}, mc.UnsupportedError, "the methods are closed, newton, trust, lbfgs"),
    ((LOGISTIC, "w"), {"A": A, "y": y, "λ": 1.0, "method": "closed"}, mc.UnsupportedError, "no closed form"),
    ((LOGISTIC, "w", "λ: scalar positive"), {"A": A, "y": y, "λ": -1.0}, mc.UnsupportedError, "λ is declared positive"),
    (("x'*S*x", "x", "S: (n, n) spd"), {"S": -S}, mc.UnsupportedError, "S is declared spd"),
    (("norm(T - U*V')^2", "U,V", "U: (m, k)"), {"T": A}, mc.ShapeError, "sizes={'k': …}"),
    (("norm(A*x - b)^2", "x"), {"A": "A", "b": b}, mc.UnsupportedError, "data are arrays of numbers"),
    (("sum(step(A*x - b))", "x"), {"A": A, "b": b}, mc.UnsupportedError, "or by jumps alone"),
]  # fmt: skip


@pytest.mark.parametrize("asked, given, error, message", REFUSED, ids=[r[3][:40] for r in REFUSED])
def test_what_is_wrong_is_said(asked, given, error, message):
    with pytest.raises(error) as raised:
        mc.minimize(*asked, **given)
    assert message in str(raised.value)


CONSTRAINTS = [
    (["sum(x) = 1", "ones(n)'*x = 2"], mc.UnsupportedError, "the constraints sum(x) = 1 and ones(n)'*x = 2 cannot hold together"),
    ("C*z = d", mc.UnsupportedError, "the constraint C*z = d has none of the variables: x"),
    ("sum(x) <= 1", mc.UnsupportedError, "not an inequality"),
    ("sum(x)", mc.ParseError, "a constraint is one equation"),
    ("C*x = d)", mc.ParseError, "    C*x = d)\n           ^"),
    ("0*sum(x) = 1", mc.UnsupportedError, "0*sum(x) = 1"),
]  # fmt: skip


@pytest.mark.parametrize("subject_to, error, message", CONSTRAINTS, ids=[str(c[0]) for c in CONSTRAINTS])
def test_a_constraint_that_is_wrong_is_named(subject_to, error, message):
    with pytest.raises(error) as raised:
        mc.minimize("norm(x)^2", "x", "x: (n)", subject_to=subject_to, C=C, d=d, z=ONES, sizes={"n": N})
    assert message in str(raised.value)


def test_constraints_that_the_bounds_forbid_are_said():
    with pytest.raises(mc.UnsupportedError, match="cannot hold within the declared bounds"):
        mc.minimize("norm(x - a)^2", "x", "x: (n) nonnegative", subject_to="sum(x) = -1", a=ONES)


UNBOUNDED = [
    ("sum(log(1 + exp(-y.*(A*w))))", "w", {"A": A[:20], "y": np.sign(A[:20] @ ONES)}, "no minimum is attained"),
    ("exp(a'*x)", "x", {"a": ONES}, "no minimum is attained"),
    ("x'*S*x", "x", {"S": np.diag([1.0, -1.0])}, "unbounded below"),
    ("x'*S*x - c'*x", "x", {"S": np.diag([1.0, 0.0]), "c": np.ones(2)}, "unbounded below"),
    ("norm(x)^2 - norm(x)^4", "x", {"start": ONES}, "unbounded below"),
    ("sum(tanh(x))", "x", {"start": ONES}, "no minimum is attained"),
    ("n/2*log(v) + sum((x - 1).^2)/(2*v)", "v", {"x": np.ones(3), "where": "x: (n); v: scalar positive"}, "as v goes to zero"),
]  # fmt: skip


@pytest.mark.parametrize("f, by, given, message", UNBOUNDED, ids=[u[0] for u in UNBOUNDED])
@pytest.mark.parametrize("method", [None, "lbfgs", "trust"])
def test_without_a_minimum_it_does_not_converge(f, by, given, message, method):
    with pytest.warns(RuntimeWarning, match="has not converged"):
        r = mc.minimize(f, by, **given, method=method)
    assert not r.converged and r.is_global is None
    assert np.isfinite(r.value) and np.isfinite(r[by]).all()
    if method is None:
        assert message in r.message


@pytest.mark.parametrize("method", ["newton", "trust", "lbfgs"])
def test_a_variance_far_from_the_start_is_found(method):
    x = 1e4 * np.linspace(-1, 2, 30)
    r = mc.minimize("sum((x - μ).^2)/(2*v) + n/2*log(v)", "μ,v", "x: (n); v: scalar positive; μ: scalar", x=x, method=method)
    assert r.converged and abs(r.value - 15 * (1 + np.log(np.var(x)))) <= 1e-5


def test_a_positive_variable_that_goes_to_zero_without_end_does_not_converge():
    with pytest.warns(RuntimeWarning, match="has not converged"):
        mc.minimize("y'*inv(K + v*eye(m))*y + logdet(K + v*eye(m))", "v", "K: (m, m) psd; v: scalar positive", K=np.ones((5, 5)), y=ONES)


@pytest.mark.parametrize("units", [[1e6, 1e-6, 1, 1, 1], [1e-6] * 5, [1e6] * 5])
def test_units_of_the_data_change_nothing(units):
    squares, logistic = ("norm(X*w - y)^2", {"y": b}), ("sum(log(1 + exp(-y.*(X*w))))", {"y": y})
    for (f, more), where in ((squares, ""), (squares, "; w: (n) nonnegative"), (logistic, "")):
        r, one = (mc.minimize(f, "w", f"X: (m, n){where}", X=x, tol=1e-9 * min(1, *units), **more) for x in (A * units, A))
        assert r.converged and np.isclose(r.value, one.value, rtol=1e-9) and np.allclose(r["w"] * units, one["w"], rtol=1e-5, atol=1e-7)


def test_a_name_of_the_data_is_never_taken():
    given = {"X": A, "d_w": y, "λ": 1.0}
    r = mc.minimize("sum(log(1 + exp(-d_w.*(X*w)))) + λ/2*norm(w)^2", "w", "X: (m, n); λ: scalar positive", **given, method="trust")
    assert np.isclose(r.value, mc.minimize(LOGISTIC.replace("A", "X"), "w", "X: (m, n); λ: scalar positive", X=A, y=y, λ=1.0).value)


def test_too_few_iterations_are_a_warning():
    with pytest.warns(RuntimeWarning, match="not converged in 1 iterations"):
        r = mc.minimize(LOGISTIC, "w", A=A, y=y, λ=0.1, max_iterations=1, method="lbfgs")
    assert not r.converged


def test_a_minimum_at_a_kink_of_a_norm_is_shown_by_gradients_beside_it():
    points = np.array([[0.3, 0.2], [1, 0], [0, 1], [-1, -1]])
    f, where = "sum(sqrt(rowsum((P - ones(m)*x').^2)))", "P: (m, n); x: (n)"
    r = mc.minimize(f, "x", where, P=points)
    assert r.converged and r.is_global and r.gradient_norm <= 1e-6 and r.iterations < 50
    assert np.allclose(r["x"], points[0]) and "beside the kink" in r.message
    away = mc.minimize(f, "x", where, P=points[1:])  # the same problem without that point has its minimum elsewhere
    assert away.converged and "beside the kink" not in away.message and not np.allclose(away["x"], points[0], atol=1e-3)


def test_linear_programs():
    c = np.array([3.0, 1.0, 2.0])
    r = mc.minimize("c'*x", "x", "x: (n) nonnegative", subject_to="sum(x) = 1", c=c)
    assert np.allclose(r["x"], [0, 1, 0], atol=1e-15) and abs(r.value - 1) < 1e-15 and r.gradient_norm < 1e-12


# --- the object -------------------------------------------------------------------------------------------------


def test_a_minimizer_is_made_once_and_pickles():
    m = mc.minimizer(LOGISTIC, "w", "A: (m, n); λ: scalar positive")
    again = pickle.loads(pickle.dumps(m))
    results = [made.fit(A=A, y=y, λ=λ) for made in (m, again) for λ in (1.0, 10.0)]
    assert np.array_equal(results[0]["w"], results[2]["w"]) and np.array_equal(results[1]["w"], results[3]["w"])
    assert np.linalg.norm(results[1]["w"]) < np.linalg.norm(results[0]["w"])
    assert np.array_equal(m(A=A, y=y, λ=1.0)["w"], results[0]["w"])
    assert (m.data, m.variables) == (("A", "y", "λ"), ("w",))
    other = m.fit({"A": A[:30, :3], "y": y[:30]}, λ=1.0)  # of another size
    assert other["w"].shape == (3,)


def test_names_in_any_spelling_and_lists_as_data():
    for name in ("λ", "lambda"):
        r = mc.minimize(f"norm(A*x - b)^2 + {name}*norm(x)^2", "x", data={"A": A.tolist(), "b": b.tolist(), "lambda": 2})
        assert np.allclose(r["x"], np.linalg.solve(A.T @ A + 2 * np.eye(N), A.T @ b))
    r = mc.minimize("norm(A*lambda - b)^2", "lambda", "lambda: (n)", A=A, b=b, method="lbfgs")
    assert np.allclose(r["lambda"], np.linalg.lstsq(A, b, rcond=None)[0], atol=1e-6)


def test_progress_is_a_line_for_each_iteration(capsys):
    r = mc.minimize(LOGISTIC, "w", A=A, y=y, λ=1.0, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == r.iterations and all("value" in line and "gradient" in line for line in lines)


def test_the_command(tmp_path, capsys):
    np.savez(tmp_path / "data.npz", A=A, b=b)
    asked = ["minimize", "norm(A*x - b)^2", "--wrt", "x", "--data", str(tmp_path / "data.npz")]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert np.allclose(json.loads(told.out), np.linalg.lstsq(A, b, rcond=None)[0])
    assert "closed" in told.err and "read as" in told.err
    assert main([*asked, "--subject-to", "sum(x) = 1", "--out", str(tmp_path / "out.npz")]) == 0
    assert capsys.readouterr().out == ""
    assert abs(np.load(tmp_path / "out.npz")["x"].sum() - 1) < 1e-10
    assert main([*asked, "--subject-to", "sum(x) = 1; sum(x) = 2"]) == 2
    assert "cannot hold together" in capsys.readouterr().err
    assert main([*asked[:-1], str(tmp_path / "nothing.npz")]) == 2


def test_never_a_nan():
    """Objectives with poles, logarithms and cliffs, from hostile starts."""
    for f, where in [
        ("sum(log(x)) + sum(1./x)", "x: (n) positive"),
        ("1/(x'*x - 1)", "x: (n)"),
        ("sum(sqrt(x)) ", "x: (n) nonnegative"),
        ("exp(exp(x'*x)) ", "x: (n)"),
        ("log(x'*x)", "x: (n)"),
    ]:
        for start in (ONES, 1e-8 * ONES, 30 * ONES):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                try:
                    r = mc.minimize(f, "x", where, start=start)
                except mc.UnsupportedError:
                    continue
            assert np.isfinite(r.value) and np.isfinite(r.gradient_norm) and np.isfinite(r["x"]).all()


SETS = [
    ("tr(W'*S*W)", "W", "S: (n, n) symmetric; W: (n, k) stiefel", {"S": S, "sizes": {"k": 2}}, lambda w: w.T @ w - np.eye(2)),
    ("norm(w - a)^2 + w'*S*w", "w", "S: (n, n) symmetric; w: (n) simplex", {"S": S, "a": b[:N]}, lambda w: [w.sum() - 1, min(w.min(), 0)]),
    ("norm(X - G)^2 + tr(X'*S*X)", "X", "X: (n, n) oblique", {"S": S, "G": G}, lambda x: (x * x).sum(axis=0) - 1),
    ("tr(A'*Q*B)", "Q", "Q: (n, n) rotation; A: (n, n); B: (n, n)", {"A": S, "B": G}, lambda q: [*(q.T @ q - np.eye(N)).ravel(), np.linalg.det(q) - 1]),
]  # fmt: skip


@pytest.mark.parametrize("f, by, where, data, residual", SETS, ids=[s[2] for s in SETS])
def test_declared_sets_are_kept(f, by, where, data, residual):
    r = mc.minimize(f, by, where, **data)
    assert r.converged and np.max(np.abs(residual(r[by]))) <= 1e-10


def test_a_set_that_is_not_handled_is_said():
    with pytest.raises(mc.UnsupportedError, match="P is declared projector, a set that is not minimized over"):
        mc.minimize("norm(P - G)^2", "P", "P: (n, n) projector", G=G)


def test_functions_are_given_as_data_are():
    given = {"a": ONES, "g": np.sin, "g_prime": np.cos, "g_prime2": lambda z: -np.sin(z)}
    r = mc.minimize("g(norm(x)^2) + norm(x - a)^2", "x", data=given)
    assert r.converged and np.max(np.abs(2 * np.cos(r["x"] @ r["x"]) * r["x"] + 2 * (r["x"] - 1))) < 1e-5
    with pytest.raises(mc.UnknownNameError, match="no function is given for"):
        mc.minimize("g(norm(x)^2) + norm(x - a)^2", "x", a=ONES)


@pytest.mark.parametrize("method", [None, "newton", "lbfgs", "trust", "closed"])
def test_of_no_entries_there_is_one_point(method):
    for f in ("sum(cosh(x - a))", "norm(x - a)^2"):
        r = mc.minimize(f, "x", "x: (n); a: (n)", a=np.zeros(0), method=method)
        assert r.converged and r["x"].shape == (0,)


@pytest.mark.parametrize("name", [r"\hat\beta", r"\hat{\beta}", "beta_hat", "β_hat"])
def test_a_part_by_any_spelling_of_its_name(name):
    given = {"X": np.eye(2), "y": ONES[:2]}
    r = mc.minimize(r"\|y - X\hat{\beta}\|^2", r"\hat\beta", **given)
    assert r[name].shape == (2,) and mc.solve(r"\|y - X\hat{\beta}\|^2", r"\hat\beta")[name].text() == "pinv(X)*y"
    with pytest.raises(KeyError):
        r["beta_hut"]


def test_two_parts_by_their_names():
    x, y = mc.minimize("norm(x - a)^2 + norm(y - 2*a)^2", "x,y", a=ONES)["y, x"]
    assert np.allclose(x, 2 * ONES) and np.allclose(y, ONES)
