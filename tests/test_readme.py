"""The README's examples give the output it shows."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from matcalc.cli import main

TEXT = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    (command, "".join(f"{line}\n" for line in output.splitlines()))
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for command, output in re.findall(r"^\$ matcalc (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.mark.parametrize("command, output", COMMANDS)
def test_command(capsys: pytest.CaptureFixture[str], command: str, output: str) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == output


def test_python() -> None:
    blocks = "\n".join(re.findall(r"```python\n(>>>.*?)```", TEXT, re.DOTALL))
    result = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(blocks, {}, "README", "README.md", 0))
    assert result.attempted > 5
    assert result.failed == 0


def test_there_are_examples() -> None:
    assert len(COMMANDS) >= 3


ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in re.findall(r"^\| (?:grad|jacobian|hessian) \|.*$", TEXT.replace("\\|", "¦"), re.MULTILINE)
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
    re.split("## What by what", TEXT.split("## Formulas as they stand")[1])[0].replace("\\|", "¦"),
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
