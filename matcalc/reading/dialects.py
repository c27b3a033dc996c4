"""Texts of NumPy, PyTorch, R, Mathematica and Maple in the signs of the language, each character in its place.

``np.`` before a name goes, ``%*%`` and the ``.`` of Mathematica and Maple are ``@``, ``Tr[X]`` is ``Tr(X)``.  What their
functions are called is a table of its own (`matcalc.reading.spellings`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from matcalc.errors import UnsupportedError, did_you_mean
from matcalc.limits import MOST_CHARACTERS
from matcalc.operators import FUNCTIONS
from matcalc.reading.brackets import depths
from matcalc.reading.letters import LOWERED, with_indices
from matcalc.reading.spellings import is_known, of_library
from matcalc.reading.tree import failing

MODULES = "np numpy jnp jax torch tf cp scipy sp sympy special linalg nn functional math F".split()
METHODS = (
    "sum mean trace dot pow norm det logdet inverse inv exp log sqrt abs"
    " var std square mm mv matmul t transpose prod conj conjugate real imag softmax sigmoid relu tanh diag flatten ravel item"
).split()
HEADS = (
    "Tr Log Det Norm Total Transpose Inverse Exp Sqrt Abs Dot Diagonal ConjugateTranspose MatrixExp Tanh Sin Cos Plus Times Sum"
    " Mean ArcTan Sinh Cosh Sign KroneckerProduct MatrixPower LogisticSigmoid"
).split()

_PREFIX = re.compile(
    rf"(?<![\w.])(?:(?:{'|'.join(MODULES)})\.)+(?!T\b)(?=\w+\s*\(|\w+\.\w+|pi\b|inf\b)|(?<![\w.])(?:self\.(?=\w)|as\.(?:numeric|vector|matrix)(?=\())"
)
_KERAS = re.compile(r"(?<![\w.])K\.(?=(?:square|abs|sqrt|exp|log|sum|mean|dot)\(\s*(?!axis)[^\W\d])")
_METHOD = re.compile(rf"\.(?:{'|'.join(METHODS)})\s*\(")
_DOT = re.compile(
    rf"(?<=[\w)\]'])(\s*)\.(?=\s*(?!(?:T|I|{'|'.join(METHODS)})(?![^\W⁰¹²³⁴-⁹ᵀⁿ]))[^\W\d(]|\s*\((?<=\s\())|(?<=[)\]])\.(?=\()|(?<=\s)\.(?=\s)"
)
_TURNED = re.compile(r"(?<![\d(^])(?<!\be)\^t(?!\w)(?:(?=\s*\*?\s*(?:[^\W\d]|\())|(?<=[A-Z]\^t)|(?<=[\w)][ *]\w\^t))")  # x^t y, x x^t
_PARENTHESES = re.compile(  # sum_i [y_i - x_i'w]^2, [1 - y w'x]_+, [x'A x + b'x], but [A B; C D]
    r"((?:∑|Σ(?=[ᵢⱼₖₗₘₙₜₛ])|\bsum_)\S*\s*|[)½¼\d]\s+|(?<![\w)\]}'\s])\s*(?=\[[^\[\]]*\]\s*(?:\^|\*\*|²|_\+|_\{\+|₊))"
    r"|(?:(?<!\w)Σ|(?<![\w()\]}'′’″‴ᵀ⊤⁰¹²³⁴-⁹]))(?=\[[^\[\],;:]*(?:\s[-+−–]\s|[^\s\[({^][-+−–]\S)))\[([^\[\],;:]*)\]"
)
_EVALUATED = re.compile(r"\.(?:doit|simplify|expand|as_explicit|evalf)\(\s*\)")  # SymPy's
_OF_SYMPY = re.compile(r"\.T\s*\*(?!\*)|(?<!\*)\*\s*\w+\.T")
_SYMPY = re.compile(r"\bsympy\.|\bsp\.(?=[A-Z])")
_OF_ARRAYS = re.compile(
    rf"\.(?:{'|'.join(m for m in METHODS if m not in ('trace', 'det', 'inv', 'inverse', 'transpose', 'norm', 'exp'))})\s*\("
)
_WITH_COLONS = re.compile(r"(?<!\w)([^\W\d_]\w*)\((\s*:\s*(?:,\s*\w+\s*)?|\s*\w+\s*,\s*:\s*)\)")  # X(:,1), X(:) of MATLAB
# The signs of sums with an index, and the Σ_i before an operand, that may be one; an index of what is summed; what no sum stands behind.
_SIGNS_OF_SUMS = re.compile(
    r"(∑|\bsum(?=_)|Σ(?=[ᵢⱼₖₗₘₙₜₛ]|_(?:\{[a-z,\s]+\}|[a-z]+)\s*[\w(√\[½∑Σ⟨]))(?:_(?:\{\s*([a-z]\s*,?\s*[a-z]?)(?![^\W_])|([a-z]{1,2})(?![^\W_]))|([ᵢⱼₖₗₘₙₜₛ]))"
)
_HELD = r"_\{{?[a-z\d]?{0}(?!\w{{2}})|\[[^\[\]]*\b{0}\b[^\[\]]*\]|\({0}\)"
_BEFORE_A_MATRIX = r"(?:['’′ᵀ⊤]|\^\s*[{(]?\s*[T⊤]\s*[})]?|\.T|\b(?:log)?det|\b[Tt]r|\btrace|\binv)$"
_TURNED_CAPITAL = re.compile(r"\}?\s*[A-Z](?:['’′ᵀ⊤]|\^\s*\{?\s*[T⊤]|\.T)")  # the A' of A Σ_k A'
# A Σ without an index, with what it may be the sign of a sum of, which is no entry of Σ; what says that it is a matrix, or such a sign.
_BARE = re.compile(r"Σ(?![_₀-₉ₐ-ₜᵢ-ᵥⱼ])(\s*(?![⁰¹²³⁴-⁹ᵀᴴⁿ])(?!\[\s*[\w:]+\s*(?:,\s*[\w:]+\s*)?\])[\w(\[√∑⟨])?")
_OF_A_MATRIX = re.compile(_BEFORE_A_MATRIX[:-1] + r"\s*\(?$|[@⊗⊙∘]$")
_BEFORE_A_SUM = re.compile(r"(?:(?:^|[-+−=(\[\d½¼α-ω]|\(\s*\d+\s*/[^()]*(?:\(\w+\))?\s*\)|/\s*\w+|/\s*\([^()]*\))\s*[*·]?)\s*$")
_SUMMED = re.compile(r"\s*[|‖\[]|.*[\w)\]]\s*(?:²|(?:\^|\*\*)\s*\{?2)|.*\b(?:log|ln|exp)\b|.*(?<![^\W_])[A-Za-zα-ω](?:i|ij)(?![^\W_])")
_NEAR = 200  # so many characters around a Σ say what it is
_DIVIDES = re.compile(r"/\s*(?:(?:√|sqrt)?\s*[(\[])?\s*$")
_LETTERS_BELOW = re.compile(r"_\{?([ijklmnt]{1,2})(?![a-z])|\[([ijklmnt])\]")
# x^(i), x_j^(i), x⁽ⁱ⁾
_RAISED = re.compile(r"(?<![\w.])((?!(?:e|exp)\^)[^\W\d](?:[^\W_]|_(?=[^\W_]{2}))*)(?:_([a-z\d]))?(?:\^\(([a-z])\)|⁽([ⁱʲᵏᵐⁿᵗ])⁾)")
_SMALL = str.maketrans("ⁱʲᵏᵐⁿᵗ", "ijkmnt")
_SIZE = re.compile(r"(\w+)\.shape\[([01])\]")
_OUTER = re.compile(r"\bouter\([^()]*\)\s*\*(?!\*)|(?<![*.])\*\s*outer\(")
OF_R = re.compile(r"%\*%|\bt?crossprod\(")
_MISSING = re.compile(r",\s*na\.rm\s*=\s*(?:T|F|TRUE|FALSE)(?!\w)")
_HEAD = re.compile(rf"\b(?:{'|'.join(HEADS)})\[")
_LOSS = "of scores z and a label k it is logsumexp(z) - z[k], of probabilities p it is -p'*log_softmax(z)"
_REFUSED = (  # with a sign that each of them has
    (".", r"\b(?:F|functional|nn)\.(?:cross_entropy|nll_loss|kl_div)\s*\(", "a loss of PyTorch", _LOSS),
    (".", r"\bnn\.\w+Loss\s*\(", "a loss of PyTorch", "write it out: mean((a - b).^2), -mean(y.*log(p) + (1 - y).*log(1 - p))"),
    ("=", r"\btranspose_[ab]\s*=", "a transposed factor in a keyword", "write A'*B"),
    ("reduction", r"\breduction\s*=\s*['\"](?!mean)", "a reduction other than the mean", "write it out: sum((a - b).^2)"),
    ("=", r"\bnorm\s*\([^()]*,\s*(?:axis|dim)\s*=", "the norm of each row", "norm21(X) is the sum of them, sqrt(rowsum(X.^2)) are these"),
    ("r", r"\brandom\.\w+|\b(?:randn|rand|rnorm|runif)\s*\(", "an array of random numbers", "give it a name: x, with x: (n)"),
    ("%o%", r"%o%", "the outer product of R", "write outer(x, y), or x*y'"),
    ("%*%", r"(?<![\w.])(?:var|cov)\(", "the variance of R, over n - 1,", "write sum((x - mean(x)).^2)/(n - 1), with x: (n) declared"),
    (".", r"\b(?:np|numpy|jnp|torch)\.cov\s*\(", "the covariance of the rows, over n - 1,", "cov(X) is of the columns, over n"),
    ("einsum", r"\beinsum\s*\(", "einsum", "write the products out: A*B, sum(A.*B), tr(A*B)"),
    ("$", r"\$modulus", "determinant(X)$modulus", "write logdet(X)"),
    ("$", r"\w\$[A-Za-z]\w*", "a part of a list in R", "give it a name: d"),
    ("Sum", r"\b\w*Sum\s*\(.*,\s*\(\s*[a-z]\s*,[^()]*\)\s*\)", "SymPy's Sum", "write sum(i = 1..n, x_i^2)"),
    (":", r"(?<!\w)[^\W\d_]\w*\(\s*(?:\w+\s*:\s*\w*|:\s*\w+)\s*\)", "an index in parentheses", "write x[2:n], with x: (n) declared"),
    ("[", r"\w\[\s*(?:-?\d+\s*:|:\s*-?\d+|\d+\s*:\s*-\d+)\s*\]", "a stretch of an array", "write x[2:n], or diff(x)"),
    ("@.", r"@\.", "a macro of Julia", "write the points: (y .- X*w).^2"),
    ("[", r"\[[^\[\]]*\b(?:None|np\.newaxis)\b[^\[\]]*\]", "an axis of its own", "write the sum over pairs: sum_{i,j} ||x_i - y_j||^2"),
)


class Text(NamedTuple):
    """A text in the signs of the language; whether * / and ^ go entry by entry there, what there is to say about it.

    With `lying` a vector is added to each row of a matrix, as in NumPy; of R, MATLAB and the language it is added to each column.
    """

    text: str
    entrywise: bool
    notes: tuple[str, ...]
    lying: bool


def in_our_signs(text: str, known: Collection[str] = ()) -> Text:
    """The text with the signs of the language in the places of others; `known` are names that are declared or defined.

    Raises UnsupportedError for what has to be written otherwise.

    >>> in_our_signs("np.sum((A @ x)**2)")[:2]
    ('   sum((A @ x)**2)', True)
    >>> in_our_signs("Tr[X.A]").text, in_our_signs("t(x) %*% x").text
    ('Tr(X@A)', 't(x)  @  x')
    """
    for sign, pattern, what, hint in _REFUSED:
        if sign in text and (found := re.search(pattern, text)):
            raise failing(f"{what} is not read", found, hint, kind=UnsupportedError)
    if "K." in text and "K" not in known and _KERAS.search(text) and not re.search(r"(?<![\w.])K(?!\w|\.\w+\()", text):
        text = re.sub(r"(?<![\w.])K\.(?=\w+\()", "F.", text)  # the backend of Keras
    if ".shape[" in text:
        text = _SIZE.sub(lambda m: f"{'len' if m[2] == '0' else 'ncol'}({m[1]})".ljust(len(m.group())), text)
    if missing := _MISSING.search(text) if "na.rm" in text else None:
        text = _MISSING.sub(lambda m: " " * len(m.group()), text)
    line, points = _PARENTHESES.sub(r"\1(\2)", text) if "[" in text else text, "." in text
    if points:
        for found in _PREFIX.finditer(line):
            word, own = re.compile(r"(\w+)\s*(?=\()").match(line, found.end()), found.group().startswith(("self", "as"))
            if word and not own and word[1] not in known and not is_known(word[1]) and not _prefix(found, known).strip():
                name = found.group() + word[1]
                hint = did_you_mean(word[1], FUNCTIONS) or f'define it: where="{word[1]}(u) = …"'
                raise failing(f"`{name}` is not in the language", (found.start(), word.end()), hint, kind=UnsupportedError)
        line = _PREFIX.sub(lambda m: _prefix(m, known), line)
    if "[" in line and _HEAD.search(line):
        line = _rounded(re.sub(r"(?<=\w) (?=\()", "*", line))
    line = line.replace("%*%", " @ ").replace("^%T", "^T ")
    if points:
        line = re.sub(r"\.I(?![\w(])", "⁻¹", line)
        line = _EVALUATED.sub(lambda m: " " * len(m.group()), line)
    if ":" in line:
        line = _WITH_COLONS.sub(lambda m: f"{m[1]}[{m[2]}]", line)
    dotted = _DOT.sub(lambda m: m.group()[:-1] + "@", line) if points else line
    notes = ["`.` is read as the matrix product"] * (dotted != line)
    notes += ["left out: na.rm, as no entry is missing"] * (missing is not None)
    lying = "@" in text and re.search(r"(?<!%)@", text) is not None or points and (_PREFIX.search(text) or _METHOD.search(text)) is not None
    sympy = lying and "@" not in text and (_SYMPY.search(text) or _OF_SYMPY.search(line) and not _PREFIX.search(text))
    if sympy and not _OF_ARRAYS.search(text):
        lying, notes = False, [*notes, "* is read as the matrix product, as in SymPy"]
    entrywise = (lying or "@" in dotted or OF_R.search(text) is not None) and re.search(
        r"\*|/|\^(?!\s*[{(]?\s*[-−]?[T⊤])", dotted.replace("@", "")
    ) is not None
    if not entrywise and "outer" in line and (found := _OUTER.search(line)):
        raise failing("is `*` the matrix product, or entry by entry?", found, "write .* for entry by entry, @ for the product of matrices")
    if entrywise and re.search(r"(?<![.*])\*(?!\*)|\*\*|\^", dotted):
        notes.append("*, / and powers are read entry by entry, as in NumPy; @ is the matrix product")
    return Text(dotted, entrywise, tuple(notes), lying)


def _prefix(found: re.Match[str], known: Collection[str]) -> str:
    """Blanks in place of a prefix, or with cp_ at their end before a function that is another one in CVXPY."""
    library, word = found.group().split(".")[-2], re.compile(r"\w*").match(found.string, found.end())
    name = f"{library}_" if word and word[0] not in known and of_library(f"{library}_{word[0]}") else ""
    return name.rjust(len(found.group()))


def summed(text: str, named: Collection[str] = ()) -> str:
    """Σ_i as ∑_i before what has the index i: not behind what is transposed or has it too, as a matrix is, and in no sum over i.

    A Σ that is `named` with such indices, or so many, is the sign of a sum only where one more stands behind.

    >>> summed("C Σ_i (y_i - w'x_i)^2"), summed("x'Σ_i x_i"), summed("Σ_k tr(Σ_k S_k)"), summed("λΣ|w_j|")
    ("C ∑_i (y_i - w'x_i)^2", "x'Σ_i x_i", '∑_k tr(Σ_k S_k)', 'λ∑|w_j|')
    """
    text = re.sub(r"(?<=[α-ω])Σ(?=_[a-z]\b)", "∑", text)
    terms, sums = _Terms(text), list[tuple[int, int, set[str]]]()  # of each sum where it begins and ends, and its indices
    bars = terms.bars
    for sign in _SIGNS_OF_SUMS.finditer(bars):
        at, indices = sign.start(), re.sub(r"[,\s]", "", (sign[2] or sign[3] or sign[4]).translate(LOWERED))
        before, behind = terms.around(at, sign.end())
        if sign[1] == "Σ" and not sign[4]:
            beside = before[-1:] not in ("", *"*/·")
            matrix = beside and (_has(before, indices) or re.search(_BEFORE_A_MATRIX, before) or _TURNED_CAPITAL.match(bars, sign.end()))
            bound = any(at < last and not taken.isdisjoint(indices) for _, last, taken in sums)
            if (
                matrix
                or bound
                or {"", indices} & {*named}
                and "Σ" not in behind
                or len({*indices}) < len(indices)
                or not _has(behind, indices)
            ):
                continue
            text = f"{text[:at]}∑{text[at + 1 :]}"
        sums.append((at, sign.end() + len(behind), {*indices}))
    return text if {"1", "2"} & {*named} else _summed_without_index(text, terms, sums)


def _summed_without_index(text: str, terms: _Terms, sums: list[tuple[int, int, set[str]]]) -> str:
    """A Σ without an index as ∑ before an index that is free, in a denominator, and where it begins a term with a square or a logarithm.

    One of them says it of all others; where a Σ is plainly a matrix, only those before an index are signs.

    >>> summed("Σ(p·g) / Σ p"), summed("x'Σx + ‖Σx‖²"), summed("log|Σ| + Σ(y_i-μ)'Σ⁻¹(y_i-μ)")
    ('∑(p·g) / ∑ p', "x'Σx + ‖Σx‖²", "log|Σ| + ∑(y_i-μ)'Σ⁻¹(y_i-μ)")
    """
    places: dict[str, list[int]] = {"index": [], "other": [], "matrix": [], "": []}
    for sigma in _BARE.finditer(terms.bars):
        at = sigma.start()
        before, behind = map(with_indices, terms.around(at, at + 1, _NEAR))
        left, of_bars = text[max(at - _NEAR, 0) : at], terms.bars[max(at - _NEAR, 0) : at].rstrip()
        bound = set[str]().union(*(taken for first, last, taken in sums if first < at < last))
        free = {*"".join(map("".join, _LETTERS_BELOW.findall(behind)))} - bound
        indexed = bool(free) and not any(_has(before, i) for i in free)
        if not sigma[1] or _OF_A_MATRIX.search(of_bars) or re.search(r"[A-ZΑ-Ω][\s*·]*$", before) and not indexed:
            of = "matrix"
        elif indexed and left.rstrip()[-1:] not in ("|", "‖"):
            of = "index"
        else:
            told = _DIVIDES.search(left) or _BEFORE_A_SUM.search(left) and _SUMMED.match(text[at + 1 : at + 1 + len(behind)])
            of = "other" if indexed or told else ""
        places[of].append(at)
    others = [] if places["matrix"] or not places["index"] + places["other"] else places["other"] + places[""]
    signs = {*places["index"], *others}
    return "".join("∑" if at in signs else character for at, character in enumerate(text)) if signs else text


class _Terms:
    """The terms of a text, in which bars are brackets."""

    def __init__(self, text: str) -> None:
        self.bars = re.sub(r"(‖|\|\|?)(.*?)\1", lambda m: f"{'(' * len(m[1])}{m[2]}{')' * len(m[1])}", text)
        self.inside = depths(self.bars)

    def around(self, start: int, end: int, most: int = MOST_CHARACTERS) -> tuple[str, str]:
        """What stands before and behind a part in its term, so many characters at most."""
        depth, first, last = self.inside[start], max(start - most, 0), min(end + most, len(self.bars))
        return self.bars[self._ends(start - 1, -1, depth, first) + 1 : start].rstrip(), self.bars[end : self._ends(end, 1, depth, last)]

    def _ends(self, at: int, way: int, depth: int, stop: int) -> int:
        """Where the term ends, or begins, in which a place stands; not beyond `stop`."""
        bars, inside = self.bars, self.inside
        while (
            (stop <= at if way < 0 else at < stop)
            and inside[at + (way < 0)] >= depth
            and not (inside[at] == depth and bars[at] in "+-−–=,;")
        ):
            at += way
        return at


def _has(part: str, indices: str) -> bool:
    """Whether a part has all of some letters as indices."""
    return all(re.search(_HELD.format(i), with_indices(part)) for i in indices)


def raised(text: str, bound: Collection[str], numbers: Collection[str]) -> str:
    """The x^(i) of an index of a sum, or of one that is `bound`, and x⁽ⁱ⁾ as x_{i}; a power of one of the `numbers` stays.

    >>> raised("sum_i (y^(i) - w'x_j^(i))^2", (), ()), raised("∑ x⁽ⁱ⁾", (), ()), raised("sum_{k=0}^n x^(k)", (), ())
    ("sum_i (y_{i} - w'x_{j,i})^2", '∑ x_i ', 'sum_{k=0}^n x^(k)')
    """
    letters = {*bound, *(i for s in _SIGNS_OF_SUMS.finditer(text) for i in (s[2] or s[3] or s[4]).translate(LOWERED))}
    letters |= {*"ij"} if re.search(r"∑(?!_)|\bsum\s*\(", text) else set()
    letters -= {*re.findall(r"_\{\s*([a-z])\s*=\s*0", text)}  # as powers are counted

    def lowered(found: re.Match[str]) -> str:
        name, below, above, small = found.groups()
        if small:
            return f"{name}_{below or ''}{small.translate(_SMALL)}".ljust(len(found[0]))
        if above not in letters or name in numbers or name in FUNCTIONS:
            return found[0]
        return f"{name}_{{{below},{above}}}" if below else f"{name}_{{{above}}}"

    return _RAISED.sub(lowered, text)


def turned(text: str) -> str:
    """The ^t beside a factor as ^T, of a t that stands nowhere else.

    >>> turned("x^t A x"), turned("(1 + r)^t"), turned("x^t y + t")
    ('x^T A x', '(1 + r)^t', 'x^t y + t')
    """
    if re.search(r"(?<![A-Za-z^])t(?![A-Za-z])", text):
        return text
    return _TURNED.sub("^T", text)


def _rounded(text: str) -> str:
    """Tr[X] as Tr(X), and the y[[i]] of Mathematica as y[i], in a sum as y_i.

    >>> _rounded("Log[Exp[-y[[i]] w]]")
    'Log(Exp(-y [i]  w))'
    """
    stack: list[str] = []
    opened = {"[": "(", "[[": "_{" if "Sum[" in text else " ["}  # in a sum x[[i]] is x_i

    def turned(found: re.Match[str]) -> str:
        if (sign := found.group()) != "]":
            stack.append(sign)
            return opened[sign]
        closed = stack.pop() if stack else ""
        if closed == "[[":  # the second one is a blank
            stack.append("]]")
            return "}" if "Sum[" in text else "]"
        return {"[": ")", "]]": " "}.get(closed, "]")

    return re.sub(r"\[\[?|\]", turned, text)
