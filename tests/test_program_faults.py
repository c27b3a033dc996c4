"""Programs fail loudly: at singular and indefinite matrices, at wrong shapes and large scores they are right, nan, or an error.

And what random questions found: vectors that were matrices, sizes that were taken for each other.
"""

import warnings

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.evaluate import evaluate
from matcalc.errors import ShapeError, UnsupportedError
from matcalc.expr import Dim, apply, number, variables
from matcalc.expr.applying import inputs_of
from matcalc.expr.dims import replace
from matcalc.operators import ELEMENTWISE, MATRIX
from programs import check, on

TARGETS = ["numpy", "jax", "torch"]
DERIVATIVES = {"grad": mc.grad, "jacobian": mc.jacobian, "hessian": mc.hessian}
COMMON = "A: (n, n); X: (m, n); B: (n, p); W: (n, n); b: (n); c: (n); u: (m); v: (n); w: (m); z: (n); r: (1, n); a: scalar"


@pytest.fixture(autouse=True)
def target_is_here(request):
    on(request.node.callspec.params.get("target", "numpy") if hasattr(request.node, "callspec") else "numpy")


def called(run, target, **values):
    if target == "torch":
        import torch

        values = {name: torch.tensor(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}
    if target == "jax" and "lax.cond" in getattr(run, "source", ""):
        import jax

        with jax.disable_jit():  # a conditional is compiled anew at each call
            return np.asarray(run(**values))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)  # torch's own
        return np.asarray(run(**values))


def drawn(of, sizes, seed=0):
    rng = np.random.default_rng(seed)
    values = {}
    for x in variables(of):
        rows, columns = (int(replace(d, sizes)) if isinstance(d, Dim) else d for d in x.shape)
        value = rng.standard_normal((rows, columns))
        if "symmetric" in x.data[1]:
            value = value + value.T
        values[x.data[0]] = value.item() if x.is_scalar else value[:, 0] if x.shape[1] == 1 else value
    return values


# --- what random questions found -----------------------------------------------------------------------------------

