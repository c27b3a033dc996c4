"""What a text says besides its objective: conditions behind "subject to", declarations and definitions before and behind it."""

from __future__ import annotations

import re
from dataclasses import replace

from matcalc.errors import MatcalcError
from matcalc.limits import MOST_FRAMES
from matcalc.reading.brackets import outside
from matcalc.reading.declaring import declared
from matcalc.reading.described import RANGE
from matcalc.reading.framing import patterns as F
from matcalc.reading.framing.framed import Framed, first_outside, least_of, stopped
from matcalc.reading.stipulated import compares, conditions
from matcalc.reading.symbols import NOTHING, Declarations
from matcalc.reading.tidying import tidied


def tails(made: Framed) -> None:
    """Constraints are left out; what stands behind "where", "with" or a comma defines and declares names."""
    mapping = F.MAPPING.match(made.text, made.first)
    if mapping:
        made.drop(*mapping.span())
    constraint = first_outside(made.text, F.CONSTRAINT)
    if constraint:
        where = first_outside(made.text, F.WHERE, constraint.end())
        end = where.start() if where else len(made.text)
        made.conditions += conditions(made.line[constraint.end() : end])  # where its lines are still seen
        made.drop(constraint.start(), end)
        stopped(made)
    for blank in [*outside(made.text, re.finditer(F.APART, made.text))] if "\\" in made.text else ():
        objective = made.text[: blank.start()]
        if not re.fullmatch(F.NO_OBJECTIVE, objective):
            made.text = objective + ",".ljust(len(blank.group())) + made.text[blank.end() :]
    where = first_outside(made.text, F.WHERE)
    if where:
        tail = made.text[where.end() :]
        made.keep(0, where.start())
        made.declared = _said(made, tail, where.end())
        stopped(made)
        return
    places = (m for f in (F.PARENTHESIS, F.FOR, F.COMMA) for m in [*outside(made.text, f.finditer(made.text))][:MOST_FRAMES])
    any(made.text[: found.start()].strip() and _told(made, found) for found in places)
    _conditions(made)


def _conditions(made: Framed) -> None:
    r"""\min_x f(x), \quad A x = b: what stands behind the comma, and defines nothing, are conditions."""
    least = least_of(made.text)
    start = 0 if made.wanted else least.end() if least else len(made.text)
    for comma in [*outside(made.text, F.COMMA.finditer(made.text), start)][:MOST_FRAMES]:
        found = conditions(made.text[comma.end() :])
        if found and all(map(compares, found)):
            made.conditions += found
            made.drop(comma.start(), len(made.text))
            return


def _told(made: Framed, found: re.Match[str]) -> bool:
    """Whether what stands behind a comma, or in a last parenthesis, is declarations."""
    start, end = found.span(1) if found.re.groups else (found.end(), len(made.text))
    tail = made.text[start:end]
    if "arg" in tail and F.MINIMUM.search(tail):  # A^*, B^* = \arg\min …
        return False
    if re.fullmatch(rf"(?:\s*{RANGE},?)+\s*", tidied(tail)):
        made.drop(found.start(), len(made.text))
        return True
    try:
        told = _said(made, tail, start)
    except MatcalcError:
        return False
    if told.definitions and re.match(F.TURNED_FACTOR, tail):
        return False
    made.declared = told
    last = next(reversed(made.declared.definitions.values()), None)
    named = re.match(rf"\s*({F.NAME})\s*:?=", made.text)
    if last and named and any(_occurs(named[1], d.text) for d in made.declared.definitions.values()):  # y = A x + b; L = …
        before = made.text[: made.text.rindex(last.text.strip(), 0, end)]
        made.declared = _said(made, before.rpartition(last.name)[0].rstrip("\\"), 0)
        made.keep(end - len(last.text.lstrip()), end)
        return True
    made.keep(0, found.start())
    stopped(made)
    return True


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w\\]){re.escape(name)}(?!\w)", text) is not None


def _said(made: Framed, tail: str, start: int) -> Declarations:
    """Declarations and definitions in a text: "S = A B and A is symmetric"; of a set that is not known, x ∈ S is a condition."""
    unseen = r"\\setminus\s*\\\{[^{}]*\\\}|\\[,;:! ]|\\q?quad\b|\\\\|\$|[.,;]\s*$"
    parted = re.sub(rf"({F.MATRIX})|{unseen}", lambda m: m[1] or " " * len(m.group()), tail)
    parted = F.AND.sub(lambda m: ",".ljust(len(m.group())), parted)
    sets = [m for m in F.ELEMENT.finditer(parted) if not _is_declaration(m.group())]
    for found in sets:
        parted = parted[: found.start()] + " " * len(found.group()) + parted[found.end() :]
    try:
        said = declared(" " * start + parted)
    except MatcalcError as error:
        error.line = made.line
        raise
    made.conditions += [condition for found in sets for condition in conditions(found.group())]
    made.notes += [f"left out: {found.group().strip()}" for found in sets]
    return replace(said, definitions={n: d._replace(line=made.line) for n, d in said.definitions.items()})


def _is_declaration(text: str) -> bool:
    try:
        return declared(text) is not NOTHING
    except MatcalcError:
        return False


def heads(made: Framed) -> None:
    """The text before the objective declares and defines names, or says in words what it is: "let A be symmetric. …", "loss: …"."""
    start = made.first
    last, telling, tries = len(made.text.rstrip()), re.compile(F.SAYS).search(made.text, start), 0
    for found in reversed([*outside(made.text, F.HEADS.finditer(made.text))]):
        if found.end() >= last:
            continue
        head = made.text[start : found.start()]
        opening = re.match(F.OPENING, head)
        rest = made.text[found.end() :]
        used = "=" in head and found.group()[0] == ";" and _occurs(head.partition("=")[0].strip(), rest)  # e = y - X b; e'e
        says = telling and telling.end() <= found.start() or opening and "=" in head or used
        if found.group()[0] == ":" and re.fullmatch(F.ONLY_WORDS, head) and not F.MINIMUM.match(head):
            made.drop(start, found.end())
            return
        if not says:
            continue
        tries += 1
        if tries > MOST_FRAMES:
            return
        begun = opening.end() if opening else 0
        try:
            said = _said(made, head[begun:], start + begun)
        except MatcalcError:
            continue
        if said.definitions and not (opening or used):
            continue
        made.declared = made.declared.joined(said)
        made.drop(start, found.end(), told=False)
        return
