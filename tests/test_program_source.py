"""The source of programs: what need not be formed is not formed, and what is written reads like an expert's."""

import builtins
import keyword
import re

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.expr import hadamard, hpower, identity, matpower, number, ones, size, variable
from matcalc.operators import call, commutation
from matcalc.programs.program import program
from programs import A, B, C, D, P, Q, S, check, g, inv, k, m, n, run, t, w, x, y
from test_programs_shared import PROGRAMS, derivatives

# --- what need not be formed is not formed -----------------------------------------------------------------------

X3, sum_all = variable("X3", (m, n)), lambda e: call("sum", e)
DENSE = ("np.kron", "np.diag(", "np.eye", "np.ones(n", "np.ones((", "np.tile", "linalg.inv", "np.identity")

# fmt: off
STRUCTURE = [  # expression, what its source has, what it has not besides DENSE
    (call("kron", C.T, A) @ call("vec", S),             "(A @ (S @ C)).T",            ""),
    (call("kron", identity(k), A) @ call("vec", C),     "(A @ C).T",                  ""),
    (call("vec", A).T @ call("kron", S, Q) @ call("vec", A), "@",                     "reshape(m"),
    (call("diag", x) @ S,                               "x[:, None] * S",             "@"),
    (A @ call("diag", x),                               "A * x",                      "@"),
    (A @ call("diag", x) @ A.T,                         "(A * x) @ A.T",                ""),
    (call("diag", A @ B.T),                             'np.einsum("ij,ij->i", A, B)', "diagonal("),
    (call("diag", A @ S @ B.T),                         'np.einsum("ij,ij->i", A @ S, B)', "diagonal("),
    (x.T @ call("diag", w) @ x,                         "",                           ""),
    (call("sum", A),                                    "A.sum()",                  "@"),
    (call("rowsum", A),                                 "A @ np.ones(A.shape[1], A.dtype)",              "sum"),
    (call("colsum", A),                                 "A.sum(axis=0)",              "@"),
    (y @ ones((1, n)) + A,                              "y[:, None]",                 "@"),
    (hadamard([y @ x.T, A]),                            "x * A * y[:, None]",         "outer"),
    (S + t * identity(n),                               "_plus_diagonal(S.copy(), t)", ""),
    (inv(S) @ x,                                        "_solve(_factor(S), x)",      ""),
    (x.T @ inv(S),                                      "_solve(_factor(S), x, 1)",    ""),
    (x.T @ inv(P),                                      "_solve(_cholesky(P), x)",    "linalg.solve"),
    (A @ inv(S),                                        "_solve(_factor(S), A.T, 1).T", ""),
    (call("tr", inv(S) @ A.T @ A),                      "solve",                      ""),
    (call("tr", A.T @ B),                               "np.vdot(A, B)",              "@"),
    (call("tr", S @ S @ S),                             "vdot",                       ""),
    (call("norm", A) ** 2,                              "np.vdot(A, A)",              "norm"),
    (call("norm", x) ** 2,                              "x @ x",                      "norm"),
    (matpower(S, 5) @ x,                                "S @ (S @ (S @ (S @ (S @ x))))", ""),
    (A @ S @ S @ x,                                     "A @ (S @ (S @ x))",          ""),
    (y.T @ A @ S,                                       "S.T @ (A.T @ y)",                  ""),
    (A @ x @ y.T @ B,                                   "(A @ x)[:, None] * (B.T @ y)",     ""),
    (A[:, "j"],                                         "A[:, j - 1]",                "@"),
    (A[2, :],                                           "A[1]",                       "@"),
    (A["i", "j"],                                       "A[i - 1, j - 1]",            "@"),
    ((A @ S)["i", "j"],                                 "A[i - 1] @ S[:, j - 1]",     ""),
    (commutation((m, n)) @ call("vec", A),              "return A.reshape(-1)",       "@"),
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
    assert source.count("= _inverse(") == 1
    assert " = _solve(" not in source


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


# --- what is written reads well ----------------------------------------------------------------------------------

NAMES = [  # results ; declarations ; a statement
    ("norm(A*x - b)^2", "A: (m, n)", "r = A @ x - b"),
    ("norm(X*W - Y)^2", "W: (n, k); X: (m, n); Y: (m, k)", "neg_R|R = X @ W - Y"),
    ("sum(exp(A*x)) + norm(exp(A*x))", "A: (m, n)", "e = np.exp(A @ x)"),
    ("tr(exp(X)) + norm(exp(X))", "X: (n, n)", "E = np.exp(X)"),
    ("sum(sin(A*x)) + norm(sin(A*x))", "A: (m, n)", "sin_Ax = np.sin(Ax)"),
    ("y'*inv(S)*y + logdet(S)", "S: (n, n) spd; y: (n)", "L = _cholesky(S)"),
    ("y'*inv(S)*y + logdet(S)", "S: (n, n) invertible; y: (n)", "LU = _factor(S)"),
    ("tr(inv(S)*C*inv(S)*C) + y'*inv(S)*y", "S: (n, n) spd; C: (n, n); y: (n)", "Si = _inverse(_cholesky(S))"),
    ("logdet(X'*X + t*eye(n))", "X: (m, n); t: scalar", "K = _plus_diagonal(X.T @ X, t)"),
    ("theta[1]*exp(theta[1]) + theta[2]", "theta: (2)", "theta1 = theta[0]"),
    ("sum(logsumexp_rows(X*W)) + norm(X*W)", "X: (m, n); W: (n, k)", "Z = X @ W"),
    ("norm(tanh(X))^2 + tr(tanh(X))", "X: (n, n)", "T = np.tanh(X)"),
    ("sum(step(X*W).*exp(X*W)) + norm(step(X*W))", "X: (m, n); W: (n, k)", "mask = (np.sign(XW) + 1) / 2"),
]


@pytest.mark.parametrize(("text", "where", "wanted"), NAMES)
def test_names_say_what_they_stand_for(text, where, wanted):
    found = mc.code([text, mc.grad(text, next(iter(re.findall(r"\w+", where))), where)], where=where)
    assert any(statement in found for statement in wanted.split("|")), found


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case[0])
def test_programs_read_well(case, target):
    text, wrt, where, *_ = case
    g, h = derivatives(text, wrt, where)
    source = mc.code([g.of, g, h], target)
    body = source[source.index("def value_grad_and_hessian") :]
    assert body.endswith("    return value, grad, hessian\n")
    assert max(map(len, body.split("\n"))) <= 100, body
    names = re.findall(r"^    (\w+) = ", body, re.MULTILINE)
    assert len(set(names)) == len(names), body
    assert max(map(len, names)) <= 12, body
    assert [name for name in names if name in ("value", "grad", "hessian")] != [], body
    assert not [name for name in names if hasattr(builtins, name) or keyword.iskeyword(name)], body


