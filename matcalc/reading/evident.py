r"""Declarations that a text makes by itself: ``w_{y_i}`` makes y_i a label, ``r(x^m, x^n) =`` makes x^m a name.

The λ_max of a norm, or of x'…, is a number of its own: the eigenvalue of a number is not meant.

What is declared so is tried, and told in a note; where it does not fit, the text is read without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.reading.symbols import canonical

_SUM = r"(?:\\sum|∑|\bsum)\s*(?:\\limits)?\s*_\s*"
_LABEL = r"_\s*\{\s*(?:\\([a-z]+)|([a-z]))\s*(?:_\s*\{?|\^?\s*\{?\s*\()\s*([a-z])\s*\)?\s*\}?\s*\}"  # μ_{c_i}, μ_{c(i)}, μ_{c^{(i)}}
_ARGUMENTS = r"[^=()]*\(((?:[^=()]|\([^=()]*\))*)\)\s*:?="
_RAISED = r"([a-z])\s*\}?\s*\^\s*\{?\s*([a-su-z])\s*\}?"
_PRIMED = r"([a-z])(?:'|\^\s*\{?\s*\\prime\b)"
_BELOW = r"(?:_(?:\{[^{}]*\}|\w))?"
_PRIME = r"(?:['′]|\^\s*\{?\s*\\prime(?![A-Za-z])\s*\}?)"
_TURNS = r"(?:[ᵀ⊤]|\^\s*\{?\s*(?:T|⊤|\\(?:top|intercal)(?![A-Za-z])))"
_TWICE = rf"(?<![^\W\d])(\\?[^\W\d_]+)\}}?{_BELOW}\s*(?:{_PRIME}{_BELOW}\s*{_TURNS}|\^\s*\{{\s*\\prime\s*(?:T|\\top)\s*\}})"  # x'^T, x'_i^T
_TWICE_INSIDE = rf"[({{]\s*(?:\\[a-z]+[\s{{]+)?(\\[a-z]+|[A-Za-z])\}}?{_BELOW}{_PRIME}{_BELOW}\s*[)}}]{_BELOW}\s*{_TURNS}"  # {x'_i}^T
_TENSOR = r"(?<![\\A-Za-z])([A-Z])_\s*\{?\s*([a-z])\s*,?\s*([a-z])\s*,?\s*([a-z])\s*(?:\}|\b)"
_SIGNED = r"(?<![\\A-Za-z])([a-z])\s*\}?\s*\^\s*(?:\{\s*[-−]\s*\}|[-−](?=\s*(?:[)\]},|_^]|\\\|)))"
_FONT = r"\s*(?:\\(?:text|mathrm|operatorname|mathbf|boldsymbol|bm)\s*)?\{?\s*"
_TURNED = r"[a-z]\s*\}?\s*(?:['′ᵀ⊤]|\^\s*\{?\s*(?:T|⊤|\\top|\\intercal)(?![a-z]))"
_OF_A_NUMBER = rf"\\(lambda|sigma)\s*_\s*\{{?{_FONT}\\?(max|min)(?![A-Za-z])[\s}}]*(?:\\left|\\[bB]igg?l?)?\s*"
_OF_A_NUMBER += rf"(?:\|\||‖|\\\||\\[lr]?[vV]ert|{_FONT}{_TURNED})"  # λ_max ‖x‖², λ_max x^T A x


def evident(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    r"""The declarations that a text makes plain, in the ways that are to be tried; `known` are names that are declared.

    >>> evident(r"\sum_{i=1}^N w_{y_i}^\top x_i")
    ['y_i: integer, i = 1..N']
    >>> evident(r"r(\mathbf{x}^m, \mathbf{x}^n) = \|x^m - x^n\|"), evident("(a^{+} - a^{-})^2")
    (['x^m: real; x^n: real'], ['a^{+}: real; a^{-}: real'])
    >>> evident(r"\sum_{ijk} T_{ijk} x_i y_j z_k")[0]
    'T_i: (q, r), i = 1..p'
    """
    if not any(sign in text for sign in ("_", "'", "^")):
        return []
    alone = set(re.findall("(?<![A-Za-z])[a-z](?![A-Za-z])", text))
    free = [c for c in "pqrmndkshtuv" if c not in alone]

    def told(sizes: list[str]) -> str:
        return "; ".join(dict.fromkeys(e for e in _entries(text, sizes, known) if known.isdisjoint(_heads(e))))

    first = told(free[:3]) if len(free) > 2 else ""
    return [*dict.fromkeys((first, told(free[:1] * 3)))] if first else []


def told_of(way: str) -> list[str]:
    """The notes on declarations that a text makes.

    >>> told_of("x': real; y_i: integer, i = 1..p")
    ["x' is read as another variable, x_prime", 'read with y_i: integer, i = 1..p']
    """
    entries = way.split("; ")
    primes = [name for name in (e.removesuffix(": real") for e in entries) if name.endswith("'")]
    rest = "; ".join(e for e in entries if e.removesuffix(": real") not in primes)
    return [f"{name} is read as another variable, {canonical(name)}" for name in primes] + [f"read with {rest}"] * (rest != "")


def _heads(entry: str) -> set[str]:
    """The names that a declaration is of: x_i with its x."""
    head = entry.partition(":")[0]
    stem, _, index = head.partition("_")
    return {head, stem if len(index) == 1 else stem[0]} if index else {head}


def _entries(text: str, free: list[str], known: frozenset[str]) -> Iterator[str]:
    """What a text declares, with three names for sizes that no limit names; a prime before a transpose is one of what is `known`."""

    def last(index: str, size: str) -> str:
        upto = re.search(rf"_\s*\{{?\s*{index}\s*=\s*1\s*\}}?\s*\^\s*\{{?\s*(\w+)", text)
        return upto[1] if upto else size

    below = "_" in text
    labels = re.findall(_LABEL, text) if below else ()
    yield from (f"{greek or name}_{index}: integer, {index} = 1..{last(index, free[0])}" for greek, name, index in labels)
    for name, *letters in re.findall(_TENSOR, text) if below else ():
        if all(re.search(rf"{_SUM}\{{?[a-z,\s]*{i}", text) for i in letters):
            rows, *sizes = map(last, letters, free)
            yield f"{name}_{letters[0]}: ({', '.join(sizes)}), {letters[0]} = 1..{rows}"
    arguments = re.match(_ARGUMENTS, text) if "=" in text else None
    head = arguments[1] if arguments else ""
    yield from (f"{name}^{mark}: real" for name, mark in re.findall(_RAISED, head))
    turned = any(sign in text for sign in "^ᵀ⊤") and any(sign in text for sign in ("'", "′", "prime"))
    twice = {name.strip("\\") for pattern in (_TWICE, _TWICE_INSIDE) for name in re.findall(pattern, text)} if turned else set()
    yield from (f"{name}': real" for name in (*re.findall(_PRIMED, head), *sorted(n for n in twice if not n[0].isupper())))
    for name in re.findall(_SIGNED, text) if "^" in text else ():
        yield from (f"{name}^{{{sign}}}: real" for sign in "+-" if re.search(rf"{name}\s*\}}?\s*\^\s*\{{?\s*{re.escape(sign)}", text))
    yield from (f"{letter}_{end}: scalar" for letter, end in re.findall(_OF_A_NUMBER, text) if below)
