"""Sparse matrices and chunked arrays as data: the same results as with arrays, or a refusal that says why."""

from functools import cache

import numpy as np
import pytest
from scipy import sparse

import matcalc as mc
from asking import to_second_order
from matcalc.errors import UnsupportedError

R = np.random.default_rng(3)
M, N, K, C = 12, 5, 2, 3
KINDS = [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array, sparse.coo_array]


def normal(*shape):
    return R.standard_normal(shape)


def thin(*shape):
    """Few entries, and some rows without any."""
    return normal(*shape) * (R.random(shape) < 0.4)


ONE_HOT = np.eye(C)[R.integers(0, C, M)]
SQUARE = thin(N, N) + 2 * np.eye(N)
# expression ; variable ; declarations ; what is sparse ; values
PROBLEMS = {
    "least squares": ("norm(A*x - b)^2", "x", "A: (m, n)", "A", {"A": thin(M, N), "x": normal(N), "b": normal(M)}),
    "least squares of matrices": ("norm(A*X - B)^2", "X", "A: (m, n); B: (m, p)", "A", {"A": thin(M, N), "X": normal(N, K), "B": normal(M, K)}),
    "two sparse matrices": ("norm(A*X*B - C)^2", "X", "A: (m, n); B: (p, q)", "AB", {"A": thin(M, N), "X": normal(N, K), "B": thin(K, C), "C": normal(M, C)}),
    "sparse data": ("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k)", "T", {"T": thin(M, N), "U": normal(M, K), "V": normal(N, K)}),
    "ridge": ("norm(A*x - b)^2 + c*norm(x)^2", "x", "A: (m, n); c: scalar", "A", {"A": thin(M, N), "x": normal(N), "b": normal(M), "c": 0.3}),
    "quadratic": ("x'*A*x", "x", "", "A", {"A": SQUARE, "x": normal(N)}),
    "quadratic, symmetric": ("x'*A*x/2 - b'*x", "x", "A: (n, n) symmetric", "A", {"A": SQUARE + SQUARE.T, "x": normal(N), "b": normal(N)}),
    "Rayleigh quotient": ("x'*A*x/(x'*x)", "x", "A: (n, n) symmetric", "A", {"A": SQUARE + SQUARE.T, "x": normal(N)}),
    "logistic": ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", "X", {"X": thin(M, N), "w": normal(N), "y": np.sign(normal(M))}),
    "logistic, ridge": ("sum(log(exp(-y.*(X*w)) + vector(1))) + c*w'*w", "w", "X: (m, n); y: (m); c: scalar", "X", {"X": thin(M, N), "w": normal(N), "y": np.sign(normal(M)), "c": 0.2}),
    "Poisson": ("sum(exp(X*w)) - y'*X*w", "w", "X: (m, n); y: (m)", "X", {"X": thin(M, N), "w": normal(N), "y": np.abs(normal(M))}),
    "softmax": ("sum(rowsum(Y).*logsumexp_rows(X*W)) - sum(Y.*(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)", "X", {"X": thin(M, N), "W": normal(N, C), "Y": ONE_HOT}),
    "tanh": ("norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", "X", {"X": thin(M, N), "W": normal(N, C), "Y": normal(M, C)}),
    "network": ("sum(rowsum(Y).*logsumexp_rows(tanh(X*W)*V)) - sum(Y.*(tanh(X*W)*V))", "W", "X: (m, d); W: (d, h); V: (h, c); Y: (m, c)", "X", {"X": thin(M, N), "W": normal(N, K), "V": normal(K, C), "Y": ONE_HOT}),
    "principal component": ("norm(X - X*w*w')^2", "w", "X: (m, n)", "X", {"X": thin(M, N), "w": normal(N)}),
    "weighted": ("(A*x - b)'*diag(w)*(A*x - b)", "x", "A: (m, n); w: (m)", "A", {"A": thin(M, N), "x": normal(N), "b": normal(M), "w": np.abs(normal(M))}),
    "mixing matrices": ("tr(X'*L*X)", "X", "L: (n, n) symmetric; X: (n, k)", "L", {"L": SQUARE + SQUARE.T, "X": normal(N, K)}),
    "log-sum-exp": ("logsumexp(A*x + b)", "x", "A: (m, n)", "A", {"A": thin(M, N), "x": normal(N), "b": normal(M)}),
}  # fmt: skip


def asked(name):
    return to_second_order(*PROBLEMS[name][:3])


