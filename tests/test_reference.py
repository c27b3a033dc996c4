"""The reference: it names every row of every table, its examples are the engine's, and the command shows the same rows."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest

import matcalc as mc
from matcalc.api.tables import functions, properties
from matcalc.cli import main
from matcalc.expr.properties import PROPERTIES
from matcalc.operators import FUNCTIONS, OPERATORS
from matcalc.operators.elementwise import ALIASES
from matcalc.reading.latex.commands import REFUSED_COMMANDS, TERMINALS
from pages import of_page


@pytest.fixture(scope="module")
def module() -> Any:
    return of_page("reference")


@pytest.fixture(scope="module")
def page(module: Any) -> str:
    html: str = module.reference(lambda formulas: [f"<i>{k}</i>" for k, _ in enumerate(formulas)])
    return html


def test_every_function_and_property_has_a_row_and_a_place(page: str) -> None:
    for name in {*(FUNCTIONS.keys() - ALIASES.keys()), *PROPERTIES}:
        assert f'<th scope="row" id="{name}">{name}</th>' in page
    for other in ALIASES:
        assert re.search(rf"\b{other}\b", page)
    ids = re.findall(r'id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


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


def test_no_row_is_without_an_example() -> None:
    assert [row.name for row in functions() if row.example is None] == []
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
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(PROPERTIES)


def test_a_function_that_there_is_not_is_an_error_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "logdt"]) == 2
    assert "did you mean `logdet`" in capsys.readouterr().err
