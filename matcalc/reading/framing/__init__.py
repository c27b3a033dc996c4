r"""Takes off what stands around an objective: ``f(x) =``, ``\min_w``, ``gradient of … with respect to x``, ``subject to …``.

What is taken off is replaced by blanks, so that every place stays what it was.  What is left is the objective; a frame may
name the variable, define names and declare them.  The words and signs that are looked for are in `patterns`.
"""

from __future__ import annotations

import re

from matcalc.errors import ParseError
from matcalc.limits import MOST_CHARACTERS
from matcalc.operators import FUNCTIONS
from matcalc.reading.declaring import declared
from matcalc.reading.framing import patterns as F
from matcalc.reading.framing.aims import aim, asked_at_the_end, before, whole
from matcalc.reading.framing.framed import Framed
from matcalc.reading.framing.sides import sides
from matcalc.reading.framing.telling import heads, tails
from matcalc.reading.framing.typography import check_lines, one_equation, over_index, sigmas_as_sums, without_typography
from matcalc.reading.functions import TRANSPOSED
from matcalc.reading.refusals import check
from matcalc.reading.symbols import NOTHING, Declarations
from matcalc.reading.tree import failing


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
    one_equation(made)
    without_typography(made)
    sigmas_as_sums(made, said)
    made.text = F.SUM.sub(over_index, made.text)
    asked_at_the_end(made)
    aim(made)
    tails(made)
    if not made.variables:
        asked_at_the_end(made)
    heads(made)
    before(made, said)
    whole(made, said)
    sides(made, said)
    before(made, said)
    whole(made, said)
    _spoken(made)
    _projection(made, said)
    check_lines(made)
    if made.text.strip():
        check(made.text, said.joined(made.declared))
    return made


def _is_bare(line: str, said: Declarations) -> bool:
    """Whether nothing stands in a text but operators, numbers, functions, single letters and names that are declared."""
    if not F.BARE.fullmatch(line) or "d/d" in line or said.definitions or not said.symbols.keys() >= set(F.WITH_PLACES.findall(line)):
        return False
    words = ((word, F.ASKING if called and word in FUNCTIONS else F.MARKS) for word, called in F.WORD.findall(line))
    return all(len(word) == 1 or (word in FUNCTIONS or word in said.symbols) and word not in marks for word, marks in words)


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
