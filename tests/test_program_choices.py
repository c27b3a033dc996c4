"""Programs that are chosen by cost compute what the others do: for every pattern, its mirror images, and sizes both ways."""

from __future__ import annotations

import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import matcalc as mc
from asking import compiled, to_second_order
from matcalc.checking.exact import Point
from matcalc.checking.exact import values as exactly
from matcalc.programs.program import program
from programs import as_given, on
from programs import run as ran

# expression ; by ; declarations ; sizes for which something is chosen
PATTERNS = """
norm(X - X*W*W')^2                                              ; W ; X: (m, n); W: (n, k)                       ; m=60 n=40 k=2
norm(X - W*W'*X)^2                                              ; W ; X: (n, m); W: (n, k)                       ; m=60 n=40 k=2
norm(Z - Z*G'*G)^2                                              ; G ; Z: (p, q); G: (r, q)                       ; p=60 q=40 r=2
norm(A - H*H')^2                                                ; H ; A: (n, n) symmetric; H: (n, k)             ; n=50 k=2
norm(A - H'*H)^2                                                ; H ; A: (n, n) symmetric; H: (k, n)             ; n=50 k=2
logdet(L*L' + diag(p)) + tr(inv(L*L' + diag(p))*S)              ; L ; L: (n, k); p: (n) positive; S: (n, n) symmetric ; n=50 k=2
logdet(L'*L + diag(p)) + tr(S*inv(L'*L + diag(p)))              ; L ; L: (k, n); p: (n) positive; S: (n, n) symmetric ; n=50 k=2
y'*inv(X*diag(a)*X' + s*eye(m))*y + logdet(X*diag(a)*X' + s*eye(m)) ; a ; X: (m, n); a: (n) positive; y: (m); s: scalar positive ; m=60 n=3
y'*inv(X'*diag(a)*X + s*eye(m))*y + logdet(X'*diag(a)*X + s*eye(m)) ; a ; X: (n, m); a: (n) positive; y: (m); s: scalar positive ; m=60 n=3
e'*log(R*exp(X*w)) - e'*X*w                                     ; w ; X: (m, n); R: (m, m) nonnegative; e: (m) nonnegative ; m=60 n=3
tr(inv(U)*(X - M)*inv(V)*(X - M)')                              ; M ; X: (m, n); U: (m, m) spd; V: (n, n) spd    ; m=40 n=6
tr(sqrtm(X'*X + eye(n)/10))                                     ; X ; X: (m, n)                                  ; m=40 n=5
sum(exp(A*X))                                                   ; X ; A: (p, m); X: (m, n)                       ; p=40 m=4 n=3
sum(exp(X*A))                                                   ; X ; X: (n, m); A: (m, p)                       ; p=40 m=4 n=3
sum(softplus(y.*(rowsum((D*L').^2) - vector(1))))               ; L ; L: (k, n); D: (m, n); y: (m)               ; m=40 n=4 k=3
sum(softplus(y.*(rowsum((D*L).^2) - vector(1))))                ; L ; L: (n, k); D: (m, n); y: (m)               ; m=40 n=4 k=3
sum(softplus(y.*rowsum((A*M).*B)))                              ; M ; A: (m, p); M: (p, q); B: (m, q); y: (m)    ; m=40 p=4 q=3
sum(softplus(y.*rowsum((A*M').*B)))                             ; M ; A: (m, p); M: (q, p); B: (m, q); y: (m)    ; m=40 p=4 q=3
-sum(log(sigmoid(rowsum(U.*V)))) - sum(log(sigmoid(-U*N')))     ; U ; U: (m, k); V: (m, k); N: (p, k)            ; m=40 p=9 k=3
-sum(log(sigmoid(colsum(U.*V)))) - sum(log(sigmoid(-N'*U)))     ; U ; U: (k, m); V: (k, m); N: (k, p)            ; m=40 p=9 k=3
sum(log(cosh(W*X)))/3 - logdet(W)                               ; W ; W: (n, n); X: (n, m)                       ; m=40 n=4
sum(log(cosh(X*W)))/3 - logdet(W)                               ; W ; W: (n, n); X: (m, n)                       ; m=40 n=4
-sum(log(normcdf(y.*(X*w))))                                    ; w ; X: (m, n); y: (m)                          ; m=40 n=4
tr(X*diag(a)*X'*S)/norm(X*diag(a)*X')                           ; a ; X: (m, n); a: (n) positive; S: (m, m) symmetric ; m=60 n=3
sum(P.*log(1 + rowsum(Y.^2)*ones(m)' + ones(m)*rowsum(Y.^2)' - 2*Y*Y')) ; Y ; P: (m, m) symmetric; Y: (m, k)        ; m=60 k=2
sum(P.*log(1 + rowsum(Y'.^2)*ones(m)' + ones(m)*rowsum(Y'.^2)' - 2*Y'*Y)) ; Y ; P: (m, m) symmetric; Y: (k, m)      ; m=60 k=2
tr(inv(W'*A*W)*W'*B*W)                                          ; W ; A: (n, n) spd; B: (n, n) symmetric; W: (n, k) ; n=60 k=2
y'*logsumexp_rows(ones(m)*w' - C)                               ; w ; w: (n); C: (m, n); y: (m)                  ; m=40 n=5
"""
ROWS = [[cell.strip() for cell in line.split(";", 2)] for line in PATTERNS.strip().splitlines()]
ROWS = [[text, wrt, *map(str.strip, rest.rsplit(";", 1))] for text, wrt, rest in ROWS]


