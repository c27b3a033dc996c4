r"""What an objective is subject to, as its own text says: behind "subject to", and below \min.

For a derivative that is left out.  Where a minimum is asked for, it counts.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from itertools import pairwise

from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.expr import Expr
from matcalc.reading.brackets import outside
from matcalc.reading.declaring import EQUATIONS, declared
from matcalc.reading.described import NAME, RANGE
from matcalc.reading.framing.patterns import AIM, MINIMUM
from matcalc.reading.tidying import tidied

_LEFT_OUT = "left out: "
_NO_PART = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\s*\{[a-z|]*\})?|\\(?:label|tag)\s*\{[^{}]*\}|\$|&")
_BETWEEN = re.compile(r"[,;\n]|\\\\(?:\[[^\]]*\])?|\\q?quad(?![A-Za-z])|\\text\s*\{\s*and\s*\}|\band\b")
_FOR_ALL = re.compile(
    r"(?:\\forall(?![A-Za-z])|∀|\bfor\s+(?:all|every|each)\b|\\text\s*\{\s*for\s+(?:all|every|each)\s*\}).*?(?=[,;\n]|\\\\|$)"
)
_AROUND = re.compile(r"^(?:[\s.]|\\[,;:! ])+|(?:[\s.]|\\[,;:! ])+$")
_NO_EQUATION = re.compile(
    r"[<>≤≥≠≺≻⪯⪰∈]|(?<=\s)in(?=\s)|\\(?:le|ge|leq|geq|leqslant|geqslant|lt|gt|ne|neq|preceq?|succeq?|preccurlyeq|succcurlyeq|in|subset\w*)(?![A-Za-z])"
)
_ENTRIES = re.compile(rf"^({NAME}|\\[a-z]+)_(?:\{{\s*[a-z]\s*\}}|[a-z](?![A-Za-z]))(?=\s*(?:[<>≥≤]|\\[gl]e))")  # x_i ≥ 0


def conditions(text: str) -> list[str]:
    r"""The conditions in a text, one by one, without the indices that they hold for.

    >>> conditions(r"A x = b, \; x_i \ge 0, \; i = 1, \ldots, n")
    ['A x = b', 'x_i \\ge 0']
    """
    text = _NO_PART.sub(lambda m: " " * len(m[0]), text)
    for ranged in re.finditer(RANGE, tidied(text)):
        text = text[: ranged.start()] + " " * len(ranged[0]) + text[ranged.end() :]
    text = _FOR_ALL.sub(lambda m: " " * len(m[0]), text)
    cuts = [(0, 0), *(m.span() for m in outside(text, _BETWEEN.finditer(text))), (len(text), len(text))]
    parts = (_AROUND.sub("", text[end:start]) for (_, end), (start, _) in pairwise(cuts))
    return [" ".join(part.split()) for part in parts if re.search(r"\w", part)]


def compares(condition: str) -> bool:
    r"""Whether it is an equation or an inequality.

    >>> compares(r"A x \le b"), compares("x_1")
    (True, False)
    """
    return "=" in condition or _NO_EQUATION.search(condition) is not None


def below(inside: str) -> list[str]:
    r"""The conditions below \min: those behind a colon, else all of it where that compares something.

    >>> below(r"w : X w = y"), below(r"\|x\| = 1"), below(r"X \succeq 0"), below("x, y")
    (['X w = y'], ['\\|x\\| = 1'], ['X \\succeq 0'], [])
    """
    behind = next(outside(inside, re.finditer(r":|\\colon(?![A-Za-z])|\\mid(?![A-Za-z])", inside)), None)
    whole = inside[behind.end() :] if behind else inside if compares(inside) else ""
    return conditions(whole)


def told(given: Iterable[str], known: Container[str] = ()) -> tuple[list[str], list[str]]:
    r"""The equations among conditions, and the declarations that say more than is `known`.

    Raises UnsupportedError for a condition that is neither.

    >>> told([r"\|u\| = \|v\| = 1", "x >= 0", r"w \in \mathbb{R}^n"])
    (['\\|u\\| = 1', '\\|v\\| = 1'], ['x >= 0', 'w \\in \\mathbb{R}^n'])
    """
    equations: list[str] = []
    declarations: list[str] = []
    for condition in given:
        if "=" in condition and not _NO_EQUATION.search(condition.replace(">=", "≥").replace("<=", "≤")):
            *sides, last = equated(condition)
            equations += [f"{side.strip()} = {last.strip()}" for side in sides]  # ‖u‖ = ‖v‖ = 1
            continue
        of_all = _ENTRIES.sub(r"\1", condition)
        try:
            said = declared(of_all)
        except MatcalcError:
            said = None
        if said is None or not said.symbols:
            hint = "declare what it says of a variable, as in x: (n) nonnegative; or leave it out of the text"
            raise UnsupportedError(f"the text has the condition `{condition}`, which is no equation", hint=hint) from None
        if not all(name in known for name in said.symbols) or any(s.properties for s in said.symbols.values()):
            declarations.append(of_all)
    return equations, declarations


def said_of_one(equations: Iterable[str | Expr]) -> list[str]:
    r"""Those of the equations that say that a matrix is symmetric or skew: they are declarations, and ask for no multipliers.

    >>> said_of_one([r"X = X^\top", "A*x = b", "W' = -W"])
    ['X = X^\\top', "W' = -W"]
    """
    linear = [re.compile(pattern) for pattern, meant in EQUATIONS if meant in ("symmetric", "skew")]
    return [e for e in equations if isinstance(e, str) and any(pattern.match(e.strip()) for pattern in linear)]


def equated(text: str) -> list[str]:
    r"""The sides of an equation; the k = 1 below a sum is none.

    >>> equated(r"\sum_{k=1}^K p_k = 1")
    ['\\sum_{k=1}^K p_k ', ' 1']
    """
    signs = [m.start() for m in outside(text, re.finditer("=", text))]
    return [text[a + 1 : b] for a, b in pairwise((-1, *signs, len(text)))]


def counted(notes: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    r"""The notes where a minimum is asked for: \min and conditions are not left out.

    >>> counted((r"left out: \min_w", "left out: s.t. A x = b"), ["A x = b"])
    ('subject to A x = b, as the text says',)
    """
    counts = [
        n
        for n in notes
        if (what := n.removeprefix(_LEFT_OUT)) != n and (MINIMUM.match(what) or AIM.match(what) or any(c in what for c in given))
    ]
    told_now = [f"subject to {'; '.join(given)}, as the text says"] if given else []
    return (*(n for n in notes if n not in counts), *told_now)
