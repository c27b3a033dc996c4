"""Complex matrices: what is read and written, gradients, pairs, Hessians, programs and checks; the identities on complex data."""

from __future__ import annotations

import re
from importlib.util import find_spec
from random import Random

import numpy as np
import pytest

import matcalc as mc
import proofs
from matcalc.checking.floats import as_float
from matcalc.checking.sampling import PARTS, draw
from matcalc.cli import main
from matcalc.expr import known, symbol, variable
from matcalc.expr.conjugate import is_hermitian
from matcalc.expr.properties import COMPLEX, DECLARABLE
from matcalc.rewriting.lines import LINES, Identity
from matcalc.writing.repeated import repeated
from tables import rows

VECTORS = "z: (n) complex; a: (n) complex; b: (m) complex; A: (m, n) complex; B: (n, n) complex; c: scalar complex; y: (m) positive; "
WHERE = (
    VECTORS
    + "H: (n, n) hermitian; S: (n, n) hpd; C: (n, n) hpd; X: (n, n) complex; Y: (n, k) complex; U: (n, n) unitary; t: scalar; x: (n); L: (n, n) complex symmetric"
)


GRADIENTS = rows("""
norm(A*z - b)^2 ; z ; 2*A^H*(A*z - b)
norm(A*z - b)^2 ; A ; 2*(A*z - b)*z^H
norm(z - c*a)^2 ; c ; 2*a^H*(c*a - z)
z^H*H*z ; z ; 2*H*z
norm(z)^2 + t*sum(abs(z)) ; z ; 2*z + t*sign(z)
abs(conj(t - c))^2 ; t ; 2*(t - real(c))
norm(X - L)^2 ; L ; 2*L - X - X'
real(z^H*B*z) ; z ; (B + B^H)*z
z'*B*z ; z ; (B + B')*z
real(z'*B*z) ; z ; conj((B + B')*z)
imag(a^H*z) ; z ; 1i*a
real(a'*z) ; z ; conj(a)
abs(a^H*z)^2 ; z ; 2*(a^H*z)*a
sum(abs(z)) ; z ; sign(z)
sum(abs(exp(z))) ; z ; abs(exp(z))
log(abs(c)) ; c ; 1/conj(c)
sum(angle(z)) ; z ; 1i./conj(z)
sum((abs(A*z).^2 - y).^2) ; z ; 4*A^H*((A*z).*(abs(A*z).^2 - y))
norm(abs(A*z) - y)^2 ; z ; 2*A^H*(A*z - y.*sign(A*z))
(z^H*H*z)/(z^H*S*z) ; z ; 2*(H - (z^H*H*z)*S/(z^H*S*z))*z/(z^H*S*z)
logdet(S) + tr(inv(S)*C) ; S ; inv(S)*(S - C)*inv(S)
sum(abs(z).^3) ; z ; 3*z.*abs(z)
logdet(I + Y^H*S*Y) ; S ; Y*inv(I + Y^H*S*Y)*Y^H
tr(H*S) ; H ; S
real(tr(H*B)) ; H ; (B + B^H)/2
tr(H^2) ; H ; 2*H
tr(expm(H)) ; H ; expm(H)
-tr(S*logm(S)) ; S ; -I - logm(S)
tr(sqrtm(S)) ; S ; inv(sqrtm(S))/2
lambda_max(H) ; H ; v_max(H)*v_max(H)^H
tr(B*X) ; X ; B'
log(det(X)) ; X ; inv(X)'
logdet(X) ; X ; inv(X)^H
normnuc(X) ; X ; polar(X)
norm(real(z))^2 ; z ; 2*real(z)
relu(real(z))'*x ; z ; x.*step(real(z))
norm(z - t*a)^2 ; t ; -2*real(a^H*(z - t*a))
abs(a^H*exp(1i*x))^2 ; x ; 2*imag((a^H*exp(1i*x))*(a.*exp(-1i*x)))
norm(U*z - a)^2 ; U ; 2*(U*z - a)*z^H
norm(diag(z)*a)^2 ; a ; 2*a.*abs(z).^2
""")


