"""Data that stay fixed: the same results as without, computed once, in every target, and no digits lost near a minimum."""

import numpy as np
import pytest
from scipy.sparse import csr_array

import matcalc as mc
from asking import to_second_order
from matcalc.errors import UnknownNameError
from programs import as_given

R = np.random.default_rng(11)
M, N, K, C = 9, 4, 2, 3


def normal(*shape):
    return R.standard_normal(shape)


def spd(n):
    a = normal(n, 2 * n)
    return a @ a.T / n + np.eye(n)


ONE_HOT = np.eye(C)[R.integers(0, C, M)]
KERNEL = "(s*exp(-l*D) + t*eye(n))"
# expression ; variable ; declarations ; values ; what is computed once, in the program for NumPy ; what no call has
PROBLEMS = {
    "quadratic": ("x'*A*x", "x", "A: (n, n)", {"A": normal(N, N), "x": normal(N)}, "A.T", ""),
    "least squares": ("norm(A*x - b)^2", "x", "A: (m, n)", {"A": normal(M, N), "x": normal(N), "b": normal(M)}, "A.T @ A", "A.T"),
    "least squares, matrices": ("norm(A*X - B)^2/2", "X", "A: (m, n); B: (m, p)", {"A": normal(M, N), "X": normal(N, K), "B": normal(M, K)}, "A.T @ A", "A.T"),
    "both sides": ("norm(A*X*B - C)^2", "X", "", {"A": normal(M, N), "X": normal(N, K), "B": normal(K, C), "C": normal(M, C)}, "A.T @ A", "A.T"),
    "a scalar before": ("norm(3*A*x/2 + b - 2*d)^2", "x", "A: (m, n)", {"A": normal(M, N), "x": normal(N), "b": normal(M), "d": normal(M)}, "A.T @ A", "A.T"),
    "ridge": ("norm(A*x - b)^2 + c*norm(x)^2", "x", "A: (m, n); c: scalar", {"A": normal(M, N), "x": normal(N), "b": normal(M), "c": 0.3}, "A.T @ A", "A.T"),
    "a moving target": ("norm(A*x - b + y)^2", "x", "A: (m, n)", {"A": normal(M, N), "x": normal(N), "b": normal(M), "y": normal(M)}, "", ""),
    "logistic": ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: (m, n); y: (m)", {"X": normal(M, N), "w": normal(N), "y": np.sign(normal(M))}, "", ""),
    "factorisation": ("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)", {"T": normal(M, N), "U": normal(M, K), "V": normal(N, K)}, "V.T @ V", "V.T"),
    "softmax": ("sum(rowsum(Y).*logsumexp_rows(X*W)) - sum(Y.*(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": ONE_HOT}, "Y @ np.ones", "Y @ np.ones"),
    "network": ("sum(rowsum(Y).*logsumexp_rows(relu(X*W)*V)) - sum(Y.*(relu(X*W)*V))", "W", "X: (m, d); W: (d, h); V: (h, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, K), "V": normal(K, C), "Y": ONE_HOT}, "Y @ np.ones", "Y @ np.ones"),
    "principal component": ("norm(X - X*w*w')^2", "w", "X: (m, n)", {"X": normal(M, N), "w": normal(N)}, "X.T @ X", "np.vdot(X"),
    "Gaussian": ("logdet(S) + tr(inv(S)*C)", "S", "S: (n, n) spd; C: (n, n) symmetric", {"S": spd(N), "C": spd(N)}, "", ""),
    "process": (f"y'*inv{KERNEL}*y/2 + logdet{KERNEL}/2", "t", "D: (n, n) symmetric; y: (n); s: scalar; l: scalar; t: scalar", {"D": np.abs(spd(N)), "y": normal(N), "s": 0.7, "l": 0.2, "t": 1.5}, "np.exp", "np.exp"),
    "tanh": ("norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": normal(M, C)}, "", ""),
    "sigmoid": ("norm(1./(1 + exp(-X*W)) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)", {"X": normal(M, N), "W": normal(N, C), "Y": normal(M, C)}, "", ""),
}  # fmt: skip


