"""Programs in Julia and MATLAB: run by their interpreters where these are installed, and compared with the evaluator."""

import re
from functools import cache

import numpy as np
import pytest

import matcalc as mc
from asking import derived
from benchmarks.problems import PROBLEMS
from foreign import IN_NUMPY, close, needs, ran
from matcalc.checking.evaluate import evaluate
from matcalc.checking.sampling import points
from matcalc.errors import UnsupportedError
from matcalc.expr import Op, apply, postorder, variable
from matcalc.operators import ELEMENTWISE, MATRIX, call
from matcalc.programs import julia, matlab
from matcalc.programs.language import WORD
from matcalc.programs.program import program
from sampling import draw
from tables import rows
from test_answers import ROWS as BOOK
from test_columns import SIZES, shapes
from test_program_targets import compiled, results, small

LANGUAGES = {"julia": julia.LANGUAGE, "matlab": matlab.LANGUAGE}
OPERATORS = [op for op in (*ELEMENTWISE, *MATRIX) if op.numpy and op.signature and not op.build]

# --- every row of the table of operators -----------------------------------------------------------------------------


def of_row(op: Op):
    """(expression, values) for arguments of several shapes in its domain."""
    rng = np.random.default_rng(len(op.name))
    kinds = op.sample or ("",) * max(op.signature.count("*"), op.signature.split("->")[0].count("("))
    if op.elementwise:
        every = [[shape] * len(kinds) for shape in ((4, 1), (1, 1), (2, 3), (1, 3))]
    else:
        every = [shapes(op, sizes)[0] for sizes in SIZES]
    seen = []
    for given in every:
        if given in seen:
            continue
        seen.append(given)
        drawn = [draw(kinds[i] if i < len(kinds) else "", shape, rng) for i, shape in enumerate(given)]
        if op.name == "polar" and 1 not in given[0]:
            drawn = [draw("", given[0], rng)]
        properties = [{k} if k in ("symmetric", "spd") and shape != (1, 1) else set() for k, shape in zip((*kinds, *[""] * 3), given)]
        names = [variable("xyz"[i], shape, properties[i]) for i, shape in enumerate(given)]
        e = apply(op, tuple(names))
        if any(n.op is op for n in postorder(e)):  # no constructor knew better
            yield e, {v.data[0]: a.reshape(-1) if 1 in v.shape else a for v, a in zip(names, drawn, strict=True)}


@cache
def rows_ran(language: str) -> dict[str, str]:
    """The fault of each row, "" where there is none."""
    cases, made, out = [], [], {}
    for op in OPERATORS:
        for e, values in of_row(op):
            values = {n: a if a.shape != (1,) else float(a[0]) for n, a in values.items()}
            try:
                source = program({"result": e}, language)
            except UnsupportedError as refused:
                out[op.name] = str(refused)
                break
            cases.append((source, values, 1))
            made.append((op, evaluate(e, **values)))
    for (op, wanted), found, (source, _, _) in zip(made, ran(language, cases), cases, strict=True):
        if op.name == "v_max" and not isinstance(found, str):  # whose sign is nobody's
            wanted, found = np.abs(wanted), [(np.abs(entries), shape) for entries, shape in found]
        why = close(found, [wanted], language)
        out[op.name] = out.get(op.name) or (why and f"{why}\n{source}")
    return out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)
def test_every_row(op: Op, language: str) -> None:
    needs(language)
    assert not rows_ran(language)[op.name]


# --- values, derivatives and Hessians of several variables -----------------------------------------------------------

