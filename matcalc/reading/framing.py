r"""Takes off what stands around an objective: ``f(x) =``, ``\min_w``, ``gradient of … with respect to x``, ``subject to …``.

What is taken off is replaced by blanks, so that every place stays what it was.  What is left is the objective; a frame may
name the variable, define names and declare them.  The patterns are in `frames`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from matcalc.errors import MatcalcError, ParseError
from matcalc.limits import MOST_CHARACTERS, MOST_FRAMES, MOST_SIDES
from matcalc.operators import FUNCTIONS
from matcalc.reading import frames as F
from matcalc.reading.brackets import balanced, closed, outside
from matcalc.reading.declaring import declared
from matcalc.reading.described import RANGE
from matcalc.reading.functions import TRANSPOSED
from matcalc.reading.latex.commands import FUNCTION_WORDS
from matcalc.reading.letters import GREEK, LOWERED
from matcalc.reading.refusals import check
from matcalc.reading.stipulated import below, compares, conditions
from matcalc.reading.symbols import NOTHING, Declarations, canonical, stepped
from matcalc.reading.tidying import tidied
from matcalc.reading.tree import failing

AGREE = "are read apart, and agree"


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


def framed(line: str, said: Declarations = NOTHING) -> Framed:
    r"""The objective of a text, with what its frame says.

    `said` is what is declared.  Raises ParseError or UnsupportedError for what is no expression: equations, words, expectations.

    >>> made = framed(r"\min_{w} \|X w - y\|^2,")
    >>> made.text, made.variables, made.notes
    ('         \\|X w - y\\|^2 ', ['w'], ['left out: \\min_{w}'])
    >>> framed("f(x) = x'*A*x where A is symmetric").declared.symbols["A"].properties
    frozenset({'symmetric'})
    """
    made = Framed(line, line)
    if len(line) > MOST_CHARACTERS or _is_bare(line, said):
        return made
    if "\\documentclass" in line:
        raise ParseError("this is a document, not a formula", hint="give one formula of it; --lines takes one of each line")
    if update := re.match(F.UPDATE, line):
        raise failing("this is an update of a variable, not its objective", update, "give the function that is made small: f(x) = …")
    if program := re.search(r"\bfor\s+\w+\s+in\s+(?:range|enumerate|zip)\s*\(|\+=", line):
        raise failing("a program is not read, only a formula", program, "write the sum: sum_i x_i^2, or sum(x.^2)")
    _one_equation(made)
    _typography(made)
    _sums(made, said)
    made.text = F.SUM.sub(_over_index, made.text)
    _asked_at_the_end(made)
    _aim(made)
    _tails(made)
    if not made.variables:
        _asked_at_the_end(made)
    _heads(made)
    _before(made, said)
    _whole(made, said)
    _sides(made, said)
    _before(made, said)
    _whole(made, said)
    _spoken(made)
    _projection(made, said)
    _lines(made)
    if made.text.strip():
        check(made.text, said.joined(made.declared))
    return made


# --- the passes --------------------------------------------------------------------------------------------------------


def _is_bare(line: str, said: Declarations) -> bool:
    """Whether nothing stands in a text but operators, numbers, functions, single letters and names that are declared."""
    if not F.BARE.fullmatch(line) or "d/d" in line or said.definitions or not said.symbols.keys() >= set(F.WITH_PLACES.findall(line)):
        return False
    words = ((word, F.ASKING if called and word in FUNCTIONS else F.MARKS) for word, called in F.WORD.findall(line))
    return all(len(word) == 1 or (word in FUNCTIONS or word in said.symbols) and word not in marks for word, marks in words)


def _typography(made: Framed) -> None:
    """Comments, dollars, environments, tags, a final stop and MATLAB's ... at the end of a line are not seen."""
    made.text = re.sub(r"\.\.\.[^\S\n]*\n", _blanks, made.text) if "\n" in made.text else made.text
    for comment in F.COMMENT.finditer(made.text):
        made.drop(*comment.span())
    made.text = re.sub(F.ANGLES, r"⟨\1⟩", made.text) if "<" in made.text else made.text
    if "\n" in made.text and re.match(F.ASSIGNED, made.text):
        made.text = made.text.rstrip().replace("\n", ";").ljust(len(made.text))
    made.text = re.sub(F.BODY, r"\1 \2 ", made.text) if "function" in made.text else made.text
    made.text = re.sub(F.MODULES, _blanks, made.text) if ":-" in made.text else made.text
    for pattern in F.TYPOGRAPHY if "\\" in made.line or "$" in made.line or "`" in made.line else ():
        made.text = re.sub(pattern, _blanks, made.text)
    if "\\lvert" in made.text:
        made.text = re.sub(F.TWO_BARS, lambda m: "\\lVert".ljust(len(m[1])) + m[2] + "\\rVert".ljust(len(m[3])), made.text)
    made.text = re.sub(F.UPRIGHT, _upright, made.text) if "{" in made.text else made.text
    for word in re.finditer(F.WRAPPED, made.text):
        _unbraced(made, word.end())
        made.drop(*word.span(), told=False)
    for brace in re.finditer(F.UNDERBRACE, made.text):  # what stands below one says what it is, and is not seen
        end = closed(made.text, brace.end())
        made.drop(*brace.span(), told=False)
        if re.compile(r"\s*[_^]").match(made.text, end):
            made.drop(end, _subscript(made.text.replace("^", "_"), end)[0], told=False)
    for _ in range(2 if "{" in made.text else 0):
        for operand in [m for m in re.finditer(F.SIGNED, made.text) if m[1] not in FUNCTION_WORDS]:
            _unbraced(made, operand.end())
    for index in dict.fromkeys(m[1] for m in re.finditer(F.PRIMED_INDEX, made.text)):
        _unprimed(made, index)
    array = re.search(r"\\begin\s*\{array\}\s*(?:\{[^{}]*\})?", made.text)
    if array and re.search(r"\{\s*(?:min|max)imi[sz]e", made.text):
        made.drop(*array.span(), told=False)
        made.text = re.sub(r"\\end\s*\{array\}", _blanks, made.text)
    if ("&" in made.text or "\\\\" in made.text) and not re.search(r"\\begin\s*\{|\\substack", made.text):
        made.text = re.sub(r"\\\\(?:\[[^\]]*\])?|(?<!\\)&", _blanks, made.text)
    if re.search(F.MID_AS_BAR, made.text):
        made.text = re.sub(r"\\mid(?![A-Za-z])", "|   ", made.text)
    made.text = re.sub(r"\\Sigma(?=\s*_\s*\{\s*[a-z]\s*=)", r"\\sum  ", made.text)
    made.text = re.sub(r"(\\mathcal\s*\{?\s*N\s*\}?\s*(?:\\left\s*)?\(\s*[^;()|]*);", r"\1|", made.text)  # N(x; mu, Sigma)
    _stop(made)


