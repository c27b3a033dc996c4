"""THE PROPERTIES: every draw, every column and every row's range, result and keeps proved by values; projections of all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import matcalc as mc
from matcalc.calculus.manifolds import MANIFOLDS
from matcalc.errors import ParseError, ShapeError
from matcalc.expr import Op, apply, known, number, signature, symbol, variable
from matcalc.expr.dims import replace as sized
from matcalc.expr.facts import EVERY_ONE_BY_ONE, ONE_BY_ONE
from matcalc.expr.properties import INFERRED, NEVER, PROPERTIES, TOGETHER, Property, closure, contradiction, curved, draws, flat
from matcalc.operators import OPERATORS
from matcalc.rewriting import rewriter
from matcalc.rewriting.lines import Line, lines_of
from properties import FIXED, IS, evaluate, letters, operand, rank, shape_of, value

# --- draws -------------------------------------------------------------------------------------------------------

PAIRS = [frozenset({p}) for p in PROPERTIES] + [
    frozenset(pair)
    for pair in combinations(PROPERTIES, 2)
    if not contradiction(pair) and {"vector", "square"} != {PROPERTIES[p].shape for p in pair}
]


def named(properties: frozenset[str]) -> str:
    return " ".join(sorted(properties))


def is_vector(properties: frozenset[str]) -> bool:
    return any(PROPERTIES[p].shape == "vector" for p in properties)


@pytest.mark.parametrize("properties", PAIRS, ids=named)
def test_a_draw_has_all_the_properties_and_they_are_as_their_rows_say(properties: frozenset[str]) -> None:
    rng = np.random.default_rng(0)
    for text in draws(properties):
        sizes = [n for n in (2, 3, 4, 3, 2) if "J" not in text or n % 2 == 0]
        for n in sizes:
            x = value(text, letters(rng, n, n, wanted=text), (n, 1) if is_vector(properties) else (n, n), n)
            assert np.isfinite(x).all() and all(IS[p](x) for p in closure(properties)), text
            where = f"X: ({n})" if is_vector(properties) else f"X: ({n}, {n})"
            for p in closure(properties):
                for formula in PROPERTIES[p].holds:
                    assert np.allclose(
                        mc.evaluate(mc.parse(formula.replace("(n)", f"({n})"), where=where), X=x[:, 0] if is_vector(properties) else x), 0
                    )


@pytest.mark.parametrize("row", [row for row in PROPERTIES.values() if row.holds], ids=lambda row: row.name)
def test_what_vanishes_on_the_set_does_not_vanish_elsewhere(row: Property) -> None:
    x = np.random.default_rng(1).standard_normal((3, 1) if row.shape == "vector" else (3, 3))
    where = "X: (3)" if row.shape == "vector" else "X: (3, 3)"
    found = [mc.evaluate(mc.parse(h.replace("(n)", "(3)"), where=where), X=x[:, 0] if row.shape == "vector" else x) for h in row.holds]
    assert not any(np.allclose(f, 0) for f in found)


@pytest.mark.parametrize("several", [s for s in TOGETHER if s <= set(PROPERTIES) and TOGETHER[s] in PROPERTIES], ids=named)
def test_what_several_say_together(several: frozenset[str]) -> None:
    rng = np.random.default_rng(2)
    for n in (2, 3, 4):
        assert IS[TOGETHER[several]](operand(several, (n, n), rng))


@pytest.mark.parametrize("pair", NEVER, ids=named)
def test_what_cannot_be_declared_together(pair: frozenset[str]) -> None:
    only = {"only zero is": np.zeros((3, 3)), "only the identity is": np.eye(3)}.get(NEVER[pair])
    assert only is None or all(IS[p](only) for p in pair)
    with pytest.raises(ParseError, match=NEVER[pair]):
        mc.parse("X*a", where=f"X: (n, n) {', '.join(pair)}")


@pytest.mark.parametrize(
    ("where", "words"), [("x: (n, n) simplex", "vector"), ("P: (m, n) projector", "square"), ("S: (n) stochastic", "square")]
)
def test_a_shape_that_cannot_have_the_property(where: str, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        mc.parse("1", where=where)


# --- the columns -------------------------------------------------------------------------------------------------

OPERATIONS = {
    "sum": lambda x, y: x + y, "product": lambda x, y: x @ y, "congruence": lambda x, y: y @ x @ y.T, "kron": np.kron, "hadamard": lambda x, y: x * y,
    "inverse": np.linalg.inv, "transpose": lambda x: x.T, "square": lambda x: x @ x, "odd": lambda x: x @ x @ x, "root": lambda x: x**0.5,
}  # fmt: skip
ROWS = [*PROPERTIES.values(), *INFERRED.values()]


def ways(text: str) -> Iterator[tuple[frozenset[str], ...]]:
    for way in text.split("|"):
        if way:
            yield tuple(frozenset(side.split()) - {"any"} for side in way.split(","))


def operands(column: str, needs: tuple[frozenset[str], ...], row: Property, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Values as an alternative of a column asks for them, of shapes that differ where they may."""
    square = row.shape == "square" or column in ("inverse", "square", "odd")
    if column == "congruence":
        outer = operand(needs[1], shape_of(needs[1], n, n + 1 if not needs[1] else max(n - 1, 1), n), rng)
        return [operand(needs[0], (outer.shape[1], outer.shape[1]), rng), outer]
    if column == "product":
        first = shape_of(needs[0], n, n, n if square else n + 1)
        if "injective" in needs[0]:
            first = (n + 2, n + 1)
        if "onto" in needs[0]:
            first = (n, n + 1)
        second = shape_of(needs[1], first[1], first[1], n if square or "injective" in needs[1] else n + 3)
        return [operand(needs[0], first, rng), operand(needs[1], second, rng)]
    if column == "root":
        return [operand(frozenset(ONE_BY_ONE_OF.get(p, p) for p in needs[0]) or frozenset({"positive"}), (1, 1), rng)]
    free = (
        (n, n)
        if square
        else (n, 1)
        if row.shape == "vector"
        else (n + 1, n)
        if row.name == "injective" and column != "transpose"
        else (n, n + 1)
    )
    if row.name in ("onto", "injective") and column == "transpose":
        free = (n + 1, n) if row.name == "onto" else (n, n + 1)
    return [operand(need, shape_of(need, n, *free), rng) for need in needs]


