"""Programs of sums over indices: what loops give, for each target, by operations on whole arrays."""

import numpy as np
import pytest

from index_conditions import at_most, entry, label, labelled, less, row, unequal
from matcalc.expr import hadamard, matpower, member, number, power, scaled, select, sigma, unit
from matcalc.expr.heads import onehot
from matcalc.operators import call
from matcalc.programs.program import compile_program, program
from programs import on
from sums import (
    SIZES,
    A,
    C,
    G,
    H,
    K,
    M,
    N,
    Neg,
    Sigma,
    V,
    W,
    X,
    Z,
    at,
    b,
    data,
    e,
    half,
    labels,
    looped,
    m,
    mu,
    n,
    p,
    s,
    square,
    w,
    y,
    z,
)  # fmt: skip


def density(i, k):
    v = row(X, i) - row(mu, k)
    S = member(Sigma, e(k, K))
    return row(p, k) * power(call("det", S), number(-1) / 2) * call("exp", scaled(-1, half(v.T @ matpower(S, -1) @ v)))


def shift(x, t, by):
    """Row t + by of x, where t counts to n − 1."""
    return x.T @ select(n, n + (-1), by) @ e(t, n + (-1))


def distance(i, j):
    return row(X, i) - row(Z, j)


def exp(x):
    return call("exp", x)


def log(x):
    return call("log", x)


total = sigma("l", K, density("i", "l"))
share = density("i", "k") * power(total, number(-1))
negatives = sigma("k", K, call("softplus", (W.T @ onehot(Neg @ e("k", K), V).T @ e("i", n)).T @ row(X, "i")))

