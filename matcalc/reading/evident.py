r"""Declarations that a text makes by itself: ``w_{y_i}`` makes y_i a label, ``r(x^m, x^n) =`` makes x^m a name, (a, b) ∈ S two families.

What is declared so is tried, and told in a note; where it does not fit, the text is read without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_LABEL = r"_\s*\{\s*([a-z])_\s*\{?\s*([a-z])\s*\}?\s*\}"
_PAIR = r"(?:\\sum|∑|\bsum)\s*(?:\\limits)?\s*_\s*"
_PAIR += r"\{\s*\(\s*([a-z])\s*,\s*([a-z])\s*\)\s*(?:\\in\b|∈)\s*(?:\\mathcal\s*)?\{?\s*([A-Z])\s*\}?\s*\}"
_ARGUMENTS = r"[^=()]*\(((?:[^=()]|\([^=()]*\))*)\)\s*:?="
_RAISED = r"([a-z])\s*\}?\s*\^\s*\{?\s*([a-su-z]|\(\s*\w\s*\))\s*\}?"
_PRIMED = r"([a-z])(?:'|\^\s*\{?\s*\\prime\b)"
_SIGNED = r"(?<![\\A-Za-z])([a-z])\s*\^\s*(?:\{\s*[-−]\s*\}|[-−](?=\s*[)\]},]))"


def evident(text: str, known: Collection[str]) -> Iterator[str]:
    r"""The declarations that a text makes plain, one way after the other; `known` are names that are declared.

    >>> [*evident(r"\sum_{i=1}^N w_{y_i}^\top x_i", ())], [*evident(r"\sum_{(a,b) \in S} \|M a - b\|^2", ())][0]
    (['y_i: integer, i = 1..N'], '(a, b): (p), (q) in S')
    >>> [*evident(r"r(\mathbf{x}^m, \mathbf{x}^n) = \|x^m - x^n\|", ())], [*evident("(a^{+} - a^{-})^2", ())]
    (['x^m: real; x^n: real'], ['a^{+}: real; a^{-}: real'])
    """
    free = [c for c in "pqrmnd" if not re.search(rf"(?<![A-Za-z]){c}(?![A-Za-z])", text)]
    said: dict[str, None] = {}
    for name, index in re.findall(_LABEL, text):
        if name not in known:
            upto = re.search(rf"_\s*\{{?\s*{index}\s*=\s*1\s*\}}?\s*\^\s*\{{?\s*(\w+)", text)
            said[f"{name}_{index}: integer, {index} = 1..{upto[1] if upto else free[-1] if free else 'n'}"] = None
    arguments = re.match(_ARGUMENTS, text)
    for name, mark in re.findall(_RAISED, arguments[1]) if arguments else ():
        said[f"{name}^{mark.strip('()')}: real"] = None
    for name in re.findall(_PRIMED, arguments[1]) if arguments else ():
        said[f"{name}': real"] = None
    for name in re.findall(_SIGNED, text):
        said.update({f"{name}^{{{sign}}}: real": None for sign in "+-" if re.search(rf"{name}\s*\^\s*\{{?\s*{re.escape(sign)}", text)})
    entries = [entry for entry in said if entry.partition(":")[0] not in known]
    pair = re.search(_PAIR, text)
    if pair and pair[3] not in known and len(free) > 1 and not re.search(rf"_\s*\{{?[^{{}}]*[{pair[1]}{pair[2]}]", text[pair.end() :]):
        for sizes in (free[:2], free[:1] * 2):
            yield "; ".join([*entries, f"({pair[1]}, {pair[2]}): ({sizes[0]}), ({sizes[1]}) in {pair[3]}"])
    elif entries:
        yield "; ".join(entries)
