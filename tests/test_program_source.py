"""The source of programs: what need not be formed is not formed, and what is written reads like an expert's."""

import numpy as np
import pytest

from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.expr import hadamard, hpower, identity, matpower, number, ones, size, variable
from matcalc.operators import call, commutation
from matcalc.writing.program import program
from programs import A, B, C, D, P, Q, S, check, g, inv, k, m, n, run, t, w, x, y

# --- what need not be formed is not formed -----------------------------------------------------------------------

X3, sum_all = variable("X3", (m, n)), lambda e: call("sum", e)
DENSE = ("np.kron", "np.diag(", "np.eye", "np.ones(n", "np.ones((", "np.tile", "linalg.inv", "np.identity")

# fmt: off
STRUCTURE = [  # expression, what its source has, what it has not besides DENSE
    (call("kron", C.T, A) @ call("vec", S),             "C.T @ S.T @ A.T",            ""),
    (call("kron", identity(k), A) @ call("vec", C),     "C.T @ A.T",                  ""),
    (call("vec", A).T @ call("kron", S, Q) @ call("vec", A), "@",                     "reshape(m"),
    (call("diag", x) @ S,                               "x[:, None] * S",             "@"),
    (A @ call("diag", x),                               "A * x",                      "@"),
    (A @ call("diag", x) @ A.T,                         "(A * x) @ A.T",                ""),
    (x.T @ call("diag", w) @ x,                         "",                           ""),
    (call("sum", A),                                    "A.sum()",                  "@"),
    (call("rowsum", A),                                 "A @ np.ones(A.shape[1], A.dtype)",              "sum"),
    (call("colsum", A),                                 "A.sum(axis=0)",              "@"),
    (y @ ones((1, n)) + A,                              "y[:, None]",                 "@"),
    (hadamard([y @ x.T, A]),                            "x * A * y[:, None]",         "outer"),
    (S + t * identity(n),                               "_plus_diagonal(S.copy(), t)", ""),
    (inv(S) @ x,                                        "np.linalg.solve(S, x)",      ""),
    (x.T @ inv(S),                                      "np.linalg.solve(S.T, x)",    ""),
    (x.T @ inv(P),                                      "np.linalg.solve(P, x)",      ""),
    (A @ inv(S),                                        "np.linalg.solve(S.T, A.T).T", ""),
    (call("tr", inv(S) @ A.T @ A),                      "solve",                      ""),
    (call("tr", A.T @ B),                               "np.vdot(A, B)",              "@"),
    (call("tr", S @ S @ S),                             "vdot",                       ""),
    (call("norm", A) ** 2,                              "np.vdot(A, A)",              "norm"),
    (call("norm", x) ** 2,                              "x @ x",                      "norm"),
    (call("diag", A @ B.T),                             "AB @ np.ones(",        "sum"),
    (matpower(S, 5) @ x,                                "S @ (S @ (S @ (S @ (S @ x))))", ""),
    (A @ S @ S @ x,                                     "A @ (S @ (S @ x))",          ""),
    (y.T @ A @ S,                                       "S.T @ (A.T @ y)",                  ""),
    (A @ x @ y.T @ B,                                   "(A @ x)[:, None] * (B.T @ y)",     ""),
    (A[:, "j"],                                         "A[:, j - 1]",                "@"),
    (A[2, :],                                           "A[1]",                       "@"),
    (A["i", "j"],                                       "A[i - 1, j - 1]",            "@"),
    ((A @ S)["i", "j"],                                 "A[i - 1] @ S[:, j - 1]",     ""),
    (commutation((m, n)) @ call("vec", A),              "arange",                     "@"),
    ((identity(m) - ones((m, m)) / size(m)) @ A,        "A.sum(axis=0)",              "@"),
    ((identity(n) - x @ x.T) @ w,                       "x @ w",                      "outer"),
    (D @ S,                                             "np.diagonal(D)[:, None]",    "@"),
    (inv(D) @ x,                                        "np.diagonal(D)",             "solve"),
    (call("logdet", D),                                 "np.log",                     "slogdet"),
    (hpower(A, number(3)),                              "A**2 * A",                   "**3"),
    (hadamard([A, hpower(B, number(-2))]),              "A / B**2",                   "-2"),
    (hpower(call("exp", A), number(-1) / 2),            "1 / _over(np.sqrt, ",        "0.5"),
    (S @ S.T,                                           "S @ S.T",                    ""),
    (hpower(call('exp', A), number(1) / 2),                          "_over(np.sqrt, np.exp(A))",          "0.5"),
    (A / 2,                                             "0.5 * A",                    ""),
    (A / 3,                                             "A / 3",                      ""),
]
# fmt: on


@pytest.mark.parametrize(("e", "there", "absent"), STRUCTURE, ids=[str(i) for i in range(len(STRUCTURE))])
def test_structure_is_kept(e, there, absent):
    source = check_loosely(e)
    assert there.replace(" ", "") in source.replace(" ", ""), source
    for text in (*DENSE, *([absent] if absent else [])):
        assert text not in source, source


def check_loosely(e):
    """`check`, at a point where every index is 2 at most."""
    values, sizes = next(points(e, seed=3))
    values |= {name: min(values[name], 2) for name in ("i", "j") if name in values}
    source = program({"value": e})
    wanted = evaluate(e, **values, **sizes)
    found = run(source, {**values, **sizes}, "numpy")
    assert found.shape == np.shape(wanted)
    assert np.allclose(found, wanted, rtol=1e-9), source
    return source


def test_an_inverse_used_often_is_computed_once():
    e = inv(S) @ Q0 @ inv(S) @ Q0 @ inv(S)
    source = check(e)
    assert source.count("np.linalg.inv(") == 1
    assert "solve" not in source


Q0 = variable("Q0", (n, n))


def test_several_results_share_what_they_have_in_common():
    residual = g(A @ S) - B
    value, gradient = call("norm", residual) ** 2, 2 * A.T @ hadamard([residual, g(A @ S, 1)])
    source = program({"value": value, "gradient": gradient})
    assert source.count("A @ S") == 1
    assert source.count(" - B") == 1
    assert source.endswith("return value, gradient\n")


def test_the_source_of_the_flagship():
    X, W, Y = variable("X", (m, n)), variable("W", (n, k)), variable("Y", (m, k))
    e = 2 * X.T @ hadamard([g(X @ W) - Y, g(X @ W, 1)])
    assert program({"gradient": e}, doc="The gradient.").split("\n")[-4:] == [
        '    """', "    XW = X @ W", "    return 2 * (X.T @ ((g(XW) - Y) * g_prime(XW)))", ""
    ]  # fmt: skip


def test_no_transpose_is_formed_under_jit():
    source = program({"value": A.T @ (A @ x - y)}, "jax")
    assert "(A @ x - y) @ A" in source
    assert ".T" not in source
