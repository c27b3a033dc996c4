r"""LaTeX in declarations as the plain language, each character in its place: ``\mu \in \mathbb{R}^d`` is ``mu ∈ ℝ^d``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from matcalc.reading.latex.commands import ACCENTS, FONTS, LETTERS

# What is written, and what it is; blanks fill it up to the length that it had.
Row = tuple[str, str | Callable[[re.Match[str]], str]]
_DOTS: tuple[Row, ...] = (
    (r"\\(?:ldots|cdots|dots)\b|\.\.+|…", "‥"),
    (r",\s*‥\s*,?|‥\s*,",                 "‥"),
)  # fmt: skip
_SIGNS: tuple[Row, ...] = (
    (r"\\(?:mathbb|mathds|Bbb)\s*\{?\s*R\s*\}?",                "ℝ"),
    (r"\\(?:mathbb|mathds|Bbb)\s*\{?\s*C\s*\}?",                "ℂ"),
    (r"\\(?:mathbb|mathds|Bbb|mathcal)\s*\{?\s*S\s*\}?",        "𝕊"),
    (r"\\times(?![A-Za-z])",                                              "×"),
    (r"\\in(?![A-Za-z])",                                                 "∈"),
    (r"\\succeq(?![A-Za-z])|\\succcurlyeq(?![A-Za-z])",                             "⪰"),
    (r"\\succ(?![A-Za-z])",                                               "≻"),
    (r"\\geq?(?![A-Za-z])",                                               "≥"),
    (r"\\gt(?![A-Za-z])",                                                 ">"),
    (r"\\to(?![A-Za-z])|\\rightarrow(?![A-Za-z])|\\mapsto(?![A-Za-z])",                       "→"),
    (r"\\(?:quad|qquad)(?![A-Za-z])|\\[,;:!> ]|\\\\|\$|&|~",              ""),
    (r"\\([{}])",                                               lambda m: m[1]),
)  # fmt: skip


@lru_cache(maxsize=1)
def _letters() -> tuple[Row, ...]:
    """Letters with fonts and accents, and Greek ones, as names."""

    def accented(m: re.Match[str]) -> str:
        return f"{m[2] or m[3] or m[4]}_{ACCENTS[chr(92) + m[1]]}"

    fonts, accents = ("|".join(re.escape(name[1:]) for name in sorted(names)) for names in (FONTS, ACCENTS))
    return (
        (rf"\\(?:{fonts})(?![A-Za-z])\s*(?:\{{\s*([^{{}}]*?)\s*\}}|(\\?\w))",           lambda m: m[1] or m[2]),
        (rf"\\({accents})\s*(?:\{{\s*\\?(\w+)\s*\}}|\\([A-Za-z]+)|([A-Za-z]))", accented),
        (r"\\([A-Za-z]+)",                                                  lambda m: " " + LETTERS.get(m[0], m[1])),
    )  # fmt: skip


def tidied(line: str) -> str:
    r"""The text without LaTeX, of the same length.

    >>> tidied(r"\mu \in \mathbb{R}^d, i = 1, \ldots, n")
    ' mu ∈   ℝ         ^d, i = 1‥         n'
    """
    latex = "\\" in line or "$" in line
    rows = (*_DOTS, *_SIGNS, *_letters()) if latex else _DOTS if ".." in line or "…" in line else ()
    for pattern, meant in rows:
        line = re.sub(pattern, partial(_filled, meant), line)
    line = re.sub(r"(?<=\w)( +)(_(?:\w+|\{[^{}]*\}))|(?<=_)( +)(\w+)", r"\2\4\1\3", line) if latex else line  # \hat{y}_i   h_\theta
    return re.sub(r"_\{(\w+)\}", lambda m: f"_{m[1]}".ljust(len(m.group())), line) if "_{" in line else line


def _filled(meant: str | Callable[[re.Match[str]], str], found: re.Match[str]) -> str:
    return (meant if isinstance(meant, str) else meant(found)).ljust(len(found.group()))
