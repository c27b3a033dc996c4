r"""Formulas with named parts, as matcalc writes them: 2 S X \quad\text{where}\quad S = (A + B)^{-1},\; T = …"""

from __future__ import annotations

import re

_WHERE = r"\\(?:text|mathrm|textrm|mbox)\s*\{\s*(?:where|with)\s*\}"
_BREAKS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def with_parts(text: str) -> tuple[str, list[tuple[str, str]]]:
    r"""The formula, and the names and formulas of its parts; each padded with blanks so that places stay what they are.

    >>> with_parts(r"A S \quad\text{where}\quad S = B")
    ('A S \\quad', [('S', '                               B')])
    """
    match = re.search(_WHERE, text)
    if not match:
        return text, []
    parts: list[tuple[str, str]] = []
    start, depth = match.end(), 0
    for at in range(start, len(text) + 1):
        c = text[at : at + 1]
        depth += _BREAKS.get(c, 0)
        if (c == "," and not depth and text[at - 1] != "\\") or at == len(text):
            name, sign, _ = text[start:at].partition("=")
            if sign:
                body = start + len(name) + 1
                parts.append((_bare(name), " " * body + text[body:at]))
            start = at + 1
    return text[: match.start()], parts


def _bare(name: str) -> str:
    return re.sub(r"\\(?:quad|qquad|[,;:! ])", "", name).strip()
