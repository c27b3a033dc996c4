"""Stationary points, curvature and minima of real functions of complex variables: by formula, against numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.convexity.doubling import doubled
from matcalc.expr import variables
from matcalc.reading import read

WHERE = (
    "A: (m, n) complex; B: (m, n) complex; b: (m) complex; c: (n) complex; a: (n) complex; z: (n) complex; w: (n) complex; x: (n); "
    "X: (n, k) complex; Y: (m, k) complex; K: (k, l) complex; M: (m, l) complex; R: (n, n) hpd; S: (n, n) hpd; C: (n, n) hpd; "
    "H: (n, n) hermitian; T: (n, n) hermitian; G: (n, n) complex; Q: (n, n) unitary; W: (n, k) complex; L: (k, k) hpd; D: (n, k) complex; "
    "h: scalar complex; g: scalar; p: scalar complex; q: scalar complex; λ: scalar positive; v: scalar positive; F: (n, l) complex; f: (l) complex"
)

SOLVED = """
norm(A*z - b)^2                                   ; z   ;                ; minimum    ; pinv(A)*b
norm(A*z - b)^2 + λ*norm(z)^2                     ; z   ;                ; minimum    ; inv(A^H*A + λ*I)*A^H*b
(A*z - b)^H*(A*z - b)*v                           ; z   ;                ; minimum    ; pinv(A)*b
z^H*R*z - 2*real(c^H*z)                           ; z   ;                ; minimum    ; inv(R)*c
w^H*R*w                                           ; w   ; w^H*a = 1      ; minimum    ; inv(R)*a/(a^H*inv(R)*a)
w^H*R*w                                           ; w   ; a^H*w = 1      ; minimum    ; inv(R)*a/(a^H*inv(R)*a)
w^H*R*w                                           ; w   ; F^H*w = f      ; minimum    ; inv(R)*F*inv(F^H*inv(R)*F)*f
norm(z - c)^2                                     ; z   ; A*z = b        ; minimum    ; pinv(A)*(b - A*c) + c
norm(A*X*K - M)^2                                 ; X   ;                ; minimum    ; pinv(A)*M*pinv(K)
norm(A*X - Y)^2 + λ*norm(X)^2                     ; X   ;                ; minimum    ; inv(A^H*A + λ*I)*A^H*Y
tr(X^H*R*X) + tr(X*L*X^H) - 2*real(tr(D^H*X))     ; X   ;                ; minimum    ; R*X + X*L = D
logdet(S) + tr(inv(S)*C)                          ; S   ;                ; minimum    ; C
tr(C*S) - logdet(S)                               ; S   ;                ; minimum    ; inv(C)
tr(inv(S)*C) + tr(S*R)                            ; S   ;                ; minimum    ; inv(sqrtm(R))*sqrtm(sqrtm(R)*C*sqrtm(R))*inv(sqrtm(R))
norm(T - G)^2                                     ; T   ;                ; minimum    ; (G + G^H)/2
norm(G*Q - R)^2                                   ; Q   ;                ; minimum    ; polar(G^H*R)
z^H*H*z/(z^H*z)                                   ; z   ;                ; minimum    ; H*z = λ*z, λ the smallest
tr(W^H*H*W)                                       ; W   ; W^H*W = I      ; minimum    ; H*W = W*Λ, Λ the k smallest
z^H*H*z                                           ; z   ; z^H*R*z = 1    ; minimum    ; H*z = λ*R*z, λ the smallest
real(a^H*z)                                       ; z   ; norm(z) = 1    ; minimum    ; -a/norm(a)
norm(c - h*a)^2                                   ; h   ;                ; minimum    ; a^H*c/(a^H*a)
norm(c - g*a)^2                                   ; g   ;                ; minimum    ; real(a^H*c)/(a^H*a)
norm(z - c)^2/2 + λ*sum(abs(z))                   ; z   ;                ; minimum    ; sign(c).*relu(abs(c) - λ)
z^H*H*z                                           ; z   ;                ; stationary ; zeros(n)
"""


@pytest.mark.parametrize("line", SOLVED.strip().splitlines(), ids=lambda line: line.split(";")[0].strip())
def test_a_stationary_point_in_closed_form(line: str) -> None:
    f, by, given, kind, answer = (part.strip() for part in line.split(" ; "))
    s = mc.solve(f, by, where=WHERE, subject_to=given or None)
    assert (s.text(), s.kind) == (answer, kind)
    assert s.check().ok and f"G = 2 ∂f/∂{by}*" in " ".join(s.notes) or by == "g"


def test_what_is_widely_linear_is_solved_with_its_conjugate() -> None:
    s = mc.solve("norm(A*z + B*conj(z) - b)^2", "z", where=WHERE)
    rng = np.random.default_rng(0)
    at = {"A": _complex(rng, 6, 3), "B": _complex(rng, 6, 3), "b": _complex(rng, 6)}
    parts = np.block(
        [[(at["A"] + at["B"]).real, (at["B"] - at["A"]).imag], [(at["A"] + at["B"]).imag, (at["A"] - at["B"]).real]]
    )  # of [real(z); imag(z)]
    found = np.linalg.lstsq(parts, np.concatenate([at["b"].real, at["b"].imag]), rcond=None)[0]
    assert np.allclose(s.compile("numpy")(**at), found[:3] + 1j * found[3:])


def test_the_multiplier_of_a_conjugate_constraint_is_that_of_the_equation_as_it_is_written() -> None:
    plain, turned = (mc.solve("w^H*R*w", "w", where=WHERE, subject_to=c) for c in ("a^H*w = p", "w^H*a = p"))
    assert mc.equal(turned["w"].expr, mc.parse("conj(p)*inv(R)*a/(a^H*inv(R)*a)", where=WHERE))
    assert mc.equal(plain.multipliers[0], mc.parse("-2*p/(a^H*inv(R)*a)", where=WHERE))
    assert mc.equal(turned.multipliers[0], mc.parse("-2*p/(a^H*inv(R)*a)", where=WHERE))


@pytest.mark.parametrize("ask", [mc.solve, mc.curvature, mc.minimizer])
def test_what_is_not_real_is_no_objective(ask: Any) -> None:
    with pytest.raises(mc.NotDifferentiableError, match="real"):
        ask("z^H*G*z", "z", WHERE)


CURVED = """
z^H*R*z                          ; z    ; convex, strongly
norm(A*z - b)^2                  ; z    ; convex; strictly where A has full column rank
norm(A*z - b) + λ*sum(abs(z))    ; z    ; convex
sum(abs(A*z - b))                ; z    ; convex
abs(a^H*z - 1)^2                 ; z    ; convex
abs(h - p)^2                     ; h    ; convex
real(a^H*z)                      ; z    ; affine
exp(real(a^H*z))                 ; z    ; convex
tr(H*T)                          ; T    ; affine
tr(C*S) - logdet(S)              ; S    ; convex, strictly
logdet(R + X*L*X^H)              ; L    ; concave
z^H*inv(S)*z                     ; z, S ; convex
lambda_max(T)                    ; T    ; convex
normnuc(A*X - Y)                 ; X    ; convex
tr(S*logm(S))                    ; S    ; convex, strictly
sqrt(1 + z^H*z)                  ; z    ; convex, strictly
norm(c - h*a)^2                  ; h    ; convex; strictly where a has full column rank
norm(a.*z - c)^2                 ; z    ; convex
z^H*H*z                          ; z    ; neither; convex where H is psd
real(z^H*G*z)                    ; z    ; neither; convex where G + Gᴴ is psd
sum((abs(A*z).^2 - abs(b)).^2)   ; z    ; neither
logdet(S) + tr(inv(S)*C)         ; S    ; neither
abs(a^H*exp(1i*x))^2             ; x    ; neither
norm(A*X - Y*K*K^H)^2            ; A, X ; neither
"""


@pytest.mark.parametrize("line", CURVED.strip().splitlines(), ids=lambda line: line.split(" ; ")[0].strip())
def test_curvature(line: str) -> None:
    f, by, verdict = (part.strip() for part in line.split(" ; "))
    c = mc.curvature(f, by.split(", "), where=WHERE)
    assert c.text() == verdict
    assert len(c.counterexamples) == 2 if c.verdict == "neither" else c.certificate is not None
    for example in c.counterexamples:  # the values are those of the function
        ends = [mc.evaluate(f, WHERE, **{k: np.array(v) for k, v in {**example.data, **at}.items()}) for at in (example.x, example.y)]
        assert np.isclose(np.mean(ends).real, example.mean)


def test_the_real_form_is_the_function() -> None:
    rng = np.random.default_rng(1)
    e = read("z^H*R*z + norm(A*z - b)^2 + logdet(S) + real(a^H*z) + tr(H*S)", WHERE).expr
    given = {"A": _complex(rng, 4, 3), "b": _complex(rng, 4), "z": _complex(rng, 3), "a": _complex(rng, 3)}
    for name in "RSH":
        x = _complex(rng, 3, 3)
        given[name] = x + x.conj().T if name == "H" else x @ x.conj().T + np.eye(3)
    by = [v for v in variables(e) if v.data[0] in "zS"]
    made = doubled(e, by)
    assert made is not None and made.faithful
    large = {
        k: np.concatenate([v.real, v.imag]) if v.ndim == 1 else np.block([[v.real, -v.imag], [v.imag, v.real]]) for k, v in given.items()
    }
    named = {v.data[0]: large[v.data[0].strip("()ᴴ")] for v in variables(made.f)}
    assert np.isclose(mc.evaluate(made.f, "", **named), mc.evaluate(e, "", **given))


def _complex(rng: Any, *shape: int) -> Any:
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


MINIMA = """
norm(A*z - b)^2                       ; z ;             ; closed
norm(A*z - b)^2 + λ*norm(z)^2         ; z ;             ; closed
norm(A*z - b)^2 + λ*sum(abs(z))       ; z ;             ; lbfgs
sum(log(1 + abs(A*z - b).^2))         ; z ;             ; lbfgs
w^H*R*w                               ; w ; a^H*w = 1   ; closed
z^H*H*z + sum(abs(z).^4)              ; z ; z^H*z = 1   ; lbfgs
norm(A*x - b)^2                       ; x ;             ; closed
tr(C*S) - logdet(S) + norm(S)^2       ; S ;             ; closed
logdet(S) + tr(inv(S)*C)              ; S ;             ; closed
norm(T - G)^2 + norm(T)^4             ; T ;             ; newton
norm(G*Q - R)^2                       ; Q ;             ; closed
"""


@pytest.mark.parametrize("line", MINIMA.strip().splitlines(), ids=lambda line: line.split(" ; ")[0].strip())
def test_a_minimum_is_no_higher_than_what_is_beside_it(line: str) -> None:
    f, by, given, method = (part.strip() for part in line.split(" ; "))
    rng = np.random.default_rng(3)
    x, y = _complex(rng, 4, 4), _complex(rng, 4, 4)
    data = {
        "A": _complex(rng, 7, 4), "b": _complex(rng, 7), "a": _complex(rng, 4), "λ": 0.3, "G": x, "H": x + x.conj().T,
        "R": y @ y.conj().T + np.eye(4), "C": x @ x.conj().T + np.eye(4),
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        r = mc.minimize(f, by, WHERE, data={k: v for k, v in data.items() if k in f or k in given}, subject_to=given or None)
    assert r.converged and r.method in method.split()
    here = r[by]
    assert np.iscomplexobj(here) == (by != "x") and (by not in "ST" or np.allclose(here, here.conj().T))
    value = mc.evaluate(f, WHERE, **data, **{by: here})
    assert np.isclose(value.real, r.value)
    if not given and by != "Q":
        for _ in range(4):
            step = 1e-3 * _complex(rng, *here.shape)
            step = step.real if by == "x" else step + step.conj().T if by in "ST" else step
            assert mc.evaluate(f, WHERE, **data, **{by: here + step}).real > r.value - 1e-9


def test_a_start_and_data_are_what_is_declared() -> None:
    rng = np.random.default_rng(0)
    a, b = _complex(rng, 5, 2), _complex(rng, 5)
    r = mc.minimize("sum((abs(A*z).^2 - abs(b).^2).^2)", "z", WHERE, data={"A": a, "b": b}, start=_complex(rng, 2))
    assert r.converged and r["z"].dtype == complex
    with pytest.raises(mc.UnsupportedError, match="not declared so"):
        mc.minimize("norm(P*x - q)^2", "x", data={"P": a, "q": b})
    with pytest.raises(mc.UnsupportedError, match="hermitian"):
        mc.minimize("norm(T - H)^2 + norm(T)^4", "T", WHERE, data={"H": _complex(rng, 3, 3)})
