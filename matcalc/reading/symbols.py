"""Declarations as data: symbols, families and their ranges, definitions; and the names of letters with marks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

from matcalc.errors import ParseError, ShapeError
from matcalc.expr.dims import Dim, Shape, Size
from matcalc.expr.properties import DECLARABLE, closure, contradiction, minimal
from matcalc.reading.letters import LOWERED, accented, spellings

# What is said of real variables only, and what is said of complex ones instead.
ONLY_REAL = {
    "spd": "declare hpd, Hermitian positive definite", "psd": "declare hpsd, Hermitian positive semidefinite",
    "orthogonal": "declare unitary", "positive": "what is positive is real", "nonnegative": "what is nonnegative is real",
    "projector": "declare hermitian", "stochastic": "a stochastic matrix is real",
}  # fmt: skip
_SIGNS = {"+": "plus", "-": "minus", "−": "minus", "*": "star", "∗": "star", "⁺": "plus", "†": "dagger"}


@dataclass(frozen=True, slots=True)
class Symbol:
    """The meaning of a name: its kind, shape and properties, and whether that was inferred.

    Kinds are scalar, vector, matrix, elementwise (an abstract function g), function (of a whole matrix, `takes` is the
    shape of its argument), family (of matrices, `shape` is that of a member), index and size.  A name that is declared
    without sizes is open: its kind is vector, matrix or "" (any), and it has no shape.  `reason` says what in the text tells an
    inferred kind, where something does.
    """

    name: str
    kind: str
    shape: Shape | None = None
    properties: frozenset[str] = frozenset()
    inferred: bool = False
    takes: Shape | None = None
    reason: str = field(default="", compare=False)

    @property
    def open(self) -> bool:
        """Whether the kind or the sizes are still to be inferred."""
        return self.shape is None and self.kind in ("", "vector", "matrix")


@dataclass(frozen=True, slots=True)
class Range:
    """The values of an index: `count` of them, from `first`."""

    index: str
    first: Size
    count: Size

    @property
    def last(self) -> Size:
        return plus(plus(self.first, self.count), -1)


def shown(shape: Shape) -> str:
    """A shape as it is declared; nothing for that of a scalar."""
    return "" if shape == (1, 1) else f"({shape[0]})" if shape[1] == 1 else f"({shape[0]}, {shape[1]})"


class Family(NamedTuple):
    """Members x_i of one shape, i in a range (or in one for each of several indices)."""

    name: str
    ranges: tuple[Range, ...]
    shape: Shape
    properties: frozenset[str] = frozenset()

    @property
    def called(self) -> str:
        """The name with the indices: b_u."""
        return f"{self.name}_{''.join(r.index for r in self.ranges)}"

    @property
    def declared(self) -> str:
        """The declaration.

        >>> from matcalc.expr.dims import symbol
        >>> Family("S", (Range("k", 0, symbol("K")),), (2, 2), frozenset({"spd"})).declared
        'S_k: (2, 2) spd, k = 0..K-1'
        """
        said = " ".join(filter(None, (shown(self.shape) or "scalar", *minimal(self.properties))))
        return f"{self.called}: {said}, {', '.join(f'{r.index} = {r.first}..{r.last}'.replace(' - ', '-') for r in self.ranges)}"

    def array(self) -> Symbol:
        """The symbol of all members at once: scalars are a vector or a matrix, vectors the rows of a matrix.

        >>> from matcalc.expr.dims import symbol
        >>> n, d = symbol("n"), symbol("d")
        >>> Family("x", (Range("i", 1, n),), (d, 1)).array().shape
        (n, d)
        """
        counts = tuple(r.count for r in self.ranges)
        entrywise = self.properties & {"positive", "nonnegative", "complex"}
        if self.shape == (1, 1) and len(counts) < 3:
            return Symbol(self.name, "vector" if len(counts) == 1 else "matrix", (counts[0], counts[1] if counts[1:] else 1), entrywise)
        if self.shape[1] == 1 and len(counts) == 1:
            return Symbol(self.name, "matrix", (counts[0], self.shape[0]), entrywise)
        return Symbol(self.name, "family", self.shape, self.properties)


class Definition(NamedTuple):
    """A name for a formula: p_i = … has indices, g(x) = … parameters.

    `text` is the formula with blanks before it, so that places in it are places in `line`; `through` is the function of it that the
    name stands for: exp for log p = ….
    """

    name: str
    indices: tuple[str, ...]
    parameters: tuple[str, ...] | None
    text: str
    line: str
    through: str = ""

    @property
    def formula(self) -> str:
        """What the name stands for, with its parts where they are in `line`.

        >>> Definition("p", (), None, "        x'*b", "", "exp").formula
        "    exp(x'*b)"
        """
        if not self.through:
            return self.text
        body = self.text.lstrip()
        return f"{self.through}(".rjust(len(self.text) - len(body)) + body + ")" * (1 + self.through.count("("))

    @property
    def shown(self) -> str:
        """The left side.

        >>> Definition("f", ("i",), ("w",), "x_i'*w", "").shown
        'f_i(w)'
        """
        name = "_".join(filter(None, (self.name, "".join(self.indices))))
        return name if self.parameters is None else f"{name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class Declarations:
    """All that a text of declarations says, by the canonical names."""

    symbols: dict[str, Symbol] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    sets: set[str] = field(default_factory=set)  # matrices of zeros and ones
    integers: set[str] = field(default_factory=set)  # whole numbers, and labels y_i
    pairs: dict[str, tuple[str, ...]] = field(default_factory=dict)  # (a, b) in S: S → a, b
    densities: dict[str, str] = field(default_factory=dict)  # N: normal density
    definitions: dict[str, Definition] = field(default_factory=dict)
    mahalanobis: set[str] = field(default_factory=set)  # M with ‖x‖²_M = x'M⁻¹x
    marks: dict[str, str] = field(default_factory=dict)  # x_prime → x'
    ranges: dict[str, Range] = field(default_factory=dict)  # those of i = 1..n by itself
    notes: list[str] = field(default_factory=list)

    def joined(self, other: Declarations) -> Declarations:
        """These, and what `other` says of other names."""
        if other is NOTHING:
            return self
        both = {n: merged(s, self.symbols[n]) for n, s in other.symbols.items() if n in self.symbols}
        made = Declarations(notes=self.notes + other.notes)
        for f in fields(self)[:-1]:
            for said in (other, self):
                getattr(made, f.name).update(getattr(said, f.name))
        made.symbols.update(both)
        return made


NOTHING = Declarations()


def merged(a: Symbol, b: Symbol) -> Symbol:
    """The symbol that two declarations of one name make together.  Raises ParseError where they contradict each other.

    >>> merged(Symbol("A", "matrix", (3, 3)), Symbol("A", "matrix", None, frozenset({"spd"}))).properties
    frozenset({'spd'})
    """
    if a.open and not (b.open and b.kind == ""):
        a, b = b, a
    fits = b.kind in ("", a.kind) if b.open else (a.kind, a.shape, a.takes) == (b.kind, b.shape, b.takes)
    if not fits:
        raise ParseError(f"`{a.name}` is declared twice, differently")
    properties = a.properties | b.properties
    if a.shape and a.shape[0] == a.shape[1] and "stiefel" in properties:  # Q'Q = I of a square Q
        properties = properties - {"stiefel"} | {"orthogonal"}
    check_properties(a.name, a.shape, properties)
    return replace(a, properties=properties)


def check_properties(name: str, shape: Shape | None, properties: frozenset[str]) -> None:
    """Raises what is wrong with properties of a variable of a shape."""
    if shape is not None and shape != (1, 1):
        rows, columns = shape
        for p in sorted(properties):
            if DECLARABLE[p].shape == "square" and rows != columns:
                hint = f"{name}: ({rows}, {columns}) stiefel   has orthonormal columns" if p in ("orthogonal", "rotation") else ""
                raise ShapeError(f"`{p}` needs a square matrix, not ({rows}, {columns})", hint=hint)
            if DECLARABLE[p].shape == "tall" and isinstance(rows, int) and isinstance(columns, int) and rows < columns:
                raise ShapeError(f"`{p}` needs at least as many rows as columns, not ({rows}, {columns}): its columns are orthonormal")
            if DECLARABLE[p].shape == "vector" and shape[1] != 1:
                raise ShapeError(f"`{p}` needs a vector, not ({shape[0]}, {shape[1]})")
    for p in sorted(properties & ONLY_REAL.keys() if "complex" in closure(properties) else ()):
        raise ParseError(f"`{name}` cannot be both complex and {p}: {ONLY_REAL[p]}")
    against = contradiction(properties) if shape != (1, 1) else None
    if against:
        a, b, what = against
        raise ParseError(f"`{name}` cannot be both {a} and {b}: {what}")


def stepped(name: str) -> str:
    r"""The step \Delta x as one name, as it is where it is differentiated by or declared; another name as it is.

    >>> stepped(r"\Delta x"), stepped(r"\delta\theta"), stepped(r"\Delta_x")
    ('Δx', 'δθ', '\\Delta_x')
    """
    found = re.fullmatch(r"\s*\\([dD]elta)(?:\s*\\|\s+)([A-Za-z]+)\s*", name) if "\\" in name else None
    return "Δδ"[found[1] == "delta"] + (*spellings(found[2]), found[2])[0] if found else name


def canonical(name: str) -> str:
    """A name with marks as an identifier.

    >>> [canonical(n) for n in ("x'", "m^{+}", "W^{(1)}", "x^m", "x_{1}", "x₁", "C_dict[d]", "k_+", "A", "R_{i+n}")]
    ['x_prime', 'm_plus', 'W_1', 'x_m', 'x_1', 'x_1', 'C_dict', 'k_plus', 'A', 'R_i_n']
    """
    if re.fullmatch(r"[^\W_]\w*", name) and name.isascii():
        return name
    made = re.sub("[₀-₉]+", lambda m: "_" + m.group().translate(LOWERED), re.sub(r"\[.*?\]", "", accented(stepped(name))))
    made = re.sub(r"_(?:([+\-*∗])|\{([*∗])\})$", lambda m: "_" + _SIGNS[m[1] or m[2]], made)
    made = re.sub(r"_\s*\{([^{}]*)\}", lambda m: "_" + flat(re.sub(r"[\s,]", "", m[1])), made)
    made = re.sub(r"\^\s*(?:\{([^{}]*)\}|([^\s{}'_^]+))", lambda m: "_" + _mark((m[1] or m[2]).strip(" ()")), made)
    made = re.sub("[⁺†]", lambda m: "_" + _SIGNS[m.group()], made)
    return re.sub("['′’]+", lambda m: "_prime" + (str(len(m.group())) if len(m.group()) > 1 else ""), made).replace(" ", "")


def flat(label: str) -> str:
    """A label that is written as a sum or a range, as a part of a name.

    >>> flat("i+n"), flat("1:T"), flat("+")
    ('i_n', '1_T', '+')
    """
    return re.sub(r"(?<=\w)[-+:](?=\w)", "_", label)


def _mark(text: str) -> str:
    return _SIGNS.get(text, re.sub(r"\W", "", text))


def plus(size: Size, more: Size) -> Size:
    """size + more.

    >>> plus(3, -1)
    2
    """
    return more + size if isinstance(more, Dim) else size + more


def size_names(declared: Symbol) -> set[str]:
    """The size symbols in a symbol's shapes."""
    shapes = [s for s in (declared.shape, declared.takes) if s]
    return {name for shape in shapes for size in shape if isinstance(size, Dim) for name in size.symbols}


def kind_of(shape: Shape) -> str:
    """scalar, vector or matrix.

    >>> kind_of((1, 1)), kind_of((3, 1)), kind_of((1, 3))
    ('scalar', 'vector', 'matrix')
    """
    return "scalar" if shape == (1, 1) else "vector" if shape[1] == 1 else "matrix"
