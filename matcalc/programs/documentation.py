"""The docstring of a program: its formulas, the shapes of its arguments and of its results, and how they are laid out.

Whatever an expression is made of, the text is one string of Python: it is escaped here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.expr import Expr
from matcalc.expr.dims import Shape, Size
from matcalc.expr.properties import minimal
from matcalc.programs.given import array_axes, indices_of
from matcalc.writing.width import filled

WIDTH = 96


def docstring(lines: Sequence[str]) -> list[str]:
    """Lines of a documentation, quoted for Python.

    >>> print(*docstring(["S²", "", "S: (n, n) spd"]), sep="\\n")
    \"\"\"S²
    <BLANKLINE>
    S: (n, n) spd
    \"\"\"
    """
    lines = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    if len(lines) == 1:
        return [f'"""{lines[0]}."""']
    return ['"""' + lines[0], *lines[1:], '"""']


def documented(
    doc: Sequence[str],
    given: Mapping[str, Expr],
    parameters: Mapping[str, str],
    results: Sequence[Expr],
    notes: Sequence[str] = (),
    fixed: Collection[str] = (),
    over: Sequence[tuple[Size, ...]] = (),
) -> list[str]:
    """The lines of a documentation: `doc`, then facts on arguments (`given` by name, called `parameters`) and results.

    `over` are the axes of the results before their own, if they have such.
    Where some arguments are `fixed`, it is of a function of those that returns a function of the others.

    >>> from matcalc.expr import symbol, variable
    >>> S = variable("S", (symbol("n"), symbol("n")), {"spd"})
    >>> documented(["S²"], {"S": S}, {"S": "S"}, [S @ S])
    ['S²', '', 'S: (n, n) spd; returns (n, n)']
    """
    called = {n: x if n == x or n.isascii() or not n.isidentifier() else f"{x} ({n})" for n, x in parameters.items()}
    told = {n: " ".join([f"{called[n]}: {_shown(v.shape, indices_of(v))}", *minimal(v.data[1])]) for n, v in given.items()}
    returned = "returns " + ", ".join(_shown(e.shape, axes) for e, axes in zip(results, over or ((),) * len(results), strict=True))
    moving = [text for n, text in told.items() if n not in fixed]
    facts = filled([text for n, text in told.items() if n in fixed], WIDTH)
    if not fixed:
        facts = filled([*moving[:-1], f"{moving[-1]}; {returned}" if moving else returned], WIDTH)
    elif moving:
        facts += filled([*moving[:-1], f"{moving[-1]} that {returned}"], WIDTH, "returns the function of ")
    facts += filled(notes, WIDTH, comma="; ")
    return [*_paragraphs(doc), *facts]


def _paragraphs(doc: Sequence[str]) -> list[str]:
    clean = ["".join(c if c.isprintable() else " " for c in line).rstrip() for text in doc for line in text.split("\n")]
    whole = "\n".join(clean).strip("\n")
    return [*whole.split("\n"), ""] if whole.strip() else []


def _shown(shape: Shape, before: tuple[Size, ...] = ()) -> str:
    rows, columns = shape
    if before:
        return f"({', '.join(map(str, (*before, *array_axes(shape))))})"
    return "scalar" if shape == (1, 1) else f"({rows})" if columns == 1 else f"({rows}, {columns})"