SIZES = [{"m": 4, "n": 3, "p": 2, "k": 2}, {"m": 2, "n": 3, "p": 4, "k": 4}, {"m": 2, "n": 1, "p": 3, "k": 3}]
FOUND = [  # derivative | expression | variable | declarations beside those above
    # a sum of Kronecker products of columns, or of rows, is a vector
    "jacobian | (u*v' + ones(m)*r).*X | X",
    "jacobian | (u*v' + ones(m)*r).*X | r",
    "jacobian | (u*v' + w*z').*X | X",
    "jacobian | (z*v' - a).*atan(A*diag(v)) | v",
    "hessian | norm(W^2*b) | W",
    "hessian | norm(A^2*b) | b",
    "hessian | norm(A^3*b) | A",
    "hessian | exp(u'*X*v + w'*X*z) | X",
    "hessian | log(u'*X*v + 40)*w'*X*z | X",
    "hessian | norm((X.*X)*b) | X",
    "hessian | norm(X*X'*u) | X",
    "hessian | logsumexp((A'.*A)*v) | A",
    "hessian | norm(softmax_rows(X)*b) | X",
    "hessian | norm(softmax_rows(X)*b)^3 | X",
    "grad | norm(kron(u, v) + kron(w, z) - s)^2 | u | s: (m*n)",
    "grad | norm(kron(u', v') + kron(w', z') - s)^2 | u | s: (1, m*n)",
    # softmax_rows and logsumexp_rows of a column, of a row, and of a matrix with one column
    "grad | sum(logsumexp_rows(X*b).^2) | b",
    "jacobian | logsumexp_rows(X*b) | b",
    "jacobian | softmax_rows((X*b)') | b",
    "grad | logsumexp_rows((X*b)') | b",
    "hessian | logsumexp_rows(u'*X) | u",
    "jacobian | softmax_rows(X) | X",
    "jacobian | softmax_rows(u*v') | u",
    "jacobian | logsumexp_rows(u*v') | v",
    # blocks that are not square
    "hessian | tr(S*tanh((S + F*F')^-1)) | F | F: (n, k); S: (n, n) symmetric",
    "hessian | tr(S*sin(F*F' + S)) | F | F: (n, k); S: (n, n) symmetric",
    "hessian | sum(tanh(F*G*F')) | F | F: (n, k); G: (k, k)",
    "hessian | tr(tanh(F'*F)) | F | F: (n, k)",
    # a commutation matrix moves the rows of a Kronecker product of its own sizes only
    "grad | ones(1, n*p)*(kron(W, eye(p)).*(commutation(n, p)*kron(A, C)))*kron(ones(n), d) | d | C: (p, p); d: (p)",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("row", FOUND)
def test_programs_and_the_evaluator_agree(row, target):
    order, text, wrt, *more = (part.strip() for part in row.split("|"))
    d = DERIVATIVES[order](text, wrt, "; ".join([COMMON, *more]))
    run = d.compile(target)
    for sizes in SIZES if target != "jax" else SIZES[:1]:
        values = drawn(d.of, sizes)
        wanted = evaluate(d.expr, **values, **sizes)
        found = called(run, target, **values)
        assert found.shape == np.shape(wanted), run.source
        assert np.allclose(found, wanted, rtol=1e-8, atol=1e-8 * (1 + np.max(np.abs(wanted)))), run.source


@pytest.mark.parametrize("target", TARGETS)
def test_the_zero_of_a_largest_eigenvalue_less_its_matrix_is_known(target):
    run = mc.hessian("lambda_max(W*W' + eye(n))", "W", "W: (n, n)").compile(target)
    assert np.allclose(called(run, target, W=np.array([[1.2304]])), 2)  # of w² + 1, though λ − 1 − w² is rounding


@pytest.mark.parametrize("target", TARGETS)
def test_a_size_keeps_its_name_and_an_entry_gives_a_vector(target):
    sized = mc.jacobian("erf(ones(p, n))*softmax(v)", "v", "v: (n); length_p: (p)").compile(target)
    assert np.allclose(called(sized, target, v=np.array([1.0, 2.0]), p=3), np.zeros((3, 2)))
    number = mc.hessian("silu(s)/p", "s, s", "s: scalar; length_p: (p)").compile(target)
    assert np.isclose(called(number, target, s=0.0, p=4), 0.125)
    entry = mc.jacobian("kron(v, v)", "v[i]", "v: (n)").compile(target)
    assert called(entry, target, v=np.array([3.0, 4.0]), i=2).tolist() == [0, 3, 3, 8]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("op", [op for op in (*ELEMENTWISE, *MATRIX) if op.signature and op.numpy], ids=lambda op: op.name)
def test_a_row_of_scalars(op, target):
    """Every argument that may be 1×1 is, as a variable and as a number."""
    on(target)
    if op.name in ("unvec", "diff"):  # which are of more than one row
        return
    count = inputs_of(op.signature)
    inside = "unit" in op.sample[:1]
    scalars = [mc.expr.variable("xyz"[i], (1, 1), {"positive"}) for i in range(count)]
    given = [apply(mc.operators.row("tanh"), (s,)) if inside else s + 1 for s in scalars]
    check(apply(op, tuple(given)), target)
    if target == "jax":  # whose numbers are NumPy's
        return
    e = apply(op, (given[0], *(number(2 + 3 * k) / 3 for k, _ in enumerate(given[1:]))))
    check(e, target)
    if e.is_scalar and variables(e):
        check(mc.grad(e, "x").expr, target) if op.d or op.adjoint else None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "text", ["sylvester(x, 2, 3)", "logm_frechet(2, x)", "expm_frechet(x, 2)", "x*softmax_rows(2) + logsumexp_rows(x)"]
)
def test_functions_of_matrices_take_numbers(text, target):
    found = called(mc.compile(text, target, "x: scalar"), target, x=0.5)
    assert np.isclose(found, {"s": 3 / 2.5, "l": 0.25, "e": 2 * np.exp(0.5), "x": 1.0}[text[0]])


