"""The words of a declaration behind the name: a shape, a kind, properties, the range of an index."""

from __future__ import annotations

import re

from matcalc.errors import LimitError, MatcalcError, ShapeError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.expr.dims import Dim, Shape, Size, size_of
from matcalc.expr.properties import COMPLEX, DECLARABLE, PROPERTIES, minimal
from matcalc.limits import LARGEST_SIZE, LONGEST_NAME, MOST_WORDS
from matcalc.reading.symbols import Range, check_properties, kind_of, plus
from matcalc.reading.tree import failing

# What a word says of the kind; and what is said in several words or in another one.
KINDS = ("scalar", "vector", "matrix", "elementwise", "function", "integer", "set")
PHRASES = {
    **{name: name for name in KINDS},
    "symmetric positive definite": "spd", "positive definite": "spd",
    "symmetric positive semidefinite": "psd", "positive semidefinite": "psd",
    "pd": "spd", "pos def": "spd", "posdef": "spd", "orthonormal": "orthogonal", "unit": "sphere", "diag": "diagonal",
    "hermitian positive definite": "hpd", "hermitian positive semidefinite": "hpsd", "self adjoint": "hermitian",
    "lower triangular": "lower", "upper triangular": "upper",
    "skew symmetric": "skew", "antisymmetric": "skew", "nonsingular": "invertible", "unit vector": "sphere",
    "row stochastic": "stochastic", "fixed rank": "rank", "probability simplex": "simplex", "normal density": "normal density",
    "scalars": "scalar", "number": "scalar", "numbers": "scalar", "vectors": "vector", "matrices": "matrix", "integers": "integer",
    "float": "scalar", "square": "matrix", "real": "real", "reals": "real", "constant": "real", "const": "real",
    **dict.fromkeys("a an the of in size shape length dimension dimensional column with is are be has have".split(), ""),
    **dict.fromkeys("all each and entries applied".split(), ""),
}  # fmt: skip
_SIGNS = {"≻": "spd", "⪰": "psd", "≽": "psd", ">=": "nonnegative", ">": "positive", "≥": "nonnegative"}
_RAISED = str.maketrans("ⁿᵐˣᵖᵈᵏᵗʳᴺᴹᴰᴷ⁰¹²³⁴⁵⁶⁷⁸⁹", "nm×pdktrNMDK0123456789")

# Compiled when first used: most commands declare nothing.
NAME = r"[^\W\d_⁰¹²³⁴-⁹₀-₉ᵀⁿ](?:[^\W⁰¹²³⁴-⁹ᵀⁿ]|[\u0302-\u0307])*"
RANGE = rf"({NAME})\s*(?:=|:|∈|\bin\b)\s*\{{?\s*([^‥{{}},;:=]+?)\s*(?:‥|(?<=\d):)\s*([^‥{{}},;:=]+?)\s*\}}?\s*(?=[,;\n]|$)"
_PLUS = r"(?:\s*_?\s*\{?([+₊]{1,2})\}?)?"
_UP = r"(?:\s*\^?\s*(?:\{([^{}]*)\}|\(([^()]*)\)|((?:[^\s,;{}()_+₊>→-]|_(?=[^\W_])|\+(?=\w))+)))?"
_SPACE = rf"([RℝCℂS𝕊]){_PLUS}{_UP}{_PLUS}"
_TUPLE = r"[(\[]([^()\[\]]*)[)\]]"
_ARROW = r"\s*(?:->|→|↦)\s*"
_MAP = rf"{_TUPLE}{_ARROW}(?:\(([^()]*)\)|(?:scalar\b|R\b(?!\s*\^)|ℝ(?!\s*\^)))"
_SIZE = rf"\s*(?:{NAME}|\d+)(?:\s*[*+-]\s*(?:{NAME}|\d+))*\s*"
_BARE = r"(?:[^\W\d_]\w?|[^\W\d_]\w*_\w+|\d+)"  # n  d_in  10: a longer word would be a kind
_BY = r"×|(?<![*/+\-])\b[xX]\b(?![*/+\-])|-?\bby\b-?|(?<=\b\w)x(?=\w\b)|(?<=\d)x(?=\d)"  # m × n  m x n  m by n  mxn  100x3
TIMES = rf"{_BARE}\s*(?:{_BY})\s*{_BARE}\b"
_BARES = rf"((?:{_BARE}\s*(?:{_BY})\s*)?{_BARE}\b)(?:-dim(?:ensional)?\b|-(?=vector\b))?"
_BETWEEN = rf"{_BY}|(?<=[\w)])\*(?=[\w(])"
_OPENS_SPACE = r"[RCS𝕊]\s*[_^+]|R\s*(?:$|->|→|[,;])|[ℝℂ]"
_GROUP = r"(SO|O|U|GL)\s*\(([^(),]+)\)"
GROUPS = {"SO": "rotation", "O": "orthogonal", "U": "unitary", "GL": "invertible"}
_FOR_EACH = rf"(?:for(?:\s+(?:all|each|every))?|\\forall|∀)\s*(?:[a-z]\b\s*(?=[,;\n]|$)|(?={RANGE}))"
_NUMBERS = r"\\?\{\s*[-+−±]?\s*\d+(?:\s*,\s*[-+−]?\s*\d+)*\s*\\?\}"  # {-1, 1}
_SAID = (
    (_FOR_EACH, "for_each"), (RANGE, "range"), (_NUMBERS, "numbers"), (_MAP, "map"), (_TUPLE, "tuple"), (_GROUP, "group"),
    (_SPACE, "space"), (r"([≻⪰≽≥]|>=?)\s*0\b", "sign"),
)  # fmt: skip