def _sums(made: Framed, said: Declarations) -> None:
    r"""\Sigma_j before what has the index j as a sum, where every \Sigma is one and none is declared."""
    found = list(F.SIGMA.finditer(made.text)) if "Sigma" not in said.symbols else []
    if found and len(found) == len(re.findall(r"\\Sigma(?![A-Za-z])", made.text)):
        made.text = F.SIGMA.sub(lambda m: m[1] + "\\sum  ", made.text)
        made.notes.append("\\Sigma is read as the sign of a sum; a matrix is declared: Sigma: (n, n)")


def _unbraced(made: Framed, at: int) -> None:
    """Takes the braces away that open at a place."""
    end = closed(made.text, at)
    if end > at:
        made.drop(at, at + 1, told=False)
        made.drop(end - 1, end, told=False)


def _unprimed(made: Framed, index: str) -> None:
    """Gives the k' of a sum over k' a letter of its own."""
    primed = re.compile(rf"(?<![A-Za-z\\]){index}(?:'|\^\s*(?:\\prime(?![A-Za-z])|\{{\s*\\prime\s*\}}))")
    free = next((c for c in "lmpqrstuvh" if not re.search(rf"(?<![A-Za-z\\]){c}(?![A-Za-z])", made.text)), "")
    if free:
        made.text = re.sub(F.BELOW, lambda m: primed.sub(lambda p: free.ljust(len(p.group())), m.group()), made.text)
        made.notes.append(f"the index {index}' is called {free}")