ONE_BY_ONE_OF = {b: a for a, b in ONE_BY_ONE.items()}


def refuted(row: Property, column: str) -> list[str]:
    """The alternatives of a column that a value refutes."""
    rng, out = np.random.default_rng(3), []
    for needs in ways(getattr(row, column)):
        seen = False
        for n in (2, 3, 4, 1, 3, 2, 4, 3) * 4:
            try:
                values = operands(column, needs, row, n, rng)
            except ValueError:
                continue  # nothing has them at this size
            if column == "inverse" and rank(values[0]) < n:
                continue  # there is no inverse to speak of
            if column == "sum" and n % 2 and values[0].shape == values[1].shape and all(IS[p](-values[0]) for p in needs[1]):
                values[1] = -values[0]
            made = OPERATIONS[column](*values)
            if row.shape == "square" and made.shape[0] != made.shape[1] or row.shape == "vector" and made.shape[1] != 1:
                continue
            seen = True
            if not IS[row.name](made):
                out.append(f"{row.name}: {column} of {' and '.join(map(named, needs))}")
                break
        if not seen:
            out.append(f"{row.name}: {column} of {' and '.join(map(named, needs))} was never seen")
    return out


COLUMNS = [(row, column) for row in ROWS for column in OPERATIONS if getattr(row, column)]


@pytest.mark.parametrize(("row", "column"), COLUMNS, ids=lambda v: getattr(v, "name", v))
def test_an_operation_keeps_what_the_table_says(row: Property, column: str) -> None:
    assert refuted(row, column) == []


