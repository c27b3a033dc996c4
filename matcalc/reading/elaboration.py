"""One text while it is elaborated: what its names are, which indices stand around them, and what there is to say about it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from matcalc.errors import ParseError
from matcalc.expr.dims import Dim, Size, symbol
from matcalc.limits import MOST_NESTED_SIZES
from matcalc.operators import FUNCTIONS
from matcalc.reading.latex.commands import BESIDE, FUNCTION_WORDS, VARIANTS
from matcalc.reading.latex.tree import spelled
from matcalc.reading.letters import GREEK, one_name
from matcalc.reading.places import At, Label, Place
from matcalc.reading.scope import Scope
from matcalc.reading.symbols import plus
from matcalc.reading.tree import TIMES, WORDS, Node, Operator, failing, juxtaposed, left_leaf

UNFOLDING = re.compile(r"_\s*\{\s*\(\s*[\dn]\s*\)\s*\}")  # X_{(1)}
VARIABLES = frozenset("adj cov mean std var".split())
ALONE = frozenset("diff dot inner outer step trace vec".split())  # variables too, before no argument; answers seldom use these
_PLACE = re.compile(r"([^\W\d_])(?:([+-])(\d+))?")


@lru_cache(maxsize=1024)
def key_of(name: str) -> tuple[str, str]:
    """A name's letter and index, alike for all its spellings.

    >>> key_of("x_1") == key_of("x1") == ("x", "1"), key_of("μ_k"), key_of("loss")
    (True, ('mu', 'k'), ('loss', ''))
    """
    name = unicodedata.normalize("NFKC", name)
    match = re.fullmatch(r"([^\W_]*?[^\W\d_])_?(\d+)", name)
    stem, index = match.groups() if match else name.split("_", 1) if "_" in name.strip("_") else (name, "")
    return spelled(stem), spelled(index)


class Elaboration:
    """One text: what is known of its names, and what there is to say about it."""

    def __init__(self, text: str, scope: Scope, notes: list[str], latex: bool = False, entrywise: bool = False) -> None:
        self.text, self.scope, self.notes, self.latex = text, scope, notes, latex
        self.entrywise = entrywise  # whether * / and powers go entry by entry, as in NumPy
        self.unfolded = latex and UNFOLDING.search(text) is not None
        self.alone: set[str] = set()  # names that stand by themselves somewhere
        self.elsewhere: Counter[str] = Counter()  # how often a name stands, but for the θ of K(θ)
        self.arguments: Counter[str] = Counter()  # how often of these alone in parentheses behind a small letter: the θ of a(θ)
        self.counted: Counter[str] = Counter()  # how often a name stands alone in bars, as the D of |D|
        self.of_sets: set[str] = set()  # the sizes that say how many are in a set
        self.called_names: set[str] = set()  # those before a parenthesis, without a prime
        self.within: dict[Node, frozenset[str]] = {}  # per name, the indices that the sums around it bind
        self.ranges: dict[str, slice[Any, Any, Any]] = {}  # 2:n, as sizes
        self.sizes: set[str] = set()  # the names in limits of sums
        self.declared: dict[tuple[str, str], list[str]] = {}
        for name in scope.kinds:
            self.declared.setdefault(key_of(name), []).append(name)

    def note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    # --- names -------------------------------------------------------------------------------------------------------

    def resolved(self, stem: str, index: str = "") -> str | None:
        """The declared name of this letter and index; x with the index i is no ξ."""
        for key in ((stem, index), (VARIANTS.get(stem, stem), index), (stem + index if stem + index not in GREEK else "", "")):
            names = self.declared.get(key)
            if names:
                if len({one_name(n) for n in names}) > 1:
                    raise ParseError(f"{' and '.join(names)} are written alike in LaTeX", hint="give one of them another name")
                return names[0]
        return None

    def kind(self, name: str | None) -> str:
        return self.scope.kinds.get(name, "") if name else ""

    def is_defined(self, name: str) -> bool:
        """Whether a name is defined with parameters."""
        definition = self.scope.said.definitions.get(name)
        return definition is not None and definition.parameters is not None

    def has_entries(self, name: str) -> bool:
        """Whether the g_i of a g is an entry of its value: it is defined with parameters, or declared a function with vectors as values."""
        symbol = self.scope.said.symbols.get(name)
        return self.is_defined(name) or symbol is not None and symbol.kind == "function" and symbol.shape != (1, 1)

    def is_variable(self, word: str) -> bool:
        """Whether a name of programs, as cov in w'*cov*w, or one that is defined is none of a function here: it is called nowhere."""
        definition = self.scope.said.definitions.get(word)
        defined = definition is not None and definition.parameters is None
        if self.latex or word in self.called_names or not (defined or word in VARIABLES | ALONE):
            return False
        argument = r"\(" if defined or word in VARIABLES else r"[\w(\[|‖∥\\∇√½]"
        if re.search(rf"(?<!\w){word}\s*{argument}", self.text):
            return False
        self.note(f"{word} is read as a variable: no argument follows it")
        return True

    def takes_index(self, word: str) -> bool:
        """Whether a name before (t), of an index t, is an array, and no function."""
        kind = self.scope.kinds.get(self.resolved(word) or word)
        known = word in FUNCTIONS or word in FUNCTION_WORDS or self.is_defined(word) or word == "Gamma"
        return kind in ("vector", "matrix", "family") or kind is None and not known and (len(word) == 1 or word.lower() in GREEK)

    # --- indices and sizes -------------------------------------------------------------------------------------------

    def spelled(self, node: Node) -> list[str]:
        """The indices that a part of a script says: numbers, names and ":"."""
        kind, value = node.kind, node.value
        if kind == "function":
            return [value.accents]
        if kind in WORDS:
            return [node.word]
        if kind == "number":
            return [str(value)]
        if kind == "mark" and value not in "/@∙•×⊙∘⊘⊗":
            return [":" if value in (":", "*", "\\cdot", "\\ast", "·", "⋅") else value.lstrip("\\")]
        if kind == "range":
            first, last = (self.spelled(p)[0] for p in node.parts)
            self.ranges[f"{first}:{last}"] = slice(*map(self.size, node.parts))
            return [f"{first}:{last}"]
        if kind in ("indices", "dotted") or kind == "relation" and value in ("|", "\ue005", "\\mid"):
            return [*([":"] * (kind == "dotted")), *(s for p in node.parts for s in self.spelled(p))]
        if kind == "sum" or kind == "product":
            out = [""]
            for i, part in enumerate(node.parts):
                if kind == "product" and i and value[i - 1].text in ("\\times", "×"):
                    out.append("")
                elif i and part.kind == "group" and part.value != "{}" and len(part.parts) == 1 and part.parts[0].kind in WORDS:
                    out[-1] += "_"  # the c(i) of a label
                elif i and (kind == "sum" or value[i - 1].text):
                    out[-1] += "*" if kind == "product" else "+" if value[i] > 0 else "-"
                out[-1] += self.spelled(part)[-1]
            return out
        if kind == "group" and len(node.parts) == 1:  # X_{(1)}
            return self.spelled(node.parts[0])
        if kind == "subscript" or kind == "superscript" and value[0].kind == "group" and value[0].value != "{}":  # c_i and c^{(i)}
            return ["_".join([*self.spelled(node.parts[0]), *(s for p in node.value for s in self.spelled(p))])]
        raise failing("an index is a number, a letter or a word", node, "x_i   X_{i,j}   X_{:,j}   x_{\\max}")

    def spelled_all(self, script: Node) -> list[str]:
        """The indices of a subscript; Greek ones that a sum binds are apart, as in D_{\\mu\\nu}."""
        bound = self.within.get(script, frozenset())

        def greek(part: Node) -> bool:
            return part.kind == "product" and any(len(n.word) > 1 for n in part.parts) and bound.issuperset(n.word for n in part.parts)

        apart = [p.parts if greek(p) else (p,) for p in script.value]
        return [s for parts in apart for part in parts for s in self.spelled(part)]

    def place(self, text: str, bound: frozenset[str]) -> Place:
        """The place that an index says: the index of a sum, a label, a number, a row or column, or a symbolic index."""
        if text == ":" or text in self.ranges:
            span: slice[Any, Any, Any] = self.ranges.get(text, slice(None))
            return span
        if text.isdigit():
            return int(text)
        if text in self.scope.said.integers and self.scope.kinds.get(text) == "scalar":
            return text
        match = _PLACE.fullmatch(text)
        if text in bound:  # mu, too
            return At(text)
        if match and match[2] and match[1] not in bound and self.kind(self.resolved(match[1])) == "size":
            return plus(symbol(match[1]), int(match[2] + match[3]))
        if match and (match[1] in bound or match[2]):
            return At(match[1], int((match[2] or "+") + (match[3] or "0")))
        stem, _, index = text.partition("_")
        name = self.resolved(stem) if index else None
        if name in self.scope.said.integers:
            inside = self.place(index, bound)
            assert name is not None and not isinstance(inside, (slice, Label, Dim))
            return Label(name, inside)
        if index in bound:
            raise ParseError(f"the index {text} is no label that is declared", hint=f"declare {text}: integer, {index} = 1..n")
        return self.resolved(*key_of(text)) or text

    def size(self, node: Node) -> Size:
        """A limit, or an end of a range of rows, as a size: n, N − 1, 3.  The names in it are sizes from now on."""
        made = as_size(node, lambda leaf: self.count(leaf.parts[0]) if leaf.kind == "bars" else self._size_named(leaf))
        if made is None:
            raise failing("the upper limit of a sum is a number or a name", node, "\\sum_{i=1}^{n}")
        return made

    def count(self, of: Node) -> Size | None:
        """How many are in a set, |D|: a size that is called as the set is; raises ParseError where something else is called so."""
        size = self._size_named(of) if of.kind in (*WORDS, "subscript") else None
        if size is not None:
            self.check_set(of)
            self.of_sets.add(name := self._word(of))
            self.note(f"|{name}| is read as a number, {name}: how many are in it")
        return size

    def check_set(self, of: Node) -> None:
        """Raises ParseError where what is no declared set stands elsewhere than below sums and in bars."""
        word = left_leaf(of)[0].word
        if self.elsewhere[word] > self.counted[word]:
            raise failing(f"is `{word}` a set here, or an array?", of, "write n for how many are in it; or give one of them another letter")

    def counts(self, node: Node) -> str:
        """The size that |D| is, where D is a set that a sum is over; else nothing."""
        sets = {*self.of_sets, *self.scope.said.pairs} if node.kind == "bars" and node.parts[0].kind in (*WORDS, "subscript") else ()
        return word if sets and (word := self._word(node.parts[0])) in sets else ""

    def _word(self, node: Node) -> str:
        return "_".join([left_leaf(node)[0].word, *(self.spelled_all(node) if node.kind == "subscript" else [])])

    def _size_named(self, node: Node) -> Size | None:
        if left_leaf(node)[0].kind not in WORDS:
            return None
        word = self._word(node)
        if word in ("infty", "oo", "inf"):
            raise failing("a sum without end is not supported", node, "write it up to T: \\sum_{t=0}^{T}")
        name = self.resolved(*key_of(word)) or word
        if self.kind(name) not in ("", "size", "family", "scalar"):
            raise failing(f"the upper limit `{name}` is a {self.kind(name)}", node)
        self.sizes.add(name)
        return symbol(name)

    def multiplied(self, factors: list[Node], operators: Sequence[Operator] = ()) -> Node:
        """Factors as their product."""
        if len(factors) == 1:
            return factors[0]
        between = tuple(operators) or tuple(juxtaposed(f, BESIDE * self.latex) for f in factors[1:])
        return Node("product", tuple(factors), factors[0].start, factors[-1].end, between)


def as_size(node: Node, named: Callable[[Node], Size | None], depth: int = 0) -> Size | None:
    """The size that a node is: numbers, what `named` makes of the other leaves, sums and products of these; None where it is none."""
    if node.kind == "number":
        return node.value if isinstance(node.value, int) else None
    if node.kind == "group" and len(node.parts) == 1:
        return as_size(node.parts[0], named, depth)
    if depth == MOST_NESTED_SIZES or node.kind != "sum" and not (node.kind == "product" and all(o.kind == TIMES for o in node.value)):
        return named(node)
    made: Size = 0 if node.kind == "sum" else 1
    for k, part in enumerate(node.parts):
        size = as_size(part, named, depth + 1)
        if size is None:
            return None
        made = plus(made, size * node.value[k]) if node.kind == "sum" else size * made
    return made