def _lines(made: Framed) -> None:
    """Raises ParseError for two lines of the objective with no sign of an operation between them."""
    whole = "\\\\" not in made.line or _is_escaped(made.line) or re.search(r"matrix|array|cases|substack", made.line)
    for torn in re.finditer(F.TORN, made.line) if not whole else ():
        if made.text[torn.start()] != " " != made.text[torn.end()]:
            hint = "write the sign of the operation at the end or the begin of a line"
            raise failing("what stands between the two lines?", torn.span(1), hint)


def _is_escaped(line: str) -> bool:
    """Whether all backslashes are doubled, as in a string of a program."""
    return re.search(r"\\\\[A-Za-z]", line) is not None and not re.search(r"(?<!\\)\\[A-Za-z]", line)


def _one_equation(made: Framed) -> None:
    """Raises ParseError for several equations below one another; `&=` goes on with the one before."""
    if _is_escaped(made.line):
        made.text = made.text.replace("\\\\", " \\")
    if "\\\\" not in made.text or re.search(r"\\begin\s*\{(?:\w*matrix|array|cases|split)|\\substack", made.text):
        return
    constraint = F.CONSTRAINT.search(made.text)
    objective = re.sub(rf"[_^]\s*{F.BRACED}", _blanks, made.text[: constraint.start()] if constraint else made.text)  # \sum_{i=1}
    first, *more = re.split(r"\\\\(?:\[[^\]]*\])?", made.text)
    least = more and not constraint and _said_least(first)
    lines = [re.sub(r"^(?:[\s&]|\\[,;:! ])+", "", line) for line in more if least and conditions(line)]
    if lines and all(compares(line) and line[0] not in "=+" for line in lines):
        made.text = made.text.replace("\\\\", ", ")  # a condition in each line
        return
    equations = list(re.finditer(r"(?:^|\\\\(?:\[[^\]]*\])?)((?:(?!\\\\)[^=])*)(?<![<>!:])=", objective))
    left = [m for m in equations if re.sub(r"\\(?:begin|end)\s*\{[^{}]*\}|\\q?quad\b|\\[,;:! ]|[&\s$]", "", m[1])]
    if len(left) > 1:
        hint = "give the one to differentiate; what it needs is defined in where: e = y - X*b"
        raise failing("several equations stand here", left[1].span(1), hint)


def _over_index(found: re.Match[str]) -> str:
    """A sum over i = 1 to n of … as it is written with signs."""
    index, first, last = found.groups()
    return (f"sum_{{{index}={first}}}^{last}" if last else f"sum_{index}").ljust(len(found.group()))


def _upright(found: re.Match[str]) -> str:
    """A function in a font and in braces as one without the braces."""
    return f"\\text{{{found[2]}}}".ljust(len(found.group())) if found[2] in FUNCTION_WORDS else found.group()


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _spoken(made: Framed) -> None:
    """The squared norm of … as norm(…)^2: what stands behind such words, to the end, is the argument; x transpose times A as x^T * A."""
    at, closing = made.first, ""
    if half := F.HALF.match(made.text, at):
        made.text = made.text[:at] + "1/2*".ljust(half.end() - at) + made.text[half.end() :]
        at = len(made.text) - len(made.text[half.end() :].lstrip())
    while found := F.SPOKEN.match(made.text, at):
        spoken = next(name for name, words in found.groupdict().items() if words and name != "squared")
        behind = made.text[found.end() :].rstrip(" .,")
        if spoken == "inv" and F.SIGN_IN_WORDS.search(behind):  # the inverse of A times b
            break
        squared = found["squared"] or spoken in ("norm", "norm1", "distance") and behind.endswith(" squared")
        behind = behind.removesuffix(" squared") if squared else behind
        if spoken in ("inner", "distance"):
            behind = re.sub(r"\band\b", ",  " if spoken == "inner" else " -(", behind, count=1)
        function, end = {"squares": ("norm", ")^2"), "distance": ("norm", "))")}.get(spoken, (spoken, ")"))
        end += "^2" * bool(squared)
        made.notes.append(f"{' '.join(found.group().split())} is read as {function}(…){end.lstrip(')')}")
        made.text = made.text[: found.start()] + f"{function}(".rjust(found.end() - found.start()) + behind
        at, closing = found.end(), end + closing
    for found in F.SIGN_IN_WORDS.finditer(made.text):
        word = " ".join(found.group().split())
        made.notes.append(f"{word} is read as {F.SIGNS[word]}")
        made.text = made.text[: found.start()] + F.SIGNS[word].ljust(len(found.group())) + made.text[found.end() :]
    made.text += closing


