"""Causes that random questions found: each a row, asked as a user asks."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.api import running
from matcalc.checking.evaluate import evaluate
from matcalc.expr import PRODUCT, number, postorder, product

# order ; expression ; by ; declarations ; the answer ("" where only its check matters)
ANSWERS = """
jacobian ; commutation(m, n)*vec(V)               ; V ; V: (n, m)                                  ; commutation(m, n)
grad     ; grad(f)(x)'*x                          ; x ; x: (k*k); f: (k*k) -> ()                   ; hess(f)(x)'*x + grad(f)(x)
hessian  ; f(x)                                   ; x ; x: (k*k); f: (k*k) -> ()                   ; hess(f)(x)
jacobian ; F(X)                                   ; X ; X: (k*k, m + 1); F: (k*k, m + 1) -> (k)    ; jac(F)(X)
grad     ; normspec(x) + normnuc(2*x)             ; x ; x: (m)                                     ; 3*x/norm(x)
grad     ; a'*polar(x)                            ; x ; x: (m); a: (m)                             ; a/norm(x) - a'*x*x/norm(x)^3
hessian  ; norm1((D^-1)'*softmax_rows(ones(m,m)+A')) ; A ; A: (m, m); D: (m, m)                    ;
hessian  ; norm1(D*softmax_rows(A))               ; A,D ; A: (m, m); D: (m, m)                     ;
grad     ; x'*x                                   ; x ; x: (n) sphere                              ; 2*x
hessian  ; g''(t)                                 ; t ; t: scalar; g: elementwise                  ; g''''(t)
grad     ; sum(atanh(x + h))                      ; x ; x: (k) nonnegative; h: (k) nonnegative     ; 1./(1 - (h + x).^2)
hessian  ; norm(diag(y)*pinv(W'))                 ; y[1] ; W: (m, n); y: (m)                       ;
hessian  ; lambda_max(A*B*E*C + (A*B*E*C)')       ; E,B ; E: (m, m) skew; A: (m, k); B: (k, m); C: (m, m) ;
jacobian ; sigmoid(Omega).^Z                     ; Omega ; Omega: (m*p, m*m); Z: (m*p, m*m)        ;
hessian  ; norm(adj(A)^2*h)                      ; A ; A: (p, p); h: (p)                          ;
grad     ; (h'*(B*B)'*B*B*h)^2                   ; h ; h: (p); B: (p, p)                          ;
grad     ; normnuc(pinv(Omega))                  ; Omega ; Omega: (n, k)                          ;
hessian  ; norm(polar(K) - K)                    ; K ; K: (k, m)                                  ;
hessian  ; L[:,2]'*(L*diag(b))*rowsum(L)         ; L ; L: (m, m) skew; b: (m)                     ;
grad     ; det(diag(Phi[:,1])*M)                 ; Phi ; Phi: (n, n); M: (n, n) diagonal          ;
grad     ; norm(g''(sylvester(Z*Z + eye(k), Z*Z + eye(k), Phi))) ; Z ; Phi: (k, k) spd; Z: (k, k) spd; g: elementwise ;
grad     ; det(pinv(Q)*Q)                        ; Q ; Q: (k, k)                                  ;
hessian  ; lambda_max(polar(A')*polar(A')')      ; A ; A: (m, m)                                  ;
grad     ; lognormcdf(s_1)*logdet(B)             ; s_1 ; B: (k, k); s_1: scalar                   ; logdet(B)*mills(s_1)
jacobian ; x_1 - x_1 + x                         ; x_1 ; x: (m); x_1: (m)                         ; zeros(m, m)
grad     ; prod((W' - W^T)')*norm(A.*A)          ; A ; A: (p, m); W: (n, m)                       ; zeros(p, m)
hessian  ; (norm1(h) - 1/10)/sum(h)              ; h ; h: (n)                                     ;
jacobian ; xi ⊗ Kᵀ*S                             ; S ; K: (n, m); S: (n, m*n); xi: (n)            ; kron(commutation(m*n, n), eye(m))*kron(xi, kron(eye(m*n), K'))
grad     ; theta^‖Omega‖                         ; Omega ; Omega: (n, n); theta: scalar positive  ; log(theta)*theta^norm(Omega)*Omega/norm(Omega)
hessian  ; prod(z - 2*ones(n, m))                 ; z ; z: (n); length_m: (m)                      ;
grad     ; V[2,1]                                 ; V ; V: (n, n) stochastic                       ; eye(n)[:,2]*(eye(n)[:,1] - 1/n)'
jacobian ; colsum(softmax(x)*T[i,:])              ; x ; T: (m, n); x: (n)                          ;
hessian  ; ones(1, n)*pinv(g(P))*ones(n)             ; P ; P: (n, n) skew; g: elementwise                 ;
hessian  ; (s^2)^(1/2)                            ; s ; s: scalar                                  ; 0
jacobian ; sign(X)                                ; X[2,j] ; X: (m, n)                              ; zeros(m, n)
grad     ; tr(B)*tr(B'*B*B')                      ; B ; B: (n, n)                                  ;
hessian  ; mean(logsumexp_rows(inv(Q)*M))         ; Q ; M: (p, p) diagonal; Q: (p, p) diagonal     ;
jacobian ; Q.^grad(f)(Q)                          ; Q ; Q: (4, k) positive; f: (4, k) -> ()        ;
jacobian ; adj(ones(p, p))*(h/eps)                ; eps ; eps: scalar; h: (p)                      ;
grad     ; tr(inv(D)*logm(M))                     ; M ; D: (n, n) diagonal; M: (n, n) spd          ;
grad     ; prod(W)                                ; W ; W: (n, n) skew                             ; zeros(n, n)
grad     ; sum(C.*D)                              ; C[1,j] ; C: (k, n); D: (k, n)                  ; D[1,j]
grad     ; norm(inv(Y'·Y.Tᵀ))                     ; Y ; Y: (n, n)                                  ;
jacobian ; grad(f)(Z.T³)                          ; Z ; Z: (p, p); f: (p, p) -> ()                 ;
hessian  ; det(K - G)                             ; G ; K: (k, k); G: (k, k)                       ;
jacobian ; F(rowsum(pinv(E)))                     ; E ; E: (k, k); F: (k) -> (k)                   ;
grad     ; norm((X' - X)*logsumexp_rows(X))       ; X ; X: (m, m)                                  ;
grad     ; lambda_min(X)                          ; X ; X: (n, n) symmetric                        ; v_max(-X)*v_max(-X)'
jacobian ; B*(pinv(L)*ones(k))                    ; L ; B: (n, k); L: (k, k)                       ;
hessian  ; norm(cos(pinv(E)))                     ; E ; E: (n, n) diagonal                         ;
grad     ; lambda_max((G - P'*a + t*E)*(G - P'*a + t*E)') ; P ; E: (k, n); G: (k, n); P: (n, k); a: scalar; t: scalar ;
jacobian ; logcosh(P)*z                           ; z ; P: (2, 2); z: (2)                          ; logcosh(P)
grad     ; logdet(pinv(tril(P))*tril(P)*P)         ; P ; P: (n, n)                                  ;
grad     ; logdet(pinv(tril(P))*tril(P)*pinv(tril(P))') ; P ; P: (n, n)                             ;
grad     ; norm1(x + 1/10)                        ; x ; x: (n)                                     ; sign(x + 1/10)
jacobian ; inv(ones(k, n)*U + 1/2*eye(k))[:,2]   ; U ; U: (n, k)                                  ;
jacobian ; arcsinh((mu + ones(k, k))*d)          ; mu ; d: (k); mu: scalar                        ;
grad     ; det(x*x')                             ; x ; x: (p)                                     ; 2*det(x*x')*pinv(x)'
grad     ; tr(V'*V*V'ᵀ)                           ; V ; V: (3, 3)                                  ; V^2 + V'*V + V*V'
grad     ; logdet(diag(a)*X*(diag(a)*X)' + 16*eye(n)) ; X ; a: (n); X: (n, k)                           ; 2*diag(a)*inv(diag(a)*X*X'*diag(a) + 16*I)*diag(a)*X
hessian  ; prod(softmax_rows(softmax_rows(T))*(H - D)) ; D, T ; D: (k, m); H: (k, m); T: (m, k)              ;
grad     ; norm(tan(normcdf(M)))                  ; M ; M: (p, p) skew                             ; (tan(normcdf(M)) + tan(normcdf(M)).^3 - tan(normcdf(-M)) - tan(normcdf(-M)).^3).*normpdf(M)/(2*norm(tan(normcdf(M))))
grad     ; erfc(ones(p, p)*L')[2,2]               ; L ; L: (p, p)                                  ; -2*exp(-ones(p)*(rowsum(L).^2)')[2,2]*eye(p)[:,2]*ones(p)'/sqrt(pi)
grad     ; sum((X - ones(p, p))*(X*d*ones(1, p))) ; X ; X: (p, p) skew; d: (p)                     ; -p*(ones(p)*d'*X + rowsum(X + 1)*d' + X*d*ones(p)' + d*ones(p)'*(X - 1))/2
hessian  ; norm1(d.*d)                            ; d ; d: (m) sphere                              ; 2*eye(m)
grad     ; sum(pinv(x*y')*A)                      ; x ; x: (m); y: (n); A: (m, q)                  ; sum(y)*(norm(x)^2*rowsum(A) - 2*sum(A'*x)*x)/(norm(x)^4*norm(y)^2)
grad     ; sum(D^3*rowsum(pinv(D)))               ; D ; D: (p, p) spd                              ; rowsum(D)*ones(p)' + ones(p)*rowsum(D)'
grad     ; prod(x/exp(t) + x)                     ; t ; t: scalar; x: (p)                          ; -(x'*(1./(x + exp(t)*x)))*prod(x/exp(t) + x)
grad     ; normspec(B*(diag(x - mu)*A'))          ; mu ; A: (m, n); B: (n, n) diagonal; mu: scalar; x: (n) ;
hessian  ; norm(V*V*J^2)^2                       ; V ; J: (m, m); V: (m, m)                       ;
hessian  ; lambda_max(L' + L + sin(S))            ; L ; L: (p, p); S: (p, p) symmetric             ;
grad     ; normspec(S*X + k)                      ; S ; S: (n, n) diagonal; X: (n, n) diagonal; k: scalar ;
"""
UNCONSTRAINED = """
grad     ; lambda_max(M)                          ; M ; M: (k, k) symmetric                        ; v_max(M)*v_max(M)'
grad     ; lambda_max(M) + tr(A*M')               ; M ; M: (k, k) symmetric; A: (k, k)             ; v_max(M)*v_max(M)' + A
grad     ; \\lambda_{\\max}(M) + \\operatorname{tr}(A M^\\top) ; M ; M: (k, k) symmetric; A: (k, k) ; v_max(M)*v_max(M)' + A
hessian  ; lambda_max(M)                          ; M ; M: (k, k) symmetric                        ;
hessian  ; lambda_max(B + B')                     ; B ; B: (n, n) spd                              ;
jacobian ; tril(pinv(Q))[:,j]                        ; Q ; Q: (k, k) diagonal nonnegative               ;
grad     ; r'*polar(P)*(P' - P)*ones(n)           ; P ; P: (n, n) spd; r: (n)                      ;
grad     ; kron(colsum(D'), rowsum(A'))'*g(U)*(kron(v, u) + w) ; U ; A: (4, 4); D: (m, m); U: (4*m, 4*m) symmetric; u: (4); v: (m); w: (4*m); g: elementwise ;
hessian  ; tr(softmax_rows(P^-1))                 ; P ; P: (p, p) spd                              ;
hessian  ; sum(adj(pinv(normcdf(M))))              ; M ; M: (m, m) invertible skew                   ;
grad     ; b'*Y'*pinv(Y)*Y*b*mu                       ; mu ; Y: (p, p); b: (p); mu: scalar            ; b'*pinv(Y)*Y^2*b
hessian  ; logdet(T*T')                           ; T ; T: (n, n) orthogonal                       ; -2*commutation(n, n)*kron(T, T')
"""
ROWS = [(line, free) for table, free in ((ANSWERS, False), (UNCONSTRAINED, True)) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("line", "free"), ROWS, ids=[line.split(";")[1].strip() for line, _ in ROWS])
def test_the_answer_is_right_and_reads_back(line: str, free: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    order, expr, by, rest = (part.strip() for part in line.split(";", 3))
    where, answer = (part.strip() for part in rest.rsplit(";", 1))
    d = getattr(mc, order)(expr, by, where=where, unconstrained=free)
    program = running.compiled(d, "numpy")
    monkeypatch.setattr(running, "compiled", lambda *_: program)  # one program, at the points of each check
    for seed in range(2):
        check = d.check(seed=seed)
        assert check.ok, f"seed {seed}: {check}"
    assert mc.parse(d.text(), where) is d.expr
    written = d.unicode()
    assert "  where  " in written or mc.parse(written, where) is d.expr
    if answer:
        assert d.expr is mc.simplify(mc.parse(answer, where))


def test_an_expression_in_python_is_freed_too() -> None:
    m = mc.matrix("M", "n", "n", "symmetric")
    assert mc.hessian(mc.lambda_max(m @ m), "M", unconstrained=True).check().ok


SIZES_OF_THE_USER = """
commutation(m,n)*vec(X)          ; X: (n, m)
kron(b', C)*commutation(m,n)     ; b: (n); C: (p, m)
commutation(m,n)*kron(A, b)      ; A: (m, p); b: (n)
commutation(m,n)*khatrirao(A, B) ; A: (m, p); B: (n, p)
"""


@pytest.mark.parametrize("line", SIZES_OF_THE_USER.strip().splitlines())
def test_letters_of_sizes_are_the_users(line: str) -> None:
    expr, where = (part.strip() for part in line.split(";", 1))
    rng = np.random.default_rng(0)
    made = mc.simplify(expr, where)
    shapes = {"m": 2, "n": 3, "p": 4}
    given = {}
    for part in where.split(";"):
        name, shape = part.split(":")
        given[name.strip()] = rng.standard_normal([shapes[s.strip(" ()")] for s in shape.split(",")])
    before, after = (evaluate(e, **given, **shapes) for e in (mc.parse(expr, where), made))
    assert np.allclose(before, after)


FORMS = """
hessian ; (alpha - alpha*tau + alpha)^(alpha - alpha*tau + alpha - trace(W)) ; W, alpha ; W: (n, n); alpha: scalar; tau: scalar
grad    ; (a - b)*c*(b - a)*log(a - 2*b)                                     ; a        ; a: scalar; b: scalar; c: scalar
grad    ; tr(C*((4*B)'*diag(q)).^(1/2))                                      ; q        ; B: (k, k) skew; q: (k); C: (k, k)
hessian ; (v.*c)'*commutation(k, k).^3*(v.*c)                                ; v        ; c: (k*k); v: (k*k)
grad    ; x'*(A - B)*y*(x'*(B - A)*y + 1)                                    ; x        ; A: (m, n); B: (m, n); y: (n)
"""


@pytest.mark.parametrize("line", FORMS.strip().splitlines())
def test_every_product_is_what_its_factors_make(line: str) -> None:
    order, expr, by, where = (part.strip() for part in line.split(";", 3))
    d = getattr(mc, order)(expr, by, where=where)
    for e in postorder(d.expr):
        assert e.op is not PRODUCT or product([number(e.data[0]), *e.args]) is e, e
    assert mc.parse(d.text(), where) is d.expr


LETTERS = """
normcdf(s*A)*Phi           ; A: (m, m); s: scalar; Phi: (m, m)
sigmoid(A)*sigma           ; A: (m, m); sigma: scalar
normpdf(phi)               ; phi: (n)
digamma(psi) + trigamma(x) ; x: (n); psi: (n)
"""


@pytest.mark.parametrize("line", LETTERS.strip().splitlines())
def test_a_letter_that_is_declared_is_no_function(line: str) -> None:
    expr, where = (part.strip() for part in line.split(";", 1))
    by = where.split(":")[0]
    d = mc.jacobian(expr, by, where=where)
    assert mc.parse(d.latex(), where) is d.expr


@pytest.mark.parametrize(
    "expr, declared", [("tr(S*A*S)", "symmetric"), ("tr(A*inv(S))", "spd"), ("tr(A*S*S*A)", "skew"), ("tr(A*S*S)", "diagonal")]
)
def test_a_direction_counts_by_what_of_it_is_in_the_space(expr: str, declared: str) -> None:
    d = mc.hessian(expr, "S", where=f"S: (n, n) {declared}; A: (n, n)")
    rng = np.random.default_rng(1)
    dS, A, g = rng.standard_normal((3, 3, 3))
    part = {"symmetric": (dS + dS.T) / 2, "spd": (dS + dS.T) / 2, "skew": (dS - dS.T) / 2, "diagonal": np.diag(np.diag(dS))}[declared]
    at = {"symmetric": g + g.T, "spd": g @ g.T + np.eye(3), "skew": g - g.T, "diagonal": np.diag(np.diag(g))}[declared]
    run = d.jvp()
    assert np.allclose(run(S=at, A=A, dS=dS), run(S=at, A=A, dS=part)) and "part counts" in run.source


MAPS = """
grad     ; normspec(1 + G)    ; G ; G: (k, k) skew
jacobian ; S'*S'*x            ; S ; S: (k, k) symmetric; x: (k)
hessian  ; tr(S*S*S')         ; S ; S: (k, k) symmetric
grad     ; logdet(T*T' + T)   ; T ; T: (k, k) orthogonal
"""


@pytest.mark.parametrize("line", MAPS.strip().splitlines())
def test_maps_of_an_unconstrained_answer_take_any_direction(line: str) -> None:
    order, expr, by, where = (part.strip() for part in line.split(";", 3))
    d = getattr(mc, order)(expr, by, where=where, unconstrained=True)
    rng = np.random.default_rng(1)
    g, dx, x = rng.standard_normal((3, 3)), rng.standard_normal((3, 3)), rng.standard_normal(3)
    at = {"skew": g - g.T, "symmetric": g + g.T, "orthogonal": np.linalg.qr(g)[0]}[where.split(";")[0].split()[-1]]
    given = {by: at, "x": x}
    answer = np.asarray(d.compile()(**given))
    wanted = np.vdot(answer, dx) if order == "grad" else answer @ dx.ravel(order="F")
    assert np.allclose(np.ravel(d.jvp()(**given, **{f"d{by}": dx}), order="F"), wanted)
    w = np.float64(1.0) if order == "grad" else x if order == "jacobian" else dx
    back = np.ravel(d.vjp()(**given, cotangent=w), order="F")
    assert np.allclose(back, np.ravel(answer, order="F") if order == "grad" else answer.T @ np.ravel(w, order="F"))


def test_kronecker_products_of_many_have_a_verdict() -> None:
    a, b = (mc.matrix(name, "n", "n") for name in "AB")
    left = right = a
    for _ in range(5):
        left, right = mc.kron(left, b), mc.kron(b, right)
    assert mc.equal(left, left)
    verdict = mc.equal(left, right)
    assert not verdict
    assert len(repr(verdict)) < 300


STEPS = """
grad     ; tr(A*S')  ; df = tr(A'*dS) ; df/dS = A
grad     ; S[l,i]    ; df = dS[l,i]   ; df/dS = eye(n)[:,l]*eye(n)[:,i]'
jacobian ; S'        ; vec(dY) = commutation(n, n)*vec(dS) ; dvec(Y)/dvec(S)' = commutation(n, n)
"""


@pytest.mark.parametrize("line", STEPS.strip().splitlines())
def test_the_steps_of_an_unconstrained_answer_are_of_free_entries(line: str) -> None:
    order, expr, *lines = (part.strip() for part in line.split(";"))
    d = getattr(mc, order)(expr, "S", where="A: (n, n); S: (n, n) symmetric", unconstrained=True)
    assert [step.text for step in d.steps()][-2:] == lines


@pytest.mark.parametrize(
    ("order", "expr", "where"),
    [
        ("grad", "norm(S)", "S: (m, m) orthogonal"),
        ("grad", "tr(A*S)^2", "S: (m, m) orthogonal; A: (m, m)"),
        ("jacobian", "S^3", "S: (m, m) projector"),
        ("hessian", "tr(A*S*B*S)", "S: (m, m) projector; A: (m, m); B: (m, m)"),
    ],
)
def test_what_is_differentiated_freely_is_checked_where_it_is_declared_to_be(order: str, expr: str, where: str) -> None:
    assert getattr(mc, order)(expr, "S", where).check().ok


def test_a_sign_of_rounding_decides_nothing() -> None:
    assert not mc.grad("norm1(vec(polar(B)))", "B", "B: (m, m) projector").check().points
