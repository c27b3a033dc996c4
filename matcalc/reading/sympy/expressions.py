"""SymPy expressions into ours: matrix expressions, traces, determinants, and scalar functions and sums of entries of them.

Shapes are checked here, as SymPy does not check symbolic ones; a 1×1 matrix is a scalar; what is not understood is refused by name.
Nothing is evaluated or simplified by SymPy on the way.  Importing this module imports SymPy.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from matcalc.errors import LimitError, MatcalcError, ShapeError, UnsupportedError
from matcalc.expr import Expr, Shape, Size, size, variable
from matcalc.expr.dims import symbol
from matcalc.expr.indices import lettered
from matcalc.lifting import lifted
from matcalc.limits import MOST_DEGREES, MOST_SYMPY_NODES
from matcalc.operators import FUNCTIONS
from matcalc.reading.declaring import declarations, declared
from matcalc.reading.symbols import Symbol, kind_of
from matcalc.reading.sympy.walk import Walk


@dataclass(frozen=True)
class SympyReading:
    """An expression read from SymPy: its symbols, what there is to say, and the SymPy object that each name stands for."""

    expr: Expr
    symbols: dict[str, Symbol]
    notes: tuple[str, ...] = ()
    spelling: dict[str, Any] = field(default_factory=dict)


def read_sympy(value: Any, where: str = "", spelling: Mapping[str, Any] | None = None) -> SympyReading:
    """Reads a SymPy expression; `where` may declare properties of its symbols, `spelling` is that of an earlier reading.

    Raises UnsupportedError for what is no part of the language, ShapeError where the shapes do not fit.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> A, x = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("x", n, 1)
    >>> read_sympy(sp.Trace(A) + (x.T * A * x)[0, 0]).expr
    xᵀ A x + tr(A)
    """
    if isinstance(value, sp.MatrixBase):
        value = value.as_immutable()
    names = Names(_parts(value), where, spelling or {})
    expr = lettered(lifted(Walk(names).read(value)))
    notes = [f"{name} is {made} in SymPy" for name, made in names.spelling.items() if name in names.renamed]
    return SympyReading(expr, dict(sorted(names.symbols.items())), tuple(notes), names.spelling)


class Names:
    """The names of SymPy's symbols: each a name of the language, no two the same."""

    def __init__(self, parts: Iterable[Any], where: str, spelling: Mapping[str, Any]) -> None:
        self.declared = dict(declared(where).symbols)
        self.symbols: dict[str, Symbol] = {}
        self.spelling = dict(spelling)
        self.renamed: set[str] = set()
        self._names: dict[Any, str] = {made: name for name, made in spelling.items()}
        self._variables: dict[Any, Expr] = {}
        self.arrays: dict[Any, Any] = {}  # per IndexedBase the MatrixSymbol that it is
        self.sizes = {s for e in parts for d in _counts(e) for s in getattr(d, "free_symbols", ())}

    def variable(self, s: Any) -> Expr:
        """The variable (or the size) that a Symbol or a MatrixSymbol is.

        Raises ShapeError where it is declared with another shape.
        """
        if s not in self._variables:
            self._variables[s] = size(self.size(s)) if s in self.sizes else self._variable(s)
        return self._variables[s]

    def _variable(self, s: Any) -> Expr:
        matrix = isinstance(s, sp.MatrixSymbol)
        if not matrix and (not s.is_commutative or s.is_extended_real is False):
            raise UnsupportedError(f"{s} is no real number", hint="matcalc is about real matrices and scalars")
        shape: tuple[Size, Size] = (self.size(s.shape[0]), self.size(s.shape[1])) if matrix else (1, 1)
        name = self.name(s, s.name)
        properties = set() if matrix else {p for p in ("positive", "nonnegative") if getattr(s, f"is_{p}")}
        known = self.declared.get(name)
        if known is not None:
            if known.shape is not None and known.shape != shape:
                (m, n), (p, q) = shape, known.shape
                raise ShapeError(f"{name} is ({m}, {n}) in SymPy, but declared ({p}, {q})")
            properties |= known.properties
        made = variable(name, shape, properties)
        self.symbols[name] = Symbol(name, kind_of(shape), shape, frozenset(made.data[1]))
        return made

    def name(self, made: Any, called: str) -> str:
        """The name for a SymPy object: what it is called, made one of the language and free."""
        if made in self._names:
            return self._names[made]
        name = re.sub(r"[^\w]|[⁰¹²³⁴-⁹ᵀⁿ]", "", unicodedata.normalize("NFKC", called)) or "x"  # as Python reads it
        name = name if name[0].isalpha() else f"x{name}"
        name = name if name in FUNCTIONS or any(map(_is_free, (name, f"{name}_"))) else "x"
        while name in self.spelling or not _is_free(name):
            name = f"{name}_"
        if name != called:
            self.renamed.add(name)
        self.spelling[name] = made
        self._names[made] = name
        return name

    def function(self, function: Any, takes: Shape | None = None, gives: Shape = (1, 1)) -> str:
        """The name of an abstract function: elementwise, or of a whole matrix of the shape it takes."""
        name = self.name(function, str(function))
        made = Symbol(name, "function", gives, takes=takes) if takes else Symbol(name, "elementwise")
        if self.symbols.setdefault(name, made) != made:
            raise UnsupportedError(f"the function {name} is applied to different shapes")
        return name

    def count(self, d: Any) -> Size:
        """How far an index counts: a dimension, or less."""
        return self.size(d, -math.inf)

    def size(self, d: Any, least: float = 1) -> Size:
        """A dimension: a positive whole number, a symbol, sums and products of them."""
        d = sp.sympify(d)
        if d.is_Integer and d > 0:
            return int(d)
        if d.is_Symbol:
            return symbol(self.name(d, d.name))
        poly = d.as_poly(*sorted(d.free_symbols, key=str)) if d.free_symbols else None
        if poly is None or not all(c.is_Integer and c >= least for c in poly.coeffs()) or poly.total_degree() > MOST_DEGREES:
            raise UnsupportedError(f"the size {d} is no sum or product of positive sizes")
        out: Size = 0
        for powers, c in poly.terms():
            term: Size = int(c)
            for s, k in zip(poly.gens, powers, strict=True):
                for _ in range(k):
                    term = term * self.size(s)
            out = out + term
        return out

    def index(self, i: Any) -> int | str:
        """An index, counted from 1: a symbol i of SymPy's, counted from 0, is spelled i + 1."""
        i = sp.sympify(i)
        if i.is_Integer:
            return int(i) + 1
        from_one = i + 1
        if not (i.is_Symbol or from_one.is_Symbol):
            raise UnsupportedError(f"the index {i} is neither a number nor a symbol")
        name = self.name(from_one, (i if i.is_Symbol else from_one).name)
        if from_one not in self.sizes:
            self.symbols.setdefault(name, Symbol(name, "index"))
        return name


def _is_free(name: str) -> bool:
    """Whether a variable may have this name."""
    if name in FUNCTIONS:
        return False
    try:
        return list(declarations(f"{name}: scalar")) == [name]
    except MatcalcError:
        return False


def _counts(e: Any) -> tuple[Any, ...]:
    """What a part says of sizes: the shape of a symbol, the limits of a sum."""
    if isinstance(e, sp.Sum | sp.Product):
        return tuple(d for _, *limits in e.limits for d in limits)
    is_symbol = isinstance(e, sp.IndexedBase | sp.MatrixExpr) and not any(isinstance(a, sp.MatrixExpr) for a in e.args)
    return tuple(e.shape or ()) if is_symbol else ()


def _parts(value: Any) -> set[Any]:
    """Every part once, however often it occurs.  Raises LimitError for more than anyone writes."""
    seen, stack = {value}, [value]
    while stack:
        for part in stack.pop().args:
            if part not in seen:
                seen.add(part)
                stack.append(part)
        if len(seen) > MOST_SYMPY_NODES:
            raise LimitError(f"a SymPy expression of more than {MOST_SYMPY_NODES:,} parts")
    return seen
