"""Function or factor: what a name before a parenthesis is, decided in one place, and the calls of other languages."""

from __future__ import annotations

import re

from matcalc.errors import MatcalcError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.operators import CONSTANTS, FUNCTIONS, OPERATORS, REFUSED
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.latex.commands import GREEK_FUNCTIONS, GREEK_MEANINGS, GREEK_WORDS
from matcalc.reading.letters import FOREIGN, FUNCTION_LETTERS, WEIGHTS, is_greek, one_name
from matcalc.reading.spellings import STACKS, meant, of_library, without_keywords
from matcalc.reading.sums import Sums, ranged
from matcalc.reading.tree import WORDS, Node, called, failing, left_leaf

FACTORS = frozenset(
    ("alpha", "beta", "gamma", "lambda", "mu", "nu", "tau", "eta", "epsilon", "varepsilon")
)  # scalars by custom, and no functions
DATA = frozenset("abcnty")  # before a sum in parentheses: the y of y(w'x + b)
PARAMETERS = frozenset(("theta", "phi", "psi"))  # of networks: ε_θ(…)
FEATURES = frozenset(("phi", "varphi", "psi", "Phi", "Psi"))
TRANSPOSED = r"(?:['′ᵀ⊤]|\^\s*(?:T|⊤|\\top|\\intercal|\{\s*(?:T|⊤|\\top|\\intercal)\s*\}))\s*\*?\s*$"
_LETTERS_BEFORE = {False: re.compile(r"(?<![\w\\])[a-z]\s+$"), True: re.compile(r"(?<![A-Za-z\\_^])[a-z]+(?:\s|\\[,;!])*$")}
_LOGGED = re.compile(r"(?<![^\W_])(?:log|ln)\s*[(\[{]?\s*(?:1\s*[-−]\s*)?(?:σ|sigma)\(")  # the σ of log σ(z) and log(1 - σ(z))
_SCALE = re.compile(r"/[\s(\d*]*(?:σ|sigma)(?:\(|²)|(?:σ|sigma)(?:[²^]|\([^()]*\)\s*[²^*])")
_GAMMA = re.compile(r"(?<!['′ᵀ⊤Tp])(?:\\Gamma|Γ)\s*(?:\\left|\\[bB]igg?l?)?\s*\(|(?:lgamma|gammaln|loggamma|digamma)\s*[({}]")
_ENTRY = re.compile(r"\}?\s*(?:_|\[|[₀-₉ᵢⱼₖₗₘₙₜ])")  # behind w_i (S w)_i
_RAISED = re.compile(r"\s*(?:\^|\*\*|[²³'′’ᵀ⊤])")
UNICODE_FUNCTIONS = {op.unicode: op.name for op in OPERATORS.values() if re.fullmatch(r"[^\W\d]+_\w+", op.unicode)}  # λ_max
GRADIENTS = frozenset(("grad", "jac", "hess"))


def stacked(word: str, arguments: tuple[Node, ...], start: int, end: int) -> Node:
    """Blocks beside one another, below one another, or along the diagonal; NumPy's lists of them too."""
    if len(arguments) == 1 and arguments[0].kind in ("group", "blocks"):
        arguments = arguments[0].parts
    if not arguments:
        raise failing(f"{word} of what?", (start, end), f"{word}(A, B)")
    if word in ("blkdiag", "block_diag"):
        n = len(arguments)
        parts = tuple(a if i == j else Node("number", (), a.start, a.end, 0) for i, a in enumerate(arguments) for j in range(n))
        return Node("blocks", parts, start, end, n)
    return Node("blocks", arguments, start, end, len(arguments) if word == "hstack" else 1)


def is_behind_letters(text: str, at: int, latex: bool) -> bool:
    r"""Whether a small letter that is a factor stands right before a place, in plain text apart.

    >>> [is_behind_letters(text, len(text), "\\" in text) for text in (r"\frac12 mg", "m g ", "log ", r"\log ", r"\sum_i ")]
    [True, True, False, False, False]
    """
    return _LETTERS_BEFORE[latex].search(text, 0, at) is not None