def _asked_at_the_end(made: Framed) -> None:
    """… with respect to x; minimize … over x."""
    found = F.WITH_RESPECT_TO.search(made.text)
    if not found and F.ASKED.match(made.text, made.first):
        found = F.BY.search(made.text)
    made.explicit = made.explicit or found is not None
    if not found and F.MINIMUM.search(made.text):
        found = F.OVER_AT_THE_END.search(made.text)
    if found:
        _variables(made, found[1])
        made.drop(*found.span())
    question = F.QUESTION_BEHIND.search(made.text)
    if question:
        made.explicit = True
        made.drop(*question.span())


def _tails(made: Framed) -> None:
    """Constraints are left out; what stands behind "where", "with" or a comma defines and declares names."""
    mapping = F.MAPPING.match(made.text, made.first)
    if mapping:
        made.drop(*mapping.span())
    constraint = _outside(made.text, F.CONSTRAINT)
    if constraint:
        where = _outside(made.text, F.WHERE, constraint.end())
        end = where.start() if where else len(made.text)
        made.conditions += conditions(made.line[constraint.end() : end])  # where its lines are still seen
        made.drop(constraint.start(), end)
        _stop(made)
    where = _outside(made.text, F.WHERE)
    if where:
        tail = made.text[where.end() :]
        made.keep(0, where.start())
        made.declared = _said(tail, where.end(), made.line)
        _stop(made)
        return
    places = (m for f in (F.PARENTHESIS, F.FOR, F.COMMA) for m in [*outside(made.text, f.finditer(made.text))][:MOST_FRAMES])
    any(made.text[: found.start()].strip() and _told(made, found) for found in places)
    _conditions(made)


def _said_least(text: str) -> re.Match[str] | None:
    r"""The \min of a text, which is none of \lambda_{\min}."""
    found = outside(text, F.MINIMUM.finditer(text))
    return next((m for m in found if not text[: m.start()].rstrip().endswith("_")), None)


def _conditions(made: Framed) -> None:
    r"""\min_x f(x), \quad A x = b: what stands behind the comma, and defines nothing, are conditions."""
    least = _said_least(made.text)
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
        told = _said(tail, start, made.line)
    except MatcalcError:
        return False
    if told.definitions and re.match(F.TURNED_FACTOR, tail):
        return False
    made.declared = told
    last = next(reversed(made.declared.definitions.values()), None)
    named = re.match(rf"\s*({F.NAME})\s*:?=", made.text)
    if last and named and any(_occurs(named[1], d.text) for d in made.declared.definitions.values()):  # y = A x + b; L = …
        made.declared = _said(made.text[: made.text.rindex(last.text.strip(), 0, end)].rpartition(last.name)[0], 0, made.line)
        made.keep(end - len(last.text.lstrip()), end)
        return True
    made.keep(0, found.start())
    _stop(made)
    return True


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w\\]){re.escape(name)}(?!\w)", text) is not None


def _said(tail: str, start: int, line: str) -> Declarations:
    """Declarations and definitions in a text: "S = A B and A is symmetric"."""
    unseen = r"\\setminus\s*\\\{[^{}]*\\\}|\\[,;:! ]|\\q?quad\b|\\\\|\$|[.,;]\s*$"
    parted = re.sub(rf"({F.MATRIX})|{unseen}", lambda m: m[1] or " " * len(m.group()), tail)
    parted = F.AND.sub(lambda m: ",".ljust(len(m.group())), parted)
    try:
        found = declared(" " * start + parted)
    except MatcalcError as error:
        error.line = line
        raise
    return replace(found, definitions={n: d._replace(line=line) for n, d in found.definitions.items()})


