"""The reference: it names every row of every table, its examples are the engine's, and the command shows the same rows."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest

import matcalc as mc
from matcalc.api.tables import functions, identities, properties
from matcalc.calculus.manifolds import TABLE as MANIFOLDS
from matcalc.cli import main
from matcalc.expr.properties import COMPLEX, DECLARABLE, PROPERTIES
from matcalc.operators import FUNCTIONS, OPERATORS, REFUSED
from matcalc.operators.elementwise_functions import ALIASES
from matcalc.reading.latex.commands import REFUSED_COMMANDS, TERMINALS
from matcalc.reading.spellings import SPELLINGS
from matcalc.rewriting.lines import LINES, lines_of
from matcalc.solving.rows import PROXIMAL
from pages import of_page


@pytest.fixture(scope="module")
def module() -> Any:
    return of_page("reference")


@pytest.fixture(scope="module")
def page(module: Any) -> str:
    html: str = module.reference(lambda formulas: [f"<i>{k}</i>" for k, _ in enumerate(formulas)])
    return html


def test_every_function_and_property_has_a_row_and_a_place(page: str) -> None:
    for name in {*(FUNCTIONS.keys() - ALIASES.keys()), *DECLARABLE}:
        assert f'<th scope="row" id="{name.replace(" ", "-")}">{name}</th>' in page
    for other in ALIASES:
        assert re.search(rf"\b{other}\b", page)
    ids = re.findall(r'id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_every_identity_has_a_row_with_its_condition(page: str) -> None:
    text = unescape(re.sub("<[^>]*>", "|", page))
    for row in identities():
        assert f"|{row.name}||" in text and f"|{row.left} = {row.right}|" in text and row.condition in text
    named = {line.name for line in LINES} | {line.name for name in DECLARABLE for line in lines_of(name)}
    assert named == {row.name for row in identities()}
    assert {row.name for row in identities() if "real" in row.condition.split("; ")} == {line.name for line in LINES if line.real}


def test_every_manifold_proximal_operator_and_spelling_has_a_row(page: str) -> None:
    text = unescape(re.sub("<[^>]*>", "|", page))
    for name in (*(m.name for m in MANIFOLDS), *(r.name for r in PROXIMAL), *REFUSED):
        assert f"|{name}|" in text
    for line in SPELLINGS.strip().splitlines():
        assert all(f"|{side.strip()}|" in text for side in line.split(" = "))


def test_help_says_what_a_function_is() -> None:
    for row in functions():
        if row.name not in mc.__all__:  # builders of expressions have a help of their own
            said = getattr(mc, row.name).__doc__
            assert said.startswith(f"{row.name}: ") and all(text in said for what, text in row.told().items() if what != "name")
    assert "Higham" in mc.sylvester.__doc__


def test_every_command_of_latex_is_named(page: str) -> None:
    text = unescape(re.sub("<[^>]*>", " ", page))
    words = set(text.split())
    assert {c for c in (*TERMINALS, *REFUSED_COMMANDS) if c.startswith("\\") and len(c) > 2} <= words


def test_every_link_of_an_example_is_a_question_that_is_answered(page: str) -> None:
    links = re.findall(r'href="index\.html#([^"]*)"', page)
    assert len(links) > 140
    for link in links:
        state = {k: unquote(v) for k, _, v in (part.partition("=") for part in unescape(link).split("&"))}
        order = {"gradient": "grad"}.get(state.get("d", "gradient"), state.get("d", ""))
        assert getattr(mc, order)(state["f"], state["by"], where=state.get("where", "")).latex()


def test_no_row_is_without_a_meaning_and_an_example() -> None:
    assert [row.name for row in functions() if row.example is None or not row.meaning] == []
    assert [row.name for row in properties() if row.example is None or not row.meaning] == []


def test_rows_say_what_the_table_says() -> None:
    for row in functions():
        op = OPERATORS.get(row.name)
        if op is not None:
            assert op.domain == row.domain and op.smooth == row.smooth and op.source == row.source
            assert not op.d or all(part.strip() in row.differential for part in op.d.split(";"))
        assert row.example is not None and row.example.answer


def test_what_the_page_says_of_the_language_is_read(module: Any) -> None:
    for _, plain, _ in module.LANGUAGE:
        assert mc.parse(plain, where="s: scalar" if "/s" in plain else "")


@pytest.mark.parametrize(
    ("name", "said"), [("trace", "tr trace"), ("logdet", "tr(inv(X)*dX)"), ("norm", "nonzero"), ("huber", "y positive")]
)
def test_the_command_tells_all_about_a_function(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", name]) == 0
    assert said in capsys.readouterr().out


def test_the_command_lists_functions_and_properties(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [f.name for f in functions()]
    assert main(["properties"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [name.split()[0] for name in (*PROPERTIES, *COMPLEX)]
    assert main(["identities"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [row.name for row in identities()]


def test_a_function_that_there_is_not_is_an_error_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "logdt"]) == 2
    assert "did you mean `logdet`" in capsys.readouterr().err