TABLE = {
    "mixture": sigma("i", n, log(sigma("k", K, density("i", "k")))),
    "mixture by a mean": sigma("i", n, share @ matpower(member(Sigma, e("k", K)), -1) @ (row(X, "i") - row(mu, "k"))),
    "mixture by a covariance": sigma(
        "i", n, share @ matpower(member(Sigma, e("k", K)), -1) @ (row(X, "i") - row(mu, "k")) @ (row(X, "i") - row(mu, "k")).T
    ),
    "mixture, one matrix for all": sigma("i", n, log(sigma("k", K, exp(scaled(-1, half(square(A @ (row(X, "i") - row(mu, "k"))))))))),
    "two exponents": sigma("i", n, log(sigma("k", K, exp(entry(N, "i", "k")) * exp(row(p, "k") * row(y, "i"))))),
    "kernel": sigma("i", n, sigma("j", m, exp(scaled(-1, square(distance("i", "j"))) ) * entry(M, "i", "j"))),
    "kernel, i < j": sigma("i", n, sigma("j", n, less("i", "j", n) * exp(scaled(-1, call("norm", row(X, "i") - row(X, "j")))))),
    "j ≠ i": sigma("i", n, sigma("j", n, unequal("i", "j", n) * power(square(row(X, "i") - row(X, "j")) + number(1), number(-1)))),
    "i ≤ j": sigma("i", n, log(sigma("j", n, at_most("i", "j", n) * exp(row(y, "j"))))),
    "family of two indices": sigma("i", n, sigma("j", m, call("tanh", member(z, e("i", n), e("j", m)).T @ w) * entry(M, "i", "j"))),
    "family of two, a matrix": sigma("i", n, sigma("j", m, member(z, e("i", n), e("j", m)) @ row(Z, "j").T)),
    "family, shifted": sigma("t", K + (-1), square(member(G, select(K, K + (-1), 1) @ e("t", K + (-1))).T @ w - member(G, select(K, K + (-1), 0) @ e("t", K + (-1))).T @ w)),
    "determinants": sigma("k", K, row(p, "k") * call("logdet", member(Sigma, e("k", K)))),
    "inverses": sigma("k", K, row(p, "k") @ matpower(member(Sigma, e("k", K)), -1)),
    "cubes": sigma("k", K, call("tr", matpower(member(Sigma, e("k", K)), 3))),
    "products of members": sigma("k", K, member(Sigma, e("k", K)) @ member(G, e("k", K)) @ member(G, e("k", K)).T),
    "traces": sigma("k", K, power(call("tr", member(Sigma, e("k", K)) @ A), number(2))),
    "diagonals": sigma("k", K, exp(call("diag", member(Sigma, e("k", K))))),
    "diagonal of a product": sigma("k", K, exp(call("diag", member(G, e("k", K)) @ member(G, e("k", K)).T))),
    "diagonal matrices": sigma("i", n, row(y, "i") @ call("diag", exp(row(X, "i")))),
    "label": sigma("i", n, log(number(1) + exp((W.T @ label(labels, "i", V)).T @ row(X, "i")))),
    "label, added up": sigma("i", n, label(labels, "i", V) @ exp(row(X, "i")).T),
    "label, both": sigma("i", n, (label(labels, "i", V) @ exp(row(X, "i")).T @ C.T @ label(labels, "i", V)).T @ W),
    "labels of two indices": sigma("i", n, negatives),
    "labelled": sigma("i", n, sigma("v", V, labelled(labels, "i", "v", V) * exp(row(W, "v").T @ row(X, "i")))),
    "labelled, a column": sigma("i", n, sigma("v", V, labelled(labels, "i", "v", V) * exp(row(W, "v").T @ row(X, "i")) * (row(W, "v") + row(X, "i")))),
    "labelled beside all": sigma("i", n, sigma("v", V, labelled(labels, "i", "v", V) * log(exp(row(W, "v").T @ row(X, "i")) * power(sigma("u", V, exp(row(W, "u").T @ row(X, "i"))), number(-1))))),
    "label of its own row": sigma("i", n, call("tanh", (row(X, "i").T @ W.T @ label(labels, "i", V)))),
    "as a product": onehot(labels, V).T @ X,
    "from a product": X.T @ onehot(labels, V),
    "taken": onehot(labels, V) @ W @ A,
    "taken columns": A @ W.T @ onehot(labels, V).T,
    "labels as a matrix": call("tr", onehot(labels, V) @ W @ X.T),
    "recurrence": sigma("t", n + (-1), call("tanh", call("norm", shift(X, "t", 1) - A @ shift(X, "t", 0)))),
    "recurrence, stacked": sigma("t", n + (-1), select(n, n + (-1), 1) @ e("t", n + (-1)) @ exp(A @ shift(X, "t", 0)).T),
    "stretch": select(n, n + (-1), 1).T @ X @ A,
    "stretch of columns": A @ X.T @ select(n, n + (-1), 0),
    "stretch back": select(n, n + (-1), 1) @ select(n, n + (-1), 0).T @ X,
    "shift": select(n, n + (-2), 1) @ select(n, n + (-2), 2).T,
    "stack": sigma("i", n, e("i", n) @ exp(A @ row(X, "i")).T),
    "vector of logarithms": sigma("i", n, e("i", n) @ log(sigma("k", K, exp(entry(N, "i", "k") * row(p, "k"))))),
    "row by row": sigma("i", n, call("softmax", A @ row(X, "i"))),
    "row by row, largest": sigma("i", n, call("logsumexp", A @ row(X, "i")) * row(y, "i")),
    "rows of rows": sigma("k", K, call("logsumexp_rows", member(G, e("k", K)))),
    "rows of rows, parts": sigma("k", K, call("softmax_rows", member(G, e("k", K))) @ call("softmax_rows", member(G, e("k", K))).T),
    "entries above": sigma("k", K, exp(call("triu", member(Sigma, e("k", K))))),
    "entry by entry": sigma("k", K, hadamard([member(Sigma, e("k", K)), member(Sigma, e("k", K)), exp(member(Sigma, e("k", K)))])),
    "a matrix function": sigma("k", K, call("expm", scaled(number(1).data, member(Sigma, e("k", K))))),
    "a norm": sigma("k", K, call("norm", member(Sigma, e("k", K))) * call("normnuc", member(G, e("k", K)))),
    "column by column": sigma("k", K, exp(call("vec", member(G, e("k", K))))),
    "blocks": sigma("k", K, exp(call("kron", member(G, e("k", K)), member(Sigma, e("k", K))))),
    "blocks of vectors": sigma("i", n, exp(call("kron", row(X, "i"), w))),
    "blocks of one matrix": sigma("k", K, call("tanh", call("kron", A, member(G, e("k", K))))),
    "a matrix function of columns": sigma("i", n, call("pinv", row(X, "i"))),
    "a norm of vectors": sigma("i", n, call("norm1", A @ row(X, "i") - w)),
    "label of a free index": (w + W.T @ label(labels, "k", V)) @ row(X, "k").T,
    "where a label is": label(labels, "k", V) @ row(X, "k").T,
    "shift of a free index": call("tanh", X.T @ select(n, n + (-1), 1) @ e("k", n + (-1)) - A @ X.T @ select(n, n + (-1), 0) @ e("k", n + (-1))),
    "member at a label": sigma("i", n, exp(member(H, label(labels, "i", V)) @ row(X, "i"))),
    "member at the label of a free index": member(H, label(labels, "k", V)) @ w,
    "differences": (select(n, n + (-1), 1) - select(n, n + (-1), 0)).T @ X @ A,
    "differences of columns": A @ X.T @ (select(n, n + (-1), 1) - select(n, n + (-1), 0)),
    "differences, back": exp(M.T @ (select(n, n + (-1), 1) - select(n, n + (-1), 0))) @ (select(n, n + (-1), 1) - select(n, n + (-1), 0)).T,
    "differences of pairs": sigma("i", n, sigma("j", n, call("norm", X.T @ (e("i", n) - e("j", n)) + w))),
    "less a label": (exp(X @ W.T) - onehot(labels, V)).T @ X,
    "three sums": sigma("i", n, log(sigma("j", m, exp(entry(M, "i", "j")) * sigma("k", K, exp(entry(N, "i", "k") * entry(M, "i", "j")))))),
    "next to each other": sigma("i", n, sigma("j", m, exp(entry(M, "i", "j"))) * sigma("j", m, call("sin", entry(M, "i", "j") * row(y, "i")))),
    "plus a constant": sigma("i", n, exp(call("tanh", row(y, "i")) + s)) + half(s * s),
    "network": sigma("i", n, square(A.T @ call("tanh", A @ row(X, "i") + w) - row(X, "i"))),
    "an index by itself": exp(row(mu, "k")) + sigma("i", n, call("tanh", row(X, "i") - row(mu, "k"))),
    "a member by itself": member(Sigma, e("k", K)) @ w,
    "a member by number": member(Sigma, unit(2, K)) @ w,
    "powers": sigma("i", n, power(exp(row(y, "i")), s) * power(number(1) + exp(row(b, "i")), number(-3) / 2)),
    "size": sigma("i", n, exp(row(y, "i")) * sigma("j", m, call("tanh", row(X, "i").T @ row(Z, "j")) + number(1))),
    "a quotient of sums": sigma("i", n, exp(row(b, "i")) * row(y, "i")) * power(sigma("j", n, exp(row(b, "j"))), number(-1)),
}  # fmt: skip
SMALL = dict.fromkeys(SIZES, 1) | {"V": 3}


