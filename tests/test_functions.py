"""The functions people write: what they are, their derivatives, what is noted, and that every target computes them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sc
import scipy.stats

import matcalc as mc
from matcalc.operators import FUNCTIONS
from matcalc.operators.functions import Definition
from programs import on

WHERE = "x: (n); y: (n); u: (n); t: scalar; c: scalar positive; A: (n, n) spd; B: (n, n); X: (m, n); Y: (m, n)"
R = np.random.default_rng(7)
N, M = 4, 3
_root = R.standard_normal((N, N))
VALUES = {
    "x": R.standard_normal(N), "y": R.standard_normal(N), "u": R.standard_normal(N), "t": 0.7, "c": 1.3, "A": _root @ _root.T + np.eye(N),
    "B": R.standard_normal((N, N)), "X": R.standard_normal((M, N)), "Y": R.standard_normal((M, N)),
}  # fmt: skip


def softmax(x, axis=None):
    return sc.softmax(x, axis=axis)


def primary(f, a):
    values, vectors = np.linalg.eig(a.astype(complex))
    return (vectors @ np.diag(f(values)) @ np.linalg.inv(vectors)).real


# expression ; what NumPy says of it
MEANS = {
    "hypot(x, y)": lambda v: np.hypot(v["x"], v["y"]),
    "atan2(x, t)": lambda v: np.arctan2(v["x"], v["t"]),
    "arctan2(X, Y)": lambda v: np.arctan2(v["X"], v["Y"]),
    "logaddexp(x, y)": lambda v: np.logaddexp(v["x"], v["y"]),
    "logaddexp(0, x)": lambda v: np.logaddexp(0, v["x"]),
    "xlogy(X, exp(Y))": lambda v: v["X"] * v["Y"],
    "huber(X, c)": lambda v: np.where(abs(v["X"]) < 1.3, v["X"] ** 2 / 2, 1.3 * (abs(v["X"]) - 0.65)),
    "sec(x) + csc(c*exp(x))": lambda v: 1 / np.cos(v["x"]) + 1 / np.sin(1.3 * np.exp(v["x"])),
    "cot(X) + coth(X)": lambda v: 1 / np.tan(v["X"]) + 1 / np.tanh(v["X"]),
    "sech(x) - csch(x)": lambda v: 1 / np.cosh(v["x"]) - 1 / np.sinh(v["x"]),
    "exp2(x)*cbrt(t)": lambda v: np.exp2(v["x"]) * np.cbrt(0.7),
    "cbrt(X)": lambda v: np.cbrt(v["X"]),
    "logit(sigmoid(x))": lambda v: v["x"],
    "polygamma(0, c) + polygamma(1, c)": lambda v: sc.polygamma(0, 1.3) + sc.polygamma(1, 1.3),
    "gamma(c) + exp(gammaln(c)) + exp(loggamma(c))": lambda v: 3 * sc.gamma(1.3),
    "entr(exp(x))": lambda v: sc.entr(np.exp(v["x"])),
    "rel_entr(exp(x), exp(y)) - kl_div(exp(x), exp(y))": lambda v: np.exp(v["x"]) - np.exp(v["y"]),
    "log_sigmoid(X) - logsigmoid(X) + log_cosh(X)": lambda v: np.log(np.cosh(v["X"])),
    "elu(X)": lambda v: np.where(v["X"] > 0, v["X"], np.expm1(v["X"])),
    "mish(x)": lambda v: v["x"] * np.tanh(np.log1p(np.exp(v["x"]))),
    "softsign(X) + tanhshrink(X)": lambda v: v["X"] / (1 + abs(v["X"])) + v["X"] - np.tanh(v["X"]),
    "hardtanh(2*X)": lambda v: np.clip(2 * v["X"], -1, 1),
    "norm_cdf(x) - norm_pdf(x)": lambda v: scipy.stats.norm.cdf(v["x"]) - scipy.stats.norm.pdf(v["x"]),
    "signum(x).*fabs(x) - absolute(x)": lambda v: v["x"] - abs(v["x"]),
    "nuclear_norm(X) + spectral_norm(X) + norm_fro(X)": lambda v: (
        np.linalg.norm(v["X"], "nuc") + np.linalg.norm(v["X"], 2) + np.linalg.norm(v["X"])
    ),
    "norm_1(x) + norm_inf(x) + sqnorm(x)": lambda v: abs(v["x"]).sum() + abs(v["x"]).max() + v["x"] @ v["x"],
    "eigmax(A) - eigmin(A)": lambda v: np.ptp(np.linalg.eigvalsh(v["A"])),
    "matrix_frac(x, A) + tr_inv(A)": lambda v: v["x"] @ np.linalg.solve(v["A"], v["x"]) + np.trace(np.linalg.inv(v["A"])),
    "matrix_exp(B)*cofactor(A)*adjugate(A)'": lambda v: (
        scipy.linalg.expm(v["B"]) @ np.linalg.matrix_power(np.linalg.inv(v["A"]) * np.linalg.det(v["A"]), 2)
    ),
    "log_sum_exp(x) - lse(y) + sum_entries(X) - sqeuclidean(x, y)": lambda v: (
        sc.logsumexp(v["x"]) - sc.logsumexp(v["y"]) + v["X"].sum() - (v["x"] - v["y"]) @ (v["x"] - v["y"])
    ),
    "block_diag(A, X)": lambda v: scipy.linalg.block_diag(v["A"], v["X"]),
    "clip(x, -c, 1/2)": lambda v: np.clip(v["x"], -1.3, 0.5),
    "clamp(t, 0, 1)": lambda v: 0.7,
    "pow(exp(x), t)": lambda v: np.exp(v["x"]) ** 0.7,
    "max(x, y)": lambda v: np.maximum(v["x"], v["y"]),
    "max(0, 1 - t*x)": lambda v: np.maximum(0, 1 - 0.7 * v["x"]),
    "max(x, y, 0)": lambda v: np.maximum(np.maximum(v["x"], v["y"]), 0),
    "minimum(X, t)": lambda v: np.minimum(v["X"], 0.7),
    "min(x, y, u)": lambda v: np.minimum(np.minimum(v["x"], v["y"]), v["u"]),
    "var(x)": lambda v: np.var(v["x"]),
    "var(X)": lambda v: np.var(v["X"]),
    "std(x)": lambda v: np.std(v["x"]),
    "cov(X)": lambda v: np.cov(v["X"].T, bias=True),
    "cov(x, y)": lambda v: np.cov(v["x"], v["y"], bias=True)[0, 1],
    "corr(x, y)": lambda v: np.corrcoef(v["x"], v["y"])[0, 1],
    "log_softmax(x)": lambda v: sc.log_softmax(v["x"]),
    "log_softmax_rows(X)": lambda v: sc.log_softmax(v["X"], axis=1),
    "log_softmax_cols(X)": lambda v: sc.log_softmax(v["X"], axis=0),
    "softmax_cols(X)": lambda v: softmax(v["X"], 0),
    "logsumexp_cols(X)": lambda v: sc.logsumexp(v["X"], axis=0),
    "softmin(x)": lambda v: softmax(-v["x"]),
    "layernorm(x)": lambda v: (v["x"] - v["x"].mean()) / v["x"].std(),
    "layernorm(x, c)": lambda v: (v["x"] - v["x"].mean()) / np.sqrt(v["x"].var() + 1.3),
    "normalize(x)": lambda v: v["x"] / np.linalg.norm(v["x"]),
    "dot(x, y)": lambda v: v["x"] @ v["y"],
    "vdot(x, y)": lambda v: v["x"] @ v["y"],
    "outer(x, y)": lambda v: np.outer(v["x"], v["y"]),
    "matmul(X, A)": lambda v: v["X"] @ v["A"],
    "crossprod(X)": lambda v: v["X"].T @ v["X"],
    "crossprod(X, Y)": lambda v: v["X"].T @ v["Y"],
    "tcrossprod(X)": lambda v: v["X"] @ v["X"].T,
    "quad_form(x, B)": lambda v: v["x"] @ v["B"] @ v["x"],
    "sum_squares(X)": lambda v: np.sum(v["X"] ** 2),
    "norm21(X)": lambda v: np.linalg.norm(v["X"], axis=1).sum(),
    "norm(x, 1)": lambda v: np.linalg.norm(v["x"], 1),
    "norm(x, 2)": lambda v: np.linalg.norm(v["x"]),
    "norm(x, 3)": lambda v: np.linalg.norm(v["x"], 3),
    "norm(x, 1 + c)": lambda v: np.linalg.norm(v["x"], 2.3),
    "entropy(softmax(x))": lambda v: scipy.stats.entropy(softmax(v["x"])),
    "cross_entropy(softmax(x), softmax(y))": lambda v: -softmax(v["x"]) @ np.log(softmax(v["y"])),
    "normalpdf(x, y, A)": lambda v: scipy.stats.multivariate_normal(v["y"], v["A"]).pdf(v["x"]),
    "normalpdf(t, c, 2)": lambda v: scipy.stats.norm(1.3, np.sqrt(2)).pdf(0.7),
    "chol(A)": lambda v: np.linalg.cholesky(v["A"]),
    "cosm(B)": lambda v: primary(np.cos, v["B"]),
    "sinm(B)": lambda v: primary(np.sin, v["B"]),
    "cumsum(x)": lambda v: np.cumsum(v["x"]),
    "cumsum(X)": lambda v: np.cumsum(v["X"], axis=0),
    "diff(x)": lambda v: np.diff(v["x"]),
    "diff(X)": lambda v: np.diff(v["X"], axis=0),
    "tril(X)": lambda v: np.tril(v["X"]),
    "triu(X, 1)": lambda v: np.triu(v["X"], 1),
    "tril(B, -1)": lambda v: np.tril(v["B"], -1),
}


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("text", MEANS)
def test_it_is_what_it_is_called(text: str, target: str) -> None:
    on(target)
    run = mc.compile(text, target, where=WHERE)
    given = VALUES
    if target == "torch":
        import torch

        given = {name: torch.tensor(v, dtype=torch.float64) for name, v in VALUES.items()}
    assert np.allclose(np.asarray(run(**given)), MEANS[text](VALUES), rtol=1e-9, atol=1e-12), run.source


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if any(isinstance(build, Definition) for _, build in f.overloads)])
def test_every_definition_is_compared_with_its_namesake(name: str) -> None:
    assert any(name + "(" in text or FUNCTIONS.get(text.partition("(")[0]) is FUNCTIONS[name] for text in MEANS)


# expression ; by ; the gradient
GRADIENTS = """
sum(huber(X*y - t, c))          ; y ; X'*clip(X*y - t, -c, c)
sum(huber(x, c))                ; c ; sum(relu(abs(x) - c))
sum(hypot(x, t))                ; x ; x./hypot(x, t)
sum(hypot(x, t))                ; t ; t*sum(1./hypot(x, t))
sum(atan2(x, y))                ; y ; -x./(x.^2 + y.^2)
sum(logaddexp(x, y))            ; x ; sigmoid(x - y)
sum(xlogy(x, exp(y)))           ; y ; x
max(0, 1 - y'*x)                ; x ; -step(1 - x'*y)*y
sum(max(x, y))                  ; y ; step(y - x)
sum(min(x, t))                  ; x ; 1 - step(x - t)
var(x)                          ; x ; 2*(x - mean(x))/n
std(x)                          ; x ; (x - mean(x))/(sqrt(n)*norm(x - mean(x)))
cov(x, y)                       ; x ; (y - mean(y))/n
y'*log_softmax(x)               ; x ; y - sum(y)*softmax(x)
sum(logsumexp_cols(X))          ; X ; softmax_rows(X')'
cross_entropy(y, softmax(x))    ; x ; sum(y)*softmax(x) - y
log(normalpdf(x, y, A))         ; y ; inv(A)*(x - y)
norm(x, 1)                      ; x ; sign(x)
norm(x, 3)                      ; x ; sign(x).*x.^2/sum(abs(x).^3)^(2/3)
norm21(X)                       ; X ; inv(diag(sqrt(rowsum(X.^2))))*X
tr(cosm(B))                     ; B ; -sinm(B')
tr(sinm(t*B))                   ; t ; tr(B*cosm(t*B))
logdet(chol(A))                 ; A ; inv(A)/2
norm(diff(x))^2                 ; x ; 2*difft(diff(x))
y'*cumsum(x)                    ; x ; revcumsum(y)
sum(tril(X).*Y)                 ; X ; tril(Y)
"""


@pytest.mark.parametrize("row", GRADIENTS.strip().splitlines(), ids=lambda row: row.partition(";")[0].strip())
def test_gradients(row: str) -> None:
    text, by, wanted = (part.strip() for part in row.split(";"))
    answer = mc.grad(text, by, WHERE)
    assert mc.equal(answer.expr, mc.parse(wanted, WHERE)), answer.text()
    assert answer.check().ok
    assert len(answer.text()) <= len(wanted) + 2, answer.text()


def test_a_cholesky_factor_has_the_norm_of_its_matrix() -> None:
    assert mc.equal(mc.grad("norm(chol(A))^2", "A", WHERE).expr, "eye(n)", WHERE)


def test_the_hessian_of_a_function_of_several_arguments_crosses_them() -> None:
    for by in ("x, y", "x, t", "t, t", "y, y"):
        for text in ("sum(y.*hypot(x, t))", "t^2*sum(huber(x + y, 3*exp(t)))", "sum(atan2(x, exp(y)))", "sum(clip(t*x, -2, exp(y)))"):
            assert mc.hessian(text, by, "x: (n); y: (n); t: scalar").check().ok, (text, by)


NOTES = [
    ("max(t, 0)", "t", "t: scalar", "differentiable where t ≠ 0"),
    ("sum(max(x, y))", "x", "", "differentiable where y − x has no zero entry"),
    ("sum(hypot(x, y))", "x", "", "differentiable where hypot(x, y) has no zero entry"),
    ("sum(clip(x, 0, 1))", "x", "", "differentiable where x has no zero entry and x − 𝟏 has no zero entry"),
    ("var(x)", "x", "", "var divides by the number of entries, not by one less"),
    ("sum(cov(X))", "X", "X: (m, n)", "cov divides by the number of observations, not by one less; those of a matrix are its rows"),
    ("norm21(X)", "X", "X: (m, n)", "‖X‖₂,₁ is the sum of the norms of the rows"),
    ("normalpdf(x, mu, S)", "x", "mu: (n); S: (n, n) spd", "the third argument of normalpdf is the covariance, of a number the variance"),
    ("cross_entropy(p, q)", "q", "", "cross_entropy(p, q) is −Σ p log q, of probabilities"),
    ("tr(X*log(X))", "X", "X: (n, n) spd", "log of a matrix is taken entry by entry; the function of the matrix is logm"),
    ("x'*exp(A)*y", "x", "A: (n, n)", "exp of a matrix is taken entry by entry; the function of the matrix is expm"),
    ("tr(exp(A*B))", "A", "A: (n, n); B: (n, n)", "exp of a matrix is taken entry by entry; the function of the matrix is expm"),
]


@pytest.mark.parametrize(("text", "by", "where", "note"), NOTES, ids=[text for text, *_ in NOTES])
def test_what_is_noted(text: str, by: str, where: str, note: str) -> None:
    assert note in mc.grad(text, by, where).notes


ASSUMED = [
    ("sum(huber(x, t))", "t positive"),
    ("sum(huber(x, 1))", ""),
    ("sum(xlogy(x, y))", "y positive"),
    ("sum(clip(x, -t, t))", "t positive"),
    ("sum(clip(x, 0, 1))", ""),
]


@pytest.mark.parametrize(("text", "assumed"), ASSUMED)
def test_what_is_assumed_is_of_the_argument_that_it_is_about(text: str, assumed: str) -> None:
    found = mc.grad(text, "x", "x: (n); y: (n); t: scalar" if "t" in assumed else "x: (n)").assumptions
    assert [a for a in found if "differentiable" not in a] == ([assumed] if assumed else [])


@pytest.mark.parametrize("text", ["log(t)", "sum(exp(X*y))", "sum(exp(B))", "x'*log(exp(B))*x"])
def test_nothing_is_noted_of_what_is_entry_by_entry_anyway(text: str) -> None:
    assert not [
        note
        for note in mc.grad(text, text[-2] if text == "log(t)" else "y" if "y" in text else "B", WHERE).notes
        if "entry by entry" in note
    ]
