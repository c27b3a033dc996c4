"""The Python API: what is asked, what comes back, what is refused."""

from __future__ import annotations

import inspect
import subprocess
import sys
from functools import cached_property

import numpy as np
import pytest

import matcalc as mc

# expression ; by ; declarations ; answer
GRADIENTS = [
    ("norm(g(X*W) - Y)^2", "W", "", "2*X'*((g(X*W) - Y).*g'(X*W))"),
    ("a'*G*a", "G", "", "a*a'"),
    ("norm(X - D*R)^2", "D", "", "-2*(X - D*R)*R'"),
    ("x'*A*x", "x", "A: (n, n) symmetric", "2*A*x"),
    ("tr(A*S)", "S", "A: (n, n); S: (n, n) symmetric", "1/2*(A + A')"),
    ("tr(A*S)", "S", "A: (n, n); S: (n, n) skew", "1/2*(A' - A)"),
    ("tr(A*D)", "D", "A: (n, n); D: (n, n) diagonal", "diag(diag(A))"),
    ("tr(A*L*L')", "L", "A: (n, n); L: (n, n) lower", "tril((A + A')*L)"),
    ("sum(exp(U))", "U", "U: (n, n) upper", "triu(exp(U))"),
    ("a'*X*b", "X[:,j]", "X: (m, n)", "a*b[j]"),
    ("a'*X*b", "X[i,:]", "X: (m, n)", "a[i]*b'"),
    ("a'*X*b", "X[i,j]", "X: (m, n)", "a[i]*b[j]"),
    ("sum(x.^2)", "x[2]", "x: (n)", "2*x[2]"),
    ("t^3", "t", "t: scalar", "3*t^2"),
]


@pytest.mark.parametrize("expr, wrt, where, answer", GRADIENTS)
def test_gradient(expr: str, wrt: str, where: str, answer: str) -> None:
    d = mc.grad(expr, wrt, where=where)
    declared = "; ".join(mc.api.asking.declaration(s) for s in d.symbols.values())
    assert mc.equal(d, answer, where=declared).ok
    assert mc.parse(d.text(), where=declared) is d.expr
    assert d.check().ok


def test_one_variable_gives_one_derivative_and_several_a_tuple() -> None:
    both = mc.grad("norm(X - D*R)^2", "D,R")
    assert isinstance(both, mc.Derivatives)
    assert both["D"] is both[0]
    assert both["R"].shape == both[1].wrt.shape
    assert len(mc.grad("norm(X - D*R)^2")) == 3
    assert isinstance(mc.grad("x'*x"), mc.Derivative)
    assert len(mc.grad("x'*x", ["x"])) == 1


def test_built_in_python_is_what_the_text_says() -> None:
    X, W, Y = mc.matrix("X", "m", "n"), mc.matrix("W", "n", "p"), mc.matrix("Y", "m", "p")
    g = mc.elementwise("g")
    f = mc.norm(g(X @ W) - Y) ** 2
    where = "X: (m, n); W: (n, p); Y: (m, p); g: elementwise"
    assert f is mc.parse("norm(g(X*W) - Y)^2", where=where)
    assert mc.grad(f, W).expr is mc.grad("norm(g(X*W) - Y)^2", "W", where=where).expr
    assert mc.grad(f, "W").expr is mc.grad(f, [W])[0].expr
    assert mc.grad(mc.tr(X @ W @ Y.T), X[:, 1]).expr is mc.grad("tr(X*W*Y')", "X[:,1]", where=where).expr


def test_functions_of_the_language_are_functions_of_the_package() -> None:
    A, x = mc.matrix("A", "n", "n"), mc.vector("x", "n")
    assert mc.parse("tr(inv(A)) + sum(tanh(x))", where="A: (n, n); x: (n)") is mc.tr(mc.inv(A)) + mc.sum(mc.tanh(x))
    assert mc.eye("n") @ x is x
    assert mc.ones("n").T @ x is mc.sum(x)
    assert mc.zeros("n") + x is x
    assert mc.kron(mc.eye(2), mc.eye(3)) is mc.eye(6)
    assert not hasattr(mc, "no_such_function")
    with pytest.raises(AttributeError, match="piecewise constant"):
        _ = mc.floor


