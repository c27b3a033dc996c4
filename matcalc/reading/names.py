"""What a name says by its spelling: matrix, vector or scalar; and which letters only look like others."""

from __future__ import annotations

import re
import unicodedata

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi rho varrho "
    "sigma varsigma tau upsilon phi varphi chi psi omega".split()
)
_SPELLED = rf"(?:{'|'.join(sorted(GREEK))})(?:_?\d+|_\w+)?"  # compiled when first used

_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega".split()
)
_LETTER = {chr(0x3B1 + i + (i > 16)): name for i, name in enumerate(_LETTERS)}  # ς stands between ρ and σ
_LETTER |= {letter.upper(): name.capitalize() for letter, name in _LETTER.items()}

# Constants of programming languages: taken for variables they would give a derivative of something else.
FOREIGN = frozenset("None True False NaN nan inf Inf Infinity NULL null undefined true false".split())

# Letters of other alphabets that cannot be told from Latin ones.
LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТХУЅІЈаеорсхуіјѕԛԝҺһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTXYSIJaeopcxyijsqwHh" + "ABEZHIKMNOPTYXo",
)  # fmt: skip


def is_greek(name: str) -> bool:
    """Whether a name is a lower-case Greek letter, or one spelled out, perhaps with an index.

    >>> [n for n in ("σ", "lambda1", "mu_k", "Sigma", "x", "mum") if is_greek(n)]
    ['σ', 'lambda1', 'mu_k']
    """
    first = name[0]
    return (not first.isascii() and "α" <= first <= "ω" or first in "ϑϕϵϱϖ") or re.fullmatch(_SPELLED, name) is not None


def spelled_out(name: str) -> str:
    """A Greek letter, with the index it may have, as a word.

    >>> spelled_out("φ"), spelled_out("Σ_1"), spelled_out("x")
    ('phi', 'Sigma_1', 'x')
    """
    letter, index = name[:1], name[1:]
    return _LETTER.get(letter, letter) + index if not index or index[0] == "_" else name


def kind_by_spelling(name: str) -> str:
    """Upper case is a matrix, lower-case Greek a scalar, anything else a column vector.

    >>> kind_by_spelling("X"), kind_by_spelling("alpha"), kind_by_spelling("x")
    ('matrix', 'scalar', 'vector')
    """
    if name[0].isupper():
        return "matrix"
    return "scalar" if is_greek(name) else "vector"


def describe(character: str) -> str:
    """A character in words, for error messages.

    >>> describe("А")
    '`А` (U+0410, Cyrillic capital letter a)'
    """
    code = f"U+{ord(character):04X}"
    if not character.isprintable() or "\ud800" <= character <= "\udfff":
        return f"the character {code}"
    name = unicodedata.name(character, "").capitalize()
    return f"`{character}`" if character.isascii() or not name else f"`{character}` ({code}, {name})"


def plain(text: str) -> str:
    """`text` with full-width and mathematical alphabets as plain letters, each one in its place; 𝟏 is the ones of our own Unicode.

    >>> plain("𝐗＊Ａ")
    'X*A'
    """
    if text.isascii():
        return text
    return "".join(_plain(c) if c >= "\uff01" else c for c in text)


def _plain(c: str) -> str:
    if c != "𝟏" and "\U0001d400" <= c <= "\U0001d7ff" or "\uff01" <= c <= "\uff5e":
        return unicodedata.normalize("NFKC", c)
    return c
