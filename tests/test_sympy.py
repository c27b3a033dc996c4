"""SymPy in both directions: every row of the operator table by value, and questions as SymPy users write them."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import matcalc as mc
from expressions import Sampler, values_for
from matcalc.api.asking import declaration
from matcalc.api.question import symbols_of
from matcalc.checking.evaluate import evaluate
from matcalc.expr import Dim, Expr, Op, apply, signature, symbol, variable, variables
from matcalc.expr.dims import replace
from matcalc.operators import ELEMENTWISE, MATRIX, call, commutation, unvec
from matcalc.operators.for_sympy import Z, each
from matcalc.reading.sympy.expressions import read_sympy
from matcalc.writing.sympy.explicit import explicit
from matcalc.writing.sympy.expressions import sympy as to_sympy
from matcalc.writing.sympy.numpy import Printer
from sampling import draw

SIZES = {"m": 3, "n": 2, "p": 2, "q": 3, "k": 6}
ROWS = [op for op in (*ELEMENTWISE, *MATRIX) if op.signature]

n, m, p = sp.symbols("n m p", integer=True, positive=True)
A, B, S = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", m, n), sp.MatrixSymbol("S", n, n)
x, y, b = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1), sp.MatrixSymbol("b", m, 1)
t, z = sp.symbols("t z")
i, j, k = sp.symbols("i j k", integer=True)
g = sp.Function("g")
u, V = sp.IndexedBase("u"), sp.IndexedBase("V", shape=(m, n))
WHERE = "A: (m, n); B: (m, n); S: (n, n); x: (n); y: (n); b: (m); t: scalar; g: elementwise"


def example(op: Op) -> tuple[Expr, dict[str, np.ndarray]]:
    """The row applied to variables of a fixed size, and a point of its domain."""
    rng = np.random.default_rng(len(op.name))
    args, point = [], {}
    inputs = [(SIZES["m"], SIZES["n"])] * op.signature.count("*") if op.elementwise else signature(op.signature)[0]
    for place, shape in enumerate(inputs):
        kind = op.sample[place] if place < len(op.sample) else ""
        rows, columns = (int(replace(d, SIZES)) if isinstance(d, Dim) else d for d in shape)
        args.append(variable("XYZ"[place], (rows, columns), {"symmetric"} if "symmetric" in op.domain else frozenset()))
        point["XYZ"[place]] = draw(kind, (rows, columns), rng)
    return (unvec(args[0], 3, 2) if op.name == "unvec" else apply(op, tuple(args))), point


def value(made: sp.Basic, e: Expr, point: dict[str, object]) -> np.ndarray:
    """A SymPy expression at a point, through `lambdify`."""
    symbols = sorted(made.free_symbols, key=str)
    shapes = {v.data[0]: np.shape(evaluate(v, **point)) for v in variables(e)}
    values = [
        np.reshape(point[s.name], (*shapes[s.name], 1)[:2]) if isinstance(s, sp.MatrixSymbol) else np.asarray(point[s.name]).item()
        for s in symbols
    ]
    return np.asarray(sp.lambdify(symbols, made, modules=["scipy", "numpy"], printer=Printer())(*values), dtype=float)


def close(a: object, b: object) -> bool:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return bool(np.allclose(a.ravel(), b.ravel(), rtol=1e-9, atol=1e-10))


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row_written_for_sympy_has_the_same_value(op: Op) -> None:
    e, point = example(op)
    wanted = evaluate(e, **point)
    assert close(value(to_sympy(e), e, point), wanted), "matrix expression"
    made = explicit(e, {})
    numbers = {sp.MatrixSymbol(v.data[0], *v.shape): sp.ImmutableMatrix(point[v.data[0]].tolist()) for v in variables(e)}
    entries = made.subs(numbers) if isinstance(made, sp.MatrixBase) else sp.Matrix([made.subs(numbers)])
    assert close(entries.applyfunc(lambda entry: entry.doit()).evalf().tolist(), wanted), "explicit matrix"


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row_read_from_sympy_has_the_same_value(op: Op) -> None:
    e, point = example(op)
    where = "; ".join(f"{v.data[0]}: ({v.shape[0]}, {v.shape[1]}) symmetric" for v in variables(e) if v.data[1])
    back = read_sympy(to_sympy(e), where).expr
    assert back is e or close(evaluate(back, **point), evaluate(e, **point))


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_an_elementwise_function_of_a_scalar(op: Op) -> None:
    names = "stu"[: op.signature.count("*")]
    kinds, rng = op.sample or ("",) * len(names), np.random.default_rng(1)
    at = {name: draw(kind, (1, 1), rng).item() for name, kind in zip(names, kinds, strict=True)}
    e = apply(op, tuple(variable(name, (1, 1)) for name in names))
    made = to_sympy(e)
    assert float(made.subs({sp.Symbol(name, real=True): x for name, x in at.items()})) == pytest.approx(evaluate(e, **at))
    back = read_sympy(made).expr
    assert evaluate(back, **at) == pytest.approx(evaluate(e, **at))


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.signature != "*"], ids=lambda op: op.name)
def test_a_function_of_an_array_and_scalars(op: Op) -> None:
    """With one array SymPy applies it to each entry."""
    x, (t, u) = variable("x", (3, 1)), (variable(name, (1, 1)) for name in "tu")
    rng = np.random.default_rng(2)
    for at, name in enumerate("xyz"[: op.signature.count("*")]):
        args = [t, u]
        args.insert(at, x)
        kinds = op.sample or ("",) * 3
        e = apply(op, tuple(args[: op.signature.count("*")]))
        if not e.is_scalar:
            point = {v.data[0]: draw(kinds[args.index(v)], v.shape if v is x else (), rng) for v in variables(e)}
            back = read_sympy(to_sympy(e)).expr
            assert close(value(to_sympy(e), e, point), evaluate(e, **point)), name
            assert close(evaluate(back, **point), evaluate(e, **point)), name


@pytest.mark.parametrize("seed", range(60))
def test_random_expressions_there_and_back(seed: int) -> None:
    sampler = Sampler(seed, abstract=False)
    e = sampler.draw(sampler.rng.choice([(1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))]), 4)
    point = {**values_for(variables(e), seed), "m": 3, "n": 2}
    wanted = np.asarray(evaluate(e, **point))
    assert close(value(to_sympy(e), e, point), wanted)
    where = "; ".join(declaration(s) for s in symbols_of(e).values() if s.properties)
    back = read_sympy(to_sympy(e), where).expr
    assert back is e or close(evaluate(back, **point), wanted)


def test_leaves() -> None:
    K = commutation((symbol("m"), symbol("n")))
    assert read_sympy(to_sympy(K)).expr is K
    assert close(explicit(K, {"m": 3, "n": 2}).tolist(), evaluate(K, m=3, n=2))
    assert mc.parse(to_sympy(mc.eye("n"))) is mc.eye("n")
    assert mc.parse(to_sympy(mc.zeros("m", "n"))) is mc.zeros("m", "n")
    assert to_sympy(mc.ones("m", "n")) == sp.OneMatrix(m, n)
    assert to_sympy(mc.pi) == sp.pi


# --- answers -------------------------------------------------------------------------------------------------

# a question ; by ; what SymPy users would write
ANSWERS = [
    ("norm(A*x - b)^2", "x", 2 * A.T * (A * x - b)),
    ("tr(A'*B)", "A", B),
    ("x'*S*x", "S", x * x.T),
    ("log(x'*x)", "x", 2 / sp.Trace(x.T * x) * x),
    ("sum(sin(x))", "x", each(sp.cos, x)),
    ("sum(A)", "A", sp.OneMatrix(m, n)),
    ("b'*g(A*x)", "x", A.T * sp.hadamard_product(b, each(lambda s: sp.Derivative(g(s), s), A * x))),
    ("x'*inv(S)*y", "S", -sp.Inverse(S.T) * x * y.T * sp.Inverse(S.T)),
    ("tr(S)", "S", sp.Identity(n)),
    ("det(S)", "S", sp.Determinant(S) * sp.Inverse(S.T)),
    ("sum(log(x))", "x", sp.HadamardPower(x, -1)),
    ("t^2*x'*y", "t", None),
]


@pytest.mark.parametrize("expr, wrt, wanted", ANSWERS)
def test_answers_are_what_a_sympy_user_would_write(expr: str, wrt: str, wanted: object) -> None:
    real = sp.Symbol("t", real=True)
    made = mc.grad(expr, wrt, where=WHERE).sympy()
    assert made == (wanted if wanted is not None else 2 * real * sp.Trace(x.T * y)), f"{made} instead of {wanted}"


def test_an_explicit_answer_is_a_matrix_of_entries() -> None:
    made = mc.grad("x'*S*x", "x", where=WHERE).sympy(n=2)
    assert isinstance(made, sp.MatrixBase)
    X = sp.MatrixSymbol("x", 2, 1)
    form = (X.as_explicit().T * sp.MatrixSymbol("S", 2, 2).as_explicit() * X.as_explicit())[0]
    assert all(sp.expand(form.diff(X[r, 0]) - made[r]) == 0 for r in range(2))
    assert not isinstance(mc.grad("x'*x*t", "t", where=WHERE).sympy(n=3), sp.MatrixBase)
    with pytest.raises(mc.UnknownNameError, match="size n"):
        mc.grad("norm(A*x)^2", "x", where=WHERE).sympy(m=2)
    with pytest.raises(mc.LimitError):
        mc.grad("norm(A*x)^2", "x", where=WHERE).sympy(m=20000, n=2)


def test_scalars_are_scalars() -> None:
    d = mc.grad("(x'*S*x)*log(y'*y)", "y", where=WHERE).sympy()
    assert d == 2 * sp.Trace(x.T * S * x) / sp.Trace(y.T * y) * y
    assert mc.grad("t*x'*y", "t", where=WHERE).sympy() + 1 == sp.Trace(x.T * y) + 1


def test_kronecker_products_are_never_of_scalars() -> None:
    made = mc.jacobian("x*x'*y", "x", where=WHERE).sympy()
    assert not made.has(sp.KroneckerProduct)
    assert mc.jacobian("A*S*B'", "S", where=WHERE).sympy() == sp.KroneckerProduct(B, A)


def test_symbols_of_the_caller() -> None:
    N, ours = sp.Symbol("n"), sp.MatrixSymbol("x", sp.Symbol("n"), 1)
    made = mc.grad("x'*x", "x", where=WHERE).sympy({"x": ours, "n": N})
    assert made == 2 * ours
    asked = mc.grad(sp.Trace(ours.T * ours), ours)
    assert asked.sympy() == 2 * ours
    assert asked.sympy(n=2) == 2 * sp.MatrixSymbol("x", 2, 1).as_explicit()


def test_sympy_prints_and_takes_answers() -> None:
    d = mc.grad("norm(A*x - b)^2", "x", where=WHERE)
    assert sp.latex(d) == d.latex()
    assert sp.latex(d.expr) == d.latex()
    assert str(sp.StrPrinter().doprint(d)) == d.unicode()
    assert sp.sympify(d) == d.sympy() == sp.sympify(d.expr)
    hook = mc.parse("pinv(A)*b + vec(S)'*vec(S)*x", where=WHERE)
    assert "^{+}" in sp.latex(sp.sympify(hook))


# --- questions -----------------------------------------------------------------------------------------------

# a SymPy expression ; the same in the language
QUESTIONS = [
    (sp.Trace(A.T * B), "tr(A'*B)"),
    (x.T * S * y, "x'*S*y"),
    ((x.T * S * y)[0, 0], "x'*S*y"),
    ((A * x - b).T * (A * x - b), "norm(A*x - b)^2"),
    (sp.MatMul(S, (x.T * y), S), "(x'*y)*S*S"),
    (sp.MatMul(x.T * y, S), "(x'*y)*S"),
    (sp.Determinant(S) ** 2 + 1, "det(S)^2 + 1"),
    (sp.log(sp.Determinant(S)), "logdet(S)"),
    (sp.log(sp.Abs(sp.Determinant(S))), "logdet(S)"),
    (S**-1 * x, "inv(S)*x"),
    (S**3, "S^3"),
    (sp.sqrt(sp.Trace(x.T * x)), "norm(x)"),
    (sp.exp(S), "expm(S)"),
    (sp.exp(t) * x / 3, "exp(t)*x/3"),
    (0.5 * x, "x/2"),
    (sp.HadamardProduct(A, B) + sp.HadamardPower(A, 2), "A.*B + A.^2"),
    (A.applyfunc(sp.sin), "sin(A)"),
    (A.applyfunc(g), "g(A)"),
    (sp.HadamardProduct(A, B).applyfunc(lambda s: 1 / (1 + sp.exp(-s))), "1./(1 + exp(-A.*B))"),
    (A.applyfunc(lambda s: s**2 + t * sp.cos(s) + 2), "A.^2 + t*cos(A) + 2"),
    (A.applyfunc(lambda s: sp.Max(0, s)), "relu(A)"),
    (each(lambda s: sp.Derivative(g(s), s), A), "g'(A)"),
    (sp.Subs(sp.Derivative(g(Z), Z), Z, sp.Trace(x.T * y)), "g'(x'*y)"),
    (g(t) + sp.pi, "g(t) + pi"),
    (sp.DiagMatrix(x) * S, "diag(x)*S"),
    (sp.DiagMatrix(x.T) ** 2 * S, "diag(x.^2)*S"),
    (sp.DiagonalOf(S), "diag(S)"),
    (sp.DiagonalMatrix(S), "diag(diag(S))"),
    (sp.KroneckerProduct(A, S), "kron(A, S)"),
    (A * sp.OneMatrix(n, 1) + sp.ZeroMatrix(m, 1), "rowsum(A)"),
    (S + 2 * sp.Identity(n), "S + 2*eye(n)"),
    (A[i, j], "A[i,j]"),
    (A[0, 1], "A[1,2]"),
    (A[:, j], "A[:,j]"),
    (A[1, :], "A[2,:]"),
    (sp.Matrix([[t**2]]), "t^2"),
    (sp.Trace(S) / n, "tr(S)/n"),
    (sp.Sum(A[i, j], (i, 0, m - 1), (j, 0, n - 1)), "sum(A)"),
    (sp.Sum(x[i, 0] ** 2, (i, 0, n - 1)), "sum(x.^2)"),
    (sp.Sum(sp.log(1 + sp.exp(x[i, 0])), (i, 0, n - 1)), "sum(log(1 + exp(x)))"),
    (sp.Sum(g(x[i, 0] * y[i, 0]), (i, 0, n - 1)), "sum(g(x.*y))"),
    (sp.Sum(S[i, i], (i, 0, n - 1)), "tr(S)"),
    (sp.Sum(S[i, j] * S[j, i], (i, 0, n - 1), (j, 0, n - 1)), "sum(S.*S')"),
    (sp.Sum(A[i, j] * B[i, j], (i, 0, m - 1), (j, 0, n - 1)), "sum(A.*B)"),
    (sp.Sum(x[i, 0] * S[i, j] * y[j, 0], (i, 0, n - 1), (j, 0, n - 1)), "x'*S*y"),
    (sp.Sum(b[i, 0] * (A[i, j] + t) * x[j, 0], (j, 0, n - 1), (i, 0, m - 1)), "b'*(A + t)*x"),
    (sp.Sum(sp.exp(x[i, 0] + y[j, 0]), (i, 0, n - 1), (j, 0, n - 1)), "sum(exp(x*ones(n)' + ones(n)*y'))"),
    (sp.Sum(sp.Sum(A[i, j] * x[j, 0], (j, 0, n - 1)) ** 2, (i, 0, m - 1)), "sum((A*x).^2)"),
    (sp.Sum(S[i, k] * S[k, j] * S[j, i], (i, 0, n - 1), (j, 0, n - 1), (k, 0, n - 1)), "tr(S*S*S)"),
    (sp.Sum(A[i, 0] * 3, (i, 0, m - 1)), "3*sum(A[:,1])"),
    (sp.Product(x[i, 0], (i, 0, n - 1)), "prod(x)"),
    (sp.Sum((u[i] - x[i - 1, 0]) ** 2, (i, 1, n)) / n, "sum((u - x).^2)/n"),
    (sp.Sum((u[i] - x[i, 0]) ** 2, (i, 0, n - 1)) / n, "sum((u - x).^2)/n"),
    (sp.Sum(V[i, j] * u[j] * b[i, 0], (i, 0, m - 1), (j, 0, n - 1)), "b'*V*u"),
    (sp.Sum((V[i + 1, 0] - V[i, 0]) ** 2, (i, 0, m - 2)), "norm(V[2:m,1] - V[1:m-1,1])^2"),
    (sp.Trace(sp.BlockMatrix([[S, S], [sp.ZeroMatrix(n, n), S]]) ** 2), "tr([S, S; 0, S]^2)"),
]


@pytest.mark.parametrize("given, wanted", QUESTIONS, ids=[text for _, text in QUESTIONS])
def test_reading(given: object, wanted: str) -> None:
    read = mc.parse(given)
    assert mc.equal(read, wanted, where=WHERE).ok, f"{read} instead of {wanted}"


def test_derivatives_of_sympy_expressions() -> None:
    d = mc.grad(((A * x - b).T * (A * x - b))[0, 0], x)
    assert d.sympy() == 2 * A.T * (A * x - b)
    assert d.check().ok
    assert mc.jacobian(A.applyfunc(sp.tanh) * x, x).sympy() == each(sp.tanh, A)
    assert mc.hessian(x.T * S * x, x).sympy() == S + S.T
    both = mc.grad(sp.Trace(A.T * B), [A, B])
    assert [one.sympy() for one in both] == [B, A]
    assert mc.grad(x.T * y, x[i, 0]).sympy() == y[i, 0]
    assert mc.grad(sp.Sum(u[i] * x[i, 0], (i, 0, n - 1)), u).sympy() == x
    assert mc.grad(t**3, t).sympy() == 3 * t**2
    assert mc.grad(sp.Trace(S * S), S, where="S: (n, n) symmetric").sympy() == 2 * S


def test_names_are_made_names_of_the_language() -> None:
    X, theta = sp.MatrixSymbol("X_{1}", n, n), sp.Symbol("lambda")
    d = mc.grad(theta * sp.Trace(X * X.T), X)
    assert d.sympy() == 2 * theta * X
    assert mc.parse(d.text(), where="X_1: (n, n); lambda: scalar") is d.expr
    same = mc.grad(sp.Symbol("x") * x.T * x, x)  # a scalar and a vector of one name
    assert same.sympy() == 2 * sp.Symbol("x") * x


# a SymPy expression ; the error ; what it names
REFUSED = [
    (sp.Integral(t, t), mc.UnsupportedError, "Integral"),
    (sp.Derivative(sp.Trace(S), S), mc.UnsupportedError, "Derivative"),
    (sp.Piecewise((t, t > 0), (0, True)), mc.UnsupportedError, "Piecewise"),
    (sp.Product(x[i, 0] + i, (i, 0, n - 1)), mc.UnsupportedError, "index i"),
    (sp.Product(A[i, j], (i, 0, m - 1), (j, 0, n - 1)), mc.UnsupportedError, "product over an index"),
    (u[i], mc.UnsupportedError, "shape of u"),
    (sp.Sum(u[i] * u[i + 1], (i, 1, n)), mc.UnsupportedError, "shape of u"),
    (sp.Sum(u[i], (i, 1, n)) * sp.Sum(u[i], (i, 1, m)), mc.UnsupportedError, "different lengths"),
    (sp.Sum(u[i, j, k], (i, 1, n), (j, 1, n), (k, 1, n)), mc.UnsupportedError, "3 indices"),
    (sp.I * t, mc.UnsupportedError, "ImaginaryUnit"),
    (sp.zeta(t), mc.UnsupportedError, "zeta"),
    (sp.oo, mc.UnsupportedError, "oo"),
    (sp.Matrix([[1, 2]]), mc.UnsupportedError, "1×2"),
    (sp.Function("f")(t, t), mc.UnsupportedError, "2 arguments"),
    (sp.conjugate(sp.Symbol("c")), mc.UnsupportedError, "conjugate"),
    (sp.Permanent(S), mc.UnsupportedError, "Permanent"),
    (sp.MatPow(S, t), mc.UnsupportedError, "whole powers"),
    (sp.MatrixSymbol("Q", n - 1, n), mc.UnsupportedError, "n - 1"),
    (sp.Sum(x[i, 0], (i, 0, n)), mc.UnsupportedError, "not over all"),
    (sp.Sum(x[i, 0], (i, t, n - 1)), mc.UnsupportedError, "whole number"),
    (sp.Sum(i * x[i, 0], (i, 0, n - 1)), mc.UnsupportedError, "index i"),
    (sp.Sum(A[i, 0], (i, 0, n - 1)), mc.UnsupportedError, "not over all"),
    (sp.Sum(x[i, 0] * x[i + 1, 0], (i, 0, n - 1)), mc.UnsupportedError, "not over all"),
    (sp.Sum(x[i * j, 0], (i, 0, n - 1), (j, 0, n - 1)), mc.UnsupportedError, "index i"),
    (sp.Symbol("c", commutative=False), mc.UnsupportedError, "real"),
    (sp.Symbol("c", imaginary=True), mc.UnsupportedError, "real"),
    (A * S.T * b, mc.ShapeError, "product"),
    (sp.MatAdd(A * x, x), mc.ShapeError, "sum"),
    (sp.sin(S), mc.ShapeError, "applyfunc"),
    (sp.Trace(S) > 0, mc.UnsupportedError, "StrictGreaterThan"),
]


@pytest.mark.parametrize("given, error, names", REFUSED, ids=[f"{type(e).__name__}-{at}" for at, (e, _, _) in enumerate(REFUSED)])
def test_what_is_not_understood_is_refused_by_name(given: object, error: type[Exception], names: str) -> None:
    with pytest.raises(error, match=names):
        mc.parse(given)


def test_deep_expressions() -> None:
    e = mc.vector("x", "n")
    for _ in range(120):
        e = mc.tanh(mc.matrix("S", "n", "n") @ e)
    made = to_sympy(e)
    assert read_sympy(made).expr is e


def test_functions_of_a_whole_matrix() -> None:
    where = "X: (m, n); A: (m, m); f: (m, n) -> (); F: (m, n) -> (p, q)"
    for d in (mc.grad("f(A*X)^2", "X", where=where), mc.hessian("f(A*X)", "X", where=where), mc.jacobian("F(A*X)", "X", where=where)):
        assert mc.parse(d.sympy()) is d.expr
    assert "nabla" in sp.latex(mc.grad("f(A*X)", "X", where=where).sympy())


def test_plain_derivation_does_not_import_sympy() -> None:
    import subprocess
    import sys

    code = "import sys, matcalc as mc; mc.grad('norm(A*x)^2', 'x').text(); sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_call_of_functions_on_sympy_expressions() -> None:
    assert mc.tr(S) is call("tr", mc.matrix("S", "n", "n"))


@pytest.mark.parametrize("name", ["x²", "ａ", "𝐱", "１", "x₁", "½", "²", "x y", "", "_", "ϵ", "٣", "sin", "lambda"])
def test_any_name_of_a_symbol_comes_to_an_end(name: str) -> None:
    x = sp.Symbol(name)
    assert sp.simplify(mc.grad(x**2 * sp.sin(x), x).sympy() - sp.diff(x**2 * sp.sin(x), x)) == 0


def test_symbols_that_python_reads_alike_stay_two() -> None:
    a, b, c, d = sp.symbols("ε ϵ x2 x²")
    answer = mc.grad(a * sp.sin(b) + c * d**2, a).sympy()
    assert sp.simplify(answer - sp.sin(b)) == 0
    assert len(set(mc.grad(a * b * c * d, a).symbols)) == 4
