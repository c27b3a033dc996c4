"""Matrices of matrices in LaTeX: their `&` and `\\\\` part blocks, those of other environments nothing.

The text is read on with signs that say what they are, each in its place: characters that nobody types.
"""

from __future__ import annotations

import re

from matcalc.reading.framing.patterns import FONT
from matcalc.reading.tree import failing

OPEN, BESIDE, NEXT, CLOSE = "\ue010", "\ue011", "\ue012", "\ue013"
_NAMES = "(?:[bp]?matrix|[bp]?smallmatrix|array|Bmatrix)"
_PIECE = re.compile(
    rf"(?P<open>\\begin\s*\{{{_NAMES}\*?\}}(?:\s*\[[lcr]\]|(?<=array\}})\s*\{{[lcr|@{{}} ]*\}})?)|(?P<close>\\end\s*\{{{_NAMES}\*?\}})"
    r"|(?P<begin>\\begin\s*\{[^{}]*\})|(?P<end>\\end\s*\{[^{}]*\})|(?P<next>\\\\(?:\s*\[[^\]]*\])?)|(?P<beside>(?<!\\)&)"
)
_LETTER = rf"(?:{FONT}|\\[A-Z][a-z]+|[A-Za-z])(?:\s*_\s*(?:\{{[^{{}}]*\}}|\\?\w))?"
_WIDE = r"(?:\s|\\,)*(?:\\[;: ]|~|\\q?quad(?![A-Za-z]))(?:\s|~|\\[,;: ]|\\q?quad(?![A-Za-z]))*"
_ROW = rf"(?:\\left\s*)?\[((?:\s|\\,)*{_LETTER}(?:{_WIDE}{_LETTER})+(?:\s|\\,)*)(?:\\right\s*)?\]"


def _row(found: re.Match[str]) -> str:
    """[A\\;B] as the blocks that it shows side by side; behind a letter it may be an argument, and is asked about."""
    if re.search(r"[A-Za-z}]\s*$", found.string[: found.start()]):
        hint = r"write \begin{bmatrix}A & B\end{bmatrix} for blocks, and a product without wide spaces"
        raise failing("are these blocks side by side, or is it a product?", found, hint)
    inside = re.sub(_WIDE, lambda m: BESIDE.ljust(len(m[0])), found[1])
    before, behind = found.start(1) - found.start(), found.end() - found.end(1)
    return OPEN.ljust(before) + inside + CLOSE.rjust(behind)


def marked(line: str) -> str:
    r"""The line with the signs of its block matrices, character for character; what stands around a matrix stays.

    >>> marked(r"\begin{bmatrix} A & B \end{bmatrix}").split()
    ['\ue010', 'A', '\ue011', 'B', '\ue013']
    """
    line = re.sub(_ROW, _row, line) if "[" in line else line
    if "matrix" not in line and "array" not in line:
        return line
    out, within = list(line), list[bool]()
    for piece in _PIECE.finditer(line):
        kind = piece.lastgroup
        sign = ""
        if kind in ("open", "begin"):
            within.append(kind == "open")
            sign = OPEN if kind == "open" else ""
        elif kind in ("close", "end"):
            if not within and kind == "close":
                raise failing("this matrix begins nowhere", piece)
            sign = CLOSE if within and within.pop() else ""
        elif within and within[-1]:
            last = kind == "next" and re.match(r"\s*\\end\b", line[piece.end() :])  # a line that ends the matrix is none
            sign = " " if last else NEXT if kind == "next" else BESIDE
        if sign:
            out[piece.start() : piece.end()] = sign.ljust(piece.end() - piece.start())
    if any(within):
        raise failing("this matrix ends nowhere", (len(line), len(line) + 1), r"\begin{bmatrix} A & B \\ C & D \end{bmatrix}")
    return "".join(out)
