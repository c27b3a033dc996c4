"""Refusals of what is no expression, with what to write instead: expectations, densities, words, equations."""

from __future__ import annotations

import re

from matcalc.errors import MatcalcError, UnsupportedError, did_you_mean
from matcalc.limits import LONGEST_NAME
from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED
from matcalc.reading.brackets import depths
from matcalc.reading.framing.patterns import OVER_A_SET
from matcalc.reading.latex.commands import FUNCTION_WORDS, is_latex
from matcalc.reading.letters import GREEK
from matcalc.reading.symbols import Declarations
from matcalc.reading.tree import failing

_BELOW = r"\s*(?:\\limits)?\s*_"
_AT = r"\s*(?:_\s*(?:\w|\{[^{}]*\})\s*)?"

_OF_MANY = r"(?<![A-Za-z\\])(?:%s)_\{?\s*[a-z0-9]\s*\}?\s*\(\s*[A-Z]\s*\)"
_ONE_OF_MANY = "one of many eigenvalues or singular values is not read"
# A pattern; the name in it that makes it something else where it is declared; what is said, and what to write.
REFUSALS: tuple[tuple[str, str, str, str], ...] = (
    (r"𝔼|\\(?:mathbb|mathds|operatorname|mathrm)\s*\{?\s*E\s*\}?|(?<![\w\\])E"
     + _AT + r"(?:\\left\s*)?(?:[\[(](?!\s*[\w:]+\s*,\s*[\w:]+\s*\])|\\\{)", "E",
     "an expectation is not supported: nothing says how what is random is distributed",
     "write the mean over samples, \\frac{1}{n} \\sum_{i=1}^{n} …, with x_i: (d), i = 1..n; where E is a matrix, declare it: E: (m, n); "
     "a function is defined: E_D(w) = …"),
    (r"(?<![\w\\])(?:Var|Cov)" + _AT + r"[\[(]|\\(?:operatorname|mathrm|text)\s*\{\s*(?:Var|Cov)\s*\}", "Var",
     "a variance needs a distribution: nothing says what is random here",
     "write its formula, as in w'*Sigma*w with the covariance Sigma"),
    (r"(?<![\w\\])(?:D_?\{?)?KL\}?\s*[\[(]|\\(?:operatorname|mathrm|text)\s*\{\s*KL\s*\}|(?<![\w\\])D\s*\(\s*\w+\s*(?:\|\||\\\|)", "KL",
     "`KL` is no function here: the divergence of two distributions has to be written out",
     "of vectors p and q it is sum(p.*log(p./q))"),
    (r"∫|\\(?:i+nt|oint)(?![A-Za-z])|(?<![\w\\])[Ii]nt(?:egral|egrate)?(?![A-Za-z])", "",
     "an integral is not supported: there is no ∫ here", "write what it is, or a sum over points"),
    (rf"{OVER_A_SET}|\\(?:sup|inf)(?![A-Za-z])|\b(?:sup|inf){_BELOW}", "",
     "a maximum (minimum, sup, inf) over a set is not supported: it is not differentiable where two of its values are equal",
     "logsumexp of the vector of values is smooth; max(a, b) of two is read"),
    (r"(?:\|\||‖|\\\||\\[rR]?Vert)\s*_\s*(?:0(?!\d)|\{\s*0\s*\})|‖₀|\|_0(?!\d)", "",
     "‖x‖_0, the number of nonzero entries, is no norm, and not differentiable", "norm1(x), the sum of absolute values, stands for it"),
    (r"(?:\|\||‖|\\\||\\[rR]?Vert)\s*_\s*\{?\s*\\math(?:cal|scr|frak)\s*\{?\s*[HKF]\b", "",
     "the norm of a space of functions needs its formula", "alpha'*K*alpha, where f is a sum of the kernels K with weights alpha"),
    (r"(?<![\w\\])(?:rank|rk)\s*\(|\\(?:operatorname|mathrm|text)\s*\{\s*rank\s*\}|\\rank(?![A-Za-z])", "rank",
     "the rank is piecewise constant: it has no derivative", "normnuc(X), the sum of singular values, stands for it"),
    (r"\b[dD]\^?2\s*\w*\s*/\s*d\w+\s*\^?\s*2|\\[dt]?frac\s*\{\s*(?:\\partial|d|∂)\s*\^(?!\s*\{?\s*(?:\\top|\\intercal|[T⊤]))|(?:\\nabla|∇)\s*(?:(?:\^\s*\{?2\}?|²)\s*_|_\s*(?:\{[^{}]*\}|\w)\s*(?:\^|²))"
     r"|(?i:\b(?:hessian|second\s+derivative)\s+of\b)", "",
     "a second derivative is asked for apart: by the command hessian, and mc.hessian(…)", "leave out the sign, and ask for the hessian"),
    (r"(?<![\w\\])d[A-Za-z]*\s*/\s*d[A-Za-z]+(?!\w)|∂\s*/\s*∂|\\partial\b.*/\s*\\partial\b"
     r"|\\[dtc]?frac\s*\{\s*(?:\\partial\b|d\s*[A-Za-z\\(](?:[^{}]|\{[^{}]*\})*\}\s*\{\s*d\s*\\?[A-Za-z]+\s*\})", "d",
     "`d…/d…` is the sign of a derivative, not a quotient", "leave it out, and name the variable: --wrt x, wrt='x'"),
    (r"(?<![\w.])1\s*[-−]\s*(?:pi|π|\\pi)(?=\s*(?:[)\]},;+\-−]|\\right|$))", "pi", "`1 - pi` is negative where pi is the number π",
     "declare pi: scalar, or pi: (n), where it is a probability"),
    (r"(?<![\\~])~\s*(?:\\mathcal|[A-Z]\w*\s*\()|\\sim\b", "", "`~` says how something is distributed: that is no expression",
     "write the objective, such as the logarithm of the density"),
    (r"\\begin\s*\{d?r?cases|\bwhere\s*\([^(),]*[<>]|\bif\b[^{}]*\belse\b|\?[^?:]*:|\bpiecewise\b", "",
     "a distinction of cases is not read",
     "write max(x, 0), abs(x), step(x), clip(x, a, b); huber(a, delta) is the quadratic that becomes linear"),
    (_OF_MANY % (r"λ|\\?lambda"), "lambda", _ONE_OF_MANY,
     "tr(X) is the sum of the eigenvalues, logdet(X) that of their logarithms, lambda_max(X) the largest of a symmetric X"),
    (_OF_MANY % (r"σ|\\?sigma"), "sigma", _ONE_OF_MANY,
     "normnuc(X) is the sum of the singular values, norm(X)^2 that of their squares, normspec(X) the largest"),
    (r"(?<![\w\\])TV\s*\(\s*\w+\s*\)|\\(?:operatorname|mathrm|text)\s*\{\s*TV\s*\}\s*\(", "TV", "the total variation has to be written out",
     "of a signal it is norm1(diff(x)); of a picture the sums of |x_{i+1,j} - x_{i,j}| and |x_{i,j+1} - x_{i,j}|"),
    (r"\\lim(?![A-Za-z])|\blim(?=[\s_])", "lim", "a limit is not supported", "write what it is"),
    (r"≤|≥|<=|>=|\\leq?(?:slant)?\b|\\geq?(?:slant)?\b|(?<![<\-])<(?![<\-])|(?<![\->%])>(?!>)|\\(?:prec|succ)(?:eq)?\b|[≺≻⪯⪰]", "",
     "an inequality is a condition, not an expression", "write the objective alone; `subject to …` behind it is left out, with a note"),
)  # fmt: skip