# --- singular matrices ---------------------------------------------------------------------------------------------

SINGULAR = {"X": np.array([[1.0, 2.0], [2.0, 4.0]]), "A": np.array([[1.0, 3.0], [2.0, 1.0]]), "B": np.array([[2.0, 3.0], [4.0, 1.0]])}
SQUARE = "X: (n, n); A: (n, n); B: (n, n)"
POLYNOMIALS = [
    "det(X)", "det(X')", "det(2*X)", "det(A*X)", "det(X*A)", "det(A*X*B)", "det(X)^2", "det(X)^3", "det(X^2)", "exp(det(X))",
    "sin(det(X*A))", "det(X)*tr(A*X)", "det(X + A)*det(X)", "det(X)/tr(X)", "log(det(X)^2 + 1)", "det(X'*X)", "tr(A*X)*det(X) + det(B*X)", "det(X*inv(A))", "det(X*diag(diag(A)))",
]  # fmt: skip


def slopes(text, values):
    value = mc.compile(text, where=SQUARE)
    given = {name: v for name, v in values.items() if name in {v.data[0] for v in variables(mc.parse(text, where=SQUARE))}}
    out, h = np.zeros_like(values["X"]), 1e-5
    for i in np.ndindex(out.shape):
        step = np.zeros_like(out)
        step[i] = h
        out[i] = (value(**{**given, "X": values["X"] + step}) - value(**{**given, "X": values["X"] - step})) / (2 * h)
    return given, out


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", POLYNOMIALS)
def test_the_gradient_of_a_determinant_at_a_singular_matrix(text, target):
    run = mc.grad(text, "X", SQUARE).compile(target)
    for x in (SINGULAR["X"], np.zeros((2, 2)), SINGULAR["A"])[: 1 if target == "jax" else None]:
        if "/tr(X)" in text and not x.any():
            continue
        given, wanted = slopes(text, {**SINGULAR, "X": x})
        assert np.allclose(called(run, target, **given), wanted, atol=1e-5 * (1 + np.abs(wanted).max())), run.source


@pytest.mark.parametrize("target", TARGETS)
def test_the_adjugate_is_the_matrix_of_cofactors(target):
    det, adj = mc.grad("det(X)", "X", "X: (n, n)").compile(target), mc.compile("adj(X)", target, where="X: (n, n)")
    assert np.allclose(called(det, target, X=SINGULAR["X"]), [[4, -2], [-2, 1]])
    assert np.allclose(called(adj, target, X=SINGULAR["X"]), [[4, -2], [-2, 1]])
    for n, rank in ((3, 2), (3, 1), (1, 0), (1, 1), (4, 3), (5, 5))[: 2 if target == "jax" else None]:
        rng = np.random.default_rng(n)
        x = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, n))
        assert np.allclose(called(adj, target, X=x), evaluate(mc.parse("adj(X)", where="X: (n, n)"), X=x), atol=1e-10)