def test_notes_and_assumptions() -> None:
    assert mc.grad("logdet(A)", "A").assumptions == ("A invertible",)
    assert mc.grad("norm(x)^2", "x").assumptions == ()
    assert mc.grad("norm(x)", "x").notes == ("differentiable where x ≠ 0",)
    assert "x positive" in mc.grad("sum(log(x))", "x").assumptions
    assert mc.grad("norm1(x)", "x").notes == ("differentiable where x has no zero entry",)
    assert mc.grad("norm1(A*b) + a'*x", "x").notes == ()
    assert mc.grad("sum(sqrt(x)) + sum(1./x)", "x").assumptions == ("x positive",)
    assert mc.grad("log(2)*t^2", "t", where="t: scalar").assumptions == ()
    absent = mc.grad("x'*x", "y", where="x: (n); y: (n)")
    assert absent.text() == "zeros(n)"
    assert absent.notes[-1] == "the expression does not depend on y: the derivative is zero"
    cancelling = {"expr": "x'*(S - S')*y", "wrt": "S", "where": "S: (n, n) symmetric"}
    assert mc.grad(**cancelling).notes == ("the expression does not depend on S: the derivative is zero",)
    assert mc.grad(**cancelling, unconstrained=True).notes == ()


def test_symbols_say_what_was_declared_and_what_was_inferred() -> None:
    symbols = mc.grad("norm(A*x - b)^2", "x", where="A: (m, n)").symbols
    assert not symbols["A"].inferred
    assert symbols["x"].inferred
    assert symbols["x"].kind == "vector"
    assert tuple(map(str, symbols["b"].shape)) == ("m", "1")


def test_layout_transposes_once_at_the_end() -> None:
    assert mc.grad("a'*x", "x", layout="numerator").text() == "a'"
    assert mc.grad("a'*x", "x", layout="denominator").text() == "a"
    assert mc.grad("a'*x", "x", layout="numerator").check().ok


def test_unconstrained() -> None:
    where = "A: (n, n); S: (n, n) symmetric"
    assert mc.grad("tr(A*S)", "S", where=where, unconstrained=True).text() == "A'"


@pytest.mark.parametrize("text", ["logdet(S) + tr(inv(S)*C)", "tr(S*C*S*A)", "norm(S*A - C)^2", "a'*S*S*a", "tr(expm(S)*C)"])
def test_unconstrained_second_derivatives_are_those_of_free_entries(text: str) -> None:
    """At a symmetric matrix, but in directions that are not symmetric."""
    where = "C: (n, n); A: (n, n); a: (n)"
    free = mc.hessian(text, "S", f"S: (n, n); {where}")
    structured = mc.hessian(text, "S", f"S: (n, n) symmetric; {where}", unconstrained=True)
    rng = np.random.default_rng(0)
    values = {"C": rng.standard_normal((3, 3)), "A": rng.standard_normal((3, 3)), "a": rng.standard_normal(3)}
    values["S"] = np.array([[3.0, 1, 0], [1, 4, 1], [0, 1, 5]])
    assert free.check()
    assert np.allclose(mc.evaluate(structured.expr, **values, n=3), mc.evaluate(free.expr, **values, n=3))
    assert not any("symmetric" in note for note in structured.notes)
    assert mc.grad("tr(A*S)", "S", where=where).notes


def test_compiled_functions() -> None:
    rng = np.random.default_rng(0)
    X, W, Y = rng.standard_normal((4, 3)), rng.standard_normal((3, 2)), rng.standard_normal((4, 2))
    f = mc.grad("norm(g(X*W) - Y)^2", "W").compile("numpy")
    expected = 2 * X.T @ ((np.sin(X @ W) - Y) * np.cos(X @ W))
    assert np.allclose(f(X=X, W=W, Y=Y, g=np.sin, g_prime=np.cos, something_else=1), expected)
    v = mc.grad("norm(A*x - b)^2", "x").compile()(A=X, x=W[:, 0], b=Y[:, 0])
    assert v.shape == (3,)
    assert np.ndim(mc.grad("t^2", "t", where="t: scalar").compile()(t=3.0)) == 0


def test_evaluate() -> None:
    assert float(mc.evaluate("x'*x", x=np.array([3.0, 4.0]))) == 25.0
    A = np.arange(4.0).reshape(2, 2)
    assert np.allclose(mc.evaluate(mc.parse("A*x", where="A: (m, n)"), A=A, x=np.ones(2)), A @ np.ones(2))


def test_equal_and_check() -> None:
    assert mc.equal("tr(A*B)", "tr(B*A)")
    assert mc.equal("sum(exp(x)./(1 + exp(x)))", "sum(sigmoid(x))")
    different = mc.equal("A*B", "B*A")
    assert not different
    assert set(different.counterexample or {}) >= {"A", "B"}
    claim = mc.check("x'*A*x", "x", "2*A*x")
    assert not claim.ok
    assert claim.answer is not None
    assert mc.check("x'*A*x", "x", "2*A*x", where="A: (n, n) symmetric")


