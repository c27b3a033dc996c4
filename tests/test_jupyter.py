"""Notebooks: the cards they show, and the magics of the extension."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

import matcalc as mc
from matcalc.expr import symbol, variable

pytest.importorskip("IPython")

from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import get_ipython


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    made = get_ipython()
    made.run_line_magic("load_ext", "matcalc")
    return made


class Balanced(HTMLParser):
    """Checks that every element that opens closes, and gathers the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_derivative_is_a_card() -> None:
    d = mc.grad("norm(A*x - b)", "x", where="A: (m, n)")
    bundle = d._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/latex", "text/html"}
    page = Balanced(bundle["text/html"])
    assert page.seen.count("details") == 3
    assert not {"script", "style"} & set(page.seen)  # an untrusted notebook shows neither
    assert page.text.startswith(f"read as: {d.read_as}")
    assert f"$\\displaystyle {d.latex()}$" in page.text
    assert d.differential.latex() in page.text
    assert d.code("numpy") in page.text
    assert all(note in page.text for note in d.notes)
    assert "inferred" in page.text and "declared" in page.text
    assert all(step.aligned in page.text for step in d.steps())


@pytest.mark.parametrize(
    "d",
    [
        lambda: mc.jacobian("A*X*B", "X"),
        lambda: mc.hessian("x'*A*x", "x"),
        lambda: mc.grad("norm(X - D*R)^2", "D,R"),
        lambda: mc.grad("tr(A*S)", "S", where="A: (n, n); S: (n, n) symmetric"),
        lambda: mc.grad("a'*X*b", "X[:,j]", where="X: (m, n)"),
        lambda: mc.grad("f(A*X)", "X", where="X: (m, n); f: (p, n) -> (); A: (p, m)"),
        lambda: mc.grad("normnuc(X)", "X"),
        lambda: mc.grad("norm(A*x - b)^2", "x", layout="numerator"),
    ],
)
def test_every_kind_of_answer_is_a_whole_page(d) -> None:
    Balanced(d()._repr_mimebundle_()["text/html"])


def test_a_long_formula_is_broken_or_has_names() -> None:
    long = " + ".join(f"tr(A_{k}*X*B_{k}*X'*C_{k})" for k in range(6))
    html = mc.grad(long, "X", where="X: (m, n)")._repr_mimebundle_()["text/html"]
    assert html.count("\\\\ &amp; +") == 3
    wide = mc.grad("log(sum(exp(A*x + b))) * norm(exp(A*x + b) - c)^2", "x", where="A: (m, n)")
    assert wide.is_wide and r"\text{where}\quad" in wide._repr_mimebundle_()["text/html"]


LONG = [
    lambda: mc.curvature("log(sum(exp(A*x + b)))", "x"),
    lambda: mc.curvature("norm(A*x - b)", "x"),
    lambda: mc.curvature("lambda_max(S)", "S", "S: (n, n) symmetric"),
    lambda: mc.curvature("logdet(X) - logdet(X + A)", "X", "X: (n, n) spd; A: (n, n) spd"),
    lambda: mc.solve("x'*A*x", "x", "A: (n, n) symmetric; x: (n) unit"),
    lambda: mc.hessian("logdet(X'*A*X)", "X", "A: (n, n) spd; X: (n, k)"),
    lambda: mc.grad("log(sum(exp(A*x + b))) * norm(exp(A*x + b) - c)^2", "x", where="A: (m, n)"),
]


@pytest.mark.parametrize("answer", LONG)
def test_formulas_of_a_card_fit_a_cell_and_its_fonts(answer) -> None:
    card = answer()
    html = card._repr_html_() if hasattr(card, "_repr_html_") else card._repr_mimebundle_()["text/html"]
    formulas = [unescape(f) for f in re.findall(r"\$\\displaystyle (.*?)\$</div>", html, re.DOTALL)]
    assert formulas
    for line in (line for f in formulas for line in re.sub(r"\\(begin|end)\{aligned\}", "", f).split(r"\\")):
        assert len(re.sub(r"\\(?:[a-z]+|.)|[{}^_& $]", "", line)) <= 72
        words = re.sub(r"\$.*?\$", "", "".join(re.findall(r"\\text\{((?:[^{}$]|\$[^$]*\$)*)\}", line)))
        assert words.replace("–", "").isascii() and not re.search(r"(?<!\\)_", words)


def test_several_answers_say_once_how_they_were_read() -> None:
    assert mc.grad("norm(X - D*R)^2", "D,R")._repr_mimebundle_()["text/html"].count("read as") == 1