# What is asked back where the name in it is not declared: a pattern, what is said, and what to write.
ASKED = (
    (r"\\math(?:cal|scr)\s*\{?\s*([A-MO-Z])\s*\}?\s*(?:\\left\s*)?\(", "is `{0}(…)` a function? What it does is not known",
     'define it: where="{1}(X) = …", or declare {1}: (n) -> (m); a product with a matrix is {1} X, or {1} \\cdot (X + Y)'),
    (r"_\s*\{\s*([a-z])_\s*\{?\s*([a-z])\s*\}?\s*\}", "`{1}_{2}` as an index is a label: it is not declared",
     "declare it: {1}_{2}: integer, {2} = 1..n"),
    (r"(?<![\\_])([A-Z])_\{?\\?(delta|tau|epsilon|varepsilon|c)\}?\s*\((?=[^()]*[-+])",
     "is `{1}_{2}(…)` a function? What it does is not known", 'define it: where="{1}_{2}(u) = huber(u, {2})"'),
)  # fmt: skip

_KNOWN_WORDS = frozenset((*FUNCTIONS, *REFUSED, *CONSTANTS, *GREEK, *"ln tg lg trace sum over arg exp".split()))
_FILLERS = "of the is an to in by for and with as at on or it we be if all over from this that are".split()
_WORD = r"[A-Za-z]?[a-z]{2,}"
ASKING = ("gradient", "derivative", "differentiate", "minimize", "maximize", "subject", "respect")
IN_SIGNS = {"log determinant": "logdet", "determinant": "det", "trace": "tr", "inverse": "inv", "norm": "norm", "sum": "sum"}
_OPERATORS = "cross|dot|times|over|wrt|minus|plus|transposed?|squared|divided by"
_UNSEEN = r"(?<!\\)%[^\n]*|(?:\\[A-Za-z]+\*?|[_^])\s*(?:\{[^{}]*\})?"  # comments, commands and scripts
_BETWEEN = r"(?<![\w\0.])(?:and|or|if|then|but)(?![\w(.])"  # what no name is, whatever stands around it
_GLUE = frozenset("of the is are".split())  # with these even one other word is language