class Described:
    """Reads a declaration between two places of a line, word by word; raises the MatcalcError of what is not understood."""

    def __init__(self, line: str, at: int, end: int, name: str, notes: list[str], *, element: bool) -> None:
        self.line, self.at, self.end, self.name, self.notes, self.element = line, at, end, name, notes, element
        self.kind, self.density = "", ""
        self.shape: Shape | None = None
        self.takes: Shape | None = None
        self.properties: list[str] = []
        self.ranges: list[Range] = []
        self.integer = self.set = self.random = self.said = False
        self.read()

    def read(self) -> None:
        start = self.at
        while self._skip() < self.end:
            self.random = self._take(rf"(?:{NAME}\s+)?random\b") is not None or self.random
            if not (self.random or any(self._said(pattern, meant) for pattern, meant in _SAID) or self._sizes() or self._word()):
                raise self._unknown(start)
        if not (self.kind or self.shape or self.properties or self.density or self.random or self.said or self.ranges):
            raise self._unknown(start)
        if self.kind == "elementwise" and self.shape is not None:
            raise failing("a function of entries has no shape", (start, self.end), f"{self.name}: elementwise")
        needed = {DECLARABLE[p].shape for p in self.properties}
        if self.shape is None and not self.kind:
            self.kind = "matrix" if "square" in needed else "vector" if "vector" in needed else ""
        elif self.shape is not None and self.kind not in ("function", "family"):
            self.kind = kind_of(self.shape)
        if "complex" in self.properties:  # X^H X = I, and not X'X
            self.properties = [*minimal([f"complex {p}" if f"complex {p}" in COMPLEX else p for p in self.properties])]
        if self.shape is not None and self.shape[1] != 1:  # the sphere of matrices is that of all their entries
            self.properties = [p.replace("sphere", "unitnorm") for p in self.properties]
        check_properties(self.name, self.shape, frozenset(self.properties))

    def _skip(self) -> int:
        while self.at < self.end and (self.line[self.at].isspace() or self.line[self.at] == ","):
            self.at += 1
        return self.at

    def _take(self, pattern: str) -> re.Match[str] | None:
        found = re.compile(pattern).match(self.line, self.at, self.end)
        if found:
            self.at = found.end()
        return found

    def _said(self, pattern: str, meant: str) -> bool:
        """Whether what stands here is of a pattern; what it says is taken down."""
        shaped = self.shape is not None or self.kind in ("elementwise", "function")
        spaced = self.element or re.compile(_OPENS_SPACE).match(self.line, self.at, self.end)
        if meant in ("map", "tuple", "space") and shaped or meant == "space" and not spaced or meant == "group" and not self.element:
            return False
        found = self._take(pattern)
        if found:
            getattr(self, f"_{meant}")(found)
        return bool(found)

    def _numbers(self, found: re.Match[str]) -> None:
        """One of some numbers."""
        self.kind, self.shape = "scalar", (1, 1)

    def _for_each(self, found: re.Match[str]) -> None:
        """The word before a range."""

    def _range(self, found: re.Match[str]) -> None:
        first, last = (bound_of(found[g], found.start(g)) for g in (2, 3))
        count = plus(plus(last, -1 * first if isinstance(first, Dim) else -first), 1)
        if isinstance(count, int) and count < 1:
            raise failing(f"the range of {found[1]} is empty", found, kind=ShapeError)
        self.ranges.append(Range(found[1], first, count))

    def _map(self, found: re.Match[str]) -> None:
        self.kind, self.takes = "function", shape_of(found[1], found.start(1))
        self.shape = shape_of(found[2], found.start(2)) if found[2] is not None else (1, 1)

    def _tuple(self, found: re.Match[str]) -> None:
        self.shape = shape_of(_apart(found[1], _BY), found.start(1))

    def _space(self, found: re.Match[str]) -> None:
        """R^n, R^{m×n}, R_+^n, S^n_{++}; and R^n → R."""
        inside = next((g for g in (found[3], found[4], found[5]) if g is not None), None)
        text = _apart(inside.translate(_RAISED), _BETWEEN) if inside is not None else ""
        if inside is None and found[1] in "CS𝕊" and self.element:
            raise self._unknown(found.start())
        shape = shape_of(text, max(found.start(g) for g in (3, 4, 5))) if inside is not None else (1, 1)
        more = len(found[2] or found[6] or "")
        if found[1] in "S𝕊":
            self.shape = (shape[0], shape[0])
            return self._is(("symmetric", "psd", "spd")[more])
        self.shape = shape
        if found[1] in "Cℂ":
            self._is("complex")
        if more:
            self._is(("nonnegative", "positive")[more - 1])
        if self._take(_ARROW):
            self._values(shape, found.start())
        return None

    def _group(self, found: re.Match[str]) -> None:
        """SO(3), O(n), U(n)."""
        (size, _) = shape_of(found[2], found.start(2))
        self.shape = (size, size)
        self._is(GROUPS[found[1]])

    def _values(self, takes: Shape, start: int) -> None:
        """The values of f: R^n → R."""
        found = self._take(_SPACE)
        if not found or any(found[g] for g in (3, 4, 5)):
            message = f"`{self.name}` is vector-valued: an abstract function has scalar values, or acts entry by entry"
            hint = f"{self.name}: (n) -> ()   for a scalar function,   {self.name}: elementwise"
            raise failing(message, (start, self.end), hint, kind=UnsupportedError)
        if takes == (1, 1):
            self.kind, self.shape = "elementwise", None
        else:
            self.kind, self.takes, self.shape = "function", takes, (1, 1)

    def _sizes(self) -> bool:
        """m × n, m x n, m by n, n."""
        known = self.kind == "matrix" or phrase(self.line, self.at, self.end)[0] is not None
        if self.shape is not None or self.kind in ("elementwise", "function"):
            return False
        if known and not re.compile(TIMES).match(self.line, self.at, self.end):
            return False
        found = self._take(_BARES)
        if found and self.element and "," not in _apart(found[1], _BY):  # x ∈ K
            raise self._unknown(found.start())
        if found:
            self._tuple(found)
        return bool(found)

    def _sign(self, found: re.Match[str]) -> None:
        """≻ 0, > 0."""
        self._is(_SIGNS[found[1]])

    def _word(self) -> bool:
        said, end = phrase(self.line, self.at, self.end)
        if said is None:
            return False
        place, self.at = self.at, end
        if said in ("rank", "complex rank"):
            self._rank()
        if said in DECLARABLE:
            self._is(said)
        elif said in ("scalar", "integer"):
            self.kind, self.shape, self.integer = "scalar", (1, 1), self.integer or said == "integer"
        elif said == "real":
            self.said = True
        elif said in ("vector", "matrix"):
            self._is_a(said, place)
        elif said in ("elementwise", "function"):
            self.kind = "elementwise"
        elif said == "normal density":
            self.density = "normal"
        elif said == "set":
            self.set, self.kind = True, "matrix"
            self._is("binary")
        return True

    def _rank(self) -> None:
        """rank k, rank = 3: what it is matters where it cannot be."""
        found = self._take(rf"\s*=?\s*({NAME}|\d+)\b")
        most = min((n for n in self.shape or () if isinstance(n, int)), default=None)
        if found and found[1].isdigit() and (int(found[1]) == 0 or most is not None and int(found[1]) > most):
            raise failing(f"`{self.name}` cannot be of rank {found[1]}", found.span(1), kind=ShapeError)

    def _is_a(self, said: str, place: int) -> None:
        if self.shape is not None and kind_of(self.shape) not in (said, "vector"):
            rows, columns = self.shape
            raise failing(f"`{self.name}` is ({rows}, {columns}), no {said}", (place, place + len(said)), kind=ShapeError)
        self.kind = said

    def _is(self, name: str) -> None:
        if name in self.properties:
            self.notes.append(f"{self.name} is declared {name} twice")
        else:
            self.properties.append(name)

    def _unknown(self, start: int) -> MatcalcError:
        found = re.compile(r"[^\s,]+").match(self.line, self.at, self.end)
        word = found.group() if found else ""
        if word == "row":
            return failing("a row vector is declared by its sizes", (self.at, self.at + len(word)), f"{self.name}: (1, n)")
        if self.shape or self.kind or self.properties:
            hint = did_you_mean(word, DECLARABLE) or "properties: " + ", ".join((*PROPERTIES, *COMPLEX))
            return failing(f"no property is called `{word}`", (self.at, self.at + len(word)), hint, kind=UnknownNameError)
        if self.element:
            hint = f"of a set that is not known, declare the shape: {self.name}: (n), or {self.name}: complex scalar"
            return failing("expected R^n or R^{m×n} after ∈", (start, start + 1), hint)
        shown = self.line[self.at : self.end].strip() or "nothing"
        hint = did_you_mean(word, [*KINDS, *DECLARABLE]) if word.isalpha() else "(m, n)   (m)   scalar   elementwise   (m, n) -> ()"
        return failing(f"expected a shape or a kind after `:`, not `{shown}`", (start, max(start + 1, self.end)), hint)