def test_a_solution_shows_its_derivation() -> None:
    steps = mc.solve("norm(A*x - b)^2 + λ*norm(x)^2", "x", where="λ: scalar positive").steps()
    page = Balanced(steps._repr_html_())
    assert all(f"{step.rule}$\\displaystyle {step.latex}$" in page.text for step in steps)


def test_solutions_and_curvatures_are_cards() -> None:
    s = mc.solve("w'*S*w", "w", where="S: (n, n) spd; a: (n)", subject_to="a'*w = 1")
    html = s._repr_mimebundle_()["text/html"]
    assert Balanced(html).text.startswith(f"read as: {s.read_as}global minimum$\\displaystyle w = {s.latex()}$• ")
    assert html.count("<details") == 3 and s.conditions[0] in html
    for f, shown in (("norm(A*x - b)^2", "a sum of squares"), ("x'*A*x", "not concave: at A = ")):
        c = mc.curvature(f, "x")
        page = Balanced(c._repr_html_())
        assert page.text.startswith(f"read as: {c.read_as}{c}") and shown in page.text


def test_nothing_of_a_name_is_markup() -> None:
    x = variable("<b>&x", (symbol("n"), 1))
    page = Balanced(mc.grad(x.T @ x, x)._repr_mimebundle_()["text/html"])
    assert "b" not in page.seen


def test_expressions_differentials_and_functions_display_as_latex() -> None:
    d = mc.grad("x'*A*x", "x")
    for thing in (d.expr, d.differential, d.steps(), mc.matrix("X", "m", "n")):
        assert thing._repr_latex_().startswith(("$", "\\begin{align"))


def test_magics(shell: InteractiveShell) -> None:
    assert shell.run_line_magic("grad", "norm(A*x - b)^2 by x where A: (m, n)").text() == "2*A'*(A*x - b)"
    assert shell.run_line_magic("grad", "‖A^{T} x‖² by x").text() == "2*A*A'*x"
    assert shell.run_line_magic("hessian", "x'*S*x by x where S: (n, n) symmetric").text() == "2*S"
    assert shell.run_line_magic("jacobian", "A*x by x").text() == "A"
    assert shell.run_line_magic("differential", "A*X by X").text() == "dY = A*dX"
    shell.user_ns["f"] = mc.parse("x'*A*x")
    assert shell.run_line_magic("grad", "f by x").text() == "(A + A')*x"


def test_the_cell_magic(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    cell = "# the Gaussian\nS: (n, n) spd; y: (n)\nequal tr(A*B) and tr(B*A)\n\ngrad logdet(S) + y'*inv(S)*y by y\n"
    assert shell.run_cell_magic("matcalc", "", cell).text() == "2*inv(S)*y"
    assert "equal" in capsys.readouterr().out
    assert shell.run_cell_magic("matcalc", "t: scalar", "simplify t*t") is mc.parse("t^2", where="t: scalar")
    assert shell.run_cell_magic("matcalc", "", "check x'*x and 2*x by x").ok
    assert shell.run_cell_magic("matcalc", "", "A*B") is mc.parse("A*B")


def test_several_variables_are_all_answered(shell: InteractiveShell) -> None:
    meant = ["D: -2*(X - D*R)*R'", "R: -2*D'*(X - D*R)"]
    for line, cell in (("", "grad norm(X - D*R)^2 by D, R"), ("", "norm(X - D*R)^2 by D, R"), ("grad norm(X - D*R)^2 by D,R", "# none")):
        assert shell.run_cell_magic("matcalc", line, cell).text().splitlines() == meant
    assert shell.run_line_magic("grad", "norm(X - D*R)^2 by D, R").text().splitlines() == meant
    assert shell.run_cell_magic("matcalc", "X: (m, n)", "A in R^{p x m}\nx is a vector\n‖A X x‖² by x").symbols["A"].shape[1] is symbol("m")


@pytest.mark.parametrize("line", ["simplify X + X by X", "equal X + X and 2*X by X"])
def test_a_variable_that_is_not_taken_is_refused(shell: InteractiveShell, line: str) -> None:
    from IPython.core.error import UsageError

    with pytest.raises(UsageError, match="takes no variable: what is `by X` for"):
        shell.run_cell_magic("matcalc", "", line)


def test_a_mistake_is_a_message_without_a_traceback(shell: InteractiveShell) -> None:
    from IPython.core.error import UsageError

    with pytest.raises(UsageError, match=r"(?s)A \+ \* B.*\^"):
        shell.run_line_magic("grad", "A + * B by A")