# derivative | expression | variable | declarations: what the book's rows have little of
MORE = """
grad     | norm(g(X*W) - Y)^2 | W | X: (m, n)
hessian  | norm(g(X*W) - Y)^2 | W | X: (m, n)
hessian  | sum(logsumexp_rows(X*W)) | W | X: (m, n)
hessian  | -sum(Y.*log(softmax_rows(X*W))) | W | X: (m, n); W: (n, k)
hessian  | norm(A*X*B)^2 | X | A: (m, n); X: (n, p); B: (p, q)
hessian  | norm(X'*X - S)^2 | X | X: (m, n); S: (n, n) symmetric
hessian  | tr(inv(X)*A) | X | X: (n, n); A: (n, n)
hessian  | logdet(S) + x'*inv(S)*x | S | S: (n, n) spd; x: (n)
jacobian | X*A*X' | X | X: (m, n); A: (n, n)
jacobian | kron(X, A) | X | X: (m, n); A: (p, q)
jacobian | X' | X | X: (m, n)
jacobian | x' | x | x: (n)
jacobian | vec(X) | X | X: (m, n)
jacobian | diag(x)*A | x | A: (m, n); x: (m)
jacobian | logsumexp_rows(X) | X | X: (m, n)
jacobian | expm(X) | X | X: (n, n)
grad     | tr(logm(S)*A) | S | S: (n, n) spd; A: (n, n)
grad     | tr(sqrtm(S)*A) | S | S: (n, n) spd; A: (n, n)
grad     | tr(expm(X')*sqrtm(S) + sylvester(X', A', A')) | X | X: (n, n); A: (n, n); S: (n, n) spd
hessian  | tr(expm(X)*A) | X | X: (n, n); A: (n, n)
grad     | sum(erf(x)) + sum(lgamma(y.^2 + x.^2)) | x | x: (n); y: (n)
grad     | lambda_max(A'*A) + normspec(A) + normnuc(A) | A | A: (n, n)
grad     | theta[1]*sum(x) + theta[2]/2 | theta | x: (n); theta: (2)
hessian  | theta[1]^2*sum(x)/2 + theta[1]*theta[2] | theta | x: (n); theta: (2)
grad     | X[2, 1]^2 + sum(X[:, 1]) + X[i, 1] | X | X: (3, 2)
grad     | a'*X*b + c'*X*d | X | X: (m, n)
grad     | logdet(A + t*eye(n)) | t | A: (n, n) symmetric; t: scalar
grad     | norm([X; Y]*w - z)^2 | w | X: (m, n); Y: (p, n); z: (m + p)
grad     | norm([X, Y])^2 + sum(cumsum(x)) + sum(diff(x).^2) | x | X: (m, n); Y: (m, p); x: (n + 1)
grad     | sum(X.*Y)*1.5e-300*1e300 - 1/3*norm(X) | X | X: (m, n)
grad     | r*A*x | x | r: (1, n); A: (n, n)
jacobian | r*A | A | r: (1, n); A: (n, n)
hessian  | sum(sigmoid(-x).*log(sigmoid(x))) + sum(relu(x)) | x | x: (n)
grad     | sum_{i=1}^n w_i*log(1 + exp(-y_i*x_i'*b)) | b | x_i: (d), i = 1..n; w: (n); y: (n)
grad     | sum_{i=1}^n norm(x_i - c)^2 | c | x_i: (d), i = 1..n
"""


def asked():
    """(derivative, expression, variable, declarations)."""
    book = [(order, text, wrt, where) for order, text, wrt, _, where in rows(BOOK, "|") if not text.startswith("f(")][::4]
    return [*book, *rows(MORE, "|")]


@cache
def answers() -> list:
    """(name, expressions, values, wanted) of each question: the expression and its derivative, of a problem its Hessian too."""
    out = []
    for order, text, wrt, where in asked():
        d = derived(order, text, wrt, where)
        values, sizes = next(points(d.expr, d.of))
        values = {**values, **sizes, **{n: f for n, f in IN_NUMPY.items() if n in values}}
        out.append((f"{order} {text}", [d.of, d], values, [evaluate(e, **values) for e in (d.of, d.expr)]))
    for problem in PROBLEMS:
        values = small(problem)
        out.append((problem.name, results(problem), values, compiled(problem, "numpy")(**values)))
    return out


@cache
def questions(language: str) -> list:
    """(name, source, values, wanted)."""
    return [(name, mc.code(results, language), values, wanted) for name, results, values, wanted in answers()]


@cache
def questions_ran(language: str) -> dict[str, str]:
    cases, identifier = questions(language), LANGUAGES[language].identifier
    given = [(source, {identifier(n): v for n, v in values.items()}, len(wanted)) for _, source, values, wanted in cases]
    found = ran(language, given)
    whys = [close(f, wanted, language) for f, (*_, wanted) in zip(found, cases, strict=True)]
    return {name: why and f"{why}\n{source}" for why, (name, source, *_) in zip(whys, cases, strict=True)}


