"""The tables as a reader looks them up: functions, properties, identities, manifolds and spellings, a row each; examples are computed.

`matcalc functions`, `matcalc properties`, `matcalc identities`, the help of each function and the reference of the page show these rows;
there is no second list.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from matcalc.api.deriving import grad
from matcalc.errors import MatcalcError, UnknownNameError, did_you_mean
from matcalc.expr.properties import COMPLEX, DECLARABLE, Property
from matcalc.operators import FUNCTIONS, OPERATORS
from matcalc.operators.elementwise_functions import ALIASES
from matcalc.operators.functions import Definition
from matcalc.rewriting.identities import ANSWER, PROGRAM
from matcalc.rewriting.lines import LINES, Line, lines

# Examples of functions whose arguments are sizes, or are placed by what stands around them: formula ; variable ; declarations.
PLACED = {
    "lambda_min": ("lambda_min(X)", "X", "X: (n, n) symmetric"),
    "eye": ("logdet(X*X' + eye(n))", "X", "X: (n, k)"),
    "ones": ("ones(m)'*X*ones(n)", "X", "X: (m, n)"),
    "zeros": ("norm(x - zeros(n))^2", "x", "x: (n)"),
    "commutation": ("vec(X')'*commutation(m, n)*vec(X)", "X", "X: (m, n)"),
    "unvec": ("tr(A*unvec(x, m, n))", "x", "x: (m*n); A: (n, m)"),
    "onehot": ("tr(onehot(y, 3)'*X)", "X", "y: (n); X: (n, 3)"),
    "vector": ("norm(x - vector(1))^2", "x", "x: (n)"),
    "max": ("max(x, y)", "x", "x: scalar; y: scalar"),
    "min": ("min(x, y)", "x", "x: scalar; y: scalar"),
    "matrix": ("norm(X - matrix(2))^2", "X", "X: (m, n)"),
}
DOMAINS = {"symmetric": "symmetric", "symmetric positive definite": "spd", "invertible": "invertible", "positive": "positive"}
TESTS = {
    "positive": "every entry is positive", "nonnegative": "no entry is negative", "invertible": "it has an inverse",
    "psd": "symmetric, and x'X x ≥ 0 for every x", "spd": "symmetric, and x'X x > 0 for every x ≠ 0",
    "complex": "its entries may be complex", "hermitian": "X^H = X", "unitary": "X^H X = I", "circle": "every entry has modulus 1",
    "hpsd": "Hermitian, and z^H X z ≥ 0 for every z", "hpd": "Hermitian, and z^H X z > 0 for every z ≠ 0",
}  # fmt: skip

USED = {"derive": "derivatives", "answer": "answers", "program": "programs"}  # what an identity is for
SHAPES = {  # what may have a property, and the shape of an example
    "square": ("a square matrix", "(n, n)"), "vector": ("a vector", "(n)"), "any": ("a scalar, vector or matrix", "(m, n)"),
    "tall": ("a matrix with no fewer rows than columns", "(m, n)"), "matrix": ("a matrix", "(m, n)"),
}  # fmt: skip


DECLARED = tuple(dict.fromkeys((*(row for row in DECLARABLE.values() if row.name not in COMPLEX), *COMPLEX.values())))


class Example(NamedTuple):
    """A formula and what it is differentiated by; `answer` is text of the language."""

    expr: str
    by: str
    where: str
    order: str
    answer: str


class FunctionRow(NamedTuple):
    """A function of the language: all that its row of the table says."""

    name: str
    others: tuple[str, ...]
    signatures: tuple[str, ...]
    meaning: str
    differential: str
    domain: str
    smooth: str
    source: str

    @property
    def example(self) -> Example | None:
        return _example(self.name)

    def told(self) -> dict[str, str]:
        """All but the example, by what it is.

        >>> functions("sylvester")[0].told()["signature"]
        '(m,m),(n,n),(m,n)->(m,n)'
        """
        smooth = f"where {self.smooth}" if self.smooth else ""
        told = {
            "name": " ".join((self.name, *self.others)), "signature": "  ".join(map(shown, self.signatures)), "meaning": self.meaning,
            "differential": self.differential, "domain": self.domain, "smooth": smooth, "source": self.source,
        }  # fmt: skip
        return {what: text for what, text in told.items() if text}


class IdentityRow(NamedTuple):
    """An identity: the left side becomes the right one, under a condition, in derivatives, answers or programs."""

    name: str
    left: str
    right: str
    condition: str
    used: str


class PropertyRow(NamedTuple):
    """A property that a variable may be declared to have."""

    name: str
    of: str
    meaning: str
    implies: tuple[str, ...]
    changes: str
    example: Example | None


def functions(name: str = "") -> tuple[FunctionRow, ...]:
    """The functions of the language in the order of the table, or the one that is called `name`.

    Raises UnknownNameError where there is none.

    >>> functions("trace")[0].name, functions("logdet")[0].differential, functions("logdet")[0].example.answer
    ('tr', 'tr(inv(X)*dX)', "inv(X)'")
    """
    if not name:
        return tuple(_function(n) for n in FUNCTIONS if n not in ALIASES)
    if name not in FUNCTIONS:
        raise UnknownNameError(f"no function is called {name}", hint=did_you_mean(name, FUNCTIONS) or "matcalc functions lists them")
    return (_function(ALIASES.get(name, name)),)


def properties() -> tuple[PropertyRow, ...]:
    """The properties that a variable may be declared to have.

    >>> [row.changes for row in properties() if row.name == "skew"]
    ["the gradient is (G - G')/2"]
    """
    return tuple(map(_property, DECLARED))


def identities() -> tuple[IdentityRow, ...]:
    """The identities by which answers are made short, in the order of their tables; last, those that hold of declared properties.

    >>> [(row.left, row.right, row.condition) for row in identities() if row.name in ("log-exp", "diagonal-of-diagonal")]
    [('log(exp(x))', 'x', 'entry by entry; real'), ('diag(diag(D))', 'D', 'D: (m, m) diagonal')]
    """

    def row(line: Line, of: str = "") -> IdentityRow:
        said = (
            "entry by entry" if line.scalar else "", "complex" if line.complex else "", "real" if line.real else "", line.where or of,
            "letters are single factors" if line.single else "", "where that is shorter" if line.shorter else "",
        )  # fmt: skip
        used = ", ".join(USED[purpose] for purpose in USED if purpose in line.purposes)
        return IdentityRow(line.name, line.left, line.right, "; ".join(filter(None, said)), used)

    both = frozenset((ANSWER, PROGRAM))
    declared = (row(line, f"X {p.name}") for p in DECLARED for text in p.identity for line in lines(text, purposes=both))
    return (*map(row, LINES), *declared)


@cache
def _function(name: str) -> FunctionRow:
    f = FUNCTIONS[name]
    op = OPERATORS.get(name) or OPERATORS.get(f.head)
    written = next((make.text for _, make in f.overloads if isinstance(make, Definition)), "")
    differential = "" if op is None or op.name != name else op.d
    if op is not None and op.name == name and not differential and op.adjoint:
        differential = f"linear: {name}(dX)" if len(op.adjoint) == 1 else "linear in each argument"
    if op is not None and op.elementwise and differential:
        differential = ", ".join(f"∂/∂{v}: {d.strip()}" for v, d in zip("xyz", differential.split(";"), strict=False))
    return FunctionRow(
        name,
        tuple(a for a, n in ALIASES.items() if n == name),
        tuple(s for s, _ in f.overloads),
        f.doc or f.note or (op.meaning if op is not None and op.name == name else "") or written,
        differential or (f"that of {written}" if written else "" if f.doc else "none: it is not differentiated further"),
        op.domain if op is not None else "",
        op.smooth if op is not None else "",
        op.source if op is not None else "",
    )


@cache
def _example(name: str) -> Example | None:
    """A derivative with the function in it, by its first argument."""
    if name in PLACED:
        return _asked(*PLACED[name])
    f, domain = FUNCTIONS[name], _function(name).domain
    if f.sizes:
        return None
    signature = f.overloads[0][0]
    inputs, _, output = signature.partition("->")
    shapes = _shapes(inputs)
    names = ["xyz"[i] if s in ("*", "()") or "," not in s else "XYZ"[i] for i, s in enumerate(shapes)]
    kind = DOMAINS.get(domain, "")
    declared = [
        f"{v}: {'scalar' if s in ('*', '()') else s} {kind * (not i)}".strip() for i, (v, s) in enumerate(zip(names, shapes, strict=True))
    ]
    call = f"{name}({', '.join(names)})"
    if "(" not in signature or output == "()":
        where = "; ".join(declared)
        return _asked(call, names[0], where) or _asked(f"c*{call}", "c", f"{where}; c: scalar")
    rows, _, columns = output.strip("()").partition(",")
    weight = f"A: ({rows}, {columns})" if columns else f"a: ({rows})"
    product, where = f"inner({weight[0]}, {call})", "; ".join([*declared, weight])
    return _asked(product, names[0], where) or _asked(product, weight[0], where)  # where it cannot be differentiated once more


def _asked(expr: str, by: str, where: str) -> Example | None:
    with suppress(MatcalcError):
        return Example(expr, by, where, "gradient", grad(expr, by, where=where).text())
    return None


def _shapes(inputs: str) -> list[str]:
    """The shapes in the left side of a signature.

    >>> _shapes("(m,n),(n,p)"), _shapes("*,*"), _shapes("()")
    (['(m, n)', '(n, p)'], ['*', '*'], ['()'])
    """
    if "*" in inputs and "(" not in inputs:
        return inputs.split(",")
    return [f"({s.strip('()').replace(',', ', ')})" for s in inputs.replace("),(", ") (").split()]


@cache
def _property(row: Property) -> PropertyRow:
    meaning = TESTS.get(row.test or row.name, "") or " and ".join(
        h.replace(" - ", " = ", 1) if " - " in h else f"{h} = 0" for h in row.holds
    )
    meaning = meaning or f"of the form {row.draw[0]}"
    changes = _changes(row)
    of, shape = SHAPES[row.shape]
    name = "x" if row.shape == "vector" else "X"
    declared = f"{name}: {shape} {row.name}{' k' * row.name.endswith('rank')}"
    expr, other = ("a'*x", "") if row.shape == "vector" else ("tr(A*X)", f"A: ({'n, n' if row.shape == 'square' else 'n, m'})")
    if row.name in COMPLEX:
        expr, other = ("real(a^H*x)", "a: (n) complex") if row.shape == "vector" else (f"real({expr})", f"{other} complex")
    return PropertyRow(row.name, of, meaning, row.implies, changes, _asked(expr, name, "; ".join(filter(None, (declared, other)))))


def _changes(row: Property) -> str:
    parts = [f"the gradient is {row.said}" if row.space in ("linear", "affine") and row.said else ""]
    parts += [f"d.tangent() is {row.said}" if row.space == "curved" and row.said else ""]
    parts += [line.rpartition(" : ")[0] for line in row.identity]
    return "; ".join(filter(None, parts))


def shown(signature: str) -> str:
    """A signature, as a reader is told it.

    >>> shown("(n,n)->()"), shown("*,*")
    ('(n,n)->()', 'x, y, entry by entry')
    """
    entries = signature.split(",")
    return signature if set(entries) != {"*"} else f"{', '.join('xyz'[: len(entries)])}, entry by entry"


def in_columns(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as a table for a terminal.

    >>> print(in_columns([("a", "one"), ("long", "two")]))
    a     one
    long  two
    """
    kept = [tuple(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in kept)
