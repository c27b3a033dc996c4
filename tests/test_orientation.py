"""An expression and its transpose are one argument to every function: which of the two is kept is settled once, whatever is simplified inside."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from expressions import VALUES
from matcalc.checking.evaluate import evaluate
from matcalc.expr import variables
from matcalc.expr.transposing import is_skew
from matcalc.operators import MATRIX
from matcalc.reading import read
from matcalc.simplification import simplify
from sampling import close, draw

WHERE = "A: (n, n); P: (n, n); D: (n, n) diagonal; W: (n, n) skew; S: (n, n) symmetric; b: (n); c: (n)"
ARGUMENTS = """
(A.*P')*diag(b)
diag(b)*(A.*P')
(A.*P')*D
D*(P'.*A)
(A.*A')*diag(b)
(A*diag(b)).*A'
A*diag(b).*P'*D
diag(b)*(A'.*P)*diag(c)
A'*(A.*P')*D
(W.*A')*diag(b)
D*(W.*W)*D
diag(b)*W*diag(b)
A' + (A.*P')*diag(b)
(A - P')*diag(b)
(S.*A')*D + W
tril(softmax_rows(A)) + S
""".strip().splitlines()
SQUARE = [op for op in MATRIX if op.signature.startswith("(n,n)->") and not op.domain.startswith("symmetric")]
FUNCTIONS = [
    *(f"{name}(Z)" for name in ("tanh", "exp", "cos", "sigmoid")),
    "inv(Z)", "Z^2", "Z^3", "Z^-2", "Z.^2", "Z.^3", "1./Z", "Z*Z'", "tanh(Z)*b", "kron(Z, Z)", "softmax_rows(Z)", "sqrt(Z)", "pinv(Z)", "norm(Z)", "normnuc(Z)", "polar(Z)", "vec(Z)",
    *(f"{op.spelled or op.name}(Z)" for op in SQUARE if not op.name.endswith(("jacobian", "jacobian2"))),
]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_kept_of_an_expression_and_its_transpose_settles(function: str) -> None:
    for inside in ARGUMENTS:
        rng = np.random.default_rng(1)
        point = {v: draw(p, (2, 2), rng) for v, p in (("A", "positive"), ("P", "positive"), ("D", "diagonal"), ("W", "skew"), ("S", "spd"))}
        point |= {v: draw("positive", (2, 1), rng) for v in "bc"}
        e = read(function.replace("Z", f"({inside})"), WHERE).expr
        s = simplify(e)
        assert simplify(s) is s, inside
        try:
            value = evaluate(e, **point, **VALUES)
        except np.linalg.LinAlgError:
            continue
        if np.all(np.isfinite(np.asarray(value))):
            assert close(evaluate(s, **point, **VALUES), value, 1e-6), f"{inside}: {s}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_derivatives_through_it_come_to_an_end(function: str) -> None:
    for inside in ARGUMENTS:
        text = f"sum({function.replace('Z', f'({inside})')}^2)" if function == "norm(Z)" else f"sum({function.replace('Z', f'({inside})')})"
        f = read(text, WHERE).expr
        for x in variables(f):
            if x.data[0] in ("A", "b"):
                if function == "adj(Z)" and is_skew(read(inside, WHERE).expr):
                    with pytest.raises(mc.UnsupportedError, match="odd sizes"):
                        mc.grad(f, x)
                    continue
                answer = mc.grad(f, x)
                assert read(answer.text(), WHERE).expr is answer.expr


@pytest.mark.parametrize(
    "text", ["b*pinv(A.^2)[1,:]*A.^2", "P*(A.^2*pinv(A.^2))[:,1]*b'", "pinv(sylvester(W, W, S))*sylvester(W, W, S)*b*c'"]
)
def test_a_transpose_of_what_stands_beside_its_function_turns_back(text: str) -> None:
    e = mc.parse(text, where=WHERE)
    assert e.T.T is e
    assert e.T.turns == e.turns[::-1]


def test_a_number_that_a_transpose_brings_stands_before_the_product() -> None:
    where = "P: (n, n) skew"
    e = mc.parse("I + polar(triu(P))'*triu(P)", where=where)  # which is I - tril(P) polar(triu(P))
    assert mc.parse(repr(e), where=where) is e and repr(e) == "I − tril(P) polar(triu(P))"