NAMES = [*(f"{order} {text}" for order, text, *_ in asked()), *(problem.name for problem in PROBLEMS)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_values_and_derivatives(name: str, language: str) -> None:
    needs(language)
    assert not questions_ran(language)[name]


# --- names -----------------------------------------------------------------------------------------------------------

HOSTILE = [
    "end",
    "θ",
    "x̂",
    "_",
    "__",
    "_x",
    "exp",
    "sum",
    "I",
    "vec",
    "np",
    "i",
    "e",
    "function",
    "ones",
    "ans",
    "eval",
    "result",
    "grad",
    "x" * 80,
]
BAD = ["x; exit(3)", 'x") exit(3) #', "x\nexit(3)", "$(exit(3))", '"""', "%{\nexit(3)\n%}", "x'; exit(3) %", "`exit`"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names(language: str) -> None:
    needs(language)
    value, cases, wanted = np.sin(np.arange(6.0)).reshape(3, 2), [], []
    for name in (*HOSTILE, *BAD):
        v, w = variable(name, (3, 2)), variable("W", (2, 3))
        e = call("norm", call("exp", v) @ w) * call("tr", w @ v) + call("sum", v)
        source = program({"result": e, "grad": call("vec", v)}, language, name="grad", doc=name)
        (line,) = [line for line in source.split("\n") if re.match(r"function.*\bgrad_?\(", line)]
        (called,) = set(line[line.rindex("(") + 1 : -1].split(", ")) - {"W"}
        cases.append((source, {called: value, "W": value.T}, 2))
        wanted.append([evaluate(made, **{name: value, "W": value.T}) for made in (e, call("vec", v))])
    for name, found, numbers in zip((*HOSTILE, *BAD), ran(language, cases), wanted, strict=True):
        assert not close(found, numbers, language), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_argument_is_called_like_what_a_program_calls(language: str) -> None:
    """Every word of every program is an argument's, a local's or reserved."""
    known = LANGUAGES[language]
    for name, source, *_ in questions(language):
        head = source.split("\n\n% ")[0] if language == "matlab" else source[source.rindex('"""') + 3 :]
        body = "\n".join(re.sub(r"[%#].*|'[^']*'(?=[,)])", "", line) for line in head.split("\n"))
        local = set(re.findall(r"^ *(\w+) = ", body, re.MULTILINE)) | {
            w for part in re.findall(r"^ *\[?([\w, ]+)\]? = ", body, re.MULTILINE) for w in part.split(", ")
        }
        given = {w for part in re.findall(r"^ *function (.*)$", body, re.MULTILINE) for w in WORD.findall(part)}
        left = set(WORD.findall(body)) - local - given - known.reserved - {"values", "vectors", "L", "dims"}
        assert not left, (name, left)


# --- what is refused, and what is said -------------------------------------------------------------------------------


@pytest.mark.parametrize("language, called", [("julia", "Julia"), ("matlab", "MATLAB")])
def test_what_is_refused_is_named(language: str, called: str) -> None:
    with pytest.raises(UnsupportedError, match=f"complex numbers have no program for {called}"):
        mc.grad("norm(A*z)^2", "z", where="A: (n, n) complex; z: (n) complex").code(language)
    with pytest.raises(UnsupportedError, match=f"fixed arguments have no program for {called}"):
        mc.code(mc.grad("norm(A*x)^2", "x", where="A: (m, n)"), language, fixed=["A"])
    with pytest.raises(UnsupportedError, match=f"programs for {language} are text"):
        mc.compile("x'*x", language)
    with pytest.raises(UnsupportedError, match="text"):
        mc.grad("x'*x", "x").jvp(language)


def test_what_programs_look_like() -> None:
    d = mc.grad("norm(g(X*W) - Y)^2", "W", where="X: (m, n)")
    assert "    XW = X * W\n    return 2 * (X' * ((g.(XW) - Y) .* g_prime.(XW)))\nend\n" in d.code("julia")
    assert "    XW = X * W;\n    result = 2 * (X' * ((g(XW) - Y) .* g_prime(XW)));\nend\n" in d.code("matlab")
    solved = mc.code("x'*inv(S)*x + logdet(S)", "julia", where="S: (n, n) spd")
    assert "L = cholesky(Symmetric(S))" in solved
    assert r"return dot(x, L \ x) + logdet(L)" in solved
    assert "using LinearAlgebra\n" in solved
    assert r"result = A \ b;" in mc.code("inv(A)*b", "matlab", where="A: (n, n); b: (n)")