class Functions:
    """The functions of one text."""

    def __init__(self, e: Elaboration, sums: Sums) -> None:
        self.sums, self.e, self.text, self.scope, self.latex, self.note = sums, e, e.text, e.scope, e.latex, e.note

    def called(self, name: Node, arguments: tuple[Node, ...], start: int, end: int) -> Node | None:
        """A call as other languages write it: by another name, with keywords, along an axis; nothing where it is none of these."""
        word = name.value
        if word in self.scope.kinds:
            return None
        if word in STACKS:
            return stacked(word, arguments, start, end)
        stated, (arguments, axis, kept) = arguments, without_keywords(word, arguments)
        ours = stated != arguments or name.start == name.end  # with keywords, or a method
        method = name.start == name.end or self.text[: name.start].endswith(".")  # X.dot(w), np.dot(X, w)
        other = word == "dot" and (method or len(arguments) == 3)  # A.dot(x) is a product in NumPy, dot(x, A, y) of Julia a form
        if word == "diff" and len(arguments) == 2 and not ours and not method and arguments[1].kind == "number":
            raise failing("differences of differences, or over more than one step?", name, "write diff(diff(x)) for the second ones")
        factor = word == "t" and self.latex  # t (x^2 - 1): the transpose of R is one of plain text
        row = None if factor else meant(word, arguments, word in FUNCTIONS and not other)
        if row is not None:
            return called(*row, start, end)
        if everywhere := of_library(word):  # cp.norm(X, "fro")
            again = Node("name", (), name.start, name.end, everywhere)
            return self.called(again, stated, start, end) or called(everywhere, arguments, start, end)
        if axis is not None:
            return Node("along", arguments, start, end, (word, axis, "", kept))
        if ours and word in FUNCTIONS:
            return Node("call", arguments, start, end, (word, 0))
        return None

    def call(self, leaf: Node, group: Node, primes: int, closed: bool) -> Node | None:
        """The call of a function before a group; nothing where that is a factor."""
        start, end = leaf.start, group.end
        if leaf.kind == "function":
            return Node("call", (*group.parts, *leaf.parts), start, end, (str(leaf.value), primes))
        if leaf.kind == "nabla":
            return self.gradient(leaf, group)
        name = leaf.value
        if group.value == "mid":
            return self.density(leaf, group)
        if name in ("Gamma", "Γ") and "Gamma" not in self.scope.kinds and self.behind_transposed(leaf):  # (x - y)'Γ(x - y)
            return None
        typed = not self.latex and self.text.startswith("gamma", leaf.start)  # as programs call it; γ is any letter
        if (name in ("Gamma", "Γ") or name == "gamma" and typed) and name not in self.e.alone and len(group.parts) == 1 and not primes:
            letter = "gamma" if typed else "Gamma"
            if letter not in self.scope.kinds:
                what = "any function is declared: gamma: elementwise" if typed else "a matrix is declared: Gamma: (m, n)"
                self.note(f"{'gamma' if typed else 'Γ'}(…) is read as the gamma function; {what}")
                return called("exp", (called("lgamma", group.parts, start, end),), start, end)
        if name in GRADIENTS and closed and len(group.parts) == 1 and group.parts[0].kind == "name" and name not in self.scope.kinds:
            return Node("nabla", (), start, end, (name, group.parts[0].value))
        if name in ("sum", "prod", "Sum", "Product") and len(group.parts) - 1 == len(ranged(group)) > 0:
            limits = self.sums.of_call(group)._replace(what="sum" if name in ("sum", "Sum") else "prod")
            return self.sums.over(limits, group.parts[-1], start)
        if not primes and self.stands_for_itself(leaf, group):
            shown = self.text[start : leaf.end] + self.text[group.start : end]
            self.note(f"{shown} is read as {name}: {self.text[group.start + 1 : end - 1].strip()} stands nowhere else")
            return Node("name", (), start, end, name)
        stem, _, index = name.rpartition("_")
        bound = self.e.within.get(group, frozenset()) if index else frozenset[str]()
        if self.scope.kinds.get(name) == "function" and not bound.isdisjoint(index):
            shape = self.scope.said.symbols[name].shape
            hint = f"declare {stem}: (n) -> (m), whose entries are {stem}_{index}(x); or " * (shape == (1, 1)) + f"define it: {name}(u) = …"
            raise failing(f"`{name}` is declared as one function, but there is one for each {index} here", leaf, hint)
        if index and name not in self.scope.kinds and self.e.has_entries(stem):  # g_i(x), an entry of g(x)
            whole = Node("call", group.parts, start, end, (stem, primes))
            letters = [int(index)] if index.isdigit() else [*index]
            places = tuple(self.e.place(i, bound) if isinstance(i, str) and bound else i for i in letters)
            return Node("item", (whole,), start, end, places)
        made = None if primes else self.called(leaf, group.parts, start, end)
        turned = primes and self.transposes(name)
        function = "" if made else name if turned and name in DATA else self.function(leaf, group)
        if turned and function == name:
            self.note(f"{name}' is read as a transpose; the derivative of a function {name} needs its declaration, {name}: elementwise")
            return None
        return Node("call", group.parts, start, end, (function, primes)) if function else made

    def behind_transposed(self, leaf: Node) -> bool:
        """Whether a transposed factor stands right before."""
        return re.search(TRANSPOSED, self.text[: leaf.start]) is not None

    def transposes(self, name: str) -> bool:
        """Whether a prime between a name and a parenthesis transposes: c'(x - y), of a name that is nowhere a function."""
        known = name in FUNCTIONS or name in self.scope.kinds or self.e.is_defined(name) or name in self.e.called_names
        return not known and (len(name) == 1 or is_greek(name)) and one_name(name) not in FUNCTION_LETTERS

    def _is_size(self, part: Node) -> bool:
        product = part.kind == "product" and all(map(self._is_size, part.parts))
        return product or part.kind == "number" or part.kind == "name" and self.scope.kinds.get(part.value) == "size"

    def density(self, name: Node, group: Node) -> Node:
        """N(x | mu, Sigma), the normal density; other densities are not known."""
        normal = name.value == "N" and self.scope.kinds.get("N", "size") == "size"
        if (name.value in self.scope.said.densities or normal) and len(group.parts) == 3:
            x, mean, variance = group.parts
            if mean.word == "0" or mean.kind == "number" and mean.value == 0:
                mean = called("vector", (Node("number", (), mean.start, mean.end, 0),), mean.start, mean.end)
            group.parts = x, mean, variance
            return called("normalpdf", group.parts, name.start, group.end)
        message = f"`{self.text[name.start : group.end]}` is a density that is not known"
        raise failing(message, name, "write its formula, or declare N: normal density for N(x | mu, Sigma)")

    def gradient(self, leaf: Node, group: Node) -> Node:
        word, name = leaf.value if isinstance(leaf.value, tuple) else (leaf.value, "")
        if not name and leaf.parts[0].kind == "symbol":
            letter = leaf.parts[0].value
            name = self.e.resolved(letter, letter.accents) or str(letter)
        if len(group.parts) != 1 or not name:
            raise unfinished(leaf, self.text)
        return Node("gradient", group.parts, leaf.start, group.end, (word, name))

    def function(self, name: Node, group: Node) -> str:
        """The function that a name before a group is, or nothing: the one place where this is decided."""
        word: str = name.value
        kinds = self.scope.kinds
        kind = kinds.get(word)
        if kind in ("elementwise", "function"):
            return str(word)
        one = len(group.parts) == 1 and group.parts[0].kind in ("name", "symbol")
        times = " \\cdot " if self.latex else "*"
        spaced = self.latex and self.text[name.end : group.start] != ""
        letter = "varphi" if word == "phi" and self.beside_normal() else one_name(word)
        meant_so = (
            kind is None and self.beside_gamma(name, group) if letter == "psi" else self.latex or kind is None and self.is_logistic(letter)
        )
        greek = GREEK_FUNCTIONS.get(letter, "") if meant_so else ""
        shown = self.text[name.start : group.end]
        if kind is None and one_name(word) in FEATURES and len(group.parts) == 1 and left_leaf(group.parts[0])[0].word:
            if self.behind_transposed(name) or re.match(r"\s*(?:'|\^\s*\{?\s*(?:T|\\top|\\intercal)\b)", self.text[group.end :]):
                hint = f"declare {word}: (d) -> (M) for a vector of features, or {word}: elementwise"
                raise failing(f"is `{shown}` a vector of features?", name, hint)
        if word == "K" and len(group.parts) == 2 and (kind is None or all(map(self._is_size, group.parts))):
            parts = ("subscript", "indexed", "item", "slice", "transpose")
            told = all(map(self._is_size, group.parts)) or re.search(r"vec|⊗|otimes|kron", self.text)
            if not told or any(p.kind in parts or p.kind == "symbol" and p.value.font == "bold" for p in group.parts):
                hint = 'define it: where="K(u, v) = …"; K_{m,n} is the commutation matrix'
                raise failing("is `K(…)` a function of two arguments?", name, hint)
            return "commutation"  # also beside a matrix K: what it would be times a pair of sizes is nothing
        if kind is not None:
            if word in FUNCTIONS or greek and not spaced:
                message = f"`{word}` is declared as a {kind}, and is a function too"
                raise failing(message, name, f"write {word}{times}(…), or use another name")
            if kind != "size" and not word[0].isupper() and one and not spaced:
                shown = self.text[group.parts[0].start : group.parts[0].end]
                hint = f"write {word}{times}{shown} for the product, or declare {word}: elementwise"
                raise failing(f"`{word}` is a {kind}, but is applied like a function", name, hint)
            if kind == "matrix" and self.parameter(group):
                self.check_depends(name, word, group)
            self.check_number(name, group)
            return ""
        if greek and word not in self.e.alone:
            if word in self.scope.said.definitions:
                hint = f"write {word} \\cdot (…) for the product; a function is defined with its argument: {word}(u) = …"
                raise failing(f"`{word}` is defined as a formula, but is applied like a function", name, hint)
            sign = "\\" * self.latex + word
            self.note(f"{sign}(…) is read as {GREEK_MEANINGS[letter]}; to mean any function, declare {word}: elementwise")
            return greek
        if word in UNICODE_FUNCTIONS:
            return UNICODE_FUNCTIONS[word]
        if word in FUNCTIONS and word not in CONSTANTS:
            return str(word)
        if word in REFUSED:
            raise failing(f"{word} {REFUSED[word]}", name, kind=UnsupportedError)
        if word[0].isupper() and len(word) > 1 and "_" not in word and word.lower() in FUNCTIONS:
            self.note(f"{word} is read as {word.lower()}")
            return str(word.lower())
        self.check_depends(name, word, group)
        if word[0].isupper() or word in self.e.alone:
            self.check_number(name, group)
            if not word[0].isupper() and (one or greek):
                hint = f"write {word}{times}(…), or declare {word}: elementwise, or {word}: (n) -> () of a vector"
                raise failing(f"is `{word}` a variable or a function?", name, hint)
            measured = len(group.parts) == 1 and group.parts[0].kind in ("bars", "norm") and group.value is None  # V(|r_i - r_j|)
            if (len(group.parts) > 1 or measured) and group.value is None:
                letters = ", ".join([c for c in "uvwxyz" if c != word][: len(group.parts)])
                hint = f'define it: where="{word}({letters}) = …"'
                raise failing(f"is `{word}(…)` a function{'' if measured else f' of {len(group.parts)} arguments'}?", name, hint)
            written = len(word) > 3 and word[1:].islower() and word not in self.e.alone  # Symmetric(A)
            if word[0].isupper() and (self.latex or written) and len(word) > 1 and word.isalpha() and word not in GREEK_WORDS:
                raise self.unknown(name, f"An abstract function is declared: {word}: elementwise")
            return ""
        if word in CONSTANTS:
            return ""
        if word.startswith("log_"):
            if word[4:] in ("2", "10"):
                return f"log{word[4:]}"
            hint = f"log(x)/log({word[4:]}); a function of that name is declared: {word}: elementwise"
            raise UnsupportedError(f"`{word}` is the logarithm to another base?", hint=hint, start=name.start, end=name.end)
        summands = len(group.parts) == 1 and group.parts[0].kind == "sum"
        single = one or len(group.parts) == 1 and group.parts[0].kind == "subscript"
        stem, _, index = word.rpartition("_")
        custom = one_name(word.partition("_")[0]) in FACTORS or word in WEIGHTS
        factor = (custom or self.is_coefficient(name, group)) and not single
        if stem and factor and one_name(index) in PARAMETERS and index not in self.e.alone:
            hint = f"declare {word}: (n) -> ({'n' if stem in self.e.alone else 'm'}), {word}: elementwise or {word}: scalar"
            if len(group.parts) > 1:
                hint = f'define it: where="{word}({", ".join("uvwxyz"[: len(group.parts)])}) = …"'
            raise failing(f"is `{self.text[name.start : name.end]}` a function, with {index} its parameters?", name, hint)
        if factor or summands and self.multiplies(name, group):
            self.note(f"{word} is read as a factor of what stands in parentheses; a function is declared: {word}: elementwise")
            return ""
        if one_name(index) in map(one_name, self.scope.by):  # h_\theta(x) by \theta
            hint = f'define it: where="{word}({", ".join("xyzuvw"[: len(group.parts)])}) = …"'
            raise failing(f"how does `{shown}` depend on {index}?", name, hint)
        of_array = stem in self.e.alone and stem not in self.e.sizes  # but the k_1 of k_1(x), beside a sum to k
        if len(index) == 1 and of_array and not single:  # the entry w_j of w, before what it multiplies
            return ""
        if word in FOREIGN:
            raise failing(f"`{word}` is no name of the language", name, kind=UnknownNameError)
        near = did_you_mean(word, [f for f in FUNCTIONS if len(f) > 3]) if len(word) > 3 and not is_greek(word) else ""
        if near and _close(word, near.split("`")[1]):
            raise self.unknown(name, f"{near} An abstract function is declared: {word}: elementwise")
        return word

    def beside_normal(self) -> bool:
        r"""Whether \Phi stands before an argument somewhere, as the normal distribution function: \phi is its density."""
        called = re.search(r"(?:\\Phi|Φ)\s*(?:\\left|\\[bB]igg?l?)?\s*\(", self.text)
        return called is not None and "Phi" not in self.scope.kinds and "Phi" not in self.e.alone

    def beside_gamma(self, name: Node, group: Node) -> bool:
        """Whether the gamma function stands somewhere: the ψ before a group, if nowhere else, is its logarithmic derivative.

        Raises ParseError for ψ(α) without it, which may be the same.
        """
        if name.value in self.e.alone:
            return False
        if _GAMMA.search(self.text) is not None and not {"Gamma", "Γ"} & {*self.scope.kinds, *self.e.alone}:
            return True
        typeset = self.latex or not name.value.isascii()
        if (
            typeset
            and len(group.parts) == 1
            and one_name(left_leaf(group.parts[0])[0].word.lstrip("\\") or "_").partition("_")[0] == "alpha"
        ):
            shown = "\\operatorname{digamma}" if self.latex else "digamma"
            hint = f"write {shown}(…) if it is; else declare {name.value}: elementwise"
            raise failing(f"is `{self.text[name.start : group.end]}` the digamma function?", (name.start, group.end), hint)
        return False

    def is_logistic(self, letter: str) -> bool:
        """Whether a σ of plain text is the logistic function: a log is taken of it, and it is no scale, divided by or squared."""
        return letter == "sigma" and _LOGGED.search(self.text) is not None and _SCALE.search(self.text) is None

    def multiplies(self, name: Node, group: Node) -> bool:
        """Whether a letter before a sum in parentheses is a factor: y_i(w'x_i + b), the k of k(x - x_0)^2, the l of mgl(1 - cos θ).

        So is what is differentiated by.
        """
        word = name.value
        squared = re.match(r"\s*(?:\^|\*\*|[²³])", self.text[group.end :])
        letter = (len(word) == 1 or is_greek(word)) and one_name(word) not in FUNCTION_LETTERS - {"rho"}
        behind = letter and word.isascii() and is_behind_letters(self.text, name.start, self.latex)
        return re.sub("_[a-z]$", "", word) in DATA or letter and (squared is not None or word in self.scope.by) or behind

    def is_coefficient(self, name: Node, group: Node) -> bool:
        """Whether a letter with an index is one of several factors: it stands apart, as in w_k (x'x), or before a power of a sum."""
        stem, _, index = name.value.partition("_")
        letter = (len(stem) == 1 or is_greek(stem)) and one_name(stem) not in {*FUNCTION_LETTERS, "ell", "varphi"} and len(group.parts) == 1
        apart = not self.latex and self.text[name.end : group.start].isspace()
        raised = group.parts[:1] and group.parts[0].kind == "sum" and _RAISED.match(self.text, group.end) is not None
        return letter and re.fullmatch(r"\d+|[a-z]", index) is not None and bool(apart or raised)

    def parameter(self, group: Node) -> str:
        """The θ of K(θ): a Greek letter that nobody declares and that stands nowhere else; nothing where it is none."""
        part, *more = group.parts or (group,)
        theta = part.word.lstrip("\\")
        known = more or theta in self.scope.kinds or self.e.elsewhere[part.word] or theta in self.e.within.get(group, ())
        return theta if theta and is_greek(theta) and not known else ""

    def stands_for_itself(self, name: Node, group: Node) -> bool:
        """Whether K(θ) is K, by K or another variable than θ, which stands nowhere else."""
        word, theta = name.value, self.parameter(group)
        called = self.scope.kinds.get(word, "matrix") not in ("matrix", "vector") or word in FUNCTIONS or self.e.is_defined(word)
        by = {one_name(n) for n in self.scope.by}
        return not called and bool(theta and by) and one_name(theta) not in by and (one_name(word) in by or word[0].isupper())

    def takes(self, name: Node, group: Node, turned: bool) -> bool:
        """Whether the θ of a^H(θ) and of A^{-1}(θ) is their argument: it stands in parentheses alone, or a is a function or of features.

        `turned` says that it is a transpose.  Raises ParseError where a(θ) would be asked about, and for the power σ^2(θ).
        """
        word, (part, *more) = name.value, group.parts or (group,)
        theta, kind = part.word, self.e.kind(self.e.resolved(word))
        if kind in ("elementwise", "function"):
            return turned and name.kind == "name"
        if word[0].isupper() or name.kind == "indexed":
            if name.kind == "name" and self.parameter(group):
                return True
            if not kind:
                self.check_depends(name, word, group)
            return False
        if more or not theta or kind or word in self.e.alone or theta in {*self.scope.kinds, *self.e.within.get(group, ())}:
            return False
        features, alone = one_name(word) in FEATURES, is_greek(theta) and self.e.elsewhere[theta] <= self.e.arguments[theta]
        if not turned and not features and is_greek(word) and (alone or one_name(theta) in map(one_name, self.scope.by)):
            hint = f'define it: where="{word}(u) = …"; in a product write {theta} without parentheses'
            raise failing(f"is `{self.text[name.start : group.end]}` a function?", (name.start, group.end), hint)
        return features or turned and alone

    def check_depends(self, name: Node, word: str, group: Node) -> None:
        """Raises ParseError for the K(θ) that is no product, as θ stands nowhere else or is the variable, and for f_i(x) by x."""
        leaves = [left_leaf(part)[0].word * (part.kind in (*WORDS, "subscript")) for part in group.parts or (group,)]
        names = [part.word or self.text[part.start : part.end].replace("\\", "") for part in group.parts]
        by = any(one_name(n) in map(one_name, self.scope.by) for n in names[:1])
        between, before = self.text[name.end : group.start], self.text[name.start - 1 : name.start]
        beside = (not between.strip() if self.latex else not between) and before not in ("'", "′", "^", ".")
        of_many = name.kind == "indexed" and len(names) == 1 and not _ENTRY.match(self.text, group.end)
        stem = word.lstrip("\\").partition("_")[0]
        squared = re.match(r"\s*(?:\^|\*\*|[²³])", self.text[group.end :])  # g_i (x_i - y)^2
        of_any = not squared and stem in FUNCTION_LETTERS - {"sigma"} | {"ell"}
        apart = (*WORDS, "subscript", "superscript", *("product", "sum", "minus") * of_any)  # f_i(x_i), f_i(A x - b); but y_i(w'x_i - b)
        single = len(names) == 1 and by or of_many and group.parts[0].kind in apart
        indexed = single and "_" in word and not word.startswith("log_")
        tight = not between and word not in self.e.alone | self.scope.by and not self.behind_transposed(name)
        step = tight and word.lower() in FUNCTION_LETTERS and len(names) == 1 and _is_step(group.parts[0])
        if (all(leaves) or indexed or step) and beside and (word[0].isupper() or indexed):
            of_entry = step or names[:1] != leaves[:1] or "_" in leaves[0]  # H(t_i)
            if len(names) > 1 or by or indexed or of_entry or not self.e.elsewhere[leaves[0]]:
                shown = self.text[name.start : group.end] if step else f"{word}({', '.join(names)})"
                stem, _, index = word.lstrip("\\").partition("_")
                hint = f'define it: where="{shown} = …"; or declare {word}: (n, n), and write {word}*{names[0]} for a product'
                if step:
                    hint = f'define it: where="{word}(u) = …"; or declare {word}: (n, n) for a product'
                if indexed and stem != word:
                    hint = f'define it: where="{stem}_{index}(u) = …"; for a product declare {stem}: (n)'
                raise failing(f"is `{shown}` a function? What {word} depends on is not known", (name.start, group.end), hint)

    def check_number(self, name: Node, group: Node) -> None:
        """Raises ParseError for the Y(0) of a Y that is no function: nobody writes the number that multiplies it behind it."""
        (part, *more) = group.parts or (group,)
        number = part.parts[0] if part.kind == "minus" else part
        if not more and number.kind == "number":
            shown, index = self.text[name.start : group.end], self.text[part.start : part.end]
            own = f"{name.value}_{index}" if index.isdigit() else f"{name.value}_1"
            hint = f"write {own} for a name of its own, {index} {name.value} for the product, {name.value}[i,j] for an entry"
            raise failing(f"is `{shown}` a value of {name.value}, or a product?", (name.start, group.end), hint)

    def unknown(self, name: Node, hint: str) -> MatcalcError:
        return failing(f"no function is called `{name.value}`", name, hint, kind=UnknownNameError)

    def is_function(self, word: str) -> bool:
        """Whether a name is a function of the language, which may stand without parentheses."""
        known = word in FUNCTIONS and word not in self.scope.kinds and word not in CONSTANTS
        return known and not FUNCTIONS[word].sizes and not self.e.is_variable(word)


def _is_step(part: Node) -> bool:
    """Whether it is a name and what is added to it, as functions are developed: the x + d of F(x + d)."""
    first = part.parts[0] if part.kind == "sum" and min(part.value) > 0 else part
    return first is not part and first.kind in (*WORDS, "subscript") and not left_leaf(first)[0].word[:1].isupper()


def _close(word: str, known: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, word, known).ratio() >= 0.8


def unfinished(node: Node, text: str) -> MatcalcError:
    """The error of a node that lacks what belongs to it."""
    shown, word = text[node.start : node.end], node.value
    said = {
        "function": (f"the function `{word}` needs its argument right after it: {word}(x), {word}(x)^2", ""),
        "mark": (f"`{shown}` is a superscript", "X^{\\top}   X^{\\dagger}"),
        "big": (f"`{shown}` of what?", ""),
        "nabla": ("expected a function after `∇`: ∇f(X)", "the differences of a signal are D x, with their matrix D; or diff(x)"),
    }
    message, hint = said[node.kind]
    return failing(message, node, hint)