def results(name):
    return to_second_order(*PROBLEMS[name][:3], unconstrained=True)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_fixed_data_change_nothing(name, target):
    _, wrt, _, values, once, never = PROBLEMS[name]
    given = as_given(target, values)
    asked = results(name)
    fixed = [n for n in values if n != wrt]
    run = mc.compile(asked, target, fixed=fixed)
    if target == "numpy":
        outside, inside = run.source.split("def function(", 1)
        assert once in outside
        assert not never or never not in inside
    at = run(**{n: given[n] for n in fixed})
    for scale in (1.0, 0.5, 1.0):  # what stays is not changed by a call
        point = {**values, wrt: scale * values[wrt]}
        found = at(**{wrt: scale * given[wrt]})
        for part, wanted in zip(found, mc.compile(asked)(**point), strict=True):
            assert np.shape(part) == np.shape(wanted)
            assert np.allclose(np.asarray(part), wanted, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(wanted)))), run.source
    for asked_for in asked:  # each alone
        alone = mc.compile(asked_for, target, fixed=fixed)(**{n: given[n] for n in fixed})(**{wrt: given[wrt]})
        assert np.allclose(np.asarray(alone), mc.compile(asked_for)(**values), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PROBLEMS)
def test_any_of_the_names_may_be_fixed(name):
    _, _, _, values, *_ = PROBLEMS[name]
    asked = results(name)
    wanted = mc.compile(asked)(**values)
    for fixed in [[n] for n in values] + [list(values)]:
        at = mc.compile(asked, fixed=fixed)(**{n: values[n] for n in fixed})
        found = at(**{n: v for n, v in values.items() if n not in fixed})
        assert all(np.allclose(a, b, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(b)))) for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("name", ["least squares", "least squares, matrices", "factorisation", "ridge"])