def run(root, target, sizes, over=(), **indices):
    values = data([root], sizes)
    counts = dict(over)
    source = program({"value": root}, target, over={"value": counts} if over else None)
    given = dict(values)
    if target == "torch":
        import torch

        given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}
    found = np.asarray(compile_program(source, given=[root])(**given, **indices, **sizes))
    if over:
        wanted = np.array([looped(root, values, sizes, **{over[0][0]: j}) for j in range(1, at(over[0][1], sizes) + 1)])
    else:
        wanted = looped(root, values, sizes, **indices)
    assert np.shape(found) == np.shape(wanted), source
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12), source
    return source


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("name", TABLE)
def test_what_loops_give(name, target):
    on(target)
    run(TABLE[name], target, SIZES, k=2)


ONE = {name: root for name, root in TABLE.items() if name not in ("shift", "a member by number")}


@pytest.mark.parametrize("name", ONE)
def test_of_one(name):
    """One sample, one part, one entry: no axis is lost."""
    more = (
        {"n": 2}
        if "n + -1" in str(TABLE[name].shape) or "recurrence" in name or "stretch" in name or "differences" in name or "shift of" in name
        else {"K": 2}
        if "shifted" in name
        else {}
    )
    run(TABLE[name], "numpy", {**SMALL, **more}, k=1)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("name", ["mixture by a mean", "mixture by a covariance", "an index by itself", "a member by itself"])
def test_for_all_of_a_free_index(name, target):
    on(target)
    run(TABLE[name], target, SIZES, over=[("k", K)])
