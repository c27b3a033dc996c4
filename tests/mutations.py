"""Changes the tables one entry at a time, and sees whether the proofs notice.

A mutant is one entry of one row changed: a sign, a factor, a transposition, a ⊙, two letters, a term, a condition, a range.  The
proofs of that row (tests/proofs.py) run on it in a process of their own; a mutant they pass has survived, and is listed.  What a
mutant says is the same where it simplifies to the same, and is left out then.

    python tests/mutations.py                 all tables: rows, mutants, survivors
    python tests/mutations.py sylvester pinv  these rows and lines only
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import proofs
import test_manifolds
import test_properties
from matcalc.calculus.rules import ENTRIES, formula, placeholders
from matcalc.explain import rules
from matcalc.expr import Op, substitute, variable
from matcalc.expr.properties import INFERRED, PROPERTIES, Property, _closed, _closure, _tangents
from matcalc.operators import ELEMENTWISE, MATRIX
from matcalc.reading import read
from matcalc.rewriting.lines import LINES, Line
from matcalc.simplification import simplify

TOKEN = re.compile(r"[^\W\d]\w*|\d+|\.\*|\./|\.\^|\S")
PLACEHOLDERS = ("dX", "dY", "dZ", "dx", "dy", "dz", "X", "Y", "Z", "W", "x", "y", "z")


@dataclass(frozen=True)
class Mutant:
    """One change: of what, how, how to make it, and what has to notice."""

    table: str
    of: str
    how: str
    prove: Callable[[], object]  # makes it, and proves it: raises where the proof notices
    same: Callable[[], bool] = lambda: False  # whether it says the same as what it is made of


def variants(text: str, letters: tuple[str, ...] = PLACEHOLDERS) -> Iterator[str]:
    """Formulas that differ from `text` in one place.

    >>> list(variants("2*x'", ("x", "y")))
    ["3*x'", "2.*x'", '2*x', "-(2*x')", "2*(2*x')"]
    """
    tokens = TOKEN.findall(text)
    present = [t for t in letters if t in tokens]

    def with_(i: int, *new: str) -> str:
        return "".join((*tokens[:i], *new, *tokens[i + 1 :])).replace(",", ", ")

    for i, t in enumerate(tokens):
        before, after = tokens[i - 1] if i else "", tokens[i + 1] if i + 1 < len(tokens) else ""
        if t == "+":
            yield with_(i, "-")
        elif t == "-":
            yield with_(i, "+")
        elif t == "*":
            yield with_(i, ".*")
        elif t == ".*":
            yield with_(i, "*")
        elif t == "'":
            yield with_(i)
        elif t.isdigit() and before != "_":
            yield with_(i, str(int(t) + 1))
        elif t in letters:
            if after != "'":
                yield with_(i, t, "'")
            for other in present:
                if other != t and (len(other) == len(t)):
                    yield with_(i, other)
    if tokens.count("'") > 1:
        yield "".join(t for t in tokens if t != "'").replace(",", ", ")
    if text != "0":
        yield f"-({text})"
        yield f"2*({text})"
    else:
        yield "1"
    yield from _terms_dropped(tokens)


def _terms_dropped(tokens: list[str]) -> Iterator[str]:
    """A sum without one of its terms, at any depth of parentheses."""
    depth, starts = 0, [0]
    cuts: dict[int, list[int]] = {}
    for i, t in enumerate(tokens):
        if t in "([":
            depth += 1
            starts.append(i + 1)
        elif t in ")]":
            depth -= 1
            starts.pop()
        elif t in "+-" and i > starts[-1]:
            cuts.setdefault(starts[-1], []).append(i)
    for start, signs in cuts.items():
        end = _end(tokens, start)
        edges = [start, *signs, end]
        for a, b in itertools.pairwise(edges):
            kept = tokens[:a] + tokens[b:]
            if kept[a : a + 1] == ["+"]:
                kept = kept[:a] + kept[a + 1 :]
            yield "".join(kept).replace(",", ", ")


def _end(tokens: list[str], start: int) -> int:
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i] in "([":
            depth += 1
        elif tokens[i] in ")]":
            if not depth:
                return i
            depth -= 1
    return len(tokens)


# --- the tables --------------------------------------------------------------------------------------------------------


def of_rows() -> Iterator[Mutant]:
    """Each column of the rows of the operator table."""
    for op in (*ELEMENTWISE, *MATRIX):
        if not op.signature:
            continue

        def mutant(column: str, value: Any, proof: Callable[[Op], object], text: str = "", op: Op = op) -> Mutant:
            def prove() -> None:
                object.__setattr__(op, column, value)
                proof(op)

            old = next((a for a, b in zip(getattr(op, column), value, strict=False) if a != b), "") if type(value) is tuple else op.d
            shown = text or repr(value)
            return Mutant("rows", op.name, f"{column} = {shown}", prove, (lambda: says_the_same(op, old, text)) if text else lambda: False)

        parts = op.d.split(";") if op.d else []
        for i, part in enumerate(parts):
            for text in dict.fromkeys(variants(part.strip())):
                yield mutant("d", whole := "; ".join([*parts[:i], text, *parts[i + 1 :]]), proofs.differential_and_adjoint, whole)
        for column in ("adjoint", "vec"):
            entries: tuple[str, ...] = getattr(op, column)
            for i, entry in enumerate(entries):
                for text in dict.fromkeys(variants(entry)) if entry else ():
                    yield mutant(column, (*entries[:i], text, *entries[i + 1 :]), proofs.adjoint_of_row, text)
        if op.domain:
            yield mutant("domain", "", proofs.domain_and_differential)
        if op.smooth:
            yield mutant("smooth", "", proofs.differential_of_row)
        for sign in ("positive", "nonnegative") if op.d or op.range else ():
            if sign != op.range and not (op.range == "positive" and sign == "nonnegative"):
                yield mutant("range", sign, proofs.signs_of_row)
        if op.elementwise:
            for parity in {"odd", "even"} - {op.parity}:
                yield mutant("parity", parity, proofs.symmetries_of_row)
            for other in ELEMENTWISE:
                if other.latex != op.latex and other.d == op.d or other is ELEMENTWISE[ELEMENTWISE.index(op) - 1]:
                    yield mutant("latex", other.latex, proofs.notation_of_row)
        for i, (at, value) in enumerate(op.values):
            yield mutant("values", (*op.values[:i], (at, value + 1), *op.values[i + 1 :]), proofs.symmetries_of_row)
        for i, degree in enumerate(op.degree):
            for other in {"1", "-1", "abs", "n"} - {degree} if degree else ():
                yield mutant("degree", (*op.degree[:i], other, *op.degree[i + 1 :]), proofs.symmetries_of_row)
        if op.transposed in ("same", "transpose") and not op.elementwise and "->()" not in op.signature:
            yield mutant("transposed", "transpose" if op.transposed == "same" else "same", proofs.symmetries_of_row)


def says_the_same(op: Op, old: str, new: str) -> bool:
    """Whether two formulas of a row are one, simplified."""
    if op.elementwise:
        names = {v.data[0]: v for v in ENTRIES}
        pairs = zip(old.split(";"), new.split(";"), strict=True)
        return all(simplify(read(a, names=names).expr) is simplify(read(b, names=names).expr) for a, b in pairs)
    symmetric = {variable("dX", v.shape): variable("dX", v.shape, {"symmetric"}) for v in placeholders(op)[0] if v.symmetric}
    return simplify(substitute(formula(op, old), symmetric)) is simplify(substitute(formula(op, new), symmetric))


def of_lines() -> Iterator[Mutant]:
    """The right side and the conditions of each identity."""
    for line in LINES:
        letters = tuple(dict.fromkeys(re.findall(r"(?<![a-z_])[A-Za-z](?![a-z_(])", line.left)))
        for text in dict.fromkeys(variants(line.right, letters)):
            changed = replace(line, right=text)
            yield Mutant(
                "identities",
                line.name,
                f"{line.left} = {text}",
                lambda c=changed: proofs.of_line(c),
                lambda c=changed, a=line: one_line(a, c),
            )
        for word in PROPERTIES:
            without = re.sub(rf" {word}\b", "", line.where)
            if without != line.where:
                changed = replace(line, where=without)
                yield Mutant("identities", line.name, f"not only where {word}", lambda c=changed: proofs.of_line(c))
    for name, left, right, where in FALSE:
        yield Mutant(
            "identities", name, f"{left} = {right}", lambda n=name, a=left, b=right, w=where: proofs.of_line(Line(n, a, b, False, w))
        )


FALSE = [
    ("a determinant's sign", "abs(det(A))", "det(A)", "A: (n, n)"),
    ("a singular psd matrix", "pinv(P)", "inv(P)", "P: (n, n) psd"),
    ("a wide matrix", "X*pinv(X)", "eye(m)", "X: (m, n)"),
    ("the size of a mean", "mean(x)", "sum(x)/3", "x: (n)"),
    ("a power of the size", "det(2*A)", "8*det(A)", "A: (n, n)"),
]


def one_line(a: Line, b: Line) -> bool:
    """Whether two lines say one thing."""
    sides = [[simplify(i.right) for i in line.identities()] for line in (a, b)]
    return all(x is y for x, y in zip(*sides, strict=True))


def of_rules() -> Iterator[Mutant]:
    """The rules of the steps that are said in symbols."""
    found = [rule for rule in (*vars(rules).values(), *rules._ADJOINT.values()) if isinstance(rule, rules.Rule) and "=" in rule.says]
    for rule in dict.fromkeys(found):
        left, right = rule.says.split("=")
        for i, c in enumerate(right):
            other = {"−": "", "ᵀ": "", "2": "3", "⊙": "", "¹": "²"}.get(c)
            if other is not None:
                yield _rule(rule, f"{left}={right[:i]}{other}{right[i + 1 :]}")
        yield _rule(rule, f"{left}= −({right})")


def _rule(rule: rules.Rule, says: str) -> Mutant:
    return Mutant("steps", rule.name, says, lambda: proofs.of_rule(rule._replace(says=says)))


def of_properties() -> Iterator[Mutant]:
    """Each column of the properties: what it needs weakened, what it says extended, its projection and identities changed."""
    for row in (*PROPERTIES.values(), *INFERRED.values()):
        for column in test_properties.OPERATIONS:
            text: str = getattr(row, column)
            for weaker in _weaker(text, row, column):
                yield _kept(row, column, weaker)
        for column, more in _FALSE_COLUMNS.get(row.name, ()):
            yield _kept(row, column, f"{getattr(row, column)} | {more}".removeprefix(" | "))
        for changed in variants(row.tangent, ("X", "W")) if row.tangent else ():
            yield _projected(row, changed)
        if row.tangent:
            yield _projected(row, "")
        for i, line in enumerate(row.identity):
            formula, name = line.split(" : ")
            left, right = formula.split(" = ")
            for text in variants(right, ("X",)):
                identity = (*row.identity[:i], f"{left} = {text} : {name}", *row.identity[i + 1 :])
                yield _set_column(
                    row, "identity", identity, lambda row=row: _lines(row), lambda row=row, a=right, b=text: _one_formula(row, a, b)
                )


def _weaker(text: str, row: Property, column: str) -> Iterator[str]:
    """A column that asks for less: a word replaced by one that it implies."""
    for word in re.finditer(r"\w+", text):
        if word[0] != "any":
            implied = (PROPERTIES.get(word[0]) or INFERRED[word[0]]).implies
            for other in implied or ("any",):
                weaker = text[: word.start()] + other + text[word.end() :]
                if _needs(weaker, row, column) != _needs(text, row, column):
                    yield weaker


def _needs(text: str, row: Property, column: str) -> set[tuple[frozenset[str], ...]]:
    """The needs of a column, with all that follows of it: of a result that is square, full rank on one side is full rank."""

    def whole(side: frozenset[str]) -> frozenset[str]:
        more = {"invertible"} if column == "inverse" or row.shape == "square" and side & {"injective", "onto"} else set[str]()
        return _closed((side | more) - {"any"})

    return {tuple(map(whole, way)) for way in test_properties.ways(text)}


_FALSE_COLUMNS = {
    "spd": [("sum", "psd,psd"), ("product", "spd,spd"), ("congruence", "spd,any")],
    "skew": [("square", "skew"), ("hadamard", "skew,skew"), ("kron", "skew,skew")],
    "psd": [("product", "psd,psd"), ("sum", "psd,symmetric"), ("square", "skew")],
    "projector": [("sum", "projector,projector")],
    "orthogonal": [("sum", "orthogonal,orthogonal"), ("hadamard", "orthogonal,orthogonal")],
    "invertible": [("sum", "invertible,invertible"), ("hadamard", "invertible,invertible")],
    "stochastic": [("transpose", "stochastic"), ("inverse", "stochastic")],
    "sphere": [("sum", "sphere,sphere")],
    "nonnegative": [("sum", "nonnegative,any"), ("inverse", "nonnegative")],
}


def _kept(row: Property, column: str, text: str) -> Mutant:
    def prove() -> None:
        assert test_properties.refuted(row._replace(**{column: text}), column) == []

    return Mutant("properties", row.name, f"{column} = {text}", prove)


def _projected(row: Property, text: str) -> Mutant:
    def proof() -> None:
        test_properties.test_a_gradient_is_projected_on_the_intersection(frozenset({row.name}))
        for manifold in test_manifolds.REAL:
            if row.name == manifold.sets[0]:
                test_manifolds.test_the_projection_leaves_tangent_vectors_and_the_lines_hold_of_them(manifold)

    formula = row.tangent
    return _set_column(row, "tangent", text, proof, lambda: bool(text) and _one_formula(row, formula, text))


def _lines(row: Property) -> None:
    for line in test_properties.lines_of(row.name):
        assert test_properties.holds(line, frozenset({row.name}))


def _one_formula(row: Property, old: str, new: str) -> bool:
    """Whether two formulas in X and W are one, where X has the property."""
    where = "; ".join(f"{name}: ({'n' if row.shape == 'vector' else 'n, n'})" for name in ("W", "X")) + f" {row.name}"
    sides = [simplify(read(text, where).expr) for text in (old, new)]
    return sides[0] is sides[1]


def _set_column(row: Property, column: str, value: Any, proof: Callable[[], object], same: Callable[[], bool] = lambda: False) -> Mutant:
    def prove() -> None:
        (PROPERTIES if row.name in PROPERTIES else INFERRED)[row.name] = row._replace(**{column: value})
        _closure.cache_clear()
        _tangents.cache_clear()
        proof()

    return Mutant("properties", row.name, f"{column} = {value if type(value) is str else value[0]}", prove, same)


# --- running -----------------------------------------------------------------------------------------------------------

SURVIVED, NOTICED, SAME = 0, 1, 2
LONGEST = 300  # seconds after which a mutant has been noticed: it does not end


def outcome(mutant: Mutant) -> int:
    """The outcome, in a process of its own."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            if _quietly(mutant.same):
                os._exit(SAME)
            mutant.prove()
        except BaseException:
            os._exit(NOTICED)
        os._exit(SURVIVED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _quietly(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except Exception:
        return False  # it cannot be read, and is another


def main(names: list[str]) -> int:
    """Runs them all; the number of survivors."""
    made, survivors = Counter[str](), []
    rows: dict[str, set[str]] = {}
    for mutant in (*of_rows(), *of_lines(), *of_rules(), *of_properties()):
        if names and mutant.of not in names and mutant.table not in names:
            continue
        what = outcome(mutant)
        rows.setdefault(mutant.table, set()).add(mutant.of)
        made[mutant.table, "same" if what == SAME else "mutants"] += 1
        if what == SURVIVED:
            survivors.append(mutant)
            print(f"survived: {mutant.table}: {mutant.of}: {mutant.how}", flush=True)
    for table in rows:
        count = sum(m.table == table for m in survivors)
        print(
            f"{table}: {len(rows[table])} rows, {made[table, 'mutants']} mutants ({made[table, 'same']} more say the same), {count} survivors"
        )
    return len(survivors)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