def test_a_wrong_derivative_fails_its_check() -> None:
    d = mc.grad("x'*A*x", "x")
    wrong = mc.Derivative(2 * d.expr, d.of, d.variable)
    assert not wrong.check().ok


def test_display() -> None:
    d = mc.grad("a'*G*a", "G")
    assert repr(d) == d.unicode()
    bundle = d._repr_mimebundle_()
    assert bundle["text/plain"] == d.unicode()
    assert d.latex() in bundle["text/latex"]
    assert "aligned" in mc.grad("norm(X - D*R)^2", "D,R").latex()
    assert d.differential.text() == "df = a'*dG*a"


REFUSED = [
    (lambda: mc.grad("A*x", "x"), mc.ShapeError, "jacobian"),
    (lambda: mc.grad("x'*x", ""), mc.ParseError, "wrt is empty"),
    (lambda: mc.grad("x'*x", []), mc.ParseError, "wrt is empty"),
    (lambda: mc.grad("x'*x", 3), mc.UnsupportedError, "name or a variable"),
    (lambda: mc.grad("x'*x", "x", where=None), mc.ParseError, "where is text"),
    (lambda: mc.grad("x'*x", "z"), mc.UnknownNameError, "z"),
    (lambda: mc.grad(object(), "x"), mc.UnsupportedError, "no expression"),
    (lambda: mc.grad(None, "x"), mc.UnsupportedError, "no expression"),
    (lambda: mc.grad("x'*x", "x", layout="sideways"), mc.ParseError, "layout"),
    (lambda: mc.grad("t^2", where="t: scalar"), mc.UnknownNameError, "wrt='t'"),
    (lambda: mc.grad("tr(A*S)", "S[:,j]", where="A: (n, n); S: (n, n) symmetric"), mc.UnsupportedError, "do not move alone"),
    (lambda: mc.matrix("2A", "m", "n"), mc.ParseError, "letter"),
    (lambda: mc.matrix("I", "n", "n"), mc.ParseError, "identity"),
    (lambda: mc.matrix("A", "m", "n", "spd"), mc.ShapeError, "square"),
    (lambda: mc.matrix("A", "n", "n", "symetric"), mc.UnknownNameError, "symmetric"),
    (lambda: mc.matrix("A", 0, "n"), mc.ShapeError, "size"),
    (lambda: mc.matrix("A", 2.5, "n"), mc.ShapeError, "size"),
    (lambda: mc.matrix("A", "n", "n") @ mc.vector("x", "m"), mc.ShapeError, ""),
    (lambda: mc.tanh("x"), mc.UnsupportedError, "mc.parse"),
    (lambda: mc.tanh(1, 2), mc.ShapeError, "1 argument"),
    (lambda: mc.elementwise("tanh"), mc.UnsupportedError, "another name"),
    (lambda: mc.grad("x'*x", "x").code("fortran"), mc.UnsupportedError, "fortran"),
]