@pytest.mark.parametrize(
    ("name", "column", "text"),
    [
        ("spd", "sum", "psd,psd"), ("spd", "sum", "spd,symmetric"), ("skew", "square", "skew"), ("psd", "square", "skew"), ("nonnegative", "sum", "nonnegative,any"),
        ("spd", "congruence", "spd,any"), ("spd", "product", "spd,spd"), ("symmetric", "product", "symmetric,symmetric"), ("projector", "sum", "projector,projector"),
        ("lower", "congruence", "diagonal,lower"), ("stochastic", "inverse", "stochastic"), ("skew", "hadamard", "skew,skew"), ("lower", "transpose", "lower"),
        ("invertible", "sum", "invertible,invertible"), ("positive", "sum", "nonnegative,nonnegative"), ("sphere", "sum", "sphere,sphere"), ("psd", "kron", "psd,nsd"),
    ],
)  # fmt: skip
def test_the_proof_of_a_column_finds_what_is_false(name: str, column: str, text: str) -> None:
    assert refuted((PROPERTIES.get(name) or INFERRED[name])._replace(**{column: text}), column)


# --- the rows of the operators -----------------------------------------------------------------------------------

SAYING = [op for op in OPERATORS.values() if op.signature and (op.result or op.range or "->" in op.keeps)]


