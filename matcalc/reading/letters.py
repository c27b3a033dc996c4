"""The kind that a name has by its spelling: matrix, vector or scalar; and which letters only look like others."""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import lru_cache

_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_ALPHABET = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega"
GREEK = frozenset((*_ALPHABET.split(), "varepsilon", "vartheta", "varrho", "varsigma", "varphi"))
_SPELLED = rf"(?:{'|'.join(sorted(GREEK))})(?:_?\d+|_\w+)?"  # compiled when first used
GREEK_LETTERS = dict(zip(_LETTERS, _ALPHABET.split(), strict=True))
GREEK_LETTERS |= {letter.upper(): name.capitalize() for letter, name in GREEK_LETTERS.items()}
_WORD = {name: letter for letter, name in GREEK_LETTERS.items()}

_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot"}

FUNCTION_LETTERS = frozenset(("f", "g", "h", "phi", "varphi", "psi", "sigma", "rho"))  # with a prime, the derivative of a function
VECTORS = frozenset("mu nu xi phi varphi psi".split())  # with an index they are as often vectors as numbers
WEIGHTS = frozenset("lam lamb lamda lmbda reg eps lr".split())  # in programs: numbers, where nothing says that they are arrays
MATRICES = frozenset("matrix mat cov covariance corr adj".split())  # words that say what a name is
# Words of programming languages: taken for variables they would give a derivative of something else.
FOREIGN = frozenset("None True False NaN nan inf Inf Infinity NULL null undefined true false begin return def function".split())

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


@lru_cache(maxsize=1024)
def one_name(name: str) -> str:
    """The same for all spellings of one name: λ, lambda and lambda_, σ₁, sigma1 and sigma_1.

    >>> one_name("λ"), one_name("lambda_"), one_name("σ1"), one_name("x_1")
    ('lambda', 'lambda', 'sigma_1', 'x_1')
    """
    stem = name[:-1] if name[-1:] == "_" and keyword.iskeyword(name[:-1]) else name
    word, index = re.fullmatch(r"(.*?)(_.*|\d*)", stem, re.DOTALL).groups()  # type: ignore[union-attr]
    word = GREEK_LETTERS.get("μ" if word == "µ" else word, word)
    return f"{word}_{index}" if word in _WORD and index[:1].isdigit() else word + index


@lru_cache(maxsize=1024)
def spellings(name: str) -> tuple[str, ...]:
    """How else a name is spelled; nothing where it is no Greek letter.

    >>> spellings("σ1"), spellings("lambda"), spellings("x")
    (('sigma_1', 'σ_1', 'sigma1'), ('λ', 'lambda_'), ())
    """
    known = one_name(name)
    word, _, index = known.partition("_")
    if word not in _WORD:
        return ()
    letter, tail = _WORD[word], f"_{index}" if index else ""
    also = [word + index, letter + index] * index.isdigit() + [f"{word}_"] * (not index and keyword.iskeyword(word))
    return tuple(n for n in dict.fromkeys((known, letter + tail, *also)) if n != name)


def looks_like(name: str) -> str:
    """The same for names that are easily taken for each other: x1 and x_1, ε and varepsilon, Latin and Cyrillic a.

    >>> looks_like("W_1") == looks_like("W1"), looks_like("varphi") == looks_like("φ"), looks_like("x") == looks_like("X")
    (True, True, False)
    """
    word = one_name(unicodedata.normalize("NFKC", name).translate(LOOK_ALIKE)).replace("_", "")
    return word.removeprefix("var") if word in GREEK else word


def accented(name: str) -> str:
    """A name with an accent over a letter as it is spelled here.

    >>> accented("ŷ"), accented("x̄_1"), accented("é")
    ('y_hat', 'x_bar_1', 'é')
    """
    apart = unicodedata.normalize("NFD", name)
    found = re.sub(f"(\\w)([{''.join(_ACCENTS)}])", lambda m: f"{m[1]}_{_ACCENTS[m[2]]}", apart)
    return name if found == apart else found


def kind_by_spelling(name: str) -> str:
    """Upper case and cov_matrix are matrices, lower-case Greek and lam scalars, anything else a column vector.

    >>> kind_by_spelling("X"), kind_by_spelling("lam"), kind_by_spelling("x"), kind_by_spelling("cov"), kind_by_spelling("Δx")
    ('matrix', 'scalar', 'vector', 'matrix', 'vector')
    """
    if name[0] in "Δδ" and name[1:2].isalpha():  # a step
        return "matrix" if name[1].isupper() else "vector"
    if name[0].isupper() or len(name) > 2 and not MATRICES.isdisjoint(name.split("_")):
        return "matrix"
    return "scalar" if name in WEIGHTS or is_greek(one_name(name)) else "vector"


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


RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
LETTERS_BELOW = "ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉" + LETTERS_BELOW, "0123456789aeijklmnoprstuvx")
_LOWER = re.compile(f"[₀-₉{LETTERS_BELOW}]+")
_SLASHES = str.maketrans("⁄∕÷", "///")


def with_indices(text: str) -> str:
    """A text with small letters and digits below as indices: x_i of xᵢ."""
    return text if text.isascii() else _LOWER.sub(lambda m: "_" + m.group().translate(LOWERED), text)


def plain(text: str) -> str:
    """`text` with full-width and mathematical alphabets and slashes as plain ones, each in its place; 𝟏 is the ones of our own Unicode.

    >>> plain("𝐗＊Ａ")
    'X*A'
    """
    if text.isascii():
        return text
    text = text.translate(_SLASHES)
    return re.sub("[\uff01-\uff5e\U0001d400-\U0001d7ff]", lambda m: m[0] if m[0] == "𝟏" else unicodedata.normalize("NFKC", m[0]), text)