@cache
def of_arrays(name):
    """The programs of what is asked, one by one and of those that a sparse matrix may be given to together; each with its results of arrays."""
    results, values = asked(name), PROBLEMS[name][-1]
    together = results[: 2 if name in KEPT_AS_FACTORS else 3]
    return [(run, run(**values)) for run in map(mc.compile, (*results, together))]


def whole(a):
    return a.toarray() if hasattr(a, "tocsr") else np.asarray(a)


def given(name, kind):
    *_, names, values = PROBLEMS[name]
    return {n: kind(v) if n in names else v for n, v in values.items()}


def same(found, wanted):
    assert not isinstance(found, np.matrix)
    assert np.shape(found) == np.shape(wanted)
    assert np.allclose(whole(found), wanted, rtol=1e-10, atol=1e-10 * (1 + np.max(np.abs(wanted))))


def test_khatri_rao_rows_of_sparse_data():
    f, A, W = "sum(logsumexp_rows(A*W))", thin(M, N), normal(N, K)
    h = mc.hessian(f, "W").compile()
    assert "khatri_rao" in h.source
    same(h(A=sparse.csr_array(A), W=W), h(A=A, W=W))


KEPT_AS_FACTORS = ("two sparse matrices",)  # the Hessian is a Kronecker product of two, which an operator keeps as factors


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", PROBLEMS)
def test_sparse_data(name, kind):
    *each, (run, wanted) = of_arrays(name)
    if name in KEPT_AS_FACTORS:
        with pytest.raises(UnsupportedError, match="with a sparse A"):
            each.pop()[0](**given(name, kind))
    for one, result in each:
        same(one(**given(name, kind)), result)
    for a, b in zip(run(**given(name, kind)), wanted, strict=True):
        same(a, b)


@pytest.mark.parametrize("name", PROBLEMS)
def test_operators_of_sparse_data(name):
    values = PROBLEMS[name][-1]
    h = asked(name)[2]
    H, D = h.operator()(**given(name, sparse.csr_array)), np.asarray(h.compile()(**values))
    v, V = normal(len(D)), normal(len(D), 2)
    same(H @ v, D @ v)
    same(H.T @ V, D.T @ V)
    same(H.dense(), D)
    if np.linalg.cond(D) < 1e8:
        assert np.allclose(H.solve(D @ v), v)


# expression ; variable ; declarations ; what is sparse
ROWS = [
    "sum((y - rowsum((X*V).^2 - (X.^2)*(V.^2))/2).^2) ; V ; X: (m, n) ; X",
    "sum((y - rowsum((X*V).*(Z*B))).^2)               ; V ; X: (m, n); Z: (m, q); B: (q, k) ; XZ",
    "sum(softplus(-y.*diag(X*W*Z'))) + norm(W)^2      ; W ; X: (m, n); Z: (m, q); W: (n, q) ; XZ",
    "norm(M.*(U*V') - Y)^2                            ; V ; M: (m, n); U: (m, k); V: (n, k) ; M",
]


@pytest.mark.parametrize("row", ROWS)
def test_operators_of_khatri_rao_factors_that_are_sparse(row):
    f, wrt, where, names = (part.strip() for part in row.split(" ; "))
    values = {"X": thin(M, N), "Z": thin(M, C), "V": normal(N, K), "B": normal(C, K), "W": normal(N, C), "M": thin(M, N), "U": normal(M, K)}
    values |= {"y": normal(M), "Y": normal(M, N)}
    h = mc.hessian(f, wrt, where)
    D, H = (
        h.operator()(**{n: kind(v) if n in names else v for n, v in values.items() if n in h.symbols})
        for kind in (np.array, sparse.csr_array)
    )
    V = normal(D.shape[1], 2)
    same(H @ V, D @ V)
    same(H.T @ V, D.T @ V)
    if np.linalg.cond(D.dense()) < 1e8:
        assert np.allclose(H.solve(D @ V[:, 0]), V[:, 0])


@pytest.mark.parametrize("order", ["jvp", "vjp"])
def test_products_with_derivatives_of_sparse_data(order):
    d = mc.jacobian("tanh(A*X)", "X", "A: (m, n)")
    A, X, W = thin(M, N), normal(N, K), normal(*((N, K) if order == "jvp" else (M, K)))
    f = getattr(d, order)()
    name = {"jvp": "dX", "vjp": "cotangent"}[order]
    same(f(A=sparse.csr_matrix(A), X=X, **{name: W}), f(A=A, X=X, **{name: W}))