@pytest.mark.parametrize(("f", "by", "answer"), GRADIENTS)
def test_a_gradient_is_as_short_as_the_book_and_right(f: str, by: str, answer: str) -> None:
    d = mc.grad(f, by, where=WHERE)
    assert d.text() == answer
    assert mc.parse(d.text(), where=WHERE) is d.expr
    assert d.check().ok, d.check()


def test_the_notes_say_the_convention() -> None:
    assert any("G = 2 ∂f/∂z*" in note for note in mc.grad("norm(z)^2", "z", where=WHERE).notes)
    assert any("holomorphic" in note for note in mc.grad("z'*z", "z", where=WHERE).notes)
    assert any("nothing is declared complex" in note for note in mc.grad("x^H*x", "x").notes)
    assert not any("complex" in note for note in mc.grad("x'*x", "x").notes)


PAIRS = rows("""
z^H*B*z ; z ; B'*conj(z) ; B*z
A*z + y ; z ; A ; zeros(m, n)
v.*conj(Y*v) ; v ; conj(diag(Y*v)) ; diag(v)*conj(Y)
z/norm(z) ; z ; (I - z*z^H/(2*norm(z)^2))/norm(z) ; -z*z'/(2*norm(z)^3)
real(z) ; z ; eye(n)/2 ; eye(n)/2
X^H ; X ; zeros(n*n, n*n) ; commutation(n, n)
tr(B*X^H) ; X ; zeros(n, n) ; B
""")


@pytest.mark.parametrize(("f", "by", "plain", "conj"), PAIRS)
def test_the_pair(f: str, by: str, plain: str, conj: str) -> None:
    w = mc.wirtinger(f, by, where="v: (n) complex; Y: (n, n) complex" if "Y*v" in f else WHERE)
    assert (w.plain.text(), w.conj.text()) == (plain, conj)
    assert w.check().ok
    assert w.text() == f"{by}: {plain}\n{by}*: {conj}"


def test_a_hessian_is_the_pair_of_the_gradient() -> None:
    h = mc.hessian("sum((abs(A*z).^2 - y).^2)", "z", where=WHERE)
    assert h.plain.text() == "4*A^H*diag(2*abs(A*z).^2 - y)*A"
    assert h.check().ok
    h = mc.hessian("norm(A*z - b)^2", "z", where=WHERE)
    assert h.text() == "2*A^H*A*dz"
    assert h.real().text() == "[2*real(A^H*A), -2*imag(A^H*A); 2*imag(A^H*A), 2*real(A^H*A)]"


def test_the_real_hessian_is_that_of_the_two_parts() -> None:
    h = mc.hessian("sum(abs(z).^4) + real(z'*B*z)", "z", where=WHERE)
    rng = np.random.default_rng(0)
    z, b = rng.standard_normal(2) + 1j * rng.standard_normal(2), rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2))
    found = mc.compile(h.real())(z=z, B=b)

    def f(u: np.ndarray) -> float:
        v = u[:2] + 1j * u[2:]
        return float(np.sum(np.abs(v) ** 4) + (v @ b @ v).real)

    at, step, e = np.concatenate([z.real, z.imag]), 1e-4, np.eye(4)
    want = [[(f(at + step * (e[i] + e[j])) - f(at + step * (e[i] - e[j])) - f(at - step * (e[i] - e[j])) + f(at - step * (e[i] + e[j]))) / (4 * step**2)
             for j in range(4)] for i in range(4)]  # fmt: skip
    assert np.allclose(found, want, 1e-4, 1e-4)


SAME = rows(r"""
z^H*H*z ; zᴴ H z
z^H*H*z ; z† H z
imag(c) ; \Im(c)
c*exp(-2i*pi*t) ; c e^{-j 2\pi t}
z^H*H*z ; z^* H z
z^H*H*z ; ctranspose(z)*H*z
z^H*H*z ; ⟨z|H|z⟩
z^H*H*z ; z.conj().T @ H @ z
z^H*H*z ; z^{\mathsf{H}} H z
z^H*H*z ; \bar{z}^\top H z
z^H*H*z ; \langle z | H | z \rangle
z^H*H*z ; \bra{z} H \ket{z}
z^H*H*z ; \braket{z|H|z}
z^H*a ; \langle z | a \rangle
real(a'*conj(z)) ; \operatorname{Re}(a^\top \overline{z})
real(a^H*z) ; np.vdot(a, z).real
exp(1i*x) ; e^{\mathrm{i} x}
exp(1i*t)*z ; e^{i t} z
X^-H*a ; inv(X)^H*a
conj(B*z) ; conj(B)*conj(z)
tr(S*logm(S)) ; \operatorname{Tr}(S \log S)
""")