SKEW = np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0], [-2.0, -3.0, 0.0]])
BEYOND = [  # derivatives at singular matrices that no adjugate gives: where an inverse remains, of skew matrices of odd size, of projectors
    ("grad", "det(X)", "X", "X: (n, n) skew", SKEW), ("grad", "det(X - X')", "X", "X: (n, n)", SKEW), ("hessian", "det(X)", "X", "X: (n, n) skew", SKEW),
    ("hessian", "s*det(X - X')", "s, X", "X: (n, n); s: scalar", SKEW), ("hessian", "det(X)", "X", "X: (n, n)", SINGULAR["X"]),
    ("hessian", "det(X)", "X", "X: (n, n) psd", SKEW @ SKEW.T), ("jacobian", "adj(X)", "X", "X: (n, n)", np.arange(1.0, 10).reshape(3, 3)),
    ("jacobian", "diag(adj(X))", "X", "X: (n, n) psd", SKEW @ SKEW.T), ("grad", "norm(adj(X))", "X", "X: (n, n) psd", SKEW @ SKEW.T),
    ("grad", "det(X)^2", "X", "X: (n, n) projector", np.full((2, 2), 0.5)), ("hessian", "s*det(X^2)", "s, X", "X: (n, n) projector; s: scalar", np.full((2, 2), 0.5)),
    ("jacobian", "adj(ones(n, n)*X)", "X", "X: (n, n)", np.arange(1.0, 10).reshape(3, 3)), ("grad", "tr(adj(X))", "X", "X: (n, n) psd", SKEW @ SKEW.T),
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("row", BEYOND, ids=lambda row: " ".join(row[:4]))
def test_where_an_inverse_remains_a_singular_matrix_has_no_derivative(row, target):
    order, text, wrt, where, x = row
    run, more = DERIVATIVES[order](text, wrt, where).compile(target), {"s": 2.0} if "s: " in where else {}
    assert_nowhere_finite(run, target, X=x, **more)


def assert_nowhere_finite(run, target, **values):
    """An error, or no number that is finite."""
    try:
        found = called(run, target, **values)
    except np.linalg.LinAlgError:
        assert target == "numpy"
    else:
        assert not np.any(np.isfinite(found))


NEARLY = {  # singular but for rounding
    "psd": SKEW @ SKEW.T / 7, "one to nine": np.arange(1.0, 10).reshape(3, 3), "of rank two": np.vander(np.arange(5.0), 2) @ np.vander([1.0, 2.0, 3.0, 5.0, 7.0], 2).T / 3,
    "scaled": np.diag([1e-12, 1, 1e9]) @ np.arange(1.0, 10).reshape(3, 3) @ np.diag([1e5, 1, 1e-9]),
}  # fmt: skip
FAR = {  # from singular, whatever the condition number says
    "far scales": np.diag([1e-20, 1.0, 1e20]), "scales": np.diag([1e-10, 1.0]), "Hilbert": 1 / (1.0 + np.add.outer(np.arange(8), np.arange(8))),
    "units": np.diag([1e-20, 1.0]) @ np.array([[2.0, 1.0], [1.0, 3.0]]) @ np.diag([1e-20, 1.0]), "tiny": 1e-30 * np.eye(3), "one": np.array([[1e-200]]),
    "rows": np.diag([1e-20, 1.0]) @ np.array([[1.0, 2.0], [3.0, 4.0]]) @ np.diag([1e13, 1.0]),
}  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ["inv(X)", "inv(X)*b", "logdet(X)", "b'*inv(X)*b + logdet(X)"])
@pytest.mark.parametrize("declared", ["", "symmetric", "spd"])
def test_what_is_singular_but_for_rounding_has_no_inverse_and_what_is_badly_scaled_has_one(text, declared, target):
    run = mc.compile(text, target, f"X: (n, n) {declared}; b: (n)")
    near, far = (list(cases.values())[: 1 if target == "jax" else None] for cases in (NEARLY, FAR))
    for x in near:
        if not declared or np.array_equal(x, x.T):
            assert_nowhere_finite(run, target, X=x, **({"b": np.ones(len(x))} if "b" in text else {}))
    for x in far:
        if not declared or np.array_equal(x, x.T):
            assert np.all(np.isfinite(called(run, target, X=x, **({"b": np.ones(len(x))} if "b" in text else {}))))


@pytest.mark.parametrize("target", TARGETS)
def test_the_pseudoinverse_of_a_vector_that_stands_beside_the_inverse_of_a_singular_matrix(target):
    run = mc.jacobian("adj(a + ones(m, m))", "a", "a: scalar; length_m: (m)").compile(target)
    assert_nowhere_finite(run, target, a=0.5, m=3)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ["logdet(X'*X)", "logdet(X*X')"])