def lines(op: Op) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The claims of a row: of which arguments, which properties of the result."""
    always = frozenset((*op.result, *([op.range] if op.range else [])))
    if always:
        yield frozenset(), always
    for line in op.keeps.split(";") if "->" in op.keeps else ():
        need, what = line.split("->")
        yield frozenset(need.split()), frozenset(what.split())


def false_lines(op: Op) -> list[str]:
    """The lines of a row that a value refutes."""
    rng, out = np.random.default_rng(5), []
    for need, what in lines(op):
        shapes = [(m, n) for m, n in ((2, 2), (3, 3), (1, 1), (3, 2), (2, 3), (4, 4), (3, 3), (1, 1), (2, 2))]
        for m, n in shapes:
            given = argument(op, need, m, n, rng)
            if given is None:
                continue
            made = at(op, given)
            if made is None:
                continue
            for p in what:
                row = PROPERTIES.get(p) or INFERRED[p]
                if (row.shape == "square" and made.shape[0] != made.shape[1]) or (row.shape == "vector" and made.shape[1] != 1):
                    continue
                if not IS[p](made):
                    out.append(f"{op.name}: {named(need)} -> {p}")
    return sorted(set(out))


def argument(op: Op, need: frozenset[str], m: int, n: int, rng: np.random.Generator) -> np.ndarray | None:
    """An argument of the row with the properties, where it is defined."""
    wanted = (symbol("m"), symbol("n")) if op.elementwise else signature(op.signature)[0][0]
    shape = tuple(sized(d, {"m": m, "n": n, "k": m * n, "p": m, "q": n}) for d in wanted)
    base = need | ({"symmetric"} if op.domain == "symmetric" and need <= {"nonnegative", "positive"} else set())
    base |= {"spd"} if op.domain == "symmetric positive definite" else set()
    for _ in range(20):
        try:
            x = operand(frozenset(base), shape_of(frozenset(base), n, *shape), rng)
        except ValueError:
            return None
        if x.shape != shape:
            return None
        if op.domain == "in (−1, 1)" or op.domain == "in [−1, 1]":
            x = x / (1.1 * max(1.0, np.abs(x).max()))
        if op.name == "acosh":
            x = 1.1 + np.abs(x)
        if op.domain == "positive":
            x = np.abs(x) + 0.1
        if op.domain == "invertible" and rank(x) < len(x) and op.name != "det" or op.domain == "of full rank" and rank(x) < min(shape):
            continue
        if op.domain.startswith("without eigenvalues"):
            values = np.linalg.eigvals(x)
            if np.any((np.abs(values.imag) < 1e-3) & (values.real < 1e-3)):
                continue
        return x
    return None


def at(op: Op, x: np.ndarray) -> np.ndarray | None:
    """The row at a value; what it takes of a matrix that is declared so is declared."""
    properties = {"symmetric"} if "symmetric" in op.domain and x.shape != (1, 1) else set()
    others = [number(k + 2) for k in range(op.signature.count("*") - 1)] if op.elementwise else []
    e = apply(op, (variable("X", x.shape, properties), *others), x.shape if op.name == "unvec" else None)
    with np.errstate(all="ignore"):
        made = np.asarray(evaluate(e, X=x.item() if x.shape == (1, 1) else x[:, 0] if x.shape[1] == 1 else x), dtype=float)
    return made.reshape(e.shape) if np.isfinite(made).all() else None


@pytest.mark.parametrize("op", [op for op in SAYING if op.build is None], ids=lambda op: op.name)
def test_a_row_has_the_range_the_result_and_keeps_what_it_says(op: Op) -> None:
    assert false_lines(op) == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("prod", {"range": "nonnegative"}), ("det", {"keeps": "invertible -> positive"}), ("det", {"range": "nonnegative"}), ("tr", {"keeps": "invertible -> positive"}),
        ("pinv", {"keeps": "psd -> spd"}), ("expm", {"keeps": "skew -> spd"}), ("sinh", {"range": "positive"}), ("relu", {"range": "positive"}),
        ("expm", {"result": ("symmetric",)}), ("tril", {"result": ("upper",)}), ("diag", {"keeps": "nonnegative -> spd"}), ("lambda_max", {"keeps": "symmetric -> nonnegative"}),
    ],
)  # fmt: skip
def test_the_proof_of_a_row_finds_what_is_false(name: str, columns: dict[str, object]) -> None:
    assert false_lines(replace(OPERATORS[name], **columns))


# --- what is known of expressions --------------------------------------------------------------------------------

WHERE = """S: (n, n) spd; T: (n, n) spd; P: (n, n) psd; R: (n, n) psd; Q: (n, n) orthogonal; W: (n, n) skew; D: (n, n) diagonal; A: (n, n); B: (n, n) invertible;
X: (m, n); L: (n, n) lower; x: (n); u: (n) sphere; p: (n) positive; q: (n) nonnegative; c: scalar; t: scalar positive; Z: (n, n) projector; M: (n, n) stochastic"""

# expression ; what is known ; what is not
KNOWN = [
    ("S + T", "spd", ""), ("P + R", "psd", "spd"), ("P + S", "spd", ""), ("S - T", "symmetric", "psd invertible"), ("kron(S, T)", "spd", ""), ("kron(P, S)", "psd", "spd"),
    ("eye(n) + X'*X", "spd", ""), ("X'*X", "psd", "spd"), ("Q*S*Q'", "spd", ""), ("B*S*B'", "spd", ""), ("A*S*A'", "psd", "spd"), ("X*S*X'", "psd", "spd"),
    ("W^2", "symmetric nsd", "skew psd"), ("W*S*W", "nsd symmetric", "psd"), ("(A - A')^2", "nsd", "skew"), ("W^3", "skew", "symmetric"), ("W^4", "psd", "skew"), ("-W^2", "psd", "skew"), ("-S", "nd invertible", "psd"), ("inv(W)", "skew invertible", ""),
    ("S^2", "spd", ""), ("D^2", "psd diagonal nonnegative", "spd"), ("L'", "upper", "lower"), ("inv(S + t*eye(n))", "spd", ""), ("S + c*eye(n)", "symmetric", "psd"), ("S.*P", "psd", "spd"),
    ("sum(x.^2) + 1", "positive", ""), ("norm(x)^2 + 1", "positive", ""), ("x'*x", "nonnegative", "positive"), ("tr(S)", "positive", ""), ("tr(P)", "nonnegative", "positive"),
    ("det(S)", "positive", ""), ("det(P)", "nonnegative", "positive"), ("det(A)", "", "nonnegative nonzero"), ("det(B)", "nonzero", "positive"), ("det(W)", "nonnegative", "positive"),
    ("2*pi", "positive", ""), ("prod(x)", "", "nonnegative"), ("prod(p)", "positive", ""), ("x'*P*x", "nonnegative", "positive"), ("u'*S*u", "nonnegative", ""), ("-tr(S)", "negative", ""),
    ("p'*q", "nonnegative", "positive"), ("p'*p", "positive", ""), ("sqrt(x)", "nonnegative", "positive"), ("x.^2", "nonnegative", "positive"), ("p.^c", "positive", ""), ("p.^(-1/2)", "positive", ""),
    ("exp(x)", "positive", ""), ("tanh(p)", "positive", ""), ("u*u'", "projector", ""), ("Q'*Z*Q", "projector", ""), ("Z^3", "projector", "spd"), ("M^2", "stochastic", ""), ("M*p", "positive", ""),
    ("Q*u", "sphere", ""), ("diag(p)", "spd diagonal", ""), ("diag(x)", "diagonal", "psd"), ("diag(q)", "psd", "spd"), ("expm(W)", "orthogonal", ""), ("expm(S)", "spd", ""), ("det(Q)", "orthogonal", "positive"),
    ("(-1)^n*det(B)", "nonzero", "nonnegative"), ("tanh(D)", "diagonal", ""), ("sinh(W)", "skew", ""), ("cosh(D)", "positive", "diagonal"), ("kron(W, W)", "symmetric", "skew"), ("softmax_rows(A)", "stochastic positive", ""),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "so", "unknown"), KNOWN, ids=[case[0] for case in KNOWN])
def test_what_is_known(expr: str, so: str, unknown: str) -> None:
    found = known(mc.parse(expr, where=WHERE))
    assert found >= set(so.split()) and not found & set(unknown.split())


def test_each_fact_of_these_expressions_is_so() -> None:
    rng = np.random.default_rng(5)
    names = {s.split(":")[0].strip(): s for s in WHERE.split(";")}
    for n, m in ((3, 2), (2, 4), (4, 3)):
        values = {}
        for name, text in names.items():
            properties = frozenset(set(text.split()) & set(PROPERTIES))
            shape = (1, 1) if "scalar" in text else (m, n) if "(m, n)" in text else (n, n) if "(n, n)" in text else (n, 1)
            drawn = operand(properties or frozenset({"any"}), shape, rng)
            values[name] = drawn.item() if shape == (1, 1) else drawn[:, 0] if shape[1] == 1 else drawn
        for expr, *_ in KNOWN:
            e = mc.parse(expr, where=WHERE)
            try:
                with np.errstate(invalid="ignore"):
                    found = np.asarray(mc.evaluate(e, **values, n=n, m=m), dtype=float)
            except np.linalg.LinAlgError:
                continue  # inv(W) where W is singular
            made = found.reshape([sized(d, {"m": m, "n": n}) for d in e.shape])
            assert not np.isfinite(made).all() or all(IS[p](made) for p in known(e)), (expr, [p for p in known(e) if not IS[p](made)])


def test_facts_of_one_by_one_matrices() -> None:
    for a, b in ONE_BY_ONE.items():
        for v in (-2.0, 0.0, 3.0):
            assert IS[a](np.array([[v]])) == IS[b](np.array([[v]]))
    assert all(IS[p](np.array([[-2.0]])) for p in EVERY_ONE_BY_ONE)


def test_depth_costs_nothing() -> None:
    e, S = mc.parse("X'*X + eye(n)", where="X: (m, n)"), mc.parse("S", where="S: (n, n) spd")
    for _ in range(3000):
        e = S + 2 * mc.inv(e)
    assert "spd" in known(e)


# --- simplification ----------------------------------------------------------------------------------------------

# expression ; declarations ; simplified
SIMPLER = [
    ("P*P", "P: (n, n) projector", "P"), ("P^5*A", "P: (n, n) projector; A: (n, n)", "P*A"), ("tr(P*P)", "P: (n, n) projector", "tr(P)"), ("A*P*P*B", "P: (n, n) projector; A: (n, n); B: (n, n)", "A*P*B"),
    ("x'*x", "x: (n) sphere", "1"), ("norm(x)^3*a", "x: (n) sphere; a: (n)", "a"), ("S*ones(n)", "S: (n, n) stochastic", "ones(n)"), ("rowsum(S*T)", "S: (n, n) stochastic; T: (n, n) stochastic", "ones(n)"),
    ("abs(det(S))", "S: (n, n) spd", "det(S)"), ("abs(det(A))", "A: (n, n)", "abs(det(A))"), ("pinv(P)", "P: (n, n) psd", "pinv(P)"), ("relu(x.^2)", "x: (n) positive", "x.^2"), ("abs(x)", "x: (n)", "abs(x)"),
    ("logdet(Q)", "Q: (n, n) orthogonal", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "where", "short"), SIMPLER)
def test_simplification_uses_the_properties(expr: str, where: str, short: str) -> None:
    found = mc.simplify(expr, where=where)
    assert found is mc.simplify(short, where=where) and found.weight <= mc.parse(short, where=where).weight


IDENTITIES = [(p, line) for p in PROPERTIES for line in lines_of(p)]


def holds(line: Line, properties: frozenset[str]) -> bool:
    rng = np.random.default_rng(6)
    (identity,) = line.identities()
    for n in (2, 3, 4, 3, 2):
        (x,) = (v for v in mc_variables(identity.left))
        shape = tuple(sized(d, {"m": n + 1, "n": n}) for d in x.shape)
        drawn = operand(properties, shape, rng)
        given = drawn.item() if shape == (1, 1) else drawn[:, 0] if shape[1] == 1 else drawn
        sides = [np.asarray(evaluate(side, X=given, m=n + 1, n=n), dtype=float) for side in (identity.left, identity.right)]
        if not np.allclose(*sides, atol=1e-8):
            return False
    return True


def mc_variables(e: mc.Expr) -> list[mc.Expr]:
    from matcalc.expr import variables

    return variables(e)


@pytest.mark.parametrize(("name", "line"), IDENTITIES, ids=lambda v: getattr(v, "name", v))
def test_what_holds_of_a_property(name: str, line: Line) -> None:
    assert holds(line, frozenset({name}))
    (identity,) = line.identities()
    assert identity.at(identity.left) is identity.right


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("psd", "pinv(X) = inv(X)"),
        ("invertible", "abs(det(X)) = det(X)"),
        ("skew", "X*X = X"),
        ("orthogonal", "det(X) = 1"),
        ("symmetric", "abs(X) = X"),
    ],
)
def test_the_proof_of_an_identity_finds_what_is_false(name: str, text: str) -> None:
    left, right = text.split(" = ")
    try:
        assert not holds(Line("false", left, right, False, f"X: (n, n) {name}"), frozenset({name}))
    except np.linalg.LinAlgError:
        assert name == "psd"


# --- projections -------------------------------------------------------------------------------------------------


def tangents(properties: frozenset[str], n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A point of the set and a basis of its tangent space there: how the draw that moves most moves with its letters."""
    best: tuple[int, np.ndarray, np.ndarray] | None = None
    shape = (n, 1) if is_vector(properties) else (n, n)
    for text in draws(properties):
        given = letters(rng, n, n, n - (n > 2 and "projector" in properties), masks=False)
        x, moves = value(text, given, shape, n), [np.zeros(shape).ravel()]
        for name in {name for name in given if name in text} - FIXED:  # the others move nothing
            for i in np.ndindex(given[name].shape):
                step = np.zeros(given[name].shape)
                step[i] = 1e-5
                moves.append(
                    (
                        value(text, {**given, name: given[name] + step}, shape, n)
                        - value(text, {**given, name: given[name] - step}, shape, n)
                    ).ravel()
                    / 2e-5
                )
        u, s, _ = np.linalg.svd(np.array(moves).T)
        dimension = int((s > 1e-6).sum())
        if best is None or dimension > best[0]:
            best = dimension, x, u[:, :dimension]
    assert best is not None
    return best[1], best[2]