@pytest.mark.parametrize(("plain", "other"), SAME)
def test_it_is_read_in_many_notations(plain: str, other: str) -> None:
    assert mc.parse(other, where=WHERE) is mc.parse(plain, where=WHERE)


def test_an_i_that_is_declared_or_an_index_is_no_imaginary_unit() -> None:
    assert mc.parse("2i*x", where="i: scalar; x: (n)") is mc.parse("2*i*x", where="i: scalar; x: (n)")
    assert not mc.parse("sum(i = 1..n, 2*x[i])", where="x: (n)").complex


WRITTEN = rows(r"""
X^H*z ; X^{\mathsf{H}} z ; Xᴴ z
conj(B*z) ; \overline{B z} ; conj(B z)
2i*z ; 2 \mathrm{i} z ; 2i z
X^-H*z ; X^{-\mathsf{H}} z ; X⁻ᴴ z
""")


@pytest.mark.parametrize(("text", "latex", "unicode"), WRITTEN)
def test_how_it_is_written(text: str, latex: str, unicode: str) -> None:
    from matcalc.writing.latex import latex as in_latex
    from matcalc.writing.unicode import unicode as in_unicode

    e = mc.parse(text, where=WHERE)
    assert (in_latex(e), in_unicode(e)) == (latex, unicode)
    assert mc.parse(in_latex(e), where=WHERE) is e
    assert mc.parse(in_unicode(e), where=WHERE) is e


ERRORS = rows("""
z^H*B*z ; NotDifferentiableError ; real(…) or abs(…)^2
conj(c) ; NotDifferentiableError ; mc.wirtinger
relu(z)'*x ; UnsupportedError ; real arguments only
lambda_max(B) ; UnsupportedError ; Hermitian
sum(z^*) ; ParseError ; conj(z) or z^H
""")


@pytest.mark.parametrize(("f", "error", "words"), ERRORS)
def test_what_is_neither_is_refused_with_a_way_out(f: str, error: str, words: str) -> None:
    with pytest.raises(getattr(mc, error), match=re.escape(words)):
        mc.grad(f, "c" if f == "conj(c)" else "B" if "lambda" in f else "z", where=WHERE)


def test_jacobians_of_what_is_not_holomorphic_name_the_pair() -> None:
    with pytest.raises(mc.NotDifferentiableError, match="wirtinger"):
        mc.jacobian("z.*conj(z)", "z", where=WHERE)
    assert mc.jacobian("exp(z)", "z", where=WHERE).text() == "diag(exp(z))"


def test_complex_spd_names_hpd() -> None:
    with pytest.raises(mc.ParseError, match="hpd"):
        mc.parse("S*z", where="S: (n, n) complex spd")


@pytest.mark.parametrize("name", COMPLEX)
def test_a_draw_is_what_is_declared(name: str) -> None:
    n = symbol("n")
    shape = (3, 1) if DECLARABLE[name].shape == "vector" else (3, 3)
    found = draw(shape, frozenset(variable("X", (n, n), {name}).data[1]), PARTS, 0, Random(0))
    assert found is not None
    x = np.array([[as_float(entry) for entry in row] for row in found.value])
    assert np.iscomplexobj(x)
    assert name not in ("hermitian", "hpsd", "hpd") or np.allclose(x, x.conj().T)
    assert name != "hpd" or np.linalg.eigvalsh(x).min() > 0
    assert name != "unitary" or np.allclose(x.conj().T @ x, np.eye(3))


