"""Deep and large expressions: nothing recurses along them, and what would not end in seconds is refused by a count of steps."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc import limits
from matcalc.errors import LimitError
from matcalc.limits import MOST_STEPS, Steps


def nested(before: str, after: str, times: int, inside: str) -> str:
    return before * times + inside + after * times


WHERE = "x: scalar; s: scalar; A: (n, n); B: (n, n); v: (n)"
READ = [
    ("x^(", ")", 3_000, "x"),
    ("kron(A, ", ")", 1_500, "A"),
    ("(A.*(B + ", "'))", 1_200, "B"),
    ("(A + v*v'*", "')", 1_200, "B"),
    ("tanh(A*", "')", 1_500, "B"),
    ("inv(A + ", "')", 1_200, "B"),
]


@pytest.mark.parametrize(("before", "after", "times", "inside"), READ, ids=[row[0] for row in READ])
def test_deep_expressions_are_read_and_transposed(before: str, after: str, times: int, inside: str) -> None:
    e = mc.parse(nested(before, after, times, inside), WHERE)
    assert e.T.T is e


@pytest.mark.parametrize(("before", "after", "inside"), [("kron(A, ", ")", "A"), ("sin(", ")", "x"), ("(A + v*v'*", "')", "B")])
def test_deep_expressions_are_simplified(before: str, after: str, inside: str) -> None:
    e = mc.parse(nested(before, after, 400, inside), WHERE)
    assert mc.simplify(e).shape == e.shape


def test_new_parts_within_new_parts_are_no_recursion_error() -> None:
    """sum(A ⊗ (A ⊗ …)) is sum(A) sum(A ⊗ …), three hundred times."""
    assert mc.grad("sum(" + nested("kron(A, ", ")", 300, "A") + ")", "A", where="A: (2, 2)").shape == (2, 2)


def test_equal_deep_expressions_are_equal() -> None:
    deep = nested("kron(A, ", ")", 300, "A")
    assert mc.equal(deep, deep, where="A: (2, 2)").ok


def test_a_hessian_of_two_hundred_nested_sines_comes() -> None:
    answer = mc.hessian(nested("sin(", ")", 200, "x"), "x", where="x: scalar")
    assert answer.shape == (1, 1)


def test_the_gradient_of_thousands_of_nested_powers_comes() -> None:
    assert mc.grad(nested("x^(", ")", 1_500, "x"), "x", where="x: scalar").shape == (1, 1)


def test_what_would_not_end_in_seconds_is_read_and_refused() -> None:
    e = mc.parse(nested("sin(", ")", 11_000, "x"), WHERE)
    assert e.T.T is e
    for ask in (mc.grad, mc.differential):
        with pytest.raises(LimitError, match="takes more than 2,000,000 steps"):
            ask(e, "x")


def test_the_count_is_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def counted(self: Steps, count: int) -> None:
        counts[-1] += count

    monkeypatch.setattr(limits.Steps, "take", counted)
    for _ in range(3):
        counts.append(0)
        mc.hessian(nested("log(1 + exp(s*", "))", 6, "s"), "s", where=WHERE)
    assert 0 < counts[0] == counts[1] == counts[2] < MOST_STEPS