def test_the_determinant_of_the_gram_matrix_of_too_many_columns_has_no_logarithm(text, target):
    x = np.random.default_rng(0).standard_normal((2, 4) if text == "logdet(X'*X)" else (4, 2))
    assert_nowhere_finite(mc.compile(text, target, "X: (m, n)"), target, X=x)


PRODUCTS = [
    "prod(x)",
    "prod(diag(x))",
    "prod(x)*sum(x)",
    "prod(x)^2",
    "log(prod(x)^2 + 1)",
    "prod(x.*c)*c'*x",
    "exp(prod(x))",
    "prod(x + c)*prod(x)",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", PRODUCTS)
def test_the_gradient_of_a_product_where_an_entry_is_zero(text, target):
    d = mc.grad(text, "x", "x: (n); c: (n)")
    for x in np.array([[2.0, 0.0, -3.0], [0.0, 0.0, 1.5], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])[: 1 if target == "jax" else None]:
        values = {"x": x, "c": np.array([1.0, 2.0, -1.5])} if "c" in text else {"x": x}
        value, steps = mc.compile(text, where="x: (n); c: (n)"), 1e-5 * np.eye(3)
        wanted = [(value(**values | {"x": x + h}) - value(**values | {"x": x - h})) / 2e-5 for h in steps]
        assert np.allclose(called(d.compile(target), target, **values), wanted, atol=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_products_of_the_other_entries_of_a_matrix(target):
    x = np.array([[2.0, 3.0, 1.0], [0.0, 5.0, 4.0]])
    assert called(mc.grad("prod(X)", "X", "X: (m, n)").compile(target), target, X=x).tolist() == [[0, 0, 0], [120, 0, 0]]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ["prod(expm(X))", "prod(tril(X) + A)", "prod(kron(X, A))", "prod(vec(X*A))"])
def test_products_of_the_other_entries_inside_what_is_linear_in_them(text, target):
    values = {"X": np.array([[2.0, 0.0], [0.0, -1.0]]), "A": np.array([[1.0, 2.0], [0.5, 1.0]])}
    given, wanted = slopes(text, values)
    assert np.allclose(called(mc.grad(text, "X", SQUARE).compile(target), target, **given), wanted, atol=1e-8)


NOT_FINITE = ["expm_frechet(X, A)", "expm_frechet(A, X)", "expm_jacobian(X)", "sylvester(X, A, A)", "sylvester(A, X, A)", "adj(X)"]


@pytest.mark.parametrize("text", NOT_FINITE)
@pytest.mark.parametrize("entry", [np.nan, np.inf])
def test_of_what_is_not_finite_nothing_is(text, entry):
    run = mc.compile(text, "numpy", SQUARE)
    given = {"X": np.array([[entry, 1, 1], [2, 3, 1], [1, 1, 2]]), **({"A": np.eye(3)} if "A" in text else {})}
    assert_nowhere_finite(run, "numpy", **given)


INVERSES = [
    ("inv(X)", "X: (n, n)"), ("inv(X)*b", "X: (n, n); b: (n)"), ("b'*inv(X)*b + logdet(X)", "X: (n, n); b: (n)"), ("inv(X)*X*inv(X)'", "X: (n, n)"),
    ("inv(X)*b", "X: (n, n) symmetric; b: (n)"), ("b'*inv(X)*b + logdet(X)", "X: (n, n) symmetric; b: (n)"), ("inv(X)", "X: (n, n) spd"),
    ("tr(inv(X)*A*inv(X)*A) + b'*inv(X)*b", "X: (n, n) symmetric; A: (n, n); b: (n)"), ("logdet(X)", "X: (n, n)"), ("logdet(X)", "X: (n, n) symmetric"),
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", INVERSES, ids=" ; ".join)
def test_a_singular_matrix_has_no_inverse(case, target):
    text, where = case
    values = {"X": SINGULAR["X"], "A": SINGULAR["A"], "b": np.array([1.0, 1.0])}
    names = {v.data[0] for v in variables(mc.parse(text, where=where))}
    assert_nowhere_finite(mc.compile(text, target, where), target, **{name: values[name] for name in names})


GRAMS = [  # of functions that invert X'X, and X of too small a rank
    ("logdet(X'*X)", np.ones((3, 2))), ("logdet(X'*X)", np.ones((2, 3))), ("logdet(X*X')", np.ones((3, 2))), ("logdet(X*X')", np.eye(3, 2)),
    ("y'*X*inv(X'*X)*X'*y", np.ones((3, 2))), ("norm(y - X*inv(X'*X)*X'*y)^2", np.eye(2, 3)), ("logdet(X'*X)", np.zeros((2, 2))),
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("text", "x"), GRAMS, ids=str)
def test_a_pseudoinverse_that_stands_for_an_inverse_is_of_full_rank(text, x, target):
    d = mc.grad(text, "X", "X: (m, n); y: (m)")
    run, more = d.compile(target), {"y": np.ones(len(x))} if "y" in text else {}
    try:
        found = called(run, target, X=x, **more)
    except np.linalg.LinAlgError:
        assert target == "numpy"
    else:
        assert target != "numpy"
        assert not np.any(np.isfinite(found))
    regular = np.random.default_rng(0).standard_normal((2, 3) if "X*X'" in text else (3, 2))
    more = {"y": np.ones(len(regular))} if more else {}
    assert np.allclose(called(run, target, X=regular, **more), evaluate(d.expr, X=regular, **more, m=len(regular)))


DEFINITE = [
    "logdet(S)", "det(S)", "b'*inv(S)*b", "b'*inv(S)*b + logdet(S)", "tr(inv(S)*C)", "log(det(S))", "exp(-b'*inv(2*S)*b)",
    "logdet(S + T)",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", DEFINITE)
def test_a_matrix_that_is_declared_positive_definite_and_is_not(text, target):
    where = "S: (n, n) spd; T: (n, n) spd; C: (n, n); b: (n)"
    d = mc.grad(text, "S", where)
    for s in (np.diag([1.0, -2.0]), -np.eye(2), np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[2.0, 1.0], [0.0, 2.0]]) - np.eye(2)):
        values = {"S": s, "T": 1e-3 * np.eye(2) if s[1, 0] != 2 else 0 * s, "C": SINGULAR["A"], "b": np.ones(2)}
        for run, e in ((mc.compile(d.of, target), d.of), (d.compile(target), d.expr)):
            names = {v.data[0] for v in variables(d.of)} if e is d.expr else {v.data[0] for v in variables(e)}
            given = {name: values[name] for name in names}
            if target == "numpy":
                with pytest.raises(np.linalg.LinAlgError, match=r"not positive definite|not symmetric"):
                    run(**given)
            else:
                assert np.all(np.isnan(called(run, target, **given))), run.source


# --- norms and eigenvalues -----------------------------------------------------------------------------------------


def curvature(f, x, h=1e-4):
    m, n = x.shape
    flat, units = x.ravel(order="F"), h * np.eye(m * n)
    at = lambda y: f(y.reshape(m, n, order="F"))  # noqa: E731
    return np.array(
        [[(at(flat + i + j) - at(flat + i - j) - at(flat - i + j) + at(flat - i - j)) / (4 * h * h) for j in units] for i in units]
    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("text", "kind"), [("normnuc(X)", "nuc"), ("normspec(X)", 2)])
def test_hessians_of_norms_of_singular_values(text, kind, target):
    run = mc.hessian(text, "X", "X: (m, n)").compile(target)
    for m, n in [(4, 3), (3, 4), (3, 3), (1, 3), (3, 1), (2, 5)] if target != "jax" else [(2, 3)]:
        x = np.random.default_rng(m).standard_normal((m, n))
        wanted = curvature(lambda z: np.linalg.norm(z, kind), x)
        assert np.allclose(called(run, target, X=x), wanted, atol=1e-4 * (1 + np.abs(wanted).max()))


def test_the_largest_singular_value_at_many_points():
    run = mc.hessian("normspec(X)", "X", "X: (m, n)").compile()
    for seed in range(300):
        m, n = 2 + seed % 3, 2 + seed % 4
        x = np.eye(m, n) + 10.0 ** -(seed % 3) * np.random.default_rng(seed).standard_normal((m, n))
        s = np.linalg.svd(x, compute_uv=False)
        assert np.abs(run(X=x)).max() <= 10 / (s[0] - s[1])


# --- shapes --------------------------------------------------------------------------------------------------------

FITTING = {"A": np.ones((4, 3)), "S": np.eye(3), "b": np.ones(4), "x": np.ones(3), "r": np.ones((1, 3)), "y": np.ones(6), "t": 2.0}
UNFIT = [  # what is given instead, and what is said
    ({"x": np.ones((3, 1))}, "x is declared (n), but has the shape (3, 1)"),
    ({"x": np.ones((1, 3))}, "x is declared (n), but has the shape (1, 3)"),
    ({"x": np.ones(2)}, "x is declared (n), but has the shape (2,), where n = 3 by A"),
    ({"x": 1.0}, "x is declared (n), but has the shape ()"),
    ({"A": np.ones(3)}, "A is declared (m, n), but has the shape (3,)"),
    ({"A": np.ones((3, 4))}, "declared"),
    ({"A": np.ones((4, 3, 1))}, "A is declared (m, n), but has the shape (4, 3, 1)"),
    ({"S": np.ones((3, 2))}, "S is declared (n, n), but has the shape (3, 2), where n = 3 by A"),
    ({"b": np.ones(3)}, "b is declared (m), but has the shape (3,), where m = 4 by A"),
    ({"b": np.ones((4, 1))}, "b is declared (m), but has the shape (4, 1)"),
    ({"r": np.ones((3, 1))}, "r is declared (1, n), but has the shape (3, 1)"),
    ({"r": np.ones((2, 3))}, "r is declared (1, n), but has the shape (2, 3)"),
    ({"y": np.ones(5)}, "y is declared (2*n), but has the shape (5,), where n = 3 by A"),
    ({"t": np.ones(1)}, "t is declared scalar, but has the shape (1,)"),
    ({"t": np.ones((1, 1))}, "t is declared scalar, but has the shape (1, 1)"),
]
SHAPED = ("t*norm(A*S*x - b)^2 + r*x + sum(y)", "A: (m, n); S: (n, n); b: (m); x: (n); r: (1, n); y: (2*n); t: scalar")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("given", "said"), UNFIT, ids=[said[:40] for _, said in UNFIT])
def test_a_wrong_shape_is_an_error_that_names_the_argument(given, said, target):
    text, where = SHAPED
    for run in (mc.compile(text, target, where), mc.grad(text, "x", where).compile(target)):
        assert np.all(np.isfinite(called(run, target, **FITTING)))
        with pytest.raises(ShapeError) as error:
            called(run, target, **{**FITTING, **given})
        assert said in str(error.value)
    at = mc.compile(text, target, where, fixed=["A", "b", "S"])
    with pytest.raises(ShapeError):
        values = {**FITTING, **given}
        called(lambda **v: at(**{k: v[k] for k in "AbS"})(**{k: v[k] for k in "xryt"}), target, **values)