@pytest.mark.parametrize("properties", PAIRS, ids=named)
def test_a_gradient_is_projected_on_the_intersection(properties: frozenset[str]) -> None:
    """On the tangent space of the set; of a curved set, `grad` stays in the linear space around it and `tangent` is the projection."""
    rng = np.random.default_rng(7)
    shape, form = ("(n)", "a'*X") if is_vector(properties) else ("(n, n)", "tr(a'*X)")
    d = mc.grad(form, "X", where=f"X: {shape} {named(properties)}; a: {shape}")
    on = curved(properties)
    assert bool(d.notes) == (flat(properties) is not None or on is not None)
    if on is not None:
        assert "in the space of all" in d.notes[0] or "within the" in d.notes[0]
        if properties & {"grassmann", "simplex"}:
            return  # their metric, or what is a function on them, is their own
        if not on.tangent and not any(on.names[0] in row.sets for row in MANIFOLDS.values()):
            assert len(on.names) > 1, "a row that is curved has a formula, or a manifold of which it is a set"
            return
        free = mc.grad(form, "X", where=f"X: {shape} {named(properties)}; a: {shape}", unconstrained=True)
        inside, d, other = d, d.tangent(), free.tangent()
    for n in (2, 4) if "skew" in properties and "invertible" in closure(properties) else (3, 2):
        x, basis = tangents(properties, n, rng)
        w = rng.standard_normal(x.shape)
        values = {"X": x[:, 0] if is_vector(properties) else x, "a": w[:, 0] if is_vector(properties) else w}
        found = np.asarray(mc.evaluate(d.expr, **values, n=n)).ravel()
        assert np.allclose(found, basis @ (basis.T @ w.ravel()), atol=1e-6)
        if on is not None:
            assert np.allclose(np.asarray(mc.evaluate(other.expr, **values, n=n)).ravel(), found, atol=1e-6)
        if on is not None:  # and what it is the projection of differs from it in no direction of the set
            assert np.allclose(basis.T @ (np.asarray(mc.evaluate(inside.expr, **values, n=n)).ravel() - found), 0, atol=1e-6)