@pytest.mark.parametrize("ask, kind, words", REFUSED)
def test_refusals_are_of_the_family_and_say_why(ask: object, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as e:
        ask()  # type: ignore[operator]
    assert words in str(e.value)


def test_deriving_and_writing_load_no_numeric_libraries() -> None:
    code = (
        "import sys, matcalc as mc; d = mc.grad('norm(A*x)^2', 'x'); d.latex(), d.code(), d.steps(); "
        "print([m for m in ('numpy', 'scipy', 'sympy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("expr", "by", "where"),
    [
        ("norm(A*x - b)^2", "x", "A: (m, n)"),
        ("norm(g(X*W) - Y)^2", "W", ""),
        ("logdet(S) + tr(inv(S)*C)", "S", "S: (n, n) spd"),
        ("f(x) + x'*x", "x", "f: (n) -> (); x: (n)"),
        ("sum_i log(1 + exp(-y_i*w'*x_i))", "w", "x_i: (d), i = 1..n; y_i: scalar, i = 1..n"),
        ("sum_{k=1}^{K} logdet(S_k)*t", "t", "S_k: (n, n) spd, k = 1..K; t: scalar"),
        ("tr(X'*A*X)", "X[:,j]", "X: matrix"),
    ],
)
def test_the_answer_reads_back_with_its_own_declarations(expr: str, by: str, where: str) -> None:
    d = mc.grad(expr, by, where=where)
    assert mc.parse(d.text(), where=d.where) is d.expr
    assert set(d.declarations) >= {v for v in d.symbols if d.symbols[v].kind in ("scalar", "matrix", "elementwise")}


def test_expressions_of_python_declare_themselves() -> None:
    X, W = mc.matrix("X", "m", "n"), mc.matrix("W", "n", "p")
    d = mc.grad(mc.norm(mc.elementwise("g")(X @ W)) ** 2, W)
    assert d.where == "W: (n, p); X: (m, n); g: elementwise"
    assert mc.parse(d.text(), where=d.where) is d.expr
    assert (d.expr.text(), d.expr.latex(), d.expr.unicode()) == (d.text(), d.latex(), d.unicode())
    assert mc.parse("A*x").sympy() == mc.grad("y'*A*x", "y").sympy()


def test_equal_derivatives_are_equal() -> None:
    d, same, other = (mc.grad("x'*A*x", "x"), mc.grad("x'*A*x", "x"), mc.grad("x'*A*x", "A"))
    assert d == same != other and hash(d) == hash(same) and len({d, same, other}) == 2
    assert mc.grad("x'*A*x", "A[:,j]") == mc.grad("x'*A*x", "A[:,j]") != mc.grad("x'*A*x", "A[:,i]")


def test_entry_by_entry_in_python() -> None:
    X, Y, x = mc.matrix("X", "m", "n"), mc.matrix("Y", "m", "n"), mc.vector("x", "n")
    same = {mc.hadamard(X, Y), X.hadamard(Y), mc.parse("X.*Y", "X, Y: (m, n)")}
    assert len(same) == 1
    assert mc.quotient(X, Y) is mc.parse("X./Y", "X, Y: (m, n)") and mc.pow(X, 3) is mc.parse("X.^3", "X: (m, n)")
    assert np.float64(2) * X is 2 * X is X * np.int64(2) and np.float32(0.5) * x is x / 2
    with pytest.raises(mc.ShapeError, match=r"in Python mc.hadamard\(A, B\)"):
        X * Y
    with pytest.raises(TypeError):
        np.eye(2) @ X
    with pytest.raises(TypeError, match="str is no expression"):
        X.hadamard("Y")


def test_derivatives_along_a_direction() -> None:
    d = mc.grad("logdet(X)", "X")
    assert [d.along("V", k).text() for k in (1, 2, 3)] == ["tr(V*inv(X))", "-tr(V*inv(X)*V*inv(X))", "2*tr(V*inv(X)*V*inv(X)*V*inv(X))"]
    assert mc.hessian("x'*A*x", "x").along("v").text() == "(A + A')*v"
    assert mc.jacobian("exp(A*x)", "x").along("v", 2).text() == "exp(A*x).*(A*v).^2"
    assert mc.grad("tr(S*A*S)", "S", where="S: (n, n) symmetric").along("V").text() == "tr(A*(S*V + V*S))"
    assert mc.grad("x'*A*x", "x").along(mc.vector("u", "n"), 2).text() == "2*u'*A*u"
    for direction, order in (("v", 0), ("v", 11), ("v", True), (mc.vector("v", "k"), 1)):
        with pytest.raises(mc.ShapeError):
            mc.jacobian("exp(A*x)", "x").along(direction, order)


def test_several_derivatives_in_one_program_are_named_by_their_variables() -> None:
    f = "norm(T - U*V')^2"
    source = mc.code([f, mc.grad(f, "U,V")])
    assert "return value, grad_U, grad_V" in source
    assert mc.code(mc.grad(f, "U"), "pytorch") == mc.code(mc.grad(f, "U"), "torch")


def test_a_notebook_shows_the_message_alone() -> None:
    with pytest.raises(mc.ParseError) as caught:
        mc.grad("x'*A*", "x")
    (line,) = caught.value._render_traceback_()
    assert line.startswith("ParseError: ") and "^" in line and "Traceback" not in line


@pytest.mark.parametrize("name", mc.__all__)
def test_every_public_name_is_explained_with_an_example(name: str) -> None:
    """So are the methods of public classes, but for the example."""
    public = getattr(mc, name)
    assert ">>>" in (inspect.getdoc(public) or "")
    own = [m for n, m in inspect.getmembers(public) if not n.startswith("_") and n not in dir(Exception)]
    own = [m for m in own if callable(m) or isinstance(m, property | cached_property)]
    assert not inspect.isclass(public) or all(map(inspect.getdoc, own))
