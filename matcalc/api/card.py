"""A derivative as a small HTML card: formula, differential, notes, and tabs for the symbols, the program and the steps.

Plain HTML and CSS; the only thing it needs of the page is MathJax, which every notebook viewer has.  Where a browser cannot
show `details` as tabs, or a viewer takes the style away, they are what they are: sections that fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING
from zlib import crc32

from matcalc.errors import MatcalcError
from matcalc.expr import Expr
from matcalc.writing.latex import latex

if TYPE_CHECKING:
    from matcalc.api.answer import Derivative
    from matcalc.reading import Symbol

TITLES = {"grad": "gradient", "jacobian": "Jacobian", "hessian": "Hessian"}
LARGEST_EXPRESSION = 60  # names and operators of the expression that is named in the heading

_STYLE = """<style>
.matcalc{border:1px solid #8886;border-left:4px solid #4a7ab5;border-radius:4px;padding:.6em 1em;margin:.4em 0;max-width:62em}
.matcalc .formula{font-size:1.12em;margin:.2em 0;padding:.3em 0}
.matcalc div{overflow-x:auto;overflow-y:hidden;white-space:nowrap}
.matcalc .small{font-size:.9em;opacity:.8}
.matcalc table{border-collapse:collapse;margin:.3em 0;font-size:.9em}
.matcalc td,.matcalc th{text-align:left!important;padding:.15em 1.2em .15em 0;border:0;background:none}
.matcalc summary{cursor:pointer;font-size:.9em;color:#4a7ab5}
@supports selector(::details-content){
.matcalc .tabs{display:flex;flex-wrap:wrap;margin-top:.5em}
.matcalc details{display:contents}
.matcalc details::details-content{order:1;flex:0 0 100%;min-width:0;overflow-x:auto}
.matcalc summary{list-style:none;padding:.15em .9em;border-bottom:2px solid #8883}
.matcalc details[open]>summary{border-color:#4a7ab5;font-weight:600}}
.matcalc pre,.matcalc code{background:none}
.matcalc pre{overflow-x:auto;padding:.6em;margin:.3em 0;border:1px solid #8883;font-size:.85em}
</style>"""


def card(d: Derivative) -> str:
    """The card of a derivative.

    >>> from matcalc import grad
    >>> html = card(grad("norm(A*x - b)^2", "x"))
    >>> html.count("<details"), "2 A^{\\\\top}" in html
    (3, True)
    """
    name = f"matcalc-{crc32(d.latex().encode()):08x}"  # of details of one name, one is open
    tabs = (("symbols", _symbols(d.symbols.values())), ("Python", _program(d)), ("steps", _steps(d)))
    parts = [
        f'<div class="small">{_heading(d)}</div>',
        f'<div class="formula">{_math(d.latex())}</div>',
        f'<div class="small">{_math(d.differential.latex())}</div>',
        f'<div class="small">read as: {escape(d.read_as)}</div>',
        *(f'<div class="small">• {escape(note)}</div>' for note in dict.fromkeys((*d.legend, *d.notes, *d.assumptions))),
        f'<div class="tabs">{"".join(_tab(name, title, inside) for title, inside in tabs)}</div>',
    ]
    return f'{_STYLE}<div class="matcalc">{"".join(parts)}</div>'


def _math(source: str) -> str:
    return rf"$\displaystyle {escape(source)}$"


def _heading(d: Derivative) -> str:
    of = f" of {_inline(d.of)}" if d.of.weight <= LARGEST_EXPRESSION else ""
    rows, columns = d.shape
    shape = "a scalar" if d.expr.is_scalar else f"({rows})" if columns == 1 else f"({rows}, {columns})"
    layout = f", {escape(d.layout)}" if d.order != "grad" or d.transposed else ""
    return f"{TITLES.get(d.order, d.order)}{of} by {_inline(d.wrt)}: {escape(shape)}{layout}"


def _inline(e: Expr) -> str:
    return f"${escape(latex(e))}$"


def _symbols(symbols: Iterable[Symbol]) -> str:
    rows = []
    for s in symbols:
        shape = "" if s.shape is None or s.kind in ("scalar", "index", "size") else f"({s.shape[0]}, {s.shape[1]})"
        shape = f"({s.shape[0]})" if s.kind == "vector" and s.shape else shape
        cells = (s.name, s.kind, shape, ", ".join(sorted(s.properties)), _origin(s))
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _origin(s: Symbol) -> str:
    return f"inferred: {s.reason}" if s.reason else "inferred" if s.inferred else "declared"


def _program(d: Derivative) -> str:
    try:
        return f"<pre><code>{escape(d.code('numpy'))}</code></pre>"
    except MatcalcError:
        return ""


def _steps(d: Derivative) -> str:
    try:
        steps = list(d.steps())
    except MatcalcError:
        return ""
    rows = (f"<tr><td>{_math(s.latex)}</td><td>{escape(s.rule)}</td></tr>" for s in steps)
    return f"<table>{''.join(rows)}</table>"


def _tab(name: str, title: str, inside: str) -> str:
    return f'<details name="{name}"><summary>{title}</summary>{inside}</details>' if inside else ""