def test_the_tangent_of_what_is_not_curved_is_refused() -> None:
    with pytest.raises(mc.UnsupportedError, match="curved set"):
        mc.grad("tr(A*S)", "S", where="A: (n, n); S: (n, n) symmetric").tangent()
    with pytest.raises(mc.UnsupportedError, match="no formula"):
        mc.grad("tr(A*S)", "S", where="A: (n, n); S: (n, n) projector stochastic").tangent()


def test_on_the_sphere_the_gradient_in_the_space_is_that_of_free_entries() -> None:
    where = "x: (n) sphere; A: (n, n) symmetric"
    assert mc.grad("norm(x)^4", "x", where=where).text() == "4*x"
    assert mc.grad("x'*A*x/(x'*x)", "x", where=where).tangent().text() == "2*(A*x - (x'*A*x)*x)"
    assert mc.hessian("(x'*x)^2", "x", where=where).text() == "4*(I + 2*x*x')"


SEVERAL = [
    p
    for p in PAIRS
    if (on := curved(p) or flat(p)) is not None and (len(p) == 1 or len(on.names) > 1) and on.tangent and "isolated" not in on.said
]


@pytest.mark.parametrize("properties", SEVERAL, ids=named)
def test_a_gradient_is_checked_where_the_variable_may_move(properties: frozenset[str]) -> None:
    shape, form = ("(n)", "X'*A*X + b'*X") if is_vector(properties) else ("(n, n)", "tr(A*X*B*X)")
    d = mc.grad(form, "X", where=f"X: {shape} {named(properties)}; A: (n, n); B: (n, n); b: (n)")
    assert d.check().ok


