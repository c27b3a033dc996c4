"""Every line of the identity tables, proved numerically under its name; and that the tables are in order."""

from __future__ import annotations

import pytest

import proofs
from matcalc.explain import rules
from matcalc.rewriting.lines import LINES, Line


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_both_sides_are_equal(line: Line) -> None:
    proofs.of_line(line)


@pytest.mark.parametrize(
    "rule", [r for r in (*vars(rules).values(), *rules._ADJOINT.values()) if isinstance(r, rules.Rule)], ids=lambda r: r.name
)
def test_what_a_rule_of_the_steps_says(rule: rules.Rule) -> None:
    proofs.of_rule(rule)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_the_left_side_matches_itself_and_becomes_the_right(line: Line) -> None:
    for identity in line.identities():
        assert identity.at(identity.left) is identity.right


def test_names_are_unique() -> None:
    names = [line.name for line in LINES]
    assert len(set(names)) == len(names)