def _heads(made: Framed) -> None:
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
            said = _said(head[begun:], start + begun, made.line)
        except MatcalcError:
            continue
        if said.definitions and not (opening or used):
            continue
        made.declared = made.declared.joined(said)
        made.drop(start, found.end(), told=False)
        return


def _before(made: Framed, said: Declarations) -> None:
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
        _variables(made, match[1])
        made.explicit = made.explicit or derivative
        made.drop(*match.span())


def _minimum(made: Framed, at: int) -> bool:
    r"""minimize, min_x, \arg\min_{x \in S}, min over x of."""
    polite = re.compile(F.PLEASE, re.IGNORECASE).match(made.text, at)
    found = F.MINIMUM.match(made.text, polite.end() if polite else at)
    if not found:
        return False
    end, inside = _subscript(made.text, found.end())
    inside = inside or (found["under"] or "")[1:-1]
    over = re.compile(F.OVER).match(made.text, end)
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


def _aim(made: Framed) -> None:
    r"""v^T P v \to \min."""
    arrow = _outside(made.text, F.AIM)
    found = F.MINIMUM.match(made.text, arrow.end()) if arrow else None
    if arrow and found:
        end, inside = _subscript(made.text, found.end())
        _least(made, inside or (found["under"] or "")[1:-1], "", found)
        mark = re.compile(r"\s*!").match(made.text, end)
        made.drop(arrow.start(), mark.end() if mark else end)
        _stop(made)


def _least(made: Framed, inside: str, rest: str, found: re.Match[str]) -> bool:
    """Takes down what a \\min says; nothing where what stands below it is an index of the `rest`."""
    names = re.split(r"\\in\b|∈|\bin\b|:|\\[lg]eq?\b|[≤≥<>]|\\succ|≻|\\colon", inside, maxsplit=1)[0]
    names = re.sub(r"_\s*\{\s*\d\s*:\s*\w+\s*\}", "", names)
    if re.fullmatch(F.NAMES, names := stepped(names)):
        variables = [n.strip() for n in re.split(r",", _outer(names)) if n.strip()]
        if variables and all(_only_an_index(v, rest) for v in variables):
            return False
        _variables(made, names)
    made.conditions += below(inside)
    made.wanted = "maximum" if re.search("max|sup", found.group()) else "minimum"
    return True


def _only_an_index(name: str, text: str) -> bool:
    """Whether a letter occurs below others only: max_i (a_i'x) is over an index."""
    letter = re.escape(name)
    below = re.search(rf"_\s*(?:\{{[^{{}}]*(?<![A-Za-z]){letter}(?![A-Za-z])[^{{}}]*\}}|{letter}(?![A-Za-z]))", text)
    alone = re.search(rf"(?<![\w\\_{{,]){letter}(?!\w)", text)
    return len(name) == 1 and below is not None and alone is None


def _whole(made: Framed, said: Declarations) -> None:
    """diff(f, x), D[f, x], d(f)/dx; D[i, j] is an entry, and so is what is indexed so where D is declared."""
    word = re.compile(r"\w*").match(made.text, made.first)
    if word and word[0] in said.symbols:
        return
    for question in F.QUESTIONS:
        found = question.match(made.text, made.first)
        if found and balanced(found[1]):
            _variables(made, found[2])
            made.explicit = True
            made.notes.append(f"read as the question: {' '.join(made.text.split())}")
            made.keep(*found.span(1))
            return


def _projection(made: Framed, said: Declarations) -> None:
    """P_Ω(X) of an Ω that nobody declares, or an array: a set of pairs, an array of zeros and ones."""
    found = F.PROJECTION.search(made.text)
    if not found:
        return
    name = found[1] or found[2]
    kind = said.symbols[name].kind if name in said.symbols else "matrix"
    if kind != "matrix" or f"P_{name}" in said.symbols or f"P_{name}" in said.definitions:
        return
    if re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", F.PROJECTION.sub(lambda _: "", made.text)):
        return
    if name not in ("Omega", "Ω", "Lambda", "E", "S") and f"P_{name}" not in said.symbols and name not in said.symbols:
        if re.search(TRANSPOSED, made.text[: found.start()]):  # (y - X b)' P_Z (y - X b)
            return
        hint = f"declare {name}: set (m, n) for the entries in it, P_{name}: (n, n) for a matrix; or define P_{name}(u) = …"
        raise failing(f"what does `{found.group().rstrip('(').strip()}` do?", found, hint)
    made.declared = made.declared.joined(declared(f"{name}: set"))
    made.notes.append(f"{name} is read as a set: an array of ones, where an index is in it, and zeros")


