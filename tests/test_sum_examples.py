"""Sums over samples as people write them: gradients by each parameter against JAX, by hand, and what programs do with sizes and labels."""

import tracemalloc

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import ShapeError
from programs import on
from sum_examples import EXAMPLES

MIXTURE = EXAMPLES["mixture"]


def given(name, size, seed=0):
    return EXAMPLES[name].data(size, np.random.default_rng(seed))


def gradients(name):
    return [mc.grad(EXAMPLES[name].of, v) for v in EXAMPLES[name].by]


def close(found, wanted, rtol=1e-9):
    found, wanted = np.asarray(found), np.asarray(wanted)
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=rtol, atol=rtol * np.abs(wanted).max())


def automatic(name, values):
    """The value and the gradients, by JAX."""
    on("jax")
    import jax

    moving = {v: values[v] for v in EXAMPLES[name].by}
    value, by = jax.value_and_grad(lambda some: EXAMPLES[name].jax(**{**values, **some}))(moving)
    return [value, *(by[v] for v in EXAMPLES[name].by)]


def in_torch(values):
    import torch

    return {name: torch.tensor(v) for name, v in values.items()}


@pytest.mark.parametrize("size", [2, 30])
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_against_automatic_differentiation(name, target, size):
    """One program of the value and of all gradients."""
    on(target)
    values = given(name, size)
    wanted = automatic(name, values)
    found = mc.compile([EXAMPLES[name].of, *gradients(name)], target)(**(in_torch(values) if target == "torch" else values))
    assert all(map(close, found, wanted))


@pytest.mark.parametrize("name", EXAMPLES)
def test_by_hand(name):
    """The programs that the benchmark compares have the same values."""
    values = given(name, 40)
    assert all(map(close, mc.compile(gradients(name))(**values), EXAMPLES[name].gradients(values)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_checked(name):
    for d in gradients(name):
        found = d.check()
        assert found.ok and "the program in floats" in str(found)


def test_by_one_member():
    values = given("mixture", 20)
    whole = {name: mc.grad(MIXTURE.of, name).compile()(**values) for name in ("mu", "Sigma", "p")}
    assert close(mc.grad(MIXTURE.of, "Sigma_k").compile()(**values, k=2), whole["Sigma"][1])
    assert close(mc.grad(MIXTURE.of, "mu[k,:]").compile()(**values, k=3), whole["mu"][[2]])
    assert close(mc.grad(MIXTURE.of, "p[k]").compile()(**values, k=1), whole["p"][0])


def test_operators_of_a_family():
    """A direction of a family, and a cotangent, have its shape."""
    values, random = given("mixture", 20), np.random.default_rng(1)
    d = mc.grad(MIXTURE.of, "Sigma")
    whole, direction = d.compile()(**values), random.normal(size=values["Sigma"].shape)
    direction += direction.swapaxes(1, 2)
    assert close(d.jvp()(**values, dSigma=direction), (whole * direction).sum())
    assert close(d.vjp()(**values, cotangent=2.0), 2 * whole)


@pytest.mark.parametrize("fixed", [["X"], ["X", "Sigma"], ["mu", "Sigma", "p"]])
def test_fixed(fixed):
    values, d = given("mixture", 20), mc.grad(MIXTURE.of, "Sigma")
    then = mc.compile(d, fixed=fixed)(**{name: values[name] for name in fixed})
    assert close(then(**{name: v for name, v in values.items() if name not in fixed}), d.compile()(**values))


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_far_from_all_means(target):
    """Where every density is 0 in floats, the shares of the parts are not."""
    on(target)
    values = given("mixture", 20)
    values["X"] *= 200
    _, *wanted = automatic("mixture", values)
    found = mc.compile(gradients("mixture"), target)(**(in_torch(values) if target == "torch" else values))
    assert all(map(close, found, wanted))
    assert np.isfinite(np.asarray(mc.compile(MIXTURE.of, target)(**(in_torch(values) if target == "torch" else values))))


def test_no_array_of_labels_times_words():
    """2000 samples of 20000 words: the labels as zeros and ones would be 320 MB."""
    random, words, size = np.random.default_rng(0), 20000, 2000
    labels = {name: random.integers(1, words + 1, shape) for name, shape in (("center", size), ("context", size), ("negative", (size, 2)))}
    run = mc.compile(gradients("word2vec"))
    values = {"In": random.normal(size=(words, 3)), "Out": random.normal(size=(words, 3)), **labels}
    tracemalloc.start()
    found = run(**values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    assert all(map(close, found, EXAMPLES["word2vec"].gradients(values)))


@pytest.mark.parametrize("label", [0, 1001])
def test_labels_are_from_one(label):
    values = given("word2vec", 5)
    values["center"][3] = label
    with pytest.raises(IndexError, match="labels are from 1 to 1000"):
        mc.grad(EXAMPLES["word2vec"].of, "In").compile()(**values)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("Sigma", (5, 10), r"Sigma is declared \(K, d, d\), but has the shape \(5, 10\)"),
        ("Sigma", (4, 10, 10), r"mu is declared \(K, d\), but has the shape \(5, 10\), where K = 4 by Sigma"),
        ("Sigma", (5, 10, 9), r"Sigma is declared \(K, d, d\), but has the shape \(5, 10, 9\), where d = 10 by Sigma"),
        ("mu", (5, 9), r"mu is declared \(K, d\), but has the shape \(5, 9\)"),
    ],
)
def test_shapes_of_a_family(name, shape, said):
    values = given("mixture", 8)
    with pytest.raises(ShapeError, match=said):
        mc.grad(MIXTURE.of, "Sigma").compile()(**{**values, name: np.ones(shape)})


def test_what_no_index_is_in_stands_outside():
    """The inverses and determinants are of the K matrices, not of the n samples or of pairs."""
    source = mc.compile(gradients("mixture")).source
    assert source.count("np.linalg.inv(Sigma)") == source.count("np.linalg.det(Sigma)") == source.count("np.exp") == 1
    assert not any(line.lstrip().startswith("for ") for line in source.split("\n"))
