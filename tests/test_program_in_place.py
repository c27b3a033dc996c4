"""Programs write in place: over arrays of their own that nobody else uses, never an argument, a result, or what they still need."""

import re

import numpy as np
import pytest
import scipy.special as sc

import matcalc as mc
from matcalc.operators import OPERATORS
from matcalc.programs.forms import SQRT, in_place

OVER = [(op.name, re.search(r"_over\((.*?),", form.numpy)[1]) for op in [*OPERATORS.values(), SQRT] if (form := in_place(op))]
WHERE = "X: (m, n); W: (n, k); Y: (m, k)"

CASES = [  # what is written over something, how often, and what is computed besides
    (["sum(exp(X*W))"], 1),
    (["sum(exp(X))"], 0),  # an argument
    (["X*W", "exp(X*W)"], 0),  # a result
    (["sum(exp(X*W)) + sum((X*W).^3)"], 0),  # used again
    (["sum(tanh(exp(X*W)))"], 2),
    (["sum(exp(-X))", "sum(sqrt(X.*X + ones(m, n)))"], 2),
    (["logdet(X'*X + eye(n))", "inv(X'*X + eye(n))"], 2),  # the diagonal, then the factorisation
    (["X'*X", "logdet(X'*X + eye(n))"], 1),  # the factorisation
]


@pytest.mark.parametrize(("name", "function"), OVER)
def test_only_functions_that_take_out_are_asked_to(name, function):
    assert isinstance(eval(function, {"np": np, "sc": sc}), np.ufunc), name


@pytest.mark.parametrize(("texts", "count"), CASES, ids=[" and ".join(texts) for texts, _ in CASES])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, int])
def test_in_place_gives_what_new_arrays_give(texts, count, dtype):
    rng = np.random.default_rng(0)
    values = {"X": rng.integers(-2, 3, (4, 3)), "W": rng.integers(-1, 2, (3, 2))}
    values = {name: v.astype(dtype) for name, v in values.items()}
    before = {name: v.copy() for name, v in values.items()}
    run = mc.compile(texts, where=WHERE)
    body = run.source[run.source.index("def value") :]
    assert len(re.findall(r"_over\(|_plus_diagonals?\((?!.*copy)|True\)", body)) == count, body
    made = run(**values)
    apart = [mc.compile(t, where=WHERE)(**values) for t in texts]
    wanted = [mc.evaluate(mc.parse(t, where=WHERE), **{k: v.astype(float) for k, v in values.items()}) for t in texts]
    for got, alone, right in zip(made if len(texts) > 1 else [made], apart, wanted, strict=True):
        assert np.allclose(got, right, rtol=1e-5) and np.allclose(alone, right, rtol=1e-5)
    assert all(np.array_equal(v, before[name]) for name, v in values.items())


@pytest.mark.parametrize("texts", [
    ["(X*W)'.*Z"], ["(X*W)'.*Z", "sum((X*W).^2)"], ["(X*W)'.*Z - (X*W)'", "X*W"], ["((X*W)'.*Z)*(X*W)"], ["exp((X*W)'.*Z)", "tr((X*W)'*Y)"],
    ["(exp(X*W)'.*Z + Z)'.*Y", "exp(X*W)*a"], ["khatrirao(X', Y')'.*khatrirao(X', Y')'", "khatrirao(X', Y')*b"],
])  # fmt: skip
def test_what_is_written_over_by_its_transpose_is_needed_no_more(texts):
    where, sizes = WHERE + "; Z: (k, m); a: (k); b: (m)", {"m": 300, "n": 90, "k": 80}
    rng = np.random.default_rng(0)
    values = {name: rng.standard_normal((sizes[m], sizes[n])) / 9 for name, m, n in ("Xmn", "Wnk", "Ymk", "Zkm")}
    values |= {"a": rng.standard_normal(80), "b": rng.standard_normal(300)}
    made = mc.compile(texts, where=where, sizes=sizes)(**values)
    for text, got in zip(texts, made if len(texts) > 1 else [made], strict=True):
        assert np.allclose(got, mc.evaluate(mc.parse(text, where=where), **values))