def _sides(made: Framed, said: Declarations) -> None:
    """Of several sides the last one is the objective; names of it on the left are left out, others have to agree with it."""
    zero = re.search(r"=\s*0\s*$", made.text) if made.explicit else None
    if zero:  # ∇f(x) = 0
        made.drop(*zero.span())
    signs = list(outside(made.text, F.EQUALS.finditer(made.text)))
    if not signs:
        return
    if len(signs) > MOST_SIDES:
        raise equation(signs[0])
    starts = [0, *(m.end() for m in signs)]
    ends = [*(m.start() for m in signs), len(made.text)]
    sides = [(a, b) for a, b in zip(starts, ends, strict=True)]
    text, (start, end) = made.text, sides[-1]
    if not text[start:end].strip():
        raise failing("expected a formula after `=`", signs[-1])
    named, others = False, []
    least = F.MINIMUM.match(text, F.INVISIBLE.match(text, start).end())  # type: ignore[union-attr]
    for (a, b), sign in zip(sides, signs, strict=False):
        head = Framed(" " * a + text[a:b], made.line)
        _before(head, said)
        label = re.sub(r"(?:\s|\\[,;:! ])+$", "", head.text[head.first : b])
        defining = least is not None or sign.group() != "="
        if named and re.search(F.CONDITIONAL, label) or _is_label(label, text[b + 1 :], said, defining=defining, first=not named):
            named = True
            made.variables += [v for v in head.variables if v not in made.variables]
            arguments = re.search(rf"{F.ARGUMENTS}\s*$", label)
            of = arguments[1] if arguments and not re.search(r"\||\\mid", arguments[1]) else ""
            solution = least is not None and "arg" in least[0]  # of x(θ) = argmin_x … the variable is x
            if not (made.variables or solution) and "(" not in (of := of.split(";")[0]):
                _variables(made, re.sub(r"\\(?:mathbf|boldsymbol|bm)\s*\{([^{}]*,[^{}]*)\}", r"\1", of))
            solved = re.fullmatch(F.SOLVED, label) if solution and not made.variables else None  # x* = argmin ||Ax - b||
            if solved and (name := solved[1] or solved[2]) in text[b:]:
                _variables(made, name)
            made.drop(a, sign.end())
        elif not label or not named and not (len(signs) == 1 and _of_one_kind(label, text[b + 1 :])):
            raise equation(sign)
        else:
            others.append(" " * a + text[a:b])
    made.sides = others
    made.keep(start, end)
    if others:
        made.notes.append(f"the sides of `{' '.join(text[sides[0][0] : end].split())}` {AGREE}")


def equation(sign: re.Match[str]) -> MatcalcError:
    message = "`=` makes an equation: an expression is read, not an equation"
    hint = "leave out `=` and what stands on the other side; a definition goes into where: e = y - X*b"
    return failing(message, sign, hint)