def _apart(sizes: str, between: str) -> str:
    """Sizes with commas between them, in their places."""
    return sizes if "," in sizes or sizes.strip() in ("x", "X") else re.sub(between, lambda m: ",".ljust(len(m.group())), sizes)


def phrase(line: str, at: int, end: int) -> tuple[str | None, int]:
    """The property that the longest run of words at a place says ("" where none), and where it ends; None where it is not known.

    >>> phrase("positive semi-definite", 0, 22)
    ('psd', 22)
    """
    words = list(re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*").finditer(line, at, end))[:MOST_WORDS]
    if not words or words[0].start() != at:
        return None, at
    while words:
        text = " ".join(w.group() for w in words).replace("-", " ")
        if line[at : words[-1].end()].replace("-", " ").split() == text.split():
            text = text.lower().replace("semi ", "semi").replace("non ", "non")
            if text in PHRASES or text in DECLARABLE:
                return PHRASES.get(text, text), words[-1].end()
        words.pop()
    return None, at


def shape_of(text: str, at: int) -> Shape:
    """The shape written between parentheses, which stands at `at`."""
    if not text.strip():
        return (1, 1)
    parts = text.split(",")
    if len(parts) == 2 and not parts[1].strip():
        parts.pop()
    if len(parts) > 2:
        raise failing("a shape has one or two sizes", (at, at + len(text)), kind=ShapeError)
    sizes = []
    for part in parts:
        sizes.append(_size(part, at))
        at += len(part) + 1
    return sizes[0], sizes[1] if len(sizes) > 1 else 1


def _size(text: str, at: int) -> Size:
    start = at + len(text) - len(text.lstrip())
    end = max(at + len(text.rstrip()), start + 1)
    text = re.sub(rf"(?<!\w)(\d+)(?={NAME})", r"\1*", text)  # 2n
    if not re.fullmatch(_SIZE, text):
        shown = text.strip()
        what = "missing" if not shown else "negative" if shown[0] in "-−" else "no whole number" if shown[0].isdigit() else "no name"
        raise failing(f"a size is a positive whole number or a name: `{shown}` is {what}", (start, end), kind=ShapeError)
    check_length(text.strip(), start)
    size = size_of(text.replace(" ", "")) if len(text) < 200 else 0
    if isinstance(size, int) and not 0 < size <= LARGEST_SIZE:
        raise failing(f"a size is at least 1{'' if size == 0 else ' and not that large'}", (start, end), kind=ShapeError)
    if "I" in text.split():
        raise failing("`I` is the identity matrix, not a size", (start, end), "call the size n_I, or another letter")
    return size


def bound_of(text: str, at: int) -> Size:
    """An end of a range: 0, n, N − 1."""
    found = re.fullmatch(r"(.*?)\s*[-−]\s*(\d{1,9})", text)
    if text == "0" or not found:
        return 0 if text == "0" else _size(text, at)
    return plus(_size(found[1], at), -int(found[2]))


def check_length(name: str, start: int) -> None:
    longest = max(re.split(r"\W+", name), key=len)
    if len(longest) > LONGEST_NAME:
        raise failing(f"a name of {len(longest)} characters; the limit is {LONGEST_NAME}", (start, start + LONGEST_NAME), kind=LimitError)