# one side ; other side ; declarations ; whether they are equal
EQUAL = [
    ("P*P", "P", "P: (n, n) projector", True), ("(eye(n) - P)*(eye(n) - P)", "eye(n) - P", "P: (n, n) projector", True), ("tr(P)", "1", "P: (n, n) projector", False),
    ("det(P)", "0", "P: (n, n) projector", False), ("x'*x", "1", "x: (n) sphere", True), ("(eye(n) - 2*x*x')^2", "eye(n)", "x: (n) sphere", True), ("sum(x)", "1", "x: (n) sphere", False),
    ("sum(S)", "n", "S: (n, n) stochastic", True), ("colsum(S)", "ones(n)", "S: (n, n) stochastic", False), ("W^2", "-W*W'", "W: (n, n) skew", True), ("pinv(P)", "inv(P)", "P: (n, n) psd", False),
    ("abs(det(A))", "det(A)", "A: (n, n)", False), ("abs(det(A))", "det(A)", "A: (n, n) psd", True), ("kron(Q, Q)'*kron(Q, Q)", "eye(n*n)", "Q: (n, n) orthogonal", True),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "where", "equal"), EQUAL)
def test_equalities_are_judged_where_the_properties_hold(one: str, other: str, where: str, equal: bool) -> None:
    assert bool(mc.equal(one, other, where=where)) == equal


