"""Sums over an index, families and ranges: what they are, their matrix forms, their derivatives.

A table each: a sum built in Python, what becomes of it as text, and what it is in NumPy (or in JAX), one term after the other.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from equalities import equalities
from index_conditions import at_most, entry, label, labelled, less, unequal
from matcalc.checking import check_derivative
from matcalc.expr import SIGMA, Expr, alike, at_index, free_indices, known, outer, sigma, substitute, symbol, transform, unit, variable
from matcalc.lifting import lifted

n, m, d, K, N = map(symbol, "nmdKN")
X, Z, W, A, B, C = mc.matrix("X", "n", "d"), mc.matrix("Z", "m", "d"), mc.matrix("W", "n", "n"), *(mc.matrix(v, "d", "d") for v in "ABC")
P, Q = mc.matrix("P", "n", "m"), mc.matrix("Q", "n", "m")
w, u, x, y, b, t = mc.vector("w", "d"), mc.vector("u", "m"), mc.vector("x", "n"), mc.vector("y", "n"), mc.vector("b", "d"), mc.scalar("t")
mu, p = mc.matrix("mu", "K", "d"), mc.vector("p", "K", "positive")
S, F = mc.family("Sigma", "K", "d", "d", "spd"), mc.family("F", ("n", "m"), "d")
seq = mc.matrix("x", "N", "d")
g = mc.elementwise("g")


def row(a: Expr, i: str | int) -> Expr:
    """The i-th row of a matrix as a column: x_i."""
    return a[i, :].T


def total(body: Expr, **over: Any) -> Expr:
    """The sum as it is written, not lifted."""
    for index, count in reversed(over.items()):
        body = sigma(index, symbol(count) if isinstance(count, str) else count, body)
    return body


def arrays(seed: int = 0, **sizes: int) -> dict[str, Any]:
    """Values of all variables that the tables have."""
    k = {"n": 4, "m": 3, "d": 2, "K": 3, "N": 5, **sizes}
    rng = np.random.default_rng(seed)
    shapes = {"X": "nd", "Z": "md", "W": "nn", "A": "dd", "B": "dd", "C": "dd", "P": "nm", "Q": "nm", "w": "d", "u": "m", "y": "n", "b": "d", "mu": "Kd", "F": "nmd"}  # fmt: skip
    out: dict[str, Any] = {name: rng.normal(size=[k[s] for s in shape]) for name, shape in shapes.items()}
    roots = rng.normal(size=(k["K"], k["d"], k["d"]))
    out |= {"Sigma": roots @ roots.transpose(0, 2, 1) + np.eye(k["d"]), "p": rng.uniform(0.2, 1, k["K"]), "t": 0.7}
    out |= {"l": rng.integers(1, k["m"] + 1, k["n"]).astype(float), "Omega": rng.integers(0, 2, (k["n"], k["m"])).astype(float)}
    return out | k


# --- the constructor -----------------------------------------------------------------------------------------------


# a sum ; as text, in which what is constant has left it
BUILT = [
    (total(row(X, "i"), i="n"), "colsum(X)"),
    (total(w.T @ row(X, "i"), i="n"), "sum(X*w)"),
    (total(t * mc.exp(x["i"]), i="n"), "t*sum(i = 1..n, exp(x[i]))"),
    (total(A @ mc.tanh(row(X, "i")), i="n"), "A*sum(i = 1..n, tanh(X[i,:]'))"),
    (total(mc.exp(x["i"]) + t, i="n"), "n*t + sum(i = 1..n, exp(x[i]))"),
    (total(t, i="n"), "n*t"),
    (total(row(X, "i") - row(X, "i"), i="n"), "zeros(d)"),
    (total(unit("i", n) @ unit("i", n).T, i="n"), "eye(n)"),
    (total((unit("i", n).T @ unit("k", n)) * mc.exp(x["i"]), i="n"), "exp(x[k])"),
    (total((unit("i", n).T @ unit(2, n)) * mc.exp(x["i"]), i="n"), "exp(x[2])"),
    (total(mc.exp(x["i"]) * mc.exp(y["j"]), i="n", j="n"), "sum(i = 1..n, exp(x[i]))*sum(j = 1..n, exp(y[j]))"),
    (total(mc.logdet(S["k"]), k="K"), "sum(k = 1..K, logdet(Sigma_k))"),
    (total(mc.norm(F["i", "j"]), i="n", j="m"), "sum(i = 1..n, sum(j = 1..m, norm(F_{i,j})))"),
    (total(mc.exp(x["i"] + y["i"]), i="n") * t, "t*sum(i = 1..n, exp(x[i] + y[i]))"),
]


@pytest.mark.parametrize("made, text", BUILT, ids=[text for _, text in BUILT])
def test_what_is_constant_leaves_the_sum(made: Expr, text: str) -> None:
    from matcalc.writing.text import text as write

    assert write(made) == text


def test_a_sum_is_what_it_is_whatever_its_index_is_called() -> None:
    one, other = (total(mc.exp(mc.tr(S[i])), **{i: "K"}) for i in "kj")
    assert one is total(mc.exp(mc.tr(S["k"])), k="K")
    assert one is not other and mc.simplify(one - other).op.name == "number"
    assert alike(one + other).op is (2 * one).op
    assert mc.equal(one, other)
    assert pickle.loads(pickle.dumps(one)) is one


def test_nothing_is_captured() -> None:
    inner = total(mc.exp(x["i"] * y["k"]), i="n")  # k is free
    assert free_indices(inner) == {"k": n}
    outer_one = total(inner**2, k="n")
    assert not free_indices(outer_one) and outer_one.nested == 2
    values = arrays()
    values["x"] = np.linspace(-1, 1, 4)
    truth = sum(sum(np.exp(values["x"][i] * values["y"][k]) for i in range(4)) ** 2 for k in range(4))
    assert mc.evaluate(outer_one, **values) == pytest.approx(truth)
    put_in = substitute(outer_one, {y: mc.vector("x", "n")})  # what is put in is no part of any sum
    assert mc.evaluate(put_in, **values) == pytest.approx(sum(sum(np.exp(a * c) for a in values["x"]) ** 2 for c in values["x"]))
    deeper = substitute(outer_one, {t: t, y: total(mc.exp(W @ unit("j", n)), j="n")})
    columns = sum(np.exp(values["W"][:, j]) for j in range(4))
    assert mc.evaluate(deeper, **values) == pytest.approx(sum(sum(np.exp(a * c) for a in values["x"]) ** 2 for c in columns))
    assert transform(outer_one, lambda e: e) is outer_one
    assert mc.evaluate(at_index(inner, "k", unit(2, n)), **values) == pytest.approx(np.exp(values["x"] * values["y"][1]).sum())


def test_what_is_known_of_a_sum() -> None:
    assert {"spd", "symmetric"} <= known(total(mc.inv(S["k"]) * p["k"], k="K"))
    assert "psd" in known(total(F["i", "j"] @ F["i", "j"].T, i="n", j="m")) and "spd" not in known(S["k"] - S["j"])
    assert "positive" in known(total(mc.exp(mc.tr(S["k"])), k="K"))
    assert total(mc.expm(S["k"]), k="K").symmetric
    skewed = total(mc.inv(S["k"]) @ A, k="K")
    assert skewed.T.T is skewed


# --- lifting -------------------------------------------------------------------------------------------------------

v = {name: arrays()[name] for name in ("n", "m", "K", "N")}
R = range

# a sum ; its matrix form, simplified ; the sum in NumPy
LIFTED: list[tuple[Expr, str, Callable[[Any], Any]]] = [
    (total(x["i"] * (w.T @ row(X, "i")), i="n"), "x'*X*w", lambda a: sum(a["x"][i] * (a["w"] @ a["X"][i]) for i in R(4))),
    (total((y["i"] - w.T @ row(X, "i")) ** 2, i="n"), "norm(y - X*w)^2", lambda a: sum((a["y"][i] - a["X"][i] @ a["w"]) ** 2 for i in R(4))),
    (total(x["i"] * row(X, "i") @ row(X, "i").T, i="n"), "X'*diag(x)*X", lambda a: sum(a["x"][i] * np.outer(a["X"][i], a["X"][i]) for i in R(4))),
    (total(mc.norm(row(X, "i") - w), i="n"), "sum(sqrt(rowsum((X - ones(n)*w').^2)))", lambda a: sum(np.linalg.norm(a["X"][i] - a["w"]) for i in R(4))),
    (total(W["i", "j"] * mc.norm(row(X, "i") - row(X, "j")) ** 2, i="n", j="n"), "", lambda a: sum(a["W"][i, j] * ((a["X"][i] - a["X"][j]) ** 2).sum() for i in R(4) for j in R(4))),
    (total(mc.exp(-mc.norm(row(X, "i") - row(Z, "j")) ** 2), i="n", j="m"), "", lambda a: sum(np.exp(-((a["X"][i] - a["Z"][j]) ** 2).sum()) for i in R(4) for j in R(3))),
    (total(mc.log(total(mc.exp(row(X, "i").T @ A @ row(Z, "j")), j="m")), i="n"), "sum(logsumexp_rows(X*A*Z'))", lambda a: np.log(np.exp(a["X"] @ a["A"] @ a["Z"].T).sum(1)).sum()),
    (total(mc.logsumexp(Z @ row(X, "i")), i="n"), "sum(logsumexp_rows(X*Z'))", lambda a: np.log(np.exp(a["X"] @ a["Z"].T).sum(1)).sum()),
    (total(A["i", "j"] * B["j", "k"] * C["k", "i"], i="d", j="d", k="d"), "tr(A*B*C)", lambda a: np.trace(a["A"] @ a["B"] @ a["C"])),
    (total(P["i", "j"] * Q["i", "j"], i="n", j="m"), "sum(P.*Q)", lambda a: (a["P"] * a["Q"]).sum()),
    (total(less("i", "j", n) * mc.exp(row(X, "i").T @ row(X, "j")), i="n", j="n"), "", lambda a: sum(np.exp(a["X"][i] @ a["X"][j]) for i in R(4) for j in R(4) if i < j)),
    (total(at_most("i", "j", n) * x["i"] * y["j"], i="n", j="n"), "x'*triu(ones(n, n))*y", lambda a: sum(a["x"][i] * a["y"][j] for i in R(4) for j in R(4) if i <= j)),
    (total(unequal("i", "j", n) * x["i"] * x["j"], i="n", j="n"), "x'*(ones(n, n) - I)*x", lambda a: sum(a["x"][i] * a["x"][j] for i in R(4) for j in R(4) if i != j)),
    (total(entry(mc.matrix("Omega", "n", "m"), "i", "j") * (P["i", "j"] - row(X, "i").T @ row(Z, "j")) ** 2, i="n", j="m"), "sum(Omega.*(P - X*Z').^2)", lambda a: (a["Omega"] * (a["P"] - a["X"] @ a["Z"].T) ** 2).sum()),
    (total(row(X, "i").T @ (Z.T @ label(mc.vector("l", "n"), "i", m)), i="n"), "sum(onehot(l, m).*(X*Z'))", lambda a: sum(a["X"][i] @ a["Z"][int(a["l"][i]) - 1] for i in R(4))),
    (total(labelled(mc.vector("l", "n"), "i", "k", m) * mc.log(mc.softmax(Z @ row(X, "i"))["k"]), i="n", k="m"), "", lambda a: sum(np.log(np.exp(a["Z"] @ a["X"][i])[int(a["l"][i]) - 1] / np.exp(a["Z"] @ a["X"][i]).sum()) for i in R(4))),
    (total(mc.norm(row(seq[2:"N", :], "t") - A @ row(seq[1:"N-1", :], "t")) ** 2, t=N + (-1)), "norm(x[2:N,:]' - A*x[1:N-1,:]')^2", lambda a: sum(((a["seq"][t + 1] - a["A"] @ a["seq"][t]) ** 2).sum() for t in R(4))),
    (total(P["i", "j"] * mc.norm(row(X, "i") - row(Z, "j")), i="n", j="m"), "", lambda a: sum(a["P"][i, j] * np.linalg.norm(a["X"][i] - a["Z"][j]) for i in R(4) for j in R(3))),
    (total(x["i"] * total(P["i", "j"] * u["j"], j="m") ** 2, i="n"), "x'*(P*u).^2", lambda a: a["x"] @ (a["P"] @ a["u"]) ** 2),
    (total(mc.inv(S["k"]), k="K") @ total(x["i"] * row(X, "i"), i="n"), "sum(k = 1..K, inv(Sigma_k))*X'*x", lambda a: np.linalg.inv(a["Sigma"]).sum(0) @ a["X"].T @ a["x"]),
    (total(mc.log(1 + mc.exp(x["i"])) + mc.norm(F["i", 1]), i="n"), "sum(softplus(x)) + sum(i = 1..n, norm(F_{i,1}))", lambda a: np.log1p(np.exp(a["x"])).sum() + np.linalg.norm(a["F"][:, 0], axis=1).sum()),
]  # fmt: skip


@pytest.mark.parametrize("made, text, truth", LIFTED, ids=[f"{k}-{text}" for k, (_, text, _) in enumerate(LIFTED)])
def test_the_matrix_form_of_a_sum(made: Expr, text: str, truth: Callable[[Any], Any]) -> None:
    from matcalc.writing.text import text as write

    values = arrays()
    values["x"] = np.linspace(-1, 1, 4)
    if any(e.op.name == "select" for e in _all(made)):
        values["seq"] = values["x"] = np.random.default_rng(5).normal(size=(5, 2))
    form = mc.simplify(made)
    assert mc.evaluate(made, **values) == pytest.approx(truth(values)), "the sum as it is"
    assert mc.evaluate(form, **values) == pytest.approx(truth(values)), "its matrix form"
    if text:
        assert write(form) == text
    if "sum(k = " not in text and "sum(i = " not in text:
        assert not any(e.op is SIGMA for e in outer(lifted(made)))


def _all(e: Expr) -> list[Expr]:
    from matcalc.expr import postorder

    return postorder(e)


def test_text_latex_and_sympy_give_one_form() -> None:
    sp = pytest.importorskip("sympy")
    k = sp.Symbol("n", integer=True, positive=True)
    a, c, e = (sp.MatrixSymbol(name, k, k) for name in "ABC")
    i, j, l = sp.symbols("i j l", integer=True)
    over = [(s, 0, k - 1) for s in (i, j, l)]
    declared = "A: (n, n); B: (n, n); C: (n, n)"
    for latex, summed in (
        (r"\sum_{i,j,k} A_{ij} B_{jk} C_{ki}", sp.Sum(a[i, j] * c[j, l] * e[l, i], *over)),
        (r"\sum_{i,j} A_{ij} B_{ij}", sp.Sum(a[i, j] * c[i, j], *over[:2])),
        (r"\sum_i \log \sum_j \exp(A_{ij})", sp.Sum(sp.log(sp.Sum(sp.exp(a[i, j]), over[1])), over[0])),
    ):
        assert mc.parse(latex, where=declared) is mc.parse(summed)


# --- derivatives ---------------------------------------------------------------------------------------------------


def density(i: str, k: str) -> Expr:
    """π_k det(Σ_k)^(-1/2) exp(-(x_i - μ_k)'Σ_k⁻¹(x_i - μ_k)/2)."""
    r = row(X, i) - row(mu, k)
    return p[k] * mc.exp(-(r.T @ mc.inv(S[k]) @ r) / 2) / mc.sqrt(mc.det(S[k]))


mixture = total(mc.log(total(density("i", "k"), k="K")), i="n")
recurrence = total(mc.norm(row(seq[2:"N", :], "t") - A @ mc.tanh(row(seq[1:"N-1", :], "t"))) ** 2, t=N + (-1))
W1, b1, W2 = mc.matrix("W1", "m", "d"), mc.vector("b1", "m"), mc.matrix("W2", "K", "m")
Y = mc.matrix("Y", "n", "K")
net = total(mc.norm(row(Y, "i") - W2 @ mc.tanh(W1 @ row(X, "i") + b1)) ** 2, i="n")
U, V = mc.matrix("U", "K", "d"), mc.matrix("V", "K", "d")
c, o, neg = mc.vector("c", "n"), mc.vector("o", "n"), mc.vector("neg", "m")
word2vec = total(
    mc.log(mc.sigmoid((U.T @ label(o, "i", K)).T @ (V.T @ label(c, "i", K))))
    + total(mc.log(mc.sigmoid(-(U.T @ label(neg, "j", K)).T @ (V.T @ label(c, "i", K)))), j="m"),
    i="n",
)
M, Omega, bb, cc = mc.matrix("M", "n", "m", "positive"), mc.matrix("Omega", "n", "m"), mc.vector("bb", "n"), mc.vector("cc", "m")
glove = total(
    entry(Omega, "i", "j") * mc.sqrt(M["i", "j"]) * (row(X, "i").T @ row(Z, "j") + bb["i"] + cc["j"] - mc.log(M["i", "j"])) ** 2,
    i="n",
    j="m",
)
chained = total(mc.tr(F["i", 1] @ F["i", 2].T @ A) * mc.exp(mc.norm(F["i", 1]) ** 2), i="n")


def jax_mixture(a: Any, np: Any) -> Any:
    r = a["X"][:, None, :] - a["mu"][None]
    quadratic = np.einsum("ikd,kde,ike->ik", r, np.linalg.inv(a["Sigma"]), r)
    return np.log((a["p"] * np.exp(-quadratic / 2) / np.sqrt(np.linalg.det(a["Sigma"]))).sum(1)).sum()


def jax_word2vec(a: Any, np: Any) -> Any:
    at = {name: a[name].astype(int) - 1 for name in ("o", "c", "neg")}
    centre, log_sigmoid = a["V"][at["c"]], lambda z: -np.log1p(np.exp(-z))
    return log_sigmoid((a["U"][at["o"]] * centre).sum(1)).sum() + log_sigmoid(-centre @ a["U"][at["neg"]].T).sum()


JAX: list[tuple[str, Expr, str, Callable[[Any, Any], Any]]] = [
    *[("Gaussian mixture", mixture, by, jax_mixture) for by in ("mu", "Sigma", "p", "X", "mu_2", "Sigma_1")],
    *[("recurrence", recurrence, by, lambda a, np: ((a["x"][1:] - np.tanh(a["x"][:-1]) @ a["A"].T) ** 2).sum()) for by in ("A", "x", "x_3")],
    *[("two-layer net", net, by, lambda a, np: ((a["Y"] - np.tanh(a["X"] @ a["W1"].T + a["b1"]) @ a["W2"].T) ** 2).sum()) for by in ("W1", "b1", "W2", "X_2")],
    *[("word2vec", word2vec, by, jax_word2vec) for by in ("U", "V")],
    *[("GloVe", glove, by, lambda a, np: (a["Omega"] * np.sqrt(a["M"]) * (a["X"] @ a["Z"].T + a["bb"][:, None] + a["cc"] - np.log(a["M"])) ** 2).sum()) for by in ("X", "Z", "bb", "cc", "M")],
    *[("a family twice", chained, by, lambda a, np: (np.einsum("ij,kj,ki->k", a["A"], a["F"][:, 0], a["F"][:, 1]) * np.exp((a["F"][:, 0] ** 2).sum(1))).sum()) for by in ("F_21", "F_12", "A")],
]  # fmt: skip


@pytest.mark.parametrize("name, f, by, truth", JAX, ids=[f"{name} by {by}" for name, _, by, _ in JAX])
def test_gradients_are_those_of_jax(name: str, f: Expr, by: str, truth: Callable[[Any, Any], Any]) -> None:
    jax = pytest.importorskip("jax")
    rng = np.random.default_rng(3)
    a = arrays(K=3) | {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 3)), "Y": rng.normal(size=(4, 3))}
    a |= {
        "U": rng.normal(size=(3, 2)),
        "V": rng.normal(size=(3, 2)),
        "M": rng.uniform(0.5, 3, (4, 3)),
        "bb": rng.normal(size=4),
        "cc": rng.normal(size=3),
    }
    a |= {name: rng.integers(1, 4, size).astype(float) for name, size in (("c", 4), ("o", 4), ("neg", 3))} | {"x": rng.normal(size=(5, 2))}
    whole, _, place = by.partition("_")
    index = tuple(int(k) - 1 for k in place)
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        expected = np.asarray(jax.grad(lambda z: truth({**a, whole: z}, jax.numpy))(jax.numpy.asarray(a[whole])))
    expected = expected[index] if index else expected
    asked = by
    if index and whole in ("mu", "x", "X"):
        asked = {"mu": mu, "x": seq, "X": X}[whole][index[0] + 1, :].T
    made = mc.grad(f, asked, unconstrained=True)
    found = (
        mc.evaluate(made.expr, **a) if not made.over else np.array([mc.evaluate(made.expr, **a, **{made.over[0]: k}) for k in (1, 2, 3)])
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert mc.evaluate(f, **a) == pytest.approx(float(truth(a, np)))


HESSIANS = [
    (total(mc.log(total(mc.exp(w.T @ S["k"] @ row(X, "i")), k="K")), i="n"), w),
    (total(mc.log(total(mc.exp(w.T @ S["k"] @ w), k="K")) * x["i"], i="n"), "Sigma_k"),
    (total(mc.tr(A @ S["k"]) * mc.logdet(S["k"]), k="K"), "Sigma_1"),
]


@pytest.mark.parametrize("f, by", HESSIANS, ids=["log-sum-exp", "member in a quotient", "one member"])
def test_second_derivatives(f: Expr, by: Any) -> None:
    h = mc.hessian(f, by)
    assert check_derivative(h.gradient(), h.expr, h.variable, h.index, count=2).ok


JACOBIANS = [
    (total(mc.exp(S["k"] @ w), k="K"), w),
    (total(mc.exp(S["k"] @ w) * p["k"], k="K"), "Sigma_k"),
    (total(mc.inv(S["k"]) @ A, k="K"), A),
    (total(mc.tanh(A @ row(X, "i")) * x["i"], i="n"), row(X, "k")),
]


@pytest.mark.parametrize("f, by", JACOBIANS, ids=["by a vector", "by a member", "of a matrix", "by a row"])
def test_jacobians_of_sums(f: Expr, by: Any) -> None:
    j = mc.jacobian(f, by)
    assert check_derivative(f, j.expr, j.variable, j.index, count=2).ok


def test_a_family_as_what_a_derivative_is_by() -> None:
    f = total(mc.tr(A @ S["k"]) * mc.logdet(S["k"]), k="K")
    whole, one, another = (
        mc.grad(f, "Sigma", unconstrained=True),
        mc.grad(f, "Sigma_j", unconstrained=True),
        mc.grad(f, "Sigma_2", unconstrained=True),
    )
    assert whole.over == ("k",) and not one.over
    assert "by each member Σ_k of the family" in whole.notes
    assert at_index(whole.expr, "k", unit("j", K)) is one.expr and at_index(one.expr, "j", unit(2, K)) is another.expr
    assert whole.differential.text() == "df = sum(k = 1..K, tr((tr(A*Sigma_k)*inv(Sigma_k) + logdet(Sigma_k)*A)*dSigma_k))"
    symmetric = mc.grad(f, "Sigma_k")
    assert symmetric.expr.symmetric and any("symmetric" in note for note in symmetric.notes)
    assert [d.wrt for d in mc.grad(f)] == [A, S["k"]]


def test_the_boundary_of_a_shifted_sum() -> None:
    """By x_k, the term of t = k - 1 and that of t = k, each where there is one."""
    d = mc.grad(recurrence, row(seq, "k"))
    a = arrays() | {"x": np.random.default_rng(1).normal(size=(5, 2))}
    r = a["x"][1:] - np.tanh(a["x"][:-1]) @ a["A"].T
    for k in range(1, 6):
        expected = np.zeros(2)
        expected += 2 * r[k - 2] if k > 1 else 0
        expected -= 2 * (1 - np.tanh(a["x"][k - 1]) ** 2) * (a["A"].T @ r[k - 1]) if k < 5 else 0
        np.testing.assert_allclose(mc.evaluate(d.expr, **a, k=k), expected, atol=1e-12)


@pytest.mark.parametrize("by", ["Sigma", "mu", "p"])
@pytest.mark.parametrize("granularity", ["brief", "full"])
def test_every_line_of_a_derivation_through_sums(by: str, granularity: str) -> None:
    derivation = mc.grad(mixture, by).steps(granularity)
    a = arrays() | {f"d{name}": np.random.default_rng(2).normal(size=arrays()[name].shape) for name in ("mu", "p")} | {"k": 2}
    a["dSigma_k"] = np.diag([1.0, 2.0])
    for step, sides in equalities(derivation):
        first, *others = (mc.evaluate(side, **a) for side in sides)
        for other in others:
            np.testing.assert_allclose(other, first, rtol=1e-9, err_msg=step.rule)


# --- writing -------------------------------------------------------------------------------------------------------

# an expression ; as text ; in LaTeX ; for the terminal
WRITTEN = [
    (total(mc.logdet(S["k"]) * mc.tr(S["k"]), k="K") * mc.tr(A), "sum(k = 1..K, tr(Sigma_k)*logdet(Sigma_k))*tr(A)", r"\left(\sum_{k=1}^{K} \operatorname{tr}(\Sigma_{k}) \log\det(\Sigma_{k})\right) \operatorname{tr}(A)", "(∑_{k=1}^K tr(Σ_k) logdet(Σ_k)) tr(A)"),
    (total(mc.norm(F["i", "j"]), i="n", j="m"), "sum(i = 1..n, sum(j = 1..m, norm(F_{i,j})))", r"\sum_{i=1}^{n} \sum_{j=1}^{m} \|F_{i,j}\|", "∑_{i=1}^n ∑_{j=1}^m ‖F_{i,j}‖"),
    (seq[2:"N", :], "x[2:N,:]", r"x_{2:N,:}", "x[2:N,:]"),
    (A @ seq[2:"N", :].T, "A*x[2:N,:]'", r"A x_{2:N,:}^{\top}", "A x[2:N,:]ᵀ"),
    (row(seq[2:"N", :], "t"), "x[t+1,:]'", r"x_{t+1,:}^{\top}", "x[t+1,:]ᵀ"),
    (x[2:4], "x[2:4]", r"x_{2:4}", "x[2:4]"),
    (X[:, 1:2], "X[:,1:2]", r"X_{:,1:2}", "X[:,1:2]"),
]  # fmt: skip


@pytest.mark.parametrize("e, text, latex, terminal", WRITTEN, ids=[text for _, text, _, _ in WRITTEN])
def test_how_a_sum_is_written(e: Expr, text: str, latex: str, terminal: str) -> None:
    from matcalc.writing.latex import latex as to_latex
    from matcalc.writing.text import text as to_text

    assert (to_text(e), to_latex(e), repr(e)) == (text, latex, terminal)


def test_an_index_has_no_name_that_means_something_else() -> None:
    i, j = mc.scalar("i"), mc.scalar("j")
    assert repr(total(mc.exp(x["k"] * i), k="n")) == "∑_{k=1}^n exp(i x[k])"
    assert repr(substitute(total(mc.exp(x["i"] * t), i="n"), {t: i})) == "∑_{j=1}^n exp(i x[j])"
    assert repr(substitute(total(mc.exp(x["i"] * t), i="n"), {t: i + j})) == "∑_{k=1}^n exp(x[k] (i + j))"
    within = total(mc.exp(x["k"]) * mc.log(total(mc.exp(mc.tr(S["k"])), k="K")) ** x["k"], k="n")
    assert repr(within).count("∑_{k=1}^n") == 1 and "∑_{i=1}^K" in repr(within)


def test_sums_to_sympy_and_back() -> None:
    pytest.importorskip("sympy")
    f = total(mc.exp(x["i"] * t) * mc.logdet(row(X, "i") @ row(X, "i").T + A), i="n")
    assert mc.equal(mc.parse(mc.grad(f, t).sympy()), mc.grad(f, t).expr)
    assert mc.equal(mc.parse(mc.grad(recurrence, A).sympy()), mc.grad(recurrence, A).expr)
    square = mc.grad(total(mc.tr(S["k"]) ** 2, k="K"), "Sigma_k", unconstrained=True)
    assert str(square.sympy(K=3, d=1, k=2)) == "2*Sigma_2"
    with pytest.raises(mc.UnsupportedError, match="families"):
        square.sympy()


def test_variables_of_a_family_have_one_array() -> None:
    f = total(mc.tr(S["k"]) ** 2, k="K")
    a = arrays()
    assert mc.evaluate(f, Sigma=a["Sigma"]) == pytest.approx(sum(np.trace(s) ** 2 for s in a["Sigma"]))
    with pytest.raises(mc.ShapeError, match="Sigma is"):
        mc.evaluate(f, Sigma=a["Sigma"][:, :, :1])
    with pytest.raises(mc.ShapeError, match="have 1 index"):
        S["k", "j"]
    with pytest.raises(mc.ShapeError, match="counts to"):
        sigma("k", n, mc.tr(S["k"]))


def test_what_is_dealt_for_a_check_respects_what_is_declared() -> None:
    value = variable("e", (n, n), {"orthogonal"})
    f = total(mc.tr(value @ W) * mc.exp(mc.tr(S["k"])), k="K")
    made = mc.grad(f, W)
    assert check_derivative(f, made.expr, W).ok and not check_derivative(f, 2 * made.expr, W).ok


# --- in text -------------------------------------------------------------------------------------------------------

GMM = "x_i: (d), i = 1..n; mu_k: (d), k = 1..K; p: (K) positive; S_k: (d, d) spd, k = 1..K"

# a formula ; declarations ; variables, each with the derivative as text where that is short
TYPED = [
    (
        "sum_i log(sum_k p_k*exp(-(x_i - mu_k)'*inv(S_k)*(x_i - mu_k)/2)/sqrt(det(S_k)))",
        GMM,
        {"mu": "", "mu_k": "", "mu_2": "", "S": "", "S_k": "", "S_1": "", "p": "", "p_k": "", "x_i": "", "x": ""},
    ),
    (
        "sum(t = 1..N-1, norm(x_{t+1} - A*x_t)^2)",
        "x_t: (d), t = 1..N; A: (d, d)",
        {
            "A": "-2*(x[2:N,:]' - A*x[1:N-1,:]')*x[1:N-1,:]",
            "x": "2*(eye(N)[:,2:N]*(x[2:N,:] - x[1:N-1,:]*A') - eye(N)[:,1:N-1]*(x[2:N,:] - x[1:N-1,:]*A')*A)",
            "x_k": "",
            "x_1": "",
        },
    ),
    ("sum(i = 1..n, sum(j = 1..m, norm(z_ij)))", "z_ij: (d), i = 1..n, j = 1..m", {"z": "z_{i,j}/norm(z_{i,j})", "z_{1,2}": "z_{1,2}/norm(z_{1,2})"}),
    (r"\sum_{(i,j)\in\Omega} (M_{ij} - u_i^\top v_j)^2", "Omega: set (n, m); M: (n, m); u_i: (d), i = 1..n; v_j: (d), j = 1..m", {"u": "-2*(Omega.*(M - u*v'))*v", "v_j": ""}),
    (r"\sum_{(i,j)\in\Omega} (M_{ij} - u_i^\top v_j)^2", "Omega: (n, m); M: (n, m); u_i: (d), i = 1..n; v_j: (d), j = 1..m", {"u": "-2*(Omega.*(M - u*v'))*v", "v_j": ""}),
    ("sum(k = 0..N-1, norm(x_k - r)^2) + (x_N - r)'*P*(x_N - r)", "x_k: (n), k = 0..N; r: (n); P: (n, n)", {"P": "(x[N,:]' - r)*(x[N,:] - r')", "r": "", "x": ""}),
    ("sum(j = 1..n, norm(X[2:m,j])^2)", "X: (m, n)", {"X": "2*[0; X[2:m,:]]"}),
    ("sum(i = 1..m, j = 1..n, F_ij*(w_i'*u_j - c_j)^2)", "w_i: (d), i = 1..m; u_j: (d), j = 1..n", {"w": "2*(F.*(w*u' - ones(m)*c'))*u", "u_j": ""}),
    ("sum(i = 1..m, j = i+1..m, w_i'*w_j)", "w_i: (d), i = 1..m", {"w": "(ones(m, m) - I)*w"}),
    ("sum(i = 1..m, sum(j = 1..i, w_i'*w_j))", "w_i: (d), i = 1..m", {"w": "(I + ones(m, m))*w"}),
    (r"\sum_{i<j} w_{ij} / \|x_i-x_j\|", "x_i: (d), i = 1..n; w: (n, n)", {"x": "", "x_k": ""}),
    (
        r"\sum_{i=1}^n \log \frac{\exp(w_{y_i}^\top x_i)}{\sum_{k=1}^K \exp(w_k^\top x_i)}",
        "x_i: (d), i = 1..n; w_k: (d), k = 1..K; y_i: integer, i = 1..n",
        {"w": "(onehot(y, K) - softmax_rows(x*w'))'*x", "w_k": "x'*(onehot(y, K) - softmax_rows(x*w'))[:,k]"},
    ),
    ("sum(k = 1..K, logdet(S_k)*tr(A*S_k))", "S_k: (d, d), k = 1..K; A: (d, d)", {"A": "sum(k = 1..K, logdet(S_k)*S_k')", "S_k": "(logdet(S_k)*A + tr(A*S_k)*inv(S_k))'", "S": ""}),
]  # fmt: skip
ASKED = [(f, where, by, text) for f, where, wrt in TYPED for by, text in wrt.items()]


@pytest.mark.parametrize("f, where, by, text", ASKED, ids=[f"{by} of {f[:40]}" for f, _, by, _ in ASKED])
def test_sums_as_they_are_typed(f: str, where: str, by: str, text: str) -> None:
    d = mc.grad(f, by, where=where)
    assert not text or d.text() == text
    assert mc.parse(d.text(), where=where) is d.expr
    if d.expr.weight < 60:
        assert mc.parse(d.latex(), where=where) is d.expr
        assert mc.parse(d.unicode(), where=where) is d.expr
    assert check_derivative(d.of, d.expr, d.variable, d.index, count=2).ok


# what a derivative is asked by ; what is said of it
REFUSED = [
    ("sum(t = 0..N-1, norm(w_t)^4)", "w_t: (n), t = 0..N-1", "w_k", "count from 0"),
    ("sum(k = 1..K, logdet(S_k)*j)", "S_k: (d, d), k = 1..K; j: scalar", "S_j", "is a variable"),
]


@pytest.mark.parametrize("f, where, by, says", REFUSED, ids=[by for _, _, by, _ in REFUSED])
def test_what_is_no_member(f: str, where: str, by: str, says: str) -> None:
    with pytest.raises(mc.MatcalcError, match=says):
        mc.grad(f, by, where=where)


def test_claims_about_sums() -> None:
    f, where = "sum(k = 1..K, p_k*tr(A*S_k)*logdet(S_k))", "S_k: (d, d) spd, k = 1..K; p: (K) positive; A: (d, d)"
    assert mc.check(f, "A", "sum(k = 1..K, p_k*logdet(S_k)*S_k)", where=where).verdict == "right"
    assert mc.check(f, "A", "dA = sum(k = 1..K, p_k*logdet(S_k)*S_k)", where=where).verdict == "right"
    assert mc.check(f, "S_k", "p_k*(logdet(S_k)*A' + tr(A*S_k)*inv(S_k))", where=where).verdict == "right up to symmetry"
    assert not mc.check(f, "S_k", "p_k*(logdet(S_k)*A' - tr(A*S_k)*inv(S_k))", where=where)
    assert mc.check(f, "p", "sum(k = 1..K, tr(A*S_k)*logdet(S_k)*eye(K)[:,k])", where=where).verdict == "right"


SHARED = {
    "mu_k": "S_k⁻¹ (∑_{i=1}^n r[i,k] (x_i − μ_k))",
    "x_i": "−∑_{k=1}^K r[i,k] S_k⁻¹ (x_i − μ_k)",
    "p_k": "𝟏ᵀ r[:,k]/p[k]",
    "mu": "∑_{k=1}^K I_K[:,k] (∑_{i=1}^n r[i,k] (x_iᵀ − μ_kᵀ)) S_k⁻¹",
    "S_k": "T ((∑_{i=1}^n r[i,k] (x_i − μ_k) (x_iᵀ − μ_kᵀ)) T − (𝟏ᵀ r[:,k]) I)/2",
}


@pytest.mark.parametrize("by", SHARED)
def test_the_weights_of_a_mixture_have_a_name(by: str) -> None:
    d = mc.grad(TYPED[0][0], by, where=GMM)
    answer, _, meaning = d.unicode().partition("  where  ")
    assert answer == SHARED[by]
    assert meaning.startswith("r[i,k] = p[k] exp(−(x_iᵀ − μ_kᵀ) S_k⁻¹ (x_i − μ_k)/2)/(√(det(S_k)) (∑_{j=1}^K p[j] exp(")
    assert r"r_{i,k} = \frac{" in d.latex()
    a = arrays() | {"k": 2, "i": 3}
    a |= {"x": a["X"], "S": a["Sigma"]}
    np.testing.assert_allclose(mc.evaluate(d.named().expanded(), **a), mc.evaluate(d.expr, **a), rtol=1e-12)


def test_how_a_family_is_told() -> None:
    both = mc.grad(TYPED[0][0], "mu_k,S", where=GMM)
    assert both["mu_k"].wrt is both[0].wrt and both["S_k"].over
    assert both.read_as.endswith("p (K) positive · x_i (d), i = 1..n · μ_k (d), k = 1..K · S_k (d, d) spd, k = 1..K")
    assert both.unicode().startswith("μ_k: S_k⁻¹ (∑_{i=1}^n r[i,k] (x_i − μ_k))  where")
    assert "by each member S_k of the family" in both[1].notes and not both[0].over


BY_ROWS = [  # of undeclared vectors, by one of them
    (r"\log \sum_{j=1}^K \exp(w_j^\top x)", "w_k", "softmax(w x)[k] x"),
    (r"\sum_{i=1}^n \sum_k r_{ik}\|x_i - \mu_k\|^2", r"\mu_k", "2 (μᵀ diag(rᵀ 𝟏) − xᵀ r)[:,k]"),
    (r"\sum_i (y_i - X_i \beta)^2 + \lambda\|\beta\|^2", "X_2", "−2 (y − X β)[2] β"),
    (r"\sum_t p_t^\top y_t", "y_t", "p[t,:]ᵀ"),
]


@pytest.mark.parametrize(("text", "by", "wanted"), BY_ROWS)
def test_by_one_of_the_vectors_that_nobody_declared(text: str, by: str, wanted: str) -> None:
    answer = mc.grad(text, by)
    assert answer.unicode() == wanted
    assert answer.check()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\sum_{i \ge 2} x_i", "sum(x[2:n])"),
        (r"\sum_{i > 1} x_i^2", "sum(x[2:n].^2)"),
        (r"\sum_{2 \le i \le n} x_i", "sum(x[2:n])"),
        (r"\sum_{i < n} x_i", "sum(x[1:n-1])"),
        (r"\sum_{i \le n} x_i", "sum(x)"),
        (r"\sum_{1 \le i, j \le n} x_i x_j", "sum(x)^2"),
        (r"\sum_{1 \le i < j \le n} x_i x_j", r"\sum_{i<j} x_i x_j"),
    ],
)
def test_what_bounds_an_index_below_a_sum_is_kept(text: str, meant: str) -> None:
    assert mc.parse(text, where="x: (n)") is mc.parse(meant, where="x: (n)")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r"\sum_{i \le 3} x_i", "the sum over `i` runs to 3, but there are n"),
        (r"\sum_{i, j \ge 2} x_i x_j", r"`j \ge 2` below a sum is not read"),
        (r"\sum_{j \ne 1} x_j", r"`j \ne 1` below a sum is not read"),
    ],
)
def test_what_bounds_an_index_and_cannot_be_meant_is_refused(text: str, says: str) -> None:
    with pytest.raises(mc.MatcalcError) as error:
        mc.parse(text, where="x: (n)")
    assert says in str(error.value)
