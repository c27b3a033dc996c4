"""The command line: answers on standard output, all else on standard error, and the exit status."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys

import pytest

import matcalc as mc
from matcalc.cli import EXAMPLES, main

LATEX = r"2 X^{\top} ((g(X W) - Y) \odot g'(X W))"


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main(argv)
    out, err = capsys.readouterr()
    return status, out, err


def test_the_first_example(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "grad", "‖g(X·W)−Y‖²_F", "--wrt", "W")
    assert status == 0
    assert "".join(out.split()) == "".join(LATEX.split())
    assert out.count("\n") == 1


def test_several_variables_are_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "grad", "‖X−D·R‖²_F", "--wrt", "D,R", "--to", "text")
    names, answers = zip(*(line.split(": ") for line in out.splitlines()), strict=True)
    assert names == ("D", "R")
    where = "X: (m, n); D: (m, p); R: (p, n)"
    assert all(mc.equal(a, b, where=where) for a, b in zip(answers, ("-2*(X - D*R)*R'", "-2*D'*(X - D*R)"), strict=True))


@pytest.mark.parametrize("style", ["latex", "text", "unicode"])
def test_one_line_for_one_variable(capsys: pytest.CaptureFixture[str], style: str) -> None:
    status, out, _ = run(capsys, "grad", "x'*A*x", "--wrt", "x", "--to", style)
    assert status == 0
    assert out.count("\n") == 1


def test_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "grad", "x'*A*x", "--wrt", "x", "--to", "numpy")
    compile(out, "program", "exec")
    assert "def grad(" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "grad", "norm(A*x - b)^2", "--wrt", "x", "--where", "A: (m, n)", "--to", "json", "--check")
    answer = json.loads(out)
    assert status == 0
    assert {"expr", "wrt", "order", "shape", "latex", "text", "unicode", "numpy", "differential", "symbols", "notes", "checked"} <= set(
        answer
    )
    assert answer["text"] == "2*A'*(A*x - b)"
    assert answer["shape"] == ["n", 1]
    assert answer["symbols"]["A"] == {"shape": ["m", "n"], "kind": "matrix", "properties": [], "inferred": False}
    assert answer["symbols"]["x"]["inferred"] is True
    assert answer["checked"]["ok"] is True
    assert answer["checked"]["points"] == 3


def test_steps(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "grad", "norm(A*x - b)^2", "--wrt", "x", "--to", "unicode", "--steps")
    assert out.splitlines()[0].lstrip().startswith("(1)")
    assert "2 Aᵀ (A x − b)" in out.splitlines()[-1]
    _, out, _ = run(capsys, "grad", "norm(A*x - b)^2", "--wrt", "x", "--to", "json", "--steps")
    assert {"rule", "latex", "text"} <= set(json.loads(out)["steps"][0])
    assert run(capsys, "grad", "norm(A*x - b)^2", "--wrt", "x", "--to", "numpy", "--steps")[0] == 2


def test_notes_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run(capsys, "grad", "norm(x)", "--wrt", "x", "--to", "text")
    assert out == "x/norm(x)\n"
    assert "note: differentiable where x ≠ 0" in err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("grad", "logdet(c*X)", "--wrt", "X", "--where", "c: scalar"), "note: assumes c ≠ 0, X invertible"),
        (("grad", "log(a*b)", "--where", "a: scalar; b: scalar", "--wrt", "a,b"), "note: assumes a b positive"),
        (("hessian", "sum(log(x))", "--wrt", "x"), "note: assumes x positive"),
        (("differential", "logdet(X)*norm(x)", "--wrt", "x"), "note: assumes X invertible"),
        (("simplify", "log(a) + inv(X)", "--where", "a: scalar; X: (n, n)"), "note: assumes X invertible, a positive"),
        (("grad", "tr(inv(S + eye(n)))", "--where", "S: (n, n) psd", "--wrt", "S", "--to", "numpy"), ""),
    ],
)
def test_what_is_assumed_goes_to_standard_error(capsys: pytest.CaptureFixture[str], command: tuple[str, ...], said: str) -> None:
    status, _, err = run(capsys, *command)
    assert status == 0
    assert [line for line in err.splitlines() if "assumes" in line] == [said] * bool(said)


def test_without_wrt_all_matrices_and_vectors(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "grad", "t*a'*X*b", "--where", "X: (m, n); t: scalar", "--to", "text")
    assert [line.split(":")[0] for line in out.splitlines()] == ["X", "a", "b"]


@pytest.mark.parametrize("by", [("--wrt", "D,R"), ("--wrt", "D", "--wrt", "R"), ("--wrt=D", "--wrt", " R")])
def test_several_variables_are_all_answered(capsys: pytest.CaptureFixture[str], by: tuple[str, ...]) -> None:
    given = ("norm(X - D*R)^2", *by)
    assert run(capsys, "grad", *given, "--to", "text")[1] == "D: -2*(X - D*R)*R'\nR: -2*D'*(X - D*R)\n"
    for target in ("numpy", "jax", "torch"):
        assert re.findall(r"def (\w+)", run(capsys, "grad", *given, "--to", target)[1]) == ["grad_D", "grad_R"]
    assert [answer["wrt"] for answer in json.loads(run(capsys, "grad", *given, "--to", "json")[1])] == ["D", "R"]
    assert len(run(capsys, "differential", *given, "--to", "text")[1].splitlines()) == 3  # the parts and the total
    assert "mixed second derivative: rows by D, columns by R" in run(capsys, "hessian", *given)[2]
    assert run(capsys, "check", *given, "--claim", "X")[::2] == (2, "error: a claim is about one variable\n")


def test_the_variable_of_a_frame_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "grad", r"\min_{x \in \mathbb{R}^n} \|A x - b\|^2 \text{ s.t. } x \ge 0", "--to", "text")
    assert (status, out) == (0, "2*A'*(A*x - b)\n")
    assert [line for line in err.splitlines() if "left out" in line] == [
        r"note: left out: \text{ s.t. } x \ge 0", r"note: left out: \min_{x \in \mathbb{R}^n}",
    ]  # fmt: skip


def test_standard_input_and_a_leading_minus(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x'*x\n"))
    assert run(capsys, "grad", "-", "--wrt", "x", "--to", "text")[:2] == (0, "2*x\n")
    assert run(capsys, "grad", "-x'*x", "--wrt", "x", "--to", "text")[:2] == (0, "-2*x\n")


def test_checks_decide_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "grad", "x'*A*x", "--wrt", "x", "--check")[0] == 0
    assert run(capsys, "check", "x'*A*x", "--wrt", "x", "--claim", "A*x + A'*x")[0] == 0
    status, out, err = run(capsys, "check", "x'*A*x", "--wrt", "x", "--claim", "2*A*x")
    assert status == 1
    assert out == "true only if A is symmetric\n"
    assert "at A = " in err and "they differ most at entry" in err
    turned = ("check", "norm(A*x - b)^2", "--wrt", "x", "--claim", "2*(A*x - b)'*A")
    assert run(capsys, *turned)[:2] == (1, "the transpose of the derivative (numerator layout)\n")
    assert run(capsys, *turned, "--layout", "numerator")[:2] == (0, "right\n")
    assert run(capsys, "equal", "tr(A*B)", "tr(B*A)")[0] == 0
    assert run(capsys, "equal", "A*B", "B*A")[0] == 1
    assert run(capsys, "simplify", "x + x", "--to", "text")[:2] == (0, "2*x\n")


BAD = [
    ("X * * Y", "X", "", "^"),
    ("A*x", "x", "", "jacobian"),
    ("x'*x", "", "", "wrt is empty"),
    ("tr(A*B)", "A", "A: (m, n); B: (m, n)", ""),
    ("sum(floor(x))", "x", "", "piecewise"),
    ("", "x", "", ""),
]


@pytest.mark.parametrize("expr, wrt, where, words", BAD)
def test_bad_input_is_an_error_of_status_2(capsys: pytest.CaptureFixture[str], expr: str, wrt: str, where: str, words: str) -> None:
    status, out, err = run(capsys, "grad", expr, "--wrt", wrt, "--where", where)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize("notation", ["auto", "latex"])
def test_latex_in(capsys: pytest.CaptureFixture[str], notation: str) -> None:
    assert run(capsys, "grad", r"\| A x - b \|_2^2", "--wrt", "x", "--from", notation, "--to", "text")[:2] == (
        0,
        "2*A'*(A*x - b)\n",
    )


def test_latex_read_as_text_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "grad", r"x^\top x", "--from", "text")
    assert (status, out) == (2, "")
    assert "LaTeX" in err


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "matcalc", "grad", "x'*x", "--wrt", "x", "--to", "text"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2*x\n")


def test_usage_errors_have_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["differentiate"])
    assert done.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code in (0, None)
    assert capsys.readouterr().out == f"matcalc {mc.__version__}\n"


@pytest.mark.parametrize("command", EXAMPLES)
def test_the_examples_of_the_help_are_answered(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    lines = EXAMPLES[command].splitlines()
    assert all(line in shown for line in lines)
    for line in lines:
        monkeypatch.setattr(sys, "stdin", io.StringIO("x'*x\nlogdet(x*x' + I)\n"))
        argv = shlex.split(line.partition(" < ")[0])
        status, out, err = run(capsys, *argv[1:])
        assert status in (0, 1) and out, err  # 1: a check says no


def test_each_line_is_a_question(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x'*x\n\nx'*\nsum(x)\n"))
    status, out, err = run(capsys, "grad", "-", "--lines", "--wrt", "x", "--to", "text", "--where", "x: (n)")
    assert (status, out.splitlines()) == (2, ["2*x", "ones(n)"])
    assert "error: " in err
    monkeypatch.setattr(sys, "stdin", io.StringIO("norm(A*x\n  - b)^2\n"))
    assert run(capsys, "grad", "-", "--wrt", "x", "--to", "text")[1] == "2*A'*(A*x - b)\n"


def test_value_and_derivatives_in_one_program(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "grad", "norm(X - D*R)^2", "--wrt", "D,R", "--to", "numpy", "--value")
    assert "return value, grad_D, grad_R" in out and out.count("def ") == 1
    status, _, err = run(capsys, "grad", "x'*x", "--value")
    assert status == 2 and "--value is of programs" in err


def test_simplify_offers_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "simplify", "tr(A*B) + tr(B*A)", "--to", "sympy")[1] == "2*Trace(A*B)\n"
    with pytest.raises(SystemExit):
        main(["simplify", "x", "--to", "numpy"])


def test_equal_says_how_both_were_read(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run(capsys, "equal", "norm(x)^2", "x'*x")
    assert out.startswith("equal") and err == "read as: ‖x‖² and xᵀ x · x (n) inferred: transposed\n"
    _, _, err = run(capsys, "equal", "tr(A*B)", "det(A)", "--where", "A: (n, n)")
    assert "read as: tr(A B) and det(A) · A (n, n) · B (n, n) inferred" in err


def test_the_words_of_a_hessian_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "hessian", "the Hessian of x'*A*x wrt x", "--to", "text")[:2] == (0, "A + A'\n")


def test_lines_are_those_of_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "grad", "--lines", "formulas.txt")
    assert (status, out) == (2, "") and "EXPR is -" in err