@pytest.mark.parametrize("name", ["least squares", "logistic, ridge", "principal component", "sparse data"])
def test_fixed_sparse_data(name):
    _, wrt, *_, values = PROBLEMS[name]
    results = asked(name)
    fixed = [n for n in values if n != wrt]
    sparse_values = given(name, sparse.csr_matrix)
    for result in (results[:1], results[1:2], results):
        wanted = mc.compile(result)(**values)
        at = mc.compile(result, fixed=fixed)(**{n: sparse_values[n] for n in fixed})
        other = mc.compile(result, fixed=[wrt])(**{wrt: values[wrt]})
        for found in (at(**{wrt: values[wrt]}), other(**{n: sparse_values[n] for n in fixed})):
            for a, b in zip(found, wanted, strict=True) if len(result) > 1 else [(found, wanted)]:
                same(a, b)


REFUSED = [
    ("sum(exp(A))", "A: (n, n)"),
    ("norm(A + ones(n, n))^2", "A: (n, n)"),
    ("sum(relu(A*A' - ones(n, n)))", "A: (n, n)"),
    ("tr(expm(A))", ""),
    ("sum(1./A)", ""),
]


@pytest.mark.parametrize(("text", "where"), REFUSED, ids=lambda t: t)
@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda kind: kind.__name__)
def test_what_is_more_than_multiplying_is_right_or_refused(text, where, kind):
    run = mc.compile(text, where=where)
    A = SQUARE
    try:
        with np.errstate(divide="ignore"):
            found = run(A=kind(A))
    except UnsupportedError as error:
        assert "sparse A" in str(error)
        assert "toarray" in str(error)
    else:
        with np.errstate(divide="ignore"):
            same(found, run(A=A))


def test_elementwise_products_are_no_matrix_products():
    """A sparse matrix of the older kind multiplies by * like a matrix."""
    f = mc.compile("sum(A.*A.*B)", where="A: (n, n); B: (n, n)")
    same(f(A=sparse.csr_matrix(SQUARE), B=np.ones((N, N))), np.sum(SQUARE**2))
    same(f(A=sparse.csr_matrix(SQUARE), B=sparse.csr_matrix(SQUARE)), np.sum(SQUARE**3))
    same(f(sparse.csr_matrix(SQUARE), np.ones((N, N))), np.sum(SQUARE**2))
    d = mc.jacobian("A*diag(x)*B*x", "x", "A: (n, n); B: (n, n)")
    x = normal(N)
    same(d.compile()(A=sparse.csr_matrix(SQUARE), B=sparse.csr_matrix(SQUARE.T), x=x), d.compile()(A=SQUARE, B=SQUARE.T, x=x))


def test_a_large_sparse_problem_stays_sparse():
    m, n = 20000, 5000
    at = [R.integers(0, size, m * n // 1000) for size in (m, n)]
    X = sparse.csr_array((normal(len(at[0])), at), shape=(m, n))
    y, w = np.sign(normal(m)), normal(n)
    g = mc.grad("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)")
    h = mc.hessian("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)")
    value, gradient, second = mc.compile([g.of, g, h])(X=X, y=y, w=w)
    assert sparse.issparse(second)
    assert second.nnz < n * n / 10
    v = normal(n)
    assert np.allclose(second @ v, h.operator()(X=X, y=y, w=w) @ v)
    s = 1 / (1 + np.exp(y * (X @ w)))
    assert np.allclose(gradient, -X.T @ (y * s))
    assert np.isclose(value, np.sum(np.logaddexp(0, -y * (X @ w))))


# --- chunked rows of dask -----------------------------------------------------------------------------------------

LAZY = [
    "least squares",
    "least squares of matrices",
    "sparse data",
    "ridge",
    "logistic",
    "logistic, ridge",
    "Poisson",
    "softmax",
    "tanh",
    "principal component",
    "weighted",
    "log-sum-exp",
]


@pytest.mark.parametrize("name", LAZY)
def test_chunked_rows(name):
    da = pytest.importorskip("dask.array")
    *_, values = PROBLEMS[name]
    lazy = {n: da.from_array(v, chunks=(5, *v.shape[1:])) if np.ndim(v) and v.shape[0] == M else v for n, v in values.items()}
    if name == "sparse data":
        lazy["U"] = values["U"]
    for asked_for in asked(name):
        run = mc.compile(asked_for)
        found, wanted = run(**lazy), run(**values)
        same(found.compute() if hasattr(found, "compute") else found, wanted)
    h = asked(name)[2].operator()(**lazy)
    D = asked(name)[2].compile()(**values)
    v = normal(len(D))
    same(h @ v, D @ v)
    if np.linalg.cond(D) < 1e8:
        assert np.allclose(h.solve(D @ v), v)
