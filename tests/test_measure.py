"""The width of LaTeX, and formulas that fit a page: against the widths that pdfTeX gives Computer Modern at 11 pt."""

from __future__ import annotations

import re

import pytest

import matcalc as mc
from asking import derived
from matcalc.writing.breaking import broken_latex, page
from matcalc.writing.measure import EQUALS, PAGE, QUAD, ems
from test_form import ROWS

# ems, measured | formula
MEASURED = r"""
16.3 | = \frac{1}{2} (S^{-\top} B + B S^{-1}) = B (I + A B)^{-1}
19.7 | \mathrm{d}y = W_{2} ((W_{1} \, \mathrm{d}x) \odot (\mathbf{1} - \tanh(W_{1} x)^{\circ 2})) + \mathrm{d}x
13.5 | = \operatorname{tr}(R^{\top} \, \mathrm{d}R), \quad \mathrm{d}R = -(\mathrm{d}D) X
6.6  | \frac{3 \|x - y\|^{2} - s^{2}}{s^{4}}
18.5 | = (y - X b)^{\top} \operatorname{d}(S^{-1}) (y - X b) + \operatorname{tr}(S^{-1} \, \mathrm{d}S)
7.9  | -2 x \oslash (\mathbf{1} + x^{\circ 2})^{\circ 2}
21.3 | \frac{1}{\|x\|} \left(\frac{1}{\|x\|} \left(g''(\|x\|) - \frac{g'(\|x\|)}{\|x\|}\right) x x^{\top} + g'(\|x\|) I\right)
18.2 | = \frac{1}{\sqrt{(a^{\top} S a) (b^{\top} T b)}} \left(A b - \frac{a^{\top} A b}{a^{\top} S a} S a\right)^{\top} \, \mathrm{d}a
9.9  | \operatorname{Diag}(\Phi(x) + x \odot \varphi(x))
12.1 | \frac{1}{t} \left(Z^{\top} \operatorname{softmax}\left(\frac{Z x}{t}\right) - y\right)
9.0  | \frac{c}{\|x\|^{5}} (3 x x^{\top} - \|x\|^{2} I)
9.2  | \sum_{i=1}^{n} \log\left(1 + \frac{x_{i}^{\top} A x_{i}}{2}\right)
5.7  | \sqrt{x^{\top} M x + \frac{1}{2}}
3.6  | \begin{bmatrix} A & B \\ C & D \end{bmatrix}
16.8 | \text{put the differential in, rotate the trace}
3.6  | \hat{\mu} + \bar{W} \boldsymbol{\beta}
"""


@pytest.mark.parametrize("row", MEASURED.strip().splitlines())
def test_a_formula_is_as_wide_as_tex_sets_it(row: str) -> None:
    measured, formula = (part.strip() for part in row.split(" | "))
    assert ems(formula) == pytest.approx(float(measured), rel=0.1)


WIDE = [
    ("logdet(V) + logdet(X'*inv(V)*X) + y'*(inv(V) - inv(V)*X*inv(X'*inv(V)*X)*X'*inv(V))*y", "V", "V: (n,n) spd; X: (n,p); y: (n)"),
    ("tr(X'*A'*inv(B + X'*C*X + D*X + X'*D')*A*X)", "X", "B: (n,n); C: (m,m); D: (n,m); X: (m,n); A: (n,m)"),
    ("2*sum(log(diag(chol(S)))) + y'*inv(S)*y", "S", "S: (n,n) spd; y: (n)"),
    ("log(det(X'*A*X))", "X", "X: (n,m); A: (n,n) symmetric"),
    ("norm(tanh(A*x + b)/(1 + exp(a'*x)) - y)^3", "x", "A: (m,n); b: (m); y: (m); a: (n)"),
]


@pytest.mark.parametrize("granularity", ["brief", "full"])
@pytest.mark.parametrize(("expression", "by", "where"), [*WIDE, *((r[1], r[2], r[5]) for line in ROWS[::5] if (r := line.split(" | ")))])
def test_derivations_fit_a_page(expression: str, by: str, where: str, granularity: str) -> None:
    order = next((line.split(" | ")[0].strip() for line in ROWS if line.split(" | ")[1:3] == [expression, by]), "grad")
    d = derived(order, expression.strip(), by.strip(), where.strip())
    rows = d.steps(granularity).latex().removeprefix("\\begin{align}\n").removesuffix("\n\\end{align}").split(" \\\\\n")
    cells = [re.sub(r" \\notag| \\tag\{\d+\}", "", row).split("&") for row in rows]
    left = max(ems(row[0]) for row in cells)
    right = max(ems(row[1]) for row in cells if "\\rlap" not in row[1])
    rule = max((1 + ems(row[3]) for row in cells if len(row) > 2), default=0)
    assert left + right + rule <= PAGE
    assert all(left + EQUALS + ems(row[1]) <= PAGE for row in cells if "\\rlap" in row[1])
    for made in (d.latex(), d.differential.latex()):
        lines = re.sub(r"\\(begin|end)\{aligned\}", "", made).split(r" \\ ")
        assert sum(max(ems(cell) for cell in column) for column in zip(*(line.split("&") for line in lines), strict=True)) <= PAGE + QUAD


def test_a_wide_formula_reads_back() -> None:
    wide = " + ".join(f"tr(A_{k}*X*B_{k}*X'*C_{k})" for k in range(6))
    d = mc.grad(wide, "X", where="X: (m, n)")
    assert d.latex().startswith(r"\begin{aligned}")
    assert mc.parse(d.latex(), where=d.where) is d.expr


# width | formula | its lines
BROKEN = r"""
6 | a + \frac{a b c d e f g h + b c d e f g h}{s + t} x | a + \frac{1}{s + t} ;; \cdot (a b c d e f g h ;; + b c d e f g h) x
8 | \|A x - b\| + \|A y - c\| + d                       | \|A x - b\| ;; + \|A y - c\| + d
7 | A \left(\frac{a}{b} + c d e f g h k\right) B        | A \biggl(\frac{a}{b} ;; + c d e f g h k\biggr) B
5 | \sqrt{a b c d e f g h k l + m n}                    | (a b c d e f g h ;; \cdot k l ;; + m n)^{1/2}
7 | (a b c d e f + g) (a b c d e f + g h k)             | (a b c d e f + g) ;; \cdot (a b c d e f + g h k)
"""


@pytest.mark.parametrize("row", BROKEN.strip().splitlines())
def test_a_formula_is_broken_at_its_outermost_operators(row: str) -> None:
    width, formula, lines = (part.strip() for part in row.split(" | "))
    assert broken_latex(formula, float(width)) == [line.strip() for line in lines.split(";;")]


def test_what_is_in_lines_stays() -> None:
    assert page(r"\begin{aligned} a &= b \end{aligned}") == r"\begin{aligned} a &= b \end{aligned}"