def test_facts_of_complex_matrices() -> None:
    n = symbol("n")
    z, h, s, x = (
        variable(v, (n, n) if v.isupper() else (n, 1), {p}) for v, p in zip("zHSX", ("complex", "hermitian", "hpd", "complex"), strict=True)
    )
    assert {"hpsd", "hermitian"} <= known(x.H @ x)
    assert not {"hpsd", "psd", "hermitian"} & known(x.T @ x)
    assert "hpd" in known(s + x @ x.H)
    assert "positive" not in known(z.H @ h @ z)
    assert "nonnegative" in known(z.H @ s @ z)
    assert is_hermitian(h @ s @ h)
    assert not is_hermitian(h @ s)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_programs_take_and_return_complex_arrays(target: str) -> None:
    if find_spec(target) is None:
        pytest.skip(f"{target} is not installed")
    rng = np.random.default_rng(0)
    values = {n: rng.standard_normal(s) + 1j * rng.standard_normal(s) for n, s in (("A", (3, 2)), ("b", (3,)), ("z", (2,)))}
    value, gradient = mc.compile(["norm(A*z - b)^2", mc.grad("norm(A*z - b)^2", "z", where=VECTORS)], target, where=VECTORS)(
        **(values if target == "numpy" else {n: __import__("torch").as_tensor(v) if target == "torch" else v for n, v in values.items()})
    )
    r = values["A"] @ values["z"] - values["b"]
    assert np.allclose(np.asarray(gradient), 2 * values["A"].conj().T @ r, 1e-5)
    assert not np.iscomplexobj(np.asarray(value))


def test_claims_in_other_conventions() -> None:
    f, where = "norm(A*z - b)^2", VECTORS
    assert mc.check(f, "z", "2*A^H*(A*z - b)", where=where).ok
    assert "JAX" in mc.check(f, "z", "2*conj(A^H*(A*z - b))", where=where).verdict
    assert "factor 2" in mc.check(f, "z", "A^H*(A*z - b)", where=where).verdict
    assert mc.equal("norm(z)^2", "z^H*z", where).ok
    assert not mc.equal("z'*z", "z^H*z", where).ok


def test_differentials_hold_both() -> None:
    assert mc.differential("X^H*X", "X", where=WHERE).text() == "dY = X^H*dX + dX^H*X"
    assert mc.grad("abs(c)^2", "c", where=WHERE).differential.text() == "df = 2*real(c*conj(dc))"


@pytest.mark.parametrize(
    ("text", "where", "read"),
    [
        (r"|\mathbf{A}\mathbf{z}|^2 - \mathbf{y}", "A: (m, n) complex; z: (n) complex; y: (m)", "abs(A*z).^2 - y"),
        (r"\| |z|^2 - y \|^2", "z: (m) complex; y: (m)", "norm(abs(z).^2 - y)^2"),
        ("y - |A*x|^2", "A: (m, n); x: (n); y: (m)", "y - abs(A*x).^2"),
        ("|z|^2 - c", "z: (m) complex; c: scalar", "norm(z)^2 - c"),
        (r"\sum_i \arg(z_i)^2", "z: (n) complex", "sum(angle(z).^2)"),
    ],
)
def test_moduli_beside_a_vector_are_taken_entry_by_entry(text: str, where: str, read: str) -> None:
    assert mc.parse(text, where=where) is mc.parse(read, where=where)


@pytest.mark.parametrize("f", ["sum((abs(A*z).^2 - y).^2)", "abs(a^H*z)^2", "sum(abs(z).^3)", "log(1 + abs(a^H*z)^2)"])
def test_powers_of_moduli_above_one_are_smooth(f: str) -> None:
    assert not any("differentiable" in note for note in mc.grad(f, "z", where=WHERE).notes)
    assert any("differentiable" in note for note in mc.grad("sum(abs(z))", "z", where=WHERE).notes)


def test_the_pair_is_a_card() -> None:
    w = mc.wirtinger("z^H*B*z", "z", where=WHERE)
    html = w._repr_mimebundle_()["text/html"]
    assert html.index("read as") < html.index("the pair, by z and by z*") and html.count("<details") == 3
    assert w.latex() == r"\begin{aligned} z &: B^{\top} \overline{z} \\ z^{*} &: B z \end{aligned}"