def test_the_likelihood_of_a_gaussian_process_fits_on_a_screen():
    K = "(theta[1]*exp(-theta[2]*D) + theta[3]*eye(n))"
    f, where = f"0.5*y'*inv({K})*y + 0.5*log(det({K}))", "D: (n, n) symmetric; theta: (3); y: (n)"
    source = mc.code([f, mc.grad(f, "theta", where), mc.hessian(f, "theta", where)], where=where)
    body = source[source.index("def value_grad_and_hessian") :]
    assert body.count("\n") < 60
    for line in (
        "    where E = exp(−θ[2] D),  K = θ[1] E + θ[3] I,",
        "    D: (n, n) symmetric, theta: (3), y: (n); returns scalar, (3), (3, 3)",
        "    L = _cholesky_or_lu(K, True)\n    Ki = _inverse(L)\n    a = Ki @ y\n    value = 0.5 * (y @ a + _logdet(L))\n\n",
    ):
        assert line in body


# fmt: off
DOCUMENTED = [  # result ; a line of its docstring
    (lambda: mc.grad("norm(X*W - Y)^2", "W"),                                   "grad: laid out as W"),
    (lambda: mc.hessian("norm(X*W - Y)^2", "W"),                                "hessian: rows and columns in the order of vec(W), column by column"),
    (lambda: mc.jacobian("A*X*B", "X"),                                         "jacobian: rows in the order of vec(A X B), columns in that of vec(X), column by column"),
    (lambda: mc.jacobian("A*x", "x"),                                           "jacobian: J[i,j] = ∂y_i/∂x_j"),
    (lambda: mc.grad("y'*inv(S)*y + logdet(S)", "S", "S: (n, n) spd; y: (n)"),  "S: (n, n) spd, y: (n); returns (n, n)"),
    (lambda: mc.grad("logdet(X'*X)", "X", "X: (m, n)"),                         "grad: laid out as X; assumes Xᵀ X invertible"),
    (lambda: mc.grad("sum(relu(A*x))", "x", "A: (m, n)"),                       "differentiable where A x has no zero entry"),
    (lambda: mc.grad("x[1]*x[2]", "x", "x: (2)"),                               "entries are counted from 1"),
]
# fmt: on


@pytest.mark.parametrize(("made", "line"), DOCUMENTED, ids=[line for _, line in DOCUMENTED])
def test_docstrings_say_how_results_are_laid_out_and_what_they_assume(made, line):
    source = made().code()
    assert f"    {line}\n" in source, source


def test_a_long_formula_has_names_and_short_lines():
    f, where = "norm(tanh(X*W)*V - Y)^2", "X: (m, n); W: (n, k); V: (k, p); Y: (m, p)"
    doc = mc.hessian(f, "W", where).code()
    doc = doc[doc.index("def hessian") :].split('"""')[1]
    assert "T = tanh(X W)" in doc
    assert "a long expression" not in doc
    assert max(map(len, doc.split("\n"))) <= 100


COMMENTED = [  # expression ; a comment ; the statement below it
    ("logsumexp(A*x)", "# the largest is taken out before exp, which could overflow", "np.exp("),
    ("sum(log(vector(1) + exp(A*x)))", "# log(1 + exp(z)), without overflow", "np.log1p("),
    ("tr(A'*B) + norm(A)", "# tr(AᵀB) as the sum of the entries of A ⊙ B", "np.vdot(A, B)"),
]


@pytest.mark.parametrize(("text", "comment", "statement"), COMMENTED)
def test_comments_stand_above_steps_that_are_not_obvious(text, comment, statement):
    lines = mc.code([text, f"2*{text}"], where="A: (m, n); B: (m, n)").split("\n")
    at = lines.index(f"    {comment}")
    assert statement in "".join(lines[at + 1 : at + 3])
