"""Expressions as the source of a SymPy program, which makes its own symbols; written without importing SymPy.

>>> from matcalc.expr import product, symbol, variable
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> print(source(product([A, x]), "value"))
import sympy as sp
<BLANKLINE>
m, n = sp.symbols("m n", integer=True, positive=True)
A = sp.MatrixSymbol("A", m, n)
x = sp.MatrixSymbol("x", n, 1)
value = A*x
<BLANKLINE>
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from keyword import iskeyword
from typing import NamedTuple

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, Size, outer
from matcalc.expr import heads as H
from matcalc.expr.facts import has
from matcalc.expr.indices import lettered, opened_as

ADDED, TIMES, RAISED, ATOM = range(4)  # how strongly what is written binds

HELPERS = {
    "each": "def each(function, x):\n    return x.applyfunc(function)\n",
    "total": "def total(x):\n    return sp.Trace(sp.OneMatrix(x.shape[1], x.shape[0])*x)\n",
    "rowsum": "def rowsum(x):\n    return x*sp.OneMatrix(x.shape[1], 1)\n",
}
OWN = "# SymPy has no name for this; the object is matcalc's.\nfrom matcalc.operators.for_sympy import {}\n"
WHOLE = "SymPy has no derivative of a function of a whole matrix, and no families"


class Written(NamedTuple):
    """A piece of the program, and how strongly it binds."""

    text: str
    binds: int = ATOM

    def at(self, least: int) -> str:
        return self.text if self.binds >= least else f"({self.text})"


def source(e: Expr, name: str) -> str:
    """A program that ends with `name` = `e`.

    Raises UnsupportedError where SymPy has no such expression: a sum of matrices over an index, a member of a family.
    """
    writer = _Writer()
    value = writer.written(e).text
    return writer.program(f"{safe(name)} = {value}\n")


def safe(name: str) -> str:
    """A name that Python takes, and that is not our SymPy.

    >>> safe("lambda"), safe("x")
    ('lambda_', 'x')
    """
    return f"{name}_" if iskeyword(name) or name in {"sp", "z", *HELPERS} else name


class _Writer:
    """One walk; it collects what the program has to make first."""

    def __init__(self) -> None:
        self.sizes: dict[str, None] = {}
        self.made: dict[str, str] = {}  # names, and what they are
        self.helpers: dict[str, None] = {}
        self.own: dict[str, None] = {}  # classes of ours

    def program(self, last: str) -> str:
        parts = ["import sympy as sp\n"]
        parts += [OWN.format(", ".join(self.own))] if self.own else []
        parts += ["\n"]
        parts += [f"\n{HELPERS[h]}\n" for h in self.helpers] + ["\n"] * bool(self.helpers)
        if self.sizes:
            names = ", ".join(map(safe, self.sizes))
            makes = f'sp.symbols("{" ".join(self.sizes)}"' if len(self.sizes) > 1 else f'sp.Symbol("{next(iter(self.sizes))}"'
            parts.append(f"{names} = {makes}, integer=True, positive=True)\n")
        parts += [f"{name} = {value}\n" for name, value in self.made.items()]
        return "".join([*parts, last])

    def written(self, e: Expr) -> Written:
        done: dict[Expr, Written] = {}
        for n in outer(lettered(e)):
            done[n] = self._sigma(n) if n.op is H.SIGMA else self._node(n, [done[a] for a in n.args])
        return done[n]

    def size(self, n: Size) -> Written:
        if isinstance(n, int):
            return Written(str(n), ATOM if n >= 0 else ADDED)
        for name in sorted(n.symbols):
            self.sizes[name] = None
        text = re.sub(r"[^\W\d]\w*", lambda m: safe(m.group()), repr(n).replace(" ", ""))
        return Written(text, ATOM if text.isidentifier() else ADDED)

    def _index(self, j: int | str) -> str:
        """An index, counted from 0 as in SymPy."""
        if isinstance(j, int):
            return str(j - 1)
        self.sizes[j] = None
        return f"{safe(j)} - 1"

    def _sigma(self, e: Expr) -> Written:
        if not e.is_scalar:
            raise UnsupportedError("SymPy has no sum of matrices over an index")
        index, count = e.data
        self.sizes[index] = None
        return Written(f"sp.Sum({self.written(opened_as(e, index)).text}, ({safe(index)}, 1, {self.size(count).text}))")

    def _node(self, e: Expr, args: list[Written]) -> Written:
        head = _HEADS.get(e.op)
        if head is not None:
            return head(self, e, args)
        if e.op.abstract is not None:
            return self._abstract(e, args[0])
        if e.op.name == "commutation":
            self.own["Commutation"] = None
            return Written(f"Commutation({', '.join(self.size(n).text for n in e.data)})")
        arrays = [k for k, a in enumerate(e.args) if not a.is_scalar]
        if not e.op.sympy or e.op.elementwise and len(arrays) > 1:
            return self._own(e, args)
        if e.op.name == "logdet" and has(e.args[0], "psd"):
            return Written(f"sp.log(sp.Determinant({args[0].text}))")
        if not e.op.elementwise or not arrays:
            return self._column(e.op, args)
        (at,) = arrays
        body = self._column(e.op, [*args[:at], Written("z"), *args[at + 1 :]]).text
        plain = re.fullmatch(r"(sp\.\w+)\(z\)", body)
        return Written(f"{args[at].at(ATOM)}.applyfunc({plain[1] if plain else self._lambda(body)})")

    def _lambda(self, body: str) -> str:
        self.made["z"] = 'sp.Dummy("z")'
        return f"sp.Lambda(z, {body})"

    def _column(self, op: Op, args: Sequence[Written]) -> Written:
        """The ``sympy`` column of a row, with SymPy's names from `sp`."""
        column = op.sympy
        if "{0}" not in column and op.signature:
            column += "({0}, {1})" if op.signature.count("(") > 2 else "({0})"

        def prefixed(m: re.Match[str]) -> str:
            if m.group() in HELPERS:
                self.helpers[m.group()] = None
                return m.group()
            return f"sp.{m.group()}"

        column = re.sub(r"[A-Za-z]\w*", prefixed, column).replace("sp.Abs({0})", "sp.Abs({0}, evaluate=False)")
        column = column.replace("sp.Abs(sp.Determinant({0}))", "sp.Abs(sp.Determinant({0}), evaluate=False)")
        bare = re.fullmatch(r"[\w.]+\(.*\)", column) is not None and column.count("(") == 1
        texts = [a.text if bare else a.at(ATOM) for a in args]
        return Written(column.format(*texts), ATOM if re.fullmatch(r"[\w.]+(\([^()]*\))?", column) else ADDED)

    def _own(self, e: Expr, args: Sequence[Written]) -> Written:
        kind = "ScalarFunction" if e.is_scalar else "MatrixFunction"
        self.own[kind] = None
        shape = [] if e.is_scalar else [self.size(n).text for n in e.shape]
        return Written(f"{kind}({', '.join([repr(e.op.name), *shape, *(a.text for a in args)])})")

    def _abstract(self, e: Expr, x: Written) -> Written:
        assert e.op.abstract is not None
        name, order = e.op.abstract
        if not e.op.elementwise and (order or not e.is_scalar):
            raise UnsupportedError(WHOLE)
        g = safe(name)
        self.made[g] = f'sp.Function("{name}"{", commutative=True" * (not e.op.elementwise)})'
        if not order:
            return Written(f"{g}({x.text})" if e.is_scalar else f"{x.at(ATOM)}.applyfunc({g})")
        slope = f"sp.Derivative({g}(z), (z, {order}))"
        each = self._lambda(slope)
        return Written(f"sp.Subs({slope}, z, {x.text})" if e.is_scalar else f"{x.at(ATOM)}.applyfunc({each})")

    def variable(self, e: Expr) -> Written:
        name, properties = e.data
        sizes = [self.size(n).text for n in e.shape]
        signs = "".join(f", {p}=True" for p in ("positive", "nonnegative") if p in properties)
        self.made[safe(name)] = (
            f'sp.Symbol("{name}", real=True{signs})' if e.is_scalar else f'sp.MatrixSymbol("{name}", {", ".join(sizes)})'
        )
        return Written(safe(name))

    def unit(self, e: Expr) -> Written:
        return Written(f"sp.Identity({self.size(e.shape[0]).text})[:, {self._index(e.data[0])}]")

    def select(self, e: Expr) -> Written:
        n, m, first = e.data
        return Written(f"sp.Identity({self.size(n).text})[:, {self.size(first).text}:{self.size(first + m).text}]")

    def product(self, e: Expr, args: list[Written]) -> Written:
        c, count = e.data
        scalars, chain, made = args[:count], list(e.args[count:]), args[count:]
        parts = [a.at(TIMES) for a in scalars]
        if e.is_scalar and chain:
            parts.append(self._entry(chain) or f"sp.Trace({'*'.join(a.at(TIMES) for a in made)})")
        else:
            parts += [a.at(TIMES) for a in made]
        return _scaled(c, "*".join(parts), TIMES)

    def _entry(self, chain: list[Expr]) -> str | None:
        """e_i' X e_j, e_i' x and x' e_j as entries; None for other products."""
        row = chain[0].args[0] if chain[0].op is H.TRANSPOSE and chain[0].args[0].op is H.UNIT else None
        column = chain[-1] if chain[-1].op is H.UNIT else None
        inner = chain[row is not None : len(chain) - (column is not None)]
        if len(inner) != 1 or row is None and column is None:
            return None
        x, turned = (inner[0].args[0], True) if inner[0].op is H.TRANSPOSE else (inner[0], False)
        if x.op is not H.VARIABLE:
            return None
        at = ["0" if u is None else self._index(u.data[0]) for u in ((column, row) if turned else (row, column))]
        return f"{self.variable(x).text}[{', '.join(at)}]"


