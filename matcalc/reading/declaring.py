"""The language of `where`: ``X: (m, n) symmetric; a ∈ R^m; c: scalar; x_i: (d), i = 1..n; e = y - X*b``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from matcalc.errors import LimitError, MatcalcError, ParseError, ShapeError, UnsupportedError, did_you_mean
from matcalc.expr.dims import size_of
from matcalc.expr.properties import DECLARABLE
from matcalc.limits import MOST_CHARACTERS
from matcalc.operators import FUNCTIONS
from matcalc.reading.described import NAME, RANGE, TIMES, Described, check_length, phrase, shape_of
from matcalc.reading.latex.commands import in_new_fonts
from matcalc.reading.letters import FOREIGN, describe, is_greek, plain
from matcalc.reading.ranging import as_families
from matcalc.reading.symbols import NOTHING, Declarations, Definition, Family, Range, Symbol, canonical, merged, size_names
from matcalc.reading.tidying import tidied
from matcalc.reading.tree import failing

RESERVED = {"I": "the identity matrix"}
EXAMPLE = "X: (m, n); a: (m); c: scalar"

# Compiled when first used: most commands declare nothing.
_MARKED = rf"{NAME}(?:(?<=_)\{{[^{{}}]*\}}|(?<=_)[+\-*∗](?=\s*(?:[:,∈]|in\b|$))"
_MARKED += r"|\^\s*(?:\{[^{}]*\}|[+\-−*∗]|\w+)|[⁺†]|['′’]+(?:_\w+)?|\[\s*\w+\s*\])*"
_NAMES = rf"{_MARKED}(?:\s*(?:,|\band\b)\s*{_MARKED})*"
_SEPARATOR = r"::?(?!=)|∈|\b(?:in|is|are|be|has|have)\b|\.shape\s*==?|(?=[≻⪰≽>≥])|(?<=\s)(?=\([^()]*\))"
_AND = rf"\band(?=\s+{NAME}\s+(?:is|in|∈)\b)"  # A is square and x is a vector
_DEFINITION = rf"({_MARKED})\s*(?:\(((?:[^()]|\([^()]*\))*)\)\s*)?(?::=|=(?!=))"
_PAIRS = rf"\(\s*({NAME}(?:\s*,\s*{NAME})*)\s*\)\s*:((?:\s*\([^()]*\)\s*,?)+)\s*(?:\bin\b|∈)\s*({NAME})\s*$"

# Equations that say a property.
_T = r"\s*(?:['′ᵀ⊤]|\^\s*\{?\s*(?:T|⊤|\\?top)\s*\}?|\.T)\s*"
_OPENS, _CLOSES = r"(?:[(\[]|begin\s*\{\w+\})", r"(?:[)\]]|end\s*\{\w+\})"
EQUATIONS = (
    (rf"({NAME})\s*=\s*{_OPENS}\s*\1_[^=]{{,99}}‥[^=]{{,99}}\1_[^=]{{,9}}{_CLOSES}(?:{_T})?\s*$", "vector"),  # x = (x_1, …, x_n)'
    (rf"({NAME})\s*=\s*\1{_T}$", "symmetric"),
    (rf"({NAME}){_T}=\s*\1\s*$", "symmetric"),
    (rf"({NAME})\s*=\s*[-−]\s*\1{_T}$", "skew"),
    (rf"({NAME}){_T}=\s*[-−]\s*\1\s*$", "skew"),
    (rf"({NAME})\s*=\s*\1{_T}[≻>]\s*0\s*$", "spd"),
    (rf"({NAME})\s*=\s*\1{_T}[⪰≽≥]\s*0\s*$", "psd"),
    (rf"({NAME}){_T}[*·]?\s*\1\s*=\s*I\s*$", "stiefel"),
    (rf"(?:\|\||‖|\\\|)\s*({NAME})\s*(?:\|\||‖|\\\|)(?:\s*\^\s*2|²|_2)*\s*=\s*1\s*$", "sphere"),
)  # fmt: skip

# What is defined through a function of it, log μ_i = x_i'β and σ² = …, with the function that gives it.
_ONE = rf"({NAME}(?:(?<=_)\{{[^{{}}]*\}})?)"
_SQUARE = r"(?:\^\s*(?:2|\{\s*2\s*\})|²)"
_LOG = r"\b(?:log|ln)\s*(?:left\s*)?"
THROUGH = (
    (rf"{_LOG}\(?\s*{_ONE}\s*\)?\s*", "exp"),
    (rf"{_LOG}\(?\s*frac\s*\{{\s*{_ONE}\s*\}}\s*\{{\s*1\s*[-−]\s*\1\s*\}}\s*(?:right\s*)?\)?\s*", "sigmoid"),
    (rf"{_LOG}\(\s*{_ONE}\s*/\s*\(\s*1\s*[-−]\s*\1\s*\)\s*\)\s*", "sigmoid"),
    (rf"\blogit\s*\(?\s*{_ONE}\s*\)?\s*", "sigmoid"),
    (rf"{_ONE}\s*{_SQUARE}\s*", "sqrt"),
    (rf"{_LOG}\(?\s*{_ONE}\s*{_SQUARE}\s*\)?\s*", "sqrt(exp"),
    (rf"{_ONE}\s*(?:\^\s*\{{?\s*[-−]\s*1\s*\}}?|⁻¹)\s*", "inv"),
)


def declarations(where: str) -> dict[str, Symbol]:
    """The symbols that `where` declares, in its order.

    Raises ParseError, ShapeError, UnknownNameError or LimitError, with the place.

    >>> declarations("S: (n, n) spd; x ∈ R^n")["x"].shape
    (n, 1)
    """
    return dict(declared(where).symbols)


def declared(where: Any) -> Declarations:
    """All that `where` says: symbols, families, sets, definitions; and notes on what was said twice.

    >>> declared("x_i: (d), i = 1..n; p_i = sigmoid(w'*x_i)").families["x"].ranges
    (Range(index='i', first=1, count=n),)
    """
    if not isinstance(where, str):
        raise ParseError(f"declarations are text, not {type(where).__name__}", hint=f'where="{EXAMPLE}"')
    return _declared(in_new_fonts(where)) if where else NOTHING


@lru_cache(maxsize=256)
def _declared(where: str) -> Declarations:
    if len(where) > MOST_CHARACTERS:
        raise LimitError(f"the declarations have {len(where):,} characters; the limit is {MOST_CHARACTERS:,}")
    found = _Found(where)
    for start, end in entries(found.line):
        try:
            found.entry(start, end)
        except MatcalcError as error:
            places = (start, end) if error.start < 0 else (error.start, error.end)
            error.start = -1
            raise error.at(where, *places) from None
    found.check_sizes()
    for name in found.said.sets:  # P_Ω(X) keeps the entries in Ω
        argument = f"{name}_"
        found.said.definitions.setdefault(f"P_{name}", Definition(f"P_{name}", (), (argument,), f"{argument}.*{name}", ""))
    return as_families(found.said, "")


# --- entries ------------------------------------------------------------------------------------------------------------


def entries(line: str) -> list[tuple[int, int]]:
    """Where the entries of a text of declarations stand: between semicolons and lines, and commas before another name.

    >>> [line[a:b].strip() for line in ["A: (m,n), x, y: (n,) positive; z_i: (d), i = 1‥n"] for a, b in entries(line)]
    ['A: (m,n)', 'x, y: (n,) positive', 'z_i: (d), i = 1‥n']
    """
    found: list[tuple[int, int]] = []
    only_names, names = False, re.compile(rf"\s*(?:(?:vectors|matrices|scalars)\s+)?{_NAMES}\s*")
    for start, end, comma in _chunks(line):
        text = line[start:end]
        if not text.strip():
            only_names = False
            continue
        if comma and found and (only_names or not _begins(text)):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start + len(text) - len(text.lstrip()), end))
        only_names = names.fullmatch(text) is not None and (not comma or only_names or _begins(text))
    return found


def _chunks(line: str) -> Iterable[tuple[int, int, bool]]:
    """The pieces between separators outside of brackets, and whether a comma stands before."""
    depth, start, comma = 0, 0, False
    for at, c in enumerate(line):
        depth += (c in "([{") - (c in ")]}" and depth > 0)
        if c == "\n" or not depth and c in ",;":
            yield start, at, comma
            start, comma = at + 1, c == ","
            depth = 0
    yield start, len(line), comma


def _begins(text: str) -> bool:
    """Whether what stands after a comma is an entry of its own: no range, and no property of the one before."""
    if (kind := re.match(rf"\s*(?:vectors?|matri(?:x|ces)|scalars?)\s+({NAME})", text)) and phrase(kind[1], 0, len(kind[1]))[0] is None:
        return True  # A symmetric, vectors x and y
    word = re.match(rf"\s*({NAME})(\s+random\b)?", text)
    if word is None or word[2] or re.match(r"\s*" + RANGE, text):
        return False
    return phrase(word[1], 0, len(word[1]))[0] is None or re.match(rf"\s*{NAME}\s*(?:{_SEPARATOR})", text) is not None


class _Found:
    """The declarations found, entry by entry; places are those of the whole text."""

    def __init__(self, where: str) -> None:
        self.where, self.line = where, re.sub(_AND, ",  ", tidied(plain(where)))
        self.said = Declarations()

    def entry(self, start: int, end: int) -> None:
        line = self.line
        pairs = re.compile(_PAIRS).match(line, start, end)
        if pairs:
            return self._pairs(pairs)
        opening = re.compile(r"(?:let|given|for(?:\s+(?:all|each|every))?|where|with)\s+|\\forall\s*|∀\s*").match(line, start, end)
        start = opening.end() if opening else start
        if ranged := re.compile(rf"{RANGE}\s*$").match(line, start, end):
            alone = Described(line, start, end, ranged[1], self.said.notes, element=False)
            return self.said.ranges.update((r.index, r) for r in alone.ranges)
        for pattern, meant in EQUATIONS:
            equation = re.compile(pattern).match(line, start, end)
            if equation:
                kind = "vector" if meant in ("vector", "sphere") else "matrix"
                return self._enter(Symbol(equation[1], kind, None, frozenset({meant} - {"vector"})))
        patterns = THROUGH if "=" in line[start:end] else ()
        through = ((re.compile(rf"\s*{pattern}:?=(?!=)").match(line, start, end), function) for pattern, function in patterns)
        if given := next(((m, f) for m, f in through if m and _is_defined_through(m[1], f)), None):
            return self._definition(*given, end)
        if not re.compile(r"[^,]*=\s*[^,]*‥").match(line, start, end):
            definition = re.compile(_DEFINITION).match(line, start, end)
            if definition:
                return self._definition(definition, "", end)
        word, after = phrase(line, start, end)
        names_behind = re.compile(rf"\s+({_NAMES})\s*$").match(line, after, end) if word else None
        if names_behind:  # symmetric A, vectors a and b
            said = Described(line, start, after, names_behind[1], self.said.notes, element=False)
            return self._enter_all([n for n in re.findall(_MARKED, names_behind[1]) if n != "and"], said, start, end)
        head = re.compile(_NAMES).match(line, start, end)
        found = re.compile(_MARKED).finditer(line, start, head.end()) if head else ()
        names = [(m.group(), m.start()) for m in found if m.group() != "and"]
        if head is None or not names:
            raise _no_name(line[start:end], start)
        separator = re.compile(rf"\s*(?:{_SEPARATOR})").match(line, head.end(), end)
        at = separator.end() if separator else self._after(head.end(), end, names[-1][0])
        if names[0][0] == "mahalanobis":
            self.said.mahalanobis.update(canonical(n) for n in re.findall(_MARKED, line[at:end]))
            return None
        for name, place in names:
            check_name(canonical(name), place)
        element = separator is not None and separator.group().strip() in ("∈", "in")
        said = Described(line, at, end, names[0][0], self.said.notes, element=element)
        self._enter_all([n for n, _ in names], said, start, end)
        return None

    def _after(self, at: int, end: int, last: str) -> int:
        """`A symmetric`: where the first word that says something begins."""
        word = at + len(self.line[at:end]) - len(self.line[at:end].lstrip())
        if word == end or not phrase(self.line, word, end)[0] and not re.compile(TIMES).match(self.line, word, end):
            said = re.compile(r"[A-Za-z]+").match(self.line, word, end)
            raise failing(f"expected `:` after `{last}`", (at, at + 1), said and did_you_mean(said.group(), DECLARABLE) or EXAMPLE)
        return word

    def _enter_all(self, names: list[str], said: Described, start: int, end: int) -> None:
        properties = frozenset(said.properties)
        if said.random:
            message = "random variables are not supported: an expectation has no derivative here"
            hint = "write the mean over samples: \\sum_i …/n with x_i: (d), i = 1..n"
            raise failing(message, (start, end), hint, kind=UnsupportedError)
        if said.kind in ("elementwise", "function") and properties:
            raise ParseError(f"a function has no property `{min(properties)}`")
        if said.kind in ("elementwise", "function") and said.ranges:
            whole = f"declare {names[0].partition('_')[0]}: (n) -> (m), whose entries are {names[0]}(x); or " * (said.shape == (1, 1))
            hint = f"{whole}define it: {names[0]}(u) = …"
            raise failing("a function for each index is not declared", (start, end), hint, kind=UnsupportedError)
        for raw in names:
            name = canonical(raw)
            if said.density:
                self.said.densities[name] = said.density
                continue
            if said.ranges:
                family = self._apart(self._family(raw, name, said, properties, start, end))
                self.said.families[family.name] = family
                made = family.array()
                if "^" in raw or "'" in raw:
                    self.said.marks[family.name] = raw if "^" in raw else re.sub(r"_\w+", "", raw)
            else:
                if raw != name:
                    self.said.marks[name] = raw
                made = Symbol(name, said.kind, said.shape, properties, takes=said.takes)
            if said.integer:
                self.said.integers.add(made.name)
            if said.set:
                self.said.sets.add(made.name)
            if made.kind == "elementwise" and made.name[0].isupper():
                self.said.notes.append(f"{made.name} is an elementwise function with an upper-case name")
            self._enter(made)

    def _family(self, raw: str, name: str, said: Described, properties: frozenset[str], start: int, end: int) -> Family:
        letters = "".join(r.index for r in said.ranges)
        bracket = re.search(r"\[\s*(\w+)\s*\]$", raw)
        stem, _, index = (name, "_", bracket[1]) if bracket else name.rpartition("_")
        marked = re.fullmatch(rf"({NAME}?)_\{{?({letters})\}}?\^\s*(.*)", raw)
        if marked:  # f_i^a is the i-th of f^a
            stem, index = canonical(f"{marked[1]}^{marked[3]}"), letters
        primed = re.fullmatch(rf"({NAME}?)(?:_({letters})(['′’])|(['′’])_({letters}))", raw)
        if primed:  # x_i' and x'_i are of x'
            stem, index = canonical(f"{primed[1]}'"), letters
        if not stem or index != letters:
            message = f"the members of a family are {stem or name}_{letters}, with the index of the range, not `{raw}`"
            hint = f"{stem or name}_{letters}: (d), {', '.join(f'{r.index} = 1..n' for r in said.ranges)}"
            raise failing(message, (start, end), hint)
        if said.shape is None and said.kind == "":
            said.shape = (1, 1)
        if said.shape is None:
            raise failing("a family is declared with the sizes of its members", (start, end), "x_i: (d), i = 1..n")
        return Family(stem, tuple(said.ranges), said.shape, properties)

    def _apart(self, family: Family) -> Family:
        """The family, called b_i beside b_u, and σ_ij beside σ_i, which are arrays of their own."""
        other = self.said.families.get(family.name)
        letters = ["".join(r.index for r in f.ranges) for f in (family, other) if f]
        if other is None or letters[0] == letters[-1] or [r.count for r in family.ranges] == [r.count for r in other.ranges]:
            return family
        if len(family.ranges) <= len(other.ranges):
            del self.said.families[other.name], self.said.symbols[other.name]
            other = other._replace(name=other.called)
            self.said.families[other.name] = other
            self._enter(other.array())
        return family if len(family.ranges) < len(other.ranges) else family._replace(name=family.called)

    def _pairs(self, entry: re.Match[str]) -> None:
        names = [n.strip() for n in entry[1].split(",")]
        shapes = list(re.finditer(r"\(([^()]*)\)", entry[2]))
        if len(names) != len(shapes):
            raise ShapeError(f"{len(names)} names, but {len(shapes)} shapes", hint="(a, b): (n), (m) in S")
        count = size_of(entry[3])
        for name, shape in zip(names, shapes, strict=True):
            check_name(name, entry.start(1))
            family = Family(name, (Range(entry[3], 1, count),), shape_of(shape[1], entry.start(2) + shape.start(1)))
            self.said.families[name] = family
            self._enter(family.array())
        self.said.pairs[entry[3]] = tuple(names)

    def _definition(self, head: re.Match[str], through: str, end: int) -> None:
        name = re.sub(r"\s", "", head[1]) if re.search(r"_\{[^{}]*[-+]\s*\d", head[1]) else canonical(head[1])  # x_{k+1} = … is of many
        check_name(name, head.start(1))
        body = self.where[head.end() : end]
        if not body.strip():
            raise failing(f"expected a formula after `{head.group().strip()}`", (head.end(), head.end() + 1))
        given = None if through else head[2]
        parameters = None if given is None else tuple(canonical(p.strip()) for p in re.split("[,;|]", given) if p.strip())
        name, indices = _indexed(name, body)
        if name in self.said.definitions:
            raise failing(f"`{name}` is defined twice", head)
        self.said.definitions[name] = Definition(name, indices, parameters, " " * head.end() + body, self.where, through)

    def _enter(self, symbol: Symbol) -> None:
        earlier = self.said.symbols.get(symbol.name)
        if earlier is None:
            self.said.symbols[symbol.name] = symbol
        elif earlier == symbol:
            self.said.notes.append(f"{symbol.name} is declared twice")
        else:
            self.said.symbols[symbol.name] = merged(earlier, symbol)

    def check_sizes(self) -> None:
        """No name is a size and something else; a size is a whole number anyway."""
        sizes = {name for s in self.said.symbols.values() for name in size_names(s)}
        for name in sizes & self.said.symbols.keys():
            if self.said.symbols[name].kind == "scalar":
                del self.said.symbols[name]
        for name in self.said.symbols:
            if name in sizes:
                place = re.search(rf"\b{re.escape(name)}\b", self.where)
                error = ParseError(f"`{name}` is declared, and is a size too", hint="use another name for one of them")
                raise error.at(self.where, *(place.span() if place else (0, 1)))


def check_name(name: str, place: int) -> None:
    check_length(name, place)
    if name in RESERVED or name in FOREIGN:
        raise ParseError(f"`{name}` is reserved: it is {RESERVED.get(name, 'no name of a variable')}")


def _is_defined_through(name: str, function: str) -> bool:
    """Whether a name may be defined by its square, as Greek letters are, or by its inverse, as matrices are."""
    if name in FUNCTIONS:
        return False
    return is_greek(canonical(name)) if "sqrt" in function else function != "inv" or name[0].isupper()


def _indexed(name: str, body: str) -> tuple[str, tuple[str, ...]]:
    """A defined name and its indices: those letters below it that are indices of others in its formula.

    >>> _indexed("p_i", "sigmoid(w'*x_i)"), _indexed("r_ik", "x_i'*mu_k"), _indexed("g_bar", "g_bar"), _indexed("x_0", "y - 1")
    (('p', ('i',)), ('r', ('i', 'k')), ('g_bar', ()), ('x_0', ()))
    """
    stem, _, index = name.rpartition("_")
    places = re.findall(r"_\{?[a-z,]+|\[\s*[a-z]\b|\^\s*\{?\s*\(\s*[a-z](?=\s*\))", body)  # x_i, x[i], x^{(i)}
    below = [found.strip("^_{[( ") for found in places]
    counts = len(index) == 1 or re.fullmatch("[i-n]{2}", index) and index != "in"  # ij; but the bar of x_bar = y_bar
    letters = {letter for found in below if found != index or counts for letter in found}
    indexed = stem and re.fullmatch("[a-z]+", index) and set(index) <= letters
    return (stem, tuple(index)) if indexed else (name, ())


def _no_name(entry: str, first: int) -> MatcalcError:
    if entry[0].isdigit() or entry[0] == "_":
        return failing("a name begins with a letter", (first, first + 1))
    shown = "the word `and`" if entry.startswith("and") else describe(entry[0])
    return failing(f"a declaration begins with a name, not {shown}", (first, first + 1))
