"""Any question is answered, or refused with an error of the family: no traceback, no hang, and what is written reads back."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing import ORDERS, PIECES, SEEDS, mutated, outcome
from matcalc.errors import MatcalcError
from matcalc.reading import declarations, read


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_questions_near_good_ones(seed: int) -> None:
    assert outcome(*mutated(random.Random(seed))) in ("answered", "refused")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(("text", "latex", "auto")))
def test_pieces_in_any_order(pieces: list[str], source: str) -> None:
    try:
        read(" ".join(pieces), source=source)
    except MatcalcError as error:
        assert str(error)


CHARACTERS = st.one_of(
    *(st.integers(*ends) for ends in ((0, 0x7F), (0x80, 0x2FFF), (0x3000, 0xD7FF), (0xE000, 0x10FFFF)))
)  # no halves of pairs


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(CHARACTERS, max_size=40).map(lambda found: "".join(map(chr, found))))
def test_any_text(text: str) -> None:
    for reader in (read, declarations, lambda t: read(t, source="latex")):
        try:
            reader(text)
        except MatcalcError as error:
            assert str(error)


@pytest.mark.parametrize("expr, where, wrt", SEEDS, ids=[s[0] for s in SEEDS])
def test_the_seeds_are_read(expr: str, where: str, wrt: str) -> None:
    assert {outcome(expr, where, wrt, order) for order in ORDERS} <= {"answered", "refused"}
