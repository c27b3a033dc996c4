"""The dense evaluator against values worked out by hand or by NumPy, one line each."""

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.errors import ShapeError, UnknownNameError
from matcalc.expr import apply, hadamard, hpower, identity, matpower, number, ones, size, symbol, variable
from matcalc.operators import abstract, call, commutation, unvec

m, n = symbol("m"), symbol("n")
A, B, S = variable("A", (m, n)), variable("B", (m, n)), variable("S", (n, n))
x, y, r = variable("x", (n, 1)), variable("y", (m, 1)), variable("r", (1, n))
t = variable("t", (1, 1))
RNG = np.random.default_rng(0)
a, b, s = RNG.standard_normal((3, 2)), RNG.standard_normal((3, 2)), RNG.standard_normal((2, 2))
u, v = RNG.standard_normal(2), RNG.standard_normal(3)
VALUES = {"A": a, "B": b, "S": s, "x": u, "y": v, "r": u, "t": 0.7, "j": 2}

CASES = [
    (A @ x, a @ u),
    (x.T @ S @ x, u @ s @ u),
    (y @ x.T, np.outer(v, u)),
    (2 * A - B, 2 * a - b),
    (hadamard([A, hpower(B, number(-1))]), a / b),
    (hpower(A, number(3)), a**3),
    (matpower(S, -1), np.linalg.inv(s)),
    (matpower(S, 3), s @ s @ s),
    (call("sum", A), a.sum()),
    (call("mean", A), a.mean()),
    (call("rowsum", A), a.sum(1)),
    (call("colsum", A), a.sum(0)),
    (call("tr", S), np.trace(s)),
    (call("det", S), np.linalg.det(s)),
    (call("logdet", S), np.log(abs(np.linalg.det(s)))),
    (call("diag", x), np.diag(u)),
    (call("diag", S), np.diag(s)),
    (call("vec", A), a.T.ravel()),
    (unvec(call("vec", A), m, n), a),
    (unvec(call("kron", x, y), m, n), np.outer(v, u)),
    (call("kron", A, S), np.kron(a, s)),
    (call("kron", A, x), np.kron(a, u[:, None])),
    (commutation((m, n)) @ call("vec", A), a.ravel()),
    (A[:, "j"], a[:, 1]),
    (A[1, :], a[:1]),
    (A[3, "j"], a[2, 1]),
    (x["j"], u[1]),
    (call("norm", A), np.sqrt((a**2).sum())),
    (call("tanh", A), np.tanh(a)),
    (call("softmax", x), np.exp(u) / np.exp(u).sum()),
    (call("logsumexp_rows", A), np.log(np.exp(a).sum(1))),
    (call("normnuc", x), np.linalg.norm(u)),
    (r @ S, (u @ s)[None, :]),
    (t**2 * x / size(n), 0.7**2 / 2 * u),
    (ones((m, n)) + A, 1 + a),
    (identity(n) + S, np.eye(2) + s),
    (apply(abstract("g", 2), (A,)), a**2),
]


@pytest.mark.parametrize(("e", "wanted"), CASES, ids=[f"{i}" for i in range(len(CASES))])
def test_value(e, wanted):
    value = evaluate(e, **VALUES, g_prime2=np.square)
    assert np.shape(value) == np.shape(wanted)
    assert np.allclose(value, wanted, rtol=1e-12)


def test_missing_values_and_wrong_shapes_are_errors():
    with pytest.raises(UnknownNameError, match="no value for x"):
        evaluate(A @ x, A=a)
    with pytest.raises(UnknownNameError, match="size n"):
        evaluate(size(n) * t, t=1.0)
    with pytest.raises(UnknownNameError, match="g_prime"):
        evaluate(apply(abstract("g", 1), (x,)), x=u, g=np.sin)
    with pytest.raises(ShapeError, match="x is"):
        evaluate(A @ x, A=a, x=v)
    with pytest.raises(ShapeError, match="axes"):
        evaluate(A @ x, A=np.zeros((2, 2, 2)), x=u)
    with pytest.raises(ShapeError, match="index 4"):
        evaluate(A["j", 1], A=a, j=4)


def test_a_size_that_no_variable_shows_is_given_by_name():
    assert evaluate(size(n) * t, t=1.5, n=4) == 6.0


def test_complex_step():
    h = 1e-30
    e = call("logdet", S @ S.T + identity(n)) * 0 + call("sum", call("exp", S)) + x.T @ matpower(S, -1) @ x
    step = evaluate(e, S=s, x=u + 1j * h * np.array([1, 0])).imag / h
    assert np.isclose(step, ((np.linalg.inv(s) + np.linalg.inv(s).T) @ u)[0])


def test_whole_numbers_are_taken_as_real_ones():
    assert np.allclose(evaluate(hpower(x, number(-1)), x=[2, 4]), [0.5, 0.25])


def test_deep_expressions():
    e = x
    for _ in range(3000):
        e = call("tanh", S @ e)
    assert evaluate(e, S=s, x=u).shape == (2,)
