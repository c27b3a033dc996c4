r"""What is asked of an objective: \min_w, gradient of … with respect to x, diff(f, x), … over x."""

from __future__ import annotations

import re

from matcalc.limits import MOST_FRAMES
from matcalc.reading.brackets import balanced
from matcalc.reading.framing import patterns as F
from matcalc.reading.framing.framed import Framed, first_outside, name_variables, outer, stopped, subscript
from matcalc.reading.letters import LOWERED
from matcalc.reading.stipulated import below
from matcalc.reading.symbols import Declarations, stepped


def asked_at_the_end(made: Framed) -> None:
    """… with respect to x; minimize … over x."""
    found = F.WITH_RESPECT_TO.search(made.text)
    if not found and F.ASKED.match(made.text, made.first):
        found = F.BY.search(made.text)
    made.explicit = made.explicit or found is not None
    if not found and F.MINIMUM.search(made.text):
        found = F.OVER_AT_THE_END.search(made.text)
    if found:
        name_variables(made, re.split(r"\bin\b|∈|\\in\b", found[1], maxsplit=1)[0])
        made.conditions += below(found[1])
        made.drop(*found.span())
    question = F.QUESTION_BEHIND.search(made.text)
    if question:
        made.explicit = True
        made.drop(*question.span())


def before(made: Framed, said: Declarations) -> None:
    """Takes off what stands before the objective, as long as there is something."""
    for _ in range(MOST_FRAMES):
        at = made.first
        if _minimum(made, at):
            continue
        matches = ((m, derivative) for frame, derivative in F.FRAMES if (m := frame.match(made.text, at)) and m[0] not in said.symbols)
        match, derivative = next(((m, d) for m, d in matches if made.text[m.end() :].strip()), (None, False))
        if match is None:
            made.drop(0, at, told=False)
            return
        name_variables(made, match[1])
        made.explicit = made.explicit or derivative
        made.drop(*match.span())


def _minimum(made: Framed, at: int) -> bool:
    r"""minimize, min_x, \arg\min_{x \in S}, min over x of."""
    polite = re.compile(F.PLEASE, re.IGNORECASE).match(made.text, at)
    found = F.MINIMUM.match(made.text, polite.end() if polite else at)
    if not found:
        return False
    end, inside = subscript(made.text, found.end())
    inside = inside or (found["under"] or "")[1:-1]
    over = re.compile(F.OVER).match(made.text, end)
    argument = re.compile(rf"\s*\(\s*({F.NAME})\s*\)(?=\s*[^\s.,;])").match(made.text, end) if not inside and "arg" in found[0] else None
    if argument:  # argmin(J) ||Y - K J||^2
        end, inside = argument.end(), argument[1]
    if over:
        end, inside = over.end(), over[1] or over[2]
    if re.fullmatch(rf"\s*\(\s*{F.NAME}\s*\)\s*", made.text[end:]):  # argmax(x)
        return False
    word = re.sub(r"^\\\w+\*?\s*\{\s*|\s*\}$", "", found.group().strip().lower())
    colon = re.compile(r"\s*:(?![=:])").match(made.text, end)
    end = colon.end() if colon else end
    bare = word.strip("\\") in ("min", "max") and not inside and not colon
    if bare and re.match(r"\s*(?:\\left|\\[bB]ig+l?)?\s*(?:\(|\\?\{|\[)", made.text[end:]) or not made.text[end:].strip():
        return False
    if not _least(made, inside, made.text[end:], found):
        return False
    made.drop(at, end)
    return True


def aim(made: Framed) -> None:
    r"""v^T P v \to \min."""
    arrow = first_outside(made.text, F.AIM)
    found = F.MINIMUM.match(made.text, arrow.end()) if arrow else None
    if arrow and found:
        end, inside = subscript(made.text, found.end())
        _least(made, inside or (found["under"] or "")[1:-1], "", found)
        mark = re.compile(r"\s*!").match(made.text, end)
        made.drop(arrow.start(), mark.end() if mark else end)
        stopped(made)


def _least(made: Framed, inside: str, rest: str, found: re.Match[str]) -> bool:
    """Takes down what a \\min says; nothing where what stands below it is an index of the `rest`."""
    names = _over(inside)
    if names and all(_only_an_index(v, rest) for v in names):
        return False
    for name in names:
        name_variables(made, name)
    made.conditions += below(inside)
    made.wanted = "maximum" if re.search("max|sup", found.group()) else "minimum"
    return True


def _over(inside: str) -> list[str]:
    r"""The names that a minimum is over.

    >>> _over(r"x \in S"), _over(r"0 \le x \le 1"), _over(r"\|u\| = \|v\| = 1"), _over(r"i = 1, \ldots, m"), _over("w, b")
    (['x'], ['x'], ['u', 'v'], ['i'], ['w', 'b'])
    """
    inside = re.split(r"\\in\b|∈|\bin\b|:|\\(?:colon|mid)\b", re.sub(r"_\s*\{\s*\d\s*:\s*\w+\s*\}", "", inside), maxsplit=1)[0]
    sides = re.split(r"(=|\\(?:[lg]eq?|neq?)\b|[≤≥<>≠]|\\succ\w*|[≻⪰])", inside)
    equation = "=" in sides[1:2]  # of a norm, or a range: A x = b names nothing
    sides = sides[2 * (len(sides) > 3 and not equation) : -1 : 2] or sides  # 0 \le x \le 1
    sides = [re.sub(F.IN_BARS, r"\1", side) for side in sides if not equation or re.match(rf"\s*\w\s*$|{F.IN_BARS}", side)]
    sides = [outer(stepped(side)) for side in sides]
    return [name.strip() for side in sides if re.fullmatch(F.NAMES, side) for name in side.split(",")]


def _only_an_index(name: str, text: str) -> bool:
    """Whether a letter occurs below others only: max_i (a_i'x) is over an index."""
    indices = [index.translate(LOWERED) for index in re.findall(F.INDICES, text)]
    letter = re.escape(name)
    below = any(re.search(rf"(?<![A-Za-z\\])[a-z]?{letter}[a-z]?(?![A-Za-z])", index) for index in indices)
    alone = rf"(?<![\w\\])(?:{letter}[A-Za-z]?|[A-Za-z]{letter})(?!\w)"  # A x and Ax
    return len(name) == 1 and below and not re.search(alone, re.sub(F.INDICES, " ", text))


def whole(made: Framed, said: Declarations) -> None:
    """diff(f, x), D[f, x], d(f)/dx; D[i, j] is an entry, and so is what is indexed so where D is declared."""
    word = re.compile(r"\w*").match(made.text, made.first)
    if word and word[0] in said.symbols:
        return
    for question in F.QUESTIONS:
        found = question.match(made.text, made.first)
        if found and balanced(found[1]):
            name_variables(made, found[2])
            made.explicit = True
            made.notes.append(f"read as the question: {' '.join(made.text.split())}")
            made.keep(*found.span(1))
            return