def drawn(where, text, wrt, sizes):
    rng, out = np.random.default_rng(5), {}
    names = {wrt: "", "e": "", "w": "", "y": "", "s": "", "M": ""}
    for part in where.split(";"):
        name, _, declared = part.partition(":")
        names[name.strip()] = declared
    shapes = {name: [sizes[s.strip()] for s in d[d.index("(") + 1 : d.index(")")].split(",")] for name, d in names.items() if "(" in d}
    for name, shape in shapes.items():
        v = rng.standard_normal(shape) / 3
        if "spd" in names[name]:
            v = v @ v.T + np.eye(len(v))
        elif "symmetric" in names[name]:
            v = v + v.T
        out[name] = np.abs(v) + 0.5 if "positive" in names[name] or "nonnegative" in names[name] else v
    out.setdefault("s", np.array(0.7))
    if "w" not in out:
        out["w"] = rng.standard_normal(sizes.get("n", 1)) / 3
    if wrt == "M" and "M" not in out:
        out["M"] = rng.standard_normal((sizes["m"], sizes["n"]))
    return out


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(("text", "wrt", "where", "sizes"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_chosen_computes_the_same(text, wrt, where, sizes, target):
    sizes = {name: int(n) for name, n in (s.split("=") for s in sizes.split())}
    on(target)
    found, values = to_second_order(text, wrt, where, unconstrained=True), drawn(where, text, wrt, sizes)
    plain = mc.compile(found, sizes=dict.fromkeys(sizes, 3))(**values)  # no size is small beside another
    given = as_given(target, values)
    unsized = compiled(text, wrt, where, unconstrained=True, target=target)
    for chosen in (mc.compile(found, target, sizes={n: 50 * k for n, k in sizes.items()}), unsized):
        for a, b in zip(chosen(**given), plain, strict=True):
            np.testing.assert_allclose(np.asarray(a), b, rtol=1e-7, atol=1e-8 * np.max(np.abs(b)))


@pytest.mark.parametrize(("text", "wrt", "where", "sizes"), ROWS, ids=[row[0] for row in ROWS])
def test_gradients_are_those_of_differences(text, wrt, where, sizes):
    sizes = {name: int(n) for name, n in (s.split("=") for s in sizes.split())}
    run, values = compiled(text, wrt, where, unconstrained=True), drawn(where, text, wrt, sizes)
    rng, h = np.random.default_rng(1), 1e-5
    step = rng.standard_normal(values[wrt].shape)
    (f0, g0, _), (f1, g1, _) = (run(**values | {wrt: values[wrt] + s * h * step}) for s in (-1, 1))
    _, g, second = run(**values)
    np.testing.assert_allclose((f1 - f0) / (2 * h), np.vdot(g, step), rtol=1e-5, atol=1e-6 * np.max(np.abs(g)))
    vec = step.T.reshape(-1)
    np.testing.assert_allclose(second @ vec, ((g1 - g0) / (2 * h)).T.reshape(-1), rtol=1e-4, atol=1e-5 * np.max(np.abs(second)))


SQUARED = "rowsum(Y.^2)*ones(m)' + ones(m)*rowsum(Y.^2)' - 2*Y*Y'"


@pytest.mark.parametrize(("text", "wrt", "where", "piece"), [
    (f"sum(P.*log(1 + {SQUARED})) + log(sum(1./(1 + {SQUARED})))", "Y", "P: (m, m) symmetric; Y: (m, k)", "(P * S - 1 / s2)"),
    ("e*sum(exp((u*ones(n)' + ones(m)*v' - C)/e))", "u", "e: scalar positive; u: (m); v: (n); C: (m, n)", "(v + u[:, None] - C) / e"),
])  # fmt: skip
def test_what_terms_have_in_common_stands_once(text, wrt, where, piece):
    assert piece in mc.code(to_second_order(text, wrt, where)[:2])


@pytest.mark.parametrize(("c", "turned"), [(9, True), (90, False)])
def test_few_columns_are_multiplied_by_a_large_matrix_from_their_side(c, turned):
    sizes, rng = {"m": 800, "d": 200, "c": c}, np.random.default_rng(0)
    run = mc.compile(mc.grad("norm(tanh(X*W) - Y)^2", "W", "X: (m, d); W: (d, c); Y: (m, c)"), sizes=sizes)
    X, W, Y = (rng.standard_normal((sizes[m], sizes[n])) / 9 for m, n in ("md", "dc", "mc"))
    T = np.tanh(X @ W)
    np.testing.assert_allclose(run(X=X, W=W, Y=Y), 2 * X.T @ ((T - Y) * (1 - T**2)))
    assert (".T @ X).T" in run.source) is turned


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "text", ["log(sigmoid(x))", "log(1 - sigmoid(x))", "log(normcdf(x))", "log(cosh(x))", "log(1 - tanh(x)^2)", "softplus(x)"]
)
def test_nothing_overflows_at_a_thousand(text, sign):
    for v in mc.compile(to_second_order(f"sum({text})", "x", "x: (n)"))(x=np.array([sign * 1000.0, sign * 40.0])):
        assert np.all(np.isfinite(v))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "text", ["log(1 + sum(exp(x)))", "log(exp(s) + sum(exp(x)))", "-log(exp(s)/(exp(s) + sum(exp(x))))", "log(sum(exp(x))/n)", "sum(log(exp(x) + exp(y)))",
             "sum(log(exp(x) + exp(-x)))", "-sum(log(exp(x)./(exp(x) + exp(y))))", "sum(1./(1 + exp(x)))", "log(exp(s) + exp(t))"],
)  # fmt: skip
def test_sums_of_exponentials_do_not_overflow_with_their_gradient(text, sign):
    by, where = ("s", "s: scalar; t: scalar") if "t)" in text else ("x", "x: (n); y: (n); s: scalar")
    g = mc.grad(text, by, where)
    run = mc.compile([g.of, g])
    for v in run(x=np.array([sign * 1000.0, sign * 40.0, 1.0]), y=np.array([sign * -900.0, 3.0, 900.0]), s=sign * 800.0, t=sign * -700.0):
        assert np.all(np.isfinite(v))