@pytest.mark.parametrize(("style", "lines"), [("text", "z: A'*conj(z)\nz*: A*z\n"), ("latex", "z: A^{\\top} \\overline{z}\nz*: A z\n")])
def test_the_command(style: str, lines: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wirtinger", "z^H*A*z", "--wrt", "z", "--where", "A: (n, n) complex; z: (n) complex", "--to", style]) == 0
    assert capsys.readouterr().out == lines


def test_steps_show_the_differential() -> None:
    steps = mc.grad("norm(A*z - b)^2", "z", where=WHERE).steps()
    assert [step.text for step in steps][-1] == "df/dz = 2*A^H*(A*z - b)"


@pytest.mark.parametrize(("f", "by", "manifold", "where"), [
    ("real(tr(A^H*X))", "X", "stiefel", "A: (n, k) complex; X: (n, k) complex stiefel"),
    ("tr(A*S)", "S", "hpd", "S: (n, n) hpd; A: (n, n) hermitian"),
    ("tr(U^H*A*U*B)", "U", "unitary", "A: (n, n) hermitian; B: (n, n) hermitian; U: (n, n) unitary"),
    ("z^H*A*z", "z", "circle", "A: (n, n) hermitian; z: (n) complex circle"),
])  # fmt: skip
def test_a_gradient_on_a_manifold_of_complex_matrices(f: str, by: str, manifold: str, where: str) -> None:
    d = mc.grad(f, by, where=where, manifold=manifold)
    assert d.check().ok
    assert d.expr is mc.grad(f, by, where=where, manifold=True).expr


# Sums, members of families, blocks, and programs for real numbers that are no programs for these: an expression ; by ; declarations ; the answer
SEVERAL = """
sum(k = 1..K, norm(Y_k - A*X_k)^2)              ; X_k ; Y_k: (m, l) complex, k = 1..K; X_k: (n, l) complex, k = 1..K; A: (m, n) complex ; -2*A^H*(Y_k - A*X_k)
sum(k = 1..K, norm(Y_k - A*X_k)^2)              ; A   ; Y_k: (m, l) complex, k = 1..K; X_k: (n, l) complex, k = 1..K; A: (m, n) complex ; -2*sum(k = 1..K, (Y_k - A*X_k)*X_k^H)
sum(k = 1..K, logdet(I + H_k*Q_k*H_k^H))        ; H_k ; H_k: (m, n) complex, k = 1..K; Q_k: (n, n) hpd, k = 1..K ; 2*inv(I + H_k*Q_k*H_k^H)*H_k*Q_k
sum(k = 1..K, tr(X_k*A_k))                      ; X_k ; A_k: (m, n) complex, k = 1..K; X_k: (n, m) complex, k = 1..K ; A_k'
sum(k = 1..K, sum(j = 1..K, norm(X_k^H*X_j)^2)) ; X_k ; X_k: (n, m) complex, k = 1..K ; 4*sum(j = 1..K, X_j*X_j^H)*X_k
logdet(S + sum(k = 1..K, H_k*Q*H_k^H))          ; Q   ; H_k: (m, n) complex, k = 1..K; Q: (n, n) hpd; S: (m, m) hpd ; sum(k = 1..K, H_k^H*inv(S + sum(j = 1..K, H_j*Q*H_j^H))*H_k)
sum(i = 1..m, (abs(a_i^H*z)^2 - y_i)^2)         ; z   ; a_i: (n) complex, i = 1..m; y_i: scalar, i = 1..m; z: (n) complex ; 4*a'*((conj(a)*z).*(abs(conj(a)*z).^2 - y))
norm([A; B]*z - [b; c])^2                       ; z   ; A: (m, n) complex; B: (q, n) complex; z: (n) complex; b: (m) complex; c: (q) complex ; 2*(A^H*(A*z - b) + B^H*(B*z - c))
logdet([A, B; B^H, C])                          ; B   ; A: (n, n) hpd; B: (n, q) complex; C: (q, q) hpd ; -2*inv(A)*B*inv(C - B^H*inv(A)*B)
abs(z[1:p]^H*a)^2                               ; z   ; z: (n) complex; a: (p) complex ; 2*[(a^H*z[1:p])*a; zeros(n-p)]
lambda_max(X^H*X)                               ; X   ; X: (m, n) complex ; 2*X*v_max(X^H*X)*v_max(X^H*X)^H
normspec(X)                                     ; X   ; X: (m, n) complex ; X*v_max(X^H*X)*v_max(X^H*X)^H/normspec(X)
logdet(I + abs(exp(z^H*w))^2*H^2)               ; z   ; z: (n) complex; w: (n) complex; H: (n, n) hermitian ; 2*abs(exp(z^H*w))^2*tr(inv(I + abs(exp(z^H*w))^2*H^2)*H^2)*w
norm(exp(z/4))                                  ; z   ; z: (n) complex ; abs(exp(z/4)).^2/(4*norm(exp(z/4)))
norm(kron(X, A) - B)^2                          ; X   ; X: (n, n) complex; A: (n, n) complex; B: (n*n, n*n) complex ; 2*blockinner(conj(A), kron(X, A) - B)
"""


@pytest.mark.parametrize("line", SEVERAL.strip().splitlines(), ids=lambda line: line.split(" ; ")[0].strip())
def test_sums_families_and_blocks_of_complex_matrices(line: str) -> None:
    f, by, where, answer = (part.strip() for part in line.split(" ; "))
    d = mc.grad(f, by, where=where)
    assert d.check().ok and mc.equal(d.expr, mc.parse(answer, where=where))
    assert all("def grad(" in d.code(target) for target in ("numpy", "jax", "torch"))


def test_a_name_for_a_complex_part_is_complex() -> None:
    z = mc.parse("sign(c*z)", where="z: (n) complex; c: scalar complex")
    found = repeated([mc.parse("norm(imag(sin(sign(c*z)/5)))*sign(c*z)", where="z: (n) complex; c: scalar complex")])
    assert [v.complex for v in found.meaning] == [True] and z in found.meaning.values()


# --- random functions, against JAX, whose gradient is the conjugate -------------------------------------------------------


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is what it is compared with")
@pytest.mark.parametrize("seed", range(40))
def test_a_random_function_against_the_conjugate_of_jax(seed: int) -> None:
    import jax
    import jax.numpy as jnp

    from complexes import REAL, WHERE, made, values

    rng = Random(seed)
    text, f = made("r", rng.randint(1, 4), rng)
    names = [name for name in "zwABHSctxR" if re.search(rf"(?<![a-z]){name}(?![a-z])", text)]
    if not names:  # constant
        return
    by = rng.choice(names)
    at = values(np.random.default_rng(seed))
    with jax.enable_x64():
        want = np.conj(np.asarray(jax.grad(lambda q: jnp.real(f({**at, by: q})))(jnp.asarray(at[by]))))
    if by in REAL:
        want = np.real(want)
    if by in "HS":
        want = (want + want.conj().T) / 2
    found = np.asarray(mc.grad(text, by, where=WHERE).compile("numpy")(**at, n=3))
    if np.isfinite(want).all():
        assert np.allclose(found, want, 1e-6, 1e-6 * max(1e-3, np.abs(want).max())), text


# --- the identities on complex data --------------------------------------------------------------------------------------

IDENTITIES = [i for line in LINES if not line.real for i in line.identities()]


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: f"{i.name}-{i.left.shape}")
def test_an_identity_holds_of_complex_numbers_or_says_real(identity: Identity) -> None:
    of_complex = proofs.complexified(identity)
    if of_complex is not None and any(v.complex for v in proofs.variables(of_complex.left)) and of_complex.left is not of_complex.right:
        proofs.of_identity(of_complex)


@pytest.mark.parametrize("f", ["tr(R*logm(R))", "tr(C*sqrtm(R))"])
def test_functions_of_a_hermitian_matrix_have_hessians_to_many_digits(f: str) -> None:
    assert mc.hessian(f, "R", where="R: (n, n) hermitian; C: (n, n) hermitian").check().ok