def test_what_fits_in_another_form_is_taken():
    run = mc.compile("t*sum(x) + r*x", where="x: (n); r: (1, n); t: scalar")
    for t in (2, 2.0, np.float32(2), np.array(2.0), True):
        for r in (np.ones(3), np.ones((1, 3))):
            assert run(x=np.ones(3), r=r, t=t) == 3 * t + 3
    assert mc.compile("A*x", where="A: (m, 1); x: scalar")(A=np.ones(3), x=2).tolist() == [2, 2, 2]
    assert mc.compile("A'*x", where="A: (m, n); x: (m)")(np.ones((3, 1)), np.ones(3)).tolist() == [3]


@pytest.mark.parametrize("name", ["x", "r", "t"])
def test_a_sparse_vector_is_refused(name):
    sparse = pytest.importorskip("scipy.sparse")
    run = mc.compile("t*(A*x)'*(A*x) + r*x", where="A: (m, n); x: (n); r: (1, n); t: scalar")
    values = {"A": np.ones((2, 3)), "x": np.ones(3), "r": np.ones((1, 3)), "t": 1.0}
    assert run(**{**values, "A": sparse.csr_array(values["A"])}) == 21
    for made in (sparse.csr_matrix, sparse.coo_array, sparse.dia_matrix):
        with pytest.raises(UnsupportedError, match=f"{name} is declared"):
            run(**{**values, name: made(np.atleast_2d(values[name]))})