def test_single_precision_stays(name):
    _, wrt, _, values, *_ = PROBLEMS[name]
    single = {n: np.float32(v) if np.ndim(v) else v for n, v in values.items()}
    at = mc.compile(results(name), fixed=[n for n in values if n != wrt])(**{n: v for n, v in single.items() if n != wrt})
    for found, wanted in zip(at(**{wrt: single[wrt]}), mc.compile(results(name))(**values), strict=True):
        assert found.ndim == 0 or found.dtype == np.float32  # before NumPy 2 a number times a Python number was double
        assert np.allclose(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("condition", [1e1, 1e4, 1e7])
@pytest.mark.parametrize("noise", [0.0, 1e-8, 1e-6, 1e-2])
def test_no_digits_are_lost_near_a_minimum(noise, condition):
    m, n = 300, 40
    A = np.linalg.qr(normal(m, n))[0] * np.geomspace(1, 1 / condition, n) @ np.linalg.qr(normal(n, n))[0]
    x = normal(n)
    b = A @ x + noise * normal(m)
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    at = mc.compile([g.of, g], fixed=["A", "b"])(A=A, b=b)
    for distance in (0.0, 1e-7, 1e-3, 1.0):
        y = x + distance * normal(n)
        value, gradient = at(x=y)
        r = np.asarray(A, np.longdouble) @ y - b
        wanted = float(r @ r)
        rounding = 1e-15 * np.sqrt(wanted) * np.linalg.norm(b)  # what rounding the residual costs
        assert abs(value - wanted) <= 1e-10 * wanted + rounding + 1e-30 * (b @ b)
        assert np.allclose(gradient, np.float64(2 * A.T @ r), rtol=1e-7, atol=1e-13 * np.linalg.norm(b))


@pytest.mark.parametrize(
    "A", [np.zeros((5, 3)), np.ones((5, 3)), np.eye(5)[:, :3] * [1, 0, 2], np.ones((2, 6)), np.array([[1.0, 1.0], [1.0, 1.0 + 1e-9]])]
)
def test_dependent_columns(A):
    m, n = A.shape
    x, b = normal(n), normal(m)
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    value, gradient = mc.compile([g.of, g], fixed=["A", "b"])(A=A, b=b)(x=x)
    assert np.isclose(value, np.sum((A @ x - b) ** 2), rtol=1e-9)
    assert np.allclose(gradient, 2 * A.T @ (A @ x - b), atol=1e-8)


def test_a_wide_matrix_is_left_as_it_is_where_sizes_say_so():
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    assert "np.linalg.qr(A)" in mc.code([g.of, g], fixed=["A", "b"], sizes={"m": 1000, "n": 10})
    assert "np.linalg.qr(A)" not in mc.code([g.of, g], fixed=["A", "b"], sizes={"m": 10, "n": 1000})
    assert "A.T @ A" in mc.code(g, fixed=["A", "b"], sizes={"m": 1000, "n": 10})
    assert "A.T @ A" not in mc.code(g, fixed=["A", "b"], sizes={"m": 10, "n": 1000})


def test_a_gradient_alone_is_multiplied_out():
    g = mc.grad("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)")
    outside, inside = mc.code(g, fixed=["T", "V"]).split("def function(U, **_):")
    assert "V.T @ V" in outside and "T @ V" in outside
    assert "V.T" not in inside


def test_names_that_nothing_has():
    g = mc.grad("norm(A*x - b)^2", "x", "A: (m, n)")
    with pytest.raises(UnknownNameError, match="nothing is called Aa"):
        mc.compile(g, fixed=["Aa"])
    with pytest.raises(UnknownNameError, match="m is a size"):
        mc.compile(g, fixed=["m"])


# Least squares of m rows and n columns; what is made of A where it is compressed; from how many calls on that pays.
SIZED = [
    (20_000, 200, "A.T @ A", range(10, 60)),  # Q R would pay after hundreds
    (20_000, 20, "np.linalg.qr(A)", range(5, 40)),
    (200, 200, "", range(0)),
]


@pytest.mark.parametrize("m, n, made, calls", SIZED)
def test_what_stays_is_compressed_where_that_pays(m, n, made, calls):
    f, where = "norm(A*x - b)^2", "A: (m, n)"
    source = mc.code([f, mc.grad(f, "x", where)], where=where, sizes={"m": m, "n": n}, fixed=["A", "b"])
    for way in ("A.T @ A", "np.linalg.qr(A)"):
        assert (way in source) == (way == made)
    if made:
        assert int(source.split("pays from about ")[1].split()[0]) in calls


def test_a_factory_of_large_arrays_is_made_for_their_sizes():
    f, where = "norm(A*x - b)^2", "A: (m, n)"
    A, b, x = normal(600, 64), normal(600), normal(64)
    asked = [mc.grad(f, "x", where).of, mc.grad(f, "x", where)]
    for found, wanted in zip(mc.compile(asked, fixed=["A", "b"])(A=A, b=b)(x=x), mc.compile(asked)(A=A, b=b, x=x), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
    with pytest.raises(mc.ShapeError, match="b is declared"):
        mc.compile(asked, fixed=["A", "b"])(A=A, b=b[1:])


@pytest.mark.parametrize(
    "text",
    [
        "sum(logsumexp_rows(X*W)) - inner(Y, X*W)",
        "sum(logsumexp_rows(X*W)) - sum(Y.*(X*W))/2 + norm(softmax_rows(X*W) - Y)^2",
        "sum(Y.*log(softmax_rows(X*W) + Y))",
    ],
)
def test_what_meets_a_thin_product_lies_as_it_does(text):
    where, sizes = "X: (m, d); W: (d, c); Y: (m, c)", {"m": 200, "d": 6, "c": 3}
    values = {"X": normal(200, 6), "W": normal(6, 3), "Y": np.abs(normal(200, 3))}
    g = mc.grad(text, "W", where)
    source = mc.code([g.of, g], fixed=["X", "Y"], sizes=sizes)
    assert "np.asfortranarray(Y)" in source.split("def function")[0] and "T @ X).T" in source.split("def function")[1]
    plain = mc.compile([g.of, g])(**values)
    made = mc.compile([g.of, g], fixed=["X", "Y"], sizes=sizes)
    for x in (values["X"], np.asfortranarray(values["X"]), csr_array(values["X"])):
        for y in (values["Y"], np.asfortranarray(values["Y"])):
            found = made(X=x, Y=y)(W=values["W"])
            assert all(np.allclose(a, b, rtol=1e-11, atol=1e-11) for a, b in zip(found, plain, strict=True))