STEADY = [
    ("sum(log(1 + exp(x) + exp(y)))", "x"), ("sum(exp(x)./(exp(x) + exp(y) + exp(z)))", "x"), ("log(w'*exp(x))", "x"), ("log(b'*exp(x))", "x"),
    ("sum(log(exp(X)*w))", "X"), ("e'*log(exp(-X/2)*w)", "X"), ("sum(log(exp(X)*b))", "X"), ("sum(log(rowsum(M.*exp(X))))", "X"),
    ("sum(log(1 + rowsum(exp(X))))", "X"), ("log(w'*exp(X)'*exp(X)*w)", "X"), ("sum(log(2 + 3*exp(x)))", "x"), ("sum(log(exp(2*x) + exp(-x)))", "x"),
    ("sum(exp(x)./(1 + exp(x)).^2)", "x"), ("sum(atan(exp(x)))", "x"), ("sum(sqrt(1 + exp(x/2)))", "x"), ("-log(sum(exp(x))/(sum(exp(x)) + sum(exp(y))))", "x"),
    ("-sum(w.*log(normcdf(x))) - sum(b.*log(1 - normcdf(x)))", "x"), ("sum(1./cosh(x))", "x"), ("sum(log(2*cosh(x)))", "x"), ("sum(log(sinh(w)))", "w"),
    ("sum(log(sigmoid(x).*sigmoid(-x)))", "x"), ("sum(log(1 + w.*exp(X*x)))", "x"), ("log(1 + tr(exp(X)*N))", "X"),
    ("sum((N./(1 + exp(X) + exp(2*X))).*(M./(1 + exp(X) + exp(2*X)))')", "X"),
]  # fmt: skip


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(("text", "wrt"), STEADY, ids=[row[0] for row in STEADY])
def test_values_and_derivatives_at_a_thousand_are_those_of_many_digits(target, text, wrt):
    on(target)
    where = "x: (n); y: (n); z: (n); w: (n) positive; b: (n); e: (n); X: (n, n); M: (n, n) nonnegative; N: (n, n)"
    found = to_second_order(text, wrt, where)
    exprs, run = [getattr(d, "expr", d) for d in found], mc.compile(found, target)
    far = 20.0 if "normcdf" in text else 650.0 if wrt == "w" or "sqrt" in text else 1000.0
    rng = np.random.default_rng(0)
    for scale in (1.0, far):
        at = {name: scale * rng.choice([-1.0, -0.96, 0.03, 0.9, 1.0], (3, 3) if name == "X" else 3) for name in "xyzX"}
        at |= {"w": rng.uniform(0.5, 1.5, 3) * (scale if wrt == "w" else 1), "b": np.array([0.5, 0.0, 1.0]), "e": np.array([1.0, 2.0, 0.5])}
        at |= {"M": np.array([[1.0, 0, 1], [0, 1, 0], [1, 1, 1]]), "N": np.ones((3, 3))}
        exact = Point({k: [[Fraction(float(x)) for x in np.atleast_1d(row)] for row in v] for k, v in at.items()}, {"n": 3})
        given = as_given(target, at)
        with np.errstate(over="ignore"):  # of cosh(x) below a fraction line
            made = run(**given)
        for value, wanted in zip(made, exactly(exprs, exact, 1000), strict=True):
            wanted_array = np.array([[float(x) for x in row] for row in wanted])
            np.testing.assert_allclose(np.asarray(value).reshape(wanted_array.shape), wanted_array, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", ["log(cosh(x))", "sigmoid(x).*sigmoid(-x)", "softplus(x)"])
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_functions_keep_their_digits_where_they_are_small_or_large(target, text):
    on(target)
    at = np.array([1e-7, -1e-3, 0.5, -3.0, 39.0, -41.0])
    small = {"log(cosh(x))": lambda x: mpmath.log(mpmath.cosh(x)), "softplus(x)": lambda x: mpmath.log1p(mpmath.exp(x))}
    with mpmath.workdps(60):
        wanted = [float(small.get(text, lambda x: 1 / (2 + 2 * mpmath.cosh(x)))(mpmath.mpf(float(x)))) for x in at]
    source = program({"value": mc.parse(text, "x: (n)")}, target)
    np.testing.assert_allclose(ran(source, {"x": at}, target), wanted, rtol=1e-12)


def test_the_logistic_weights_keep_their_digits():
    run = mc.compile(mc.hessian("sum(softplus(x))", "x", "x: (n)"))
    exact = np.exp(-40.0) / (1 + np.exp(-40.0)) ** 2
    for x in (40.0, -40.0):
        np.testing.assert_allclose(np.ravel(run(x=np.array([x])))[0], exact, rtol=1e-12)


def test_a_program_is_made_anew_for_large_sizes_only():
    run = mc.compile(mc.grad("norm(X - X*W*W')^2", "W", "X: (m, n); W: (n, k)"))
    rng = np.random.default_rng(0)
    for m, n, k in ((5, 4, 2), (300, 200, 3), (40, 50, 45), (300, 200, 3)):
        X, W = rng.standard_normal((m, n)), rng.standard_normal((n, k))
        R = X - X @ W @ W.T
        np.testing.assert_allclose(run(X=X, W=W), -2 * (X.T @ R + R.T @ X) @ W, rtol=1e-9, atol=1e-8)


def test_a_compiled_program_is_pickled():
    run = mc.compile(to_second_order("x'*A*x", "x", "A: (n, n)")[:2])
    again = pickle.loads(pickle.dumps(run))
    assert again.source == run.source
    A, x = np.eye(2), np.ones(2)
    assert again(A=A, x=x)[0] == run(A=A, x=x)[0] == 2
    assert pickle.loads(pickle.dumps(mc.grad("x'*A*x", "x", "A: (n, n)").compile()))(A=A, x=x).tolist() == [2, 2]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_a_definite_matrix_between_transposes_is_half_solved(target):
    on(target)
    asked = "-logdet(X'*diag(w)*X)", "w", "X: (m, n); w: (m) positive"
    rng = np.random.default_rng(0)
    X, w = rng.standard_normal((9, 4)), rng.uniform(0.5, 1.5, 9)
    C = X @ np.linalg.inv(X.T @ np.diag(w) @ X) @ X.T
    g, H = mc.compile([mc.grad(*asked), mc.hessian(*asked)], target)(**as_given(target, {"X": X, "w": w}))
    np.testing.assert_allclose(np.asarray(g), -np.diag(C), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(H), C**2, rtol=1e-6, atol=1e-9)
    if target == "numpy":  # a step into the complex plane
        moved = w + 1e-20j * np.arange(9)
        np.testing.assert_allclose(mc.compile(mc.grad(*asked))(X=X, w=moved).imag / 1e-20, C**2 @ np.arange(9), rtol=1e-9)


@pytest.mark.parametrize(
    "text", ["sum((A./(1 + exp(X) + exp(Y))).*(B./(1 + exp(X) + exp(Y)))')", "norm((A./(1 + exp(X).^2))'*B)", "norm(A'./(1 + exp(X.*Y').^2))",
             "sum(log(1 + exp(X) + exp(Y)).*(A./(1 + exp(X) + exp(Y)))')", "normspec(A./(1 + exp(X) + exp(Y)))"],
)  # fmt: skip
def test_shares_of_exponentials_are_transposed_with_their_exponents(text):
    where, rng = "A: (n, n); B: (n, n); X: (n, n); Y: (n, n)", np.random.default_rng(0)
    at = {name: 2 * rng.standard_normal((3, 3)) for name in "ABXY"}
    for d in (mc.grad(text, "X", where), mc.hessian(text, "X", where)):
        np.testing.assert_allclose(d.compile()(**at), mc.evaluate(d.expr, **at), rtol=1e-9, atol=1e-11)