def _number(c: int | Fraction) -> Written:
    if c.denominator == 1:
        return Written(str(c), ATOM if c >= 0 else ADDED)
    return Written(f"sp.Rational({c.numerator}, {c.denominator})")


def _scaled(c: int | Fraction, text: str, binds: int) -> Written:
    """c times what is written."""
    if not text or c == 1:
        return Written(text, binds) if text else _number(c)
    if c == -1:
        return Written(f"-{text}", ADDED)
    return Written(f"{_number(c).text}*{text}", ADDED if c < 0 else TIMES)


def _sum(w: _Writer, e: Expr, args: list[Written]) -> Written:
    terms = [_scaled(c, a.at(TIMES), TIMES).text for c, a in zip(e.data, args, strict=True)]
    return Written(terms[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in terms[1:]), ADDED)


def _refused(w: _Writer, e: Expr, args: list[Written]) -> Written:
    raise UnsupportedError(WHOLE)


def _calls(name: str) -> Callable[[_Writer, Expr, list[Written]], Written]:
    return lambda w, e, args: Written(f"sp.{name}({', '.join(a.text for a in args)})")


def _sized(name: str) -> Callable[[_Writer, Expr, list[Written]], Written]:
    return lambda w, e, args: Written(f"sp.{name}({', '.join(w.size(n).text for n in e.shape)})")


