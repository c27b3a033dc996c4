r"""What stands around an objective is taken off: ``f(x) =``, ``\min_w``, ``gradient of … with respect to x``, ``subject to …``.

What is taken off is replaced by blanks, so that every place stays what it was.  What is left is the objective; a frame may
name the variable, define names and declare them.  ``FRAMES`` is the table of what stands before an objective: a pattern, and
what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from matcalc.errors import MatcalcError, ParseError
from matcalc.limits import MOST_CHARACTERS
from matcalc.reading.declarations import declared
from matcalc.reading.described import RANGE
from matcalc.reading.latex.commands import ENVIRONMENTS
from matcalc.reading.refusals import check
from matcalc.reading.symbols import NOTHING, Declarations, canonical
from matcalc.reading.tidying import tidied

OPENING, CLOSING = "([{", ")]}"
MOST_SIDES = MOST_FRAMES = 8
_STOPS = ("\\,", "\\;", "\\!", "\\quad", "\\qquad", "\\\\", ".", ",", ";", ":")  # what may end a formula

# Without any of these a text has no frame; words are looked for apart.
_SIGNS = ("=", "\\", "$", "`", "∂", "∇", "<", ">", "≤", "≥", "→", "↦", "@(", "D[", "d/d", ",", "|", "∫", "𝔼", "_0")
_WORDS = re.compile(
    r"(?i)\b(?:(?:arg)?(?:min|max)(?:imi[sz]e)?|inf|sup|gradient|derivative|differentiate|jacobian|diff|where|with|subject|lambda|[dp]|"
    r"E|Var|Cov|KL|rank|s\.t)\b(?!\s*=)|(?:min|max|inf|sup|E)_|\b[^\W\d_]{3,}\s+[^\W\d_]{2,}|\b[A-Z]\w*\(\s*\w+\s*[,)]|[.,;:]\s*$|\)/d"
)

# --- what names a variable ------------------------------------------------------------------------------------------------
_FONT = r"\\(?:mathbf|boldsymbol|bm|pmb|vec|mathrm|mathit|mathcal|hat|bar|tilde)\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w)"
_LETTER = rf"(?:{_FONT}|\\(?!min|max|arg|text|in\b|frac|sum|log|det|left|right|partial|cdot|times)[A-Za-z]+|[^\W\d_][^\W_]*)"
_BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_INDEX = rf"(?:\s?_\s?(?:{_BRACED}|\\?[^\W_]+)|\^(?:{_BRACED}|[+\-*]|\w(?!\w)))*['′’]*"
NAME = rf"(?:{_LETTER}{_INDEX})"
_ONE = rf"(?:\{{\s*{NAME}\s*\}}|\(\s*{NAME}\s*\)|{NAME})"
_NAMES = rf"\s*{NAME}(?:\s*(?:,|;|\||\\mid\b)\s*{NAME})*\s*"
_D = r"(?:\\partial\b|∂|\\mathrm\s*\{?\s*d\s*\}?|\\operatorname\{d\}|d)"
_OF = r"(?:find|compute|calculate|determine|derive|evaluate|take|what\s+is)\s+"
_TEXT = r"\\(?:text|mbox|textrm|mathrm|textbf|operatorname\*?|mathop)\s*\{\s*"
_MIN = (
    rf"(?:(?:\\arg|{_TEXT}arg\s*\}}|arg)(?:\\[,;! ]|\s)*(?:\\min|\\max|{_TEXT}(?:min|max)\s*\}}|min|max)|\\arg(?:min|max)|"
    rf"\\min|\\max|{_TEXT}(?:arg(?:\\[,;! ]|\s)*)?(?:min|max)(?:imi[sz]e)?\s*:?\s*\}}|"
    r"\\?\b(?:arg)?(?:min|max)(?:imi[sz]e)?)(?![A-Za-z])\s*(?:\\limits)?"
)

# What stands before an objective: a pattern; where the names are (group 1) and whether it is a derivative that is asked for.
FRAMES: tuple[tuple[str, bool], ...] = (
    (rf"{_D}\s*/\s*{_D}\s*({_ONE})(?![\w/])",                                                      True),   # d/dx  ∂/∂X
    (rf"\\[dt]?frac\s*(?:\{{\s*{_D}\s*\}}|{_D})\s*\{{\s*{_D}\s*({_ONE})\s*\}}",                    True),   # \frac{\partial}{\partial x}
    (rf"(?:\\nabla|∇)\s*_\s*(\{{\s*{_NAMES}\}}|{_FONT}|\\[A-Za-z]+|[^\W\d_]+)",                    True),   # ∇_x  \nabla_{x}
    (rf"(?i:(?:{_OF})?(?:the\s+)?(?:(?:partial\s+)?derivatives?|gradient|jacobian)\s+(?:of|for))\b()", True),
    (rf"(?i:(?:{_OF})?differentiate)\b()",                                                         True),
    (r"@\s*\(([^()]*)\)",                                                                          False),  # f = @(x) …
    (rf"lambda\s+({_NAMES}):",                                                                     False),
    (rf"function\s*\(({_NAMES})\)",                                                                False),  # R
    (rf"\(?({_NAMES})\)?\s*(?:->|→|↦|\\mapsto\b|\\to\b)",                                          False),
)  # fmt: skip

# A whole text that asks for a derivative: the objective (group 1) and the variable (group 2).
QUESTIONS = (
    rf"(?:D|Grad)\s*\[(.*),\s*({_ONE})\s*\]\s*$",
    rf"(?:diff|gradient|jacobian|grad)\s*\((.*),\s*({_ONE})\s*\)\s*$",
    rf"{_D}\s*\((.*)\)\s*/\s*{_D}\s*({_ONE})\s*$",
    rf"{_D}\s*({NAME})\s*/\s*{_D}\s*({_ONE})\s*$",
    rf"\\[dt]?frac\s*\{{\s*{_D}\s*(.+)\}}\s*\{{\s*{_D}\s*({_ONE})\s*\}}\s*$",
)

_WRT = r"(?:\b(?:with\s+respect\s+to|w\.?\s?r\.?\s?t\b\.?)"
_WRT += rf"|\\text\s*\{{\s*(?:with respect to|w\.?r\.?t\.?)\s*\}})\s*({_NAMES})\??\s*$"
_SUM = r"\bsum\s+over\s+(?:all\s+)?([^\W\d_])(?:\s*=\s*(\w+)\s+to\s+(\w+))?\s+of\b"
_BY = rf"\bby\s+({_NAMES})\??\s*$"
_INVISIBLE = re.compile(r"(?:\s|\\[,;:! ]|\\q?quad\b)*")
_CONSTRAINT = rf"{_TEXT}(?:subject\s*(?:\\\s)?\s*to|s\.?\s?t\.?|such\s+that)[\s:]*\}}|\bsubject\s+to\b|\bs\.\s?t\.|\bsuch\s+that\b"
_WHERE = rf"(?:{_TEXT}(?:where|with)[\s:]*\}}|(?<!\\)\b(?:where|with)\b(?!\s+respect))"
_ENVIRONMENTS = "|".join(sorted(ENVIRONMENTS))
_TYPOGRAPHY = (
    r"^\s*`+|`+\s*$|\$\$?|\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag)\b",
    rf"\\(?:begin|end)\s*\{{(?:{_ENVIRONMENTS})\*?\}}(?:\s*\[[^\]]*\])?",
)
_ARGUMENTS = r"(?:\\left|\\[bB]ig+l?)?\s*\("
_ARGUMENTS += rf"((?:[\w\s,;:|'′^]|{_BRACED}|\\(?!right|[bB]ig)[A-Za-z]+|\\[,;: ])*)(?:\\right|\\[bB]ig+r?)?\s*\)"
_LABEL = rf"\s*(?:\\?(?:log|ln|min|max)\b\s*)?(?:{_TEXT}\w+\s*\}}|(?!\\?(?:log|ln|min|max)\b){NAME})?(?:\s*{_ARGUMENTS})?\s*"
_DERIVATIVE = rf"\s*(?:(?:\\nabla|∇)\s*(?:_\S+)?\s*{NAME}(?:\([^()]*\))?"
_DERIVATIVE += rf"|\\[dt]?frac\s*\{{{_D}[^{{}}]*\}}\s*\{{{_D}[^{{}}]*\}}|{_D}\s*{NAME}\s*/\s*{_D}\s*{_ONE})\s*"
_CONDITIONAL = r"\\?\b[A-Za-z]\w*\s*\((?:[^()=|]*)(?:\||\\mid)[^()|]*\)"


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
        found = _INVISIBLE.match(self.text)
        return found.end() if found else 0


def framed(line: str, said: Declarations = NOTHING, by: tuple[str, ...] = ()) -> Framed:
    r"""The objective of a text, with what its frame says.

    `said` is what is declared, `by` are the names that are asked for.  Raises ParseError or UnsupportedError for what is no expression:
    equations, words, expectations.

    >>> made = framed(r"\min_{w} \|X w - y\|^2,")
    >>> made.text, made.variables, made.notes
    ('         \\|X w - y\\|^2 ', ['w'], ['left out: \\min_{w}'])
    >>> framed("f(x) = x'*A*x where A is symmetric").declared.symbols["A"].properties
    frozenset({'symmetric'})
    """
    made = Framed(line, line)
    if len(line) > MOST_CHARACTERS or not any(sign in line for sign in _SIGNS) and not _WORDS.search(line):
        return made
    _typography(made)
    made.text = re.sub(_SUM, _over_index, made.text)
    _asked_at_the_end(made)
    _tails(made)
    _before(made)
    _whole(made)
    _sides(made, said)
    _before(made)
    _whole(made)
    if made.text.strip():
        check(made.text, line, said.joined(made.declared), by, made.notes)
    return made


# --- the passes --------------------------------------------------------------------------------------------------------


def _typography(made: Framed) -> None:
    """Dollars, environments, tags and a final stop are not seen."""
    for pattern in _TYPOGRAPHY if "\\" in made.line or "$" in made.line or "`" in made.line else ():
        made.text = re.sub(pattern, _blanks, made.text)
    array = re.search(r"\\begin\s*\{array\}\s*(?:\{[^{}]*\})?", made.text)
    if array and re.search(r"\{\s*(?:min|max)imi[sz]e", made.text):
        made.drop(*array.span(), told=False)
        made.text = re.sub(r"\\end\s*\{array\}", _blanks, made.text)
    if ("&" in made.text or "\\\\" in made.text) and not re.search(r"\\begin\s*\{|\\substack", made.text):
        made.text = re.sub(r"\\\\(?:\[[^\]]*\])?|(?<!\\)&", _blanks, made.text)
    _stop(made)


def _over_index(found: re.Match[str]) -> str:
    """A sum over i = 1 to n of … as it is written with signs."""
    index, first, last = found.groups()
    return (f"sum_{{{index}={first}}}^{last}" if last else f"sum_{index}").ljust(len(found.group()))


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _asked_at_the_end(made: Framed) -> None:
    """… with respect to x."""
    found = re.search(_WRT, made.text)
    if not found and re.compile(rf"{FRAMES[3][0]}|{FRAMES[4][0]}").match(made.text, made.first):
        found = re.search(_BY, made.text)
    if found:
        _variables(made, found[1])
        made.explicit = True
        made.drop(*found.span())


def _tails(made: Framed) -> None:
    """Constraints are left out; what stands behind "where", "with" or a comma defines and declares names."""
    constraint = _outside(made.text, _CONSTRAINT)
    if constraint:
        where = _outside(made.text, _WHERE, constraint.end())
        made.drop(constraint.start(), where.start() if where else len(made.text))
        _stop(made)
    where = _outside(made.text, _WHERE)
    if where:
        tail = made.text[where.end() :]
        made.keep(0, where.start())
        made.declared = _said(tail, where.end(), made.line)
        _stop(made)
        return
    comma = _outside(made.text, r"(?<!\\),")
    if comma and made.text[: comma.start()].strip():
        tail = tidied(made.text[comma.end() :])
        if re.fullmatch(rf"\s*{RANGE}\s*|(?:\s*{RANGE},?)+\s*", tail):
            made.drop(comma.start(), len(made.text))
            return
        try:
            made.declared = _said(made.text[comma.end() :], comma.end(), made.line)
        except MatcalcError:
            return
        made.keep(0, comma.start())


def _said(tail: str, start: int, line: str) -> Declarations:
    """Declarations and definitions in a text: "S = A B and A is symmetric"."""
    joined = rf"(?:\\text\s*\{{\s*and\s*\}}|\band\b)(?=\s*{NAME}\s*(?:=|:|\bis\b|\\?\bin\b|∈))"
    parted = re.sub(joined, lambda m: ",".ljust(len(m.group())), tail)
    parted = re.sub(r"\\[,;:! ]|\\q?quad\b|\\\\|\$|[.,;]\s*$", lambda m: " " * len(m.group()), parted)
    try:
        found = declared(" " * start + parted)
    except MatcalcError as error:
        error.line = line
        raise
    return replace(found, definitions={n: d._replace(line=line) for n, d in found.definitions.items()})


def _before(made: Framed) -> None:
    """Takes off what stands before the objective, as long as there is something."""
    for _ in range(MOST_FRAMES):
        at = made.first
        if _minimum(made, at):
            continue
        found = next((f for f in _frames_at(made.text, at) if made.text[f[0].end() :].strip()), None)
        if found is None:
            made.drop(0, at, told=False)
            return
        match, derivative = found
        _variables(made, match[1])
        made.explicit = made.explicit or derivative
        made.drop(*match.span())


def _frames_at(text: str, at: int) -> Iterator[tuple[re.Match[str], bool]]:
    for pattern, derivative in FRAMES:
        found = re.compile(pattern).match(text, at)
        if found:
            yield found, derivative


def _minimum(made: Framed, at: int) -> bool:
    r"""minimize, min_x, \arg\min_{x \in S}, min over x of."""
    found = re.compile(_MIN).match(made.text, at)
    if not found:
        return False
    end, inside = _subscript(made.text, found.end())
    over = re.compile(rf"\s*over\s+(?:all\s+)?({_NAMES}?)(?:\s+(?:in|∈)\s+\S+)?\s*(?:\bof\b|:)").match(made.text, end)
    if over:
        end, inside = over.end(), over[1]
    word = found.group().strip().lower()
    bare = word.strip("\\") in ("min", "max") and not inside
    if bare and re.match(r"\s*(?:\\left|\\[bB]ig+l?)?\s*(?:\(|\\?\{|\[)", made.text[end:]) or not made.text[end:].strip():
        return False
    names = re.split(r"\\in\b|∈|\bin\b|:|\\[lg]eq?\b|[≤≥<>]|\\succ|≻|\\colon", inside, maxsplit=1)[0]
    names = re.sub(r"_\s*\{\s*\d\s*:\s*\w+\s*\}", "", names)
    if re.fullmatch(_NAMES, names):
        variables = [n.strip() for n in re.split(r",", _outer(names)) if n.strip()]
        if variables and all(_only_an_index(v, made.text[end:]) for v in variables):
            return False
        _variables(made, names)
    made.drop(at, end)
    return True


def _only_an_index(name: str, text: str) -> bool:
    """Whether a letter occurs below others only: max_i (a_i'x) is over an index."""
    letter = re.escape(name)
    below = re.search(rf"_\s*(?:\{{[^{{}}]*(?<![A-Za-z]){letter}(?![A-Za-z])[^{{}}]*\}}|{letter}(?![A-Za-z]))", text)
    alone = re.search(rf"(?<![\w\\_{{,]){letter}(?!\w)", text)
    return len(name) == 1 and below is not None and alone is None


def _whole(made: Framed) -> None:
    """diff(f, x), D[f, x], d(f)/dx."""
    for pattern in QUESTIONS:
        found = re.compile(pattern, re.DOTALL).match(made.text, made.first)
        if found and _balanced(found[1]):
            _variables(made, found[2])
            made.explicit = True
            made.notes.append(f"read as the question: {' '.join(made.text.split())}")
            made.keep(*found.span(1))
            return


def _sides(made: Framed, said: Declarations) -> None:
    """Of several sides the last one is the objective; names of it on the left are left out, others have to agree with it."""
    signs = list(_outside_all(made.text, r":=|≔|\\coloneqq\b|\\triangleq\b|<-|(?<![<>=!:≤≥])=(?!=)"))
    if not signs:
        return
    if len(signs) > MOST_SIDES:
        raise equation(made.line, signs[0])
    starts = [0, *(m.end() for m in signs)]
    ends = [*(m.start() for m in signs), len(made.text)]
    sides = [(a, b) for a, b in zip(starts, ends, strict=True)]
    text, (start, end) = made.text, sides[-1]
    if not text[start:end].strip():
        raise ParseError("expected a formula after `=`").at(made.line, signs[-1].start(), signs[-1].end())
    named, others = False, []
    for (a, b), sign in zip(sides, signs, strict=False):
        head = Framed(" " * a + text[a:b], made.line)
        _before(head)
        label = head.text[head.first : b].strip()
        if named and re.search(_CONDITIONAL, label) or _is_label(label, text[b + 1 :], said, defining=sign.group() != "=", first=not named):
            named = True
            made.variables += [v for v in head.variables if v not in made.variables]
            arguments = re.search(rf"{_ARGUMENTS}\s*$", label)
            if arguments and not made.variables and not re.search(r"\||\\mid", arguments[1]):
                _variables(made, re.sub(r"\\(?:mathbf|boldsymbol|bm)\s*\{([^{}]*,[^{}]*)\}", r"\1", arguments[1]))
            made.drop(a, sign.end())
        elif not named or not label:
            raise equation(made.line, sign)
        else:
            others.append(" " * a + text[a:b])
    made.sides = others
    made.keep(start, end)
    if others:
        made.notes.append(f"the sides of `{' '.join(text[sides[0][0] : end].split())}` are read apart, and agree")


def equation(line: str, sign: re.Match[str]) -> ParseError:
    message = "`=` makes an equation: an expression is read, not an equation"
    hint = "leave out `=` and what stands on the other side; a definition goes into where: e = y - X*b"
    error = ParseError(message, hint=hint)
    error.at(line, sign.start(), sign.end())
    return error


def _is_label(side: str, rest: str, said: Declarations, *, defining: bool, first: bool) -> bool:
    """Whether a side only names what stands on the other: f(x), a name that occurs nowhere else, dL/dx."""
    if not first:
        return re.fullmatch(rf"{_LABEL}", side) is not None and "(" in side
    if re.fullmatch(_DERIVATIVE, side):
        return True
    if not side or not re.fullmatch(_LABEL, side):
        return False
    if "(" in side or defining:
        return True
    name = canonical(re.sub(r"\s", "", tidied(side)))
    letter = side.strip().lstrip("\\") if "_" in side else re.split(r"[\d_^'′’]", name)[0]
    return name not in said.symbols and not re.search(rf"(?<![A-Za-z]){re.escape(letter)}(?![A-Za-z])", rest)


# --- pieces of text ----------------------------------------------------------------------------------------------------


def _variables(made: Framed, text: str) -> None:
    for name in re.split(r"[,;]", _outer(text)):
        if name.strip() and name.strip() not in made.variables:
            made.variables.append(name.strip())


def _outer(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text[:1] + text[-1:] in ("{}", "()") and _balanced(text[1:-1]) else text


def _stop(made: Framed) -> None:
    end = len(made.text.rstrip())
    while end and (mark := next((m for m in _STOPS if made.text.endswith(m, 0, end)), "")):
        end = len(made.text[: end - len(mark)].rstrip())
    made.text = made.text[:end].ljust(len(made.text))


def _subscript(text: str, at: int) -> tuple[int, str]:
    """Where a subscript ends, and what is in it."""
    found = re.compile(r"\s*_\s*").match(text, at)
    if not found:
        return at, ""
    at = found.end()
    if text[at : at + 1] != "{":
        one = re.compile(rf"{_FONT}|\\[A-Za-z]+|\w+").match(text, at)
        return (one.end(), one.group()) if one else (at, "")
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if not depth:
            return end + 1, text[at + 1 : end]
    return at, ""


def _balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += (c in OPENING) - (c in CLOSING)
        if depth < 0:
            return False
    return not depth


def _outside_all(text: str, pattern: str, start: int = 0) -> Iterator[re.Match[str]]:
    """What a pattern matches outside of brackets."""
    depth, at = 0, 0
    for found in re.finditer(pattern, text):
        for c in text[at : found.start()]:
            depth += (c in OPENING) - (c in CLOSING)
        at = found.start()
        if depth <= 0 and at >= start:
            yield found


def _outside(text: str, pattern: str, start: int = 0) -> re.Match[str] | None:
    return next(_outside_all(text, pattern, start), None)