# --- a row of one's own ------------------------------------------------------------------------------------------

HOLLOW = Property(
    "hollow", "square", draw=("A - diag(diag(A))",), holds=("diag(diag(X))",), sum="hollow,hollow", kron="hollow,any | any,hollow", hadamard="hollow,any", transpose="hollow",
    tangent="W - diag(diag(W))", space="linear", said="G without its diagonal", identity=("tr(X) = 0 : hollow-trace", "diag(X) = zeros(n) : hollow-diagonal"),
)  # fmt: skip


def test_a_row_is_all_that_a_property_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROPERTIES, "hollow", HOLLOW)
    monkeypatch.setitem(IS, "hollow", lambda x: np.allclose(np.diag(x), 0))
    monkeypatch.setattr(rewriter.REWRITER, "had", set(rewriter.REWRITER.had))
    monkeypatch.setattr(rewriter.REWRITER, "by_op", {op: list(known) for op, known in rewriter.REWRITER.by_op.items()})
    monkeypatch.setattr(rewriter.REWRITER, "chosen", {})
    where = "H: (n, n) hollow; K: (n, n) hollow; A: (n, n)"
    with pytest.raises(ShapeError, match="`hollow` needs a square matrix"):
        mc.parse("H", where="H: (m, n) hollow")
    assert draws({"hollow"}) == HOLLOW.draw and IS["hollow"](operand(frozenset({"hollow"}), (3, 3), np.random.default_rng(0)))
    for expr in ("2*H - K'", "H.*A", "kron(A, H)"):
        assert "hollow" in known(mc.parse(expr, where=where)), expr
    assert "hollow" not in known(mc.parse("H*K", where=where))
    assert mc.simplify("tr(H) + diag(H + K)'*x", where=where) is mc.parse("0")
    d = mc.grad("tr(A*H)", "H", where="H: (n, n) hollow; A: (n, n)")
    assert d.text() == "A' - diag(diag(A))" and d.notes == (
        "the gradient within the hollow matrices, G without its diagonal, as H is declared",
    )
    assert mc.grad("tr(A*H)", "H", where="A: (n, n); H: (n, n) hollow symmetric").text() == "(A + A')/2 - diag(diag(A))"
    assert all(refuted(HOLLOW, column) == [] for column in OPERATIONS if getattr(HOLLOW, column))
    assert all(holds(line, frozenset({"hollow"})) for line in lines_of("hollow"))