def check(text: str, said: Declarations) -> None:
    """Raises what a text is that is no expression.

    >>> from matcalc.reading.symbols import NOTHING
    >>> check("rank(X)", NOTHING)
    Traceback (most recent call last):
    matcalc.errors.UnsupportedError: the rank is piecewise constant: it has no derivative
      normnuc(X), the sum of singular values, stands for it
    """
    named = {*said.symbols, *said.definitions, *said.densities}
    for pattern, name, message, hint in REFUSALS:
        if name not in named:
            for found in re.finditer(pattern, text):
                if found.group().rstrip("([{ ") not in named and not _inside_a_script(text, found.start()):
                    raise failing(message, found, hint, kind=UnsupportedError)
    density = re.search(r"(?<![\w\\}])([A-Za-z])(?:_\\?\w+)?\s*\(([^()|]*)(?:\||\\mid\b)[^()|]*\)", text)
    known = density and (any(n.split("_")[0] == density[1] for n in named) or text[: density.start()].endswith("\\mathcal "))
    if density and not known:
        hint = "put its formula there; N: normal density declares \\mathcal N(x|\\mu, \\Sigma)"
        raise failing(f"`{density.group()}` is a density of something: it has to be written out", density, hint, UnsupportedError)
    for pattern, message, hint in ASKED:
        asked = re.search(pattern, text)
        if not asked or {asked[1], f"{asked[1]}_{asked[asked.re.groups]}"} & named:
            continue
        if asked[0][0] != "\\" or not _inside_a_script(text, asked.start()):
            raise failing(message.format(asked[0].strip("( "), *asked.groups()), asked, hint.format(asked[0], *asked.groups()))
    _words(text, said)


def _inside_a_script(text: str, at: int) -> bool:
    r"""Whether a place is in the braces of an index: \sum_{i<j}."""
    inside = depths(text)
    return any(min(inside[m.end() : at + 1]) >= inside[m.end()] for m in re.finditer(r"[_^]\s*\{", text[:at]))


def _words(text: str, said: Declarations) -> None:
    """Two or more words in a row that nothing declares are language, not a product."""
    known = {*said.symbols, *said.definitions, *(n for s in said.symbols.values() for n in map(str, s.shape or ()))}
    plain = re.sub(r"\\[A-Za-z]+\*?", lambda m: "\0" * len(m.group()), text)
    for run in re.finditer(rf"(?<![\w\0.]){_WORD}(?:\s+{_WORD})+(?![\w(.])", plain):
        words = [w for w in run.group().split() if len(w) <= LONGEST_NAME]
        unknown = [w for w in words if w not in known and w not in _KNOWN_WORDS and w.lower() not in GREEK]
        long = len(unknown) > 1 and any(len(w) > 2 for w in unknown) and all(len(w) > 2 or w in _FILLERS for w in unknown)
        if long or _GLUE.intersection(unknown):
            raise _language(" ".join(run.group().split()), run)
    for between in re.finditer(_BETWEEN, plain):
        if between.group() not in known and not _inside_a_script(text, between.start()):
            raise _language(between.group(), between)
    apart = re.search(r"\\(?:text(?:rm|normal)?|mbox)\s*\{(?:\s+([A-Za-z]+)\s*|\s*([A-Za-z]+)\s+)\}", text)  # \text{ otherwise}
    if apart and (word := apart[1] or apart[2]) not in known and word not in FUNCTION_WORDS:
        raise _language(word, apart)
    bare = re.sub(_UNSEEN, lambda m: "\0" * len(m.group()), text) if is_latex(text) else ""
    for glued in re.finditer(r"(?<![A-Za-z\0])[a-z]{4,}(?![A-Za-z(])", bare):  # in LaTeX n·c·o·n·t
        if glued.group() not in known | _KNOWN_WORDS:
            raise failing(f"is `{glued.group()}` one name?", glued, "write \\mathrm{…} for a name, and blanks between letters")
    operator = re.search(rf"(?<![\w\\.])(?:{_OPERATORS})(?![\w(])", text)
    if operator and operator.group() not in known and not text[: operator.start()].rstrip().endswith("{"):
        raise _language(operator.group(), operator)


def _language(words: str, place: re.Match[str]) -> MatcalcError:
    near = next(filter(None, (did_you_mean(word, ASKING) for word in words.split() if len(word) > 5)), "")
    near = near or next((f"the {word} is written {sign}(X)" for word, sign in IN_SIGNS.items() if word in words), "")
    hint = near or "write the formula alone, as in norm(A*x - b)^2; a name of several letters is declared: rate: scalar"
    return failing(f"these are words, no formula: {words}", place, hint)
