r"""What a text has for the eye alone: dollars, environments, tags, \underbrace, several lines, a final stop."""

from __future__ import annotations

import re

from matcalc.reading.brackets import closed, outside
from matcalc.reading.framing import patterns as F
from matcalc.reading.framing.framed import Framed, blanks, least_of, stopped, subscript
from matcalc.reading.latex.commands import FUNCTION_WORDS
from matcalc.reading.stipulated import compares, conditions
from matcalc.reading.symbols import Declarations
from matcalc.reading.tree import failing


def without_typography(made: Framed) -> None:
    """Comments, dollars, environments, tags, a final stop and MATLAB's ... at the end of a line are not seen."""
    made.text = re.sub(r"\.\.\.[^\S\n]*\n", blanks, made.text) if "\n" in made.text else made.text
    for comment in F.COMMENT.finditer(made.text):
        made.drop(*comment.span())
    made.text = re.sub(F.ANGLES, r"⟨\1⟩", made.text) if "<" in made.text else made.text
    if "\n" in made.text and re.match(F.ASSIGNED, made.text):
        made.text = made.text.rstrip().replace("\n", ";").ljust(len(made.text))
    made.text = re.sub(F.BODY, r"\1 \2 ", made.text) if "function" in made.text else made.text
    made.text = re.sub(F.MODULES, blanks, made.text) if ":-" in made.text else made.text
    for pattern in F.TYPOGRAPHY if "\\" in made.line or "$" in made.line or "`" in made.line else ():
        made.text = re.sub(pattern, blanks, made.text)
    if "\\lvert" in made.text:
        made.text = re.sub(F.TWO_BARS, lambda m: "\\lVert".ljust(len(m[1])) + m[2] + "\\rVert".ljust(len(m[3])), made.text)
    made.text = re.sub(F.UPRIGHT, _upright, made.text) if "{" in made.text else made.text
    if "\\underset" in made.text:
        made.text = re.sub(F.OVER_SIGN, lambda m: f"{m[3]}_{m[2]}^{m[1]}".ljust(len(m[0])), made.text)
        made.text = re.sub(F.UNDER_SIGN, lambda m: (f"{m[3]}_{m[1]}^{m[2]}" if m[3] else f"{m[4]}_{m[1]}").ljust(len(m[0])), made.text)
    for word in re.finditer(F.WRAPPED, made.text):
        _unbraced(made, word.end())
        made.drop(*word.span(), told=False)
    for brace in re.finditer(F.UNDERBRACE, made.text):  # what stands below one says what it is, and is not seen
        end = closed(made.text, brace.end())
        made.drop(*brace.span(), told=False)
        if re.compile(r"\s*[_^]").match(made.text, end):
            made.drop(end, subscript(made.text.replace("^", "_"), end)[0], told=False)
    for _ in range(2 if "{" in made.text else 0):
        for operand in [m for m in re.finditer(F.SIGNED, made.text) if m[1] not in FUNCTION_WORDS]:
            _unbraced(made, operand.end())
    for index in dict.fromkeys(m[1] for m in re.finditer(F.PRIMED_INDEX, made.text)):
        _unprimed(made, index)
    array = re.search(r"\\begin\s*\{array\}\s*(?:\{[^{}]*\})?", made.text)
    if array and re.search(r"\{\s*(?:min|max)imi[sz]e", made.text):
        made.drop(*array.span(), told=False)
        made.text = re.sub(r"\\end\s*\{array\}", blanks, made.text)
    if ("&" in made.text or "\\\\" in made.text) and not re.search(r"\\begin\s*\{|\\substack", made.text):
        made.text = re.sub(r"\\\\(?:\[[^\]]*\])?|(?<!\\)&", blanks, made.text)
    if re.search(F.MID_AS_BAR, made.text):
        made.text = re.sub(r"\\mid(?![A-Za-z])", "|   ", made.text)
    made.text = re.sub(r"\\Sigma(?=\s*_\s*\{\s*[a-z]\s*=)", r"\\sum  ", made.text)
    made.text = re.sub(r"(\\mathcal\s*\{?\s*N\s*\}?\s*(?:\\left\s*)?\(\s*[^;()|]*);", r"\1|", made.text)  # N(x; mu, Sigma)
    stopped(made)


def sigmas_as_sums(made: Framed, said: Declarations) -> None:
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


def check_lines(made: Framed) -> None:
    """Raises ParseError for two lines of the objective, or two formulas in one, with no sign of an operation between them."""
    for wide in [*outside(made.text, re.finditer(F.WIDE, made.text))] if "quad" in made.text else ():
        if not re.search(F.LIMITED, made.text[: wide.start()]):
            hint = "write the sign of the operation, or give one of the two"
            raise failing("what stands between the two formulas?", wide, hint)
    whole = "\\\\" not in made.line or _is_escaped(made.line) or re.search(r"matrix|array|cases|substack", made.line)
    for torn in re.finditer(F.TORN, made.line) if not whole else ():
        if made.text[torn.start()] != " " != made.text[torn.end()]:
            hint = "write the sign of the operation at the end or the begin of a line"
            raise failing("what stands between the two lines?", torn.span(1), hint)


def _is_escaped(line: str) -> bool:
    """Whether all backslashes are doubled, as in a string of a program."""
    return re.search(r"\\\\[A-Za-z]", line) is not None and not re.search(r"(?<!\\)\\[A-Za-z]", line)


def one_equation(made: Framed) -> None:
    """Raises ParseError for several equations below one another; `&=` goes on with the one before."""
    if _is_escaped(made.line):
        made.text = made.text.replace("\\\\", " \\")
    if "\\\\" not in made.text or re.search(r"\\begin\s*\{(?:\w*matrix|array|cases|split)|\\substack", made.text):
        return
    constraint = F.CONSTRAINT.search(made.text)
    objective = re.sub(rf"[_^]\s*{F.BRACED}", blanks, made.text[: constraint.start()] if constraint else made.text)  # \sum_{i=1}
    first, *more = re.split(r"\\\\(?:\[[^\]]*\])?", made.text)
    least = more and not constraint and least_of(first)
    lines = [re.sub(r"^(?:[\s&]|\\[,;:! ])+", "", line) for line in more if least and conditions(line)]
    if lines and all(compares(line) and line[0] not in "=+" for line in lines):
        made.text = made.text.replace("\\\\", ", ")  # a condition in each line
        return
    equations = list(re.finditer(r"(?:^|\\\\(?:\[[^\]]*\])?)((?:(?!\\\\)[^=])*)(?<![<>!:])=", objective))
    left = [m for m in equations if re.sub(r"\\(?:begin|end)\s*\{[^{}]*\}|\\q?quad\b|\\[,;:! ]|[&\s$]", "", m[1])]
    if len(left) > 1:
        hint = "give the one to differentiate; what it needs is defined in where: e = y - X*b"
        raise failing("several equations stand here", left[1].span(1), hint)


def over_index(found: re.Match[str]) -> str:
    """A sum over i = 1 to n of … as it is written with signs."""
    index, first, last = found.groups()
    return (f"sum_{{{index}={first}}}^{last}" if last else f"sum_{index}").ljust(len(found.group()))


def _upright(found: re.Match[str]) -> str:
    """A function in a font and in braces as one without the braces."""
    return f"\\text{{{found[2]}}}".ljust(len(found.group())) if found[2] in FUNCTION_WORDS else found.group()