def _is_label(side: str, rest: str, said: Declarations, *, defining: bool, first: bool) -> bool:
    """Whether a side only names what stands on the other: f(x), a name that occurs nowhere else, dL/dx."""
    if not first:
        return re.fullmatch(rf"{F.LABEL}", side) is not None and "(" in side
    if re.fullmatch(F.DERIVATIVE, side) or re.fullmatch(F.ONLY_WORDS, side) and _is_spoken(side, said):
        return True
    side = re.sub(rf"^{F.LOG_OF_BARS}$", r"\1 \2", re.sub(rf"^{F.TIMES_A_NUMBER}", "", side))
    if side[-1:] in ("2", "}") and re.split(r"\W", side.strip("\\ "), maxsplit=1)[0] not in FUNCTIONS:
        side = re.sub(r"(?<=\))\s*\^\s*(?:2|\{2\})$", "", side)  # d(x, y)^2
    squared = re.fullmatch(F.SQUARED, side)
    also = squared and re.search(rf"(?<![A-Za-z]){re.escape(squared[1] or squared[2])}(?![A-Za-z])", rest)
    if squared and not also and re.search(F.SQUARED_TOO, rest):  # e'e = (y - X b)'(y - X b)
        return True
    if not side or not re.fullmatch(F.LABEL, side) and not (defining and re.fullmatch(F.NAMES, side)):
        return False
    if "(" in side or defining:
        return True
    if re.fullmatch("[A-Z]{1,2}[a-z]", side.strip()):  # A x = b
        return False
    if re.match(F.ACCENTED, side):  # \bar x = of x
        return re.sub(r"[\s{}]", "", side) not in re.sub(r"[\s{}]", "", rest)
    name = canonical(re.sub(r"\s", "", tidied(side)))
    letter = side.strip().lstrip("\\") if "_" in side else re.split(r"[\d_^'′’]", name)[0]
    below = r"_\s*(?:\{[^{}]*\}|\\?\w+)"
    rest = re.sub(rf"(?<![A-Za-z]){re.escape(letter)}\s*\}}?\s*{below}", "", rest) if "_" not in side else rest  # L = L_1 + L_2
    rest = re.sub(r"_\s*(?:\{[^{}]*\}|\\?[^\W_])", "", rest)  # \mathcal{L} = \sum_{l \in Y_L} …
    rest = re.sub(r"(?<!sum)(?<!prod)\^\s*(?:T(?!\w)|\{\s*T\s*\})", "", rest)  # T = \dot q^T M \dot q
    return name not in said.symbols and not re.search(rf"(?<![A-Za-z]){re.escape(letter)}(?![A-Za-z])", rest)


def _is_spoken(side: str, said: Declarations) -> bool:
    """Whether words are language, and no product: Cross Entropy Loss, log-loss."""
    words = re.split(r"-|\s+", side)
    minus = "-" in side and not re.search(r"\w-(?i:loss|error|likelihood)$", side)
    return (
        len(words) > 1 and not minus and said.symbols.keys().isdisjoint(words) and any(len(w) > 3 and w.lower() not in GREEK for w in words)
    )


def _of_one_kind(side: str, rest: str) -> bool:
    """Whether a side is a formula of letters that all stand on the other side too: both may be the objective, if they agree."""
    unseen = r"\\(?:begin|end|text|mathrm)\s*\{[^{}]*\}|\\[A-Za-z]+|_\s*(?:\{[^{}]*\}|\w)"
    letters = [set(re.findall(r"[^\W\d_]", re.sub(unseen, " ", part))) for part in (side, rest)]
    return bool(letters[0]) and letters[0] <= letters[1] and re.search(r"\||‖|\\Vert|\\sum|[Tt]r\b|\^", side) is not None


# --- pieces of text ----------------------------------------------------------------------------------------------------


def _variables(made: Framed, text: str) -> None:
    for part in re.split(r"[,;]", _outer(text)):
        name = part.strip().translate(LOWERED)
        if name and name not in made.variables:
            made.variables.append(name)


def _outer(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text[:1] + text[-1:] in ("{}", "()") and balanced(text[1:-1]) else text


def _stop(made: Framed) -> None:
    end = len(made.text.rstrip())
    while end and (mark := next((m for m in F.STOPS if made.text.endswith(m, 0, end)), "")):
        end = len(made.text[: end - len(mark)].rstrip())
    made.text = made.text[:end].ljust(len(made.text))


def _subscript(text: str, at: int) -> tuple[int, str]:
    """Where a subscript ends, and what is in it."""
    found = re.compile(r"\s*_\s*").match(text, at)
    if not found:
        return at, ""
    at = found.end()
    if text[at : at + 1] != "{":
        one = re.compile(rf"{F.FONT}|\\[A-Za-z]+|\w+").match(text, at)
        return (one.end(), one.group()) if one else (at, "")
    end = closed(text, at)
    return end, text[at + 1 : end - 1]


def _outside(text: str, frame: F.Frame, start: int = 0) -> re.Match[str] | None:
    return next(outside(text, frame.finditer(text), start), None)
