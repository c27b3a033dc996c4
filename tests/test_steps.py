"""Derivations: every line equals the one before, numerically; they read as one writes them; nothing is longer than a line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from sys import getrecursionlimit, setrecursionlimit

import pytest

import matcalc as mc
from asking import derived
from equalities import equalities
from expressions import Sampler
from matcalc.calculus import gradient, jacobian
from matcalc.checking.comparing import same, value_at
from matcalc.checking.numbers import Undefined
from matcalc.checking.sampling import deals
from matcalc.errors import ParseError
from matcalc.explain import Steps
from matcalc.explain.derivation import derivation
from matcalc.explain.rules import RULES_IN_A_LINE
from matcalc.expr import Expr, postorder, symbol, variables
from test_answers import ROWS as BOOK

GRANULARITIES = ("brief", "full")
PAGE = 120

# order ; expression ; variable ; declarations
CASES = [
    ("grad", "‖g(X·W)−Y‖²_F", "W", ""),
    ("grad", "norm(X - D*R)^2", "D", ""),
    ("grad", "norm(A*x - b)^2", "x", "A: (m, n)"),
    ("grad", "x'*A*x", "x", ""),
    ("grad", "(x'*A*x)*(x'*B*x)", "x", "x: (n)"),
    ("grad", "1/2*(A*x - b)'*inv(S)*(A*x - b)", "x", "S: (m, m) spd; A: (m, n)"),
    ("grad", "a'*inv(X)*b", "X", ""),
    ("grad", "logdet(X'*X + c*I)", "X", "X: (m, n); c: scalar"),
    ("grad", "tr(X'*A*X*B)", "X", ""),
    ("grad", "tr(X^3)", "X", "X: (n, n)"),
    ("grad", "det(A*X*B)", "X", "A: (n, m); B: (p, n)"),
    ("grad", "norm(x - a)", "x", ""),
    ("grad", "norm1(A*x)", "x", "A: (m, n)"),
    ("grad", "sum(softplus(X*w)) - y'*X*w", "w", "X: (m, n)"),
    ("grad", "-y'*log(softmax(W*x + b))", "x", "W: (m, n)"),
    ("grad", "-y'*log(softmax(W*x + b))", "W", "W: (m, n); x: (n)"),
    ("grad", "sum((A*x).^3./(1 + exp(A*x)))", "x", "A: (m, n)"),
    ("grad", "tr(A*S) + logdet(S)", "S", "S: (n, n) spd"),
    ("grad", "x'*D*x + tr(D^2)", "D", "D: (n, n) diagonal; x: (n)"),
    ("grad", "exp(-t)*x'*x + t^2", "t", "t: scalar; x: (n)"),
    ("grad", "norm(X*a)^2", "X[:,j]", "X: (m, n)"),
    ("grad", "tr(X'*A*X)", "X[i,j]", "X: (m, n)"),
    ("grad", "lambda_max(S)", "S", "S: (n, n) symmetric"),
    ("grad", "kron(a, b)'*c", "a", "a: (m); b: (n); c: (m*n)"),
    ("grad", "logsumexp(A*x) + mean(x)", "x", "A: (m, n)"),
    ("grad", "a'*b", "x", "x: (n); a: (n); b: (n)"),
    ("grad", "norm(R - E*F)^2 + f'*f", "E", "f: (n); E: (m, n)"),
    ("jacobian", "A*X*B", "X", ""),
    ("jacobian", "inv(X)", "X", ""),
    ("jacobian", "X'*X", "X", "X: (m, n)"),
    ("jacobian", "g(X*W)", "W", ""),
    ("jacobian", "U*s(W*X + b*ones(p)') + c*ones(p)'", "X", "s: elementwise"),
    ("jacobian", "W2*tanh(W1*x + b)", "x", "W1: (h, n); W2: (m, h)"),
    ("jacobian", "softmax(A*x)", "x", "A: (m, n)"),
    ("jacobian", "x/norm(x)", "x", ""),
    ("jacobian", "inv(A + t*B)", "t", "A: (n, n); t: scalar"),
    ("jacobian", "A'*diag(x)*A", "x", "A: (m, n)"),
    ("jacobian", "A*X", "X[:,j]", "A: (m, n); X: (n, p)"),
    ("hessian", "x'*A*x", "x", ""),
    ("hessian", "logsumexp(A*x)", "x", "A: (m, n)"),
    ("hessian", "norm(g(A*x) - y)^2", "x", "A: (m, n)"),
    ("hessian", "tr(X'*A*X*B)", "X", "X: (m, n)"),
    ("hessian", "x'*A*y + norm(x)^2*y'*y", "x,y", "x: (m); y: (n)"),
    ("hessian", "norm(X*a)^2", "X[:,j]", "X: (m, n)"),
    ("hessian", "exp(t)*x'*x", "t", "t: scalar; x: (n)"),
]

NET = "norm(W5*tanh(W4*tanh(W3*tanh(W2*tanh(W1*X + b1*o') + b2*o') + b3*o') + b4*o') - Y)^2"
NET_SHAPES = "X: (p, N); o: (N); W1: (h1, p); W2: (h2, h1); W3: (h3, h2); W4: (h4, h3); W5: (m, h4)"


def unequal(steps: Steps, *more: Expr) -> list[str]:
    """The steps with sides that differ, at a random point at which all are defined."""
    lines = list(equalities(steps))
    for left, *sides in (sides for _, sides in lines):
        assert all(s.shape == left.shape for s in sides)
    every = [e for _, sides in lines for e in sides]
    for deal in deals(*every, *more):
        try:
            found = dict(zip(every, value_at(deal.point, *every), strict=True))
        except Undefined:
            continue
        return [repr(step) for step, sides in lines for s in sides[1:] if not same(found[sides[0]], found[s])]
    raise AssertionError("no point at which all lines are defined")


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize(("order", "expr", "wrt", "where"), CASES)
def test_every_line_equals_the_one_before(order: str, expr: str, wrt: str, where: str, granularity: str) -> None:
    d = derived(order, expr, wrt, where)
    steps = d.steps(granularity)
    assert unequal(steps, d.of) == []
    assert steps[-1].equations[-1].right[-1] is d.expr
    assert all(s.rule and s.latex and s.text and s.unicode for s in steps)
    assert all(s.rule.split(":")[0].replace("power rule, entry by entry", "power rule").count(", ") < RULES_IN_A_LINE for s in steps)


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_every_line_to_the_form_of_the_book(granularity: str) -> None:
    wrong = {}
    for line in BOOK.strip().splitlines()[::4]:
        order, expr, wrt, _, where = (part.strip() for part in line.split(" | "))
        d = derived(order, expr, wrt, where)
        steps = d.steps(granularity)
        wrong[line] = unequal(steps, d.of) or [line for line in steps.unicode().split("\n") if len(line) > PAGE]
    assert {k: v for k, v in wrong.items() if v} == {}


@pytest.mark.parametrize("batch", range(8))
def test_every_line_of_random_derivations(batch: int) -> None:
    shapes = [(1, 1), (1, 1), (symbol("m"), 1), (symbol("m"), symbol("n"))]
    for seed in range(batch * 8, batch * 8 + 8):
        sampler = Sampler(seed)
        f = sampler.draw(sampler.rng.choice(shapes), sampler.rng.randint(2, 4))
        free = variables(f)
        if not free:
            continue
        x = sampler.rng.choice(free)
        answer = gradient(f, [x])[0] if f.is_scalar else jacobian(f, x)
        assert unequal(derivation(f, answer, x, granularity=GRANULARITIES[seed % 2]), f) == []


def test_the_flagship_reads_like_a_textbook() -> None:
    assert [s.unicode for s in mc.grad("‖g(X·W)−Y‖²_F", "W").steps()] == [
        "f = ‖R‖_F²,  R = g(X W) − Y",
        "df = 2 tr(Rᵀ dR),  dR = (X dW) ⊙ g′(X W)",
        "df = 2 tr(Rᵀ ((X dW) ⊙ g′(X W))) = 2 tr((R ⊙ g′(X W))ᵀ X dW)",
        "∂f/∂W = 2 Xᵀ (R ⊙ g′(X W)) = 2 Xᵀ ((g(X W) − Y) ⊙ g′(X W))",
    ]


def test_one_rule_at_a_time() -> None:
    d = mc.grad("norm(X - D*R)^2", "D")
    steps = d.steps("full")
    assert [(s.unicode, s.rule.split(":")[0]) for s in steps] == [
        ("f = ‖E‖_F²,  E = X − D R", "name the parts"),
        ("df = 2 tr(Eᵀ dE)", "squared norm"),
        ("dE = −d(D R)", "sum rule"),
        ("dE = −(dD) R", "constant factor"),
        ("df = −2 tr(R Eᵀ dD)", "put the differential in"),
        ("∂f/∂D = −2 E Rᵀ", "identify"),
        (f"∂f/∂D = {d.unicode()}", "put the parts back and simplify"),
    ]


def test_rules_cite_their_sources() -> None:
    sources = {s.rule.split(":")[0]: s.source for s in mc.grad("logdet(A*X*B)", "X", where="A: (n, n); B: (n, n)").steps("full")}
    assert sources["log-determinant"] == "M&N 8.3" and sources["constant factor"] == "M&N 8.1"


def test_what_is_put_in_stands_beside_its_factor() -> None:
    shown = mc.grad("norm(y - X*b)^2/2 + l*norm1(b)", "b").steps()
    assert "rᵀ (−X db) + l sign(b)ᵀ db" in shown.unicode()
    assert "r'*(-X*db) + l*sign(b)'*db" in shown.text()


def test_latex_is_numbered() -> None:
    source = mc.grad("norm(X - D*R)^2", "D").steps().latex()
    assert source.startswith("\\begin{align}") and source.endswith("\\end{align}")
    assert [f"\\tag{{{k}}}" in source for k in range(1, 6)] == [True] * 4 + [False]
    assert "\\text{squared norm, constant factor}" in source


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize("wrt", ["W1", "W3", "W5", "X", "b2"])
def test_a_deep_net_stays_readable(wrt: str, granularity: str) -> None:
    d = derived("grad", NET, wrt, NET_SHAPES)
    steps = d.steps(granularity)
    assert max(map(len, steps.unicode().split("\n"))) <= PAGE
    assert unequal(steps, d.of) == []


def test_names_are_not_those_of_the_expression() -> None:
    steps = mc.grad("norm(R - E*F)^2 + h'*h", "E", where="h: (n); E: (m, n); f: (n)").steps()
    given = {"R", "E", "F", "h", "m", "n", "f"}
    assert given.isdisjoint(n.data[0] for n in steps.meaning if n.data[0] != "f")


def test_nothing_recurses_along_a_deep_net(request: pytest.FixtureRequest) -> None:
    request.addfinalizer(partial(setrecursionlimit, getrecursionlimit()))
    setrecursionlimit(500)
    f = mc.vector("x", "n")
    W = mc.matrix("W", "n", "n")
    for _ in range(300):  # two nodes each
        f = mc.tanh(W @ f)
    steps = mc.grad(mc.sum(f), mc.vector("x", "n")).steps()
    assert max(map(len, steps.unicode().split("\n"))) <= PAGE


def test_granularities_are_two() -> None:
    with pytest.raises(ParseError, match="brief and full"):
        mc.grad("x'*x", "x").steps("long")


def test_named_parts_are_small() -> None:
    steps = mc.grad("norm(g(A*X*B + C*X*D) - g(A*X*B - C*X*D))^2", "X").steps()
    assert all(len(list(nodes(e.right))) < 60 for s in steps for e in s.equations)


def nodes(sides: Iterable[Expr]) -> Iterable[Expr]:
    return postorder(*sides)
