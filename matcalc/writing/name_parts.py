"""How a name is taken apart for paper: x_1 and W1 have an index, alpha and μ are Greek, dX is a differential."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_LOWER = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega"
GREEK: dict[str, str] = {}  # the name of a letter → the letter
for _i, _name in enumerate(_LOWER.split()):
    _code = 0x3B1 + _i + (_i > 16)  # ς stands between ρ and σ
    GREEK[_name], GREEK[_name.capitalize()] = chr(_code), chr(_code - 0x20)
LETTERS = {letter: name for name, letter in GREEK.items()}
LETTERS |= {"ϵ": "epsilon", "ϑ": "theta", "ϕ": "phi", "ς": "sigma", "∂": "partial"}


_MOVING = re.compile(rf"d(?:[^\W\d_]|[A-Z]\w*|{_LOWER.replace(' ', '|')})(?:_?\d+|_\w+)?")
ACCENTS = ("hat", "bar", "tilde", "dot", "ddot", "check")


class Name(NamedTuple):
    """A name's stem, its index ("" without one), and whether it is a differential d…"""

    stem: str
    below: str
    differential: bool


@lru_cache(maxsize=4096)
def taken_apart(name: str) -> Name:
    """The parts of a name.

    >>> taken_apart("x_1"), taken_apart("W12")
    (Name(stem='x', below='1', differential=False), Name(stem='W', below='12', differential=False))
    >>> taken_apart("dX"), taken_apart("data").stem
    (Name(stem='X', below='', differential=True), 'data')
    """
    name = unicodedata.normalize("NFKC", name)
    differential = _MOVING.fullmatch(name) is not None
    rest = name[1:] if differential else name
    match = re.fullmatch(r"([^\W_]*?[^\W\d_])_?(\d+)", rest)
    stem, index = match.groups() if match else rest.split("_", 1) if "_" in rest.strip("_") else (rest, "")
    return Name(stem, index, differential) if stem else Name(rest, "", differential)
