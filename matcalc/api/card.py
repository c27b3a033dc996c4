"""A derivative as a small HTML card: its reading, formula, differential and notes; symbols, program and steps fold.

It needs nothing of the page but MathJax, which every notebook viewer has: no script and no style sheet, so that an untrusted notebook
looks the same.  Nothing is wider than the cell: long formulas are broken, and what is still too long scrolls in its own line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from matcalc.errors import MatcalcError
from matcalc.expr import Expr
from matcalc.limits import HEAVIEST_HEADING
from matcalc.reading import Symbol
from matcalc.writing.breaking import page
from matcalc.writing.latex import latex

if TYPE_CHECKING:
    from matcalc.api.methods import Derivative


class Answer(Protocol):
    """Anything that says how it was read."""

    @property
    def read_as(self) -> str: ...

    @property
    def symbols(self) -> Mapping[str, Symbol]: ...


TITLES = {"grad": "gradient", "jacobian": "Jacobian", "hessian": "Hessian"}

# Styles stand in the elements, and are such as viewers of untrusted notebooks let pass: those take style sheets away.
_CARD = "border:1px solid #88888866;border-left:4px solid #4a7ab5;border-radius:4px;padding:0.5em 1em;margin:0.4em 0;max-width:62em"
_SMALL = "font-size:0.9em;opacity:0.8;white-space:normal;overflow-wrap:break-word;margin:0.15em 0"
_FORMULA = "font-size:1.12em;overflow-x:auto;overflow-y:hidden;white-space:nowrap;padding:0.3em 0"
_LINE = "overflow-x:auto;overflow-y:hidden;white-space:nowrap;padding:0.2em 0"
_CELL = "text-align:left;padding:0.1em 1.2em 0.1em 0;border:0"
_SUMMARY = "cursor:pointer;font-size:0.9em;color:#4a7ab5"
_CODE = "overflow:auto;max-height:24em;white-space:pre;padding:0.6em;margin:0.3em 0;border:1px solid #88888833;font-size:0.85em"


def card(*answers: Derivative) -> str:
    """The card of a derivative, or of those by several variables: how the formula was read comes first.

    >>> from matcalc import grad
    >>> html = card(grad("norm(A*x - b)^2", "x"))
    >>> html.count("<details"), "2 A^{\\\\top}" in html, html.index("read as") < html.index("gradient")
    (3, True, True)
    """
    return _div(_CARD, _read(answers[0]) + "".join(map(_answer, answers)))


def framed(answer: Answer, heading: str, formula: str, notes: Iterable[str], steps: Iterable[tuple[str, str]]) -> str:
    """The card of another answer: its reading, heading, formula and notes; its symbols, its program if it has one, and its steps fold."""
    tabs = {"symbols": _symbols(answer.symbols.values()), "Python": _program(answer), "steps": _broken(steps)}
    shown = _div(_FORMULA, _math(page(formula))) if formula else ""
    return _div(_CARD, _read(answer) + _div(_SMALL, escape(heading)) + shown + _told(notes) + _tabs(tabs, "" if formula else "steps"))


def _answer(d: Derivative) -> str:
    tabs = {"symbols": _symbols(d.symbols.values()), "Python": _program(d), "steps": _steps(d)}
    formulas = _div(_FORMULA, _math(d.latex())) + _div(_LINE, _math(d.differential.latex()))
    return _div(_SMALL, _heading(d)) + formulas + _told(_notes(d)) + _tabs(tabs)


def _read(answer: Answer) -> str:
    return _div(_SMALL, f"read as: {escape(answer.read_as)}")


def _told(notes: Iterable[str]) -> str:
    return "".join(_div(_SMALL, f"• {escape(note)}") for note in notes)


def _notes(d: Derivative) -> list[str]:
    """Notes and assumptions, each once; the layout is in the heading."""
    return [note for note in dict.fromkeys((*d.legend, *d.notes, *d.assumptions)) if note != d.layout]


def _div(style: str, inside: str) -> str:
    return f'<div style="{style}">{inside}</div>'


def _math(source: str) -> str:
    return rf"$\displaystyle {escape(source)}$"


def _heading(d: Derivative) -> str:
    of = f" of {_inline(d.of)}" if d.of.weight <= HEAVIEST_HEADING else ""
    rows, columns = d.shape
    shape = "a scalar" if d.expr.is_scalar else f"({rows})" if columns == 1 else f"({rows}, {columns})"
    layout = f", {escape(d.layout)}" if d.order != "grad" or d.transposed else ""
    return f"{TITLES.get(d.order, d.order)}{of} by {_inline(d.wrt)}: {escape(shape)}{layout}"


def _inline(e: Expr) -> str:
    return f"${escape(latex(e))}$"


def _symbols(symbols: Iterable[Symbol]) -> str:
    lines = []
    for s in symbols:
        shape = "" if s.shape is None or s.kind in ("scalar", "index", "size") else f"({s.shape[0]}, {s.shape[1]})"
        shape = f"({s.shape[0]})" if s.kind == "vector" and s.shape else shape
        cells = (s.name, s.kind, shape, ", ".join(sorted(s.properties)), _origin(s))
        lines.append("<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in cells) + "</tr>")
    return _div(_LINE, f'<table style="border-collapse:collapse;font-size:0.9em">{"".join(lines)}</table>') if lines else ""


def _origin(s: Symbol) -> str:
    return f"inferred: {s.reason}" if s.reason else "inferred" if s.inferred else "declared"


def _program(answer: Any) -> str:
    if not hasattr(answer, "code"):
        return ""
    try:
        return f'<pre style="{_CODE}"><code>{escape(answer.code("numpy"))}</code></pre>'
    except MatcalcError:
        return ""


def _steps(d: Derivative) -> str:
    try:
        return _lines((s.rule, s.aligned) for s in d.steps())
    except MatcalcError:
        return ""


def derivation(steps: Iterable[tuple[str, str]]) -> str:
    """The card of a derivation: of each step the rule, and its line as LaTeX.

    >>> derivation([("the gradient is zero", "2 x = 0")]).count("<div")
    3
    """
    return _div(_CARD, _broken(steps))


def _broken(steps: Iterable[tuple[str, str]]) -> str:
    return _lines((rule, page(line)) for rule, line in steps)


def _lines(steps: Iterable[tuple[str, str]]) -> str:
    return "".join(_div(_SMALL, f"({k}) {escape(rule)}") + _div(_LINE, _math(line)) for k, (rule, line) in enumerate(steps, 1))


def _tabs(tabs: Mapping[str, str], shown: str = "") -> str:
    """Sections that fold; the one called `shown` is open."""
    summary = f'<summary style="{_SUMMARY}">'
    return "".join(
        f"<details{' open' * (title == shown)}>{summary}{title}</summary>{inside}</details>" for title, inside in tabs.items() if inside
    )
