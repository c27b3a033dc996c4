"""The examples of the README and of page/docs give the output that is shown there."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from matcalc.cli import main

ROOT = Path(__file__).parent.parent
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "page" / "docs").glob("*.md")))}
COMMANDS = [
    (command, "".join(f"{line}\n" for line in output.splitlines()))
    for text in TEXTS.values()
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    for command, output in re.findall(r"^\$ matcalc (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.mark.parametrize("command, output", COMMANDS)
def test_command(capsys: pytest.CaptureFixture[str], command: str, output: str) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == output


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if ">>>" in text])
def test_python(name: str) -> None:
    blocks = "\n".join(re.findall(r"```python\n(>>>.*?)```", TEXTS[name], re.DOTALL))
    result = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(blocks, {}, name, f"{name}.md", 0))
    assert result.attempted > 5
    assert result.failed == 0


def test_there_are_examples() -> None:
    assert len(COMMANDS) >= 3


def test_every_link_leads_somewhere() -> None:
    for name, text in TEXTS.items():
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert ((ROOT if name == "README" else ROOT / "page" / "docs") / link).exists(), f"{name}: {link}"


def test_the_readme_takes_two_minutes() -> None:
    assert len(TEXTS["README"].splitlines()) < 130


ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in re.findall(r"^\| (?:grad|jacobian|hessian) \|.*$", TEXTS["formulas"].replace("\\|", "¦"), re.MULTILINE)
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_row_of_what_by_what(row: list[str]) -> None:
    import matcalc as mc

    kind, expression, by, where, answer, differential = row
    d = getattr(mc, kind)(expression, by, where=where)
    assert (d.unicode(), d.differential.unicode() if d.in_vec else "") == (answer, differential)
    assert d.check().ok


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 30


PASTED = re.findall(
    r"^\| `(.*?)` \| (?:`(.*?)`)? *\| (.*?) \|$",
    re.split("## What by what", TEXTS["formulas"].split("## Formulas as they stand")[1])[0].replace("\\|", "¦"),
    re.MULTILINE,
)


@pytest.mark.parametrize("formula, by, answer", PASTED)
def test_row_of_formulas_as_they_stand(formula: str, by: str, answer: str) -> None:
    import matcalc as mc

    d = mc.grad(formula.replace("¦", "|"), by or None)
    assert d.unicode() == answer
    assert d.check().ok


def test_formulas_as_they_stand_are_there() -> None:
    assert len(PASTED) >= 6
