r"""THE FRAMES: what people write around an objective, as patterns: ``f(x) =``, ``\min_w``, ``gradient of … wrt X``, ``subject to …``.

`framing` takes them off, in the order of its passes.  A pattern is compiled when a text has a mark of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from matcalc.reading.latex.commands import ENVIRONMENTS
from matcalc.reading.letters import LETTERS_BELOW

MARKS: set[str] = set()  # of all patterns


@lru_cache(maxsize=8)
def _marks_in(text: str) -> frozenset[str]:
    low = " ".join(text.lower().split())
    return frozenset([mark for mark in MARKS if mark in low])


class Frame(NamedTuple):
    """A pattern with its marks, in small letters: it occurs in no text that has none of them.

    >>> Frame.of("lambda", r"lambda (\\w+):").match("lambda x: x*x")[1]
    'x'
    """

    marks: frozenset[str]
    pattern: str
    flags: int

    @classmethod
    def of(cls, marks: str, pattern: str, flags: int = 0) -> Frame:
        own = frozenset(mark.replace("␣", " ") for mark in marks.split())
        MARKS.update(own)
        return cls(own, pattern, flags)

    def _may_occur(self, text: str) -> bool:
        return not self.marks.isdisjoint(_marks_in(text))

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        return re.compile(self.pattern, self.flags).match(text, at) if self._may_occur(text) else None

    def search(self, text: str) -> re.Match[str] | None:
        return re.compile(self.pattern, self.flags).search(text) if self._may_occur(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return re.compile(self.pattern, self.flags).finditer(text) if self._may_occur(text) else iter(())

    def sub(self, made: Callable[[re.Match[str]], str], text: str) -> str:
        return re.sub(self.pattern, made, text, flags=self.flags) if self._may_occur(text) else text


BARE = re.compile(r"(?:[A-Za-z0-9_\s,*/^'()\[\]:+-]|\.(?=[*/^'\d])|(?<=\d)\.)*")  # the signs of a text without a frame
WORD = re.compile(r"([A-Za-z]\w*)(\()?")  # and whether it is called
WITH_PLACES = re.compile(r"(?<!\w)(\w+(?=\[)|E(?=\())")  # X[i,j], E[x] and E(x)

# --- what names a variable ------------------------------------------------------------------------------------------------

FONT = (
    r"\\(?:mathbf|boldsymbol|bm|pmb|vec|mathrm|mathit|mathcal|mathsf|mathscr|mathfrak|mathbb|(?:wide)?(?:hat|tilde)|bar|overline|d?dot)\s*"
)
FONT += r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\w)"
_NO_LETTER = r"min|max|arg|text|in\b|frac|sum|log|det|left|right|partial|cdot|times|quad|to\b|mapsto|over\b"
_LETTER = rf"(?:{FONT}|\\(?!{_NO_LETTER})[A-Za-z]+|[^\W\d_][^\W_]*)"
BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_INDEX = rf"(?:\s?_\s?(?:{BRACED}|{FONT}|\\(?:text|mathrm|mathit)\w*\s*{BRACED}|\\?[^\W_]+)|\^(?:{BRACED}|[+\-*]|\\(?:star|ast|circ)\b|\w(?!\w)))*['′’]*"
NAME = rf"(?:{_LETTER}{_INDEX})"
INDICES = rf"(?:_\s*(?:{BRACED}|\w)|\^\s*\{{?\s*\(\w\)|(?<=\w)(?<!left)(?<!ig)(?<!ig[glr])(?<!igg[lr])\[[^\[\]]*\]|[{LETTERS_BELOW}])"  # also of x^{(i)} and x[i]
IN_BARS = r"^\s*(?:\|\||\||‖|\\\||\\l?Vert(?![A-Za-z]))(.*?)(?:\|\||\||‖|\\\||\\r?Vert)(?:_\s*(?:\w+|\\infty|\{[^{}]*\}))?(?:\^\s*\{?2\}?)?\s*$"  # ‖x‖_2^2
ONE = rf"(?:\{{\s*{NAME}\s*\}}|\(\s*{NAME}\s*\)|{NAME})"
NAMES = rf"\s*{NAME}(?:\s*(?:,|;|\||\\mid\b)\s*{NAME})*\s*"
_BELOW = rf"(?:_\s*(?:\{{\s*{NAMES}\}}|{FONT}|\\[A-Za-z]+|[^\W\d_]+)|[{LETTERS_BELOW}])"

# --- what stands before an objective --------------------------------------------------------------------------------------

_D = r"(?:\\partial\b|∂|\\mathrm\s*\{?\s*d\s*\}?|\\operatorname\{d\}|d)"
_ASKS = r"please|how\s+(?:do|can|would)\s+(?:i|you|we)|how\s+to|can\s+you|let\s+us|let's|(?:we|i)\s+(?:want|need|would\s+like)(?:\s+to)?|then|so"
PLEASE = rf"(?:(?:{_ASKS})\s+)*"
_FIND = rf"{PLEASE}(?:(?:find|compute|calculate|determine|derive|evaluate|take|get|what\s+is|what'?s)\s+)?(?:the\s+)?"
_DERIVED = r"(?:(?:partial\s+)?derivatives?|gradient|grad|jacobian)"
_WITH = r"(?:with\s+respect\s+to|w\.?\s?r\.?\s?t\b\.?)(?:\s+(?:the\s+)?(?:matrix|vector|scalar|variable|parameters?)\b(?=\s+\S))?"
TEXT = r"\\(?:(?:text|math)(?:rm|bf|sf|it|tt)|text(?:normal)?|mbox|operatorname(?:\*|withlimits)?|mathop)\s*\{\s*(?:\\mathrm\s*\{\s*)?"
_END = r"\s*[:.]?\s*\}\s*\}?"
_ARG = rf"(?:\\arg|{TEXT}arg\s*\}}|arg)(?:\\[,;! ]|\s)*"
_LEAST = r"(?:[mM]in|[mM]ax)(?:imi[sz]e)?"
_UNDERSET = (
    rf"\\underset\s*(?P<under>{BRACED})\s*"
    rf"\{{\s*(?:{TEXT}(?:arg(?:\\[,;! ]|\s)*)?{_LEAST}{_END}|(?:\\arg\s*)?\\(?:min|max)|\\arg(?:min|max))\s*\}}"
)
_SPELLED = (
    rf"(?:{_ARG}(?:\\min|\\max|{TEXT}(?:min|max)\s*\}}|min|max)|\\arg(?:min|max)|\\min|\\max|"
    rf"{TEXT}(?:arg(?:\\[,;! ]|\s)*)?{_LEAST}{_END}|\\?\b(?:arg)?{_LEAST})(?![A-Za-z])\s*(?:\\limits)?"
)
MINIMUM = Frame.of("min max", rf"(?:(?:{_ARG}(?=\\underset))?{_UNDERSET}(?![A-Za-z])\s*(?:\\limits)?|{_SPELLED})")
OVER_A_SET = rf"{_UNDERSET.replace('?P<under>', '')}|{_SPELLED}\s*[_{LETTERS_BELOW}]"  # what no frame has taken off
AIM = Frame.of(
    r"min max", rf"(?:\\(?:to|(?:long)?(?:R|r)ightarrow)(?![A-Za-z])|→|⇒|->|=>)\s*(?={MINIMUM.pattern.replace('?P<under>', '')})"
)  # v^T P v \to \min
OVER = rf"\s*(?:over\s+(?:all\s+)?({NAMES}?(?:\s+(?:in|∈)\s+\S+)?)\s*(?:\bof\b|:)|({NAMES}):)"

_NABLA = r"(?:\\nabla(?![A-Za-z])|∇|\b(?:nabla|grad)(?=_)|\\partial(?=_)|∂)"

_ERRORS = r"(?:mean\s+|sum\s+of\s+(?:the\s+)?)?squared\s+(?:errors?|residuals?)|residual\s+sum\s+of\s+squares"
_FUNCTION = (
    rf"(?:the\s+)?(?:negative\s+)?(?:log[- ]?likelihood|likelihood|loss|cost|objective|{_ERRORS})(?:\s+function)?"
    r"(?:\s*:|\s+is\b|(?=\s+[\w\\‖|½∑Σ(])(?!\s+(?:of|is|with|for)\b)|(?<=likelihood)(?=\s+[-−]))"
)

# Marks, a pattern with the variables in its group, and whether it asks for a derivative.
_FRAMES = (
    ("/",                                  rf"(?i:{_FIND}){_D}\s*/\s*{_D}\s*({ONE})(?![\w/^])(?:\s*of\b)?",                             True),   # d/dx  ∂/∂X
    ("frac",                               rf"\\[dt]?frac\s*(?:\{{\s*{_D}\s*\}}|{_D})\s*\{{\s*{_D}\s*({ONE})\s*\}}",                    True),   # \frac{\partial}{\partial x}
    (r"\nabla ∇ nabla grad \partial ∂",    rf"{_NABLA}\s*(?={_BELOW})_?\s*(\{{\s*{NAMES}\}}|{FONT}|\\[A-Za-z]+|[^\W\d_]+)(?![\w/^])",    True),   # ∇_x  \nabla_{x}  ∂_x
    (r"\nabla ∇",                          r"(?:\\nabla(?![A-Za-z_^])|∇)\s*(?=‖|\|\||\\\||\\left|\\lVert|\\Vert|\\log|\\mathrm)()",                True),   # ∇ ‖x‖²
    ("derivative grad jacobian",           rf"(?i:{_FIND}{_DERIVED}\s+{_WITH})\s*({NAME})\s+(?:of|for)\b",                              True),
    ("derivative grad jacobian",           rf"(?i:{_FIND}{_DERIVED}\s+(?:of|for))\b()",                                                 True),
    ("differentiate",                      rf"(?i:{PLEASE}differentiate)\b()",                                                         True),
    ("likelihood loss cost objective",     rf"(?i:{_FUNCTION})()",                                                                     False),  # minimize the loss …
    ("squared squares",                    rf"(?i:{_FUNCTION})()",                                                                     False),  # … the squared error …
    ("imize(",                             r"(?:\w+\.)?M(?:in|ax)imize(?=\s*\()()",                                                      False),  # cp.Minimize(…)
    ("@",                                  r"@\s*\(([^()]*)\)",                                                                         False),  # f = @(x) …
    ("lambda",                             rf"lambda\s+({NAMES}):",                                                                     False),
    ("def",                                rf"def\s+\w+\s*\(({NAMES})\)\s*:",                                                            False),  # Python
    ("return",                             r"return\b()",                                                                               False),
    ("function",                           rf"function\s*\(({NAMES})\)",                                                                False),  # R
    (r"-> → ↦ \mapsto \to",                rf"(?:\w+\s*:\s*)?\(?({NAMES})\)?\s*(?:->|→|↦|\\mapsto\b|\\to\b)",                           False),
    ("=",                                  r"(?i:let|given|suppose|consider|define|assume)\b(?:\s+that\b)?()(?=[^=]*=)",                False),
)  # fmt: skip
FRAMES = tuple((Frame.of(marks, pattern), derivative) for marks, pattern, derivative in _FRAMES)

# f: R^n → R before its formula.
MAPPING = Frame.of(
    r"-> → \to", r"\w+\s*:\s*(?:[Rℝ]|\\mathbb\s*\{?R\}?)\S*\s*(?:->|→|\\to\b)\s*(?:[Rℝ]|\\mathbb\s*\{?R\}?)[^\s,;:]*\s*[,;:]"
)

# A whole text that asks for a derivative: the objective (group 1) and the variable (group 2).
_QUESTIONS = (
    ("[",                                      rf"(?:D|Grad)\s*\[(?!\s*\w+\s*,\s*\w+\s*\])(.*),\s*({ONE})\s*\]\s*$"),
    ("diff",                                   rf"(\(.*\))\.diff\s*\(\s*({ONE})\s*\)\s*$"),
    ("diff gradient jacobian grad derivative", rf"(?:\w+\.)?(?:diff|gradient|jacobian|grad|Derivative)\s*\((.*),\s*({ONE})\s*\)\s*$"),
    ("/",                                      rf"{_D}\s*\((.*)\)\s*/\s*{_D}\s*({ONE})\s*$"),
    ("/",                                      rf"(?i:{_FIND}){_D}\s*({NAME})\s*/\s*{_D}\s*({ONE})\s*$"),
    ("/",                                      rf"∂\s*(\S.*\S)\s*/\s*∂\s*({ONE})\s*$"),
    ("/",                                      rf"{_D}\s+(\S.*\S)\s*/\s*{_D}\s*({ONE})\s*$"),
    ("frac",                                   rf"\\[dt]?frac\s*\{{\s*{_D}\s*(.+)\}}\s*\{{\s*{_D}\s*({ONE})\s*\}}\s*$"),
)  # fmt: skip
QUESTIONS = tuple(Frame.of(marks, pattern, re.DOTALL) for marks, pattern in _QUESTIONS)
ASKING = frozenset(mark for question in QUESTIONS for mark in question.marks)  # also before a parenthesis

# --- what stands behind it ------------------------------------------------------------------------------------------------

WITH_RESPECT_TO = Frame.of("respect wr w. w␣r", rf"(?:\b{_WITH}|\\text\s*\{{\s*(?:with respect to|w\.?r\.?t\.?)\s*\}})\s*({NAMES})\s*$")
BY = Frame.of("by", rf"\bby\s+({NAMES})\s*$")
OVER_AT_THE_END = Frame.of("over", rf"(?:\bover\b|{TEXT}over\s*\}})\s*({NAMES}?(?:\s*(?:\bin\b|∈|\\in\b)\s*\S+)?)\s*$")
QUESTION_BEHIND = Frame.of(
    "derivative grad jacobian", rf"[.,;]\s*(?:and\s+)?(?i:{_FIND}{_DERIVED})(?:\s+of\s+(?:it|\w+(?:\([^()]*\))?))?\s*$"
)
ASKED = Frame.of("derivative grad jacobian differentiate", rf"(?i:{_FIND}{_DERIVED}\s+(?:of|for)|{PLEASE}differentiate)\b")
_SUBJECT_TO = rf"{TEXT}(?:subject\s*(?:\\\s)?\s*to|s\.?\s?t\.?|such\s+that)[\s:]*\}}|\bsubject\s+to\b|\bs\.\s?t\.|\bsuch\s+that\b"
CONSTRAINT = Frame.of("subject such st s. s␣t", _SUBJECT_TO + r"|\bst\s(?=[^=<>≤≥]*[=<>≤≥])")
WHERE = Frame.of("where with", rf"(?:{TEXT}(?:where|with)[\s:]*\}}|(?<![\\.])\b(?:where|with)\b(?!\s+respect|\())")
FOR = Frame.of("for", rf"(?:{TEXT}for[\s:]*\}}|\bfor\b)")
SAYS = r"∈|\\in\b|\b(?:in|is|are|be|symmetric|definite|spd|psd|diagonal|orthogonal|invertible|scalar|vector|matrix)\b"
PARENTHESIS = Frame.of(
    "∈ in is are symmetric definite spd psd diagonal orthogonal invertible scalar vector matrix",
    rf"\((?=[^()]*(?:{SAYS}))((?:[^()]|\([^()]*\))*)\)\s*$",
)
HEADS = Frame.of(": . , ;", r"[:;](?!=)|[.,](?=\s)")  # behind what stands before an objective
OPENING = r"\s*(?i:let|for|given|suppose|if|assume|assuming|when|consider|define|with|where)\b(?:\s+that\b)?\s*"
ONLY_WORDS = r"\s*(?:[A-Za-z]{2,}|[A-Z]\d|a)(?:[\s-]+(?:[A-Za-z]{2,}|a))*\s*"
AND = Frame.of("and", rf"(?:\\text\s*\{{\s*and\s*\}}|\band\b)(?=\s*{NAME}\s*(?:=|:|\bis\b|\\?\bin\b|∈))")
ELEMENT = Frame.of(
    r"∈ in", rf"(?:(?<=[,;])|^){NAMES}(?:\\in(?![A-Za-z])|∈|\bin\b)(?:[^,;:=|‖{{(\[]|{BRACED}|\([^()]*\)|\[[^\[\]]*\])*(?=[,;]|$)"
)  # x ∈ S
COMMA = Frame.of(", ; .", r"(?<!\\)[,;]|\.(?=\s)")
TURNED_FACTOR = r"[^=]*\^\s*\{?\s*(?:T|\\top)\s*\}?\s*[\w\\(][^=]*="  # \mu^Tw = 1
STOPS = (" please", " thanks", "\\,", "\\;", "\\!", "\\quad", "\\qquad", "\\\\", ".", ",", ";", ":", "?")  # what may end a formula

# P_Ω(X), of a set that nobody declares.
PROJECTION = Frame.of(
    "_",
    r"(?:\\(?:math(?:cal|bf|rm|scr)|bm|boldsymbol)\s*\{?\s*P\s*\}?|(?<![\w\\])P)_(?:\{\s*\\?([A-ZΩ]\w*)\s*\}|\\?([A-ZΩ]\w*))\s*(?:\\left\s*)?\(",
)

MATRIX = r"\\begin\s*\{(?:\w*matrix|array)\*?\}[\s\S]*?\\end\s*\{(?:\w*matrix|array)\*?\}"  # whose lines are its rows

# --- typography, sides, sums in words -------------------------------------------------------------------------------------

_BELOW_NEXT = r"_\s*\{?\s*[a-z]\s*\+\s*1\s*\}?|\^\s*\{?\s*\(\s*[a-z]\s*\+\s*1\s*\)\s*\}?"
UPDATE = (  # θ := θ - η g, x_{k+1} = x_k - η g
    rf"\s*(\\?[^\W\d_]\w*?)\s*({_BELOW_NEXT})?\s*(?::=|=(?!=)|\\leftarrow|\\gets|←|<-)\s*\1\s*"
    r"(?(2)(?:[_^]\s*(?:\{[^{}]*\}|\w))?)\s*[-+−]"
)
SOLVED = r"(\\?[A-Za-z]+)\s*\^?\s*\{?\s*(?:[*∗⋆]|\\star|\\ast)\s*\}?|\\(?:wide)?(?:hat|tilde)\s*\{?\s*(\\?[A-Za-z]+)\s*\}?"  # x^*, \hat x
INVISIBLE = re.compile(r"(?:\s|\\[,;:! ]|\\q?quad\b)*")
MID_AS_BAR = r"(?:^|[=+\-*/({]|\\(?:[lr]?Vert|log|ln|det|cdot|left\()|\\\|)\s*\\mid(?![A-Za-z])"  # \mid x \mid
_SIZED = r"(?:\\(?:left|right|[bB]igg?[lr]?)\s*)?"
TWO_BARS = rf"((?:{_SIZED}\\lvert\s*){{2}}(?![A-Za-z]))((?:(?!\\[lr]vert|\\(?:right|[bB]igg?r?)\s*\\r)[\s\S])*)((?:{_SIZED}\\rvert(?![A-Za-z])\s*){{2}})"  # \lvert\lvert x \rvert\rvert
WRAPPED = r"\\(?:mathop|operatorname\*?)\s*(?=\{\s*\\(?:arg|min|max|inf|sup|sum|prod)(?![A-Za-z]))"  # \mathop{\arg \min}
_SIGN = r"\{\s*(\\(?:sum|prod))\s*\}"
UNDER_SIGN = rf"\\underset\s*({BRACED})\s*(?:\{{\s*\\overset\s*({BRACED})\s*{_SIGN}\s*\}}|{_SIGN})"  # \underset{i=1}{\overset{n}{\sum}}
OVER_SIGN = rf"\\overset\s*({BRACED})\s*\{{\s*\\underset\s*({BRACED})\s*{_SIGN}\s*\}}"
SCRIPT = rf"[\^_]\s*(?:\\?\w+|{BRACED})"
SIGNED = rf"({FONT}|(?<![\\A-Za-z^_])(?<!frac)\w+|[)\]|‖]|\\[|}}]|{SCRIPT})\s*(?=\{{\s*[+\-−])"  # x^2 {- y}
UPRIGHT = (  # {\mathrm tr}(X), \mathop{\mathrm{tr}}(X)
    r"(?<![_^])(?<![_^] )(?:\\mathop\s*)?\{\s*\\(?:mathrm|mathsf|operatorname|text)(?![A-Za-z])\s*(\{)?\s*([A-Za-z]{2,})\s*(?(1)\})\s*\}"
    r"(?=\s*(?:\\left|\\[bB]ig+l?)?\s*(?:[(\[|A-Z]|\\\{))"
)
UNDERBRACE = r"\\(?:under|over)brace\s*(?=\{)"
_TIGHT = r"(?=<\w+['’]?,\s?\w+['’]?>(?:\s*(?:[*/),\]]|$)|\s+[-+]\s))"  # y<w,x>
ANGLES = rf"(?:(?<![\w)\]}}'])(?:(?<![\w)\]}}'] )|(?=<\S))|{_TIGHT})<(?![=\-])([^<>=|;]*,[^<>=|;]*)>(?!=)"  # <x, y>
PRIMED_INDEX = r"\\(?:sum|prod)\s*(?:\\limits)?\s*_\s*(?:\{[^{}]*?)?(?<![A-Za-z\\])([a-z])(?:'|\^\s*\{?\s*\\prime)"
BELOW = r"_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|[a-z]')"
ASSIGNED = r"(?:\s*\w+\s*=[^=\n\\]+\n)+\s*[^\s=]"  # lines of a program, all but the last one
BODY = r"(\bfunction\s*\([^()]*\)\s*)\{([^{}]*)\}(?=\s*$)"  # of a function of R
MODULES = r"\b(?:LinearAlgebra|VectorCalculus|Statistics|MTM):-(?=\w+\()"  # of Maple
COMMENT = Frame.of("# %", r"#[^\n]*|(?:^|(?<=;)|(?<=;\s)|(?<=\s\s))%[^\n]*")  # of a program
TYPOGRAPHY = (
    r"^\s*\\[\[(]|\\[\])](?=[\s.,]*$)|^\s*```+[ \t]*(?:\w*[ \t]*\n|math\b)|^\s*`+|`+\s*$|\$\$?(?!modulus|(?<=[A-Za-z]\$)[A-Za-z])|\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag|boxed)\b"
    r"|\\(?:text)?color\s*\{[^{}]*\}|[_^]\s*\{(?:\s|\\[,;:! ]|~)*\}|\\(?:left|right)\s*\.|\\q?quad\s*\([\d.]+[a-z]?\)(?=[\s.,$]*\Z)|\\(?:mkern|mskip|kern|raise|hskip)\s*[-−]?[\d.]+\s*(?:mu|pt|em|ex)",
    rf"\\(?:begin|end)\s*\{{(?:{'|'.join(sorted(ENVIRONMENTS))})\*?\}}(?:\s*\[[^\]]*\])?",
    r"(?m)^\s*#(?=\s)|\A(?:[\s&]|\\[,;:! ])*=(?!=)",  # of comments, and of a line that goes on with the one before
)
_SPOKEN = (  # each under the name of its function; the sum of squares is a squared norm
    r"(?:(?P<logdet>log(?:arithm\s+of\s+the)?[\s-]*det(?:erminant)?)|(?P<det>det(?:erminant)?)|(?P<tr>tr(?:ace)?)|(?P<inv>inverse)|"
    r"(?P<normnuc>nuclear\s+norm)|(?P<norm1>(?:[Ll]_?1|1)[\s-]*norm)|(?P<norm>(?:(?:[Ee]uclidean|Frobenius|[Ll]_?2|2)[\s-]*)?norm)|"
    r"(?P<squares>sum\s+of\s+(?:the\s+)?squares)|(?P<sum>sum(?:\s+of\s+(?:all\s+)?(?:the\s+)?(?:entries|elements))?)|"
    r"(?P<log>log(?:arithm)?)|(?P<exp>exp(?:onential)?)|(?P<sqrt>square\s+root)|"
    r"(?P<inner>(?:dot|inner|scalar)\s+product)|(?P<distance>(?:[Ee]uclidean\s+)?distance))\s+(?:of|between)\s+"
)
_ARTICLE = r"(?i:the\s+)?(?P<squared>squared?\s+(?:of\s+the\s+)?)?"
_OF_A_FORMULA = (
    rf"(?:the\s+matrix\s+)?(?=[^\W_]{{1,3}}(?![^\W_])|[(‖|]|\w+\s*[-+*'^@(]|{re.sub('[?]P<[a-z0-9]+>', '?:', _ARTICLE + _SPOKEN)})"
)
SPOKEN = Frame.of("of between", _ARTICLE + _SPOKEN + _OF_A_FORMULA)
HALF = Frame.of("half", r"(?i:one[\s-]+)?(?i:half)\b(?:\s+of\b)?")
SIGNS = {"times": "*", "plus": "+", "minus": "-", "dot": "·", "divided by": "/", "transpose": "^T", "transposed": "^T", "squared": "^2"}
SIGN_IN_WORDS = Frame.of(
    "times plus minus dot divided transpose squared",
    r"(?<=[\w)|‖\]'’²ᵀ])\s+(?:(times|plus|minus|dot|divided\s+by)(?=\s+[\w(|‖\\])|(transposed?|(?<=[)|‖F2] )squared)\b)",
)
SUM = Frame.of("sum", r"\bsum\s+(?:over\s+(?:all\s+)?|(?=\w\s*=))([^\W\d_])(?:\s*(?:=|from\b)\s*(\w+)\s+to\s+(\w+))?\s+of\b")
# \Sigma_j before what has the index j, as a sum; and two lines with no sign of an operation between them.
SIGMA = Frame.of(
    r"\sigma",
    r"(?:(?<=[-+=(/*}\d])|(?<=_[a-z])(?=\s)|^)(\s*)\\Sigma(?=\s*_\s*\{?\s*([a-z])\s*\}?\s*(?!\\(?:right|cdot))[\w(|\\\[].*?_\{?\2(?![a-z]))",
)
_OPERAND = (
    r"(?=[A-Za-z0-9(|]|\\(?:frac|sum|left|log|ln|exp|operatorname|math|bold|bm|hat|bar|l?[vV]ert|\|"
    r"|alpha|beta|gamma|lambda|mu|nu|tau|rho|sigma|theta|eta|kappa|omega|phi|psi|Sigma|Lambda|Omega))"
)
TORN = rf"[\w}})\]|'](?:\s|&)*(\\\\)(?:\s*\[[^\]]*\])?(?:\s|&)*{_OPERAND}"
LIMITED = rf"(?:\\(?:sum|prod|min|max|inf|sup)(?:\\limits)?\s*(?:{SCRIPT}\s*)*|{TEXT}[^{{}}]*\}}\s*)$"  # \sum_i \quad x_i, \text{or} \quad
WIDE = rf"(?<=[\w}})\]|'])(?:\s|\\[,;:! ])*\\q?quad(?![A-Za-z])(?:\s|\\[,;:! ]|\\q?quad(?![A-Za-z]))*(?!\(){_OPERAND}"
EQUALS = Frame.of(
    r"= ≔ ∝ ≡ ≜ \coloneqq \triangleq \propto \equiv \doteq \approx <- \in",
    r"\\(?:stackrel|overset)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{\s*=\s*\}|:=|[≔∝≡≜]|\\(?:coloneqq|triangleq|propto|equiv|doteq|approx)\b|\\in(?=(?:\s|\\[,;:! ])*\\(?:arg|operatorname|underset|mathop))|<-|(?<![<>=!:≤≥])=(?!=)",
)
ARGUMENTS = r"(?:\\left|\\[bB]ig+l?)?\s*[(\[]"
_ARGUMENT = rf"\^\s*[+\-]|[\w\s,;:|'′^.…‖]|\\\||{BRACED}|\\(?!right|[bB]ig)[A-Za-z]+(?![A-Za-z])|\\[,;: ]"
ARGUMENTS += rf"((?:{_ARGUMENT}|(?<=[\w}}])\((?:{_ARGUMENT})*\))*)(?:\\right|\\[bB]ig+r?)?\s*[)\]]"  # (z, d(x))
ACCENTED = r"\s*\\(?:(?:wide)?(?:hat|tilde)|bar|overline)(?![A-Za-z])"
_LOG = r"\\?(?:log|ln|min|max)\b"
# f(x) = … \qquad g(x) = …, where the blank stands for a comma; but \text{where}\quad g(x) = ….
NO_OBJECTIVE = rf"[^=]*|[\s\S]*{TEXT}[^{{}}]*\}}\s*"  # stands before such a blank
APART = (
    rf"(?<=[\w)}}\]|'’])\s*(?:\\q?quad(?![A-Za-z])|(?:\\[;: ]\s*){{2}})(?:\s|\\[,;:! ]|\\q?quad(?![A-Za-z]))*(?={NAME}\s*{ARGUMENTS}\s*=)"
)
LABEL = rf"\s*(?:[-−]?\s*{_LOG}(?:\s|\\[,;!: ])*)?(?:{TEXT}(?:\w|\\_|[- ])+\}}(?:{_INDEX})?|(?!{_LOG})(?:\w+\.(?!T\b))?{NAME}\*?)?(?:\s*{ARGUMENTS}(?:_(?:{BRACED}|\w))?)?\s*"
# −2 ln L, −\mathcal{L}: of what no vector or matrix of an equation is called; and log |J|.
TIMES_A_NUMBER = rf"\s*(?:[-−]\s*[\d.]*|\d[\d.]*)\s*(?:\*|\\(?:cdot|times)\b|\\[,;! ])?(?=\s*(?:{_LOG}|[A-Za-z]{{3,}}|\\(?:math|ell\b|text|operatorname)|{NAME}\s*[(\[]))"
LOG_OF_BARS = rf"(\s*\\?(?:log|ln)(?:\s|\\[,;!: ])*)(?:\\left\s*)?(?:\||\\[lr]?vert)\s*(?:\\?det\b)?(\s*{NAME}\s*(?:{ARGUMENTS})?)(?:\\right\s*)?(?:\||\\[lr]?vert)\s*"
DERIVATIVE = rf"\s*(?:(?:\\nabla|∇)\s*(?:_\S+)?\s*{NAME}(?:\([^()]*\))?"
DERIVATIVE += rf"|\\[dt]?frac\s*\{{{_D}[^{{}}]*\}}\s*\{{{_D}[^{{}}]*\}}|{_D}\s*{NAME}\s*/\s*{_D}\s*{ONE})\s*"
SQUARED = r"\s*(?:(\\?[A-Za-z]+)\s*(?:['′]|\^\s*\{?\s*(?:T|\\top|\\prime)\s*\}?)\s*\1|(?:\|\||‖|\\\||\\lVert)\s*(\\?[A-Za-z]+)\s*(?:\|\||‖|\\\||\\rVert)(?:_2)?(?:\^2|²))\s*"  # e'e, ‖e‖²
SQUARED_TOO = r"['′|‖]|\^\s*\{?\s*(?:T|\\top)|\\\||\\lVert"
CONDITIONAL = r"(?:\\(?:operatorname|mathrm|text)\s*\{\w+\}|\\?\b[A-Za-z]\w*)\s*\((?:[^()=|]*)(?:\||\\mid|;)[^()|]*\)"