# --- large scores, single precision --------------------------------------------------------------------------------

SCORES = [  # variants of softmax and logsumexp
    "diag(1./rowsum(exp(X)))*exp(X)", "exp(X)./(rowsum(exp(X))*ones(1, n))", "inv(diag(rowsum(exp(X))))*exp(X)", "log(rowsum(exp(X)))",
    "log(exp(X)*ones(n))", "exp(X).*((1./rowsum(exp(X)))*ones(1, n))", "log(colsum(exp(X)))", "exp(X)*diag(1./colsum(exp(X)))",
    "log(exp(X)./(rowsum(exp(X))*ones(1, n)))", "exp(b)/sum(exp(b))", "log(sum(exp(b)))", "exp(b)'*c/sum(exp(b))", "log(exp(b)/sum(exp(b)))",
    "diag(1./rowsum(exp(X)))*(exp(X).*X)", "X.*exp(X)./(rowsum(exp(X))*ones(1, n))", "(exp(X)*b)./rowsum(exp(X))",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", SCORES)
def test_scores_of_a_thousand_do_not_overflow(text, target):
    where = "X: (m, n); b: (n); c: (n)"
    e = mc.simplify(mc.parse(text, where=where))
    values = drawn(e, {"m": 3, "n": 4})
    wanted = evaluate(mc.parse(text, where=where), **values)
    assert np.allclose(called(mc.compile(e, target), target, **values), wanted)
    assert np.all(np.isfinite(called(mc.compile(e, target), target, **{name: 1000 * v for name, v in values.items()})))
    d = mc.grad(f"sum({text})", "b" if "b" in text else "X", where)
    names = {v.data[0] for v in variables(d.of, d.variable)}
    assert np.all(np.isfinite(called(d.compile(target), target, **{name: 1000 * values[name] for name in names})))


CONSTANTS = [
    ("grad", "3*c"),
    ("jacobian", "c*ones(3)"),
    ("hessian", "c^2/3"),
    ("jacobian", "c*eye(2)"),
    ("hessian", "c^2*ones(2)'*ones(2)"),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("order", "text"), CONSTANTS)
def test_constants_have_the_precision_of_the_arguments(order, text, target):
    on(target)
    run = DERIVATIVES[order](text, "c", "c: scalar").compile(target)
    if target == "torch":
        import torch

        one, two = torch.tensor(1.0, dtype=torch.float32), torch.tensor(1.0, dtype=torch.float64)
    else:
        one, two = np.float32(1), np.float64(1)
    assert str(run(c=one).dtype).endswith("float32")
    assert str(run(c=two).dtype).endswith("float64")
    assert str(run(c=1.0).dtype).endswith("float64")
