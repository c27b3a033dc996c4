"""The outcomes that any question may have: an answer that reads back, or an error of the family; and how to ask many.

`pytest` asks a few hundred (test_fuzz.py).  For a long run, with coverage guidance where atheris is installed:

    python tests/fuzzing.py SECONDS
"""

from __future__ import annotations

import json
import random
import sys
import time
import traceback
from collections import Counter

import matcalc as mc
from matcalc.api.asking import declaration
from matcalc.errors import MatcalcError

ORDERS = ("grad", "jacobian", "hessian")
SLOWEST = 10.0  # seconds

# What texts are made of, for those who mutate them.
SEEDS = [
    ("norm(g(X*W) - Y)^2", "X: (m, n); W: (n, p)", "W"),
    ("x'*inv(S + x*x')*x - logdet(S)", "S: (n, n) spd; x: (n)", "x"),
    ("sum(log(1 + exp(-y.*(X*w)))) + t*‖w‖₁", "X: (m, n); y: (m); w: (n); t: scalar", "w"),
    ("tr(A'*X*B*X') + det(X)/2", "A: (n, n); B: (n, n) symmetric; X: (n, n)", "X"),
    ("logsumexp(A*x - b) + ‖X‖²_F", "A: (m, n); x: (n); X: (m, n)", "A"),
    ("diag(x)*A[:,j] .^ 2 ./ (1 + x.^2)", "A: (n, n); x: (n)", "x"),
    ("vec(X)'*kron(A, B)*vec(X)", "X: (n, m); A: (m, m); B: (n, n)", "X"),
    (r"\frac12 \left\| XW - Y \right\|_F^2", "X: (m, n); W: (n, p); Y: (m, p)", "W"),
    (r"\sum_i \log(1 + e^{-y_i w^\top x_i})", "X: (m, n); y: (m); w: (n)", "w"),
    (r"(x - \mu)^{\mathsf T} \Sigma^{-1} (x - \mu) + \log|\Sigma|", "x: (n); mu: (n); Sigma: (n, n) spd", "mu"),
    (r"\operatorname{tr} A X \odot \hat\beta \mathbf 1^\top", "A: (n, n); X: (n, n); beta_hat: (n)", "X"),
]
PIECES = (
    "X Y A x y n I ( ) [ ] { } + - − * .* / ./ ^ .^ ' ᵀ ⁻¹ ² ‖ || | _F _1 , : ; = 2 0.5 1e9 pi ⊗ ⊙ ⟨ ⟩ ∇ g( g'( sin( tr( inv( det( logdet( "
    r"norm( sum( kron( diag( vec( eye(n) ones(n) [:,j] [1,2] \ $ \frac \sqrt \left( \right) \| \top ^{-1} _{i} \sum_i \mathbf \hat \alpha "
    "(n,n) (n) scalar symmetric spd elementwise -> \u202e \u0000 \u200b А ﹢ é"
).split(" ")


def outcome(expr: str, where: str, wrt: str | None, order: str) -> str:
    """Says "answered" or "refused"; raises AssertionError (or what slipped through) for anything else."""
    start = time.perf_counter()
    try:
        found = getattr(mc, order)(expr, wrt, where=where)
    except MatcalcError as error:
        assert str(error)
        return "refused"
    finally:
        assert time.perf_counter() - start < SLOWEST, "too slow"
    for d in found if isinstance(found, tuple) else (found,):
        try:
            text, _ = d.text(), d.latex()
            d.compile("numpy")
        except MatcalcError:
            continue
        full = "; ".join(filter(None, map(declaration, d.symbols.values())))
        assert mc.parse(text, where=full) is d.expr, "does not read back"
    return "answered"


def mutated(rng: random.Random) -> tuple[str, str, str, str]:
    """A question near one of the seeds."""
    expr, where, wrt = rng.choice(SEEDS)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(expr) + 1)
        match rng.randrange(4):
            case 0:
                expr = expr[:at] + rng.choice(PIECES) + expr[at:]
            case 1:
                expr = expr[:at] + expr[at + rng.randrange(1, 4) :]
            case 2:
                other = rng.choice(SEEDS)[0]
                expr = expr[:at] + other[rng.randrange(len(other)) :]
            case _:
                where = where.replace(rng.choice("mnpXxA"), rng.choice("mnpqXxA23"), 1)
    return expr, where, wrt, rng.choice(ORDERS)


def main(seconds: float) -> None:
    """Asks for so long; prints what was found, one of each kind, and the figures."""
    rng, figures, end = random.Random(time.time()), Counter[str](), time.time() + seconds
    seen: set[str] = set()
    while time.time() < end:
        question = mutated(rng)
        try:
            figures[outcome(*question)] += 1
        except Exception as e:
            figures["found"] += 1
            key = traceback.format_exc().splitlines()[-3] + type(e).__name__
            if key not in seen:
                seen.add(key)
                print(json.dumps([*question, repr(e)[:200]]))
    print(dict(figures))


if __name__ == "__main__":
    main(float(sys.argv[1]))
