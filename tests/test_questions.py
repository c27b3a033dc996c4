"""Random questions have right answers; and the evaluator that says so is itself right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from independent import RULES, Point, evaluate
from jet_functions import APPLY, BENT, DOMAIN, SMOOTH
from jets import Array, Outside
from judging import Outcome, judged, seconds, steps
from members import ANY, NEWER, SQUARE, draw, feasible, has_bends, within
from question_maker import Maker, Question
from question_text import asked
from questions import PROPERTIES, question
from trees import Tree

COUNT, CHUNK = 200, 25
MOST_STEPS = 5_000_000  # calls of Python functions that an answer may take: about a second; half of them take 5,000
QUICK = 1.0  # seconds of CPU: what is ready by then is not slow; the calls are counted of what is not, whatever the machine is


def outcome(q: Question, thorough: bool) -> Outcome:
    found = judged(q, thorough, lambda: seconds(QUICK))
    return found if found.kind != "slow" else judged(q, thorough, lambda: steps(MOST_STEPS))


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_random_questions_are_answered_rightly(first: int) -> None:
    outcomes = {seed: outcome(question(seed), seed % 10 == 0) for seed in range(first, first + CHUNK)}
    bad = {seed: (asked(question(seed)), o) for seed, o in outcomes.items() if o.kind in ("wrong", "crashed", "slow")}
    assert not bad
    assert sum(o.kind == "right" for o in outcomes.values()) >= 0.8 * CHUNK


# The evaluator


def along(jet: Array, s: float, t: float) -> Array:
    return jet[0] + s * jet[1] + t * jet[2] + s * t * jet[3]


def differences(f: Callable[[float, float], Array]) -> Array:
    """Value, ∂s, ∂t and ∂s∂t at 0, from values alone, with an error of h⁶."""
    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    stencil = [(sign * k, sign * w) for k, w in weights.items() for sign in (1, -1)]
    h = 0.02
    ds = sum(w * f(k * h, 0.0) for k, w in stencil) / h
    dt = sum(w * f(0.0, k * h) for k, w in stencil) / h
    dst = sum(v * w * f(j * h, k * h) for j, v in stencil for k, w in stencil) / h**2
    return np.array((f(0.0, 0.0), ds, dt, dst))


ROWS = {  # each rule that is no elementwise function, of arguments x (n), y (m), X (m, n), Z (m, n), A, B (n, n), S, T spd, s, t scalars
    "+": "XZ", "-": "XZ", "neg": "X", "*": "XA", "/": "Xs", ".*": "XZ", "./": "XP", "'": "X", "kron": "XA", "khatrirao": "XA", "inner": "XZ",
    "sum": "X", "mean": "X", "rowsum": "X", "colsum": "X", "prod": "X", "tr": "A", "det": "A", "adj": "A", "logdet": "A", "inv": "A", "pinv": "X",
    "diag": "x", "diagonal": "A", "tril": "A", "triu": "A", "vec": "X", "norm": "X", "norm1": "P", "normnuc": "X", "normspec": "X",
    "lambda_max": "T", "polar": "X", "logsumexp": "x", "softmax": "x", "logsumexp_rows": "X", "softmax_rows": "X", "expm": "A", "logm": "S",
    "sqrtm": "S", "sylvester": "STB", "g": "X", "g'": "X", "g''": "X", "f": "X", "grad(f)": "X", "F": "X", "^^": "sr", ".^^": "PZ",
    "item": "X", "unvec": "v", "matrix^": "A", "^": "s", ".^": "P", "variable": "", "number": "", "pi": "", "size": "", "eye": "", "ones": "",
    "zeros": "", "commutation": "",
}  # fmt: skip
SHAPES = {
    "x": (2, 1),
    "v": (6, 1),
    "X": (3, 2),
    "Z": (3, 2),
    "P": (3, 2),
    "A": (2, 2),
    "B": (2, 2),
    "S": (2, 2),
    "T": (2, 2),
    "s": (1, 1),
    "r": (1, 1),
}
DATA = {"item": (2, None), "matrix^": (-2,), "^": (-1.5,), ".^": (3,), "commutation": (2, 3), "number": (2,), "size": (2,)}


def letter(name: str, rng: np.random.Generator) -> Array:
    m, n = SHAPES[name]
    jet = rng.standard_normal((4, m, n)) * 0.7
    if name in "ST":
        jet = jet + jet.transpose(0, 2, 1)
        jet[0] = jet[0] @ jet[0] + np.eye(m)
    if name in "AX":  # far from singular
        jet[0] += 2 * np.eye(m, n)
    if name in "Ps":
        jet[0] = np.abs(jet[0]) + 0.6
    return jet


def agree(op: str, jets: Sequence[Array], data: tuple[object, ...], shape: tuple[int, int]) -> None:
    args = tuple(Tree("variable", (), (f"v{i}",), j.shape[1:]) for i, j in enumerate(jets))
    tree = Tree(op, args, data, shape)

    def value(s: float, t: float) -> Array:
        moved = {}
        for i, j in enumerate(jets):
            moved[f"v{i}"] = np.zeros_like(j)
            moved[f"v{i}"][0] = along(j, s, t)
        return evaluate(tree, Point({}, {}, moved))[0][0]

    found, _ = evaluate(tree, Point({}, {}, {f"v{i}": j for i, j in enumerate(jets)}))
    assert np.allclose(found, differences(value), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("op", sorted(set(ROWS) - {"variable", "number", "pi", "size", "eye", "ones", "zeros", "commutation"}))
def test_derivatives_of_the_evaluator_are_those_of_its_values(op: str) -> None:
    rng = np.random.default_rng(len(op))
    shape = {"F": (2, 3), "unvec": (3, 2)}.get(op, (1, 1))
    agree(op, [letter(name, rng) for name in ROWS[op]], DATA.get(op, ()), shape)


@pytest.mark.parametrize("name", [*SMOOTH, *BENT])
def test_elementwise_derivatives_of_the_evaluator(name: str) -> None:
    inside = DOMAIN.get(name, lambda x: np.abs(x) < 4)
    jet = np.random.default_rng(3).standard_normal((4, 3, 4)) * 0.4
    jet[0] = np.linspace(-3.1, 3.3, 12).reshape(3, 4)
    near = [jet[0] - 0.1, jet[0] + 0.1]
    kept = np.all([inside(x) for x in near], axis=0) & (np.sign(near[0]) == np.sign(near[1]))
    if name == "tan":
        kept &= np.abs(np.cos(jet[0])) > 0.5
    row = jet[:, kept].reshape(4, 1, -1)
    assert row.size
    row[1:] = np.clip(row[1:], -1, 1) * 0.5
    agree(name, [row], (), (1, 1))


VALUES = [  # what the evaluator says is what NumPy says
    ("det", np.linalg.det),
    ("inv", np.linalg.inv),
    ("pinv", np.linalg.pinv),
    ("adj", lambda a: np.linalg.det(a) * np.linalg.inv(a)),
    ("expm", lambda a: sum(np.linalg.matrix_power(a, k) / np.prod(np.arange(1.0, k + 1)) for k in range(60))),
    ("logdet", lambda a: np.log(abs(np.linalg.det(a)))),
    ("normnuc", lambda a: np.linalg.norm(a, "nuc")),
    ("normspec", lambda a: np.linalg.norm(a, 2)),
    ("norm", np.linalg.norm),
]


@pytest.mark.parametrize("op, numpy", VALUES, ids=[v[0] for v in VALUES])
def test_values_of_the_evaluator(op: str, numpy: Callable[[Array], Array]) -> None:
    a = np.random.default_rng(5).standard_normal((3, 3))
    assert np.allclose(RULES[op]([np.array((a, 0 * a, 0 * a, 0 * a))], Tree(op), Point({}, {}, {}))[0], numpy(a))


@pytest.mark.parametrize("op, back", [("logm", "expm"), ("sqrtm", "matrix^")])
def test_roots_and_logarithms_are_inverse(op: str, back: str) -> None:
    a = letter("S", np.random.default_rng(6))
    f = RULES[op]([a], Tree(op), Point({}, {}, {}))
    assert np.allclose(RULES[back]([f], Tree(back, (), (2,)), Point({}, {}, {})), a)


def test_every_rule_is_proved() -> None:
    assert set(RULES) == set(ROWS) | set(APPLY)


# Members of sets


CHECKS: dict[str, Callable[[Array], bool]] = {
    "symmetric": lambda a: np.allclose(a, a.T),
    "skew": lambda a: np.allclose(a, -a.T),
    "diagonal": lambda a: np.allclose(a, np.diag(np.diag(a))),
    "lower": lambda a: np.allclose(a, np.tril(a)),
    "upper": lambda a: np.allclose(a, np.triu(a)),
    "orthogonal": lambda a: np.allclose(a @ a.T, np.eye(len(a))),
    "spd": lambda a: np.allclose(a, a.T) and np.linalg.eigvalsh(a)[0] > 1e-9,
    "psd": lambda a: np.allclose(a, a.T) and np.linalg.eigvalsh(a)[0] > -1e-9,
    "invertible": lambda a: abs(np.linalg.det(a)) > 1e-12,
    "positive": lambda a: bool(np.all(a > 0)),
    "nonnegative": lambda a: bool(np.all(a >= 0)),
    "projector": lambda a: np.allclose(a @ a, a) and np.allclose(a, a.T),
    "stochastic": lambda a: np.allclose(a.sum(axis=1), 1) and bool(np.all(a >= 0)),
    "sphere": lambda a: np.isclose(np.linalg.norm(a), 1),
}
PAIRS = [(p, q) for p in (*SQUARE, *ANY, *NEWER[:2]) for q in (*SQUARE, *ANY, *NEWER[:2]) if p <= q and feasible((p, q))]


@pytest.mark.parametrize("pair", [*PAIRS, ("sphere", "sphere"), ("nonnegative", "sphere"), ("positive", "sphere")], ids=" ".join)
def test_points_have_the_properties_and_move_within_them(pair: tuple[str, str]) -> None:
    rng, found = np.random.default_rng(8), 0
    for n in (1, 2, 3, 4, 2, 4):
        try:
            jet = draw(pair, (n, 1 if "sphere" in pair else n), rng)
        except Outside:
            continue
        found += 1
        for p in pair:
            assert CHECKS[p](jet[0])
        near = along(jet, 1e-4, -2e-4)
        closed = [p for p in pair if p not in ("psd", "nonnegative", "positive", "stochastic")]
        for p in closed:  # to second order, where the set is curved
            if p in ("orthogonal", "projector", "sphere"):
                off = {"orthogonal": lambda a: a @ a.T - np.eye(len(a)), "projector": lambda a: a @ a - a, "sphere": lambda a: a.T @ a - 1}[
                    p
                ](near)
                assert np.abs(off).max() < 3e-6
            else:
                assert CHECKS[p](near)
        if not has_bends(pair):
            assert np.allclose(within(pair, jet[1]), jet[1])
    assert found


def test_a_question_depends_on_its_seed_alone() -> None:
    assert [asked(Maker(7, PROPERTIES).question(7))] * 2 == [asked(question(7)), asked(question(7))]