_HEADS: dict[Op, Callable[[_Writer, Expr, list[Written]], Written]] = {
    H.NUMBER: lambda w, e, args: _number(e.data),
    H.SIZE: lambda w, e, args: w.size(e.data),
    H.VARIABLE: lambda w, e, args: w.variable(e),
    H.UNIT: lambda w, e, args: w.unit(e),
    H.SELECT: lambda w, e, args: w.select(e),
    H.FAMILY: _refused,
    H.MEMBER: _refused,
    H.IDENTITY: lambda w, e, args: Written(f"sp.Identity({w.size(e.shape[0]).text})"),
    H.ZERO: _sized("ZeroMatrix"),
    H.ONES: _sized("OneMatrix"),
    H.TRANSPOSE: lambda w, e, args: Written(f"{args[0].at(ATOM)}.T"),
    H.PRODUCT: lambda w, e, args: w.product(e, args),
    H.SUM: _sum,
    H.POWER: lambda w, e, args: Written(f"{args[0].at(ATOM)}**{args[1].at(ATOM)}", RAISED),
    H.MATPOWER: lambda w, e, args: Written(f"sp.Inverse({args[0].text})" if e.data == -1 else f"sp.MatPow({args[0].text}, {e.data})"),
    H.HADAMARD: _calls("HadamardProduct"),
    H.HPOWER: _calls("HadamardPower"),
}
