"""By a structured variable as if its entries were free: what its structure makes equal is apart, S and S' among them."""

from __future__ import annotations

import pytest

import matcalc as mc

WHERE = "A: (n, n); S: (n, n) symmetric; P: (n, n) spd; x: (n); W: (n, n) skew; D: (n, n) diagonal"
FREE = """
grad      ; tr(A*S')     ; S ; A
grad      ; tr(A*S)      ; S ; A'
grad      ; S[l,i]       ; S ; eye(n)[:,l]*eye(n)[:,i]'
grad      ; tr(A*W')     ; W ; A
grad      ; tr(A*D')     ; D ; A
grad      ; x'*W*x       ; W ; x*x'
grad      ; logdet(P)    ; P ; inv(P)
jacobian  ; S'           ; S ; commutation(n, n)
jacobian  ; S            ; S ; eye(n*n)
jacobian  ; colsum(P)    ; P ; kron(eye(n), ones(n)')
jacobian  ; rowsum(P)    ; P ; kron(ones(n)', eye(n))
hessian   ; tr(S*S')     ; S ; 2*eye(n*n)
hessian   ; tr(S*S)      ; S ; 2*commutation(n, n)
""".strip().splitlines()


@pytest.mark.parametrize("line", FREE)
def test_the_variable_is_free_before_it_is_read(line: str) -> None:
    order, expr, wrt, answer = (part.strip() for part in line.split(";"))
    found = getattr(mc, order)(expr, wrt, where=WHERE, unconstrained=True)
    assert found.expr is mc.parse(answer, WHERE)
    assert found.check().ok


def test_latex_is_read_free_too() -> None:
    assert mc.grad(r"\operatorname{tr}(A S^\top)", "S", where=WHERE, unconstrained=True).text() == "A"
