"""A text whose frame is taken off, and the pieces of it that the steps look for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from matcalc.reading.brackets import balanced, closed, outside
from matcalc.reading.framing import patterns as F
from matcalc.reading.letters import LETTERS_BELOW, LOWERED
from matcalc.reading.symbols import NOTHING, Declarations


@dataclass
class Framed:
    """A text whose frame is blanked: the variables it names, what it declares and defines, further sides, and notes."""

    text: str
    line: str
    variables: list[str] = field(default_factory=list)
    explicit: bool = False  # a derivative is written
    declared: Declarations = NOTHING
    sides: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)  # what the objective is subject to
    wanted: str = ""  # "minimum" or "maximum"

    def drop(self, start: int, end: int, *, told: bool = True) -> None:
        what = " ".join(self.text[start:end].split())
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]
        if told and what:
            self.notes.append(f"left out: {what}")

    def keep(self, start: int, end: int) -> None:
        """Blanks all but a part."""
        self.text = " " * start + self.text[start:end] + " " * (len(self.text) - end)

    @property
    def first(self) -> int:
        found = F.INVISIBLE.match(self.text)
        return found.end() if found else 0


def name_variables(made: Framed, text: str) -> None:
    for part in re.split(r"[,;]", outer(text)):
        name = part.strip().translate(LOWERED)
        if name and name not in made.variables:
            made.variables.append(name)


def outer(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text[:1] + text[-1:] in ("{}", "()") and balanced(text[1:-1]) else text


def stopped(made: Framed) -> None:
    end = len(made.text.rstrip())
    while end and (mark := next((m for m in F.STOPS if made.text.endswith(m, 0, end)), "")):
        end = len(made.text[: end - len(mark)].rstrip())
    made.text = made.text[:end].ljust(len(made.text))


def subscript(text: str, at: int) -> tuple[int, str]:
    """Where a subscript ends, and what is in it."""
    if lowered := re.compile(rf"[{LETTERS_BELOW}]+").match(text, at):
        return lowered.end(), lowered.group().translate(LOWERED)
    found = re.compile(r"\s*_\s*").match(text, at)
    if not found:
        return at, ""
    at = found.end()
    if text[at : at + 1] != "{":
        one = re.compile(rf"{F.FONT}|\\[A-Za-z]+|\w+").match(text, at)
        return (one.end(), one.group()) if one else (at, "")
    end = closed(text, at)
    return end, text[at + 1 : end - 1]


def first_outside(text: str, frame: F.Frame, start: int = 0) -> re.Match[str] | None:
    return next(outside(text, frame.finditer(text), start), None)


def least_of(text: str) -> re.Match[str] | None:
    r"""The \min of a text, which is none of \lambda_{\min}."""
    found = outside(text, F.MINIMUM.finditer(text))
    return next((m for m in found if not text[: m.start()].rstrip().endswith("_")), None)


def blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())
