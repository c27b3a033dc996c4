"""Derivatives as operators at a point: every row of the table of solutions, random structures, all against the dense array."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcalc as mc
from matcalc.errors import ShapeError, UnsupportedError
from matcalc.operating import maps, solutions

P, N = 3, 9  # blocks of P × P, matrices of N × N
R = np.random.default_rng(5)


def normal(*shape):
    return R.standard_normal(shape)


def spd(n):
    a = normal(n, 2 * n)
    return a @ a.T / n + np.eye(n)


WHERE = (
    "A: (p, p); B: (p, p); C: (p, p) spd; D: (p, p) spd; a: (p); b: (p); d: (p*p); u: (p*p); v: (p*p); U: (p*p, k); V: (p*p, k); "
    "M: (p*p, p*p); S: (p*p, p*p) spd; X: (m, p); w: (m*p); s: scalar; c: scalar; x: (p*p)"
)
VALUES = {
    "A": normal(P, P) + 3 * np.eye(P), "B": normal(P, P) + 2 * np.eye(P), "C": spd(P), "D": spd(P), "a": 1 + normal(P) ** 2, "b": 1 + normal(P) ** 2,
    "d": 1 + normal(N) ** 2, "u": normal(N), "v": normal(N), "U": normal(N, 2), "V": normal(N, 2), "M": normal(N, N) + 5 * np.eye(N), "S": spd(N),
    "X": normal(5, P), "w": 1 + normal(5 * P) ** 2, "s": 0.7, "c": 1.3, "x": normal(N), "p": P,
}  # fmt: skip

# The row of the table ; matrices that it solves
ROWS = """
(c I)⁻¹                 ; s*I
Diag(d)⁻¹               ; diag(d)
K(m, n)⁻¹               ; commutation(p, p)
(A⁻¹)⁻¹                 ; inv(S)
few rows                ; M ; kron(A, B) + diag(d)
(A ⊗ B)⁻¹               ; kron(A, B) ; kron(C, eye(p)) ; kron(diag(a), B) ; kron(kron(eye(p), C), eye(1))
(A B)⁻¹                 ; kron(A, B)*diag(d) ; 3*commutation(p, p)*kron(A, eye(p)) ; diag(d)*S ; s*kron(A, B)*kron(B, C)
(A ⊗ B + C ⊗ D)⁻¹       ; kron(A, eye(p)) + kron(eye(p), B) ; kron(C, D) + c*I ; 2*kron(C, A) - kron(A, D) ; kron(C, D) + kron(D, C)
(A ⊗ B + C ⊗ D)⁻¹       ; 2*I + s*commutation(p, p) ; 5*I - s*commutation(p, p)*kron(A, B) ; commutation(p, p)*(kron(A, eye(p)) + kron(eye(p), A))
(A ⊗ B + C ⊗ D)⁻¹       ; kron(A, eye(p)) + kron(B, eye(p)) + kron(eye(p), C) + c*I ; kron(C, eye(p)) - kron(eye(p), D) - 20*I
a matrix of diagonal    ; kron(eye(p), X')*diag(w)*kron(eye(p), X) ; kron(X', eye(p))*diag(w)*kron(X, eye(p)) + c*I ; kron(C, eye(p)) + diag(d)
a matrix of diagonal    ; kron(diag(a), B) + kron(eye(p), C) + diag(d) ; 2*kron(A, diag(a)) - kron(B, eye(p)) + kron(eye(p), diag(b)) ; diag(d) + s*I
a matrix of diagonal    ; c*I + kron(eye(p), X')*diag(w)*commutation(p, m)*kron(X, eye(p))*commutation(p, p) ; c*I + khatrirao(A, eye(p))*diag(a)*khatrirao(B, eye(p))'
a matrix of diagonal    ; c*I + khatrirao(eye(p), A)*diag(a)*khatrirao(eye(p), B)' ; c*I + kron(ones(p)', khatrirao(A, eye(p))*diag(a))*diag(d) + diag(u)
a matrix of diagonal    ; c*I + kron(khatrirao(eye(p), A)*diag(a), ones(p)')*diag(d) ; s*I + commutation(p, p)*kron(eye(p), A)*commutation(p, p)*diag(d)
(D + U V')⁻¹            ; diag(d) + u*v' ; kron(C, D) - u*v' ; s*I + U*V' ; kron(A, eye(p)) + kron(eye(p), B) + u*u' + v*v' ; 3*(inv(S) + u*u')
(D + U V')⁻¹            ; kron(eye(p), X')*diag(w)*kron(eye(p), X) + c*I + u*v' ; commutation(p, p) + u*v' + 3*I
the factorisation       ; S ; M ; S + diag(d) ; M - u*v' ; diag(d)*M + M'*diag(d) ; (M.*S) + kron(A, B)
"""
CASES = [(row.strip(), text.strip()) for row, *texts in (line.split(";") for line in ROWS.strip().split("\n")) for text in texts]


@pytest.fixture(autouse=True, scope="module")
def structures_of_any_size():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solutions, "FEW", 0)
        yield


def at(text, values=VALUES, where=WHERE):
    """The operator x ↦ M x, and M."""
    d = mc.jacobian(f"({text})*x", "x", where)
    return d.operator()(**values), np.asarray(mc.evaluate(d.expr, **values))


def agrees(H, dense, tolerance=1e-9):
    n, m = dense.shape
    x, y, X, Y = normal(m), normal(n), normal(m, 3), normal(n, 2)
    close = {"rtol": tolerance, "atol": tolerance * (1 + np.max(np.abs(dense)))}
    assert H.shape == dense.shape
    assert np.allclose(H.dense(), dense, **close)
    assert np.allclose(H @ x, dense @ x, **close)
    assert np.allclose(H @ X, dense @ X, **close)
    assert np.allclose(H.rmatvec(y), dense.T @ y, **close)
    assert np.allclose(H.T @ Y, dense.T @ Y, **close)
    assert np.allclose(H.H @ y, dense.T @ y, **close)
    assert np.allclose(H.adjoint().dense(), dense.T, **close)
    assert np.allclose(H.T.T @ x, dense @ x, **close)
    if n == m and (condition := np.linalg.cond(dense)) < 1e6:
        close = {"rtol": tolerance * max(1, condition), "atol": tolerance * max(1, condition)}
        for map_, array in ((H, dense), (H.T, dense.T)):
            assert np.allclose(map_.solve(array @ x), x, **close)
            assert np.allclose(map_.solve(array @ X), X, **close)
            assert np.allclose(map_.solve(y), np.linalg.solve(array, y), **close)


@pytest.mark.parametrize(("row", "text"), CASES, ids=[text for _, text in CASES])
def test_every_row_of_the_table(row, text, monkeypatch):
    found = []

    def watched(name, rule):
        def apply(m):
            solve = rule(m)
            if solve is not None and m.shape == (N, N):
                found.append(name)
            return solve

        return apply

    monkeypatch.setattr(solutions, "FEW", N if row == "few rows" else 0)
    monkeypatch.setattr(maps, "RULES", tuple((name, watched(name, rule)) for name, rule in solutions.RULES))
    H, dense = at(text)
    H.solve(np.ones(N))
    assert any(name.startswith(row) for name in found)
    agrees(H, dense)


def test_every_row_has_a_case():
    assert {next(name for name, _ in solutions.RULES if name.startswith(row)) for row, _ in CASES} == {name for name, _ in solutions.RULES}


LEAVES = [
    "kron(A, B)", "kron(eye(p), B)", "kron(A, eye(p))", "kron(diag(a), C)", "kron(D, diag(b))", "I", "diag(d)", "commutation(p, p)", "u*v'", "U*V'",
    "M", "S", "inv(S)", "kron(a*b', C)", "kron(eye(p), X')*diag(w)*kron(eye(p), X)", "khatrirao(C, eye(p))*khatrirao(D, eye(p))'", "kron(inv(C), A')",
]  # fmt: skip
matrices = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: f"({t[0]})*({t[1]})"),
        st.tuples(inner, st.sampled_from(["+ ", "- 2*", "+ s*", "+ 3*"]), inner).map(lambda t: f"({t[0]} {t[1]}({t[2]}))"),
        inner.map(lambda t: f"({t})'"),
    ),
    max_leaves=5,
)


@given(matrices)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_structures(text):
    d = mc.jacobian(f"({text})*x", "x", WHERE)
    if d.shape[1] == 1 or d.text().startswith("zeros"):
        return
    H, dense = at(text)
    agrees(H, dense, 1e-8)


@pytest.mark.parametrize("text", [t for row, t in CASES if "commutation" not in t and t != "s*I"], ids=lambda t: t)
def test_single_precision_stays(text):
    single = {name: v if np.ndim(v) == 0 else np.float32(v) for name, v in VALUES.items()}
    H, dense = at(text, single)
    b = np.float32(normal(N))
    assert H.dtype == np.float32
    assert (H @ b).dtype == (H.T @ b).dtype == H.solve(b).dtype == np.float32
    assert np.allclose(dense @ H.solve(b), b, atol=1e-2)


@pytest.mark.parametrize(
    "text", ["norm(A*X + X*B)^2", "norm(A*X + X*B - Y)^2/2", "3*norm(A*X*B - 2*C*X*D)^2", "norm(A*X - X*A)^2", "norm(X + A*X)^2"]
)
def test_squares_of_sylvester_equations(text):
    """Four Kronecker products, that are a square of two."""
    p, q = (4, 4) if "X*A" in text else (4, 3)
    values = {"A": normal(p, p), "B": normal(q, q), "C": normal(p, p), "D": normal(q, q), "X": normal(p, q), "Y": normal(p, q)}
    names = "".join(n for n in "ABCD" if n in text)
    values = {n: values[n if n != "B" or q == 3 else "B"] for n in (*names, "X", *("Y" * ("Y" in text)))}
    h = mc.hessian(text, "X", "A: (m, m); X: (m, n)" if "X*A" not in text else "A: (m, m); X: (m, m)")
    H, dense = h.operator()(**values), h.compile()(**values)
    if text == "norm(A*X - X*A)^2":
        with pytest.raises(np.linalg.LinAlgError):
            H.solve(np.ones(p * q))
    else:
        agrees(H, dense, 1e-8)


def test_a_large_square_of_a_sylvester_equation():
    m, n = 300, 200  # an array would have 3.6 billion entries
    A, B, x = normal(m, m) + 30 * np.eye(m), normal(n, n) + 30 * np.eye(n), normal(m * n)
    H = mc.hessian("norm(A*X + X*B - Y)^2", "X", "A: (m, m); B: (n, n)").operator()(A=A, B=B, X=np.zeros((m, n)), Y=np.zeros((m, n)))
    assert np.allclose(H.solve(H @ x), x)


def test_entries_that_are_not_finite():
    H, _ = at("M", {**VALUES, "M": VALUES["M"] * np.nan})
    with pytest.raises(np.linalg.LinAlgError, match="not finite"):
        H.solve(np.ones(N))


# --- what is refused ----------------------------------------------------------------------------------------------

SINGULAR = ["0*I + u*v'", "diag(d - d)", "kron(a*b', C)", "U*V'", "diag(d)*(u*v')", "kron(A, B - B)", "2*I - 2*commutation(p, p)"]
SINGULAR += ["kron(C, eye(p)) - kron(eye(p), C)", "I - u*u'/(u'*u)", "kron(eye(p), a*b') + 0*S", "kron(X', a)*kron(X, a')"]


@pytest.mark.parametrize("text", SINGULAR)
def test_singular_matrices_are_an_error(text):
    d = mc.jacobian(f"({text})*x + 0.*x", "x", WHERE)
    H = d.operator()(**VALUES)
    with pytest.raises(np.linalg.LinAlgError):
        H.solve(np.ones(N))


def test_right_sides_of_a_wrong_shape_are_an_error():
    H, _ = at("kron(A, B)")
    for b in (np.ones(N - 1), np.ones((N - 1, 2)), 1.0, np.ones((N, 1, 1)), np.ones((1, N))):
        with pytest.raises(ShapeError):
            H.solve(b)
    J = mc.jacobian("A*x", "x", "A: (m, n)").operator()(A=np.ones((2, 3)), x=np.ones(3))
    with pytest.raises(ShapeError, match="not square"):
        J.solve(np.ones(2))
    with pytest.raises(ShapeError):
        mc.grad("x'*x", "x").operator()
    with pytest.raises(UnsupportedError, match="jvp"):
        mc.hessian("x'*x*x'*x", "x").operator("jax")


def test_what_has_no_structure_and_is_too_large_is_not_formed():
    X, w, Y = normal(4, 900), normal(900, 40), normal(4, 40)
    H = mc.hessian("sum(rowsum(Y).*logsumexp_rows(X*W))", "W", "X: (m, d); W: (d, c); Y: (m, c)").operator()(X=X, W=w, Y=Y)
    assert H.shape == (36000, 36000)
    assert np.isfinite(H @ np.ones(36000)).all()
    with pytest.raises((UnsupportedError, np.linalg.LinAlgError)):
        H.solve(np.ones(36000))


# --- what is kept -------------------------------------------------------------------------------------------------


def test_programs_are_made_once_and_factors_kept(monkeypatch):
    import matcalc.operating.operator as operator

    mc.jacobian("S*x", "x", WHERE).operator()  # what is kept of other tests
    programs, factors = [], []
    program, factorised = operator.program, solutions.factorised
    monkeypatch.setattr(operator, "program", lambda *a, **k: programs.append(1) or program(*a, **k))
    monkeypatch.setattr(solutions, "factorised", lambda *a, **k: factors.append(1) or factorised(*a, **k))
    d = mc.hessian("norm(T - U*V')^2 + 7*tr(U'*U)", "U", "T: (m, n); U: (m, k); V: (n, k)")
    for _ in range(3):
        H = d.operator()(T=normal(6, 5), U=normal(6, 2), V=normal(5, 2))
        for _ in range(3):
            b = normal(12)
            assert np.allclose(H @ H.solve(b), b)
    assert len(programs) == 1
    assert len(factors) == 3  # one for each point


def test_a_point_does_not_change_with_what_is_done_to_its_results():
    d = mc.jacobian("A*x", "x", "A: (n, n)")
    A = normal(3, 3)
    H = d.operator()(A=A, x=normal(3))
    H.dense()[:] = 0
    assert np.allclose(H.dense(), A)
    E = mc.jacobian("x + 0*A*x", "x", "A: (n, n)").operator()(A=A, x=normal(3))
    x = normal(3)
    y = E @ x
    y[:] = 0
    E.solve(x)[:] = 0
    assert np.any(x)


def test_large_problems_where_an_array_would_not_fit():
    m, n, k = 30000, 40, 5
    H = mc.hessian("norm(T - U*V')^2", "U", "T: (m, n); U: (m, k); V: (n, k)").operator()(
        T=np.zeros((m, n)), U=np.zeros((m, k)), V=normal(n, k)
    )
    b = normal(m * k)  # an array would have 22 billion entries
    assert np.allclose(H @ H.solve(b), b)
    weighted = mc.hessian("norm(W.*(T - U*V'))^2", "U", "W: (m, n); T: (m, n); U: (m, k); V: (n, k)")
    m = 3000
    W, V = 1 + normal(m, n) ** 2, normal(n, k)
    H = weighted.operator()(W=W, T=np.zeros((m, n)), U=np.zeros((m, k)), V=V)
    B = normal(m * k, 2)
    x = H.solve(B)
    assert np.allclose(H @ x, B)
    row = 2 * (V.T * W[7] ** 2) @ V  # the system of one row of U
    assert np.allclose(x.T.reshape(2, k, m)[0, :, 7], np.linalg.solve(row, B[:, 0].reshape(k, m)[:, 7]))


def test_iterative_solvers_take_it():
    from scipy.sparse.linalg import cg

    H, dense = at("S + u*u'")
    x, info = cg(H, normal(N), rtol=1e-12)
    assert info == 0
    assert np.isfinite(x).all()
    assert np.allclose((2 * H + H.T) @ x, 3 * dense @ x)


def test_complex_values():
    A = normal(3, 3) + 1j * normal(3, 3)
    H = mc.jacobian("A*x + x", "x", "A: (n, n)").operator()(A=A, x=normal(3))
    x = normal(3)
    assert np.allclose(H @ x, A @ x + x)
    assert np.allclose(H.H @ x, A.conj().T @ x + x)
    assert np.allclose(H.T @ x, A.T @ x + x)
    assert np.allclose(H @ H.solve(x), x)
